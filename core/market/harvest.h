/* What reading files yields, before it becomes series: the bars of one pair from one file each, and their joining.
 *
 * Files of one path that hold the same pair in the same form continue each other, as the days or years of a vendor's archive do. */
#ifndef SLD_MARKET_HARVEST_H
#define SLD_MARKET_HARVEST_H

#include "market/market.h"
#include "market/report.h"

typedef struct sld__piece {
  sld__bar_columns bars;  /* count >= 1, checked, in order of time */
  sld__series_form form;  /* period_ns 0: not known yet */
  char *file;
  int64_t first_line;     /* of the first row; the others follow line by line. 0: they do not */
} sld__piece;

typedef struct sld__harvest {
  const sld_allocator *allocator; /* borrowed */
  sld__piece *pieces;
  size_t count;
  size_t capacity;
} sld__harvest;

/* Takes the filled columns, also on failure. ENOMEM. */
sld_status sld__harvest_add(sld__harvest *harvest, sld__bar_columns *bars, const sld__series_form *form, const char *file, int64_t first_line, sld_error *err);

/* Moves all of `from` behind what `to` holds. ENOMEM: `from` keeps its own. */
sld_status sld__harvest_append(sld__harvest *to, sld__harvest *from, sld_error *err);

void sld__harvest_fini(sld__harvest *harvest);

/* Makes the only piece of `bids` one of both sides, with the prices of the only piece of `asks` at the same times. Rows that stand in one file alone and
 * crossed quotes are refused, or dropped and noted where `lenient`. EVALUE with file and line. */
sld_status sld__harvest_pair(sld__harvest *bids, const sld__harvest *asks, sld_load_report *report, bool lenient, sld_error *err);

/* Joins the pieces of each pair and period (join.h), makes series of them and appends these to `intake`. EVALUE: pieces that differ where they overlap, unless
 * there is a report `lenient` that notes it, or are of different forms; ENOMEM. The harvest is empty afterwards, or to be dropped. */
sld_status sld__harvest_seal(sld__harvest *harvest, sld__intake *intake, sld_load_report *lenient, sld_error *err);

#endif
