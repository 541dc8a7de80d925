/* The demo data and its relatives: columns of rates by a central bank. */
#include "market_files.h"

#include "base/time.h"
#include "market/convert.h"

static void close_to(double got, double expected) {
  assert_true(got == expected);
}

static sld__market *h10(void) {
  char folder[PATH_SIZE];
  source_path(folder, "data");
  return loaded(folder, "h10/h10.csv");
}

static void the_demo_data_hold_every_published_rate(void **state) {
  (void)state;
  static const struct {
    const char *pair;
    size_t bars;
  } expected[] = { { "AUDUSD", 13513 }, { "EURUSD", 6499 }, { "GBPUSD", 13520 }, { "NZDUSD", 13504 }, { "USDCAD", 13526 }, { "USDCHF", 13520 }, { "USDJPY", 13514 }, { "USDNOK", 13519 }, { "USDSEK", 13519 } };
  sld__market *market = h10();
  assert_int_equal(sld__market_count(market), 9);
  for (size_t i = 0; i < 9; i++) {
    const sld__series *series = sld__market_at(market, i);
    assert_string_equal(series->info.instrument.pair, expected[i].pair);
    assert_int_equal(series->count, expected[i].bars);
    assert_int_equal(series->info.bars, expected[i].bars);
    assert_int_equal(series->info.side, SLD_MID);
    assert_int_equal(series->info.period_ns, SLD__NS_PER_DAY);
    assert_true(series->info.one_price && series->info.date_only);
    assert_ptr_equal(series->open, series->close);
    assert_ptr_equal(series->high, series->close);
    assert_ptr_equal(series->low, series->close);
    assert_null(series->volume);
    sld__breach breach;
    assert_false(sld__series_breach(series, &breach));
  }
  assert_null(sld__market_at(market, 9));
  assert_null(sld__market_find(market, "EURGBP"));
  sld__market_free(market);
}

static size_t bar_of(const sld__series *series, int year, int month, int day) {
  int64_t time = sld__days_from_civil(year, month, day) * SLD__NS_PER_DAY;
  for (size_t i = 0; i < series->count; i++)
    if (series->time[i] == time) return i;
  fail();
  return 0;
}

static void rates_stand_at_their_dates(void **state) {
  (void)state;
  sld__market *market = h10();
  const sld__series *usdjpy = sld__market_find(market, "USDJPY");
  close_to(usdjpy->close[0], 357.73);
  assert_int_equal(usdjpy->time[0], sld__days_from_civil(1971, 1, 4) * SLD__NS_PER_DAY);
  close_to(usdjpy->close[bar_of(usdjpy, 2012, 1, 3)], 76.67);
  close_to(usdjpy->close[bar_of(usdjpy, 2014, 12, 31)], 119.85);
  const sld__series *eurusd = sld__market_find(market, "EURUSD");
  assert_int_equal(eurusd->info.first_time, sld__days_from_civil(1999, 1, 4) * SLD__NS_PER_DAY);
  close_to(eurusd->close[eurusd->count - 1], 1.0547);
  assert_int_equal(sld__series_close_time(eurusd, 0), sld__days_from_civil(1999, 1, 5) * SLD__NS_PER_DAY);
  sld__market_free(market);
}

/* 10,000 USDJPY bought on 2012-01-03 and marked on 2014-12-31 made 431,800 yen, which were 3,602.84 dollars. */
static void yen_profits_become_dollars_at_the_closing_rate(void **state) {
  (void)state;
  sld__market *market = h10();
  const sld__series *usdjpy = sld__market_find(market, "USDJPY");
  sld__conversion rate;
  assert_int_equal(sld__market_convert(market, usdjpy, "USD", &rate, NULL), SLD_OK);
  size_t entry = bar_of(usdjpy, 2012, 1, 3);
  size_t mark = bar_of(usdjpy, 2014, 12, 31);
  double yen = 10000.0 * (usdjpy->close[mark] - usdjpy->close[entry]);
  char text[32];
  snprintf(text, sizeof text, "%.2f", yen * rate.mark[mark]);
  assert_string_equal(text, "3602.84");
  close_to(rate.mark[mark], 1.0 / 119.85);
  close_to(rate.fill[mark], 1.0 / usdjpy->close[mark - 1]);
  sld__conversion_free(&rate);
  sld__market_free(market);
}

/* Tokyo's market was closed to the dollar from 1971-08-16 to 08-30, after the end of the gold window: the only hole of more than 10 days. */
static void the_only_hole_in_the_demo_rates_is_named(void **state) {
  (void)state;
  sld__market *market = h10();
  for (size_t i = 0; i < sld__market_count(market); i++) {
    const sld__series *series = sld__market_at(market, i);
    sld__conversion rate;
    assert_int_equal(sld__market_convert(market, series, "USD", &rate, NULL), SLD_OK);
    bool yen = strcmp(series->info.instrument.pair, "USDJPY") == 0;
    assert_int_equal(rate.complete, !yen);
    assert_int_equal(rate.missing, yen ? bar_of(series, 1971, 8, 31) : series->count);
    sld_error err;
    if (yen) {
      for (size_t k = 1; k < series->count; k++) assert_int_equal(rate.fill[k] != rate.fill[k], k == rate.missing);
      for (size_t k = 0; k < series->count; k++) assert_true(rate.mark[k] == 1.0 / series->close[k]);
      assert_int_equal(sld__conversion_fail(series, "USD", rate.missing, &err), SLD_ERATE);
      assert_string_equal(err.message, "no rate from JPY to USD for USDJPY at 1971-08-31 (none closed in the 10 days before)");
    }
    sld__conversion_free(&rate);
  }
  sld__market_free(market);
}

