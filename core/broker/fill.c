/* One order dealt. Sizes that are known now, what is too large, and what follows for the orders that wait; booking.c writes it down. */
#include "broker/fill.h"

#include "base/error.h"
#include "broker/shared.h"

void sld__fill_reject(sld__broker *b, sld_order *order, sld_reason reason) {
  sld__order_stamp(b, order);
  order->state = SLD_ORDER_REJECTED;
  order->reason = reason;
  b->ledger->rejected_count++;
}

/* ---- Sizes ---- */

/* Within 1e-12 of the next whole step it is that step: 0.29 lots of 100,000 are 29,000 units, and 0.29 * 100000 is not. At 2^53 steps and
 * beyond sizes do not add up exactly any more; such a size is returned as it is. */
double sld__whole_steps(double units, double step) {
  double steps = units / step;
  if (!(fabs(steps) < 0x1p53)) return steps;
  double toward_zero = (double)(int64_t)steps;
  double next = toward_zero + (steps < 0.0 ? -1.0 : 1.0);
  return fabs(next - steps) <= fabs(steps) * 1e-12 ? next : toward_zero;
}

bool sld__too_small(const sld__broker *b, double steps) {
  if (b->steps != 0.0 && (b->steps + steps) * b->steps <= 0.0) return false;
  return steps == 0.0 || fabs(steps * b->config.instrument.step) < b->config.instrument.min_size;
}

/* Equity with this book marked at a point, and other books of the account as they stand. */
static double equity_at(const sld__broker *b, sld__point point, double rate) {
  double profit = sld__book_open_profit(b, point, rate);
  return b->account->shared ? sld__shared_equity(b, profit) : b->cash + profit;
}

/* Size of the positions of other books, as this one's leverage counts it. */
static double elsewhere(const sld__broker *b) {
  return b->account->shared ? sld__shared_notional(b) : 0.0;
}

/* Path backtesting_py: what may be spent on new lots. Equity is marked at the close of the bar of the fill, as that project does. */
static double available(const sld__broker *b, const sld__moment *at) {
  double close = b->close[at->row], rate = at->rate;
  double held = b->gross * b->config.instrument.step * close * rate + elsewhere(b);
  return (equity_at(b, sld__point_close(b, at->row), rate) - held / b->config.leverage) * b->config.leverage;
}

/* Account currency for one unit dealt at `side`, its commission included. */
static double unit_cost(const sld__broker *b, const sld__deal *deal) {
  const sld__broker_config *c = &b->config;
  return (deal->side + c->commission_frac * deal->reference) * deal->at.rate + c->commission_per_lot / c->instrument.lot + c->commission_per_order;
}

/* The size of an order that is known at the fill only. */
static double steps_at_fill(const sld__broker *b, const sld_order *order, double fraction, const sld__deal *deal) {
  double step = b->config.instrument.step, rate = deal->at.rate;
  if (b->config.path == SLD_PATH_BACKTESTING_PY && order->kind != SLD_ORDER_TARGET) {
    double steps = floor(available(b, &deal->at) * fabs(fraction) / unit_cost(b, deal) / step);
    return !(steps > 0.0) ? 0.0 : fraction > 0.0 ? steps : -steps;
  }
  double equity = equity_at(b, (sld__point){ deal->reference, deal->ask }, rate);
  double steps = fraction == 0.0 ? 0.0 : sld__whole_steps(fraction * equity / (deal->reference * rate), step);
  return order->kind == SLD_ORDER_TARGET ? steps - b->steps : steps;
}

/* ---- Limits ---- */

/* Whether the account's positions after the order need more margin than the equity that stands just before it bears: with a margin call at 1, are larger than leverage times it. An order that only makes
 * the position smaller passes: nobody is kept in a position for being too large. */
static bool beyond_leverage(const sld__broker *b, double steps, double opening, const sld__deal *deal) {
  if (opening == 0.0) return false;
  double rate = deal->at.rate, step = b->config.instrument.step;
  if (b->config.path == SLD_PATH_BACKTESTING_PY) return !(opening * step * unit_cost(b, deal) <= available(b, &deal->at));
  double after = b->config.accounting == SLD_HEDGE ? b->gross - (fabs(steps) - opening) + opening : b->steps + steps;
  double notional = (fabs(after * step) * deal->reference) * rate;
  double equity = equity_at(b, (sld__point){ deal->reference, deal->ask }, rate);
  return !(b->config.margin_call * (notional + elsewhere(b)) <= b->config.leverage * equity);
}

/* ---- Dealing ---- */

static sld__deal deal_at(const sld__broker *b, const sld__moment *at, sld__touch touch, bool buys, bool closes, sld__leg leg) {
  const sld__sides *costs = closes ? &b->closes : &b->opens;
  const sld__lead *cost = buys ? &costs->ask : &costs->bid, *quote = sld__quote(b, buys, closes);
  double frac = b->config.spread_frac, reference = touch.point.price;
  double side = touch.price + (cost->offset - quote->offset); /* levels on sides: exactly the price touched */
  if (cost->way != quote->way) side = sld__lead_to(cost, touch.point);
  if (frac > 0.0 && !closes) side = reference * (buys ? 1.0 + frac : 1.0 - frac) + cost->offset;
  return (sld__deal){ *at, reference, touch.point.ask, side, leg == SLD__BY_LIMIT ? 0.0 : b->config.slippage, SLD_EXIT_ORDER };
}

static sld_exit exit_of(const sld_order *order, sld__leg leg) {
  if (order->kind == SLD_ORDER_END_OF_DATA) return SLD_EXIT_END_OF_DATA;
  if (order->kind != SLD_ORDER_EXIT) return SLD_EXIT_ORDER;
  return leg == SLD__BY_STOP ? SLD_EXIT_STOP_LOSS : leg == SLD__BY_TRAIL ? SLD_EXIT_TRAILING_STOP : SLD_EXIT_TAKE_PROFIT;
}

