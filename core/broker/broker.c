/* A job's start, its rows and its end. */
#include "broker/broker.h"

#include <string.h>

#include "base/error.h"
#include "broker/account.h"
#include "broker/fill.h"
#include "broker/mark.h"

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
    { "leverage", above_zero(c->leverage), c->leverage },
    { "instrument.lot", above_zero(c->instrument.lot), c->instrument.lot },
    { "instrument.step", above_zero(c->instrument.step), c->instrument.step },
    { "instrument.min_size", at_least_zero(c->instrument.min_size), c->instrument.min_size },
  };
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
    if (!rules[i].good) return sld__fail(err, SLD_EINVAL, "%s is %.17g", rules[i].name, rules[i].value);
  return SLD_OK;
}

sld_status sld__broker_start(sld__broker *b, const sld__broker_config *config, const sld__broker_bars *bars, sld__ledger *ledger, sld_error *err) {
  sld_status status = check_config(config, err);
  if (status) return status;
  if (bars->first >= bars->count) return sld__fail(err, SLD_EINVAL, "%s: no bar can be traded", config->instrument.pair);
  if (!bars->rate_mark && !above_zero(bars->rate)) return sld__fail(err, SLD_EINVAL, "rate is %.17g", bars->rate);
  if (!bars->rate_fill != !bars->rate_mark) return sld__fail(err, SLD_EINVAL, "rate_fill and rate_mark go together");
  status = sld__ledger_reset(ledger, bars->count, bars->first, config->capital, err);
  if (status) return status;
  memset(b, 0, offsetof(sld__broker, error));
  b->error.status = SLD_OK;
  b->config = *config;
  b->bars = *bars;
  b->ledger = ledger;
  b->now = (int64_t)bars->first - 1;
  b->last = (int64_t)bars->count - 1;
  b->equity = b->cash = sld__ledger_cash(ledger);
  b->last_target = b->nearest_stop = b->nearest_profit = NAN;
  b->close = bars->close;
  b->rate_mark = bars->rate_mark;
  b->rate = bars->rate;
  b->marks = ledger->equity;
  b->bid_offset = config->side == SLD_MID ? -0.5 * config->spread : 0.0;
  b->ask_offset = config->side == SLD_MID ? 0.5 * config->spread : config->spread;
  return SLD_OK;
}

int sld__broker_advance(sld__broker *b, int64_t to) {
  if (b->ended) return 1;
  if (to > b->last) return sld__broker_fail(b, sld__fail(&b->error, SLD_EINVAL, "row %lld is past the last, %lld", (long long)to, (long long)b->last));
  while (b->now < to) {
    int64_t row = b->now + 1, end = to;
    if (b->pending_count && sld__fill_at_open(b, row)) return 1;
    if (b->busy) {
      int64_t hit = sld__fill_next_stop(b, row, to);
      if (hit == row && sld__fill_stops(b, row)) return 1;
      end = hit == row ? row : hit - 1;
    }
    if (sld__mark_settle(b, row, end)) return 1;
  }
  return 0;
}

static int close_position(sld__broker *b) {
  sld_order *order = sld__ledger_add_order(b->ledger);
  if (!order) return sld__broker_fail(b, sld__fail_memory(&b->error));
  order->time = b->bars.time[b->now] + b->bars.period_ns;
  order->bar = b->bars.origin + b->now;
  order->kind = SLD_ORDER_END_OF_DATA;
  order->reduce_only = true;
  order->units = -b->position;
  if (sld__fill_at_close(b, order, b->now, SLD_EXIT_END_OF_DATA)) return 1;
  return sld__mark_settle(b, b->now, b->now);
}

/* Lists the open lots as trades at the last mark. */
static int list_open(sld__broker *b) {
  sld__ledger *ledger = b->ledger;
  double mark = b->close[b->now] + b->mark_offset;
  double rate = b->rate_mark ? b->rate_mark[b->now] : b->rate;
  for (size_t i = 0; i < ledger->lot_count; i++) {
    const sld__lot *lot = &ledger->lots[ledger->lot_first + i];
    sld_trade *trade = sld__ledger_add_open(ledger);
    if (!trade) return sld__broker_fail(b, sld__fail_memory(&b->error));
    trade->entry_order = lot->order;
    trade->entry_time = lot->time;
    trade->exit_time = b->bars.time[b->now] + b->bars.period_ns;
    trade->entry_bar = b->bars.origin + lot->row;
    trade->exit_bar = b->bars.origin + b->now;
    trade->exit = SLD_EXIT_OPEN;
    trade->units = lot->steps * b->config.instrument.step;
    trade->entry_price = lot->price;
    trade->exit_price = mark;
    trade->gross = (trade->units * (mark - lot->reference)) * rate;
    trade->costs = lot->costs;
    trade->net = trade->gross - trade->costs;
  }
  if (ledger->lot_count) ledger->unrealised = (b->position * mark - b->entry_value) * rate;
  return 0;
}

/* Times of the decisions. All at once, because a row's time is far from what the other rules read: one miss of the cache per order
 * otherwise. Stops and the last close have the times of their fills. */
static void stamp_orders(sld__broker *b) {
  for (size_t i = 0; i < b->ledger->order_count; i++) {
    sld_order *order = &b->ledger->orders[i];
    if (order->kind == SLD_ORDER_TARGET || order->kind == SLD_ORDER_MARKET) order->time = b->bars.time[order->bar - b->bars.origin] + b->bars.period_ns;
  }
}

/* The ledger's last words: times, what is open, exposure, and the equity that a ruined account keeps. */
static void complete(sld__broker *b) {
  sld__ledger *ledger = b->ledger;
  if (list_open(b)) return;
  stamp_orders(b);
  if (ledger->lot_count) ledger->exposure_rows += (size_t)(b->now + 1 - b->held_from);
  for (int64_t row = b->now + 1; row <= b->last; row++) b->marks[row] = b->equity;
  b->ended = 1;
}

sld_status sld__broker_finish(sld__broker *b, sld_error *err) {
  bool finished = b->ended && !b->ruined;
  if (!finished && !sld__broker_advance(b, b->last)) {
    sld__fill_drop_waiting(b, SLD_ORDER_EXPIRED, SLD_REASON_END_OF_DATA);
    if (b->config.close_at_end && b->position != 0.0) close_position(b);
  }
  if (b->status == SLD_OK && !finished) complete(b);
  if (b->status != SLD_OK && err) *err = b->error;
  return b->status;
}
