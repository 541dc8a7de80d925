/* Answers as bytes (bytes.h): what a strategy declares, and the modules that it requires. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/bytes.h"
#include "engine/inquiry.h"

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

static void put_word(struct sld__buffer *out, const char *text) {
  sld__put_text(out, text ? text : "", text ? strlen(text) : 0);
}

static void put_param(struct sld__buffer *out, const sld_param *p) {
  put_word(out, p->name);
  put_word(out, p->label);
  sld__put(out, (uint64_t)p->kind);
  sld__put_number(out, p->initial);
  sld__put_number(out, p->min);
  sld__put_number(out, p->max);
  sld__put_number(out, p->step);
  sld__put(out, p->choice_count);
  for (size_t i = 0; i < p->choice_count; i++) put_word(out, p->choices[i]);
}

static void put_model(struct sld__buffer *out, const sld__declaration *d) {
  sld__put(out, d->model != NULL);
  if (!d->model) return;
  put_word(out, d->model);
  sld__put(out, d->model_option_count);
  for (size_t i = 0; i < d->model_option_count; i++) {
    const sld__model_option *o = &d->model_options[i];
    put_word(out, o->name);
    sld__put(out, o->text != NULL);
    put_word(out, o->text);
    sld__put_number(out, o->number);
  }
}

static void put_declaration(struct sld__buffer *out, const sld__declaration *d) {
  put_word(out, d->about);
  sld__put(out, (uint64_t)d->hooks);
  sld__put(out, (uint64_t)(d->warmup + 1));
  sld__put(out, (uint64_t)d->account);
  sld__put(out, (uint64_t)d->rebalance);
  sld__put(out, d->window);
  sld__put(out, d->param_count);
  for (size_t i = 0; i < d->param_count; i++) put_param(out, &d->params[i]);
  put_model(out, d);
  sld__put(out, d->pair_count);
  for (size_t i = 0; i < d->pair_count; i++) put_word(out, d->pairs[i]);
}

void sld__inquiry_write(struct sld__buffer *out, const sld__inquired *q, const sld__script *script, size_t known) {
  sld__put_error(out, q->failed ? &q->error : NULL);
  if (q->failed) return;
  sld__put(out, q->accepted);
  put_declaration(out, &q->declaration);
  sld__put(out, script->module_count - known);
  for (size_t i = known; i < script->module_count; i++) {
    const sld__module *m = &script->modules[i];
    put_word(out, m->name);
    put_word(out, m->path);
    sld__put(out, m->size);
    sld__buffer_add(out, m->text, m->size);
  }
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

enum { WORD = 8 }; /* bytes of the shortest text */

/* What the core does with a parameter's numbers asks for no more than this. */
static void check_param(sld__reader *r, const sld_param *p) {
  bool order = p->min <= p->initial && p->initial <= p->max && isfinite(p->initial);
  bool whole = p->kind == SLD_NUMBER || p->initial == floor(p->initial);
  bool choice = p->kind != SLD_CHOICE || (p->choice_count > 0 && p->min == 0.0 && p->max == (double)(p->choice_count - 1));
  if (!p->name || !*p->name || !order || !whole || !choice || isnan(p->step)) sld__refuse(r, "a parameter is none");
}

static void take_param(sld__reader *r, sld_param *p) {
  char *text;
  sld__take_text_new(r, &text);
  p->name = text;
  sld__take_text_new(r, &text);
  p->label = text;
  p->kind = (sld_kind)sld__take_word(r, SLD_CHOICE);
  p->initial = sld__take_number(r);
  p->min = sld__take_number(r);
  p->max = sld__take_number(r);
  p->step = sld__take_number(r);
  size_t count = sld__take_count(r, WORD);
  char **choices = count ? sld__reader_room(r, count, sizeof *choices) : NULL;
  p->choices = (const char *const *)choices;
  for (size_t i = 0; choices && i < count && !r->why; i++) {
    sld__take_text_new(r, &choices[i]);
    p->choice_count = i + 1;
  }
  if (!r->why) check_param(r, p);
}

/* Counts among a model's options are whole and not too large to be one. */
static void check_model_option(sld__reader *r, const sld__model_option *o) {
  static const char *const counts[] = { "signal_delay", "signal_vol_periods", "signal_vol_period_shift", "portfolio_vol_periods", "portfolio_vol_period_shift", "position_clip_period_shift" };
  bool sound = isfinite(o->number);
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    if (strcmp(o->name, counts[i]) == 0) sound = sound && o->number == floor(o->number) && o->number >= (strstr(o->name, "periods") ? 2.0 : 0.0) && o->number <= 1e6;
  if (!sound) sld__refuse(r, "an option of the model is none");
}

