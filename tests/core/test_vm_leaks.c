/* Nothing passes from one job to the next: the same bytes whatever ran before in the same state, in whatever order, on however many
 * workers, in both engines. */
#include "engine_desk.h"

static const char *const pairs[] = { "AUDUSD", "EURUSD", "GBPUSD", "NZDUSD", "USDCAD", "USDCHF", "USDJPY" };
enum { PAIRS = sizeof pairs / sizeof *pairs };

static desk open_many(int workers) {
  desk d = desk_open(workers);
  for (size_t i = 0; i < PAIRS; i++) desk_add(&d, pairs[i], 1.0 + 0.1 * (double)i, 150 + 90 * i, i + 1);
  return d;
}

/* The JSON is one and the same for 1, 2, 3 and 8 workers in both engines. Returns it, to be freed. */
static char *one_result(const char *text, const sld_run_options *options) {
  char *first = NULL;
  static const int workers[] = { 1, 2, 3, 8 };
  for (size_t w = 0; w < 4; w++) {
    desk d = open_many(workers[w]);
    IN_BOTH(vm) {
      char *json = desk_bytes(&d, vm, text, options);
      char what[64];
      snprintf(what, sizeof what, "%s with %d workers and the first run", vm, workers[w]);
      if (first) desk_same(json, first, what);
      if (first) free(json);
      else first = json;
    }
    desk_close(&d);
  }
  return first;
}

static void bytes_do_not_depend(const char *text, const sld_run_options *options) {
  free(one_result(text, options));
}

/* Each line tries to leave a trace for the job behind it, and prints what it finds. */
static const char leaky[] =
  "local sliders = require 'sliders'\n"
  "runs = (runs or 0) + 1\n"
  "local jobs = 0\n"
  "local found = {}\n"
  "local function try(f, ...) local ok, x = pcall(f, ...) found[#found + 1] = ok and tostring(x) or 'refused' end\n"
  "try(function() string.mark = 1 end)\n"
  "try(function() math.mark = 1 end)\n"
  "try(function() sliders.mark = 1 end)\n"
  "try(function() coroutine.mark = 1 end)\n"
  "try(table.insert, table, 1)\n"
  "try(table.insert, math, 1, 1)\n"
  "try(table.insert, sliders, {})\n"
  "try(table.remove, string)\n"
  "try(table.sort, sliders)\n"
  "try(setmetatable, string, {})\n"
  "try(setmetatable, {}, { __gc = function() end })\n"
  "try(setmetatable, {}, { __mode = 'k' })\n"
  "try(function() getmetatable('').__index.mark = 1 end)\n"
  "try(function() return getmetatable('') end)\n"
  "try(function() return ('').dump end)\n"
  "try(function() return ('').mark end)\n"
  "try(function() _G.mark = (_G.mark or 0) + 1 return mark end)\n"
  "try(function() print.x = 1 end)\n"
  "try(rawget, math, 1)\n"
  "try(rawget, sliders, 1)\n"
  "try(math.random)\n"
  "try(math.random, 6)\n"
  "try(sliders.random)\n"
  "local S = sliders.strategy { params = { n = sliders.int(5, 2, 50) }, valid = function(p) jobs = jobs + 1 return sliders.random() >= 0 and p.n ~= 7 end }\n"
  "S.shared = (S.shared or 0) + 1\n"
  "function S:init(bars, p)\n"
  "  jobs = jobs + 1\n"
  "  self.mean = sliders.sma(bars.close, p.n)\n"
  "  bars.close:sma(p.n) p.n = p.n\n"
  "  print(runs, jobs, S.shared, table.concat(found, ' '))\n"
  "end\n"
  "local wrapped = coroutine.wrap(function() while true do jobs = jobs + 1 coroutine.yield(jobs) end end)\n"
  "function S:bar(broker, p)\n"
  "  self.count = (self.count or 0) + wrapped()\n"
  "  if self.count % 5 == 0 then broker:target(sliders.random() - 0.5) end\n"
  "end\n"
  "function S:done() print(self.count, sliders.random(), runs) end\n"
  "return S\n";

static void a_strategy_that_tries_to_leave_traces_finds_none(void **state) {
  (void)state;
  char *json = one_result(leaky, NULL);
  /* `valid` counts in the job's own instance, before init does */
  assert_non_null(strstr(json, "\"1\\t2\\t1\\trefused refused refused refused refused refused refused refused refused refused refused refused refused nil nil nil 1 refused nil nil"));
  free(json);
}

