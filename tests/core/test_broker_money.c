/* Money: currency, costs and the identities between them. */
#include "broker_desk.h"

/* SEMANTICS' case with the Federal Reserve's noon rates (H.10): yen profit becomes dollars at the rate of the day. */
static void yen_profit_is_worth_its_dollars(void **state) {
  desk *d = *state;
  const double close[] = { 76.90, 76.67, 98.00, 119.85 };
  d->config.instrument = (sld_instrument){ .pair = "USDJPY", .base = "USD", .quote = "JPY", .digits = 3, .pip = 0.01, .lot = 100000.0, .min_size = 1.0, .step = 1.0 };
  for (size_t i = 0; i < 4; i++) {
    desk_fixing(d, close[i]);
    d->rate_fill[i] = d->rate_mark[i] = 1.0 / close[i];
  }
  d->bars.rate_fill = d->rate_fill;
  d->bars.rate_mark = d->rate_mark;
  desk_start(d);
  desk_buy(d, 0, 10000.0, NAN, NAN);
  desk_finish(d);
  same(d->ledger.trades[0].gross, 10000.0 * (119.85 - 76.67) * (1.0 / 119.85));
  assert_true(fabs(d->ledger.unrealised - 3602.84) < 0.005);
  assert_true(fabs(d->ledger.equity[3] - 103602.84) < 0.005);
}

static void costs_are_lines_of_their_own(void **state) {
  desk *d = *state;
  d->config.spread = 0.0002;
  d->config.slippage = 0.00005;
  d->config.commission_frac = 0.00002;
  d->config.commission_per_lot = 3.5;
  desk_fixing(d, 1.25);
  desk_bar(d, 1.5, 1.6, 1.4, 1.5);
  desk_fixing(d, 1.5);
  desk_fixing(d, 1.75);
  desk_start(d);
  desk_buy(d, 0, 50000.0, NAN, NAN);
  desk_buy(d, 2, -50000.0, NAN, NAN);
  desk_finish(d);
  const sld_order *in = &d->ledger.orders[0], *out = &d->ledger.orders[1];
  same(in->reference, 1.5);
  same(in->price, 1.5 + 0.0001 + 0.00005);
  same(out->price, 1.75 - 0.0001 - 0.00005);
  same(in->spread_cost, 50000.0 * 0.0001);
  same(in->slippage_cost, 50000.0 * 0.00005);
  same(in->commission, 0.00002 * 50000.0 * in->price + 3.5 * 0.5);
  same(d->ledger.trades[0].gross, 12500.0);
  /* After the entry a long is marked at the bid: the spread is paid once on the way in, and seen once more until the exit pays it. */
  same(d->ledger.equity[1], (100000.0 - (in->spread_cost + in->slippage_cost + in->commission)) + (50000.0 * (1.5 - 0.0001) - 75000.0));
  same(d->ledger.equity[3], 100000.0 + 12500.0 - sld__ledger_costs(&d->ledger));
}

static void on_bid_data_only_the_ask_side_pays_the_spread(void **state) {
  desk *d = *state;
  d->config.spread = 0.5;
  d->config.side = SLD_BID;
  for (int i = 0; i < 6; i++) desk_fixing(d, 8.0);
  desk_start(d);
  desk_buy(d, 0, 100.0, NAN, NAN);
  desk_buy(d, 1, -200.0, NAN, NAN);
  desk_buy(d, 3, 100.0, NAN, NAN);
  desk_finish(d);
  same(d->ledger.orders[0].price, 8.5);
  same(d->ledger.orders[0].spread_cost, 50.0);
  same(d->ledger.orders[1].price, 8.0);
  same(d->ledger.orders[1].spread_cost, 0.0);
  same(d->ledger.orders[2].price, 8.5);
  same(d->ledger.orders[2].spread_cost, 50.0);
  same(d->ledger.equity[1], 100000.0 - 50.0);         /* long, at the bid */
  same(d->ledger.equity[2], 100000.0 - 50.0 - 50.0);  /* short, at the ask */
  same(d->ledger.equity[4], 100000.0 - 100.0);
}

static void at_a_rate_of_two_profits_are_twice_those_in_quote_currency(void **state) {
  desk *d = *state;
  double equity[2][64];
  sld_trade trades[2][8];
  size_t counts[2];
  for (int pass = 0; pass < 2; pass++) {
    d->bars.count = 0;
    d->bars.rate = pass ? 2.0 : 1.0;
    d->config.spread = 0.0003;
    double price = 1.1;
    for (int i = 0; i < 64; i++) {
      desk_fixing(d, price);
      price *= i % 3 ? 1.0037 : 0.9941;
    }
    desk_start(d);
    desk_buy(d, 3, 1234.0, NAN, NAN);
    desk_buy(d, 10, 771.0, NAN, NAN);
    desk_buy(d, 20, -1999.0, NAN, NAN);
    desk_buy(d, 40, -3000.0, NAN, NAN);
    desk_finish(d);
    counts[pass] = d->ledger.trade_count + d->ledger.open_count;
    assert_in_range(counts[pass], 4, 8);
    memcpy(equity[pass], d->ledger.equity, sizeof equity[pass]);
    memcpy(trades[pass], d->ledger.trades, counts[pass] * sizeof(sld_trade));
  }
  assert_int_equal(counts[0], counts[1]);
  for (size_t i = 0; i < counts[0]; i++) {
    same(trades[1][i].gross, 2.0 * trades[0][i].gross);
    same(trades[1][i].costs, 2.0 * trades[0][i].costs);
  }
}

