/* Weeks and how late they end, cut into stretches that one clock explains. */
#include "market/week_clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  SATURDAY = 6,   /* the trading day that starts with the close of Friday */
  WORTH = 8,      /* weeks that a stretch more must explain, */
  PART_WORTH = 1, /* and one that begins with a file */
  WITNESSES = 26, /* weeks on each side of a change that speak for it */
  LEAST = 3       /* weeks that tell a clock at all */
};

#define WEEKEND_MIN_NS (30 * SLD__NS_PER_HOUR) /* the shortest hole that is taken for a weekend */
#define OFF_MAX_NS (14 * SLD__NS_PER_HOUR)     /* no clock is further off */
#define GRAIN_NS (30 * SLD__NS_PER_MINUTE)

/* ---- Weeks ------------------------------------------------------------------------------------------------------ */

typedef struct week {
  size_t row;      /* first row, or the first of the file that it ends in */
  bool part;       /* a file begins in it */
  int64_t end;     /* when its last row ends */
  int64_t off_ns;  /* later than Friday 17:00 New York, to half an hour */
} week;

typedef struct weeks {
  week *all;
  size_t count;
  size_t capacity;
} weeks;

/* The nearest Friday 17:00 New York. */
static int64_t nearest_close(const sld__calendar *calendar, int64_t time) {
  int64_t day = sld__calendar_day(calendar, time);
  int64_t saturday = day + SATURDAY - sld__weekday_of_days(day);
  int64_t after = sld__calendar_day_start(calendar, saturday);
  int64_t before = sld__calendar_day_start(calendar, saturday - 7);
  int64_t later = sld__calendar_day_start(calendar, saturday + 7);
  if (llabs(time - before) < llabs(time - after)) return before;
  return llabs(time - later) < llabs(time - after) ? later : after;
}

static bool near_new_year(int64_t close) {
  struct sld__civil date;
  sld__civil_from_time(&date, close);
  return (date.month == 12 && date.day >= 22) || (date.month == 1 && date.day <= 3);
}

/* To the nearest half hour; the last minutes before a close often have no quote. */
static int64_t rounded(int64_t off) {
  int64_t half = off < 0 ? -GRAIN_NS / 2 : GRAIN_NS / 2;
  return (off + half) / GRAIN_NS * GRAIN_NS;
}

static sld_status add_week(weeks *w, const sld__calendar *calendar, size_t row, int64_t end, bool part, const sld_allocator *a, sld_error *err) {
  int64_t close = nearest_close(calendar, end);
  if (llabs(end - close) > OFF_MAX_NS || near_new_year(close)) return SLD_OK;
  if (w->count == w->capacity) {
    size_t capacity = w->capacity ? 2 * w->capacity : 256;
    week *moved = sld__realloc(a, w->all, capacity, sizeof *moved);
    if (!moved) return sld__fail_memory(err);
    w->all = moved;
    w->capacity = capacity;
  }
  w->all[w->count++] = (week){ row, part, end, rounded(end - close) };
  return SLD_OK;
}

/* Whether file k is long enough to be told by its own weeks. Days or hours of an archive are not: a change may begin with any of them. */
static bool tells(const sld__series *s, size_t k) {
  size_t end = k + 1 < s->part_count ? s->parts[k + 1] : s->count;
  return s->time[end - 1] - s->time[s->parts[k]] > LEAST * 7 * SLD__NS_PER_DAY;
}

static sld_status find_weeks(weeks *w, const sld__series *s, const sld__calendar *calendar, const sld_allocator *a, sld_error *err) {
  size_t first = 0;
  size_t next = 0; /* part */
  bool part = false;
  sld_status status = SLD_OK;
  for (size_t i = 0; status == SLD_OK && i + 1 < s->count; i++) {
    for (; next < s->part_count && s->parts[next] <= i; next++) {
      if (!tells(s, next)) continue;
      part = true;
      first = s->parts[next];
    }
    int64_t end = s->time[i] + s->info.period_ns;
    if (s->time[i + 1] - end < WEEKEND_MIN_NS) continue;
    size_t before = w->count;
    status = add_week(w, calendar, first, end, part, a, err);
    first = i + 1;
    part = part && w->count == before; /* a week that tells nothing leaves it to the next */
  }
  return status;
}

/* ---- Stretches -------------------------------------------------------------------------------------------------- */

static int64_t summer_ns(const sld__week_clock *clock, sld__summer summer, int64_t time) {
  static const int32_t standard_s[SLD__SUMMERS] = { 0, -5 * 3600, 0 };
  if (summer == SLD__SUMMER_NONE || sld__zone_offset(clock->zones[summer], time) == standard_s[summer]) return 0;
  return SLD__NS_PER_HOUR;
}

/* How late weeks end in winter, as a number of half hours from 0 on: the clock that explains a week, given its summer. */
enum { LEVELS = 2 * 15 * 2 + 1 };

