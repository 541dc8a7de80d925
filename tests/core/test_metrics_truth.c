/* Every row of the expected metrics, by name, within its own tolerance. */
#include "metrics_truth.h"

#include "metrics/bacon.h"
#include "metrics/benchmark.h"
#include "metrics/overfit.h"
#include "metrics/returns.h"

enum { SERIES = 32, LENGTH = 64, ROWS = 182 };

typedef struct series {
  char name[32];
  double value[LENGTH];
  size_t count;
} series;

/* One row of the table: its columns, and its parameters as text. */
typedef struct query {
  const char *metric;
  const char *params;
  double r[LENGTH];
  double b[LENGTH];
  size_t n;
  double scratch[LENGTH];
} query;

static series all[SERIES];
static size_t series_count;

static void read_series(void) {
  const char *name = "truth/metrics_series.csv";
  FILE *file = truth_open(name);
  truth_line line;
  assert_true(truth_next(&line, file));
  series_count = 0;
  while (truth_next(&line, file)) {
    if (series_count == 0 || strcmp(all[series_count - 1].name, line.field[0]) != 0) {
      assert_true(series_count < SERIES);
      snprintf(all[series_count].name, sizeof all->name, "%s", line.field[0]);
      all[series_count++].count = 0;
    }
    series *s = &all[series_count - 1];
    if (line.field[1][0] != '\0') s->value[s->count++] = truth_number(line.field[2]);
  }
  truth_close(file, name);
}

static const series *find_series(const char *name) {
  for (size_t i = 0; i < series_count; i++)
    if (strcmp(all[i].name, name) == 0) return &all[i];
  fail_msg("no series %s", name);
  return NULL;
}

/* "3/sqrt(12)", "0.5/250", "-3". */
static double expression(const char *text) {
  char *end;
  double value = strtod(text, &end);
  assert_true(end != text);
  if (*end != '/') return value;
  return strncmp(end, "/sqrt(", 6) == 0 ? value / sqrt(strtod(end + 6, NULL)) : value / strtod(end + 1, NULL);
}

/* The value of parameter `name`, `otherwise` where the row does not give it. */
static double given(const query *q, const char *name, double otherwise) {
  size_t length = strlen(name);
  for (const char *at = q->params; (at = strstr(at, name)) != NULL; at += length)
    if ((at == q->params || at[-1] == ' ') && at[length] == '=') return expression(at + length + 1);
  return otherwise;
}

static double number(const query *q, const char *name) {
  double value = given(q, name, (double)NAN);
  if (isnan(value)) fail_msg("%s: no parameter %s in '%s'", q->metric, name, q->params);
  return value;
}

/* A rate or a least return given as a column is taken off r; then the number is 0. */
static double level(query *q, const char *name) {
  char as_series[32];
  snprintf(as_series, sizeof as_series, "%s=series", name);
  if (!strstr(q->params, as_series)) return number(q, name);
  for (size_t i = 0; i < q->n; i++) q->r[i] -= q->b[i];
  return 0.0;
}

static double periods(const query *q) {
  return number(q, "periods");
}

static const double *window(query *q, const double *x) {
  size_t at = (size_t)number(q, "index"), length = (size_t)number(q, "window");
  assert_true(at + length <= q->n);
  return x + at;
}

static size_t width(query *q) {
  return (size_t)number(q, "window");
}

/* Moments come from the row's column, or from its parameters where it has none. */
static sld__sharpe_estimate estimate(query *q) {
  if (q->n > 0) return sld__sharpe_estimate_of(q->r, q->n);
  double count = given(q, "T", given(q, "n", (double)NAN));
  return (sld__sharpe_estimate){ number(q, "sr"), number(q, "skew"), number(q, "kurt"), count };
}

static double years_of_track(query *q) {
  sld__sharpe_estimate e = estimate(q);
  const char *per_year = strstr(q->params, "(result/");
  assert_non_null(per_year);
  return sld__min_track_record_periods(&e, number(q, "target"), number(q, "p")) / strtod(per_year + 8, NULL);
}

static double skewness(query *q) {
  sld__moments m = sld__moments_of(q->r, q->n);
  return strncmp(q->params, "sample", 6) == 0 ? sld__skewness_sample(&m) : sld__skewness(&m);
}

