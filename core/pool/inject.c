/* Lanes for tasks from outside. */
#include "pool/inside.h"

#include "base/error.h"
#include "pool/deal.h"

sld_status sld__inject_init(sld__inject *inject, const sld_allocator *a, int workers, sld_error *err) {
  inject->lanes = sld__alloc_zero(a, (size_t)workers, sizeof *inject->lanes);
  if (!inject->lanes) return sld__fail_memory(err);
  inject->workers = workers;
  inject->turn = 0;
  sld__init(&inject->ready, 0);
  if (sld__mutex_init(&inject->lock)) return SLD_OK;
  sld__free(a, inject->lanes);
  return sld__fail_memory(err);
}

void sld__inject_fini(sld__inject *inject, const sld_allocator *a) {
  sld__mutex_fini(&inject->lock);
  sld__free(a, inject->lanes);
}

bool sld__inject_empty(sld__inject *inject) {
  return sld__load(&inject->ready, memory_order_seq_cst) == 0; /* partner: the additions in enter_batch's callers */
}

/* Under the lock: a node of a lane joins its batch's list, or leaves it. */
static void enter_batch(sld__node *node, int lane) {
  sld__batch *batch = node->batch;
  node->lane = lane;
  node->batch_prev = NULL;
  node->batch_next = batch->queued;
  if (batch->queued) batch->queued->batch_prev = node;
  batch->queued = node;
}

static void leave_batch(sld__node *node) {
  if (node->batch_prev) node->batch_prev->batch_next = node->batch_next;
  else node->batch->queued = node->batch_next;
  if (node->batch_next) node->batch_next->batch_prev = node->batch_prev;
  node->batch_next = node->batch_prev = NULL;
}

/* Under the lock. */
static void remove_node(sld__inject *inject, sld__node *node) {
  leave_batch(node);
  sld__lane_remove(&inject->lanes[node->lane], node);
  sld__fetch_sub(&inject->ready, 1, memory_order_relaxed); /* no partner: too high a number only costs a look under the lock */
}

sld_status sld__inject_deal(sld__inject *inject, sld__lane *tasks, const sld_allocator *a, sld_error *err) {
  size_t workers = (size_t)inject->workers;
  sld__lane *dealt = sld__alloc_zero(a, workers, sizeof(sld__lane) + sizeof(int64_t));
  if (!dealt) return sld__fail_memory(err);
  int64_t *load = (int64_t *)(void *)(dealt + workers);
  int64_t count = tasks->count;
  sld__mutex_lock(&inject->lock);
  for (size_t w = 0; w < workers; w++) load[w] = inject->lanes[w].load;
  int turn = inject->turn;
  inject->turn = (turn + (int)(count % inject->workers)) % inject->workers;
  sld__mutex_unlock(&inject->lock);
  sld_status status = sld__deal(dealt, load, inject->workers, tasks, turn, a, err);
  if (status == SLD_OK) {
    sld__mutex_lock(&inject->lock);
    for (size_t w = 0; w < workers; w++) {
      for (sld__node *node = dealt[w].last; node; node = node->prev) enter_batch(node, (int)w);
      sld__lane_append(&inject->lanes[w], &dealt[w]);
    }
    sld__fetch_add(&inject->ready, count, memory_order_seq_cst); /* publishes. Partner: the load in empty */
    sld__mutex_unlock(&inject->lock);
  }
  sld__free(a, dealt);
  return status;
}

void sld__inject_put_back(sld__inject *inject, int worker, sld__lane *tasks) {
  int64_t count = tasks->count;
  sld__mutex_lock(&inject->lock);
  for (sld__node *node = tasks->first; node; node = node->next) enter_batch(node, worker);
  sld__lane_append(tasks, &inject->lanes[worker]);
  inject->lanes[worker] = *tasks;
  sld__fetch_add(&inject->ready, count, memory_order_seq_cst); /* publishes. Partner: the load in empty */
  sld__mutex_unlock(&inject->lock);
  *tasks = (sld__lane){ 0 };
}

void sld__inject_take(sld__inject *inject, int worker, sld__lane *out, int64_t most) {
  sld__mutex_lock(&inject->lock);
  sld__lane *lane = &inject->lanes[worker];
  int64_t half = (lane->count + 1) / 2;
  int64_t count = half < most ? half : most;
  for (; count > 0; count--) {
    sld__node *node = lane->first;
    remove_node(inject, node);
    sld__lane_push_last(out, node);
  }
  sld__mutex_unlock(&inject->lock);
}

void sld__inject_steal(sld__inject *inject, sld__lane *out, int64_t most) {
  sld__mutex_lock(&inject->lock);
  sld__lane *lane = NULL;
  for (int w = 0; w < inject->workers; w++)
    if (inject->lanes[w].count > 0 && (!lane || inject->lanes[w].load > lane->load)) lane = &inject->lanes[w];
  if (lane) {
    int64_t half = (lane->count + 1) / 2;
    int64_t count = half < most ? half : most;
    int home = lane->last->home;
    for (; count > 0 && lane->last->home == home; count--) {
      sld__node *node = lane->last;
      remove_node(inject, node);
      sld__lane_push_first(out, node);
    }
  }
  sld__mutex_unlock(&inject->lock);
}

sld__node *sld__inject_take_of(sld__inject *inject, sld__batch *batch) {
  sld__mutex_lock(&inject->lock);
  sld__node *node = batch->queued;
  if (node) remove_node(inject, node);
  sld__mutex_unlock(&inject->lock);
  return node;
}

void sld__inject_remove_all(sld__inject *inject, sld__batch *batch, sld__lane *out) {
  sld__mutex_lock(&inject->lock);
  while (batch->queued) {
    sld__node *node = batch->queued;
    remove_node(inject, node);
    sld__lane_push_last(out, node);
  }
  sld__mutex_unlock(&inject->lock);
}
