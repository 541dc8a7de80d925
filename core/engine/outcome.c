/* Writing outcomes and reading them back. A table says of each record which fields it has; both directions follow it. */
#include "engine/outcome.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "engine/run_inside.h"

/* ---- Fields ----------------------------------------------------------------------------------------------------- */

typedef enum kind { NUMBER, INTEGER, BAR, COUNT, WORD, FLAG, NAME } kind;

typedef struct field {
  kind kind;
  size_t offset;
  int last; /* of words: the highest */
} field;

#define F(type, kind, name) { kind, offsetof(type, name), 0 }
#define W(type, name, last) { WORD, offsetof(type, name), last }

static const field order_fields[] = {
  F(sld_order, INTEGER, id), F(sld_order, INTEGER, time), F(sld_order, BAR, bar), F(sld_order, INTEGER, fill_time), F(sld_order, BAR, fill_bar),
  W(sld_order, kind, SLD_ORDER_STOP_OUT), W(sld_order, state, SLD_ORDER_CANCELLED), W(sld_order, reason, SLD_REASON_REQUEST), W(sld_order, quantity, SLD_RISK),
  F(sld_order, FLAG, reduce_only), F(sld_order, INTEGER, parent), F(sld_order, INTEGER, group), F(sld_order, NUMBER, size), F(sld_order, NUMBER, target),
  F(sld_order, NUMBER, units), F(sld_order, NUMBER, filled), F(sld_order, NUMBER, stop_loss), F(sld_order, NUMBER, take_profit), F(sld_order, NUMBER, stop_loss_dist),
  F(sld_order, NUMBER, take_profit_dist), F(sld_order, NUMBER, price), F(sld_order, NUMBER, reference), F(sld_order, NUMBER, spread_cost),
  F(sld_order, NUMBER, slippage_cost), F(sld_order, NUMBER, commission),
};

static const field term_fields[] = {
  F(sld_order_terms, NAME, name), F(sld_order_terms, NAME, tag), F(sld_order_terms, NUMBER, limit), F(sld_order_terms, NUMBER, stop), F(sld_order_terms, NUMBER, trail),
  F(sld_order_terms, NUMBER, trail_after), F(sld_order_terms, NUMBER, trail_step), F(sld_order_terms, INTEGER, expires), W(sld_order_terms, oca, SLD_OCA_REDUCE),
};

static const field trade_fields[] = {
  F(sld_trade, INTEGER, entry_order), F(sld_trade, INTEGER, exit_order), F(sld_trade, INTEGER, entry_time), F(sld_trade, INTEGER, exit_time), F(sld_trade, BAR, entry_bar),
  F(sld_trade, BAR, exit_bar), W(sld_trade, exit, SLD_EXIT_STOP_OUT), F(sld_trade, NUMBER, units), F(sld_trade, NUMBER, entry_price), F(sld_trade, NUMBER, exit_price),
  F(sld_trade, NUMBER, gross), F(sld_trade, NUMBER, costs), F(sld_trade, NUMBER, net),
};

static const field rollover_fields[] = {
  F(sld_rollover_record, INTEGER, time), F(sld_rollover_record, BAR, bar), W(sld_rollover_record, days, 3), F(sld_rollover_record, NUMBER, units), F(sld_rollover_record, NUMBER, amount),
};

static const field book_fields[] = {
  F(sld_book, NUMBER, costs_spread), F(sld_book, NUMBER, costs_slippage), F(sld_book, NUMBER, costs_commission), F(sld_book, NUMBER, rollover), F(sld_book, NUMBER, realised),
  F(sld_book, NUMBER, unrealised), F(sld_book, COUNT, order_count), F(sld_book, COUNT, rejected_count), F(sld_book, COUNT, trade_count), F(sld_book, COUNT, open_count),
  F(sld_book, COUNT, stop_out_count), F(sld_book, COUNT, rollover_count), F(sld_book, COUNT, bar_count),
};

static const field job_fields[] = {
  W(sld_job, state, SLD_JOB_RUINED), F(sld_job, NUMBER, final_equity), F(sld_job, NUMBER, costs_spread), F(sld_job, NUMBER, costs_slippage), F(sld_job, NUMBER, costs_commission),
  F(sld_job, NUMBER, rollover), F(sld_job, NUMBER, realised), F(sld_job, NUMBER, unrealised), F(sld_job, COUNT, order_count), F(sld_job, COUNT, rejected_count),
  F(sld_job, COUNT, trade_count), F(sld_job, COUNT, open_count), F(sld_job, COUNT, stop_out_count), F(sld_job, COUNT, rollover_count), F(sld_job, COUNT, bar_count),
  F(sld_job, NUMBER, buy_and_hold),
};

typedef struct form {
  const field *fields;
  size_t count, size; /* size of the struct */
} form;

