/* What a script may reach, and that it answers alike in both engines. */
#include "engine_desk.h"

/* What the body of init prints, the same in both engines; to be freed. */
static char *printed(const char *init) {
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 30, 1);
  char *text = desk_text("", init, "", NULL), *first = NULL;
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    const char *log = desk_done(&r, 0)->log;
    if (first) desk_same(log, first, "what the engines print");
    else first = strdup(log);
    desk_end(&r);
  }
  free(text);
  desk_close(&d);
  return first;
}

static void prints(const char *init, const char *want) {
  char *got = printed(init);
  assert_string_equal(got, want);
  free(got);
}

static void what_could_reach_the_host_is_absent(void **state) {
  (void)state;
  prints("for _, name in ipairs { 'io', 'os', 'debug', 'package', 'ffi', 'jit', 'bit', 'utf8', 'load', 'loadstring', 'loadfile', 'dofile', 'collectgarbage', 'newproxy', "
         "'setfenv', 'getfenv', 'rawset', 'rawlen', 'gcinfo', 'module', 'warn', '_VERSION' } do if _G[name] ~= nil then print(name) end end", "");
  prints("for _, name in ipairs { 'io', 'os', 'debug', 'package', 'ffi', 'jit' } do print(pcall(require, name)) end",
    "false\trequire 'io' while the strategy runs: require modules at the top of the file\n"
    "false\trequire 'os' while the strategy runs: require modules at the top of the file\n"
    "false\trequire 'debug' while the strategy runs: require modules at the top of the file\n"
    "false\trequire 'package' while the strategy runs: require modules at the top of the file\n"
    "false\trequire 'ffi' while the strategy runs: require modules at the top of the file\n"
    "false\trequire 'jit' while the strategy runs: require modules at the top of the file\n");
  prints("print(('').dump, pcall(function() return string.dump end))", "nil\tfalse\ttest.lua:4: string has no field 'dump'\n");
}

static void the_hosts_libraries_cannot_be_required(void **state) {
  (void)state;
  desk d = desk_open(1);
  static const char *const names[] = { "io", "os", "ffi", "debug", "jit", "string", "sliders.core", "../x", "/etc/passwd", "" };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char text[100];
    snprintf(text, sizeof text, "local x = require '%s'", names[i]);
    IN_BOTH(vm) {
      sld_strategy *strategy;
      sld_error err;
      assert_int_equal(desk_try_strategy(&strategy, &d, vm, text, &err), SLD_ESCRIPT);
      assert_int_equal(err.line, 1);
    }
  }
  desk_close(&d);
}

static void metatables_of_what_is_shared_are_out_of_reach(void **state) {
  (void)state;
  prints("print(getmetatable(''), getmetatable(1), getmetatable(print), getmetatable(bars.close), getmetatable(string), getmetatable(p), getmetatable(bars))",
    "nil\tnil\tnil\tnil\tfalse\tfalse\tfalse\n");
  prints("print(type(bars.close), type(p), type(bars), type(sliders), type(nil))", "column\ttable\ttable\ttable\tnil\n");
  prints("print(next(string), next(math), next(sliders))", "nil\tnil\tnil\n");
}

/* A cdata that hands out a pointer, an array or a writable field would be the whole process. */
static void columns_give_nothing_but_values(void **state) {
  (void)state;
  prints("local c = bars.close\n"
         "for _, name in ipairs { 'id', 'base', 'ptr', '__index', '__gc', 'view', 'values', 'data' } do if pcall(function() return c[name] end) then print(name) end end\n"
         "print(pcall(function() c.id = 3 end))\n"
         "print(c == c, c == bars.open, c == 5, c == nil, rawequal(c, c))\n"
         "local t = { [c] = 'key' } print(t[bars.close], t[bars.open])\n"
         "print(tostring(c), c)",
    "false\ttest.lua:6: a column is read-only\ntrue\tfalse\tfalse\tfalse\ttrue\nkey\tnil\ncolumn\tcolumn\n");
}

