/* Short rates: which figure holds on a day, which is known at a time, what files may look like and what is refused. */
#include "market_folder.h"

#include <math.h>

#include "base/time.h"
#include "failing.h"
#include "market/rates.h"

static const char *at(const char *name) {
  static char path[PATH_SIZE + 64];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static sld_status load(sld__rates *rates, const char *name, sld_error *err) {
  static const sld__instruments own = { .count = 0 };
  if (rates->allocator.resize == NULL) rates->allocator = sld__alloc_default();
  return sld__rates_load(rates, &own, at(name), err);
}

/* The rates of a text that must be good. */
static sld__rates good(const char *text) {
  sld__rates rates = { .count = 0 };
  sld_error err = { .status = SLD_OK };
  write_text(folder, "rates.csv", text);
  if (load(&rates, "rates.csv", &err) != SLD_OK) print_error("%s:%lld:%lld: %s\n", err.file, (long long)err.line, (long long)err.column, err.message);
  assert_int_equal(err.status, SLD_OK);
  return rates;
}

static int64_t time_of(const char *text) {
  int64_t time;
  assert_int_equal(sld_time_parse(&time, text, NULL), SLD_OK);
  return time;
}

static double on(const sld__rates *rates, const char *currency, const char *date) {
  return sld__short_rate_on(sld__rates_find(rates, currency), time_of(date));
}

static double known(const sld__rates *rates, const char *currency, const char *time) {
  return sld__short_rate_known(sld__rates_find(rates, currency), time_of(time));
}

static void a_daily_rate_holds_on_its_day_and_is_known_at_its_end(void **state) {
  (void)state;
  sld__rates r = good("USD,EUR,observation_date\n5.25,4,2024-01-02T00:00:00.000Z\n5.5,,2024-01-03T00:00:00.000Z\n5.5,3.75,2024-01-04\n");
  assert_true(on(&r, "USD", "2024-01-02") == 5.25 && on(&r, "USD", "2024-01-03") == 5.5);
  assert_true(isnan(on(&r, "USD", "2024-01-01")));
  assert_true(isnan(known(&r, "USD", "2024-01-02 23:59")));
  assert_true(known(&r, "USD", "2024-01-03") == 5.25 && known(&r, "USD", "2024-01-04") == 5.5);
  assert_true(on(&r, "EUR", "2024-01-03") == 4.0);
  assert_null(sld__rates_find(&r, "JPY"));
  sld__rates_fini(&r);
}

static void a_monthly_rate_holds_in_its_month_and_is_known_from_the_next_ones_first_day(void **state) {
  (void)state;
  sld__rates r = good("date,JPY\n2024-01-01,0.1\n2024-02-01,-0.2\n2024-03-01,0.3\n");
  assert_true(sld__rates_find(&r, "JPY")->monthly);
  assert_true(on(&r, "JPY", "2024-01-31") == 0.1 && on(&r, "JPY", "2024-02-01") == -0.2);
  assert_true(isnan(known(&r, "JPY", "2024-01-31 23:59")));
  assert_true(known(&r, "JPY", "2024-02-01") == 0.1 && known(&r, "JPY", "2024-02-29 23:59") == 0.1 && known(&r, "JPY", "2024-03-01") == -0.2);
  sld__rates_fini(&r);
}

static void figures_of_months_carried_forward_day_by_day_are_monthly(void **state) {
  (void)state;
  sld__rates r = good("date,JPY,USD\n2024-01-30,0.1,5\n2024-01-31,0.1,5\n2024-02-01,0.2,5\n2024-02-02,0.2,5.1\n2024-03-01,0.2,5.1\n2024-03-02,0.2,5.1\n");
  assert_true(sld__rates_find(&r, "JPY")->monthly && !sld__rates_find(&r, "USD")->monthly);
  assert_true(isnan(known(&r, "JPY", "2024-01-31 23:00")) && known(&r, "JPY", "2024-02-02") == 0.1 && known(&r, "JPY", "2024-03-01") == 0.2);
  assert_true(on(&r, "JPY", "2024-01-05") == 0.1 && on(&r, "JPY", "2024-02-01") == 0.2);
  assert_int_equal(sld__rates_find(&r, "JPY")->count, 3);
  sld__rates_fini(&r);
}

static void a_rate_holds_ten_days_longer_than_its_day_or_month_and_is_then_missing(void **state) {
  (void)state;
  sld__rates r = good("date,USD\n2024-01-02,5\n2024-01-03,6\n");
  assert_true(on(&r, "USD", "2024-01-13") == 6.0 && isnan(on(&r, "USD", "2024-01-14")));
  assert_true(known(&r, "USD", "2024-01-14 23:59") == 6.0 && isnan(known(&r, "USD", "2024-01-15")));
  sld__rates_fini(&r);
  r = good("date,JPY\n2024-01-01,0.1\n2024-02-01,0.2\n");
  assert_true(on(&r, "JPY", "2024-03-10") == 0.2 && isnan(on(&r, "JPY", "2024-03-11")));
  assert_true(known(&r, "JPY", "2024-04-08 23:59") == 0.2 && isnan(known(&r, "JPY", "2024-04-09")));
  sld__rates_fini(&r);
}

static void rows_may_go_back_in_time(void **state) {
  (void)state;
  sld__rates r = good("date;USD\n2024-01-04;3\n2024-01-03;2\n2024-01-02;1\n");
  assert_true(on(&r, "USD", "2024-01-02") == 1.0 && on(&r, "USD", "2024-01-04") == 3.0);
  sld__rates_fini(&r);
}

static void a_description_names_columns_months_and_the_lag(void **state) {
  (void)state;
  write_text(folder, "rates.json", "{\"source\": \"FRED\", \"series\": {\"DFF\": \"USD\"}, \"ignore\": [\"VIX\"], \"monthly\": [\"JPY\"], \"lag_days\": 1.5}");
  sld__rates r = good("date,DFF,VIX,JPY\n2024-01-02,5,12,0.1\n2024-01-03,5.5,13,0.1\n");
  remove(at("rates.json"));
  assert_int_equal(r.count, 2);
  assert_true(isnan(known(&r, "USD", "2024-01-04 11:59")) && known(&r, "USD", "2024-01-04 12:00") == 5.0);
  assert_true(sld__rates_find(&r, "JPY")->monthly && isnan(known(&r, "JPY", "2024-02-02 11:00")) && known(&r, "JPY", "2024-02-02 12:00") == 0.1);
  sld__rates_fini(&r);
}

static void a_daily_rate_that_happens_to_change_with_a_month_can_be_called_daily(void **state) {
  (void)state;
  write_text(folder, "rates.json", "{\"daily\": [\"USD\"]}");
  sld__rates r = good("date,USD,EUR\n2024-01-31,5,4\n2024-02-01,6,5\n2024-02-02,6,5\n");
  remove(at("rates.json"));
  assert_true(!sld__rates_find(&r, "USD")->monthly && sld__rates_find(&r, "EUR")->monthly);
  assert_true(known(&r, "USD", "2024-02-02") == 6.0 && known(&r, "EUR", "2024-02-02") == 4.0);
  sld__rates_fini(&r);
}

static void monthly_rows_of_the_oecds_long_form_are_read_by_area(void **state) {
  (void)state;
  sld__rates r = good("\"LOCATION\",\"INDICATOR\",\"SUBJECT\",\"MEASURE\",\"FREQUENCY\",\"TIME\",\"Value\",\"Flag Codes\"\n"
                      "\"CHE\",\"STINT\",\"TOT\",\"PC_PA\",\"Q\",\"2020-Q1\",9,\n\"CHE\",\"STINT\",\"TOT\",\"PC_PA\",\"M\",\"2020-01\",-0.7,\n"
                      "\"CHE\",\"STINT\",\"TOT\",\"PC_PA\",\"M\",\"2020-02\",-0.8,\n\"DEU\",\"STINT\",\"TOT\",\"PC_PA\",\"M\",\"2020-01\",-0.4,\n"
                      "\"EA19\",\"STINT\",\"TOT\",\"PC_PA\",\"M\",\"2020-01\",-0.39,\n");
  assert_int_equal(r.count, 2);
  assert_true(on(&r, "CHF", "2020-02-10") == -0.8 && on(&r, "EUR", "2020-01-31") == -0.39 && known(&r, "CHF", "2020-02-01") == -0.7);
  sld__rates_fini(&r);
}

static void asking_for_many_times_is_asking_for_each(void **state) {
  (void)state;
  sld__rates r = good("date,USD\n2024-01-02,1\n2024-01-05,2\n2024-01-08,3\n2024-02-20,4\n");
  const sld__short_rate *usd = sld__rates_find(&r, "USD");
  int64_t times[300];
  double many[300];
  for (int i = 0; i < 300; i++) times[i] = time_of("2024-01-01") + i / 2 * 9 * SLD__NS_PER_HOUR;
  sld__short_rate_known_by(usd, times, 300, many);
  for (int i = 0; i < 300; i++) {
    double one = sld__short_rate_known(usd, times[i]);
    assert_true(one == many[i] || (isnan(one) && isnan(many[i])));
  }
  sld__short_rate_known_by(usd, times, 0, many);
  sld__rates_fini(&r);
}

static void what_is_no_rate_is_refused_with_its_place(void **state) {
  (void)state;
  const struct {
    const char *text;
    sld_status status;
    int line, column;
    const char *message;
  } cases[] = {
    { "date,USX\n2024-01-02,1\n", SLD_ENAME, 1, 6, "column 'USX' is no currency; did you mean 'USD'?" },
    { "date,USD,USD\n2024-01-02,1,1\n", SLD_EVALUE, 1, 10, "a second column of USD" },
    { "date,CAD\n2024-01-02,1\n", SLD_EVALUE, 1, 6, "rates of CAD are loaded already" },
    { "date\n2024-01-02\n", SLD_EPARSE, 1, 1, NULL },
    { "date,USD\n2024-01-02,1.x\n", SLD_EPARSE, 2, 12, "USD: '1.x' is not a number" },
    { "date,USD\n2024-01-02,nan\n", SLD_EPARSE, 2, 12, "USD: 'nan' is not a number" },
    { "date,USD\n2024-01-02,5000\n", SLD_EPARSE, 2, 12, "USD: 5000 is no rate in percent a year" },
    { "date,USD\n2024-01-02,1,2\n", SLD_EPARSE, 2, 14, "3 fields where the header has 2" },
    { "date,USD\n2024-13-02,1\n", SLD_EPARSE, 2, 1, "'2024-13-02': no such month" },
    { "date,USD\n2024-01-02 17:00,1\n", SLD_EPARSE, 2, 1, "'2024-01-02 17:00' is a time of day: rates are by date" },
    { "date,USD\n2024-01-02,1\n2024-01-02,1\n", SLD_EPARSE, 3, 1, "2024-01-02 stands here twice" },
    { "date,USD\n2024-01-02,1\n2024-01-04,1\n2024-01-03,1\n", SLD_EPARSE, 4, 1, "2024-01-03 is out of order: the rows before go forward in time" },
    { "date,USD\n2024-01-02,\n", SLD_EPARSE, 0, 0, "USD: no figure" },
    { "date,USD\n2024-01-01,1\n2024-04-01,2\n", SLD_EPARSE, 0, 0, "USD: figures are neither by the day nor by the month" },
    { "LOCATION,FREQUENCY,TIME,Value\nUSA,M,2020-02,1\nUSA,M,2020-01,1\n", SLD_EPARSE, 3, 7, "USD: the month is not later than the one before" },
    { "LOCATION,FREQUENCY,TIME,Value\nUSA,M,2020,1\n", SLD_EPARSE, 2, 7, "'2020': not a month" },
    { "LOCATION,FREQUENCY,TIME,Value\nDEU,M,2020-01,1\n", SLD_EPARSE, 0, 0, "no figures of a currency" },
    { "", SLD_EPARSE, 1, 1, NULL },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    sld__rates r = good("date,CAD\n2024-01-02,1\n");
    sld_error err = { .status = SLD_OK };
    write_text(folder, "bad.csv", cases[i].text);
    assert_int_equal(load(&r, "bad.csv", &err), cases[i].status);
    if (cases[i].message && (strcmp(err.message, cases[i].message) != 0 || err.line != cases[i].line || err.column != cases[i].column)) fail_msg("%zu: %lld:%lld: %s", i, (long long)err.line, (long long)err.column, err.message);
    assert_int_equal(r.count, 1);
    sld__rates_fini(&r);
  }
}

static void a_bad_description_is_refused_with_its_place(void **state) {
  (void)state;
  const struct {
    const char *text;
    int line, column;
    const char *message;
  } cases[] = {
    { "{\"serie\": {}}", 1, 2, "unknown field; did you mean series" },
    { "{\n\"series\": {\"USD\": \"USS\"}}", 2, 12, "'USS' is no currency; did you mean 'USD'?" },
    { "{\"series\": {\"USD\": 1}}", 1, 13, "the currency must be a text such as \"USD\"" },
    { "{\"monthly\": \"USD\"}", 1, 2, "monthly must be an array of currencies: [\"JPY\"]" },
    { "{\"lag_days\": -1}", 1, 2, "lag_days must be a number from 0 to 366" },
    { "[]", 1, 1, "an object is expected" },
  };
  write_text(folder, "told.csv", "date,USD\n2024-01-02,1\n");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    sld__rates r = { .count = 0 };
    sld_error err = { .status = SLD_OK };
    write_text(folder, "told.json", cases[i].text);
    assert_int_not_equal(load(&r, "told.csv", &err), SLD_OK);
    assert_string_equal(err.message, cases[i].message);
    assert_int_equal(err.line, cases[i].line);
    assert_int_equal(err.column, cases[i].column);
    assert_int_equal(r.count, 0);
    sld__rates_fini(&r);
  }
}

