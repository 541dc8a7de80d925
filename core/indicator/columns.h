/* The column expressions of one job over one view (the bars of one pair from a start on): what `init` and `signal` build.
 *
 * A column is a small id. Expressions are made once: asking for an equal expression gives the equal ids. Nothing is computed until asked for:
 * either a column as a whole (materialise), or block by block (stream), where the columns in between live in scratch memory of a few KB.
 * Which way, in what order and through which cache a column was computed never changes its bits.
 *
 * Beside its own rows a set may know other clocks, frames: the finished periods of a higher time frame, say. A frame has rows of its own, and
 * for each row of the set the frame's last row that is known by then. Columns of one frame are computed with on its own rows; where columns of
 * two clocks meet, those of a frame are joined first: each row of the set has the value of the frame's last known row.
 *
 * One thread at a time. Ids are valid until the next reset. */
#ifndef SLD_INDICATOR_COLUMNS_H
#define SLD_INDICATOR_COLUMNS_H

#include "indicator/cache.h"
#include "indicator/kernel.h"

enum {
  SLD__COLUMNS_MAX = 250,   /* columns of a job: bases, constants and every output of a kernel */
  SLD__COLUMNS_BLOCK = 512,  /* most rows in a block of a stream */
  SLD__FRAMES_MAX = 64       /* clocks of a job, its own included, which is frame 0 */
};

typedef struct sld__columns sld__columns;

/* An empty set over `rows` rows. ENOMEM. */
sld_status sld__columns_new(sld__columns **out, const sld_allocator *a, size_t rows, sld_error *err);
void sld__columns_free(sld__columns *c);

/* Forgets every column, ends the stream, detaches the cache, and keeps the memory for the next job. Can't fail. */
void sld__columns_reset(sld__columns *c, size_t rows);

/* Lets the dear columns (sld__kernel.dear) of this job be shared with other jobs through `cache`, which must outlive this set or its next
 * reset; NULL: share nothing. Only columns all of whose bases have names are shared. Call it right after new or reset.
 *   view  hash of pair, time frame, first and last row: equal only where every name stands for equal values */
void sld__columns_share(sld__columns *c, sld__cache *cache, sld__cache_key view);

/* Has the memory of whole columns come from `spare`, of the same allocator; NULL: from the allocator. It must outlive the set. Call it right after new. */
void sld__columns_from(sld__columns *c, sld__spare *spare);

size_t sld__columns_rows(const sld__columns *c);

/* Rows of a column's frame. */
size_t sld__columns_rows_of(const sld__columns *c, int id);

/* ---- Making columns. Beyond SLD__COLUMNS_MAX columns all answer ERANGE, and no column is made. ---- */

/* values[rows], borrowed until reset, taken as valid from row 0 (NaN among them are gaps). The same pointer gives the same id.
 *   name  what other jobs of the same view call it ("close"), read during the call; NULL: this job's own */
sld_status sld__columns_base(sld__columns *c, int *id, const double *values, const char *name, sld_error *err);

/* The caller's word that base column `id` holds finite values only: nobody looks for gaps then. */
void sld__columns_finite(sld__columns *c, int id);

/* A clock of `rows` rows; more than the set has where several are known at one of its rows, as ticks of one instant are.
 *   last  [rows of the set], borrowed until reset: the frame's last row known at that row; -1 where there is none, never falling
 *   name  tells it from other frames of the same view ("1d ny"), read during the call
 * The same pointer gives the same frame. ERANGE beyond SLD__FRAMES_MAX. */
sld_status sld__columns_frame(sld__columns *c, int *at, const int32_t *last, size_t rows, const char *name, sld_error *err);

/* As sld__columns_base, with values[rows of the frame]. */
sld_status sld__columns_frame_base(sld__columns *c, int *id, int at, const double *values, const char *name, sld_error *err);

/* A column of `from`'s frame that was computed outside: values[rows of the frame], borrowed until reset, from row `first` of `from` on.
 *   how  what was done to `from`, as other jobs would say it ("hour Europe/Paris"), read during the call */
sld_status sld__columns_derived(sld__columns *c, int *id, int from, const double *values, const char *how, sld_error *err);

/* Column `id` as the set's own rows see it: joined where it is a frame's, else itself. NaN before the frame's first row is known. */
sld_status sld__columns_join(sld__columns *c, int *out, int id, sld_error *err);

/* The same value on every row. */
sld_status sld__columns_constant(sld__columns *c, int *id, double value, sld_error *err);

/* Applies kernel k to columns in[k->inputs] with opt[k->options] (copied). ids_out[k->outputs], written on SLD_OK only, are consecutive.
 * The result is of the inputs' frame where they have one in common (constants fit any), else of the set's own rows.
 * EINVAL: no such column; constants given to a kernel that takes none, or nothing but constants to one with history.
 * ERANGE: an option (the kernel's own words). */
sld_status sld__columns_apply(sld__columns *c, int *ids_out, const sld__kernel *k, const int *in, const double *opt, sld_error *err);

/* ---- Asking about columns; `id` must be one of this set ---- */

int sld__columns_count(const sld__columns *c);

/* The frame that a column belongs to; 0: the set's own rows. Constants belong to 0. */
int sld__columns_frame_of(const sld__columns *c, int id);

/* First row, of the column's own frame, past the lookbacks on the way from the bases; it may lie beyond the last row. */
size_t sld__columns_first(const sld__columns *c, int id);

/* The first row of the set at which all columns made so far are past their lookbacks. */
size_t sld__columns_warmup(const sld__columns *c);

/* What the column says, as a hash that depends neither on ids nor on the order of creation. An unnamed base counts by its address. */
sld__cache_key sld__columns_key(const sld__columns *c, int id);

/* ---- Values ---- */

/* The whole column: values[rows of its frame], borrowed until reset, computed once. ENOMEM; EINVAL: no such column; EBUSY: a stream is open. */
sld_status sld__columns_materialise(sld__columns *c, int id, const double **values, sld_error *err);

/* Opens the stream of a column's values from row 0 on; there is one, and an open one is closed first. ENOMEM; EINVAL: no such column. */
sld_status sld__columns_stream_open(sld__columns *c, int id, sld_error *err);

/* The next *n <= SLD__COLUMNS_BLOCK values, valid until the next call; NULL and *n = 0 behind the last, which closes the stream.
 * Can't fail. Columns may be made meanwhile. */
const double *sld__columns_stream_next(sld__columns *c, size_t *n);

/* Ends a stream before its end. Fine where none is open. */
void sld__columns_stream_close(sld__columns *c);

#endif
