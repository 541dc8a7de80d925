/* Following a curve. Most stretches reach neither the peak nor a new low, and a few operations on four points at a time see that. */
#include "ledger/drawdown.h"

#include <float.h>

enum { BLOCK = SLD__DRAWDOWN_BLOCK };

/* While all points were above 0, none at or below 0 reaches the floor. */
static void lay_floor(sld__drawdown *d) {
  double floor = d->peak * d->bound;
  d->floor = d->worst > 0.0 && floor < DBL_MIN ? DBL_MIN : floor;
}

static void set_worst(sld__drawdown *d, double worst) {
  d->worst = worst;
  d->bound = worst * (1.0 + 0x1p-51);
  d->low = INFINITY;
}

void sld__drawdown_start(sld__drawdown *d, double capital, size_t first, int64_t start_time, const struct sld__clock *clock) {
  *d = (sld__drawdown){ .clock = *clock, .next = first, .peak = capital, .first = first, .peak_row = first, .start_time = start_time };
  set_worst(d, 1.0);
  lay_floor(d);
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
  if (d->low < INFINITY) set_worst(d, sld__drawdown_worst(d)); /* a division for each peak that something fell from, not for each point */
  d->peak = equity;
  d->peak_row = row + 1;
  lay_floor(d);
}

/* Point by point. */
static size_t follow_each(sld__drawdown *d, const double *equity, size_t row, size_t end) {
  for (; row < end; row++) {
    if (equity[row] >= d->peak) rise(d, equity[row], row);
    else if (equity[row] < d->floor) d->floor = d->low = equity[row];
    if (equity[row] > 0.0) continue;
    d->next = row + 1;
    return row;
  }
  d->next = end;
  return end;
}

size_t sld__drawdown_pass(sld__drawdown *d, const double *equity, size_t end, const sld__low *l) {
  double a = l->lanes[0] < l->lanes[1] ? l->lanes[0] : l->lanes[1], b = l->lanes[2] < l->lanes[3] ? l->lanes[2] : l->lanes[3], low = a < b ? a : b;
  double sum = (l->sum[0] + l->sum[1]) + (l->sum[2] + l->sum[3]);
  if (!(low > 0.0 && sum == sum)) return follow_each(d, equity, d->next, end);
  if (low < d->floor) d->floor = d->low = low;
  d->next = end;
  return end;
}

SLD__WIDE size_t sld__drawdown_follow(sld__drawdown *d, const double *equity, size_t end) {
  while (d->next + BLOCK <= end) {
    sld__four_bits below = { -1, -1, -1, -1 };
    sld__low low;
    sld__low_reset(&low);
    for (size_t i = d->next; i < d->next + BLOCK; i += 4) {
      sld__four points;
      memcpy(&points, equity + i, sizeof points);
      sld__low_test(&below, d->peak, &points);
      sld__low_add(&low, &points, equity + i);
    }
    size_t stop = d->next + BLOCK, bad = sld__four_signs(&below) ? sld__drawdown_pass(d, equity, stop, &low) : follow_each(d, equity, d->next, stop);
    if (bad < stop) return bad;
  }
  return d->next < end ? follow_each(d, equity, d->next, end) : end;
}

int64_t sld__drawdown_longest(const sld__drawdown *d) {
  if (!d->clock.time || d->peak_row >= d->next) return d->longest;
  int64_t open = below_since(d, d->next - 1);
  return open > d->longest ? open : d->longest;
}
