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
 *   publisher                 worker without work: sld__idle_hunt
 *     publish  (seq_cst)        a searcher if it may be; search. Found: stop being one; anything queued: notify
 *     notify                    announce that it may sleep, stop being a searcher, look once more
 *                               found: take the announcement back; anything queued: notify
 *                               nothing: sleep; woken, it is a searcher again
 *
 * tests/model compiles this file against a model checker.
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

/* What a worker does while it hunts; each is called by the hunting thread, with ud. */
typedef struct sld__hunter {
  void *ud;
  void *(*search)(void *ud);  /* looks for a while: something to do, or NULL. Gives up early where stopping is true */
  void *(*look)(void *ud);    /* looks once through all queues (seq_cst reads): something to do, or NULL */
  bool (*queued)(void *ud);   /* whether anything is in any queue (seq_cst reads) */
  bool (*stopping)(void *ud); /* whether to give up (a seq_cst read, true before release is called) */
} sld__hunter;

/* Something to do, however long it takes; NULL when the pool stops and nothing is left. */
void *sld__idle_hunt(sld__idle *idle, const sld__hunter *hunter);

/* Wakes all for good: the pool stops, and the roles mean nothing any more. */
void sld__idle_release(sld__idle *idle);

#endif
