/* Local times of files become instants: fixed offsets, zones, the clock of most brokers, and the hours that a clock skips or shows twice. */
#include "market_folder.h"

#include "market/wall.h"

static int64_t at(int year, int month, int day, int hour, int minute) {
  return (sld__days_from_civil(year, month, day) * 24 + hour) * SLD__NS_PER_HOUR + minute * SLD__NS_PER_MINUTE;
}

static void open_wall(sld__wall *wall, const char *name) {
  sld_allocator a = sld__alloc_default();
  sld_error err;
  sld_status status = sld__wall_open(wall, name, &a, "zone", &err);
  if (status != SLD_OK) print_error("%s: %s\n", name, err.message);
  assert_int_equal(status, SLD_OK);
}

static void every_kind_of_clock_is_known(void **state) {
  (void)state;
  const int64_t noon = at(2024, 7, 2, 12, 0);
  static const struct {
    const char *name;
    int hours, minutes; /* ahead of UTC that day */
  } clocks[] = {
    { "UTC", 0, 0 },        { "GMT", 0, 0 },       { "Z", 0, 0 },         { "floating", 0, 0 },     { "+05:30", 5, 30 },         { "-03:30", -3, -30 },
    { "-0330", -3, -30 },   { "+02", 2, 0 },       { "+2", 2, 0 },        { "UTC+2", 2, 0 },        { "GMT-5", -5, 0 },          { "UTC+05:45", 5, 45 },
    { "EET-NY", 3, 0 },     { "EET", 3, 0 },       { "Asia/Tokyo", 9, 0 }, { "Asia/Kolkata", 5, 30 }, { "America/New_York", -4, 0 },
  };
  for (size_t k = 0; k < sizeof clocks / sizeof clocks[0]; k++) {
    sld__wall wall;
    sld__wall_cursor cursor = { 0, 0, 0 };
    int64_t time;
    open_wall(&wall, clocks[k].name);
    assert_int_equal(sld__wall_instant(&wall, &cursor, noon, INT64_MIN, &time), SLD__WALL_ONCE);
    assert_int_equal(noon - time, clocks[k].hours * SLD__NS_PER_HOUR + clocks[k].minutes * SLD__NS_PER_MINUTE);
    assert_int_equal(sld__wall_instant(&wall, &cursor, noon + 1, INT64_MIN, &time), SLD__WALL_ONCE); /* by the cursor now */
    assert_int_equal(noon + 1 - time, clocks[k].hours * SLD__NS_PER_HOUR + clocks[k].minutes * SLD__NS_PER_MINUTE);
    sld__wall_close(&wall);
  }
}

static void other_names_are_refused(void **state) {
  (void)state;
  static const char *const names[] = { "", "EET-", "UTC+", "UTC+16", "+5:3", "+05:", "+05:60", "Mars/Olympus", "../../etc/passwd", "eet_ny", "utc+2x" };
  sld_allocator a = sld__alloc_default();
  for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
    sld__wall wall;
    sld_error err;
    assert_int_equal(sld__wall_open(&wall, names[k], &a, "options.zone", &err), SLD_ENAME);
    assert_string_equal(err.file, "options.zone");
    sld__wall_close(&wall);
  }
}

/* Between the two changes of spring a broker's server is an hour from Athens. */
static void the_brokers_clock_changes_with_new_york(void **state) {
  (void)state;
  sld__wall server;
  sld__wall athens;
  sld__wall_cursor a = { 0, 0, 0 };
  sld__wall_cursor b = { 0, 0, 0 };
  open_wall(&server, "EET-NY");
  open_wall(&athens, "Europe/Athens");
  static const struct {
    int month, day, server, athens;
  } days[] = { { 1, 15, 2, 2 }, { 3, 8, 2, 2 }, { 3, 12, 3, 2 }, { 3, 29, 3, 2 }, { 4, 2, 3, 3 }, { 10, 25, 3, 3 }, { 10, 29, 3, 2 }, { 11, 5, 2, 2 } };
  for (size_t k = 0; k < sizeof days / sizeof days[0]; k++) {
    int64_t local = at(2024, days[k].month, days[k].day, 12, 0);
    int64_t one;
    int64_t two;
    assert_int_equal(sld__wall_instant(&server, &a, local, INT64_MIN, &one), SLD__WALL_ONCE);
    assert_int_equal(sld__wall_instant(&athens, &b, local, INT64_MIN, &two), SLD__WALL_ONCE);
    assert_int_equal(local - one, days[k].server * SLD__NS_PER_HOUR);
    assert_int_equal(local - two, days[k].athens * SLD__NS_PER_HOUR);
  }
  /* Its midnight is 17:00 in New York on every day of the year. */
  sld__wall york;
  sld__wall_cursor c = { 0, 0, 0 };
  open_wall(&york, "America/New_York");
  for (int day = 0; day < 366; day++) {
    int64_t midnight = at(2024, 1, 2, 0, 0) + day * SLD__NS_PER_DAY;
    int64_t one;
    int64_t two;
    assert_int_equal(sld__wall_instant(&server, &a, midnight, INT64_MIN, &one), SLD__WALL_ONCE);
    assert_int_equal(sld__wall_instant(&york, &c, midnight - 7 * SLD__NS_PER_HOUR, INT64_MIN, &two), SLD__WALL_ONCE);
    assert_int_equal(one, two);
  }
  sld__wall_close(&server);
  sld__wall_close(&athens);
  sld__wall_close(&york);
}

