/* Series written for others. */
#include "market/export.h"

#include "market_files.h"

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

static int64_t at(const char *text) {
  int64_t time;
  assert_int_equal(sld_time_parse(&time, text, NULL), SLD_OK);
  return time;
}

/* The bars of `bars`, written as CSV, must be `text`, and what stands beside it `description`. */
static void written_as(const sld_bars *bars, const char *text, const char *description) {
  char path[2 * PATH_SIZE], beside[2 * PATH_SIZE];
  sld_error err = { .status = SLD_OK };
  sld__market *market = new_market();
  size_t size;
  if (sld__market_add(market, bars, &err) != SLD_OK) print_error("%s: %s\n", err.file, err.message);
  snprintf(path, sizeof path, "%s/out.csv", folder);
  snprintf(beside, sizeof beside, "%s/out.json", folder);
  assert_int_equal(sld__series_write_csv(sld__market_at(market, 0), path, &err), SLD_OK);
  char *bytes = read_whole(path, &size);
  bytes[size] = '\0';
  assert_string_equal(bytes, text);
  free(bytes);
  bytes = read_whole(beside, &size);
  bytes[size] = '\0';
  assert_string_equal(bytes, description);
  free(bytes);
  sld__market_free(market);
}

static const double a[] = { 1.5, 1.25 }, b[] = { 1.75, 1.5 }, c[] = { 1.0625, 1.0 }, d[] = { 1.1234567890123457, 1.25 }, v[] = { 3, 0.5 };

static void bars_have_a_column_per_price(void **state) {
  (void)state;
  const int64_t time[] = { at("2024-01-02 22:00"), at("2024-01-02 23:00") };
  written_as(&(sld_bars){ .pair = "EURUSD", .count = 2, .time = time, .open = a, .high = b, .low = c, .close = d, .volume = v, .period_ns = SLD__NS_PER_HOUR },
    "time,open,high,low,close,volume\n2024-01-02T22:00:00Z,1.5,1.75,1.0625,1.1234567890123457,3\n2024-01-02T23:00:00Z,1.25,1.5,1,1.25,0.5\n",
    "{\n  \"pair\": \"EURUSD\",\n  \"side\": \"bid\",\n  \"timeframe\": \"1h\"\n}\n");
}

static void fixings_have_a_date_and_a_close(void **state) {
  (void)state;
  const int64_t time[] = { at("2024-01-02"), at("2024-01-03") };
  written_as(&(sld_bars){ .pair = "EURUSD", .count = 2, .time = time, .close = a, .side = SLD_MID }, "date,close\n2024-01-02,1.5\n2024-01-03,1.25\n",
    "{\n  \"pair\": \"EURUSD\",\n  \"side\": \"mid\",\n  \"timeframe\": \"1d\"\n}\n");
}

static void a_midnight_keeps_its_clock(void **state) {
  (void)state;
  const int64_t time[] = { at("2024-01-02 00:00"), at("2024-01-02 00:01:30.25") };
  written_as(&(sld_bars){ .pair = "EURUSD", .count = 2, .time = time, .close = a, .period_ns = SLD__NS_PER_MINUTE }, "time,close\n2024-01-02T00:00:00Z,1.5\n2024-01-02T00:01:30.25Z,1.25\n",
    "{\n  \"pair\": \"EURUSD\",\n  \"side\": \"bid\",\n  \"timeframe\": \"1m\"\n}\n");
}

static void both_sides_are_named(void **state) {
  (void)state;
  const int64_t time[] = { at("2024-01-02 22:00"), at("2024-01-02 23:00") };
  written_as(&(sld_bars){ .pair = "EURUSD", .count = 2, .time = time, .open = a, .high = b, .low = c, .close = a, .ask_open = b, .ask_high = b, .ask_low = a, .ask_close = b, .side = SLD_BOTH, .period_ns = SLD__NS_PER_HOUR },
    "time,bid_open,bid_high,bid_low,bid_close,ask_open,ask_high,ask_low,ask_close\n2024-01-02T22:00:00Z,1.5,1.75,1.0625,1.5,1.75,1.75,1.5,1.75\n"
    "2024-01-02T23:00:00Z,1.25,1.5,1,1.25,1.5,1.5,1.25,1.5\n",
    "{\n  \"pair\": \"EURUSD\",\n  \"timeframe\": \"1h\"\n}\n");
}

static void ticks_are_bid_and_ask(void **state) {
  (void)state;
  const int64_t time[] = { at("2024-01-02 22:00:00.123456789"), at("2024-01-02 22:00:00.123456789") };
  written_as(&(sld_bars){ .pair = "USDJPY", .count = 2, .time = time, .close = a, .ask_close = b, .side = SLD_BOTH, .ticks = true },
    "time,bid,ask\n2024-01-02T22:00:00.123456789Z,1.5,1.75\n2024-01-02T22:00:00.123456789Z,1.25,1.5\n", "{\n  \"pair\": \"USDJPY\"\n}\n");
}

static void another_name_is_refused(void **state) {
  (void)state;
  const int64_t time[] = { at("2024-01-02"), at("2024-01-03") };
  sld_error err;
  sld__market *market = new_market();
  assert_int_equal(sld__market_add(market, &(sld_bars){ .pair = "EURUSD", .count = 2, .time = time, .close = a }, NULL), SLD_OK);
  assert_int_equal(sld__series_write_csv(sld__market_at(market, 0), "out.txt", &err), SLD_EINVAL);
  assert_string_equal(err.message, "the name must end in .csv");
  assert_int_equal(sld__series_write_csv(sld__market_at(market, 0), "/dev/null/out.csv", &err), SLD_EIO);
  sld__market_free(market);
}

/* A file of NumPy's per column, as the store has them. */
static void numpy_files_hold_the_columns(void **state) {
  (void)state;
  const int64_t time[] = { at("2024-01-02"), at("2024-01-03") };
  char path[2 * PATH_SIZE];
  size_t size;
  sld__market *market = new_market();
  assert_int_equal(sld__market_add(market, &(sld_bars){ .pair = "EURUSD", .count = 2, .time = time, .close = d, .volume = v }, NULL), SLD_OK);
  snprintf(path, sizeof path, "%s/npy", folder);
  assert_int_equal(sld__series_write_npy(sld__market_at(market, 0), path, NULL), SLD_OK);
  const struct { const char *name; const void *values; } columns[] = { { "time", time }, { "close", d }, { "volume", v } };
  for (size_t k = 0; k < 3; k++) {
    snprintf(path, sizeof path, "%s/npy/%s.npy", folder, columns[k].name);
    char *bytes = read_whole(path, &size);
    assert_int_equal(size, 128 + 16);
    assert_memory_equal(bytes + 128, columns[k].values, 16);
    free(bytes);
  }
  snprintf(path, sizeof path, "%s/npy/open.npy", folder);
  assert_int_equal(access(path, F_OK), -1);
  sld__market_free(market);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(bars_have_a_column_per_price, set_up, tear_down),
    cmocka_unit_test_setup_teardown(fixings_have_a_date_and_a_close, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_midnight_keeps_its_clock, set_up, tear_down),
    cmocka_unit_test_setup_teardown(both_sides_are_named, set_up, tear_down),
    cmocka_unit_test_setup_teardown(ticks_are_bid_and_ask, set_up, tear_down),
    cmocka_unit_test_setup_teardown(another_name_is_refused, set_up, tear_down),
    cmocka_unit_test_setup_teardown(numpy_files_hold_the_columns, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
