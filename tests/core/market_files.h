/* Files for the tests of the market: a folder of their own, and the shared test data where they are. */
#ifndef TESTS_MARKET_FILES_H
#define TESTS_MARKET_FILES_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/time.h"
#include "market/market.h"
#include "market/parallel.h"

enum { PATH_SIZE = 4096 };

/* Makes a new folder and writes its path. */
static inline void make_folder(char folder[PATH_SIZE]) {
  const char *parent = getenv("TMPDIR");
  snprintf(folder, PATH_SIZE, "%s/sliders-XXXXXX", parent && *parent ? parent : "/tmp");
  assert_non_null(mkdtemp(folder));
}

/* Removes a folder that make_folder made, with all that is in it. */
static inline void remove_folder(const char *folder) {
  char command[2 * PATH_SIZE + 16];
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  assert_int_equal(system(command), 0);
}

static inline void write_bytes(const char *folder, const char *name, const void *bytes, size_t size) {
  char path[2 * PATH_SIZE];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  remove(path); /* some file systems wait for the disk when a file is cut and written anew */
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

static inline void write_text(const char *folder, const char *name, const char *text) {
  write_bytes(folder, name, text, strlen(text));
}

/* A whole file, to be freed. */
static inline char *read_whole(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  long length = ftell(file);
  assert_true(length >= 0);
  rewind(file);
  char *bytes = malloc((size_t)length + 1);
  assert_non_null(bytes);
  assert_int_equal(fread(bytes, 1, (size_t)length, file), (size_t)length);
  fclose(file);
  *size = (size_t)length;
  return bytes;
}

/* The path of a file of the repository. */
static inline void source_path(char path[PATH_SIZE], const char *name) {
  const char *root = getenv("SLIDERS_SOURCE_DIR");
  snprintf(path, PATH_SIZE, "%s/%s", root ? root : ".", name);
}

/* The path of a file of the shared test data; skips the test where there is none, and fails it under CI. */
static inline void shared_path(char path[PATH_SIZE], const char *name) {
  const char *shared = getenv("SLIDERS_SHARED");
  const char *root = getenv("SLIDERS_SOURCE_DIR");
  if (shared) snprintf(path, PATH_SIZE, "%s/%s", shared, name);
  else snprintf(path, PATH_SIZE, "%s/../shared/%s", root ? root : ".", name);
  if (access(path, R_OK) == 0) return;
  const char *ci = getenv("CI");
  print_message("no test data at %s\n", path);
  if (ci && strcmp(ci, "true") == 0) fail();
  skip();
}

static inline sld__market *new_market(void) {
  sld_allocator a = sld__alloc_default();
  sld__market *market;
  assert_int_equal(sld__market_new(&market, &a, NULL), SLD_OK);
  return market;
}

/* Loads folder/name, which must succeed. */
static inline sld__market *loaded(const char *folder, const char *name) {
  char path[2 * PATH_SIZE];
  sld_error err = { .status = SLD_OK };
  sld__market *market = new_market();
  snprintf(path, sizeof path, "%s/%s", folder, name);
  sld_status status = sld__market_load(market, path, &err);
  if (status != SLD_OK) print_error("%s:%lld:%lld: %s\n", err.file, (long long)err.line, (long long)err.column, err.message);
  assert_int_equal(status, SLD_OK);
  return market;
}

/* Loads the file at `path` as options tell; the report is to be freed. */
static inline sld__market *loaded_with(const char *path, const sld_load_options *options, sld_load_report **report) {
  sld_error err = { .status = SLD_OK };
  sld__market *market = new_market();
  sld_status status = sld__market_load_with(market, path, options, NULL, report, &err);
  if (status != SLD_OK) print_error("%s:%lld:%lld: %s\n", err.file, (long long)err.line, (long long)err.column, err.message);
  assert_int_equal(status, SLD_OK);
  return market;
}

/* Loads the file at `path` as options tell, which must fail and add nothing; fills `err`. */
static inline void refused_with(const char *path, const sld_load_options *options, sld_error *err) {
  sld_load_report *report = NULL;
  sld__market *market = new_market();
  sld_status status = sld__market_load_with(market, path, options, NULL, &report, err);
  if (status == SLD_OK) print_error("%s was accepted\n", path);
  assert_int_not_equal(status, SLD_OK);
  assert_int_equal(status, err->status);
  assert_null(report);
  assert_int_equal(sld__market_count(market), 0);
  sld__market_free(market);
}

/* Loads folder/name, which must fail and add nothing; fills `err`. */
static inline void refused(const char *folder, const char *name, sld_error *err) {
  char path[2 * PATH_SIZE];
  sld__market *market = new_market();
  snprintf(path, sizeof path, "%s/%s", folder, name);
  sld_status status = sld__market_load(market, path, err);
  if (status == SLD_OK) print_error("%s was accepted\n", name);
  assert_int_not_equal(status, SLD_OK);
  assert_int_equal(status, err->status);
  assert_int_equal(sld__market_count(market), 0);
  sld__market_free(market);
}

/* Loads `text` as folder/name, which must be refused at line:column of that file with exactly `message`. */
static inline void refused_at(const char *folder, const char *name, const char *text, size_t size, sld_status status, int line, int column, const char *message) {
  char path[2 * PATH_SIZE];
  sld_error err;
  write_bytes(folder, name, text, size);
  refused(folder, name, &err);
  snprintf(path, sizeof path, "%s/%s", folder, name);
  assert_string_equal(err.file, path);
  assert_string_equal(err.message, message);
  assert_int_equal(err.line, line);
  assert_int_equal(err.column, column);
  assert_int_equal(err.status, status);
}

#endif