static void mirrored_prices_and_sides_give_mirrored_trades(void **state) {
  desk *d = *state;
  sld_trade trades[2][8];
  double equity[2][32];
  size_t counts[2];
  for (int pass = 0; pass < 2; pass++) {
    double sign = pass ? -1.0 : 1.0;
    d->bars.count = 0;
    d->config.spread = 2.0;
    d->config.slippage = 1.0;
    for (int i = 0; i < 32; i++) {
      double mid = 1000.0 + sign * (double)(i * 37 % 23);
      desk_bar(d, mid, mid + 8.0, mid - 8.0, mid + sign * 3.0);
    }
    desk_start(d);
    desk_buy(d, 2, sign * 5.0, 1000.0 - sign * 9.0, NAN);
    desk_buy(d, 5, sign * 7.0, NAN, 1000.0 + sign * 26.0);
    desk_buy(d, 9, sign * -20.0, 1000.0 + sign * 31.0, 1000.0 - sign * 6.0);
    desk_finish(d);
    counts[pass] = d->ledger.trade_count + d->ledger.open_count;
    assert_in_range(counts[pass], 3, 8);
    memcpy(equity[pass], d->ledger.equity, sizeof equity[pass]);
    memcpy(trades[pass], d->ledger.trades, counts[pass] * sizeof(sld_trade));
  }
  assert_int_equal(counts[0], counts[1]);
  assert_memory_equal(equity[0], equity[1], sizeof equity[0]);
  for (size_t i = 0; i < counts[0]; i++) {
    const sld_trade *a = &trades[0][i], *b = &trades[1][i];
    assert_int_equal(a->entry_bar, b->entry_bar);
    assert_int_equal(a->exit_bar, b->exit_bar);
    assert_int_equal(a->exit, b->exit);
    same(a->units, -b->units);
    same(a->entry_price - 1000.0, 1000.0 - b->entry_price);
    same(a->exit_price - 1000.0, 1000.0 - b->exit_price);
    same(a->gross, b->gross);
    same(a->net, b->net);
  }
}

static void a_missing_rate_is_an_error_that_names_pair_and_time(void **state) {
  desk *d = *state;
  for (int i = 0; i < 8; i++) {
    desk_fixing(d, 2.0);
    d->rate_fill[i] = d->rate_mark[i] = i == 5 ? NAN : 1.0;
  }
  d->bars.rate_fill = d->rate_fill;
  d->bars.rate_mark = d->rate_mark;
  sld_error err;
  desk_start(d);
  desk_buy(d, 2, 10.0, NAN, NAN);
  assert_int_equal(sld__broker_finish(&d->broker, &err), SLD_ERATE);
  assert_string_equal(err.message, "EURUSD: no conversion rate for USD at 1970-01-07");
  desk_start(d);
  desk_buy(d, 4, 10.0, NAN, NAN);
  assert_int_equal(sld__broker_finish(&d->broker, &err), SLD_ERATE);
  assert_string_equal(err.message, "EURUSD: no conversion rate for USD at 1970-01-06");
}

static void a_flat_account_needs_no_rate(void **state) {
  desk *d = *state;
  for (int i = 0; i < 4; i++) {
    desk_fixing(d, 2.0);
    d->rate_fill[i] = d->rate_mark[i] = NAN;
  }
  d->bars.rate_fill = d->rate_fill;
  d->bars.rate_mark = d->rate_mark;
  desk_start(d);
  assert_int_equal(sld__broker_target(&d->broker, 1, 0.0), 0);
  desk_finish(d);
  same(d->ledger.equity[3], 100000.0);
}

static void a_partial_close_shares_costs_so_that_nothing_is_lost(void **state) {
  desk *d = *state;
  d->config.commission_per_lot = 7.0;
  d->config.spread = 0.0001;
  for (int i = 0; i < 8; i++) desk_fixing(d, 1.1 + 0.013 * i);
  desk_start(d);
  desk_buy(d, 0, 30000.0, NAN, NAN);
  desk_buy(d, 1, 20000.0, NAN, NAN);
  desk_buy(d, 2, -10000.0, NAN, NAN);
  desk_buy(d, 3, -30000.0, NAN, NAN);
  desk_finish(d);
  const sld_trade *t = d->ledger.trades;
  assert_int_equal(d->ledger.trade_count, 3);
  assert_int_equal(d->ledger.open_count, 1);
  const double units[] = { 10000.0, 20000.0, 10000.0, 10000.0 };
  const int64_t entries[] = { 1, 1, 2, 2 }, exits[] = { 3, 4, 4, 0 };
  double costs = 0.0;
  for (int i = 0; i < 4; i++) {
    same(t[i].units, units[i]);
    assert_int_equal(t[i].entry_order, entries[i]);
    assert_int_equal(t[i].exit_order, exits[i]);
    same(t[i].net, t[i].gross - t[i].costs);
    costs += t[i].costs;
  }
  assert_true(fabs(costs - sld__ledger_costs(&d->ledger)) <= 8.0 * 2.3e-16 * costs);
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
    TEST(yen_profit_is_worth_its_dollars),
    TEST(costs_are_lines_of_their_own),
    TEST(on_bid_data_only_the_ask_side_pays_the_spread),
    TEST(at_a_rate_of_two_profits_are_twice_those_in_quote_currency),
    TEST(mirrored_prices_and_sides_give_mirrored_trades),
    TEST(a_missing_rate_is_an_error_that_names_pair_and_time),
    TEST(a_flat_account_needs_no_rate),
    TEST(a_partial_close_shares_costs_so_that_nothing_is_lost),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
