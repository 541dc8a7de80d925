/* What one job may use: beyond it the job ends with a reason, and its worker goes on. */
#include "engine_desk.h"

static const char *const three[] = { "AUDUSD", "EURUSD", "GBPUSD" };

static desk open_three(int workers) {
  desk d = desk_open(workers);
  for (size_t i = 0; i < 3; i++) desk_add(&d, three[i], 1.1, 400, i + 1);
  return d;
}

/* The error of a job that must have ended at a limit. */
static const sld_error *limited(const desk_run *r, size_t i) {
  const sld_job *job = desk_job(r, i);
  if (job->error && job->error->status != SLD_ELIMIT) print_error("%s\n", desk_words(job->error));
  assert_int_equal(job->state, SLD_JOB_FAILED);
  assert_int_equal(job->error->status, SLD_ELIMIT);
  return job->error;
}

/* The job ended for `reason`: at a bar, or, where the machine was busy for so long, before its first. */
static void out_of_time(const desk_run *r, size_t i, const char *reason) {
  const char *message = limited(r, i)->message;
  size_t length = strlen(reason);
  assert_true(strlen(message) >= length);
  assert_memory_equal(message, reason, length);
  if (message[length]) assert_memory_equal(message + length, ", at ", 5);
}

/* A bar of EURUSD's asks for too much; the other pairs' jobs, in the same state, do not notice. */
static void memory_ends_the_job_that_asks_for_it(void **state) {
  (void)state;
  desk d = open_three(1);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.limit_memory = 4 << 20;
  options.limit_bar_s = 0; /* however busy the machine */
  char *greedy = desk_text("", "print(bars.pair) self.kept = {} self.pair = bars.pair self.close = bars.close",
    "broker:target(self.close[0] > 1.1 and 1 or 0)\n"
    "if self.pair == 'EURUSD' and #self.kept == 0 then for i = 1, 1e7 do self.kept[i] = 'a longer text ' .. i end end", NULL);
  char *modest = desk_text("", "print(bars.pair) self.kept = {} self.pair = bars.pair self.close = bars.close", "broker:target(self.close[0] > 1.1 and 1 or 0)", NULL);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, greedy, &options), same = desk_start(&d, vm, modest, &options);
    assert_string_equal(limited(&r, 1)->message, "the script needs more than 4194304 bytes of memory (limits.memory), at the bar of 1970-01-01");
    assert_string_equal(desk_job(&r, 1)->log, "EURUSD\n");
    for (size_t i = 0; i < 3; i += 2) assert_float_equal(desk_done(&r, i)->final_equity, desk_done(&same, i)->final_equity, 0.0);
    desk_end(&r);
    desk_end(&same);
  }
  free(greedy);
  free(modest);
  desk_close(&d);
}

static void memory_counts_in_every_hook(void **state) {
  (void)state;
  static const char bomb[] = "local t = {} for i = 1, 1e7 do t[i] = 'a longer text ' .. i end";
  desk d = open_three(1);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.limit_memory = 4 << 20;
  options.limit_bar_s = 0; /* however busy the machine */
  char *init = desk_text("", bomb, "", NULL), *signal = desk_text("", NULL, NULL, bomb);
  const char *texts[] = { init, signal };
  IN_BOTH(vm)
    for (size_t i = 0; i < 2; i++) {
      desk_run r = desk_start(&d, vm, texts[i], &options);
      assert_string_equal(limited(&r, 0)->message, "the script needs more than 4194304 bytes of memory (limits.memory)");
      desk_end(&r);
    }
  free(init);
  free(signal);
  desk_close(&d);
}

/* No run has set a limit when a strategy is opened: the usual one holds. */
static void memory_is_limited_while_a_strategy_is_opened(void **state) {
  (void)state;
  desk d = desk_open(1);
  IN_BOTH(vm) {
    sld_strategy *strategy;
    sld_error err;
    static const char text[] = "local t = {} for i = 1, 1e7 do t[i] = ('x'):rep(2 ^ 20) .. i end";
    assert_int_equal(desk_try_strategy(&strategy, &d, vm, text, &err), SLD_ELIMIT);
    assert_string_equal(err.message, "the script needs more than 1073741824 bytes of memory (limits.memory)");
  }
  desk_close(&d);
}

