/* Margin: what can be opened, what is closed when equity does not bear it any more, at which price and in which order. */
#include "broker_desk.h"

#include <stdlib.h>

#include "broker/margin.h"
#include "broker/shared.h"

/* Capital 1,000 at leverage 10, prices near 1: 10,000 units need all of it as margin. */
static int set_up(void **state) {
  desk *d = malloc(sizeof *d);
  desk_init(d, NULL);
  d->config.capital = 1000.0;
  d->config.leverage = 10.0;
  d->config.stop_out = 0.5;
  *state = d;
  return 0;
}

static int tear_down(void **state) {
  desk *d = *state;
  sld__ledger_fini(&d->ledger);
  free(d);
  return 0;
}

static void a_close_below_half_of_the_margin_closes_the_trade_at_that_close(void **state) {
  desk *d = *state;
  desk_fixing(d, 1.0);
  desk_bar(d, 1.0, 1.0, 1.0, 1.0);
  desk_bar(d, 0.98, 0.99, 0.95, 0.96); /* 600 over 480 needed */
  desk_bar(d, 0.96, 0.97, 0.93, 0.94); /* 400 under 470 */
  desk_bar(d, 0.90, 0.91, 0.80, 0.85);
  desk_start(d);
  desk_buy(d, 0, 10000.0, NAN, NAN);
  desk_finish(d);
  assert_int_equal(d->ledger.stop_out_count, 1);
  assert_int_equal(d->ledger.trade_count, 1);
  const sld_trade *trade = desk_trade(d, 0);
  assert_int_equal(trade->exit, SLD_EXIT_STOP_OUT);
  same(trade->exit_price, 0.94);
  assert_int_equal(trade->exit_time, 4 * DESK_DAY);
  const sld_order *order = desk_order(d, 2);
  assert_int_equal(order->kind, SLD_ORDER_STOP_OUT);
  assert_int_equal(order->parent, 1);
  assert_true(order->reduce_only);
  assert_true(fabs(d->ledger.equity[4] - 400.0) < 1e-9);
  assert_false(d->broker.ruined);
}

static void a_low_inside_the_bar_stops_nothing_out(void **state) {
  desk *d = *state;
  for (int i = 0; i < 2; i++) desk_fixing(d, 1.0);
  desk_bar(d, 1.0, 1.0, 0.50, 0.99);
  desk_start(d);
  desk_buy(d, 0, 10000.0, NAN, NAN);
  desk_finish(d);
  assert_int_equal(d->ledger.stop_out_count, 0);
}

static void an_open_below_is_stopped_out_at_the_open(void **state) {
  desk *d = *state;
  for (int i = 0; i < 2; i++) desk_fixing(d, 1.0);
  desk_bar(d, 0.94, 1.0, 0.93, 0.99);
  desk_start(d);
  desk_buy(d, 0, 10000.0, NAN, NAN);
  desk_finish(d);
  same(desk_trade(d, 0)->exit_price, 0.94);
  assert_int_equal(desk_trade(d, 0)->exit_time, 2 * DESK_DAY);
}

static void a_short_is_stopped_out_by_a_rise(void **state) {
  desk *d = *state;
  for (int i = 0; i < 2; i++) desk_fixing(d, 1.0);
  desk_bar(d, 1.0, 1.09, 1.0, 1.04); /* 600 over 520 */
  desk_bar(d, 1.04, 1.06, 1.04, 1.05); /* 500 under 525 */
  desk_start(d);
  desk_buy(d, 0, -10000.0, NAN, NAN);
  desk_finish(d);
  assert_int_equal(d->ledger.stop_out_count, 1);
  same(desk_trade(d, 0)->exit_price, 1.05);
}

static void the_largest_loss_goes_first_and_the_rest_stays_once_that_is_enough(void **state) {
  desk *d = *state;
  for (int i = 0; i < 2; i++) desk_fixing(d, 1.0);
  for (int i = 0; i < 2; i++) desk_fixing(d, 1.01);
  desk_fixing(d, 0.95);
  desk_fixing(d, 0.95);
  desk_start(d);
  desk_buy(d, 0, 3000.0, NAN, NAN); /* loses 150 at 0.95 */
  desk_buy(d, 2, 6000.0, NAN, NAN); /* loses 360 */
  desk_buy(d, 2, 1000.0, NAN, NAN); /* loses 60 */
  desk_finish(d);
  assert_int_equal(d->ledger.stop_out_count, 1); /* 430 under 475; then 430 over 190 */
  assert_int_equal(desk_trade(d, 0)->entry_order, 2);
  assert_int_equal(d->ledger.open_count, 2);
}

