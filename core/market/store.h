/* The column store: one folder for the bars of a pair and period, which NumPy and sliders open without a copy.
 *
 *   EURUSD/1d/description.json     what the bars are, and which generation holds them
 *   EURUSD/1d/g000001/time.npy     int64, ns UTC of the opens
 *   EURUSD/1d/g000001/open.npy     float64; likewise high, low, close, and volume where there is one
 *   EURUSD/1d/g000001/ask_open.npy likewise, and ask_high, ask_low, ask_close, where both sides are there
 *
 * One-price data have close alone, with both sides close and ask_close. Ticks are in the folder `ticks`. Columns go into a new generation folder and
 * are synced; then the description is renamed over the old one, which commits. A reader therefore sees the bars of before or of after, never a
 * mixture. The generation of before stays for a reader that has just read the old description; those before that are removed, and who has mapped
 * them keeps what is mapped. Writing what is stored already changes nothing. Writers of a store wait for each other (sld__store_hold). What a writer that was killed
 * has left is a generation that no description names, or a file that ends in .new: nobody reads it, and the next writer of the pair removes it. */
#ifndef SLD_MARKET_STORE_H
#define SLD_MARKET_STORE_H

#include "market/market.h"

#define SLD__STORE_DESCRIPTION "description.json"

/* A store that nobody else writes to. */
typedef struct sld__held {
  const sld_allocator *allocator; /* borrowed */
  struct sld__lock lock;
  char *folder; /* owned; NULL: not held */
  size_t kept;  /* length of the front part of `folder` that was there before */
} sld__held;

/* Makes the store's folder where missing and waits until no other writer, here or in another process, holds it. EIO; ENOMEM. On failure *out is fit for
 * release. */
sld_status sld__store_hold(sld__held *out, const char *folder, const sld_allocator *a, sld_error *err);

/* Folders that were made for it and are empty are removed. Not held is fine. */
void sld__store_release(sld__held *held);

/* Writes `series` to folder/PAIR/PERIOD, folders made where missing, in two halves, for several series that are to appear together: staging writes the columns, which
 * takes long and may fail; committing puts a small file into place. Where the same is stored already, nothing is written. The caller holds the store. `series` must
 * outlive the staged one. EIO; ENOMEM. On failure nothing new is left on the disk, and what was stored before is as it was. */
typedef struct sld__staged sld__staged;
sld_status sld__store_stage(sld__staged **out, const sld__series *series, const char *folder, sld_error *err);
sld_status sld__store_commit(sld__staged *staged, sld_error *err);

/* Frees, and takes back what was not committed: of several the last first, for the folders that they share. NULL is fine. */
void sld__store_unstage(sld__staged *staged);

/* Writes series[count] so that they appear together: where one cannot be written, none is. Should the disk fail at the very end, every one is as it was
 * before or as it is now. The caller holds the store. */
sld_status sld__store_write_all(const sld__series *const *series, size_t count, const char *folder, sld_error *err);

/* Maps the bars of one folder (that holds a description) and appends them to `intake`. All bars are looked at once.
 * EIO: a file is missing; EPARSE: a description or column that is none; ENAME: an unknown pair; EVALUE: bars that break the rules of
 * series.h, with column and index; ENOMEM. */
sld_status sld__store_open(sld__intake *intake, const char *folder, sld_error *err);

#endif
