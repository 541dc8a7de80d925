/* A job's start, its rows and its end. */
#include "broker/broker.h"

#include <string.h>

#include "base/error.h"
#include "broker/fill.h"
#include "broker/margin.h"
#include "broker/mark.h"
#include "broker/overnight.h"
#include "broker/path.h"

static bool at_least_zero(double x) {
  return isfinite(x) && x >= 0.0;
}

static bool above_zero(double x) {
  return isfinite(x) && x > 0.0;
}

static sld_status check_config(const sld__broker_config *c, sld_error *err) {
  const struct { const char *name; bool good; double value; } rules[] = {
    { "capital", above_zero(c->capital), c->capital },
    { "spread", at_least_zero(c->spread), c->spread },
    { "slippage", at_least_zero(c->slippage), c->slippage },
    { "commission_frac", at_least_zero(c->commission_frac), c->commission_frac },
    { "commission_per_lot", at_least_zero(c->commission_per_lot), c->commission_per_lot },
    { "commission_per_order", at_least_zero(c->commission_per_order), c->commission_per_order },
    { "spread_frac", at_least_zero(c->spread_frac), c->spread_frac },
    { "pyramiding", c->pyramiding >= 0, (double)c->pyramiding },
    { "leverage", above_zero(c->leverage), c->leverage },
    { "margin_call", at_least_zero(c->margin_call), c->margin_call },
    { "stop_out", at_least_zero(c->stop_out), c->stop_out },
    { "instrument.lot", above_zero(c->instrument.lot), c->instrument.lot },
    { "instrument.step", above_zero(c->instrument.step), c->instrument.step },
    { "instrument.min_size", at_least_zero(c->instrument.min_size), c->instrument.min_size },
  };
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
    if (!rules[i].good) return sld__fail(err, SLD_EINVAL, "%s is %.17g", rules[i].name, rules[i].value);
  if (c->side == SLD_BOTH && (c->spread > 0.0 || c->spread_frac > 0.0)) return sld__fail(err, SLD_EINVAL, "%s has asks of its own: a spread would be paid twice", c->instrument.pair);
  if (c->spread_frac > 0.0 && c->spread_on != SLD_SPREAD_ENTRY) return sld__fail(err, SLD_EINVAL, "spread_frac needs spread_on entry");
  return SLD_OK;
}

void sld__broker_axes(sld__broker_config *c) {
  static const struct { sld_fill_at at; sld_path path; sld_quotes quotes; sld_spread_on spread_on; sld_sizing sizing; } presets[] = {
    { SLD_AT_NEXT_OPEN, SLD_PATH_PESSIMISTIC, SLD_QUOTES_SIDE, SLD_SPREAD_BOTH, SLD_SIZING_CALL },
    { SLD_AT_CLOSE, SLD_PATH_PESSIMISTIC, SLD_QUOTES_SIDE, SLD_SPREAD_BOTH, SLD_SIZING_CALL },
    { SLD_AT_NEXT_OPEN, SLD_PATH_TRADINGVIEW, SLD_QUOTES_MID, SLD_SPREAD_BOTH, SLD_SIZING_CALL },
    { SLD_AT_NEXT_OPEN, SLD_PATH_BACKTESTING_PY, SLD_QUOTES_MID, SLD_SPREAD_ENTRY, SLD_SIZING_FILL },
  };
  if (!c->at) c->at = presets[c->fill].at;
  if (!c->path) c->path = presets[c->fill].path;
  if (!c->quotes) c->quotes = presets[c->fill].quotes;
  if (!c->spread_on) c->spread_on = presets[c->fill].spread_on;
  if (!c->sizing) c->sizing = presets[c->fill].sizing;
  if (c->path == SLD_PATH_TRADINGVIEW && c->pyramiding == 0) c->pyramiding = 1;
  if (c->margin_call == 0.0) c->margin_call = 1.0;
}

