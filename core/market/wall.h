/* The clock on the wall where a file was written: from its local times to UTC.
 *
 *   "UTC", "GMT"                    UTC itself
 *   "+05:30", "-0330", "UTC+2"      a fixed offset, east of Greenwich counted +
 *   "America/New_York"              any zone of the system's time zone files
 *   "EET-NY"                        Eastern European time with summer time by New York's dates: New York and seven hours, what most MetaTrader
 *                                   servers keep, so that a day ends at 17:00 in New York
 *   "floating"                      not known; times are taken as they stand
 *
 * A local time that the clock shows twice is its first instant, or the second where the first is not later than the row before. One that it
 * skips does not exist and is an error: it says that the zone is wrong. A wall does not change after it was opened; each reader keeps
 * a cursor of its own. */
#ifndef SLD_MARKET_WALL_H
#define SLD_MARKET_WALL_H

#include "base/error.h"

struct sld__zone;

enum { SLD__WALL_NAME_SIZE = 64 };

typedef struct sld__wall {
  struct sld__zone *zone; /* NULL: a fixed offset */
  int64_t shift_ns;       /* added to the zone's local time; without a zone, to UTC */
  bool floating;
  char name[SLD__WALL_NAME_SIZE];
} sld__wall;

/* Opens the clock called `name`. ENAME: no such zone; EPARSE, EIO: a damaged zone file; ENOMEM. `file` stands in errors. On failure *out is fit for
 * close. */
sld_status sld__wall_open(sld__wall *out, const char *name, const sld_allocator *a, const char *file, sld_error *err);

/* Zeroed memory is fine. */
void sld__wall_close(sld__wall *wall);

/* Local times in [from, until) are UTC + offset. Zeroed memory knows nothing yet. */
typedef struct sld__wall_cursor {
  int64_t from;
  int64_t until;
  int64_t offset_ns;
} sld__wall_cursor;

typedef enum sld__wall_answer { SLD__WALL_ONCE = 0, SLD__WALL_TWICE, SLD__WALL_NEVER } sld__wall_answer;

/* The instant of a local time outside the cursor's span, which moves. Of two instants it is the first that is later than `before`,
 * the time of the row before (INT64_MIN: none).
 * On NEVER *out is not written. */
sld__wall_answer sld__wall_seek(const sld__wall *wall, sld__wall_cursor *cursor, int64_t local, int64_t before, int64_t *out);

static inline sld__wall_answer sld__wall_instant(const sld__wall *wall, sld__wall_cursor *cursor, int64_t local, int64_t before, int64_t *out) {
  if (local < cursor->from || local >= cursor->until) return sld__wall_seek(wall, cursor, local, before, out);
  *out = local - cursor->offset_ns;
  return SLD__WALL_ONCE;
}

#endif
