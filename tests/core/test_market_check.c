/* What may be wrong with data although every row is possible. */
#include "market/check.h"

#include <math.h>

#include "failing.h"
#include "market/calendar.h"
#include "market/week_clock.h"
#include "market_files.h"

enum { ROOM = 60000 };

static struct {
  int64_t time[ROOM];
  double open[ROOM], high[ROOM], low[ROOM], close[ROOM];
  size_t count;
} rows;

static int64_t at(const char *text) {
  int64_t time;
  assert_int_equal(sld_time_parse(&time, text, NULL), SLD_OK);
  return time;
}

static void add_row(int64_t time) {
  size_t i = rows.count++;
  double wave = 1.1 + 0.01 * sin((double)i / 50.0);
  rows.time[i] = time;
  rows.open[i] = rows.close[i] = wave;
  rows.high[i] = wave + 0.0005;
  rows.low[i] = wave - 0.0005;
}

/* Bars of every period in which the market is open, by a clock that is `off_hours` ahead of UTC. */
static void open_bars(const char *from, const char *until, int64_t period, int off_hours) {
  sld_allocator alloc = sld__alloc_default();
  sld__calendar calendar;
  assert_int_equal(sld__calendar_init(&calendar, &alloc, NULL), SLD_OK);
  for (int64_t time = at(from); time < at(until); time += period)
    if (sld__calendar_open(&calendar, time)) add_row(time + off_hours * SLD__NS_PER_HOUR);
  sld__calendar_fini(&calendar);
}

static void drop_rows(size_t first, size_t count) {
  size_t rest = rows.count - first - count;
  memmove(rows.time + first, rows.time + first + count, rest * sizeof *rows.time);
  rows.count -= count;
}

static sld_check *checked(const sld_bars *change, int64_t gap_ns) {
  sld_bars bars = { .pair = "EURUSD", .count = rows.count, .time = rows.time, .open = rows.open, .high = rows.high, .low = rows.low, .close = rows.close };
  if (change) bars = *change;
  sld_error err = { .status = SLD_OK };
  sld_allocator alloc = sld__alloc_default();
  sld_check *check = NULL;
  sld__market *market = new_market();
  if (sld__market_add(market, &bars, &err) != SLD_OK) print_error("%s: %s\n", err.file, err.message);
  assert_int_equal(sld__series_check(&check, sld__market_at(market, 0), gap_ns, &alloc, &err), SLD_OK);
  sld__market_free(market);
  return check;
}

static void finds(const sld_check *check, size_t i, sld_finding_kind kind, size_t row, const char *message) {
  const sld_finding *finding = sld_check_at(check, i);
  assert_non_null(finding);
  assert_string_equal(sld_finding_kind_name(finding->kind), sld_finding_kind_name(kind));
  assert_string_equal(finding->message, message);
  assert_int_equal(finding->row, row);
}

static int clear(void **state) {
  (void)state;
  rows.count = 0;
  return 0;
}

static void whole_weeks_are_sound(void **state) {
  (void)state;
  open_bars("2023-10-01", "2024-04-30", SLD__NS_PER_HOUR, 0); /* both changes of the clock, Christmas and New Year */
  sld_check *check = checked(NULL, 0);
  assert_int_equal(sld_check_count(check), 0);
  const sld_check_summary *sum = sld_check_summary_of(check);
  assert_int_equal(sum->missing_ns, 0);
  assert_int_equal(sum->open_ns, (int64_t)rows.count * SLD__NS_PER_HOUR);
  sld_check_free(check);
}

