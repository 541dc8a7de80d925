/* States for calls of any Lua function. They are the host's own code and trusted: all of Lua's libraries are there but C modules, which would bind
 * to another Lua than this one. */
#include <math.h>
#include <string.h>

#include "vm/lua/packet_inside.h"
#include "vm/lua/pool.h"
#include "vm/lua/state.h"

#include "work_preludes.h"

struct sld__vm_work {
  lua_State *L;
  sld__memory memory;
  const sld__vm_core *core;
  struct sld__work *work;
  sld__packet packet;          /* of answers */
  double serial;               /* of the call: columns are good for theirs alone */
  const sld__work_call *call;  /* NULL between calls */
  uint64_t function;           /* number of the function that is kept, 0: none */
  bool reusable;               /* nothing but plain values in its upvalues, which are set anew */
  sld__pool_calls calls;       /* for tasks that calls start */
  sld__packet_side side, results; /* of what comes, and of answers, in which the pool is nothing */
  int kept, plain, env_meta, pool, make_column, column_parts; /* registry references */
};

/* ---- Tasks within calls ---- */

static struct sld__vm_work *state_of(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "sliders.work");
  struct sld__vm_work *state = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return state;
}

/* What tasks are here: the core's, with the functions to reach them. */
typedef struct inner { const sld__vm_core *core; struct sld__tasks *tasks; } inner;

static sld_status start_tasks(void **out, void *work, const sld_calls *calls, sld_error *err) {
  struct sld__vm_work *state = work;
  inner *made = state->core->alloc.resize(state->core->alloc.ud, NULL, sizeof *made);
  if (!made) {
    memset(err, 0, sizeof *err);
    err->status = SLD_ENOMEM;
    strcpy(err->message, "out of memory");
    return SLD_ENOMEM;
  }
  made->core = state->core;
  sld_status status = state->core->tasks_start(&made->tasks, state->work, calls, err);
  if (status != SLD_OK) state->core->alloc.resize(state->core->alloc.ud, made, 0);
  else *out = made;
  return status;
}

static bool wait_tasks(void *tasks, int timeout_ms) {
  const inner *t = tasks;
  return t->core->tasks_wait(t->tasks, timeout_ms);
}

static void cancel_tasks(void *tasks) {
  const inner *t = tasks;
  t->core->tasks_cancel(t->tasks);
}

static const sld_answer *answer_of(void *tasks, size_t i) {
  const inner *t = tasks;
  return t->core->tasks_answer(t->tasks, i);
}

static void free_tasks(void *tasks) {
  inner *t = tasks;
  t->core->tasks_free(t->tasks);
  t->core->alloc.resize(t->core->alloc.ud, t, 0);
}

static void keep_pool(void *owner) {
  (void)owner; /* the pool is the host's: a call cannot close it */
}

static bool is_pool(lua_State *L, int index, const void *work) {
  return sld__pool_is(L, index, work);
}

static void push_pool(lua_State *L) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, state_of(L)->pool);
}

/* ---- Columns ---- */

#if defined(LUAJIT_ENGINE)

/* As FFI structs, which traces inline: see work.lua. */
static void push_column(lua_State *L, const sld__packed_column *column) {
  struct sld__vm_work *state = state_of(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, state->make_column);
  lua_pushlightuserdata(L, (void *)(uintptr_t)column->values);
  lua_pushnumber(L, (lua_Number)column->count);
  lua_pushnumber(L, state->serial);
  lua_call(L, 3, 1);
}

/* The parts of a column of this call; false for everything else. */
static bool column_of(lua_State *L, int index, sld__packed_column *out) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, state_of(L)->column_parts);
  lua_pushvalue(L, index);
  lua_call(L, 1, 2);
  bool is_column = lua_type(L, -2) == LUA_TLIGHTUSERDATA;
  if (is_column) *out = (sld__packed_column){ lua_touserdata(L, -2), (size_t)lua_tonumber(L, -1) };
  lua_pop(L, 2);
  return is_column;
}

