/* Asking a process of what a strategy is. */
#include "engine/inquiry.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "engine/cell.h"

static const uint64_t most = (uint64_t)1 << 30; /* bytes of an answer */

static sld_status take_answer(sld__cell *cell, const sld__inquiry *q, sld__inquired *out, sld_error *err) {
  sld__frame_head head;
  sld_error why;
  sld_status status = sld__cell_take_head(cell, &head, err);
  if (status != SLD_OK) return status;
  if (head.kind == SLD__FRAME_FAULT && head.size == sizeof(sld__frame_fault)) return sld__cell_take_fault(cell, q->program, err);
  if (head.kind != SLD__FRAME_ANSWER || head.size > most) return sld__cell_breach(cell, "no answer", err);
  status = sld__cell_take_bytes(cell, head.size, err);
  if (status != SLD_OK) return status;
  status = sld__inquiry_read(out, q->script, cell->bytes.data, cell->bytes.size, &why);
  if (status == SLD_EVALUE) return sld__cell_breach(cell, why.message, err);
  return status == SLD_OK ? SLD_OK : sld__fail_memory(err);
}

static sld_status ask(const sld__inquiry *q, const double *params, size_t param_count, sld__inquired *out, sld_error *err) {
  atomic_int stop;
  sld__cell cell;
  int image;
  memset(out, 0, sizeof *out);
  sld_status status = sld__image_new_question(&image, q->alloc, q->script, q->engine_dir, q->engine, params, param_count, err);
  if (status != SLD_OK) return status;
  atomic_init(&stop, SLD__GO);
  sld__cell_init(&cell, q->alloc, &stop);
  if (q->limit_s > 0.0) sld__cell_allow(&cell, sld__limit_ns(q->limit_s), sld__grace_ns(q->limit_s));
  snprintf(cell.late, sizeof cell.late, "the strategy, asked what it is, took more than %g s (limits.bar)", q->limit_s);
  status = sld__cell_start(&cell, q->program, image, err);
  if (status == SLD_OK) status = take_answer(&cell, q, out, err);
  sld__cell_fini(&cell);
  sld__os_close(image);
  if (status != SLD_OK || !out->failed) return status;
  if (err) *err = out->error;
  return out->error.status;
}

sld_status sld__inquiry_describe(const sld__inquiry *inquiry, sld__declaration *out, sld_error *err) {
  sld__inquired inquired;
  sld_status status = ask(inquiry, NULL, 0, &inquired, err);
  *out = inquired.declaration;
  return status;
}

sld_status sld__inquiry_valid(const sld__inquiry *inquiry, const double *params, size_t param_count, bool *accepted, sld_error *err) {
  sld__inquired inquired;
  sld_status status = ask(inquiry, params, param_count, &inquired, err);
  *accepted = inquired.accepted;
  sld__declaration_fini(&inquired.declaration);
  return status;
}

/* ---- The child's part -------------------------------------------------------------------------------------------- */

static sld_status inquire(sld__inquired *out, sld__brief *brief, const sld__vm_engine *engine, const sld__vm_core *core) {
  sld__vm *vm = NULL;
  sld_status status = engine->open(&vm, core, &brief->script, &out->error);
  if (status == SLD_OK) status = engine->describe(vm, &out->declaration, &out->error);
  out->accepted = true;
  if (status == SLD_OK && brief->params) status = engine->valid(vm, brief->params, brief->param_count, &out->accepted, &out->error);
  return status; /* the state goes with the process */
}

void sld__inquiry_ask(sld__inquired *out, sld__brief *brief, const sld__vm_engine *engine, const sld__vm_core *core) {
  memset(out, 0, sizeof *out);
  out->failed = inquire(out, brief, engine, core) != SLD_OK;
}
