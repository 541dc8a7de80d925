/* What waits in a book: finding, ending, reserving, waking. The rows in which nothing can happen are skipped by two comparisons each: the levels that
 * wait are kept as the nearest below and above, moved outward by a few roundings, and the paths compare exactly. */
#include "broker/book.h"

#include <string.h>

#include "broker/margin.h"
#include "broker/tick.h"

/* ---- Finding ---- */

size_t sld__book_after(const sld__broker *b, int64_t id) {
  size_t w = 0;
  while (w < b->ledger->waiting_count && b->ledger->waiting[w].order <= id) w++;
  return w;
}

static const char *entry_of(const sld__broker *b, const sld_order *order) {
  return sld__order_name(b, order->parent);
}

const sld__lot *sld__book_lot_of(const sld__broker *b, const char *entry) {
  for (size_t i = 0; i < b->ledger->lot_count; i++)
    if (strcmp(sld__lot_name(b, sld__lot_at(b, i)), entry) == 0) return sld__lot_at(b, i);
  return NULL;
}

void sld__book_fix_exits(sld__broker *b, const char *entry) {
  const sld__lot *lot = sld__book_lot_of(b, entry);
  if (!lot) return;
  bool is_long = lot->steps > 0.0;
  double away = is_long ? 1.0 : -1.0;
  for (size_t w = 0; w < b->ledger->waiting_count; w++) {
    const sld_order *order = sld__waiting_order(b, w);
    if (order->kind != SLD_ORDER_EXIT || strcmp(entry_of(b, order), entry) != 0) continue;
    sld_order_terms *terms = sld__terms_edit(order);
    sld__waiting *waiting = sld__waiting_at(b, w);
    if (!isnan(order->stop_loss_dist)) terms->stop = sld__tick_stop(b, lot->price - away * order->stop_loss_dist, !is_long);
    if (!isnan(order->take_profit_dist)) terms->limit = sld__tick_limit(b, lot->price + away * order->take_profit_dist, !is_long);
    if (!isnan(waiting->trail_at)) terms->trail_after = waiting->trail.after = away * (waiting->trail_at - lot->price);
  }
}

bool sld__book_awaits(const sld__broker *b, const char *entry) {
  for (size_t w = 0; w < b->ledger->waiting_count; w++) {
    const sld_order *order = sld__waiting_order(b, w);
    if (!order->reduce_only && strcmp(sld__terms(order)->name, entry) == 0) return true;
  }
  return false;
}

sld__scope sld__book_scope(const sld__broker *b, size_t w) {
  const sld_order *order = sld__waiting_order(b, w);
  sld__scope scope = { .opens = !order->reduce_only, .closes = true };
  if (order->parent) {
    if (sld__waiting_at(b, w)->one_lot) scope.lot = order->parent;
    else if (!sld__waiting_at(b, w)->fifo) scope.entry = entry_of(b, order);
  }
  if (b->config.accounting == SLD_HEDGE && !order->reduce_only && order->kind != SLD_ORDER_TARGET) scope.closes = false;
  return scope;
}

int sld__book_side_of_exit(const sld__broker *b, const sld_order *exit) {
  const sld__lot *lot = sld__book_lot_of(b, entry_of(b, exit));
  return lot ? (lot->steps > 0.0 ? -1 : 1) : 0;
}

/* Steps that an exit asks for of lots that opened `opened` steps. */
static double wanted_by(const sld__waiting *exit, double opened) {
  if (exit->steps > 0.0) return exit->steps;
  return isnan(exit->fraction) ? INFINITY : floor(exit->fraction * opened + 1e-9);
}

double sld__book_reserved(const sld__broker *b, size_t w, int64_t late_row) {
  const char *entry = entry_of(b, sld__waiting_order(b, w));
  const sld__lot *oldest = sld__book_lot_of(b, entry);
  if (!oldest) return 0.0;
  double held = 0.0, opened = 0.0;
  for (size_t i = 0; i < b->ledger->lot_count; i++) {
    const sld__lot *lot = sld__lot_at(b, i);
    if (strcmp(sld__lot_name(b, lot), entry) != 0 || lot->steps * oldest->steps < 0.0 || (lot->late && lot->row == late_row)) continue;
    held += fabs(lot->steps);
    opened += fabs(lot->opened);
  }
  double part = 0.0;
  for (size_t i = 0; i <= w; i++) {
    const sld_order *order = sld__waiting_order(b, i);
    if (order->kind != SLD_ORDER_EXIT || strcmp(entry_of(b, order), entry) != 0) continue;
    double wanted = wanted_by(sld__waiting_at(b, i), opened);
    part = wanted < held ? wanted : held;
    held -= part;
  }
  return part;
}

