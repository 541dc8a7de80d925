/* The hook allocate: when it is called, what it is told, and what becomes of its weights. */
#include "engine_desk.h"

static char *log_of(desk *d, const char *vm, const char *text, const sld_run_options *options) {
  desk_run r = desk_start(d, vm, text, options);
  char *log = strdup(desk_done(&r, 0)->log);
  desk_end(&r);
  return log;
}

static void expect_log(desk *d, const char *text, const sld_run_options *options, const char *want) {
  IN_BOTH(vm) {
    char *log = log_of(d, vm, text, options);
    desk_expect(log, want, vm, text);
    free(log);
  }
}

/* Days of 1970 (the first is 0) as a market of one-price bars of hours, each bar `price` of its number. */
static void add_bars(desk *d, const char *pair, const int64_t *hours, size_t count, int64_t period_hours, double price) {
  static int64_t time[DESK_ROWS_MAX];
  static double close[DESK_ROWS_MAX];
  for (size_t i = 0; i < count; i++) {
    time[i] = hours[i] * INT64_C(3600000000000);
    close[i] = price * (1.0 + 0.01 * (double)(i % 3));
  }
  sld_bars bars = { .pair = pair, .count = count, .time = time, .close = close, .period_ns = period_hours * INT64_C(3600000000000), .side = SLD_MID };
  sld_error err;
  desk_good(sld_market_add(d->market, &bars, &err), &err);
}

#define WHEN(rebalance) DESK_HEAD                                                                                             \
  "local S = sliders.strategy { rebalance = '" rebalance "' } function S:allocate(now) print(now.time / 3600) return {} end return S"

/* ---- When ---- */

static void it_is_called_when_the_first_trading_day_of_a_period_is_over(void **state) {
  (void)state;
  /* Half days of January to March 1970; in winter New York's 17:00 is 22:00 UTC. The first of January was a Thursday. */
  static int64_t hours[2 * 90];
  size_t count = 0;
  for (int64_t day = 0; day < 90; day++)
    for (int64_t half = 0; half < 2; half++)
      if ((day + 3) % 7 < 5) hours[count++] = 24 * day + 12 * half - 2; /* weekdays, from 22:00 of the day before to 22:00 */
  desk d = desk_open(1);
  add_bars(&d, "EURUSD", hours, count, 12, 1.0);
  char want[512];
  /* Monday 2 February and Monday 2 March, at their ends. The January of the first day may have begun earlier. */
  snprintf(want, sizeof want, "%d\n%d\n", 24 * 32 + 22, 24 * 60 + 22);
  expect_log(&d, WHEN("month"), NULL, want);
  desk_close(&d);
}

static void a_week_begins_with_its_first_day(void **state) {
  (void)state;
  static int64_t hours[20];
  size_t count = 0;
  for (int64_t day = 0; day < 20; day++)
    if ((day + 3) % 7 < 5 && day != 4) hours[count++] = 24 * day - 2; /* Monday 5 January is missing */
  desk d = desk_open(1);
  add_bars(&d, "EURUSD", hours, count, 24, 1.0);
  char want[512];
  snprintf(want, sizeof want, "%d\n%d\n%d\n", 24 * 5 + 22, 24 * 11 + 22, 24 * 18 + 22); /* Tuesday 6, Monday 12, Monday 19 */
  expect_log(&d, WHEN("week"), NULL, want);
  desk_close(&d);
}

static void a_day_whose_end_has_no_bar_is_over_at_the_next_one(void **state) {
  (void)state;
  static const int64_t hours[] = { 10, 20, 34, 58 }; /* closes: 16:00 and Friday 2:00, 16:00; Saturday 16:00 counts to Monday */
  desk d = desk_open(1);
  add_bars(&d, "EURUSD", hours, 4, 6, 1.0);
  expect_log(&d, WHEN("day"), NULL, "26\n64\n");
  desk_close(&d);
}

/* ---- What it is told ---- */

