/* Computing columns, block by block.
 *
 * An evaluation has one goal. From the goal down, what is already there as a whole column is read; every other op on the way is stepped once
 * per block, in the order of creation, into scratch memory. A block of scratch carries the rows before it that its readers' histories
 * ask for: it advances through memory of 2 margins and a block, and is moved back to the front with its margin when the memory ends.
 * Materialising is the same, with whole columns as the goal's memory. */
#include "indicator/columns_inside.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/fill.h"
#include "indicator/family.h"

#include <math.h>
#include <string.h>

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

/* ---- The cache ---- */

static void adopt(sld__columns *c, op *o, sld__cache_entry *entry) {
  o->entry = entry;
  for (int k = 0; k < o->kernel->outputs; k++) c->columns[o->out + k].values = sld__cache_values(entry) + (size_t)k * rows_of(c, o->out);
}

static bool shareable(const sld__columns *c, const op *o) {
  return c->cache && o->kernel->dear && c->columns[o->out].named;
}

static sld__cache_key shared_key(const sld__columns *c, const op *o) {
  struct {
    sld__cache_key view, expression;
    uint64_t rows;
  } text = { c->view, o->key, rows_of(c, o->out) };
  return sld__cache_key_of(&text, sizeof text);
}

/* ---- What an evaluation consists of ---- */

static void need(sld__columns *c, int id, size_t history) {
  column *wanted = &c->columns[id];
  wanted->needed = true;
  if (history > wanted->margin) wanted->margin = history;
}

/* Marks the columns that column `goal` is computed from, taking from the cache what it has. A column has a higher id than what it is made of. */
static void mark(sld__columns *c, int goal) {
  for (int i = 0; i <= goal; i++) {
    c->columns[i].needed = false;
    c->columns[i].margin = 0;
  }
  need(c, goal, 0);
  for (int i = goal; i >= 0; i--) {
    column *made = &c->columns[i];
    if (!made->needed || made->kind != COLUMN_RESULT || made->values) continue;
    op *o = &c->ops[made->op];
    if (shareable(c, o)) {
      sld__cache_entry *entry = sld__cache_find(c->cache, shared_key(c, o));
      if (entry) {
        adopt(c, o, entry);
        continue;
      }
    }
    if (o->kernel == &sld__join) continue;
    size_t history = least(o->kernel->history(o->opt), rows_of(c, o->out));
    for (int k = 0; k < o->kernel->inputs; k++) need(c, o->in[k], history);
  }
}

/* The ops to step for what is marked. */
static void plan(sld__columns *c, int goal) {
  c->plan_count = 0;
  for (int i = 0; i < c->op_count && c->ops[i].out <= goal; i++) {
    const op *o = &c->ops[i];
    bool wanted = false;
    for (int k = 0; k < o->kernel->outputs; k++) {
      const column *made = &c->columns[o->out + k];
      wanted |= o->out + k <= goal && made->needed && !made->values;
    }
    if (wanted) c->plan[c->plan_count++] = i;
  }
}

/* Whether column `id` is read by planned op `reader` alone, once. */
static bool read_once(const sld__columns *c, int id, int reader) {
  int readers = 0;
  for (int i = 0; i < c->plan_count; i++) {
    const op *o = &c->ops[c->plan[i]];
    for (int k = 0; k < o->kernel->inputs; k++)
      if (o->in[k] == id) readers += c->plan[i] == reader ? 1 : 2;
  }
  return readers == 1;
}

/* The comparison that makes the condition of a `where` and nothing else, or -1. */
static int own_comparison(const sld__columns *c, int which, int goal) {
  const op *o = &c->ops[which];
  if (o->kernel != &sld__kernel_of_where || o->in[0] == goal) return -1;
  const column *condition = &c->columns[o->in[0]];
  bool made_here = condition->kind == COLUMN_RESULT && !condition->values && c->ops[condition->op].kernel->choose;
  return made_here && read_once(c, o->in[0], which) ? condition->op : -1;
}

