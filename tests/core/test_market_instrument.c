/* The table of instruments is sorted and sound; unknown names are errors with a suggestion. */
#include "market/instrument.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static void the_table_is_sorted_and_sound(void **state) {
  (void)state;
  const sld_instrument *before = NULL;
  const sld_instrument *i;
  for (size_t k = 0; (i = sld__instrument_at(k)); k++) {
    if (before) assert_true(strcmp(before->pair, i->pair) < 0);
    assert_int_equal(strlen(i->base), 3);
    assert_int_equal(strlen(i->quote), 3);
    assert_memory_equal(i->pair, i->base, 3);
    assert_string_equal(i->pair + 3, i->quote);
    assert_true(i->pip == (strcmp(i->quote, "JPY") == 0 || i->pip != 0.0001 ? 0.01 : 0.0001));
    assert_true(i->digits >= 2 && i->digits <= 5);
    assert_true(i->min_size == 1.0 && i->step == 1.0);
    assert_ptr_equal(sld__instrument_find(NULL, i->pair), i);
    before = i;
  }
  assert_non_null(before);
}

static void majors_crosses_and_metals_have_their_pips_and_lots(void **state) {
  (void)state;
  const sld_instrument *eurusd = sld__instrument_find(NULL, "EURUSD");
  assert_true(eurusd->pip == 0.0001 && eurusd->lot == 100000.0 && eurusd->digits == 5);
  const sld_instrument *usdjpy = sld__instrument_find(NULL, "USDJPY");
  assert_true(usdjpy->pip == 0.01 && usdjpy->lot == 100000.0 && usdjpy->digits == 3);
  assert_true(sld__instrument_find(NULL, "XAUUSD")->lot == 100.0);
  assert_true(sld__instrument_find(NULL, "XAGUSD")->lot == 5000.0);
  const char *const names[] = { "GBPUSD", "AUDUSD", "NZDUSD", "USDCHF", "USDCAD", "USDSEK", "USDNOK", "USDDKK", "NOKSEK", "EURNOK", "GBPJPY", "AUDNZD", "CADCHF" };
  for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) assert_non_null(sld__instrument_find(NULL, names[k]));
}

static void an_unknown_name_is_an_error_with_a_suggestion(void **state) {
  (void)state;
  const sld_instrument *out = NULL;
  sld_error err;
  assert_int_equal(sld__instrument_get(NULL, &out, "EURUSX", "bars.pair", &err), SLD_ENAME);
  assert_string_equal(err.message, "no instrument 'EURUSX'; did you mean EURUSD?");
  assert_string_equal(err.file, "bars.pair");
  assert_null(out);
  assert_int_equal(sld__instrument_get(NULL, &out, "QQQQQQQQQQ", "bars.pair", &err), SLD_ENAME);
  assert_string_equal(err.message, "no instrument 'QQQQQQQQQQ'");
  assert_null(sld__instrument_find(NULL, "EURUS"));
  assert_null(sld__instrument_find(NULL, "EURUSDX"));
  assert_null(sld__instrument_find(NULL, "eurusd"));
  assert_null(sld__instrument_find(NULL, ""));
}

static void names_are_found_inside_file_names(void **state) {
  (void)state;
  const struct {
    const char *text;
    size_t count;
    const char *pair;
  } cases[] = {
    { "EURUSD.csv", 1, "EURUSD" },         { "gbpusd-m1-bid-2012.csv", 1, "GBPUSD" }, { "DAT_MT_EURUSD_M1.csv", 1, "EURUSD" },
    { "EURUSD_EURUSD.csv", 1, "EURUSD" }, { "EURUSDJPY.csv", 2, "EURUSD" },          { "prices.csv", 0, NULL },
    { "EURUS", 0, NULL },                  { "", 0, NULL },
  };
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    const sld_instrument *found = NULL;
    assert_int_equal(sld__instrument_in_text(NULL, &found, cases[k].text, strlen(cases[k].text)), cases[k].count);
    if (cases[k].pair) assert_string_equal(found->pair, cases[k].pair);
    else assert_null(found);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_table_is_sorted_and_sound),
    cmocka_unit_test(majors_crosses_and_metals_have_their_pips_and_lots),
    cmocka_unit_test(an_unknown_name_is_an_error_with_a_suggestion),
    cmocka_unit_test(names_are_found_inside_file_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
