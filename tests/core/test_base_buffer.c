/* The growing buffer: what goes in comes out; running out of memory is remembered. */
#include "base/buffer.h"

#include "base/alloc.h"
#include "failing.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static void appended_parts_stand_in_a_row(void **state) {
  (void)state;
  struct failing failing = { 0 };
  sld_allocator allocator = failing_allocator(&failing);
  struct sld__buffer buffer;
  sld__buffer_init(&buffer, &allocator);
  assert_string_equal(sld__buffer_text(&buffer), "");
  sld__buffer_add_text(&buffer, "one");
  sld__buffer_add_byte(&buffer, ',');
  sld__buffer_add(&buffer, "two\0", 4);
  sld__buffer_add(&buffer, NULL, 0);
  sld__buffer_add_format(&buffer, "%d-%s", 3, "three");
  assert_int_equal(buffer.size, 15);
  assert_memory_equal(sld__buffer_text(&buffer), "one,two\0003-three", 16);
  assert_int_equal(sld__buffer_status(&buffer, NULL), SLD_OK);
  sld__buffer_fini(&buffer);
  assert_int_equal(failing.held, 0);
}

static void many_bytes_need_few_requests(void **state) {
  (void)state;
  struct failing failing = { 0 };
  sld_allocator allocator = failing_allocator(&failing);
  struct sld__buffer buffer;
  sld__buffer_init(&buffer, &allocator);
  for (int i = 0; i < 1000000; ++i) sld__buffer_add_byte(&buffer, (char)i);
  assert_int_equal(buffer.size, 1000000);
  assert_true(failing.requests < 20);
  for (int i = 0; i < 1000000; ++i) assert_true(buffer.data[i] == (char)i);
  sld__buffer_fini(&buffer);
}

static void taken_bytes_belong_to_the_taker(void **state) {
  (void)state;
  struct failing failing = { 0 };
  sld_allocator allocator = failing_allocator(&failing);
  struct sld__buffer buffer;
  sld__buffer_init(&buffer, &allocator);
  sld__buffer_add_text(&buffer, "mine");
  char *mine = sld__buffer_take(&buffer);
  assert_int_equal(buffer.size, 0);
  sld__buffer_fini(&buffer);
  assert_string_equal(mine, "mine");
  sld__free(&allocator, mine);
  assert_int_equal(failing.held, 0);
}

static void an_absurd_reservation_fails_without_overflow(void **state) {
  (void)state;
  sld_allocator allocator = sld__alloc_default();
  struct sld__buffer buffer;
  sld__buffer_init(&buffer, &allocator);
  sld__buffer_add_text(&buffer, "x");
  assert_null(sld__buffer_reserve(&buffer, SIZE_MAX));
  assert_true(buffer.failed);
  sld__buffer_fini(&buffer);
}

static sld_status fill(struct failing *failing, size_t *size) {
  sld_allocator allocator = failing_allocator(failing);
  struct sld__buffer buffer;
  sld__buffer_init(&buffer, &allocator);
  for (int i = 0; i < 200; ++i) {
    sld__buffer_add_format(&buffer, "%d;", i);
    sld__buffer_add_text(&buffer, "text");
  }
  bool failed = buffer.failed;
  size_t before = buffer.size;
  sld__buffer_add_byte(&buffer, 'x');
  if (failed) assert_int_equal(buffer.size, before);
  *size = buffer.size;
  sld_error err;
  sld_status status = sld__buffer_status(&buffer, &err);
  if (status) {
    assert_int_equal(err.status, SLD_ENOMEM);
    assert_null(sld__buffer_text(&buffer));
    assert_null(sld__buffer_take(&buffer));
  }
  sld__buffer_fini(&buffer);
  return status;
}

static void a_refused_request_is_remembered_and_nothing_leaks(void **state) {
  (void)state;
  for (size_t refuse = 1;; ++refuse) {
    struct failing failing = { .refuse = refuse };
    size_t size;
    sld_status status = fill(&failing, &size);
    assert_int_equal(failing.held, 0);
    if (status == SLD_OK) {
      assert_true(refuse > 3);
      break;
    }
    assert_int_equal(status, SLD_ENOMEM);
  }
}

static void a_reset_buffer_is_as_new(void **state) {
  (void)state;
  struct failing failing = { .refuse = 1 };
  sld_allocator allocator = failing_allocator(&failing);
  struct sld__buffer buffer;
  sld__buffer_init(&buffer, &allocator);
  sld__buffer_add_text(&buffer, "lost");
  assert_true(buffer.failed);
  failing.refuse = 0;
  sld__buffer_reset(&buffer);
  sld__buffer_add_text(&buffer, "kept");
  assert_string_equal(sld__buffer_text(&buffer), "kept");
  sld__buffer_fini(&buffer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(appended_parts_stand_in_a_row),
    cmocka_unit_test(many_bytes_need_few_requests),
    cmocka_unit_test(taken_bytes_belong_to_the_taker),
    cmocka_unit_test(an_absurd_reservation_fails_without_overflow),
    cmocka_unit_test(a_refused_request_is_remembered_and_nothing_leaks),
    cmocka_unit_test(a_reset_buffer_is_as_new),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
