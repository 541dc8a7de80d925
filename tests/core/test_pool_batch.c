/* The pool runs each task exactly once, whoever submits, waits, steals or cancels. */
#include "base/alloc.h"
#include "gate.h"
#include "pool/pool.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define WORKERS_MAX 8

/* ---- Helpers ---- */

static sld__pool *pool_of(int workers) {
  sld_allocator a = sld__alloc_default();
  sld__pool *pool = NULL;
  sld_error err;
  assert_int_equal(sld__pool_new(&pool, &a, workers, &err), SLD_OK);
  assert_int_equal(sld__pool_workers(pool), workers);
  return pool;
}

static sld__batch *batch_of(sld__pool *pool) {
  sld__batch *batch = NULL;
  assert_int_equal(sld__batch_new(&batch, pool, NULL), SLD_OK);
  return batch;
}

static uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

/* Counts how often each of its tasks ran. */
typedef struct tally {
  atomic_int *runs;
  size_t count;
} tally;

static tally tally_of(size_t count) {
  tally t = { calloc(count, sizeof(atomic_int)), count };
  assert_non_null(t.runs);
  return t;
}

static void assert_once_each(tally *t) {
  for (size_t i = 0; i < t->count; i++) assert_int_equal(atomic_load(&t->runs[i]), 1);
  free(t->runs);
}

static void count_run(void *ud, int worker) {
  (void)worker;
  atomic_fetch_add((atomic_int *)ud, 1);
}

static void spin(uint64_t steps) {
  for (volatile uint64_t i = 0; i < steps; i++) {
  }
}

static void submit_tally(sld__batch *batch, tally *t, uint64_t *random) {
  sld__task *tasks = calloc(t->count, sizeof *tasks);
  assert_non_null(tasks);
  for (size_t i = 0; i < t->count; i++)
    tasks[i] = (sld__task){ count_run, &t->runs[i], (int64_t)(next_random(random) % 1000), (int)(next_random(random) % 9) - 1 };
  assert_int_equal(sld__batch_submit(batch, tasks, t->count, NULL), SLD_OK);
  free(tasks);
}

static void pass_gate(void *ud, int worker) {
  (void)worker;
  gate_pass(ud);
}

/* ---- From outside ---- */

static void each_task_runs_exactly_once_for_every_number_of_workers(void **state) {
  (void)state;
  uint64_t random = 42;
  for (int workers = 1; workers <= WORKERS_MAX; workers++) {
    sld__pool *pool = pool_of(workers);
    for (int round = 0; round < 30; round++) {
      tally t = tally_of(1 + next_random(&random) % 700);
      sld__batch *batch = batch_of(pool);
      submit_tally(batch, &t, &random);
      assert_true(sld__batch_wait(batch, -1));
      assert_int_equal(sld__batch_submitted_count(batch), t.count);
      assert_int_equal(sld__batch_done_count(batch), t.count);
      assert_int_equal(sld__batch_cancelled_count(batch), 0);
      sld__batch_free(batch);
      assert_once_each(&t);
    }
    sld__pool_free(pool);
  }
}

static void many_small_batches_from_outside_all_finish(void **state) {
  (void)state;
  sld__pool *pool = pool_of(3);
  enum { COUNT = 2000 };
  tally t = tally_of(COUNT);
  sld__batch **batches = calloc(COUNT, sizeof *batches);
  assert_non_null(batches);
  for (size_t i = 0; i < COUNT; i++) {
    batches[i] = batch_of(pool);
    sld__task task = { count_run, &t.runs[i], 1, -1 };
    assert_int_equal(sld__batch_submit(batches[i], &task, 1, NULL), SLD_OK);
  }
  for (size_t i = COUNT; i-- > 0;) {
    assert_true(sld__batch_wait(batches[i], -1));
    sld__batch_free(batches[i]);
  }
  free(batches);
  assert_once_each(&t);
  sld__pool_free(pool);
}

static void an_empty_batch_is_finished(void **state) {
  (void)state;
  sld__pool *pool = pool_of(1);
  sld__batch *batch = batch_of(pool);
  assert_int_equal(sld__batch_submit(batch, NULL, 0, NULL), SLD_OK);
  assert_true(sld__batch_wait(batch, 0));
  sld__batch_free(batch);
  sld__batch_free(NULL);
  sld__pool_free(pool);
  sld__pool_free(NULL);
}

