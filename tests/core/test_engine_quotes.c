/* Bid and ask data and ticks through whole runs, in both engines. */
#include "engine_desk.h"

enum { TICKS = 4000 };

#define SECOND INT64_C(1000000000)

static void add_ticks(desk *d, const char *pair, const int64_t *time, const double *bid, const double *ask, size_t count) {
  sld_bars bars = { .pair = pair, .count = count, .time = time, .close = bid, .ask_close = ask, .side = ask ? SLD_BOTH : SLD_BID, .ticks = true };
  sld_error err;
  desk_good(sld_market_add(d->market, &bars, &err), &err);
}

/* Quotes that wander about `price`, some in one instant. */
static void add_random_ticks(desk *d, const char *pair, double price, uint64_t seed) {
  static int64_t time[TICKS];
  static double bid[TICKS], ask[TICKS];
  for (size_t i = 0; i < TICKS; i++) {
    price *= 1.0 + 0.001 * (desk_random(&seed) - 0.5);
    bid[i] = price;
    ask[i] = price * (1.0 + 0.0002 * desk_random(&seed));
    time[i] = (i ? time[i - 1] : 1388966400 * SECOND) + (desk_random(&seed) < 0.3 ? 0 : (int64_t)(300 * desk_random(&seed)) * SECOND);
  }
  add_ticks(d, pair, time, bid, ask, TICKS);
}

/* Buys at the first spread of at most 0.0625, and sells once the bid has risen above what was paid. */
static const char scalper[] = DESK_HEAD
  "local S = sliders.strategy { warmup = 0 } "
  "function S:init(bars) self.bid, self.ask = bars.bid, bars.ask end "
  "function S:bar(broker) "
  "  if broker.position == 0 and self.ask[0] - self.bid[0] <= 0.0625 then broker:buy { units = 1000 } "
  "  elseif broker.position > 0 and self.bid[0] > broker.trades[1].entry_price then broker:close() end "
  "end return S";

static const int64_t instants[] = { 0, 1, 1, 1, 2, 3 };
static const double bids[] = { 1.0, 1.125, 1.125, 1.25, 1.375, 1.25 }, asks[] = { 1.125, 1.1875, 1.25, 1.3125, 1.5, 1.375 };

static void a_strategy_trades_tick_by_tick_on_bid_and_ask(void **state) {
  (void)state;
  desk d = desk_open(1);
  add_ticks(&d, "EURUSD", instants, bids, asks, 6);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, scalper, NULL);
    const sld_job *job = desk_done(&r, 0);
    assert_int_equal(job->bar_count, 6);
    assert_int_equal(job->orders[0].bar, 1); /* the second of the ticks, .. */
    assert_int_equal(job->orders[0].fill_bar, 2); /* .. dealt at the next, in the same instant */
    assert_int_equal(job->orders[0].fill_time, 1);
    assert_true(job->orders[0].price == 1.25 && job->orders[0].reference == 1.125);
    assert_int_equal(job->orders[1].bar, 4);
    assert_true(job->orders[1].price == 1.25);
    assert_true(job->trades[0].gross == 125.0 && job->costs_spread == 125.0 && job->final_equity == 100000.0);
    assert_true(job->equity[2] == 100000.0 - 125.0 && job->close_time[2] == 1);
    desk_end(&r);
  }
  desk_close(&d);
}

/* Three ticks at instant 1 are three points of the sleeve and one of the portfolio. */
static void an_instant_of_the_portfolio_has_the_last_ticks_equity(void **state) {
  (void)state;
  desk d = desk_open(1);
  add_ticks(&d, "EURUSD", instants, bids, asks, 6);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, scalper, NULL);
    const sld_portfolio *p = sld_result_portfolio(r.result);
    assert_int_equal(p->count, 4);
    assert_int_equal(p->time[1], 1);
    assert_true(p->equity[1] == desk_job(&r, 0)->equity[3]);
    desk_end(&r);
  }
  desk_close(&d);
}

