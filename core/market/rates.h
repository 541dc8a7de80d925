/* Short rates by currency, in percent a year: what rollovers are made of, and what strategies see as sliders.rate.
 *
 * A figure belongs to a day or to a month. For the money of that day or month it is the rate; a strategy sees it once the day or month is over and
 * the publication lag has passed. It holds until the next figure does, but at most ten days longer than its own day or month: then the rate is missing.
 *
 * The day of a figure is a date without a clock, kept as its midnight UTC. */
#ifndef SLD_MARKET_RATES_H
#define SLD_MARKET_RATES_H

#include "base/hash.h"
#include "base/time.h"
#include "market/instrument.h"

/* The figures of one currency. */
typedef struct sld__short_rate {
  char currency[8];
  bool monthly;
  int64_t lag_ns;  /* >= 0, from the end of its day or month to publication */
  size_t count;    /* >= 1 */
  int64_t *date;   /* [count] ascending; of a month its first day */
  double *percent; /* [count] finite, may be below 0 */
} sld__short_rate;

/* Zeroed memory but for the allocator: none. Filled by one thread, then read by all. */
typedef struct sld__rates {
  sld_allocator allocator;
  sld__short_rate *list; /* [count] in order of currency */
  size_t count;
} sld__rates;

/* Reads a file of rates (docs/data.md) and adds its currencies; `own` are the declared instruments, whose currencies count as known. EIO; EPARSE, ENAME,
 * EVALUE (a currency that is there already, figures that are none) with file, line and column; ENOMEM. On failure `rates` is as it was. */
sld_status sld__rates_load(sld__rates *rates, const sld__instruments *own, const char *path, sld_error *err);

void sld__rates_fini(sld__rates *rates);

/* NULL when there are none of that currency. */
const sld__short_rate *sld__rates_find(const sld__rates *rates, const char *currency);

/* The rate of a day, for its money; NaN: missing. */
double sld__short_rate_on(const sld__short_rate *rate, int64_t date);

/* The rate that is published by `time`; NaN: none yet, or none any more. */
double sld__short_rate_known(const sld__short_rate *rate, int64_t time);

/* The same for times[n], which never go back, to out[n]. */
void sld__short_rate_known_by(const sld__short_rate *rate, const int64_t *times, size_t n, double *out);

/* Adds one currency's figures to a hash. */
void sld__short_rate_hash(const sld__short_rate *rate, struct sld__hash *hash);

/* ---- For the reader ---- */

/* Adds a currency that is not there and takes its columns on SLD_OK. ENOMEM. */
sld_status sld__rates_put(sld__rates *rates, const sld__short_rate *rate, sld_error *err);

/* Moves all of `from`, no currency of which is there, from the same allocator. ENOMEM: nothing is moved. */
sld_status sld__rates_take(sld__rates *rates, sld__rates *from, sld_error *err);

#endif
