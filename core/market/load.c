/* Loading from paths and saving to them: CSV files, column stores, folders of both. */
#include "market/market.h"

#include "market/instrument.h"
#include "market/read.h"
#include "market/store.h"

#include <string.h>
#include <strings.h>

/* The length of `path` without the extension of its last part. */
static size_t stem(const char *path) {
  const char *slash = strrchr(path, '/');
  const char *dot = strrchr(path, '.');
  return dot && (!slash || dot > slash) ? (size_t)(dot - path) : strlen(path);
}

/* Reads NAME.json for NAME.csv; without such a file `out` stays as it is. */
static sld_status find_description(sld__description *out, const sld__intake *intake, const char *path, sld_error *err) {
  const sld_allocator *a = intake->allocator;
  size_t length = stem(path);
  char *beside = sld__alloc(a, length + sizeof ".json", 1);
  if (!beside) return sld__fail_memory(err);
  memcpy(beside, path, length);
  memcpy(beside + length, ".json", sizeof ".json");
  sld_status status = SLD_OK;
  struct sld__map map = { NULL, 0 };
  if (strcmp(beside, path) != 0 && sld__os_is_file(beside)) {
    status = sld__os_map_file(&map, beside, err);
    if (status == SLD_OK) status = sld__description_parse(out, a, intake->own, beside, map.data, map.size, err);
    sld__os_map_close(&map);
  }
  sld__free(a, beside);
  return status;
}

static sld_status load_csv(sld__intake *intake, const char *path, sld_error *err) {
  struct sld__map map;
  sld__description description = { .file = NULL };
  sld_status status = sld__os_map_file(&map, path, err);
  if (status != SLD_OK) return status;
  sld__os_map_ahead(&map);
  status = find_description(&description, intake, path, err);
  sld__source source = { path, map.data, map.size, &description };
  if (status == SLD_OK) status = sld__read_csv(intake, &source, err);
  sld__description_fini(&description);
  sld__os_map_close(&map);
  return status;
}

static bool is_csv(const char *path) {
  return strcasecmp(path + stem(path), ".csv") == 0;
}

/* Whether `folder` itself is a column store; `*out` is false when memory runs out. */
static sld_status is_store(bool *out, const sld_allocator *a, const char *folder, sld_error *err) {
  char *description = sld__os_join(a, folder, SLD__STORE_DESCRIPTION);
  *out = description && sld__os_is_file(description);
  sld__free(a, description);
  return description ? SLD_OK : sld__fail_memory(err);
}

static sld_status load_folder(sld__intake *intake, const char *path, sld_error *err);

/* One entry of a folder: CSV files, stores and folders named after a pair count, all else is left alone. */
static sld_status load_entry(sld__intake *intake, const char *path, const char *name, sld_error *err) {
  bool store = false;
  if (!sld__os_is_dir(path)) return is_csv(path) ? load_csv(intake, path, err) : SLD_OK;
  sld_status status = is_store(&store, intake->allocator, path, err);
  if (status != SLD_OK) return status;
  return store || sld__instrument_find(intake->own, name) ? load_folder(intake, path, err) : SLD_OK;
}

static sld_status load_folder(sld__intake *intake, const char *path, sld_error *err) {
  const sld_allocator *a = intake->allocator;
  bool store;
  sld_status status = is_store(&store, a, path, err);
  if (status == SLD_OK && store) return sld__store_open(intake, path, err);

  struct sld__names entries;
  if (status == SLD_OK) status = sld__os_list_dir(&entries, path, a, err);
  if (status != SLD_OK) return status;
  for (size_t i = 0; status == SLD_OK && i < entries.count; i++) {
    char *entry = sld__os_join(a, path, entries.names[i]);
    status = entry ? load_entry(intake, entry, entries.names[i], err) : sld__fail_memory(err);
    sld__free(a, entry);
  }
  sld__os_names_free(&entries);
  return status;
}

sld_status sld__market_load(sld__market *market, const char *path, sld_error *err) {
  sld__intake intake = { .allocator = sld__market_allocator(market), .own = sld__market_instruments(market) };
  sld_status status = sld__os_is_dir(path) ? load_folder(&intake, path, err) : load_csv(&intake, path, err);
  if (status == SLD_OK && intake.count == 0) status = sld__fail_at(err, SLD_EPARSE, path, 0, 0, "the folder holds neither CSV files nor a column store");
  if (status == SLD_OK) status = sld__market_take(market, &intake, path, err);
  sld__intake_fini(&intake);
  return status;
}

sld_status sld__market_save(const sld__market *market, const char *path, sld_error *err) {
  const sld_allocator *a = sld__market_allocator(market);
  size_t count = sld__market_count(market);
  size_t staged = 0;
  sld__staged **all = sld__alloc(a, count, sizeof *all);
  if (!all) return sld__fail_memory(err);
  sld_status status = SLD_OK;
  while (status == SLD_OK && staged < count) {
    status = sld__store_stage(&all[staged], sld__market_at(market, staged), path, err);
    if (status == SLD_OK) staged++;
  }
  for (size_t i = 0; status == SLD_OK && i < staged; i++) status = sld__store_commit(all[i], err);
  while (staged > 0) sld__store_unstage(all[--staged]);
  sld__free(a, all);
  return status;
}
