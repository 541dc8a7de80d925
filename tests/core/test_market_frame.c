/* Finished periods of higher time frames: which bars they hold, and the bar from which on they are known. */
#include "market/frame.h"

#include "base/alloc.h"
#include "base/error.h"
#include "market/resample.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 20000 };

/* Bars at given opens; row i has open 100 + i, high 200 + i, low 50 - i / 1000, close 101 + i, volume 1. */
typedef struct bars {
  sld__series series;
  int64_t time[ROWS_MAX];
  double open[ROWS_MAX], high[ROWS_MAX], low[ROWS_MAX], close[ROWS_MAX], volume[ROWS_MAX];
  size_t count;
} bars;

static bars made;

static int64_t at(const char *text) {
  int64_t time;
  assert_int_equal(sld_time_parse(&time, text, NULL), SLD_OK);
  return time;
}

static void start(int64_t period_ns) {
  memset(&made, 0, sizeof made);
  made.series = (sld__series){ .time = made.time, .open = made.open, .high = made.high, .low = made.low, .close = made.close, .volume = made.volume };
  made.series.info.period_ns = period_ns;
}

static void add(int64_t time) {
  size_t i = made.count++;
  assert_true(i < ROWS_MAX);
  made.time[i] = time;
  made.open[i] = 100.0 + (double)i;
  made.high[i] = 200.0 + (double)i;
  made.low[i] = 50.0 - (double)i / 1000;
  made.close[i] = 101.0 + (double)i;
  made.volume[i] = 1;
  made.series.count = made.count;
}

/* Every period from `from` to before `until`. */
static void add_all(const char *from, const char *until, int64_t period_ns) {
  for (int64_t time = at(from); time < at(until); time += period_ns) add(time);
}

static sld__frame frame_of(size_t rows, const char *timeframe, sld_day day) {
  sld__frame frame;
  sld_allocator a = sld__alloc_default();
  sld_error err;
  if (sld__frame_init(&frame, &made.series, 0, rows, timeframe, day, day == SLD_DAY_SOURCE ? "Europe/Athens" : NULL, &a, &err) != SLD_OK) fail_msg("%s", err.message);
  return frame;
}

/* The row that opens at a time. */
static size_t row_at(const char *text) {
  for (size_t i = 0; i < made.count; i++)
    if (made.time[i] == at(text)) return i;
  fail_msg("no bar at %s", text);
  return 0;
}

/* The first row at whose close period `k` is known. */
static size_t known(const sld__frame *frame, int32_t k) {
  size_t i = 0;
  while (i < made.count && frame->last[i] < k) i++;
  return i;
}

static void period_starts(const sld__frame *frame, int32_t k, const char *want) {
  char got[40];
  sld_time_format((int64_t)frame->columns[0][k] * SLD__NS_PER_SECOND, got, sizeof got);
  assert_string_equal(got, want);
}

static void a_period_is_known_at_the_bar_that_completes_it(void **state) {
  (void)state;
  start(15 * SLD__NS_PER_MINUTE);
  add_all("2024-01-09 00:00", "2024-01-09 03:10", 15 * SLD__NS_PER_MINUTE);
  sld__frame hours = frame_of(made.count, "1h", SLD_DAY_UTC);
  assert_int_equal(hours.count, 3); /* the hour from 03:00 has one bar and is not finished */
  for (size_t i = 0; i < made.count; i++) assert_int_equal(hours.last[i], (int32_t)((i + 1) / 4) - 1);
  for (int k = 0; k < 3; k++) {
    size_t first = (size_t)k * 4;
    assert_true(hours.columns[0][k] == (double)(made.time[first] / SLD__NS_PER_SECOND));
    assert_true(hours.columns[1][k] == made.open[first]);
    assert_true(hours.columns[2][k] == made.high[first + 3]);
    assert_true(hours.columns[3][k] == made.low[first + 3]);
    assert_true(hours.columns[4][k] == made.close[first + 3]);
    assert_true(hours.columns[5][k] == 4);
    assert_null(hours.columns[6]);
  }
  sld__frame_fini(&hours);
}

