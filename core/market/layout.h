/* How the rows of one file are to be read: what is told and what its first lines show, brought together.
 *
 * Everything that is not told and has to be found is found here, once, and told in the report. A layout does not change after it was opened: the
 * readers of several parts of a file share it. */
#ifndef SLD_MARKET_LAYOUT_H
#define SLD_MARKET_LAYOUT_H

#include "market/column.h"
#include "market/decimal.h"
#include "market/description.h"
#include "market/parallel.h"
#include "market/report.h"
#include "market/series.h"
#include "market/wall.h"

/* A text to be read. */
typedef struct sld__source {
  const char *file;                    /* for messages, and for the pair's name where nothing else gives it */
  const char *data;                    /* [size]; no byte behind is read */
  size_t size;
  const sld__description *description; /* never NULL */
  const sld__told *told;               /* never NULL: what the description tells, covered by the caller's options */
  const sld__instruments *own;         /* what the market's user has declared; NULL: nothing */
  const sld__parallel *parallel;       /* NULL: one thread */
  sld_load_report *report;             /* never NULL */
  bool lenient;
  bool asks;                           /* the file holds the asks for another one's bids */
} sld__source;

typedef struct sld__layout {
  const sld_allocator *allocator;
  const sld__dialect *dialect;
  bool has_header;
  sld__field *names;       /* [count + 1] of the header, or the fields of the first row */
  size_t count;            /* fields in a row, without the empty one that a trailing separator makes */
  int *kinds;              /* [count], of column.h */
  bool has[SLD__VALUES];   /* which values a row of bars or quotes has */
  bool ticks;
  bool newest_first;
  char decimal;            /* '.' or ',' */
  double scale;            /* written prices are divided by it */
  sld_day_order day_order;
  int64_t midnight;        /* of SLD__MILLIS, local ns */
  sld_side side;
  bool side_named;         /* the names of the columns say it */
  const sld_instrument *instrument; /* NULL for rates */
  unsigned used;           /* of what is told, as bits of told.h; of rates their readers find the rest */
  sld__field ticker;       /* what SLD__PAIR holds in the first row, and must hold in all */
  const char *zone;        /* for the report: the clock's name, or that the times say it themselves */
  sld__wall wall;
} sld__layout;

/* Reads the first lines of `text`, which was just opened, and leaves it before the first row of data. EPARSE, ENAME with line and column; ENOMEM.
 * On failure *out is fit for close. */
sld_status sld__layout_open(sld__layout *out, const sld_allocator *a, const sld__source *source, sld__text *text, sld_error *err);

void sld__layout_close(sld__layout *layout);

/* The part of it that needs the first row of bars or quotes: form of numbers and times, scale, clock, pair. */
sld_status sld__layout_look(sld__layout *layout, const sld__source *source, const sld__text *text, sld_error *err);

/* Reads a number as it is written, with the file's decimal sign and thousands; no scale. */
sld__decimal_fault sld__layout_number(const sld__layout *layout, const sld__field *field, double *out);

static inline bool sld__layout_habit(const sld__layout *layout, unsigned habit) {
  return (layout->dialect->habits & habit) != 0;
}

/* Whether rows hold bars or quotes, not rates. */
static inline bool sld__layout_holds_bars(const sld__layout *layout) {
  return layout->has[SLD__CLOSE];
}

/* Goes to the next row and splits it into layout->count fields at `fields` [count + 1]; `*more` is false at the end. EPARSE: too few or
 * too many fields. */
sld_status sld__layout_row(const sld__layout *layout, sld__text *text, sld__field *fields, bool *more, sld_error *err);

#endif
