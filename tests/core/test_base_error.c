/* Errors carry a position and format as file:line:column: message. */
#include "base/error.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static void a_full_position_is_printed_first(void **state) {
  (void)state;
  sld_error err;
  assert_int_equal(sld__fail_at(&err, SLD_EPARSE, "a.csv", 3, 7, "bad number '%s'", "1.2x"), SLD_EPARSE);
  char text[128];
  assert_int_equal(sld_error_format(&err, text, sizeof text), strlen("a.csv:3:7: bad number '1.2x'"));
  assert_string_equal(text, "a.csv:3:7: bad number '1.2x'");
}

static void parts_that_do_not_apply_are_left_out(void **state) {
  (void)state;
  sld_error err;
  char text[64];
  sld__fail(&err, SLD_EINVAL, "no");
  sld_error_format(&err, text, sizeof text);
  assert_string_equal(text, "no");
  sld__fail_at(&err, SLD_EINVAL, "bars.close[3]", 0, 0, "no");
  sld_error_format(&err, text, sizeof text);
  assert_string_equal(text, "bars.close[3]: no");
}

static void a_long_message_is_cut_and_terminated(void **state) {
  (void)state;
  sld_error err;
  char longest[4096];
  memset(longest, 'x', sizeof longest - 1);
  longest[sizeof longest - 1] = '\0';
  sld__fail(&err, SLD_EINVAL, "%s", longest);
  assert_int_equal(strlen(err.message), sizeof err.message - 1);
}

static void what_a_message_quotes_does_not_steer_a_terminal(void **state) {
  (void)state;
  sld_error err;
  sld__fail(&err, SLD_EPARSE, "'%s' is no time", "\x1B[2J\n\x7F");
  assert_string_equal(err.message, "'?[2J?" "?' is no time");
  sld__fail_at(&err, SLD_EPARSE, "a.csv", 1, 1, "%s", "\xC3\xA9t\xC3\xA9\t");
  assert_string_equal(err.message, "\xC3\xA9t\xC3\xA9?");
  sld__fail_at(&err, SLD_EPARSE, "a.zip:\x1B[2J.csv", 1, 1, "no");
  assert_string_equal(err.file, "a.zip:?[2J.csv");
}

static void every_status_has_a_name_and_a_text(void **state) {
  (void)state;
  assert_string_equal(sld_status_name(SLD_ERATE), "ERATE");
  assert_string_equal(sld_status_text(SLD_OK), "success");
  assert_string_equal(sld_status_name((sld_status)-99), "?");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_full_position_is_printed_first),
    cmocka_unit_test(parts_that_do_not_apply_are_left_out),
    cmocka_unit_test(a_long_message_is_cut_and_terminated),
    cmocka_unit_test(what_a_message_quotes_does_not_steer_a_terminal),
    cmocka_unit_test(every_status_has_a_name_and_a_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
