/* Reports stand in a row of slots, which workers claim by counting. A slot is empty until its report is published. */
#include "engine/watch.h"

#include <stdatomic.h>

#include "base/os.h"

struct sld__watch {
  sld_allocator alloc;
  int signal;
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
  watch->signal = -1;
  watch->jobs = jobs;
  watch->slots = sld__alloc_zero(a, jobs, sizeof *watch->slots);
  sld_status status = watch->slots ? sld__os_signal_open(&watch->signal, err) : sld__fail_memory(err);
  if (status == SLD_OK) *out = watch;
  else sld__watch_free(watch);
  return status;
}

void sld__watch_free(sld__watch *watch) {
  if (!watch) return;
  sld_allocator alloc = watch->alloc;
  sld__os_signal_close(watch->signal);
  sld__free(&alloc, watch->slots);
  sld__free(&alloc, watch);
}

static void raise_once(sld__watch *watch) {
  if (!atomic_exchange_explicit(&watch->raised, true, memory_order_seq_cst)) sld__os_signal_raise(watch->signal); /* partner: the store in take */
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
    sld__os_signal_clear(watch->signal);
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

int sld__watch_descriptor(const sld__watch *watch) {
  return watch->signal;
}
