/* The parent of cells: starts their processes, hands them jobs, and says what became of those that did not come back. */
#include "engine/isolate.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "engine/cell.h"
#include "engine/image.h"
#include "engine/outcome.h"

struct sld__isolation {
  const sld_allocator *alloc;
  const sld__plan *plan;
  char *program;
  int image;
  uint64_t most; /* bytes of an outcome */
};

sld_status sld__isolation_new(sld__isolation **out, const sld__isolation_parts *parts, sld_error *err) {
  sld__isolation *isolation = sld__alloc_zero(parts->alloc, 1, sizeof *isolation);
  if (!isolation) return sld__fail_memory(err);
  isolation->alloc = parts->alloc;
  isolation->plan = parts->plan;
  isolation->image = -1;
  isolation->most = sld__outcome_most(parts->plan);
  isolation->program = sld__strndup(parts->alloc, parts->program, strlen(parts->program));
  sld_status status = isolation->program ? sld__image_new(&isolation->image, parts->plan, parts->script, parts->engine_dir, parts->engine, parts->shared, err) : sld__fail_memory(err);
  if (status == SLD_OK) *out = isolation;
  else sld__isolation_free(isolation);
  return status;
}

void sld__isolation_free(sld__isolation *isolation) {
  if (!isolation) return;
  const sld_allocator *alloc = isolation->alloc;
  sld__os_close(isolation->image);
  sld__free(alloc, isolation->program);
  sld__free(alloc, isolation);
}

/* ---- Starting --------------------------------------------------------------------------------------------------- */

static sld_status take_ready(sld__cell *cell, sld_error *err) {
  sld__frame_head head;
  char key[sizeof cell->isolation->plan->key];
  sld_status status = sld__cell_take_head(cell, &head, err);
  if (status != SLD_OK) return status;
  if (head.kind == SLD__FRAME_FAULT && head.size == sizeof(sld__frame_fault)) return sld__cell_take_fault(cell, cell->isolation->program, err);
  if (head.kind != SLD__FRAME_READY || head.size != sizeof key) return sld__cell_breach(cell, "it does not begin", err);
  status = sld__cell_take(cell, key, sizeof key, err);
  if (status != SLD_OK) return status;
  return memcmp(key, cell->isolation->plan->key, sizeof key) == 0 ? SLD_OK : sld__cell_breach(cell, "the key of another plan", err);
}

static sld_status start(sld__cell *cell, sld_error *err) {
  sld_status status = sld__cell_start(cell, cell->isolation->program, cell->isolation->image, err);
  return status == SLD_OK ? take_ready(cell, err) : status;
}

/* ---- Jobs ------------------------------------------------------------------------------------------------------- */

/* What is said of one who is too late. */
static void say_late(sld__cell *cell, const char *what, double limit, const char *name) {
  snprintf(cell->late, sizeof cell->late, "%s took more than %g s (%s)", what, limit, name);
}

static void set_deadline(sld__cell *cell) {
  double limit = cell->isolation->plan->options.limit_job_s;
  cell->over = SLD__GO;
  cell->deadline = INT64_MAX;
  if (limit == 0.0) return;
  say_late(cell, "the job", limit, "limits.job");
  sld__cell_allow(cell, sld__limit_ns(limit), sld__grace_ns(limit));
}

/* The child says that it told the job to stop. If the job does not, it is ended. */
static sld_status take_over(sld__cell *cell, const sld__frame_head *head, sld_error *err) {
  const sld_run_options *o = &cell->isolation->plan->options;
  uint64_t why;
  if (head->size != sizeof why || cell->over != SLD__GO) return sld__cell_breach(cell, "it is over twice", err);
  sld_status status = sld__cell_take(cell, &why, sizeof why, err);
  if (status != SLD_OK) return status;
  if (why != SLD__STOP_BAR && why != SLD__STOP_JOB) return sld__cell_breach(cell, "it is over for no reason", err);
  cell->over = (int)why;
  if (why == SLD__STOP_JOB) return SLD_OK; /* the deadline stands */
  int64_t before = cell->deadline;
  sld__cell_allow(cell, 0, sld__grace_ns(o->limit_bar_s));
  if (before < cell->deadline) cell->deadline = before;
  else say_late(cell, "a call of the script", o->limit_bar_s, "limits.bar");
  return SLD_OK;
}

static sld_status take_outcome(sld__cell *cell, size_t sleeve, size_t ordinal, sld__outcome *out, sld_error *err) {
  const sld__isolation *isolation = cell->isolation;
  sld__frame_head head;
  sld_error why;
  sld_status status = sld__cell_take_head(cell, &head, err);
  while (status == SLD_OK && head.kind == SLD__FRAME_OVER) {
    status = take_over(cell, &head, err);
    if (status == SLD_OK) status = sld__cell_take_head(cell, &head, err);
  }
  if (status != SLD_OK) return status;
  if (head.kind != SLD__FRAME_OUTCOME) return sld__cell_breach(cell, "an unknown frame", err);
  if (head.size > isolation->most) return sld__cell_breach(cell, "more bytes than an outcome has", err);
  status = sld__cell_take_bytes(cell, head.size, err);
  if (status != SLD_OK) return status;
  status = sld__outcome_read(out, isolation->alloc, isolation->plan, sleeve, ordinal, cell->bytes.data, cell->bytes.size, &why);
  if (status == SLD_EVALUE) return sld__cell_breach(cell, why.message, err);
  return status == SLD_OK ? SLD_OK : sld__fail_memory(err);
}

static bool send_job(sld__cell *cell, size_t sleeve, size_t ordinal) {
  const struct {
    sld__frame_head head;
    sld__frame_job job;
  } frame = { { SLD__FRAME_MAGIC, SLD__FRAME_JOB, sizeof frame.job }, { sleeve, ordinal } };
  return !sld__os_child_ends(&cell->child, 0) && sld__os_socket_send(cell->child.socket, &frame, sizeof frame);
}

/* A process that somebody ended between two jobs is no job's fault. */
static sld_status begin(sld__cell *cell, size_t sleeve, size_t ordinal, sld_error *err) {
  if (cell->child.there && send_job(cell, sleeve, ordinal)) return SLD_OK;
  sld__cell_drop(cell);
  sld_status status = start(cell, err);
  if (status != SLD_OK) return status;
  return send_job(cell, sleeve, ordinal) ? SLD_OK : sld__cell_died(cell, err);
}

/* Bytes of an answer that are kept for the next one. */
static const size_t kept = (size_t)1 << 20;

void sld__cell_run(sld__cell *cell, size_t sleeve, size_t ordinal, sld__outcome *out) {
  const sld__isolation *isolation = cell->isolation;
  sld_error err;
  set_deadline(cell);
  sld__outcome_init(out, isolation->plan, sleeve, ordinal);
  sld_status status = begin(cell, sleeve, ordinal, &err);
  if (status == SLD_OK) status = take_outcome(cell, sleeve, ordinal, out, &err);
  if (cell->bytes.capacity > kept) sld__buffer_fini(&cell->bytes);
  if (status != SLD_OK) sld__outcome_fail(isolation->alloc, &err, out);
}
