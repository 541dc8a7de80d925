/* How far a Sharpe ratio can be trusted. */
#include "metrics/overfit.h"

#include "base/math.h"
#include "metrics/returns.h"

#include <math.h>

static const double euler_gamma = 0.5772156649015329;
static const double euler = 2.718281828459045;

sld__sharpe_estimate sld__sharpe_estimate_of(const double *r, size_t n) {
  sld__moments m = sld__moments_of(r, n);
  return (sld__sharpe_estimate){ sld__sharpe_of(&m, 0.0, 1.0), sld__skewness(&m), sld__kurtosis(&m), (double)m.count };
}

/* What non-normal returns make of the variance of a Sharpe ratio, times count - 1. */
static double spread(const sld__sharpe_estimate *e) {
  return 1.0 - e->skew * e->sharpe + (e->kurt - 1.0) / 4.0 * e->sharpe * e->sharpe;
}

double sld__sharpe_stdev(const sld__sharpe_estimate *e) {
  return e->count < 2.0 ? NAN : sqrt(spread(e) / (e->count - 1.0));
}

double sld__psr(const sld__sharpe_estimate *e, double target) {
  return sld__norm_cdf((e->sharpe - target) / sld__sharpe_stdev(e));
}

double sld__expected_max_normal(double trials) {
  if (!(trials >= 1.0)) return NAN;
  if (trials == 1.0) return 0.0;
  return (1.0 - euler_gamma) * sld__norm_inverse(1.0 - 1.0 / trials) + euler_gamma * sld__norm_inverse(1.0 - 1.0 / (trials * euler));
}

double sld__dsr(const sld__sharpe_estimate *e, double trials_deviation, double trials) {
  return sld__psr(e, trials_deviation * sld__expected_max_normal(trials));
}

double sld__min_track_record_periods(const sld__sharpe_estimate *e, double target, double p) {
  if (!(e->sharpe > target)) return NAN;
  double distance = sld__norm_inverse(p) / (e->sharpe - target);
  return 1.0 + spread(e) * distance * distance;
}

double sld__min_backtest_length_years(double trials, double annual_sharpe) {
  double years = sld__expected_max_normal(trials) / annual_sharpe;
  return years * years;
}
