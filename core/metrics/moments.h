/* Mean, spread and shape of a column in two passes.
 *
 * NaN values are skipped everywhere. Sums run in index order. A column whose values are all the same has deviations of exactly 0,
 * whatever its mean rounds to: "no spread" must not become a ratio of two rounding errors.
 */
#ifndef SLD_METRICS_MOMENTS_H
#define SLD_METRICS_MOMENTS_H

#include <stddef.h>

typedef struct sld__moments {
  size_t count; /* values that are not NaN */
  double mean;  /* NaN where count is 0 */
  double min;   /* NaN where count is 0 */
  double max;
  double m2;    /* sums of the 2nd, 3rd and 4th power of the deviations from the mean */
  double m3;
  double m4;
} sld__moments;

/* r[n], n >= 0. Can't fail. */
sld__moments sld__moments_of(const double *r, size_t n);

/* Standard deviation, divisor count - ddof. NaN where that is not positive. */
double sld__deviation(const sld__moments *m, size_t ddof);

/* Third standardised moment: m3/m2^1.5 of the population, or times sqrt(n(n-1))/(n-2) (adjusted Fisher-Pearson) for the sample.
 * NaN without spread; the sample's needs 3 values. Source: Joanes & Gill (1998), The Statistician 47, 183-189, g1 and G1. */
double sld__skewness(const sld__moments *m);
double sld__skewness_sample(const sld__moments *m);

/* Fourth standardised moment, raw (3 for a normal variable): m4/m2^2 of the population, or n(n+1)/((n-1)(n-2)(n-3)) sum z^4 of the sample.
 * `_excess` is the sample's with 3(n-1)^2/((n-2)(n-3)) taken off: 0 for a normal variable, the G2 of Joanes & Gill.
 * NaN without spread; the sample's need 4 values. */
double sld__kurtosis(const sld__moments *m);
double sld__kurtosis_sample(const sld__moments *m);
double sld__kurtosis_excess(const sld__moments *m);

#endif
