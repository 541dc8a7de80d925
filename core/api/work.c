/* Work: states and tasks of a host. */
#include "engine/work.h"

#include "api/host.h"
#include "api/log.h"
#include "api/options.h"
#include "base/alloc.h"
#include "base/error.h"

struct sld_work {
  sld_host *host;
  sld__work *work;
  size_t tasks_count;
};

struct sld_tasks {
  sld_work *work;
  sld__tasks *tasks;
};

sld_status sld_work_open(sld_work **out, sld_host *host, const sld_work_options *given, sld_error *err) {
  sld_work_options options = SLD_WORK_OPTIONS_INIT;
  const sld__vm_engine *engine;
  sld_status status = sld__options_read(&options, sizeof options, given, "options", err);
  if (status == SLD_OK) status = sld__host_engine(host, options.vm, &engine, err);
  if (status != SLD_OK) return status;
  sld_work *work = sld__alloc_zero(&host->alloc, 1, sizeof *work);
  if (!work) return sld__fail_memory(err);
  status = sld__work_new(&work->work, &host->alloc, host->pool, engine, &host->core, options.path, err);
  if (status != SLD_OK) {
    sld__free(&host->alloc, work);
    return status;
  }
  work->host = host;
  host->open_count++;
  *out = work;
  return SLD_OK;
}

sld_status sld_work_close(sld_work *work, sld_error *err) {
  if (!work) return SLD_OK;
  if (work->tasks_count > 0) return sld__fail(err, SLD_EBUSY, "%zu sets of tasks of the work are there", work->tasks_count);
  sld_host *host = work->host;
  sld__work_free(work->work);
  sld__free(&host->alloc, work);
  host->open_count--;
  return SLD_OK;
}

const char *sld_work_vm(const sld_work *work) {
  return sld__work_engine(work->work)->name;
}

sld_status sld_tasks_start(sld_tasks **out, sld_work *work, const sld_calls *calls, sld_error *err) {
  const sld_allocator *alloc = &work->host->alloc;
  sld_tasks *tasks = sld__alloc_zero(alloc, 1, sizeof *tasks);
  if (!tasks) return sld__fail_memory(err);
  sld_status status = sld__tasks_start(&tasks->tasks, work->work, calls, err);
  if (status != SLD_OK) {
    sld__free(alloc, tasks);
    return status;
  }
  tasks->work = work;
  work->tasks_count++;
  *out = tasks;
  return SLD_OK;
}

bool sld_tasks_wait(sld_tasks *tasks, int timeout_ms) {
  return sld__tasks_wait(tasks->tasks, timeout_ms);
}

void sld_tasks_cancel(sld_tasks *tasks) {
  sld__tasks_cancel(tasks->tasks);
}

const sld_answer *sld_tasks_answer(const sld_tasks *tasks, size_t i) {
  return sld__tasks_answer(tasks->tasks, i);
}

bool sld_tasks_event(sld_tasks *tasks, size_t *i) {
  return sld__tasks_take(tasks->tasks, i);
}

int sld_tasks_descriptor(sld_tasks *tasks) {
  return sld__tasks_descriptor(tasks->tasks);
}

/* A failure that nobody has read is told at last. */
static void tell_unread(const sld_tasks *tasks) {
  const sld_log *log = &tasks->work->host->log;
  const sld_error *err;
  sld__tasks_cancel(tasks->tasks);
  sld__tasks_wait(tasks->tasks, -1);
  for (size_t i = 0; (err = sld__tasks_unread(tasks->tasks, &i)); i++) sld__log_call(log, err);
}

void sld_tasks_free(sld_tasks *tasks) {
  if (!tasks) return;
  sld_work *work = tasks->work;
  if (work->host->log.write) tell_unread(tasks);
  sld__tasks_free(tasks->tasks);
  work->tasks_count--;
  sld__free(&work->host->alloc, tasks);
}
