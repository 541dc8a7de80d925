/* Writing and reading images. Both walk over the same fields in the same order, so there is one walk: a coder that writes, or one that reads. */
#include "engine/image.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"

typedef struct header {
  char magic[8];
  char version[16];
  uint64_t layout;
  uint64_t fields, fields_size; /* where what is not a block stands */
} header;

typedef struct coder {
  bool writes;
  const sld_allocator *alloc;
  struct sld__buffer fields; /* of the writer */
  struct sld__part *parts;
  size_t part_count, part_capacity, end;
  const char *memory, *at;   /* of the reader */
  bool failed;
} coder;

/* ---- Fields ----------------------------------------------------------------------------------------------------- */

static void raw(coder *c, void *field, size_t size) {
  if (c->writes) {
    sld__buffer_add(&c->fields, field, size);
    return;
  }
  memcpy(field, c->at, size);
  c->at += size;
}

#define RAW(c, field) raw(c, &(field), sizeof(field))

static bool add_part(coder *c, const void *data, size_t size) {
  if (c->part_count == c->part_capacity) {
    size_t capacity = c->part_capacity ? 2 * c->part_capacity : 64;
    struct sld__part *grown = sld__realloc(c->alloc, c->parts, capacity, sizeof *grown);
    if (!grown) return false;
    c->parts = grown;
    c->part_capacity = capacity;
  }
  c->parts[c->part_count++] = (struct sld__part){ data, size, c->end };
  c->end = (c->end + size + 63) & ~(size_t)63;
  return true;
}

/* A block of numbers or letters behind pointer *block; NULL stays NULL. */
static void block(coder *c, void *pointer, size_t count, size_t size) {
  void *data;
  uint64_t at = 0;
  memcpy(&data, pointer, sizeof data);
  if (c->writes && data) {
    at = c->end;
    if (!add_part(c, data, count * size)) c->failed = true;
  }
  RAW(c, at);
  if (c->writes) return;
  data = at ? (void *)(uintptr_t)(c->memory + at) : NULL;
  memcpy(pointer, &data, sizeof data);
}

static void text(coder *c, char **pointer) {
  block(c, pointer, c->writes && *pointer ? strlen(*pointer) + 1 : 0, 1);
}

/* A list of structs, whose fields are walked one by one. False: there is no memory for it. */
static bool list(coder *c, void *pointer, size_t count, size_t size) {
  if (c->writes) return true;
  void *made = sld__alloc_zero(c->alloc, count, size);
  memcpy(pointer, &made, sizeof made);
  c->failed |= !made;
  return made != NULL;
}

/* ---- What is in it ---------------------------------------------------------------------------------------------- */

static void walk_columns(coder *c, sld__series *s) {
  bool one_price = s->info.one_price;
  block(c, &s->time, s->count, sizeof *s->time);
  block(c, &s->close, s->count, sizeof *s->close);
  block(c, &s->volume, s->count, sizeof *s->volume);
  block(c, &s->ask_close, s->count, sizeof *s->ask_close);
  const double **const bids[] = { &s->open, &s->high, &s->low }, **const asks[] = { &s->ask_open, &s->ask_high, &s->ask_low };
  for (int k = 0; k < 3 && !one_price; k++) block(c, bids[k], s->count, sizeof **bids[k]);
  for (int k = 0; k < 3 && !one_price; k++) block(c, asks[k], s->count, sizeof **asks[k]);
  for (int k = 0; k < 3 && one_price && !c->writes; k++) {
    *bids[k] = s->close;
    *asks[k] = s->ask_close;
  }
}

static void walk_series(coder *c, const sld__series **pointer) {
  if (!list(c, pointer, 1, sizeof(sld__series))) return;
  sld__series *s = (sld__series *)(uintptr_t)*pointer;
  RAW(c, s->info);
  RAW(c, s->count);
  walk_columns(c, s);
}

/* Fills often stand one before the marks in the same block (market/convert.h), and of ticks they are the marks. */
static void walk_conversion(coder *c, sld__conversion *r, size_t count) {
  enum { APART, SHIFTED, SAME } form = r->fill == r->mark ? SAME : (uintptr_t)r->mark - (uintptr_t)r->fill == sizeof *r->mark ? SHIFTED : APART;
  RAW(c, form);
  RAW(c, r->constant);
  RAW(c, r->way);
  RAW(c, r->complete);
  RAW(c, r->missing);
  block(c, &r->fill, count + (form == SHIFTED), sizeof *r->fill);
  if (form == APART) block(c, &r->mark, count, sizeof *r->mark);
  else if (!c->writes) r->mark = form == SHIFTED ? r->fill + 1 : r->fill;
}

