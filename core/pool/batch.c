/* Batches: what one submits to, waits for and cancels. */
#include "pool/inside.h"

#include <sched.h>

#include "base/error.h"

/* As long as a searcher looks, before a wait inside a task goes to sleep. */
#define SPIN_NS 50000

_Static_assert(sizeof(sld__block) <= sizeof(sld__node), "a block's head takes the room of one node");

sld_status sld__batch_new(sld__batch **out, sld__pool *pool, sld_error *err) {
  sld__batch *batch = sld__alloc(&pool->alloc, 1, sizeof *batch);
  if (!batch) return sld__fail_memory(err);
  sld__init(&batch->state, 0);
  sld__init(&batch->cancelled_count, 0);
  sld__init(&batch->cancelled, false);
  sld__init(&batch->blocks, NULL);
  batch->pool = pool;
  batch->alloc = pool->alloc;
  batch->queued = NULL;
  *out = batch;
  return SLD_OK;
}

static bool finished(const sld__batch *batch) {
  /* Partner: the subtraction in finish; what the tasks wrote is visible afterwards. In S against prepare, before sleeping. */
  return SLD__PENDING(sld__load(&batch->state, memory_order_seq_cst)) == 0;
}

void sld__batch_free(sld__batch *batch) {
  if (!batch) return;
  if (!finished(batch)) {
    sld__batch_cancel(batch);
    sld__batch_wait(batch, -1);
  }
  sld_allocator alloc = batch->alloc;
  sld__block *block = sld__load(&batch->blocks, memory_order_acquire); /* partner: keep_block */
  while (block) {
    sld__block *next = block->next;
    sld__free(&alloc, block);
    block = next;
  }
  sld__free(&alloc, batch);
}

/* Subtracts from the state an amount with `count` pending tasks in it, and wakes the waiters with the last one. */
static void subtract(sld__batch *batch, uint64_t amount, uint32_t count) {
  sld__pool *pool = batch->pool; /* the batch is gone once its waiter sees nothing pending */
  uint64_t before = sld__fetch_sub(&batch->state, amount, memory_order_seq_cst); /* partner: finished; in S before wake_all asks for waiters */
  SLD__POINT("finish: counted, nobody woken");
  if (SLD__PENDING(before) == count && (before & SLD__WAITING)) sld__event_wake_all(&pool->joined);
}

void sld__batch_finish(sld__batch *batch, uint32_t count) {
  subtract(batch, count * SLD__PENDING_ONE, count);
}

void sld__batch_drop(sld__batch *batch, uint32_t count) {
  sld__fetch_add(&batch->cancelled_count, count, memory_order_relaxed); /* published by the subtraction that follows */
  sld__batch_finish(batch, count);
}

/* Counts the tasks in before any of them can finish. */
static sld_status announce(sld__batch *batch, size_t count, sld_error *err) {
  if (sld__batch_cancelled(batch)) return sld__fail(err, SLD_ECANCELED, "the batch has been cancelled");
  uint64_t state = sld__load(&batch->state, memory_order_relaxed); /* a guess; the swap decides */
  do {
    if (count > SLD__BATCH_MAX - SLD__SUBMITTED(state))
      return sld__fail(err, SLD_ERANGE, "a batch takes at most %u tasks", SLD__BATCH_MAX);
    /* No partner: tasks are published by the queues. */
  } while (!sld__swap_if(&batch->state, &state, state + count * (SLD__SUBMITTED_ONE + SLD__PENDING_ONE), memory_order_relaxed, memory_order_relaxed));
  return SLD_OK;
}

/* Takes an announcement back: the tasks never existed. */
static void retract(sld__batch *batch, size_t count) {
  subtract(batch, count * (SLD__SUBMITTED_ONE + SLD__PENDING_ONE), (uint32_t)count);
}

static void fill(sld__node *node, sld__batch *batch, const sld__task *task, bool loose) {
  node->batch = batch;
  node->run = task->run;
  node->ud = task->ud;
  node->cost = task->cost > 1 ? task->cost : 1;
  node->home = task->home >= 0 ? task->home : -1;
  node->loose = loose;
  node->batch_next = node->batch_prev = NULL;
}

