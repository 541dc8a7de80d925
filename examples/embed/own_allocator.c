/* A program that counts every byte: all memory of a host comes through its hook, that of the Lua states too. own_allocator DATA STRATEGY */
#include <sliders.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* The size stands before each block. The hook is called by all workers at once. */
typedef struct counter {
  atomic_llong now, most, calls;
} counter;

typedef union head {
  size_t size;
  max_align_t align;
} head;

static void *resize(void *ud, void *ptr, size_t size) {
  counter *c = ud;
  head *old = ptr ? (head *)ptr - 1 : NULL;
  long long before = old ? (long long)old->size : 0;
  atomic_fetch_add(&c->calls, 1);
  if (size == 0) {
    atomic_fetch_sub(&c->now, before);
    free(old);
    return NULL;
  }
  head *made = realloc(old, sizeof *made + size);
  if (!made) return NULL;
  made->size = size;
  long long now = atomic_fetch_add(&c->now, (long long)size - before) + (long long)size - before, most = atomic_load(&c->most);
  while (now > most && !atomic_compare_exchange_weak(&c->most, &most, now)) {}
  return made + 1;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  counter c = { 0 };
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.workers = 2;
  options.allocator = (sld_allocator){ resize, &c };

  sld_error err = { 0 };
  sld_host *host = NULL;
  sld_market *market = NULL;
  sld_strategy *strategy = NULL;
  sld_run *run = NULL;
  if (sld_host_open(&host, &options, &err) || sld_market_new(&market, host, &err) || sld_market_load(market, argv[1], &err) ||
      sld_strategy_open(&strategy, host, argv[2], NULL, &err) || sld_run_start(&run, host, market, strategy, NULL, &err) || sld_run_wait(run, -1, NULL, &err))
    fprintf(stderr, "%s\n", err.message);
  sld_run_free(run);
  sld_strategy_free(strategy);
  sld_market_free(market);
  sld_host_close(host, NULL);
  printf("many calls: %s, more than 1 MB at once: %s, left: %lld bytes\n", atomic_load(&c.calls) > 1000 ? "yes" : "no",
         atomic_load(&c.most) > 1000000 ? "yes" : "no", (long long)atomic_load(&c.now));
  return err.status || atomic_load(&c.now) ? 1 : 0;
}
