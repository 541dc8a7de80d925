/* The table of figures: against the pure functions, against runs of another backtester, and at its edges. */
#include "metrics_truth.h"

#include "base/math.h"
#include "metrics/benchmark.h"
#include "metrics/figures.h"
#include "metrics/returns.h"
#include "metrics/overfit.h"

#include <stdint.h>

enum { BARS = 6000, TRADES = 256 };

static const int64_t day = INT64_C(86400000000000);

static double figure(const double *out, const char *name) {
  int i = sld_figure_find(name);
  if (i < 0) fail_msg("no figure %s", name);
  return out[i];
}

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return ((double)(*state >> 12) + 0.5) * 0x1p-52;
}

static double scratch[2 * BARS], equity[BARS], market[BARS];
static int64_t times[BARS];

/* A random curve from 1000 on daily closes. */
static sld__figures_input curve(size_t n, uint64_t seed, double drift) {
  double at = 1000.0;
  for (size_t i = 0; i < n; i++) {
    at *= 1.0 + (uniform(&seed) - 0.5) * 0.04 + drift;
    equity[i] = at;
    market[i] = 50.0 + uniform(&seed);
    times[i] = (int64_t)(i + 1) * day;
  }
  return (sld__figures_input){ .capital = 1000.0, .equity = equity, .time = times, .count = n, .periods_per_year = 260.0, .scratch = scratch };
}

static void every_figure_has_a_name_of_its_own(void **state) {
  (void)state;
  assert_int_equal(sld_figure_count(), SLD__FIGURE_COUNT);
  for (size_t i = 0; i < sld_figure_count(); i++) {
    const sld_figure *f = sld_figure_at(i);
    assert_int_equal(sld_figure_find(f->name), i);
    assert_true(f->unit[0] && f->formula[0] && f->source[0]);
  }
  assert_null(sld_figure_at(sld_figure_count()));
  assert_int_equal(sld_figure_find("sharp"), -1);
}

static void figures_have_the_bits_of_the_pure_functions(void **state) {
  (void)state;
  enum { N = 2000 };
  static double r[N], b[N], other[N];
  sld__figures_input in = curve(N, 3, 0.0004);
  in.benchmark = market;
  in.benchmark_start = 50.0;
  double out[SLD__FIGURE_COUNT];
  sld__figures(out, &in);
  for (size_t i = 0; i < N; i++) {
    r[i] = equity[i] / (i ? equity[i - 1] : 1000.0) - 1.0;
    b[i] = market[i] / (i ? market[i - 1] : 50.0) - 1.0;
  }
  sld__moments m = sld__moments_of(r, N);
  sld__sharpe_estimate e = sld__sharpe_estimate_of(r, N);
  assert_true(fabs(figure(out, "annual_return") - sld__annual_return(r, N, 260.0)) < 1e-12);
  assert_true(figure(out, "annual_volatility") == sld__annual_volatility(r, N, 260.0));
  assert_true(figure(out, "sharpe") == sld__sharpe(r, N, 0.0, 260.0));
  assert_true(figure(out, "sortino") == sld__sortino(r, N, 0.0, 260.0));
  assert_true(figure(out, "omega") == sld__omega(r, N, 0.0, 0.0, 260.0));
  assert_true(figure(out, "tail_ratio") == sld__tail_ratio(r, N, other));
  assert_true(figure(out, "stability") == sld__stability(r, N));
  assert_true(figure(out, "value_at_risk_5") == sld__value_at_risk(r, N, 0.05, other));
  assert_true(figure(out, "conditional_value_at_risk_5") == sld__conditional_value_at_risk(r, N, 0.05, other));
  assert_true(figure(out, "skewness") == sld__skewness(&m));
  assert_true(figure(out, "kurtosis") == sld__kurtosis(&m));
  assert_true(figure(out, "psr") == sld__psr(&e, 0.0));
  assert_true(figure(out, "alpha") == sld__alpha(r, b, N, 260.0));
  assert_true(figure(out, "beta") == sld__beta(r, b, N));
  assert_true(fabs(figure(out, "max_drawdown") - sld__max_drawdown(r, N)) < 1e-12);
  assert_true(fabs(figure(out, "calmar") - sld__calmar(r, N, 260.0)) < 1e-9);
  assert_true(fabs(figure(out, "annual_return") - (sld__pow(1.0 + figure(out, "total_return"), 260.0 / N) - 1.0)) < 1e-12);
  assert_true(figure(out, "samples") == N && figure(out, "periods_per_year") == 260.0);
}

