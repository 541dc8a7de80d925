/* Standard deviation over a moving window, and the bands made of it.
 *
 * Running sums of y = x - origin and of y^2 give the sum of squared deviations sum(y^2) - sum(y)^2 / p. The subtraction is harmless while the
 * origin lies near the window. So both sums are taken anew, about the window's own mean, when the window first fills, every 16 windows, and as
 * soon as the difference is less than a 10,000th of the largest sum(y^2) since: then a level that has moved away, or a jump that has left
 * the window, has eaten digits. What decides is the data alone, so any split of the rows gives the same bits. A window of equal values gives
 * exactly 0. */
#include "indicator/family.h"

#include "base/error.h"

static const double digits_kept = 1e-4;

typedef struct spread {
  double origin;
  double sum;
  double squares;
  double largest; /* squares since the sums were taken */
} spread;

/* The mean is taken about the newest value, so that equal values have it exactly. */
static double window_mean(const double *newest, size_t p) {
  double sum = 0;
  for (size_t k = p; k-- > 0;) sum += *(newest - k) - *newest;
  return *newest + sum / (double)p;
}

static spread window_spread(const double *newest, size_t p) {
  spread s = { window_mean(newest, p), 0, 0, 0 };
  for (size_t k = p; k-- > 0;) {
    double y = *(newest - k) - s.origin;
    s.sum += y;
    s.squares += y * y;
  }
  s.largest = s.squares;
  return s;
}

static inline double deviations(const spread *s, double per_p) {
  return s->squares - s->sum * (s->sum * per_p);
}

/* state: count, then spread. The count goes 0..p while the window fills, then p..16p. */
void sld__run_stddev(double *state, const double *opt, size_t n, const double *x, double *out) {
  size_t p = sld__period(opt);
  const double per_p = 1.0 / (double)p;
  const double divisor = (double)p - opt[1];
  size_t count = (size_t)state[0];
  spread s = { state[1], state[2], state[3], state[4] };
  for (size_t i = 0; i < n; i++) {
    if (count + 1 < p) {
      count++;
      out[i] = (double)NAN;
      continue;
    }
    double total = 0;
    bool anew = count < p || count == SLD__REFRESH * p;
    if (!anew) {
      double newest = x[i], oldest = *(x + i - p);
      s.sum += newest - oldest;
      s.squares += (newest - oldest) * ((newest - s.origin) + (oldest - s.origin));
      s.largest = s.squares > s.largest ? s.squares : s.largest;
      total = deviations(&s, per_p);
      anew = !(total >= s.largest * digits_kept); /* NaN too */
      count++;
    }
    if (anew) {
      s = window_spread(x + i, p);
      total = deviations(&s, per_p);
      count = p;
    }
    out[i] = sqrt((total < 0 ? 0 : total) / divisor);
  }
  state[0] = (double)count;
  state[1] = s.origin;
  state[2] = s.sum;
  state[3] = s.squares;
  state[4] = s.largest;
}

static size_t stddev_state(const double *opt) {
  (void)opt;
  return 5;
}

static sld_status check_stddev(const double *opt, sld_error *err) {
  sld_status status = sld__check_rows("stddev", "the period", opt[0], 1, err);
  if (status != SLD_OK) return status;
  if ((opt[1] == 0 || opt[1] == 1) && opt[1] < opt[0]) return SLD_OK;
  return sld__fail(err, SLD_ERANGE, "stddev: ddof must be 0 or 1, and less than the period");
}

static void step_stddev(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {
  sld__step_runs(sld__run_stddev, state, opt, n, in[0], out[0]);
}

const sld__kernel sld__kernel_of_stddev = {
  .name = "stddev", .inputs = 1, .outputs = 1, .options = 2, .dear = true,
  .lookback = sld__rows_before, .history = sld__rows_period, .state_count = stddev_state,
  .check = check_stddev, .step = step_stddev, .run = sld__run_stddev };

/* ---- Bands: state of sma (2), then of stddev ---- */

static size_t bollinger_state(const double *opt) {
  return 2 + stddev_state(opt);
}

static sld_status check_bollinger(const double *opt, sld_error *err) {
  sld_status status = sld__check_rows("bollinger", "the period", opt[0], 1, err);
  if (status != SLD_OK) return status;
  if (sld__finite(opt[1]) && opt[1] >= 0) return SLD_OK;
  return sld__fail(err, SLD_ERANGE, "bollinger: the number of deviations must be a number >= 0");
}

static void step_bollinger(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {
  const double population[2] = { opt[0], 0 };
  double *restrict lower = out[0];
  double *restrict middle = out[1];
  double *restrict upper = out[2];
  sld__step_runs(sld__run_sma, state, opt, n, in[0], middle);
  sld__step_runs(sld__run_stddev, state + 2, population, n, in[0], upper);
  for (size_t i = 0; i < n; i++) {
    double width = opt[1] * upper[i];
    lower[i] = middle[i] - width;
    upper[i] = middle[i] + width;
  }
}

const sld__kernel sld__kernel_of_bollinger = {
  .name = "bollinger", .inputs = 1, .outputs = 3, .options = 2, .dear = true,
  .lookback = sld__rows_before, .history = sld__rows_period, .state_count = bollinger_state,
  .check = check_bollinger, .step = step_bollinger };
