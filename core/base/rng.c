/* xoshiro256** seeded through splitmix64. */
#include "base/rng.h"

static uint64_t rotate(uint64_t word, int bits) {
  return (word << bits) | (word >> (64 - bits));
}

uint64_t sld__splitmix64(uint64_t *state) {
  uint64_t word = *state += 0x9E3779B97F4A7C15u;
  word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
  word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
  return word ^ (word >> 31);
}

/* Each word of the state depends on both halves of the key; the rotation keeps equal halves from cancelling. */
void sld__rng_init(struct sld__rng *rng, uint64_t high, uint64_t low) {
  for (int i = 0; i < 4; ++i) rng->state[i] = sld__splitmix64(&low) ^ rotate(sld__splitmix64(&high), 17);
  if (!(rng->state[0] | rng->state[1] | rng->state[2] | rng->state[3])) rng->state[0] = 1; /* the one state that never leaves itself */
}

uint64_t sld__rng_bits(struct sld__rng *rng) {
  uint64_t *s = rng->state;
  uint64_t result = rotate(s[1] * 5, 7) * 9;
  uint64_t shifted = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= shifted;
  s[3] = rotate(s[3], 45);
  return result;
}

double sld__rng_uniform(struct sld__rng *rng) {
  return (double)(sld__rng_bits(rng) >> 11) * 0x1p-53;
}
