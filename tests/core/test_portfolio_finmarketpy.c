/* The vectorised model by hand: one rule at a time. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/time.h"
#include "failing.h"
#include "portfolio/finmarketpy.h"

enum { ROWS = 6, PAIRS = 2, LONG = 300 };

#define NONE ((double)NAN)
#define NO_LIMIT ((double)INFINITY)

static const double nothing[PAIRS] = { 0, 0 }, shares[PAIRS] = { 3, 1 };
static const int64_t days[ROWS] = { 0, 1, 4, 5, 6, 7 }; /* 1970-01-01 was a Thursday */
static const double prices[PAIRS * ROWS] = { 100, 110, 121, 121, 60.5, 121, NONE, 50, 50, 55, NONE, 44 };
static const double signals[PAIRS * ROWS] = { 1, 1, -1, -1, 1, 1, 1, 1, 1, 2, 2, 2 };

static sld__finmarketpy_rule plain(void) {
  return (sld__finmarketpy_rule){ .stop_loss = NONE, .take_profit = NONE, .max_net = NO_LIMIT, .max_abs = NO_LIMIT };
}

static sld__finmarketpy_input input(const sld__finmarketpy_rule *rule) {
  return (sld__finmarketpy_input){ .rows = ROWS, .count = PAIRS, .days = days, .prices = prices, .signals = signals, .tc = nothing, .rc = nothing, .shares = shares, .rule = rule };
}

static sld__finmarketpy run(const sld__finmarketpy_input *in) {
  sld_allocator a = sld__alloc_default();
  sld__finmarketpy model;
  assert_int_equal(sld__finmarketpy_run(&model, &a, in, NULL), SLD_OK);
  return model;
}

static void expect(const double *values, const double *expected, size_t count) {
  for (size_t i = 0; i < count; i++) {
    bool same = isnan(expected[i]) ? isnan(values[i]) : fabs(values[i] - expected[i]) <= 1e-14 * fmax(1.0, fabs(expected[i]));
    if (!same) fail_msg("value %zu is %.17g instead of %.17g", i, values[i], expected[i]);
  }
}

/* ---- Pairs ---- */

static void a_position_earns_from_the_next_row_on(void **state) {
  (void)state;
  sld__finmarketpy_rule rule = plain();
  sld__finmarketpy_input in = input(&rule);
  sld__finmarketpy model = run(&in);
  expect(model.position, (double[]){ 1, 1, -1, -1, 1, 1 }, ROWS);
  expect(model.pnl, (double[]){ NONE, 0.1, 0.1, 0, 0.5, 1 }, ROWS);
  sld__finmarketpy_fini(&model);
}

static void without_a_price_neither_price_nor_signal_changes(void **state) {
  (void)state;
  sld__finmarketpy_rule rule = plain();
  sld__finmarketpy_input in = input(&rule);
  double turned[PAIRS * ROWS];
  memcpy(turned, signals, sizeof turned);
  turned[ROWS + 4] = -7; /* on the row without a price */
  in.signals = turned;
  sld__finmarketpy model = run(&in);
  expect(model.position + ROWS, (double[]){ NONE, 1, 1, 2, 2, 2 }, ROWS);
  expect(model.pnl + ROWS, (double[]){ NONE, NONE, 0, 0.1, 0, 2 * (44.0 / 55.0 - 1) }, ROWS);
  sld__finmarketpy_fini(&model);
}

static void a_delayed_signal_comes_rows_later_and_a_missing_one_keeps_the_last(void **state) {
  (void)state;
  sld__finmarketpy_rule rule = plain();
  rule.signal_delay = 2;
  sld__finmarketpy_input in = input(&rule);
  double holes[PAIRS * ROWS];
  memcpy(holes, signals, sizeof holes);
  holes[1] = NONE;
  in.signals = holes;
  sld__finmarketpy model = run(&in);
  expect(model.position, (double[]){ NONE, NONE, 1, 1, -1, -1 }, ROWS);
  expect(model.position + ROWS, (double[]){ NONE, NONE, 1, 1, 1, 2 }, ROWS);
  sld__finmarketpy_fini(&model);
}