/* Jobs of a sweep, some of which end at `limit`: the same bytes on any number of workers. */
static void same_on_any_number_of_workers(const char *text, const sld_run_options *options, const char *limit) {
  IN_BOTH(vm) {
    char *first = NULL;
    for (int workers = 1; workers <= 4; workers++) {
      desk d = open_three(workers);
      char *bytes = desk_bytes(&d, vm, text, options);
      if (first) desk_same(bytes, first, "results");
      else assert_non_null(strstr(bytes, limit));
      free(first);
      first = bytes;
      desk_close(&d);
    }
    free(first);
  }
}

/* Jobs whose needs grow with their parameter, none of them close to the limit: which of them end there depends on them alone, however the workers share
 * them. */
static void memory_is_counted_alike_on_any_number_of_workers(void **state) {
  (void)state;
  static const double sizes[] = { 1, 700, 2, 900, 3, 50, 800, 100, 4 };
  const sld_axis axis = { "kib", sizes, 9 };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.axes = &axis;
  options.axis_count = 1;
  options.limit_memory = 8 << 20;
  options.limit_bar_s = 0;
  char *text = desk_text("params = { kib = sliders.int(1) }", "self.kept = {} for i = 1, 20 do self.kept[i] = ('x'):rep(p.kib * 1024) .. i end", "broker:target(1)", NULL);
  same_on_any_number_of_workers(text, &options, "limits.memory");
  free(text);
}

static void records_end_the_job(void **state) {
  (void)state;
  desk d = open_three(1);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.limit_records = 100;
  char *orders = desk_text("", "self.pair = bars.pair", "if self.pair == 'EURUSD' then broker:buy { units = 1000 } end", NULL);
  char *signal = desk_text("", NULL, NULL, "return sliders.where(bars.close:gt(sliders.sma(bars.close, 2)), 1, -1)");
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, orders, &options);
    desk_done(&r, 0);
    assert_non_null(strstr(limited(&r, 1)->message, "more than 100 orders, trades and rollovers (limits.records), at the bar of 1970-04-1"));
    desk_done(&r, 2);
    desk_end(&r);
    r = desk_start(&d, vm, signal, &options);
    assert_non_null(strstr(limited(&r, 0)->message, "limits.records), at the bar of 1970-"));
    desk_end(&r);
    options.limit_records = 0;
    r = desk_start(&d, vm, signal, &options);
    assert_true(desk_done(&r, 0)->order_count > 100);
    desk_end(&r);
    options.limit_records = 100;
  }
  free(orders);
  free(signal);
  desk_close(&d);
}

/* The records of all pairs of an account count together. */
static void records_of_a_shared_account_are_one_jobs(void **state) {
  (void)state;
  desk d = open_three(1);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.account = SLD_SHARED;
  options.limit_records = 399;
  char *text = desk_text("", NULL, "broker:buy { units = 1000, limit = 0.001 }", NULL);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, &options);
    assert_string_equal(limited(&r, 0)->message, "more than 399 orders, trades and rollovers (limits.records), at 1970-05-15");
    desk_end(&r);
  }
  free(text);
  desk_close(&d);
}

static void the_log_is_cut_and_the_job_goes_on(void **state) {
  (void)state;
  desk d = open_three(1);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.limit_log = 20;
  char *text = desk_text("", "print('0123456789')", "print('9876543210')", NULL);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, &options);
    assert_string_equal(desk_done(&r, 0)->log, "0123456789\n(the log is full)\n");
    desk_end(&r);
  }
  free(text);
  desk_close(&d);
}

/* Every bar takes long; how many of them are over when the guard has looked is another matter. Nor is it said how long bars take that do little: the
 * machine may be busy. So the others of the same state are asked for in a run without a limit. */
