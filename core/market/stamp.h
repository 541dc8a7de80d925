/* Time stamps of data files.
 *
 *   2012-01-03                    a date alone
 *   2012-01-03 17:00              seconds and a fraction of up to nine digits may follow: 17:00:30.250
 *   2012.01.03, 2012/01/03        dots or slashes instead of dashes
 *   2012-01-03T17:00:00Z          T for the blank; Z or an offset +hh:mm, -hhmm, +hh; " GMT+0900", " UTC"
 *   20120103, 20120103 170000     without separators; 170000250 has milliseconds, 17:00 colons; the blank may be missing: 20120103170000
 *   03.01.2012 17:00              a date of day, month and year with dots
 *   03/01/2012, 3-1-2012          the same or month first: only where that is told
 *   1325610000                    seconds since 1970 in 10 digits, milliseconds in 13, microseconds in 16, nanoseconds in 19
 *
 * Dates are those of the proleptic Gregorian calendar, from 1800 to 2090: so many years that 64 bits of nanoseconds hold the distance of any two, with
 * room for the longest bar behind the last. Order of day and month is never guessed. */
#ifndef SLD_MARKET_STAMP_H
#define SLD_MARKET_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

/* Times of bars are SLD__STAMP_MIN <= t < SLD__STAMP_END: 1800-01-01 to the end of 2090. */
#define SLD__STAMP_MIN (-62091 * SLD__NS_PER_DAY)
#define SLD__STAMP_END (44195 * SLD__NS_PER_DAY)

typedef struct sld__stamp {
  int64_t time;   /* ns UTC where `utc` holds, else of the clock on the wall, counted as if it were UTC */
  bool date_only;
  bool utc;       /* the stamp itself says its offset, or counts from 1970 */
} sld__stamp;

/* Reads the whole of text[size]. Returns NULL, or what is wrong in a few words ("no such day"), static; `out` is then not written. */
const char *sld__stamp_parse_as(sld__stamp *out, const char *text, size_t size, sld_day_order order);

/* The same where the order of day and month is not told. */
const char *sld__stamp_parse(sld__stamp *out, const char *text, size_t size);

/* Reads a time of day that stands in a field of its own: 17:00, 17:00:30.250, 170030, 1700. */
const char *sld__stamp_time_of_day(int64_t *ns, const char *text, size_t size);

/* Looks at a date of which day or month comes first: whether it can only be read one way, DAY_FIRST or MONTH_FIRST. UNTOLD: either, or it is no such
 * date. `*is_one`: whether it is such a date. */
sld_day_order sld__stamp_day_order(const char *text, size_t size, bool *is_one);

#endif