/* core.light(address) -> light userdata */
static int light(lua_State *L) {
  lua_pushlightuserdata(L, (void *)(uintptr_t)lua_tonumber(L, 1));
  return 1;
}

#else

#define COLUMN_TYPE "sliders.column"

typedef struct work_column {
  sld__packed_column column;
  double serial;
} work_column;

static void push_column(lua_State *L, const sld__packed_column *column) {
  work_column *made = lua_newuserdata(L, sizeof *made);
  *made = (work_column){ *column, state_of(L)->serial };
  luaL_getmetatable(L, COLUMN_TYPE);
  lua_setmetatable(L, -2);
}

static bool column_of(lua_State *L, int index, sld__packed_column *out) {
  const work_column *column = luaL_testudata(L, index, COLUMN_TYPE);
  if (!column || column->serial != state_of(L)->serial) return false;
  *out = column->column;
  return true;
}

static int column_index(lua_State *L) {
  const work_column *c = luaL_checkudata(L, 1, COLUMN_TYPE);
  if (c->serial != state_of(L)->serial) return luaL_error(L, "a column is good for the call that it was passed to");
  double i = lua_type(L, 2) == LUA_TNUMBER ? lua_tonumber(L, 2) : 0.5;
  if (i != floor(i)) return luaL_error(L, "a column is read by whole numbers from 1 on, and has # and nothing else");
  if (!(i >= 1 && i <= (double)c->column.count)) return luaL_error(L, "a column of %d values has none at %f", (int)c->column.count, i);
  lua_pushnumber(L, c->column.values[(size_t)i - 1]);
  return 1;
}

static int column_length(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)((const work_column *)luaL_checkudata(L, 1, COLUMN_TYPE))->column.count);
  return 1;
}

static int column_assign(lua_State *L) {
  return luaL_error(L, "a column is read-only");
}

static void define_column(lua_State *L) {
  static const luaL_Reg meta[] = { { "__index", column_index }, { "__len", column_length }, { "__newindex", column_assign }, { NULL, NULL } };
  luaL_newmetatable(L, COLUMN_TYPE);
  luaL_setfuncs(L, meta, 0);
  lua_pop(L, 1);
}

#endif

/* ---- Words of workers ---- */

/* sliders.cancelled() */
static int cancelled(lua_State *L) {
  const struct sld__vm_work *state = state_of(L);
  lua_pushboolean(L, state->call && atomic_load_explicit(state->call->cancelled, memory_order_relaxed)); /* partner: sld__tasks_cancel */
  return 1;
}

/* ---- Opening ---- */

static void run_prelude(lua_State *L, const char *text, size_t size, int results) {
  if (luaL_loadbuffer(L, text, size, "=sliders") != 0) lua_error(L);
  lua_pushvalue(L, 2);
  lua_call(L, 1, results);
}

static void push_core(lua_State *L, struct sld__vm_work *state) {
  static const luaL_Reg functions[] = {
    { "cancelled", cancelled },
#if defined(LUAJIT_ENGINE)
    { "light", light },
#endif
    { NULL, NULL },
  };
  sld__pool_push_functions(L);
  for (const luaL_Reg *f = functions; f->name; f++) {
    lua_pushcfunction(L, f->func);
    lua_setfield(L, -2, f->name);
  }
#if defined(LUAJIT_ENGINE)
  lua_pushlightuserdata(L, &state->serial);
  lua_setfield(L, -2, "serial_at");
#else
  (void)state;
  define_column(L);
#endif
  sld__pool_define(L); /* pool_methods, tasks_methods */
  lua_setfield(L, -3, "tasks_methods");
  lua_setfield(L, -2, "pool_methods");
}

static void set_paths(lua_State *L, const char *path) {
  lua_getglobal(L, "package");
  if (path) {
    lua_pushstring(L, path);
    lua_setfield(L, -2, "path");
  }
  lua_pushliteral(L, "");
  lua_setfield(L, -2, "cpath");
  lua_pop(L, 1);
}