static void it_is_told_of_every_pair_that_can_be_traded(void **state) {
  (void)state;
  desk d = desk_open(1);
  static int64_t hours[12];
  for (int64_t i = 0; i < 12; i++) hours[i] = 24 * (i + i / 5 * 2 + 4) - 2; /* from Monday 5 January on, weekdays */
  add_bars(&d, "AUDUSD", hours, 12, 24, 1.0);
  add_bars(&d, "EURUSD", hours + 5, 7, 24, 2.0); /* joins a week later, and needs 2 bars */
  const char *text = DESK_HEAD
    "local S = sliders.strategy { rebalance = 'week', warmup = 1 }\n"
    "function S:signal(bars) return bars.close * 10 end\n"
    "function S:allocate(now)\n"
    "  self.calls = (self.calls or 0) + 1\n"
    "  local words = { self.calls, now.equity, #now.pairs }\n"
    "  for _, pair in ipairs(now.pairs) do words[#words + 1] = pair words[#words + 1] = now.signal[pair] words[#words + 1] = now.close[pair] words[#words + 1] = now.weight[pair] end\n"
    "  print(unpack(words))\n"
    "  local weights = {} for i, pair in ipairs(now.pairs) do weights[pair] = 0.5 * i end return weights\n"
    "end return S";
  /* AUDUSD's closes are 1, 1.01, 1.02, 1, ...: 50,000 / 1.02 bought at the open of row 6, which is 1. */
  expect_log(&d, text, NULL,
    "1\t100000\t1\tAUDUSD\t10.2\t1.02\t0\n"
    "2\t100490.19\t2\tAUDUSD\t10.1\t1.01\t0.49267684736192\tEURUSD\t20.4\t2.04\t0\n");
  desk_close(&d);
}

enum { WINDOW = 8, DAYS = 50 };

/* Weekdays that end at 17:00 in New York, at prices that wander. */
static void add_walk(desk *d, const char *pair, double price, uint64_t seed) {
  int64_t time[DAYS];
  double close[DAYS];
  for (int64_t i = 0; i < DAYS; i++) {
    time[i] = (24 * (i + i / 5 * 2 + 4) - 2) * INT64_C(3600000000000);
    close[i] = price *= 1.0 + 0.02 * (desk_random(&seed) - 0.5);
  }
  sld_bars bars = { .pair = pair, .count = DAYS, .time = time, .close = close, .period_ns = DESK_DAY_NS, .side = SLD_MID };
  sld_error err;
  desk_good(sld_market_add(d->market, &bars, &err), &err);
}

/* The last call's numbers against the same computed here. */
static void vol_and_cov_are_those_of_daily_returns(void **state) {
  (void)state;
  desk d = desk_open(1);
  add_walk(&d, "AUDUSD", 0.7, 1);
  add_walk(&d, "EURUSD", 1.1, 2);
  const char *text = DESK_HEAD
    "local S = sliders.strategy { rebalance = 'day', window = 8, warmup = 0 } function S:signal(b) return b.close end\n"
    "function S:allocate(now) print(('%.17g %.17g %.17g %.17g %.17g'):format(now.close.AUDUSD, now.close.EURUSD, now.vol.AUDUSD, now.cov.AUDUSD.EURUSD, now.cov.EURUSD.AUDUSD)) return {} end return S";
  IN_BOTH(vm) {
    char *log = log_of(&d, vm, text, NULL);
    double close[2][DAYS], vol[DAYS], cov[DAYS], mirrored;
    size_t n = 0;
    for (char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n"), n++) {
      assert_true(n < DAYS);
      assert_int_equal(sscanf(line, "%lf %lf %lf %lf %lf", &close[0][n], &close[1][n], &vol[n], &cov[n], &mirrored), 5);
      assert_true(cov[n] == mirrored);
    }
    assert_int_equal(n, DAYS - WINDOW); /* the first call with a whole window */
    for (size_t k = WINDOW; k < n; k++) {
      double r[2][WINDOW], mean[2] = { 0.0, 0.0 }, product = 0.0, square = 0.0;
      for (size_t p = 0; p < 2; p++)
        for (size_t i = 0; i < WINDOW; i++) {
          r[p][i] = close[p][k - WINDOW + i + 1] / close[p][k - WINDOW + i] - 1.0;
          mean[p] += r[p][i] / WINDOW;
        }
      for (size_t i = 0; i < WINDOW; i++) {
        product += (r[0][i] - mean[0]) * (r[1][i] - mean[1]) / (WINDOW - 1);
        square += (r[0][i] - mean[0]) * (r[0][i] - mean[0]) / (WINDOW - 1);
      }
      assert_true(fabs(vol[k] - sqrt(square * 260.0)) < 1e-12 && fabs(cov[k] - product * 260.0) < 1e-12);
    }
    free(log);
  }
  desk_close(&d);
}