/* How each planned op is computed: without looking for gaps where there are none, and comparisons by the `where` that they are for. */
static void choose_forms(sld__columns *c, int goal) {
  bool taken[SLD__COLUMNS_MAX] = { false };
  for (int i = 0; i < c->plan_count; i++) {
    op *o = &c->ops[c->plan[i]];
    o->runs = o->kernel->run && c->columns[o->in[0]].finite;
    o->condition = own_comparison(c, c->plan[i], goal);
    if (o->condition >= 0) taken[o->condition] = true;
  }
  int kept = 0;
  for (int i = 0; i < c->plan_count; i++)
    if (!taken[c->plan[i]]) c->plan[kept++] = c->plan[i];
  c->plan_count = kept;
}

/* ---- Memory ---- */

/* Takes `count` doubles, rounded up to a cache line, from scratch; without scratch, only counts. */
static double *carve(double *scratch, size_t *used, size_t count) {
  double *at = scratch ? scratch + *used : NULL;
  *used += (count + 7) / 8 * 8;
  return at;
}

static void place_block(column *made, double *scratch, size_t *used) {
  size_t capacity = 2 * made->margin + SLD__COLUMNS_BLOCK;
  made->start = made->at = carve(scratch, used, capacity);
  made->end = scratch ? made->start + capacity : NULL;
}

static void place_constant(column *made, double *scratch, size_t *used) {
  size_t capacity = made->margin + SLD__COLUMNS_BLOCK;
  made->start = carve(scratch, used, capacity);
  if (!scratch) return;
  made->end = made->start + capacity;
  made->at = made->start + made->margin;
  sld__fill(made->start, capacity, made->value);
}

/* Gives every planned op its state and every marked column its memory; returns the doubles of scratch that takes. The outputs of op `whole`
 * (or -1) stand in target[outputs][rows] instead. */
static size_t place(sld__columns *c, int goal, int whole, double *target, double *scratch) {
  size_t used = 0;
  for (int i = 0; i <= goal; i++)
    if (c->columns[i].needed && c->columns[i].kind == COLUMN_CONSTANT && !c->columns[i].values) place_constant(&c->columns[i], scratch, &used);
  for (int i = 0; i < c->plan_count; i++) {
    op *o = &c->ops[c->plan[i]];
    size_t state_count = o->kernel->state_count(o->opt);
    o->state = carve(scratch, &used, state_count);
    if (scratch && state_count) memset(o->state, 0, state_count * sizeof(double));
    for (int k = 0; k < o->kernel->outputs; k++) {
      column *made = &c->columns[o->out + k];
      if (c->plan[i] != whole) {
        if (o->out + k > goal || !made->needed) made->margin = 0;
        place_block(made, scratch, &used);
      } else if (scratch) {
        made->start = made->at = target + (size_t)k * c->rows;
        made->end = made->start + c->rows;
      }
    }
  }
  return used;
}

/* Makes everything ready to step from row 0. ENOMEM. */
static sld_status prepare(sld__columns *c, int goal, int whole, double *target, sld_error *err) {
  plan(c, goal);
  choose_forms(c, goal);
  c->rows = rows_of(c, goal);
  size_t wanted = place(c, goal, whole, NULL, NULL);
  if (wanted > c->scratch_capacity || !c->scratch) {
    double *scratch = sld__alloc(&c->allocator, wanted, sizeof(double));
    if (!scratch) return sld__fail_memory(err);
    sld__free(&c->allocator, c->scratch);
    c->scratch = scratch;
    c->scratch_capacity = wanted;
  }
  place(c, goal, whole, target, c->scratch);
  c->row = 0;
  return SLD_OK;
}

/* Memory of rows x outputs values that lives until reset: NULL when out of memory. */
static sheet *take_sheet(sld__columns *c, size_t rows, int outputs) {
  sheet *best = NULL;
  size_t wanted = rows * (size_t)outputs;
  for (int i = 0; i < c->sheet_count; i++) {
    sheet *s = &c->sheets[i];
    if (s->used) continue;
    bool fits = s->capacity >= wanted, best_fits = best && best->capacity >= wanted;
    if (!best || (fits && (!best_fits || s->capacity < best->capacity))) best = s;
  }
  if (!best || best->capacity < wanted) {
    if (rows > SIZE_MAX / sizeof(double) / (size_t)outputs) return NULL;
    double *values = sld__spare_take(c->spare, &c->allocator, wanted);
    if (!values) return NULL;
    if (!best) best = &c->sheets[c->sheet_count++];
    else sld__spare_give(c->spare, &c->allocator, best->values, best->capacity);
    *best = (sheet){ .values = values, .capacity = wanted };
  }
  best->used = true;
  return best;
}

