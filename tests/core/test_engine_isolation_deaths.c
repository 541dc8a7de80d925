/* Processes that die, hang or lie cost the job that runs in them, and nothing else. */
#include "engine_desk.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "children.h"

enum { BARS = 60 };
static const char *const pairs[] = { "AUDUSD", "EURUSD", "GBPUSD", "USDJPY" };
enum { PAIRS = sizeof pairs / sizeof *pairs };

/* With an `engines` folder of the test's own, in which sliders-worker is another. */
static desk open_market(int workers, const char *engines) {
  desk d;
  sld_error err;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.workers = workers;
  options.engine_dir = engines;
  desk_good(sld_host_open(&d.host, &options, &err), &err);
  desk_good(sld_market_new(&d.market, d.host, &err), &err);
  for (size_t i = 0; i < PAIRS; i++) desk_add(&d, pairs[i], 1.1, BARS, i + 1);
  return d;
}

static sld_run_options isolated(void) {
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.isolation = SLD_ISOLATION_PROCESS;
  return options;
}

/* EURUSD has failed with these words, and the other pairs with those. */
static void expect(const desk_run *r, sld_status status, const char *words, const char *others) {
  for (size_t i = 0; i < PAIRS; i++) {
    const sld_job *job = desk_job(r, i);
    if (strcmp(job->pair, "EURUSD") != 0) {
      assert_string_equal(job->error->message, others);
      continue;
    }
    assert_int_equal(job->state, SLD_JOB_FAILED);
    assert_string_equal(job->error->message, words);
    assert_int_equal(job->error->status, status);
  }
}

/* ---- A worker that is another ------------------------------------------------------------------------------------- */

static void fake_with(const char *word, const sld_run_options *options, sld_status status, const char *words, const char *others) {
  const char *engines = getenv("SLIDERS_FAKE_ENGINES");
  char text[256];
  assert_non_null(engines);
  snprintf(text, sizeof text, "-- fake:%s \n" DESK_HEAD "local S = sliders.strategy {} function S:bar() end return S", word);
  for (int workers = 1; workers <= 3; workers += 2) {
    size_t before = count_descriptors();
    desk d = open_market(workers, engines);
    desk_run r = desk_start(&d, "lua54", text, options);
    expect(&r, status, words, others);
    desk_end(&r);
    desk_close(&d);
    assert_int_equal(count_descriptors(), before);
    assert_int_equal(any_child(), 0);
  }
}

static void fake(const char *word, const char *words) {
  sld_run_options options = isolated();
  fake_with(word, &options, SLD_ECRASH, words, "fine");
}

static void a_death_costs_the_running_job_alone(void **state) {
  (void)state;
  fake("segfault", "its process was ended by SIGSEGV");
  fake("abort", "its process was ended by SIGABRT");
  fake("killed", "its process was ended by SIGKILL: from outside, or by the system for want of memory");
  fake("exit", "its process exited with status 3");
}

#define LIE(what) "its process said what it cannot: " what "; it was ended"

static void a_lie_costs_the_running_job_alone(void **state) {
  (void)state;
  fake("magic", LIE("no frame"));
  fake("unknown", LIE("an unknown frame"));
  fake("huge", LIE("more bytes than an outcome has"));
  fake("truncated", "its process exited with status 0");
  fake("close", LIE("it closed its socket"));
  fake("zeros", LIE("its figures are missing"));
  fake("empty", LIE("it ends too early"));
  fake("twice", LIE("it is over twice"));
  fake("noreason", LIE("it is over for no reason"));
}

/* Every job starts a process, and all of them fail: none is tried for ever. */
static void a_process_that_never_begins_costs_every_job(void **state) {
  (void)state;
  sld_run_options options = isolated();
  fake_with("mute", &options, SLD_ECRASH, "its process exited with status 7", "its process exited with status 7");
  fake_with("garbage", &options, SLD_ECRASH, LIE("no frame"), LIE("no frame"));
  fake_with("early", &options, SLD_ECRASH, LIE("it does not begin"), LIE("it does not begin"));
  fake_with("wrongkey", &options, SLD_ECRASH, LIE("the key of another plan"), LIE("the key of another plan"));
}

