/* Indicators of a bar's direction: dmi, aroon, supertrend, cci, sar. */
#include "indicator/family.h"

#include "base/error.h"

#include <string.h>

static sld_status check_period(const char *kernel, const double *opt, sld_error *err) {
  return sld__check_rows(kernel, "the period", opt[0], 1, err);
}

/* ---- dmi: opt is the period and that of adx. state: 1 once there is a bar before, its high, low, close; the means of ranges, rises, falls, dx ---- */

enum { DMI_BEFORE = 4, DMI_STATE = DMI_BEFORE + 4 * SLD__SMOOTHING };

static size_t dmi_state(const double *opt) {
  (void)opt;
  return DMI_STATE;
}

static size_t dmi_lookback(const double *opt) {
  return (size_t)(opt[0] + opt[1]) - 1;
}

static sld_status check_dmi(const double *opt, sld_error *err) {
  sld_status status = check_period("dmi", opt, err);
  return status == SLD_OK ? sld__check_rows("dmi", "the period of adx", opt[1], 1, err) : status;
}

/* The moves of n <= SLD__CHUNK bars against the bar before each; NaN where one of the two is not whole. */
typedef struct moves {
  double range[SLD__CHUNK], up[SLD__CHUNK], down[SLD__CHUNK];
} moves;

static void find_moves(moves *m, double *state, size_t n, const double *high, const double *low, const double *close) {
  for (size_t i = 0; i < n; i++) {
    bool whole = sld__finite(high[i]) && sld__finite(low[i]) && sld__finite(close[i]);
    m->range[i] = m->up[i] = m->down[i] = (double)NAN;
    if (whole && state[0] != 0) {
      double rise = high[i] - state[1], fall = state[2] - low[i], to_high = fabs(high[i] - state[3]), to_low = fabs(low[i] - state[3]);
      double range = high[i] - low[i];
      range = to_high > range ? to_high : range;
      m->range[i] = to_low > range ? to_low : range;
      m->up[i] = rise > fall && rise > 0 ? rise : 0;
      m->down[i] = fall > rise && fall > 0 ? fall : 0;
    }
    state[0] = whole;
    state[1] = high[i];
    state[2] = low[i];
    state[3] = close[i];
  }
}