static void a_hole_in_the_week_is_told_of_with_its_open_time(void **state) {
  (void)state;
  open_bars("2024-01-07 22:00", "2024-02-10", SLD__NS_PER_HOUR, 0);
  drop_rows(115, 10);  /* Friday 17:00 UTC to Monday 03:00: five hours open on each side */
  drop_rows(300, 1);   /* one hour is not worth a line */
  drop_rows(350, 2);
  sld_check *check = checked(NULL, 0);
  assert_int_equal(sld_check_count(check), 2);
  finds(check, 0, SLD_FINDING_GAP, 115, "no row for 2.4 days, 10 hours of open market");
  finds(check, 1, SLD_FINDING_GAP, 350, "no row for 2 hours, 2 hours of open market");
  assert_int_equal(sld_check_at(check, 0)->time, at("2024-01-12 17:00"));
  assert_int_equal(sld_check_at(check, 0)->until, at("2024-01-15 03:00"));
  assert_int_equal(sld_check_at(check, 0)->open_ns, 10 * SLD__NS_PER_HOUR);
  assert_int_equal(sld_check_summary_of(check)->small_gaps, 1);
  assert_int_equal(sld_check_summary_of(check)->missing_ns, 13 * SLD__NS_PER_HOUR);
  sld_check_free(check);
  check = checked(NULL, 5 * SLD__NS_PER_HOUR);
  assert_int_equal(sld_check_count(check), 1);
  assert_int_equal(sld_check_summary_of(check)->small_gaps, 2);
  sld_check_free(check);
}

static void dates_lack_trading_days(void **state) {
  (void)state;
  for (int64_t day = at("2024-01-01"); day < at("2024-12-31"); day += SLD__NS_PER_DAY)
    if (sld__calendar_trades(day / SLD__NS_PER_DAY)) add_row(day);
  drop_rows(50, 1);
  drop_rows(100, 30);
  sld_check *check = checked(&(sld_bars){ .pair = "EURUSD", .count = rows.count, .time = rows.time, .close = rows.close, .side = SLD_MID }, 0);
  assert_int_equal(sld_check_count(check), 1);
  finds(check, 0, SLD_FINDING_GAP, 100, "no row for 42 days, 30 days of open market");
  assert_int_equal(sld_check_summary_of(check)->small_gaps, 1);
  sld_check_free(check);
}

static void a_gap_of_centuries_has_its_length(void **state) {
  (void)state;
  static const char *const dates[] = { "1901-01-01", "1901-01-02", "1901-01-03", "2084-01-31" };
  for (size_t i = 0; i < 4; i++) add_row(at(dates[i]));
  sld_check *check = checked(&(sld_bars){ .pair = "EURUSD", .count = rows.count, .time = rows.time, .close = rows.close, .side = SLD_MID }, 0);
  assert_int_equal(sld_check_count(check), 1);
  finds(check, 0, SLD_FINDING_GAP, 3, "no row for 66867 days, 47499 days of open market");
  sld_check_free(check);
}

static void months_and_weeks_may_miss_none(void **state) {
  (void)state;
  static const char *const months[] = { "2024-01-01", "2024-02-01", "2024-03-01", "2024-05-01", "2024-06-01" };
  for (size_t i = 0; i < 5; i++) add_row(at(months[i]));
  sld_check *check = checked(&(sld_bars){ .pair = "EURUSD", .count = rows.count, .time = rows.time, .close = rows.close, .period_ns = 31 * SLD__NS_PER_DAY }, 0);
  assert_int_equal(sld_check_count(check), 1);
  finds(check, 0, SLD_FINDING_GAP, 3, "no row for 30 days, 22 days of open market");
  sld_check_free(check);
}

static void rows_of_the_weekend_are_counted(void **state) {
  (void)state;
  open_bars("2024-01-07 22:00", "2024-01-12 22:00", SLD__NS_PER_HOUR, 0);
  add_row(at("2024-01-12 22:00"));
  add_row(at("2024-01-13 09:00"));
  open_bars("2024-01-14 22:00", "2024-01-19 22:00", SLD__NS_PER_HOUR, 0);
  sld_check *check = checked(NULL, 0);
  assert_int_equal(sld_check_count(check), 1);
  finds(check, 0, SLD_FINDING_CLOSED, 120, "2 rows while the market is closed for the weekend, the first here");
  sld_check_free(check);
}

