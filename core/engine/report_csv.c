/* A result as CSV: equity.csv, trades.csv and orders.csv in a folder, rollover.csv where positions are rolled over, weights.csv where the portfolio has weights, and unfinished.csv where jobs failed or were cancelled. Numbers are the shortest that read back equal; undefined ones are empty. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/number.h"
#include "base/os.h"
#include "base/time.h"
#include "engine/result.h"

typedef struct sheet {
  struct sld__buffer bytes;
  bool clock; /* times bear a time of day */
  const sld__series *series; /* of the records that are written */
} sheet;

static void add_number(sheet *out, double value) {
  char digits[SLD__NUMBER_SIZE];
  if (!isfinite(value)) return; /* an empty field */
  sld__buffer_add(&out->bytes, digits, sld__number_format(digits, value));
}

static void add_time(sheet *out, int64_t time) {
  char text[40];
  sld__buffer_add(&out->bytes, text, sld__time_format(time, out->clock, text, sizeof text));
}

static void comma(sheet *out) {
  sld__buffer_add_byte(&out->bytes, ',');
}

static void number(sheet *out, double value) {
  comma(out);
  add_number(out, value);
}

static void integer(sheet *out, int64_t value) {
  sld__buffer_add_format(&out->bytes, ",%lld", (long long)value);
}

static void text(sheet *out, const char *value) {
  comma(out);
  sld__buffer_add_text(&out->bytes, value);
}

/* A script's own words: in quotes where they would break the line. */
static void words(sheet *out, const char *value) {
  comma(out);
  if (!strpbrk(value, ",\"\r\n")) {
    sld__buffer_add_text(&out->bytes, value);
    return;
  }
  sld__buffer_add_byte(&out->bytes, '"');
  for (; *value; value++) {
    if (*value == '"') sld__buffer_add_byte(&out->bytes, '"');
    sld__buffer_add_byte(&out->bytes, *value);
  }
  sld__buffer_add_byte(&out->bytes, '"');
}

static void add_close(sheet *out, int64_t time) {
  add_time(out, out->clock ? time : sld__result_date(NULL, 0, time));
}

static void instant(sheet *out, int64_t time) {
  comma(out);
  add_time(out, time);
}

/* Of the row `bar`. */
static void moment(sheet *out, int64_t bar, int64_t time) {
  instant(out, out->clock ? time : sld__result_date(out->series, bar, time));
}

static void equity(sheet *out, const struct sld_result *r) {
  sld__buffer_add_text(&out->bytes, "time,pair,set,equity\n");
  for (size_t i = 0; i < r->outcome_count; i++) {
    const sld_job *job = &r->outcomes[i].job;
    for (size_t k = 0; job->equity && k < job->bar_count; k++) {
      add_close(out, job->close_time[k]);
      text(out, job->pair);
      integer(out, (int64_t)job->ordinal);
      number(out, job->equity[k]);
      sld__buffer_add_byte(&out->bytes, '\n');
    }
  }
  for (size_t k = 0; r->has_portfolio && k < r->portfolio.count; k++) {
    add_close(out, r->portfolio.time[k]);
    sld__buffer_add_text(&out->bytes, ",PORTFOLIO,0");
    number(out, r->portfolio.equity[k]);
    sld__buffer_add_byte(&out->bytes, '\n');
  }
}

static void trade(sheet *out, const char *pair, size_t ordinal, const sld_trade *t) {
  sld__buffer_add_text(&out->bytes, pair);
  integer(out, (int64_t)ordinal);
  integer(out, t->entry_order);
  integer(out, t->exit_order);
  moment(out, t->entry_bar, t->entry_time);
  moment(out, t->exit_bar, t->exit_time);
  text(out, sld_exit_name(t->exit));
  number(out, t->units);
  number(out, t->entry_price);
  number(out, t->exit_price);
  number(out, t->gross);
  number(out, t->costs);
  number(out, t->net);
  sld__buffer_add_byte(&out->bytes, '\n');
}

