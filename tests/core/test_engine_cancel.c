/* A run that is cancelled ends soon, and says so of every job. */
#include "engine_desk.h"
#include "gate.h"
#include "scratch.h"

enum { PAIRS = 7 };
static const char *const pairs[PAIRS] = { "AUDUSD", "EURUSD", "GBPUSD", "NZDUSD", "USDCAD", "USDCHF", "USDJPY" };

static void cancelled_after(const char *text, int wait_ms) {
  desk d = desk_open(2);
  for (size_t i = 0; i < PAIRS; i++) desk_add(&d, pairs[i], 1.1, DESK_ROWS_MAX, i + 1);
  static double values[200];
  for (size_t i = 0; i < 200; i++) values[i] = 1 + (double)i;
  const sld_axis axis = { "n", values, 200 };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.axes = &axis;
  options.axis_count = 1;
  options.keep = 0;
  IN_BOTH(vm) {
    sld_strategy *strategy = desk_strategy(&d, vm, text);
    sld_run *run;
    sld_error err;
    sld_progress progress;
    desk_good(sld_run_start(&run, d.host, d.market, strategy, &options, &err), &err);
    desk_good(sld_run_wait(run, wait_ms, &progress, &err), &err);
    sld_run_cancel(run);
    desk_good(sld_run_wait(run, -1, &progress, &err), &err);
    assert_true(progress.finished);
    assert_int_equal(progress.done, progress.jobs);
    const sld_result *result = sld_run_result(run);
    size_t cancelled = 0;
    for (size_t i = 0; i < sld_result_job_count(result); i++) {
      const sld_job *job = sld_result_job_at(result, i);
      assert_string_equal(job->pair, pairs[i / 200]);
      assert_int_equal(job->ordinal, i % 200);
      if (job->state != SLD_JOB_CANCELLED) continue;
      cancelled++;
      assert_non_null(job->error);
      assert_int_equal(job->error->status, SLD_ECANCELED);
    }
    assert_true(cancelled > 0);
    assert_true(progress.failed >= cancelled);
    desk_adds_up(&d, result, &options);
    sld_run_free(run);
    sld_strategy_free(strategy);
  }
  desk_close(&d);
}

static void a_run_cancelled_at_once_starts_no_more_jobs(void **state) {
  (void)state;
  cancelled_after(DESK_HEAD "local S = sliders.strategy { params = { n = sliders.int(1) } } function S:bar(broker) if broker.equity > 0 then broker:target(sliders.random()) end end return S", 0);
}

/* ---- Drained ---- */

static double pass(void *ud, const double *args) {
  (void)args;
  gate_pass(ud);
  return 0;
}

/* The file's text, to be freed; NULL: there is none. */
static char *text_of(struct scratch *folder, const char *name) {
  FILE *file = fopen(scratch_path(folder, name), "rb");
  if (!file) return NULL;
  char *text = calloc(1, 1 << 20);
  assert_non_null(text);
  assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
  fclose(file);
  return text;
}

/* Writes all files of a result, and returns the JSON and unfinished.csv, NULL where there is none. */
static void write_all(struct scratch *folder, const sld_run *run, char **json, char **unfinished) {
  sld_error err;
  desk_good(sld_result_write_json(sld_run_result(run), scratch_path(folder, "r.json"), &err), &err);
  desk_good(sld_result_write_csv(sld_run_result(run), scratch_path(folder, "csv"), &err), &err);
  *json = text_of(folder, "r.json");
  *unfinished = text_of(folder, "csv/unfinished.csv");
}

static void check_drained(const sld_run *run, struct scratch *folder) {
  const sld_result *result = sld_run_result(run);
  char *json, *unfinished, want[512] = "pair,set,state,message\n";
  size_t done = 0;
  for (size_t i = 0; i < PAIRS; i++) {
    const sld_job *job = sld_result_job_at(result, i);
    done += job->state == SLD_JOB_DONE;
    if (job->state == SLD_JOB_DONE) continue;
    assert_int_equal(job->state, SLD_JOB_CANCELLED);
    assert_string_equal(job->error->message, "not started, the run was cancelled");
    strcat(strcat(want, job->pair), ",0,cancelled,\"not started, the run was cancelled\"\n");
  }
  assert_int_equal(done, 1);
  assert_false(sld_result_portfolio(result)->complete);
  assert_int_equal(sld_result_portfolio(result)->count, 300);
  write_all(folder, run, &json, &unfinished);
  assert_non_null(strstr(json, "\n \"unfinished\": 6\n"));
  assert_string_equal(unfinished, want);
  free(json);
  free(unfinished);
}

