/* A worker's own queue: the owner pushes and takes at the bottom, thieves steal at the top (Chase & Lev, SPAA 2005).
 *
 * Guarantees: every pushed item is handed out exactly once, to the owner or to one thief; steal never waits for another thread;
 * whoever receives an item sees everything that its owner did before the push. An item carries a tag, so that one who looks for
 * certain items need not touch the others: a tag is compared, never followed.
 *
 * The ring grows and never shrinks. Thieves may still be reading a ring that was outgrown, so old rings are kept until fini; together
 * they take no more room than the newest. Indices are signed 64-bit, do not wrap, and are never compared for equality only.
 */
#ifndef SLD_POOL_DEQUE_H
#define SLD_POOL_DEQUE_H

#include "pool/atomic.h"

typedef struct sld__slot {
  SLD__ATOMIC(void *) item;
  SLD__ATOMIC(const void *) tag;
} sld__slot;

typedef struct sld__ring {
  struct sld__ring *older; /* outgrown; owner only */
  int64_t size;            /* a power of two; fixed */
  sld__slot *slots;
} sld__ring;

typedef struct sld__deque {
  SLD__ATOMIC(int64_t) top; /* where thieves steal; it only rises. Written by whoever wins an item */
  char apart_top[SLD__APART];
  SLD__ATOMIC(int64_t) bottom;      /* where the owner pushes. Written by the owner */
  SLD__ATOMIC(sld__ring *) ring;    /* written by the owner */
  const sld_allocator *a;           /* borrowed; must be usable until fini */
  char apart_bottom[SLD__APART];
} sld__deque;

typedef enum sld__steal { SLD__STEAL_NOTHING = 0, SLD__STEAL_LOST, SLD__STEAL_WON } sld__steal;

/* `size` is the first ring's, a power of two. False: out of memory, and nothing is held. */
bool sld__deque_init(sld__deque *d, const sld_allocator *a, int64_t size);

/* After every thread has let go of the deque. Items still in it are forgotten. */
void sld__deque_fini(sld__deque *d);

/* Owner only. `item` is not NULL. False: out of memory, and the deque is as it was. The store that publishes the item is sequentially
 * consistent, so that the owner may afterwards ask whether somebody sleeps. */
bool sld__deque_push(sld__deque *d, void *item, const void *tag);

/* Owner only. The item pushed last; NULL when there is none. With a tag that is not NULL: only if that item carries it. */
void *sld__deque_take(sld__deque *d, const void *tag);

/* Any thread. WON: the oldest item is in *out. NOTHING: the deque was empty, or its oldest item does not carry `tag` (NULL: any).
 * LOST: another thread won that item first, and there may be more. */
sld__steal sld__deque_steal(sld__deque *d, void **out, const void *tag);

/* Any thread. Whether an item was there to steal at a moment in S during the call. */
bool sld__deque_empty(sld__deque *d);

#endif
