/* Runs at the same time: in one host, in hosts of several threads, and cancelled from another thread. ThreadSanitizer watches (script/suites). */
#include "engine_desk.h"

#include <pthread.h>

enum { PAIRS = 5, BARS = 300, THREADS = 3 };
static const char *const pairs[PAIRS] = { "AUDUSD", "EURUSD", "GBPUSD", "NZDUSD", "USDJPY" };

/* An indicator of its own for each set of a grid, one shared by all, state in the strategy, and an error in one pair. */
static const char text[] =
  DESK_HEAD "local S = sliders.strategy { params = { n = sliders.int(5, 2, 60) } } "
  "function S:init(bars, p) self.own, self.shared, self.count = sliders.sma(bars.close, p.n), sliders.rsi(bars.close, 14), 0 end "
  "function S:bar(broker) self.count = self.count + 1 "
  "  if self.bars.pair == 'NZDUSD' and self.count == 200 then error('tired') end "
  "  if self.bars.close[0] > self.own[0] and self.shared[0] < 70 then broker:target(1) else broker:target(-0.5 * sliders.random()) end end "
  "return S";

static const double lengths[] = { 3, 5, 8, 13, 21, 34 };
static const sld_axis axis = { "n", lengths, sizeof lengths / sizeof lengths[0] };

static desk open_market(int workers) {
  desk d = desk_open(workers);
  for (size_t i = 0; i < PAIRS; i++) desk_add(&d, pairs[i], 1.1 + (double)i, BARS, i + 1);
  return d;
}

static sld_run_options grid(void) {
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.axes = &axis;
  options.axis_count = 1;
  options.spread_pips = 1.5;
  return options;
}

static char *alone(const char *vm) {
  desk d = open_market(1);
  sld_run_options options = grid();
  char *json = desk_bytes(&d, vm, text, &options);
  desk_close(&d);
  return json;
}

/* Both engines at once on the same workers: jobs of four runs lie in the same deques. */
static void runs_started_together_give_what_each_gives_alone(void **state) {
  (void)state;
  enum { RUNS = 4 };
  char *want = alone("lua54");
  desk d = open_market(4);
  sld_run_options options = grid();
  for (int round = 0; round < 3; round++) {
    desk_run r[RUNS];
    sld_error err;
    for (size_t i = 0; i < RUNS; i++) {
      r[i].strategy = desk_strategy(&d, desk_vms[i % 2], text);
      desk_good(sld_run_start(&r[i].run, d.host, d.market, r[i].strategy, &options, &err), &err);
    }
    for (size_t i = RUNS; i-- > 0;) {
      sld_progress progress;
      desk_good(sld_run_wait(r[i].run, -1, &progress, &err), &err);
      assert_int_equal(progress.failed, axis.count); /* NZDUSD's */
      r[i].result = sld_run_result(r[i].run);
      desk_adds_up(&d, r[i].result, &options);
      char *json = desk_json(&r[i]);
      desk_same(json, want, "a run among others and a run alone");
      free(json);
      desk_end(&r[i]);
    }
  }
  desk_close(&d);
  free(want);
}

typedef struct host_thread {
  pthread_t thread;
  desk d; /* the thread's from its start on */
  const char *vm;
  char *json;
} host_thread;

static void *run_in_own_host(void *ud) {
  host_thread *t = ud;
  desk another = desk_open(1);
  sld_run_options options = grid();
  t->json = desk_bytes(&t->d, t->vm, text, &options);
  desk_close(&t->d);
  desk_close(&another);
  return NULL;
}

static void hosts_of_several_threads_do_not_meet(void **state) {
  (void)state;
  char *want = alone("luajit");
  for (int round = 0; round < 3; round++) {
    host_thread t[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
      t[i].d = open_market(2);
      t[i].vm = desk_vms[i % 2];
      assert_int_equal(pthread_create(&t[i].thread, NULL, run_in_own_host, &t[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
      assert_int_equal(pthread_join(t[i].thread, NULL), 0);
      desk_same(t[i].json, want, "hosts in threads and a host alone");
      free(t[i].json);
    }
  }
  free(want);
}

static void *cancel(void *run) {
  sld_run_cancel(run);
  return NULL;
}

static void another_thread_may_cancel_what_this_one_waits_for(void **state) {
  (void)state;
  desk d = open_market(2);
  sld_run_options options = grid();
  IN_BOTH(vm)
    for (int round = 0; round < 5; round++) {
      sld_strategy *strategy = desk_strategy(&d, vm, text);
      sld_run *run;
      sld_error err;
      sld_progress progress;
      pthread_t thread;
      desk_good(sld_run_start(&run, d.host, d.market, strategy, &options, &err), &err);
      assert_int_equal(pthread_create(&thread, NULL, cancel, run), 0);
      desk_good(sld_run_wait(run, -1, &progress, &err), &err);
      assert_true(progress.finished);
      assert_int_equal(progress.done, PAIRS * axis.count);
      assert_int_equal(pthread_join(thread, NULL), 0);
      desk_adds_up(&d, sld_run_result(run), &options);
      sld_run_free(run);
      sld_strategy_free(strategy);
    }
  desk_close(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(runs_started_together_give_what_each_gives_alone),
    cmocka_unit_test(hosts_of_several_threads_do_not_meet),
    cmocka_unit_test(another_thread_may_cancel_what_this_one_waits_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
