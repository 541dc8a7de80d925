/* Half hours of trading days that lack, counted. */
#include "market/pause.h"

#include "base/alloc.h"

enum {
  SLOTS = 48,       /* half hours of a day, from 17:00 New York */
  STRETCH = 84,     /* days that are counted together */
  DAYS_MIN = 10     /* with rows, that tell anything */
};

#define SLOT_NS (30 * SLD__NS_PER_MINUTE)
#define EDGE_NS (4 * SLD__NS_PER_HOUR)

struct sld__pause_stretch {
  uint32_t days;          /* that have rows */
  uint32_t lacks[SLOTS];  /* on how many of them the half hour has none */
};

sld_status sld__pauses_init(sld__pauses *out, int64_t first, int64_t last, const sld__calendar *calendar, const sld_allocator *a, sld_error *err) {
  *out = (sld__pauses){ .allocator = *a, .calendar = calendar, .first_day = sld__calendar_day(calendar, first), .last_seen = INT64_MIN };
  int64_t days = sld__calendar_day(calendar, last) - out->first_day + 1;
  out->count = days < 2 * STRETCH ? 1 : (size_t)(days / STRETCH);
  out->stretches = sld__alloc_zero(a, out->count, sizeof *out->stretches);
  return out->stretches ? SLD_OK : sld__fail_memory(err);
}

void sld__pauses_fini(sld__pauses *pauses) {
  if (pauses->stretches) sld__free(&pauses->allocator, pauses->stretches);
  pauses->stretches = NULL;
}

static struct sld__pause_stretch *stretch_of(const sld__pauses *p, int64_t day) {
  int64_t k = day < p->first_day ? 0 : (day - p->first_day) / STRETCH;
  return &p->stretches[k < (int64_t)p->count ? k : (int64_t)p->count - 1];
}

/* The half hours of the day that starts at `start` which lie in [from, until) whole: first and end. */
static void whole_slots(int64_t start, int64_t from, int64_t until, int *first, int *end) {
  int64_t a = from <= start ? 0 : (from - start + SLOT_NS - 1) / SLOT_NS;
  int64_t b = until <= start ? 0 : (until - start) / SLOT_NS;
  *first = a > SLOTS ? SLOTS : (int)a;
  *end = b > SLOTS ? SLOTS : (int)b;
}

void sld__pauses_learn(sld__pauses *p, int64_t before, int64_t end, int64_t time) {
  int64_t day = sld__calendar_day(p->calendar, time);
  int64_t day_before = sld__calendar_day(p->calendar, before);
  if (day > p->last_seen && sld__calendar_trades(day)) stretch_of(p, day)->days++;
  if (day > p->last_seen) p->last_seen = day;
  if (end >= time) return;
  const int64_t with_rows[] = { day_before, day };
  for (int k = day_before == day; k < 2; k++) { /* the days between have no rows */
    int first, stop;
    if (!sld__calendar_trades(with_rows[k])) continue;
    whole_slots(sld__calendar_day_start(p->calendar, with_rows[k]), end, time, &first, &stop);
    for (int slot = first; slot < stop; slot++) stretch_of(p, with_rows[k])->lacks[slot]++;
  }
}

static bool lacks(const struct sld__pause_stretch *stretch, int slot) {
  return 2 * stretch->lacks[slot] > stretch->days;
}

/* Whether the half hour is of a stretch of an hour or more that lacks as a rule. */
static bool recurs(const struct sld__pause_stretch *stretch, int slot) {
  return lacks(stretch, slot) && (lacks(stretch, (slot + 1) % SLOTS) || lacks(stretch, (slot + SLOTS - 1) % SLOTS));
}

/* A walk through what lacks. */
typedef struct walk {
  const sld__pauses *pauses;
  int64_t length;  /* of pauses so far */
  int64_t before;  /* open market from the start to the first of them */
  bool met;        /* there was one */
} walk;

static void add_open(walk *w, int64_t length) {
  if (!w->met) w->before += length;
}

/* [from, until) of the day that starts at `start`. */
static void walk_day(walk *w, int64_t day, int64_t start, int64_t from, int64_t until) {
  const struct sld__pause_stretch *stretch = stretch_of(w->pauses, day);
  if (stretch->days < DAYS_MIN) {
    add_open(w, until - from);
    return;
  }
  for (int slot = 0; slot < SLOTS; slot++) {
    int64_t a = start + slot * SLOT_NS, b = a + SLOT_NS;
    if (b <= from || a >= until) continue;
    int64_t length = (b < until ? b : until) - (a > from ? a : from);
    if (!recurs(stretch, slot)) {
      add_open(w, length);
      continue;
    }
    w->length += length + (!w->met && w->before <= EDGE_NS ? w->before : 0);
    w->met = true;
  }
}

/* Whether what lacks of a day, its start or its end or both, lacks in one piece with a day without trade beside it. */
static bool at_edge(int64_t day, bool start, bool end) {
  return (end && !sld__calendar_trades(day + 1)) || (start && !sld__calendar_trades(day - 1));
}

int64_t sld__pauses_ns(const sld__pauses *p, int64_t from, int64_t until) {
  walk w = { .pauses = p };
  for (int64_t day = sld__calendar_day(p->calendar, from); from < until; day++) {
    int64_t start = sld__calendar_day_start(p->calendar, day);
    int64_t end = sld__calendar_day_start(p->calendar, day + 1);
    int64_t stop = end < until ? end : until;
    if (!sld__calendar_trades(day)) {
      w.met = true;
    } else if (at_edge(day, from == start, until > end) && (sld__calendar_holiday(day) || stop - from <= EDGE_NS)) {
      w.length += stop - from;
      w.met = true;
    } else {
      walk_day(&w, day, start, from, stop);
    }
    from = stop;
  }
  return w.length;
}

int64_t sld__pauses_days(int64_t from, int64_t until) {
  int64_t count = 0;
  for (int64_t day = from; day < until; day++) count += sld__calendar_trades(day) && sld__calendar_holiday(day) && at_edge(day, true, true);
  return count;
}