static void trades_go_one_by_one_until_nothing_is_left(void **state) {
  desk *d = *state;
  d->config.slippage = 0.001;
  for (int i = 0; i < 2; i++) desk_fixing(d, 1.0);
  desk_fixing(d, 0.905);
  desk_start(d);
  desk_buy(d, 0, 5000.0, NAN, NAN);
  desk_buy(d, 0, 2500.0, NAN, NAN);
  desk_buy(d, 0, 2400.0, NAN, NAN);
  desk_finish(d);
  assert_int_equal(d->ledger.stop_out_count, 3);
  assert_int_equal(desk_trade(d, 0)->entry_order, 1);
  assert_int_equal(desk_trade(d, 1)->entry_order, 2);
  same(desk_trade(d, 0)->exit_price, 0.905 - 0.001);
}

static void a_gap_may_take_more_than_there_is_and_ruins_the_job(void **state) {
  desk *d = *state;
  for (int i = 0; i < 2; i++) desk_fixing(d, 1.0);
  desk_bar(d, 0.85, 0.86, 0.84, 0.85);
  desk_bar(d, 0.85, 0.86, 0.84, 0.85);
  desk_start(d);
  desk_buy(d, 0, 10000.0, NAN, NAN);
  desk_finish(d);
  assert_int_equal(d->ledger.stop_out_count, 1);
  assert_true(d->broker.ruined);
  assert_true(fabs(d->ledger.equity[2] + 500.0) < 1e-9 && d->ledger.equity[3] == d->ledger.equity[2]);
  assert_int_equal(d->ledger.open_count, 0);
}

static void without_a_level_nothing_is_stopped_out(void **state) {
  desk *d = *state;
  d->config.stop_out = 0.0;
  for (int i = 0; i < 2; i++) desk_fixing(d, 1.0);
  desk_fixing(d, 0.91);
  desk_start(d);
  desk_buy(d, 0, 10000.0, NAN, NAN);
  desk_finish(d);
  assert_int_equal(d->ledger.stop_out_count, 0);
  assert_int_equal(d->ledger.open_count, 1);
}

static void an_order_that_opens_must_leave_the_margin_call(void **state) {
  desk *d = *state;
  for (int i = 0; i < 3; i++) desk_fixing(d, 1.0);
  d->config.margin_call = 2.0;
  desk_start(d);
  desk_buy(d, 0, 5001.0, NAN, NAN);
  desk_buy(d, 1, 5000.0, NAN, NAN);
  desk_finish(d);
  assert_int_equal(desk_order(d, 1)->reason, SLD_REASON_LEVERAGE);
  assert_int_equal(desk_order(d, 2)->state, SLD_ORDER_FILLED);
}

static void a_hedged_account_needs_margin_for_both_sides(void **state) {
  desk *d = *state;
  d->config.accounting = SLD_HEDGE;
  d->config.spread = 0.04;
  for (int i = 0; i < 2; i++) desk_fixing(d, 1.0);
  desk_fixing(d, 1.0);
  desk_start(d);
  desk_buy(d, 0, 4000.0, NAN, NAN);
  desk_buy(d, 0, -4000.0, NAN, NAN); /* both lose the spread: 160 + 160; 680 over 400 */
  desk_finish(d);
  assert_int_equal(d->ledger.stop_out_count, 0);
  d->config.stop_out = 0.9; /* under 720 */
  desk_start(d);
  desk_buy(d, 0, 4000.0, NAN, NAN);
  desk_buy(d, 0, -4000.0, NAN, NAN);
  desk_finish(d);
  assert_int_equal(d->ledger.stop_out_count, 1); /* then 680 over 360 */
  assert_int_equal(desk_trade(d, 0)->entry_order, 1); /* of equal losses the oldest */
}

static void of_both_sides_a_short_is_worth_its_ask(void **state) {
  desk *d = *state;
  desk_both_sides(d);
  for (int i = 0; i < 4; i++) desk_fixing(d, 1.0);
  for (int i = 0; i < 4; i++) d->ask_open[i] = d->ask_high[i] = d->ask_low[i] = d->ask_close[i] = 1.0;
  d->ask_high[2] = d->ask_close[2] = 1.06; /* 400 under 500 of the bid */
  desk_start(d);
  desk_buy(d, 0, -10000.0, NAN, NAN);
  desk_finish(d);
  assert_int_equal(d->ledger.stop_out_count, 1);
  same(desk_trade(d, 0)->exit_price, 1.06);
}

