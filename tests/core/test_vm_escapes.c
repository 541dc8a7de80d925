/* Ways out of a sandbox that are known of other hosts, and what comes of each here, in both engines. */
#include "engine_desk.h"

/* What `init` prints in one engine, to be freed; with "FAILED: words" where the job failed. */
static char *outcome(const char *vm, const char *head, const char *init, const sld_run_options *given) {
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  if (given) options = *given;
  options.limit_bar_s = 0; /* however busy the machine is */
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 30, 1);
  size_t size = strlen(head) + strlen(init) + 1000;
  char *text = malloc(size), *got = malloc(1 << 20);
  sld_strategy *strategy;
  sld_error err;
  assert_non_null(text);
  assert_non_null(got);
  snprintf(text, size, "local sliders = require 'sliders' local S = sliders.strategy {} %s\nfunction S:bar(broker) end function S:init(bars, p)\n%s\nend return S", head, init);
  sld_status status = desk_try_strategy(&strategy, &d, vm, text, &err);
  if (status != SLD_OK) snprintf(got, 1 << 20, "REFUSED: %s", err.message);
  else {
    sld_strategy_free(strategy);
    desk_run r = desk_start(&d, vm, text, &options);
    const sld_job *job = desk_job(&r, 0);
    snprintf(got, 1 << 20, "%s%s%s", job->log, job->error ? "FAILED: " : "", job->error ? job->error->message : "");
    desk_end(&r);
  }
  free(text);
  desk_close(&d);
  return got;
}

static void comes_to(const char *vm, const char *init, const char *want) {
  char *got = outcome(vm, "", init, NULL);
  desk_expect(got, want, vm, init);
  free(got);
}

static void both(const char *init, const char *want) {
  IN_BOTH(vm) comes_to(vm, init, want);
}

/* What the engines say in their own words: that it failed, is enough. */
static void fails(const char *init) {
  IN_BOTH(vm) {
    char *got = outcome(vm, "", init, NULL);
    if (!strstr(got, "FAILED: ")) fail_msg("%s, no failure of %s: %s", vm, init, got);
    free(got);
  }
}

static void refused(const char *head, const char *words) {
  IN_BOTH(vm) {
    char *got = outcome(vm, head, "", NULL);
    if (strncmp(got, "REFUSED: ", 9) != 0 || !strstr(got, words)) fail_msg("%s, not refused with '%s': %s", vm, words, got);
    free(got);
  }
}

static void ends_at(const char *init, sld_run_options options, const char *words) {
  IN_BOTH(vm) {
    char *got = outcome(vm, "", init, &options);
    if (!strstr(got, words)) fail_msg("%s, no '%s' in: %s", vm, words, got);
    free(got);
  }
}

/* ---- Code ---- */

static void nothing_loads_code(void **state) {
  (void)state;
  both("print(load, loadstring, loadfile, dofile, pcall(function() return string.dump end))", "nil\tnil\tnil\tnil\tfalse\ttest.lua:3: string has no field 'dump'\n");
  refused("local x = require 'os'", "module 'os' not found");
  refused("local x = require '../x'", "is no module name");
}

static void compiled_code_is_no_strategy(void **state) {
  (void)state;
  desk d = desk_open(1);
  IN_BOTH(vm) {
    sld_strategy *strategy;
    sld_error err;
    assert_int_equal(sld_strategy_open_text(&strategy, d.host, "test.lua", "\x1bLua", 4, vm, &err), SLD_ESCRIPT);
    assert_non_null(strstr(err.message, "the file holds compiled code"));
    assert_int_equal(sld_strategy_open_text(&strategy, d.host, "test.lua", "#!x\n\x1bLJ\2", 8, vm, &err), SLD_ESCRIPT);
  }
  desk_close(&d);
}

