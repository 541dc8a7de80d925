/* The Lua states of a strategy that no worker is using. Opening one costs a millisecond and its traces are cold; a job leaves nothing behind
 * in it. So runs take states from here and give them back.
 *
 * Any thread may take and give; new and free belong to one. */
#ifndef SLD_VM_STATES_H
#define SLD_VM_STATES_H

#include "vm/vm.h"

typedef struct sld__states sld__states;

/* None yet. `core` and `script` must outlive it. ENOMEM. */
sld_status sld__states_new(sld__states **out, const sld__vm_engine *engine, const sld__vm_core *core, sld__script *script, sld_error *err);

/* Closes the idle states; every state must have been given back. NULL is fine. */
void sld__states_free(sld__states *states);

const sld__vm_engine *sld__states_engine(const sld__states *states);

/* An idle state, or a new one: the caller's until it is given back. Errors as the engine's open. */
sld_status sld__states_take(sld__states *states, sld__vm **out, sld_error *err);

/* A new one, in which no job has run. */
sld_status sld__states_open(sld__states *states, sld__vm **out, sld_error *err);

/* Can't fail: a state for which there is no room is closed. NULL is fine. */
void sld__states_give(sld__states *states, sld__vm *vm);

#endif
