/* What the families of kernels share: the list of all kernels, gaps, options, and the means that others are built from. */
#ifndef SLD_INDICATOR_FAMILY_H
#define SLD_INDICATOR_FAMILY_H

#include "base/wide.h"
#include "indicator/kernel.h"

#include <float.h>
#include <math.h>

/* Every kernel, ordered by name. X(name) stands for the object sld__kernel_of_##name. */
#define SLD__KERNEL_MAP(X)                                                                                                       \
  X(abs) X(add) X(aroon) X(atr) X(beta) X(bollinger) X(cci) X(corr) X(cross) X(crossover) X(crossunder) X(cumsum) X(div) X(dmi) X(donchian) \
  X(ema) X(ema_first) X(eq) X(ffill) X(ge) X(gt) X(le) X(linreg_slope) X(logical_and) X(logical_not) X(logical_or) X(lt) X(macd) \
  X(maximum) X(minimum) X(momentum) X(mul) X(ne) X(neg) X(rma) X(roc) X(rolling_max) X(rolling_min) X(rolling_sum) X(rsi)       \
  X(sar) X(shift) X(sign) X(sma) X(stddev) X(sub) X(supertrend) X(tr) X(where) X(wma)

#define X(name) extern const sld__kernel sld__kernel_of_##name;
SLD__KERNEL_MAP(X)
#undef X

enum {
  SLD__REFRESH = 16, /* a running sum is computed anew from its window every 16 windows, so that rounding cannot pile up */
  SLD__CHUNK = 256,   /* rows that a kernel keeps on the stack between two passes */
  SLD__GROUP = 4,     /* rows that a recursive mean takes at once; see smooth.c */
  SLD__SMOOTHING = 2 + SLD__GROUP, /* doubles of state of such a mean, */
  SLD__ATR_STATE = 2 + SLD__SMOOTHING /* and of atr */
};

static inline bool sld__finite(double x) {
  return fabs(x) <= DBL_MAX;
}

static inline size_t sld__least(size_t a, size_t b) {
  return a < b ? a : b;
}

/* ---- Options ---- */

/* The period in opt[0]. */
static inline size_t sld__period(const double *opt) {
  return (size_t)opt[0];
}

/* Lookbacks, histories and state counts that many kernels have. */
size_t sld__rows_none(const double *opt);   /* 0 */
size_t sld__rows_one(const double *opt);    /* 1 */
size_t sld__rows_period(const double *opt); /* p */
size_t sld__rows_before(const double *opt); /* p - 1 */

/* ERANGE unless value is a whole number from `low` to SLD__PERIOD_MAX. */
sld_status sld__check_rows(const char *kernel, const char *option, double value, int low, sld_error *err);

sld_status sld__check_nothing(const double *opt, sld_error *err);

/* ---- Gaps ---- */

/* Number of leading finite values of x[n]. */
size_t sld__finite_run(const double *x, size_t n);

/* A kernel of one input whose state[0] counts the finite values since the last gap, to which `run` adds; the rest of its state is
 * meaningless while the count is 0. */
typedef void sld__run(double *state, const double *opt, size_t n, const double *x, double *out);

/* Feeds x[n] to `run` one stretch of finite values at a time, with NaN and a fresh start at gaps. */
void sld__step_runs(sld__run *run, double *state, const double *opt, size_t n, const double *x, double *out);

/* ---- Shared runs; opt[0] is the period ---- */

sld__run sld__run_sma;    /* state: 2; history p */
sld__run sld__run_stddev; /* state: 5; opt[1] is ddof; history p */
sld__run sld__run_min;    /* state: 2 + p; history p - 1 */
sld__run sld__run_max;
sld__run sld__run_rma;    /* state: SLD__SMOOTHING; no history */

/* The step of atr, whose state has SLD__ATR_STATE doubles, into out[n]. */
void sld__step_atr(double *state, const double *opt, size_t n, const double *const *in, double *out);

#endif
