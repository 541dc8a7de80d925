/* Kernels in which a row depends on that row alone. Plain loops without branches: the compiler makes vectors of them. */
#include "indicator/family.h"

#define UNDEFINED ((double)NAN)
#define TRUTH(c) ((c) ? 1.0 : 0.0)

#define BOTH(value) (isunordered(x, y) ? UNDEFINED : (value))

#define KERNEL(NAME, INPUTS)                                    \
  const sld__kernel sld__kernel_of_##NAME = {                   \
    .name = #NAME, .inputs = (INPUTS), .outputs = 1,            \
    .elementwise = true, .constants = true,                     \
    .lookback = sld__rows_none, .history = sld__rows_none, .state_count = sld__rows_none, \
    .check = sld__check_nothing, .step = step_##NAME };

#define UNARY(NAME, EXPRESSION)                                                                                          \
  static SLD__WIDE void step_##NAME(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {     \
    (void)state, (void)opt;                                                                                              \
    const double *restrict xs = in[0];                                                                                   \
    double *restrict values = out[0];                                                                                    \
    for (size_t i = 0; i < n; i++) {                                                                                     \
      const double x = xs[i];                                                                                            \
      values[i] = (EXPRESSION);                                                                                          \
    }                                                                                                                    \
  }                                                                                                                      \
  KERNEL(NAME, 1)

#define BINARY(NAME, EXPRESSION)                                                                                         \
  static SLD__WIDE void step_##NAME(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {     \
    (void)state, (void)opt;                                                                                              \
    const double *restrict xs = in[0];                                                                                   \
    const double *restrict ys = in[1];                                                                                   \
    double *restrict values = out[0];                                                                                    \
    for (size_t i = 0; i < n; i++) {                                                                                     \
      const double x = xs[i], y = ys[i];                                                                                 \
      values[i] = (EXPRESSION);                                                                                          \
    }                                                                                                                    \
  }                                                                                                                      \
  KERNEL(NAME, 2)

UNARY(neg, -x)
UNARY(abs, fabs(x))
UNARY(sign, x == x ? TRUTH(x > 0) - TRUTH(x < 0) : UNDEFINED)
UNARY(logical_not, x == x ? TRUTH(x == 0) : UNDEFINED)

BINARY(add, x + y)
BINARY(sub, x - y)
BINARY(mul, x * y)
BINARY(div, x / y)
BINARY(minimum, BOTH(y < x ? y : x))
BINARY(maximum, BOTH(y > x ? y : x))
BINARY(gt, BOTH(TRUTH(x > y)))
BINARY(ge, BOTH(TRUTH(x >= y)))
BINARY(lt, BOTH(TRUTH(x < y)))
BINARY(le, BOTH(TRUTH(x <= y)))
BINARY(eq, BOTH(TRUTH(x == y)))
BINARY(ne, BOTH(TRUTH(x != y)))
BINARY(logical_and, BOTH(TRUTH((x != 0) & (y != 0))))
BINARY(logical_or, BOTH(TRUTH((x != 0) | (y != 0))))

static SLD__WIDE void step_where(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {
  (void)state, (void)opt;
  const double *restrict condition = in[0];
  const double *restrict then = in[1];
  const double *restrict otherwise = in[2];
  double *restrict values = out[0];
  for (size_t i = 0; i < n; i++) {
    const double c = condition[i], a = then[i], b = otherwise[i];
    const double chosen = c != 0 ? a : b;
    values[i] = c == c ? chosen : UNDEFINED;
  }
}
KERNEL(where, 3)
