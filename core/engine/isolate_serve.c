/* The child of a cell: one job after the other, until its parent has gone. */
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/spare.h"
#include "engine/image.h"
#include "engine/inquiry.h"
#include "engine/isolate.h"
#include "engine/outcome.h"
#include "engine/wire.h"
#include "vm/script.h"

/* Lasts as long as the process, which frees nothing. */
typedef struct server {
  sld_allocator alloc;
  struct sld__map map;
  sld__brief brief;
  sld__engine_handle handle;
  sld__vm_core core;
  sld__worker worker;
  atomic_int stop;
  sld__post post;
  sld__post *posts[1];
  sld__guard *guard;
  sld__watched watched;
  pthread_mutex_t lock; /* of writing to the socket: the guard's thread does so too */
  struct sld__buffer bytes;
} server;

/* Bytes of long columns that a process keeps from job to job. */
static const size_t spare_budget = (size_t)64 << 20;

static bool say(server *s, sld__frame_kind kind, const void *bytes, size_t size) {
  const sld__frame_head head = { SLD__FRAME_MAGIC, kind, size };
  pthread_mutex_lock(&s->lock);
  bool sent = sld__os_socket_send(SLD__CHILD_SOCKET, &head, sizeof head) && sld__os_socket_send(SLD__CHILD_SOCKET, bytes, size);
  pthread_mutex_unlock(&s->lock);
  return sent;
}

/* False: the parent has gone. */
static bool hear(void *bytes, size_t size) {
  char *at = bytes;
  while (size > 0) {
    int64_t taken = sld__os_socket_take(SLD__CHILD_SOCKET, at, size, -1);
    if (taken <= 0) return false;
    at += taken;
    size -= (size_t)taken;
  }
  return true;
}

/* ---- Beginning -------------------------------------------------------------------------------------------------- */

static void tell_over(void *ud, int why) {
  const uint64_t bytes = (uint64_t)why;
  say(ud, SLD__FRAME_OVER, &bytes, sizeof bytes); /* a parent that has gone ends this process */
}

static sld_status watch_time(server *s, sld_error *err) {
  const sld_run_options *o = &s->brief.plan.options;
  sld__post_init(&s->post, &s->stop);
  if (o->limit_bar_s == 0.0 && o->limit_job_s == 0.0) return SLD_OK;
  sld_status status = sld__guard_new(&s->guard, &s->alloc, err);
  if (status != SLD_OK) return status;
  s->posts[0] = s->worker.post = s->worker.door = &s->post;
  s->watched = (sld__watched){ .posts = s->posts, .count = 1, .bar_ns = sld__limit_ns(o->limit_bar_s), .job_ns = sld__limit_ns(o->limit_job_s), .told = tell_over, .told_ud = s };
  return sld__guard_open(s->guard, &s->watched, err);
}

static sld_status open_engine(server *s, sld_error *err) {
  sld__vm_core_init(&s->core, &s->alloc);
  return sld__engine_open(&s->handle, s->brief.engine_dir, s->brief.engine, err);
}

/* Its first job opens a state: that runs the script. */
static sld_status open_worker(server *s, sld_error *err) {
  sld__brief *b = &s->brief;
  s->worker = (sld__worker){ .alloc = &s->alloc, .engine = s->handle.engine, .stop = &s->stop };
  sld_status status = sld__states_new(&s->worker.states, s->handle.engine, &s->core, &b->script, err);
  if (status == SLD_OK) status = sld__spare_new(&s->worker.spare, &s->alloc, spare_budget, err);
  if (status == SLD_OK && b->shared) status = sld__cache_new(&s->worker.shared, &s->alloc, b->shared, err);
  if (s->worker.shared) sld__cache_from(s->worker.shared, s->worker.spare);
  if (status == SLD_OK) status = sld__worker_open(&s->worker, &b->plan, err);
  return status == SLD_OK ? watch_time(s, err) : status;
}

static size_t longest(const sld__plan *plan) {
  size_t rows = plan->instants;
  for (size_t i = 0; i < plan->sleeve_count; i++)
    if (plan->sleeves[i].rows > rows) rows = plan->sleeves[i].rows;
  return rows;
}

/* What a job within its limits can come to need: of the engine up to four times the limit (docs/safety.md), all columns of a script, the ledger, and the
 * outcome beside it. */
