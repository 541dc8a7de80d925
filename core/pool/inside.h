/* What the pool's own files share. */
#ifndef SLD_POOL_INSIDE_H
#define SLD_POOL_INSIDE_H

#include "pool/deque.h"
#include "pool/idle.h"
#include "pool/inject.h"

/* Nodes handed from a lane to a deque at a time, and nodes kept in stock by a worker. */
#define SLD__HANDFUL 32
#define SLD__STOCK_MAX 256

/* The block of nodes of one submission from outside; freed with its batch. */
typedef struct sld__block {
  struct sld__block *next;
  sld__node nodes[];
} sld__block;

/* Of batch->state: submitted << 32 | pending << 1 | waiting. */
#define SLD__WAITING UINT64_C(1)
#define SLD__PENDING_ONE UINT64_C(2)
#define SLD__PENDING(state) ((uint32_t)(state) >> 1)
#define SLD__SUBMITTED(state) ((uint32_t)((state) >> 32))
#define SLD__SUBMITTED_ONE (UINT64_C(1) << 32)
#define SLD__BATCH_MAX UINT32_C(0x7fffffff)

struct sld__batch {
  SLD__ATOMIC(uint64_t) state; /* submit adds, finishing subtracts, wait sets the flag, which then stays */
  SLD__ATOMIC(uint32_t) cancelled_count; /* written by whoever drops a task, before it counts as done */
  SLD__ATOMIC(bool) cancelled; /* only ever becomes true */
  sld__pool *pool;
  sld_allocator alloc;         /* a copy: the batch may outlive the pool */
  sld__node *queued;           /* its nodes in the injector; under the injector's lock */
  SLD__ATOMIC(sld__block *) blocks; /* pushed by submitters from outside; read when the batch is freed */
};

/* A task that runs, on its worker's stack. */
typedef struct sld__frame {
  struct sld__frame *outer;
  const sld__batch *batch;
} sld__frame;

/* Everything here but the deque's stealing end belongs to the worker's thread. */
typedef struct sld__worker {
  sld__deque deque;
  sld__pool *pool;
  int index;
  int depth; /* length of the chain of frames */
  uint64_t random;
  sld__frame *frame; /* innermost */
  sld__node *stock;  /* spare loose nodes, linked by next */
  int stock_count;
  pthread_t thread;
  char apart[SLD__APART];
} sld__worker;

struct sld__pool {
  sld_allocator alloc;
  int workers;                /* fixed */
  SLD__ATOMIC(bool) stopping; /* only ever becomes true, in sld__pool_free */
  char apart_stopping[SLD__APART];
  sld__idle idle;
  char apart_idle[SLD__APART];
  sld__event joined; /* wake_all: a batch with waiters has finished, or one of its tasks was queued */
  char apart_joined[SLD__APART];
  sld__inject inject;
  char apart_inject[SLD__APART];
  sld__worker worker[];
};

/* The worker that the calling thread is; NULL outside of all pools. */
sld__worker *sld__worker_self(void);

/* The body of a worker's thread. */
void *sld__worker_main(void *worker);

/* Runs or drops a task that nobody else holds. */
void sld__worker_run(sld__worker *worker, sld__node *node);

/* A loose node, NULL when out of memory; and back to the stock. */
sld__node *sld__worker_node_new(sld__worker *worker);
void sld__worker_node_free(sld__worker *worker, sld__node *node);

/* One task of this batch that this worker can reach; NULL when it reaches none. */
sld__node *sld__worker_find_of(sld__worker *worker, sld__batch *batch);

/* Moves what is in the worker's deque to its lane, for others to reach. */
void sld__worker_put_aside(sld__worker *worker);

/* `count` tasks of the batch are done. The batch may be freed by another thread before this returns. */
void sld__batch_finish(sld__batch *batch, uint32_t count);

/* `count` tasks of the batch will not run. */
void sld__batch_drop(sld__batch *batch, uint32_t count);

#endif