static void bars_of_both_sides_have_columns_for_each(void **state) {
  (void)state;
  desk d = desk_open(1);
  static const int64_t time[] = { 0, DESK_DAY_NS, 2 * DESK_DAY_NS };
  static const double open[] = { 2, 2, 2 }, high[] = { 4, 4, 4 }, low[] = { 1, 1, 1 }, close[] = { 3, 3, 3 };
  static const double ask_open[] = { 2.5, 2.5, 2.5 }, ask_high[] = { 4.5, 4.5, 4.5 }, ask_low[] = { 1.25, 1.25, 1.25 }, ask_close[] = { 3.5, 3.5, 3.5 };
  sld_bars bars = { .pair = "EURUSD", .count = 3, .time = time, .open = open, .high = high, .low = low, .close = close, .side = SLD_BOTH,
                    .ask_open = ask_open, .ask_high = ask_high, .ask_low = ask_low, .ask_close = ask_close };
  assert_int_equal(sld_market_add(d.market, &bars, NULL), SLD_OK);
  static const char seer[] = DESK_HEAD
    "local S = sliders.strategy { warmup = 0 } "
    "function S:init(b) self.list = { b.bid, b.ask, b.ask_open, b.ask_high, b.ask_low, b.ask_close } end "
    "function S:bar() local t = {} for i = 1, 6 do t[i] = ('%.2f'):format(self.list[i][0]) end print(table.concat(t, ' ')) end return S";
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, seer, NULL);
    assert_string_equal(desk_done(&r, 0)->log, "3.00 3.50 2.50 4.50 1.25 3.50\n3.00 3.50 2.50 4.50 1.25 3.50\n3.00 3.50 2.50 4.50 1.25 3.50\n");
    desk_end(&r);
  }
  desk_close(&d);
}

static void a_side_that_the_data_do_not_have_is_an_error(void **state) {
  (void)state;
  desk d = desk_open(1);
  add_ticks(&d, "EURUSD", instants, bids, NULL, 6);
  desk_hook_fails(&d, NULL, NULL, "return self.bars.bid + self.bars.ask", "test.lua:4: EURUSD has no ask");
  desk_hook_fails(&d, NULL, NULL, "return self.bars.ask_high", "test.lua:4: EURUSD has no ask_high");
  desk_close(&d);
  d = desk_open(1);
  desk_add_closes(&d, "EURUSD", bids, 6, SLD_MID);
  desk_hook_fails(&d, NULL, NULL, "return self.bars.bid", "test.lua:4: EURUSD has no bid");
  desk_close(&d);
}

static void a_spread_beside_bid_and_ask_is_refused(void **state) {
  (void)state;
  desk d = desk_open(1);
  add_ticks(&d, "EURUSD", instants, bids, asks, 6);
  sld_strategy *strategy = desk_strategy(&d, NULL, scalper);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  sld_run *run;
  sld_error err;
  options.spread_pips = 1.0;
  assert_int_equal(sld_run_start(&run, d.host, d.market, strategy, &options, &err), SLD_EINVAL);
  assert_string_equal(err.file, "options.spread_pips");
  assert_string_equal(err.message, "the data of EURUSD have bid and ask, whose spread is paid: leave this out, or take the bids alone (side bid)");
  options.spread_pips = 0.0;
  options.spread_frac = 0.0001;
  options.spread_on = SLD_SPREAD_ENTRY;
  assert_int_equal(sld_run_start(&run, d.host, d.market, strategy, &options, &err), SLD_EINVAL);
  assert_string_equal(err.file, "options.spread_frac");
  sld_strategy_free(strategy);
  desk_close(&d);
}

static const char crossing[] = DESK_HEAD
  "local S = sliders.strategy { params = { n = sliders.int(20, 2, 100) } } "
  "function S:signal(bars, p) local mid = (bars.bid + bars.ask) / 2 return sliders.where(mid:gt(sliders.sma(mid, p.n)), 1, -1) end return S";

static const char bracketing[] = DESK_HEAD
  "local S = sliders.strategy { warmup = 50 } "
  "function S:init(bars) self.mean, self.ask = sliders.sma(bars.ask, 50), bars.ask end "
  "function S:bar(broker) if broker.position ~= 0 then return end "
  "if self.ask[0] > self.mean[0] then broker:buy { units = 1000, sl_dist = self.ask[0] * 0.002, tp_dist = self.ask[0] * 0.003 } "
  "else broker:sell { units = 1000, stop = self.bars.close[0] * 0.9995, trail = self.ask[0] * 0.002, expire = 40 } end end return S";

