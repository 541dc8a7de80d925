/* Booking. The order of operations is part of the contract (broker.h): results are the same bits everywhere. */
#include "broker/booking.h"

#include <string.h>

#include "base/error.h"
#include "broker/book.h"
#include "broker/shared.h"
#include "broker/tick.h"

int sld__broker_fail(sld__broker *b, sld_status status) {
  b->status = status;
  b->ended = 1;
  return 1;
}

int sld__broker_full(sld__broker *b) {
  if (b->ledger->status != SLD_ELIMIT) return sld__broker_fail(b, sld__fail_memory(&b->error));
  return sld__broker_fail(b, sld__fail(&b->error, SLD_ELIMIT, "more than %zu orders, trades and rollovers (limits.records)", b->ledger->quota->all));
}

int sld__broker_no_rate(sld__broker *b, int64_t time) {
  char at[40];
  sld_time_format(time, at, sizeof at);
  const sld_instrument *pair = &b->config.instrument;
  const char *way = b->bars.rate_way && *b->bars.rate_way ? b->bars.rate_way : NULL;
  if (!way) return sld__broker_fail(b, sld__fail(&b->error, SLD_ERATE, "%s: no conversion rate for %s at %s", pair->pair, pair->quote, at));
  return sld__broker_fail(b, sld__fail(&b->error, SLD_ERATE, "%s: no conversion rate for %s at %s: no close of %s in the ten days before", pair->pair, pair->quote, at, way));
}

/* ---- What the book keeps in sums ---- */

/* A level as a reference price, moved outward so that rounding can't hide a row: the paths compare exactly. */
static double outward(double reference, double way) {
  return reference + way * fabs(reference) * 1e-15;
}

/* Lets stops of a lot wake the book. */
static inline void watch_lot(sld__broker *b, const sld__lot *lot) {
  bool is_long = lot->steps > 0.0;
  const sld__lead *quote = is_long ? &b->close_quotes.bid : &b->close_quotes.ask;
  sld__range *range = quote->way ? &b->lots_ask : &b->lots;
  double below = (is_long ? lot->stop_loss : lot->take_profit) - quote->offset, above = (is_long ? lot->take_profit : lot->stop_loss) - quote->offset;
  if (!isnan(below)) range->low = fmax(range->low, outward(below, 1.0));
  if (!isnan(above)) range->high = fmin(range->high, outward(above, -1.0));
  if (!isnan(lot->trail.distance)) b->lots_trail = true;
}

/* A lot's part of the entry value; `hedged`: the offset at which it is marked goes with it. */
static double value_of(const sld__broker *b, const sld__lot *lot, bool hedged) {
  double offset = hedged ? (lot->steps > 0.0 ? b->closes.bid.offset : b->closes.ask.offset) : 0.0;
  return (lot->steps * b->config.instrument.step) * (lot->reference - offset);
}

static inline void count_lot(sld__broker *b, const sld__lot *lot, bool hedged) {
  b->entry_value += value_of(b, lot, hedged);
  b->gross += fabs(lot->steps);
  watch_lot(b, lot);
}

static void state_position(sld__broker *b, int64_t row) {
  bool held = !b->flat;
  b->flat = b->ledger->lot_count == 0;
  b->position = b->steps * b->config.instrument.step;
  b->cash = sld__account_cash(b->account);
  if (!held) b->held_from = row;
  if (held && b->flat) b->ledger->exposure_rows += (size_t)(row - b->held_from);
  if (b->account->shared) sld__shared_value(b);
  sld__book_watch(b);
}

/* Of both sides: which closes mark the position. */
static void choose_marks(sld__broker *b, bool hedged, bool is_long) {
  bool asks = b->closes.ask.way > 0;
  b->mark_close = asks && !hedged && !is_long ? b->bars.ask_close : b->close;
  b->mark_shorts = asks && hedged ? b->bars.ask_close : NULL;
  b->longs = b->shorts = 0.0;
  for (size_t i = 0; b->mark_shorts && i < b->ledger->lot_count; i++) {
    double units = sld__lot_at(b, i)->steps * b->config.instrument.step;
    if (units > 0.0) b->longs += units;
    else b->shorts += units;
  }
}

void sld__book_restate(sld__broker *b, int64_t row) {
  size_t count = b->ledger->lot_count, longs = 0;
  for (size_t i = 0; i < count; i++) longs += sld__lot_at(b, i)->steps > 0.0;
  bool hedged = longs > 0 && longs < count;
  b->entry_value = b->gross = 0.0;
  b->lots = b->lots_ask = sld__range_none;
  b->lots_trail = false;
  b->mark_offset = hedged ? 0.0 : longs > 0 ? b->closes.bid.offset : b->closes.ask.offset;
  if (b->config.side == SLD_BOTH) choose_marks(b, hedged, longs > 0);
  for (size_t i = 0; i < count; i++) count_lot(b, sld__lot_at(b, i), hedged);
  state_position(b, row);
}