static void where_the_completing_bar_is_missing_the_next_one_tells(void **state) {
  (void)state;
  start(15 * SLD__NS_PER_MINUTE);
  add(at("2024-01-09 00:00"));
  add(at("2024-01-09 00:15")); /* 00:30 and 00:45 are missing, and so are two whole hours */
  add(at("2024-01-09 03:15"));
  add(at("2024-01-09 03:30"));
  add(at("2024-01-09 03:45"));
  sld__frame hours = frame_of(made.count, "1h", SLD_DAY_UTC);
  assert_int_equal(hours.count, 2); /* no bar, no period */
  static const int32_t want[] = { -1, -1, 0, 0, 1 };
  assert_memory_equal(hours.last, want, sizeof want);
  assert_true(hours.columns[4][0] == made.close[1]);
  period_starts(&hours, 1, "2024-01-09T03:00:00Z");
  sld__frame_fini(&hours);
  /* One bar may finish two periods: its own, and the one before the hole. */
  start(SLD__NS_PER_HOUR);
  add(at("2024-01-08 00:00"));
  add(at("2024-01-09 23:00"));
  sld__frame days = frame_of(made.count, "1d", SLD_DAY_UTC);
  static const int32_t both[] = { -1, 1 };
  assert_int_equal(days.count, 2);
  assert_memory_equal(days.last, both, sizeof both);
  sld__frame_fini(&days);
}

/* New York's 17:00 is 22:00 UTC in winter and 21:00 in summer; the clock is put forward on Sunday 2024-03-10 and back on 2024-11-03. */
static void fx_days_end_at_17_new_york_in_summer_and_winter(void **state) {
  (void)state;
  start(SLD__NS_PER_HOUR);
  add_all("2024-03-07 00:00", "2024-03-08 22:00", SLD__NS_PER_HOUR); /* Thursday to Friday 17:00 */
  add_all("2024-03-10 21:00", "2024-03-13 00:00", SLD__NS_PER_HOUR); /* Sunday 17:00, summer time */
  sld__frame days = frame_of(made.count, "1d", SLD_DAY_NEW_YORK);
  assert_int_equal(days.count, 4); /* Thursday, Friday, Monday, Tuesday */
  assert_int_equal(known(&days, 0), row_at("2024-03-07 21:00"));
  assert_int_equal(known(&days, 1), row_at("2024-03-08 21:00")); /* Friday's, when the week ends and not on Sunday */
  assert_int_equal(known(&days, 2), row_at("2024-03-11 20:00"));
  assert_int_equal(known(&days, 3), row_at("2024-03-12 20:00"));
  period_starts(&days, 2, "2024-03-10T21:00:00Z");
  sld__frame_fini(&days);
  start(SLD__NS_PER_HOUR);
  add_all("2024-10-31 00:00", "2024-11-01 21:00", SLD__NS_PER_HOUR);
  add_all("2024-11-03 22:00", "2024-11-05 00:00", SLD__NS_PER_HOUR);
  days = frame_of(made.count, "1d", SLD_DAY_NEW_YORK);
  assert_int_equal(days.count, 3);
  assert_int_equal(known(&days, 0), row_at("2024-10-31 20:00"));
  assert_int_equal(known(&days, 1), row_at("2024-11-01 20:00"));
  assert_int_equal(known(&days, 2), row_at("2024-11-04 21:00"));
  sld__frame_fini(&days);
}

static void fx_weeks_and_months_wait_for_no_weekend(void **state) {
  (void)state;
  start(SLD__NS_PER_HOUR);
  add_all("2024-03-25 00:00", "2024-03-29 21:00", SLD__NS_PER_HOUR); /* Monday to Friday 17:00 of the week in which March ends, on a Sunday */
  add_all("2024-03-31 21:00", "2024-04-05 21:00", SLD__NS_PER_HOUR);
  sld__frame weeks = frame_of(made.count, "1w", SLD_DAY_NEW_YORK), months = frame_of(made.count, "1mo", SLD_DAY_NEW_YORK);
  assert_int_equal(weeks.count, 2);
  assert_int_equal(known(&weeks, 0), row_at("2024-03-29 20:00"));
  assert_int_equal(known(&weeks, 1), row_at("2024-04-05 20:00"));
  period_starts(&weeks, 1, "2024-03-31T21:00:00Z");
  assert_int_equal(months.count, 1);
  assert_int_equal(known(&months, 0), row_at("2024-03-29 20:00"));
  sld__frame_fini(&weeks);
  sld__frame_fini(&months);
  /* A market without weekends has UTC's: Monday 00:00, and the month to its last minute. */
  start(SLD__NS_PER_HOUR);
  add_all("2024-03-25 00:00", "2024-04-02 00:00", SLD__NS_PER_HOUR);
  weeks = frame_of(made.count, "1w", SLD_DAY_UTC);
  months = frame_of(made.count, "1mo", SLD_DAY_UTC);
  assert_int_equal(known(&weeks, 0), row_at("2024-03-31 23:00"));
  assert_int_equal(known(&months, 0), row_at("2024-03-31 23:00"));
  sld__frame_fini(&weeks);
  sld__frame_fini(&months);
}

