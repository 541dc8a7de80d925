/* From bytes to values. Every count is checked against what is left of the bytes. */
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "vm/lua/packet_inside.h"

enum { DEPTH_MAX = 2100 }; /* a little more than packing allows */

typedef struct unpacker {
  lua_State *L;
  const unsigned char *at, *end;
  const sld__packet_side *side;
  int globals;  /* stack index */
  int objects;  /* stack index of {number -> object}; 0: none yet */
  uint32_t count;
} unpacker;

static int damaged(unpacker *u) {
  return luaL_error(u->L, "damaged bytes");
}

static const unsigned char *take(unpacker *u, uint64_t size) {
  if (size > (uint64_t)(u->end - u->at)) damaged(u);
  const unsigned char *bytes = u->at;
  u->at += size;
  return bytes;
}

static unsigned char take_tag(unpacker *u) {
  return *take(u, 1);
}

static uint64_t take_count(unpacker *u) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    unsigned char byte = take_tag(u);
    value |= (uint64_t)(byte & 127) << shift;
    if (byte < 128) return value;
  }
  return (uint64_t)damaged(u);
}

/* Numbers the object on top of the stack. */
static uint32_t keep(unpacker *u) {
  lua_State *L = u->L;
  lua_pushvalue(L, -1);
  lua_rawseti(L, u->objects, (int)++u->count);
  return u->count - 1;
}

/* Pushes an object. */
static void push_kept(unpacker *u, uint64_t number) {
  if (number >= u->count) damaged(u);
  lua_rawgeti(u->L, u->objects, (int)number + 1);
}

static void push_value(unpacker *u, int depth);

static void push_integer(unpacker *u) {
  int64_t value;
  memcpy(&value, take(u, sizeof value), sizeof value);
#if LUA_VERSION_NUM >= 503
  lua_pushinteger(u->L, (lua_Integer)value);
#else
  if (value > INT64_C(9007199254740992) || value < -INT64_C(9007199254740992)) luaL_error(u->L, "an integer beyond 2^53 has no equal number in this Lua");
  lua_pushnumber(u->L, (lua_Number)value);
#endif
}

static void push_float(unpacker *u) {
  double value;
  memcpy(&value, take(u, sizeof value), sizeof value);
  lua_pushnumber(u->L, isnan(value) ? (double)NAN : value); /* LuaJIT keeps types in the payloads of NaNs */
}

static void push_string(unpacker *u) {
  uint64_t size = take_count(u);
  const unsigned char *bytes = take(u, size);
  lua_pushlstring(u->L, (const char *)bytes, (size_t)size);
}

/* The run's numbers to list[i].. ; how many. */
static uint64_t set_run(unpacker *u, int list, uint64_t i, uint64_t length, bool integers) {
  uint64_t n = take_count(u);
  if (n == 0 || n > length - i + 1 || n > (uint64_t)(u->end - u->at) / 8) damaged(u);
  for (uint64_t k = 0; k < n; k++) {
    if (integers) push_integer(u);
    else push_float(u);
    lua_rawseti(u->L, list, (int)(i + k));
  }
  return n;
}

static void set_list(unpacker *u, int list, uint64_t length, int depth) {
  for (uint64_t i = 1; i <= length;) {
    unsigned char tag = *take(u, 1);
    if (tag == TAG_INTEGERS || tag == TAG_FLOATS) {
      i += set_run(u, list, i, length, tag == TAG_INTEGERS);
      continue;
    }
    u->at--;
    push_value(u, depth + 1);
    lua_rawseti(u->L, list, (int)i++);
  }
}

static void push_table(unpacker *u, int depth) {
  lua_State *L = u->L;
  uint64_t length = take_count(u);
  if (length > (uint64_t)(u->end - u->at) || length > INT_MAX) damaged(u);
  lua_createtable(L, (int)length, 0);
  int table = lua_gettop(L);
  keep(u);
  bool has_meta = take_tag(u) != 0;
  if (has_meta) push_value(u, depth + 1);
  else lua_pushnil(L);
  if (has_meta && !lua_istable(L, table + 1)) damaged(u);
  set_list(u, table, length, depth);
  while (u->at < u->end && *u->at != TAG_END) {
    push_value(u, depth + 1);
    bool no_key = lua_isnil(L, -1) || (lua_type(L, -1) == LUA_TNUMBER && lua_tonumber(L, -1) != lua_tonumber(L, -1));
    if (no_key) damaged(u);
    push_value(u, depth + 1);
    lua_rawset(L, table);
  }
  if (take_tag(u) != TAG_END) damaged(u);
  if (has_meta) lua_setmetatable(L, table);
  else lua_pop(L, 1);
}

/* Whether the value at `index` is a Lua function with an upvalue i. */
static bool has_upvalue(lua_State *L, int index, uint64_t i) {
  if (!lua_isfunction(L, index) || lua_iscfunction(L, index) || i < 1 || i > 255 || !lua_getupvalue(L, index, (int)i)) return false;
  lua_pop(L, 1);
  return true;
}

