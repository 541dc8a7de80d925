/* Reading time stamps. */
#include "market/stamp.h"

enum { YEAR_MIN = 1678, YEAR_MAX = 2260 };

static const char *const outside = "outside the years 1678 to 2260";

typedef struct cursor {
  const char *at;
  const char *end;
} cursor;

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool next_is(const cursor *c, char what) {
  return c->at < c->end && *c->at == what;
}

static bool accept(cursor *c, char what) {
  if (!next_is(c, what)) return false;
  c->at++;
  return true;
}

/* Exactly `count` digits. */
static bool number(cursor *c, int count, int *out) {
  if (c->end - c->at < count) return false;
  int value = 0;
  for (int i = 0; i < count; i++) {
    if (!is_digit(c->at[i])) return false;
    value = value * 10 + (c->at[i] - '0');
  }
  c->at += count;
  *out = value;
  return true;
}

static const char *date(cursor *c, int64_t *days) {
  int year;
  int month;
  int day;
  if (!number(c, 4, &year)) return "not a date";
  char separator = c->at < c->end ? *c->at : '\0';
  if (separator != '-' && separator != '.') return "not a date";
  c->at++;
  if (!number(c, 2, &month) || !accept(c, separator) || !number(c, 2, &day)) return "not a date";
  if (month < 1 || month > 12) return "no such month";
  if (day < 1 || day > sld__days_in_month(year, month)) return "no such day";
  if (year < YEAR_MIN || year > YEAR_MAX) return outside;
  *days = sld__days_from_civil(year, month, day);
  return NULL;
}

static const char *fraction(cursor *c, int64_t *ns) {
  int64_t unit = SLD__NS_PER_SECOND;
  if (c->at == c->end || !is_digit(*c->at)) return "not a time";
  for (; c->at < c->end && is_digit(*c->at); c->at++) {
    unit /= 10;
    if (unit == 0) return "a fraction finer than nanoseconds";
    *ns += (*c->at - '0') * unit;
  }
  return NULL;
}

static const char *time_of_day(cursor *c, int64_t *ns) {
  int hour;
  int minute;
  int second = 0;
  if (!number(c, 2, &hour) || !accept(c, ':') || !number(c, 2, &minute)) return "not a time";
  bool has_second = accept(c, ':');
  if (has_second && !number(c, 2, &second)) return "not a time";
  if (hour > 23) return "no such hour";
  if (minute > 59) return "no such minute";
  if (second > 59) return "no such second";
  *ns = hour * SLD__NS_PER_HOUR + minute * SLD__NS_PER_MINUTE + second * SLD__NS_PER_SECOND;
  return has_second && accept(c, '.') ? fraction(c, ns) : NULL;
}

/* Z, +hh:mm, +hhmm, +hh, or nothing. */
static const char *offset(cursor *c, int64_t *ns) {
  if (c->at == c->end || accept(c, 'Z')) return NULL;
  bool west = next_is(c, '-');
  int hour;
  int minute = 0;
  if (!accept(c, '+') && !accept(c, '-')) return "not a time";
  if (!number(c, 2, &hour)) return "not an offset from UTC";
  bool more = accept(c, ':') || c->at < c->end;
  if (more && !number(c, 2, &minute)) return "not an offset from UTC";
  if (hour > 15 || minute > 59) return "not an offset from UTC";
  *ns = (hour * SLD__NS_PER_HOUR + minute * SLD__NS_PER_MINUTE) * (west ? -1 : 1);
  return NULL;
}

/* The unit follows from the number of digits: today's stamps have 10, 13, 16 or 19. */
static const char *epoch(sld__stamp *out, const char *text, size_t size) {
  int64_t unit = size == 10 ? SLD__NS_PER_SECOND : size == 13 ? SLD__NS_PER_SECOND / 1000 : size == 16 ? 1000 : 1;
  if (size != 10 && size != 13 && size != 16 && size != 19) return "not a date, and as a time since 1970 not of 10, 13, 16 or 19 digits";
  uint64_t count = 0;
  for (size_t i = 0; i < size; i++) count = count * 10 + (uint64_t)(text[i] - '0');
  if (count >= (uint64_t)(SLD__STAMP_END / unit)) return outside;
  *out = (sld__stamp){ (int64_t)count * unit, false };
  return NULL;
}

const char *sld__stamp_parse(sld__stamp *out, const char *text, size_t size) {
  size_t digits = 0;
  while (digits < size && is_digit(text[digits])) digits++;
  if (size > 8 && digits == size) return epoch(out, text, size);

  cursor c = { text, text + size };
  int64_t days = 0;
  int64_t ns = 0;
  int64_t shift = 0;
  const char *wrong = date(&c, &days);
  if (wrong) return wrong;
  bool date_only = c.at == c.end;
  if (!date_only) {
    if (!accept(&c, ' ') && !accept(&c, 'T')) return "not a date";
    wrong = time_of_day(&c, &ns);
    if (!wrong) wrong = offset(&c, &shift);
    if (wrong) return wrong;
    if (c.at != c.end) return "not a time";
  }
  int64_t time = days * SLD__NS_PER_DAY + ns - shift;
  if (time < SLD__STAMP_MIN || time >= SLD__STAMP_END) return outside;
  *out = (sld__stamp){ time, date_only };
  return NULL;
}
