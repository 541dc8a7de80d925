/* Columns of a call: numbers of the host, by reference, for as long as the call runs. */
#include <math.h>

#include "vm/lua/work.h"

#if defined(LUAJIT_ENGINE)

/* As FFI structs, which traces inline: see work.lua. */
void sld__work_push_column(lua_State *L, const sld__packed_column *column) {
  struct sld__vm_work *state = sld__work_state_of(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, state->make_column);
  lua_pushlightuserdata(L, (void *)(uintptr_t)column->values);
  lua_pushnumber(L, (lua_Number)column->count);
  lua_pushnumber(L, state->serial);
  lua_call(L, 3, 1);
}

/* The parts of a column of this call; false for everything else. */
bool sld__work_column_of(lua_State *L, int index, sld__packed_column *out) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, sld__work_state_of(L)->column_parts);
  lua_pushvalue(L, index);
  lua_call(L, 1, 2);
  bool is_column = lua_type(L, -2) == LUA_TLIGHTUSERDATA;
  if (is_column) *out = (sld__packed_column){ lua_touserdata(L, -2), (size_t)lua_tonumber(L, -1) };
  lua_pop(L, 2);
  return is_column;
}

void sld__work_define_column(lua_State *L) {
  (void)L; /* work.lua does */
}

#else

#define COLUMN_TYPE "sliders.column"

typedef struct work_column {
  sld__packed_column column;
  double serial;
} work_column;

void sld__work_push_column(lua_State *L, const sld__packed_column *column) {
  work_column *made = lua_newuserdata(L, sizeof *made);
  *made = (work_column){ *column, sld__work_state_of(L)->serial };
  luaL_getmetatable(L, COLUMN_TYPE);
  lua_setmetatable(L, -2);
}

bool sld__work_column_of(lua_State *L, int index, sld__packed_column *out) {
  const work_column *column = luaL_testudata(L, index, COLUMN_TYPE);
  if (!column || column->serial != sld__work_state_of(L)->serial) return false;
  *out = column->column;
  return true;
}

static int column_index(lua_State *L) {
  const work_column *c = luaL_checkudata(L, 1, COLUMN_TYPE);
  if (c->serial != sld__work_state_of(L)->serial) return luaL_error(L, "a column is good for the call that it was passed to");
  double i = lua_type(L, 2) == LUA_TNUMBER ? lua_tonumber(L, 2) : 0.5;
  if (i != floor(i)) return luaL_error(L, "a column is read by whole numbers from 1 on, and has # and nothing else");
  if (!(i >= 1 && i <= (double)c->column.count)) return luaL_error(L, "a column of %d values has none at %f", (int)c->column.count, i);
  lua_pushnumber(L, c->column.values[(size_t)i - 1]);
  return 1;
}

static int column_length(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)((const work_column *)luaL_checkudata(L, 1, COLUMN_TYPE))->column.count);
  return 1;
}

static int column_assign(lua_State *L) {
  return luaL_error(L, "a column is read-only");
}

void sld__work_define_column(lua_State *L) {
  static const luaL_Reg meta[] = { { "__index", column_index }, { "__len", column_length }, { "__newindex", column_assign }, { NULL, NULL } };
  luaL_newmetatable(L, COLUMN_TYPE);
  luaL_setfuncs(L, meta, 0);
  lua_pop(L, 1);
}

#endif
