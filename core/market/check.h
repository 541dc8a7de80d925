/* What may be wrong with a series although every row of it is possible.
 *
 *   gap       the market was open for longer than it takes notice of, but there is no row: more than one bar and more than an hour, or what is asked for
 *   pause     as a gap, or shorter, but no more than one comes to be missing for rows that are not to be expected: pause.h
 *   closed    rows while the market is closed for the weekend
 *   spike     a price that the rows before and after come nowhere near: over 20 times the usual range away, and half a percent
 *   period    the distance of rows changes for good
 *   clock     weeks end later or earlier than before, seen from Friday 17:00 New York: the clock of the times has changed
 *   zone      weeks do not end on Friday at 17:00 New York from the first: the times are probably of another zone
 *
 * Gaps and closed rows are measured on the market's week (calendar.h), after the clock has been put right by what week_clock.h found; of data stamped by
 * date in trading days. Clock and zone are looked for in bars of up to a day and of up to an hour. */
#ifndef SLD_MARKET_CHECK_H
#define SLD_MARKET_CHECK_H

#include "market/series.h"

struct sld_check {
  sld_allocator allocator;
  sld_finding *findings; /* [count] in order of rows */
  size_t count;
  size_t capacity;
  sld_check_summary summary;
};

/* Looks through a series. `gap_ns` 0: as above. ENAME, EIO: no time zone files; ENOMEM. */
sld_status sld__series_check(sld_check **out, const sld__series *series, int64_t gap_ns, const sld_allocator *a, sld_error *err);

#endif