static double kurtosis(query *q) {
  sld__moments m = sld__moments_of(q->r, q->n);
  if (strncmp(q->params, "population", 10) == 0) return sld__kurtosis(&m);
  return strstr(q->params, "excess") ? sld__kurtosis_excess(&m) : sld__kurtosis_sample(&m);
}

static double sharpe(query *q) {
  double rf = level(q, "rf");
  return sld__sharpe(q->r, q->n, rf, periods(q));
}

static double sortino(query *q) {
  double mar = level(q, "mar");
  return sld__sortino(q->r, q->n, mar, periods(q));
}

static double omega(query *q) {
  double rf = level(q, "rf");
  return sld__omega(q->r, q->n, rf, number(q, "required"), periods(q));
}

static double psr(query *q) {
  sld__sharpe_estimate e = estimate(q);
  return sld__psr(&e, number(q, "target"));
}

static double dsr(query *q) {
  sld__sharpe_estimate e = estimate(q);
  return sld__dsr(&e, sqrt(number(q, "sr_var")), number(q, "N"));
}

static double sharpe_stdev(query *q) {
  sld__sharpe_estimate e = estimate(q);
  return sld__sharpe_stdev(&e);
}

static double track_periods(query *q) {
  sld__sharpe_estimate e = estimate(q);
  return sld__min_track_record_periods(&e, number(q, "target"), number(q, "p"));
}

#define METRIC(name, call) static double run_##name(query *q) { return call; }
#define METRICS(X)                                                                                   \
  X(sharpe, sharpe(q))                                                                               \
  X(sortino, sortino(q))                                                                             \
  X(omega, omega(q))                                                                                 \
  X(downside_risk, sld__downside_risk(q->r, q->n, number(q, "mar"), periods(q)))                     \
  X(max_drawdown, sld__max_drawdown(q->r, q->n))                                                     \
  X(annual_return, sld__annual_return(q->r, q->n, periods(q)))                                       \
  X(cagr_period_based, sld__annual_return(q->r, q->n, periods(q)))                                   \
  X(annual_volatility, sld__annual_volatility(q->r, q->n, periods(q)))                               \
  X(calmar, sld__calmar(q->r, q->n, periods(q)))                                                     \
  X(tail_ratio, sld__tail_ratio(q->r, q->n, q->scratch))                                             \
  X(stability, sld__stability(q->r, q->n))                                                           \
  X(value_at_risk, sld__value_at_risk(q->r, q->n, number(q, "cutoff"), q->scratch))                  \
  X(conditional_value_at_risk, sld__conditional_value_at_risk(q->r, q->n, number(q, "cutoff"), q->scratch)) \
  X(alpha, sld__alpha(q->r, q->b, q->n, periods(q)))                                                 \
  X(beta, sld__beta(q->r, q->b, q->n))                                                               \
  X(up_alpha, sld__up_alpha(q->r, q->b, q->n, periods(q)))                                           \
  X(up_beta, sld__up_beta(q->r, q->b, q->n))                                                         \
  X(capture, sld__capture(q->r, q->b, q->n, periods(q)))                                             \
  X(up_capture, sld__up_capture(q->r, q->b, q->n, periods(q)))                                       \
  X(down_capture, sld__down_capture(q->r, q->b, q->n, periods(q)))                                   \
  X(excess_sharpe, sld__excess_sharpe(q->r, q->b, q->n))                                             \
  X(rolling_max_drawdown, sld__max_drawdown(window(q, q->r), width(q)))                              \
  X(rolling_sharpe, sld__sharpe(window(q, q->r), width(q), 0.0, periods(q)))                         \
  X(rolling_alpha, sld__alpha(window(q, q->r), window(q, q->b), width(q), periods(q)))               \
  X(rolling_beta, sld__beta(window(q, q->r), window(q, q->b), width(q)))                             \
  X(cumulative_return, sld__wealth(q->r, (size_t)number(q, "index") + 1) - 1.0)                      \
  X(downside_deviation, sld__downside_deviation(q->r, q->n, number(q, "mar")))                       \
  X(downside_potential, sld__downside_potential(q->r, q->n, number(q, "mar")))                       \
  X(downside_frequency, sld__downside_frequency(q->r, q->n, number(q, "mar")))                       \
  X(upside_frequency, sld__upside_frequency(q->r, q->n, number(q, "mar")))                           \
  X(upside_risk, sld__upside_risk(q->r, q->n, number(q, "mar")))                                     \
  X(upside_potential, sld__upside_potential(q->r, q->n, number(q, "mar")))                           \
  X(bernardo_ledoit, sld__bernardo_ledoit(q->r, q->n))                                               \
  X(adjusted_sharpe, sld__adjusted_sharpe(q->r, q->n, periods(q)))                                   \
  X(m_squared, sld__m_squared(q->r, q->b, q->n, 12.0))                                               \
  X(m2_sortino, sld__m2_sortino(q->r, q->b, q->n, number(q, "mar"), 12.0))                           \
  X(specific_risk, sld__specific_risk(q->r, q->b, q->n, periods(q)))                                 \
  X(appraisal_ratio, sld__appraisal_ratio(q->r, q->b, q->n, 12.0))                                   \
  X(jensen_alpha, sld__jensen_alpha(q->r, q->b, q->n, 12.0))                                         \
  X(fama_beta, sld__fama_beta(q->r, q->b, q->n))                                                     \
  X(omega_sharpe, sld__omega_sharpe(q->r, q->n, number(q, "mar")))                                   \
  X(kappa, sld__kappa(q->r, q->n, number(q, "mar"), (int)number(q, "order")))                        \
  X(skewness_kurtosis_ratio, sld__skewness_kurtosis_ratio(q->r, q->n))                               \
  X(d_ratio, sld__d_ratio(q->r, q->n))                                                               \
  X(volatility_skewness, sld__volatility_skewness(q->r, q->n, number(q, "mar")))                     \
  X(variability_skewness, sld__variability_skewness(q->r, q->n, number(q, "mar")))                   \
  X(omega_excess_return, sld__omega_excess_return(q->r, q->b, q->n, number(q, "mar"), 12.0))         \
  X(pain_index, sld__pain_index(q->r, q->n))                                                         \
  X(treynor_modified, sld__treynor_modified(q->r, q->b, q->n, 12.0))                                 \
  X(skewness, skewness(q))                                                                           \
  X(kurtosis, kurtosis(q))                                                                           \
  X(expected_max_normal, sld__expected_max_normal(number(q, "N")))                                   \
  X(psr, psr(q))                                                                                     \
  X(dsr, dsr(q))                                                                                     \
  X(min_track_record_years, years_of_track(q))                                                       \
  X(min_track_record_periods, track_periods(q))                                                      \
  X(min_backtest_length_years, sld__min_backtest_length_years(number(q, "N"), 1.0))                  \
  X(sharpe_per_period, sld__sharpe(q->r, q->n, 0.0, 1.0))                                            \
  X(sharpe_stdev, sharpe_stdev(q))

