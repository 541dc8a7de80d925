/* Calls of any Lua function. They are the host's own code and trusted. */
#include <string.h>

#include "base/error.h"
#include "vm/lua/packet_inside.h"
#include "vm/lua/work.h"

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

int sld__work_run(lua_State *L) {
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
  lua_rawgeti(L, LUA_REGISTRYINDEX, state->raised);
  sld__packet_add(L, &state->packet, &state->results, 2, 1, "error");
  return 0;
}

static int call_tostring(lua_State *L) {
  return luaL_callmeta(L, 1, "__tostring");
}

/* Keeps what was raised, and answers {words, traceback}. */
int sld__work_handler(lua_State *L) {
  lua_settop(L, 1);
  lua_pushvalue(L, 1);
  lua_rawseti(L, LUA_REGISTRYINDEX, sld__work_state_of(L)->raised);
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
  if (code == LUA_ERRMEM || state->memory.lent) return sld__work_no_memory(err);
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
  sld__error_plain(err);
  return err->status;
}

/* Hands out a copy of the packet. */
static sld_status give_packet(const struct sld__vm_work *state, sld_bytes *out, sld_error *err) {
  void *copy = state->core->alloc.resize(state->core->alloc.ud, NULL, state->packet.size + 1);
  if (!copy) return sld__work_no_memory(err);
  memcpy(copy, state->packet.data, state->packet.size);
  *out = (sld_bytes){ copy, state->packet.size };
  return SLD_OK;
}

/* Where a call failed: what it raised, if that is more than words and can be packed. */
static void give_raised(struct sld__vm_work *state, sld_bytes *out) {
  state->packet.size = 0;
  lua_rawgeti(state->L, LUA_REGISTRYINDEX, state->raised);
  bool words = lua_type(state->L, -1) == LUA_TSTRING || lua_type(state->L, -1) == LUA_TLIGHTUSERDATA;
  lua_pop(state->L, 1);
  if (words || sld__work_protect(state, pack_raised) != 0) return;
  if (give_packet(state, out, NULL) != SLD_OK) *out = (sld_bytes){ NULL, 0 };
}

static int forget(lua_State *L) {
  struct sld__vm_work *state = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, state->pool);
  sld__pool_end_tasks(L, -1);
  lua_pushlightuserdata(L, NULL);
  lua_rawseti(L, LUA_REGISTRYINDEX, state->raised);
  return 0;
}

sld_status sld__vm_work_call(struct sld__vm_work *state, const sld__work_call *call, sld_bytes *out, sld_error *err) {
  lua_State *L = state->L;
  state->call = call;
  state->serial += 1;
  state->packet.size = 0;
  *out = (sld_bytes){ NULL, 0 };
  lua_settop(L, 0);
  lua_rawgeti(L, LUA_REGISTRYINDEX, state->handler); /* nothing here may ask for memory: there is no one yet to catch the refusal */
  lua_rawgeti(L, LUA_REGISTRYINDEX, state->runner);
  lua_pushlightuserdata(L, state);
  int code = lua_pcall(L, 1, 0, 1);
  sld_status status = code == 0 ? give_packet(state, out, err) : failure(state, code, err);
  if (status == SLD_ESCRIPT) give_raised(state, out);
  lua_settop(L, 0);
  if (sld__work_protect(state, forget) != 0 || !sld__memory_sound(&state->memory)) status = sld__work_no_memory(err);
  lua_settop(L, 0);
  state->call = NULL;
  return status;
}
