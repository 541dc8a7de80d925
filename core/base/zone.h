/* Time zones from the system's compiled files (TZif, RFC 8536, versions 2 and up), which libc offers no handles for.
 *
 * A zone does not change after loading; any number of threads may ask it. Instants after the file's last change follow its POSIX rule.
 * Times before its first change have the file's first offset (local mean time). Leap seconds do not exist; files that count them are refused.
 */
#ifndef SLD_BASE_ZONE_H
#define SLD_BASE_ZONE_H

#include "base/error.h"

struct sld__zone;

/* Loads a zone by its IANA name ("America/New_York", "UTC") from /usr/share/zoneinfo. "UTC" needs no file.
 * ENAME: no such zone; EPARSE: not a zone file, with what is wrong; EIO; ENOMEM. */
sld_status sld__zone_load(struct sld__zone **out, const char *name, const sld_allocator *allocator, sld_error *err);

/* The same from a file's bytes, which are not kept; `name` stands in errors. */
sld_status sld__zone_parse(struct sld__zone **out, const char *name, const void *bytes, size_t size, const sld_allocator *allocator, sld_error *err);

/* NULL is fine. */
void sld__zone_free(struct sld__zone *zone);

/* A time in which the offset does not change. */
struct sld__zone_span {
  int64_t from;     /* ns UTC, inclusive; INT64_MIN: since ever */
  int64_t until;    /* ns UTC, exclusive; INT64_MAX: for ever, that instant included */
  int32_t offset_s; /* seconds east of UTC: local time = UTC + offset */
};

/* The span that holds instant `time`: one call serves all bars up to `until`. */
struct sld__zone_span sld__zone_span_at(const struct sld__zone *zone, int64_t time);

/* Seconds east of UTC at an instant. */
int32_t sld__zone_offset(const struct sld__zone *zone, int64_t time);

/* The instants at which a zone's clocks show `local` (ns, counted as if the local time were UTC), in order.
 * Returns how many: 1; 2 where the clock was put back (both in out); 0 where it was put forward over `local`: out[0] is then
 * the instant by the offset before the change, out[1] by the one after. Results past int64's range are cut to it. */
int sld__zone_instants(const struct sld__zone *zone, int64_t local, int64_t out[2]);

#endif