static void a_bar_in_a_finished_period_counts_to_the_next(void **state) {
  (void)state;
  start(SLD__NS_PER_HOUR);
  add_all("2024-03-25 00:00", "2024-03-29 21:00", SLD__NS_PER_HOUR);
  size_t friday = made.count;
  add(at("2024-03-30 12:00")); /* a quote on a Saturday */
  add_all("2024-03-31 21:00", "2024-04-05 21:00", SLD__NS_PER_HOUR);
  sld__frame weeks = frame_of(made.count, "1w", SLD_DAY_NEW_YORK);
  assert_int_equal(weeks.count, 2);
  assert_true(weeks.columns[4][0] == made.close[friday - 1]);
  assert_true(weeks.columns[1][1] == made.open[friday]);
  assert_true(weeks.columns[5][0] + weeks.columns[5][1] == (double)made.count);
  sld__frame_fini(&weeks);
}

static void daily_bars_make_weeks_and_months(void **state) {
  (void)state;
  start(SLD__NS_PER_DAY);
  for (int64_t day = at("2024-01-01"); day < at("2024-03-05"); day += SLD__NS_PER_DAY)
    if (sld__weekday_of_days(day / SLD__NS_PER_DAY) < 6) add(day);
  for (int k = 0; k < 2; k++) { /* dates mean the same days on both clocks */
    sld__frame months = frame_of(made.count, "1mo", k ? SLD_DAY_NEW_YORK : SLD_DAY_UTC), weeks = frame_of(made.count, "1w", k ? SLD_DAY_NEW_YORK : SLD_DAY_UTC);
    assert_int_equal(months.count, 2);
    assert_int_equal(known(&months, 0), row_at("2024-01-31"));
    assert_int_equal(known(&months, 1), row_at("2024-02-29"));
    assert_int_equal(known(&weeks, 0), k ? row_at("2024-01-05") : row_at("2024-01-08")); /* UTC's week ends on Sunday, which has no bar */
    sld__frame_fini(&months);
    sld__frame_fini(&weeks);
  }
  sld__frame days = frame_of(made.count, "1d", SLD_DAY_NEW_YORK);
  assert_int_equal(days.count, made.count);
  for (size_t i = 0; i < made.count; i++) assert_int_equal(days.last[i], (int32_t)i);
  sld__frame_fini(&days);
}

static void a_servers_own_days_follow_its_zone(void **state) {
  (void)state;
  start(SLD__NS_PER_HOUR);
  add_all("2024-07-01 00:00", "2024-07-03 00:00", SLD__NS_PER_HOUR);
  sld__frame days = frame_of(made.count, "1d", SLD_DAY_SOURCE); /* Athens: UTC+3 */
  assert_int_equal(known(&days, 0), row_at("2024-07-01 20:00"));
  assert_int_equal(known(&days, 1), row_at("2024-07-02 20:00"));
  sld__frame_fini(&days);
}

/* What is known at a bar stays what it was, wherever the data are cut, over times with holes of every kind. */
static void cutting_the_data_changes_nothing_before_the_cut(void **state) {
  (void)state;
  static const char *const timeframes[] = { "1h", "4h", "1d", "1w", "1mo" };
  uint64_t seed = 11;
  start(15 * SLD__NS_PER_MINUTE);
  for (int64_t time = at("2024-02-20 00:00"); time < at("2024-04-20 00:00"); time += 15 * SLD__NS_PER_MINUTE) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    if ((seed >> 40) % 50 == 0) time += (int64_t)((seed >> 20) % 300) * 5 * SLD__NS_PER_MINUTE;
    add(time);
  }
  for (int t = 0; t < 5; t++)
    for (int day = 0; day < 3; day++) {
      sld__frame whole = frame_of(made.count, timeframes[t], (sld_day)day);
      for (size_t rows = 1; rows < made.count; rows += 37) {
        sld__frame cut = frame_of(rows, timeframes[t], (sld_day)day);
        assert_memory_equal(cut.last, whole.last, rows * sizeof *cut.last);
        assert_int_equal(cut.count, (size_t)(cut.last[rows - 1] + 1));
        for (int k = 0; k <= 5 && cut.count; k++) assert_memory_equal(cut.columns[k], whole.columns[k], cut.count * sizeof(double));
        sld__frame_fini(&cut);
      }
      sld__frame_fini(&whole);
    }
}

