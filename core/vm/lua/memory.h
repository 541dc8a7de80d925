/* A state's memory: what Lua asks for, from the host's allocator, up to a limit.
 *
 * Small blocks are kept when they are freed: a job makes and drops a few hundred, and the general allocator's bookkeeping was an eighth of a
 * short job. Where memory runs out half-way, LuaJIT's lua_newstate crashes and its luaopen_ffi leaks: both draw on a reserve that was
 * taken before and goes back as a whole. */
#ifndef SLD_VM_LUA_MEMORY_H
#define SLD_VM_LUA_MEMORY_H

#include <lua.h>

#include "vm/vm.h"

/* Blocks of up to this many times 16 bytes are kept for the next job, which asks for the same ones. */
enum { SLD__SPARE_CLASSES = 64 };

typedef struct sld__memory {
  const sld_allocator *alloc; /* borrowed */
  size_t used;         /* bytes that Lua holds */
  size_t limit;        /* most of them; 0: none. What is over it already stays */
  bool refused;        /* a request was turned down for the limit since it was set */
  char *reserve;       /* LuaJIT: see above */
  size_t reserve_used;
  bool opening;        /* the reserve is still drawn on */
  void *spare[SLD__SPARE_CLASSES + 1]; /* by size / 16: freed small blocks, each leading to the next */
} sld__memory;

/* A new Lua state on this memory, which is zeroed but for alloc; NULL when out of memory. Libraries are to be opened before opening ends. */
lua_State *sld__memory_state(sld__memory *memory);

/* From here on the limit counts, and the reserve is closed. */
void sld__memory_opened(sld__memory *memory);

/* Closes the state (NULL is fine) and gives everything back. */
void sld__memory_close(sld__memory *memory, lua_State *L);

#endif
