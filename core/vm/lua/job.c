/* One job in a state: begin (init and signal), the bar loop, end. */
#include <math.h>
#include <string.h>

#include "vm/lua/state.h"

static sld__vm *vm_of_view(sld__view *view) {
  return (sld__vm *)view; /* the view is the state's first member */
}

void sld__vm_publish(sld__vm *vm) {
  const sld__broker *broker = vm->job->broker;
  vm->view.position = broker->position;
  vm->view.equity = broker->equity;
  vm->view.cash = broker->cash;
  vm->view.last_target = broker->last_target;
}

static int publish(sld__vm *vm, int ended) {
  sld__vm_publish(vm);
  return ended || sld__vm_stopped(vm);
}

int sld__vm_advance(sld__view *view, int row) {
  sld__vm *vm = vm_of_view(view);
  return publish(vm, vm->core->broker_advance(vm->job->broker, vm->job->account ? vm->job->broker->now : row));
}

int sld__vm_target(sld__view *view, double x) {
  sld__vm *vm = vm_of_view(view);
  return publish(vm, vm->core->broker_target(vm->job->broker, sld__vm_row(vm), x));
}

int sld__vm_request(sld__view *view, const sld__request *request) {
  sld__vm *vm = vm_of_view(view);
  return publish(vm, vm->core->broker_request(vm->job->broker, sld__vm_row(vm), request));
}

/* Whole columns of every node that the strategy made, so that the bar loop reads plain arrays. */
static sld_status materialise(sld__vm *vm, sld__vm_job *job, sld_error *err) {
  int count = vm->core->columns_count(job->columns);
  for (int id = 0; id < count; id++) {
    sld_status status = vm->core->columns_materialise(job->columns, id, &vm->view.base[id], err);
    if (status != SLD_OK) return status;
    vm->frame[id] = (uint8_t)vm->core->columns_frame_of(job->columns, id);
  }
  return SLD_OK;
}

static size_t first_row(const sld__vm *vm, const sld__vm_job *job) {
  size_t warmup = vm->warmup >= 0 ? (size_t)vm->warmup : vm->core->columns_warmup(job->columns);
  size_t first = warmup > job->from ? warmup : job->from;
  return first < job->rows ? first : job->rows;
}

/* Clears what the state knows of an earlier job. */
static sld_status prepare(sld__vm *vm, sld__vm_job *job, sld_error *err) {
  vm->job = job;
  vm->params = job->params;
  vm->param_count = job->param_count;
  if (job->place == 0) sld__vm_restart(vm);
  sld__vm_go_to(vm, -1);
  vm->view.count = (int32_t)job->rows;
  vm->view.last_target = (double)NAN;
  memset(vm->view.base, 0, sizeof vm->view.base);
  vm->hot_count = 0;
  vm->core->rng_init(&vm->random, job->seed[0], job->seed[1]);
  job->signal = -1;
  job->rejected = false;
  if (job->account && sld__vm_seats(vm, job, err) != SLD_OK) return SLD_ENOMEM;
  if (job->pair_count) return sld__vm_join_pairs(vm, err);
  return SLD_OK;
}

void sld__vm_start_frames(sld__vm *vm) {
  const sld__vm_job *job = vm->job;
  const sld__frames_view view = { { job->series, job->row0, job->rows, NULL }, job->instants, job->rates, job->view, job->columns };
  vm->core->frames_start(vm->frames, &view);
}

/* Runs the instance's init and signal. */
static sld_status begin(sld__vm *vm, sld__vm_job *job, sld_error *err) {
  if (vm->frames) sld__vm_start_frames(vm);
  lua_rawgeti(vm->L, LUA_REGISTRYINDEX, vm->begin);
  lua_pushinteger(vm->L, (lua_Integer)job->place + 1);
  sld_status status = sld__vm_call(vm, 1, 0, err);
  if (status != SLD_OK || job->rejected) return status;
  job->first = first_row(vm, job);
  vm->view.first = (int32_t)job->first;
  return job->signal < 0 ? materialise(vm, job, err) : SLD_OK;
}

