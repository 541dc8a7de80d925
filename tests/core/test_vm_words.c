/* What a mistake in a strategy says: file, line, what was meant; the same words in both engines. */
#include "engine_desk.h"

static void file_fails(const char *text, const char *want) {
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 50, 1);
  desk_fails(&d, text, want);
  desk_close(&d);
}

static void hook_fails(const char *init, const char *bar, const char *signal, const char *want) {
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 50, 1);
  desk_hook_fails(&d, init, bar, signal, want);
  desk_close(&d);
}

static void a_file_that_does_not_compile_is_refused_with_its_line(void **state) {
  (void)state;
  file_fails("local x = 1\nlocal y = = 2\nreturn 3", "test.lua:2: unexpected symbol near '='");
  file_fails("local function f(5)\n", "test.lua:1: <name> or '...' expected near '5'");
  file_fails("if true then\n\n", "test.lua:3: 'end' expected (to close 'if' at line 1) near <eof>");
  file_fails("local s = 'no end\n", "test.lua:1: unfinished string near ''no end'");
}

static void a_file_returns_a_strategy(void **state) {
  (void)state;
  file_fails("local x = 1", "test.lua: the file must return the table made by sliders.strategy, not nothing");
  file_fails("", "test.lua: the file must return the table made by sliders.strategy, not nothing");
  file_fails("return 5", "test.lua: the file must return the table made by sliders.strategy, not number");
  file_fails("return {}", "test.lua: the file must return the table made by sliders.strategy, not table");
  file_fails("return { is_strategy = true, bar = function() end }", "test.lua: the file must return the table made by sliders.strategy, not table");
  file_fails("return require 'sliders'", "test.lua: the file must return the table made by sliders.strategy, not table");
  file_fails("\x1bLua", "test.lua: test.lua: the file holds compiled code; a strategy is given as text");
}

static void hooks_are_checked(void **state) {
  (void)state;
#define S_IS "local S = require('sliders').strategy {} "
  file_fails(S_IS "return S", "test.lua: the strategy defines neither bar nor signal");
  file_fails(S_IS "function S:Bar() end return S", "test.lua: the strategy defines neither bar nor signal; did you mean 'bar' by 'Bar'?");
  file_fails(S_IS "function S:singal() end return S", "test.lua: the strategy defines neither bar nor signal; did you mean 'signal' by 'singal'?");
  file_fails(S_IS "function S:bar() end function S:intit() end return S", "test.lua: the strategy defines 'intit'; did you mean the hook 'init'? (if not, give it another name)");
  file_fails(S_IS "function S:bar() end function S:Done() end return S", "test.lua: the strategy defines 'Done'; did you mean the hook 'done'? (if not, give it another name)");
  file_fails(S_IS "function S:bar() end function S:signal() end return S", "test.lua: the strategy defines both bar and signal: one of them decides");
  file_fails(S_IS "S.bar = 5 return S", "test.lua: 'bar' must be a function, not number");
  file_fails(S_IS "function S:bar() end S.__gc = print return S", "test.lua: __gc is not available to strategies");
  file_fails(S_IS "function S:signal() end return S", "test.lua: signal must return a column, not nothing");
  file_fails(S_IS "function S:signal() return {} end return S", "test.lua: signal must return a column, not table");
  file_fails(S_IS "function S:signal() return 'long' end return S", "test.lua: signal must return a column, not string");
}

/* Helpers of a strategy's own may be called what they like while no hook is missing. */
static void helpers_are_not_hooks(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 50, 1);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, S_IS "function S:init() end function S:bar() self:bear() end function S:bear() end function S:zone() end return S", NULL);
    desk_done(&r, 0);
    desk_end(&r);
  }
  desk_close(&d);
}

static void fields_of_a_strategy_are_checked(void **state) {
  (void)state;
#define STRATEGY(fields) "local sliders = require 'sliders'\nlocal S = sliders.strategy { " fields " }\nfunction S:bar() end\nreturn S"
  file_fails(STRATEGY("parms = {}"), "test.lua:2: sliders.strategy has no field 'parms'; did you mean 'params'?");
  file_fails(STRATEGY("wormup = 3"), "test.lua:2: sliders.strategy has no field 'wormup'; did you mean 'warmup'?");
  file_fails(STRATEGY("xyz = 3"), "test.lua:2: sliders.strategy has no field 'xyz'");
  file_fails(STRATEGY("1, 2"), "test.lua:2: sliders.strategy takes named fields only");
  file_fails(STRATEGY("about = 3"), "test.lua:2: field 'about' of sliders.strategy must be a string, not number");
  file_fails(STRATEGY("valid = true"), "test.lua:2: field 'valid' of sliders.strategy must be a function, not boolean");
  file_fails(STRATEGY("model = {}"), "test.lua:2: model must be made by sliders.finmarketpy");
  file_fails(STRATEGY("warmup = -1"), "test.lua:2: warmup must be from 0 to 2147483648 bars");
  file_fails(STRATEGY("warmup = 1.5"), "test.lua:2: warmup must be a whole number, not 1.5");
  file_fails(STRATEGY("warmup = 1/0"), "test.lua:2: warmup must be from 0 to 2147483648 bars");
  file_fails("local S = require('sliders').strategy(5)", "test.lua:1: sliders.strategy takes a table, not number");
  file_fails("local sliders = require 'sliders'\nsliders.stratgy {}", "test.lua:2: sliders has no field 'stratgy'; did you mean 'strategy'?");
  file_fails(STRATEGY("model = sliders.finmarketpy { signal_vol_targt = 1 }"), "test.lua:2: sliders.finmarketpy has no field 'signal_vol_targt'; did you mean 'signal_vol_target'?");
  file_fails(STRATEGY("model = sliders.finmarketpy { stop_loss = true }"), "test.lua:2: sliders.finmarketpy's stop_loss must be a number below 0, not boolean");
  file_fails(STRATEGY("model = sliders.finmarketpy()"), "test.lua: a model needs the signal hook");
}

