/* Cases of fill modes that no market can hold: backtesting.py's own, with opens outside of their bars. tests/lua/backtesting_py_spec.lua has the rest. */
#include "broker_desk.h"

/* Two purchases after bar 1, with stops at 90 and 80; the first is closed after bar 2. */
static void two_purchases(desk *d, sld_fill_at at) {
  static const double opens[] = { 90.0, 91.0, 92.0, 40.0, 41.0 }, rest[] = { 100.0, 101.0, 102.0, 50.0, 51.0 };
  desk_init(d, NULL);
  for (int i = 0; i < 5; i++) desk_bar(d, opens[i], rest[i], rest[i], rest[i]);
  d->config.capital = 250.0;
  d->config.leverage = 1.0;
  d->config.fill = SLD_FILL_BACKTESTING_PY;
  d->config.at = at;
  desk_start(d);
  desk_buy(d, 1, 1.0, 90.0, NAN);
  desk_buy(d, 1, 1.0, 80.0, NAN);
  sld__request close = SLD__REQUEST_INIT;
  close.kind = SLD__CLOSE;
  close.lot = 1;
  desk_request(d, 2, close);
  desk_finish(d);
  assert_int_equal(d->ledger.trade_count, 2);
  assert_int_equal(d->ledger.open_count, 0);
}

static void at_closes_a_stop_gaps_to_the_open_of_the_next_bar(void **state) {
  (void)state;
  static desk d;
  two_purchases(&d, SLD_AT_CLOSE);
  const sld_trade *first = desk_trade(&d, 0), *second = desk_trade(&d, 1);
  same(first->entry_price, 101.0);
  same(first->exit_price, 102.0);
  assert_int_equal(first->exit_bar, 2);
  same(second->entry_price, 101.0);
  same(second->exit_price, 40.0);
  assert_int_equal(second->exit_bar, 3);
  sld__ledger_fini(&d.ledger);
}

static void at_opens_both_are_out_at_the_gap(void **state) {
  (void)state;
  static desk d;
  two_purchases(&d, SLD_AT_NEXT_OPEN);
  for (size_t i = 0; i < 2; i++) {
    same(desk_trade(&d, i)->entry_price, 92.0);
    same(desk_trade(&d, i)->exit_price, 40.0);
    assert_int_equal(desk_trade(&d, i)->exit_bar, 3);
  }
  sld__ledger_fini(&d.ledger);
}

static void a_fill_mode_is_a_preset_over_axes(void **state) {
  (void)state;
  sld__broker_config c = { .fill = SLD_FILL_TRADINGVIEW, .at = SLD_AT_CLOSE };
  sld__broker_axes(&c);
  assert_int_equal(c.at, SLD_AT_CLOSE);
  assert_int_equal(c.path, SLD_PATH_TRADINGVIEW);
  assert_int_equal(c.quotes, SLD_QUOTES_MID);
  assert_int_equal(c.spread_on, SLD_SPREAD_BOTH);
  assert_int_equal(c.sizing, SLD_SIZING_CALL);
  assert_int_equal(c.pyramiding, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(at_closes_a_stop_gaps_to_the_open_of_the_next_bar),
    cmocka_unit_test(at_opens_both_are_out_at_the_gap),
    cmocka_unit_test(a_fill_mode_is_a_preset_over_axes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
