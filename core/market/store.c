/* Writing and opening column stores. */
#include "market/store.h"

#include "base/json.h"
#include "base/json_read.h"
#include "market/instrument.h"
#include "market/npy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT "sliders bars 1"

enum { GENERATION_DIGITS = 12, GENERATION_SIZE = 24 };

static const char *column_type(int k) {
  return k == 0 ? SLD__NPY_INT64 : SLD__NPY_FLOAT64;
}

/* folder/name.npy; NULL when out of memory. */
static char *column_path(const sld_allocator *a, const char *folder, int k) {
  char name[16];
  snprintf(name, sizeof name, "%s.npy", sld__series_column_name(k));
  return sld__os_join(a, folder, name);
}

/* ---- The description ---- */

/* The number of "g000001"; 0: the name of something else. */
static uint64_t generation_number(const char *name) {
  size_t length = strlen(name);
  if (name[0] != 'g' || length < 2 || length > GENERATION_DIGITS + 1 || strspn(name + 1, "0123456789") != length - 1) return 0;
  return strtoull(name + 1, NULL, 10);
}

/* What a description says. */
typedef struct stored {
  char pair[sizeof((sld_instrument *)0)->pair];
  sld__series_form form;
  size_t count;
  bool one_price;
  bool has_volume;
  char generation[GENERATION_SIZE];
} stored;

static sld_status wrong_field(const char *path, const char *key, const char *expected, sld_error *err) {
  return sld__fail_at(err, SLD_EPARSE, path, 0, 0, "\"%s\" must be %s", key, expected);
}

static sld_status get_bool(bool *out, const json_t *root, const char *path, const char *key, sld_error *err) {
  const json_t *value = json_object_get(root, key);
  if (!json_is_boolean(value)) return wrong_field(path, key, "true or false", err);
  *out = json_is_true(value);
  return SLD_OK;
}

static sld_status get_positive(int64_t *out, const json_t *root, const char *path, const char *key, sld_error *err) {
  const json_t *value = json_object_get(root, key);
  if (!json_is_integer(value) || json_integer_value(value) <= 0) return wrong_field(path, key, "a whole number above 0", err);
  *out = json_integer_value(value);
  return SLD_OK;
}

static sld_status get_text(const char **out, const json_t *root, const char *path, const char *key, sld_error *err) {
  *out = json_string_value(json_object_get(root, key));
  return *out ? SLD_OK : wrong_field(path, key, "a text", err);
}

/* A generation is a plain name of the folder that the description is in. */
static sld_status get_generation(char out[GENERATION_SIZE], const json_t *root, const char *path, sld_error *err) {
  const char *name;
  sld_status status = get_text(&name, root, path, "generation", err);
  if (status != SLD_OK) return status;
  if (generation_number(name) == 0) return wrong_field(path, "generation", "the name of a folder such as g000001", err);
  memcpy(out, name, strlen(name) + 1);
  return SLD_OK;
}

static sld_status get_side(sld_side *out, const json_t *root, const char *path, sld_error *err) {
  const char *name;
  sld_status status = get_text(&name, root, path, "side", err);
  for (sld_side side = SLD_BID; status == SLD_OK && side <= SLD_BOTH; side++) {
    *out = side;
    if (strcmp(name, sld_side_name(side)) == 0) return SLD_OK;
  }
  return status == SLD_OK ? wrong_field(path, "side", "\"bid\", \"mid\" or \"both\"", err) : status;
}

/* What stores of before do not speak of: false there. */
static sld_status get_new_bool(bool *out, const json_t *root, const char *path, const char *key, sld_error *err) {
  *out = false;
  return json_object_get(root, key) ? get_bool(out, root, path, key, err) : SLD_OK;
}

