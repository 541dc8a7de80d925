/* Outcomes as bytes: reading them without trust. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "engine/outcome.h"
#include "engine/outcome_fields.h"

typedef struct reader {
  const sld_allocator *alloc;
  const unsigned char *at, *end;
  const char *why; /* what is wrong; NULL: nothing yet */
  bool no_memory;
} reader;

static void refuse(reader *r, const char *why) {
  if (!r->why) r->why = why;
}

static uint64_t load(const unsigned char *from) {
  uint64_t value;
  memcpy(&value, from, sizeof value);
  return sld__little(value);
}

/* Whether so many bytes are there. */
static bool holds(reader *r, size_t count, size_t size) {
  size_t left = (size_t)(r->end - r->at);
  if (count > left / size) refuse(r, "it ends too early");
  return !r->why;
}

static uint64_t take(reader *r) {
  if (!holds(r, 1, 8)) return 0;
  uint64_t value = load(r->at);
  r->at += 8;
  return value;
}

static bool take_flag(reader *r) {
  uint64_t value = take(r);
  if (value > 1) refuse(r, "a flag is neither 0 nor 1");
  return value == 1;
}

/* Whether the words of a run, which are eight bytes each, may stand there. */
static void check_run(reader *r, const sld__fields *run) {
  for (size_t i = 0; i < run->count; i++) {
    uint64_t value = load(r->at + 8 * i);
    if (run->kind == SLD__BAR && ((int64_t)value < -1 || value + 1 > INT64_MAX / 2)) refuse(r, "a bar is out of range");
    if (run->kind == SLD__COUNT && value > SIZE_MAX / 1024) refuse(r, "a count is too large"); /* sums of several do not overflow */
    if (run->kind == SLD__FLAG && value > 1) refuse(r, "a flag is neither 0 nor 1");
    if (run->kind == SLD__WORD && value > (uint64_t)run->last) refuse(r, "a word is unknown");
  }
}

static void load_eights(char *to, const unsigned char *from, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint64_t value = load(from + 8 * i);
    memcpy(to + 8 * i, &value, sizeof value);
  }
}

static void take_run(reader *r, const sld__fields *run, char *to) {
  int word;
  if (run->kind == SLD__NAME) {
    memcpy(to, r->at, SLD_NAME_SIZE);
    if (to[SLD_NAME_SIZE - 1]) refuse(r, "a name has no end");
    r->at += SLD_NAME_SIZE;
    return;
  }
  if (run->kind != SLD__NUMBER && run->kind != SLD__INTEGER) check_run(r, run);
  if (run->kind == SLD__FLAG) *(bool *)to = load(r->at) == 1;
  else if (run->kind == SLD__WORD) memcpy(to, (word = (int)load(r->at), &word), sizeof word);
  else load_eights(to, r->at, run->count);
  r->at += 8 * run->count;
}

/* There are enough bytes. */
static void take_record(reader *r, const sld__form *form, void *to) {
  for (size_t i = 0; i < form->count; i++) take_run(r, &form->runs[i], (char *)to + form->runs[i].offset);
}

/* Zeroed room for `count` structs whose bytes are there: so no more is asked for than a small multiple of what was sent. */
static void *room(reader *r, size_t count, size_t size) {
  void *made = r->why ? NULL : sld__alloc_zero(r->alloc, count, size);
  if (!made && !r->why) {
    r->no_memory = true;
    refuse(r, "out of memory");
  }
  return made;
}

static void *take_records(reader *r, const sld__form *form, size_t count) {
  if (!take_flag(r) || !holds(r, count, form->bytes)) return NULL;
  char *list = room(r, count, form->size);
  for (size_t i = 0; list && i < count; i++) take_record(r, form, list + i * form->size);
  return list;
}

static double *take_numbers(reader *r, size_t count, bool finite) {
  if (!take_flag(r) || !holds(r, count, 8)) return NULL;
  double *list = room(r, count, sizeof *list);
  if (!list) return NULL;
  load_eights((char *)list, r->at, count);
  for (size_t i = 0; finite && i < count; i++)
    if (!isfinite(list[i])) refuse(r, "an equity is no number");
  r->at += 8 * count;
  return list;
}

/* To buf[size]. */
static void take_text(reader *r, char *buf, size_t size) {
  uint64_t length = take(r);
  if (length >= size) refuse(r, "a text is too long");
  if (r->why || !holds(r, (size_t)length, 1)) return;
  memcpy(buf, r->at, (size_t)length);
  buf[length] = '\0';
  if (strlen(buf) != length) refuse(r, "a text has a zero in it");
  r->at += length;
}

