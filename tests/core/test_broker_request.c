/* From what a strategy asks for to an order: sizes, repeats, replacement, rejection. The rules are those of docs/fills.md. */
#include "broker_desk.h"

static void a_target_is_a_fraction_of_equity_at_the_close_in_whole_steps_toward_zero(void **state) {
  desk *d = *state;
  for (int i = 0; i < 4; i++) desk_bar(d, 1.5, 1.75, 1.25, 1.6);
  desk_start(d);
  desk_target(d, 0, 0.5);
  desk_finish(d);
  same(desk_order(d, 1)->units, 31250.0); /* 50,000 / 1.6; the open of 1.5 plays no part */
  d->config.instrument.step = 1000.0;
  desk_start(d);
  desk_target(d, 0, -0.5);
  desk_finish(d);
  same(desk_order(d, 1)->units, -31000.0);
}

static void the_same_target_again_sends_nothing(void **state) {
  desk *d = *state;
  for (int i = 0; i < 1000; i++) desk_fixing(d, 1.0 + 0.0001 * i);
  desk_start(d);
  for (int i = 0; i < 1000; i++) desk_target(d, i, 1.0);
  desk_finish(d);
  assert_int_equal(d->ledger.order_count, 1);
}

static void the_same_target_again_sends_nothing_even_after_a_stop(void **state) {
  desk *d = *state;
  for (int i = 0; i < 6; i++) desk_fixing(d, i < 2 ? 2.0 : 1.0);
  desk_start(d);
  sld__request r = desk_market(SLD__TARGET, SLD_FRACTION, 1.0);
  r.stop_loss = 1.5;
  desk_request(d, 0, r);
  for (int row = 1; row < 6; row++) desk_request(d, row, r);
  desk_finish(d);
  assert_int_equal(d->ledger.order_count, 2);
  assert_int_equal(desk_order(d, 2)->kind, SLD_ORDER_STOP_LOSS);
}

/* In ticks of 0.00001: what sells may end as a short, whose take profit is a limit that buys, rounded down, and whose stop buys, rounded up. */
static void stops_of_a_target_of_0_are_rounded_for_the_side_that_it_deals(void **state) {
  desk *d = *state;
  for (int i = 0; i < 6; i++) desk_fixing(d, 2.0);
  d->config.fill = SLD_FILL_TRADINGVIEW;
  for (int side = -1; side <= 1; side += 2) {
    desk_start(d);
    desk_target(d, 0, side);
    sld__request r = desk_market(SLD__TARGET, SLD_FRACTION, 0.0);
    r.take_profit = 2.0 - side * 0.100005;
    r.stop_loss = 2.0 + side * 0.100005;
    desk_request(d, 2, r);
    desk_finish(d);
    const sld_order *order = desk_order(d, 2);
    assert_int_equal(order->kind, SLD_ORDER_TARGET);
    same(order->take_profit, side > 0 ? 1.89999 : 2.10001);
    same(order->stop_loss, side > 0 ? 2.10001 : 1.89999);
  }
}

static void another_order_lets_the_same_target_be_sent_again(void **state) {
  desk *d = *state;
  for (int i = 0; i < 6; i++) desk_fixing(d, 2.0);
  desk_start(d);
  desk_target(d, 0, 0.5);
  desk_request(d, 2, desk_market(SLD__CLOSE, SLD_UNITS, NAN));
  desk_target(d, 3, 0.5);
  desk_finish(d);
  assert_int_equal(d->ledger.order_count, 3);
  same(d->broker.position, 25000.0);
}

static void a_reversal_is_one_order_one_fill_and_two_trades(void **state) {
  desk *d = *state;
  for (int i = 0; i < 6; i++) desk_fixing(d, 2.0);
  desk_start(d);
  desk_target(d, 0, 1.0);
  desk_target(d, 2, -1.0);
  desk_finish(d);
  assert_int_equal(d->ledger.order_count, 2);
  same(desk_order(d, 2)->units, -100000.0);
  assert_int_equal(d->ledger.trade_count, 1);
  assert_int_equal(d->ledger.open_count, 1);
  same(desk_trade(d, 0)->units, 50000.0);
  same(desk_trade(d, 1)->units, -50000.0);
  assert_int_equal(desk_trade(d, 0)->exit_order, 2);
  assert_int_equal(desk_trade(d, 1)->entry_order, 2);
}