static void a_time_shown_twice_follows_the_row_before_and_a_skipped_one_is_none(void **state) {
  (void)state;
  sld__wall wall;
  sld__wall_cursor cursor = { 0, 0, 0 };
  int64_t time = 7;
  open_wall(&wall, "America/New_York");
  assert_int_equal(sld__wall_instant(&wall, &cursor, at(2024, 3, 10, 2, 30), INT64_MIN, &time), SLD__WALL_NEVER);
  assert_int_equal(time, 7);
  int64_t twice = at(2024, 11, 3, 1, 30);
  assert_int_equal(sld__wall_instant(&wall, &cursor, twice, INT64_MIN, &time), SLD__WALL_TWICE);
  assert_int_equal(time, twice + 4 * SLD__NS_PER_HOUR);
  assert_int_equal(sld__wall_instant(&wall, &cursor, twice, time, &time), SLD__WALL_TWICE);
  assert_int_equal(time, twice + 5 * SLD__NS_PER_HOUR);
  sld__wall_close(&wall);
}

#define ROW(time) time ",1.1,1.1,1.1,1.1,5\n"

static void a_file_goes_on_through_the_hour_that_comes_twice(void **state) {
  (void)state;
  write_text(folder, "EURUSD.json", "{\"zone\": \"America/New_York\"}");
  write_text(folder, "EURUSD.csv", "time,open,high,low,close,volume\n" ROW("2024-11-03 00:30") ROW("2024-11-03 01:00") ROW("2024-11-03 01:30") ROW("2024-11-03 01:00") ROW("2024-11-03 01:30") ROW("2024-11-03 02:00"));
  sld__market *market = loaded(folder, "EURUSD.csv");
  const sld__series *s = sld__market_at(market, 0);
  assert_int_equal(s->count, 6);
  for (size_t i = 0; i < 6; i++) assert_int_equal(s->time[i], at(2024, 11, 3, 4, 30) + (int64_t)i * 30 * SLD__NS_PER_MINUTE);
  sld__market_free(market);
}

/* Ticks of one instant stay together. */
static void ticks_stand_still_in_the_hour_that_comes_twice(void **state) {
  (void)state;
  write_text(folder, "EURUSD.json", "{\"zone\": \"America/New_York\"}");
  write_text(folder, "EURUSD.csv", "time,bid,ask\n2024-11-03 01:00:00.5,1.1,1.2\n2024-11-03 01:00:00.5,1.1,1.2\n2024-11-03 01:00:00.4,1.1,1.2\n");
  sld__market *market = loaded(folder, "EURUSD.csv");
  const sld__series *s = sld__market_at(market, 0);
  assert_int_equal(s->time[1], s->time[0]);
  assert_int_equal(s->time[2] - s->time[1], SLD__NS_PER_HOUR - 100000000);
  sld__market_free(market);
}

static void the_hour_that_is_skipped_is_refused(void **state) {
  (void)state;
  static const char text[] = "time,open,high,low,close,volume\n" ROW("2024-03-10 01:30") ROW("2024-03-10 02:30") ROW("2024-03-10 03:30");
  write_text(folder, "EURUSD.json", "{\"zone\": \"America/New_York\"}");
  refused_at(folder, "EURUSD.csv", text, strlen(text), SLD_EPARSE, 3, 1, "'2024-03-10 02:30': the clock of America/New_York skips this time; is the zone right?");
}

static void a_zone_moves_times_but_neither_dates_nor_offsets(void **state) {
  (void)state;
  static const char *const texts[] = {
    "time,close\n2024-07-02 14:30,1.1\n2024-07-02 15:30,1.2\n", "time,close\n2024-07-02 09:00Z,1.1\n2024-07-02 10:00Z,1.2\n", "time,close\n1719910800,1.1\n1719914400,1.2\n",
  };
  write_text(folder, "EURUSD.json", "{\"zone\": \"+05:30\"}");
  for (size_t k = 0; k < 3; k++) {
    write_text(folder, "EURUSD.csv", texts[k]);
    sld__market *market = loaded(folder, "EURUSD.csv");
    assert_int_equal(sld__market_at(market, 0)->time[0], at(2024, 7, 2, 9, 0));
    sld__market_free(market);
  }
  write_text(folder, "EURUSD.csv", "time,close\n2024-07-02,1.1\n2024-07-03,1.2\n");
  sld__market *market = loaded(folder, "EURUSD.csv");
  assert_int_equal(sld__market_at(market, 0)->time[0], at(2024, 7, 2, 0, 0));
  assert_true(sld__market_at(market, 0)->info.date_only);
  sld__market_free(market);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_kind_of_clock_is_known),
    cmocka_unit_test(other_names_are_refused),
    cmocka_unit_test(the_brokers_clock_changes_with_new_york),
    cmocka_unit_test(a_time_shown_twice_follows_the_row_before_and_a_skipped_one_is_none),
    cmocka_unit_test_setup_teardown(a_file_goes_on_through_the_hour_that_comes_twice, make, clear),
    cmocka_unit_test_setup_teardown(ticks_stand_still_in_the_hour_that_comes_twice, make, clear),
    cmocka_unit_test_setup_teardown(the_hour_that_is_skipped_is_refused, make, clear),
    cmocka_unit_test_setup_teardown(a_zone_moves_times_but_neither_dates_nor_offsets, make, clear),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
