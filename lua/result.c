/* Results of sliders.core: jobs and portfolio as tables.
 *
 * What is small is copied when a job is asked for; the long parts (orders, trades, equity, close_time, data of a job; time, equity,
 * weights of the portfolio) are made when the field is first read, and then stay in the table. A job's table keeps the result,
 * and so the run, alive.
 */
#include <string.h>

#include "handle.h"

#define JOB_TYPE "sliders.job"
#define PORTFOLIO_TYPE "sliders.portfolio"

void result_share(lua_State *L, handle *run) {
  handle_share(L, RESULT_TYPE, run);
}

/* The handle is the run's. */
static const sld_result *result_check(lua_State *L, int arg) {
  return sld_run_result(handle_object(L, arg, RESULT_TYPE));
}

/* ---- Columns and records ---------------------------------------------------------------------------------------- */

static void numbers_push(lua_State *L, const double *values, size_t count) {
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_pushnumber(L, values[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static void times_push(lua_State *L, const int64_t *values, size_t count) {
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_pushinteger(L, (lua_Integer)values[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static void figures_push(lua_State *L, const double *figures) {
  size_t count = sld_figure_count();
  lua_createtable(L, 0, (int)count);
  for (size_t i = 0; i < count; i++) field_number(L, sld_figure_at(i)->name, figures[i]);
}

/* What the order was asked with beside its size; fields of the order's own table. */
static void terms_push(lua_State *L, const sld_order_terms *terms) {
  field_string(L, "name", terms ? terms->name : "");
  field_string(L, "tag", terms ? terms->tag : "");
  if (!terms) return;
  field_string(L, "oca", sld_oca_name(terms->oca));
  field_number(L, "limit", terms->limit);
  field_number(L, "stop", terms->stop);
  field_number(L, "trail", terms->trail);
  field_number(L, "trail_after", terms->trail_after);
  field_number(L, "trail_step", terms->trail_step);
  field_integer(L, "expires", terms->expires);
}

static void order_push(lua_State *L, const sld_order *order) {
  lua_createtable(L, 0, 36);
  field_integer(L, "id", order->id);
  field_integer(L, "time", order->time);
  field_integer(L, "bar", order->bar);
  field_integer(L, "fill_time", order->fill_time);
  field_integer(L, "fill_bar", order->fill_bar);
  field_string(L, "kind", sld_order_kind_name(order->kind));
  field_string(L, "state", sld_order_state_name(order->state));
  field_string(L, "reason", sld_reason_name(order->reason));
  field_boolean(L, "reduce_only", order->reduce_only);
  field_integer(L, "parent", order->parent);
  field_integer(L, "group", order->group);
  field_string(L, "quantity", sld_quantity_name(order->quantity));
  field_number(L, "size", order->size);
  field_number(L, "target", order->target);
  field_number(L, "units", order->units);
  field_number(L, "filled", order->filled);
  terms_push(L, order->terms);
  field_number(L, "stop_loss", order->stop_loss);
  field_number(L, "take_profit", order->take_profit);
  field_number(L, "stop_loss_dist", order->stop_loss_dist);
  field_number(L, "take_profit_dist", order->take_profit_dist);
  field_number(L, "price", order->price);
  field_number(L, "reference", order->reference);
  field_number(L, "spread_cost", order->spread_cost);
  field_number(L, "slippage_cost", order->slippage_cost);
  field_number(L, "commission", order->commission);
}

static void trade_push(lua_State *L, const sld_trade *trade) {
  lua_createtable(L, 0, 13);
  field_integer(L, "entry_order", trade->entry_order);
  field_integer(L, "exit_order", trade->exit_order);
  field_integer(L, "entry_time", trade->entry_time);
  field_integer(L, "exit_time", trade->exit_time);
  field_integer(L, "entry_bar", trade->entry_bar);
  field_integer(L, "exit_bar", trade->exit_bar);
  field_string(L, "exit", sld_exit_name(trade->exit));
  field_number(L, "units", trade->units);
  field_number(L, "entry_price", trade->entry_price);
  field_number(L, "exit_price", trade->exit_price);
  field_number(L, "gross", trade->gross);
  field_number(L, "costs", trade->costs);
  field_number(L, "net", trade->net);
}

/* ---- Jobs ------------------------------------------------------------------------------------------------------- */

static void orders_push(lua_State *L, const sld_order *orders, size_t count) {
  if (!orders) count = 0;
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    order_push(L, &orders[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static void trades_push(lua_State *L, const sld_trade *trades, size_t count) {
  if (!trades) count = 0;
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    trade_push(L, &trades[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static void rollovers_push(lua_State *L, const sld_rollover_record *rollovers, size_t count) {
  if (!rollovers) count = 0;
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_createtable(L, 0, 5);
    field_integer(L, "time", rollovers[i].time);
    field_integer(L, "bar", rollovers[i].bar);
    field_integer(L, "days", rollovers[i].days);
    field_number(L, "units", rollovers[i].units);
    field_number(L, "amount", rollovers[i].amount);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static void costs_push(lua_State *L, double spread, double slippage, double commission, double rollover) {
  lua_createtable(L, 0, 4);
  field_number(L, "spread", spread);
  field_number(L, "slippage", slippage);
  field_number(L, "commission", commission);
  field_number(L, "rollover", -rollover + 0.0);
}

static void book_push(lua_State *L, const sld_book *book) {
  lua_createtable(L, 0, 15);
  field_string(L, "pair", book->pair);
  pair_push(L, book->data);
  lua_setfield(L, -2, "data");
  costs_push(L, book->costs_spread, book->costs_slippage, book->costs_commission, book->rollover);
  lua_setfield(L, -2, "costs");
  field_number(L, "rollover", book->rollover);
  field_number(L, "realised", book->realised);
  field_number(L, "unrealised", book->unrealised);
  field_integer(L, "order_count", (int64_t)book->order_count);
  field_integer(L, "rejected_count", (int64_t)book->rejected_count);
  field_integer(L, "stop_out_count", (int64_t)book->stop_out_count);
  field_integer(L, "trade_count", (int64_t)book->trade_count);
  field_integer(L, "open_count", (int64_t)book->open_count);
  field_integer(L, "bar_count", (int64_t)book->bar_count);
  orders_push(L, book->orders, book->order_count);
  lua_setfield(L, -2, "orders");
  trades_push(L, book->trades, book->trade_count + book->open_count);
  lua_setfield(L, -2, "trades");
  rollovers_push(L, book->rollovers, book->rollover_count);
  lua_setfield(L, -2, "rollovers");
}

static void books_push(lua_State *L, const sld_job *job) {
  lua_createtable(L, (int)job->book_count, 0);
  for (size_t i = 0; i < job->book_count; i++) {
    book_push(L, &job->books[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static bool job_part_push(lua_State *L, const sld_job *job, const char *name) {
  if (strcmp(name, "orders") == 0) orders_push(L, job->orders, job->order_count);
  else if (strcmp(name, "trades") == 0) trades_push(L, job->trades, job->trade_count + job->open_count);
  else if (strcmp(name, "rollovers") == 0) rollovers_push(L, job->rollovers, job->rollover_count);
  else if (strcmp(name, "equity") == 0) numbers_push(L, job->equity, job->equity ? job->bar_count : 0);
  else if (strcmp(name, "data") == 0 && job->data) pair_push(L, job->data);
  else if (strcmp(name, "books") == 0 && job->books) books_push(L, job);
  else if (strcmp(name, "close_time") == 0) times_push(L, job->close_time, job->close_time ? job->bar_count : 0);
  else return false;
  return true;
}

/* The result that a lazy table was made from. */
static const sld_result *origin(lua_State *L) {
  lua_pushliteral(L, "result");
  lua_rawget(L, 1);
  const sld_result *result = result_check(L, -1);
  lua_pop(L, 1);
  return result;
}

/* Keeps what lies on top of the stack as field `name` of the table at 1, and returns it. */
static int keep(lua_State *L) {
  lua_pushvalue(L, 2);
  lua_pushvalue(L, -2);
  lua_rawset(L, 1);
  return 1;
}

static int job_index(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  const sld_result *result = origin(L);
  lua_pushliteral(L, "index");
  lua_rawget(L, 1);
  const sld_job *job = sld_result_job_at(result, (size_t)lua_tointeger(L, -1) - 1);
  if (!job || !job_part_push(L, job, lua_tostring(L, 2))) return 0;
  return keep(L);
}

static void job_push(lua_State *L, const sld_job *job, int index) {
  lua_createtable(L, 0, 20);
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, "result");
  field_integer(L, "index", index);
  field_string(L, "pair", job->pair);
  field_integer(L, "ordinal", (int64_t)job->ordinal);
  field_string(L, "state", sld_job_state_name(job->state));
  if (job->error) {
    error_push(L, job->error->status, job->error);
    lua_remove(L, -2);
    lua_setfield(L, -2, "error");
  }
  field_string(L, "log", job->log ? job->log : "");
  field_number(L, "capital", job->capital);
  field_number(L, "final_equity", job->final_equity);
  costs_push(L, job->costs_spread, job->costs_slippage, job->costs_commission, job->rollover);
  lua_setfield(L, -2, "costs");
  field_number(L, "rollover", job->rollover);
  field_number(L, "realised", job->realised);
  field_number(L, "unrealised", job->unrealised);
  field_integer(L, "order_count", (int64_t)job->order_count);
  field_integer(L, "rejected_count", (int64_t)job->rejected_count);
  field_integer(L, "stop_out_count", (int64_t)job->stop_out_count);
  field_integer(L, "trade_count", (int64_t)job->trade_count);
  field_integer(L, "open_count", (int64_t)job->open_count);
  field_integer(L, "bar_count", (int64_t)job->bar_count);
  field_number(L, "buy_and_hold", job->buy_and_hold);
  if (job->figures) {
    figures_push(L, job->figures);
    lua_setfield(L, -2, "figures");
  }
  luaL_getmetatable(L, JOB_TYPE);
  lua_setmetatable(L, -2);
}

static int result_job_count(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)sld_result_job_count(result_check(L, 1)));
  return 1;
}

/* The i-th job, counted from 1; nil past the end. */
static int result_job(lua_State *L) {
  const sld_result *result = result_check(L, 1);
  lua_Integer index = luaL_checkinteger(L, 2);
  const sld_job *job = index >= 1 ? sld_result_job_at(result, (size_t)index - 1) : NULL;
  if (job) job_push(L, job, (int)index);
  else lua_pushnil(L);
  return 1;
}

/* ---- Portfolio -------------------------------------------------------------------------------------------------- */

/* One array of weights per point, in the order of the jobs; nil for the rule "sum". */
static void weights_push(lua_State *L, const sld_portfolio *portfolio, size_t jobs) {
  lua_createtable(L, (int)portfolio->count, 0);
  for (size_t i = 0; i < portfolio->count; i++) {
    numbers_push(L, portfolio->weights + i * jobs, jobs);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static int portfolio_index(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  const sld_result *result = origin(L);
  const sld_portfolio *portfolio = sld_result_portfolio(result);
  const char *name = lua_tostring(L, 2);
  if (!portfolio) return 0;
  if (strcmp(name, "time") == 0 && portfolio->time) times_push(L, portfolio->time, portfolio->count);
  else if (strcmp(name, "equity") == 0 && portfolio->equity) numbers_push(L, portfolio->equity, portfolio->count);
  else if (strcmp(name, "weights") == 0 && portfolio->weights) weights_push(L, portfolio, sld_result_job_count(result));
  else return 0;
  return keep(L);
}

/* The portfolio; nil for a grid of more than one parameter set. */
static int result_portfolio(lua_State *L) {
  const sld_portfolio *portfolio = sld_result_portfolio(result_check(L, 1));
  if (!portfolio) {
    lua_pushnil(L);
    return 1;
  }
  lua_createtable(L, 0, 10);
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, "result");
  field_boolean(L, "complete", portfolio->complete);
  field_string(L, "rule", portfolio->rule);
  field_string(L, "label", portfolio->label);
  field_integer(L, "count", (int64_t)portfolio->count);
  field_number(L, "capital", portfolio->capital);
  field_number(L, "costs", portfolio->costs);
  field_number(L, "buy_and_hold", portfolio->buy_and_hold);
  figures_push(L, portfolio->figures);
  lua_setfield(L, -2, "figures");
  luaL_getmetatable(L, PORTFOLIO_TYPE);
  lua_setmetatable(L, -2);
  return 1;
}

/* ---- Files ------------------------------------------------------------------------------------------------------ */

static int result_write_json(lua_State *L) {
  sld_error err = {0};
  return status_push(L, sld_result_write_json(result_check(L, 1), luaL_checkstring(L, 2), &err), &err);
}

static int result_write_csv(lua_State *L) {
  sld_error err = {0};
  return status_push(L, sld_result_write_csv(result_check(L, 1), luaL_checkstring(L, 2), &err), &err);
}

static const luaL_Reg result_methods[] = {
    {"job_count", result_job_count}, {"job", result_job},
    {"portfolio", result_portfolio}, {"write_json", result_write_json},
    {"write_csv", result_write_csv}, {"free", handle_release},
    {NULL, NULL},
};

static void lazy_define(lua_State *L, const char *type, lua_CFunction index) {
  luaL_newmetatable(L, type);
  lua_pushcfunction(L, index);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, type);
  lua_setfield(L, -2, "__name");
  lua_pop(L, 1);
}

void result_define(lua_State *L) {
  type_define(L, RESULT_TYPE, result_methods);
  lazy_define(L, JOB_TYPE, job_index);
  lazy_define(L, PORTFOLIO_TYPE, portfolio_index);
}
