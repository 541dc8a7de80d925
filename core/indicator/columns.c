/* Making columns: ids, keys, and the rule that an equal expression gives the equal ids. */
#include "indicator/columns_inside.h"

#include "base/alloc.h"
#include "base/error.h"
#include "indicator/family.h"

#include <math.h>
#include <string.h>

sld_status sld__columns_new(sld__columns **out, const sld_allocator *a, size_t rows, sld_error *err) {
  sld__columns *c = sld__alloc_zero(a, 1, sizeof *c);
  if (!c) return sld__fail_memory(err);
  c->allocator = *a;
  sld__columns_reset(c, rows);
  *out = c;
  return SLD_OK;
}

void sld__columns_reset(sld__columns *c, size_t rows) {
  for (int i = 0; i < c->op_count; i++)
    if (c->ops[i].entry) sld__cache_release(c->cache, c->ops[i].entry);
  for (int i = 0; i < c->sheet_count; i++) c->sheets[i].used = false;
  c->frames[0] = (frame){ .rows = rows };
  c->frame_count = 1;
  c->count = c->op_count = c->plan_count = 0;
  c->warmup = c->row = 0;
  c->cache = NULL;
  c->streaming = false;
}

void sld__columns_free(sld__columns *c) {
  if (!c) return;
  sld__columns_reset(c, 0);
  sld_allocator a = c->allocator;
  for (int i = 0; i < c->sheet_count; i++) sld__spare_give(c->spare, &a, c->sheets[i].values, c->sheets[i].capacity);
  sld__free(&a, c->scratch);
  sld__free(&a, c);
}

void sld__columns_from(sld__columns *c, sld__spare *spare) {
  c->spare = spare;
}

void sld__columns_share(sld__columns *c, sld__cache *cache, sld__cache_key view) {
  c->cache = cache;
  c->view = view;
}

/* ---- Making ---- */

/* The first row of the set at which row `first` of a frame is known; the number of rows where it never is. */
static size_t known_from(const frame *f, size_t set_rows, size_t first) {
  if (!f->last) return first;
  size_t low = 0, high = set_rows;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (f->last[middle] >= 0 && (size_t)f->last[middle] >= first) high = middle;
    else low = middle + 1;
  }
  return low;
}

/* A new column; the caller has seen that there is room. */
static column *append(sld__columns *c, column_kind kind, int at, sld__cache_key key, bool named, size_t first) {
  column *made = &c->columns[c->count++];
  *made = (column){ .kind = kind, .frame = at, .key = key, .named = named, .first = first };
  size_t known = kind == COLUMN_CONSTANT ? 0 : known_from(&c->frames[at], c->frames[0].rows, first);
  if (known > c->warmup) c->warmup = known;
  return made;
}

/* Keys hash a tag that tells the kinds apart, then what the column says. */
static sld__cache_key key_of(char tag, const void *bytes, size_t size) {
  sld__cache_key inner = sld__cache_key_of(bytes, size);
  char text[1 + sizeof inner];
  text[0] = tag;
  memcpy(text + 1, &inner, sizeof inner);
  return sld__cache_key_of(text, sizeof text);
}

static sld_status no_room(sld_error *err) {
  return sld__fail(err, SLD_ERANGE, "a strategy may make at most %d columns; constants and every output of an indicator count", (int)SLD__COLUMNS_MAX);
}

static sld__cache_key joined_keys(char tag, sld__cache_key a, sld__cache_key b) {
  const sld__cache_key both[] = { a, b };
  return key_of(tag, both, sizeof both);
}

sld_status sld__columns_frame(sld__columns *c, int *at, const int32_t *last, size_t rows, const char *name, sld_error *err) {
  for (int i = 1; i < c->frame_count; i++) {
    if (c->frames[i].last != last) continue;
    *at = i;
    return SLD_OK;
  }
  if (c->frame_count == SLD__FRAMES_MAX) return sld__fail(err, SLD_ERANGE, "a strategy may use at most %d time frames", (int)SLD__FRAMES_MAX - 1);
  *at = c->frame_count;
  c->frames[c->frame_count++] = (frame){ last, rows, key_of('f', name, strlen(name)) };
  return SLD_OK;
}

static sld__cache_key base_key(const sld__columns *c, int at, const double *values, const char *name) {
  uintptr_t address = (uintptr_t)values;
  sld__cache_key key = name ? key_of('b', name, strlen(name)) : key_of('p', &address, sizeof address);
  return at == 0 ? key : joined_keys('B', c->frames[at].key, key);
}

sld_status sld__columns_base(sld__columns *c, int *id, const double *values, const char *name, sld_error *err) {
  return sld__columns_frame_base(c, id, 0, values, name, err);
}