static void trading_and_holding_cost_on_the_row_where_they_happen(void **state) {
  (void)state;
  static const double tc[PAIRS] = { 0.01, 0 }, rc[PAIRS] = { 0.001, 0 };
  sld__finmarketpy_rule rule = plain();
  sld__finmarketpy_input in = input(&rule);
  in.tc = tc;
  in.rc = rc;
  sld__finmarketpy model = run(&in);
  expect(model.pnl, (double[]){ NONE, 0.1 - 0.001, 0.1 - 0.02 - 0.001, -0.001, 0.5 - 0.02 - 0.001, 1 - 0.001 }, ROWS);
  assert_true(sld__finmarketpy_traded(&model, &in, 0, 2) == 0.02 && sld__finmarketpy_held(&model, &in, 0, 2) == 0.001);
  assert_true(isnan(sld__finmarketpy_traded(&model, &in, 0, 0)) && isnan(sld__finmarketpy_held(&model, &in, 0, 0)));
  sld__finmarketpy_fini(&model);
}

/* Long from row 0: +10, +21, +21, then -39.5 % since the change. */
static void a_crossed_stop_ends_the_trade_until_the_signal_changes(void **state) {
  (void)state;
  double held[PAIRS * ROWS];
  for (size_t i = 0; i < PAIRS * ROWS; i++) held[i] = 1;
  sld__finmarketpy_rule rule = plain();
  sld__finmarketpy_input in = input(&rule);
  in.signals = held;
  rule.stop_loss = -0.3;
  rule.take_profit = 0.5;
  sld__finmarketpy model = run(&in);
  expect(model.position, (double[]){ 1, 1, 1, 1, 0, 0 }, ROWS);
  sld__finmarketpy_fini(&model);
  rule.take_profit = 0.2; /* 1.1 x 1.1 - 1 crosses it, 0.1 + 0.1 would not */
  held[4] = held[5] = -1;
  model = run(&in);
  expect(model.position, (double[]){ 1, 1, 0, 0, -1, 0 }, ROWS); /* the short loses all on the last row */
  sld__finmarketpy_fini(&model);
}

/* ---- Portfolio ---- */

static void combined(sld__combination combination, const double gross[ROWS], const double weights[ROWS * PAIRS]) {
  sld__finmarketpy_rule rule = plain();
  rule.combination = combination;
  sld__finmarketpy_input in = input(&rule);
  sld__finmarketpy model = run(&in);
  expect(model.gross, gross, ROWS);
  expect(model.portfolio, gross, ROWS);
  expect(model.weights, weights, ROWS * PAIRS);
  sld__finmarketpy_fini(&model);
}

static void pairs_are_combined_over_those_that_are_present(void **state) {
  (void)state;
  double last = 2 * (44.0 / 55.0 - 1);
  combined(SLD__MEAN, (double[]){ NONE, 0.1, 0.05, 0.05, 0.25, (1 + last) / 2 }, (double[]){ NONE, NONE, 1, NONE, -0.5, 0.5, -0.5, 1, 0.5, 1, 0.5, 1 });
  combined(SLD__COMBINED_SUM, (double[]){ NONE, 0.1, 0.1, 0.1, 0.5, 1 + last }, (double[]){ NONE, NONE, 1, NONE, -1, 1, -1, 2, 1, 2, 1, 2 });
  combined(SLD__WEIGHTED, (double[]){ NONE, 0.1, 0.075, 0.025, 0.375, (3 + last) / 4 }, (double[]){ NONE, NONE, 1, NONE, -0.75, 0.25, -0.75, 0.5, 0.75, 0.5, 0.75, 0.5 });
  combined(SLD__WEIGHTED_SUM, (double[]){ NONE, 0.3, 0.3, 0.1, 1.5, 3 + last }, (double[]){ NONE, NONE, 1, NONE, -1, 1, -1, 2, 1, 2, 1, 2 });
}

/* Sums of weights 1, 0, 1, 3, 3; of their sizes 1, 2, 3, 3, 3. */
static void weights_beyond_a_limit_are_scaled_to_it(void **state) {
  (void)state;
  sld__finmarketpy_rule rule = plain();
  rule.combination = SLD__COMBINED_SUM;
  sld__finmarketpy_input in = input(&rule);
  rule.max_net = 1.5;
  sld__finmarketpy model = run(&in);
  expect(model.leverage, (double[]){ 1, 1, 1, 1, 0.5, 0.5 }, ROWS);
  expect(model.weights + 8, (double[]){ 0.5, 1, 0.5, 1 }, 4);
  expect(model.portfolio, (double[]){ NONE, 0.1, 0.1, 0.1, 0.5, (1 + 2 * (44.0 / 55.0 - 1)) * 0.5 }, ROWS);
  sld__finmarketpy_fini(&model);
  rule.max_abs = 1.0; /* the tighter of the two binds */
  model = run(&in);
  expect(model.leverage, (double[]){ 1, 1, 0.5, 1.0 / 3, 1.0 / 3, 1.0 / 3 }, ROWS);
  sld__finmarketpy_fini(&model);
  rule.clip_shift = 2;
  model = run(&in);
  expect(model.leverage, (double[]){ 1, 1, 1, 1, 0.5, 1.0 / 3 }, ROWS);
  sld__finmarketpy_fini(&model);
}

