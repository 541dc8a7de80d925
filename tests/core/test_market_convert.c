/* Conversion rates, computed by hand: which bar's close stands for a currency at a bar's open and at its close. */
#include "market_files.h"

#include <math.h>

#include "base/time.h"
#include "market/convert.h"

#define H SLD__NS_PER_HOUR
#define D SLD__NS_PER_DAY

/* Adds one-price bars at times[count] with the given period. */
static void add(sld__market *market, const char *pair, int64_t period, size_t count, const int64_t *times, const double *close) {
  sld_error err;
  sld_bars bars = { .pair = pair, .count = count, .time = times, .close = close, .period_ns = period };
  if (sld__market_add(market, &bars, &err) != SLD_OK) print_error("%s: %s\n", err.file, err.message);
  assert_non_null(sld__market_find(market, pair));
}

static sld__conversion convert(const sld__market *market, const char *pair, const char *currency) {
  sld__conversion rate;
  assert_int_equal(sld__market_convert(market, sld__market_find(market, pair), currency, &rate, NULL), SLD_OK);
  return rate;
}

static void assert_rates(const double *got, size_t count, const double *expected) {
  for (size_t i = 0; i < count; i++) assert_true(got[i] == expected[i] || (isnan(got[i]) && isnan(expected[i])));
}

#define NONE ((double)NAN)

static void the_account_currency_needs_no_rate(void **state) {
  (void)state;
  sld__market *market = new_market();
  add(market, "EURUSD", H, 2, (int64_t[]){ 0, H }, (double[]){ 1.1, 1.2 });
  sld__conversion rate = convert(market, "EURUSD", "USD");
  assert_null(rate.fill);
  assert_null(rate.mark);
  assert_true(rate.constant == 1.0 && rate.complete);
  assert_int_equal(rate.missing, 2);
  sld__conversion_free(&rate);
  sld__market_free(market);
}

/* EURGBP traded in dollars by GBPUSD: hour i of both opens at i and closes at i + 1. */
static void a_direct_rate_is_known_once_its_bar_has_closed(void **state) {
  (void)state;
  sld__market *market = new_market();
  const int64_t hours[] = { 0, H, 2 * H, 3 * H };
  add(market, "EURGBP", H, 4, hours, (double[]){ 0.8, 0.81, 0.82, 0.83 });
  add(market, "GBPUSD", H, 4, hours, (double[]){ 1.50, 1.51, 1.52, 1.53 });
  sld__conversion rate = convert(market, "EURGBP", "USD");
  assert_rates(rate.mark, 4, (double[]){ 1.50, 1.51, 1.52, 1.53 });
  assert_rates(rate.fill, 4, (double[]){ NONE, 1.50, 1.51, 1.52 }); /* nothing can fill in the first bar */
  assert_true(rate.complete);
  assert_int_equal(rate.missing, 4);
  sld__conversion_free(&rate);
  sld__market_free(market);
}

/* The day's fixing of the 2nd is known at its end, so hours of that day convert at the 1st. */
static void a_daily_rate_is_not_known_within_its_day(void **state) {
  (void)state;
  sld__market *market = new_market();
  const int64_t hours[] = { D + 10 * H, D + 22 * H, D + 23 * H, 2 * D, 2 * D + H };
  add(market, "EURGBP", H, 5, hours, (double[]){ 0.8, 0.8, 0.8, 0.8, 0.8 });
  add(market, "GBPUSD", D, 2, (int64_t[]){ 0, D }, (double[]){ 1.5, 1.7 });
  sld__conversion rate = convert(market, "EURGBP", "USD");
  assert_rates(rate.fill, 5, (double[]){ 1.5, 1.5, 1.5, 1.7, 1.7 });
  assert_rates(rate.mark, 5, (double[]){ 1.5, 1.5, 1.7, 1.7, 1.7 }); /* the hour from 23:00 closes with the day */
  sld__conversion_free(&rate);
  sld__market_free(market);
}

static void add_ticks(sld__market *market, const char *pair, size_t count, const int64_t *times, const double *bid, const double *ask) {
  sld_bars bars = { .pair = pair, .count = count, .time = times, .close = bid, .ask_close = ask, .side = SLD_BOTH, .ticks = true };
  assert_int_equal(sld__market_add(market, &bars, NULL), SLD_OK);
}

