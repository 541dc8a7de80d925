/* The merge: outcomes in key order become one portfolio. Runs on one thread, once every job has ended. */
#include "engine/merge.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/sum.h"
#include "base/time.h"
#include "metrics/daily.h"
#include "metrics/figures.h"

static bool ended_well(const sld__outcome *outcome) {
  return outcome->job.state == SLD_JOB_DONE || outcome->job.state == SLD_JOB_RUINED;
}

static sld_status merge_init(sld__merge *m, struct sld_result *result, sld_error *err) {
  const sld_allocator *alloc = result->alloc;
  size_t most = result->outcome_count;
  *m = (sld__merge){ .result = result };
  m->outcomes = sld__alloc(alloc, most, sizeof *m->outcomes);
  m->sleeves = sld__alloc(alloc, most, sizeof *m->sleeves);
  m->curves = sld__alloc(alloc, most, sizeof *m->curves);
  m->lists = sld__alloc(alloc, most, sizeof *m->lists);
  m->closed = sld__alloc(alloc, most, sizeof *m->closed);
  m->cursors = sld__alloc(alloc, most, sizeof *m->cursors);
  if (!m->outcomes || !m->sleeves || !m->curves || !m->lists || !m->closed || !m->cursors) return sld__fail_memory(err);
  for (size_t i = 0; i < most; i++) {
    sld__outcome *outcome = &result->outcomes[i];
    if (!ended_well(outcome)) continue;
    const sld__sleeve *sleeve = &result->plan->sleeves[i];
    const int64_t *closes = result->plan->shared ? result->plan->clock : sleeve->close_time;
    m->outcomes[m->count] = outcome;
    m->sleeves[m->count] = sleeve;
    m->curves[m->count] = (sld__curve){ outcome->job.capital, outcome->job.bar_count, closes + outcome->first, outcome->equity };
    m->lists[m->count] = outcome->trades;
    m->closed[m->count] = outcome->job.trade_count;
    m->trade_count += outcome->job.trade_count;
    m->count++;
  }
  return SLD_OK;
}

static void merge_fini(sld__merge *m) {
  const sld_allocator *alloc = m->result->alloc;
  sld__free(alloc, m->outcomes);
  sld__free(alloc, m->sleeves);
  sld__free(alloc, m->curves);
  sld__free(alloc, m->lists);
  sld__free(alloc, m->closed);
  sld__free(alloc, m->cursors);
  sld__free(alloc, m->trades);
  sld__free(alloc, m->samples);
  sld__free(alloc, m->scratch);
}

sld_status sld__merge_room(sld__merge *m, size_t rows, sld_error *err) {
  struct sld_result *result = m->result;
  sld_portfolio *p = &result->portfolio;
  p->count = rows;
  p->time = result->time = sld__alloc(result->alloc, rows, sizeof *result->time);
  p->equity = result->equity = sld__alloc(result->alloc, rows, sizeof *result->equity);
  return result->time && result->equity ? SLD_OK : sld__fail_memory(err);
}

sld_status sld__merge_weights(sld__merge *m, sld_error *err) {
  struct sld_result *result = m->result;
  size_t rows = result->portfolio.count, columns = result->outcome_count;
  if (rows <= SIZE_MAX / columns) result->weights = sld__alloc_zero(result->alloc, rows * columns, sizeof *result->weights);
  result->portfolio.weights = result->weights;
  return result->weights ? SLD_OK : sld__fail_memory(err);
}

sld_status sld__merge_samples(sld__merge *m, sld_error *err) {
  const sld_portfolio *p = &m->result->portfolio;
  bool dates = true;
  for (size_t i = 0; i < m->count; i++) dates &= m->sleeves[i]->series->info.date_only;
  m->samples = sld__alloc(m->result->alloc, p->count, sizeof *m->samples);
  if (!m->samples) return sld__fail_memory(err);
  m->sample_count = sld__daily_rows(p->time, p->count, dates ? NULL : m->result->plan->new_york, m->samples);
  return SLD_OK;
}

