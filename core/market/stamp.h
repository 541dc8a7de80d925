/* Time stamps of data files as ns UTC.
 *
 *   2012-01-03                    a date alone
 *   2012-01-03 17:00              seconds and a fraction of up to nine digits may follow: 17:00:30.250
 *   2012.01.03 17:00              dots instead of dashes
 *   2012-01-03T17:00:00Z          T for the blank; Z or an offset +hh:mm, -hhmm, +hh; without one the time is UTC
 *   1325610000                    seconds since 1970 in 10 digits, milliseconds in 13, microseconds in 16, nanoseconds in 19
 *
 * Dates are those of the proleptic Gregorian calendar, from 1678 to 2260: what 64 bits of nanoseconds hold, with room for the longest bar
 * behind the last. Order of day and month is never guessed: forms such as 03/01/2012 are not read. */
#ifndef SLD_MARKET_STAMP_H
#define SLD_MARKET_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

/* Times of bars are SLD__STAMP_MIN <= t < SLD__STAMP_END: 1678-01-01 to the end of 2260. */
#define SLD__STAMP_MIN (-106650 * SLD__NS_PER_DAY)
#define SLD__STAMP_END (106286 * SLD__NS_PER_DAY)

typedef struct sld__stamp {
  int64_t time;   /* ns UTC */
  bool date_only;
} sld__stamp;

/* Reads the whole of text[size]. Returns NULL, or what is wrong in a few words ("no such day"), static; `out` is then not written. */
const char *sld__stamp_parse(sld__stamp *out, const char *text, size_t size);

#endif
