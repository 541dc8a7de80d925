/* Longer bars made of shorter ones, and bars made of ticks.
 *
 * A bar has the first open, the highest high, the lowest low and the last close of the rows that it holds, in their order, and the sum of their
 * volumes; bids and asks each by themselves. A stretch without a row makes no bar. Ticks of one instant stay in their order. Which rows a bar holds is
 * said in timeframe.h; rows that are stamped by date are taken by their dates, whatever `day` says, for they know no clock. */
#ifndef SLD_MARKET_RESAMPLE_H
#define SLD_MARKET_RESAMPLE_H

#include "market/series.h"
#include "market/timeframe.h"

typedef struct sld__resampling {
  sld__timeframe frame;
  sld_day day;
  const char *zone; /* NULL but with SLD_DAY_SOURCE */
} sld__resampling;

/* Makes a series of its own, whose memory comes from `a`. The bars are those of the same instrument and side; period_ns is sld__timeframe_period's.
 * EINVAL: bars longer than the frame, or one that runs past the end of the bar it would be part of: named with its time; zone and day that do not fit.
 * ENAME, EIO: no such zone; ENOMEM. */
sld_status sld__series_resample(sld__series **out, const sld__series *series, const sld__resampling *how, const sld_allocator *a, sld_error *err);

#endif
