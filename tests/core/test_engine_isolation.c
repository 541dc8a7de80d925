/* Runs whose jobs are in processes of their own: the same bytes as in threads. */
#include "engine_desk.h"

enum { BARS = 400 };

static const int workers[] = { 1, 2, 3, 8 };

/* Currencies of every kind: quoted in the account's, in another that a pair converts, and with a way of two legs. */
static desk open_market(int count) {
  static const struct { const char *pair; double price; } pairs[] = { { "AUDUSD", 0.7 }, { "EURGBP", 0.85 }, { "EURUSD", 1.1 }, { "GBPUSD", 1.3 }, { "USDJPY", 110.0 } };
  desk d = desk_open(count);
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) desk_add(&d, pairs[i].pair, pairs[i].price, BARS, i + 1);
  return d;
}

/* The run's bytes in threads, and in processes of every number of workers. */
static void same_bytes(const char *text, const sld_run_options *given) {
  IN_BOTH(vm) {
    sld_run_options options = *given;
    desk d = open_market(2);
    char *want = desk_bytes(&d, vm, text, &options);
    desk_close(&d);
    options.isolation = SLD_ISOLATION_PROCESS;
    for (size_t i = 0; i < sizeof workers / sizeof *workers; i++) {
      d = open_market(workers[i]);
      char *got = desk_bytes(&d, vm, text, &options);
      desk_same(got, want, "processes and threads");
      desk_close(&d);
      free(got);
    }
    free(want);
  }
}

static sld_run_options usual(void) {
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.spread_pips = 1.2;
  options.slippage_pips = 0.1;
  options.commission_per_lot = 3.0;
  return options;
}

/* Orders of many kinds, words on them, prints, random numbers, and an error in one pair. */
static const char bars_text[] =
  DESK_HEAD "local S = sliders.strategy { params = { n = sliders.int(9, 2, 60) } } "
  "function S:init(bars, p) self.mean, self.rsi, self.count = sliders.sma(bars.close, p.n), sliders.rsi(bars.close, 14), 0 end "
  "function S:bar(broker) self.count = self.count + 1 "
  "  if self.bars.pair == 'GBPUSD' and self.count == 200 then error('tired of ' .. self.bars.pair) end "
  "  if self.count % 50 == 1 then print('at', self.count, sliders.random()) end "
  "  local close = self.bars.close[0] "
  "  if broker.position == 0 and close > self.mean[0] then broker:buy{ units = 1000, id = 'in', tag = 'up', sl = close * 0.98, tp = close * 1.03 } "
  "  elseif broker.position == 0 then broker:sell{ units = 2000, limit = close * 1.005, id = 'fade' } "
  "  elseif self.rsi[0] > 80 then broker:target(0) end end "
  "return S";

static const char signal_text[] =
  DESK_HEAD "local S = sliders.strategy { params = { fast = sliders.int(5, 2, 60), slow = sliders.int(21, 2, 90) }, valid = function(p) return p.fast < p.slow end } "
  "function S:signal(bars, p) return sliders.sign(sliders.sma(bars.close, p.fast) - sliders.sma(bars.close, p.slow)) end "
  "return S";

static void a_split_account_has_the_same_bytes(void **state) {
  (void)state;
  sld_run_options options = usual();
  same_bytes(bars_text, &options);
  same_bytes(signal_text, &options);
}

static const double fasts[] = { 3, 8, 30 }, slows[] = { 5, 13, 21, 34 };
static const sld_axis axes[] = { { "fast", fasts, 3 }, { "slow", slows, 4 } };

static void a_grid_has_the_same_bytes(void **state) {
  (void)state;
  sld_run_options options = usual();
  options.axes = axes;
  options.axis_count = 2;
  same_bytes(signal_text, &options);
  options.keep = 0;
  same_bytes(signal_text, &options);
}

static void a_shared_account_has_the_same_bytes(void **state) {
  (void)state;
  sld_run_options options = usual();
  options.account = SLD_SHARED;
  same_bytes(signal_text, &options);
  options.keep = SLD_KEEP_EQUITY;
  same_bytes(signal_text, &options);
  options.axes = axes;
  options.axis_count = 2;
  same_bytes(signal_text, &options);
}

static void an_allocated_account_has_the_same_bytes(void **state) {
  (void)state;
  sld_run_options options = usual();
  same_bytes(DESK_HEAD "local S = sliders.strategy { rebalance = 'week', window = 20 } "
             "function S:signal(bars) return sliders.sign(sliders.roc(bars.close, 10)) end "
             "function S:allocate(now) local weights = {} "
             "  for i = 1, #now.pairs do local pair = now.pairs[i] weights[pair] = 0.2 * now.signal[pair] / (1 + now.vol[pair]) end return weights end "
             "return S", &options);
}

