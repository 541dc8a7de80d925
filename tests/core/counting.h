/* An allocator for tests of whole hosts: it counts what they hold, refuses from the k-th request on, and caps the whole. Any thread may call it. */
#ifndef TESTS_COUNTING_H
#define TESTS_COUNTING_H

#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

typedef struct counter {
  pthread_mutex_t lock; /* of all below */
  size_t requests, refuse, blocks, bytes, peak, cap;
} counter;

typedef union counted { size_t size; max_align_t align; } counted;

static inline void *count(void *ud, void *ptr, size_t size) {
  counter *c = ud;
  counted *old = ptr ? (counted *)ptr - 1 : NULL, *block = NULL;
  size_t before = old ? old->size : 0;
  pthread_mutex_lock(&c->lock);
  if (size == 0) {
    if (old) c->blocks--;
    c->bytes -= before;
    free(old);
  } else if (!(c->refuse && ++c->requests >= c->refuse) && !(c->cap && c->bytes - before + size > c->cap)) {
    block = realloc(old, sizeof *block + size);
    assert_non_null(block);
    block->size = size;
    if (!old) c->blocks++;
    c->bytes += size - before;
    if (c->bytes > c->peak) c->peak = c->bytes;
  }
  pthread_mutex_unlock(&c->lock);
  return block ? block + 1 : NULL;
}

#endif
