/* Requests about what is there already: closes, exits, cancel, modify. */
#include <string.h>

#include "base/error.h"
#include "broker/path.h"
#include "broker/request.h"
#include "broker/tick.h"

/* ---- Closes ---- */

/* Whether a close is about this lot. */
static bool means(const sld__broker *b, const sld__request *q, const sld__lot *lot, bool longs) {
  if ((lot->steps > 0.0) != longs || (q->lot && lot->order != q->lot)) return false;
  return !q->name || strcmp(sld__lot_name(b, lot), q->name) == 0;
}

/* Marks of each lot what waiting close `w` will take of it, after those before. */
static void speak_for(sld__broker *b, size_t w) {
  sld__scope scope = sld__book_scope(b, w);
  double steps = sld__waiting_at(b, w)->steps;
  for (size_t i = 0; i < b->ledger->lot_count && steps != 0.0; i++) {
    sld__lot *lot = sld__lot_at(b, i);
    if (lot->steps * steps > 0.0 || (scope.lot && lot->order != scope.lot)) continue;
    if (scope.entry && strcmp(sld__lot_name(b, lot), scope.entry) != 0) continue;
    double part = fmin(fabs(steps), fabs(lot->steps) - lot->spoken);
    lot->spoken += part;
    steps += steps > 0.0 ? -part : part;
  }
}

static void speak_for_all(sld__broker *b) {
  for (size_t i = 0; i < b->ledger->lot_count; i++) sld__lot_at(b, i)->spoken = 0.0;
  for (size_t w = 0; w < b->ledger->waiting_count; w++)
    if (sld__waiting_order(b, w)->kind == SLD_ORDER_CLOSE) speak_for(b, w);
}

/* Steps held by the lots that a close is about, of one sign; in *rest those that no close that waits will take. A close of the oldest lots, whoever
 * opened them, only has its size from these. */
static double held(const sld__broker *b, const sld__request *q, bool longs, double *rest) {
  double steps = 0.0;
  *rest = 0.0;
  for (size_t i = 0; i < b->ledger->lot_count; i++) {
    const sld__lot *lot = sld__lot_at(b, i);
    if (!means(b, q, lot, longs)) continue;
    steps += lot->steps;
    *rest += q->fifo ? lot->steps : lot->steps - (longs ? lot->spoken : -lot->spoken);
  }
  return steps;
}

/* The part of `steps` that is asked for, at most `rest`, negated. */
static double part_of(const sld__broker *b, const sld__request *q, double steps, double rest) {
  if (isnan(q->value)) return -rest;
  double size = q->quantity == SLD_FRACTION ? floor(q->value * fabs(steps) + 1e-9)
    : sld__whole_steps(q->quantity == SLD_LOTS ? q->value * b->config.instrument.lot : q->value, b->config.instrument.step);
  if (size > fabs(rest)) size = fabs(rest);
  return steps > 0.0 ? -size : size;
}

static int close_side(sld__broker *b, const sld__request *q, int64_t row, bool longs) {
  double rest, steps = held(b, q, longs, &rest);
  if (rest == 0.0) return 0;
  sld__draft d = { q, row, SLD_ORDER_CLOSE, part_of(b, q, steps, rest), NAN, 0, q->lot, q->lot != 0 };
  if (q->name) d.parent = sld__book_lot_of(b, q->name)->order;
  bool nothing = d.steps == 0.0 || (d.steps != -rest && fabs(d.steps) * b->config.instrument.step < b->config.instrument.min_size);
  return sld__request_place(b, &d, nothing ? SLD_REASON_MIN_SIZE : SLD_REASON_NONE);
}

int sld__request_close(sld__broker *b, const sld__request *q, int64_t row) {
  if (!isnan(q->value) && !(isfinite(q->value) && q->value > 0.0)) return sld__request_refuse(b, sld_quantity_name(q->quantity), q->value, ", not above 0");
  bool whole = !q->name && !q->lot && isnan(q->value);
  b->last_target = NAN;
  if (whole && b->config.path == SLD_PATH_PESSIMISTIC) sld__book_end_market(b, SLD_ORDER_CANCELLED, SLD_REASON_REPLACED);
  speak_for_all(b);
  return close_side(b, q, row, true) || close_side(b, q, row, false);
}

/* ---- Exits ---- */

