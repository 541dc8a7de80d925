/* Outcomes as bytes: writing. */
#include <math.h>
#include <string.h>

#include "engine/bytes.h"
#include "engine/outcome.h"
#include "engine/outcome_fields.h"

static void store(char *to, uint64_t value) {
  value = sld__little(value);
  memcpy(to, &value, sizeof value);
}

/* One of all NaNs stands for them. */
static void store_numbers(char *to, const char *from, size_t count) {
  for (size_t i = 0; i < count; i++) {
    double number;
    uint64_t bits;
    memcpy(&number, from + 8 * i, sizeof number);
    number = isnan(number) ? (double)NAN : number;
    memcpy(&bits, &number, sizeof bits);
    store(to + 8 * i, bits);
  }
}

static void store_eights(char *to, const char *from, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint64_t bits;
    memcpy(&bits, from + 8 * i, sizeof bits);
    store(to + 8 * i, bits);
  }
}

/* Where the next field goes. */
static char *store_run(char *to, const sld__fields *run, const char *at) {
  int word;
  switch (run->kind) {
  case SLD__NUMBER: store_numbers(to, at, run->count); break;
  case SLD__FLAG: store(to, *(const bool *)at); break;
  case SLD__WORD:
    memcpy(&word, at, sizeof word);
    store(to, (uint64_t)word);
    break;
  case SLD__NAME: strncpy(to, at, SLD_NAME_SIZE); return to + SLD_NAME_SIZE; /* zeros to its end */
  default: store_eights(to, at, run->count);
  }
  return to + 8 * run->count;
}

static void put_record(struct sld__buffer *out, const sld__form *form, const void *from) {
  char *to = sld__buffer_reserve(out, form->bytes);
  if (!to) return;
  for (size_t i = 0; i < form->count; i++) to = store_run(to, &form->runs[i], (const char *)from + form->runs[i].offset);
  out->size += form->bytes;
}

/* A list of records; that there is none differs from one of no records. */
static void put_records(struct sld__buffer *out, const sld__form *form, const void *from, size_t count) {
  sld__put(out, from != NULL);
  for (size_t i = 0; from && i < count; i++) put_record(out, form, (const char *)from + i * form->size);
}

static void put_numbers(struct sld__buffer *out, const double *from, size_t count) {
  sld__put(out, from != NULL);
  char *to = from ? sld__buffer_reserve(out, count * 8) : NULL;
  if (!to) return;
  store_numbers(to, (const char *)from, count);
  out->size += count * 8;
}

static void put_orders(struct sld__buffer *out, const sld_order *orders, size_t count) {
  put_records(out, &sld__form_order, orders, count);
  for (size_t i = 0; orders && i < count; i++) {
    sld__put(out, orders[i].terms != NULL);
    if (orders[i].terms) put_record(out, &sld__form_terms, orders[i].terms);
  }
}

size_t sld__outcome_rows(const sld__plan *plan, size_t sleeve) {
  return plan->shared ? plan->instants : plan->sleeves[sleeve].rows;
}

void sld__outcome_write(struct sld__buffer *out, const sld__plan *plan, size_t sleeve, const sld__outcome *o) {
  const sld_job *job = &o->job;
  put_record(out, &sld__form_job, job);
  sld__put_error(out, job->error);
  sld__put_text(out, job->log, strlen(job->log));
  sld__put(out, o->first);
  sld__put(out, o->exposed_bars);
  put_numbers(out, o->figures, sld_figure_count());
  put_records(out, &sld__form_book, o->books, job->book_count);
  put_orders(out, o->orders, job->order_count);
  put_records(out, &sld__form_trade, o->trades, job->trade_count + job->open_count);
  put_records(out, &sld__form_rollover, o->rollovers, job->rollover_count);
  put_numbers(out, o->equity, job->bar_count);
  put_numbers(out, o->signal, sld__outcome_rows(plan, sleeve));
}

uint64_t sld__outcome_most(const sld__plan *plan) {
  const sld_run_options *o = &plan->options;
  const uint64_t plenty = (uint64_t)1 << 40, fixed = 1 << 16;
  uint64_t rows = plan->shared ? plan->instants : 0;
  for (size_t i = 0; i < plan->sleeve_count; i++)
    if (plan->sleeves[i].rows > rows) rows = plan->sleeves[i].rows;
  if (o->limit_records == 0 || o->limit_log == 0 || o->limit_records > plenty / 1024 || o->limit_log > plenty / 2) return plenty;
  uint64_t each = sld__form_order.bytes + sld__form_terms.bytes + sld__form_trade.bytes + 16;
  return fixed + o->limit_log + 16 * rows + plan->sleeve_count * sld__form_book.bytes + (o->limit_records + rows) * each;
}