/* A parser that recurses must not run out of its stack. */
static void deep_source_is_refused(void **state) {
  (void)state;
  static const char *const pieces[][3] = { { "local x = ", "(", "1" }, { "local x = ", "{", "1" }, { "local x = ", "-", "1" }, { "", "do ", "" }, { "", "while 1 do ", "" },
    { "local x = ", "function() return ", "1" }, { "local x = 1", "..1", "" }, { "local x = 1", "^1", "" }, { "f", "()", "" }, { "local x = ", "not ", "1" } };
  enum { DEEP = 100000 };
  char *text = malloc(20 * DEEP);
  assert_non_null(text);
  desk d = desk_open(1);
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
    char *to = text + sprintf(text, "%s", pieces[i][0]);
    for (int k = 0; k < DEEP; k++) to = stpcpy(to, pieces[i][1]);
    strcpy(to, pieces[i][2]);
    IN_BOTH(vm) {
      sld_strategy *strategy;
      sld_error err;
      assert_int_equal(desk_try_strategy(&strategy, &d, vm, text, &err), SLD_ESCRIPT);
    }
  }
  desk_close(&d);
  free(text);
}

/* ---- Shared things ---- */

static void metatables_of_basic_types_are_out_of_reach(void **state) {
  (void)state;
  both("print(getmetatable(''), getmetatable(1), getmetatable(true), getmetatable(nil), getmetatable(print), getmetatable(coroutine.create(print)), getmetatable(bars.close))",
    "nil\tnil\tnil\tnil\tnil\tnil\tnil\n");
  both("for _, x in ipairs { '', 1, true, print, bars.close } do print((pcall(setmetatable, x, {}))) end", "false\nfalse\nfalse\nfalse\nfalse\n");
  both("print((pcall(function() ('').x = 1 end)), ('').x, ('').rep == string.rep)", "false\tnil\ttrue\n");
  both("print(debug, setfenv, getfenv, newproxy, rawset)", "nil\tnil\tnil\tnil\tnil\n");
}

static void libraries_cannot_be_written(void **state) {
  (void)state;
  both("for _, t in ipairs { string, math, table, coroutine, sliders, bars, p } do\n"
       "print((pcall(function() t.rep = 1 end)), (pcall(function() t.x = 1 end)), (pcall(table.insert, t, 1)), (pcall(table.remove, t)), (pcall(table.sort, t)), (pcall(setmetatable, t, {})), getmetatable(t))\n"
       "end",
    "false\tfalse\tfalse\tfalse\tfalse\tfalse\tfalse\nfalse\tfalse\tfalse\tfalse\tfalse\tfalse\tfalse\nfalse\tfalse\tfalse\tfalse\tfalse\tfalse\tfalse\n"
    "false\tfalse\tfalse\tfalse\tfalse\tfalse\tfalse\nfalse\tfalse\tfalse\tfalse\tfalse\tfalse\tfalse\nfalse\tfalse\tfalse\tfalse\tfalse\tfalse\tfalse\n"
    "false\tfalse\tfalse\tfalse\tfalse\tfalse\tfalse\n");
}

/* Globals are a job's own, whatever it makes of them. */
static void globals_do_not_reach_the_next_job(void **state) {
  (void)state;
  const char *text = "local sliders = require 'sliders' print(left, type(pairs), getmetatable(_G)) left = 1 pairs = 5 string = nil setmetatable(_G, { __index = function() return 7 end, __newindex = error })\n"
                     "local S = sliders.strategy {} function S:bar() end function S:init() print(anything) end return S";
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 30, 1);
  desk_add(&d, "USDCAD", 1.3, 30, 2);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    for (size_t i = 0; i < 2; i++) assert_string_equal(desk_done(&r, i)->log, "nil\tfunction\tnil\n7\n");
    desk_end(&r);
  }
  desk_close(&d);
}

/* ---- Collection ---- */

