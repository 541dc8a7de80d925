/* Figures of a return column against a benchmark's.
 *
 * Shared by all: r[n] and b[n] are simple returns of the same periods, n >= 0; `periods` is the number of periods in a year, > 0.
 * A row counts where neither is NaN, unless a function says otherwise. NaN means undefined. None can fail, none allocates.
 *
 * Source of the definitions, where no other is named: empyrical, stats.py.
 */
#ifndef SLD_METRICS_BENCHMARK_H
#define SLD_METRICS_BENCHMARK_H

#include <stddef.h>

/* Covariance of r and b over the variance of b. NaN for fewer than 2 rows or a benchmark that never moves.
 * Source: Sharpe (1964), Journal of Finance 19(3), 425-442. */
double sld__beta(const double *r, const double *b, size_t n);

/* (1 + mean of (r - beta b))^periods - 1, riskless rate 0. Source: Jensen (1968), Journal of Finance 23(2), 389-416. */
double sld__alpha(const double *r, const double *b, size_t n, double periods);

/* The same over the rows on which the benchmark rose. */
double sld__up_beta(const double *r, const double *b, size_t n);
double sld__up_alpha(const double *r, const double *b, size_t n, double periods);

/* annual_return(r) / annual_return(b), each over all its rows. */
double sld__capture(const double *r, const double *b, size_t n, double periods);

/* The same over the rows on which the benchmark rose or fell; their number alone annualises. */
double sld__up_capture(const double *r, const double *b, size_t n, double periods);
double sld__down_capture(const double *r, const double *b, size_t n, double periods);

/* mean(r - b) / standard deviation (n - 1) of r - b, per period. NaN without deviation. */
double sld__excess_sharpe(const double *r, const double *b, size_t n);

#endif
