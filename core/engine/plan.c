/* Checks the options of a run and resolves them into pairs, views and parameter sets. */
#include "engine/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/os.h"
#include "engine/model.h"
#include "market/view.h"
#include "metrics/daily.h"
#include "vm/script.h"

/* ---- Options ---- */

static sld_status check_number(const char *name, double value, double min, bool above, sld_error *err) {
  if (isfinite(value) && (above ? value > min : value >= min)) return SLD_OK;
  return sld__fail_at(err, SLD_EINVAL, name, 0, 0, "must be a number %s %g, not %g", above ? "above" : "of at least", min, value);
}

static sld_status check_options(const sld_run_options *o, sld_error *err) {
  const struct { const char *name; double value, min; bool above; } numbers[] = {
    { "options.capital", o->capital, 0, true }, { "options.spread_pips", o->spread_pips, 0, false },
    { "options.slippage_pips", o->slippage_pips, 0, false }, { "options.commission_frac", o->commission_frac, 0, false },
    { "options.commission_per_lot", o->commission_per_lot, 0, false }, { "options.leverage", o->leverage, 0, true },
    { "options.margin_call", o->margin_call, 0, true },
    { "options.rollover_markup", o->rollover_markup, 0, false }, { "options.spread_frac", o->spread_frac, 0, false }, { "options.commission_per_order", o->commission_per_order, 0, false },
    { "options.pyramiding", (double)o->pyramiding, 0, false },
    { "options.vol_target", o->vol_target, 0, true }, { "options.max_leverage", o->max_leverage, 0, true },
    { "options.periods_per_year", o->periods_per_year, 0, false }, { "options.limit_bar_s", o->limit_bar_s, 0, false }, { "options.limit_job_s", o->limit_job_s, 0, false },
  };
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    sld_status status = check_number(numbers[i].name, numbers[i].value, numbers[i].min, numbers[i].above, err);
    if (status != SLD_OK) return status;
  }
  if (!o->currency || strlen(o->currency) != 3) return sld__fail_at(err, SLD_EINVAL, "options.currency", 0, 0, "must be a currency of three letters");
  const struct { const char *name; int value, last; const char *what; } words[] = {
    { "options.fill", (int)o->fill, SLD_FILL_BACKTESTING_PY, "is no fill mode" }, { "options.fill_at", (int)o->fill_at, SLD_AT_CLOSE, "is no time of fills" },
    { "options.path", (int)o->path, SLD_PATH_BACKTESTING_PY, "is no path" }, { "options.quotes", (int)o->quotes, SLD_QUOTES_MID, "is no kind of quotes" },
    { "options.spread_on", (int)o->spread_on, SLD_SPREAD_ENTRY, "is no kind of spread" }, { "options.sizing", (int)o->sizing, SLD_SIZING_FILL, "is no sizing" },
    { "options.accounting", (int)o->accounting, SLD_HEDGE, "is no accounting" }, { "options.day", (int)o->day, SLD_DAY_SOURCE, "is no end of days" },
    { "options.side", (int)o->side, SLD_SIDE_BOTH, "is no side" }, { "options.account", (int)o->account, SLD_SHARED, "is no kind of account" },
    { "options.rollover", (int)o->rollover, SLD_ROLLOVER_RATES, "is no kind of rollover" },
    { "options.isolation", (int)o->isolation, SLD_ISOLATION_PROCESS, "is no kind of isolation" },
  };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (words[i].value < 0 || words[i].value > words[i].last) return sld__fail_at(err, SLD_EINVAL, words[i].name, 0, 0, "%s", words[i].what);
  bool entry_pays = o->spread_on == SLD_SPREAD_ENTRY || (o->spread_on == SLD_SPREAD_PRESET && o->fill == SLD_FILL_BACKTESTING_PY);
  if (o->spread_frac > 0.0 && !entry_pays) return sld__fail_at(err, SLD_EINVAL, "options.spread_frac", 0, 0, "a spread by the price needs spread_on entry: it is fixed when a trade is entered");
  if (isnan(o->stop_out) || o->stop_out > o->margin_call)
    return sld__fail_at(err, SLD_EINVAL, "options.stop_out", 0, 0, "must be at most the margin call: %g %% of the margin, not %g %%", 100.0 * o->margin_call, 100.0 * o->stop_out);
  if (o->rollover_markup > 0.0 && o->rollover != SLD_ROLLOVER_RATES) return sld__fail_at(err, SLD_EINVAL, "options.rollover_markup", 0, 0, "needs rollover by rates");
  if ((int)o->weights < 0 || o->weights > SLD_VOL_TARGET) return sld__fail_at(err, SLD_EINVAL, "options.weights", 0, 0, "is no rule of weights");
  if (o->from > o->to) return sld__fail_at(err, SLD_EINVAL, "options.from", 0, 0, "must not be after options.to");
  return SLD_OK;
}

