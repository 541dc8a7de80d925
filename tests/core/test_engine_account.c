/* Several pairs on one account, whole runs: an instance of the strategy per pair, or one for all of them. */
#include "engine_desk.h"

/* Bars of six hours from day 2 on, one in five missing, beside the daily ones of desk_add. */
static void add_quarters(desk *d, const char *pair, double price, size_t count, uint64_t seed) {
  static int64_t time[DESK_ROWS_MAX];
  static double columns[4][DESK_ROWS_MAX];
  size_t rows = 0;
  for (size_t i = 0; i < count; i++) {
    double open = price, close = price * (1.0 + 0.01 * (desk_random(&seed) - 0.5));
    double high = (open > close ? open : close) * (1.0 + 0.003 * desk_random(&seed));
    double low = (open < close ? open : close) * (1.0 - 0.003 * desk_random(&seed));
    price = close;
    if (desk_random(&seed) < 0.2) continue;
    time[rows] = 2 * DESK_DAY_NS + (int64_t)i * (DESK_DAY_NS / 4);
    columns[0][rows] = open;
    columns[1][rows] = high;
    columns[2][rows] = low;
    columns[3][rows++] = close;
  }
  sld_bars bars = { .pair = pair, .count = rows, .time = time, .open = columns[0], .high = columns[1], .low = columns[2], .close = columns[3], .period_ns = DESK_DAY_NS / 4 };
  sld_error err;
  desk_good(sld_market_add(d->market, &bars, &err), &err);
}

static desk open_market(int workers) {
  desk d = desk_open(workers);
  desk_add(&d, "AUDUSD", 0.7, 400, 1);
  desk_add(&d, "EURUSD", 1.1, 390, 2);
  desk_add(&d, "USDJPY", 110.0, 400, 3);
  add_quarters(&d, "GBPUSD", 1.5, 1500, 4);
  return d;
}

static const char each[] = DESK_HEAD
  "local S = sliders.strategy { params = { n = sliders.int(10, 2, 50) } }\n"
  "function S:init(bars, p) self.m, self.day = sliders.sma(bars.close, p.n), bars:at('1w').close end\n"
  "function S:bar(broker, p)\n"
  "  local x = self.bars.close[0] > self.m[0] and 1 or -1\n"
  "  if sliders.random() < 0.1 then broker:buy { units = 1000, sl_dist = 0.02, tag = 'extra' } elseif broker.position * x <= 0 then broker:target(x, { sl_dist = 0.05 * self.bars.close[0] }) end\n"
  "  if #broker.trades > 5 then broker.trades[1]:close() end\n"
  "end\n"
  "function S:done(broker) print(self.bars.pair, broker.position, broker.equity) end\n"
  "return S";

static const char signals[] = DESK_HEAD
  "local S = sliders.strategy { account = 'shared', params = { n = sliders.int(10, 2, 50) } }\n"
  "function S:signal(bars, p) return sliders.sign(bars.close - sliders.sma(bars.close, p.n)) * 0.5 end return S";

static const char together[] = DESK_HEAD
  "local S = sliders.strategy { pairs = { 'GBPUSD', 'EURUSD' }, params = { n = sliders.int(10, 2, 50) } }\n"
  "function S:init(bars, p)\n"
  "  self.ratio = bars.EURUSD.close / bars.GBPUSD.close\n"
  "  self.mean, self.own = sliders.sma(self.ratio, p.n), sliders.sma(bars.EURUSD.close, p.n)\n"
  "end\n"
  "function S:bar(broker, p)\n"
  "  local x = self.ratio[0] > self.mean[0] and 1 or -1\n"
  "  broker.EURUSD:target(-x)\n"
  "  if self.bars.GBPUSD.fresh then broker.GBPUSD:target(x, { sl_dist = 0.02 }) end\n"
  "  if self.own[0] > self.own[1] and #broker.EURUSD.trades < 3 then broker.EURUSD:buy { units = 100, id = 'up', limit = self.bars.EURUSD.close[0] * 0.99 } end\n"
  "end\n"
  "function S:done(broker) print(broker.equity, broker.cash, broker.EURUSD.position, broker.GBPUSD.position) end\n"
  "return S";

