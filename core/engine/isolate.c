/* The parent of cells: starts their processes, hands them jobs, and says what became of those that did not come back. */
#include "engine/isolate.h"

#include <limits.h>
#include <signal.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "engine/image.h"
#include "engine/outcome.h"
#include "engine/wire.h"

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

void sld__cell_init(sld__cell *cell, const sld__isolation *isolation, atomic_int *stop) {
  *cell = (sld__cell){ .isolation = isolation, .stop = stop };
  pthread_mutex_init(&cell->lock, NULL); /* this can't fail on Linux */
  sld__buffer_init(&cell->bytes, isolation->alloc);
}

void sld__cell_kill(sld__cell *cell) {
  pthread_mutex_lock(&cell->lock);
  if (cell->child.there) sld__os_child_kill(&cell->child);
  pthread_mutex_unlock(&cell->lock);
}

/* The process, which is to end by itself or was killed, ends. */
static struct sld__end end_child(sld__cell *cell) {
  struct sld__end how;
  pthread_mutex_lock(&cell->lock);
  sld__os_child_end(&cell->child, &how);
  pthread_mutex_unlock(&cell->lock);
  return how;
}

static void drop_child(sld__cell *cell) {
  if (!cell->child.there) return;
  sld__cell_kill(cell);
  end_child(cell);
}

void sld__cell_rest(sld__cell *cell) {
  drop_child(cell);
}

void sld__cell_fini(sld__cell *cell) {
  if (!cell->isolation) return;
  drop_child(cell);
  sld__buffer_fini(&cell->bytes);
  pthread_mutex_destroy(&cell->lock);
}

/* ---- What went wrong -------------------------------------------------------------------------------------------- */

static int stop_of(const sld__cell *cell) {
  return atomic_load_explicit(cell->stop, memory_order_relaxed); /* partner: sld__launch_cancel, whose kill comes behind it */
}

static sld_status breach(sld__cell *cell, const char *why, sld_error *err) {
  drop_child(cell);
  return sld__fail(err, SLD_ECRASH, "the job's process answered what no job can: %s; it was ended", why);
}

static sld_status overdue(sld__cell *cell, sld_error *err) {
  const sld_run_options *o = &cell->isolation->plan->options;
  bool bar = cell->over == SLD__STOP_BAR;
  drop_child(cell);
  if (bar) return sld__fail(err, SLD_ELIMIT, "a call of the script took more than %g s (limits.bar) and did not heed it: its process was ended", o->limit_bar_s);
  return sld__fail(err, SLD_ELIMIT, "the job took more than %g s (limits.job) and did not heed it: its process was ended", o->limit_job_s);
}

/* The socket has ended before its time. */
static sld_status died(sld__cell *cell, sld_error *err) {
  enum { PATIENCE_MS = 2000 };
  char name[16];
  if (stop_of(cell) == SLD__STOP_CANCELLED) {
    drop_child(cell);
    return sld__fail(err, SLD_ECANCELED, "cancelled");
  }
  if (!sld__os_child_ends(&cell->child, PATIENCE_MS)) return breach(cell, "it closed its socket", err);
  struct sld__end how = end_child(cell);
  if (!how.known) return sld__fail(err, SLD_ECRASH, "the job's process ended, and how is not known: this program ignores SIGCHLD, or waits for every child itself");
  const char *from = how.signal == SIGKILL ? ": from outside, or by the system for want of memory" : "";
  if (how.signal) return sld__fail(err, SLD_ECRASH, "the job's process was ended by %s%s", sld__os_signal_name(how.signal, name), from);
  return sld__fail(err, SLD_ECRASH, "the job's process exited with status %d", how.status);
}

/* ---- Frames ----------------------------------------------------------------------------------------------------- */

