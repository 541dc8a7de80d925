/* The functions of base/math.h give the double nearest to the true value, and C99's special values. */
#include "base/math.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <mpfr.h>
#include <stdint.h>
#include <string.h>

#include "base_math_points.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define INF ((double)INFINITY)
#define UNDEFINED ((double)NAN)

static uint64_t bits(double x) {
  uint64_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}

static void same(const char *what, double got, double wanted) {
  if (bits(got) != bits(wanted)) fail_msg("%s is %a, not %a", what, got, wanted);
}

static void every_point_is_correctly_rounded(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(points); ++i) same(points[i].name, points[i].function(points[i].x), points[i].value);
  for (size_t i = 0; i < COUNT(points_two); ++i)
    same(points_two[i].name, points_two[i].function(points_two[i].x, points_two[i].y), points_two[i].value);
}

static void special_values_are_those_of_c99(void **state) {
  (void)state;
  same("exp(-inf)", sld__exp(-INF), 0.0);
  same("exp(inf)", sld__exp(INF), INF);
  same("exp(-0)", sld__exp(-0.0), 1.0);
  same("log(0)", sld__log(0.0), -INF);
  same("log(-0)", sld__log(-0.0), -INF);
  same("log(1)", sld__log(1.0), 0.0);
  same("log(-1)", sld__log(-1.0), UNDEFINED);
  same("log(inf)", sld__log(INF), INF);
  same("log1p(-0)", sld__log1p(-0.0), -0.0);
  same("log1p(-1)", sld__log1p(-1.0), -INF);
  same("log1p(-2)", sld__log1p(-2.0), UNDEFINED);
  same("log10(1000)", sld__log10(1000.0), 3.0);
  same("log10(0)", sld__log10(0.0), -INF);
  same("sin(-0)", sld__sin(-0.0), -0.0);
  same("sin(inf)", sld__sin(INF), UNDEFINED);
  same("cos(inf)", sld__cos(INF), UNDEFINED);
  same("tan(-0)", sld__tan(-0.0), -0.0);
  same("asin(1.5)", sld__asin(1.5), UNDEFINED);
  same("acos(1)", sld__acos(1.0), 0.0);
  same("atan(-inf)", sld__atan(-INF), -0x1.921fb54442d18p+0);
  same("atan2(0, -0)", sld__atan2(0.0, -0.0), 0x1.921fb54442d18p+1);
  same("atan2(-0, 0)", sld__atan2(-0.0, 0.0), -0.0);
  same("atan2(inf, -inf)", sld__atan2(INF, -INF), 0x1.2d97c7f3321d2p+1);
  same("pow(NaN, 0)", sld__pow(UNDEFINED, 0.0), 1.0);
  same("pow(1, NaN)", sld__pow(1.0, UNDEFINED), 1.0);
  same("pow(-1, inf)", sld__pow(-1.0, INF), 1.0);
  same("pow(0, -1)", sld__pow(0.0, -1.0), INF);
  same("pow(-0, -3)", sld__pow(-0.0, -3.0), -INF);
  same("pow(-0, 3)", sld__pow(-0.0, 3.0), -0.0);
  same("pow(-8, 1/3)", sld__pow(-8.0, 1.0 / 3.0), UNDEFINED);
  same("pow(0.5, inf)", sld__pow(0.5, INF), 0.0);
  same("pow(2, 1024)", sld__pow(2.0, 1024.0), INF);
  same("pow(-2, 1025)", sld__pow(-2.0, 1025.0), -INF);
  same("norm_cdf(-inf)", sld__norm_cdf(-INF), 0.0);
  same("norm_cdf(inf)", sld__norm_cdf(INF), 1.0);
  same("norm_cdf(0)", sld__norm_cdf(0.0), 0.5);
  same("norm_cdf(5e-324)", sld__norm_cdf(DBL_TRUE_MIN), 0.5);
  same("norm_cdf(-1e300)", sld__norm_cdf(-1e300), 0.0);
  same("norm_inverse(0)", sld__norm_inverse(0.0), -INF);
  same("norm_inverse(1)", sld__norm_inverse(1.0), INF);
  same("norm_inverse(0.5)", sld__norm_inverse(0.5), 0.0);
  same("norm_inverse(-0.1)", sld__norm_inverse(-0.1), UNDEFINED);
  same("norm_inverse(1.1)", sld__norm_inverse(1.1), UNDEFINED);
}

static void nan_in_is_the_one_nan_out(void **state) {
  (void)state;
  double (*const all[])(double) = { sld__exp, sld__log, sld__log1p, sld__log10, sld__sin, sld__cos, sld__tan,
                                    sld__asin, sld__acos, sld__atan, sld__norm_cdf, sld__norm_inverse };
  for (size_t i = 0; i < COUNT(all); ++i) {
    same("f(NaN)", all[i](UNDEFINED), UNDEFINED);
    same("f(-NaN)", all[i](-UNDEFINED), UNDEFINED);
  }
  same("pow(NaN, 1)", sld__pow(-UNDEFINED, 1.0), UNDEFINED);
  same("atan2(NaN, 1)", sld__atan2(UNDEFINED, 1.0), UNDEFINED);
}

static void subnormal_powers_of_ten_are_rounded_once(void **state) {
  (void)state;
  same("1e-310", sld__pow(10.0, -310.0), 1e-310);
  same("1e-316", sld__pow(10.0, -316.0), 1e-316);
  same("1e-323", sld__pow(10.0, -323.0), 1e-323);
  same("1e-324", sld__pow(10.0, -324.0), 0.0);
}

static void the_inverse_undoes_the_distribution(void **state) {
  (void)state;
  for (int i = 1; i < 100; ++i) {
    double p = i / 100.0;
    double back = sld__norm_cdf(sld__norm_inverse(p));
    assert_true(fabs(back - p) <= 4.0 * DBL_EPSILON * p);
    if (i != 50) same("symmetry", sld__norm_inverse(1.0 - p), -sld__norm_inverse(1.0 - (1.0 - p)));
  }
}

static void the_hosts_own_use_of_mpfr_is_left_alone(void **state) {
  (void)state;
  mpfr_exp_t emin = mpfr_get_emin();
  mpfr_exp_t emax = mpfr_get_emax();
  mpfr_set_emin(-100);
  mpfr_set_emax(100);
  mpfr_clear_flags();
  mpfr_set_divby0();
  same("exp(-700.5)", sld__exp(-700.5), 0x1.4ff475c68ca02p-1011);
  sld__norm_cdf(-30.0);
  sld__norm_inverse(0.1);
  sld__exp(1e9);
  assert_int_equal(mpfr_get_emin(), -100);
  assert_int_equal(mpfr_get_emax(), 100);
  assert_int_equal(mpfr_flags_save(), MPFR_FLAGS_DIVBY0);
  mpfr_set_emin(emin);
  mpfr_set_emax(emax);
}

static void releasing_twice_and_going_on_is_fine(void **state) {
  (void)state;
  sld__math_release();
  sld__math_release();
  same("log10(100)", sld__log10(100.0), 2.0);
  sld__math_release();
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_point_is_correctly_rounded),
    cmocka_unit_test(special_values_are_those_of_c99),
    cmocka_unit_test(nan_in_is_the_one_nan_out),
    cmocka_unit_test(subnormal_powers_of_ten_are_rounded_once),
    cmocka_unit_test(the_inverse_undoes_the_distribution),
    cmocka_unit_test(the_hosts_own_use_of_mpfr_is_left_alone),
    cmocka_unit_test(releasing_twice_and_going_on_is_fine),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