/* Where levels are compared and what is dealt, by who pays the spread and on which quotes. */
static void set_sides(sld__broker *b) {
  double spread = b->config.spread;
  bool mid = b->config.side == SLD_MID, both = b->config.side == SLD_BOTH, entry = b->config.spread_on == SLD_SPREAD_ENTRY;
  const sld__sides none = { { 0.0, 0 }, { 0.0, 0 } };
  b->opens.bid = (sld__lead){ entry ? -spread : mid ? -0.5 * spread : 0.0, both && entry ? -1 : 0 };
  b->opens.ask = (sld__lead){ entry || !mid ? spread : 0.5 * spread, both ? 1 : 0 };
  b->closes = entry ? none : b->opens;
  b->open_quotes = b->config.quotes == SLD_QUOTES_SIDE ? b->opens : none;
  b->close_quotes = b->config.quotes == SLD_QUOTES_SIDE ? b->closes : none;
}

/* Of one side what is read of asks may be anything. */
static void set_bars(sld__broker *b, const sld__broker_bars *bars) {
  b->bars = *bars;
  if (!bars->rate_mark) b->bars.rate_low = b->bars.rate_high = bars->rate;
  if (b->config.side == SLD_BOTH) return;
  b->bars.ask_open = bars->open;
  b->bars.ask_high = bars->high;
  b->bars.ask_low = bars->low;
  b->bars.ask_close = bars->close;
}

/* `account` NULL: the book's own. */
static sld_status start(sld__broker *b, sld__account *account, const sld__broker_config *config, const sld__broker_bars *bars, sld__ledger *ledger, sld_error *err) {
  sld__broker_config resolved = *config;
  if ((unsigned)config->fill > SLD_FILL_BACKTESTING_PY) return sld__fail(err, SLD_EINVAL, "there is no fill mode %d", (int)config->fill);
  sld__broker_axes(&resolved);
  sld_status status = check_config(&resolved, err);
  if (status) return status;
  if (bars->first >= bars->count) return sld__fail(err, SLD_EINVAL, "%s: no bar can be traded", config->instrument.pair);
  if (!bars->rate_mark && !above_zero(bars->rate)) return sld__fail(err, SLD_EINVAL, "rate is %.17g", bars->rate);
  if (config->side == SLD_BOTH && !(bars->ask_open && bars->ask_high && bars->ask_low && bars->ask_close)) return sld__fail(err, SLD_EINVAL, "%s: asks are missing", config->instrument.pair);
  if (!bars->rate_fill != !bars->rate_mark) return sld__fail(err, SLD_EINVAL, "rate_fill and rate_mark go together");
  status = sld__ledger_reset(ledger, account ? 0 : bars->count, account ? 0 : bars->first, config->capital, err);
  if (status) return status;
  memset(b, 0, offsetof(sld__broker, error));
  b->error.status = SLD_OK;
  b->config = resolved;
  set_bars(b, bars);
  b->ledger = ledger;
  b->now = (int64_t)bars->first - 1;
  b->last = b->calm = (int64_t)bars->count - 1;
  sld__account_open(&b->own, config->capital, config->leverage);
  b->account = account ? account : &b->own;
  b->begun = b->now;
  b->equity = b->cash = sld__account_cash(b->account);
  b->last_target = NAN;
  b->flat = 1;
  b->close = b->mark_close = bars->close;
  b->rate_mark = bars->rate_mark;
  b->rate = bars->rate;
  b->marks = ledger->equity;
  b->lots = b->lots_ask = sld__range_none;
  set_sides(b);
  sld__book_watch(b);
  return SLD_OK;
}

sld_status sld__broker_start(sld__broker *b, const sld__broker_config *config, const sld__broker_bars *bars, sld__ledger *ledger, sld_error *err) {
  return start(b, NULL, config, bars, ledger, err);
}

sld_status sld__broker_join(sld__broker *b, sld__account *account, const sld__broker_config *config, const sld__broker_bars *bars, sld__ledger *ledger, sld_error *err) {
  return start(b, account, config, bars, ledger, err);
}

