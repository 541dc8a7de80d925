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
  size_t dropped;
  size_t rounded;
  const char *last_newline; /* of the whole text; NULL: none */
  char date[10];            /* the date read last by the fast path, of date_size bytes, and its midnight; date_size 0: none */
  size_t date_size;
  int64_t midnight;
} sld__reader;

/* Reads the next row into *out by the slow path; `*more` is false at the end. EPARSE. */
sld_status sld__row_read(sld__reader *r, sld__row *out, bool *more, sld_error *err);

/* Makes room for more rows than the reader's bars hold. ENOMEM. */
sld_status sld__row_room(sld__reader *r, sld_error *err);

/* Appends a row to the reader's bars. ENOMEM. */
static inline sld_status sld__row_append(sld__reader *r, const sld__row *row, sld_error *err) {
  sld__bar_columns *bars = &r->bars;
  const double *v = row->value;
  size_t i = bars->count;
  if (i == bars->capacity) {
    sld_status status = sld__row_room(r, err);
    if (status != SLD_OK) return status;
  }
  bars->time[i] = row->time;
  bars->close[i] = v[SLD__CLOSE];
  if (!bars->one_price) {
    bars->open[i] = v[SLD__OPEN];
    bars->high[i] = v[SLD__HIGH];
    bars->low[i] = v[SLD__LOW];
  }
  if (bars->has_volume) bars->volume[i] = v[SLD__VOLUME];
  if (bars->has_ask) bars->ask_close[i] = v[SLD__ASK_CLOSE];
  if (bars->has_ask && !bars->one_price) {
    bars->ask_open[i] = v[SLD__ASK_OPEN];
    bars->ask_high[i] = v[SLD__ASK_HIGH];
    bars->ask_low[i] = v[SLD__ASK_LOW];
  }
  r->date_only = row->date_only;
  bars->count = i + 1;
  return SLD_OK;
}

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