static sld_status missing(const char *list, size_t i, const char *field, sld_error *err) {
  char name[64];
  snprintf(name, sizeof name, "options.%s[%zu]%s", list, i, field);
  return sld__fail_at(err, SLD_EINVAL, name, 0, 0, "is missing");
}

static sld_status check_lists(const sld_run_options *o, sld_error *err) {
  if (!o->settings && o->setting_count) return sld__fail_at(err, SLD_EINVAL, "options.settings", 0, 0, "is missing");
  if (!o->axes && o->axis_count) return sld__fail_at(err, SLD_EINVAL, "options.axes", 0, 0, "is missing");
  for (size_t i = 0; o->pairs && i < o->pair_count; i++)
    if (!o->pairs[i]) return missing("pairs", i, "", err);
  for (size_t i = 0; i < o->setting_count; i++)
    if (!o->settings[i].name || !o->settings[i].value) return missing("settings", i, o->settings[i].name ? ".value" : ".name", err);
  for (size_t i = 0; i < o->axis_count; i++)
    if (!o->axes[i].name || (!o->axes[i].values && o->axes[i].count)) return missing("axes", i, o->axes[i].name ? ".values" : ".name", err);
  return SLD_OK;
}

/* ---- Parameters ---- */

#define IN_SET "options.set"
#define IN_AXES "options.axes"

static int find_param(const sld__declaration *d, const char *name) {
  for (size_t i = 0; i < d->param_count; i++)
    if (strcmp(d->params[i].name, name) == 0) return (int)i;
  return -1;
}

/* `where` is the option that names it. */
static sld_status no_param(const sld__plan *plan, const char *where, const char *name, sld_error *err) {
  const sld__declaration *d = plan->declaration;
  if (d->param_count == 0) return sld__fail_at(err, SLD_ENAME, where, 0, 0, "the strategy has no parameter '%s': it has none at all", name);
  const char **names = sld__alloc(plan->alloc, d->param_count, sizeof *names);
  if (!names) return sld__fail_memory(err);
  for (size_t i = 0; i < d->param_count; i++) names[i] = d->params[i].name;
  const char *hint = sld_suggest(name, names, d->param_count);
  sld__free(plan->alloc, names);
  if (hint) return sld__fail_at(err, SLD_ENAME, where, 0, 0, "the strategy has no parameter '%s'; did you mean '%s'?", name, hint);
  return sld__fail_at(err, SLD_ENAME, where, 0, 0, "the strategy has no parameter '%s'", name);
}

static sld_status check_value(const sld_param *p, const char *where, double value, sld_error *err) {
  bool whole = p->kind == SLD_NUMBER || value == floor(value);
  if (isfinite(value) && value >= p->min && value <= p->max && whole) return SLD_OK;
  return sld__fail_at(err, SLD_ERANGE, where, 0, 0, "parameter '%s' must be %s from %.15g to %.15g, not %.15g", p->name, p->kind == SLD_NUMBER ? "a number" : "a whole number", p->min, p->max, value);
}

static sld_status read_choice(const sld_param *p, const char *text, double *out, sld_error *err) {
  for (size_t i = 0; i < p->choice_count; i++)
    if (strcmp(p->choices[i], text) == 0) {
      *out = (double)i;
      return SLD_OK;
    }
  const char *hint = sld_suggest(text, p->choices, p->choice_count);
  if (hint) return sld__fail_at(err, SLD_ERANGE, IN_SET, 0, 0, "parameter '%s' has no choice '%s'; did you mean '%s'?", p->name, text, hint);
  return sld__fail_at(err, SLD_ERANGE, IN_SET, 0, 0, "parameter '%s' has no choice '%s'; the first is '%s'", p->name, text, p->choices[0]);
}

