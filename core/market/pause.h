/* When a series is expected to have no rows although the market is open (calendar.h): pauses.
 *
 *   edge      up to four hours of a trading day beside a weekend, Christmas Day or New Year's Day, where they lack in one piece with that
 *   holiday   the same, but of any length, of 24, 26 and 31 December, 2 January, Good Friday and Easter Monday
 *   recurring an hour or more of the trading day that lacks on over half of the days of its twelve weeks, as where a broker closes at 17:00 for an hour; and what
 *             lacks in one piece with it, up to four hours before: it closed early
 *
 * The day is looked at in half hours from 17:00 New York. Days without any row tell nothing of them, and fewer than ten days neither. Data stamped by date know holidays alone. */
#ifndef SLD_MARKET_PAUSE_H
#define SLD_MARKET_PAUSE_H

#include "market/calendar.h"

typedef struct sld__pauses {
  sld_allocator allocator;
  const sld__calendar *calendar; /* borrowed */
  int64_t first_day;
  int64_t last_seen;   /* the trading day of the row counted last */
  size_t count;        /* of stretches of twelve weeks; the last takes what is left */
  struct sld__pause_stretch *stretches;
} sld__pauses;

/* For rows from `first` to `last`, instants. ENOMEM; then fit for fini. */
sld_status sld__pauses_init(sld__pauses *out, int64_t first, int64_t last, const sld__calendar *calendar, const sld_allocator *a, sld_error *err);
void sld__pauses_fini(sld__pauses *pauses);

/* Learns of a row, in order, and of what lacks before it: [end, time), `before` being the time of the row before. Equal to it for the first row. */
void sld__pauses_learn(sld__pauses *pauses, int64_t before, int64_t end, int64_t time);

/* For how many ns of [from, until), all of which lacks, the market is open and yet no row expected. To be asked when all is learnt. */
int64_t sld__pauses_ns(const sld__pauses *pauses, int64_t from, int64_t until);

/* Of data stamped by date: how many of the days [from, until), all of which lack, are holidays as above. */
int64_t sld__pauses_days(int64_t from, int64_t until);

#endif
