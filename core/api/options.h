/* Options structs of programs that may be older than this library. */
#ifndef SLD_API_OPTIONS_H
#define SLD_API_OPTIONS_H

#include <stddef.h>

#include "base/error.h"

/* Copies the caller's struct over `out`, which holds the defaults of the library's own one of `size` bytes; fields behind the caller's end keep them.
 * The structs begin with their size. EINVAL, with "NAME.size": no size that such a struct can have, or one larger than the library's. `given` may be NULL: defaults. */
sld_status sld__options_read(void *out, size_t size, const void *given, const char *name, sld_error *err);

#endif
