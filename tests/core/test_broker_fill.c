/* Fill rules of docs/fills.md, one test each, with numbers that can be checked by hand. */
#include "broker_desk.h"

/* ---- When ---- */

static void a_market_order_fills_at_the_open_of_the_next_bar(void **state) {
  desk *d = *state;
  for (int i = 0; i < 3; i++) desk_bar(d, 1.5 + i, 2.25 + i, 1.25 + i, 2.0 + i);
  desk_start(d);
  desk_buy(d, 0, 10.0, NAN, NAN);
  desk_finish(d);
  assert_int_equal(desk_order(d, 1)->time, DESK_DAY); /* the close of the first bar */
  assert_int_equal(desk_order(d, 1)->fill_time, DESK_DAY);
  assert_int_equal(desk_order(d, 1)->fill_bar, 1);
  same(desk_order(d, 1)->price, 2.5);
}

static void in_close_mode_it_fills_at_the_close_that_decided(void **state) {
  desk *d = *state;
  for (int i = 0; i < 3; i++) desk_bar(d, 1.5 + i, 2.25 + i, 1.25 + i, 2.0 + i);
  d->config.fill = SLD_FILL_CLOSE;
  desk_start(d);
  desk_buy(d, 0, 10.0, NAN, NAN);
  same(d->broker.position, 10.0);
  desk_finish(d);
  assert_int_equal(desk_order(d, 1)->fill_time, DESK_DAY);
  assert_int_equal(desk_order(d, 1)->fill_bar, 0);
  same(desk_order(d, 1)->price, 2.0);
}

static void orders_of_one_bar_fill_in_the_order_of_their_calls(void **state) {
  desk *d = *state;
  for (int i = 0; i < 4; i++) desk_fixing(d, 2.0);
  desk_start(d);
  desk_buy(d, 0, 10.0, NAN, NAN);
  desk_buy(d, 0, -4.0, NAN, NAN);
  desk_finish(d);
  assert_int_equal(desk_trade(d, 0)->entry_order, 1);
  assert_int_equal(desk_trade(d, 0)->exit_order, 2);
  same(desk_trade(d, 0)->units, 4.0);
  same(desk_trade(d, 1)->units, 6.0);
}

static void an_order_of_the_last_bar_expires(void **state) {
  desk *d = *state;
  for (int i = 0; i < 3; i++) desk_fixing(d, 2.0);
  desk_start(d);
  desk_buy(d, 2, 10.0, NAN, NAN);
  desk_finish(d);
  assert_int_equal(desk_order(d, 1)->state, SLD_ORDER_EXPIRED);
  assert_int_equal(desk_order(d, 1)->reason, SLD_REASON_END_OF_DATA);
  assert_int_equal(desk_order(d, 1)->fill_bar, -1);
  assert_int_equal(d->ledger.rejected_count, 0);
}

static void the_oldest_lots_are_closed_first(void **state) {
  desk *d = *state;
  for (int i = 0; i < 6; i++) desk_fixing(d, 2.0 + i);
  desk_start(d);
  desk_buy(d, 0, 10.0, NAN, NAN);
  desk_buy(d, 1, 20.0, NAN, NAN);
  desk_buy(d, 3, -15.0, NAN, NAN);
  desk_finish(d);
  same(desk_trade(d, 0)->units, 10.0);
  same(desk_trade(d, 0)->entry_price, 3.0);
  same(desk_trade(d, 1)->units, 5.0);
  same(desk_trade(d, 1)->entry_price, 4.0);
  assert_int_equal(desk_trade(d, 2)->exit, SLD_EXIT_OPEN);
  same(desk_trade(d, 2)->units, 15.0);
}

/* ---- Stops ---- */

