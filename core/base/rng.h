/* Random numbers that depend on a key alone: not on threads, order of jobs, clock or engine.
 *
 * A generator is made from a 128-bit key; a job makes its own by splitting the run's by the job's number. Splitting reads the key, not
 * the draws made so far, so any worker gets the same numbers in any order. xoshiro256** draws, splitmix64 spreads keys.
 * Source: Blackman & Vigna (2021), "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 36;
 * Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA. Not for secrets.
 */
#ifndef SLD_BASE_RNG_H
#define SLD_BASE_RNG_H

#include <stdint.h>

struct sld__rng {
  uint64_t state[4]; /* never all 0 */
  uint64_t key[2];
};

/* The next of splitmix64 from *state, which advances. */
uint64_t sld__splitmix64(uint64_t *state);

void sld__rng_init(struct sld__rng *rng, uint64_t high, uint64_t low);

/* A generator of its own for `index`, from parent's key; parent is only read. out may be parent. */
void sld__rng_split(struct sld__rng *out, const struct sld__rng *parent, uint64_t index);

/* 64 random bits. */
uint64_t sld__rng_bits(struct sld__rng *rng);

/* A multiple of 2^-53 in [0, 1), each alike. */
double sld__rng_uniform(struct sld__rng *rng);

/* An integer in [0, count), each alike; count >= 1. */
uint64_t sld__rng_below(struct sld__rng *rng, uint64_t count);

/* An integer in [low, high], each alike; low <= high. */
int64_t sld__rng_between(struct sld__rng *rng, int64_t low, int64_t high);

#endif
