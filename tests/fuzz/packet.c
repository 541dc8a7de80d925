/* Packets of values, unpacked and packed again, in the engine that this program is built against.
 *
 * Bytecode is the VM's own affair: neither VM checks it, and packets stay in one process. So whatever bytecode an input holds is taken
 * for that of one function with two upvalues. Chunks of text are compiled as they stand. */
#include "fuzz.h"

#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "vm/lua/packet.h"

#if LUA_VERSION_NUM >= 504
#define LOAD_ARGS lua_State *L, const char *code, size_t size, const char *name, const char *mode
#define LOAD_PASS L, code, size, name, mode
#define REAL_LOAD __real_luaL_loadbufferx
#define WRAP_LOAD __wrap_luaL_loadbufferx
#else
#define LOAD_ARGS lua_State *L, const char *code, size_t size, const char *name
#define LOAD_PASS L, code, size, name
#define REAL_LOAD __real_luaL_loadbuffer
#define WRAP_LOAD __wrap_luaL_loadbuffer
#endif

int REAL_LOAD(LOAD_ARGS);
int WRAP_LOAD(LOAD_ARGS);

int WRAP_LOAD(LOAD_ARGS) {
  if (size == 0 || *code != LUA_SIGNATURE[0]) return REAL_LOAD(LOAD_PASS);
  static const char plain[] = "local a, b return function() return a, b end";
  int status = luaL_loadstring(L, plain);
  if (status == 0) lua_call(L, 0, 1);
  return status;
}

static void *resize(void *ud, void *ptr, size_t size) {
  (void)ud;
  if (size > 0) return realloc(ptr, size);
  free(ptr);
  return NULL;
}

/* Columns lie nowhere here: what an input says of them is kept as it is. */
static void push_column(lua_State *L, const sld__packed_column *column) {
  *(sld__packed_column *)lua_newuserdata(L, sizeof *column) = *column;
}

static bool column_of(lua_State *L, int index, sld__packed_column *out) {
  const sld__packed_column *column = lua_touserdata(L, index);
  if (column) *out = *column;
  return column != NULL;
}

typedef struct trip {
  const char *bytes;
  size_t size;
  sld__packet packet; /* the values packed again */
} trip;

/* Unpacks, packs what was unpacked, and unpacks that: the second time must not fail. */
static int go(lua_State *L) {
  trip *t = lua_touserdata(L, 1);
  sld__packet_side side = { .target = sld__lua_kind_here(L), .first_name = 1, .column_of = column_of, .push_column = push_column };
  lua_newtable(L); /* the globals */
  lua_pushcfunction(L, luaopen_string);
  lua_setfield(L, 2, "require");
  int count = sld__packet_push(L, t->bytes, t->size, &side, 2);
  FUZZ_HOLDS(lua_gettop(L) == 2 + count);
  sld__packet_add(L, &t->packet, &side, 3, count, "args");
  FUZZ_HOLDS(lua_gettop(L) == 2 + count);
  lua_settop(L, 2);
  FUZZ_HOLDS(sld__packet_push(L, t->packet.data, t->packet.size, &side, 2) == count);
  return 0;
}

static lua_State *state(void) {
  static lua_State *L;
  if (L) return L;
  L = luaL_newstate();
  luaL_openlibs(L);
  if (luaL_dostring(L, "os, io, debug = nil, nil, nil; local l = package.loaded; l.os, l.io, l.debug, l.package, l.ffi, l.jit = nil, nil, nil, nil, nil, nil")) __builtin_trap();
  return L;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  lua_State *L = state();
  trip t = { fuzz_guarded(0, data, size), size, { .resize = resize } };
  lua_pushcfunction(L, go);
  lua_pushlightuserdata(L, &t);
  lua_pcall(L, 1, 0, 0);
  lua_settop(L, 0);
  free(t.packet.data);
  static unsigned runs;
  if (++runs % 256 == 0) lua_gc(L, LUA_GCCOLLECT, 0);
  return 0;
}