static void stops_are_tested_from_the_bar_of_the_entry_on(void **state) {
  desk *d = *state;
  desk_fixing(d, 2.0);
  desk_bar(d, 2.0, 2.1, 1.8, 2.0);
  desk_fixing(d, 2.0);
  desk_start(d);
  desk_buy(d, 0, 10.0, 1.9, NAN);
  desk_finish(d);
  assert_int_equal(desk_trade(d, 0)->entry_bar, 1);
  assert_int_equal(desk_trade(d, 0)->exit_bar, 1);
  same(desk_trade(d, 0)->exit_price, 1.9);
  assert_int_equal(desk_trade(d, 0)->exit, SLD_EXIT_STOP_LOSS);
}

static void in_close_mode_stops_are_tested_from_the_next_bar_on(void **state) {
  desk *d = *state;
  desk_bar(d, 2.0, 2.1, 1.8, 2.0);
  desk_fixing(d, 2.0);
  desk_bar(d, 2.0, 2.1, 1.8, 2.0);
  d->config.fill = SLD_FILL_CLOSE;
  desk_start(d);
  desk_buy(d, 0, 10.0, 1.9, NAN);
  desk_finish(d);
  assert_int_equal(desk_trade(d, 0)->entry_bar, 0);
  assert_int_equal(desk_trade(d, 0)->exit_bar, 2);
}

static void a_level_that_is_touched_triggers(void **state) {
  desk *d = *state;
  for (int i = 0; i < 2; i++) desk_fixing(d, 2.0);
  desk_bar(d, 2.0, 2.1, 1.9, 2.0);
  desk_start(d);
  desk_buy(d, 0, 10.0, 1.9, NAN);
  desk_buy(d, 0, 20.0, NAN, 2.1);
  desk_finish(d);
  assert_int_equal(d->ledger.trade_count, 2);
  same(desk_trade(d, 0)->exit_price, 1.9);
  same(desk_trade(d, 1)->exit_price, 2.1);
}

static void the_stop_loss_comes_first_where_both_lie_inside_the_bar(void **state) {
  desk *d = *state;
  for (int i = 0; i < 2; i++) desk_fixing(d, 2.0);
  desk_bar(d, 2.0, 3.0, 1.0, 2.9);
  desk_start(d);
  desk_buy(d, 0, 10.0, 1.5, 2.5);
  desk_finish(d);
  assert_int_equal(desk_trade(d, 0)->exit, SLD_EXIT_STOP_LOSS);
  same(desk_trade(d, 0)->exit_price, 1.5);
}

static void a_gap_fills_at_the_open(void **state) {
  desk *d = *state;
  for (int pass = 0; pass < 2; pass++) {
    d->bars.count = 0;
    for (int i = 0; i < 2; i++) desk_fixing(d, 2.0);
    desk_bar(d, pass ? 2.75 : 1.25, 3.0, 1.0, 2.0);
    desk_start(d);
    desk_buy(d, 0, 10.0, 1.5, 2.5);
    desk_finish(d);
    same(desk_trade(d, 0)->exit_price, pass ? 2.75 : 1.25);
    assert_int_equal(desk_trade(d, 0)->exit, pass ? SLD_EXIT_TAKE_PROFIT : SLD_EXIT_STOP_LOSS); /* the open comes before what lies inside */
  }
}

static void an_entry_beyond_its_own_stop_is_closed_at_that_open(void **state) {
  desk *d = *state;
  desk_fixing(d, 2.0);
  desk_bar(d, 1.25, 2.0, 1.0, 2.0);
  desk_start(d);
  desk_buy(d, 0, 10.0, 1.5, NAN);
  desk_finish(d);
  assert_int_equal(desk_trade(d, 0)->exit_bar, 1);
  same(desk_trade(d, 0)->entry_price, 1.25);
  same(desk_trade(d, 0)->exit_price, 1.25);
}

