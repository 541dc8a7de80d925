/* One job: the script decides, the broker settles, the ledger is summed up. */
#include "engine/run_inside.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

sld_status sld__worker_open(sld__worker *worker, const sld__plan *plan, sld_error *err) {
  sld__ledger_init(&worker->ledger, worker->alloc);
  sld__ledger_init(&worker->benchmark, worker->alloc);
  worker->ledger.quota = plan->options.limit_records ? &worker->quota : NULL;
  worker->ledger.spare = worker->benchmark.spare = worker->spare;
  atomic_init(&worker->opening.now, -1);
  atomic_init(&worker->opening.calls, 1);
  worker->params = sld__alloc(worker->alloc, plan->declaration->param_count, sizeof *worker->params);
  if (!worker->params) return sld__fail_memory(err);
  sld_status status = sld__columns_new(&worker->columns, worker->alloc, 0, err);
  if (status == SLD_OK) sld__columns_from(worker->columns, worker->spare);
  return status;
}

void sld__worker_close(sld__worker *worker) {
  if (worker->vm) sld__states_give(worker->states, worker->vm);
  sld__columns_free(worker->columns);
  sld__ledger_fini(&worker->ledger);
  sld__ledger_fini(&worker->benchmark);
  sld__free(worker->alloc, worker->params);
  sld__free(worker->alloc, worker->scratch);
  sld__crew_free(worker->crew);
}

void sld__outcome_fini(const sld_allocator *alloc, sld__outcome *outcome) {
  sld__free(alloc, outcome->error);
  sld__free(alloc, outcome->log);
  sld__free(alloc, outcome->figures);
  sld__free(alloc, outcome->orders);
  sld__free(alloc, outcome->terms);
  sld__free(alloc, outcome->trades);
  sld__free(alloc, outcome->rollovers);
  sld__free(alloc, outcome->equity);
  sld__free(alloc, outcome->signal);
  sld__free(alloc, outcome->books);
}

/* ---- The account ---- */

sld__broker_config sld__run_config(const sld__plan *plan, const sld__series *series) {
  const sld_run_options *o = &plan->options;
  double own = series->info.instrument.leverage;
  return (sld__broker_config){
    .capital = plan->capital,
    .spread = o->spread_pips * series->info.instrument.pip,
    .slippage = o->slippage_pips * series->info.instrument.pip,
    .commission_frac = o->commission_frac,
    .commission_per_lot = o->commission_per_lot,
    .leverage = own > 0.0 && own < o->leverage ? own : o->leverage,
    .fill = o->fill,
    .side = series->info.side,
    .instrument = series->info.instrument,
    .close_at_end = o->close_at_end,
    .at = o->fill_at,
    .path = o->path,
    .quotes = o->quotes,
    .spread_on = o->spread_on,
    .sizing = o->sizing,
    .accounting = o->accounting,
    .pyramiding = o->pyramiding,
    .spread_frac = o->spread_frac,
    .commission_per_order = o->commission_per_order,
    .margin_call = o->margin_call,
    .stop_out = sld__plan_stop_out(plan),
  };
}

sld__broker_bars sld__run_bars(const sld__sleeve *sleeve, size_t first) {
  const sld__series *s = sleeve->series;
  size_t row0 = sleeve->row0;
  const sld__conversion *rates = &sleeve->conversion;
  return (sld__broker_bars){
    .time = s->time + row0,
    .open = s->open + row0,
    .high = s->high + row0,
    .low = s->low + row0,
    .close = s->close + row0,
    .ask_open = s->ask_open ? s->ask_open + row0 : NULL,
    .ask_high = s->ask_high ? s->ask_high + row0 : NULL,
    .ask_low = s->ask_low ? s->ask_low + row0 : NULL,
    .ask_close = s->ask_close ? s->ask_close + row0 : NULL,
    .count = sleeve->rows,
    .first = first,
    .origin = (int64_t)row0,
    .period_ns = s->info.period_ns,
    .opens = s->count - row0,
    .rate_fill = rates->fill ? rates->fill + row0 : NULL,
    .rate_mark = rates->mark ? rates->mark + row0 : NULL,
    .rate = rates->constant,
    .rate_way = rates->way,
    .close_time = sleeve->close_time,
    .price_low = sleeve->price_low,
    .price_high = sleeve->price_high,
    .rate_low = sleeve->rate_low,
    .rate_high = sleeve->rate_high,
    .rolls = sleeve->rolls.list,
    .roll_count = sleeve->rolls.count,
  };
}

