/* Order statistics: bracket the rank by a sample, then select among the few values inside. */
#include "metrics/quantile.h"

#include <math.h>
#include <stdbool.h>

enum { SAMPLE = 256, SLACK = 12, SMALL = 1024 };

static void swap(double *a, double *b) {
  double held = *a;
  *a = *b;
  *b = held;
}

static void sift_down(double *x, size_t root, size_t n) {
  for (size_t child; (child = 2 * root + 1) < n; root = child) {
    if (child + 1 < n && x[child] < x[child + 1]) child++;
    if (x[root] >= x[child]) return;
    swap(&x[root], &x[child]);
  }
}

static void sort(double *x, size_t n) {
  for (size_t root = n / 2; root-- > 0;) sift_down(x, root, n);
  for (size_t end = n; end-- > 1;) {
    swap(&x[0], &x[end]);
    sift_down(x, 0, end);
  }
}

/* Hoare's partition about the median of first, middle and last. Afterwards x[0 .. return) <= x[return .. n), both sides non-empty; n >= 3. */
static size_t partition(double *x, size_t n) {
  size_t middle = n / 2;
  if (x[middle] < x[0]) swap(&x[middle], &x[0]);
  if (x[n - 1] < x[0]) swap(&x[n - 1], &x[0]);
  if (x[n - 1] < x[middle]) swap(&x[n - 1], &x[middle]);
  double pivot = x[middle];
  for (size_t i = 0, j = n - 1;; i++, j--) {
    while (x[i] < pivot) i++;
    while (pivot < x[j]) j--;
    if (i >= j) return i > 0 ? i : 1;
    swap(&x[i], &x[j]);
  }
}

/* Moves the k-th smallest value to x[k]; nothing before it is larger, nothing after it smaller. Sorts what is left when the pivots are unlucky. */
static void select_rank(double *x, size_t n, size_t k) {
  for (int rounds = 0; n > 8; rounds++) {
    if (rounds == 64) break;
    size_t cut = partition(x, n);
    if (k < cut) {
      n = cut;
    } else {
      x += cut;
      n -= cut;
      k -= cut;
    }
  }
  sort(x, n);
}

static double smallest(const double *x, size_t n) {
  double least = x[0];
  for (size_t i = 1; i < n; i++) least = x[i] < least ? x[i] : least;
  return least;
}

/* The values of rank k and k + 1 (the same one where k is the last). */
typedef struct neighbours {
  double low;
  double high;
} neighbours;

static neighbours ranks_among(double *x, size_t n, size_t k) {
  select_rank(x, n, k);
  return (neighbours){ x[k], k + 1 < n ? smallest(x + k + 1, n - k - 1) : x[k] };
}

/* Tries to find ranks k and k + 1 of r[n] (no NaN) by a bracket. False: it missed one of them. */
static bool ranks_by_bracket(neighbours *out, const double *r, size_t n, size_t k, double *scratch) {
  double sample[SAMPLE];
  for (size_t i = 0; i < SAMPLE; i++) sample[i] = r[i * n / SAMPLE];
  sort(sample, SAMPLE);
  size_t at = k * SAMPLE / n;
  double floor = at >= SLACK ? sample[at - SLACK] : -INFINITY;
  double ceiling = at + SLACK < SAMPLE ? sample[at + SLACK] : INFINITY;
  size_t below = 0, kept = 0;
  for (size_t i = 0; i < n; i++) {
    double x = r[i];
    scratch[kept] = x;
    below += x < floor;
    kept += (x >= floor) & (x <= ceiling);
  }
  size_t last = k + 1 < n ? k + 1 : k;
  if (k < below || last >= below + kept) return false;
  *out = floor == ceiling ? (neighbours){ floor, floor } : ranks_among(scratch, kept, k - below);
  return true;
}

static size_t copy_known(double *out, const double *r, size_t n) {
  size_t known = 0;
  for (size_t i = 0; i < n; i++) {
    out[known] = r[i];
    known += isnan(r[i]) == 0;
  }
  return known;
}

static size_t count_known(const double *r, size_t n) {
  size_t known = 0;
  for (size_t i = 0; i < n; i++) known += isnan(r[i]) == 0;
  return known;
}

static neighbours ranks_of(const double *r, size_t n, size_t known, size_t k, double *scratch) {
  neighbours found;
  if (known == n && n > SMALL && ranks_by_bracket(&found, r, n, k, scratch)) return found;
  copy_known(scratch, r, n);
  return ranks_among(scratch, known, k);
}

static double between(neighbours at, double position, size_t k) {
  return at.low + (at.high - at.low) * (position - (double)k);
}

double sld__quantile(const double *r, size_t n, double q, double *scratch) {
  size_t known = count_known(r, n);
  if (known == 0) return NAN;
  double position = q * (double)(known - 1);
  size_t k = (size_t)position;
  return between(ranks_of(r, n, known, k, scratch), position, k);
}

sld__tail sld__lower_tail(const double *r, size_t n, double q, double *scratch) {
  size_t known = count_known(r, n), less = 0;
  if (known == 0) return (sld__tail){ NAN, NAN };
  double position = q * (double)(known - 1), sum = 0.0;
  size_t k = (size_t)position;
  neighbours at = ranks_of(r, n, known, k, scratch);
  for (size_t i = 0; i < n; i++) {
    if (!(r[i] < at.low)) continue;
    sum += r[i];
    less++;
  }
  double rest = (double)(k + 1 - less) * at.low;
  return (sld__tail){ between(at, position, k), (sum + rest) / (double)(k + 1) };
}
