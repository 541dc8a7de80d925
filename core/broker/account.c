/* Booking. The order of operations is part of the contract (broker.h): results are the same bits everywhere. */
#include "broker/account.h"

#include "base/error.h"

int sld__broker_fail(sld__broker *b, sld_status status) {
  b->status = status;
  b->ended = 1;
  return 1;
}

int sld__broker_no_rate(sld__broker *b, int64_t time) {
  char at[40];
  sld_time_format(time, at, sizeof at);
  const sld_instrument *pair = &b->config.instrument;
  return sld__broker_fail(b, sld__fail(&b->error, SLD_ERATE, "%s: no conversion rate for %s at %s", pair->pair, pair->quote, at));
}

double sld__account_steps(const sld__broker *b, const sld_order *order) {
  double steps = order->units / b->config.instrument.step;
  return (double)(int64_t)(steps < 0.0 ? steps - 0.5 : steps + 0.5);
}

void sld__account_watch(sld__broker *b) {
  b->busy = b->pending_count > 0 || !isnan(b->nearest_stop) || !isnan(b->nearest_profit);
}

/* The one of two prices that a market moving up (or down) reaches first; NaN is none. */
static double nearer(double a, double b, bool moving_up) {
  if (isnan(a)) return b;
  if (isnan(b)) return a;
  return (moving_up ? a < b : a > b) ? a : b;
}

static void count_lot(sld__broker *b, const sld__lot *lot) {
  bool is_long = lot->steps > 0.0;
  b->entry_value += (lot->steps * b->config.instrument.step) * lot->reference;
  b->nearest_stop = nearer(b->nearest_stop, lot->stop_loss, !is_long);
  b->nearest_profit = nearer(b->nearest_profit, lot->take_profit, is_long);
}

static void state_position(sld__broker *b, int64_t row) {
  bool held = b->position != 0.0;
  b->position = b->steps * b->config.instrument.step;
  b->mark_offset = b->steps > 0.0 ? b->bid_offset : b->ask_offset;
  b->cash = sld__ledger_cash(b->ledger);
  if (!held) b->held_from = row;
  if (held && b->steps == 0.0) b->ledger->exposure_rows += (size_t)(row - b->held_from);
  sld__account_watch(b);
}

void sld__account_restate(sld__broker *b, int64_t row) {
  const sld__lot *lots = b->ledger->lots + b->ledger->lot_first;
  b->entry_value = 0.0;
  b->nearest_stop = b->nearest_profit = NAN;
  for (size_t i = 0; i < b->ledger->lot_count; i++) count_lot(b, &lots[i]);
  state_position(b, row);
}

/* Writes the fill into the order and the totals; returns its costs. */
static double charge(sld__broker *b, sld_order *order, const sld__deal *deal) {
  const sld__broker_config *c = &b->config;
  bool buys = order->units > 0.0;
  double size = fabs(order->units);
  order->state = SLD_ORDER_FILLED;
  order->fill_time = deal->time;
  order->fill_bar = b->bars.origin + deal->row;
  order->reference = deal->reference;
  order->price = buys ? deal->side + deal->slippage : deal->side - deal->slippage;
  order->spread_cost = (size * fabs(buys ? b->ask_offset : b->bid_offset)) * deal->rate;
  order->slippage_cost = (size * deal->slippage) * deal->rate;
  order->commission = ((c->commission_frac * size) * order->price) * deal->rate + c->commission_per_lot * (size / c->instrument.lot);
  b->ledger->costs_spread += order->spread_cost;
  b->ledger->costs_slippage += order->slippage_cost;
  b->ledger->costs_commission += order->commission;
  return (order->spread_cost + order->slippage_cost) + order->commission;
}

