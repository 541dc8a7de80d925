/* What a task costs, beside oneTBB in the same program: nothing else runs in it, so the time of a round over its tasks is the price of one.
 *
 *   outside   one thread that is no worker hands over all tasks: ours in one submission, oneTBB's one by one into a task_group
 *   inside    a task submits them one by one and waits
 *   fib       each call of a recursion submits one task to a batch (a task_group) of its own, computes the other half, and waits
 *
 * With one thread and with two. Rounds alternate the contenders, and ratios are formed within a round. Wall time.
 *   bench_tasks [rounds] */
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "clock.h"
#include "pool/pool.h"
#include "tasks_tbb.h"

enum { TASKS = 200000, FIB = 25, FIB_VALUE = 75025, FIB_SPAWNS = 121392 };

static void need(bool good, const char *what) {
  if (good) return;
  fprintf(stderr, "%s failed\n", what);
  exit(2);
}

static void nothing(void *ud, int worker) {
  (void)ud, (void)worker;
}

static double run_outside(sld__pool *pool) {
  sld__batch *batch;
  sld__task *tasks = malloc(TASKS * sizeof *tasks);
  need(tasks, "malloc");
  double from = now_s();
  for (size_t i = 0; i < TASKS; i++) tasks[i] = (sld__task){ nothing, NULL, 1, -1 };
  need(sld__batch_new(&batch, pool, NULL) == SLD_OK && sld__batch_submit(batch, tasks, TASKS, NULL) == SLD_OK, "submit");
  need(sld__batch_wait(batch, -1) && sld__batch_done_count(batch) == TASKS, "wait");
  sld__batch_free(batch);
  double time = now_s() - from;
  free(tasks);
  return time;
}

static void submit_inside(void *ud, int worker) {
  (void)worker;
  sld__batch *batch;
  need(sld__batch_new(&batch, ud, NULL) == SLD_OK, "batch");
  const sld__task task = { nothing, NULL, 1, -1 };
  for (size_t i = 0; i < TASKS; i++) need(sld__batch_submit(batch, &task, 1, NULL) == SLD_OK, "submit");
  need(sld__batch_wait(batch, -1) && sld__batch_done_count(batch) == TASKS, "wait");
  sld__batch_free(batch);
}

typedef struct fibonacci {
  sld__pool *pool;
  int n;
  uint64_t value;
} fibonacci;

static void run_fibonacci(void *ud, int worker) {
  fibonacci *f = ud;
  if (f->n < 2) {
    f->value = (uint64_t)f->n;
    return;
  }
  fibonacci left = { f->pool, f->n - 1, 0 }, right = { f->pool, f->n - 2, 0 };
  sld__batch *batch;
  const sld__task task = { run_fibonacci, &right, 1, -1 };
  need(sld__batch_new(&batch, f->pool, NULL) == SLD_OK && sld__batch_submit(batch, &task, 1, NULL) == SLD_OK, "submit");
  run_fibonacci(&left, worker);
  need(sld__batch_wait(batch, -1), "wait");
  sld__batch_free(batch);
  f->value = left.value + right.value;
}

/* Runs one task, from outside, until it has ended. */
static double run_one(sld__pool *pool, void (*run)(void *, int), void *ud) {
  sld__batch *batch;
  const sld__task task = { run, ud, 1, -1 };
  double from = now_s();
  need(sld__batch_new(&batch, pool, NULL) == SLD_OK && sld__batch_submit(batch, &task, 1, NULL) == SLD_OK && sld__batch_wait(batch, -1), "run");
  sld__batch_free(batch);
  return now_s() - from;
}

static double run_ours(sld__pool *pool, int kind) {
  if (kind == 0) return run_outside(pool) / TASKS;
  if (kind == 1) return run_one(pool, submit_inside, pool) / TASKS;
  fibonacci f = { pool, FIB, 0 };
  double time = run_one(pool, run_fibonacci, &f);
  need(f.value == FIB_VALUE, "fib");
  return time / FIB_SPAWNS;
}

static double run_theirs(void *arena, int kind) {
  double from = now_s();
  if (kind == 2) need(tbb_fibonacci(arena, FIB) == FIB_VALUE, "oneTBB's fib");
  else tbb_empty_tasks(arena, TASKS);
  return (now_s() - from) / (kind == 2 ? FIB_SPAWNS : TASKS);
}

int main(int argc, char **argv) {
  static const char *const kinds[] = { "outside", "inside", "fib" };
  int rounds = argc > 1 ? atoi(argv[1]) : 31;
  sld_allocator a = sld__alloc_default();
  printf("ns a task, median (lowest to highest) of %d rounds; ratio within a round\n", rounds);
  for (int threads = 1; threads <= 2; threads++) {
    sld__pool *pool;
    need(sld__pool_new(&pool, &a, threads, NULL) == SLD_OK, "pool");
    void *arena = tbb_open(threads);
    for (int kind = 0; kind < 3; kind++) {
      readings ours = { .count = 0 }, theirs = { .count = 0 }, ratio = { .count = 0 };
      for (int round = -2; round < rounds; round++) { /* two to warm up */
        double mine = run_ours(pool, kind), other = run_theirs(arena, kind);
        if (round < 0) continue;
        readings_add(&ours, 1e9 * mine);
        readings_add(&theirs, 1e9 * other);
        readings_add(&ratio, mine / other);
      }
      printf("%d thread%s  %-8s sliders %6.0f (%.0f to %.0f)   oneTBB %6.0f (%.0f to %.0f)   ratio %.2f (%.2f to %.2f)\n", threads, threads == 1 ? " " : "s", kinds[kind],
             readings_at(&ours, 0.5), readings_at(&ours, 0), readings_at(&ours, 1), readings_at(&theirs, 0.5), readings_at(&theirs, 0), readings_at(&theirs, 1),
             readings_at(&ratio, 0.5), readings_at(&ratio, 0), readings_at(&ratio, 1));
    }
    tbb_close(arena);
    sld__pool_free(pool);
  }
  return 0;
}
