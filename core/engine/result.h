/* What a run leaves: outcomes in key order, and the portfolio that they make. */
#ifndef SLD_ENGINE_RESULT_H
#define SLD_ENGINE_RESULT_H

#include "engine/run.h"

struct sld_result {
  const sld_allocator *alloc;
  sld__plan *plan;         /* owned */
  const sld__script *script;
  const char *strategy;    /* name; borrowed from the strategy */
  sld__outcome *outcomes;  /* [outcome_count]: sleeve by sleeve, ordinals ascending */
  size_t outcome_count;
  bool has_portfolio;
  sld_portfolio portfolio; /* pointers lead to the blocks below */
  int64_t *time;
  double *equity;
  double *weights;
  double *figures;
};

/* Merges the outcomes' sleeves into the portfolio; jobs that failed are left out and the portfolio is then marked incomplete.
 * A grid of several parameter sets has none. ENOMEM. */
sld_status sld__result_merge(struct sld_result *result, sld_error *err);

/* Whether some pair of the run has times of day: what is written of the run then gives each time with one, midnight too, so that all are of one form. */
bool sld__result_has_clock(const struct sld_result *result);

/* The bars that `data` of one of the run's jobs or books tells of. */
const sld__series *sld__result_series(const struct sld_result *result, const sld_pair_info *data);

/* An instant of a run without times of day (see above) as the date that is written: that of row `bar` of the series, where the instant is the row's open or its
 * close; with NULL for the series an instant is a close, and the date the day that it ends. Else a close would bear the date of the day after. */
int64_t sld__result_date(const sld__series *series, int64_t bar, int64_t time);

/* Jobs that failed or were cancelled. */
size_t sld__result_unfinished(const struct sld_result *result);

void sld__result_free(struct sld_result *result);

#endif
