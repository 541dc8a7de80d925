/* Orders through Lua: what is asked of the broker is what stands in the ledger, to the cent. */
#include "engine_desk.h"

static void near_to(double got, double want) {
  if (!(fabs(got - want) < 1e-9)) print_error("%.15g instead of %.15g\n", got, want);
  assert_true(fabs(got - want) < 1e-9);
}

static const double closes[] = { 1.00, 1.10, 1.20, 1.30, 1.35 };

/* Buys 1,000 euros at the first close and sells them at the third. */
static const char round_trip[] = DESK_HEAD "local S = sliders.strategy {} function S:init() self.n = 0 end function S:bar(broker) self.n = self.n + 1 "
                                           "if self.n == 1 then broker:buy { units = 1000 } elseif self.n == 3 then broker:close() end end return S";

static sld_run_options with_costs(void) {
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.spread_pips = 2;
  options.slippage_pips = 0.5;
  options.commission_frac = 0.0001;
  options.commission_per_lot = 7;
  return options;
}

/* Mid 1.10 in and 1.30 out: 200 gross. Half a spread of 0.0001 and slippage of 0.00005 on each side of 1,000 units; commission of one in
 * 10,000 of 1,100.15 and 1,299.85, and a hundredth of 7 each time. */
static void a_round_trip_costs_what_it_costs_by_hand(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add_closes(&d, "EURUSD", closes, 5, SLD_MID);
  sld_run_options options = with_costs();
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, round_trip, &options);
    const sld_job *job = desk_done(&r, 0);
    assert_int_equal(job->order_count, 2);
    assert_int_equal(job->trade_count, 1);
    assert_int_equal(job->open_count, 0);
    near_to(job->orders[0].reference, 1.10);
    near_to(job->orders[0].price, 1.10015);
    near_to(job->orders[0].spread_cost, 0.1);
    near_to(job->orders[0].slippage_cost, 0.05);
    near_to(job->orders[0].commission, 0.110015 + 0.07);
    near_to(job->orders[1].price, 1.29985);
    assert_true(job->orders[1].units == -1000.0);
    assert_true(job->orders[1].reduce_only);
    near_to(job->orders[1].commission, 0.129985 + 0.07);
    near_to(job->realised, 200.0);
    near_to(job->costs_spread, 0.2);
    near_to(job->costs_slippage, 0.1);
    near_to(job->costs_commission, 0.38);
    near_to(job->trades[0].net, 200.0 - 0.68);
    near_to(job->final_equity, 100000.0 + 200.0 - 0.68);
    near_to(job->equity[0], 100000.0);
    near_to(job->equity[1], 100000.0 - 0.1 - 0.1 - 0.05 - 0.180015); /* marked at the bid, half a spread below */
    desk_end(&r);
  }
  desk_close(&d);
}

static void the_close_mode_fills_at_the_close_that_decides(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add_closes(&d, "EURUSD", closes, 5, SLD_MID);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.fill = SLD_FILL_CLOSE;
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, round_trip, &options);
    const sld_job *job = desk_done(&r, 0);
    near_to(job->orders[0].price, 1.00);
    near_to(job->orders[1].price, 1.20);
    assert_int_equal(job->orders[0].fill_bar, 0);
    assert_int_equal(job->orders[1].fill_bar, 2);
    near_to(job->final_equity, 100200.0);
    desk_end(&r);
  }
  desk_close(&d);
}

/* Yen become dollars at the close that marks them. */
static void profits_in_another_currency_are_converted(void **state) {
  (void)state;
  static const double yen[] = { 100, 100, 125, 125, 125 };
  desk d = desk_open(1);
  desk_add_closes(&d, "USDJPY", yen, 5, SLD_MID);
  const char *text = DESK_HEAD "local S = sliders.strategy {} function S:bar(broker) broker:target(1) end return S";
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    const sld_job *job = desk_done(&r, 0);
    assert_true(job->orders[0].units == 100000.0);
    near_to(job->unrealised, 100000.0 * 25.0 / 125.0);
    desk_end(&r);
  }
  desk_close(&d);
}

