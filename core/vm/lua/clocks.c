/* The C functions behind clocks.lua: time frames and the calendar. */
#include <string.h>

#include "vm/lua/state.h"

/* The job's clocks, made when they are first asked for. */
static sld__frames *frames_of(lua_State *L, sld__vm *vm) {
  if (vm->frames) return vm->frames;
  const sld__vm_job *job = vm->job;
  if (vm->core->frames_new(&vm->frames, &vm->core->alloc, &vm->error) != SLD_OK) sld__vm_no_memory(L, vm);
  if (job) vm->core->frames_start(vm->frames, job->series, job->row0, job->rows, job->view, job->columns);
  return vm->frames;
}

/* core.at(timeframe, day, zone or nil) -> frame, or a message for the caller's line */
static int prim_at(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  const char *timeframe = luaL_checkstring(L, 1), *zone = luaL_optstring(L, 3, NULL);
  const sld__frame *bars = NULL;
  int at = 0;
  sld_status status = vm->core->frames_at(frames_of(L, vm), &at, &bars, timeframe, (sld_day)luaL_checkinteger(L, 2), zone, &vm->error);
  if (status == SLD_OK) {
    vm->bars[at] = bars;
    vm->view.last[at] = bars->last;
  }
  return sld__vm_push_made(L, vm, status, at);
}

/* core.frame_base(frame, name) -> id, or nil where its bars have no such column */
static int prim_frame_base(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  int at = (int)luaL_checkinteger(L, 1), k = 0, id;
  const char *name = sld__vm_column_name(vm->job->series, luaL_checkstring(L, 2));
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

/* core.firsts(time's id, timeframe, day, zone or nil) -> id, or a message */
static int prim_firsts(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  int id = 0, time = (int)luaL_checkinteger(L, 1);
  const char *timeframe = luaL_checkstring(L, 2), *zone = luaL_optstring(L, 4, NULL);
  sld_status status = vm->core->frames_firsts(frames_of(L, vm), &id, time, timeframe, (sld_day)luaL_checkinteger(L, 3), zone, &vm->error);
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
  { "hours", prim_hours }, { "hand_at", prim_hand_at }, { NULL, NULL },
};
