/* Rollovers: when they are charged, on what, how much, and that nobody can look away long enough to miss one. */
#include "broker_desk.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "base/zone.h"
#include "market/convert.h"
#include "market/market.h"
#include "market/rollover.h"

enum { ROWS = 20000, LOT = 100000 };

#define MINUTE SLD__NS_PER_MINUTE
#define HOUR SLD__NS_PER_HOUR
#define DAY SLD__NS_PER_DAY

/* A desk over bars of a market, with the rolls of its pair. */
typedef struct night {
  desk desk;
  sld__market *market;
  sld__rates rates;
  const sld__series *series;
  sld__rolls rolls;
  sld__rolling how;
  struct sld__zone *new_york;
  sld_instrument instrument;
} night;

static int64_t time_of(const char *text) {
  int64_t time;
  assert_int_equal(sld_time_parse(&time, text, NULL), SLD_OK);
  return time;
}

/* Whether the FX market is open: Sunday to Friday 17:00 New York. */
static bool open_at(const night *n, int64_t time) {
  int64_t local = time + sld__zone_offset(n->new_york, time) * SLD__NS_PER_SECOND + 7 * HOUR;
  return sld__weekday_of_days(sld__floor_div(local, DAY)) <= 5;
}

static int set_up(void **state) {
  night *n = calloc(1, sizeof *n);
  sld_allocator a = sld__alloc_default();
  desk_init(&n->desk, NULL);
  n->rates.allocator = a;
  assert_int_equal(sld__market_new(&n->market, &a, NULL), SLD_OK);
  assert_int_equal(sld__zone_load(&n->new_york, "America/New_York", &a, NULL), SLD_OK);
  n->instrument = n->desk.config.instrument;
  n->instrument.has_swap = true;
  n->instrument.swap_long = -7.0;
  n->instrument.swap_short = 3.0;
  n->how = (sld__rolling){ SLD_ROLLOVER_POINTS, 0.0, &n->rates, n->new_york };
  *state = n;
  return 0;
}

static int tear_down(void **state) {
  night *n = *state;
  sld__rolls_free(&n->rolls);
  sld__rates_fini(&n->rates);
  sld__zone_free(n->new_york);
  sld__market_free(n->market);
  sld__ledger_fini(&n->desk.ledger);
  free(n);
  return 0;
}

/* Drops what the market and the rolls hold, for other bars. */
static void clear(night *n) {
  sld_allocator a = sld__alloc_default();
  sld__rolls_free(&n->rolls);
  sld__market_free(n->market);
  assert_int_equal(sld__market_new(&n->market, &a, NULL), SLD_OK);
}

static void add_bars(night *n, const sld_instrument *instrument, const int64_t *time, const double *price, size_t count, int64_t period) {
  sld_bars bars = { .pair = instrument->pair, .instrument = instrument, .count = count, .time = time, .close = price, .period_ns = period, .side = SLD_MID };
  sld_error err = { .status = SLD_OK };
  if (sld__market_add(n->market, &bars, &err) != SLD_OK) print_error("%s: %s\n", err.file, err.message);
  assert_int_equal(err.status, SLD_OK);
}

/* Bars of `period` while the market is open, at a price that moves slowly. */
static void fx_bars(night *n, const char *from, const char *to, int64_t period) {
  static int64_t time[ROWS];
  static double price[ROWS];
  size_t count = 0;
  for (int64_t t = time_of(from); t < time_of(to); t += period) {
    if (period < DAY ? !open_at(n, t) : sld__weekday_of_days(sld__floor_div(t, DAY)) > 5) continue;
    assert_in_range(count, 0, ROWS - 1);
    time[count] = t;
    price[count++] = 1.25;
  }
  clear(n);
  add_bars(n, &n->instrument, time, price, count, period);
}

static sld_status try_rolls(night *n, sld_error *err) {
  sld_allocator a = sld__alloc_default();
  sld__rolls_free(&n->rolls);
  n->series = sld__market_find(n->market, n->instrument.pair);
  return sld__rolls_make(&n->rolls, n->series, 0, n->series->count, &n->how, &a, err);
}