static void quantities_are_units_lots_or_parts_of_equity(void **state) {
  (void)state;
  static const struct { const char *order; double units; } cases[] = {
    { "broker:buy { units = 1234 }", 1234 }, { "broker:sell { units = 1234 }", -1234 }, { "broker:buy { units = 1234.9 }", 1234 },
    { "broker:buy { lots = 0.29 }", 29000 }, { "broker:sell { lots = 2 }", -200000 }, { "broker:buy { fraction = 0.5 }", 40000 },
    { "broker:buy { risk = 0.01, sl = 1.15 }", 10000 }, { "broker:sell { risk = 0.01, sl_dist = 0.05 }", -20000 },
    { "broker:target(0.5)", 40000 }, { "broker:target(-2)", -160000 }, { "broker:target(0.000001)", 0 },
  };
  desk d = desk_open(1);
  static const double flat[] = { 1.25, 1.25, 1.25 };
  desk_add_closes(&d, "EURUSD", flat, 3, SLD_MID);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[400];
    snprintf(text, sizeof text, DESK_HEAD "local S = sliders.strategy {} function S:bar(broker) if self.sent then return end self.sent = true %s end return S", cases[i].order);
    IN_BOTH(vm) {
      desk_run r = desk_start(&d, vm, text, NULL);
      const sld_job *job = desk_done(&r, 0);
      if (job->orders[0].units != cases[i].units) print_error("%s %s: %.15g\n", vm, cases[i].order, job->orders[0].units);
      assert_true(job->orders[0].units == cases[i].units);
      if (cases[i].units == 0) assert_int_equal(job->orders[0].reason, SLD_REASON_MIN_SIZE);
      desk_end(&r);
    }
  }
  desk_close(&d);
}

/* Rows: open, high, low, close. A long of 1,000 bought at the open of row 1 at 1.10. */
static void stops_end(const char *order, const double rows[][4], size_t count, sld_exit exit, double price) {
  static int64_t time[8];
  double columns[4][8];
  for (size_t i = 0; i < count; i++) {
    time[i] = (int64_t)i * DESK_DAY_NS;
    for (size_t c = 0; c < 4; c++) columns[c][i] = rows[i][c];
  }
  desk d = desk_open(1);
  sld_error err;
  sld_bars bars = { .pair = "EURUSD", .count = count, .time = time, .open = columns[0], .high = columns[1], .low = columns[2], .close = columns[3], .period_ns = DESK_DAY_NS, .side = SLD_BID };
  desk_good(sld_market_add(d.market, &bars, &err), &err);
  char text[400];
  snprintf(text, sizeof text, DESK_HEAD "local S = sliders.strategy {} function S:bar(broker) if not self.sent then self.sent = true %s end end return S", order);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    const sld_job *job = desk_done(&r, 0);
    assert_int_equal(job->trade_count + job->open_count, 1);
    if (job->trades[0].exit != exit) print_error("%s %s: %s at %g\n", vm, order, sld_exit_name(job->trades[0].exit), job->trades[0].exit_price);
    assert_int_equal(job->trades[0].exit, exit);
    near_to(job->trades[0].exit_price, price);
    desk_end(&r);
  }
  desk_close(&d);
}

