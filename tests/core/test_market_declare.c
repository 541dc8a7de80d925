/* Instruments by file: new ones, other numbers for known ones, and what is refused, with its place. */
#include "market_folder.h"

#include "failing.h"
#include "market/declare.h"

static sld_status declare(sld__instruments *own, const char *text, sld_error *err) {
  char path[2 * PATH_SIZE];
  write_text(folder, "instruments.json", text);
  snprintf(path, sizeof path, "%s/instruments.json", folder);
  return sld__declare_instruments(own, path, err);
}

static sld__instruments nothing(void) {
  return (sld__instruments){ .allocator = sld__alloc_default() };
}

static void a_new_instrument_is_found_wherever_names_are_looked_for(void **state) {
  (void)state;
  sld__instruments own = nothing();
  assert_int_equal(declare(&own,
                           "{\"US500\": {\"base\": \"US500\", \"quote\": \"USD\", \"digits\": 1, \"pip\": 1, \"lot\": 1, \"step\": 0.1, \"margin\": 0.05},\n"
                           " \"ETHUSDT\": {\"base\": \"ETH\", \"quote\": \"USDT\", \"digits\": 2, \"pip\": 0.01, \"lot\": 1, \"min_size\": 0.01, \"step\": 0.001}}",
                           NULL),
                   SLD_OK);
  const sld_instrument *us500 = sld__instrument_find(&own, "US500");
  assert_non_null(us500);
  assert_string_equal(us500->base, "US500");
  assert_string_equal(us500->quote, "USD");
  assert_true(us500->digits == 1 && us500->pip == 1.0 && us500->lot == 1.0 && us500->step == 0.1 && us500->min_size == 0.1 && us500->leverage == 20.0 && !us500->has_swap);
  assert_true(sld__instrument_find(&own, "ETHUSDT")->min_size == 0.01);
  assert_null(sld__instrument_find(NULL, "US500"));
  const sld_instrument *found = NULL;
  assert_int_equal(sld__instrument_in_text(&own, &found, "ethusdt-15m.csv", 15), 1);
  assert_string_equal(found->pair, "ETHUSDT");
  assert_string_equal(sld__instrument_suggest(&own, "US50"), "US500");
  assert_string_equal(sld__instrument_suggest(&own, "EURUSX"), "EURUSD");
  sld__declare_fini(&own);
}

static void a_name_inside_a_longer_one_does_not_count(void **state) {
  (void)state;
  sld__instruments own = nothing();
  assert_int_equal(declare(&own, "{\"XAUUSDT\": {\"base\": \"XAU\", \"quote\": \"USDT\", \"digits\": 2, \"pip\": 0.01, \"lot\": 1}}", NULL), SLD_OK);
  const sld_instrument *found = NULL;
  assert_int_equal(sld__instrument_in_text(&own, &found, "XAUUSDT.csv", 11), 1);
  assert_string_equal(found->pair, "XAUUSDT");
  assert_int_equal(sld__instrument_in_text(&own, &found, "XAUUSD.csv", 10), 1);
  assert_string_equal(found->pair, "XAUUSD");
  sld__declare_fini(&own);
}

static void a_known_instrument_keeps_what_is_not_named(void **state) {
  (void)state;
  sld__instruments own = nothing();
  assert_int_equal(declare(&own, "{\"EURUSD\": {\"base\": \"EUR\", \"swap_long\": -7.1, \"swap_short\": 3.4, \"triple_day\": \"friday\"}}", NULL), SLD_OK);
  assert_int_equal(declare(&own, "{\"EURUSD\": {\"leverage\": 20}, \"AUDUSD\": {\"step\": 1000}}", NULL), SLD_OK);
  const sld_instrument *eurusd = sld__instrument_find(&own, "EURUSD"), *audusd = sld__instrument_find(&own, "AUDUSD");
  assert_true(eurusd->digits == 5 && eurusd->pip == 0.0001 && eurusd->lot == 1e5 && eurusd->min_size == 1.0);
  assert_true(eurusd->has_swap && eurusd->swap_long == -7.1 && eurusd->swap_short == 3.4 && eurusd->leverage == 20.0);
  assert_int_equal(sld__instrument_triple_day(eurusd), 5);
  assert_true(audusd->step == 1000.0 && audusd->min_size == 1000.0);
  assert_true(sld__instrument_find(&own, "USDJPY") == sld__instrument_find(NULL, "USDJPY"));
  sld__declare_fini(&own);
}