static const char together_signals[] = DESK_HEAD
  "local S = sliders.strategy { pairs = { 'GBPUSD', 'EURUSD' }, params = { n = sliders.int(10, 2, 50) } }\n"
  "function S:signal(bars, p)\n"
  "  local x = sliders.sign(bars.EURUSD.close / bars.GBPUSD.close - sliders.sma(bars.EURUSD.close / bars.GBPUSD.close, p.n))\n"
  "  return { EURUSD = -x, GBPUSD = x }\n"
  "end return S";

static sld_run_options shared_options(void) {
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.account = SLD_SHARED;
  options.spread_pips = 1.0;
  options.commission_per_lot = 3.0;
  return options;
}

/* ---- The same bytes ---- */

static void an_account_gives_the_same_bytes_in_both_engines_for_any_workers(void **state) {
  (void)state;
  static const char *const texts[] = { each, signals, together, together_signals };
  static const double lengths[] = { 5, 10, 20, 30, 40 };
  const sld_axis axis = { "n", lengths, 5 };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    for (int grid = 0; grid < 2; grid++) {
      char *first = NULL;
      for (int workers = 1; workers <= 3; workers++) {
        desk d = open_market(workers);
        sld_run_options options = shared_options();
        options.from = 30 * DESK_DAY_NS;
        if (grid) {
          options.axes = &axis;
          options.axis_count = 1;
        }
        IN_BOTH(vm) {
          char *json = desk_bytes(&d, vm, texts[i], &options);
          if (!first) first = json;
          else desk_same(first, json, "runs on one account");
          if (first != json) free(json);
        }
        desk_close(&d);
      }
      assert_null(strstr(first, "\"state\": \"failed\""));
      free(first);
    }
}

/* ---- One pair ---- */

static void same_list(const void *a, const void *b, size_t count, size_t size) {
  if (count) assert_memory_equal(a, b, count * size);
}

static void expect_same_job(const sld_job *a, const sld_job *b) {
  assert_int_equal(a->state, b->state);
  assert_int_equal(a->bar_count, b->bar_count);
  assert_int_equal(a->order_count, b->order_count);
  assert_int_equal(a->trade_count, b->trade_count);
  assert_int_equal(a->open_count, b->open_count);
  same_list(a->equity, b->equity, a->bar_count, sizeof *a->equity);
  same_list(a->close_time, b->close_time, a->bar_count, sizeof *a->close_time);
  same_list(a->trades, b->trades, a->trade_count + a->open_count, sizeof *a->trades);
  same_list(a->figures, b->figures, sld_figure_count(), sizeof *a->figures);
  assert_memory_equal(&a->realised, &b->realised, sizeof a->realised);
  assert_memory_equal(&a->unrealised, &b->unrealised, sizeof a->unrealised);
  assert_memory_equal(&a->costs_spread, &b->costs_spread, sizeof a->costs_spread);
  assert_memory_equal(&a->buy_and_hold, &b->buy_and_hold, sizeof a->buy_and_hold);
  assert_string_equal(a->log, b->log);
  for (size_t i = 0; i < a->order_count; i++) {
    sld_order x = a->orders[i], y = b->orders[i];
    x.terms = y.terms = NULL;
    assert_memory_equal(&x, &y, sizeof x);
  }
}

static void a_shared_account_of_one_pair_is_a_sleeve_to_the_bit(void **state) {
  (void)state;
  static const char *const texts[] = { each, signals };
  desk d = open_market(1);
  for (size_t pair = 0; pair < 4; pair++) {
    const char *name = sld_market_pair_at(d.market, pair)->instrument.pair;
    for (int fill = SLD_FILL_NEXT_OPEN; fill <= SLD_FILL_BACKTESTING_PY; fill++)
      for (size_t i = 0; i < 2; i++) IN_BOTH(vm) {
        sld_run_options options = shared_options();
        options.pairs = &name;
        options.pair_count = 1;
        options.fill = (sld_fill)fill;
        options.from = 30 * DESK_DAY_NS;
        desk_run one = desk_start(&d, vm, texts[i], &options);
        options.account = SLD_SPLIT;
        desk_run two = desk_start(&d, vm, texts[i], &options);
        const sld_job *job = desk_done(&one, 0);
        expect_same_job(job, desk_done(&two, 0));
        assert_int_equal(job->book_count, 1);
        assert_string_equal(job->pair, "ACCOUNT");
        assert_string_equal(job->books[0].pair, name);
        assert_int_equal(job->books[0].trade_count, job->trade_count);
        desk_end(&two);
        desk_end(&one);
      }
  }
  desk_close(&d);
}