static void want_of_memory_adds_nothing_and_keeps_nothing(void **state) {
  (void)state;
  write_text(folder, "memory.csv", "date,USD,EUR\n2024-01-02,1,2\n2024-01-03,1,2\n");
  for (size_t k = 1;; k++) {
    struct failing failing = { .refuse = k };
    sld__rates r = { .allocator = failing_allocator(&failing) };
    sld_status status = load(&r, "memory.csv", NULL);
    if (status == SLD_OK) assert_int_equal(r.count, 2);
    else assert_int_equal(r.count, 0);
    sld__rates_fini(&r);
    assert_int_equal(failing.held, 0);
    if (status == SLD_OK) break;
    assert_int_equal(status, SLD_ENOMEM);
  }
}

static void the_short_rates_of_ten_currencies_read_as_they_stand(void **state) {
  (void)state;
  char source[PATH_SIZE];
  shared_path(source, "data/rates/g10_short_rates_daily.csv.gz");
  static const sld__instruments own = { .count = 0 };
  sld__rates r = { .allocator = sld__alloc_default() };
  assert_int_equal(sld__rates_load(&r, &own, source, NULL), SLD_OK);
  assert_int_equal(r.count, 10);
  for (size_t i = 0; i < r.count; i++) assert_int_equal(r.list[i].monthly, strcmp(r.list[i].currency, "USD") != 0 && strcmp(r.list[i].currency, "EUR") != 0);
  assert_true(on(&r, "USD", "2000-01-03") == 5.43 && known(&r, "USD", "2000-01-04") == 5.43);
  assert_true(on(&r, "JPY", "2000-01-31") == 0.02053 && isnan(known(&r, "JPY", "2000-01-31")) && known(&r, "JPY", "2000-02-01") == 0.02053);
  sld__rates_fini(&r);
}

