/* A double as decimal text that reads back equal, whatever the locale. */
#ifndef SLD_BASE_NUMBER_H
#define SLD_BASE_NUMBER_H

#include <stddef.h>

enum { SLD__NUMBER_SIZE = 32 }; /* longest text and its terminator */

/* Writes the shortest of 15, 16 and 17 significant digits that reads back equal, without trailing zeros, and returns the length.
 *
 *   out    [SLD__NUMBER_SIZE], terminated
 *   value  magnitudes in [1e-6, 1e21) come without exponent ("0.000001", "100000", "1.5"), others with one ("1e-7", "1.5e300").
 *          Both zeros are "0". Non-finite values are "nan", "inf" and "-inf", which JSON does not know.
 */
size_t sld__number_format(char *out, double value);

#endif
