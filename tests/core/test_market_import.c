/* Files into a store: all of it or nothing, whatever fails. */
#include "market/import.h"

#include "failing.h"
#include "market/store.h"
#include "market_files.h"

#include <sys/wait.h>

static char folder[PATH_SIZE];

static int set_up(void **state) {
  (void)state;
  make_folder(folder);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  remove_folder(folder);
  return 0;
}

static const char *in_folder(char path[2 * PATH_SIZE], const char *name) {
  snprintf(path, 2 * PATH_SIZE, "%s/%s", folder, name);
  return path;
}

static void write_months(void) {
  write_text(folder, "EURUSD-1.csv", "time,close\n2024-01-01 10:00,1.1\n2024-01-01 11:00,1.2\n2024-01-01 12:00,1.3\n");
  write_text(folder, "EURUSD-2.csv", "time,close\n2024-01-01 12:00,1.3\n2024-01-01 13:00,1.4\n2024-01-01 14:00,1.5\n");
  write_text(folder, "USDJPY.csv", "time,open,high,low,close,volume\n2024-01-01 10:00,140,141,139,140,5\n2024-01-01 10:01,140,141,139,140,6\n");
}

/* Imports files of the folder; `frame` NULL: bars as they are. */
static sld_status import_files(const sld_allocator *a, const char *const *files, size_t count, const sld__resampling *frame, size_t *added, sld_error *err) {
  char store[2 * PATH_SIZE], path[2 * PATH_SIZE];
  const sld__told told = { .dialect = NULL };
  sld__import import = { .allocator = a, .how = { .told = &told }, .frame = frame, .store = in_folder(store, "store") };
  sld__report_init(&import.report, a);
  sld_status status = SLD_OK;
  for (size_t i = 0; status == SLD_OK && i < count; i++) status = sld__import_find(&import, in_folder(path, files[i]), err);
  while (status == SLD_OK && import.read < import.files.count) status = sld__import_read(&import, 1, err);
  if (status == SLD_OK) status = sld__import_commit(&import, err);
  *added = 0;
  for (size_t i = 0; status == SLD_OK && i < import.done_count; i++) *added += import.done[i].added;
  sld__import_fini(&import);
  return status;
}

static const char *const months[] = { "EURUSD-2.csv", "USDJPY.csv", "EURUSD-1.csv" };

static void what_is_new_is_counted(void **state) {
  (void)state;
  sld_allocator heap = sld__alloc_default();
  sld__resampling hours = { .day = SLD_DAY_UTC };
  size_t added;
  write_months();
  assert_int_equal(import_files(&heap, months, 3, NULL, &added, NULL), SLD_OK);
  assert_int_equal(added, 5 + 2);
  assert_int_equal(import_files(&heap, months, 3, NULL, &added, NULL), SLD_OK);
  assert_int_equal(added, 0);
  assert_int_equal(sld__timeframe_parse(&hours.frame, "1d", NULL, NULL), SLD_OK);
  assert_int_equal(import_files(&heap, months, 3, &hours, &added, NULL), SLD_OK);
  assert_int_equal(added, 2);
  sld__market *market = loaded(folder, "store");
  assert_int_equal(sld__market_count(market), 4);
  sld__market_free(market);
}

static void a_store_is_a_source_like_others(void **state) {
  (void)state;
  sld_allocator heap = sld__alloc_default();
  size_t added;
  sld_error err;
  char path[2 * PATH_SIZE];
  write_months();
  sld__market *market = loaded(folder, "EURUSD-1.csv");
  assert_int_equal(sld__market_save(market, in_folder(path, "other"), NULL), SLD_OK);
  sld__market_free(market);
  const char *const sources[] = { "other", "EURUSD-2.csv" };
  assert_int_equal(import_files(&heap, sources, 2, NULL, &added, &err), SLD_OK);
  assert_int_equal(added, 5);
}

static void every_failing_allocation_leaves_the_store_and_leaks_nothing(void **state) {
  (void)state;
  sld_allocator heap = sld__alloc_default();
  sld__resampling days = { .day = SLD_DAY_UTC };
  assert_int_equal(sld__timeframe_parse(&days.frame, "1d", NULL, NULL), SLD_OK);
  size_t added;
  write_months();
  assert_int_equal(import_files(&heap, months, 1, NULL, &added, NULL), SLD_OK);
  for (int round = 0; round < 2; round++)
    for (size_t refuse = 1;; refuse++) {
      struct failing failing = { .refuse = refuse };
      sld_allocator alloc = failing_allocator(&failing);
      sld_status status = import_files(&alloc, months, 3, round ? &days : NULL, &added, NULL);
      assert_int_equal(failing.held, 0);
      sld__market *market = loaded(folder, "store");
      bool whole = sld__market_count(market) > (round ? 2u : 1u);
      sld__market_free(market);
      if (status == SLD_OK) break;
      assert_int_equal(status, SLD_ENOMEM);
      assert_false(whole);
    }
}

/* ---- Several writers ---- */

enum { WRITERS = 6 };

/* A file of ten days. */
static void write_days(int writer) {
  char text[1024] = "date,EURUSD\n";
  char name[32];
  size_t used = strlen(text);
  for (int day = 0; day < 10; day++) used += (size_t)snprintf(text + used, sizeof text - used, "2024-%02d-%02d,1.%02d%02d\n", writer + 1, day + 1, writer + 1, day);
  snprintf(name, sizeof name, "days-%d.csv", writer);
  write_text(folder, name, text);
}

/* All begin when the gate is closed, and none waits for another but in the store. */
static pid_t importer(int writer, const int gate[2]) {
  pid_t child = fork();
  if (child != 0) return child;
  char name[32], byte;
  const char *const files[] = { name };
  sld_allocator heap = sld__alloc_default();
  size_t added = 0;
  snprintf(name, sizeof name, "days-%d.csv", writer);
  close(gate[1]);
  bool began = read(gate[0], &byte, 1) == 0;
  _exit(began && import_files(&heap, files, 1, NULL, &added, NULL) == SLD_OK && added == 10 ? 0 : 1);
}

static void of_several_writers_none_loses_the_rows_of_another(void **state) {
  (void)state;
  for (int writer = 0; writer < WRITERS; writer++) write_days(writer);
  for (int round = 0; round < 8; round++) {
    int gate[2];
    pid_t children[WRITERS];
    char store[2 * PATH_SIZE];
    assert_int_equal(pipe(gate), 0);
    for (int writer = 0; writer < WRITERS; writer++) assert_true((children[writer] = importer(writer, gate)) > 0);
    close(gate[0]);
    close(gate[1]);
    for (int writer = 0; writer < WRITERS; writer++) {
      int status;
      assert_int_equal(waitpid(children[writer], &status, 0), children[writer]);
      assert_int_equal(status, 0);
    }
    sld__market *market = loaded(folder, "store");
    assert_int_equal(sld__market_at(market, 0)->count, 10 * WRITERS);
    sld__market_free(market);
    remove_folder(in_folder(store, "store"));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(what_is_new_is_counted, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_store_is_a_source_like_others, set_up, tear_down),
    cmocka_unit_test_setup_teardown(of_several_writers_none_loses_the_rows_of_another, set_up, tear_down),
    cmocka_unit_test_setup_teardown(every_failing_allocation_leaves_the_store_and_leaks_nothing, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