/* A limit that the open has passed is dealt there, and so is the stop of its lot and what else waits for the lot, for the open has passed them too. */
static void what_the_open_has_passed_deals_there_though_an_order_at_the_open_woke_it(void **state) {
  desk *d = *state;
  desk_fixing(d, 2.0);
  desk_bar(d, 1.25, 1.5, 1.0, 1.375);
  d->config.accounting = SLD_HEDGE;
  desk_start(d);
  sld__request own = desk_market(SLD__BUY, SLD_UNITS, 10.0);
  own.limit = 1.875;
  own.stop_loss = 1.625;
  desk_request(d, 0, own);
  sld__request named = desk_market(SLD__BUY, SLD_UNITS, 20.0), exit = SLD__REQUEST_INIT;
  named.limit = 1.875;
  named.name = "dip";
  desk_request(d, 0, named);
  exit.kind = SLD__EXIT;
  exit.of = "dip";
  exit.stop = 1.75;
  desk_request(d, 0, exit);
  sld__request profit = desk_market(SLD__SELL, SLD_UNITS, 30.0);
  profit.stop = 1.9375;
  profit.take_profit = 1.4375;
  desk_request(d, 0, profit);
  desk_finish(d);
  assert_int_equal(d->ledger.trade_count, 3);
  for (size_t i = 0; i < 3; i++) {
    same(desk_trade(d, i)->entry_price, 1.25);
    same(desk_trade(d, i)->exit_price, 1.25);
  }
}

static void a_stop_on_the_wrong_side_of_the_close_is_rejected(void **state) {
  desk *d = *state;
  for (int i = 0; i < 4; i++) desk_fixing(d, 2.0);
  d->config.spread = 0.2;
  desk_start(d);
  desk_buy(d, 0, 10.0, 1.95, NAN);  /* the bid is 1.9 already */
  desk_buy(d, 0, 10.0, NAN, 1.9);
  desk_buy(d, 0, -10.0, 2.05, NAN); /* the ask is 2.1 */
  desk_buy(d, 0, 10.0, 1.85, NAN);
  desk_finish(d);
  for (size_t id = 1; id <= 3; id++) assert_int_equal(desk_order(d, id)->reason, SLD_REASON_STOP_SIDE);
  assert_int_equal(desk_order(d, 4)->state, SLD_ORDER_FILLED);
}

static void long_stops_trigger_on_the_bid_and_short_stops_on_the_ask(void **state) {
  desk *d = *state;
  for (int i = 0; i < 2; i++) desk_fixing(d, 4.0);
  desk_bar(d, 4.0, 4.25, 3.75, 4.0);
  desk_bar(d, 4.0, 4.5, 3.5, 4.0);
  d->config.spread = 0.5; /* the mid's highest ask is 4.5, then 4.75; its lowest bid 3.5, then 3.25 */
  desk_start(d);
  desk_buy(d, 0, 10.0, 3.25, NAN);
  desk_buy(d, 1, -25.0, 4.75, NAN); /* closes the long; short 15 */
  desk_finish(d);
  assert_int_equal(desk_trade(d, 0)->exit, SLD_EXIT_ORDER);
  assert_int_equal(desk_trade(d, 1)->exit_bar, 3);
  same(desk_trade(d, 1)->exit_price, 4.75);
  same(desk_order(d, 3)->reference, 4.5);
  d->config.side = SLD_BID; /* the data are bids now: a long's stop needs no spread */
  desk_start(d);
  desk_buy(d, 0, 10.0, 3.75, NAN);
  desk_finish(d);
  assert_int_equal(desk_trade(d, 0)->exit_bar, 2);
  same(desk_trade(d, 0)->exit_price, 3.75);
}

static void slippage_hits_market_and_stop_loss_fills_but_no_take_profit(void **state) {
  desk *d = *state;
  d->config.slippage = 0.125;
  for (int pass = 0; pass < 2; pass++) {
    d->bars.count = 0;
    for (int i = 0; i < 2; i++) desk_fixing(d, 4.0);
    desk_bar(d, 4.0, pass ? 5.0 : 4.0, pass ? 4.0 : 3.0, 4.0);
    desk_start(d);
    desk_buy(d, 0, 10.0, 3.5, 4.5);
    desk_finish(d);
    same(desk_trade(d, 0)->entry_price, 4.125);
    same(desk_trade(d, 0)->exit_price, pass ? 4.5 : 3.375);
    same(desk_order(d, 2)->slippage_cost, pass ? 0.0 : 1.25);
  }
}