/* `drawdown` follows the equity; NULL: nobody asks. */
static sld_status start_broker(sld__broker *broker, sld__ledger *ledger, sld__drawdown *drawdown, const sld__plan *plan, const sld__sleeve *sleeve, size_t first, sld_error *err) {
  sld__broker_config config = sld__run_config(plan, sleeve->series);
  sld__broker_bars bars = sld__run_bars(sleeve, first);
  bars.drawdown = drawdown;
  if (drawdown) {
    struct sld__clock clock = { bars.time, sleeve->series->count - sleeve->row0, bars.period_ns };
    sld__drawdown_start(drawdown, plan->capital, first, bars.time[first], &clock);
  }
  return sld__broker_start(broker, &config, &bars, ledger, err);
}

sld_status sld__run_buy_and_hold(double *out, sld__worker *worker, const sld__plan *plan, const sld__sleeve *sleeve, size_t first, sld_error *err) {
  sld__broker broker;
  sld__broker_config config = sld__run_config(plan, sleeve->series);
  sld__broker_bars bars = sld__run_bars(sleeve, first);
  config.stop_out = 0.0; /* it holds, whatever comes */
  sld_status status = sld__broker_start(&broker, &config, &bars, &worker->benchmark, err);
  if (status != SLD_OK) return status;
  sld__broker_target(&broker, (int64_t)first, 1.0);
  status = sld__broker_finish(&broker, err);
  *out = status == SLD_OK ? worker->benchmark.equity[sleeve->rows - 1] / plan->capital - 1.0 : (double)NAN;
  return status == SLD_ERATE ? SLD_OK : status; /* the strategy itself may have been flat at that time */
}

/* ---- Decisions ---- */

static sld_status stream_signal(sld__worker *worker, sld__broker *broker, int signal, size_t first, sld_error *err) {
  sld_status status = sld__columns_stream_open(worker->columns, signal, err);
  if (status != SLD_OK) return status;
  size_t row = 0, n;
  for (const double *block; (block = sld__columns_stream_next(worker->columns, &n)), n > 0; row += n) {
    if (row + n <= first) continue;
    size_t skip = row < first ? first - row : 0;
    if (sld__broker_signal(broker, block + skip, (int64_t)(row + skip), n - skip)) break;
    if (atomic_load_explicit(worker->stop, memory_order_relaxed)) break;
  }
  return broker->status == SLD_OK ? SLD_OK : (err ? (*err = broker->error, broker->status) : broker->status);
}

sld_status sld__run_stopped(sld_status status, const sld__worker *worker, const sld__plan *plan, sld_error *err) {
  int why = atomic_load_explicit(worker->stop, memory_order_relaxed); /* partners: the stores of the guard and of sld__launch_cancel */
  if (why == SLD__GO || (status != SLD_OK && status != SLD_ECANCELED)) return status;
  if (why == SLD__STOP_BAR) return sld__fail(err, SLD_ELIMIT, "a call of the script took more than %g s (limits.bar)", plan->options.limit_bar_s);
  if (why == SLD__STOP_JOB) return sld__fail(err, SLD_ELIMIT, "the job took more than %g s (limits.job)", plan->options.limit_job_s);
  return sld__fail(err, SLD_ECANCELED, "cancelled");
}

sld_status sld__run_where(sld_status status, const char *what, int64_t time, sld_error *err) {
  if (status != SLD_ELIMIT || !err) return status;
  char at[40];
  size_t used = strlen(err->message);
  sld_time_format(time, at, sizeof at);
  snprintf(err->message + used, sizeof err->message - used, ", %s %s", what, at);
  return status;
}

