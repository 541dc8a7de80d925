/* The names that central banks give to their series of rates, as instruments. */
#ifndef SLD_MARKET_RATE_NAME_H
#define SLD_MARKET_RATE_NAME_H

#include "market/dialect.h"
#include "market/instrument.h"

/* The instrument that column name[size] of `dialect` holds, or NULL: by the names of H.10 in FRED (DEXUSEU) and in the Federal Reserve's own files
 * (RXI$US_N.B.EU), which both quote as the market does; in the ECB's files a currency is its price of one euro. */
const sld_instrument *sld__rate_name(const sld__dialect *dialect, const sld__instruments *own, const char *name, size_t size);

#endif
