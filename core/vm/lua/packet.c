#include "vm/lua/packet.h"

#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "vm/lua/packet_inside.h"

sld__lua_kind sld__lua_kind_here(lua_State *L) {
#if LUA_VERSION_NUM >= 504
  (void)L;
  return SLD__KIND_LUA54;
#else
  lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
  lua_getfield(L, -1, "jit");
  bool jit = lua_istable(L, -1);
  lua_pop(L, 2);
  return jit ? SLD__KIND_LUAJIT : SLD__KIND_OTHER;
#endif
}

/* ---- Paths ---- */

/* How a value was reached; chains lie on the C stack. */
typedef struct step {
  const struct step *up;
  enum { ROOT, ARGUMENT, FIELD, KEY, UPVALUE, META } kind;
  const char *name; /* ROOT, UPVALUE */
  int at;           /* ARGUMENT: which; FIELD, KEY: stack index of the key */
  int depth;
} step;

static size_t write_step(lua_State *L, const step *s, char *text, size_t room) {
  switch (s->kind) {
    case ROOT: return (size_t)snprintf(text, room, "%s", s->name);
    case ARGUMENT: return (size_t)snprintf(text, room, "[%d]", s->at);
    case UPVALUE: return (size_t)snprintf(text, room, " upvalue '%s'", s->name);
    case META: return (size_t)snprintf(text, room, " metatable");
    default: break;
  }
  const char *mark = s->kind == KEY ? " key " : "";
  switch (lua_type(L, s->at)) {
    case LUA_TSTRING: return (size_t)snprintf(text, room, s->kind == KEY ? " key '%s'" : ".%s", lua_tostring(L, s->at));
    case LUA_TNUMBER: return (size_t)snprintf(text, room, "%s[%.14g]", mark, lua_tonumber(L, s->at));
    case LUA_TBOOLEAN: return (size_t)snprintf(text, room, "%s[%s]", mark, lua_toboolean(L, s->at) ? "true" : "false");
    default: return (size_t)snprintf(text, room, "%s[a %s]", mark, luaL_typename(L, s->at));
  }
}

/* The last steps of a path, as many as fit. */
static size_t write_path(lua_State *L, const step *s, char *text, size_t room) {
  size_t used = s->up ? write_path(L, s->up, text, room) : 0;
  if (used + 1 >= room) return used;
  size_t more = write_step(L, s, text + used, room - used);
  return used + more < room ? used + more : room - 1;
}

/* Without a position: pool.lua names its caller's. Its room, too, is on the stack only when it is called. */
static __attribute__((noinline)) int refuse(lua_State *L, const step *s, const char *what) {
  char path[400];
  write_path(L, s, path, sizeof path);
  lua_pushfstring(L, "%s: %s cannot be passed between Lua states", path, what);
  return lua_error(L);
}

/* ---- Packing ---- */

enum { DEPTH_MAX = 2000 }; /* levels of nesting: each takes C stack and Lua stack. A message has the number too */

typedef struct packer {
  lua_State *L;
  sld__packet *packet;
  const sld__packet_side *side;
  int seen;          /* stack index of {value or upvalue -> number}; 0: not made yet */
  uint32_t count;    /* objects numbered so far */
  const void *globals;
} packer;

static void add_bytes(packer *p, const void *bytes, size_t size) {
  sld__packet *packet = p->packet;
  if (size > packet->capacity - packet->size) {
    size_t capacity = packet->capacity + packet->capacity / 2 + size + 64;
    unsigned char *grown = packet->resize(packet->ud, packet->data, capacity);
    if (!grown) luaL_error(p->L, "not enough memory");
    packet->data = grown;
    packet->capacity = capacity;
  }
  if (size) memcpy(packet->data + packet->size, bytes, size);
  packet->size += size;
}

static void add_tag(packer *p, unsigned char tag) {
  add_bytes(p, &tag, 1);
}

/* Seven bits a byte, the lowest first. */
static void add_count(packer *p, uint64_t value) {
  unsigned char bytes[10];
  size_t n = 0;
  do {
    bytes[n] = (unsigned char)((value & 127) | (value > 127 ? 128 : 0));
    n++;
    value >>= 7;
  } while (value);
  add_bytes(p, bytes, n);
}