static sld_status read_value(const sld_param *p, const char *text, double *out, sld_error *err) {
  if (p->kind == SLD_CHOICE) return read_choice(p, text, out, err);
  if (p->kind == SLD_BOOL) {
    *out = strcmp(text, "true") == 0;
    if (*out != 0 || strcmp(text, "false") == 0) return SLD_OK;
    return sld__fail_at(err, SLD_ERANGE, IN_SET, 0, 0, "parameter '%s' must be true or false, not '%s'", p->name, text);
  }
  char *end;
  double value = sld__os_strtod(text, &end);
  if (end == text || *end != '\0') return sld__fail_at(err, SLD_ERANGE, IN_SET, 0, 0, "parameter '%s' must be a number, not '%s'", p->name, text);
  *out = value;
  return check_value(p, IN_SET, value, err);
}

static sld_status given_twice(const char *where, const char *name, sld_error *err) {
  return sld__fail_at(err, SLD_EINVAL, where, 0, 0, "parameter '%s' is given twice", name);
}

static sld_status resolve_params(sld__plan *plan, sld_error *err) {
  const sld__declaration *d = plan->declaration;
  const sld_run_options *o = &plan->options;
  plan->base_params = sld__alloc(plan->alloc, d->param_count, sizeof *plan->base_params);
  plan->axis_params = sld__alloc(plan->alloc, o->axis_count, sizeof *plan->axis_params);
  if (!plan->base_params || !plan->axis_params) return sld__fail_memory(err);
  for (size_t i = 0; i < d->param_count; i++) plan->base_params[i] = d->params[i].initial;
  for (size_t i = 0; i < o->setting_count; i++) {
    int at = find_param(d, o->settings[i].name);
    if (at < 0) return no_param(plan, IN_SET, o->settings[i].name, err);
    for (size_t k = 0; k < i; k++)
      if (strcmp(o->settings[k].name, o->settings[i].name) == 0) return given_twice(IN_SET, o->settings[i].name, err);
    sld_status status = read_value(&d->params[at], o->settings[i].value, &plan->base_params[at], err);
    if (status != SLD_OK) return status;
  }
  plan->sets = 1;
  for (size_t i = 0; i < o->axis_count; i++) {
    const sld_axis *axis = &o->axes[i];
    int at = find_param(d, axis->name);
    if (at < 0) return no_param(plan, IN_AXES, axis->name, err);
    if (axis->count == 0) return sld__fail_at(err, SLD_EINVAL, "options.axes", 0, 0, "axis '%s' has no values", axis->name);
    if (plan->sets > SIZE_MAX / axis->count) return sld__fail_at(err, SLD_EINVAL, "options.axes", 0, 0, "too many parameter sets");
    plan->sets *= axis->count;
    plan->axis_params[i] = at;
    for (size_t k = 0; k < i; k++)
      if (plan->axis_params[k] == at) return given_twice(IN_AXES, axis->name, err);
    for (size_t k = 0; k < axis->count; k++) {
      sld_status status = check_value(&d->params[at], IN_AXES, axis->values[k], err);
      if (status != SLD_OK) return status;
    }
  }
  return SLD_OK;
}

/* ---- The account ---- */

static sld_status resolve_account(sld__plan *plan, sld_error *err) {
  const sld_run_options *o = &plan->options;
  const sld__declaration *d = plan->declaration;
  bool together = sld__plan_together(plan), allocates = (d->hooks & SLD__HOOK_ALLOCATE) != 0;
  plan->shared = o->account == SLD_SHARED || (o->account == SLD_ACCOUNT_STRATEGY && sld__declaration_shares(d));
  if (allocates && !plan->shared) return sld__fail_at(err, SLD_EINVAL, "options.account", 0, 0, "the strategy allocates one account to its pairs: it cannot be split");
  if (together && !plan->shared) return sld__fail_at(err, SLD_EINVAL, "options.account", 0, 0, "the strategy trades several pairs together: its account cannot be split");
  if (!plan->shared) return SLD_OK;
  if (d->model) return sld__fail_at(err, SLD_EINVAL, "options.account", 0, 0, "the strategy's model %s has no account to share", d->model);
  if (o->weights != SLD_SUM) return sld__fail_at(err, SLD_EINVAL, "options.weights", 0, 0, "a shared account is the portfolio: no other rule of weights can be given");
  return SLD_OK;
}