static void declarations_of_parameters_are_checked(void **state) {
  (void)state;
#define PARAM(text) STRATEGY("params = { n = " text " }")
  file_fails(PARAM("5"), "test.lua:2: params.n must be made by sliders.int, number, bool or choice");
  file_fails(PARAM("{ is_parameter = true }"), "test.lua:2: params.n must be made by sliders.int, number, bool or choice");
  file_fails(STRATEGY("params = { sliders.int(3) }"), "test.lua:2: params must have names: fast = sliders.int(...)");
  file_fails(PARAM("sliders.itn(5)"), "test.lua:2: sliders has no field 'itn'; did you mean 'int'?");
  file_fails(PARAM("sliders.int()"), "test.lua:2: sliders.int's default must be a whole number, not nil");
  file_fails(PARAM("sliders.int(1.5)"), "test.lua:2: sliders.int's default must be a whole number, not 1.5");
  file_fails(PARAM("sliders.int(0/0)"), "test.lua:2: sliders.int's default must be a whole number, not nan");
  file_fails(PARAM("sliders.int(1/0)"), "test.lua:2: sliders.int's default must be finite");
  file_fails(PARAM("sliders.int(5, 1.5, 9)"), "test.lua:2: the lowest value of sliders.int must be a whole number, not 1.5");
  file_fails(PARAM("sliders.int(5, 1, '9')"), "test.lua:2: the highest value of sliders.int must be a whole number, not string");
  file_fails(PARAM("sliders.int(5, 6, 9)"), "test.lua:2: sliders.int's default 5 is outside 6..9");
  file_fails(PARAM("sliders.int(5, 9, 1)"), "test.lua:2: sliders.int's default 5 is outside 9..1");
  file_fails(PARAM("sliders.number('5')"), "test.lua:2: sliders.number's default must be a number, not string");
  file_fails(PARAM("sliders.number(0/0)"), "test.lua:2: sliders.number's default must be a number, not NaN");
  file_fails(PARAM("sliders.number(5, 0, 10, { stpe = 1 })"), "test.lua:2: a parameter has no field 'stpe'; did you mean 'step'?");
  file_fails(PARAM("sliders.number(5, 0, 10, { step = 0 })"), "test.lua:2: a parameter's step must be above 0");
  file_fails(PARAM("sliders.number(5, 0, 10, { step = 'x' })"), "test.lua:2: a parameter's step must be a number, not string");
  file_fails(PARAM("sliders.int(5, 0, 10, { step = 0.5 })"), "test.lua:2: the step of sliders.int must be a whole number, not 0.5");
  file_fails(PARAM("sliders.int(5, 0, 10, { label = 7 })"), "test.lua:2: a parameter's label must be a string, not number");
  file_fails(PARAM("sliders.int(5, 0, 10, 'label')"), "test.lua:2: sliders.int takes a table of options, not string");
  file_fails(PARAM("sliders.bool(1)"), "test.lua:2: sliders.bool's default must be true or false, not number");
  file_fails(PARAM("sliders.choice('a')"), "test.lua:2: sliders.choice needs a list of words");
  file_fails(PARAM("sliders.choice('a', {})"), "test.lua:2: sliders.choice needs a list of words");
  file_fails(PARAM("sliders.choice('a', { 'a', 5 })"), "test.lua:2: sliders.choice's words must be strings, not number");
  file_fails(PARAM("sliders.choice('a', { 'a', 'a' })"), "test.lua:2: sliders.choice has 'a' twice");
  file_fails(PARAM("sliders.choice('slwo', { 'fast', 'slow' })"), "test.lua:2: sliders.choice's default 'slwo' is not among the words; did you mean 'slow'?");
  file_fails("local sliders = require 'sliders'\nlocal n = sliders.int(3)\nlocal S = sliders.strategy { params = { a = n, b = n } }", "test.lua:3: params.a and params.b are one parameter: make each by a call of its own");
}