#define RECORD(fields, type) { fields, sizeof fields / sizeof *fields, sizeof(type) }

static const form orders_record = RECORD(order_fields, sld_order), terms_record = RECORD(term_fields, sld_order_terms), trades_record = RECORD(trade_fields, sld_trade),
                    rollovers_record = RECORD(rollover_fields, sld_rollover_record), books_record = RECORD(book_fields, sld_book), job_record = RECORD(job_fields, sld_job);

static size_t field_bytes(const field *f) {
  return f->kind == NAME ? SLD_NAME_SIZE : 8;
}

static size_t record_bytes(const form *r) {
  size_t bytes = 0;
  for (size_t i = 0; i < r->count; i++) bytes += field_bytes(&r->fields[i]);
  return bytes;
}

/* ---- Writing ---------------------------------------------------------------------------------------------------- */

static void store(char *to, uint64_t value) {
  for (int i = 0; i < 8; i++) to[i] = (char)(value >> 8 * i);
}

static void put(struct sld__buffer *out, uint64_t value) {
  char *to = sld__buffer_reserve(out, 8);
  if (!to) return;
  store(to, value);
  out->size += 8;
}

static uint64_t bits_of(double x) {
  uint64_t bits;
  if (isnan(x)) x = (double)NAN; /* one of all NaNs */
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static uint64_t value_of(const field *f, const char *at) {
  double number;
  size_t count;
  int64_t integer;
  int word;
  switch (f->kind) {
  case NUMBER: return memcpy(&number, at, sizeof number), bits_of(number);
  case INTEGER:
  case BAR: return memcpy(&integer, at, sizeof integer), (uint64_t)integer;
  case COUNT: return memcpy(&count, at, sizeof count), (uint64_t)count;
  case FLAG: return *(const bool *)at;
  default: return memcpy(&word, at, sizeof word), (uint64_t)word;
  }
}

static void put_record(struct sld__buffer *out, const form *r, const void *from) {
  char *to = sld__buffer_reserve(out, record_bytes(r));
  if (!to) return;
  for (size_t i = 0; i < r->count; i++) {
    const field *f = &r->fields[i];
    const char *at = (const char *)from + f->offset;
    if (f->kind == NAME) memcpy(memset(to, 0, SLD_NAME_SIZE), at, strlen(at));
    else store(to, value_of(f, at));
    to += field_bytes(f);
  }
  out->size += record_bytes(r);
}

/* A list of records; that there is none differs from one of no records. */
static void put_records(struct sld__buffer *out, const form *r, const void *from, size_t count) {
  put(out, from != NULL);
  for (size_t i = 0; from && i < count; i++) put_record(out, r, (const char *)from + i * r->size);
}

static void put_numbers(struct sld__buffer *out, const double *from, size_t count) {
  put(out, from != NULL);
  char *to = from ? sld__buffer_reserve(out, count * 8) : NULL;
  if (!to) return;
  for (size_t i = 0; i < count; i++) store(to + 8 * i, bits_of(from[i]));
  out->size += count * 8;
}

static void put_text(struct sld__buffer *out, const char *text) {
  put(out, strlen(text));
  sld__buffer_add(out, text, strlen(text));
}

static void put_error(struct sld__buffer *out, const sld_error *error) {
  put(out, error != NULL);
  if (!error) return;
  put(out, (uint64_t)(int64_t)error->status);
  put(out, (uint64_t)error->line);
  put(out, (uint64_t)error->column);
  put_text(out, error->file);
  put_text(out, error->message);
  put_text(out, error->detail);
}

static void put_orders(struct sld__buffer *out, const sld_order *orders, size_t count) {
  put_records(out, &orders_record, orders, count);
  for (size_t i = 0; orders && i < count; i++) {
    put(out, orders[i].terms != NULL);
    if (orders[i].terms) put_record(out, &terms_record, orders[i].terms);
  }
}

/* Bars of a job: rows of its view, or instants of its account. */
static size_t rows_of(const sld__plan *plan, size_t sleeve) {
  return plan->shared ? plan->instants : plan->sleeves[sleeve].rows;
}

void sld__outcome_write(struct sld__buffer *out, const sld__plan *plan, size_t sleeve, const sld__outcome *o) {
  const sld_job *job = &o->job;
  put_record(out, &job_record, job);
  put_error(out, job->error);
  put_text(out, job->log);
  put(out, o->first);
  put(out, o->exposed_bars);
  put_numbers(out, o->figures, sld_figure_count());
  put_records(out, &books_record, o->books, job->book_count);
  put_orders(out, o->orders, job->order_count);
  put_records(out, &trades_record, o->trades, job->trade_count + job->open_count);
  put_records(out, &rollovers_record, o->rollovers, job->rollover_count);
  put_numbers(out, o->equity, job->bar_count);
  put_numbers(out, o->signal, rows_of(plan, sleeve));
}

/* ---- Reading ---------------------------------------------------------------------------------------------------- */

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
  uint64_t value = 0;
  for (int i = 0; i < 8; i++) value |= (uint64_t)from[i] << 8 * i;
  return value;
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

static void read_value(reader *r, const field *f, char *to, uint64_t value) {
  int word = (int)value;
  size_t count = (size_t)value;
  switch (f->kind) {
  case BAR:
    if ((int64_t)value < -1 || value + 1 > INT64_MAX / 2) refuse(r, "a bar is out of range");
    memcpy(to, &value, sizeof value);
    break;
  case NUMBER:
  case INTEGER: memcpy(to, &value, sizeof value); break;
  case COUNT:
    if (value > SIZE_MAX / 1024) refuse(r, "a count is too large"); /* sums of several do not overflow */
    memcpy(to, &count, sizeof count);
    break;
  case FLAG:
    if (value > 1) refuse(r, "a flag is neither 0 nor 1");
    *(bool *)to = value == 1;
    break;
  default:
    if (value > (uint64_t)f->last) refuse(r, "a word is unknown");
    memcpy(to, &word, sizeof word);
  }
}

/* There are enough bytes. */
static void take_record(reader *r, const form *of, void *to) {
  for (size_t i = 0; i < of->count && !r->why; i++) {
    const field *f = &of->fields[i];
    char *at = (char *)to + f->offset;
    if (f->kind == NAME) {
      memcpy(at, r->at, SLD_NAME_SIZE);
      if (at[SLD_NAME_SIZE - 1]) refuse(r, "a name has no end");
    } else {
      read_value(r, f, at, load(r->at));
    }
    r->at += field_bytes(f);
  }
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

static void *take_records(reader *r, const form *of, size_t count) {
  if (!take_flag(r) || !holds(r, count, record_bytes(of))) return NULL;
  char *list = room(r, count, of->size);
  for (size_t i = 0; list && i < count; i++) take_record(r, of, list + i * of->size);
  return list;
}

static double *take_numbers(reader *r, size_t count, bool finite) {
  if (!take_flag(r) || !holds(r, count, 8)) return NULL;
  double *list = room(r, count, sizeof *list);
  for (size_t i = 0; list && i < count; i++) {
    uint64_t bits = load(r->at + 8 * i);
    memcpy(&list[i], &bits, sizeof bits);
    if (finite && !isfinite(list[i])) refuse(r, "an equity is no number");
  }
  if (list) r->at += 8 * count;
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
  out->orders = take_records(r, &orders_record, count);
  start = r->at;
  for (size_t i = 0; out->orders && i < count; i++) /* how many have terms, and that they are there */
    if (take_flag(r) && holds(r, 1, record_bytes(&terms_record))) {
      r->at += record_bytes(&terms_record);
      used++;
    }
  if (r->why || used == 0) return;
  r->at = start;
  out->terms = room(r, used, sizeof *out->terms);
  used = 0;
  for (size_t i = 0; out->terms && i < count; i++)
    if (take_flag(r)) {
      take_record(r, &terms_record, &out->terms[used]);
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
  size_t rows = rows_of(plan, sleeve);
  if (holds(r, 1, record_bytes(&job_record))) take_record(r, &job_record, job);
  take_error(r, out);
  take_log(r, out);
  out->first = (size_t)take(r);
  out->exposed_bars = (size_t)take(r);
  out->figures = take_numbers(r, sld_figure_count(), false);
  job->book_count = plan->shared ? plan->sleeve_count : 0;
  out->books = take_records(r, &books_record, job->book_count);
  if (!out->books) job->book_count = 0;
  take_orders(r, out);
  out->trades = take_records(r, &trades_record, job->trade_count + job->open_count);
  out->rollovers = take_records(r, &rollovers_record, job->rollover_count);
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

uint64_t sld__outcome_most(const sld__plan *plan) {
  const sld_run_options *o = &plan->options;
  const uint64_t plenty = (uint64_t)1 << 40, fixed = 1 << 16;
  uint64_t rows = plan->shared ? plan->instants : 0;
  for (size_t i = 0; i < plan->sleeve_count; i++)
    if (plan->sleeves[i].rows > rows) rows = plan->sleeves[i].rows;
  if (o->limit_records == 0 || o->limit_log == 0 || o->limit_records > plenty / 1024 || o->limit_log > plenty / 2) return plenty;
  uint64_t each = record_bytes(&orders_record) + record_bytes(&terms_record) + record_bytes(&trades_record) + 16;
  return fixed + o->limit_log + 16 * rows + plan->sleeve_count * record_bytes(&books_record) + (o->limit_records + rows) * each;
}