static void stops_are_prices_or_distances_from_the_fill(void **state) {
  (void)state;
  static const double both[][4] = { { 1, 1.1, 1, 1.1 }, { 1.1, 1.1, 1.1, 1.1 }, { 1.1, 1.3, 0.9, 1.1 }, { 1.1, 1.1, 1.1, 1.1 } };
  static const double up[][4] = { { 1, 1.1, 1, 1.1 }, { 1.1, 1.1, 1.1, 1.1 }, { 1.1, 1.3, 1.08, 1.1 }, { 1.1, 1.1, 1.1, 1.1 } };
  static const double gap[][4] = { { 1, 1.1, 1, 1.1 }, { 1.1, 1.1, 1.1, 1.1 }, { 0.8, 0.9, 0.8, 0.9 }, { 1.1, 1.1, 1.1, 1.1 } };
  stops_end("broker:buy { units = 1000, sl = 1.05, tp = 1.2 }", both, 4, SLD_EXIT_STOP_LOSS, 1.05);
  stops_end("broker:buy { units = 1000, sl = 1.05, tp = 1.2 }", up, 4, SLD_EXIT_TAKE_PROFIT, 1.2);
  stops_end("broker:buy { units = 1000, sl = 1.05, tp = 1.2 }", gap, 4, SLD_EXIT_STOP_LOSS, 0.8);
  stops_end("broker:buy { units = 1000, sl_dist = 0.06, tp_dist = 0.3 }", both, 4, SLD_EXIT_STOP_LOSS, 1.04);
  stops_end("broker:buy { units = 1000, tp_dist = 0.15 }", up, 4, SLD_EXIT_TAKE_PROFIT, 1.25);
  stops_end("broker:target(0.011, { sl = 1.05 })", both, 4, SLD_EXIT_STOP_LOSS, 1.05);
  stops_end("broker:target(0.011, { tp_dist = 0.1 })", up, 4, SLD_EXIT_TAKE_PROFIT, 1.2);
  stops_end("broker:sell { units = 1000, sl = 1.25, tp = 0.95 }", both, 4, SLD_EXIT_STOP_LOSS, 1.25);
  stops_end("broker:sell { units = 1000, sl_dist = 0.5, tp_dist = 0.1 }", both, 4, SLD_EXIT_TAKE_PROFIT, 1.0);
  stops_end("broker:buy { units = 1000 }", both, 4, SLD_EXIT_OPEN, 1.1);
}

/* What a script reads of its account at each close is what the ledger keeps, to the bit. */
static void the_account_reads_as_the_ledger_says(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 400, 5);
  const char *text = DESK_HEAD "local S = sliders.strategy { warmup = 0 } function S:bar(broker) "
    "print(('%.17g %.17g %.17g'):format(broker.equity, broker.position, broker.cash)) "
    "if sliders.random() < 0.2 then broker:target(sliders.random() * 4 - 2, { sl_dist = 0.02 }) end end return S";
  sld_run_options options = with_costs();
  char *first = NULL;
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, &options);
    const sld_job *job = desk_done(&r, 0);
    const char *line = job->log;
    for (size_t i = 0; i < job->bar_count; i++) {
      char *end;
      double equity = strtod(line, &end), position = strtod(end, &end), cash = strtod(end, &end), held = 0;
      for (size_t k = 0; k < job->trade_count + job->open_count; k++) {
        const sld_trade *t = &job->trades[k];
        if (t->entry_bar <= (int64_t)i && (t->exit == SLD_EXIT_OPEN || t->exit_bar > (int64_t)i)) held += t->units;
      }
      assert_true(equity == job->equity[i]);
      assert_true(position == held);
      if (held == 0) assert_true(cash == equity);
      line = end + 1;
    }
    assert_true(job->trade_count > 20);
    near_to(job->capital + job->realised - (job->costs_spread + job->costs_slippage + job->costs_commission) + job->unrealised, job->final_equity);
    if (first) desk_same(job->log, first, "what the engines read");
    else first = strdup(job->log);
    desk_end(&r);
  }
  free(first);
  desk_close(&d);
}

/* Reading the account must not change it: the lazy broker settles when asked. */
static void looking_at_the_account_changes_nothing(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 9000, 6);
  sld_run_options options = with_costs();
  IN_BOTH(vm) {
    desk_run runs[2];
    for (int looks = 0; looks < 2; looks++) {
      char text[500];
      snprintf(text, sizeof text, DESK_HEAD "local S = sliders.strategy {} function S:init(bars) self.m = bars.close:sma(50) end function S:bar(broker) %s "
        "if self.bars.close[0] > self.m[0] then broker:target(1) else broker:target(-1) end end return S", looks ? "local e, p = broker.equity, broker.position" : "");
      runs[looks] = desk_start(&d, vm, text, &options);
    }
    const sld_job *a = desk_done(&runs[0], 0), *b = desk_done(&runs[1], 0);
    assert_int_equal(a->bar_count, b->bar_count);
    assert_int_equal(a->order_count, b->order_count);
    assert_memory_equal(a->equity, b->equity, a->bar_count * sizeof(double));
    desk_end(&runs[0]);
    desk_end(&runs[1]);
  }
  desk_close(&d);
}