static int open_libraries(lua_State *L) {
  struct sld__vm_work *state = lua_touserdata(L, 1);
  const char *path = state->side.pool ? (const char *)state->side.pool : NULL; /* lent for the opening */
  lua_settop(L, 1);
  luaL_openlibs(L);
  sld__memory_opened(&state->memory);
  set_paths(L, path);
  lua_pushlightuserdata(L, state);
  lua_setfield(L, LUA_REGISTRYINDEX, "sliders.work");
  push_core(L, state);
  run_prelude(L, work_text, sizeof work_text - 1, 3);
  state->env_meta = luaL_ref(L, LUA_REGISTRYINDEX);
  state->column_parts = luaL_ref(L, LUA_REGISTRYINDEX);
  state->make_column = luaL_ref(L, LUA_REGISTRYINDEX);
  run_prelude(L, pool_text, sizeof pool_text - 1, 0);
  state->side = (sld__packet_side){ .target = sld__lua_kind_here(L), .first_name = 1, .column_of = column_of, .push_column = push_column, .pool = state, .is_pool = is_pool, .push_pool = push_pool };
  state->results = state->side;
  state->results.pool = NULL;
  state->calls = (sld__pool_calls){ .start = start_tasks, .wait = wait_tasks, .cancel = cancel_tasks, .answer = answer_of, .free = free_tasks, .close = keep_pool,
                                    .resize = state->core->alloc.resize, .ud = state->core->alloc.ud, .side = state->side };
  sld__pool_push(L, &state->calls, state->side.target, state, state, 1);
  state->pool = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

static sld_status fail_memory(sld_error *err) {
  if (err) {
    memset(err, 0, sizeof *err);
    err->status = SLD_ENOMEM;
    strcpy(err->message, "out of memory");
  }
  return SLD_ENOMEM;
}

static int protect(struct sld__vm_work *state, lua_CFunction function) {
#if defined(LUAJIT_ENGINE)
  return lua_cpcall(state->L, function, state);
#else
  lua_pushcfunction(state->L, function);
  lua_pushlightuserdata(state->L, state);
  return lua_pcall(state->L, 1, 0, 0);
#endif
}

void sld__vm_close_work(struct sld__vm_work *state) {
  if (!state) return;
  const sld_allocator alloc = state->core->alloc;
  sld__memory_close(&state->memory, state->L);
  alloc.resize(alloc.ud, state->packet.data, 0);
  alloc.resize(alloc.ud, state, 0);
}

sld_status sld__vm_open_work(struct sld__vm_work **out, const sld__vm_core *core, const sld__work_setup *setup, sld_error *err) {
  struct sld__vm_work *state = core->alloc.resize(core->alloc.ud, NULL, sizeof *state);
  if (!state) return fail_memory(err);
  memset(state, 0, sizeof *state);
  state->core = core;
  state->work = setup->work;
  state->packet.resize = core->alloc.resize;
  state->packet.ud = core->alloc.ud;
  state->side.pool = setup->path;
  state->kept = state->plain = LUA_NOREF;
  state->memory.alloc = &core->alloc;
  state->L = sld__memory_state(&state->memory);
  if (!state->L || protect(state, open_libraries) != 0) {
    sld__vm_close_work(state);
    return fail_memory(err);
  }
  *out = state;
  return SLD_OK;
}

/* ---- The function ---- */

static bool is_plain(lua_State *L, int index) {
  int type = lua_type(L, index);
  return type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER || type == LUA_TSTRING;
}

/* Whether the function at `index` can be used again once its upvalues are as they were: they are plain, the globals at `env`, or held by modules.
 * Pushes a table of the plain ones. */
static bool push_plain(lua_State *L, int index, int env) {
  lua_newtable(L);
  int plain = lua_gettop(L);
  sld__modules_refresh(L);
  for (int i = 1; lua_getupvalue(L, index, i); i++) {
    bool known = is_plain(L, -1);
    if (!known && !lua_rawequal(L, -1, env)) {
      bool held = (lua_istable(L, -1) || lua_isfunction(L, -1)) && sld__modules_name(L, lua_gettop(L));
      if (!held) return false;
      lua_pop(L, 1);
    }
    if (lua_rawequal(L, -1, env)) {
      lua_pop(L, 1);
      lua_pushboolean(L, 1);
      lua_rawseti(L, plain, -i);
    } else {
      lua_rawseti(L, plain, i);
    }
  }
  return true;
}

/* Upvalues of the kept function as they were packed; its globals are those at `env`. */
static void set_upvalues(lua_State *L, int index, int plain, int env) {
  for (int i = 1; lua_getupvalue(L, index, i); i++) {
    lua_pop(L, 1);
    lua_rawgeti(L, plain, -i);
    bool is_env = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (is_env) lua_pushvalue(L, env);
    else lua_rawgeti(L, plain, i);
    lua_setupvalue(L, index, i);
  }
#if LUA_VERSION_NUM < 502
  lua_pushvalue(L, env);
  lua_setfenv(L, index);
#endif
}

/* Pushes the call's function. */
static void push_function(lua_State *L, struct sld__vm_work *state, int env) {
  const sld__work_call *call = state->call;
  if (call->function == state->function && state->reusable) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->kept);
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->plain);
    set_upvalues(L, lua_gettop(L) - 1, lua_gettop(L), env);
    lua_pop(L, 1);
    return;
  }
  if (sld__packet_push(L, call->code.data, call->code.size, &state->side, env) != 1) luaL_error(L, "damaged bytes");
  if (call->function == state->function) return;
  int function = lua_gettop(L);
  state->function = 0;
  luaL_unref(L, LUA_REGISTRYINDEX, state->kept);
  luaL_unref(L, LUA_REGISTRYINDEX, state->plain);
  state->kept = state->plain = LUA_NOREF;
  state->reusable = lua_isfunction(L, function) && !lua_iscfunction(L, function) && push_plain(L, function, env);
  if (state->reusable) {
    state->plain = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pushvalue(L, function);
    state->kept = luaL_ref(L, LUA_REGISTRYINDEX);
  }
  lua_settop(L, function);
  state->function = call->function;
}

