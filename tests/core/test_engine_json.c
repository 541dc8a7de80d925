/* The JSON of a run: what it holds, in which order, and what its hashes depend on. */
#include <ctype.h>
#include <jansson.h>

#include "engine_desk.h"

#define HEAD DESK_HEAD "local S = sliders.strategy { params = { n = sliders.int(3, 2, 50) } } "
#define BODY "function S:init(bars, p) self.m = bars.close:sma(p.n) end function S:bar(broker) broker:target(self.bars.close[0] > self.m[0] and 1 or -1) end return S"

static const char text[] = HEAD BODY;

static desk open_pairs(void) {
  desk d = desk_open(2);
  desk_add(&d, "EURUSD", 1.1, 200, 1);
  desk_add(&d, "USDJPY", 120.0, 200, 2);
  return d;
}

static json_t *parsed(const char *json) {
  json_error_t error;
  json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, &error);
  if (!root) fail_msg("line %d: %s", error.line, error.text);
  return root;
}

static json_t *run_of(desk *d, const char *vm, const char *strategy, const sld_run_options *options) {
  char *json = desk_bytes(d, vm, strategy, options);
  json_t *root = parsed(json);
  free(json);
  return root;
}

/* ---- What it holds ---- */

static json_t *at(json_t *from, const char *key) {
  json_t *value = json_object_get(from, key);
  if (!value) fail_msg("no \"%s\"", key);
  return value;
}

static void it_holds_inputs_pairs_trades_and_portfolio(void **state) {
  (void)state;
  desk d = open_pairs();
  desk_run r = desk_start(&d, "luajit", text, NULL);
  char *json = desk_json(&r);
  json_t *root = parsed(json), *inputs = at(root, "inputs"), *jobs = at(root, "jobs");
  assert_string_equal(json_string_value(at(at(inputs, "strategy"), "name")), "test");
  assert_int_equal(strlen(json_string_value(at(at(inputs, "strategy"), "hash"))), 32);
  assert_int_equal(strlen(json_string_value(at(at(at(inputs, "data"), "USDJPY"), "hash"))), 32);
  assert_int_equal(json_integer_value(at(at(at(inputs, "data"), "EURUSD"), "bars")), 200);
  assert_int_equal(json_array_size(jobs), 2);
  for (size_t i = 0; i < 2; i++) {
    const sld_job *job = desk_done(&r, i);
    json_t *one = json_array_get(jobs, i), *figures = at(one, "figures"), *trades = at(one, "trades");
    assert_string_equal(json_string_value(at(one, "pair")), job->pair);
    assert_int_equal(json_integer_value(at(at(one, "parameters"), "n")), 3);
    assert_true(json_number_value(at(one, "final_equity")) == job->final_equity);
    assert_true(json_number_value(at(at(one, "costs"), "spread")) == job->costs_spread);
    assert_true(json_number_value(at(one, "buy_and_hold")) == job->buy_and_hold);
    assert_int_equal(json_object_size(figures), sld_figure_count());
    for (size_t f = 0; f < sld_figure_count(); f++) {
      json_t *value = at(figures, sld_figure_at(f)->name);
      if (isfinite(job->figures[f])) assert_true(json_number_value(value) == job->figures[f]);
      else assert_true(json_is_null(value));
    }
    assert_true(job->trade_count > 10);
    assert_int_equal(json_array_size(trades), job->trade_count + job->open_count);
    for (size_t t = 0; t < job->trade_count; t++) {
      assert_true(json_number_value(at(json_array_get(trades, t), "net")) == job->trades[t].net);
      assert_true(json_number_value(at(json_array_get(trades, t), "exit_price")) == job->trades[t].exit_price);
    }
  }
  const sld_portfolio *portfolio = sld_result_portfolio(r.result);
  int sharpe = sld_figure_find("sharpe");
  assert_true(json_number_value(at(at(at(root, "portfolio"), "figures"), "sharpe")) == portfolio->figures[sharpe]);
  json_decref(root);
  free(json);
  desk_end(&r);
  desk_close(&d);
}

/* ---- Its form ---- */

static void expect_sorted(json_t *value) {
  const char *key, *last = NULL;
  json_t *inner;
  size_t i;
  if (json_is_object(value))
    json_object_foreach(value, key, inner) {
      if (last && strcmp(last, key) >= 0) fail_msg("\"%s\" stands before \"%s\"", last, key);
      last = key;
      expect_sorted(inner);
    }
  json_array_foreach(value, i, inner) expect_sorted(inner);
}

