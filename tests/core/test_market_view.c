/* Pairs in several periods, and what a run sees of them. */
#include "market/view.h"

#include "failing.h"
#include "market_files.h"

static int64_t at(const char *text) {
  int64_t time;
  assert_int_equal(sld_time_parse(&time, text, NULL), SLD_OK);
  return time;
}

/* Adds `count` bars of `pair` from Tuesday, 2024-01-02 00:00 UTC on; all prices are `price`. */
static void add(sld__market *market, const char *pair, int64_t period_ns, size_t count, double price) {
  int64_t time[600];
  double close[600];
  sld_error err = { .status = SLD_OK };
  for (size_t i = 0; i < count; i++) {
    time[i] = at("2024-01-02") + (int64_t)i * period_ns;
    close[i] = price;
  }
  assert_int_equal(sld__market_add(market, &(sld_bars){ .pair = pair, .count = count, .time = time, .close = close, .period_ns = period_ns }, &err), SLD_OK);
}

static sld__market *seen(const sld__market *market, const sld__viewing *how) {
  sld_error err = { .status = SLD_OK };
  sld__market *view = NULL;
  if (sld__market_view(&view, market, how, &err) != SLD_OK) print_error("%s: %s\n", err.file, err.message);
  assert_int_equal(err.status, SLD_OK);
  return view;
}

static void unseen(const sld__market *market, const sld__viewing *how, const char *message) {
  sld_error err;
  sld__market *view;
  assert_int_equal(sld__market_view(&view, market, how, &err), SLD_EINVAL);
  assert_string_equal(err.message, message);
}

/* EURUSD in minutes, hours and days (prices 1, 2, 3), USDJPY in days. */
static sld__market *several(void) {
  sld__market *market = new_market();
  add(market, "EURUSD", SLD__NS_PER_DAY, 5, 3);
  add(market, "USDJPY", SLD__NS_PER_DAY, 5, 150);
  add(market, "EURUSD", SLD__NS_PER_MINUTE, 600, 1);
  add(market, "EURUSD", SLD__NS_PER_HOUR, 72, 2);
  return market;
}

static void pairs_stand_by_name_and_period(void **state) {
  (void)state;
  sld__market *market = several();
  const int64_t periods[] = { SLD__NS_PER_MINUTE, SLD__NS_PER_HOUR, SLD__NS_PER_DAY, SLD__NS_PER_DAY };
  assert_int_equal(sld__market_count(market), 4);
  for (size_t i = 0; i < 4; i++) assert_int_equal(sld__market_at(market, i)->info.period_ns, periods[i]);
  assert_ptr_equal(sld__market_find(market, "EURUSD"), sld__market_at(market, 0));
  assert_ptr_equal(sld__market_find(market, "USDJPY"), sld__market_at(market, 3));
  assert_null(sld__market_find(market, "EURJPY"));
  sld__market_free(market);
}

static void a_market_of_single_pairs_is_its_own_view(void **state) {
  (void)state;
  sld__market *market = new_market();
  const sld__viewing plain = { .timeframe = NULL }, hours = { .timeframe = "1h" };
  add(market, "EURUSD", SLD__NS_PER_DAY, 5, 1);
  assert_false(sld__market_needs_view(market, &plain));
  assert_true(sld__market_needs_view(market, &hours));
  add(market, "EURUSD", SLD__NS_PER_HOUR, 5, 1);
  assert_true(sld__market_needs_view(market, &plain));
  sld__market_free(market);
}

static void a_traded_pair_in_several_periods_must_be_chosen(void **state) {
  (void)state;
  sld__market *market = several();
  const char *yen[] = { "USDJPY" };
  unseen(market, &(sld__viewing){ .timeframe = NULL }, "EURUSD is there as 1m, 1h and 1d: choose one with a time frame");
  sld__market *view = seen(market, &(sld__viewing){ .pairs = yen, .pair_count = 1 }); /* EURUSD converts only: the shortest */
  assert_int_equal(sld__market_count(view), 2);
  assert_ptr_equal(sld__market_find(view, "EURUSD"), sld__market_at(market, 0));
  sld__market_free(view);
  sld__market_free(market);
}

static void bars_of_the_frame_are_taken_as_they_are(void **state) {
  (void)state;
  sld__market *market = several();
  sld__market *view = seen(market, &(sld__viewing){ .timeframe = "1d" });
  assert_int_equal(sld__market_count(view), 2);
  assert_ptr_equal(sld__market_at(view, 0), sld__market_at(market, 2));
  assert_ptr_equal(sld__market_at(view, 1), sld__market_at(market, 3));
  sld__market_free(view);
  sld__market_free(market);
}

