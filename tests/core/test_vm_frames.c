/* Higher time frames, the calendar and hours of business in strategies: the same in both engines. */
#include "engine_desk.h"

#include "base/time.h"
#include "scratch.h"

enum { HOURS = 24 * 70 };

#define HOUR_NS (3600 * INT64_C(1000000000))

/* Hourly bars from 2024-02-05 00:00 UTC, a Monday, without weekends from Friday 22:00 to Sunday 21:00; every 90th bar or so is missing. Closes wander. */
static void add_hours(desk *d, const char *pair, size_t count) {
  static int64_t time[HOURS];
  static double columns[5][HOURS];
  uint64_t seed = 3;
  double price = 1.1;
  size_t n = 0;
  for (int64_t hour = 0; n < count; hour++) {
    int64_t day = hour / 24 % 7, of_day = hour % 24;
    if ((day == 4 && of_day >= 22) || day == 5 || (day == 6 && of_day < 21) || (hour > 30 && desk_random(&seed) < 0.01)) continue;
    double open = price, close = price * (1.0 + 0.004 * (desk_random(&seed) - 0.5));
    time[n] = 1707091200 * INT64_C(1000000000) + hour * HOUR_NS;
    columns[0][n] = open;
    columns[1][n] = (open > close ? open : close) + 0.001;
    columns[2][n] = (open < close ? open : close) - 0.001;
    columns[3][n] = price = close;
    columns[4][n++] = 10;
  }
  sld_bars bars = { .pair = pair, .count = count, .time = time, .open = columns[0], .high = columns[1], .low = columns[2], .close = columns[3], .volume = columns[4],
    .period_ns = HOUR_NS, .side = SLD_BID };
  sld_error err;
  desk_good(sld_market_add(d->market, &bars, &err), &err);
}

static void fails(const char *init, const char *bar, const char *signal, const char *want) {
  desk d = desk_open(1);
  add_hours(&d, "EURUSD", 100);
  desk_hook_fails(&d, init, bar, signal, want);
  desk_close(&d);
}

/* Runs a strategy made of the bodies, which must end well, in both engines, and compares what they say. */
static void agrees(const char *params, const char *init, const char *bar, const char *signal) {
  desk d = desk_open(1);
  add_hours(&d, "EURUSD", HOURS);
  char *text = desk_text(params, init, bar, signal), *bytes[2];
  int i = 0;
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    desk_done(&r, 0);
    bytes[i++] = desk_json(&r);
    desk_end(&r);
  }
  desk_same(bytes[0], bytes[1], "the engines");
  free(bytes[0]);
  free(bytes[1]);
  free(text);
  desk_close(&d);
}

/* A day's bars kept by hand, in the strategy itself, are those of bars:at. */
static void a_strategy_sees_what_it_could_have_kept_itself(void **state) {
  (void)state;
  agrees("warmup = 0", "self.day, self.time, self.days = bars:at('1d', { day = 'utc' }), bars.time, {}",
    "local day, bars, days, time = self.day, self.bars, self.days, self.time[0]\n"
    "local number = math.floor(time / 86400)\n"
    "if self.now and self.now.number ~= number then days[#days + 1], self.now = self.now, nil end\n"
    "local now = self.now or { number = number, open = bars.open[0], high = bars.high[0], low = bars.low[0] }\n"
    "self.now = now\n"
    "now.high, now.low, now.close = math.max(now.high, bars.high[0]), math.min(now.low, bars.low[0]), bars.close[0]\n"
    "if math.floor((time + 3600) / 86400) ~= number then days[#days + 1], self.now = now, nil end\n"
    "local n = #days\n"
    "if n == 0 then assert(day.close[0] ~= day.close[0]) return end\n"
    "for k = 0, n - 1 do\n"
    "  local kept = days[n - k]\n"
    "  assert(day.open[k] == kept.open and day.high[k] == kept.high and day.low[k] == kept.low and day.close[k] == kept.close)\n"
    "end\n"
    "assert(not pcall(function() return day.close[n] end))\n"
    "assert(not pcall(function() return day.close[-1] end))", NULL);
}

