/* Parsing time frames, and finding bars on a clock that may be put forward and back. */
#include "market/timeframe.h"

#include "market/wall.h"

#include <stdlib.h>
#include <string.h>

#define NEW_YORK "America/New_York"

/* From 17:00 to midnight. */
#define FX_DAY_SHIFT (7 * SLD__NS_PER_HOUR)

/* ---- Names ------------------------------------------------------------------------------------------------------ */

static const struct {
  const char *name;
  int64_t length_ns; /* 0: months */
} units[] = {
  { "s", SLD__NS_PER_SECOND }, { "m", SLD__NS_PER_MINUTE }, { "h", SLD__NS_PER_HOUR }, { "d", SLD__NS_PER_DAY }, { "w", 7 * SLD__NS_PER_DAY }, { "mo", 0 },
};
enum { UNIT_COUNT = sizeof units / sizeof units[0] };

/* The number that text begins with, at most five digits and no zero in front; 0: none. */
static int leading_number(const char *text, size_t *length) {
  int number = 0;
  *length = strspn(text, "0123456789");
  if (*length == 0 || *length > 5 || text[0] == '0') return 0;
  for (size_t i = 0; i < *length; i++) number = 10 * number + (text[i] - '0');
  return number;
}

sld_status sld__timeframe_parse(sld__timeframe *out, const char *text, const char *what, sld_error *err) {
  size_t digits;
  int number = leading_number(text, &digits);
  int unit = 0;
  while (unit < UNIT_COUNT && strcmp(text + digits, units[unit].name) != 0) unit++;
  if (number == 0 || unit == UNIT_COUNT)
    return sld__fail_at(err, SLD_EINVAL, what, 0, 0, "'%.32s' is no time frame; there are numbers of s, m, h and mo, 1d and 1w, such as 15m or 4h", text);
  if (units[unit].length_ns == 0) {
    if (12 % number != 0) return sld__fail_at(err, SLD_EINVAL, what, 0, 0, "a year does not hold a whole number of %s", text);
    *out = (sld__timeframe){ 0, number };
    return SLD_OK;
  }
  if (number > SLD__NS_PER_DAY / units[unit].length_ns && number != 1) return sld__fail_at(err, SLD_EINVAL, what, 0, 0, "above a day there are 1d, 1w and months, not %s", text);
  int64_t length = number * units[unit].length_ns;
  if (length < SLD__NS_PER_DAY && SLD__NS_PER_DAY % length != 0) return sld__fail_at(err, SLD_EINVAL, what, 0, 0, "a day does not hold a whole number of %s", text);
  *out = (sld__timeframe){ length, 0 };
  return SLD_OK;
}

int64_t sld__timeframe_period(const sld__timeframe *frame) {
  static const int days[] = { 0, 31, 62, 92, 123, 0, 184, 0, 0, 0, 0, 0, 366 }; /* the longest run of so many months */
  return frame->length_ns ? frame->length_ns : days[frame->months] * SLD__NS_PER_DAY;
}

const char *sld__day_name(sld_day day) {
  static const char *const names[] = { "ny", "utc", "source" };
  return names[day];
}

/* ---- The clock -------------------------------------------------------------------------------------------------- */

sld_status sld__buckets_init(sld__buckets *out, const sld__timeframe *frame, sld_day day, const char *zone, const sld_allocator *a, sld_error *err) {
  *out = (sld__buckets){ .frame = *frame, .shift_ns = day == SLD_DAY_NEW_YORK ? FX_DAY_SHIFT : 0 };
  if (day == SLD_DAY_SOURCE && !zone) return sld__fail(err, SLD_EINVAL, "days of the source's own clock need its zone, such as Europe/Athens");
  if (day != SLD_DAY_SOURCE && zone) return sld__fail(err, SLD_EINVAL, "days that end by %s need no zone", day == SLD_DAY_UTC ? "UTC" : "New York");
  if (day != SLD_DAY_SOURCE) return sld__zone_load(&out->zone, day == SLD_DAY_UTC ? "UTC" : NEW_YORK, a, err);
  sld__wall wall;
  sld_status status = sld__wall_open(&wall, zone, a, "options.day_zone", err);
  if (status == SLD_OK && !wall.zone) status = sld__zone_load(&wall.zone, "UTC", a, err); /* a fixed offset */
  out->zone = wall.zone;
  out->shift_ns = wall.shift_ns;
  return status;
}

