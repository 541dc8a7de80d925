/* Columns in init and signal: arithmetic, comparison, chains, undefined values, limits; the same bits in both engines. */
#include "engine_desk.h"

/* On every bar column `made` (in init, from `bars`) must equal `expected` (in bar, from values c, o, c1 = the close before). */
static void equals(const char *made, const char *expected) {
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 120, 11);
  char init[600], bar[900];
  snprintf(init, sizeof init, "local close, open = bars.close, bars.open\nself.x = %s", made);
  snprintf(bar, sizeof bar,
    "self.n = (self.n or 0) + 1\nlocal c, o, nan = self.bars.close[0], self.bars.open[0], 0 / 0\nlocal c1 = self.n > 1 and self.bars.close[1] or nan\n"
    "local got, want = self.x[0], %s\nif not (got == want or got ~= got and want ~= want) then error(('bar %%d: %%.17g is not %%.17g'):format(self.n, got, want)) end", expected);
  char *text = desk_text("warmup = 0", init, bar, NULL);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    assert_int_equal(desk_done(&r, 0)->bar_count, 120);
    desk_end(&r);
  }
  free(text);
  desk_close(&d);
}

static void arithmetic_is_that_of_numbers(void **state) {
  (void)state;
  equals("close + open", "c + o");
  equals("close - open", "c - o");
  equals("close * open", "c * o");
  equals("close / open", "c / o");
  equals("-close", "-c");
  equals("close + 1", "c + 1");
  equals("1 + close", "1 + c");
  equals("2 - close", "2 - c");
  equals("close - 2", "c - 2");
  equals("3 * close", "3 * c");
  equals("close / 3", "c / 3");
  equals("1 / close", "1 / c");
  equals("(close + open) / 2 - close * 0.5", "(c + o) / 2 - c * 0.5");
  equals("close / 0", "1 / 0");
  equals("(close - close) / 0", "nan");
  equals("close - close", "0");
  equals("sliders.abs(open - close)", "math.abs(o - c)");
  equals("sliders.sign(close - open)", "c > o and 1 or c < o and -1 or 0");
  equals("sliders.minimum(close, open)", "math.min(c, o)");
  equals("close:maximum(1.1)", "math.max(c, 1.1)");
  equals("sliders.maximum(1.1, close)", "math.max(c, 1.1)");
}

static void comparisons_give_one_and_zero(void **state) {
  (void)state;
  equals("close:gt(open)", "c > o and 1 or 0");
  equals("close:ge(open)", "c >= o and 1 or 0");
  equals("close:lt(1.1)", "c < 1.1 and 1 or 0");
  equals("sliders.le(1.1, close)", "1.1 <= c and 1 or 0");
  equals("close:eq(close)", "1");
  equals("close:ne(open)", "c ~= o and 1 or 0");
  equals("close:gt(open):logical_and(close:gt(1.1))", "c > o and c > 1.1 and 1 or 0");
  equals("close:gt(open):logical_or(close:gt(1.1))", "(c > o or c > 1.1) and 1 or 0");
  equals("close:gt(open):logical_not()", "c > o and 0 or 1");
  equals("sliders.where(close:gt(open), close, open)", "c > o and c or o");
  equals("close:gt(open):where(1, -1)", "c > o and 1 or -1");
  equals("sliders.where(close:gt(open), 1, 0 / 0)", "c > o and 1 or nan");
}

static void undefined_values_stay_undefined(void **state) {
  (void)state;
  equals("close:shift(1)", "c1");
  equals("close:shift(0)", "c");
  equals("close + close:shift(1)", "c + c1");
  equals("close:shift(1):gt(open)", "self.n == 1 and nan or c1 > o and 1 or 0");
  equals("sliders.where(close:shift(1):gt(open), 5, 6)", "self.n == 1 and nan or c1 > o and 5 or 6");
  equals("close:shift(1):eq(close:shift(1))", "self.n == 1 and nan or 1");
  equals("sliders.maximum(close:shift(1), 0)", "c1");
  equals("close * (0 / 0)", "nan");
  equals("close:shift(1000)", "nan");
  equals("close:shift(1):ffill()", "c1");
}