/* Starts the broker over the bars that were added. */
static void start(night *n) {
  sld_error err = { .status = SLD_OK };
  if (try_rolls(n, &err) != SLD_OK) print_error("%s\n", err.message);
  assert_int_equal(err.status, SLD_OK);
  const sld__series *s = n->series;
  n->desk.config.instrument = n->instrument;
  n->desk.bars = (sld__broker_bars){ .time = s->time, .open = s->open, .high = s->high, .low = s->low, .close = s->close, .count = s->count,
                                     .period_ns = s->info.period_ns, .rate = 1.0, .rolls = n->rolls.list, .roll_count = n->rolls.count };
  desk_start(&n->desk);
}

/* The row that opens at this time. */
static int64_t row_of(const night *n, const char *time) {
  int64_t row = 0;
  while (n->series->time[row] != time_of(time)) row++;
  return row;
}

/* Has `units` dealt at the open of the bar of `time`. */
static void deal_at(night *n, const char *time, double units) {
  desk_buy(&n->desk, row_of(n, time) - 1, units, NAN, NAN);
}

static const sld_rollover_record *record(const night *n, size_t i) {
  assert_in_range(i, 0, n->desk.ledger.rollover_count - 1);
  return &n->desk.ledger.rollovers[i];
}

static int day_units(const night *n) {
  int days = 0;
  for (size_t i = 0; i < n->desk.ledger.rollover_count; i++) days += n->desk.ledger.rollovers[i].days;
  return days;
}

static void assert_time(int64_t time, const char *expected) {
  char text[64];
  sld_time_format(time, text, sizeof text);
  assert_string_equal(text, expected);
}

/* ---- When ---- */

static void a_lot_from_monday_to_monday_has_five_rollovers_and_seven_days_on_any_bars(void **state) {
  night *n = *state;
  const struct { int64_t period; const char *from, *to; } frames[] = { { MINUTE, "2024-01-12", "2024-01-23" }, { HOUR, "2024-01-12", "2024-01-23" }, { DAY, "2024-01-12", "2024-01-24" } };
  double amount[3];
  for (size_t k = 0; k < 3; k++) {
    fx_bars(n, frames[k].from, frames[k].to, frames[k].period);
    start(n);
    deal_at(n, "2024-01-15", LOT);
    deal_at(n, "2024-01-22", -LOT);
    desk_finish(&n->desk);
    const sld__ledger *l = &n->desk.ledger;
    assert_int_equal(l->rollover_count, 5);
    assert_int_equal(day_units(n), 7);
    for (size_t i = 0; i < 5; i++) assert_int_equal(record(n, i)->days, i == 2 ? 3 : 1);
    assert_time(record(n, 0)->time, "2024-01-15T22:00:00Z");
    assert_time(record(n, 4)->time, "2024-01-19T22:00:00Z");
    same(record(n, 0)->amount, -7.0);
    amount[k] = l->rollover;
    same(l->equity[l->equity_count - 1], 100000.0 + l->rollover);
    same(l->rollover, -49.0);
  }
  same(amount[0], amount[1]);
  same(amount[0], amount[2]);
}

static void an_exit_at_the_17_00_open_pays_and_an_entry_there_does_not(void **state) {
  night *n = *state;
  fx_bars(n, "2024-01-15", "2024-01-19", HOUR);
  start(n);
  deal_at(n, "2024-01-15 22:00", LOT);
  deal_at(n, "2024-01-16 22:00", -LOT);
  desk_finish(&n->desk);
  assert_int_equal(n->desk.ledger.rollover_count, 1);
  assert_time(record(n, 0)->time, "2024-01-16T22:00:00Z");
}

static void a_rollover_inside_a_bar_is_charged_on_what_the_open_has_left(void **state) {
  night *n = *state;
  fx_bars(n, "2024-01-15", "2024-01-19", 4 * HOUR);
  start(n);
  deal_at(n, "2024-01-15 20:00", LOT);
  deal_at(n, "2024-01-16 20:00", -LOT);
  desk_finish(&n->desk);
  assert_int_equal(n->desk.ledger.rollover_count, 1);
  assert_time(record(n, 0)->time, "2024-01-15T22:00:00Z");
}

static void a_stop_inside_the_bar_comes_too_late_for_its_rollover(void **state) {
  night *n = *state;
  fx_bars(n, "2024-01-15", "2024-01-18", 4 * HOUR);
  start(n);
  int64_t row = row_of(n, "2024-01-15 16:00");
  double *lows = malloc(n->series->count * sizeof *lows); /* the series has one column for all prices */
  for (size_t i = 0; i < n->series->count; i++) lows[i] = i == (size_t)row + 1 ? 1.0 : 1.25;
  n->desk.bars.low = lows;
  desk_start(&n->desk);
  desk_buy(&n->desk, row - 1, LOT, 1.2, NAN);
  desk_finish(&n->desk);
  assert_int_equal(n->desk.ledger.trade_count, 1);
  assert_int_equal(n->desk.ledger.rollover_count, 1);
  assert_true(n->desk.ledger.trades[0].exit == SLD_EXIT_STOP_LOSS);
  free(lows);
}