static void misspelt_names_are_guessed(void **state) {
  (void)state;
  hook_fails("local x = sliders.smaa(bars.close, 3)", "", NULL, "test.lua:4: sliders has no field 'smaa'; did you mean 'sma'?");
  hook_fails("local x = bars.close:smma(3)", "", NULL, "test.lua:4: a column has no field 'smma'; did you mean 'sma'?");
  hook_fails("local x = bars.clsoe", "", NULL, "test.lua:4: bars has no field 'clsoe'; did you mean 'close'?");
  hook_fails("local x = bars.pips", "", NULL, "test.lua:4: bars has no field 'pips'; did you mean 'pip'?");
  hook_fails("local x = p.fast", "", NULL, "test.lua:4: p has no field 'fast'");
  hook_fails(NULL, "broker:traget(1)", NULL, "test.lua:4: broker has no field 'traget'; did you mean 'target'?");
  hook_fails(NULL, "local x = broker.postion", NULL, "test.lua:4: broker has no field 'postion'; did you mean 'position'?");
  hook_fails(NULL, "local n = #broker", NULL, "test.lua:4: the broker has no length");
  hook_fails(NULL, "broker:target(1, { sl_dst = 1 })", NULL, "test.lua:4: target has no field 'sl_dst'; did you mean 'sl_dist'?");
  hook_fails(NULL, "broker:buy { unit = 1 }", NULL, "test.lua:4: buy has no field 'unit'; did you mean 'units'?");
  hook_fails(NULL, "local x = math.sqr(4)", NULL, "test.lua:4: math has no field 'sqr'; did you mean 'sqrt'?");
  hook_fails(NULL, "local x = table.insrt({}, 4)", NULL, "test.lua:4: table has no field 'insrt'; did you mean 'insert'?");
  hook_fails(NULL, "local x = string.formt('')", NULL, "test.lua:4: string has no field 'formt'; did you mean 'format'?");
  file_fails("local sliders = require 'slider'", "test.lua:1: module 'slider' not found: a strategy given as text has no modules; did you mean 'sliders'?");
}

/* Tables have no order that both engines share, or two runs of one. */
static void of_several_mistakes_one_is_always_named(void **state) {
  (void)state;
  for (int time = 0; time < 8; time++) {
    hook_fails(NULL, "broker:buy { units = -1, zz = 1, limt = 2, mm = 3, [7] = 4, expire = 'a' }", NULL, "test.lua:4: buy has no field 'limt'; did you mean 'limit'?");
    hook_fails(NULL, "broker:buy { units = -1, tp = 'a', stop = {}, expire = 0.5, risk = true }", NULL, "test.lua:4: buy's expire must be a whole number, not 0.5");
    file_fails(PARAM("sliders.int(1, 1, 5, { zz = 1, lable = 'x', mm = 2 })"), "test.lua:2: a parameter has no field 'lable'; did you mean 'label'?");
    file_fails("local S = require('sliders').strategy {} S.signal = 1 S.bar = 2 S.init = 3 S.done = 4 return S", "test.lua: 'bar' must be a function, not number");
  }
}

static void arguments_of_indicators_are_checked(void **state) {
  (void)state;
  hook_fails("local x = sliders.sma(5, 3)", "", NULL, "test.lua:4: sma's first argument must be a column, not number");
  hook_fails("local x = sliders.sma(bars, 3)", "", NULL, "test.lua:4: sma's first argument must be a column, not table");
  hook_fails("local x = sliders.sma(bars.close)", "", NULL, "test.lua:4: sma's period must be a whole number, not nil");
  hook_fails("local x = sliders.sma(bars.close, 2.5)", "", NULL, "test.lua:4: sma's period must be a whole number, not 2.5");
  hook_fails("local x = sliders.sma(bars.close, 0)", "", NULL, "test.lua:4: sliders.sma: the period must be a whole number from 1 to 1000000");
  hook_fails("local x = bars.close:sma(-3)", "", NULL, "test.lua:4: sliders.sma: the period must be a whole number from 1 to 1000000");
  hook_fails("local x = sliders.atr(bars.close, 3)", "", NULL, "test.lua:4: atr's first argument must be the bars, with columns high, low, close");
  hook_fails("local x = sliders.donchian({ high = bars.high }, 3)", "", NULL, "test.lua:4: donchian's first argument must be the bars, with columns high, low");
  hook_fails("local x = sliders.where(bars.close, 'a', 1)", "", NULL, "test.lua:4: where's second argument must be a column or a number, not string");
  hook_fails("local x = sliders.where(1, 1, 1)", "", NULL, "test.lua:4: where's condition must be a column, not number");
  hook_fails("local x = bars.close + 'a'", "", NULL, "test.lua:4: the right side must be a column or a number, not string");
  hook_fails("local x = {} * bars.close", "", NULL, "test.lua:4: the left side must be a column or a number, not table");
  hook_fails("local x = bars.close ^ 2", "", NULL, "test.lua:4: a column has no power: write x * x");
  hook_fails("local x = bars.close % 2", "", NULL, "test.lua:4: a column has no remainder");
  hook_fails("local x = bars.close .. 'a'", "", NULL, "test.lua:4: a column is not text");
}

