/* Order statistics without sorting the column.
 *
 * A sample of the column brackets the wanted rank; one pass keeps what lies in the bracket; the rank is then selected among the few kept.
 * Where the bracket misses, the whole column is searched. An order statistic is one value, so neither way can change the result.
 * NaN values are dropped. `scratch` holds n doubles of the caller's and is overwritten.
 */
#ifndef SLD_METRICS_QUANTILE_H
#define SLD_METRICS_QUANTILE_H

#include <stddef.h>

typedef struct sld__tail {
  double quantile; /* value at position q (n - 1) of the sorted column, between two values by linear interpolation */
  double mean;     /* mean of the floor(q (n - 1)) + 1 smallest values */
} sld__tail;

/* q in [0, 1]. Both NaN where no value is left. Can't fail.
 * Source: Hyndman & Fan (1996), The American Statistician 50(4), 361-365, definition 7. */
sld__tail sld__lower_tail(const double *r, size_t n, double q, double *scratch);

/* The quantile alone. */
double sld__quantile(const double *r, size_t n, double q, double *scratch);

#endif
