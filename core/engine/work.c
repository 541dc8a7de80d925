#include "engine/work.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "engine/watch.h"

struct sld__work {
  sld_allocator alloc;
  sld__pool *pool;
  const sld__vm_engine *engine;
  const sld__vm_core *core;
  char *path;
  atomic_uint_fast64_t functions; /* numbers of functions given out; relaxed, they only differ */
  pthread_mutex_t lock;
  struct sld__vm_work **idle;     /* [idle_count], guarded by lock; the last given is the first taken */
  size_t idle_count, idle_capacity;
};

/* A call and its place. `ended` publishes the answer. */
typedef struct call {
  sld__tasks *tasks;
  sld_answer answer;
  sld_error *error;
  bool read;         /* the asking thread's: somebody has looked at the answer */
  atomic_bool ended; /* written by the call's worker, release; partner: the load in sld__tasks_answer */
} call;

struct sld__tasks {
  sld__work *work;
  sld__batch *batch;
  struct sld__watch *watch;
  uint64_t function;
  sld_bytes code;
  sld_bytes *args;  /* [count] into `bytes` */
  void *bytes;
  call *calls;      /* [count] */
  size_t count;
  atomic_bool cancelled; /* relaxed: it carries no data */
};

sld_status sld__work_new(sld__work **out, const sld_allocator *alloc, sld__pool *pool, const sld__vm_engine *engine, const sld__vm_core *core, const char *path, sld_error *err) {
  sld__work *work = sld__alloc_zero(alloc, 1, sizeof *work);
  char *copy = path ? sld__strndup(alloc, path, strlen(path)) : NULL;
  if (!work || (path && !copy) || pthread_mutex_init(&work->lock, NULL) != 0) {
    sld__free(alloc, copy);
    sld__free(alloc, work);
    return sld__fail_memory(err);
  }
  work->alloc = *alloc;
  work->pool = pool;
  work->engine = engine;
  work->core = core;
  work->path = copy;
  *out = work;
  return SLD_OK;
}

void sld__work_free(sld__work *work) {
  if (!work) return;
  sld_allocator alloc = work->alloc;
  for (size_t i = 0; i < work->idle_count; i++) work->engine->close_work(work->idle[i]);
  pthread_mutex_destroy(&work->lock);
  sld__free(&alloc, work->idle);
  sld__free(&alloc, work->path);
  sld__free(&alloc, work);
}

const sld__vm_engine *sld__work_engine(const sld__work *work) {
  return work->engine;
}

/* ---- States ---- */

static sld_status take_state(sld__work *work, struct sld__vm_work **out, sld_error *err) {
  struct sld__vm_work *state = NULL;
  pthread_mutex_lock(&work->lock);
  if (work->idle_count > 0) state = work->idle[--work->idle_count];
  pthread_mutex_unlock(&work->lock);
  const sld__work_setup setup = { work, work->path };
  if (!state) return work->engine->open_work(out, work->core, &setup, err);
  *out = state;
  return SLD_OK;
}

static bool keep(sld__work *work, struct sld__vm_work *state) {
  if (work->idle_count == work->idle_capacity) {
    size_t capacity = work->idle_capacity ? 2 * work->idle_capacity : 8;
    struct sld__vm_work **grown = sld__realloc(&work->alloc, work->idle, capacity, sizeof(struct sld__vm_work *));
    if (!grown) return false;
    work->idle = grown;
    work->idle_capacity = capacity;
  }
  work->idle[work->idle_count++] = state;
  return true;
}

static void give_state(sld__work *work, struct sld__vm_work *state) {
  pthread_mutex_lock(&work->lock);
  bool kept = keep(work, state);
  pthread_mutex_unlock(&work->lock);
  if (!kept) work->engine->close_work(state);
}

/* ---- Calls ---- */

/* Told without memory. */
static const sld_error no_memory = { .status = SLD_ENOMEM, .message = "out of memory" };
static const sld_error was_cancelled = { .status = SLD_ECANCELED, .message = "cancelled" };

static void fail(call *c, const sld_error *err) {
  c->answer.state = err->status == SLD_ECANCELED ? SLD_CALL_CANCELLED : SLD_CALL_FAILED;
  c->error = sld__alloc(&c->tasks->work->alloc, 1, sizeof *c->error);
  if (c->error) *c->error = *err;
  c->answer.error = c->error ? c->error : &no_memory;
}

static void run(call *c, size_t i) {
  sld__tasks *tasks = c->tasks;
  sld__work *work = tasks->work;
  struct sld__vm_work *state;
  sld_error err = { .status = SLD_OK };
  sld_status status = take_state(work, &state, &err);
  if (status != SLD_OK) {
    fail(c, &err);
    return;
  }
  const sld__work_call what = { tasks->function, tasks->code, tasks->args[i], &tasks->cancelled };
  status = work->engine->call(state, &what, &c->answer.bytes, &err);
  if (status == SLD_ENOMEM) work->engine->close_work(state); /* it may still hold all of the memory */
  else give_state(work, state);
  if (status == SLD_OK) c->answer.state = SLD_CALL_DONE;
  else fail(c, &err);
}