static void every_weekday_in_a_hole_of_the_data_is_charged(void **state) {
  night *n = *state;
  const char *const when[] = { "2024-01-15 10:00", "2024-01-15 11:00", "2024-01-15 12:00", "2024-01-25 12:00", "2024-01-25 13:00" };
  int64_t time[5];
  double price[] = { 1.25, 1.25, 1.25, 1.25, 1.25 };
  for (size_t i = 0; i < 5; i++) time[i] = time_of(when[i]);
  add_bars(n, &n->instrument, time, price, 5, HOUR);
  start(n);
  desk_buy(&n->desk, 0, LOT, NAN, NAN);
  desk_buy(&n->desk, 2, -LOT, NAN, NAN);
  desk_finish(&n->desk);
  assert_int_equal(n->desk.ledger.rollover_count, 8); /* Monday to Friday, Monday to Wednesday; the exit at the open comes after them */
  assert_int_equal(day_units(n), 12);
  for (size_t i = 0; i < 8; i++) assert_int_equal(record(n, i)->bar, 3);
}

static void seventeen_hundred_is_new_yorks_in_summer_and_winter(void **state) {
  night *n = *state;
  fx_bars(n, "2024-03-07", "2024-03-13", HOUR);
  start(n);
  deal_at(n, "2024-03-07 10:00", LOT);
  desk_finish(&n->desk);
  assert_int_equal(n->desk.ledger.rollover_count, 4);
  const char *const times[] = { "2024-03-07T22:00:00Z", "2024-03-08T22:00:00Z", "2024-03-11T21:00:00Z", "2024-03-12T21:00:00Z" };
  for (size_t i = 0; i < 4; i++) assert_time(record(n, i)->time, times[i]);
}

static void the_triple_day_is_the_instruments(void **state) {
  night *n = *state;
  n->instrument.triple_day = 5;
  fx_bars(n, "2024-01-12", "2024-01-24", DAY);
  start(n);
  deal_at(n, "2024-01-15", LOT);
  deal_at(n, "2024-01-22", -LOT);
  desk_finish(&n->desk);
  assert_int_equal(record(n, 4)->days, 3);
  assert_int_equal(day_units(n), 7);
}

/* Christmas Day of 2024 is a Wednesday. */
static void a_holiday_is_charged_as_any_weekday(void **state) {
  night *n = *state;
  fx_bars(n, "2024-12-20", "2024-12-28", DAY);
  start(n);
  deal_at(n, "2024-12-23", LOT);
  desk_finish(&n->desk);
  assert_time(record(n, 2)->time, "2024-12-25T22:00:00Z");
  assert_int_equal(record(n, 2)->days, 3);
}

static void ticks_at_17_00_pay_before_they_deal(void **state) {
  night *n = *state;
  int64_t time[] = { time_of("2024-01-15 21:00"), time_of("2024-01-15 21:30"), time_of("2024-01-15 22:00"), time_of("2024-01-15 22:00"), time_of("2024-01-16 10:00") };
  double price[] = { 1.25, 1.25, 1.25, 1.25, 1.25 };
  sld_bars bars = { .pair = "EURUSD", .instrument = &n->instrument, .count = 5, .time = time, .close = price, .side = SLD_MID, .ticks = true };
  assert_int_equal(sld__market_add(n->market, &bars, NULL), SLD_OK);
  start(n);
  desk_buy(&n->desk, 0, LOT, NAN, NAN);
  desk_buy(&n->desk, 1, -LOT, NAN, NAN);
  desk_buy(&n->desk, 2, LOT, NAN, NAN);
  desk_finish(&n->desk);
  assert_int_equal(n->desk.ledger.rollover_count, 1);
  assert_int_equal(record(n, 0)->bar, 2);
}

/* ---- How much ---- */

