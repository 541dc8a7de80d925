/* Imports of sliders.core: host:import(store, options) -> import: :find(path) :files() :read(count) :commit() :report() :free() */
#include <string.h>

#include "handle.h"

static void import_destroy(void *object) {
  sld_import_free(object);
}

/* Reads {load =, instruments =, timeframe =, day =, day_zone =} at index 3; what it points to lives on the stack. */
static bool import_options_read(lua_State *L, sld_import_options *out, sld_load_options *load, sld_error *err) {
  lua_getfield(L, 3, "instruments");
  out->instruments = lua_tostring(L, -1);
  lua_getfield(L, 3, "timeframe");
  out->timeframe = lua_tostring(L, -1);
  lua_getfield(L, 3, "day_zone");
  out->day_zone = lua_tostring(L, -1);
  lua_getfield(L, 3, "day");
  if (!lua_isnil(L, -1) && !day_read(L, "options.day", &out->day, err)) return false;
  lua_getfield(L, 3, "load");
  if (lua_isnil(L, -1)) return true;
  luaL_checktype(L, -1, LUA_TTABLE);
  out->load = load;
  return load_options_read(L, lua_gettop(L), load, err);
}

int import_open(lua_State *L) {
  handle *host = handle_check(L, 1, HOST_TYPE);
  const char *store = luaL_checkstring(L, 2);
  sld_import_options options = SLD_IMPORT_OPTIONS_INIT;
  sld_load_options load = SLD_LOAD_OPTIONS_INIT;
  sld_error err = {0};
  lua_settop(L, 3);
  if (!lua_isnil(L, 3)) {
    luaL_checktype(L, 3, LUA_TTABLE);
    if (!import_options_read(L, &options, &load, &err)) return error_push(L, err.status, &err);
  }
  handle *h = handle_push(L, IMPORT_TYPE, import_destroy);
  sld_import *import = NULL;
  sld_status status = sld_import_open(&import, host->object, store, &options, &err);
  if (status != SLD_OK) return error_push(L, status, &err);
  h->object = import;
  handle_adopt(h, host);
  return 1;
}

static int import_find(lua_State *L) {
  sld_error err = {0};
  return status_push(L, sld_import_find(handle_object(L, 1, IMPORT_TYPE), luaL_checkstring(L, 2), &err), &err);
}

/* import:files() -> found, read */
static int import_files(lua_State *L) {
  size_t read;
  lua_pushinteger(L, (lua_Integer)sld_import_files(handle_object(L, 1, IMPORT_TYPE), &read));
  lua_pushinteger(L, (lua_Integer)read);
  return 2;
}

static int import_read(lua_State *L) {
  sld_error err = {0};
  lua_Integer count = luaL_checkinteger(L, 2);
  luaL_argcheck(L, count >= 1, 2, "a number of files from 1 on expected");
  return status_push(L, sld_import_read(handle_object(L, 1, IMPORT_TYPE), (size_t)count, &err), &err);
}

/* import:commit() -> a list of what was stored: as market:pairs() tells it, and `added` */
static int import_commit(lua_State *L) {
  sld_import *import = handle_object(L, 1, IMPORT_TYPE);
  sld_error err = {0};
  sld_status status = sld_import_commit(import, &err);
  if (status != SLD_OK) return error_push(L, status, &err);
  lua_newtable(L);
  for (size_t i = 0; sld_import_series_at(import, i); i++) {
    const sld_import_series *series = sld_import_series_at(import, i);
    pair_push(L, &series->info);
    field_integer(L, "added", (int64_t)series->added);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

static int import_report(lua_State *L) {
  lua_pushcfunction(L, report_push);
  lua_pushlightuserdata(L, (void *)(uintptr_t)sld_import_report(handle_object(L, 1, IMPORT_TYPE)));
  lua_call(L, 1, 1);
  return 1;
}

static const luaL_Reg import_methods[] = {
    {"find", import_find}, {"files", import_files}, {"read", import_read}, {"commit", import_commit}, {"report", import_report}, {"free", handle_release}, {NULL, NULL},
};

void import_define(lua_State *L) {
  type_define(L, IMPORT_TYPE, import_methods);
}
