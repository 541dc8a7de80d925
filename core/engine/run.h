/* One job, whole, on one thread: no pool in sight. The engine adds threads and must not change a byte. */
#ifndef SLD_ENGINE_RUN_H
#define SLD_ENGINE_RUN_H

#include "engine/guard.h"
#include "engine/plan.h"
#include "ledger/ledger.h"
#include "vm/states.h"

/* What a worker keeps from job to job. Used by one thread at a time; zeroed memory is an unopened worker. */
typedef struct sld__worker {
  const sld_allocator *alloc;
  sld__spare *spare;    /* where long columns come from and go back to; NULL: the allocator */
  sld__states *states;  /* where the state comes from and goes back to */
  const sld__vm_engine *engine;
  sld__cache *shared;   /* dear columns of all jobs of the launch; NULL: jobs share nothing */
  sld__vm *vm;          /* taken by the worker's first job */
  sld__quota quota;     /* of the job's ledgers */
  atomic_int *stop;     /* why the running job is to end (engine/guard.h) */
  sld__post *post;      /* where its time is watched; NULL: it is not */
  sld__post *door;      /* where its time is watched while a state opens, which runs the script's text and heeds nobody; NULL: it is not */
  sld__vm_pulse opening; /* of that time: always inside a call */
  sld__columns *columns;
  sld__ledger ledger;
  sld__ledger benchmark; /* of buy-and-hold */
  sld__drawdown drawdown; /* of the job's equity */
  double *params;
  struct sld__crew *crew; /* what jobs of several pairs need; NULL before the first */
  double *scratch;       /* [scratch_room] for figures */
  size_t scratch_room;
} sld__worker;

/* What a job left, owned by the result that it stands in. */
typedef struct sld__outcome {
  sld_job job;       /* pointers lead to the blocks below */
  sld_error *error;
  char *log;
  double *figures;   /* [sld_figure_count()] */
  sld_order *orders;
  sld_order_terms *terms; /* those that orders lead to */
  sld_trade *trades; /* these and equity: where the run keeps them, or where there is one parameter set and the merge needs them */
  sld_rollover_record *rollovers;
  double *equity;
  double *signal;    /* [rows of the view] for a named model, else NULL */
  sld_book *books;   /* [job.book_count] on a shared account, else NULL */
  size_t first;      /* first tradable row of the view, or instant of a shared account; all of them: none */
  size_t exposed_bars;
} sld__outcome;

/* Gives the worker its memory; nothing runs yet. ENOMEM. */
sld_status sld__worker_open(sld__worker *worker, const sld__plan *plan, sld_error *err);
void sld__worker_close(sld__worker *worker);

/* Frees it; NULL is fine. */
void sld__crew_free(struct sld__crew *crew);

/* Runs job (sleeve, ordinal) and writes its outcome, failures included; out->job.state says how it went. */
void sld__job_run(sld__worker *worker, const sld__plan *plan, size_t sleeve, size_t ordinal, sld__outcome *out);

/* Sets the run's limits in a state. */
void sld__run_limit(const sld__vm_engine *engine, sld__vm *vm, const sld__plan *plan);

/* Writes the outcome of a job that was not started: cancelled, or for want of memory. Can't fail. */
void sld__job_leave_out(const sld__plan *plan, size_t sleeve, size_t ordinal, bool cancelled, sld__outcome *out);

/* Writes an outcome of which the plan is all that is known; it owns nothing. Can't fail. */
void sld__outcome_init(sld__outcome *out, const sld__plan *plan, size_t sleeve, size_t ordinal);

/* Makes it one of a job that failed, or was cancelled, with this error. Can't fail. */
void sld__outcome_fail(const sld_allocator *alloc, const sld_error *err, sld__outcome *out);

/* Frees what an outcome owns. */
void sld__outcome_fini(const sld_allocator *alloc, sld__outcome *outcome);

#endif
