/* Lowest and highest of a moving window, in three comparisons per row whatever the data.
 *
 * The rows since the last gap are cut into blocks of p (van Herk 1992; Gil & Werman 1993). A window covers the end of one block and the start
 * of the next, so its extreme is that of two running extremes: backwards from the old block's end, taken when the block is complete, and
 * forwards from the new block's start. */
#include "indicator/family.h"

static inline double higher(double a, double b) {
  return a > b ? a : b;
}

static inline double lower(double a, double b) {
  return a < b ? a : b;
}

typedef double pick(double, double);

/* Inlined into its two callers, so that `better` costs one instruction. */
#define INLINED static inline __attribute__((always_inline))

/* Rows row..end-1 of a block; *forwards is the extreme of the block so far. `backwards` is NULL in the first block. */
INLINED void run_block(pick *better, double *forwards, const double *backwards, size_t p, size_t row, size_t end, const double *x, double *out) {
  double extreme = row ? *forwards : *x;
  const size_t inner = sld__least(end, p - 1);
  for (; row < inner; row++) {
    extreme = better(extreme, *x++);
    *out++ = backwards ? better(backwards[row + 1], extreme) : (double)NAN;
  }
  if (row < end) *out = extreme = better(extreme, *x); /* the block's last row: the window is the block */
  *forwards = extreme;
}

/* state: count, extreme of the new block so far, then p extremes from row j of the old block to its end.
 * The count goes 0..p-1 in the first block, then p..2p-1 in any other. */
INLINED void run_extreme(pick *better, double *state, const double *opt, size_t n, const double *x, double *out) {
  const size_t p = sld__period(opt);
  size_t count = (size_t)state[0];
  double *backwards = state + 2;
  for (size_t i = 0; i < n;) {
    const size_t row = count < p ? count : count - p;
    const size_t rows = sld__least(n - i, p - row);
    run_block(better, &state[1], count < p ? NULL : backwards, p, row, row + rows, x + i, out + i);
    count += rows;
    i += rows;
    if (row + rows < p) continue;
    const double *block = x + i - p;
    double extreme = block[p - 1];
    for (size_t k = p; k-- > 0;) backwards[k] = extreme = better(extreme, block[k]);
    count = p;
  }
  state[0] = (double)count;
}

void sld__run_min(double *state, const double *opt, size_t n, const double *x, double *out) {
  run_extreme(lower, state, opt, n, x, out);
}

void sld__run_max(double *state, const double *opt, size_t n, const double *x, double *out) {
  run_extreme(higher, state, opt, n, x, out);
}

static size_t run_state(const double *opt) {
  return 2 + sld__period(opt);
}

#define KERNEL(NAME, RUN)                                                                                             \
  static sld_status check_##NAME(const double *opt, sld_error *err) {                                                 \
    return sld__check_rows(#NAME, "the period", opt[0], 1, err);                                                      \
  }                                                                                                                   \
  static void step_##NAME(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {  \
    sld__step_runs(RUN, state, opt, n, in[0], out[0]);                                                                \
  }                                                                                                                   \
  const sld__kernel sld__kernel_of_##NAME = {                                                                         \
    .name = #NAME, .inputs = 1, .outputs = 1, .options = 1, .dear = true,                                             \
    .lookback = sld__rows_before, .history = sld__rows_before, .state_count = run_state,                              \
    .check = check_##NAME, .step = step_##NAME, .run = RUN };

KERNEL(rolling_min, sld__run_min)
KERNEL(rolling_max, sld__run_max)

/* ---- Channel: state of the lowest, then of the highest ---- */

static size_t donchian_state(const double *opt) {
  return 2 * run_state(opt);
}

static sld_status check_donchian(const double *opt, sld_error *err) {
  return sld__check_rows("donchian", "the period", opt[0], 1, err);
}

static void step_donchian(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {
  const double *high = in[0];
  const double *low = in[1];
  sld__step_runs(sld__run_min, state, opt, n, low, out[0]);
  sld__step_runs(sld__run_max, state + run_state(opt), opt, n, high, out[2]);
  for (size_t i = 0; i < n; i++) out[1][i] = (out[0][i] + out[2][i]) / 2;
}

const sld__kernel sld__kernel_of_donchian = {
  .name = "donchian", .inputs = 2, .outputs = 3, .options = 1, .dear = true,
  .lookback = sld__rows_before, .history = sld__rows_before, .state_count = donchian_state,
  .check = check_donchian, .step = step_donchian };
