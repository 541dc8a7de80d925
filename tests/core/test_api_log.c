/* The log of a host: what is told, in which order, by which thread. */
#include <pthread.h>

#include "engine_desk.h"
#include "scratch.h"

/* What was told, a record a line: "level pair/ordinal message". */
typedef struct notebook {
  char text[8192];
  size_t size;
  pthread_t thread;
  bool open; /* inside a call that may tell */
} notebook;

static void note(void *ud, const sld_log_record *record) {
  notebook *n = ud;
  assert_true(n->open);
  assert_true(pthread_equal(n->thread, pthread_self()));
  n->size += (size_t)snprintf(n->text + n->size, sizeof n->text - n->size, "%s %s/%zu %.*s\n", sld_log_level_name(record->level), record->pair, record->ordinal,
    (int)record->size, record->message);
  assert_true(n->size < sizeof n->text);
}

static desk open_told(notebook *n, int workers) {
  desk d;
  sld_error err;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  *n = (notebook){ .thread = pthread_self() };
  options.workers = workers;
  options.log = (sld_log){ note, n };
  desk_good(sld_host_open(&d.host, &options, &err), &err);
  desk_good(sld_market_new(&d.market, d.host, &err), &err);
  return d;
}

/* What has been told since the last time must be this; paths are without the scratch folder. */
static void expect(notebook *n, const struct scratch *folder, const char *want) {
  char *at;
  size_t length = folder ? strlen(folder->folder) + 1 : 0;
  while (folder && (at = strstr(n->text, folder->folder))) memmove(at, at + length, strlen(at + length) + 1);
  assert_string_equal(n->text, want);
  n->text[n->size = 0] = '\0';
}

/* ---- Loading ---- */

static const char bad_rows[] = "time,open,high,low,close\n2024-01-02 21:50,1.1,1.2,1.0,1.1\nwhat\n2024-01-02 21:52,1.1,1.2,1.0,1.1\n2024-01-02 21:51,1.1,1.2,1.0,1.1\n";
static const char dropped[] =
  "warning /0 EURUSD.csv:3:5: 1 field where the header has 5\n"
  "warning /0 EURUSD.csv:5:1: 2024-01-02 21:51 is earlier than the row before\n";

static void rows_that_are_dropped_are_told_as_they_stand_in_the_file(void **state) {
  (void)state;
  struct scratch folder;
  assert_int_equal(scratch_make(&folder), 0);
  const char *path = scratch_write(&folder, "EURUSD.csv", bad_rows, sizeof bad_rows - 1);
  sld_load_options options = SLD_LOAD_OPTIONS_INIT;
  options.lenient = true;
  for (int workers = 1; workers <= 3; workers += 2) {
    notebook n;
    sld_error err;
    sld_load_report *report = NULL;
    desk d = open_told(&n, workers);
    n.open = true;
    desk_good(sld_market_load_with(d.market, path, &options, workers == 1 ? &report : NULL, &err), &err);
    n.open = false;
    expect(&n, &folder, dropped);
    if (report) assert_int_equal(sld_load_report_note_count(report), 2);
    sld_load_report_free(report);
    desk_close(&d);
  }
  scratch_remove(&folder);
}

static void a_load_that_fails_tells_nothing_but_its_error(void **state) {
  (void)state;
  struct scratch folder;
  notebook n;
  sld_error err;
  assert_int_equal(scratch_make(&folder), 0);
  const char *path = scratch_write(&folder, "EURUSD.csv", bad_rows, sizeof bad_rows - 1);
  desk d = open_told(&n, 1);
  assert_int_equal(sld_market_load(d.market, path, &err), SLD_EPARSE);
  expect(&n, NULL, "");
  desk_close(&d);
  scratch_remove(&folder);
}

static void an_import_tells_when_it_has_stored(void **state) {
  (void)state;
  struct scratch folder;
  notebook n;
  sld_error err;
  sld_import *import;
  assert_int_equal(scratch_make(&folder), 0);
  const char *path = scratch_write(&folder, "EURUSD.csv", bad_rows, sizeof bad_rows - 1);
  sld_load_options load = SLD_LOAD_OPTIONS_INIT;
  load.lenient = true;
  sld_import_options options = SLD_IMPORT_OPTIONS_INIT;
  options.load = &load;
  desk d = open_told(&n, 2);
  desk_good(sld_import_open(&import, d.host, scratch_path(&folder, "store"), &options, &err), &err);
  desk_good(sld_import_find(import, path, &err), &err);
  desk_good(sld_import_read(import, 9, &err), &err);
  n.open = true;
  desk_good(sld_import_commit(import, &err), &err);
  n.open = false;
  expect(&n, &folder, dropped);
  sld_import_free(import);
  desk_close(&d);
  scratch_remove(&folder);
}