static void the_triple_day_is_wednesday_and_thursday_where_spot_settles_after_a_day(void **state) {
  (void)state;
  assert_int_equal(sld__instrument_triple_day(sld__instrument_find(NULL, "EURUSD")), 3);
  assert_int_equal(sld__instrument_triple_day(sld__instrument_find(NULL, "USDCAD")), 4);
}

static void what_cannot_be_is_refused_with_its_place(void **state) {
  (void)state;
  const struct {
    const char *text;
    sld_status status;
    int line, column;
    const char *message;
  } cases[] = {
    { "{\"EURUSD\": {\"pip\": 1},}", SLD_EPARSE, 1, 23, "not JSON: string or '}' expected near '}'" },
    { "[]", SLD_EPARSE, 1, 1, "an object from instruments to their fields is expected" },
    { "{\"EURUSD\": 1}", SLD_EPARSE, 1, 2, "EURUSD: an object of fields is expected" },
    { "{\n \"AUDUSD\": {\"pip\": 0.01},\n \"EURUSD\": {\n  \"pit\": 0.01}}", SLD_ENAME, 4, 3, "EURUSD: no field 'pit'; did you mean 'pip'?" },
    { "{\"EURUSD\": {\"pip\": \"1\"}}", SLD_EPARSE, 1, 13, "EURUSD: pip must be a number" },
    { "{\"EURUSD\": {\"pip\": 0}}", SLD_ERANGE, 1, 13, "EURUSD: pip must be above 0 and at most 1000000000, not 0" },
    { "{\"EURUSD\": {\"digits\": 16}}", SLD_ERANGE, 1, 13, "EURUSD: digits must be from 0 to 15, not 16" },
    { "{\"EURUSD\": {\"digits\": 4.5}}", SLD_ERANGE, 1, 13, "EURUSD: digits must be a whole number, not 4.5" },
    { "{\"EURUSD\": {\"quote\": \"CHF\"}}", SLD_ERANGE, 1, 13, "EURUSD: quote is USD and cannot become CHF" },
    { "{\"EURUSD\": {\"quote\": \"usd\"}}", SLD_ERANGE, 1, 13, "EURUSD: quote must have 2 to 7 capital letters or digits, not 'usd'" },
    { "{\"US500\": {\"base\": \"US500\", \"quote\": \"USD\", \"digits\": 1, \"pip\": 1}}", SLD_ERANGE, 1, 2, "US500 is a new instrument and needs \"lot\"" },
    { "{\"us500\": {}}", SLD_ENAME, 1, 2, "'us500' is no name of an instrument: 2 to 15 capital letters, digits, '.', '_' or '-'" },
    { "{\"EURUSD\": {\"swap_long\": 1}}", SLD_ERANGE, 1, 13, "EURUSD: swap_long and swap_short go together: swap_short is missing" },
    { "{\"EURUSD\": {\"leverage\": 30, \"margin\": 0.1}}", SLD_ERANGE, 1, 29, "EURUSD: leverage and margin say one thing: give one" },
    { "{\"EURUSD\": {\"triple_day\": \"wenesday\"}}", SLD_ENAME, 1, 13, "EURUSD: no weekday 'wenesday'; did you mean 'wednesday'?" },
    { "{\"EURUSD\": {\"triple_day\": \"sunday\"}}", SLD_ENAME, 1, 13, "EURUSD: no weekday 'sunday'; did you mean 'monday'?" },
    { "{\"EURUSD\": {\"triple_day\": 3}}", SLD_EPARSE, 1, 13, "EURUSD: triple_day must be a weekday such as \"wednesday\"" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    sld__instruments own = nothing();
    sld_error err = { .status = SLD_OK };
    assert_int_equal(declare(&own, "{\"CADJPY\": {\"pip\": 0.02}}", NULL), SLD_OK);
    assert_int_equal(declare(&own, cases[i].text, &err), cases[i].status);
    assert_string_equal(err.message, cases[i].message);
    assert_int_equal(err.line, cases[i].line);
    assert_int_equal(err.column, cases[i].column);
    assert_true(own.count == 1 && own.list[0].pip == 0.02);
    sld__declare_fini(&own);
  }
}

static void a_missing_file_is_an_error(void **state) {
  (void)state;
  sld__instruments own = nothing();
  sld_error err;
  assert_int_equal(sld__declare_instruments(&own, "/nowhere/instruments.json", &err), SLD_EIO);
}

static void prices_of_a_declared_instrument_load_and_come_back_from_a_store(void **state) {
  (void)state;
  char path[2 * PATH_SIZE], store[2 * PATH_SIZE];
  write_text(folder, "own.json", "{\"US500\": {\"base\": \"US500\", \"quote\": \"USD\", \"digits\": 1, \"pip\": 1, \"lot\": 1}}");
  write_text(folder, "us500.csv", "time,open,high,low,close\n2024-01-02,4700.1,4760.5,4690,4742.8\n2024-01-03,4742,4750,4700.5,4704.8\n");
  snprintf(path, sizeof path, "%s/own.json", folder);
  snprintf(store, sizeof store, "%s/store", folder);
  sld_error err = { .status = SLD_OK };
  refused(folder, "us500.csv", &err);
  assert_int_equal(err.status, SLD_ENAME);
  sld__market *market = new_market();
  assert_int_equal(sld__market_load_instruments(market, path, &err), SLD_OK);
  char csv[2 * PATH_SIZE];
  snprintf(csv, sizeof csv, "%s/us500.csv", folder);
  assert_int_equal(sld__market_load(market, csv, &err), SLD_OK);
  assert_true(sld__market_find(market, "US500")->info.instrument.pip == 1.0);
  assert_int_equal(sld__market_save(market, store, &err), SLD_OK);
  assert_int_equal(sld__market_save(market, store, &err), SLD_OK);
  assert_int_equal(sld__market_load_instruments(market, path, &err), SLD_EVALUE);
  assert_string_equal(err.message, "instruments must be declared before prices are loaded");
  sld__market_free(market);

  market = new_market();
  assert_int_equal(sld__market_load_instruments(market, path, &err), SLD_OK);
  assert_int_equal(sld__market_load(market, store, &err), SLD_OK);
  assert_int_equal(sld__market_find(market, "US500")->count, 2);
  sld__market_free(market);
}

static void a_store_of_an_undeclared_instrument_names_it(void **state) {
  (void)state;
  char path[2 * PATH_SIZE];
  sld_error err = { .status = SLD_OK };
  sld__market *market = new_market();
  snprintf(path, sizeof path, "%s/store/US500/1d", folder);
  assert_int_equal(sld__market_load(market, path, &err), SLD_ENAME);
  assert_string_equal(err.message, "no instrument 'US500'");
  sld__market_free(market);
}

static void want_of_memory_leaves_what_was_declared(void **state) {
  (void)state;
  struct failing failing = { .refuse = 1 };
  sld__instruments own = { .allocator = failing_allocator(&failing) };
  sld_error err;
  assert_int_equal(declare(&own, "{\"EURUSD\": {\"pip\": 0.01}}", &err), SLD_ENOMEM);
  assert_int_equal(own.count, 0);
  assert_null(own.list);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_new_instrument_is_found_wherever_names_are_looked_for),
    cmocka_unit_test(a_name_inside_a_longer_one_does_not_count),
    cmocka_unit_test(a_known_instrument_keeps_what_is_not_named),
    cmocka_unit_test(the_triple_day_is_wednesday_and_thursday_where_spot_settles_after_a_day),
    cmocka_unit_test(what_cannot_be_is_refused_with_its_place),
    cmocka_unit_test(a_missing_file_is_an_error),
    cmocka_unit_test(prices_of_a_declared_instrument_load_and_come_back_from_a_store),
    cmocka_unit_test(a_store_of_an_undeclared_instrument_names_it),
    cmocka_unit_test(want_of_memory_leaves_what_was_declared),
  };
  return cmocka_run_group_tests(tests, make, clear);
}
