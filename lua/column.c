/* Columns of numbers that pools pass by reference: copied from a list once, or those of a market. Read from 1 on. */
#include <math.h>
#include <string.h>

#include "column.h"

typedef struct column {
  const double *values;
  size_t count;
  handle *market; /* whose values these are; NULL: they follow this struct */
} column;

static column *column_check(lua_State *L, int index) {
  return luaL_checkudata(L, index, COLUMN_TYPE);
}

static column *push(lua_State *L, size_t room) {
  column *c = lua_newuserdata(L, sizeof *c + room * sizeof(double));
  memset(c, 0, sizeof *c);
  luaL_getmetatable(L, COLUMN_TYPE);
  lua_setmetatable(L, -2);
  return c;
}

int column_new(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  size_t count = lua_rawlen(L, 1);
  column *c = push(L, count);
  double *values = (double *)(void *)(c + 1);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 1, (int)i + 1);
    if (lua_type(L, -1) != LUA_TNUMBER) return luaL_error(L, "list[%d]: a number expected, got %s", (int)i + 1, luaL_typename(L, -1));
    values[i] = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  c->values = values;
  c->count = count;
  return 1;
}

static const double *named(const sld_bars *bars, const char *name) {
  const struct { const char *name; const double *values; } columns[] = {
    { "open", bars->open }, { "high", bars->high }, { "low", bars->low }, { "close", bars->close }, { "volume", bars->volume },
    { "ask_open", bars->ask_open }, { "ask_high", bars->ask_high }, { "ask_low", bars->ask_low }, { "ask_close", bars->ask_close },
  };
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
    if (strcmp(name, columns[i].name) == 0) return columns[i].values;
  return NULL;
}

/* market:column(pair, name) -> column, or nil and an error */
int market_column(lua_State *L) {
  handle *market = handle_check(L, 1, MARKET_TYPE);
  const char *pair = luaL_checkstring(L, 2), *name = luaL_checkstring(L, 3);
  sld_bars bars;
  size_t i = 0;
  while (sld_market_bars(market->object, i, &bars) && strcmp(bars.pair, pair) != 0) i++;
  if (!sld_market_bars(market->object, i, &bars)) return error_make(L, SLD_ENAME, "pair", "the market has no pair '%s'", pair);
  const double *values = named(&bars, name);
  if (!values) return error_make(L, SLD_ENAME, "name", "%s has no column '%s'", pair, name);
  size_t count = bars.count;
  column *c = push(L, 0);
  c->values = values;
  c->count = count;
  c->market = market;
  handle_take(market);
  return 1;
}

bool column_parts(lua_State *L, int index, const double **values, size_t *count) {
  if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return false;
  luaL_getmetatable(L, COLUMN_TYPE);
  bool is_column = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  if (!is_column) return false;
  const column *c = lua_touserdata(L, index);
  *values = c->values;
  *count = c->count;
  return true;
}

static int column_index(lua_State *L) {
  const column *c = column_check(L, 1);
  double i = lua_type(L, 2) == LUA_TNUMBER ? lua_tonumber(L, 2) : 0.5;
  if (i != floor(i)) return luaL_error(L, "a column is read by whole numbers from 1 on, and has # and nothing else");
  if (!(i >= 1 && i <= (double)c->count)) return luaL_error(L, "a column of %d values has none at %f", (int)c->count, i);
  lua_pushnumber(L, c->values[(size_t)i - 1]);
  return 1;
}

static int column_length(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)column_check(L, 1)->count);
  return 1;
}

static int column_assign(lua_State *L) {
  return luaL_error(L, "a column is read-only");
}

static int column_gc(lua_State *L) {
  column *c = lua_touserdata(L, 1);
  handle *market = c->market;
  c->market = NULL;
  if (market) handle_let_go(market);
  return 0;
}

void column_define(lua_State *L) {
  static const luaL_Reg meta[] = { { "__index", column_index }, { "__len", column_length }, { "__newindex", column_assign }, { "__gc", column_gc }, { NULL, NULL } };
  luaL_newmetatable(L, COLUMN_TYPE);
  functions_set(L, meta);
  lua_pushstring(L, COLUMN_TYPE);
  lua_setfield(L, -2, "__name");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}
