/* Strategies that are trusted: no sandbox, in both engines. */
#include "engine_desk.h"
#include <sys/stat.h>

#include "scratch.h"

static sld_strategy *trusted(desk *d, const char *vm, const char *path, const char *text) {
  sld_strategy_options options = SLD_STRATEGY_OPTIONS_INIT;
  options.vm = vm;
  options.trusted = true;
  options.text = text;
  options.text_size = text ? strlen(text) : 0;
  sld_strategy *strategy;
  sld_error err;
  desk_good(sld_strategy_open_with(&strategy, d->host, path, &options, &err), &err);
  assert_true(sld_strategy_trusted(strategy));
  return strategy;
}

static desk_run run_of(desk *d, sld_strategy *strategy, const sld_run_options *options) {
  sld_run_options defaults = SLD_RUN_OPTIONS_INIT;
  desk_run r = { strategy, NULL, NULL };
  sld_error err;
  desk_good(sld_run_start(&r.run, d->host, d->market, strategy, options ? options : &defaults, &err), &err);
  desk_good(sld_run_wait(r.run, -1, NULL, &err), &err);
  r.result = sld_run_result(r.run);
  return r;
}

/* What the first job of a trusted `path` (or text) prints must be `want`. */
static void prints_of(const char *vm, const char *path, const char *text, const char *want) {
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 30, 1);
  desk_run r = run_of(&d, trusted(&d, vm, path, text), NULL);
  desk_expect(desk_done(&r, 0)->log, want, vm, text ? text : path);
  desk_end(&r);
  desk_close(&d);
}

static void prints(const char *vm, const char *init, const char *want) {
  char *text = desk_text("", init, "", NULL);
  prints_of(vm, "test.lua", text, want);
  free(text);
}

static void the_engines_libraries_are_there(void **state) {
  (void)state;
  IN_BOTH(vm)
    prints(vm, "for _, name in ipairs { 'io', 'os', 'debug', 'package' } do print(type(_G[name]), require(name) == _G[name]) end\n"
               "for _, name in ipairs { 'load', 'loadfile', 'dofile', 'collectgarbage', 'rawset' } do print(type(_G[name])) end\n"
               "print(type(os.time()), type(os.getenv), type(string.dump), type(debug.getinfo(1)), collectgarbage('count') > 0)\n"
               "print(debug.getmetatable('').__index == nil, getmetatable(setmetatable({}, { __gc = print, __mode = 'k' })).__mode)",
      "table\ttrue\ntable\ttrue\ntable\ttrue\ntable\ttrue\nfunction\nfunction\nfunction\nfunction\nfunction\nnumber\tfunction\tfunction\ttable\ttrue\nfalse\tk\n");
}

static void each_engine_brings_what_is_its_own(void **state) {
  (void)state;
  prints("lua54", "print(string.pack('<i4', 7):byte(1, -1)) print(table.move({ 1, 2 }, 1, 2, 2)[3], utf8.char(233), math.tointeger(3.0), pcall(require, 'ffi') == false) print(coroutine.isyieldable())",
    "7\t0\t0\t0\n2\t\xC3\xA9\t3\ttrue\nfalse\n");
  prints("luajit", "local ffi = require 'ffi' local a = ffi.new('double[2]', { 1, 2 }) print(a[1], ffi.string(ffi.new('char[3]', 'abc'), 3), type(jit.status), bit.band(6, 3), type(newproxy))\n"
                   "ffi.cdef 'int getpid(void);' print(ffi.C.getpid() > 1, type(getfenv(1)), table.concat(require 'table.new' (1, 0)))",
    "2\tabc\tfunction\t2\tfunction\ntrue\ttable\t\n");
}

/* What the sandbox has too answers as there, so that a strategy which needs no more gives the same bytes. */
static void the_sandboxs_words_stay(void **state) {
  (void)state;
  IN_BOTH(vm)
    prints(vm, "print(3.0, tostring({}), ('%d %s'):format(2.0, 1.0), pcall(string.format, '%q', 'a\"b'))\n"
               "local t = { { 2, 'a' }, { 1, 'b' }, { 2, 'c' } } table.sort(t, function(x, y) return x[1] < y[1] end) print(t[2][2], t[3][2])\n"
               "print(type(bars.close), pcall(ipairs, bars.close))",
      "3\ttable\t2 1\ttrue\t\"a\\\"b\"\na\tc\ncolumn\tfalse\ta column cannot be walked: read it as x[0], x[1]\n");
}