/* ---- Pairs ---- */

static sld_status no_pair(const sld__plan *plan, const sld__market *market, const char *name, sld_error *err) {
  const char *where = sld__plan_together(plan) ? NULL : "options.pairs"; /* or else the strategy names them */
  size_t count = sld__market_count(market);
  const char **names = sld__alloc(plan->alloc, count, sizeof *names);
  if (!names) return sld__fail_memory(err);
  for (size_t i = 0; i < count; i++) names[i] = sld__market_at(market, i)->info.instrument.pair;
  const char *hint = sld_suggest(name, names, count);
  sld__free(plan->alloc, names);
  if (hint) return sld__fail_at(err, SLD_ENAME, where, 0, 0, "the market has no pair '%s'; did you mean '%s'?", name, hint);
  return sld__fail_at(err, SLD_ENAME, where, 0, 0, "the market has no pair '%s'", name);
}

static int by_pair(const void *a, const void *b) {
  const sld__sleeve *x = a, *y = b;
  return strcmp(x->series->info.instrument.pair, y->series->info.instrument.pair);
}

/* First row that opens at or after `time`. */
static size_t row_at(const sld__series *series, int64_t time) {
  size_t low = 0, high = series->count;
  while (low < high) {
    size_t mid = low + (high - low) / 2;
    if (series->time[mid] < time) low = mid + 1;
    else high = mid;
  }
  return low;
}

/* Closes where the result shows them, and the rows of daily samples. */
static sld_status resolve_clock(const sld__plan *plan, sld__sleeve *sleeve, sld_error *err) {
  const sld__series *series = sleeve->series;
  struct sld__clock clock = { series->time + sleeve->row0, series->count - sleeve->row0, series->info.period_ns };
  if (plan->sets == 1 || plan->shared || (plan->options.keep & SLD_KEEP_EQUITY)) {
    sleeve->close_time = sld__alloc(plan->alloc, sleeve->rows, sizeof *sleeve->close_time);
    if (!sleeve->close_time) return sld__fail_memory(err);
    for (size_t i = 0; i < sleeve->rows; i++) sleeve->close_time[i] = sld__clock_close(&clock, i);
  }
  size_t *samples = sld__alloc(plan->alloc, sleeve->rows, sizeof *samples);
  if (!samples) return sld__fail_memory(err);
  sleeve->sample_count = sld__daily_rows_of(&clock, sleeve->rows, series->info.date_only ? NULL : plan->new_york, samples);
  sleeve->samples = sld__realloc(plan->alloc, samples, sleeve->sample_count, sizeof *samples);
  if (!sleeve->samples) sleeve->samples = samples;
  return SLD_OK;
}

/* Asks in the data are the spread. */
static sld_status check_spread(const sld_run_options *o, const sld_pair_info *info, sld_error *err) {
  if (info->side != SLD_BOTH || (o->spread_pips == 0.0 && o->spread_frac == 0.0)) return SLD_OK;
  const char *name = o->spread_pips > 0.0 ? "options.spread_pips" : "options.spread_frac";
  return sld__fail_at(err, SLD_EINVAL, name, 0, 0, "the data of %s have bid and ask, whose spread is paid: leave this out, or take the bids alone (side bid)", info->instrument.pair);
}

/* A model of its own trades no positions. */
static sld_status resolve_rolls(const sld__plan *plan, sld__sleeve *sleeve, sld_error *err) {
  const sld_run_options *o = &plan->options;
  if (o->rollover == SLD_ROLLOVER_NONE || plan->declaration->model) return SLD_OK;
  sld__rolling how = { o->rollover, o->rollover_markup, plan->rates, plan->new_york };
  return sld__rolls_make(&sleeve->rolls, sleeve->series, sleeve->row0, sleeve->rows, &how, plan->alloc, err);
}

static void widen(double *low, double *high, const double *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (values[i] < *low) *low = values[i]; /* NaN is neither */
    if (values[i] > *high) *high = values[i];
  }
}

