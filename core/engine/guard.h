/* Time limits of jobs. A guard is one thread of a host, which sleeps while no run has such limits. A few times per limit it looks how far each worker is;
 * one that has been in the same call of a script for too long is told to stop. It does so itself, between bars: nothing is taken from a thread that does
 * not give it, so a script that never returns from a call is not stopped. */
#ifndef SLD_ENGINE_GUARD_H
#define SLD_ENGINE_GUARD_H

#include <pthread.h>

#include "vm/vm.h"

/* Why a job is to stop. */
enum { SLD__GO = 0, SLD__STOP_CANCELLED, SLD__STOP_BAR, SLD__STOP_JOB };

/* Where a worker can be watched. The lock guards what follows; the guard's thread holds it for a moment only. */
typedef struct sld__post {
  pthread_mutex_t lock;
  sld__vm_pulse *pulse; /* of the worker's state; NULL: it runs no job */
  atomic_int *stop;           /* the worker's; from GO to a reason, relaxed: it carries no data */
  int64_t started, since;     /* of the job and of what was seen last, by the monotonic clock */
  uint64_t seen;
} sld__post;

void sld__post_init(sld__post *post, atomic_int *stop);
void sld__post_fini(sld__post *post);

/* A job begins and ends. The pulse must live until it has left; leaving twice is fine. NULL posts are. */
void sld__post_enter(sld__post *post, sld__vm_pulse *pulse);
void sld__post_leave(sld__post *post);

/* A limit in nanoseconds: none is 0, and no other is; what the clock cannot count is for ever. */
int64_t sld__limit_ns(double seconds);

/* How long after such a limit who can be ended has to stop by itself: as long again, but a second at least. */
int64_t sld__grace_ns(double seconds);

/* The posts of a launch, and its limits; 0: none. */
typedef struct sld__watched {
  sld__post **posts; /* [count] */
  size_t count;
  int64_t bar_ns, job_ns;
  void (*told)(void *ud, int why); /* called by the guard's thread where it tells a worker to stop, before the worker leaves its post; NULL: nobody */
  void *told_ud;
  struct sld__watched *next; /* the guard's */
} sld__watched;

typedef struct sld__guard sld__guard;

/* Without a thread yet. ENOMEM. */
sld_status sld__guard_new(sld__guard **out, const sld_allocator *alloc, sld_error *err);

/* Ends its thread; nothing may be watched any more. NULL is fine. */
void sld__guard_free(sld__guard *guard);

/* From here until it is closed `watched` and its posts must stay. Any thread. ENOMEM: the system gives no thread. */
sld_status sld__guard_open(sld__guard *guard, sld__watched *watched, sld_error *err);
void sld__guard_close(sld__guard *guard, sld__watched *watched);

#endif
