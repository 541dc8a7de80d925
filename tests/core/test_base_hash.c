/* Fingerprints equal XXH3's, fed in parts or whole. */
#include "base/hash.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

/* XXH3's 128 bits of no bytes at all, as `xxhsum -H128 /dev/null` prints them. */
static void nothing_has_the_published_digest(void **state) {
  (void)state;
  struct sld__hash hash;
  char text[SLD__HASH_TEXT_SIZE];
  sld__hash_init(&hash);
  sld__hash_text(&hash, text);
  assert_string_equal(text, "99aa06d3014798d86001c324468d497f");
}

static void the_split_of_the_bytes_does_not_matter(void **state) {
  (void)state;
  unsigned char bytes[3000];
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * 31 + i / 7);
  struct sld__hash whole, parts;
  uint64_t a[2], b[2];
  sld__hash_init(&whole);
  sld__hash_add(&whole, bytes, sizeof bytes);
  sld__hash_digest(&whole, a);
  sld__hash_init(&parts);
  for (size_t at = 0, size = 1; at < sizeof bytes; at += size, size = size * 2 % 97 + 1) {
    if (size > sizeof bytes - at) size = sizeof bytes - at;
    sld__hash_add(&parts, bytes + at, size);
  }
  sld__hash_digest(&parts, b);
  assert_memory_equal(a, b, sizeof a);
}

static void texts_carry_their_length(void **state) {
  (void)state;
  struct sld__hash one, two;
  uint64_t a[2], b[2];
  sld__hash_init(&one);
  sld__hash_add_text(&one, "ab");
  sld__hash_add_text(&one, "c");
  sld__hash_digest(&one, a);
  sld__hash_init(&two);
  sld__hash_add_text(&two, "a");
  sld__hash_add_text(&two, "bc");
  sld__hash_digest(&two, b);
  assert_memory_not_equal(a, b, sizeof a);
}

static void digest_of_number(double value, uint64_t out[2]) {
  struct sld__hash hash;
  sld__hash_init(&hash);
  sld__hash_add_number(&hash, value);
  sld__hash_digest(&hash, out);
}

static void every_nan_is_one_and_the_zeros_are_two(void **state) {
  (void)state;
  uint64_t a[2], b[2];
  digest_of_number(NAN, a);
  digest_of_number(-NAN, b);
  assert_memory_equal(a, b, sizeof a);
  digest_of_number(0.0, a);
  digest_of_number(-0.0, b);
  assert_memory_not_equal(a, b, sizeof a);
}

static void more_may_follow_a_digest(void **state) {
  (void)state;
  struct sld__hash stopped, straight;
  uint64_t a[2], b[2];
  sld__hash_init(&stopped);
  sld__hash_add_integer(&stopped, 1);
  sld__hash_digest(&stopped, a);
  sld__hash_add_integer(&stopped, 2);
  sld__hash_digest(&stopped, a);
  sld__hash_init(&straight);
  sld__hash_add_integer(&straight, 1);
  sld__hash_add_integer(&straight, 2);
  sld__hash_digest(&straight, b);
  assert_memory_equal(a, b, sizeof a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(nothing_has_the_published_digest),
    cmocka_unit_test(the_split_of_the_bytes_does_not_matter),
    cmocka_unit_test(texts_carry_their_length),
    cmocka_unit_test(every_nan_is_one_and_the_zeros_are_two),
    cmocka_unit_test(more_may_follow_a_digest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