static size_t address_space(const sld__brief *b) {
  enum { COLUMNS = 256 };
  const sld__plan *plan = &b->plan;
  const size_t fixed = (size_t)256 << 20, most = SIZE_MAX / 64;
  if (b->asks) return b->script.limits.memory && b->script.limits.memory <= most ? fixed + 4 * b->script.limits.memory : 0;
  uint64_t outcome = sld__outcome_most(plan);
  if (plan->options.limit_memory == 0 || plan->options.limit_memory > most || plan->options.limit_records == 0 || outcome > most) return 0;
  return fixed + 4 * plan->options.limit_memory + 3 * (size_t)outcome + 8 * COLUMNS * longest(plan) + b->shared + spare_budget;
}

static sld_status begin(server *s, sld_error *err) {
  sld_status status = sld__os_sealed_map(&s->map, SLD__CHILD_MEMORY, err);
  sld__os_close(SLD__CHILD_MEMORY);
  if (status == SLD_OK) status = sld__image_read(&s->brief, &s->map, &s->alloc, err);
  if (status == SLD_OK) status = open_engine(s, err);
  if (status == SLD_OK && !s->brief.asks) status = open_worker(s, err);
  if (status != SLD_OK) return status;
  const struct sld__jail jail = { .memory = address_space(&s->brief) };
  return sld__os_jail_close(&jail, err);
}

/* ---- Jobs ------------------------------------------------------------------------------------------------------- */

static bool run_job(server *s) {
  sld__frame_head head;
  sld__frame_job job;
  const sld__plan *plan = &s->brief.plan;
  if (!hear(&head, sizeof head) || head.kind != SLD__FRAME_JOB || head.size != sizeof job || !hear(&job, sizeof job)) return false;
  sld__outcome out;
  atomic_store_explicit(&s->stop, SLD__GO, memory_order_relaxed); /* the guard looks at no post that was left */
  sld__job_run(&s->worker, plan, (size_t)job.sleeve, (size_t)job.ordinal, &out);
  sld__buffer_reset(&s->bytes);
  sld__outcome_write(&s->bytes, plan, (size_t)job.sleeve, &out);
  sld__outcome_fini(&s->alloc, &out);
  if (!s->bytes.failed) return say(s, SLD__FRAME_OUTCOME, s->bytes.data, s->bytes.size);
  sld__buffer_fini(&s->bytes);
  sld__job_leave_out(plan, (size_t)job.sleeve, (size_t)job.ordinal, false, &out);
  sld__outcome_write(&s->bytes, plan, (size_t)job.sleeve, &out);
  return !s->bytes.failed && say(s, SLD__FRAME_OUTCOME, s->bytes.data, s->bytes.size);
}

static void say_fault(server *s, const sld_error *err) {
  sld__frame_fault fault = { .status = err->status };
  sld_error_format(err, fault.message, sizeof fault.message);
  say(s, SLD__FRAME_FAULT, &fault, sizeof fault);
}

/* What an image that asks is told. */
static void answer(server *s) {
  sld__inquired inquired;
  size_t known = s->brief.script.module_count;
  sld__inquiry_ask(&inquired, &s->brief, s->handle.engine, &s->core);
  sld__inquiry_write(&s->bytes, &inquired, &s->brief.script, known);
  if (!s->bytes.failed) say(s, SLD__FRAME_ANSWER, s->bytes.data, s->bytes.size);
}

int sld__isolate_serve(int64_t parent) {
  if (!sld__os_jail_enter(parent)) return 1;
  sld_allocator alloc = sld__alloc_default();
  server *s = sld__alloc_zero(&alloc, 1, sizeof *s);
  if (!s) return 1;
  sld_error err;
  s->alloc = alloc;
  pthread_mutex_init(&s->lock, NULL); /* this can't fail on Linux */
  sld__buffer_init(&s->bytes, &s->alloc);
  if (begin(s, &err) != SLD_OK) {
    say_fault(s, &err);
    return 1;
  }
  if (s->brief.asks) {
    answer(s);
    return 0;
  }
  bool good = say(s, SLD__FRAME_READY, s->brief.plan.key, sizeof s->brief.plan.key);
  while (good) good = run_job(s);
  return 0;
}
