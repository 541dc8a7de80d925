/* The hook allocate: numbers of the core into a table, weights back. */
#include "vm/lua/state.h"

static void set_names(lua_State *L, const sld__vm_now *now) {
  lua_createtable(L, (int)now->count, 0);
  for (size_t i = 0; i < now->count; i++) {
    lua_pushstring(L, now->pairs[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "pairs");
}

/* Nothing where there are no values of that kind. */
static void set_list(lua_State *L, const char *name, const double *values, size_t count) {
  if (!values) return;
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_pushnumber(L, values[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, name);
}

static void set_number(lua_State *L, const char *name, double value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, name);
}

/* core.now_of_account() -> lists in order of now.pairs; cov row by row */
static int prim_now_of_account(lua_State *L) {
  const sld__vm_now *now = sld__vm_of(L)->told;
  lua_createtable(L, 0, 10);
  set_names(L, now);
  set_number(L, "time", (double)now->time / 1e9);
  set_number(L, "equity", now->equity);
  set_list(L, "signal", now->signal, now->count);
  set_list(L, "close", now->close, now->count);
  set_list(L, "weight", now->weight, now->count);
  set_list(L, "vol", now->vol, now->count);
  set_list(L, "cov", now->cov, now->count * now->count);
  set_list(L, "rate", now->rate, now->count);
  return 1;
}

/* core.weigh(i, weight) of pair i of now.pairs, from 1 */
static int prim_weigh(lua_State *L) {
  sld__vm_of(L)->weights[luaL_checkinteger(L, 1) - 1] = luaL_checknumber(L, 2);
  return 0;
}

sld_status sld__vm_allocate(sld__vm *vm, sld__vm_job *job, const sld__vm_now *now, double *weights, sld_error *err) {
  vm->job = job;
  if (job->pair_count) sld__vm_take_seat(vm, job);
  vm->told = now;
  vm->weights = weights;
  for (size_t i = 0; i < now->count; i++) weights[i] = 0.0;
  lua_rawgeti(vm->L, LUA_REGISTRYINDEX, vm->allocate);
  sld_status status = sld__vm_call(vm, 0, 0, err);
  vm->told = NULL;
  vm->weights = NULL;
  return status;
}

const luaL_Reg sld__vm_allocating[] = { { "now_of_account", prim_now_of_account }, { "weigh", prim_weigh }, { NULL, NULL } };