/* A column of targets means the same as broker:target on every bar. */
static void a_signal_is_a_target_on_every_bar(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 3000, 7);
  sld_run_options options = with_costs();
  const char *texts[] = {
    DESK_HEAD "local S = sliders.strategy {} function S:signal(bars) local m = bars.close:sma(20) return sliders.where(bars.close:gt(m), 0.7, sliders.where(bars.close:lt(m * 0.99), -0.3, 0 / 0)) end return S",
    DESK_HEAD "local S = sliders.strategy {} function S:init(bars) self.m = bars.close:sma(20) self.low = self.m * 0.99 end "
              "function S:bar(broker) local c = self.bars.close[0] if c > self.m[0] then broker:target(0.7) elseif c < self.low[0] then broker:target(-0.3) end end return S",
  };
  for (int cold = 0; cold < 2; cold++) {
    options.from = cold ? 1500 * DESK_DAY_NS : SLD_TIME_MIN;
    char *first = NULL;
    IN_BOTH(vm) {
      for (size_t i = 0; i < 2; i++) {
        desk_run r = desk_start(&d, vm, texts[i], &options);
        const sld_job *job = desk_done(&r, 0);
        assert_true(job->order_count > 50);
        if (!first) {
          first = malloc(job->bar_count * sizeof(double));
          memcpy(first, job->equity, job->bar_count * sizeof(double));
        }
        assert_memory_equal(job->equity, first, job->bar_count * sizeof(double));
        desk_end(&r);
      }
    }
    free(first);
  }
  desk_close(&d);
}

static void a_signal_may_be_a_number(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add_closes(&d, "EURUSD", closes, 5, SLD_MID);
  static const struct { const char *value; size_t orders; double units; } cases[] = { { "1", 1, 100000 }, { "-0.5", 1, -50000 }, { "0", 0, 0 }, { "0 / 0", 0, 0 } };
  for (size_t i = 0; i < 4; i++) {
    char text[200];
    snprintf(text, sizeof text, DESK_HEAD "local S = sliders.strategy {} function S:signal() return %s end return S", cases[i].value);
    IN_BOTH(vm) {
      desk_run r = desk_start(&d, vm, text, NULL);
      const sld_job *job = desk_done(&r, 0);
      assert_int_equal(job->order_count, cases[i].orders);
      if (cases[i].orders) assert_true(job->orders[0].units == cases[i].units);
      desk_end(&r);
    }
  }
  desk_close(&d);
}

static void the_same_target_sends_one_order(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 1000, 8);
  const char *texts[] = {
    DESK_HEAD "local S = sliders.strategy {} function S:bar(broker) broker:target(1) end return S",
    DESK_HEAD "local S = sliders.strategy {} function S:bar(broker) broker:target(1, { sl = 1e-9 }) end return S",
    DESK_HEAD "local S = sliders.strategy {} function S:signal() return 1 end return S",
  };
  for (size_t i = 0; i < 3; i++)
    IN_BOTH(vm) {
      desk_run r = desk_start(&d, vm, texts[i], NULL);
      assert_int_equal(desk_done(&r, 0)->order_count, 1);
      desk_end(&r);
    }
  desk_close(&d);
}

/* 200,000 bought at 1.00 with 100,000. At 1.25 they are worth 250,000 and the account 150,000: exposure 5/3 instead of 2, a sixth less. */
static void rebalance_sizes_again_once_exposure_has_drifted(void **state) {
  (void)state;
  static const double rise[] = { 1.0, 1.0, 1.25, 1.25, 1.25 };
  static const struct { const char *options; size_t orders; } cases[] = {
    { "", 1 }, { ", { rebalance = 0.2 }", 1 }, { ", { rebalance = 0.15 }", 2 }, { ", { rebalance = 0.001 }", 2 },
  };
  desk d = desk_open(1);
  desk_add_closes(&d, "EURUSD", rise, 5, SLD_MID);
  for (size_t i = 0; i < 4; i++) {
    char text[300];
    snprintf(text, sizeof text, DESK_HEAD "local S = sliders.strategy {} function S:bar(broker) broker:target(2%s) end return S", cases[i].options);
    IN_BOTH(vm) {
      desk_run r = desk_start(&d, vm, text, NULL);
      const sld_job *job = desk_done(&r, 0);
      assert_int_equal(job->order_count, cases[i].orders);
      if (cases[i].orders == 2) assert_true(job->orders[1].units == 40000.0); /* 2 x 150,000 / 1.25 - 200,000 */
      desk_end(&r);
    }
  }
  desk_hook_fails(&d, NULL, "broker:target(1, { rebalance = 0 })", NULL, "test.lua:4: target's rebalance must be above 0");
  desk_hook_fails(&d, NULL, "broker:buy { units = 1, rebalance = 1 }", NULL, "test.lua:4: buy has no field 'rebalance'");
  desk_close(&d);
}