static void numbers_are_printed_alike(void **state) {
  (void)state;
  prints("print(1, 1.0, 0.1, 1e15, 1e100, 2^53, -0.5, 1/0, -1/0, 0/0, -(0/0), 10/2, 3 * 1.0)", "1\t1\t0.1\t1e+15\t1e+100\t9.007199254741e+15\t-0.5\tinf\t-inf\tnan\tnan\t5\t3\n");
  prints("print(tostring(3.0), tostring(nil), tostring(true), tostring({}), tostring(print), tostring(coroutine.create(print)))", "3\tnil\ttrue\ttable\tfunction\tthread\n");
  prints("print(setmetatable({}, { __tostring = function() return 'mine' end }), setmetatable({}, {}), setmetatable({}, { __name = 'N' }))", "mine\ttable\ttable\n");
  prints("print(table.concat({ 1, 2.0, 'x', 0.5 }, ' '))", "1 2 x 0.5\n");
  prints("print(math.floor(2.5), math.floor(-2.5), math.ceil(-0.5), 1 / math.ceil(-0.5), math.max(1, 2.5), math.min(3, 2), math.max(1, 0/0), math.min(0/0 > 1 and 1 or 2, 3))",
    "2\t-3\t0\tinf\t2.5\t2\tnan\t2\n");
  prints("print(math.fmod(5, 3), math.fmod(-5, 3), math.fmod(5, 0), math.modf(2.5)) print(math.modf(-3))", "2\t-2\tnan\t2\t0.5\n-3\t0\n");
  prints("print(sliders.round_to(1.2345, 0.01), sliders.pow(2, 0.5), sliders.pow(2, 10))", "1.23\t1.4142135623731\t1024\n");
}

static void text_is_formatted_alike(void **state) {
  (void)state;
  prints("print(string.format('%d %5.2f %s %s %s %x %g %%', 3.0, 0.125, 1.0, nil, {}, 255, 1e20))", "3  0.12 1 nil table ff 1e+20 %\n");
  prints("print(('%.2f|%5s|%-5s|'):format(0/0, 'a', 'b'), ('%f %e %g'):format(-(0/0), 1/0, 0/0))", "nan|    a|b    |\tnan inf nan\n");
  prints("print(pcall(string.format, '%d', 1.5)) print(pcall(string.format, '%p', {})) print(pcall(string.format, '%d')) print(pcall(string.format, '%q', 'x')) print(pcall(string.format, '%'))",
    "false\tstring.format's number for %d must be a whole number, not 1.5\n"
    "false\tstring.format has no conversion '%p' (it has d i c x X o e E f g G s)\n"
    "false\tstring.format's %d needs a number, not nil\n"
    "false\tstring.format has no conversion '%q' (it has d i c x X o e E f g G s)\n"
    "false\tstring.format has no conversion '%' (it has d i c x X o e E f g G s)\n");
  prints("print(('ab'):rep(3), ('ab'):rep(2, '-'), ('x'):rep(0), ('x'):rep(-1), #(''):rep(1e18))", "ababab\tab-ab\t\t\t0\n");
  prints("print(('hello'):gsub('l', 'L'), ('hello'):upper():len(), ('a,b'):find(',', 1, true), ('hello'):gsub('.', function(c) return c .. c end))", "heLLo\t5\t2\thheelllloo\t5\n");
}

static void lists_are_handled_alike(void **state) {
  (void)state;
  prints("local t = {} table.insert(t, 'a') table.insert(t, 1, 'b') print(table.concat(t), #t, table.remove(t), table.remove(t, 1), table.remove(t), #t)", "ba\t2\ta\tb\tnil\t0\n");
  prints("print(pcall(table.insert, {}, 5, 'x')) print(pcall(table.insert, {}, 1.5, 'x')) print(pcall(table.remove, { 1 }, 4)) print(pcall(table.insert, nil, 1))",
    "false\ttable.insert's position 5 is outside 1..1\nfalse\ttable.insert's position must be a whole number, not 1.5\n"
    "false\ttable.remove's position 4 is outside 1..2\nfalse\ttable.insert takes a list, not a nil\n");
  prints("local t = { { 2, 'a' }, { 1, 'b' }, { 2, 'c' }, { 1, 'd' } } table.sort(t, function(x, y) return x[1] < y[1] end)\nfor _, x in ipairs(t) do print(x[1], x[2]) end", "1\tb\n1\td\n2\ta\n2\tc\n");
  prints("local t = { 3, 1, 2 } table.sort(t) print(table.unpack(t)) print(unpack(t, 2)) table.sort(t, function() return true end)", "1\t2\t3\n2\t3\n");
  prints("for k, v in sliders.pairs_sorted { z = 1, a = 2, [10] = 3, [2] = 4, m = 5 } do print(k, v) end", "2\t4\n10\t3\na\t2\nm\t5\nz\t1\n");
  prints("print(select('#', 1, nil, nil), select(-1, 1, 2), rawequal(1, 1.0), rawget({ 5 }, 1), next({ 7 }))", "3\t2\ttrue\t5\t1\t7\n");
}

