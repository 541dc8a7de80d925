/* Who searches and who sleeps. */
#include "pool/idle.h"

#ifndef IDLE_COUNT
#define IDLE_COUNT memory_order_seq_cst
#endif

bool sld__idle_init(sld__idle *idle, int workers) {
  sld__init(&idle->searchers, 0);
  idle->limit = (workers + 1) / 2;
  return sld__event_init(&idle->event);
}

void sld__idle_fini(sld__idle *idle) {
  sld__event_fini(&idle->event);
}

void sld__idle_notify(sld__idle *idle) {
  for (;;) {
    if (sld__load(&idle->searchers, IDLE_COUNT) != 0) return; /* partner: COUNT in leave, after which they look */
    if (sld__event_waiters(&idle->event) == 0) return;
    int none = 0;
    /* A searcher in the sleeper's name. Who fails here has seen one who became a searcher after the work was published. */
    if (!sld__swap_if(&idle->searchers, &none, 1, IDLE_COUNT, memory_order_seq_cst)) return;
    SLD__POINT("notify: searcher counted, nobody woken");
    if (sld__event_wake_one(&idle->event)) return;
    /* The sleeper had found work by itself. Others may have published meanwhile and relied on this searcher: ask again. */
    sld__fetch_sub(&idle->searchers, 1, IDLE_COUNT);
  }
}

/* True: the caller is a searcher now. */
static bool enter(sld__idle *idle) {
  int searchers = sld__load(&idle->searchers, memory_order_relaxed); /* a guess; the swap below decides */
  while (searchers < idle->limit)
    /* In S before the caller's search; partner: COUNT in notify. */
    if (sld__swap_if(&idle->searchers, &searchers, searchers + 1, IDLE_COUNT, memory_order_relaxed)) return true;
  return false;
}

/* A searcher stops being one. In S before its look at the queues; partner: COUNT in notify. True: it was the last. */
static bool leave(sld__idle *idle) {
  return sld__fetch_sub(&idle->searchers, 1, IDLE_COUNT) == 1;
}

/* Announces that the caller may sleep; it is no searcher afterwards. */
static uint64_t prepare(sld__idle *idle, bool searching) {
  uint64_t key = sld__event_prepare(&idle->event);
  SLD__POINT("park: announced, still a searcher");
  if (searching) leave(idle); /* last or not: it looks anyway */
  return key;
}

void *sld__idle_hunt(sld__idle *idle, const sld__hunter *hunter) {
  bool searching = enter(idle);
  for (;;) {
    void *found = searching ? hunter->search(hunter->ud) : NULL;
    if (found) {
      if (leave(idle) && hunter->queued(hunter->ud)) sld__idle_notify(idle);
      return found;
    }
    uint64_t key = prepare(idle, searching);
    found = hunter->look(hunter->ud);
    if (found || hunter->stopping(hunter->ud)) {
      if (sld__event_cancel(&idle->event, key)) leave(idle); /* the wake-up had made it a searcher */
      if (hunter->queued(hunter->ud)) sld__idle_notify(idle);
      return found;
    }
    SLD__POINT("park: looked, not asleep");
    sld__event_commit(&idle->event, key, SLD__NEVER);
    searching = true; /* the waker counted it */
  }
}

void sld__idle_release(sld__idle *idle) {
  while (sld__event_wake_one(&idle->event)) {
  }
}
