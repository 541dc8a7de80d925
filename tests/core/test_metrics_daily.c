/* Which rows are daily samples: the last known by 17:00 New York, Monday to Friday. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "base/time.h"
#include "metrics/daily.h"

enum { MOST = 32 };

static const sld_allocator *allocator(void) {
  static sld_allocator a;
  a = sld__alloc_default();
  return &a;
}

/* Checks that of the given closes (UTC) exactly those marked with * are samples. */
static void expect(const char *const *closes, size_t count) {
  struct sld__zone *new_york;
  int64_t times[MOST];
  size_t rows[MOST], found = 0;
  assert_int_equal(sld__zone_load(&new_york, "America/New_York", allocator(), NULL), SLD_OK);
  for (size_t i = 0; i < count; i++) assert_int_equal(sld_time_parse(&times[i], closes[i] + 1, NULL), SLD_OK);
  size_t samples = sld__daily_rows(times, count, new_york, rows);
  for (size_t i = 0; i < count; i++) {
    bool sample = found < samples && rows[found] == i;
    found += sample;
    if (sample != (closes[i][0] == '*')) fail_msg("%s is %sa sample", closes[i] + 1, sample ? "" : "not ");
  }
  assert_int_equal(found, samples);
  sld__zone_free(new_york);
}

static void the_close_at_five_in_new_york_belongs_to_the_day_that_ends(void **state) {
  (void)state; /* Tuesday 2024-01-16: 17:00 is 22:00 UTC */
  static const char *const closes[] = { " 2024-01-16 21:00Z", "*2024-01-16 22:00Z", " 2024-01-16 22:01Z", " 2024-01-17 00:00Z", "*2024-01-17 22:00Z" };
  expect(closes, 5);
}

static void a_close_just_before_five_is_the_sample_where_none_stands_at_five(void **state) {
  (void)state;
  static const char *const closes[] = { " 2024-01-16 20:00Z", "*2024-01-16 21:59:59Z", "*2024-01-17 21:00Z", "*2024-01-18 23:00Z" };
  expect(closes, 4);
}

static void the_weekend_belongs_to_monday(void **state) {
  (void)state; /* Friday 2024-01-19 to Monday 2024-01-22 */
  static const char *const closes[] = { " 2024-01-19 21:00Z", "*2024-01-19 22:00Z", " 2024-01-19 23:00Z", " 2024-01-20 12:00Z", " 2024-01-21 22:00Z", " 2024-01-21 23:00Z",
    " 2024-01-22 21:00Z", "*2024-01-22 22:00Z", "*2024-01-23 10:00Z" };
  expect(closes, 9);
}

/* On 2024-03-10 New York's clocks went forward, on 2024-11-03 back; London's did on other days, UTC on none. */
static void five_in_new_york_moves_with_its_summer_time(void **state) {
  (void)state;
  static const char *const spring[] = { " 2024-03-08 21:30Z", "*2024-03-08 22:00Z", " 2024-03-10 22:00Z", "*2024-03-11 21:00Z", " 2024-03-11 21:30Z", " 2024-03-11 22:00Z", "*2024-03-12 21:00Z" };
  static const char *const autumn[] = { "*2024-11-01 21:00Z", " 2024-11-01 22:00Z", " 2024-11-04 21:00Z", "*2024-11-04 22:00Z", "*2024-11-05 22:00Z" };
  expect(spring, 7);
  expect(autumn, 5);
}

static void a_week_of_hours_has_five_samples(void **state) {
  (void)state; /* Sunday 2024-01-14 22:00 to Friday 2024-01-19 22:00 UTC */
  struct sld__zone *new_york;
  int64_t times[120], start;
  size_t rows[120];
  assert_int_equal(sld_time_parse(&start, "2024-01-14 23:00Z", NULL), SLD_OK);
  for (int i = 0; i < 120; i++) times[i] = start + i * SLD__NS_PER_HOUR;
  assert_int_equal(sld__zone_load(&new_york, "America/New_York", allocator(), NULL), SLD_OK);
  assert_int_equal(sld__daily_rows(times, 120, new_york, rows), 5);
  for (size_t i = 0; i < 5; i++) assert_int_equal(rows[i], 24 * i + 23);
  sld__zone_free(new_york);
}

static void every_date_is_a_sample(void **state) {
  (void)state;
  static const int64_t times[] = { 1, 2, 3 };
  size_t rows[3];
  assert_int_equal(sld__daily_rows(times, 3, NULL, rows), 3);
  for (size_t i = 0; i < 3; i++) assert_int_equal(rows[i], i);
}

/* Days of one row and of hundreds, with weekends and holidays of any length between them. */
static void rows_at_any_distance_agree_with_a_look_at_each(void **state) {
  (void)state;
  enum { ROWS = 3000 };
  static int64_t times[ROWS];
  static size_t rows[ROWS];
  struct sld__rng rng;
  struct sld__zone *new_york;
  assert_int_equal(sld__zone_load(&new_york, "America/New_York", allocator(), NULL), SLD_OK);
  sld__rng_init(&rng, 5, 5);
  for (int round = 0; round < 50; round++) {
    int64_t time = 0;
    for (size_t i = 0; i < ROWS; i++) {
      double u = sld__rng_uniform(&rng);
      time += (int64_t)((u < 0.98 ? 10 : u < 0.99 ? 1000 : 10000) * sld__rng_uniform(&rng)) * SLD__NS_PER_MINUTE; /* some close together */
      times[i] = time;
    }
    size_t samples = sld__daily_rows(times, ROWS, new_york, rows), found = 0;
    for (size_t i = 0; i < ROWS; i++)
      if (i + 1 == ROWS || sld__day_end(times[i], new_york) != sld__day_end(times[i + 1], new_york)) assert_int_equal(rows[found++], i);
    assert_int_equal(found, samples);
  }
  sld__zone_free(new_york);
}

static void no_row_is_no_sample(void **state) {
  (void)state;
  size_t rows[1];
  assert_int_equal(sld__daily_rows(NULL, 0, NULL, rows), 0);
  expect(NULL, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_close_at_five_in_new_york_belongs_to_the_day_that_ends),
    cmocka_unit_test(a_close_just_before_five_is_the_sample_where_none_stands_at_five),
    cmocka_unit_test(the_weekend_belongs_to_monday),
    cmocka_unit_test(five_in_new_york_moves_with_its_summer_time),
    cmocka_unit_test(a_week_of_hours_has_five_samples),
    cmocka_unit_test(every_date_is_a_sample),
    cmocka_unit_test(rows_at_any_distance_agree_with_a_look_at_each),
    cmocka_unit_test(no_row_is_no_sample),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