static void walk_sleeve(coder *c, sld__sleeve *s, size_t instants) {
  walk_series(c, &s->series);
  if (c->failed) return;
  walk_conversion(c, &s->conversion, s->series->count);
  RAW(c, s->rolls.count);
  block(c, &s->rolls.list, s->rolls.count, sizeof *s->rolls.list);
  double *const ranges[] = { &s->price_low, &s->price_high, &s->rate_low, &s->rate_high };
  for (int k = 0; k < 4; k++) RAW(c, *ranges[k]);
  RAW(c, s->row0);
  RAW(c, s->rows);
  RAW(c, s->from);
  block(c, &s->close_time, s->rows, sizeof *s->close_time);
  block(c, &s->last, instants, sizeof *s->last);
  RAW(c, s->sample_count);
  block(c, &s->samples, s->sample_count, sizeof *s->samples);
  RAW(c, s->hash);
}

static void walk_rates(coder *c, sld__rates *r) {
  RAW(c, r->count);
  if (!list(c, &r->list, r->count, sizeof *r->list)) return;
  for (size_t i = 0; i < r->count; i++) {
    sld__short_rate *one = &r->list[i];
    RAW(c, one->currency);
    RAW(c, one->monthly);
    RAW(c, one->lag_ns);
    RAW(c, one->count);
    block(c, &one->date, one->count, sizeof *one->date);
    block(c, &one->percent, one->count, sizeof *one->percent);
  }
}

static void walk_declaration(coder *c, sld__declaration *d) {
  RAW(c, d->hooks);
  RAW(c, d->warmup);
  RAW(c, d->param_count);
  text(c, &d->model);
  RAW(c, d->account);
  RAW(c, d->pair_count);
  RAW(c, d->rebalance);
  RAW(c, d->window);
}

static void walk_script(coder *c, sld__script *s) {
  text(c, &s->path);
  text(c, &s->folder);
  RAW(c, s->size);
  block(c, &s->text, s->size + 1, 1);
  RAW(c, s->limits);
  RAW(c, s->trusted);
  RAW(c, s->sealed);
  RAW(c, s->module_count);
  if (!list(c, &s->modules, s->module_count, sizeof *s->modules)) return;
  for (size_t i = 0; i < s->module_count; i++) {
    sld__module *m = &s->modules[i];
    text(c, &m->name);
    text(c, &m->path);
    RAW(c, m->size);
    block(c, &m->text, m->size + 1, 1);
  }
}

/* Values of axes lie behind one another. */
static void walk_axes(coder *c, sld__plan *p) {
  if (!list(c, &p->axes, p->options.axis_count, sizeof *p->axes)) return;
  for (size_t i = 0; i < p->options.axis_count; i++) {
    RAW(c, p->axes[i].count);
    block(c, &p->axes[i].values, p->axes[i].count, sizeof *p->axes[i].values);
  }
  block(c, &p->axis_params, p->options.axis_count, sizeof *p->axis_params);
}

/* Pointers among the options mean nothing in another process: the reader sets those that a job needs. */
static void walk_options(coder *c, sld__plan *p) {
  RAW(c, p->options);
  RAW(c, p->currency);
  walk_axes(c, p);
  if (c->writes) return;
  p->options.axes = p->axes;
  p->options.currency = p->currency;
}

static void walk_clock(coder *c, sld__plan *p) {
  RAW(c, p->shared);
  RAW(c, p->instants);
  block(c, &p->clock, p->instants, sizeof *p->clock);
  RAW(c, p->sample_count);
  block(c, &p->samples, p->sample_count, sizeof *p->samples);
  block(c, &p->days, p->instants, sizeof *p->days);
  RAW(c, p->call_count);
  block(c, &p->calls, p->call_count, sizeof *p->calls);
}

static void walk_plan(coder *c, sld__plan *p, size_t param_count) {
  walk_options(c, p);
  RAW(c, p->sleeve_count);
  RAW(c, p->sets);
  block(c, &p->base_params, param_count, sizeof *p->base_params);
  RAW(c, p->capital);
  RAW(c, p->parts);
  walk_clock(c, p);
  RAW(c, p->strategy);
  RAW(c, p->key);
  if (!list(c, &p->sleeves, p->sleeve_count, sizeof *p->sleeves)) return;
  for (size_t i = 0; i < p->sleeve_count && !c->failed; i++) walk_sleeve(c, &p->sleeves[i], p->instants);
}