static void a_call_that_takes_too_long_ends_the_job(void **state) {
  (void)state;
  desk d = open_three(1);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  char *text = desk_text("", "self.slow = bars.pair == 'EURUSD'", "if self.slow then local x = 0 for i = 1, 3e6 do x = x + i % 3 end print(x) end", NULL);
  char *quick = desk_text("", NULL, "broker:target(1)", NULL);
  IN_BOTH(vm) {
    options.limit_bar_s = 0.001;
    desk_run r = desk_start(&d, vm, text, &options);
    out_of_time(&r, 1, "a call of the script took more than 0.001 s (limits.bar)");
    desk_end(&r);
    options.limit_bar_s = 0;
    r = desk_start(&d, vm, quick, &options);
    for (size_t i = 0; i < 3; i++) desk_done(&r, i);
    desk_end(&r);
  }
  free(quick);
  free(text);
  desk_close(&d);
}

/* No call is slow, but there are many. */
static void a_job_that_takes_too_long_ends(void **state) {
  (void)state;
  desk d = open_three(1);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.limit_job_s = 0.002;
  char *text = desk_text("", NULL, "local x = 0 for i = 1, 1e6 do x = x + i % 3 end print(x)", NULL);
  for (options.account = SLD_SPLIT; options.account <= SLD_SHARED; options.account++)
    IN_BOTH(vm) {
      desk_run r = desk_start(&d, vm, text, &options);
      out_of_time(&r, 0, "the job took more than 0.002 s (limits.job)");
      desk_end(&r);
    }
  free(text);
  desk_close(&d);
}

/* Any number of seconds is a limit: centuries are never reached, and what is too short for the clock is at once. */
static void limits_of_time_are_of_any_length(void **state) {
  (void)state;
  desk d = open_three(1);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  char *quick = desk_text("", NULL, "broker:target(1)", NULL), *slow = desk_text("", NULL, "local x = 0 for i = 1, 1e6 do x = x + i % 3 end print(x)", NULL);
  IN_BOTH(vm) {
    options.limit_bar_s = options.limit_job_s = 1e300;
    desk_run r = desk_start(&d, vm, quick, &options);
    desk_done(&r, 0);
    desk_end(&r);
    options.limit_job_s = 1e-300;
    r = desk_start(&d, vm, slow, &options);
    assert_non_null(strstr(limited(&r, 0)->message, "(limits.job)"));
    desk_end(&r);
  }
  free(slow);
  free(quick);
  desk_close(&d);
}

/* Loops that never end, in every place where a script is called. */
static const char *const endless[] = {
  "function S:bar() while true do end end",
  "function S:bar() repeat pcall(function() while true do end end) until false end",
  "function S:bar() while true do pcall(error, 'x') end end",
  "function S:bar() local c = coroutine.wrap(function() while true do end end) c() end",
  "function S:bar() while true do coroutine.wrap(function() pcall(function() while true do end end) end)() end end",
  "function S:bar() local function again() return again() end again() end",
  "function S:bar() ::again:: goto again end",
  "function S:init() while true do end end function S:bar() end",
  "function S:signal() while true do end end",
  "function S:bar() end function S:done() for i = 1, math.huge do end end",
  "function S:bar() setmetatable({}, { __index = function(t, k) return t[k + 1] end })[1] = 1 local t = setmetatable({}, { __index = function() while true do end end }) return t.x end",
  "function S:bar() local t = setmetatable({}, { __tostring = function() while true do end end }) error(t) end",
  /* Near the end of a stack no hook is called. */
  "function S:bar() local function f() pcall(f) f() end f() end",
  "function S:bar() local function f() pcall(pcall, f) f() end f() end",
  "function S:bar() local function f() xpcall(f, f) f() end f() end",
  "function S:bar() local function f() xpcall(f, function() while true do pcall(f) end end) f() end f() end",
  "function S:bar() local t, reached, at = {}, false, 7900 for i = 1, at do t[i] = i end "
  "local function down(depth, turns, ...) if depth > 0 then return 1 + down(depth - 1, turns, ...) end reached = true for i = 1, turns do end return 1 end "
  "while not reached do at = at - 1 pcall(down, 8, 3000, unpack(t, 1, at)) end while true do pcall(down, 8, 1e12, unpack(t, 1, at)) end end",
  /* What a hook raises is handled inside the hook, where none is called. */
  "function S:bar() xpcall(function() while true do end end, function() while true do end end) end",
  "function S:bar() local function f() while true do end end pcall(coroutine.wrap(function() xpcall(f, f) end)) end",
  /* Each coroutine of Lua 5.4 counts for itself. */
  "function S:bar() pcall(coroutine.wrap(function() while true do end end)) while true do pcall(function() while true do end end) end end",
  "function S:bar() local function f() coroutine.resume(coroutine.create(f)) f() end f() end",
  "function S:bar() while true do coroutine.wrap(function() for i = 1, 300 do end end)() end end",
};

