/* Several pairs on one account: instances that take turns, or one instance with a book per pair. */
#include <string.h>

#include "vm/lua/state.h"

/* ---- Seats: what of the view is an instance's own ---- */

sld_status sld__vm_seats(sld__vm *vm, const sld__vm_job *job, sld_error *err) {
  if (job->crew_count <= vm->seat_count) return SLD_OK;
  sld__seat *grown = vm->core->alloc.resize(vm->core->alloc.ud, vm->seats, job->crew_count * sizeof *grown);
  if (!grown) {
    if (err) {
      memset(err, 0, sizeof *err);
      err->status = SLD_ENOMEM;
      strcpy(err->message, "out of memory");
    }
    return SLD_ENOMEM;
  }
  memset(grown + vm->seat_count, 0, (job->crew_count - vm->seat_count) * sizeof *grown);
  vm->seats = grown;
  vm->seat_count = job->crew_count;
  return SLD_OK;
}

void sld__vm_seats_fini(sld__vm *vm) {
  for (size_t i = 0; i < vm->seat_count; i++) vm->core->frames_free(vm->seats[i].frames);
  vm->core->alloc.resize(vm->core->alloc.ud, vm->seats, 0);
}

void sld__vm_swap_frames(sld__vm *vm, size_t place) {
  sld__frames *frames = vm->frames;
  vm->frames = vm->seats[place].frames;
  vm->seats[place].frames = frames;
}

void sld__vm_leave_seat(sld__vm *vm, const sld__vm_job *job) {
  sld__seat *seat = &vm->seats[job->place];
  seat->columns = vm->core->columns_count(job->columns);
  seat->random = vm->random;
  memcpy(seat->base, vm->view.base, sizeof seat->base);
  memcpy(seat->frame, vm->frame, sizeof seat->frame);
  memcpy(seat->last, vm->view.last, sizeof seat->last);
  vm->seated = job->place;
}

/* Copies what is in use: an instance takes its seat at every bar. */
static void sit(sld__vm *vm, const sld__vm_job *job) {
  const sld__seat *seat = &vm->seats[job->place];
  vm->seats[vm->seated].random = vm->random;
  size_t columns = (size_t)seat->columns;
  memcpy(vm->view.base, seat->base, columns * sizeof *seat->base);
  memcpy(vm->frame, seat->frame, columns);
  memcpy(vm->view.last, seat->last, sizeof seat->last);
  vm->random = seat->random;
  vm->seated = job->place;
}

void sld__vm_take_seat(sld__vm *vm, sld__vm_job *job) {
  vm->job = job;
  if (job->place != vm->seated) sit(vm, job);
  if (job->pair_count) job->broker = job->pairs[0].broker;
  sld__vm_go_to(vm, job->pair_count ? (int32_t)job->account->now : (int32_t)job->broker->now);
  sld__vm_publish(vm);
}

/* ---- Turns ---- */

static bool due(const sld__vm_job *job) {
  if (job->pair_count) return true;
  return job->broker && !job->broker->stale && job->broker->now >= (int64_t)job->first;
}

int sld__vm_next(sld__view *view) {
  sld__vm *vm = (sld__vm *)view;
  sld__vm_job *crew = vm->job->crew;
  size_t count = vm->job->crew_count;
  sld__vm_beat(vm, 2); /* still inside, but in another call of a hook */
  for (;;) {
    if (sld__vm_stopped(vm)) return 0;
    while (vm->turn < count) {
      sld__vm_job *job = &crew[vm->turn++];
      if (!due(job)) continue;
      sld__vm_take_seat(vm, job);
      return (int)job->place + 1;
    }
    if (vm->core->shared_step(vm->job->account)) return 0;
    vm->turn = 0;
  }
}

/* ---- One instance, several pairs ---- */

void sld__vm_select(sld__view *view, int place) {
  sld__vm *vm = (sld__vm *)view;
  vm->job->broker = vm->job->pairs[place - 1].broker;
  sld__vm_publish(vm);
}

int sld__vm_fresh(sld__view *view, int place) {
  sld__vm *vm = (sld__vm *)view;
  return !vm->job->pairs[place - 1].broker->stale;
}

sld_status sld__vm_join_pairs(sld__vm *vm, sld_error *err) {
  const sld__vm_job *job = vm->job;
  for (size_t i = 0; i < job->pair_count; i++) {
    const sld__vm_pair *pair = &job->pairs[i];
    int at;
    sld_status status = vm->core->columns_frame(job->columns, &at, pair->last, pair->rows, pair->series->info.instrument.pair, err);
    if (status != SLD_OK) return status;
    vm->view.last[at] = pair->last;
  }
  return SLD_OK;
}