double sld__book_projected(const sld__broker *b) {
  double steps = b->steps;
  for (size_t w = 0; w < b->ledger->waiting_count; w++) {
    const sld_order *order = sld__waiting_order(b, w);
    if (!sld__order_is_market(order)) continue;
    double part = sld__waiting_at(b, w)->steps;
    if (order->reduce_only) part = part * steps >= 0.0 ? 0.0 : fabs(part) < fabs(steps) ? part : -steps;
    steps += part;
  }
  return steps;
}

/* ---- Ending ---- */

void sld__book_end(sld__broker *b, size_t w, sld_order_state state, sld_reason reason) {
  sld_order *order = sld__waiting_order(b, w);
  sld__order_stamp(b, order);
  order->state = state;
  order->reason = reason;
  if (state == SLD_ORDER_REJECTED) b->ledger->rejected_count++;
  sld__ledger_remove_waiting(b->ledger, w);
}

void sld__book_end_market(sld__broker *b, sld_order_state state, sld_reason reason) {
  if (b->ledger->waiting_count == 0) return;
  for (size_t w = 0; w < b->ledger->waiting_count;) {
    if (sld__order_is_market(sld__waiting_order(b, w))) sld__book_end(b, w, state, reason);
    else w++;
  }
  sld__book_purge(b);
  sld__book_watch(b);
}

void sld__book_end_all(sld__broker *b, sld_order_state state, sld_reason reason) {
  for (size_t w = 0; w < b->ledger->waiting_count; w++) {
    sld_order *order = sld__waiting_order(b, w);
    sld__order_stamp(b, order);
    order->state = state;
    order->reason = reason;
  }
  b->ledger->waiting_count = 0;
  sld__book_watch(b);
}

void sld__book_purge(sld__broker *b) {
  for (size_t w = 0; w < b->ledger->waiting_count;) {
    const sld_order *order = sld__waiting_order(b, w);
    bool lost = order->kind == SLD_ORDER_EXIT && !sld__book_lot_of(b, entry_of(b, order)) && !sld__book_awaits(b, entry_of(b, order));
    if (lost) sld__book_end(b, w, SLD_ORDER_CANCELLED, SLD_REASON_NO_POSITION);
    else w++;
  }
}

void sld__book_expire(sld__broker *b, int64_t row) {
  bool ended = false;
  for (size_t w = 0; w < b->ledger->waiting_count;) {
    const sld_order *order = sld__waiting_order(b, w);
    if (sld__terms(order)->expires >= 0 && sld__terms(order)->expires <= b->bars.origin + row) {
      sld__book_end(b, w, SLD_ORDER_EXPIRED, SLD_REASON_TIME_LIMIT);
      ended = true;
    } else {
      w++;
    }
  }
  if (!ended) return;
  sld__book_purge(b);
  sld__book_watch(b);
}

/* Makes waiting order `w` smaller; returns whether anything of it is left. An exit of all that is left has no size of its own. */
static bool shrink(sld__broker *b, size_t w, double steps) {
  sld__waiting *waiting = sld__waiting_at(b, w);
  if (waiting->steps == 0.0) return true;
  double left = fabs(waiting->steps) - fabs(steps);
  if (left <= 0.0) return false;
  waiting->steps = waiting->steps > 0.0 ? left : -left;
  return true;
}

void sld__book_group_dealt(sld__broker *b, const sld_order *dealt) {
  if (!dealt->group) return;
  double steps = dealt->filled / b->config.instrument.step;
  steps = steps < 0.0 ? -floor(0.5 - steps) : floor(steps + 0.5);
  for (size_t w = 0; w < b->ledger->waiting_count;) {
    const sld_order *order = sld__waiting_order(b, w);
    bool ends = order->group == dealt->group && (sld__terms(dealt)->oca == SLD_OCA_CANCEL || !shrink(b, w, steps));
    if (ends) sld__book_end(b, w, SLD_ORDER_CANCELLED, SLD_REASON_OCA);
    else w++;
  }
}

/* ---- Waking ---- */

static void wake_below(sld__range *wake, double price) {
  if (!isnan(price)) wake->low = fmax(wake->low, price + fabs(price) * 1e-15);
}

static void wake_above(sld__range *wake, double price) {
  if (!isnan(price)) wake->high = fmin(wake->high, price - fabs(price) * 1e-15);
}