static void trades(sheet *out, const struct sld_result *r) {
  sld__buffer_add_text(&out->bytes, "pair,set,entry_order,exit_order,entry_time,exit_time,exit,units,entry_price,exit_price,gross,costs,net\n");
  for (size_t i = 0; i < r->outcome_count; i++) {
    const sld_job *job = &r->outcomes[i].job;
    for (size_t b = 0; b < job->book_count; b++) {
      out->series = sld__result_series(r, job->books[b].data);
      for (size_t k = 0; job->books[b].trades && k < job->books[b].trade_count + job->books[b].open_count; k++)
        trade(out, job->books[b].pair, job->ordinal, &job->books[b].trades[k]);
    }
    out->series = sld__result_series(r, job->data);
    for (size_t k = 0; !job->books && job->trades && k < job->trade_count + job->open_count; k++) trade(out, job->pair, job->ordinal, &job->trades[k]);
  }
}

static void order(sheet *out, const char *pair, size_t ordinal, const sld_order *o) {
  sld__buffer_add_text(&out->bytes, pair);
  integer(out, (int64_t)ordinal);
  integer(out, o->id);
  moment(out, o->bar, o->time);
  if (o->fill_bar >= 0) moment(out, o->fill_bar, o->fill_time);
  else comma(out);
  text(out, sld_order_kind_name(o->kind));
  text(out, sld_order_state_name(o->state));
  text(out, o->reason == SLD_REASON_NONE ? "" : sld_reason_name(o->reason));
  number(out, o->target);
  number(out, o->units);
  number(out, o->stop_loss);
  number(out, o->take_profit);
  number(out, o->price);
  number(out, o->reference);
  number(out, o->spread_cost);
  number(out, o->slippage_cost);
  number(out, o->commission);
  words(out, sld__terms(o)->name);
  words(out, sld__terms(o)->tag);
  if (o->parent) integer(out, o->parent);
  else comma(out);
  if (o->group) integer(out, o->group);
  else comma(out);
  number(out, sld__terms(o)->limit);
  number(out, sld__terms(o)->stop);
  number(out, o->filled);
  sld__buffer_add_byte(&out->bytes, '\n');
}

static void orders(sheet *out, const struct sld_result *r) {
  sld__buffer_add_text(&out->bytes, "pair,set,id,time,fill_time,kind,state,reason,target,units,stop_loss,take_profit,price,reference,spread_cost,slippage_cost,commission,name,tag,parent,group,limit,stop,filled\n");
  for (size_t i = 0; i < r->outcome_count; i++) {
    const sld_job *job = &r->outcomes[i].job;
    for (size_t b = 0; b < job->book_count; b++) {
      out->series = sld__result_series(r, job->books[b].data);
      for (size_t k = 0; job->books[b].orders && k < job->books[b].order_count; k++) order(out, job->books[b].pair, job->ordinal, &job->books[b].orders[k]);
    }
    out->series = sld__result_series(r, job->data);
    for (size_t k = 0; !job->books && job->orders && k < job->order_count; k++) order(out, job->pair, job->ordinal, &job->orders[k]);
  }
}

static void rollover(sheet *out, const char *pair, size_t set, const sld_rollover_record *r) {
  sld__buffer_add_text(&out->bytes, pair);
  integer(out, (int64_t)set);
  instant(out, r->time);
  number(out, r->units);
  integer(out, r->days);
  number(out, r->amount);
  sld__buffer_add_byte(&out->bytes, '\n');
}

static void rollovers(sheet *out, const struct sld_result *r) {
  sld__buffer_add_text(&out->bytes, "pair,set,time,units,days,amount\n");
  for (size_t i = 0; i < r->outcome_count; i++) {
    const sld_job *job = &r->outcomes[i].job;
    for (size_t b = 0; b < job->book_count; b++)
      for (size_t k = 0; job->books[b].rollovers && k < job->books[b].rollover_count; k++) rollover(out, job->books[b].pair, job->ordinal, &job->books[b].rollovers[k]);
    for (size_t k = 0; !job->books && job->rollovers && k < job->rollover_count; k++) rollover(out, job->pair, job->ordinal, &job->rollovers[k]);
  }
}