static char *endless_text(size_t i) {
  char *text = malloc(2000);
  assert_non_null(text);
  snprintf(text, 2000, "local sliders = require 'sliders'\nlocal S = sliders.strategy {}\n%s\nreturn S", endless[i]);
  return text;
}

static void instructions_end_what_never_ends(void **state) {
  (void)state;
  desk d = open_three(1);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.limit_instructions = 1000000;
  for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
    char *text = endless_text(i);
    IN_BOTH(vm) {
      desk_run r = desk_start(&d, vm, text, &options);
      if (desk_job(&r, 0)->state != SLD_JOB_FAILED) print_error("%s, no failure: %s\n", vm, endless[i]);
      const sld_error *err = limited(&r, 0);
      assert_non_null(strstr(err->message, "the script needs more than 1000000 instructions (limits.instructions)"));
      assert_int_equal(err->line, 3);
      desk_end(&r);
    }
    free(text);
  }
  desk_close(&d);
}

/* A file that never comes to its end is not opened. */
static void a_file_is_limited_while_it_is_opened(void **state) {
  (void)state;
  static const char *const texts[] = { "while true do end", "while true do pcall(function() while true do end end) end", "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end" };
  desk d = desk_open(1);
  sld_strategy_options options = SLD_STRATEGY_OPTIONS_INIT;
  options.limit_instructions = 500000;
  options.limit_memory = 4 << 20;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    IN_BOTH(vm) {
      sld_strategy *strategy;
      sld_error err;
      options.vm = vm;
      options.text = texts[i];
      options.text_size = strlen(texts[i]);
      assert_int_equal(sld_strategy_open_with(&strategy, d.host, "test.lua", &options, &err), SLD_ELIMIT);
      assert_non_null(strstr(err.message, i < 2 ? "more than 500000 instructions (limits.instructions)" : "more than 4194304 bytes of memory (limits.memory)"));
    }
  desk_close(&d);
}

/* `valid` is asked on the caller's own thread, where nothing else would end it. */
static void valid_is_limited_while_a_run_is_started(void **state) {
  (void)state;
  static const char text[] = "local sliders = require 'sliders' local S = sliders.strategy { valid = function() while true do end end } function S:bar() end return S";
  desk d = open_three(1);
  sld_strategy_options options = SLD_STRATEGY_OPTIONS_INIT;
  options.limit_instructions = 500000;
  options.text = text;
  options.text_size = sizeof text - 1;
  IN_BOTH(vm) {
    sld_run_options how = SLD_RUN_OPTIONS_INIT;
    sld_strategy *strategy;
    sld_run *run;
    sld_error err;
    options.vm = vm;
    desk_good(sld_strategy_open_with(&strategy, d.host, "test.lua", &options, &err), &err);
    for (int isolation = 0; isolation < 2; isolation++) {
      how.isolation = isolation ? SLD_ISOLATION_PROCESS : SLD_ISOLATION_THREAD;
      assert_int_equal(sld_run_start(&run, d.host, d.market, strategy, &how, &err), SLD_ELIMIT);
      assert_non_null(strstr(err.message, "more than 500000 instructions (limits.instructions)"));
    }
    sld_strategy_free(strategy);
  }
  desk_close(&d);
}

/* While instructions are counted, the clock is looked at within a call. */
static void time_ends_what_never_ends_where_instructions_are_counted(void **state) {
  (void)state;
  desk d = open_three(1);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.limit_instructions = SIZE_MAX;
  options.limit_bar_s = 0.01;
  for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
    char *text = endless_text(i);
    IN_BOTH(vm) {
      desk_run r = desk_start(&d, vm, text, &options);
      out_of_time(&r, 0, "a call of the script took more than 0.01 s (limits.bar)");
      desk_end(&r);
    }
    free(text);
  }
  desk_close(&d);
}

