/* Calls of Lua functions on the pool: any work, not strategies. A set of tasks is one function and many lists of arguments, all packed
 * (core/vm/lua/packet.h); each call runs whole on one worker in a state that has nothing of the calls before but loaded modules, and leaves an
 * answer at its own place.
 *
 * Inside a call more tasks may be started and waited for: the worker then runs those meanwhile, in other states. */
#ifndef SLD_ENGINE_WORK_H
#define SLD_ENGINE_WORK_H

#include <sliders.h>

#include "pool/pool.h"
#include "vm/vm.h"

typedef struct sld__work sld__work;
typedef struct sld__tasks sld__tasks;

/* States open when they are needed and stay until the work is freed; one more is in use for each level of nesting. `path` is Lua's
 * package.path for them (copied); NULL: the VM's own. ENOMEM. */
sld_status sld__work_new(sld__work **out, const sld_allocator *alloc, sld__pool *pool, const sld__vm_engine *engine, const sld__vm_core *core, const char *path, sld_error *err);

/* Every set of tasks must have been freed. NULL is fine. */
void sld__work_free(sld__work *work);

const sld__vm_engine *sld__work_engine(const sld__work *work);

/* Copies what the call describes and starts it. Any thread, and calls themselves. ENOMEM; ERANGE as sld__batch_submit. */
sld_status sld__tasks_start(sld__tasks **out, sld__work *work, const sld_calls *calls, sld_error *err);

/* Waits for all of them, as sld__batch_wait does. */
bool sld__tasks_wait(sld__tasks *tasks, int timeout_ms);

/* What has not started will not; what runs may ask. */
void sld__tasks_cancel(sld__tasks *tasks);

/* The answer of call i, or NULL where it has not ended. */
const sld_answer *sld__tasks_answer(const sld__tasks *tasks, size_t i);

/* The error of the first call from *i on that failed and whose answer was never asked for, with *i its index; NULL: there is no other. All have ended. */
const sld_error *sld__tasks_unread(const sld__tasks *tasks, size_t *i);

/* The next report of a call that has ended, and its descriptor: watch.h. */
bool sld__tasks_take(sld__tasks *tasks, size_t *i);
int sld__tasks_descriptor(sld__tasks *tasks);

/* Cancels, waits, frees. NULL is fine. */
void sld__tasks_free(sld__tasks *tasks);

#endif
