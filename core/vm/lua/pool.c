#include "vm/lua/pool.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#if LUA_VERSION_NUM < 502
#define lua_rawlen lua_objlen
#define lua_setuservalue lua_setfenv
#endif

typedef struct pool pool;

typedef struct tasks {
  pool *pool;
  void *tasks;       /* NULL once freed */
  size_t count;      /* calls */
  size_t values;     /* arguments of all of them */
  size_t chunk;      /* arguments of a call; 0: they are the arguments of one call */
  struct tasks *next, **link; /* among those of the pool */
} tasks;

struct pool {
  const sld__pool_calls *calls;
  sld__packet_side side;
  void *work;
  void *owner;       /* NULL once closed */
  sld__packet packet; /* kept from call to call */
  sld_bytes *args;   /* [args_capacity] */
  size_t args_capacity;
  tasks *first;
  int workers;
};

/* ---- Errors ---- */

static const char *status_name(sld_status status) {
  return status == SLD_ECANCELED ? "ECANCELED" : status == SLD_ENOMEM ? "ENOMEM" : status == SLD_ERANGE ? "ERANGE" : status == SLD_EVM ? "EVM" : "ESCRIPT";
}

static void set_text(lua_State *L, const char *name, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

/* Pushes the error as a table of the kind that the module raises. */
static void push_error(lua_State *L, const sld_error *err) {
  lua_newtable(L);
  set_text(L, "status", status_name(err->status));
  set_text(L, "file", err->file);
  set_text(L, "message", err->message);
  set_text(L, "detail", err->detail);
  lua_pushinteger(L, (lua_Integer)err->line);
  lua_setfield(L, -2, "line");
  lua_pushinteger(L, (lua_Integer)err->column);
  lua_setfield(L, -2, "column");
  luaL_getmetatable(L, "sliders.error");
  lua_setmetatable(L, -2);
}

/* ---- Pools ---- */

static pool *pool_check(lua_State *L, int index) {
  pool *p = luaL_checkudata(L, index, SLD__POOL_TYPE);
  if (!p->owner) {
    lua_pushliteral(L, "the pool is closed");
    lua_error(L);
  }
  return p;
}

static void tasks_end(tasks *t) {
  if (!t->tasks) return;
  void *ended = t->tasks;
  t->tasks = NULL;
  *t->link = t->next;
  if (t->next) t->next->link = t->link;
  t->pool->calls->free(ended);
}

static void end_all(pool *p) {
  while (p->first) tasks_end(p->first);
}

/* Cancels what has not started, waits for what runs. */
static int pool_end(lua_State *L) {
  pool *p = luaL_checkudata(L, 1, SLD__POOL_TYPE);
  if (!p->owner) return 0;
  void *owner = p->owner;
  end_all(p);
  p->owner = NULL;
  p->calls->resize(p->calls->ud, p->packet.data, 0);
  p->calls->resize(p->calls->ud, p->args, 0);
  if (p->calls->close) p->calls->close(owner);
  return 0;
}

/* pool:close() */
static int pool_close(lua_State *L) {
  const pool *p = luaL_checkudata(L, 1, SLD__POOL_TYPE);
  if (p->calls->close) return pool_end(L);
  lua_pushliteral(L, "the pool is its host's: a call in it cannot close it");
  return lua_error(L);
}

static int pool_workers(lua_State *L) {
  lua_pushinteger(L, pool_check(L, 1)->workers);
  return 1;
}

void sld__pool_push(lua_State *L, const sld__pool_calls *calls, sld__lua_kind target, void *work, void *owner, int workers) {
  pool *p = lua_newuserdata(L, sizeof *p);
  memset(p, 0, sizeof *p);
  p->calls = calls;
  p->side = calls->side;
  p->side.target = target;
  p->side.pool = work;
  p->work = work;
  p->packet.resize = calls->resize;
  p->packet.ud = calls->ud;
  p->workers = workers;
  luaL_getmetatable(L, SLD__POOL_TYPE);
  lua_setmetatable(L, -2);
  p->owner = owner;
}

bool sld__pool_is(lua_State *L, int index, const void *work) {
  if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return false;
  luaL_getmetatable(L, SLD__POOL_TYPE);
  bool is_pool = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  const pool *p = is_pool ? lua_touserdata(L, index) : NULL;
  return p && p->owner && p->work == work;
}

void sld__pool_end_tasks(lua_State *L, int index) {
  end_all(lua_touserdata(L, index));
}

/* ---- Starting ---- */

static void reserve_args(lua_State *L, pool *p, size_t count) {
  if (count <= p->args_capacity) return;
  sld_bytes *grown = p->calls->resize(p->calls->ud, p->args, count * sizeof *grown);
  if (!grown) luaL_error(L, "not enough memory");
  p->args = grown;
  p->args_capacity = count;
}

static void add_mode(lua_State *L, pool *p, unsigned char mode) {
  sld__packet *packet = &p->packet;
  if (packet->size == packet->capacity) {
    unsigned char *grown = packet->resize(packet->ud, packet->data, packet->capacity + 256);
    if (!grown) luaL_error(L, "not enough memory");
    packet->data = grown;
    packet->capacity += 256;
  }
  packet->data[packet->size++] = mode;
}

/* Offsets instead of pointers while the packet may still move. */
static void mark(pool *p, size_t i, size_t start) {
  p->args[i] = (sld_bytes){ NULL, p->packet.size - start };
}

static void add_function(lua_State *L, pool *p, int index) {
  bool source = lua_type(L, index) == LUA_TSTRING;
  if (!source && !lua_isfunction(L, index)) {
    lua_pushfstring(L, "fn: a function or the source of one is needed, not %s", luaL_typename(L, index));
    lua_error(L);
  }
  if (source && *lua_tostring(L, index) == LUA_SIGNATURE[0]) {
    lua_pushliteral(L, "fn: compiled code is no source: pass the function itself");
    lua_error(L);
  }
  sld__packet_add_one(L, &p->packet, &p->side, index, "fn", source);
}

/* Pushes the tasks of what is packed: function first, then the argument lists. */
static int start_packed(lua_State *L, pool *p, size_t function_size, size_t count, size_t values, size_t chunk) {
  const unsigned char *at = p->packet.data + function_size;
  for (size_t i = 0; i < count; i++) {
    p->args[i].data = at;
    at += p->args[i].size;
  }
  tasks *t = lua_newuserdata(L, sizeof *t);
  memset(t, 0, sizeof *t);
  luaL_getmetatable(L, SLD__TASKS_TYPE);
  lua_setmetatable(L, -2);
  /* The pool, and columns among the arguments, stay while the tasks are there. */
  lua_createtable(L, 3, 0);
  for (int i = 1; i <= 3; i++) {
    lua_pushvalue(L, i);
    lua_rawseti(L, -2, i);
  }
  lua_setuservalue(L, -2);
  sld_error err;
  const sld_calls calls = { { p->packet.data, function_size }, p->args, count };
  void *started;
  if (p->calls->start(&started, p->work, &calls, &err) != SLD_OK) {
    push_error(L, &err);
    return lua_error(L);
  }
  t->pool = p;
  t->tasks = started;
  t->count = count;
  t->values = values;
  t->chunk = chunk;
  t->next = p->first;
  if (t->next) t->next->link = &t->next;
  t->link = &p->first;
  p->first = t;
  if (p->packet.capacity > (1u << 20)) { /* a large one is not kept */
    p->packet.resize(p->packet.ud, p->packet.data, 0);
    p->packet.data = NULL;
    p->packet.capacity = 0;
  }
  return 1;
}

/* start(pool, fn, list, first, last, chunk): fn(list[i]) for each i, `chunk` of them a call */
static int start_list(lua_State *L) {
  pool *p = pool_check(L, 1);
  lua_Integer first = luaL_checkinteger(L, 4), last = luaL_checkinteger(L, 5), chunk = luaL_checkinteger(L, 6);
  size_t values = last >= first ? (size_t)(last - first + 1) : 0, size = (size_t)chunk, count = (values + size - 1) / size;
  reserve_args(L, p, count);
  p->packet.size = 0;
  add_function(L, p, 2);
  size_t function_size = p->packet.size;
  int top = lua_gettop(L);
  if (chunk > 5000 || !lua_checkstack(L, (int)chunk + 16)) {
    lua_pushliteral(L, "chunk: at most 5000 elements a call");
    return lua_error(L);
  }
  for (size_t i = 0; i < count; i++) {
    size_t start = p->packet.size, n = i + 1 < count ? size : values - i * size;
    add_mode(L, p, SLD__CALL_EACH);
    for (size_t k = 0; k < n; k++) lua_rawgeti(L, 3, (int)(first + (lua_Integer)(i * size + k)));
    p->side.first_name = (int)(first + (lua_Integer)(i * size));
    sld__packet_add(L, &p->packet, &p->side, top + 1, (int)n, "list");
    mark(p, i, start);
    lua_settop(L, top);
  }
  p->side.first_name = 1;
  return start_packed(L, p, function_size, count, values, size);
}

/* start_one(pool, fn, args, n): fn(args[1], ..., args[n]) */
static int start_one(lua_State *L) {
  pool *p = pool_check(L, 1);
  int n = (int)luaL_checkinteger(L, 4);
  reserve_args(L, p, 1);
  p->packet.size = 0;
  add_function(L, p, 2);
  size_t function_size = p->packet.size;
  int top = lua_gettop(L);
  if (!lua_checkstack(L, n + 16)) return luaL_error(L, "too many arguments");
  for (int i = 1; i <= n; i++) lua_rawgeti(L, 3, i);
  add_mode(L, p, SLD__CALL_ALL);
  p->side.first_name = 1;
  sld__packet_add(L, &p->packet, &p->side, top + 1, n, "args");
  mark(p, 0, function_size);
  lua_settop(L, top);
  return start_packed(L, p, function_size, 1, (size_t)n, 0);
}

/* ---- Tasks ---- */

static tasks *tasks_check(lua_State *L, int index) {
  tasks *t = luaL_checkudata(L, index, SLD__TASKS_TYPE);
  if (!t->tasks) luaL_error(L, "the pool is closed, or the work was freed");
  return t;
}

/* tasks:wait(timeout_ms) -> whether all have ended */
static int tasks_wait(lua_State *L) {
  tasks *t = tasks_check(L, 1);
  lua_pushboolean(L, t->pool->calls->wait(t->tasks, (int)luaL_optinteger(L, 2, -1)));
  return 1;
}

static int tasks_cancel(lua_State *L) {
  tasks *t = tasks_check(L, 1);
  t->pool->calls->cancel(t->tasks);
  return 0;
}

static int tasks_free(lua_State *L) {
  tasks_end(luaL_checkudata(L, 1, SLD__TASKS_TYPE));
  return 0;
}

/* The globals for results that are functions: this state's own. */
static int push_globals(lua_State *L) {
#if LUA_VERSION_NUM >= 502
  lua_pushglobaltable(L);
#else
  lua_pushvalue(L, LUA_GLOBALSINDEX);
#endif
  return lua_gettop(L);
}

static int push_packet(lua_State *L, const tasks *t, const sld_bytes *bytes) {
  int globals = push_globals(L);
  int count = sld__packet_push(L, bytes->data, bytes->size, &t->pool->side, globals);
  lua_remove(L, globals);
  return count;
}

/* Pushes why a call failed; `value` is what was raised, where that is more than its text. */
static void push_failure(lua_State *L, const tasks *t, const sld_answer *answer) {
  push_error(L, answer->error);
  if (!answer->bytes.data) return;
  push_packet(L, t, &answer->bytes);
  lua_setfield(L, -2, "value");
}

/* tasks:answer(i) -> nil: not ended; true, results...; false, error */
static int tasks_answer(lua_State *L) {
  tasks *t = tasks_check(L, 1);
  lua_Integer i = luaL_checkinteger(L, 2);
  luaL_argcheck(L, i >= 1 && (size_t)i <= t->count, 2, "no such call");
  const sld_answer *answer = t->pool->calls->answer(t->tasks, (size_t)i - 1);
  if (!answer) return 0;
  lua_pushboolean(L, answer->state == SLD_CALL_DONE);
  if (answer->state != SLD_CALL_DONE) {
    push_failure(L, t, answer);
    return 2;
  }
  return 1 + push_packet(L, t, &answer->bytes);
}

/* tasks:collect(into, first): results of a list's tasks, which have all ended, to into[first], into[first + 1].. -> nothing, or the first error */
static int tasks_collect(lua_State *L) {
  tasks *t = tasks_check(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  int at = (int)luaL_checkinteger(L, 3);
  for (size_t i = 0; i < t->count; i++) {
    const sld_answer *answer = t->pool->calls->answer(t->tasks, i);
    if (!answer) return luaL_error(L, "the tasks have not ended");
    if (answer->state != SLD_CALL_DONE) {
      push_failure(L, t, answer);
      return 1;
    }
    int top = lua_gettop(L), count = push_packet(L, t, &answer->bytes);
    for (int k = count; k >= 1; k--) lua_rawseti(L, 2, at + k - 1);
    at += count;
    lua_settop(L, top);
  }
  return 0;
}

/* wait_any({tasks, ...}, n, timeout_ms) -> index of one that has ended, or nil. All are sets of one call. */
static int wait_any(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const lua_Integer given = luaL_checkinteger(L, 2);
  luaL_argcheck(L, given >= 0 && given < INT_MAX, 2, "not a count");
  size_t n = (size_t)given;
  int timeout = (int)luaL_checkinteger(L, 3);
  struct pollfd *asked = lua_newuserdata(L, (n + 1) * sizeof *asked);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 1, (int)i + 1);
    const tasks *t = tasks_check(L, -1);
    if (t->pool->calls->answer(t->tasks, 0)) {
      lua_pushinteger(L, (lua_Integer)i + 1);
      return 1;
    }
    if (!t->pool->calls->descriptor) { /* inside a worker: help the oldest */
      lua_pushinteger(L, 1);
      lua_rawgeti(L, 1, 1);
      t = tasks_check(L, -1);
      t->pool->calls->wait(t->tasks, -1);
      lua_pop(L, 1);
      return 1;
    }
    asked[i] = (struct pollfd){ t->pool->calls->descriptor(t->tasks), POLLIN, 0 };
    lua_pop(L, 1);
  }
  if (poll(asked, n, timeout) <= 0) return 0;
  for (size_t i = 0; i < n; i++) {
    if (!asked[i].revents) continue;
    lua_pushinteger(L, (lua_Integer)i + 1);
    return 1;
  }
  return 0;
}