/* Lets the levels of one waiting order wake the book, on whichever side they are compared. */
static void watch_order(sld__broker *b, size_t w) {
  const sld_order *order = sld__waiting_order(b, w);
  const sld__waiting *waiting = sld__waiting_at(b, w);
  int side = sld__book_side(b, w);
  if (sld__order_is_market(order)) b->wake_row = 0;
  if (!isnan(waiting->trail.distance)) b->trails = true;
  if (sld__terms(order)->expires >= 0 && sld__terms(order)->expires - b->bars.origin < b->wake_row) b->wake_row = sld__terms(order)->expires - b->bars.origin;
  if (side == 0) { /* its entry wakes it */
    return;
  }
  const sld__sides *quotes = order->reduce_only ? &b->close_quotes : &b->open_quotes;
  const sld__lead *quote = side > 0 ? &quotes->ask : &quotes->bid;
  sld__range *wake = quote->way > 0 ? &b->wake_ask : &b->wake;
  double stop = sld__terms(order)->stop - quote->offset, limit = sld__terms(order)->limit - quote->offset;
  wake_above(wake, side > 0 ? stop : limit);
  wake_below(wake, side > 0 ? limit : stop);
  if (quote->way < 0) b->wake_row = 0; /* prices that are in no column */
}

/* Prices at which the account may be stopped out. */
static void watch_margin(sld__broker *b) {
  sld__range range = sld__margin_watch(b), *wake = b->mark_close == b->close ? &b->wake : &b->wake_ask;
  wake->low = fmax(wake->low, range.low);
  wake->high = fmin(wake->high, range.high);
}

void sld__book_watch(sld__broker *b) {
  b->wake = b->lots;
  b->wake_ask = b->lots_ask;
  b->wake_row = INT64_MAX;
  b->trails = b->lots_trail;
  size_t count = b->ledger->waiting_count;
  for (size_t w = 0; w < count; w++) watch_order(b, w);
  if (b->trails) b->wake_row = 0;
  if (sld__margin_is_tested(b)) watch_margin(b);
  bool levels = b->wake.low > -INFINITY || b->wake.high < INFINITY || b->wake_ask.low > -INFINITY || b->wake_ask.high < INFINITY;
  bool rolls = !b->flat && b->roll < b->bars.roll_count;
  b->calm = rolls && b->bars.rolls[b->roll].row <= b->last ? b->bars.rolls[b->roll].row - 1 : b->last;
  if (rolls && b->calm < b->wake_row) b->wake_row = b->calm + 1;
  b->busy = count > 0 || b->trails || b->closing || levels || b->mark_shorts;
}

/* The first row of from..end-1 that reaches what waits for the bid or for the ask, or `end`. */
static int64_t next_of_both(const sld__broker *b, int64_t from, int64_t end) {
  const sld__broker_bars *x = &b->bars;
  sld__range bid = b->wake, ask = b->wake_ask;
  int64_t row = from;
  while (row < end && !(x->low[row] <= bid.low || x->high[row] >= bid.high || x->ask_low[row] <= ask.low || x->ask_high[row] >= ask.high)) row++;
  return row;
}

int64_t sld__book_next_row(const sld__broker *b, int64_t from, int64_t to) {
  const double *low = b->bars.low, *high = b->bars.high;
  double below = b->wake.low, above = b->wake.high;
  int64_t end = b->wake_row <= to ? (b->wake_row > from ? b->wake_row : from) : to + 1, row = from;
  if (b->config.side == SLD_BOTH) return next_of_both(b, from, end);
  while (row < end && !(low[row] <= below || high[row] >= above)) row++;
  return row;
}

/* ---- Trailing ---- */

/* Moves one stop to a close on the side at which it is compared. */
static void follow(sld__trail *trail, double close, double entry, bool is_long) {
  double way = is_long ? 1.0 : -1.0, level = close - way * trail->distance;
  if (isnan(trail->distance)) return;
  if (isnan(trail->level)) {
    if (isnan(trail->after) || way * (close - entry) >= trail->after) trail->level = level;
    return;
  }
  double better = way * (level - trail->level);
  if (better > 0.0 && !(better < trail->step)) trail->level = level;
}

void sld__book_follow_exit(sld__broker *b, size_t w, int64_t row) {
  const sld_order *order = sld__waiting_order(b, w);
  const sld__lot *lot = order->kind == SLD_ORDER_EXIT ? sld__book_lot_of(b, entry_of(b, order)) : NULL;
  if (!lot) return;
  bool is_long = lot->steps > 0.0;
  double close = sld__lead_to(is_long ? &b->close_quotes.bid : &b->close_quotes.ask, sld__point_close(b, row));
  follow(&sld__waiting_at(b, w)->trail, close, lot->price, is_long);
}

void sld__book_follow(sld__broker *b, int64_t row) {
  if (!b->trails || b->config.path == SLD_PATH_TRADINGVIEW) return;
  sld__point close = sld__point_close(b, row);
  double bid = sld__lead_to(&b->close_quotes.bid, close), ask = sld__lead_to(&b->close_quotes.ask, close);
  for (size_t i = 0; i < b->ledger->lot_count; i++) {
    sld__lot *lot = sld__lot_at(b, i);
    follow(&lot->trail, lot->steps > 0.0 ? bid : ask, lot->price, lot->steps > 0.0);
  }
  for (size_t w = 0; w < b->ledger->waiting_count; w++) sld__book_follow_exit(b, w, row);
}