static void the_whole_folder_loads_like_the_file(void **state) {
  (void)state;
  char folder[PATH_SIZE];
  source_path(folder, "data");
  sld__market *by_folder = loaded(folder, "h10");
  sld__market *by_file = h10();
  char one[SLD__HASH_TEXT_SIZE];
  char other[SLD__HASH_TEXT_SIZE];
  sld__market_hash(by_folder, one);
  sld__market_hash(by_file, other);
  assert_string_equal(one, other);
  sld__market_free(by_folder);
  sld__market_free(by_file);
}

static void copy_into(const char *folder, const char *name, const char *from) {
  char path[PATH_SIZE];
  size_t size;
  shared_path(path, from);
  char *bytes = read_whole(path, &size);
  write_bytes(folder, name, bytes, size);
  free(bytes);
}

static void euro_reference_rates_run_backwards_and_end_in_a_comma(void **state) {
  (void)state;
  char folder[PATH_SIZE];
  char path[PATH_SIZE];
  shared_path(path, "data/dialects/ecb_wide_descending_trailing_comma.eurofxref-hist.csv");
  make_folder(folder);
  copy_into(folder, "ecb.csv", "data/dialects/ecb_wide_descending_trailing_comma.eurofxref-hist.csv");
  write_text(folder, "ecb.json",
             "{\"source\": \"ECB\", \"series\": {\"USD\": \"EURUSD\", \"JPY\": \"EURJPY\", \"GBP\": \"EURGBP\", \"RUB\": \"EURRUB\", \"NZD\": \"EURNZD\"},\n"
             " \"ignore\": [\"BGN\",\"CYP\",\"CZK\",\"DKK\",\"EEK\",\"HUF\",\"LTL\",\"LVL\",\"MTL\",\"PLN\",\"ROL\",\"RON\",\"SEK\",\"SIT\",\"SKK\",\"CHF\",\"ISK\",\"NOK\",\"HRK\",\"TRL\",\"TRY\",\n"
             "  \"AUD\",\"BRL\",\"CAD\",\"CNY\",\"HKD\",\"IDR\",\"ILS\",\"INR\",\"KRW\",\"MXN\",\"MYR\",\"PHP\",\"SGD\",\"THB\",\"ZAR\"]}");
  sld_error err;
  refused(folder, "ecb.csv", &err); /* 700 lines reach back to 2023 only, when there was no rouble rate any more */
  assert_non_null(strstr(err.message, "column 'RUB' holds no value"));

  write_text(folder, "ecb.json",
             "{\"source\": \"ECB\", \"series\": {\"USD\": \"EURUSD\", \"JPY\": \"EURJPY\", \"GBP\": \"EURGBP\", \"NZD\": \"EURNZD\"},\n"
             " \"ignore\": [\"BGN\",\"CYP\",\"CZK\",\"DKK\",\"EEK\",\"HUF\",\"LTL\",\"LVL\",\"MTL\",\"PLN\",\"ROL\",\"RON\",\"SEK\",\"SIT\",\"SKK\",\"CHF\",\"ISK\",\"NOK\",\"HRK\",\"RUB\",\"TRL\",\"TRY\",\n"
             "  \"AUD\",\"BRL\",\"CAD\",\"CNY\",\"HKD\",\"IDR\",\"ILS\",\"INR\",\"KRW\",\"MXN\",\"MYR\",\"PHP\",\"SGD\",\"THB\",\"ZAR\"]}");
  sld__market *market = loaded(folder, "ecb.csv");
  assert_int_equal(sld__market_count(market), 4);
  const sld__series *eurusd = sld__market_find(market, "EURUSD");
  assert_int_equal(eurusd->count, 699);
  assert_int_equal(eurusd->info.last_time, sld__days_from_civil(2026, 4, 13) * SLD__NS_PER_DAY);
  close_to(eurusd->close[698], 1.1684);
  close_to(eurusd->close[697], 1.1711);
  close_to(sld__market_find(market, "EURJPY")->close[698], 186.75);
  sld__market_free(market);
  remove_folder(folder);
}

static void other_marks_of_a_hole_are_known(void **state) {
  (void)state;
  static const char *const files[] = { "data/dialects/made_fred_old_dot_missing.csv", "data/dialects/made_fed_ND_missing.csv" };
  for (size_t k = 0; k < 2; k++) {
    char folder[PATH_SIZE];
    char path[PATH_SIZE];
    shared_path(path, files[k]);
    make_folder(folder);
    copy_into(folder, "h10.csv", files[k]);
    size_t size;
    char *text = read_whole(path, &size);
    text[size] = '\0';
    char json[256];
    const char *comma = strchr(text, ',');
    snprintf(json, sizeof json, "{\"series\": {\"%.*s\": \"EURUSD\"}}", (int)strcspn(comma + 1, "\r\n,"), comma + 1);
    free(text);
    write_text(folder, "h10.json", json);
    sld__market *market = loaded(folder, "h10.csv");
    const sld__series *eurusd = sld__market_find(market, "EURUSD");
    assert_int_equal(eurusd->count, 19);
    for (size_t i = 0; i < eurusd->count; i++) assert_int_not_equal(eurusd->time[i], sld__days_from_civil(1999, 1, 18) * SLD__NS_PER_DAY);
    sld__market_free(market);
    remove_folder(folder);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_demo_data_hold_every_published_rate),
    cmocka_unit_test(rates_stand_at_their_dates),
    cmocka_unit_test(yen_profits_become_dollars_at_the_closing_rate),
    cmocka_unit_test(the_only_hole_in_the_demo_rates_is_named),
    cmocka_unit_test(the_whole_folder_loads_like_the_file),
    cmocka_unit_test(euro_reference_rates_run_backwards_and_end_in_a_comma),
    cmocka_unit_test(other_marks_of_a_hole_are_known),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