static void indicators_of_a_time_frame_count_in_its_own_bars(void **state) {
  (void)state;
  agrees("warmup = 0", "self.day = bars:at('1d') self.mean, self.older = self.day.close:sma(5), self.day.close:shift(2)\n"
    "self.range = sliders.atr(self.day, 3)",
    "local close, n = self.day.close, self.n or 0\n"
    "if self.mean[0] ~= self.mean[0] then return end\n"
    "local sum = 0 for k = 0, 4 do sum = sum + close[k] end\n"
    "assert(math.abs(self.mean[0] - sum / 5) < 1e-12)\n"
    "assert(self.older[0] == close[2] and self.older[1] == close[3])\n"
    "assert(self.range[0] > 0)\n"
    "if close[0] > self.mean[0] then broker:target(1) else broker:target(-1) end", NULL);
}

/* What a base column makes of a day's is what reading both at x[0] makes of them. */
static void columns_of_two_clocks_join_as_of_the_close(void **state) {
  (void)state;
  agrees("", "local day = bars:at('1d').close self.day, self.held = day, day:held()\n"
    "self.over, self.back, self.up = bars.close - day, (bars.close - day):shift(3), bars.close:gt(day:ema(3))\n"
    "self.mean, self.then_ = day:ema(3), {}",
    "local close, over = self.bars.close[0], self.bars.close[0] - self.day[0]\n"
    "assert(self.over[0] == over and self.held[0] == self.day[0])\n"
    "assert(self.up[0] == (close > self.mean[0] and 1 or 0))\n"
    "local seen = self.then_ seen[#seen + 1] = over\n"
    "if #seen > 3 then assert(self.back[0] == seen[#seen - 3] and self.over[3] == seen[#seen - 3]) end\n"
    "broker:target(self.up[0])", NULL);
}

static void a_signal_may_be_of_a_time_frame(void **state) {
  (void)state;
  agrees("", NULL, NULL, "local day = bars:at('1d') return sliders.where(day.close:gt(day.close:sma(3)), 1, -1)");
  agrees("", NULL, NULL, "local week, day = bars:at('1w'), bars:at('1d') return sliders.where(day.close:gt(week.close), 1, -1)");
}

/* A signal and a bar hook that say the same make the same trades. */
static void a_signal_holds_what_a_bar_reads(void **state) {
  (void)state;
  desk d = desk_open(1);
  add_hours(&d, "EURUSD", HOURS);
  char *by_bar = desk_text("", "local day = bars:at('4h') self.x = day.close self.y = day.close:ema(4)", "broker:target(self.x[0] > self.y[0] and 1 or -1)", NULL);
  char *by_signal = desk_text("", NULL, NULL, "local day = bars:at('4h') return sliders.where(day.close:gt(day.close:ema(4)), 1, -1)");
  IN_BOTH(vm) {
    desk_run one = desk_start(&d, vm, by_bar, NULL), other = desk_start(&d, vm, by_signal, NULL);
    const sld_job *a = desk_done(&one, 0), *b = desk_done(&other, 0);
    assert_true(a->trade_count > 10);
    assert_int_equal(a->trade_count, b->trade_count);
    assert_int_equal(a->bar_count, b->bar_count);
    assert_true(a->final_equity == b->final_equity);
    desk_end(&one);
    desk_end(&other);
  }
  free(by_bar);
  free(by_signal);
  desk_close(&d);
}

/* The first call comes when the slowest column has a value: the fifth day, a Friday that ends early, is known at Sunday's first bar. */
static void warm_up_is_counted_in_the_bars_own_rows(void **state) {
  (void)state;
  agrees("", "self.mean, self.time = bars:at('1d', { day = 'utc' }).close:sma(5), bars.time",
    "self.n = (self.n or 0) + 1\n"
    "assert(self.mean[0] == self.mean[0])\n"
    "if self.n == 1 then assert(self.time[0] == 1707091200 + 6 * 86400 + 21 * 3600) end", NULL);
}