void sld__columns_finite(sld__columns *c, int id) {
  c->columns[id].finite = true;
}

/* The base column over these values. */
static bool find_base(const sld__columns *c, int *id, const double *values) {
  for (int i = 0; i < c->count; i++) {
    if (c->columns[i].kind != COLUMN_BASE || c->columns[i].values != values) continue;
    *id = i;
    return true;
  }
  return false;
}

sld_status sld__columns_frame_base(sld__columns *c, int *id, int at, const double *values, const char *name, sld_error *err) {
  if (find_base(c, id, values)) return SLD_OK;
  if (c->count == SLD__COLUMNS_MAX) return no_room(err);
  *id = c->count;
  append(c, COLUMN_BASE, at, base_key(c, at, values, name), name != NULL, 0)->values = values;
  return SLD_OK;
}

sld_status sld__columns_derived(sld__columns *c, int *id, int from, const double *values, const char *how, sld_error *err) {
  if (from < 0 || from >= c->count) return sld__fail(err, SLD_EINVAL, "column %d is no column of this job", from);
  if (find_base(c, id, values)) return SLD_OK;
  if (c->count == SLD__COLUMNS_MAX) return no_room(err);
  const column *source = &c->columns[from];
  *id = c->count;
  append(c, COLUMN_BASE, source->frame, joined_keys('d', source->key, key_of('h', how, strlen(how))), source->named, source->first)->values = values;
  return SLD_OK;
}

sld_status sld__columns_constant(sld__columns *c, int *id, double value, sld_error *err) {
  if (isnan(value)) value = (double)NAN; /* one NaN for all */
  for (int i = 0; i < c->count; i++) {
    if (c->columns[i].kind != COLUMN_CONSTANT || memcmp(&c->columns[i].value, &value, sizeof value) != 0) continue;
    *id = i;
    return SLD_OK;
  }
  if (c->count == SLD__COLUMNS_MAX) return no_room(err);
  *id = c->count;
  append(c, COLUMN_CONSTANT, 0, key_of('c', &value, sizeof value), true, 0)->value = value;
  return SLD_OK;
}

static sld_status check_inputs(const sld__columns *c, const sld__kernel *k, const int *in, sld_error *err) {
  int constants = 0;
  for (int i = 0; i < k->inputs; i++) {
    if (in[i] < 0 || in[i] >= c->count) return sld__fail(err, SLD_EINVAL, "%s: input %d is no column of this job", k->name, i + 1);
    constants += c->columns[in[i]].kind == COLUMN_CONSTANT;
  }
  if (constants && !k->constants) return sld__fail(err, SLD_EINVAL, "%s wants a series where a number was given", k->name);
  if (constants == k->inputs && !k->elementwise) return sld__fail(err, SLD_EINVAL, "%s wants at least one series", k->name);
  return SLD_OK;
}

/* Kernel, options and inputs, as they go into an op and its key. */
static op describe(const sld__columns *c, const sld__kernel *k, const int *in, const double *opt) {
  op made = { .kernel = k, .out = c->count };
  for (int i = 0; i < k->options; i++) made.opt[i] = opt[i] + 0.0; /* -0 is 0 */
  for (int i = 0; i < k->inputs; i++) made.in[i] = in[i];
  struct {
    uint64_t tag; /* as those of key_of; a kernel is what it is by its address */
    uintptr_t kernel;
    sld__cache_key in[SLD__KERNEL_INPUTS];
    double opt[SLD__KERNEL_OPTIONS];
  } text;
  memset(&text, 0, sizeof text);
  text.tag = 'k';
  text.kernel = (uintptr_t)k;
  for (int i = 0; i < k->inputs; i++) text.in[i] = c->columns[in[i]].key;
  memcpy(text.opt, made.opt, sizeof text.opt);
  made.key = sld__cache_key_of(&text, sizeof text);
  return made;
}

static const op *find_equal(const sld__columns *c, const op *wanted) {
  for (int i = 0; i < c->op_count; i++) {
    const op *o = &c->ops[i];
    if (o->kernel == wanted->kernel && memcmp(o->in, wanted->in, sizeof o->in) == 0 && memcmp(o->opt, wanted->opt, sizeof o->opt) == 0) return o;
  }
  return NULL;
}

static sld__cache_key output_key(sld__cache_key made, int output) {
  struct {
    uint64_t tag;
    sld__cache_key made;
    int64_t output;
  } text = { 'o', made, output };
  return sld__cache_key_of(&text, sizeof text);
}

const sld__kernel sld__join = {
  .name = "join", .inputs = 1, .outputs = 1,
  .lookback = sld__rows_none, .history = sld__rows_none, .state_count = sld__rows_none, .check = sld__check_nothing };

