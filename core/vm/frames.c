/* Clocks of jobs: each made once per view. */
#include "vm/frames.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/time.h"

#include <stdio.h>
#include <string.h>

enum { NAME = 160 }; /* room for what tells a clock or a column from others */

typedef struct kept_frame {
  struct kept_frame *next;
  char name[NAME];
  sld__frame frame;
  int32_t *last; /* [rows of the columns] where those are not the bars' own rows; else NULL */
} kept_frame;

typedef struct kept_column {
  struct kept_column *next;
  sld__cache_key key;
  double values[];
} kept_column;

typedef struct kept_face {
  struct kept_face *next;
  char name[NAME];
  struct sld__zone *zone;
  sld__clockface face;
} kept_face;

struct sld__frames {
  sld_allocator allocator;
  sld__frames_view view; /* of the job under way */
  kept_frame *frames;    /* of the view */
  kept_column *kept;
  kept_face *faces;     /* for good */
};

sld_status sld__frames_new(sld__frames **out, const sld_allocator *a, sld_error *err) {
  sld__frames *f = sld__alloc_zero(a, 1, sizeof *f);
  if (!f) return sld__fail_memory(err);
  f->allocator = *a;
  *out = f;
  return SLD_OK;
}

static void drop_view(sld__frames *f) {
  while (f->frames) {
    kept_frame *frame = f->frames;
    f->frames = frame->next;
    sld__frame_fini(&frame->frame);
    sld__free(&f->allocator, frame->last);
    sld__free(&f->allocator, frame);
  }
  while (f->kept) {
    kept_column *column = f->kept;
    f->kept = column->next;
    sld__free(&f->allocator, column);
  }
}

void sld__frames_free(sld__frames *f) {
  if (!f) return;
  sld_allocator a = f->allocator;
  drop_view(f);
  while (f->faces) {
    kept_face *face = f->faces;
    f->faces = face->next;
    sld__zone_free(face->zone);
    sld__free(&a, face);
  }
  sld__free(&a, f);
}

void sld__frames_start(sld__frames *f, const sld__frames_view *view) {
  if (view->key.low != f->view.key.low || view->key.high != f->view.key.high) drop_view(f);
  f->view = *view;
}

static sld_status name_it(char name[NAME], sld_error *err, const char *what, const char *one, const char *two, const char *three) {
  int length = snprintf(name, NAME, "%s %s %s %s", what, one, two, three);
  if (length < NAME) return SLD_OK;
  return sld__fail(err, SLD_EINVAL, "'%.60s' is too long", strlen(one) > strlen(three) ? one : three);
}

/* ---- Time frames ------------------------------------------------------------------------------------------------ */

/* The bars of a pair, by default the view's. */
static const sld__frames_bars *bars_of(const sld__frames *f, const sld__frames_bars *bars) {
  return bars ? bars : &f->view.bars;
}

/* The last period known at each row of the columns, where those are not the bars' own rows. ENOMEM. */
static sld_status compose(sld__frames *f, kept_frame *made, const sld__frames_bars *bars, sld_error *err) {
  if (!bars->last) return SLD_OK;
  size_t rows = sld__columns_rows(f->view.columns);
  made->last = sld__alloc(&f->allocator, rows, sizeof *made->last);
  if (!made->last) return sld__fail_memory(err);
  for (size_t i = 0; i < rows; i++) made->last[i] = bars->last[i] < 0 ? -1 : made->frame.last[bars->last[i]];
  return SLD_OK;
}

static sld_status keep_frame(sld__frames *f, kept_frame **out, const char *name, const sld__frames_bars *bars, const sld__frames_period *p, sld_error *err) {
  kept_frame *made = sld__alloc_zero(&f->allocator, 1, sizeof *made);
  if (!made) return sld__fail_memory(err);
  strcpy(made->name, name);
  sld_status status = sld__frame_init(&made->frame, bars->series, bars->row0, bars->rows, p->timeframe, p->day, p->zone, &f->allocator, err);
  if (status == SLD_OK) status = compose(f, made, bars, err);
  if (status != SLD_OK) {
    sld__frame_fini(&made->frame);
    sld__free(&f->allocator, made);
    return status;
  }
  made->next = f->frames;
  f->frames = *out = made;
  return SLD_OK;
}

sld_status sld__frames_at(sld__frames *f, int *at, const sld__frame **periods, const int32_t **last, const sld__frames_bars *bars, const sld__frames_period *p,
                          sld_error *err) {
  char name[NAME];
  bars = bars_of(f, bars);
  sld_status status = name_it(name, err, bars->series->info.instrument.pair, p->timeframe, sld__day_name(p->day), p->zone ? p->zone : "");
  if (status != SLD_OK) return status;
  kept_frame *kept = f->frames;
  while (kept && strcmp(kept->name, name) != 0) kept = kept->next;
  if (!kept) status = keep_frame(f, &kept, name, bars, p, err);
  if (status != SLD_OK) return status;
  *periods = &kept->frame;
  *last = kept->last ? kept->last : kept->frame.last;
  return sld__columns_frame(f->view.columns, at, *last, kept->frame.count, name, err);
}

