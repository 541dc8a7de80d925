/* Mean, spread and shape of a column in two passes. */
#include "metrics/moments.h"

#include <math.h>

sld__moments sld__moments_of(const double *r, size_t n) {
  sld__moments m = { 0, NAN, NAN, NAN, 0.0, 0.0, 0.0 };
  double sum = 0.0, min = INFINITY, max = -INFINITY;
  for (size_t i = 0; i < n; i++) {
    double x = r[i];
    if (isnan(x)) continue;
    m.count++;
    sum += x;
    min = x < min ? x : min;
    max = x > max ? x : max;
  }
  if (m.count == 0) return m;
  m.min = min;
  m.max = max;
  m.mean = min == max ? min : sum / (double)m.count;
  if (min == max) return m;
  double mean = m.mean, m2 = 0.0, m3 = 0.0, m4 = 0.0;
  for (size_t i = 0; i < n; i++) {
    if (isnan(r[i])) continue;
    double d = r[i] - mean, square = d * d;
    m2 += square;
    m3 += square * d;
    m4 += square * square;
  }
  m.m2 = m2;
  m.m3 = m3;
  m.m4 = m4;
  return m;
}

double sld__deviation(const sld__moments *m, size_t ddof) {
  if (m->count <= ddof) return NAN;
  return sqrt(m->m2 / (double)(m->count - ddof));
}

double sld__skewness(const sld__moments *m) {
  double n = (double)m->count, variance = m->m2 / n;
  return m->m3 / n / (variance * sqrt(variance));
}

double sld__skewness_sample(const sld__moments *m) {
  if (m->count < 3) return NAN;
  double n = (double)m->count;
  return sld__skewness(m) * sqrt(n * (n - 1.0)) / (n - 2.0);
}

double sld__kurtosis(const sld__moments *m) {
  double n = (double)m->count, variance = m->m2 / n;
  return m->m4 / n / (variance * variance);
}

double sld__kurtosis_sample(const sld__moments *m) {
  if (m->count < 4) return NAN;
  double n = (double)m->count, variance = m->m2 / (n - 1.0);
  return n * (n + 1.0) / ((n - 1.0) * (n - 2.0) * (n - 3.0)) * (m->m4 / (variance * variance));
}

double sld__kurtosis_excess(const sld__moments *m) {
  if (m->count < 4) return NAN;
  double n = (double)m->count;
  return sld__kurtosis_sample(m) - 3.0 * (n - 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0));
}