static void distances_are_measured_from_the_dealt_price(void **state) {
  desk *d = *state;
  d->config.spread = 0.25;
  d->config.slippage = 0.125;
  desk_fixing(d, 4.0);
  desk_fixing(d, 8.0);
  desk_fixing(d, 8.0);
  desk_start(d);
  sld__request r = desk_market(SLD__SELL, SLD_UNITS, 10.0);
  r.stop_loss_dist = 2.0;
  r.take_profit_dist = 3.0;
  desk_request(d, 0, r);
  desk_finish(d);
  same(desk_order(d, 1)->price, 7.75);
  same(desk_order(d, 1)->stop_loss, 9.75);
  same(desk_order(d, 1)->take_profit, 4.75);
}

static void the_stops_of_a_trade_protect_that_trade_and_those_of_a_target_the_position(void **state) {
  desk *d = *state;
  for (int i = 0; i < 4; i++) desk_fixing(d, 2.0);
  desk_bar(d, 2.0, 2.0, 1.75, 2.0);
  desk_bar(d, 2.0, 2.0, 1.25, 2.0);
  desk_start(d);
  desk_buy(d, 0, 10.0, 1.75, NAN);
  desk_buy(d, 1, 20.0, 1.25, NAN);
  desk_finish(d);
  assert_int_equal(desk_trade(d, 0)->exit_bar, 4);
  same(desk_trade(d, 0)->units, 10.0);
  assert_int_equal(desk_trade(d, 1)->exit_bar, 5);
  desk_start(d);
  desk_buy(d, 0, 10.0, 1.75, NAN);
  sld__request r = desk_market(SLD__TARGET, SLD_FRACTION, 0.5);
  r.stop_loss = 1.25;
  desk_request(d, 1, r);
  desk_finish(d);
  assert_int_equal(desk_trade(d, 0)->exit_bar, 5);
  assert_int_equal(desk_trade(d, 1)->exit_bar, 5);
}

static void each_stop_is_an_order_of_its_own_that_names_its_parent(void **state) {
  desk *d = *state;
  for (int i = 0; i < 2; i++) desk_fixing(d, 2.0);
  desk_bar(d, 2.0, 2.0, 1.0, 2.0);
  desk_start(d);
  desk_buy(d, 0, 10.0, 1.5, NAN);
  desk_buy(d, 0, 20.0, 1.25, NAN);
  desk_finish(d);
  assert_int_equal(d->ledger.order_count, 4);
  for (size_t id = 3; id <= 4; id++) {
    assert_int_equal(desk_order(d, id)->kind, SLD_ORDER_STOP_LOSS);
    assert_int_equal(desk_order(d, id)->parent, id - 2);
    assert_true(desk_order(d, id)->reduce_only);
    assert_int_equal(desk_order(d, id)->fill_time, 2 * DESK_DAY); /* the open of its bar: when inside the bar is not known */
  }
}

static void one_price_bars_test_stops_at_fixings_only(void **state) {
  desk *d = *state;
  const double fixings[] = { 2.0, 2.0, 1.2, 2.0 };
  for (int i = 0; i < 4; i++) desk_fixing(d, fixings[i]);
  desk_start(d);
  desk_buy(d, 0, 10.0, 1.5, NAN);
  desk_finish(d);
  same(desk_trade(d, 0)->exit_price, 1.2); /* a gap, as every move between fixings */
}

/* ---- The end ---- */