/* ---- Columns ---------------------------------------------------------------------------------------------------- */

static kept_column *find_column(const sld__frames *f, sld__cache_key key) {
  kept_column *kept = f->kept;
  while (kept && (kept->key.low != key.low || kept->key.high != key.high)) kept = kept->next;
  return kept;
}

/* Room for a column of `rows` values under a key that is not there; NULL when out of memory. */
static kept_column *add_column(sld__frames *f, sld__cache_key key, size_t rows) {
  if (rows > (SIZE_MAX - sizeof(kept_column)) / sizeof(double)) return NULL;
  kept_column *kept = sld__alloc(&f->allocator, 1, sizeof *kept + rows * sizeof(double));
  if (!kept) return NULL;
  kept->key = key;
  kept->next = f->kept;
  return f->kept = kept;
}

/* Fills out[rows] from times[rows]; `ud` is the filler's own. */
typedef sld_status fill_column(sld__frames *f, const void *ud, const double *times, double *out, size_t rows, sld_error *err);

/* The column derived from column `time` in the way that `how` tells, computed unless it was kept. */
static sld_status derive(sld__frames *f, int *id, int time, const char *how, fill_column *fill, const void *ud, sld_error *err) {
  const double *times;
  sld__columns *columns = f->view.columns;
  sld_status status = sld__columns_materialise(columns, time, &times, err);
  if (status != SLD_OK) return status;
  struct { sld__cache_key time, how; } text = { sld__columns_key(columns, time), sld__cache_key_of(how, strlen(how)) };
  sld__cache_key key = sld__cache_key_of(&text, sizeof text);
  kept_column *kept = find_column(f, key);
  if (!kept) {
    size_t rows = sld__columns_rows_of(columns, time);
    kept = add_column(f, key, rows);
    if (!kept) return sld__fail_memory(err);
    status = fill(f, ud, times, kept->values, rows, err);
    if (status != SLD_OK) {
      f->kept = kept->next;
      sld__free(&f->allocator, kept);
      return status;
    }
  }
  return sld__columns_derived(columns, id, time, kept->values, how, err);
}

typedef struct firsts {
  const sld__frames_bars *bars;
  const sld__frames_period *period;
} firsts;

static sld_status fill_firsts(sld__frames *f, const void *ud, const double *times, double *out, size_t rows, sld_error *err) {
  const firsts *x = ud;
  const sld__frames_period *p = x->period;
  (void)times, (void)rows;
  return sld__frame_firsts(out, x->bars->series, x->bars->row0, x->bars->rows, p->timeframe, p->day, p->zone, &f->allocator, err);
}

sld_status sld__frames_firsts(sld__frames *f, int *id, int time, const sld__frames_bars *bars, const sld__frames_period *p, sld_error *err) {
  char how[NAME];
  const firsts x = { bars_of(f, bars), p };
  sld_status status = name_it(how, err, "first", p->timeframe, sld__day_name(p->day), p->zone ? p->zone : "");
  return status == SLD_OK ? derive(f, id, time, how, fill_firsts, &x, err) : status;
}

/* ---- Short rates ------------------------------------------------------------------------------------------------ */

/* The same time of day and day of the month a month after `time`; times in the last hours of a day count as the next day's start, which is how days
 * of New York lie in UTC. */
static int64_t month_later(int64_t time) {
  int64_t day = sld__floor_div(time + SLD__NS_PER_DAY / 2, SLD__NS_PER_DAY);
  struct sld__civil civil;
  sld__civil_from_days(&civil, day);
  int64_t year = civil.year + civil.month / 12;
  int month = civil.month % 12 + 1, last = sld__days_in_month(year, month);
  return time + (sld__days_from_civil(year, month, civil.day < last ? civil.day : last) - day) * SLD__NS_PER_DAY;
}

/* When a bar ends, whatever comes behind it: a month by the calendar, for its period is that of the longest; any other by its length. */
static int64_t end_of_bar(int64_t open, int64_t period_ns) {
  int64_t end = open + period_ns;
  if (period_ns < 28 * SLD__NS_PER_DAY || period_ns > 31 * SLD__NS_PER_DAY) return end;
  int64_t month = month_later(open);
  return month < end ? month : end;
}