/* ---- Costs ---- */

/* Costs of a number of steps, shared out in parts: the last part takes what is left. */
typedef struct bill {
  double all, left;
  double steps, open; /* open: not yet shared out */
} bill;

static double share(bill *b, double part) {
  double costs = part == b->open ? b->left : b->all * fabs(part / b->steps);
  b->left -= costs;
  b->open -= part;
  return costs;
}

/* Writes costs of dealing `steps` > 0 at `price` into the order and the sums. `spread` is the distance paid, `fee` what the order itself costs. */
static inline bill charge(sld__broker *b, sld_order *order, double steps, double price, double spread, double fee, const sld__deal *deal) {
  const sld__broker_config *c = &b->config;
  double size = steps * c->instrument.step, rate = deal->at.rate;
  double paid = (size * spread) * rate, slipped = (size * deal->slippage) * rate;
  double commission = ((c->commission_frac * size) * price) * rate + c->commission_per_lot * (size / c->instrument.lot) + fee;
  order->spread_cost += paid;
  order->slippage_cost += slipped;
  order->commission += commission;
  b->ledger->costs_spread += paid;
  b->ledger->costs_slippage += slipped;
  b->ledger->costs_commission += commission;
  b->account->costs_spread += paid;
  b->account->costs_slippage += slipped;
  b->account->costs_commission += commission;
  double costs = (paid + slipped) + commission;
  return (bill){ costs, costs, steps, steps };
}

/* ---- Lots ---- */

bool sld__scope_has(const sld__broker *b, const sld__scope *scope, const sld__lot *lot, double steps) {
  if (!scope->closes || !(lot->steps * steps < 0.0)) return false;
  if (scope->lot && lot->order != scope->lot) return false;
  return !scope->entry || strcmp(sld__lot_name(b, lot), scope->entry) == 0;
}

double sld__book_closable(const sld__broker *b, double steps, const sld__scope *scope) {
  double found = 0.0, wanted = fabs(steps);
  for (size_t i = 0; i < b->ledger->lot_count && found < wanted; i++) {
    const sld__lot *lot = sld__lot_at(b, i);
    if (sld__scope_has(b, scope, lot, steps)) found += fabs(lot->steps);
  }
  return found < wanted ? found : wanted;
}

/* Turns `part` steps of a lot (of its sign, not more than it has) into a closed trade. The lot's last part takes what is left of its costs. */
static int close_part(sld__broker *b, size_t i, double part, const sld_order *order, double price, const sld__deal *deal, double exit_costs) {
  sld__ledger *ledger = b->ledger;
  sld_trade *trade = sld__ledger_add_trade(ledger);
  if (!trade) return sld__broker_full(b);
  sld__lot *lot = sld__lot_at(b, i);
  bool whole_lot = part == lot->steps;
  double entry_costs = whole_lot ? lot->costs : lot->costs * (part / lot->steps);
  trade->entry_order = lot->order;
  trade->exit_order = order->id;
  trade->entry_time = lot->time;
  trade->exit_time = deal->at.time;
  trade->entry_bar = b->bars.origin + lot->row;
  trade->exit_bar = b->bars.origin + deal->at.row;
  trade->exit = deal->exit;
  trade->units = part * b->config.instrument.step;
  trade->entry_price = lot->price;
  trade->exit_price = price;
  trade->gross = (trade->units * (deal->reference - lot->reference)) * deal->at.rate;
  trade->costs = entry_costs + exit_costs;
  trade->net = trade->gross - trade->costs;
  ledger->realised += trade->gross;
  b->account->realised += trade->gross;
  b->steps -= part;
  lot->steps -= part;
  lot->costs -= entry_costs;
  if (whole_lot) sld__ledger_remove_lot(ledger, i);
  return 0;
}

static int close_lots(sld__broker *b, const sld_order *order, double steps, double price, const sld__deal *deal, const sld__scope *scope, double closing, bill *costs) {
  double left = closing;
  for (size_t i = 0; i < b->ledger->lot_count && left > 0.0;) {
    const sld__lot *lot = sld__lot_at(b, i);
    if (!sld__scope_has(b, scope, lot, steps)) {
      i++;
      continue;
    }
    bool whole = fabs(lot->steps) <= left;
    double size = whole ? fabs(lot->steps) : left;
    if (close_part(b, i, lot->steps > 0.0 ? size : -size, order, price, deal, share(costs, size))) return 1;
    left -= size;
    if (!whole) i++;
  }
  return 0;
}

