/* What a data file cannot say itself: NAME.json beside NAME.csv, NAME.csv.gz, NAME.zip.
 *
 *   {"source": "Federal Reserve H.10", "side": "mid", "series": {"DEXJPUS": "USDJPY"}, "ignore": ["DEXKOUS"]}   columns of rates
 *   {"source": "broker X", "zone": "EET-NY", "pair": "EURUSD", "ignore": ["spread"]}                            bars of one pair
 *
 *   source        where the data come from, for people
 *   dialect       which dialect the file is of (dialect.h)
 *   zone          the clock of times without offset (wall.h)
 *   side          "bid" or "mid"; without it bars are bid and columns of rates are mid
 *   side_assumed  whether the side is but a guess, as of data that do not say it
 *   pair          which instrument the file is
 *   ask           the file with the asks for these bids, beside this one
 *   scale         written prices are divided by it
 *   timeframe     how long bars are (timeframe.h), where their distances do not tell
 *   date          the day of times that count from midnight
 *   day_first     whether 03/01/2012 is in January (true) or in March (false)
 *   newest_first  rows go back in time
 *   columns       what the columns hold: an array of all, null for those not to be read; or an object from names to what they hold
 *   series        which instrument a column of rates is
 *   invert        columns of rates that hold one divided by the price
 *   ignore        columns to leave out */
#ifndef SLD_MARKET_DESCRIPTION_H
#define SLD_MARKET_DESCRIPTION_H

#include "market/told.h"

/* What is said about one column of the file. */
typedef struct sld__mapping {
  char *column;
  bool ignored;
  bool inverted;
  const sld_instrument *instrument; /* NULL: not said */
  int kind;                         /* of column.h; -1: not said */
  int64_t line;                     /* where the description says so */
  int64_t column_at;
} sld__mapping;

/* Zeroed memory is the description of a file that has none. */
typedef struct sld__description {
  sld_allocator allocator;
  char *file;                       /* of the description; NULL: none */
  char source[SLD_SOURCE_SIZE];     /* "": not said */
  sld__told told;
  char *zone;                       /* what `told` borrows */
  char *ask;
  sld__mapping *mappings;           /* [mapping_count] */
  size_t mapping_count;
  int *columns;                     /* [column_count] kinds of all columns in order; NULL: not told */
  size_t column_count;
} sld__description;

/* Reads text[size]; `own`: declared instruments, or NULL; `file` stands in errors. EPARSE with line and column: no JSON, a wrong type, an unknown field; ENAME: no such
 * instrument, dialect, zone or column kind; ENOMEM. `out` is written only on SLD_OK. */
sld_status sld__description_parse(sld__description *out, const sld_allocator *a, const sld__instruments *own, const char *file, const char *text, size_t size, sld_error *err);

void sld__description_fini(sld__description *description);

/* What it says about a column, or NULL. */
const sld__mapping *sld__description_find(const sld__description *description, const char *name, size_t size);

#endif
