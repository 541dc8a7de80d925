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
  *rng = (struct sld__rng){ .key = { high, low } };
  for (int i = 0; i < 4; ++i) rng->state[i] = sld__splitmix64(&low) ^ rotate(sld__splitmix64(&high), 17);
  if (!(rng->state[0] | rng->state[1] | rng->state[2] | rng->state[3])) rng->state[0] = 1; /* the one state that never leaves itself */
}

/* The child's key is four rounds of the parent's and the index: index 0 is not the parent, nor is a child's child a sibling. */
void sld__rng_split(struct sld__rng *out, const struct sld__rng *parent, uint64_t index) {
  uint64_t state = parent->key[0] ^ 0x6A09E667F3BCC908u; /* sqrt(2): away from the words that seed the parent itself */
  uint64_t high = sld__splitmix64(&state);
  state = high ^ index;
  uint64_t low = sld__splitmix64(&state) ^ parent->key[1];
  state = low;
  low = sld__splitmix64(&state);
  state = high ^ rotate(low, 32);
  high = sld__splitmix64(&state);
  sld__rng_init(out, high, low);
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

/* Draws below 2^64 mod count are refused: what is left is a whole number of rounds. */
uint64_t sld__rng_below(struct sld__rng *rng, uint64_t count) {
  uint64_t refused = (0 - count) % count;
  uint64_t draw;
  do draw = sld__rng_bits(rng);
  while (draw < refused);
  return draw % count;
}

int64_t sld__rng_between(struct sld__rng *rng, int64_t low, int64_t high) {
  uint64_t width = (uint64_t)high - (uint64_t)low;
  uint64_t draw = width == UINT64_MAX ? sld__rng_bits(rng) : sld__rng_below(rng, width + 1);
  return (int64_t)((uint64_t)low + draw);
}