METRICS(METRIC)

static const struct { const char *name; double (*run)(query *q); } table[] = {
#define X(name, call) { #name, run_##name },
  METRICS(X)
#undef X
};

static double evaluate(query *q) {
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (strcmp(table[i].name, q->metric) == 0) return table[i].run(q);
  fail_msg("no function for metric %s", q->metric);
  return (double)NAN;
}

static void take(query *q, const truth_line *line) {
  *q = (query){ .metric = line->field[1], .params = line->field[3] };
  size_t skipped = strstr(q->params, "drop_first=1") ? 1 : 0;
  if (line->field[2][0] == '\0') return;
  const series *r = find_series(line->field[2]);
  q->n = r->count - skipped;
  memcpy(q->r, r->value + skipped, q->n * sizeof *q->r);
  if (line->field[4][0] == '\0') return;
  const series *b = find_series(line->field[4]);
  assert_int_equal(b->count, r->count);
  memcpy(q->b, b->value + skipped, q->n * sizeof *q->b);
}

static void every_expected_metric_is_met(void **state) {
  (void)state;
  read_series();
  const char *name = "truth/metrics.csv";
  FILE *file = truth_open(name);
  truth_line line;
  assert_true(truth_next(&line, file));
  int rows = 0, wrong = 0;
  while (truth_next(&line, file)) {
    query q;
    take(&q, &line);
    double value = evaluate(&q), expected = truth_number(line.field[5]);
    rows++;
    if (truth_near(value, expected, truth_number(line.field[6]))) continue;
    print_error("%s %s(%s; %s): %.17g, expected %.17g\n", line.field[0], q.metric, line.field[2], q.params, value, expected);
    wrong++;
  }
  truth_close(file, name);
  assert_int_equal(wrong, 0);
  assert_int_equal(rows, ROWS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_expected_metric_is_met),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