/* ---- Stepping ---- */

static double *room_for(column *made, size_t n) {
  if ((size_t)(made->end - made->at) < n) {
    size_t kept = least(made->margin, (size_t)(made->at - made->start));
    memmove(made->start, made->at - kept, kept * sizeof(double));
    made->at = made->start + kept;
  }
  return made->at;
}

/* The next n rows of a column of another frame as the set's own rows see it. */
static void join(const sld__columns *c, int from, size_t n, double *out) {
  const double *values = c->columns[from].values;
  const int32_t *last = c->frames[c->columns[from].frame].last + c->row;
  for (size_t i = 0; i < n; i++) out[i] = last[i] < 0 ? (double)NAN : values[last[i]];
}

static const double *input(const sld__columns *c, const op *o, int k) {
  const column *from = &c->columns[o->in[k]];
  return from->values ? from->values + c->row : from->at;
}

static void step_op(sld__columns *c, op *o, size_t n) {
  if (o->kernel == &sld__join) {
    join(c, o->in[0], n, room_for(&c->columns[o->out], n));
    return;
  }
  const double *in[SLD__KERNEL_INPUTS];
  double *out[SLD__KERNEL_OUTPUTS];
  for (int k = 0; k < o->kernel->inputs; k++) in[k] = input(c, o, k);
  for (int k = 0; k < o->kernel->outputs; k++) out[k] = room_for(&c->columns[o->out + k], n);
  if (o->runs) {
    o->kernel->run(o->state, o->opt, n, in[0], out[0]);
  } else if (o->condition >= 0) {
    const op *comparison = &c->ops[o->condition];
    comparison->kernel->choose(n, input(c, comparison, 0), input(c, comparison, 1), in[1], in[2], out[0]);
  } else {
    o->kernel->step(o->state, o->opt, n, in, out);
  }
}

/* Computes the next block of everything planned; returns its rows, 0 behind the last. */
static size_t step(sld__columns *c) {
  size_t n = least(SLD__COLUMNS_BLOCK, c->rows - c->row);
  if (n == 0) return 0;
  for (int i = 0; i < c->plan_count; i++) step_op(c, &c->ops[c->plan[i]], n);
  for (int i = 0; i < c->plan_count; i++) {
    const op *o = &c->ops[c->plan[i]];
    for (int k = 0; k < o->kernel->outputs; k++) c->columns[o->out + k].at += n;
  }
  c->row += n;
  return n;
}

/* Computes all outputs of op `which` into target[outputs][rows], unless the cache has them by now: then the columns' values are its own. ENOMEM. */
static sld_status compute(sld__columns *c, int which, double *target, sld_error *err) {
  int goal = c->ops[which].out;
  mark(c, goal);
  sld_status status = prepare(c, goal, which, target, err);
  if (status != SLD_OK) return status;
  while (step(c) > 0) continue;
  return SLD_OK;
}

/* ---- Whole columns ---- */

/* Has op `which` computed for the cache, unless that has no room or no reason. ENOMEM. */
static sld_status compute_shared(sld__columns *c, int which, sld_error *err) {
  op *o = &c->ops[which];
  sld__cache_entry *entry;
  switch (sld__cache_claim(c->cache, &entry, shared_key(c, o), rows_of(c, o->out) * (size_t)o->kernel->outputs)) {
    case SLD__CACHE_EARLY:
    case SLD__CACHE_FULL: return SLD_OK;
    case SLD__CACHE_READY: break;
    case SLD__CACHE_CLAIMED: {
      sld_status status = compute(c, which, sld__cache_values(entry), err);
      if (status != SLD_OK) {
        sld__cache_abandon(c->cache, entry);
        return status;
      }
      sld__cache_publish(c->cache, entry);
      break;
    }
  }
  adopt(c, o, entry);
  return SLD_OK;
}

static sld_status whole(sld__columns *c, int id, sld_error *err);

/* Computes the columns of other frames that what is planned joins. They join none themselves. ENOMEM. */
static sld_status settle_joins(sld__columns *c, bool *any, sld_error *err) {
  int missing[SLD__COLUMNS_MAX], count = 0;
  for (int i = 0; i < c->plan_count; i++) {
    const op *o = &c->ops[c->plan[i]];
    if (o->kernel == &sld__join && !c->columns[o->in[0]].values) missing[count++] = o->in[0];
  }
  sld_status status = SLD_OK;
  for (int i = 0; i < count && status == SLD_OK; i++) status = whole(c, missing[i], err);
  *any = count > 0;
  return status;
}

