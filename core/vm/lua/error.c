/* Protected calls: a script's error becomes an sld_error with file, line and traceback. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/lua/state.h"

/* The handler turns whatever was raised into a table {message, traceback}; a failure inside it is LUA_ERRERR and handled below. */
static int with_traceback(lua_State *L) {
  const char *text = lua_tostring(L, 1);
  if (!text) text = luaL_typename(L, 1);
  lua_createtable(L, 2, 0);
  lua_pushstring(L, text);
  lua_rawseti(L, -2, 1);
  luaL_traceback(L, L, text, 1);
  lua_rawseti(L, -2, 2);
  return 1;
}

/* Splits "path:12: text" off a message: scripts are loaded as "@path", so Lua itself wrote the position. */
static void fill_position(sld_error *err, const char *text) {
  for (const char *colon = strchr(text, ':'); colon; colon = strchr(colon + 1, ':')) {
    char *end;
    long line = strtol(colon + 1, &end, 10);
    if (end == colon + 1 || end[0] != ':' || line <= 0) continue;
    size_t length = (size_t)(colon - text);
    if (length >= sizeof err->file) length = sizeof err->file - 1;
    memcpy(err->file, text, length);
    err->file[length] = '\0';
    err->line = line;
    text = end[1] == ' ' ? end + 2 : end + 1;
    break;
  }
  snprintf(err->message, sizeof err->message, "%s", text);
}

static void fill(sld__vm *vm, int code, sld_error *err) {
  lua_State *L = vm->L;
  memset(err, 0, sizeof *err);
  if (code == LUA_ERRMEM) {
    err->status = SLD_ENOMEM;
    snprintf(err->message, sizeof err->message, "the script ran out of memory");
    return;
  }
  err->status = SLD_ESCRIPT;
  const char *text = NULL, *trace = NULL;
  if (lua_istable(L, -1)) {
    lua_rawgeti(L, -1, 1);
    text = lua_tostring(L, -1);
    lua_rawgeti(L, -2, 2);
    trace = lua_tostring(L, -1);
  } else if (lua_type(L, -1) == LUA_TSTRING) {
    text = lua_tostring(L, -1);
  }
  fill_position(err, text ? text : "error while handling an error");
  if (!err->file[0]) snprintf(err->file, sizeof err->file, "%s", vm->script->path);
  if (trace) snprintf(err->detail, sizeof err->detail, "%s", trace);
}

sld_status sld__vm_call(sld__vm *vm, int args, int results, sld_error *err) {
  lua_State *L = vm->L;
  int base = lua_gettop(L) - args;
  lua_pushcfunction(L, with_traceback);
  lua_insert(L, base);
  vm->failure = SLD_OK;
  int code = lua_pcall(L, args, results, base);
  if (code == 0) {
    lua_remove(L, base);
    if (vm->failure == SLD_OK) return SLD_OK;
    lua_settop(L, base - 1);
    if (err) *err = vm->error;
    return vm->failure;
  }
  sld_error scratch;
  sld_error *to = err ? err : &scratch;
  if (vm->failure != SLD_OK)
    *to = vm->error;
  else
    fill(vm, code, to);
  lua_settop(L, base - 1);
  return to->status;
}
