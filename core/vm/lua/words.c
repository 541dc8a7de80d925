/* The C functions behind the preludes that know no job: numbers, names, modules, the log. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "vm/lua/state.h"

/* ---- Numbers ---- */

#define UNARY(name)                                                      \
  static int prim_##name(lua_State *L) {                                 \
    lua_pushnumber(L, sld__vm_of(L)->core->name(luaL_checknumber(L, 1)));     \
    return 1;                                                            \
  }
UNARY(exp) UNARY(log) UNARY(sin) UNARY(cos) UNARY(tan) UNARY(asin) UNARY(acos) UNARY(atan)
#undef UNARY

static int prim_pow(lua_State *L) {
  lua_pushnumber(L, sld__vm_of(L)->core->pow(luaL_checknumber(L, 1), luaL_checknumber(L, 2)));
  return 1;
}

static int prim_atan2(lua_State *L) {
  lua_pushnumber(L, sld__vm_of(L)->core->atan2(luaL_checknumber(L, 1), luaL_checknumber(L, 2)));
  return 1;
}

void sld__vm_restart(sld__vm *vm) {
  vm->log_size = 0;
  vm->log_full = false;
  vm->core->rng_init(&vm->random, 0, 0);
}

/* core.random() -> [0, 1) */
static int prim_random(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  lua_pushnumber(L, vm->core->rng_uniform(&vm->random));
  return 1;
}

/* core.digits(layout, x) -> text; `layout` is one checked conversion of printf's e, f or g. C rounds ties to even where LuaJIT's own does
 * not, and may write another decimal point than "." after a host has set a locale. */
static int prim_digits(lua_State *L) {
  char text[512]; /* two digits of width and precision at most: the longest is 309 + 1 + 99 */
  const char *layout = luaL_checkstring(L, 1);
  double x = luaL_checknumber(L, 2);
  int length = snprintf(text, sizeof text, layout, isnan(x) ? fabs(x) : x); /* NaN has no sign */
  if (length < 0 || (size_t)length >= sizeof text) return luaL_error(L, "no number is so long");
  for (char *c = text; *c; c++)
    if (*c == ',') *c = '.';
  lua_pushlstring(L, text, (size_t)length);
  return 1;
}

/* ---- Words, modules, log ---- */

/* core.suggest(word, {names}) -> name or nil */
static int prim_suggest(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  const char *word = luaL_checkstring(L, 1);
  const char *names[128];
  size_t count = 0;
  for (; count < 128; count++) {
    lua_rawgeti(L, 2, (int)count + 1);
    names[count] = lua_tostring(L, -1); /* the table keeps the string */
    lua_pop(L, 1);
    if (!names[count]) break;
  }
  const char *found = vm->core->suggest(word, names, count);
  if (!found) return 0;
  lua_pushstring(L, found);
  return 1;
}

/* core.module(name) -> chunk, or nil, why, and whether there is none. Compiled once per state. */
static int prim_module(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  const char *name = luaL_checkstring(L, 1);
  lua_pushfstring(L, "sliders.module.%s", name);
  lua_rawget(L, LUA_REGISTRYINDEX);
  if (lua_isfunction(L, -1)) return 1;
  sld_error err;
  const sld__module *module = vm->core->module(vm->script, name, &err);
  if (!module) {
    lua_pushnil(L);
    lua_pushstring(L, err.message);
    lua_pushboolean(L, true);
    return 3;
  }
  if (sld__vm_load(L, module->path, module->text, module->size) != 0) {
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
  }
  lua_pushfstring(L, "sliders.module.%s", name);
  lua_pushvalue(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
  return 1;
}

/* Adds a line to the job's log. Zero bytes would end it early, and become spaces. */
static bool append(sld__vm *vm, const char *line, size_t size) {
  size_t need = vm->log_size + size + 2;
  if (need > vm->log_capacity) {
    char *grown = vm->core->alloc.resize(vm->core->alloc.ud, vm->log, need * 2);
    if (!grown) return false;
    vm->log = grown;
    vm->log_capacity = need * 2;
  }
  char *to = vm->log + vm->log_size;
  for (size_t i = 0; i < size; i++) to[i] = line[i] ? line[i] : ' ';
  to[size] = '\n';
  to[size + 1] = '\0';
  vm->log_size += size + 1;
  return true;
}

/* core.print(line): a job keeps the lines that fit into its limit, and one that says so. */
static int prim_print(lua_State *L) {
  static const char full[] = "(the log is full)";
  sld__vm *vm = sld__vm_of(L);
  size_t size;
  const char *line = luaL_checklstring(L, 1, &size);
  if (vm->log_full) return 0;
  if (vm->log_limit && vm->log_size + size >= vm->log_limit) {
    line = full;
    size = sizeof full - 1;
  }
  if (!append(vm, line, size)) return sld__vm_no_memory(L, vm);
  if (line == full) vm->log_full = true;
  return 0;
}

#if !defined(LUAJIT_ENGINE)
/* core.set_env(chunk, env): `env` becomes the chunk's globals (Lua 5.4: its first upvalue) */
static int prim_set_env(lua_State *L) {
  lua_settop(L, 2);
  if (!lua_setupvalue(L, 1, 1)) lua_pop(L, 1); /* a chunk that names no global has no such upvalue */
  return 0;
}
#endif

const luaL_Reg sld__vm_words[] = {
  { "exp", prim_exp }, { "log", prim_log }, { "pow", prim_pow }, { "sin", prim_sin }, { "cos", prim_cos }, { "tan", prim_tan },
  { "asin", prim_asin }, { "acos", prim_acos }, { "atan", prim_atan }, { "atan2", prim_atan2 }, { "random", prim_random },
  { "digits", prim_digits }, { "suggest", prim_suggest }, { "module", prim_module }, { "print", prim_print },
#if !defined(LUAJIT_ENGINE)
  { "set_env", prim_set_env },
#endif
  { NULL, NULL },
};
