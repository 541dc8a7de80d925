/* A worker: finds a task, runs it, and sleeps when there is none.
 *
 * It looks, in this order, into its own deque, its own lane, the short ends of other lanes, and the other deques. What it moves from a
 * lane to its deque stays stealable there.
 */
#include "pool/inside.h"

#include "base/math.h"

#include <sched.h>

/* A searcher gives up after this long: about what going to sleep and being woken costs. */
#define SPIN_NS 50000

/* The one piece of file-scope state: which worker this thread is. Written by the thread itself at its start, never shared. */
static _Thread_local sld__worker *self;

sld__worker *sld__worker_self(void) {
  return self;
}

sld__node *sld__worker_node_new(sld__worker *worker) {
  sld__node *node = worker->stock;
  if (!node) return sld__alloc(&worker->pool->alloc, 1, sizeof *node);
  worker->stock = node->next;
  worker->stock_count--;
  return node;
}

void sld__worker_node_free(sld__worker *worker, sld__node *node) {
  if (worker->stock_count >= SLD__STOCK_MAX) {
    sld__free(&worker->pool->alloc, node);
    return;
  }
  node->next = worker->stock;
  worker->stock = node;
  worker->stock_count++;
}

void sld__worker_run(sld__worker *worker, sld__node *node) {
  sld__batch *batch = node->batch;
  void (*run)(void *, int) = node->run;
  void *ud = node->ud;
  if (node->loose) sld__worker_node_free(worker, node);
  if (sld__batch_cancelled(batch)) {
    sld__batch_drop(batch, 1);
    return;
  }
  sld__frame frame = { worker->frame, batch };
  worker->frame = &frame;
  worker->depth++;
  run(ud, worker->index);
  worker->depth--;
  worker->frame = frame.outer;
  sld__batch_finish(batch, 1);
}

static uint64_t random_next(sld__worker *worker) {
  worker->random ^= worker->random << 13;
  worker->random ^= worker->random >> 7;
  worker->random ^= worker->random << 17;
  return worker->random;
}

/* The first of tasks (NULL when there is none); the others go to the deque. */
static sld__node *accept_handful(sld__worker *worker, sld__lane *tasks) {
  sld__node *first = sld__lane_pop_first(tasks);
  if (!tasks->first) return first;
  while (tasks->last) {
    sld__node *node = tasks->last;
    sld__lane_remove(tasks, node); /* before the push: from then on a thief may run it, and its memory be somebody else's */
    if (sld__deque_push(&worker->deque, node, node->batch)) continue;
    /* Without memory for a larger deque they go to the worker's lane, which needs none. */
    sld__lane_push_last(tasks, node);
    sld__inject_put_back(&worker->pool->inject, worker->index, tasks);
  }
  /* While in hand they were in no queue, and somebody may have gone to sleep over that. */
  sld__idle_notify(&worker->pool->idle);
  return first;
}

static sld__node *take_from_lanes(sld__worker *worker, bool own) {
  sld__inject *inject = &worker->pool->inject;
  if (sld__inject_empty(inject)) return NULL;
  sld__lane tasks = { 0 };
  if (own) sld__inject_take(inject, worker->index, &tasks, SLD__HANDFUL);
  else sld__inject_steal(inject, &tasks, SLD__HANDFUL);
  return accept_handful(worker, &tasks);
}

/* Steals from the other deques, beginning with a random one; NULL when each was found empty (or topped by another tag). */
static sld__node *steal(sld__worker *worker, const void *tag) {
  sld__pool *pool = worker->pool;
  int count = pool->workers;
  if (count == 1) return NULL;
  bool lost;
  do {
    lost = false;
    int start = (int)(random_next(worker) % (uint64_t)count);
    for (int i = 0; i < count; i++) {
      int victim = start + i < count ? start + i : start + i - count;
      void *node;
      if (victim == worker->index) continue;
      sld__steal result = sld__deque_steal(&pool->worker[victim].deque, &node, tag);
      if (result == SLD__STEAL_WON) return node;
      if (result == SLD__STEAL_LOST) lost = true;
    }
  } while (lost);
  return NULL;
}

static sld__node *find_own(sld__worker *worker) {
  sld__node *node = sld__deque_take(&worker->deque, NULL);
  return node ? node : take_from_lanes(worker, true);
}

static sld__node *find(sld__worker *worker) {
  sld__node *node = find_own(worker);
  if (!node) node = take_from_lanes(worker, false);
  return node ? node : steal(worker, NULL);
}

sld__node *sld__worker_find_of(sld__worker *worker, sld__batch *batch) {
  sld__node *node = sld__deque_take(&worker->deque, batch);
  if (!node && !sld__inject_empty(&worker->pool->inject)) node = sld__inject_take_of(&worker->pool->inject, batch);
  return node ? node : steal(worker, batch);
}

void sld__worker_put_aside(sld__worker *worker) {
  sld__lane tasks = { 0 };
  sld__node *node;
  while ((node = sld__deque_take(&worker->deque, NULL)) != NULL) sld__lane_push_last(&tasks, node);
  if (!tasks.first) return;
  sld__inject_put_back(&worker->pool->inject, worker->index, &tasks);
  sld__idle_notify(&worker->pool->idle);
  sld__event_wake_all(&worker->pool->joined);
}

/* ---- What the hunt for work asks for (idle.h) ---- */

static bool stopping(void *ud) {
  sld__worker *worker = ud;
  return sld__load(&worker->pool->stopping, memory_order_seq_cst); /* partner: the store in sld__pool_free; in S against prepare */
}

static bool queued(void *ud) {
  sld__worker *worker = ud;
  sld__pool *pool = worker->pool;
  if (!sld__inject_empty(&pool->inject)) return true;
  for (int w = 0; w < pool->workers; w++)
    if (!sld__deque_empty(&pool->worker[w].deque)) return true;
  return false;
}

static void *look(void *ud) {
  return find(ud);
}

/* Looks around for SPIN_NS. */
static void *search(void *ud) {
  sld__worker *worker = ud;
  int64_t until = sld__now_ns() + SPIN_NS;
  do {
    sld__node *node = find(worker);
    if (node || stopping(worker)) return node;
    sched_yield(); /* the one that publishes may need this very processor */
  } while (sld__now_ns() < until);
  return NULL;
}

void *sld__worker_main(void *argument) {
  sld__worker *worker = argument;
  self = worker;
  const sld__hunter hunter = { worker, search, look, queued, stopping };
  for (;;) {
    sld__node *node = find_own(worker);
    if (!node) node = sld__idle_hunt(&worker->pool->idle, &hunter);
    if (!node) break;
    sld__worker_run(worker, node);
  }
  while (worker->stock) {
    sld__node *node = worker->stock;
    worker->stock = node->next;
    sld__free(&worker->pool->alloc, node);
  }
  sld__math_release(); /* tasks may have used it on this thread */
  return NULL;
}
