/* Slow twins of the indicator kernels: the definitions, row by row, with nothing carried along. Shared by the tests of the room. */
#ifndef TESTS_INDICATOR_TWINS_H
#define TESTS_INDICATOR_TWINS_H

#include "indicator/kernel.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef void twin_fn(const double *opt, size_t n, const double *const *in, double *const *out);

static double twin_random(uint64_t *seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 11) * 0x1p-53;
}

/* First row of the stretch of finite values that ends at row i; i + 1 where x[i] itself is a gap. */
static size_t stretch_start(const double *x, size_t i) {
  size_t start = i + 1;
  while (start > 0 && isfinite(x[start - 1])) start--;
  return start;
}

static bool window_full(const double *x, size_t i, size_t p) {
  return i + 1 - stretch_start(x, i) >= p;
}

#define TWIN(NAME) static void twin_##NAME(const double *opt, size_t n, const double *const *in, double *const *out)
#define ROWS for (size_t i = 0; i < n; i++)
#define P ((size_t)opt[0])
#define UNUSED_OPT (void)opt

#define TWIN1(NAME, VALUE)                        \
  TWIN(NAME) {                                    \
    UNUSED_OPT;                                   \
    ROWS {                                        \
      double x = in[0][i];                        \
      out[0][i] = isnan(x) ? (double)NAN : (VALUE); \
    }                                             \
  }
#define TWIN2(NAME, VALUE)                                        \
  TWIN(NAME) {                                                    \
    UNUSED_OPT;                                                   \
    ROWS {                                                        \
      double x = in[0][i], y = in[1][i];                          \
      out[0][i] = isnan(x) || isnan(y) ? (double)NAN : (VALUE);   \
    }                                                             \
  }

TWIN1(neg, 0 - x)
TWIN1(abs, x < 0 ? -x : x)
TWIN1(sign, x > 0 ? 1 : x < 0 ? -1 : 0)
TWIN1(logical_not, x == 0 ? 1 : 0)
TWIN2(add, x + y)
TWIN2(sub, x - y)
TWIN2(mul, x * y)
TWIN2(div, x / y)
TWIN2(minimum, fmin(x, y))
TWIN2(maximum, fmax(x, y))
TWIN2(gt, x > y ? 1 : 0)
TWIN2(ge, x >= y ? 1 : 0)
TWIN2(lt, x < y ? 1 : 0)
TWIN2(le, x <= y ? 1 : 0)
TWIN2(eq, x == y ? 1 : 0)
TWIN2(ne, x != y ? 1 : 0)
TWIN2(logical_and, x != 0 && y != 0 ? 1 : 0)
TWIN2(logical_or, x != 0 || y != 0 ? 1 : 0)

TWIN(where) {
  UNUSED_OPT;
  ROWS out[0][i] = isnan(in[0][i]) ? (double)NAN : in[0][i] != 0 ? in[1][i] : in[2][i];
}

TWIN(ffill) {
  UNUSED_OPT;
  ROWS {
    size_t k = i;
    while (k > 0 && isnan(in[0][k])) k--;
    out[0][i] = in[0][k];
  }
}

TWIN(shift) {
  ROWS out[0][i] = i < P ? (double)NAN : in[0][i - P];
}

TWIN(momentum) {
  ROWS out[0][i] = i < P ? (double)NAN : in[0][i] - in[0][i - P];
}

TWIN(roc) {
  ROWS out[0][i] = i < P || in[0][i - P] == 0 ? (double)NAN : 100 * (in[0][i] / in[0][i - P] - 1);
}

static void twin_crossing(bool up, bool down, size_t n, const double *x, const double *y, double *out) {
  ROWS {
    out[i] = (double)NAN;
    if (i == 0 || isnan(x[i]) || isnan(y[i]) || isnan(x[i - 1]) || isnan(y[i - 1])) continue;
    bool rose = x[i] > y[i] && x[i - 1] <= y[i - 1];
    bool fell = x[i] < y[i] && x[i - 1] >= y[i - 1];
    out[i] = (up && rose) || (down && fell) ? 1 : 0;
  }
}