/* ---- Types ---- */

static void define(lua_State *L, const char *type, const luaL_Reg *methods, lua_CFunction gc) {
  luaL_newmetatable(L, type);
  lua_newtable(L);
  for (; methods->name; methods++) {
    lua_pushcfunction(L, methods->func);
    lua_setfield(L, -2, methods->name);
  }
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__index");
  lua_pushcfunction(L, gc);
  lua_setfield(L, -3, "__gc");
  lua_pushcfunction(L, gc);
  lua_setfield(L, -3, "__close");
  lua_pushstring(L, type);
  lua_setfield(L, -3, "__name");
  lua_pushboolean(L, 0);
  lua_setfield(L, -3, "__metatable");
  lua_remove(L, -2);
}

void sld__pool_define(lua_State *L) {
  static const luaL_Reg of_pools[] = { { "close", pool_close }, { "free", pool_close }, { "workers", pool_workers }, { NULL, NULL } };
  static const luaL_Reg of_tasks[] = {
    { "wait", tasks_wait }, { "cancel", tasks_cancel }, { "free", tasks_free }, { "answer", tasks_answer }, { "collect", tasks_collect }, { NULL, NULL },
  };
  define(L, SLD__POOL_TYPE, of_pools, pool_end);
  define(L, SLD__TASKS_TYPE, of_tasks, tasks_free);
}

void sld__pool_push_functions(lua_State *L) {
  static const luaL_Reg functions[] = { { "start", start_list }, { "start_one", start_one }, { "wait_any", wait_any }, { NULL, NULL } };
  lua_newtable(L);
  for (const luaL_Reg *f = functions; f->name; f++) {
    lua_pushcfunction(L, f->func);
    lua_setfield(L, -2, f->name);
  }
}
