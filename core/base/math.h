/* Elementary functions with the same bits on every machine.
 *
 * libm picks its code by CPU and differs between versions in the last place. These go through MPFR and are correctly rounded:
 * the result is the double nearest to the true value (ties to even, subnormals and overflow to inf as IEEE 754 has them), whatever the CPU.
 * exp, log, pow and norm_cdf nearly always take a short way of equal result (base/quick.h), a fraction of a microsecond; the others cost
 * about one each (norm_inverse some hundred): for formulas, not for inner loops over ticks.
 *
 * Special values are those of C99, annex F. A NaN result is always the same quiet NaN. None fails, sets errno or
 * leaves a trace in MPFR's exponent range and flags, which a host may be using on the same thread.
 *
 * Any thread may call. MPFR keeps constants (pi, log 2) per thread: a thread that used this file calls sld__math_release before it ends.
 * MPFR's scratch memory comes from GMP's process-wide allocator, which the host's hook does not reach.
 */
#ifndef SLD_BASE_MATH_H
#define SLD_BASE_MATH_H

double sld__exp(double x);
double sld__log(double x);   /* natural; log(0) = -inf, log(x < 0) = NaN */
double sld__log1p(double x); /* log(1 + x) */
double sld__log10(double x);
double sld__pow(double x, double y); /* pow(x, 0) = pow(1, y) = 1, NaN included; negative x needs an integer y */

/* Radians. */
double sld__sin(double x);
double sld__cos(double x);
double sld__tan(double x);
double sld__asin(double x); /* [-pi/2, pi/2]; NaN outside [-1, 1] */
double sld__acos(double x); /* [0, pi]; NaN outside [-1, 1] */
double sld__atan(double x);
double sld__atan2(double y, double x); /* the angle of (x, y) in [-pi, pi] */

/* The standard normal distribution: P(Z <= x) = erfc(-x / sqrt(2)) / 2. In [0, 1]; -inf gives 0, inf gives 1. */
double sld__norm_cdf(double x);

/* Its inverse: the x with norm_cdf(x) = p. 0 gives -inf, 1 gives inf; NaN outside [0, 1]. */
double sld__norm_inverse(double p);

/* Frees what MPFR keeps for the calling thread. The functions above may be called again afterwards. */
void sld__math_release(void);

#endif