/* The period, 0 for ticks. */
static sld_status get_period(stored *out, const json_t *root, const char *path, sld_error *err) {
  sld_status status = get_new_bool(&out->form.ticks, root, path, "ticks", err);
  if (status != SLD_OK) return status;
  if (!out->form.ticks) status = get_positive(&out->form.period_ns, root, path, "period_ns", err);
  else if (!json_is_integer(json_object_get(root, "period_ns")) || json_integer_value(json_object_get(root, "period_ns")) != 0) return wrong_field(path, "period_ns", "0 for ticks", err);
  if (status == SLD_OK && out->form.period_ns > SLD__PERIOD_MAX_NS) return wrong_field(path, "period_ns", "at most 366 days", err);
  return status;
}

static sld_status read_fields(stored *out, const json_t *root, const char *path, sld_error *err) {
  const char *format;
  const char *pair;
  int64_t count = 0;
  if (!json_is_object(root)) return sld__fail_at(err, SLD_EPARSE, path, 1, 1, "an object is expected");
  sld_status status = get_text(&format, root, path, "format", err);
  if (status == SLD_OK && strcmp(format, FORMAT) != 0) status = wrong_field(path, "format", "\"" FORMAT "\"", err);
  if (status == SLD_OK) status = get_text(&pair, root, path, "pair", err);
  if (status == SLD_OK) {
    snprintf(out->pair, sizeof out->pair, "%s", pair);
    status = get_side(&out->form.side, root, path, err);
  }
  if (status == SLD_OK) status = get_new_bool(&out->form.side_assumed, root, path, "side_assumed", err);
  if (status == SLD_OK) sld__series_form_source(&out->form, json_string_value(json_object_get(root, "source")));
  if (status == SLD_OK) status = get_positive(&count, root, path, "bars", err);
  out->count = (size_t)count;
  if (status == SLD_OK) status = get_period(out, root, path, err);
  if (status == SLD_OK) status = get_bool(&out->form.date_only, root, path, "date_only", err);
  if (status == SLD_OK) status = get_new_bool(&out->form.floating, root, path, "floating", err);
  if (status == SLD_OK) status = get_bool(&out->one_price, root, path, "one_price", err);
  if (status == SLD_OK && out->form.ticks && !out->one_price) return wrong_field(path, "one_price", "true for ticks", err);
  if (status == SLD_OK) status = get_bool(&out->has_volume, root, path, "volume", err);
  return status == SLD_OK ? get_generation(out->generation, root, path, err) : status;
}

static sld_status read_description(stored *out, const char *folder, const sld_allocator *a, sld_error *err) {
  *out = (stored){ .count = 0 };
  char *path = sld__os_join(a, folder, SLD__STORE_DESCRIPTION);
  if (!path) return sld__fail_memory(err);
  json_t *root = NULL;
  sld_status status = sld__json_load(&root, path, err);
  if (status == SLD_OK) {
    status = read_fields(out, root, path, err);
    json_decref(root);
  }
  sld__free(a, path);
  return status;
}

/* The generation that a description names; 0 where there is none. */
static uint64_t stored_generation(const char *folder, const sld_allocator *a) {
  stored what;
  return read_description(&what, folder, a, NULL) == SLD_OK ? generation_number(what.generation) : 0;
}

/* ---- Writing ---- */

/* "g000001", or the number after the highest there is. */
static sld_status next_generation(char name[GENERATION_SIZE], const char *folder, const sld_allocator *a, sld_error *err) {
  struct sld__names entries;
  sld_status status = sld__os_list_dir(&entries, folder, a, err);
  if (status != SLD_OK) return status;
  uint64_t highest = 0;
  for (size_t i = 0; i < entries.count; i++) {
    uint64_t number = generation_number(entries.names[i]);
    if (number > highest) highest = number;
  }
  sld__os_names_free(&entries);
  snprintf(name, GENERATION_SIZE, "g%06" PRIu64, highest + 1);
  return SLD_OK;
}

/* A generation's folder, and the path of a column in it: memory is taken before anything is written, so that clearing up needs none. */
typedef struct generation {
  char *folder;
  char *path; /* room for folder/ask_close.npy */
} generation;

