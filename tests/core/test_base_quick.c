/* The short ways of base/quick.h: where they answer, MPFR answers the same, and they answer nearly always. */
#include "base/quick.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <mpfr.h>
#include <stdint.h>
#include <string.h>

enum { POINTS = 20000 };

static uint64_t seed = 11;

static double uniform(double low, double high) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return low + (high - low) * ((double)(seed >> 11) * 0x1p-53);
}

static double by_mpfr(int (*function)(mpfr_t, const mpfr_t, const mpfr_t), double x, double y) {
  mpfr_t left, right, out;
  mpfr_inits2(53, left, right, (mpfr_ptr)0);
  mpfr_init2(out, 400);
  mpfr_set_d(left, x, MPFR_RNDN);
  mpfr_set_d(right, y, MPFR_RNDN);
  function(out, left, right);
  double result = mpfr_get_d(out, MPFR_RNDN);
  mpfr_clears(left, right, out, (mpfr_ptr)0);
  return result;
}

static int wide_exp(mpfr_t out, const mpfr_t x, const mpfr_t y) {
  (void)y;
  return mpfr_exp(out, x, MPFR_RNDN);
}

static int wide_log(mpfr_t out, const mpfr_t x, const mpfr_t y) {
  (void)y;
  return mpfr_log(out, x, MPFR_RNDN);
}

static int wide_pow(mpfr_t out, const mpfr_t x, const mpfr_t y) {
  return mpfr_pow(out, x, y, MPFR_RNDN);
}

static int wide_norm_cdf(mpfr_t out, const mpfr_t x, const mpfr_t y) {
  (void)y;
  mpfr_sqrt_ui(out, 2, MPFR_RNDN);
  mpfr_div(out, x, out, MPFR_RNDN);
  mpfr_neg(out, out, MPFR_RNDN);
  mpfr_erfc(out, out, MPFR_RNDN);
  return mpfr_div_2ui(out, out, 1, MPFR_RNDN);
}

static void check(const char *name, bool answered, double got, double wanted, double x, double y) {
  if (answered && memcmp(&got, &wanted, sizeof got) != 0) fail_msg("%s(%a, %a) is %a, not %a", name, x, y, got, wanted);
}

static void every_answer_is_correctly_rounded(void **state) {
  (void)state;
  int silent[4] = { 0 };
  for (int i = 0; i < POINTS; i++) {
    double out = 0.0, x = uniform(-20.0, 20.0), y = uniform(-3.0, 3.0), base = ldexp(uniform(0.5, 1.0), (int)uniform(-40.0, 40.0)), z = uniform(-4.0, 4.0);
    if (i % 2) base = 1.0 + uniform(-0.5, 0.5) * ldexp(1.0, -i % 12); /* growth of an account */
    if (i % 3 == 0) x *= 25.0;
    bool answered = sld__quick_exp(&out, x);
    check("exp", answered, out, by_mpfr(wide_exp, x, 0.0), x, 0.0);
    silent[0] += !answered;
    answered = sld__quick_log(&out, base);
    check("log", answered, out, by_mpfr(wide_log, base, 0.0), base, 0.0);
    silent[1] += !answered;
    answered = sld__quick_pow(&out, base, y);
    check("pow", answered, out, by_mpfr(wide_pow, base, y), base, y);
    silent[2] += !answered;
    answered = sld__quick_norm_cdf(&out, z);
    check("norm_cdf", answered, out, by_mpfr(wide_norm_cdf, z, 0.0), z, 0.0);
    silent[3] += !answered;
  }
  for (int i = 0; i < 4; i++)
    if (silent[i] > POINTS / 100) fail_msg("function %d gave no answer %d times", i, silent[i]);
}

static void ties_and_what_lies_out_of_range_are_left_to_others(void **state) {
  (void)state;
  double out;
  assert_false(sld__quick_pow(&out, 134217727.0, 2.0)); /* 54 bits: exactly between two doubles */
  const double odd[] = { 0.0, -0.0, -1.0, (double)INFINITY, -(double)INFINITY, (double)NAN, 0x1p-1074, 0x1p1023 };
  for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
    assert_false(sld__quick_log(&out, odd[i]));
    assert_false(sld__quick_pow(&out, odd[i], 0.5));
    assert_false(sld__quick_pow(&out, 2.0, odd[i]) && fabs(odd[i]) != 1.0);
    assert_false(sld__quick_exp(&out, odd[i]) && odd[i] != -1.0);
    assert_false(sld__quick_norm_cdf(&out, odd[i]) && odd[i] != -1.0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_answer_is_correctly_rounded),
    cmocka_unit_test(ties_and_what_lies_out_of_range_are_left_to_others),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  mpfr_free_cache();
  return failed;
}
