/* What jobs of a sweep share, columns and Lua states, changes no bit of any of them. */
#include "engine_desk.h"

static const char crossing[] = DESK_HEAD
  "local runs = 0\n"
  "local S = sliders.strategy { params = { fast = sliders.int(5, 2, 50), slow = sliders.int(20, 2, 90), fails = sliders.bool(false) }, valid = function(p) return p.fast < p.slow end }\n"
  "function S:init(bars, p)\n"
  "  runs = runs + 1\n"
  "  self.fast, self.slow = bars.close:sma(p.fast), bars.close:sma(p.fast):ema(p.slow)\n"
  "  self.low, self.middle, self.high = bars.close:bollinger(p.slow, 2)\n"
  "end\n"
  "function S:bar(broker, p)\n"
  "  if p.fails and self.fast[0] > self.middle[0] then error('as asked') end\n"
  "  broker:target((self.fast[0] > self.slow[0] and 1 or -1) * (self.fast[0] > self.middle[0] and 1 or 0.5) * runs)\n"
  "end\n"
  "return S\n";

static const double fasts[] = { 3, 8, 20 }, slows[] = { 10, 15, 30, 60 };
enum { FASTS = 3, SLOWS = 4 };

static sld_run *start(desk *d, const sld_strategy *strategy, const sld_run_options *options) {
  sld_run *run;
  sld_error err;
  desk_good(sld_run_start(&run, d->host, d->market, strategy, options, &err), &err);
  return run;
}

static const sld_result *wait_for(sld_run *run) {
  sld_error err;
  desk_good(sld_run_wait(run, -1, NULL, &err), &err);
  return sld_run_result(run);
}

static desk open_market(int workers) {
  desk d = desk_open(workers);
  desk_add(&d, "EURUSD", 1.1, 3000, 1);
  return d;
}

static void same_job(const sld_job *a, const sld_job *b) {
  assert_int_equal(a->state, b->state);
  assert_int_equal(a->order_count, b->order_count);
  assert_int_equal(a->bar_count, b->bar_count);
  if (a->state != SLD_JOB_DONE) return;
  assert_true(a->order_count > 10);
  assert_memory_equal(a->equity, b->equity, a->bar_count * sizeof(double));
  assert_memory_equal(a->figures, b->figures, sld_figure_count() * sizeof(double));
}

static void a_set_of_a_sweep_gives_what_it_gives_alone(void **state) {
  (void)state;
  const sld_axis axes[2] = { { "fast", fasts, FASTS }, { "slow", slows, SLOWS } };
  sld_run_options grid = SLD_RUN_OPTIONS_INIT;
  grid.axes = axes;
  grid.axis_count = 2;
  desk d = open_market(3);
  IN_BOTH(vm) {
    sld_strategy *strategy = desk_strategy(&d, vm, crossing);
    sld_run *sweep = start(&d, strategy, &grid);
    const sld_result *all = wait_for(sweep);
    for (size_t set = 0; set < FASTS * SLOWS; set++) {
      double fast = fasts[set / SLOWS], slow = slows[set % SLOWS];
      if (fast >= slow) {
        assert_int_equal(sld_result_job_at(all, set)->state, SLD_JOB_SKIPPED);
        continue;
      }
      char texts[2][16];
      snprintf(texts[0], sizeof texts[0], "%g", fast);
      snprintf(texts[1], sizeof texts[1], "%g", slow);
      const sld_setting settings[2] = { { "fast", texts[0] }, { "slow", texts[1] } };
      sld_run_options alone = SLD_RUN_OPTIONS_INIT;
      alone.settings = settings;
      alone.setting_count = 2;
      sld_run *run = start(&d, strategy, &alone);
      same_job(sld_result_job_at(all, set), sld_result_job_at(wait_for(run), 0));
      sld_run_free(run);
    }
    sld_run_free(sweep);
    sld_strategy_free(strategy);
  }
  desk_close(&d);
}

/* States are taken over from the runs before, one of which has failed. */
static void a_strategy_that_runs_again_gives_the_same(void **state) {
  (void)state;
  const sld_setting fails = { "fails", "true" };
  sld_run_options good = SLD_RUN_OPTIONS_INIT, bad = SLD_RUN_OPTIONS_INIT;
  bad.settings = &fails;
  bad.setting_count = 1;
  desk d = open_market(2);
  IN_BOTH(vm) {
    sld_strategy *strategy = desk_strategy(&d, vm, crossing);
    sld_run *first = start(&d, strategy, &good), *again[3];
    wait_for(first);
    sld_run *broken = start(&d, strategy, &bad);
    assert_int_equal(sld_result_job_at(wait_for(broken), 0)->state, SLD_JOB_FAILED);
    for (int i = 0; i < 3; i++) again[i] = start(&d, strategy, &good); /* at once */
    for (int i = 0; i < 3; i++) {
      same_job(sld_result_job_at(wait_for(again[i]), 0), sld_result_job_at(sld_run_result(first), 0));
      sld_run_free(again[i]);
    }
    sld_run_free(broken);
    sld_run_free(first);
    sld_strategy_free(strategy);
  }
  desk_close(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_set_of_a_sweep_gives_what_it_gives_alone),
    cmocka_unit_test(a_strategy_that_runs_again_gives_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
