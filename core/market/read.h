/* Reading text into pieces of series.
 *
 * The first lines show what the file is (layout.h). Rows of bars and quotes are read by rows.c, rates by read_wide.c and read_list.c. Data that break a
 * rule are refused with file, line and column, or where the caller is lenient dropped and noted; nothing is repaired or sorted.
 *
 * Beyond the rules of series.h, a text is refused where a decimal point has slipped: a price over SLD__READ_JUMP times the one before
 * (or the reverse), and one above two million pips, which is a price written in points. */
#ifndef SLD_MARKET_READ_H
#define SLD_MARKET_READ_H

#include "market/harvest.h"
#include "market/layout.h"

#define SLD__READ_JUMP 5.0
#define SLD__READ_MAX_PIPS 2e6

/* Appends the pieces of one text to `harvest`, and what there is to tell to source->report. EPARSE, ENAME, EVALUE, ENOMEM; on failure the harvest may
 * hold some of the file's pieces and is to be dropped. */
sld_status sld__read_text(sld__harvest *harvest, const sld__source *source, sld_error *err);

/* The forms. `text` stands before the first row of data. */
sld_status sld__read_rows(sld__harvest *harvest, const sld__source *source, const sld__layout *layout, const sld__text *text, sld_error *err);
sld_status sld__read_wide(sld__harvest *harvest, const sld__source *source, const sld__layout *layout, const sld__text *text, sld_error *err);
sld_status sld__read_list(sld__harvest *harvest, const sld__source *source, const sld__layout *layout, const sld__text *text, sld_error *err);

/* Records of quotes as Dukascopy packs them, already unpacked (bi5.c). `start`: the hour that they count from. */
sld_status sld__read_bi5(sld__harvest *harvest, const sld__source *source, sld_error *err);

/* Reads a price above 0 of a plausible size. `name` says which in messages. `*rounded` counts those whose digits beyond the instrument's
 * were noise (layout.h). */
sld_status sld__read_price(double *out, const sld__layout *layout, const sld__text *text, const sld__field *field, const char *name, const sld_instrument *instrument, size_t *rounded,
                           sld_error *err);

/* Whether b follows a only by a slip of the decimal point. */
static inline bool sld__read_slipped(double a, double b) {
  return b > SLD__READ_JUMP * a || a > SLD__READ_JUMP * b;
}

/* Rows that the rest of the text may hold, from the length of the row read last; for reserving. */
size_t sld__read_estimate(const sld__text *text);

/* Notes a row that `fault` refuses, where the source is lenient and the fault is of the row alone: SLD_OK. Any other fault is returned as it is. */
sld_status sld__read_drop(const sld__source *source, sld_status status, const sld_error *fault, size_t *dropped, sld_error *err);

/* Says where a file's data come from: what its description says, or its dialect. */
void sld__read_source(sld__series_form *form, const sld__source *source, const sld__layout *layout);

/* Tells the report how the file was read, and of what is told made use of `used`. `pair`: "" where there are several. */
sld_status sld__read_tell(const sld__source *source, const sld__layout *layout, const sld_load_source *rows, unsigned used, size_t rounded, sld_error *err);

#endif
