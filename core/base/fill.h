/* One number, many times over. */
#ifndef SLD_BASE_FILL_H
#define SLD_BASE_FILL_H

#include <stddef.h>

/* to[0..n) = value. */
void sld__fill(double *to, size_t n, double value);

#endif
