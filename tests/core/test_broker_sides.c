/* Data of both sides: the rules of docs/fills.md, one test each, with numbers that can be checked by hand. */
#include "broker_desk.h"

/* Bids at 4 and asks at 4.5, 4.25 at the high, 4.25 at the low and 4.75 at the close: a spread for each price. */
static void bar_of_both(desk *d) {
  desk_bar(d, 4.0, 5.0, 3.0, 4.0);
  desk_asks(d, 4.5, 5.25, 3.25, 4.75);
}

/* Quotes without a range. */
static void quote(desk *d, double bid, double ask) {
  desk_fixing(d, bid);
  desk_asks(d, ask, ask, ask, ask);
}

static int begin(void **state) {
  static desk d;
  desk_init(&d, NULL);
  desk_both_sides(&d);
  *state = &d;
  return 0;
}

static int end(void **state) {
  desk *d = *state;
  sld__ledger_fini(&d->ledger);
  return 0;
}

static void market_orders_are_dealt_at_the_side_in_the_data(void **state) {
  desk *d = *state;
  for (int i = 0; i < 3; i++) bar_of_both(d);
  desk_start(d);
  desk_buy(d, 0, 10.0, NAN, NAN);
  desk_buy(d, 1, -10.0, NAN, NAN);
  desk_finish(d);
  same(desk_order(d, 1)->price, 4.5);
  same(desk_order(d, 1)->reference, 4.0);
  same(desk_order(d, 1)->spread_cost, 5.0);
  same(desk_order(d, 2)->price, 4.0);
  same(desk_order(d, 2)->spread_cost, 0.0);
  same(desk_trade(d, 0)->gross, 0.0);
  same(desk_trade(d, 0)->net, -5.0);
  d->config.fill = SLD_FILL_CLOSE;
  desk_start(d);
  desk_buy(d, 0, 10.0, NAN, NAN);
  desk_finish(d);
  same(desk_order(d, 1)->price, 4.75);
}

static void longs_are_marked_at_the_bid_in_the_data_and_shorts_at_the_ask(void **state) {
  desk *d = *state;
  for (int i = 0; i < 3; i++) bar_of_both(d);
  desk_start(d);
  desk_buy(d, 0, 10.0, NAN, NAN);
  desk_finish(d);
  same(d->ledger.equity[1], 100000.0 - 10.0 * 0.5); /* in at 4.5, marked at 4 */
  same(desk_trade(d, 0)->exit_price, 4.0);
  desk_start(d);
  desk_buy(d, 0, -10.0, NAN, NAN);
  desk_finish(d);
  same(d->ledger.equity[1], 100000.0 - 10.0 * 0.75); /* in at 4, marked at 4.75 */
  same(desk_trade(d, 0)->exit_price, 4.75);
  same(d->ledger.unrealised, -7.5);
}

static void a_hedged_book_marks_each_lot_on_its_side(void **state) {
  desk *d = *state;
  for (int i = 0; i < 4; i++) bar_of_both(d);
  d->config.accounting = SLD_HEDGE;
  desk_start(d);
  desk_buy(d, 0, 10.0, NAN, NAN);
  desk_buy(d, 0, -30.0, NAN, NAN);
  desk_finish(d);
  same(d->ledger.equity[3], 100000.0 - 10.0 * 0.5 - 30.0 * 0.75);
  assert_int_equal(d->ledger.open_count, 2);
}

static void levels_of_buys_are_compared_with_the_ask_columns_and_those_of_sells_with_the_bids(void **state) {
  desk *d = *state;
  quote(d, 4.0, 4.25);
  for (int i = 0; i < 2; i++) bar_of_both(d);
  desk_start(d);
  sld__request r = desk_market(SLD__BUY, SLD_UNITS, 10.0);
  r.stop = 5.125; /* the highest bid is 5, the highest ask 5.25 */
  desk_request(d, 0, r);
  r = desk_market(SLD__SELL, SLD_UNITS, 10.0);
  r.limit = 5.125;
  desk_request(d, 0, r);
  r = desk_market(SLD__BUY, SLD_UNITS, 10.0);
  r.limit = 3.125; /* the lowest ask is 3.25 */
  desk_request(d, 0, r);
  r = desk_market(SLD__SELL, SLD_UNITS, 10.0);
  r.stop = 3.125;
  desk_request(d, 0, r);
  desk_finish(d);
  assert_int_equal(desk_order(d, 1)->fill_bar, 1);
  same(desk_order(d, 1)->price, 5.125);
  assert_int_equal(desk_order(d, 2)->state, SLD_ORDER_EXPIRED);
  assert_int_equal(desk_order(d, 3)->state, SLD_ORDER_EXPIRED);
  assert_int_equal(desk_order(d, 4)->fill_bar, 1);
  same(desk_order(d, 4)->price, 3.125);
  same(desk_order(d, 4)->reference, 3.125);
}

