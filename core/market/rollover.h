/* When positions are rolled over, and what a unit held then earns.
 *
 * At 17:00 New York, Monday to Friday. One weekday counts three days, for the weekend's value dates (instrument.h), so that a week has seven. A roll is
 * charged in the first bar that opens at or after it, before that bar's fills at the open; one that lies between a bar's open and its close in that
 * bar, after them. So none in a hole of the data is lost.
 *
 *   points  days x swap x 10^-digits, long and short apart
 *   rates   days x price x (earned - paid), each in percent a year / 100 / day count of its currency: a long earns the base currency's rate and pays the
 *           quote currency's, a short the reverse; the markup lowers what is earned. The rate is that of the roll's day in New York, the price the last
 *           one known by then: the bar's open, or the close before it
 *
 * Day counts: 365 for AUD, CAD, GBP, HKD, ILS, INR, KRW, MYR, NZD, PLN, RUB, SGD, THB, TWD, ZAR, else 360.
 * Source: ISDA (2006), Definitions, section 4.16, and the conventions of the currencies' money markets. */
#ifndef SLD_MARKET_ROLLOVER_H
#define SLD_MARKET_ROLLOVER_H

#include "base/zone.h"
#include "market/rates.h"
#include "market/series.h"

/* A rate that a roll lacks. */
typedef enum sld__lacking { SLD__LACKS_NONE = 0, SLD__LACKS_BASE, SLD__LACKS_QUOTE } sld__lacking;

typedef struct sld__roll {
  int64_t time;          /* 17:00 New York, ns UTC */
  int64_t row;           /* of the view: the bar in which it is charged */
  double longs, shorts;  /* what `scale` units earn in quote currency, held long and held short; NaN where a rate is missing */
  double scale;          /* 10^digits for points, 1 for rates */
  uint8_t days;          /* 1 or 3 */
  bool inside;           /* after the bar's open */
  uint8_t lacks;         /* sld__lacking */
} sld__roll;

typedef struct sld__rolls {
  sld__roll *list; /* [count] by time, later than the first row's open */
  size_t count;
  sld_allocator allocator;
} sld__rolls;

typedef struct sld__rolling {
  sld_rollover rollover; /* POINTS or RATES */
  double markup;         /* percent a year */
  const sld__rates *rates;
  const struct sld__zone *new_york;
} sld__rolling;

/* The rolls of rows row0 .. row0 + rows - 1 of a series. EVALUE: no swaps, or no short rate of one of the currencies, are known; ENOMEM. */
sld_status sld__rolls_make(sld__rolls *out, const sld__series *series, size_t row0, size_t rows, const sld__rolling *how, const sld_allocator *a, sld_error *err);

/* Zeroed memory is fine. */
void sld__rolls_free(sld__rolls *rolls);

#endif
