/* Loading and saving while memory runs out at any request: a clean SLD_ENOMEM, nothing added, nothing leaked, nothing left on the disk. */
#include "market_folder.h"

#include <sys/stat.h>

#include "base/time.h"
#include "failing.h"
#include "market/convert.h"

/* What is tried with every request refused in turn. */
typedef sld_status attempt(const sld_allocator *a, sld_error *err);

static size_t sweep(attempt *try) {
  size_t k = 1;
  for (;; k++) {
    struct failing failing = { .refuse = k };
    sld_allocator a = failing_allocator(&failing);
    sld_error err = { .status = SLD_OK };
    sld_status status = try(&a, &err);
    assert_int_equal(failing.held, 0);
    if (status == SLD_OK) break;
    assert_int_equal(status, SLD_ENOMEM);
    assert_int_equal(err.status, SLD_ENOMEM);
    assert_string_equal(err.message, "out of memory");
    assert_true(k < 10000);
  }
  return k - 1;
}

/* Loads everything in the folder. */
static sld_status load(const sld_allocator *a, sld_error *err) {
  sld__market *market = NULL;
  sld_status status = sld__market_new(&market, a, err);
  if (status != SLD_OK) return status;
  status = sld__market_load(market, folder, err);
  if (status != SLD_OK) assert_int_equal(sld__market_count(market), 0);
  sld__market_free(market);
  return status;
}

static void columns_of_rates(void **state) {
  (void)state;
  write_text(folder, "rates.csv", "date,DEXJPUS,EURUSD,x\n2024-01-02,140,1.1,\n2024-01-03,141,,\n2024-01-04,142,1.2,\n");
  write_text(folder, "rates.json", "{\"series\": {\"DEXJPUS\": \"USDJPY\"}, \"ignore\": [\"x\"], \"source\": \"a bank\"}");
  assert_true(sweep(load) >= 10);
}

static void bars_of_several_files_in_a_folder(void **state) {
  (void)state;
  static const char *const names[] = { "EURUSD", "GBPUSD", "USDJPY", "USDCHF", "AUDUSD", "NZDUSD", "USDCAD", "EURGBP", "EURJPY", "EURCHF",
                                       "GBPJPY", "AUDJPY", "CADJPY", "CHFJPY", "NZDJPY", "AUDNZD", "EURAUD", "EURCAD" };
  for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
    char name[32];
    snprintf(name, sizeof name, "%s.csv", names[k]);
    write_text(folder, name, "time,open,high,low,close,volume\n2024-01-02 21:50,1.1,1.3,1.0,1.2,5\n2024-01-02 21:51:00.5,1.1,1.3,1.0,1.2,5\n");
  }
  assert_true(sweep(load) >= 18 * 5);
}

static void fill_market(sld__market *market) {
  static const int64_t time[] = { 0, SLD__NS_PER_DAY, 2 * SLD__NS_PER_DAY };
  static const double close[] = { 1.1, 1.2, 1.3 };
  sld_bars bars = { .pair = "EURUSD", .count = 3, .time = time, .open = close, .high = close, .low = close, .close = close, .volume = close };
  assert_int_equal(sld__market_add(market, &bars, NULL), SLD_OK);
  bars = (sld_bars){ .pair = "EURGBP", .count = 3, .time = time, .close = close };
  assert_int_equal(sld__market_add(market, &bars, NULL), SLD_OK);
}

static void a_column_store(void **state) {
  (void)state;
  sld__market *market = new_market();
  fill_market(market);
  assert_int_equal(sld__market_save(market, folder, NULL), SLD_OK);
  sld__market_free(market);
  assert_true(sweep(load) >= 20);
}

static sld_status add(const sld_allocator *a, sld_error *err) {
  static const int64_t time[] = { 0, SLD__NS_PER_DAY, 2 * SLD__NS_PER_DAY };
  static const double close[] = { 1.1, 1.2, 1.3 };
  sld_bars bars = { .pair = "EURUSD", .count = 3, .time = time, .open = close, .high = close, .low = close, .close = close, .volume = close };
  sld__market *market = NULL;
  sld_status status = sld__market_new(&market, a, err);
  if (status == SLD_OK) status = sld__market_add(market, &bars, err);
  if (status != SLD_OK && market) assert_int_equal(sld__market_count(market), 0);
  sld__market_free(market);
  return status;
}