static void a_price_that_nobody_else_saw_is_a_spike(void **state) {
  (void)state;
  open_bars("2024-01-07 22:00", "2024-01-20", SLD__NS_PER_HOUR, 0);
  rows.high[40] = 1.3;
  rows.low[60] = 1.0;
  rows.close[80] *= 0.85; /* a crash that stays is none */
  rows.low[80] = rows.close[80] - 0.0005;
  for (size_t i = 81; i < rows.count; i++) rows.open[i] *= 0.85, rows.close[i] *= 0.85, rows.high[i] *= 0.85, rows.low[i] *= 0.85;
  sld_check *check = checked(NULL, 0);
  assert_int_equal(sld_check_count(check), 2);
  finds(check, 0, SLD_FINDING_SPIKE, 40, "high 1.30000 is 17.4% away from the rows before and after");
  finds(check, 1, SLD_FINDING_SPIKE, 60, "low 1.00000 is 9.8% away from the rows before and after");
  sld_check_free(check);
}

static void a_change_of_the_time_frame_is_found_where_it_is(void **state) {
  (void)state;
  open_bars("2024-01-07 22:00", "2024-01-20", SLD__NS_PER_HOUR, 0);
  size_t hours = rows.count;
  open_bars("2024-01-21 22:00", "2024-01-25", 15 * SLD__NS_PER_MINUTE, 0);
  sld_check *check = checked(NULL, 0);
  assert_int_equal(sld_check_count(check), 3); /* of bars of 15 minutes the hours before two weekends lack 45 */
  assert_int_equal(sld_check_summary_of(check)->pauses, 2);
  finds(check, 1, SLD_FINDING_PERIOD, hours, "rows are 15m apart from here on, 1h before");
  sld_check_free(check);
}

static void a_change_of_the_clock_is_found_in_its_week(void **state) {
  (void)state;
  open_bars("2022-01-02", "2023-03-01", SLD__NS_PER_HOUR, -10);
  size_t before = rows.count;
  open_bars("2023-03-05 12:00", "2024-02-24", SLD__NS_PER_HOUR, -5);
  sld_check *check = checked(NULL, 0);
  assert_int_equal(sld_check_count(check), 3); /* and the days between */
  finds(check, 0, SLD_FINDING_ZONE, 0, "weeks end 10 hours before Friday 17:00 New York: are the times of another zone?");
  finds(check, 2, SLD_FINDING_CLOCK, before, "from here on weeks end 5 hours before Friday 17:00 New York; up to here 10 hours before: the clock changed");
  sld_check_free(check);
}

/* The same as `checked`, of files that begin with parts[count] and with the first row. */
static sld_check *checked_parts(const size_t *parts, size_t count) {
  sld_bars bars = { .pair = "EURUSD", .count = rows.count, .time = rows.time, .open = rows.open, .high = rows.high, .low = rows.low, .close = rows.close };
  sld_allocator alloc = sld__alloc_default();
  sld_check *check = NULL;
  sld__market *market = new_market();
  assert_int_equal(sld__market_add(market, &bars, NULL), SLD_OK);
  sld__series *series = (sld__series *)(uintptr_t)sld__market_at(market, 0);
  series->parts = sld__alloc(&alloc, count, sizeof *series->parts);
  assert_non_null(series->parts);
  memcpy(series->parts, parts, count * sizeof *parts);
  series->part_count = count;
  assert_int_equal(sld__series_check(&check, series, 0, &alloc, NULL), SLD_OK);
  sld__market_free(market);
  return check;
}

static void changes_at(const sld_check *check, size_t row) {
  size_t i = 0;
  while (sld_check_at(check, i) && sld_check_at(check, i)->kind != SLD_FINDING_CLOCK) i++;
  finds(check, i, SLD_FINDING_CLOCK, row, "from here on weeks end 2 hours after Friday 17:00 New York; up to here on time: the clock changed");
}

static void a_clock_that_changes_with_the_file_is_known_by_few_weeks(void **state) {
  (void)state;
  open_bars("2024-01-07 22:00", "2024-02-03", SLD__NS_PER_HOUR, 0);
  size_t changed = rows.count;
  open_bars("2024-02-04", "2024-03-09", SLD__NS_PER_HOUR, 2);
  sld_check *check = checked(NULL, 0);
  for (size_t i = 0; i < sld_check_count(check); i++) assert_int_not_equal(sld_check_at(check, i)->kind, SLD_FINDING_CLOCK);
  sld_check_free(check);
  check = checked_parts(&changed, 1);
  changes_at(check, changed);
  sld_check_free(check);
}

