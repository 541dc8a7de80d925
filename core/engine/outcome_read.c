/* Outcomes as bytes: reading them without trust. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/bytes.h"
#include "engine/outcome.h"
#include "engine/outcome_fields.h"

/* Whether the words of a run, which are eight bytes each, may stand there. */
static void check_run(sld__reader *r, const sld__fields *run) {
  for (size_t i = 0; i < run->count; i++) {
    uint64_t value = sld__load(r->at + 8 * i);
    if (run->kind == SLD__BAR && ((int64_t)value < -1 || value + 1 > INT64_MAX / 2)) sld__refuse(r, "a bar is out of range");
    if (run->kind == SLD__COUNT && value > SIZE_MAX / 1024) sld__refuse(r, "a count is too large"); /* sums of several do not overflow */
    if (run->kind == SLD__FLAG && value > 1) sld__refuse(r, "a flag is neither 0 nor 1");
    if (run->kind == SLD__WORD && value > (uint64_t)run->last) sld__refuse(r, "a word is unknown");
  }
}

static void load_eights(char *to, const unsigned char *from, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint64_t value = sld__load(from + 8 * i);
    memcpy(to + 8 * i, &value, sizeof value);
  }
}

static void take_run(sld__reader *r, const sld__fields *run, char *to) {
  int word;
  if (run->kind == SLD__NAME) {
    memcpy(to, r->at, SLD_NAME_SIZE);
    if (to[SLD_NAME_SIZE - 1]) sld__refuse(r, "a name has no end");
    r->at += SLD_NAME_SIZE;
    return;
  }
  if (run->kind != SLD__NUMBER && run->kind != SLD__INTEGER) check_run(r, run);
  if (run->kind == SLD__FLAG) *(bool *)to = sld__load(r->at) == 1;
  else if (run->kind == SLD__WORD) memcpy(to, (word = (int)sld__load(r->at), &word), sizeof word);
  else load_eights(to, r->at, run->count);
  r->at += 8 * run->count;
}

/* There are enough bytes. */
static void take_record(sld__reader *r, const sld__form *form, void *to) {
  for (size_t i = 0; i < form->count; i++) take_run(r, &form->runs[i], (char *)to + form->runs[i].offset);
}

static void *take_records(sld__reader *r, const sld__form *form, size_t count) {
  if (!sld__take_flag(r) || !sld__reader_holds(r, count, form->bytes)) return NULL;
  char *list = sld__reader_room(r, count, form->size);
  for (size_t i = 0; list && i < count; i++) take_record(r, form, list + i * form->size);
  return list;
}

static double *take_numbers(sld__reader *r, size_t count, bool finite) {
  if (!sld__take_flag(r) || !sld__reader_holds(r, count, 8)) return NULL;
  double *list = sld__reader_room(r, count, sizeof *list);
  if (!list) return NULL;
  load_eights((char *)list, r->at, count);
  for (size_t i = 0; finite && i < count; i++)
    if (!isfinite(list[i])) sld__refuse(r, "an equity is no number");
  r->at += 8 * count;
  return list;
}

static void take_error(sld__reader *r, sld__outcome *out) {
  sld_error error;
  if (!sld__take_error(r, &error) || !(out->error = sld__reader_room(r, 1, sizeof *out->error))) return;
  *out->error = error;
  out->job.error = out->error;
}

static void take_log(sld__reader *r, sld__outcome *out) {
  if (sld__take_text_new(r, &out->log) > 0) {
    out->job.log = out->log;
    return;
  }
  sld__free(r->alloc, out->log); /* "" is nobody's */
  out->log = NULL;
}

static void take_orders(sld__reader *r, sld__outcome *out) {
  size_t count = out->job.order_count, used = 0;
  const unsigned char *start;
  out->orders = take_records(r, &sld__form_order, count);
  start = r->at;
  for (size_t i = 0; out->orders && i < count; i++) /* how many have terms, and that they are there */
    if (sld__take_flag(r) && sld__reader_holds(r, 1, sld__form_terms.bytes)) {
      r->at += sld__form_terms.bytes;
      used++;
    }
  if (r->why || used == 0) return;
  r->at = start;
  out->terms = sld__reader_room(r, used, sizeof *out->terms);
  used = 0;
  for (size_t i = 0; out->terms && i < count; i++)
    if (sld__take_flag(r)) {
      take_record(r, &sld__form_terms, &out->terms[used]);
      out->orders[i].terms = &out->terms[used++];
    }
}

/* ---- What fits together ------------------------------------------------------------------------------------------ */

