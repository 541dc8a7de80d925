/* Overlays, by hand: weights, drift, costs, who is present, and that nothing later matters. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/time.h"
#include "failing.h"
#include "portfolio/overlay.h"

enum { MOST_ROWS = 400, MOST = 4 };

/* Sleeves over days in a row; day 0 is `start`. */
typedef struct desk {
  int64_t clock[MOST_ROWS];
  size_t samples[MOST_ROWS];
  double points[MOST][MOST_ROWS];
  sld__overlay_sleeve sleeves[MOST];
  sld__overlay_input in;
  double equity[MOST_ROWS], weights[MOST_ROWS * MOST], costs;
} desk;

static void open_desk(desk *d, const char *start, size_t rows, size_t count) {
  memset(d, 0, sizeof *d);
  int64_t first;
  assert_int_equal(sld_time_parse(&first, start, NULL), SLD_OK);
  for (size_t row = 0; row < rows; row++) {
    d->clock[row] = first + (int64_t)(row + 1) * SLD__NS_PER_DAY; /* a date closes at the next midnight */
    d->samples[row] = row;
  }
  for (size_t i = 0; i < count; i++) {
    for (size_t row = 0; row < rows; row++) d->points[i][row] = 100.0;
    d->sleeves[i] = (sld__overlay_sleeve){ .curve = { 100.0, rows, d->clock, d->points[i] }, .constant_rate = 1.0, .column = i };
  }
  d->in = (sld__overlay_input){ .rule = SLD_EQUAL, .vol_target = 0.1, .max_leverage = 5.0, .periods_per_year = 260.0, .capital = 100.0 * (double)count, .sleeves = d->sleeves,
    .count = count, .clock = d->clock, .rows = rows, .sample_rows = d->samples, .sample_count = rows, .columns = count };
}

/* Leaves points first..last-1 to a sleeve. */
static void cut(desk *d, size_t i, size_t first, size_t last) {
  d->sleeves[i].curve.time += first;
  d->sleeves[i].curve.equity += first;
  d->sleeves[i].curve.count = last - first;
}

static void run(desk *d) {
  sld_allocator a = sld__alloc_default();
  memset(d->weights, 0, sizeof d->weights);
  assert_int_equal(sld__overlay_run(&a, &d->in, d->equity, d->weights, &d->costs, NULL), SLD_OK);
}

static double weight(const desk *d, size_t row, size_t i) {
  return d->weights[row * d->in.columns + i];
}

static void near(double value, double expected) {
  if (!(fabs(value - expected) <= 1e-12 * fmax(1.0, fabs(expected)))) fail_msg("%.17g instead of %.17g", value, expected);
}

static void equal_weights_drift_in_the_month_and_are_set_anew_on_its_first_day(void **state) {
  (void)state;
  desk d;
  open_desk(&d, "2024-01-30", 4, 2);
  memcpy(d.points[0], (double[]){ 100, 110, 99, 99 }, 4 * sizeof(double));
  memcpy(d.points[1], (double[]){ 100, 100, 120, 132 }, 4 * sizeof(double));
  run(&d);
  near(d.equity[0], 200);
  near(d.equity[1], 210);
  near(weight(&d, 1, 0), 110.0 / 210.0);
  near(weight(&d, 1, 1), 100.0 / 210.0);
  near(d.equity[2], 219);
  near(weight(&d, 2, 0), 0.5);
  near(weight(&d, 2, 1), 0.5);
  near(d.equity[3], 219 * 1.05);
  near(weight(&d, 3, 0), 0.5 / 1.05);
  near(weight(&d, 3, 1), 0.55 / 1.05);
  assert_true(d.costs == 0.0);
}

/* On the third day sleeve 0 goes from 99/219 to a half: that part of its 50 units is bought, the other sleeve is flat and costs nothing. */
static void to_change_a_weight_is_to_deal_in_the_position_that_is_held(void **state) {
  (void)state;
  static const double close[] = { 2, 2, 2, 2 }, rate[] = { 1, 1, 0.5, 1 };
  static const sld_trade trades[] = {
    { .units = 20, .entry_bar = 7, .exit_bar = 9, .exit = SLD_EXIT_ORDER }, /* closed in bar 9: not held after it */
    { .units = 80, .entry_bar = 8, .exit_bar = 10, .exit = SLD_EXIT_ORDER },
    { .units = -30, .entry_bar = 9, .exit_bar = 9, .exit = SLD_EXIT_OPEN },
    { .units = 1000, .entry_bar = 10, .exit_bar = 12, .exit = SLD_EXIT_ORDER },
  };
  desk d;
  open_desk(&d, "2024-01-30", 4, 2);
  memcpy(d.points[0], (double[]){ 100, 110, 99, 99 }, 4 * sizeof(double));
  memcpy(d.points[1], (double[]){ 100, 100, 120, 132 }, 4 * sizeof(double));
  sld__overlay_sleeve *s = &d.sleeves[0];
  s->first_bar = 7; /* the third day is bar 9 */
  s->close = close;
  s->rate = rate;
  s->trades = trades;
  s->trade_count = 4;
  s->cost_price = 0.02;
  s->cost_frac = 0.01;
  s->cost_unit = 0.005;
  run(&d);
  double k0 = 20 * ((0.02 + 0.01 * 2) * 1 + 0.005) / 100; /* of the 20 units held on the first day */
  double first = 200 * 0.5 * k0;
  near(d.equity[0], 200 - first);
  double before = (200 - first) * 1.05 * (219.0 / 210.0), k2 = 50 * ((0.02 + 0.01 * 2) * 0.5 + 0.005) / 99;
  double cost = before * (0.5 - 99.0 / 219.0) * k2;
  near(d.equity[2], before - cost);
  near(d.costs, first + cost);
}