static void a_new_target_takes_the_place_of_orders_that_wait(void **state) {
  desk *d = *state;
  for (int i = 0; i < 4; i++) desk_fixing(d, 2.0);
  desk_start(d);
  desk_buy(d, 0, 10.0, NAN, NAN);
  desk_target(d, 0, 0.5);
  desk_target(d, 0, 0.25);
  desk_finish(d);
  assert_int_equal(desk_order(d, 1)->state, SLD_ORDER_CANCELLED);
  assert_int_equal(desk_order(d, 2)->state, SLD_ORDER_CANCELLED);
  assert_int_equal(desk_order(d, 2)->reason, SLD_REASON_REPLACED);
  assert_int_equal(desk_order(d, 3)->state, SLD_ORDER_FILLED);
  same(d->broker.position, 12500.0);
}

static void quantities_are_units_lots_fractions_of_equity_or_risk(void **state) {
  desk *d = *state;
  for (int i = 0; i < 8; i++) desk_fixing(d, 2.0);
  d->bars.rate = 0.5;
  desk_start(d);
  desk_request(d, 0, desk_market(SLD__BUY, SLD_UNITS, 7.0));
  desk_request(d, 0, desk_market(SLD__BUY, SLD_LOTS, 0.29));
  desk_request(d, 0, desk_market(SLD__SELL, SLD_FRACTION, 0.1));
  sld__request risk = desk_market(SLD__BUY, SLD_RISK, 0.01);
  risk.stop_loss = 1.6;
  desk_request(d, 0, risk);
  risk.stop_loss = NAN;
  risk.stop_loss_dist = 0.8;
  desk_request(d, 0, risk);
  desk_finish(d);
  same(desk_order(d, 1)->units, 7.0);
  same(desk_order(d, 2)->units, 29000.0);       /* 0.29 * 100000 is a little less in binary */
  same(desk_order(d, 3)->units, -10000.0);      /* 0.1 * 100,000 / (2.0 * 0.5) */
  same(desk_order(d, 4)->units, 5000.0);        /* 1,000 lost over 0.4 of price at a rate of 0.5 */
  same(desk_order(d, 5)->units, 2500.0);
}

static void an_order_below_the_smallest_size_is_rejected(void **state) {
  desk *d = *state;
  d->config.instrument.min_size = 1000.0;
  for (int i = 0; i < 6; i++) desk_fixing(d, 2.0);
  desk_start(d);
  desk_buy(d, 0, 999.0, NAN, NAN);
  desk_target(d, 1, 0.000001);
  desk_target(d, 2, 0.5);
  desk_finish(d);
  assert_int_equal(desk_order(d, 1)->state, SLD_ORDER_REJECTED);
  assert_int_equal(desk_order(d, 1)->reason, SLD_REASON_MIN_SIZE);
  assert_int_equal(desk_order(d, 2)->reason, SLD_REASON_MIN_SIZE);
  assert_int_equal(desk_order(d, 3)->state, SLD_ORDER_FILLED);
  assert_int_equal(d->ledger.rejected_count, 2);
}

static void an_order_that_empties_or_turns_the_position_is_never_too_small(void **state) {
  desk *d = *state;
  for (int i = 0; i < 6; i++) desk_fixing(d, 2.0);
  d->config.instrument.min_size = 100.0;
  desk_start(d);
  desk_buy(d, 0, 150.0, NAN, NAN);
  desk_buy(d, 1, -100.0, NAN, NAN);
  desk_request(d, 2, desk_market(SLD__CLOSE, SLD_UNITS, NAN));
  desk_finish(d);
  assert_int_equal(d->ledger.rejected_count, 0);
  same(desk_order(d, 3)->units, -50.0);
  same(d->broker.position, 0.0);
}

static void a_position_beyond_leverage_is_rejected_at_the_fill_and_a_smaller_one_never(void **state) {
  desk *d = *state;
  const double close[] = { 2.0, 2.0, 2.0, 1.55, 1.55, 1.55, 1.55 };
  for (int i = 0; i < 7; i++) desk_fixing(d, close[i]);
  d->config.leverage = 2.0;
  desk_start(d);
  desk_buy(d, 0, 100001.0, NAN, NAN); /* 200,002 of notional on 100,000 */
  desk_buy(d, 1, 100000.0, NAN, NAN);
  desk_buy(d, 3, -1.0, NAN, NAN);     /* 155,000 on 55,000: too large already, and this makes it smaller */
  desk_buy(d, 4, 1.0, NAN, NAN);
  desk_finish(d);
  assert_int_equal(desk_order(d, 1)->reason, SLD_REASON_LEVERAGE);
  assert_int_equal(desk_order(d, 2)->state, SLD_ORDER_FILLED);
  assert_int_equal(desk_order(d, 3)->state, SLD_ORDER_FILLED);
  assert_int_equal(desk_order(d, 4)->reason, SLD_REASON_LEVERAGE);
}