/* False when out of memory; fit for fini either way. */
static bool generation_init(generation *g, const char *home, const char *name, const sld_allocator *a) {
  g->folder = sld__os_join(a, home, name);
  g->path = g->folder ? sld__alloc(a, strlen(g->folder) + sizeof "/ask_close.npy", 1) : NULL;
  return g->path != NULL;
}

static void generation_fini(generation *g, const sld_allocator *a) {
  sld__free(a, g->path);
  sld__free(a, g->folder);
}

static const char *point_at(generation *g, int k) {
  sprintf(g->path, "%s/%s.npy", g->folder, sld__series_column_name(k));
  return g->path;
}

static sld_status write_columns(const sld__series *series, generation *g, sld_error *err) {
  for (int k = 0; k < SLD__COLUMN_COUNT; k++) {
    const void *column = sld__series_column(series, k);
    if (!column) continue;
    sld_status status = sld__npy_write(point_at(g, k), column_type(k), column, series->count, err);
    if (status != SLD_OK) return status;
  }
  return SLD_OK;
}

static void remove_generation(generation *g) {
  for (int k = 0; k < SLD__COLUMN_COUNT; k++) sld__os_remove(point_at(g, k));
  sld__os_remove(g->folder);
}

static sld_status compose(struct sld__buffer *text, const sld__series *series, const char *name, sld_error *err) {
  const sld_pair_info *info = &series->info;
  struct sld__json json;
  sld__json_init(&json, text, 2);
  sld__json_open_object(&json);
  sld__json_key(&json, "bars");
  sld__json_integer(&json, (int64_t)series->count);
  sld__json_key(&json, "date_only");
  sld__json_boolean(&json, info->date_only);
  if (info->floating) {
    sld__json_key(&json, "floating");
    sld__json_boolean(&json, true);
  }
  sld__json_key(&json, "format");
  sld__json_text(&json, FORMAT);
  sld__json_key(&json, "generation");
  sld__json_text(&json, name);
  sld__json_key(&json, "one_price");
  sld__json_boolean(&json, info->one_price);
  sld__json_key(&json, "pair");
  sld__json_text(&json, info->instrument.pair);
  sld__json_key(&json, "period_ns");
  sld__json_integer(&json, info->period_ns);
  sld__json_key(&json, "side");
  sld__json_text(&json, sld_side_name(info->side));
  sld__json_key(&json, "side_assumed");
  sld__json_boolean(&json, info->side_assumed);
  if (*info->source) {
    sld__json_key(&json, "source");
    sld__json_text(&json, info->source);
  }
  sld__json_key(&json, "ticks");
  sld__json_boolean(&json, info->ticks);
  sld__json_key(&json, "volume");
  sld__json_boolean(&json, series->volume != NULL);
  sld__json_close(&json);
  return sld__json_finish(&json, err);
}

static bool holds(const char *path, const struct sld__buffer *text) {
  struct sld__map map;
  if (sld__os_map_file(&map, path, NULL) != SLD_OK) return false;
  bool same = map.size == text->size && memcmp(map.data, text->data, map.size) == 0;
  sld__os_map_close(&map);
  return same;
}

/* The length of the longest front part of `path` that is a folder; 0 where none of its own parts is. */
static size_t existing(const char *path, char *part) {
  size_t length = strlen(path);
  memcpy(part, path, length + 1);
  while (length > 0 && !sld__os_is_dir(part)) {
    while (length > 0 && part[length - 1] != '/') length--;
    while (length > 0 && part[length - 1] == '/') length--;
    part[length] = '\0';
  }
  return length;
}

/* Removes the folders of `path`, deepest first, down to the length `kept` of what was there before. */
static void remove_folders(char *path, size_t kept) {
  size_t length = strlen(path);
  while (length > kept && sld__os_remove(path)) {
    while (length > 0 && path[length - 1] != '/') length--;
    while (length > 0 && path[length - 1] == '/') length--;
    path[length] = '\0';
  }
}