static void take_model(sld__reader *r, sld__declaration *d) {
  if (!sld__take_flag(r)) return;
  sld__take_text_new(r, &d->model);
  if (!r->why && strcmp(d->model, "finmarketpy") != 0) sld__refuse(r, "a model is unknown");
  size_t count = sld__take_count(r, 4 * WORD);
  d->model_options = sld__reader_room(r, count, sizeof *d->model_options);
  for (size_t i = 0; d->model_options && i < count && !r->why; i++) {
    sld__model_option *o = &d->model_options[d->model_option_count++];
    sld__take_text_new(r, &o->name);
    bool word = sld__take_flag(r);
    sld__take_text_new(r, &o->text);
    o->number = sld__take_number(r);
    if (!r->why) check_model_option(r, o);
    if (word) continue;
    sld__free(r->alloc, o->text);
    o->text = NULL;
  }
}

static void take_pairs(sld__reader *r, sld__declaration *d) {
  size_t count = sld__take_count(r, WORD);
  if (count == 0) return;
  d->pairs = sld__reader_room(r, count, sizeof *d->pairs);
  for (size_t i = 0; d->pairs && i < count && !r->why; i++) {
    sld__take_text_new(r, &d->pairs[i]);
    d->pair_count = i + 1;
    if (!r->why && i > 0 && strcmp(d->pairs[i - 1], d->pairs[i]) >= 0) sld__refuse(r, "its pairs are not in order");
  }
}

/* One of bar, signal and allocate alone, or signal with allocate. */
static void check_hooks(sld__reader *r, const sld__declaration *d) {
  bool bar = d->hooks & SLD__HOOK_BAR, signal = d->hooks & SLD__HOOK_SIGNAL, allocate = d->hooks & SLD__HOOK_ALLOCATE;
  if (bar ? signal || allocate : !signal && !allocate) sld__refuse(r, "its hooks do not go together");
  if (allocate && d->account == SLD_SPLIT) sld__refuse(r, "its hooks and its account do not go together");
}

static void take_declaration(sld__reader *r, sld__declaration *d) {
  d->alloc = r->alloc;
  sld__take_text_new(r, &d->about);
  d->hooks = (int)sld__take_word(r, 2 * SLD__HOOK_ALLOCATE - 1);
  d->warmup = (int64_t)sld__take_word(r, (UINT64_C(1) << 31) + 1) - 1;
  d->account = (sld_account)sld__take_word(r, SLD_SHARED);
  d->rebalance = (sld__rebalance)sld__take_word(r, SLD__EACH_MONTH);
  d->window = (size_t)sld__take_word(r, 100000);
  if (!r->why) check_hooks(r, d);
  size_t count = sld__take_count(r, 8 * WORD);
  d->params = sld__reader_room(r, count, sizeof *d->params);
  for (size_t i = 0; d->params && i < count && !r->why; i++) take_param(r, &d->params[d->param_count++]);
  take_model(r, d);
  take_pairs(r, d);
}

static void take_module(sld__reader *r, sld__module *m) {
  sld__take_text_new(r, &m->name);
  sld__take_text_new(r, &m->path);
  m->size = sld__take_count(r, 1);
  m->text = sld__reader_room(r, m->size + 1, 1);
  if (!m->text) return;
  memcpy(m->text, r->at, m->size);
  r->at += m->size;
}

static void take_modules(sld__reader *r, sld__script *script) {
  size_t count = sld__take_count(r, 3 * WORD);
  if (r->why || count == 0) return;
  sld__module *grown = sld__realloc(script->alloc, script->modules, script->module_count + count, sizeof *grown);
  if (!grown) {
    r->no_memory = true;
    sld__refuse(r, "out of memory");
    return;
  }
  script->modules = grown;
  for (size_t i = 0; i < count && !r->why; i++) {
    memset(&grown[script->module_count], 0, sizeof *grown);
    take_module(r, &grown[script->module_count++]);
  }
}

sld_status sld__inquiry_read(sld__inquired *out, sld__script *script, const void *bytes, size_t size, sld_error *err) {
  sld__reader r = sld__reader_of(script->alloc, bytes, size);
  memset(out, 0, sizeof *out);
  out->failed = sld__take_error(&r, &out->error);
  if (!out->failed && !r.why) {
    out->accepted = sld__take_flag(&r);
    take_declaration(&r, &out->declaration);
    take_modules(&r, script);
  }
  return sld__reader_end(&r, err);
}