/* ---- The account ---- */

static void expect_close(double a, double b) {
  if (!(fabs(a - b) <= 1e-9 * (1.0 + fabs(b)))) fail_msg("%.17g is not %.17g", a, b);
}

static void the_books_add_up_to_the_account_and_the_account_is_the_portfolio(void **state) {
  (void)state;
  static const char *const texts[] = { each, signals, together, together_signals };
  desk d = open_market(2);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    sld_run_options options = shared_options();
    desk_run r = desk_start(&d, NULL, texts[i], &options);
    assert_int_equal(sld_result_job_count(r.result), 1);
    const sld_job *job = desk_done(&r, 0);
    double realised = 0.0, unrealised = 0.0, costs = 0.0;
    size_t orders = 0, trades = 0;
    assert_int_equal(job->book_count, i < 2 ? 4 : 2);
    for (size_t b = 0; b < job->book_count; b++) {
      const sld_book *book = &job->books[b];
      if (b > 0) assert_true(strcmp(job->books[b - 1].pair, book->pair) < 0);
      assert_string_equal(book->data->instrument.pair, book->pair);
      assert_ptr_equal(book->orders, job->orders + orders);
      assert_ptr_equal(book->trades, job->trades + trades);
      assert_true(book->trade_count > 0);
      realised += book->realised;
      unrealised += book->unrealised;
      costs += book->costs_spread + book->costs_slippage + book->costs_commission;
      orders += book->order_count;
      trades += book->trade_count + book->open_count;
    }
    assert_int_equal(orders, job->order_count);
    assert_int_equal(trades, job->trade_count + job->open_count);
    expect_close(realised, job->realised);
    expect_close(unrealised, job->unrealised);
    expect_close(costs, job->costs_spread + job->costs_slippage + job->costs_commission);
    double cash = ((job->capital + job->realised) + job->rollover) - ((job->costs_spread + job->costs_slippage) + job->costs_commission);
    assert_true(job->final_equity == cash + job->unrealised);
    const sld_portfolio *p = sld_result_portfolio(r.result);
    assert_string_equal(p->rule, "shared");
    assert_true(p->complete);
    assert_int_equal(p->count, job->bar_count);
    assert_memory_equal(p->equity, job->equity, p->count * sizeof *p->equity);
    assert_memory_equal(p->time, job->close_time, p->count * sizeof *p->time);
    assert_memory_equal(p->figures, job->figures, sld_figure_count() * sizeof *p->figures);
    desk_end(&r);
  }
  desk_close(&d);
}

/* What the strategy printed. */
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

static void bar_runs_at_every_close_of_any_pair_once_all_have_begun(void **state) {
  (void)state;
  static const double daily[] = { 1, 2, 3, 4 };
  static const int64_t half[] = { DESK_DAY_NS, DESK_DAY_NS * 3 / 2, 3 * DESK_DAY_NS, DESK_DAY_NS * 7 / 2 };
  desk d = desk_open(1);
  sld_error err;
  desk_add_closes(&d, "EURUSD", daily, 4, SLD_MID);
  sld_bars bars = { .pair = "AUDUSD", .count = 4, .time = half, .close = (const double[]){ 10, 20, 30, 40 }, .period_ns = DESK_DAY_NS / 2, .side = SLD_MID };
  desk_good(sld_market_add(d.market, &bars, &err), &err);
  expect_log(&d, DESK_HEAD
    "local S = sliders.strategy { pairs = { 'EURUSD', 'AUDUSD' }, warmup = 0 }\n"
    "function S:init(bars) self.sum, self.last = bars.EURUSD.close + bars.AUDUSD.close, sliders.shift(bars.AUDUSD.close, 1) end\n"
    "function S:bar() local b = self.bars print(b.EURUSD.fresh, b.EURUSD.close[0], b.AUDUSD.fresh, b.AUDUSD.close[0], self.sum[0], self.last[0]) end return S", NULL,
    "false\t1\ttrue\t10\t11\tnan\n"   /* noon of day 1 */
    "true\t2\ttrue\t20\t22\t10\n"     /* its end */
    "true\t3\tfalse\t20\t23\t10\n"    /* day 2: AUDUSD has no bar */
    "false\t3\ttrue\t30\t33\t20\n"
    "true\t4\ttrue\t40\t44\t30\n");
  desk_close(&d);
}

