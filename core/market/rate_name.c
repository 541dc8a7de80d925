/* Names of series of rates. */
#include "market/rate_name.h"

#include <string.h>

/* By the Federal Reserve's two letters of a country; the dollars that some are quoted in are the base of the others. */
static const struct {
  char country[3];
  const char *pair;
} h10[] = {
  { "AL", "AUDUSD" }, { "BZ", "USDBRL" }, { "CA", "USDCAD" }, { "CH", "USDCNY" }, { "DN", "USDDKK" }, { "EU", "EURUSD" }, { "HK", "USDHKD" },
  { "IN", "USDINR" }, { "JA", "USDJPY" }, { "JP", "USDJPY" }, { "KO", "USDKRW" }, { "MA", "USDMYR" }, { "MX", "USDMXN" }, { "NO", "USDNOK" },
  { "NZ", "NZDUSD" }, { "SD", "USDSEK" }, { "SF", "USDZAR" }, { "SI", "USDSGD" }, { "SZ", "USDCHF" }, { "TA", "USDTWD" }, { "TH", "USDTHB" },
  { "UK", "GBPUSD" },
};

static const char *pair_of(const char *country) {
  for (size_t i = 0; i < sizeof h10 / sizeof h10[0]; i++)
    if (memcmp(h10[i].country, country, 2) == 0) return h10[i].pair;
  return NULL;
}

/* DEXJPUS is yen to a dollar, DEXUSEU dollars to a euro. */
static const char *fred_pair(const char *name, size_t size) {
  if (size != 7 || memcmp(name, "DEX", 3) != 0) return NULL;
  bool dollars = memcmp(name + 3, "US", 2) == 0;
  if (!dollars && memcmp(name + 5, "US", 2) != 0) return NULL;
  const char *pair = pair_of(dollars ? name + 5 : name + 3);
  bool quoted_in_dollars = pair && memcmp(pair + 3, "USD", 3) == 0;
  return pair && quoted_in_dollars == dollars ? pair : NULL;
}

/* RXI_N.B.JA is yen to a dollar, RXI$US_N.B.EU dollars to a euro. */
static const char *fed_pair(const char *name, size_t size) {
  static const char in_dollars[] = "RXI$US_N.B.";
  static const char per_dollar[] = "RXI_N.B.";
  bool dollars = size == sizeof in_dollars + 1 && memcmp(name, in_dollars, sizeof in_dollars - 1) == 0;
  if (!dollars && !(size == sizeof per_dollar + 1 && memcmp(name, per_dollar, sizeof per_dollar - 1) == 0)) return NULL;
  const char *pair = pair_of(name + size - 2);
  bool quoted_in_dollars = pair && memcmp(pair + 3, "USD", 3) == 0;
  return pair && quoted_in_dollars == dollars ? pair : NULL;
}

const sld_instrument *sld__rate_name(const sld__dialect *dialect, const sld__instruments *own, const char *name, size_t size) {
  char euro[7] = "EUR";
  const char *pair = NULL;
  if (dialect->habits & SLD__FRED_NAMES) pair = fred_pair(name, size);
  if (!pair && (dialect->habits & SLD__FRED_NAMES)) pair = fed_pair(name, size);
  if ((dialect->habits & SLD__EURO_BASE) && size == 3) {
    memcpy(euro + 3, name, 3);
    pair = euro;
  }
  return pair ? sld__instrument_find(own, pair) : NULL;
}
