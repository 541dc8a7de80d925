/* Currency conversion by closed bars. */
#include "market/convert.h"

#include "base/error.h"
#include "market/instrument.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* One step from a currency to the next. */
typedef struct leg {
  const sld__series *series;
  bool inverse;
} leg;

static bool find_leg(leg *out, const sld__market *market, const char *from, const char *to) {
  char pair[16];
  snprintf(pair, sizeof pair, "%s%s", from, to);
  *out = (leg){ sld__market_find(market, pair), false };
  if (out->series) return true;
  snprintf(pair, sizeof pair, "%s%s", to, from);
  *out = (leg){ sld__market_find(market, pair), true };
  return out->series != NULL;
}

static bool find_two_legs(leg out[2], const sld__market *market, const char *from, const char *middle, const char *to) {
  if (strcmp(middle, from) == 0 || strcmp(middle, to) == 0) return false;
  return find_leg(&out[0], market, from, middle) && find_leg(&out[1], market, middle, to);
}

/* The number of legs from `from` to `to`, 0 when there is no way. */
static size_t find_way(leg out[2], const sld__market *market, const char *from, const char *to) {
  if (find_leg(&out[0], market, from, to)) return 1;
  if (find_two_legs(out, market, from, "USD", to) || find_two_legs(out, market, from, "EUR", to)) return 2;
  const char *best = NULL;
  for (size_t i = 0; i < sld__market_count(market); i++) {
    const sld_instrument *side = &sld__market_at(market, i)->info.instrument;
    const char *middle = strcmp(side->base, from) == 0 ? side->quote : side->base;
    if (find_two_legs(out, market, from, middle, to) && (!best || strcmp(middle, best) < 0)) best = middle;
  }
  return best && find_two_legs(out, market, from, best, to) ? 2 : 0;
}

/* Multiplies rates[i] by the leg's rate at instant i. `at` gives the instants, which never go back. Of ticks at one instant the last is the rate,
 * but a series that converts itself does not look at its own rows to come. */
static void apply(double *rates, const sld__series *series, int64_t (*at)(const sld__series *, size_t), const leg *by) {
  const sld__series *source = by->series;
  size_t closed = 0; /* conversion bars closed by the instant */
  for (size_t i = 0; i < series->count; i++) {
    int64_t now = at(series, i);
    size_t end = source == series ? i + 1 : source->count;
    while (closed < end && sld__series_close_time(source, closed) <= now) closed++;
    if (closed == 0 || now - sld__series_close_time(source, closed - 1) > SLD__RATE_MAX_AGE_NS) rates[i] = NAN;
    else rates[i] *= by->inverse ? 1.0 / source->close[closed - 1] : source->close[closed - 1];
  }
}

static int64_t opens(const sld__series *series, size_t i) {
  return series->time[i];
}

static int64_t closes(const sld__series *series, size_t i) {
  return sld__series_close_time(series, i);
}

/* Writes the rates of all bars to out[count]. */
static void rates(double *out, const sld__series *series, int64_t (*at)(const sld__series *, size_t), const leg *legs, size_t leg_count) {
  for (size_t i = 0; i < series->count; i++) out[i] = 1.0;
  for (size_t k = 0; k < leg_count; k++) apply(out, series, at, &legs[k]);
}

static sld_status no_way(const sld__market *market, const sld__series *series, const char *currency, sld_error *err) {
  const sld_instrument *of = &series->info.instrument;
  char direct[16];
  char inverse[16];
  snprintf(direct, sizeof direct, "%s%s", of->quote, currency);
  snprintf(inverse, sizeof inverse, "%s%s", currency, of->quote);
  const sld__instruments *own = sld__market_instruments(market);
  const char *known = sld__instrument_find(own, direct) ? direct : sld__instrument_find(own, inverse) ? inverse : NULL;
  if (known) return sld__fail(err, SLD_ERATE, "%s is quoted in %s and no loaded pair converts that to %s: load %s", of->pair, of->quote, currency, known);
  return sld__fail(err, SLD_ERATE, "%s is quoted in %s and no loaded pairs convert that to %s: load a pair of %s and a pair of %s with one currency in common", of->pair, of->quote,
                   currency, of->quote, currency);
}

static void name_way(char *way, size_t size, const leg *legs, size_t count) {
  const char *first = legs[0].series->info.instrument.pair;
  if (count == 1) snprintf(way, size, "%s", first);
  else snprintf(way, size, "%s or %s", first, legs[1].series->info.instrument.pair);
}

static void find_missing(sld__conversion *out, size_t count) {
  out->missing = count;
  for (size_t i = count; i-- > 0;)
    if (isnan(out->mark[i]) || (i > 0 && isnan(out->fill[i]))) out->missing = i;
  out->complete = out->missing == count;
}

sld_status sld__market_convert(const sld__market *market, const sld__series *series, const char *currency, sld__conversion *out, sld_error *err) {
  const char *quote = series->info.instrument.quote;
  if (strcmp(quote, currency) == 0) {
    *out = (sld__conversion){ .constant = 1.0, .complete = true, .missing = series->count };
    return SLD_OK;
  }
  leg legs[2];
  size_t leg_count = find_way(legs, market, quote, currency);
  if (leg_count == 0) return no_way(market, series, currency, err);

  /* Marks stand one behind the block's start: where no bar is missing, the rate by the open of bar i is that by the close of bar i - 1, and
   * the fills are the same block seen from its start. */
  const sld_allocator *a = &series->allocator;
  double *block = sld__alloc(a, series->count + 1, sizeof *block);
  bool ticks = series->info.ticks; /* filled and marked at one time */
  double *fill = ticks ? NULL : sld__alloc(a, series->count, sizeof *fill);
  if (!block || (!fill && !ticks)) {
    sld__free(a, block);
    sld__free(a, fill);
    return sld__fail_memory(err);
  }
  double *mark = block + 1;
  rates(mark, series, closes, legs, leg_count);
  if (ticks) fill = mark;
  else rates(fill, series, opens, legs, leg_count);
  block[0] = fill[0];
  if (!ticks && memcmp(fill, block, series->count * sizeof *fill) == 0) {
    sld__free(a, fill);
    fill = block;
  }
  *out = (sld__conversion){ .fill = fill, .mark = mark, .constant = NAN, .block = block, .allocator = *a };
  name_way(out->way, sizeof out->way, legs, leg_count);
  find_missing(out, series->count);
  return SLD_OK;
}

sld_status sld__conversion_fail(const sld__series *series, const char *currency, size_t i, sld_error *err) {
  char time[40];
  sld_time_format(series->time[i], time, sizeof time);
  const sld_instrument *of = &series->info.instrument;
  return sld__fail(err, SLD_ERATE, "no rate from %s to %s for %s at %s (none closed in the 10 days before)", of->quote, currency, of->pair, time);
}

void sld__conversion_free(sld__conversion *conversion) {
  if (!conversion->block) return;
  if (conversion->fill != conversion->block && conversion->fill != conversion->mark) sld__free(&conversion->allocator, (void *)(uintptr_t)conversion->fill);
  sld__free(&conversion->allocator, conversion->block);
  *conversion = (sld__conversion){ .constant = NAN };
}
