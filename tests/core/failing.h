/* An allocator for tests that refuses the k-th request and counts what is not given back. */
#ifndef TESTS_FAILING_H
#define TESTS_FAILING_H

#include <sliders.h>
#include <stdlib.h>

struct failing {
  size_t requests; /* so far */
  size_t refuse;   /* 1-based request that fails, and every later one; 0: none */
  size_t held;     /* blocks not freed yet */
};

static inline void *failing_resize(void *ud, void *ptr, size_t size) {
  struct failing *failing = ud;
  if (size == 0) {
    if (ptr) --failing->held;
    free(ptr);
    return NULL;
  }
  ++failing->requests;
  if (failing->refuse && failing->requests >= failing->refuse) return NULL;
  void *block = realloc(ptr, size);
  if (block && !ptr) ++failing->held;
  return block;
}

static inline sld_allocator failing_allocator(struct failing *failing) {
  return (sld_allocator){ failing_resize, failing };
}

#endif
