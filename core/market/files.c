/* Finding the files of a path. */
#include "market/files.h"

#include "base/os.h"
#include "market/store.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { SHOWN = 5, NAME_MOST = 60 }; /* entries of a folder that an error names, and bytes of each */

bool sld__files_end(const char *path, const char *ending) {
  size_t size = strlen(path);
  size_t wanted = strlen(ending);
  return size >= wanted && strcasecmp(path + size - wanted, ending) == 0;
}

static bool is_data(const char *path) {
  return sld__files_end(path, ".csv") || sld__files_end(path, ".csv.gz") || sld__files_end(path, ".zip") || sld__files_end(path, ".bi5");
}

size_t sld__files_stem(const char *path) {
  size_t size = strlen(path) - (sld__files_end(path, ".gz") ? 3 : 0);
  for (size_t i = size; i-- > 0 && path[i] != '/';)
    if (path[i] == '.') return i;
  return size;
}

sld_status sld__files_describe(sld__description *out, const sld_allocator *a, const sld__instruments *own, const char *path, sld_error *err) {
  size_t length = sld__files_stem(path);
  char *beside = sld__alloc(a, length + sizeof ".json", 1);
  if (!beside) return sld__fail_memory(err);
  memcpy(beside, path, length);
  memcpy(beside + length, ".json", sizeof ".json");
  sld_status status = SLD_OK;
  struct sld__map map = { NULL, 0 };
  if (strcmp(beside, path) != 0 && sld__os_is_file(beside)) {
    status = sld__os_map_file(&map, beside, err);
    if (status == SLD_OK) status = sld__description_parse(out, a, own, beside, map.data, map.size, err);
    sld__os_map_close(&map);
  }
  sld__free(a, beside);
  return status;
}

char *sld__files_beside(const sld_allocator *a, const char *path, const char *name) {
  const char *slash = strrchr(path, '/');
  if (!slash) return sld__strndup(a, name, strlen(name));
  char *folder = sld__strndup(a, path, (size_t)(slash - path) + 1);
  char *joined = folder ? sld__os_join(a, folder, name) : NULL;
  sld__free(a, folder);
  return joined;
}

/* Takes `path`, also on failure. */
static sld_status add(sld__files *files, char *path, bool store, sld_error *err) {
  if (files->count == files->capacity) {
    size_t capacity = files->capacity ? 2 * files->capacity : 16;
    sld__file *moved = sld__realloc(files->allocator, files->list, capacity, sizeof *moved);
    if (!moved) {
      sld__free(files->allocator, path);
      return sld__fail_memory(err);
    }
    files->list = moved;
    files->capacity = capacity;
  }
  files->list[files->count++] = (sld__file){ path, store };
  return SLD_OK;
}

/* Whether `folder` itself is a column store; `*out` is false when memory runs out. */
static sld_status is_store(bool *out, const sld_allocator *a, const char *folder, sld_error *err) {
  char *description = sld__os_join(a, folder, SLD__STORE_DESCRIPTION);
  *out = description && sld__os_is_file(description);
  sld__free(a, description);
  return description ? SLD_OK : sld__fail_memory(err);
}

/* A folder called after an instrument, or by the number of a year, month or day. */
static bool holds_data(const sld__files *files, const char *name) {
  const sld_instrument *instrument;
  size_t digits = strspn(name, "0123456789");
  if (name[digits] == '\0' && digits >= 1 && digits <= 4) return true;
  return sld__instrument_in_text(files->own, &instrument, name, strlen(name)) == 1 && strlen(instrument->pair) == strlen(name);
}

static sld_status find_in(sld__files *files, const char *folder, sld_error *err);

/* One entry of a folder. Takes `path`, also on failure. */
static sld_status find_entry(sld__files *files, char *path, const char *name, sld_error *err) {
  bool folder = sld__os_is_dir(path);
  bool store = false;
  if (!folder && is_data(path)) return add(files, path, false, err);
  sld_status status = folder ? is_store(&store, files->allocator, path, err) : SLD_OK;
  if (status == SLD_OK && folder && (store || holds_data(files, name))) status = find_in(files, path, err);
  sld__free(files->allocator, path);
  return status;
}

