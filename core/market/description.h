/* What a CSV file cannot say itself: NAME.json beside NAME.csv.
 *
 *   {"source": "Federal Reserve H.10", "side": "mid", "series": {"DEXJPUS": "USDJPY"}, "ignore": ["DEXKOUS"]}   columns of rates
 *   {"source": "broker X", "side": "bid", "pair": "EURUSD", "ignore": ["spread"]}                               bars of one pair
 *
 *   source  where the data come from, for people
 *   side    "bid" or "mid"; without it bars are bid and columns of rates are mid
 *   series  which instrument a column is
 *   pair    which instrument the file is
 *   ignore  columns to leave out */
#ifndef SLD_MARKET_DESCRIPTION_H
#define SLD_MARKET_DESCRIPTION_H

#include "base/alloc.h"
#include "market/instrument.h"

typedef struct sld__mapping {
  char *column;
  const sld_instrument *instrument; /* NULL: the column is to be ignored */
  int64_t line;                     /* where the description says so */
  int64_t column_at;
} sld__mapping;

/* Zeroed memory is the description of a file that has none. */
typedef struct sld__description {
  sld_allocator allocator;
  char *file;                       /* of the description; NULL: none */
  bool has_side;
  sld_side side;
  const sld_instrument *instrument; /* NULL: not given */
  sld__mapping *mappings;           /* [mapping_count] `series`, then `ignore` */
  size_t mapping_count;
  size_t series_count;              /* how many of them are `series` */
} sld__description;

/* Reads text[size]; `file` stands in errors, `own` is what the user has declared, or NULL. EPARSE with line and column: no JSON, a wrong type, an unknown field; ENAME: no such
 * instrument; ENOMEM. `out` is written only on SLD_OK. */
sld_status sld__description_parse(sld__description *out, const sld_allocator *a, const sld__instruments *own, const char *file, const char *text, size_t size, sld_error *err);

void sld__description_fini(sld__description *description);

/* What it says about a column, or NULL. */
const sld__mapping *sld__description_find(const sld__description *description, const char *name, size_t size);

#endif
