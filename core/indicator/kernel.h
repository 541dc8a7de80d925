/* Indicator kernels: const double columns in, double columns out. One streaming form serves whole columns and single bars.
 *
 * A kernel's `step` takes the next n rows. Feeding a column in one call, bar by bar or in any other split gives the same bits: whatever a
 * kernel regroups for speed, it regroups by the row's distance from the start (or from the last gap), never by the call.
 *
 * NaN means undefined. A NaN or an infinity fed to a window is a gap: the output is NaN until the window holds finite values only, and the
 * kernel starts afresh behind it, as if the column began there. No gap outlives its window. Finite inputs so large that a sum overflows
 * give non-finite outputs for at most 16 windows.
 *
 * A kernel has no memory of its own and touches only what it is given: any number of threads may step the same kernel. */
#ifndef SLD_INDICATOR_KERNEL_H
#define SLD_INDICATOR_KERNEL_H

#include <sliders.h>

enum {
  SLD__KERNEL_INPUTS = 3,  /* no kernel has more inputs, */
  SLD__KERNEL_OUTPUTS = 3, /* outputs */
  SLD__KERNEL_OPTIONS = 4, /* or options */
  SLD__PERIOD_MAX = 1000000 /* longest window or shift, in rows */
};

typedef struct sld__kernel {
  const char *name;
  int inputs;       /* 1..SLD__KERNEL_INPUTS */
  int outputs;      /* 1..SLD__KERNEL_OUTPUTS */
  int options;      /* 0..SLD__KERNEL_OPTIONS; `opt` has that many values and may be NULL where there are none */
  bool elementwise; /* a row depends on that row only; no state, no history */
  bool constants;   /* an input may be a constant: all elementwise kernels and the three crosses */
  bool dear;        /* worth a column of its own in a cache shared by jobs: dearer to compute than to read */

  /* Leading rows without a value when every input is valid from row 0; of several outputs, the latest. */
  size_t (*lookback)(const double *opt);

  /* Earlier rows that step may read as in[k][-1], in[k][-2].. once they have been fed. */
  size_t (*history)(const double *opt);

  /* Doubles of state. */
  size_t (*state_count)(const double *opt);

  /* The ranges of `opt`: ERANGE with a sentence that names kernel and option. The other functions take checked options only. */
  sld_status (*check)(const double *opt, sld_error *err);

  /* Computes the next n rows; n may be 0. Can't fail.
   *   state   [state_count]; zeroed before the first row, afterwards the kernel's
   *   in      [inputs] of [n]; in[k][-h] is readable for 1 <= h <= min(history, rows fed so far) and holds what was fed
   *   out     [outputs] of [n], overlapping neither each other nor an input */
  void (*step)(double *state, const double *opt, size_t n, const double *const *in, double *const *out);

  /* Cheaper forms of the same bits, or NULL.
   *   run     `step` of one input and output, where every value fed is finite
   *   choose  of a comparison: its result as the condition of `where` over a and b */
  void (*run)(double *state, const double *opt, size_t n, const double *x, double *out);
  void (*choose)(size_t n, const double *x, const double *y, const double *a, const double *b, double *out);
} sld__kernel;

/* NULL: no such kernel. */
const sld__kernel *sld__kernel_find(const char *name);

/* All kernels, ordered by name; `at` is NULL past the end. */
size_t sld__kernel_count(void);
const sld__kernel *sld__kernel_at(size_t i);