static int level_of(int64_t off_ns) {
  return (int)(off_ns / GRAIN_NS) + LEVELS / 2;
}

/* What each week says under each kind of summer. */
typedef struct says {
  unsigned char level[SLD__SUMMERS];
  bool part; /* a file begins with it */
} says;

/* Votes of a run of weeks. */
typedef struct tally {
  unsigned count[SLD__SUMMERS][LEVELS];
  unsigned most;      /* the highest of all counts, */
  sld__summer summer; /* and whose it is; the simplest of equals */
  int level;
} tally;

static void vote(tally *t, const says *by) {
  for (int k = 0; k < SLD__SUMMERS; k++) {
    int level = by->level[k];
    unsigned count = ++t->count[k][level];
    if (count < t->most || (count == t->most && (sld__summer)k >= t->summer)) continue;
    t->most = count;
    t->summer = (sld__summer)k;
    t->level = level;
  }
}

/* A run of weeks that one clock explains best. */
typedef struct run {
  size_t first, end;
  sld__summer summer;
  int level;
  unsigned hits;
} run;

static run run_of(const says *all, size_t first, size_t end) {
  tally t = { .most = 0 };
  for (size_t i = first; i < end; i++) vote(&t, &all[i]);
  return (run){ first, end, t.summer, t.level, t.most };
}

/* Cuts [0, n) into runs so that weeks left unexplained plus WORTH (PART_WORTH) a run are fewest. cost[n + 1] and cut[n + 1] are scratch; the runs end at n, cut[n],
 * cut[cut[n]] and so on down to 0. (B. Jackson et al., "An algorithm for optimal partitioning of data on an interval", IEEE Signal Processing
 * Letters 12(2), 2005.) */
static void partition(const says *all, size_t n, size_t *cost, size_t *cut) {
  for (size_t end = 1; end <= n; end++) cost[end] = SIZE_MAX;
  cost[0] = 0;
  for (size_t first = 0; first < n; first++) {
    tally t = { .most = 0 };
    size_t worth = all[first].part ? PART_WORTH : WORTH;
    for (size_t end = first + 1; end <= n; end++) {
      vote(&t, &all[end - 1]);
      size_t total = cost[first] + worth + (end - first - t.most);
      if (total >= cost[end]) continue;
      cost[end] = total;
      cut[end] = first;
    }
  }
}

/* How many of weeks [first, end) are nearer to the clock of `own` than to that of `other`, less those that are nearer to the other. */
static int64_t witnesses(const says *all, size_t first, size_t end, const run *own, const run *other) {
  int64_t count = 0;
  for (size_t i = first; i < end; i++) {
    int to_own = abs(all[i].level[own->summer] - own->level);
    int to_other = abs(all[i].level[other->summer] - other->level);
    count += (to_own < to_other) - (to_own > to_other);
  }
  return count;
}

/* Whether so many of the weeks on one side of a border are enough: half of them, of few all. */
static bool convince(int64_t count, size_t of) {
  return count > 0 && (of < WORTH ? (size_t)count == of : 2 * (size_t)count >= of);
}

/* Whether the weeks around the border of two runs bear witness to a change, each side for its own clock. */
static bool is_change(const says *all, const run *a, const run *b) {
  size_t first = a->end - a->first > WITNESSES ? a->end - WITNESSES : a->first;
  size_t end = b->end - b->first > WITNESSES ? b->first + WITNESSES : b->end;
  return convince(witnesses(all, first, a->end, a, b), a->end - first) && convince(witnesses(all, b->first, end, b, a), end - b->first);
}

static bool explains(const run *r, const says *by) {
  return by->level[r->summer] == r->level;
}

/* Moves the border of two runs to where their clocks leave the fewest weeks unexplained: a cut may have been cheaper at a file's begin. */
static void settle(run *a, run *b, const says *all) {
  size_t border = a->end;
  int64_t fewest = 0; /* more left unexplained than with the border as it is */
  int64_t more = 0;
  for (size_t i = a->end; i < b->end; i++) {
    more += (int64_t)explains(b, &all[i]) - explains(a, &all[i]);
    if (more < fewest) fewest = more, border = i + 1;
  }
  more = 0;
  for (size_t i = a->end; i-- > a->first;) {
    more += (int64_t)explains(a, &all[i]) - explains(b, &all[i]);
    if (more < fewest) fewest = more, border = i;
  }
  a->end = b->first = border;
}

/* Turns the cuts into runs, in order, those joined that no change parts; returns how many. runs[n] is scratch and result. */
static size_t join_runs(run *runs, const says *all, size_t n, const size_t *cut) {
  size_t count = 0;
  for (size_t end = n; end > 0; end = cut[end]) runs[count++] = (run){ .first = cut[end], .end = end };
  for (size_t i = 0; i < count / 2; i++) {
    run kept = runs[i];
    runs[i] = runs[count - 1 - i];
    runs[count - 1 - i] = kept;
  }
  size_t joined = 0;
  for (size_t i = 0; i < count; i++) {
    run next = run_of(all, runs[i].first, runs[i].end);
    if (joined > 0 && !is_change(all, &runs[joined - 1], &next)) runs[joined - 1] = run_of(all, runs[joined - 1].first, next.end);
    else runs[joined++] = next;
  }
  for (size_t i = 1; i < joined; i++) settle(&runs[i - 1], &runs[i], all);
  return joined;
}

