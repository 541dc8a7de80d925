/* The names that files give to their columns. */
#ifndef SLD_MARKET_COLUMN_H
#define SLD_MARKET_COLUMN_H

#include <stdbool.h>
#include <stddef.h>

/* What a column holds: the index of its value in a row, or one of the others. Of quotes CLOSE is the bid and ASK_CLOSE the ask. */
enum {
  SLD__OPEN, SLD__HIGH, SLD__LOW, SLD__CLOSE, SLD__VOLUME, SLD__ASK_OPEN, SLD__ASK_HIGH, SLD__ASK_LOW, SLD__ASK_CLOSE,
  SLD__VALUES,
  SLD__TIME = SLD__VALUES, /* date and perhaps time of day */
  SLD__DATE,               /* a date, with its time of day in another column */
  SLD__CLOCK,              /* that time of day */
  SLD__MILLIS,             /* milliseconds since midnight of a date that is told elsewhere */
  SLD__PAIR,               /* the instrument, the same in every row */
  SLD__FLAGS,              /* which side of a quote has changed, MetaTrader's 2, 4 and 6 */
  SLD__NAME,               /* which of several series a rate is of */
  SLD__RATE,
  SLD__SKIP                /* nothing that sliders reads */
};

/* What a column called name[size] holds, in either case, with or without < and > around it; -1: no usual name. */
int sld__column_kind(const char *name, size_t size);

/* Whether a usual name of a price says that it is a mid: "mid.o", "openMid". */
bool sld__column_is_mid(const char *name, size_t size);

/* "open", "ask_high", "time". Static. */
const char *sld__column_name(int kind);

/* The usual name nearest to `word`, for did-you-mean, or NULL. Static. */
const char *sld__column_suggest(const char *word);

#endif
