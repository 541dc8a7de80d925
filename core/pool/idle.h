/* Who searches and who sleeps: wakes no worker in vain and leaves no work to sleepers.
 *
 * A worker without work becomes a searcher (at most half of the workers search at once), looks around for a while, and then sleeps.
 * Whoever publishes work wakes a sleeper only if nobody searches: a searcher would find it anyway. The last searcher to find work has
 * its caller wake another, for there may be more. So work spreads one wake-up at a time, and a burst of publications costs one.
 *
 * The rule that keeps work from being left behind: whoever stops being a searcher, for whichever reason, looks at all queues
 * afterwards and notifies if there is something. A woken worker is a searcher already: the waker became one in its name, so
 * that further publications in the meantime wake nobody.
 *
 *   publisher                 worker without work
 *     publish  (seq_cst)        if enter(): search; found: if leave() and anything is queued: notify()
 *     notify()                  key = park_prepare(searching); search all once more
 *                               found: if park_cancel(key): leave(). If anything is queued: notify()
 *                               nothing: park_commit(key), a searcher again
 */
#ifndef SLD_POOL_IDLE_H
#define SLD_POOL_IDLE_H

#include "pool/event.h"

typedef struct sld__idle {
  SLD__ATOMIC(int) searchers; /* written by everyone named in this file */
  int limit;                  /* of searchers that enter; fixed */
  sld__event event;           /* wake_one only, until the pool stops */
} sld__idle;

bool sld__idle_init(sld__idle *idle, int workers);
void sld__idle_fini(sld__idle *idle);

/* After work was published by a sequentially consistent write. Any thread. */
void sld__idle_notify(sld__idle *idle);

/* True: the caller is a searcher now. */
bool sld__idle_enter(sld__idle *idle);

/* A searcher stops being one. True: it was the last, and must look whether anything is queued. */
bool sld__idle_leave(sld__idle *idle);

/* Before the last look around. `searching`: whether the caller is a searcher; afterwards it is none. */
uint64_t sld__idle_park_prepare(sld__idle *idle, bool searching);

/* The last look found something. True: the caller is a searcher (again). */
bool sld__idle_park_cancel(sld__idle *idle, uint64_t key);

/* Sleeps until notified. The caller is a searcher afterwards. */
void sld__idle_park_commit(sld__idle *idle, uint64_t key);

/* Wakes all for good: the pool stops, and the roles mean nothing any more. */
void sld__idle_release(sld__idle *idle);

#endif
