/* Arithmetic of pairs, and the four functions on top of it. Needs IEEE doubles without contraction or excess precision. */
#include "base/quick.h"

#include <math.h>

/* high + low, |low| <= ulp(high) / 2 */
typedef struct pair {
  double high, low;
} pair;

/* ---- Arithmetic; errors of mul, scale and div are below 2^-102 of the result ---- */

static inline __attribute__((always_inline)) pair two_sum(double a, double b) {
  double sum = a + b, part = sum - a;
  return (pair){ sum, (a - (sum - part)) + (b - part) };
}

/* |a| >= |b| */
static inline __attribute__((always_inline)) pair quick_two_sum(double a, double b) {
  double sum = a + b;
  return (pair){ sum, b - (sum - a) };
}

/* The product, exactly, of doubles below 2^990. */
static inline __attribute__((always_inline)) pair two_product(double a, double b) {
  double p = a * b, wide_a = a * 134217729.0, wide_b = b * 134217729.0;
  double ah = wide_a - (wide_a - a), al = a - ah, bh = wide_b - (wide_b - b), bl = b - bh;
  return (pair){ p, ((ah * bh - p) + ah * bl + al * bh) + al * bl };
}

static inline __attribute__((always_inline)) pair add(pair a, pair b) {
  pair s = two_sum(a.high, b.high), t = two_sum(a.low, b.low);
  s = quick_two_sum(s.high, s.low + t.high);
  return quick_two_sum(s.high, s.low + t.low);
}

static inline __attribute__((always_inline)) pair mul(pair a, pair b) {
  pair p = two_product(a.high, b.high);
  return quick_two_sum(p.high, p.low + (a.high * b.low + a.low * b.high));
}

static inline __attribute__((always_inline)) pair scale(pair a, double b) {
  pair p = two_product(a.high, b);
  return quick_two_sum(p.high, p.low + a.low * b);
}

static pair divide(pair a, double b) {
  double q = a.high / b;
  pair back = two_product(q, b);
  return quick_two_sum(q, (((a.high - back.high) - back.low) + a.low) / b);
}

/* a times a power of two, exactly */
static inline __attribute__((always_inline)) pair shift(pair a, double power) {
  return (pair){ a.high * power, a.low * power };
}

/* ---- Rounding ---- */

/* Whether all of a +- error round to one double, which is then in *out. */
static bool rounds(double *out, pair a, double error) {
  double low = a.high + (a.low - error), high = a.high + (a.low + error);
  *out = low;
  return low == high;
}

/* ---- Functions of pairs ---- */

/* exp(x) = 2^*k (1 + r), |x| < 700: returns r with an absolute error below 2^-85 (|r| + 2^-15).
 * x less k ln 2 is divided by 2^9, where nine terms of the series are enough, and squared back. */
static pair exp_less_one(pair x, int *k) {
  static const double ln2[3] = { 0x1.62e42fee00000p-1, 0x1.a39ef35600000p-33, 0x1.93c7673007e5fp-65 };
  static const pair sixth = { 0x1.5555555555555p-3, 0x1.5555555555555p-57 };
  double whole = floor(x.high * 1.4426950408889634 + 0.5);
  *k = (int)whole;
  pair s = add(add((pair){ x.high - whole * ln2[0], 0.0 }, (pair){ -whole * ln2[1], 0.0 }), (pair){ x.low, 0.0 });
  s = shift(add(s, two_product(-whole, ln2[2])), 0x1p-9);
  pair square = mul(s, s), cube = mul(square, s);
  double h = s.high, fourth = square.high * square.high;
  double tail = fourth * (1.0 / 24 + h * (1.0 / 120 + h * (1.0 / 720 + h * (1.0 / 5040 + h * (1.0 / 40320)))));
  pair r = add(add(s, shift(square, 0.5)), add(mul(cube, sixth), (pair){ tail, 0.0 }));
  for (int i = 0; i < 9; i++) r = add(shift(r, 2.0), mul(r, r));
  return r;
}

static pair exp_of(pair x, int *k) {
  return add((pair){ 1.0, 0.0 }, exp_less_one(x, k));
}

/* ln(x) with an absolute error below 2^-84 |ln x| + 2^-100, for 2^-900 < x < 2^900. One step of Halley's from libm's guess: its error is
 * cubed, so a guess of ten digits would do. */
static pair log_of(double x) {
  double guess = log(x);
  int k;
  pair power = exp_of((pair){ guess, 0.0 }, &k);
  power = shift(power, ldexp(1.0, k));
  double step = 2.0 * ((x - power.high) - power.low) / (x + power.high);
  return quick_two_sum(guess, step);
}

static bool in_range(double x, double low, double high) {
  return x > low && x < high;
}

/* 2^k a, rounded: exact for the normal numbers that come here. */
static bool deliver(double *out, pair a, int k, double relative) {
  if (!rounds(out, a, a.high * relative)) return false;
  *out = ldexp(*out, k);
  return true;
}

/* ---- The four ---- */

bool sld__quick_exp(double *out, double x) {
  if (!in_range(fabs(x), 0x1p-40, 600.0)) return false;
  int k;
  pair power = exp_of((pair){ x, 0.0 }, &k);
  return deliver(out, power, k, 0x1p-78);
}

bool sld__quick_log(double *out, double x) {
  if (!in_range(x, 0x1p-900, 0x1p900)) return false;
  pair l = log_of(x);
  return fabs(l.high) > 0x1p-16 && rounds(out, l, fabs(l.high) * 0x1p-78);
}

bool sld__quick_pow(double *out, double x, double y) {
  if (!in_range(x, 0x1p-900, 0x1p900) || !(fabs(y) < 0x1p20)) return false;
  pair exponent = scale(log_of(x), y);
  if (!in_range(fabs(exponent.high), 0x1p-40, 600.0)) return false;
  int k;
  pair power = exp_of(exponent, &k);
  return deliver(out, power, k, 0x1p-70);
}

/* 1/2 + density(x) (x + x^3 / 3 + x^5 / (3 5) + x^7 / (3 5 7) ..): Abramowitz and Stegun (1964), 26.2.11. The sum's terms have one sign. */
bool sld__quick_norm_cdf(double *out, double x) {
  static const pair one_over_root = { 0x1.9884533d43651p-2, -0x1.cbc0d30ebfd15p-56 }; /* 1 / sqrt(2 pi) */
  if (!in_range(fabs(x), 0x1p-30, 4.0)) return false;
  pair square = two_product(x, x), term = { x, 0.0 }, sum = term;
  for (double odd = 3.0; fabs(term.high) > fabs(sum.high) * 0x1p-104; odd += 2.0) {
    term = divide(mul(term, square), odd);
    sum = add(sum, term);
  }
  int k;
  pair density = mul(exp_of(shift(square, -0.5), &k), one_over_root);
  pair area = shift(mul(density, sum), ldexp(1.0, k));
  return rounds(out, add((pair){ 0.5, 0.0 }, area), 0x1p-78);
}
