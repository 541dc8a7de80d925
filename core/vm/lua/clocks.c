/* The C functions behind clocks.lua: time frames and the calendar. */
#include <string.h>

#include "vm/lua/state.h"

/* The job's clocks, made when they are first asked for. */
static sld__frames *frames_of(lua_State *L, sld__vm *vm) {
  if (vm->frames) return vm->frames;
  if (vm->core->frames_new(&vm->frames, &vm->core->alloc, &vm->error) != SLD_OK) sld__vm_no_memory(L, vm);
  if (vm->job) sld__vm_start_frames(vm);
  return vm->frames;
}

/* The period in arguments `from`.. of the call: time frame, day, zone or nil. */
static sld__frames_period period_at(lua_State *L, int from) {
  return (sld__frames_period){ luaL_checkstring(L, from), (sld_day)luaL_checkinteger(L, from + 1), luaL_optstring(L, from + 2, NULL) };
}

/* The bars of the pair whose place stands in argument `at`; false: the job has one pair. */
static bool pair_at(lua_State *L, const sld__vm *vm, int at, sld__frames_bars *out) {
  if (lua_isnoneornil(L, at)) return false;
  const sld__vm_pair *pair = &vm->job->pairs[(int)luaL_checkinteger(L, at) - 1];
  *out = (sld__frames_bars){ pair->series, pair->row0, pair->rows, pair->last };
  return true;
}

/* core.at(timeframe, day, zone or nil, place of a pair or nil) -> frame, or a message for the caller's line */
static int prim_at(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  const sld__frame *periods = NULL;
  const int32_t *last = NULL;
  int at = 0;
  sld__frames_period period = period_at(L, 1);
  sld__frames_bars bars;
  bool of_pair = pair_at(L, vm, 4, &bars);
  sld_status status = vm->core->frames_at(frames_of(L, vm), &at, &periods, &last, of_pair ? &bars : NULL, &period, &vm->error);
  if (status == SLD_OK) {
    vm->bars[at] = periods;
    vm->made_of[at] = of_pair ? bars.series : vm->job->series;
    vm->view.last[at] = last;
  }
  return sld__vm_push_made(L, vm, status, at);
}

/* core.frame_base(frame, name) -> id, or nil where its bars have no such column */
static int prim_frame_base(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  int at = (int)luaL_checkinteger(L, 1), k = 0, id;
  const char *name = sld__vm_column_name(vm->made_of[at], luaL_checkstring(L, 2));
  while (k < SLD__COLUMN_COUNT && strcmp(name, vm->core->frame_column(k)) != 0) k++;
  if (k == SLD__COLUMN_COUNT || !vm->bars[at]->columns[k]) return 0;
  if (vm->core->columns_frame_base(vm->job->columns, &id, at, vm->bars[at]->columns[k], name, &vm->error) != SLD_OK) return sld__vm_raise(L, vm);
  lua_pushinteger(L, id);
  return 1;
}

/* core.join(id) -> id of the column as the job's own bars see it */
static int prim_join(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  int id;
  if (vm->core->columns_join(vm->job->columns, &id, (int)luaL_checkinteger(L, 1), &vm->error) != SLD_OK) return sld__vm_raise(L, vm);
  lua_pushinteger(L, id);
  return 1;
}

/* core.frame_of(id) -> frame, or nil where that is the job's own bars */
static int prim_frame_of(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  int at = vm->core->columns_frame_of(vm->job->columns, (int)luaL_checkinteger(L, 1));
  if (at == 0) return 0;
  lua_pushinteger(L, at);
  return 1;
}

/* core.firsts(time's id, timeframe, day, zone or nil, place of a pair or nil) -> id, or a message */
static int prim_firsts(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  int id = 0, time = (int)luaL_checkinteger(L, 1);
  sld__frames_period period = period_at(L, 2);
  sld__frames_bars bars;
  bool of_pair = pair_at(L, vm, 5, &bars);
  sld_status status = vm->core->frames_firsts(frames_of(L, vm), &id, time, of_pair ? &bars : NULL, &period, &vm->error);
  return sld__vm_push_made(L, vm, status, id);
}

/* core.rate(currency) -> id, or a message */
static int prim_rate(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  int id = 0;
  sld_status status = vm->core->frames_rate(frames_of(L, vm), &id, luaL_checkstring(L, 1), &vm->error);
  return sld__vm_push_made(L, vm, status, id);
}

/* core.hand(time's id, hand, zone) -> id, or a message */
static int prim_hand(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  int id = 0, time = (int)luaL_checkinteger(L, 1);
  sld__hand hand = (sld__hand)luaL_checkinteger(L, 2);
  sld_status status = vm->core->frames_hand(frames_of(L, vm), &id, time, hand, luaL_checkstring(L, 3), &vm->error);
  return sld__vm_push_made(L, vm, status, id);
}

/* core.hours(time's id, spans, days or nil, zone) -> id, or a message */
static int prim_hours(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  int id = 0, time = (int)luaL_checkinteger(L, 1);
  const char *spans = luaL_checkstring(L, 2), *days = luaL_optstring(L, 3, NULL), *zone = luaL_checkstring(L, 4);
  sld_status status = vm->core->frames_hours(frames_of(L, vm), &id, time, spans, days, zone, &vm->error);
  return sld__vm_push_made(L, vm, status, id);
}

/* core.hand_at(seconds, hand, zone) -> number, or a message */
static int prim_hand_at(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  double shown = 0;
  sld__hand hand = (sld__hand)luaL_checkinteger(L, 2);
  sld_status status = vm->core->frames_hand_at(frames_of(L, vm), &shown, luaL_checknumber(L, 1), hand, luaL_checkstring(L, 3), &vm->error);
  if (status != SLD_OK) return sld__vm_push_made(L, vm, status, 0);
  lua_pushnumber(L, shown);
  return 1;
}

const luaL_Reg sld__vm_clocks[] = {
  { "at", prim_at }, { "frame_base", prim_frame_base }, { "join", prim_join }, { "frame_of", prim_frame_of }, { "firsts", prim_firsts }, { "hand", prim_hand },
  { "hours", prim_hours }, { "hand_at", prim_hand_at }, { "rate", prim_rate }, { NULL, NULL },
};