/* Returns +a, -a, +a, ...: the mean of 60 is 0 and the deviation a sqrt(60/59). */
static void swing(double *points, size_t rows, double a) {
  double level = 100.0;
  for (size_t row = 0; row < rows; row++) points[row] = level *= 1.0 + (row % 2 ? -a : a);
}

static void inverse_vol_waits_for_sixty_days_and_a_new_month(void **state) {
  (void)state;
  desk d;
  open_desk(&d, "2023-01-02", 120, 2); /* 2023-03-01 is row 58, 2023-04-01 row 89 */
  swing(d.points[0], 120, 0.01);
  swing(d.points[1], 120, 0.02);
  d.in.rule = SLD_INVERSE_VOL;
  run(&d);
  for (size_t row = 0; row < 89; row++) {
    assert_true(weight(&d, row, 0) == 0.0 && weight(&d, row, 1) == 0.0);
    assert_true(d.equity[row] == 200.0);
  }
  near(weight(&d, 89, 0), 2.0 / 3.0);
  near(weight(&d, 89, 1), 1.0 / 3.0);
  near(d.equity[90], 200.0 * (1.0 + (0.01 * 2 + 0.02) / 3));
}

static void vol_target_scales_the_inverse_vol_weights_to_the_target(void **state) {
  (void)state;
  desk d;
  open_desk(&d, "2023-01-02", 120, 2);
  swing(d.points[0], 120, 0.01);
  swing(d.points[1], 120, 0.02);
  d.in.rule = SLD_VOL_TARGET;
  run(&d);
  double together = (0.01 * 2 + 0.02) / 3 * sqrt(60.0 / 59.0) * sqrt(260.0);
  near(weight(&d, 89, 0), 0.1 / together * 2.0 / 3.0);
  near(weight(&d, 89, 1), 0.1 / together / 3.0);
  d.in.vol_target = 10.0; /* beyond the cap */
  d.in.max_leverage = 3.0;
  run(&d);
  near(weight(&d, 89, 0), 2.0);
  near(weight(&d, 89, 1), 1.0);
}

/* Two points a day; what stands between the samples is wild, and does not matter. */
static void only_daily_samples_make_a_deviation(void **state) {
  (void)state;
  desk d;
  open_desk(&d, "2023-01-02", 240, 2);
  double daily[2][120];
  for (size_t i = 0; i < 2; i++) {
    swing(daily[i], 120, 0.01 * (double)(i + 1));
    for (size_t row = 0; row < 240; row++) d.points[i][row] = row % 2 ? daily[i][row / 2] : 100.0 + (double)(row * (i + 3) % 7);
  }
  int64_t first = d.clock[0] - SLD__NS_PER_DAY;
  for (size_t row = 0; row < 240; row++) d.clock[row] = first + (int64_t)(row + 1) * SLD__NS_PER_DAY / 2;
  for (size_t day = 0; day < 120; day++) d.samples[day] = 2 * day + 1;
  d.in.sample_count = 120;
  d.in.rule = SLD_INVERSE_VOL;
  run(&d);
  assert_true(weight(&d, 177, 0) == 0.0);
  near(weight(&d, 178, 0), 2.0 / 3.0); /* noon of 2023-04-01 */
  near(weight(&d, 178, 1), 1.0 / 3.0);
}

static void sleeves_that_offset_each_other_are_held_at_the_cap(void **state) {
  (void)state;
  desk d;
  open_desk(&d, "2023-01-02", 120, 2);
  for (size_t row = 0; row < 120; row++) {
    d.points[0][row] = row % 2 ? 100.0 : 50.0;
    d.points[1][row] = 100.0;
  }
  d.in.rule = SLD_VOL_TARGET;
  d.in.vol_target = 1e9;
  run(&d);
  near(weight(&d, 89, 0), 5.0);
  assert_true(weight(&d, 89, 1) == 0.0); /* it never moved: no deviation to invert */
}

static void a_sleeve_weighs_from_the_month_after_its_first_point(void **state) {
  (void)state;
  desk d;
  open_desk(&d, "2024-01-30", 40, 2); /* 2024-02-01 is row 2, 2024-03-01 row 31 */
  cut(&d, 1, 5, 40);
  run(&d);
  near(weight(&d, 0, 0), 1.0);
  near(weight(&d, 30, 0), 1.0);
  assert_true(weight(&d, 30, 1) == 0.0);
  near(weight(&d, 31, 0), 0.5);
  near(weight(&d, 31, 1), 0.5);
}

