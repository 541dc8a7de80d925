/* XXH3's 128-bit variant. */
#include "base/hash.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define XXH_STATIC_LINKING_ONLY /* the size of its state */
#include <xxhash.h>

enum { ALIGNMENT = 64 };

_Static_assert(sizeof(XXH3_state_t) + ALIGNMENT <= sizeof(struct sld__hash), "struct sld__hash holds an aligned XXH3 state");

/* XXH3 wants 64-byte alignment, more than an allocator promises: the state lies at the first such address inside. */
static XXH3_state_t *aligned(const struct sld__hash *hash) {
  uintptr_t at = ((uintptr_t)hash->state + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1);
  return (XXH3_state_t *)at;
}

void sld__hash_init(struct sld__hash *hash) {
  XXH3_state_t *state = aligned(hash);
  XXH3_INITSTATE(state);
  XXH3_128bits_reset(state);
}

void sld__hash_add(struct sld__hash *hash, const void *bytes, size_t size) {
  if (size > 0) XXH3_128bits_update(aligned(hash), bytes, size);
}

static void add_word(struct sld__hash *hash, uint64_t word) {
  unsigned char bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = (unsigned char)(word >> (8 * i));
  sld__hash_add(hash, bytes, sizeof bytes);
}

void sld__hash_add_text(struct sld__hash *hash, const char *text) {
  size_t size = strlen(text);
  add_word(hash, size);
  sld__hash_add(hash, text, size);
}

void sld__hash_add_integer(struct sld__hash *hash, int64_t value) {
  add_word(hash, (uint64_t)value);
}

void sld__hash_add_number(struct sld__hash *hash, double value) {
  uint64_t bits = 0x7FF8000000000000u;
  if (!isnan(value)) memcpy(&bits, &value, sizeof bits);
  add_word(hash, bits);
}

void sld__hash_digest(const struct sld__hash *hash, uint64_t out[2]) {
  XXH128_hash_t digest = XXH3_128bits_digest(aligned(hash));
  out[0] = digest.high64;
  out[1] = digest.low64;
}

void sld__hash_text(const struct sld__hash *hash, char *out) {
  uint64_t digest[2];
  sld__hash_digest(hash, digest);
  sld__digest_text(digest, out);
}

void sld__digest_text(const uint64_t digest[2], char *out) {
  snprintf(out, SLD__HASH_TEXT_SIZE, "%016llx%016llx", (unsigned long long)digest[0], (unsigned long long)digest[1]);
}