static void rebalance_does_not_reopen_what_a_stop_has_closed(void **state) {
  (void)state;
  static const double fall[] = { 1.0, 1.0, 0.8, 0.8, 0.8, 0.8 };
  desk d = desk_open(1);
  desk_add_closes(&d, "EURUSD", fall, 6, SLD_MID);
  const char *text = DESK_HEAD "local S = sliders.strategy {} function S:bar(broker) broker:target(1, { sl_dist = 0.1, rebalance = 0.1 }) end return S";
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    const sld_job *job = desk_done(&r, 0);
    assert_int_equal(job->trade_count, 1);
    assert_int_equal(job->trades[0].exit, SLD_EXIT_STOP_LOSS);
    assert_int_equal(job->open_count, 0);
    desk_end(&r);
  }
  desk_close(&d);
}

/* Orders in done, when the data have ended, are an error and not silently lost. */
static void orders_after_the_end_are_refused(void **state) {
  (void)state;
  static const char *const calls[] = { "target(1)", "target(0)", "buy { units = 1 }", "sell { units = 1 }", "close()" };
  static const char *const names[] = { "target", "target", "buy", "sell", "close" };
  desk d = desk_open(1);
  desk_add_closes(&d, "EURUSD", closes, 5, SLD_MID);
  for (size_t i = 0; i < 5; i++) {
    char text[300], want[100];
    snprintf(text, sizeof text, DESK_HEAD "local S = sliders.strategy {} function S:bar(broker) end function S:done(broker)\nbroker:%s end return S", calls[i]);
    snprintf(want, sizeof want, "test.lua:2: broker:%s: the data have ended", names[i]);
    desk_fails(&d, text, want);
  }
  desk_close(&d);
}

static void a_ruined_account_is_not_an_error(void **state) {
  (void)state;
  static const double fall[] = { 1.0, 1.0, 0.5, 0.4, 0.3 };
  desk d = desk_open(1);
  desk_add_closes(&d, "EURUSD", fall, 5, SLD_MID);
  const char *text = DESK_HEAD "local S = sliders.strategy {} function S:bar(broker) broker:target(10) end return S";
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    const sld_job *job = desk_job(&r, 0);
    assert_int_equal(job->state, SLD_JOB_RUINED);
    assert_null(job->error);
    assert_true(isnan(job->figures[sld_figure_find("sharpe")]));
    desk_end(&r);
  }
  desk_close(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_round_trip_costs_what_it_costs_by_hand),
    cmocka_unit_test(the_close_mode_fills_at_the_close_that_decides),
    cmocka_unit_test(profits_in_another_currency_are_converted),
    cmocka_unit_test(quantities_are_units_lots_or_parts_of_equity),
    cmocka_unit_test(stops_are_prices_or_distances_from_the_fill),
    cmocka_unit_test(the_account_reads_as_the_ledger_says),
    cmocka_unit_test(looking_at_the_account_changes_nothing),
    cmocka_unit_test(a_signal_is_a_target_on_every_bar),
    cmocka_unit_test(a_signal_may_be_a_number),
    cmocka_unit_test(the_same_target_sends_one_order),
    cmocka_unit_test(rebalance_sizes_again_once_exposure_has_drifted),
    cmocka_unit_test(rebalance_does_not_reopen_what_a_stop_has_closed),
    cmocka_unit_test(orders_after_the_end_are_refused),
    cmocka_unit_test(a_ruined_account_is_not_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