/* No text of fewer digits reads back as the number in token[size]. */
static void expect_shortest(const char *token, size_t size) {
  char got[64], shorter[400];
  assert_true(size < sizeof got);
  memcpy(got, token, size);
  got[size] = '\0';
  if (!strpbrk(got, ".e")) return; /* a whole number */
  double value = strtod(got, NULL);
  size_t digits = 0;
  const char *first = got + strspn(got, "-0.");
  for (const char *c = first; *c && *c != 'e'; c++) digits += isdigit((unsigned char)*c) != 0;
  if (digits <= 15) return; /* as many stand for themselves */
  snprintf(shorter, sizeof shorter, "%.*g", (int)digits - 1, value);
  if (strtod(shorter, NULL) == value) fail_msg("%s could be %s", got, shorter);
}

static void keys_are_sorted_and_numbers_the_shortest(void **state) {
  (void)state;
  desk d = open_pairs();
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.spread_pips = 0.7;
  options.weights = SLD_INVERSE_VOL;
  char *json = desk_bytes(&d, "lua54", text, &options);
  json_t *root = parsed(json);
  expect_sorted(root);
  json_decref(root);
  size_t numbers = 0;
  for (const char *c = json; *c;) {
    if (*c == '"') {
      for (c++; *c != '"'; c++) c += *c == '\\';
      c++;
    } else if (*c == '-' || isdigit((unsigned char)*c)) {
      size_t size = strspn(c, "+-.0123456789eE");
      expect_shortest(c, size);
      numbers++;
      c += size;
    } else {
      c++;
    }
  }
  assert_true(numbers > 1000);
  free(json);
  desk_close(&d);
}

/* ---- Its hashes ---- */

typedef struct hashes {
  char strategy[33], data[33], key[33];
} hashes;

static hashes hashes_of(desk *d, const char *vm, const char *strategy, const sld_run_options *options) {
  hashes h;
  json_t *root = run_of(d, vm, strategy, options), *inputs = at(root, "inputs");
  snprintf(h.strategy, sizeof h.strategy, "%s", json_string_value(at(at(inputs, "strategy"), "hash")));
  snprintf(h.data, sizeof h.data, "%s", json_string_value(at(at(at(inputs, "data"), "EURUSD"), "hash")));
  snprintf(h.key, sizeof h.key, "%s", json_string_value(at(inputs, "key")));
  json_decref(root);
  return h;
}

static void its_hashes_follow_strategy_data_and_options_alone(void **state) {
  (void)state;
  desk d = open_pairs(), same = desk_open(1), other = desk_open(1);
  desk_add(&same, "USDJPY", 120.0, 200, 2);
  desk_add(&same, "EURUSD", 1.1, 200, 1);
  desk_add(&other, "EURUSD", 1.1000001, 200, 1);
  desk_add(&other, "USDJPY", 120.0, 200, 2);
  hashes first = hashes_of(&d, "luajit", text, NULL), h = hashes_of(&same, "lua54", text, NULL);
  assert_memory_equal(&h, &first, sizeof h); /* neither engine, workers nor the order of loading */

  h = hashes_of(&d, "luajit", HEAD "  " BODY, NULL);
  assert_string_not_equal(h.strategy, first.strategy);
  assert_string_equal(h.data, first.data);
  assert_string_not_equal(h.key, first.key);

  h = hashes_of(&other, "luajit", text, NULL);
  assert_string_equal(h.strategy, first.strategy);
  assert_string_not_equal(h.data, first.data);
  assert_string_not_equal(h.key, first.key);

  const sld_setting setting = { "n", "4" };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.spread_pips = 1.0;
  h = hashes_of(&d, "luajit", text, &options);
  assert_string_equal(h.strategy, first.strategy);
  assert_string_equal(h.data, first.data);
  assert_string_not_equal(h.key, first.key);
  options.spread_pips = 0.0;
  options.settings = &setting;
  options.setting_count = 1;
  h = hashes_of(&d, "luajit", text, &options);
  assert_string_not_equal(h.key, first.key);
  desk_close(&d);
  desk_close(&same);
  desk_close(&other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(it_holds_inputs_pairs_trades_and_portfolio),
    cmocka_unit_test(keys_are_sorted_and_numbers_the_shortest),
    cmocka_unit_test(its_hashes_follow_strategy_data_and_options_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
