/* Longer bars of shorter ones, against examples, a slow twin and files whose bars others have made. */
#include "market/resample.h"

#include <math.h>

#include "base/rng.h"
#include "failing.h"
#include "market/instrument.h"
#include "market_files.h"

static int64_t at(const char *text) {
  int64_t time;
  assert_int_equal(sld_time_parse(&time, text, NULL), SLD_OK);
  return time;
}

static sld__resampling resampling(const char *frame, sld_day day, const char *zone) {
  sld__resampling how = { .day = day, .zone = zone };
  assert_int_equal(sld__timeframe_parse(&how.frame, frame, NULL, NULL), SLD_OK);
  return how;
}

static sld__series *resampled(const sld__series *series, const char *frame, sld_day day, const char *zone) {
  sld_allocator alloc = sld__alloc_default();
  sld__resampling how = resampling(frame, day, zone);
  sld_error err = { .status = SLD_OK };
  sld__series *made;
  if (sld__series_resample(&made, series, &how, &alloc, &err) != SLD_OK) print_error("%s\n", err.message);
  assert_int_equal(err.status, SLD_OK);
  return made;
}

static void refused_as(const sld__series *series, const char *frame, sld_day day, const char *zone, const char *message) {
  sld_allocator alloc = sld__alloc_default();
  sld__resampling how = resampling(frame, day, zone);
  sld_error err;
  sld__series *made;
  assert_int_equal(sld__series_resample(&made, series, &how, &alloc, &err), SLD_EINVAL);
  assert_string_equal(err.message, message);
}

/* The only pair of a market that holds `bars`; `*out` is to be freed. */
static const sld__series *series_of(sld__market **out, const sld_bars *bars) {
  sld_error err = { .status = SLD_OK };
  *out = new_market();
  if (sld__market_add(*out, bars, &err) != SLD_OK) print_error("%s: %s\n", err.file, err.message);
  assert_int_equal(err.status, SLD_OK);
  return sld__market_at(*out, 0);
}

/* ---- Examples --------------------------------------------------------------------------------------------------- */

static void a_bar_has_first_open_highest_lowest_last_close_and_all_volume(void **state) {
  (void)state;
  const int64_t time[] = { at("2024-01-02 10:00"), at("2024-01-02 10:20"), at("2024-01-02 10:40"), at("2024-01-02 12:00") };
  const double open[] = { 1.10, 1.12, 1.11, 1.20 }, high[] = { 1.13, 1.15, 1.12, 1.21 };
  const double low[] = { 1.09, 1.10, 1.08, 1.19 }, close[] = { 1.12, 1.11, 1.09, 1.20 }, volume[] = { 1, 2, 4, 8 };
  const double ask_open[] = { 1.101, 1.121, 1.111, 1.201 }, ask_high[] = { 1.131, 1.151, 1.121, 1.211 };
  const double ask_low[] = { 1.091, 1.101, 1.081, 1.191 }, ask_close[] = { 1.121, 1.111, 1.091, 1.201 };
  sld__market *market;
  const sld__series *series = series_of(&market, &(sld_bars){ .pair = "EURUSD", .count = 4, .time = time, .open = open, .high = high, .low = low, .close = close, .volume = volume,
    .ask_open = ask_open, .ask_high = ask_high, .ask_low = ask_low, .ask_close = ask_close, .side = SLD_BOTH, .period_ns = 20 * SLD__NS_PER_MINUTE });
  sld__series *hours = resampled(series, "1h", SLD_DAY_NEW_YORK, NULL);
  assert_int_equal(hours->count, 2); /* no bar for 11:00 */
  assert_int_equal(hours->info.period_ns, SLD__NS_PER_HOUR);
  assert_int_equal(hours->info.side, SLD_BOTH);
  assert_int_equal(hours->time[0], at("2024-01-02 10:00"));
  assert_int_equal(hours->time[1], at("2024-01-02 12:00"));
  const double expected[] = { 1.10, 1.15, 1.08, 1.09, 7, 1.101, 1.151, 1.081, 1.091 };
  const double made[] = { hours->open[0], hours->high[0], hours->low[0], hours->close[0], hours->volume[0], hours->ask_open[0], hours->ask_high[0], hours->ask_low[0], hours->ask_close[0] };
  assert_memory_equal(made, expected, sizeof made);
  sld__series_free(hours);
  sld__market_free(market);
}