/* The rate at closes, a row after the other. */
static void fill_rate(const sld__frames *f, const sld__short_rate *rate, double *out, size_t rows) {
  enum { BLOCK = 256 };
  const sld__frames_bars *bars = &f->view.bars;
  for (size_t at = 0, n; at < rows; at += n) {
    int64_t closes[BLOCK];
    n = rows - at < BLOCK ? rows - at : BLOCK;
    for (size_t i = 0; i < n; i++)
      closes[i] = f->view.instants ? f->view.instants[at + i] : end_of_bar(bars->series->time[bars->row0 + at + i], bars->series->info.period_ns);
    sld__short_rate_known_by(rate, closes, n, out + at);
  }
}

sld_status sld__frames_rate(sld__frames *f, int *id, const char *currency, sld_error *err) {
  char name[NAME], hex[SLD__HASH_TEXT_SIZE];
  const sld__short_rate *rate = sld__rates_find(f->view.rates, currency);
  if (!rate) return sld__fail(err, SLD_ENAME, "the market has no short rates of '%.16s'", currency);
  struct sld__hash hash;
  sld__hash_init(&hash);
  sld__short_rate_hash(rate, &hash);
  sld__hash_text(&hash, hex);
  sld_status status = name_it(name, err, "rate", currency, hex, "");
  if (status != SLD_OK) return status;
  sld__cache_key key = sld__cache_key_of(name, strlen(name));
  size_t rows = sld__columns_rows(f->view.columns);
  kept_column *kept = find_column(f, key);
  if (!kept) {
    kept = add_column(f, key, rows);
    if (!kept) return sld__fail_memory(err);
    fill_rate(f, rate, kept->values, rows);
  }
  return sld__columns_base(f->view.columns, id, kept->values, name, err);
}

/* ---- Clock faces ------------------------------------------------------------------------------------------------ */

static sld_status find_face(sld__frames *f, sld__clockface **out, const char *zone, sld_error *err) {
  kept_face *kept = f->faces;
  while (kept && strcmp(kept->name, zone) != 0) kept = kept->next;
  if (!kept) {
    struct sld__zone *loaded;
    sld_status status = strlen(zone) < NAME ? sld__zone_load(&loaded, zone, &f->allocator, err) : sld__fail(err, SLD_ENAME, "no time zone '%.60s'", zone);
    if (status != SLD_OK) return status;
    kept = sld__alloc_zero(&f->allocator, 1, sizeof *kept);
    if (!kept) {
      sld__zone_free(loaded);
      return sld__fail_memory(err);
    }
    strcpy(kept->name, zone);
    kept->zone = loaded;
    kept->face.zone = loaded;
    kept->next = f->faces;
    f->faces = kept;
  }
  *out = &kept->face;
  return SLD_OK;
}

typedef struct look {
  sld__clockface *face;
  sld__hand hand;
  sld__hours hours;
} look;

static sld_status fill_hand(sld__frames *f, const void *ud, const double *times, double *out, size_t rows, sld_error *err) {
  const look *l = ud;
  (void)f, (void)err;
  for (size_t i = 0; i < rows; i++) out[i] = sld__clockface_hand(l->face, l->hand, times[i]);
  return SLD_OK;
}

sld_status sld__frames_hand(sld__frames *f, int *id, int time, sld__hand hand, const char *zone, sld_error *err) {
  char how[NAME];
  look l = { .hand = hand };
  sld_status status = find_face(f, &l.face, zone, err);
  if (status == SLD_OK) status = name_it(how, err, sld__hand_name((int)hand), zone, "", "");
  return status == SLD_OK ? derive(f, id, time, how, fill_hand, &l, err) : status;
}

static sld_status fill_hours(sld__frames *f, const void *ud, const double *times, double *out, size_t rows, sld_error *err) {
  const look *l = ud;
  (void)f, (void)err;
  for (size_t i = 0; i < rows; i++) out[i] = sld__hours_on(&l->hours, l->face, times[i]);
  return SLD_OK;
}

sld_status sld__frames_hours(sld__frames *f, int *id, int time, const char *spans, const char *days, const char *zone, sld_error *err) {
  char how[NAME];
  look l = { .face = NULL };
  sld_status status = sld__hours_parse(&l.hours, spans, days, err);
  if (status == SLD_OK) status = find_face(f, &l.face, zone, err);
  if (status == SLD_OK) status = name_it(how, err, "hours", spans, days ? days : "", zone);
  return status == SLD_OK ? derive(f, id, time, how, fill_hours, &l, err) : status;
}

sld_status sld__frames_hand_at(sld__frames *f, double *out, double seconds, sld__hand hand, const char *zone, sld_error *err) {
  sld__clockface *face;
  sld_status status = find_face(f, &face, zone, err);
  if (status == SLD_OK) *out = sld__clockface_hand(face, hand, seconds);
  return status;
}