sld_status sld__merge_clock(sld__merge *m, sld_error *err) {
  size_t rows = sld__portfolio_clock(NULL, m->curves, m->count, m->cursors);
  sld_status status = sld__merge_room(m, rows, err);
  if (status != SLD_OK) return status;
  sld__portfolio_clock(m->result->time, m->curves, m->count, m->cursors);
  return sld__merge_samples(m, err);
}

size_t sld__merge_column(const sld__merge *m, size_t i) {
  return (size_t)(m->outcomes[i] - m->result->outcomes);
}

static sld_status gather_trades(sld__merge *m, sld_error *err) {
  m->trades = sld__alloc(m->result->alloc, m->trade_count, sizeof *m->trades);
  if (!m->trades) return sld__fail_memory(err);
  sld__portfolio_trades(m->trades, m->lists, m->closed, m->count, m->cursors);
  return SLD_OK;
}

static int64_t start_time(const sld__merge *m) {
  int64_t first = INT64_MAX;
  for (size_t i = 0; i < m->count; i++) {
    const sld__sleeve *sleeve = m->sleeves[i];
    if (m->outcomes[i]->first >= sleeve->rows) continue;
    int64_t time = sleeve->series->time[sleeve->row0 + m->outcomes[i]->first];
    if (time < first) first = time;
  }
  return first;
}

static sld_status make_figures(sld__merge *m, sld_error *err) {
  struct sld_result *result = m->result;
  sld_portfolio *p = &result->portfolio;
  sld__figures_input in = {
    .capital = p->capital,
    .start_time = start_time(m),
    .equity = p->equity,
    .time = p->time,
    .count = p->count,
    .sample_rows = m->samples,
    .sample_count = m->sample_count,
    .periods_per_year = result->plan->options.periods_per_year,
    .trades = m->trades,
    .trade_count = m->trades ? m->trade_count : 0,
    .bars = m->bars,
    .exposed_bars = m->exposed_bars,
    .costs = p->costs,
  };
  p->figures = result->figures = sld__alloc(result->alloc, SLD__FIGURE_COUNT, sizeof *result->figures);
  m->scratch = sld__alloc(result->alloc, 2 * sld__figures_samples(&in), sizeof *m->scratch);
  if (!result->figures || !m->scratch) return sld__fail_memory(err);
  in.scratch = m->scratch;
  sld__figures(result->figures, &in);
  return SLD_OK;
}

/* Capital, costs and buy-and-hold: sums over the sleeves in key order. */
void sld__merge_totals(sld__merge *m) {
  sld_portfolio *p = &m->result->portfolio;
  struct sld__sum capital = { 0 }, costs = { 0 }, held = { 0 };
  for (size_t i = 0; i < m->count; i++) {
    const sld_job *job = &m->outcomes[i]->job;
    sld__sum_add(&capital, job->capital);
    sld__sum_add(&costs, job->costs_spread);
    sld__sum_add(&costs, job->costs_slippage);
    sld__sum_add(&costs, job->costs_commission);
    sld__sum_add(&held, job->capital * (1.0 + job->buy_and_hold));
  }
  p->capital = sld__sum_value(&capital);
  p->costs = sld__sum_value(&costs);
  p->buy_and_hold = m->count ? sld__sum_value(&held) / p->capital - 1.0 : (double)NAN;
  p->complete = m->count == m->result->outcome_count;
}

static void add_exposure(sld__merge *m) {
  for (size_t i = 0; i < m->count; i++) {
    m->bars += m->outcomes[i]->job.bar_count;
    m->exposed_bars += m->outcomes[i]->exposed_bars;
  }
}

static sld_status merge_sum(sld__merge *m, sld_error *err) {
  sld_portfolio *p = &m->result->portfolio;
  p->rule = "sum";
  p->label = "";
  sld_status status = sld__merge_clock(m, err);
  if (status != SLD_OK) return status;
  sld__portfolio_sum(m->result->equity, p->time, p->count, m->curves, m->count, m->cursors);
  add_exposure(m);
  return gather_trades(m, err);
}

