/* Which bars a strategy sees and on which it trades: warm-up, --from, --to, cold, the end of data. */
#include "engine_desk.h"

/* Prints what init sees and the first and the last bar of the hook; long from the second call on. */
static const char watcher[] =
  "local sliders = require 'sliders'\n"
  "local S = sliders.strategy { params = { n = sliders.int(5, 1, 400) } }\n"
  "function S:init(bars, p) self.mean, self.calls = bars.close:sma(p.n), 0 end\n"
  "function S:bar(broker)\n"
  "  self.calls = self.calls + 1\n"
  "  self.last = self.mean[0]\n"
  "  if self.calls == 1 then print('first', self.last == self.last, pcall(function() return self.bars.close[5] end)) end\n"
  "  if self.calls == 2 then broker:target(1) end\n"
  "end\n"
  "function S:done(broker) print(self.calls, broker.position > 0, self.bars.close[0] > 0) end\n"
  "return S\n";

static void first_and_calls(const sld_run_options *options, size_t rows, size_t first, size_t calls) {
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, rows, 1);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, watcher, options);
    const sld_job *job = desk_done(&r, 0);
    char last[64];
    snprintf(last, sizeof last, "\n%zu\ttrue\ttrue\n", calls);
    assert_int_equal(job->bar_count, calls);
    assert_int_equal(job->close_time[0], (int64_t)(first + 1) * DESK_DAY_NS);
    assert_non_null(strstr(job->log, last));
    assert_true(strncmp(job->log, "first\ttrue\t", 11) == 0);
    assert_int_equal(job->orders[0].bar, first + 1);
    assert_int_equal(job->orders[0].fill_bar, first + 2);
    desk_end(&r);
  }
  desk_close(&d);
}

static void the_hook_is_called_once_every_indicator_has_values(void **state) {
  (void)state;
  first_and_calls(NULL, 50, 4, 46);
}

static void from_starts_trading_and_earlier_bars_warm_up(void **state) {
  (void)state;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.from = 20 * DESK_DAY_NS;
  first_and_calls(&options, 50, 20, 30);
  options.from = 20 * DESK_DAY_NS - 1;
  first_and_calls(&options, 50, 20, 30);
  options.from = 19 * DESK_DAY_NS + 1;
  first_and_calls(&options, 50, 20, 30);
  options.from = 2 * DESK_DAY_NS; /* within the warm-up */
  first_and_calls(&options, 50, 4, 46);
}

static void cold_hides_the_bars_before_from(void **state) {
  (void)state;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.from = 20 * DESK_DAY_NS;
  options.cold = true;
  first_and_calls(&options, 50, 24, 26);
}

static void to_hides_later_bars(void **state) {
  (void)state;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.to = 40 * DESK_DAY_NS;
  first_and_calls(&options, 50, 4, 37);
  options.to = 40 * DESK_DAY_NS - 1;
  first_and_calls(&options, 50, 4, 36);
}

static void a_declared_warmup_overrides_the_indicators(void **state) {
  (void)state;
  static const struct { const char *params; const char *log; } cases[] = {
    { "warmup = 0", "30\tnan\n" }, { "warmup = 12", "18\t1\n" }, { "warmup = 29", "1\t1\n" }, { "", "26\t1\n" },
  };
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 30, 1);
  for (size_t i = 0; i < 4; i++) {
    char text[600];
    snprintf(text, sizeof text, DESK_HEAD "local S = sliders.strategy { %s } function S:init(bars) self.mean, self.n = bars.close:sma(5), 0 end "
      "function S:bar() if self.n == 0 then self.at = self.mean[0] / self.mean[0] end self.n = self.n + 1 end function S:done() print(self.n, self.at) end return S", cases[i].params);
    IN_BOTH(vm) {
      desk_run r = desk_start(&d, vm, text, NULL);
      assert_string_equal(desk_done(&r, 0)->log, cases[i].log);
      desk_end(&r);
    }
  }
  desk_close(&d);
}

/* Nothing to trade on is no error: the money stays, the figures are undefined. */
static void stays_flat(size_t rows, const sld_run_options *options, const char *text) {
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, rows, 1);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, options);
    const sld_job *job = desk_done(&r, 0);
    assert_int_equal(job->bar_count, 0);
    assert_int_equal(job->order_count, 0);
    assert_true(job->final_equity == 100000.0);
    assert_true(isnan(job->figures[sld_figure_find("sharpe")]));
    assert_true(isnan(job->buy_and_hold));
    assert_string_equal(job->log, "");
    const sld_portfolio *portfolio = sld_result_portfolio(r.result);
    assert_non_null(portfolio);
    assert_true(portfolio->complete);
    char *json = desk_json(&r);
    assert_non_null(strstr(json, "\"final_equity\": 100000"));
    free(json);
    desk_end(&r);
  }
  desk_close(&d);
}

static const char signals[] = DESK_HEAD "local S = sliders.strategy { params = { n = sliders.int(5, 1, 400) } } function S:signal(bars, p) return sliders.sign(bars.close - bars.close:sma(p.n)) end return S";