static void finalisers_never_run(void **state) {
  (void)state;
  both("setmetatable({}, { __gc = print })", "FAILED: __gc is not available to strategies");
  both("local m = {} for i = 1, 1000 do setmetatable({}, m) end m.__gc = function() print 'collected' end print(pcall(setmetatable, {}, m))\n"
       "for i = 1, 100000 do local t = { i } end print(collectgarbage)",
    "false\t__gc is not available to strategies\nnil\n");
  refused("S.__gc = print", "__gc is not available to strategies");
  both("S = getmetatable(self) S.__gc = function() print 'collected' end for i = 1, 100000 do local t = { i } end", "");
}

/* Weak tables are refused where they are asked for. A field that is set behind that is not seen: such a table forgets, and that tells when memory was
 * collected. It harms the script's own results alone; `sliders check` warns of it. */
static void weak_tables_are_refused_but_for_one_way(void **state) {
  (void)state;
  both("setmetatable({}, { __mode = 'k' })", "FAILED: __mode is not available to strategies");
  refused("S.__mode = 'k'", "__mode is not available to strategies");
  both("local m = {} local t = setmetatable({}, m) m.__mode = 'k' local function fill() t[{}] = 1 end fill() for i = 1, 1000000 do self.x = { i } if i % 1000 == 0 and next(t) == nil then print 'it forgot' return end end", "it forgot\n");
}

/* ---- Stacks ---- */

static void calls_within_calls_end_before_the_stack_of_c_does(void **state) {
  (void)state;
  static const char *const deep[] = {
    "local function f() return (('x'):gsub('.', f)) end f()",
    "local t t = setmetatable({}, { __index = function() return (('x'):gsub('.', t)) end }); ('x'):gsub('.', t)",
    "local function f() return coroutine.wrap(f)() end f()",
    "local function f() return (select(2, coroutine.resume(coroutine.create(f)))) end error(f())",
    "local t t = setmetatable({}, { __tostring = function() return ('%s'):format(t) .. '' end }); ('%s'):format(t)",
    "local t t = setmetatable({}, { __tostring = function() return tostring(t) .. '' end }) tostring(t)",
    "local t t = setmetatable({}, { __tostring = function() print(t) return '' end }) print(t)",
    "local t t = setmetatable({}, { __index = function(_, k) return t[k] .. '' end }) print(t.x)",
    "local m = {} m.__eq = function(a, b) return not (a == b) end print(setmetatable({}, m) == setmetatable({}, m))",
    "local m = {} m.__lt = function(a, b) return not (a < b) end local t = setmetatable({}, m) print(t < t)",
    "local m = {} m.__concat = function(a, b) return (a .. b) .. '' end local t = setmetatable({}, m) print(t .. 'a')",
    "local m = {} m.__unm = function(a) return 1 - -a end print(-setmetatable({}, m))",
    "local m = {} m.__call = function(t) return t() + 1 end setmetatable({}, m)()",
    "local m = {} m.__lt = function(a, b) table.sort { a, b } return true end local t = setmetatable({}, m) table.sort { t, t }",
    "local function f() return f() + 1 end f()",
    "local t = {} for i = 1, 100000 do t = setmetatable({}, { __index = t }) end print(t.x) error 'the end'",
    "local t; t = setmetatable({}, { __index = function() return sliders.ema(bars.close, t) end }) sliders.ema(bars.close, t)",
    "local t; t = setmetatable({}, { __index = function() sliders.strategy(t) end }) sliders.strategy(t)",
    "local t; t = setmetatable({}, { __index = function() sliders.choice('a', t) end }) sliders.choice('a', t)",
    "local t; t = setmetatable({}, { __index = function() sliders.finmarketpy(t) end }) sliders.finmarketpy(t)",
    "local t; t = setmetatable({}, { __index = function() bars:at(t) end }) bars:at(t)",
  };
  for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) fails(deep[i]);
  both("local function h() error() end print((xpcall(error, h))) print(select('#', xpcall(error, function(x) return x end)))", "false\n2\n");
}

