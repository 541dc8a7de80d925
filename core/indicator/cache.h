/* Columns shared by the jobs of a sweep: a map from what a column says to its values, with a budget of bytes.
 *
 * A column that is asked for once is not kept: the first asker computes it for itself, in whatever way is cheapest, and only a second asker is told
 * to compute it for all. Who asks meanwhile waits. Columns in use are reference-counted; those that nobody uses stay until
 * the budget wants their bytes, least recently used first. The cache never changes a result: it holds bits that any asker would compute.
 *
 * All functions may be called from any thread, except new and free. A claim's holder must not claim another column before it publishes. */
#ifndef SLD_INDICATOR_CACHE_H
#define SLD_INDICATOR_CACHE_H

#include <sliders.h>

#include "base/spare.h"

/* 128 bits of hash. */
typedef struct sld__cache_key {
  uint64_t low;
  uint64_t high;
} sld__cache_key;

/* The hash of `size` bytes. */
sld__cache_key sld__cache_key_of(const void *bytes, size_t size);

typedef struct sld__cache sld__cache;
typedef struct sld__cache_entry sld__cache_entry;

typedef enum sld__cache_answer {
  SLD__CACHE_READY,   /* the values are there: read them, then release */
  SLD__CACHE_CLAIMED, /* write the values, then publish and at last release; or abandon */
  SLD__CACHE_EARLY,   /* nobody has asked for it before: compute without the cache */
  SLD__CACHE_FULL     /* no room beside what is in use, or no memory: compute without the cache */
} sld__cache_answer;

typedef struct sld__cache_figures {
  size_t bytes;      /* held now */
  size_t entries;    /* held now */
  uint64_t hits;     /* READY answers and successful finds */
  uint64_t builds;   /* CLAIMED answers */
  uint64_t firsts;   /* EARLY answers */
  uint64_t refusals; /* FULL answers */
  uint64_t evictions;
} sld__cache_figures;

/* budget: bytes of values to hold, 0 for none. ENOMEM. `a` is copied and must be thread-safe. */
sld_status sld__cache_new(sld__cache **out, const sld_allocator *a, size_t budget, sld_error *err);

/* Has the values' memory come from `spare`, of the same allocator, which must outlive the cache; NULL: from the allocator. Call it right after new. */
void sld__cache_from(sld__cache *cache, sld__spare *spare);

/* Every entry must have been released or abandoned. NULL is fine. */
void sld__cache_free(sld__cache *cache);

/* The entry of `key` if its values are there, with one reference more; else NULL. Never waits. */
sld__cache_entry *sld__cache_find(sld__cache *cache, sld__cache_key key);

/* Asks for `count` values under `key`, waiting while another thread computes them. *entry is written where READY or CLAIMED.
 * The same key must always come with the same count. */
sld__cache_answer sld__cache_claim(sld__cache *cache, sld__cache_entry **entry, sld__cache_key key, size_t count);

/* The values: writable by the claim's holder until it publishes, read-only for everybody afterwards. */
double *sld__cache_values(sld__cache_entry *entry);

/* Makes a claimed entry's values visible to all; the holder keeps its reference. */
void sld__cache_publish(sld__cache *cache, sld__cache_entry *entry);

/* Gives a claim up: the entry is gone, and one who waits for it gets the claim. */
void sld__cache_abandon(sld__cache *cache, sld__cache_entry *entry);

/* Gives one reference back. */
void sld__cache_release(sld__cache *cache, sld__cache_entry *entry);

/* A consistent reading. */
sld__cache_figures sld__cache_count(sld__cache *cache);

#endif
