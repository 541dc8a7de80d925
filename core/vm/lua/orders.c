/* The C functions behind orders.lua: requests to the broker and its readings. */
#include <math.h>
#include <string.h>

#include "broker/booking.h"
#include "vm/lua/state.h"

/* What the broker says after a call that could end the job: its own error reaches the job unchanged. */
static int settled(lua_State *L, sld__vm *vm, int ended) {
  if (!ended || vm->job->broker->status == SLD_OK) return 0;
  vm->error = vm->job->broker->error;
  return sld__vm_raise(L, vm);
}

#if !defined(LUAJIT_ENGINE)
/* core.fast_target(slow) -> what broker.target is: f(broker, x, options), which calls `slow` with the same and the level of the strategy's line
 * where x repeats nothing and so has to be looked at. A function of C's own, because Lua 5.4 calls it on every bar. */
static int set_target(lua_State *L) {
  if (lua_type(L, 2) == LUA_TNUMBER && lua_isnoneornil(L, 3) && lua_tonumber(L, 2) == sld__vm_of(L)->view.last_target) return 0;
  lua_settop(L, 3);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_insert(L, 1);
  lua_call(L, 3, 0);
  return 0;
}

static int prim_fast_target(lua_State *L) {
  lua_settop(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_pushcclosure(L, set_target, 2);
  return 1;
}
#endif

/* core.target(x) -> true when taken; false when the slow form must look at x */
static int prim_target(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  if (lua_type(L, 1) != LUA_TNUMBER) return 0;
  double x = lua_tonumber(L, 1);
  if (x != vm->view.last_target) {
    if (isnan(x)) return 0;
    int ended = sld__vm_target(&vm->view, x);
    settled(L, vm, ended);
    if (ended) return 0;
  }
  lua_pushboolean(L, 1);
  return 1;
}

/* ---- Options of a request: the table at stack index OPTIONS, checked by orders.lua ---- */

enum { OPTIONS = 4 };

static double field_number(lua_State *L, const char *name) {
  lua_getfield(L, OPTIONS, name);
  double value = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : (double)NAN;
  lua_pop(L, 1);
  return value;
}

/* The string stays in the table and so alive. */
static const char *field_text(lua_State *L, const char *name) {
  lua_getfield(L, OPTIONS, name);
  const char *value = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  lua_pop(L, 1);
  return value;
}

static bool field_flag(lua_State *L, const char *name) {
  lua_getfield(L, OPTIONS, name);
  bool value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

static void read_group(lua_State *L, sld__request *request) {
  request->group = field_text(L, "oco");
  request->oca = request->group ? SLD_OCA_CANCEL : SLD_OCA_NONE;
  if (request->group) return;
  request->group = field_text(L, "oca");
  const char *kind = field_text(L, "oca_kind");
  if (request->group) request->oca = kind && strcmp(kind, "reduce") == 0 ? SLD_OCA_REDUCE : SLD_OCA_CANCEL;
}

static void read_options(lua_State *L, sld__request *request) {
  double expire = field_number(L, "expire");
  request->limit = field_number(L, "limit");
  request->stop = field_number(L, "stop");
  request->stop_loss = field_number(L, "sl");
  request->take_profit = field_number(L, "tp");
  request->stop_loss_dist = field_number(L, "sl_dist");
  request->take_profit_dist = field_number(L, "tp_dist");
  request->trail = field_number(L, "trail");
  request->trail_after = field_number(L, "trail_after");
  request->trail_step = field_number(L, "trail_step");
  request->trail_at = field_number(L, "trail_at");
  request->rebalance = field_number(L, "rebalance");
  request->expire = expire >= 1.0 && expire < 1e15 ? (int64_t)expire : 0;
  request->name = field_text(L, "id");
  request->of = field_text(L, "of");
  request->tag = field_text(L, "tag");
  request->reduce_only = field_flag(L, "reduce_only");
  request->reverse = field_flag(L, "reverse");
  request->add = field_flag(L, "add");
  request->fifo = field_flag(L, "fifo");
  read_group(L, request);
}

/* core.order(kind, quantity, size or nil, {options}, id or nil, order of a lot or nil) */
static int prim_order(lua_State *L) {
  static const char *const kinds[] = { "target", "buy", "sell", "close", "exit", "cancel", "modify", NULL };
  static const char *const quantities[] = { "units", "lots", "fraction", "risk", NULL };
  sld__vm *vm = sld__vm_of(L);
  lua_settop(L, 6);
  sld__request request = SLD__REQUEST_INIT;
  request.kind = (sld__request_kind)luaL_checkoption(L, 1, NULL, kinds);
  request.quantity = (sld_quantity)luaL_checkoption(L, 2, NULL, quantities);
  if (!lua_isnil(L, 3)) request.value = luaL_checknumber(L, 3);
  read_options(L, &request);
  if (lua_type(L, 5) == LUA_TSTRING) request.name = lua_tostring(L, 5);
  if (lua_type(L, 6) == LUA_TNUMBER) request.lot = (int64_t)lua_tonumber(L, 6);
  settled(L, vm, sld__vm_request(&vm->view, &request));
  return 0;
}

/* ---- Readings ---- */

/* core.account(name) -> position, equity or cash as of the bar's close; nil for another name */
static int prim_account(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  const char *name = lua_tostring(L, 1);
  if (!name) return 0;
  const double *value = strcmp(name, "position") == 0 ? &vm->view.position : strcmp(name, "equity") == 0 ? &vm->view.equity : strcmp(name, "cash") == 0 ? &vm->view.cash : NULL;
  if (!value) return 0;
  settled(L, vm, sld__vm_advance(&vm->view, sld__vm_now_row(vm)));
  lua_pushnumber(L, *value);
  return 1;
}

static void set_number(lua_State *L, const char *name, double value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, name);
}

/* One lot as a table, marked at the close of the broker's row. */
static void push_trade(lua_State *L, const sld__broker *b, const sld__lot *lot) {
  bool seen = lot->row <= b->now; /* a bar of a shared account may be under way */
  double mark = seen ? sld__lot_mark(b, lot, b->now) : lot->reference, rate = b->rate_mark ? b->rate_mark[b->now] : b->rate;
  double units = lot->steps * b->config.instrument.step;
  const sld_order_terms *terms = sld__order_of(b, lot->order)->terms;
  lua_createtable(L, 0, 7);
  set_number(L, "order", (double)lot->order);
  set_number(L, "units", units);
  set_number(L, "entry_price", lot->price);
  set_number(L, "entry_time", (double)lot->time / 1e9);
  set_number(L, "bars", seen ? (double)(b->now - lot->row) : 0.0);
  set_number(L, "profit", (units * (mark - lot->reference)) * rate - lot->costs);
  if (terms && terms->name[0]) {
    lua_pushstring(L, terms->name);
    lua_setfield(L, -2, "id");
  }
}

/* core.trades() -> {lots, oldest first} */
static int prim_trades(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  settled(L, vm, sld__vm_advance(&vm->view, sld__vm_now_row(vm)));
  const sld__broker *b = vm->job->broker;
  lua_createtable(L, (int)b->ledger->lot_count, 0);
  for (size_t i = 0; i < b->ledger->lot_count; i++) {
    push_trade(L, b, sld__lot_at(b, i));
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

/* core.entries() -> {ids of buys and sells that wait to open something, in the order of the calls; false where one has none} */
static int prim_entries(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  settled(L, vm, sld__vm_advance(&vm->view, sld__vm_now_row(vm)));
  const sld__broker *b = vm->job->broker;
  int count = 0;
  lua_newtable(L);
  for (size_t w = 0; w < b->ledger->waiting_count; w++) {
    const sld_order *order = sld__order_of(b, b->ledger->waiting[w].order);
    const char *name = order->terms ? order->terms->name : "";
    if (order->reduce_only || order->kind == SLD_ORDER_TARGET) continue;
    if (*name) lua_pushstring(L, name);
    else lua_pushboolean(L, 0);
    lua_rawseti(L, -2, ++count);
  }
  return 1;
}

const luaL_Reg sld__vm_orders[] = {
  { "target", prim_target }, { "order", prim_order }, { "account", prim_account }, { "trades", prim_trades }, { "entries", prim_entries },
#if !defined(LUAJIT_ENGINE)
  { "fast_target", prim_fast_target },
#endif
  { NULL, NULL },
};