/* Every bar's decision is printed; with the data cut, what was printed before is the same. */
static void cutting_the_data_changes_no_decision(void **state) {
  (void)state;
  char *text = desk_text("warmup = 0", "self.day, self.week, self.time = bars:at('1d'), bars:at('1w'), bars.time\n"
    "self.mean, self.mixed = self.day.close:ema(3), bars.close - self.week.close:ema(2)\n"
    "self.first, self.open = bars:first_of('week'), sliders.session('0800-1700', 'Europe/London', 'Mon-Fri')",
    "print(string.format('%.0f %.17g %.17g %.17g %.17g %g %g', self.time[0], self.day.close[0], self.week.high[0], self.mean[0], self.mixed[0], self.first[0], self.open[0]))", NULL);
  IN_BOTH(vm) {
    desk d = desk_open(1);
    add_hours(&d, "EURUSD", HOURS);
    desk_run whole = desk_start(&d, vm, text, NULL);
    const char *log = desk_done(&whole, 0)->log;
    for (size_t rows = 1; rows < HOURS; rows += 61) {
      desk e = desk_open(1);
      add_hours(&e, "EURUSD", rows);
      desk_run cut = desk_start(&e, vm, text, NULL);
      const char *early = desk_done(&cut, 0)->log;
      assert_true(strlen(early) > 0);
      assert_memory_equal(early, log, strlen(early));
      desk_end(&cut);
      desk_close(&e);
    }
    desk_end(&whole);
    desk_close(&d);
  }
  free(text);
}

/* The jobs of a sweep share what was made for their pair, and are the same as alone, for any number of workers. */
static void a_sweep_shares_clocks_and_changes_nothing(void **state) {
  (void)state;
  const char *text = "local sliders = require 'sliders'\n"
    "local S = sliders.strategy { params = { n = sliders.int(3, 2, 6) } }\n"
    "function S:init(bars, p) local day = bars:at('1d') self.fast, self.slow, self.open = day.close:ema(p.n), day.close:sma(2 * p.n), sliders.session('0700-1600') end\n"
    "function S:bar(broker) broker:target(self.open[0] == 1 and self.fast[0] > self.slow[0] and 1 or 0) end\n"
    "return S";
  static const double values[] = { 2, 3, 4, 5, 6 };
  const sld_axis axis = { "n", values, 5 };
  double ends[4][10];
  int i = 0;
  IN_BOTH(vm)
    for (int workers = 1; workers <= 3; workers += 2, i++) {
      desk d = desk_open(workers);
      add_hours(&d, "EURUSD", HOURS);
      add_hours(&d, "GBPUSD", HOURS - 100);
      sld_run_options options = SLD_RUN_OPTIONS_INIT;
      options.axes = &axis;
      options.axis_count = 1;
      desk_run r = desk_start(&d, vm, text, &options);
      for (size_t k = 0; k < 10; k++) ends[i][k] = desk_done(&r, k)->final_equity;
      desk_end(&r);
      sld_setting four = { "n", "4" };
      options = (sld_run_options)SLD_RUN_OPTIONS_INIT;
      options.settings = &four;
      options.setting_count = 1;
      r = desk_start(&d, vm, text, &options);
      assert_true(desk_done(&r, 0)->trade_count > 3);
      assert_true(desk_done(&r, 0)->final_equity == ends[i][2]); /* the sweep's third set of the first pair */
      desk_end(&r);
      desk_close(&d);
    }
  for (int k = 1; k < 4; k++) assert_memory_equal(ends[0], ends[k], sizeof ends[0]);
}

static void the_calendar_reads_columns_and_numbers_alike(void **state) {
  (void)state;
  agrees("warmup = 0", "local t = bars.time self.time = t self.columns = {}\n"
    "for _, name in ipairs { 'year', 'month', 'day', 'weekday', 'hour', 'minute' } do self.columns[name] = sliders[name](t, 'America/New_York') end\n"
    "self.utc, self.monday = sliders.hour(t), sliders.weekday(bars:at('1d', { day = 'utc' }).time)",
    "local time = self.time[0]\n"
    "for _, name in ipairs { 'year', 'month', 'day', 'weekday', 'hour', 'minute' } do assert(self.columns[name][0] == sliders[name](time, 'America/New_York')) end\n"
    "local hour = math.floor(time / 3600) assert(self.utc[0] == hour - 24 * math.floor(hour / 24))\n"
    "assert(sliders.hour(time) == self.utc[0])\n"
    "if time < 1710054000 then assert(sliders.hour(time, 'America/New_York') == (self.utc[0] + 19) - (self.utc[0] >= 5 and 24 or 0)) end\n"
    "assert(sliders.hour(0 / 0) ~= sliders.hour(0 / 0))", NULL);
  agrees("", NULL, NULL, "return sliders.where(sliders.hour(bars.time, 'Europe/London'):lt(12), 1, 0) * sliders.session('0800-1700', 'Europe/London', 'Mon-Thu')");
}