/* Bars stamped by date belong to their date on every clock, one west of Greenwich included. */
static void dates_know_no_clock(void **state) {
  (void)state;
  sld_allocator a = sld__alloc_default();
  start(SLD__NS_PER_DAY);
  made.series.info.date_only = true;
  for (int64_t day = at("2024-01-01"); day < at("2024-02-10"); day += SLD__NS_PER_DAY)
    if (sld__weekday_of_days(day / SLD__NS_PER_DAY) < 6) add(day);
  for (int k = 0; k < 2; k++) {
    sld__frame weeks;
    assert_int_equal(sld__frame_init(&weeks, &made.series, 0, made.count, "1w", k ? SLD_DAY_SOURCE : SLD_DAY_NEW_YORK, k ? "America/Los_Angeles" : NULL, &a, NULL), SLD_OK);
    assert_int_equal(weeks.count, 6);
    assert_int_equal(known(&weeks, 0), row_at("2024-01-05"));
    assert_true(weeks.columns[1][1] == made.open[row_at("2024-01-08")]);
    sld__frame_fini(&weeks);
  }
}

/* A zone that dates have no use for is not passed over when it is wrong. */
static void dates_refuse_a_wrong_clock_all_the_same(void **state) {
  (void)state;
  static const struct {
    sld_day day;
    const char *zone, *message;
  } cases[] = {
    { SLD_DAY_SOURCE, NULL, "days of the source's own clock need its zone, such as Europe/Athens" },
    { SLD_DAY_SOURCE, "Mars/Olympus", "'Mars/Olympus' is no time zone; there are UTC, offsets such as +05:30, names such as America/New_York, EET-NY and floating" },
    { SLD_DAY_UTC, "Europe/Athens", "days that end by UTC need no zone" },
    { SLD_DAY_NEW_YORK, "Europe/Athens", "days that end by New York need no zone" },
  };
  sld_allocator a = sld__alloc_default();
  start(SLD__NS_PER_DAY);
  made.series.info.date_only = true;
  add(at("2024-01-01"));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    sld__frame weeks;
    sld_error err;
    assert_int_not_equal(sld__frame_init(&weeks, &made.series, 0, made.count, "1w", cases[i].day, cases[i].zone, &a, &err), SLD_OK);
    assert_string_equal(err.message, cases[i].message);
    sld__frame_fini(&weeks);
  }
}

/* The bars of a time frame are those that resampling makes, but for one that is not finished. */
static void finished_periods_are_resampled_bars(void **state) {
  (void)state;
  static const char *const timeframes[] = { "1h", "4h", "1d", "1w", "1mo" };
  sld_allocator a = sld__alloc_default();
  uint64_t seed = 5;
  start(15 * SLD__NS_PER_MINUTE);
  made.series.allocator = a;
  for (int64_t time = at("2024-01-07 22:00"); time < at("2024-05-03 21:00"); time += 15 * SLD__NS_PER_MINUTE) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    int weekday = sld__weekday_of_days(time / SLD__NS_PER_DAY);
    bool open = weekday < 5 || (weekday == 5 && time % SLD__NS_PER_DAY < 21 * SLD__NS_PER_HOUR) || (weekday == 7 && time % SLD__NS_PER_DAY >= 22 * SLD__NS_PER_HOUR);
    if (open && (seed >> 40) % 40 != 0) add(time);
  }
  for (int t = 0; t < 5; t++)
    for (int day = 0; day < 3; day++) {
      sld__resampling how = { .day = (sld_day)day, .zone = day == SLD_DAY_SOURCE ? "Europe/Athens" : NULL };
      sld__series *longer;
      sld_error err;
      assert_int_equal(sld__timeframe_parse(&how.frame, timeframes[t], NULL, NULL), SLD_OK);
      if (sld__series_resample(&longer, &made.series, &how, &a, &err) != SLD_OK) fail_msg("%s", err.message);
      sld__frame frame = frame_of(made.count, timeframes[t], (sld_day)day);
      assert_in_range(longer->count - frame.count, 0, 1);
      const double *const columns[] = { longer->open, longer->high, longer->low, longer->close, longer->volume };
      for (size_t i = 0; i < frame.count; i++) assert_true(frame.columns[0][i] == (double)longer->time[i] / 1e9);
      for (int k = 0; k < 5; k++) assert_memory_equal(frame.columns[k + 1], columns[k], frame.count * sizeof(double));
      sld__frame_fini(&frame);
      sld__series_free(longer);
    }
}

