/* What the clocks of a zone show: the year, the weekday, the hour, and whether hours of business are on. */
#ifndef SLD_BASE_CLOCKFACE_H
#define SLD_BASE_CLOCKFACE_H

#include "base/zone.h"

typedef enum sld__hand { SLD__YEAR, SLD__MONTH, SLD__DAY, SLD__WEEKDAY, SLD__HOUR, SLD__MINUTE, SLD__HAND_COUNT } sld__hand;

/* "year", "month", "day", "weekday", "hour", "minute"; static. */
const char *sld__hand_name(int hand);

/* A clock that is looked at again and again, by one thread: it remembers the time in which its offset holds. */
typedef struct sld__clockface {
  const struct sld__zone *zone; /* borrowed */
  struct sld__zone_span span;   /* the one found last; zeroed: none */
} sld__clockface;

/* Seconds since 1970 as the zone's clocks show them, as if that were UTC. */
int64_t sld__clockface_local(sld__clockface *face, int64_t second);

/* What a hand shows `seconds` after 1970 UTC, fractions left out: month and day from 1, Monday 1 to Sunday 7, hour 0..23. NaN where `seconds` is not within
 * the years 1678 to 2260. */
double sld__clockface_hand(sld__clockface *face, sld__hand hand, double seconds);

/* ---- Hours of business ------------------------------------------------------------------------------------------ */

enum { SLD__HOURS_MAX = 8 };

/* Spans of a day, each on some days of the week. A span that ends at or before its start runs into the next day, and is of the day that it starts in. */
typedef struct sld__hours {
  struct { int from, until; } spans[SLD__HOURS_MAX]; /* minutes of the day, until exclusive */
  int count;
  unsigned days; /* bit 1: Monday, to bit 7: Sunday */
} sld__hours;

/* "0930-1600", "09:30-16:00", several joined by commas; `days` is "Mon-Fri" or "Mon,Wed,Fri", or NULL: every day. EINVAL in the trader's words. */
sld_status sld__hours_parse(sld__hours *out, const char *spans, const char *days, sld_error *err);

/* Whether the clock shows one of the hours at an instant: 1 or 0; NaN as sld__clockface_hand. */
double sld__hours_on(const sld__hours *hours, sld__clockface *face, double seconds);

#endif
