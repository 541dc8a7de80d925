/* What packing (packet.c), unpacking (unpack.c) and the names of modules (modules.c) share. */
#ifndef SLD_VM_LUA_PACKET_INSIDE_H
#define SLD_VM_LUA_PACKET_INSIDE_H

#include "vm/lua/packet.h"

#if LUA_VERSION_NUM < 502
#define lua_rawlen lua_objlen
#endif

#if LUA_VERSION_NUM < 502
/* LuaJIT's; headers of Lua 5.1 do not know them, and Lua 5.1 itself, which has no functions to pass, never gets here. */
extern void *lua_upvalueid(lua_State *L, int index, int n) __attribute__((weak));
extern void lua_upvaluejoin(lua_State *L, int index1, int n1, int index2, int n2) __attribute__((weak));
#endif

/* A packet is a count of values and the values; each begins with a tag. Objects are tables and functions, numbered in order of their tags.
 *   INTEGER, FLOAT    8 bytes
 *   STRING, SOURCE    count, bytes. SOURCE is a chunk of Lua text
 *   REFERENCE         count: number of an object
 *   TABLE             length of the list part; 0, or 1 and the metatable; the list's values; other keys and values by turns; END
 *   INTEGERS, FLOATS  in a list part: count, 8 bytes each
 *   FUNCTION          4 bytes of size, bytecode; count of upvalues; for each a value, or SHARED with numbers of function and upvalue
 *   MODULE            count and bytes of the module's name, count and bytes of a field's; no field: the module itself
 *   GLOBALS           the globals of the call
 *   COLUMN            an sld__packed_column
 *   POOL              the pool that the packet goes through */
enum {
  TAG_NIL, TAG_FALSE, TAG_TRUE, TAG_INTEGER, TAG_FLOAT, TAG_STRING, TAG_SOURCE, TAG_REFERENCE, TAG_TABLE, TAG_END, TAG_FUNCTION, TAG_SHARED,
  TAG_MODULE, TAG_GLOBALS, TAG_COLUMN, TAG_POOL,
  TAG_INTEGERS, TAG_FLOATS
};

/* Brings the names of what loaded modules hold up to date where modules were loaded since; cheap where none was. */
void sld__modules_refresh(lua_State *L);

/* Pushes the name of the table or function at `index` as modules hold it, "module" or "module\0field"; false, and nothing pushed, where none does. */
bool sld__modules_name(lua_State *L, int index);

#endif