/* Where every day is a file, weeks that end odd for a while are what they are within one file. */
static void files_of_days_tell_of_no_clock(void **state) {
  (void)state;
  static size_t parts[200];
  open_bars("2024-01-07 22:00", "2024-02-03", SLD__NS_PER_HOUR, 0);
  open_bars("2024-02-04", "2024-02-25", SLD__NS_PER_HOUR, 2);
  open_bars("2024-02-25", "2024-04-06", SLD__NS_PER_HOUR, 0);
  size_t count = 0;
  for (size_t row = 24; row < rows.count; row += 24) parts[count++] = row;
  sld_check *check = checked_parts(parts, count);
  for (size_t i = 0; i < sld_check_count(check); i++) assert_int_not_equal(sld_check_at(check, i)->kind, SLD_FINDING_CLOCK);
  sld_check_free(check);
}

static void a_clock_that_changes_after_the_file_is_told_of_where_it_changes(void **state) {
  (void)state;
  open_bars("2023-09-03", "2023-12-09", SLD__NS_PER_HOUR, 0);
  size_t part = rows.count - 120;
  size_t changed = rows.count;
  open_bars("2023-12-10", "2024-03-09", SLD__NS_PER_HOUR, 2);
  sld_check *check = checked_parts(&part, 1);
  changes_at(check, changed);
  sld_check_free(check);
}

/* Times by a clock with summer time, taken for UTC. */
static void summer_shows(void **state) {
  const struct { const char *zone, *message; } clocks[] = {
    { "Europe/Athens", "weeks end 2 hours after Friday 17:00 New York, 3 in Europe's summer: are the times of another zone?" },
    { "America/New_York", "weeks end 5 hours before Friday 17:00 New York, 4 in New York's summer: are the times of another zone?" },
    { "Asia/Kolkata", "weeks end 5.5 hours after Friday 17:00 New York: are the times of another zone?" },
    { "Europe/London", "weeks end on time, 1 hour after in Europe's summer: are the times of another zone?" },
  };
  sld_allocator alloc = sld__alloc_default();
  for (size_t k = 0; k < sizeof clocks / sizeof *clocks; k++) {
    struct sld__zone *zone;
    clear(state);
    assert_int_equal(sld__zone_load(&zone, clocks[k].zone, &alloc, NULL), SLD_OK);
    open_bars("2021-01-03", "2023-12-20", SLD__NS_PER_HOUR, 0);
    for (size_t i = 0; i < rows.count; i++) rows.time[i] += sld__zone_offset(zone, rows.time[i]) * SLD__NS_PER_SECOND;
    sld_check *check = checked(NULL, 0);
    assert_int_equal(sld_check_count(check), 1);
    finds(check, 0, SLD_FINDING_ZONE, 0, clocks[k].message);
    sld_check_free(check);
    sld__zone_free(zone);
  }
}

static void odd_weeks_are_no_change_of_the_clock(void **state) {
  (void)state;
  open_bars("2021-01-03", "2023-12-20", SLD__NS_PER_HOUR, 0);
  for (size_t week = 20; week < 40; week += 3) { /* the last two hours of every third Friday are missing */
    size_t i = week * 120;
    while (rows.time[i + 1] - rows.time[i] == SLD__NS_PER_HOUR) i++;
    drop_rows(i - 1, 2);
  }
  sld_check *check = checked(NULL, 0);
  assert_int_equal(sld_check_summary_of(check)->pauses, 7);
  assert_int_equal(sld_check_count(check), 7);
  finds(check, 0, SLD_FINDING_PAUSE, sld_check_at(check, 0)->row, "no row for 2.1 days, 2 hours of open market");
  sld_check_free(check);
}

/* ---- Pauses ---- */

static void drop_from_until(const char *from, const char *until) {
  size_t first = 0;
  size_t end = 0;
  while (first < rows.count && rows.time[first] < at(from)) first++;
  for (end = first; end < rows.count && rows.time[end] < at(until);) end++;
  drop_rows(first, end - first);
}