/* Orders whose options ask for orders. */
static void options_that_answer_by_a_function_end_too(void **state) {
  (void)state;
  static const char *const bars[] = {
    "local t; t = setmetatable({}, { __index = function() broker:buy(t) end }) broker:buy(t)",
    "local t; t = setmetatable({}, { __index = function() broker:target(1, t) end }) broker:target(1, t)",
    "local t; t = setmetatable({}, { __index = function() broker:exit(t) end }) broker:exit(t)",
    "local t; t = setmetatable({}, { __index = function() broker:close(t) end }) broker:close(t)",
    "local t; t = setmetatable({}, { __index = function() broker:modify('a', t) end }) broker:modify('a', t)",
    "local t; t = setmetatable({}, { __index = function(_, k) return broker.trades[t] end }) return broker.trades[1].x",
  };
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 30, 1);
  for (size_t i = 0; i < sizeof bars / sizeof *bars; i++)
    IN_BOTH(vm) {
      char *text = desk_text("", NULL, bars[i], NULL);
      desk_run r = desk_start(&d, vm, text, NULL);
      if (desk_job(&r, 0)->state != SLD_JOB_FAILED) fail_msg("%s, no failure: %s", vm, bars[i]);
      desk_end(&r);
      free(text);
    }
  desk_close(&d);
}

/* ---- Long calls ---- */

static void one_call_does_not_make_more_than_it_may(void **state) {
  (void)state;
  both("print(#(''):rep(1e18), #('x'):rep(-1), #('x'):rep(0))", "0\t0\t0\n");
  both("('x'):rep(1e9)", "FAILED: string.rep would make a string of more than 134217728 bytes");
  both("('x'):rep(1e308)", "FAILED: string.rep would make a string of more than 134217728 bytes");
  both("('x'):rep(2, ('y'):rep(2 ^ 27))", "FAILED: string.rep would make a string of more than 134217728 bytes");
  both("('x'):rep(0 / 0)", "FAILED: string.rep's count must be a whole number, not nan");
  both("('x'):rep(1 / 0)", "FAILED: string.rep would make a string of more than 134217728 bytes");
  fails("unpack({}, 1, 1e7)");
  fails("unpack({}, 1, 2 ^ 52)");
  fails("unpack({}, -2 ^ 31, 2 ^ 31)");
  fails("return select(-5, 1)");
  fails("('x'):rep(1e7):byte(1, -1)");
  fails("string.char(unpack({ 1, 2, 256 }))");
  both("table.concat({}, '', 1, 1e18)", "FAILED: table.concat takes strings and numbers, not nil (index 1)");
  both("local t = setmetatable({}, { __len = function() return 2 ^ 52 end }) table.insert(t, 1, 'a') table.insert(t, 'b') table.insert(t, 1, 'c') print(t[1], t[2], t[3], table.remove(t, 1), table.remove(t), table.remove(t), table.remove(t), table.concat(t), unpack(t))",
    "c\ta\tb\tc\tb\ta\tnil\t\n");
  both("local t = setmetatable({ 3, 1, 2 }, { __len = function() return 2 ^ 52 end }) table.sort(t) print(table.concat(t, ' '), unpack(t))", "1 2 3\t1\t2\t3\n");
  both("for _, f in ipairs { '%100d', '%999f', '%1.100f' } do print(pcall(string.format, f, 1)) end",
    "false\tstring.format's width and precision have at most two digits: '%100d'\nfalse\tstring.format's width and precision have at most two digits: '%999f'\n"
    "false\tstring.format has no conversion '%0' (it has d i c x X o e E f g G s)\n");
  both("print(#('%99.99f'):format(1e308), #('%s'):format(('x'):rep(1e6)))", "409\t1000000\n");
  both("print(table.move, table.pack, string.pack, utf8)", "FAILED: table has no field 'move'");
}

