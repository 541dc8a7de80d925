/* Doing many things at once on a host's pool. */
#include "api/host.h"

#include "base/alloc.h"

typedef struct item {
  void (*task)(void *arg, size_t i);
  void *arg;
  size_t i;
} item;

static void run_item(void *ud, int worker) {
  const item *it = ud;
  (void)worker;
  it->task(it->arg, it->i);
}

/* False: nothing has run. */
static bool run_on(sld__pool *pool, item *items, sld__task *tasks, size_t count) {
  sld__batch *batch;
  if (sld__batch_new(&batch, pool, NULL) != SLD_OK) return false;
  for (size_t i = 0; i < count; i++) tasks[i] = (sld__task){ run_item, &items[i], 1, -1 };
  bool submitted = sld__batch_submit(batch, tasks, count, NULL) == SLD_OK;
  if (submitted) sld__batch_wait(batch, -1);
  sld__batch_free(batch);
  return submitted;
}

void sld__host_each(void *ud, size_t count, void (*task)(void *arg, size_t i), void *arg) {
  const sld_host *host = ud;
  const sld_allocator *a = &host->alloc;
  item *items = sld__alloc(a, count, sizeof *items);
  sld__task *tasks = sld__alloc(a, count, sizeof *tasks);
  for (size_t i = 0; items && i < count; i++) items[i] = (item){ task, arg, i };
  bool done = items && tasks && run_on(host->pool, items, tasks, count);
  for (size_t i = 0; i < count && !done; i++) task(arg, i);
  sld__free(a, tasks);
  sld__free(a, items);
}
