/* Merging files by time. Few overlap anywhere, however many there are: only those that hold the time at hand are looked at. */
#include "market/join.h"

#include "base/error.h"

#include <stdio.h>
#include <string.h>

/* A piece that has begun: its rows [at, count) are still to be taken. */
typedef struct open_piece {
  const sld__piece *piece;
  size_t at;
  size_t end;   /* behind the rows of the instant at hand; == at: it has none */
  bool dropped; /* those rows */
} open_piece;

typedef struct joiner {
  sld__bar_columns *out;
  sld__piece *const *pieces;
  size_t count;
  size_t next;     /* first piece that has not begun */
  open_piece *open; /* [open_count] in the order in which they began */
  size_t open_count;
  sld_load_report *lenient; /* NULL: rows that differ are refused */
} joiner;

static const double *column(const sld__bar_columns *c, int k) {
  return *sld__bar_columns_at((sld__bar_columns *)(uintptr_t)c, k);
}

static void append(sld__bar_columns *to, const sld__bar_columns *from, size_t first, size_t count) {
  memcpy(to->time + to->count, from->time + first, count * sizeof *to->time);
  for (int k = 1; k < SLD__COLUMN_COUNT; k++)
    if (column(from, k)) memcpy(*sld__bar_columns_at(to, k) + to->count, column(from, k) + first, count * sizeof(double));
  to->count += count;
}

static int64_t first_time(const sld__piece *piece) {
  return piece->bars.time[0];
}

/* Lets pieces begin that hold rows up to `time`. */
static void begin(joiner *j, int64_t time) {
  while (j->next < j->count && first_time(j->pieces[j->next]) <= time) j->open[j->open_count++] = (open_piece){ j->pieces[j->next++], 0, 0, false };
}

static void drop_ended(joiner *j) {
  size_t kept = 0;
  for (size_t i = 0; i < j->open_count; i++)
    if (j->open[i].at < j->open[i].piece->bars.count) j->open[kept++] = j->open[i];
  j->open_count = kept;
}

/* The earliest time of a row still to be taken; there is one. */
static int64_t earliest(const joiner *j) {
  int64_t time = j->next < j->count ? first_time(j->pieces[j->next]) : INT64_MAX;
  for (size_t i = 0; i < j->open_count; i++) {
    int64_t own = j->open[i].piece->bars.time[j->open[i].at];
    if (own < time) time = own;
  }
  return time;
}

static void mark_rows(joiner *j, int64_t time) {
  for (size_t i = 0; i < j->open_count; i++) {
    open_piece *o = &j->open[i];
    const sld__bar_columns *b = &o->piece->bars;
    for (o->end = o->at; o->end < b->count && b->time[o->end] == time; o->end++) continue;
    o->dropped = false;
  }
}

/* The first row at which the rows at hand of two pieces differ, counted from them; -1: they are equal. */
static int64_t difference(const open_piece *a, const open_piece *b) {
  size_t rows = a->end - a->at < b->end - b->at ? a->end - a->at : b->end - b->at;
  for (size_t i = 0; i < rows; i++)
    for (int k = 1; k < SLD__COLUMN_COUNT; k++) {
      const double *x = column(&a->piece->bars, k);
      const double *y = column(&b->piece->bars, k);
      if (x && x[a->at + i] != y[b->at + i]) return (int64_t)i;
    }
  return a->end - a->at == b->end - b->at ? -1 : (int64_t)rows;
}

/* Whether one piece's rows end where the other's begin. */
static bool follow(const open_piece *a, const open_piece *b) {
  bool ticks = a->piece->form.ticks;
  return ticks && ((a->end == a->piece->bars.count && b->at == 0) || (b->end == b->piece->bars.count && a->at == 0));
}

static int64_t line_at(const open_piece *o, int64_t row) {
  return o->piece->first_line ? o->piece->first_line + (int64_t)o->at + row : 0;
}

/* Refuses or drops the rows at hand of `b`, which differ from those of `a` at `row`, counted from them. */
static sld_status conflict(const joiner *j, const open_piece *a, const open_piece *b, int64_t row, sld_error *err) {
  const char *pair = b->piece->form.instrument->pair;
  char when[40];
  char line[32] = "";
  int64_t other = line_at(a, row);
  sld_error fault;
  sld_time_format(a->piece->bars.time[a->at], when, sizeof when);
  if (other) snprintf(line, sizeof line, ":%lld", (long long)other);
  sld_status status = sld__fail_at(&fault, SLD_EVALUE, b->piece->file, line_at(b, row), 0, "%s at %s has other values than in %s%s", pair, when, a->piece->file, line);
  if (j->lenient) return sld__report_note(j->lenient, err, SLD_NOTE_DROPPED, fault.file, fault.line, 0, "%s", fault.message);
  if (err) *err = fault;
  return status;
}

/* Takes the rows at hand of the i-th open piece, unless they are those of a piece before it. */
static sld_status take_rows(joiner *j, size_t i, sld_error *err) {
  open_piece *o = &j->open[i];
  if (o->end == o->at) return SLD_OK;
  for (size_t k = 0; k < i; k++) {
    const open_piece *before = &j->open[k];
    if (before->end == before->at || before->dropped) continue;
    int64_t row = difference(before, o);
    if (row < 0) return SLD_OK;
    if (follow(before, o)) continue;
    o->dropped = true;
    return conflict(j, before, o, row, err);
  }
  append(j->out, &o->piece->bars, o->at, o->end - o->at);
  return SLD_OK;
}

/* Takes the rows of the instant at hand: of each piece that has some, but what is equal once. */
static sld_status take_instant(joiner *j, sld_error *err) {
  for (size_t i = 0; i < j->open_count; i++) {
    sld_status status = take_rows(j, i, err);
    if (status != SLD_OK) return status;
  }
  for (size_t i = 0; i < j->open_count; i++) j->open[i].at = j->open[i].end;
  return SLD_OK;
}

/* A piece that is alone gives all rows before the next one begins at once. */
static bool take_stretch(joiner *j) {
  if (j->open_count != 1) return false;
  open_piece *o = &j->open[0];
  const sld__bar_columns *b = &o->piece->bars;
  size_t end = b->count;
  if (j->next < j->count) {
    int64_t until = first_time(j->pieces[j->next]);
    for (end = o->at; end < b->count && b->time[end] < until; end++) continue;
  }
  if (end == o->at) return false;
  append(j->out, b, o->at, end - o->at);
  o->at = o->end = end;
  return true;
}

static sld_status join(joiner *j, sld_error *err) {
  sld_status status = SLD_OK;
  while (status == SLD_OK && (j->open_count > 0 || j->next < j->count)) {
    if (!take_stretch(j)) {
      int64_t time = earliest(j);
      begin(j, time);
      mark_rows(j, time);
      status = take_instant(j, err);
    }
    drop_ended(j);
  }
  return status;
}

sld_status sld__pieces_join(sld__bar_columns *out, sld__piece *const *pieces, size_t count, sld_load_report *lenient, sld_error *err) {
  const sld_allocator *a = out->allocator;
  size_t total = 0;
  for (size_t i = 0; i < count; i++) total += pieces[i]->bars.count;
  joiner j = { .out = out, .pieces = pieces, .count = count, .open = sld__alloc(a, count, sizeof *j.open), .lenient = lenient };
  sld_status status = j.open ? sld__bar_columns_reserve(out, total, err) : sld__fail_memory(err);
  if (status == SLD_OK) status = join(&j, err);
  sld__free(a, j.open);
  return status;
}
