/* Probability of backtest overfitting.
 *
 * Each block is summed up once per trial; the statistic of any half of the blocks is then merged from blocks/2 summaries, not from rows.
 * A summary is (mean, sum of squared deviations) for SHARPE and (gains, losses) for OMEGA.
 */
#include "metrics/pbo.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/math.h"
#include "metrics/returns.h"

#include <math.h>
#include <stdint.h>

/* All arrays are parts of one allocation, `memory`. */
typedef struct work {
  const double *returns;
  size_t trials;
  size_t blocks;
  size_t length; /* rows of a block */
  size_t combinations;
  sld__pbo_statistic statistic;
  double *memory;
  double *first;     /* [blocks * trials] mean or gains of each block */
  double *second;    /* [blocks * trials] squares or losses of each block */
  double *merged;    /* [2 * trials] the two parts of a half's summary */
  double *inside;    /* [trials] statistic on the chosen half */
  double *outside;   /* [trials] on the other half */
  double *logit;     /* [2 * trials + 1] by twice the rank */
  double *best_in;   /* [combinations] the winner's value in-sample */
  double *best_out;  /* [combinations] and out-of-sample */
} work;

size_t sld__pbo_combinations(size_t blocks) {
  if (blocks < 2 || blocks > SLD__PBO_BLOCKS_MAX || blocks % 2 != 0) return 0;
  size_t count = 1;
  for (size_t k = 1; k <= blocks / 2; k++) count = count * (blocks / 2 + k) / k;
  return count;
}

static sld_status check(const double *returns, size_t rows, size_t trials, size_t blocks, sld__pbo_statistic statistic, sld_error *err) {
  size_t least = statistic == SLD__PBO_SHARPE && blocks == 2 ? 2 : 1;
  if (sld__pbo_combinations(blocks) == 0) return sld__fail(err, SLD_EINVAL, "blocks must be an even number from 2 to %d, not %zu", SLD__PBO_BLOCKS_MAX, blocks);
  if (rows / blocks < least) return sld__fail(err, SLD_EINVAL, "%zu rows are too few for %zu blocks", rows, blocks);
  if (trials < 2) return sld__fail(err, SLD_EINVAL, "at least 2 trials are needed, not %zu", trials);
  if (trials > SIZE_MAX / sizeof(double) / 8 / blocks / rows) return sld__fail_memory(err);
  for (size_t i = 0; i < rows * trials; i++)
    if (!isfinite(returns[i])) return sld__fail(err, SLD_EVALUE, "row %zu of trial %zu is not a finite number", i / trials, i % trials);
  return SLD_OK;
}

static sld_status reserve(work *w, const sld_allocator *allocator, sld_error *err) {
  size_t table = w->blocks * w->trials;
  w->memory = sld__alloc(allocator, 2 * table + 6 * w->trials + 1 + 2 * w->combinations, sizeof(double));
  if (!w->memory) return sld__fail_memory(err);
  double *next = w->memory;
  w->first = next, next += table;
  w->second = next, next += table;
  w->merged = next, next += 2 * w->trials;
  w->inside = next, next += w->trials;
  w->outside = next, next += w->trials;
  w->logit = next, next += 2 * w->trials + 1;
  w->best_in = next, next += w->combinations;
  w->best_out = next;
  return SLD_OK;
}

static void summarise_sharpe(work *w, size_t block) {
  const double *rows = w->returns + block * w->length * w->trials;
  double *mean = w->first + block * w->trials, *squares = w->second + block * w->trials;
  for (size_t j = 0; j < w->trials; j++) {
    double sum = 0.0, low = INFINITY, high = -INFINITY, square = 0.0;
    for (size_t t = 0; t < w->length; t++) {
      double x = rows[t * w->trials + j];
      sum += x;
      low = x < low ? x : low;
      high = x > high ? x : high;
    }
    /* A trial that does not move must have no deviation at all, whatever its mean rounds to. */
    mean[j] = low == high ? low : sum / (double)w->length;
    for (size_t t = 0; t < w->length; t++) {
      double d = rows[t * w->trials + j] - mean[j];
      square += d * d;
    }
    squares[j] = square;
  }
}

static void summarise_omega(work *w, size_t block) {
  const double *rows = w->returns + block * w->length * w->trials;
  double *gain = w->first + block * w->trials, *loss = w->second + block * w->trials;
  for (size_t j = 0; j < w->trials; j++) gain[j] = loss[j] = 0.0;
  for (size_t t = 0; t < w->length; t++) {
    for (size_t j = 0; j < w->trials; j++) {
      double x = rows[t * w->trials + j];
      gain[j] += x > 0.0 ? x : 0.0;
      loss[j] += x < 0.0 ? -x : 0.0;
    }
  }
}

/* Adds block `b` to the half's summary, which holds `before` blocks. Merging of deviations: Chan, Golub & LeVeque (1983), formula 2.1. */
static void merge(work *w, size_t b, size_t before) {
  const double *first = w->first + b * w->trials, *second = w->second + b * w->trials;
  double *one = w->merged, *two = w->merged + w->trials;
  double share = 1.0 / (double)(before + 1), weight = (double)(before * w->length) * share;
  if (w->statistic == SLD__PBO_OMEGA) {
    for (size_t j = 0; j < w->trials; j++) {
      one[j] += first[j];
      two[j] += second[j];
    }
    return;
  }
  for (size_t j = 0; j < w->trials; j++) {
    double d = first[j] - one[j];
    one[j] += d * share;
    two[j] += second[j] + d * d * weight;
  }
}