static void push_shared(unpacker *u, int function, int i) {
  uint64_t number = take_count(u), other = take_count(u);
  push_kept(u, number);
  if (!has_upvalue(u->L, -1, other) || !has_upvalue(u->L, function, (uint64_t)i)) damaged(u);
  lua_upvaluejoin(u->L, function, i, -1, (int)other);
  lua_pop(u->L, 1);
}

static void push_function(unpacker *u, int depth) {
  lua_State *L = u->L;
  uint32_t size;
  memcpy(&size, take(u, sizeof size), sizeof size);
  const char *code = (const char *)take(u, size);
  if (luaL_loadbuffer(L, code, size, "=function") != 0) lua_error(L);
  int function = lua_gettop(L);
  keep(u);
  uint64_t count = take_count(u);
  if (count > 255) damaged(u);
  for (int i = 1; i <= (int)count; i++) {
    if (u->at < u->end && *u->at == TAG_SHARED) {
      u->at++;
      push_shared(u, function, i);
      continue;
    }
    push_value(u, depth + 1);
    if (!lua_setupvalue(L, function, i)) damaged(u);
  }
#if LUA_VERSION_NUM < 502
  lua_pushvalue(L, u->globals);
  lua_setfenv(L, function);
#endif
}

/* A chunk of text, with the call's globals. */
static void push_source(unpacker *u) {
  lua_State *L = u->L;
  uint64_t size = take_count(u);
  const char *text = (const char *)take(u, size);
  if (size > 0 && text[0] == LUA_SIGNATURE[0]) damaged(u);
  if (luaL_loadbuffer(L, text, (size_t)size, "=fn") != 0) lua_error(L);
  lua_pushvalue(L, u->globals);
#if LUA_VERSION_NUM < 502
  lua_setfenv(L, -2);
#else
  lua_setupvalue(L, -2, 1);
#endif
}

static void push_module(unpacker *u) {
  lua_State *L = u->L;
  lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
  push_string(u);
  push_string(u);
  int loaded = lua_gettop(L) - 2, name = loaded + 1, field = loaded + 2;
  lua_pushvalue(L, name);
  lua_rawget(L, loaded);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_getfield(L, u->globals, "require");
    lua_pushvalue(L, name);
    lua_call(L, 1, 1); /* inside the call that unpacks, which is protected */
  }
  if (lua_rawlen(L, field) > 0) {
    if (lua_istable(L, -1)) {
      lua_pushvalue(L, field);
      lua_rawget(L, -2);
    } else {
      lua_pushnil(L);
    }
    if (lua_isnil(L, -1)) luaL_error(L, "the worker's module '%s' has no '%s'", lua_tostring(L, name), lua_tostring(L, field));
  }
  lua_replace(L, loaded);
  lua_settop(L, loaded);
}

static void push_column(unpacker *u) {
  sld__packed_column column;
  memcpy(&column, take(u, sizeof column), sizeof column);
  if (!u->side->push_column) damaged(u);
  u->side->push_column(u->L, &column);
}

static void push_value(unpacker *u, int depth) {
  lua_State *L = u->L;
  if (depth > DEPTH_MAX) damaged(u);
  luaL_checkstack(L, 12, "a value to be unpacked");
  switch (take_tag(u)) {
    case TAG_NIL: lua_pushnil(L); return;
    case TAG_FALSE: lua_pushboolean(L, 0); return;
    case TAG_TRUE: lua_pushboolean(L, 1); return;
    case TAG_INTEGER: push_integer(u); return;
    case TAG_FLOAT: push_float(u); return;
    case TAG_STRING: push_string(u); return;
    case TAG_SOURCE: push_source(u); return;
    case TAG_REFERENCE: push_kept(u, take_count(u)); return;
    case TAG_TABLE: push_table(u, depth); return;
    case TAG_FUNCTION: push_function(u, depth); return;
    case TAG_MODULE: push_module(u); return;
    case TAG_GLOBALS: lua_pushvalue(L, u->globals); return;
    case TAG_COLUMN: push_column(u); return;
    case TAG_POOL:
      if (!u->side->push_pool) damaged(u);
      u->side->push_pool(L);
      return;
    default: damaged(u);
  }
}

int sld__packet_push(lua_State *L, const void *bytes, size_t size, const sld__packet_side *side, int globals) {
  unpacker u = { .L = L, .at = bytes, .end = (const unsigned char *)bytes + size, .side = side, .globals = globals };
  uint64_t count = take_count(&u);
  if (count > size) damaged(&u);
  luaL_checkstack(L, (int)(count < 100000 ? count : 100000) + 16, "values to be unpacked");
  lua_newtable(L);
  u.objects = lua_gettop(L);
  for (uint64_t i = 0; i < count; i++) push_value(&u, 0);
  if (u.at != u.end) damaged(&u);
  lua_remove(L, u.objects);
  return (int)count;
}