/* A pattern is matched in one call, which no limit looks into: this one takes four million steps, and no more of them are counted than of any other call. */
static void patterns_are_not_counted(void **state) {
  (void)state;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.limit_instructions = 10000;
  IN_BOTH(vm) {
    char *got = outcome(vm, "", "print(('a'):rep(100):find('.-.-.-b$'))", &options);
    desk_expect(got, "nil\n", vm, "backtracking");
    free(got);
  }
  fails("('a'):rep(3000):find(('a?'):rep(3000) .. 'b')"); /* too complex a pattern */
  fails("('x'):gsub('.', '%2')");
  fails("('x'):find('[a')");
  fails("('x'):find('%')");
  fails("('x'):find('(')");
}

/* ---- Errors ---- */

static void whatever_is_raised_is_told_in_words(void **state) {
  (void)state;
  both("error()", "FAILED: an error without words (nil)");
  both("error(false)", "FAILED: an error without words (false)");
  both("error({})", "FAILED: an error without words (a table)");
  both("error(print)", "FAILED: an error without words (a function)");
  both("error(coroutine.create(print))", "FAILED: an error without words (a thread)");
  both("error(12.5)", "FAILED: 12.5");
  both("error(setmetatable({}, { __tostring = function() return 'in words' end }))", "FAILED: in words");
  both("error(setmetatable({}, { __tostring = function() error 'again' end }))", "FAILED: an error without words (a table)");
  both("error(setmetatable({}, { __tostring = function() return {} end }))", "FAILED: an error without words (a table)");
  both("error(setmetatable({}, { __tostring = 5 }))", "FAILED: an error without words (a table)");
  both("error('x\\0y', 0)", "FAILED: x");
  both("error('', 0)", "FAILED: an error without words (an empty string)");
  both("error('%s%n%d', 0)", "FAILED: %s%n%d");
  both("error('test.lua:99: elsewhere', 0)", "FAILED: elsewhere");
  IN_BOTH(vm) {
    char *got = outcome(vm, "", "error(('long '):rep(1e6))", NULL);
    assert_true(strlen(got) < 2000);
    assert_memory_equal(got, "FAILED: long long ", 18);
    free(got);
  }
}

/* A job that a limit has ended stays ended. */
static void what_ends_a_job_cannot_be_caught(void **state) {
  (void)state;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.limit_instructions = 200000;
  ends_at("while true do pcall(function() while true do end end) end", options, "(limits.instructions)");
  ends_at("pcall(function() while true do end end) print 'went on'", options, "FAILED: the script needs more than 200000 instructions");
  options.limit_instructions = 0;
  options.limit_memory = 32 << 20;
  ends_at("local kept = {} while true do pcall(function() while true do kept[#kept + 1] = ('x'):rep(1000) .. #kept end end) end", options, "(limits.memory)");
  ends_at("local kept = {} local function f() while true do kept[#kept + 1] = ('x'):rep(1000) .. #kept end end while true do xpcall(f, print) end", options, "(limits.memory)");
  ends_at("local kept = {} local function f() while true do kept[#kept + 1] = ('x'):rep(1000) .. #kept end end while true do coroutine.resume(coroutine.create(f)) end", options, "(limits.memory)");
  ends_at("local kept = {} local function f() while true do kept[#kept + 1] = ('x'):rep(1000) .. #kept end end\n"
          "coroutine.wrap(function() while true do pcall(f) end end)()", options, "(limits.memory)");
  ends_at("print((pcall(function() local t = {} for i = 1, 100 do t[i] = ('x'):rep(2 ^ 20) .. i end end)))", options, "false\n"); /* but what is let go of is no matter */
  options.limit_memory = 4 << 20;
  options.limit_instructions = 20000;
  ends_at("while true do pcall(function() local s = 'x' while true do s = s .. s end end) end", options, "(limits.instructions)");
  options.limit_memory = options.limit_instructions = 0;
  options.limit_records = 1;
  IN_BOTH(vm) {
    desk d = desk_open(1);
    desk_add(&d, "EURUSD", 1.1, 30, 1);
    char *text = desk_text("", NULL, "for i = 1, 5 do pcall(broker.buy, broker, { units = 1000 }) end", NULL);
    desk_run r = desk_start(&d, vm, text, &options);
    assert_int_equal(desk_job(&r, 0)->state, SLD_JOB_FAILED);
    assert_non_null(strstr(desk_job(&r, 0)->error->message, "(limits.records)"));
    desk_end(&r);
    free(text);
    desk_close(&d);
  }
}

