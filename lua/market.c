/* Markets of sliders.core: loading files, adding columns from Lua tables, listing pairs. */
#include <math.h>
#include <string.h>

#include "handle.h"

static void market_destroy(void *object) {
  sld_market_free(object);
}

int market_open(lua_State *L) {
  handle *host = handle_check(L, 1, HOST_TYPE);
  sld_error err = {0};
  handle *h = handle_push(L, MARKET_TYPE, market_destroy);
  sld_market *market = NULL;
  sld_status status = sld_market_new(&market, host->object, &err);
  if (status != SLD_OK) return error_push(L, status, &err);
  h->object = market;
  handle_adopt(h, host);
  return 1;
}

static int market_load_instruments(lua_State *L) {
  sld_error err = {0};
  return status_push(L, sld_market_load_instruments(handle_object(L, 1, MARKET_TYPE), luaL_checkstring(L, 2), &err), &err);
}

static int market_load_rates(lua_State *L) {
  sld_error err = {0};
  return status_push(L, sld_market_load_rates(handle_object(L, 1, MARKET_TYPE), luaL_checkstring(L, 2), &err), &err);
}

/* market:rate("USD", time) -> percent a year, or nil */
static int market_rate(lua_State *L) {
  int64_t time = 0;
  sld_error err = {0};
  const char *currency = luaL_checkstring(L, 2);
  const sld_market *market = handle_object(L, 1, MARKET_TYPE);
  if (!time_read(L, 3, &time, &err)) return error_push(L, err.status, &err);
  double rate = sld_market_rate(market, currency, time);
  if (isnan(rate)) lua_pushnil(L);
  else lua_pushnumber(L, rate);
  return 1;
}

static int market_save(lua_State *L) {
  sld_error err = {0};
  return status_push(L, sld_market_save(handle_object(L, 1, MARKET_TYPE), luaL_checkstring(L, 2), &err), &err);
}

/* ---- Columns ---------------------------------------------------------------------------------------------------- */

/* Pushes field `name` of the bars at index 2. False: it is absent, and nothing is left on the stack. */
static bool column_push(lua_State *L, const char *name) {
  lua_getfield(L, 2, name);
  if (lua_istable(L, -1)) return true;
  if (!lua_isnil(L, -1)) luaL_error(L, "bars.%s: an array of numbers expected, got %s", name, luaL_typename(L, -1));
  lua_pop(L, 1);
  return false;
}

/* Reads a column of `count` numbers into memory that the stack keeps. NULL where it is absent. */
static const double *column_read(lua_State *L, const char *name, size_t count) {
  if (!column_push(L, name)) return NULL;
  int column = lua_gettop(L);
  if (lua_rawlen(L, column) != count) luaL_error(L, "bars.%s: %d numbers expected, got %d", name, (int)count, (int)lua_rawlen(L, column));
  double *out = lua_newuserdata(L, (count + 1) * sizeof *out);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, column, (int)i + 1);
    if (lua_type(L, -1) != LUA_TNUMBER) luaL_error(L, "bars.%s[%d]: a number expected, got %s", name, (int)i, luaL_typename(L, -1));
    out[i] = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  return out;
}

static const int64_t *times_read(lua_State *L, size_t *count) {
  if (!column_push(L, "time")) luaL_error(L, "bars.time: an array of times expected");
  int column = lua_gettop(L);
  *count = lua_rawlen(L, column);
  int64_t *out = lua_newuserdata(L, (*count + 1) * sizeof *out);
  for (size_t i = 0; i < *count; i++) {
    sld_error err = {0};
    lua_rawgeti(L, column, (int)i + 1);
    if (!time_read(L, -1, &out[i], &err)) luaL_error(L, "bars.time[%d]: %s", (int)i, err.message);
    lua_pop(L, 1);
  }
  return out;
}

/* Without a word bars with asks are of both sides, others bids. */
static sld_side side_read(lua_State *L, bool asks) {
  lua_getfield(L, 2, "side");
  const char *name = lua_tostring(L, -1);
  for (sld_side side = SLD_BID; name && side <= SLD_BOTH; side++)
    if (strcmp(name, sld_side_name(side)) == 0) return side;
  if (!lua_isnil(L, -1)) luaL_error(L, "bars.side: \"bid\", \"mid\" or \"both\" expected");
  return asks ? SLD_BOTH : SLD_BID;
}

