/* Long blocks wait for one who asks for their very size, up to a budget. */
#include "base/spare.h"

#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "failing.h"

enum { LEAST = SLD__SPARE_LEAST };

typedef struct desk {
  struct failing failing;
  sld_allocator a;
  sld__spare *spare;
} desk;

/* A spare with room for `blocks` of the shortest that it keeps. */
static desk *open_desk(size_t blocks) {
  static desk d;
  d = (desk){ .failing = { 0, 0, 0 } };
  d.a = failing_allocator(&d.failing);
  assert_int_equal(sld__spare_new(&d.spare, &d.a, blocks * LEAST * sizeof(double), NULL), SLD_OK);
  return &d;
}

static void close_desk(desk *d) {
  sld__spare_free(d->spare);
  assert_int_equal(d->failing.held, 0);
}

static double *take(desk *d, size_t count) {
  double *values = sld__spare_take(d->spare, &d->a, count);
  assert_non_null(values);
  values[0] = values[count - 1] = 1.0;
  return values;
}

static void give(desk *d, double *values, size_t count) {
  sld__spare_give(d->spare, &d->a, values, count);
}

static void a_block_is_taken_again_without_asking_the_allocator(void **state) {
  (void)state;
  desk *d = open_desk(4);
  double *values = take(d, LEAST);
  give(d, values, LEAST);
  size_t requests = d->failing.requests;
  d->failing.refuse = 1;
  assert_ptr_equal(take(d, LEAST), values);
  assert_int_equal(d->failing.requests, requests);
  assert_null(sld__spare_take(d->spare, &d->a, LEAST)); /* there was one alone */
  give(d, values, LEAST);
  close_desk(d);
}

static void another_size_is_another_block(void **state) {
  (void)state;
  desk *d = open_desk(4);
  double *values = take(d, LEAST), *longer;
  give(d, values, LEAST);
  longer = take(d, LEAST + 1);
  assert_ptr_not_equal(longer, values);
  give(d, longer, LEAST + 1);
  assert_ptr_equal(take(d, LEAST), values);
  give(d, values, LEAST);
  close_desk(d);
}

static void what_was_given_longest_ago_goes_first(void **state) {
  (void)state;
  desk *d = open_desk(2);
  double *blocks[3];
  for (size_t i = 0; i < 3; i++) blocks[i] = take(d, LEAST);
  size_t held = d->failing.held;
  for (size_t i = 0; i < 3; i++) give(d, blocks[i], LEAST);
  assert_int_equal(d->failing.held, held - 1);
  assert_ptr_equal(take(d, LEAST), blocks[2]);
  assert_ptr_equal(take(d, LEAST), blocks[1]);
  give(d, blocks[1], LEAST);
  give(d, blocks[2], LEAST);
  close_desk(d);
}

static void short_blocks_and_blocks_beyond_the_budget_are_freed(void **state) {
  (void)state;
  desk *d = open_desk(1);
  size_t held = d->failing.held;
  give(d, take(d, LEAST - 1), LEAST - 1);
  assert_int_equal(d->failing.held, held);
  give(d, take(d, LEAST + 1), LEAST + 1);
  assert_int_equal(d->failing.held, held);
  give(d, NULL, LEAST);
  close_desk(d);
}

static void no_spare_is_the_allocator(void **state) {
  (void)state;
  struct failing failing = { 0, 0, 0 };
  sld_allocator a = failing_allocator(&failing);
  double *values = sld__spare_take(NULL, &a, LEAST);
  assert_int_equal(failing.held, 1);
  sld__spare_give(NULL, &a, values, LEAST);
  assert_int_equal(failing.held, 0);
  sld__spare_free(NULL);
}

static void a_spare_without_memory_is_refused(void **state) {
  (void)state;
  struct failing failing = { 0, 1, 0 };
  sld_allocator a = failing_allocator(&failing);
  sld__spare *spare;
  assert_int_equal(sld__spare_new(&spare, &a, 1, NULL), SLD_ENOMEM);
  assert_int_equal(failing.held, 0);
}

/* ---- Threads: nobody gets a block that another holds ---- */

typedef struct turn {
  sld__spare *spare;
  sld_allocator a;
  double mark;
  bool alone;
} turn;

static void *take_turns(void *ud) {
  turn *t = ud;
  t->alone = true;
  for (int i = 0; i < 500; i++) {
    double *values = sld__spare_take(t->spare, &t->a, LEAST);
    values[0] = values[LEAST - 1] = t->mark;
    t->alone &= values[0] == t->mark && values[LEAST - 1] == t->mark;
    sld__spare_give(t->spare, &t->a, values, LEAST);
  }
  return NULL;
}

static void a_block_has_one_holder(void **state) {
  (void)state;
  enum { THREADS = 4 };
  sld_allocator a = sld__alloc_default();
  sld__spare *spare;
  pthread_t threads[THREADS];
  turn turns[THREADS];
  assert_int_equal(sld__spare_new(&spare, &a, 2 * LEAST * sizeof(double), NULL), SLD_OK);
  for (int i = 0; i < THREADS; i++) {
    turns[i] = (turn){ spare, a, i + 1.0, false };
    assert_int_equal(pthread_create(&threads[i], NULL, take_turns, &turns[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_true(turns[i].alone);
  }
  sld__spare_free(spare);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_block_is_taken_again_without_asking_the_allocator),
    cmocka_unit_test(another_size_is_another_block),
    cmocka_unit_test(what_was_given_longest_ago_goes_first),
    cmocka_unit_test(short_blocks_and_blocks_beyond_the_budget_are_freed),
    cmocka_unit_test(no_spare_is_the_allocator),
    cmocka_unit_test(a_spare_without_memory_is_refused),
    cmocka_unit_test(a_block_has_one_holder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