static void the_words_of_a_process_are_cut_and_shown_plainly(void **state) {
  (void)state;
  desk d = open_market(1, getenv("SLIDERS_FAKE_ENGINES"));
  sld_run_options options = isolated();
  desk_run r = desk_start(&d, "lua54", "-- fake:fault \n" DESK_HEAD "local S = sliders.strategy {} function S:bar() end return S", &options);
  const sld_error *error = desk_job(&r, 0)->error;
  assert_int_equal(error->status, SLD_EVM);
  assert_string_equal(error->message + strlen(error->message) - 3, "xxx");
  assert_null(strchr(error->message, '\033'));
  desk_end(&r);
  desk_close(&d);
}

static void who_does_not_heed_a_limit_of_time_is_ended(void **state) {
  (void)state;
  sld_run_options options = isolated();
  options.limit_bar_s = 0.01;
  fake_with("stuck", &options, SLD_ELIMIT, "a call of the script took more than 0.01 s (limits.bar) and did not heed it: its process was ended", "fine");
  options.limit_bar_s = 0.0;
  options.limit_job_s = 0.01;
  fake_with("silent", &options, SLD_ELIMIT, "the job took more than 0.01 s (limits.job) and did not heed it: its process was ended", "fine");
}

/* ---- The worker itself --------------------------------------------------------------------------------------------- */

static const char endless[] = DESK_HEAD "local S = sliders.strategy {} function S:bar() if self.bars.pair == 'EURUSD' then while true do end end end return S";

static void a_loop_without_an_end_is_ended(void **state) {
  (void)state;
  IN_BOTH(vm) {
    static const char *const one[] = { "EURUSD" };
    static const char words[] = "a call of the script took more than 0.05 s (limits.bar)";
    desk d = open_market(2, NULL);
    sld_run_options options = isolated();
    options.pairs = one;
    options.pair_count = 1;
    options.limit_bar_s = 0.05;
    desk_run r = desk_start(&d, vm, endless, &options);
    const sld_error *error = desk_job(&r, 0)->error;
    assert_int_equal(error->status, SLD_ELIMIT);
    assert_memory_equal(error->message, words, sizeof words - 1);
    desk_end(&r);
    desk_close(&d);
  }
  assert_int_equal(any_child(), 0);
}

/* Starts EURUSD alone, which never ends, and waits for its process. */
static sld_run *start_endless(desk *d, sld_strategy *strategy, long *child) {
  static const char *const one[] = { "EURUSD" };
  sld_run_options options = isolated();
  sld_error err;
  sld_run *run;
  options.pairs = one;
  options.pair_count = 1;
  options.limit_bar_s = 0.0;
  desk_good(sld_run_start(&run, d->host, d->market, strategy, &options, &err), &err);
  while ((*child = any_child()) == 0) sched_yield();
  return run;
}

static const sld_job *finish(sld_run *run) {
  sld_progress progress;
  sld_error err;
  desk_good(sld_run_wait(run, -1, &progress, &err), &err);
  return sld_result_job_at(sld_run_result(run), 0);
}

static void a_kill_from_outside_is_told(void **state) {
  (void)state;
  desk d = open_market(2, NULL);
  IN_BOTH(vm) {
    sld_strategy *strategy = desk_strategy(&d, vm, endless);
    long child;
    sld_run *run = start_endless(&d, strategy, &child);
    kill((pid_t)child, SIGKILL);
    const sld_job *job = finish(run);
    assert_int_equal(job->state, SLD_JOB_FAILED);
    assert_string_equal(job->error->message, "its process was ended by SIGKILL: from outside, or by the system for want of memory");
    sld_run_free(run);
    sld_strategy_free(strategy);
  }
  desk_close(&d);
}

