/* A pool of worker threads that run tasks and steal them from each other. It knows tasks, not Lua.
 *
 *   outside thread ── submit ──> injector: a lane per worker, dealt longest first          (inject.h, deal.h)
 *   worker: own deque, own lane, other lanes' short ends, other deques; then sleep         (deque.h, idle.h)
 *   task   ── submit ──> the deque of the worker that runs it
 *
 * Tasks are submitted to a batch, which is what one waits for, cancels and asks for progress. A task gets the index of the worker that
 * runs it, so that callers keep state per worker without a lock: no two tasks run on one worker at a time, except that a task which
 * waits inside a worker lets that worker run tasks of the batch it waits for.
 *
 * Results must not depend on who runs what or when; the pool promises nothing about either. What a task wrote before it returned is
 * visible to whoever saw its batch finished.
 *
 * Threads: every function may be called from any thread, and from tasks, unless it says otherwise. A pool does not survive fork: the
 * child has no workers and must not touch it. Workers have every signal blocked but those that the fault of a thread raises, and SIGPROF.
 */
#ifndef SLD_POOL_POOL_H
#define SLD_POOL_POOL_H

#include <pthread.h>
#include <sliders.h>

#define SLD__WORKERS_MAX 1024

typedef struct sld__pool sld__pool;
typedef struct sld__batch sld__batch;

typedef struct sld__task {
  void (*run)(void *ud, int worker); /* worker in [0, sld__pool_workers) */
  void *ud;
  int64_t cost; /* expected, in any unit; less than 1 counts as 1 */
  int home;     /* tasks of a submission with the same home >= 0 (a pair) are kept together; -1: none */
} sld__task;

/* Starts `workers` threads, which sleep until there is work. EINVAL: workers outside [1, SLD__WORKERS_MAX]; ENOMEM: no memory, or the
 * system gives no more threads. The allocator must stay usable until the pool and every batch are freed. */
sld_status sld__pool_new(sld__pool **out, const sld_allocator *a, int workers, sld_error *err);

/* Cancels what has not started, waits for what is running, joins the workers. Batches stay: they count as finished, and may be asked for
 * their counts and freed, no more. Not from a task, and nobody else may be inside a function of the pool. NULL is fine. */
void sld__pool_free(sld__pool *pool);

/* Number of workers, >= 1. */
int sld__pool_workers(const sld__pool *pool);

/* The index of the worker that the calling thread is, -1 if it is none of this pool's. */
int sld__pool_worker_index(const sld__pool *pool);

/* An empty batch. ENOMEM. */
sld_status sld__batch_new(sld__batch **out, sld__pool *pool, sld_error *err);

/* Cancels what has not started, waits for what is running, frees. Not from one of the batch's own tasks. NULL is fine. */
void sld__batch_free(sld__batch *batch);

/* Starts a thread as the pool's own are: signals are left to the host's threads, and its stack has room for nested Lua. False: the system gives none. */
bool sld__pool_thread(pthread_t *out, void *(*run)(void *), void *ud);

/* Copies tasks[count] and queues them; all or, on failure, none. From outside they are dealt to the workers longest first, by home (deal.h);
 * from a task they go to its own worker's deque, the longest to be taken first, the shortest to be stolen first.
 * A batch takes at most 2^31 - 1 tasks in its life. The caller makes sure that nobody frees the batch meanwhile: it owns the batch or is
 * one of its tasks.
 *   ENOMEM   out of memory
 *   ERANGE   too many tasks for one batch, or tasks that wait inside tasks are nested deeper than SLD__POOL_DEPTH_MAX
 *   ECANCELED the batch has been cancelled */
sld_status sld__batch_submit(sld__batch *batch, const sld__task *tasks, size_t count, sld_error *err);

/* Levels of waiting inside tasks at which submit refuses: a stack runs out of pages without a message. */
#define SLD__POOL_DEPTH_MAX 200

/* Waits until every task submitted so far is done or cancelled: true. False: timeout_ms passed first (negative: no limit; 0: only looks).
 * Inside a task the worker runs tasks of this very batch meanwhile, never others, and may overrun the timeout by one of them.
 * A task that waits for its own batch, or for one that its own worker is in the middle of, would wait for itself: false at once. */
bool sld__batch_wait(sld__batch *batch, int timeout_ms);

/* Tasks that have not started will not run; they count as done and as cancelled. Running ones may poll sld__batch_cancelled. Does not wait. */
void sld__batch_cancel(sld__batch *batch);

/* For a running task to poll; one relaxed load or two. Not after the pool was freed. */
bool sld__batch_cancelled(const sld__batch *batch);

/* Tasks submitted, tasks done (run or cancelled), and those of them that were cancelled, each at some moment during the call.
 * done = submitted exactly when the batch is finished. */
size_t sld__batch_submitted_count(const sld__batch *batch);
size_t sld__batch_done_count(const sld__batch *batch);
size_t sld__batch_cancelled_count(const sld__batch *batch);

#endif
