/* Correctly rounded functions by MPFR: 53 bits and the exponent range of a double, so that MPFR's own rounding is the final one. */
#include "base/math.h"

#include "base/quick.h"

#include <math.h>
#include <mpfr.h>

enum { PRECISION = 53, EMIN = -1073, EMAX = 1024 };

/* What MPFR keeps per thread and a host may have set for its own use of it. */
struct surroundings {
  mpfr_exp_t emin;
  mpfr_exp_t emax;
  mpfr_flags_t flags;
};

static struct surroundings enter(mpfr_exp_t emin, mpfr_exp_t emax) {
  struct surroundings outer = { mpfr_get_emin(), mpfr_get_emax(), mpfr_flags_save() };
  mpfr_set_emin(emin);
  mpfr_set_emax(emax);
  return outer;
}

static void leave(struct surroundings outer) {
  mpfr_set_emin(outer.emin);
  mpfr_set_emax(outer.emax);
  mpfr_flags_restore(outer.flags, MPFR_FLAGS_ALL);
}

/* NaNs differ in sign and payload between MPFR's builds; ours has one. */
static double one_nan(double x) {
  return isnan(x) ? (double)NAN : x;
}

typedef int (*unary)(mpfr_t, const mpfr_t, mpfr_rnd_t);
typedef int (*binary)(mpfr_t, const mpfr_t, const mpfr_t, mpfr_rnd_t);

static double apply(unary function, double x) {
  struct surroundings outer = enter(EMIN, EMAX);
  MPFR_DECL_INIT(value, PRECISION);
  mpfr_set_d(value, x, MPFR_RNDN);
  int ternary = function(value, value, MPFR_RNDN);
  mpfr_subnormalize(value, ternary, MPFR_RNDN);
  double result = mpfr_get_d(value, MPFR_RNDN);
  leave(outer);
  return one_nan(result);
}

static double apply_two(binary function, double x, double y) {
  struct surroundings outer = enter(EMIN, EMAX);
  MPFR_DECL_INIT(left, PRECISION);
  MPFR_DECL_INIT(right, PRECISION);
  mpfr_set_d(left, x, MPFR_RNDN);
  mpfr_set_d(right, y, MPFR_RNDN);
  int ternary = function(left, left, right, MPFR_RNDN);
  mpfr_subnormalize(left, ternary, MPFR_RNDN);
  double result = mpfr_get_d(left, MPFR_RNDN);
  leave(outer);
  return one_nan(result);
}

/* The short way where it answers. */
double sld__exp(double x) {
  double result;
  return sld__quick_exp(&result, x) ? result : apply(mpfr_exp, x);
}

double sld__log(double x) {
  double result;
  return sld__quick_log(&result, x) ? result : apply(mpfr_log, x);
}

double sld__pow(double x, double y) {
  double result;
  return sld__quick_pow(&result, x, y) ? result : apply_two(mpfr_pow, x, y);
}

double sld__log1p(double x) { return apply(mpfr_log1p, x); }
double sld__log10(double x) { return apply(mpfr_log10, x); }
double sld__sin(double x) { return apply(mpfr_sin, x); }
double sld__cos(double x) { return apply(mpfr_cos, x); }
double sld__tan(double x) { return apply(mpfr_tan, x); }
double sld__asin(double x) { return apply(mpfr_asin, x); }
double sld__acos(double x) { return apply(mpfr_acos, x); }
double sld__atan(double x) { return apply(mpfr_atan, x); }
double sld__atan2(double y, double x) { return apply_two(mpfr_atan2, y, x); }

/* ---- The normal distribution: bounds at growing precision until both round to one double ------------------------ */

/* out = erfc(-x / sqrt(2)) / 2 at out's precision p, with a relative error below 2^(14 - p) for |x| < 40:
 * the quotient errs by 2 ulp, which erfc stretches by at most about 2 t^2 + 1 < 2^11 times. */
static void normal_below(mpfr_t out, const mpfr_t x) {
  mpfr_t root;
  mpfr_init2(root, mpfr_get_prec(out));
  mpfr_sqrt_ui(root, 2, MPFR_RNDN);
  mpfr_div(root, x, root, MPFR_RNDN);
  mpfr_neg(root, root, MPFR_RNDN);
  mpfr_erfc(out, root, MPFR_RNDN);
  mpfr_div_2ui(out, out, 1, MPFR_RNDN);
  mpfr_clear(root);
}

/* bound = value * (1 + sign * 2^-bits) */
static void widen(mpfr_t bound, const mpfr_t value, int sign, mpfr_exp_t bits) {
  mpfr_mul_2si(bound, value, (long)-bits, MPFR_RNDN);
  if (sign > 0)
    mpfr_add(bound, value, bound, MPFR_RNDN);
  else
    mpfr_sub(bound, value, bound, MPFR_RNDN);
}

