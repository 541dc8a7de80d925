/* Reading CSV text into series.
 *
 * Two forms are told apart by the header. A header with a column of open, high, low or close (column.h) holds the bars of one pair (read_long.c);
 * any other holds a date and a column of rates for each of several pairs (read_wide.c). Data that break a rule are refused with file,
 * line and column; nothing is repaired, sorted or dropped.
 *
 * Beyond the rules of series.h, a text is refused where a decimal point has slipped: a price over SLD__READ_JUMP times the one before
 * (or the reverse), and one above two million pips, which is a price written in points. */
#ifndef SLD_MARKET_READ_H
#define SLD_MARKET_READ_H

#include "market/description.h"
#include "market/market.h"
#include "market/text.h"

#define SLD__READ_JUMP 5.0
#define SLD__READ_MAX_PIPS 2e6

typedef struct sld__source {
  const char *file;                    /* for messages, and for the pair's name where nothing else gives it */
  const char *data;                    /* [size]; no byte behind is read */
  size_t size;
  const sld__description *description; /* never NULL */
} sld__source;

/* Appends the series of one file to `intake`. EPARSE, ENAME, EVALUE, ENOMEM; on failure the intake may hold some of the file's series and
 * is to be dropped. */
sld_status sld__read_csv(sld__intake *intake, const sld__source *source, sld_error *err);

/* The first line of a file. */
typedef struct sld__header {
  sld__text text;      /* just behind the header */
  sld__field *names;   /* [count + 1] */
  size_t count;        /* without the empty name that a trailing separator makes */
} sld__header;

/* The two forms; `header` is used up. */
sld_status sld__read_wide(sld__intake *intake, const sld__source *source, sld__header *header, sld_error *err);
sld_status sld__read_long(sld__intake *intake, const sld__source *source, sld__header *header, sld_error *err);

/* Goes to the next row and splits it into header->count fields at `fields` [count + 1]; `*more` is false at the end. EPARSE: too few or
 * too many fields. */
sld_status sld__read_row(sld__header *header, sld__field *fields, bool *more, sld_error *err);

/* Reads a price above 0 of a plausible size. `name` says which in messages. */
sld_status sld__read_price(double *out, const sld__text *text, const sld__field *field, const char *name, const sld_instrument *instrument, sld_error *err);

/* Whether b follows a only by a slip of the decimal point. */
static inline bool sld__read_slipped(double a, double b) {
  return b > SLD__READ_JUMP * a || a > SLD__READ_JUMP * b;
}

/* Rows that the rest of the text may hold, from the length of the row read last; for reserving. */
size_t sld__read_estimate(const sld__text *text);

#endif
