/* Parameters: declared in the file, set by text, varied by grids, judged by `valid`. */
#include "engine_desk.h"

static const char text[] =
  "local sliders = require 'sliders'\n"
  "local S = sliders.strategy {\n"
  "  about = 'Has one parameter of each kind.',\n"
  "  params = {\n"
  "    zeal = sliders.int(20, 2, 100, { label = 'how much', step = 2 }),\n"
  "    edge = sliders.number(0.5, -1, 1),\n"
  "    both = sliders.bool(true, { label = 'both ways' }),\n"
  "    mean = sliders.choice('ema', { 'sma', 'ema', 'wma' }),\n"
  "    free = sliders.number(7),\n"
  "  },\n"
  "  valid = function(p) return p.zeal < 90 and p.mean ~= 'wma' end,\n"
  "}\n"
  "function S:init(bars, p) self.mean = sliders[p.mean](bars.close, p.zeal) end\n"
  "function S:bar(broker, p) assert(p == self.p) end\n"
  "function S:done(_, p) print(p.zeal, p.edge, p.both, p.mean, p.free) end\n"
  "return S\n";

static desk open_one(void) {
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 200, 1);
  return d;
}

static void a_declaration_is_described_in_its_order(void **state) {
  (void)state;
  desk d = open_one();
  IN_BOTH(vm) {
    sld_strategy *s = desk_strategy(&d, vm, text);
    assert_string_equal(sld_strategy_name(s), "test");
    assert_string_equal(sld_strategy_about(s), "Has one parameter of each kind.");
    assert_string_equal(sld_strategy_vm(s), vm);
    assert_string_equal(sld_strategy_source(s), text);
    assert_true(sld_strategy_has(s, "init") && sld_strategy_has(s, "bar") && sld_strategy_has(s, "done") && sld_strategy_has(s, "valid"));
    assert_false(sld_strategy_has(s, "signal") || sld_strategy_has(s, "other"));
    static const sld_param want[] = {
      { "zeal", SLD_INT, 20, 2, 100, 2, NULL, 0, "how much" }, { "edge", SLD_NUMBER, 0.5, -1, 1, 0, NULL, 0, "" }, { "both", SLD_BOOL, 1, 0, 1, 0, NULL, 0, "both ways" },
      { "mean", SLD_CHOICE, 1, 0, 2, 0, NULL, 3, "" }, { "free", SLD_NUMBER, 7, -INFINITY, INFINITY, 0, NULL, 0, "" },
    };
    assert_int_equal(sld_strategy_param_count(s), 5);
    assert_null(sld_strategy_param_at(s, 5));
    for (size_t i = 0; i < 5; i++) {
      const sld_param *p = sld_strategy_param_at(s, i);
      assert_string_equal(p->name, want[i].name);
      assert_string_equal(p->label, want[i].label);
      assert_int_equal(p->kind, want[i].kind);
      assert_int_equal(p->choice_count, want[i].choice_count);
      assert_true(p->initial == want[i].initial && p->min == want[i].min && p->max == want[i].max && p->step == want[i].step);
    }
    assert_string_equal(sld_strategy_param_at(s, 3)->choices[2], "wma");
    sld_strategy_free(s);
  }
  desk_close(&d);
}

static void settings_reach_the_strategy_in_its_own_types(void **state) {
  (void)state;
  static const sld_setting settings[] = { { "zeal", "30" }, { "edge", "-0.25" }, { "both", "false" }, { "mean", "sma" }, { "free", "1e9" } };
  desk d = open_one();
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  for (size_t count = 0; count <= 5; count += 5) {
    options.settings = settings;
    options.setting_count = count;
    IN_BOTH(vm) {
      desk_run r = desk_start(&d, vm, text, &options);
      assert_string_equal(desk_done(&r, 0)->log, count ? "30\t-0.25\tfalse\tsma\t1000000000\n" : "20\t0.5\ttrue\tema\t7\n");
      desk_end(&r);
    }
  }
  desk_close(&d);
}

