/* The fast path of reading a row (row.h): plain forms only, and no explanations.
 *
 * It takes what most files hold: digits with at most one decimal sign, 15 digits at most; times without offset but Z or +00:00. A newline lies ahead
 * of every row that it sees, so that no run of digits leads past the end of the text. */
#ifndef SLD_MARKET_ROW_FAST_H
#define SLD_MARKET_ROW_FAST_H

#include <string.h>

#include "market/row.h"
#include "market/stamp.h"

/* Bytes that the longest time may look at. */
enum { SLD__FAST_REACH = 48 };

static inline bool sld__fast_digit(char c) {
  return (unsigned char)(c - '0') <= 9;
}

/* Two digits, or a value of 100 and more. */
static inline unsigned sld__fast_two(const char *p) {
  unsigned tens = (unsigned char)(p[0] - '0');
  unsigned ones = (unsigned char)(p[1] - '0');
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : 100;
}

/* Puts a date of `size` bytes in the place of the one read last. */
static bool sld__fast_new_date(sld__reader *r, const char *p, size_t size) {
  sld__stamp day;
  if (sld__stamp_parse_as(&day, p, size, r->layout->day_order) || !day.date_only) return false;
  memcpy(r->date, p, size);
  r->date_size = size;
  r->midnight = day.time;
  return true;
}

/* A date; most rows have that of the row before. NULL: some other form. */
static inline const char *sld__fast_date(sld__reader *r, const char *p) {
  if (r->date_size == 10 && memcmp(p, r->date, 10) == 0) return p + 10;
  if (r->date_size == 8 && memcmp(p, r->date, 8) == 0) return sld__fast_digit(p[8]) ? NULL : p + 8;
  size_t digits = 0;
  while (digits < 10 && sld__fast_digit(p[digits])) digits++;
  size_t size = digits == 8 ? 8 : 10;
  return digits < 9 && sld__fast_new_date(r, p, size) ? p + size : NULL;
}

/* 17:00[:30[.250]] or 170030[250]. NULL: some other form. */
static inline __attribute__((always_inline)) const char *sld__fast_time_of_day(const char *p, int64_t *ns) {
  bool colons = p[2] == ':';
  unsigned hour = sld__fast_two(p);
  unsigned minute = sld__fast_two(p + (colons ? 3 : 2));
  unsigned second = 0;
  int64_t part = 0;
  p += colons ? 5 : 4;
  if (!colons || *p == ':') {
    second = sld__fast_two(p + colons);
    p += colons ? 3 : 2;
  }
  if (hour > 23 || minute > 59 || second > 59) return NULL;
  bool point = *p == '.';
  if (point || (!colons && sld__fast_digit(*p))) {
    int64_t unit = SLD__NS_PER_SECOND;
    const char *start = p += point;
    for (; sld__fast_digit(*p) && unit > 1; p++) part += (*p - '0') * (unit /= 10);
    if (p == start || sld__fast_digit(*p) || (!point && p - start != 3)) return NULL;
  }
  *ns = (int64_t)(hour * 3600 + minute * 60 + second) * SLD__NS_PER_SECOND + part;
  return p;
}

/* Nanoseconds of a count since 1970 by its digits. NULL: some other form. */
static inline const char *sld__fast_epoch(const char *p, int64_t *time) {
  const char *start = p;
  uint64_t count = 0;
  for (; sld__fast_digit(*p) && p - start < 20; p++) count = count * 10 + (uint64_t)(*p - '0');
  ptrdiff_t digits = p - start;
  uint64_t unit = digits == 10 ? 1000000000 : digits == 13 ? 1000000 : digits == 16 ? 1000 : 1;
  if ((digits != 10 && digits != 13 && digits != 16 && digits != 19) || count >= (uint64_t)SLD__STAMP_END / unit) return NULL;
  *time = (int64_t)(count * unit);
  return p;
}

/* Goes from the wall to UTC. False: the slow path must look. */
static inline bool sld__fast_utc(sld__reader *r, int64_t local, int64_t *time) {
  if (local < r->cursor.from || local >= r->cursor.until) return false;
  *time = local - r->cursor.offset_ns;
  return *time >= SLD__STAMP_MIN && *time < SLD__STAMP_END;
}

/* Date and time of day in one field. */
static inline const char *sld__fast_time(sld__reader *r, const char *p, int64_t *time) {
  int64_t ns;
  const char *start = p;
  p = sld__fast_date(r, p);
  if (!p) return sld__fast_epoch(start, time);
  if (*p != ' ' && *p != 'T') return NULL;
  p = sld__fast_time_of_day(p + 1, &ns);
  if (!p) return NULL;
  bool zulu = *p == 'Z';
  bool zero = *p == '+' && memcmp(p, "+00:00", 6) == 0;
  if (!zulu && !zero) return sld__fast_utc(r, r->midnight + ns, time) ? p : NULL;
  *time = r->midnight + ns;
  return p + (zulu ? 1 : 6);
}