static void arguments_of_indicators_made_of_others_are_checked(void **state) {
  (void)state;
  hook_fails("local x = sliders.zscore(bars.close)", "", NULL, "test.lua:4: zscore's period must be a whole number, not nil");
  hook_fails("local x = sliders.zscore(bars.close, 1)", "", NULL, "test.lua:4: zscore's period must be a whole number from 2 to 1000000");
  hook_fails("local x = bars.close:zscore(5, 2)", "", NULL, "test.lua:4: zscore's ddof must be 0 or 1");
  hook_fails("local x = sliders.zscore(5, 10)", "", NULL, "test.lua:4: zscore's first argument must be a column, not number");
  hook_fails("local x = sliders.hma(bars.close, 1)", "", NULL, "test.lua:4: hma's period must be a whole number from 2 to 1000000");
  hook_fails("local x = sliders.vwma(bars.close, 5)", "", NULL, "test.lua:4: vwma's second argument must be a column, not number");
  hook_fails("local x = bars.close:corr(bars.open)", "", NULL, "test.lua:4: corr's period must be a whole number, not nil");
  hook_fails("local x = bars.close:corr(bars.open, 1)", "", NULL, "test.lua:4: sliders.corr: the period must be a whole number from 2 to 1000000");
  hook_fails("local x = bars.close:beta(1, 10)", "", NULL, "test.lua:4: beta's second argument must be a column, not number");
  hook_fails("local x = sliders.stoch(bars.close)", "", NULL, "test.lua:4: stoch's first argument must be the bars, with columns high, low, close");
  hook_fails("local x = sliders.stoch(bars, 0)", "", NULL, "test.lua:4: stoch's period must be a whole number from 1 to 1000000");
  hook_fails("local x = sliders.stoch(bars, 5, 3, 0.5)", "", NULL, "test.lua:4: stoch's period of %D must be a whole number, not 0.5");
  hook_fails("local x = sliders.willr({})", "", NULL, "test.lua:4: willr's first argument must be the bars, with columns high, low, close");
  hook_fails("local x = sliders.keltner(bars, 20, 'x')", "", NULL, "test.lua:4: keltner's width must be a number, not string");
  hook_fails("local x = sliders.ichimoku(bars, 9, 26, 0)", "", NULL, "test.lua:4: ichimoku's span period must be a whole number from 1 to 1000000");
  hook_fails("local x = sliders.dmi(bars, 0)", "", NULL, "test.lua:4: sliders.dmi: the period must be a whole number from 1 to 1000000");
  hook_fails("local x = sliders.supertrend(bars, 10, -1)", "", NULL, "test.lua:4: sliders.supertrend: the factor must be a number above 0");
  hook_fails("local x = sliders.cci(bars, 1)", "", NULL, "test.lua:4: sliders.cci: the period must be a whole number from 2 to 1000000");
  hook_fails("local x = sliders.aroon(bars.high, 5)", "", NULL, "test.lua:4: aroon's first argument must be the bars, with columns high, low");
  hook_fails("local x = sliders.sar(bars, 2)", "", NULL, "test.lua:4: sliders.sar: the acceleration must be above 0 and at most 1");
  hook_fails("local x = sliders.sar(bars, 0.02, 0)", "", NULL, "test.lua:4: sliders.sar: the step must be above 0 and at most 1");
  hook_fails("local x = sliders.mfi(bars, 0)", "", NULL, "test.lua:4: mfi's period must be a whole number from 1 to 1000000");
  hook_fails("local x = bars.close:tsi(0)", "", NULL, "test.lua:4: tsi's long period must be a whole number from 1 to 1000000");
  hook_fails("local x = sliders.obv(bars.close)", "", NULL, "test.lua:4: obv's first argument must be the bars, with columns close, volume");
  hook_fails("local x = sliders.cumsum(5)", "", NULL, "test.lua:4: cumsum's argument must be a column, not number");
  hook_fails("local x = sliders.aron(bars, 5)", "", NULL, "test.lua:4: sliders has no field 'aron'; did you mean 'aroon'?");
  hook_fails(NULL, "local x = sliders.stoch(self.bars, 5)", NULL, "test.lua:4: sliders.stoch makes a column: call it in init or signal, not in bar");
  hook_fails(NULL, "local x = self.bars.close:zscore(5)", NULL, "test.lua:4: sliders.zscore makes a column: call it in init or signal, not in bar");
  hook_fails("for n = 1, 100 do\nlocal x = sliders.ichimoku(bars, n)\nend", "", NULL,
    "test.lua:5: a strategy may make at most 250 columns; constants and every output of an indicator count");
}

