/* Jobs on the pool. A block is a pair (or all pairs of one account) and a range of its parameter sets: the unit that is scheduled and stolen. */
#include "engine/engine.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "engine/watch.h"

typedef struct block {
  sld__launch *launch;
  size_t sleeve, ordinal, count;
} block;

/* A worker's own cache lines, so that neighbours do not write into each other's. */
typedef struct seat {
  _Alignas(64) sld__worker worker;
  bool open;
  atomic_int stop; /* told to its job by cancel and by the guard */
  sld__post post;
  sld__cell cell; /* where jobs run in processes */
} seat;

struct sld__launch {
  const sld_allocator *alloc;
  sld__pool *pool;
  sld__batch *batch;
  sld__worker model; /* what each seat starts from */
  seat *seats;       /* [workers]; seat w is written by worker w alone while the batch runs */
  void *seat_memory;
  sld__isolation *isolation; /* NULL: jobs run on the pool's own threads */
  sld__cache *shared; /* NULL where each pair has one job */
  block *blocks;
  size_t block_count;
  atomic_bool cancelled;   /* written by cancel and drain, read before each job; see run_job */
  atomic_size_t done;      /* added to by workers, read by wait: relaxed, the batch's end orders the outcomes */
  atomic_size_t failed;
  struct sld__watch *watch;
  sld__guard *guard;
  sld__watched watched; /* by the guard, where there are limits of time */
  struct sld_result *result;
  bool merged;
};

static void open_seat(sld__launch *launch, seat *s) {
  s->worker = launch->model;
  s->worker.stop = &s->stop;
  s->worker.post = launch->watched.count ? &s->post : NULL;
  s->open = sld__worker_open(&s->worker, launch->result->plan, NULL) == SLD_OK;
  if (!s->open) sld__worker_close(&s->worker);
}

/* Either the job sees that the launch is cancelled, or cancel comes after the reset and stops it. */
static void run_job(sld__launch *launch, seat *s, size_t sleeve, size_t ordinal, sld__outcome *out) {
  const sld__plan *plan = launch->result->plan;
  atomic_store_explicit(&s->stop, SLD__GO, memory_order_seq_cst); /* partner: the stores of sld__launch_cancel, in their order */
  bool cancelled = atomic_load_explicit(&launch->cancelled, memory_order_seq_cst);
  if (launch->isolation && !cancelled) sld__cell_run(&s->cell, sleeve, ordinal, out);
  else if (!s->open || cancelled) sld__job_leave_out(plan, sleeve, ordinal, cancelled, out);
  else sld__job_run(&s->worker, plan, sleeve, ordinal, out);
}

static void run_block(void *ud, int worker) {
  const block *b = ud;
  sld__launch *launch = b->launch;
  const sld__plan *plan = launch->result->plan;
  seat *s = &launch->seats[worker];
  if (!s->open && !launch->isolation) open_seat(launch, s);
  for (size_t i = 0; i < b->count; i++) {
    size_t at = b->sleeve * plan->sets + b->ordinal + i;
    sld__outcome *out = &launch->result->outcomes[at];
    run_job(launch, s, b->sleeve, b->ordinal + i, out);
    if (out->job.state == SLD_JOB_FAILED || out->job.state == SLD_JOB_CANCELLED) atomic_fetch_add_explicit(&launch->failed, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&launch->done, 1, memory_order_relaxed);
    sld__watch_report(launch->watch, at);
  }
}

/* Blocks small enough that the last ones even the workers out, large enough that scheduling costs nothing. */
static size_t block_size(const sld__plan *plan, int workers) {
  size_t jobs = plan->parts * plan->sets;
  size_t size = jobs / ((size_t)workers * 32);
  if (size < 1) size = 1;
  return size < plan->sets ? size : plan->sets;
}

static sld_status make_blocks(sld__launch *launch, sld_error *err) {
  const sld__plan *plan = launch->result->plan;
  size_t size = block_size(plan, sld__pool_workers(launch->pool));
  size_t per_sleeve = (plan->sets + size - 1) / size;
  launch->blocks = sld__alloc(launch->alloc, plan->parts * per_sleeve, sizeof *launch->blocks);
  if (!launch->blocks) return sld__fail_memory(err);
  for (size_t s = 0; s < plan->parts; s++)
    for (size_t o = 0; o < plan->sets; o += size)
      launch->blocks[launch->block_count++] = (block){ launch, s, o, o + size < plan->sets ? size : plan->sets - o };
  return SLD_OK;
}

