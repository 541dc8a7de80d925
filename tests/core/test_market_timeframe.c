/* Time frames: their names, and their bars against the C library's clocks. */
#include "market/timeframe.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/rng.h"

static sld__timeframe frame_of(const char *text) {
  sld__timeframe frame;
  assert_int_equal(sld__timeframe_parse(&frame, text, NULL, NULL), SLD_OK);
  return frame;
}

static sld__buckets buckets_of(const char *text, sld_day day, const char *zone) {
  sld_allocator alloc = sld__alloc_default();
  sld__timeframe frame = frame_of(text);
  sld__buckets buckets;
  assert_int_equal(sld__buckets_init(&buckets, &frame, day, zone, &alloc, NULL), SLD_OK);
  return buckets;
}

static int64_t at(const char *text) {
  int64_t time;
  assert_int_equal(sld_time_parse(&time, text, NULL), SLD_OK);
  return time;
}

/* The bar of `frame` that holds `time` must be [from, until). */
static void holds(const char *frame, sld_day day, const char *zone, const char *time, const char *from, const char *until) {
  sld__buckets buckets = buckets_of(frame, day, zone);
  sld__bucket bucket = sld__buckets_at(&buckets, at(time));
  char text[2][40];
  sld_time_format(bucket.from, text[0], sizeof text[0]);
  sld_time_format(bucket.until, text[1], sizeof text[1]);
  assert_string_equal(text[0], from);
  assert_string_equal(text[1], until);
  sld__buckets_fini(&buckets);
}

static void names_are_numbers_and_units(void **state) {
  (void)state;
  assert_int_equal(frame_of("30s").length_ns, 30 * SLD__NS_PER_SECOND);
  assert_int_equal(frame_of("5m").length_ns, 5 * SLD__NS_PER_MINUTE);
  assert_int_equal(frame_of("60m").length_ns, SLD__NS_PER_HOUR);
  assert_int_equal(frame_of("4h").length_ns, 4 * SLD__NS_PER_HOUR);
  assert_int_equal(frame_of("24h").length_ns, SLD__NS_PER_DAY);
  assert_int_equal(frame_of("1d").length_ns, SLD__NS_PER_DAY);
  assert_int_equal(frame_of("1w").length_ns, 7 * SLD__NS_PER_DAY);
  assert_int_equal(frame_of("1mo").months, 1);
  assert_int_equal(frame_of("12mo").months, 12);
}

static void other_names_are_refused_in_the_traders_words(void **state) {
  (void)state;
  const struct { const char *text, *message; } wrong[] = {
    { "", "'' is no time frame; there are numbers of s, m, h and mo, 1d and 1w, such as 15m or 4h" },
    { "h", "'h' is no time frame; there are numbers of s, m, h and mo, 1d and 1w, such as 15m or 4h" },
    { "M5", "'M5' is no time frame; there are numbers of s, m, h and mo, 1d and 1w, such as 15m or 4h" },
    { "0m", "'0m' is no time frame; there are numbers of s, m, h and mo, 1d and 1w, such as 15m or 4h" },
    { "05m", "'05m' is no time frame; there are numbers of s, m, h and mo, 1d and 1w, such as 15m or 4h" },
    { "-5m", "'-5m' is no time frame; there are numbers of s, m, h and mo, 1d and 1w, such as 15m or 4h" },
    { "1.5h", "'1.5h' is no time frame; there are numbers of s, m, h and mo, 1d and 1w, such as 15m or 4h" },
    { "123456s", "'123456s' is no time frame; there are numbers of s, m, h and mo, 1d and 1w, such as 15m or 4h" },
    { "5min", "'5min' is no time frame; there are numbers of s, m, h and mo, 1d and 1w, such as 15m or 4h" },
    { "7m", "a day does not hold a whole number of 7m" },
    { "5h", "a day does not hold a whole number of 5h" },
    { "48h", "above a day there are 1d, 1w and months, not 48h" },
    { "2d", "above a day there are 1d, 1w and months, not 2d" },
    { "2w", "above a day there are 1d, 1w and months, not 2w" },
    { "20000w", "above a day there are 1d, 1w and months, not 20000w" },
    { "5mo", "a year does not hold a whole number of 5mo" },
    { "24mo", "a year does not hold a whole number of 24mo" },
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    sld__timeframe frame;
    sld_error err;
    assert_int_equal(sld__timeframe_parse(&frame, wrong[i].text, "options.timeframe", &err), SLD_EINVAL);
    assert_string_equal(err.message, wrong[i].message);
    assert_string_equal(err.file, "options.timeframe");
  }
}

