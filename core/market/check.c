/* Looking through a series: one pass for each thing that may be wrong. */
#include "market/check.h"

#include "base/error.h"
#include "market/pause.h"
#include "market/week_clock.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct checker {
  const sld__series *series;
  sld_check *check;
  sld__calendar calendar;
  sld__week_clock clock;
  sld__pauses pauses; /* but of data stamped by date */
  int64_t gap_ns;
} checker;

const char *sld_finding_kind_name(sld_finding_kind kind) {
  static const char *const names[] = { "gap", "closed", "spike", "period", "clock", "zone", "pause" };
  return names[kind];
}

static sld_status find(const checker *c, const sld_finding *finding, sld_error *err, const char *format, ...) SLD__PRINTF(4, 5);

static sld_status find(const checker *c, const sld_finding *finding, sld_error *err, const char *format, ...) {
  sld_check *check = c->check;
  if (check->count == check->capacity) {
    size_t capacity = check->capacity ? 2 * check->capacity : 16;
    sld_finding *moved = sld__realloc(&check->allocator, check->findings, capacity, sizeof *moved);
    if (!moved) return sld__fail_memory(err);
    check->findings = moved;
    check->capacity = capacity;
  }
  sld_finding *out = &check->findings[check->count++];
  *out = *finding;
  va_list args;
  va_start(args, format);
  vsnprintf(out->message, sizeof out->message, format, args);
  va_end(args);
  return SLD_OK;
}

static sld_finding at_row(const checker *c, sld_finding_kind kind, size_t row) {
  return (sld_finding){ .kind = kind, .row = row, .time = c->series->time[row], .until = c->series->time[row] };
}

/* ---- Time frame ------------------------------------------------------------------------------------------------- */

enum { BLOCK = 48, LIKE = 4 }; /* distances that are looked at together; that must be alike where a new one starts */

/* The distance that over half of distances [first, first + BLOCK) have; 0: none. */
static int64_t usual_distance(const sld__series *s, size_t first) {
  int64_t candidate = 0;
  int votes = 0;
  for (size_t i = first; i < first + BLOCK; i++) { /* R. S. Boyer & J S. Moore, "MJRTY: a fast majority vote algorithm", 1981 */
    int64_t distance = s->time[i + 1] - s->time[i];
    if (votes == 0) candidate = distance;
    votes += distance == candidate ? 1 : -1;
  }
  int count = 0;
  for (size_t i = first; i < first + BLOCK; i++) count += s->time[i + 1] - s->time[i] == candidate;
  return 2 * count > BLOCK ? candidate : 0;
}

/* The first row from `first` on behind which LIKE distances are `distance`. */
static size_t start_of(const sld__series *s, size_t first, int64_t distance) {
  size_t alike = 0;
  for (size_t i = first; i + 1 < s->count; i++) {
    alike = s->time[i + 1] - s->time[i] == distance ? alike + 1 : 0;
    if (alike == LIKE) return i + 1 - LIKE;
  }
  return first;
}

static sld_status check_period(const checker *c, sld_error *err) {
  const sld__series *s = c->series;
  int64_t before = 0;
  for (size_t i = 0; !s->info.ticks && i + BLOCK < s->count; i += BLOCK) {
    int64_t now = usual_distance(s, i);
    if (now == 0 || now == before) continue;
    if (before != 0) {
      char old[SLD__PERIOD_SIZE];
      char new[SLD__PERIOD_SIZE];
      sld__period_format(before, old);
      sld__period_format(now, new);
      sld_finding finding = at_row(c, SLD_FINDING_PERIOD, start_of(s, i - BLOCK, now));
      sld_status status = find(c, &finding, err, "rows are %s apart from here on, %s before", new, old);
      if (status != SLD_OK) return status;
    }
    before = now;
  }
  return SLD_OK;
}

/* ---- Clock ------------------------------------------------------------------------------------------------------ */