/* Business goes by the clock on the wall: in UTC London's day begins an hour earlier from 31 March 2024 on, New York's from 10 March on. */
static void a_session_is_by_its_own_clock_in_winter_and_in_summer(void **state) {
  (void)state;
  agrees("warmup = 0", "self.time = bars.time self.london = sliders.session('0800-1700', 'Europe/London', 'Mon-Fri')\n"
    "self.york, self.night = sliders.session('0930-1600', 'America/New_York'), sliders.session('2200-0600', 'America/New_York') self.seen = {}",
    "local function of_week(hours) local day = math.floor(hours / 24) return hours - 24 * day, (day + 3) % 7 + 1 end\n"
    "local utc = math.floor(self.time[0] / 3600)\n"
    "local summer = { london = self.time[0] >= 1711846800, york = self.time[0] >= 1710054000 }\n"
    "local hour, weekday = of_week(utc + (summer.london and 1 or 0))\n"
    "assert(self.london[0] == (hour >= 8 and hour < 17 and weekday <= 5 and 1 or 0))\n"
    "hour = of_week(utc - (summer.york and 4 or 5))\n"
    "assert(self.york[0] == (hour >= 10 and hour < 16 and 1 or 0))\n"
    "assert(self.night[0] == ((hour >= 22 or hour < 6) and 1 or 0))\n"
    "self.seen[tostring(summer.york) .. tostring(summer.london)] = true\n"
    "if self.time[0] >= 1712260800 then assert(self.seen.falsefalse and self.seen.truefalse and self.seen.truetrue) end", NULL);
}

static void the_first_bar_of_a_period_is_told(void **state) {
  (void)state;
  agrees("warmup = 0", "self.month, self.week, self.day, self.time = bars:first_of('month', { day = 'utc' }), bars:first_of('week'), bars:first_of('day', { day = 'utc' }), bars.time",
    "local day, month = sliders.day(self.time[0]), sliders.month(self.time[0])\n"
    "assert(self.day[0] == (day ~= self.last_day and 1 or 0))\n"
    "assert(self.month[0] == (month ~= self.last_month and 1 or 0))\n"
    "self.last_day, self.last_month, self.weeks = day, month, (self.weeks or 0) + self.week[0]", NULL);
}

static void bars_say_their_currencies(void **state) {
  (void)state;
  agrees("", "assert(bars.base == 'EUR' and bars.quote == 'USD')\nlocal day = bars:at('1d') assert(day.pair == 'EURUSD' and day.quote == 'USD' and day.pip == bars.pip)\n"
    "assert(day.timeframe == '1d')", "", NULL);
}

/* ---- Several pairs ---- */