static void add_text(packer *p, const char *text, size_t size) {
  add_count(p, size);
  add_bytes(p, text, size);
}

/* The number at `index` as 8 bytes: an integer where it is one (hosts without integers have them as whole numbers), else a double. Its tag. */
static unsigned char number_of(lua_State *L, int index, void *bytes) {
#if LUA_VERSION_NUM >= 503
  if (lua_isinteger(L, index)) {
    int64_t whole = (int64_t)lua_tointeger(L, index);
#else
  double x = lua_tonumber(L, index);
  if (fabs(x) <= 9007199254740992.0 && x == floor(x) && !(x == 0 && signbit(x))) {
    int64_t whole = (int64_t)x;
#endif
    memcpy(bytes, &whole, sizeof whole);
    return TAG_INTEGER;
  }
  double value = lua_tonumber(L, index);
  memcpy(bytes, &value, sizeof value);
  return TAG_FLOAT;
}

static void add_number(packer *p, int index) {
  unsigned char bytes[8];
  add_tag(p, number_of(p->L, index, bytes));
  add_bytes(p, bytes, sizeof bytes);
}

/* How many elements of the list from i on are numbers of one kind, whose bytes go to `bytes`. */
static int run_of(lua_State *L, int list, int i, int last, unsigned char (*bytes)[8], int room, unsigned char *tag) {
  int n = 0;
  for (; n < room && i + n <= last; n++) {
    lua_rawgeti(L, list, i + n);
    unsigned char next = lua_type(L, -1) == LUA_TNUMBER ? number_of(L, -1, bytes[n]) : TAG_NIL;
    lua_pop(L, 1);
    if (n == 0) *tag = next;
    if (next == TAG_NIL || next != *tag) break;
  }
  return n;
}

/* Packs the numbers of one kind from i on without tags; how many, 0: too few. Apart from add_list, which is on the C stack once a level of nesting and
 * must not have this room there. */
static __attribute__((noinline)) int add_run(packer *p, int list, int i, int last) {
  enum { RUN = 256, RUN_LEAST = 4 };
  unsigned char bytes[RUN][8], tag = TAG_NIL;
  int n = run_of(p->L, list, i, last, bytes, RUN, &tag);
  if (n < RUN_LEAST) return 0;
  add_tag(p, tag == TAG_INTEGER ? TAG_INTEGERS : TAG_FLOATS);
  add_count(p, (uint64_t)n);
  add_bytes(p, bytes, (size_t)n * sizeof *bytes);
  return n;
}

/* Makes room for the objects seen. Its place on the stack is known: it is made before the first object is packed. */
static void make_seen(packer *p) {
  lua_State *L = p->L;
  lua_newtable(L);
  p->seen = lua_gettop(L);
  sld__modules_refresh(L);
}

/* Whether the value at `index` has been packed before, and then packs a reference to it; else gives it a number. */
static bool add_reference(packer *p, int index) {
  lua_State *L = p->L;
  lua_pushvalue(L, index);
  lua_rawget(L, p->seen);
  bool known = !lua_isnil(L, -1);
  if (known) {
    add_tag(p, TAG_REFERENCE);
    add_count(p, (uint64_t)lua_tonumber(L, -1));
  } else {
    lua_pushvalue(L, index);
    lua_pushnumber(L, (lua_Number)p->count++);
    lua_rawset(L, p->seen);
  }
  lua_pop(L, 1);
  return known;
}

/* Packs the name of what a loaded module holds; false where none does. */
static bool add_module_name(packer *p, int index) {
  lua_State *L = p->L;
  if (!sld__modules_name(L, index)) return false;
  size_t size;
  const char *name = lua_tolstring(L, -1, &size);
  size_t first = strlen(name); /* "module" or "module\0field" */
  add_tag(p, TAG_MODULE);
  add_text(p, name, first);
  add_text(p, first < size ? name + first + 1 : "", first < size ? size - first - 1 : 0);
  lua_pop(L, 1);
  return true;
}

static void add_value(packer *p, int index, const step *at);

/* The list part: values without their keys, and runs of numbers without tags. */
static void add_list(packer *p, int index, int length, const step *at) {
  lua_State *L = p->L;
  for (int i = 1; i <= length;) {
    int n = add_run(p, index, i, length);
    i += n;
    if (n > 0) continue;
    lua_pushinteger(L, i);
    lua_rawgeti(L, index, i);
    const step field = { at, FIELD, NULL, lua_gettop(L) - 1, at->depth + 1 };
    add_value(p, lua_gettop(L), &field);
    lua_pop(L, 2);
    i++;
  }
}

/* Whether the key at `index` is one of the list's. */
static bool in_list(lua_State *L, int index, int length) {
  if (lua_type(L, index) != LUA_TNUMBER) return false;
  double key = lua_tonumber(L, index);
  return key >= 1 && key <= length && key == floor(key);
}

static void add_table(packer *p, int index, const step *at) {
  lua_State *L = p->L;
  size_t border = lua_rawlen(L, index);
  int length = border < INT_MAX ? (int)border : 0;
  bool has_meta = lua_getmetatable(L, index);
  add_tag(p, TAG_TABLE);
  add_count(p, (uint64_t)length);
  add_tag(p, has_meta ? 1 : 0);
  if (has_meta) {
    const step meta = { at, META, NULL, 0, at->depth + 1 };
    add_value(p, lua_gettop(L), &meta);
    lua_pop(L, 1);
  }
  add_list(p, index, length, at);
  lua_pushnil(L);
  while (lua_next(L, index)) {
    int value = lua_gettop(L), key = value - 1;
    if (in_list(L, key, length)) {
      lua_pop(L, 1);
      continue;
    }
    const step as_key = { at, KEY, NULL, key, at->depth + 1 }, as_field = { at, FIELD, NULL, key, at->depth + 1 };
    add_value(p, key, &as_key);
    add_value(p, value, &as_field);
    lua_pop(L, 1);
  }
  add_tag(p, TAG_END);
}

#if LUA_VERSION_NUM >= 503
static int dump(lua_State *L, lua_Writer writer, void *ud) {
  return lua_dump(L, writer, ud, 0);
}
#else
static int dump(lua_State *L, lua_Writer writer, void *ud) {
  return lua_dump(L, writer, ud);
}
#endif

static int write_dump(lua_State *L, const void *bytes, size_t size, void *ud) {
  (void)L;
  add_bytes(ud, bytes, size);
  return 0;
}

/* Where an upvalue is one that a function packed before has too: number of that function and of its upvalue. */
static bool add_shared(packer *p, int function, int i, uint32_t number) {
  lua_State *L = p->L;
  lua_pushlightuserdata(L, lua_upvalueid(L, function, i));
  lua_pushvalue(L, -1);
  lua_rawget(L, p->seen);
  bool known = !lua_isnil(L, -1);
  if (known) {
    double place = lua_tonumber(L, -1);
    add_tag(p, TAG_SHARED);
    add_count(p, (uint64_t)(place / 256.0));
    add_count(p, (uint64_t)fmod(place, 256.0));
    lua_pop(L, 2);
    return true;
  }
  lua_pop(L, 1);
  lua_pushnumber(L, (double)number * 256.0 + i); /* a function has at most 255 upvalues */
  lua_rawset(L, p->seen);
  return false;
}

static void add_function(packer *p, int index, const step *at) {
  lua_State *L = p->L;
  if (lua_iscfunction(L, index)) {
    refuse(L, at, "a C function that no loaded module holds");
    return;
  }
  if (p->side->target != sld__lua_kind_here(L)) {
    refuse(L, at, "a function of another Lua than the workers' (give its source as a string)");
    return;
  }
  uint32_t number = p->count - 1;
  add_tag(p, TAG_FUNCTION);
  size_t start = p->packet->size;
  uint32_t size = 0; /* known when the dump is there */
  add_bytes(p, &size, sizeof size);
  lua_pushvalue(L, index);
  if (dump(L, write_dump, p) != 0) luaL_error(L, "not enough memory");
  lua_pop(L, 1);
  size = (uint32_t)(p->packet->size - start - sizeof size);
  memcpy(p->packet->data + start, &size, sizeof size);
  int count = 0;
  while (lua_getupvalue(L, index, count + 1)) {
    count++;
    lua_pop(L, 1);
  }
  add_count(p, (uint64_t)count);
  for (int i = 1; i <= count; i++) {
    if (add_shared(p, index, i, number)) continue;
    const char *name = lua_getupvalue(L, index, i);
    const step upvalue = { at, UPVALUE, name, 0, at->depth + 1 };
    if (strcmp(name, "_ENV") == 0) add_tag(p, TAG_GLOBALS);
    else add_value(p, lua_gettop(L), &upvalue);
    lua_pop(L, 1);
  }
}

static void add_object(packer *p, int index, const step *at) {
  if (lua_topointer(p->L, index) == p->globals) {
    add_tag(p, TAG_GLOBALS);
    return;
  }
  if (!p->seen) make_seen(p);
  if (add_module_name(p, index) || add_reference(p, index)) return;
  if (lua_istable(p->L, index)) add_table(p, index, at);
  else add_function(p, index, at);
}

static __attribute__((noinline)) void add_userdata(packer *p, int index, const step *at) {
  lua_State *L = p->L;
  sld__packed_column column;
  if (p->side->column_of && p->side->column_of(L, index, &column)) {
    add_tag(p, TAG_COLUMN);
    add_bytes(p, &column, sizeof column);
    return;
  }
  if (p->side->pool && p->side->is_pool(L, index, p->side->pool)) {
    add_tag(p, TAG_POOL);
    return;
  }
  const char *name = luaL_getmetafield(L, index, "__name") && lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  char what[100];
  snprintf(what, sizeof what, "a userdata%s%.60s%s", name ? " (" : "", name ? name : "", name ? ")" : "");
  refuse(L, at, what);
}

static void add_value(packer *p, int index, const step *at) {
  lua_State *L = p->L;
  if (at->depth > DEPTH_MAX) {
    const step *root = at;
    while (root->up && root->up->up) root = root->up;
    refuse(L, root, "what is nested deeper than 2000 levels");
  }
  luaL_checkstack(L, 12, "a value to be packed");
  switch (lua_type(L, index)) {
    case LUA_TNIL: add_tag(p, TAG_NIL); return;
    case LUA_TBOOLEAN: add_tag(p, lua_toboolean(L, index) ? TAG_TRUE : TAG_FALSE); return;
    case LUA_TNUMBER: add_number(p, index); return;
    case LUA_TSTRING: {
      size_t size;
      const char *text = lua_tolstring(L, index, &size);
      add_tag(p, TAG_STRING);
      add_text(p, text, size);
      return;
    }
    case LUA_TTABLE:
    case LUA_TFUNCTION: add_object(p, index, at); return;
    case LUA_TTHREAD: refuse(L, at, "a coroutine"); return;
    case LUA_TLIGHTUSERDATA: refuse(L, at, "a light userdata"); return;
    default: add_userdata(p, index, at); return; /* LuaJIT's cdata too */
  }
}

static packer packer_of(lua_State *L, sld__packet *packet, const sld__packet_side *side) {
  packer p = { .L = L, .packet = packet, .side = side };
#if LUA_VERSION_NUM >= 502
  lua_pushglobaltable(L);
  p.globals = lua_topointer(L, -1);
  lua_pop(L, 1);
#else
  p.globals = lua_topointer(L, LUA_GLOBALSINDEX);
#endif
  return p;
}

void sld__packet_add(lua_State *L, sld__packet *packet, const sld__packet_side *side, int first, int count, const char *root) {
  int top = lua_gettop(L);
  packer p = packer_of(L, packet, side);
  add_count(&p, (uint64_t)count);
  const step base = { NULL, ROOT, root, 0, 0 };
  for (int i = 0; i < count; i++) {
    const step at = { &base, ARGUMENT, NULL, side->first_name + i, 1 };
    add_value(&p, first + i, &at);
  }
  lua_settop(L, top);
}

void sld__packet_add_one(lua_State *L, sld__packet *packet, const sld__packet_side *side, int index, const char *root, bool source) {
  int top = lua_gettop(L);
  packer p = packer_of(L, packet, side);
  add_count(&p, 1);
  const step base = { NULL, ROOT, root, 0, 0 };
  if (source) {
    size_t size;
    const char *text = lua_tolstring(L, index, &size);
    add_tag(&p, TAG_SOURCE);
    add_text(&p, text, size);
  } else {
    add_value(&p, index, &base);
  }
  lua_settop(L, top);
}