/* Points the books at their parts of the job's lists, which they must fill. */
static void spread_books(sld__reader *r, sld__outcome *out, const sld__plan *plan) {
  sld_job *job = &out->job;
  size_t orders = 0, trades = 0, rollovers = 0;
  for (size_t i = 0; i < job->book_count; i++) {
    sld_book *book = &out->books[i];
    book->data = &plan->sleeves[i].series->info;
    book->pair = book->data->instrument.pair;
    if (out->orders) book->orders = out->orders + orders;
    if (out->trades) book->trades = out->trades + trades;
    if (out->rollovers) book->rollovers = out->rollovers + rollovers;
    orders += book->order_count;
    trades += book->trade_count + book->open_count;
    rollovers += book->rollover_count;
    if (orders > job->order_count || trades > job->trade_count + job->open_count || rollovers > job->rollover_count || book->bar_count > plan->sleeves[i].rows) {
      sld__refuse(r, "its books hold more than the job");
      return;
    }
  }
}

static bool ended_well(const sld_job *job) {
  return job->state == SLD_JOB_DONE || job->state == SLD_JOB_RUINED;
}

/* What the merge and the reports take for granted. */
static void check(sld__reader *r, const sld__outcome *out, const sld__plan *plan, size_t rows) {
  const sld_job *job = &out->job;
  bool good = ended_well(job), merged = good && plan->sets == 1, model = plan->declaration->model;
  if (out->first > rows || job->bar_count > rows - out->first || out->exposed_bars > rows) sld__refuse(r, "it has more bars than the job");
  if ((job->state == SLD_JOB_FAILED || job->state == SLD_JOB_CANCELLED) != (out->error != NULL)) sld__refuse(r, "its state and its error differ");
  if (!out->figures) sld__refuse(r, "its figures are missing");
  if (good && plan->shared && !out->books) sld__refuse(r, "its books are missing");
  if (merged && !model && ((job->bar_count && !out->equity) || (job->trade_count + job->open_count > 0 && !out->trades && !plan->shared))) sld__refuse(r, "equity or trades are missing");
  if (merged && model && !out->signal) sld__refuse(r, "the signal is missing");
  if (merged && !(isfinite(job->costs_spread) && isfinite(job->costs_slippage) && isfinite(job->costs_commission))) sld__refuse(r, "its costs are no numbers");
}

/* What is shown of lists: as a job of this process shows it. */
static void show(sld__outcome *out, const sld__plan *plan, const int64_t *closes) {
  sld_job *job = &out->job;
  job->figures = out->figures;
  job->books = out->books;
  if (plan->options.keep & SLD_KEEP_LEDGER) {
    job->orders = out->orders;
    job->trades = out->trades;
    job->rollovers = out->rollovers;
  }
  if (!out->equity || !(plan->options.keep & SLD_KEEP_EQUITY)) return;
  job->equity = out->equity;
  job->close_time = closes ? closes + out->first : NULL;
}

static void read_outcome(sld__reader *r, sld__outcome *out, const sld__plan *plan, size_t sleeve) {
  sld_job *job = &out->job;
  size_t rows = sld__outcome_rows(plan, sleeve);
  if (sld__reader_holds(r, 1, sld__form_job.bytes)) take_record(r, &sld__form_job, job);
  take_error(r, out);
  take_log(r, out);
  out->first = (size_t)sld__take(r);
  out->exposed_bars = (size_t)sld__take(r);
  out->figures = take_numbers(r, sld_figure_count(), false);
  job->book_count = plan->shared ? plan->sleeve_count : 0;
  out->books = take_records(r, &sld__form_book, job->book_count);
  if (!out->books) job->book_count = 0;
  take_orders(r, out);
  out->trades = take_records(r, &sld__form_trade, job->trade_count + job->open_count);
  out->rollovers = take_records(r, &sld__form_rollover, job->rollover_count);
  out->equity = take_numbers(r, job->bar_count, true);
  out->signal = take_numbers(r, rows, false);
  if (!r->why) check(r, out, plan, rows);
  if (!r->why) spread_books(r, out, plan);
  if (!r->why) show(out, plan, plan->shared ? plan->clock : plan->sleeves[sleeve].close_time);
}

sld_status sld__outcome_read(sld__outcome *out, const sld_allocator *alloc, const sld__plan *plan, size_t sleeve, size_t ordinal, const void *bytes, size_t size, sld_error *err) {
  sld__reader r = sld__reader_of(alloc, bytes, size);
  sld__outcome_init(out, plan, sleeve, ordinal);
  read_outcome(&r, out, plan, sleeve);
  sld_status status = sld__reader_end(&r, err);
  if (status == SLD_OK) return SLD_OK;
  sld__outcome_fini(alloc, out);
  sld__outcome_init(out, plan, sleeve, ordinal);
  return status;
}
