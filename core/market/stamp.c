/* Reading time stamps. */
#include "market/stamp.h"

enum { YEAR_MIN = 1800, YEAR_MAX = 2090 };

static const char *const outside = "outside the years 1800 to 2090";
static const char *const no_date = "not a date";
static const char *const no_time = "not a time";

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

static size_t digits_ahead(const cursor *c) {
  const char *p = c->at;
  while (p < c->end && is_digit(*p)) p++;
  return (size_t)(p - c->at);
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

/* One digit or two. */
static bool short_number(cursor *c, int *out) {
  size_t digits = digits_ahead(c);
  return (digits == 1 || digits == 2) && number(c, (int)digits, out);
}

static const char *civil(int year, int month, int day, int64_t *days) {
  if (month < 1 || month > 12) return "no such month";
  if (day < 1 || day > sld__days_in_month(year, month)) return "no such day";
  if (year < YEAR_MIN || year > YEAR_MAX) return outside;
  *days = sld__days_from_civil(year, month, day);
  return NULL;
}

/* 2012-01-03, 2012.01.03, 2012/01/03 */
static const char *year_first(cursor *c, int64_t *days) {
  int year;
  int month;
  int day;
  if (!number(c, 4, &year)) return no_date;
  char separator = c->at < c->end ? *c->at : '\0';
  if (separator != '-' && separator != '.' && separator != '/') return no_date;
  c->at++;
  if (!number(c, 2, &month) || !accept(c, separator) || !number(c, 2, &day)) return no_date;
  return civil(year, month, day, days);
}

/* 20120103 */
static const char *compact(cursor *c, int64_t *days) {
  int year;
  int month;
  int day;
  if (!number(c, 4, &year) || !number(c, 2, &month) || !number(c, 2, &day)) return no_date;
  return civil(year, month, day, days);
}

/* 03.01.2012, 3/1/2012: two numbers of which one is the day, and the separator between them. */
static bool year_last(cursor *c, int *first, int *second, int *year, char *separator) {
  if (!short_number(c, first) || c->at == c->end) return false;
  *separator = *c->at++;
  if (*separator != '.' && *separator != '/' && *separator != '-') return false;
  return short_number(c, second) && accept(c, *separator) && digits_ahead(c) == 4 && number(c, 4, year);
}

static const char *day_or_month_first(cursor *c, sld_day_order order, int64_t *days) {
  int first;
  int second;
  int year;
  char separator;
  if (!year_last(c, &first, &second, &year, &separator)) return no_date;
  if (separator == '.') order = SLD_DAY_FIRST;
  if (order == SLD_DAY_UNTOLD) return "day or month first? nothing says so; tell it by day_first";
  return order == SLD_DAY_FIRST ? civil(year, second, first, days) : civil(year, first, second, days);
}

sld_day_order sld__stamp_day_order(const char *text, size_t size, bool *is_one) {
  cursor c = { text, text + size };
  int first;
  int second;
  int year;
  char separator;
  *is_one = year_last(&c, &first, &second, &year, &separator) && separator != '.';
  if (!*is_one || (first > 12) == (second > 12)) return SLD_DAY_UNTOLD;
  return first > 12 ? SLD_DAY_FIRST : SLD_MONTH_FIRST;
}

static const char *fraction(cursor *c, int64_t *ns) {
  int64_t unit = SLD__NS_PER_SECOND;
  if (c->at == c->end || !is_digit(*c->at)) return no_time;
  for (; c->at < c->end && is_digit(*c->at); c->at++) {
    unit /= 10;
    if (unit == 0) return "a fraction finer than nanoseconds";
    *ns += (*c->at - '0') * unit;
  }
  return NULL;
}

static const char *check_time(int hour, int minute, int second, int64_t *ns) {
  if (hour > 23) return "no such hour";
  if (minute > 59) return "no such minute";
  if (second > 59) return "no such second";
  *ns = hour * SLD__NS_PER_HOUR + minute * SLD__NS_PER_MINUTE + second * SLD__NS_PER_SECOND;
  return NULL;
}

/* 170030, 170030250, 1700 */
static const char *compact_time(cursor *c, size_t digits, int64_t *ns) {
  int hour;
  int minute;
  int second = 0;
  int millisecond = 0;
  if (!number(c, 2, &hour) || !number(c, 2, &minute)) return no_time;
  if (digits > 4 && !number(c, 2, &second)) return no_time;
  if (digits > 6 && !number(c, 3, &millisecond)) return no_time;
  const char *wrong = check_time(hour, minute, second, ns);
  if (wrong) return wrong;
  *ns += millisecond * (SLD__NS_PER_SECOND / 1000);
  return digits == 6 && accept(c, '.') ? fraction(c, ns) : NULL;
}

static const char *time_of_day(cursor *c, int64_t *ns) {
  int hour;
  int minute;
  int second = 0;
  size_t digits = digits_ahead(c);
  if (digits == 4 || digits == 6 || digits == 9) return compact_time(c, digits, ns);
  if (!short_number(c, &hour) || !accept(c, ':') || !number(c, 2, &minute)) return no_time;
  bool has_second = accept(c, ':');
  if (has_second && !number(c, 2, &second)) return no_time;
  const char *wrong = check_time(hour, minute, second, ns);
  if (wrong) return wrong;
  return has_second && accept(c, '.') ? fraction(c, ns) : NULL;
}

/* Z, +hh:mm, +hhmm, +hh, the same behind " GMT" or " UTC"; or nothing. `*told` says whether there was one. */
static const char *offset(cursor *c, int64_t *ns, bool *told) {
  *told = c->at < c->end;
  if (!*told || accept(c, 'Z')) return NULL;
  if (next_is(c, ' ') && c->end - c->at >= 4 && (c->at[1] == 'G' || c->at[1] == 'U')) {
    bool gmt = c->at[1] == 'G' && c->at[2] == 'M' && c->at[3] == 'T';
    bool utc = c->at[1] == 'U' && c->at[2] == 'T' && c->at[3] == 'C';
    if (!gmt && !utc) return no_time;
    c->at += 4;
    if (c->at == c->end) return NULL;
  }
  bool west = next_is(c, '-');
  int hour;
  int minute = 0;
  if (!accept(c, '+') && !accept(c, '-')) return no_time;
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
  *out = (sld__stamp){ (int64_t)count * unit, false, true };
  return NULL;
}

static const char *date(cursor *c, sld_day_order order, size_t digits, int64_t *days) {
  if (digits == 8 || digits == 12 || digits == 14 || digits == 17) return compact(c, days);
  return digits == 1 || digits == 2 ? day_or_month_first(c, order, days) : year_first(c, days);
}

const char *sld__stamp_parse_as(sld__stamp *out, const char *text, size_t size, sld_day_order order) {
  cursor c = { text, text + size };
  size_t digits = digits_ahead(&c);
  bool run_on = digits == 12 || digits == 14 || digits == 17;
  if (size > 8 && digits == size && !run_on) return epoch(out, text, size);

  int64_t days = 0;
  int64_t ns = 0;
  int64_t shift = 0;
  bool told = false;
  const char *wrong = date(&c, order, digits, &days);
  if (wrong) return wrong;
  bool date_only = c.at == c.end;
  if (!date_only) {
    if (!run_on && !accept(&c, ' ') && !accept(&c, 'T')) return no_date;
    wrong = time_of_day(&c, &ns);
    if (!wrong) wrong = offset(&c, &shift, &told);
    if (wrong) return wrong;
    if (c.at != c.end) return no_time;
  }
  int64_t time = days * SLD__NS_PER_DAY + ns - shift;
  if (time < SLD__STAMP_MIN || time >= SLD__STAMP_END) return outside;
  *out = (sld__stamp){ time, date_only, told };
  return NULL;
}

const char *sld__stamp_parse(sld__stamp *out, const char *text, size_t size) {
  return sld__stamp_parse_as(out, text, size, SLD_DAY_UNTOLD);
}

const char *sld__stamp_time_of_day(int64_t *ns, const char *text, size_t size) {
  cursor c = { text, text + size };
  const char *wrong = time_of_day(&c, ns);
  return wrong ? wrong : c.at == c.end ? NULL : no_time;
}
