/* The C functions behind the preludes: columns, orders, numbers, modules, declarations.
 *
 * Each is called by Lua inside a protected call and may raise; none holds memory while it can raise. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "vm/lua/state.h"

static sld__vm *vm_of(lua_State *L) {
  return lua_touserdata(L, lua_upvalueindex(1));
}

/* Ends the call with the core's own status: it reaches the job's error. */
static int raise(lua_State *L, sld__vm *vm) {
  bool asked = vm->error.status == SLD_EVALUE || vm->error.status == SLD_ERANGE; /* the script's doing, not the data's */
  if (asked && !vm->error.file[0]) sld__vm_locate(L, &vm->error);
  vm->failure = vm->error.status;
  return luaL_error(L, "%s", vm->error.message);
}

static int no_memory(lua_State *L, sld__vm *vm) {
  memset(&vm->error, 0, sizeof vm->error);
  vm->error.status = SLD_ENOMEM;
  strcpy(vm->error.message, "out of memory");
  return raise(L, vm);
}

/* ---- Columns ---- */

static const double *time_column(sld__vm *vm) {
  const sld__vm_job *job = vm->job;
  if (vm->time_capacity < job->rows) {
    double *grown = vm->core->alloc.resize(vm->core->alloc.ud, vm->time, job->rows * sizeof *grown);
    if (!grown) return NULL;
    vm->time = grown;
    vm->time_capacity = job->rows;
  }
  for (size_t i = 0; i < job->rows; i++) vm->time[i] = (double)job->series->time[job->row0 + i] / 1e9;
  return vm->time;
}

/* core.base(name) -> id, or nil where the pair has no such column */
static int prim_base(lua_State *L) {
  sld__vm *vm = vm_of(L);
  const char *name = luaL_checkstring(L, 1);
  const sld__series *series = vm->job->series;
  const double *whole = strcmp(name, "open") == 0 ? series->open : strcmp(name, "high") == 0 ? series->high : strcmp(name, "low") == 0 ? series->low
    : strcmp(name, "close") == 0 ? series->close : strcmp(name, "volume") == 0 ? series->volume : NULL;
  const double *values = whole ? whole + vm->job->row0 : NULL;
  if (strcmp(name, "time") == 0) {
    values = time_column(vm);
    if (!values) return no_memory(L, vm);
  }
  if (!values) return 0;
  int id;
  if (vm->core->columns_base(vm->job->columns, &id, values, name, &vm->error) != SLD_OK) return raise(L, vm);
  lua_pushinteger(L, id);
  return 1;
}

static int prim_constant(lua_State *L) {
  sld__vm *vm = vm_of(L);
  int id;
  if (vm->core->columns_constant(vm->job->columns, &id, luaL_checknumber(L, 1), &vm->error) != SLD_OK) return raise(L, vm);
  lua_pushinteger(L, id);
  return 1;
}

