/* Sleeves put together: the union of their clocks, the last value forward, sums in key order. */
#ifndef SLD_PORTFOLIO_MERGE_H
#define SLD_PORTFOLIO_MERGE_H

#include <sliders.h>

/* The equity of one sleeve. Everything is borrowed. */
typedef struct sld__curve {
  double capital;       /* what it is worth before its first point */
  size_t count;         /* 0: it waits all the time */
  const int64_t *time;  /* [count] closes, ns UTC, ascending; of points at one instant (ticks) the last counts */
  const double *equity; /* [count] account currency */
} sld__curve;

/* Every time at which some curve has a point, ascending, to clock[]; returns how many. clock NULL: only counts.
 *   cursors  [count] scratch */
size_t sld__portfolio_clock(int64_t *clock, const sld__curve *curves, size_t count, size_t *cursors);

/* equity[rows]: at each time of the clock the compensated sum, in key order, of the last point of every curve.
 *   cursors  [count] scratch */
void sld__portfolio_sum(double *equity, const int64_t *clock, size_t rows, const sld__curve *curves, size_t count, size_t *cursors);

/* Trades of several sleeves in order of exit, then key order, then their own; open ones (from closed[i] on) are left out.
 *   lists   [count] in order of exit
 *   out     [sum of closed[]]
 *   cursors [count] scratch */
void sld__portfolio_trades(sld_trade *out, const sld_trade *const *lists, const size_t *closed, size_t count, size_t *cursors);

#endif
