/* The table of figures and their computation in few passes: one over every point, five over the samples. */
#include "metrics/figures.h"

#include "base/math.h"
#include "base/time.h"
#include "metrics/benchmark.h"
#include "metrics/overfit.h"
#include "metrics/returns.h"
#include "metrics/trades.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static const sld_figure table[] = {
#define X(id, name, unit, formula, source) { name, unit, formula, source },
  SLD__FIGURE_MAP(X)
#undef X
};

static const double day_ns = 86400e9;

size_t sld_figure_count(void) {
  return SLD__FIGURE_COUNT;
}

const sld_figure *sld_figure_at(size_t i) {
  return i < SLD__FIGURE_COUNT ? &table[i] : NULL;
}

int sld_figure_find(const char *name) {
  for (int i = 0; i < SLD__FIGURE_COUNT; i++)
    if (strcmp(table[i].name, name) == 0) return i;
  return -1;
}

static struct sld__clock clock_of(const sld__figures_input *in) {
  return (struct sld__clock){ in->time, in->time_count, in->period_ns };
}

static sld__drawdown follow(const sld__figures_input *in) {
  sld__drawdown c;
  struct sld__clock clock = clock_of(in);
  sld__drawdown_start(&c, in->capital, in->first, in->start_time, &clock);
  while (sld__drawdown_follow(&c, in->equity, in->count) < in->count) continue;
  return c;
}

/* ---- Samples ---------------------------------------------------------------------------------------------------- */

/* The part of sample_rows inside the window, and whether the last row has to be added to it. */
typedef struct window {
  const size_t *rows; /* [count] */
  size_t count;
  bool extra;
} window;

/* First position whose row is >= `row`. */
static size_t lower_bound(const size_t *rows, size_t count, size_t row) {
  size_t low = 0;
  while (low < count) {
    size_t middle = low + (count - low) / 2;
    if (rows[middle] < row) low = middle + 1;
    else count = middle;
  }
  return low;
}

static window window_of(const sld__figures_input *in) {
  if (in->count == in->first) return (window){ in->sample_rows, 0, false };
  size_t begin = lower_bound(in->sample_rows, in->sample_count, in->first);
  size_t end = lower_bound(in->sample_rows, in->sample_count, in->count);
  bool extra = end == begin || in->sample_rows[end - 1] != in->count - 1;
  return (window){ in->sample_rows + begin, end - begin, extra };
}

size_t sld__figures_samples(const sld__figures_input *in) {
  if (!in->sample_rows) return in->count - in->first;
  window w = window_of(in);
  return w.count + (w.extra ? 1 : 0);
}

/* Returns from sample to sample of a level that stood at `start`; as many as sld__figures_samples says. */
static void form_returns(double *out, const sld__figures_input *in, const double *level, double start) {
  double last = start;
  if (!in->sample_rows) {
    const double *points = level + in->first;
    for (size_t i = 0; i < in->count - in->first; i++) {
      out[i] = points[i] / last - 1.0;
      last = points[i];
    }
    return;
  }
  window w = window_of(in);
  for (size_t i = 0; i < w.count; i++) {
    double next = level[w.rows[i]];
    out[i] = next / last - 1.0;
    last = next;
  }
  if (w.extra) out[w.count] = level[in->count - 1] / last - 1.0;
}

/* (final / capital)^exponent - 1. The samples' returns multiply to the same growth, because the last row is always a sample. */
static double growth_over(double growth, double exponent) {
  return sld__pow(growth, exponent) - 1.0;
}

