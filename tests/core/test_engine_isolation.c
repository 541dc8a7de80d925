/* Runs whose jobs are in processes of their own: the same bytes as in threads. */
#include "engine_desk.h"
#include "scratch.h"

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

static sld_strategy *open_with(desk *d, const char *path, const char *vm, sld_isolation isolation, sld_status want, sld_error *err) {
  sld_strategy_options options = SLD_STRATEGY_OPTIONS_INIT;
  sld_strategy *strategy = NULL;
  options.vm = vm;
  options.isolation = isolation;
  sld_status status = sld_strategy_open_with(&strategy, d->host, path, &options, err);
  if (status != want) print_error("%s: %s\n", path, desk_words(err));
  assert_int_equal(status, want);
  return strategy;
}

static void same_param(const sld_param *a, const sld_param *b) {
  assert_string_equal(a->name, b->name);
  assert_string_equal(a->label, b->label);
  assert_int_equal(a->kind, b->kind);
  const double x[] = { a->initial, a->min, a->max, a->step }, y[] = { b->initial, b->min, b->max, b->step };
  assert_memory_equal(x, y, sizeof x);
  assert_int_equal(a->choice_count, b->choice_count);
  for (size_t i = 0; i < a->choice_count; i++) assert_string_equal(a->choices[i], b->choices[i]);
}

static void same_strategy(const sld_strategy *a, const sld_strategy *b) {
  static const char *const hooks[] = { "init", "bar", "signal", "done", "valid", "allocate" };
  assert_string_equal(sld_strategy_name(a), sld_strategy_name(b));
  assert_string_equal(sld_strategy_about(a), sld_strategy_about(b));
  assert_string_equal(sld_strategy_source(a), sld_strategy_source(b));
  assert_int_equal(sld_strategy_account(a), sld_strategy_account(b));
  for (size_t i = 0; i < 6; i++) assert_int_equal(sld_strategy_has(a, hooks[i]), sld_strategy_has(b, hooks[i]));
  assert_int_equal(sld_strategy_pair_count(a), sld_strategy_pair_count(b));
  for (size_t i = 0; i < sld_strategy_pair_count(a); i++) assert_string_equal(sld_strategy_pair_at(a, i), sld_strategy_pair_at(b, i));
  assert_int_equal(sld_strategy_param_count(a), sld_strategy_param_count(b));
  for (size_t i = 0; i < sld_strategy_param_count(a); i++) same_param(sld_strategy_param_at(a, i), sld_strategy_param_at(b, i));
}

static char *result_of(desk *d, sld_strategy *strategy, sld_isolation isolation) {
  sld_run_options options = usual();
  desk_run r = { strategy, NULL, NULL };
  sld_error err;
  options.isolation = isolation;
  desk_good(sld_run_start(&r.run, d->host, d->market, strategy, &options, &err), &err);
  desk_good(sld_run_wait(r.run, -1, NULL, &err), &err);
  r.result = sld_run_result(r.run);
  char *json = desk_json(&r);
  sld_run_free(r.run);
  return json;
}

/* The shipped strategies, and one with a module and parameters of every kind. */
static void a_strategy_says_the_same_of_itself_in_a_process(void **state) {
  (void)state;
  static const char *const shipped[] = { "sma_cross", "donchian_breakout", "rsi_reversion", "momentum", "bollinger_fade", "finmarketpy_trend", "cross_section", "carry" };
  static const char own[] = DESK_HEAD "local rules = require 'rules' return rules.dress(sliders.strategy { about = 'Of every kind.', pairs = { 'USDJPY', 'EURUSD' }, warmup = 3, "
                            "params = { a = sliders.int(2), b = sliders.number(0.5, 0, 1, { label = 'share', step = 0.1 }), c = sliders.bool(true), d = sliders.choice('up', { 'up', 'down' }) } })";
  static const char rules[] = "local rules = {} function rules.dress(S) function S:bar(broker) broker.EURUSD:target(0.5) end return S end return rules";
  struct scratch scratch;
  char path[DESK_PATH], mine[DESK_PATH];
  sld_error err;
  assert_int_equal(scratch_make(&scratch), 0);
  assert_non_null(scratch_write(&scratch, "rules.lua", rules, sizeof rules - 1));
  snprintf(mine, sizeof mine, "%s", scratch_write(&scratch, "own.lua", own, sizeof own - 1));
  desk d = open_market(2);
  IN_BOTH(vm)
    for (size_t i = 0; i <= sizeof shipped / sizeof *shipped; i++) {
      if (i < sizeof shipped / sizeof *shipped) snprintf(path, sizeof path, "%s/strategies/%s.lua", getenv("SLIDERS_SOURCE_DIR"), shipped[i]);
      else snprintf(path, sizeof path, "%s", mine);
      sld_strategy *here = open_with(&d, path, vm, SLD_ISOLATION_THREAD, SLD_OK, &err), *there = open_with(&d, path, vm, SLD_ISOLATION_PROCESS, SLD_OK, &err);
      same_strategy(here, there);
      if (i == sizeof shipped / sizeof *shipped) {
        char *want = result_of(&d, here, SLD_ISOLATION_THREAD), *got = result_of(&d, there, SLD_ISOLATION_PROCESS);
        desk_same(got, want, "a strategy of two files, in processes and in threads");
        free(want);
        free(got);
      }
      sld_strategy_free(here);
      sld_strategy_free(there);
    }
  desk_close(&d);
  scratch_remove(&scratch);
}

/* Errors of opening have the same words, place and traceback. */
static void what_cannot_be_opened_says_the_same_in_a_process(void **state) {
  (void)state;
  static const char *const texts[] = { "local x = = 1", "error('no') ", "return 7", DESK_HEAD "local S = sliders.strategy { parms = {} } return S", "require 'nowhere'" };
  struct scratch scratch;
  assert_int_equal(scratch_make(&scratch), 0);
  desk d = open_market(1);
  IN_BOTH(vm)
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
      sld_error here, there;
      const char *path = scratch_write(&scratch, "bad.lua", texts[i], strlen(texts[i]));
      sld_strategy_options options = SLD_STRATEGY_OPTIONS_INIT;
      sld_strategy *strategy;
      options.vm = vm;
      sld_status status = sld_strategy_open_with(&strategy, d.host, path, &options, &here);
      assert_int_not_equal(status, SLD_OK);
      options.isolation = SLD_ISOLATION_PROCESS;
      assert_int_equal(sld_strategy_open_with(&strategy, d.host, path, &options, &there), status);
      assert_string_equal(there.message, here.message);
      assert_string_equal(there.file, here.file);
      assert_string_equal(there.detail, here.detail);
      assert_int_equal(there.line, here.line);
    }
  desk_close(&d);
  scratch_remove(&scratch);
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
    cmocka_unit_test(a_strategy_says_the_same_of_itself_in_a_process),
    cmocka_unit_test(what_cannot_be_opened_says_the_same_in_a_process),
    cmocka_unit_test(one_set_is_asked_for_in_a_process_too),
    cmocka_unit_test(what_the_program_brought_along_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
