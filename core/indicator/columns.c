/* Making columns: ids, keys, and the rule that an equal expression gives the equal ids. */
#include "indicator/columns_inside.h"

#include "base/alloc.h"
#include "base/error.h"

#include <math.h>
#include <string.h>

sld_status sld__columns_new(sld__columns **out, const sld_allocator *a, size_t rows, sld_error *err) {
  sld__columns *c = sld__alloc_zero(a, 1, sizeof *c);
  if (!c) return sld__fail_memory(err);
  c->allocator = *a;
  c->rows = rows;
  *out = c;
  return SLD_OK;
}

void sld__columns_reset(sld__columns *c, size_t rows) {
  for (int i = 0; i < c->op_count; i++)
    if (c->ops[i].entry) sld__cache_release(c->cache, c->ops[i].entry);
  for (int i = 0; i < c->sheet_count; i++) c->sheets[i].used = false;
  c->rows = rows;
  c->count = c->op_count = c->plan_count = 0;
  c->warmup = c->row = 0;
  c->cache = NULL;
  c->streaming = false;
}

void sld__columns_free(sld__columns *c) {
  if (!c) return;
  sld__columns_reset(c, 0);
  sld_allocator a = c->allocator;
  for (int i = 0; i < c->sheet_count; i++) sld__free(&a, c->sheets[i].values);
  sld__free(&a, c->scratch);
  sld__free(&a, c);
}

void sld__columns_share(sld__columns *c, sld__cache *cache, sld__cache_key view) {
  c->cache = cache;
  c->view = view;
}

/* ---- Making ---- */

/* A new column; the caller has seen that there is room. */
static column *append(sld__columns *c, column_kind kind, sld__cache_key key, bool named, size_t first) {
  column *made = &c->columns[c->count++];
  *made = (column){ .kind = kind, .key = key, .named = named, .first = first };
  if (first > c->warmup) c->warmup = first;
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

sld_status sld__columns_base(sld__columns *c, int *id, const double *values, const char *name, sld_error *err) {
  for (int i = 0; i < c->count; i++) {
    if (c->columns[i].kind != COLUMN_BASE || c->columns[i].values != values) continue;
    *id = i;
    return SLD_OK;
  }
  if (c->count == SLD__COLUMNS_MAX) return no_room(err);
  uintptr_t address = (uintptr_t)values;
  *id = c->count;
  append(c, COLUMN_BASE, name ? key_of('b', name, strlen(name)) : key_of('p', &address, sizeof address), name != NULL, 0)->values = values;
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
  append(c, COLUMN_CONSTANT, key_of('c', &value, sizeof value), true, 0)->value = value;
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
    sld__cache_key kernel, in[SLD__KERNEL_INPUTS];
    double opt[SLD__KERNEL_OPTIONS];
  } text;
  memset(&text, 0, sizeof text);
  text.kernel = sld__cache_key_of(k->name, strlen(k->name));
  for (int i = 0; i < k->inputs; i++) text.in[i] = c->columns[in[i]].key;
  memcpy(text.opt, made.opt, sizeof text.opt);
  made.key = key_of('k', &text, sizeof text);
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
    sld__cache_key made;
    int64_t output;
  } text = { made, output };
  return key_of('o', &text, sizeof text);
}

sld_status sld__columns_apply(sld__columns *c, int *ids_out, const sld__kernel *k, const int *in, const double *opt, sld_error *err) {
  sld_status status = check_inputs(c, k, in, err);
  if (status == SLD_OK) status = k->check(opt, err);
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
    first += k->lookback(opt);
    c->ops[c->op_count] = wanted;
    equal = &c->ops[c->op_count];
    for (int o = 0; o < k->outputs; o++) append(c, COLUMN_RESULT, output_key(wanted.key, o), named, first)->op = c->op_count;
    c->op_count++;
  }
  for (int o = 0; o < k->outputs; o++) ids_out[o] = equal->out + o;
  return SLD_OK;
}

/* ---- Asking ---- */

size_t sld__columns_rows(const sld__columns *c) {
  return c->rows;
}

int sld__columns_count(const sld__columns *c) {
  return c->count;
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