sld_status sld__columns_join(sld__columns *c, int *out, int id, sld_error *err) {
  if (id < 0 || id >= c->count) return sld__fail(err, SLD_EINVAL, "column %d is no column of this job", id);
  const column *from = &c->columns[id];
  if (from->frame == 0) {
    *out = id;
    return SLD_OK;
  }
  const op wanted = describe(c, &sld__join, &id, NULL);
  const op *equal = find_equal(c, &wanted);
  if (!equal) {
    if (c->count == SLD__COLUMNS_MAX) return no_room(err);
    size_t first = known_from(&c->frames[from->frame], c->frames[0].rows, from->first);
    c->ops[c->op_count] = wanted;
    equal = &c->ops[c->op_count];
    append(c, COLUMN_RESULT, 0, output_key(wanted.key, 0), from->named, first)->op = c->op_count;
    c->op_count++;
  }
  *out = equal->out;
  return SLD_OK;
}

/* The frame of a result, and its inputs as that frame sees them. */
static sld_status settle_inputs(sld__columns *c, const sld__kernel *k, const int *in, int *settled, int *at_out, sld_error *err) {
  int common = -1;
  for (int i = 0; i < k->inputs; i++) {
    const column *from = &c->columns[in[i]];
    settled[i] = in[i];
    if (from->kind == COLUMN_CONSTANT) continue;
    common = common < 0 || common == from->frame ? from->frame : 0;
  }
  *at_out = common < 0 ? 0 : common;
  for (int i = 0; i < k->inputs && *at_out == 0; i++) {
    sld_status status = sld__columns_join(c, &settled[i], in[i], err);
    if (status != SLD_OK) return status;
  }
  return SLD_OK;
}

/* What a host's own kernel says of options may be anything, and they may come from a script. */
static sld_status check_options(const sld__kernel *k, const double *opt, sld_error *err) {
  enum { STATE_MAX = 1 << 24 };
  sld_error own = { .status = SLD_ERANGE };
  sld_status status = k->check(opt, &own);
  if (status != SLD_OK && !own.message[0]) return sld__fail(err, SLD_ERANGE, "%s refuses these options", k->name);
  if (status != SLD_OK) return sld__fail(err, SLD_ERANGE, "%.*s", (int)sizeof own.message - 1, own.message);
  size_t numbers = k->state_count(opt);
  if (numbers <= STATE_MAX) return SLD_OK;
  return sld__fail(err, SLD_ERANGE, "%s asks for %zu numbers of state; %d are the most", k->name, numbers, (int)STATE_MAX);
}

sld_status sld__columns_apply(sld__columns *c, int *ids_out, const sld__kernel *k, const int *given, const double *opt, sld_error *err) {
  int in[SLD__KERNEL_INPUTS], at;
  sld_status status = check_inputs(c, k, given, err);
  if (status == SLD_OK) status = check_options(k, opt, err);
  if (status == SLD_OK) status = settle_inputs(c, k, given, in, &at, err);
  if (status != SLD_OK) return status;
  const op wanted = describe(c, k, in, opt);
  const op *equal = find_equal(c, &wanted);
  if (!equal) {
    if (c->count > SLD__COLUMNS_MAX - k->outputs) return no_room(err);
    size_t first = 0;
    bool named = true;
    for (int i = 0; i < k->inputs; i++) {
      const column *from = &c->columns[in[i]];
      first = from->first > first ? from->first : first;
      named &= from->named;
    }
    const size_t never = SIZE_MAX / 2 / SLD__COLUMNS_MAX; /* sums of these do not overflow */
    size_t lookback = k->lookback(opt);
    first += lookback < never ? lookback : never;
    c->ops[c->op_count] = wanted;
    equal = &c->ops[c->op_count];
    for (int o = 0; o < k->outputs; o++) append(c, COLUMN_RESULT, at, output_key(wanted.key, o), named, first)->op = c->op_count;
    c->op_count++;
  }
  for (int o = 0; o < k->outputs; o++) ids_out[o] = equal->out + o;
  return SLD_OK;
}

/* ---- Asking ---- */

size_t sld__columns_rows(const sld__columns *c) {
  return c->frames[0].rows;
}

size_t sld__columns_rows_of(const sld__columns *c, int id) {
  return rows_of(c, id);
}

int sld__columns_count(const sld__columns *c) {
  return c->count;
}

int sld__columns_frame_of(const sld__columns *c, int id) {
  return c->columns[id].frame;
}

size_t sld__columns_first(const sld__columns *c, int id) {
  return c->columns[id].first;
}

size_t sld__columns_warmup(const sld__columns *c) {
  return c->warmup;
}

sld__cache_key sld__columns_key(const sld__columns *c, int id) {
  return c->columns[id].key;
}