static void a_pair_without_a_bar_for_ten_days_cannot_be_weighed(void **state) {
  (void)state;
  static int64_t hours[30];
  for (int64_t i = 0; i < 30; i++) hours[i] = 24 * (i + i / 5 * 2 + 4) - 2;
  desk d = desk_open(1);
  add_bars(&d, "AUDUSD", hours, 30, 24, 1.0);
  add_bars(&d, "EURUSD", hours, 8, 24, 2.0); /* its last bar is of Wednesday 14 January */
  expect_log(&d, DESK_HEAD "local S = sliders.strategy { rebalance = 'week' } function S:allocate(now) print(#now.pairs) return {} end return S", NULL, "2\n2\n1\n1\n1\n");
  desk_close(&d);
}

/* ---- What becomes of it ---- */

static void weights_become_targets_and_what_is_left_out_is_closed(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "AUDUSD", 0.7, 100, 1);
  desk_add(&d, "EURUSD", 1.1, 100, 2);
  desk_add(&d, "GBPUSD", 1.5, 100, 3);
  const char *text = DESK_HEAD
    "local S = sliders.strategy { rebalance = 'month' } function S:signal(b) return 7 end local calls = 0\n"
    "function S:allocate(now) calls = calls + 1 if calls == 1 then return { AUDUSD = 0.5, EURUSD = -0.25 } end return { EURUSD = -0.25 } end return S";
  desk_run r = desk_start(&d, NULL, text, NULL);
  const sld_job *job = desk_done(&r, 0);
  const sld_book *aud = &job->books[0], *eur = &job->books[1], *gbp = &job->books[2];
  assert_int_equal(aud->order_count, 2);
  assert_true(aud->orders[0].target == 0.5 && aud->orders[1].target == 0.0);
  assert_true(aud->orders[1].units == -aud->orders[0].units);
  assert_int_equal(aud->open_count, 0);
  assert_int_equal(eur->order_count, 3); /* the same weight is sized anew each month */
  assert_true(eur->orders[0].target == -0.25 && eur->orders[1].target == -0.25);
  assert_true(fabs(eur->orders[1].units) < fabs(eur->orders[0].units) / 4);
  assert_int_equal(gbp->order_count, 0);
  assert_int_equal(aud->orders[0].time, eur->orders[0].time);
  desk_end(&r);
  desk_close(&d);
}

static void one_instance_for_all_pairs_may_allocate_too(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "AUDUSD", 0.7, 100, 1);
  desk_add(&d, "EURUSD", 1.1, 100, 2);
  const char *text = DESK_HEAD
    "local S = sliders.strategy { pairs = { 'EURUSD', 'AUDUSD' }, rebalance = 'month' }\n"
    "function S:signal(bars) self.ratio = bars.EURUSD.close / bars.AUDUSD.close return { AUDUSD = self.ratio } end\n"
    "function S:allocate(now) print(now.signal.AUDUSD == now.close.EURUSD / now.close.AUDUSD, now.signal.EURUSD) return { EURUSD = 0.1, AUDUSD = -0.1 } end return S";
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    const sld_job *job = desk_done(&r, 0);
    assert_string_equal(job->log, "true\tnan\ntrue\tnan\ntrue\tnan\n");
    assert_true(job->books[1].orders[0].target == 0.1);
    desk_end(&r);
  }
  desk_close(&d);
}

