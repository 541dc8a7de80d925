/* The vectorised model against printed results of finmarketpy: a worked example, a golden row, and 24 years of weights. */
#include "metrics_truth.h"

#include "base/alloc.h"
#include "base/time.h"
#include "metrics/returns.h"
#include "portfolio/finmarketpy.h"

enum { MOST = 10000, PAIRS = 9, LENGTH = 200 };

static const char *const h10 = "truth/finmarketpy_h10.csv.gz";

/* Order of finmarketpy_weights.csv; the column of the H.10 file. */
static const struct { const char *pair; int column; } pairs[PAIRS] = { { "EURUSD", 1 }, { "USDJPY", 2 }, { "GBPUSD", 3 }, { "AUDUSD", 4 }, { "USDCAD", 5 }, { "NZDUSD", 6 },
  { "USDCHF", 7 }, { "USDNOK", 8 }, { "USDSEK", 9 } };

static const sld__finmarketpy_rule published = {
  .stop_loss = (double)NAN,
  .take_profit = (double)NAN,
  .signal_vol = { .target = 0.05, .max_leverage = 3.0, .periods = 60, .obs_in_year = 252.0, .monthly = true },
  .max_net = (double)INFINITY,
  .max_abs = (double)INFINITY,
};

typedef struct table {
  size_t rows, count;
  int64_t days[MOST];
  double *prices, *signals; /* [count * MOST] */
  double tc[PAIRS], rc[PAIRS];
} table;

static int64_t day_of(const char *date) {
  int64_t time;
  assert_int_equal(sld_time_parse(&time, date, NULL), SLD_OK);
  return time / SLD__NS_PER_DAY;
}

static void open_table(table *t, size_t count) {
  t->rows = 0;
  t->count = count;
  t->prices = malloc(count * MOST * sizeof(double));
  t->signals = malloc(count * MOST * sizeof(double));
  assert_non_null(t->prices);
  assert_non_null(t->signals);
}

static void close_table(table *t) {
  free(t->prices);
  free(t->signals);
}

static sld__finmarketpy run(table *t, const sld__finmarketpy_rule *rule, double tc, double rc) {
  sld_allocator a = sld__alloc_default();
  sld__finmarketpy model;
  for (size_t i = 0; i < t->count; i++) {
    memmove(t->prices + i * t->rows, t->prices + i * MOST, t->rows * sizeof(double)); /* pair by pair without room between them */
    memmove(t->signals + i * t->rows, t->signals + i * MOST, t->rows * sizeof(double));
    t->tc[i] = tc;
    t->rc[i] = rc;
  }
  const sld__finmarketpy_input in = { .rows = t->rows, .count = t->count, .days = t->days, .prices = t->prices, .signals = t->signals, .tc = t->tc, .rc = t->rc, .portfolio_tc = tc,
    .portfolio_rc = rc, .rule = rule };
  assert_int_equal(sld__finmarketpy_run(&model, &a, &in, NULL), SLD_OK);
  return model;
}

static size_t row_of(const table *t, const char *date) {
  for (size_t row = 0; row < t->rows; row++)
    if (t->days[row] == day_of(date)) return row;
  fail_msg("there is no row of %s", date);
  return 0;
}

static void expect(double value, double expected, double tolerance, const char *what, const char *date) {
  if (!truth_near(value, expected, tolerance)) fail_msg("%s on %s: %.12g instead of %.12g", what, date, value, expected);
}

/* ---- The worked example ---- */

static void the_worked_example_is_followed_column_by_column(void **state) {
  (void)state;
  static const char *const name = "truth/finmarketpy_example.csv";
  FILE *file = truth_open(name);
  static truth_line lines[16];
  size_t count = 0;
  while (truth_next(&lines[count], file)) count++;
  truth_close(file, name);
  assert_int_equal(count, 11);

  table *t = calloc(1, sizeof *t);
  open_table(t, 2);
  for (size_t row = 0; row < 10; row++) {
    const truth_line *line = &lines[row + 1];
    t->days[row] = day_of(line->field[0]);
    for (size_t i = 0; i < 2; i++) {
      t->prices[i * MOST + row] = truth_number(line->field[1 + i]);
      t->signals[i * MOST + row] = truth_number(line->field[3 + i]);
    }
  }
  t->rows = 10;
  sld__finmarketpy_rule rule = published;
  rule.signal_vol.max_leverage = 1.5;
  rule.signal_vol.periods = 3;
  sld__finmarketpy model = run(t, &rule, 2.0 / 20000.0, 0.5 / 10000.0);
  double wealth = 100.0;
  for (size_t row = 0; row < 10; row++) {
    const truth_line *line = &lines[row + 1];
    const char *date = line->field[0];
    for (size_t i = 0; i < 2; i++) {
      expect(fabs(model.position[i * 10 + row]), truth_number(line->field[9 + i]), 5e-12, "leverage", date);
      expect(model.pnl[i * 10 + row], truth_number(line->field[11 + i]), 5e-14, "pnl", date);
      expect(model.weights[row * 2 + i], truth_number(line->field[13 + i]), 5e-12, "weight", date);
    }
    expect(model.gross[row], truth_number(line->field[15]), 5e-14, "gross return", date);
    expect(model.portfolio[row], truth_number(line->field[16]), 5e-14, "return", date);
    if (!isnan(model.portfolio[row])) wealth *= 1.0 + model.portfolio[row];
    if (row > 6) expect(wealth, truth_number(line->field[17]), 5e-10, "index", date);
  }
  sld__finmarketpy_fini(&model);
  close_table(t);
  free(t);
}

