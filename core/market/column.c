/* Usual names of the columns of bars. */
#include "market/column.h"

#include <sliders.h>
#include <string.h>
#include <strings.h>

static const struct {
  const char *name;
  int kind;
} known[] = {
  { "time", SLD__TIME },          { "timestamp", SLD__TIME },     { "date", SLD__TIME },        { "datetime", SLD__TIME },
  { "date_time", SLD__TIME },     { "date time", SLD__TIME },     { "open_time", SLD__TIME },   { "open time", SLD__TIME },
  { "t", SLD__TIME },             { "open", SLD__OPEN },          { "o", SLD__OPEN },           { "high", SLD__HIGH },
  { "h", SLD__HIGH },             { "low", SLD__LOW },            { "l", SLD__LOW },            { "close", SLD__CLOSE },
  { "c", SLD__CLOSE },            { "price", SLD__CLOSE },        { "volume", SLD__VOLUME },    { "vol", SLD__VOLUME },
  { "v", SLD__VOLUME },           { "tick_volume", SLD__VOLUME }, { "tick volume", SLD__VOLUME }, { "tickvolume", SLD__VOLUME },
  { "tickvol", SLD__VOLUME },     { "adj close", SLD__SKIP },     { "adj_close", SLD__SKIP },   { "spread", SLD__SKIP },
  { "real_volume", SLD__SKIP },
};
enum { KNOWN_COUNT = sizeof known / sizeof known[0] };

int sld__column_kind(const char *name, size_t size) {
  for (size_t i = 0; i < KNOWN_COUNT; i++)
    if (strlen(known[i].name) == size && strncasecmp(known[i].name, name, size) == 0) return known[i].kind;
  return -1;
}

const char *sld__column_name(int kind) {
  static const char *const names[SLD__VALUES] = { "open", "high", "low", "close", "volume" };
  return names[kind];
}

const char *sld__column_suggest(const char *word) {
  const char *names[KNOWN_COUNT];
  for (size_t i = 0; i < KNOWN_COUNT; i++) names[i] = known[i].name;
  return sld_suggest(word, names, KNOWN_COUNT);
}
