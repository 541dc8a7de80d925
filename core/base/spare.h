/* Long blocks of numbers that nobody is using: what one run gives back the next one takes.
 *
 * An allocator hands a block of many megabytes back to the kernel, which clears its pages anew for whoever asks next: for a job over millions of bars
 * that takes as long as an indicator. So blocks from SLD__SPARE_LEAST on are kept here up to a budget of bytes, and what was given longest ago goes first. A block
 * is taken where it has the very size that is asked for, as the columns of runs over the same bars have.
 *
 * Take and give may be called from any thread, new and free belong to one. A spare of NULL keeps nothing. */
#ifndef SLD_BASE_SPARE_H
#define SLD_BASE_SPARE_H

#include <sliders.h>

/* Numbers in the shortest block that is kept. */
enum { SLD__SPARE_LEAST = 1 << 17 };

typedef struct sld__spare sld__spare;

/* budget: bytes to keep. `a` is copied and must be thread-safe. ENOMEM. */
sld_status sld__spare_new(sld__spare **out, const sld_allocator *a, size_t budget, sld_error *err);

/* Frees what is kept. NULL is fine. */
void sld__spare_free(sld__spare *spare);

/* Room for `count` numbers, from the spare or else from `a`, which must be the spare's. What stands in it is anything. NULL: no memory. */
double *sld__spare_take(sld__spare *spare, const sld_allocator *a, size_t count);

/* Gives back what was taken with this count. Can't fail; NULL values are fine. */
void sld__spare_give(sld__spare *spare, const sld_allocator *a, double *values, size_t count);

#endif