static sld_status check_clock(checker *c, sld_error *err) {
  const sld__series *s = c->series;
  if (s->info.date_only || s->info.period_ns >= SLD__NS_PER_DAY) return SLD_OK;
  sld_status status = sld__week_clock_find(&c->clock, s, &c->calendar, &c->check->allocator, err);
  for (size_t k = 0; status == SLD_OK && k < c->clock.count; k++) {
    const sld__stretch *stretch = &c->clock.stretches[k];
    char now[SLD__STRETCH_TEXT_SIZE];
    char before[SLD__STRETCH_TEXT_SIZE];
    sld__stretch_format(stretch, " Friday 17:00 New York", now);
    if (k > 0) {
      sld_finding finding = at_row(c, SLD_FINDING_CLOCK, stretch->row);
      sld__stretch_format(stretch - 1, "", before);
      status = find(c, &finding, err, "from here on weeks end %s; up to here %s: the clock changed", now, before);
    } else if ((stretch->off_ns != 0 || stretch->summer != SLD__SUMMER_NONE) && s->info.period_ns <= SLD__NS_PER_HOUR) {
      sld_finding finding = at_row(c, SLD_FINDING_ZONE, 0);
      status = find(c, &finding, err, "weeks end %s: are the times of another zone?", now);
    }
  }
  return status;
}

/* ---- Gaps ------------------------------------------------------------------------------------------------------- */

/* What lacks between the end of row i and the next row, and how much of it is open market and a pause. */
typedef struct hole {
  int64_t from, until; /* by the market's clock */
  int64_t open_ns, pause_ns;
} hole;

static hole hole_behind(const checker *c, size_t i) {
  const sld__series *s = c->series;
  hole h = { sld__series_close_time(s, i), s->time[i + 1], 0, 0 };
  if (s->info.date_only) return h;
  h.from -= sld__week_clock_off(&c->clock, i, h.from);
  h.until -= sld__week_clock_off(&c->clock, i + 1, h.until);
  return h;
}

static void measure(const checker *c, hole *h) {
  if (h->until <= h->from) return;
  if (!c->series->info.date_only) {
    h->open_ns = sld__calendar_open_ns(&c->calendar, h->from, h->until);
    if (h->open_ns > 0) h->pause_ns = sld__pauses_ns(&c->pauses, h->from, h->until);
    return;
  }
  int64_t first = h->from / SLD__NS_PER_DAY;
  int64_t end = h->until / SLD__NS_PER_DAY;
  for (int64_t day = first; day < end; day++) h->open_ns += sld__calendar_trades(day) ? SLD__NS_PER_DAY : 0;
  h->pause_ns = sld__pauses_days(first, end) * SLD__NS_PER_DAY;
}

/* Learns when the series has no rows as a rule. */
static sld_status learn_pauses(checker *c, sld_error *err) {
  const sld__series *s = c->series;
  size_t last = s->count - 1;
  if (s->info.date_only) return SLD_OK;
  int64_t first_time = s->time[0] - sld__week_clock_off(&c->clock, 0, s->time[0]);
  int64_t last_time = s->time[last] - sld__week_clock_off(&c->clock, last, s->time[last]);
  sld_status status = sld__pauses_init(&c->pauses, first_time, last_time, &c->calendar, &c->check->allocator, err);
  if (status != SLD_OK || s->info.period_ns >= SLD__NS_PER_DAY) return status;
  sld__pauses_learn(&c->pauses, first_time, first_time, first_time);
  for (size_t i = 0; i < last; i++) {
    hole h = hole_behind(c, i);
    sld__pauses_learn(&c->pauses, s->time[i] - sld__week_clock_off(&c->clock, i, s->time[i]), h.from, h.until);
  }
  return SLD_OK;
}

/* The open time that a hole must exceed to be told of. */
static int64_t notice_ns(const checker *c) {
  int64_t period = c->series->info.period_ns;
  if (c->gap_ns > 0) return c->gap_ns;
  if (period >= 7 * SLD__NS_PER_DAY) return period * 3 / 5; /* less than the trading days in it */
  return period > SLD__NS_PER_HOUR ? period : SLD__NS_PER_HOUR;
}

/* "265 days", "3.5 hours", "12 minutes" */
static void format_length(char *text, size_t size, int64_t length_ns) {
  const struct { const char *one, *many; int64_t ns; } units[] = { { "day", "days", SLD__NS_PER_DAY }, { "hour", "hours", SLD__NS_PER_HOUR }, { "minute", "minutes", SLD__NS_PER_MINUTE } };
  size_t k = 0;
  while (k < 2 && length_ns < 2 * units[k].ns) k++;
  int64_t rest = length_ns % units[k].ns, tenths = length_ns / units[k].ns * 10 + (rest * 10 + units[k].ns / 2) / units[k].ns;
  if (tenths % 10) snprintf(text, size, "%lld.%lld %s", (long long)(tenths / 10), (long long)(tenths % 10), units[k].many);
  else snprintf(text, size, "%lld %s", (long long)(tenths / 10), tenths == 10 ? units[k].one : units[k].many);
}

