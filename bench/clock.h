/* Timing for benchmarks: a monotonic clock, and the median and spread of repeated readings. */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdlib.h>
#include <time.h>

static inline double now_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* CPU time of all threads of the process: for work on one thread, and less disturbed by other programs than the wall clock. */
static inline double cpu_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum { READINGS_MAX = 101 };

typedef struct readings {
  double at[READINGS_MAX];
  int count;
} readings;

static inline void readings_add(readings *r, double value) {
  if (r->count < READINGS_MAX) r->at[r->count++] = value;
}

static inline int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The value below which a share q of the readings lies; q = 0.5 is the median. Sorts the readings. */
static inline double readings_at(readings *r, double q) {
  qsort(r->at, (size_t)r->count, sizeof *r->at, by_value);
  return r->at[(int)(q * (double)(r->count - 1) + 0.5)];
}

#endif