/* Depth and length of the drawdown with a division per point and no blocks. */
static void slow_drawdown(double *depth, double *days, size_t n) {
  double peak = 1000.0, worst = 0.0;
  int64_t since = 0, longest = 0, last = 0;
  for (size_t i = 0; i < n; i++) {
    bool at_peak = equity[i] >= peak;
    if (at_peak && since != last && times[i] - since > longest) longest = times[i] - since;
    if (at_peak) {
      peak = equity[i];
      since = times[i];
    }
    last = times[i];
    worst = fmin(worst, equity[i] / peak - 1.0);
  }
  if (since != last && last - since > longest) longest = last - since;
  *depth = worst;
  *days = (double)(longest / day);
}

static void the_drawdown_without_divisions_agrees_with_its_slow_twin(void **state) {
  (void)state;
  static const double drifts[] = { 0.0, 0.002, -0.002, 0.02, -0.02 };
  for (size_t n = 1; n < 3000; n += n < 70 ? 1 : 517) {
    for (size_t d = 0; d < 5; d++) {
      sld__figures_input in = curve(n, n, drifts[d]);
      if (n % 3 == 0)
        for (size_t i = n / 2; i < n; i++) equity[i] = equity[n / 2]; /* flat to the end */
      double out[SLD__FIGURE_COUNT], depth, days;
      sld__figures(out, &in);
      slow_drawdown(&depth, &days, n);
      assert_true(fabs(figure(out, "max_drawdown") - depth) < 1e-15);
      assert_true(figure(out, "max_drawdown_days") == days);
    }
  }
}

static void samples_are_the_given_rows_and_the_last_one(void **state) {
  (void)state;
  sld__figures_input in = curve(100, 5, 0.0);
  size_t rows[] = { 3, 9, 20, 21, 60, 98 };
  in.sample_rows = rows;
  in.sample_count = 6;
  double out[SLD__FIGURE_COUNT], r[8];
  assert_int_equal(sld__figures_samples(&in), 7);
  in.first = 9;
  in.count = 99;
  in.capital = 1000.0;
  assert_int_equal(sld__figures_samples(&in), 5);
  sld__figures(out, &in);
  size_t at[] = { 9, 20, 21, 60, 98 };
  for (size_t i = 0; i < 5; i++) r[i] = equity[at[i]] / (i ? equity[at[i - 1]] : 1000.0) - 1.0;
  assert_true(figure(out, "sharpe") == sld__sharpe(r, 5, 0.0, 260.0));
  assert_true(figure(out, "samples") == 5.0);
  in.count = 97;
  assert_int_equal(sld__figures_samples(&in), 5);
  sld__figures(out, &in);
  r[4] = equity[96] / equity[60] - 1.0;
  assert_true(figure(out, "sharpe") == sld__sharpe(r, 5, 0.0, 260.0));
  in.count = 9;
  assert_int_equal(sld__figures_samples(&in), 0);
}

static void a_ruined_account_has_no_ratios(void **state) {
  (void)state;
  sld__figures_input in = curve(50, 5, 0.0);
  equity[30] = -20.0;
  double out[SLD__FIGURE_COUNT];
  sld__figures(out, &in);
  static const char *const undefined[] = { "annual_return", "cagr", "annual_volatility", "sharpe", "sortino", "calmar", "omega", "tail_ratio", "stability",
                                           "value_at_risk_5", "conditional_value_at_risk_5", "skewness", "kurtosis", "psr", "alpha", "beta" };
  for (size_t i = 0; i < sizeof undefined / sizeof *undefined; i++) assert_true(isnan(figure(out, undefined[i])));
  assert_true(figure(out, "max_drawdown") < -1.0);
  assert_true(figure(out, "total_return") == equity[49] / 1000.0 - 1.0);
  equity[30] = 0.0;
  sld__figures(out, &in);
  assert_true(figure(out, "max_drawdown") == -1.0 && isnan(figure(out, "sharpe")));
}

