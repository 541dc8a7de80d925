/* Counting instructions. A hook that is always set is the one way to end a loop inside a bar from within: it is seen by what the interpreter runs, so
 * nothing is compiled meanwhile. Set from another thread it would be a race, and on demand there is nobody to set it. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "vm/lua/state.h"

enum { STEP = 1000 };

static void spend(lua_State *L, lua_Debug *at);

static sld__vm *vm_of_state(lua_State *L) {
  void *memory;
  lua_getallocf(L, &memory);
  return (sld__vm *)(void *)((char *)memory - offsetof(sld__vm, memory));
}

/* From here on every instruction raises, whatever the script catches. In Lua 5.4 each coroutine has a hook of its own. */
static void raise_always(lua_State *L) {
  if (lua_gethookcount(L) != 1) lua_sethook(L, spend, LUA_MASKCOUNT, 1);
}

static void end_job(lua_State *L, sld__vm *vm, sld_status status, const char *message) {
  memset(&vm->error, 0, sizeof vm->error);
  vm->error.status = status;
  strcpy(vm->error.message, message);
  sld__vm_locate(L, &vm->error);
  raise_always(L);
  sld__vm_raise(L, vm);
}

static bool ended(const sld__vm *vm) {
  return vm->failure == SLD_ELIMIT || vm->failure == SLD_ECANCELED || vm->memory.lent;
}

/* Takes a step off the budget. */
static void pay(lua_State *L, sld__vm *vm) {
  if (vm->failure == SLD_ELIMIT || vm->failure == SLD_ECANCELED) {
    raise_always(L);
    luaL_error(L, "%s", vm->error.message);
  }
  if (vm->job && sld__vm_stopped(vm)) end_job(L, vm, SLD_ECANCELED, "stopped");
  if (vm->budget_left <= STEP) {
    char message[120];
    snprintf(message, sizeof message, "the script needs more than %zu instructions (limits.instructions)", vm->budget);
    end_job(L, vm, SLD_ELIMIT, message);
  }
  vm->budget_left -= STEP;
}

static void spend(lua_State *L, lua_Debug *at) {
  (void)at;
  pay(L, vm_of_state(L));
}

/* core.counts() -> whether the job's instructions are counted */
static int prim_counts(lua_State *L) {
  lua_pushboolean(L, sld__vm_of(L)->budget > 0);
  return 1;
}

/* core.pay(): as much as the hook takes each time */
static int prim_pay(lua_State *L) {
  pay(L, sld__vm_of(L));
  return 0;
}

/* core.ended() -> whether a limit has ended the job, and what runs is only on its way out */
static int prim_ended(lua_State *L) {
  lua_pushboolean(L, ended(sld__vm_of(L)));
  return 1;
}

#if !defined(LUAJIT_ENGINE)
/* core.check_memory(x): x was caught. Raises again where it says that there is no memory, and a collection finds none either; and whatever x is from then on. */
static int prim_check_memory(lua_State *L) {
  sld__memory *memory = &sld__vm_of(L)->memory;
  if (!memory->refused) return 0;
  if (!memory->spent) {
    const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tostring(L, 1) : "";
    if (strcmp(text, "not enough memory") == 0) memory->spent = sld__memory_is_spent(memory, L);
  }
  if (!memory->spent) return 0;
  lua_pushliteral(L, "not enough memory");
  return lua_error(L);
}
#endif

const luaL_Reg sld__vm_counting[] = {
  { "counts", prim_counts }, { "pay", prim_pay }, { "ended", prim_ended },
#if !defined(LUAJIT_ENGINE)
  { "check_memory", prim_check_memory },
#endif
  { NULL, NULL },
};

void sld__vm_count(sld__vm *vm, size_t count) {
  bool counts = vm->budget > 0;
  vm->budget = vm->budget_left = count;
  if (count == 0 && !counts) return;
  lua_sethook(vm->L, count ? spend : NULL, count ? LUA_MASKCOUNT : 0, count ? STEP : 0); /* coroutines inherit it */
#if defined(LUAJIT_ENGINE)
  if (count > 0 && !counts) luaJIT_setmode(vm->L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_FLUSH);
  if ((count > 0) != counts) luaJIT_setmode(vm->L, 0, LUAJIT_MODE_ENGINE | (count ? LUAJIT_MODE_OFF : LUAJIT_MODE_ON));
#endif
}
