/* A worker's own queue. The algorithm, and what goes wrong without each order:
 *
 *   push    slot[bottom] = item; bottom = bottom + 1
 *   take    bottom = bottom - 1 announces the claim; then look at top. More than one item left: ours. The last one: race for top.
 *   steal   read top, read bottom, read slot[top]; race for top
 *
 * A thief and the owner can both want an item only if the thief read the old bottom and the owner read the old top. Both write
 * (CLAIM, RACE) before they read, sequentially consistently, so one of them sees the other. The listing in Le et al. (PPoPP 2013) does
 * this with fences, keeps using the old ring after a resize in push, and publishes the ring without release; here neither is so.
 *
 * The orders have names so that tests/model can weaken one at a time and see the model checker object.
 */
#include "pool/deque.h"

#ifndef DEQUE_PUBLISH
#define DEQUE_PUBLISH memory_order_seq_cst
#endif
#ifndef DEQUE_CLAIM
#define DEQUE_CLAIM memory_order_seq_cst
#endif
#ifndef DEQUE_LOOK
#define DEQUE_LOOK memory_order_seq_cst
#endif
#ifndef DEQUE_RING
#define DEQUE_RING memory_order_release
#endif

static sld__ring *ring_new(const sld_allocator *a, int64_t size) {
  sld__ring *ring = sld__shared_new(a, sld__ring, 1);
  if (!ring) return NULL;
  ring->older = NULL;
  ring->size = size;
  ring->slots = sld__shared_new(a, sld__slot, size);
  if (ring->slots) return ring;
  sld__shared_free(a, ring);
  return NULL;
}

/* Relaxed: a thief's copy counts only if it then wins the race for top, and by then push's PUBLISH has shown it the slot. */
static void put(sld__ring *ring, int64_t at, void *item, const void *tag) {
  sld__slot *slot = &ring->slots[at & (ring->size - 1)];
  sld__store(&slot->item, item, memory_order_relaxed);
  sld__store(&slot->tag, tag, memory_order_relaxed);
}

static sld__slot *slot_at(sld__ring *ring, int64_t at) {
  return &ring->slots[at & (ring->size - 1)];
}

bool sld__deque_init(sld__deque *d, const sld_allocator *a, int64_t size) {
  sld__ring *ring = ring_new(a, size);
  if (!ring) return false;
  d->a = a;
  sld__init(&d->top, 0);
  sld__init(&d->bottom, 0);
  sld__init(&d->ring, ring);
  return true;
}

void sld__deque_fini(sld__deque *d) {
  sld__ring *ring = sld__load(&d->ring, memory_order_relaxed); /* alone by contract */
  while (ring) {
    sld__ring *older = ring->older;
    sld__shared_free(d->a, ring->slots);
    sld__shared_free(d->a, ring);
    ring = older;
  }
}

/* A ring of twice the size with the items of [top, bottom), published; NULL when out of memory. */
static sld__ring *grow(sld__deque *d, sld__ring *ring, int64_t top, int64_t bottom) {
  sld__ring *bigger = ring_new(d->a, ring->size * 2);
  if (!bigger) return NULL;
  for (int64_t i = top; i < bottom; i++) {
    sld__slot *slot = slot_at(ring, i); /* own writes */
    put(bigger, i, sld__load(&slot->item, memory_order_relaxed), sld__load(&slot->tag, memory_order_relaxed));
  }
  bigger->older = ring;
  sld__store(&d->ring, bigger, DEQUE_RING); /* partner: the acquire in steal, which must see the slots just copied */
  return bigger;
}

bool sld__deque_push(sld__deque *d, void *item, const void *tag) {
  int64_t bottom = sld__load(&d->bottom, memory_order_relaxed); /* own write */
  int64_t top = sld__load(&d->top, memory_order_acquire);       /* partner: RACE in steal; its slot may be written again only after it was read */
  sld__ring *ring = sld__load(&d->ring, memory_order_relaxed);  /* own write */
  if (bottom - top >= ring->size) {
    ring = grow(d, ring, top, bottom);
    if (!ring) return false;
  }
  put(ring, bottom, item, tag);
  SLD__POINT("push: slot written, not published");
  sld__store(&d->bottom, bottom + 1, DEQUE_PUBLISH); /* partner: LOOK at bottom in steal and empty; in S before the owner asks for sleepers */
  SLD__POINT("push: published");
  return true;
}

void *sld__deque_take(sld__deque *d, const void *tag) {
  int64_t bottom = sld__load(&d->bottom, memory_order_relaxed) - 1; /* own write */
  int64_t top = sld__load(&d->top, memory_order_relaxed);           /* no partner: top only rises, so even an old value proves emptiness */
  if (top > bottom) return NULL;
  sld__slot *slot = slot_at(sld__load(&d->ring, memory_order_relaxed), bottom); /* own writes */
  if (tag && sld__load(&slot->tag, memory_order_relaxed) != tag) return NULL;
  sld__store(&d->bottom, bottom, DEQUE_CLAIM); /* partner: LOOK at bottom in steal */
  SLD__POINT("take: claimed, top not read");
  top = sld__load(&d->top, DEQUE_LOOK); /* partner: RACE in steal */
  void *item = NULL;
  if (top < bottom) return sld__load(&slot->item, memory_order_relaxed);
  if (top == bottom) {
    item = sld__load(&slot->item, memory_order_relaxed);
    /* RACE for the last item. Partner: RACE in steal. */
    if (!sld__swap_if(&d->top, &top, top + 1, memory_order_seq_cst, memory_order_relaxed)) item = NULL;
  }
  /* Empty now. Release, partner LOOK in steal: one who reads this bottom must not miss the slots below it. */
  sld__store(&d->bottom, bottom + 1, memory_order_release);
  return item;
}

sld__steal sld__deque_steal(sld__deque *d, void **out, const void *tag) {
  int64_t top = sld__load(&d->top, DEQUE_LOOK); /* partner: RACE in take and steal */
  SLD__POINT("steal: top read, bottom not");
  int64_t bottom = sld__load(&d->bottom, DEQUE_LOOK); /* partner: PUBLISH and CLAIM */
  if (top >= bottom) return SLD__STEAL_NOTHING;
  sld__ring *ring = sld__load(&d->ring, memory_order_acquire); /* partner: RING in grow */
  sld__slot *slot = slot_at(ring, top);
  void *item = sld__load(&slot->item, memory_order_relaxed);
  const void *found = sld__load(&slot->tag, memory_order_relaxed);
  if (tag && found != tag) return SLD__STEAL_NOTHING;
  SLD__POINT("steal: slot read, race not run");
  /* RACE. Partner: LOOK at top in take, acquire in push. It fails if the slot could have been written again since it was read. */
  if (!sld__swap_if(&d->top, &top, top + 1, memory_order_seq_cst, memory_order_relaxed)) return SLD__STEAL_LOST;
  *out = item;
  return SLD__STEAL_WON;
}

bool sld__deque_empty(sld__deque *d) {
  int64_t top = sld__load(&d->top, memory_order_seq_cst);       /* partner: RACE */
  int64_t bottom = sld__load(&d->bottom, memory_order_seq_cst); /* partner: PUBLISH */
  return top >= bottom;
}