static void chunks_are_loaded_among_the_scripts_globals(void **state) {
  (void)state;
  IN_BOTH(vm)
    prints(vm, "here = 5\n"
               "print(load('return here')(), load(string.dump(load('return here')), 'b', 'b')(), load('return here', 'e', 't', { here = 6 })(), load('return here', 'e', 't', {})())\n"
               "print((load('return 1 +')), (pcall(dofile, '/nowhere.lua')), pcall(load, nil) == false)",
      "5\t5\t6\tnil\nnil\tfalse\ttrue\n");
}

static void files_are_read_and_written(void **state) {
  (void)state;
  struct scratch scratch;
  assert_int_equal(scratch_make(&scratch), 0);
  char init[1600];
  snprintf(init, sizeof init, "local f = assert(io.open('%s', 'w')) f:write('left') f:close() print(io.open('%s'):read('*a'))", scratch_path(&scratch, "out"), scratch_path(&scratch, "out"));
  IN_BOTH(vm) prints(vm, init, "left\n");
  assert_int_equal(access(scratch_path(&scratch, "out"), R_OK), 0);
  assert_int_equal(scratch_remove(&scratch), 0);
}

/* Beside the strategy first, then wherever the engine looks; the former alone are part of the key, and fresh for each job. */
static void modules_come_from_beside_and_from_the_engine(void **state) {
  (void)state;
  struct scratch scratch;
  assert_int_equal(scratch_make(&scratch), 0);
  char far[1100], text[4000];
  snprintf(far, sizeof far, "%s", scratch_path(&scratch, "far"));
  assert_int_equal(mkdir(far, 0700), 0);
  const char *beside = "loads = (loads or 0) + 1 return { loads = loads }", *away = "return { sliders = require 'sliders', global = rawget(_G, 'here') }", *broken = "return {";
  assert_non_null(scratch_write(&scratch, "beside.lua", beside, strlen(beside)));
  assert_non_null(scratch_write(&scratch, "far/away.lua", away, strlen(away)));
  assert_non_null(scratch_write(&scratch, "broken.lua", broken, strlen(broken)));
  snprintf(text, sizeof text,
    "local sliders = require 'sliders' here = 1 package.path = '%s/?.lua' local beside, away = require 'beside', require 'away'\n"
    "local S = sliders.strategy {} function S:bar() end function S:init()\n"
    "print(beside.loads, away.sliders == sliders, away.global, (select(2, pcall(require, 'nothing'))):match('module.-:'), package.cpath)\n"
    "end print(pcall(require, 'broken')) return S", far);
  const char *path = scratch_write(&scratch, "strategy.lua", text, strlen(text));
  assert_non_null(path);
  IN_BOTH(vm) {
    char want[2200];
    snprintf(want, sizeof want, "false\t%s:1: unexpected symbol near '<eof>'\n1\ttrue\tnil\tmodule 'nothing' not found:\t\n", scratch_path(&scratch, "broken.lua"));
    desk d = desk_open(1);
    desk_add(&d, "EURUSD", 1.1, 30, 1);
    desk_run r = run_of(&d, trusted(&d, vm, path, NULL), NULL);
    const char *log = desk_done(&r, 0)->log;
    assert_non_null(strstr(log, "broken.lua:1: unexpected symbol near")); /* the engines quote the end of a file differently */
    assert_string_equal(strchr(log, '\n') + 1, strchr(want, '\n') + 1);
    desk_end(&r);
    desk_close(&d);
  }
  assert_int_equal(scratch_remove(&scratch), 0);
}

static void a_jobs_globals_are_its_own(void **state) {
  (void)state;
  char *text = desk_text("", "print(before, load('return before')()) before = bars.pair", "", NULL);
  IN_BOTH(vm) {
    desk d = desk_open(1);
    desk_add(&d, "EURUSD", 1.1, 30, 1);
    desk_add(&d, "USDCAD", 1.3, 30, 2);
    desk_run r = run_of(&d, trusted(&d, vm, "test.lua", text), NULL);
    for (size_t i = 0; i < 2; i++) assert_string_equal(desk_done(&r, i)->log, "nil\tnil\n");
    desk_end(&r);
    desk_close(&d);
  }
  free(text);
}

static void others_of_the_same_host_stay_in_the_sandbox(void **state) {
  (void)state;
  char *text = desk_text("", "print(io, os, debug, package, load, string.dump)", "", NULL), *plain = desk_text("", "print(io, os, debug, package, load, pcall(function() return string.dump end))", "", NULL);
  IN_BOTH(vm) {
    desk d = desk_open(1);
    desk_add(&d, "EURUSD", 1.1, 30, 1);
    desk_run first = run_of(&d, trusted(&d, vm, "test.lua", text), NULL), second = desk_start(&d, vm, plain, NULL);
    assert_string_equal(desk_done(&first, 0)->log, "table\ttable\ttable\ttable\tfunction\tfunction\n");
    assert_string_equal(desk_done(&second, 0)->log, "nil\tnil\tnil\tnil\tnil\tfalse\ttest.lua:4: string has no field 'dump'\n");
    assert_false(sld_strategy_trusted(second.strategy));
    desk_end(&first);
    desk_end(&second);
    desk_close(&d);
  }
  free(text);
  free(plain);
}