/* After tasks were queued: wakes those whom they concern. */
static void tell(sld__batch *batch) {
  sld__idle_notify(&batch->pool->idle);
  /* One who waits inside a task may help. Partner: the flag set in wait_inside. In S after the tasks were published. */
  if (sld__load(&batch->state, memory_order_seq_cst) & SLD__WAITING) sld__event_wake_all(&batch->pool->joined);
}

static sld_status submit_inside(sld__worker *worker, sld__batch *batch, const sld__task *tasks, size_t count, sld_error *err) {
  if (worker->depth > SLD__POOL_DEPTH_MAX) return sld__fail(err, SLD_ERANGE, "tasks wait inside tasks more than %d levels deep", SLD__POOL_DEPTH_MAX);
  sld__lane queue = { 0 };
  sld_status status = SLD_OK;
  for (size_t i = 0; i < count && status == SLD_OK; i++) {
    sld__node *node = sld__worker_node_new(worker);
    if (!node) {
      status = sld__fail_memory(err);
      break;
    }
    fill(node, batch, &tasks[i], true);
    sld__lane_push_last(&queue, node);
  }
  if (status == SLD_OK) status = announce(batch, count, err);
  if (status != SLD_OK) {
    while (queue.first) sld__worker_node_free(worker, sld__lane_pop_first(&queue));
    return status;
  }
  sld__lane_sort(&queue, SLD__SHORTEST_FIRST);
  while (queue.first) {
    sld__node *node = sld__lane_pop_first(&queue);
    if (sld__deque_push(&worker->deque, node, batch)) continue;
    /* Without memory for a larger deque they go to the worker's lane, which needs none. */
    sld__lane_push_first(&queue, node);
    sld__lane_sort(&queue, SLD__LONGEST_FIRST);
    sld__inject_put_back(&batch->pool->inject, worker->index, &queue);
  }
  tell(batch);
  return SLD_OK;
}

/* Blocks are pushed by submitters, several at once, and freed with the batch. */
static void keep_block(sld__batch *batch, sld__block *block) {
  block->next = sld__load(&batch->blocks, memory_order_relaxed); /* a guess; the swap decides */
  while (!sld__swap_if(&batch->blocks, &block->next, block, memory_order_release, memory_order_relaxed)) { /* partner: sld__batch_free */
  }
}

static sld_status submit_outside(sld__batch *batch, const sld__task *tasks, size_t count, sld_error *err) {
  sld__pool *pool = batch->pool;
  if (count > SLD__BATCH_MAX) return sld__fail(err, SLD_ERANGE, "a batch takes at most %u tasks", SLD__BATCH_MAX);
  sld__block *block = sld__alloc(&pool->alloc, count + 1, sizeof(sld__node));
  if (!block) return sld__fail_memory(err);
  sld__lane queue = { 0 };
  for (size_t i = 0; i < count; i++) {
    fill(&block->nodes[i], batch, &tasks[i], false);
    sld__lane_push_last(&queue, &block->nodes[i]);
  }
  sld_status status = announce(batch, count, err);
  if (status == SLD_OK) {
    status = sld__inject_deal(&pool->inject, &queue, &pool->alloc, err);
    if (status != SLD_OK) retract(batch, count);
  }
  if (status != SLD_OK) {
    sld__free(&pool->alloc, block);
    return status;
  }
  keep_block(batch, block);
  tell(batch);
  return SLD_OK;
}

sld_status sld__batch_submit(sld__batch *batch, const sld__task *tasks, size_t count, sld_error *err) {
  if (count == 0) return SLD_OK;
  sld__worker *worker = sld__worker_self();
  bool inside = worker && worker->pool == batch->pool;
  return inside ? submit_inside(worker, batch, tasks, count, err) : submit_outside(batch, tasks, count, err);
}

/* Before sleeping: from here on, finishing and submitting wake those who wait. */
static void announce_waiter(sld__batch *batch) {
  sld__fetch_or(&batch->state, SLD__WAITING, memory_order_seq_cst); /* partner: the subtraction in finish and the load in tell */
}

static bool wait_outside(sld__batch *batch, int64_t deadline_ns) {
  sld__event *joined = &batch->pool->joined;
  while (!finished(batch)) {
    if (deadline_ns != SLD__NEVER && sld__now_ns() >= deadline_ns) return false;
    announce_waiter(batch);
    uint64_t key = sld__event_prepare(joined);
    if (finished(batch)) sld__event_cancel(joined, key);
    else sld__event_commit(joined, key, deadline_ns);
  }
  return true;
}

