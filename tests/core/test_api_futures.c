/* Calls, runs and hosts under way in several threads at once: waited for, cancelled and freed at any moment, each ends once and says how. The
 * moments differ from run to run, and no outcome may depend on them but DONE or CANCELLED: script/stress repeats this under ThreadSanitizer. */
#include <poll.h>
#include <pthread.h>
#include <sched.h>

#include "engine_desk.h"

/* Packets by hand, in the form of core/vm/lua/packet_inside.h: lists of values. Arguments have a byte before: the function gets all of them. */
#define ALL "\0"
#define STRING(text) "\5" text
#define POOL "\17"

/* The packet of a function's source, to buf[256]; its length is the byte behind the tag. */
static sld_bytes source(char *buf, const char *text) {
  size_t size = strlen(text);
  assert_in_range(size, 1, 127);
  memcpy(buf, "\1\6", 2);
  buf[2] = (char)size;
  memcpy(buf + 3, text, size);
  return (sld_bytes){ buf, size + 3 };
}

static sld_work *work_open(sld_host *host, const char *vm) {
  sld_work *work;
  sld_error err;
  sld_work_options options = SLD_WORK_OPTIONS_INIT;
  options.vm = vm;
  desk_good(sld_work_open(&work, host, &options, &err), &err);
  return work;
}

static sld_tasks *start(sld_work *work, const char *text, sld_bytes args) {
  char buf[256];
  sld_tasks *tasks;
  sld_error err;
  const sld_calls calls = { source(buf, text), &args, 1 };
  desk_good(sld_tasks_start(&tasks, work, &calls, &err), &err);
  return tasks;
}

static const char one_arg[] = ALL "\1" STRING("\3" "one");
static const sld_bytes one = { one_arg, sizeof one_arg - 1 };

/* Whether it is done, with `want` as its answer; else it was cancelled. */
static bool is_done(const sld_tasks *tasks, const char *want) {
  const sld_answer *answer = sld_tasks_answer(tasks, 0);
  assert_non_null(answer);
  if (answer->state == SLD_CALL_CANCELLED) {
    assert_int_equal(answer->error->status, SLD_ECANCELED);
    return false;
  }
  if (answer->state == SLD_CALL_FAILED) print_error("%s\n", desk_words(answer->error));
  assert_int_equal(answer->state, SLD_CALL_DONE);
  assert_int_equal(answer->bytes.size, strlen(want));
  assert_memory_equal(answer->bytes.data, want, answer->bytes.size);
  return true;
}

/* ---- Futures ---- */

enum { FUTURES = 24, ROUNDS = 20 };

typedef struct canceller {
  sld_tasks *const *tasks; /* [FUTURES] */
  size_t first, step;
} canceller;

static void *cancel_some(void *ud) {
  const canceller *c = ud;
  for (size_t i = c->first; i < FUTURES; i += c->step) sld_tasks_cancel(c->tasks[i]);
  return NULL;
}

/* Until the call has ended: by its descriptor, by looking, or by waiting with and without a limit. */
static void await(sld_tasks *tasks, size_t how) {
  size_t call;
  struct pollfd ask = { .fd = how == 0 ? sld_tasks_descriptor(tasks) : -1, .events = POLLIN };
  if (how == 0) assert_true(poll(&ask, 1, -1) == 1 && sld_tasks_event(tasks, &call) && call == 0);
  else if (how == 1) while (!sld_tasks_answer(tasks, 0)) sched_yield();
  else if (how == 2) while (!sld_tasks_wait(tasks, 1)) {}
  else assert_true(sld_tasks_wait(tasks, -1));
}

