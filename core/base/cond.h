/* A condition variable that loses no wake-up.
 *
 * glibc's may lose one where several threads wait on it: from 2.25 until 2.41, and so in Debian 12 (sourceware.org, bug 25847). Here each thread
 * waits on one of its own, which lives on its stack as long as it waits, and which nobody else waits on.
 *
 * Every call needs the same mutex, held.
 */
#ifndef SLD_BASE_COND_H
#define SLD_BASE_COND_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct sld__sleeper;

typedef struct sld__cond {
  struct sld__sleeper *first, *last; /* who has waited longest is first */
} sld__cond;

/* There is nothing to release. */
void sld__cond_init(sld__cond *cond);

/* Waits until it is woken by one of the last two. */
void sld__cond_wait(sld__cond *cond, pthread_mutex_t *mutex);

/* False: nobody had woken it when the monotonic clock stood at `deadline_ns`. */
bool sld__cond_wait_until(sld__cond *cond, pthread_mutex_t *mutex, int64_t deadline_ns);

/* Wakes the one that has waited longest; nobody waits: nothing. */
void sld__cond_signal(sld__cond *cond);

void sld__cond_broadcast(sld__cond *cond);

#endif