static sld_status tell_of_hole(const checker *c, size_t i, const hole *h, sld_finding_kind kind, sld_error *err) {
  char open[32];
  char whole[32];
  sld_finding finding = { .kind = kind, .row = i + 1, .time = sld__series_close_time(c->series, i), .until = c->series->time[i + 1], .open_ns = h->open_ns };
  format_length(open, sizeof open, h->open_ns);
  format_length(whole, sizeof whole, finding.until - finding.time);
  return find(c, &finding, err, "no row for %s, %s of open market", whole, open);
}

static sld_status check_gaps(const checker *c, sld_error *err) {
  const sld__series *s = c->series;
  sld_check_summary *sum = &c->check->summary;
  int64_t notice = notice_ns(c);
  sld_status status = SLD_OK;
  for (size_t i = 0; i + 1 < s->count && status == SLD_OK; i++) {
    hole h = hole_behind(c, i);
    measure(c, &h);
    int64_t missing = h.open_ns - h.pause_ns;
    if (h.open_ns == 0 || (s->info.ticks && h.open_ns <= notice)) continue; /* between two ticks nothing is missing */
    sum->missing_ns += missing;
    sum->pause_ns += h.pause_ns;
    if (missing > notice) {
      sum->gaps++;
      status = tell_of_hole(c, i, &h, SLD_FINDING_GAP, err);
    } else if (h.open_ns > notice || missing == 0) {
      sum->pauses++;
      status = tell_of_hole(c, i, &h, SLD_FINDING_PAUSE, err);
    } else {
      sum->small_gaps++;
    }
  }
  return status;
}

/* ---- Rows of a closed market ------------------------------------------------------------------------------------ */

static sld_status check_closed(const checker *c, sld_error *err) {
  const sld__series *s = c->series;
  int64_t from = 0;
  int64_t until = 0; /* the trading day, or weekend, found last */
  bool weekend = false;
  size_t first = 0;
  size_t count = 0;
  for (size_t i = 0; i < s->count; i++) {
    int64_t off = s->info.date_only ? 0 : sld__week_clock_off(&c->clock, i, s->time[i]);
    int64_t time = s->info.date_only ? s->time[i] + SLD__NS_PER_HOUR : s->time[i] - off; /* any instant of the date's trading day */
    if (time < from || time >= until) {
      int64_t day = sld__calendar_day(&c->calendar, time);
      weekend = sld__weekday_of_days(day) > 5;
      if (weekend) day -= sld__weekday_of_days(day) - 6;
      from = sld__calendar_day_start(&c->calendar, day);
      until = sld__calendar_day_start(&c->calendar, day + (weekend ? 2 : 1));
    }
    int64_t end = s->info.date_only ? time : s->time[i] + s->info.period_ns - off;
    if (!weekend || end > until || s->info.period_ns > SLD__NS_PER_DAY) continue;
    if (count++ == 0) first = i;
  }
  c->check->summary.closed_rows = count;
  if (count == 0) return SLD_OK;
  sld_finding finding = at_row(c, SLD_FINDING_CLOSED, first);
  return find(c, &finding, err, "%zu row%s while the market is closed for the weekend, the first here", count, count == 1 ? "" : "s");
}

/* ---- Spikes ----------------------------------------------------------------------------------------------------- */

enum { USUAL = 100, SOON = 20 }; /* rows that the usual range is the mean of, about; rows before which there is none */

#define SPIKE_RANGES 20.0
#define SPIKE_FRACTION 0.005

typedef struct prices {
  const char *side; /* "" or "ask " */
  const double *open, *high, *low, *close;
} prices;

/* How far row i's highest (sign 1) or lowest (sign -1) price stands out from the rows on both sides and from its own body; <= 0: it does not. */
static double stands_out(const prices *p, size_t i, size_t count, double sign) {
  double extreme = sign > 0.0 ? p->high[i] : p->low[i];
  double least = INFINITY;
  if (i > 0) least = fmin(least, sign * (extreme - p->close[i - 1]));
  if (i + 1 < count) least = fmin(least, sign * (extreme - p->open[i + 1]));
  if (p->open != p->close) least = fmin(least, sign * (extreme - (sign > 0.0 ? fmax(p->open[i], p->close[i]) : fmin(p->open[i], p->close[i]))));
  return least;
}

