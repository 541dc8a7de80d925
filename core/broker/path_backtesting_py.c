/* The path of backtesting.py, from what its tests assert. Rules: docs/fills.md, section 5. */
#include "broker/fill.h"
#include "broker/path.h"

typedef struct bar {
  sld__broker *b;
  sld__moment at;
  sld__point open, high, low;
} bar;

/* The same on the side where an order's levels are compared. */
typedef struct prices { double open, high, low; } prices;

static double max(double a, double b) {
  return a > b ? a : b;
}

static double min(double a, double b) {
  return a < b ? a : b;
}

static prices on_side(const bar *x, const sld__lead *quote) {
  return (prices){ sld__lead_to(quote, x->open), sld__lead_to(quote, x->high), sld__lead_to(quote, x->low) };
}

/* The touch at `price`, which is either the open on that side or a level. */
static sld__touch touch_at(const bar *x, double price, const sld__lead *quote, bool rising) {
  return price == sld__lead_to(quote, x->open) ? sld__touch_data(x->open, quote) : sld__touch_level(price, quote, rising ? x->high : x->low);
}

/* A bracket's stop, the worse of open and level, before its limit, the better of both. */
static bool bracket_reached(const bar *x, bool is_long, double stop, double limit, sld__touch *touch, sld__leg *leg) {
  const sld__lead *quote = sld__quote(x->b, !is_long, true);
  prices y = on_side(x, quote);
  if (is_long ? y.low <= stop : y.high >= stop) {
    *leg = SLD__BY_STOP;
    *touch = touch_at(x, is_long ? min(y.open, stop) : max(y.open, stop), quote, !is_long);
    return true;
  }
  if (is_long ? y.high >= limit : y.low <= limit) {
    *leg = SLD__BY_LIMIT;
    *touch = touch_at(x, is_long ? max(y.open, limit) : min(y.open, limit), quote, is_long);
    return true;
  }
  return false;
}

/* The nearer of stop loss and trailing stop; either may be NaN. */
static double stop_of(double stop, double trail, bool is_long) {
  if (isnan(stop) || isnan(trail)) return isnan(stop) ? trail : stop;
  return is_long ? max(stop, trail) : min(stop, trail);
}

/* Brackets of lots that were there, newest lot first; `from`: only lots of orders from this id on. */
static int lots(bar *x, size_t count) {
  for (size_t i = count; i-- > 0;) {
    if (i >= x->b->ledger->lot_count) continue;
    const sld__lot *lot = sld__lot_at(x->b, i);
    bool is_long = lot->steps > 0.0;
    sld__touch touch;
    sld__leg leg;
    if (bracket_reached(x, is_long, stop_of(lot->stop_loss, lot->trail.level, is_long), lot->take_profit, &touch, &leg))
      if (sld__fill_lot(x->b, i, &x->at, touch, leg)) return 1;
  }
  return 0;
}

/* Where a priced order deals; a stop-limit may only change its state. */
static bool order_reached(const bar *x, size_t w, sld__touch *touch, sld__leg *leg) {
  const sld_order *order = sld__waiting_order(x->b, w);
  sld__waiting *waiting = sld__waiting_at(x->b, w);
  bool buys = sld__book_side(x->b, w) > 0, by_stop = !isnan(sld__terms(order)->stop) && !waiting->triggered;
  const sld__lead *quote = sld__quote(x->b, buys, order->reduce_only);
  prices y = on_side(x, quote);
  double from;
  if (by_stop && !(buys ? y.high >= sld__terms(order)->stop : y.low <= sld__terms(order)->stop)) return false;
  from = by_stop ? (buys ? max(y.open, sld__terms(order)->stop) : min(y.open, sld__terms(order)->stop)) : y.open;
  *leg = SLD__BY_STOP;
  if (!isnan(sld__terms(order)->limit)) {
    *leg = SLD__BY_LIMIT;
    waiting->triggered = waiting->triggered || by_stop;
    if (!(buys ? y.low <= sld__terms(order)->limit : y.high >= sld__terms(order)->limit)) return false;
    if (by_stop && (buys ? sld__terms(order)->limit <= sld__terms(order)->stop : sld__terms(order)->limit >= sld__terms(order)->stop)) return false;
    from = by_stop ? sld__terms(order)->stop : y.open;
    from = buys ? min(from, sld__terms(order)->limit) : max(from, sld__terms(order)->limit);
  }
  *touch = touch_at(x, from, quote, by_stop ? buys : !buys);
  return true;
}