static void a_batch_can_be_filled_again_after_it_finished(void **state) {
  (void)state;
  uint64_t random = 7;
  sld__pool *pool = pool_of(2);
  sld__batch *batch = batch_of(pool);
  for (int round = 1; round <= 50; round++) {
    tally t = tally_of(20);
    submit_tally(batch, &t, &random);
    assert_true(sld__batch_wait(batch, -1));
    assert_int_equal(sld__batch_done_count(batch), round * 20);
    assert_once_each(&t);
  }
  sld__batch_free(batch);
  sld__pool_free(pool);
}

static void a_wait_with_a_timeout_gives_up_and_can_be_repeated(void **state) {
  (void)state;
  sld__pool *pool = pool_of(1);
  gate g = GATE_INIT;
  sld__batch *batch = batch_of(pool);
  sld__task task = { pass_gate, &g, 1, -1 };
  assert_int_equal(sld__batch_submit(batch, &task, 1, NULL), SLD_OK);
  assert_false(sld__batch_wait(batch, 0));
  assert_false(sld__batch_wait(batch, 2));
  assert_int_equal(sld__batch_done_count(batch), 0);
  gate_open(&g);
  assert_true(sld__batch_wait(batch, -1));
  sld__batch_free(batch);
  sld__pool_free(pool);
}

static void idle_workers_take_over_what_was_dealt_to_a_busy_one(void **state) {
  (void)state;
  sld__pool *pool = pool_of(2);
  gate g = GATE_INIT;
  sld__batch *blocker = batch_of(pool);
  sld__task block = { pass_gate, &g, 1, -1 };
  assert_int_equal(sld__batch_submit(blocker, &block, 1, NULL), SLD_OK);
  gate_await(&g, 1);
  uint64_t random = 3;
  tally t = tally_of(500);
  sld__batch *batch = batch_of(pool);
  submit_tally(batch, &t, &random);
  assert_true(sld__batch_wait(batch, -1)); /* half of it had been dealt to the blocked worker */
  gate_open(&g);
  assert_true(sld__batch_wait(blocker, -1));
  sld__batch_free(batch);
  sld__batch_free(blocker);
  assert_once_each(&t);
  sld__pool_free(pool);
}

static void every_worker_is_woken_for_long_tasks(void **state) {
  (void)state;
  for (int workers = 1; workers <= WORKERS_MAX; workers++) {
    for (int round = 0; round < 20; round++) {
      sld__pool *pool = pool_of(workers);
      gate g = GATE_INIT;
      sld__batch *batch = batch_of(pool);
      sld__task tasks[WORKERS_MAX];
      for (int i = 0; i < workers; i++) tasks[i] = (sld__task){ pass_gate, &g, 1, -1 };
      assert_int_equal(sld__batch_submit(batch, tasks, (size_t)workers, NULL), SLD_OK);
      gate_await(&g, workers); /* hangs here if a wake-up is lost */
      gate_open(&g);
      assert_true(sld__batch_wait(batch, -1));
      sld__batch_free(batch);
      sld__pool_free(pool);
    }
  }
}

typedef struct submitter {
  pthread_t thread;
  sld__pool *pool;
  uint64_t random;
} submitter;

static void *submit_rounds(void *ud) {
  submitter *s = ud;
  for (int round = 0; round < 60; round++) {
    tally t = tally_of(1 + next_random(&s->random) % 60);
    sld__batch *batch = batch_of(s->pool);
    submit_tally(batch, &t, &s->random);
    assert_true(sld__batch_wait(batch, -1));
    sld__batch_free(batch);
    assert_once_each(&t);
  }
  return NULL;
}

static void several_threads_may_submit_and_wait_at_once(void **state) {
  (void)state;
  sld__pool *pool = pool_of(3);
  submitter s[4];
  for (size_t i = 0; i < 4; i++) {
    s[i].pool = pool;
    s[i].random = i + 1;
    assert_int_equal(pthread_create(&s[i].thread, NULL, submit_rounds, &s[i]), 0);
  }
  for (size_t i = 0; i < 4; i++) pthread_join(s[i].thread, NULL);
  sld__pool_free(pool);
}