static void kinds_are(const sld_check *check, size_t pauses, size_t gaps) {
  assert_int_equal(sld_check_summary_of(check)->pauses, pauses);
  assert_int_equal(sld_check_summary_of(check)->gaps, gaps);
  assert_int_equal(sld_check_count(check), pauses + gaps);
}

static void up_to_four_hours_beside_a_weekend_are_a_pause(void **state) {
  (void)state;
  open_bars("2024-01-07 22:00", "2024-03-02", SLD__NS_PER_HOUR, 0);
  drop_from_until("2024-01-12 18:00", "2024-01-15 02:00"); /* four hours on each side */
  drop_from_until("2024-01-19 17:00", "2024-01-22 01:00"); /* five, and three */
  drop_from_until("2024-01-26 18:00", "2024-01-26 21:00"); /* not up to the weekend */
  sld_check *check = checked(NULL, 0);
  kinds_are(check, 1, 2);
  finds(check, 0, SLD_FINDING_PAUSE, 116, "no row for 2.3 days, 8 hours of open market");
  assert_int_equal(sld_check_summary_of(check)->pause_ns, 11 * SLD__NS_PER_HOUR); /* three of the second hole are one too */
  assert_int_equal(sld_check_summary_of(check)->missing_ns, 8 * SLD__NS_PER_HOUR);
  sld_check_free(check);
}

static void holidays_are_pauses_and_the_days_beside_them_are_not(void **state) {
  (void)state;
  open_bars("2023-12-03 23:00", "2024-05-04", SLD__NS_PER_HOUR, 0);
  drop_from_until("2023-12-22 19:00", "2023-12-27"); /* a weekend, 24 to 26 December, and two hours of the 27th */
  drop_from_until("2023-12-29 19:00", "2024-01-02 20:00");
  drop_from_until("2024-01-02 21:00", "2024-01-03 02:00"); /* five hours of 3 January, in no piece with the New Year */
  drop_from_until("2024-03-28 21:00", "2024-04-01 20:00"); /* Good Friday to Easter Monday */
  sld_check *check = checked(NULL, 0);
  kinds_are(check, 2, 2);
  assert_int_equal(sld_check_at(check, 0)->kind, SLD_FINDING_GAP);
  sld_check_free(check);
}

static void an_hour_that_lacks_every_day_is_a_pause_and_an_early_close_before_it_too(void **state) {
  (void)state;
  open_bars("2024-01-07 22:00", "2024-03-02", SLD__NS_PER_HOUR / 4, 0);
  for (int64_t day = at("2024-01-08 22:00"); day < at("2024-03-01"); day += SLD__NS_PER_DAY)
    for (size_t i = 0; i < rows.count; i++)
      if (rows.time[i] == day) drop_rows(i, 4);
  drop_from_until("2024-01-15 18:00", "2024-01-15 22:00"); /* four hours before */
  drop_from_until("2024-01-17 17:00", "2024-01-17 22:00"); /* five: a gap */
  drop_from_until("2024-01-23 10:00", "2024-01-23 12:00"); /* elsewhere: a gap */
  sld_check *check = checked(NULL, 0);
  kinds_are(check, 38, 2);
  for (size_t i = 0; i < sld_check_count(check); i++)
    if (sld_check_at(check, i)->kind == SLD_FINDING_GAP) assert_true(sld_check_at(check, i)->time == at("2024-01-17 17:00") || sld_check_at(check, i)->time == at("2024-01-23 10:00"));
  assert_int_equal(sld_check_summary_of(check)->missing_ns, 7 * SLD__NS_PER_HOUR);
  sld_check_free(check);
}

static void holidays_among_dates_are_pauses(void **state) {
  (void)state;
  for (int64_t day = at("2023-12-01"); day < at("2024-12-31"); day += SLD__NS_PER_DAY)
    if (sld__calendar_trades(day / SLD__NS_PER_DAY)) add_row(day);
  drop_from_until("2024-03-29", "2024-04-02");
  drop_from_until("2024-05-01", "2024-05-03");
  sld_check *check = checked(&(sld_bars){ .pair = "EURUSD", .count = rows.count, .time = rows.time, .close = rows.close, .side = SLD_MID }, 0);
  kinds_are(check, 1, 1);
  finds(check, 0, SLD_FINDING_PAUSE, 83, "no row for 4 days, 2 days of open market");
  sld_check_free(check);
}

