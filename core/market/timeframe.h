/* Time frames, and which bar of a time frame an instant belongs to.
 *
 * A frame is a length (15m, 4h, 1d, 1w) or a number of months (1mo). Its bars are aligned on a clock, the one whose midnight ends the day:
 *
 *   ny      New York's, put forward by 7 hours: a day runs from 17:00 New York to 17:00 New York. The FX day, and the default
 *   utc     UTC
 *   source  a zone that the caller names: the clock on which a broker makes its own bars
 *
 * Bars of seconds, minutes and hours divide that day and start at its midnight; weeks start on its Monday, months on its first. So under `ny` a week
 * runs from Sunday 17:00, when the market opens, and a 4h bar starts at 17:00, 21:00, 01:00 ... New York. Where the clock is put forward or back the
 * bars around it are shorter or longer; bars never overlap and leave no instant out. */
#ifndef SLD_MARKET_TIMEFRAME_H
#define SLD_MARKET_TIMEFRAME_H

#include "base/error.h"
#include "base/time.h"
#include "base/zone.h"

typedef struct sld__timeframe {
  int64_t length_ns; /* > 0: a divisor of a day, a day or a week; 0 for months */
  int months;        /* > 0 where length_ns is 0: 1, 2, 3, 4, 6 or 12 */
} sld__timeframe;

/* "30s", "5m", "1h", "4h", "1d", "1w", "1mo". EINVAL in the trader's words: not of this form, or a length that does not divide a day. `what` stands
 * before the message as the argument's path ("options.timeframe"); NULL: none. */
sld_status sld__timeframe_parse(sld__timeframe *out, const char *text, const char *what, sld_error *err);

/* The longest that a bar of it is, but for a clock that is put back: months have 31 days, a year 366. It is what a series of such bars has as its
 * period_ns: a bar is known then or at the open of the next, whichever is first. */
int64_t sld__timeframe_period(const sld__timeframe *frame);

/* "ny", "utc", "source" in the order of sld_day; static. */
const char *sld__day_name(sld_day day);

/* Tells the bars of a frame on a clock. Used by one thread: it remembers the bar found last. */
typedef struct sld__buckets {
  sld__timeframe frame;
  struct sld__zone *zone; /* owned */
  int64_t shift_ns;       /* what the day's clock is ahead of the zone's */
  int64_t from, until;    /* the bar found last; from == until: none yet */
} sld__buckets;

/* `zone` is a clock's name as wall.h has them, needed with SLD_DAY_SOURCE and refused with another day: EINVAL. ENAME, EIO: no such zone. ENOMEM. On failure *out is
 * fit for fini. */
sld_status sld__buckets_init(sld__buckets *out, const sld__timeframe *frame, sld_day day, const char *zone, const sld_allocator *a, sld_error *err);
void sld__buckets_fini(sld__buckets *buckets);

/* Whether a day and its zone go together, for data that know no clock and have no use for them: the same errors. */
sld_status sld__day_check(sld_day day, const char *zone, const sld_allocator *a, sld_error *err);

/* The bar that holds instant `time` is [out->from, out->until); time within the range of stamp.h. Quick where it is the bar asked for before. */
typedef struct sld__bucket {
  int64_t from;
  int64_t until;
} sld__bucket;
sld__bucket sld__buckets_at(sld__buckets *buckets, int64_t time);

#endif