/* ---- From inside ---- */

typedef struct fib {
  sld__pool *pool;
  int n;
  uint64_t value;
} fib;

static void run_fib(void *ud, int worker) {
  fib *f = ud;
  assert_int_equal(sld__pool_worker_index(f->pool), worker);
  if (f->n < 2) {
    f->value = (uint64_t)f->n;
    return;
  }
  fib left = { f->pool, f->n - 1, 0 };
  fib right = { f->pool, f->n - 2, 0 };
  sld__batch *batch = batch_of(f->pool);
  sld__task task = { run_fib, &right, 1, -1 };
  assert_int_equal(sld__batch_submit(batch, &task, 1, NULL), SLD_OK);
  run_fib(&left, worker);
  assert_true(sld__batch_wait(batch, -1));
  sld__batch_free(batch);
  f->value = left.value + right.value;
}

static void waits_inside_tasks_finish_for_every_number_of_workers(void **state) {
  (void)state;
  for (int workers = 1; workers <= WORKERS_MAX; workers++) {
    sld__pool *pool = pool_of(workers);
    assert_int_equal(sld__pool_worker_index(pool), -1);
    sld__batch *batch = batch_of(pool);
    fib f = { pool, 17, 0 };
    sld__task task = { run_fib, &f, 1, -1 };
    assert_int_equal(sld__batch_submit(batch, &task, 1, NULL), SLD_OK);
    assert_true(sld__batch_wait(batch, -1));
    assert_int_equal(f.value, 1597);
    sld__batch_free(batch);
    sld__pool_free(pool);
  }
}

/* A tree of tasks in one batch: each submits its children to the batch that it belongs to. */
typedef struct tree {
  sld__batch *batch;
  tally t;
} tree;

typedef struct branch {
  tree *tree;
  size_t index;
} branch;

static void run_branch(void *ud, int worker) {
  branch b = *(branch *)ud;
  free(ud);
  (void)worker;
  atomic_fetch_add(&b.tree->t.runs[b.index], 1);
  sld__task children[3];
  size_t count = 0;
  for (size_t i = 3 * b.index + 1; i <= 3 * b.index + 3 && i < b.tree->t.count; i++) {
    branch *child = malloc(sizeof *child);
    assert_non_null(child);
    *child = (branch){ b.tree, i };
    children[count++] = (sld__task){ run_branch, child, (int64_t)(i % 5), -1 };
  }
  assert_int_equal(sld__batch_submit(b.tree->batch, children, count, NULL), SLD_OK);
}

static void tasks_may_submit_to_their_own_batch(void **state) {
  (void)state;
  for (int workers = 1; workers <= WORKERS_MAX; workers++) {
    sld__pool *pool = pool_of(workers);
    tree tr = { batch_of(pool), tally_of(4000) };
    branch *root = malloc(sizeof *root);
    assert_non_null(root);
    *root = (branch){ &tr, 0 };
    sld__task task = { run_branch, root, 1, -1 };
    assert_int_equal(sld__batch_submit(tr.batch, &task, 1, NULL), SLD_OK);
    assert_true(sld__batch_wait(tr.batch, -1));
    assert_int_equal(sld__batch_done_count(tr.batch), 4000);
    sld__batch_free(tr.batch);
    assert_once_each(&tr.t);
    sld__pool_free(pool);
  }
}

/* A task that submits to two batches and waits for the one whose tasks lie deeper in its deque. */
typedef struct buried {
  sld__pool *pool;
  sld__batch *forgotten; /* waited for outside */
  tally t;
  bool finished;
} buried;

static void wait_for_the_buried(void *ud, int worker) {
  buried *b = ud;
  (void)worker;
  sld__batch *mine = batch_of(b->pool);
  for (size_t i = 0; i < b->t.count; i++) {
    sld__task task = { count_run, &b->t.runs[i], 1, -1 };
    assert_int_equal(sld__batch_submit(i % 2 == 0 ? mine : b->forgotten, &task, 1, NULL), SLD_OK);
  }
  b->finished = sld__batch_wait(mine, -1);
  sld__batch_free(mine);
}