/* Between which prices and rates the view lies: a book that no price in it can stop out need not look. */
static void resolve_ranges(sld__sleeve *sleeve) {
  const sld__series *s = sleeve->series;
  const double *asks = s->ask_high ? s->ask_high : s->high;
  sleeve->price_low = sleeve->rate_low = (double)INFINITY;
  sleeve->price_high = sleeve->rate_high = 0.0;
  widen(&sleeve->price_low, &sleeve->price_high, s->low + sleeve->row0, sleeve->rows);
  widen(&sleeve->price_low, &sleeve->price_high, asks + sleeve->row0, sleeve->rows);
  if (!sleeve->conversion.mark) return;
  widen(&sleeve->rate_low, &sleeve->rate_high, sleeve->conversion.fill + sleeve->row0, sleeve->rows);
  widen(&sleeve->rate_low, &sleeve->rate_high, sleeve->conversion.mark + sleeve->row0, sleeve->rows);
}

static sld_status resolve_view(sld__plan *plan, sld__sleeve *sleeve, const sld__market *market, sld_error *err) {
  const sld_run_options *o = &plan->options;
  const sld__series *series = sleeve->series;
  size_t end = o->to == SLD_TIME_MAX ? series->count : row_at(series, o->to + 1);
  size_t from = row_at(series, o->from);
  if (from > end) from = end;
  sleeve->row0 = o->cold ? from : 0;
  sleeve->rows = end - sleeve->row0;
  sleeve->from = from - sleeve->row0;
  if ((!series->info.date_only || o->rollover != SLD_ROLLOVER_NONE) && !plan->new_york) {
    sld_status status = sld__zone_load(&plan->new_york, "America/New_York", plan->alloc, err);
    if (status != SLD_OK) return status;
  }
  sld_status status = resolve_clock(plan, sleeve, err);
  if (status != SLD_OK) return status;
  sld__series_hash(series, sleeve->hash);
  status = resolve_rolls(plan, sleeve, err);
  if (status == SLD_OK) status = sld__market_convert(market, series, o->currency, &sleeve->conversion, err);
  if (status == SLD_OK && sld__plan_stop_out(plan) > 0.0) resolve_ranges(sleeve);
  return status;
}

/* A strategy that names its pairs trades those: a choice may repeat it, not change it. */
static sld_status check_choice(const sld__plan *plan, sld_error *err) {
  const sld_run_options *o = &plan->options;
  const sld__declaration *d = plan->declaration;
  bool same = o->pair_count == d->pair_count;
  for (size_t i = 0; same && i < o->pair_count; i++) {
    size_t k = 0;
    while (k < d->pair_count && strcmp(d->pairs[k], o->pairs[i]) != 0) k++;
    same = k < d->pair_count;
  }
  if (same) return SLD_OK;
  return sld__fail_at(err, SLD_EINVAL, "options.pairs", 0, 0, "the strategy names the %zu pairs that it trades together, %s first: no others can be chosen", d->pair_count, d->pairs[0]);
}

/* Names of the run's pairs; NULL: all of the market. */
static sld_status names_of(const sld__plan *plan, const char *const **names, size_t *count, sld_error *err) {
  const sld_run_options *o = &plan->options;
  const sld__declaration *d = plan->declaration;
  *names = o->pairs;
  *count = o->pair_count;
  if (!sld__plan_together(plan)) return SLD_OK;
  *names = (const char *const *)d->pairs;
  *count = d->pair_count;
  return o->pairs ? check_choice(plan, err) : SLD_OK;
}

static sld_status resolve_pairs(sld__plan *plan, const sld__market *market, sld_error *err) {
  const char *const *names;
  size_t count;
  sld_status chosen = names_of(plan, &names, &count, err);
  if (chosen != SLD_OK) return chosen;
  if (!names) count = sld__market_count(market);
  if (count == 0) return sld__fail(err, SLD_EINVAL, "there is no pair to run on");
  plan->sleeves = sld__alloc_zero(plan->alloc, count, sizeof *plan->sleeves);
  if (!plan->sleeves) return sld__fail_memory(err);
  for (size_t i = 0; i < count; i++) {
    const sld__series *series = names ? sld__market_find(market, names[i]) : sld__market_at(market, i);
    if (!series) return no_pair(plan, market, names[i], err);
    plan->sleeves[plan->sleeve_count++].series = series;
  }
  qsort(plan->sleeves, count, sizeof *plan->sleeves, by_pair);
  for (size_t i = 0; i + 1 < count; i++)
    if (plan->sleeves[i].series == plan->sleeves[i + 1].series)
      return sld__fail(err, SLD_EINVAL, "pair '%s' is named twice", plan->sleeves[i].series->info.instrument.pair);
  plan->capital = plan->shared ? plan->options.capital : plan->options.capital / (double)count;
  plan->parts = plan->shared ? 1 : count;
  for (size_t i = 0; i < count; i++) {
    sld_status status = check_spread(&plan->options, &plan->sleeves[i].series->info, err);
    if (status == SLD_OK) status = resolve_view(plan, &plan->sleeves[i], market, err);
    if (status != SLD_OK) return status;
  }
  return SLD_OK;
}