static void the_oecds_short_rates_read_by_area(void **state) {
  (void)state;
  char source[PATH_SIZE];
  shared_path(source, "data/rates/short-term-interest.csv.gz");
  static const sld__instruments own = { .count = 0 };
  sld_error err = { .status = SLD_OK };
  sld__rates r = { .allocator = sld__alloc_default() };
  if (sld__rates_load(&r, &own, source, &err) != SLD_OK) print_error("%s:%lld:%lld: %s\n", err.file, (long long)err.line, (long long)err.column, err.message);
  assert_int_equal(err.status, SLD_OK);
  assert_true(r.count >= 15);
  assert_true(on(&r, "USD", "1987-12-31") == 7.66 && on(&r, "USD", "1988-01-01") == 6.92 && known(&r, "USD", "1988-01-31") == 7.66);
  assert_true(isnan(on(&r, "USD", "2020-07-11")));
  sld__rates_fini(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_daily_rate_holds_on_its_day_and_is_known_at_its_end),
    cmocka_unit_test(a_monthly_rate_holds_in_its_month_and_is_known_from_the_next_ones_first_day),
    cmocka_unit_test(figures_of_months_carried_forward_day_by_day_are_monthly),
    cmocka_unit_test(a_rate_holds_ten_days_longer_than_its_day_or_month_and_is_then_missing),
    cmocka_unit_test(rows_may_go_back_in_time),
    cmocka_unit_test(a_description_names_columns_months_and_the_lag),
    cmocka_unit_test(a_daily_rate_that_happens_to_change_with_a_month_can_be_called_daily),
    cmocka_unit_test(monthly_rows_of_the_oecds_long_form_are_read_by_area),
    cmocka_unit_test(asking_for_many_times_is_asking_for_each),
    cmocka_unit_test(what_is_no_rate_is_refused_with_its_place),
    cmocka_unit_test(a_bad_description_is_refused_with_its_place),
    cmocka_unit_test(want_of_memory_adds_nothing_and_keeps_nothing),
    cmocka_unit_test(the_short_rates_of_ten_currencies_read_as_they_stand),
    cmocka_unit_test(the_oecds_short_rates_read_by_area),
  };
  return cmocka_run_group_tests(tests, make, clear);
}
