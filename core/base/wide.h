/* SLD__WIDE before a function compiles it twice, for AVX2 and for any processor of the architecture, and picks when the library is loaded.
 *
 * For loops over columns only. Every element goes through the same operations in the same order either way and nothing is contracted, so the
 * processor decides how fast a result comes, never what it is. Elsewhere it is nothing: sanitizers cannot pick that early, and clang 14 gives such
 * a function a name that other files do not find. */
#ifndef SLD_BASE_WIDE_H
#define SLD_BASE_WIDE_H

#include <stdint.h> /* and __GLIBC__ */

#if defined(__has_attribute) && defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && !defined(SLD__SANITIZED)
#if __has_attribute(target_clones)
#define SLD__WIDE __attribute__((target_clones("avx2", "default")))
#endif
#endif
#if !defined(SLD__WIDE)
#define SLD__WIDE
#endif

/* Four doubles and their bits. Spelt out where gcc would leave a loop scalar at -O2. Load and store by memcpy. */
typedef double sld__four __attribute__((vector_size(32)));
typedef int64_t sld__four_bits __attribute__((vector_size(32)));

/* Whether the sign bit of every lane is set. */
static inline __attribute__((always_inline)) int sld__four_signs(const sld__four_bits *x) {
  return ((*x)[0] & (*x)[1] & (*x)[2] & (*x)[3]) < 0;
}

#endif
