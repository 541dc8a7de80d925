/* Pieces of series and their joining. */
#include "market/harvest.h"

#include "base/error.h"
#include "market/join.h"

#include <stdlib.h>
#include <string.h>

static void free_piece(const sld_allocator *a, sld__piece *piece) {
  sld__bar_columns_fini(&piece->bars);
  sld__free(a, piece->file);
}

static bool reserve(sld__harvest *h, size_t more) {
  if (h->count + more <= h->capacity) return true;
  size_t capacity = h->count + more > 2 * h->capacity ? h->count + more : 2 * h->capacity;
  sld__piece *moved = sld__realloc(h->allocator, h->pieces, capacity, sizeof *moved);
  if (!moved) return false;
  h->pieces = moved;
  h->capacity = capacity;
  return true;
}

sld_status sld__harvest_add(sld__harvest *harvest, sld__bar_columns *bars, const sld__series_form *form, const char *file, int64_t first_line, sld_error *err) {
  sld__piece piece = { *bars, *form, sld__strndup(harvest->allocator, file, strlen(file)), first_line };
  *bars = (sld__bar_columns){ .allocator = bars->allocator };
  if (!piece.file || !reserve(harvest, 1)) {
    free_piece(harvest->allocator, &piece);
    return sld__fail_memory(err);
  }
  harvest->pieces[harvest->count++] = piece;
  return SLD_OK;
}

sld_status sld__harvest_append(sld__harvest *to, sld__harvest *from, sld_error *err) {
  if (from->count == 0) return SLD_OK;
  if (!reserve(to, from->count)) return sld__fail_memory(err);
  memcpy(to->pieces + to->count, from->pieces, from->count * sizeof *to->pieces);
  to->count += from->count;
  from->count = 0;
  return SLD_OK;
}

void sld__harvest_fini(sld__harvest *harvest) {
  for (size_t i = 0; i < harvest->count; i++) free_piece(harvest->allocator, &harvest->pieces[i]);
  sld__free(harvest->allocator, harvest->pieces);
  *harvest = (sld__harvest){ .allocator = harvest->allocator };
}

/* ---- Bids and asks of two files ---- */

static int64_t line_of(const sld__piece *piece, size_t i) {
  return piece->first_line ? piece->first_line + (int64_t)i : 0;
}

typedef struct pairing {
  sld__piece *bids;
  const sld__piece *asks;
  sld_load_report *report;
  bool lenient;
  sld__bar_columns out;
} pairing;

/* A row that cannot be joined: an error, or a note. */
static sld_status refuse(const pairing *p, const sld__piece *piece, size_t i, sld_error *err, const char *why, const char *other) {
  char when[32];
  sld_time_format(piece->bars.time[i], when, sizeof when);
  if (p->lenient) return sld__report_note(p->report, err, SLD_NOTE_DROPPED, piece->file, line_of(piece, i), 0, "%s: %s%s", when, why, other);
  return sld__fail_at(err, SLD_EVALUE, piece->file, line_of(piece, i), 0, "%s: %s%s", when, why, other);
}

static void bar_of(const sld__bar_columns *c, size_t i, double out[4]) {
  out[0] = c->one_price ? c->close[i] : c->open[i];
  out[1] = c->one_price ? c->close[i] : c->high[i];
  out[2] = c->one_price ? c->close[i] : c->low[i];
  out[3] = c->close[i];
}

static sld_status join_row(pairing *p, size_t bid, size_t ask, sld_error *err) {
  const sld__bar_columns *b = &p->bids->bars;
  sld__bar_columns *out = &p->out;
  size_t i = out->count;
  double bids[4];
  double asks[4];
  const char *why;
  bar_of(b, bid, bids);
  bar_of(&p->asks->bars, ask, asks);
  if (sld__ask_breach(bids, asks, &why)) return refuse(p, p->asks, ask, err, why, "");
  out->time[i] = b->time[bid];
  out->close[i] = bids[3];
  out->ask_close[i] = asks[3];
  if (!out->one_price) {
    out->open[i] = bids[0];
    out->high[i] = bids[1];
    out->low[i] = bids[2];
    out->ask_open[i] = asks[0];
    out->ask_high[i] = asks[1];
    out->ask_low[i] = asks[2];
  }
  if (out->has_volume) out->volume[i] = b->volume[bid];
  out->count++;
  return SLD_OK;
}

