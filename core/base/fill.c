#include "base/fill.h"

#include "base/wide.h"

#include <string.h>

SLD__WIDE void sld__fill(double *to, size_t n, double value) {
  const sld__four four = { value, value, value, value };
  size_t i = 0;
  for (; i + 4 <= n; i += 4) memcpy(to + i, &four, sizeof four);
  for (; i < n; i++) to[i] = value;
}
