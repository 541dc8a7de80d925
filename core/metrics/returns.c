/* Figures of one column of simple period returns. */
#include "metrics/returns.h"

#include "base/math.h"

#include <math.h>

/* A ratio whose divisor may be exactly 0: infinite with the sign of the dividend, NaN for 0/0. */
static double ratio(double dividend, double divisor) {
  return dividend / fabs(divisor);
}

double sld__wealth(const double *r, size_t n) {
  double wealth = 1.0;
  for (size_t i = 0; i < n; i++)
    if (!isnan(r[i])) wealth *= 1.0 + r[i];
  return wealth;
}

double sld__annual_return(const double *r, size_t n, double periods) {
  if (n == 0) return NAN;
  double wealth = sld__wealth(r, n);
  return wealth < 0.0 ? NAN : sld__pow(wealth, periods / (double)n) - 1.0;
}

double sld__annual_volatility(const double *r, size_t n, double periods) {
  sld__moments m = sld__moments_of(r, n);
  return sld__deviation(&m, 1) * sqrt(periods);
}

double sld__sharpe_of(const sld__moments *m, double rf, double periods) {
  return ratio(m->mean - rf, sld__deviation(m, 1)) * sqrt(periods);
}

double sld__sharpe(const double *r, size_t n, double rf, double periods) {
  sld__moments m = sld__moments_of(r, n);
  return sld__sharpe_of(&m, rf, periods);
}

sld__sides sld__sides_of(const double *r, size_t n, double threshold) {
  size_t count = 0;
  double gain = 0.0, loss = 0.0, squares = 0.0;
  for (size_t i = 0; i < n; i++) {
    double x = r[i] - threshold;
    if (isnan(x)) continue;
    /* Halves of |x| + x and |x| - x: exact, and without a branch that guesses the sign wrong every other time. */
    double size = fabs(x), down = size - x;
    count++;
    gain += size + x;
    loss += down;
    squares += down * down;
  }
  return (sld__sides){ count, 0.5 * gain, 0.5 * loss, 0.25 * squares };
}

double sld__downside_risk(const double *r, size_t n, double mar, double periods) {
  sld__sides s = sld__sides_of(r, n, mar);
  return sqrt(s.loss_squares / (double)s.count) * sqrt(periods);
}

double sld__sortino_of(const sld__sides *s, double periods) {
  if (s->count < 2) return NAN;
  double count = (double)s->count;
  return ratio((s->gain - s->loss) / count * periods, sqrt(s->loss_squares / count) * sqrt(periods));
}

double sld__sortino(const double *r, size_t n, double mar, double periods) {
  sld__sides s = sld__sides_of(r, n, mar);
  return sld__sortino_of(&s, periods);
}

double sld__max_drawdown(const double *r, size_t n) {
  if (n == 0) return NAN;
  double wealth = 1.0, peak = 1.0, worst = 0.0;
  for (size_t i = 0; i < n; i++) {
    if (isnan(r[i])) continue;
    wealth *= 1.0 + r[i];
    peak = wealth > peak ? wealth : peak;
    double fall = wealth / peak - 1.0;
    worst = fall < worst ? fall : worst;
  }
  return worst;
}

double sld__calmar(const double *r, size_t n, double periods) {
  double worst = sld__max_drawdown(r, n);
  return worst < 0.0 ? sld__annual_return(r, n, periods) / -worst : NAN;
}

double sld__omega_of(const sld__sides *s) {
  return s->count >= 2 && s->loss > 0.0 ? s->gain / s->loss : NAN;
}

double sld__omega(const double *r, size_t n, double rf, double required, double periods) {
  if (required <= -1.0) return NAN;
  double threshold = sld__pow(1.0 + required, 1.0 / periods) - 1.0;
  sld__sides s = sld__sides_of(r, n, rf + threshold);
  return sld__omega_of(&s);
}

double sld__tail_ratio(const double *r, size_t n, double *scratch) {
  double high = sld__quantile(r, n, 0.95, scratch);
  return ratio(fabs(high), sld__quantile(r, n, 0.05, scratch));
}

double sld__value_at_risk(const double *r, size_t n, double cutoff, double *scratch) {
  return sld__quantile(r, n, cutoff, scratch);
}

double sld__conditional_value_at_risk(const double *r, size_t n, double cutoff, double *scratch) {
  return sld__lower_tail(r, n, cutoff, scratch).mean;
}

/* ln(1 + r). Period returns are small and there are many of them: below 1/64 nine terms of the series are exact to the last bit or two
 * and cost a hundredth of a correctly rounded logarithm. Larger ones are halved by ln(1 + r) = 2 ln(sqrt(1 + r)) until they are small. */
static double log_growth(double r) {
  double scale = 1.0;
  if (r <= -1.0) return NAN;
  for (; fabs(r) > 1.0 / 64.0; scale *= 2.0) r /= 1.0 + sqrt(1.0 + r);
  double s = r * r;
  double odd = 1.0 / 3 + s * (1.0 / 5 + s * (1.0 / 7 + s * (1.0 / 9)));
  double even = 1.0 / 2 + s * (1.0 / 4 + s * (1.0 / 6 + s * (1.0 / 8)));
  return scale * (r + s * (r * odd - even));
}

double sld__stability(const double *r, size_t n) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++) count += isnan(r[i]) == 0;
  if (count < 2) return NAN;
  /* Heights are measured from the first point: a shift changes no correlation, and a flat curve stays exactly flat. */
  double height = 0.0, sum = 0.0, squares = 0.0, cross = 0.0, x = -0.5 * (double)(count - 1);
  int first = 1;
  for (size_t i = 0; i < n; i++) {
    if (isnan(r[i])) continue;
    if (!first) height += log_growth(r[i]);
    else if (r[i] <= -1.0) return NAN;
    first = 0;
    sum += height;
    squares += height * height;
    cross += x * height;
    x += 1.0;
  }
  double m = (double)count, spread_x = m * (m * m - 1.0) / 12.0, spread_y = squares - sum * sum / m;
  return cross * cross / (spread_x * spread_y);
}
