/* Two workers of the pool on uneven jobs, beside two independent C processes that share nothing.
 *
 * A job is C inlined (yardstick.h) over the first bars of one pair; lengths follow a Pareto law, so that the longest is eighty times the shortest.
 * The two processes have the jobs dealt by their true lengths, longest first, each to the one with less to do. The pool gets them
 *
 *   known     with their lengths as costs, which is what the engine does
 *   unknown   with equal costs: stealing alone balances them
 *
 * A round gives each contender the whole work once; the ratio is the processes' wall time over the pool's. Results are compared first.
 * The processes are forked before any thread is started.
 *   bench_uneven [rounds] */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "clock.h"
#include "pool/pool.h"
#include "yardstick.h"

enum { JOBS = 120, BARS_MAX = 2000000, HALVES = 2 };

static const costs our_costs = { 100000.0, 0.02 * 0.0001, 0.0000002 };

/* A worker's own: on cache lines that no other writes to, as a process's are. */
typedef struct place {
  _Alignas(128) inlined scratch;
} place;

typedef struct job {
  const bars *all;
  place *places; /* one per worker */
  size_t bars, fast, slow;
  double equity; /* the last */
} job;

static void need(bool good, const char *what) {
  if (good) return;
  fprintf(stderr, "%s failed\n", what);
  exit(2);
}

static void run_job(void *ud, int worker) {
  job *j = ud;
  bars b = *j->all;
  b.count = j->bars;
  inlined *scratch = &j->places[worker].scratch;
  scratch->order_count = 0;
  run_inlined(scratch, &b, &our_costs, j->fast, j->slow);
  j->equity = scratch->equity[j->bars - 1];
}

static void make_jobs(job *jobs, const bars *all, place *places) {
  uint64_t seed = 20;
  for (size_t i = 0; i < JOBS; i++) {
    double length = 20000.0 / pow(1.0 - uniform(&seed), 1.0 / 1.1); /* Pareto, shape 1.1 */
    jobs[i] = (job){ all, places, length < BARS_MAX ? (size_t)length : BARS_MAX, 10 + i % 20, 40 + i, 0.0 };
  }
}

/* ---- Two processes ---- */

typedef struct half {
  pid_t pid;
  int go, done; /* the parent's ends */
  size_t at[JOBS], count, load;
} half;

static int by_length(const void *a, const void *b) {
  size_t x = (*(const job *const *)a)->bars, y = (*(const job *const *)b)->bars;
  return (x < y) - (x > y);
}

static void deal(half *halves, job *jobs) {
  const job *order[JOBS];
  for (size_t i = 0; i < JOBS; i++) order[i] = &jobs[i];
  qsort(order, JOBS, sizeof *order, by_length);
  for (size_t i = 0; i < JOBS; i++) {
    half *h = &halves[halves[1].load < halves[0].load];
    h->at[h->count++] = (size_t)(order[i] - jobs);
    h->load += order[i]->bars;
  }
}

/* A process runs its jobs at each byte from `go`, and answers with their results; it ends with its parent. */
static void serve(const half *h, job *jobs, int go, int done) {
  char byte;
  double equity[JOBS];
  while (read(go, &byte, 1) == 1) {
    for (size_t i = 0; i < h->count; i++) {
      run_job(&jobs[h->at[i]], 0);
      equity[i] = jobs[h->at[i]].equity;
    }
    need(write(done, equity, h->count * sizeof *equity) == (ssize_t)(h->count * sizeof *equity), "write");
  }
  _exit(0);
}

static void start(half *h, job *jobs) {
  int go[2], done[2];
  need(pipe(go) == 0 && pipe(done) == 0, "pipe");
  h->pid = fork();
  need(h->pid >= 0, "fork");
  if (h->pid == 0) {
    close(go[1]);
    close(done[0]);
    serve(h, jobs, go[0], done[1]);
  }
  close(go[0]);
  close(done[1]);
  h->go = go[1];
  h->done = done[0];
}