static void fewer_bars_than_the_warmup_leave_the_account_flat(void **state) {
  (void)state;
  stays_flat(4, NULL, watcher);
  stays_flat(1, NULL, watcher);
  stays_flat(4, NULL, signals);
}

static void a_start_after_the_end_leaves_the_account_flat(void **state) {
  (void)state;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.from = 1000 * DESK_DAY_NS;
  stays_flat(50, &options, watcher);
  stays_flat(50, &options, signals);
  options.cold = true;
  stays_flat(50, &options, watcher);
  stays_flat(50, &options, signals);
}

static void an_end_before_the_data_leaves_the_account_flat(void **state) {
  (void)state;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.to = -1;
  stays_flat(50, &options, watcher);
}

static void a_start_after_the_end_of_the_window_is_refused(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 50, 1);
  sld_strategy *strategy = desk_strategy(&d, "lua54", watcher);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  sld_run *run;
  sld_error err;
  options.from = 2;
  options.to = 1;
  assert_int_equal(sld_run_start(&run, d.host, d.market, strategy, &options, &err), SLD_EINVAL);
  assert_string_equal(err.file, "options.from");
  sld_strategy_free(strategy);
  desk_close(&d);
}

static void one_bar_is_enough_for_one_call(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 1, 1);
  const char *text = DESK_HEAD "local S = sliders.strategy {} function S:bar(broker) broker:target(1) print(broker.equity, broker.position) end return S";
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    const sld_job *job = desk_done(&r, 0);
    assert_string_equal(job->log, "100000\t0\n");
    assert_int_equal(job->order_count, 1);
    assert_int_equal(job->orders[0].state, SLD_ORDER_EXPIRED);
    assert_int_equal(job->orders[0].reason, SLD_REASON_END_OF_DATA);
    assert_true(job->final_equity == 100000.0);
    desk_end(&r);
  }
  desk_close(&d);
}

static void what_is_open_at_the_end_is_marked_or_closed_as_asked(void **state) {
  (void)state;
  desk d = desk_open(1);
  const double close[] = { 1.0, 1.1, 1.2, 1.3 };
  desk_add_closes(&d, "EURUSD", close, 4, SLD_MID);
  const char *text = DESK_HEAD "local S = sliders.strategy {} function S:bar(broker) broker:target(1) end return S";
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  for (int closes = 0; closes < 2; closes++) {
    options.close_at_end = closes;
    IN_BOTH(vm) {
      desk_run r = desk_start(&d, vm, text, &options);
      const sld_job *job = desk_done(&r, 0);
      assert_int_equal(job->open_count, !closes);
      assert_int_equal(job->trade_count, closes);
      assert_int_equal(job->trades[0].exit, closes ? SLD_EXIT_END_OF_DATA : SLD_EXIT_OPEN);
      assert_true(job->trades[0].units == 100000.0);
      assert_true(fabs(job->final_equity - 120000.0) < 1e-6);
      assert_true(fabs((closes ? job->realised : job->unrealised) - 20000.0) < 1e-6);
      desk_end(&r);
    }
  }
  desk_close(&d);
}

/* A pair whose bars begin after `to` or end before `from` stands beside others that trade. */
static void pairs_with_other_spans_wait_in_cash(void **state) {
  (void)state;
  desk d = desk_open(2);
  desk_add(&d, "EURUSD", 1.1, 30, 1);
  desk_add(&d, "GBPUSD", 1.5, 300, 2);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.from = 100 * DESK_DAY_NS;
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, watcher, &options);
    assert_int_equal(desk_done(&r, 0)->bar_count, 0);
    assert_int_equal(desk_done(&r, 1)->bar_count, 200);
    const sld_portfolio *portfolio = sld_result_portfolio(r.result);
    assert_int_equal(portfolio->count, 200);
    assert_true(portfolio->capital == 100000.0);
    assert_true(portfolio->equity[199] == 50000.0 + desk_job(&r, 1)->final_equity);
    desk_end(&r);
  }
  desk_close(&d);
}

/* Bars after row k are cut off or changed; what was decided and what it was worth up to k does not move. */
static void same_head(const sld_job *a, const sld_job *b, size_t first, size_t k, const char *vm) {
  size_t rows = k + 1 > first ? k + 1 - first : 0;
  if (rows > b->bar_count) rows = b->bar_count;
  for (size_t i = 0; i < rows; i++) {
    if (a->equity[i] != b->equity[i]) print_error("%s: equity of row %zu of %zu is %.17g and %.17g\n", vm, first + i, k, a->equity[i], b->equity[i]);
    assert_true(a->equity[i] == b->equity[i]);
  }
  for (size_t i = 0; i < a->order_count && a->orders[i].bar < (int64_t)k; i++) {
    assert_true(i < b->order_count);
    assert_int_equal(a->orders[i].bar, b->orders[i].bar);
    assert_int_equal(a->orders[i].kind, b->orders[i].kind);
    assert_true(a->orders[i].units == b->orders[i].units);
  }
}