static void bars_from_memory(void **state) {
  (void)state;
  assert_true(sweep(add) >= 8);
}

/* The failure strikes while saving only: the market stands already. */
static size_t refuse_from;

static sld_status save(const sld_allocator *a, sld_error *err) {
  struct failing *failing = a->ud;
  failing->refuse = 0;
  sld__market *market = NULL;
  assert_int_equal(sld__market_new(&market, a, NULL), SLD_OK);
  fill_market(market);
  failing->refuse = failing->requests + refuse_from;
  char path[PATH_SIZE + 16];
  snprintf(path, sizeof path, "%s/a/b", folder);
  sld_status status = sld__market_save(market, path, err);
  failing->refuse = 0;
  sld__market_free(market);
  return status;
}

static void saving_leaves_nothing_half_done(void **state) {
  (void)state;
  for (refuse_from = 1;; refuse_from++) {
    struct failing failing = { .requests = 0 };
    sld_allocator a = failing_allocator(&failing);
    sld_error err = { .status = SLD_OK };
    sld_status status = save(&a, &err);
    assert_int_equal(failing.held, 0);
    char first[PATH_SIZE + 64];
    snprintf(first, sizeof first, "%s/a/b/EURGBP/1d/description.json", folder);
    bool committed = access(first, R_OK) == 0; /* the first pair; pairs that were written before a failure stay */
    snprintf(first, sizeof first, "%s/a", folder);
    if (!committed) assert_int_equal(access(first, F_OK), -1);
    if (status == SLD_OK) break;
    assert_int_equal(status, SLD_ENOMEM);
    snprintf(first, sizeof first, "%s/a/b/EURUSD", folder);
    assert_int_equal(access(first, F_OK), -1);
    remove_folder(folder);
    assert_int_equal(mkdir(folder, 0777), 0);
  }
  assert_true(refuse_from > 10);
}

static sld_status convert(const sld_allocator *a, sld_error *err) {
  struct failing *failing = a->ud;
  size_t refuse = failing->refuse;
  failing->refuse = 0;
  sld__market *market = NULL;
  assert_int_equal(sld__market_new(&market, a, NULL), SLD_OK);
  fill_market(market);
  static const int64_t time[] = { 0, SLD__NS_PER_DAY, 2 * SLD__NS_PER_DAY };
  static const double close[] = { 1.1, 1.2, 1.3 };
  sld_bars bars = { .pair = "GBPUSD", .count = 3, .time = time, .close = close };
  assert_int_equal(sld__market_add(market, &bars, NULL), SLD_OK);
  failing->refuse = failing->requests + refuse;
  sld__conversion rate;
  sld_status status = sld__market_convert(market, sld__market_find(market, "EURGBP"), "USD", &rate, err);
  if (status == SLD_OK) sld__conversion_free(&rate);
  sld__market_free(market);
  return status;
}

static void conversion_rates(void **state) {
  (void)state;
  assert_true(sweep(convert) >= 2);
}

/* A folder of everything else that is read: gzip, asks of another file, ticks, lists, descriptions; leniently, and with a report. */
static sld_status load_leniently(const sld_allocator *a, sld_error *err) {
  sld__market *market = NULL;
  sld_load_report *report = NULL;
  sld_load_options options = SLD_LOAD_OPTIONS_INIT;
  options.lenient = true;
  options.zone = "EET-NY";
  sld_status status = sld__market_new(&market, a, err);
  if (status != SLD_OK) return status;
  status = sld__market_load_with(market, folder, &options, NULL, &report, err);
  if (status != SLD_OK) assert_int_equal(sld__market_count(market), 0);
  sld_load_report_free(report);
  sld__market_free(market);
  return status;
}