static bool flag_read(lua_State *L, const char *name) {
  lua_getfield(L, 2, name);
  if (!lua_isnil(L, -1) && !lua_isboolean(L, -1)) luaL_error(L, "bars.%s: true or false expected, got %s", name, luaL_typename(L, -1));
  return lua_toboolean(L, -1);
}

static double instrument_number(lua_State *L, const char *name, double usual) {
  lua_getfield(L, -1, name);
  if (!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TNUMBER) luaL_error(L, "bars.instrument.%s: a number expected, got %s", name, luaL_typename(L, -1));
  double value = lua_isnil(L, -1) ? usual : lua_tonumber(L, -1);
  lua_pop(L, 1);
  return value;
}

static int instrument_count(lua_State *L, const char *name, int usual) {
  double value = instrument_number(L, name, (double)usual);
  if (!(fabs(value) <= 1e9 && value == floor(value))) luaL_error(L, "bars.instrument.%s: a whole number expected", name);
  return (int)value;
}

static void instrument_text(lua_State *L, const char *name, char *out, size_t size) {
  lua_getfield(L, -1, name);
  const char *text = lua_tostring(L, -1);
  if (!text || strlen(text) >= size) luaL_error(L, "bars.instrument.%s: a string of at most %d letters expected", name, (int)size - 1);
  strcpy(out, text);
  lua_pop(L, 1);
}

/* {base=, quote=, digits=, pip=, lot=1, min_size=step, step=1, leverage=, swap_long=, swap_short=, triple_day=} in field `instrument`; NULL: none. */
static const sld_instrument *instrument_read(lua_State *L, const char *pair) {
  lua_getfield(L, 2, "instrument");
  if (lua_isnil(L, -1)) return NULL;
  if (!lua_istable(L, -1)) luaL_error(L, "bars.instrument: a table expected, got %s", luaL_typename(L, -1));
  int table = lua_gettop(L);
  sld_instrument *out = lua_newuserdata(L, sizeof *out);
  lua_pushvalue(L, table);
  memset(out, 0, sizeof *out);
  strncpy(out->pair, pair, sizeof out->pair - 1);
  instrument_text(L, "base", out->base, sizeof out->base);
  instrument_text(L, "quote", out->quote, sizeof out->quote);
  out->digits = instrument_count(L, "digits", -1);
  out->pip = instrument_number(L, "pip", 0.0);
  out->lot = instrument_number(L, "lot", 1.0);
  out->step = instrument_number(L, "step", 1.0);
  out->min_size = instrument_number(L, "min_size", out->step);
  out->leverage = instrument_number(L, "leverage", 0.0);
  out->swap_long = instrument_number(L, "swap_long", NAN);
  out->swap_short = instrument_number(L, "swap_short", NAN);
  if (isnan(out->swap_long) != isnan(out->swap_short)) luaL_error(L, "bars.instrument: swap_long and swap_short go together");
  out->has_swap = !isnan(out->swap_long);
  if (!out->has_swap) out->swap_long = out->swap_short = 0.0;
  out->triple_day = instrument_count(L, "triple_day", 0);
  return out;
}

/* market:add{pair=, time={}, close={}, open=, high=, low=, volume=, ask_open=, ask_high=, ask_low=, ask_close=, period_ns=, ticks=,
 * side="bid"|"mid"|"both", instrument={}} */
static int market_add(lua_State *L) {
  sld_market *market = handle_object(L, 1, MARKET_TYPE);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  luaL_checkstack(L, 40, "bars");
  sld_bars bars = {0};
  sld_error err = {0};
  lua_getfield(L, 2, "pair");
  bars.pair = lua_tostring(L, -1);
  if (!bars.pair) return luaL_error(L, "bars.pair: a string expected");
  bars.ticks = flag_read(L, "ticks");
  bars.instrument = instrument_read(L, bars.pair);
  lua_getfield(L, 2, "period_ns");
  if (!lua_isnil(L, -1) && !time_read(L, -1, &bars.period_ns, &err)) return luaL_error(L, "bars.period_ns: %s", err.message);
  bars.time = times_read(L, &bars.count);
  bars.open = column_read(L, "open", bars.count);
  bars.high = column_read(L, "high", bars.count);
  bars.low = column_read(L, "low", bars.count);
  bars.close = column_read(L, "close", bars.count);
  bars.volume = column_read(L, "volume", bars.count);
  bars.ask_open = column_read(L, "ask_open", bars.count);
  bars.ask_high = column_read(L, "ask_high", bars.count);
  bars.ask_low = column_read(L, "ask_low", bars.count);
  bars.ask_close = column_read(L, "ask_close", bars.count);
  bars.side = side_read(L, bars.ask_close != NULL);
  return status_push(L, sld_market_add(market, &bars, &err), &err);
}