/* ---- A call ---- */

/* fn(all arguments), or fn(each): leaves the results above `base` and returns how many. */
static int apply(lua_State *L, int function, int args, unsigned char mode) {
  if (mode == SLD__CALL_ALL) {
    lua_call(L, args, LUA_MULTRET);
    return lua_gettop(L) - function + 1;
  }
  for (int i = 1; i <= args; i++) {
    lua_pushvalue(L, function);
    lua_pushvalue(L, function + i);
    lua_call(L, 1, 1);
    lua_replace(L, function + i);
  }
  lua_remove(L, function);
  return args;
}

static int run_call(lua_State *L) {
  struct sld__vm_work *state = lua_touserdata(L, 1);
  const sld__work_call *call = state->call;
  lua_newtable(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, state->env_meta);
  lua_setmetatable(L, 2);
  lua_pushvalue(L, 2);
  lua_setfield(L, 2, "_G");
  push_function(L, state, 2);
  const unsigned char *args = call->args.data;
  if (call->args.size < 1) return luaL_error(L, "damaged bytes");
  int count = sld__packet_push(L, args + 1, call->args.size - 1, &state->side, 2);
  int results = apply(L, 3, count, args[0]);
  sld__packet_add(L, &state->packet, &state->results, 3, results, "result");
  return 0;
}

static int pack_raised(lua_State *L) {
  struct sld__vm_work *state = lua_touserdata(L, 1);
  lua_getfield(L, LUA_REGISTRYINDEX, "sliders.raised");
  sld__packet_add(L, &state->packet, &state->results, 2, 1, "error");
  return 0;
}

static int call_tostring(lua_State *L) {
  return luaL_callmeta(L, 1, "__tostring");
}

