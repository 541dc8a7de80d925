/* A place to sleep until something happens, without missing it: an eventcount.
 *
 *   waiter                                        waker
 *     key = prepare      "I may sleep"              make it happen       (sequentially consistent write)
 *     look once more     (seq_cst reads)            wake_one or wake_all (reads whether anybody prepared)
 *     found: cancel; otherwise: commit
 *
 * Either the waiter's second look sees what happened, or the waker sees the waiter. Waking costs one load while nobody waits.
 *
 * Two uses, one per event. Where all waiters wait for the same and one of them is enough, wake_one: each call wakes exactly one
 * waiter, and that waiter knows it was meant (so a role can be handed over with the wake-up). Where each waits for something of its
 * own, wake_all. The last use of an event for wake_one may be one wake_all.
 */
#ifndef SLD_POOL_EVENT_H
#define SLD_POOL_EVENT_H

#include "pool/atomic.h"

/* No deadline. */
#define SLD__NEVER INT64_MAX

/* Every thread between prepare and the return of cancel or commit is counted once: in the word's low bits until it is woken, in
 * `grants` from then on if by wake_one; the epoch tells whom wake_all has woken. */
typedef struct sld__event {
  SLD__ATOMIC(uint64_t) word; /* epoch << 16 | waiters. prepare adds to it freely; everything else holds the lock */
  sld__mutex lock;
  sld__cond wake;
  uint64_t grants; /* wake-ups of this epoch not yet consumed; under the lock */
} sld__event;

bool sld__event_init(sld__event *e);
void sld__event_fini(sld__event *e);

/* Announces a waiter. Must be followed by exactly one cancel or commit with the key. At most 65,535 at once. */
uint64_t sld__event_prepare(sld__event *e);

/* Takes the announcement back. True: a wake-up had already been spent on this thread, and what it meant is now its duty. */
bool sld__event_cancel(sld__event *e, uint64_t key);

/* Sleeps until woken or until deadline_ns of sld__now_ns (pool/atomic.h). False: the deadline passed, and the announcement is taken back. */
bool sld__event_commit(sld__event *e, uint64_t key, int64_t deadline_ns);

/* Number of announced waiters that nobody has woken, at a moment in S. */
unsigned sld__event_waiters(sld__event *e);

/* Wakes one; false when nobody waits. */
bool sld__event_wake_one(sld__event *e);

/* Wakes all that have prepared by now. */
void sld__event_wake_all(sld__event *e);

#endif
