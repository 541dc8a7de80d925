/* One order or one lot's stop dealt: its size and limits at the fill, booking, and what follows for those that wait. */
#ifndef SLD_BROKER_FILL_H
#define SLD_BROKER_FILL_H

#include "broker/book.h"

/* By what something was reached. */
typedef enum sld__leg { SLD__BY_STOP = 0, SLD__BY_TRAIL, SLD__BY_LIMIT, SLD__BY_MARKET } sld__leg;

/* A price: where it stands in the data, and on the side at which levels are compared. */
typedef struct sld__touch {
  sld__point point;
  double price;
} sld__touch;

/* What leads to where levels of an order are compared: `closes` for reduce-only orders and lots' stops. */
static inline const sld__lead *sld__quote(const sld__broker *b, bool buys, bool closes) {
  const sld__sides *quotes = closes ? &b->close_quotes : &b->open_quotes;
  return buys ? &quotes->ask : &quotes->bid;
}

static inline sld__touch sld__touch_data(sld__point point, const sld__lead *quote) {
  return (sld__touch){ point, sld__lead_to(quote, point) };
}

/* A level that is reached on the way to `extreme`, whose spread is taken for that of the level. */
static inline sld__touch sld__touch_level(double level, const sld__lead *quote, sld__point extreme) {
  return (sld__touch){ sld__lead_from(quote, level, extreme), level };
}

/* Each returns 0, or 1 when the broker has ended (a missing rate, no memory). */

/* Deals waiting order `w`, or ends it where nothing can be dealt: no_position, min_size, leverage. The others of its group follow. */
int sld__fill_waiting(sld__broker *b, size_t w, const sld__moment *at, sld__touch touch, sld__leg leg);

/* Closes a lot by a stop of its own, or (BY_MARKET) for want of margin, as an order of its own. */
int sld__fill_lot(sld__broker *b, size_t i, const sld__moment *at, sld__touch touch, sld__leg leg);

/* Deals all waiting market orders at one point of the data, in order of call. */
int sld__fill_market(sld__broker *b, const sld__moment *at, sld__point point);

/* Rejects an order that does not wait. */
void sld__fill_reject(sld__broker *b, sld_order *order, sld_reason reason);

/* A size in whole steps, toward zero. */
double sld__whole_steps(double units, double step);

/* An order that empties or turns the position is never too small. */
bool sld__too_small(const sld__broker *b, double steps);

#endif