/* Names the bar at which a limit was reached, where there is one. */
static sld_status at_bar(sld_status status, const sld__worker *worker, const sld__broker *broker, const sld__sleeve *sleeve, sld_error *err) {
  int64_t row = broker->status == status ? broker->now : atomic_load_explicit(&worker->engine->pulse(worker->vm)->now, memory_order_relaxed);
  return row < 0 ? status : sld__run_where(status, "at the bar of", sleeve->series->time[sleeve->row0 + (size_t)row], err);
}

static sld_status trade(sld__worker *worker, sld__vm_job *job, const sld__plan *plan, const sld__sleeve *sleeve, sld__broker *broker, sld_error *err) {
  sld_status status = start_broker(broker, &worker->ledger, &worker->drawdown, plan, sleeve, job->first, err);
  if (status != SLD_OK) return status;
  job->broker = broker;
  status = job->signal >= 0 ? stream_signal(worker, broker, job->signal, job->first, err) : worker->engine->bars(worker->vm, job, err);
  status = sld__run_stopped(status, worker, plan, err);
  if (status == SLD_OK) status = sld__broker_finish(broker, err);
  return at_bar(status, worker, broker, sleeve, err);
}

/* For a named model; what stands before the warm-up is no signal. */
static sld_status keep_signal(sld__worker *worker, const sld__vm_job *job, const sld__sleeve *sleeve, sld__outcome *out, sld_error *err) {
  const double *values;
  sld_status status = sld__columns_materialise(worker->columns, job->signal, &values, err);
  if (status != SLD_OK) return status;
  out->signal = sld__alloc(worker->alloc, job->rows, sizeof *out->signal);
  if (!out->signal) return sld__fail_memory(err);
  for (size_t row = 0; row < job->rows; row++) {
    out->signal[row] = row < job->first ? (double)NAN : values[row];
    if (!isinf(out->signal[row])) continue;
    char time[40];
    sld_time_format(sleeve->close_time[row], time, sizeof time);
    return sld__fail(err, SLD_EVALUE, "the signal is infinite at %s", time);
  }
  return SLD_OK;
}

/* ---- The outcome ---- */

sld_status sld__run_copy(const sld_allocator *alloc, void *to, const void *from, size_t count, size_t size, sld_error *err) {
  void *block = sld__alloc(alloc, count, size);
  if (!block) return sld__fail_memory(err);
  if (count) memcpy(block, from, count * size); /* an empty ledger has no records to point to */
  memcpy(to, &block, sizeof block);
  return SLD_OK;
}

static void sum_up(const sld__ledger *ledger, const sld__sleeve *sleeve, sld_job *job) {
  job->costs_spread = ledger->costs_spread;
  job->costs_slippage = ledger->costs_slippage;
  job->costs_commission = ledger->costs_commission;
  job->rollover = ledger->rollover;
  job->rollover_count = ledger->rollover_count;
  job->stop_out_count = ledger->stop_out_count;
  job->realised = ledger->realised;
  job->unrealised = ledger->unrealised;
  job->order_count = ledger->order_count;
  job->rejected_count = ledger->rejected_count;
  job->trade_count = ledger->trade_count;
  job->open_count = ledger->open_count;
  job->bar_count = sleeve->rows - ledger->first;
  job->final_equity = ledger->equity[sleeve->rows - 1];
}

sld_status sld__run_figures(sld__worker *worker, sld__figures_input *in, sld__outcome *out, sld_error *err) {
  size_t room = 2 * sld__figures_samples(in);
  if (room > worker->scratch_room) {
    double *grown = sld__realloc(worker->alloc, worker->scratch, room, sizeof *grown);
    if (!grown) return sld__fail_memory(err);
    worker->scratch = grown;
    worker->scratch_room = room;
  }
  in->scratch = worker->scratch;
  sld__figures(out->figures, in);
  return SLD_OK;
}