/* The bid at that moment is not known: the spread is that of the extreme on whose way the level lies. */
static void a_level_of_the_ask_takes_the_spread_of_the_extreme_that_reached_it(void **state) {
  desk *d = *state;
  quote(d, 4.0, 4.25);
  desk_bar(d, 4.0, 5.0, 3.0, 4.0);
  desk_asks(d, 4.5, 5.25, 3.5, 4.75);
  desk_start(d);
  sld__request r = desk_market(SLD__BUY, SLD_UNITS, 10.0);
  r.stop = 5.0;
  desk_request(d, 0, r);
  r.stop = NAN;
  r.limit = 3.75;
  desk_request(d, 0, r);
  desk_finish(d);
  same(desk_order(d, 1)->reference, 4.75);
  same(desk_order(d, 1)->spread_cost, 2.5);
  same(desk_order(d, 2)->reference, 3.25);
  same(desk_order(d, 2)->spread_cost, 5.0);
}

static void stops_of_shorts_trigger_on_the_ask_in_the_data(void **state) {
  desk *d = *state;
  for (int i = 0; i < 2; i++) quote(d, 4.0, 4.25);
  desk_bar(d, 4.0, 4.5, 4.0, 4.0);
  desk_asks(d, 4.25, 5.0, 4.25, 4.25);
  desk_start(d);
  desk_buy(d, 0, -10.0, 4.75, NAN); /* no bid comes near */
  desk_finish(d);
  assert_int_equal(desk_trade(d, 0)->exit, SLD_EXIT_STOP_LOSS);
  same(desk_trade(d, 0)->exit_price, 4.75);
  same(desk_order(d, 2)->reference, 4.25);
}

static void the_side_of_a_stop_is_judged_by_the_quotes_of_the_close(void **state) {
  desk *d = *state;
  for (int i = 0; i < 2; i++) quote(d, 4.0, 4.5);
  desk_start(d);
  desk_buy(d, 0, -10.0, 4.25, NAN); /* the ask is 4.5 already */
  desk_buy(d, 0, 10.0, 3.75, 4.25); /* the bid is 4 */
  sld__request r = desk_market(SLD__BUY, SLD_UNITS, 10.0);
  r.stop = 4.25;
  desk_request(d, 0, r);
  desk_finish(d);
  assert_int_equal(desk_order(d, 1)->reason, SLD_REASON_STOP_SIDE);
  assert_int_equal(desk_order(d, 2)->state, SLD_ORDER_FILLED);
  assert_int_equal(desk_order(d, 3)->reason, SLD_REASON_STOP_SIDE);
}

static void on_mid_quotes_levels_are_compared_with_bids_and_the_spread_is_paid(void **state) {
  desk *d = *state;
  quote(d, 4.0, 4.25);
  for (int i = 0; i < 2; i++) bar_of_both(d);
  d->config.quotes = SLD_QUOTES_MID;
  desk_start(d);
  sld__request r = desk_market(SLD__BUY, SLD_UNITS, 10.0);
  r.stop = 5.125;
  desk_request(d, 0, r);
  r.stop = 4.75;
  desk_request(d, 0, r);
  desk_finish(d);
  assert_int_equal(desk_order(d, 1)->state, SLD_ORDER_EXPIRED);
  same(desk_order(d, 2)->reference, 4.75);
  same(desk_order(d, 2)->price, 5.0);
}

static void where_entries_pay_the_spread_what_closes_is_dealt_and_marked_at_the_bid(void **state) {
  desk *d = *state;
  for (int i = 0; i < 4; i++) bar_of_both(d);
  d->config.spread_on = SLD_SPREAD_ENTRY;
  desk_start(d);
  desk_buy(d, 0, -10.0, NAN, NAN);
  desk_buy(d, 1, 10.0, NAN, NAN);
  desk_buy(d, 2, 10.0, NAN, NAN);
  desk_finish(d);
  same(desk_order(d, 1)->price, 3.5); /* as far below the bid as the ask is above */
  same(d->ledger.equity[1], 100000.0 - 5.0);
  same(desk_order(d, 2)->price, 4.0);
  same(desk_order(d, 2)->spread_cost, 0.0);
  same(desk_order(d, 3)->price, 4.5);
}

