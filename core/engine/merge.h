/* The merge inside: what the ways to put sleeves together share. For result.c and merge_*.c alone. */
#ifndef SLD_ENGINE_MERGE_H
#define SLD_ENGINE_MERGE_H

#include "engine/result.h"
#include "portfolio/merge.h"

/* What the merge reads and its scratch memory; `count` jobs that ended well, in key order. */
typedef struct sld__merge {
  struct sld_result *result;
  size_t count;
  sld__outcome **outcomes;
  const sld__sleeve **sleeves;
  sld__curve *curves;
  const sld_trade **lists;
  size_t *closed;
  size_t *cursors;
  sld_trade *trades;  /* for the figures; NULL: the portfolio has none of its own */
  size_t trade_count;
  size_t bars, exposed_bars;
  size_t *samples;    /* rows of the clock that end a trading day */
  size_t sample_count;
  double *scratch;
} sld__merge;

/* The portfolio's clock of `rows` closes and its equity get their memory. ENOMEM. */
sld_status sld__merge_room(sld__merge *m, size_t rows, sld_error *err);

/* Its weights[rows * jobs] get theirs, zeroed. ENOMEM. */
sld_status sld__merge_weights(sld__merge *m, sld_error *err);

/* The union of the sleeves' clocks, room for it, and its daily samples. ENOMEM. */
sld_status sld__merge_clock(sld__merge *m, sld_error *err);

/* Daily samples of the clock as it stands: every row where all pairs are of dates. ENOMEM. */
sld_status sld__merge_samples(sld__merge *m, sld_error *err);

/* Capital, costs, buy-and-hold and completeness of the portfolio from its jobs. */
void sld__merge_totals(sld__merge *m);

/* The place of job i's weight in a row of weights. */
size_t sld__merge_column(const sld__merge *m, size_t i);

/* Weights on the sleeves' returns, by the run's rule. ENOMEM. */
sld_status sld__merge_overlay(sld__merge *m, sld_error *err);

/* finmarketpy's model over prices and signals; also the curves and figures of the jobs. ENOMEM. */
sld_status sld__merge_model(sld__merge *m, sld_error *err);

#endif
