/* Loading by a host's workers: files of a folder and parts of a large file at once, with the result, report and error of one worker. */
#include "market_folder.h"

enum { ROWS = 60000, ROW_SIZE = 57 };

/* Minutes from `day` on; row `bad` is none (-1: every row is one). */
static void write_minutes(const char *name, int64_t day, int bad) {
  char *text = malloc((size_t)ROWS * ROW_SIZE);
  assert_non_null(text);
  for (int i = 0; i < ROWS; i++) {
    struct sld__civil c;
    char row[2 * ROW_SIZE];
    sld__civil_from_time(&c, day * SLD__NS_PER_DAY + i * SLD__NS_PER_MINUTE);
    int price = 10000 + i % 97;
    int size = snprintf(row, sizeof row, "%04d-%02d-%02d %02d:%02d:00,1.%05d,1.%05d,1.%05d,1.%05d,%04d\n", (int)c.year, c.month, c.day, c.hour, c.minute, price, price + 9, price - 9, price + 1, i % 1000);
    assert_int_equal(size, ROW_SIZE);
    if (i == bad) row[30] = 'x';
    memcpy(text + (size_t)i * ROW_SIZE, row, ROW_SIZE);
  }
  write_bytes(folder, name, text, (size_t)ROWS * ROW_SIZE);
  free(text);
}

typedef struct outcome {
  sld_status status;
  char error[1024];
  char told[8 << 20]; /* pairs, sources and notes */
} outcome;

static void tell(outcome *out, const sld_market *market, const sld_load_report *report) {
  size_t used = 0;
  for (size_t i = 0; i < sld_market_pair_count(market); i++) {
    const sld_pair_info *info = sld_market_pair_at(market, i);
    used += (size_t)snprintf(out->told + used, sizeof out->told - used, "%s %zu %lld %lld\n", info->instrument.pair, info->bars, (long long)info->first_time, (long long)info->last_time);
  }
  for (size_t i = 0; i < sld_load_report_source_count(report); i++) {
    const sld_load_source *s = sld_load_report_source_at(report, i);
    used += (size_t)snprintf(out->told + used, sizeof out->told - used, "%s %s %zu %zu\n", s->file, s->dialect, s->rows, s->dropped);
  }
  for (size_t i = 0; i < sld_load_report_note_count(report); i++) {
    const sld_load_note *n = sld_load_report_note_at(report, i);
    used += (size_t)snprintf(out->told + used, sizeof out->told - used, "%s %lld %s\n", sld_note_kind_name(n->kind), (long long)n->line, n->message);
  }
}

static void load_by(outcome *out, int workers, bool lenient) {
  sld_host *host;
  sld_market *market;
  sld_load_report *report = NULL;
  sld_error err;
  sld_host_options host_options = SLD_HOST_OPTIONS_INIT;
  sld_load_options options = SLD_LOAD_OPTIONS_INIT;
  host_options.workers = workers;
  options.lenient = lenient;
  memset(out, 0, sizeof *out);
  assert_int_equal(sld_host_open(&host, &host_options, &err), SLD_OK);
  assert_int_equal(sld_market_new(&market, host, &err), SLD_OK);
  out->status = sld_market_load_with(market, folder, &options, &report, &err);
  if (out->status == SLD_OK) tell(out, market, report);
  else sld_error_format(&err, out->error, sizeof out->error);
  sld_load_report_free(report);
  sld_market_free(market);
  assert_int_equal(sld_host_close(host, &err), SLD_OK);
}

static void expect_same(bool lenient, sld_status status) {
  static outcome one, many;
  load_by(&one, 1, lenient);
  assert_int_equal(one.status, status);
  for (int workers = 2; workers <= 4; workers++) {
    load_by(&many, workers, lenient);
    assert_int_equal(many.status, one.status);
    assert_string_equal(many.error, one.error);
    assert_string_equal(many.told, one.told);
  }
}

static void a_folder_of_large_files_is_read_as_by_one_worker(void **state) {
  (void)state;
  int64_t day = sld__days_from_civil(2024, 1, 2);
  write_minutes("AUDUSD.csv", day, -1);
  write_minutes("EURUSD_2024a.csv", day, -1);
  write_minutes("EURUSD_2024b.csv", day + 100, -1);
  write_minutes("GBPUSD.csv", day, -1);
  expect_same(false, SLD_OK);
  write_minutes("EURUSD_2024b.csv", day + 100, ROWS - 3);
  write_minutes("GBPUSD.csv", day, 5);
  expect_same(false, SLD_EPARSE);
  expect_same(true, SLD_OK);
  write_minutes("EURUSD_2024a.csv", day, ROWS / 2);
  expect_same(false, SLD_EPARSE);
  expect_same(true, SLD_OK);
}

