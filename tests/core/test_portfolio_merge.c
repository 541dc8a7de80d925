/* Sleeves put together: clock, sum and trades. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "portfolio/merge.h"

enum { MOST = 16 };

static void the_clock_is_the_union_of_pairs_with_different_holes(void **state) {
  (void)state;
  static const int64_t a[] = { 1, 2, 4, 7 }, b[] = { 2, 3, 7, 9 }, c[] = { 4 };
  const sld__curve curves[] = { { 0, 4, a, NULL }, { 0, 4, b, NULL }, { 0, 1, c, NULL }, { 0, 0, NULL, NULL } };
  static const int64_t expected[] = { 1, 2, 3, 4, 7, 9 };
  size_t cursors[4];
  int64_t clock[MOST];
  assert_int_equal(sld__portfolio_clock(NULL, curves, 4, cursors), 6);
  assert_int_equal(sld__portfolio_clock(clock, curves, 4, cursors), 6);
  assert_memory_equal(clock, expected, sizeof expected);
}

/* A sleeve of ticks: two at instant 2, three at 5. */
static void of_points_at_one_instant_the_last_counts(void **state) {
  (void)state;
  static const int64_t a_time[] = { 2, 2, 3, 5, 5, 5 }, b_time[] = { 1, 5 }, expected_clock[] = { 1, 2, 3, 5 };
  static const double a[] = { 101, 102, 103, 104, 105, 106 }, b[] = { 51, 52 };
  const sld__curve curves[] = { { 100, 6, a_time, a }, { 50, 2, b_time, b } };
  static const double expected[] = { 100 + 51, 102 + 51, 103 + 51, 106 + 52 };
  size_t cursors[2];
  int64_t clock[MOST];
  double equity[4];
  assert_int_equal(sld__portfolio_clock(clock, curves, 2, cursors), 4);
  assert_memory_equal(clock, expected_clock, sizeof expected_clock);
  sld__portfolio_sum(equity, clock, 4, curves, 2, cursors);
  for (int i = 0; i < 4; i++) assert_true(equity[i] == expected[i]);
}

static void sleeves_that_all_wait_have_no_clock(void **state) {
  (void)state;
  const sld__curve curves[] = { { 100, 0, NULL, NULL }, { 100, 0, NULL, NULL } };
  size_t cursors[2];
  assert_int_equal(sld__portfolio_clock(NULL, curves, 2, cursors), 0);
  assert_int_equal(sld__portfolio_clock(NULL, NULL, 0, cursors), 0);
}

static void a_waiting_sleeve_is_cash_and_a_hole_keeps_the_last_value(void **state) {
  (void)state;
  static const int64_t clock[] = { 1, 2, 3, 4, 5 }, a_time[] = { 1, 3, 4 }, b_time[] = { 2, 5 };
  static const double a[] = { 101, 103, 99 }, b[] = { 52, 55 };
  const sld__curve curves[] = { { 100, 3, a_time, a }, { 50, 2, b_time, b }, { 7, 0, NULL, NULL } };
  static const double expected[] = { 101 + 50 + 7, 101 + 52 + 7, 103 + 52 + 7, 99 + 52 + 7, 99 + 55 + 7 };
  size_t cursors[3];
  double equity[5];
  sld__portfolio_sum(equity, clock, 5, curves, 3, cursors);
  for (int i = 0; i < 5; i++) assert_true(equity[i] == expected[i]);
}

static void what_a_plain_sum_would_lose_is_kept(void **state) {
  (void)state;
  static const int64_t clock[] = { 1 };
  static const double large[] = { 1e16 }, one[] = { 1.0 }, debt[] = { -1e16 };
  const sld__curve curves[] = { { 0, 1, clock, large }, { 0, 1, clock, one }, { 0, 1, clock, debt } };
  size_t cursors[3];
  double equity;
  sld__portfolio_sum(&equity, clock, 1, curves, 3, cursors);
  assert_true(equity == 1.0);
}

static void trades_stand_in_order_of_exit_then_of_the_key(void **state) {
  (void)state;
  static const sld_trade a[] = { { .entry_order = 1, .exit_time = 5 }, { .entry_order = 2, .exit_time = 5 }, { .entry_order = 3, .exit_time = 9 }, { .entry_order = 4, .exit_time = 1 } };
  static const sld_trade b[] = { { .entry_order = 11, .exit_time = 4 }, { .entry_order = 12, .exit_time = 5 }, { .entry_order = 13, .exit_time = 9 } };
  const sld_trade *const lists[] = { a, NULL, b };
  static const size_t closed[] = { 3, 0, 3 }; /* the last of a is still open */
  static const int64_t expected[] = { 11, 1, 2, 12, 3, 13 };
  size_t cursors[3];
  sld_trade out[6];
  sld__portfolio_trades(out, lists, closed, 3, cursors);
  for (int i = 0; i < 6; i++) assert_int_equal(out[i].entry_order, expected[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_clock_is_the_union_of_pairs_with_different_holes),
    cmocka_unit_test(of_points_at_one_instant_the_last_counts),
    cmocka_unit_test(sleeves_that_all_wait_have_no_clock),
    cmocka_unit_test(a_waiting_sleeve_is_cash_and_a_hole_keeps_the_last_value),
    cmocka_unit_test(what_a_plain_sum_would_lose_is_kept),
    cmocka_unit_test(trades_stand_in_order_of_exit_then_of_the_key),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
