/* A result as JSON: sorted keys and shortest round-trip numbers, so that equal runs give equal bytes. VM, workers and times are left out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/json.h"
#include "base/os.h"
#include "base/time.h"
#include "engine/result.h"

typedef struct page {
  struct sld__json to;
  bool clock; /* times bear a time of day */
  const sld__series *series; /* of the trades that are written */
} page;

static void text(page *j, const char *key, const char *value) {
  sld__json_key(&j->to, key);
  sld__json_text(&j->to, value);
}

static void number(page *j, const char *key, double value) {
  sld__json_key(&j->to, key);
  sld__json_number(&j->to, value);
}

static void integer(page *j, const char *key, int64_t value) {
  sld__json_key(&j->to, key);
  sld__json_integer(&j->to, value);
}

static void boolean(page *j, const char *key, bool value) {
  sld__json_key(&j->to, key);
  sld__json_boolean(&j->to, value);
}

static void instant(page *j, const char *key, int64_t time) {
  char buf[40];
  sld__json_key(&j->to, key);
  if (time == SLD_TIME_MIN || time == SLD_TIME_MAX) {
    sld__json_null(&j->to);
    return;
  }
  sld__time_format(time, j->clock, buf, sizeof buf);
  sld__json_text(&j->to, buf);
}

/* Of the row `bar`. */
static void moment(page *j, const char *key, int64_t bar, int64_t time) {
  instant(j, key, j->clock ? time : sld__result_date(j->series, bar, time));
}

/* Of what is known by day. */
static void day(page *j, const char *key, int64_t time) {
  char buf[40];
  sld_time_format(time, buf, sizeof buf);
  text(j, key, buf);
}

static void object(page *j, const char *key) {
  sld__json_key(&j->to, key);
  sld__json_open_object(&j->to);
}

/* ---- Inputs ---- */

static void instrument(page *j, const sld_instrument *i) {
  static const char *const days[] = { "", "monday", "tuesday", "wednesday", "thursday", "friday" };
  object(j, "instrument");
  text(j, "base", i->base);
  integer(j, "digits", i->digits);
  number(j, "leverage", i->leverage > 0.0 ? i->leverage : (double)NAN);
  number(j, "lot", i->lot);
  number(j, "min_size", i->min_size);
  number(j, "pip", i->pip);
  text(j, "quote", i->quote);
  number(j, "step", i->step);
  number(j, "swap_long", i->has_swap ? i->swap_long : (double)NAN);
  number(j, "swap_short", i->has_swap ? i->swap_short : (double)NAN);
  text(j, "triple_day", days[sld__instrument_triple_day(i)]);
  sld__json_close(&j->to);
}

static void data(page *j, const sld__plan *plan) {
  object(j, "data");
  for (size_t i = 0; i < plan->sleeve_count; i++) {
    const sld__sleeve *sleeve = &plan->sleeves[i];
    const sld_pair_info *info = &sleeve->series->info;
    object(j, info->instrument.pair);
    integer(j, "bars", (int64_t)info->bars);
    instant(j, "first", info->first_time);
    text(j, "hash", sleeve->hash);
    instrument(j, &info->instrument);
    instant(j, "last", info->last_time);
    boolean(j, "one_price", info->one_price);
    number(j, "period_seconds", (double)info->period_ns / 1e9);
    text(j, "side", sld_side_name(info->side));
    sld__json_close(&j->to);
  }
  sld__json_close(&j->to);
}

typedef struct named { const char *name; double value; const sld_param *param; } named;

static int by_name(const void *a, const void *b) {
  return strcmp(((const named *)a)->name, ((const named *)b)->name);
}

static void param_value(page *j, const sld_param *p, double value) {
  sld__json_key(&j->to, p->name);
  if (p->kind == SLD_BOOL) sld__json_boolean(&j->to, value != 0);
  else if (p->kind == SLD_CHOICE) sld__json_text(&j->to, p->choices[(size_t)value]);
  else sld__json_number(&j->to, value);
}