static void one_instance_of_several_pairs_has_the_same_bytes(void **state) {
  (void)state;
  sld_run_options options = usual();
  same_bytes(DESK_HEAD "local S = sliders.strategy { pairs = { 'EURUSD', 'USDJPY' } } "
             "function S:init(bars) self.mean = sliders.sma(bars.EURUSD.close, 20) end "
             "function S:bar(broker) "
             "  broker.EURUSD:target(self.bars.EURUSD.close[0] > self.mean[0] and 0.5 or -0.5) broker.USDJPY:target(0.25) end "
             "return S", &options);
}

static void bars_made_of_others_and_windows_have_the_same_bytes(void **state) {
  (void)state;
  sld_run_options options = usual();
  options.timeframe = "1w";
  options.from = 60 * DESK_DAY_NS;
  options.to = 300 * DESK_DAY_NS;
  options.keep = SLD_KEEP_LEDGER;
  same_bytes(bars_text, &options);
  options.cold = true;
  options.weights = SLD_INVERSE_VOL;
  options.timeframe = NULL;
  options.keep = SLD_KEEP_ALL;
  same_bytes(bars_text, &options);
}

/* The words of a set that is refused, and of a `valid` that fails, are those of threads. */
static void one_set_is_asked_for_in_a_process_too(void **state) {
  (void)state;
  static const char fails[] = DESK_HEAD "local S = sliders.strategy { valid = function() error('no idea') end } function S:bar() end return S";
  static const sld_setting slow[] = { { "fast", "50" } };
  IN_BOTH(vm)
    for (int failing = 0; failing < 2; failing++) {
      desk d = open_market(1);
      sld_strategy *strategy = desk_strategy(&d, vm, failing ? fails : signal_text);
      sld_error err[2];
      for (int i = 0; i < 2; i++) {
        sld_run_options options = usual();
        sld_run *run;
        options.isolation = i ? SLD_ISOLATION_PROCESS : SLD_ISOLATION_THREAD;
        options.settings = failing ? NULL : slow;
        options.setting_count = failing ? 0 : 1;
        assert_int_equal(sld_run_start(&run, d.host, d.market, strategy, &options, &err[i]), failing ? SLD_ESCRIPT : SLD_EINVAL);
      }
      assert_string_equal(err[1].message, err[0].message);
      assert_string_equal(err[1].file, err[0].file);
      assert_string_equal(err[1].detail, err[0].detail);
      assert_int_equal(err[1].line, err[0].line);
      sld_strategy_free(strategy);
      desk_close(&d);
    }
}

static double half(void *ud, const double *x) {
  (void)ud;
  return *x / 2;
}

static void what_the_program_brought_along_is_refused(void **state) {
  (void)state;
  desk d = { NULL, NULL };
  sld_error err;
  sld_run *run;
  sld_function function = SLD_FUNCTION_INIT;
  function.name = "half";
  function.args = 1;
  function.call = half;
  desk_good(sld_host_open(&d.host, NULL, &err), &err);
  desk_good(sld_host_add_function(d.host, &function, &err), &err);
  desk_good(sld_market_new(&d.market, d.host, &err), &err);
  desk_add(&d, "EURUSD", 1.1, BARS, 1);
  sld_strategy *strategy = desk_strategy(&d, "lua54", signal_text);
  sld_run_options options = usual();
  options.isolation = SLD_ISOLATION_PROCESS;
  assert_int_equal(sld_run_start(&run, d.host, d.market, strategy, &options, &err), SLD_EINVAL);
  assert_string_equal(err.file, "options.isolation");
  assert_string_equal(err.message, "the program's own function sliders.host.half is in this process: jobs in others cannot call it");
  sld_strategy_free(strategy);
  desk_close(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_split_account_has_the_same_bytes),
    cmocka_unit_test(a_grid_has_the_same_bytes),
    cmocka_unit_test(a_shared_account_has_the_same_bytes),
    cmocka_unit_test(an_allocated_account_has_the_same_bytes),
    cmocka_unit_test(one_instance_of_several_pairs_has_the_same_bytes),
    cmocka_unit_test(bars_made_of_others_and_windows_have_the_same_bytes),
    cmocka_unit_test(one_set_is_asked_for_in_a_process_too),
    cmocka_unit_test(what_the_program_brought_along_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
