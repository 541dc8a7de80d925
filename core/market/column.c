/* Usual names of columns. */
#include "market/column.h"

#include <sliders.h>
#include <string.h>
#include <strings.h>

static const struct {
  const char *name;
  int kind;
} known[] = {
  { "time", SLD__TIME },
  { "timestamp", SLD__TIME },
  { "date", SLD__TIME },
  { "datetime", SLD__TIME },
  { "date_time", SLD__TIME },
  { "date time", SLD__TIME },
  { "open_time", SLD__TIME },
  { "open time", SLD__TIME },
  { "gmt time", SLD__TIME },
  { "local time", SLD__TIME },
  { "time (utc)", SLD__TIME },
  { "time (eet)", SLD__TIME },
  { "t", SLD__TIME },
  { "dtyyyymmdd", SLD__DATE },
  { "clock", SLD__CLOCK },
  { "milliseconds", SLD__MILLIS },
  { "open", SLD__OPEN },
  { "o", SLD__OPEN },
  { "high", SLD__HIGH },
  { "h", SLD__HIGH },
  { "low", SLD__LOW },
  { "l", SLD__LOW },
  { "close", SLD__CLOSE },
  { "c", SLD__CLOSE },
  { "price", SLD__CLOSE },
  { "bid", SLD__CLOSE },
  { "ask", SLD__ASK_CLOSE },
  { "bidopen", SLD__OPEN },
  { "bid_open", SLD__OPEN },
  { "bid open", SLD__OPEN },
  { "openbid", SLD__OPEN },
  { "bid.o", SLD__OPEN },
  { "bidhigh", SLD__HIGH },
  { "bid_high", SLD__HIGH },
  { "bid high", SLD__HIGH },
  { "highbid", SLD__HIGH },
  { "bid.h", SLD__HIGH },
  { "bidlow", SLD__LOW },
  { "bid_low", SLD__LOW },
  { "bid low", SLD__LOW },
  { "lowbid", SLD__LOW },
  { "bid.l", SLD__LOW },
  { "bidclose", SLD__CLOSE },
  { "bid_close", SLD__CLOSE },
  { "bid close", SLD__CLOSE },
  { "closebid", SLD__CLOSE },
  { "bid.c", SLD__CLOSE },
  { "midopen", SLD__OPEN },
  { "mid_open", SLD__OPEN },
  { "mid open", SLD__OPEN },
  { "openmid", SLD__OPEN },
  { "mid.o", SLD__OPEN },
  { "midhigh", SLD__HIGH },
  { "mid_high", SLD__HIGH },
  { "mid high", SLD__HIGH },
  { "highmid", SLD__HIGH },
  { "mid.h", SLD__HIGH },
  { "midlow", SLD__LOW },
  { "mid_low", SLD__LOW },
  { "mid low", SLD__LOW },
  { "lowmid", SLD__LOW },
  { "mid.l", SLD__LOW },
  { "midclose", SLD__CLOSE },
  { "mid_close", SLD__CLOSE },
  { "mid close", SLD__CLOSE },
  { "closemid", SLD__CLOSE },
  { "mid.c", SLD__CLOSE },
  { "mid", SLD__CLOSE },
  { "askopen", SLD__ASK_OPEN },
  { "ask_open", SLD__ASK_OPEN },
  { "ask open", SLD__ASK_OPEN },
  { "openask", SLD__ASK_OPEN },
  { "ask.o", SLD__ASK_OPEN },
  { "askhigh", SLD__ASK_HIGH },
  { "ask_high", SLD__ASK_HIGH },
  { "ask high", SLD__ASK_HIGH },
  { "highask", SLD__ASK_HIGH },
  { "ask.h", SLD__ASK_HIGH },
  { "asklow", SLD__ASK_LOW },
  { "ask_low", SLD__ASK_LOW },
  { "ask low", SLD__ASK_LOW },
  { "lowask", SLD__ASK_LOW },
  { "ask.l", SLD__ASK_LOW },
  { "askclose", SLD__ASK_CLOSE },
  { "ask_close", SLD__ASK_CLOSE },
  { "ask close", SLD__ASK_CLOSE },
  { "closeask", SLD__ASK_CLOSE },
  { "ask.c", SLD__ASK_CLOSE },
  { "volume", SLD__VOLUME },
  { "vol", SLD__VOLUME },
  { "vol.", SLD__VOLUME },
  { "v", SLD__VOLUME },
  { "tick_volume", SLD__VOLUME },
  { "tick volume", SLD__VOLUME },
  { "tickvolume", SLD__VOLUME },
  { "tickvol", SLD__VOLUME },
  { "bid_volume", SLD__VOLUME },
  { "bid volume", SLD__VOLUME },
  { "bidvolume", SLD__VOLUME },
  { "ask_volume", SLD__SKIP },
  { "ask volume", SLD__SKIP },
  { "askvolume", SLD__SKIP },
  { "adj close", SLD__SKIP },
  { "adj_close", SLD__SKIP },
  { "change %", SLD__SKIP },
  { "complete", SLD__SKIP },
  { "spread", SLD__SKIP },
  { "real_volume", SLD__SKIP },
  { "per", SLD__SKIP },
  { "openint", SLD__SKIP },
  { "flags", SLD__FLAGS },
  { "ticker", SLD__PAIR },
  { "pair", SLD__PAIR },
  { "symbol", SLD__PAIR },
  { "country", SLD__NAME },
  { "currency", SLD__NAME },
  { "series", SLD__NAME },
  { "rate", SLD__RATE },
  { "exchange rate", SLD__RATE },
  { "value", SLD__RATE },
};
enum { KNOWN_COUNT = sizeof known / sizeof known[0] };

bool sld__column_is_mid(const char *name, size_t size) {
  return size >= 3 && (strncasecmp(name, "mid", 3) == 0 || strncasecmp(name + size - 3, "mid", 3) == 0);
}

int sld__column_kind(const char *name, size_t size) {
  if (size > 2 && name[0] == '<' && name[size - 1] == '>') {
    name++;
    size -= 2;
  }
  for (size_t i = 0; i < KNOWN_COUNT; i++)
    if (strlen(known[i].name) == size && strncasecmp(known[i].name, name, size) == 0) return known[i].kind;
  return -1;
}

const char *sld__column_name(int kind) {
  static const char *const names[] = {
    "open", "high",  "low",          "close", "volume", "ask_open", "ask_high", "ask_low", "ask_close",
    "time", "date",  "time of day",  "milliseconds", "pair", "flags", "name", "rate", "ignored",
  };
  return names[kind];
}

const char *sld__column_suggest(const char *word) {
  const char *names[KNOWN_COUNT];
  for (size_t i = 0; i < KNOWN_COUNT; i++) names[i] = known[i].name;
  return sld_suggest(word, names, KNOWN_COUNT);
}