static void open_trades_are_marked_at_the_last_close_without_exit_costs(void **state) {
  desk *d = *state;
  d->config.spread = 0.5;
  for (int i = 0; i < 3; i++) desk_fixing(d, 4.0 + i);
  desk_start(d);
  desk_buy(d, 0, 10.0, NAN, NAN);
  desk_finish(d);
  assert_int_equal(d->ledger.trade_count, 0);
  assert_int_equal(d->ledger.open_count, 1);
  same(desk_trade(d, 0)->exit_price, 5.75); /* the bid */
  same(desk_trade(d, 0)->gross, 10.0 * (5.75 - 5.0));
  same(desk_trade(d, 0)->costs, 2.5);
  same(d->ledger.unrealised, 7.5);
  same(d->ledger.equity[2], 100000.0 - 2.5 + 7.5);
}

static void close_at_end_deals_the_position_at_the_last_close_with_costs(void **state) {
  desk *d = *state;
  d->config.spread = 0.5;
  d->config.close_at_end = true;
  for (int i = 0; i < 3; i++) desk_fixing(d, 4.0 + i);
  desk_start(d);
  desk_buy(d, 0, 10.0, NAN, NAN);
  desk_finish(d);
  assert_int_equal(d->ledger.open_count, 0);
  assert_int_equal(desk_trade(d, 0)->exit, SLD_EXIT_END_OF_DATA);
  assert_int_equal(desk_order(d, 2)->kind, SLD_ORDER_END_OF_DATA);
  same(desk_trade(d, 0)->exit_price, 5.75);
  same(desk_trade(d, 0)->costs, 5.0);
  same(d->ledger.equity[2], 100000.0 + 10.0 - 5.0);
}

static void equity_of_zero_or_less_at_a_close_ends_the_job_ruined(void **state) {
  desk *d = *state;
  const double close[] = { 2.0, 2.0, 1.0, 3.0, 3.0 };
  for (int i = 0; i < 5; i++) desk_fixing(d, close[i]);
  desk_start(d);
  desk_buy(d, 0, 150000.0, NAN, NAN); /* loses 150,000 of 100,000 */
  desk_finish(d);
  assert_true(d->broker.ruined);
  for (size_t row = 2; row < 5; row++) same(d->ledger.equity[row], -50000.0);
  assert_int_equal(d->ledger.open_count, 1);
  assert_int_equal(desk_trade(d, 0)->exit_bar, 2);
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
    TEST(a_market_order_fills_at_the_open_of_the_next_bar),
    TEST(in_close_mode_it_fills_at_the_close_that_decided),
    TEST(orders_of_one_bar_fill_in_the_order_of_their_calls),
    TEST(an_order_of_the_last_bar_expires),
    TEST(the_oldest_lots_are_closed_first),
    TEST(stops_are_tested_from_the_bar_of_the_entry_on),
    TEST(in_close_mode_stops_are_tested_from_the_next_bar_on),
    TEST(a_level_that_is_touched_triggers),
    TEST(the_stop_loss_comes_first_where_both_lie_inside_the_bar),
    TEST(a_gap_fills_at_the_open),
    TEST(an_entry_beyond_its_own_stop_is_closed_at_that_open),
    TEST(what_the_open_has_passed_deals_there_though_an_order_at_the_open_woke_it),
    TEST(a_stop_on_the_wrong_side_of_the_close_is_rejected),
    TEST(long_stops_trigger_on_the_bid_and_short_stops_on_the_ask),
    TEST(slippage_hits_market_and_stop_loss_fills_but_no_take_profit),
    TEST(distances_are_measured_from_the_dealt_price),
    TEST(the_stops_of_a_trade_protect_that_trade_and_those_of_a_target_the_position),
    TEST(each_stop_is_an_order_of_its_own_that_names_its_parent),
    TEST(one_price_bars_test_stops_at_fixings_only),
    TEST(open_trades_are_marked_at_the_last_close_without_exit_costs),
    TEST(close_at_end_deals_the_position_at_the_last_close_with_costs),
    TEST(equity_of_zero_or_less_at_a_close_ends_the_job_ruined),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
