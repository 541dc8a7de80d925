/* Which clock a series' times are of, found by when its weeks end.
 *
 * The FX market closes on Friday at 17:00 New York. By how much the last row of each week ends later or earlier than that, as the series' times have it, tells
 * how far its clock is off; and whether by one hour more in New York's or in Europe's summer. A clock that changes in the middle of a series shows as a
 * stretch of weeks that the clock of before does not explain.
 *
 * Many weeks end an hour too early or too late for want of trade, so the stretches are those that leave the fewest weeks unexplained, a new stretch
 * being worth it where it explains eight weeks more, or where it begins with a file of more than three weeks two; and clocks change only where half of the 26 weeks on each side speak
 * for the clock of their own side, or all where they are less than eight. Weeks that end in the days around Christmas and New Year are left out. */
#ifndef SLD_MARKET_WEEK_CLOCK_H
#define SLD_MARKET_WEEK_CLOCK_H

#include "market/calendar.h"
#include "market/series.h"

typedef enum sld__summer { SLD__SUMMER_NONE = 0, SLD__SUMMER_NEW_YORK, SLD__SUMMER_EUROPE, SLD__SUMMERS } sld__summer;

typedef struct sld__stretch {
  size_t row;          /* first row of its first week */
  int64_t off_ns;      /* weeks end so much later than they should, a multiple of half an hour; negative: earlier */
  sld__summer summer;  /* when they end one hour later still */
} sld__stretch;

typedef struct sld__week_clock {
  sld_allocator allocator;
  struct sld__zone *zones[SLD__SUMMERS]; /* owned; [0] is NULL */
  sld__stretch *stretches;               /* [count] by row */
  size_t count;                          /* 0: too few weeks to tell */
} sld__week_clock;

/* Looks at a series with times of day. ENAME, EIO: no time zone files; ENOMEM. On failure *out is fit for fini. */
sld_status sld__week_clock_find(sld__week_clock *out, const sld__series *series, const sld__calendar *calendar, const sld_allocator *a, sld_error *err);
void sld__week_clock_fini(sld__week_clock *clock);

/* How far the clock is off at a row of that time, by the stretch that the row lies in; 0 where nothing was found. */
int64_t sld__week_clock_off(const sld__week_clock *clock, size_t row, int64_t time);

/* "2 hours after" and what `close` names, ", 3 in New York's summer"; "on time"; "10.5 hours before". */
enum { SLD__STRETCH_TEXT_SIZE = 96 };
void sld__stretch_format(const sld__stretch *stretch, const char *close, char text[SLD__STRETCH_TEXT_SIZE]);

#endif
