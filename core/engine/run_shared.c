/* One job over several pairs on one account: an instance of the strategy per pair, or one that trades them all. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "engine/crew.h"
#include "portfolio/merge.h"

/* ---- Beginning ---- */

/* An instance for each pair. */
static void each_pair(sld__worker *worker, const sld__plan *plan, sld__crew *crew) {
  for (size_t i = 0; i < crew->count; i++) {
    const sld__sleeve *sleeve = &plan->sleeves[i];
    sld__vm_job *job = &crew->jobs[i];
    *job = (sld__vm_job){ .series = sleeve->series, .row0 = sleeve->row0, .rows = sleeve->rows, .from = sleeve->from, .rates = plan->rates, .columns = crew->columns[i] };
    job->view = sld__run_view_key(sleeve);
    sld__plan_seed(plan, i, worker->params, job->seed);
    sld__columns_reset(job->columns, job->rows);
    if (worker->shared) sld__columns_share(job->columns, worker->shared, job->view);
  }
}

/* The first instant at which every pair has a bar from the trading start on. */
static size_t from_together(const sld__plan *plan) {
  size_t from = 0;
  for (size_t i = 0; i < plan->sleeve_count; i++) {
    const sld__sleeve *sleeve = &plan->sleeves[i];
    if (sleeve->from >= sleeve->rows) return plan->instants;
    while (from < plan->instants && plan->clock[from] < sleeve->close_time[sleeve->from]) from++;
  }
  return from;
}

/* The views of all pairs, in which names of columns mean the same values. */
static sld__cache_key key_together(const sld__plan *plan) {
  sld__cache_key key = { 0, 0 };
  for (size_t i = 0; i < plan->sleeve_count; i++) {
    sld__cache_key both[2] = { key, sld__run_view_key(&plan->sleeves[i]) };
    key = sld__cache_key_of(both, sizeof both);
  }
  return key;
}

/* One instance for all pairs. */
static void all_pairs(sld__worker *worker, const sld__plan *plan, sld__crew *crew) {
  sld__vm_job *job = crew->jobs;
  for (size_t i = 0; i < crew->count; i++) {
    const sld__sleeve *sleeve = &plan->sleeves[i];
    crew->pairs[i] = (sld__vm_pair){ sleeve->series, sleeve->row0, sleeve->rows, sleeve->last, NULL, -1 };
  }
  *job = (sld__vm_job){ .rows = plan->instants, .from = from_together(plan), .rates = plan->rates, .instants = plan->clock, .columns = crew->columns[0], .pairs = crew->pairs, .pair_count = crew->count };
  job->view = key_together(plan);
  sld__plan_seed_together(plan, worker->params, job->seed);
  sld__columns_reset(job->columns, job->rows);
  if (worker->shared) sld__columns_share(job->columns, worker->shared, job->view);
}

static sld_status begin(sld__worker *worker, const sld__plan *plan, sld__crew *crew, size_t jobs, sld_error *err) {
  sld_status status = SLD_OK;
  for (size_t i = 0; i < jobs; i++) {
    sld__vm_job *job = &crew->jobs[i];
    job->params = worker->params;
    job->param_count = plan->declaration->param_count;
    job->stop = worker->stop;
    job->signal = -1;
    job->account = &crew->account;
    job->crew = crew->jobs;
    job->crew_count = jobs;
    job->place = i;
    job->allocates = (plan->declaration->hooks & SLD__HOOK_ALLOCATE) != 0;
  }
  for (size_t i = 0; i < jobs && status == SLD_OK; i++) status = worker->engine->begin(worker->vm, &crew->jobs[i], err);
  return status;
}

/* ---- The books ---- */

/* First tradable row of a sleeve; its rows where there is none. */
static size_t first_row(const sld__plan *plan, const sld__crew *crew, size_t sleeve) {
  if (!sld__plan_together(plan)) return crew->jobs[sleeve].first;
  size_t first = crew->jobs->first;
  return first < plan->instants ? (size_t)plan->sleeves[sleeve].last[first] : plan->sleeves[sleeve].rows;
}

static sld_status open_books(const sld__plan *plan, sld__crew *crew, sld_error *err) {
  crew->book_count = 0;
  for (size_t i = 0; i < crew->count; i++) {
    size_t first = first_row(plan, crew, i);
    if (first >= plan->sleeves[i].rows) continue;
    crew->sleeves[crew->book_count] = i;
    crew->firsts[crew->book_count++] = first;
  }
  sld__shared_open(&crew->account, plan->capital, plan->options.leverage, crew->books, crew->book_count);
  for (size_t b = 0; b < crew->book_count; b++) {
    const sld__sleeve *sleeve = &plan->sleeves[crew->sleeves[b]];
    sld__broker_config config = sld__run_config(plan, sleeve->series);
    sld__broker_bars bars = sld__run_bars(sleeve, crew->firsts[b]);
    sld_status status = sld__broker_join(&crew->books[b], &crew->account.account, &config, &bars, &crew->ledgers[b], err);
    if (status != SLD_OK) return status;
    if (sld__plan_together(plan)) crew->pairs[crew->sleeves[b]].broker = &crew->books[b];
    else crew->jobs[crew->sleeves[b]].broker = &crew->books[b];
  }
  return SLD_OK;
}

