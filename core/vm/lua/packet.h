/* Lua values as bytes, on their way from one state to another of the same process: what pools pass as arguments and results.
 *
 *   nil, booleans, numbers (integers and floats kept apart), strings
 *   tables, with their metatables; what is shared or cyclic in one packet is so again on the other side
 *   Lua functions with upvalues, shared ones too; whatever their globals were, they become those of the call
 *   what a loaded module holds, and modules themselves, by name: the other side requires them
 *   columns, by reference; the pool itself
 * Everything else is refused with its path: "args[2].cb.inner: a coroutine cannot be passed between Lua states".
 *
 * The bytes are good for this process and this build alone. This file is compiled into both engines and into the host's module; it knows
 * Lua and nothing of sliders. */
#ifndef SLD_VM_LUA_PACKET_H
#define SLD_VM_LUA_PACKET_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* Whose functions these are: bytecode runs in its own kind only. */
typedef enum sld__lua_kind { SLD__KIND_OTHER = 0, SLD__KIND_LUA54, SLD__KIND_LUAJIT } sld__lua_kind;

/* The kind of this file's own Lua; of Lua 5.1 as a host, whose bytecode LuaJIT does not read, it is OTHER. */
sld__lua_kind sld__lua_kind_here(lua_State *L);

/* Bytes that grow by the owner's allocator, which is that of sld_allocator. The owner keeps it where a Lua error does not lose it. */
typedef struct sld__packet {
  unsigned char *data;
  size_t size, capacity;
  void *(*resize)(void *ud, void *ptr, size_t size);
  void *ud;
} sld__packet;

/* A column on its way: the values stay where they are. */
typedef struct sld__packed_column {
  const double *values;
  size_t count;
} sld__packed_column;

/* What the side that packs or unpacks knows about columns. */
typedef struct sld__packet_side {
  sld__lua_kind target; /* packing: where functions will run */
  int first_name;       /* packing a list: what errors call its first value */
  const void *pool;     /* the pool that the values go to or come from: it alone may be among them. NULL: none */
  bool (*is_pool)(lua_State *L, int index, const void *pool);
  void (*push_pool)(lua_State *L);
  /* Whether the value at `index` is a column; fills *out. May raise. */
  bool (*column_of)(lua_State *L, int index, sld__packed_column *out);
  /* Pushes a column. May raise. */
  void (*push_column)(lua_State *L, const sld__packed_column *column);
} sld__packet_side;

/* Appends the values at first .. first + count - 1 of the stack as one list; `root` names them in errors: "args". Raises, for what is refused,
 * too deep, or out of memory; the packet is then to be dropped or shortened to what it was. The stack stays as it was. */
void sld__packet_add(lua_State *L, sld__packet *packet, const sld__packet_side *side, int first, int count, const char *root);

/* The same for one value, named `root` itself: a function, or a string that is a function's source (`source`). */
void sld__packet_add_one(lua_State *L, sld__packet *packet, const sld__packet_side *side, int index, const char *root, bool source);

/* Pushes the list in bytes[size] and returns how many values there are. `globals` is the stack index of the table that functions get as their
 * globals. Raises for damaged bytes, a function of another kind, a module that is not there. */
int sld__packet_push(lua_State *L, const void *bytes, size_t size, const sld__packet_side *side, int globals);

#endif