static int exits(bar *x) {
  int64_t last = 0;
  for (size_t w = 0; w < x->b->ledger->waiting_count; w = sld__book_after(x->b, last)) {
    const sld_order *order = sld__waiting_order(x->b, w);
    last = order->id;
    if (order->kind != SLD_ORDER_EXIT || sld__waiting_later(x->b, w, x->at.row) || !(sld__book_reserved(x->b, w, -1) > 0.0)) continue;
    bool is_long = sld__book_side(x->b, w) < 0;
    sld__touch touch;
    sld__leg leg;
    if (bracket_reached(x, is_long, stop_of(sld__terms(order)->stop, sld__waiting_at(x->b, w)->trail.level, is_long), sld__terms(order)->limit, &touch, &leg))
      if (sld__fill_waiting(x->b, w, &x->at, touch, leg)) return 1;
  }
  return 0;
}

static int closes(bar *x) {
  int64_t last = 0;
  for (size_t w = 0; w < x->b->ledger->waiting_count; w = sld__book_after(x->b, last)) {
    const sld_order *order = sld__waiting_order(x->b, w);
    last = order->id;
    if (order->kind != SLD_ORDER_CLOSE || sld__waiting_later(x->b, w, x->at.row)) continue;
    const sld__lead *quote = sld__quote(x->b, sld__book_side(x->b, w) > 0, true);
    if (sld__fill_waiting(x->b, w, &x->at, sld__touch_data(x->open, quote), SLD__BY_MARKET)) return 1;
  }
  return 0;
}

/* Lets a lot that an order has just opened meet this bar: wholly after a market order; after a stop order only its take profit, where the bar
 * holds that and not the stop loss. */
static int meet_new_lot(bar *x, int64_t id, bool by_market, bool by_stop) {
  size_t count = x->b->ledger->lot_count, i = count;
  while (i > 0 && sld__lot_at(x->b, i - 1)->order != id) i--;
  if (i-- == 0) return 0;
  const sld__lot *lot = sld__lot_at(x->b, i);
  bool is_long = lot->steps > 0.0;
  double stop = stop_of(lot->stop_loss, lot->trail.level, is_long);
  prices y = on_side(x, sld__quote(x->b, !is_long, true));
  sld__touch touch;
  sld__leg leg;
  if (by_stop && !(is_long ? y.high >= lot->take_profit && !(y.low <= stop) : y.low <= lot->take_profit && !(y.high >= stop))) return 0;
  if ((!by_market && !by_stop) || !bracket_reached(x, is_long, stop, lot->take_profit, &touch, &leg)) return 0;
  return sld__fill_lot(x->b, i, &x->at, touch, leg);
}

static int orders(bar *x) {
  int64_t last = 0;
  for (size_t w = 0; w < x->b->ledger->waiting_count; w = sld__book_after(x->b, last)) {
    const sld_order *order = sld__waiting_order(x->b, w);
    last = order->id;
    if (order->kind == SLD_ORDER_EXIT || sld__waiting_later(x->b, w, x->at.row)) continue;
    bool by_market = sld__order_is_market(order), by_stop = order->kind == SLD_ORDER_STOP;
    sld__touch touch = sld__touch_data(x->open, sld__quote(x->b, sld__book_side(x->b, w) > 0, order->reduce_only));
    sld__leg leg = SLD__BY_MARKET;
    if (!by_market && !order_reached(x, w, &touch, &leg)) continue;
    if (sld__fill_waiting(x->b, w, &x->at, touch, leg) || meet_new_lot(x, last, by_market, by_stop)) return 1;
  }
  return 0;
}

int sld__path_backtesting_py(sld__broker *b, int64_t row) {
  bar x = { b, sld__moment_inside(b, row), sld__point_open(b, row), sld__point_high(b, row), sld__point_low(b, row) };
  return closes(&x) || lots(&x, b->ledger->lot_count) || exits(&x) || orders(&x);
}
