/* The pessimistic path: of two things that a bar could have done first, it did the one that costs more.
 *
 * Steps of a bar: market orders, gaps, stops, entries, limits (docs/fills.md, section 3). */
#include <string.h>

#include "broker/fill.h"
#include "broker/path.h"

typedef struct bar {
  sld__broker *b;
  sld__moment at;
  sld__point open, high, low;
} bar;

/* ---- What a bar reaches ---- */

/* Whether a price has come to a level from below (`rising`) or above. A level of NaN is never reached. */
static bool reached(double price, double level, bool rising) {
  return rising ? price >= level : price <= level;
}

/* Whether the open has passed a level. */
static bool gapped(const bar *x, double level, const sld__lead *quote, bool rising) {
  return reached(sld__lead_to(quote, x->open), level, rising);
}

/* Whether the bar has come to a level. */
static bool inside(const bar *x, double level, const sld__lead *quote, bool rising) {
  return reached(sld__lead_to(quote, rising ? x->high : x->low), level, rising);
}

/* When levels are compared: at the open; between it and the close; or likewise for a lot that was opened on the way, which has not seen the open. */
typedef enum when { AT_OPEN, INSIDE, ON_THE_WAY } when;

static bool comes_to(const bar *x, double level, const sld__lead *quote, bool rising, when at) {
  return at == AT_OPEN ? gapped(x, level, quote, rising) : inside(x, level, quote, rising);
}

/* Where it deals then. A level that the open had passed, but of an order or lot that only the open's own deals have woken, is not come to any more. */
static sld__touch touch_at(const bar *x, double level, const sld__lead *quote, bool rising, when at) {
  bool at_open = at == AT_OPEN || (at == INSIDE && gapped(x, level, quote, rising));
  return at_open ? sld__touch_data(x->open, quote) : sld__touch_level(level, quote, rising ? x->high : x->low);
}

/* The stop nearer to the market of two that protect a long (or short) lot. */
static double nearer(double stop, double trail, bool is_long, sld__leg *leg) {
  bool by_trail = !isnan(trail) && (isnan(stop) || (is_long ? trail > stop : trail < stop));
  *leg = by_trail ? SLD__BY_TRAIL : SLD__BY_STOP;
  return by_trail ? trail : stop;
}

/* ---- Lots ---- */

static bool late(const bar *x, const sld__lot *lot) {
  return lot->late && lot->row == x->at.row;
}

/* Where a stop (or take profit) of a lot deals: true with touch and leg. */
static bool lot_stop(const bar *x, const sld__lot *lot, when at, sld__touch *touch, sld__leg *leg) {
  bool is_long = lot->steps > 0.0;
  const sld__lead *quote = sld__quote(x->b, !is_long, true);
  double level = nearer(lot->stop_loss, lot->trail.level, is_long, leg);
  if (!comes_to(x, level, quote, !is_long, at)) return false;
  *touch = touch_at(x, level, quote, !is_long, at);
  return true;
}

static bool lot_profit(const bar *x, const sld__lot *lot, when at, sld__touch *touch, sld__leg *leg) {
  bool is_long = lot->steps > 0.0;
  const sld__lead *quote = sld__quote(x->b, !is_long, true);
  *leg = SLD__BY_LIMIT;
  if (late(x, lot) || !comes_to(x, lot->take_profit, quote, is_long, at)) return false;
  *touch = touch_at(x, lot->take_profit, quote, is_long, at);
  return true;
}

/* A stop of a lot opened inside this bar, at `entry`, deals no better than the lot was opened. */
static void worsen(sld__touch *touch, sld__point entry, const sld__lead *quote, bool is_long) {
  double worst = sld__lead_to(quote, entry);
  if (is_long ? touch->price > worst : touch->price < worst) *touch = sld__touch_data(entry, quote);
}

static bool late_stop(const bar *x, const sld__lot *lot, sld__point entry, sld__touch *touch, sld__leg *leg) {
  if (!lot_stop(x, lot, ON_THE_WAY, touch, leg)) return false;
  bool is_long = lot->steps > 0.0;
  worsen(touch, entry, sld__quote(x->b, !is_long, true), is_long);
  return true;
}

static int lots_at_open(bar *x) {
  for (size_t i = 0; i < x->b->ledger->lot_count;) {
    const sld__lot *lot = sld__lot_at(x->b, i);
    int64_t id = lot->order;
    sld__touch touch;
    sld__leg leg;
    if (lot_stop(x, lot, AT_OPEN, &touch, &leg) || lot_profit(x, lot, AT_OPEN, &touch, &leg))
      if (sld__fill_lot(x->b, i, &x->at, touch, leg)) return 1;
    if (i < x->b->ledger->lot_count && sld__lot_at(x->b, i)->order == id) i++;
  }
  return 0;
}

