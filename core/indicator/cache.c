/* The column cache: a chained hash table and a list of unused entries under one lock. Operations are a few per job and short; values are
 * computed outside the lock. */
#include "indicator/cache.h"

#include "base/alloc.h"
#include "base/cond.h"
#include "base/error.h"

#include <pthread.h>
#include <string.h>
#include <xxhash.h>

struct sld__cache_entry {
  sld__cache_key key;
  sld__cache_entry *chain;           /* next of the same slot */
  sld__cache_entry *older, *newer;   /* list of unused entries; meaningful while ready and uses == 0 */
  size_t uses;                       /* references, the builder's included */
  size_t count;                      /* values */
  bool ready;                        /* false: `values` belong to the builder */
  double *values;
};

/* Keys that have been asked for. More of them than this push each other out, and are then computed without the cache once more. */
enum { ASKED = 4096 };

/* Everything is guarded by `lock`, except the values. */
struct sld__cache {
  sld_allocator allocator;
  sld__spare *spare;
  pthread_mutex_t lock;
  sld__cond settled; /* an entry was published or abandoned */
  sld__cache_entry **slots;
  size_t slot_count; /* a power of two */
  sld__cache_entry *oldest, *newest;
  size_t budget;
  size_t unused; /* bytes of the unused entries */
  uint64_t asked[ASKED]; /* by the low bits of a key, its high half: the last key of these bits that was asked for. 0 is no key's in practice */
  sld__cache_figures figures;
};

enum { FIRST_SLOTS = 64 };

sld__cache_key sld__cache_key_of(const void *bytes, size_t size) {
  XXH128_hash_t hash = XXH3_128bits(bytes, size);
  return (sld__cache_key){ hash.low64, hash.high64 };
}

sld_status sld__cache_new(sld__cache **out, const sld_allocator *a, size_t budget, sld_error *err) {
  sld__cache *cache = sld__alloc_zero(a, 1, sizeof *cache);
  if (!cache) return sld__fail_memory(err);
  cache->allocator = *a;
  cache->budget = budget;
  cache->slot_count = FIRST_SLOTS;
  cache->slots = sld__alloc_zero(a, FIRST_SLOTS, sizeof(sld__cache_entry *));
  if (!cache->slots) goto fail;
  if (pthread_mutex_init(&cache->lock, NULL) != 0) goto fail;
  sld__cond_init(&cache->settled);
  *out = cache;
  return SLD_OK;
fail:
  sld__free(a, cache->slots);
  sld__free(a, cache);
  return sld__fail_memory(err);
}

void sld__cache_from(sld__cache *cache, sld__spare *spare) {
  cache->spare = spare;
}

/* ---- The table ---- */

static sld__cache_entry **slot_of(sld__cache *cache, sld__cache_key key) {
  return &cache->slots[key.low & (cache->slot_count - 1)];
}

static sld__cache_entry *look_up(sld__cache *cache, sld__cache_key key) {
  sld__cache_entry *entry = *slot_of(cache, key);
  while (entry && (entry->key.low != key.low || entry->key.high != key.high)) entry = entry->chain;
  return entry;
}

/* Doubles the slots where they are few; staying small is slower but fine. */
static void widen(sld__cache *cache) {
  if (cache->figures.entries < cache->slot_count) return;
  size_t count = cache->slot_count * 2;
  sld__cache_entry **slots = sld__alloc_zero(&cache->allocator, count, sizeof(sld__cache_entry *));
  if (!slots) return;
  sld__cache_entry **old = cache->slots;
  size_t old_count = cache->slot_count;
  cache->slots = slots;
  cache->slot_count = count;
  for (size_t i = 0; i < old_count; i++) {
    for (sld__cache_entry *entry = old[i], *next; entry; entry = next) {
      next = entry->chain;
      sld__cache_entry **slot = slot_of(cache, entry->key);
      entry->chain = *slot;
      *slot = entry;
    }
  }
  sld__free(&cache->allocator, old);
}

static void drop(sld__cache *cache, sld__cache_entry *entry) {
  sld__cache_entry **at = slot_of(cache, entry->key);
  while (*at != entry) at = &(*at)->chain;
  *at = entry->chain;
  cache->figures.entries--;
  cache->figures.bytes -= entry->count * sizeof(double);
  sld__spare_give(cache->spare, &cache->allocator, entry->values, entry->count);
  sld__free(&cache->allocator, entry);
}

/* ---- Unused entries, from the least recently used to the most ---- */

static void list_append(sld__cache *cache, sld__cache_entry *entry) {
  entry->older = cache->newest;
  entry->newer = NULL;
  if (cache->newest) cache->newest->newer = entry;
  else cache->oldest = entry;
  cache->newest = entry;
  cache->unused += entry->count * sizeof(double);
}

