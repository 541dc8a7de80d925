/* What the preludes learn of the host's own functions and indicators. */
#include "vm/lua/state.h"

/* (x1, ..., xn) -> number; the first upvalue is the extension. host.lua has counted and checked the arguments. */
static int call_function(lua_State *L) {
  const sld_function *function = lua_touserdata(L, lua_upvalueindex(1));
  double args[16];
  for (int i = 0; i < function->args; i++) args[i] = lua_tonumber(L, i + 1);
  lua_pushnumber(L, function->call(function->ud, args));
  return 1;
}

static void set_count(lua_State *L, const char *name, int value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

/* core.extensions() -> {name = {call =, args =} or {inputs =, options =}} */
static int prim_extensions(lua_State *L) {
  const sld__extensions *extensions = sld__vm_of(L)->core->extensions;
  lua_newtable(L);
  for (const sld__extension *e = extensions ? extensions->first : NULL; e; e = e->next) {
    lua_newtable(L);
    if (e->function.call) {
      lua_pushlightuserdata(L, (void *)(uintptr_t)&e->function);
      lua_pushcclosure(L, call_function, 1);
      lua_setfield(L, -2, "call");
      set_count(L, "args", e->function.args);
    } else {
      set_count(L, "inputs", e->kernel.inputs);
      set_count(L, "options", e->kernel.options);
    }
    lua_setfield(L, -2, e->name);
  }
  return 1;
}

const luaL_Reg sld__vm_host[] = { { "extensions", prim_extensions }, { NULL, NULL } };