static void indicators_chain(void **state) {
  (void)state;
  equals("close:sma(1)", "c");
  equals("close:momentum(1)", "c - c1");
  equals("close:sma(1):shift(1):momentum(1)", "self.n > 2 and c1 - self.bars.close[2] or nan");
  equals("close:rolling_max(2)", "self.n == 1 and nan or math.max(c, c1)");
  equals("sliders.rolling_min(close + open, 1)", "c + o");
  equals("close:cross(open)", "self.n == 1 and nan or (c > o and c1 <= self.bars.open[1] or c < o and c1 >= self.bars.open[1]) and 1 or 0");
  equals("(sliders.donchian(bars, 1))", "self.bars.low[0]");
  equals("select(3, sliders.bollinger(close, 5, 0)) - close:sma(5)", "self.n < 5 and nan or 0");
  equals("sliders.tr(bars)", "self.n == 1 and self.bars.high[0] - self.bars.low[0] or math.max(self.bars.high[0] - self.bars.low[0], math.abs(self.bars.high[0] - c1), math.abs(self.bars.low[0] - c1))");
  equals("bars.time - bars.time:shift(1)", "self.n == 1 and nan or 86400");
  equals("bars.volume * 0 + bars.pip + bars.lot", "self.bars.pip + self.bars.lot");
}

static void an_indicator_with_several_outputs_returns_them_all(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 120, 11);
  char *text = desk_text("", "local line, signal, histogram = sliders.macd(bars.close) local l, m, h = bars.close:bollinger()\n"
    "print(select('#', sliders.macd(bars.close)), select('#', sliders.donchian(bars, 5)), select('#', bars.close:sma(3)), line ~= signal, histogram ~= nil, l ~= h, m == bars.close:sma(20))", "", NULL);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    const char *log = desk_done(&r, 0)->log;
    assert_true(strncmp(log, "3\t3\t1\ttrue\ttrue\ttrue", 20) == 0);
    desk_end(&r);
  }
  free(text);
  desk_close(&d);
}

/* An equal expression is an equal column: asking in a loop makes no more of them. */
static void equal_expressions_are_one_column(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 120, 11);
  char *text = desk_text("", "for i = 1, 5000 do self.x = (bars.close + 1):sma(5) end print(self.x == (bars.close + 1):sma(5))", "", NULL);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    assert_string_equal(desk_done(&r, 0)->log, "true\n");
    desk_end(&r);
  }
  free(text);
  desk_close(&d);
}

static void too_many_columns_are_an_error(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 1200, 11);
  char *good = desk_text("warmup = 0", "self.all = {} for i = 1, 246 do self.all[i] = bars.close:shift(i) end",
    "self.n = (self.n or 0) + 1\nif self.n < 300 then return end\nfor i = 1, 246 do assert(self.all[i][0] == self.bars.close[i]) end", NULL);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, good, NULL);
    desk_done(&r, 0);
    desk_end(&r);
  }
  free(good);
  desk_hook_fails(&d, "for i = 1, 300 do local x = bars.close:shift(i) end", "", NULL, "test.lua:4: a strategy may make at most 250 columns; constants and every output of an indicator count");
  desk_hook_fails(&d, "for i = 1, 300 do local x = bars.close + i end", "", NULL, "test.lua:4: a strategy may make at most 250 columns; constants and every output of an indicator count");
  desk_close(&d);
}

/* A job after one that failed over its columns starts with none. */
static void columns_of_a_failed_job_are_gone(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "AUDUSD", 0.7, 120, 11);
  desk_add(&d, "EURUSD", 1.1, 120, 12);
  char *text = desk_text("", "for i = 1, bars.pair == 'AUDUSD' and 300 or 200 do self.x = bars.close:shift(i % 100) + i end", "local x = self.x[0]", NULL);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    assert_int_equal(desk_job(&r, 0)->state, SLD_JOB_FAILED);
    desk_end(&r);
  }
  free(text);
  desk_close(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(arithmetic_is_that_of_numbers),
    cmocka_unit_test(comparisons_give_one_and_zero),
    cmocka_unit_test(undefined_values_stay_undefined),
    cmocka_unit_test(indicators_chain),
    cmocka_unit_test(an_indicator_with_several_outputs_returns_them_all),
    cmocka_unit_test(equal_expressions_are_one_column),
    cmocka_unit_test(too_many_columns_are_an_error),
    cmocka_unit_test(columns_of_a_failed_job_are_gone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
