/* Starting and stopping the workers. */
#include "pool/inside.h"

#include <signal.h>

#include "base/error.h"

/* Lua's C parser and nested calls need half a MiB; twice that again for sanitizers and callers. */
#define STACK_SIZE ((size_t)2 << 20)
#define DEQUE_SIZE 64

static void stop(sld__pool *pool, int started) {
  sld__store(&pool->stopping, true, memory_order_seq_cst); /* partner: stopping in worker.c; in S before release asks for sleepers */
  sld__idle_release(&pool->idle);
  for (int w = 0; w < started; w++) pthread_join(pool->worker[w].thread, NULL);
}

static void fini_deques(sld__pool *pool, int count) {
  for (int w = 0; w < count; w++) sld__deque_fini(&pool->worker[w].deque);
}

/* Everything but threads. On failure nothing is held. */
static sld_status init(sld__pool *pool, sld_error *err) {
  sld_status status = sld__inject_init(&pool->inject, &pool->alloc, pool->workers, err);
  if (status != SLD_OK) return status;
  if (!sld__idle_init(&pool->idle, pool->workers)) goto fail_idle;
  if (!sld__event_init(&pool->joined)) goto fail_joined;
  for (int w = 0; w < pool->workers; w++) {
    sld__worker *worker = &pool->worker[w];
    worker->pool = pool;
    worker->index = w;
    worker->random = UINT64_C(0x9e3779b97f4a7c15) * (uint64_t)(w + 1);
    if (sld__deque_init(&worker->deque, &pool->alloc, DEQUE_SIZE)) continue;
    fini_deques(pool, w);
    goto fail_deques;
  }
  return SLD_OK;
fail_deques:
  sld__event_fini(&pool->joined);
fail_joined:
  sld__idle_fini(&pool->idle);
fail_idle:
  sld__inject_fini(&pool->inject, &pool->alloc);
  return sld__fail_memory(err);
}

static void fini(sld__pool *pool) {
  fini_deques(pool, pool->workers);
  sld__event_fini(&pool->joined);
  sld__idle_fini(&pool->idle);
  sld__inject_fini(&pool->inject, &pool->alloc);
}

/* Leaves to the host's threads every signal that is not about the receiving thread itself. */
static void mask_of_workers(sigset_t *mask) {
  static const int own[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGPROF };
  sigfillset(mask);
  for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) sigdelset(mask, own[i]);
}

bool sld__pool_thread(pthread_t *out, void *(*run)(void *), void *ud) {
  pthread_attr_t attr;
  if (pthread_attr_init(&attr) != 0) return false;
  pthread_attr_setstacksize(&attr, STACK_SIZE); /* this can't fail: above the minimum, a multiple of the page */
  sigset_t mask, before;
  mask_of_workers(&mask);
  pthread_sigmask(SIG_SETMASK, &mask, &before); /* threads inherit it */
  bool started = pthread_create(out, &attr, run, ud) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attr);
  return started;
}

/* Returns the number of threads that could be started. */
static int start(sld__pool *pool) {
  int started = 0;
  while (started < pool->workers && sld__pool_thread(&pool->worker[started].thread, sld__worker_main, &pool->worker[started])) started++;
  return started;
}

sld_status sld__pool_new(sld__pool **out, const sld_allocator *a, int workers, sld_error *err) {
  if (workers < 1 || workers > SLD__WORKERS_MAX) return sld__fail(err, SLD_EINVAL, "workers must be 1 to %d, not %d", SLD__WORKERS_MAX, workers);
  sld__pool *pool = sld__alloc_zero(a, 1, sizeof *pool + (size_t)workers * sizeof(sld__worker));
  if (!pool) return sld__fail_memory(err);
  pool->alloc = *a;
  pool->workers = workers;
  sld__init(&pool->stopping, false);
  sld_status status = init(pool, err);
  if (status != SLD_OK) {
    sld__free(a, pool);
    return status;
  }
  int started = start(pool);
  if (started < workers) {
    stop(pool, started);
    fini(pool);
    sld__free(a, pool);
    return sld__fail(err, SLD_ENOMEM, "the system gave %d of %d threads", started, workers);
  }
  *out = pool;
  return SLD_OK;
}

void sld__pool_free(sld__pool *pool) {
  if (!pool) return;
  stop(pool, pool->workers);
  fini(pool);
  sld_allocator alloc = pool->alloc;
  sld__free(&alloc, pool);
}

int sld__pool_workers(const sld__pool *pool) {
  return pool->workers;
}

int sld__pool_worker_index(const sld__pool *pool) {
  const sld__worker *worker = sld__worker_self();
  return worker && worker->pool == pool ? worker->index : -1;
}