static void other_forms_and_reports(void **state) {
  (void)state;
  static const unsigned char packed[] = { /* a header and two rows of USDCHF by gzip */
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x01, 0x35, 0x00, 0xca, 0xff, 't',  'i',  'm',  'e',  ',',  'c',  'l',  'o',  's',  'e',  '\n', '2',  '0',
    '2',  '4',  '-',  '0',  '1',  '-',  '0',  '2',  ' ',  '1',  '0',  ':',  '0',  '0',  ',',  '0',  '.',  '9',  '\n', '2',  '0',  '2',  '4',  '-',  '0',  '1',  '-',  '0',
    '2',  ' ',  '1',  '1',  ':',  '0',  '0',  ',',  '0',  '.',  '9',  '\n',
  };
  unsigned char whole[sizeof packed + 8];
  memcpy(whole, packed, sizeof packed);
  size_t text = sizeof packed - 15;
  whole[11] = (unsigned char)text;
  whole[12] = 0;
  whole[13] = (unsigned char)(0xFF ^ text);
  whole[14] = 0xFF;
  uint32_t sum = 0xFFFFFFFFu;
  for (size_t i = 15; i < sizeof packed; i++) {
    sum ^= packed[i];
    for (int bit = 0; bit < 8; bit++) sum = sum & 1 ? sum >> 1 ^ 0xEDB88320u : sum >> 1;
  }
  sum = ~sum;
  for (int i = 0; i < 4; i++) {
    whole[sizeof packed + (size_t)i] = (unsigned char)(sum >> 8 * i);
    whole[sizeof packed + 4 + (size_t)i] = (unsigned char)(text >> 8 * i);
  }
  write_bytes(folder, "USDCHF.csv.gz", whole, sizeof whole);
  write_text(folder, "EURUSD.json", "{\"ask\": \"ask.csv\", \"pair\": \"EURUSD\"}");
  write_text(folder, "ask.json", "{\"pair\": \"EURUSD\"}");
  write_text(folder, "EURUSD.csv", "time,close\n2024-01-02 10:00,1.2\n2024-01-02 11:00,1.2\n2024-01-02 13:00,1.2\nwhat\n");
  write_text(folder, "ask.csv", "time,close\n2024-01-02 10:00,1.3\n2024-01-02 12:00,1.3\n2024-01-02 13:00,1.3\n");
  write_text(folder, "GBPUSD_20140508.csv", "8715,1.39101,1.39114\n15681,1.39102,1.39116\n15680,1.39102,1.39116\n");
  write_text(folder, "list.json", "{\"series\": {\"Japan\": \"USDJPY\"}, \"ignore\": [\"Mars\"]}");
  write_text(folder, "list.csv", "Date,Country,Rate\n2024-01-02,Japan,140\n2024-01-02,Mars,1\n2024-01-03,Japan,x\n2024-01-03,Japan,141\n");
  write_text(folder, "AUDUSD_1.csv", "2024.01.02,10:00,1.2,1.2,1.2,1.2,5\n2024.01.02,11:00,1.2,1.2,1.2,1.2,5\n");
  write_text(folder, "AUDUSD_2.csv", "2024.01.02,12:00,1.2,1.2,1.2,1.2,5\n2024.01.02,13:00,1.2,1.2,1.2,1.2,5\n");
  sld_allocator a = sld__alloc_default();
  sld_error err = { .status = SLD_OK };
  sld_status status = load_leniently(&a, &err);
  if (status != SLD_OK) print_error("%s:%lld: %s\n", err.file, (long long)err.line, err.message);
  assert_int_equal(status, SLD_OK);
  assert_true(sweep(load_leniently) >= 60);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(columns_of_rates, make, clear),
    cmocka_unit_test_setup_teardown(bars_of_several_files_in_a_folder, make, clear),
    cmocka_unit_test_setup_teardown(other_forms_and_reports, make, clear),
    cmocka_unit_test_setup_teardown(a_column_store, make, clear),
    cmocka_unit_test(bars_from_memory),
    cmocka_unit_test_setup_teardown(saving_leaves_nothing_half_done, make, clear),
    cmocka_unit_test(conversion_rates),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
