/* The FX week and its trading days. */
#include "market/calendar.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/rng.h"

static sld__calendar calendar;

static int set_up(void **state) {
  (void)state;
  sld_allocator alloc = sld__alloc_default();
  return sld__calendar_init(&calendar, &alloc, NULL) == SLD_OK ? 0 : -1;
}

static int tear_down(void **state) {
  (void)state;
  sld__calendar_fini(&calendar);
  return 0;
}

static int64_t at(const char *text) {
  int64_t time;
  assert_int_equal(sld_time_parse(&time, text, NULL), SLD_OK);
  return time;
}

static int64_t day(const char *date) {
  return at(date) / SLD__NS_PER_DAY;
}

static double open_hours(const char *from, const char *until) {
  return (double)sld__calendar_open_ns(&calendar, at(from), at(until)) / (double)SLD__NS_PER_HOUR;
}

static void the_week_is_open_from_sunday_to_friday_17_00_new_york(void **state) {
  (void)state;
  assert_false(sld__calendar_open(&calendar, at("2024-01-07 21:59:59")));
  assert_true(sld__calendar_open(&calendar, at("2024-01-07 22:00")));
  assert_true(sld__calendar_open(&calendar, at("2024-01-12 21:59:59")));
  assert_false(sld__calendar_open(&calendar, at("2024-01-12 22:00")));
  assert_true(sld__calendar_open(&calendar, at("2024-07-07 21:00")));  /* an hour earlier in summer */
  assert_false(sld__calendar_open(&calendar, at("2024-07-12 21:00")));
  assert_true(sld__calendar_open(&calendar, at("2024-03-10 21:00")));  /* the Sunday on which the clock is put forward */
  assert_false(sld__calendar_open(&calendar, at("2024-03-10 20:59")));
}

static void a_trading_day_bears_the_date_of_its_end(void **state) {
  (void)state;
  assert_int_equal(sld__calendar_day(&calendar, at("2024-01-07 22:00")), day("2024-01-08"));
  assert_int_equal(sld__calendar_day(&calendar, at("2024-01-08 21:59:59.999")), day("2024-01-08"));
  assert_int_equal(sld__calendar_day(&calendar, at("2024-01-08 22:00")), day("2024-01-09"));
  assert_int_equal(sld__calendar_day_start(&calendar, day("2024-01-09")), at("2024-01-08 22:00"));
  assert_int_equal(sld__calendar_day_start(&calendar, day("2024-07-09")), at("2024-07-08 21:00"));
}

static void christmas_day_and_new_years_day_are_closed(void **state) {
  (void)state;
  assert_true(sld__calendar_trades(day("2024-12-24")));
  assert_false(sld__calendar_trades(day("2024-12-25")));
  assert_true(sld__calendar_trades(day("2024-12-26")));
  assert_true(sld__calendar_trades(day("2024-12-31")));
  assert_false(sld__calendar_trades(day("2025-01-01")));
  assert_false(sld__calendar_open(&calendar, at("2024-12-24 22:00")));
  assert_false(sld__calendar_open(&calendar, at("2024-12-25 21:59")));
  assert_true(sld__calendar_open(&calendar, at("2024-12-25 22:00")));
  assert_false(sld__calendar_trades(day("2024-07-06")));
  assert_false(sld__calendar_trades(day("2024-07-07")));
}

static void easter_and_the_days_around_christmas_and_new_year_are_holidays(void **state) {
  (void)state;
  static const char *const holidays[] = { "2024-12-24", "2024-12-25", "2024-12-26", "2024-12-31", "2024-01-01", "2024-01-02", "2024-03-29", "2024-04-01", "2025-04-18", "2025-04-21",
                                          "1818-03-20", "1943-04-23", "2000-04-21", "2038-04-26" }; /* the earliest Easter and the latest among them */
  static const char *const others[] = { "2024-12-23", "2024-12-27", "2024-12-30", "2024-01-03", "2024-03-28", "2024-04-02", "2024-03-31", "2024-11-25", "2024-07-04" };
  for (size_t i = 0; i < sizeof holidays / sizeof *holidays; i++) assert_true(sld__calendar_holiday(sld__floor_div(at(holidays[i]), SLD__NS_PER_DAY)));
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) assert_false(sld__calendar_holiday(day(others[i])));
}

static void open_time_leaves_out_weekends_and_holidays(void **state) {
  (void)state;
  assert_true(open_hours("2024-01-01 22:00", "2024-01-02 22:00") == 24.0);
  assert_true(open_hours("2024-01-05 12:00", "2024-01-08 12:00") == 24.0);
  assert_true(open_hours("2024-01-06", "2024-01-07") == 0.0);
  assert_true(open_hours("2024-07-01", "2024-07-29") == 4 * 120.0);
  assert_true(open_hours("2024-12-20 22:00", "2024-12-27 22:00") == 96.0);
  assert_true(open_hours("2024-03-08 12:00", "2024-03-11 12:00") == 10.0 + 15.0); /* to 22:00, then from 21:00 */
  assert_true(open_hours("2024-01-08", "2024-01-08") == 0.0);
  assert_true(open_hours("2024-01-08", "2024-01-05") == 0.0);
}

static void open_time_is_what_hours_add_up_to(void **state) {
  (void)state;
  struct sld__rng rng;
  sld__rng_init(&rng, 1, 2);
  for (int i = 0; i < 50; i++) {
    int64_t from = (int64_t)(sld__rng_uniform(&rng) * 400000) * SLD__NS_PER_HOUR, until = from;
    int64_t hours = 0;
    for (int k = 0; k < 24 * 40; k++, until += SLD__NS_PER_HOUR) hours += sld__calendar_open(&calendar, until);
    assert_int_equal(sld__calendar_open_ns(&calendar, from, until), hours * SLD__NS_PER_HOUR);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_week_is_open_from_sunday_to_friday_17_00_new_york),
    cmocka_unit_test(a_trading_day_bears_the_date_of_its_end),
    cmocka_unit_test(christmas_day_and_new_years_day_are_closed),
    cmocka_unit_test(easter_and_the_days_around_christmas_and_new_year_are_holidays),
    cmocka_unit_test(open_time_leaves_out_weekends_and_holidays),
    cmocka_unit_test(open_time_is_what_hours_add_up_to),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