static void ticks_are_looked_through_too(void **state) {
  (void)state;
  int64_t time = at("2024-01-08 10:00");
  for (int i = 0; i < 500; i++) add_row(time += (int64_t)(i % 3) * SLD__NS_PER_SECOND);
  for (int i = 0; i < 500; i++) add_row((time += SLD__NS_PER_SECOND) + 3 * SLD__NS_PER_HOUR);
  rows.close[700] = 1.2;
  sld_check *check = checked(&(sld_bars){ .pair = "EURUSD", .count = rows.count, .time = rows.time, .close = rows.close, .ticks = true }, 0);
  assert_int_equal(sld_check_count(check), 2);
  finds(check, 0, SLD_FINDING_GAP, 500, "no row for 3 hours, 3 hours of open market");
  assert_int_equal(sld_check_summary_of(check)->missing_ns, sld_check_at(check, 0)->open_ns);
  assert_int_equal(sld_check_at(check, 1)->kind, SLD_FINDING_SPIKE);
  assert_int_equal(sld_check_at(check, 1)->row, 700);
  sld_check_free(check);
}

static void every_failing_allocation_is_reported_and_leaks_nothing(void **state) {
  (void)state;
  open_bars("2022-01-02", "2022-09-01", SLD__NS_PER_HOUR, 3);
  drop_rows(100, 5);
  sld__market *market = new_market();
  assert_int_equal(sld__market_add(market, &(sld_bars){ .pair = "EURUSD", .count = rows.count, .time = rows.time, .close = rows.close }, NULL), SLD_OK);
  for (size_t refuse = 1;; refuse++) {
    struct failing failing = { .refuse = refuse };
    sld_allocator alloc = failing_allocator(&failing);
    sld_check *check = NULL;
    sld_status status = sld__series_check(&check, sld__market_at(market, 0), 0, &alloc, NULL);
    sld_check_free(check);
    assert_int_equal(failing.held, 0);
    if (status == SLD_OK) break;
    assert_int_equal(status, SLD_ENOMEM);
  }
  sld__market_free(market);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(whole_weeks_are_sound, clear),
    cmocka_unit_test_setup(a_hole_in_the_week_is_told_of_with_its_open_time, clear),
    cmocka_unit_test_setup(dates_lack_trading_days, clear),
    cmocka_unit_test_setup(a_gap_of_centuries_has_its_length, clear),
    cmocka_unit_test_setup(months_and_weeks_may_miss_none, clear),
    cmocka_unit_test_setup(rows_of_the_weekend_are_counted, clear),
    cmocka_unit_test_setup(a_price_that_nobody_else_saw_is_a_spike, clear),
    cmocka_unit_test_setup(a_change_of_the_time_frame_is_found_where_it_is, clear),
    cmocka_unit_test_setup(a_change_of_the_clock_is_found_in_its_week, clear),
    cmocka_unit_test_setup(a_clock_that_changes_with_the_file_is_known_by_few_weeks, clear),
    cmocka_unit_test_setup(files_of_days_tell_of_no_clock, clear),
    cmocka_unit_test_setup(a_clock_that_changes_after_the_file_is_told_of_where_it_changes, clear),
    cmocka_unit_test_setup(summer_shows, clear),
    cmocka_unit_test_setup(odd_weeks_are_no_change_of_the_clock, clear),
    cmocka_unit_test_setup(up_to_four_hours_beside_a_weekend_are_a_pause, clear),
    cmocka_unit_test_setup(holidays_are_pauses_and_the_days_beside_them_are_not, clear),
    cmocka_unit_test_setup(an_hour_that_lacks_every_day_is_a_pause_and_an_early_close_before_it_too, clear),
    cmocka_unit_test_setup(holidays_among_dates_are_pauses, clear),
    cmocka_unit_test_setup(ticks_are_looked_through_too, clear),
    cmocka_unit_test_setup(every_failing_allocation_is_reported_and_leaks_nothing, clear),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