/* Bars and ticks that convert by ticks: the last bid known at the time, the last of several at one instant. */
static void a_tick_is_a_rate_from_its_own_time_on(void **state) {
  (void)state;
  sld__market *market = new_market();
  const int64_t hours[] = { H, 2 * H, 3 * H }, ticks[] = { H, 2 * H, 2 * H, 2 * H + 1, 4 * H };
  const double bid[] = { 1.50, 1.51, 1.52, 1.53, 1.54 }, ask[] = { 2, 2, 2, 2, 2 };
  add(market, "EURGBP", H, 3, hours, (double[]){ 0.8, 0.81, 0.82 });
  add_ticks(market, "GBPUSD", 5, ticks, bid, ask);
  sld__conversion rate = convert(market, "EURGBP", "USD");
  assert_rates(rate.fill, 3, (double[]){ 1.50, 1.52, 1.53 });
  assert_rates(rate.mark, 3, (double[]){ 1.52, 1.53, 1.54 });
  sld__conversion_free(&rate);
  sld__market_free(market);
}

/* Two dollars for a yen would be told by the future: a tick of several at one instant converts at itself. */
static void a_tick_that_converts_itself_sees_no_later_one(void **state) {
  (void)state;
  sld__market *market = new_market();
  add_ticks(market, "USDJPY", 4, (int64_t[]){ 0, 7, 7, 7 }, (double[]){ 100, 110, 120, 130 }, (double[]){ 101, 111, 121, 131 });
  sld__conversion rate = convert(market, "USDJPY", "USD");
  assert_ptr_equal(rate.fill, rate.mark);
  assert_rates(rate.mark, 4, (double[]){ 1.0 / 100, 1.0 / 110, 1.0 / 120, 1.0 / 130 });
  assert_true(rate.complete);
  sld__conversion_free(&rate);
  sld__market_free(market);
}

static void the_inverse_pair_divides(void **state) {
  (void)state;
  sld__market *market = new_market();
  const int64_t days[] = { 0, D, 2 * D };
  add(market, "USDJPY", D, 3, days, (double[]){ 100.0, 125.0, 119.85 });
  sld__conversion rate = convert(market, "USDJPY", "USD");
  assert_rates(rate.mark, 3, (double[]){ 1.0 / 100.0, 1.0 / 125.0, 1.0 / 119.85 });
  assert_rates(rate.fill, 3, (double[]){ NONE, 1.0 / 100.0, 1.0 / 125.0 });
  sld__conversion_free(&rate);
  sld__market_free(market);
}

static void two_legs_multiply_by_way_of_the_dollar(void **state) {
  (void)state;
  sld__market *market = new_market();
  const int64_t days[] = { 0, D };
  add(market, "EURJPY", D, 2, days, (double[]){ 150.0, 160.0 });
  add(market, "USDJPY", D, 2, days, (double[]){ 125.0, 128.0 });
  add(market, "GBPUSD", D, 2, days, (double[]){ 1.25, 1.6 });
  add(market, "EURGBP", D, 2, days, (double[]){ 0.9, 0.9 }); /* EURJPY and EURGBP would do too, but the dollar comes first */
  sld__conversion rate = convert(market, "EURJPY", "GBP");
  assert_rates(rate.mark, 2, (double[]){ (1.0 / 125.0) * (1.0 / 1.25), (1.0 / 128.0) * (1.0 / 1.6) });
  sld__conversion_free(&rate);
  sld__market_free(market);
}

static void without_the_dollar_the_euro_and_then_the_first_by_name_is_the_way(void **state) {
  (void)state;
  const int64_t days[] = { 0, D };
  const double one[] = { 1.0, 1.0 };
  sld__market *market = new_market();
  add(market, "CHFJPY", D, 2, days, (double[]){ 160.0, 160.0 });
  add(market, "AUDJPY", D, 2, days, (double[]){ 80.0, 80.0 });
  add(market, "GBPAUD", D, 2, days, (double[]){ 2.0, 2.0 });
  add(market, "GBPCAD", D, 2, days, one);
  add(market, "CADJPY", D, 2, days, (double[]){ 90.0, 90.0 });
  sld__conversion rate = convert(market, "CHFJPY", "GBP"); /* by AUD, before CAD */
  assert_rates(rate.mark, 1, (double[]){ (1.0 / 80.0) * (1.0 / 2.0) });
  sld__conversion_free(&rate);
  add(market, "EURJPY", D, 2, days, (double[]){ 128.0, 128.0 });
  add(market, "EURGBP", D, 2, days, (double[]){ 0.8, 0.8 });
  rate = convert(market, "CHFJPY", "GBP"); /* by EUR */
  assert_rates(rate.mark, 1, (double[]){ (1.0 / 128.0) * 0.8 });
  sld__conversion_free(&rate);
  sld__market_free(market);
}

