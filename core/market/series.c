/* Making, checking, hashing and freeing the bars of a pair. */
#include "market/series.h"

#include "base/error.h"
#include "base/time.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

double **sld__bar_columns_at(sld__bar_columns *c, int k) {
  double **const all[SLD__COLUMN_COUNT] = { NULL, &c->open, &c->high, &c->low, &c->close, &c->volume, &c->ask_open, &c->ask_high, &c->ask_low, &c->ask_close };
  return all[k];
}

static bool grow(const sld_allocator *a, double **column, size_t capacity) {
  double *moved = sld__realloc(a, *column, capacity, sizeof **column);
  if (moved) *column = moved;
  return moved != NULL;
}

sld_status sld__bar_columns_reserve(sld__bar_columns *columns, size_t capacity, sld_error *err) {
  if (capacity <= columns->capacity) return SLD_OK;
  const sld_allocator *a = columns->allocator;
  int64_t *time = sld__realloc(a, columns->time, capacity, sizeof *time);
  if (!time) return sld__fail_memory(err);
  columns->time = time;
  for (int k = 1; k < SLD__COLUMN_COUNT; k++) {
    if (!sld__series_has(k, columns->one_price, columns->has_volume, columns->has_ask)) continue;
    if (!grow(a, sld__bar_columns_at(columns, k), capacity)) return sld__fail_memory(err);
  }
  columns->capacity = capacity;
  return SLD_OK;
}

static void reverse(double *column, size_t count) {
  if (!column) return;
  for (size_t i = 0; i < count / 2; i++) {
    double kept = column[i];
    column[i] = column[count - 1 - i];
    column[count - 1 - i] = kept;
  }
}

void sld__bar_columns_reverse(sld__bar_columns *columns) {
  size_t count = columns->count;
  for (size_t i = 0; i < count / 2; i++) {
    int64_t kept = columns->time[i];
    columns->time[i] = columns->time[count - 1 - i];
    columns->time[count - 1 - i] = kept;
  }
  for (int k = 1; k < SLD__COLUMN_COUNT; k++) reverse(*sld__bar_columns_at(columns, k), count);
}

void sld__bar_columns_append(sld__bar_columns *to, const sld__bar_columns *from) {
  if (from->count == 0) return; /* it may have no memory */
  memcpy(to->time + to->count, from->time, from->count * sizeof *to->time);
  for (int k = 1; k < SLD__COLUMN_COUNT; k++) {
    double *column = *sld__bar_columns_at(to, k);
    if (column) memcpy(column + to->count, *sld__bar_columns_at((sld__bar_columns *)(uintptr_t)from, k), from->count * sizeof *column);
  }
  to->count += from->count;
}

void sld__bar_columns_fini(sld__bar_columns *columns) {
  const sld_allocator *a = columns->allocator;
  if (!a) return;
  sld__free(a, columns->time);
  for (int k = 1; k < SLD__COLUMN_COUNT; k++) sld__free(a, *sld__bar_columns_at(columns, k));
  *columns = (sld__bar_columns){ .allocator = a };
}

/* Distances that take part in at least one bar in PERIOD_KINDS + 1 survive as candidates (J. Misra & D. Gries, "Finding repeated
 * elements", Science of Computer Programming 2, 1982); a second pass counts these exactly. Bars whose distances are all rarer than
 * that have no period worth the name. */
enum { PERIOD_KINDS = 32 };

typedef struct candidates {
  int64_t distance[PERIOD_KINDS];
  size_t votes[PERIOD_KINDS];
  bool exact; /* votes are counts: none was taken away */
} candidates;

static void vote(candidates *c, int64_t distance) {
  int free_slot = -1;
  for (int k = 0; k < PERIOD_KINDS; k++) {
    if (c->votes[k] > 0 && c->distance[k] == distance) {
      c->votes[k]++;
      return;
    }
    if (c->votes[k] == 0 && free_slot < 0) free_slot = k;
  }
  if (free_slot >= 0) {
    c->distance[free_slot] = distance;
    c->votes[free_slot] = 1;
    return;
  }
  for (int k = 0; k < PERIOD_KINDS; k++) c->votes[k]--;
  c->exact = false;
}

static int64_t most_frequent_distance(const int64_t *time, size_t count) {
  candidates c = { .exact = true };
  for (size_t i = 1; i < count; i++) vote(&c, time[i] - time[i - 1]);
  int64_t best = 0;
  size_t best_count = 0;
  for (int k = 0; k < PERIOD_KINDS; k++) {
    if (c.votes[k] == 0) continue;
    size_t exact = c.exact ? c.votes[k] : 0;
    for (size_t i = 1; i < count && !c.exact; i++) exact += time[i] - time[i - 1] == c.distance[k];
    if (exact > best_count || (exact == best_count && c.distance[k] < best)) {
      best = c.distance[k];
      best_count = exact;
    }
  }
  return best;
}

