/* The set of loaded pairs. */
#include "market/market.h"

#include "base/error.h"
#include "base/time.h"
#include "market/declare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct entry {
  sld__series *series;
  bool borrowed; /* another market frees it */
} entry;

struct sld__market {
  sld_allocator allocator;
  sld__instruments own;
  sld__rates rates;
  const sld__market *source; /* whose declarations and rates hold here; NULL: its own */
  entry *entries; /* [count] by pair name and period */
  size_t count;
  size_t capacity;
};

sld_status sld__market_new(sld__market **out, const sld_allocator *a, sld_error *err) {
  sld__market *market = sld__alloc_zero(a, 1, sizeof *market);
  if (!market) return sld__fail_memory(err);
  market->allocator = *a;
  market->own.allocator = *a;
  market->rates.allocator = *a;
  *out = market;
  return SLD_OK;
}

void sld__market_free(sld__market *market) {
  if (!market) return;
  sld_allocator a = market->allocator;
  for (size_t i = 0; i < market->count; i++)
    if (!market->entries[i].borrowed) sld__series_free(market->entries[i].series);
  sld__free(&a, market->entries);
  sld__declare_fini(&market->own);
  sld__rates_fini(&market->rates);
  sld__free(&a, market);
}

const sld_allocator *sld__market_allocator(const sld__market *market) {
  return &market->allocator;
}

const sld__instruments *sld__market_instruments(const sld__market *market) {
  return market->source ? sld__market_instruments(market->source) : &market->own;
}

sld_status sld__market_load_rates(sld__market *market, const char *path, sld_error *err) {
  return sld__rates_load(&market->rates, sld__market_instruments(market), path, err);
}

const sld__rates *sld__market_rates(const sld__market *market) {
  return market->source ? sld__market_rates(market->source) : &market->rates;
}

void sld__market_follow(sld__market *market, const sld__market *source) {
  market->source = source;
}

sld_status sld__market_load_instruments(sld__market *market, const char *path, sld_error *err) {
  if (market->count > 0 || market->source) return sld__fail_at(err, SLD_EVALUE, path, 0, 0, "instruments must be declared before prices are loaded");
  return sld__declare_instruments(&market->own, path, err);
}

size_t sld__market_count(const sld__market *market) {
  return market->count;
}

const sld__series *sld__market_at(const sld__market *market, size_t i) {
  return i < market->count ? market->entries[i].series : NULL;
}

