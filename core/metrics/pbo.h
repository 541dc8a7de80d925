/* Probability of backtest overfitting by combinatorially symmetric cross-validation (CSCV).
 *
 * The rows of a matrix of returns (a column per trial) are cut into equal blocks in time order. For every choice of half of the blocks, the trial
 * that is best on them (in-sample) is looked up on the others (out-of-sample). If picking the best means anything, it stays above the median there.
 *
 * Source: Bailey, Borwein, Lopez de Prado & Zhu (2017), Journal of Computational Finance 20(4), 39-69. Slope and intercept are of the
 * out-of-sample on the in-sample value, as in the paper's figures.
 */
#ifndef SLD_METRICS_PBO_H
#define SLD_METRICS_PBO_H

#include <sliders.h>

typedef enum sld__pbo_statistic {
  SLD__PBO_SHARPE = 0, /* mean / standard deviation (n - 1), per period; loss: below 0 */
  SLD__PBO_OMEGA = 1   /* sum of positive / -sum of negative returns; loss: below 1 */
} sld__pbo_statistic;

enum { SLD__PBO_BLOCKS_MAX = 24 };

typedef struct sld__pbo {
  size_t combinations;      /* blocks choose blocks/2 */
  double pbo;               /* share of logits <= 0, rank / (trials + 1) */
  double pbo_rank_over_n;   /* the same with rank / trials, as some implementations have it: share of ranks <= trials / 2 */
  double loss_probability;  /* share of combinations whose winner loses out-of-sample */
  double slope;             /* of the winner's out-of-sample value on its in-sample value; NaN without spread */
  double intercept;
  double mean_logit;
  double mean_in_sample;    /* of the winners */
  double mean_out_of_sample;
} sld__pbo;

/* Number of combinations for an even number of blocks in 2..SLD__PBO_BLOCKS_MAX, else 0. */
size_t sld__pbo_combinations(size_t blocks);

/* Runs the cross-validation.
 *
 *   out             written only on SLD_OK
 *   logits          [sld__pbo_combinations(blocks)] in lexicographic order of the chosen blocks, or NULL
 *   returns         [rows * trials] row by row, finite; the first rows % blocks rows are dropped
 *   blocks          even, 2..SLD__PBO_BLOCKS_MAX, rows / blocks >= 1; SHARPE needs 2 rows on each side
 *   trials          >= 2
 *
 * The first trial wins a tie; tied trials share the average rank. A statistic that is undefined (a trial that never moves) ranks below all others.
 * EINVAL: blocks, rows or trials out of range; EVALUE: a value that is not finite, with its row and column; ENOMEM.
 */
sld_status sld__pbo_run(sld__pbo *out, double *logits, const double *returns, size_t rows, size_t trials, size_t blocks, sld__pbo_statistic statistic,
                        const sld_allocator *allocator, sld_error *err);

#endif