static sld_status period_of(int64_t *out, const int64_t *time, size_t count, const sld__series_form *form, const char *file, sld_error *err) {
  *out = form->period_ns;
  if (form->ticks) return SLD_OK;
  if (*out == 0) *out = most_frequent_distance(time, count);
  if (*out == 0 && form->date_only) *out = SLD__NS_PER_DAY;
  if (*out == 0) return sld__fail_at(err, SLD_EVALUE, file, 0, 0, "one bar of %s alone does not tell how long a bar is", form->instrument->pair);
  if (*out > SLD__PERIOD_MAX_NS) return sld__fail_at(err, SLD_EVALUE, file, 0, 0, "the bars of %s are more than a year apart", form->instrument->pair);
  return SLD_OK;
}

sld_status sld__bar_columns_period(int64_t *out, const sld__bar_columns *columns, const sld__series_form *form, const char *file, sld_error *err) {
  return period_of(out, columns->time, columns->count, form, file, err);
}

static void *shrunk(const sld_allocator *a, void *column, size_t count) {
  if (!column) return NULL;
  void *moved = sld__realloc(a, column, count, sizeof(double));
  return moved ? moved : column;
}

/* Points the series at its columns and fills what is told about it. form->period_ns is set. */
static void describe(sld__series *series, const sld__series_form *form, size_t count, const void *const columns[SLD__COLUMN_COUNT]) {
  bool one_price = columns[1] == NULL;
  series->count = count;
  series->time = columns[0];
  series->close = columns[4];
  series->open = one_price ? series->close : columns[1];
  series->high = one_price ? series->close : columns[2];
  series->low = one_price ? series->close : columns[3];
  series->volume = columns[5];
  series->ask_close = columns[9];
  series->ask_open = one_price ? series->ask_close : columns[6];
  series->ask_high = one_price ? series->ask_close : columns[7];
  series->ask_low = one_price ? series->ask_close : columns[8];
  series->info = (sld_pair_info){ *form->instrument, count, series->time[0], series->time[count - 1], form->period_ns, form->side, one_price, form->date_only, form->ticks, form->side_assumed, "", form->floating };
  memcpy(series->info.source, form->source, sizeof form->source);
}

sld_status sld__series_seal(sld__series **out, sld__bar_columns *columns, const sld__series_form *form, const char *file, sld_error *err) {
  const sld_allocator *a = columns->allocator;
  sld__series_form full = *form;
  sld_status status = period_of(&full.period_ns, columns->time, columns->count, form, file, err);
  if (status != SLD_OK) return status;
  sld__series *series = sld__alloc_zero(a, 1, sizeof *series);
  if (!series) return sld__fail_memory(err);

  series->blocks[0] = shrunk(a, columns->time, columns->count);
  for (int k = 1; k < SLD__COLUMN_COUNT; k++) series->blocks[k] = shrunk(a, *sld__bar_columns_at(columns, k), columns->count);
  series->allocator = *a;
  describe(series, &full, columns->count, (const void *const *)series->blocks);
  *columns = (sld__bar_columns){ .allocator = a };
  *out = series;
  return SLD_OK;
}

sld_status sld__series_over(sld__series **out, const sld_allocator *a, const sld__series_form *form, size_t count, const void *const columns[SLD__COLUMN_COUNT],
                            struct sld__map maps[SLD__COLUMN_COUNT], sld_error *err) {
  sld__series *series = sld__alloc_zero(a, 1, sizeof *series);
  if (!series) return sld__fail_memory(err);
  series->allocator = *a;
  for (int k = 0; k < SLD__COLUMN_COUNT; k++) {
    series->maps[k] = maps[k];
    maps[k] = (struct sld__map){ NULL, 0 };
  }
  describe(series, form, count, columns);
  *out = series;
  return SLD_OK;
}

sld_status sld__series_borrow(sld__series **out, const sld_allocator *a, const sld__series_form *form, size_t count, const void *const columns[SLD__COLUMN_COUNT],
                              const char *file, sld_error *err) {
  struct sld__map maps[SLD__COLUMN_COUNT] = { { NULL, 0 } };
  sld__series_form full = *form;
  sld_status status = period_of(&full.period_ns, columns[0], count, form, file, err);
  return status == SLD_OK ? sld__series_over(out, a, &full, count, columns, maps, err) : status;
}

void sld__series_form_source(sld__series_form *form, const char *source) {
  if (source && *source) snprintf(form->source, sizeof form->source, "%s", source);
}

const char *sld__series_column_name(int k) {
  static const char *const names[SLD__COLUMN_COUNT] = { "time", "open", "high", "low", "close", "volume", "ask_open", "ask_high", "ask_low", "ask_close" };
  return names[k];
}