/* Weeks of a pair are its own: what one instance sees of both is what an instance of each alone sees, at every bar of that pair. */
static void pairs_have_time_frames_and_calendars_of_their_own(void **state) {
  (void)state;
  const char *printed = "print(string.format('%s %.0f %.17g %.17g %.17g %g %g %g', b.pair, b.time[0], day.close[0], mean[0], over[0], first[0], open[0], hour[0]))";
  char together[4096], alone[4096];
  const char *make = "local day = b:at('1d') local x = { day = day, mean = day.close:ema(3), over = b.close - day.close, first = b:first_of('week'), time = b.time, "
    "open = sliders.session('0800-1700', 'Europe/London', 'Mon-Fri', b), hour = sliders.hour(b.time, 'America/New_York') }";
  const char *read = "local day, mean, over, first, open, hour = x.day, x.mean, x.over, x.first, x.open, x.hour";
  snprintf(together, sizeof together, DESK_HEAD "local S = sliders.strategy { warmup = 0, pairs = { 'EURUSD', 'GBPUSD' } } "
    "function S:init(bars) self.kept = {} for _, name in ipairs(bars.pairs) do local b = bars[name] %s self.kept[name] = x end end "
    "function S:bar() for _, name in ipairs(self.bars.pairs) do local b, x = self.bars[name], self.kept[name] if b.fresh then %s %s end end end return S", make, read, printed);
  snprintf(alone, sizeof alone, DESK_HEAD "local S = sliders.strategy { warmup = 0 } "
    "function S:init(bars) local b = bars %s self.x = x end function S:bar() local b, x = self.bars, self.x %s %s end return S", make, read, printed);
  IN_BOTH(vm) {
    desk d = desk_open(1);
    add_hours(&d, "EURUSD", 900);
    add_hours(&d, "GBPUSD", 700);
    desk_run one = desk_start(&d, vm, together, NULL), each = desk_start(&d, vm, alone, NULL);
    const char *all = desk_done(&one, 0)->log;
    assert_int_equal(strlen(all), strlen(desk_done(&each, 0)->log) + strlen(desk_done(&each, 1)->log));
    for (size_t pair = 0; pair < 2; pair++) {
      const char *seen = desk_done(&each, pair)->log, *from = all, *name = pair ? "GBPUSD" : "EURUSD";
      while (*seen) { /* the next line of this pair */
        while (strncmp(from, name, 6) != 0) from = strchr(from, '\n') + 1;
        size_t length = strcspn(seen, "\n") + 1;
        assert_memory_equal(from, seen, length);
        from += length;
        seen += length;
      }
    }
    desk_end(&one);
    desk_end(&each);
    desk_close(&d);
  }
}

static void signals_of_pairs_may_be_of_time_frames(void **state) {
  (void)state;
  desk d = desk_open(1);
  add_hours(&d, "EURUSD", 900);
  add_hours(&d, "GBPUSD", 700);
  const char *text = DESK_HEAD "local S = sliders.strategy { pairs = { 'EURUSD', 'GBPUSD' } } "
    "function S:signal(bars) local e, g = bars.EURUSD:at('1d'), bars.GBPUSD:at('1w') "
    "return { EURUSD = sliders.where((e.close - g.close):gt(0), 1, -1), GBPUSD = sliders.sign(g.close - g.open) } end return S";
  char *bytes[2];
  int i = 0;
  IN_BOTH(vm) bytes[i++] = desk_bytes(&d, vm, text, NULL);
  desk_same(bytes[0], bytes[1], "the engines");
  free(bytes[0]);
  free(bytes[1]);
  desk_fails(&d, DESK_HEAD "local S = sliders.strategy { pairs = { 'EURUSD', 'GBPUSD' } }\nfunction S:init(bars)\nlocal x = sliders.session('0930-1600')\nend\nfunction S:bar() end return S",
    "test.lua:3: sliders.session wants the bars of one pair as its last argument, as in sliders.session('0930-1600', 'UTC', nil, bars.EURUSD)");
  desk_fails(&d, DESK_HEAD "local S = sliders.strategy { pairs = { 'EURUSD', 'GBPUSD' } }\nfunction S:init(bars)\nlocal day = bars.EURUSD:at('1d') assert(day.bid == day.close) local x = day.ask\nend\n"
    "function S:bar() end return S", "test.lua:3: EURUSD has no ask");
  desk_fails(&d, DESK_HEAD "local S = sliders.strategy { pairs = { 'EURUSD', 'GBPUSD' } }\nfunction S:init(bars)\nlocal x = bars.EURUSD:att('1d')\nend\nfunction S:bar() end return S",
    "test.lua:3: bars.EURUSD has no field 'att'; did you mean 'at'?");
  desk_close(&d);
}

/* ---- Short rates ---- */

static void load_rates(desk *d, const char *text) {
  struct scratch scratch;
  sld_error err;
  assert_int_equal(scratch_make(&scratch), 0);
  desk_good(sld_market_load_rates(d->market, scratch_write(&scratch, "short.csv", text, strlen(text)), &err), &err);
  scratch_remove(&scratch);
}

