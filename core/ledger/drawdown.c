/* Following a curve. Most stretches reach neither the peak nor a new low, and a few operations on four points at a time see that. */
#include "ledger/drawdown.h"

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

size_t sld__drawdown_each(sld__drawdown *d, const double *equity, size_t end) {
  for (size_t row = d->next; row < end; row++) {
    if (equity[row] >= d->peak) rise(d, equity[row], row);
    else if (equity[row] < d->floor) d->floor = d->low = equity[row];
    if (equity[row] > 0.0) continue;
    d->next = row + 1;
    return row;
  }
  if (d->next < end) d->next = end;
  return end;
}

static double lesser(double a, double b) {
  return a < b ? a : b;
}

/* The least of equity[next .. end), four at a time; NaN where one of them is. */
static double least_of(const sld__drawdown *d, const double *equity, size_t end) {
  double lanes[4] = { INFINITY, INFINITY, INFINITY, INFINITY }, sum = 0.0;
  for (size_t i = d->next; i < end; i += 4) {
    for (size_t k = 0; k < 4; k++) lanes[k] = lesser(equity[i + k], lanes[k]);
    sum += (equity[i] + equity[i + 1]) + (equity[i + 2] + equity[i + 3]);
  }
  return isnan(sum) ? sum : lesser(lesser(lanes[0], lanes[1]), lesser(lanes[2], lanes[3]));
}

size_t sld__drawdown_look(sld__drawdown *d, const double *equity, size_t end, bool below) {
  double least = below ? least_of(d, equity, end) : (double)NAN;
  if (!(least > 0.0)) return sld__drawdown_each(d, equity, end);
  if (least < d->floor) d->floor = d->low = least;
  d->next = end;
  return end;
}

SLD__WIDE size_t sld__drawdown_follow(sld__drawdown *d, const double *equity, size_t end) {
  while (d->next + BLOCK <= end) {
    sld__dip dip = sld__dip_of(d);
    size_t stop = d->next + BLOCK;
    for (size_t i = d->next; i < stop; i += 4) {
      sld__four points;
      memcpy(&points, equity + i, sizeof points);
      sld__dip_add(&dip, &points);
    }
    size_t bad = sld__dip_tells(&dip) ? sld__drawdown_look(d, equity, stop, sld__dip_below(&dip)) : stop;
    if (bad < stop) return bad;
    d->next = stop;
  }
  return d->next < end ? sld__drawdown_each(d, equity, end) : end;
}

int64_t sld__drawdown_longest(const sld__drawdown *d) {
  if (!d->clock.time || d->peak_row >= d->next) return d->longest;
  int64_t open = below_since(d, d->next - 1);
  return open > d->longest ? open : d->longest;
}