/* ---- Pairs ------------------------------------------------------------------------------------------------------ */

void pair_push(lua_State *L, const sld_pair_info *info) {
  const sld_instrument *instrument = &info->instrument;
  lua_createtable(L, 0, 20);
  field_string(L, "pair", instrument->pair);
  field_string(L, "base", instrument->base);
  field_string(L, "quote", instrument->quote);
  field_integer(L, "digits", instrument->digits);
  field_number(L, "pip", instrument->pip);
  field_number(L, "lot", instrument->lot);
  field_number(L, "min_size", instrument->min_size);
  field_number(L, "step", instrument->step);
  if (instrument->leverage > 0.0) field_number(L, "leverage", instrument->leverage);
  if (instrument->has_swap) field_number(L, "swap_long", instrument->swap_long);
  if (instrument->has_swap) field_number(L, "swap_short", instrument->swap_short);
  if (instrument->triple_day) field_integer(L, "triple_day", instrument->triple_day);
  field_integer(L, "bars", (int64_t)info->bars);
  field_integer(L, "first_time", info->first_time);
  field_integer(L, "last_time", info->last_time);
  field_integer(L, "period_ns", info->period_ns);
  field_string(L, "side", sld_side_name(info->side));
  field_boolean(L, "one_price", info->one_price);
  field_boolean(L, "date_only", info->date_only);
  field_boolean(L, "ticks", info->ticks);
  field_boolean(L, "side_assumed", info->side_assumed);
  field_boolean(L, "floating", info->floating);
  field_string(L, "source", info->source);
}

/* The pairs by name, each a table of its instrument and its bars. */
static int market_pairs(lua_State *L) {
  const sld_market *market = handle_object(L, 1, MARKET_TYPE);
  size_t count = sld_market_pair_count(market);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    pair_push(L, sld_market_pair_at(market, i));
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

/* ---- Time frames ------------------------------------------------------------------------------------------------ */

/* Reads {timeframe=, day=, day_zone=, pairs=} at index 2; what it points to lives on the stack. */
static bool resample_read(lua_State *L, sld_resample_options *out, sld_error *err) {
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_getfield(L, 2, "timeframe");
  out->timeframe = lua_tostring(L, -1);
  lua_getfield(L, 2, "day_zone");
  out->day_zone = lua_tostring(L, -1);
  lua_getfield(L, 2, "day");
  if (!lua_isnil(L, -1) && !day_read(L, "options.day", &out->day, err)) return false;
  lua_getfield(L, 2, "pairs");
  if (!lua_isnil(L, -1)) return (out->pairs = names_read(L, &out->pair_count, err)) != NULL;
  return true;
}

/* market:resample{timeframe = "1h", day = "ny", day_zone =, pairs = {}} -> a market of its own */
static int market_resample(lua_State *L) {
  handle *source = handle_check(L, 1, MARKET_TYPE);
  sld_resample_options options = SLD_RESAMPLE_OPTIONS_INIT;
  sld_error err = {0};
  lua_settop(L, 2);
  if (!resample_read(L, &options, &err)) return error_push(L, err.status, &err);
  handle *h = handle_push(L, MARKET_TYPE, market_destroy);
  sld_market *market = NULL;
  sld_status status = sld_market_resample(&market, source->object, &options, &err);
  if (status != SLD_OK) return error_push(L, status, &err);
  h->object = market;
  handle_adopt(h, source);
  return 1;
}

static const luaL_Reg market_methods[] = {
    {"resample", market_resample}, {"rows", market_rows}, {"row_at", market_row_at}, {"check", market_check}, {"write_csv", market_write_csv}, {"write_npy", market_write_npy},
    {"load", market_load}, {"load_instruments", market_load_instruments}, {"load_rates", market_load_rates}, {"rate", market_rate},
    {"add", market_add}, {"save", market_save}, {"pairs", market_pairs}, {"column", market_column}, {"free", handle_release}, {NULL, NULL},
};

void market_define(lua_State *L) {
  type_define(L, MARKET_TYPE, market_methods);
}
