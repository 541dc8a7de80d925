/* The path of TradingView's strategy tester: the price walks along straight segments and meets one level after the other.
 *
 * The walk is in prices of the data; levels are compared where their side stands. Of both sides bid and ask walk together: they are
 * at the corners of their bars at the same times. Rules: docs/orders.md, section 4. */
#include "broker/fill.h"
#include "broker/path.h"
#include "broker/tick.h"

typedef struct walk {
  sld__broker *b;
  sld__moment moment;
  sld__point at; /* where the price stands */
  bool at_open;  /* everything stands at one point: buys before sells */
} walk;

/* The next thing that the walk meets. */
typedef struct meeting {
  bool found;
  bool is_lot;
  size_t index; /* of the lot or waiting order */
  sld__leg leg;
  bool buys;
  bool passed;  /* dealt where the price stands, not at its level */
  double level;
  const sld__lead *quote;
  double distance; /* in price; of both sides as a part of the segment, where both can be met on one */
  int64_t id;   /* order of call */
} meeting;

/* ---- Trailing stops ---- */

/* Lets a trailing stop see a price (on the side where the lot is closed) after the lot was opened at `entry`. */
static void see(const sld__broker *b, sld__trail *trail, double price, double entry, bool is_long) {
  if (isnan(trail->distance)) return;
  if (isnan(trail->best)) {
    double activation = isnan(trail->after) ? price : sld__tick_nearest(b, is_long ? entry + trail->after : entry - trail->after);
    if (is_long ? price >= activation : price <= activation) trail->best = price;
  } else if (is_long ? price > trail->best : price < trail->best) {
    trail->best = price;
  }
}

static const sld__lot *lot_of_exit(const sld__broker *b, size_t w) {
  const sld_order *order = sld__waiting_order(b, w);
  return order->kind == SLD_ORDER_EXIT ? sld__book_lot_of(b, sld__order_name(b, order->parent)) : NULL;
}

static void see_all(const walk *x) {
  sld__broker *b = x->b;
  if (!b->trails) return;
  double bid = sld__lead_to(&b->close_quotes.bid, x->at), ask = sld__lead_to(&b->close_quotes.ask, x->at);
  for (size_t i = 0; i < b->ledger->lot_count; i++) {
    sld__lot *lot = sld__lot_at(b, i);
    see(b, &lot->trail, lot->steps > 0.0 ? bid : ask, lot->price, lot->steps > 0.0);
  }
  for (size_t w = 0; w < b->ledger->waiting_count; w++) {
    const sld__lot *lot = lot_of_exit(b, w);
    if (lot) see(b, &sld__waiting_at(b, w)->trail, lot->steps > 0.0 ? bid : ask, lot->price, lot->steps > 0.0);
  }
}

void sld__path_tradingview_see(sld__broker *b, size_t w, int64_t row) {
  const sld__lot *lot = lot_of_exit(b, w);
  if (!lot) return;
  double close = sld__lead_to(sld__quote(b, lot->steps < 0.0, true), sld__point_close(b, row));
  see(b, &sld__waiting_at(b, w)->trail, close, lot->price, lot->steps > 0.0);
}

/* ---- Meetings ---- */

/* Whether `a` is met before `m`. */
static bool earlier(const walk *x, const meeting *a, const meeting *m) {
  if (!m->found) return true;
  if (x->at_open) {
    if (a->buys != m->buys) return a->buys;
    if (a->distance != m->distance) return a->distance < m->distance;
    return a->id != m->id ? a->id < m->id : a->leg < m->leg;
  }
  if (a->distance != m->distance) return a->distance < m->distance;
  return a->leg != m->leg ? a->leg < m->leg : a->id < m->id;
}

/* Takes `c` where the walk to `to` meets it, and before what was found so far. `rising`: reached by a price that comes up to it. */
static void consider(const walk *x, sld__point to, meeting c, bool rising, meeting *found) {
  if (isnan(c.level)) return;
  double at = sld__lead_to(c.quote, x->at), end = sld__lead_to(c.quote, to);
  c.found = true;
  c.passed = rising ? at >= c.level : at <= c.level;
  if (!c.passed && !(rising ? end >= c.level : end <= c.level)) return;
  c.distance = c.passed && !x->at_open ? 0.0 : fabs(c.level - at);
  if (x->b->config.side == SLD_BOTH && !c.passed) c.distance /= fabs(end - at);
  if (earlier(x, &c, found)) *found = c;
}

/* A trailing stop: its level once it is awake; without a distance it is a limit at the price of its activation. */
static void consider_trail(const walk *x, sld__point to, meeting c, const sld__trail *trail, double entry, meeting *found) {
  if (isnan(trail->distance)) return;
  double way = c.buys ? -1.0 : 1.0;
  c.leg = SLD__BY_TRAIL;
  if (!isnan(trail->best)) {
    c.level = sld__tick_nearest(x->b, trail->best - way * trail->distance);
    consider(x, to, c, c.buys, found);
  } else if (trail->distance == 0.0) {
    c.level = sld__tick_nearest(x->b, entry + way * trail->after);
    consider(x, to, c, !c.buys, found);
  }
}