/* ---- H.10 ---- */

/* Reads the file; with `whole` only rows on which every pair has a fixing. */
static table *read_h10(bool whole) {
  FILE *file = truth_open(h10);
  static truth_line line;
  table *t = calloc(1, sizeof *t);
  assert_non_null(t);
  open_table(t, PAIRS);
  assert_true(truth_next(&line, file));
  while (truth_next(&line, file)) {
    size_t fixings = 0;
    assert_true(t->rows < MOST);
    for (size_t i = 0; i < PAIRS; i++) {
      double price = truth_number(line.field[pairs[i].column]);
      t->prices[i * MOST + t->rows] = price;
      fixings += isnan(price) == 0;
    }
    if (fixings == 0 || (whole && fixings < PAIRS)) continue;
    t->days[t->rows++] = day_of(line.field[0]);
  }
  truth_close(file, h10);
  return t;
}

/* +1 above the mean of a pair's last LENGTH fixings, else -1; missing on its first LENGTH. */
static void follow_trend(table *t) {
  for (size_t i = 0; i < t->count; i++) {
    double window[LENGTH];
    size_t seen = 0;
    for (size_t row = 0; row < t->rows; row++) {
      double price = t->prices[i * MOST + row], sum = 0.0;
      t->signals[i * MOST + row] = (double)NAN;
      if (isnan(price)) continue;
      window[seen++ % LENGTH] = price;
      for (size_t k = 0; k < LENGTH && seen > LENGTH; k++) sum += window[k];
      if (seen > LENGTH) t->signals[i * MOST + row] = price > sum / LENGTH ? 1.0 : -1.0;
    }
  }
}

static void the_golden_row_is_met_to_its_six_printed_digits(void **state) {
  (void)state;
  static const double printed[PAIRS] = { -0.109763, 0.044111, 0.095455, -0.074988, 0.149951, -0.062678, -0.074267, 0.054605, 0.065421 };
  table *t = read_h10(false);
  follow_trend(t);
  sld__finmarketpy model = run(t, &published, 0.0, 0.0);
  size_t row = row_of(t, "2024-11-01");
  for (size_t i = 0; i < PAIRS; i++) expect(model.weights[row * PAIRS + i], printed[i], 5e-7, pairs[i].pair, "2024-11-01");
  sld__finmarketpy_fini(&model);
  close_table(t);
  free(t);
}

/* Checks column `index` of finmarketpy_weights.csv and the weights; figures over all returns. */
static void replay(double tc, int index, const double figures[4]) {
  static const char *const name = "truth/finmarketpy_weights.csv";
  FILE *file = truth_open(name);
  static truth_line line;
  table *t = read_h10(true);
  follow_trend(t);
  assert_int_equal(t->rows, 6481);
  sld__finmarketpy model = run(t, &published, tc, 0.0);

  size_t first = row_of(t, "1999-10-20"), compared = 0;
  assert_true(isnan(model.portfolio[first - 1]) && !isnan(model.portfolio[first]));
  double *index_at = calloc(t->rows, sizeof *index_at), wealth = 100.0;
  for (size_t row = first; row < t->rows; row++) index_at[row] = wealth *= 1.0 + model.portfolio[row];
  assert_true(truth_next(&line, file));
  for (; truth_next(&line, file); compared++) {
    size_t row = row_of(t, line.field[0]);
    for (int i = 0; i < PAIRS; i++) expect(model.weights[row * PAIRS + (size_t)i], truth_number(line.field[1 + i]), 1e-9, pairs[i].pair, line.field[0]);
    expect(index_at[row], truth_number(line.field[index]), 1e-6, "index", line.field[0]);
  }
  assert_int_equal(compared, 25);
  truth_close(file, name);

  const double *r = model.portfolio + first;
  size_t n = t->rows - first;
  assert_int_equal(n, 6280);
  sld__moments m = sld__moments_of(r, n);
  expect(m.mean * 252.0, figures[0], 5e-9, "annual mean", "all");
  expect(sld__annual_volatility(r, n, 252.0), figures[1], 5e-9, "volatility", "all");
  expect(sld__sharpe(r, n, 0.0, 252.0), figures[2], 5e-7, "ratio", "all");
  expect(sld__max_drawdown(r, n), figures[3], 5e-8, "drawdown", "all");
  free(index_at);
  sld__finmarketpy_fini(&model);
  close_table(t);
  free(t);
}

static void year_end_weights_and_index_are_those_published_without_costs(void **state) {
  (void)state;
  replay(0.0, 10, (const double[]){ 0.00736085, 0.03370043, 0.218420, -0.1162349 });
}

static void year_end_weights_and_index_are_those_published_at_a_spread_of_two_and_a_half_points(void **state) {
  (void)state;
  replay(2.5 / 20000.0, 11, (const double[]){ 0.00602998, 0.03372415, 0.178803, -0.1200381 });
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_worked_example_is_followed_column_by_column),
    cmocka_unit_test(the_golden_row_is_met_to_its_six_printed_digits),
    cmocka_unit_test(year_end_weights_and_index_are_those_published_without_costs),
    cmocka_unit_test(year_end_weights_and_index_are_those_published_at_a_spread_of_two_and_a_half_points),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