static void the_portfolio_pays_for_its_own_leverage_too(void **state) {
  (void)state;
  sld__finmarketpy_rule rule = plain();
  rule.combination = SLD__COMBINED_SUM;
  rule.max_net = 1.5;
  sld__finmarketpy_input in = input(&rule);
  in.portfolio_tc = 0.01;
  in.portfolio_rc = 0.001;
  sld__finmarketpy model = run(&in);
  expect(model.portfolio + 3, (double[]){ 0.1 - 0.001, 0.5 - 0.005 - 0.001, (1 + 2 * (44.0 / 55.0 - 1)) * 0.5 - 0.0005 }, 3);
  expect(model.costs, (double[]){ NONE, 0.001, 0.001, 0.001, 0.006, 0.0005 }, ROWS);
  sld__finmarketpy_fini(&model);
}

static void a_portfolio_is_levered_to_its_target(void **state) {
  (void)state;
  sld__finmarketpy_rule rule = plain();
  rule.portfolio_vol = (sld__leverage_rule){ .target = 0.1, .max_leverage = 2.5, .periods = 2, .obs_in_year = 2 };
  sld__finmarketpy_input in = input(&rule);
  sld__finmarketpy model = run(&in);
  /* deviation of two values: their distance over sqrt(2); over a year of two, the distance itself */
  double last = (1 + 2 * (44.0 / 55.0 - 1)) / 2;
  double leverage[ROWS] = { NONE, NONE, 2.0, 2.5, 0.5, 0.1 / (last - 0.25) };
  if (leverage[5] > 2.5) leverage[5] = 2.5;
  expect(model.leverage, leverage, ROWS);
  expect(model.portfolio, (double[]){ NONE, NONE, NONE, 2 * 0.05, 2.5 * 0.25, 0.5 * last }, ROWS);
  expect(model.weights + 6, (double[]){ 2.5 * -0.5, 2.5 * 1, 0.5 * 0.5, 0.5 * 1 }, 4);
  sld__finmarketpy_fini(&model);
}

/* ---- Leverage ---- */

static void leverage_is_target_over_volatility_up_to_its_cap(void **state) {
  (void)state;
  static const double returns[ROWS] = { NONE, 0.1, 0.3, 0.3, 0.2, 0.6 };
  sld__leverage_rule rule = { .target = 0.1, .max_leverage = 3, .periods = 2, .obs_in_year = 2 };
  double out[ROWS];
  sld__leverage(out, returns, days, ROWS, &rule);
  expect(out, (double[]){ NONE, NONE, 0.5, 3, 1, 0.25 }, ROWS);
  rule.shift = 1;
  sld__leverage(out, returns, days, ROWS, &rule);
  expect(out, (double[]){ NONE, NONE, NONE, 0.5, 3, 1 }, ROWS);
  rule.periods = 9;
  sld__leverage(out, returns, days, ROWS, &rule);
  expect(out, (double[]){ NONE, NONE, NONE, NONE, NONE, NONE }, ROWS);
}

static int64_t day(const char *date) {
  int64_t time;
  assert_int_equal(sld_time_parse(&time, date, NULL), SLD_OK);
  return time / SLD__NS_PER_DAY;
}

/* Good Friday 2024-03-29 was the last weekday of March; 2024-06-28 that of June. */
static void a_months_mean_holds_from_its_last_weekday_on(void **state) {
  (void)state;
  const int64_t dates[] = { day("2024-03-27"), day("2024-03-28"), day("2024-04-01"), day("2024-04-29"), day("2024-04-30"), day("2024-05-02"), day("2024-06-27"), day("2024-06-28"),
    day("2024-06-30"), day("2024-07-01"), day("2024-09-02") };
  double values[] = { 1, 3, 10, 20, 60, NONE, 4, 8, 1000, 5, 7 };
  sld__month_means(values, dates, 11);
  expect(values, (double[]){ NONE, NONE, 2, 2, 30, 30, 30, 6, 6, 6, 5 }, 11);
}

