/* Reads JSON with jansson; errors say file, line and column.
 *
 * jansson allocates through functions that are global to the process and belong to the host: they are left as they are, so the
 * allocator hook does not see these blocks. Free a tree with json_decref. Members are asked for by name; their order in the tree means nothing.
 */
#ifndef SLD_BASE_JSON_READ_H
#define SLD_BASE_JSON_READ_H

#include "base/error.h"

#include <jansson.h>

/* Reads text[size], which must be one JSON value of any kind without repeated keys. `name` stands for the file in errors.
 * EPARSE with line and byte column of the place where reading stopped; ENOMEM. */
sld_status sld__json_parse(json_t **out, const char *name, const char *text, size_t size, sld_error *err);

/* The same for a file. EIO. */
sld_status sld__json_load(json_t **out, const char *path, sld_error *err);

/* Where the member stands to which `keys` lead from the object that is the whole text: the line and byte column of its name. Text that
 * sld__json_parse accepts. A member that is not there, or whose name is spelt with escapes, leaves the place of the last key that was found (1, 1: none). */
void sld__json_place(const char *text, size_t size, const char *const *keys, size_t count, int64_t *line, int64_t *column);

#endif
