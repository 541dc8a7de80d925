/* Files of one pair and period as one run of rows.
 *
 * Files may follow each other and may overlap. Where several hold a row of one time, the rows must be equal, and it is taken once; rows that one of them
 * lacks are taken from the others. Ticks of one instant are taken together: the files that have some must have the same, but where one file ends at the
 * instant with which the next begins they follow each other.
 *
 * Of rows that differ, those of the file that begins first are good, and the others are refused, or dropped where that is allowed. */
#ifndef SLD_MARKET_JOIN_H
#define SLD_MARKET_JOIN_H

#include "market/harvest.h"

/* Fills `out`, which is empty, from pieces[count] of one form in order of their first times; count >= 1. Where rows of one time differ, EVALUE with file and
 * line, and the other file and line in the message; or a note of the same in `lenient`, unless that is NULL. ENOMEM. */
sld_status sld__pieces_join(sld__bar_columns *out, sld__piece *const *pieces, size_t count, sld_load_report *lenient, sld_error *err);

#endif
