/* The JSON writer: the same data gives the same bytes; misuse and lost memory are told once, at the end. */
#include "base/json.h"

#include "base/alloc.h"
#include "base/number.h"
#include "failing.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <float.h>
#include <jansson.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct document {
  struct sld__buffer buffer;
  struct sld__json json;
  sld_error err;
};

static struct sld__json *start(struct document *document, int indent) {
  sld_allocator allocator = sld__alloc_default();
  sld__buffer_init(&document->buffer, &allocator);
  sld__json_init(&document->json, &document->buffer, indent);
  return &document->json;
}

static void finish_as(struct document *document, const char *text) {
  assert_int_equal(sld__json_finish(&document->json, &document->err), SLD_OK);
  assert_string_equal(sld__buffer_text(&document->buffer), text);
  sld__buffer_fini(&document->buffer);
}

static void finish_broken(struct document *document, const char *message) {
  assert_int_equal(sld__json_finish(&document->json, &document->err), SLD_EINVAL);
  assert_string_equal(document->err.message, message);
  sld__buffer_fini(&document->buffer);
}

static void sample(struct sld__json *json) {
  sld__json_open_object(json);
  sld__json_key(json, "a");
  sld__json_open_array(json);
  sld__json_integer(json, -3);
  sld__json_open_object(json);
  sld__json_close(json);
  sld__json_close(json);
  sld__json_key(json, "ab");
  sld__json_open_row(json);
  sld__json_number(json, 0.1);
  sld__json_open_object(json);
  sld__json_key(json, "z");
  sld__json_null(json);
  sld__json_close(json);
  sld__json_close(json);
  sld__json_key(json, "b");
  sld__json_open_object(json);
  sld__json_key(json, "a");
  sld__json_boolean(json, true);
  sld__json_close(json);
  sld__json_key(json, "c");
  sld__json_text(json, "x");
  sld__json_close(json);
}

static void without_indent_everything_is_on_one_line(void **state) {
  (void)state;
  struct document document;
  sample(start(&document, 0));
  finish_as(&document, "{\"a\":[-3,{}],\"ab\":[0.1,{\"z\":null}],\"b\":{\"a\":true},\"c\":\"x\"}");
}

static void with_indent_rows_stay_on_one_line(void **state) {
  (void)state;
  struct document document;
  sample(start(&document, 2));
  finish_as(&document, "{\n  \"a\": [\n    -3,\n    {}\n  ],\n  \"ab\": [0.1, {\"z\": null}],\n  \"b\": {\n    \"a\": true\n  },\n  \"c\": \"x\"\n}\n");
}

