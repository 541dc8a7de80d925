/* The clocks of a state's jobs: bars of higher time frames, and columns of the calendar.
 *
 * What was made for a view (rows of a series) is kept while jobs go on with the same view, as the jobs of a sweep do, and dropped with the first
 * job of another. One thread at a time. */
#ifndef SLD_VM_FRAMES_H
#define SLD_VM_FRAMES_H

#include "base/clockface.h"
#include "indicator/columns.h"
#include "market/frame.h"
#include "market/rates.h"

typedef struct sld__frames sld__frames;

/* Rows of a series. */
typedef struct sld__frames_bars {
  const sld__series *series;
  size_t row0, rows;
  const int32_t *last; /* [rows of the columns] the bars' last row known at each; NULL: the columns have the bars' own rows */
} sld__frames_bars;

/* What a job's clocks are made of. */
typedef struct sld__frames_view {
  sld__frames_bars bars;   /* of several pairs: no series */
  const int64_t *instants; /* [rows of the columns] of several pairs: when each is; else NULL */
  const sld__rates *rates;
  sld__cache_key key;      /* equal only for equal bars */
  sld__columns *columns;   /* that the job makes */
} sld__frames_view;

/* ENOMEM. */
sld_status sld__frames_new(sld__frames **out, const sld_allocator *a, sld_error *err);

/* NULL is fine. */
void sld__frames_free(sld__frames *f);

/* The next job. `view` is copied, what it leads to is borrowed until the next one. Can't fail. */
void sld__frames_start(sld__frames *f, const sld__frames_view *view);

/* A period's name and clock, as sld__frame_init takes them. */
typedef struct sld__frames_period {
  const char *timeframe;
  sld_day day;
  const char *zone;
} sld__frames_period;

/* A clock of the job's columns made of the finished periods of `bars` (NULL: the view's), *at, its periods, and the last of them known at each row
 * of the columns; all borrowed until the next view. As sld__frame_init, and ERANGE as sld__columns_frame. */
sld_status sld__frames_at(sld__frames *f, int *at, const sld__frame **periods, const int32_t **last, const sld__frames_bars *bars, const sld__frames_period *period,
                          sld_error *err);

/* 1 where a bar is the first of its period, else 0. As sld__frame_firsts. `time` is the column of the bars' opens. */
sld_status sld__frames_firsts(sld__frames *f, int *id, int time, const sld__frames_bars *bars, const sld__frames_period *period, sld_error *err);

/* The short rate of a currency that is published at the close of each row, in percent a year; NaN where there is none. ENAME: no rates of it. ENOMEM; ERANGE. */
sld_status sld__frames_rate(sld__frames *f, int *id, const char *currency, sld_error *err);

/* What a hand shows at the times (seconds since 1970 UTC) of column `time`. ENAME, EIO: no such zone. ENOMEM; ERANGE. */
sld_status sld__frames_hand(sld__frames *f, int *id, int time, sld__hand hand, const char *zone, sld_error *err);

/* 1 where the time lies in the hours, else 0. EINVAL: no hours, no days. Else as sld__frames_hand. */
sld_status sld__frames_hours(sld__frames *f, int *id, int time, const char *spans, const char *days, const char *zone, sld_error *err);

/* What a hand shows at one time. The zone is loaded once. */
sld_status sld__frames_hand_at(sld__frames *f, double *out, double seconds, sld__hand hand, const char *zone, sld_error *err);

#endif
