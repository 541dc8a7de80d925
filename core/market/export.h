/* Series as files for others: text, and one NumPy file per column.
 *
 * Text has a header of the columns that there are: `time`, the prices (`open` and so on, of data of both sides `bid_open` and `ask_open`; of one-price data
 * `close`, or `bid` and `ask`) and `volume`. Times are ISO in UTC, dates where the series is stamped by date, numbers the shortest that read back equal.
 * NAME.json beside NAME.csv says what text cannot: pair, side and time frame. */
#ifndef SLD_MARKET_EXPORT_H
#define SLD_MARKET_EXPORT_H

#include "market/series.h"

/* `path` must end in ".csv": EINVAL. Folders are made where missing. EIO, ENOMEM. */
sld_status sld__series_write_csv(const sld__series *series, const char *path, sld_error *err);

/* EIO, ENOMEM. Columns that were written before a failure stay. */
sld_status sld__series_write_npy(const sld__series *series, const char *folder, sld_error *err);

#endif