/* ---- Runs ---- */

static const char talker[] = DESK_HEAD
  "local S = sliders.strategy { params = { n = sliders.int(1, 1, 2) } }\n"
  "function S:init(bars, p) print('begin', p.n) print('') end\n"
  "function S:bar(broker, p) if self.bars.pair == 'GBPUSD' and p.n == 2 then error('as asked', 0) end end\n"
  "function S:done() print('end') end return S\n";

static const char talk[] =
  "print EURUSD/0 begin\t1\nprint EURUSD/0 \nprint EURUSD/0 end\n"
  "print EURUSD/1 begin\t2\nprint EURUSD/1 \nprint EURUSD/1 end\n"
  "print GBPUSD/0 begin\t1\nprint GBPUSD/0 \nprint GBPUSD/0 end\n"
  "print GBPUSD/1 begin\t2\nprint GBPUSD/1 \nerror GBPUSD/1 test.lua:3: as asked\n";

static void jobs_are_told_in_the_order_of_the_result_by_the_wait_that_ends_the_run(void **state) {
  (void)state;
  static const double values[] = { 1, 2 };
  const sld_axis axis = { "n", values, 2 };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.axes = &axis, options.axis_count = 1;
  for (int workers = 1; workers <= 3; workers++)
    IN_BOTH(vm) {
      notebook n;
      sld_error err;
      sld_run *run;
      sld_progress progress;
      desk d = open_told(&n, workers);
      desk_add(&d, "GBPUSD", 1.5, 20, 1);
      desk_add(&d, "EURUSD", 1.1, 30, 2);
      sld_strategy *strategy = desk_strategy(&d, vm, talker);
      desk_good(sld_run_start(&run, d.host, d.market, strategy, &options, &err), &err);
      n.open = true;
      desk_good(sld_run_wait(run, -1, &progress, &err), &err);
      n.open = false;
      expect(&n, NULL, talk);
      desk_good(sld_run_wait(run, -1, &progress, &err), &err);
      sld_run_free(run);
      desk_good(sld_run_start(&run, d.host, d.market, strategy, &options, &err), &err);
      sld_run_free(run);
      expect(&n, NULL, "");
      sld_strategy_free(strategy);
      desk_close(&d);
    }
}

/* ---- Calls ---- */

/* Packets by hand: core/vm/lua/packet_inside.h. */
static sld_tasks *call(sld_work *work, const char *packet, size_t size) {
  static const char none[] = "\0\0";
  const sld_bytes args = { none, 2 };
  const sld_calls calls = { { packet, size }, &args, 1 };
  sld_tasks *tasks;
  sld_error err;
  desk_good(sld_tasks_start(&tasks, work, &calls, &err), &err);
  assert_true(sld_tasks_wait(tasks, -1));
  return tasks;
}

static void a_call_whose_failure_nobody_has_read_is_told_when_it_is_freed(void **state) {
  (void)state;
  static const char bad[] = "\1\6\20" "error('lost', 0)", good[] = "\1\6\10" "return 1";
  IN_BOTH(vm) {
    notebook n;
    sld_error err;
    sld_work *work;
    sld_work_options options = SLD_WORK_OPTIONS_INIT;
    options.vm = vm;
    desk d = open_told(&n, 2);
    desk_good(sld_work_open(&work, d.host, &options, &err), &err);
    sld_tasks *read = call(work, bad, sizeof bad - 1), *unread = call(work, bad, sizeof bad - 1), *done = call(work, good, sizeof good - 1);
    assert_int_equal(sld_tasks_answer(read, 0)->state, SLD_CALL_FAILED);
    n.open = true;
    sld_tasks_free(read);
    sld_tasks_free(done);
    expect(&n, NULL, "");
    sld_tasks_free(unread);
    expect(&n, NULL, "error /0 lost\n");
    n.open = false;
    assert_int_equal(sld_work_close(work, NULL), SLD_OK);
    desk_close(&d);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(rows_that_are_dropped_are_told_as_they_stand_in_the_file),
    cmocka_unit_test(a_load_that_fails_tells_nothing_but_its_error),
    cmocka_unit_test(an_import_tells_when_it_has_stored),
    cmocka_unit_test(jobs_are_told_in_the_order_of_the_result_by_the_wait_that_ends_the_run),
    cmocka_unit_test(a_call_whose_failure_nobody_has_read_is_told_when_it_is_freed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