static sld_status join_rows(pairing *p, sld_error *err) {
  const sld__bar_columns *b = &p->bids->bars;
  const sld__bar_columns *a = &p->asks->bars;
  size_t bid = 0;
  size_t ask = 0;
  sld_status status = sld__bar_columns_reserve(&p->out, b->count, err);
  while (status == SLD_OK && (bid < b->count || ask < a->count)) {
    bool bid_alone = ask == a->count || (bid < b->count && b->time[bid] < a->time[ask]);
    bool ask_alone = !bid_alone && (bid == b->count || a->time[ask] < b->time[bid]);
    if (bid_alone) status = refuse(p, p->bids, bid++, err, "no row of this time is in ", p->asks->file);
    else if (ask_alone) status = refuse(p, p->asks, ask++, err, "no row of this time is in ", p->bids->file);
    else status = join_row(p, bid++, ask++, err);
  }
  if (status == SLD_OK && p->out.count == 0) status = sld__fail_at(err, SLD_EVALUE, p->asks->file, 0, 0, "no row has the time of one of %s", p->bids->file);
  return status;
}

static sld_status check_pairing(const sld__harvest *bids, const sld__harvest *asks, sld_error *err) {
  const char *file = asks->count > 0 ? asks->pieces[0].file : "";
  if (bids->count != 1 || asks->count != 1) return sld__fail_at(err, SLD_EVALUE, file, 0, 0, "bids and asks are joined from two files of one pair each");
  const sld__piece *b = &bids->pieces[0];
  const sld__piece *a = &asks->pieces[0];
  if (b->form.instrument != a->form.instrument) return sld__fail_at(err, SLD_EVALUE, file, 0, 0, "these are asks of %s, but %s holds %s", a->form.instrument->pair, b->file, b->form.instrument->pair);
  if (b->form.side == SLD_BOTH || b->form.ticks) return sld__fail_at(err, SLD_EVALUE, b->file, 0, 0, "the file has asks of its own; \"ask\" is for bars of one side");
  if (b->bars.one_price != a->bars.one_price || b->form.date_only != a->form.date_only) return sld__fail_at(err, SLD_EVALUE, file, 0, 0, "the rows are of another kind than those of %s", b->file);
  return SLD_OK;
}

sld_status sld__harvest_pair(sld__harvest *bids, const sld__harvest *asks, sld_load_report *report, bool lenient, sld_error *err) {
  sld_status status = check_pairing(bids, asks, err);
  if (status != SLD_OK) return status;
  sld__piece *b = &bids->pieces[0];
  pairing p = { b, &asks->pieces[0], report, lenient, { .allocator = bids->allocator, .one_price = b->bars.one_price, .has_volume = b->bars.has_volume, .has_ask = true } };
  status = join_rows(&p, err);
  if (status == SLD_OK) {
    sld__bar_columns kept = b->bars;
    b->bars = p.out;
    p.out = kept;
    b->form.side = SLD_BOTH;
    b->form.side_assumed = false;
    b->first_line = 0;
  }
  sld__bar_columns_fini(&p.out);
  return status;
}

/* ---- Pieces of one pair and period ---- */

/* By pair, then by period, then by time, then in the order of the files. */
static int compare(const void *left, const void *right) {
  const sld__piece *a = *(const sld__piece *const *)left;
  const sld__piece *b = *(const sld__piece *const *)right;
  int by_pair = strcmp(a->form.instrument->pair, b->form.instrument->pair);
  if (by_pair) return by_pair;
  if (a->form.period_ns != b->form.period_ns) return a->form.period_ns < b->form.period_ns ? -1 : 1;
  if (a->bars.time[0] != b->bars.time[0]) return a->bars.time[0] < b->bars.time[0] ? -1 : 1;
  return a < b ? -1 : a > b;
}

static bool same_series(const sld__piece *a, const sld__piece *b) {
  return a->form.period_ns == b->form.period_ns && strcmp(a->form.instrument->pair, b->form.instrument->pair) == 0;
}

static bool same_form(const sld__piece *a, const sld__piece *b) {
  return a->form.side == b->form.side && a->form.date_only == b->form.date_only && a->bars.one_price == b->bars.one_price && a->bars.has_volume == b->bars.has_volume && a->form.floating == b->form.floating;
}

static sld_status check_form(const sld__piece *before, const sld__piece *next, sld_error *err) {
  char period[SLD__PERIOD_SIZE];
  if (same_form(before, next)) return SLD_OK;
  sld__period_format(next->form.period_ns, period);
  if (before->form.floating != next->form.floating) {
    const sld__piece *floating = before->form.floating ? before : next;
    return sld__fail_at(err, SLD_EVALUE, next->file, 0, 0, "%s (%s) is loaded already from %s, and the clock of one is known, that of %s is not; tell it by zone", next->form.instrument->pair, period, before->file, floating->file);
  }
  return sld__fail_at(err, SLD_EVALUE, next->file, 0, 0, "%s (%s) is loaded already from %s, with other columns or of another side", next->form.instrument->pair, period, before->file);
}

