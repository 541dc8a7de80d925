/* Two columns together over a moving window: correlation, and the slope of one on the other.
 *
 * Running sums as in deviation.c, of both columns' distances from origins near the window, of their squares and of their products; taken anew
 * when the window first fills, every 16 windows, and as soon as either sum of squared deviations is less than a 100th of the largest sum of
 * squares since. What decides is the data alone, so any split of the rows gives the same bits. A window of equal values has no deviation at all. */
#include "indicator/family.h"

static const double digits_kept = 1e-2;

/* One column's part. */
typedef struct part {
  double origin, sum, squares;
  double largest; /* squares since the sums were taken */
} part;

typedef struct joint {
  part x, y;
  double products;
} joint;

static double mean_about_newest(const double *newest, size_t p) {
  double sum = 0;
  for (size_t k = p; k-- > 0;) sum += *(newest - k) - *newest;
  return *newest + sum / (double)p;
}

static joint window_joint(const double *x, const double *y, size_t p) {
  joint j = { .x.origin = mean_about_newest(x, p), .y.origin = mean_about_newest(y, p) };
  for (size_t k = p; k-- > 0;) {
    double a = *(x - k) - j.x.origin, b = *(y - k) - j.y.origin;
    j.x.sum += a;
    j.y.sum += b;
    j.x.squares += a * a;
    j.y.squares += b * b;
    j.products += a * b;
  }
  j.x.largest = j.x.squares;
  j.y.largest = j.y.squares;
  return j;
}

static void slide(part *s, double newest, double oldest) {
  s->sum += newest - oldest;
  s->squares += (newest - oldest) * ((newest - s->origin) + (oldest - s->origin));
  s->largest = s->squares > s->largest ? s->squares : s->largest;
}

static inline double deviations(const part *s, double per_p) {
  return s->squares - s->sum * (s->sum * per_p);
}

static inline bool worn(const part *s, double per_p) {
  return !(deviations(s, per_p) >= s->largest * digits_kept); /* NaN too */
}

/* state: count, then joint's nine doubles. The count goes 0..p while the window fills, then p..16p. */
enum { STATE = 10 };

typedef double measure(double xx, double yy, double xy);

static inline void run(measure *of, double *state, size_t p, size_t n, const double *x, const double *y, double *out) {
  const double per_p = 1.0 / (double)p;
  size_t count = (size_t)state[0];
  joint j = { { state[1], state[2], state[3], state[4] }, { state[5], state[6], state[7], state[8] }, state[9] };
  for (size_t i = 0; i < n; i++) {
    if (count + 1 < p) {
      count++;
      out[i] = (double)NAN;
      continue;
    }
    bool anew = count < p || count == SLD__REFRESH * p;
    if (!anew) {
      double x_old = *(x + i - p), y_old = *(y + i - p);
      j.products += (x[i] - j.x.origin) * (y[i] - j.y.origin) - (x_old - j.x.origin) * (y_old - j.y.origin);
      slide(&j.x, x[i], x_old);
      slide(&j.y, y[i], y_old);
      anew = worn(&j.x, per_p) || worn(&j.y, per_p);
      count++;
    }
    if (anew) {
      j = window_joint(x + i, y + i, p);
      count = p;
    }
    out[i] = of(deviations(&j.x, per_p), deviations(&j.y, per_p), j.products - j.x.sum * (j.y.sum * per_p));
  }
  const double kept[STATE] = { (double)count, j.x.origin, j.x.sum, j.x.squares, j.x.largest, j.y.origin, j.y.sum, j.y.squares, j.y.largest, j.products };
  for (int k = 0; k < STATE; k++) state[k] = kept[k];
}

/* Stretches of rows in which both columns are finite, and NaN and a fresh start between them. */
static inline void step_both(measure *of, double *state, const double *opt, size_t n, const double *x, const double *y, double *out) {
  for (size_t i = 0; i < n;) {
    size_t end = i + sld__finite_run(x + i, n - i), other = i + sld__finite_run(y + i, n - i);
    if (other < end) end = other;
    if (end > i) run(of, state, sld__period(opt), end - i, x + i, y + i, out + i);
    for (i = end; i < n && !(sld__finite(x[i]) && sld__finite(y[i])); i++) {
      out[i] = (double)NAN;
      state[0] = 0;
    }
  }
}

static double correlation(double xx, double yy, double xy) {
  if (!(xx > 0 && yy > 0)) return (double)NAN;
  double c = xy / sqrt(xx * yy);
  return c > 1 ? 1 : c < -1 ? -1 : c;
}

static double slope(double xx, double yy, double xy) {
  (void)xx;
  return yy > 0 ? xy / yy : (double)NAN;
}

static size_t ten_doubles(const double *opt) {
  (void)opt;
  return STATE;
}

#define KERNEL(NAME, MEASURE)                                                                                         \
  static sld_status check_##NAME(const double *opt, sld_error *err) {                                                 \
    return sld__check_rows(#NAME, "the period", opt[0], 2, err);                                                      \
  }                                                                                                                   \
  static void step_##NAME(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {  \
    step_both(MEASURE, state, opt, n, in[0], in[1], out[0]);                                                          \
  }                                                                                                                   \
  const sld__kernel sld__kernel_of_##NAME = {                                                                         \
    .name = #NAME, .inputs = 2, .outputs = 1, .options = 1, .dear = true,                                             \
    .lookback = sld__rows_before, .history = sld__rows_period, .state_count = ten_doubles,                            \
    .check = check_##NAME, .step = step_##NAME };

KERNEL(corr, correlation)
KERNEL(beta, slope)