static void add_rate(night *n, const char *currency, const char *from, const char *to, double percent) {
  int64_t first = time_of(from), last = time_of(to);
  size_t count = (size_t)((last - first) / DAY) + 1;
  sld_allocator a = n->rates.allocator;
  sld__short_rate rate = { .count = count, .date = sld__alloc(&a, count, sizeof *rate.date), .percent = sld__alloc(&a, count, sizeof *rate.percent) };
  snprintf(rate.currency, sizeof rate.currency, "%s", currency);
  for (size_t i = 0; i < count; i++) {
    rate.date[i] = first + (int64_t)i * DAY;
    rate.percent[i] = percent;
  }
  assert_int_equal(sld__rates_put(&n->rates, &rate, NULL), SLD_OK);
}

static void a_long_earns_the_base_rate_and_pays_the_quote_rate_and_a_short_the_reverse(void **state) {
  night *n = *state;
  add_rate(n, "EUR", "2024-01-01", "2024-02-01", 4.0);
  add_rate(n, "USD", "2024-01-01", "2024-02-01", 5.4);
  n->how.rollover = SLD_ROLLOVER_RATES;
  for (int side = 1; side >= -1; side -= 2) {
    fx_bars(n, "2024-01-12", "2024-01-24", DAY);
    start(n);
    deal_at(n, "2024-01-15", side * LOT);
    deal_at(n, "2024-01-22", -side * LOT);
    desk_finish(&n->desk);
    assert_int_equal(n->desk.ledger.rollover_count, 5);
    same(record(n, 0)->units, side * LOT);
    double day = 1.25 * (4.0 / 100.0 / 360.0 - 5.4 / 100.0 / 360.0);
    same(record(n, 0)->amount, LOT * (side > 0 ? day : 1.25 * (5.4 / 100.0 / 360.0 - 4.0 / 100.0 / 360.0)));
    assert_true(side * n->desk.ledger.rollover < 0.0);
    assert_true(fabs(n->desk.ledger.rollover - side * 7.0 * LOT * day) < 1e-9);
  }
}

static void sterling_counts_365_days_and_the_markup_lowers_what_is_earned(void **state) {
  night *n = *state;
  n->instrument = (sld_instrument){ .pair = "GBPUSD", .base = "GBP", .quote = "USD", .digits = 5, .pip = 0.0001, .lot = 100000.0, .min_size = 1.0, .step = 1.0 };
  add_rate(n, "GBP", "2024-01-01", "2024-02-01", 5.0);
  add_rate(n, "USD", "2024-01-01", "2024-02-01", 4.0);
  n->how.rollover = SLD_ROLLOVER_RATES;
  n->how.markup = 0.5;
  fx_bars(n, "2024-01-15", "2024-01-18", DAY);
  start(n);
  same(n->rolls.list[1].longs, 1.25 * ((5.0 - 0.5) / 100.0 / 365.0 - 4.0 / 100.0 / 360.0));
  same(n->rolls.list[1].shorts, 1.25 * ((4.0 - 0.5) / 100.0 / 360.0 - 5.0 / 100.0 / 365.0));
}

/* What core/market/rollover.h names as its source. */
static void each_currency_has_its_days_a_year(void **state) {
  static const char *const long_years[] = { "AUD", "CAD", "GBP", "HKD", "ILS", "INR", "KRW", "MYR", "NZD", "PLN", "RUB", "SGD", "THB", "TWD", "ZAR" };
  static const char *const others[] = { "CHF", "CNH", "CZK", "DKK", "EUR", "HUF", "JPY", "MXN", "NOK", "SEK", "TRY" };
  const size_t count = sizeof long_years / sizeof *long_years, all = count + sizeof others / sizeof *others;
  night *n = *state;
  add_rate(n, "USD", "2024-01-01", "2024-02-01", 0.0);
  n->how.rollover = SLD_ROLLOVER_RATES;
  for (size_t i = 0; i < all; i++) {
    const char *currency = i < count ? long_years[i] : others[i - count];
    n->instrument = (sld_instrument){ .quote = "USD", .digits = 5, .pip = 0.0001, .lot = 100000.0, .min_size = 1.0, .step = 1.0 };
    snprintf(n->instrument.pair, sizeof n->instrument.pair, "%sUSD", currency);
    snprintf(n->instrument.base, sizeof n->instrument.base, "%s", currency);
    add_rate(n, currency, "2024-01-01", "2024-02-01", 5.0);
    fx_bars(n, "2024-01-15", "2024-01-18", DAY);
    start(n);
    same(n->rolls.list[0].longs, 1.25 * (5.0 / 100.0 / (i < count ? 365.0 : 360.0) - 0.0));
  }
}