/* Where the bars of `pair` in a period of at least `period_ns` are, or where they would be inserted. */
static size_t place(const sld__market *market, const char *pair, int64_t period_ns) {
  size_t low = 0;
  size_t high = market->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const sld_pair_info *info = &market->entries[middle].series->info;
    int order = strcmp(info->instrument.pair, pair);
    if (order < 0 || (order == 0 && info->period_ns < period_ns)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* The series at `i` where it is one of `pair`. */
static const sld__series *of_pair(const sld__market *market, size_t i, const char *pair) {
  const sld__series *series = sld__market_at(market, i);
  return series && strcmp(series->info.instrument.pair, pair) == 0 ? series : NULL;
}

const sld__series *sld__market_find(const sld__market *market, const char *pair) {
  return of_pair(market, place(market, pair, 0), pair);
}

void sld__market_hash(const sld__market *market, char hex[SLD__HASH_TEXT_SIZE]) {
  struct sld__hash hash;
  sld__hash_init(&hash);
  for (size_t i = 0; i < market->count; i++) sld__series_hash_add(market->entries[i].series, &hash);
  sld__hash_text(&hash, hex);
}

static sld_status twice(const sld__series *series, const char *file, sld_error *err) {
  char period[SLD__PERIOD_SIZE];
  sld__period_format(series->info.period_ns, period);
  return sld__fail_at(err, SLD_EVALUE, file, 0, 0, "%s (%s) is loaded already; a market holds a pair and period once", series->info.instrument.pair, period);
}

static bool same_bars(const sld__series *a, const sld__series *b) {
  return a->info.period_ns == b->info.period_ns && strcmp(a->info.instrument.pair, b->info.instrument.pair) == 0;
}

sld_status sld__intake_add(sld__intake *intake, sld__series *series, const char *file, sld_error *err) {
  for (size_t i = 0; i < intake->count; i++) {
    if (!same_bars(intake->series[i], series)) continue;
    sld_status status = twice(series, file, err);
    sld__series_free(series);
    return status;
  }
  if (intake->count == intake->capacity) {
    size_t capacity = intake->capacity ? 2 * intake->capacity : 16;
    sld__series **moved = sld__realloc(intake->allocator, intake->series, capacity, sizeof *moved);
    if (!moved) {
      sld__series_free(series);
      return sld__fail_memory(err);
    }
    intake->series = moved;
    intake->capacity = capacity;
  }
  intake->series[intake->count++] = series;
  return SLD_OK;
}

void sld__intake_fini(sld__intake *intake) {
  for (size_t i = 0; i < intake->count; i++) sld__series_free(intake->series[i]);
  sld__free(intake->allocator, intake->series);
  *intake = (sld__intake){ .allocator = intake->allocator, .own = intake->own };
}

static void insert(sld__market *market, entry added) {
  size_t at = place(market, added.series->info.instrument.pair, added.series->info.period_ns);
  memmove(market->entries + at + 1, market->entries + at, (market->count - at) * sizeof *market->entries);
  market->entries[at] = added;
  market->count++;
}

/* Room for `more` entries. */
static sld_status make_room(sld__market *market, size_t more, sld_error *err) {
  size_t needed = market->count + more;
  if (needed <= market->capacity) return SLD_OK;
  entry *moved = sld__realloc(&market->allocator, market->entries, needed, sizeof *moved);
  if (!moved) return sld__fail_memory(err);
  market->entries = moved;
  market->capacity = needed;
  return SLD_OK;
}

sld_status sld__market_take(sld__market *market, sld__intake *intake, const char *file, sld_error *err) {
  for (size_t i = 0; i < intake->count; i++) {
    const sld_pair_info *info = &intake->series[i]->info;
    const sld__series *there = of_pair(market, place(market, info->instrument.pair, info->period_ns), info->instrument.pair);
    if (there && same_bars(there, intake->series[i])) return twice(there, file, err);
  }
  sld_status status = make_room(market, intake->count, err);
  if (status != SLD_OK) return status;
  for (size_t i = 0; i < intake->count; i++) insert(market, (entry){ intake->series[i], false });
  intake->count = 0;
  return SLD_OK;
}

sld_status sld__market_borrow(sld__market *market, const sld__series *series, sld_error *err) {
  sld_status status = make_room(market, 1, err);
  if (status == SLD_OK) insert(market, (entry){ (sld__series *)(uintptr_t)series, true });
  return status;
}

/* The first of open, high and low that is missing although another is there; NULL: all three or none. */
static const char *missing_price(const sld_bars *bars) {
  if (!bars->open && !bars->high && !bars->low) return NULL;
  return !bars->open ? "bars.open" : !bars->high ? "bars.high" : !bars->low ? "bars.low" : NULL;
}

/* Asks are there exactly where the side is both, and in the form of the bids. */
static sld_status check_asks(const sld_bars *bars, sld_error *err) {
  const struct { const char *name; bool given, needed; } columns[] = {
    { "bars.ask_open", bars->ask_open, bars->open }, { "bars.ask_high", bars->ask_high, bars->open },
    { "bars.ask_low", bars->ask_low, bars->open }, { "bars.ask_close", bars->ask_close, true },
  };
  for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
    if (columns[k].given && bars->side != SLD_BOTH) return sld__fail_at(err, SLD_EINVAL, columns[k].name, 0, 0, "asks need the side both");
    if (columns[k].given && !columns[k].needed) return sld__fail_at(err, SLD_EINVAL, columns[k].name, 0, 0, "the bids have one price, their close");
    if (!columns[k].given && columns[k].needed && bars->side == SLD_BOTH) return sld__fail_at(err, SLD_EINVAL, columns[k].name, 0, 0, "the column is missing");
  }
  return SLD_OK;
}

static sld_status check_arguments(const sld_bars *bars, sld_error *err) {
  if (!bars->pair) return sld__fail_at(err, SLD_EINVAL, "bars.pair", 0, 0, "a name is needed");
  if (bars->count == 0) return sld__fail_at(err, SLD_EINVAL, "bars.count", 0, 0, "at least one bar is needed");
  if (!bars->time) return sld__fail_at(err, SLD_EINVAL, "bars.time", 0, 0, "the column is missing");
  if (!bars->close) return sld__fail_at(err, SLD_EINVAL, "bars.close", 0, 0, "the column is missing");
  const char *missing = missing_price(bars);
  if (missing) return sld__fail_at(err, SLD_EINVAL, missing, 0, 0, "open, high and low go together: give all three or none");
  if (bars->ticks && bars->open) return sld__fail_at(err, SLD_EINVAL, "bars.open", 0, 0, "a tick has one price, its close");
  if (bars->ticks && bars->period_ns != 0) return sld__fail_at(err, SLD_EINVAL, "bars.period_ns", 0, 0, "ticks have no period");
  if (bars->period_ns < 0 || bars->period_ns > SLD__PERIOD_MAX_NS) return sld__fail_at(err, SLD_EINVAL, "bars.period_ns", 0, 0, "a period must be above 0 and at most 366 days, or 0 to be found");
  if ((unsigned)bars->side > SLD_BOTH) return sld__fail_at(err, SLD_EINVAL, "bars.side", 0, 0, "the side must be bid, mid or both");
  return check_asks(bars, err);
}

static sld_status check_values(const sld_bars *bars, sld_error *err) {
  bool one_price = !bars->open;
  sld__series borrowed = {
    .count = bars->count,
    .time = bars->time,
    .open = one_price ? bars->close : bars->open,
    .high = one_price ? bars->close : bars->high,
    .low = one_price ? bars->close : bars->low,
    .close = bars->close,
    .volume = bars->volume,
    .ask_open = one_price ? bars->ask_close : bars->ask_open,
    .ask_high = one_price ? bars->ask_close : bars->ask_high,
    .ask_low = one_price ? bars->ask_close : bars->ask_low,
    .ask_close = bars->ask_close,
    .info.one_price = one_price,
    .info.ticks = bars->ticks,
  };
  sld__breach breach;
  if (!sld__series_breach(&borrowed, &breach)) return SLD_OK;
  char where[64];
  snprintf(where, sizeof where, "bars.%s[%zu]", breach.column, breach.index);
  return sld__fail_at(err, SLD_EVALUE, where, 0, 0, "%s", breach.why);
}

static void copy(double *to, const double *from, size_t count) {
  if (from) memcpy(to, from, count * sizeof *to);
}

/* Whether every open is a UTC midnight, as dates without a time of day are. */
static bool midnights(const int64_t *time, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (time[i] % SLD__NS_PER_DAY != 0) return false;
  return true;
}

/* An instrument of the caller's own. */
static sld_status check_instrument(const sld_instrument *i, const char *pair, sld_error *err) {
  if (strncmp(i->pair, pair, sizeof i->pair) != 0) return sld__fail_at(err, SLD_EINVAL, "bars.instrument.pair", 0, 0, "must be '%s'", pair);
  const struct { const char *name, *value; size_t room; } names[] = {
    { "bars.instrument.pair", i->pair, sizeof i->pair }, { "bars.instrument.base", i->base, sizeof i->base }, { "bars.instrument.quote", i->quote, sizeof i->quote },
  };
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    if (!sld__instrument_good_name(names[k].value, names[k].room))
      return sld__fail_at(err, SLD_EINVAL, names[k].name, 0, 0, "must have 2 to %zu capital letters, digits, '.', '_' or '-'", names[k].room - 1);
  if (i->digits < 0 || i->digits > 15) return sld__fail_at(err, SLD_EINVAL, "bars.instrument.digits", 0, 0, "must be from 0 to 15, not %d", i->digits);
  const struct { const char *name; double value, least; } sizes[] = { { "pip", i->pip, 0.0 }, { "lot", i->lot, 0.0 }, { "step", i->step, 0.0 }, { "min_size", i->min_size, -1.0 } };
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
    if (!(sizes[k].value > sizes[k].least && sizes[k].value <= 1.7976931348623157e308))
      return sld__fail_at(err, SLD_EINVAL, "bars.instrument", 0, 0, "%s is %.17g", sizes[k].name, sizes[k].value);
  if (!(i->leverage >= 0.0 && i->leverage <= 1e4)) return sld__fail_at(err, SLD_EINVAL, "bars.instrument.leverage", 0, 0, "must be from 0 to 10000, not %.17g", i->leverage);
  if (i->triple_day < 0 || i->triple_day > 5) return sld__fail_at(err, SLD_EINVAL, "bars.instrument.triple_day", 0, 0, "must be from 0 to 5, not %d", i->triple_day);
  if (i->has_swap && !(fabs(i->swap_long) <= 1e6 && fabs(i->swap_short) <= 1e6)) return sld__fail_at(err, SLD_EINVAL, "bars.instrument", 0, 0, "swaps must be from -1000000 to 1000000 points");
  return SLD_OK;
}

static sld__series_form form_of(const sld_bars *bars, const sld_instrument *instrument) {
  bool dates = !bars->ticks && (bars->period_ns == 0 || bars->period_ns >= SLD__NS_PER_DAY) && midnights(bars->time, bars->count);
  return (sld__series_form){ instrument, bars->period_ns, bars->side, dates, bars->ticks, false, "", false };
}

static sld_status borrow_bars(sld__series **out, const sld_allocator *a, const sld_bars *bars, const sld_instrument *instrument, sld_error *err) {
  const void *const columns[SLD__COLUMN_COUNT] = { bars->time, bars->open, bars->high, bars->low, bars->close, bars->volume,
                                                   bars->ask_open, bars->ask_high, bars->ask_low, bars->ask_close };
  const sld__series_form form = form_of(bars, instrument);
  return sld__series_borrow(out, a, &form, bars->count, columns, "bars.period_ns", err);
}

static sld_status copy_bars(sld__series **out, const sld_allocator *a, const sld_bars *bars, const sld_instrument *instrument, sld_error *err) {
  sld__bar_columns columns = { .allocator = a, .one_price = !bars->open, .has_volume = bars->volume != NULL, .has_ask = bars->ask_close != NULL };
  const sld__series_form form = form_of(bars, instrument);
  sld_status status = sld__bar_columns_reserve(&columns, bars->count, err);
  if (status == SLD_OK) {
    memcpy(columns.time, bars->time, bars->count * sizeof *columns.time);
    copy(columns.open, bars->open, bars->count);
    copy(columns.high, bars->high, bars->count);
    copy(columns.low, bars->low, bars->count);
    copy(columns.close, bars->close, bars->count);
    copy(columns.volume, bars->volume, bars->count);
    copy(columns.ask_open, bars->ask_open, bars->count);
    copy(columns.ask_high, bars->ask_high, bars->count);
    copy(columns.ask_low, bars->ask_low, bars->count);
    copy(columns.ask_close, bars->ask_close, bars->count);
    columns.count = bars->count;
    status = sld__series_seal(out, &columns, &form, "bars.period_ns", err);
  }
  sld__bar_columns_fini(&columns);
  return status;
}

sld_status sld__market_add(sld__market *market, const sld_bars *bars, sld_error *err) {
  const sld_instrument *instrument;
  sld__series *series;
  sld_status status = check_arguments(bars, err);
  if (status == SLD_OK && bars->instrument) status = check_instrument(instrument = bars->instrument, bars->pair, err);
  else if (status == SLD_OK) status = sld__instrument_get(sld__market_instruments(market), &instrument, bars->pair, "bars.pair", err);
  if (status == SLD_OK) status = check_values(bars, err);
  if (status == SLD_OK) status = (bars->release ? borrow_bars : copy_bars)(&series, &market->allocator, bars, instrument, err);
  if (status != SLD_OK) return status;
  sld__intake intake = { .allocator = &market->allocator, .own = sld__market_instruments(market) };
  status = sld__intake_add(&intake, series, "bars.pair", err);
  if (status == SLD_OK) status = sld__market_take(market, &intake, "bars.pair", err);
  sld__intake_fini(&intake);
  if (status != SLD_OK) return status;
  series->release = bars->release; /* from here on the market's */
  series->release_ud = bars->release_ud;
  return SLD_OK;
}
