/* The drawdown of an equity curve: its peak, the deepest fall from one, and the longest time below one.
 *
 * Points are followed in order, in stretches of any length, so that whoever writes them can have them followed while they are hot. The
 * stretches change no bit. */
#ifndef SLD_LEDGER_DRAWDOWN_H
#define SLD_LEDGER_DRAWDOWN_H

#include <math.h>
#include <stdbool.h>

#include "base/time.h"
#include "base/wide.h"

typedef struct sld__drawdown {
  struct sld__clock clock; /* of the rows; time NULL: unknown, and no time is measured */
  size_t next;      /* first row not followed yet */
  double peak;      /* running maximum, starting capital included */
  double low;       /* lowest point since the peak; infinite: none */
  double worst;     /* least equity / peak before this peak, at most 1 */
  size_t first;     /* first row of all, before which the capital stands */
  size_t peak_row;  /* row after that of the last point at the peak; `first` for the starting capital */
  int64_t start_time;
  int64_t longest;  /* longest time from one peak to the next, ns */
} sld__drawdown;

/* Stands before row `first` with `capital` > 0 since start_time. The clock is borrowed. */
void sld__drawdown_start(sld__drawdown *c, double capital, size_t first, int64_t start_time, const struct sld__clock *clock);

/* Follows equity[next .. end). Stops behind the first point that is not above 0 (NaN included) and returns its row; `end` where all are above. */
size_t sld__drawdown_follow(sld__drawdown *c, const double *equity, size_t end);

/* What points tell together, in four lanes: most stretches stay below the peak, and then their least is all that counts. NaN is not seen. */
typedef struct sld__dip {
  sld__four least, most;
} sld__dip;

static inline __attribute__((always_inline)) void sld__dip_start(sld__dip *dip, double point) {
  dip->least = dip->most = (sld__four){ point, point, point, point };
}

static inline __attribute__((always_inline)) void sld__dip_add(sld__dip *dip, const sld__four *points) {
  sld__four_lesser(&dip->least, points);
  sld__four_greater(&dip->most, points);
}

/* Adds the first `count` of four points, all at most; below 1: none. Without a branch, for the ends of stretches. */
static inline __attribute__((always_inline)) void sld__dip_add_some(sld__dip *dip, const sld__four *points, int64_t count) {
  const sld__four_bits there = ((sld__four_bits){ 0, 1, 2, 3 } - count) >> 63, bits = (sld__four_bits)*points & there;
  const sld__four low = (sld__four)(bits | ((sld__four_bits)dip->least & ~there)), high = (sld__four)(bits | ((sld__four_bits)dip->most & ~there));
  sld__four_lesser(&dip->least, &low);
  sld__four_greater(&dip->most, &high);
}

/* Follows the points up to `end`, all of which the dip has seen, where they are above 0 and below the peak; else does nothing and returns false. */
static inline __attribute__((always_inline)) bool sld__dip_follow(sld__drawdown *d, const sld__dip *dip, size_t end) {
  const sld__four x = dip->least, y = dip->most;
  double even = x[0] < x[2] ? x[0] : x[2], odd = x[1] < x[3] ? x[1] : x[3], least = even < odd ? even : odd;
  double high_even = y[0] > y[2] ? y[0] : y[2], high_odd = y[1] > y[3] ? y[1] : y[3], most = high_even > high_odd ? high_even : high_odd;
  if (!(least > 0.0 && most < d->peak)) return false;
  if (least < d->low) d->low = least;
  d->next = end;
  return true;
}

/* The least equity / peak of what has been followed, at most 1: the drawdown plus 1. */
static inline double sld__drawdown_worst(const sld__drawdown *d) {
  double depth = d->low / d->peak;
  return depth < d->worst ? depth : d->worst;
}

/* The longest time spent below a peak, ns, with the one that is open at the last row followed. */
int64_t sld__drawdown_longest(const sld__drawdown *c);

#endif