static void ticks_become_bars_in_their_order(void **state) {
  (void)state;
  const int64_t time[] = { at("2024-01-02 10:00:59.5"), at("2024-01-02 10:00:59.5"), at("2024-01-02 10:00:59.5"), at("2024-01-02 10:02:00") };
  const double bid[] = { 1.12, 1.10, 1.11, 1.13 }, ask[] = { 1.13, 1.12, 1.14, 1.14 };
  sld__market *market;
  const sld__series *series = series_of(&market, &(sld_bars){ .pair = "EURUSD", .count = 4, .time = time, .close = bid, .ask_close = ask, .side = SLD_BOTH, .ticks = true });
  sld__series *minutes = resampled(series, "1m", SLD_DAY_UTC, NULL);
  assert_int_equal(minutes->count, 2);
  assert_false(minutes->info.ticks);
  assert_false(minutes->info.one_price);
  assert_null(minutes->volume);
  assert_int_equal(minutes->time[0], at("2024-01-02 10:00"));
  assert_int_equal(minutes->time[1], at("2024-01-02 10:02"));
  assert_true(minutes->open[0] == 1.12 && minutes->high[0] == 1.12 && minutes->low[0] == 1.10 && minutes->close[0] == 1.11);
  assert_true(minutes->ask_open[0] == 1.13 && minutes->ask_high[0] == 1.14 && minutes->ask_low[0] == 1.12 && minutes->ask_close[0] == 1.14);
  sld__series_free(minutes);
  sld__market_free(market);
}

static void dates_are_grouped_as_dates(void **state) {
  (void)state;
  const int64_t time[] = { at("2024-01-31"), at("2024-02-01"), at("2024-02-02"), at("2024-02-05") };
  const double close[] = { 1.1, 1.2, 1.3, 1.4 };
  sld__market *market;
  const sld__series *series = series_of(&market, &(sld_bars){ .pair = "EURUSD", .count = 4, .time = time, .close = close, .side = SLD_MID });
  assert_true(series->info.date_only);
  sld__series *weeks = resampled(series, "1w", SLD_DAY_NEW_YORK, NULL);
  assert_int_equal(weeks->count, 2);
  assert_int_equal(weeks->time[0], at("2024-01-29"));
  assert_true(weeks->info.date_only);
  assert_false(weeks->info.one_price);
  assert_true(weeks->open[0] == 1.1 && weeks->close[0] == 1.3 && weeks->close[1] == 1.4);
  sld__resampling wrong = { .day = SLD_DAY_SOURCE, .zone = "Mars/Olympus" };
  sld__series *none;
  sld_error err;
  sld_allocator a = sld__alloc_default();
  assert_int_equal(sld__timeframe_parse(&wrong.frame, "1mo", NULL, NULL), SLD_OK);
  assert_int_equal(sld__series_resample(&none, series, &wrong, &a, &err), SLD_ENAME);
  assert_string_equal(err.message, "'Mars/Olympus' is no time zone; there are UTC, offsets such as +05:30, names such as America/New_York, EET-NY and floating");
  sld__series *months = resampled(series, "1mo", SLD_DAY_SOURCE, "Asia/Tokyo");
  assert_int_equal(months->count, 2);
  assert_int_equal(months->time[1], at("2024-02-01"));
  assert_true(months->open[1] == 1.2 && months->close[1] == 1.4);
  assert_int_equal(sld__series_close_time(months, 0), at("2024-02-01"));
  sld__series *quarters = resampled(months, "3mo", SLD_DAY_UTC, NULL); /* the bar of February is as long as the longest month */
  assert_int_equal(quarters->count, 1);
  sld__series_free(quarters);
  sld__series_free(months);
  sld__series_free(weeks);
  sld__market_free(market);
}

