/* Decimal numbers of data files, read exactly: the double nearest to what is written.
 *
 * The grammar is [+-]digits[.digits][e[+-]digits] with at least one digit before the exponent; neither locale, hexadecimal, "inf", "nan"
 * nor blanks play a part. A mantissa of at most 2^53 and a power of ten of at most 22 are both exact doubles, so that one correctly
 * rounded division or multiplication gives the nearest double (W. D. Clinger, "How to read floating point numbers accurately",
 * PLDI 1990); everything else goes to the C library's strtod,
 * without its decimal point, which is the locale's. */
#ifndef SLD_MARKET_DECIMAL_H
#define SLD_MARKET_DECIMAL_H

#include <stddef.h>

typedef enum sld__decimal_fault {
  SLD__DECIMAL_OK = 0,
  SLD__DECIMAL_TEXT,  /* not a number, or longer than SLD__DECIMAL_MAX */
  SLD__DECIMAL_RANGE  /* too large for a double, or so small that it would become 0 */
} sld__decimal_fault;

/* Longest text of a number in bytes. */
enum { SLD__DECIMAL_MAX = 1000 };

/* Reads the whole of text[size]; `out` is written only on SLD__DECIMAL_OK. Reads no byte past text[size]. */
sld__decimal_fault sld__decimal_parse(double *out, const char *text, size_t size);

/* Exact powers of ten, 10^0 to 10^22. */
extern const double sld__decimal_tens[23];

#endif