static int open_lot(sld__broker *b, double steps, const sld_order *order, double price, const sld__deal *deal, double costs) {
  sld__lot *lot = sld__ledger_add_lot(b->ledger);
  if (!lot) return sld__broker_full(b);
  lot->order = order->id;
  lot->time = deal->at.time;
  lot->row = deal->at.row;
  lot->steps = lot->opened = steps;
  lot->reference = deal->reference;
  lot->price = price;
  lot->costs = costs;
  lot->stop_loss = order->stop_loss;
  lot->take_profit = order->take_profit;
  lot->trail = sld__trail_of(order, price, steps > 0.0);
  b->steps += steps;
  return 0;
}

/* Distances become prices at the fill. */
static void fix_stops(const sld__broker *b, sld_order *order, double price, bool is_long) {
  double away = is_long ? 1.0 : -1.0;
  if (!isnan(order->stop_loss_dist)) order->stop_loss = sld__tick_stop(b, price - away * order->stop_loss_dist, !is_long);
  if (!isnan(order->take_profit_dist)) order->take_profit = sld__tick_limit(b, price + away * order->take_profit_dist, !is_long);
}

/* A target's stops protect all that it leaves; returns whether it has any. */
static bool protect_all(sld__broker *b, const sld_order *order, double price) {
  if (order->kind != SLD_ORDER_TARGET || (isnan(order->stop_loss) && isnan(order->take_profit) && isnan(sld__terms(order)->trail))) return false;
  for (size_t i = 0; i < b->ledger->lot_count; i++) {
    sld__lot *lot = sld__lot_at(b, i);
    lot->stop_loss = order->stop_loss;
    lot->take_profit = order->take_profit;
    lot->trail = sld__trail_of(order, price, lot->steps > 0.0);
  }
  return true;
}

/* Whether one more lot of the side that is held already is all that has changed. */
static bool only_added(const sld__broker *b, double before, double closing) {
  return closing == 0.0 && before != 0.0 && fabs(before) == b->gross && before * b->steps > 0.0 && fabs(b->steps) > fabs(before);
}

int sld__book_deal(sld__broker *b, sld_order *order, double steps, double closing, const sld__deal *deal, const sld__scope *scope) {
  bool buys = steps > 0.0, entry_pays = b->config.spread_on == SLD_SPREAD_ENTRY;
  double before = b->steps, opening = scope->opens ? fabs(steps) - closing : 0.0;
  double slip = buys ? deal->slippage : -deal->slippage;
  double open_price = deal->side + slip, close_price = entry_pays ? deal->reference + slip : open_price;
  double fee = b->config.commission_per_order;
  bool paid = b->config.spread_frac > 0.0 || b->config.side == SLD_BOTH;
  double spread = paid ? fabs(deal->side - deal->reference) : fabs(buys ? b->opens.ask.offset : b->opens.bid.offset);
  order->state = SLD_ORDER_FILLED;
  order->fill_time = deal->at.time;
  order->fill_bar = b->bars.origin + deal->at.row;
  order->filled = (buys ? closing + opening : -(closing + opening)) * b->config.instrument.step;
  order->reference = deal->reference;
  order->price = opening > 0.0 ? open_price : close_price;
  bill costs, opening_costs = { 0.0, 0.0, 0.0, 0.0 };
  if (!entry_pays || closing == 0.0) {
    costs = charge(b, order, closing + opening, order->price, spread, fee, deal);
  } else {
    costs = charge(b, order, closing, close_price, 0.0, fee, deal);
    if (opening > 0.0) opening_costs = charge(b, order, opening, open_price, spread, 0.0, deal);
  }
  if (close_lots(b, order, steps, close_price, deal, scope, closing, &costs)) return 1;
  double signed_opening = buys ? opening : -opening;
  if (opening > 0.0 || order->kind == SLD_ORDER_TARGET) fix_stops(b, order, order->price, b->steps + signed_opening > 0.0);
  if (opening > 0.0 && open_lot(b, signed_opening, order, open_price, deal, entry_pays && closing > 0.0 ? opening_costs.left : share(&costs, opening))) return 1;
  if (opening > 0.0 && sld__terms(order)->name[0] && b->ledger->waiting_count > 0) {
    const char *entry = sld__terms(order)->name;
    if (sld__book_lot_of(b, entry) == sld__lot_at(b, b->ledger->lot_count - 1)) sld__book_fix_exits(b, entry);
  }
  if (b->steps * before <= 0.0 && b->steps != 0.0) b->opened_at = b->ledger->trade_count;
  if (!protect_all(b, order, order->price) && only_added(b, before, closing)) { /* spare a long queue the recount */
    count_lot(b, sld__lot_at(b, b->ledger->lot_count - 1), false);
    state_position(b, deal->at.row);
  } else {
    sld__book_restate(b, deal->at.row);
  }
  return 0;
}
