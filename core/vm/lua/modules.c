/* Names of what loaded modules hold: functions that cannot be copied, and modules that should not be. */
#include "vm/lua/packet_inside.h"

#include <string.h>

static const char names_key[] = "sliders.packet.names";

static bool of_prelude(lua_State *L, int function) {
  lua_Debug at;
  lua_pushvalue(L, function);
  lua_getinfo(L, ">S", &at);
  return strcmp(at.source, "=sliders") == 0;
}

/* Of the globals only C functions and a prelude's are named: a script's own are not there on the other side. */
static bool is_named(lua_State *L, int value, bool of_globals) {
  if (lua_isfunction(L, value)) return !of_globals || lua_iscfunction(L, value) || of_prelude(L, value);
  return false;
}

/* names[value at `value`] = text on top, which it pops. The first name stays. */
static void set_name(lua_State *L, int names, int value) {
  lua_pushvalue(L, value);
  lua_rawget(L, names);
  bool taken = !lua_isnil(L, -1);
  lua_pop(L, 1);
  if (taken) {
    lua_pop(L, 1);
    return;
  }
  lua_pushvalue(L, value);
  lua_insert(L, -2);
  lua_rawset(L, names);
}

static void add_fields(lua_State *L, int names, int module, const char *name, bool of_globals) {
  lua_pushnil(L);
  while (lua_next(L, module)) {
    int value = lua_gettop(L), key = value - 1;
    if (lua_type(L, key) == LUA_TSTRING && is_named(L, value, of_globals)) {
      luaL_Buffer b;
      luaL_buffinit(L, &b);
      luaL_addlstring(&b, name, strlen(name) + 1);
      lua_pushvalue(L, key);
      luaL_addvalue(&b);
      luaL_pushresult(&b);
      set_name(L, names, value);
    }
    lua_settop(L, key);
  }
}

/* One module: its table, and the functions in it. */
static void add_module(lua_State *L, int names, const char *name, int module) {
  bool of_globals = strcmp(name, "_G") == 0;
  if (!lua_istable(L, module)) {
    if (lua_isfunction(L, module)) {
      lua_pushstring(L, name);
      set_name(L, names, module);
    }
    return;
  }
  if (!of_globals) {
    lua_pushstring(L, name);
    set_name(L, names, module);
  }
  add_fields(L, names, module, name, of_globals);
}

static int loaded_count(lua_State *L, int loaded) {
  int count = 0;
  lua_pushnil(L);
  while (lua_next(L, loaded)) {
    count++;
    lua_pop(L, 1);
  }
  return count;
}

void sld__modules_refresh(lua_State *L) {
  int top = lua_gettop(L);
  luaL_checkstack(L, 16, "names of modules");
  lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
  int count = loaded_count(L, top + 1);
  lua_getfield(L, LUA_REGISTRYINDEX, names_key);
  if (lua_istable(L, top + 2)) {
    lua_rawgeti(L, top + 2, 0);
    bool current = lua_tointeger(L, -1) == count;
    if (current) {
      lua_settop(L, top);
      return;
    }
  }
  lua_settop(L, top + 1);
  lua_newtable(L);
  lua_pushinteger(L, count);
  lua_rawseti(L, top + 2, 0);
  lua_pushnil(L);
  while (lua_next(L, top + 1)) {
    if (lua_type(L, top + 3) == LUA_TSTRING) add_module(L, top + 2, lua_tostring(L, top + 3), top + 4);
    lua_settop(L, top + 3);
  }
  lua_setfield(L, LUA_REGISTRYINDEX, names_key);
  lua_settop(L, top);
}

bool sld__modules_name(lua_State *L, int index) {
  lua_getfield(L, LUA_REGISTRYINDEX, names_key);
  lua_pushvalue(L, index);
  lua_rawget(L, -2);
  lua_remove(L, -2);
  if (lua_type(L, -1) == LUA_TSTRING) return true;
  lua_pop(L, 1);
  return false;
}
