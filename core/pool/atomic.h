/* The words in which the pool's lock-free files are written: C11 atomics and POSIX threads, or a model checker's.
 *
 * deque.c, event.c and idle.c use nothing else between threads, so that the very files that ship are what tests/model explores:
 * it defines SLD__ATOMIC_HEADER, a header with the same words. Orders are spelled as C11 spells them.
 *
 * There is no stand-alone fence anywhere: ThreadSanitizer does not see fences. Where one would be needed, the operations on
 * either side of it are sequentially consistent. "In S" in comments means: in the single total order of those operations.
 */
#ifndef SLD_POOL_ATOMIC_H
#define SLD_POOL_ATOMIC_H

#include <stdbool.h>
#include <stdint.h>

/* Keeps what one thread writes off the cache line of what another writes. Two lines: processors fetch lines in pairs. It pads
 * rather than aligns because the host's allocator promises no more than malloc does. */
#define SLD__APART 128

#ifdef SLD__ATOMIC_HEADER
#include SLD__ATOMIC_HEADER
#else

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/alloc.h"
#include "base/cond.h"

#define SLD__ATOMIC(type) _Atomic(type)
#define sld__init(object, value) atomic_init(object, value)
#define sld__load(object, order) atomic_load_explicit(object, order)
#define sld__store(object, value, order) atomic_store_explicit(object, value, order)
#define sld__fetch_add(object, value, order) atomic_fetch_add_explicit(object, value, order)
#define sld__fetch_sub(object, value, order) atomic_fetch_sub_explicit(object, value, order)
#define sld__fetch_or(object, value, order) atomic_fetch_or_explicit(object, value, order)
#define sld__swap_if(object, expected, value, order, failed) \
  atomic_compare_exchange_strong_explicit(object, expected, value, order, failed)

/* count zeroed structs; NULL when out of memory. */
#define sld__shared_new(a, type, count) ((type *)sld__alloc_zero(a, (size_t)(count), sizeof(type)))
#define sld__shared_free(a, ptr) sld__free(a, ptr)

typedef pthread_mutex_t sld__mutex;
#define sld__mutex_init(mutex) (pthread_mutex_init(mutex, NULL) == 0)
#define sld__mutex_fini(mutex) ((void)pthread_mutex_destroy(mutex))
#define sld__mutex_lock(mutex) ((void)pthread_mutex_lock(mutex))
#define sld__mutex_unlock(mutex) ((void)pthread_mutex_unlock(mutex))

/* The monotonic clock: for how long to spin and when to stop waiting, never for a result. */
static inline int64_t sld__now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

#endif

/* A labelled point between two steps whose interleaving matters. Tests compile it (-DSLD__POOL_YIELDS) into a random surrender of the
 * processor; elsewhere it is nothing. */
#ifdef SLD__POOL_YIELDS
#include <sched.h>
static inline void sld__surrender(const char *label) {
  static _Thread_local uint32_t random;
  if (random == 0) random = (uint32_t)(uintptr_t)&random | 1;
  random ^= random << 13;
  random ^= random >> 17;
  random ^= random << 5;
  if ((random + (unsigned char)label[0]) % 4 == 0) sched_yield();
}
#define SLD__POINT(label) sld__surrender(label)
#else
#define SLD__POINT(label) ((void)0)
#endif

#endif
