/* The C functions behind the preludes: columns and the job. Those of words.c, declare.c and orders.c join them in the table `core`.
 *
 * Each is called by Lua inside a protected call and may raise; none holds memory while it can raise. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "vm/lua/state.h"

sld__vm *sld__vm_of(lua_State *L) {
  return lua_touserdata(L, lua_upvalueindex(1));
}

/* Ends the call with the core's own status: it reaches the job's error. */
int sld__vm_raise(lua_State *L, sld__vm *vm) {
  bool asked = vm->error.status == SLD_EVALUE || vm->error.status == SLD_ERANGE; /* the script's doing, not the data's */
  if (asked && !vm->error.file[0]) sld__vm_locate(L, &vm->error);
  vm->failure = vm->error.status;
  return luaL_error(L, "%s", vm->error.message);
}

int sld__vm_no_memory(lua_State *L, sld__vm *vm) {
  memset(&vm->error, 0, sizeof vm->error);
  vm->error.status = SLD_ENOMEM;
  strcpy(vm->error.message, "out of memory");
  return sld__vm_raise(L, vm);
}

/* ---- Columns ---- */

static const double *time_column(sld__vm *vm, const sld__series *series, size_t row0, size_t rows) {
  double *time = sld__vm_time(vm, series);
  for (size_t i = 0; time && i < rows; i++) time[i] = (double)series->time[row0 + i] / 1e9;
  return time;
}

const double *sld__vm_series_column(sld__vm *vm, const sld__series *s, size_t row0, size_t rows, const char *name) {
  const double *const columns[SLD__COLUMN_COUNT] = { NULL, s->open, s->high, s->low, s->close, s->volume, s->ask_open, s->ask_high, s->ask_low, s->ask_close };
  if (strcmp(name, "time") == 0) return time_column(vm, s, row0, rows);
  for (int k = 1; k < SLD__COLUMN_COUNT; k++)
    if (strcmp(name, vm->core->frame_column(k)) == 0) return columns[k] ? columns[k] + row0 : NULL;
  return NULL;
}

const char *sld__vm_column_name(const sld__series *series, const char *name) {
  if (strcmp(name, "ask") == 0) return "ask_close";
  return strcmp(name, "bid") == 0 && series->info.side != SLD_MID ? "close" : name;
}

/* core.base(name) -> id, or nil where the pair has no such column */
static int prim_base(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  const char *name = sld__vm_column_name(vm->job->series, luaL_checkstring(L, 1));
  const double *values = sld__vm_series_column(vm, vm->job->series, vm->job->row0, vm->job->rows, name);
  if (!values && strcmp(name, "time") == 0) return sld__vm_no_memory(L, vm);
  if (!values) return 0;
  int id;
  if (vm->core->columns_base(vm->job->columns, &id, values, name, &vm->error) != SLD_OK) return sld__vm_raise(L, vm);
  if (strcmp(name, "volume") != 0) vm->core->columns_finite(vm->job->columns, id); /* prices and times are */
  lua_pushinteger(L, id);
  return 1;
}

/* core.prices() -> ids of open, high, low and close */
static int prim_prices(lua_State *L) {
  static const char *const names[] = { "open", "high", "low", "close" };
  sld__vm *vm = sld__vm_of(L);
  const sld__series *s = vm->job->series;
  const double *const prices[] = { s->open, s->high, s->low, s->close };
  for (int i = 0; i < 4; i++) {
    int id;
    if (vm->core->columns_base(vm->job->columns, &id, prices[i] + vm->job->row0, names[i], &vm->error) != SLD_OK) return sld__vm_raise(L, vm);
    vm->core->columns_finite(vm->job->columns, id);
    lua_pushinteger(L, id);
  }
  return 4;
}

static int prim_constant(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  int id;
  if (vm->core->columns_constant(vm->job->columns, &id, luaL_checknumber(L, 1), &vm->error) != SLD_OK) return sld__vm_raise(L, vm);
  lua_pushinteger(L, id);
  return 1;
}

int sld__vm_push_made(lua_State *L, sld__vm *vm, sld_status status, int id) {
  if (status == SLD_ENOMEM) return sld__vm_no_memory(L, vm);
  if (status == SLD_OK) lua_pushinteger(L, id);
  else lua_pushstring(L, vm->error.message);
  return 1;
}

/* One of the core's kernels, or "host.NAME", or NULL. */
static const sld__kernel *find_kernel(const sld__vm *vm, const char *name) {
  if (strncmp(name, "host.", 5) != 0) return vm->core->kernel_find(name);
  for (const sld__extension *e = vm->core->extensions->first; e; e = e->next)
    if (strcmp(e->kernel.name, name) == 0) return &e->kernel;
  return NULL;
}