static void the_first_bar_of_a_period_is_told(void **state) {
  (void)state;
  sld_allocator a = sld__alloc_default();
  static double first[ROWS_MAX];
  start(SLD__NS_PER_HOUR);
  add_all("2024-03-28 12:00", "2024-03-29 21:00", SLD__NS_PER_HOUR);
  add_all("2024-03-31 21:00", "2024-04-02 00:00", SLD__NS_PER_HOUR);
  assert_int_equal(sld__frame_firsts(first, &made.series, 0, made.count, "1mo", SLD_DAY_NEW_YORK, NULL, &a, NULL), SLD_OK);
  for (size_t i = 0; i < made.count; i++) assert_true(first[i] == (i == 0 || i == row_at("2024-03-31 21:00")));
  assert_int_equal(sld__frame_firsts(first, &made.series, 0, made.count, "1mo", SLD_DAY_UTC, NULL, &a, NULL), SLD_OK);
  for (size_t i = 0; i < made.count; i++) assert_true(first[i] == (i == 0 || i == row_at("2024-04-01 00:00")));
}

static void refused(const char *timeframe, sld_day day, const char *zone, sld_status status, const char *want) {
  sld__frame frame;
  sld_allocator a = sld__alloc_default();
  sld_error err;
  assert_int_equal(sld__frame_init(&frame, &made.series, 0, made.count, timeframe, day, zone, &a, &err), status);
  assert_string_equal(err.message, want);
  sld__frame_fini(&frame);
}

static void bars_that_do_not_add_up_are_refused(void **state) {
  (void)state;
  start(4 * SLD__NS_PER_HOUR);
  add(at("2024-01-09 00:00"));
  refused("1h", SLD_DAY_UTC, NULL, SLD_EINVAL, "bars of 4h do not add up to bars of 1h");
  refused("6h", SLD_DAY_UTC, NULL, SLD_EINVAL, "bars of 4h do not add up to bars of 6h");
  refused("1d", SLD_DAY_SOURCE, NULL, SLD_EINVAL, "days of the source's own clock need its zone, such as Europe/Athens");
  refused("1d", SLD_DAY_SOURCE, "Europe/Atlantis", SLD_ENAME, "'Europe/Atlantis' is no time zone; there are UTC, offsets such as +05:30, names such as America/New_York, EET-NY and floating");
  start(7 * SLD__NS_PER_DAY);
  add(at("2024-01-07 00:00"));
  refused("1mo", SLD_DAY_UTC, NULL, SLD_EINVAL, "bars of 1w do not add up to bars of 1mo");
}

static void both_sides_and_ticks_make_periods_too(void **state) {
  (void)state;
  start(0); /* ticks: each known at its own time */
  add(at("2024-01-09 00:00:01"));
  add(at("2024-01-09 00:59:59"));
  add(at("2024-01-09 01:00:00"));
  add(at("2024-01-09 01:00:00"));
  made.series.open = made.series.high = made.series.low = made.close;
  made.series.ask_open = made.series.ask_high = made.series.ask_low = made.series.ask_close = made.high;
  sld__frame hours = frame_of(made.count, "1h", SLD_DAY_UTC);
  static const int32_t want[] = { -1, -1, 0, 0 };
  assert_memory_equal(hours.last, want, sizeof want);
  assert_int_equal(hours.count, 1);
  assert_true(hours.columns[1][0] == made.close[0] && hours.columns[2][0] == made.close[1] && hours.columns[3][0] == made.close[0] && hours.columns[4][0] == made.close[1]);
  assert_true(hours.columns[6][0] == made.high[0] && hours.columns[7][0] == made.high[1] && hours.columns[9][0] == made.high[1]);
  sld__frame_fini(&hours);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_period_is_known_at_the_bar_that_completes_it),
    cmocka_unit_test(where_the_completing_bar_is_missing_the_next_one_tells),
    cmocka_unit_test(fx_days_end_at_17_new_york_in_summer_and_winter),
    cmocka_unit_test(fx_weeks_and_months_wait_for_no_weekend),
    cmocka_unit_test(a_bar_in_a_finished_period_counts_to_the_next),
    cmocka_unit_test(daily_bars_make_weeks_and_months),
    cmocka_unit_test(a_servers_own_days_follow_its_zone),
    cmocka_unit_test(cutting_the_data_changes_nothing_before_the_cut),
    cmocka_unit_test(dates_know_no_clock),
    cmocka_unit_test(dates_refuse_a_wrong_clock_all_the_same),
    cmocka_unit_test(finished_periods_are_resampled_bars),
    cmocka_unit_test(the_first_bar_of_a_period_is_told),
    cmocka_unit_test(bars_that_do_not_add_up_are_refused),
    cmocka_unit_test(both_sides_and_ticks_make_periods_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