static void orders_are_checked(void **state) {
  (void)state;
  hook_fails(NULL, "broker:target()", NULL, "test.lua:4: target must be a number, not nil");
  hook_fails(NULL, "broker:target('1')", NULL, "test.lua:4: target must be a number, not string");
  hook_fails(NULL, "broker:target(0/0)", NULL, "test.lua:4: target must be a number, not NaN");
  hook_fails(NULL, "broker.target(1)", NULL, "test.lua:4: target is called with a colon: broker:target(...)");
  hook_fails(NULL, "broker.close()", NULL, "test.lua:4: close is called with a colon: broker:close(...)");
  hook_fails(NULL, "broker:target(1, 5)", NULL, "test.lua:4: target takes a table of options, not number");
  hook_fails(NULL, "broker:target(1, { sl = '5' })", NULL, "test.lua:4: target's sl must be a number, not string");
  hook_fails(NULL, "broker:target(1, { sl = 1, sl_dist = 1 })", NULL, "test.lua:4: target takes sl or sl_dist, not both");
  hook_fails(NULL, "broker:buy(5)", NULL, "test.lua:4: buy takes a table of options, not number");
  hook_fails(NULL, "broker:buy {}", NULL, "test.lua:4: buy takes exactly one of units, lots, fraction, risk");
  hook_fails(NULL, "broker:sell { units = 1, lots = 1 }", NULL, "test.lua:4: sell takes exactly one of units, lots, fraction, risk");
  hook_fails(NULL, "broker:sell { units = -1 }", NULL, "test.lua:4: sell's units must be above 0");
  hook_fails(NULL, "broker:buy { units = 0/0 }", NULL, "test.lua:4: buy's units must be a number, not NaN");
  hook_fails(NULL, "broker:close { price = 1 }", NULL, "test.lua:4: close has no field 'price'");
  hook_fails(NULL, "broker:close { units = 1, fraction = 1 }", NULL, "test.lua:4: close takes one of units, lots, fraction");
  hook_fails(NULL, "broker:buy { units = 1, limt = 1 }", NULL, "test.lua:4: buy has no field 'limt'; did you mean 'limit'?");
  hook_fails(NULL, "broker:buy { units = 1, limit = 0/0 }", NULL, "test.lua:4: buy's limit must be a number, not NaN");
  hook_fails(NULL, "broker:buy { units = 1, stop = 1/0 }", NULL, "test.lua:4: buy's stop must be a number, not inf");
  hook_fails(NULL, "broker:buy { units = 1, limit = -1 }", NULL, "test.lua:4: buy's limit must be above 0");
  hook_fails(NULL, "broker:sell { units = 1, stop = 0 }", NULL, "test.lua:4: sell's stop must be above 0");
  hook_fails(NULL, "broker:close { fraction = 2 }", NULL, "test.lua:4: close's fraction must be at most 1: all of it");
  hook_fails(NULL, "broker:exit { of = 'a', stop = 1, fraction = 1.5 }", NULL, "test.lua:4: exit's fraction must be at most 1: all of it");
  hook_fails(NULL, "broker:buy { units = 1, id = 5 }", NULL, "test.lua:4: buy's id must be a string, not number");
  hook_fails(NULL, "broker:buy { units = 1, id = 'a\\0b' }", NULL, "test.lua:4: buy's id must not hold a NUL byte");
  hook_fails(NULL, "broker:buy { units = 1, expire = 0.5 }", NULL, "test.lua:4: buy's expire must be a whole number, not 0.5");
  hook_fails(NULL, "if broker.trades[1] then broker:exit { limit = 2 } else broker:buy { units = 1 } end", NULL, "test.lua:4: exit without of goes with entries that have an id");
  hook_fails(NULL, "broker:buy { units = 1, limit = 0.5 } broker:exit { limit = 2 }", NULL, "test.lua:4: exit without of goes with entries that have an id");
  hook_fails(NULL, "broker:exit { of = 'a' }", NULL, "test.lua:4: exit needs limit, stop or trail");
  hook_fails(NULL, "broker:exit { of = 'a', stop = 1, sl_dist = 1 }", NULL, "test.lua:4: exit takes stop or sl_dist, not both");
  hook_fails(NULL, "broker:exit { of = 'a', limit = 1, tp_dist = 1 }", NULL, "test.lua:4: exit takes limit or tp_dist, not both");
  hook_fails(NULL, "broker:exit { of = 'a', tp_dist = 0 }", NULL, "test.lua:4: exit's tp_dist must be above 0");
  hook_fails(NULL, "broker:exit { of = 'a', trail = 1, trail_at = 1, trail_after = 1 }", NULL, "test.lua:4: exit takes trail_after or trail_at, not both");
  hook_fails(NULL, "broker:exit { of = 'a', stop = 1, trail_at = 1 }", NULL, "test.lua:4: exit's trail_at needs trail");
  hook_fails(NULL, "broker:exit { of = 'a', trail = 1, trail_at = 1/0 }", NULL, "test.lua:4: exit's trail_at must be a number, not inf");
  hook_fails(NULL, "broker:close { id = 'a', fifo = 1 }", NULL, "test.lua:4: close's fifo must be true or false, not number");
  hook_fails(NULL, "broker.cancel_all()", NULL, "test.lua:4: cancel_all is called with a colon: broker:cancel_all(...)");
  hook_fails(NULL, "broker:cancelall()", NULL, "test.lua:4: broker has no field 'cancelall'; did you mean 'cancel_all'?");
  hook_fails(NULL, "broker:cancel()", NULL, "test.lua:4: cancel's id must be a string, not nil");
  hook_fails(NULL, "broker:modify('a')", NULL, "test.lua:4: modify takes a table of options, not nil");
  hook_fails(NULL, "broker:cancle('a')", NULL, "test.lua:4: broker has no field 'cancle'; did you mean 'cancel'?");
  hook_fails(NULL, "broker.position = 1", NULL, "test.lua:4: the broker is read-only");
  hook_fails(NULL, "broker:target(1/0)", NULL, "test.lua:4: target is inf");
  hook_fails(NULL, "broker:buy { risk = 1 }", NULL, "test.lua:4: buy's risk needs sl, sl_dist or trail");
  hook_fails(NULL, "broker:buy { units = 1, sl_dist = -1 }", NULL, "test.lua:4: buy's sl_dist must be above 0");
}

