/* What a run sees of a market: every pair once, in the time frame and on the side that were asked for.
 *
 * A pair that has bars of that frame gives them as they are. Any other has them made (resample.h) of its longest bars that are shorter and fit. Pairs that
 * only convert money need not fit: where nothing fits, their shortest bars serve. Ticks can be asked for, but not made. */
#ifndef SLD_MARKET_VIEW_H
#define SLD_MARKET_VIEW_H

#include "market/market.h"
#include "market/resample.h"

typedef struct sld__viewing {
  const char *timeframe;    /* "ticks": no bars. NULL: bars as they are, and a pair must not be there in several periods */
  sld_day day;
  const char *zone;         /* NULL but with SLD_DAY_SOURCE */
  const char *const *pairs; /* [pair_count] the traded ones; NULL: all */
  size_t pair_count;
  bool traded_only;         /* leave the others out */
  sld_side_option side;     /* of traded pairs */
} sld__viewing;

/* Whether a market is not its own view. */
bool sld__market_needs_view(const sld__market *market, const sld__viewing *how);

/* Makes the view, which borrows the series that it takes as they are: `market` must outlive it and stay as it is.
 * EINVAL: no time frame, as timeframe.h says; a traded pair in several periods of which none is chosen; a traded pair whose bars do not fit, with the
 * reason for its shortest; a traded pair whose prices are not of the side. ENAME, EIO, ENOMEM as resample.h. */
sld_status sld__market_view(sld__market **out, const sld__market *market, const sld__viewing *how, sld_error *err);

#endif