static void coroutines_work_alike(void **state) {
  (void)state;
  prints("local c = coroutine.create(function(a) local b = coroutine.yield(a + 1) error('end ' .. b) end)\n"
         "print(coroutine.resume(c, 1)) print(coroutine.status(c)) print(coroutine.resume(c, 'x')) print(coroutine.status(c)) print(coroutine.resume(c))",
    "true\t2\nsuspended\nfalse\ttest.lua:4: end x\ndead\nfalse\tcannot resume dead coroutine\n");
  prints("print(pcall(coroutine.wrap(function() error({ 'a table' }) end)))", "false\ttable\n");
}

static void the_log_has_a_limit(void **state) {
  (void)state;
  char *log = printed("for i = 1, 40000 do print(i, ('x'):rep(90)) end print 'after'");
  size_t size = strlen(log);
  assert_true(size < (1 << 20) + 100);
  assert_true(size > (1 << 20) - 200);
  assert_string_equal(log + size - 18, "(the log is full)\n");
  free(log);
  prints("print(('x'):rep(2 ^ 21)) print 'after'", "(the log is full)\n");
  prints("print('a\\0b')", "a b\n");
}

/* Bytes that are no text must not make the JSON unreadable. */
static void any_bytes_may_be_printed(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 30, 1);
  char *text = desk_text("", "print('\\255\\254\"\\\\\\1')", "", NULL);
  IN_BOTH(vm) {
    char *json = desk_bytes(&d, vm, text, NULL);
    assert_non_null(strstr(json, "\\\"\\\\\\u0001"));
    for (const char *c = json; *c; c++) assert_true((unsigned char)*c < 0xF8);
    free(json);
  }
  free(text);
  desk_close(&d);
}

static void random_numbers_belong_to_pair_and_parameters(void **state) {
  (void)state;
  const char *text = DESK_HEAD "local S = sliders.strategy { params = { n = sliders.int(5) } } function S:bar() end "
                               "function S:init() print(('%.17g %.17g %.17g'):format(sliders.random(), math.random(), math.random(1000000))) end return S";
  char logs[2][2][100];
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  const sld_setting setting = { "n", "6" };
  for (size_t rows = 30; rows <= 60; rows += 30) {
    desk d = desk_open(2);
    desk_add(&d, "EURUSD", 1.1, rows, 1);
    desk_add(&d, "USDCAD", 1.3, rows, 2);
    IN_BOTH(vm) {
      for (size_t set = 0; set < 2; set++) {
        options.settings = set ? &setting : NULL;
        options.setting_count = set;
        desk_run r = desk_start(&d, vm, text, &options);
        for (size_t pair = 0; pair < 2; pair++) {
          const char *log = desk_done(&r, pair)->log;
          if (rows == 30 && strcmp(vm, "lua54") == 0) strcpy(logs[set][pair], log);
          assert_string_equal(log, logs[set][pair]); /* the same in the other engine and with more data */
        }
        desk_end(&r);
      }
    }
    desk_close(&d);
  }
  assert_string_not_equal(logs[0][0], logs[0][1]);
  assert_string_not_equal(logs[0][0], logs[1][0]);
  assert_string_not_equal(logs[0][1], logs[1][1]);
}

static void random_numbers_are_spread_evenly(void **state) {
  (void)state;
  prints("local counts = { 0, 0, 0, 0, 0, 0 } for i = 1, 6000 do local k = math.random(6) counts[k] = counts[k] + 1 end\n"
         "for _, n in ipairs(counts) do assert(n > 850 and n < 1150) end\n"
         "for i = 1, 1000 do local x = sliders.random() assert(x >= 0 and x < 1) end\n"
         "for i = 1, 100 do local k = math.random(-3, -1) assert(k >= -3 and k <= -1) end\n"
         "print(pcall(math.random, 0)) print(pcall(math.random, 3, 2)) print(pcall(math.random, 1.5))",
    "false\tmath.random's interval is empty\nfalse\tmath.random's interval is empty\nfalse\tmath.random's highest number must be a whole number, not 1.5\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_could_reach_the_host_is_absent),
    cmocka_unit_test(the_hosts_libraries_cannot_be_required),
    cmocka_unit_test(metatables_of_what_is_shared_are_out_of_reach),
    cmocka_unit_test(columns_give_nothing_but_values),
    cmocka_unit_test(numbers_are_printed_alike),
    cmocka_unit_test(text_is_formatted_alike),
    cmocka_unit_test(lists_are_handled_alike),
    cmocka_unit_test(coroutines_work_alike),
    cmocka_unit_test(the_log_has_a_limit),
    cmocka_unit_test(any_bytes_may_be_printed),
    cmocka_unit_test(random_numbers_belong_to_pair_and_parameters),
    cmocka_unit_test(random_numbers_are_spread_evenly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