/* Whether an exit with a quantity of this id and entry was dealt since the position was opened. */
static bool spent(const sld__broker *b, const char *name, const char *entry) {
  if (b->flat) return false;
  for (size_t i = b->opened_at; i < b->ledger->trade_count; i++) {
    const sld_order *order = sld__order_of(b, b->ledger->trades[i].exit_order);
    if (order->kind != SLD_ORDER_EXIT || isnan(order->size) || strcmp(sld__terms(order)->name, name) != 0) continue;
    if (strcmp(sld__order_name(b, order->parent), entry) == 0) return true;
  }
  return false;
}

/* The order that an exit of this entry hangs on, and which way it protects: the oldest lot's, else the one that waits. 0: none. */
static int64_t entry_order(const sld__broker *b, const char *entry, int *way) {
  const sld__lot *lot = sld__book_lot_of(b, entry);
  *way = lot ? (lot->steps > 0.0 ? 1 : -1) : 0;
  if (lot) return lot->order;
  for (size_t w = 0; w < b->ledger->waiting_count; w++) {
    const sld_order *order = sld__waiting_order(b, w);
    if (order->reduce_only || strcmp(sld__terms(order)->name, entry) != 0) continue;
    *way = sld__book_side(b, w);
    return order->id;
  }
  return 0;
}

static size_t find_exit(const sld__broker *b, const char *name, const char *entry) {
  size_t w = 0;
  for (; w < b->ledger->waiting_count; w++) {
    const sld_order *order = sld__waiting_order(b, w);
    if (order->kind == SLD_ORDER_EXIT && strcmp(sld__terms(order)->name, name) == 0 && strcmp(sld__order_name(b, order->parent), entry) == 0) break;
  }
  return w;
}

static bool same_number(double a, double b) {
  return a == b || (isnan(a) && isnan(b));
}

/* Gives an exit that waits new levels; a trailing stop with the same distances and price keeps what it has seen. */
static void change_trail(sld__broker *b, size_t w, const sld__request *q) {
  sld_order_terms *terms = sld__terms_edit(sld__waiting_order(b, w));
  sld__waiting *waiting = sld__waiting_at(b, w);
  sld__trail *trail = &waiting->trail;
  double distance = sld__tick_round(b, q->trail, true), after = sld__tick_round(b, q->trail_after, true), at = sld__tick_nearest(b, q->trail_at);
  bool same = same_number(trail->distance, distance) && same_number(waiting->trail_at, at) && (!isnan(at) || same_number(trail->after, after));
  terms->trail = trail->distance = distance;
  if (!same || isnan(at)) terms->trail_after = trail->after = after;
  waiting->trail_at = at;
  terms->trail_step = trail->step = q->trail_step;
  if (!same) trail->best = trail->level = NAN;
}

static void see_close(sld__broker *b, size_t w, int64_t row) {
  if (b->config.path == SLD_PATH_TRADINGVIEW) sld__path_tradingview_see(b, w, row);
  else sld__book_follow_exit(b, w, row);
  sld__book_watch(b);
}

/* The size of an exit in steps, or as a fraction. */
static void exit_size(const sld__broker *b, const sld__request *q, double *steps, double *fraction) {
  *steps = 0.0;
  *fraction = NAN;
  if (isnan(q->value)) return;
  if (q->quantity == SLD_FRACTION) *fraction = q->value;
  else *steps = sld__whole_steps(q->quantity == SLD_LOTS ? q->value * b->config.instrument.lot : q->value, b->config.instrument.step);
}