/* What the description of a file says of its asks, as a path, or NULL. What is wrong with a description is said when the file is read. */
static char *asks_of(const sld__files *files, const char *path) {
  sld__description description = { .file = NULL };
  char *asks = NULL;
  if (sld__files_describe(&description, files->allocator, files->own, path, NULL) == SLD_OK && description.told.ask) asks = sld__files_beside(files->allocator, path, description.told.ask);
  sld__description_fini(&description);
  return asks;
}

/* Takes files that hold another one's asks off the list, from `first` on. */
static void leave_out_asks(sld__files *files, size_t first) {
  for (size_t i = first; i < files->count; i++) {
    char *asks = files->list[i].store ? NULL : asks_of(files, files->list[i].path);
    for (size_t k = first; asks && k < files->count; k++) {
      if (k == i || strcmp(files->list[k].path, asks) != 0) continue;
      sld__free(files->allocator, files->list[k].path);
      memmove(files->list + k, files->list + k + 1, (files->count - k - 1) * sizeof *files->list);
      files->count--;
      i -= k < i;
      break;
    }
    sld__free(files->allocator, asks);
  }
}

static sld_status find_in(sld__files *files, const char *folder, sld_error *err) {
  const sld_allocator *a = files->allocator;
  bool store;
  size_t first = files->count;
  sld_status status = is_store(&store, a, folder, err);
  if (status == SLD_OK && store) {
    char *path = sld__strndup(a, folder, strlen(folder));
    return path ? add(files, path, true, err) : sld__fail_memory(err);
  }
  struct sld__names entries;
  if (status == SLD_OK) status = sld__os_list_dir(&entries, folder, a, err);
  if (status != SLD_OK) return status;
  for (size_t i = 0; status == SLD_OK && i < entries.count; i++) {
    char *entry = sld__os_join(a, folder, entries.names[i]);
    status = entry ? find_entry(files, entry, entries.names[i], err) : sld__fail_memory(err);
  }
  sld__os_names_free(&entries);
  if (status == SLD_OK) leave_out_asks(files, first);
  return status;
}

sld_status sld__files_find(sld__files *files, const char *path, sld_error *err) {
  if (sld__os_is_dir(path)) return find_in(files, path, err);
  char *copy = sld__strndup(files->allocator, path, strlen(path));
  return copy ? add(files, copy, false, err) : sld__fail_memory(err);
}

/* "a.txt, old/ and 3 more"; names of folders end in a slash. */
static sld_status list_entries(char *text, size_t size, const char *folder, const struct sld__names *entries, const sld_allocator *a, sld_error *err) {
  size_t used = 0;
  size_t shown = entries->count <= SHOWN ? entries->count : SHOWN - 1;
  for (size_t i = 0; i < shown; i++) {
    char *path = sld__os_join(a, folder, entries->names[i]);
    if (!path) return sld__fail_memory(err);
    const char *between = i == 0 ? "" : i + 1 == entries->count ? " and " : ", ";
    used += (size_t)snprintf(text + used, size - used, "%s%.*s%s", between, NAME_MOST, entries->names[i], sld__os_is_dir(path) ? "/" : "");
    sld__free(a, path);
  }
  if (shown < entries->count) snprintf(text + used, size - used, " and %zu more", entries->count - shown);
  return SLD_OK;
}

sld_status sld__files_none(const char *folder, const sld_allocator *a, sld_error *err) {
  static const char wanted[] = "no files that end in .csv, .csv.gz, .zip or .bi5, no column store, and no folder of them that is called after an instrument or by a number";
  struct sld__names entries;
  char found[(SHOWN + 1) * (NAME_MOST + 8)];
  sld_status status = sld__os_list_dir(&entries, folder, a, err);
  if (status != SLD_OK) return status;
  if (entries.count > 0) status = list_entries(found, sizeof found, folder, &entries, a, err);
  if (status == SLD_OK && entries.count > 0) status = sld__fail_at(err, SLD_EPARSE, folder, 0, 0, "%s; the folder holds %s", wanted, found);
  else if (status == SLD_OK) status = sld__fail_at(err, SLD_EPARSE, folder, 0, 0, "the folder is empty");
  sld__os_names_free(&entries);
  return status;
}

void sld__files_fini(sld__files *files) {
  for (size_t i = 0; i < files->count; i++) sld__free(files->allocator, files->list[i].path);
  sld__free(files->allocator, files->list);
  *files = (sld__files){ .allocator = files->allocator, .own = files->own };
}