/* Counted in one run, not in the next, in the same states: which is compiled again, and has the same bytes. */
static void instructions_change_no_bytes(void **state) {
  (void)state;
  desk d = open_three(2);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  sld_error err;
  char *text = desk_text("", "self.fast, self.slow = sliders.ema(bars.close, 3), sliders.ema(bars.close, 9)", "broker:target(self.fast[0] > self.slow[0] and 1 or -1)", NULL);
  IN_BOTH(vm) {
    sld_strategy *strategy = desk_strategy(&d, vm, text);
    char *first = NULL;
    for (int counted = 0; counted < 4; counted++) {
      desk_run r = { strategy, NULL, NULL };
      options.limit_instructions = counted % 2 ? 100000000 : 0;
      desk_good(sld_run_start(&r.run, d.host, d.market, strategy, &options, &err), &err);
      desk_good(sld_run_wait(r.run, -1, NULL, &err), &err);
      r.result = sld_run_result(r.run);
      char *bytes = desk_json(&r);
      if (first) desk_same(bytes, first, "results");
      free(first);
      first = bytes;
      sld_run_free(r.run);
    }
    free(first);
    sld_strategy_free(strategy);
  }
  free(text);
  desk_close(&d);
}

/* As many instructions on any number of workers. */
static void instructions_are_counted_alike_on_any_number_of_workers(void **state) {
  (void)state;
  static const double rounds[] = { 1, 100, 2, 3000, 50, 7000, 9, 4000, 10 };
  const sld_axis axis = { "rounds", rounds, 9 };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.axes = &axis;
  options.axis_count = 1;
  options.limit_instructions = 1000000;
  char *text = desk_text("params = { rounds = sliders.int(1) }", NULL, "for i = 1, p.rounds do end broker:target(1)", NULL);
  same_on_any_number_of_workers(text, &options, "limits.instructions");
  free(text);
}

/* A job that could not be stopped in less than its 400 slow bars stops at the next. */
static void a_cancelled_job_ends_at_the_next_bar(void **state) {
  (void)state;
  desk d = open_three(1);
  char *text = desk_text("", NULL, "local x = 0 for i = 1, 1e6 do x = x + i % 3 end print(x)", NULL);
  IN_BOTH(vm) {
    sld_strategy *strategy = desk_strategy(&d, vm, text);
    sld_run_options options = SLD_RUN_OPTIONS_INIT;
    sld_run *run;
    sld_error err;
    desk_good(sld_run_start(&run, d.host, d.market, strategy, &options, &err), &err);
    desk_good(sld_run_wait(run, 1, NULL, &err), &err);
    sld_run_cancel(run);
    desk_good(sld_run_wait(run, -1, NULL, &err), &err);
    for (size_t i = 0; i < 3; i++) assert_int_equal(sld_result_job_at(sld_run_result(run), i)->state, SLD_JOB_CANCELLED);
    sld_run_free(run);
    sld_strategy_free(strategy);
  }
  free(text);
  desk_close(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(memory_ends_the_job_that_asks_for_it),
    cmocka_unit_test(memory_counts_in_every_hook),
    cmocka_unit_test(memory_is_limited_while_a_strategy_is_opened),
    cmocka_unit_test(memory_is_counted_alike_on_any_number_of_workers),
    cmocka_unit_test(records_end_the_job),
    cmocka_unit_test(records_of_a_shared_account_are_one_jobs),
    cmocka_unit_test(the_log_is_cut_and_the_job_goes_on),
    cmocka_unit_test(a_call_that_takes_too_long_ends_the_job),
    cmocka_unit_test(a_job_that_takes_too_long_ends),
    cmocka_unit_test(limits_of_time_are_of_any_length),
    cmocka_unit_test(instructions_end_what_never_ends),
    cmocka_unit_test(a_file_is_limited_while_it_is_opened),
    cmocka_unit_test(valid_is_limited_while_a_run_is_started),
    cmocka_unit_test(time_ends_what_never_ends_where_instructions_are_counted),
    cmocka_unit_test(instructions_change_no_bytes),
    cmocka_unit_test(instructions_are_counted_alike_on_any_number_of_workers),
    cmocka_unit_test(a_cancelled_job_ends_at_the_next_bar),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