static sld_status check_side(const checker *c, const prices *p, sld_error *err) {
  size_t count = c->series->count;
  double usual = 0.0;
  for (size_t i = 0; i + 1 < count; i++) {
    double range = p->open == p->close ? fabs(p->close[i + 1] - p->close[i]) : p->high[i] - p->low[i];
    for (double sign = 1.0; i >= SOON && sign >= -1.0; sign -= 2.0) {
      double out = stands_out(p, i, count, sign);
      double price = sign > 0.0 ? p->high[i] : p->low[i];
      if (!(out > SPIKE_RANGES * usual && out > SPIKE_FRACTION * p->close[i - 1])) continue;
      sld_finding finding = at_row(c, SLD_FINDING_SPIKE, i);
      sld_status status = find(c, &finding, err, "%s%s %.*f is %.1f%% away from the rows before and after", p->side, sign > 0.0 ? "high" : "low", c->series->info.instrument.digits, price,
                               100.0 * out / p->close[i - 1]);
      if (status != SLD_OK) return status;
    }
    double weight = i < USUAL ? 1.0 / (double)(i + 1) : 1.0 / USUAL;
    usual += weight * ((i > SOON ? fmin(range, 5.0 * usual) : range) - usual);
  }
  return SLD_OK;
}

static sld_status check_spikes(const checker *c, sld_error *err) {
  const sld__series *s = c->series;
  const prices bid = { "", s->open, s->high, s->low, s->close };
  const prices ask = { "ask ", s->ask_open, s->ask_high, s->ask_low, s->ask_close };
  sld_status status = check_side(c, &bid, err);
  return status == SLD_OK && s->ask_close ? check_side(c, &ask, err) : status;
}

/* ---- The whole -------------------------------------------------------------------------------------------------- */

static int by_row(const void *left, const void *right) {
  const sld_finding *a = left;
  const sld_finding *b = right;
  if (a->row != b->row) return a->row < b->row ? -1 : 1;
  return a->kind != b->kind ? (int)a->kind - (int)b->kind : strcmp(a->message, b->message);
}

static sld_status look(checker *c, sld_error *err) {
  const sld__series *s = c->series;
  sld_status status = sld__calendar_init(&c->calendar, &c->check->allocator, err);
  if (status == SLD_OK) status = check_clock(c, err);
  if (status == SLD_OK) status = check_period(c, err);
  if (status == SLD_OK) status = learn_pauses(c, err);
  if (status == SLD_OK) status = check_gaps(c, err);
  if (status == SLD_OK) status = check_closed(c, err);
  if (status == SLD_OK) status = check_spikes(c, err);
  if (status != SLD_OK) return status;
  size_t last = s->count - 1;
  int64_t first_off = sld__week_clock_off(&c->clock, 0, s->time[0]);
  int64_t last_off = sld__week_clock_off(&c->clock, last, s->time[last]);
  c->check->summary.open_ns = sld__calendar_open_ns(&c->calendar, s->time[0] - first_off, sld__series_close_time(s, last) - last_off);
  if (c->check->count > 0) qsort(c->check->findings, c->check->count, sizeof *c->check->findings, by_row);
  return SLD_OK;
}

sld_status sld__series_check(sld_check **out, const sld__series *series, int64_t gap_ns, const sld_allocator *a, sld_error *err) {
  sld_check *check = sld__alloc_zero(a, 1, sizeof *check);
  if (!check) return sld__fail_memory(err);
  check->allocator = *a;
  checker c = { .series = series, .check = check, .gap_ns = gap_ns };
  sld_status status = look(&c, err);
  sld__pauses_fini(&c.pauses);
  sld__week_clock_fini(&c.clock);
  sld__calendar_fini(&c.calendar);
  if (status == SLD_OK) *out = check;
  else sld_check_free(check);
  return status;
}

size_t sld_check_count(const sld_check *check) {
  return check->count;
}

const sld_finding *sld_check_at(const sld_check *check, size_t i) {
  return i < check->count ? &check->findings[i] : NULL;
}

const sld_check_summary *sld_check_summary_of(const sld_check *check) {
  return &check->summary;
}

void sld_check_free(sld_check *check) {
  if (!check) return;
  sld_allocator a = check->allocator;
  sld__free(&a, check->findings);
  sld__free(&a, check);
}
