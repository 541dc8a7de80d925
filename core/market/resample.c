/* Putting bars together. */
#include "market/resample.h"

#include "base/error.h"

/* The shortest month. */
#define MONTH_MIN_NS (28 * SLD__NS_PER_DAY)

typedef struct resampler {
  const sld__series *series;
  sld__timeframe frame;
  sld__buckets buckets;
  sld__bar_columns bars;
} resampler;

static sld_status too_long(const resampler *r, sld_error *err) {
  const sld_pair_info *info = &r->series->info;
  char have[SLD__PERIOD_SIZE];
  char want[SLD__PERIOD_SIZE];
  sld__period_format(info->period_ns, have);
  sld__period_format(sld__timeframe_period(&r->frame), want);
  return sld__fail(err, SLD_EINVAL, "the bars of %s are of %s: none of %s can be made of them", info->instrument.pair, have, want);
}

static sld_status runs_past(const resampler *r, size_t row, int64_t end, sld_error *err) {
  const sld_pair_info *info = &r->series->info;
  char have[SLD__PERIOD_SIZE];
  char want[SLD__PERIOD_SIZE];
  char open[40];
  char until[40];
  sld__period_format(info->period_ns, have);
  sld__period_format(sld__timeframe_period(&r->frame), want);
  sld_time_format(r->series->time[row], open, sizeof open);
  sld_time_format(end, until, sizeof until);
  return sld__fail(err, SLD_EINVAL, "%s: its bar of %s at %s runs past %s, where a bar of %s ends; do days end elsewhere?", info->instrument.pair, have, open, until, want);
}

/* Whether row's end is a guess: bars of months are as long as the longest month, which the last before a hole need not be. */
static bool ends_by_calendar(const resampler *r) {
  return r->frame.months && r->series->info.period_ns >= MONTH_MIN_NS;
}

/* The prices of rows [from, until) as bar `at`. */
static void join(double *open, double *high, double *low, double *close, size_t at, const double *const from[4], size_t first, size_t until) {
  double highest = from[1][first];
  double lowest = from[2][first];
  for (size_t i = first + 1; i < until; i++) {
    if (from[1][i] > highest) highest = from[1][i];
    if (from[2][i] < lowest) lowest = from[2][i];
  }
  open[at] = from[0][first];
  high[at] = highest;
  low[at] = lowest;
  close[at] = from[3][until - 1];
}

static void add_bar(resampler *r, int64_t time, size_t first, size_t until) {
  const sld__series *s = r->series;
  sld__bar_columns *b = &r->bars;
  size_t at = b->count++;
  b->time[at] = time;
  join(b->open, b->high, b->low, b->close, at, (const double *const[]){ s->open, s->high, s->low, s->close }, first, until);
  if (s->ask_close) join(b->ask_open, b->ask_high, b->ask_low, b->ask_close, at, (const double *const[]){ s->ask_open, s->ask_high, s->ask_low, s->ask_close }, first, until);
  if (!s->volume) return;
  double volume = 0.0;
  for (size_t i = first; i < until; i++) volume += s->volume[i];
  b->volume[at] = volume;
}

/* Bars that the rows may make; a change of the clock may add one. */
static size_t estimate(const resampler *r) {
  const sld__series *s = r->series;
  int64_t shortest = r->frame.months ? r->frame.months * MONTH_MIN_NS : r->frame.length_ns;
  uint64_t bars = (uint64_t)(s->time[s->count - 1] - s->time[0]) / (uint64_t)shortest + 8;
  return bars < s->count ? (size_t)bars : s->count;
}

static sld_status make_bars(resampler *r, sld_error *err) {
  const sld__series *s = r->series;
  sld_status status = sld__bar_columns_reserve(&r->bars, estimate(r), err);
  if (status != SLD_OK) return status;
  for (size_t first = 0, i; first < s->count; first = i) {
    sld__bucket bucket = sld__buckets_at(&r->buckets, s->time[first]);
    for (i = first + 1; i < s->count && s->time[i] < bucket.until; i++) continue;
    if (!s->info.ticks && sld__series_close_time(s, i - 1) > bucket.until && !ends_by_calendar(r)) return runs_past(r, i - 1, bucket.until, err);
    if (r->bars.count == r->bars.capacity) {
      status = sld__bar_columns_reserve(&r->bars, 2 * r->bars.capacity, err);
      if (status != SLD_OK) return status;
    }
    add_bar(r, bucket.from, first, i);
  }
  return SLD_OK;
}

sld_status sld__series_resample(sld__series **out, const sld__series *series, const sld__resampling *how, const sld_allocator *a, sld_error *err) {
  const sld_pair_info *info = &series->info;
  resampler r = { .series = series, .frame = how->frame, .bars = { .allocator = a, .has_volume = series->volume, .has_ask = series->ask_close } };
  int64_t period = sld__timeframe_period(&how->frame);
  if (info->period_ns > period) return too_long(&r, err);
  sld_status status = info->date_only ? sld__day_check(how->day, how->zone, a, err) : SLD_OK;
  if (status != SLD_OK) return status;
  status = sld__buckets_init(&r.buckets, &how->frame, info->date_only ? SLD_DAY_UTC : how->day, info->date_only ? NULL : how->zone, a, err);
  if (status == SLD_OK) status = make_bars(&r, err);
  sld__series_form form = { &info->instrument, period, info->side, info->date_only, false, info->side_assumed, "", info->floating };
  sld__series_form_source(&form, info->source);
  if (status == SLD_OK) status = sld__series_seal(out, &r.bars, &form, "", err);
  sld__bar_columns_fini(&r.bars);
  sld__buckets_fini(&r.buckets);
  return status;
}
