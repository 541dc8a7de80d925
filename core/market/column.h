/* The names that files give to the columns of bars. */
#ifndef SLD_MARKET_COLUMN_H
#define SLD_MARKET_COLUMN_H

#include <stddef.h>

/* What a column holds: the index of its value in a bar, or one of the others. */
enum { SLD__OPEN, SLD__HIGH, SLD__LOW, SLD__CLOSE, SLD__VOLUME, SLD__VALUES, SLD__TIME = SLD__VALUES, SLD__SKIP };

/* What a column called name[size] holds, in either case; -1: no usual name. SLD__SKIP is for what brokers add and sliders does not read. */
int sld__column_kind(const char *name, size_t size);

/* "open", "high", "low", "close", "volume". Static. */
const char *sld__column_name(int kind);

/* The usual name nearest to `word`, for did-you-mean, or NULL. Static. */
const char *sld__column_suggest(const char *word);

#endif