const void *sld__series_column(const sld__series *s, int k) {
  const void *const all[SLD__COLUMN_COUNT] = { s->time, s->open, s->high, s->low, s->close, s->volume, s->ask_open, s->ask_high, s->ask_low, s->ask_close };
  return sld__series_has(k, s->info.one_price, s->volume, s->ask_close) ? all[k] : NULL;
}

static bool same_form(const sld_pair_info *a, const sld_pair_info *b) {
  const sld_instrument *x = &a->instrument;
  const sld_instrument *y = &b->instrument;
  bool same_instrument = strcmp(x->pair, y->pair) == 0 && strcmp(x->base, y->base) == 0 && strcmp(x->quote, y->quote) == 0 && x->digits == y->digits &&
                         x->pip == y->pip && x->lot == y->lot && x->min_size == y->min_size && x->step == y->step;
  return same_instrument && a->bars == b->bars && a->period_ns == b->period_ns && a->side == b->side && a->one_price == b->one_price && a->date_only == b->date_only && a->ticks == b->ticks && a->side_assumed == b->side_assumed &&
         a->floating == b->floating;
}

bool sld__series_equal(const sld__series *a, const sld__series *b) {
  if (!same_form(&a->info, &b->info)) return false;
  for (int k = 0; k < SLD__COLUMN_COUNT; k++) {
    const void *x = sld__series_column(a, k);
    const void *y = sld__series_column(b, k);
    if (!x != !y || (x && memcmp(x, y, a->count * sizeof(double)) != 0)) return false;
  }
  return true;
}

sld_status sld__series_on_side(sld__series **out, const sld_allocator *a, const sld__series *series, sld_side side, sld_error *err) {
  sld__series *made = sld__alloc_zero(a, 1, sizeof *made);
  if (!made) return sld__fail_memory(err);
  *made = (sld__series){ .info = series->info, .count = series->count, .time = series->time, .open = series->open, .high = series->high, .low = series->low,
                         .close = series->close, .volume = series->volume, .allocator = *a };
  made->info.side = side;
  made->info.side_assumed = false;
  *out = made;
  return SLD_OK;
}

static bool sound_price(double price) {
  return price > 0.0 && price <= 1.7976931348623157e308;
}

const char *sld__bar_breach(double open, double high, double low, double close, const char **why) {
  *why = "a price must be above 0";
  if (!sound_price(open)) return "open";
  if (!sound_price(high)) return "high";
  if (!sound_price(low)) return "low";
  if (!sound_price(close)) return "close";
  *why = "the high is below the low";
  if (high < low) return "high";
  *why = "the high is below open or close";
  if (high < open || high < close) return "high";
  *why = "the low is above open or close";
  if (low > open || low > close) return "low";
  return NULL;
}

const char *sld__ask_breach(const double bid[4], const double ask[4], const char **why) {
  static const char *const columns[] = { "open", "high", "low", "close" };
  static const char *const ask_columns[] = { "ask_open", "ask_high", "ask_low", "ask_close" };
  const char *column = sld__bar_breach(ask[0], ask[1], ask[2], ask[3], why);
  for (int k = 0; k < 4; k++)
    if (column && strcmp(column, columns[k]) == 0) return ask_columns[k];
  *why = "the ask is below the bid";
  for (int k = 0; k < 4; k++)
    if (ask[k] < bid[k]) return ask_columns[k];
  return NULL;
}

static const char *time_breach(const sld__series *series, size_t i, const char **why) {
  const int64_t *time = series->time;
  *why = "a time must be of the years 1800 to 2090";
  if (time[i] < SLD__STAMP_MIN || time[i] >= SLD__STAMP_END) return "time";
  *why = series->info.ticks ? "the times go back" : "the times do not increase strictly";
  return i > 0 && (series->info.ticks ? time[i] < time[i - 1] : time[i] <= time[i - 1]) ? "time" : NULL;
}

/* One-price data have but one price to blame. */
static const char *price_breach(const sld__series *series, size_t i, const char **why) {
  const double bid[] = { series->open[i], series->high[i], series->low[i], series->close[i] };
  const char *column = sld__bar_breach(bid[0], bid[1], bid[2], bid[3], why);
  if (column || !series->ask_close) return column && series->info.one_price ? "close" : column;
  const double ask[] = { series->ask_open[i], series->ask_high[i], series->ask_low[i], series->ask_close[i] };
  column = sld__ask_breach(bid, ask, why);
  return column && series->info.one_price ? "ask_close" : column;
}

bool sld__series_breach(const sld__series *series, sld__breach *out) {
  for (size_t i = 0; i < series->count; i++) {
    const char *why;
    const char *column = time_breach(series, i, &why);
    if (!column) column = price_breach(series, i, &why);
    if (!column && series->volume && !(series->volume[i] >= 0.0 && isfinite(series->volume[i]))) {
      column = "volume";
      why = "a volume must be 0 or above";
    }
    if (column) {
      *out = (sld__breach){ column, i, why };
      return true;
    }
  }
  return false;
}

