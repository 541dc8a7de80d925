/* Reading decimal numbers: an exact fast path, and strtod for the rest. */
#include "market/decimal.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

const double sld__decimal_tens[23] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

/* A number's parts. `mantissa` holds every digit only while `digits` <= 19. */
typedef struct parts {
  bool negative;
  bool zero;         /* no digit but 0 */
  uint64_t mantissa;
  size_t digits;     /* from the first that is not 0 */
  int64_t exponent;  /* value = mantissa * 10^exponent */
} parts;

static bool digit(char c) {
  return c >= '0' && c <= '9';
}

static void take_digit(parts *out, char c) {
  if (c != '0') out->zero = false;
  if (!out->zero) out->digits++;
  if (out->digits <= 19) out->mantissa = out->mantissa * 10 + (uint64_t)(c - '0');
}

/* Splits text[size]; false when it is not a number. */
static bool split(parts *out, const char *text, size_t size) {
  *out = (parts){ .zero = true };
  const char *p = text;
  const char *end = text + size;
  if (p < end && (*p == '+' || *p == '-')) out->negative = *p++ == '-';
  bool any = p < end && digit(*p);
  for (; p < end && digit(*p); p++) take_digit(out, *p);
  if (p < end && *p == '.') {
    p++;
    any = any || (p < end && digit(*p));
    for (; p < end && digit(*p); p++, out->exponent--) take_digit(out, *p);
  }
  if (!any) return false;
  if (p < end && (*p == 'e' || *p == 'E')) {
    p++;
    bool down = p < end && *p == '-';
    if (p < end && (*p == '+' || *p == '-')) p++;
    if (p == end) return false;
    int64_t power = 0;
    for (; p < end && digit(*p); p++)
      if (power < 100000) power = power * 10 + (*p - '0');
    out->exponent += down ? -power : power;
  }
  return p == end;
}

/* strtod's decimal point is the locale's, so it gets the digits without a point and the exponent that belongs to them. */
static sld__decimal_fault by_library(double *out, const parts *number, const char *text, size_t size) {
  char plain[SLD__DECIMAL_MAX + 32];
  size_t used = 0;
  for (size_t i = 0; i < size && text[i] != 'e' && text[i] != 'E'; i++)
    if (text[i] != '.') plain[used++] = text[i];
  snprintf(plain + used, sizeof plain - used, "e%" PRId64, number->exponent);
  double value = strtod(plain, NULL);
  if (!isfinite(value) || (value == 0.0 && !number->zero)) return SLD__DECIMAL_RANGE;
  *out = value;
  return SLD__DECIMAL_OK;
}

sld__decimal_fault sld__decimal_parse(double *out, const char *text, size_t size) {
  parts number;
  if (size > SLD__DECIMAL_MAX || !split(&number, text, size)) return SLD__DECIMAL_TEXT;
  const uint64_t exact = UINT64_C(1) << 53;
  if (number.digits > 19 || number.mantissa > exact || number.exponent < -22 || number.exponent > 22) return by_library(out, &number, text, size);
  double value = (double)number.mantissa;
  if (number.exponent < 0) value /= sld__decimal_tens[-number.exponent];
  else value *= sld__decimal_tens[number.exponent];
  *out = number.negative ? -value : value;
  return SLD__DECIMAL_OK;
}