static void from_returns(double *out, const sld__figures_input *in, size_t n) {
  double a = in->periods_per_year, *r = in->scratch, *scratch = in->scratch + n;
  form_returns(r, in, in->equity, in->capital);
  sld__moments m = sld__moments_of(r, n);
  sld__sides s = sld__sides_of(r, n, 0.0);
  sld__tail tail = sld__lower_tail(r, n, 0.05, scratch);
  double worst = out[SLD__FIGURE_MAX_DRAWDOWN];
  out[SLD__FIGURE_ANNUAL_VOLATILITY] = sld__deviation(&m, 1) * sqrt(a);
  out[SLD__FIGURE_SHARPE] = sld__sharpe_of(&m, 0.0, a);
  out[SLD__FIGURE_SORTINO] = sld__sortino_of(&s, a);
  out[SLD__FIGURE_CALMAR] = worst < 0.0 ? out[SLD__FIGURE_ANNUAL_RETURN] / -worst : NAN;
  out[SLD__FIGURE_OMEGA] = sld__omega_of(&s);
  out[SLD__FIGURE_TAIL_RATIO] = fabs(sld__quantile(r, n, 0.95, scratch)) / fabs(tail.quantile);
  out[SLD__FIGURE_STABILITY] = sld__stability(r, n);
  out[SLD__FIGURE_VALUE_AT_RISK_5] = tail.quantile;
  out[SLD__FIGURE_CONDITIONAL_VALUE_AT_RISK_5] = tail.mean;
  out[SLD__FIGURE_SKEWNESS] = sld__skewness(&m);
  out[SLD__FIGURE_KURTOSIS] = sld__kurtosis(&m);
  sld__sharpe_estimate e = { sld__sharpe_of(&m, 0.0, 1.0), out[SLD__FIGURE_SKEWNESS], out[SLD__FIGURE_KURTOSIS], (double)n };
  out[SLD__FIGURE_PSR] = sld__psr(&e, 0.0);
  if (!in->benchmark) return;
  form_returns(scratch, in, in->benchmark, in->benchmark_start);
  out[SLD__FIGURE_ALPHA] = sld__alpha(r, scratch, n, a);
  out[SLD__FIGURE_BETA] = sld__beta(r, scratch, n);
}

static void from_trades(double *out, const sld__figures_input *in) {
  sld__trade_stats s = sld__trade_stats_of(in->trades, in->trade_count);
  out[SLD__FIGURE_TRADES] = (double)s.count;
  out[SLD__FIGURE_WIN_RATE] = s.win_rate;
  out[SLD__FIGURE_PROFIT_FACTOR] = s.profit_factor;
  out[SLD__FIGURE_EXPECTANCY] = s.expectancy;
  out[SLD__FIGURE_AVERAGE_WIN] = s.average_win;
  out[SLD__FIGURE_AVERAGE_LOSS] = s.average_loss;
  out[SLD__FIGURE_BEST_TRADE] = s.best;
  out[SLD__FIGURE_WORST_TRADE] = s.worst;
  out[SLD__FIGURE_AVERAGE_TRADE_BARS] = s.average_bars;
  out[SLD__FIGURE_MAX_CONSECUTIVE_LOSSES] = (double)s.max_consecutive_losses;
  out[SLD__FIGURE_SQN] = s.sqn;
  out[SLD__FIGURE_KELLY] = s.kelly;
}

void sld__figures(double *out, const sld__figures_input *in) {
  for (int i = 0; i < SLD__FIGURE_COUNT; i++) out[i] = NAN;
  size_t n = sld__figures_samples(in);
  out[SLD__FIGURE_PERIODS_PER_YEAR] = in->periods_per_year;
  out[SLD__FIGURE_SAMPLES] = (double)n;
  out[SLD__FIGURE_COSTS] = in->costs;
  out[SLD__FIGURE_EXPOSURE] = (double)in->exposed_bars / (double)in->bars;
  from_trades(out, in);
  sld__drawdown c = in->drawdown ? *in->drawdown : follow(in);
  out[SLD__FIGURE_PEAK_EQUITY] = c.peak;
  out[SLD__FIGURE_FINAL_EQUITY] = n > 0 ? in->equity[in->count - 1] : in->capital;
  if (n == 0) return;
  double growth = out[SLD__FIGURE_FINAL_EQUITY] / in->capital;
  out[SLD__FIGURE_TOTAL_RETURN] = growth - 1.0;
  out[SLD__FIGURE_MAX_DRAWDOWN] = sld__drawdown_worst(&c) - 1.0;
  if (in->time) out[SLD__FIGURE_MAX_DRAWDOWN_DAYS] = (double)sld__drawdown_longest(&c) / day_ns;
  if (sld__drawdown_worst(&c) <= 0.0) return;
  struct sld__clock clock = clock_of(in);
  double days = in->time ? (double)(sld__clock_close(&clock, in->count - 1) - in->start_time) / day_ns : 0.0;
  if (days > 0.0) out[SLD__FIGURE_CAGR] = growth_over(growth, 365.25 / days);
  out[SLD__FIGURE_ANNUAL_RETURN] = growth_over(growth, in->periods_per_year / (double)n);
  from_returns(out, in, n);
}