static void columns_of_a_pair_count_in_its_own_bars(void **state) {
  (void)state;
  static const double daily[] = { 1, 2, 3 };
  static const int64_t half[] = { 0, DESK_DAY_NS / 2, DESK_DAY_NS, DESK_DAY_NS * 3 / 2, 2 * DESK_DAY_NS, DESK_DAY_NS * 5 / 2 };
  desk d = desk_open(1);
  sld_error err;
  desk_add_closes(&d, "EURUSD", daily, 3, SLD_MID);
  sld_bars bars = { .pair = "AUDUSD", .count = 6, .time = half, .close = (const double[]){ 10, 20, 30, 40, 50, 60 }, .period_ns = DESK_DAY_NS / 2, .side = SLD_MID };
  desk_good(sld_market_add(d.market, &bars, &err), &err);
  expect_log(&d, DESK_HEAD
    "local S = sliders.strategy { pairs = { 'EURUSD', 'AUDUSD' } }\n"
    "function S:init(bars) self.m = sliders.sma(bars.EURUSD.close, 2) end\n" /* two days: from the end of day 2 on */
    "function S:bar() local b = self.bars print(self.m[0], b.EURUSD.close[1], b.AUDUSD.close[1], b.EURUSD.time[0] / 86400, b.AUDUSD.time[0] / 86400) end return S", NULL,
    "1.5\t1\t30\t1\t1.5\n1.5\t1\t40\t1\t2\n2.5\t2\t50\t2\t2.5\n");
  desk_close(&d);
}

static void each_instance_has_its_own_self_and_random_numbers(void **state) {
  (void)state;
  desk d = desk_open(1);
  static const double close[] = { 1, 2, 3 };
  desk_add_closes(&d, "AUDUSD", close, 3, SLD_MID);
  desk_add_closes(&d, "EURUSD", close, 2, SLD_MID);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  const char *text = DESK_HEAD
    "local S = sliders.strategy {} local count = 0 function S:bar(broker) count = count + 1 self.n = (self.n or 0) + 1 print(self.bars.pair, count, self.n, sliders.random(), broker.equity) end return S";
  IN_BOTH(vm) {
    options.account = SLD_SHARED;
    char *log = log_of(&d, vm, text, &options);
    options.account = SLD_SPLIT;
    options.capital = 200000;
    desk_run r = desk_start(&d, vm, text, &options);
    options.capital = 100000;
    const char *a = desk_done(&r, 0)->log, *b = desk_done(&r, 1)->log;
    char want[2048];
    size_t a1 = (size_t)(strchr(a, '\n') - a) + 1, b1 = (size_t)(strchr(b, '\n') - b) + 1, a2 = (size_t)(strchr(a + a1, '\n') - a) + 1;
    snprintf(want, sizeof want, "%.*s%.*s%.*s%s%s", (int)a1, a, (int)b1, b, (int)(a2 - a1), a + a1, b + b1, a + a2);
    desk_expect(log, want, vm, text); /* in turns, pair by pair */
    free(log);
    desk_end(&r);
  }
  desk_close(&d);
}

/* ---- What is refused ---- */

static void refused(desk *d, const char *text, const sld_run_options *options, const char *want) {
  IN_BOTH(vm) {
    sld_strategy *strategy = desk_strategy(d, vm, text);
    sld_run *run = NULL;
    sld_error err;
    char words[2048];
    assert_int_not_equal(sld_run_start(&run, d->host, d->market, strategy, options, &err), SLD_OK);
    sld_error_format(&err, words, sizeof words);
    desk_expect(words, want, vm, text);
    sld_strategy_free(strategy);
  }
}

