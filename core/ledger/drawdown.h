/* The drawdown of an equity curve: its peak, the deepest fall from one, and the longest time below one.
 *
 * Points are followed in order, in stretches of any length, so that whoever writes them can have them followed while they are hot. The
 * stretches change no bit. */
#ifndef SLD_LEDGER_DRAWDOWN_H
#define SLD_LEDGER_DRAWDOWN_H

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

/* What a writer notes of points below the peak while it has them in registers. */
typedef struct sld__low {
  double lanes[4];  /* their least */
  sld__four sum;    /* NaN where one of them is */
} sld__low;

static inline __attribute__((always_inline)) void sld__low_reset(sld__low *l) {
  *l = (sld__low){ { INFINITY, INFINITY, INFINITY, INFINITY }, { 0.0, 0.0, 0.0, 0.0 } };
}

/* Adds four points. The least is taken of the points in memory, where a processor has a minimum for each. */
static inline __attribute__((always_inline)) void sld__low_add(sld__low *l, const sld__four *four, const double *points) {
  l->sum += *four;
  l->lanes[0] = points[0] < l->lanes[0] ? points[0] : l->lanes[0];
  l->lanes[1] = points[1] < l->lanes[1] ? points[1] : l->lanes[1];
  l->lanes[2] = points[2] < l->lanes[2] ? points[2] : l->lanes[2];
  l->lanes[3] = points[3] < l->lanes[3] ? points[3] : l->lanes[3];
}

/* Clears the sign bit of a lane whose point reaches the peak: the sign of the difference tells, for gcc takes comparisons of vectors apart. */
static inline __attribute__((always_inline)) void sld__low_test(sld__four_bits *below, double peak, const sld__four *four) {
  *below &= (sld__four_bits)(*four - peak);
}

/* Follows equity[next .. end), all of them in `l` and below the peak. As sld__drawdown_follow. */
size_t sld__drawdown_pass(sld__drawdown *d, const double *equity, size_t end, const sld__low *l);

/* The least equity / peak of what has been followed, at most 1: the drawdown plus 1. */
static inline double sld__drawdown_worst(const sld__drawdown *d) {
  double depth = d->low / d->peak;
  return depth < d->worst ? depth : d->worst;
}

/* The longest time spent below a peak, ns, with the one that is open at the last row followed. */
int64_t sld__drawdown_longest(const sld__drawdown *c);

#endif
