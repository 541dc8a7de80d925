/* Following a curve. Most stretches stay below the peak, and a few operations on four points at a time see that. */
#include "ledger/drawdown.h"

#include <string.h>

enum { BLOCK = 32 };

void sld__drawdown_start(sld__drawdown *d, double capital, size_t first, int64_t start_time, const struct sld__clock *clock) {
  *d = (sld__drawdown){ .clock = *clock, .next = first, .peak = capital, .low = INFINITY, .worst = 1.0, .first = first, .peak_row = first, .start_time = start_time };
}

/* Time from the last point at the peak to the close of `row`. */
static int64_t below_since(const sld__drawdown *d, size_t row) {
  int64_t peak_time = d->peak_row == d->first ? d->start_time : sld__clock_close(&d->clock, d->peak_row - 1);
  return sld__clock_close(&d->clock, row) - peak_time;
}

static void rise(sld__drawdown *d, double equity, size_t row) {
  if (row > d->peak_row && d->clock.time) {
    int64_t below = below_since(d, row);
    if (below > d->longest) d->longest = below;
  }
  if (d->low < INFINITY) d->worst = sld__drawdown_worst(d);
  d->low = INFINITY;
  d->peak = equity;
  d->peak_row = row + 1;
}

/* Point by point. */
static size_t follow_each(sld__drawdown *d, const double *equity, size_t end) {
  for (size_t row = d->next; row < end; row++) {
    if (equity[row] >= d->peak) rise(d, equity[row], row);
    else if (equity[row] < d->low) d->low = equity[row];
    if (equity[row] > 0.0) continue;
    d->next = row + 1;
    return row;
  }
  if (d->next < end) d->next = end;
  return end;
}

/* A block of points at once, where none is NaN and none at the peak; returns whether that was so. */
static inline __attribute__((always_inline)) bool follow_block(sld__drawdown *d, const double *equity) {
  size_t end = d->next + BLOCK;
  sld__dip dip;
  sld__four sum = { 0.0, 0.0, 0.0, 0.0 };
  sld__dip_start(&dip, equity[d->next]);
  for (size_t i = d->next; i < end; i += 4) {
    sld__four points;
    memcpy(&points, equity + i, sizeof points);
    sld__dip_add(&dip, &points);
    sum += points;
  }
  return !isnan((sum[0] + sum[1]) + (sum[2] + sum[3])) && sld__dip_follow(d, &dip, end);
}

SLD__WIDE size_t sld__drawdown_follow(sld__drawdown *d, const double *equity, size_t end) {
  while (d->next + BLOCK <= end) {
    size_t stop = d->next + BLOCK, bad = follow_block(d, equity) ? stop : follow_each(d, equity, stop);
    if (bad < stop) return bad;
  }
  return follow_each(d, equity, end);
}

int64_t sld__drawdown_longest(const sld__drawdown *d) {
  if (!d->clock.time || d->peak_row >= d->next) return d->longest;
  int64_t open = below_since(d, d->next - 1);
  return open > d->longest ? open : d->longest;
}