/* The statistic of every trial on the blocks whose bit in `chosen` is set; -inf where it is undefined, so that it ranks last. */
static void measure(work *w, double *out, uint32_t chosen) {
  double *one = w->merged, *two = w->merged + w->trials;
  for (size_t j = 0; j < 2 * w->trials; j++) w->merged[j] = 0.0;
  size_t merged = 0;
  for (size_t b = 0; b < w->blocks; b++)
    if (chosen >> b & 1u) merge(w, b, merged++);
  double freedom = (double)(merged * w->length - 1);
  for (size_t j = 0; j < w->trials; j++) {
    double value = w->statistic == SLD__PBO_SHARPE ? one[j] / sqrt(two[j] / freedom) : one[j] / two[j];
    out[j] = isnan(value) ? -INFINITY : value;
  }
}

static size_t index_of_best(const double *x, size_t n) {
  size_t best = 0;
  for (size_t j = 1; j < n; j++)
    if (x[j] > x[best]) best = j;
  return best;
}

/* Twice the rank of x[at]: 2 for the smallest, 2n for the largest, ties averaged. */
static size_t twice_rank(const double *x, size_t n, size_t at) {
  size_t less = 0, same = 0;
  for (size_t j = 0; j < n; j++) {
    less += x[j] < x[at];
    same += x[j] == x[at];
  }
  return 2 * less + same + 1;
}

static double mean_of(const double *x, size_t n) {
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) sum += x[i];
  return sum / (double)n;
}

static void fit(sld__pbo *out, const double *x, const double *y, size_t n) {
  out->mean_in_sample = mean_of(x, n);
  out->mean_out_of_sample = mean_of(y, n);
  double across = 0.0, square = 0.0;
  for (size_t i = 0; i < n; i++) {
    double d = x[i] - out->mean_in_sample;
    across += d * (y[i] - out->mean_out_of_sample);
    square += d * d;
  }
  out->slope = across / square;
  out->intercept = out->mean_out_of_sample - out->slope * out->mean_in_sample;
}

/* The first choice has the lowest blocks; the next one in lexicographic order of the block indices moves the last index that can move. */
static int next_choice(size_t *index, size_t half, size_t blocks) {
  for (size_t i = half; i-- > 0;) {
    if (index[i] == blocks - half + i) continue;
    index[i]++;
    for (size_t k = i + 1; k < half; k++) index[k] = index[k - 1] + 1;
    return 1;
  }
  return 0;
}

static void cross_validate(sld__pbo *out, double *logits, work *w) {
  size_t index[SLD__PBO_BLOCKS_MAX / 2], half = w->blocks / 2, at = 0, low = 0, low_over_n = 0, losses = 0;
  double threshold = w->statistic == SLD__PBO_SHARPE ? 0.0 : 1.0, sum = 0.0;
  for (size_t i = 0; i < half; i++) index[i] = i;
  do {
    uint32_t chosen = 0;
    for (size_t i = 0; i < half; i++) chosen |= (uint32_t)1 << index[i];
    measure(w, w->inside, chosen);
    measure(w, w->outside, ~chosen);
    size_t best = index_of_best(w->inside, w->trials), rank = twice_rank(w->outside, w->trials, best);
    double value = w->outside[best];
    low += rank <= w->trials + 1;
    low_over_n += rank <= w->trials;
    losses += value < threshold && value > -INFINITY;
    sum += w->logit[rank];
    if (logits) logits[at] = w->logit[rank];
    w->best_in[at] = w->inside[best];
    w->best_out[at] = value;
    at++;
  } while (next_choice(index, half, w->blocks));
  double count = (double)w->combinations;
  out->combinations = w->combinations;
  out->pbo = (double)low / count;
  out->pbo_rank_over_n = (double)low_over_n / count;
  out->loss_probability = (double)losses / count;
  out->mean_logit = sum / count;
  fit(out, w->best_in, w->best_out, w->combinations);
}

sld_status sld__pbo_run(sld__pbo *out, double *logits, const double *returns, size_t rows, size_t trials, size_t blocks, sld__pbo_statistic statistic,
                        const sld_allocator *allocator, sld_error *err) {
  sld_status status = check(returns, rows, trials, blocks, statistic, err);
  if (status != SLD_OK) return status;
  work w = { .returns = returns + rows % blocks * trials, .trials = trials, .blocks = blocks, .length = rows / blocks,
             .combinations = sld__pbo_combinations(blocks), .statistic = statistic };
  status = reserve(&w, allocator, err);
  if (status != SLD_OK) return status;
  for (size_t b = 0; b < blocks; b++) {
    if (statistic == SLD__PBO_SHARPE) summarise_sharpe(&w, b);
    else summarise_omega(&w, b);
  }
  w.logit[0] = w.logit[1] = NAN; /* no rank is below 1 */
  for (size_t rank = 2; rank <= 2 * trials; rank++) w.logit[rank] = sld__log((double)rank / (double)(2 * (trials + 1) - rank));
  cross_validate(out, logits, &w);
  sld__free(allocator, w.memory);
  return SLD_OK;
}