TWIN(crossover) {
  UNUSED_OPT;
  twin_crossing(true, false, n, in[0], in[1], out[0]);
}

TWIN(crossunder) {
  UNUSED_OPT;
  twin_crossing(false, true, n, in[0], in[1], out[0]);
}

TWIN(cross) {
  UNUSED_OPT;
  twin_crossing(true, true, n, in[0], in[1], out[0]);
}

#define WINDOWED(NAME, VALUE)                                        \
  TWIN(NAME) {                                                       \
    ROWS {                                                           \
      out[0][i] = (double)NAN;                                       \
      if (!window_full(in[0], i, P)) continue;                       \
      const double *w = in[0] + i + 1 - P;                           \
      out[0][i] = (VALUE);                                           \
    }                                                                \
  }

static double sum_of(const double *w, size_t p) {
  double sum = 0;
  for (size_t k = 0; k < p; k++) sum += w[k];
  return sum;
}

static double mean_of(const double *w, size_t p) {
  return sum_of(w, p) / (double)p;
}

static double deviation_of(const double *w, size_t p, double ddof) {
  double mean = mean_of(w, p), sum = 0;
  for (size_t k = 0; k < p; k++) sum += (w[k] - mean) * (w[k] - mean);
  return sqrt(sum / ((double)p - ddof));
}

static double ramp_of(const double *w, size_t p) {
  double sum = 0, weights = 0;
  for (size_t k = 0; k < p; k++) {
    sum += (double)(k + 1) * w[k];
    weights += (double)(k + 1);
  }
  return sum / weights;
}

static double slope_of(const double *w, size_t p) {
  double t_mean = ((double)p - 1) / 2, mean = mean_of(w, p), above = 0, below = 0;
  for (size_t k = 0; k < p; k++) {
    above += ((double)k - t_mean) * (w[k] - mean);
    below += ((double)k - t_mean) * ((double)k - t_mean);
  }
  return above / below;
}

static double lowest_of(const double *w, size_t p) {
  double best = w[0];
  for (size_t k = 1; k < p; k++) best = w[k] < best ? w[k] : best;
  return best;
}

static double highest_of(const double *w, size_t p) {
  double best = w[0];
  for (size_t k = 1; k < p; k++) best = w[k] > best ? w[k] : best;
  return best;
}

WINDOWED(sma, mean_of(w, P))
WINDOWED(rolling_sum, sum_of(w, P))
WINDOWED(wma, ramp_of(w, P))
WINDOWED(linreg_slope, slope_of(w, P))
WINDOWED(stddev, deviation_of(w, P, opt[1]))
WINDOWED(rolling_min, lowest_of(w, P))
WINDOWED(rolling_max, highest_of(w, P))

TWIN(bollinger) {
  ROWS {
    out[0][i] = out[1][i] = out[2][i] = (double)NAN;
    if (!window_full(in[0], i, P)) continue;
    const double *w = in[0] + i + 1 - P;
    double width = opt[1] * deviation_of(w, P, 0);
    out[1][i] = mean_of(w, P);
    out[0][i] = out[1][i] - width;
    out[2][i] = out[1][i] + width;
  }
}

TWIN(donchian) {
  ROWS {
    out[0][i] = window_full(in[1], i, P) ? lowest_of(in[1] + i + 1 - P, P) : (double)NAN;
    out[2][i] = window_full(in[0], i, P) ? highest_of(in[0] + i + 1 - P, P) : (double)NAN;
    out[1][i] = (out[0][i] + out[2][i]) / 2;
  }
}

/* The recursive mean, started anew behind each gap. */
static void twin_smooth(size_t seed, double a, size_t n, const double *x, double *out) {
  ROWS {
    size_t start = stretch_start(x, i), length = i + 1 - start;
    if (length < seed || length == 0) out[i] = (double)NAN;
    else if (length == seed) out[i] = mean_of(x + start, seed);
    else out[i] = out[i - 1] + a * (x[i] - out[i - 1]);
  }
}

TWIN(ema) {
  twin_smooth(P, 2 / (opt[0] + 1), n, in[0], out[0]);
}