/* Marks for `goal`, after whatever can be shared on the way to it has been. What a claim needs is there before it is made, so its holder never
 * waits for another. ENOMEM. */
static sld_status mark_shared(sld__columns *c, int goal, sld_error *err) {
  int missing[SLD__COLUMNS_MAX], count = 0;
  bool joined = false;
  mark(c, goal);
  if (c->frame_count > 1) {
    plan(c, goal);
    sld_status status = settle_joins(c, &joined, err);
    if (status != SLD_OK) return status;
    if (joined) mark(c, goal);
  }
  if (!c->cache) return SLD_OK;
  plan(c, goal);
  for (int i = 0; i < c->plan_count; i++)
    if (shareable(c, &c->ops[c->plan[i]])) missing[count++] = c->plan[i];
  for (int i = 0; i < count; i++) {
    sld_status status = compute_shared(c, missing[i], err);
    if (status != SLD_OK) return status;
  }
  mark(c, goal);
  return SLD_OK;
}

static sld_status check_id(const sld__columns *c, int id, sld_error *err) {
  return id >= 0 && id < c->count ? SLD_OK : sld__fail(err, SLD_EINVAL, "column %d is no column of this job", id);
}

/* Computes column `id` and its op's other outputs into memory of this set. ENOMEM. */
static sld_status compute_own(sld__columns *c, int id, sld_error *err) {
  column *wanted = &c->columns[id];
  const op *o = wanted->kind == COLUMN_RESULT ? &c->ops[wanted->op] : NULL;
  int outputs = o ? o->kernel->outputs : 1;
  size_t rows = rows_of(c, id);
  sheet *taken = take_sheet(c, rows, outputs);
  if (!taken) return sld__fail_memory(err);
  if (!o) {
    sld__fill(taken->values, rows, wanted->value);
    wanted->values = taken->values;
    return SLD_OK;
  }
  sld_status status = compute(c, wanted->op, taken->values, err);
  if (status != SLD_OK || wanted->values) { /* another job has published it since it was looked for: its values are there, and nothing was computed */
    taken->used = false;
    return status;
  }
  for (int k = 0; k < outputs; k++) c->columns[o->out + k].values = taken->values + (size_t)k * rows;
  return SLD_OK;
}

/* Has the column computed as a whole, where it is not. ENOMEM. */
static sld_status whole(sld__columns *c, int id, sld_error *err) {
  const column *wanted = &c->columns[id];
  sld_status status = wanted->values ? SLD_OK : mark_shared(c, id, err);
  return status == SLD_OK && !wanted->values ? compute_own(c, id, err) : status;
}

sld_status sld__columns_materialise(sld__columns *c, int id, const double **values, sld_error *err) {
  sld_status status = check_id(c, id, err);
  if (status != SLD_OK) return status;
  if (c->streaming) return sld__fail(err, SLD_EBUSY, "a column cannot be computed as a whole while a stream is open");
  status = whole(c, id, err);
  if (status == SLD_OK) *values = c->columns[id].values;
  return status;
}

/* ---- Streams ---- */

sld_status sld__columns_stream_open(sld__columns *c, int id, sld_error *err) {
  c->streaming = false;
  sld_status status = check_id(c, id, err);
  if (status == SLD_OK) status = mark_shared(c, id, err);
  if (status == SLD_OK) status = prepare(c, id, -1, NULL, err);
  if (status != SLD_OK) return status;
  c->streaming = true;
  c->stream_id = id;
  return SLD_OK;
}

const double *sld__columns_stream_next(sld__columns *c, size_t *n) {
  *n = 0;
  if (!c->streaming) return NULL;
  *n = step(c);
  if (*n == 0) {
    c->streaming = false;
    return NULL;
  }
  const column *goal = &c->columns[c->stream_id];
  if (goal->values) return goal->values + c->row - *n;
  return goal->kind == COLUMN_CONSTANT ? goal->at : goal->at - *n;
}

void sld__columns_stream_close(sld__columns *c) {
  c->streaming = false;
}