static void a_signal_is_a_target_on_every_bar_and_nan_keeps_the_last(void **state) {
  desk *d = *state;
  const double signal[] = { NAN, NAN, 1.0, NAN, 1.0, 0.0, NAN, -1.0 };
  for (int i = 0; i < 10; i++) desk_fixing(d, 2.0);
  desk_start(d);
  assert_int_equal(sld__broker_signal(&d->broker, signal, 0, 8), 0);
  desk_finish(d);
  assert_int_equal(d->ledger.order_count, 3);
  assert_int_equal(desk_order(d, 1)->bar, 2);
  assert_int_equal(desk_order(d, 2)->bar, 5);
  assert_int_equal(desk_order(d, 3)->bar, 7);
}

static void a_close_cancels_what_waits_and_empties_the_position(void **state) {
  desk *d = *state;
  for (int i = 0; i < 5; i++) desk_fixing(d, 2.0);
  desk_start(d);
  desk_buy(d, 0, 10.0, NAN, NAN);
  desk_buy(d, 1, 5.0, NAN, NAN);
  desk_request(d, 1, desk_market(SLD__CLOSE, SLD_UNITS, NAN));
  desk_request(d, 3, desk_market(SLD__CLOSE, SLD_UNITS, NAN)); /* flat: sends nothing */
  desk_finish(d);
  assert_int_equal(d->ledger.order_count, 3);
  assert_int_equal(desk_order(d, 2)->state, SLD_ORDER_CANCELLED);
  same(desk_order(d, 3)->units, -10.0);
  assert_true(desk_order(d, 3)->reduce_only);
  same(d->broker.position, 0.0);
}

static void a_second_close_of_one_bar_asks_for_the_rest(void **state) {
  desk *d = *state;
  for (int i = 0; i < 6; i++) desk_fixing(d, 2.0);
  d->config.instrument.min_size = 4.0;
  desk_start(d);
  desk_buy(d, 0, 10.0, NAN, NAN);
  desk_buy(d, 0, 7.0, NAN, NAN);
  sld__request half = desk_market(SLD__CLOSE, SLD_FRACTION, 0.7), rest = desk_market(SLD__CLOSE, SLD_UNITS, NAN);
  half.lot = rest.lot = 1;
  desk_request(d, 2, half);
  desk_request(d, 2, rest); /* all that is left, though below the smallest size */
  desk_request(d, 2, rest); /* nothing is left */
  desk_request(d, 2, desk_market(SLD__CLOSE, SLD_UNITS, 5.0)); /* of the other lot: the first is spoken for */
  desk_request(d, 2, desk_market(SLD__CLOSE, SLD_UNITS, 5.0));
  desk_finish(d);
  assert_int_equal(d->ledger.order_count, 6);
  same(desk_order(d, 3)->units, -7.0);
  same(desk_order(d, 4)->units, -3.0);
  same(desk_order(d, 5)->units, -5.0);
  same(desk_order(d, 6)->units, -2.0);
  for (size_t id = 3; id <= 6; id++) {
    assert_int_equal(desk_order(d, id)->state, SLD_ORDER_FILLED);
    same(desk_order(d, id)->filled, desk_order(d, id)->units);
  }
  same(d->broker.position, 0.0);
}

static int setup(void **state) {
  static desk d;
  desk_init(&d, NULL);
  *state = &d;
  return 0;
}

static int teardown(void **state) {
  desk *d = *state;
  sld__ledger_fini(&d->ledger);
  return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(a_target_is_a_fraction_of_equity_at_the_close_in_whole_steps_toward_zero),
    TEST(the_same_target_again_sends_nothing),
    TEST(the_same_target_again_sends_nothing_even_after_a_stop),
    TEST(stops_of_a_target_of_0_are_rounded_for_the_side_that_it_deals),
    TEST(another_order_lets_the_same_target_be_sent_again),
    TEST(a_reversal_is_one_order_one_fill_and_two_trades),
    TEST(a_new_target_takes_the_place_of_orders_that_wait),
    TEST(quantities_are_units_lots_fractions_of_equity_or_risk),
    TEST(an_order_below_the_smallest_size_is_rejected),
    TEST(an_order_that_empties_or_turns_the_position_is_never_too_small),
    TEST(a_position_beyond_leverage_is_rejected_at_the_fill_and_a_smaller_one_never),
    TEST(a_signal_is_a_target_on_every_bar_and_nan_keeps_the_last),
    TEST(a_close_cancels_what_waits_and_empties_the_position),
    TEST(a_second_close_of_one_bar_asks_for_the_rest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