/* Yen are converted by ticks, of which several may stand in one instant. */
static void ticks_give_the_same_bytes_in_both_engines_and_for_any_number_of_workers(void **state) {
  (void)state;
  const char *const texts[] = { crossing, bracketing };
  for (int k = 0; k < 2; k++) {
    char *first = NULL;
    for (int workers = 1; workers <= 3; workers += 2) {
      desk d = desk_open(workers);
      add_random_ticks(&d, "EURUSD", 1.1, 7);
      add_random_ticks(&d, "USDJPY", 104.0, 8);
      add_random_ticks(&d, "EURJPY", 140.0, 9);
      IN_BOTH(vm) {
        char *json = desk_bytes(&d, vm, texts[k], NULL);
        if (first) desk_same(first, json, vm);
        if (first) free(json);
        else first = json;
      }
      desk_close(&d);
    }
    assert_non_null(strstr(first, "\"side\": \"both\""));
    assert_non_null(strstr(first, "\"period_seconds\": 0"));
    free(first);
  }
}

/* Holds a lot from 18:00 New York of a Monday on, and closes it at the first tick of 17:00 a week later. Three ticks stand at each hour. */
static void a_week_of_ticks_has_five_rollovers_and_seven_days(void **state) {
  (void)state;
  enum { HOURS = 24 * 8, ENTRY = 3 * 23, EXIT = 3 * (24 * 7 + 22) };
  static int64_t time[3 * HOURS];
  static double bid[3 * HOURS], ask[3 * HOURS];
  const sld_instrument swapped = { .pair = "EURUSD", .base = "EUR", .quote = "USD", .digits = 5, .pip = 0.0001, .lot = 100000.0, .min_size = 1.0, .step = 1.0,
                                   .has_swap = true, .swap_long = -7.0, .swap_short = 3.0 };
  for (int i = 0; i < 3 * HOURS; i++) {
    time[i] = (1704067200 + i / 3 * 3600) * SECOND; /* from Monday 2024-01-01 on; 17:00 in New York is 22:00 UTC */
    bid[i] = 1.25;
    ask[i] = 1.25;
  }
  static const char weekly[] = DESK_HEAD
    "local S = sliders.strategy { warmup = 0 } "
    "function S:bar(broker) self.n = (self.n or 0) + 1 "
    "if self.n == 3 * 23 then broker:buy { lots = 1 } elseif self.n == 3 * (24 * 7 + 22) then broker:close() end end return S";
  desk d = desk_open(1);
  sld_bars bars = { .pair = "EURUSD", .count = 3 * HOURS, .time = time, .close = bid, .ask_close = ask, .side = SLD_BOTH, .ticks = true, .instrument = &swapped };
  assert_int_equal(sld_market_add(d.market, &bars, NULL), SLD_OK);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.rollover = SLD_ROLLOVER_POINTS;
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, weekly, &options);
    const sld_job *job = desk_done(&r, 0);
    assert_int_equal(job->rollover_count, 5);
    assert_true(job->rollover == -7.0 * 7);
    assert_int_equal(job->trades[0].entry_bar, ENTRY);
    assert_int_equal(job->trades[0].exit_bar, EXIT);
    assert_int_equal(job->trades[0].exit_time, job->rollovers[4].time); /* what leaves at 17:00 still pays */
    assert_true(job->final_equity == 100000.0 - 49.0);
    desk_end(&r);
  }
  desk_close(&d);
}

/* Ticks of one instant are dealt one after the other, and the hook runs once they have passed: first at instant 1, where both pairs have a tick. */
static void several_pairs_of_ticks_share_an_account(void **state) {
  (void)state;
  static const char pair_of_pairs[] = DESK_HEAD
    "local S = sliders.strategy { pairs = { 'EURUSD', 'GBPUSD' }, warmup = 0 } "
    "function S:bar(broker) "
    "  local e, g = self.bars.EURUSD, self.bars.GBPUSD "
    "  self.n = (self.n or 0) + 1 "
    "  if e.fresh and g.fresh then print(('%d: %.4f %.4f %.4f %.4f'):format(self.n, e.bid[0], e.ask[0], g.bid[0], g.ask[0])) end "
    "  if self.n == 1 then broker.EURUSD:buy { units = 1000 } broker.GBPUSD:sell { units = 1000 } end "
    "end return S";
  static const int64_t other[] = { 1, 2, 2, 4 };
  static const double other_bids[] = { 1.5, 1.625, 1.5, 1.75 }, other_asks[] = { 1.75, 1.875, 1.75, 2.0 };
  desk d = desk_open(1);
  add_ticks(&d, "EURUSD", instants, bids, asks, 6);
  add_ticks(&d, "GBPUSD", other, other_bids, other_asks, 4);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, pair_of_pairs, NULL);
    const sld_job *job = desk_done(&r, 0);
    const sld_order *euro = job->books[0].orders, *pound = job->books[1].orders;
    assert_string_equal(job->log, "1: 1.2500 1.3125 1.5000 1.7500\n2: 1.3750 1.5000 1.5000 1.7500\n");
    assert_true(euro->price == 1.5 && euro->fill_time == 2); /* at the first tick after instant 1 */
    assert_true(pound->price == 1.625 && pound->fill_bar == 1);
    assert_true(sld_result_portfolio(r.result)->equity[3] == 100000.0 - 1000.0 * (1.5 - 1.25) - 1000.0 * (2.0 - 1.625));
    desk_end(&r);
  }
  desk_close(&d);
}