static void limits_hold(void **state) {
  (void)state;
  static const struct { const char *init; size_t memory, instructions; const char *words; } cases[] = {
    { "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end", 32 << 20, 0, "the script needs more than 33554432 bytes of memory (limits.memory)" },
    { "while true do pcall(function() while true do end end) end", 0, 100000, "the script needs more than 100000 instructions (limits.instructions)" },
  };
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 30, 1);
  for (size_t i = 0; i < 2; i++)
    IN_BOTH(vm) {
      char *text = desk_text("", cases[i].init, "", NULL);
      sld_run_options options = SLD_RUN_OPTIONS_INIT;
      options.limit_memory = cases[i].memory;
      options.limit_instructions = cases[i].instructions;
      desk_run r = run_of(&d, trusted(&d, vm, "test.lua", text), &options);
      assert_int_equal(desk_job(&r, 0)->state, SLD_JOB_FAILED);
      assert_non_null(strstr(desk_job(&r, 0)->error->message, cases[i].words));
      desk_end(&r);
      free(text);
    }
  desk_close(&d);
}

/* A result says that its bytes may depend on more than the key's strategy and data. */
static void results_and_keys_say_so(void **state) {
  (void)state;
  char *text = desk_text("", "", "broker:target(1)", NULL);
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 30, 1);
  char *first = NULL;
  IN_BOTH(vm) {
    desk_run r = run_of(&d, trusted(&d, vm, "test.lua", text), NULL);
    char *json = desk_json(&r), *plain = desk_bytes(&d, vm, text, NULL);
    assert_non_null(strstr(json, "\"trusted\": true"));
    assert_null(strstr(plain, "trusted"));
    const char *key = strstr(json, "\"key\": "), *plain_key = strstr(plain, "\"key\": ");
    assert_non_null(key);
    assert_memory_not_equal(key, plain_key, 41);
    if (first) desk_same(json, first, "trusted runs");
    else first = strdup(json);
    desk_end(&r);
    free(json);
    free(plain);
  }
  free(first);
  free(text);
  desk_close(&d);
}

/* What ends its process ends no more. */
static void in_processes_it_can_hurt_its_job_alone(void **state) {
  (void)state;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.isolation = SLD_ISOLATION_PROCESS;
  char *text = desk_text("", "if bars.pair == 'USDCAD' then os.exit(3) end print(type(io.open), bars.pair)", "broker:target(1)", NULL);
  IN_BOTH(vm) {
    desk d = desk_open(1);
    desk_add(&d, "EURUSD", 1.1, 30, 1);
    desk_add(&d, "USDCAD", 1.3, 30, 2);
    desk_add(&d, "USDJPY", 110.0, 30, 3);
    desk_run r = run_of(&d, trusted(&d, vm, "test.lua", text), &options);
    assert_string_equal(desk_done(&r, 0)->log, "function\tEURUSD\n");
    assert_int_equal(desk_job(&r, 1)->state, SLD_JOB_FAILED);
    assert_string_equal(desk_done(&r, 2)->log, "function\tUSDJPY\n");
    desk_end(&r);
    desk_close(&d);
  }
  free(text);
}

static void options_are_checked(void **state) {
  (void)state;
  desk d = desk_open(1);
  sld_strategy_options options = SLD_STRATEGY_OPTIONS_INIT;
  sld_strategy *strategy;
  sld_error err;
  options.size = 3;
  assert_int_equal(sld_strategy_open_with(&strategy, d.host, "x.lua", &options, &err), SLD_EINVAL);
  assert_string_equal(err.file, "options.size");
  assert_int_equal(sld_strategy_open_with(&strategy, d.host, "/nowhere.lua", NULL, &err), SLD_EIO);
  desk_close(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_engines_libraries_are_there),
    cmocka_unit_test(each_engine_brings_what_is_its_own),
    cmocka_unit_test(the_sandboxs_words_stay),
    cmocka_unit_test(chunks_are_loaded_among_the_scripts_globals),
    cmocka_unit_test(files_are_read_and_written),
    cmocka_unit_test(modules_come_from_beside_and_from_the_engine),
    cmocka_unit_test(a_jobs_globals_are_its_own),
    cmocka_unit_test(others_of_the_same_host_stay_in_the_sandbox),
    cmocka_unit_test(limits_hold),
    cmocka_unit_test(results_and_keys_say_so),
    cmocka_unit_test(in_processes_it_can_hurt_its_job_alone),
    cmocka_unit_test(options_are_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
