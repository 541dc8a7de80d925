/* Pools of the host's own Lua functions: the types of core/vm/lua/pool.c over the public header. */
#include <stdlib.h>
#include <string.h>

#include "column.h"
#include "vm/lua/pool.h"

/* What a pool holds: its work, and a count of the host. */
typedef struct work_owner {
  sld_work *work;
  handle *host;
} work_owner;

static sld_status start(void **out, void *work, const sld_calls *calls, sld_error *err) {
  sld_tasks *tasks;
  sld_status status = sld_tasks_start(&tasks, work, calls, err);
  if (status == SLD_OK) *out = tasks;
  return status;
}

static bool wait_for(void *tasks, int timeout_ms) {
  return sld_tasks_wait(tasks, timeout_ms);
}

static void cancel(void *tasks) {
  sld_tasks_cancel(tasks);
}

static const sld_answer *answer(void *tasks, size_t i) {
  return sld_tasks_answer(tasks, i);
}

static int descriptor(void *tasks) {
  return sld_tasks_descriptor(tasks);
}

static void free_tasks(void *tasks) {
  sld_tasks_free(tasks);
}

static void close_work(void *owner) {
  work_owner *o = owner;
  sld_work_close(o->work, NULL); /* its tasks have been freed */
  handle_let_go(o->host);
  free(o);
}

static void *resize(void *ud, void *ptr, size_t size) {
  (void)ud;
  if (size > 0) return realloc(ptr, size);
  free(ptr);
  return NULL;
}

static bool column_of(lua_State *L, int index, sld__packed_column *out) {
  return column_parts(L, index, &out->values, &out->count);
}

/* A column that comes back is one that was passed: it is found by its values. */
static void push_column(lua_State *L, const sld__packed_column *column) {
  (void)column;
  luaL_error(L, "a column cannot be a result: the host has it already");
}

static const sld__pool_calls calls = {
  .start = start,
  .wait = wait_for,
  .cancel = cancel,
  .answer = answer,
  .descriptor = descriptor,
  .free = free_tasks,
  .close = close_work,
  .resize = resize,
  .side = { .first_name = 1, .column_of = column_of, .push_column = push_column, .is_pool = sld__pool_is },
};

static sld__lua_kind kind_of(const char *vm) {
  return strcmp(vm, "lua54") == 0 ? SLD__KIND_LUA54 : SLD__KIND_LUAJIT;
}

/* The engine of the caller's own kind, whose functions it can run; NULL: any. */
static const char *own_vm(lua_State *L) {
  switch (sld__lua_kind_here(L)) {
    case SLD__KIND_LUA54: return "lua54";
    case SLD__KIND_LUAJIT: return "luajit";
    default: return NULL;
  }
}

/* host:pool(vm or nil, path) -> pool, or nil and an error */
int pool_open(lua_State *L) {
  handle *host = handle_check(L, 1, HOST_TYPE);
  sld_work_options options = SLD_WORK_OPTIONS_INIT;
  sld_error err = {0};
  options.vm = lua_isnoneornil(L, 2) ? own_vm(L) : luaL_checkstring(L, 2);
  options.path = luaL_checkstring(L, 3);
  work_owner *owner = calloc(1, sizeof *owner);
  if (!owner) return luaL_error(L, "not enough memory");
  sld_status status = sld_work_open(&owner->work, host->object, &options, &err);
  if (status != SLD_OK) {
    free(owner);
    return error_push(L, status, &err);
  }
  owner->host = host;
  handle_take(host);
  sld__pool_push(L, &calls, kind_of(sld_work_vm(owner->work)), owner->work, owner, sld_host_workers(host->object));
  return 1;
}

void pool_push_core(lua_State *L) {
  sld__pool_push_functions(L);
  sld__pool_define(L);
  lua_setfield(L, -3, "tasks_methods");
  lua_setfield(L, -2, "pool_methods");
}
