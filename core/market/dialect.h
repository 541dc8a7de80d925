/* The dialects of data files: how vendors and terminals write bars, quotes and rates.
 *
 * A file with a header is known by the names in it, one without by the shape of its first row. A dialect says what the header does not: the clock
 * of the times, and the vendor's habits (newest row first, a thousands separator). Detection is a matter of this one table; what
 * it found is told in the report. */
#ifndef SLD_MARKET_DIALECT_H
#define SLD_MARKET_DIALECT_H

#include "market/text.h"

/* A vendor's habits. */
enum {
  SLD__NEWEST_FIRST = 1,   /* rows go back in time */
  SLD__THOUSANDS = 2,      /* 4,224.32 and 271.38K */
  SLD__JUNK_DIGITS = 4,    /* decimals behind the instrument's own are noise of a 32-bit float, to be rounded away */
  SLD__CARRY = 8,          /* a side that is empty has not changed */
  SLD__RATES = 16,         /* columns of rates, not bars */
  SLD__SKIP_VOL = 32,      /* "vol", "volume" and "last" are of exchange trades, which FX does not have */
  SLD__EURO_BASE = 64,     /* a column is called by a currency, and holds its price of one euro */
  SLD__FRED_NAMES = 128    /* columns are called by the series of the Federal Reserve */
};

typedef struct sld__dialect_form {
  const char *shape;   /* of the first fields, joined by |: 9 a digit, A a letter, * any time stamp, d a date alone, : a time of day, # milliseconds since midnight, else itself */
  const char *columns; /* the names of all fields, by blanks; "-": not read */
} sld__dialect_form;

enum { SLD__FORMS_MAX = 4 };

typedef struct sld__dialect {
  sld_dialect public;
  const char *marks;   /* names that the header holds, lower case, joined by |; NULL: not known by its header */
  sld__dialect_form forms[SLD__FORMS_MAX]; /* without a header; shape NULL: no more */
  unsigned habits;
} sld__dialect;

/* NULL: no dialect of that name. Static. */
const sld__dialect *sld__dialect_find(const char *name);

/* The nearest name, for did-you-mean, or NULL. Static. */
const char *sld__dialect_suggest(const char *word);

/* The first dialect whose marks are all among the names of a header, or NULL. */
const sld__dialect *sld__dialect_of_header(const sld__field *names, size_t count);

/* The first dialect with a form that fits the first row of a file without header, or NULL; only `told` where that is not NULL. */
const sld__dialect *sld__dialect_of_row(const sld__dialect *told, const sld__field *fields, size_t count, const sld__dialect_form **form);

/* What a file with a header turns out to be where no marks tell. Static. */
const sld__dialect *sld__dialect_bars(void);
const sld__dialect *sld__dialect_quotes(void);
const sld__dialect *sld__dialect_rates(void);
const sld__dialect *sld__dialect_rates_list(void);

/* Whether a field holds a date or time. */
bool sld__dialect_is_time(const sld__field *field);

/* Whether field holds a name that a header may have in column i: neither a number nor a time. */
bool sld__dialect_is_name(const sld__field *field);

#endif