static void refused(const sld_run_options *options, sld_status want, const char *words) {
  desk d = open_one();
  IN_BOTH(vm) {
    sld_strategy *s = desk_strategy(&d, vm, text);
    sld_run *run;
    sld_error err;
    char got[1024];
    sld_status status = sld_run_start(&run, d.host, d.market, s, options, &err);
    assert_int_equal(status, want);
    assert_int_equal(err.status, want);
    sld_error_format(&err, got, sizeof got);
    assert_string_equal(got, words);
    sld_strategy_free(s);
  }
  desk_close(&d);
}

static void set_refused(const char *name, const char *value, sld_status want, const char *words) {
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  const sld_setting setting = { name, value };
  options.settings = &setting;
  options.setting_count = 1;
  refused(&options, want, words);
}

static void bad_settings_are_refused(void **state) {
  (void)state;
  set_refused("zael", "20", SLD_ENAME, "options.set: the strategy has no parameter 'zael'; did you mean 'zeal'?");
  set_refused("nothing", "20", SLD_ENAME, "options.set: the strategy has no parameter 'nothing'");
  set_refused("zeal", "1", SLD_ERANGE, "options.set: parameter 'zeal' must be a whole number from 2 to 100, not 1");
  set_refused("zeal", "101", SLD_ERANGE, "options.set: parameter 'zeal' must be a whole number from 2 to 100, not 101");
  set_refused("zeal", "2.5", SLD_ERANGE, "options.set: parameter 'zeal' must be a whole number from 2 to 100, not 2.5");
  set_refused("zeal", "many", SLD_ERANGE, "options.set: parameter 'zeal' must be a number, not 'many'");
  set_refused("zeal", "", SLD_ERANGE, "options.set: parameter 'zeal' must be a number, not ''");
  set_refused("zeal", "20 ", SLD_ERANGE, "options.set: parameter 'zeal' must be a number, not '20 '");
  set_refused("edge", "nan", SLD_ERANGE, "options.set: parameter 'edge' must be a number from -1 to 1, not nan");
  set_refused("edge", "inf", SLD_ERANGE, "options.set: parameter 'edge' must be a number from -1 to 1, not inf");
  set_refused("both", "yes", SLD_ERANGE, "options.set: parameter 'both' must be true or false, not 'yes'");
  set_refused("mean", "smaa", SLD_ERANGE, "options.set: parameter 'mean' has no choice 'smaa'; did you mean 'sma'?");
  set_refused("zeal", "95", SLD_EINVAL, "test.lua: the strategy's `valid` rejects its parameters together: zeal = 95, edge = 0.5, both = true, mean = ema, free = 7");
}

static void grids_count_the_last_axis_fastest_and_skip_what_valid_rejects(void **state) {
  (void)state;
  static const double zeal[] = { 10, 95 }, mean[] = { 0, 1, 2 };
  const sld_axis axes[] = { { "zeal", zeal, 2 }, { "mean", mean, 3 } };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.axes = axes;
  options.axis_count = 2;
  desk d = open_one();
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, &options);
    assert_int_equal(sld_result_job_count(r.result), 6);
    assert_null(sld_result_portfolio(r.result));
    assert_string_equal(desk_done(&r, 0)->log, "10\t0.5\ttrue\tsma\t7\n");
    assert_string_equal(desk_done(&r, 1)->log, "10\t0.5\ttrue\tema\t7\n");
    for (size_t i = 2; i < 6; i++) {
      assert_int_equal(desk_job(&r, i)->state, SLD_JOB_SKIPPED);
      assert_int_equal(desk_job(&r, i)->ordinal, i);
    }
    desk_end(&r);
  }
  desk_close(&d);
}

