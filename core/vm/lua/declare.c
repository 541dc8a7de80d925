/* What the preludes report of a strategy's declaration. */
#include <string.h>

#include "vm/lua/state.h"

static char *keep(lua_State *L, sld__vm *vm, const char *text, size_t size) {
  char *copy = vm->core->alloc.resize(vm->core->alloc.ud, NULL, size + 1);
  if (!copy) sld__vm_no_memory(L, vm);
  memcpy(copy, text, size + 1);
  return copy;
}

static char *keep_string(lua_State *L, sld__vm *vm, int at) {
  size_t size;
  const char *text = luaL_checklstring(L, at, &size);
  return keep(L, vm, text, size);
}

static int prim_declare(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  sld__declaration *d = vm->declaring;
  d->about = keep_string(L, vm, 1);
  for (int i = 0; i < 6; i++)
    if (lua_toboolean(L, i + 2)) d->hooks |= 1 << i;
  d->warmup = (int64_t)luaL_checknumber(L, 8);
  return 0;
}

/* Makes room for one more of `size` bytes; the fields grow one by one, which is enough for a handful of parameters. */
static void *grown(lua_State *L, sld__vm *vm, void *list, size_t count, size_t size) {
  void *bigger = vm->core->alloc.resize(vm->core->alloc.ud, list, (count + 1) * size);
  if (!bigger) sld__vm_no_memory(L, vm);
  memset((char *)bigger + count * size, 0, size);
  return bigger;
}

/* core.declare_param(name, kind, initial, min, max, step, label, {choices}) */
static int prim_declare_param(lua_State *L) {
  static const char *const kinds[] = { "int", "number", "bool", "choice", NULL };
  sld__vm *vm = sld__vm_of(L);
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

/* core.declare_account("shared" or "split") */
static int prim_declare_account(lua_State *L) {
  static const char *const kinds[] = { "", "split", "shared", NULL };
  sld__vm_of(L)->declaring->account = (sld_account)luaL_checkoption(L, 1, NULL, kinds);
  return 0;
}

/* core.declare_allocate(rebalance, window or 0) */
static int prim_declare_allocate(lua_State *L) {
  static const char *const periods[] = { "day", "week", "month", NULL };
  sld__declaration *d = sld__vm_of(L)->declaring;
  d->rebalance = (sld__rebalance)luaL_checkoption(L, 1, NULL, periods);
  d->window = (size_t)luaL_checknumber(L, 2);
  return 0;
}

/* core.declare_pair(name), in order of name */
static int prim_declare_pair(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  sld__declaration *d = vm->declaring;
  d->pairs = grown(L, vm, d->pairs, d->pair_count, sizeof *d->pairs);
  d->pair_count++;
  d->pairs[d->pair_count - 1] = keep_string(L, vm, 1);
  return 0;
}

static int prim_declare_model(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  vm->declaring->model = keep_string(L, vm, 1);
  return 0;
}

static int prim_declare_model_option(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  sld__declaration *d = vm->declaring;
  d->model_options = grown(L, vm, d->model_options, d->model_option_count, sizeof *d->model_options);
  sld__model_option *option_ = &d->model_options[d->model_option_count++];
  option_->name = keep_string(L, vm, 1);
  if (lua_type(L, 2) == LUA_TNUMBER) option_->number = lua_tonumber(L, 2);
  else option_->text = keep_string(L, vm, 2);
  return 0;
}

const luaL_Reg sld__vm_declare[] = {
  { "declare", prim_declare }, { "declare_param", prim_declare_param }, { "declare_model", prim_declare_model },
  { "declare_model_option", prim_declare_model_option }, { "declare_account", prim_declare_account }, { "declare_pair", prim_declare_pair },
  { "declare_allocate", prim_declare_allocate }, { NULL, NULL },
};