/* Every third future is cancelled by another thread while this one waits, polls or frees. */
static void race_cancels(sld_work *work, size_t round) {
  sld_tasks *tasks[FUTURES];
  for (size_t i = 0; i < FUTURES; i++) tasks[i] = start(work, "local x = ... for i = 1, 300 do x = x:reverse() end return x .. x", one);
  pthread_t thread;
  canceller c = { tasks, round % 3, 3 };
  assert_int_equal(pthread_create(&thread, NULL, cancel_some, &c), 0);
  for (size_t i = 0; i < FUTURES; i++) {
    await(tasks[i], i % 4);
    if (!is_done(tasks[i], "\1" STRING("\6" "oneone"))) assert_int_equal(i % 3, c.first);
  }
  pthread_join(thread, NULL);
  for (size_t i = 0; i < FUTURES; i++) sld_tasks_free(tasks[(i * 7 + round) % FUTURES]);
}

/* Plays every round in work of either engine that is opened once. */
static void in_rounds(int workers, void (*play)(sld_work *work, size_t round)) {
  IN_BOTH(vm) {
    desk d = desk_open(workers);
    sld_work *work = work_open(d.host, vm);
    for (size_t round = 0; round < ROUNDS; round++) play(work, round);
    assert_int_equal(sld_work_close(work, NULL), SLD_OK);
    desk_close(&d);
  }
}

static void futures_cancelled_by_another_thread_are_done_or_cancelled(void **state) {
  (void)state;
  in_rounds(3, race_cancels);
}

static void free_at_once(sld_work *work, size_t round) {
  (void)round;
  sld_tasks *tasks[FUTURES];
  for (size_t i = 0; i < FUTURES; i++) tasks[i] = start(work, "local x = ... for i = 1, 300 do x = x:reverse() end return x", one);
  for (size_t i = 0; i < FUTURES; i++) sld_tasks_free(tasks[FUTURES - 1 - i]);
}

static void futures_freed_before_they_have_ended_are_waited_for(void **state) {
  (void)state;
  in_rounds(2, free_at_once);
}

/* Has another thread cancel every step-th of FUTURES calls from `first` on, and waits for all. What is not cancelled answers `want`; the others may.
 * Frees them. */
static void cancel_and_wait(sld_tasks *const *tasks, size_t first, size_t step, const char *want) {
  pthread_t thread;
  canceller c = { tasks, first, step };
  assert_int_equal(pthread_create(&thread, NULL, cancel_some, &c), 0);
  for (size_t i = 0; i < FUTURES; i++) {
    assert_true(sld_tasks_wait(tasks[i], -1));
    if (!is_done(tasks[i], want)) assert_int_equal(i % step, first);
  }
  pthread_join(thread, NULL);
  for (size_t i = 0; i < FUTURES; i++) sld_tasks_free(tasks[i]);
}

static void ask_until_cancelled(sld_work *work, size_t round) {
  (void)round;
  sld_tasks *tasks[FUTURES];
  for (size_t i = 0; i < FUTURES; i++) tasks[i] = start(work, "local s = require 'sliders' while not s.cancelled() do end return 'asked'", one);
  cancel_and_wait(tasks, 0, 1, "\1" STRING("\5" "asked"));
}

/* More calls than workers go on until they are told to end. */
static void calls_that_ask_whether_they_are_cancelled_end(void **state) {
  (void)state;
  in_rounds(2, ask_until_cancelled);
}

static void call_inside_calls(sld_work *work, size_t round) {
  (void)round;
  static const char args[] = ALL "\2" STRING("\1" "3") POOL;
  sld_tasks *tasks[FUTURES];
  for (size_t i = 0; i < FUTURES; i++)
    tasks[i] = start(work, "local n, p = ... local f = p:submit('return 1') f:cancel() return table.concat(p:map('return ... .. \"x\"', { n, n }))",
      (sld_bytes){ args, sizeof args - 1 });
  cancel_and_wait(tasks, 1, 4, "\1" STRING("\4" "3x3x"));
}

/* Calls map and submit through the pool that they run in, and cancel what they submitted. */
static void calls_inside_calls_end_whatever_is_cancelled(void **state) {
  (void)state;
  in_rounds(3, call_inside_calls);
}

/* ---- Runs and hosts ---- */

enum { SETS = 60, PAIRS = 2, HOSTS = 3 };

/* Cancels when at least `after` jobs have been reported; the reports are this thread's alone. */
typedef struct watcher {
  sld_run *run;
  size_t after;
} watcher;

