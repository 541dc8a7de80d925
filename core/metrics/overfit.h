/* How far a Sharpe ratio can be trusted: its standard error, the chance that it beats a target, and what the best of many trials is worth.
 *
 * Sharpe ratios are per period (deviation with n - 1) unless a name says annual; `skew` is the population's skewness and `kurt` the population's
 * raw kurtosis (3 for a normal variable). NaN means undefined. None can fail.
 *
 * Sources: Mertens (2002) for the standard error; Bailey & Lopez de Prado (2012), Journal of Risk 15(2), 3-44 (probabilistic Sharpe ratio,
 * minimum track record); the same (2014), Journal of Portfolio Management 40(5), 94-107 (deflated Sharpe ratio); Bailey, Borwein, Lopez de Prado
 * & Zhu (2014), Notices of the AMS 61(5), 458-471 (minimum backtest length).
 */
#ifndef SLD_METRICS_OVERFIT_H
#define SLD_METRICS_OVERFIT_H

#include <stddef.h>

/* A Sharpe ratio and what its error depends on. */
typedef struct sld__sharpe_estimate {
  double sharpe; /* per period */
  double skew;
  double kurt;
  double count;  /* returns it was measured on */
} sld__sharpe_estimate;

/* The estimate of a return column; all NaN but `count` where undefined. */
sld__sharpe_estimate sld__sharpe_estimate_of(const double *r, size_t n);

/* sqrt((1 - skew SR + (kurt - 1)/4 SR^2) / (count - 1)). NaN for fewer than 2 returns or a negative radicand. */
double sld__sharpe_stdev(const sld__sharpe_estimate *e);

/* Probability that the true ratio exceeds `target`: Phi((SR - target) / sharpe_stdev). */
double sld__psr(const sld__sharpe_estimate *e, double target);

/* Expected largest of `trials` independent standard normal values: (1 - g) Phi^-1(1 - 1/N) + g Phi^-1(1 - 1/(N e)), g = 0.5772...
 * 0 for one trial, NaN below. */
double sld__expected_max_normal(double trials);

/* psr against what the best of `trials` without skill would show: target = trials_deviation x expected_max_normal(trials).
 *   trials_deviation  standard deviation of the trials' Sharpe ratios */
double sld__dsr(const sld__sharpe_estimate *e, double trials_deviation, double trials);

/* Periods until psr against `target` reaches `p` in (0.5, 1): 1 + (1 - skew SR + (kurt - 1)/4 SR^2) (Phi^-1(p) / (SR - target))^2.
 * NaN where SR <= target: no length suffices. `count` is not read. */
double sld__min_track_record_periods(const sld__sharpe_estimate *e, double target, double p);

/* Years below which the best of `trials` without skill is expected to show `annual_sharpe`: (expected_max_normal / annual_sharpe)^2. */
double sld__min_backtest_length_years(double trials, double annual_sharpe);

#endif
