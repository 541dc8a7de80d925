/* Handles, errors and readers; see handle.h. */
#include "handle.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define ERROR_TYPE "sliders.error"

/* ---- Handles ---------------------------------------------------------------------------------------------------- */

void handle_let_go(handle *h) {
  if (--h->owners > 0) return;
  if (h->object) h->destroy(h->object);
  log_queue_free(h->log);
  for (int i = 0; i < HANDLE_PARENTS; i++)
    if (h->parents[i]) handle_let_go(h->parents[i]);
  free(h);
}

void handle_take(handle *h) {
  h->owners++;
}

static handle **userdata_push(lua_State *L, const char *type) {
  handle **slot = lua_newuserdata(L, sizeof *slot);
  *slot = NULL;
  luaL_getmetatable(L, type);
  lua_setmetatable(L, -2);
  return slot;
}

handle *handle_push(lua_State *L, const char *type, void (*destroy)(void *object)) {
  handle **slot = userdata_push(L, type);
  handle *h = calloc(1, sizeof *h);
  if (!h) luaL_error(L, "not enough memory");
  h->destroy = destroy;
  h->owners = 1;
  *slot = h;
  return h;
}

void handle_share(lua_State *L, const char *type, handle *shared) {
  handle **slot = userdata_push(L, type);
  shared->owners++;
  *slot = shared;
}

void handle_adopt(handle *child, handle *parent) {
  int i = 0;
  while (child->parents[i]) i++;
  child->parents[i] = parent;
  parent->owners++;
}

handle *handle_check(lua_State *L, int arg, const char *type) {
  handle **slot = luaL_checkudata(L, arg, type);
  if (!*slot || !(*slot)->object) luaL_error(L, "the %s is closed", type + strlen("sliders."));
  return *slot;
}

void *handle_object(lua_State *L, int arg, const char *type) {
  return handle_check(L, arg, type)->object;
}

int handle_release(lua_State *L) {
  handle **slot = lua_touserdata(L, 1);
  if (slot && *slot) {
    handle *h = *slot;
    *slot = NULL;
    handle_let_go(h);
  }
  return 0;
}

void functions_set(lua_State *L, const luaL_Reg *functions) {
  for (; functions->name; functions++) {
    lua_pushcfunction(L, functions->func);
    lua_setfield(L, -2, functions->name);
  }
}

void type_define(lua_State *L, const char *type, const luaL_Reg *methods) {
  luaL_newmetatable(L, type);
  lua_newtable(L);
  functions_set(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, handle_release);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, handle_release);
  lua_setfield(L, -2, "__close");
  lua_pushstring(L, type);
  lua_setfield(L, -2, "__name");
  lua_pushboolean(L, 0); /* getmetatable tells nothing: a script cannot reach __gc */
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

/* ---- Fields ----------------------------------------------------------------------------------------------------- */

void field_number(lua_State *L, const char *name, double value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, name);
}

void field_integer(lua_State *L, const char *name, int64_t value) {
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, name);
}

void field_string(lua_State *L, const char *name, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

void field_boolean(lua_State *L, const char *name, bool value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, name);
}

/* ---- Errors ----------------------------------------------------------------------------------------------------- */

static void copy_field(lua_State *L, const char *name, char *out, size_t size) {
  lua_getfield(L, 1, name);
  const char *text = lua_tostring(L, -1);
  if (text) {
    size_t length = strlen(text);
    if (length >= size) length = size - 1;
    memcpy(out, text, length);
    out[length] = 0;
  }
  lua_pop(L, 1);
}

static int64_t number_field(lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
  int64_t value = (int64_t)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return value;
}

/* "file:line:column: message", from the fields as they are now. */
static int error_tostring(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  sld_error err = {0};
  copy_field(L, "file", err.file, sizeof err.file);
  copy_field(L, "message", err.message, sizeof err.message);
  err.line = number_field(L, "line");
  err.column = number_field(L, "column");
  char text[sizeof err.file + sizeof err.message + 64];
  sld_error_format(&err, text, sizeof text);
  lua_pushstring(L, text);
  return 1;
}

void error_define(lua_State *L) {
  luaL_newmetatable(L, ERROR_TYPE);
  lua_pushcfunction(L, error_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, ERROR_TYPE);
  lua_setfield(L, -2, "__name");
  lua_pop(L, 1);
}

int error_push(lua_State *L, sld_status status, const sld_error *err) {
  sld_status known = err->status != SLD_OK ? err->status : status;
  lua_pushnil(L);
  lua_createtable(L, 0, 6);
  field_string(L, "status", sld_status_name(known));
  field_string(L, "file", err->file);
  field_integer(L, "line", err->line);
  field_integer(L, "column", err->column);
  field_string(L, "message", err->message[0] ? err->message : sld_status_text(known));
  field_string(L, "detail", err->detail);
  luaL_getmetatable(L, ERROR_TYPE);
  lua_setmetatable(L, -2);
  return 2;
}

int status_push(lua_State *L, sld_status status, const sld_error *err) {
  if (status != SLD_OK) return error_push(L, status, err);
  lua_pushboolean(L, 1);
  return 1;
}

static void error_fill(lua_State *L, sld_error *err, sld_status status, const char *file, const char *format, va_list args) {
  memset(err, 0, sizeof *err);
  err->status = status;
  strncpy(err->file, file, sizeof err->file - 1);
  const char *text = lua_pushvfstring(L, format, args);
  strncpy(err->message, text, sizeof err->message - 1);
  lua_pop(L, 1);
}

int error_make(lua_State *L, sld_status status, const char *file, const char *format, ...) {
  sld_error err;
  va_list args;
  va_start(args, format);
  error_fill(L, &err, status, file, format, args);
  va_end(args);
  return error_push(L, status, &err);
}

bool refuse(lua_State *L, sld_error *err, sld_status status, const char *file, const char *format, ...) {
  va_list args;
  va_start(args, format);
  error_fill(L, err, status, file, format, args);
  va_end(args);
  return false;
}

/* ---- Readers ---------------------------------------------------------------------------------------------------- */

bool time_read(lua_State *L, int index, int64_t *out, sld_error *err) {
  if (lua_type(L, index) == LUA_TSTRING) return sld_time_parse(out, lua_tostring(L, index), err) == SLD_OK;
  if (lua_type(L, index) != LUA_TNUMBER)
    return refuse(L, err, SLD_EINVAL, "", "a time is a text like 2012-01-03 or nanoseconds since 1970, not a %s", luaL_typename(L, index));
#if LUA_VERSION_NUM >= 503
  if (lua_isinteger(L, index)) {
    *out = lua_tointeger(L, index);
    return true;
  }
#endif
  double value = lua_tonumber(L, index);
  if (!(fabs(value) < 9223372036854774784.0) || value != floor(value))
    return refuse(L, err, SLD_EINVAL, "", "a time in nanoseconds is a whole number of 64 bits");
  *out = (int64_t)value;
  return true;
}