TWIN(ema_first) {
  twin_smooth(1, 2 / (opt[0] + 1), n, in[0], out[0]);
}

TWIN(rma) {
  twin_smooth(P, 1 / opt[0], n, in[0], out[0]);
}

static double *twin_column(size_t n) {
  return calloc(n + 1, sizeof(double));
}

TWIN(macd) {
  double *slow = twin_column(n);
  twin_smooth((size_t)opt[0], 2 / (opt[0] + 1), n, in[0], out[0]);
  twin_smooth((size_t)opt[1], 2 / (opt[1] + 1), n, in[0], slow);
  ROWS out[0][i] -= slow[i];
  twin_smooth((size_t)opt[2], 2 / (opt[2] + 1), n, out[0], out[1]);
  ROWS out[2][i] = out[0][i] - out[1][i];
  free(slow);
}

TWIN(rsi) {
  double *rise = twin_column(n), *fall = twin_column(n), *mean_fall = twin_column(n);
  ROWS {
    double change = i ? in[0][i] - in[0][i - 1] : (double)NAN;
    rise[i] = isfinite(change) ? fmax(change, 0) : (double)NAN;
    fall[i] = isfinite(change) ? fmax(-change, 0) : (double)NAN;
  }
  twin_smooth(P, 1 / opt[0], n, rise, out[0]);
  twin_smooth(P, 1 / opt[0], n, fall, mean_fall);
  ROWS out[0][i] = 100 - 100 / (1 + out[0][i] / mean_fall[i]);
  free(rise);
  free(fall);
  free(mean_fall);
}

static bool whole_bar(const double *const *in, size_t i) {
  return isfinite(in[0][i]) && isfinite(in[1][i]) && isfinite(in[2][i]);
}

TWIN(tr) {
  UNUSED_OPT;
  ROWS {
    out[0][i] = (double)NAN;
    if (!whole_bar(in, i)) continue;
    out[0][i] = in[0][i] - in[1][i];
    if (i == 0 || !whole_bar(in, i - 1)) continue;
    out[0][i] = fmax(out[0][i], fmax(fabs(in[0][i] - in[2][i - 1]), fabs(in[1][i] - in[2][i - 1])));
  }
}

TWIN(atr) {
  double *range = twin_column(n);
  twin_tr(opt, n, in, &range);
  twin_smooth(P, 1 / opt[0], n, range, out[0]);
  free(range);
}

TWIN(dmi) {
  double *moves[4], *means[4];
  for (int k = 0; k < 4; k++) {
    moves[k] = twin_column(n);
    means[k] = twin_column(n);
  }
  ROWS {
    moves[0][i] = moves[1][i] = moves[2][i] = (double)NAN;
    if (i == 0 || !whole_bar(in, i) || !whole_bar(in, i - 1)) continue;
    double rise = in[0][i] - in[0][i - 1], fall = in[1][i - 1] - in[1][i], close = in[2][i - 1];
    moves[0][i] = fmax(in[0][i] - in[1][i], fmax(fabs(in[0][i] - close), fabs(in[1][i] - close)));
    moves[1][i] = rise > fall ? fmax(rise, 0) : 0;
    moves[2][i] = fall > rise ? fmax(fall, 0) : 0;
  }
  for (int k = 0; k < 3; k++) twin_smooth(P, 1 / opt[0], n, moves[k], means[k]);
  ROWS {
    out[0][i] = 100 * means[1][i] / means[0][i];
    out[1][i] = 100 * means[2][i] / means[0][i];
    double sum = out[0][i] + out[1][i];
    moves[3][i] = sum == 0 ? 0 : 100 * fabs(out[0][i] - out[1][i]) / sum;
  }
  twin_smooth((size_t)opt[1], 1 / opt[1], n, moves[3], out[2]);
  for (int k = 0; k < 4; k++) {
    free(moves[k]);
    free(means[k]);
  }
}

static double rows_since(const double *w, size_t p, double sign) {
  size_t best = 0;
  for (size_t k = 1; k <= p; k++) best = sign * w[k] >= sign * w[best] ? k : best;
  return 100 * (double)best / (double)p;
}

