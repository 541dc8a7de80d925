/* Trading days by New York's clock, put forward to midnight. */
#include "market/calendar.h"

#define SHIFT_NS (7 * SLD__NS_PER_HOUR) /* from 17:00 to midnight */

sld_status sld__calendar_init(sld__calendar *out, const sld_allocator *a, sld_error *err) {
  *out = (sld__calendar){ .new_york = NULL };
  return sld__zone_load(&out->new_york, "America/New_York", a, err);
}

void sld__calendar_fini(sld__calendar *calendar) {
  sld__zone_free(calendar->new_york);
  *calendar = (sld__calendar){ .new_york = NULL };
}

int64_t sld__calendar_day(const sld__calendar *calendar, int64_t time) {
  int64_t local = time + sld__zone_offset(calendar->new_york, time) * SLD__NS_PER_SECOND;
  return sld__floor_div(local + SHIFT_NS, SLD__NS_PER_DAY);
}

int64_t sld__calendar_day_start(const sld__calendar *calendar, int64_t day) {
  int64_t instants[2];
  sld__zone_instants(calendar->new_york, day * SLD__NS_PER_DAY - SHIFT_NS, instants); /* clocks change in the morning: there is one 17:00 a day */
  return instants[0];
}

bool sld__calendar_trades(int64_t day) {
  if (sld__weekday_of_days(day) > 5) return false;
  struct sld__civil date;
  sld__civil_from_days(&date, day);
  return !(date.month == 12 && date.day == 25) && !(date.month == 1 && date.day == 1);
}

/* Easter Sunday. Source: J. Meeus, "Astronomical Algorithms", 1991, p. 67. */
static int64_t easter(int64_t year) {
  int64_t a = year % 19, b = year / 100, c = year % 100;
  int64_t h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
  int64_t l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
  int64_t m = (a + 11 * h + 22 * l) / 451;
  int64_t n = h + l - 7 * m + 114;
  return sld__days_from_civil(year, (int)(n / 31), (int)(n % 31) + 1);
}

bool sld__calendar_holiday(int64_t day) {
  struct sld__civil date;
  sld__civil_from_days(&date, day);
  if (date.month == 12) return (date.day >= 24 && date.day <= 26) || date.day == 31;
  if (date.month == 1) return date.day <= 2;
  int64_t sunday = easter(date.year);
  return day == sunday - 2 || day == sunday + 1;
}

int64_t sld__calendar_open_ns(const sld__calendar *calendar, int64_t from, int64_t until) {
  int64_t open = 0;
  if (until <= from) return 0;
  for (int64_t day = sld__calendar_day(calendar, from), start = from; start < until; day++) {
    int64_t end = sld__calendar_day_start(calendar, day + 1);
    if (end > until) end = until;
    if (sld__calendar_trades(day)) open += end - start;
    start = end;
  }
  return open;
}
