/* Trade statistics on net money. */
#include "metrics/trades.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>

static sld_trade closed(double net, int64_t bars) {
  return (sld_trade){ .exit = SLD_EXIT_ORDER, .net = net, .gross = net + 1.0, .entry_bar = 10, .exit_bar = 10 + bars };
}

static void a_trade_of_zero_counts_but_neither_wins_nor_loses(void **state) {
  (void)state;
  sld_trade t[] = { closed(30.0, 2), closed(0.0, 4), closed(-10.0, 6), closed(20.0, 0) };
  sld__trade_stats s = sld__trade_stats_of(t, 4);
  assert_int_equal(s.count, 4);
  assert_int_equal(s.wins, 2);
  assert_int_equal(s.losses, 1);
  assert_true(s.win_rate == 0.5);
  assert_true(s.profit_factor == 5.0);
  assert_true(s.expectancy == 10.0);
  assert_true(s.average_win == 25.0 && s.average_loss == -10.0);
  assert_true(s.best == 30.0 && s.worst == -10.0);
  assert_true(s.average_bars == 3.0);
  assert_true(fabs(s.sqn - 2.0 * 10.0 / sqrt(1000.0 / 3.0)) < 1e-15);
  assert_true(s.kelly == 0.5 - 0.5 / 2.5);
}

static void open_trades_are_left_out(void **state) {
  (void)state;
  sld_trade t[] = { closed(30.0, 2), closed(-1000.0, 4) };
  t[1].exit = SLD_EXIT_OPEN;
  sld__trade_stats s = sld__trade_stats_of(t, 2);
  assert_int_equal(s.count, 1);
  assert_true(s.worst == 30.0 && s.expectancy == 30.0 && s.average_bars == 2.0);
  assert_true(s.profit_factor == (double)INFINITY);
  assert_true(isnan(s.average_loss) && isnan(s.kelly) && isnan(s.sqn));
}

static void without_trades_nothing_is_defined(void **state) {
  (void)state;
  sld__trade_stats s = sld__trade_stats_of(NULL, 0);
  assert_int_equal(s.count, 0);
  assert_int_equal(s.max_consecutive_losses, 0);
  assert_true(isnan(s.win_rate) && isnan(s.profit_factor) && isnan(s.expectancy) && isnan(s.best) && isnan(s.worst) && isnan(s.sqn) && isnan(s.average_bars));
}

static void a_trade_of_zero_ends_a_run_of_losses(void **state) {
  (void)state;
  sld_trade t[] = { closed(-1.0, 1), closed(-1.0, 1), closed(0.0, 1), closed(-1.0, 1), closed(-2.0, 1), closed(-1.0, 1), closed(5.0, 1) };
  t[5].exit = SLD_EXIT_OPEN;
  assert_int_equal(sld__trade_stats_of(t, 7).max_consecutive_losses, 2);
  t[5].exit = SLD_EXIT_STOP_LOSS;
  assert_int_equal(sld__trade_stats_of(t, 7).max_consecutive_losses, 3);
}

static void equal_trades_have_no_deviation(void **state) {
  (void)state;
  sld_trade t[] = { closed(0.1, 1), closed(0.1, 1), closed(0.1, 1) };
  assert_true(sld__trade_stats_of(t, 3).sqn == (double)INFINITY);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_trade_of_zero_counts_but_neither_wins_nor_loses),
    cmocka_unit_test(open_trades_are_left_out),
    cmocka_unit_test(without_trades_nothing_is_defined),
    cmocka_unit_test(a_trade_of_zero_ends_a_run_of_losses),
    cmocka_unit_test(equal_trades_have_no_deviation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