/* From the open to the high the bid rises by 1 and the ask by 0.5: where the ask has come half its way, so has the bid. */
static void on_path_tradingview_both_sides_walk_together(void **state) {
  desk *d = *state;
  for (int i = 0; i < 1; i++) quote(d, 4.0, 4.25);
  desk_bar(d, 4.0, 5.0, 2.0, 4.0);
  desk_asks(d, 4.75, 5.25, 4.0, 4.75);
  d->config.fill = SLD_FILL_TRADINGVIEW;
  d->config.quotes = SLD_QUOTES_SIDE;
  d->config.pyramiding = 9;
  d->config.accounting = SLD_HEDGE;
  desk_start(d);
  sld__request r = desk_market(SLD__SELL, SLD_UNITS, 10.0);
  r.limit = 4.75;
  desk_request(d, 0, r);
  r = desk_market(SLD__BUY, SLD_UNITS, 10.0);
  r.stop = 5.0;
  desk_request(d, 0, r);
  desk_finish(d);
  assert_int_equal(d->ledger.open_count, 2);
  assert_int_equal(d->ledger.trades[0].entry_order, 2); /* half of the way comes before three quarters */
  same(desk_order(d, 2)->reference, 4.5);
  same(desk_order(d, 1)->price, 4.75);
}

static void a_tick_that_has_passed_a_level_deals_there(void **state) {
  desk *d = *state;
  quote(d, 4.0, 4.25);
  quote(d, 4.0, 4.25);
  quote(d, 3.5, 3.75);
  quote(d, 3.0, 3.25);
  d->bars.period_ns = 0;
  d->time[1] = d->time[2] = d->time[3];
  desk_start(d);
  desk_buy(d, 0, 10.0, 3.75, NAN);
  desk_finish(d);
  assert_int_equal(desk_order(d, 1)->time, 0); /* a tick is known at its own time, */
  assert_int_equal(desk_order(d, 1)->fill_bar, 1); /* and the order is dealt at the next */
  same(desk_trade(d, 0)->exit_price, 3.5);
  assert_int_equal(desk_trade(d, 0)->exit_bar, 2);
  same(d->ledger.equity[3], 100000.0 - 10.0 * 0.75);
}

static void a_spread_beside_asks_is_refused(void **state) {
  desk *d = *state;
  sld_error err;
  for (int i = 0; i < 2; i++) bar_of_both(d);
  d->config.spread = 0.1;
  assert_int_equal(sld__broker_start(&d->broker, &d->config, &d->bars, &d->ledger, &err), SLD_EINVAL);
  assert_string_equal(err.message, "EURUSD has asks of its own: a spread would be paid twice");
  d->config.spread = 0.0;
  d->bars.ask_low = NULL;
  assert_int_equal(sld__broker_start(&d->broker, &d->config, &d->bars, &d->ledger, &err), SLD_EINVAL);
  assert_string_equal(err.message, "EURUSD: asks are missing");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(market_orders_are_dealt_at_the_side_in_the_data),
    TEST(longs_are_marked_at_the_bid_in_the_data_and_shorts_at_the_ask),
    TEST(a_hedged_book_marks_each_lot_on_its_side),
    TEST(levels_of_buys_are_compared_with_the_ask_columns_and_those_of_sells_with_the_bids),
    TEST(a_level_of_the_ask_takes_the_spread_of_the_extreme_that_reached_it),
    TEST(stops_of_shorts_trigger_on_the_ask_in_the_data),
    TEST(the_side_of_a_stop_is_judged_by_the_quotes_of_the_close),
    TEST(on_mid_quotes_levels_are_compared_with_bids_and_the_spread_is_paid),
    TEST(where_entries_pay_the_spread_what_closes_is_dealt_and_marked_at_the_bid),
    TEST(on_path_tradingview_both_sides_walk_together),
    TEST(a_tick_that_has_passed_a_level_deals_there),
    TEST(a_spread_beside_asks_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