/* Stops inside the bar (SLD__BY_STOP) or take profits (SLD__BY_LIMIT). */
static int lots_inside(bar *x, sld__leg what) {
  for (size_t i = 0; i < x->b->ledger->lot_count;) {
    const sld__lot *lot = sld__lot_at(x->b, i);
    int64_t id = lot->order;
    sld__touch touch;
    sld__leg leg;
    bool hit = what == SLD__BY_STOP ? !late(x, lot) && lot_stop(x, lot, INSIDE, &touch, &leg) : lot_profit(x, lot, INSIDE, &touch, &leg);
    if (hit && sld__fill_lot(x->b, i, &x->at, touch, leg)) return 1;
    if (i < x->b->ledger->lot_count && sld__lot_at(x->b, i)->order == id) i++;
  }
  return 0;
}

/* ---- Exits and reduce-only orders ---- */

/* The side of a reduce-only order that could deal now; 0: none could. */
static int exit_side(const bar *x, size_t w, int64_t late_row) {
  const sld_order *order = sld__waiting_order(x->b, w);
  if (!order->reduce_only || sld__order_is_market(order) || sld__waiting_later(x->b, w, x->at.row)) return 0;
  if (order->kind == SLD_ORDER_EXIT && !(sld__book_reserved(x->b, w, late_row) > 0.0)) return 0;
  return sld__book_side(x->b, w);
}

static bool exit_stop(const bar *x, size_t w, int side, when at, sld__touch *touch, sld__leg *leg) {
  const sld_order *order = sld__waiting_order(x->b, w);
  const sld__lead *quote = sld__quote(x->b, side > 0, true);
  double level = nearer(sld__terms(order)->stop, sld__waiting_at(x->b, w)->trail.level, side < 0, leg);
  if (order->kind == SLD_ORDER_STOP_LIMIT || !comes_to(x, level, quote, side > 0, at)) return false;
  *touch = touch_at(x, level, quote, side > 0, at);
  return true;
}

static bool exit_limit(const bar *x, size_t w, int side, when at, sld__touch *touch, sld__leg *leg) {
  const sld_order *order = sld__waiting_order(x->b, w);
  const sld__lead *quote = sld__quote(x->b, side > 0, true);
  *leg = SLD__BY_LIMIT;
  if (order->kind == SLD_ORDER_STOP_LIMIT || !comes_to(x, sld__terms(order)->limit, quote, side < 0, at)) return false;
  *touch = touch_at(x, sld__terms(order)->limit, quote, side < 0, at);
  return true;
}

static int exits_at_open(bar *x) {
  int64_t last = 0;
  for (size_t w = 0; w < x->b->ledger->waiting_count; w = sld__book_after(x->b, last)) {
    last = sld__waiting_order(x->b, w)->id;
    int side = exit_side(x, w, -1);
    sld__touch touch;
    sld__leg leg;
    if (side && (exit_stop(x, w, side, AT_OPEN, &touch, &leg) || exit_limit(x, w, side, AT_OPEN, &touch, &leg)))
      if (sld__fill_waiting(x->b, w, &x->at, touch, leg)) return 1;
  }
  return 0;
}

static int exits_inside(bar *x, sld__leg what) {
  int64_t last = 0;
  for (size_t w = 0; w < x->b->ledger->waiting_count; w = sld__book_after(x->b, last)) {
    last = sld__waiting_order(x->b, w)->id;
    int side = exit_side(x, w, x->at.row);
    sld__touch touch;
    sld__leg leg;
    bool hit = side && (what == SLD__BY_STOP ? exit_stop(x, w, side, INSIDE, &touch, &leg) : exit_limit(x, w, side, INSIDE, &touch, &leg));
    if (hit && sld__fill_waiting(x->b, w, &x->at, touch, leg)) return 1;
  }
  return 0;
}