static void run_call(void *ud, int worker) {
  (void)worker;
  call *c = ud;
  sld__tasks *tasks = c->tasks;
  size_t i = (size_t)(c - tasks->calls);
  if (atomic_load_explicit(&tasks->cancelled, memory_order_relaxed)) { /* partner: the store in cancel */
    c->answer.state = SLD_CALL_CANCELLED;
    c->answer.error = &was_cancelled;
  } else {
    run(c, i);
  }
  atomic_store_explicit(&c->ended, true, memory_order_release);
  sld__watch_report(tasks->watch, i);
}

/* ---- Sets of tasks ---- */

/* Copies to *to, which moves on; of nothing there may be no place. */
static sld_bytes copy(unsigned char **to, const sld_bytes *from) {
  sld_bytes made = { *to, from->size };
  if (from->size) memcpy(*to, from->data, from->size);
  *to += from->size;
  return made;
}

static sld_status copy_bytes(sld__tasks *tasks, const sld_calls *calls, sld_error *err) {
  size_t size = calls->function.size;
  for (size_t i = 0; i < calls->count; i++) size += calls->args[i].size;
  unsigned char *to = tasks->bytes = sld__alloc(&tasks->work->alloc, size, 1);
  if (!to) return sld__fail_memory(err);
  tasks->code = copy(&to, &calls->function);
  for (size_t i = 0; i < calls->count; i++) tasks->args[i] = copy(&to, &calls->args[i]);
  return SLD_OK;
}

static sld_status submit(sld__tasks *tasks, sld_error *err) {
  const sld_allocator *alloc = &tasks->work->alloc;
  sld__task *list = sld__alloc(alloc, tasks->count, sizeof *list);
  if (!list) return sld__fail_memory(err);
  for (size_t i = 0; i < tasks->count; i++) list[i] = (sld__task){ run_call, &tasks->calls[i], 1, -1 };
  sld_status status = sld__batch_submit(tasks->batch, list, tasks->count, err);
  sld__free(alloc, list);
  return status;
}

static sld_status start(sld__tasks *tasks, const sld_calls *calls, sld_error *err) {
  const sld_allocator *alloc = &tasks->work->alloc;
  tasks->args = sld__alloc(alloc, calls->count, sizeof *tasks->args);
  tasks->calls = sld__alloc_zero(alloc, calls->count, sizeof *tasks->calls);
  if (!tasks->args || !tasks->calls) return sld__fail_memory(err);
  tasks->count = calls->count;
  for (size_t i = 0; i < tasks->count; i++) tasks->calls[i].tasks = tasks;
  sld_status status = copy_bytes(tasks, calls, err);
  if (status == SLD_OK) status = sld__watch_new(&tasks->watch, alloc, tasks->count, err);
  if (status == SLD_OK) status = sld__batch_new(&tasks->batch, tasks->work->pool, err);
  return status == SLD_OK ? submit(tasks, err) : status;
}

sld_status sld__tasks_start(sld__tasks **out, sld__work *work, const sld_calls *calls, sld_error *err) {
  sld__tasks *tasks = sld__alloc_zero(&work->alloc, 1, sizeof *tasks);
  if (!tasks) return sld__fail_memory(err);
  tasks->work = work;
  tasks->function = atomic_fetch_add_explicit(&work->functions, 1, memory_order_relaxed) + 1;
  sld_status status = start(tasks, calls, err);
  if (status == SLD_OK) *out = tasks;
  else sld__tasks_free(tasks);
  return status;
}

bool sld__tasks_wait(sld__tasks *tasks, int timeout_ms) {
  return sld__batch_wait(tasks->batch, timeout_ms);
}

void sld__tasks_cancel(sld__tasks *tasks) {
  atomic_store_explicit(&tasks->cancelled, true, memory_order_relaxed); /* partner: the loads of calls */
}

const sld_answer *sld__tasks_answer(const sld__tasks *tasks, size_t i) {
  call *c = &tasks->calls[i];
  if (!atomic_load_explicit(&c->ended, memory_order_acquire)) return NULL; /* partner: the store in run_call */
  c->read = true;
  return &c->answer;
}

const sld_error *sld__tasks_unread(const sld__tasks *tasks, size_t *i) {
  for (; *i < tasks->count; ++*i) {
    const call *c = &tasks->calls[*i];
    if (c->answer.state == SLD_CALL_FAILED && !c->read) return c->answer.error;
  }
  return NULL;
}

bool sld__tasks_take(sld__tasks *tasks, size_t *i) {
  return sld__watch_take(tasks->watch, i);
}

int sld__tasks_descriptor(sld__tasks *tasks) {
  return sld__watch_descriptor(tasks->watch);
}

void sld__tasks_free(sld__tasks *tasks) {
  if (!tasks) return;
  const sld_allocator alloc = tasks->work->alloc;
  sld__tasks_cancel(tasks);
  sld__batch_free(tasks->batch);
  for (size_t i = 0; i < tasks->count; i++) {
    sld__free(&alloc, (void *)(uintptr_t)tasks->calls[i].answer.bytes.data);
    sld__free(&alloc, tasks->calls[i].error);
  }
  sld__watch_free(tasks->watch);
  sld__free(&alloc, tasks->calls);
  sld__free(&alloc, tasks->args);
  sld__free(&alloc, tasks->bytes);
  sld__free(&alloc, tasks);
}