static void others_are_made_of_the_longest_shorter_bars(void **state) {
  (void)state;
  sld__market *market = several();
  const char *euro[] = { "EURUSD" };
  sld__market *view = seen(market, &(sld__viewing){ .timeframe = "4h", .day = SLD_DAY_UTC, .pairs = euro, .pair_count = 1 });
  assert_int_equal(sld__market_count(view), 2); /* USDJPY stays as it is, to convert */
  assert_int_equal(sld__market_at(view, 0)->info.period_ns, 4 * SLD__NS_PER_HOUR);
  assert_true(sld__market_at(view, 0)->close[0] == 2);
  assert_int_equal(sld__market_at(view, 0)->count, 18);
  sld__market_free(view);
  view = seen(market, &(sld__viewing){ .timeframe = "4h", .day = SLD_DAY_UTC, .pairs = euro, .pair_count = 1, .traded_only = true });
  assert_int_equal(sld__market_count(view), 1);
  sld__market_free(view);
  view = seen(market, &(sld__viewing){ .timeframe = "5m", .pairs = euro, .pair_count = 1 });
  assert_true(sld__market_at(view, 0)->close[0] == 1);
  sld__market_free(view);
  sld__market_free(market);
}

static void bars_that_do_not_fit_give_way_to_shorter_ones(void **state) {
  (void)state;
  sld__market *market = several();
  const char *euro[] = { "EURUSD" };
  add(market, "EURUSD", 4 * SLD__NS_PER_HOUR, 18, 4); /* 00:00, 04:00, ... UTC: across 17:00 New York */
  sld__market *view = seen(market, &(sld__viewing){ .timeframe = "12h", .pairs = euro, .pair_count = 1 });
  assert_true(sld__market_at(view, 0)->close[0] == 2);
  sld__market_free(view);
  sld__market_free(market);
}

static void a_traded_pair_that_does_not_fit_is_refused(void **state) {
  (void)state;
  sld__market *market = several();
  unseen(market, &(sld__viewing){ .timeframe = "1h" }, "the bars of USDJPY are of 1d: none of 1h can be made of them");
  unseen(market, &(sld__viewing){ .timeframe = "1s" }, "the bars of EURUSD are of 1m: none of 1s can be made of them");
  unseen(market, &(sld__viewing){ .timeframe = "5min" }, "'5min' is no time frame; there are numbers of s, m, h and mo, 1d and 1w, such as 15m or 4h");
  sld__market_free(market);
}

static void every_failing_allocation_is_reported_and_leaks_nothing(void **state) {
  (void)state;
  const int64_t time[] = { at("2024-01-02 10:00"), at("2024-01-02 10:01") };
  const double close[] = { 1, 2 };
  for (size_t refuse = 0;; refuse++) {
    struct failing failing = { .refuse = 0 };
    sld_allocator alloc = failing_allocator(&failing);
    sld__market *market, *view = NULL;
    assert_int_equal(sld__market_new(&market, &alloc, NULL), SLD_OK);
    assert_int_equal(sld__market_add(market, &(sld_bars){ .pair = "EURUSD", .count = 2, .time = time, .close = close }, NULL), SLD_OK);
    assert_int_equal(sld__market_add(market, &(sld_bars){ .pair = "EURUSD", .count = 2, .time = time, .close = close, .period_ns = SLD__NS_PER_SECOND }, NULL), SLD_OK);
    assert_int_equal(sld__market_add(market, &(sld_bars){ .pair = "GBPUSD", .count = 2, .time = time, .close = close, .period_ns = SLD__NS_PER_HOUR }, NULL), SLD_OK);
    failing.refuse = failing.requests + 1 + refuse;
    sld_status status = sld__market_view(&view, market, &(sld__viewing){ .timeframe = "1h" }, NULL);
    failing.refuse = 0;
    sld__market_free(view);
    sld__market_free(market);
    assert_int_equal(failing.held, 0);
    if (status == SLD_OK) break;
    assert_int_equal(status, SLD_ENOMEM);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(pairs_stand_by_name_and_period),
    cmocka_unit_test(a_market_of_single_pairs_is_its_own_view),
    cmocka_unit_test(a_traded_pair_in_several_periods_must_be_chosen),
    cmocka_unit_test(bars_of_the_frame_are_taken_as_they_are),
    cmocka_unit_test(others_are_made_of_the_longest_shorter_bars),
    cmocka_unit_test(bars_that_do_not_fit_give_way_to_shorter_ones),
    cmocka_unit_test(a_traded_pair_that_does_not_fit_is_refused),
    cmocka_unit_test(every_failing_allocation_is_reported_and_leaks_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