static void what_is_not_known_is_nan(void **state) {
  (void)state;
  sld__figures_input in = curve(50, 5, 0.0);
  double out[SLD__FIGURE_COUNT];
  in.time = NULL;
  sld__figures(out, &in);
  assert_true(isnan(figure(out, "cagr")) && isnan(figure(out, "max_drawdown_days")) && isnan(figure(out, "beta")) && isnan(figure(out, "exposure")));
  assert_true(isnan(figure(out, "win_rate")) && figure(out, "trades") == 0.0 && !isnan(figure(out, "sharpe")));
  in.count = 0;
  sld__figures(out, &in);
  assert_true(figure(out, "final_equity") == 1000.0 && figure(out, "peak_equity") == 1000.0 && figure(out, "samples") == 0.0);
  assert_true(isnan(figure(out, "total_return")) && isnan(figure(out, "max_drawdown")) && isnan(figure(out, "sharpe")));
}

static void an_account_that_never_traded_has_not_moved(void **state) {
  (void)state;
  sld__figures_input in = curve(50, 5, 0.0);
  for (size_t i = 0; i < 50; i++) equity[i] = 1000.0;
  in.bars = 50;
  double out[SLD__FIGURE_COUNT];
  sld__figures(out, &in);
  assert_true(figure(out, "total_return") == 0.0 && figure(out, "annual_return") == 0.0 && figure(out, "annual_volatility") == 0.0);
  assert_true(figure(out, "max_drawdown") == 0.0 && figure(out, "max_drawdown_days") == 0.0 && figure(out, "exposure") == 0.0);
  assert_true(isnan(figure(out, "sharpe")) && isnan(figure(out, "sortino")) && isnan(figure(out, "calmar")) && isnan(figure(out, "psr")));
}

/* ---- Runs of another backtester: its trades give the equity, its statistics the figures ------------------------- */

static double closes[BARS];
static size_t day_rows[BARS];
static sld_trade trades[TRADES];