static sld_status figures(sld__worker *worker, const sld__plan *plan, const sld__sleeve *sleeve, sld__outcome *out, sld_error *err) {
  const sld__ledger *ledger = &worker->ledger;
  sld__figures_input in = {
    .capital = plan->capital,
    .start_time = sleeve->series->time[sleeve->row0 + ledger->first],
    .equity = ledger->equity,
    .drawdown = &worker->drawdown,
    .time = sleeve->series->time + sleeve->row0,
    .period_ns = sleeve->series->info.period_ns,
    .time_count = sleeve->series->count - sleeve->row0,
    .first = ledger->first,
    .count = sleeve->rows,
    .sample_rows = sleeve->samples,
    .sample_count = sleeve->sample_count,
    .periods_per_year = plan->options.periods_per_year,
    .trades = ledger->trades,
    .trade_count = ledger->trade_count,
    .bars = sleeve->rows - ledger->first,
    .exposed_bars = ledger->exposure_rows,
    .costs = sld__ledger_costs(ledger),
  };
  while (sld__drawdown_follow(&worker->drawdown, ledger->equity, sleeve->rows) < sleeve->rows) continue; /* a ruined account stops at each point */
  return sld__run_figures(worker, &in, out, err);
}

/* Orders, and the terms that some of them lead to, in the same order. */
static sld_status keep_orders(const sld_allocator *alloc, const sld__ledger *ledger, sld__outcome *out, sld_error *err) {
  sld_status status = sld__run_copy(alloc, &out->orders, ledger->orders, ledger->order_count, sizeof *ledger->orders, err);
  if (status != SLD_OK || ledger->term_count == 0) return status;
  out->terms = sld__alloc(alloc, ledger->term_count, sizeof *out->terms);
  if (!out->terms) return sld__fail_memory(err);
  size_t used = 0;
  for (size_t i = 0; i < ledger->order_count; i++) {
    sld_order *order = &out->orders[i];
    if (!order->terms) continue;
    out->terms[used] = *order->terms;
    order->terms = &out->terms[used++];
  }
  return SLD_OK;
}

static sld_status keep(sld__worker *worker, const sld__plan *plan, const sld__sleeve *sleeve, const sld__broker *broker, sld__outcome *out, sld_error *err) {
  const sld__ledger *ledger = &worker->ledger;
  const sld_allocator *alloc = worker->alloc;
  sld_job *job = &out->job;
  bool merged = plan->sets == 1;
  sum_up(ledger, sleeve, job);
  job->state = broker->ruined ? SLD_JOB_RUINED : SLD_JOB_DONE;
  sld_status status = figures(worker, plan, sleeve, out, err);
  if (status == SLD_OK && (plan->options.keep & SLD_KEEP_LEDGER)) {
    status = keep_orders(alloc, ledger, out, err);
    job->orders = out->orders;
  }
  if (status == SLD_OK && (plan->options.keep & SLD_KEEP_LEDGER)) {
    status = sld__run_copy(alloc, &out->rollovers, ledger->rollovers, ledger->rollover_count, sizeof *ledger->rollovers, err);
    job->rollovers = out->rollovers;
  }
  if (status == SLD_OK && (merged || (plan->options.keep & SLD_KEEP_LEDGER)))
    status = sld__run_copy(alloc, &out->trades, ledger->trades, ledger->trade_count + ledger->open_count, sizeof *ledger->trades, err);
  if (status == SLD_OK && (merged || (plan->options.keep & SLD_KEEP_EQUITY)))
    status = sld__run_copy(alloc, &out->equity, ledger->equity + ledger->first, job->bar_count, sizeof(double), err);
  if (plan->options.keep & SLD_KEEP_LEDGER) job->trades = out->trades;
  if (plan->options.keep & SLD_KEEP_EQUITY) {
    job->equity = out->equity;
    job->close_time = sleeve->close_time + ledger->first;
  }
  out->exposed_bars = ledger->exposure_rows;
  if (status == SLD_OK && merged) status = sld__run_buy_and_hold(&job->buy_and_hold, worker, plan, sleeve, ledger->first, err);
  return status;
}

/* A view without a tradable bar: flat, with nothing to show. */
static void leave_flat(const sld__plan *plan, sld__outcome *out) {
  out->job.final_equity = plan->capital;
  out->job.state = SLD_JOB_DONE;
}

sld__cache_key sld__run_view_key(const sld__sleeve *sleeve) {
  struct {
    char series[32];
    uint64_t row0, rows;
  } text = { .row0 = sleeve->row0, .rows = sleeve->rows };
  memcpy(text.series, sleeve->hash, sizeof text.series);
  return sld__cache_key_of(&text, sizeof text);
}