static void a_wait_reaches_tasks_buried_under_those_of_other_batches(void **state) {
  (void)state;
  for (int workers = 1; workers <= 4; workers++) {
    sld__pool *pool = pool_of(workers);
    buried b = { pool, batch_of(pool), tally_of(100), false };
    sld__batch *outer = batch_of(pool);
    sld__task task = { wait_for_the_buried, &b, 1, -1 };
    assert_int_equal(sld__batch_submit(outer, &task, 1, NULL), SLD_OK);
    assert_true(sld__batch_wait(outer, -1));
    assert_true(b.finished);
    assert_true(sld__batch_wait(b.forgotten, -1));
    sld__batch_free(outer);
    sld__batch_free(b.forgotten);
    assert_once_each(&b.t);
    sld__pool_free(pool);
  }
}

typedef struct strict {
  sld__batch *awaited;
  atomic_int waiting;
} strict;

static void wait_strictly(void *ud, int worker) {
  strict *s = ud;
  (void)worker;
  atomic_store(&s->waiting, 1);
  assert_true(sld__batch_wait(s->awaited, -1));
}

static void a_wait_inside_runs_tasks_of_no_other_batch(void **state) {
  (void)state;
  sld__pool *pool = pool_of(2);
  gate g = GATE_INIT;
  strict s = { .awaited = batch_of(pool) };
  sld__task hold = { pass_gate, &g, 1, -1 };
  assert_int_equal(sld__batch_submit(s.awaited, &hold, 1, NULL), SLD_OK);
  gate_await(&g, 1);
  sld__batch *outer = batch_of(pool);
  sld__task task = { wait_strictly, &s, 1, -1 };
  assert_int_equal(sld__batch_submit(outer, &task, 1, NULL), SLD_OK);
  while (atomic_load(&s.waiting) == 0) sched_yield();
  sld__batch *other = batch_of(pool);
  uint64_t random = 21;
  tally t = tally_of(50);
  submit_tally(other, &t, &random);
  assert_false(sld__batch_wait(other, 5)); /* one worker is held, the other waits: nobody may run them */
  assert_int_equal(sld__batch_done_count(other), 0);
  gate_open(&g);
  assert_true(sld__batch_wait(other, -1));
  assert_true(sld__batch_wait(outer, -1));
  sld__batch_free(other);
  sld__batch_free(outer);
  sld__batch_free(s.awaited);
  assert_once_each(&t);
  sld__pool_free(pool);
}

static void wait_for_itself(void *ud, int worker) {
  (void)worker;
  sld__batch *batch = *(sld__batch **)ud;
  assert_false(sld__batch_wait(batch, -1));
}

static void a_task_that_waits_for_its_own_batch_is_told_so(void **state) {
  (void)state;
  sld__pool *pool = pool_of(2);
  sld__batch *batch = batch_of(pool);
  sld__task task = { wait_for_itself, &batch, 1, -1 };
  assert_int_equal(sld__batch_submit(batch, &task, 1, NULL), SLD_OK);
  assert_true(sld__batch_wait(batch, -1));
  sld__batch_free(batch);
  sld__pool_free(pool);
}

typedef struct descent {
  sld__pool *pool;
  atomic_int deepest;
  atomic_int refusals;
} descent;

static void descend(void *ud, int worker) {
  descent *d = ud;
  (void)worker;
  sld__batch *batch = batch_of(d->pool);
  sld__task task = { descend, d, 1, -1 };
  atomic_fetch_add(&d->deepest, 1);
  sld_status status = sld__batch_submit(batch, &task, 1, NULL);
  if (status == SLD_ERANGE) atomic_fetch_add(&d->refusals, 1);
  else assert_true(sld__batch_wait(batch, -1));
  sld__batch_free(batch);
}

static void waiting_too_deep_inside_tasks_is_refused(void **state) {
  (void)state;
  sld__pool *pool = pool_of(1);
  descent d = { .pool = pool };
  sld__batch *batch = batch_of(pool);
  sld__task task = { descend, &d, 1, -1 };
  assert_int_equal(sld__batch_submit(batch, &task, 1, NULL), SLD_OK);
  assert_true(sld__batch_wait(batch, -1));
  assert_int_equal(atomic_load(&d.refusals), 1);
  assert_int_equal(atomic_load(&d.deepest), SLD__POOL_DEPTH_MAX + 1);
  sld__batch_free(batch);
  sld__pool_free(pool);
}