/* The first instant at which some hook runs; `instants`: none. */
static size_t first_instant(const sld__plan *plan, const sld__crew *crew) {
  if (sld__plan_together(plan)) return crew->jobs->first;
  int64_t earliest = INT64_MAX;
  for (size_t b = 0; b < crew->book_count; b++) {
    int64_t close = plan->sleeves[crew->sleeves[b]].close_time[crew->firsts[b]];
    if (close < earliest) earliest = close;
  }
  size_t at = 0;
  while (at < plan->instants && plan->clock[at] < earliest) at++;
  return at;
}

/* ---- Decisions ---- */

/* Whole columns of targets by book. */
static sld_status take_signals(const sld__plan *plan, sld__crew *crew, sld_error *err) {
  for (size_t b = 0; b < crew->book_count; b++) {
    size_t at = crew->sleeves[b];
    bool together = sld__plan_together(plan);
    sld__columns *columns = crew->columns[together ? 0 : at];
    int signal = together ? crew->pairs[at].signal : crew->jobs[at].signal;
    crew->signals[b] = NULL;
    if (signal < 0) continue; /* a pair that the table of signals leaves out */
    sld_status status = sld__columns_materialise(columns, signal, &crew->signals[b], err);
    if (status != SLD_OK) return status;
  }
  return SLD_OK;
}

static int infinite(sld__crew *crew, sld__broker *b, double x) {
  char at[40];
  sld_time_format(sld__shared_time(&crew->account), at, sizeof at);
  b->status = sld__fail(&b->error, SLD_EVALUE, "%s: signal is %g at %s", b->config.instrument.pair, x, at);
  return sld__shared_follow(&crew->account, b);
}

double sld__crew_signal(const sld__plan *plan, const sld__crew *crew, size_t book) {
  const sld__broker *b = &crew->books[book];
  if (!crew->signals[book] || b->now < (int64_t)crew->firsts[book]) return (double)NAN;
  return crew->signals[book][sld__plan_together(plan) ? crew->account.now : b->now];
}

/* What the signals say at this instant, pair by pair. */
static int follow_signals(const sld__plan *plan, sld__crew *crew) {
  for (size_t i = 0; i < crew->book_count; i++) {
    sld__broker *b = &crew->books[i];
    double x = sld__crew_signal(plan, crew, i);
    if (x == b->last_target || isnan(x)) continue;
    if (isinf(x)) return infinite(crew, b, x);
    if (sld__broker_target(b, b->now, x)) return sld__shared_follow(&crew->account, b);
  }
  return 0;
}

static sld_status stream_signals(sld__worker *worker, const sld__plan *plan, sld__crew *crew, sld_error *err) {
  sld_status status = take_signals(plan, crew, err);
  while (status == SLD_OK && sld__shared_step(&crew->account) == 0) {
    if (atomic_load_explicit(worker->stop, memory_order_relaxed)) break;
    if (crew->scales ? sld__crew_allocate(worker, plan, crew, &status, err) : follow_signals(plan, crew)) break;
  }
  return status;
}

static sld_status trade(sld__worker *worker, const sld__plan *plan, sld__crew *crew, size_t first, sld_error *err) {
  sld__shared_start(&crew->account, plan->clock, plan->instants, first, crew->marks);
  if (crew->scales) sld__scales_start(crew->scales);
  bool streams = (plan->declaration->hooks & (SLD__HOOK_SIGNAL | SLD__HOOK_ALLOCATE)) != 0;
  sld_status status = streams ? stream_signals(worker, plan, crew, err) : worker->engine->bars(worker->vm, crew->jobs, err);
  status = sld__run_stopped(status, worker, plan, err);
  if (status == SLD_OK) status = sld__shared_finish(&crew->account, err);
  return sld__run_where(status, "at", sld__shared_time(&crew->account), err);
}

/* ---- The outcome ---- */

