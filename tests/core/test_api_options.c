/* Options structs of hosts, loading, resampling, importing, runs and work: those of programs that are older or newer than the library. The older ones end where
 * the program's memory does. */
#include "engine_desk.h"
#include "scratch.h"

static const char text[] = "time,open,high,low,close\n2024-01-02 21:50,1.1,1.2,1.0,1.1\n2024-01-02 21:51,1.1,1.2,1.0,1.1\n2024-01-02 21:52,1.1,1.2,1.0,1.1\n";

/* The head of a struct in a block of its own, of `size` bytes, that says so. To be freed. */
static void *head_of(const void *options, size_t size) {
  char *head = malloc(size);
  assert_non_null(head);
  memcpy(head, options, size);
  memcpy(head, &size, sizeof size);
  return head;
}

static void refused(sld_status status, const sld_error *err, const char *file) {
  assert_int_equal(status, SLD_EINVAL);
  assert_string_equal(err->file, file);
}

static void loading_takes_options_of_older_programs(void **state) {
  (void)state;
  desk d = desk_open(1);
  struct scratch scratch;
  sld_error err;
  assert_int_equal(scratch_make(&scratch), 0);
  const char *path = scratch_write(&scratch, "x.csv", text, sizeof text - 1);
  sld_load_options options = SLD_LOAD_OPTIONS_INIT;
  options.pair = "GBPUSD";
  sld_load_options *older = head_of(&options, offsetof(sld_load_options, ask));
  desk_good(sld_market_load_with(d.market, path, older, NULL, &err), &err);
  assert_string_equal(sld_market_pair_at(d.market, 0)->instrument.pair, "GBPUSD");
  free(older);
  options.size = offsetof(sld_load_options, ask) + 3; /* half a pointer */
  refused(sld_market_load_with(d.market, path, &options, NULL, &err), &err, "options.size");
  options.size = sizeof options + 8;
  refused(sld_market_load_with(d.market, path, &options, NULL, &err), &err, "options.size");
  assert_int_equal(scratch_remove(&scratch), 0);
  desk_close(&d);
}

static void resampling_takes_options_of_older_programs(void **state) {
  (void)state;
  desk d = desk_open(1);
  sld_error err;
  sld_market *made;
  desk_add(&d, "EURUSD", 1.1, 50, 1);
  sld_resample_options options = SLD_RESAMPLE_OPTIONS_INIT;
  options.timeframe = "1w";
  sld_resample_options *older = head_of(&options, offsetof(sld_resample_options, day));
  desk_good(sld_market_resample(&made, d.market, older, &err), &err);
  assert_int_equal(sld_market_pair_count(made), 1);
  sld_market_free(made);
  free(older);
  options.size = 0;
  refused(sld_market_resample(&made, d.market, &options, &err), &err, "options.size");
  refused(sld_market_resample(&made, d.market, NULL, &err), &err, "options.timeframe");
  desk_close(&d);
}

static void importing_takes_options_of_older_programs(void **state) {
  (void)state;
  desk d = desk_open(1);
  struct scratch scratch;
  sld_error err;
  sld_import *import;
  assert_int_equal(scratch_make(&scratch), 0);
  const char *store = scratch_path(&scratch, "store");
  sld_import_options options = SLD_IMPORT_OPTIONS_INIT;
  sld_load_options load = SLD_LOAD_OPTIONS_INIT;
  sld_load_options *older_load = head_of(&load, offsetof(sld_load_options, zone));
  options.load = older_load;
  sld_import_options *older = head_of(&options, offsetof(sld_import_options, instruments));
  desk_good(sld_import_open(&import, d.host, store, older, &err), &err);
  sld_import_free(import);
  free(older);
  free(older_load);
  load.size = 1;
  options.load = &load;
  refused(sld_import_open(&import, d.host, store, &options, &err), &err, "options.load.size");
  options.size = sizeof options + 1;
  refused(sld_import_open(&import, d.host, store, &options, &err), &err, "options.size");
  assert_int_equal(scratch_remove(&scratch), 0);
  desk_close(&d);
}

static void tell_nobody(void *ud, const sld_log_record *record) {
  (void)ud;
  fail_msg("told '%.*s'", (int)record->size, record->message);
}

/* Behind an older program's struct stands anything: here a log that must not be called. */
static void hosts_runs_and_work_take_options_of_older_programs(void **state) {
  (void)state;
  desk d;
  sld_error err;
  sld_run *run;
  sld_work *work;
  sld_host_options host = SLD_HOST_OPTIONS_INIT;
  host.workers = 3;
  host.log.write = tell_nobody;
  host.size = offsetof(sld_host_options, log);
  desk_good(sld_host_open(&d.host, &host, &err), &err);
  assert_int_equal(sld_host_workers(d.host), 3);
  desk_good(sld_market_new(&d.market, d.host, &err), &err);
  desk_add(&d, "EURUSD", 1.1, 50, 1);
  sld_strategy *strategy = desk_strategy(&d, "lua54", DESK_HEAD "local S = sliders.strategy {} function S:init() print 'told' end function S:bar(broker) broker:target(1) end return S");

  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.capital = 5000;
  sld_run_options *older = head_of(&options, offsetof(sld_run_options, fill));
  desk_good(sld_run_start(&run, d.host, d.market, strategy, older, &err), &err);
  desk_good(sld_run_wait(run, -1, NULL, &err), &err);
  assert_int_equal(sld_result_job_at(sld_run_result(run), 0)->state, SLD_JOB_DONE);
  assert_true(sld_result_job_at(sld_run_result(run), 0)->capital == 5000);
  assert_non_null(sld_result_job_at(sld_run_result(run), 0)->equity); /* the library's default of `keep` */
  sld_run_free(run);
  free(older);

  sld_work_options how = SLD_WORK_OPTIONS_INIT;
  how.vm = "lua54";
  sld_work_options *older_how = head_of(&how, offsetof(sld_work_options, path));
  desk_good(sld_work_open(&work, d.host, older_how, &err), &err);
  assert_string_equal(sld_work_vm(work), "lua54");
  assert_int_equal(sld_work_close(work, NULL), SLD_OK);
  free(older_how);

  sld_host *other;
  host.size = sizeof host + 8;
  refused(sld_host_open(&other, &host, &err), &err, "options.size");
  options.size = sizeof options + 8;
  refused(sld_run_start(&run, d.host, d.market, strategy, &options, &err), &err, "options.size");
  how.size = 1;
  refused(sld_work_open(&work, d.host, &how, &err), &err, "options.size");
  sld_strategy_free(strategy);
  desk_close(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(loading_takes_options_of_older_programs),
    cmocka_unit_test(resampling_takes_options_of_older_programs),
    cmocka_unit_test(hosts_runs_and_work_take_options_of_older_programs),
    cmocka_unit_test(importing_takes_options_of_older_programs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
