/* Reading, joining, storing. */
#include "market/import.h"

#include "base/error.h"
#include "market/store.h"

#include <stdio.h>
#include <string.h>

sld_status sld__import_find(sld__import *import, const char *path, sld_error *err) {
  size_t before = import->files.count;
  import->files.allocator = import->allocator;
  import->files.own = import->how.own;
  sld_status status = sld__files_find(&import->files, path, err);
  if (status == SLD_OK && import->files.count == before) return sld__files_none(path, import->allocator, err);
  return status;
}

/* The rows of a series as a piece. */
static sld_status add_series(sld__harvest *harvest, const sld__series *series, const char *file, sld_error *err) {
  const sld_pair_info *info = &series->info;
  sld__bar_columns bars = { .allocator = harvest->allocator, .one_price = info->one_price, .has_volume = series->volume, .has_ask = series->ask_close };
  sld__series_form form = { &info->instrument, info->period_ns, info->side, info->date_only, info->ticks, info->side_assumed, "", info->floating };
  sld__series_form_source(&form, info->source);
  sld_status status = sld__bar_columns_reserve(&bars, series->count, err);
  if (status != SLD_OK) {
    sld__bar_columns_fini(&bars);
    return status;
  }
  memcpy(bars.time, series->time, series->count * sizeof *bars.time);
  for (int k = 1; k < SLD__COLUMN_COUNT; k++)
    if (sld__series_column(series, k)) memcpy(*sld__bar_columns_at(&bars, k), sld__series_column(series, k), series->count * sizeof(double));
  bars.count = series->count;
  return sld__harvest_add(harvest, &bars, &form, file, 0, err);
}

sld_status sld__import_read(sld__import *import, size_t count, sld_error *err) {
  size_t rest = import->files.count - import->read;
  if (count > rest) count = rest;
  import->harvest.allocator = import->kept.allocator = import->allocator;
  import->kept.own = import->how.own;
  size_t before = import->kept.count;
  const sld__file *files = import->files.list + import->read;
  sld_status status = sld__load_files(&import->how, files, count, &import->harvest, &import->kept, &import->report, err);
  for (size_t i = before; status == SLD_OK && i < import->kept.count; i++) status = add_series(&import->harvest, import->kept.series[i], "a store", err);
  import->read += count;
  return status;
}

/* ---- Time frame ------------------------------------------------------------------------------------------------- */

/* Replaces the harvest by longer bars made of it. */
static sld_status resample(sld__import *import, sld_error *err) {
  sld__intake intake = { .allocator = import->allocator };
  import->made.allocator = import->allocator;
  sld_status status = sld__harvest_seal(&import->harvest, &intake, NULL, err);
  sld__harvest_fini(&import->harvest);
  for (size_t i = 0; status == SLD_OK && i < intake.count; i++) {
    sld__series *made;
    status = sld__series_resample(&made, intake.series[i], import->frame, import->allocator, err);
    if (status == SLD_OK) status = sld__intake_add(&import->made, made, "", err);
    if (status == SLD_OK) status = add_series(&import->harvest, made, made->info.instrument.pair, err);
  }
  sld__intake_fini(&intake);
  return status;
}

/* ---- Storing ---------------------------------------------------------------------------------------------------- */

/* The folder of a pair and period in the store; NULL when out of memory. */
static char *home_of(const sld__import *import, const char *pair, int64_t period_ns) {
  char period[SLD__PERIOD_SIZE];
  char place[16 + 1 + SLD__PERIOD_SIZE];
  sld__period_format(period_ns, period);
  snprintf(place, sizeof place, "%s/%s", pair, period);
  return sld__os_join(import->allocator, import->store, place);
}

static bool is_store(const sld__import *import, const char *home) {
  char *description = sld__os_join(import->allocator, home, SLD__STORE_DESCRIPTION);
  bool is = description && sld__os_is_file(description);
  sld__free(import->allocator, description);
  return is;
}

