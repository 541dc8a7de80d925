/* Rates from a pair's quote currency to the account currency, one for each bar.
 *
 * The pair QUOTE+ACCOUNT gives its close, ACCOUNT+QUOTE one divided by its close; where neither is loaded, two such legs through a third
 * currency are multiplied (through USD if possible, else EUR, else the first by name). All on close times, so no rate is known before
 * its bar has closed, and a tick's from its own time on. Of both sides the bid converts. A rate older than 10 days counts as missing. */
#ifndef SLD_MARKET_CONVERT_H
#define SLD_MARKET_CONVERT_H

#include "base/time.h"
#include "market/market.h"

typedef struct sld__conversion {
  const double *fill;   /* [count] account units per quote unit at the last conversion bar closed by the open of bar i: for fills inside it */
  const double *mark;   /* [count] the same by the close of bar i: for its marks. NaN: missing */
  double constant;      /* the rate when both are NULL: 1, the quote currency is the account's */
  bool complete;        /* no NaN in mark, nor in fill but for bar 0, where nothing can fill */
  char way[40];         /* the pairs that convert: "USDJPY", "GBPUSD or EURUSD"; "": none is needed */
  size_t missing;       /* first bar that makes it incomplete; the number of bars when complete */
  double *block;        /* of both where they overlap, else of `mark`; NULL: none */
  sld_allocator allocator;
} sld__conversion;

/* Oldest rate that is still used. */
#define SLD__RATE_MAX_AGE_NS (10 * SLD__NS_PER_DAY)

/* Builds the rates for the bars of `series`; the caller frees them with sld__conversion_free.
 * ERATE: no loaded series leads from the quote currency to `currency` (three letters); the message names what would. ENOMEM. */
sld_status sld__market_convert(const sld__market *market, const sld__series *series, const char *currency, sld__conversion *out, sld_error *err);

/* ERATE with pair, currencies and time of bar i, for whoever needs a rate that is NaN. */
sld_status sld__conversion_fail(const sld__series *series, const char *currency, size_t i, sld_error *err);

/* Frees the arrays; zeroed memory is fine. */
void sld__conversion_free(sld__conversion *conversion);

#endif