/* core.apply(kernel, {ids}, {options}) -> {ids}, or a message for the caller's line */
static int prim_apply(lua_State *L) {
  sld__vm *vm = vm_of(L);
  const char *name = luaL_checkstring(L, 1);
  const sld__kernel *kernel = vm->core->kernel_find(name);
  if (!kernel) return luaL_error(L, "no indicator '%s'", name);
  int in[SLD__KERNEL_INPUTS] = { 0 }, out[SLD__KERNEL_OUTPUTS] = { 0 };
  double opt[SLD__KERNEL_OPTIONS] = { 0 };
  for (int i = 0; i < kernel->inputs; i++) {
    lua_rawgeti(L, 2, i + 1);
    in[i] = (int)luaL_checkinteger(L, -1);
    lua_pop(L, 1);
  }
  for (int i = 0; i < kernel->options; i++) {
    lua_rawgeti(L, 3, i + 1);
    opt[i] = luaL_checknumber(L, -1);
    lua_pop(L, 1);
  }
  sld_error err;
  sld_status status = vm->core->columns_apply(vm->job->columns, out, kernel, in, opt, &err);
  if (status == SLD_ENOMEM) return no_memory(L, vm);
  if (status != SLD_OK) {
    lua_pushstring(L, err.message);
    return 1;
  }
  lua_createtable(L, kernel->outputs, 0);
  for (int i = 0; i < kernel->outputs; i++) {
    lua_pushinteger(L, out[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* core.bind(id, column): the bar loop of Lua 5.4 sets x[0] of this table */
static int prim_bind(lua_State *L) {
  sld__vm *vm = vm_of(L);
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
  sld__vm *vm = vm_of(L);
  int id = (int)lua_tointeger(L, 1);
  double k = lua_tonumber(L, 2);
  if (!(k >= 0 && k <= vm->view.now && k == floor(k)) || !vm->view.base[id]) return 0;
  if (k == 0) heat(vm, id);
  lua_pushnumber(L, vm->view.base[id][vm->view.now - (int32_t)k]);
  return 1;
}

static int prim_now(lua_State *L) {
  lua_pushinteger(L, vm_of(L)->view.now);
  return 1;
}

/* ---- The job ---- */

/* core.values() -> the parameters' values in order of declaration */
static int prim_values(lua_State *L) {
  sld__vm *vm = vm_of(L);
  lua_createtable(L, (int)vm->param_count, 0);
  for (size_t i = 0; i < vm->param_count; i++) {
    lua_pushnumber(L, vm->params[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

/* core.pair() -> name, pip, lot */
static int prim_pair(lua_State *L) {
  const sld_instrument *instrument = &vm_of(L)->job->series->info.instrument;
  lua_pushstring(L, instrument->pair);
  lua_pushnumber(L, instrument->pip);
  lua_pushnumber(L, instrument->lot);
  return 3;
}

/* core.began(signal column or -1, declared warm-up or -1) */
static int prim_began(lua_State *L) {
  sld__vm *vm = vm_of(L);
  vm->job->signal = (int)luaL_checkinteger(L, 1);
  vm->warmup = luaL_checknumber(L, 2);
  return 0;
}

/* ---- Orders ---- */

/* What the broker says after a call that could end the job: its own error reaches the job unchanged. */
static int settled(lua_State *L, sld__vm *vm, int ended) {
  if (ended && vm->job->broker->status != SLD_OK) {
    vm->error = vm->job->broker->error;
    return raise(L, vm);
  }
  return 0;
}

/* core.target(x) -> true when taken; false when the slow form must look at x */
static int prim_target(lua_State *L) {
  sld__vm *vm = vm_of(L);
  if (lua_type(L, 1) != LUA_TNUMBER) return 0;
  double x = lua_tonumber(L, 1);
  if (x != vm->view.last_target) {
    if (isnan(x)) return 0;
    int ended = sld__vm_target(&vm->view, x);
    settled(L, vm, ended);
    if (ended) return 0;
  }
  lua_pushboolean(L, 1);
  return 1;
}

static double option(lua_State *L, int at) {
  return lua_isnoneornil(L, at) ? (double)NAN : luaL_checknumber(L, at);
}

/* core.order(kind, quantity, value, sl, tp, sl_dist, tp_dist, rebalance) */
static int prim_order(lua_State *L) {
  static const char *const kinds[] = { "target", "buy", "sell", "close", NULL };
  static const char *const quantities[] = { "units", "lots", "fraction", "risk", NULL };
  sld__vm *vm = vm_of(L);
  sld__request request = {
    .kind = (sld__request_kind)luaL_checkoption(L, 1, NULL, kinds),
    .quantity = (sld__quantity)luaL_checkoption(L, 2, NULL, quantities),
    .value = luaL_checknumber(L, 3),
    .stop_loss = option(L, 4),
    .take_profit = option(L, 5),
    .stop_loss_dist = option(L, 6),
    .take_profit_dist = option(L, 7),
    .rebalance = option(L, 8),
  };
  settled(L, vm, sld__vm_request(&vm->view, &request));
  return 0;
}

/* core.account(name) -> position, equity or cash as of the bar's close; nil for another name */
static int prim_account(lua_State *L) {
  sld__vm *vm = vm_of(L);
  const char *name = lua_tostring(L, 1);
  if (!name) return 0;
  const double *value = strcmp(name, "position") == 0 ? &vm->view.position : strcmp(name, "equity") == 0 ? &vm->view.equity : strcmp(name, "cash") == 0 ? &vm->view.cash : NULL;
  if (!value) return 0;
  settled(L, vm, sld__vm_advance(&vm->view, vm->view.now));
  lua_pushnumber(L, *value);
  return 1;
}

/* ---- Numbers ---- */

#define UNARY(name)                                                      \
  static int prim_##name(lua_State *L) {                                 \
    lua_pushnumber(L, vm_of(L)->core->name(luaL_checknumber(L, 1)));     \
    return 1;                                                            \
  }
UNARY(exp) UNARY(log) UNARY(sin) UNARY(cos) UNARY(tan) UNARY(asin) UNARY(acos) UNARY(atan)
#undef UNARY

static int prim_pow(lua_State *L) {
  lua_pushnumber(L, vm_of(L)->core->pow(luaL_checknumber(L, 1), luaL_checknumber(L, 2)));
  return 1;
}

static int prim_atan2(lua_State *L) {
  lua_pushnumber(L, vm_of(L)->core->atan2(luaL_checknumber(L, 1), luaL_checknumber(L, 2)));
  return 1;
}

void sld__vm_restart(sld__vm *vm) {
  vm->log_size = 0;
  vm->log_full = false;
  vm->core->rng_init(&vm->random, 0, 0);
}

/* core.random() -> [0, 1) */
static int prim_random(lua_State *L) {
  sld__vm *vm = vm_of(L);
  lua_pushnumber(L, vm->core->rng_uniform(&vm->random));
  return 1;
}

/* core.digits(layout, x) -> text; `layout` is one checked conversion of printf's e, f or g. C rounds ties to even where LuaJIT's own does
 * not, and may write another decimal point than "." after a host has set a locale. */
static int prim_digits(lua_State *L) {
  char text[512]; /* two digits of width and precision at most: the longest is 309 + 1 + 99 */
  const char *layout = luaL_checkstring(L, 1);
  double x = luaL_checknumber(L, 2);
  int length = snprintf(text, sizeof text, layout, isnan(x) ? fabs(x) : x); /* NaN has no sign */
  if (length < 0 || (size_t)length >= sizeof text) return luaL_error(L, "no number is so long");
  for (char *c = text; *c; c++)
    if (*c == ',') *c = '.';
  lua_pushlstring(L, text, (size_t)length);
  return 1;
}

/* ---- Words, modules, log ---- */

/* core.suggest(word, {names}) -> name or nil */
static int prim_suggest(lua_State *L) {
  sld__vm *vm = vm_of(L);
  const char *word = luaL_checkstring(L, 1);
  const char *names[128];
  size_t count = 0;
  for (; count < 128; count++) {
    lua_rawgeti(L, 2, (int)count + 1);
    names[count] = lua_tostring(L, -1); /* the table keeps the string */
    lua_pop(L, 1);
    if (!names[count]) break;
  }
  const char *found = vm->core->suggest(word, names, count);
  if (!found) return 0;
  lua_pushstring(L, found);
  return 1;
}

/* core.module(name) -> chunk, or nil and why. Compiled once per state. */
static int prim_module(lua_State *L) {
  sld__vm *vm = vm_of(L);
  const char *name = luaL_checkstring(L, 1);
  lua_pushfstring(L, "sliders.module.%s", name);
  lua_rawget(L, LUA_REGISTRYINDEX);
  if (lua_isfunction(L, -1)) return 1;
  sld_error err;
  const sld__module *module = vm->core->module(vm->script, name, &err);
  if (!module) {
    lua_pushnil(L);
    lua_pushstring(L, err.message);
    return 2;
  }
  if (sld__vm_load(L, module->path, module->text, module->size) != 0) {
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
  }
  lua_pushfstring(L, "sliders.module.%s", name);
  lua_pushvalue(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
  return 1;
}

/* Adds a line to the job's log. Zero bytes would end it early, and become spaces. */
static bool append(sld__vm *vm, const char *line, size_t size) {
  size_t need = vm->log_size + size + 2;
  if (need > vm->log_capacity) {
    char *grown = vm->core->alloc.resize(vm->core->alloc.ud, vm->log, need * 2);
    if (!grown) return false;
    vm->log = grown;
    vm->log_capacity = need * 2;
  }
  char *to = vm->log + vm->log_size;
  for (size_t i = 0; i < size; i++) to[i] = line[i] ? line[i] : ' ';
  to[size] = '\n';
  to[size + 1] = '\0';
  vm->log_size += size + 1;
  return true;
}

/* core.print(line): a job keeps the lines that fit into SLD__LOG_MAX bytes, and one that says so. */
static int prim_print(lua_State *L) {
  static const char full[] = "(the log is full)";
  sld__vm *vm = vm_of(L);
  size_t size;
  const char *line = luaL_checklstring(L, 1, &size);
  if (vm->log_full) return 0;
  if (vm->log_size + size >= SLD__LOG_MAX) {
    line = full;
    size = sizeof full - 1;
  }
  if (!append(vm, line, size)) return no_memory(L, vm);
  if (line == full) vm->log_full = true;
  return 0;
}

#if !defined(LUAJIT_ENGINE)
/* core.set_env(chunk, env): `env` becomes the chunk's globals (Lua 5.4: its first upvalue) */
static int prim_set_env(lua_State *L) {
  lua_settop(L, 2);
  if (!lua_setupvalue(L, 1, 1)) lua_pop(L, 1); /* a chunk that names no global has no such upvalue */
  return 0;
}
#endif

/* ---- Declarations ---- */

static char *keep(lua_State *L, sld__vm *vm, const char *text, size_t size) {
  char *copy = vm->core->alloc.resize(vm->core->alloc.ud, NULL, size + 1);
  if (!copy) no_memory(L, vm);
  memcpy(copy, text, size + 1);
  return copy;
}

static char *keep_string(lua_State *L, sld__vm *vm, int at) {
  size_t size;
  const char *text = luaL_checklstring(L, at, &size);
  return keep(L, vm, text, size);
}

static int prim_declare(lua_State *L) {
  sld__vm *vm = vm_of(L);
  sld__declaration *d = vm->declaring;
  d->about = keep_string(L, vm, 1);
  for (int i = 0; i < 5; i++)
    if (lua_toboolean(L, i + 2)) d->hooks |= 1 << i;
  d->warmup = (int64_t)luaL_checknumber(L, 7);
  return 0;
}

/* Makes room for one more of `size` bytes; the fields grow one by one, which is enough for a handful of parameters. */
static void *grown(lua_State *L, sld__vm *vm, void *list, size_t count, size_t size) {
  void *bigger = vm->core->alloc.resize(vm->core->alloc.ud, list, (count + 1) * size);
  if (!bigger) no_memory(L, vm);
  memset((char *)bigger + count * size, 0, size);
  return bigger;
}

/* core.declare_param(name, kind, initial, min, max, step, label, {choices}) */
static int prim_declare_param(lua_State *L) {
  static const char *const kinds[] = { "int", "number", "bool", "choice", NULL };
  sld__vm *vm = vm_of(L);
  sld__declaration *d = vm->declaring;
  d->params = grown(L, vm, d->params, d->param_count, sizeof *d->params);
  sld_param *p = &d->params[d->param_count++];
  p->kind = (sld_kind)luaL_checkoption(L, 2, NULL, kinds);
  p->initial = luaL_checknumber(L, 3);
  p->min = luaL_checknumber(L, 4);
  p->max = luaL_checknumber(L, 5);
  p->step = luaL_checknumber(L, 6);
  p->name = keep_string(L, vm, 1);
  p->label = keep_string(L, vm, 7);
  for (int i = 1;; i++) {
    lua_rawgeti(L, 8, i);
    if (lua_isnil(L, -1)) break;
    const char **choices = grown(L, vm, (void *)(uintptr_t)p->choices, p->choice_count, sizeof *choices);
    p->choices = choices;
    choices[p->choice_count++] = keep_string(L, vm, -1);
    lua_pop(L, 1);
  }
  return 0;
}

static int prim_declare_model(lua_State *L) {
  sld__vm *vm = vm_of(L);
  vm->declaring->model = keep_string(L, vm, 1);
  return 0;
}

static int prim_declare_model_option(lua_State *L) {
  sld__vm *vm = vm_of(L);
  sld__declaration *d = vm->declaring;
  d->model_options = grown(L, vm, d->model_options, d->model_option_count, sizeof *d->model_options);
  sld__model_option *option_ = &d->model_options[d->model_option_count++];
  option_->name = keep_string(L, vm, 1);
  if (lua_type(L, 2) == LUA_TNUMBER) option_->number = lua_tonumber(L, 2);
  else option_->text = keep_string(L, vm, 2);
  return 0;
}

void sld__vm_push_core(sld__vm *vm) {
  static const luaL_Reg prims[] = {
    { "base", prim_base }, { "constant", prim_constant }, { "apply", prim_apply }, { "bind", prim_bind }, { "older", prim_older }, { "now", prim_now },
    { "values", prim_values }, { "pair", prim_pair }, { "began", prim_began },
    { "target", prim_target }, { "order", prim_order }, { "account", prim_account },
    { "exp", prim_exp }, { "log", prim_log }, { "pow", prim_pow }, { "sin", prim_sin }, { "cos", prim_cos }, { "tan", prim_tan },
    { "asin", prim_asin }, { "acos", prim_acos }, { "atan", prim_atan }, { "atan2", prim_atan2 }, { "random", prim_random },
    { "digits", prim_digits }, { "suggest", prim_suggest }, { "module", prim_module }, { "print", prim_print },
#if !defined(LUAJIT_ENGINE)
    { "set_env", prim_set_env }, { "drive", sld__vm_drive },
#endif
    { "declare", prim_declare }, { "declare_param", prim_declare_param }, { "declare_model", prim_declare_model }, { "declare_model_option", prim_declare_model_option },
    { NULL, NULL },
  };
  lua_State *L = vm->L;
  lua_newtable(L);
  for (const luaL_Reg *prim = prims; prim->name; prim++) {
    lua_pushlightuserdata(L, vm);
    lua_pushcclosure(L, prim->func, 1);
    lua_setfield(L, -2, prim->name);
  }
}