/* Whether value * (1 +- 2^-bits) all round to one double, which is then in *out. mpfr_get_d rounds once, subnormals too. */
static int settled(double *out, const mpfr_t value, mpfr_exp_t bits) {
  mpfr_t bound;
  mpfr_init2(bound, mpfr_get_prec(value));
  widen(bound, value, -1, bits);
  double low = mpfr_get_d(bound, MPFR_RNDN);
  widen(bound, value, 1, bits);
  double high = mpfr_get_d(bound, MPFR_RNDN);
  mpfr_clear(bound);
  *out = low;
  return low == high;
}

double sld__norm_cdf(double x) {
  if (isnan(x)) return (double)NAN;
  if (x > 9.0) return 1.0;                /* 1 - 1.2e-19 */
  if (x < -39.0) return 0.0;              /* below half of the smallest subnormal from -38.5 on */
  if (fabs(x) < 0x1p-54) return 0.5;      /* 0.5 + 0.4 x: nearer than the neighbours of 0.5 */
  double result = 0.0;
  if (sld__quick_norm_cdf(&result, x)) return result;
  struct surroundings outer = enter(mpfr_get_emin_min(), mpfr_get_emax_max());
  MPFR_DECL_INIT(argument, PRECISION);
  mpfr_set_d(argument, x, MPFR_RNDN);
  int done = 0;
  for (mpfr_prec_t precision = 128; !done; precision *= 2) {
    mpfr_t value;
    mpfr_init2(value, precision);
    normal_below(value, argument);
    done = settled(&result, value, precision - 16);
    mpfr_clear(value);
  }
  leave(outer);
  return result;
}

/* Within 4.5e-4 of the x <= 0 with norm_cdf(x) = p, 0 < p < 0.5. Source: Abramowitz and Stegun (1964), 26.2.23. */
static double inverse_guess(double p) {
  double t = sqrt(-2.0 * sld__log(p));
  return (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1.0 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t) - t;
}

/* One step of Newton's: x -= (norm_cdf(x) - p) / density(x). Returns whether it moved x by less than 2^-bits of itself. */
static int refine(mpfr_t x, double p, mpfr_exp_t bits) {
  mpfr_t step, density;
  mpfr_inits2(mpfr_get_prec(x), step, density, (mpfr_ptr)0);
  mpfr_sqr(density, x, MPFR_RNDN);
  mpfr_div_2ui(density, density, 1, MPFR_RNDN);
  mpfr_exp(density, density, MPFR_RNDN); /* exp(x^2 / 2): one over the density, but for sqrt(2 pi) */
  mpfr_const_pi(step, MPFR_RNDN);
  mpfr_mul_2ui(step, step, 1, MPFR_RNDN);
  mpfr_sqrt(step, step, MPFR_RNDN);
  mpfr_mul(density, density, step, MPFR_RNDN);
  normal_below(step, x);
  mpfr_sub_d(step, step, p, MPFR_RNDN);
  mpfr_mul(step, step, density, MPFR_RNDN);
  mpfr_sub(x, x, step, MPFR_RNDN);
  mpfr_mul_2si(step, step, (long)bits, MPFR_RNDN);
  int small = mpfr_cmpabs(step, x) < 0;
  mpfr_clears(step, density, (mpfr_ptr)0);
  return small;
}

/* Whether p lies strictly between norm_cdf at x * (1 + 2^-bits) and x * (1 - 2^-bits), x < 0: the proof that Newton's arrived. */
static int encloses(const mpfr_t x, double p, mpfr_exp_t bits) {
  mpfr_t bound, below;
  mpfr_inits2(mpfr_get_prec(x), bound, below, (mpfr_ptr)0);
  widen(bound, x, 1, bits);
  normal_below(below, bound);
  int left = mpfr_cmp_d(below, p) < 0;
  widen(bound, x, -1, bits);
  normal_below(below, bound);
  int right = mpfr_cmp_d(below, p) > 0;
  mpfr_clears(bound, below, (mpfr_ptr)0);
  return left && right;
}

/* p in (0, 0.5). Near 0.5 the difference norm_cdf(x) - p cancels up to 54 bits, in the tails 1/x^2 helps. */
static double inverse_below(double p) {
  double result = 0.0;
  int done = 0;
  double guess = inverse_guess(p);
  struct surroundings outer = enter(mpfr_get_emin_min(), mpfr_get_emax_max());
  for (mpfr_prec_t precision = 256; !done; precision *= 2) {
    mpfr_t x;
    mpfr_init2(x, precision);
    mpfr_set_d(x, guess, MPFR_RNDN);
    mpfr_exp_t bits = precision / 2 - 20;
    for (int steps = 0; steps < 64 && !refine(x, p, bits); ++steps) continue;
    done = encloses(x, p, bits) && settled(&result, x, bits);
    mpfr_clear(x);
  }
  leave(outer);
  return result;
}

double sld__norm_inverse(double p) {
  if (!(p >= 0.0 && p <= 1.0)) return (double)NAN;
  if (p == 0.0) return -(double)INFINITY;
  if (p == 1.0) return (double)INFINITY;
  if (p == 0.5) return 0.0;
  /* 1 - p is exact from 0.5 on. */
  return p < 0.5 ? inverse_below(p) : -inverse_below(1.0 - p);
}

void sld__math_release(void) {
  mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE);
}
