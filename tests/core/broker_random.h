/* Random accounts and requests of every kind, for tests of the broker. */
#ifndef SLD_TEST_BROKER_RANDOM_H
#define SLD_TEST_BROKER_RANDOM_H

#include "broker_desk.h"

static uint64_t seed;

static inline uint64_t below(uint64_t n) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (seed >> 16) % n;
}

static inline double real(double low, double high) {
  return low + (high - low) * ((double)below(1u << 30) * 0x1p-30);
}

static inline void random_account(desk *d) {
  d->config.fill = (sld_fill)below(4);
  d->config.at = (sld_fill_at)below(3);
  d->config.quotes = (sld_quotes)below(3);
  d->config.spread_on = (sld_spread_on)below(3);
  d->config.sizing = (sld_sizing)below(3);
  d->config.accounting = (sld_accounting)below(2);
  d->config.pyramiding = (int)below(4);
  d->config.spread = below(3) ? 0.0002 : 0.0;
  d->config.slippage = below(3) ? 0.00005 : 0.0;
  d->config.commission_per_order = below(3) ? 0.0 : 1.5;
  d->config.leverage = (const double[]){ 30.0, 2.0, 300.0 }[below(3)];
  d->config.instrument.min_size = below(3) ? 1.0 : 2000.0;
  d->config.capital = below(5) ? 20000.0 : 900.0;
  d->config.close_at_end = below(2) != 0;
  d->config.stop_out = below(3) ? 0.0 : 0.5;
  d->config.margin_call = below(3) ? 1.0 : 1.5;
}

/* Two rolls a row at the most. */
enum { ROLLS_MAX = 1024 };

/* Margin that is tested, and rollovers before and inside some of the rows that the desk has. */
static inline void random_nights(desk *d, sld__roll *rolls) {
  size_t count = 0;
  d->config.stop_out = below(2) ? real(0.2, 0.95) : 0.0;
  if (below(3) == 0) return;
  for (size_t row = 1; row < d->bars.count && count + 2 <= ROLLS_MAX; row++)
    for (int inside = 0; inside < (d->bars.period_ns > 0 ? 2 : 1); inside++) {
      if (below(4)) continue;
      int64_t time = d->time[row] + (inside ? d->bars.period_ns / 2 : 0);
      rolls[count++] = (sld__roll){ .time = time, .row = (int64_t)row, .longs = real(-9.0, 5.0), .shorts = real(-9.0, 5.0), .scale = 1e5, .days = below(5) ? 1 : 3, .inside = inside != 0 };
    }
  d->bars.rolls = rolls;
  d->bars.roll_count = count;
}

static const char *one_of(const char *const *names) {
  return names[below(3)];
}

static inline void random_prices(sld__request *r, double close) {
  double way = below(2) ? 1.0 : -1.0;
  if (below(2)) r->limit = close * (1.0 + way * real(-0.002, 0.01));
  if (below(2)) r->stop = close * (1.0 - way * real(-0.002, 0.01));
}

static inline void random_stops(sld__request *r, double close) {
  double way = r->kind == SLD__BUY || r->value > 0.0 ? 1.0 : -1.0;
  if (below(4) == 0) r->stop_loss = close * (1.0 - way * real(-0.001, 0.01));
  else if (below(4) == 0) r->stop_loss_dist = close * real(0.001, 0.01);
  if (below(4) == 0) r->take_profit = close * (1.0 + way * real(-0.001, 0.01));
  if (below(5)) return;
  r->trail = close * real(0.001, 0.01);
  if (below(2)) r->trail_after = close * real(0.0, 0.005);
  if (below(2)) r->trail_step = close * 0.001;
}

static inline sld__request random_request(double close) {
  static const char *const ids[] = { "a", "b", "c" }, *const exits[] = { "p", "q", NULL }, *const groups[] = { "x", "y", "z" };
  sld__request r = SLD__REQUEST_INIT;
  r.kind = (const sld__request_kind[]){ SLD__TARGET, SLD__BUY, SLD__SELL, SLD__BUY, SLD__SELL, SLD__EXIT, SLD__EXIT, SLD__CLOSE, SLD__CANCEL, SLD__MODIFY }[below(10)];
  switch (r.kind) {
  case SLD__TARGET:
    r.value = (const double[]){ 0.0, 1.0, -1.0, 0.5, -2.0, 80.0 }[below(6)];
    random_stops(&r, close);
    break;
  case SLD__BUY:
  case SLD__SELL:
    r.quantity = below(4) ? SLD_UNITS : SLD_FRACTION;
    r.value = r.quantity == SLD_UNITS ? (double)(1 + below(30000)) : real(0.1, 1.5);
    r.name = below(2) ? one_of(ids) : NULL;
    if (below(3)) random_prices(&r, close);
    random_stops(&r, close);
    r.expire = below(4) ? 0 : (int64_t)(1 + below(6));
    r.reduce_only = below(8) == 0;
    r.reverse = below(6) == 0;
    r.add = below(4) == 0;
    if (below(4) == 0) {
      r.group = one_of(groups);
      r.oca = below(2) ? SLD_OCA_CANCEL : SLD_OCA_REDUCE;
    }
    break;
  case SLD__EXIT:
    r.name = one_of(exits);
    r.of = one_of(ids);
    random_prices(&r, close);
    if (isnan(r.limit) && isnan(r.stop)) r.trail = close * real(0.001, 0.01);
    if (below(3) == 0) r.value = (double)(1 + below(9000));
    break;
  case SLD__CLOSE:
    r.name = below(2) ? one_of(ids) : NULL;
    if (below(2)) r.quantity = SLD_FRACTION, r.value = real(0.1, 1.0);
    break;
  default:
    r.name = one_of(ids);
    if (r.kind == SLD__CANCEL) break;
    random_prices(&r, close);
    random_stops(&r, close);
    break;
  }
  return r;
}

#endif
