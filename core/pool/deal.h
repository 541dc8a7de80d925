/* Who is dealt which task.
 *
 * Longest processing time first: sorted by cost, each to the worker whose simulated load is least, which stays within 4/3 of the
 * shortest makespan (Graham, SIAM J. Appl. Math. 17(2), 1969) and in practice within a percent. What is dealt is a *home group*: the
 * tasks of one submission with the same home (a pair), so that a worker meets the pair's columns once. A group larger than a worker's fair
 * share is cut into shares: affinity first, balance last. A task without a home (-1) is a group of its own.
 */
#ifndef SLD_POOL_DEAL_H
#define SLD_POOL_DEAL_H

#include "pool/lane.h"

/* Moves all of `tasks` (left empty) into dealt[workers], which are empty on entry; each lane comes out longest first. load[workers] holds
 * what each worker has to do already and is added to. `turn` in [0, workers): the worker that ties are given to first. The same
 * input is dealt the same way. ENOMEM: nothing is moved. */
sld_status sld__deal(sld__lane *dealt, int64_t *load, int workers, sld__lane *tasks, int turn, const sld_allocator *a, sld_error *err);

#endif