void sld__run_limit(const sld__vm_engine *engine, sld__vm *vm, const sld__plan *plan) {
  const sld__vm_limits limits = { .memory = plan->options.limit_memory, .log = plan->options.limit_log, .instructions = plan->options.limit_instructions };
  engine->limit(vm, &limits);
}

static sld_status watched_state(sld__worker *worker, sld_status (*from)(sld__states *, sld__vm **, sld_error *), sld_error *err) {
  sld__post_enter(worker->door, &worker->opening);
  sld_status status = from(worker->states, &worker->vm, err);
  sld__post_leave(worker->door);
  return status;
}

/* Takes a state and, where several jobs begin on one account, asks it whether the strategy accepts the parameters; a set that it does not is
 * left out. */
static sld_status take_state(sld__worker *worker, const sld__plan *plan, sld__outcome *out, bool *accepted, sld_error *err) {
  sld_status status = worker->vm ? SLD_OK : watched_state(worker, sld__states_take, err);
  *accepted = true;
  if (status != SLD_OK) return status;
  sld__run_limit(worker->engine, worker->vm, plan);
  sld__post_enter(worker->post, worker->engine->pulse(worker->vm));
  if (plan->shared && plan->sets > 1 && (plan->declaration->hooks & SLD__HOOK_VALID))
    status = worker->engine->valid(worker->vm, worker->params, plan->declaration->param_count, accepted, err);
  if (status == SLD_OK && !*accepted) out->job.state = SLD_JOB_SKIPPED;
  return status;
}

static sld_status run(sld__worker *worker, const sld__plan *plan, const sld__sleeve *sleeve, sld__vm_job *job, sld__outcome *out, sld_error *err) {
  sld_status status = SLD_OK;
  sld__columns_reset(worker->columns, sleeve->rows);
  job->view = sld__run_view_key(sleeve);
  if (worker->shared) sld__columns_share(worker->columns, worker->shared, job->view);
  sld__broker broker;
  status = sld__run_stopped(worker->engine->begin(worker->vm, job, err), worker, plan, err);
  out->first = job->first;
  if (status == SLD_OK && job->rejected) out->job.state = SLD_JOB_SKIPPED;
  else if (status == SLD_OK) {
    if (plan->declaration->model) status = keep_signal(worker, job, sleeve, out, err);
    else if (job->first >= job->rows) leave_flat(plan, out);
    else status = trade(worker, job, plan, sleeve, &broker, err);
  }
  job->failed = status != SLD_OK;
  sld_status ended = worker->engine->end(worker->vm, job, status == SLD_OK ? err : NULL);
  if (status == SLD_OK) status = sld__run_stopped(ended, worker, plan, err);
  if (status == SLD_OK && job->broker) status = keep(worker, plan, sleeve, &broker, out, err);
  return status;
}

/* Errors that must not need memory to be told. */
static const sld_error no_memory = { .status = SLD_ENOMEM, .message = "out of memory" };
static const sld_error not_started = { .status = SLD_ECANCELED, .message = "not started, the run was cancelled" };

void sld__outcome_fail(const sld_allocator *alloc, const sld_error *err, sld__outcome *out) {
  out->job.state = err->status == SLD_ECANCELED ? SLD_JOB_CANCELLED : SLD_JOB_FAILED;
  out->error = sld__alloc(alloc, 1, sizeof *out->error);
  if (out->error) *out->error = *err;
  out->job.error = out->error ? out->error : &no_memory;
}

void sld__outcome_init(sld__outcome *out, const sld__plan *plan, size_t sleeve, size_t ordinal) {
  memset(out, 0, sizeof *out);
  out->job.data = plan->shared ? NULL : &plan->sleeves[sleeve].series->info;
  out->job.pair = plan->shared ? "ACCOUNT" : plan->sleeves[sleeve].series->info.instrument.pair;
  out->job.ordinal = ordinal;
  out->job.capital = plan->capital;
  out->job.log = "";
  out->job.buy_and_hold = (double)NAN;
}