static void an_fx_day_holds_what_was_traded_since_17_00(void **state) {
  (void)state;
  const int64_t time[] = { at("2024-01-05 20:00"), at("2024-01-05 21:00"), at("2024-01-07 22:00"), at("2024-01-08 21:00"), at("2024-01-08 22:00") };
  const double close[] = { 1.1, 1.2, 1.3, 1.4, 1.5 };
  sld__market *market;
  const sld__series *series = series_of(&market, &(sld_bars){ .pair = "EURUSD", .count = 5, .time = time, .close = close, .period_ns = SLD__NS_PER_HOUR });
  sld__series *days = resampled(series, "1d", SLD_DAY_NEW_YORK, NULL);
  assert_int_equal(days->count, 3);
  assert_int_equal(days->time[0], at("2024-01-04 22:00"));
  assert_int_equal(days->time[1], at("2024-01-07 22:00"));
  assert_true(days->close[0] == 1.2 && days->open[1] == 1.3 && days->close[1] == 1.4);
  assert_false(days->info.date_only);
  sld__series_free(days);
  sld__series *utc = resampled(series, "1d", SLD_DAY_UTC, NULL);
  assert_int_equal(utc->count, 3); /* the Sunday has a bar of its own */
  assert_int_equal(utc->time[1], at("2024-01-07"));
  sld__series_free(utc);
  sld__market_free(market);
}

static void bars_that_do_not_fit_are_refused(void **state) {
  (void)state;
  const int64_t time[] = { at("2024-01-02 16:00"), at("2024-01-02 20:00") };
  const double close[] = { 1.1, 1.2 };
  sld__market *market;
  const sld__series *series = series_of(&market, &(sld_bars){ .pair = "EURUSD", .count = 2, .time = time, .close = close });
  refused_as(series, "1h", SLD_DAY_UTC, NULL, "the bars of EURUSD are of 4h: none of 1h can be made of them");
  refused_as(series, "1d", SLD_DAY_NEW_YORK, NULL, "EURUSD: its bar of 4h at 2024-01-02T20:00:00Z runs past 2024-01-02T22:00:00Z, where a bar of 1d ends; do days end elsewhere?");
  refused_as(series, "6h", SLD_DAY_UTC, NULL, "EURUSD: its bar of 4h at 2024-01-02T16:00:00Z runs past 2024-01-02T18:00:00Z, where a bar of 6h ends; do days end elsewhere?");
  refused_as(series, "1d", SLD_DAY_SOURCE, NULL, "days of the source's own clock need its zone, such as Europe/Athens");
  refused_as(series, "1d", SLD_DAY_UTC, "Europe/Athens", "days that end by UTC need no zone");
  sld__market_free(market);
}

/* ---- A slow twin ------------------------------------------------------------------------------------------------ */

enum { ROWS = 3000 };

static struct {
  int64_t time[ROWS];
  double column[9][ROWS]; /* open high low close volume, then the asks */
} rows;

static sld_bars random_bars(struct sld__rng *rng, int64_t period, bool ticks, bool both) {
  int64_t now = at("2023-10-01");
  for (size_t i = 0; i < ROWS; i++) {
    double price = 1.0 + sld__rng_uniform(rng);
    now += ticks ? (int64_t)(sld__rng_uniform(rng) * 4) * SLD__NS_PER_SECOND * 7 : period * (1 + (int64_t)(sld__rng_uniform(rng) * sld__rng_uniform(rng) * 5));
    rows.time[i] = now;
    rows.column[0][i] = price;
    rows.column[1][i] = price + 0.01 * sld__rng_uniform(rng);
    rows.column[2][i] = price - 0.01 * sld__rng_uniform(rng);
    rows.column[3][i] = price;
    rows.column[4][i] = floor(100 * sld__rng_uniform(rng));
    for (int k = 0; k < 4; k++) rows.column[5 + k][i] = rows.column[k][i] + 0.001;
  }
  sld_bars bars = { .pair = "EURUSD", .count = ROWS, .time = rows.time, .close = rows.column[3], .volume = rows.column[4], .period_ns = ticks ? 0 : period, .ticks = ticks };
  if (!ticks) bars.open = rows.column[0], bars.high = rows.column[1], bars.low = rows.column[2];
  if (both) bars.side = SLD_BOTH, bars.ask_close = rows.column[8];
  if (both && !ticks) bars.ask_open = rows.column[5], bars.ask_high = rows.column[6], bars.ask_low = rows.column[7];
  return bars;
}