/* One worker stands in the first job when the run is drained: that job is done as ever, and no other begins. */
static void a_drained_run_ends_the_job_that_runs_and_starts_no_other(void **state) {
  (void)state;
  IN_BOTH(vm) {
    gate g = GATE_INIT;
    sld_function function = SLD_FUNCTION_INIT;
    function.name = "pass", function.call = pass, function.ud = &g;
    desk d;
    sld_error err;
    sld_progress progress;
    sld_run *run;
    struct scratch folder;
    char *json, *unfinished;
    sld_host_options options = SLD_HOST_OPTIONS_INIT;
    options.workers = 1;
    assert_int_equal(scratch_make(&folder), 0);
    desk_good(sld_host_open(&d.host, &options, &err), &err);
    desk_good(sld_host_add_function(d.host, &function, &err), &err);
    desk_good(sld_market_new(&d.market, d.host, &err), &err);
    for (size_t i = 0; i < PAIRS; i++) desk_add(&d, pairs[i], 1.1, 300, i + 1);
    sld_strategy *strategy = desk_strategy(&d, vm, DESK_HEAD "local S = sliders.strategy {} function S:init() sliders.host.pass() end "
                                                              "function S:bar(broker) broker:target(1) end return S");
    desk_good(sld_run_start(&run, d.host, d.market, strategy, NULL, &err), &err);
    gate_await(&g, 1);
    sld_run_drain(run);
    gate_open(&g);
    desk_good(sld_run_wait(run, -1, &progress, &err), &err);
    assert_int_equal(progress.done, PAIRS);
    assert_int_equal(progress.failed, PAIRS - 1);
    check_drained(run, &folder);
    sld_run_free(run);

    desk_good(sld_run_start(&run, d.host, d.market, strategy, NULL, &err), &err);
    desk_good(sld_run_wait(run, -1, &progress, &err), &err);
    assert_int_equal(progress.failed, 0);
    write_all(&folder, run, &json, &unfinished);
    assert_null(strstr(json, "unfinished"));
    assert_null(unfinished);
    free(json);
    sld_run_free(run);
    sld_strategy_free(strategy);
    desk_close(&d);
    scratch_remove(&folder);
  }
}

/* Whatever state the jobs are in, the run ends and is freed. */
static void a_run_may_be_freed_while_it_runs(void **state) {
  (void)state;
  desk d = desk_open(2);
  for (size_t i = 0; i < PAIRS; i++) desk_add(&d, pairs[i], 1.1, DESK_ROWS_MAX, i + 1);
  const char *text = DESK_HEAD "local S = sliders.strategy {} function S:bar(broker) if broker.equity > 0 then broker:target(sliders.random()) end end return S";
  IN_BOTH(vm)
    for (int wait = 0; wait <= 4; wait += 2) {
      sld_strategy *strategy = desk_strategy(&d, vm, text);
      sld_run_options options = SLD_RUN_OPTIONS_INIT;
      sld_run *run;
      sld_error err;
      desk_good(sld_run_start(&run, d.host, d.market, strategy, &options, &err), &err);
      desk_good(sld_run_wait(run, wait, NULL, &err), &err);
      sld_run_free(run);
      sld_strategy_free(strategy);
    }
  desk_close(&d);
}

static void what_is_in_use_cannot_be_closed_or_changed(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 100, 1);
  sld_error err;
  assert_int_equal(sld_host_close(d.host, &err), SLD_EBUSY);
  desk_run r = desk_start(&d, "lua54", DESK_HEAD "local S = sliders.strategy {} function S:bar() end return S", NULL);
  static const double close[] = { 1 };
  static const int64_t time[] = { 0 };
  sld_bars bars = { .pair = "GBPUSD", .count = 1, .time = time, .close = close, .period_ns = DESK_DAY_NS, .side = SLD_MID };
  assert_int_equal(sld_market_add(d.market, &bars, &err), SLD_EBUSY);
  desk_end(&r);
  assert_int_equal(sld_market_add(d.market, &bars, &err), SLD_OK);
  desk_close(&d);
}

static void an_unknown_engine_is_refused_with_a_suggestion(void **state) {
  (void)state;
  desk d = desk_open(1);
  sld_error err;
  assert_int_equal(sld_host_probe(d.host, "luajt", &err), SLD_EINVAL);
  assert_string_equal(err.message, "there is no engine 'luajt'; did you mean 'luajit'?");
  IN_BOTH(vm) desk_good(sld_host_probe(d.host, vm, &err), &err);
  desk_close(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_run_cancelled_at_once_starts_no_more_jobs),
    cmocka_unit_test(a_drained_run_ends_the_job_that_runs_and_starts_no_other),
    cmocka_unit_test(a_run_may_be_freed_while_it_runs),
    cmocka_unit_test(what_is_in_use_cannot_be_closed_or_changed),
    cmocka_unit_test(an_unknown_engine_is_refused_with_a_suggestion),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
