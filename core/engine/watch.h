/* Tells a host's thread which jobs of a launch have ended, without a callback: workers report, one thread takes, and a descriptor is readable
 * while there is something to take. Every job is reported once; the order is that in which they ended. */
#ifndef SLD_ENGINE_WATCH_H
#define SLD_ENGINE_WATCH_H

#include "base/alloc.h"
#include "base/error.h"

typedef struct sld__watch sld__watch;

/* For `jobs` jobs. ENOMEM. */
sld_status sld__watch_new(sld__watch **out, const sld_allocator *a, size_t jobs, sld_error *err);

/* NULL is fine. Nobody may be reporting any more. */
void sld__watch_free(sld__watch *watch);

/* Any worker, at most `jobs` times in all. What the worker wrote before is visible to whoever takes the report. */
void sld__watch_report(sld__watch *watch, size_t job);

/* The next report, or false where there is none at the moment. One thread. */
bool sld__watch_take(sld__watch *watch, size_t *job);

/* Readable while there are reports to take; once in a while a little longer. Made at the first call, by the thread that takes; -1: the system
 * has none to give. */
int sld__watch_descriptor(sld__watch *watch);

#endif
