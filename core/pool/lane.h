/* Queued tasks as doubly linked lists, without memory of their own. */
#ifndef SLD_POOL_LANE_H
#define SLD_POOL_LANE_H

#include "pool/pool.h"

/* A submitted task. It is in one place at a time: a lane (and its batch's list), a deque, a worker's hands, or a worker's stock. */
typedef struct sld__node {
  struct sld__node *next, *prev;           /* in a lane or chain */
  struct sld__node *batch_next, *batch_prev; /* among its batch's nodes in the injector */
  sld__batch *batch;
  void (*run)(void *ud, int worker);
  void *ud;
  int64_t cost; /* >= 1 */
  int home;     /* >= -1 */
  int lane;     /* in the injector: which lane */
  bool loose;   /* allocated alone, and goes to the stock of the worker that runs it; otherwise part of its batch's block */
} sld__node;

/* A list of nodes. In the injector: what is dealt to one worker, longest first within a submission, submissions in order. */
typedef struct sld__lane {
  sld__node *first, *last;
  int64_t count;
  int64_t load; /* sum of costs, saturating */
} sld__lane;

void sld__lane_push_first(sld__lane *lane, sld__node *node);
void sld__lane_push_last(sld__lane *lane, sld__node *node);
void sld__lane_remove(sld__lane *lane, sld__node *node);
/* NULL when empty. */
sld__node *sld__lane_pop_first(sld__lane *lane);
/* Moves all of `from` behind `lane`. */
void sld__lane_append(sld__lane *lane, sld__lane *from);

/* a + b without overflow, for a, b >= 0. */
int64_t sld__cost_add(int64_t a, int64_t b);

typedef enum sld__lane_order { SLD__BY_HOME, SLD__LONGEST_FIRST, SLD__SHORTEST_FIRST } sld__lane_order;

/* Stable, no memory, O(n) where sorted already. BY_HOME: ascending with -1 last, longest first within a home. LONGEST_FIRST: by cost
 * descending, then by home. SHORTEST_FIRST: the mirror image in cost only. */
void sld__lane_sort(sld__lane *lane, sld__lane_order order);

#endif
