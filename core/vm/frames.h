/* The clocks of a state's jobs: bars of higher time frames, and columns of the calendar.
 *
 * What was made for a view (rows of a series) is kept while jobs go on with the same view, as the jobs of a sweep do, and dropped with the first
 * job of another. One thread at a time. */
#ifndef SLD_VM_FRAMES_H
#define SLD_VM_FRAMES_H

#include "base/clockface.h"
#include "indicator/columns.h"
#include "market/frame.h"

typedef struct sld__frames sld__frames;

/* ENOMEM. */
sld_status sld__frames_new(sld__frames **out, const sld_allocator *a, sld_error *err);

/* NULL is fine. */
void sld__frames_free(sld__frames *f);

/* The next job's view, and the columns that it makes. `view` is equal only for equal bars. Can't fail. */
void sld__frames_start(sld__frames *f, const sld__series *series, size_t row0, size_t rows, sld__cache_key view, sld__columns *columns);

/* A clock of the job's columns made of a time frame's finished periods, *at, and its bars, borrowed until the next view. As sld__frame_init, and
 * ERANGE as sld__columns_frame. */
sld_status sld__frames_at(sld__frames *f, int *at, const sld__frame **bars, const char *timeframe, sld_day day, const char *zone, sld_error *err);

/* 1 where a bar is the first of its period, else 0. As sld__frame_firsts. `time` is the column of the bars' opens. */
sld_status sld__frames_firsts(sld__frames *f, int *id, int time, const char *timeframe, sld_day day, const char *zone, sld_error *err);

/* What a hand shows at the times (seconds since 1970 UTC) of column `time`. ENAME, EIO: no such zone. ENOMEM; ERANGE. */
sld_status sld__frames_hand(sld__frames *f, int *id, int time, sld__hand hand, const char *zone, sld_error *err);

/* 1 where the time lies in the hours, else 0. EINVAL: no hours, no days. Else as sld__frames_hand. */
sld_status sld__frames_hours(sld__frames *f, int *id, int time, const char *spans, const char *days, const char *zone, sld_error *err);

/* What a hand shows at one time. The zone is loaded once. */
sld_status sld__frames_hand_at(sld__frames *f, double *out, double seconds, sld__hand hand, const char *zone, sld_error *err);

#endif