void sld__series_free(sld__series *series) {
  if (!series) return;
  sld_allocator a = series->allocator;
  for (int k = 0; k < SLD__COLUMN_COUNT; k++) {
    sld__free(&a, series->blocks[k]);
    sld__os_map_close(&series->maps[k]);
  }
  if (series->release) series->release(series->release_ud);
  sld__free(&a, series->parts);
  sld__free(&a, series);
}

static void add_column(struct sld__hash *hash, const char *name, const double *values, size_t count) {
  sld__hash_add_text(hash, name);
  sld__hash_add(hash, values, count * sizeof *values);
}

void sld__series_hash_add(const sld__series *series, struct sld__hash *hash) {
  const sld_pair_info *info = &series->info;
  const sld_instrument *instrument = &info->instrument;
  sld__hash_add_text(hash, instrument->pair);
  sld__hash_add_text(hash, instrument->base);
  sld__hash_add_text(hash, instrument->quote);
  sld__hash_add_integer(hash, instrument->digits);
  sld__hash_add_number(hash, instrument->pip);
  sld__hash_add_number(hash, instrument->lot);
  sld__hash_add_number(hash, instrument->min_size);
  sld__hash_add_number(hash, instrument->step);
  sld__hash_add_integer(hash, info->period_ns);
  sld__hash_add_integer(hash, info->side);
  sld__hash_add_integer(hash, info->date_only);
  if (info->ticks) sld__hash_add_text(hash, "ticks");
  sld__hash_add_integer(hash, (int64_t)series->count);
  sld__hash_add_text(hash, "time");
  sld__hash_add(hash, series->time, series->count * sizeof *series->time);
  if (!info->one_price) {
    add_column(hash, "open", series->open, series->count);
    add_column(hash, "high", series->high, series->count);
    add_column(hash, "low", series->low, series->count);
  }
  add_column(hash, "close", series->close, series->count);
  if (series->volume) add_column(hash, "volume", series->volume, series->count);
  if (!series->ask_close) return;
  if (!info->one_price) {
    add_column(hash, "ask_open", series->ask_open, series->count);
    add_column(hash, "ask_high", series->ask_high, series->count);
    add_column(hash, "ask_low", series->ask_low, series->count);
  }
  add_column(hash, "ask_close", series->ask_close, series->count);
}

static void compute_digest(const sld__series *series, uint64_t digest[2]) {
  struct sld__hash hash;
  sld__hash_init(&hash);
  sld__series_hash_add(series, &hash);
  sld__hash_digest(&hash, digest);
}

void sld__series_hash(const sld__series *series, char hex[SLD__HASH_TEXT_SIZE]) {
  sld__series *memo = (sld__series *)(uintptr_t)series;
  uint64_t digest[2];
  if (atomic_load_explicit(&memo->digested, memory_order_acquire)) {
    for (int i = 0; i < 2; i++) digest[i] = atomic_load_explicit(&memo->digest[i], memory_order_relaxed);
  } else {
    compute_digest(series, digest);
    for (int i = 0; i < 2; i++) atomic_store_explicit(&memo->digest[i], digest[i], memory_order_relaxed);
    atomic_store_explicit(&memo->digested, true, memory_order_release);
  }
  sld__digest_text(digest, hex);
}

const char *sld_side_name(sld_side side) {
  static const char *const names[] = { "bid", "mid", "both" };
  return names[side];
}

void sld__period_format(int64_t period_ns, char text[SLD__PERIOD_SIZE]) {
  static const struct {
    int64_t ns;
    const char *name;
  } units[] = { { SLD__NS_PER_DAY, "d" }, { SLD__NS_PER_HOUR, "h" }, { SLD__NS_PER_MINUTE, "m" }, { SLD__NS_PER_SECOND, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };
  static const struct {
    int days;
    const char *name;
  } calendar[] = { { 0, "ticks" }, { 7, "1w" }, { 31, "1mo" }, { 62, "2mo" }, { 92, "3mo" }, { 123, "4mo" }, { 184, "6mo" }, { 366, "12mo" } };
  for (size_t i = 0; i < sizeof calendar / sizeof *calendar; i++) {
    if (period_ns != calendar[i].days * SLD__NS_PER_DAY) continue;
    snprintf(text, SLD__PERIOD_SIZE, "%s", calendar[i].name);
    return;
  }
  size_t k = 0;
  while (period_ns % units[k].ns != 0) k++;
  snprintf(text, SLD__PERIOD_SIZE, "%" PRId64 "%s", period_ns / units[k].ns, units[k].name);
}
