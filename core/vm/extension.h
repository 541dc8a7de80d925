/* What a host program adds to the words of its strategies: functions of numbers and indicators, all called sliders.host.NAME. */
#ifndef SLD_VM_EXTENSION_H
#define SLD_VM_EXTENSION_H

#include <sliders.h>

#include "base/hash.h"
#include "indicator/kernel.h"

typedef struct sld__extension {
  struct sld__extension *next;
  const char *name;          /* "spread_model" */
  const char *version;       /* "" or the host's word for which one it is */
  sld_function function;     /* where call is not NULL */
  sld__kernel kernel;        /* else; its name is "host.NAME" */
  char text[];               /* of the names */
} sld__extension;

/* In order of name; zeroed memory has none. Filled before the first state opens, then read by all. */
typedef struct sld__extensions {
  sld__extension *first;
} sld__extensions;

/* Copy what they are given. EINVAL, with "function.name" and the like: a name that is no Lua identifier or is taken, counts out of range, a missing
 * function. ENOMEM. */
sld_status sld__extensions_add_function(sld__extensions *extensions, const sld_allocator *alloc, const sld_function *function, sld_error *err);
sld_status sld__extensions_add_indicator(sld__extensions *extensions, const sld_allocator *alloc, const sld_indicator *indicator, sld_error *err);

/* NULL: there is none of that name. */
const sld__extension *sld__extensions_find(const sld__extensions *extensions, const char *name);

void sld__extensions_fini(sld__extensions *extensions, const sld_allocator *alloc);

/* Adds names and versions to a hash; nothing where there are none. */
void sld__extensions_hash(const sld__extensions *extensions, struct sld__hash *hash);

#endif
