/* A state's memory: what Lua asks for, from the host's allocator, up to a limit.
 *
 * Small blocks are kept when they are freed: a job makes and drops a few hundred, and the general allocator's bookkeeping was an eighth of a
 * short job. Where memory runs out half-way, LuaJIT's lua_newstate crashes and its luaopen_ffi leaks: both draw on a reserve that was
 * taken before and goes back as a whole.
 *
 * LuaJIT does not survive every refusal either: on a trace it may crash or loop (mended upstream in 2023, not in Debian 12). So it is not
 * refused but lent the room, and a hook ends the call at the next interpreted instruction. Only what is far out of bounds is refused. */
#ifndef SLD_VM_LUA_MEMORY_H
#define SLD_VM_LUA_MEMORY_H

#include <lua.h>

#include "vm/vm.h"

/* Blocks of up to this many times 16 bytes are kept for the next job, which asks for the same ones. */
enum { SLD__SPARE_CLASSES = 64 };

/* LuaJIT comes back from a trace that allocates at least once in a cycle of its collector. Until then the tests' worst scripts hold 3.1 limits. */
enum { SLD__LENT = 4 };

typedef struct sld__memory {
  const sld_allocator *alloc; /* borrowed */
  size_t used;         /* bytes that Lua holds */
  size_t limit;        /* most of them; 0: none. What is over it already stays. LuaJIT: may be passed SLD__LENT times before it is refused */
  bool refused;        /* a request was over the limit since it was set */
  bool spent;          /* ... and a collection did not help: the call is on its way out */
  bool lent;           /* LuaJIT: ... or refused by the host, and was met all the same: the hook is set, and these are the one before */
  lua_Hook hook;
  int hook_mask, hook_count;
  lua_State *L;        /* NULL until it is open */
  char *reserve;       /* LuaJIT: see above */
  size_t reserve_used;
  bool margin_used;    /* the host refused, and blocks of the reserve stand in */
  bool opening;        /* the reserve is still drawn on */
  void *spare[SLD__SPARE_CLASSES + 1]; /* by size / 16: freed small blocks, each leading to the next */
} sld__memory;

/* A new Lua state on this memory, which is zeroed but for alloc; NULL when out of memory. Libraries are to be opened before opening ends. */
lua_State *sld__memory_state(sld__memory *memory);

/* From here on the limit counts, and the reserve is closed. */
void sld__memory_opened(sld__memory *memory);

/* Collects all that it can. Whether the state still holds nearly all of its limit. */
bool sld__memory_is_spent(sld__memory *memory, lua_State *L);

/* Between calls: whether the state is within its bounds, after a full collection where room was lent. What is not gets closed. */
bool sld__memory_sound(sld__memory *memory);

/* Closes the state (NULL is fine) and gives everything back. */
void sld__memory_close(sld__memory *memory, lua_State *L);

#endif