static void an_order_that_waits_survives_and_an_exit_of_what_is_gone_does_not(void **state) {
  desk *d = *state;
  for (int i = 0; i < 2; i++) desk_fixing(d, 1.0);
  desk_fixing(d, 0.94);
  desk_bar(d, 0.94, 0.96, 0.90, 0.95);
  desk_start(d);
  sld__request buy = desk_market(SLD__BUY, SLD_UNITS, 10000.0), out = desk_market(SLD__EXIT, SLD_UNITS, NAN), later = desk_market(SLD__BUY, SLD_UNITS, 100.0);
  buy.name = "in";
  out.name = "out";
  out.of = "in";
  out.limit = 1.2;
  later.limit = 0.91;
  desk_request(d, 0, buy);
  desk_request(d, 1, out);
  desk_request(d, 1, later);
  desk_finish(d);
  assert_int_equal(desk_order(d, 2)->state, SLD_ORDER_CANCELLED);
  assert_int_equal(desk_order(d, 2)->reason, SLD_REASON_NO_POSITION);
  assert_int_equal(desk_order(d, 3)->state, SLD_ORDER_FILLED);
}

/* ---- Laziness ---- */

static uint64_t seed;

static double draw(void) {
  seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(seed >> 11) * 0x1p-53;
}

static void random_bars(desk *d, size_t rows, bool rates) {
  double price = 1.0, rate = 1.0;
  d->bars.count = 0;
  for (size_t i = 0; i < rows; i++) {
    double open = price * (1.0 + (draw() < 0.1 ? 0.1 : 0.004) * (draw() - 0.5)), close = open * (1.0 + 0.02 * (draw() - 0.5));
    desk_bar(d, open, fmax(open, close) * (1.0 + 0.004 * draw()), fmin(open, close) * (1.0 - 0.004 * draw()), close);
    price = close;
    d->rate_fill[i] = rate;
    rate *= 1.0 + 0.01 * (draw() - 0.5);
    d->rate_mark[i] = rate;
  }
  d->bars.rate_fill = rates ? d->rate_fill : NULL;
  d->bars.rate_mark = rates ? d->rate_mark : NULL;
}

/* Trades at random for all rows; `told`: the broker knows between which prices and rates it moves, else it looks at every row. */
static void trade_at_random(desk *d, uint64_t script, bool told, bool by_row) {
  d->bars.price_low = d->bars.rate_low = told ? INFINITY : 0.0;
  d->bars.price_high = d->bars.rate_high = 0.0;
  for (size_t i = 0; told && i < d->bars.count; i++) {
    d->bars.price_low = fmin(d->bars.price_low, d->low[i]);
    d->bars.price_high = fmax(d->bars.price_high, d->high[i]);
    d->bars.rate_low = fmin(d->bars.rate_low, fmin(d->rate_fill[i], d->rate_mark[i]));
    d->bars.rate_high = fmax(d->bars.rate_high, fmax(d->rate_fill[i], d->rate_mark[i]));
  }
  desk_start(d);
  seed = script * 77777 + 1;
  for (int64_t row = 0; row < (int64_t)d->bars.count && !d->broker.ended; row++) {
    bool asks = draw() < 0.08;
    double units = (draw() < 0.5 ? -1.0 : 1.0) * floor(1000.0 + 8000.0 * draw());
    if (by_row && d->broker.now < row) sld__broker_step(&d->broker);
    if (asks && !d->broker.ended) {
      sld__request r = desk_market(units > 0.0 ? SLD__BUY : SLD__SELL, SLD_UNITS, fabs(units));
      if (draw() < 0.2) r.stop_loss_dist = 0.02;
      sld__broker_request(&d->broker, row, &r);
    }
  }
  desk_finish(d);
}

static void a_book_that_knows_its_prices_is_stopped_out_as_one_that_looks_at_every_row(void **state) {
  desk *d = *state;
  static double equity[DESK_ROWS];
  size_t stopped = 0;
  for (uint64_t script = 0; script < 400; script++) {
    seed = script + 1;
    d->config.accounting = script % 3 == 0 ? SLD_HEDGE : SLD_NET;
    d->config.side = script % 2 ? SLD_MID : SLD_BID;
    d->config.spread = 0.0002 * draw();
    d->config.stop_out = script % 5 == 0 ? 0.9 : 0.5;
    random_bars(d, 300, script % 4 < 2);
    size_t outs = 0, trades = 0;
    for (int way = 0; way < 3; way++) {
      trade_at_random(d, script, way > 0, way == 2);
      if (way == 0) {
        outs = d->ledger.stop_out_count;
        trades = d->ledger.trade_count;
        memcpy(equity, d->ledger.equity, d->bars.count * sizeof *equity);
      } else {
        assert_int_equal(d->ledger.stop_out_count, outs);
        assert_int_equal(d->ledger.trade_count, trades);
        assert_memory_equal(equity, d->ledger.equity, d->bars.count * sizeof *equity);
      }
    }
    stopped += outs;
  }
  assert_true(stopped > 200);
}

