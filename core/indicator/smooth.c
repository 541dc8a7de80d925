/* Recursive means, and the indicators made of them: ema, ema_first, rma, macd, rsi, atr.
 *
 * A recursive mean moves by a (x - e) per row, three dependent operations. Four rows at a time the chain is shorter: with d[k] = x[k] - e about
 * the mean before the four rows and b = 1 - a,
 *
 *   e[k] = e + (a d[k] + a b d[k-1] + a b^2 d[k-2] + a b^3 d[k-3])
 *
 * Rows are grouped by their distance from the seed, so a row has the same bits whether its group comes in one call or in four; and a column
 * of equal values has exactly that mean. */
#include "indicator/family.h"

#include <string.h>

enum { GROUP = SLD__GROUP, SMOOTHING = SLD__SMOOTHING };

typedef struct powers {
  double w0, w1, w2, w3; /* a, a b, a b^2, a b^3 */
} powers;

static powers powers_of(double a) {
  double b = 1 - a;
  return (powers){ a, a * b, a * (b * b), a * (b * (b * b)) };
}

/* The mean at row k of a group, d[0..k] being the distances from the mean before it. */
static inline double smoothed(const powers *w, double e, const double *d, size_t k) {
  switch (k) {
    case 0: return e + w->w0 * d[0];
    case 1: return e + (w->w0 * d[1] + w->w1 * d[0]);
    case 2: return e + ((w->w0 * d[2] + w->w1 * d[1]) + w->w2 * d[0]);
    default: return e + ((w->w0 * d[3] + w->w1 * d[2]) + (w->w2 * d[1] + w->w3 * d[0]));
  }
}

/* Whole groups; returns the mean after the last. */
static double smooth_groups(const powers *w, double e, size_t groups, const double *x, double *out) {
  for (size_t g = 0; g < groups; g++, x += GROUP, out += GROUP) {
    const double d[GROUP] = { x[0] - e, x[1] - e, x[2] - e, x[3] - e };
    out[0] = smoothed(w, e, d, 0);
    out[1] = smoothed(w, e, d, 1);
    out[2] = smoothed(w, e, d, 2);
    out[3] = e = smoothed(w, e, d, 3);
  }
  return e;
}

/* The recursive mean, seeded with the mean of the first `seed` values; 0 < a <= 1. Counts as sld__run does.
 *   state   count, then the sum of the values so far (count < seed) or the mean before the group, then the group's d[0..3]
 * The count goes 0..seed, then seed..seed+3 by the row's place in its group. */
static void smooth(double *state, size_t seed, double a, size_t n, const double *x, double *out) {
  if (a == 1) { /* the mean is the value; the recursion would round it */
    memcpy(out, x, n * sizeof *out);
    return;
  }
  size_t count = (size_t)state[0];
  double e = count ? state[1] : 0;
  double *d = state + 2;
  size_t i = 0;
  for (; i < n && count < seed; i++) {
    e += x[i];
    count++;
    if (count == seed) e /= (double)seed;
    out[i] = count == seed ? e : (double)NAN;
  }
  const powers w = powers_of(a);
  while (i < n) {
    size_t place = count - seed;
    if (place == 0 && n - i >= GROUP) {
      size_t groups = (n - i) / GROUP;
      e = smooth_groups(&w, e, groups, x + i, out + i);
      i += groups * GROUP;
      continue;
    }
    d[place] = x[i] - e;
    out[i] = smoothed(&w, e, d, place);
    if (place == GROUP - 1) e = out[i];
    count = place == GROUP - 1 ? seed : count + 1;
    i++;
  }
  state[0] = (double)count;
  state[1] = e;
}

/* ---- Means ---- */

static void run_ema(double *state, const double *opt, size_t n, const double *x, double *out) {
  smooth(state, sld__period(opt), 2.0 / (opt[0] + 1), n, x, out);
}

static void run_ema_first(double *state, const double *opt, size_t n, const double *x, double *out) {
  smooth(state, 1, 2.0 / (opt[0] + 1), n, x, out);
}

void sld__run_rma(double *state, const double *opt, size_t n, const double *x, double *out) {
  smooth(state, sld__period(opt), 1.0 / opt[0], n, x, out);
}

static size_t mean_state(const double *opt) {
  (void)opt;
  return SMOOTHING;
}

#define CHECKED(NAME)                                                                                                 \
  static sld_status check_##NAME(const double *opt, sld_error *err) {                                                 \
    return sld__check_rows(#NAME, "the period", opt[0], 1, err);                                                      \
  }

#define MEAN(NAME, RUN, LOOKBACK)                                                                                     \
  CHECKED(NAME)                                                                                                       \
  static void step_##NAME(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {  \
    sld__step_runs(RUN, state, opt, n, in[0], out[0]);                                                                \
  }                                                                                                                   \
  const sld__kernel sld__kernel_of_##NAME = {                                                                         \
    .name = #NAME, .inputs = 1, .outputs = 1, .options = 1, .dear = true,                                             \
    .lookback = LOOKBACK, .history = sld__rows_none, .state_count = mean_state,                                       \
    .check = check_##NAME, .step = step_##NAME, .run = RUN };

MEAN(ema, run_ema, sld__rows_before)
MEAN(ema_first, run_ema_first, sld__rows_none)
MEAN(rma, sld__run_rma, sld__rows_before)

/* ---- macd: opt is fast, slow, signal; a mean's state for each ---- */

static size_t macd_lookback(const double *opt) {
  double later = opt[0] > opt[1] ? opt[0] : opt[1];
  return (size_t)(later + opt[2]) - 2;
}

static size_t macd_state(const double *opt) {
  (void)opt;
  return 3 * SMOOTHING;
}

