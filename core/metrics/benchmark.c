/* Figures of a return column against a benchmark's. */
#include "metrics/benchmark.h"

#include "base/math.h"
#include "metrics/returns.h"

#include <math.h>
#include <stdbool.h>

/* Which rows count, by the benchmark's return. */
typedef enum rows { ALL, RISES, FALLS } rows;

static bool counts(rows which, double b) {
  return which == ALL || (which == RISES ? b > 0.0 : b < 0.0);
}

static bool both(rows which, double r, double b) {
  return !isnan(r) && !isnan(b) && counts(which, b);
}

/* Slope of r on b, and mean of r - slope b. */
typedef struct line {
  double beta;
  double rest;
} line;

static line regress(const double *r, const double *b, size_t n, rows which) {
  size_t count = 0;
  double sum_r = 0.0, sum_b = 0.0, min = INFINITY, max = -INFINITY;
  for (size_t i = 0; i < n; i++) {
    if (!both(which, r[i], b[i])) continue;
    count++;
    sum_r += r[i];
    sum_b += b[i];
    min = fmin(min, b[i]);
    max = fmax(max, b[i]);
  }
  if (count < 2 || !(min < max)) return (line){ NAN, NAN };
  double mean_r = sum_r / (double)count, mean_b = sum_b / (double)count, covariance = 0.0, variance = 0.0;
  for (size_t i = 0; i < n; i++) {
    if (!both(which, r[i], b[i])) continue;
    double d = b[i] - mean_b;
    covariance += d * (r[i] - mean_r);
    variance += d * d;
  }
  double beta = covariance / variance;
  return (line){ beta, mean_r - beta * mean_b };
}

static double alpha_of(line fit, double periods) {
  return isnan(fit.rest) || fit.rest <= -1.0 ? NAN : sld__pow(1.0 + fit.rest, periods) - 1.0;
}

double sld__beta(const double *r, const double *b, size_t n) {
  return regress(r, b, n, ALL).beta;
}

double sld__alpha(const double *r, const double *b, size_t n, double periods) {
  return alpha_of(regress(r, b, n, ALL), periods);
}

double sld__up_beta(const double *r, const double *b, size_t n) {
  return regress(r, b, n, RISES).beta;
}

double sld__up_alpha(const double *r, const double *b, size_t n, double periods) {
  return alpha_of(regress(r, b, n, RISES), periods);
}

/* Annual return of x over the rows that count; NaN returns are no return, as in sld__annual_return. */
static double annual_return(const double *x, const double *b, size_t n, rows which, double periods) {
  size_t count = 0;
  double wealth = 1.0;
  for (size_t i = 0; i < n; i++) {
    if (!counts(which, b[i])) continue;
    count++;
    if (!isnan(x[i])) wealth *= 1.0 + x[i];
  }
  return count == 0 || wealth < 0.0 ? NAN : sld__pow(wealth, periods / (double)count) - 1.0;
}

static double capture(const double *r, const double *b, size_t n, rows which, double periods) {
  return annual_return(r, b, n, which, periods) / annual_return(b, b, n, which, periods);
}

double sld__capture(const double *r, const double *b, size_t n, double periods) {
  return capture(r, b, n, ALL, periods);
}

double sld__up_capture(const double *r, const double *b, size_t n, double periods) {
  return capture(r, b, n, RISES, periods);
}

double sld__down_capture(const double *r, const double *b, size_t n, double periods) {
  return capture(r, b, n, FALLS, periods);
}

double sld__excess_sharpe(const double *r, const double *b, size_t n) {
  size_t count = 0;
  double sum = 0.0, min = INFINITY, max = -INFINITY;
  for (size_t i = 0; i < n; i++) {
    double x = r[i] - b[i];
    if (isnan(x)) continue;
    count++;
    sum += x;
    min = fmin(min, x);
    max = fmax(max, x);
  }
  if (count < 2 || !(min < max)) return NAN;
  double mean = sum / (double)count, squares = 0.0;
  for (size_t i = 0; i < n; i++) {
    double d = r[i] - b[i] - mean;
    if (!isnan(d)) squares += d * d;
  }
  return mean / sqrt(squares / (double)(count - 1));
}
