/* Files on their way into a column store.
 *
 * What files hold is joined by pair and period (join.h), with each other and with what is stored, and then written at once: the store has all of it or is
 * as it was before. Importing the same once more changes nothing. */
#ifndef SLD_MARKET_IMPORT_H
#define SLD_MARKET_IMPORT_H

#include "market/load.h"
#include "market/market.h"
#include "market/report.h"
#include "market/resample.h"

typedef struct sld__import {
  const sld_allocator *allocator; /* borrowed, as all that is told below */
  sld__reading how;
  const sld__resampling *frame;   /* NULL: bars as they are */
  const char *store;
  sld__files files;               /* to be read, */
  size_t read;                    /* and how many of them are */
  sld__harvest harvest;           /* of the files that were read */
  sld__intake kept;               /* series whose instruments are those of pieces: from stores among the files, */
  sld__intake made;               /* and longer bars */
  sld_load_report report;
  sld_import_series *done;        /* [done_count] what was stored */
  size_t done_count;
} sld__import;

/* Adds the files that `path` stands for. Errors as sld__files_find; EPARSE: there are none. */
sld_status sld__import_find(sld__import *import, const char *path, sld_error *err);

/* Reads at most `count` more files. Errors as sld__load_files; then the import is of no more use. */
sld_status sld__import_read(sld__import *import, size_t count, sld_error *err);

/* Joins and stores. EVALUE: other values for a time than in another file or the store; EINVAL: bars that do not fit the time frame; EIO; ENOMEM. On
 * failure the store is as it was. */
sld_status sld__import_commit(sld__import *import, sld_error *err);

/* Frees what was read. */
void sld__import_fini(sld__import *import);

#endif