static void step_dmi(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {
  double *means = state + DMI_BEFORE;
  for (size_t at = 0, rows; at < n; at += rows) {
    moves m;
    double range[SLD__CHUNK], between[SLD__CHUNK];
    double *plus = out[0] + at, *minus = out[1] + at;
    rows = sld__least(n - at, SLD__CHUNK);
    find_moves(&m, state, rows, in[0] + at, in[1] + at, in[2] + at);
    sld__step_runs(sld__run_rma, means, opt, rows, m.range, range);
    sld__step_runs(sld__run_rma, means + SLD__SMOOTHING, opt, rows, m.up, plus);
    sld__step_runs(sld__run_rma, means + 2 * SLD__SMOOTHING, opt, rows, m.down, minus);
    for (size_t i = 0; i < rows; i++) {
      plus[i] = 100.0 * plus[i] / range[i];
      minus[i] = 100.0 * minus[i] / range[i];
      double sum = plus[i] + minus[i];
      between[i] = 100.0 * fabs(plus[i] - minus[i]) / (sum == 0 ? 1 : sum);
    }
    sld__step_runs(sld__run_rma, means + 3 * SLD__SMOOTHING, opt + 1, rows, between, out[2] + at);
  }
}

const sld__kernel sld__kernel_of_dmi = {
  .name = "dmi", .inputs = 3, .outputs = 3, .options = 2, .dear = true,
  .lookback = dmi_lookback, .history = sld__rows_none, .state_count = dmi_state,
  .check = check_dmi, .step = step_dmi };

/* ---- aroon: rows since the lowest and the highest of p + 1 rows. state of each: count of finite rows, at most p + 1; rows since the extreme ---- */

static inline bool not_below(double a, double b) {
  return a >= b;
}

static inline bool not_above(double a, double b) {
  return a <= b;
}

typedef bool beats(double newer, double older);

/* out = 100 (p - rows since) / p; of equal extremes the latest counts. */
static inline __attribute__((always_inline)) void run_since(beats *better, double *state, size_t p, size_t n, const double *x, double *out) {
  size_t count = (size_t)state[0], since = (size_t)state[1];
  for (size_t i = 0; i < n; i++) {
    since++;
    if (count <= p) count++;
    if (count == 1 || better(x[i], *(x + i - since))) {
      since = 0;
    } else if (since > p) {
      since = p;
      for (size_t k = p; k-- > 0;)
        if (better(*(x + i - k), *(x + i - since))) since = k;
    }
    out[i] = count > p ? 100.0 * (double)(p - since) / (double)p : (double)NAN;
  }
  state[0] = (double)count;
  state[1] = (double)since;
}

static void run_since_low(double *state, const double *opt, size_t n, const double *x, double *out) {
  run_since(not_above, state, sld__period(opt), n, x, out);
}

static void run_since_high(double *state, const double *opt, size_t n, const double *x, double *out) {
  run_since(not_below, state, sld__period(opt), n, x, out);
}

static size_t aroon_history(const double *opt) {
  return sld__period(opt) + 1;
}

static size_t aroon_state(const double *opt) {
  (void)opt;
  return 4;
}

static sld_status check_aroon(const double *opt, sld_error *err) {
  return check_period("aroon", opt, err);
}

static void step_aroon(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {
  sld__step_runs(run_since_low, state, opt, n, in[1], out[0]);
  sld__step_runs(run_since_high, state + 2, opt, n, in[0], out[1]);
}

const sld__kernel sld__kernel_of_aroon = {
  .name = "aroon", .inputs = 2, .outputs = 2, .options = 1, .dear = true,
  .lookback = sld__rows_period, .history = aroon_history, .state_count = aroon_state,
  .check = check_aroon, .step = step_aroon };

/* ---- supertrend: opt is the period and the factor. state: atr's; 1 once there are bands before, lower, upper, close, direction ---- */

enum { BANDS = SLD__ATR_STATE, SUPERTREND_STATE = BANDS + 5 };

static size_t supertrend_state(const double *opt) {
  (void)opt;
  return SUPERTREND_STATE;
}

static sld_status check_supertrend(const double *opt, sld_error *err) {
  sld_status status = check_period("supertrend", opt, err);
  if (status != SLD_OK) return status;
  if (sld__finite(opt[1]) && opt[1] > 0) return SLD_OK;
  return sld__fail(err, SLD_ERANGE, "supertrend: the factor must be a number above 0");
}

static void follow(double *bands, double middle, double width, double close) {
  double lower = middle - width, upper = middle + width, direction = -1;
  if (bands[0] != 0) {
    double before = bands[3];
    if (!(lower > bands[1] || before < bands[1])) lower = bands[1];
    if (!(upper < bands[2] || before > bands[2])) upper = bands[2];
    direction = bands[4] < 0 ? (close > upper ? 1 : -1) : (close < lower ? -1 : 1);
  }
  bands[0] = 1;
  bands[1] = lower;
  bands[2] = upper;
  bands[3] = close;
  bands[4] = direction;
}

static void step_supertrend(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {
  double *bands = state + BANDS, range[SLD__CHUNK];
  for (size_t at = 0, rows; at < n; at += rows) {
    rows = sld__least(n - at, SLD__CHUNK);
    const double *const from[] = { in[0] + at, in[1] + at, in[2] + at };
    sld__step_atr(state, opt, rows, from, range);
    for (size_t i = 0; i < rows; i++) {
      bool there = range[i] == range[i];
      if (there) follow(bands, (from[0][i] + from[1][i]) / 2, opt[1] * range[i], from[2][i]);
      else bands[0] = 0;
      out[0][at + i] = !there ? (double)NAN : bands[4] > 0 ? bands[1] : bands[2];
      out[1][at + i] = there ? bands[4] : (double)NAN;
    }
  }
}

const sld__kernel sld__kernel_of_supertrend = {
  .name = "supertrend", .inputs = 3, .outputs = 2, .options = 2, .dear = true,
  .lookback = sld__rows_before, .history = sld__rows_none, .state_count = supertrend_state,
  .check = check_supertrend, .step = step_supertrend };

/* ---- cci. state: count of whole bars, at most p; the place of the oldest; the last p typical prices, in a ring ---- */

static size_t cci_state(const double *opt) {
  return 2 + sld__period(opt);
}

static sld_status check_cci(const double *opt, sld_error *err) {
  return sld__check_rows("cci", "the period", opt[0], 2, err);
}

/* The typical price's distance from its mean in units of 0.015 mean absolute deviations; sums from the oldest to the newest. */
static double channel_index(const double *ring, size_t p, size_t oldest, double newest) {
  double sum = 0, apart = 0;
  for (size_t k = oldest; k < p; k++) sum += ring[k];
  for (size_t k = 0; k < oldest; k++) sum += ring[k];
  double mean = sum / (double)p;
  for (size_t k = oldest; k < p; k++) apart += fabs(ring[k] - mean);
  for (size_t k = 0; k < oldest; k++) apart += fabs(ring[k] - mean);
  return apart > 0 ? (newest - mean) / (0.015 * (apart / (double)p)) : (double)NAN;
}

static void step_cci(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {
  size_t p = sld__period(opt), count = (size_t)state[0], oldest = (size_t)state[1];
  double *ring = state + 2;
  for (size_t i = 0; i < n; i++) {
    double typical = (in[0][i] + in[1][i] + in[2][i]) / 3;
    out[0][i] = (double)NAN;
    if (!(sld__finite(in[0][i]) && sld__finite(in[1][i]) && sld__finite(in[2][i]))) {
      count = 0;
      continue;
    }
    ring[oldest] = typical;
    oldest = oldest + 1 == p ? 0 : oldest + 1;
    if (count < p) count++;
    if (count == p) out[0][i] = channel_index(ring, p, oldest, typical);
  }
  state[0] = (double)count;
  state[1] = (double)oldest;
}

const sld__kernel sld__kernel_of_cci = {
  .name = "cci", .inputs = 3, .outputs = 1, .options = 1, .dear = true,
  .lookback = sld__rows_before, .history = sld__rows_none, .state_count = cci_state,
  .check = check_cci, .step = step_cci };

/* ---- sar: opt is the acceleration at first, its step, its most. state below; all zero before the first bar ---- */

typedef struct sar {
  double bars;         /* whole ones since a gap, at most 3 */
  double way;          /* 1: below the price, which rises; -1: above */
  double level, extreme, pace;
  double high[2], low[2], close; /* of the bar before, and of the one before that */
} sar;

enum { SAR_STATE = sizeof(sar) / sizeof(double) };

static size_t sar_state(const double *opt) {
  (void)opt;
  return SAR_STATE;
}

static sld_status check_sar(const double *opt, sld_error *err) {
  static const char *const names[] = { "the acceleration", "the step", "the most" };
  for (int k = 0; k < 3; k++)
    if (!(sld__finite(opt[k]) && opt[k] > 0 && opt[k] <= 1)) return sld__fail(err, SLD_ERANGE, "sar: %s must be above 0 and at most 1", names[k]);
  return SLD_OK;
}

/* The level turns where the bar touches it: to the extreme of the trend, or beyond the bar. Returns whether it did. */
static bool turn(sar *s, double high, double low, double pace) {
  if (s->way > 0 ? s->level < low : s->level > high) return false;
  s->level = s->way > 0 ? (high > s->extreme ? high : s->extreme) : (low < s->extreme ? low : s->extreme);
  s->way = -s->way;
  s->extreme = s->way > 0 ? high : low;
  s->pace = pace;
  return true;
}

/* The level never enters the range of the two bars before. */
static void keep_out(sar *s, int count) {
  for (int k = 0; k < count; k++) {
    double edge = s->way > 0 ? s->low[k] : s->high[k];
    if (s->way > 0 ? s->level > edge : s->level < edge) s->level = edge;
  }
}

static double follow_sar(sar *s, const double *opt, double high, double low, double close) {
  bool first = s->bars == 1;
  if (first) {
    s->way = close > s->close ? 1 : -1;
    s->extreme = s->way > 0 ? high : low;
    s->level = s->way > 0 ? s->low[0] : s->high[0];
    s->pace = opt[0];
  }
  s->level += s->pace * (s->extreme - s->level);
  keep_out(s, first ? 1 : 2);
  bool turned = turn(s, high, low, opt[0]);
  if (turned) keep_out(s, 1);
  if (!first && !turned && (s->way > 0 ? high > s->extreme : low < s->extreme)) {
    s->extreme = s->way > 0 ? high : low;
    s->pace = s->pace + opt[1] < opt[2] ? s->pace + opt[1] : opt[2];
  }
  return s->level;
}

static void step_sar(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {
  sar s;
  memcpy(&s, state, sizeof s);
  for (size_t i = 0; i < n; i++) {
    double high = in[0][i], low = in[1][i], close = in[2][i];
    out[0][i] = (double)NAN;
    if (!(sld__finite(high) && sld__finite(low) && sld__finite(close))) {
      s.bars = 0;
      continue;
    }
    if (s.bars > 0) out[0][i] = follow_sar(&s, opt, high, low, close);
    s.bars = s.bars < 3 ? s.bars + 1 : 3;
    s.high[1] = s.high[0];
    s.low[1] = s.low[0];
    s.high[0] = high;
    s.low[0] = low;
    s.close = close;
  }
  memcpy(state, &s, sizeof s);
}

const sld__kernel sld__kernel_of_sar = {
  .name = "sar", .inputs = 3, .outputs = 1, .options = 3, .dear = true,
  .lookback = sld__rows_one, .history = sld__rows_none, .state_count = sar_state,
  .check = check_sar, .step = step_sar };