static sld_status submit(sld__launch *launch, sld_error *err) {
  sld__task *tasks = sld__alloc(launch->alloc, launch->block_count, sizeof *tasks);
  if (!tasks) return sld__fail_memory(err);
  for (size_t i = 0; i < launch->block_count; i++) {
    const block *b = &launch->blocks[i];
    const sld__plan *plan = launch->result->plan;
    size_t rows = plan->shared ? plan->instants * plan->sleeve_count : plan->sleeves[b->sleeve].rows;
    tasks[i] = (sld__task){ run_block, &launch->blocks[i], (int64_t)((rows + 1) * b->count), (int)b->sleeve };
  }
  sld_status status = sld__batch_submit(launch->batch, tasks, launch->block_count, err);
  sld__free(launch->alloc, tasks);
  return status;
}

static void init_cell(const sld__launch *launch, seat *s) {
  sld__cell_init(&s->cell, launch->alloc, &s->stop);
  s->cell.isolation = launch->isolation;
}

static sld_status make_seats(sld__launch *launch, sld_error *err) {
  size_t workers = (size_t)sld__pool_workers(launch->pool);
  launch->seat_memory = sld__alloc_zero(launch->alloc, workers + 1, sizeof *launch->seats);
  if (!launch->seat_memory) return sld__fail_memory(err);
  launch->seats = (seat *)(((uintptr_t)launch->seat_memory + 63) & ~(uintptr_t)63);
  for (size_t i = 0; launch->isolation && i < workers; i++) init_cell(launch, &launch->seats[i]);
  return SLD_OK;
}

/* Has the jobs' time watched, where it is limited. */
static sld_status watch_time(sld__launch *launch, sld_error *err) {
  const sld_run_options *o = &launch->result->plan->options;
  sld__watched *w = &launch->watched;
  size_t count = (size_t)sld__pool_workers(launch->pool);
  if (o->limit_bar_s == 0.0 && o->limit_job_s == 0.0) return SLD_OK;
  w->posts = sld__alloc(launch->alloc, count, sizeof(sld__post *));
  if (!w->posts) return sld__fail_memory(err);
  for (size_t i = 0; i < count; i++) {
    w->posts[i] = &launch->seats[i].post;
    sld__post_init(w->posts[i], &launch->seats[i].stop);
  }
  w->count = count;
  w->bar_ns = sld__limit_ns(o->limit_bar_s);
  w->job_ns = sld__limit_ns(o->limit_job_s);
  return sld__guard_open(launch->guard, w, err);
}

/* Nobody may be running. */
static void end_watch(sld__launch *launch) {
  sld__watched *w = &launch->watched;
  if (w->count) sld__guard_close(launch->guard, w);
  for (size_t i = 0; i < w->count; i++) sld__post_fini(w->posts[i]);
  w->count = 0;
  sld__free(launch->alloc, w->posts);
  w->posts = NULL;
}

/* Bytes of indicator columns that the jobs of a sweep keep for one another. */
static const size_t shared_budget = (size_t)256 << 20;

/* Jobs of one process share columns with one another, and all processes together keep no more than threads do. */
static sld_status isolate(sld__launch *launch, const sld__launch_parts *parts, sld_error *err) {
  size_t shared = parts->plan->sets > 1 ? shared_budget / (size_t)sld__pool_workers(parts->pool) : 0;
  const sld__isolation_parts told = {
    .alloc = parts->alloc,
    .plan = parts->plan,
    .script = parts->script,
    .program = parts->program,
    .engine_dir = parts->engine_dir,
    .engine = launch->model.engine->name,
    .shared = shared,
  };
  return sld__isolation_new(&launch->isolation, &told, err);
}

static sld_status start(sld__launch *launch, const sld__launch_parts *parts, sld_error *err) {
  sld_status status = parts->program ? isolate(launch, parts, err) : SLD_OK;
  if (status == SLD_OK) status = make_seats(launch, err);
  if (status == SLD_OK && !launch->isolation && launch->result->plan->sets > 1) status = sld__cache_new(&launch->shared, launch->alloc, shared_budget, err);
  if (launch->shared) sld__cache_from(launch->shared, launch->model.spare);
  launch->model.shared = launch->shared;
  if (status == SLD_OK) status = sld__watch_new(&launch->watch, launch->alloc, launch->result->outcome_count, err);
  if (status == SLD_OK) status = make_blocks(launch, err);
  if (status == SLD_OK && !launch->isolation) status = watch_time(launch, err); /* else the processes do, and the cells */
  if (status == SLD_OK) status = sld__batch_new(&launch->batch, launch->pool, err);
  if (status == SLD_OK) status = submit(launch, err);
  return status;
}