static bool overlap(sld__piece *const *pieces, size_t count) {
  for (size_t i = 1; i < count; i++)
    if (pieces[i]->bars.time[0] <= pieces[i - 1]->bars.time[pieces[i - 1]->bars.count - 1]) return true;
  return false;
}

/* One piece behind the other. */
static sld_status chain_pieces(sld__piece **pieces, size_t count, sld_error *err) {
  size_t total = 0;
  for (size_t i = 0; i < count; i++) total += pieces[i]->bars.count;
  sld_status status = sld__bar_columns_reserve(&pieces[0]->bars, total, err);
  for (size_t i = 1; i < count && status == SLD_OK; i++) {
    sld__bar_columns_append(&pieces[0]->bars, &pieces[i]->bars);
    sld__bar_columns_fini(&pieces[i]->bars);
  }
  return status;
}

/* Makes the first piece hold the rows of all. */
static sld_status join_pieces(sld__piece **pieces, size_t count, sld_load_report *lenient, sld_error *err) {
  const sld__bar_columns *of = &pieces[0]->bars;
  if (!overlap(pieces, count)) return chain_pieces(pieces, count, err);
  sld__bar_columns all = { .allocator = of->allocator, .one_price = of->one_price, .has_volume = of->has_volume, .has_ask = of->has_ask };
  sld_status status = sld__pieces_join(&all, pieces, count, lenient, err);
  if (status == SLD_OK) {
    sld__bar_columns_fini(&pieces[0]->bars);
    pieces[0]->bars = all;
    all = (sld__bar_columns){ .allocator = of->allocator };
  }
  sld__bar_columns_fini(&all);
  return status;
}

/* The rows of `series` with which further files begin, given when they begin. */
static void find_parts(sld__series *series, const int64_t *begin, size_t count) {
  size_t row = 0;
  for (size_t i = 1; i < count; i++) {
    while (row < series->count && series->time[row] < begin[i]) row++;
    if (row < series->count && row > 0) series->parts[series->part_count++] = row;
  }
}

static sld_status seal_pieces(sld__piece **pieces, size_t count, sld__intake *intake, sld_load_report *lenient, sld_error *err) {
  sld_status status = SLD_OK;
  for (size_t i = 1; i < count && status == SLD_OK; i++) status = check_form(pieces[i - 1], pieces[i], err);
  if (status != SLD_OK) return status;
  const sld_allocator *a = pieces[0]->bars.allocator;
  int64_t *begin = sld__alloc(a, count, sizeof *begin);
  size_t *parts = sld__alloc(a, count, sizeof *parts);
  sld__series *series;
  if (!begin || !parts) status = sld__fail_memory(err);
  for (size_t i = 0; i < count && status == SLD_OK; i++) begin[i] = pieces[i]->bars.time[0];
  if (status == SLD_OK && count > 1) status = join_pieces(pieces, count, lenient, err);
  if (status == SLD_OK) status = sld__series_seal(&series, &pieces[0]->bars, &pieces[0]->form, pieces[0]->file, err);
  if (status == SLD_OK) {
    series->parts = parts;
    parts = NULL;
    find_parts(series, begin, count);
    status = sld__intake_add(intake, series, pieces[0]->file, err);
  }
  sld__free(a, parts);
  sld__free(a, begin);
  return status;
}

sld_status sld__harvest_seal(sld__harvest *harvest, sld__intake *intake, sld_load_report *lenient, sld_error *err) {
  size_t count = harvest->count;
  sld__piece **order = sld__alloc(harvest->allocator, count, sizeof *order);
  if (!order) return sld__fail_memory(err);
  sld_status status = SLD_OK;
  for (size_t i = 0; i < count && status == SLD_OK; i++) {
    sld__piece *piece = order[i] = &harvest->pieces[i];
    status = sld__bar_columns_period(&piece->form.period_ns, &piece->bars, &piece->form, piece->file, err);
  }
  if (status == SLD_OK) qsort(order, count, sizeof *order, compare);
  for (size_t i = 0; i < count && status == SLD_OK;) {
    size_t end = i + 1;
    while (end < count && same_series(order[end], order[i])) end++;
    status = seal_pieces(order + i, end - i, intake, lenient, err);
    i = end;
  }
  sld__free(harvest->allocator, order);
  return status;
}