static void an_fx_day_ends_at_17_00_in_new_york(void **state) {
  (void)state;
  holds("1d", SLD_DAY_NEW_YORK, NULL, "2024-01-02 12:00", "2024-01-01T22:00:00Z", "2024-01-02T22:00:00Z");
  holds("1d", SLD_DAY_NEW_YORK, NULL, "2024-01-02 22:00", "2024-01-02T22:00:00Z", "2024-01-03T22:00:00Z");
  holds("1d", SLD_DAY_NEW_YORK, NULL, "2024-07-02 20:59:59.999", "2024-07-01T21:00:00Z", "2024-07-02T21:00:00Z");
  holds("1d", SLD_DAY_NEW_YORK, NULL, "2024-03-10 12:00", "2024-03-09T22:00:00Z", "2024-03-10T21:00:00Z"); /* 23 hours, a Sunday without trade */
  holds("4h", SLD_DAY_NEW_YORK, NULL, "2024-01-02 12:00", "2024-01-02T10:00:00Z", "2024-01-02T14:00:00Z");
  holds("4h", SLD_DAY_NEW_YORK, NULL, "2024-07-02 12:00", "2024-07-02T09:00:00Z", "2024-07-02T13:00:00Z");
  holds("1h", SLD_DAY_NEW_YORK, NULL, "2024-07-02 12:30", "2024-07-02T12:00:00Z", "2024-07-02T13:00:00Z");
}

static void an_fx_week_starts_on_sunday_evening(void **state) {
  (void)state;
  holds("1w", SLD_DAY_NEW_YORK, NULL, "2024-01-05 21:59", "2023-12-31T22:00:00Z", "2024-01-07T22:00:00Z");
  holds("1w", SLD_DAY_NEW_YORK, NULL, "2024-03-10 21:00", "2024-03-10T21:00:00Z", "2024-03-17T21:00:00Z");
  holds("1w", SLD_DAY_NEW_YORK, NULL, "2024-03-10 20:59", "2024-03-03T22:00:00Z", "2024-03-10T21:00:00Z"); /* 167 hours */
  holds("1mo", SLD_DAY_NEW_YORK, NULL, "2024-01-31 22:00", "2024-01-31T22:00:00Z", "2024-02-29T22:00:00Z");
}

static void utc_days_weeks_and_months(void **state) {
  (void)state;
  holds("1d", SLD_DAY_UTC, NULL, "2024-01-02 23:59", "2024-01-02", "2024-01-03");
  holds("1w", SLD_DAY_UTC, NULL, "2024-01-07 23:59", "2024-01-01", "2024-01-08");
  holds("1w", SLD_DAY_UTC, NULL, "1969-12-31", "1969-12-29", "1970-01-05");
  holds("1mo", SLD_DAY_UTC, NULL, "2024-02-29 12:00", "2024-02-01", "2024-03-01");
  holds("3mo", SLD_DAY_UTC, NULL, "2023-12-31 12:00", "2023-10-01", "2024-01-01");
  holds("12mo", SLD_DAY_UTC, NULL, "1700-06-01", "1700-01-01", "1701-01-01");
  holds("15m", SLD_DAY_UTC, NULL, "1969-12-31 23:59", "1969-12-31T23:45:00Z", "1970-01-01");
}

static void the_sources_clock_may_have_half_hours(void **state) {
  (void)state;
  holds("1h", SLD_DAY_SOURCE, "Asia/Kolkata", "2024-01-02 10:00", "2024-01-02T09:30:00Z", "2024-01-02T10:30:00Z");
  holds("1d", SLD_DAY_SOURCE, "Asia/Kolkata", "2024-01-02 10:00", "2024-01-01T18:30:00Z", "2024-01-02T18:30:00Z");
  holds("1d", SLD_DAY_SOURCE, "+05:30", "2024-01-02 10:00", "2024-01-01T18:30:00Z", "2024-01-02T18:30:00Z");
  holds("1d", SLD_DAY_SOURCE, "EET-NY", "2024-07-02 10:00", "2024-07-01T21:00:00Z", "2024-07-02T21:00:00Z"); /* the FX day by another name */
}

