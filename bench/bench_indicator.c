/* ns per bar of every kernel, fed whole columns and blocks of 1,024 rows: least and median of many runs.
 *   bench_indicator [rows [runs]] */
#include "indicator/kernel.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STATE = 4096 };

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double uniform(uint64_t *seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 11) * 0x1p-53;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void feed(const sld__kernel *k, const double *opt, size_t rows, size_t block, double *const *in, double *const *out) {
  static double state[STATE];
  memset(state, 0, sizeof state);
  for (size_t at = 0; at < rows; at += block) {
    const double *from[SLD__KERNEL_INPUTS];
    double *to[SLD__KERNEL_OUTPUTS];
    for (int i = 0; i < k->inputs; i++) from[i] = in[i] + at;
    for (int i = 0; i < k->outputs; i++) to[i] = out[i] + at;
    k->step(state, opt, rows - at < block ? rows - at : block, from, to);
  }
}

static void measure(const sld__kernel *k, const double *opt, size_t rows, int runs, double *const *in, double *const *out) {
  double *times = malloc((size_t)runs * sizeof *times);
  const size_t blocks[2] = { rows, 1024 };
  printf("%-14s", k->name);
  for (int b = 0; b < 2; b++) {
    feed(k, opt, rows, blocks[b], in, out);
    for (int r = 0; r < runs; r++) {
      double start = now_ns();
      feed(k, opt, rows, blocks[b], in, out);
      times[r] = (now_ns() - start) / (double)rows;
    }
    qsort(times, (size_t)runs, sizeof *times, by_value);
    printf("   %6.2f %6.2f", times[0], times[runs / 2]);
  }
  printf("\n");
  free(times);
}

int main(int argc, char **argv) {
  size_t rows = argc > 1 ? (size_t)atoll(argv[1]) : 20000;
  int runs = argc > 2 ? atoi(argv[2]) : 101;
  double *in[3], *out[3];
  uint64_t seed = 1;
  for (int i = 0; i < 3; i++) {
    in[i] = malloc(rows * sizeof **in);
    out[i] = malloc(rows * sizeof **out);
  }
  double price = 1.2;
  for (size_t i = 0; i < rows; i++) {
    price *= 1 + 1e-3 * (uniform(&seed) - 0.5);
    in[2][i] = price;
    in[0][i] = price * (1 + 1e-3 * uniform(&seed));
    in[1][i] = price * (1 - 1e-3 * uniform(&seed));
  }
  printf("%zu rows, %d runs, ns per row\n%-14s   %13s   %13s\n%-14s   %6s %6s   %6s %6s\n", rows, runs, "", "one call", "blocks", "kernel", "least", "median",
         "least", "median");
  for (size_t i = 0; i < sld__kernel_count(); i++) {
    const sld__kernel *k = sld__kernel_at(i);
    double opt[SLD__KERNEL_OPTIONS] = { 20, 2, 0, 0 };
    if (!strcmp(k->name, "macd")) opt[0] = 12, opt[1] = 26, opt[2] = 9;
    if (!strcmp(k->name, "stddev")) opt[1] = 0;
    measure(k, opt, rows, runs, in, out);
  }
  for (int i = 0; i < 3; i++) free(in[i]), free(out[i]);
  return 0;
}
