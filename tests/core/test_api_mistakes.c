/* What a program gets wrong when it fills lists and structs is refused by its name, and nothing else happens. */
#include "engine_desk.h"

static const char text[] = DESK_HEAD "local S = sliders.strategy { params = { n = sliders.int(3, 2, 60), up = sliders.bool(true) } } function S:bar() end return S";

static desk open_market(void) {
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 20, 1);
  desk_add(&d, "USDJPY", 110.0, 20, 2);
  return d;
}

static void is_refused(sld_status status, const sld_error *err, const char *words) {
  char all[1024];
  sld_error_format(err, all, sizeof all);
  assert_int_equal(status, SLD_EINVAL);
  assert_string_equal(all, words);
}

static void run_is_refused(const sld_run_options *options, const char *words) {
  desk d = open_market();
  sld_strategy *strategy = desk_strategy(&d, "lua54", text);
  sld_run *run;
  sld_error err;
  is_refused(sld_run_start(&run, d.host, d.market, strategy, options, &err), &err, words);
  sld_strategy_free(strategy);
  desk_close(&d);
}

static void what_is_missing_in_a_list_is_named(void **state) {
  (void)state;
  static const char *const pairs[] = { "EURUSD", NULL };
  static const double values[] = { 3, 4 };
  const sld_setting no_name = { NULL, "1" }, no_value[] = { { "up", "true" }, { "n", NULL } };
  const sld_axis nameless = { NULL, values, 2 }, empty = { "n", NULL, 2 };
  const sld_run_options usual = SLD_RUN_OPTIONS_INIT;
  sld_run_options options = usual;
  options.pairs = pairs, options.pair_count = 2;
  run_is_refused(&options, "options.pairs[1]: is missing");
  options = usual, options.setting_count = 1;
  run_is_refused(&options, "options.settings: is missing");
  options.settings = &no_name;
  run_is_refused(&options, "options.settings[0].name: is missing");
  options.settings = no_value, options.setting_count = 2;
  run_is_refused(&options, "options.settings[1].value: is missing");
  options = usual, options.axis_count = 2;
  run_is_refused(&options, "options.axes: is missing");
  options.axes = &nameless, options.axis_count = 1;
  run_is_refused(&options, "options.axes[0].name: is missing");
  options.axes = &empty;
  run_is_refused(&options, "options.axes[0].values: is missing");
}

static void a_parameter_that_is_given_twice_is_named(void **state) {
  (void)state;
  static const double values[] = { 3, 4 };
  const sld_setting settings[] = { { "n", "4" }, { "up", "true" }, { "n", "5" } };
  const sld_axis axes[] = { { "n", values, 2 }, { "n", values, 1 } };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.settings = settings, options.setting_count = 3;
  run_is_refused(&options, "options.set: parameter 'n' is given twice");
  options.setting_count = 0;
  options.axes = axes, options.axis_count = 2;
  run_is_refused(&options, "options.axes: parameter 'n' is given twice");
}

static void a_strategy_without_a_name_or_a_text_is_refused(void **state) {
  (void)state;
  desk d = open_market();
  sld_strategy *strategy;
  sld_error err;
  is_refused(sld_strategy_open(&strategy, d.host, NULL, NULL, &err), &err, "path: a path is needed");
  is_refused(sld_strategy_open_text(&strategy, d.host, NULL, text, sizeof text - 1, NULL, &err), &err, "path: a path is needed");
  is_refused(sld_strategy_open_text(&strategy, d.host, "test.lua", NULL, 5, NULL, &err), &err, "options.text: is missing");
  desk_close(&d);
}

static void a_result_is_written_to_a_path(void **state) {
  (void)state;
  desk d = open_market();
  desk_run r = desk_start(&d, "lua54", text, NULL);
  sld_error err;
  is_refused(sld_result_write_json(r.result, NULL, &err), &err, "path: a path is needed");
  is_refused(sld_result_write_json(r.result, "", &err), &err, "path: a path is needed");
  is_refused(sld_result_write_csv(r.result, NULL, &err), &err, "dir: a path is needed");
  desk_end(&r);
  desk_close(&d);
}

/* A name of any other kind would be a folder elsewhere, a field too many of a table, or a text that does not end. */
static void an_instrument_of_ones_own_has_a_name_like_any_other(void **state) {
  (void)state;
  static const char words[] = "bars.instrument.pair: must have 2 to 15 capital letters, digits, '.', '_' or '-'";
  static const int64_t time[] = { 0, DESK_DAY_NS };
  static const double close[] = { 1.0, 1.1 };
  const char *const names[] = { "../X", "A,B", "A\nB", "eurusd", "", "X", "AAAAAAAAAAAAAAAA" };
  desk d = open_market();
  sld_error err;
  sld_instrument instrument = { .base = "ABC", .quote = "USD", .digits = 5, .pip = 0.0001, .lot = 1.0, .step = 1.0 };
  sld_bars bars = { .count = 2, .time = time, .close = close, .period_ns = DESK_DAY_NS, .instrument = &instrument };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    bars.pair = names[i];
    memset(instrument.pair, 0, sizeof instrument.pair);
    memcpy(instrument.pair, names[i], strlen(names[i])); /* the last has no end */
    is_refused(sld_market_add(d.market, &bars, &err), &err, words);
  }
  bars.pair = "ABC.USD-1";
  memcpy(instrument.pair, bars.pair, strlen(bars.pair) + 1);
  memcpy(instrument.base, "AAAAAAAA", 8);
  is_refused(sld_market_add(d.market, &bars, &err), &err, "bars.instrument.base: must have 2 to 7 capital letters, digits, '.', '_' or '-'");
  memcpy(instrument.base, "ABC", 4);
  memcpy(instrument.quote, "u$", 3);
  is_refused(sld_market_add(d.market, &bars, &err), &err, "bars.instrument.quote: must have 2 to 7 capital letters, digits, '.', '_' or '-'");
  memcpy(instrument.quote, "USD", 4);
  desk_good(sld_market_add(d.market, &bars, &err), &err);
  desk_close(&d);
}

/* No packet is a call of nothing: it fails, and the others run on. */
static void a_call_without_a_packet_fails(void **state) {
  (void)state;
  static const char junk[] = { 1, 2, 3, 99 };
  const sld_bytes args[] = { { NULL, 0 }, { junk, sizeof junk } };
  desk d = open_market();
  sld_work *work;
  sld_tasks *tasks;
  sld_error err;
  desk_good(sld_work_open(&work, d.host, NULL, &err), &err);
  for (size_t k = 0; k < 2; k++) {
    const sld_calls calls = { args[k], args, 2 };
    desk_good(sld_tasks_start(&tasks, work, &calls, &err), &err);
    assert_true(sld_tasks_wait(tasks, -1));
    for (size_t i = 0; i < 2; i++) {
      assert_int_equal(sld_tasks_answer(tasks, i)->state, SLD_CALL_FAILED);
      assert_true(sld_tasks_answer(tasks, i)->error->message[0]);
    }
    sld_tasks_free(tasks);
  }
  desk_good(sld_work_close(work, &err), &err);
  desk_close(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_missing_in_a_list_is_named),
    cmocka_unit_test(a_parameter_that_is_given_twice_is_named),
    cmocka_unit_test(a_strategy_without_a_name_or_a_text_is_refused),
    cmocka_unit_test(a_result_is_written_to_a_path),
    cmocka_unit_test(an_instrument_of_ones_own_has_a_name_like_any_other),
    cmocka_unit_test(a_call_without_a_packet_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