sld_status sld__launch_start(sld__launch **out, const sld__launch_parts *parts, sld_error *err) {
  size_t jobs = parts->plan->parts * parts->plan->sets;
  sld__launch *launch = sld__alloc_zero(parts->alloc, 1, sizeof *launch);
  struct sld_result *result = sld__alloc_zero(parts->alloc, 1, sizeof *result);
  sld__outcome *outcomes = sld__alloc_zero(parts->alloc, jobs, sizeof *outcomes);
  if (!launch || !result || !outcomes) {
    sld__free(parts->alloc, launch);
    sld__free(parts->alloc, result);
    sld__free(parts->alloc, outcomes);
    sld__plan_free(parts->plan);
    return sld__fail_memory(err);
  }
  *result = (struct sld_result){ .alloc = parts->alloc, .plan = parts->plan, .script = parts->script, .strategy = parts->strategy, .outcomes = outcomes, .outcome_count = jobs };
  launch->alloc = parts->alloc;
  launch->pool = parts->pool;
  launch->guard = parts->guard;
  launch->result = result;
  launch->model = (sld__worker){ .alloc = parts->alloc, .spare = parts->spare, .states = parts->states, .engine = sld__states_engine(parts->states) };
  sld_status status = start(launch, parts, err);
  if (status != SLD_OK) {
    sld__launch_free(launch);
    return status;
  }
  *out = launch;
  return SLD_OK;
}

static void close_seats(sld__launch *launch) {
  int workers = launch->seats ? sld__pool_workers(launch->pool) : 0;
  for (int i = 0; i < workers; i++) {
    if (launch->seats[i].open) sld__worker_close(&launch->seats[i].worker);
    launch->seats[i].open = false;
    sld__cell_drop(&launch->seats[i].cell);
  }
}

/* The last job's own worker may still be on its way out of it. That takes no time, and one who was told of every job need not ask again. */
static int last_moment(const sld__launch *launch, int timeout_ms) {
  bool all = atomic_load_explicit(&launch->done, memory_order_relaxed) == launch->result->outcome_count;
  return all ? -1 : timeout_ms;
}

sld_status sld__launch_wait(sld__launch *launch, int timeout_ms, sld_progress *out, sld_error *err) {
  timeout_ms = last_moment(launch, timeout_ms);
  bool finished = sld__batch_wait(launch->batch, timeout_ms);
  sld_status status = SLD_OK;
  if (finished && !launch->merged) {
    end_watch(launch);
    close_seats(launch);
    status = sld__result_merge(launch->result, err);
    launch->merged = status == SLD_OK;
  }
  *out = (sld_progress){
    .jobs = launch->result->outcome_count,
    .done = atomic_load_explicit(&launch->done, memory_order_relaxed),
    .failed = atomic_load_explicit(&launch->failed, memory_order_relaxed),
    .finished = launch->merged,
  };
  return status;
}

void sld__launch_drain(sld__launch *launch) {
  atomic_store_explicit(&launch->cancelled, true, memory_order_seq_cst); /* partner: run_job */
}

void sld__launch_cancel(sld__launch *launch) {
  atomic_store_explicit(&launch->cancelled, true, memory_order_seq_cst); /* partners: run_job, */
  int seats = launch->seats ? sld__pool_workers(launch->pool) : 0;
  for (int i = 0; i < seats; i++) atomic_store_explicit(&launch->seats[i].stop, SLD__STOP_CANCELLED, memory_order_seq_cst); /* and the polls of jobs */
  for (int i = 0; launch->isolation && i < seats; i++) sld__cell_kill(&launch->seats[i].cell);
}

struct sld__watch *sld__launch_watch(const sld__launch *launch) {
  return launch->watch;
}

const sld_job *sld__launch_job(const sld__launch *launch, size_t i) {
  return &launch->result->outcomes[i].job;
}

const struct sld_result *sld__launch_result(const sld__launch *launch) {
  return launch->merged ? launch->result : NULL;
}

void sld__launch_free(sld__launch *launch) {
  if (!launch) return;
  sld__launch_cancel(launch);
  sld__batch_free(launch->batch);
  end_watch(launch);
  close_seats(launch);
  for (int i = 0; launch->seats && i < sld__pool_workers(launch->pool); i++) sld__cell_fini(&launch->seats[i].cell);
  sld__isolation_free(launch->isolation);
  sld__cache_free(launch->shared);
  sld__watch_free(launch->watch);
  sld__result_free(launch->result);
  sld__free(launch->alloc, launch->blocks);
  sld__free(launch->alloc, launch->seat_memory);
  sld__free(launch->alloc, launch);
}
