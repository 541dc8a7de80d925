/* A worker's state for calls: shared by work.c (calls), work_open.c (opening), work_column.c and work_tasks.c (what calls may use). */
#ifndef SLD_VM_LUA_WORK_H
#define SLD_VM_LUA_WORK_H

#include "vm/lua/pool.h"
#include "vm/lua/state.h"

struct sld__vm_work {
  lua_State *L;
  sld__memory memory;
  const sld__vm_core *core;
  struct sld__work *work;
  sld__packet packet;          /* of answers */
  double serial;               /* of the call: columns are good for theirs alone */
  const sld__work_call *call;  /* NULL between calls */
  uint64_t function;           /* number of the function that is kept, 0: none */
  bool reusable;               /* nothing but plain values in its upvalues, which are set anew */
  sld__pool_calls calls;       /* for tasks that calls start */
  sld__packet_side side, results; /* of what comes, and of answers, in which the pool is nothing */
  int kept, plain, env_meta, pool, make_column, column_parts; /* registry references */
  int handler, runner;         /* likewise: the functions below, made ahead */
  int raised;                  /* likewise: what a call raised; a null light userdata: nothing */
};

/* The state that runs `L`, the call's coroutines included. */
struct sld__vm_work *sld__work_state_of(lua_State *L);

/* Runs `function`, which gets the state as a light userdata at 1, in a protected call; LUA_OK or Lua's code, with the error on the stack. */
int sld__work_protect(struct sld__vm_work *state, lua_CFunction function);

/* A protected call of `runner` with `handler`: makes the state's call and packs the answer; where that fails, keeps what was raised and answers {words,
 * traceback}. */
int sld__work_handler(lua_State *L);
int sld__work_run(lua_State *L);

/* SLD_ENOMEM, said without memory. `err` may be NULL. */
sld_status sld__work_no_memory(sld_error *err);

/* Columns of a call: how packets have them, and their type (Lua 5.4). */
bool sld__work_column_of(lua_State *L, int index, sld__packed_column *out);
void sld__work_push_column(lua_State *L, const sld__packed_column *column);
void sld__work_define_column(lua_State *L);

/* Fills calls, side and results: pools and tasks inside a call. */
void sld__work_set_pool(struct sld__vm_work *state);

#endif
