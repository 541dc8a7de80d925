/* What a run is to do: options checked and resolved into pairs, views, parameter sets and jobs.
 *
 * Jobs are not listed: job j is pair j / sets under parameter set j % sets, whose values are computed when the job runs. Where all pairs trade one
 * account, job j is all pairs under parameter set j.
 * A plan is made before threads start and is read-only afterwards. */
#ifndef SLD_ENGINE_PLAN_H
#define SLD_ENGINE_PLAN_H

#include <sliders.h>

#include "base/zone.h"
#include "broker/broker.h"
#include "market/convert.h"
#include "market/market.h"
#include "vm/vm.h"

/* An instant at which allocate is called, and how many trading days are over by then. */
typedef struct sld__call {
  size_t instant;
  size_t days;
} sld__call;

/* One pair of a run. */
typedef struct sld__sleeve {
  const sld__series *series;
  sld__conversion conversion; /* of the whole series */
  sld__rolls rolls;           /* of the view */
  double price_low, price_high, rate_low, rate_high; /* of the view, where a stop-out is asked for; else 0 */
  size_t row0, rows;          /* the view: rows of the series that the strategy may see */
  size_t from;                /* first row of the view at or after the trading start */
  int64_t *close_time;        /* [rows]; NULL in a grid of sleeves that keeps no equity: nobody reads it there, and it is as large as a column */
  int32_t *last;              /* [instants] the last row closed at each, -1: none; NULL unless one instance trades all pairs, or allocate weighs them */
  size_t *samples;            /* rows of the view at which a trading day's equity is taken */
  size_t sample_count;
  char hash[33];              /* of the series */
} sld__sleeve;

typedef struct sld__plan {
  const sld_allocator *alloc;
  sld_run_options options;    /* as given; pairs, settings and time frame are resolved below and NULL here, the rest is owned by the plan */
  char currency[8];
  const sld__declaration *declaration;
  const sld__rates *rates;    /* the market's short rates */
  sld__market *view;          /* what the sleeves' series lie in, where the market itself is not that; or NULL */
  struct sld__zone *new_york; /* loaded where a pair has times of day, else NULL */
  sld__sleeve *sleeves;       /* [sleeve_count] in key order */
  size_t sleeve_count;
  size_t sets;                /* parameter sets of the grid, >= 1 */
  double *base_params;        /* [param_count] defaults with settings applied */
  sld_axis *axes;             /* [options.axis_count], values owned; names are those of the declaration */
  int *axis_params;           /* [axis_count] index of the parameter that an axis varies */
  double capital;             /* of one sleeve, or of the account */
  size_t parts;               /* jobs of one parameter set: sleeve_count, or 1 where all pairs trade one account */
  bool shared;                /* they do; then these: */
  int64_t *clock;             /* [instants] every close of a row of a sleeve's view, ascending */
  size_t instants;
  size_t *samples;            /* instants at which a trading day's equity is taken */
  size_t sample_count;
  size_t *days;               /* for allocate: the last instant of each trading day that is over, ascending */
  sld__call *calls;           /* [call_count] ascending */
  size_t call_count;
  char strategy[33];          /* hash of the strategy's file and modules */
  bool trusted;               /* it runs without a sandbox */
  char key[33];               /* of strategy, data and options; not of VM, workers or paths */
} sld__plan;

/* Checks and resolves. `script` names the strategy in errors and enters the key. Errors as sld_run_start. */
sld_status sld__plan_new(sld__plan **out, const sld_allocator *alloc, const sld__market *market, const sld__script *script,
  const sld__declaration *declaration, const sld_run_options *options, sld_error *err);
void sld__plan_free(sld__plan *plan);

/* Whether one instance of the strategy trades all pairs. */
static inline bool sld__plan_together(const sld__plan *plan) {
  return plan->declaration->pair_count > 0;
}

/* The sleeves' common clock, for one account. ENOMEM. */
sld_status sld__plan_share(sld__plan *plan, sld_error *err);

/* The days and calls of allocate, on that clock. ENOMEM. */
sld_status sld__plan_calls(sld__plan *plan, sld_error *err);

/* Seed of a job's random numbers: of strategy, pair and parameters alone, so that more data does not change what was drawn before. */
void sld__plan_seed(const sld__plan *plan, size_t sleeve, const double *params, uint64_t seed[2]);

/* The same for one instance that trades all pairs. */
void sld__plan_seed_together(const sld__plan *plan, const double *params, uint64_t seed[2]);

/* The level of stop-outs: what the options say, or what the path does where they do not. */
double sld__plan_stop_out(const sld__plan *plan);

/* Values of parameter set `ordinal` to values[param_count]. */
void sld__plan_params(const sld__plan *plan, size_t ordinal, double *values);

#endif
