/* The bars of a higher time frame as a strategy may see them: finished periods only.
 *
 * A period is a bucket of timeframe.h; bars that are stamped by date are taken by their dates, whatever `day` says. A bar belongs to the period in which it opens; a period is made of its bars as they are found: the first
 * open, the highest high, the lowest low, the last close, the volumes' sum.
 *
 * A period is finished at the close of the first bar that closes at its end or later. That is the bar which completes it by time; where
 * that bar is missing, it is the first bar behind the hole. On a clock that keeps the FX week (every day but SLD_DAY_UTC) nobody waits for a weekend: a week
 * or a run of months that ends with a Sunday or a Saturday is finished when its Friday is. A bar that opens in a period which is finished already
 * counts to the next one. So nothing that is known at a bar depends on a later bar, not even on whether there is one. */
#ifndef SLD_MARKET_FRAME_H
#define SLD_MARKET_FRAME_H

#include "market/series.h"
#include "market/timeframe.h"

typedef struct sld__frame {
  sld_allocator allocator;
  size_t count;          /* finished periods; at most the rows of the view */
  int32_t *last;         /* [rows of the view] the last period finished at that row's close; -1: none yet */
  double *columns[SLD__COLUMN_COUNT]; /* [count] each, by sld__frame_column; `time` is the period's start in seconds. One-price data: high
                                         and low are still of the period. NULL: absent */
} sld__frame;

/* "time", "open", "high", "low", "close", "volume", "ask_open", ... ; static. */
const char *sld__frame_column(int column);

/* Fills *out from rows row0..row0 + rows of a series; rows < 2^31. On failure *out is fit for fini.
 * EINVAL: the series' bars do not add up to whole bars of the frame. ENAME, EIO: no such zone. ENOMEM. */
sld_status sld__frame_init(sld__frame *out, const sld__series *series, size_t row0, size_t rows, const char *timeframe, sld_day day, const char *zone,
                           const sld_allocator *a, sld_error *err);
void sld__frame_fini(sld__frame *frame);

/* Writes first[rows]: 1 where a row is the first of its period, else 0; the first row is. As sld__frame_init otherwise. */
sld_status sld__frame_firsts(double *first, const sld__series *series, size_t row0, size_t rows, const char *timeframe, sld_day day, const char *zone,
                             const sld_allocator *a, sld_error *err);

#endif
