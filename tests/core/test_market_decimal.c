/* Decimal numbers are read as strtod reads them, and nothing else is a number. */
#include "market/decimal.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static void expect_as_strtod(const char *text) {
  double got = -1.0;
  double expected = strtod(text, NULL);
  if (sld__decimal_parse(&got, text, strlen(text)) != SLD__DECIMAL_OK || memcmp(&got, &expected, sizeof got) != 0) {
    print_error("%s: %.17g, by strtod %.17g\n", text, got, expected);
    fail();
  }
}

/* Digits with a point somewhere, 1 to 20 of them. */
static void write_digits(char *out, uint64_t *state) {
  size_t count = 1 + next_random(state) % 20;
  size_t point = next_random(state) % (count + 1);
  for (size_t i = 0; i < count; i++) {
    if (i == point) *out++ = '.';
    *out++ = (char)('0' + next_random(state) % 10);
  }
  *out = '\0';
}

static void random_plain_numbers_equal_strtod(void **unused) {
  (void)unused;
  uint64_t state = 88172645463325252u;
  for (int i = 0; i < 200000; i++) {
    char text[64];
    write_digits(text, &state);
    expect_as_strtod(text);
  }
}

static void random_numbers_with_exponents_equal_strtod(void **unused) {
  (void)unused;
  uint64_t state = 362436069362436069u;
  for (int i = 0; i < 200000; i++) {
    char text[64];
    text[0] = next_random(&state) % 2 ? '-' : '+';
    write_digits(text + 1, &state);
    size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "%c%d", next_random(&state) % 2 ? 'e' : 'E', (int)(next_random(&state) % 561) - 280);
    if (strspn(text + 1, "0.") >= used - 1) continue; /* zeros with a sign of their own are below */
    expect_as_strtod(text);
  }
}

static void shortest_texts_of_random_doubles_come_back(void **unused) {
  (void)unused;
  uint64_t state = 521288629521288629u;
  for (int i = 0; i < 100000; i++) {
    uint64_t bits = next_random(&state);
    double value;
    memcpy(&value, &bits, sizeof value);
    if (!(value - value == 0.0)) continue;
    char text[64];
    snprintf(text, sizeof text, "%.17g", value);
    expect_as_strtod(text);
  }
}

static void edges_of_the_fast_path_are_exact(void **unused) {
  (void)unused;
  const char *const texts[] = { "0",          "-0",          "0.0",      "0e999999", "1e22",     "1e23",        "1e-22",      "1e-23",
                                "9007199254740992", "9007199254740993", "9007199254740993e-5", "999999999999999", "99999999999999999999", "0.1", ".5", "5.",
                                "00000000000000000000000000000001.25", "0.00000000000000000000000000000125", "2.2250738585072011e-308",
                                "4.9e-324",   "1.7976931348623157e308", "100083.00000000001", "1.3184799999999999", "0.62300003" };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) expect_as_strtod(texts[i]);
}

static void other_texts_are_no_numbers(void **unused) {
  (void)unused;
  const char *const texts[] = { "", ".", "+", "-", "e5", "1e", "1e+", "1.2.3", "1,5", " 1", "1 ", "0x1.18p+0", "nan", "NaN", "inf", "-Infinity", "nan(0x7)", "1.0941O", "1_000", "--1", "1e5.0", "1f" };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    double value = 7.0;
    assert_int_equal(sld__decimal_parse(&value, texts[i], strlen(texts[i])), SLD__DECIMAL_TEXT);
    assert_true(value == 7.0);
  }
}

static void what_no_double_holds_is_out_of_range(void **unused) {
  (void)unused;
  const char *const texts[] = { "1e400", "-1e400", "1e-400", "1.8e308", "1e99999999999999999999", "1e-99999999999999999999" };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    double value = 7.0;
    assert_int_equal(sld__decimal_parse(&value, texts[i], strlen(texts[i])), SLD__DECIMAL_RANGE);
    assert_true(value == 7.0);
  }
}

static void a_number_of_endless_digits_is_refused_and_a_long_one_is_not(void **unused) {
  (void)unused;
  char text[SLD__DECIMAL_MAX + 2];
  memset(text, '3', sizeof text);
  double value;
  text[1] = '.';
  assert_int_equal(sld__decimal_parse(&value, text, SLD__DECIMAL_MAX), SLD__DECIMAL_OK);
  assert_true(value == 3.3333333333333333);
  assert_int_equal(sld__decimal_parse(&value, text, SLD__DECIMAL_MAX + 1), SLD__DECIMAL_TEXT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(random_plain_numbers_equal_strtod),
    cmocka_unit_test(random_numbers_with_exponents_equal_strtod),
    cmocka_unit_test(shortest_texts_of_random_doubles_come_back),
    cmocka_unit_test(edges_of_the_fast_path_are_exact),
    cmocka_unit_test(other_texts_are_no_numbers),
    cmocka_unit_test(what_no_double_holds_is_out_of_range),
    cmocka_unit_test(a_number_of_endless_digits_is_refused_and_a_long_one_is_not),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
