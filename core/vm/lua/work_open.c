/* Opening and closing states for calls. All of Lua's libraries are there but C modules, which would bind to another Lua than this one. */
#include <string.h>

#include "vm/lua/work.h"

#include "work_preludes.h"

struct sld__vm_work *sld__work_state_of(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "sliders.work");
  struct sld__vm_work *state = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return state;
}

/* ---- Words of workers ---- */

#if defined(LUAJIT_ENGINE)
/* core.light(address) -> light userdata */
static int light(lua_State *L) {
  lua_pushlightuserdata(L, (void *)(uintptr_t)lua_tonumber(L, 1));
  return 1;
}
#endif

/* sliders.cancelled() */
static int cancelled(lua_State *L) {
  const struct sld__vm_work *state = sld__work_state_of(L);
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
#endif
  luaL_newmetatable(L, "sliders.error"); /* of what pool.c raises; work.lua gives it words */
  lua_setfield(L, -2, "error_type");
  sld__work_define_column(L);
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
#if defined(LUAJIT_ENGINE)
  lua_getglobal(L, "require"); /* which opens it only now, on the reserve: see memory.h */
  lua_pushliteral(L, "ffi");
  lua_call(L, 1, 0);
#endif
  sld__memory_opened(&state->memory);
#if defined(LUAJIT_ENGINE)
  run_prelude(L, walk_luajit_text, sizeof walk_luajit_text - 1, 0);
#endif
  set_paths(L, path);
  lua_pushlightuserdata(L, state);
  lua_setfield(L, LUA_REGISTRYINDEX, "sliders.work");
  lua_pushcfunction(L, sld__work_handler);
  state->handler = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pushcfunction(L, sld__work_run);
  state->runner = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pushlightuserdata(L, NULL);
  state->raised = luaL_ref(L, LUA_REGISTRYINDEX);
  push_core(L, state);
  run_prelude(L, work_text, sizeof work_text - 1, 3);
  state->env_meta = luaL_ref(L, LUA_REGISTRYINDEX);
  state->column_parts = luaL_ref(L, LUA_REGISTRYINDEX);
  state->make_column = luaL_ref(L, LUA_REGISTRYINDEX);
  run_prelude(L, pool_text, sizeof pool_text - 1, 0);
  sld__work_set_pool(state);
  sld__pool_push(L, &state->calls, state->side.target, state, state, 1);
  state->pool = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

sld_status sld__work_no_memory(sld_error *err) {
  if (err) {
    memset(err, 0, sizeof *err);
    err->status = SLD_ENOMEM;
    strcpy(err->message, "out of memory");
  }
  return SLD_ENOMEM;
}

int sld__work_protect(struct sld__vm_work *state, lua_CFunction function) {
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
  if (!state) return sld__work_no_memory(err);
  memset(state, 0, sizeof *state);
  state->core = core;
  state->work = setup->work;
  state->packet.resize = core->alloc.resize;
  state->packet.ud = core->alloc.ud;
  state->side.pool = setup->path;
  state->kept = state->plain = LUA_NOREF;
  state->memory.alloc = &core->alloc;
  state->L = sld__memory_state(&state->memory);
  if (!state->L || sld__work_protect(state, open_libraries) != 0) {
    sld__vm_close_work(state);
    return sld__work_no_memory(err);
  }
  *out = state;
  return SLD_OK;
}
