/* Ticks and trailing stops: small rules that several files share.
 *
 * Only path `tradingview` rounds prices; elsewhere they stay as they are asked for. A tick is 10^-digits of the instrument. */
#ifndef SLD_BROKER_TICK_H
#define SLD_BROKER_TICK_H

#include "broker/broker.h"

/* Ticks in one unit of price. */
static inline double sld__ticks_per_unit(const sld__broker *b) {
  double scale = 1.0;
  for (int i = 0; i < b->config.instrument.digits; i++) scale *= 10.0;
  return scale;
}

/* A price in whole ticks: up or down, but within 1e-4 of a tick it is that tick. Dividing by a power of ten gives the double nearest to the decimal. */
static inline double sld__tick_round(const sld__broker *b, double price, bool up) {
  if (b->config.path != SLD_PATH_TRADINGVIEW || !isfinite(price)) return price;
  double scale = sld__ticks_per_unit(b), ticks = price * scale, nearest = floor(ticks + 0.5);
  if (fabs(ticks - nearest) <= 1e-4) return nearest / scale;
  return (up ? ceil(ticks) : floor(ticks)) / scale;
}

/* Away from the market: a buy stop up, a sell stop down; a buy limit down, a sell limit up. */
static inline double sld__tick_stop(const sld__broker *b, double price, bool buys) {
  return sld__tick_round(b, price, buys);
}

static inline double sld__tick_limit(const sld__broker *b, double price, bool buys) {
  return sld__tick_round(b, price, !buys);
}

/* The nearest tick, for levels computed from prices and distances in whole ticks. */
static inline double sld__tick_nearest(const sld__broker *b, double price) {
  if (b->config.path != SLD_PATH_TRADINGVIEW || !isfinite(price)) return price;
  double scale = sld__ticks_per_unit(b);
  return floor(price * scale + 0.5) / scale;
}

/* The trailing stop that an order gives a lot dealt at `price`. */
static inline sld__trail sld__trail_of(const sld_order *order, double price, bool is_long) {
  sld__trail trail = { sld__terms(order)->trail, sld__terms(order)->trail_after, sld__terms(order)->trail_step, NAN, NAN };
  if (!isnan(trail.distance) && isnan(trail.after)) trail.level = is_long ? price - trail.distance : price + trail.distance;
  return trail;
}

#endif