static void consider_bracket(const walk *x, sld__point to, meeting c, double stop, double limit, const sld__trail *trail, double entry, meeting *found) {
  c.quote = sld__quote(x->b, c.buys, true);
  c.leg = SLD__BY_STOP;
  c.level = stop;
  consider(x, to, c, c.buys, found);
  consider_trail(x, to, c, trail, entry, found);
  c.leg = SLD__BY_LIMIT;
  c.level = limit;
  consider(x, to, c, !c.buys, found);
}

static void consider_exit(const walk *x, sld__point to, size_t w, meeting *found) {
  const sld_order *order = sld__waiting_order(x->b, w);
  if (!(sld__book_reserved(x->b, w, -1) > 0.0)) return;
  const sld__lot *lot = lot_of_exit(x->b, w);
  meeting c = { .index = w, .buys = lot->steps < 0.0, .id = order->id };
  consider_bracket(x, to, c, sld__terms(order)->stop, sld__terms(order)->limit, &sld__waiting_at(x->b, w)->trail, lot->price, found);
}

static void consider_order(const walk *x, sld__point to, size_t w, meeting *found) {
  const sld_order *order = sld__waiting_order(x->b, w);
  bool buys = sld__book_side(x->b, w) > 0;
  meeting c = { .index = w, .buys = buys, .id = order->id, .quote = sld__quote(x->b, buys, order->reduce_only) };
  bool by_stop = !isnan(sld__terms(order)->stop) && !sld__waiting_at(x->b, w)->triggered;
  c.leg = by_stop ? SLD__BY_STOP : SLD__BY_LIMIT;
  c.level = by_stop ? sld__terms(order)->stop : sld__terms(order)->limit;
  consider(x, to, c, by_stop ? buys : !buys, found);
}

static meeting next_meeting(const walk *x, sld__point to) {
  sld__broker *b = x->b;
  meeting found = { .found = false };
  for (size_t i = 0; i < b->ledger->lot_count; i++) {
    const sld__lot *lot = sld__lot_at(b, i);
    meeting c = { .is_lot = true, .index = i, .buys = lot->steps < 0.0, .id = lot->order };
    consider_bracket(x, to, c, lot->stop_loss, lot->take_profit, &lot->trail, lot->price, &found);
  }
  for (size_t w = 0; w < b->ledger->waiting_count; w++) {
    const sld_order *order = sld__waiting_order(b, w);
    if (sld__order_is_market(order) || sld__waiting_later(b, w, x->moment.row)) continue;
    if (order->kind == SLD_ORDER_EXIT) consider_exit(x, to, w, &found);
    else consider_order(x, to, w, &found);
  }
  return found;
}

/* ---- Walking ---- */

/* Goes to where a level is met that has not been passed. Of both sides the spread changes evenly on the way. */
static void go_to(walk *x, const meeting *m, sld__point to) {
  double here = x->at.ask - x->at.price, there = to.ask - to.price;
  sld__point near = { 0.0, x->b->config.side == SLD_BOTH ? here + m->distance * (there - here) : 0.0 };
  x->at = sld__lead_from(m->quote, m->level, near);
}

static int deal(walk *x, const meeting *m) {
  sld__touch touch = { x->at, m->passed ? sld__lead_to(m->quote, x->at) : m->level };
  if (m->is_lot) return sld__fill_lot(x->b, m->index, &x->moment, touch, m->leg);
  const sld_order *order = sld__waiting_order(x->b, m->index);
  if (order->kind == SLD_ORDER_STOP_LIMIT && m->leg == SLD__BY_STOP) {
    sld__waiting_at(x->b, m->index)->triggered = true;
    return 0;
  }
  return sld__fill_waiting(x->b, m->index, &x->moment, touch, m->leg);
}

/* Goes to `to` and deals what lies on the way. */
static int go(walk *x, sld__point to) {
  for (;;) {
    see_all(x);
    meeting m = next_meeting(x, to);
    if (!m.found) break;
    if (!m.passed) go_to(x, &m, to);
    if (deal(x, &m)) return 1;
  }
  x->at = to;
  return 0;
}

int sld__path_tradingview_open(sld__broker *b, int64_t row) {
  sld__point open = sld__point_open(b, row);
  walk x = { b, sld__moment_inside(b, row), open, true };
  if (sld__fill_market(b, &x.moment, open)) return 1;
  return b->busy ? go(&x, open) : 0;
}

int sld__path_tradingview_rest(sld__broker *b, int64_t row) {
  sld__point open = sld__point_open(b, row), high = sld__point_high(b, row), low = sld__point_low(b, row), close = sld__point_close(b, row);
  walk x = { b, sld__moment_inside(b, row), open, false };
  bool high_first = fabs(high.price - open.price) < fabs(open.price - low.price);
  if (go(&x, high_first ? high : low) || go(&x, high_first ? low : high) || go(&x, close)) return 1;
  see_all(&x);
  return 0;
}

int sld__path_tradingview_close(sld__broker *b, int64_t row) {
  sld__moment at = sld__moment_close(b, row);
  at.rate = sld__moment_inside(b, row).rate; /* TradingView converts by the bar's day, not by that of its close */
  walk x = { b, at, sld__point_close(b, row), false };
  if (sld__fill_market(b, &x.moment, x.at)) return 1;
  return go(&x, x.at);
}
