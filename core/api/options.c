#include "api/options.h"

#include <stdio.h>
#include <string.h>

sld_status sld__options_read(void *out, size_t size, const void *given, const char *name, sld_error *err) {
  if (!given) return SLD_OK;
  size_t theirs;
  memcpy(&theirs, given, sizeof theirs);
  if (theirs < sizeof theirs || theirs > size || theirs % sizeof theirs != 0) { /* all hold pointers: other sizes end within a field */
    char path[64];
    snprintf(path, sizeof path, "%s.size", name);
    return sld__fail_at(err, SLD_EINVAL, path, 0, 0, "%zu is no size of these options: start from the header's _INIT, and from no newer header than the library's (%zu)", theirs, size);
  }
  memcpy(out, given, theirs);
  memcpy(out, &size, sizeof size);
  return SLD_OK;
}
