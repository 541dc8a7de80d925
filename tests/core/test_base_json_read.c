/* Reading JSON: values come out, faults are told with line and byte column. */
#include "base/json_read.h"

#include "scratch.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

static void a_file_is_read(void **state) {
  (void)state;
  struct scratch scratch;
  assert_int_equal(scratch_make(&scratch), 0);
  const char *text = "{\"pair\": \"EURUSD\", \"bars\": 3}\n";
  json_t *root;
  assert_int_equal(sld__json_load(&root, scratch_write(&scratch, "a.json", text, strlen(text)), NULL), SLD_OK);
  assert_string_equal(json_string_value(json_object_get(root, "pair")), "EURUSD");
  json_decref(root);
  sld_error err;
  assert_int_equal(sld__json_load(&root, scratch_path(&scratch, "missing.json"), &err), SLD_EIO);
  assert_int_equal(sld__json_load(&root, scratch_write(&scratch, "b.json", "{\n  \"a\": 1,\n  x\n}", 17), &err), SLD_EPARSE);
  assert_string_equal(err.file, scratch_path(&scratch, "b.json"));
  assert_int_equal(err.line, 3);
  assert_int_equal(err.column, 3);
  assert_int_equal(scratch_remove(&scratch), 0);
}

static void faults_are_told_with_their_place(void **state) {
  (void)state;
  static const struct { const char *text; int line, column; } cases[] = {
    { "", 1, 1 },
    { "{", 1, 1 },
    { "[1, 2", 1, 5 },
    { "[1]\n[2]", 2, 1 },
    { "{\"a\": 1, \"a\": 2}", 1, 12 },
    { "[\"\xC3\xA9\xC3\xA9\", x]", 1, 10 },
    { "[\"\xFF\"]", 1, 2 },
    { "[01]", 1, 2 },
    { "[NaN]", 1, 4 },
    { "[1e999]", 1, 6 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    json_t *root = NULL;
    sld_error err;
    assert_int_equal(sld__json_parse(&root, "t.json", cases[i].text, strlen(cases[i].text), &err), SLD_EPARSE);
    char place[64], wanted[64];
    snprintf(place, sizeof place, "%s at %d:%d", cases[i].text, (int)err.line, (int)err.column);
    snprintf(wanted, sizeof wanted, "%s at %d:%d", cases[i].text, cases[i].line, cases[i].column);
    assert_string_equal(place, wanted);
    assert_string_equal(err.file, "t.json");
    assert_memory_equal(err.message, "not JSON: ", 10);
    assert_null(root);
  }
}

static void a_member_is_placed_by_the_keys_that_lead_to_it(void **state) {
  (void)state;
  const char *text = "{\n \"b\": {\"x\": \"a\\\"}\", \"list\": [{\"a\": 1}, 2], \"y\" : 3},\n  \"a\": {\"y\": {}}\n}";
  const struct {
    const char *keys[3];
    size_t count;
    int line, column;
  } cases[] = {
    { { "a" }, 1, 3, 3 }, { { "b", "y" }, 2, 2, 44 }, { { "a", "y" }, 2, 3, 9 }, { { "b", "list" }, 2, 2, 21 },
    { { "b", "none" }, 2, 2, 2 }, { { "none" }, 1, 1, 1 }, { { "a", "y", "z" }, 3, 3, 9 }, { { "b", "x", "z" }, 3, 2, 8 }, { { NULL }, 0, 1, 1 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t line, column;
    sld__json_place(text, strlen(text), cases[i].keys, cases[i].count, &line, &column);
    if (line != cases[i].line || column != cases[i].column) fail_msg("%zu: %lld:%lld", i, (long long)line, (long long)column);
  }
}

static void deep_nesting_is_refused_not_crashed(void **state) {
  (void)state;
  static char deep[100000];
  memset(deep, '[', sizeof deep);
  json_t *root;
  assert_int_equal(sld__json_parse(&root, "deep", deep, sizeof deep, NULL), SLD_EPARSE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_file_is_read),
    cmocka_unit_test(faults_are_told_with_their_place),
    cmocka_unit_test(a_member_is_placed_by_the_keys_that_lead_to_it),
    cmocka_unit_test(deep_nesting_is_refused_not_crashed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