/* ---- Cancelling and stopping ---- */

static void what_has_not_started_is_counted_but_not_run_after_a_cancel(void **state) {
  (void)state;
  sld__pool *pool = pool_of(2);
  gate g = GATE_INIT;
  sld__batch *batch = batch_of(pool);
  sld__task hold[2] = { { pass_gate, &g, 1, -1 }, { pass_gate, &g, 1, -1 } };
  assert_int_equal(sld__batch_submit(batch, hold, 2, NULL), SLD_OK);
  gate_await(&g, 2);
  uint64_t random = 5;
  tally t = tally_of(300);
  submit_tally(batch, &t, &random);
  assert_false(sld__batch_cancelled(batch));
  sld__batch_cancel(batch);
  assert_true(sld__batch_cancelled(batch));
  assert_int_equal(sld__batch_done_count(batch), 300); /* at once: they were still queued */
  assert_false(sld__batch_wait(batch, 0));
  sld_error err;
  assert_int_equal(sld__batch_submit(batch, hold, 1, &err), SLD_ECANCELED);
  gate_open(&g);
  assert_true(sld__batch_wait(batch, -1));
  assert_int_equal(sld__batch_done_count(batch), 302);
  assert_int_equal(sld__batch_cancelled_count(batch), 300);
  for (size_t i = 0; i < t.count; i++) assert_int_equal(atomic_load(&t.runs[i]), 0);
  free(t.runs);
  sld__batch_free(batch);
  sld__pool_free(pool);
}

static void poll_until_cancelled(void *ud, int worker) {
  (void)worker;
  const sld__batch *batch = *(sld__batch **)ud;
  while (!sld__batch_cancelled(batch)) sched_yield();
}

static void a_running_task_sees_the_cancel(void **state) {
  (void)state;
  sld__pool *pool = pool_of(1);
  sld__batch *batch = batch_of(pool);
  sld__task task = { poll_until_cancelled, &batch, 1, -1 };
  assert_int_equal(sld__batch_submit(batch, &task, 1, NULL), SLD_OK);
  sld__batch_cancel(batch);
  assert_true(sld__batch_wait(batch, -1));
  sld__batch_free(batch);
  sld__pool_free(pool);
}

static void cancels_at_any_moment_leave_every_task_run_once_or_counted(void **state) {
  (void)state;
  uint64_t random = 99;
  for (int workers = 1; workers <= 4; workers++) {
    sld__pool *pool = pool_of(workers);
    for (int round = 0; round < 100; round++) {
      tally t = tally_of(200);
      sld__batch *batch = batch_of(pool);
      submit_tally(batch, &t, &random);
      spin(next_random(&random) % 20000);
      sld__batch_cancel(batch);
      assert_true(sld__batch_wait(batch, -1));
      size_t run = 0;
      for (size_t i = 0; i < t.count; i++) {
        assert_in_range(atomic_load(&t.runs[i]), 0, 1);
        run += (size_t)atomic_load(&t.runs[i]);
      }
      assert_int_equal(sld__batch_done_count(batch), t.count);
      assert_int_equal(sld__batch_cancelled_count(batch), t.count - run);
      sld__batch_free(batch);
      free(t.runs);
    }
    sld__pool_free(pool);
  }
}

static void freeing_an_unfinished_batch_cancels_it(void **state) {
  (void)state;
  uint64_t random = 11;
  sld__pool *pool = pool_of(2);
  for (int round = 0; round < 100; round++) {
    tally t = tally_of(100);
    sld__batch *batch = batch_of(pool);
    submit_tally(batch, &t, &random);
    sld__batch_free(batch);
    for (size_t i = 0; i < t.count; i++) assert_in_range(atomic_load(&t.runs[i]), 0, 1);
    free(t.runs);
  }
  sld__pool_free(pool);
}

