#include "metrics/daily.h"

#include "base/time.h"

enum { FRIDAY = 5, DAY_END_HOUR = 17 };

int64_t sld__day_end(int64_t time, const struct sld__zone *zone) {
  int64_t local = time + sld__zone_offset(zone, time) * SLD__NS_PER_SECOND;
  int64_t days = sld__floor_div(local, SLD__NS_PER_DAY);
  if (local - days * SLD__NS_PER_DAY > DAY_END_HOUR * SLD__NS_PER_HOUR) days++;
  while (sld__weekday_of_days(days) > FRIDAY) days++;
  int64_t ends[2];
  sld__zone_instants(zone, days * SLD__NS_PER_DAY + DAY_END_HOUR * SLD__NS_PER_HOUR, ends); /* clocks change at night */
  return ends[0];
}

/* The first row from `from` on whose close lies behind `end`, or count: in steps that double, then between the last two. */
static size_t first_behind(const struct sld__clock *clock, size_t from, size_t count, int64_t end) {
  size_t low = from, step = 1;
  for (; low + step < count && sld__clock_close(clock, low + step) <= end; step *= 2) low += step;
  size_t high = low + step < count ? low + step : count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (sld__clock_close(clock, middle) <= end) low = middle + 1;
    else high = middle;
  }
  return low;
}

size_t sld__daily_rows_of(const struct sld__clock *clock, size_t count, const struct sld__zone *new_york, size_t *rows) {
  size_t found = 0;
  if (!new_york) {
    for (size_t i = 0; i < count; i++) rows[found++] = i;
    return found;
  }
  for (size_t i = 0; i < count;) {
    i = first_behind(clock, i, count, sld__day_end(sld__clock_close(clock, i), new_york));
    rows[found++] = i - 1;
  }
  return found;
}

size_t sld__daily_rows(const int64_t *close_time, size_t count, const struct sld__zone *new_york, size_t *rows) {
  struct sld__clock clock = { close_time, count, 0 };
  return sld__daily_rows_of(&clock, count, new_york, rows);
}