/* About two months of quotes of one pair. */
static void five_million_ticks_are_routine(void **state) {
  (void)state;
  enum { MANY = 5000000 };
  int64_t *time = malloc(MANY * sizeof *time);
  double *bid = malloc(MANY * sizeof *bid), *ask = malloc(MANY * sizeof *ask), price = 1.1, equity = 0.0;
  uint64_t seed = 11;
  assert_true(time && bid && ask);
  for (size_t i = 0; i < MANY; i++) {
    price *= 1.0 + 0.00004 * (desk_random(&seed) - 0.5);
    bid[i] = price;
    ask[i] = price + 0.00008 * desk_random(&seed);
    time[i] = 1388966400 * SECOND + (int64_t)(i / 8) * 8 * SECOND; /* eight in an instant */
  }
  desk d = desk_open(1);
  add_ticks(&d, "EURUSD", time, bid, ask, MANY);
  free(time);
  free(bid);
  free(ask);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.keep = 0;
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, crossing, &options);
    const sld_job *job = desk_done(&r, 0);
    assert_int_equal(job->bar_count, MANY - 19);
    assert_true(job->trade_count > 100000);
    assert_true(job->final_equity == ((100000.0 + job->realised) + 0.0) - ((job->costs_spread + 0.0) + 0.0) + job->unrealised);
    if (equity != 0.0) assert_true(job->final_equity == equity);
    equity = job->final_equity;
    assert_int_equal(sld_result_portfolio(r.result)->count, (MANY + 7) / 8 - 2);
    desk_end(&r);
  }
  desk_close(&d);
}

/* What a strategy did up to a tick does not change with the ticks behind it, be they in the same instant. */
static void ticks_to_come_change_nothing(void **state) {
  (void)state;
  enum { KEPT = 900 };
  static int64_t time[1000];
  static double bid[1000], ask[1000];
  uint64_t seed = 5;
  for (size_t i = 0; i < 1000; i++) {
    bid[i] = 100.0 * (1.0 + 0.01 * desk_random(&seed));
    ask[i] = bid[i] + 0.01;
    time[i] = (int64_t)(i / 4);
  }
  desk whole = desk_open(1), cut = desk_open(1);
  add_ticks(&whole, "USDJPY", time, bid, ask, 1000);
  add_ticks(&cut, "USDJPY", time, bid, ask, KEPT + 1);
  IN_BOTH(vm) {
    desk_run a = desk_start(&whole, vm, crossing, NULL), b = desk_start(&cut, vm, crossing, NULL);
    assert_memory_equal(desk_done(&a, 0)->equity, desk_done(&b, 0)->equity, sizeof(double) * (desk_job(&b, 0)->bar_count));
    desk_end(&a);
    desk_end(&b);
  }
  desk_close(&whole);
  desk_close(&cut);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_strategy_trades_tick_by_tick_on_bid_and_ask),
    cmocka_unit_test(an_instant_of_the_portfolio_has_the_last_ticks_equity),
    cmocka_unit_test(bars_of_both_sides_have_columns_for_each),
    cmocka_unit_test(a_side_that_the_data_do_not_have_is_an_error),
    cmocka_unit_test(a_spread_beside_bid_and_ask_is_refused),
    cmocka_unit_test(ticks_give_the_same_bytes_in_both_engines_and_for_any_number_of_workers),
    cmocka_unit_test(a_week_of_ticks_has_five_rollovers_and_seven_days),
    cmocka_unit_test(several_pairs_of_ticks_share_an_account),
    cmocka_unit_test(five_million_ticks_are_routine),
    cmocka_unit_test(ticks_to_come_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