static void what_the_broker_shows_cannot_be_written(void **state) {
  (void)state;
  hook_fails(NULL, "broker.target = 1", NULL, "test.lua:4: the broker is read-only");
  hook_fails(NULL, "broker.buy = print", NULL, "test.lua:4: the broker is read-only");
  hook_fails(NULL, "broker.trades = {}", NULL, "test.lua:4: the broker is read-only");
  hook_fails(NULL, "broker.trades[1] = 5", NULL, "test.lua:4: broker.trades is read-only");
  hook_fails(NULL, "local list = broker.trades list.mine = 5", NULL, "test.lua:4: broker.trades is read-only");
  hook_fails(NULL, "table.insert(broker.trades, 5)", NULL, "test.lua:4: table.insert cannot change what is read-only");
  hook_fails(NULL, "table.sort(broker.trades)", NULL, "test.lua:4: table.sort cannot change what is read-only");
  hook_fails(NULL, "setmetatable(broker.trades, {})", NULL, "test.lua:4: setmetatable cannot change what is read-only");
#define ON_A_TRADE(does) "broker:buy { units = 1 } local list = broker.trades local t = list[1] if t then " does " end"
  hook_fails(NULL, ON_A_TRADE("list[1] = nil"), NULL, "test.lua:4: broker.trades is read-only");
  hook_fails(NULL, ON_A_TRADE("t.units = 5"), NULL, "test.lua:4: a trade is read-only: trade:modify and trade:close change it");
  hook_fails(NULL, ON_A_TRADE("t.close = nil"), NULL, "test.lua:4: a trade is read-only: trade:modify and trade:close change it");
  hook_fails(NULL, ON_A_TRADE("print(t.unit)"), NULL, "test.lua:4: a trade has no field 'unit'; did you mean 'units'?");
}

/* As a table would be, in both engines. */
static void the_list_of_trades_can_be_read_in_every_way(void **state) {
  (void)state;
  hook_fails(NULL, ON_A_TRADE("local n, u = 0, 0 for i, x in ipairs(list) do n = n + i u = u + x.units end "
                              "for _, x in pairs(list) do n = n + x.bars end for _, x in sliders.pairs_sorted(list) do u = u + x.units end "
                              "local names = {} for name in sliders.pairs_sorted(t) do names[#names + 1] = name end "
                              "error(table.concat({ type(list), #list, tostring(list), tostring(getmetatable(list)), n, u, tostring(list[2]), tostring(next(list)), "
                              "rawget(list, 1).units, select('#', unpack(list)), select('#', table.unpack(list)), table.concat(names, '+') }, ' '), 0)"),
             NULL, "test.lua:4: table 1 table false 1 2 nil 1 1 1 1 bars+entry_price+entry_time+profit+units");
}

/* The engines' own words differ; strategies get one wording. */
static void what_lua_itself_says_is_the_same_in_both_engines(void **state) {
  (void)state;
  hook_fails(NULL, "local x = foo.bar", NULL, "test.lua:4: attempt to index a nil value (global 'foo')");
  hook_fails(NULL, "foo()", NULL, "test.lua:4: attempt to call a nil value (global 'foo')");
  hook_fails(NULL, "self:foo()", NULL, "test.lua:4: attempt to call a nil value (method 'foo')");
  hook_fails(NULL, "local x = self.foo + 1", NULL, "test.lua:4: attempt to perform arithmetic on a nil value (field 'foo')");
  hook_fails(NULL, "local x = {} local y = 'a' .. x", NULL, "test.lua:4: attempt to concatenate a table value (local 'x')");
  hook_fails(NULL, "local x = nil < 1", NULL, "test.lua:4: attempt to compare nil with number");
  hook_fails(NULL, "local x = {} < {}", NULL, "test.lua:4: attempt to compare two table values");
  hook_fails(NULL, "local x = #foo", NULL, "test.lua:4: attempt to get length of a nil value (global 'foo')");
  hook_fails(NULL, "local x = ('x'):foo()", NULL, "test.lua:4: attempt to call a nil value (method 'foo')");
  hook_fails(NULL, "for k in pairs(nil) do end", NULL, "test.lua:4: pairs takes a table, not nil");
  hook_fails(NULL, "table.sort { 1, 'a' }", NULL, "test.lua:4: attempt to compare string with number");
  hook_fails(NULL, "local x = string.format('%d', 0.5)", NULL, "test.lua:4: string.format's number for %d must be a whole number, not 0.5");
  hook_fails(NULL, "local x = ('%p'):format(0.5)", NULL, "test.lua:4: string.format has no conversion '%p' (it has d i c x X o e E f g G s)");
  hook_fails(NULL, "assert(false)", NULL, "test.lua:4: assertion failed!");
  hook_fails(NULL, "assert(nil, 'no trend')", NULL, "test.lua:4: no trend");
}

