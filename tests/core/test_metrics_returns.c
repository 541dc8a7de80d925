/* Edges of the return figures, and order statistics against sorting. */
#include "metrics/benchmark.h"
#include "metrics/overfit.h"
#include "metrics/returns.h"

#include "base/math.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LONG = 20000 };

/* Uniform in (0, 1). */
static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return ((double)(*state >> 12) + 0.5) * 0x1p-52;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double sorted_quantile(const double *sorted, size_t n, double q) {
  double position = q * (double)(n - 1);
  size_t k = (size_t)position;
  double next = sorted[k + 1 < n ? k + 1 : k];
  return sorted[k] + (next - sorted[k]) * (position - (double)k);
}

static void compare_with_sorting(const double *x, size_t n) {
  static double sorted[LONG], scratch[LONG];
  memcpy(sorted, x, n * sizeof *x);
  qsort(sorted, n, sizeof *sorted, ascending);
  for (int i = 0; i <= 20; i++) {
    double q = i / 20.0, sum = 0.0;
    size_t count = (size_t)(q * (double)(n - 1)) + 1;
    for (size_t k = 0; k < count; k++) sum += sorted[k];
    assert_true(sld__quantile(x, n, q, scratch) == sorted_quantile(sorted, n, q));
    sld__tail tail = sld__lower_tail(x, n, q, scratch);
    assert_true(tail.quantile == sorted_quantile(sorted, n, q));
    assert_true(fabs(tail.mean - sum / (double)count) <= 1e-12);
  }
}

static void a_quantile_is_what_sorting_gives(void **state) {
  (void)state;
  static double x[LONG];
  uint64_t seed = 1;
  for (size_t n = 1; n <= LONG; n = n < 40 ? n + 1 : n * 3) {
    for (size_t i = 0; i < n; i++) x[i] = uniform(&seed) - 0.5;
    compare_with_sorting(x, n);
    for (size_t i = 0; i < n; i++) x[i] = floor(uniform(&seed) * 4.0); /* many ties */
    compare_with_sorting(x, n);
    for (size_t i = 0; i < n; i++) x[i] = (double)i;
    compare_with_sorting(x, n);
    for (size_t i = 0; i < n; i++) x[i] = i < n / 2 ? (double)i : (double)(n - i); /* organ pipes */
    compare_with_sorting(x, n);
    for (size_t i = 0; i < n; i++) x[i] = i % 64 == 0 ? -1.0 : 0.0; /* in step with a sample */
    compare_with_sorting(x, n);
  }
}

static void a_quantile_drops_nan(void **state) {
  (void)state;
  double x[] = { (double)NAN, 3.0, 1.0, (double)NAN, 2.0 }, scratch[5];
  assert_true(sld__quantile(x, 5, 0.5, scratch) == 2.0);
  assert_true(sld__lower_tail(x, 5, 0.5, scratch).mean == 1.5);
  assert_true(isnan(sld__quantile(x, 1, 0.5, scratch)));
  assert_true(isnan(sld__quantile(x, 0, 0.5, scratch)));
}

static void a_column_without_spread_has_no_deviation(void **state) {
  (void)state;
  double x[11];
  for (size_t i = 0; i < 11; i++) x[i] = 0.1; /* eleven of them do not sum to 1.1 */
  assert_true(sld__sharpe(x, 11, 0.0, 252.0) == (double)INFINITY);
  assert_true(sld__sharpe(x, 11, 0.2, 252.0) == -(double)INFINITY);
  assert_true(isnan(sld__sharpe(x, 11, 0.1, 252.0)));
  assert_true(isnan(sld__beta(x, x, 11)));
  sld__moments m = sld__moments_of(x, 11);
  assert_true(isnan(sld__skewness(&m)) && isnan(sld__kurtosis(&m)));
}

static void an_account_that_loses_everything_has_lost_all_of_it(void **state) {
  (void)state;
  double x[] = { 0.1, -1.0, 0.5 };
  assert_true(sld__wealth(x, 3) == 0.0);
  assert_true(sld__annual_return(x, 3, 252.0) == -1.0);
  assert_true(sld__max_drawdown(x, 3) == -1.0);
  assert_true(isnan(sld__stability(x, 3)));
  x[1] = -1.5;
  assert_true(isnan(sld__annual_return(x, 3, 252.0)));
}

static void a_flat_curve_has_no_stability(void **state) {
  (void)state;
  double x[] = { 0.3, 0.0, 0.0, 0.0 };
  assert_true(isnan(sld__stability(x, 4)));
}

/* The same by correctly rounded logarithms and two passes. */
static double slow_stability(const double *r, size_t n) {
  static double height[LONG];
  double at = 0.0, mean = 0.0, across = 0.0, square_x = 0.0, square_y = 0.0;
  for (size_t i = 0; i < n; i++) mean += height[i] = at += sld__log1p(r[i]);
  mean /= (double)n;
  for (size_t i = 0; i < n; i++) {
    double x = (double)i - 0.5 * (double)(n - 1), y = height[i] - mean;
    across += x * y;
    square_x += x * x;
    square_y += y * y;
  }
  return across * across / (square_x * square_y);
}

static void stability_agrees_with_its_slow_twin(void **state) {
  (void)state;
  static double x[LONG];
  uint64_t seed = 7;
  for (int k = 0; k < 6; k++) {
    double size = 0.001 * (double)(1 << 2 * k) / 4.0; /* up to a quarter, so that both branches are met */
    for (size_t i = 0; i < 3000; i++) x[i] = (uniform(&seed) - 0.48) * size;
    assert_true(fabs(sld__stability(x, 3000) - slow_stability(x, 3000)) < 1e-11);
  }
}

static void track_records_below_their_target_never_suffice(void **state) {
  (void)state;
  sld__sharpe_estimate e = { 0.1, 0.0, 3.0, 100.0 };
  assert_true(isnan(sld__min_track_record_periods(&e, 0.1, 0.95)));
  assert_true(sld__expected_max_normal(1.0) == 0.0);
  assert_true(isnan(sld__expected_max_normal(0.5)));
  double one[] = { 0.1 };
  sld__sharpe_estimate none = sld__sharpe_estimate_of(one, 1);
  assert_true(isnan(sld__psr(&none, 0.0)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_quantile_is_what_sorting_gives),
    cmocka_unit_test(a_quantile_drops_nan),
    cmocka_unit_test(a_column_without_spread_has_no_deviation),
    cmocka_unit_test(an_account_that_loses_everything_has_lost_all_of_it),
    cmocka_unit_test(a_flat_curve_has_no_stability),
    cmocka_unit_test(stability_agrees_with_its_slow_twin),
    cmocka_unit_test(track_records_below_their_target_never_suffice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