TWIN(aroon) {
  ROWS {
    out[0][i] = window_full(in[1], i, P + 1) ? rows_since(in[1] + i - P, P, -1) : (double)NAN;
    out[1][i] = window_full(in[0], i, P + 1) ? rows_since(in[0] + i - P, P, 1) : (double)NAN;
  }
}

TWIN(supertrend) {
  double *range = twin_column(n), *lower = twin_column(n), *upper = twin_column(n);
  twin_atr(opt, n, in, &range);
  ROWS {
    out[0][i] = out[1][i] = (double)NAN;
    if (isnan(range[i])) continue;
    double middle = (in[0][i] + in[1][i]) / 2, close = in[2][i];
    bool first = i == 0 || isnan(range[i - 1]);
    lower[i] = middle - opt[1] * range[i];
    upper[i] = middle + opt[1] * range[i];
    out[1][i] = -1;
    if (!first) {
      double before = in[2][i - 1];
      if (before >= lower[i - 1]) lower[i] = fmax(lower[i], lower[i - 1]);
      if (before <= upper[i - 1]) upper[i] = fmin(upper[i], upper[i - 1]);
      if (out[1][i - 1] < 0 ? close > upper[i] : close >= lower[i]) out[1][i] = 1;
    }
    out[0][i] = out[1][i] > 0 ? lower[i] : upper[i];
  }
  free(range);
  free(lower);
  free(upper);
}

TWIN(cci) {
  double *typical = twin_column(n);
  ROWS typical[i] = whole_bar(in, i) ? (in[0][i] + in[1][i] + in[2][i]) / 3 : (double)NAN;
  ROWS {
    out[0][i] = (double)NAN;
    if (!window_full(typical, i, P)) continue;
    const double *w = typical + i + 1 - P;
    double mean = mean_of(w, P), apart = 0;
    for (size_t k = 0; k < P; k++) apart += fabs(w[k] - mean);
    if (apart > 0) out[0][i] = (typical[i] - mean) / (0.015 * (apart / (double)P));
  }
  free(typical);
}

static bool both_full(const double *const *in, size_t i, size_t p) {
  return window_full(in[0], i, p) && window_full(in[1], i, p);
}

static double joint_of(const double *x, const double *y, size_t p) {
  double x_mean = mean_of(x, p), y_mean = mean_of(y, p), sum = 0;
  for (size_t k = 0; k < p; k++) sum += (x[k] - x_mean) * (y[k] - y_mean);
  return sum;
}

static bool varies(const double *w, size_t p) {
  return highest_of(w, p) > lowest_of(w, p);
}

TWIN(corr) {
  ROWS {
    out[0][i] = (double)NAN;
    if (!both_full(in, i, P)) continue;
    const double *x = in[0] + i + 1 - P, *y = in[1] + i + 1 - P;
    if (varies(x, P) && varies(y, P)) out[0][i] = joint_of(x, y, P) / sqrt(joint_of(x, x, P) * joint_of(y, y, P));
  }
}

TWIN(beta) {
  ROWS {
    out[0][i] = (double)NAN;
    if (!both_full(in, i, P)) continue;
    const double *x = in[0] + i + 1 - P, *y = in[1] + i + 1 - P;
    if (varies(y, P)) out[0][i] = joint_of(x, y, P) / joint_of(y, y, P);
  }
}

TWIN(cumsum) {
  UNUSED_OPT;
  ROWS out[0][i] = window_full(in[0], i, 1) ? sum_of(in[0] + stretch_start(in[0], i), i + 1 - stretch_start(in[0], i)) : (double)NAN;
}