/* core.apply(kernel, id .. or {ids}, option ..) -> frame or nil, id .., or a message for the caller's line */
static int prim_apply(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  const char *name = luaL_checkstring(L, 1);
  const sld__kernel *kernel = find_kernel(vm, name);
  if (!kernel) return luaL_error(L, "no indicator '%s'", name);
  int in[SLD__KERNEL_INPUTS] = { 0 }, out[SLD__KERNEL_OUTPUTS] = { 0 };
  double opt[SLD__KERNEL_OPTIONS] = { 0 };
  bool list = lua_istable(L, 2);
  for (int i = 0; i < kernel->inputs; i++) {
    if (list) lua_rawgeti(L, 2, i + 1);
    in[i] = (int)luaL_checkinteger(L, list ? -1 : 2 + i);
    if (list) lua_pop(L, 1);
  }
  for (int i = 0; i < kernel->options; i++) opt[i] = luaL_checknumber(L, (list ? 3 : 2 + kernel->inputs) + i);
  sld_status status = vm->core->columns_apply(vm->job->columns, out, kernel, in, opt, &vm->error);
  if (status == SLD_ENOMEM) return sld__vm_no_memory(L, vm);
  if (status != SLD_OK) {
    lua_pushstring(L, vm->error.message);
    return 1;
  }
  int at = vm->core->columns_frame_of(vm->job->columns, out[0]);
  if (at == 0) lua_pushnil(L);
  else lua_pushinteger(L, at);
  for (int i = 0; i < kernel->outputs; i++) lua_pushinteger(L, out[i]);
  return 1 + kernel->outputs;
}

/* core.bind(id, column): the bar loop of Lua 5.4 sets x[0] of this table */
static int prim_bind(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  int id = (int)luaL_checkinteger(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->bound);
  lua_pushvalue(L, 2);
  lua_rawseti(L, -2, id);
  return 0;
}

static void heat(sld__vm *vm, int id) {
  for (int i = 0; i < vm->hot_count; i++)
    if (vm->hot[i] == id) return;
  vm->hot[vm->hot_count++] = id;
}

/* core.older(id, k) -> value k bars ago, or nil where k is not one */
static int prim_older(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  int id = (int)lua_tointeger(L, 1);
  double k = lua_tonumber(L, 2);
  if (sld__vm_now_row(vm) < 0 || !vm->view.base[id]) return 0;
  int32_t last = sld__vm_last(vm, id, sld__vm_now_row(vm));
  if (k == 0) {
    heat(vm, id);
    lua_pushnumber(L, sld__vm_value(vm, id, sld__vm_now_row(vm)));
    return 1;
  }
  if (!(k >= 0 && k <= last && k == floor(k))) return 0;
  lua_pushnumber(L, vm->view.base[id][last - (int32_t)k]);
  return 1;
}

/* core.now(id) -> the row of the column that is known now, and what a row is called */
static int prim_now(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  int id = (int)lua_tointeger(L, 1);
  lua_pushinteger(L, sld__vm_last(vm, id, sld__vm_now_row(vm)));
  lua_pushstring(L, vm->frame[id] ? "period" : "bar");
  return 2;
}

/* ---- The job ---- */

/* core.values() -> the parameters' values in order of declaration */
static int prim_values(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  lua_createtable(L, (int)vm->param_count, 0);
  for (size_t i = 0; i < vm->param_count; i++) {
    lua_pushnumber(L, vm->params[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

/* core.pair() -> name, pip, lot, base, quote */
static int prim_pair(lua_State *L) {
  const sld_instrument *instrument = &sld__vm_of(L)->job->series->info.instrument;
  lua_pushstring(L, instrument->pair);
  lua_pushnumber(L, instrument->pip);
  lua_pushnumber(L, instrument->lot);
  lua_pushstring(L, instrument->base);
  lua_pushstring(L, instrument->quote);
  return 5;
}

/* core.ask(): `valid` is about to be called in the job's instance */
static int prim_ask(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  vm->random_before = vm->random;
  vm->log_before = vm->log_size;
  return 0;
}

/* core.answer(accepted) -> whether the job goes on, and then as if `valid` had not been called: its random numbers and prints are its own */
static int prim_answer(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  vm->job->rejected = vm->job->may_reject && !lua_toboolean(L, 1);
  lua_pushboolean(L, !vm->job->rejected);
  if (vm->job->rejected) return 1;
  vm->random = vm->random_before;
  vm->log_size = vm->log_before;
  vm->log_full = false;
  if (vm->log) vm->log[vm->log_size] = 0;
  return 1;
}

/* core.began(signal column or -1, declared warm-up or -1) */
static int prim_began(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  vm->job->signal = (int)luaL_checkinteger(L, 1);
  vm->warmup = luaL_checknumber(L, 2);
  return 0;
}

/* ---- The table ---- */

/* Every function gets the state as its upvalue. */
static void add(lua_State *L, sld__vm *vm, const luaL_Reg *prims) {
  for (; prims->name; prims++) {
    lua_pushlightuserdata(L, vm);
    lua_pushcclosure(L, prims->func, 1);
    lua_setfield(L, -2, prims->name);
  }
}

void sld__vm_push_core(sld__vm *vm) {
  static const luaL_Reg prims[] = {
    { "base", prim_base }, { "prices", prim_prices }, { "constant", prim_constant }, { "apply", prim_apply }, { "bind", prim_bind }, { "older", prim_older }, { "now", prim_now },
    { "values", prim_values }, { "ask", prim_ask }, { "answer", prim_answer }, { "pair", prim_pair }, { "began", prim_began },
#if !defined(LUAJIT_ENGINE)
    { "drive", sld__vm_drive },
#endif
    { NULL, NULL },
  };
  lua_newtable(vm->L);
  add(vm->L, vm, prims);
  add(vm->L, vm, sld__vm_words);
  add(vm->L, vm, sld__vm_declare);
  add(vm->L, vm, sld__vm_orders);
  add(vm->L, vm, sld__vm_host);
  add(vm->L, vm, sld__vm_clocks);
  add(vm->L, vm, sld__vm_several);
  add(vm->L, vm, sld__vm_allocating);
  add(vm->L, vm, sld__vm_counting);
}
