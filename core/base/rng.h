/* Random numbers that depend on a key alone: not on threads, order of jobs, clock or engine.
 *
 * xoshiro256** draws, splitmix64 spreads a 128-bit key over its state.
 * Source: Blackman & Vigna (2021), "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 36;
 * Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA. Not for secrets.
 */
#ifndef SLD_BASE_RNG_H
#define SLD_BASE_RNG_H

#include <stdint.h>

struct sld__rng {
  uint64_t state[4]; /* never all 0 */
};

/* The next of splitmix64 from *state, which advances. */
uint64_t sld__splitmix64(uint64_t *state);

void sld__rng_init(struct sld__rng *rng, uint64_t high, uint64_t low);

/* 64 random bits. */
uint64_t sld__rng_bits(struct sld__rng *rng);

/* A multiple of 2^-53 in [0, 1), each alike. */
double sld__rng_uniform(struct sld__rng *rng);

#endif