static char *shipped(const char *name) {
  char path[DESK_PATH];
  const char *root = getenv("SLIDERS_SOURCE_DIR");
  snprintf(path, sizeof path, "%s/strategies/%s.lua", root ? root : ".", name);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  char *text = calloc(1, 65536);
  assert_true(fread(text, 1, 65535, file) > 0);
  fclose(file);
  return text;
}

/* A strategy of random indicators, from a seed: a signal or a bar hook. */
static char *made_up(uint64_t seed) {
  static const char *const sources[] = { "bars.close", "bars.open", "bars.high", "bars.low", "(bars.high + bars.low) / 2", "bars.close:shift(3)" };
  static const char *const means[] = { "sma", "ema", "wma", "rma", "rolling_max", "rolling_min", "linreg_slope", "stddev", "rsi", "roc", "momentum" };
  char a[200], b[200], init[500], signal[600];
  snprintf(a, sizeof a, "(%s):%s(%d)", sources[(int)(desk_random(&seed) * 6)], means[(int)(desk_random(&seed) * 11)], 2 + (int)(desk_random(&seed) * 40));
  snprintf(b, sizeof b, "(%s):%s(%d)", sources[(int)(desk_random(&seed) * 6)], means[(int)(desk_random(&seed) * 11)], 2 + (int)(desk_random(&seed) * 40));
  if (desk_random(&seed) < 0.5) {
    snprintf(signal, sizeof signal, "return sliders.where((%s):gt(%s), 1, %s)", a, b, desk_random(&seed) < 0.5 ? "-1" : "0 / 0");
    return desk_text("", NULL, NULL, signal);
  }
  snprintf(init, sizeof init, "self.a, self.b = %s, %s", a, b);
  return desk_text("", init,
    "if self.a[0] > self.b[0] then broker:target(0.5 + sliders.random(), { sl_dist = 0.01 * self.bars.close[0] })\n"
    "elseif broker.position > 0 and self.bars.close[0] < self.bars.close[1] then broker:close() end", NULL);
}

static void the_future_changes_nothing(const char *text, uint64_t seed) {
  enum { ROWS = 900 };
  double closes[2][ROWS];
  uint64_t walk = seed;
  for (size_t i = 0; i < ROWS; i++) closes[0][i] = closes[1][i] = (i ? closes[0][i - 1] : 1.2) * (1.0 + 0.02 * (desk_random(&walk) - 0.5));
  size_t k = 420 + (size_t)(desk_random(&seed) * 400.0);
  for (size_t i = k + 1; i < ROWS; i++) closes[1][i] = 0.7 + desk_random(&seed);
  IN_BOTH(vm) {
    desk whole = desk_open(1), cut = desk_open(1), changed = desk_open(1);
    desk_add_closes(&whole, "EURUSD", closes[0], ROWS, SLD_MID);
    desk_add_closes(&cut, "EURUSD", closes[0], k + 1, SLD_MID);
    desk_add_closes(&changed, "EURUSD", closes[1], ROWS, SLD_MID);
    desk_run a = desk_start(&whole, vm, text, NULL), b = desk_start(&cut, vm, text, NULL), c = desk_start(&changed, vm, text, NULL);
    if (desk_job(&a, 0)->equity) {
      size_t first = ROWS - desk_job(&a, 0)->bar_count;
      same_head(desk_done(&a, 0), desk_done(&b, 0), first, k, vm);
      same_head(desk_done(&a, 0), desk_job(&c, 0), first, k, vm);
    }
    desk_end(&a);
    desk_end(&b);
    desk_end(&c);
    desk_close(&whole);
    desk_close(&cut);
    desk_close(&changed);
  }
}

static void shipped_strategies_do_not_see_the_future(void **state) {
  (void)state;
  static const char *const names[] = { "bollinger_fade", "donchian_breakout", "momentum", "rsi_reversion", "sma_cross" };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char *text = shipped(names[i]);
    for (uint64_t seed = 1; seed <= 3; seed++) the_future_changes_nothing(text, seed * 77 + i);
    free(text);
  }
}

static void made_up_strategies_do_not_see_the_future(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 25; seed++) {
    char *text = made_up(seed * 1234567);
    the_future_changes_nothing(text, seed);
    free(text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_hook_is_called_once_every_indicator_has_values),
    cmocka_unit_test(from_starts_trading_and_earlier_bars_warm_up),
    cmocka_unit_test(cold_hides_the_bars_before_from),
    cmocka_unit_test(to_hides_later_bars),
    cmocka_unit_test(a_declared_warmup_overrides_the_indicators),
    cmocka_unit_test(fewer_bars_than_the_warmup_leave_the_account_flat),
    cmocka_unit_test(a_start_after_the_end_leaves_the_account_flat),
    cmocka_unit_test(an_end_before_the_data_leaves_the_account_flat),
    cmocka_unit_test(a_start_after_the_end_of_the_window_is_refused),
    cmocka_unit_test(one_bar_is_enough_for_one_call),
    cmocka_unit_test(what_is_open_at_the_end_is_marked_or_closed_as_asked),
    cmocka_unit_test(pairs_with_other_spans_wait_in_cash),
    cmocka_unit_test(shipped_strategies_do_not_see_the_future),
    cmocka_unit_test(made_up_strategies_do_not_see_the_future),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