int sld__path_open(sld__broker *b, int64_t row) {
  switch (b->config.path) {
  case SLD_PATH_TRADINGVIEW: return sld__path_tradingview_open(b, row);
  case SLD_PATH_BACKTESTING_PY: return 0;
  default: return sld__path_pessimistic_open(b, row);
  }
}

int sld__path_rest(sld__broker *b, int64_t row) {
  switch (b->config.path) {
  case SLD_PATH_TRADINGVIEW: return sld__path_tradingview_rest(b, row);
  case SLD_PATH_BACKTESTING_PY: return sld__path_backtesting_py(b, row);
  default: return sld__path_pessimistic_rest(b, row);
  }
}

int sld__broker_open(sld__broker *b, int64_t row) {
  if (sld__book_rolls_in(b, row) && sld__book_roll(b, row, false, sld__book_held(b))) return 1;
  if (sld__path_open(b, row)) return 1;
  if (sld__margin_is_tested(b)) {
    sld__moment at = sld__moment_inside(b, row);
    if (sld__margin_test(b, &at, sld__point_open(b, row))) return 1;
  }
  sld__book_hold(b, row);
  return 0;
}

static int close_row(sld__broker *b, int64_t row) {
  if (!sld__margin_is_tested(b)) return 0;
  sld__moment at = sld__moment_close(b, row);
  return sld__margin_test(b, &at, sld__point_close(b, row));
}

int sld__broker_rest(sld__broker *b, int64_t row) {
  if (b->busy && sld__path_rest(b, row)) return 1; /* highs and lows are far from what has been read: most rows with an order end here */
  if (!sld__book_rolls_in(b, row)) return 0;
  bool whole = b->config.path == SLD_PATH_BACKTESTING_PY; /* deals all of the bar in the rest */
  sld__held held = whole ? sld__book_held(b) : b->held;
  b->held = (sld__held){ 0.0, 0.0 };
  return sld__book_roll(b, row, true, held);
}

static int reach(sld__broker *b, int64_t row) {
  return sld__broker_open(b, row) || sld__broker_rest(b, row) || close_row(b, row);
}

int sld__broker_deal_close(sld__broker *b) {
  b->closing = false;
  if (sld__path_tradingview_close(b, b->now)) return 1;
  return sld__mark_settle(b, b->now, b->now);
}

int sld__broker_advance(sld__broker *b, int64_t to) {
  if (b->ended) return 1;
  if (to > b->last) return sld__broker_fail(b, sld__fail(&b->error, SLD_EINVAL, "row %lld is past the last, %lld", (long long)to, (long long)b->last));
  if (b->closing && b->now < to && sld__broker_deal_close(b)) return 1;
  while (b->now < to) {
    int64_t row = b->now + 1;
    int64_t next = b->busy ? sld__book_next_row(b, row, to) : b->calm < to ? (b->calm < row ? row : b->calm + 1) : to + 1;
    if (next == row && reach(b, row)) return 1;
    bool stop = next == row && (b->busy || b->calm < to); /* something still waits: the next row may be more than a mark */
    if (sld__mark_settle(b, row, stop ? row : next == row ? to : next - 1)) return 1;
    if (!stop) continue;
    sld__book_follow(b, row);
    sld__book_expire(b, row);
  }
  return 0;
}

/* Where open trades are closed: at the last close. With path backtesting_py like an order of the bar before: at the last open, or at the last close but one. */
static sld__moment end_of(const sld__broker *b, sld__point *point) {
  bool late = b->config.path != SLD_PATH_BACKTESTING_PY;
  if (!late && b->config.at == SLD_AT_NEXT_OPEN) {
    *point = sld__point_open(b, b->now);
    return sld__moment_inside(b, b->now);
  }
  int64_t row = late || b->now == (int64_t)b->bars.first ? b->now : b->now - 1;
  *point = sld__point_close(b, row);
  return sld__moment_close(b, row);
}

