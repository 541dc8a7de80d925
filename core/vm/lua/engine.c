/* The engine's table and the life of a state: open, describe, valid, close. */
#include <string.h>

#include "vm/lua/state.h"

#include "preludes.h" /* made by the build from the .lua files beside this one */

static void *allocate(void *ud, void *ptr, size_t old, size_t size) {
  const sld_allocator *alloc = ud;
  (void)old;
  return alloc->resize(alloc->ud, ptr, size);
}

static sld_status out_of_memory(sld_error *err) {
  if (err) {
    memset(err, 0, sizeof *err);
    err->status = SLD_ENOMEM;
    strcpy(err->message, "out of memory");
  }
  return SLD_ENOMEM;
}

static sld__vm *vm_at(lua_State *L) {
  return lua_touserdata(L, 1);
}

/* Steps of opening a state. Each runs protected; what it returns is called by the next sld__vm_call. */

static int load_own(lua_State *L) {
  sld__vm *vm = vm_at(L);
  luaL_openlibs(L);
#if defined(LUAJIT_ENGINE)
  if (luaL_loadbuffer(L, prelude_luajit, sizeof prelude_luajit - 1, "=sliders") != 0) return lua_error(L);
  lua_pushlightuserdata(L, &vm->view);
  lua_pushlightuserdata(L, (void *)(uintptr_t)sld__vm_advance);
  lua_pushlightuserdata(L, (void *)(uintptr_t)sld__vm_target);
  return 4;
#else
  if (luaL_loadbuffer(L, prelude_lua54, sizeof prelude_lua54 - 1, "=sliders") != 0) return lua_error(L);
  sld__vm_push_core(vm);
  return 2;
#endif
}

static int load_shared(lua_State *L) {
  sld__vm *vm = vm_at(L);
  if (luaL_loadbuffer(L, prelude, sizeof prelude - 1, "=sliders") != 0) return lua_error(L);
  sld__vm_push_core(vm);
  lua_pushvalue(L, 2); /* what the VM's own prelude returned */
  return 3;
}

/* (vm, adopt, declare, valid, begin, run, finish) -> adopt, chunk */
static int load_script(lua_State *L) {
  sld__vm *vm = vm_at(L);
  int *refs[] = { &vm->finish, &vm->run, &vm->begin, &vm->valid, &vm->declare };
  for (int i = 0; i < 5; i++) *refs[i] = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_newtable(L);
  vm->bound = luaL_ref(L, LUA_REGISTRYINDEX);
  /* Strings keep their methods, but scripts cannot reach the table that holds them. */
  lua_pushliteral(L, "");
  if (lua_getmetatable(L, -1)) {
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
  }
  lua_settop(L, 2);
  lua_pushfstring(L, "@%s", vm->script->path);
  int code = luaL_loadbufferx(L, vm->script->text, vm->script->size, lua_tostring(L, -1), "t");
  if (code == LUA_ERRMEM) return luaL_error(L, "not enough memory");
  if (code != 0) return lua_error(L);
  lua_remove(L, -2);
  return 2;
}

/* Calls `function` protected with the state's address and the `args` values on top of the stack, leaving `results`. */
static sld_status step(sld__vm *vm, lua_CFunction function, int args, int results, sld_error *err) {
  int base = lua_gettop(vm->L) - args + 1;
  lua_pushcfunction(vm->L, function);
  lua_insert(vm->L, base);
  lua_pushlightuserdata(vm->L, vm);
  lua_insert(vm->L, base + 1);
  return sld__vm_call(vm, args + 1, results, err);
}

static void close_state(sld__vm *vm) {
  if (!vm) return;
  if (vm->L) lua_close(vm->L);
  sld_allocator alloc = vm->core->alloc;
  alloc.resize(alloc.ud, vm->time, 0);
  alloc.resize(alloc.ud, vm->log, 0);
  alloc.resize(alloc.ud, vm, 0);
}

#if defined(LUAJIT_ENGINE)
enum { OWN_ARGS = 3 };
#else
enum { OWN_ARGS = 1 };
#endif

static sld_status prepare(sld__vm *vm, sld_error *err) {
  sld_status status = step(vm, load_own, 0, OWN_ARGS + 1, err);
  if (status == SLD_OK) status = sld__vm_call(vm, OWN_ARGS, 1, err);
  if (status == SLD_OK) status = step(vm, load_shared, 1, 3, err);
  if (status == SLD_OK) status = sld__vm_call(vm, 2, 6, err);
  if (status == SLD_OK) status = step(vm, load_script, 6, 2, err);
  if (status == SLD_OK) status = sld__vm_call(vm, 1, 0, err);
  return status;
}

static sld_status open_state(sld__vm **out, const sld__vm_core *core, sld__script *script, sld_error *err) {
  sld__vm *vm = core->alloc.resize(core->alloc.ud, NULL, sizeof *vm);
  if (!vm) return out_of_memory(err);
  memset(vm, 0, sizeof *vm);
  vm->core = core;
  vm->script = script;
  vm->view.now = -1;
  vm->L = lua_newstate(allocate, (void *)(uintptr_t)&core->alloc);
  sld_status status = vm->L ? prepare(vm, err) : out_of_memory(err);
  if (status != SLD_OK) {
    close_state(vm);
    return status;
  }
  *out = vm;
  return SLD_OK;
}

static sld_status describe(sld__vm *vm, sld__declaration *out, sld_error *err) {
  memset(out, 0, sizeof *out);
  out->alloc = &vm->core->alloc;
  vm->declaring = out;
  lua_rawgeti(vm->L, LUA_REGISTRYINDEX, vm->declare);
  sld_status status = sld__vm_call(vm, 0, 0, err);
  vm->declaring = NULL;
  return status;
}

static sld_status valid(sld__vm *vm, const double *params, size_t param_count, bool *out, sld_error *err) {
  vm->params = params;
  vm->param_count = param_count;
  lua_rawgeti(vm->L, LUA_REGISTRYINDEX, vm->valid);
  sld_status status = sld__vm_call(vm, 0, 1, err);
  if (status != SLD_OK) return status;
  *out = lua_toboolean(vm->L, -1);
  lua_pop(vm->L, 1);
  return SLD_OK;
}

static const char *log_text(const sld__vm *vm) {
  return vm->log_size ? vm->log : "";
}

static const sld__vm_engine engine = {
  .abi = SLD__ENGINE_ABI,
#if defined(LUAJIT_ENGINE)
  .name = "luajit",
  .version = LUAJIT_VERSION,
#else
  .name = "lua54",
  .version = LUA_RELEASE,
#endif
  .open = open_state,
  .close = close_state,
  .describe = describe,
  .valid = valid,
  .begin = sld__vm_begin,
  .bars = sld__vm_bars,
  .end = sld__vm_end,
  .log = log_text,
};

/* The one symbol that the plug-in shows. */
__attribute__((visibility("default"))) const sld__vm_engine *sliders_engine_v1(void);

const sld__vm_engine *sliders_engine_v1(void) {
  return &engine;
}