/* Steps of waiting order `w` as they stand at the fill. */
static double steps_of(const sld__broker *b, size_t w, const sld__deal *deal) {
  const sld_order *order = sld__waiting_order(b, w);
  const sld__waiting *waiting = sld__waiting_at(b, w);
  if (order->kind == SLD_ORDER_EXIT) return (double)sld__book_side(b, w) * sld__book_reserved(b, w, -1);
  if (waiting->steps == 0.0 && !isnan(waiting->fraction)) return steps_at_fill(b, order, waiting->fraction, deal);
  return waiting->steps;
}

/* Lets those that wait follow a fill. */
static void settle_waiting(sld__broker *b, const sld_order *dealt) {
  if (b->ledger->waiting_count == 0) return;
  sld__book_group_dealt(b, dealt);
  sld__book_purge(b);
  sld__book_watch(b);
}

static int end_undealt(sld__broker *b, size_t w, sld_order_state state, sld_reason reason) {
  sld__book_end(b, w, state, reason);
  sld__book_purge(b);
  sld__book_watch(b);
  return 0;
}

int sld__fill_waiting(sld__broker *b, size_t w, const sld__moment *at, sld__touch touch, sld__leg leg) {
  sld_order *order = sld__waiting_order(b, w);
  if (!(at->rate > 0.0)) return sld__broker_no_rate(b, at->time);
  sld__scope scope = sld__book_scope(b, w);
  bool buys = sld__book_side(b, w) > 0;
  sld__deal deal = deal_at(b, at, touch, buys, order->reduce_only, leg);
  double steps = steps_of(b, w, &deal);
  if (leg == SLD__BY_MARKET && buys != (steps > 0.0)) /* a target sized now */
    deal = deal_at(b, at, sld__touch_data(touch.point, sld__quote(b, steps > 0.0, false)), steps > 0.0, false, leg);
  deal.exit = exit_of(order, leg);
  double closing = sld__book_closable(b, steps, &scope), opening = scope.opens ? fabs(steps) - closing : 0.0;
  if (opening == 0.0 && closing == 0.0) {
    bool sized_now = scope.opens && !(order->kind == SLD_ORDER_TARGET && (order->target == 0.0 || b->steps != 0.0));
    return end_undealt(b, w, sized_now ? SLD_ORDER_REJECTED : SLD_ORDER_CANCELLED, sized_now ? SLD_REASON_MIN_SIZE : SLD_REASON_NO_POSITION);
  }
  if (order->units == 0.0) {
    if (scope.opens && sld__too_small(b, steps)) return end_undealt(b, w, SLD_ORDER_REJECTED, SLD_REASON_MIN_SIZE);
    order->units = steps * b->config.instrument.step;
  }
  if (beyond_leverage(b, steps, opening, &deal)) {
    if (closing == 0.0 || b->config.path != SLD_PATH_BACKTESTING_PY) return end_undealt(b, w, SLD_ORDER_REJECTED, SLD_REASON_LEVERAGE);
    scope.opens = false;
  }
  sld__order_stamp(b, order); /* now that the time of a row nearby has been read */
  sld__ledger_remove_waiting(b->ledger, w);
  if (sld__book_deal(b, order, steps, closing, &deal, &scope)) return 1;
  settle_waiting(b, order);
  return 0;
}

int sld__fill_lot(sld__broker *b, size_t i, const sld__moment *at, sld__touch touch, sld__leg leg) {
  if (!(at->rate > 0.0)) return sld__broker_no_rate(b, at->time);
  sld_order *order = sld__ledger_add_order(b->ledger);
  if (!order) return sld__broker_full(b);
  const sld__lot *lot = sld__lot_at(b, i);
  static const sld_order_kind kinds[] = { SLD_ORDER_STOP_LOSS, SLD_ORDER_TRAILING_STOP, SLD_ORDER_TAKE_PROFIT, SLD_ORDER_STOP_OUT };
  static const sld_exit exits[] = { SLD_EXIT_STOP_LOSS, SLD_EXIT_TRAILING_STOP, SLD_EXIT_TAKE_PROFIT, SLD_EXIT_STOP_OUT };
  order->time = at->time;
  order->bar = b->bars.origin + at->row;
  order->kind = kinds[leg];
  order->reduce_only = true;
  order->parent = lot->order;
  order->units = -lot->steps * b->config.instrument.step;
  sld__deal deal = deal_at(b, at, touch, lot->steps < 0.0, true, leg);
  deal.exit = exits[leg];
  sld__scope scope = { .closes = true, .lot = lot->order };
  b->ledger->stop_out_count += leg == SLD__BY_MARKET;
  if (sld__book_deal(b, order, -lot->steps, fabs(lot->steps), &deal, &scope)) return 1;
  settle_waiting(b, order);
  return 0;
}

int sld__fill_market(sld__broker *b, const sld__moment *at, sld__point point) {
  int64_t last = 0;
  for (size_t w = 0; w < b->ledger->waiting_count; w = sld__book_after(b, last)) {
    const sld_order *order = sld__waiting_order(b, w);
    last = order->id;
    if (!sld__order_is_market(order) || sld__waiting_later(b, w, at->row)) continue;
    const sld__lead *quote = sld__quote(b, sld__book_side(b, w) > 0, order->reduce_only);
    if (sld__fill_waiting(b, w, at, sld__touch_data(point, quote), SLD__BY_MARKET)) return 1;
  }
  return 0;
}