static int wait_ms(const sld__cell *cell) {
  if (cell->deadline == INT64_MAX) return -1;
  int64_t left = (cell->deadline - sld__os_now_ns() + 999999) / 1000000;
  return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* Takes up to `size` bytes, at least one. */
static sld_status take_some(sld__cell *cell, void *bytes, size_t size, size_t *taken, sld_error *err) {
  int64_t got = sld__os_socket_take(cell->child.socket, bytes, size, wait_ms(cell));
  if (got < 0) return overdue(cell, err);
  if (got == 0) return died(cell, err);
  *taken = (size_t)got;
  return SLD_OK;
}

static sld_status take(sld__cell *cell, void *bytes, size_t size, sld_error *err) {
  sld_status status = SLD_OK;
  for (size_t done = 0, taken = 0; done < size && status == SLD_OK; done += taken) status = take_some(cell, (char *)bytes + done, size - done, &taken, err);
  return status;
}

/* As many bytes to cell->bytes: room is made as they come, whatever was announced. */
static sld_status take_bytes(sld__cell *cell, uint64_t size, sld_error *err) {
  const size_t step = (size_t)1 << 20;
  sld_status status = SLD_OK;
  sld__buffer_reset(&cell->bytes);
  while (cell->bytes.size < size && status == SLD_OK) {
    uint64_t left = size - cell->bytes.size;
    size_t taken = 0, want = left < step ? (size_t)left : step;
    char *at = sld__buffer_reserve(&cell->bytes, want);
    if (!at) {
      drop_child(cell);
      return sld__fail_memory(err);
    }
    status = take_some(cell, at, want, &taken, err);
    cell->bytes.size += taken;
  }
  return status;
}

static sld_status take_head(sld__cell *cell, sld__frame_head *head, sld_error *err) {
  sld_status status = take(cell, head, sizeof *head, err);
  return status == SLD_OK && head->magic != SLD__FRAME_MAGIC ? breach(cell, "no frame", err) : status;
}

/* ---- Starting --------------------------------------------------------------------------------------------------- */

static sld_status take_fault(sld__cell *cell, sld_error *err) {
  sld__frame_fault fault;
  sld_status status = take(cell, &fault, sizeof fault, err);
  if (status != SLD_OK) return status;
  drop_child(cell);
  fault.message[sizeof fault.message - 1] = '\0';
  return sld__fail_at(err, SLD_EVM, cell->isolation->program, 0, 0, "the job's process could not begin: %s", fault.message);
}

static sld_status take_ready(sld__cell *cell, sld_error *err) {
  sld__frame_head head;
  char key[sizeof cell->isolation->plan->key];
  sld_status status = take_head(cell, &head, err);
  if (status != SLD_OK) return status;
  if (head.kind == SLD__FRAME_FAULT && head.size == sizeof(sld__frame_fault)) return take_fault(cell, err);
  if (head.kind != SLD__FRAME_READY || head.size != sizeof key) return breach(cell, "it does not begin", err);
  status = take(cell, key, sizeof key, err);
  if (status != SLD_OK) return status;
  return memcmp(key, cell->isolation->plan->key, sizeof key) == 0 ? SLD_OK : breach(cell, "the key of another plan", err);
}

static sld_status start(sld__cell *cell, sld_error *err) {
  struct sld__child child;
  sld_status status = sld__os_child_start(&child, cell->isolation->program, cell->isolation->image, err);
  if (status != SLD_OK) return status;
  pthread_mutex_lock(&cell->lock);
  cell->child = child;
  pthread_mutex_unlock(&cell->lock);
  if (stop_of(cell) != SLD__GO) sld__cell_kill(cell); /* cancelled before there was something to end */
  return take_ready(cell, err);
}

/* ---- Jobs ------------------------------------------------------------------------------------------------------- */

/* How long after a limit the process has to stop by itself: once more the limit, but a second at least. */
static int64_t grace_ns(double limit_s) {
  enum { LEAST_NS = 1000000000 };
  int64_t limit = sld__limit_ns(limit_s);
  return limit < LEAST_NS ? LEAST_NS : limit;
}

static int64_t later(int64_t time, int64_t by) {
  return time > INT64_MAX - by ? INT64_MAX : time + by;
}

static void set_deadline(sld__cell *cell) {
  double limit = cell->isolation->plan->options.limit_job_s;
  cell->over = SLD__GO;
  cell->deadline = limit == 0.0 ? INT64_MAX : later(later(sld__os_now_ns(), sld__limit_ns(limit)), grace_ns(limit));
}

/* The child says that it told the job to stop. If the job does not, it is ended. */
static sld_status take_over(sld__cell *cell, const sld__frame_head *head, sld_error *err) {
  uint64_t why;
  if (head->size != sizeof why || cell->over != SLD__GO) return breach(cell, "it is over twice", err);
  sld_status status = take(cell, &why, sizeof why, err);
  if (status != SLD_OK) return status;
  if (why != SLD__STOP_BAR && why != SLD__STOP_JOB) return breach(cell, "it is over for no reason", err);
  const sld_run_options *o = &cell->isolation->plan->options;
  int64_t deadline = later(sld__os_now_ns(), grace_ns(why == SLD__STOP_BAR ? o->limit_bar_s : o->limit_job_s));
  cell->over = (int)why;
  if (deadline < cell->deadline) cell->deadline = deadline;
  return SLD_OK;
}

static sld_status take_outcome(sld__cell *cell, size_t sleeve, size_t ordinal, sld__outcome *out, sld_error *err) {
  const sld__isolation *isolation = cell->isolation;
  sld__frame_head head;
  sld_error why;
  sld_status status = take_head(cell, &head, err);
  while (status == SLD_OK && head.kind == SLD__FRAME_OVER) {
    status = take_over(cell, &head, err);
    if (status == SLD_OK) status = take_head(cell, &head, err);
  }
  if (status != SLD_OK) return status;
  if (head.kind != SLD__FRAME_OUTCOME) return breach(cell, "an unknown frame", err);
  if (head.size > isolation->most) return breach(cell, "more bytes than an outcome has", err);
  status = take_bytes(cell, head.size, err);
  if (status != SLD_OK) return status;
  status = sld__outcome_read(out, isolation->alloc, isolation->plan, sleeve, ordinal, cell->bytes.data, cell->bytes.size, &why);
  if (status == SLD_EVALUE) return breach(cell, why.message, err);
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
  drop_child(cell);
  sld_status status = start(cell, err);
  if (status != SLD_OK) return status;
  return send_job(cell, sleeve, ordinal) ? SLD_OK : died(cell, err);
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