/* Every pair in turn alone, in a host of its own, gives the job that it gives among others. */
static void a_job_alone_is_the_job_among_others(void **state) {
  (void)state;
  IN_BOTH(vm) {
    desk all = open_many(1);
    desk_run together = desk_start(&all, vm, leaky, NULL);
    for (size_t i = 0; i < PAIRS; i++) {
      desk one = open_many(1);
      sld_run_options options = SLD_RUN_OPTIONS_INIT;
      options.pairs = &pairs[i];
      options.pair_count = 1;
      options.capital /= PAIRS;
      desk_run alone = desk_start(&one, vm, leaky, &options);
      const sld_job *a = desk_done(&together, i), *b = desk_done(&alone, 0);
      assert_string_equal(a->log, b->log);
      assert_int_equal(a->order_count, b->order_count);
      assert_int_equal(a->bar_count, b->bar_count);
      assert_memory_equal(a->equity, b->equity, a->bar_count * sizeof(double));
      desk_end(&alone);
      desk_close(&one);
    }
    desk_end(&together);
    desk_close(&all);
  }
}

static void bytes_depend_on_neither_workers_nor_engine_with_costs_and_a_window(void **state) {
  (void)state;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.spread_pips = 1.5;
  options.slippage_pips = 0.2;
  options.commission_frac = 0.00002;
  options.commission_per_lot = 3.5;
  options.from = 100 * DESK_DAY_NS;
  options.to = 500 * DESK_DAY_NS;
  bytes_do_not_depend(leaky, &options);
  options.cold = true;
  options.fill = SLD_FILL_CLOSE;
  options.close_at_end = true;
  bytes_do_not_depend(leaky, &options);
}

static void a_grid_gives_the_same_bytes_on_any_number_of_workers(void **state) {
  (void)state;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  const double values[] = { 9, 3, 7, 5, 7, 20, 2, 11, 33 };
  const sld_axis axis = { "n", values, sizeof values / sizeof *values };
  options.axes = &axis;
  options.axis_count = 1;
  char *json = one_result(leaky, &options);
  assert_non_null(strstr(json, "\"skipped\""));
  free(json);
}

/* What a rejected set prints is its own; the job before it in the state leaves nothing in its log. */
static void a_rejected_set_shows_no_other_jobs_log(void **state) {
  (void)state;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  const double values[] = { 5, 7, 9 };
  const sld_axis axis = { "n", values, 3 };
  options.axes = &axis;
  options.axis_count = 1;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 100, 1);
  const char *text = DESK_HEAD "local S = sliders.strategy { params = { n = sliders.int(5) }, valid = function(p) print('asked', p.n) return p.n ~= 7 end } function S:bar() end "
                               "function S:done(_, p) print('ran', p.n) end return S";
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, &options);
    assert_string_equal(desk_job(&r, 0)->log, "ran\t5\n");
    assert_int_equal(desk_job(&r, 1)->state, SLD_JOB_SKIPPED);
    assert_string_equal(desk_job(&r, 1)->log, "asked\t7\n");
    assert_string_equal(desk_job(&r, 2)->log, "ran\t9\n");
    desk_end(&r);
  }
  desk_close(&d);
}

/* A job that goes on draws the numbers that `valid` drew, and its log is its own. */
static void what_valid_draws_and_prints_is_not_the_jobs(void **state) {
  (void)state;
  const double values[] = { 5, 7 };
  const sld_axis axis = { "n", values, 2 };
  const char *text = DESK_HEAD "drawn = {} local function valid(p) for i = 1, p.n do drawn[i] = sliders.random() print(drawn[i]) end return true end "
                               "local S = sliders.strategy { params = { n = sliders.int(5) }, valid = valid } function S:init() print(#drawn, sliders.random() == drawn[1]) end function S:bar() end return S";
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 100, 1);
  for (int grid = 0; grid < 2; grid++) {
    IN_BOTH(vm) {
      sld_run_options options = SLD_RUN_OPTIONS_INIT;
      options.axes = &axis;
      options.axis_count = (size_t)grid;
      desk_run r = desk_start(&d, vm, text, &options);
      assert_string_equal(desk_job(&r, 0)->log, "5\ttrue\n");
      if (grid) assert_string_equal(desk_job(&r, 1)->log, "7\ttrue\n");
      desk_end(&r);
    }
  }
  desk_close(&d);
}