/* The parameters of set `ordinal` under their sorted names. */
static sld_status params(page *j, const sld_allocator *alloc, const sld__plan *plan, size_t ordinal) {
  size_t count = plan->declaration->param_count;
  named *list = sld__alloc(alloc, count, sizeof *list);
  double *values = sld__alloc(alloc, count, sizeof *values);
  if (list && values) {
    sld__plan_params(plan, ordinal, values);
    for (size_t i = 0; i < count; i++) list[i] = (named){ plan->declaration->params[i].name, values[i], &plan->declaration->params[i] };
    qsort(list, count, sizeof *list, by_name);
    object(j, "parameters");
    for (size_t i = 0; i < count; i++) param_value(j, list[i].param, list[i].value);
    sld__json_close(&j->to);
  }
  sld_status status = list && values ? SLD_OK : SLD_ENOMEM;
  sld__free(alloc, values);
  sld__free(alloc, list);
  return status;
}

/* The short rates that were loaded. */
static void rates(page *j, const sld__rates *list) {
  object(j, "rates");
  for (size_t i = 0; i < list->count; i++) {
    const sld__short_rate *rate = &list->list[i];
    struct sld__hash hash;
    char hex[SLD__HASH_TEXT_SIZE];
    sld__hash_init(&hash);
    sld__short_rate_hash(rate, &hash);
    sld__hash_text(&hash, hex);
    object(j, rate->currency);
    integer(j, "figures", (int64_t)rate->count);
    day(j, "first", rate->date[0]);
    text(j, "hash", hex);
    number(j, "lag_days", (double)rate->lag_ns / (double)SLD__NS_PER_DAY);
    day(j, "last", rate->date[rate->count - 1]);
    boolean(j, "monthly", rate->monthly);
    sld__json_close(&j->to);
  }
  sld__json_close(&j->to);
}

/* The fill mode, and the axes that it comes to. */
static void fill(page *j, const sld__plan *plan) {
  static const char *const presets[] = { "next_open", "close", "tradingview", "backtesting_py" }, *const ats[] = { "", "next_open", "close" },
    *const paths[] = { "", "pessimistic", "tradingview", "backtesting_py" }, *const quotes[] = { "", "side", "mid" }, *const spreads[] = { "", "both", "entry" },
    *const sizings[] = { "", "call", "fill" };
  const sld_run_options *o = &plan->options;
  sld__broker_config axes = { .fill = o->fill, .at = o->fill_at, .path = o->path, .quotes = o->quotes, .spread_on = o->spread_on, .sizing = o->sizing };
  sld__broker_axes(&axes);
  text(j, "fill", presets[o->fill]);
  text(j, "fill_at", ats[axes.at]);
  text(j, "fill_path", paths[axes.path]);
  text(j, "fill_quotes", quotes[axes.quotes]);
  text(j, "fill_sizing", sizings[axes.sizing]);
  text(j, "fill_spread_on", spreads[axes.spread_on]);
}

static void inputs(page *j, const struct sld_result *r) {
  const sld__plan *plan = r->plan;
  const sld_run_options *o = &plan->options;
  object(j, "inputs");
  text(j, "account", plan->shared ? "shared" : "split");
  text(j, "accounting", o->accounting == SLD_HEDGE ? "hedge" : "net");
  number(j, "capital", o->capital);
  boolean(j, "close_at_end", o->close_at_end);
  boolean(j, "cold", o->cold);
  number(j, "commission_frac", o->commission_frac);
  number(j, "commission_per_lot", o->commission_per_lot);
  number(j, "commission_per_order", o->commission_per_order);
  text(j, "currency", o->currency);
  data(j, plan);
  fill(j, plan);
  instant(j, "from", o->from);
  text(j, "key", plan->key);
  number(j, "leverage", o->leverage);
  number(j, "margin_call", o->margin_call);
  number(j, "max_leverage", o->max_leverage);
  number(j, "periods_per_year", o->periods_per_year);
  integer(j, "pyramiding", o->pyramiding);
  rates(j, plan->rates);
  text(j, "rollover", sld_rollover_name(o->rollover));
  number(j, "rollover_markup", o->rollover_markup);
  number(j, "slippage_pips", o->slippage_pips);
  number(j, "spread_frac", o->spread_frac);
  number(j, "spread_pips", o->spread_pips);
  number(j, "stop_out", sld__plan_stop_out(plan));
  object(j, "strategy");
  text(j, "hash", r->plan->strategy);
  text(j, "name", r->strategy);
  if (r->plan->trusted) boolean(j, "trusted", true);
  sld__json_close(&j->to);
  instant(j, "to", o->to);
  number(j, "vol_target", o->vol_target);
  text(j, "weights", sld_weights_name(o->weights));
  sld__json_close(&j->to);
}

