/* Pools as Lua sees them, in the host's state and in those of workers: userdata `sliders.pool` and `sliders.tasks`, whose methods pool.lua
 * completes. What they call differs: the host's module calls the public functions, an engine those that the core hands it. */
#ifndef SLD_VM_LUA_POOL_H
#define SLD_VM_LUA_POOL_H

#include <sliders.h>

#include "vm/lua/packet.h"

#define SLD__POOL_TYPE "sliders.pool"
#define SLD__TASKS_TYPE "sliders.tasks"

/* The first byte of a call's arguments: call the function with them all, or with each of them by turns. */
enum { SLD__CALL_ALL = 0, SLD__CALL_EACH = 1 };

typedef struct sld__pool_calls {
  sld_status (*start)(void **tasks, void *work, const sld_calls *calls, sld_error *err);
  bool (*wait)(void *tasks, int timeout_ms);
  void (*cancel)(void *tasks);
  const sld_answer *(*answer)(void *tasks, size_t i);
  int (*descriptor)(void *tasks); /* NULL: events are not waited for (inside a worker, whose wait must run tasks) */
  void (*free)(void *tasks);
  void (*close)(void *owner);     /* of the pool; NULL: it is its host's, and only ends with the state */
  void *(*resize)(void *ud, void *ptr, size_t size);
  void *ud;                       /* of resize */
  sld__packet_side side;          /* its target is each pool's own */
} sld__pool_calls;

/* Makes the two types. pool_methods and tasks_methods are left on the stack: the tables that pool.lua fills. */
void sld__pool_define(lua_State *L);

/* Pushes a pool. `calls` and `work` are borrowed, `owner` goes to close. Raises out of memory, before it has taken the owner. */
void sld__pool_push(lua_State *L, const sld__pool_calls *calls, sld__lua_kind target, void *work, void *owner, int workers);

/* Whether the value at `index` is an open pool with this work. */
bool sld__pool_is(lua_State *L, int index, const void *work);

/* Cancels and frees every set of tasks of the pool at `index`: what a call has left. */
void sld__pool_end_tasks(lua_State *L, int index);

/* {start =, wait_any =}: the functions for pool.lua. */
void sld__pool_push_functions(lua_State *L);

#endif
