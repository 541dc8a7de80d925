/* Random column expressions, made in a sld__columns and computed beside it by one whole-column step per kernel. */
#ifndef TESTS_INDICATOR_GRAPH_H
#define TESTS_INDICATOR_GRAPH_H

#include "indicator/columns.h"
#include "indicator_twins.h"

enum { GRAPH_BASES = 3, GRAPH_CONSTANTS = 2, GRAPH_COLUMNS = 60 };

typedef struct graph {
  size_t rows;
  int count;                      /* columns, by id */
  double *values[GRAPH_COLUMNS];  /* [rows], what each must be */
  bool constant[GRAPH_COLUMNS];
  double value[GRAPH_COLUMNS];    /* of a constant */
  int bases;
} graph;

/* Three walks; some rows are gaps. */
static void graph_init(graph *g, size_t rows, uint64_t seed) {
  memset(g, 0, sizeof *g);
  g->rows = rows;
  g->count = g->bases = GRAPH_BASES;
  for (int k = 0; k < GRAPH_BASES; k++) {
    g->values[k] = twin_column(rows);
    double price = 100;
    for (size_t i = 0; i < rows; i++) {
      price += twin_random(&seed) - 0.5;
      g->values[k][i] = twin_random(&seed) < 0.001 ? (double)NAN : price;
    }
  }
}

static void graph_fini(graph *g) {
  for (int k = 0; k < g->count; k++) free(g->values[k]);
}

static int graph_pick(uint64_t *seed, int below) {
  return (int)((double)below * twin_random(seed));
}

static void graph_options(const sld__kernel *k, double *opt, uint64_t *seed) {
  static const double periods[] = { 2, 3, 5, 14, 20, 33, 200, 700, 1500 };
  for (int i = 0; i < k->options; i++) opt[i] = periods[graph_pick(seed, 9)];
  if (!strcmp(k->name, "stddev")) opt[1] = graph_pick(seed, 2);
  for (int i = 0; i < k->options && !strcmp(k->name, "sar"); i++) opt[i] = 0.02 * (i + 1);
}

static bool graph_inputs(const graph *g, const sld__kernel *k, int *in, uint64_t *seed) {
  int constants = 0;
  for (int i = 0; i < k->inputs; i++) {
    in[i] = graph_pick(seed, g->count);
    constants += g->constant[in[i]];
  }
  return constants == 0 || (k->constants && constants < k->inputs);
}

static void graph_compute(graph *g, const sld__kernel *k, const int *in, const double *opt, const int *ids) {
  const double *from[SLD__KERNEL_INPUTS];
  double *to[SLD__KERNEL_OUTPUTS];
  for (int i = 0; i < k->inputs; i++) from[i] = g->values[in[i]];
  for (int i = 0; i < k->outputs; i++) to[i] = g->values[ids[i]] = twin_column(g->rows);
  double *state = calloc(k->state_count(opt) + 1, sizeof *state);
  k->step(state, opt, g->rows, from, to);
  free(state);
}

/* Makes the bases, two constants and `ops` random columns in c; c must be fresh. Returns false where c refused one. */
static bool graph_grow(graph *g, sld__columns *c, int ops, uint64_t seed) {
  int id;
  for (int k = 0; k < GRAPH_BASES; k++)
    if (sld__columns_base(c, &id, g->values[k], NULL, NULL) != SLD_OK || id != k) return false;
  for (int k = 0; k < GRAPH_CONSTANTS; k++) {
    if (sld__columns_constant(c, &id, 100.0 + k, NULL) != SLD_OK || id != g->count) return false;
    g->values[id] = twin_column(g->rows);
    for (size_t i = 0; i < g->rows; i++) g->values[id][i] = 100.0 + k;
    g->constant[id] = true;
    g->count++;
  }
  while (ops > 0 && g->count + SLD__KERNEL_OUTPUTS <= GRAPH_COLUMNS) {
    const sld__kernel *k = sld__kernel_at((size_t)graph_pick(&seed, (int)sld__kernel_count()));
    int in[SLD__KERNEL_INPUTS], ids[SLD__KERNEL_OUTPUTS];
    double opt[SLD__KERNEL_OPTIONS] = { 0 };
    graph_options(k, opt, &seed);
    if (!graph_inputs(g, k, in, &seed)) continue;
    if (sld__columns_apply(c, ids, k, in, opt, NULL) != SLD_OK) return false;
    ops--;
    if (ids[0] < g->count) continue; /* made before */
    graph_compute(g, k, in, opt, ids);
    g->count = ids[k->outputs - 1] + 1;
  }
  return true;
}

/* Whether values[n] are rows at..at + n of column id. */
static bool graph_same(const graph *g, int id, size_t at, const double *values, size_t n) {
  for (size_t i = 0; i < n; i++) {
    double want = g->values[id][at + i];
    if (isnan(want) ? !isnan(values[i]) : memcmp(&want, &values[i], sizeof want) != 0) return false;
  }
  return true;
}

/* Whether the stream of column id gives exactly its rows. */
static bool graph_streams(const graph *g, sld__columns *c, int id) {
  if (sld__columns_stream_open(c, id, NULL) != SLD_OK) return false;
  size_t row = 0, n;
  for (const double *block; (block = sld__columns_stream_next(c, &n)); row += n)
    if (n == 0 || n > SLD__COLUMNS_BLOCK || !graph_same(g, id, row, block, n)) return false;
  return row == g->rows && n == 0;
}

#endif
