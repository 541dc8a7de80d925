/* An eventcount over a mutex and a condition variable (base/cond.h). */
#include "pool/event.h"

#ifndef EVENT_PREPARE
#define EVENT_PREPARE memory_order_seq_cst
#endif
#ifndef EVENT_ASK
#define EVENT_ASK memory_order_seq_cst
#endif

#define WAITERS UINT64_C(0xffff)
#define EPOCH UINT64_C(0x10000)

bool sld__event_init(sld__event *e) {
  sld__init(&e->word, 0);
  e->grants = 0;
  sld__cond_init(&e->wake);
  return sld__mutex_init(&e->lock);
}

void sld__event_fini(sld__event *e) {
  sld__mutex_fini(&e->lock);
}

uint64_t sld__event_prepare(sld__event *e) {
  /* Partner: ASK in waiters. In S before the waiter's second look, as ASK is after the waker's write. */
  return sld__fetch_add(&e->word, 1, EVENT_PREPARE) / EPOCH;
}

/* Under the lock: whether a wake-up is there for a waiter of that epoch; a single one is consumed. */
static bool woken(sld__event *e, uint64_t key) {
  if (sld__load(&e->word, memory_order_relaxed) / EPOCH != key) return true; /* the epoch moves under the lock */
  if (e->grants == 0) return false;
  e->grants--;
  return true;
}

/* Under the lock, by a waiter that is still counted in the word. */
static void uncount(sld__event *e) {
  sld__fetch_sub(&e->word, 1, memory_order_relaxed); /* no partner: nobody concludes anything from a falling count */
}

bool sld__event_cancel(sld__event *e, uint64_t key) {
  bool meant = false;
  sld__mutex_lock(&e->lock);
  uint64_t word = sld__load(&e->word, memory_order_relaxed); /* only prepare changes it without the lock, and only upwards */
  if (word / EPOCH == key && (word & WAITERS) > 0)
    uncount(e); /* a wake-up that is under way is left to a waiter that has nothing else to do */
  else
    meant = woken(e, key);
  sld__mutex_unlock(&e->lock);
  return meant;
}

bool sld__event_commit(sld__event *e, uint64_t key, int64_t deadline_ns) {
  bool in_time = true;
  sld__mutex_lock(&e->lock);
  bool up = woken(e, key);
  while (!up && in_time) {
    if (deadline_ns == SLD__NEVER)
      sld__cond_wait(&e->wake, &e->lock);
    else
      in_time = sld__cond_wait_until(&e->wake, &e->lock, deadline_ns);
    up = woken(e, key);
  }
  if (!up) uncount(e);
  sld__mutex_unlock(&e->lock);
  return up;
}

unsigned sld__event_waiters(sld__event *e) {
  return (unsigned)(sld__load(&e->word, EVENT_ASK) & WAITERS); /* ASK. Partner: PREPARE */
}

bool sld__event_wake_one(sld__event *e) {
  if (sld__event_waiters(e) == 0) return false;
  SLD__POINT("wake one: waiter seen, not yet claimed");
  sld__mutex_lock(&e->lock);
  bool claimed = sld__event_waiters(e) > 0;
  if (claimed) {
    uncount(e);
    e->grants++;
    sld__cond_signal(&e->wake);
  }
  sld__mutex_unlock(&e->lock);
  return claimed;
}

void sld__event_wake_all(sld__event *e) {
  if (sld__event_waiters(e) == 0) return;
  SLD__POINT("wake all: waiters seen, not yet woken");
  sld__mutex_lock(&e->lock);
  /* The waiters of this moment leave the count and the epoch moves, in one step: one who prepares in between counts in the new one.
   * Partner: PREPARE, which reads the epoch. */
  uint64_t word = sld__load(&e->word, memory_order_relaxed);
  while (!sld__swap_if(&e->word, &word, (word / EPOCH + 1) * EPOCH, memory_order_seq_cst, memory_order_relaxed)) {
  }
  e->grants = 0;
  sld__cond_broadcast(&e->wake);
  sld__mutex_unlock(&e->lock);
}
