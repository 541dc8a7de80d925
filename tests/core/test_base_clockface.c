/* What clocks show, and hours of business. */
#include "base/clockface.h"

#include "base/alloc.h"
#include "base/time.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct sld__zone *load(const char *name) {
  struct sld__zone *zone;
  sld_allocator a = sld__alloc_default();
  sld_error err;
  assert_int_equal(sld__zone_load(&zone, name, &a, &err), SLD_OK);
  return zone;
}

static double seconds(const char *text) {
  int64_t time;
  assert_int_equal(sld_time_parse(&time, text, NULL), SLD_OK);
  return (double)time / 1e9;
}

static void shows(const char *zone_name, const char *time, const double want[SLD__HAND_COUNT]) {
  struct sld__zone *zone = load(zone_name);
  sld__clockface face = { .zone = zone };
  for (int hand = 0; hand < SLD__HAND_COUNT; hand++) {
    double got = sld__clockface_hand(&face, (sld__hand)hand, seconds(time));
    if (got != want[hand]) fail_msg("%s %s: %s is %g, not %g", zone_name, time, sld__hand_name(hand), got, want[hand]);
  }
  sld__zone_free(zone);
}

static void a_clock_shows_its_zones_time(void **state) {
  (void)state;
  shows("UTC", "2024-03-01 00:00", (double[]){ 2024, 3, 1, 5, 0, 0 });
  shows("UTC", "1969-12-31 23:59:59", (double[]){ 1969, 12, 31, 3, 23, 59 });
  shows("America/New_York", "2024-03-01 00:00", (double[]){ 2024, 2, 29, 4, 19, 0 });
  shows("America/New_York", "2024-03-10 06:59:59", (double[]){ 2024, 3, 10, 7, 1, 59 }); /* the last second of winter time */
  shows("America/New_York", "2024-03-10 07:00", (double[]){ 2024, 3, 10, 7, 3, 0 });
  shows("America/New_York", "2024-11-03 05:30", (double[]){ 2024, 11, 3, 7, 1, 30 });
  shows("America/New_York", "2024-11-03 06:30", (double[]){ 2024, 11, 3, 7, 1, 30 }); /* the hour that comes twice */
  shows("Asia/Kolkata", "2024-12-31 18:30", (double[]){ 2025, 1, 1, 3, 0, 0 });
}

static void what_is_no_time_shows_nothing(void **state) {
  (void)state;
  struct sld__zone *zone = load("UTC");
  sld__clockface face = { .zone = zone };
  static const double none[] = { NAN, INFINITY, -INFINITY, 1e300, -1e300, 106286.0 * 86400, -106650.0 * 86400 - 1 };
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) assert_true(isnan(sld__clockface_hand(&face, SLD__HOUR, none[i])));
  assert_true(sld__clockface_hand(&face, SLD__HOUR, -0.5) == 23); /* fractions count downward before 1970 too */
  sld__zone_free(zone);
}

static bool on(const char *spans, const char *days, const char *zone_name, const char *time) {
  sld__hours hours;
  sld_error err;
  struct sld__zone *zone = load(zone_name);
  sld__clockface face = { .zone = zone };
  assert_int_equal(sld__hours_parse(&hours, spans, days, &err), SLD_OK);
  double is = sld__hours_on(&hours, &face, seconds(time));
  assert_true(is == 0 || is == 1);
  sld__zone_free(zone);
  return is == 1;
}

static void hours_hold_their_start_and_not_their_end(void **state) {
  (void)state;
  assert_false(on("0930-1600", NULL, "America/New_York", "2024-01-05 14:29"));
  assert_true(on("0930-1600", NULL, "America/New_York", "2024-01-05 14:30"));
  assert_true(on("0930-1600", NULL, "America/New_York", "2024-01-05 20:59"));
  assert_false(on("0930-1600", NULL, "America/New_York", "2024-01-05 21:00"));
  assert_true(on("0930-1600", NULL, "America/New_York", "2024-07-05 13:30")); /* summer: an hour earlier in UTC */
  assert_false(on("0930-1600", NULL, "America/New_York", "2024-07-05 20:00"));
  assert_true(on("09:30-11:30,12:30-16:00", NULL, "UTC", "2024-01-05 12:45"));
  assert_false(on("09:30-11:30,12:30-16:00", NULL, "UTC", "2024-01-05 11:45"));
  assert_true(on("0000-2400", NULL, "UTC", "2024-01-05 23:59"));
  assert_true(on("0000-0000", NULL, "UTC", "2024-01-05 12:00")); /* a whole day */
}

static void a_night_belongs_to_the_day_it_starts_in(void **state) {
  (void)state;
  assert_true(on("1700-0200", "Fri", "UTC", "2024-01-05 17:00"));  /* a Friday */
  assert_true(on("1700-0200", "Fri", "UTC", "2024-01-06 01:59"));
  assert_false(on("1700-0200", "Fri", "UTC", "2024-01-06 02:00"));
  assert_false(on("1700-0200", "Fri", "UTC", "2024-01-05 01:00")); /* Thursday's */
  assert_false(on("1700-0200", "Fri", "UTC", "2024-01-06 18:00"));
}

static void days_are_ranges_and_lists(void **state) {
  (void)state;
  static const char *const days[] = { "Mon-Fri", "mon,Wed-thu", "Sun-Tue", "Sat,Sun", NULL };
  static const char *const want[] = { "11111..", "1.11...", "11....1", ".....11", "1111111" };
  for (int i = 0; i < 5; i++)
    for (int day = 0; day < 7; day++) {
      char time[32];
      snprintf(time, sizeof time, "2024-01-%02d 12:00", 8 + day); /* the 8th is a Monday */
      assert_int_equal(on("0000-2400", days[i], "UTC", time), want[i][day] == '1');
    }
}

static void refused(const char *spans, const char *days, const char *want) {
  sld__hours hours;
  sld_error err;
  assert_int_equal(sld__hours_parse(&hours, spans, days, &err), SLD_EINVAL);
  assert_string_equal(err.message, want);
}

static void what_are_no_hours_is_refused(void **state) {
  (void)state;
  static const char *const wrong[] = { "", "9-16", "930-1600", "0930", "0930-", "0930-1660", "2500-2600", "2401-0100", "0930-1600,", "0930-1600 ", "0930:1600", "2400-0100",
    "0000-0001,0000-0001,0000-0001,0000-0001,0000-0001,0000-0001,0000-0001,0000-0001,0000-0001" };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    char want[200];
    snprintf(want, sizeof want, "'%.60s' are no hours: write 0930-1600, or up to 8 such spans joined by commas", wrong[i]);
    refused(wrong[i], NULL, want);
  }
  refused("0930-1600", "", "'' are no days: write Mon-Fri or Mon,Wed,Fri");
  refused("0930-1600", "Mo-Fr", "'Mo-Fr' are no days: write Mon-Fri or Mon,Wed,Fri");
  refused("0930-1600", "Mon-", "'Mon-' are no days: write Mon-Fri or Mon,Wed,Fri");
  refused("0930-1600", "Mon-Fri,", "'Mon-Fri,' are no days: write Mon-Fri or Mon,Wed,Fri");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_clock_shows_its_zones_time),
    cmocka_unit_test(what_is_no_time_shows_nothing),
    cmocka_unit_test(hours_hold_their_start_and_not_their_end),
    cmocka_unit_test(a_night_belongs_to_the_day_it_starts_in),
    cmocka_unit_test(days_are_ranges_and_lists),
    cmocka_unit_test(what_are_no_hours_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
