/* Kernels in which a row depends on that row alone. Plain loops without branches: the compiler makes vectors of them. */
#include "indicator/family.h"

#define UNDEFINED ((double)NAN)
#define TRUTH(c) ((c) ? 1.0 : 0.0)

#define BOTH(value) (isunordered(x, y) ? UNDEFINED : (value))

#define KERNEL(NAME, INPUTS, CHOOSE)                            \
  const sld__kernel sld__kernel_of_##NAME = {                   \
    .name = #NAME, .inputs = (INPUTS), .outputs = 1,            \
    .elementwise = true, .constants = true,                     \
    .lookback = sld__rows_none, .history = sld__rows_none, .state_count = sld__rows_none, \
    .check = sld__check_nothing, .step = step_##NAME, .choose = (CHOOSE) };

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
  KERNEL(NAME, 1, NULL)

#define STEP_OF_TWO(NAME, EXPRESSION)                                                                                    \
  static SLD__WIDE void step_##NAME(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {     \
    (void)state, (void)opt;                                                                                              \
    const double *restrict xs = in[0];                                                                                   \
    const double *restrict ys = in[1];                                                                                   \
    double *restrict values = out[0];                                                                                    \
    for (size_t i = 0; i < n; i++) {                                                                                     \
      const double x = xs[i], y = ys[i];                                                                                 \
      values[i] = (EXPRESSION);                                                                                          \
    }                                                                                                                    \
  }

#define BINARY(NAME, EXPRESSION)   \
  STEP_OF_TWO(NAME, EXPRESSION)    \
  KERNEL(NAME, 2, NULL)

#define COMPARISON(NAME, CONDITION)                                                                                      \
  STEP_OF_TWO(NAME, BOTH(TRUTH(CONDITION)))                                                                              \
  static SLD__WIDE void choose_##NAME(size_t n, const double *xs, const double *ys, const double *restrict then,                   \
                                      const double *restrict otherwise, double *restrict values) {                                 \
    for (size_t i = 0; i < n; i++) {                                                                                     \
      const double x = xs[i], y = ys[i], a = then[i], b = otherwise[i];                                                  \
      const double chosen = (CONDITION) ? a : b;                                                                         \
      values[i] = BOTH(chosen);                                                                                          \
    }                                                                                                                    \
  }                                                                                                                      \
  KERNEL(NAME, 2, choose_##NAME)

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
COMPARISON(gt, x > y)
COMPARISON(ge, x >= y)
COMPARISON(lt, x < y)
COMPARISON(le, x <= y)
COMPARISON(eq, x == y)
COMPARISON(ne, x != y)
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
KERNEL(where, 3, NULL)