/* Removes the generations below both `old` and `new`. What cannot be removed stays; the store is good without. */
static void remove_older(const char *home, uint64_t old, uint64_t new, const sld_allocator *a) {
  struct sld__names entries;
  if (sld__os_list_dir(&entries, home, a, NULL) != SLD_OK) return;
  for (size_t i = 0; i < entries.count; i++) {
    generation g = { .folder = NULL };
    uint64_t number = generation_number(entries.names[i]);
    if (number == 0 || number >= old || number >= new) continue;
    if (generation_init(&g, home, entries.names[i], a)) remove_generation(&g);
    generation_fini(&g, a);
  }
  sld__os_names_free(&entries);
}

/* ---- What a writer that was killed has left ---- */

static bool ends_in_new(const char *name) {
  size_t length = strlen(name);
  return length > 4 && strcmp(name + length - 4, ".new") == 0;
}

static void remove_in(const char *folder, const char *name, const sld_allocator *a) {
  char *path = sld__os_join(a, folder, name);
  if (path) sld__os_remove(path);
  sld__free(a, path);
}

/* Removes files of a folder that were never renamed to what they were to be. */
static void remove_new(const char *folder, const sld_allocator *a) {
  struct sld__names entries;
  if (sld__os_list_dir(&entries, folder, a, NULL) != SLD_OK) return;
  for (size_t i = 0; i < entries.count; i++)
    if (ends_in_new(entries.names[i])) remove_in(folder, entries.names[i], a);
  sld__os_names_free(&entries);
}

/* Removes generations above the one that the description names. Where there is one that cannot be read, nobody knows what is in use, and all stay. The store is
 * held, so nobody is about to name them. */
static void remove_leftovers(const char *home, const char *description, const sld_allocator *a) {
  struct sld__names entries;
  uint64_t current = stored_generation(home, a);
  if ((current == 0 && sld__os_is_file(description)) || sld__os_list_dir(&entries, home, a, NULL) != SLD_OK) return;
  for (size_t i = 0; i < entries.count; i++) {
    generation g = { .folder = NULL };
    if (generation_number(entries.names[i]) > current && generation_init(&g, home, entries.names[i], a)) {
      remove_new(g.folder, a);
      remove_generation(&g);
    }
    generation_fini(&g, a);
  }
  sld__os_names_free(&entries);
  remove_new(home, a);
}

/* ---- Staging and committing ---- */

/* Whether the store holds just this already. What cannot be read does not. */
static bool is_stored(const sld__series *series, const char *home);

/* A series on its way: its columns are written, but nobody reads them yet. */
struct sld__staged {
  const sld__series *series;
  char *home;                 /* folder/PAIR/PERIOD */
  size_t kept;                /* length of the front part of `home` that was there before */
  generation columns;         /* folder NULL: the store holds the same already */
  char *path;                 /* of the description, */
  struct sld__buffer text;    /* and what it will say: committing needs no memory */
  bool begun;                 /* folders may have been made */
  bool committed;
};

static sld_status stage_columns(sld__staged *staged, sld_error *err) {
  const sld_allocator *a = &staged->series->allocator;
  char name[GENERATION_SIZE];
  staged->begun = true;
  sld_status status = sld__os_make_dir(staged->home, err);
  if (status == SLD_OK) status = next_generation(name, staged->home, a, err);
  if (status == SLD_OK && !generation_init(&staged->columns, staged->home, name, a)) status = sld__fail_memory(err);
  if (status == SLD_OK) status = compose(&staged->text, staged->series, name, err);
  if (status == SLD_OK) status = sld__os_make_dir(staged->columns.folder, err);
  return status == SLD_OK ? write_columns(staged->series, &staged->columns, err) : status;
}

/* The folder of `series` below `folder`; NULL when out of memory. */
static char *home_of(const sld__series *series, const char *folder) {
  char place[16 + 1 + SLD__PERIOD_SIZE];
  char period[SLD__PERIOD_SIZE];
  sld__period_format(series->info.period_ns, period);
  snprintf(place, sizeof place, "%s/%s", series->info.instrument.pair, period);
  return sld__os_join(&series->allocator, folder, place);
}