static sld_status check_macd(const double *opt, sld_error *err) {
  static const char *const names[] = { "the fast period", "the slow period", "the signal period" };
  for (int k = 0; k < 3; k++) {
    sld_status status = sld__check_rows("macd", names[k], opt[k], 1, err);
    if (status != SLD_OK) return status;
  }
  return SLD_OK;
}

static void step_macd(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {
  double *line = out[0], *signal = out[1], *histogram = out[2];
  sld__step_runs(run_ema, state, &opt[0], n, in[0], line);
  sld__step_runs(run_ema, state + SMOOTHING, &opt[1], n, in[0], signal);
  for (size_t i = 0; i < n; i++) line[i] -= signal[i];
  sld__step_runs(run_ema, state + 2 * SMOOTHING, &opt[2], n, line, signal);
  for (size_t i = 0; i < n; i++) histogram[i] = line[i] - signal[i];
}

const sld__kernel sld__kernel_of_macd = {
  .name = "macd", .inputs = 1, .outputs = 3, .options = 3, .dear = true,
  .lookback = macd_lookback, .history = sld__rows_none, .state_count = macd_state,
  .check = check_macd, .step = step_macd };

/* ---- rsi; state: 1 once there is a value before, that value, the mean rise's state, the mean fall's ---- */

static size_t rsi_state(const double *opt) {
  (void)opt;
  return 2 + 2 * SMOOTHING;
}

static void run_rsi(double *state, const double *opt, size_t n, const double *x, double *out) {
  double *mean_rise = state + 2, *mean_fall = state + 2 + SMOOTHING;
  double rise[SLD__CHUNK], fall[SLD__CHUNK];
  if (n && state[0] == 0) {
    mean_rise[0] = mean_fall[0] = 0;
    state[0] = 1;
    state[1] = *x++;
    *out++ = (double)NAN;
    n--;
  }
  for (size_t rows; n > 0; n -= rows, x += rows, out += rows) {
    rows = sld__least(n, SLD__CHUNK);
    for (size_t i = 0; i < rows; i++) {
      double change = x[i] - (i ? *(x + i - 1) : state[1]);
      rise[i] = change > 0 ? change : 0;
      fall[i] = change < 0 ? -change : 0;
    }
    state[1] = x[rows - 1];
    double smooth_rise[SLD__CHUNK];
    sld__run_rma(mean_rise, opt, rows, rise, smooth_rise);
    sld__run_rma(mean_fall, opt, rows, fall, out);
    for (size_t i = 0; i < rows; i++) out[i] = 100.0 * smooth_rise[i] / (smooth_rise[i] + out[i]);
  }
}

CHECKED(rsi)

static void step_rsi(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {
  sld__step_runs(run_rsi, state, opt, n, in[0], out[0]);
}

const sld__kernel sld__kernel_of_rsi = {
  .name = "rsi", .inputs = 1, .outputs = 1, .options = 1, .dear = true,
  .lookback = sld__rows_period, .history = sld__rows_none, .state_count = rsi_state,
  .check = check_rsi, .step = step_rsi, .run = run_rsi };

/* ---- True range; state: 1 once there is a bar before, its close ---- */

/* `value` where all three of a bar are finite, else NaN. */
static inline double where_whole(double value, double high, double low, double close) {
  return value + ((high - high) + (low - low) + (close - close));
}

/* `before` is NaN where there is no close before; a comparison with NaN is false. */
static inline double range_of(double high, double low, double before) {
  double range = high - low, up = fabs(high - before), down = fabs(low - before);
  range = up > range ? up : range;
  return down > range ? down : range;
}

static void true_range(double *state, size_t n, const double *restrict high, const double *restrict low, const double *restrict close,
                       double *restrict out) {
  if (n == 0) return;
  double before = state[0] != 0 ? state[1] : (double)NAN;
  out[0] = where_whole(range_of(high[0], low[0], before), high[0], low[0], close[0]);
  for (size_t i = 1; i < n; i++) {
    before = where_whole(close[i - 1], high[i - 1], low[i - 1], close[i - 1]);
    out[i] = where_whole(range_of(high[i], low[i], before), high[i], low[i], close[i]);
  }
  before = where_whole(close[n - 1], high[n - 1], low[n - 1], close[n - 1]);
  state[0] = before == before;
  state[1] = before;
}

static size_t tr_state(const double *opt) {
  (void)opt;
  return 2;
}

static void step_tr(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {
  (void)opt;
  true_range(state, n, in[0], in[1], in[2], out[0]);
}

const sld__kernel sld__kernel_of_tr = {
  .name = "tr", .inputs = 3, .outputs = 1,
  .lookback = sld__rows_none, .history = sld__rows_none, .state_count = tr_state,
  .check = sld__check_nothing, .step = step_tr };

static size_t atr_state(const double *opt) {
  (void)opt;
  return SLD__ATR_STATE;
}

void sld__step_atr(double *state, const double *opt, size_t n, const double *const *in, double *out) {
  double range[SLD__CHUNK];
  for (size_t i = 0, rows; i < n; i += rows) {
    rows = sld__least(n - i, SLD__CHUNK);
    true_range(state, rows, in[0] + i, in[1] + i, in[2] + i, range);
    sld__step_runs(sld__run_rma, state + 2, opt, rows, range, out + i);
  }
}

static void step_atr(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {
  sld__step_atr(state, opt, n, in, out[0]);
}

CHECKED(atr)

const sld__kernel sld__kernel_of_atr = {
  .name = "atr", .inputs = 3, .outputs = 1, .options = 1, .dear = true,
  .lookback = sld__rows_before, .history = sld__rows_none, .state_count = atr_state,
  .check = check_atr, .step = step_atr };
