/* Tasks that a call starts: through the functions that the core has handed over. */
#include "vm/lua/work.h"

/* What tasks are here: the core's, with the functions to reach them. */
typedef struct inner { const sld__vm_core *core; struct sld__tasks *tasks; } inner;

static sld_status start_tasks(void **out, void *work, const sld_calls *calls, sld_error *err) {
  struct sld__vm_work *state = work;
  inner *made = state->core->alloc.resize(state->core->alloc.ud, NULL, sizeof *made);
  if (!made) return sld__work_no_memory(err);
  made->core = state->core;
  sld_status status = state->core->tasks_start(&made->tasks, state->work, calls, err);
  if (status != SLD_OK) state->core->alloc.resize(state->core->alloc.ud, made, 0);
  else *out = made;
  return status;
}

static bool wait_tasks(void *tasks, int timeout_ms) {
  const inner *t = tasks;
  return t->core->tasks_wait(t->tasks, timeout_ms);
}

static void cancel_tasks(void *tasks) {
  const inner *t = tasks;
  t->core->tasks_cancel(t->tasks);
}

static const sld_answer *answer_of(void *tasks, size_t i) {
  const inner *t = tasks;
  return t->core->tasks_answer(t->tasks, i);
}

static void free_tasks(void *tasks) {
  inner *t = tasks;
  t->core->tasks_free(t->tasks);
  t->core->alloc.resize(t->core->alloc.ud, t, 0);
}

static bool is_pool(lua_State *L, int index, const void *work) {
  return sld__pool_is(L, index, work);
}

static void push_pool(lua_State *L) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, sld__work_state_of(L)->pool);
}

void sld__work_set_pool(struct sld__vm_work *state) {
  state->side = (sld__packet_side){
    .target = sld__lua_kind_here(state->L),
    .first_name = 1,
    .column_of = sld__work_column_of,
    .push_column = sld__work_push_column,
    .pool = state,
    .is_pool = is_pool,
    .push_pool = push_pool,
  };
  state->results = state->side;
  state->results.pool = NULL;
  state->calls = (sld__pool_calls){
    .start = start_tasks,
    .wait = wait_tasks,
    .cancel = cancel_tasks,
    .answer = answer_of,
    .free = free_tasks,
    .resize = state->core->alloc.resize,
    .ud = state->core->alloc.ud,
    .side = state->side,
  };
}