static void an_allocation_gives_the_same_bytes_in_both_engines(void **state) {
  (void)state;
  static const double values[] = { 3, 5, 8 };
  const sld_axis axis = { "n", values, 3 };
  const char *text = DESK_HEAD
    "local S = sliders.strategy { rebalance = 'week', window = 5, params = { n = sliders.int(5) } } function S:signal(b, p) return sliders.roc(b.close, p.n) end\n"
    "function S:allocate(now) local w = {} for _, pair in ipairs(now.pairs) do w[pair] = sliders.random() * now.signal[pair] / now.vol[pair] / 100 end return w end return S";
  char *first = NULL;
  for (int workers = 1; workers <= 3; workers++) {
    desk d = desk_open(workers);
    desk_add(&d, "AUDUSD", 0.7, 300, 1);
    desk_add(&d, "EURUSD", 1.1, 300, 2);
    desk_add(&d, "USDJPY", 100, 300, 3);
    sld_run_options options = SLD_RUN_OPTIONS_INIT;
    options.axes = &axis;
    options.axis_count = 1;
    options.from = 20 * DESK_DAY_NS;
    IN_BOTH(vm) {
      char *json = desk_bytes(&d, vm, text, &options);
      if (!first) first = json;
      else desk_same(first, json, "allocations");
      if (first != json) free(json);
    }
    desk_close(&d);
  }
  const char *failed = strstr(first, "\"message\"");
  if (failed) print_error("%.300s\n", failed);
  assert_null(failed);
  free(first);
}

/* Weights and orders up to a cut do not know what comes behind it. */
static void bars_to_come_change_no_allocation(void **state) {
  (void)state;
  const char *text = DESK_HEAD
    "local S = sliders.strategy { rebalance = 'week', window = 5 } function S:signal(b, p) return sliders.roc(b.close, 3) end\n"
    "function S:allocate(now) local w = {} for _, pair in ipairs(now.pairs) do w[pair] = now.signal[pair] / now.vol[pair] / 20 end return w end return S";
  desk d = desk_open(1);
  desk_add(&d, "AUDUSD", 0.7, 200, 1);
  desk_add(&d, "EURUSD", 1.1, 200, 2);
  desk_run whole = desk_start(&d, NULL, text, NULL);
  const sld_job *a = desk_done(&whole, 0);
  for (int64_t rows = 20; rows < 200; rows += 7) {
    sld_run_options options = SLD_RUN_OPTIONS_INIT;
    options.to = (rows - 1) * DESK_DAY_NS;
    desk_run part = desk_start(&d, NULL, text, &options);
    const sld_job *b = desk_done(&part, 0);
    assert_memory_equal(a->equity, b->equity, b->bar_count * sizeof *b->equity);
    for (size_t i = 0; i < 2; i++)
      for (size_t k = 0; k < b->books[i].order_count; k++) {
        assert_int_equal(a->books[i].orders[k].time, b->books[i].orders[k].time);
        assert_true(a->books[i].orders[k].units == b->books[i].orders[k].units);
      }
    assert_true(b->order_count > 0);
    desk_end(&part);
  }
  desk_end(&whole);
  desk_close(&d);
}

/* ---- What is refused ---- */

static void what_allocate_gets_wrong_is_an_error(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "AUDUSD", 0.7, 100, 1);
  desk_add(&d, "EURUSD", 1.1, 100, 2);