/* The account of all pairs is the portfolio: its curve and figures are those of the one job. */
static sld_status merge_shared(sld__merge *m, sld_error *err) {
  struct sld_result *result = m->result;
  sld_portfolio *p = &result->portfolio;
  const sld__outcome *outcome = result->outcomes;
  size_t rows = m->count ? outcome->job.bar_count : 0;
  p->rule = "shared";
  p->label = "";
  sld__merge_totals(m);
  sld_status status = sld__merge_room(m, rows, err);
  if (status != SLD_OK) return status;
  if (rows) memcpy(result->time, result->plan->clock + outcome->first, rows * sizeof *result->time);
  if (rows) memcpy(result->equity, outcome->equity, rows * sizeof *result->equity);
  p->figures = result->figures = sld__alloc(result->alloc, SLD__FIGURE_COUNT, sizeof *result->figures);
  if (!result->figures) return sld__fail_memory(err);
  for (size_t i = 0; i < SLD__FIGURE_COUNT; i++) result->figures[i] = m->count ? outcome->figures[i] : (double)NAN;
  return SLD_OK;
}

static sld_status merge(sld__merge *m, sld_error *err) {
  const sld__plan *plan = m->result->plan;
  if (plan->shared) return merge_shared(m, err);
  sld_status status;
  if (plan->declaration->model) {
    status = sld__merge_model(m, err);
    add_exposure(m);
  } else {
    sld__merge_totals(m);
    status = plan->options.weights == SLD_SUM ? merge_sum(m, err) : sld__merge_overlay(m, err);
  }
  return status == SLD_OK ? make_figures(m, err) : status;
}

static void drop_portfolio(struct sld_result *result) {
  sld__free(result->alloc, result->time);
  sld__free(result->alloc, result->equity);
  sld__free(result->alloc, result->weights);
  sld__free(result->alloc, result->figures);
  result->time = NULL;
  result->equity = result->weights = result->figures = NULL;
  result->portfolio = (sld_portfolio){ 0 };
}

sld_status sld__result_merge(struct sld_result *result, sld_error *err) {
  if (result->plan->sets > 1) return SLD_OK;
  sld__merge m;
  sld_status status = merge_init(&m, result, err);
  if (status == SLD_OK) status = merge(&m, err);
  merge_fini(&m);
  result->has_portfolio = status == SLD_OK;
  if (status != SLD_OK) drop_portfolio(result); /* so that the merge can be tried again */
  return status;
}

bool sld__result_has_clock(const struct sld_result *result) {
  bool clock = false;
  for (size_t i = 0; i < result->outcome_count; i++) {
    const sld_job *job = &result->outcomes[i].job;
    clock |= job->data && !job->data->date_only;
    for (size_t b = 0; b < job->book_count; b++) clock |= !job->books[b].data->date_only;
  }
  return clock;
}

const sld__series *sld__result_series(const struct sld_result *result, const sld_pair_info *data) {
  for (size_t i = 0; data && i < result->plan->sleeve_count; i++)
    if (&result->plan->sleeves[i].series->info == data) return result->plan->sleeves[i].series;
  return NULL;
}

int64_t sld__result_date(const sld__series *series, int64_t bar, int64_t time) {
  bool opens = series && bar >= 0 && (size_t)bar < series->info.bars && series->time[bar] == time; /* outcomes from elsewhere may lie */
  return opens || time < SLD_TIME_MIN + SLD__NS_PER_DAY ? time : time - SLD__NS_PER_DAY;
}

size_t sld__result_unfinished(const struct sld_result *result) {
  size_t count = 0;
  for (size_t i = 0; i < result->outcome_count; i++) {
    sld_job_state state = result->outcomes[i].job.state;
    count += state == SLD_JOB_FAILED || state == SLD_JOB_CANCELLED;
  }
  return count;
}

void sld__result_free(struct sld_result *result) {
  if (!result) return;
  const sld_allocator *alloc = result->alloc;
  for (size_t i = 0; i < result->outcome_count; i++) sld__outcome_fini(alloc, &result->outcomes[i]);
  sld__free(alloc, result->outcomes);
  drop_portfolio(result);
  sld__plan_free(result->plan);
  sld__free(alloc, result);
}
