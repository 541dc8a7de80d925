#include "portfolio/merge.h"

#include <string.h>

#include "base/sum.h"

/* The first point of a curve behind an instant, from `cursor` on: ticks may share one. */
static size_t pass(const sld__curve *curve, size_t cursor, int64_t time) {
  while (cursor < curve->count && curve->time[cursor] == time) cursor++;
  return cursor;
}

size_t sld__portfolio_clock(int64_t *clock, const sld__curve *curves, size_t count, size_t *cursors) {
  memset(cursors, 0, count * sizeof *cursors);
  for (size_t rows = 0;; rows++) {
    bool found = false;
    int64_t next = 0;
    for (size_t i = 0; i < count; i++) {
      if (cursors[i] == curves[i].count) continue;
      int64_t time = curves[i].time[cursors[i]];
      if (!found || time < next) next = time;
      found = true;
    }
    if (!found) return rows;
    for (size_t i = 0; i < count; i++) cursors[i] = pass(&curves[i], cursors[i], next);
    if (clock) clock[rows] = next;
  }
}

void sld__portfolio_sum(double *equity, const int64_t *clock, size_t rows, const sld__curve *curves, size_t count, size_t *cursors) {
  memset(cursors, 0, count * sizeof *cursors);
  for (size_t row = 0; row < rows; row++) {
    struct sld__sum sum = { 0 };
    for (size_t i = 0; i < count; i++) {
      const sld__curve *curve = &curves[i];
      cursors[i] = pass(curve, cursors[i], clock[row]);
      sld__sum_add(&sum, cursors[i] ? curve->equity[cursors[i] - 1] : curve->capital);
    }
    equity[row] = sld__sum_value(&sum);
  }
}

void sld__portfolio_trades(sld_trade *out, const sld_trade *const *lists, const size_t *closed, size_t count, size_t *cursors) {
  memset(cursors, 0, count * sizeof *cursors);
  for (size_t row = 0;; row++) {
    const sld_trade *next = NULL;
    size_t from = 0;
    for (size_t i = 0; i < count; i++) {
      if (cursors[i] == closed[i]) continue;
      const sld_trade *trade = &lists[i][cursors[i]];
      if (next && trade->exit_time >= next->exit_time) continue;
      next = trade;
      from = i;
    }
    if (!next) return;
    out[row] = *next;
    cursors[from]++;
  }
}