static int close_position(sld__broker *b, double steps) {
  sld_order *order = sld__ledger_add_order(b->ledger);
  sld__waiting *waiting = order ? sld__ledger_add_waiting(b->ledger) : NULL;
  if (!waiting) return sld__broker_full(b);
  order->time = sld__row_close(b, b->now);
  order->bar = b->bars.origin + b->now;
  order->kind = SLD_ORDER_END_OF_DATA;
  order->reduce_only = true;
  order->units = steps * b->config.instrument.step;
  waiting->order = order->id;
  waiting->steps = steps;
  sld__point point;
  sld__moment at = end_of(b, &point);
  return sld__fill_market(b, &at, point);
}

/* Closes every lot: a hedged book by one order a side. */
static int close_all(sld__broker *b) {
  double longs = 0.0, shorts = 0.0;
  for (size_t i = 0; i < b->ledger->lot_count; i++) {
    double steps = sld__lot_at(b, i)->steps;
    if (steps > 0.0) longs += steps;
    else shorts += steps;
  }
  if (longs > 0.0 && close_position(b, -longs)) return 1;
  if (shorts < 0.0 && close_position(b, -shorts)) return 1;
  return sld__mark_settle(b, b->now, b->now);
}

/* Where the open lots were marked last: at the close, or on a shared account that ended while a bar was under way, at the open of that. */
static sld__moment last_mark(const sld__broker *b, sld__point *point) {
  if (b->account->shared && b->begun > b->now) {
    sld__moment begun = sld__moment_inside(b, b->begun);
    *point = b->mark;
    if (begun.rate > 0.0) return begun;
  }
  *point = sld__point_close(b, b->now);
  return sld__moment_close(b, b->now);
}

/* Lists the open lots as trades at the last mark. */
static int list_open(sld__broker *b) {
  sld__ledger *ledger = b->ledger;
  sld__point point;
  sld__moment at = last_mark(b, &point);
  for (size_t i = 0; i < ledger->lot_count; i++) {
    const sld__lot *lot = sld__lot_at(b, i);
    double mark = sld__lead_to(lot->steps > 0.0 ? &b->closes.bid : &b->closes.ask, point);
    sld_trade *trade = sld__ledger_add_open(ledger);
    if (!trade) return sld__broker_full(b);
    trade->entry_order = lot->order;
    trade->entry_time = lot->time;
    trade->exit_time = at.time;
    trade->entry_bar = b->bars.origin + lot->row;
    trade->exit_bar = b->bars.origin + at.row;
    trade->exit = SLD_EXIT_OPEN;
    trade->units = lot->steps * b->config.instrument.step;
    trade->entry_price = lot->price;
    trade->exit_price = mark;
    trade->gross = (trade->units * (mark - lot->reference)) * at.rate;
    trade->costs = lot->costs;
    trade->net = trade->gross - trade->costs;
  }
  if (ledger->lot_count) ledger->unrealised = sld__book_open_profit(b, point, at.rate);
  return 0;
}

/* The ledger's last words: what is open, exposure, and the equity that a ruined account keeps. */
static void complete(sld__broker *b) {
  sld__ledger *ledger = b->ledger;
  if (list_open(b)) return;
  if (ledger->lot_count) ledger->exposure_rows += (size_t)(b->now + 1 - b->held_from);
  for (int64_t row = b->now + 1; row <= b->last && !b->account->shared; row++) b->marks[row] = b->equity;
  b->ended = 1;
}

sld_status sld__broker_finish(sld__broker *b, sld_error *err) {
  bool finished = b->ended && !b->ruined;
  if (!finished && !sld__broker_advance(b, b->last) && !(b->closing && sld__broker_deal_close(b))) {
    sld__book_end_all(b, SLD_ORDER_EXPIRED, SLD_REASON_END_OF_DATA);
    if (b->config.close_at_end && !b->flat) close_all(b);
  }
  if (b->ruined && !finished) sld__book_end_all(b, SLD_ORDER_CANCELLED, SLD_REASON_RUINED);
  if (b->status == SLD_OK && !finished) complete(b);
  if (b->status != SLD_OK && err) *err = b->error;
  return b->status;
}