static void walk(coder *c, sld__plan *plan, sld__declaration *declaration, sld__rates *rates, sld__script *script, sld__brief *brief) {
  text(c, &brief->engine_dir);
  text(c, &brief->engine);
  RAW(c, brief->shared);
  RAW(c, brief->asks);
  RAW(c, brief->param_count);
  block(c, &brief->params, brief->param_count, sizeof *brief->params);
  walk_script(c, script);
  if (brief->asks || c->failed) return;
  walk_declaration(c, declaration);
  walk_rates(c, rates);
  if (!c->failed) walk_plan(c, plan, declaration->param_count);
}

/* ---- The memory ------------------------------------------------------------------------------------------------- */

static const char magic[8] = "sliders";

/* Differs where a struct that lies in images does. */
static uint64_t layout(void) {
  const size_t sizes[] = { sizeof(header), sizeof(sld_run_options), sizeof(sld_pair_info), sizeof(sld__roll), sizeof(sld__call), sizeof(sld__vm_limits), sizeof(sld__sleeve),
                           sizeof(sld__plan), sizeof(sld_order), sizeof(sld_trade), sizeof(sld_job), sizeof(sld_error), sizeof(sld__script) };
  uint64_t sum = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) sum = sum * 1000003 + sizes[i];
  return sum;
}

static sld_status seal(coder *c, int *descriptor, sld_error *err) {
  header h = { .layout = layout(), .fields = c->end, .fields_size = c->fields.size };
  memcpy(h.magic, magic, sizeof magic);
  strncpy(h.version, sld_version(), sizeof h.version - 1);
  if (c->failed || c->fields.failed || !add_part(c, c->fields.data, c->fields.size)) return sld__fail_memory(err);
  c->parts[0].data = &h; /* its place was taken first */
  return sld__os_sealed_new(descriptor, c->end, c->parts, c->part_count, err);
}

/* `plan` is NULL for a question. */
static sld_status make(int *descriptor, const sld_allocator *alloc, const sld__plan *plan, const sld__script *script, sld__brief *brief, sld_error *err) {
  coder c = { .writes = true, .alloc = alloc };
  sld__declaration *declaration = plan ? (sld__declaration *)(uintptr_t)plan->declaration : NULL;
  sld__rates *rates = plan ? (sld__rates *)(uintptr_t)plan->rates : NULL;
  sld__buffer_init(&c.fields, alloc);
  c.failed = !add_part(&c, NULL, sizeof(header));
  if (!c.failed) walk(&c, (sld__plan *)(uintptr_t)plan, declaration, rates, (sld__script *)(uintptr_t)script, brief);
  sld_status status = c.failed ? sld__fail_memory(err) : seal(&c, descriptor, err);
  sld__buffer_fini(&c.fields);
  sld__free(alloc, c.parts);
  return status;
}

sld_status sld__image_new(int *descriptor, const sld__plan *plan, const sld__script *script, const char *engine_dir, const char *engine, size_t shared, sld_error *err) {
  sld__brief brief = { .engine_dir = (char *)(uintptr_t)engine_dir, .engine = (char *)(uintptr_t)engine, .shared = shared };
  return make(descriptor, plan->alloc, plan, script, &brief, err);
}

sld_status sld__image_new_question(int *descriptor, const sld_allocator *alloc, const sld__script *script, const char *engine_dir, const char *engine, const double *params,
                                   size_t param_count, sld_error *err) {
  sld__brief brief = { .asks = true, .params = (double *)(uintptr_t)params, .param_count = param_count, .engine_dir = (char *)(uintptr_t)engine_dir, .engine = (char *)(uintptr_t)engine };
  return make(descriptor, alloc, NULL, script, &brief, err);
}

sld_status sld__image_read(sld__brief *out, const struct sld__map *map, const sld_allocator *alloc, sld_error *err) {
  header h;
  memset(out, 0, sizeof *out);
  if (map->size < sizeof h) return sld__fail(err, SLD_EVM, "the memory of the run is no image");
  memcpy(&h, map->data, sizeof h);
  if (memcmp(h.magic, magic, sizeof magic) != 0 || strcmp(h.version, sld_version()) != 0 || h.layout != layout())
    return sld__fail(err, SLD_EVM, "the worker is of another version of sliders than the library");
  coder c = { .alloc = alloc, .memory = map->data, .at = map->data + h.fields };
  walk(&c, &out->plan, &out->declaration, &out->rates, &out->script, out);
  out->plan.alloc = out->script.alloc = alloc;
  out->plan.declaration = &out->declaration;
  out->plan.rates = &out->rates;
  return c.failed ? sld__fail_memory(err) : SLD_OK;
}
