/* The accounts of a result must add up, whoever traded what. Used on every run that tests make through engine_desk.h. */
#ifndef TESTS_IDENTITIES_H
#define TESTS_IDENTITIES_H

#include <math.h>
#include <sliders.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identities_bars.h"

/* Where and how far accounts differ; "": they add up. */
typedef struct identities {
  char broken[400];
} identities;

static inline void identities_equal(identities *found, double got, double want, double size, const char *format, ...) {
  if (found->broken[0] || fabs(got - want) <= 1e-9 * (1.0 + size) || (isnan(got) && isnan(want))) return;
  va_list arguments;
  va_start(arguments, format);
  size_t n = (size_t)vsnprintf(found->broken, sizeof found->broken, format, arguments);
  va_end(arguments);
  if (n < sizeof found->broken) snprintf(found->broken + n, sizeof found->broken - n, ": %.17g, not %.17g", got, want);
}

/* The first of time[count] that is not before `when`; count: none. */
static inline size_t identities_row(const int64_t *time, size_t count, int64_t when) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (time[middle] < when) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* Totals are the sums of their parts, and the last equity is what they come to. */
static inline void identities_totals(identities *found, const sld_job *job) {
  double costs = job->costs_spread + job->costs_slippage + job->costs_commission, turned = fabs(job->capital) + costs + fabs(job->rollover);
  double spread = 0.0, slippage = 0.0, commission = 0.0, gross = 0.0, open = 0.0, shares = 0.0, rolled = 0.0;
  for (size_t i = 0; i < job->order_count; i++) {
    spread += job->orders[i].spread_cost;
    slippage += job->orders[i].slippage_cost;
    commission += job->orders[i].commission;
  }
  for (size_t i = 0; i < job->trade_count + job->open_count; i++) {
    const sld_trade *t = &job->trades[i];
    *(t->exit == SLD_EXIT_OPEN ? &open : &gross) += t->gross;
    turned += fabs(t->gross);
    shares += t->costs;
    identities_equal(found, t->net, t->gross - t->costs, fabs(t->gross), "%s: net of trade %zu", job->pair, i);
  }
  for (size_t i = 0; i < job->rollover_count; i++) rolled += job->rollovers[i].amount;
  identities_equal(found, job->costs_spread, spread, turned, "%s: spread of the orders", job->pair);
  identities_equal(found, job->costs_slippage, slippage, turned, "%s: slippage of the orders", job->pair);
  identities_equal(found, job->costs_commission, commission, turned, "%s: commission of the orders", job->pair);
  identities_equal(found, shares, costs, turned, "%s: costs of the trades", job->pair);
  identities_equal(found, job->realised, gross, turned, "%s: realised profit of the trades", job->pair);
  identities_equal(found, job->unrealised, open, turned, "%s: unrealised profit of the trades", job->pair);
  identities_equal(found, job->rollover, rolled, turned, "%s: rollovers", job->pair);
  identities_equal(found, job->final_equity, job->capital + job->realised + job->rollover - costs + job->unrealised, turned, "%s: capital and profit", job->pair);
}

/* At every close that finds the account flat, equity is the capital and what was earned so far, by the times of trades alone. Returns how many
 * closes did. */
static inline size_t identities_flat_bars(identities *found, const sld_job *job) {
  size_t n = job->bar_count, flat = 0;
  int *open = calloc(n + 2, sizeof *open);
  double *earned = calloc(n + 2, sizeof *earned);
  if (!open || !earned) abort();
  for (size_t i = 0; i < job->trade_count + job->open_count; i++) {
    const sld_trade *t = &job->trades[i];
    open[identities_row(job->close_time, n, t->entry_time)]++;
    if (t->exit == SLD_EXIT_OPEN) continue;
    size_t after = identities_row(job->close_time, n, t->exit_time) + 1;
    open[after]--;
    earned[after] += t->net;
  }
  for (size_t i = 0; i < job->rollover_count; i++) earned[identities_row(job->close_time, n, job->rollovers[i].time)] += job->rollovers[i].amount;
  double equity = job->capital, size = job->capital;
  int held = 0;
  for (size_t k = 0; k < n; k++) {
    held += open[k];
    equity += earned[k];
    size += fabs(earned[k]);
    if (held != 0) continue;
    flat++;
    identities_equal(found, job->equity[k], equity, size, "%s: equity of bar %zu", job->pair, k);
  }
  identities_equal(found, job->equity[n - 1], job->final_equity, size, "%s: the last equity", job->pair);
  free(open);
  free(earned);
  return flat;
}

