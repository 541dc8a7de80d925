/* Compensated sums keep what plain sums lose. */
#include "base/sum.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <float.h>

static double total(const double *x, size_t n) {
  struct sld__sum sum = { 0 };
  for (size_t i = 0; i < n; ++i) sld__sum_add(&sum, x[i]);
  return sld__sum_value(&sum);
}

#define TOTAL(...) total((const double[]){ __VA_ARGS__ }, sizeof(double[]){ __VA_ARGS__ } / sizeof(double))

static void a_large_term_does_not_swallow_small_ones(void **state) {
  (void)state;
  assert_true(TOTAL(1.0, 1e100, 1.0, -1e100) == 2.0);
  assert_true(TOTAL(1e16, 1.0, 1.0, -1e16) == 2.0);
}

static void ten_million_cents_are_exact(void **state) {
  (void)state;
  struct sld__sum sum = { 0 };
  for (int i = 0; i < 10000000; ++i) sld__sum_add(&sum, 0.01);
  assert_true(sld__sum_value(&sum) == 100000.0);
}

static void infinities_and_nan_come_out_as_in_a_plain_sum(void **state) {
  (void)state;
  double inf = (double)INFINITY;
  assert_true(TOTAL(1.0, inf, 2.0) == inf);
  assert_true(TOTAL(-inf, 1.0) == -inf);
  assert_true(isnan(TOTAL(inf, 1.0, -inf)));
  assert_true(isnan(TOTAL(1.0, (double)NAN, 1.0)));
  assert_true(TOTAL(DBL_MAX, DBL_MAX) == inf);
  assert_true(isnan(TOTAL((double)NAN, inf)));
}

static void an_empty_sum_is_zero(void **state) {
  (void)state;
  assert_true(total(NULL, 0) == 0.0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_large_term_does_not_swallow_small_ones),
    cmocka_unit_test(ten_million_cents_are_exact),
    cmocka_unit_test(infinities_and_nan_come_out_as_in_a_plain_sum),
    cmocka_unit_test(an_empty_sum_is_zero),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
