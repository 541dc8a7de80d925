/* A stack of idle states under a lock. */
#include "vm/states.h"

#include "base/alloc.h"
#include "base/error.h"

#include <pthread.h>

struct sld__states {
  const sld__vm_engine *engine;
  const sld__vm_core *core;
  sld__script *script; /* borrowed */
  pthread_mutex_t lock;
  sld__vm **idle;      /* [count], guarded by lock; the last given is the first taken */
  size_t count, capacity;
};

sld_status sld__states_new(sld__states **out, const sld__vm_engine *engine, const sld__vm_core *core, sld__script *script, sld_error *err) {
  sld__states *states = sld__alloc_zero(&core->alloc, 1, sizeof *states);
  if (!states || pthread_mutex_init(&states->lock, NULL) != 0) {
    sld__free(&core->alloc, states);
    return sld__fail_memory(err);
  }
  states->engine = engine;
  states->core = core;
  states->script = script;
  *out = states;
  return SLD_OK;
}

const sld__vm_engine *sld__states_engine(const sld__states *states) {
  return states->engine;
}

void sld__states_free(sld__states *states) {
  if (!states) return;
  for (size_t i = 0; i < states->count; i++) states->engine->close(states->idle[i]);
  sld__free(&states->core->alloc, states->idle);
  pthread_mutex_destroy(&states->lock);
  sld__free(&states->core->alloc, states);
}

sld_status sld__states_open(sld__states *states, sld__vm **out, sld_error *err) {
  return states->engine->open(out, states->core, states->script, err);
}

sld_status sld__states_take(sld__states *states, sld__vm **out, sld_error *err) {
  sld__vm *vm = NULL;
  pthread_mutex_lock(&states->lock);
  if (states->count > 0) vm = states->idle[--states->count];
  pthread_mutex_unlock(&states->lock);
  if (!vm) return sld__states_open(states, out, err);
  *out = vm;
  return SLD_OK;
}

/* Puts the state on the stack; false when that cannot grow. */
static bool push(sld__states *states, sld__vm *vm) {
  if (states->count == states->capacity) {
    size_t capacity = states->capacity ? 2 * states->capacity : 8;
    sld__vm **grown = sld__realloc(&states->core->alloc, states->idle, capacity, sizeof(sld__vm *));
    if (!grown) return false;
    states->idle = grown;
    states->capacity = capacity;
  }
  states->idle[states->count++] = vm;
  return true;
}

void sld__states_give(sld__states *states, sld__vm *vm) {
  if (!vm) return;
  pthread_mutex_lock(&states->lock);
  bool kept = push(states, vm);
  pthread_mutex_unlock(&states->lock);
  if (!kept) states->engine->close(vm);
}