static sld_status find_stretches(sld__week_clock *clock, const weeks *w, sld_error *err) {
  const sld_allocator *a = &clock->allocator;
  size_t n = w->count;
  says *all = sld__alloc(a, n, sizeof *all);
  size_t *cost = sld__alloc(a, n + 1, sizeof *cost);
  size_t *cut = sld__alloc(a, n + 1, sizeof *cut);
  run *runs = sld__alloc(a, n, sizeof *runs);
  clock->stretches = sld__alloc(a, n, sizeof *clock->stretches);
  sld_status status = all && cost && cut && runs && clock->stretches ? SLD_OK : sld__fail_memory(err);
  if (status == SLD_OK) {
    for (size_t i = 0; i < n; i++) {
      all[i].part = w->all[i].part;
      for (int k = 0; k < SLD__SUMMERS; k++) all[i].level[k] = (unsigned char)level_of(w->all[i].off_ns - summer_ns(clock, (sld__summer)k, w->all[i].end));
    }
    partition(all, n, cost, cut);
    size_t count = join_runs(runs, all, n, cut);
    for (size_t i = 0; i < count; i++)
      if (runs[i].hits >= LEAST) clock->stretches[clock->count++] = (sld__stretch){ w->all[runs[i].first].row, (runs[i].level - LEVELS / 2) * GRAIN_NS, runs[i].summer };
  }
  sld__free(a, runs);
  sld__free(a, cut);
  sld__free(a, cost);
  sld__free(a, all);
  return status;
}

sld_status sld__week_clock_find(sld__week_clock *out, const sld__series *series, const sld__calendar *calendar, const sld_allocator *a, sld_error *err) {
  weeks w = { .all = NULL };
  *out = (sld__week_clock){ .allocator = *a };
  sld_status status = sld__zone_load(&out->zones[SLD__SUMMER_NEW_YORK], "America/New_York", a, err);
  if (status == SLD_OK) status = sld__zone_load(&out->zones[SLD__SUMMER_EUROPE], "Europe/London", a, err);
  if (status == SLD_OK) status = find_weeks(&w, series, calendar, a, err);
  if (status == SLD_OK) status = find_stretches(out, &w, err);
  sld__free(a, w.all);
  return status;
}

void sld__week_clock_fini(sld__week_clock *clock) {
  if (!clock->allocator.resize) return;
  for (int k = 0; k < SLD__SUMMERS; k++) sld__zone_free(clock->zones[k]);
  sld__free(&clock->allocator, clock->stretches);
  *clock = (sld__week_clock){ .count = 0 };
}

int64_t sld__week_clock_off(const sld__week_clock *clock, size_t row, int64_t time) {
  if (clock->count == 0) return 0;
  size_t k = 0;
  while (k + 1 < clock->count && clock->stretches[k + 1].row <= row) k++;
  return clock->stretches[k].off_ns + summer_ns(clock, clock->stretches[k].summer, time);
}

/* "2 hours after", "on time"; only "2" where the words stand already. */
static size_t format_off(char *text, size_t size, int64_t off, bool bare) {
  int halves = (int)(llabs(off) / GRAIN_NS);
  if (off == 0) return (size_t)snprintf(text, size, "on time");
  size_t length = (size_t)snprintf(text, size, "%d%s", halves / 2, halves % 2 ? ".5" : "");
  return bare ? length : length + (size_t)snprintf(text + length, size - length, " %s %s", halves == 2 ? "hour" : "hours", off < 0 ? "before" : "after");
}

void sld__stretch_format(const sld__stretch *stretch, const char *close, char text[SLD__STRETCH_TEXT_SIZE]) {
  const size_t size = SLD__STRETCH_TEXT_SIZE;
  int64_t summer = stretch->off_ns + SLD__NS_PER_HOUR;
  bool same_word = stretch->off_ns != 0 && summer != 0 && (stretch->off_ns < 0) == (summer < 0);
  size_t length = format_off(text, size, stretch->off_ns, false);
  if (stretch->off_ns != 0) length += (size_t)snprintf(text + length, size - length, "%s", close);
  if (stretch->summer == SLD__SUMMER_NONE) return;
  length += (size_t)snprintf(text + length, size - length, ", ");
  length += format_off(text + length, size - length, summer, same_word);
  snprintf(text + length, size - length, " in %s summer", stretch->summer == SLD__SUMMER_EUROPE ? "Europe's" : "New York's");
}