/* Turns `part` steps of a lot (of its sign, not more than it has) into a closed trade. The lot's last part takes what is left of its costs. */
static int close_part(sld__broker *b, size_t i, double part, const sld_order *order, const sld__deal *deal, double exit_costs) {
  sld__ledger *ledger = b->ledger;
  sld_trade *trade = sld__ledger_add_trade(ledger);
  if (!trade) return sld__broker_fail(b, sld__fail_memory(&b->error));
  sld__lot *lot = ledger->lots + ledger->lot_first + i;
  bool whole_lot = part == lot->steps;
  double entry_costs = whole_lot ? lot->costs : lot->costs * (part / lot->steps);
  trade->entry_order = lot->order;
  trade->exit_order = order->id;
  trade->entry_time = lot->time;
  trade->exit_time = deal->time;
  trade->entry_bar = b->bars.origin + lot->row;
  trade->exit_bar = b->bars.origin + deal->row;
  trade->exit = deal->exit;
  trade->units = part * b->config.instrument.step;
  trade->entry_price = lot->price;
  trade->exit_price = order->price;
  trade->gross = (trade->units * (deal->reference - lot->reference)) * deal->rate;
  trade->costs = entry_costs + exit_costs;
  trade->net = trade->gross - trade->costs;
  ledger->realised += trade->gross;
  b->steps -= part;
  lot->steps -= part;
  lot->costs -= entry_costs;
  if (whole_lot) sld__ledger_remove_lot(ledger, i);
  return 0;
}

static int open_lot(sld__broker *b, double steps, const sld_order *order, const sld__deal *deal, double costs) {
  sld__lot *lot = sld__ledger_add_lot(b->ledger);
  if (!lot) return sld__broker_fail(b, sld__fail_memory(&b->error));
  lot->order = order->id;
  lot->time = deal->time;
  lot->row = deal->row;
  lot->steps = steps;
  lot->reference = deal->reference;
  lot->price = order->price;
  lot->costs = costs;
  lot->stop_loss = order->stop_loss;
  lot->take_profit = order->take_profit;
  b->steps += steps;
  return 0;
}

/* Distances become prices at the fill. */
static void fix_stops(sld_order *order, bool is_long) {
  double away = is_long ? 1.0 : -1.0;
  if (!isnan(order->stop_loss_dist)) order->stop_loss = order->price - away * order->stop_loss_dist;
  if (!isnan(order->take_profit_dist)) order->take_profit = order->price + away * order->take_profit_dist;
}

/* A target's stops protect all that it leaves; returns whether it has any. */
static bool protect_all(sld__broker *b, const sld_order *order) {
  if (order->kind != SLD_ORDER_TARGET || (isnan(order->stop_loss) && isnan(order->take_profit))) return false;
  sld__lot *lots = b->ledger->lots + b->ledger->lot_first;
  for (size_t i = 0; i < b->ledger->lot_count; i++) {
    lots[i].stop_loss = order->stop_loss;
    lots[i].take_profit = order->take_profit;
  }
  return true;
}

int sld__account_fill(sld__broker *b, sld_order *order, double steps, const sld__deal *deal) {
  bool added = b->steps * steps > 0.0;
  double costs = charge(b, order, deal), uncharged = costs;
  double left = steps;
  while (b->steps * left < 0.0) {
    double lot = b->ledger->lots[b->ledger->lot_first].steps;
    double part = fabs(lot) < fabs(left) ? lot : -left;
    double share = part == -left ? uncharged : costs * fabs(part / steps);
    if (close_part(b, 0, part, order, deal, share)) return 1;
    uncharged -= share;
    left += part;
  }
  if (left != 0.0 || order->kind == SLD_ORDER_TARGET) fix_stops(order, b->steps + left > 0.0);
  if (left != 0.0 && open_lot(b, left, order, deal, uncharged)) return 1;
  if (!protect_all(b, order) && added) { /* nothing but one more lot: spare a long queue the recount */
    count_lot(b, &b->ledger->lots[b->ledger->lot_first + b->ledger->lot_count - 1]);
    state_position(b, deal->row);
  } else {
    sld__account_restate(b, deal->row);
  }
  return 0;
}

int sld__account_close_lot(sld__broker *b, size_t i, sld_order *order, const sld__deal *deal) {
  double costs = charge(b, order, deal);
  return close_part(b, i, b->ledger->lots[b->ledger->lot_first + i].steps, order, deal, costs);
}