static void options_that_do_not_fit_are_refused(void **state) {
  (void)state;
  desk d = open_market(1);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.account = SLD_SPLIT;
  refused(&d, together, &options, "options.account: the strategy trades several pairs together: its account cannot be split");
  options.account = SLD_SHARED;
  options.weights = SLD_EQUAL;
  refused(&d, each, &options, "options.weights: a shared account is the portfolio: no other rule of weights can be given");
  options.weights = SLD_SUM;
  const char *other = "AUDUSD";
  options.pairs = &other;
  options.pair_count = 1;
  refused(&d, together, &options, "options.pairs: the strategy names the 2 pairs that it trades together, EURUSD first: no others can be chosen");
  options.pairs = NULL;
  refused(&d, DESK_HEAD "local S = sliders.strategy { pairs = { 'EURUSD', 'GBPUSE' } } function S:bar() end return S", &options, "the market has no pair 'GBPUSE'; did you mean 'GBPUSD'?");
  refused(&d, DESK_HEAD "local S = sliders.strategy { model = sliders.finmarketpy {} } function S:signal(b) return b.close end return S", &options,
    "options.account: the strategy's model finmarketpy has no account to share");
  options.account = (sld_account)7;
  refused(&d, each, &options, "options.account: is no kind of account");
  desk_close(&d);
}

static void a_strategy_tells_its_account_and_its_pairs(void **state) {
  (void)state;
  desk d = desk_open(1);
  static const struct { const char *text; sld_account account; size_t pairs; } cases[] = { { each, SLD_SPLIT, 0 }, { signals, SLD_SHARED, 0 }, { together, SLD_SHARED, 2 } };
  for (size_t i = 0; i < 3; i++) IN_BOTH(vm) {
    sld_strategy *strategy = desk_strategy(&d, vm, cases[i].text);
    assert_int_equal(sld_strategy_account(strategy), cases[i].account);
    assert_int_equal(sld_strategy_pair_count(strategy), cases[i].pairs);
    if (cases[i].pairs) assert_string_equal(sld_strategy_pair_at(strategy, 1), "GBPUSD");
    assert_null(sld_strategy_pair_at(strategy, cases[i].pairs));
    sld_strategy_free(strategy);
  }
  desk_close(&d);
}