/* Keeps what was raised, and answers {words, traceback}. */
static int handler(lua_State *L) {
  lua_settop(L, 1);
  lua_pushvalue(L, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, "sliders.raised");
  lua_createtable(L, 2, 0);
  if (lua_type(L, 1) == LUA_TSTRING || lua_type(L, 1) == LUA_TNUMBER) {
    lua_pushvalue(L, 1);
  } else {
    lua_pushcfunction(L, call_tostring);
    lua_pushvalue(L, 1);
    if (lua_pcall(L, 1, 1, 0) != 0 || lua_type(L, -1) != LUA_TSTRING) lua_pushfstring(L, "an error without words (a %s)", luaL_typename(L, 1));
  }
  lua_rawseti(L, 2, 1);
  lua_settop(L, 2);
  luaL_traceback(L, L, NULL, 1);
  lua_rawseti(L, 2, 2);
  return 1;
}

/* Without the C functions at its end, which make the call and whose addresses differ from run to run. */
static void copy_traceback(char *out, size_t size, const char *text) {
  static const char c_line[] = "\n\t[C]:";
  size_t length = strlen(text);
  for (;;) {
    size_t start = length;
    while (start > 0 && text[start - 1] != '\n') start--;
    if (start == 0 || strncmp(text + start - 1, c_line, sizeof c_line - 1) != 0) break;
    length = start - 1;
  }
  if (length >= size) length = size - 1;
  memcpy(out, text, length);
  out[length] = '\0';
}

static sld_status failure(struct sld__vm_work *state, int code, sld_error *err) {
  lua_State *L = state->L;
  memset(err, 0, sizeof *err);
  err->status = SLD_ESCRIPT;
  if (code == LUA_ERRMEM) return fail_memory(err);
  if (lua_type(L, -1) != LUA_TTABLE) {
    strcpy(err->message, "an error while handling an error");
    return err->status;
  }
  lua_rawgeti(L, -1, 1);
  lua_rawgeti(L, -2, 2);
  const char *words = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "an error without words (a number)";
  size_t length = strlen(words) < sizeof err->message ? strlen(words) : sizeof err->message - 1;
  memcpy(err->message, words, length);
  if (lua_type(L, -1) == LUA_TSTRING) copy_traceback(err->detail, sizeof err->detail, lua_tostring(L, -1));
  return err->status;
}

/* Hands out a copy of the packet. */
static sld_status give_packet(const struct sld__vm_work *state, sld_bytes *out, sld_error *err) {
  void *copy = state->core->alloc.resize(state->core->alloc.ud, NULL, state->packet.size + 1);
  if (!copy) return fail_memory(err);
  memcpy(copy, state->packet.data, state->packet.size);
  *out = (sld_bytes){ copy, state->packet.size };
  return SLD_OK;
}

/* Where a call failed: what it raised, if that is more than words and can be packed. */
static void give_raised(struct sld__vm_work *state, sld_bytes *out) {
  state->packet.size = 0;
  lua_getfield(state->L, LUA_REGISTRYINDEX, "sliders.raised");
  bool words = lua_type(state->L, -1) == LUA_TSTRING || lua_type(state->L, -1) == LUA_TNIL;
  lua_pop(state->L, 1);
  if (words || protect(state, pack_raised) != 0) return;
  if (give_packet(state, out, NULL) != SLD_OK) *out = (sld_bytes){ NULL, 0 };
}

static int forget(lua_State *L) {
  struct sld__vm_work *state = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, state->pool);
  sld__pool_end_tasks(L, -1);
  lua_pushnil(L);
  lua_setfield(L, LUA_REGISTRYINDEX, "sliders.raised");
  return 0;
}

sld_status sld__vm_work_call(struct sld__vm_work *state, const sld__work_call *call, sld_bytes *out, sld_error *err) {
  lua_State *L = state->L;
  state->call = call;
  state->serial += 1;
  state->packet.size = 0;
  *out = (sld_bytes){ NULL, 0 };
  lua_settop(L, 0);
  lua_pushcfunction(L, handler);
  lua_pushcfunction(L, run_call);
  lua_pushlightuserdata(L, state);
  int code = lua_pcall(L, 1, 0, 1);
  sld_status status = code == 0 ? give_packet(state, out, err) : failure(state, code, err);
  if (status == SLD_ESCRIPT) give_raised(state, out);
  lua_settop(L, 0);
  if (protect(state, forget) != 0) status = fail_memory(err);
  lua_settop(L, 0);
  state->call = NULL;
  return status;
}
