/* Strategies of sliders.core: opening a file or a text, and what it says about itself. */
#include <string.h>

#include "handle.h"

static void strategy_destroy(void *object) {
  sld_strategy_free(object);
}

/* A limit at `index` of the stack; nothing where none is given. */
static void limit_read(lua_State *L, int index, size_t *limit) {
  lua_Number x = luaL_optnumber(L, index, -1);
  if (x >= 0 && x < 0x1p53) *limit = (size_t)x;
}

/* (host, path, vm, trusted, text, isolated, memory, instructions): of the file `path`, or of a text that goes by that name. */
int strategy_open(lua_State *L) {
  handle *host = handle_check(L, 1, HOST_TYPE);
  const char *path = luaL_checkstring(L, 2);
  sld_strategy_options options = SLD_STRATEGY_OPTIONS_INIT;
  sld_error err = {0};
  options.vm = luaL_optstring(L, 3, NULL);
  options.trusted = lua_toboolean(L, 4);
  if (lua_toboolean(L, 6)) options.isolation = SLD_ISOLATION_PROCESS;
  if (!lua_isnoneornil(L, 5)) options.text = luaL_checklstring(L, 5, &options.text_size);
  limit_read(L, 7, &options.limit_memory);
  limit_read(L, 8, &options.limit_instructions);
  handle *h = handle_push(L, STRATEGY_TYPE, strategy_destroy);
  sld_strategy *strategy = NULL;
  sld_status status = sld_strategy_open_with(&strategy, host->object, path, &options, &err);
  if (status != SLD_OK) return error_push(L, status, &err);
  h->object = strategy;
  handle_adopt(h, host);
  return 1;
}

/* ---- Description ------------------------------------------------------------------------------------------------ */

static const char *kind_name(sld_kind kind) {
  switch (kind) {
    case SLD_INT: return "int";
    case SLD_NUMBER: return "number";
    case SLD_BOOL: return "bool";
    case SLD_CHOICE: return "choice";
  }
  return "?";
}

static void param_push(lua_State *L, const sld_param *param) {
  lua_createtable(L, 0, 8);
  field_string(L, "name", param->name);
  field_string(L, "kind", kind_name(param->kind));
  field_string(L, "label", param->label);
  field_number(L, "initial", param->initial);
  if (param->kind == SLD_INT || param->kind == SLD_NUMBER) {
    field_number(L, "min", param->min);
    field_number(L, "max", param->max);
    field_number(L, "step", param->step);
  }
  if (param->kind == SLD_CHOICE) {
    lua_createtable(L, (int)param->choice_count, 0);
    for (size_t i = 0; i < param->choice_count; i++) {
      lua_pushstring(L, param->choices[i]);
      lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "choices");
  }
}

/* {name, about, vm, source, trusted, account, pairs = {names}, hooks = {bar = true}, params = {{name, kind, label, initial, min, max, step, choices}}} */
static int strategy_describe(lua_State *L) {
  static const char *const hooks[] = {"init", "bar", "signal", "done", "allocate"};
  const sld_strategy *strategy = handle_object(L, 1, STRATEGY_TYPE);
  lua_createtable(L, 0, 9);
  field_string(L, "name", sld_strategy_name(strategy));
  field_string(L, "about", sld_strategy_about(strategy));
  field_string(L, "vm", sld_strategy_vm(strategy));
  field_string(L, "source", sld_strategy_source(strategy));
  field_boolean(L, "trusted", sld_strategy_trusted(strategy));
  field_string(L, "account", sld_strategy_account(strategy) == SLD_SHARED ? "shared" : "split");
  lua_createtable(L, (int)sld_strategy_pair_count(strategy), 0);
  for (size_t i = 0; i < sld_strategy_pair_count(strategy); i++) {
    lua_pushstring(L, sld_strategy_pair_at(strategy, i));
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "pairs");
  lua_createtable(L, 0, 5);
  for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++) field_boolean(L, hooks[i], sld_strategy_has(strategy, hooks[i]));
  lua_setfield(L, -2, "hooks");
  size_t count = sld_strategy_param_count(strategy);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    param_push(L, sld_strategy_param_at(strategy, i));
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "params");
  return 1;
}

static const luaL_Reg strategy_methods[] = {{"describe", strategy_describe}, {"free", handle_release}, {NULL, NULL}};

void strategy_define(lua_State *L) {
  type_define(L, STRATEGY_TYPE, strategy_methods);
}