/* ---- The whole ---- */

static double noise(uint64_t *seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 40) / 16777216.0 - 0.5;
}

static void wander(double *price, double *signal, size_t from, uint64_t seed) {
  for (size_t i = 0; i < PAIRS; i++) {
    double level = 1.0;
    for (size_t row = 0; row < from; row++)
      if (!isnan(price[i * LONG + row])) level = price[i * LONG + row];
    for (size_t row = from; row < LONG; row++) {
      level *= 1.0 + 0.02 * noise(&seed);
      price[i * LONG + row] = noise(&seed) > 0.45 ? NONE : level;
      signal[i * LONG + row] = noise(&seed) > 0.0 ? 1.0 : -1.0;
    }
  }
}

static void nothing_after_a_row_changes_it(void **state) {
  (void)state;
  static double price[PAIRS * LONG], signal[PAIRS * LONG];
  static const double tc[PAIRS] = { 0.0001, 0.0002 };
  int64_t dates[LONG];
  for (size_t row = 0; row < LONG; row++) dates[row] = 19724 + (int64_t)(row / 5 * 7 + row % 5); /* Mondays to Fridays */
  sld__finmarketpy_rule rule = plain();
  rule.signal_vol = rule.portfolio_vol = (sld__leverage_rule){ .target = 0.1, .max_leverage = 3, .periods = 20, .obs_in_year = 252, .monthly = true };
  rule.max_net = 0.7;
  rule.stop_loss = -0.01;
  rule.take_profit = 0.01;
  const sld__finmarketpy_input in = { .rows = LONG, .count = PAIRS, .days = dates, .prices = price, .signals = signal, .tc = tc, .rc = nothing, .portfolio_tc = 0.0001, .rule = &rule };
  for (size_t last = 0; last < LONG - 1; last += 23) {
    wander(price, signal, 0, 1);
    sld__finmarketpy one = run(&in);
    wander(price, signal, last + 1, 2);
    sld__finmarketpy other = run(&in);
    assert_memory_equal(one.weights, other.weights, (last + 1) * PAIRS * sizeof(double));
    assert_memory_equal(one.portfolio, other.portfolio, (last + 1) * sizeof(double));
    if (last == 23) assert_memory_not_equal(one.portfolio, other.portfolio, LONG * sizeof(double));
    sld__finmarketpy_fini(&one);
    sld__finmarketpy_fini(&other);
  }
}

static void any_request_for_memory_may_fail(void **state) {
  (void)state;
  sld__finmarketpy_rule rule = plain();
  sld__finmarketpy_input in = input(&rule);
  sld_status status = SLD_ENOMEM;
  for (size_t k = 1; status != SLD_OK; k++) {
    struct failing failing = { .refuse = k };
    sld_allocator a = failing_allocator(&failing);
    sld__finmarketpy model;
    status = sld__finmarketpy_run(&model, &a, &in, NULL);
    if (status == SLD_OK) {
      assert_true(k > 7);
      sld__finmarketpy_fini(&model);
    } else assert_int_equal(status, SLD_ENOMEM);
    assert_int_equal(failing.held, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_position_earns_from_the_next_row_on),
    cmocka_unit_test(without_a_price_neither_price_nor_signal_changes),
    cmocka_unit_test(a_delayed_signal_comes_rows_later_and_a_missing_one_keeps_the_last),
    cmocka_unit_test(trading_and_holding_cost_on_the_row_where_they_happen),
    cmocka_unit_test(a_crossed_stop_ends_the_trade_until_the_signal_changes),
    cmocka_unit_test(pairs_are_combined_over_those_that_are_present),
    cmocka_unit_test(weights_beyond_a_limit_are_scaled_to_it),
    cmocka_unit_test(the_portfolio_pays_for_its_own_leverage_too),
    cmocka_unit_test(a_portfolio_is_levered_to_its_target),
    cmocka_unit_test(leverage_is_target_over_volatility_up_to_its_cap),
    cmocka_unit_test(a_months_mean_holds_from_its_last_weekday_on),
    cmocka_unit_test(nothing_after_a_row_changes_it),
    cmocka_unit_test(any_request_for_memory_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