static void bars_around_a_change_of_the_clock_are_longer_or_shorter(void **state) {
  (void)state;
  const char *athens = "Europe/Athens"; /* 2024-03-31 01:00Z: 03:00 becomes 04:00; 2024-10-27 01:00Z: 04:00 becomes 03:00 */
  holds("4h", SLD_DAY_SOURCE, athens, "2024-03-31 00:30", "2024-03-30T22:00:00Z", "2024-03-31T01:00:00Z"); /* 00:00 to 04:00 in three hours */
  holds("4h", SLD_DAY_SOURCE, athens, "2024-03-31 01:00", "2024-03-31T01:00:00Z", "2024-03-31T05:00:00Z");
  holds("1h", SLD_DAY_SOURCE, athens, "2024-03-31 00:59", "2024-03-31", "2024-03-31T01:00:00Z");
  holds("2h", SLD_DAY_SOURCE, athens, "2024-03-31 00:30", "2024-03-31", "2024-03-31T01:00:00Z"); /* 02:00 to 03:00, then 04:00 */
  holds("4h", SLD_DAY_SOURCE, athens, "2024-10-27 01:30", "2024-10-26T21:00:00Z", "2024-10-27T02:00:00Z"); /* 00:00 to 04:00 in five */
  holds("1h", SLD_DAY_SOURCE, athens, "2024-10-27 00:30", "2024-10-27", "2024-10-27T01:00:00Z");           /* 03:00 */
  holds("1h", SLD_DAY_SOURCE, athens, "2024-10-27 01:30", "2024-10-27T01:00:00Z", "2024-10-27T02:00:00Z"); /* 03:00 once more */
  holds("1d", SLD_DAY_SOURCE, athens, "2024-10-27 12:00", "2024-10-26T21:00:00Z", "2024-10-27T22:00:00Z");
  holds("1h", SLD_DAY_SOURCE, "Australia/Lord_Howe", "2024-04-06 15:10", "2024-04-06T14:00:00Z", "2024-04-06T15:30:00Z"); /* by half an hour */
}

