/* The generators give the numbers that their authors' and others' programs give. */
#include "base/rng.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

/* Source: rosettacode.org, "Pseudo-random numbers/Splitmix64", seed 1234567. */
static void splitmix64_gives_the_known_numbers(void **state) {
  (void)state;
  static const uint64_t known[] = { 6457827717110365317u, 3203168211198807973u, 9817491932198370423u, 4593380528125082431u, 16408922859458223821u };
  uint64_t seed = 1234567;
  for (size_t i = 0; i < 5; i++) assert_int_equal(sld__splitmix64(&seed), known[i]);
}

/* Source: the test vector of Rust's rand_xoshiro crate, made with the authors' C program from state 1, 2, 3, 4. */
static void xoshiro256_gives_the_known_numbers(void **state) {
  (void)state;
  static const uint64_t known[] = { 11520u, 0u, 1509978240u, 1215971899390074240u, 1216172134540287360u, 607988272756665600u };
  struct sld__rng rng = { { 1, 2, 3, 4 } };
  for (size_t i = 0; i < 6; i++) assert_int_equal(sld__rng_bits(&rng), known[i]);
}

static void a_key_gives_one_sequence_and_each_half_matters(void **state) {
  (void)state;
  struct sld__rng a, b, c, d;
  sld__rng_init(&a, 7, 9);
  sld__rng_init(&b, 7, 9);
  sld__rng_init(&c, 8, 9);
  sld__rng_init(&d, 9, 7);
  uint64_t first = sld__rng_bits(&a);
  assert_int_equal(first, sld__rng_bits(&b));
  assert_int_not_equal(first, sld__rng_bits(&c));
  assert_int_not_equal(first, sld__rng_bits(&d));
}

static void the_key_of_zeros_draws_too(void **state) {
  (void)state;
  struct sld__rng rng;
  sld__rng_init(&rng, 0, 0);
  uint64_t seen = 0;
  for (int i = 0; i < 8; i++) seen |= sld__rng_bits(&rng);
  assert_int_not_equal(seen, 0);
}

/* 100,000 draws in 16 equal parts: chi-square with 15 degrees of freedom lies below 37.7 but for one key in a thousand. */
static void uniform_numbers_fill_the_unit_interval_evenly(void **state) {
  (void)state;
  enum { DRAWS = 100000, PARTS = 16 };
  struct sld__rng rng;
  sld__rng_init(&rng, 1, 2);
  int counts[PARTS] = { 0 };
  for (int i = 0; i < DRAWS; i++) {
    double u = sld__rng_uniform(&rng);
    assert_true(u >= 0.0 && u < 1.0);
    counts[(int)(u * PARTS)]++;
  }
  double chi = 0.0, expected = (double)DRAWS / PARTS;
  for (int i = 0; i < PARTS; i++) chi += (counts[i] - expected) * (counts[i] - expected) / expected;
  assert_true(chi < 37.7);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(splitmix64_gives_the_known_numbers),
    cmocka_unit_test(xoshiro256_gives_the_known_numbers),
    cmocka_unit_test(a_key_gives_one_sequence_and_each_half_matters),
    cmocka_unit_test(the_key_of_zeros_draws_too),
    cmocka_unit_test(uniform_numbers_fill_the_unit_interval_evenly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