/* Samples that a year has: of trading days, or of the shortest bars where all are longer than a day. */
static void resolve_periods(sld__plan *plan) {
  int64_t shortest = plan->sleeves[0].series->info.period_ns;
  for (size_t i = 1; i < plan->sleeve_count; i++)
    if (plan->sleeves[i].series->info.period_ns < shortest) shortest = plan->sleeves[i].series->info.period_ns;
  double days = (double)shortest / (double)SLD__NS_PER_DAY;
  double months = floor(days / 30.5 + 0.5);
  if (plan->options.periods_per_year == 0.0) plan->options.periods_per_year = days <= 1.0 ? 260.0 : months < 1.0 ? 364.0 / days : 12.0 / months;
}

/* ---- The whole ---- */

static sld_status copy_axes(sld__plan *plan, sld_error *err) {
  sld_run_options *o = &plan->options;
  plan->axes = sld__alloc_zero(plan->alloc, o->axis_count, sizeof *plan->axes);
  if (!plan->axes) return sld__fail_memory(err);
  for (size_t i = 0; i < o->axis_count; i++) {
    double *values = sld__alloc(plan->alloc, o->axes[i].count, sizeof *values);
    if (!values) return sld__fail_memory(err);
    memcpy(values, o->axes[i].values, o->axes[i].count * sizeof *values);
    plan->axes[i] = (sld_axis){ plan->declaration->params[plan->axis_params[i]].name, values, o->axes[i].count };
  }
  o->axes = plan->axes;
  return SLD_OK;
}

static void add_numbers(struct sld__hash *hash, const double *values, size_t count) {
  for (size_t i = 0; i < count; i++) sld__hash_add_number(hash, values[i]);
}

/* What an instrument says of money beside what the hash of its bars holds. */
static void add_instrument(struct sld__hash *hash, const sld_instrument *i) {
  const double numbers[] = { i->leverage, i->has_swap ? i->swap_long : 0.0, i->has_swap ? i->swap_short : 0.0, i->has_swap, (double)sld__instrument_triple_day(i) };
  add_numbers(hash, numbers, sizeof numbers / sizeof *numbers);
}

/* The key names what decides the bytes of a result: strategy with modules, data, parameters, costs, window. */
static void make_key(sld__plan *plan) {
  const sld_run_options *o = &plan->options;
  struct sld__hash hash;
  sld__hash_init(&hash);
  sld__hash_add_text(&hash, plan->strategy);
  for (size_t i = 0; i < plan->sleeve_count; i++) {
    sld__hash_add_text(&hash, plan->sleeves[i].hash);
    add_instrument(&hash, &plan->sleeves[i].series->info.instrument);
  }
  for (size_t i = 0; i < plan->rates->count; i++) sld__short_rate_hash(&plan->rates->list[i], &hash);
  add_numbers(&hash, plan->base_params, plan->declaration->param_count);
  for (size_t i = 0; i < o->axis_count; i++) {
    sld__hash_add_text(&hash, o->axes[i].name);
    add_numbers(&hash, o->axes[i].values, o->axes[i].count);
  }
  const double numbers[] = { o->capital, o->spread_pips, o->slippage_pips, o->commission_frac, o->commission_per_lot, o->leverage,
    (double)o->fill, (double)o->weights, o->vol_target, o->max_leverage, o->periods_per_year, o->cold, o->close_at_end,
    (double)o->fill_at, (double)o->path, (double)o->quotes, (double)o->spread_on, (double)o->sizing, (double)o->accounting, (double)o->pyramiding,
    o->spread_frac, o->commission_per_order, plan->shared, (double)o->rollover, o->rollover_markup, o->margin_call, sld__plan_stop_out(plan) };
  add_numbers(&hash, numbers, sizeof numbers / sizeof *numbers);
  sld__hash_add_integer(&hash, o->from);
  sld__hash_add_integer(&hash, o->to);
  sld__hash_add_text(&hash, plan->currency);
  sld__hash_text(&hash, plan->key);
}