/* The kernels. p is a period: a whole number from 1 to SLD__PERIOD_MAX. x[k] is the value k rows earlier.
 *
 *   name            inputs       options           outputs, formula and source
 *   add sub mul div x y          -                 IEEE arithmetic; x / 0 is an infinity, 0 / 0 NaN
 *   minimum maximum x y          -                 NaN where either is
 *   neg abs sign    x            -                 sign is -1, 0 or 1
 *   gt ge lt le     x y          -                 1 or 0; NaN where either is NaN
 *   eq ne           x y          -                 the same
 *   logical_and/or  x y          -                 anything but 0 is true; 1 or 0; NaN where either is NaN
 *   logical_not     x            -                 the same
 *   where           c a b        -                 a where c is not 0, else b; NaN where c is NaN
 *   ffill           x            -                 the last value that is not NaN
 *   shift           x            k (0 allowed)     x[k]; NaN in the first k rows
 *   momentum        x            p                 x - x[p]
 *   roc             x            p                 percent: 100 (x / x[p] - 1); NaN where x[p] is 0
 *   crossover       x y          -                 1 where x > y and x[1] <= y[1], else 0; NaN where one of the four is
 *   crossunder      x y          -                 1 where x < y and x[1] >= y[1]
 *   cross           x y          -                 1 where either crosses (TradingView, Tulip)
 *   sma             x            p                 mean of p values, by a running sum
 *   rolling_sum     x            p                 sum of p values
 *   cumsum          x            -                 sum of all values since the start, or since the last gap
 *   wma             x            p                 weights 1 (oldest) to p (newest) over p (p + 1) / 2
 *   linreg_slope    x            p >= 2            slope per row of the least-squares line through p values
 *   stddev          x            p, ddof           square root of the sum of squared deviations over p - ddof; ddof 0 (population) or 1, < p
 *   bollinger       x            p, k              lower, middle, upper = sma -+ k population deviations
 *   rolling_min/max x            p                 extreme of p values
 *   donchian        high low     p                 lower, middle, upper: lowest low, mean of both, highest high
 *   ema             x            p                 a = 2 / (p + 1); the first value is the mean of the first p (TradingView, LEAN)
 *   ema_first       x            p                 a = 2 / (p + 1); the first value is the first x (Tulip)
 *   rma             x            p                 Wilder's mean: a = 1 / p, the first value is the mean of the first p
 *   rsi             x            p                 100 rise / (rise + fall), both Wilder's means of p changes (Wilder 1978); NaN where both are 0
 *   tr              high low c   -                 max(high - low, |high - c[1]|, |low - c[1]|); high - low on the first row and behind a gap
 *   atr             high low c   p                 rma of tr
 *   supertrend      high low c   p, factor > 0     line, direction (1 up, -1 down). Bands (high + low) / 2 -+ factor atr; the lower one never falls and the upper one
 *                                                  never rises while the last close lies within it. Down, with the upper band as its line, until a close above it;
 *                                                  up, with the lower band, until a close below it (TradingView, whose directions have the other sign)
 *   dmi             high low c   p, q              +DI, -DI, ADX (Wilder 1978). +DM = the rise of the high where it is above 0 and above the fall of the low, else 0; -DM the
 *                                                  mirror; +DI = 100 rma(+DM) / rma(tr), ADX = rma over q rows of 100 |+DI - -DI| / (+DI + -DI), 0 where both are 0.
 *                                                  Moves begin with the second row (TradingView, LEAN); the DIs have values before ADX, from row p on
 *   aroon           high low     p                 down, up: 100 (p - rows since the lowest low, highest high of p + 1 rows) / p; of equals the latest (Chande 1995)
 *   cci             high low c   p >= 2            (t - its mean) / (0.015 mean absolute deviation from that mean) over p rows of t = (high + low + c) / 3 (Lambert 1980);
 *                                                  NaN where t does not vary
 *   sar             high low c   start, step, most a level that trails the trend by a part of its distance to the trend's extreme: start at first, step more with each new
 *                                                  extreme, at most most; never inside the range of the two bars before; turned where a bar touches it, to the old
 *                                                  extreme or the edge of the last two bars (Wilder 1978, TA-Lib). The second row's close tells the first trend
 *   corr            x y          p >= 2            Pearson's correlation over p rows; NaN where either does not vary
 *   beta            x y          p >= 2            slope of the least-squares line of x on y through p rows; NaN where y does not vary
 *   macd            x            fast, slow, sig   line = ema(fast) - ema(slow), signal = ema(sig) of the line, histogram = line - signal (Appel);
 *                                                  the line has values before the signal, from row max(fast, slow) - 1 on */

#endif
