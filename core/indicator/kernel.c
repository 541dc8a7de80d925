/* The table of kernels, and what its families share about options and gaps. */
#include "indicator/family.h"

#include "base/error.h"

#include <string.h>

static const sld__kernel *const kernels[] = {
#define X(name) &sld__kernel_of_##name,
  SLD__KERNEL_MAP(X)
#undef X
};

size_t sld__kernel_count(void) {
  return sizeof kernels / sizeof kernels[0];
}

const sld__kernel *sld__kernel_at(size_t i) {
  return i < sld__kernel_count() ? kernels[i] : NULL;
}

const sld__kernel *sld__kernel_find(const char *name) {
  size_t low = 0, high = sld__kernel_count();
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = strcmp(name, kernels[middle]->name);
    if (order == 0) return kernels[middle];
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return NULL;
}

size_t sld__rows_none(const double *opt) {
  (void)opt;
  return 0;
}

size_t sld__rows_one(const double *opt) {
  (void)opt;
  return 1;
}

size_t sld__rows_period(const double *opt) {
  return sld__period(opt);
}

size_t sld__rows_before(const double *opt) {
  return sld__period(opt) - 1;
}

sld_status sld__check_nothing(const double *opt, sld_error *err) {
  (void)opt;
  (void)err;
  return SLD_OK;
}

sld_status sld__check_rows(const char *kernel, const char *option, double value, int low, sld_error *err) {
  if (value >= low && value <= SLD__PERIOD_MAX && value == floor(value)) return SLD_OK;
  return sld__fail(err, SLD_ERANGE, "%s: %s must be a whole number from %d to %d", kernel, option, low, (int)SLD__PERIOD_MAX);
}

/* x - x is 0 for a finite x and NaN otherwise; eight sums side by side leave the vector unit something to do. */
static inline __attribute__((always_inline)) bool finite_block(const double *x, size_t n) {
  double sum[8] = { 0 };
  for (size_t i = 0; i < n; i += 8)
    for (size_t lane = 0; lane < 8; lane++) sum[lane] += x[i + lane] - x[i + lane];
  double all = 0;
  for (size_t lane = 0; lane < 8; lane++) all += sum[lane];
  return all == 0;
}

SLD__WIDE size_t sld__finite_run(const double *x, size_t n) {
  enum { BLOCK = 64 };
  size_t i = 0;
  if (n && !sld__finite(x[0])) return 0;
  while (n - i >= BLOCK && finite_block(x + i, BLOCK)) i += BLOCK;
  while (i < n && sld__finite(x[i])) i++;
  return i;
}

void sld__step_runs(sld__run *run, double *state, const double *opt, size_t n, const double *x, double *out) {
  size_t i = 0;
  while (i < n) {
    size_t finite = sld__finite_run(x + i, n - i);
    if (finite) run(state, opt, finite, x + i, out + i);
    i += finite;
    for (; i < n && !sld__finite(x[i]); i++) {
      out[i] = (double)NAN;
      state[0] = 0;
    }
  }
}