/* A sleeve's equity at each time of the portfolio's clock, its capital before its first point. */
static inline double identities_sleeve(const sld_job *job, size_t *cursor, int64_t now) {
  while (*cursor < job->bar_count && job->close_time[*cursor] <= now) ++*cursor;
  return *cursor == 0 ? job->capital : job->equity[*cursor - 1];
}

/* sum: the portfolio is the sum of its sleeves. Overlays: E_t = E_t-1 (1 + sum of w_i,t-1 r_i,t) - cost_t, the costs are none below 0 and add up. */
static inline void identities_portfolio(identities *found, const sld_result *result, const sld_portfolio *p) {
  size_t jobs = sld_result_job_count(result);
  bool sum = strcmp(p->rule, "sum") == 0, overlay = p->weights && strcmp(p->rule, "finmarketpy") != 0;
  if ((!sum && !overlay) || !p->complete) return;
  size_t *cursors = calloc(jobs, sizeof *cursors);
  double *before = calloc(jobs, sizeof *before), costs = 0.0, last = p->capital;
  if (!cursors || !before) abort();
  for (size_t k = 0; k < p->count; k++) {
    double total = 0.0, size = 0.0, gain = 0.0;
    for (size_t i = 0; i < jobs; i++) {
      double now = identities_sleeve(sld_result_job_at(result, i), &cursors[i], p->time[k]);
      double weight = overlay && k > 0 ? p->weights[(k - 1) * jobs + i] : 0.0;
      if (weight != 0.0 && !isnan(weight)) gain += weight * (now / before[i] - 1.0);
      total += before[i] = now;
      size += fabs(now);
    }
    if (sum) identities_equal(found, p->equity[k], total, size, "portfolio: sum of sleeves in row %zu", k);
    double cost = last * (1.0 + gain) - p->equity[k];
    if (overlay && cost < -1e-9 * last) identities_equal(found, p->equity[k], last * (1.0 + gain), 0.0, "portfolio: earned in row %zu", k);
    costs += cost;
    last = p->equity[k];
  }
  if (overlay) identities_equal(found, p->costs, costs, p->capital, "portfolio: costs of the turnover");
  free(cursors);
  free(before);
}

/* Equity at every bar, with what is open. Returns how many bars found something open. */
static inline size_t identities_bars(identities *found, const sld_job *job, sld_market *market, const sld_run_options *options) {
  double want = 0.0;
  size_t held = 0;
  size_t bad = job->books ? ids_account(job, market, options, &want, &held) : ids_sleeve(job, market, options, &want, &held);
  if (bad == job->bar_count || found->broken[0]) return held;
  snprintf(found->broken, sizeof found->broken, "%s: equity of bar %zu of %zu: %.17g, not %.17g", job->pair, bad, job->bar_count, job->equity[bad], want);
  return held;
}

/* How many bars were looked at. */
typedef struct identities_seen {
  size_t flat; /* closes that found an account flat */
  size_t held; /* and those that found a position */
} identities_seen;

/* Looks at all that a result of `market` has kept. `seen`, where given, is added to. A model of its own trades no positions. */
static inline identities identities_of(const sld_result *result, sld_market *market, const sld_run_options *options, identities_seen *seen) {
  identities found = { "" };
  const sld_portfolio *of = sld_result_portfolio(result);
  bool model = of && strcmp(of->rule, "finmarketpy") == 0;
  for (size_t i = 0; i < sld_result_job_count(result); i++) {
    const sld_job *job = sld_result_job_at(result, i);
    bool traded = job->state == SLD_JOB_DONE || job->state == SLD_JOB_RUINED;
    if (!traded || !job->orders || !job->equity || job->bar_count == 0) continue;
    identities_totals(&found, job);
    size_t held = model ? 0 : identities_bars(&found, job, market, options);
    if (seen) seen->held += held;
    if (job->data && job->data->ticks) continue; /* of ticks at one instant times do not tell the order */
    size_t bars = identities_flat_bars(&found, job);
    if (seen) seen->flat += bars;
  }
  const sld_portfolio *portfolio = sld_result_portfolio(result);
  if (portfolio && sld_result_job_count(result) > 0 && sld_result_job_at(result, 0)->equity) identities_portfolio(&found, result, portfolio);
  return found;
}

#endif