static void *cancel_run(void *ud) {
  const watcher *w = ud;
  struct pollfd ask = { .fd = sld_run_descriptor(w->run), .events = POLLIN };
  sld_event event;
  for (size_t seen = 0; seen < w->after;) {
    assert_int_equal(poll(&ask, 1, -1), 1);
    while (sld_run_event(w->run, &event)) seen++;
  }
  sld_run_cancel(w->run);
  return NULL;
}

static void run_and_cancel(desk *d, const sld_strategy *strategy, size_t after) {
  static double values[SETS];
  const sld_axis axis = { "n", values, SETS };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.axes = &axis, options.axis_count = 1, options.keep = 0;
  sld_run *run;
  sld_error err;
  sld_progress progress = { 0 };
  desk_good(sld_run_start(&run, d->host, d->market, strategy, &options, &err), &err);
  watcher w = { run, after };
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, cancel_run, &w), 0);
  while (!progress.finished) desk_good(sld_run_wait(run, 50, &progress, &err), &err);
  pthread_join(thread, NULL);
  size_t done = 0;
  for (size_t i = 0; i < PAIRS * SETS; i++) {
    sld_job_state state = sld_result_job_at(sld_run_result(run), i)->state;
    assert_true(state == SLD_JOB_DONE || state == SLD_JOB_CANCELLED);
    done += state == SLD_JOB_DONE;
  }
  assert_true(done >= after || after == 0);
  sld_run_free(run);
}

static void add_closes(desk *d, const char *pair, const double *close) {
  static const int64_t time[] = { 0, DESK_DAY_NS, 2 * DESK_DAY_NS, 3 * DESK_DAY_NS, 4 * DESK_DAY_NS };
  const sld_bars bars = { .pair = pair, .count = 5, .time = time, .close = close, .period_ns = DESK_DAY_NS, .side = SLD_MID };
  sld_error err;
  desk_good(sld_market_add(d->market, &bars, &err), &err);
}

/* A host of its own in every thread: runs, futures, cancels, from open to close. */
static void *one_host(void *ud) {
  size_t seed = *(const size_t *)ud;
  const char *vm = desk_vms[seed % 2];
  desk d = desk_open(1 + (int)(seed % 3));
  add_closes(&d, "EURUSD", (const double[]){ 1.1, 1.2, 1.1, 1.3, 1.2 });
  add_closes(&d, "GBPUSD", (const double[]){ 1.5, 1.4, 1.5, 1.6, 1.4 });
  sld_strategy *strategy = desk_strategy(&d, vm, DESK_HEAD "local S = sliders.strategy { params = { n = sliders.int(1, 0, 99) } } "
                                                            "function S:bar(broker) broker:target(self.bars.close[0] > 1.15 and 1 or -1) end return S");
  sld_work *work = work_open(d.host, vm);
  for (size_t after = 0; after <= 4; after += 2) {
    run_and_cancel(&d, strategy, after);
    race_cancels(work, after + seed);
  }
  assert_int_equal(sld_work_close(work, NULL), SLD_OK);
  sld_strategy_free(strategy);
  desk_close(&d);
  return NULL;
}

static void hosts_in_threads_of_their_own_do_not_meet(void **state) {
  (void)state;
  pthread_t threads[HOSTS];
  size_t seeds[HOSTS];
  for (size_t round = 0; round < 4; round++) {
    for (size_t i = 0; i < HOSTS; i++) {
      seeds[i] = i + round;
      assert_int_equal(pthread_create(&threads[i], NULL, one_host, &seeds[i]), 0);
    }
    for (size_t i = 0; i < HOSTS; i++) pthread_join(threads[i], NULL);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(futures_cancelled_by_another_thread_are_done_or_cancelled),
    cmocka_unit_test(futures_freed_before_they_have_ended_are_waited_for),
    cmocka_unit_test(calls_that_ask_whether_they_are_cancelled_end),
    cmocka_unit_test(calls_inside_calls_end_whatever_is_cancelled),
    cmocka_unit_test(hosts_in_threads_of_their_own_do_not_meet),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
