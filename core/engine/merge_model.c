/* From prices and signals to finmarketpy's portfolio, and to a curve of each pair's own.
 *
 * The portfolio's first row is the first from the trading start on that has a return; its equity is capital times the running product of
 * 1 + R. A pair's equity is its share of the capital times that of 1 + q: what it would have made alone, before the portfolio's leverage. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/sum.h"
#include "base/time.h"
#include "engine/merge.h"
#include "engine/model.h"
#include "metrics/daily.h"
#include "metrics/figures.h"

typedef struct table {
  sld__merge *merge;
  const sld__declaration *declaration;
  int64_t *clock, *days;    /* [rows] */
  double *prices, *signals; /* [count * rows] */
  double *tc, *rc, *shares; /* [count] */
  size_t rows;
  size_t first;             /* the portfolio's first row; rows: none */
  sld__finmarketpy_rule rule;
  sld__finmarketpy_input in;
  sld__finmarketpy model;
} table;

static void table_fini(table *t) {
  const sld_allocator *a = t->merge->result->alloc;
  sld__free(a, t->clock);
  sld__free(a, t->days);
  sld__free(a, t->prices);
  sld__free(a, t->signals);
  sld__free(a, t->tc);
  sld__free(a, t->rc);
  sld__free(a, t->shares);
  if (t->model.alloc.resize) sld__finmarketpy_fini(&t->model);
}

/* ---- The model's input ---- */

static sld_status make_rows(table *t, sld_error *err) {
  sld__merge *m = t->merge;
  const sld_allocator *a = m->result->alloc;
  for (size_t i = 0; i < m->count; i++) m->curves[i] = (sld__curve){ m->outcomes[i]->job.capital, m->sleeves[i]->rows, m->sleeves[i]->close_time, NULL };
  t->rows = sld__portfolio_clock(NULL, m->curves, m->count, m->cursors);
  if (m->count > 0 && t->rows > SIZE_MAX / m->count) return sld__fail_memory(err);
  t->clock = sld__alloc(a, t->rows, sizeof *t->clock);
  t->days = sld__alloc(a, t->rows, sizeof *t->days);
  t->prices = sld__alloc(a, t->rows * m->count, sizeof *t->prices);
  t->signals = sld__alloc(a, t->rows * m->count, sizeof *t->signals);
  t->tc = sld__alloc(a, m->count, sizeof *t->tc);
  t->rc = sld__alloc(a, m->count, sizeof *t->rc);
  t->shares = sld__alloc(a, m->count, sizeof *t->shares);
  if (!t->clock || !t->days || !t->prices || !t->signals || !t->tc || !t->rc || !t->shares) return sld__fail_memory(err);
  sld__portfolio_clock(t->clock, m->curves, m->count, m->cursors);
  for (size_t row = 0; row < t->rows; row++) t->days[row] = sld__floor_div(t->clock[row] - 1, SLD__NS_PER_DAY); /* a date closes at midnight */
  return SLD_OK;
}

/* Lays a pair's prices and signals out on the rows; NaN where it has none. */
static void fill_pair(table *t, size_t i) {
  const sld__sleeve *sleeve = t->merge->sleeves[i];
  const sld__outcome *outcome = t->merge->outcomes[i];
  double *prices = t->prices + i * t->rows, *signals = t->signals + i * t->rows;
  size_t own = 0;
  for (size_t row = 0; row < t->rows; row++) {
    prices[row] = signals[row] = (double)NAN;
    for (; own < sleeve->rows && sleeve->close_time[own] == t->clock[row]; own++) { /* of ticks in one instant the last */
      prices[row] = sleeve->series->close[sleeve->row0 + own];
      signals[row] = outcome->signal[own];
    }
  }
  t->tc[i] = sld__model_tc(t->declaration, outcome->job.pair);
  t->rc[i] = sld__model_rc(t->declaration, outcome->job.pair);
  t->shares[i] = sld__model_share(t->declaration, outcome->job.pair);
}

static sld_status run_model(table *t, sld_error *err) {
  sld_status status = make_rows(t, err);
  if (status != SLD_OK) return status;
  for (size_t i = 0; i < t->merge->count; i++) fill_pair(t, i);
  t->rule = sld__model_rule(t->declaration);
  t->in = (sld__finmarketpy_input){
    .rows = t->rows,
    .count = t->merge->count,
    .days = t->days,
    .prices = t->prices,
    .signals = t->signals,
    .tc = t->tc,
    .rc = t->rc,
    .portfolio_tc = sld__model_tc(t->declaration, NULL),
    .portfolio_rc = sld__model_rc(t->declaration, NULL),
    .shares = t->shares,
    .rule = &t->rule,
  };
  return sld__finmarketpy_run(&t->model, t->merge->result->alloc, &t->in, err);
}

/* First row at or after the trading start of any pair that has a return. */
static size_t first_row(const table *t) {
  int64_t from = INT64_MAX;
  for (size_t i = 0; i < t->merge->count; i++) {
    const sld__sleeve *sleeve = t->merge->sleeves[i];
    if (sleeve->from < sleeve->rows && sleeve->close_time[sleeve->from] < from) from = sleeve->close_time[sleeve->from];
  }
  size_t row = 0;
  while (row < t->rows && (t->clock[row] < from || isnan(t->model.portfolio[row]))) row++;
  return row;
}

/* ---- Pairs ---- */

static bool fixed(const table *t, size_t i, size_t row) {
  return !isnan(t->prices[i * t->rows + row]);
}

/* Price at the end over the last one before the portfolio's first row, or the first there is. */
static double held(const table *t, size_t i) {
  double start = (double)NAN, end = (double)NAN;
  for (size_t row = 0; row < t->rows; row++) {
    if (!fixed(t, i, row)) continue;
    end = t->prices[i * t->rows + row];
    if (row < t->first || isnan(start)) start = end;
  }
  return end / start - 1.0;
}