static void a_sleeve_silent_for_more_than_ten_days_is_let_go(void **state) {
  (void)state;
  desk d;
  open_desk(&d, "2024-01-22", 60, 2); /* 2024-02-01 is row 10, 2024-03-01 row 39 */
  cut(&d, 1, 0, 30);                  /* its last point is 10 days old */
  run(&d);
  near(weight(&d, 39, 1), 0.5);
  open_desk(&d, "2024-01-22", 60, 2);
  cut(&d, 1, 0, 29); /* 11 */
  run(&d);
  near(weight(&d, 38, 1), 0.5);
  assert_true(weight(&d, 39, 1) == 0.0);
  near(weight(&d, 39, 0), 1.0);
}

static void a_ruined_sleeve_takes_its_loss_and_weighs_nothing(void **state) {
  (void)state;
  desk d;
  open_desk(&d, "2024-01-02", 40, 2);
  for (size_t row = 3; row < 40; row++) d.points[1][row] = -20.0;
  run(&d);
  near(d.equity[3], 80.0);
  assert_true(weight(&d, 3, 1) == 0.0);
  near(weight(&d, 3, 0), 100.0 / 80.0); /* it owes what the other one lost */
  near(weight(&d, 39, 0), 1.0);
  assert_true(weight(&d, 39, 1) == 0.0);
}

static void a_ruined_portfolio_stays_where_it_fell(void **state) {
  (void)state;
  desk d;
  open_desk(&d, "2024-01-02", 40, 1);
  for (size_t row = 3; row < 40; row++) d.points[0][row] = row < 10 ? -5.0 : 500.0;
  run(&d);
  near(d.equity[3], -5.0);
  near(d.equity[39], -5.0);
  assert_true(weight(&d, 39, 0) == 0.0);
}

static double noise(uint64_t *seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 40) / 16777216.0 - 0.5;
}

static void wander(desk *d, size_t from, uint64_t seed) {
  for (size_t i = 0; i < d->in.count; i++)
    for (size_t row = from; row < d->in.rows; row++) d->points[i][row] = (row ? d->points[i][row - 1] : 100.0) * (1.0 + 0.02 * (double)(i + 1) * noise(&seed));
}

static void nothing_after_a_row_changes_its_weights(void **state) {
  (void)state;
  static const size_t cuts[] = { 1, 58, 59, 60, 88, 89, 90, 149, 150, 151, 299 };
  desk d;
  static double weights[MOST_ROWS * MOST], equity[MOST_ROWS];
  for (int rule = SLD_EQUAL; rule <= SLD_VOL_TARGET; rule++) {
    for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++) {
      open_desk(&d, "2023-01-02", 300, 3);
      d.in.rule = (sld_weights)rule;
      cut(&d, 2, 40, 200);
      wander(&d, 0, 1);
      run(&d);
      memcpy(weights, d.weights, sizeof weights);
      memcpy(equity, d.equity, sizeof equity);
      wander(&d, cuts[c] + 1, 2); /* other points */
      run(&d);
      assert_memory_equal(weights, d.weights, (cuts[c] + 1) * 3 * sizeof(double));
      assert_memory_equal(equity, d.equity, (cuts[c] + 1) * sizeof(double));
      d.in.rows = d.in.sample_count = cuts[c] + 1; /* and no points at all */
      run(&d);
      assert_memory_equal(weights, d.weights, (cuts[c] + 1) * 3 * sizeof(double));
    }
  }
}

static void without_memory_there_is_no_overlay(void **state) {
  (void)state;
  struct failing failing = { .refuse = 1 };
  sld_allocator a = failing_allocator(&failing);
  desk d;
  open_desk(&d, "2024-01-30", 4, 2);
  assert_int_equal(sld__overlay_run(&a, &d.in, d.equity, d.weights, &d.costs, NULL), SLD_ENOMEM);
  assert_int_equal(failing.held, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(equal_weights_drift_in_the_month_and_are_set_anew_on_its_first_day),
    cmocka_unit_test(to_change_a_weight_is_to_deal_in_the_position_that_is_held),
    cmocka_unit_test(inverse_vol_waits_for_sixty_days_and_a_new_month),
    cmocka_unit_test(vol_target_scales_the_inverse_vol_weights_to_the_target),
    cmocka_unit_test(only_daily_samples_make_a_deviation),
    cmocka_unit_test(sleeves_that_offset_each_other_are_held_at_the_cap),
    cmocka_unit_test(a_sleeve_weighs_from_the_month_after_its_first_point),
    cmocka_unit_test(a_sleeve_silent_for_more_than_ten_days_is_let_go),
    cmocka_unit_test(a_ruined_sleeve_takes_its_loss_and_weighs_nothing),
    cmocka_unit_test(a_ruined_portfolio_stays_where_it_fell),
    cmocka_unit_test(nothing_after_a_row_changes_its_weights),
    cmocka_unit_test(without_memory_there_is_no_overlay),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
