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

/* Keep in each lane of x the lesser, or the greater, and x where y is NaN. Loops over lanes: gcc makes one instruction of each. */
static inline __attribute__((always_inline)) void sld__four_lesser(sld__four *x, const sld__four *y) {
  for (int k = 0; k < 4; k++) (*x)[k] = (*y)[k] < (*x)[k] ? (*y)[k] : (*x)[k];
}

static inline __attribute__((always_inline)) void sld__four_greater(sld__four *x, const sld__four *y) {
  for (int k = 0; k < 4; k++) (*x)[k] = (*y)[k] > (*x)[k] ? (*y)[k] : (*x)[k];
}

#endif
