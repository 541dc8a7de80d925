/* Reports stand in a row of slots, which workers claim by counting. A slot is empty until its report is published. */
#include "engine/watch.h"

#include <stdatomic.h>

#include "base/os.h"

struct sld__watch {
  sld_allocator alloc;
  atomic_int signal;     /* -1: nobody has asked for it */
  atomic_bool raised;    /* whether `signal` is; see take */
  atomic_size_t claimed; /* slots given to workers; relaxed, the slot itself publishes */
  atomic_size_t *slots;  /* [jobs] job + 1; 0: not yet */
  size_t taken;          /* the taking thread's */
  size_t jobs;
};

sld_status sld__watch_new(sld__watch **out, const sld_allocator *a, size_t jobs, sld_error *err) {
  sld__watch *watch = sld__alloc_zero(a, 1, sizeof *watch);
  if (!watch) return sld__fail_memory(err);
  watch->alloc = *a;
  atomic_init(&watch->signal, -1);
  watch->jobs = jobs;
  watch->slots = sld__alloc_zero(a, jobs, sizeof *watch->slots);
  if (!watch->slots) {
    sld__free(a, watch);
    return sld__fail_memory(err);
  }
  *out = watch;
  return SLD_OK;
}

void sld__watch_free(sld__watch *watch) {
  if (!watch) return;
  sld_allocator alloc = watch->alloc;
  sld__os_signal_close(atomic_load_explicit(&watch->signal, memory_order_relaxed)); /* nobody else is here any more */
  sld__free(&alloc, watch->slots);
  sld__free(&alloc, watch);
}

static void raise_once(sld__watch *watch) {
  int signal = atomic_load_explicit(&watch->signal, memory_order_seq_cst); /* partner: the store in descriptor, which looks for reports behind it */
  if (signal >= 0 && !atomic_exchange_explicit(&watch->raised, true, memory_order_seq_cst)) sld__os_signal_raise(signal); /* partner: the store in take */
}

void sld__watch_report(sld__watch *watch, size_t job) {
  size_t at = atomic_fetch_add_explicit(&watch->claimed, 1, memory_order_relaxed);
  atomic_store_explicit(&watch->slots[at], job + 1, memory_order_seq_cst); /* partner: published */
  raise_once(watch);
}

/* The report in the next slot + 1, or 0. */
static size_t published(const sld__watch *watch) {
  return watch->taken < watch->jobs ? atomic_load_explicit(&watch->slots[watch->taken], memory_order_seq_cst) : 0; /* partner: the store in report */
}

bool sld__watch_take(sld__watch *watch, size_t *job) {
  size_t report = published(watch);
  if (report == 0) {
    int signal = atomic_load_explicit(&watch->signal, memory_order_relaxed); /* this thread's own store */
    if (signal < 0) return false;
    sld__os_signal_clear(signal);
    /* Whoever found `raised` true has published before it, and is seen by the second look; whoever finds it false raises again. */
    atomic_store_explicit(&watch->raised, false, memory_order_seq_cst); /* partner: the exchange in raise_once */
    report = published(watch);
    if (report == 0) return false;
    raise_once(watch); /* a thread that takes one at a time must find it raised */
  }
  watch->taken++;
  *job = report - 1;
  return true;
}

int sld__watch_descriptor(sld__watch *watch) {
  int signal = atomic_load_explicit(&watch->signal, memory_order_relaxed); /* this thread's own store */
  if (signal >= 0) return signal;
  if (sld__os_signal_open(&signal, NULL) != SLD_OK) return -1;
  atomic_store_explicit(&watch->signal, signal, memory_order_seq_cst); /* partner: the load in raise_once */
  if (published(watch)) raise_once(watch);
  return signal;
}
