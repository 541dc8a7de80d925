/* A folder for one test's files, removed with all that is in it. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct scratch {
  char folder[256];
  char path[4][1024]; /* the last four that scratch_path made */
  int next;
};

/* 0 on success, so that a cmocka setup can return it. */
static inline int scratch_make(struct scratch *scratch) {
  const char *parent = getenv("TMPDIR");
  memset(scratch, 0, sizeof *scratch);
  snprintf(scratch->folder, sizeof scratch->folder, "%s/sliders-test-XXXXXX", parent && *parent ? parent : "/tmp");
  return mkdtemp(scratch->folder) ? 0 : -1;
}

/* "folder/name", valid until the fourth call after. */
static inline const char *scratch_path(struct scratch *scratch, const char *name) {
  char *path = scratch->path[scratch->next++ % 4];
  size_t length = strlen(scratch->folder);
  memcpy(path, scratch->folder, length);
  path[length] = '/';
  strncpy(path + length + 1, name, sizeof scratch->path[0] - length - 2);
  return path;
}

/* Writes text[size] as folder/name by the C library alone; returns the path. */
static inline const char *scratch_write(struct scratch *scratch, const char *name, const char *text, size_t size) {
  const char *path = scratch_path(scratch, name);
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(text, 1, size, file) != size || fclose(file) != 0) return NULL;
  return path;
}

static inline int scratch_remove_one(const char *path, const struct stat *info, int kind, struct FTW *where) {
  (void)info;
  (void)kind;
  (void)where;
  return remove(path);
}

static inline int scratch_remove(struct scratch *scratch) {
  return nftw(scratch->folder, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