static void weights(sheet *out, const struct sld_result *r) {
  const sld_portfolio *p = &r->portfolio;
  sld__buffer_add_text(&out->bytes, "time,pair,weight\n");
  for (size_t k = 0; k < p->count; k++) {
    for (size_t i = 0; i < r->outcome_count; i++) {
      add_close(out, p->time[k]);
      text(out, r->outcomes[i].job.pair);
      number(out, p->weights[k * r->outcome_count + i]);
      sld__buffer_add_byte(&out->bytes, '\n');
    }
  }
}

static void unfinished(sheet *out, const struct sld_result *r) {
  sld__buffer_add_text(&out->bytes, "pair,set,state,message\n");
  for (size_t i = 0; i < r->outcome_count; i++) {
    const sld_job *job = &r->outcomes[i].job;
    if (job->state != SLD_JOB_FAILED && job->state != SLD_JOB_CANCELLED) continue;
    char message[sizeof job->error->file + sizeof job->error->message + 64];
    sld_error_format(job->error, message, sizeof message);
    sld__buffer_add_text(&out->bytes, job->pair);
    integer(out, (int64_t)job->ordinal);
    text(out, sld_job_state_name(job->state));
    words(out, message);
    sld__buffer_add_byte(&out->bytes, '\n');
  }
}

static const char unfinished_name[] = "unfinished.csv";

/* What an earlier run left would speak of this one. */
static sld_status remove_unfinished(const struct sld_result *r, const char *dir, sld_error *err) {
  char *path = sld__os_join(r->alloc, dir, unfinished_name);
  if (!path) return sld__fail_memory(err);
  sld__os_remove(path);
  sld__free(r->alloc, path);
  return SLD_OK;
}

/* Writes one table beside its file; the caller commits or discards, also after a failure. */
static sld_status write_table(struct sld__writer *writer, const struct sld_result *r, const char *dir, const char *name, void (*fill)(sheet *, const struct sld_result *), sld_error *err) {
  sheet out = { .clock = sld__result_has_clock(r) };
  sld__buffer_init(&out.bytes, r->alloc);
  fill(&out, r);
  sld_status status = sld__buffer_status(&out.bytes, err);
  char *path = status == SLD_OK ? sld__os_join(r->alloc, dir, name) : NULL;
  if (status == SLD_OK && !path) status = sld__fail_memory(err);
  if (status == SLD_OK) status = sld__os_writer_open(writer, path, err);
  if (status == SLD_OK) status = sld__os_writer_add(writer, out.bytes.data, out.bytes.size, err);
  sld__free(r->alloc, path);
  sld__buffer_fini(&out.bytes);
  return status;
}

/* All tables are on the disk before the first takes its name: a full disk leaves the files of an earlier run together. */
sld_status sld_result_write_csv(const sld_result *r, const char *dir, sld_error *err) {
  if (!dir || !*dir) return sld__fail_at(err, SLD_EINVAL, "dir", 0, 0, "a path is needed");
  enum { TABLES = 6 };
  struct {
    const char *name;
    void (*fill)(sheet *, const struct sld_result *);
  } tables[TABLES] = { { "equity.csv", equity }, { "trades.csv", trades }, { "orders.csv", orders } };
  size_t count = 3;
  if (r->plan->options.rollover != SLD_ROLLOVER_NONE) tables[count].name = "rollover.csv", tables[count++].fill = rollovers;
  if (r->portfolio.weights) tables[count].name = "weights.csv", tables[count++].fill = weights;
  if (sld__result_unfinished(r) > 0) tables[count].name = unfinished_name, tables[count++].fill = unfinished;
  struct sld__writer writers[TABLES];
  for (size_t i = 0; i < count; i++) {
    writers[i].descriptor = -1;
    writers[i].beside[0] = '\0';
  }
  sld_status status = sld__os_make_dir(dir, err);
  for (size_t i = 0; i < count && status == SLD_OK; i++) status = write_table(&writers[i], r, dir, tables[i].name, tables[i].fill, err);
  for (size_t i = 0; i < count && status == SLD_OK; i++) status = sld__os_writer_commit(&writers[i], err);
  for (size_t i = 0; i < count; i++) sld__os_writer_discard(&writers[i]);
  if (status == SLD_OK && sld__result_unfinished(r) == 0) status = remove_unfinished(r, dir, err);
  return status;
}

sld_status sld_csv_check(const char *dir, sld_error *err) {
  return sld__os_can_write_in(dir, err);
}