/* A set of a grid is the run that it stands for. */
static void a_set_of_a_grid_gives_what_it_gives_alone(void **state) {
  (void)state;
  static const double values[] = { 4, 10, 25 };
  static const sld_setting alone[] = { { "zeal", "4" }, { "zeal", "10" }, { "zeal", "25" } };
  const sld_axis axis = { "zeal", values, 3 };
  sld_run_options grid = SLD_RUN_OPTIONS_INIT, one = SLD_RUN_OPTIONS_INIT;
  grid.axes = &axis;
  grid.axis_count = 1;
  one.setting_count = 1;
  const char *trades = "local sliders = require 'sliders' local S = sliders.strategy { params = { zeal = sliders.int(20) } } function S:init(bars, p) self.m = bars.close:sma(p.zeal) end "
                       "function S:bar(broker) broker:target(self.bars.close[0] > self.m[0] and sliders.random() or -1) end return S";
  IN_BOTH(vm) {
    desk d = open_one();
    desk_run all = desk_start(&d, vm, trades, &grid);
    for (size_t i = 0; i < 3; i++) {
      one.settings = &alone[i];
      desk_run r = desk_start(&d, vm, trades, &one);
      const sld_job *a = desk_done(&all, i), *b = desk_done(&r, 0);
      assert_int_equal(a->trade_count, b->trade_count);
      assert_int_equal(a->bar_count, b->bar_count);
      assert_memory_equal(a->equity, b->equity, a->bar_count * sizeof(double));
      desk_end(&r);
    }
    desk_end(&all);
    desk_close(&d);
  }
}

static void bad_grids_are_refused(void **state) {
  (void)state;
  static const double good[] = { 10, 20 }, bad[] = { 10, 1000 };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.axis_count = 1;
  sld_axis axis = { "zael", good, 2 };
  options.axes = &axis;
  refused(&options, SLD_ENAME, "options.axes: the strategy has no parameter 'zael'; did you mean 'zeal'?");
  axis = (sld_axis){ "zeal", bad, 2 };
  refused(&options, SLD_ERANGE, "options.axes: parameter 'zeal' must be a whole number from 2 to 100, not 1000");
}

static void a_valid_that_fails_is_the_strategys_error(void **state) {
  (void)state;
  const char *broken = "local sliders = require 'sliders'\nlocal S = sliders.strategy { params = { fast = sliders.int(5) },\nvalid = function(p) return p.fats > 1 end }\nfunction S:bar() end\nreturn S";
  static const double values[] = { 5, 6 };
  const sld_axis axis = { "fast", values, 2 };
  desk d = open_one();
  IN_BOTH(vm) {
    sld_strategy *s = desk_strategy(&d, vm, broken);
    sld_run *run;
    sld_error err;
    sld_run_options options = SLD_RUN_OPTIONS_INIT;
    assert_int_equal(sld_run_start(&run, d.host, d.market, s, &options, &err), SLD_ESCRIPT);
    assert_string_equal(err.message, "p has no field 'fats'; did you mean 'fast'?");
    assert_int_equal(err.line, 3);
    sld_strategy_free(s);
    options.axes = &axis;
    options.axis_count = 1;
    desk_run r = desk_start(&d, vm, broken, &options);
    for (size_t i = 0; i < 2; i++) {
      assert_int_equal(desk_job(&r, i)->state, SLD_JOB_FAILED);
      assert_int_equal(desk_job(&r, i)->error->line, 3);
    }
    desk_end(&r);
  }
  desk_close(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_declaration_is_described_in_its_order),
    cmocka_unit_test(settings_reach_the_strategy_in_its_own_types),
    cmocka_unit_test(bad_settings_are_refused),
    cmocka_unit_test(grids_count_the_last_axis_fastest_and_skip_what_valid_rejects),
    cmocka_unit_test(a_set_of_a_grid_gives_what_it_gives_alone),
    cmocka_unit_test(bad_grids_are_refused),
    cmocka_unit_test(a_valid_that_fails_is_the_strategys_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