static void cancelling_ends_what_never_ends(void **state) {
  (void)state;
  desk d = open_market(2, NULL);
  IN_BOTH(vm)
    for (int free_only = 0; free_only < 2; free_only++) {
      sld_strategy *strategy = desk_strategy(&d, vm, endless);
      long child;
      sld_run *run = start_endless(&d, strategy, &child);
      if (!free_only) {
        sld_run_cancel(run);
        const sld_job *job = finish(run);
        assert_int_equal(job->state, SLD_JOB_CANCELLED);
        assert_string_equal(job->error->message, "cancelled");
      }
      sld_run_free(run);
      assert_int_equal(any_child(), 0);
      sld_strategy_free(strategy);
    }
  desk_close(&d);
}

/* ---- A script without a sandbox ------------------------------------------------------------------------------------ */

/* Runs hook `bar` over EURUSD and GBPUSD, of which only the first does `body`; GBPUSD's job must end well. */
static desk_run run_trusted(desk *d, const char *vm, const char *body, const sld_run_options *given) {
  static const char *const two[] = { "EURUSD", "GBPUSD" };
  char text[2048];
  sld_strategy_options how = SLD_STRATEGY_OPTIONS_INIT;
  sld_run_options options = *given;
  desk_run r;
  sld_error err;
  snprintf(text, sizeof text, DESK_HEAD "local S = sliders.strategy {} function S:bar() if self.bars.pair ~= 'EURUSD' then return end %s end return S", body);
  how.vm = vm;
  how.trusted = true;
  how.isolation = SLD_ISOLATION_PROCESS;
  how.text = text;
  how.text_size = strlen(text);
  options.pairs = two;
  options.pair_count = 2;
  desk_good(sld_strategy_open_with(&r.strategy, d->host, "trusted.lua", &how, &err), &err);
  desk_good(sld_run_start(&r.run, d->host, d->market, r.strategy, &options, &err), &err);
  desk_good(sld_run_wait(r.run, -1, NULL, &err), &err);
  r.result = sld_run_result(r.run);
  assert_int_equal(desk_job(&r, 1)->state, SLD_JOB_DONE);
  return r;
}

static void dies(const char *vm, const char *body, const char *words) {
  desk d = open_market(2, NULL);
  sld_run_options options = isolated();
  desk_run r = run_trusted(&d, vm, body, &options);
  const sld_error *error = desk_job(&r, 0)->error;
  assert_non_null(error);
  assert_int_equal(error->status, SLD_ECRASH);
#if defined(SLD__SANITIZED)
  (void)words; /* a sanitizer exits where a signal would end the process */
#else
  assert_string_equal(error->message, words);
#endif
  desk_end(&r);
  desk_close(&d);
}

static void a_script_that_breaks_its_process_costs_its_job(void **state) {
  (void)state;
  dies("luajit", "require('ffi').cast('int *', 8)[0] = 1", "its process was ended by SIGSEGV");
  dies("luajit", "local ffi = require 'ffi' ffi.cdef 'void abort(void);' ffi.C.abort()", "its process was ended by SIGABRT");
  dies("luajit", "os.exit(3)", "its process exited with status 3");
  dies("lua54", "os.exit(3)", "its process exited with status 3");
}

#if !defined(SLD__SANITIZED)

/* Memory that Lua does not count ends too. */
static void memory_beside_lua_has_an_end(void **state) {
  (void)state;
  desk d = open_market(1, NULL);
  sld_run_options options = isolated();
  options.limit_memory = (size_t)16 << 20;
  options.limit_records = 1000;
  desk_run r = run_trusted(&d, "luajit",
    "local ffi = require 'ffi' ffi.cdef 'void *malloc(size_t size);' "
    "for taken = 1, 1024 do if ffi.C.malloc(2 ^ 26) == nil then error('no more after ' .. (taken < 64 and 'little' or 'much')) end end", &options);
  assert_non_null(desk_job(&r, 0)->error);
  assert_string_equal(desk_job(&r, 0)->error->message, "no more after little");
  desk_end(&r);
  desk_close(&d);
}

