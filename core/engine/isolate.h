/* Jobs in processes of their own: isolation "process".
 *
 * A launch has one image of its plan in memory that nobody can change, and each of its workers a cell: a child process that maps the image and runs one job
 * after the other, as its worker tells it. The child starts with the worker's first job, and again after one that killed it. A job that was running when
 * its process died has failed, and is not tried again.
 *
 * What a cell's process sends is not trusted: it costs the job at most. */
#ifndef SLD_ENGINE_ISOLATE_H
#define SLD_ENGINE_ISOLATE_H

#include <pthread.h>

#include "base/buffer.h"
#include "base/os_child.h"
#include "engine/run.h"

typedef struct sld__isolation sld__isolation;

typedef struct sld__isolation_parts {
  const sld_allocator *alloc;
  const sld__plan *plan;     /* outlives it */
  const sld__script *script;
  const char *program;       /* path of sliders-worker */
  const char *engine_dir, *engine; /* as sld__engine_open takes them */
  size_t shared;             /* bytes of columns that the jobs of one process keep for one another */
} sld__isolation_parts;

/* Makes the image; no process yet. Texts are copied. EIO; ENOMEM. */
sld_status sld__isolation_new(sld__isolation **out, const sld__isolation_parts *parts, sld_error *err);

/* Every cell must be finished. NULL is fine. */
void sld__isolation_free(sld__isolation *isolation);

/* A worker's process (cell.h). Its worker alone runs and finishes it; any thread may end what runs. */
typedef struct sld__cell {
  bool there;               /* it was initialised */
  const sld__isolation *isolation; /* whose jobs run in it; NULL: none */
  atomic_int *stop;         /* the worker's (engine/guard.h): set before the process is ended from outside */
  pthread_mutex_t lock;     /* of child, but for reads by the worker itself */
  struct sld__child child;
  struct sld__buffer bytes; /* of an answer */
  int64_t deadline;         /* of what is taken from it, monotonic ns; INT64_MAX: none */
  int over;                 /* why the child has told the job to stop (engine/guard.h), or GO */
  char late[96];            /* what is said where the deadline has passed */
} sld__cell;

void sld__cell_init(sld__cell *cell, const sld_allocator *alloc, atomic_int *stop);

/* Ends the process and waits for it; a cell in which none is running is left. */
void sld__cell_drop(sld__cell *cell);

/* The same, for good: nobody may be about to kill. Zeroed memory is fine. */
void sld__cell_fini(sld__cell *cell);

/* Runs job (sleeve, ordinal) of cell->isolation and writes its outcome, as sld__job_run. */
void sld__cell_run(sld__cell *cell, size_t sleeve, size_t ordinal, sld__outcome *out);

/* Ends the process at once, and so the job that runs in it. Any thread. */
void sld__cell_kill(sld__cell *cell);

/* The child's whole life: reads the image, then runs jobs until the socket ends. What the process is to exit with. */
int sld__isolate_serve(int64_t parent);

#endif