static void whatever_is_raised_becomes_a_text(void **state) {
  (void)state;
  hook_fails(NULL, "error 'enough'", NULL, "test.lua:4: enough");
  hook_fails(NULL, "error('enough', 0)", NULL, "test.lua:4: enough");
  hook_fails(NULL, "error('at 12:30: too late', 0)", NULL, "test.lua:4: at 12:30: too late");
  hook_fails(NULL, "error(nil)", NULL, "test.lua:4: an error without words (nil)");
  hook_fails(NULL, "error()", NULL, "test.lua:4: an error without words (nil)");
  hook_fails(NULL, "error(true)", NULL, "test.lua:4: an error without words (true)");
  hook_fails(NULL, "error(12)", NULL, "test.lua:4: 12");
  hook_fails(NULL, "error {}", NULL, "test.lua:4: an error without words (a table)");
  hook_fails(NULL, "error(print)", NULL, "test.lua:4: an error without words (a function)");
  hook_fails(NULL, "error(self.bars.close)", NULL, "test.lua:4: column");
  hook_fails(NULL, "error(broker)", NULL, "test.lua:4: broker");
  hook_fails(NULL, "error(setmetatable({}, { __tostring = function() return 'my own' end }))", NULL, "test.lua:4: my own");
  hook_fails(NULL, "error(setmetatable({}, { __tostring = function() error 'inside' end }))", NULL, "test.lua:4: an error without words (a table)");
  hook_fails(NULL, "error(setmetatable({}, { __tostring = function() return {} end }))", NULL, "test.lua:4: an error without words (a table)");
  hook_fails(NULL, "coroutine.wrap(function() error 'within' end)()", NULL, "test.lua:4: within");
  hook_fails(NULL, "error ''", NULL, "test.lua:4: an error without words (an empty string)");
  hook_fails(NULL, "error('\\n', 0)", NULL, "test.lua:4: an error without words (an empty string)");
}

static void what_a_script_raises_does_not_steer_a_terminal(void **state) {
  (void)state;
  hook_fails(NULL, "error 'a\\27[2J\\127\\r\\n\\tb\\n'", NULL, "test.lua:4: a?[2J??\n\tb");
  hook_fails(NULL, "error(setmetatable({}, { __tostring = function() return '\\7' end }))", NULL, "test.lua:4: ?");
}

static void runaway_scripts_end_as_errors(void **state) {
  (void)state;
  hook_fails(NULL, "local x = string.rep('x', 1e9)", NULL, "test.lua:4: string.rep would make a string of more than 134217728 bytes");
  hook_fails(NULL, "local x = ('x'):rep(1e300)", NULL, "test.lua:4: string.rep would make a string of more than 134217728 bytes");
  hook_fails(NULL, "coroutine.yield()", NULL, "test.lua:4: coroutine.yield outside a coroutine");
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 50, 1);
  static const char *const endless[] = {
    "local function f() return 1 + f() end f()",
    "local t = setmetatable({}, {}) getmetatable(t).__index = function(_, k) return t[k + 1] end local x = t[1]",
    "local function f() return (string.gsub('x', 'x', f)) end f()",
    "local function f() return coroutine.wrap(f)() end f()",
    "local function f() local t = { 2, 1 } table.sort(t, f) return true end f()",
    "local t = setmetatable({}, {}) getmetatable(t).__tostring = function() return tostring(t) end local x = tostring(t)",
  };
  for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
    char *text = desk_text("", NULL, endless[i], NULL);
    IN_BOTH(vm) {
      desk_run r = desk_start(&d, vm, text, NULL);
      const sld_job *job = desk_job(&r, 0);
      assert_int_equal(job->state, SLD_JOB_FAILED);
      assert_int_equal(job->error->status, SLD_ESCRIPT);
      desk_end(&r);
    }
    free(text);
  }
  desk_close(&d);
}