static void texts_are_escaped_and_kept_utf8(void **state) {
  (void)state;
  struct document document;
  sld__json_text(start(&document, 0), "\"\\/\b\f\n\r\t\x01\x1f\x7f \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
  finish_as(&document, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\"");
  sld__json_bytes(start(&document, 0), "a\0b", 3);
  finish_as(&document, "\"a\\u0000b\"");
}

static void bytes_that_are_not_utf8_become_the_replacement_character(void **state) {
  (void)state;
  static const char *const bad[] = { "\x80", "\xC0", "\xC1", "\xC3", "\xE2", "\xF5", "\xFF" };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    struct document document;
    sld__json_text(start(&document, 0), bad[i]);
    finish_as(&document, "\"\xEF\xBF\xBD\"");
  }
  struct document document;
  sld__json_text(start(&document, 0), "a\xED\xA0\x80z\xC0\xAF\xE2\x82");
  finish_as(&document, "\"a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  sld__json_text(start(&document, 0), "\xF4\x90\x80\x80");
  finish_as(&document, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  sld__json_text(start(&document, 0), "\xF4\x8F\xBF\xBF\xED\x9F\xBF\xEE\x80\x80");
  finish_as(&document, "\"\xF4\x8F\xBF\xBF\xED\x9F\xBF\xEE\x80\x80\"");
}

static void undefined_and_infinite_numbers_are_null(void **state) {
  (void)state;
  struct document document;
  struct sld__json *json = start(&document, 0);
  sld__json_open_array(json);
  sld__json_number(json, (double)NAN);
  sld__json_number(json, (double)INFINITY);
  sld__json_number(json, -(double)INFINITY);
  sld__json_integer(json, INT64_MIN);
  sld__json_close(json);
  finish_as(&document, "[null,null,null,-9223372036854775808]");
}

static void keys_out_of_order_break_the_document(void **state) {
  (void)state;
  static const char *const pairs[][2] = { { "b", "a" }, { "a", "a" }, { "ab", "a" }, { "a", "Z" }, { "\xC3\xA9", "z" }, { "", "" } };
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; ++i) {
    struct document document;
    struct sld__json *json = start(&document, 0);
    sld__json_open_object(json);
    sld__json_key(json, pairs[i][0]);
    sld__json_null(json);
    sld__json_key(json, pairs[i][1]);
    sld__json_null(json);
    sld__json_close(json);
    char message[64];
    snprintf(message, sizeof message, "JSON: key '%s' after '%s'", pairs[i][1], pairs[i][0]);
    finish_broken(&document, message);
  }
}

static void order_is_kept_across_nested_objects(void **state) {
  (void)state;
  struct document document;
  struct sld__json *json = start(&document, 0);
  sld__json_open_object(json);
  sld__json_key(json, "m");
  sld__json_open_object(json);
  sld__json_key(json, "zzz");
  sld__json_null(json);
  sld__json_close(json);
  sld__json_key(json, "l");
  sld__json_null(json);
  sld__json_close(json);
  finish_broken(&document, "JSON: key 'l' after 'm'");
}

static void calls_out_of_place_are_told(void **state) {
  (void)state;
  struct document document;
  start(&document, 0);
  finish_broken(&document, "JSON: no value");
  struct sld__json *json = start(&document, 0);
  sld__json_open_object(json);
  sld__json_null(json);
  sld__json_key(json, "later"); /* the first problem is the one that is told */
  finish_broken(&document, "JSON: a value without a key in an object");
  json = start(&document, 0);
  sld__json_open_array(json);
  sld__json_key(json, "k");
  finish_broken(&document, "JSON: key 'k' where a value is due");
  json = start(&document, 0);
  sld__json_open_object(json);
  sld__json_key(json, "k");
  sld__json_close(json);
  finish_broken(&document, "JSON: key 'k' without a value");
  json = start(&document, 0);
  sld__json_null(json);
  sld__json_null(json);
  finish_broken(&document, "JSON: a second value after the document's end");
  sld__json_close(start(&document, 0));
  finish_broken(&document, "JSON: nothing to close");
  sld__json_open_array(start(&document, 0));
  finish_broken(&document, "JSON: ']' is missing");
  json = start(&document, 0);
  for (int i = 0; i <= SLD__JSON_DEPTH; ++i) sld__json_open_array(json);
  finish_broken(&document, "JSON: more than 32 levels");
}

static void refused_memory_is_told_and_nothing_leaks(void **state) {
  (void)state;
  sld_status status = SLD_ENOMEM;
  for (size_t refuse = 1; status; ++refuse) {
    struct failing failing = { .refuse = refuse };
    sld_allocator allocator = failing_allocator(&failing);
    struct sld__buffer buffer;
    struct sld__json json;
    sld__buffer_init(&buffer, &allocator);
    sld__json_init(&json, &buffer, 2);
    sample(&json);
    sld_error err;
    status = sld__json_finish(&json, &err);
    if (status) assert_int_equal(err.status, SLD_ENOMEM);
    sld__buffer_fini(&buffer);
    assert_int_equal(failing.held, 0);
    assert_true(status == SLD_OK || status == SLD_ENOMEM);
  }
}

static void prints_as(double value, const char *text) {
  char out[SLD__NUMBER_SIZE];
  size_t length = sld__number_format(out, value);
  assert_string_equal(out, text);
  assert_int_equal(length, strlen(text));
}

static void numbers_are_short_and_plain(void **state) {
  (void)state;
  prints_as(0.0, "0");
  prints_as(-0.0, "0");
  prints_as(1.0, "1");
  prints_as(-42.0, "-42");
  prints_as(100000.0, "100000");
  prints_as(0.1, "0.1");
  prints_as(0.1 + 0.2, "0.30000000000000004");
  prints_as(1.0 / 3.0, "0.3333333333333333");
  prints_as(1.12345, "1.12345");
  prints_as(-98765.4321, "-98765.4321");
  prints_as(9007199254740993.0, "9007199254740992");
  prints_as(1e15, "1000000000000000");
  prints_as(1e20, "100000000000000000000");
  prints_as(123456789012345678.0, "123456789012345680");
  prints_as(1e21, "1e21");
  prints_as(1.5e300, "1.5e300");
  prints_as(1e-6, "0.000001");
  prints_as(1.5e-6, "0.0000015");
  prints_as(1e-7, "1e-7");
  prints_as(-1.25e-7, "-1.25e-7");
  prints_as(DBL_MAX, "1.7976931348623157e308");
  prints_as(DBL_TRUE_MIN, "4.94065645841247e-324");
  prints_as(-0x1.23456789abcdep-1022, "-2.5316395901237486e-308");
  prints_as((double)NAN, "nan");
  prints_as(-(double)INFINITY, "-inf");
}

static void numbers_read_back_equal(void **state) {
  (void)state;
  uint64_t bits = 88172645463325252u;
  for (int i = 0; i < 100000; ++i) {
    bits ^= bits << 13;
    bits ^= bits >> 7;
    bits ^= bits << 17; /* Marsaglia's xorshift64 */
    double value;
    memcpy(&value, &bits, sizeof value);
    if (i % 2) value = (double)(int64_t)(bits % 2000000000u) / 100000.0;
    if (!isfinite(value)) continue;
    char text[SLD__NUMBER_SIZE];
    assert_true(sld__number_format(text, value) < SLD__NUMBER_SIZE);
    assert_true(strtod(text, NULL) == value);
  }
}

/* Prices, which are written without the C library's help, against its shortest of 15 to 17 digits. */
static void numbers_of_few_decimals_are_the_shortest_of_15_to_17_digits(void **state) {
  (void)state;
  uint64_t bits = 88172645463325252u;
  for (int i = 0; i < 200000; ++i) {
    bits ^= bits << 13;
    bits ^= bits >> 7;
    bits ^= bits << 17;
    double value = (double)(int64_t)(bits % 2000000u) / (double)(1 + bits % 7 * 99999) * (i % 2 ? 1.0 : -1e-3);
    char text[SLD__NUMBER_SIZE], plain[64];
    int digits = 15;
    while (digits < 17 && (snprintf(plain, sizeof plain, "%.*g", digits, value), strtod(plain, NULL) != value)) ++digits;
    snprintf(plain, sizeof plain, "%.*g", digits, value);
    sld__number_format(text, value);
    if (strchr(plain, 'e')) assert_true(strtod(text, NULL) == value);
    else assert_string_equal(text, value == 0.0 ? "0" : plain);
  }
}

static void a_decimal_comma_does_not_reach_the_text(void **state) {
  (void)state;
  static const char *const names[] = { "de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8" };
  const char *set = NULL;
  for (size_t i = 0; i < 4 && !set; ++i) set = setlocale(LC_NUMERIC, names[i]);
  if (!set) {
    print_message("no locale with a decimal comma here\n");
    skip();
  }
  prints_as(1.5, "1.5");
  prints_as(0.1 + 0.2, "0.30000000000000004");
  prints_as(1.5e300, "1.5e300");
  setlocale(LC_NUMERIC, "C");
}

static void another_parser_reads_the_same(void **state) {
  (void)state;
  struct document document;
  sample(start(&document, 2));
  assert_int_equal(sld__json_finish(&document.json, NULL), SLD_OK);
  json_error_t error;
  json_t *root = json_loadb(document.buffer.data, document.buffer.size, JSON_REJECT_DUPLICATES, &error);
  assert_non_null(root);
  assert_true(json_real_value(json_array_get(json_object_get(root, "ab"), 0)) == 0.1);
  json_decref(root);
  sld__buffer_fini(&document.buffer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(without_indent_everything_is_on_one_line),
    cmocka_unit_test(with_indent_rows_stay_on_one_line),
    cmocka_unit_test(texts_are_escaped_and_kept_utf8),
    cmocka_unit_test(bytes_that_are_not_utf8_become_the_replacement_character),
    cmocka_unit_test(undefined_and_infinite_numbers_are_null),
    cmocka_unit_test(keys_out_of_order_break_the_document),
    cmocka_unit_test(order_is_kept_across_nested_objects),
    cmocka_unit_test(calls_out_of_place_are_told),
    cmocka_unit_test(refused_memory_is_told_and_nothing_leaks),
    cmocka_unit_test(numbers_are_short_and_plain),
    cmocka_unit_test(numbers_read_back_equal),
    cmocka_unit_test(numbers_of_few_decimals_are_the_shortest_of_15_to_17_digits),
    cmocka_unit_test(a_decimal_comma_does_not_reach_the_text),
    cmocka_unit_test(another_parser_reads_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
