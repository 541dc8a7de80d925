#include "engine/guard.h"

#include <math.h>

#include "base/alloc.h"
#include "base/error.h"
#include "pool/atomic.h"
#include "pool/pool.h"

struct sld__guard {
  const sld_allocator *alloc;
  sld__mutex lock;       /* of all below */
  sld__cond wake;
  sld__watched *watched; /* the launches that have limits */
  pthread_t thread;
  bool started, stopping;
};

/* ---- Posts ---- */

void sld__post_init(sld__post *post, atomic_int *stop) {
  pthread_mutex_init(&post->lock, NULL); /* this can't fail on Linux */
  post->stop = stop;
}

void sld__post_fini(sld__post *post) {
  pthread_mutex_destroy(&post->lock);
}

/* Differs from an earlier one where the script has got on. */
static uint64_t beat(const sld__vm_pulse *pulse, bool *inside) {
  uint32_t calls = (uint32_t)atomic_load_explicit(&pulse->calls, memory_order_relaxed), now = (uint32_t)atomic_load_explicit(&pulse->now, memory_order_relaxed);
  *inside = calls & 1;
  return (uint64_t)calls << 32 | now;
}

void sld__post_enter(sld__post *post, sld__vm_pulse *pulse) {
  if (!post) return;
  bool inside;
  pthread_mutex_lock(&post->lock);
  post->pulse = pulse;
  post->started = post->since = sld__now_ns();
  post->seen = beat(pulse, &inside);
  pthread_mutex_unlock(&post->lock);
}

void sld__post_leave(sld__post *post) {
  if (!post) return;
  pthread_mutex_lock(&post->lock);
  post->pulse = NULL;
  pthread_mutex_unlock(&post->lock);
}

int64_t sld__limit_ns(double seconds) {
  const double most = 9e18;
  double ns = ceil(seconds * 1e9);
  return ns < most ? (int64_t)ns : (int64_t)most;
}

int64_t sld__grace_ns(double seconds) {
  enum { LEAST_NS = 1000000000 };
  int64_t limit = sld__limit_ns(seconds);
  return limit < LEAST_NS ? LEAST_NS : limit;
}

/* ---- The thread ---- */

static int reason(const sld__watched *watched, sld__post *post, int64_t now) {
  if (!post->pulse) return SLD__GO;
  bool inside;
  uint64_t value = beat(post->pulse, &inside);
  if (value != post->seen) post->since = now;
  post->seen = value;
  if (watched->job_ns && now - post->started >= watched->job_ns) return SLD__STOP_JOB;
  return inside && watched->bar_ns && now - post->since >= watched->bar_ns ? SLD__STOP_BAR : SLD__GO;
}

static void look(const sld__watched *watched, sld__post *post, int64_t now) {
  pthread_mutex_lock(&post->lock);
  int why = reason(watched, post, now), told = SLD__GO; /* partners of what follows: the worker's polls */
  if (why == SLD__GO) told = atomic_load_explicit(post->stop, memory_order_relaxed);
  else if (atomic_compare_exchange_strong_explicit(post->stop, &told, why, memory_order_relaxed, memory_order_relaxed) && watched->told) watched->told(watched->told_ud, why);
  if (post->pulse && (why != SLD__GO || told != SLD__GO)) atomic_store_explicit(&post->pulse->halt, 1, memory_order_relaxed);
  pthread_mutex_unlock(&post->lock);
}

/* How long may pass between two looks: an eighth of the shorter limit. */
static int64_t pause_of(const sld__watched *watched) {
  enum { LEAST_NS = 1000000 };
  int64_t bar = watched->bar_ns ? watched->bar_ns : INT64_MAX, job = watched->job_ns ? watched->job_ns : INT64_MAX;
  int64_t pause = (bar < job ? bar : job) / 8;
  return pause < LEAST_NS ? LEAST_NS : pause;
}

static void *guard_main(void *ud) {
  sld__guard *guard = ud;
  sld__mutex_lock(&guard->lock);
  while (!guard->stopping) {
    int64_t now = sld__now_ns(), pause = INT64_MAX;
    for (sld__watched *w = guard->watched; w; w = w->next) {
      for (size_t i = 0; i < w->count; i++) look(w, w->posts[i], now);
      if (pause_of(w) < pause) pause = pause_of(w);
    }
    if (guard->watched) sld__cond_wait_until(&guard->wake, &guard->lock, now + pause);
    else sld__cond_wait(&guard->wake, &guard->lock);
  }
  sld__mutex_unlock(&guard->lock);
  return NULL;
}

/* ---- The guard ---- */

sld_status sld__guard_new(sld__guard **out, const sld_allocator *alloc, sld_error *err) {
  sld__guard *guard = sld__alloc_zero(alloc, 1, sizeof *guard);
  if (!guard) return sld__fail_memory(err);
  guard->alloc = alloc;
  sld__cond_init(&guard->wake);
  if (!sld__mutex_init(&guard->lock)) {
    sld__free(alloc, guard);
    return sld__fail_memory(err);
  }
  *out = guard;
  return SLD_OK;
}

void sld__guard_free(sld__guard *guard) {
  if (!guard) return;
  sld__mutex_lock(&guard->lock);
  guard->stopping = true;
  sld__cond_signal(&guard->wake);
  sld__mutex_unlock(&guard->lock);
  if (guard->started) pthread_join(guard->thread, NULL);
  sld__mutex_fini(&guard->lock);
  sld__free(guard->alloc, guard);
}

sld_status sld__guard_open(sld__guard *guard, sld__watched *watched, sld_error *err) {
  sld__mutex_lock(&guard->lock);
  if (!guard->started) guard->started = sld__pool_thread(&guard->thread, guard_main, guard);
  bool good = guard->started;
  if (good) {
    watched->next = guard->watched;
    guard->watched = watched;
    sld__cond_signal(&guard->wake);
  }
  sld__mutex_unlock(&guard->lock);
  return good ? SLD_OK : sld__fail(err, SLD_ENOMEM, "the system gives no thread for the limits of time");
}

void sld__guard_close(sld__guard *guard, sld__watched *watched) {
  sld__mutex_lock(&guard->lock);
  for (sld__watched **at = &guard->watched; *at; at = &(*at)->next)
    if (*at == watched) {
      *at = watched->next;
      break;
    }
  sld__mutex_unlock(&guard->lock);
}
