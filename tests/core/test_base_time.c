/* Instants as text: the shortest form that says them whole. */
#include <sliders.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static void expect(int64_t time, const char *text) {
  char buf[40];
  assert_int_equal(sld_time_format(time, buf, sizeof buf), strlen(text));
  assert_string_equal(buf, text);
}

static void midnight_is_written_as_a_date(void **state) {
  (void)state;
  expect(0, "1970-01-01");
  expect(INT64_C(1325548800) * 1000000000, "2012-01-03");
  expect(INT64_C(951782400) * 1000000000, "2000-02-29");
  expect(INT64_C(-86400) * 1000000000, "1969-12-31");
}

static void other_instants_carry_the_shortest_fraction(void **state) {
  (void)state;
  expect(INT64_C(1325610000) * 1000000000, "2012-01-03T17:00:00Z");
  expect(INT64_C(1325610000) * 1000000000 + 250000000, "2012-01-03T17:00:00.25Z");
  expect(INT64_C(1325610000) * 1000000000 + 1, "2012-01-03T17:00:00.000000001Z");
  expect(-1, "1969-12-31T23:59:59.999999999Z");
}

static void the_whole_range_of_64_bits_fits(void **state) {
  (void)state;
  expect(INT64_MAX, "2262-04-11T23:47:16.854775807Z");
  expect(INT64_MIN, "1677-09-21T00:12:43.145224192Z");
}

static void a_short_buffer_is_cut_and_the_length_is_that_of_the_whole(void **state) {
  (void)state;
  char buf[5];
  assert_int_equal(sld_time_format(0, buf, sizeof buf), 10);
  assert_string_equal(buf, "1970");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(midnight_is_written_as_a_date),
    cmocka_unit_test(other_instants_carry_the_shortest_fraction),
    cmocka_unit_test(the_whole_range_of_64_bits_fits),
    cmocka_unit_test(a_short_buffer_is_cut_and_the_length_is_that_of_the_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