/* The name of the bar that the C library's clock shows: all instants of one bar have one, and neighbours differ. */
static int64_t label(int64_t time, const sld__timeframe *frame, int shift_hours) {
  time_t second = (time_t)sld__floor_div(time, SLD__NS_PER_SECOND);
  struct tm local;
  localtime_r(&second, &local);
  int64_t days = sld__days_from_civil(local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
  int64_t shown = ((days * 24 + local.tm_hour + shift_hours) * 60 + local.tm_min) * 60 + local.tm_sec;
  days = sld__floor_div(shown, 86400);
  if (!frame->months) return frame->length_ns > SLD__NS_PER_DAY ? sld__floor_div(days + 3, 7) : sld__floor_div(shown, frame->length_ns / SLD__NS_PER_SECOND);
  struct sld__civil date;
  sld__civil_from_days(&date, days);
  return (date.year * 12 + date.month - 1) / frame->months;
}

static void bars_are_those_of_the_c_librarys_clock(void **state) {
  (void)state;
  const struct { sld_day day; const char *zone, *tz; int shift; } clocks[] = {
    { SLD_DAY_NEW_YORK, NULL, "America/New_York", 7 }, { SLD_DAY_UTC, NULL, "UTC", 0 }, { SLD_DAY_SOURCE, "Europe/Athens", "Europe/Athens", 0 },
    { SLD_DAY_SOURCE, "Asia/Kolkata", "Asia/Kolkata", 0 }, { SLD_DAY_SOURCE, "Australia/Sydney", "Australia/Sydney", 0 },
  };
  static const char *const frames[] = { "1m", "15m", "30m", "1h", "2h", "4h", "12h", "1d", "1w", "1mo", "3mo", "12mo" };
  struct sld__rng rng;
  sld__rng_init(&rng, 5, 6);
  for (size_t c = 0; c < sizeof clocks / sizeof *clocks; c++) {
    setenv("TZ", clocks[c].tz, 1);
    tzset();
    for (size_t f = 0; f < sizeof frames / sizeof *frames; f++) {
      sld__timeframe frame = frame_of(frames[f]);
      sld__buckets buckets = buckets_of(frames[f], clocks[c].day, clocks[c].zone);
      for (int i = 0; i < 500; i++) {
        int64_t time = (int64_t)(sld__rng_uniform(&rng) * 4.0e9) * SLD__NS_PER_SECOND;
        sld__bucket bucket = sld__buckets_at(&buckets, time);
        int64_t mine = label(time, &frame, clocks[c].shift);
        assert_true(bucket.from <= time && time < bucket.until);
        assert_int_equal(label(bucket.from, &frame, clocks[c].shift), mine);
        assert_int_equal(label(bucket.until - 1, &frame, clocks[c].shift), mine);
        sld__bucket next = sld__buckets_at(&buckets, bucket.until);
        sld__bucket before = sld__buckets_at(&buckets, bucket.from - 1);
        assert_int_equal(next.from, bucket.until);
        assert_int_equal(before.until, bucket.from);
      }
      sld__buckets_fini(&buckets);
    }
  }
  unsetenv("TZ");
  tzset();
}

static void an_hour_that_comes_twice_is_two_bars(void **state) {
  (void)state;
  sld__buckets buckets = buckets_of("1h", SLD_DAY_SOURCE, "Europe/Athens");
  int bars = 0;
  int64_t end = at("2024-10-27 22:00");
  for (int64_t time = at("2024-10-26 21:00"); time < end; time = sld__buckets_at(&buckets, time).until) bars++;
  assert_int_equal(bars, 25);
  sld__buckets_fini(&buckets);
}

static void a_period_is_the_longest_bar(void **state) {
  (void)state;
  static const int months[] = { 1, 2, 3, 4, 6, 12 };
  for (size_t i = 0; i < sizeof months / sizeof *months; i++) {
    sld__timeframe frame = { 0, months[i] };
    sld_allocator alloc = sld__alloc_default();
    sld__buckets buckets;
    assert_int_equal(sld__buckets_init(&buckets, &frame, SLD_DAY_UTC, NULL, &alloc, NULL), SLD_OK);
    int64_t longest = 0;
    for (int64_t time = at("2000-01-01"); time < at("2008-01-01");) {
      sld__bucket bucket = sld__buckets_at(&buckets, time);
      if (bucket.until - bucket.from > longest) longest = bucket.until - bucket.from;
      time = bucket.until;
    }
    assert_int_equal(sld__timeframe_period(&frame), longest);
    sld__buckets_fini(&buckets);
  }
}

static void a_zone_belongs_to_the_sources_days_alone(void **state) {
  (void)state;
  sld_allocator alloc = sld__alloc_default();
  sld__timeframe frame = frame_of("1d");
  sld__buckets buckets;
  sld_error err;
  assert_int_equal(sld__buckets_init(&buckets, &frame, SLD_DAY_SOURCE, NULL, &alloc, &err), SLD_EINVAL);
  assert_string_equal(err.message, "days of the source's own clock need its zone, such as Europe/Athens");
  sld__buckets_fini(&buckets);
  assert_int_equal(sld__buckets_init(&buckets, &frame, SLD_DAY_UTC, "Europe/Athens", &alloc, &err), SLD_EINVAL);
  assert_string_equal(err.message, "days that end by UTC need no zone");
  sld__buckets_fini(&buckets);
  assert_int_equal(sld__buckets_init(&buckets, &frame, SLD_DAY_SOURCE, "Europe/Atlantis", &alloc, &err), SLD_ENAME);
  sld__buckets_fini(&buckets);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(names_are_numbers_and_units),
    cmocka_unit_test(other_names_are_refused_in_the_traders_words),
    cmocka_unit_test(an_fx_day_ends_at_17_00_in_new_york),
    cmocka_unit_test(an_fx_week_starts_on_sunday_evening),
    cmocka_unit_test(utc_days_weeks_and_months),
    cmocka_unit_test(the_sources_clock_may_have_half_hours),
    cmocka_unit_test(bars_around_a_change_of_the_clock_are_longer_or_shorter),
    cmocka_unit_test(bars_are_those_of_the_c_librarys_clock),
    cmocka_unit_test(an_hour_that_comes_twice_is_two_bars),
    cmocka_unit_test(a_period_is_the_longest_bar),
    cmocka_unit_test(a_zone_belongs_to_the_sources_days_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
