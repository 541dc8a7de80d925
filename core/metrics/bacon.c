/* Less common figures, as Carl Bacon's book and PerformanceAnalytics define them. */
#include "metrics/bacon.h"

#include "metrics/benchmark.h"
#include "metrics/returns.h"

#include <math.h>

/* One side of a threshold: how many values lie there, the sum of their distances and of the squares. */
typedef struct side {
  double count;
  double sum;
  double squares;
} side;

static side side_of(const double *r, size_t n, double mar, double sign) {
  side s = { 0.0, 0.0, 0.0 };
  for (size_t i = 0; i < n; i++) {
    double distance = sign * (r[i] - mar);
    if (!(distance > 0.0)) continue;
    s.count += 1.0;
    s.sum += distance;
    s.squares += distance * distance;
  }
  return s;
}

static side above(const double *r, size_t n, double mar) {
  return side_of(r, n, mar, 1.0);
}

static side below(const double *r, size_t n, double mar) {
  return side_of(r, n, mar, -1.0);
}

double sld__downside_deviation(const double *r, size_t n, double mar) {
  return sqrt(below(r, n, mar).squares / (double)n);
}

double sld__downside_potential(const double *r, size_t n, double mar) {
  return below(r, n, mar).sum / (double)n;
}

double sld__downside_frequency(const double *r, size_t n, double mar) {
  return below(r, n, mar).count / (double)n;
}

double sld__upside_risk(const double *r, size_t n, double mar) {
  return sqrt(above(r, n, mar).squares / (double)n);
}

double sld__upside_potential(const double *r, size_t n, double mar) {
  return above(r, n, mar).sum / (double)n;
}

double sld__upside_frequency(const double *r, size_t n, double mar) {
  return above(r, n, mar).count / (double)n;
}

double sld__volatility_skewness(const double *r, size_t n, double mar) {
  return above(r, n, mar).squares / below(r, n, mar).squares;
}

double sld__variability_skewness(const double *r, size_t n, double mar) {
  return sqrt(sld__volatility_skewness(r, n, mar));
}

double sld__omega_sharpe(const double *r, size_t n, double mar) {
  return sld__kappa(r, n, mar, 1);
}

double sld__kappa(const double *r, size_t n, double mar, int order) {
  double mean = sld__moments_of(r, n).mean;
  if (order == 1) return (mean - mar) / sld__downside_potential(r, n, mar);
  if (order == 2) return (mean - mar) / sld__downside_deviation(r, n, mar);
  return NAN;
}

double sld__bernardo_ledoit(const double *r, size_t n) {
  return above(r, n, 0.0).sum / below(r, n, 0.0).sum;
}

double sld__d_ratio(const double *r, size_t n) {
  side up = above(r, n, 0.0), down = below(r, n, 0.0);
  return down.count * down.sum / (up.count * up.sum);
}

double sld__skewness_kurtosis_ratio(const double *r, size_t n) {
  sld__moments m = sld__moments_of(r, n);
  return sld__skewness(&m) / sld__kurtosis(&m);
}

double sld__pain_index(const double *r, size_t n) {
  double wealth = 1.0, peak = 1.0, depth = 0.0;
  for (size_t i = 0; i < n; i++) {
    wealth *= 1.0 + r[i];
    peak = wealth > peak ? wealth : peak;
    depth += 1.0 - wealth / peak;
  }
  return depth / (double)n;
}

double sld__adjusted_sharpe(const double *r, size_t n, double periods) {
  sld__moments m = sld__moments_of(r, n);
  double s = sld__annual_return(r, n, periods) / (sld__deviation(&m, 1) * sqrt(periods));
  return s * (1.0 + sld__skewness(&m) / 6.0 * s - (sld__kurtosis(&m) - 3.0) / 24.0 * s * s);
}

static double deviation(const double *x, size_t n) {
  sld__moments m = sld__moments_of(x, n);
  return sld__deviation(&m, 0);
}

double sld__m_squared(const double *r, const double *b, size_t n, double periods) {
  return sld__annual_return(r, n, periods) * deviation(b, n) / deviation(r, n);
}

double sld__m2_sortino(const double *r, const double *b, size_t n, double mar, double periods) {
  double own = sld__downside_deviation(r, n, mar), its = sld__downside_deviation(b, n, mar);
  return sld__annual_return(r, n, periods) + sld__kappa(r, n, mar, 2) * (its - own) * sqrt(periods);
}

double sld__omega_excess_return(const double *r, const double *b, size_t n, double mar, double periods) {
  double own = sld__downside_deviation(r, n, mar), its = sld__downside_deviation(b, n, mar);
  return sld__annual_return(r, n, periods) - 3.0 * own * its * periods;
}

double sld__jensen_alpha(const double *r, const double *b, size_t n, double periods) {
  return sld__annual_return(r, n, periods) - sld__beta(r, b, n) * sld__annual_return(b, n, periods);
}

double sld__specific_risk(const double *r, const double *b, size_t n, double periods) {
  double beta = sld__beta(r, b, n);
  double mean = sld__moments_of(r, n).mean - beta * sld__moments_of(b, n).mean, squares = 0.0;
  for (size_t i = 0; i < n; i++) {
    double rest = r[i] - beta * b[i] - mean;
    squares += rest * rest;
  }
  return sqrt(squares / (double)n) * sqrt(periods);
}

double sld__appraisal_ratio(const double *r, const double *b, size_t n, double periods) {
  return sld__jensen_alpha(r, b, n, periods) / sld__specific_risk(r, b, n, periods);
}

double sld__fama_beta(const double *r, const double *b, size_t n) {
  return deviation(r, n) / deviation(b, n);
}

double sld__treynor_modified(const double *r, const double *b, size_t n, double periods) {
  return sld__annual_return(r, n, periods) / (sld__beta(r, b, n) * deviation(b, n) * sqrt(periods));
}