TWIN(sar) {
  double level = 0, extreme = 0, pace = 0;
  bool below = false;
  size_t whole = 0;
  ROWS {
    out[0][i] = (double)NAN;
    whole = whole_bar(in, i) ? whole + 1 : 0;
    if (whole < 2) continue;
    double high = in[0][i], low = in[1][i];
    bool fresh = false;
    if (whole == 2) {
      below = in[2][i] > in[2][i - 1];
      extreme = below ? high : low;
      level = below ? in[1][i - 1] : in[0][i - 1];
      fresh = true;
      pace = opt[0];
    }
    level += pace * (extreme - level);
    for (size_t k = 1; k <= 2 && k < whole; k++) level = below ? fmin(level, in[1][i - k]) : fmax(level, in[0][i - k]);
    if (below ? level >= low : level <= high) {
      fresh = true;
      level = below ? fmax(fmax(high, in[0][i - 1]), extreme) : fmin(fmin(low, in[1][i - 1]), extreme);
      below = !below;
      extreme = below ? high : low;
      pace = opt[0];
    }
    if (!fresh && (below ? high > extreme : low < extreme)) {
      extreme = below ? high : low;
      pace = fmin(pace + opt[1], opt[2]);
    }
    out[0][i] = level;
  }
}

typedef struct twin_case {
  const char *name;
  double opt[SLD__KERNEL_OPTIONS];
  twin_fn *twin;
  bool exact; /* the twin does the same operations, so it has the same bits */
} twin_case;

static const twin_case twin_cases[] = {
#define EXACT(NAME, ...) { #NAME, { __VA_ARGS__ }, twin_##NAME, true },
#define CLOSE(NAME, ...) { #NAME, { __VA_ARGS__ }, twin_##NAME, false },
  EXACT(abs, 0) EXACT(add, 0) CLOSE(atr, 1) CLOSE(atr, 14) CLOSE(bollinger, 20, 2) CLOSE(bollinger, 1, 1) EXACT(cross, 0) EXACT(crossover, 0)
  EXACT(crossunder, 0) EXACT(div, 0) EXACT(donchian, 5) EXACT(donchian, 55) CLOSE(ema, 1) CLOSE(ema, 2) CLOSE(ema, 14) CLOSE(ema, 200)
  CLOSE(ema_first, 1) CLOSE(ema_first, 10) EXACT(eq, 0) EXACT(ffill, 0) EXACT(ge, 0) EXACT(gt, 0) EXACT(le, 0) CLOSE(linreg_slope, 2)
  CLOSE(linreg_slope, 30) EXACT(logical_and, 0) EXACT(logical_not, 0) EXACT(logical_or, 0) EXACT(lt, 0) CLOSE(macd, 12, 26, 9) CLOSE(macd, 5, 3, 2)
  EXACT(maximum, 0) EXACT(minimum, 0) EXACT(momentum, 1) EXACT(momentum, 10) EXACT(mul, 0) EXACT(ne, 0) EXACT(neg, 0) CLOSE(rma, 1) CLOSE(rma, 14)
  EXACT(roc, 1) EXACT(roc, 12) EXACT(rolling_max, 1) EXACT(rolling_max, 2) EXACT(rolling_max, 50) EXACT(rolling_min, 1) EXACT(rolling_min, 3)
  EXACT(rolling_min, 20) CLOSE(rolling_sum, 1) CLOSE(rolling_sum, 7) CLOSE(rsi, 1) CLOSE(rsi, 14) EXACT(shift, 0) EXACT(shift, 1) EXACT(shift, 300)
  EXACT(sign, 0) CLOSE(sma, 1) CLOSE(sma, 2) CLOSE(sma, 20) CLOSE(sma, 300) CLOSE(stddev, 1) CLOSE(stddev, 2, 1) CLOSE(stddev, 20) EXACT(sub, 0)
  EXACT(aroon, 1) EXACT(aroon, 14) EXACT(aroon, 300) CLOSE(beta, 2) CLOSE(beta, 30) EXACT(cci, 2) EXACT(cci, 20) CLOSE(corr, 2) CLOSE(corr, 30)
  EXACT(cumsum, 0) EXACT(sar, 0.02, 0.02, 0.2) EXACT(sar, 0.1, 0.3, 1) CLOSE(dmi, 14, 14) CLOSE(dmi, 1, 3) CLOSE(supertrend, 10, 3) CLOSE(supertrend, 5, 1.5) EXACT(tr, 0) EXACT(where, 0) CLOSE(wma, 1) CLOSE(wma, 2) CLOSE(wma, 16)
#undef EXACT
#undef CLOSE
};

enum { TWIN_CASES = sizeof twin_cases / sizeof twin_cases[0] };

#endif
