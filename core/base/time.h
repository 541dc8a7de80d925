/* Days, civil dates and instants.
 *
 * An instant is int64 nanoseconds since 1970-01-01 UTC: 1677-09-21T00:12:43.145224192Z to 2262-04-11T23:47:16.854775807Z.
 * Dates are of the proleptic Gregorian calendar; leap seconds do not exist. sld_time_parse and sld_time_format are here too.
 */
#ifndef SLD_BASE_TIME_H
#define SLD_BASE_TIME_H

#include <sliders.h>

#define SLD__NS_PER_SECOND INT64_C(1000000000)
#define SLD__NS_PER_MINUTE (60 * SLD__NS_PER_SECOND)
#define SLD__NS_PER_HOUR (60 * SLD__NS_PER_MINUTE)
#define SLD__NS_PER_DAY (24 * SLD__NS_PER_HOUR)

/* A date and a time of day. */
struct sld__civil {
  int64_t year;
  int month;      /* 1..12 */
  int day;        /* 1..31 */
  int hour;       /* 0..23 */
  int minute;     /* 0..59 */
  int second;     /* 0..59 */
  int nanosecond; /* 0..999999999 */
};

/* When each of some bars is known: at its open plus the period, and never after the next bar's open (a day of 23 hours).
 * With a period of 0 `time` holds the closes themselves. */
struct sld__clock {
  const int64_t *time; /* [count] ascending */
  size_t count;
  int64_t period_ns;
};

/* The close of row < count. */
static inline int64_t sld__clock_close(const struct sld__clock *clock, size_t row) {
  int64_t close = clock->time[row] + clock->period_ns;
  return row + 1 < clock->count && clock->time[row + 1] < close ? clock->time[row + 1] : close;
}

/* Quotient rounded to minus infinity; b > 0. */
static inline int64_t sld__floor_div(int64_t a, int64_t b) {
  return a / b - (a % b < 0);
}

/* Days from 1970-01-01 to a date that exists.
 * Source: Hinnant (2013), "chrono-compatible low-level date algorithms": years start in March, so that the leap day is their last. */
static inline int64_t sld__days_from_civil(int64_t year, int month, int day) {
  year -= month <= 2;
  int64_t era = sld__floor_div(year, 400);
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

/* The date of a day; the time of day in *out is 0. */
void sld__civil_from_days(struct sld__civil *out, int64_t days);

/* Monday 1 to Sunday 7 (ISO 8601). */
int sld__weekday_of_days(int64_t days);

bool sld__is_leap_year(int64_t year);

/* 28..31; 0 where month is not 1..12. */
int sld__days_in_month(int64_t year, int month);

/* The UTC date and time of an instant. */
void sld__civil_from_time(struct sld__civil *out, int64_t time);

/* The instant of a UTC date and time. False, and nothing is written, where the date or time of day does not exist (February 30, hour 24,
 * second 60) or lies outside int64 nanoseconds. */
bool sld__time_from_civil(int64_t *out, const struct sld__civil *civil);

/* As sld_time_format; with `clock` midnight has its time of day too, "2012-01-03T00:00:00Z". */
size_t sld__time_format(int64_t time, bool clock, char *buf, size_t size);

#endif
