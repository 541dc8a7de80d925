/* The loaded pairs, in order of name, and of one pair the shorter bars first. Filled by one thread, then shared read-only by all workers.
 *
 * A pair may be there in several periods. What a run works on, view.h, has every pair once. */
#ifndef SLD_MARKET_MARKET_H
#define SLD_MARKET_MARKET_H

#include "market/instrument.h"
#include "market/rates.h"
#include "market/series.h"

struct sld__parallel;

typedef struct sld__market sld__market;

/* An empty market whose memory all comes from a copy of `a`. ENOMEM. */
sld_status sld__market_new(sld__market **out, const sld_allocator *a, sld_error *err);

/* Frees the market and its series. NULL is fine. */
void sld__market_free(sld__market *market);

/* Loads a data file (text of any dialect, plain, in gzip or in a zip archive; or .bi5), a column store (store.h), or a folder of these in order of
 * name. EIO: missing or unreadable; EPARSE with file, line and column; ENAME: a column or file that names no known instrument;
 * EVALUE: a pair that is loaded already in that period, or impossible prices. On failure nothing of this path is added. */
sld_status sld__market_load(sld__market *market, const char *path, sld_error *err);

/* The same with what the caller tells, several files and parts of files at once, and a report. `options`, `parallel` and `report` may be NULL; the
 * report is written only on SLD_OK. EINVAL, ENAME with "options.zone" and the like. */
sld_status sld__market_load_with(sld__market *market, const char *path, const sld_load_options *options, const struct sld__parallel *parallel, sld_load_report **report, sld_error *err);

/* The same of several paths, as if the files of all lay in one folder, in this order. */
sld_status sld__market_load_paths(sld__market *market, const char *const *paths, size_t count, const sld_load_options *options, const struct sld__parallel *parallel, sld_load_report **report, sld_error *err);

/* Adds one pair by copying its columns. ENAME; EINVAL: no bars or columns missing; EVALUE with "bars.close[17]" in `file`. */
sld_status sld__market_add(sld__market *market, const sld_bars *bars, sld_error *err);

/* Writes every pair to folder `path`/PAIR/PERIOD (store.h). EIO: nothing is stored, unless the disk fails at the very end, where every pair is as before or
 * as after. */
sld_status sld__market_save(const sld__market *market, const char *path, sld_error *err);

/* Reads declarations of instruments (declare.h), which hold for what is loaded afterwards. A file read later goes before those read earlier.
 * EVALUE: prices were loaded already; else as sld__declare_instruments. On failure nothing changes. */
sld_status sld__market_load_instruments(sld__market *market, const char *path, sld_error *err);

/* Reads short rates (rates.h). Errors as sld__rates_load. */
sld_status sld__market_load_rates(sld__market *market, const char *path, sld_error *err);

/* The short rates; views have those of their market. */
const sld__rates *sld__market_rates(const sld__market *market);

/* What was declared. */
const sld__instruments *sld__market_instruments(const sld__market *market);

size_t sld__market_count(const sld__market *market);

/* In order of pair name and period; NULL past the end. */
const sld__series *sld__market_at(const sld__market *market, size_t i);

/* NULL when the pair is not loaded; where it is there in several periods, the shortest. */
const sld__series *sld__market_find(const sld__market *market, const char *pair);

/* Hash of all pairs in 32 hexadecimal digits: equal for equal bars, whatever they were loaded from and in which order. */
void sld__market_hash(const sld__market *market, char hex[SLD__HASH_TEXT_SIZE]);

/* What the market's memory comes from. */
const sld_allocator *sld__market_allocator(const sld__market *market);

/* A list of series on its way into a market: readers append, and the market takes all of it or nothing. */
typedef struct sld__intake {
  const sld_allocator *allocator; /* borrowed */
  const sld__instruments *own;    /* what the market's user has declared, borrowed; NULL: nothing */
  sld__series **series;
  size_t count;
  size_t capacity;
} sld__intake;

/* Appends and takes ownership, also on failure (the series is then freed). `file` stands in the error when the intake holds the pair
 * already in that period: EVALUE. ENOMEM. */
sld_status sld__intake_add(sld__intake *intake, sld__series *series, const char *file, sld_error *err);

void sld__intake_fini(sld__intake *intake);

/* Moves the whole intake into the market. EVALUE, with `file`: a pair is there already in that period; ENOMEM. On failure nothing is moved. */
sld_status sld__market_take(sld__market *market, sld__intake *intake, const char *file, sld_error *err);

/* Gives an empty market what was declared in another, and its short rates; that one must outlive it. */
void sld__market_follow(sld__market *market, const sld__market *source);

/* Adds a series of another market, which must outlive this one and goes on to own it. ENOMEM. */
sld_status sld__market_borrow(sld__market *market, const sld__series *series, sld_error *err);

#endif