/* Hourly bars from Monday 2024-02-05. A day's figure is seen from the close that ends the day, a month's from the next month's first instant. */
static void a_rate_is_seen_once_it_is_published(void **state) {
  (void)state;
  const char *text = DESK_HEAD "local S = sliders.strategy { warmup = 0 } function S:init(bars) self.usd, self.jpy, self.time = sliders.rate('USD'), sliders.rate 'JPY', bars.time "
    "self.carry = self.usd - self.jpy end "
    "function S:bar() local carry = self.usd[0] - self.jpy[0] assert(carry ~= carry or self.carry[0] == carry) "
    "print(string.format('%.0f %g %g', (self.time[0] - 1707091200) / 3600, self.usd[0], self.jpy[0])) end return S";
  desk d = desk_open(1);
  add_hours(&d, "EURUSD", HOURS / 2);
  load_rates(&d, "date,USD\n2024-02-05,5.1\n2024-02-06,5.2\n2024-02-09,5.3\n2024-02-16,5.4\n2024-02-23,5.4\n2024-03-01,5.5\n");
  load_rates(&d, "date,JPY\n2024-01-01,-0.1\n2024-02-01,0.1\n2024-03-01,0.2\n");
  char *logs[2];
  int i = 0;
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    logs[i++] = strdup(desk_done(&r, 0)->log);
    desk_end(&r);
  }
  assert_string_equal(logs[0], logs[1]);
  assert_non_null(strstr(logs[0], "\n22 nan -0.1\n"));  /* Monday's figure is not out while Monday lasts */
  assert_non_null(strstr(logs[0], "\n23 5.1 -0.1\n"));
  assert_non_null(strstr(logs[0], "\n47 5.2 -0.1\n"));
  free(logs[0]);
  free(logs[1]);
  desk_fails(&d, DESK_HEAD "local S = sliders.strategy {}\nfunction S:init()\nlocal x = sliders.rate('EUR')\nend\nfunction S:bar() end return S",
    "test.lua:3: sliders.rate: the market has no short rates of 'EUR'");
  desk_fails(&d, DESK_HEAD "local S = sliders.strategy {}\nfunction S:init()\nlocal x = sliders.rate()\nend\nfunction S:bar() end return S",
    "test.lua:3: rate's currency must be a string, not nil");
  desk_fails(&d, DESK_HEAD "local S = sliders.strategy {}\nfunction S:bar()\nlocal x = sliders.rate('USD')\nend return S",
    "test.lua:3: sliders.rate makes columns: call it in init or signal, not in bar");
  desk_close(&d);
}

static void a_bar_of_a_month_sees_no_rate_of_the_next(void **state) {
  (void)state;
  enum { DAYS = 31 };
  const int64_t day = 24 * HOUR_NS;
  static const int64_t opens[] = { 1701388800, 1704067200, 1706745600, 1709251200 }; /* December 2023 to March 2024 */
  int64_t time[4];
  double price[4] = { 1.1, 1.2, 1.3, 1.4 };
  sld_error err;
  desk d = desk_open(1);
  for (int i = 0; i < 4; i++) time[i] = opens[i] * INT64_C(1000000000);
  sld_bars bars = { .pair = "EURUSD", .count = 4, .time = time, .open = price, .high = price, .low = price, .close = price, .period_ns = DAYS * day, .side = SLD_MID };
  desk_good(sld_market_add(d.market, &bars, &err), &err);
  load_rates(&d, "date,USD\n2023-12-31,12.31\n2024-01-01,1.01\n2024-01-31,1.31\n2024-02-01,2.01\n2024-02-29,2.29\n2024-03-01,3.01\n2024-03-02,3.02\n2024-03-31,3.31\n2024-04-01,4.01\n");
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, DESK_HEAD "local S = sliders.strategy { warmup = 0 } function S:init() self.usd = sliders.rate 'USD' end function S:bar() print(self.usd[0]) end return S", NULL);
    assert_string_equal(desk_done(&r, 0)->log, "12.31\n1.31\n2.29\n3.31\n");
    desk_end(&r);
  }
  desk_close(&d);
}