/* Rows that are dropped wherever the text may be cut, for reasons that lie in them or before them. */
static void bad_rows_everywhere_are_dropped_as_by_one_worker(void **state) {
  (void)state;
  int64_t day = sld__days_from_civil(2024, 1, 2);
  size_t size;
  char path[2 * PATH_SIZE];
  write_minutes("EURUSD.csv", day, -1);
  snprintf(path, sizeof path, "%s/EURUSD.csv", folder);
  char *text = read_whole(path, &size);
  for (int row = 0; row < ROWS; row += 251) {
    char *at = text + (size_t)row * ROW_SIZE;
    switch (row / 251 % 4) {
      case 0: at[30] = 'x'; break;                            /* no number */
      case 1: memcpy(at, "2024-01-01", 10); break;            /* earlier than the row before */
      case 2: memcpy(at, text + (size_t)(row - 1) * ROW_SIZE, 19); break; /* the time of the row before */
      default: at[20] = '9'; break;                           /* an open beyond the high */
    }
  }
  for (int row = 15000; row < 16000; row++) memcpy(text + (size_t)row * ROW_SIZE, "2023", 4); /* a block from elsewhere */
  for (int third = 1; third <= 2; third++)
    for (int row = third * ROWS / 3 - 9; row < third * ROWS / 3 + 9; row++) { /* around the cuts into three: which of two faults is told depends on the row before */
      memcpy(text + (size_t)row * ROW_SIZE, "2023", 4);
      text[(size_t)row * ROW_SIZE + 30] = 'x';
    }
  write_bytes(folder, "EURUSD.csv", text, size);
  expect_same(true, SLD_OK);
  expect_same(false, SLD_EPARSE);
  for (int row = 0; row < ROWS; row++) text[(size_t)row * ROW_SIZE + 30] = row < 40000 ? 'x' : '1';
  write_bytes(folder, "EURUSD.csv", text, size);
  expect_same(true, SLD_OK);
  free(text);
}

static void several_paths_are_read_as_one_folder(void **state) {
  (void)state;
  sld_host *host;
  sld_market *market;
  sld_error err;
  char first[2 * PATH_SIZE], second[2 * PATH_SIZE];
  snprintf(first, sizeof first, "%s/EURUSD-1.csv", folder);
  snprintf(second, sizeof second, "%s/EURUSD-2.csv", folder);
  write_text(folder, "EURUSD-1.csv", "time,close\n2024-01-02 10:00,1.1\n2024-01-02 11:00,1.2\n2024-01-02 12:00,1.3\n");
  write_text(folder, "EURUSD-2.csv", "time,close\n2024-01-02 12:00,1.3\n2024-01-02 13:00,1.4\n2024-01-02 14:00,1.5\n");
  assert_int_equal(sld_host_open(&host, NULL, &err), SLD_OK);
  assert_int_equal(sld_market_new(&market, host, &err), SLD_OK);
  const char *const paths[] = { second, first };
  assert_int_equal(sld_market_load_paths(market, paths, 2, NULL, NULL, &err), SLD_OK);
  assert_int_equal(sld_market_pair_at(market, 0)->bars, 5);
  assert_int_equal(sld_market_load_paths(market, paths, 0, NULL, NULL, &err), SLD_EINVAL);
  assert_int_equal(sld_market_load_paths(market, NULL, 1, NULL, NULL, &err), SLD_EINVAL);
  assert_int_equal(sld_market_load_paths(market, (const char *const[]){ first, "" }, 2, NULL, NULL, &err), SLD_EINVAL);
  assert_string_equal(err.message, "a path is needed");
  sld_market_free(market);
  assert_int_equal(sld_host_close(host, &err), SLD_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(several_paths_are_read_as_one_folder, make, clear),
    cmocka_unit_test_setup_teardown(bad_rows_everywhere_are_dropped_as_by_one_worker, make, clear),
    cmocka_unit_test_setup_teardown(a_folder_of_large_files_is_read_as_by_one_worker, make, clear),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