int sld__request_exit(sld__broker *b, const sld__request *q, int64_t row) {
  if (!isnan(q->value) && !(isfinite(q->value) && q->value > 0.0)) return sld__request_refuse(b, sld_quantity_name(q->quantity), q->value, ", not above 0");
  bool limits = !isnan(q->limit) || !isnan(q->take_profit_dist), stops = !isnan(q->stop) || !isnan(q->stop_loss_dist);
  if (!limits && !stops && isnan(q->trail)) return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "exit needs limit, stop or trail"));
  if (!q->of || !q->of[0]) return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "exit needs of, the id of an entry"));
  const char *name = q->name ? q->name : "";
  if (!isnan(q->value) && spent(b, name, q->of)) return 0;
  sld__draft d = { q, row, SLD_ORDER_EXIT, 0.0, NAN, 0, 0, false };
  exit_size(b, q, &d.steps, &d.fraction);
  d.parent = entry_order(b, q->of, &d.way);
  size_t w = find_exit(b, name, q->of);
  if (d.parent == 0) return sld__request_place(b, &d, SLD_REASON_UNKNOWN_ID);
  if (!isnan(q->value) && isnan(d.fraction) && d.steps == 0.0) return sld__request_place(b, &d, SLD_REASON_MIN_SIZE);
  if (w == b->ledger->waiting_count) {
    if (sld__request_place(b, &d, SLD_REASON_NONE)) return 1;
    w = find_exit(b, name, q->of);
  } else {
    sld_order *order = sld__waiting_order(b, w);
    sld_order_terms *terms = sld__terms_edit(order);
    order->size = q->value;
    order->quantity = q->quantity;
    terms->limit = sld__tick_limit(b, q->limit, d.way < 0);
    terms->stop = sld__tick_stop(b, q->stop, d.way < 0);
    order->stop_loss_dist = q->stop_loss_dist;
    order->take_profit_dist = q->take_profit_dist;
    sld__waiting_at(b, w)->steps = d.steps;
    sld__waiting_at(b, w)->fraction = d.fraction;
    sld__waiting_at(b, w)->fifo = q->fifo;
    if (q->expire > 0) terms->expires = b->bars.origin + sld__book_next(b) - 1 + q->expire;
    change_trail(b, w, q);
  }
  sld__book_fix_exits(b, q->of);
  see_close(b, w, row);
  return 0;
}

/* ---- Cancel ---- */

int sld__request_cancel(sld__broker *b, const sld__request *q) {
  for (size_t w = 0; w < b->ledger->waiting_count;) {
    if (!q->name || strcmp(sld__terms(sld__waiting_order(b, w))->name, q->name) == 0) sld__book_end(b, w, SLD_ORDER_CANCELLED, SLD_REASON_REQUEST);
    else w++;
  }
  sld__book_purge(b);
  sld__book_watch(b);
  return 0;
}

/* ---- Modify ---- */

static void set(double *field, double value) {
  if (!isnan(value)) *field = value;
}

/* Sets the price form of a stop: a price drops a distance, a distance drops a price. */
static void set_stop(double *price, double *dist, double new_price, double new_dist) {
  if (!isnan(new_price)) *price = new_price, *dist = NAN;
  if (!isnan(new_dist)) *dist = new_dist, *price = NAN;
}

static sld_reason change_waiting(sld__broker *b, size_t w, const sld__request *q, int64_t row) {
  sld_order *order = sld__waiting_order(b, w);
  sld_order_terms *terms = sld__terms_edit(order); /* a priced order or an exit: it has some */
  sld__waiting *waiting = sld__waiting_at(b, w);
  int way;
  if (order->kind == SLD_ORDER_EXIT) (void)entry_order(b, sld__order_name(b, order->parent), &way);
  else way = sld__book_side(b, w);
  bool buys = order->kind == SLD_ORDER_EXIT ? way < 0 : way > 0;
  if (!isnan(q->stop) && order->kind != SLD_ORDER_EXIT && sld__request_wrong_side(b, q->stop, buys, row)) return SLD_REASON_STOP_SIDE;
  double price = isnan(q->limit) ? (isnan(q->stop) ? (isnan(terms->limit) ? terms->stop : terms->limit) : q->stop) : q->limit;
  if (order->kind != SLD_ORDER_EXIT && sld__request_wrong_stops(b, q->stop_loss, q->take_profit, price, way, row)) return SLD_REASON_STOP_SIDE;
  if (!isnan(q->value)) {
    double steps = sld__whole_steps(q->quantity == SLD_LOTS ? q->value * b->config.instrument.lot : q->value, b->config.instrument.step);
    if (steps == 0.0) return SLD_REASON_MIN_SIZE;
    waiting->fraction = NAN;
    waiting->steps = order->kind == SLD_ORDER_EXIT || way > 0 ? steps : -steps;
    order->size = q->value;
    order->quantity = q->quantity;
    if (order->kind != SLD_ORDER_EXIT) order->units = waiting->steps * b->config.instrument.step;
  }
  if (order->kind == SLD_ORDER_EXIT) { /* a price takes the place of a distance */
    if (!isnan(q->stop)) order->stop_loss_dist = (double)NAN;
    if (!isnan(q->limit)) order->take_profit_dist = (double)NAN;
  }
  if (!isnan(terms->limit) || order->kind == SLD_ORDER_EXIT) set(&terms->limit, sld__tick_limit(b, q->limit, buys));
  if (!isnan(terms->stop) || order->kind == SLD_ORDER_EXIT) set(&terms->stop, sld__tick_stop(b, q->stop, buys));
  set_stop(&order->stop_loss, &order->stop_loss_dist, sld__tick_stop(b, q->stop_loss, way < 0), q->stop_loss_dist);
  set_stop(&order->take_profit, &order->take_profit_dist, sld__tick_limit(b, q->take_profit, way < 0), q->take_profit_dist);
  if (q->expire > 0) terms->expires = b->bars.origin + sld__book_next(b) - 1 + q->expire;
  if (!isnan(q->trail) && order->kind == SLD_ORDER_EXIT) {
    change_trail(b, w, q);
  } else if (!isnan(q->trail)) {
    terms->trail = sld__tick_round(b, q->trail, true);
    terms->trail_after = sld__tick_round(b, q->trail_after, true);
    terms->trail_step = q->trail_step;
  }
  if (order->kind == SLD_ORDER_EXIT) {
    sld__book_fix_exits(b, sld__order_name(b, order->parent));
    if (!isnan(q->trail)) see_close(b, w, row);
  }
  return SLD_REASON_NONE;
}