static void list_remove(sld__cache *cache, sld__cache_entry *entry) {
  if (entry->older) entry->older->newer = entry->newer;
  else cache->oldest = entry->newer;
  if (entry->newer) entry->newer->older = entry->older;
  else cache->newest = entry->older;
  cache->unused -= entry->count * sizeof(double);
}

/* Whether there is room for `bytes` more, made where necessary. Nothing is evicted in vain. */
static bool make_room(sld__cache *cache, size_t bytes) {
  size_t in_use = cache->figures.bytes - cache->unused;
  if (bytes > cache->budget || in_use > cache->budget - bytes) return false;
  while (cache->figures.bytes > cache->budget - bytes) {
    sld__cache_entry *entry = cache->oldest;
    list_remove(cache, entry);
    drop(cache, entry);
    cache->figures.evictions++;
  }
  return true;
}

static void take(sld__cache *cache, sld__cache_entry *entry) {
  if (entry->uses++ == 0) list_remove(cache, entry);
  cache->figures.hits++;
}

/* NULL: no room or no memory. */
static sld__cache_entry *insert(sld__cache *cache, sld__cache_key key, size_t count) {
  if (count > SIZE_MAX / sizeof(double) || !make_room(cache, count * sizeof(double))) return NULL;
  sld__cache_entry *entry = sld__alloc_zero(&cache->allocator, 1, sizeof *entry);
  if (!entry) return NULL;
  entry->values = sld__spare_take(cache->spare, &cache->allocator, count);
  if (!entry->values) {
    sld__free(&cache->allocator, entry);
    return NULL;
  }
  widen(cache);
  entry->key = key;
  entry->count = count;
  entry->uses = 1;
  sld__cache_entry **slot = slot_of(cache, key);
  entry->chain = *slot;
  *slot = entry;
  cache->figures.entries++;
  cache->figures.bytes += count * sizeof(double);
  return entry;
}

/* ---- Asking ---- */

sld__cache_entry *sld__cache_find(sld__cache *cache, sld__cache_key key) {
  pthread_mutex_lock(&cache->lock);
  sld__cache_entry *entry = look_up(cache, key);
  if (entry && !entry->ready) entry = NULL;
  if (entry) take(cache, entry);
  pthread_mutex_unlock(&cache->lock);
  return entry;
}

/* Whether `key` has been asked for before, as far as is remembered; it has been from now on. */
static bool asked_before(sld__cache *cache, sld__cache_key key) {
  uint64_t *last = &cache->asked[key.low % ASKED];
  if (*last == key.high) return true;
  *last = key.high;
  return false;
}

sld__cache_answer sld__cache_claim(sld__cache *cache, sld__cache_entry **out, sld__cache_key key, size_t count) {
  sld__cache_answer answer = SLD__CACHE_READY;
  pthread_mutex_lock(&cache->lock);
  sld__cache_entry *entry;
  while ((entry = look_up(cache, key)) && !entry->ready) sld__cond_wait(&cache->settled, &cache->lock);
  if (entry) {
    take(cache, entry);
  } else if (!asked_before(cache, key)) {
    answer = SLD__CACHE_EARLY;
    cache->figures.firsts++;
  } else if ((entry = insert(cache, key, count))) {
    answer = SLD__CACHE_CLAIMED;
    cache->figures.builds++;
  } else {
    answer = SLD__CACHE_FULL;
    cache->figures.refusals++;
  }
  pthread_mutex_unlock(&cache->lock);
  if (entry) *out = entry;
  return answer;
}

double *sld__cache_values(sld__cache_entry *entry) {
  return entry->values;
}

void sld__cache_publish(sld__cache *cache, sld__cache_entry *entry) {
  pthread_mutex_lock(&cache->lock);
  entry->ready = true;
  sld__cond_broadcast(&cache->settled);
  pthread_mutex_unlock(&cache->lock);
}

void sld__cache_abandon(sld__cache *cache, sld__cache_entry *entry) {
  pthread_mutex_lock(&cache->lock);
  drop(cache, entry);
  sld__cond_broadcast(&cache->settled);
  pthread_mutex_unlock(&cache->lock);
}

void sld__cache_release(sld__cache *cache, sld__cache_entry *entry) {
  pthread_mutex_lock(&cache->lock);
  if (--entry->uses == 0) list_append(cache, entry);
  pthread_mutex_unlock(&cache->lock);
}

sld__cache_figures sld__cache_count(sld__cache *cache) {
  pthread_mutex_lock(&cache->lock);
  sld__cache_figures figures = cache->figures;
  pthread_mutex_unlock(&cache->lock);
  return figures;
}

void sld__cache_free(sld__cache *cache) {
  if (!cache) return;
  while (cache->oldest) {
    sld__cache_entry *entry = cache->oldest;
    list_remove(cache, entry);
    drop(cache, entry);
  }
  pthread_mutex_destroy(&cache->lock);
  sld_allocator a = cache->allocator;
  sld__free(&a, cache->slots);
  sld__free(&a, cache);
}