/* ---- What one engine alone has ---- */

static void variables_of_lua54_that_close(void **state) {
  (void)state;
  const char *closing = "do local x <close> = setmetatable({}, { __close = function(_, e) print('closed', e) end }) end\n"
                        "print(pcall(function() local x <close> = setmetatable({}, { __close = function(_, e) print(e) error('closing', 0) end }) error('first', 0) end))";
  comes_to("lua54", closing, "closed\tnil\nfirst\nfalse\tclosing\n");
  char *got = outcome("luajit", "", closing, NULL);
  assert_memory_equal(got, "REFUSED: ", 9);
  free(got);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.limit_instructions = 100000;
  got = outcome("lua54", "", "local x <close> = setmetatable({}, { __close = function() while true do end end }) while true do end", &options);
  assert_non_null(strstr(got, "(limits.instructions)"));
  free(got);
  got = outcome("lua54", "", "coroutine.wrap(function() local x <close> = setmetatable({}, { __close = function() while true do end end }) while true do end end)()", &options);
  assert_non_null(strstr(got, "(limits.instructions)"));
  free(got);
}

static void labels_work_in_both(void **state) {
  (void)state;
  both("for i = 1, 3 do if i == 2 then goto continue end print(i) ::continue:: end", "1\n3\n");
  fails("local n = 0 ::again:: n = n + 1 if n < 1e5 then goto again end error 'done'");
}

/* In LuaJIT columns and brokers are structs of the FFI: nothing of them leads to memory. */
static void structs_give_no_pointers(void **state) {
  (void)state;
  static const char *const probes[] = { "return x + 1, x[0].y", "return (x + 1)[0]", "return x.base", "return x.ptr", "return x[1e9]", "return x[-1]", "return x[0.5]", "x[0] = 1", "x.sld_id = 7", "x.y = 1",
    "return x()", "return -x < 1", "return x < x", "return x .. ''", "return x % 1", "return x ^ 2", "return ipairs(x)", "return pairs(x)", "return next(x)", "return rawget(x, 1)",
    "return unpack(x)", "return table.concat(x)", "table.insert(x, 1)", "table.sort(x)", "return ('').rep(x, 2)", "return ('x'):rep(x)", "return math.floor(x)", "return math.sqrt(x)", "return ('%d'):format(x)",
    "return select(x, 1)", "return tonumber(x) + 1", "return coroutine.wrap(x)", "return ('x'):gsub('.', x)", "for i = 1, x do end", "for k in x do end", "error(x)", "return setmetatable({}, x)",
    "return setmetatable(x, {})", "return x:bit()", "return ('x'):byte(x)" };
  for (size_t i = 0; i < sizeof probes / sizeof *probes; i++)
    IN_BOTH(vm) {
      char bar[400];
      snprintf(bar, sizeof bar, "if self.n then return end self.n = 1 for _, x in ipairs { self.bars.close, broker } do\n"
        "local good, a, b = pcall(function() %s end) if good then print(x, type(a), type(b)) end end", probes[i]);
      char *text = desk_text("", NULL, bar, NULL);
      desk d = desk_open(1);
      desk_add(&d, "EURUSD", 1.1, 30, 1);
      desk_run r = desk_start(&d, vm, text, NULL);
      const char *log = desk_done(&r, 0)->log;
      if (log[0]) fail_msg("%s, %s: %s", vm, probes[i], log);
      desk_end(&r);
      desk_close(&d);
      free(text);
    }
  fails("return #bars.close");
  both("print(jit, ffi, bit, package, pcall(require, 'ffi') == true)", "nil\tnil\tnil\tnil\tfalse\n");
}

