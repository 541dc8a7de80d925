/* Reading one row of bars or quotes.
 *
 * A row is first read by a fast path (row_fast.h) that knows only plain forms and explains nothing. Where it fails, for whatever reason, the same
 * row is read here, which takes every form that is allowed and says what is wrong with any other. So this path alone defines what is accepted. */
#ifndef SLD_MARKET_ROW_H
#define SLD_MARKET_ROW_H

#include "market/read.h"

typedef struct sld__row {
  int64_t time;      /* ns UTC */
  bool date_only;
  double value[SLD__VALUES];
} sld__row;

/* One thread's reading of a file, or of a part of it. */
typedef struct sld__reader {
  const sld__source *source;
  const sld__layout *layout;
  sld__text text;
  sld__field *fields;       /* [layout->count + 1] */
  sld__wall_cursor cursor;
  sld__bar_columns bars;    /* the rows so far */
  bool date_only;           /* of all rows so far */
  bool leaned;              /* the first row has a time that the clock shows twice: the row before it would settle which */
  size_t dropped;
  size_t rounded;
  const char *last_newline; /* of the whole text; NULL: none */
  char date[10];            /* the date read last by the fast path, of date_size bytes, and its midnight; date_size 0: none */
  size_t date_size;
  int64_t midnight;
} sld__reader;

/* Reads the next row into *out by the slow path; `*more` is false at the end. EPARSE. */
sld_status sld__row_read(sld__reader *r, sld__row *out, bool *more, sld_error *err);

/* Appends a row to the reader's bars. ENOMEM. */
sld_status sld__row_append(sld__reader *r, const sld__row *row, sld_error *err);

/* One-price data: the other three follow the close. */
static inline void sld__row_complete(const sld__layout *layout, sld__row *row) {
  double *v = row->value;
  if (!layout->has[SLD__OPEN]) v[SLD__OPEN] = v[SLD__HIGH] = v[SLD__LOW] = v[SLD__CLOSE];
  if (layout->has[SLD__ASK_CLOSE] && !layout->has[SLD__ASK_OPEN]) v[SLD__ASK_OPEN] = v[SLD__ASK_HIGH] = v[SLD__ASK_LOW] = v[SLD__ASK_CLOSE];
}

/* Whether a row at `time` may follow the rows so far. */
static inline bool sld__row_follows(const sld__reader *r, int64_t time) {
  if (r->bars.count == 0) return true;
  int64_t last = r->bars.time[r->bars.count - 1];
  if (r->layout->newest_first) return time < last || (r->layout->ticks && time == last);
  return time > last || (r->layout->ticks && time == last);
}

#endif