sld_status sld__day_check(sld_day day, const char *zone, const sld_allocator *a, sld_error *err) {
  if (day != SLD_DAY_SOURCE && !zone) return SLD_OK;
  sld__buckets told;
  sld_status status = sld__buckets_init(&told, &(sld__timeframe){ SLD__NS_PER_DAY, 0 }, day, zone, a, err);
  sld__buckets_fini(&told);
  return status;
}

void sld__buckets_fini(sld__buckets *buckets) {
  sld__zone_free(buckets->zone);
  *buckets = (sld__buckets){ .zone = NULL };
}

/* A span of the zone on which the day's clock is ahead of UTC by one offset. */
typedef struct span {
  int64_t from, until;
  int64_t ahead_ns;
} span;

static span span_at(const sld__buckets *b, int64_t time) {
  struct sld__zone_span s = sld__zone_span_at(b->zone, time);
  return (span){ s.from, s.until, s.offset_s * SLD__NS_PER_SECOND + b->shift_ns };
}

/* The start of the month that is `more` months after the one that holds day `days`, counted in steps of `months` from January. */
static int64_t month_start(int64_t days, int months, int more) {
  struct sld__civil date;
  sld__civil_from_days(&date, days);
  int month = (date.month - 1) / months * months + more;
  return sld__days_from_civil(date.year + month / 12, month % 12 + 1, 1) * SLD__NS_PER_DAY;
}

/* The bar's start on the clock, from an instant on the clock. */
static int64_t floor_local(const sld__timeframe *frame, int64_t local) {
  int64_t days = sld__floor_div(local, SLD__NS_PER_DAY);
  if (frame->months) return month_start(days, frame->months, 0);
  if (frame->length_ns > SLD__NS_PER_DAY) return (days - (sld__weekday_of_days(days) - 1)) * SLD__NS_PER_DAY;
  return sld__floor_div(local, frame->length_ns) * frame->length_ns;
}

/* The start on the clock of the bar behind the one that starts at `start`. */
static int64_t next_local(const sld__timeframe *frame, int64_t start) {
  if (frame->months) return month_start(sld__floor_div(start, SLD__NS_PER_DAY), frame->months, frame->months);
  return start + frame->length_ns;
}

/* The bar's start lies in the span of `time`, or, where the clock changed since, further back; a start that the change left out is the change. */
static int64_t start_of(const sld__buckets *b, int64_t time) {
  span s = span_at(b, time);
  int64_t start = floor_local(&b->frame, time + s.ahead_ns) - s.ahead_ns;
  while (start < s.from) {
    int64_t change = s.from;
    int64_t local = start + s.ahead_ns;
    s = span_at(b, change - 1);
    start = local - s.ahead_ns;
    if (start >= change) return change;
  }
  return start;
}

static int64_t end_of(const sld__buckets *b, int64_t start, int64_t time) {
  span s = span_at(b, time);
  int64_t next = next_local(&b->frame, floor_local(&b->frame, time + s.ahead_ns));
  while (next - s.ahead_ns >= s.until) {
    if (start_of(b, s.until) != start) return s.until;
    s = span_at(b, s.until);
  }
  return next - s.ahead_ns;
}

sld__bucket sld__buckets_at(sld__buckets *b, int64_t time) {
  if (time < b->from || time >= b->until) {
    b->from = start_of(b, time);
    b->until = end_of(b, b->from, time);
  }
  return (sld__bucket){ b->from, b->until };
}