/* ---- Jobs ---- */

static int figure_by_name(const void *a, const void *b) {
  const sld_figure *x = *(const sld_figure *const *)a, *y = *(const sld_figure *const *)b;
  return strcmp(x->name, y->name);
}

static void figures(page *j, const double *values) {
  enum { MOST = 128 };
  const sld_figure *list[MOST];
  size_t count = sld_figure_count();
  if (count > MOST) count = MOST;
  for (size_t i = 0; i < count; i++) list[i] = sld_figure_at(i);
  qsort(list, count, sizeof *list, figure_by_name);
  object(j, "figures");
  for (size_t i = 0; i < count; i++) number(j, list[i]->name, values[sld_figure_find(list[i]->name)]);
  sld__json_close(&j->to);
}

static void failure(page *j, const sld_error *err) {
  object(j, "error");
  integer(j, "column", err->column);
  text(j, "file", err->file);
  integer(j, "line", err->line);
  text(j, "message", err->message);
  text(j, "status", sld_status_name(err->status));
  sld__json_close(&j->to);
}

/* `pair` NULL: the job's. */
static void trade(page *j, const sld_trade *t, const char *pair) {
  sld__json_open_object(&j->to);
  number(j, "costs", t->costs);
  integer(j, "entry_order", t->entry_order);
  number(j, "entry_price", t->entry_price);
  moment(j, "entry_time", t->entry_bar, t->entry_time);
  text(j, "exit", sld_exit_name(t->exit));
  integer(j, "exit_order", t->exit_order);
  number(j, "exit_price", t->exit_price);
  moment(j, "exit_time", t->exit_bar, t->exit_time);
  number(j, "gross", t->gross);
  number(j, "net", t->net);
  if (pair) text(j, "pair", pair);
  number(j, "units", t->units);
  sld__json_close(&j->to);
}

static void rollover(page *j, const sld_rollover_record *r, const char *pair) {
  sld__json_open_object(&j->to);
  number(j, "amount", r->amount);
  integer(j, "days", r->days);
  if (pair) text(j, "pair", pair);
  instant(j, "time", r->time);
  number(j, "units", r->units);
  sld__json_close(&j->to);
}

static void costs(page *j, double commission, double rollover, double slippage, double spread) {
  object(j, "costs");
  number(j, "commission", commission);
  number(j, "rollover", -rollover);
  number(j, "slippage", slippage);
  number(j, "spread", spread);
  sld__json_close(&j->to);
}

/* The pairs of a shared account. */
static void books(page *j, const sld_job *job) {
  object(j, "pairs");
  for (size_t i = 0; i < job->book_count; i++) {
    const sld_book *b = &job->books[i];
    object(j, b->pair);
    integer(j, "bars", (int64_t)b->bar_count);
    costs(j, b->costs_commission, b->rollover, b->costs_slippage, b->costs_spread);
    integer(j, "open_trades", (int64_t)b->open_count);
    integer(j, "orders", (int64_t)b->order_count);
    number(j, "realised", b->realised);
    integer(j, "rejected", (int64_t)b->rejected_count);
    integer(j, "trades", (int64_t)b->trade_count);
    number(j, "unrealised", b->unrealised);
    sld__json_close(&j->to);
  }
  sld__json_close(&j->to);
}

static void trades(page *j, const struct sld_result *r, const sld_job *job) {
  sld__json_key(&j->to, "trades");
  sld__json_open_array(&j->to);
  for (size_t b = 0; b < job->book_count; b++) {
    j->series = sld__result_series(r, job->books[b].data);
    for (size_t i = 0; job->books[b].trades && i < job->books[b].trade_count + job->books[b].open_count; i++) trade(j, &job->books[b].trades[i], job->books[b].pair);
  }
  j->series = sld__result_series(r, job->data);
  for (size_t i = 0; !job->books && job->trades && i < job->trade_count + job->open_count; i++) trade(j, &job->trades[i], NULL);
  sld__json_close(&j->to);
}

