/* What one job may use: beyond it the job ends with a reason, and its worker goes on. */
#include "engine_desk.h"

static const char *const three[] = { "AUDUSD", "EURUSD", "GBPUSD" };

static desk open_three(int workers) {
  desk d = desk_open(workers);
  for (size_t i = 0; i < 3; i++) desk_add(&d, three[i], 1.1, 400, i + 1);
  return d;
}

/* The error of a job that must have ended at a limit. */
static const sld_error *limited(const desk_run *r, size_t i) {
  const sld_job *job = desk_job(r, i);
  if (job->error && job->error->status != SLD_ELIMIT) print_error("%s\n", desk_words(job->error));
  assert_int_equal(job->state, SLD_JOB_FAILED);
  assert_int_equal(job->error->status, SLD_ELIMIT);
  return job->error;
}

/* A bar of EURUSD's asks for too much; the other pairs' jobs, in the same state, do not notice. */
static void memory_ends_the_job_that_asks_for_it(void **state) {
  (void)state;
  desk d = open_three(1);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.limit_memory = 16 << 20;
  char *greedy = desk_text("", "print(bars.pair) self.kept = {} self.pair = bars.pair self.close = bars.close",
    "broker:target(self.close[0] > 1.1 and 1 or 0)\n"
    "if self.pair == 'EURUSD' and #self.kept == 0 then for i = 1, 1e7 do self.kept[i] = 'a longer text ' .. i end end", NULL);
  char *modest = desk_text("", "print(bars.pair) self.kept = {} self.pair = bars.pair self.close = bars.close", "broker:target(self.close[0] > 1.1 and 1 or 0)", NULL);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, greedy, &options), same = desk_start(&d, vm, modest, &options);
    assert_string_equal(limited(&r, 1)->message, "the script needs more than 16777216 bytes of memory (limits.memory), at the bar of 1970-01-01");
    assert_string_equal(desk_job(&r, 1)->log, "EURUSD\n");
    for (size_t i = 0; i < 3; i += 2) assert_float_equal(desk_done(&r, i)->final_equity, desk_done(&same, i)->final_equity, 0.0);
    desk_end(&r);
    desk_end(&same);
  }
  free(greedy);
  free(modest);
  desk_close(&d);
}

static void memory_counts_in_every_hook(void **state) {
  (void)state;
  static const char bomb[] = "local t = {} for i = 1, 1e7 do t[i] = 'a longer text ' .. i end";
  desk d = open_three(1);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.limit_memory = 16 << 20;
  char *init = desk_text("", bomb, "", NULL), *signal = desk_text("", NULL, NULL, bomb);
  const char *texts[] = { init, signal };
  IN_BOTH(vm)
    for (size_t i = 0; i < 2; i++) {
      desk_run r = desk_start(&d, vm, texts[i], &options);
      assert_string_equal(limited(&r, 0)->message, "the script needs more than 16777216 bytes of memory (limits.memory)");
      desk_end(&r);
    }
  free(init);
  free(signal);
  desk_close(&d);
}

/* No run has set a limit when a strategy is opened: the usual one holds. */
static void memory_is_limited_while_a_strategy_is_opened(void **state) {
  (void)state;
  desk d = desk_open(1);
  IN_BOTH(vm) {
    sld_strategy *strategy;
    sld_error err;
    static const char text[] = "local t = {} for i = 1, 1e7 do t[i] = ('x'):rep(2 ^ 20) .. i end";
    assert_int_equal(desk_try_strategy(&strategy, &d, vm, text, &err), SLD_ELIMIT);
    assert_string_equal(err.message, "the script needs more than 1073741824 bytes of memory (limits.memory)");
  }
  desk_close(&d);
}

/* Jobs whose needs grow with their parameter: which of them end at the limit depends on them alone, however the workers share them. */
static void memory_is_counted_alike_on_any_number_of_workers(void **state) {
  (void)state;
  static const double sizes[] = { 1, 700, 2, 900, 3, 50, 800, 100, 4 };
  const sld_axis axis = { "kib", sizes, 9 };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.axes = &axis;
  options.axis_count = 1;
  options.limit_memory = 8 << 20;
  char *text = desk_text("params = { kib = sliders.int(1) }", "self.kept = {} for i = 1, 20 do self.kept[i] = ('x'):rep(p.kib * 1024) .. i end", "broker:target(1)", NULL);
  IN_BOTH(vm) {
    char *first = NULL;
    for (int workers = 1; workers <= 4; workers++) {
      desk d = open_three(workers);
      char *bytes = desk_bytes(&d, vm, text, &options);
      if (first) desk_same(bytes, first, "results");
      else assert_non_null(strstr(bytes, "limits.memory"));
      free(first);
      first = bytes;
      desk_close(&d);
    }
    free(first);
  }
  free(text);
}

static void records_end_the_job(void **state) {
  (void)state;
  desk d = open_three(1);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.limit_records = 100;
  char *orders = desk_text("", "self.pair = bars.pair", "if self.pair == 'EURUSD' then broker:buy { units = 1000 } end", NULL);
  char *signal = desk_text("", NULL, NULL, "return sliders.where(bars.close:gt(sliders.sma(bars.close, 2)), 1, -1)");
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, orders, &options);
    desk_done(&r, 0);
    assert_non_null(strstr(limited(&r, 1)->message, "more than 100 orders, trades and rollovers (limits.records), at the bar of 1970-04-1"));
    desk_done(&r, 2);
    desk_end(&r);
    r = desk_start(&d, vm, signal, &options);
    assert_non_null(strstr(limited(&r, 0)->message, "limits.records), at the bar of 1970-"));
    desk_end(&r);
    options.limit_records = 0;
    r = desk_start(&d, vm, signal, &options);
    assert_true(desk_done(&r, 0)->order_count > 100);
    desk_end(&r);
    options.limit_records = 100;
  }
  free(orders);
  free(signal);
  desk_close(&d);
}

/* The records of all pairs of an account count together. */
static void records_of_a_shared_account_are_one_jobs(void **state) {
  (void)state;
  desk d = open_three(1);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.account = SLD_SHARED;
  options.limit_records = 399;
  char *text = desk_text("", NULL, "broker:buy { units = 1000, limit = 0.001 }", NULL);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, &options);
    assert_string_equal(limited(&r, 0)->message, "more than 399 orders, trades and rollovers (limits.records), at 1970-05-15");
    desk_end(&r);
  }
  free(text);
  desk_close(&d);
}

static void the_log_is_cut_and_the_job_goes_on(void **state) {
  (void)state;
  desk d = open_three(1);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.limit_log = 20;
  char *text = desk_text("", "print('0123456789')", "print('9876543210')", NULL);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, &options);
    assert_string_equal(desk_done(&r, 0)->log, "0123456789\n(the log is full)\n");
    desk_end(&r);
  }
  free(text);
  desk_close(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(memory_ends_the_job_that_asks_for_it),
    cmocka_unit_test(memory_counts_in_every_hook),
    cmocka_unit_test(memory_is_limited_while_a_strategy_is_opened),
    cmocka_unit_test(memory_is_counted_alike_on_any_number_of_workers),
    cmocka_unit_test(records_end_the_job),
    cmocka_unit_test(records_of_a_shared_account_are_one_jobs),
    cmocka_unit_test(the_log_is_cut_and_the_job_goes_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
