/* A short list under a lock, the block that was given last at its end. */
#include "base/spare.h"

#include "base/alloc.h"
#include "base/error.h"

#include <pthread.h>
#include <string.h>

enum { BLOCKS = 64 };

typedef struct block {
  double *values;
  size_t count;
} block;

struct sld__spare {
  sld_allocator allocator;
  pthread_mutex_t lock;
  block blocks[BLOCKS]; /* [used], guarded by lock as are the next two */
  size_t used;
  size_t kept;          /* numbers */
  size_t budget;        /* numbers */
};

sld_status sld__spare_new(sld__spare **out, const sld_allocator *a, size_t budget, sld_error *err) {
  sld__spare *spare = sld__alloc_zero(a, 1, sizeof *spare);
  if (!spare || pthread_mutex_init(&spare->lock, NULL) != 0) {
    sld__free(a, spare);
    return sld__fail_memory(err);
  }
  spare->allocator = *a;
  spare->budget = budget / sizeof(double);
  *out = spare;
  return SLD_OK;
}

/* Takes block i out of the list. */
static double *take_out(sld__spare *spare, size_t i) {
  double *values = spare->blocks[i].values;
  spare->kept -= spare->blocks[i].count;
  spare->used--;
  memmove(&spare->blocks[i], &spare->blocks[i + 1], (spare->used - i) * sizeof *spare->blocks);
  return values;
}

void sld__spare_free(sld__spare *spare) {
  if (!spare) return;
  sld_allocator a = spare->allocator;
  while (spare->used > 0) sld__free(&a, take_out(spare, spare->used - 1));
  pthread_mutex_destroy(&spare->lock);
  sld__free(&a, spare);
}

static double *find(sld__spare *spare, size_t count) {
  double *values = NULL;
  pthread_mutex_lock(&spare->lock);
  for (size_t i = spare->used; i-- > 0 && !values;)
    if (spare->blocks[i].count == count) values = take_out(spare, i);
  pthread_mutex_unlock(&spare->lock);
  return values;
}

double *sld__spare_take(sld__spare *spare, const sld_allocator *a, size_t count) {
  double *values = spare && count >= SLD__SPARE_LEAST ? find(spare, count) : NULL;
  return values ? values : sld__alloc(a, count, sizeof *values);
}

static void keep(sld__spare *spare, double *values, size_t count) {
  pthread_mutex_lock(&spare->lock);
  while (spare->used == BLOCKS || spare->kept + count > spare->budget) sld__free(&spare->allocator, take_out(spare, 0));
  spare->blocks[spare->used++] = (block){ values, count };
  spare->kept += count;
  pthread_mutex_unlock(&spare->lock);
}

void sld__spare_give(sld__spare *spare, const sld_allocator *a, double *values, size_t count) {
  if (spare && values && count >= SLD__SPARE_LEAST && count <= spare->budget) keep(spare, values, count);
  else sld__free(a, values);
}
