/* Reports of jobs that ended: a host's thread takes them, woken by a descriptor. */
#include "engine_desk.h"

#include <poll.h>
#include <pthread.h>

#include "engine/watch.h"

static bool readable(int descriptor, int timeout_ms) {
  struct pollfd ask = { .fd = descriptor, .events = POLLIN };
  return poll(&ask, 1, timeout_ms) == 1;
}

/* ---- The watch alone ---- */

enum { REPORTERS = 3, REPORTS = 20000 };

typedef struct reporter {
  sld__watch *watch;
  size_t first;
} reporter;

static void *report_all(void *ud) {
  reporter *r = ud;
  for (size_t i = 0; i < REPORTS; i++) sld__watch_report(r->watch, r->first + i);
  return NULL;
}

/* The taker sleeps whenever there is nothing: a lost signal would leave it asleep. `every`: takes all that there is, or one for each wake. */
static void take_all(bool every) {
  sld_allocator alloc = sld__alloc_default();
  sld__watch *watch;
  assert_int_equal(sld__watch_new(&watch, &alloc, REPORTERS * REPORTS, NULL), SLD_OK);
  assert_false(readable(sld__watch_descriptor(watch), 0));
  pthread_t threads[REPORTERS];
  reporter reporters[REPORTERS];
  for (size_t i = 0; i < REPORTERS; i++) {
    reporters[i] = (reporter){ watch, i * REPORTS };
    assert_int_equal(pthread_create(&threads[i], NULL, report_all, &reporters[i]), 0);
  }
  static unsigned char seen[REPORTERS * REPORTS];
  memset(seen, 0, sizeof seen);
  size_t taken = 0, job;
  while (taken < REPORTERS * REPORTS) {
    assert_true(readable(sld__watch_descriptor(watch), 60000));
    while (sld__watch_take(watch, &job)) {
      assert_true(job < REPORTERS * REPORTS);
      seen[job]++;
      taken++;
      if (!every) break;
    }
  }
  assert_false(sld__watch_take(watch, &job));
  assert_false(readable(sld__watch_descriptor(watch), 0));
  for (size_t i = 0; i < REPORTERS; i++) pthread_join(threads[i], NULL);
  for (size_t i = 0; i < REPORTERS * REPORTS; i++) assert_int_equal(seen[i], 1);
  sld__watch_free(watch);
}

static void no_report_is_lost_where_all_are_taken_at_each_wake(void **state) {
  (void)state;
  take_all(true);
}

static void no_report_is_lost_where_one_is_taken_at_each_wake(void **state) {
  (void)state;
  take_all(false);
}

/* ---- A run ---- */

enum { PAIRS = 5, SETS = 40 };
static const char *const pairs[PAIRS] = { "AUDUSD", "EURUSD", "GBPUSD", "NZDUSD", "USDCAD" };

static void every_job_of_a_run_is_reported_once_and_then_it_has_finished(void **state) {
  (void)state;
  desk d = desk_open(3);
  for (size_t i = 0; i < PAIRS; i++) desk_add(&d, pairs[i], 1.1, 200, i + 1);
  static double values[SETS];
  for (size_t i = 0; i < SETS; i++) values[i] = 1 + (double)i;
  const sld_axis axis = { "n", values, SETS };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.axes = &axis;
  options.axis_count = 1;
  options.keep = 0;
  IN_BOTH(vm) {
    sld_strategy *strategy = desk_strategy(&d, vm, DESK_HEAD
      "local S = sliders.strategy { params = { n = sliders.int(1) } } "
      "function S:bar(broker, p) if p.n == 7 and self.bars.pair == 'GBPUSD' then error 'seven' end broker:target(1) end return S");
    sld_run *run;
    sld_error err;
    desk_good(sld_run_start(&run, d.host, d.market, strategy, &options, &err), &err);
    int descriptor = sld_run_descriptor(run);
    assert_true(descriptor >= 0);
    unsigned char seen[PAIRS * SETS] = { 0 };
    size_t taken = 0;
    while (taken < PAIRS * SETS) {
      assert_true(readable(descriptor, 60000));
      sld_event event;
      while (sld_run_event(run, &event)) {
        assert_true(event.job < PAIRS * SETS);
        seen[event.job]++;
        taken++;
        assert_string_equal(event.pair, pairs[event.job / SETS]);
        assert_int_equal(event.ordinal, event.job % SETS);
        assert_int_equal(event.state, event.job == 2 * SETS + 6 ? SLD_JOB_FAILED : SLD_JOB_DONE);
      }
    }
    for (size_t i = 0; i < PAIRS * SETS; i++) assert_int_equal(seen[i], 1);
    sld_progress progress;
    desk_good(sld_run_wait(run, 0, &progress, &err), &err);
    assert_true(progress.finished);
    assert_non_null(sld_run_result(run));
    desk_adds_up(&d, sld_run_result(run), &options);
    sld_run_free(run);
    sld_strategy_free(strategy);
  }
  desk_close(&d);
}

/* The descriptor is made when it is asked for: reports of before must not be lost. */
static void a_descriptor_asked_for_late_is_readable_at_once(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 100, 1);
  sld_strategy *strategy = desk_strategy(&d, "lua54", DESK_HEAD "local S = sliders.strategy {} function S:bar() end return S");
  sld_run *run;
  sld_error err;
  sld_event event;
  desk_good(sld_run_start(&run, d.host, d.market, strategy, NULL, &err), &err);
  desk_good(sld_run_wait(run, -1, NULL, &err), &err);
  assert_true(readable(sld_run_descriptor(run), 0));
  assert_true(sld_run_event(run, &event));
  assert_false(sld_run_event(run, &event));
  assert_false(readable(sld_run_descriptor(run), 0));
  sld_run_free(run);
  sld_strategy_free(strategy);
  desk_close(&d);
}

/* ---- Options of older programs ---- */

static void options_of_an_older_program_keep_the_defaults_of_fields_that_it_does_not_know(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 100, 1);
  sld_strategy *strategy = desk_strategy(&d, "lua54", DESK_HEAD "local S = sliders.strategy {} function S:bar() end return S");
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.capital = 5000;
  options.size = offsetof(sld_run_options, currency); /* what follows is not the program's */
  options.leverage = -1;
  options.currency = NULL;
  sld_run *run;
  sld_error err;
  desk_good(sld_run_start(&run, d.host, d.market, strategy, &options, &err), &err);
  desk_good(sld_run_wait(run, -1, NULL, &err), &err);
  assert_true(sld_result_job_at(sld_run_result(run), 0)->capital == 5000);
  sld_run_free(run);
  options.size = sizeof options + 8;
  assert_int_equal(sld_run_start(&run, d.host, d.market, strategy, &options, &err), SLD_EINVAL);
  assert_string_equal(err.file, "options.size");
  options.size = 0;
  assert_int_equal(sld_run_start(&run, d.host, d.market, strategy, &options, &err), SLD_EINVAL);
  sld_strategy_free(strategy);
  desk_close(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(no_report_is_lost_where_all_are_taken_at_each_wake),
    cmocka_unit_test(no_report_is_lost_where_one_is_taken_at_each_wake),
    cmocka_unit_test(every_job_of_a_run_is_reported_once_and_then_it_has_finished),
    cmocka_unit_test(a_descriptor_asked_for_late_is_readable_at_once),
    cmocka_unit_test(options_of_an_older_program_keep_the_defaults_of_fields_that_it_does_not_know),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
