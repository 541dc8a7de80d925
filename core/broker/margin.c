/* Margin and stop-out. */
#include "broker/margin.h"

/* How far rounding may move a level that is worked out from sums. */
#define ROUNDING 1e-9

static bool below(const sld__broker *b, sld__point point, double rate) {
  double equity = b->cash + sld__book_open_profit(b, point, rate);
  double needed = sld__margin_notional(b, sld__margin_steps(b), point.price, rate);
  return b->config.leverage * equity < b->config.stop_out * needed;
}

size_t sld__margin_worst(const sld__broker *b, sld__point point, double rate, double *profit) {
  double bid = sld__lead_to(&b->closes.bid, point), ask = sld__lead_to(&b->closes.ask, point), step = b->config.instrument.step;
  size_t worst = 0;
  for (size_t i = 0; i < b->ledger->lot_count; i++) {
    const sld__lot *lot = sld__lot_at(b, i);
    double made = ((lot->steps * step) * ((lot->steps > 0.0 ? bid : ask) - lot->price)) * rate;
    if (i > 0 && !(made < *profit)) continue;
    worst = i;
    *profit = made;
  }
  return worst;
}

int sld__margin_test(sld__broker *b, const sld__moment *at, sld__point point) {
  while (sld__margin_is_tested(b) && at->rate > 0.0 && below(b, point, at->rate)) {
    double profit;
    size_t i = sld__margin_worst(b, point, at->rate, &profit);
    const sld__lead *quote = sld__quote(b, sld__lot_at(b, i)->steps < 0.0, true);
    if (sld__fill_lot(b, i, at, sld__touch_data(point, quote), SLD__BY_MARKET)) return 1;
  }
  return 0;
}

/* At price P and rate r the account is below where  cash / r + fixed + net P < k size P,  k = stop_out / leverage. With the rate that makes cash / r
 * smallest this bounds P for every row. */
sld__range sld__margin_watch(const sld__broker *b) {
  static const sld__range always = { INFINITY, -INFINITY };
  double step = b->config.instrument.step, k = b->config.stop_out / b->config.leverage;
  double net = b->position, needs = k * fabs(sld__margin_steps(b) * step), slope = net - needs;
  double fixed = net * b->mark_offset - b->entry_value;
  double rate = b->cash >= 0.0 ? b->bars.rate_high : b->bars.rate_low;
  if (!(rate > 0.0) || b->mark_shorts || slope == 0.0) return always; /* a hedged book of both sides has two prices */
  double level = -(b->cash / rate + fixed) / slope, slack = ROUNDING * (fabs(level) + fabs(fixed / slope));
  sld__range range = { -INFINITY, INFINITY };
  if (slope > 0.0) range.low = level + slack;
  else range.high = level - slack;
  if (b->bars.price_high > 0.0 && range.low < b->bars.price_low && range.high > b->bars.price_high) return (sld__range){ -INFINITY, INFINITY };
  return range;
}
