/* 128-bit fingerprints of data, fed in parts: keys of jobs and caches. Not safe against somebody who wants a collision.
 *
 * Numbers go in as little-endian bytes and texts with their length, so that equal parts give equal digests on every machine and
 * ("ab", "c") differs from ("a", "bc"). A digest of plain sld__hash_add bytes is what `xxhsum -H128` prints.
 */
#ifndef SLD_BASE_HASH_H
#define SLD_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { SLD__HASH_TEXT_SIZE = 33 }; /* 32 hex digits and the terminator */

/* On the stack or inside any object; not to be copied or moved once initialised. Owns nothing. */
struct sld__hash {
  unsigned char state[704];
};

void sld__hash_init(struct sld__hash *hash);
void sld__hash_add(struct sld__hash *hash, const void *bytes, size_t size);
void sld__hash_add_text(struct sld__hash *hash, const char *text);
void sld__hash_add_integer(struct sld__hash *hash, int64_t value);

/* The bits of `value`; every NaN counts as one, -0 differs from 0. */
void sld__hash_add_number(struct sld__hash *hash, double value);

/* The digest of all so far, as high and low half. More may be added afterwards. */
void sld__hash_digest(const struct sld__hash *hash, uint64_t out[2]);

/* The same as 32 lower-case hex digits in out[SLD__HASH_TEXT_SIZE], terminated. */
void sld__hash_text(const struct sld__hash *hash, char *out);

/* A digest in these digits. */
void sld__digest_text(const uint64_t digest[2], char *out);

#endif
