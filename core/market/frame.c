/* Walking over bars period by period: once to see which periods finish where, once to put their bars together. */
#include "market/frame.h"

#include "base/error.h"

#include <string.h>

const char *sld__frame_column(int column) {
  static const char *const names[SLD__COLUMN_COUNT] = { "time", "open", "high", "low", "close", "volume", "ask_open", "ask_high", "ask_low", "ask_close" };
  return names[column];
}

enum { TIME, OPEN, HIGH, LOW, CLOSE, VOLUME, ASK };

/* ---- The walk --------------------------------------------------------------------------------------------------- */

/* The periods of one frame as the bars come to them. */
typedef struct walk {
  sld__buckets periods;
  sld__buckets days;     /* of the same clock; no zone: weekends are waited for */
  int64_t from, until;   /* the period under way; from == until: none yet */
  int64_t over;          /* when it is finished: at `until`, or at the end of its Friday */
  bool finished;
} walk;

static bool waits_for_weekends(const sld__timeframe *frame, sld_day day) {
  return day == SLD_DAY_UTC || (frame->months == 0 && frame->length_ns <= SLD__NS_PER_DAY);
}

static sld_status walk_init(walk *w, const sld__series *series, const char *timeframe, sld_day day, const char *zone, const sld_allocator *a, sld_error *err) {
  *w = (walk){ .from = 0 };
  int64_t period_ns = series->info.period_ns;
  sld_day clock = series->info.date_only ? SLD_DAY_UTC : day; /* dates know no clock */
  sld__timeframe frame;
  sld_status status = sld__timeframe_parse(&frame, timeframe, NULL, err);
  if (status != SLD_OK) return status;
  int64_t length = frame.months ? SLD__NS_PER_DAY : frame.length_ns;
  if (period_ns && length % period_ns != 0) {
    char name[SLD__PERIOD_SIZE];
    sld__period_format(period_ns, name);
    return sld__fail(err, SLD_EINVAL, "bars of %s do not add up to bars of %s", name, timeframe);
  }
  if (series->info.date_only) {
    status = sld__day_check(day, zone, a, err);
    if (status != SLD_OK) return status;
    zone = NULL;
  }
  status = sld__buckets_init(&w->periods, &frame, clock, zone, a, err);
  if (status != SLD_OK || waits_for_weekends(&frame, day)) return status;
  return sld__buckets_init(&w->days, &(sld__timeframe){ SLD__NS_PER_DAY, 0 }, clock, zone, a, err);
}

static void walk_fini(walk *w) {
  sld__buckets_fini(&w->periods);
  sld__buckets_fini(&w->days);
}

/* Monday 1 to Sunday 7 of a day on the walk's clock. */
static int weekday(const walk *w, sld__bucket day) {
  int64_t noon = day.from + (day.until - day.from) / 2;
  int64_t local = noon + sld__zone_offset(w->days.zone, noon) * SLD__NS_PER_SECOND + w->days.shift_ns;
  return sld__weekday_of_days(sld__floor_div(local, SLD__NS_PER_DAY));
}

static void enter(walk *w, int64_t time) {
  sld__bucket period = sld__buckets_at(&w->periods, time);
  w->from = period.from;
  w->until = w->over = period.until;
  w->finished = false;
  while (w->days.zone) {
    sld__bucket day = sld__buckets_at(&w->days, w->over - 1);
    if (weekday(w, day) < 6 || day.from <= w->from) break;
    w->over = day.from;
  }
}

/* What a bar does to the periods. */
typedef struct step {
  bool begins;   /* a period, and so ends the one before */
  bool finishes; /* the period that it belongs to */
} step;

static step walk_on(walk *w, int64_t open, int64_t close) {
  step s = { .begins = w->from == w->until || open >= w->until || w->finished };
  if (s.begins) enter(w, w->finished && open < w->until ? w->until : open);
  s.finishes = !w->finished && close >= w->over;
  w->finished |= s.finishes;
  return s;
}

/* ---- Putting periods together ----------------------------------------------------------------------------------- */

/* Writes last[rows] and counts the finished periods. */
static void find_last(sld__frame *f, walk *w, const int64_t *time, size_t rows, int64_t period_ns) {
  int32_t finished = 0;
  bool open = false; /* a period is under way that is not finished */
  for (size_t i = 0; i < rows; i++) {
    step s = walk_on(w, time[i], time[i] + period_ns);
    finished += s.begins && open;
    open = !s.finishes && (open || s.begins);
    finished += s.finishes;
    f->last[i] = finished - 1;
  }
  f->count = (size_t)finished;
}

