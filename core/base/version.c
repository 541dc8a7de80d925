/* The version as text. */
#include <sliders.h>

#define TEXT(x) #x
#define DOTTED(a, b, c) TEXT(a) "." TEXT(b) "." TEXT(c)

const char *sld_version(void) {
  return DOTTED(SLD_VERSION_MAJOR, SLD_VERSION_MINOR, SLD_VERSION_PATCH);
}