static void what_a_script_gets_wrong_is_said_at_its_line(void **state) {
  (void)state;
  desk d = open_market(1);
#define SEVERAL "local sliders = require 'sliders'\nlocal S = sliders.strategy { pairs = { 'EURUSD', 'GBPUSD' } }\n"
  desk_fails(&d, "local sliders = require 'sliders'\nlocal S = sliders.strategy { account = 'sharde' } return S", "test.lua:2: account must be \"shared\" or \"split\", not 'sharde'; did you mean 'shared'?");
  desk_fails(&d, "local sliders = require 'sliders'\nlocal S = sliders.strategy { pairs = {} } return S", "test.lua:2: pairs must not be empty");
  desk_fails(&d, "local sliders = require 'sliders'\nlocal S = sliders.strategy { pairs = { 'EURUSD', 'EURUSD' } } return S", "test.lua:2: pairs has 'EURUSD' twice");
  desk_fails(&d, "local sliders = require 'sliders'\nlocal S = sliders.strategy { pairs = { EURUSD = true } } return S", "test.lua:2: pairs must be a list of names: { \"AUDUSD\", \"EURUSD\" }");
  desk_fails(&d, "local sliders = require 'sliders'\nlocal S = sliders.strategy { pairs = { 'EURUSD' }, account = 'split' } return S",
    "test.lua:2: pairs that are traded together have one account: account = \"split\" cannot be");
  desk_fails(&d, SEVERAL "function S:bar(broker)\nbroker:target(1) end return S", "test.lua:4: 'target' is a pair's: name one, as in broker.EURUSD:target");
  desk_fails(&d, SEVERAL "function S:bar(broker)\nprint(broker.EURSUD) end return S", "test.lua:4: broker has no field 'EURSUD'; did you mean 'EURUSD'?");
  desk_fails(&d, SEVERAL "function S:bar(broker)\nprint(broker.EURUSD.equity) end return S", "test.lua:4: equity is the account's: read broker.equity");
  desk_fails(&d, SEVERAL "function S:bar(broker)\nbroker.EURUSD.target(1) end return S", "test.lua:4: target is called with a colon: broker.PAIR:target(...)");
  desk_fails(&d, SEVERAL "function S:bar(broker)\nbroker.EURUSD:buy { unit = 1 } end return S", "test.lua:4: buy has no field 'unit'; did you mean 'units'?");
  desk_fails(&d, SEVERAL "function S:init(bars)\nself.x = bars.close end function S:bar() end return S", "test.lua:4: bars has no field 'close' of its own: name a pair, as in bars.EURUSD.close");
  desk_fails(&d, SEVERAL "function S:init(bars)\nself.x = bars.EURUSD.clsoe end function S:bar() end return S", "test.lua:4: bars.EURUSD has no field 'clsoe'; did you mean 'close'?");
  desk_fails(&d, SEVERAL "function S:init(bars)\nself.x = bars.EURUSD.fresh end function S:bar() end return S", "test.lua:4: bars.EURUSD.fresh is known in bar, not in init");
  desk_fails(&d, SEVERAL "function S:init(bars)\nself.x = bars:at('1d') end function S:bar() end return S", "test.lua:4: bars has no field 'at' of its own: name a pair, as in bars.EURUSD:at(...)");
  desk_fails(&d, SEVERAL "function S:bar()\nself.bars.EURUSD.close = 1 end return S", "test.lua:4: bars is read-only (field 'close')");
  desk_fails(&d, SEVERAL "function S:bar()\nlocal x = self.bars.EURUSD.close[0] self.bars.EURUSD.close = x end return S", "test.lua:4: bars is read-only (field 'close')");
  desk_fails(&d, SEVERAL "function S:bar()\nself.bars.pairs[1] = 'GBPUSD' end return S", "test.lua:4: bars.pairs is read-only");
  desk_fails(&d, SEVERAL "function S:bar(broker)\nbroker.EURUSD.trades[1] = 1 end return S", "test.lua:4: broker.trades is read-only");
  desk_fails(&d, SEVERAL "function S:bar()\nself.bars.EURUSD = 1 end return S", "test.lua:4: bars is read-only (field 'EURUSD')");
  desk_fails(&d, SEVERAL "function S:signal(bars) return bars.EURUSD.close end return S", "test.lua: signal must return a table of columns by pair, not column");
  desk_fails(&d, SEVERAL "function S:signal(bars) return { EURUSD = 'x' } end return S", "test.lua: signal must return columns: EURUSD is string");
  desk_fails(&d, SEVERAL "function S:signal(bars) return { EURUSE = 1 } end return S", "test.lua: the table that signal returned has no pair 'EURUSE'; did you mean 'EURUSD'?");
  desk_close(&d);
}

static void a_failure_names_the_pair(void **state) {
  (void)state;
  desk d = open_market(1);
  sld_run_options options = shared_options();
  static const char *const texts[] = {
    DESK_HEAD "local S = sliders.strategy {}\nfunction S:bar(broker) if self.bars.pair == 'GBPUSD' then local x = nil + 1 end end return S",
    DESK_HEAD "local S = sliders.strategy {}\nfunction S:signal(bars) return bars.pair == 'EURUSD' and bars.close / 0 or bars.close end return S",
  };
  static const char *const wants[] = { "test.lua:2: GBPUSD: attempt to perform arithmetic on a nil value", "EURUSD: signal is inf at 1970-01-02" };
  for (size_t i = 0; i < 2; i++) IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, texts[i], &options);
    const sld_job *job = desk_job(&r, 0);
    char words[2048];
    assert_int_equal(job->state, SLD_JOB_FAILED);
    sld_error_format(job->error, words, sizeof words);
    desk_expect(words, wants[i], vm, texts[i]);
    const sld_portfolio *p = sld_result_portfolio(r.result);
    assert_false(p->complete);
    assert_int_equal(p->count, 0);
    desk_end(&r);
  }
  desk_close(&d);
}