/* The pair's own curve, at its own bars from the first row with a return on; the sums that a job reports. */
static void fill_curve(table *t, size_t i, sld__outcome *out) {
  sld_job *job = &out->job;
  double equity = job->capital;
  struct sld__sum traded = { 0 }, rolled = { 0 };
  for (size_t row = t->first; row < t->rows; row++) {
    double q = t->model.pnl[i * t->rows + row];
    if (isnan(q)) continue;
    if (equity > 0.0) {
      sld__sum_add(&traded, equity * sld__finmarketpy_traded(&t->model, &t->in, i, row));
      sld__sum_add(&rolled, equity * sld__finmarketpy_held(&t->model, &t->in, i, row));
      equity *= 1.0 + q;
    }
    if (!fixed(t, i, row)) continue;
    out->equity[job->bar_count++] = equity;
    out->exposed_bars += t->model.position[i * t->rows + row] != 0.0;
  }
  job->state = equity > 0.0 ? SLD_JOB_DONE : SLD_JOB_RUINED;
  job->final_equity = equity;
  job->costs_spread = sld__sum_value(&traded);
  job->rollover = -sld__sum_value(&rolled);
  job->realised = equity - job->capital + job->costs_spread - job->rollover;
}

static sld_status make_figures(const table *t, size_t i, const sld__outcome *out, sld_error *err) {
  const sld__plan *plan = t->merge->result->plan;
  const sld__sleeve *sleeve = t->merge->sleeves[i];
  const sld_allocator *a = t->merge->result->alloc;
  sld__figures_input in = {
    .capital = out->job.capital,
    .start_time = sleeve->series->time[sleeve->row0 + out->first],
    .equity = out->equity,
    .time = sleeve->close_time + out->first,
    .count = out->job.bar_count,
    .periods_per_year = plan->options.periods_per_year,
    .bars = out->job.bar_count,
    .exposed_bars = out->exposed_bars,
    .costs = out->job.costs_spread,
  };
  size_t *samples = sld__alloc(a, in.count, sizeof *samples);
  in.scratch = sld__alloc(a, 2 * in.count, sizeof *in.scratch);
  if (samples && in.scratch) {
    in.sample_count = sld__daily_rows(in.time, in.count, sleeve->series->info.date_only ? NULL : plan->new_york, samples);
    in.sample_rows = samples;
    sld__figures(out->figures, &in);
  }
  sld_status status = samples && in.scratch ? SLD_OK : sld__fail_memory(err);
  sld__free(a, samples);
  sld__free(a, in.scratch);
  return status;
}

static sld_status finish_pair(table *t, size_t i, sld_error *err) {
  sld__outcome *out = t->merge->outcomes[i];
  const sld__sleeve *sleeve = t->merge->sleeves[i];
  sld_job *job = &out->job;
  int keep = t->merge->result->plan->options.keep;
  sld__free(t->merge->result->alloc, out->equity); /* of a merge that ran out of memory */
  out->equity = sld__alloc(t->merge->result->alloc, sleeve->rows, sizeof *out->equity);
  if (!out->equity) return sld__fail_memory(err);
  job->bar_count = out->exposed_bars = 0;
  fill_curve(t, i, out);
  out->first = sleeve->rows - job->bar_count; /* once defined, q stays so */
  job->equity = keep & SLD_KEEP_EQUITY ? out->equity : NULL;
  job->close_time = keep & SLD_KEEP_EQUITY ? sleeve->close_time + out->first : NULL;
  if (job->bar_count == 0) return SLD_OK;
  job->buy_and_hold = held(t, i);
  return make_figures(t, i, out, err);
}

/* ---- The portfolio ---- */

static void fill_weights(const table *t) {
  const sld__merge *m = t->merge;
  for (size_t row = t->first; row < t->rows; row++)
    for (size_t i = 0; i < m->count; i++)
      m->result->weights[(row - t->first) * m->result->outcome_count + sld__merge_column(m, i)] = t->model.weights[row * m->count + i];
}

static void fill_equity(const table *t) {
  struct sld_result *result = t->merge->result;
  double equity = result->portfolio.capital;
  struct sld__sum costs = { 0 };
  for (size_t row = t->first; row < t->rows; row++) {
    if (equity > 0.0) {
      sld__sum_add(&costs, equity * t->model.costs[row]);
      equity *= 1.0 + t->model.portfolio[row];
    }
    result->equity[row - t->first] = equity;
  }
  result->portfolio.costs = sld__sum_value(&costs);
}

static sld_status make_portfolio(table *t, sld_error *err) {
  sld__merge *m = t->merge;
  sld_status status = sld__merge_room(m, t->rows - t->first, err);
  if (status == SLD_OK) status = sld__merge_weights(m, err);
  if (status != SLD_OK) return status;
  memcpy(m->result->time, t->clock + t->first, (t->rows - t->first) * sizeof *t->clock);
  sld__merge_totals(m);
  fill_weights(t);
  fill_equity(t);
  return sld__merge_samples(m, err);
}

sld_status sld__merge_model(sld__merge *m, sld_error *err) {
  table t = { .merge = m, .declaration = m->result->plan->declaration };
  m->result->portfolio.rule = "finmarketpy";
  m->result->portfolio.label = "returns not converted";
  sld_status status = run_model(&t, err);
  if (status == SLD_OK) t.first = first_row(&t);
  for (size_t i = 0; status == SLD_OK && i < m->count; i++) status = finish_pair(&t, i, err);
  if (status == SLD_OK) status = make_portfolio(&t, err);
  table_fini(&t);
  return status;
}