static void a_pool_freed_with_work_queued_cancels_it_and_leaves_the_batch_readable(void **state) {
  (void)state;
  uint64_t random = 13;
  for (int round = 0; round < 100; round++) {
    sld__pool *pool = pool_of(1 + round % 4);
    tally t = tally_of(400);
    sld__batch *batch = batch_of(pool);
    submit_tally(batch, &t, &random);
    spin(next_random(&random) % 5000);
    sld__pool_free(pool);
    size_t run = 0;
    for (size_t i = 0; i < t.count; i++) run += (size_t)atomic_load(&t.runs[i]);
    assert_true(sld__batch_wait(batch, -1));
    assert_int_equal(sld__batch_done_count(batch), t.count);
    assert_int_equal(sld__batch_cancelled_count(batch), t.count - run);
    sld__batch_free(batch);
    free(t.runs);
  }
}

static void a_pool_without_work_starts_and_stops(void **state) {
  (void)state;
  for (int round = 0; round < 50; round++) sld__pool_free(pool_of(1 + round % WORKERS_MAX));
}

static void unacceptable_numbers_of_workers_are_refused(void **state) {
  (void)state;
  sld_allocator a = sld__alloc_default();
  sld__pool *pool = NULL;
  sld_error err;
  assert_int_equal(sld__pool_new(&pool, &a, 0, &err), SLD_EINVAL);
  assert_int_equal(sld__pool_new(&pool, &a, SLD__WORKERS_MAX + 1, &err), SLD_EINVAL);
  assert_string_equal(err.message, "workers must be 1 to 1024, not 1025");
  assert_null(pool);
}

/* ---- A hostile allocator ---- */

typedef struct miser {
  atomic_long live;  /* blocks not yet given back */
  atomic_long asked; /* calls so far */
  long fail_at;      /* this call fails and all later ones; negative: none */
} miser;

static void *resize_miserly(void *ud, void *ptr, size_t size) {
  miser *m = ud;
  if (size == 0) {
    if (ptr) atomic_fetch_sub(&m->live, 1);
    free(ptr);
    return NULL;
  }
  long call = atomic_fetch_add(&m->asked, 1);
  if (m->fail_at >= 0 && call >= m->fail_at) return NULL;
  void *block = realloc(ptr, size);
  if (block && !ptr) atomic_fetch_add(&m->live, 1);
  return block;
}

typedef struct nest {
  sld__pool *pool;
  tally *t;
  atomic_int refused;
} nest;

static void run_nest(void *ud, int worker) {
  nest *n = ud;
  (void)worker;
  sld__batch *batch;
  if (sld__batch_new(&batch, n->pool, NULL) != SLD_OK) {
    atomic_fetch_add(&n->refused, 1);
    return;
  }
  sld__task tasks[100];
  for (size_t i = 0; i < 100; i++) tasks[i] = (sld__task){ count_run, &n->t->runs[i], (int64_t)i, -1 };
  sld_error err;
  sld_status status = sld__batch_submit(batch, tasks, 100, &err);
  if (status == SLD_ENOMEM) atomic_fetch_add(&n->refused, 1);
  else assert_int_equal(status, SLD_OK);
  assert_true(sld__batch_wait(batch, -1));
  sld__batch_free(batch);
}

/* One pool, one batch with homes, one nested batch that outgrows a deque. Returns whether anything was refused. */
static bool live_through(miser *m) {
  sld_allocator a = { resize_miserly, m };
  sld__pool *pool = NULL;
  sld__batch *batch = NULL;
  sld_error err;
  tally t = tally_of(100);
  bool refused = true;
  if (sld__pool_new(&pool, &a, 2, &err) != SLD_OK) {
    assert_int_equal(err.status, SLD_ENOMEM);
  } else if (sld__batch_new(&batch, pool, &err) != SLD_OK) {
    assert_int_equal(err.status, SLD_ENOMEM);
  } else {
    nest n = { .pool = pool, .t = &t };
    tally own = tally_of(3);
    sld__task tasks[4] = { { run_nest, &n, 5, 2 }, { count_run, &own.runs[0], 4, 2 }, { count_run, &own.runs[1], 3, 1 }, { count_run, &own.runs[2], 1, -1 } };
    sld_status status = sld__batch_submit(batch, tasks, 4, &err);
    assert_true(status == SLD_OK || status == SLD_ENOMEM);
    assert_int_equal(sld__batch_submitted_count(batch), status == SLD_OK ? 4 : 0);
    assert_true(sld__batch_wait(batch, -1));
    refused = status != SLD_OK || atomic_load(&n.refused) > 0;
    for (size_t i = 0; i < 3; i++) assert_int_equal(atomic_load(&own.runs[i]), status == SLD_OK);
    for (size_t i = 0; i < 100; i++) assert_int_equal(atomic_load(&t.runs[i]), !refused);
    free(own.runs);
  }
  sld__batch_free(batch);
  sld__pool_free(pool);
  free(t.runs);
  assert_int_equal(atomic_load(&m->live), 0);
  return refused;
}