/* Each leg's own last close counts: the yen is fixed daily, the pound quoted by the hour. */
static void legs_of_different_clocks_join_on_closes(void **state) {
  (void)state;
  sld__market *market = new_market();
  add(market, "EURJPY", H, 3, (int64_t[]){ D + H, D + 2 * H, 2 * D }, (double[]){ 150.0, 150.0, 150.0 });
  add(market, "USDJPY", D, 2, (int64_t[]){ 0, D }, (double[]){ 128.0, 64.0 });
  add(market, "GBPUSD", H, 3, (int64_t[]){ D, D + H, 2 * D - H }, (double[]){ 2.0, 4.0, 8.0 });
  sld__conversion rate = convert(market, "EURJPY", "GBP");
  assert_rates(rate.fill, 3, (double[]){ 1.0 / 128.0 / 2.0, 1.0 / 128.0 / 4.0, 1.0 / 64.0 / 8.0 });
  assert_rates(rate.mark, 3, (double[]){ 1.0 / 128.0 / 4.0, 1.0 / 128.0 / 4.0, 1.0 / 64.0 / 8.0 });
  sld__conversion_free(&rate);
  sld__market_free(market);
}

static void a_rate_of_ten_days_is_used_and_an_older_one_is_missing(void **state) {
  (void)state;
  sld__market *market = new_market();
  add(market, "GBPUSD", D, 2, (int64_t[]){ 0, 14 * D }, (double[]){ 1.5, 1.6 }); /* known at day 1 and day 15 */
  add(market, "EURGBP", H, 6, (int64_t[]){ D, 11 * D - H, 11 * D, 11 * D + H, 15 * D - H, 15 * D }, (double[]){ 0.8, 0.8, 0.8, 0.8, 0.8, 0.8 });
  sld__conversion rate = convert(market, "EURGBP", "USD");
  assert_rates(rate.fill, 6, (double[]){ 1.5, 1.5, 1.5, NONE, NONE, 1.6 });
  assert_rates(rate.mark, 6, (double[]){ 1.5, 1.5, NONE, NONE, 1.6, 1.6 });
  assert_false(rate.complete);
  assert_int_equal(rate.missing, 2);
  sld_error err;
  assert_int_equal(sld__conversion_fail(sld__market_find(market, "EURGBP"), "USD", 2, &err), SLD_ERATE);
  assert_string_equal(err.message, "no rate from GBP to USD for EURGBP at 1970-01-12 (none closed in the 10 days before)");
  sld__conversion_free(&rate);
  sld__market_free(market);
}

static void a_series_that_starts_later_is_missing_before(void **state) {
  (void)state;
  sld__market *market = new_market();
  add(market, "EURGBP", H, 3, (int64_t[]){ 0, H, 2 * H }, (double[]){ 0.8, 0.8, 0.8 });
  add(market, "GBPUSD", H, 2, (int64_t[]){ H, 2 * H }, (double[]){ 1.5, 1.6 });
  sld__conversion rate = convert(market, "EURGBP", "USD");
  assert_rates(rate.fill, 3, (double[]){ NONE, NONE, 1.5 });
  assert_rates(rate.mark, 3, (double[]){ NONE, 1.5, 1.6 });
  assert_int_equal(rate.missing, 0);
  sld__conversion_free(&rate);
  sld__market_free(market);
}

/* Two legs would do where the one pair has no data yet, or none any more; but a rate that comes from elsewhere from some day on is another rate. */
static void the_way_is_one_for_the_whole_run(void **state) {
  (void)state;
  sld__market *market = new_market();
  const int64_t days[] = { 0, D, 2 * D, 3 * D, 20 * D };
  add(market, "EURGBP", D, 5, days, (double[]){ 0.8, 0.8, 0.8, 0.8, 0.8 });
  add(market, "EURUSD", D, 5, days, (double[]){ 1.2, 1.2, 1.2, 1.2, 1.2 });
  add(market, "GBPUSD", D, 2, days + 1, (double[]){ 1.5, 1.6 });
  sld__conversion rate = convert(market, "EURGBP", "USD");
  assert_rates(rate.mark, 5, (double[]){ NONE, 1.5, 1.6, 1.6, NONE });
  assert_string_equal(rate.way, "GBPUSD");
  sld__conversion_free(&rate);
  sld__market_free(market);
}

/* Without holes the rate by an open is the rate by the close before it: one column serves for both. */
static void fills_and_marks_share_their_memory_where_they_are_equal(void **state) {
  (void)state;
  sld__market *market = new_market();
  add(market, "USDJPY", D, 4, (int64_t[]){ 0, D, 2 * D, 5 * D }, (double[]){ 100.0, 125.0, 120.0, 128.0 });
  add(market, "USDCHF", D, 4, (int64_t[]){ 0, D, 2 * D, 15 * D }, (double[]){ 0.5, 0.8, 0.9, 1.0 }); /* a hole of more than 10 days */
  sld__conversion rate = convert(market, "USDJPY", "USD");
  assert_ptr_equal(rate.fill + 1, rate.mark);
  assert_rates(rate.fill, 4, (double[]){ NONE, 1.0 / 100.0, 1.0 / 125.0, 1.0 / 120.0 });
  assert_rates(rate.mark, 4, (double[]){ 1.0 / 100.0, 1.0 / 125.0, 1.0 / 120.0, 1.0 / 128.0 });
  sld__conversion_free(&rate);
  rate = convert(market, "USDCHF", "USD");
  assert_ptr_not_equal(rate.fill + 1, rate.mark);
  assert_rates(rate.fill, 4, (double[]){ NONE, 1.0 / 0.5, 1.0 / 0.8, NONE });
  assert_rates(rate.mark, 4, (double[]){ 1.0 / 0.5, 1.0 / 0.8, 1.0 / 0.9, 1.0 });
  assert_int_equal(rate.missing, 3);
  sld__conversion_free(&rate);
  sld__market_free(market);
}

