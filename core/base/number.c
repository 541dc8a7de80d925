/* Decimal text of a double. The C library's digits are exact; only its decimal point depends on the locale, and is skipped here. */
#include "base/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 0.d1 d2 ... dn * 10^point, d1 not 0 */
struct decimal {
  bool negative;
  char digits[24];
  int count;
  int point;
};

/* Takes "-d.ddde-xx" apart, whatever stands for the point. */
static struct decimal take_apart(const char *text) {
  struct decimal decimal = { 0 };
  if (*text == '-') {
    decimal.negative = true;
    ++text;
  }
  for (; *text && *text != 'e'; ++text)
    if (*text >= '0' && *text <= '9') decimal.digits[decimal.count++] = *text;
  decimal.point = *text ? (int)strtol(text + 1, NULL, 10) + 1 : 1;
  while (decimal.count > 1 && decimal.digits[decimal.count - 1] == '0') --decimal.count;
  return decimal;
}

/* Exact powers of ten. */
static const double tens[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9 };
enum { DECIMALS = sizeof tens / sizeof tens[0] };

/* Most numbers are prices of a few decimals. Where whole / 10^decimals, both exact doubles, gives the value, the division is rounded
 * correctly, so that text of these digits reads back equal; and of at most 15 digits there is but one such text. */
static bool few_decimals(struct decimal *out, double value) {
  double magnitude = fabs(value);
  if (magnitude >= 1e6) return false;
  for (int decimals = 1; decimals < DECIMALS; ++decimals) {
    double whole = rint(magnitude * tens[decimals]);
    if (whole == 0.0 || whole / tens[decimals] != magnitude) continue;
    char text[24];
    int count = 0;
    for (int64_t rest = (int64_t)whole; rest > 0; rest /= 10) text[count++] = (char)('0' + rest % 10);
    *out = (struct decimal){ .negative = value < 0.0, .count = count, .point = count - decimals };
    for (int i = 0; i < count; ++i) out->digits[i] = text[count - 1 - i];
    return true;
  }
  return false;
}

static struct decimal shortest(double value) {
  struct decimal few;
  if (few_decimals(&few, value)) return few;
  char text[64];
  for (int digits = 15; digits < 17; ++digits) {
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    if (strtod(text, NULL) == value) return take_apart(text); /* reads the point that snprintf wrote */
  }
  snprintf(text, sizeof text, "%.16e", value);
  return take_apart(text);
}

static char *put(char *at, const char *bytes, int count) {
  if (count > 0) memcpy(at, bytes, (size_t)count);
  return at + (count > 0 ? count : 0);
}

static char *put_zeros(char *at, int count) {
  for (; count > 0; --count) *at++ = '0';
  return at;
}

static char *put_plain(char *at, const struct decimal *decimal) {
  int whole = decimal->point < decimal->count ? decimal->point : decimal->count; /* digits before the point */
  if (whole <= 0) {
    at = put(at, "0.", 2);
    at = put_zeros(at, -decimal->point);
    return put(at, decimal->digits, decimal->count);
  }
  at = put(at, decimal->digits, whole);
  at = put_zeros(at, decimal->point - whole);
  if (whole < decimal->count) *at++ = '.';
  return put(at, decimal->digits + whole, decimal->count - whole);
}

static char *put_scientific(char *at, const struct decimal *decimal) {
  *at++ = decimal->digits[0];
  if (decimal->count > 1) *at++ = '.';
  at = put(at, decimal->digits + 1, decimal->count - 1);
  return at + snprintf(at, 8, "e%d", decimal->point - 1);
}

size_t sld__number_format(char *out, double value) {
  if (isnan(value)) return (size_t)snprintf(out, SLD__NUMBER_SIZE, "nan");
  if (isinf(value)) return (size_t)snprintf(out, SLD__NUMBER_SIZE, value < 0 ? "-inf" : "inf");
  if (fabs(value) < 1e15 && value == floor(value)) return (size_t)snprintf(out, SLD__NUMBER_SIZE, "%lld", (long long)value);
  struct decimal decimal = shortest(value);
  char *at = out;
  if (decimal.negative) *at++ = '-';
  if (decimal.point > -6 && decimal.point <= 21)
    at = put_plain(at, &decimal);
  else
    at = put_scientific(at, &decimal);
  *at = '\0';
  return (size_t)(at - out);
}
