/* Made-up bars: a random walk of fixed seed in hours or minutes without holes. The same arguments give the same bars everywhere. */
#ifndef BENCH_BARS_H
#define BENCH_BARS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct bars {
  size_t count;
  int64_t period_ns;
  int64_t *time;
  double *open, *high, *low, *close;
} bars;

/* Exits where there is no memory: these are programs. */
static inline void *need_memory(size_t count, size_t size) {
  void *block = calloc(count ? count : 1, size);
  if (!block) {
    fprintf(stderr, "out of memory\n");
    exit(2);
  }
  return block;
}

static inline double uniform(uint64_t *seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 11) * 0x1p-53;
}

static inline double larger(double a, double b) {
  return a > b ? a : b;
}

static inline bars bars_make(size_t count, int64_t period_ns, uint64_t seed) {
  bars b = { count, period_ns, need_memory(count, 8), need_memory(count, 8), need_memory(count, 8), need_memory(count, 8), need_memory(count, 8) };
  double price = 1.1;
  for (size_t i = 0; i < count; i++) {
    b.time[i] = 946857600000000000 + (int64_t)i * period_ns; /* from 2000-01-03 */
    b.open[i] = price;
    price *= 1.0 + 0.0005 * (uniform(&seed) + uniform(&seed) + uniform(&seed) + uniform(&seed) - 2.0);
    b.close[i] = price;
    b.high[i] = larger(b.open[i], price) * 1.0001;
    b.low[i] = -larger(-b.open[i], -price) * 0.9999;
  }
  return b;
}

static inline void bars_free(bars *b) {
  free(b->time);
  free(b->open);
  free(b->high);
  free(b->low);
  free(b->close);
}

#endif