static void a_traceback_names_the_scripts_own_lines(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 50, 1);
  char *text = desk_text("", "self.f = function(x)\nlocal y = x .. nil\nreturn y\nend", "local keep = self.f('a')\nreturn keep", NULL);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    const sld_job *job = desk_job(&r, 0);
    assert_int_equal(job->state, SLD_JOB_FAILED);
    assert_string_equal(job->error->file, "test.lua");
    assert_int_equal(job->error->line, 5);
    assert_string_equal(job->error->detail, "stack traceback:\n\ttest.lua:5: in the function of line 4\n\ttest.lua:10: in the function of line 9");
    desk_end(&r);
  }
  free(text);
  desk_close(&d);
}

static void an_error_at_file_level_has_a_traceback_too(void **state) {
  (void)state;
  desk d = desk_open(1);
  IN_BOTH(vm) {
    sld_strategy *strategy;
    sld_error err;
    assert_int_equal(desk_try_strategy(&strategy, &d, vm, "local x\n\nx()", &err), SLD_ESCRIPT);
    assert_int_equal(err.line, 3);
    assert_string_equal(err.detail, "stack traceback:\n\ttest.lua:3: in the file itself");
  }
  desk_close(&d);
}

/* Lua shortens names of 60 bytes and more; the error does not. */
static void a_long_path_is_named_whole(void **state) {
  (void)state;
  desk d = desk_open(1);
  char name[300], want[400];
  memset(name, 'd', sizeof name);
  strcpy(name + 250, "/strategy.lua");
  snprintf(want, sizeof want, "%s:2: enough", name);
  IN_BOTH(vm) {
    sld_strategy *strategy;
    sld_error err;
    char words[1024];
    const char *text = "\nerror 'enough'";
    assert_int_equal(sld_strategy_open_text(&strategy, d.host, name, text, strlen(text), vm, &err), SLD_ESCRIPT);
    sld_error_format(&err, words, sizeof words);
    assert_string_equal(words, want);
  }
  desk_close(&d);
}

static void a_byte_order_mark_and_a_first_line_for_the_shell_are_passed_over(void **state) {
  (void)state;
  file_fails("\xEF\xBB\xBF" "error 'enough'", "test.lua:1: enough");
  file_fails("#!/usr/bin/lua\nerror 'enough'", "test.lua:2: enough");
  file_fails("# only this", "test.lua: the file must return the table made by sliders.strategy, not nothing");
}

/* `done` looks at what a job left: where it failed there is nothing to look at. */
static void done_is_not_called_for_a_job_that_failed(void **state) {
  (void)state;
  static const char *const accounts[] = { "", "account = 'shared'", "pairs = { 'EURUSD', 'GBPUSD' }" };
  for (size_t i = 0; i < 3; i++)
    for (int fails = 0; fails < 2; fails++)
      IN_BOTH(vm) {
        char text[512];
        snprintf(text, sizeof text, DESK_HEAD "local S = sliders.strategy { %s } function S:init() self.n = 0 end "
          "function S:bar() self.n = self.n + 1 if %d == 1 and self.n == 5 then error('as asked', 0) end end function S:done() print('done') end return S", accounts[i], fails);
        desk d = desk_open(1);
        desk_add(&d, "EURUSD", 1.1, 20, 1);
        desk_add(&d, "GBPUSD", 1.5, 20, 2);
        desk_run r = desk_start(&d, vm, text, NULL);
        const sld_job *job = desk_job(&r, 0);
        assert_int_equal(job->state, fails ? SLD_JOB_FAILED : SLD_JOB_DONE);
        assert_string_equal(job->log, fails ? "" : i == 1 ? "done\ndone\n" : "done\n");
        desk_end(&r);
        desk_close(&d);
      }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(done_is_not_called_for_a_job_that_failed),
    cmocka_unit_test(a_file_that_does_not_compile_is_refused_with_its_line),
    cmocka_unit_test(a_file_returns_a_strategy),
    cmocka_unit_test(hooks_are_checked),
    cmocka_unit_test(helpers_are_not_hooks),
    cmocka_unit_test(fields_of_a_strategy_are_checked),
    cmocka_unit_test(declarations_of_parameters_are_checked),
    cmocka_unit_test(misspelt_names_are_guessed),
    cmocka_unit_test(of_several_mistakes_one_is_always_named),
    cmocka_unit_test(arguments_of_indicators_are_checked),
    cmocka_unit_test(arguments_of_indicators_made_of_others_are_checked),
    cmocka_unit_test(orders_are_checked),
    cmocka_unit_test(what_the_broker_shows_cannot_be_written),
    cmocka_unit_test(the_list_of_trades_can_be_read_in_every_way),
    cmocka_unit_test(what_lua_itself_says_is_the_same_in_both_engines),
    cmocka_unit_test(whatever_is_raised_becomes_a_text),
    cmocka_unit_test(what_a_script_raises_does_not_steer_a_terminal),
    cmocka_unit_test(runaway_scripts_end_as_errors),
    cmocka_unit_test(a_traceback_names_the_scripts_own_lines),
    cmocka_unit_test(an_error_at_file_level_has_a_traceback_too),
    cmocka_unit_test(a_long_path_is_named_whole),
    cmocka_unit_test(a_byte_order_mark_and_a_first_line_for_the_shell_are_passed_over),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