static void without_a_way_the_error_names_what_to_load(void **state) {
  (void)state;
  sld__market *market = new_market();
  sld__conversion rate;
  sld_error err;
  const int64_t days[] = { 0, D };
  const double one[] = { 1.0, 1.0 };
  add(market, "EURGBP", D, 2, days, one);
  add(market, "EURNOK", D, 2, days, one);
  assert_int_equal(sld__market_convert(market, sld__market_find(market, "EURGBP"), "USD", &rate, &err), SLD_ERATE);
  assert_string_equal(err.message, "EURGBP is quoted in GBP and no loaded pair converts that to USD: load GBPUSD");
  assert_int_equal(sld__market_convert(market, sld__market_find(market, "EURNOK"), "XXX", &rate, &err), SLD_ERATE);
  assert_string_equal(err.message, "EURNOK is quoted in NOK and no loaded pairs convert that to XXX: load a pair of NOK and a pair of XXX with one currency in common");
  sld__market_free(market);
}

/* Whatever the clocks, a rate comes from a bar that had closed: changing any bar that had not changes nothing. */
static void no_rate_is_known_before_its_bar_has_closed(void **state) {
  (void)state;
  enum { N = 200 };
  static int64_t time[2][N];
  static double close[2][N];
  uint64_t seed = 11;
  for (size_t k = 0; k < 2; k++) {
    int64_t now = 0;
    for (size_t i = 0; i < N; i++) {
      seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
      now += (int64_t)(1 + (seed >> 40) % 5) * SLD__NS_PER_HOUR / 2;
      time[k][i] = now;
      close[k][i] = 1.0 + (double)(seed >> 44) * 0x1p-20;
    }
  }
  sld__market *market = new_market();
  add(market, "EURGBP", H, N, time[0], close[0]);
  add(market, "GBPUSD", 2 * H, N, time[1], close[1]);
  const sld__series *pair = sld__market_find(market, "EURGBP");
  const sld__series *by = sld__market_find(market, "GBPUSD");
  sld__conversion rate = convert(market, "EURGBP", "USD");
  for (size_t i = 0; i < N; i++) {
    const struct {
      int64_t now;
      double got;
    } asked[] = { { pair->time[i], rate.fill[i] }, { sld__series_close_time(pair, i), rate.mark[i] } };
    for (size_t k = 0; k < 2; k++) {
      double expected = NONE; /* by looking at every bar */
      for (size_t j = 0; j < N; j++)
        if (sld__series_close_time(by, j) <= asked[k].now && asked[k].now - sld__series_close_time(by, j) <= 10 * D) expected = by->close[j];
      assert_rates(&asked[k].got, 1, &expected);
    }
  }
  sld__conversion_free(&rate);
  sld__market_free(market);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_account_currency_needs_no_rate),
    cmocka_unit_test(a_direct_rate_is_known_once_its_bar_has_closed),
    cmocka_unit_test(a_daily_rate_is_not_known_within_its_day),
    cmocka_unit_test(a_tick_is_a_rate_from_its_own_time_on),
    cmocka_unit_test(a_tick_that_converts_itself_sees_no_later_one),
    cmocka_unit_test(the_inverse_pair_divides),
    cmocka_unit_test(two_legs_multiply_by_way_of_the_dollar),
    cmocka_unit_test(without_the_dollar_the_euro_and_then_the_first_by_name_is_the_way),
    cmocka_unit_test(legs_of_different_clocks_join_on_closes),
    cmocka_unit_test(a_rate_of_ten_days_is_used_and_an_older_one_is_missing),
    cmocka_unit_test(a_series_that_starts_later_is_missing_before),
    cmocka_unit_test(the_way_is_one_for_the_whole_run),
    cmocka_unit_test(fills_and_marks_share_their_memory_where_they_are_equal),
    cmocka_unit_test(without_a_way_the_error_names_what_to_load),
    cmocka_unit_test(no_rate_is_known_before_its_bar_has_closed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
