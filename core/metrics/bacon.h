/* Less common figures, as Carl Bacon's book and PerformanceAnalytics define them.
 *
 * Shared by all: r[n] and b[n] (a benchmark) are simple returns of the same periods, without NaN, n >= 0; `mar` is the least acceptable return
 * of a period; `periods` is the number of periods in a year, > 0; G(x) is sld__annual_return(x). "Deviation" is the population's (divisor n)
 * unless said otherwise. 0/0 and empty columns are NaN. None can fail, none allocates.
 *
 * Source: Bacon (2008), Practical Portfolio Performance Measurement and Attribution, 2nd edition; definitions and numbers by the R package
 * PerformanceAnalytics.
 */
#ifndef SLD_METRICS_BACON_H
#define SLD_METRICS_BACON_H

#include <stddef.h>

/* Below mar: sqrt(mean(min(r - mar, 0)^2)), mean(max(mar - r, 0)), share of r < mar. Divisors are n. */
double sld__downside_deviation(const double *r, size_t n, double mar);
double sld__downside_potential(const double *r, size_t n, double mar);
double sld__downside_frequency(const double *r, size_t n, double mar);

/* Above mar, mirrored. */
double sld__upside_risk(const double *r, size_t n, double mar);
double sld__upside_potential(const double *r, size_t n, double mar);
double sld__upside_frequency(const double *r, size_t n, double mar);

/* Upside over downside variance about mar, and its root. */
double sld__volatility_skewness(const double *r, size_t n, double mar);
double sld__variability_skewness(const double *r, size_t n, double mar);

/* (mean - mar) over downside potential, and over the root of the lower partial moment of `order` 1 or 2 (else NaN). */
double sld__omega_sharpe(const double *r, size_t n, double mar);
double sld__kappa(const double *r, size_t n, double mar, int order);

/* Sum of positive returns / -sum of negative ones; and number x sum of the negative over number x sum of the positive. */
double sld__bernardo_ledoit(const double *r, size_t n);
double sld__d_ratio(const double *r, size_t n);

/* Population skewness / raw kurtosis. */
double sld__skewness_kurtosis_ratio(const double *r, size_t n);

/* Mean depth below the running maximum of wealth, W_0 = 1 included; a positive fraction. */
double sld__pain_index(const double *r, size_t n);

/* s (1 + skew/6 s - (kurt - 3)/24 s^2) with s = G(r) / (deviation (n - 1) x sqrt(periods)). */
double sld__adjusted_sharpe(const double *r, size_t n, double periods);

/* G(r) x deviation of b / deviation of r. */
double sld__m_squared(const double *r, const double *b, size_t n, double periods);

/* G(r) + (mean r - mar) / dd(r) x (dd(b) - dd(r)) x sqrt(periods), dd = downside_deviation. */
double sld__m2_sortino(const double *r, const double *b, size_t n, double mar, double periods);

/* G(r) - 3 dd(r) dd(b) x periods. */
double sld__omega_excess_return(const double *r, const double *b, size_t n, double mar, double periods);

/* G(r) - beta G(b). */
double sld__jensen_alpha(const double *r, const double *b, size_t n, double periods);

/* Deviation of r - beta b x sqrt(periods); and jensen_alpha over it. */
double sld__specific_risk(const double *r, const double *b, size_t n, double periods);
double sld__appraisal_ratio(const double *r, const double *b, size_t n, double periods);

/* Deviation of r / deviation of b. */
double sld__fama_beta(const double *r, const double *b, size_t n);

/* G(r) / (beta x deviation of b x sqrt(periods)). */
double sld__treynor_modified(const double *r, const double *b, size_t n, double periods);

#endif