static void a_cancelled_account_ends(void **state) {
  (void)state;
  desk d = open_market(1);
  sld_run_options options = shared_options();
  static double values[400];
  for (size_t i = 0; i < 400; i++) values[i] = 2 + (double)(i % 48);
  const sld_axis axis = { "n", values, 400 };
  options.axes = &axis;
  options.axis_count = 1;
  IN_BOTH(vm) {
    sld_strategy *strategy = desk_strategy(&d, vm, each);
    sld_run *run;
    sld_error err;
    sld_progress progress;
    desk_good(sld_run_start(&run, d.host, d.market, strategy, &options, &err), &err);
    sld_run_cancel(run);
    desk_good(sld_run_wait(run, -1, &progress, &err), &err);
    assert_int_equal(progress.jobs, 400);
    assert_true(progress.failed > 0);
    const sld_job *last = sld_result_job_at(sld_run_result(run), 399);
    assert_int_equal(last->state, SLD_JOB_CANCELLED);
    assert_string_equal(last->pair, "ACCOUNT");
    sld_run_free(run);
    sld_strategy_free(strategy);
  }
  desk_close(&d);
}

/* ---- Ruin ---- */

static void add_opens(desk *d, const char *pair, const double *open, size_t count, int64_t period_ns) {
  int64_t time[8];
  for (size_t i = 0; i < count; i++) time[i] = (int64_t)i * period_ns;
  sld_bars bars = { .pair = pair, .count = count, .time = time, .open = open, .high = open, .low = open, .close = open, .period_ns = period_ns };
  sld_error err;
  desk_good(sld_market_add(d->market, &bars, &err), &err);
}

/* Ruined by one pair while the other's bar of two days is under way, the account stands at its open: so does what is listed as open. */
static void a_ruined_account_lists_what_is_open_where_it_was_marked(void **state) {
  (void)state;
  static const double aud[] = { 0.70, 0.70, 0.75, 0.80 }, eur[] = { 1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5 };
  IN_BOTH(vm) {
    desk d = desk_open(1);
    add_opens(&d, "AUDUSD", aud, 4, 2 * DESK_DAY_NS);
    add_opens(&d, "EURUSD", eur, 8, DESK_DAY_NS);
    sld_run_options options = SLD_RUN_OPTIONS_INIT;
    options.account = SLD_SHARED;
    options.stop_out = 0.0;
    desk_run r = desk_start(&d, vm, DESK_HEAD "local S = sliders.strategy { warmup = 0 } function S:bar(broker) if broker.position == 0 then "
      "broker:buy { units = self.bars.pair == 'EURUSD' and 1000000 or 10000 } end end return S", &options);
    const sld_job *job = desk_job(&r, 0);
    assert_int_equal(job->state, SLD_JOB_RUINED);
    assert_true(job->final_equity == 100000.0 + 1e6 * (0.5 - 1.0) + 10000.0 * (0.75 - 0.70));
    const sld_trade *open = &job->books[0].trades[0];
    assert_int_equal(open->exit, SLD_EXIT_OPEN);
    assert_true(open->exit_price == 0.75);
    assert_int_equal(open->exit_bar, 2);
    assert_int_equal(open->exit_time, 4 * DESK_DAY_NS);
    assert_true(job->unrealised == job->books[0].unrealised + job->books[1].unrealised);
    desk_end(&r);
    desk_close(&d);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_account_gives_the_same_bytes_in_both_engines_for_any_workers),
    cmocka_unit_test(a_shared_account_of_one_pair_is_a_sleeve_to_the_bit),
    cmocka_unit_test(the_books_add_up_to_the_account_and_the_account_is_the_portfolio),
    cmocka_unit_test(bar_runs_at_every_close_of_any_pair_once_all_have_begun),
    cmocka_unit_test(columns_of_a_pair_count_in_its_own_bars),
    cmocka_unit_test(each_instance_has_its_own_self_and_random_numbers),
    cmocka_unit_test(options_that_do_not_fit_are_refused),
    cmocka_unit_test(a_strategy_tells_its_account_and_its_pairs),
    cmocka_unit_test(what_a_script_gets_wrong_is_said_at_its_line),
    cmocka_unit_test(a_failure_names_the_pair),
    cmocka_unit_test(a_cancelled_account_ends),
    cmocka_unit_test(a_ruined_account_lists_what_is_open_where_it_was_marked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
