/* Kernels that compare a row with one before it, or carry one forward. */
#include "indicator/family.h"

#include "base/fill.h"

/* ---- shift, momentum, roc: a value and the one p rows earlier. state: rows fed so far, at most p ---- */

static size_t one_double(const double *opt) {
  (void)opt;
  return 1;
}

/* NaN for the rows that have no row p earlier; returns their number. */
static size_t rows_before_start(double *state, size_t p, size_t n, double *out) {
  size_t fed = (size_t)state[0];
  size_t rows = sld__least(n, p - fed);
  sld__fill(out, rows, (double)NAN);
  state[0] = (double)(fed + rows);
  return rows;
}

#define LAGGED(NAME, LEAST, OPTION, EXPRESSION)                                                                       \
  static sld_status check_##NAME(const double *opt, sld_error *err) {                                                 \
    return sld__check_rows(#NAME, OPTION, opt[0], LEAST, err);                                                        \
  }                                                                                                                   \
  static void step_##NAME(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {  \
    const size_t p = sld__period(opt);                                                                                \
    double *restrict values = out[0];                                                                                 \
    const double *restrict xs = in[0];                                                                                \
    for (size_t i = rows_before_start(state, p, n, values); i < n; i++) {                                             \
      const double x = xs[i], earlier = *(xs + i - p);                                                                \
      (void)x;                                                                                                        \
      values[i] = (EXPRESSION);                                                                                       \
    }                                                                                                                 \
  }                                                                                                                   \
  const sld__kernel sld__kernel_of_##NAME = {                                                                         \
    .name = #NAME, .inputs = 1, .outputs = 1, .options = 1,                                                           \
    .lookback = sld__rows_period, .history = sld__rows_period, .state_count = one_double,                             \
    .check = check_##NAME, .step = step_##NAME };

LAGGED(shift, 0, "the number of rows", earlier)
LAGGED(momentum, 1, "the period", x - earlier)
LAGGED(roc, 1, "the period", earlier != 0 ? 100.0 * (x / earlier - 1.0) : (double)NAN)

/* ---- Crosses. state: 1 once there is a row before ---- */

#define CROSS(NAME, EXPRESSION)                                                                                       \
  static void step_##NAME(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {  \
    (void)opt;                                                                                                        \
    const double *restrict xs = in[0];                                                                                \
    const double *restrict ys = in[1];                                                                                \
    double *restrict values = out[0];                                                                                 \
    size_t i = 0;                                                                                                     \
    if (n && state[0] == 0) {                                                                                         \
      state[0] = 1;                                                                                                   \
      values[i++] = (double)NAN;                                                                                      \
    }                                                                                                                 \
    for (; i < n; i++) {                                                                                              \
      const double x = xs[i], y = ys[i], x1 = *(xs + i - 1), y1 = *(ys + i - 1);                                      \
      const double happened = (EXPRESSION) ? 1.0 : 0.0;                                                               \
      values[i] = isunordered(x, y) | isunordered(x1, y1) ? (double)NAN : happened;                                   \
    }                                                                                                                 \
  }                                                                                                                   \
  const sld__kernel sld__kernel_of_##NAME = {                                                                         \
    .name = #NAME, .inputs = 2, .outputs = 1, .constants = true,                                                      \
    .lookback = sld__rows_one, .history = sld__rows_one, .state_count = one_double,                                   \
    .check = sld__check_nothing, .step = step_##NAME };

CROSS(crossover, (x > y) & (x1 <= y1))
CROSS(crossunder, (x < y) & (x1 >= y1))
CROSS(cross, ((x > y) & (x1 <= y1)) | ((x < y) & (x1 >= y1)))

/* ---- ffill. state: 1 once there was a value, that value ---- */

static size_t two_doubles(const double *opt) {
  (void)opt;
  return 2;
}

static void step_ffill(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {
  (void)opt;
  const double *x = in[0];
  double last = state[0] != 0 ? state[1] : (double)NAN;
  for (size_t i = 0; i < n; i++) out[0][i] = last = x[i] == x[i] ? x[i] : last;
  state[0] = last == last;
  state[1] = last;
}

const sld__kernel sld__kernel_of_ffill = {
  .name = "ffill", .inputs = 1, .outputs = 1,
  .lookback = sld__rows_none, .history = sld__rows_none, .state_count = two_doubles,
  .check = sld__check_nothing, .step = step_ffill };
