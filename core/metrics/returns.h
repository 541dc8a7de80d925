/* Figures of one column of simple period returns.
 *
 * Shared by all: r[n] are returns as fractions, n >= 0; `periods` is the number of periods in a year, > 0; rf and mar are per period.
 * NaN returns are skipped in means and deviations, count as no return in cumulated wealth, and still count in n where an annual return is
 * formed. To measure against a column instead of a number (a rate, a benchmark), subtract it first and pass 0.
 * NaN means undefined. None can fail, none allocates; `scratch` is n doubles of the caller's, overwritten.
 *
 * Source of the definitions, where no other is named: empyrical, stats.py.
 */
#ifndef SLD_METRICS_RETURNS_H
#define SLD_METRICS_RETURNS_H

#include "metrics/moments.h"
#include "metrics/quantile.h"

/* Product of 1 + r_t; 1 for an empty column. Cumulative return is this minus 1. */
double sld__wealth(const double *r, size_t n);

/* W_n^(periods/n) - 1. NaN for an empty column or negative wealth. */
double sld__annual_return(const double *r, size_t n, double periods);

/* Standard deviation (n - 1) x sqrt(periods). NaN for fewer than 2 values. */
double sld__annual_volatility(const double *r, size_t n, double periods);

/* (mean - rf) / standard deviation (n - 1) x sqrt(periods); periods = 1 gives it per period.
 * Without deviation: inf with the sign of the mean, NaN for a mean of 0. NaN for fewer than 2 values.
 * Source: Sharpe (1994), Journal of Portfolio Management 21(1), 49-58. */
double sld__sharpe(const double *r, size_t n, double rf, double periods);

/* sqrt(mean of min(r - mar, 0)^2 over all values) x sqrt(periods). NaN for an empty column.
 * Source: Sortino & Price (1994), Journal of Investing 3(3), 59-64. */
double sld__downside_risk(const double *r, size_t n, double mar, double periods);

/* (mean - mar) x periods / downside_risk. Without risk: inf with the sign of the mean, NaN for 0. NaN for fewer than 2 values. */
double sld__sortino(const double *r, size_t n, double mar, double periods);

/* Least of W_t / max(W_0 .. W_t) - 1 with W_0 = 1: in [-1, 0] while wealth stays positive. NaN for an empty column. */
double sld__max_drawdown(const double *r, size_t n);

/* annual_return / |max_drawdown|. NaN without a drawdown. */
double sld__calmar(const double *r, size_t n, double periods);

/* With T = (1 + required)^(1/periods) - 1 and x = r - rf - T: sum of positive x / -sum of negative x; `required` is annual.
 * NaN where required <= -1, without a negative x, or for fewer than 2 values.
 * Source: Keating & Shadwick (2002), Journal of Performance Measurement 6(3), 59-84. */
double sld__omega(const double *r, size_t n, double rf, double required, double periods);

/* |95th percentile| / |5th percentile|. */
double sld__tail_ratio(const double *r, size_t n, double *scratch);

/* Squared correlation of the cumulated log returns with 0, 1, 2, ...; NaN returns are dropped first.
 * NaN for fewer than 2 values, for a curve that never moves, and where wealth is not positive. */
double sld__stability(const double *r, size_t n);

/* The historical quantile at `cutoff` in [0, 1] (0.05: exceeded on 95 of 100 days), a return: losses are negative. */
double sld__value_at_risk(const double *r, size_t n, double cutoff, double *scratch);

/* Mean of the floor((n - 1) cutoff) + 1 smallest returns. */
double sld__conditional_value_at_risk(const double *r, size_t n, double cutoff, double *scratch);

/* Sums on both sides of a threshold over the values that are not NaN. */
typedef struct sld__sides {
  size_t count;
  double gain;         /* sum of max(r - threshold, 0); less `loss` it is the sum of r - threshold */
  double loss;         /* sum of max(threshold - r, 0) */
  double loss_squares; /* sum of its squares */
} sld__sides;

sld__sides sld__sides_of(const double *r, size_t n, double threshold);

/* The ratios above from numbers already at hand. */
double sld__sharpe_of(const sld__moments *m, double rf, double periods);
double sld__sortino_of(const sld__sides *s, double periods);
double sld__omega_of(const sld__sides *s);

#endif