#define ALLOCATE(fields, body) "local sliders = require 'sliders'\nlocal S = sliders.strategy { " fields " } function S:allocate(now)\n" body " end return S"
  desk_fails(&d, ALLOCATE("", "return 1"), "test.lua: allocate must return a table of weights by pair, not number");
  desk_fails(&d, ALLOCATE("", ""), "test.lua: allocate must return a table of weights by pair, not nothing");
  desk_fails(&d, ALLOCATE("", "return { 0.5 }"), "test.lua: allocate must return a table of weights by pair: { EURUSD = 0.5 }");
  desk_fails(&d, ALLOCATE("", "return { EURUSE = 0.5 }"), "test.lua: allocate gave a weight to 'EURUSE', which is not among now.pairs; did you mean 'EURUSD'?");
  desk_fails(&d, ALLOCATE("", "return { EURUSD = 0 / 0 }"), "test.lua: allocate: the weight of EURUSD is NaN");
  desk_fails(&d, ALLOCATE("", "return { EURUSD = 1 / 0 }"), "test.lua: allocate: the weight of EURUSD is inf");
  desk_fails(&d, ALLOCATE("", "return { EURUSD = 'x' }"), "test.lua: allocate: the weight of EURUSD must be a number, not string");
  desk_fails(&d, ALLOCATE("", "local x = now.vol.EURUSD"), "test.lua:3: now.vol is not there: declare window, the number of daily returns");
  desk_fails(&d, ALLOCATE("", "local x = now.signal.EURUSD"), "test.lua:3: now.signal is not there: the strategy has no hook signal");
  desk_fails(&d, ALLOCATE("", "local x = now.rate.EURUSD"), "test.lua:3: now.rate is not there: the run has no short rates (--rates)");
  desk_fails(&d, ALLOCATE("", "local x = now.closes"), "test.lua:3: now has no field 'closes'; did you mean 'close'?");
  desk_fails(&d, ALLOCATE("", "now.weight.EURUSD = 0.5"), "test.lua:3: now.weight is read-only (field 'EURUSD')");
  desk_fails(&d, ALLOCATE("", "now.equity = 1"), "test.lua:3: now is read-only (field 'equity')");
  desk_fails(&d, ALLOCATE("", "now.pairs[1] = 'GBPUSD'"), "test.lua:3: now.pairs is read-only");
  desk_fails(&d, ALLOCATE("", "local x = now.close.EURUSE"), "test.lua:3: now.close has no pair 'EURUSE'; did you mean 'EURUSD'?");
  desk_fails(&d, ALLOCATE("rebalance = 'monthly'", ""), "test.lua:2: rebalance must be \"day\", \"week\" or \"month\", not 'monthly'; did you mean 'month'?");
  desk_fails(&d, ALLOCATE("window = 1", ""), "test.lua:2: window must be from 2 to 100000 daily returns");
  desk_fails(&d, ALLOCATE("account = 'split'", ""), "test.lua: allocate weighs the pairs of one account: account = \"split\" cannot be");
  desk_fails(&d, DESK_HEAD "local S = sliders.strategy { rebalance = 'month' } function S:signal(b) return b.close end return S", "test.lua: rebalance has no meaning without the hook allocate");
  desk_fails(&d, DESK_HEAD "local S = sliders.strategy { window = 5 } function S:signal(b) return b.close end function S:alocate() end return S",
    "test.lua: the strategy defines 'alocate'; did you mean the hook 'allocate'? (if not, give it another name)");
  desk_fails(&d, DESK_HEAD "local S = sliders.strategy {} function S:bar() end function S:allocate() end return S", "test.lua: the strategy defines both bar and allocate: one of them decides");
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.account = SLD_SPLIT;
  sld_strategy *strategy = desk_strategy(&d, NULL, ALLOCATE("", "return {}"));
  sld_run *run;
  sld_error err;
  assert_true(sld_strategy_has(strategy, "allocate"));
  assert_int_equal(sld_run_start(&run, d.host, d.market, strategy, &options, &err), SLD_EINVAL);
  assert_string_equal(err.message, "the strategy allocates one account to its pairs: it cannot be split");
  sld_strategy_free(strategy);
  desk_close(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(it_is_called_when_the_first_trading_day_of_a_period_is_over),
    cmocka_unit_test(a_week_begins_with_its_first_day),
    cmocka_unit_test(a_day_whose_end_has_no_bar_is_over_at_the_next_one),
    cmocka_unit_test(it_is_told_of_every_pair_that_can_be_traded),
    cmocka_unit_test(a_pair_without_a_bar_for_ten_days_cannot_be_weighed),
    cmocka_unit_test(vol_and_cov_are_those_of_daily_returns),
    cmocka_unit_test(weights_become_targets_and_what_is_left_out_is_closed),
    cmocka_unit_test(one_instance_for_all_pairs_may_allocate_too),
    cmocka_unit_test(an_allocation_gives_the_same_bytes_in_both_engines),
    cmocka_unit_test(bars_to_come_change_no_allocation),
    cmocka_unit_test(what_allocate_gets_wrong_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