sld_status sld__store_stage(sld__staged **out, const sld__series *series, const char *folder, sld_error *err) {
  const sld_allocator *a = &series->allocator;
  sld__staged *staged = sld__alloc_zero(a, 1, sizeof *staged);
  if (!staged) return sld__fail_memory(err);
  staged->series = series;
  sld__buffer_init(&staged->text, a);
  staged->home = home_of(series, folder);
  staged->path = staged->home ? sld__os_join(a, staged->home, SLD__STORE_DESCRIPTION) : NULL;
  char *part = staged->path ? sld__alloc(a, strlen(staged->home) + 1, 1) : NULL;
  sld_status status = part ? SLD_OK : sld__fail_memory(err);
  if (status == SLD_OK) staged->kept = existing(staged->home, part);
  sld__free(a, part);
  if (status == SLD_OK) remove_leftovers(staged->home, staged->path, a);
  if (status == SLD_OK && !is_stored(series, staged->home)) status = stage_columns(staged, err);
  if (status == SLD_OK) *out = staged;
  else sld__store_unstage(staged);
  return status;
}

sld_status sld__store_commit(sld__staged *staged, sld_error *err) {
  const sld_allocator *a = &staged->series->allocator;
  if (!staged->columns.folder) return SLD_OK;
  uint64_t old = stored_generation(staged->home, a);
  sld_status status = sld__os_write_file(staged->path, staged->text.data, staged->text.size, err);
  staged->committed = status == SLD_OK || holds(staged->path, &staged->text); /* only the disk's own synchronising may have failed: then the columns must stay */
  if (status == SLD_OK) remove_older(staged->home, old, generation_number(strrchr(staged->columns.folder, '/') + 1), a);
  return status;
}

void sld__store_unstage(sld__staged *staged) {
  if (!staged) return;
  const sld_allocator *a = &staged->series->allocator;
  if (staged->columns.path && !staged->committed) remove_generation(&staged->columns);
  if (staged->begun && !staged->committed) remove_folders(staged->home, staged->kept);
  generation_fini(&staged->columns, a);
  sld__buffer_fini(&staged->text);
  sld__free(a, staged->path);
  sld__free(a, staged->home);
  sld__free(a, staged);
}

sld_status sld__store_write_all(const sld__series *const *series, size_t count, const char *folder, sld_error *err) {
  if (count == 0) return SLD_OK;
  const sld_allocator *a = &series[0]->allocator;
  size_t staged = 0;
  sld__staged **all = sld__alloc(a, count, sizeof *all);
  if (!all) return sld__fail_memory(err);
  sld_status status = SLD_OK;
  while (status == SLD_OK && staged < count) {
    status = sld__store_stage(&all[staged], series[staged], folder, err);
    if (status == SLD_OK) staged++;
  }
  for (size_t i = 0; status == SLD_OK && i < staged; i++) status = sld__store_commit(all[i], err);
  while (staged > 0) sld__store_unstage(all[--staged]);
  sld__free(a, all);
  return status;
}

/* ---- One writer at a time ---- */

sld_status sld__store_hold(sld__held *out, const char *folder, const sld_allocator *a, sld_error *err) {
  *out = (sld__held){ .allocator = a, .lock = { -1 }, .folder = sld__strndup(a, folder, strlen(folder)) };
  char *part = out->folder ? sld__alloc(a, strlen(folder) + 1, 1) : NULL;
  if (!part) return sld__fail_memory(err);
  out->kept = existing(folder, part);
  sld__free(a, part);
  return sld__os_lock_dir(&out->lock, folder, err);
}

void sld__store_release(sld__held *held) {
  if (!held->folder) return;
  if (held->lock.descriptor >= 0) remove_folders(held->folder, held->kept); /* else something else may be in its place */
  sld__os_unlock_dir(&held->lock);
  sld__free(held->allocator, held->folder);
  held->folder = NULL;
}

/* ---- Opening ---- */