/* ---- Coroutines ---- */

static void coroutines_stay_in_the_sandbox(void **state) {
  (void)state;
  both("local c = coroutine.wrap(function() print(io, _G.os, getmetatable(''), pcall(function() string.x = 1 end) == false) end) c()", "nil\tnil\tnil\ttrue\n");
  both("coroutine.yield()", "FAILED: coroutine.yield outside a coroutine");
  fails("coroutine.wrap(function() ('x'):gsub('.', function() coroutine.yield() end) end)()");
  fails("local c c = coroutine.create(function() return assert(coroutine.resume(c)) end) assert(coroutine.resume(c))");
  fails("local c = coroutine.wrap(print) c() c()");
  both("for i = 1, 100 do local c = coroutine.wrap(function() pcall(function() coroutine.yield() end) end) c() end print(coroutine.wrap(function() return 'still' end)())", "still\n");
  both("print(coroutine.running, coroutine.close, coroutine.isyieldable)", "FAILED: coroutine has no field 'running'");
}

/* What no script can be: a table of another kind, or one that answers to every name. */
static void what_is_returned_is_looked_at(void **state) {
  (void)state;
  static const char *const texts[] = { "return", "return 5", "return nil", "return {}", "return print", "return 'x'", "return setmetatable({}, { __index = function() return print end })", "return coroutine.create(print)",
    "local sliders = require 'sliders' return sliders", "local sliders = require 'sliders' return sliders.strategy", "local sliders = require 'sliders' local S = sliders.strategy {} S.bar = 5 return S",
    "local sliders = require 'sliders' local S = sliders.strategy {} S.bar = print S.init = {} return S", "local sliders = require 'sliders' local S = sliders.strategy {} return S",
    "local sliders = require 'sliders' local S = sliders.strategy {} return setmetatable(S, { __index = function() while true do return print end end })" };
  desk d = desk_open(1);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    IN_BOTH(vm) {
      sld_strategy *strategy;
      sld_error err;
      if (desk_try_strategy(&strategy, &d, vm, texts[i], &err) == SLD_OK) fail_msg("%s takes: %s", vm, texts[i]);
    }
  desk_close(&d);
}

int main(void) {
  alarm(3600); /* what should end and does not */
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(nothing_loads_code),
    cmocka_unit_test(compiled_code_is_no_strategy),
    cmocka_unit_test(deep_source_is_refused),
    cmocka_unit_test(metatables_of_basic_types_are_out_of_reach),
    cmocka_unit_test(libraries_cannot_be_written),
    cmocka_unit_test(globals_do_not_reach_the_next_job),
    cmocka_unit_test(finalisers_never_run),
    cmocka_unit_test(weak_tables_are_refused_but_for_one_way),
    cmocka_unit_test(calls_within_calls_end_before_the_stack_of_c_does),
    cmocka_unit_test(options_that_answer_by_a_function_end_too),
    cmocka_unit_test(one_call_does_not_make_more_than_it_may),
    cmocka_unit_test(patterns_are_not_counted),
    cmocka_unit_test(whatever_is_raised_is_told_in_words),
    cmocka_unit_test(what_ends_a_job_cannot_be_caught),
    cmocka_unit_test(variables_of_lua54_that_close),
    cmocka_unit_test(labels_work_in_both),
    cmocka_unit_test(structs_give_no_pointers),
    cmocka_unit_test(coroutines_stay_in_the_sandbox),
    cmocka_unit_test(what_is_returned_is_looked_at),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
