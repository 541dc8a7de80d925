/* Fill rules.
 *
 * In a row: waiting market orders at the open, then stops. A stop that the open has passed deals at the open; otherwise the stop loss is taken
 * before the take profit where both lie inside the row. Buys deal and short stops trigger on the ask, sells and long stops on the bid.
 * One-price rows need no rule of their own: open, high, low and close are the fixing.
 */
#include "broker/fill.h"

#include "base/error.h"
#include "broker/account.h"

void sld__fill_reject(sld__broker *b, sld_order *order, sld_reason reason) {
  order->state = SLD_ORDER_REJECTED;
  order->reason = reason;
  b->ledger->rejected_count++;
}

void sld__fill_drop_waiting(sld__broker *b, sld_order_state state, sld_reason reason) {
  for (size_t i = b->pending_first; b->pending_count > 0; i++) {
    sld_order *order = &b->ledger->orders[i];
    if (order->state != SLD_ORDER_PENDING) continue;
    order->state = state;
    order->reason = reason;
    b->pending_count--;
  }
  sld__account_watch(b);
}

/* Whether the position after the order is larger than leverage times the equity that stands just before it. An order that only makes
 * the position smaller passes: nobody is kept in a position for being too large. */
static bool beyond_leverage(const sld__broker *b, double steps, double reference, double rate) {
  double after = b->steps + steps;
  if (after == 0.0 || (after * b->steps > 0.0 && fabs(after) <= fabs(b->steps))) return false;
  double notional = (fabs(after * b->config.instrument.step) * reference) * rate;
  double equity = b->cash + (b->position * (reference + b->mark_offset) - b->entry_value) * rate;
  return !(notional <= b->config.leverage * equity);
}

static int fill_market(sld__broker *b, sld_order *order, sld__deal *deal) {
  double steps = sld__account_steps(b, order);
  if (beyond_leverage(b, steps, deal->reference, deal->rate)) {
    sld__fill_reject(b, order, SLD_REASON_LEVERAGE);
    return 0;
  }
  deal->side = deal->reference + (steps > 0.0 ? b->ask_offset : b->bid_offset);
  return sld__account_fill(b, order, steps, deal);
}

int sld__fill_at_open(sld__broker *b, int64_t row) {
  int64_t time = b->bars.time[row];
  double rate = b->bars.rate_fill ? b->bars.rate_fill[row] : b->rate;
  if (!(rate > 0.0)) return sld__broker_no_rate(b, time);
  sld__ledger *ledger = b->ledger;
  for (size_t i = b->pending_first; b->pending_count > 0; i++) {
    if (ledger->orders[i].state != SLD_ORDER_PENDING) continue;
    b->pending_count--;
    sld__deal deal = { row, time, b->bars.open[row], 0.0, b->config.slippage, rate, SLD_EXIT_ORDER };
    if (fill_market(b, &ledger->orders[i], &deal)) return 1;
  }
  sld__account_watch(b);
  return 0;
}

int sld__fill_at_close(sld__broker *b, sld_order *order, int64_t row, sld_exit exit) {
  int64_t time = b->bars.time[row] + b->bars.period_ns;
  double rate = b->rate_mark ? b->rate_mark[row] : b->rate;
  if (!(rate > 0.0)) return sld__broker_no_rate(b, time);
  sld__deal deal = { row, time, b->close[row], 0.0, b->config.slippage, rate, exit };
  return fill_market(b, order, &deal);
}

int64_t sld__fill_next_stop(const sld__broker *b, int64_t from, int64_t to) {
  const double *low = b->bars.low, *high = b->bars.high;
  double stop = b->nearest_stop, profit = b->nearest_profit;
  int64_t row = from;
  if (b->steps > 0.0)
    while (row <= to && !(low[row] + b->bid_offset <= stop || high[row] + b->bid_offset >= profit)) row++;
  else
    while (row <= to && !(high[row] + b->ask_offset >= stop || low[row] + b->ask_offset <= profit)) row++;
  return row;
}

/* Whether a price has come to a level that lies below (a long's stop, a short's profit) or above. A level of NaN is never reached. */
static bool reached(double price, double level, bool below) {
  return below ? price <= level : price >= level;
}

/* Where a lot's stops deal in deal->row: sets side, reference, slippage and exit. Returns whether one triggers. */
static bool lot_stops(const sld__broker *b, const sld__lot *lot, sld__deal *deal) {
  bool is_long = lot->steps > 0.0;
  double offset = is_long ? b->bid_offset : b->ask_offset;
  double open = b->bars.open[deal->row];
  double high = b->bars.high[deal->row] + offset, low = b->bars.low[deal->row] + offset;
  bool gap_stop = reached(open + offset, lot->stop_loss, is_long), gap_profit = reached(open + offset, lot->take_profit, !is_long);
  bool stops = gap_stop || (!gap_profit && reached(is_long ? low : high, lot->stop_loss, is_long));
  if (!stops && !gap_profit && !reached(is_long ? high : low, lot->take_profit, !is_long)) return false;
  if (gap_stop || gap_profit) {
    deal->side = open + offset;
    deal->reference = open;
  } else {
    deal->side = stops ? lot->stop_loss : lot->take_profit;
    deal->reference = deal->side - offset;
  }
  deal->slippage = stops ? b->config.slippage : 0.0;
  deal->exit = stops ? SLD_EXIT_STOP_LOSS : SLD_EXIT_TAKE_PROFIT;
  return true;
}

static sld_order *stop_order(sld__broker *b, const sld__lot *lot, const sld__deal *deal) {
  sld_order *order = sld__ledger_add_order(b->ledger);
  if (!order) {
    sld__broker_fail(b, sld__fail_memory(&b->error));
    return NULL;
  }
  order->time = deal->time;
  order->bar = b->bars.origin + deal->row;
  order->kind = deal->exit == SLD_EXIT_STOP_LOSS ? SLD_ORDER_STOP_LOSS : SLD_ORDER_TAKE_PROFIT;
  order->reduce_only = true;
  order->parent = lot->order;
  order->units = -lot->steps * b->config.instrument.step;
  return order;
}

int sld__fill_stops(sld__broker *b, int64_t row) {
  sld__ledger *ledger = b->ledger;
  int64_t time = b->bars.time[row];
  double rate = b->bars.rate_fill ? b->bars.rate_fill[row] : b->rate;
  if (!(rate > 0.0)) return sld__broker_no_rate(b, time);
  for (size_t i = 0; i < ledger->lot_count;) {
    const sld__lot *lot = &ledger->lots[ledger->lot_first + i];
    sld__deal deal = { row, time, 0.0, 0.0, 0.0, rate, SLD_EXIT_OPEN };
    if (!lot_stops(b, lot, &deal)) {
      i++;
      continue;
    }
    sld_order *order = stop_order(b, lot, &deal);
    if (!order || sld__account_close_lot(b, i, order, &deal)) return 1;
  }
  sld__account_restate(b, row);
  return 0;
}