static sld_status open_column(sld__npy *out, const char *folder, int k, size_t count, const sld_allocator *a, sld_error *err) {
  char *path = column_path(a, folder, k);
  if (!path) return sld__fail_memory(err);
  sld_status status = sld__npy_open(out, path, column_type(k), err);
  if (status == SLD_OK && out->count != count) {
    status = sld__fail_at(err, SLD_EPARSE, path, 0, 0, "%zu values where the description says %zu bars", out->count, count);
    sld__os_map_close(&out->map);
  }
  sld__free(a, path);
  return status;
}

static sld_status open_columns(sld__series **out, const stored *what, const char *folder, const sld_allocator *a, sld_error *err) {
  struct sld__map maps[SLD__COLUMN_COUNT] = { { NULL, 0 } };
  const void *columns[SLD__COLUMN_COUNT] = { NULL };
  sld_status status = SLD_OK;
  for (int k = 0; status == SLD_OK && k < SLD__COLUMN_COUNT; k++) {
    if (!sld__series_has(k, what->one_price, what->has_volume, what->form.side == SLD_BOTH)) continue;
    sld__npy column;
    status = open_column(&column, folder, k, what->count, a, err);
    if (status != SLD_OK) break;
    maps[k] = column.map;
    columns[k] = column.values;
  }
  if (status == SLD_OK) status = sld__series_over(out, a, &what->form, what->count, columns, maps, err);
  for (int k = 0; k < SLD__COLUMN_COUNT; k++) sld__os_map_close(&maps[k]);
  return status;
}

static sld_status check(const sld__series *series, const char *folder, const sld_allocator *a, sld_error *err) {
  sld__breach breach;
  if (!sld__series_breach(series, &breach)) return SLD_OK;
  char name[16];
  snprintf(name, sizeof name, "%s.npy", breach.column);
  char *path = sld__os_join(a, folder, name);
  if (!path) return sld__fail_memory(err);
  sld_status status = sld__fail_at(err, SLD_EVALUE, path, 0, 0, "value %zu: %s", breach.index, breach.why);
  sld__free(a, path);
  return status;
}

static sld_status name_instrument(stored *what, const sld__instruments *own, const char *folder, const sld_allocator *a, sld_error *err) {
  char *path = sld__os_join(a, folder, SLD__STORE_DESCRIPTION);
  if (!path) return sld__fail_memory(err);
  sld_status status = sld__instrument_get(own, &what->form.instrument, what->pair, path, err);
  sld__free(a, path);
  return status;
}

/* The bars that a description with its instrument speaks of. */
static sld_status open_described(sld__series **out, const stored *what, const char *folder, const sld_allocator *a, sld_error *err) {
  char *columns = sld__os_join(a, folder, what->generation);
  if (!columns) return sld__fail_memory(err);
  sld__series *series = NULL;
  sld_status status = open_columns(&series, what, columns, a, err);
  if (status == SLD_OK) status = check(series, columns, a, err);
  sld__free(a, columns);
  if (status == SLD_OK) *out = series;
  else sld__series_free(series);
  return status;
}

static bool is_stored(const sld__series *series, const char *home) {
  const sld_allocator *a = &series->allocator;
  stored what;
  sld__series *there;
  if (read_description(&what, home, a, NULL) != SLD_OK || strcmp(what.pair, series->info.instrument.pair) != 0) return false;
  what.form.instrument = &series->info.instrument;
  if (open_described(&there, &what, home, a, NULL) != SLD_OK) return false;
  bool same = sld__series_equal(series, there);
  sld__series_free(there);
  return same;
}

sld_status sld__store_open(sld__intake *intake, const char *folder, sld_error *err) {
  const sld_allocator *a = intake->allocator;
  stored what;
  sld__series *series;
  sld_status status = read_description(&what, folder, a, err);
  if (status == SLD_OK) status = name_instrument(&what, intake->own, folder, a, err);
  if (status == SLD_OK) status = open_described(&series, &what, folder, a, err);
  return status == SLD_OK ? sld__intake_add(intake, series, folder, err) : status;
}