sld_status sld__vm_begin(sld__vm *vm, sld__vm_job *job, sld_error *err) {
  sld_status status = prepare(vm, job, err);
  if (status != SLD_OK) return status;
  if (job->place > 0) sld__vm_swap_frames(vm, job->place);
  status = begin(vm, job, err);
  if (job->place > 0) sld__vm_swap_frames(vm, job->place);
  if (job->account && status == SLD_OK) sld__vm_leave_seat(vm, job);
  return status;
}

#if !defined(LUAJIT_ENGINE)

/* x[0] as set for `row` must still be there: a script that wrote into a column is caught. Column i's table stands at first_at + i. */
static void check_now(lua_State *L, const sld__vm *vm, int first_at, int set, int32_t row) {
  for (int i = 0; i < set; i++) {
    bool same = lua_rawgeti(L, first_at + i, 0) == LUA_TNUMBER;
    double left = lua_tonumber(L, -1), was = sld__vm_value(vm, vm->hot[i], row);
    if (!(same && (left == was || (isnan(left) && isnan(was))))) luaL_error(L, "a column is read-only: the strategy assigned to x[0]");
  }
  lua_settop(L, first_at - 1 + set);
}

/* Sets x[0] of the first `count` hot columns as of `row`. */
static void set_now(lua_State *L, const sld__vm *vm, int first_at, int count, int32_t row) {
  for (int i = 0; i < count; i++) {
    lua_pushnumber(L, sld__vm_value(vm, vm->hot[i], row));
    lua_rawseti(L, first_at + i, 0);
  }
}

/* How many of self, broker and p a hook takes notice of. */
static int args_of(lua_State *L, int hook) {
  lua_Debug about;
  lua_pushvalue(L, hook);
  lua_getinfo(L, ">u", &about);
  return about.isvararg || about.nparams > 3 ? 3 : about.nparams;
}

/* core.drive(hook, self, broker, p): runs inside the job's protected call, so that a script's error unwinds to it. */
int sld__vm_drive(lua_State *L) {
  enum { BOUND = 5 };
  sld__vm *vm = lua_touserdata(L, lua_upvalueindex(1));
  lua_settop(L, 4);
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->bound);
  luaL_checkstack(L, 2 * SLD__VIEW_COLUMNS + 16, "too many columns");
  int set = 0, args = args_of(L, 1);
  for (int32_t row = vm->view.first; row < vm->view.count && !sld__vm_stopped(vm); row++) {
    int count = vm->hot_count;
    for (int i = set; i < count; i++) lua_rawgeti(L, BOUND, vm->hot[i]);
    sld__vm_go_to(vm, row);
    set_now(L, vm, BOUND + 1, count, row);
    set = count;
    for (int i = 1; i <= 1 + args; i++) lua_pushvalue(L, i);
    lua_call(L, args, 0);
    check_now(L, vm, BOUND + 1, set, row);
    bool due = (row & 4095) == 4095 || row == vm->view.count - 1;
    if (due && sld__vm_advance(&vm->view, row)) return 0;
  }
  return 0;
}

#endif

sld_status sld__vm_bars(sld__vm *vm, sld__vm_job *job, sld_error *err) {
  if (job->first >= job->rows && !job->account) return SLD_OK;
  vm->job = job;
  vm->turn = job->crew_count;
  lua_rawgeti(vm->L, LUA_REGISTRYINDEX, vm->run);
  return sld__vm_call(vm, 0, 0, err);
}

sld_status sld__vm_end(sld__vm *vm, sld__vm_job *job, sld_error *err) {
  bool completed = !job->failed && job->first < job->rows && job->broker && job->broker->status == SLD_OK;
  vm->job = job;
  if (job->account && completed) sld__vm_take_seat(vm, job);
  vm->view.last_target = (double)NAN; /* whatever done asks for is looked at, and refused */
  lua_rawgeti(vm->L, LUA_REGISTRYINDEX, vm->finish);
  lua_pushinteger(vm->L, (lua_Integer)job->place + 1);
  lua_pushboolean(vm->L, completed);
  sld_status status = sld__vm_call(vm, 2, 0, err);
  vm->job = NULL;
  return status;
}