/* What the script prints of files that it opens for writing, and of programs. */
static void a_script_without_a_sandbox_reads_but_does_not_write(void **state) {
  (void)state;
  IN_BOTH(vm) {
    desk d = open_market(1, NULL);
    sld_run_options options = isolated();
    desk_run r = run_trusted(&d, vm,
      "print(select(2, io.open('/tmp/sliders-written', 'w'))) print(select(2, os.remove('/tmp'))) print(os.execute('true') == true) print(io.open('/dev/null') ~= nil) error('enough')", &options);
    const sld_job *job = desk_job(&r, 0);
    assert_string_equal(job->error->message, "enough");
    assert_string_equal(job->log, "/tmp/sliders-written: Operation not permitted\t1\n/tmp: Operation not permitted\t1\nfalse\ntrue\n");
    desk_end(&r);
    desk_close(&d);
  }
}

#endif

/* The strategy's text itself may end its process: the program that opens it goes on. */
static void a_text_that_ends_its_process_is_not_opened(void **state) {
  (void)state;
  IN_BOTH(vm) {
    desk d = open_market(1, NULL);
    sld_strategy_options options = SLD_STRATEGY_OPTIONS_INIT;
    sld_strategy *strategy;
    sld_error err;
    options.vm = vm;
    options.trusted = true;
    options.isolation = SLD_ISOLATION_PROCESS;
    options.text = "os.exit(4)";
    options.text_size = strlen(options.text);
    assert_int_equal(sld_strategy_open_with(&strategy, d.host, "trusted.lua", &options, &err), SLD_ECRASH);
#if !defined(SLD__SANITIZED) /* one looks for leaks first */
    assert_string_equal(err.message, "its process exited with status 4");
#endif
    assert_int_equal(any_child(), 0);
    desk_close(&d);
  }
}

/* ---- The parent's death -------------------------------------------------------------------------------------------- */

/* The program that is killed: says which child it has, and waits for it. */
static int be_parent(void) {
  desk d = open_market(1, NULL);
  sld_strategy *strategy = desk_strategy(&d, "luajit", endless);
  long child;
  sld_run *run = start_endless(&d, strategy, &child);
  printf("%ld\n", child);
  fflush(stdout);
  finish(run);
  return 0;
}

static void the_death_of_the_parent_ends_its_children(void **state) {
  (void)state;
  extern char **environ;
  int ends[2];
  pid_t parent;
  char *arguments[] = { (char *)(uintptr_t) "parent", (char *)(uintptr_t) "parent", NULL }, line[32];
  posix_spawn_file_actions_t actions;
  assert_int_equal(pipe(ends), 0);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  assert_int_equal(posix_spawn(&parent, "/proc/self/exe", &actions, NULL, arguments, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  FILE *said = fdopen(ends[0], "r");
  assert_non_null(fgets(line, sizeof line, said));
  int child = (int)syscall(SYS_pidfd_open, atoi(line), 0);
  assert_true(child >= 0);
  kill(parent, SIGKILL);
  struct pollfd end = { .fd = child, .events = POLLIN };
  assert_int_equal(poll(&end, 1, 60000), 1);
  assert_int_equal(waitpid(parent, NULL, 0), parent);
  close(child);
  fclose(said);
}

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) return be_parent();
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_death_costs_the_running_job_alone),
    cmocka_unit_test(a_lie_costs_the_running_job_alone),
    cmocka_unit_test(a_process_that_never_begins_costs_every_job),
    cmocka_unit_test(the_words_of_a_process_are_cut_and_shown_plainly),
    cmocka_unit_test(who_does_not_heed_a_limit_of_time_is_ended),
    cmocka_unit_test(a_loop_without_an_end_is_ended),
    cmocka_unit_test(a_kill_from_outside_is_told),
    cmocka_unit_test(cancelling_ends_what_never_ends),
    cmocka_unit_test(a_script_that_breaks_its_process_costs_its_job),
#if !defined(SLD__SANITIZED)
    cmocka_unit_test(memory_beside_lua_has_an_end),
    cmocka_unit_test(a_script_without_a_sandbox_reads_but_does_not_write),
#endif
    cmocka_unit_test(a_text_that_ends_its_process_is_not_opened),
    cmocka_unit_test(the_death_of_the_parent_ends_its_children),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