/* ---- Shared accounts ---- */

static void of_a_shared_account_the_largest_loss_of_any_pair_goes_first(void **state) {
  (void)state;
  static desk d[2];
  static sld__broker books[2];
  static int64_t closes[2][8], clock[8];
  double marks[8], prices[2][5] = { { 1.0, 1.0, 0.97, 0.97, 0.97 }, { 2.0, 2.0, 1.9, 1.9, 1.9 } };
  sld__shared account;
  for (int i = 0; i < 2; i++) {
    desk_init(&d[i], NULL);
    d[i].config.capital = 1000.0;
    d[i].config.leverage = 10.0;
    d[i].config.stop_out = 0.5;
    for (int k = 0; k < 5; k++) {
      desk_fixing(&d[i], prices[i][k]);
      clock[k] = closes[i][k] = (k + 1) * DESK_DAY;
    }
    d[i].bars.close_time = closes[i];
  }
  sld__shared_open(&account, 1000.0, 10.0, books, 2);
  for (int i = 0; i < 2; i++) assert_int_equal(sld__broker_join(&books[i], &account.account, &d[i].config, &d[i].bars, &d[i].ledger, NULL), SLD_OK);
  sld__shared_start(&account, clock, 5, 0, marks);
  assert_int_equal(sld__shared_step(&account), 0);
  sld__request first = desk_market(SLD__BUY, SLD_UNITS, 4000.0), second = desk_market(SLD__BUY, SLD_UNITS, 2900.0);
  assert_int_equal(sld__broker_request(&books[0], 0, &first), 0);  /* loses 120 */
  assert_int_equal(sld__broker_request(&books[1], 0, &second), 0); /* loses 290: 590 over 469.5; nobody goes */
  assert_int_equal(sld__shared_finish(&account, NULL), SLD_OK);
  assert_int_equal(d[0].ledger.stop_out_count + d[1].ledger.stop_out_count, 0);
  for (int i = 0; i < 2; i++) d[i].config.stop_out = 0.7; /* under 657 */
  sld__shared_open(&account, 1000.0, 10.0, books, 2);
  for (int i = 0; i < 2; i++) assert_int_equal(sld__broker_join(&books[i], &account.account, &d[i].config, &d[i].bars, &d[i].ledger, NULL), SLD_OK);
  sld__shared_start(&account, clock, 5, 0, marks);
  assert_int_equal(sld__shared_step(&account), 0);
  assert_int_equal(sld__broker_request(&books[0], 0, &first), 0);
  assert_int_equal(sld__broker_request(&books[1], 0, &second), 0);
  assert_int_equal(sld__shared_finish(&account, NULL), SLD_OK);
  assert_int_equal(d[0].ledger.stop_out_count, 0);
  assert_int_equal(d[1].ledger.stop_out_count, 1);
  assert_int_equal(d[1].ledger.trades[0].exit, SLD_EXIT_STOP_OUT);
  for (int i = 0; i < 2; i++) sld__ledger_fini(&d[i].ledger);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(a_close_below_half_of_the_margin_closes_the_trade_at_that_close, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_low_inside_the_bar_stops_nothing_out, set_up, tear_down),
    cmocka_unit_test_setup_teardown(an_open_below_is_stopped_out_at_the_open, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_short_is_stopped_out_by_a_rise, set_up, tear_down),
    cmocka_unit_test_setup_teardown(the_largest_loss_goes_first_and_the_rest_stays_once_that_is_enough, set_up, tear_down),
    cmocka_unit_test_setup_teardown(trades_go_one_by_one_until_nothing_is_left, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_gap_may_take_more_than_there_is_and_ruins_the_job, set_up, tear_down),
    cmocka_unit_test_setup_teardown(without_a_level_nothing_is_stopped_out, set_up, tear_down),
    cmocka_unit_test_setup_teardown(an_order_that_opens_must_leave_the_margin_call, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_hedged_account_needs_margin_for_both_sides, set_up, tear_down),
    cmocka_unit_test_setup_teardown(of_both_sides_a_short_is_worth_its_ask, set_up, tear_down),
    cmocka_unit_test_setup_teardown(an_order_that_waits_survives_and_an_exit_of_what_is_gone_does_not, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_book_that_knows_its_prices_is_stopped_out_as_one_that_looks_at_every_row, set_up, tear_down),
    cmocka_unit_test(of_a_shared_account_the_largest_loss_of_any_pair_goes_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