static void sum_up_book(const sld__ledger *ledger, sld_book *book, sld_job *job) {
  book->costs_spread = ledger->costs_spread;
  book->costs_slippage = ledger->costs_slippage;
  book->costs_commission = ledger->costs_commission;
  book->rollover = ledger->rollover;
  book->realised = ledger->realised;
  book->unrealised = ledger->unrealised;
  book->order_count = ledger->order_count;
  book->rejected_count = ledger->rejected_count;
  book->trade_count = ledger->trade_count;
  book->rollover_count = ledger->rollover_count;
  book->stop_out_count = ledger->stop_out_count;
  book->open_count = ledger->open_count;
  job->unrealised += ledger->unrealised;
  job->order_count += ledger->order_count;
  job->rejected_count += ledger->rejected_count;
  job->trade_count += ledger->trade_count;
  job->rollover_count += ledger->rollover_count;
  job->stop_out_count += ledger->stop_out_count;
  job->open_count += ledger->open_count;
}

/* Money is the account's own sums, which are in order of time; what is open is in order of pair. */
static void sum_up(const sld__plan *plan, const sld__crew *crew, sld__outcome *out) {
  sld_job *job = &out->job;
  const sld__account *account = &crew->account.account;
  job->costs_spread = account->costs_spread;
  job->costs_slippage = account->costs_slippage;
  job->costs_commission = account->costs_commission;
  job->rollover = account->rollover;
  job->realised = account->realised;
  for (size_t b = 0; b < crew->book_count; b++) {
    sld_book *book = &out->books[crew->sleeves[b]];
    sum_up_book(&crew->ledgers[b], book, job);
    book->bar_count = plan->sleeves[crew->sleeves[b]].rows - crew->firsts[b];
  }
  job->bar_count = plan->instants - out->first;
  job->final_equity = crew->marks[plan->instants - 1];
}

/* When trading starts: the earliest open of a first tradable bar. */
static int64_t start_time(const sld__plan *plan, const sld__crew *crew) {
  int64_t start = INT64_MAX;
  for (size_t b = 0; b < crew->book_count; b++) {
    const sld__sleeve *sleeve = &plan->sleeves[crew->sleeves[b]];
    int64_t time = sleeve->series->time[sleeve->row0 + crew->firsts[b]];
    if (time < start) start = time;
  }
  return start;
}

static sld_status figures(sld__worker *worker, const sld__plan *plan, sld__crew *crew, sld__outcome *out, sld_error *err) {
  const sld__account *account = &crew->account.account;
  sld_trade *trades = sld__alloc(worker->alloc, out->job.trade_count, sizeof *trades);
  if (!trades) return sld__fail_memory(err);
  for (size_t b = 0; b < crew->book_count; b++) {
    crew->lists[b] = crew->ledgers[b].trades;
    crew->closed[b] = crew->ledgers[b].trade_count;
  }
  sld__portfolio_trades(trades, crew->lists, crew->closed, crew->book_count, crew->cursors);
  sld__figures_input in = {
    .capital = plan->capital,
    .start_time = start_time(plan, crew),
    .equity = crew->marks,
    .time = plan->clock,
    .time_count = plan->instants,
    .first = out->first,
    .count = plan->instants,
    .sample_rows = plan->samples,
    .sample_count = plan->sample_count,
    .periods_per_year = plan->options.periods_per_year,
    .trades = trades,
    .trade_count = out->job.trade_count,
    .bars = out->job.bar_count,
    .exposed_bars = crew->account.exposed,
    .costs = (account->costs_spread + account->costs_slippage) + account->costs_commission,
  };
  sld_status status = sld__run_figures(worker, &in, out, err);
  sld__free(worker->alloc, trades);
  return status;
}

/* Orders, trades and rollovers of all books, one after the other, and the terms that some orders lead to. */
static sld_status keep_records(const sld_allocator *alloc, const sld__crew *crew, sld__outcome *out, sld_error *err) {
  size_t orders = 0, trades = 0, terms = 0, rollovers = 0;
  for (size_t b = 0; b < crew->book_count; b++) {
    orders += crew->ledgers[b].order_count;
    trades += crew->ledgers[b].trade_count + crew->ledgers[b].open_count;
    terms += crew->ledgers[b].term_count;
    rollovers += crew->ledgers[b].rollover_count;
  }
  out->orders = sld__alloc(alloc, orders, sizeof *out->orders);
  out->trades = sld__alloc(alloc, trades, sizeof *out->trades);
  out->terms = sld__alloc(alloc, terms, sizeof *out->terms);
  out->rollovers = sld__alloc(alloc, rollovers, sizeof *out->rollovers);
  if (!out->orders || !out->trades || !out->terms || !out->rollovers) return sld__fail_memory(err);
  orders = trades = terms = rollovers = 0;
  for (size_t b = 0; b < crew->book_count; b++) {
    const sld__ledger *ledger = &crew->ledgers[b];
    sld_book *book = &out->books[crew->sleeves[b]];
    size_t lots = ledger->trade_count + ledger->open_count;
    book->orders = out->orders + orders;
    book->trades = out->trades + trades;
    if (lots) memcpy(out->trades + trades, ledger->trades, lots * sizeof *ledger->trades);
    trades += lots;
    book->rollovers = out->rollovers + rollovers;
    if (ledger->rollover_count) memcpy(out->rollovers + rollovers, ledger->rollovers, ledger->rollover_count * sizeof *ledger->rollovers);
    rollovers += ledger->rollover_count;
    for (size_t i = 0; i < ledger->order_count; i++) {
      sld_order *order = &out->orders[orders++];
      *order = ledger->orders[i];
      if (!order->terms) continue;
      out->terms[terms] = *order->terms;
      order->terms = &out->terms[terms++];
    }
  }
  out->job.orders = out->orders;
  out->job.trades = out->trades;
  out->job.rollovers = out->rollovers;
  return SLD_OK;
}

