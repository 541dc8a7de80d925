/* Compensated summation: the rounding errors of a running sum are kept and added at the end.
 *
 * Source: Neumaier (1974), "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54, 39-51.
 * The error is about one rounding of the result plus n^2 * 2^-106 * sum |x|. Terms are added in the caller's order, which is part
 * of the result's bits. NaN and infinities come out as in a plain sum: inf - inf is NaN, a sum that overflows is inf.
 *
 *   struct sld__sum sum = { 0 };
 *   for (size_t i = 0; i < n; ++i) sld__sum_add(&sum, x[i]);
 *   double total = sld__sum_value(&sum);
 */
#ifndef SLD_BASE_SUM_H
#define SLD_BASE_SUM_H

#include <math.h>

struct sld__sum {
  double high; /* the plain running sum */
  double low;  /* what its roundings lost; without meaning once high is not finite */
};

static inline void sld__sum_add(struct sld__sum *sum, double x) {
  double next = sum->high + x;
  if (fabs(sum->high) >= fabs(x))
    sum->low += (sum->high - next) + x;
  else
    sum->low += (x - next) + sum->high;
  sum->high = next;
}

static inline double sld__sum_value(const struct sld__sum *sum) {
  return isfinite(sum->high) ? sum->high + sum->low : sum->high;
}

#endif