static sld_reason change_lot(sld__broker *b, sld__lot *lot, const sld__request *q, int64_t row) {
  bool is_long = lot->steps > 0.0;
  double away = is_long ? 1.0 : -1.0, close = sld__lead_to(sld__quote(b, !is_long, true), sld__point_close(b, row));
  double stop = isnan(q->stop_loss_dist) ? q->stop_loss : lot->price - away * q->stop_loss_dist;
  double profit = isnan(q->take_profit_dist) ? q->take_profit : lot->price + away * q->take_profit_dist;
  if (sld__request_wrong_stops(b, stop, profit, NAN, is_long ? 1 : -1, row)) return SLD_REASON_STOP_SIDE;
  set(&lot->stop_loss, sld__tick_stop(b, stop, !is_long));
  set(&lot->take_profit, sld__tick_limit(b, profit, !is_long));
  if (!isnan(q->trail)) {
    lot->trail = (sld__trail){ sld__tick_round(b, q->trail, true), sld__tick_round(b, q->trail_after, true), q->trail_step, NAN, NAN };
    if (isnan(q->trail_after) || away * (close - lot->price) >= q->trail_after) lot->trail.best = close, lot->trail.level = close - away * lot->trail.distance;
  }
  return SLD_REASON_NONE;
}

/* A record of a change that was refused. */
static int refuse_change(sld__broker *b, const sld__request *q, int64_t row, sld_reason reason) {
  sld__draft d = { q, row, SLD_ORDER_MODIFY, 0.0, NAN, 0, q->lot, false };
  return sld__request_place(b, &d, reason);
}

int sld__request_modify(sld__broker *b, const sld__request *q, int64_t row) {
  if (!isnan(q->value) && !(isfinite(q->value) && q->value > 0.0)) return sld__request_refuse(b, sld_quantity_name(q->quantity), q->value, ", not above 0");
  sld_reason reason = SLD_REASON_UNKNOWN_ID;
  for (size_t w = 0; q->name && q->name[0] && w < b->ledger->waiting_count; w++) {
    const sld_order *order = sld__waiting_order(b, w);
    if (sld__order_is_market(order) || strcmp(sld__terms(order)->name, q->name) != 0) continue;
    reason = change_waiting(b, w, q, row);
    sld__book_watch(b);
    return reason ? refuse_change(b, q, row, reason) : 0;
  }
  for (size_t i = 0; i < b->ledger->lot_count; i++) {
    sld__lot *lot = sld__lot_at(b, i);
    bool meant = q->lot ? lot->order == q->lot : q->name && q->name[0] && strcmp(sld__lot_name(b, lot), q->name) == 0;
    if (!meant) continue;
    reason = change_lot(b, lot, q, row);
    if (reason) break;
  }
  if (reason) return refuse_change(b, q, row, reason);
  sld__book_restate(b, row);
  return 0;
}