/* Days since 1970-01-01. Source: Hinnant, "chrono-compatible low-level date algorithms". */
static int64_t days_of(int y, int m, int d) {
  y -= m <= 2;
  int64_t era = y / 400, of_era = y - era * 400, of_year = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static size_t read_prices(const char *name, size_t *day_count) {
  FILE *file = truth_open(name);
  truth_line line;
  size_t n = 0;
  assert_true(truth_next(&line, file));
  for (*day_count = 0; truth_next(&line, file); n++) {
    int y, m, d, hour = 0, minute = 0;
    assert_true(sscanf(line.field[0], "%d-%d-%d %d:%d", &y, &m, &d, &hour, &minute) >= 3);
    times[n] = days_of(y, m, d) * day + (hour * 60 + minute) * INT64_C(60000000000);
    closes[n] = truth_number(line.field[4]);
    if (n > 0 && times[n] / day == times[n - 1] / day) --*day_count;
    day_rows[(*day_count)++] = n;
  }
  truth_close(file, name);
  return n;
}

static size_t read_trades(const char *run, size_t n, double capital) {
  const char *name = "truth/backtesting_py/trades.csv";
  FILE *file = truth_open(name);
  truth_line line;
  size_t count = 0;
  for (size_t i = 0; i < n; i++) equity[i] = capital;
  while (truth_next(&line, file)) {
    if (strcmp(line.field[0], run) != 0) continue;
    sld_trade *t = &trades[count++];
    *t = (sld_trade){ .exit = SLD_EXIT_ORDER, .units = truth_number(line.field[2]), .entry_bar = atoll(line.field[3]), .exit_bar = atoll(line.field[4]),
                      .entry_price = truth_number(line.field[5]), .net = truth_number(line.field[7]) };
    for (int64_t i = t->entry_bar; i < t->exit_bar; i++) equity[i] += t->units * (closes[i] - t->entry_price);
    for (size_t i = (size_t)t->exit_bar; i < n; i++) equity[i] += t->net;
  }
  truth_close(file, name);
  return count;
}

static double statistic(const char *run, const char *what) {
  const char *name = "truth/backtesting_py/stats.csv";
  FILE *file = truth_open(name);
  truth_line line;
  double value = (double)NAN;
  while (truth_next(&line, file))
    if (strcmp(line.field[0], run) == 0 && strcmp(line.field[1], what) == 0) value = truth_number(line.field[2]);
  truth_close(file, name);
  return value;
}

static void expect(const double *out, const char *run, const char *name, double scale, const char *theirs) {
  double value = figure(out, name) * scale, expected = statistic(run, theirs);
  if (fabs(value - expected) > 1e-8 * fabs(expected)) fail_msg("%s %s: %.12g, expected %.12g", run, name, value, expected);
}

static void check_run(const char *run, const char *prices, bool equity_follows_trades) {
  size_t days, n = read_prices(prices, &days), count = read_trades(run, n, 10000.0);
  /* The first day is flat and counts as the start. */
  sld__figures_input in = { .capital = 10000.0, .start_time = times[0], .equity = equity, .time = times, .first = day_rows[0] + 1, .count = n,
                            .sample_rows = day_rows, .sample_count = days, .periods_per_year = 252.0, .trades = trades, .trade_count = count, .scratch = scratch };
  double out[SLD__FIGURE_COUNT];
  sld__figures(out, &in);
  expect(out, run, "trades", 1.0, "# Trades");
  expect(out, run, "win_rate", 100.0, "Win Rate [%]");
  expect(out, run, "sqn", 1.0, "SQN");
  expect(out, run, "kelly", 1.0, "Kelly Criterion");
  expect(out, run, "final_equity", 1.0, "Equity Final [$]");
  expect(out, run, "total_return", 100.0, "Return [%]");
  expect(out, run, "annual_return", 100.0, "Return (Ann.) [%]");
  expect(out, run, "cagr", 100.0, "CAGR [%]");
  if (!equity_follows_trades) return;
  expect(out, run, "peak_equity", 1.0, "Equity Peak [$]");
  expect(out, run, "max_drawdown", 100.0, "Max. Drawdown [%]");
  expect(out, run, "max_drawdown_days", 86400.0, "Max. Drawdown Duration");
  expect(out, run, "calmar", 1.0, "Calmar Ratio");
}

static void the_figures_of_another_backtester_are_met(void **state) {
  (void)state;
  check_run("goog", "truth/backtesting_py/GOOG.csv", true);
  check_run("goog_on_close", "truth/backtesting_py/GOOG.csv", true);
  check_run("eurusd", "truth/backtesting_py/EURUSD.csv.gz", true);
  check_run("eurusd_20_50", "truth/backtesting_py/EURUSD.csv.gz", true);
  check_run("goog_rel_comm", "truth/backtesting_py/GOOG.csv", false); /* commission is booked at entry and exit, not with the trade */
  check_run("goog_spread_comm", "truth/backtesting_py/GOOG.csv", false);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_figure_has_a_name_of_its_own),
    cmocka_unit_test(figures_have_the_bits_of_the_pure_functions),
    cmocka_unit_test(the_drawdown_without_divisions_agrees_with_its_slow_twin),
    cmocka_unit_test(samples_are_the_given_rows_and_the_last_one),
    cmocka_unit_test(a_ruined_account_has_no_ratios),
    cmocka_unit_test(what_is_not_known_is_nan),
    cmocka_unit_test(an_account_that_never_traded_has_not_moved),
    cmocka_unit_test(the_figures_of_another_backtester_are_met),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