static void the_future_of_a_time_frame_cannot_be_read(void **state) {
  (void)state;
  const char *day = "self.day = bars:at('1d').close";
  fails(day, "local x = self.day[-1]", NULL, "test.lua:7: x[k] with k below 0 would be the future");
  fails(day, "local x = self.day[0.5]", NULL, "test.lua:7: a column is read by whole numbers: x[0] is the bar that has just closed");
  fails(day, "local x = self.day[0/0]", NULL, "test.lua:7: a column is read by whole numbers: x[0] is the bar that has just closed");
  fails(day, "local x = self.day[1]", NULL, "test.lua:7: x[1] is before the first period (1 period so far)");
  fails(day, "local x = self.day[1/0]", NULL, "test.lua:7: x[inf] is before the first period (1 period so far)");
  fails(day, "local n = #self.day", NULL, "test.lua:7: a column has no length: a strategy sees the bars up to now");
  fails(day, "self.day[0] = 1", NULL, "test.lua:7: a column is read-only");
  fails(day, "local x = self.day:sma(3)", NULL, "test.lua:7: sliders.sma makes a column: call it in init or signal, not in bar");
  fails(day, "if self.day > 1 then end", NULL, "test.lua:7: columns cannot be compared by < > <= >=: write a:gt(b), a:lt(b), or compare values as in a[0] > b[0]");
  fails("local x = bars:at('1d').close[0]", "", NULL, "test.lua:4: in init and signal a column is whole and has no x[0]; read values in bar");
  fails("local x = bars:at('1d').close:shift(-1)", "", NULL, "test.lua:4: shift looks back only: its distance must be 0 or more");
  fails("local x = bars:at('1d') x.mine = 5", "", NULL, "test.lua:4: bars is read-only (field 'mine')");
  fails("local x = bars:at('1d') x.close = 5", "", NULL, "test.lua:4: bars is read-only (field 'close')");
}

/* Before the first period is finished x[0] is undefined, and there is no x[1]. */
static void before_the_first_period_there_is_no_value(void **state) {
  (void)state;
  desk d = desk_open(1);
  add_hours(&d, "EURUSD", 100);
  char *text = desk_text("warmup = 0", "self.day = bars:at('1d', { day = 'utc' }).close", "assert(self.n or self.day[0] ~= self.day[0])\nself.n = 1\nlocal x = self.day[1]", NULL);
  desk_fails(&d, text, "test.lua:9: x[1] is before the first period (0 periods so far)");
  free(text);
  desk_close(&d);
}