static double run_processes(half *halves, double *equity) {
  double from = now_s();
  for (int p = 0; p < HALVES; p++) need(write(halves[p].go, "g", 1) == 1, "write");
  double got[HALVES][JOBS];
  for (int p = 0; p < HALVES; p++) need(read(halves[p].done, got[p], sizeof got[p]) == (ssize_t)(halves[p].count * sizeof(double)), "read");
  double time = now_s() - from;
  for (int p = 0; p < HALVES; p++)
    for (size_t i = 0; i < halves[p].count; i++) equity[halves[p].at[i]] = got[p][i];
  return time;
}

/* ---- The pool ---- */

static double run_pool(sld__pool *pool, job *jobs, bool known) {
  sld__batch *batch;
  sld__task tasks[JOBS];
  double from = now_s();
  for (size_t i = 0; i < JOBS; i++) tasks[i] = (sld__task){ run_job, &jobs[i], known ? (int64_t)jobs[i].bars : 1, -1 };
  need(sld__batch_new(&batch, pool, NULL) == SLD_OK && sld__batch_submit(batch, tasks, JOBS, NULL) == SLD_OK && sld__batch_wait(batch, -1), "run");
  sld__batch_free(batch);
  return now_s() - from;
}

static void compare(const job *jobs, const double *equity) {
  for (size_t i = 0; i < JOBS; i++) need(jobs[i].equity == equity[i], "comparing results");
}

static void show(const char *name, readings *times, readings *ratios) {
  printf("%-14s %6.1f ms (%.1f to %.1f)", name, 1e3 * readings_at(times, 0.5), 1e3 * readings_at(times, 0), 1e3 * readings_at(times, 1));
  if (ratios) printf("   reaches %.3f (%.3f to %.3f; 10 %% to 90 %%: %.3f to %.3f)", readings_at(ratios, 0.5), readings_at(ratios, 0), readings_at(ratios, 1), readings_at(ratios, 0.1), readings_at(ratios, 0.9));
  printf("\n");
}

int main(int argc, char **argv) {
  static place places[HALVES];
  static job jobs[JOBS];
  static half halves[HALVES];
  int rounds = argc > 1 ? atoi(argv[1]) : 51;
  bars all = bars_make(BARS_MAX, INT64_C(60000000000), 7);
  for (int w = 0; w < HALVES; w++) places[w].scratch.equity = need_memory(BARS_MAX, sizeof(double));
  make_jobs(jobs, &all, places);
  deal(halves, jobs);
  for (int p = 0; p < HALVES; p++) start(&halves[p], jobs);
  sld_allocator a = sld__alloc_default();
  sld__pool *pool;
  need(sld__pool_new(&pool, &a, HALVES, NULL) == SLD_OK, "pool");

  readings time[3] = { { .count = 0 } }, ratio[3] = { { .count = 0 } };
  static double equity[JOBS];
  for (int round = -2; round < rounds; round++) { /* two to warm up */
    double processes = run_processes(halves, equity);
    for (int known = 0; known < 2; known++) {
      double pooled = run_pool(pool, jobs, known);
      compare(jobs, equity);
      if (round < 0) continue;
      readings_add(&time[known], pooled);
      readings_add(&ratio[known], processes / pooled);
    }
    if (round >= 0) readings_add(&time[2], processes);
  }
  printf("%d jobs, %zu and %zu bars dealt to two processes; %d rounds\n", JOBS, halves[0].load, halves[1].load, rounds);
  show("two processes", &time[2], NULL);
  show("pool, known", &time[1], &ratio[1]);
  show("pool, unknown", &time[0], &ratio[0]);
  sld__pool_free(pool);
  for (int p = 0; p < HALVES; p++) close(halves[p].go); /* all of them first: the second process has inherited the first one's */
  for (int p = 0; p < HALVES; p++) waitpid(halves[p].pid, NULL, 0);
  return 0;
}