/* Equal parts of the capital held in each pair that was traded. */
static sld_status buy_and_hold(double *out, sld__worker *worker, const sld__plan *plan, const sld__crew *crew, sld_error *err) {
  double sum = 0.0;
  sld_status status = SLD_OK;
  for (size_t b = 0; b < crew->book_count && status == SLD_OK; b++) {
    double one = 0.0;
    status = sld__run_buy_and_hold(&one, worker, plan, &plan->sleeves[crew->sleeves[b]], crew->firsts[b], err);
    sum += one;
  }
  if (status == SLD_OK) *out = sum / (double)crew->book_count;
  return status;
}

static sld_status keep(sld__worker *worker, const sld__plan *plan, sld__crew *crew, sld__outcome *out, sld_error *err) {
  sld_job *job = &out->job;
  int keep = plan->options.keep;
  bool merged = plan->sets == 1;
  sum_up(plan, crew, out);
  job->state = crew->account.ruined ? SLD_JOB_RUINED : SLD_JOB_DONE;
  sld_status status = figures(worker, plan, crew, out, err);
  if (status == SLD_OK && (keep & SLD_KEEP_LEDGER)) status = keep_records(worker->alloc, crew, out, err);
  if (status == SLD_OK && (merged || (keep & SLD_KEEP_EQUITY)))
    status = sld__run_copy(worker->alloc, &out->equity, crew->marks + out->first, job->bar_count, sizeof(double), err);
  if (keep & SLD_KEEP_EQUITY) {
    job->equity = out->equity;
    job->close_time = plan->clock + out->first;
  }
  if (status == SLD_OK && merged) status = buy_and_hold(&job->buy_and_hold, worker, plan, crew, err);
  return status;
}

static sld_status make_books(const sld__worker *worker, const sld__plan *plan, sld__outcome *out, sld_error *err) {
  out->books = sld__alloc_zero(worker->alloc, plan->sleeve_count, sizeof *out->books);
  if (!out->books) return sld__fail_memory(err);
  for (size_t i = 0; i < plan->sleeve_count; i++) {
    out->books[i].data = &plan->sleeves[i].series->info;
    out->books[i].pair = out->books[i].data->instrument.pair;
  }
  out->job.books = out->books;
  out->job.book_count = plan->sleeve_count;
  return SLD_OK;
}

/* Nothing can be traded: flat, with nothing to show. */
static void leave_flat(const sld__plan *plan, sld__outcome *out) {
  out->first = plan->instants;
  out->job.final_equity = plan->capital;
  out->job.state = SLD_JOB_DONE;
}

static sld_status run(sld__worker *worker, const sld__plan *plan, sld__crew *crew, size_t jobs, sld__outcome *out, sld_error *err) {
  sld_status status = sld__run_stopped(begin(worker, plan, crew, jobs, err), worker, plan, err);
  if (status == SLD_OK) status = open_books(plan, crew, err);
  if (status != SLD_OK) return status;
  out->first = first_instant(plan, crew);
  if (crew->book_count == 0) {
    leave_flat(plan, out);
    return SLD_OK;
  }
  return trade(worker, plan, crew, out->first, err);
}

sld_status sld__run_shared(sld__worker *worker, const sld__plan *plan, sld__outcome *out, sld_error *err) {
  sld_status status = sld__crew_take(worker, plan, err);
  if (status == SLD_OK) status = make_books(worker, plan, out, err);
  if (status != SLD_OK) return status;
  sld__crew *crew = worker->crew;
  bool together = sld__plan_together(plan);
  size_t jobs = together ? 1 : crew->count;
  crew->book_count = 0;
  (together ? all_pairs : each_pair)(worker, plan, crew);
  status = run(worker, plan, crew, jobs, out, err);
  for (size_t i = 0; i < jobs; i++) {
    crew->jobs[i].failed = status != SLD_OK;
    sld_status ended = worker->engine->end(worker->vm, &crew->jobs[i], status == SLD_OK ? err : NULL);
    if (status == SLD_OK) status = sld__run_stopped(ended, worker, plan, err);
  }
  return status == SLD_OK && crew->book_count > 0 ? keep(worker, plan, crew, out, err) : status;
}
