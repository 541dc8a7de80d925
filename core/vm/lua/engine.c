/* The engine's table and the life of a state: open, describe, valid, close. */
#include <string.h>

#include "vm/lua/state.h"

#include "preludes.h" /* made by the build from the .lua files beside this one */

static sld_status out_of_memory(sld_error *err) {
  if (err) {
    memset(err, 0, sizeof *err);
    err->status = SLD_ENOMEM;
    strcpy(err->message, "out of memory");
  }
  return SLD_ENOMEM;
}

/* ---- Opening. Everything below runs in protected calls: in LuaJIT even pushing a C function may run out of memory. ---- */

typedef struct prelude { const char *text; size_t size; } prelude;

/* Runs one of the preludes with what lies at 2.. as arguments and leaves `results`. */
static void run_prelude(lua_State *L, const char *text, size_t size, int args, int results) {
  if (luaL_loadbuffer(L, text, size, "=sliders") != 0) lua_error(L);
  for (int i = 0; i < args; i++) lua_pushvalue(L, 2 + i);
  lua_call(L, args, results);
}

/* (vm) -> (vm, core, what differs between the engines, own) */
static void run_first_preludes(lua_State *L, sld__vm *vm) {
#if defined(LUAJIT_ENGINE)
  run_prelude(L, walk_luajit_text, sizeof walk_luajit_text - 1, 0, 0);
  lua_pushlightuserdata(L, &vm->view);
  lua_pushlightuserdata(L, (void *)(uintptr_t)sld__vm_advance);
  lua_pushlightuserdata(L, (void *)(uintptr_t)sld__vm_target);
  lua_pushlightuserdata(L, (void *)(uintptr_t)sld__vm_next);
  lua_pushlightuserdata(L, (void *)(uintptr_t)sld__vm_select);
  lua_pushlightuserdata(L, (void *)(uintptr_t)sld__vm_fresh);
  run_prelude(L, prelude_luajit_text, sizeof prelude_luajit_text - 1, 6, 1);
  lua_insert(L, 2);
  lua_settop(L, 2);
  sld__vm_push_core(vm);
  lua_insert(L, 2);
#else
  sld__vm_push_core(vm);
  run_prelude(L, prelude_lua54_text, sizeof prelude_lua54_text - 1, 1, 1);
#endif
  lua_newtable(L);
}

static int open_preludes(lua_State *L) {
  static const prelude shared[] = {
    { words_text, sizeof words_text - 1 }, { columns_text, sizeof columns_text - 1 }, { clocks_text, sizeof clocks_text - 1 },
    { declare_text, sizeof declare_text - 1 },
    { model_text, sizeof model_text - 1 }, { catching_text, sizeof catching_text - 1 }, { libraries_text, sizeof libraries_text - 1 }, { host_text, sizeof host_text - 1 }, { sandbox_text, sizeof sandbox_text - 1 }, { orders_text, sizeof orders_text - 1 },
    { several_text, sizeof several_text - 1 }, { allocate_text, sizeof allocate_text - 1 },
  };
  sld__vm *vm = lua_touserdata(L, 1);
  lua_settop(L, 1);
  sld__vm_push_handler(L);
  vm->handler = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_newtable(L);
  vm->bound = luaL_ref(L, LUA_REGISTRYINDEX);
  luaL_openlibs(L);
  run_first_preludes(L, vm);
  sld__memory_opened(&vm->memory);
  for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) run_prelude(L, shared[i].text, shared[i].size, 3, 0);
  if (vm->script->trusted) run_prelude(L, trusted_text, sizeof trusted_text - 1, 3, 0);
  run_prelude(L, jobs_text, sizeof jobs_text - 1, 3, 7);
  int *refs[] = { &vm->allocate, &vm->finish, &vm->run, &vm->begin, &vm->valid, &vm->declare, &vm->adopt };
  for (int i = 0; i < 7; i++) *refs[i] = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

static int load_script(lua_State *L) {
  sld__vm *vm = lua_touserdata(L, 1);
  if (sld__vm_load(L, vm->script->path, vm->script->text, vm->script->size) != 0) return lua_error(L);
  vm->chunk = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

static sld_status protect(sld__vm *vm, lua_CFunction function, sld_error *err) {
#if defined(LUAJIT_ENGINE)
  int code = lua_cpcall(vm->L, function, vm);
#else
  lua_pushcfunction(vm->L, function);
  lua_pushlightuserdata(vm->L, vm);
  int code = lua_pcall(vm->L, 1, 0, 0);
#endif
  if (code == 0) return SLD_OK;
  return sld__vm_fail(vm, code, err);
}

static void close_state(sld__vm *vm) {
  if (!vm) return;
  sld__memory_close(&vm->memory, vm->L);
  sld_allocator alloc = vm->core->alloc;
  vm->core->frames_free(vm->frames);
  sld__vm_seats_fini(vm);
  alloc.resize(alloc.ud, vm->time, 0);
  alloc.resize(alloc.ud, vm->log, 0);
  alloc.resize(alloc.ud, vm, 0);
}

static void limit(sld__vm *vm, const sld__vm_limits *limits) {
  vm->starved = false;
  atomic_store_explicit(&vm->view.pulse.halt, 0, memory_order_relaxed);
  vm->memory.limit = limits->memory;
  vm->log_limit = limits->log;
  sld__vm_count(vm, limits->instructions);
}

static bool starved(const sld__vm *vm) {
  return vm->starved;
}

static sld__vm_pulse *pulse(sld__vm *vm) {
  return &vm->view.pulse;
}

static sld_status prepare(sld__vm *vm, sld_error *err) {
  sld_status status = protect(vm, open_preludes, err);
  sld__memory_opened(&vm->memory);
  limit(vm, &vm->script->limits);
  if (status == SLD_OK) status = protect(vm, load_script, err);
  if (status != SLD_OK) return status;
  sld__vm_restart(vm);
  lua_rawgeti(vm->L, LUA_REGISTRYINDEX, vm->adopt);
  lua_rawgeti(vm->L, LUA_REGISTRYINDEX, vm->chunk);
  return sld__vm_call(vm, 1, 0, err);
}

static sld_status open_state(sld__vm **out, const sld__vm_core *core, sld__script *script, sld_error *err) {
  sld__vm *vm = core->alloc.resize(core->alloc.ud, NULL, sizeof *vm);
  if (!vm) return out_of_memory(err);
  memset(vm, 0, sizeof *vm);
  vm->core = core;
  vm->script = script;
  sld__vm_go_to(vm, -1);
  vm->memory.alloc = &core->alloc;
  vm->L = sld__memory_state(&vm->memory);
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
  sld__vm_restart(vm);
  lua_rawgeti(vm->L, LUA_REGISTRYINDEX, vm->declare);
  sld_status status = sld__vm_call(vm, 0, 0, err);
  vm->declaring = NULL;
  return status;
}

static sld_status valid(sld__vm *vm, const double *params, size_t param_count, bool *out, sld_error *err) {
  vm->params = params;
  vm->param_count = param_count;
  sld__vm_restart(vm);
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
  .allocate = sld__vm_allocate,
  .log = log_text,
  .limit = limit,
  .starved = starved,
  .pulse = pulse,
  .open_work = sld__vm_open_work,
  .close_work = sld__vm_close_work,
  .call = sld__vm_work_call,
};

/* The one symbol that the plug-in shows. */
__attribute__((visibility("default"))) const sld__vm_engine *sliders_engine_v1(void);

const sld__vm_engine *sliders_engine_v1(void) {
  return &engine;
}