/* Milliseconds since midnight without a fraction. */
static inline const char *sld__fast_millis(sld__reader *r, const char *p, int64_t *time) {
  const char *start = p;
  int64_t value = 0;
  for (; sld__fast_digit(*p) && p - start < 9; p++) value = value * 10 + (*p - '0');
  if (p == start || value >= 86400000) return NULL;
  return sld__fast_utc(r, r->layout->midnight + value * 1000000, time) ? p : NULL;
}

/* Plain digits with at most one decimal sign. NULL: some other form. */
static inline const char *sld__fast_decimal(const char *p, char point, double *out) {
  const char *start = p;
  uint64_t mantissa = 0;
  for (; sld__fast_digit(*p); p++) mantissa = mantissa * 10 + (uint64_t)(*p - '0');
  ptrdiff_t digits = p - start;
  ptrdiff_t decimals = 0;
  if (*p == point) {
    start = ++p;
    for (; sld__fast_digit(*p); p++) mantissa = mantissa * 10 + (uint64_t)(*p - '0');
    decimals = p - start;
    digits += decimals;
  }
  if (digits == 0 || digits > 15) return NULL;
  *out = (double)mantissa / sld__decimal_tens[decimals];
  return p;
}

/* The same in the file's scale: whole points only, for others may have noise. */
static inline const char *sld__fast_price(const sld__layout *layout, const char *p, double *out) {
  p = sld__fast_decimal(p, layout->decimal, out);
  if (layout->scale == 1.0 || !p) return p;
  if (*out != (double)(int64_t)*out) return NULL;
  *out /= layout->scale;
  return p;
}

static inline const char *sld__fast_skip(const char *p, char separator) {
  while (*p != separator && *p != '\n' && *p != '\r') {
    if (*p == '"' || *p == '\0') return NULL;
    p++;
  }
  return p;
}

static inline bool sld__fast_sound(double open, double high, double low, double close, double most) {
  return low > 0.0 && high <= most && low <= open && open <= high && low <= close && close <= high && high <= SLD__READ_JUMP * low;
}

/* What row.c checks, without saying what is wrong. */
static inline bool sld__fast_plausible(const sld__reader *r, const sld__row *row, double most) {
  const double *v = row->value;
  if (!sld__row_follows(r, row->time) || !sld__fast_sound(v[SLD__OPEN], v[SLD__HIGH], v[SLD__LOW], v[SLD__CLOSE], most)) return false;
  if (r->bars.count > 0) {
    double last = r->bars.close[r->bars.count - 1];
    if (r->date_only || sld__read_slipped(last, v[SLD__CLOSE])) return false;
  }
  if (!r->layout->has[SLD__ASK_CLOSE]) return true;
  if (!sld__fast_sound(v[SLD__ASK_OPEN], v[SLD__ASK_HIGH], v[SLD__ASK_LOW], v[SLD__ASK_CLOSE], most)) return false;
  return v[SLD__ASK_OPEN] >= v[SLD__OPEN] && v[SLD__ASK_HIGH] >= v[SLD__HIGH] && v[SLD__ASK_LOW] >= v[SLD__LOW] && v[SLD__ASK_CLOSE] >= v[SLD__CLOSE] &&
         !sld__read_slipped(v[SLD__CLOSE], v[SLD__ASK_CLOSE]);
}

/* Whether the fast path has a chance with this file. */
static inline bool sld__fast_fits(const sld__reader *r) {
  return !r->text.quoted_lines && !sld__layout_habit(r->layout, SLD__THOUSANDS | SLD__JUNK_DIGITS | SLD__CARRY);
}

/* Reads the row at text.at; returns where the next one starts, or NULL when the slow path must look. `most`: the highest plausible price. */
static inline const char *sld__row_fast(sld__reader *r, sld__row *row, double most) {
  const sld__layout *layout = r->layout;
  const char *p = r->text.at;
  size_t count = layout->count;
  char separator = r->text.separator;
  int64_t ns = 0;
  if (!r->last_newline || r->last_newline - p < SLD__FAST_REACH) return NULL;
  for (size_t i = 0; i < count; i++) {
    int kind = layout->kinds[i];
    if (kind < SLD__VALUES) {
      p = kind == SLD__VOLUME ? sld__fast_decimal(p, layout->decimal, &row->value[kind]) : sld__fast_price(layout, p, &row->value[kind]);
    } else if (kind == SLD__SKIP) {
      p = sld__fast_skip(p, separator);
    } else {
      if (r->last_newline - p < SLD__FAST_REACH) return NULL;
      if (kind == SLD__TIME) p = sld__fast_time(r, p, &row->time);
      else if (kind == SLD__DATE) p = sld__fast_date(r, p);
      else if (kind == SLD__CLOCK) p = sld__fast_time_of_day(p, &ns);
      else if (kind == SLD__MILLIS) p = sld__fast_millis(r, p, &row->time);
      else return NULL;
      if (p && kind == SLD__CLOCK && !(r->date_size && sld__fast_utc(r, r->midnight + ns, &row->time))) return NULL;
    }
    if (!p) return NULL;
    if (i + 1 < count && *p++ != separator) return NULL;
  }
  if (*p == '\r') p++;
  if (*p != '\n') return NULL;
  row->date_only = false;
  sld__row_complete(layout, row);
  return sld__fast_plausible(r, row, most) ? p + 1 : NULL;
}

#endif
