/* What the series of a market hold, for those who look at them: rows as tables, and files for others.
 *
 * A series is told by its number in market:pairs(), from 1. */
#include "handle.h"

static size_t series_check(lua_State *L, const sld_market *market) {
  lua_Integer i = luaL_checkinteger(L, 2);
  luaL_argcheck(L, i >= 1 && (size_t)i <= sld_market_pair_count(market), 2, "no such series");
  return (size_t)i - 1;
}

/* Sets a column; where it is absent, or only another's twin as the open of one-price data is, nothing. */
static void column_push(lua_State *L, const char *name, const double *values, const double *twin, size_t first, size_t count) {
  if (!values || values == twin) return;
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_pushnumber(L, values[first + i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, name);
}

static void times_push(lua_State *L, const int64_t *time, size_t first, size_t count) {
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_pushinteger(L, (lua_Integer)time[first + i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "time");
}

/* market:rows(i, first, count) -> {time = {}, close = {}, open =, ...}: at most `count` rows from `first` (from 1) on; columns that the
 * series does not have are nil. */
int market_rows(lua_State *L) {
  const sld_market *market = handle_object(L, 1, MARKET_TYPE);
  size_t series = series_check(L, market);
  lua_Integer first = luaL_checkinteger(L, 3), count = luaL_checkinteger(L, 4);
  sld_bars b;
  sld_market_bars(market, series, &b);
  luaL_argcheck(L, first >= 1, 3, "rows are counted from 1");
  luaL_argcheck(L, count >= 0 && count <= 100000000, 4, "a number of rows from 0 to 100000000 expected");
  size_t from = (size_t)first - 1 < b.count ? (size_t)first - 1 : b.count;
  size_t rows = (size_t)count < b.count - from ? (size_t)count : b.count - from;
  lua_createtable(L, 0, 10);
  times_push(L, b.time, from, rows);
  column_push(L, "open", b.open, b.close, from, rows);
  column_push(L, "high", b.high, b.close, from, rows);
  column_push(L, "low", b.low, b.close, from, rows);
  column_push(L, "close", b.close, NULL, from, rows);
  column_push(L, "volume", b.volume, NULL, from, rows);
  column_push(L, "ask_open", b.ask_open, b.ask_close, from, rows);
  column_push(L, "ask_high", b.ask_high, b.ask_close, from, rows);
  column_push(L, "ask_low", b.ask_low, b.ask_close, from, rows);
  column_push(L, "ask_close", b.ask_close, NULL, from, rows);
  return 1;
}

/* market:row_at(i, time) -> how many rows open at or before that time. */
int market_row_at(lua_State *L) {
  const sld_market *market = handle_object(L, 1, MARKET_TYPE);
  size_t series = series_check(L, market);
  sld_error err = {0};
  int64_t time;
  sld_bars b;
  sld_market_bars(market, series, &b);
  if (!time_read(L, 3, &time, &err)) return error_push(L, SLD_EPARSE, &err);
  size_t low = 0, high = b.count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (b.time[middle] <= time) low = middle + 1;
    else high = middle;
  }
  lua_pushinteger(L, (lua_Integer)low);
  return 1;
}

int market_write_csv(lua_State *L) {
  const sld_market *market = handle_object(L, 1, MARKET_TYPE);
  sld_error err = {0};
  return status_push(L, sld_market_write_csv(market, series_check(L, market), luaL_checkstring(L, 3), &err), &err);
}

int market_write_npy(lua_State *L) {
  const sld_market *market = handle_object(L, 1, MARKET_TYPE);
  sld_error err = {0};
  return status_push(L, sld_market_write_npy(market, series_check(L, market), luaL_checkstring(L, 3), &err), &err);
}

/* ---- Checks ----------------------------------------------------------------------------------------------------- */

static void finding_push(lua_State *L, const sld_finding *finding) {
  lua_createtable(L, 0, 6);
  field_string(L, "kind", sld_finding_kind_name(finding->kind));
  field_integer(L, "row", (int64_t)finding->row + 1);
  field_integer(L, "time", finding->time);
  field_integer(L, "until", finding->until);
  if (finding->kind == SLD_FINDING_GAP || finding->kind == SLD_FINDING_PAUSE) field_integer(L, "open_ns", finding->open_ns);
  field_string(L, "message", finding->message);
}

/* market:check(i, gap_ns) -> {open_ns =, missing_ns =, pause_ns =, gaps =, small_gaps =, pauses =, closed_rows =, findings = {{kind =, row =, ...}}} */
int market_check(lua_State *L) {
  const sld_market *market = handle_object(L, 1, MARKET_TYPE);
  size_t series = series_check(L, market);
  lua_Number gap_ns = luaL_optnumber(L, 3, 0);
  luaL_argcheck(L, gap_ns >= 0 && gap_ns < 9e18, 3, "a length of at least 0 expected");
  sld_error err = {0};
  sld_check *check;
  sld_status status = sld_market_check(&check, market, series, (int64_t)gap_ns, &err);
  if (status != SLD_OK) return error_push(L, status, &err);
  const sld_check_summary *summary = sld_check_summary_of(check);
  lua_createtable(L, 0, 8); /* out of memory from here on leaks the check; the host is ending anyhow */
  field_integer(L, "open_ns", summary->open_ns);
  field_integer(L, "missing_ns", summary->missing_ns);
  field_integer(L, "pause_ns", summary->pause_ns);
  field_integer(L, "gaps", (int64_t)summary->gaps);
  field_integer(L, "small_gaps", (int64_t)summary->small_gaps);
  field_integer(L, "pauses", (int64_t)summary->pauses);
  field_integer(L, "closed_rows", (int64_t)summary->closed_rows);
  lua_createtable(L, (int)sld_check_count(check), 0);
  for (size_t i = 0; i < sld_check_count(check); i++) {
    finding_push(L, sld_check_at(check, i));
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "findings");
  sld_check_free(check);
  return 1;
}
