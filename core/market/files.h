/* Which files a path stands for. */
#ifndef SLD_MARKET_FILES_H
#define SLD_MARKET_FILES_H

#include "market/description.h"

typedef struct sld__file {
  char *path;
  bool store; /* a folder that is a column store */
} sld__file;

typedef struct sld__files {
  const sld_allocator *allocator; /* borrowed */
  const sld__instruments *own;
  sld__file *list; /* [count] */
  size_t count;
  size_t capacity;
} sld__files;

/* Lists the file `path`, or what folder `path` holds in order of name: data files (.csv, .csv.gz, .zip, .bi5), column stores, and the same in
 * folders that are called after an instrument or by a number, as years, months and days are. What a description names as the asks of another file is left out.
 * EIO; ENOMEM. Fit for fini on failure. */
sld_status sld__files_find(sld__files *files, const char *path, sld_error *err);

/* The error of a folder in which nothing was found: what was looked for, and what is there instead. Returns EPARSE, or ENOMEM. */
sld_status sld__files_none(const char *folder, const sld_allocator *a, sld_error *err);

void sld__files_fini(sld__files *files);

/* Reads the description beside a data file: NAME.json for NAME.csv, NAME.csv.gz and the like. Without one `out` stays as it is. */
sld_status sld__files_describe(sld__description *out, const sld_allocator *a, const sld__instruments *own, const char *path, sld_error *err);

/* The length of `path` without the extension of its last part, nor that under .gz. */
size_t sld__files_stem(const char *path);

/* `name` as a file beside `path`; NULL when out of memory. */
char *sld__files_beside(const sld_allocator *a, const char *path, const char *name);

/* Whether path ends in `ending`, in either case. */
bool sld__files_end(const char *path, const char *ending);

#endif
