/* The queue for tasks that come from outside: a lane per worker under one lock.
 *
 * Workers move a handful at a time from here to their deques, so the lock is taken once per handful. It also takes what a worker puts
 * aside before it sleeps in a wait (its tasks would otherwise be out of reach of those who wait for them).
 */
#ifndef SLD_POOL_INJECT_H
#define SLD_POOL_INJECT_H

#include "pool/atomic.h"
#include "pool/lane.h"

typedef struct sld__inject {
  SLD__ATOMIC(int64_t) ready; /* number of nodes; written under the lock, read by anyone */
  sld__mutex lock;
  int workers; /* fixed */
  int turn;    /* under the lock: to whom the next deal gives ties first */
  sld__lane *lanes; /* [workers], under the lock, as are the links of the nodes in them */
} sld__inject;

/* ENOMEM. */
sld_status sld__inject_init(sld__inject *inject, const sld_allocator *a, int workers, sld_error *err);
void sld__inject_fini(sld__inject *inject, const sld_allocator *a);

/* Whether nothing is queued, at a moment in S. */
bool sld__inject_empty(sld__inject *inject);

/* Deals `tasks` (of one batch; left empty) to the lanes and publishes them by a seq_cst write. ENOMEM: nothing is moved. */
sld_status sld__inject_deal(sld__inject *inject, sld__lane *tasks, const sld_allocator *a, sld_error *err);

/* Puts `tasks` (left empty; of any batches) before all others of a worker's lane, in their order; publishes as above. */
void sld__inject_put_back(sld__inject *inject, int worker, sld__lane *tasks);

/* Moves to `out` (empty) the next tasks of the worker's own lane: half of them, at most `most`, in the order to be run in. */
void sld__inject_take(sld__inject *inject, int worker, sld__lane *out, int64_t most);

/* Moves to `out` (empty) tasks from the short end of the most loaded lane, in the order to be run in: tasks of one home, at most half
 * of the lane, at most `most`. */
void sld__inject_steal(sld__inject *inject, sld__lane *out, int64_t most);

/* Takes one queued task of this batch; NULL when none is here. */
sld__node *sld__inject_take_of(sld__inject *inject, sld__batch *batch);

/* Removes all queued tasks of this batch into `out` (empty). */
void sld__inject_remove_all(sld__inject *inject, sld__batch *batch, sld__lane *out);

#endif