static void rollovers(page *j, const sld_job *job) {
  sld__json_key(&j->to, "rollovers");
  sld__json_open_array(&j->to);
  for (size_t b = 0; b < job->book_count; b++)
    for (size_t i = 0; job->books[b].rollovers && i < job->books[b].rollover_count; i++) rollover(j, &job->books[b].rollovers[i], job->books[b].pair);
  for (size_t i = 0; !job->books && job->rollovers && i < job->rollover_count; i++) rollover(j, &job->rollovers[i], NULL);
  sld__json_close(&j->to);
}

static sld_status job(page *j, const struct sld_result *r, const sld__outcome *outcome) {
  const sld_job *p = &outcome->job;
  sld__json_open_object(&j->to);
  number(j, "buy_and_hold", p->buy_and_hold);
  number(j, "capital", p->capital);
  costs(j, p->costs_commission, p->rollover, p->costs_slippage, p->costs_spread);
  if (p->error) failure(j, p->error);
  if (p->figures) figures(j, p->figures);
  number(j, "final_equity", p->final_equity);
  text(j, "log", p->log);
  integer(j, "orders", (int64_t)p->order_count);
  text(j, "pair", p->pair);
  if (p->books) books(j, p);
  sld_status status = params(j, r->alloc, r->plan, p->ordinal);
  number(j, "realised", p->realised);
  integer(j, "rejected", (int64_t)p->rejected_count);
  rollovers(j, p);
  text(j, "state", sld_job_state_name(p->state));
  integer(j, "stop_outs", (int64_t)p->stop_out_count);
  trades(j, r, p);
  number(j, "unrealised", p->unrealised);
  sld__json_close(&j->to);
  return status;
}

/* By pair as of the last row; all rows stand in the CSV. */
static void last_weights(page *j, const struct sld_result *r) {
  const sld_portfolio *p = &r->portfolio;
  if (!p->weights || p->count == 0) return;
  const double *row = p->weights + (p->count - 1) * r->outcome_count;
  object(j, "weights");
  for (size_t i = 0; i < r->outcome_count; i++) number(j, r->outcomes[i].job.pair, row[i]);
  sld__json_close(&j->to);
}

static void portfolio(page *j, const struct sld_result *r) {
  const sld_portfolio *p = &r->portfolio;
  object(j, "portfolio");
  number(j, "buy_and_hold", p->buy_and_hold);
  number(j, "capital", p->capital);
  boolean(j, "complete", p->complete);
  number(j, "costs", p->costs);
  figures(j, p->figures);
  number(j, "final_equity", p->count ? p->equity[p->count - 1] : p->capital);
  text(j, "label", p->label);
  text(j, "rule", p->rule);
  last_weights(j, r);
  sld__json_close(&j->to);
}

sld_status sld_result_write_json(const sld_result *r, const char *path, sld_error *err) {
  if (!path || !*path) return sld__fail_at(err, SLD_EINVAL, "path", 0, 0, "a path is needed");
  struct sld__buffer out;
  page j = { .clock = sld__result_has_clock(r) };
  sld__buffer_init(&out, r->alloc);
  sld__json_init(&j.to, &out, 1);
  sld_status memory = SLD_OK;
  sld__json_open_object(&j.to);
  integer(&j, "format", 1);
  inputs(&j, r);
  sld__json_key(&j.to, "jobs");
  sld__json_open_array(&j.to);
  for (size_t i = 0; i < r->outcome_count && memory == SLD_OK; i++) memory = job(&j, r, &r->outcomes[i]);
  sld__json_close(&j.to);
  if (r->has_portfolio) portfolio(&j, r);
  if (sld__result_unfinished(r) > 0) integer(&j, "unfinished", (int64_t)sld__result_unfinished(r));
  sld__json_close(&j.to);
  sld_status status = sld__json_finish(&j.to, err);
  if (status == SLD_OK && memory != SLD_OK) status = sld__fail_memory(err);
  if (status == SLD_OK) status = sld__os_write_file(path, out.data, out.size, err);
  sld__buffer_fini(&out);
  return status;
}

sld_status sld_json_check(const char *path, sld_error *err) {
  return sld__os_can_write(path, err);
}
