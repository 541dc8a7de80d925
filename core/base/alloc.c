/* Memory through the host's allocator hook. */
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static void *resize_default(void *ud, void *ptr, size_t size) {
  (void)ud;
  if (size == 0) {
    free(ptr);
    return NULL;
  }
  return realloc(ptr, size);
}

sld_allocator sld__alloc_default(void) {
  return (sld_allocator){ resize_default, NULL };
}

void *sld__realloc(const sld_allocator *a, void *ptr, size_t count, size_t size) {
  if (size != 0 && count > SIZE_MAX / size) return NULL;
  size_t bytes = count * size;
  return a->resize(a->ud, ptr, bytes ? bytes : 1);
}

void *sld__alloc(const sld_allocator *a, size_t count, size_t size) {
  return sld__realloc(a, NULL, count, size);
}

void *sld__alloc_zero(const sld_allocator *a, size_t count, size_t size) {
  void *block = sld__realloc(a, NULL, count, size);
  if (block) memset(block, 0, count * size);
  return block;
}

void sld__free(const sld_allocator *a, void *ptr) {
  if (ptr) a->resize(a->ud, ptr, 0);
}

char *sld__strndup(const sld_allocator *a, const char *text, size_t size) {
  char *copy = sld__alloc(a, size + 1, 1);
  if (!copy) return NULL;
  memcpy(copy, text, size);
  copy[size] = '\0';
  return copy;
}