/* Each source column of a series in the order of sld__frame_column. */
static void sources(const sld__series *s, size_t row0, const double *out[SLD__COLUMN_COUNT]) {
  const double *const whole[SLD__COLUMN_COUNT] = { NULL, s->open, s->high, s->low, s->close, s->volume, s->ask_open, s->ask_high, s->ask_low, s->ask_close };
  for (int k = 0; k < SLD__COLUMN_COUNT; k++) out[k] = whole[k] ? whole[k] + row0 : NULL;
}

static void begin_period(sld__frame *f, size_t at, int64_t from, const double *const in[SLD__COLUMN_COUNT], size_t row) {
  f->columns[TIME][at] = (double)from / 1e9;
  for (int k = OPEN; k < SLD__COLUMN_COUNT; k++)
    if (in[k]) f->columns[k][at] = in[k][row];
}

static void extend_period(sld__frame *f, size_t at, const double *const in[SLD__COLUMN_COUNT], size_t row) {
  for (int k = OPEN; k <= ASK; k += ASK - OPEN) {
    if (!in[k]) continue;
    double *high = &f->columns[k + HIGH - OPEN][at], *low = &f->columns[k + LOW - OPEN][at];
    if (in[k + HIGH - OPEN][row] > *high) *high = in[k + HIGH - OPEN][row];
    if (in[k + LOW - OPEN][row] < *low) *low = in[k + LOW - OPEN][row];
    f->columns[k + CLOSE - OPEN][at] = in[k + CLOSE - OPEN][row];
  }
  if (in[VOLUME]) f->columns[VOLUME][at] += in[VOLUME][row];
}

static void fill(sld__frame *f, walk *w, const int64_t *time, const double *const in[SLD__COLUMN_COUNT], size_t rows, int64_t period_ns) {
  size_t begun = 0;
  for (size_t i = 0; i < rows; i++) {
    bool begins = walk_on(w, time[i], time[i] + period_ns).begins;
    if (begins && begun == f->count) return; /* that one never finishes */
    if (begins) begin_period(f, begun++, w->from, in, i);
    else extend_period(f, begun - 1, in, i);
  }
}

static sld_status make(sld__frame *f, walk *w, const sld__series *series, size_t row0, size_t rows, sld_error *err) {
  const double *in[SLD__COLUMN_COUNT];
  const int64_t *time = series->time + row0;
  int64_t period_ns = series->info.period_ns;
  f->last = sld__alloc(&f->allocator, rows, sizeof *f->last);
  if (!f->last) return sld__fail_memory(err);
  walk again = *w;
  find_last(f, w, time, rows, period_ns);
  sources(series, row0, in);
  for (int k = 0; k < SLD__COLUMN_COUNT; k++) {
    if (k != TIME && !in[k]) continue;
    f->columns[k] = sld__alloc(&f->allocator, f->count, sizeof(double));
    if (!f->columns[k]) return sld__fail_memory(err);
  }
  fill(f, &again, time, in, rows, period_ns);
  return SLD_OK;
}

sld_status sld__frame_init(sld__frame *out, const sld__series *series, size_t row0, size_t rows, const char *timeframe, sld_day day, const char *zone,
                           const sld_allocator *a, sld_error *err) {
  *out = (sld__frame){ .allocator = *a };
  walk w;
  sld_status status = walk_init(&w, series, timeframe, day, zone, a, err);
  if (status == SLD_OK) status = make(out, &w, series, row0, rows, err);
  walk_fini(&w);
  return status;
}

void sld__frame_fini(sld__frame *frame) {
  sld__free(&frame->allocator, frame->last);
  for (int k = 0; k < SLD__COLUMN_COUNT; k++) sld__free(&frame->allocator, frame->columns[k]);
  frame->last = NULL;
  memset(frame->columns, 0, sizeof frame->columns);
}

sld_status sld__frame_firsts(double *first, const sld__series *series, size_t row0, size_t rows, const char *timeframe, sld_day day, const char *zone,
                             const sld_allocator *a, sld_error *err) {
  walk w;
  const int64_t *time = series->time + row0;
  sld_status status = walk_init(&w, series, timeframe, day, zone, a, err);
  for (size_t i = 0; status == SLD_OK && i < rows; i++) first[i] = walk_on(&w, time[i], time[i] + series->info.period_ns).begins ? 1.0 : 0.0;
  walk_fini(&w);
  return status;
}
