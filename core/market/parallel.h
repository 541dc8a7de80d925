/* Doing many things at once, without knowing by whom: the market lies below the pool. */
#ifndef SLD_MARKET_PARALLEL_H
#define SLD_MARKET_PARALLEL_H

#include <stddef.h>

typedef struct sld__parallel {
  /* Calls task(arg, i) once for every i < count, in any order and perhaps at once, and returns when all have returned. May be called from a
   * task. It cannot fail: where no thread can be had, the caller does the work. */
  void (*each)(void *ud, size_t count, void (*task)(void *arg, size_t i), void *arg);
  void *ud;
  int workers; /* how many tasks may run at once, >= 1 */
} sld__parallel;

/* NULL: one after the other, by the caller. */
static inline void sld__parallel_each(const sld__parallel *parallel, size_t count, void (*task)(void *arg, size_t i), void *arg) {
  if (parallel && parallel->workers > 1 && count > 1) {
    parallel->each(parallel->ud, count, task, arg);
    return;
  }
  for (size_t i = 0; i < count; i++) task(arg, i);
}

#endif
