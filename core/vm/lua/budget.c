/* Counting instructions. A hook that is always set is the one way to end a loop inside a bar from within: it is seen by what the interpreter runs, so
 * nothing is compiled meanwhile. Set from another thread it would be a race, and on demand there is nobody to set it. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "vm/lua/state.h"

enum { STEP = 1000 };

static sld__vm *vm_of_state(lua_State *L) {
  void *memory;
  lua_getallocf(L, &memory);
  return (sld__vm *)(void *)((char *)memory - offsetof(sld__vm, memory));
}

/* Ends the job, whatever the script catches: from here on every instruction raises. */
static void end_job(lua_State *L, sld__vm *vm, sld_status status, const char *message) {
  lua_Hook again = lua_gethook(L);
  memset(&vm->error, 0, sizeof vm->error);
  vm->error.status = status;
  strcpy(vm->error.message, message);
  sld__vm_locate(L, &vm->error);
  lua_sethook(L, again, LUA_MASKCOUNT, 1);
  sld__vm_raise(L, vm);
}

static void spend(lua_State *L, lua_Debug *at) {
  (void)at;
  sld__vm *vm = vm_of_state(L);
  if (vm->failure == SLD_ELIMIT || vm->failure == SLD_ECANCELED) luaL_error(L, "%s", vm->error.message);
  if (vm->job && sld__vm_stopped(vm)) end_job(L, vm, SLD_ECANCELED, "stopped");
  if (vm->budget_left <= STEP) {
    char message[120];
    snprintf(message, sizeof message, "the script needs more than %zu instructions (limits.instructions)", vm->budget);
    end_job(L, vm, SLD_ELIMIT, message);
  }
  vm->budget_left -= STEP;
}

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