/* Whether a piece before this one is of the same pair and period. */
static bool seen(const sld__harvest *h, size_t i) {
  for (size_t k = 0; k < i; k++)
    if (h->pieces[k].form.period_ns == h->pieces[i].form.period_ns && strcmp(h->pieces[k].form.instrument->pair, h->pieces[i].form.instrument->pair) == 0) return true;
  return false;
}

/* Adds what is stored of the pair and period of piece i; *rows is how much that is. */
static sld_status add_stored(sld__import *import, size_t i, sld__intake *stored, sld_error *err) {
  const sld__piece *piece = &import->harvest.pieces[i];
  char *home = home_of(import, piece->form.instrument->pair, piece->form.period_ns);
  if (!home) return sld__fail_memory(err);
  sld_status status = SLD_OK;
  size_t before = stored->count;
  if (is_store(import, home)) status = sld__store_open(stored, home, err);
  if (status == SLD_OK && stored->count > before) status = add_series(&import->harvest, stored->series[before], home, err);
  sld__free(import->allocator, home);
  return status;
}

/* Rows that were stored before of this series. */
static size_t rows_before(const sld__intake *stored, const sld__series *series) {
  for (size_t i = 0; i < stored->count; i++) {
    const sld_pair_info *info = &stored->series[i]->info;
    if (info->period_ns == series->info.period_ns && strcmp(info->instrument.pair, series->info.instrument.pair) == 0) return info->bars;
  }
  return 0;
}

static sld_status tell(sld__import *import, const sld__intake *all, const sld__intake *stored, sld_error *err) {
  import->done = sld__alloc(import->allocator, all->count, sizeof *import->done);
  if (!import->done) return sld__fail_memory(err);
  for (size_t i = 0; i < all->count; i++) {
    const sld_pair_info *info = &all->series[i]->info;
    import->done[i] = (sld_import_series){ *info, info->bars - rows_before(stored, all->series[i]) };
  }
  import->done_count = all->count;
  return SLD_OK;
}

static sld_status join(sld__import *import, sld__intake *all, sld__intake *stored, sld_error *err) {
  sld__harvest *h = &import->harvest;
  sld_status status = SLD_OK;
  size_t count = h->count;
  for (size_t i = 0; status == SLD_OK && i < count; i++) {
    sld__piece *piece = &h->pieces[i];
    status = sld__bar_columns_period(&piece->form.period_ns, &piece->bars, &piece->form, piece->file, err);
  }
  for (size_t i = 0; status == SLD_OK && i < count; i++)
    if (!seen(h, i)) status = add_stored(import, i, stored, err);
  return status == SLD_OK ? sld__harvest_seal(h, all, NULL, err) : status;
}

sld_status sld__import_commit(sld__import *import, sld_error *err) {
  sld__intake all = { .allocator = import->allocator, .own = import->how.own };
  sld__intake stored = { .allocator = import->allocator, .own = import->how.own };
  sld__held held = { .folder = NULL };
  sld_status status = import->frame ? resample(import, err) : SLD_OK;
  if (status == SLD_OK) status = sld__store_hold(&held, import->store, import->allocator, err); /* from before it is read until after it is written */
  if (status == SLD_OK) status = join(import, &all, &stored, err);
  if (status == SLD_OK) status = tell(import, &all, &stored, err);
  if (status == SLD_OK) status = sld__store_write_all((const sld__series *const *)all.series, all.count, import->store, err);
  sld__store_release(&held);
  sld__intake_fini(&stored);
  sld__intake_fini(&all);
  return status;
}

void sld__import_fini(sld__import *import) {
  if (import->files.allocator) sld__files_fini(&import->files);
  if (import->harvest.allocator) sld__harvest_fini(&import->harvest);
  if (import->kept.allocator) sld__intake_fini(&import->kept);
  if (import->made.allocator) sld__intake_fini(&import->made);
  sld__report_fini(&import->report);
  sld__free(import->allocator, import->done);
}
