/* Sums and weighted sums over a moving window, each by a running sum.
 *
 * The sum is taken anew from the window, in index order, when the window first fills and every 16 windows after: rounding errors cannot pile
 * up, and what an overflow spoilt heals. The rows at which this happens are counted from the last gap. */
#include "indicator/family.h"

#include "base/fill.h"

#include <string.h>

static double window_sum(const double *newest, size_t p) {
  double sum = 0;
  for (size_t k = p; k-- > 0;) sum += *(newest - k);
  return sum;
}

/* The count of finite values in state[0] as the runs below keep it: 0..p while the window fills, then p..16p between two refreshes. */
static bool due(size_t count, size_t p) {
  return count < p || count == SLD__REFRESH * p;
}

/* Fills rows in which the window is not full yet; returns their number. */
static size_t fill(size_t *count, size_t p, size_t n, double *out) {
  size_t rows = *count + 1 < p ? sld__least(n, p - 1 - *count) : 0;
  sld__fill(out, rows, (double)NAN);
  *count += rows;
  return rows;
}

/* state: count, sum. Divides each sum by `divisor`. */
static inline __attribute__((always_inline)) void run_sum(double *state, size_t p, double divisor, size_t n, const double *x, double *out) {
  if (p == 1) { /* the running form would round */
    memcpy(out, x, n * sizeof *out);
    return;
  }
  size_t count = (size_t)state[0];
  double sum = state[1];
  size_t i = fill(&count, p, n, out);
  while (i < n) {
    if (due(count, p)) {
      sum = window_sum(x + i, p);
      count = p;
      out[i++] = sum / divisor;
    }
    size_t end = i + sld__least(n - i, SLD__REFRESH * p - count);
    count += end - i;
    for (; i + 4 <= end; i += 4) { /* the sums one after the other, the divisions at once */
      const double *old = x + i - p;
      double first = sum + (x[i] - old[0]), second = first + (x[i + 1] - old[1]), third = second + (x[i + 2] - old[2]);
      sum = third + (x[i + 3] - old[3]);
      sld__four means = (sld__four){ first, second, third, sum } / divisor;
      memcpy(out + i, &means, sizeof means);
    }
    for (; i < end; i++) {
      sum += x[i] - *(x + i - p);
      out[i] = sum / divisor;
    }
  }
  state[0] = (double)count;
  state[1] = sum;
}

SLD__WIDE void sld__run_sma(double *state, const double *opt, size_t n, const double *x, double *out) {
  size_t p = sld__period(opt);
  run_sum(state, p, (double)p, n, x, out);
}

static SLD__WIDE void run_rolling_sum(double *state, const double *opt, size_t n, const double *x, double *out) {
  run_sum(state, sld__period(opt), 1.0, n, x, out);
}

/* What a weighted mean and a slope are made of, over the window's values y = x - origin, oldest first: the sum of y, and the sum of 1y, 2y .. py.
 * Both about an origin near the window, so that a price's level does not drown its changes. */
typedef struct weights {
  double origin;
  double sum;
  double ramp;
} weights;

static weights window_weights(const double *newest, size_t p) {
  weights w = { *newest, 0, 0 };
  for (size_t k = p; k-- > 0;) {
    double y = *(newest - k) - w.origin;
    w.sum += y;
    w.ramp += (double)(p - k) * y;
  }
  return w;
}

/* out = of_origin * origin + of_sum * sum + of_ramp * ramp. state: count, then weights. */
static inline void run_weights(double *state, size_t p, double of_origin, double of_sum, double of_ramp, size_t n, const double *x, double *out) {
  size_t count = (size_t)state[0];
  weights w = { state[1], state[2], state[3] };
  const double newest_weight = (double)p;
  size_t i = fill(&count, p, n, out);
  while (i < n) {
    if (due(count, p)) {
      w = window_weights(x + i, p);
      count = p;
      out[i++] = of_origin * w.origin + (of_sum * w.sum + of_ramp * w.ramp);
    }
    size_t end = i + sld__least(n - i, SLD__REFRESH * p - count);
    count += end - i;
    for (; i < end; i++) {
      w.ramp += newest_weight * (x[i] - w.origin) - w.sum; /* every old weight falls by 1 */
      w.sum += x[i] - *(x + i - p);
      out[i] = of_origin * w.origin + (of_sum * w.sum + of_ramp * w.ramp);
    }
  }
  state[0] = (double)count;
  state[1] = w.origin;
  state[2] = w.sum;
  state[3] = w.ramp;
}

static void run_wma(double *state, const double *opt, size_t n, const double *x, double *out) {
  size_t p = sld__period(opt);
  if (p == 1) {
    memcpy(out, x, n * sizeof *out);
    return;
  }
  double m = (double)p;
  run_weights(state, p, 1.0, 0.0, 2.0 / (m * (m + 1)), n, x, out);
}

/* With t = 1..p: sum((t - (p + 1) / 2) y) / sum((t - (p + 1) / 2)^2), and the latter is p (p^2 - 1) / 12. */
static void run_linreg_slope(double *state, const double *opt, size_t n, const double *x, double *out) {
  double m = opt[0];
  double per_ramp = 12.0 / (m * (m * m - 1));
  run_weights(state, sld__period(opt), 0.0, -per_ramp * (m + 1) / 2, per_ramp, n, x, out);
}

/* ---- cumsum: the sum since the start or the last gap; state: it ---- */

static size_t one_double(const double *opt) {
  (void)opt;
  return 1;
}

static void step_cumsum(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {
  (void)opt;
  double sum = state[0];
  for (size_t i = 0; i < n; i++) {
    bool there = sld__finite(in[0][i]);
    sum = there ? sum + in[0][i] : 0;
    out[0][i] = there ? sum : (double)NAN;
  }
  state[0] = sum;
}

const sld__kernel sld__kernel_of_cumsum = {
  .name = "cumsum", .inputs = 1, .outputs = 1, .dear = true,
  .lookback = sld__rows_none, .history = sld__rows_none, .state_count = one_double,
  .check = sld__check_nothing, .step = step_cumsum };

static size_t two_doubles(const double *opt) {
  (void)opt;
  return 2;
}

static size_t four_doubles(const double *opt) {
  (void)opt;
  return 4;
}

#define KERNEL(NAME, RUN, LEAST, STATE)                                                                               \
  static sld_status check_##NAME(const double *opt, sld_error *err) {                                                 \
    return sld__check_rows(#NAME, "the period", opt[0], LEAST, err);                                                  \
  }                                                                                                                   \
  static void step_##NAME(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {  \
    sld__step_runs(RUN, state, opt, n, in[0], out[0]);                                                                \
  }                                                                                                                   \
  const sld__kernel sld__kernel_of_##NAME = {                                                                         \
    .name = #NAME, .inputs = 1, .outputs = 1, .options = 1, .dear = true,                                             \
    .lookback = sld__rows_before, .history = sld__rows_period, .state_count = STATE,                                  \
    .check = check_##NAME, .step = step_##NAME, .run = RUN };

KERNEL(sma, sld__run_sma, 1, two_doubles)
KERNEL(rolling_sum, run_rolling_sum, 1, two_doubles)
KERNEL(wma, run_wma, 1, four_doubles)
KERNEL(linreg_slope, run_linreg_slope, 2, four_doubles)