static void words_of_clocks_are_checked(void **state) {
  (void)state;
  fails("local x = bars:at()", "", NULL, "test.lua:4: bars:at's time frame must be a string, not nil");
  fails("local x = bars:at('1day')", "", NULL, "test.lua:4: bars:at: '1day' is no time frame; there are numbers of s, m, h and mo, 1d and 1w, such as 15m or 4h");
  fails("local x = bars:at('15m')", "", NULL, "test.lua:4: bars:at: bars of 1h do not add up to bars of 15m");
  fails("local x = bars.at('1d')", "", NULL, "test.lua:4: at is called with a colon: bars:at(...)");
  fails("local x = bars:at('1d', 'utc')", "", NULL, "test.lua:4: bars:at takes a table of options, not string");
  fails("local x = bars:at('1d', { days = 'utc' })", "", NULL, "test.lua:4: bars:at has no field 'days'; did you mean 'day'?");
  fails("local x = bars:at('1d', { day = 'utcc' })", "", NULL, "test.lua:4: bars:at's day must be one of ny, source, utc, not 'utcc'; did you mean 'utc'?");
  fails("local x = bars:at('1d', { day = 5 })", "", NULL, "test.lua:4: bars:at's day must be one of ny, source, utc, not number");
  fails("local x = bars:at('1d', { day = 'source' })", "", NULL, "test.lua:4: bars:at: days of the source's own clock need its zone, such as Europe/Athens");
  fails("local x = bars:at('1d', { day = 'source', zone = 'Europe/Athen' })", "", NULL,
    "test.lua:4: bars:at: 'Europe/Athen' is no time zone; there are UTC, offsets such as +05:30, names such as America/New_York, EET-NY and floating");
  fails("local x = bars:at('1d').clsoe", "", NULL, "test.lua:4: bars of a time frame has no field 'clsoe'; did you mean 'close'?");
  fails("local x = bars:at('1d').ask_close", "", NULL, "test.lua:4: EURUSD has no ask_close");
  fails("self.day = bars:at('1d').close", "local x = self.day.sld_at", NULL, "test.lua:7: a column has no field 'sld_at'");
  fails("local x = bars.att('1d')", "", NULL, "test.lua:4: bars has no field 'att'; did you mean 'at'?");
  fails(NULL, "local x = self.bars:at('1d')", NULL, "test.lua:4: bars:at makes columns: call it in init or signal, not in bar");
  fails("self.day = bars:at('1d')", "local x = self.day.volume", NULL, "test.lua:7: volume of a time frame must first be named in init");
  fails("local x = sliders.held(1)", "", NULL, "test.lua:4: held's argument must be a column, not number");
  fails("local x = bars:first_of('months')", "", NULL, "test.lua:4: first_of's period must be one of day, month, week, not 'months'; did you mean 'month'?");
  fails("local x = sliders.houre(bars.time)", "", NULL, "test.lua:4: sliders has no field 'houre'; did you mean 'hour'?");
  fails("local x = sliders.hour()", "", NULL, "test.lua:4: hour's time must be a column or a number, not nil");
  fails("local x = sliders.hour(bars.time, 'New_York')", "", NULL, "test.lua:4: sliders.hour: no time zone 'New_York'");
  fails("local x = sliders.hour(bars.time, '../etc/passwd')", "", NULL, "test.lua:4: sliders.hour: '../etc/passwd' is not a time zone's name");
  fails(NULL, "local x = sliders.hour(self.bars.close)", NULL, "test.lua:4: sliders.hour of a column makes columns: call it in init or signal, not in bar");
  fails(NULL, "local x = sliders.hour(0, 5)", NULL, "test.lua:4: hour's zone must be a string, not number");
  fails("local x = sliders.session()", "", NULL, "test.lua:4: session's hours must be a string, not nil");
  fails("local x = sliders.session('9-16')", "", NULL, "test.lua:4: sliders.session: '9-16' are no hours: write 0930-1600, or up to 8 such spans joined by commas");
  fails("local x = sliders.session('0930-1600', 'UTC', 'Mo-Fr')", "", NULL, "test.lua:4: sliders.session: 'Mo-Fr' are no days: write Mon-Fri or Mon,Wed,Fri");
  fails(NULL, "local x = sliders.session('0930-1600')", NULL, "test.lua:4: sliders.session makes columns: call it in init or signal, not in bar");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_strategy_sees_what_it_could_have_kept_itself),
    cmocka_unit_test(indicators_of_a_time_frame_count_in_its_own_bars),
    cmocka_unit_test(columns_of_two_clocks_join_as_of_the_close),
    cmocka_unit_test(a_signal_may_be_of_a_time_frame),
    cmocka_unit_test(a_signal_holds_what_a_bar_reads),
    cmocka_unit_test(warm_up_is_counted_in_the_bars_own_rows),
    cmocka_unit_test(cutting_the_data_changes_no_decision),
    cmocka_unit_test(a_sweep_shares_clocks_and_changes_nothing),
    cmocka_unit_test(the_calendar_reads_columns_and_numbers_alike),
    cmocka_unit_test(a_session_is_by_its_own_clock_in_winter_and_in_summer),
    cmocka_unit_test(the_first_bar_of_a_period_is_told),
    cmocka_unit_test(bars_say_their_currencies),
    cmocka_unit_test(pairs_have_time_frames_and_calendars_of_their_own),
    cmocka_unit_test(signals_of_pairs_may_be_of_time_frames),
    cmocka_unit_test(a_rate_is_seen_once_it_is_published),
    cmocka_unit_test(a_bar_of_a_month_sees_no_rate_of_the_next),
    cmocka_unit_test(the_future_of_a_time_frame_cannot_be_read),
    cmocka_unit_test(before_the_first_period_there_is_no_value),
    cmocka_unit_test(words_of_clocks_are_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
