/* Short ways to the correctly rounded results of base/math.h, by pairs of doubles in place of MPFR.
 *
 * A pair is an unevaluated sum of two doubles, some 104 bits. Each function computes a pair with a known bound of its error and gives an answer
 * only where every value within that bound rounds to the same double; else, and outside its range, it answers false and MPFR has to do it.
 * So no answer depends on which way was taken, nor on the machine's libm, which only gives a first guess of a logarithm.
 *
 * Sources: Dekker (1971), Numerische Mathematik 18, 224-242, for pairs; Ziv (1991), ACM TOMS 17(3), 410-423, for the test. */
#ifndef SLD_BASE_QUICK_H
#define SLD_BASE_QUICK_H

#include <stdbool.h>

/* Each writes *out where it returns true. */
bool sld__quick_exp(double *out, double x);
bool sld__quick_log(double *out, double x);
bool sld__quick_pow(double *out, double x, double y);
bool sld__quick_norm_cdf(double *out, double x);

#endif
