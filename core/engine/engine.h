/* From a plan to a result: jobs on the pool, outcomes in key order, the merge. */
#ifndef SLD_ENGINE_ENGINE_H
#define SLD_ENGINE_ENGINE_H

#include "engine/guard.h"
#include "engine/isolate.h"
#include "engine/result.h"
#include "pool/pool.h"

typedef struct sld__launch sld__launch;

typedef struct sld__launch_parts {
  const sld_allocator *alloc;
  sld__pool *pool;
  sld__guard *guard;    /* of the same host */
  sld__spare *spare;    /* outlives the launch; may be NULL */
  sld__states *states;  /* of the strategy; outlives the launch */
  sld__script *script; /* sealed; outlives the result */
  const char *strategy; /* name; outlives the result */
  sld__plan *plan;      /* taken over, also on failure */
  const char *program;    /* path of sliders-worker, whose processes run the jobs; NULL: the pool's threads do */
  const char *engine_dir; /* where those find the engine */
} sld__launch_parts;

/* Starts every job of the plan and returns. ENOMEM. */
sld_status sld__launch_start(sld__launch **out, const sld__launch_parts *parts, sld_error *err);

/* Waits for the jobs up to timeout_ms (negative: without limit) and merges once all are there. Progress goes to *out. */
sld_status sld__launch_wait(sld__launch *launch, int timeout_ms, sld_progress *out, sld_error *err);

/* No further job starts; those that run end by themselves. Any thread. */
void sld__launch_drain(sld__launch *launch);

/* The same, and those that run are told to stop. Any thread. */
void sld__launch_cancel(sld__launch *launch);

/* Reports of ended jobs. */
struct sld__watch *sld__launch_watch(const sld__launch *launch);

/* Outcome of a job that was reported. */
const sld_job *sld__launch_job(const sld__launch *launch, size_t i);

/* NULL before a wait has reported `finished`. */
const struct sld_result *sld__launch_result(const sld__launch *launch);

/* Cancels, waits, frees. NULL is fine. */
void sld__launch_free(sld__launch *launch);

#endif