static void each_day_has_its_own_rate(void **state) {
  night *n = *state;
  add_rate(n, "EUR", "2024-01-01", "2024-02-01", 0.0);
  add_rate(n, "USD", "2024-01-01", "2024-02-01", 3.6);
  for (size_t i = 15; i < 32; i++) n->rates.list[1].percent[i] = 7.2; /* from 2024-01-16 on */
  n->how.rollover = SLD_ROLLOVER_RATES;
  fx_bars(n, "2024-01-15", "2024-01-18", DAY);
  start(n);
  same(n->rolls.list[0].longs, -1.25 * (3.6 / 100.0 / 360.0));
  same(n->rolls.list[1].longs, -1.25 * (7.2 / 100.0 / 360.0));
}

static void yen_become_dollars_at_the_rate_of_the_bar_that_is_charged(void **state) {
  night *n = *state;
  n->instrument = (sld_instrument){ .pair = "USDJPY", .base = "USD", .quote = "JPY", .digits = 3, .pip = 0.01, .lot = 100000.0, .min_size = 1.0, .step = 1.0, .has_swap = true, .swap_long = 12.0, .swap_short = -25.0 };
  int64_t time[6];
  double price[] = { 140.0, 141.0, 142.0, 143.0, 144.0, 145.0 };
  for (int i = 0; i < 6; i++) time[i] = time_of("2024-01-15") + i * DAY;
  add_bars(n, &n->instrument, time, price, 5, DAY);
  sld__conversion rates;
  start(n);
  assert_int_equal(sld__market_convert(n->market, n->series, "USD", &rates, NULL), SLD_OK);
  n->desk.bars.rate_fill = rates.fill;
  n->desk.bars.rate_mark = rates.mark;
  desk_start(&n->desk);
  desk_buy(&n->desk, 0, LOT, NAN, NAN);
  desk_finish(&n->desk);
  assert_int_equal(n->desk.ledger.rollover_count, 4);
  same(record(n, 0)->amount, 1200.0 * (1.0 / 140.0));   /* Tuesday's, in the bar that opens when Monday's has closed */
  same(record(n, 1)->amount, 3600.0 * (1.0 / 141.0));
  sld__conversion_free(&rates);
}

static void a_hedged_book_pays_on_both_sides(void **state) {
  night *n = *state;
  n->desk.config.accounting = SLD_HEDGE;
  fx_bars(n, "2024-01-15", "2024-01-18", DAY);
  start(n);
  deal_at(n, "2024-01-16", 3 * LOT);
  deal_at(n, "2024-01-16", -LOT);
  desk_finish(&n->desk);
  assert_int_equal(n->desk.ledger.rollover_count, 4);
  same(record(n, 0)->units, 3.0 * LOT);
  same(record(n, 1)->units, -1.0 * LOT);
  assert_true(record(n, 0)->amount < 0.0 && record(n, 1)->amount > 0.0);
}

/* ---- What is missing ---- */

static void a_pair_without_swaps_or_rates_cannot_be_rolled_over(void **state) {
  night *n = *state;
  sld_error err;
  n->instrument.has_swap = false;
  fx_bars(n, "2024-01-15", "2024-01-18", DAY);
  assert_int_equal(try_rolls(n, &err), SLD_EVALUE);
  assert_string_equal(err.message, "EURUSD cannot be rolled over by points: its swap_long and swap_short are not known; a file of instruments can say them");
  n->how.rollover = SLD_ROLLOVER_RATES;
  assert_int_equal(try_rolls(n, &err), SLD_EVALUE);
  assert_string_equal(err.message, "EURUSD cannot be rolled over by rates: no short rates of EUR are loaded");
}

static void rates_that_end_before_the_prices_end_a_job_that_needs_them(void **state) {
  night *n = *state;
  sld_error err;
  add_rate(n, "EUR", "2024-01-01", "2024-02-20", 4.0);
  add_rate(n, "USD", "2024-01-01", "2024-01-16", 5.4);
  n->how.rollover = SLD_ROLLOVER_RATES;
  fx_bars(n, "2024-01-15", "2024-02-10", DAY);
  start(n);
  deal_at(n, "2024-01-16", LOT);
  assert_int_equal(sld__broker_finish(&n->desk.broker, &err), SLD_ERATE);
  assert_string_equal(err.message, "EURUSD: no short rate of USD for the rollover at 2024-01-29T22:00:00Z");
  assert_time(record(n, n->desk.ledger.rollover_count - 1)->time, "2024-01-26T22:00:00Z"); /* ten days after the last figure's day */

  start(n);
  deal_at(n, "2024-01-16", LOT);
  deal_at(n, "2024-01-26", -LOT);
  desk_finish(&n->desk); /* flat by then: none is missing */
}