/* Where bars are to be chosen or made, replaces the market by one that has each pair once. */
static sld_status resolve_market(sld__plan *plan, const sld__market **market, sld_error *err) {
  const sld_run_options *o = &plan->options;
  const char *const *names;
  size_t count;
  sld_status status = names_of(plan, &names, &count, err);
  if (status != SLD_OK) return status;
  const sld__viewing how = { o->timeframe, o->day, o->day_zone, names, count, false, o->side };
  if (!sld__market_needs_view(*market, &how)) return SLD_OK;
  status = sld__market_view(&plan->view, *market, &how, err);
  if (status == SLD_OK) *market = plan->view;
  return status;
}

static sld_status build(sld__plan *plan, const sld__market *market, const sld__script *script, sld_error *err) {
  sld_status status = resolve_params(plan, err);
  if (status == SLD_OK) status = sld__model_check(sld__market_instruments(market), plan->declaration, &plan->options, plan->sets, err);
  if (status == SLD_OK) status = copy_axes(plan, err);
  if (status == SLD_OK) status = resolve_account(plan, err);
  if (status == SLD_OK) status = resolve_market(plan, &market, err);
  if (status == SLD_OK) status = resolve_pairs(plan, market, err);
  if (status == SLD_OK) resolve_periods(plan);
  if (status == SLD_OK && plan->shared) status = sld__plan_share(plan, err);
  if (status == SLD_OK && (plan->declaration->hooks & SLD__HOOK_ALLOCATE)) status = sld__plan_calls(plan, err);
  sld__script_hash(script, plan->strategy);
  plan->trusted = script->trusted;
  if (status == SLD_OK) make_key(plan);
  plan->options.pairs = NULL;
  plan->options.timeframe = NULL;
  plan->options.day_zone = NULL;
  plan->options.settings = NULL;
  return status;
}

sld_status sld__plan_new(sld__plan **out, const sld_allocator *alloc, const sld__market *market, const sld__script *script,
  const sld__declaration *declaration, const sld_run_options *options, sld_error *err) {
  sld_status status = check_options(options, err);
  if (status == SLD_OK) status = check_lists(options, err);
  if (status != SLD_OK) return status;
  sld__plan *plan = sld__alloc_zero(alloc, 1, sizeof *plan);
  if (!plan) return sld__fail_memory(err);
  plan->alloc = alloc;
  plan->options = *options;
  plan->declaration = declaration;
  plan->rates = sld__market_rates(market);
  memcpy(plan->currency, options->currency, 4);
  plan->options.currency = plan->currency;
  status = build(plan, market, script, err);
  if (status != SLD_OK) {
    sld__plan_free(plan);
    return status;
  }
  *out = plan;
  return SLD_OK;
}

void sld__plan_free(sld__plan *plan) {
  if (!plan) return;
  for (size_t i = 0; i < plan->sleeve_count; i++) {
    sld__conversion_free(&plan->sleeves[i].conversion);
    sld__rolls_free(&plan->sleeves[i].rolls);
    sld__free(plan->alloc, plan->sleeves[i].close_time);
    sld__free(plan->alloc, plan->sleeves[i].samples);
    sld__free(plan->alloc, plan->sleeves[i].last);
  }
  sld__free(plan->alloc, plan->clock);
  sld__free(plan->alloc, plan->samples);
  sld__free(plan->alloc, plan->days);
  sld__free(plan->alloc, plan->calls);
  if (plan->axes)
    for (size_t i = 0; i < plan->options.axis_count; i++) sld__free(plan->alloc, (void *)(uintptr_t)plan->axes[i].values);
  sld__market_free(plan->view);
  sld__zone_free(plan->new_york);
  sld__free(plan->alloc, plan->axes);
  sld__free(plan->alloc, plan->axis_params);
  sld__free(plan->alloc, plan->base_params);
  sld__free(plan->alloc, plan->sleeves);
  sld__free(plan->alloc, plan);
}
