/* Dates and their text. */
#include "base/time.h"

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Source: as sld__days_from_civil. */
void sld__civil_from_days(struct sld__civil *out, int64_t days) {
  days += 719468;
  int64_t era = sld__floor_div(days, 146097);
  int64_t day_of_era = days - era * 146097;
  int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t march_month = (5 * day_of_year + 2) / 153;
  int month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
  int day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
  *out = (struct sld__civil){ .year = year_of_era + era * 400 + (month <= 2), .month = month, .day = day };
}

int sld__weekday_of_days(int64_t days) {
  int64_t since_monday = days + 3; /* 1970-01-01 was a Thursday */
  return (int)(since_monday - 7 * sld__floor_div(since_monday, 7)) + 1;
}

bool sld__is_leap_year(int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int sld__days_in_month(int64_t year, int month) {
  static const signed char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  if (month < 1 || month > 12) return 0;
  return days[month - 1] + (month == 2 && sld__is_leap_year(year));
}

void sld__civil_from_time(struct sld__civil *out, int64_t time) {
  int64_t days = sld__floor_div(time, SLD__NS_PER_DAY);
  int64_t rest = time % SLD__NS_PER_DAY;
  if (rest < 0) rest += SLD__NS_PER_DAY;
  sld__civil_from_days(out, days);
  out->hour = (int)(rest / SLD__NS_PER_HOUR);
  out->minute = (int)(rest / SLD__NS_PER_MINUTE % 60);
  out->second = (int)(rest / SLD__NS_PER_SECOND % 60);
  out->nanosecond = (int)(rest % SLD__NS_PER_SECOND);
}

bool sld__time_from_civil(int64_t *out, const struct sld__civil *civil) {
  if (civil->year < 1677 || civil->year > 2262 || civil->day < 1 || civil->day > sld__days_in_month(civil->year, civil->month)) return false;
  if (civil->hour < 0 || civil->hour > 23 || civil->minute < 0 || civil->minute > 59 || civil->second < 0 || civil->second > 59) return false;
  if (civil->nanosecond < 0 || civil->nanosecond >= SLD__NS_PER_SECOND) return false;
  int64_t seconds = sld__days_from_civil(civil->year, civil->month, civil->day) * 86400 + civil->hour * 3600 + civil->minute * 60 + civil->second;
  int64_t fraction = civil->nanosecond;
  if (seconds < 0) { /* counts down from the next second, so that the product stays inside */
    ++seconds;
    fraction -= SLD__NS_PER_SECOND;
  }
  int64_t most = INT64_MAX / SLD__NS_PER_SECOND;
  int64_t edge = INT64_MAX % SLD__NS_PER_SECOND;
  if (seconds > most || (seconds == most && fraction > edge)) return false;
  if (seconds < -most || (seconds == -most && fraction < -edge - 1)) return false;
  *out = seconds * SLD__NS_PER_SECOND + fraction;
  return true;
}

/* ---- Reading ---------------------------------------------------------------------------------------------------- */

/* A text being read; the first fault stays in err and makes later steps do nothing. */
struct reader {
  const char *text;
  size_t at;
  sld_error *err;
  sld_status status;
};

static void SLD__PRINTF(3, 4) fault(struct reader *reader, size_t at, const char *format, ...) {
  if (reader->status) return;
  char message[128];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  reader->status = sld__fail_at(reader->err, SLD_EPARSE, NULL, 0, (int64_t)at + 1, "time '%.60s': %s", reader->text, message);
}

static bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

/* Exactly `digits` digits, between low and high. */
static int number(struct reader *reader, int digits, int low, int high, const char *what) {
  size_t start = reader->at;
  int value = 0;
  if (reader->status) return 0;
  for (int i = 0; i < digits; ++i, ++reader->at) {
    if (!is_digit(reader->text[reader->at])) {
      fault(reader, reader->at, "%s needs %d digits", what, digits);
      return 0;
    }
    value = value * 10 + (reader->text[reader->at] - '0');
  }
  if (value < low || value > high) fault(reader, start, "%s %d is not %d to %d", what, value, low, high);
  return value;
}

static void expect(struct reader *reader, char byte) {
  if (reader->status) return;
  if (reader->text[reader->at] != byte)
    fault(reader, reader->at, "'%c' expected", byte);
  else
    ++reader->at;
}

static bool accept(struct reader *reader, char byte) {
  if (reader->status || reader->text[reader->at] != byte) return false;
  ++reader->at;
  return true;
}

static int fraction(struct reader *reader) {
  int value = 0;
  int digits = 0;
  for (; is_digit(reader->text[reader->at]); ++reader->at, ++digits) {
    if (digits == 9) {
      fault(reader, reader->at, "finer than a nanosecond");
      return 0;
    }
    value = value * 10 + (reader->text[reader->at] - '0');
  }
  if (digits == 0) fault(reader, reader->at, "a digit expected");
  for (; digits < 9; ++digits) value *= 10;
  return value;
}

static void date(struct reader *reader, struct sld__civil *civil) {
  civil->year = number(reader, 4, 1677, 2262, "year");
  expect(reader, '-');
  civil->month = number(reader, 2, 1, 12, "month");
  expect(reader, '-');
  size_t start = reader->at;
  civil->day = number(reader, 2, 1, 31, "day");
  if (!reader->status && civil->day > sld__days_in_month(civil->year, civil->month))
    fault(reader, start, "day %d: this month has %d", civil->day, sld__days_in_month(civil->year, civil->month));
}

static void time_of_day(struct reader *reader, struct sld__civil *civil) {
  civil->hour = number(reader, 2, 0, 23, "hour");
  expect(reader, ':');
  civil->minute = number(reader, 2, 0, 59, "minute");
  if (accept(reader, ':')) {
    civil->second = number(reader, 2, 0, 59, "second");
    if (accept(reader, '.')) civil->nanosecond = fraction(reader);
  }
  accept(reader, 'Z');
}

sld_status sld_time_parse(int64_t *out, const char *text, sld_error *err) {
  struct reader reader = { .text = text, .err = err };
  struct sld__civil civil = { 0 };
  date(&reader, &civil);
  if (accept(&reader, ' ') || accept(&reader, 'T')) time_of_day(&reader, &civil);
  if (!reader.status && text[reader.at]) fault(&reader, reader.at, "unexpected '%.20s'", text + reader.at);
  int64_t time;
  if (!reader.status && !sld__time_from_civil(&time, &civil)) fault(&reader, 0, "outside 1677-09-21 to 2262-04-11");
  if (!reader.status) *out = time;
  return reader.status;
}

/* ---- Writing ---------------------------------------------------------------------------------------------------- */

size_t sld__time_format(int64_t time, bool clock, char *buf, size_t size) {
  struct sld__civil civil;
  sld__civil_from_time(&civil, time);
  char text[64];
  int length = snprintf(text, sizeof text, "%04d-%02d-%02d", (int)civil.year, civil.month, civil.day);
  if (clock || civil.hour || civil.minute || civil.second || civil.nanosecond) {
    length += snprintf(text + length, 16, "T%02d:%02d:%02d", civil.hour, civil.minute, civil.second);
    if (civil.nanosecond) {
      length += snprintf(text + length, 16, ".%09d", civil.nanosecond);
      while (text[length - 1] == '0') --length;
    }
    text[length++] = 'Z';
  }
  if (size > 0) {
    size_t copied = (size_t)length < size ? (size_t)length : size - 1;
    memcpy(buf, text, copied);
    buf[copied] = '\0';
  }
  return (size_t)length;
}

size_t sld_time_format(int64_t time, char *buf, size_t size) {
  return sld__time_format(time, false, buf, size);
}
