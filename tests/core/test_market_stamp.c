/* Time stamps are read in the forms that stamp.h lists and in no other. */
#include "base/time.h"
#include "market/stamp.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static int64_t at(const char *text) {
  sld__stamp stamp;
  const char *wrong = sld__stamp_parse(&stamp, text, strlen(text));
  if (wrong) print_error("%s: %s\n", text, wrong);
  assert_null(wrong);
  return stamp.time;
}

static void expect_wrong(const char *text, const char *words) {
  sld__stamp stamp = { 7, false, false };
  const char *wrong = sld__stamp_parse(&stamp, text, strlen(text));
  if (!wrong) print_error("%s was read as %lld\n", text, (long long)stamp.time);
  assert_non_null(wrong);
  assert_string_equal(wrong, words);
  assert_int_equal(stamp.time, 7);
}

static void every_form_means_the_same_instant(void **state) {
  (void)state;
  const int64_t noon = INT64_C(1325592000) * SLD__NS_PER_SECOND; /* 2012-01-03 12:00 UTC */
  assert_int_equal(at("2012-01-03 12:00"), noon);
  assert_int_equal(at("2012-01-03T12:00:00Z"), noon);
  assert_int_equal(at("2012.01.03 12:00:00"), noon);
  assert_int_equal(at("2012-01-03 14:00:00+02:00"), noon);
  assert_int_equal(at("2012-01-03 08:30:00-0330"), noon);
  assert_int_equal(at("2012-01-03T21:00:00.000+09"), noon);
  assert_int_equal(at("1325592000"), noon);
  assert_int_equal(at("1325592000000"), noon);
  assert_int_equal(at("1325592000000000"), noon);
  assert_int_equal(at("1325592000000000000"), noon);
  assert_int_equal(at("2012-01-03 12:00:00.25"), noon + 250000000);
  assert_int_equal(at("2012-01-03 12:00:00.123456789"), noon + 123456789);
}

static void a_date_alone_says_so(void **state) {
  (void)state;
  sld__stamp stamp;
  assert_null(sld__stamp_parse(&stamp, "1971-01-04", 10));
  assert_true(stamp.date_only);
  assert_int_equal(stamp.time, INT64_C(368) * SLD__NS_PER_DAY);
  assert_null(sld__stamp_parse(&stamp, "1971-01-04 00:00", 16));
  assert_false(stamp.date_only);
}

static void impossible_dates_and_times_are_named(void **state) {
  (void)state;
  expect_wrong("2024-13-02", "no such month");
  expect_wrong("2024-00-02", "no such month");
  expect_wrong("2024-02-30", "no such day");
  expect_wrong("2023-02-29", "no such day");
  expect_wrong("1900-02-29", "no such day");
  expect_wrong("2024-01-02 24:30:00", "no such hour");
  expect_wrong("2024-01-02 21:60:00", "no such minute");
  expect_wrong("2024-01-02 21:58:61", "no such second");
  expect_wrong("0000-01-02", "outside the years 1800 to 2090");
  expect_wrong("9999-01-02", "outside the years 1800 to 2090");
}

static void times_leave_room_for_the_longest_bar(void **state) {
  (void)state;
  assert_int_equal(at("1800-01-01"), SLD__STAMP_MIN);
  assert_int_equal(at("2090-12-31 23:59:59.999999999"), SLD__STAMP_END - 1);
  expect_wrong("1800-01-01 00:00:00+00:01", "outside the years 1800 to 2090");
  expect_wrong("2090-12-31 23:59:59-00:01", "outside the years 1800 to 2090");
  assert_int_equal(at("3818447999999999999"), SLD__STAMP_END - 1);
  expect_wrong("3818448000000000000", "outside the years 1800 to 2090");
  expect_wrong("9999999999", "outside the years 1800 to 2090");
}

static void other_texts_are_no_times(void **state) {
  (void)state;
  expect_wrong("", "not a date");
  expect_wrong("undefined", "not a date");
  expect_wrong("03/01/2012", "day or month first? nothing says so; tell it by day_first");
  expect_wrong("2012-01.03", "not a date");
  expect_wrong("201201", "not a date");
  expect_wrong("2012-01-03_12:00", "not a date");
  expect_wrong("2012-01-03 12", "not a time");
  expect_wrong("2012-01-03 12:00:00.", "not a time");
  expect_wrong("2012-01-03 12:00 ", "not a time");
  expect_wrong("2012-01-03 12:00:00Zx", "not a time");
  expect_wrong("2012-01-03 12:00:00+2", "not an offset from UTC");
  expect_wrong("2012-01-03 12:00:00+24:00", "not an offset from UTC");
  expect_wrong("2012-01-03 12:00:00.1234567891", "a fraction finer than nanoseconds");
  expect_wrong("17042310000000000000000", "not a date, and as a time since 1970 not of 10, 13, 16 or 19 digits");
  expect_wrong("9999999999999999999", "outside the years 1800 to 2090");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_form_means_the_same_instant),
    cmocka_unit_test(a_date_alone_says_so),
    cmocka_unit_test(impossible_dates_and_times_are_named),
    cmocka_unit_test(times_leave_room_for_the_longest_bar),
    cmocka_unit_test(other_texts_are_no_times),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