static void every_failing_allocation_is_refused_cleanly_or_made_do_without(void **state) {
  (void)state;
  miser generous = { .fail_at = -1 };
  assert_false(live_through(&generous));
  long calls = atomic_load(&generous.asked);
  assert_true(calls > 100);
  bool refused_first = false;
  for (long k = 0; k < calls; k++) {
    miser m = { .fail_at = k };
    bool refused = live_through(&m);
    if (k == 0) refused_first = refused;
  }
  assert_true(refused_first);
}

/* ---- Processors ---- */

static void on_a_single_processor_everything_still_finishes(void **state) {
  (void)state;
  cpu_set_t before, one;
  assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, &before)) continue;
    CPU_SET(cpu, &one);
    break;
  }
  assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
  waits_inside_tasks_finish_for_every_number_of_workers(NULL);
  tasks_may_submit_to_their_own_batch(NULL);
  every_worker_is_woken_for_long_tasks(NULL);
  assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + 1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void an_idle_pool_uses_less_than_one_percent_of_a_processor(void **state) {
  (void)state;
  sld__pool *pool = pool_of(WORKERS_MAX);
  gate g = GATE_INIT;
  sld__batch *held = batch_of(pool);
  sld__task hold = { pass_gate, &g, 1, -1 };
  assert_int_equal(sld__batch_submit(held, &hold, 1, NULL), SLD_OK);
  gate_await(&g, 1);
  double before = cpu_seconds();
  assert_false(sld__batch_wait(held, 1000)); /* a second in which one worker is blocked, the others idle, and this thread waits */
  double used = cpu_seconds() - before;
  gate_open(&g);
  sld__batch_free(held);
  sld__pool_free(pool);
  assert_true(used < 0.01);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_task_runs_exactly_once_for_every_number_of_workers),
    cmocka_unit_test(many_small_batches_from_outside_all_finish),
    cmocka_unit_test(an_empty_batch_is_finished),
    cmocka_unit_test(a_batch_can_be_filled_again_after_it_finished),
    cmocka_unit_test(a_wait_with_a_timeout_gives_up_and_can_be_repeated),
    cmocka_unit_test(idle_workers_take_over_what_was_dealt_to_a_busy_one),
    cmocka_unit_test(every_worker_is_woken_for_long_tasks),
    cmocka_unit_test(several_threads_may_submit_and_wait_at_once),
    cmocka_unit_test(waits_inside_tasks_finish_for_every_number_of_workers),
    cmocka_unit_test(tasks_may_submit_to_their_own_batch),
    cmocka_unit_test(a_wait_reaches_tasks_buried_under_those_of_other_batches),
    cmocka_unit_test(a_wait_inside_runs_tasks_of_no_other_batch),
    cmocka_unit_test(a_task_that_waits_for_its_own_batch_is_told_so),
    cmocka_unit_test(waiting_too_deep_inside_tasks_is_refused),
    cmocka_unit_test(what_has_not_started_is_counted_but_not_run_after_a_cancel),
    cmocka_unit_test(a_running_task_sees_the_cancel),
    cmocka_unit_test(cancels_at_any_moment_leave_every_task_run_once_or_counted),
    cmocka_unit_test(freeing_an_unfinished_batch_cancels_it),
    cmocka_unit_test(a_pool_freed_with_work_queued_cancels_it_and_leaves_the_batch_readable),
    cmocka_unit_test(a_pool_without_work_starts_and_stops),
    cmocka_unit_test(unacceptable_numbers_of_workers_are_refused),
    cmocka_unit_test(every_failing_allocation_is_refused_cleanly_or_made_do_without),
    cmocka_unit_test(on_a_single_processor_everything_still_finishes),
    cmocka_unit_test(an_idle_pool_uses_less_than_one_percent_of_a_processor),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
