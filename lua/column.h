/* Columns as the pool passes them. */
#ifndef SLIDERS_LUA_COLUMN_H
#define SLIDERS_LUA_COLUMN_H

#include "handle.h"

/* Whether the value at `index` is a column; where it is, its values, borrowed from it. */
bool column_parts(lua_State *L, int index, const double **values, size_t *count);

#endif