static bool known_status(int64_t status) {
  return status < SLD_OK && status > INT_MIN && strcmp(sld_status_name((sld_status)status), "?") != 0;
}

static void take_error(reader *r, sld__outcome *out) {
  if (!take_flag(r) || !(out->error = room(r, 1, sizeof *out->error))) return;
  int64_t status = (int64_t)take(r);
  if (!known_status(status)) refuse(r, "an error has no known status");
  out->error->status = (sld_status)status;
  out->error->line = (int64_t)take(r);
  out->error->column = (int64_t)take(r);
  take_text(r, out->error->file, sizeof out->error->file);
  take_text(r, out->error->message, sizeof out->error->message);
  take_text(r, out->error->detail, sizeof out->error->detail);
  out->job.error = out->error;
}

static void take_log(reader *r, sld__outcome *out) {
  uint64_t length = take(r);
  if (r->why || length == 0 || !holds(r, (size_t)length, 1) || !(out->log = room(r, (size_t)length + 1, 1))) return;
  memcpy(out->log, r->at, (size_t)length);
  if (strlen(out->log) != length) refuse(r, "the log has a zero in it");
  out->job.log = out->log;
  r->at += length;
}

static void take_orders(reader *r, sld__outcome *out) {
  size_t count = out->job.order_count, used = 0;
  const unsigned char *start;
  out->orders = take_records(r, &sld__form_order, count);
  start = r->at;
  for (size_t i = 0; out->orders && i < count; i++) /* how many have terms, and that they are there */
    if (take_flag(r) && holds(r, 1, sld__form_terms.bytes)) {
      r->at += sld__form_terms.bytes;
      used++;
    }
  if (r->why || used == 0) return;
  r->at = start;
  out->terms = room(r, used, sizeof *out->terms);
  used = 0;
  for (size_t i = 0; out->terms && i < count; i++)
    if (take_flag(r)) {
      take_record(r, &sld__form_terms, &out->terms[used]);
      out->orders[i].terms = &out->terms[used++];
    }
}

/* ---- What fits together ------------------------------------------------------------------------------------------ */

/* Points the books at their parts of the job's lists, which they must fill. */
static void spread_books(reader *r, sld__outcome *out, const sld__plan *plan) {
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
      refuse(r, "its books hold more than the job");
      return;
    }
  }
}

static bool ended_well(const sld_job *job) {
  return job->state == SLD_JOB_DONE || job->state == SLD_JOB_RUINED;
}

/* What the merge and the reports take for granted. */
static void check(reader *r, const sld__outcome *out, const sld__plan *plan, size_t rows) {
  const sld_job *job = &out->job;
  bool good = ended_well(job), merged = good && plan->sets == 1, model = plan->declaration->model;
  if (r->at != r->end) refuse(r, "it goes on behind its end");
  if (out->first > rows || job->bar_count > rows - out->first || out->exposed_bars > rows) refuse(r, "it has more bars than the job");
  if ((job->state == SLD_JOB_FAILED || job->state == SLD_JOB_CANCELLED) != (out->error != NULL)) refuse(r, "its state and its error differ");
  if (!out->figures) refuse(r, "its figures are missing");
  if (good && plan->shared && !out->books) refuse(r, "its books are missing");
  if (merged && !model && ((job->bar_count && !out->equity) || (job->trade_count && !out->trades && !plan->shared))) refuse(r, "equity or trades are missing");
  if (merged && model && !out->signal) refuse(r, "the signal is missing");
  if (merged && !(isfinite(job->costs_spread) && isfinite(job->costs_slippage) && isfinite(job->costs_commission))) refuse(r, "its costs are no numbers");
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

static void read_outcome(reader *r, sld__outcome *out, const sld__plan *plan, size_t sleeve) {
  sld_job *job = &out->job;
  size_t rows = sld__outcome_rows(plan, sleeve);
  if (holds(r, 1, sld__form_job.bytes)) take_record(r, &sld__form_job, job);
  take_error(r, out);
  take_log(r, out);
  out->first = (size_t)take(r);
  out->exposed_bars = (size_t)take(r);
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
  reader r = { .alloc = alloc, .at = bytes, .end = bytes };
  if (size) r.end += size; /* of nothing there may be no place */
  sld__outcome_init(out, plan, sleeve, ordinal);
  read_outcome(&r, out, plan, sleeve);
  if (!r.why) return SLD_OK;
  sld__outcome_fini(alloc, out);
  sld__outcome_init(out, plan, sleeve, ordinal);
  return r.no_memory ? sld__fail_memory(err) : sld__fail(err, SLD_EVALUE, "%s", r.why);
}
