/* The drawdown of an equity curve: its peak, the deepest fall from one, and the longest time below one.
 *
 * Points are followed in order, in stretches of any length, so that whoever writes them can have them followed while they are hot. The
 * stretches change no bit. */
#ifndef SLD_LEDGER_DRAWDOWN_H
#define SLD_LEDGER_DRAWDOWN_H

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/time.h"
#include "base/wide.h"

enum { SLD__DRAWDOWN_BLOCK = 16 };

typedef struct sld__drawdown {
  struct sld__clock clock; /* of the rows; time NULL: unknown, and no time is measured */
  size_t next;      /* first row not followed yet */
  double peak;      /* running maximum, starting capital included */
  double floor;     /* only a point below it can be deeper than what has been seen; above 0 while all points are */
  double low;       /* lowest point below the floor since the peak; infinite: none */
  double worst;     /* least equity / peak before this peak, at most 1 */
  double bound;     /* a little above it, for what products and quotients round to: peak * bound is the floor of a new peak */
  size_t first;     /* first row of all, before which the capital stands */
  size_t peak_row;  /* row after that of the last point at the peak; `first` for the starting capital */
  int64_t start_time;
  int64_t longest;  /* longest time from one peak to the next, ns */
} sld__drawdown;

/* Stands before row `first` with `capital` > 0 since start_time. The clock is borrowed. */
void sld__drawdown_start(sld__drawdown *c, double capital, size_t first, int64_t start_time, const struct sld__clock *clock);

/* Follows equity[next .. end). Stops behind the first point that is not above 0 (NaN included) and returns its row; `end` where all are above. */
size_t sld__drawdown_follow(sld__drawdown *c, const double *equity, size_t end);

/* The same point by point, cheaper for a few of them. */
size_t sld__drawdown_each(sld__drawdown *c, const double *equity, size_t end);

/* What points tell by signs of differences, for gcc takes comparisons of vectors apart. */
typedef struct sld__dip {
  sld__four_bits below; /* signs set while every point was below the peak */
  sld__four_bits deep;  /* a sign set once a point was below the floor or not above 0. NaN, whichever its sign, fails here or above */
  double peak, floor;
} sld__dip;

static inline __attribute__((always_inline)) sld__dip sld__dip_of(const sld__drawdown *d) {
  return (sld__dip){ { -1, -1, -1, -1 }, { 0, 0, 0, 0 }, d->peak, d->floor > DBL_MIN ? d->floor : DBL_MIN };
}

static inline __attribute__((always_inline)) void sld__dip_add(sld__dip *dip, const sld__four *points) {
  dip->below &= (sld__four_bits)(*points - dip->peak);
  dip->deep |= (sld__four_bits)(*points - dip->floor);
}

static inline __attribute__((always_inline)) bool sld__dip_below(const sld__dip *dip) {
  return sld__four_signs(&dip->below);
}

/* Whether the points are to be looked at: else the peak and the floor stand. */
static inline __attribute__((always_inline)) bool sld__dip_tells(const sld__dip *dip) {
  sld__four_bits quiet = dip->below & ~dip->deep;
  return !sld__four_signs(&quiet);
}

/* Follows equity[next .. end), a multiple of four points, of which a dip says whether all are below the peak. As sld__drawdown_follow. */
size_t sld__drawdown_look(sld__drawdown *d, const double *equity, size_t end, bool below);

/* The least equity / peak of what has been followed, at most 1: the drawdown plus 1. */
static inline double sld__drawdown_worst(const sld__drawdown *d) {
  double depth = d->low / d->peak;
  return depth < d->worst ? depth : d->worst;
}

/* The longest time spent below a peak, ns, with the one that is open at the last row followed. */
int64_t sld__drawdown_longest(const sld__drawdown *c);

#endif