/* One pair fails, in any hook; the others give what they give without it, and the next job in its state too. */
static void a_failure_in_one_pair_leaves_the_others_as_they_are(void **state) {
  (void)state;
  static const char *const places[] = {
    "function S:init(bars) if bars.pair == 'GBPUSD' then error('not this one') end end function S:bar(broker) broker:target(1) end",
    "function S:init() self.n = 0 end function S:bar(broker) self.n = self.n + 1 broker:target(self.n % 7) if self.n > 90 and self.bars.pair == 'GBPUSD' then local x = self.no.field end end",
    "function S:signal(bars) if bars.pair == 'GBPUSD' then return nil end return sliders.sign(bars.close:roc(5)) end",
    "function S:bar(broker) broker:target(1) end function S:done() if self.bars.pair == 'GBPUSD' then error({}) end end",
  };
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    char text[1024];
    snprintf(text, sizeof text, DESK_HEAD "local S = sliders.strategy {} %s return S", places[i]);
    char *json = one_result(text, NULL);
    assert_non_null(strstr(json, "\"failed\""));
    assert_non_null(strstr(json, "\"complete\": false"));
    free(json);
    desk d = open_many(2);
    desk_run r = desk_start(&d, "lua54", text, NULL);
    for (size_t k = 0; k < PAIRS; k++) assert_int_equal(desk_job(&r, k)->state, k == 2 ? SLD_JOB_FAILED : SLD_JOB_DONE);
    desk_end(&r);
    desk_close(&d);
  }
}

/* Modules are fresh for every job too. */
static void a_modules_state_is_fresh(void **state) {
  (void)state;
  char folder[] = "/tmp/sliders-XXXXXX", path[256], module[256];
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/main.lua", folder);
  snprintf(module, sizeof module, "%s/rules.lua", folder);
  FILE *file = fopen(module, "w");
  fputs("count = (count or 0) + 1\nlocal M = { uses = 0 }\nfunction M.use() M.uses = M.uses + 1 return M.uses + count end\nreturn M\n", file);
  fclose(file);
  file = fopen(path, "w");
  fputs("local sliders, rules = require 'sliders', require 'rules'\nassert(require 'rules' == rules)\nlocal S = sliders.strategy {}\n"
        "function S:init() print(rules.use(), rules.use(), pcall(require, 'other')) end\nfunction S:bar() end\nreturn S\n", file);
  fclose(file);
  desk d = open_many(1);
  IN_BOTH(vm) {
    sld_strategy *strategy;
    sld_run *run;
    sld_error err;
    sld_run_options options = SLD_RUN_OPTIONS_INIT;
    desk_good(sld_strategy_open(&strategy, d.host, path, vm, &err), &err);
    desk_good(sld_run_start(&run, d.host, d.market, strategy, &options, &err), &err);
    desk_good(sld_run_wait(run, -1, NULL, &err), &err);
    desk_adds_up(&d, sld_run_result(run), &options);
    for (size_t i = 0; i < PAIRS; i++)
      assert_string_equal(sld_result_job_at(sld_run_result(run), i)->log,
        "2\t3\tfalse\trequire 'other' while the strategy runs: require modules at the top of the file\n");
    sld_run_free(run);
    sld_strategy_free(strategy);
  }
  desk_close(&d);
  unlink(path);
  unlink(module);
  rmdir(folder);
}

static void a_module_that_requires_itself_is_an_error(void **state) {
  (void)state;
  char folder[] = "/tmp/sliders-XXXXXX", path[256];
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/round.lua", folder);
  FILE *file = fopen(path, "w");
  fputs("local again = require 'round'\nreturn again\n", file);
  fclose(file);
  desk d = desk_open(1);
  IN_BOTH(vm) {
    sld_strategy *strategy;
    sld_error err;
    assert_int_equal(sld_strategy_open(&strategy, d.host, path, vm, &err), SLD_ESCRIPT);
    assert_string_equal(err.message, "module 'round' requires itself");
    assert_string_equal(err.file, path);
    assert_int_equal(err.line, 1);
  }
  desk_close(&d);
  unlink(path);
  rmdir(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_strategy_that_tries_to_leave_traces_finds_none),
    cmocka_unit_test(a_job_alone_is_the_job_among_others),
    cmocka_unit_test(bytes_depend_on_neither_workers_nor_engine_with_costs_and_a_window),
    cmocka_unit_test(a_grid_gives_the_same_bytes_on_any_number_of_workers),
    cmocka_unit_test(a_rejected_set_shows_no_other_jobs_log),
    cmocka_unit_test(what_valid_draws_and_prints_is_not_the_jobs),
    cmocka_unit_test(a_failure_in_one_pair_leaves_the_others_as_they_are),
    cmocka_unit_test(a_modules_state_is_fresh),
    cmocka_unit_test(a_module_that_requires_itself_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