double *sld__vm_time(sld__vm *vm, const sld__series *series) {
  const sld__vm_job *job = vm->job;
  size_t rows = 0, place = 0;
  for (size_t i = 0; i < job->crew_count && !job->pair_count; i++) {
    if (i == job->place) place = rows;
    rows += job->crew[i].rows;
  }
  for (size_t i = 0; i < job->pair_count; i++) {
    if (job->pairs[i].series == series) place = rows;
    rows += job->pairs[i].rows;
  }
  if (!job->account) rows = job->rows;
  if (vm->time_capacity < rows) {
    double *grown = vm->core->alloc.resize(vm->core->alloc.ud, vm->time, rows * sizeof *grown);
    if (!grown) return NULL;
    vm->time = grown;
    vm->time_capacity = rows;
  }
  return vm->time + place;
}

/* core.pairs() -> {{pair, pip, lot, base, quote}, ...} where one instance trades several, else nil */
static int prim_pairs(lua_State *L) {
  const sld__vm_job *job = sld__vm_of(L)->job;
  if (job->pair_count == 0) return 0;
  lua_createtable(L, (int)job->pair_count, 0);
  for (size_t i = 0; i < job->pair_count; i++) {
    const sld_instrument *instrument = &job->pairs[i].series->info.instrument;
    lua_createtable(L, 0, 5);
    lua_pushstring(L, instrument->pair);
    lua_setfield(L, -2, "pair");
    lua_pushstring(L, instrument->base);
    lua_setfield(L, -2, "base");
    lua_pushstring(L, instrument->quote);
    lua_setfield(L, -2, "quote");
    lua_pushnumber(L, instrument->pip);
    lua_setfield(L, -2, "pip");
    lua_pushnumber(L, instrument->lot);
    lua_setfield(L, -2, "lot");
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

/* core.pair_base(place, name) -> id, frame; or nil where the pair has no such column. In bar too: a column of the bars is there already. */
static int prim_pair_base(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  int place = (int)luaL_checkinteger(L, 1), id;
  const sld__vm_pair *pair = &vm->job->pairs[place - 1];
  const char *name = sld__vm_column_name(pair->series, luaL_checkstring(L, 2));
  const double *values = sld__vm_series_column(vm, pair->series, pair->row0, pair->rows, name);
  if (!values && strcmp(name, "time") == 0) return sld__vm_no_memory(L, vm);
  if (!values) return 0;
  if (vm->core->columns_frame_base(vm->job->columns, &id, place, values, name, &vm->error) != SLD_OK) return sld__vm_raise(L, vm);
  if (sld__vm_now_row(vm) >= 0) {
    vm->view.base[id] = values;
    vm->frame[id] = (uint8_t)place;
  }
  lua_pushinteger(L, id);
  lua_pushinteger(L, place);
  return 2;
}

/* core.pair_signal(place, id): the column of targets of a pair, as the instants see it */
static int prim_pair_signal(lua_State *L) {
  sld__vm *vm = sld__vm_of(L);
  vm->job->pairs[(int)luaL_checkinteger(L, 1) - 1].signal = (int)luaL_checkinteger(L, 2);
  return 0;
}

/* core.alone() -> whether the job's broker is an account of its own, and so lazy */
static int prim_alone(lua_State *L) {
  lua_pushboolean(L, !sld__vm_of(L)->job->account);
  return 1;
}

/* core.allocates() -> whether the job is one of an account's, and its strategy may weigh the pairs */
static int prim_allocates(lua_State *L) {
  const sld__vm_job *job = sld__vm_of(L)->job;
  lua_pushboolean(L, job->account && job->allocates);
  return 1;
}

#if !defined(LUAJIT_ENGINE)
static int prim_next(lua_State *L) {
  lua_pushinteger(L, sld__vm_next(&sld__vm_of(L)->view));
  return 1;
}

static int prim_select(lua_State *L) {
  sld__vm_select(&sld__vm_of(L)->view, (int)lua_tointeger(L, 1));
  return 0;
}

static int prim_fresh(lua_State *L) {
  lua_pushboolean(L, sld__vm_fresh(&sld__vm_of(L)->view, (int)lua_tointeger(L, 1)));
  return 1;
}
#endif

const luaL_Reg sld__vm_several[] = {
  { "pairs", prim_pairs }, { "pair_base", prim_pair_base }, { "pair_signal", prim_pair_signal }, { "alone", prim_alone }, { "allocates", prim_allocates },
#if !defined(LUAJIT_ENGINE)
  { "next", prim_next }, { "select", prim_select }, { "fresh", prim_fresh },
#endif
  { NULL, NULL },
};