/* Stops of exits of the entry that opened the newest lot inside this bar, at `entry`. */
static int late_exits(bar *x, const char *name, sld__point entry) {
  int64_t last = 0;
  for (size_t w = 0; w < x->b->ledger->waiting_count; w = sld__book_after(x->b, last)) {
    const sld_order *order = sld__waiting_order(x->b, w);
    last = order->id;
    if (order->kind != SLD_ORDER_EXIT || strcmp(sld__order_name(x->b, order->parent), name) != 0) continue;
    int side = exit_side(x, w, -1);
    sld__touch touch;
    sld__leg leg;
    if (!side || !exit_stop(x, w, side, ON_THE_WAY, &touch, &leg)) continue;
    worsen(&touch, entry, sld__quote(x->b, side > 0, true), side < 0);
    if (sld__fill_waiting(x->b, w, &x->at, touch, leg)) return 1;
  }
  return 0;
}

/* ---- Entries ---- */

/* Where an order that is not reduce-only deals at the open or inside the bar. A stop-limit may only change its state. */
static bool entry_reached(const bar *x, size_t w, when at, sld__touch *touch, sld__leg *leg) {
  const sld_order *order = sld__waiting_order(x->b, w);
  sld__waiting *waiting = sld__waiting_at(x->b, w);
  bool buys = sld__book_side(x->b, w) > 0;
  const sld__lead *quote = sld__quote(x->b, buys, order->reduce_only);
  if (!isnan(sld__terms(order)->stop) && !waiting->triggered) {
    if (!comes_to(x, sld__terms(order)->stop, quote, buys, at)) return false;
    *touch = touch_at(x, sld__terms(order)->stop, quote, buys, at);
    *leg = SLD__BY_STOP;
    if (isnan(sld__terms(order)->limit)) return true;
    *leg = SLD__BY_LIMIT;
    waiting->triggered = true;
    waiting->resting = at == AT_OPEN ? x->at.row : x->at.row + 1;
    return buys ? touch->price <= sld__terms(order)->limit : touch->price >= sld__terms(order)->limit;
  }
  *leg = SLD__BY_LIMIT;
  if (waiting->triggered && waiting->resting > x->at.row) return false;
  if (!comes_to(x, sld__terms(order)->limit, quote, !buys, at)) return false;
  *touch = touch_at(x, sld__terms(order)->limit, quote, !buys, at);
  return true;
}

/* Deals the newest lot's own stops where the order that has just been dealt opened one inside the bar. */
static int protect_late(bar *x, int64_t id, sld__point entry) {
  size_t count = x->b->ledger->lot_count;
  if (count == 0 || sld__lot_at(x->b, count - 1)->order != id) return 0;
  sld__lot *lot = sld__lot_at(x->b, count - 1);
  lot->late = true;
  sld__touch touch;
  sld__leg leg;
  if (late_stop(x, lot, entry, &touch, &leg)) return sld__fill_lot(x->b, count - 1, &x->at, touch, leg);
  const char *name = sld__order_name(x->b, id);
  return name[0] ? late_exits(x, name, entry) : 0;
}

static int entries(bar *x, when at) {
  int64_t last = 0;
  for (size_t w = 0; w < x->b->ledger->waiting_count; w = sld__book_after(x->b, last)) {
    const sld_order *order = sld__waiting_order(x->b, w);
    last = order->id;
    sld__touch touch;
    sld__leg leg;
    bool turn = !sld__order_is_market(order) && (!order->reduce_only || order->kind == SLD_ORDER_STOP_LIMIT);
    if (!turn || sld__waiting_later(x->b, w, x->at.row) || !entry_reached(x, w, at, &touch, &leg)) continue;
    if (sld__fill_waiting(x->b, w, &x->at, touch, leg)) return 1;
    if (at == INSIDE && protect_late(x, last, touch.point)) return 1;
  }
  return 0;
}

int sld__path_pessimistic_open(sld__broker *b, int64_t row) {
  bar x = { b, sld__moment_inside(b, row), sld__point_open(b, row), { 0.0, 0.0 }, { 0.0, 0.0 } };
  if (b->ledger->waiting_count && sld__fill_market(b, &x.at, x.open)) return 1;
  if (!b->busy) return 0;
  bool priced = b->ledger->waiting_count > 0;
  return lots_at_open(&x) || (priced && (exits_at_open(&x) || entries(&x, AT_OPEN)));
}

int sld__path_pessimistic_rest(sld__broker *b, int64_t row) {
  bar x = { b, sld__moment_inside(b, row), sld__point_open(b, row), sld__point_high(b, row), sld__point_low(b, row) };
  bool priced = b->ledger->waiting_count > 0;
  if (lots_inside(&x, SLD__BY_STOP) || (priced && (exits_inside(&x, SLD__BY_STOP) || entries(&x, INSIDE)))) return 1;
  return lots_inside(&x, SLD__BY_LIMIT) || (priced && exits_inside(&x, SLD__BY_LIMIT));
}