void sld__job_leave_out(const sld__plan *plan, size_t sleeve, size_t ordinal, bool cancelled, sld__outcome *out) {
  sld__outcome_init(out, plan, sleeve, ordinal);
  out->job.state = cancelled ? SLD_JOB_CANCELLED : SLD_JOB_FAILED;
  out->job.error = cancelled ? &not_started : &no_memory;
}

static sld_status undefined_figures(sld__worker *worker, sld__outcome *out, sld_error *err) {
  out->figures = sld__alloc(worker->alloc, sld_figure_count(), sizeof *out->figures);
  if (!out->figures) return sld__fail_memory(err);
  for (size_t i = 0; i < sld_figure_count(); i++) out->figures[i] = (double)NAN;
  out->job.figures = out->figures;
  return SLD_OK;
}

static sld_status keep_log(sld__worker *worker, sld__outcome *out, sld_error *err) {
  const char *log = worker->vm ? worker->engine->log(worker->vm) : "";
  if (!log[0]) return SLD_OK;
  out->log = sld__strndup(worker->alloc, log, strlen(log));
  if (!out->log) return sld__fail_memory(err);
  out->job.log = out->log;
  return SLD_OK;
}

/* A state that ran into the end of its memory may still hold all of it: the next job gets a new one. */
static void drop_vm(sld__worker *worker) {
  if (worker->vm) worker->engine->close(worker->vm);
  worker->vm = NULL;
}

static sld_status run_alone(sld__worker *worker, const sld__plan *plan, size_t sleeve_at, sld__outcome *out, sld_error *err) {
  const sld__sleeve *sleeve = &plan->sleeves[sleeve_at];
  sld__vm_job job = {
    .series = sleeve->series,
    .row0 = sleeve->row0,
    .rows = sleeve->rows,
    .from = plan->declaration->model ? 0 : sleeve->from, /* a model looks back over all rows */
    .params = worker->params,
    .param_count = plan->declaration->param_count,
    .rates = plan->rates,
    .columns = worker->columns,
    .stop = worker->stop,
    .may_reject = plan->sets > 1,
    .signal = -1,
  };
  sld__plan_seed(plan, sleeve_at, worker->params, job.seed);
  return run(worker, plan, sleeve, &job, out, err);
}

static sld_status attempt(sld__worker *worker, const sld__plan *plan, size_t sleeve, sld__outcome *out, sld_error *err) {
  bool accepted = false;
  worker->quota = (sld__quota){ plan->options.limit_records, plan->options.limit_records };
  sld_status status = undefined_figures(worker, out, err);
  if (status == SLD_OK) status = take_state(worker, plan, out, &accepted, err);
  if (status == SLD_OK && accepted) status = plan->shared ? sld__run_shared(worker, plan, out, err) : run_alone(worker, plan, sleeve, out, err);
  sld__post_leave(worker->post);
  return status;
}

/* What earlier jobs left in a state counts against the limit of memory, and no job's outcome may depend on them: in a state of its own it decides. */
static sld_status run_limited(sld__worker *worker, const sld__plan *plan, size_t sleeve, size_t ordinal, sld__outcome *out, sld_error *err) {
  sld_status status = attempt(worker, plan, sleeve, out, err);
  if (status != SLD_ELIMIT || !worker->vm || !worker->engine->starved(worker->vm)) return status;
  drop_vm(worker);
  sld__outcome_fini(worker->alloc, out);
  sld__outcome_init(out, plan, sleeve, ordinal);
  status = watched_state(worker, sld__states_open, err);
  return status == SLD_OK ? attempt(worker, plan, sleeve, out, err) : status;
}

void sld__job_run(sld__worker *worker, const sld__plan *plan, size_t sleeve, size_t ordinal, sld__outcome *out) {
  sld__outcome_init(out, plan, sleeve, ordinal);
  sld_error err = { .status = SLD_OK };
  sld__plan_params(plan, ordinal, worker->params);
  sld_status status = run_limited(worker, plan, sleeve, ordinal, out, &err);
  sld_status kept = keep_log(worker, out, status == SLD_OK ? &err : NULL);
  if (status == SLD_ENOMEM || status == SLD_ELIMIT) drop_vm(worker);
  if (status == SLD_OK) status = kept;
  if (status != SLD_OK) sld__outcome_fail(worker->alloc, &err, out);
}