/* Each row asks anew which bar it belongs to. */
static void equals_the_slow_twin(const sld__series *series, const char *frame, sld_day day) {
  sld_allocator alloc = sld__alloc_default();
  sld__resampling how = resampling(frame, day, NULL);
  sld__series *made = resampled(series, frame, day, NULL);
  size_t bar = 0;
  double volume = 0, high = 0, low = 0, ask_high = 0, ask_low = 0;
  for (size_t i = 0; i < series->count; i++) {
    sld__buckets buckets;
    assert_int_equal(sld__buckets_init(&buckets, &how.frame, day, NULL, &alloc, NULL), SLD_OK);
    sld__bucket bucket = sld__buckets_at(&buckets, series->time[i]);
    sld__buckets_fini(&buckets);
    bool first = i == 0 || series->time[i - 1] < bucket.from, last = i + 1 == series->count || series->time[i + 1] >= bucket.until;
    if (first) {
      volume = 0, high = series->high[i], low = series->low[i];
      assert_int_equal(made->time[bar], bucket.from);
      assert_true(made->open[bar] == series->open[i]);
      if (series->ask_close) {
        ask_high = series->ask_high[i], ask_low = series->ask_low[i];
        assert_true(made->ask_open[bar] == series->ask_open[i]);
      }
    }
    volume += series->volume[i];
    high = fmax(high, series->high[i]);
    low = fmin(low, series->low[i]);
    if (series->ask_close) ask_high = fmax(ask_high, series->ask_high[i]), ask_low = fmin(ask_low, series->ask_low[i]);
    if (!last) continue;
    assert_true(made->high[bar] == high && made->low[bar] == low && made->close[bar] == series->close[i] && made->volume[bar] == volume);
    if (series->ask_close) assert_true(made->ask_high[bar] == ask_high && made->ask_low[bar] == ask_low && made->ask_close[bar] == series->ask_close[i]);
    bar++;
  }
  assert_int_equal(bar, made->count);
  sld__series_free(made);
}

static void fast_and_slow_agree(void **state) {
  (void)state;
  struct sld__rng rng;
  sld__rng_init(&rng, 8, 9);
  static const char *const frames[] = { "1h", "4h", "1d", "1w", "1mo" };
  for (int k = 0; k < 4; k++) {
    sld__market *market;
    sld_bars bars = random_bars(&rng, 15 * SLD__NS_PER_MINUTE, k & 1, k & 2);
    const sld__series *series = series_of(&market, &bars);
    for (size_t f = 0; f < sizeof frames / sizeof *frames; f++) {
      equals_the_slow_twin(series, frames[f], SLD_DAY_UTC);
      equals_the_slow_twin(series, frames[f], SLD_DAY_NEW_YORK);
    }
    sld__market_free(market);
  }
}

static void every_failing_allocation_is_reported_and_leaks_nothing(void **state) {
  (void)state;
  struct sld__rng rng;
  sld__rng_init(&rng, 8, 9);
  sld__market *market;
  sld_bars bars = random_bars(&rng, 15 * SLD__NS_PER_MINUTE, false, true);
  const sld__series *series = series_of(&market, &bars);
  sld__resampling how = resampling("1h", SLD_DAY_NEW_YORK, NULL);
  for (size_t refuse = 1;; refuse++) {
    struct failing failing = { .refuse = refuse };
    sld_allocator alloc = failing_allocator(&failing);
    sld__series *made = NULL;
    sld_status status = sld__series_resample(&made, series, &how, &alloc, NULL);
    if (status == SLD_OK) sld__series_free(made);
    assert_int_equal(failing.held, 0);
    if (status == SLD_OK) break;
    assert_int_equal(status, SLD_ENOMEM);
  }
  sld__market_free(market);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_bar_has_first_open_highest_lowest_last_close_and_all_volume),
    cmocka_unit_test(ticks_become_bars_in_their_order),
    cmocka_unit_test(dates_are_grouped_as_dates),
    cmocka_unit_test(an_fx_day_holds_what_was_traded_since_17_00),
    cmocka_unit_test(bars_that_do_not_fit_are_refused),
    cmocka_unit_test(fast_and_slow_agree),
    cmocka_unit_test(every_failing_allocation_is_reported_and_leaks_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