/* Sleeps until there may be something to do; returns a task if one turned up at the last look. */
static sld__node *sleep_inside(sld__worker *worker, sld__batch *batch, int64_t deadline_ns) {
  sld__event *joined = &batch->pool->joined;
  sld__worker_put_aside(worker);
  announce_waiter(batch);
  uint64_t key = sld__event_prepare(joined);
  sld__node *node = sld__worker_find_of(worker, batch);
  if (node || finished(batch)) sld__event_cancel(joined, key);
  else sld__event_commit(joined, key, deadline_ns);
  return node;
}

/* Every task of the batch is running, within reach of find_of, or in the deque of a worker that is not asleep: sleepers have put theirs
 * aside. So unless batches wait for each other in a circle, somebody can always go on. */
static bool wait_inside(sld__worker *worker, sld__batch *batch, int64_t deadline_ns) {
  int64_t spin_until = 0; /* 0: has not begun to spin since it last ran something */
  while (!finished(batch)) {
    int64_t now = deadline_ns == SLD__NEVER && spin_until == 0 ? 0 : sld__now_ns();
    if (now >= deadline_ns) return false;
    sld__node *node = sld__worker_find_of(worker, batch);
    if (!node && spin_until == 0) {
      spin_until = sld__now_ns() + SPIN_NS;
    } else if (!node && now < spin_until) {
      sched_yield();
    } else if (!node) {
      node = sleep_inside(worker, batch, deadline_ns);
    }
    if (!node) continue;
    sld__worker_run(worker, node);
    spin_until = 0;
  }
  return true;
}

/* Whether the worker is in the middle of one of the batch's tasks. */
static bool inside_of(const sld__worker *worker, const sld__batch *batch) {
  for (const sld__frame *frame = worker->frame; frame; frame = frame->outer)
    if (frame->batch == batch) return true;
  return false;
}

bool sld__batch_wait(sld__batch *batch, int timeout_ms) {
  if (finished(batch)) return true;
  if (timeout_ms == 0) return false;
  int64_t deadline_ns = timeout_ms < 0 ? SLD__NEVER : sld__now_ns() + (int64_t)timeout_ms * 1000000;
  sld__worker *worker = sld__worker_self();
  if (!worker || worker->pool != batch->pool) return wait_outside(batch, deadline_ns);
  return inside_of(worker, batch) ? false : wait_inside(worker, batch, deadline_ns);
}

void sld__batch_cancel(sld__batch *batch) {
  sld__store(&batch->cancelled, true, memory_order_relaxed); /* partner: polls; it orders nothing else */
  if (finished(batch)) return; /* and the pool may be gone */
  sld__pool *pool = batch->pool;
  sld__lane dropped = { 0 };
  sld__inject_remove_all(&pool->inject, batch, &dropped);
  uint32_t count = (uint32_t)dropped.count;
  while (dropped.first) {
    sld__node *node = sld__lane_pop_first(&dropped);
    if (node->loose) sld__free(&pool->alloc, node);
  }
  if (count > 0) sld__batch_drop(batch, count);
}

bool sld__batch_cancelled(const sld__batch *batch) {
  if (sld__load(&batch->cancelled, memory_order_relaxed)) return true; /* partner: sld__batch_cancel; it orders nothing else */
  return sld__load(&batch->pool->stopping, memory_order_relaxed);      /* partner: sld__pool_free; likewise */
}

size_t sld__batch_submitted_count(const sld__batch *batch) {
  return SLD__SUBMITTED(sld__load(&batch->state, memory_order_relaxed)); /* a count for progress */
}

size_t sld__batch_done_count(const sld__batch *batch) {
  uint64_t state = sld__load(&batch->state, memory_order_acquire); /* partner: the subtraction in finish */
  return SLD__SUBMITTED(state) - SLD__PENDING(state);
}

size_t sld__batch_cancelled_count(const sld__batch *batch) {
  return sld__load(&batch->cancelled_count, memory_order_relaxed); /* exact once the batch was seen finished */
}
