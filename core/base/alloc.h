/* Memory through the host's allocator hook, so that a test can fail the k-th allocation. */
#ifndef SLD_BASE_ALLOC_H
#define SLD_BASE_ALLOC_H

#include <sliders.h>

/* malloc and free behind the hook's signature. */
sld_allocator sld__alloc_default(void);

/* NULL when out of memory, or when count * size overflows. A request of 0 bytes yields a block of one byte. */
void *sld__alloc(const sld_allocator *a, size_t count, size_t size);

/* The same, zeroed. */
void *sld__alloc_zero(const sld_allocator *a, size_t count, size_t size);

/* Moves `ptr` to count * size bytes; on NULL the old block stays valid. */
void *sld__realloc(const sld_allocator *a, void *ptr, size_t count, size_t size);

/* NULL is fine. */
void sld__free(const sld_allocator *a, void *ptr);

/* A terminated copy of text[size]. */
char *sld__strndup(const sld_allocator *a, const char *text, size_t size);

#endif