static void a_missing_conversion_rate_names_the_rollover(void **state) {
  night *n = *state;
  sld_error err;
  double fill[8], mark[8];
  for (int i = 0; i < 8; i++) fill[i] = mark[i] = 0.5;
  fill[3] = NAN;
  fx_bars(n, "2024-01-15", "2024-01-20", DAY);
  start(n);
  n->desk.bars.rate_fill = fill;
  n->desk.bars.rate_mark = mark;
  desk_start(&n->desk);
  desk_buy(&n->desk, 0, LOT, NAN, NAN);
  assert_int_equal(sld__broker_finish(&n->desk.broker, &err), SLD_ERATE);
  assert_string_equal(err.message, "EURUSD: no conversion rate for USD at 2024-01-18T22:00:00Z");
}

/* ---- Laziness ---- */

static void rows_asked_for_one_by_one_give_the_same_bits(void **state) {
  night *n = *state;
  static double lazy[ROWS];
  for (int way = 0; way < 3; way++) {
    fx_bars(n, "2024-01-12", "2024-02-12", HOUR);
    start(n);
    deal_at(n, "2024-01-15 03:00", 2 * LOT);
    for (int64_t row = n->desk.broker.now + 1; way == 1 && row < 200; row++) assert_int_equal(sld__broker_step(&n->desk.broker), 0);
    for (int64_t row = n->desk.broker.now + 1; way == 2 && row < 200; row += 7) assert_int_equal(sld__broker_advance(&n->desk.broker, row), 0);
    deal_at(n, "2024-02-01 22:00", -LOT);
    while (way == 1 && sld__broker_step(&n->desk.broker) == 0) {}
    desk_finish(&n->desk);
    const sld__ledger *l = &n->desk.ledger;
    if (way == 0) memcpy(lazy, l->equity, l->equity_count * sizeof *lazy);
    else assert_memory_equal(lazy, l->equity, l->equity_count * sizeof *lazy);
    assert_int_equal(l->rollover_count, 20);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(a_lot_from_monday_to_monday_has_five_rollovers_and_seven_days_on_any_bars, set_up, tear_down),
    cmocka_unit_test_setup_teardown(an_exit_at_the_17_00_open_pays_and_an_entry_there_does_not, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_rollover_inside_a_bar_is_charged_on_what_the_open_has_left, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_stop_inside_the_bar_comes_too_late_for_its_rollover, set_up, tear_down),
    cmocka_unit_test_setup_teardown(every_weekday_in_a_hole_of_the_data_is_charged, set_up, tear_down),
    cmocka_unit_test_setup_teardown(seventeen_hundred_is_new_yorks_in_summer_and_winter, set_up, tear_down),
    cmocka_unit_test_setup_teardown(the_triple_day_is_the_instruments, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_holiday_is_charged_as_any_weekday, set_up, tear_down),
    cmocka_unit_test_setup_teardown(each_currency_has_its_days_a_year, set_up, tear_down),
    cmocka_unit_test_setup_teardown(ticks_at_17_00_pay_before_they_deal, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_long_earns_the_base_rate_and_pays_the_quote_rate_and_a_short_the_reverse, set_up, tear_down),
    cmocka_unit_test_setup_teardown(sterling_counts_365_days_and_the_markup_lowers_what_is_earned, set_up, tear_down),
    cmocka_unit_test_setup_teardown(each_day_has_its_own_rate, set_up, tear_down),
    cmocka_unit_test_setup_teardown(yen_become_dollars_at_the_rate_of_the_bar_that_is_charged, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_hedged_book_pays_on_both_sides, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_pair_without_swaps_or_rates_cannot_be_rolled_over, set_up, tear_down),
    cmocka_unit_test_setup_teardown(rates_that_end_before_the_prices_end_a_job_that_needs_them, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_missing_conversion_rate_names_the_rollover, set_up, tear_down),
    cmocka_unit_test_setup_teardown(rows_asked_for_one_by_one_give_the_same_bits, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
