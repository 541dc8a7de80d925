/* Hosts: a pool, an allocator, and the engines that have been opened. */
#include "api/host.h"

#include "api/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/os.h"
#include "engine/work.h"

static const char *const vm_names[SLD__VMS] = { "luajit", "lua54" };

/* Bytes of long columns that a host keeps between runs: as many as a run shares among its jobs. */
static const size_t spare_budget = (size_t)256 << 20;

sld_status sld_host_open(sld_host **out, const sld_host_options *given, sld_error *err) {
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  sld_status status = sld__options_read(&options, sizeof options, given, "options", err);
  if (status != SLD_OK) return status;
  if (options.workers < 0 || options.workers > SLD__WORKERS_MAX)
    return sld__fail_at(err, SLD_EINVAL, "options.workers", 0, 0, "must be from 1 to %d, or 0 for as many as the machine allows, not %d", SLD__WORKERS_MAX, options.workers);
  sld_allocator alloc = options.allocator.resize ? options.allocator : sld__alloc_default();
  sld_host *host = sld__alloc_zero(&alloc, 1, sizeof *host);
  if (!host) return sld__fail_memory(err);
  host->alloc = alloc;
  host->log = options.log;
  sld__vm_core_init(&host->core, &host->alloc);
  host->core.extensions = &host->extensions;
  host->core.tasks_start = sld__tasks_start;
  host->core.tasks_wait = sld__tasks_wait;
  host->core.tasks_cancel = sld__tasks_cancel;
  host->core.tasks_answer = sld__tasks_answer;
  host->core.tasks_take = sld__tasks_take;
  host->core.tasks_free = sld__tasks_free;
  if (options.engine_dir) {
    host->engine_dir = sld__strndup(&alloc, options.engine_dir, strlen(options.engine_dir));
    if (!host->engine_dir) status = sld__fail_memory(err);
  }
  if (status == SLD_OK) status = sld__guard_new(&host->guard, &host->alloc, err);
  if (status == SLD_OK) status = sld__spare_new(&host->spare, &alloc, spare_budget, err);
  if (status == SLD_OK) status = sld__pool_new(&host->pool, &host->alloc, options.workers ? options.workers : sld__os_workers(), err);
  if (status != SLD_OK) {
    sld__guard_free(host->guard);
    sld__spare_free(host->spare);
    sld__free(&alloc, host->engine_dir);
    sld__free(&alloc, host);
    return status;
  }
  *out = host;
  return SLD_OK;
}

sld_status sld_host_close(sld_host *host, sld_error *err) {
  if (!host) return SLD_OK;
  if (host->open_count > 0) return sld__fail(err, SLD_EBUSY, "%zu markets, strategies or runs of the host are open", host->open_count);
  sld__pool_free(host->pool);
  sld__guard_free(host->guard);
  sld__spare_free(host->spare);
  for (int i = 0; i < SLD__VMS; i++) sld__engine_close(&host->engines[i]);
  sld_allocator alloc = host->alloc;
  for (int i = 0; i < SLD__VMS; i++) sld__free(&alloc, host->engine_dirs[i]);
  sld__extensions_fini(&host->extensions, &alloc);
  sld__free(&alloc, host->engine_dir);
  sld__free(&alloc, host);
  return SLD_OK;
}

static sld_status check_unused(const sld_host *host, sld_error *err) {
  if (host->open_count == 0) return SLD_OK;
  return sld__fail(err, SLD_EBUSY, "words are added to a host before anything of it is opened");
}

sld_status sld_host_add_engine(sld_host *host, const void *(*entry)(void), sld_error *err) {
  if (!entry) return sld__fail_at(err, SLD_EINVAL, "entry", 0, 0, "must not be NULL");
  sld_status status = check_unused(host, err);
  if (status != SLD_OK) return status;
  const sld__vm_engine *engine = entry();
  if (!engine || engine->abi != SLD__ENGINE_ABI)
    return sld__fail_at(err, SLD_EINVAL, "entry", 0, 0, "the engine is of another version of sliders (interface %u, wanted %u)", engine ? engine->abi : 0, SLD__ENGINE_ABI);
  int i = 0;
  while (i < SLD__VMS && strcmp(engine->name, vm_names[i]) != 0) i++;
  if (i == SLD__VMS) return sld__fail_at(err, SLD_EINVAL, "entry", 0, 0, "there is no engine '%s': it is luajit or lua54", engine->name);
  if (host->engines[i].engine) return sld__fail(err, SLD_EBUSY, "the engine '%s' is open already", engine->name);
  host->engines[i].engine = engine;
  return SLD_OK;
}

sld_status sld_host_add_function(sld_host *host, const sld_function *function, sld_error *err) {
  sld_function whole = SLD_FUNCTION_INIT;
  sld_status status = sld__options_read(&whole, sizeof whole, function, "function", err);
  if (status == SLD_OK) status = check_unused(host, err);
  return status == SLD_OK ? sld__extensions_add_function(&host->extensions, &host->alloc, &whole, err) : status;
}

sld_status sld_host_add_indicator(sld_host *host, const sld_indicator *indicator, sld_error *err) {
  sld_indicator whole = SLD_INDICATOR_INIT;
  sld_status status = sld__options_read(&whole, sizeof whole, indicator, "indicator", err);
  if (status == SLD_OK) status = check_unused(host, err);
  return status == SLD_OK ? sld__extensions_add_indicator(&host->extensions, &host->alloc, &whole, err) : status;
}

int sld_host_workers(const sld_host *host) {
  return sld__pool_workers(host->pool);
}

/* Where engines and the worker are looked for. */
typedef struct places {
  char self[4096], below[4112];
  const char *list[3];
  size_t count;
} places;

/* The folder given, or beside the library, its folder `sliders`, $SLIDERS_ENGINE_PATH. */
static sld_status find_places(places *out, const sld_host *host, sld_error *err) {
  out->count = 0;
  if (host->engine_dir) {
    out->list[out->count++] = host->engine_dir;
    return SLD_OK;
  }
  sld_status status = sld__os_self_dir(out->self, sizeof out->self, err);
  if (status != SLD_OK) return status;
  strcpy(out->below, out->self);
  strcat(out->below, "/sliders");
  out->list[out->count++] = out->self;
  out->list[out->count++] = out->below;
  const char *named = getenv("SLIDERS_ENGINE_PATH");
  if (named) out->list[out->count++] = named;
  return SLD_OK;
}

/* Opens engine i from where it is found first. */
static sld_status open_engine(sld_host *host, int i, sld_error *err) {
  places at;
  sld_status status = find_places(&at, host, err);
  if (status != SLD_OK) return status;
  status = SLD_EVM;
  for (size_t k = 0; k < at.count && status != SLD_OK; k++) {
    status = sld__engine_open(&host->engines[i], at.list[k], vm_names[i], err);
    if (status == SLD_OK) host->engine_dirs[i] = sld__strndup(&host->alloc, at.list[k], strlen(at.list[k]));
  }
  if (status != SLD_OK || host->engine_dirs[i]) return status;
  sld__engine_close(&host->engines[i]); /* or it would be taken for the program's own */
  return sld__fail_memory(err);
}

/* The path of sliders-worker. */
static sld_status find_worker(const sld_host *host, char **out, sld_error *err) {
  places at;
  sld_status status = find_places(&at, host, err);
  for (size_t k = 0; k < at.count && status == SLD_OK; k++) {
    char *path = sld__os_join(&host->alloc, at.list[k], "sliders-worker");
    if (!path) return sld__fail_memory(err);
    if (sld__os_is_file(path)) {
      *out = path;
      return SLD_OK;
    }
    sld__free(&host->alloc, path);
  }
  if (status != SLD_OK) return status;
  return sld__fail_at(err, SLD_EVM, "options.isolation", 0, 0, "there is no program sliders-worker where the engines are, in %s%s", at.list[at.count - 1], at.count > 1 ? " or the places before it" : "");
}

sld_status sld__host_isolate(const sld_host *host, const sld__vm_engine *engine, char **program, const char **engine_dir, sld_error *err) {
  const sld__extension *word = host->extensions.first;
  if (word) return sld__fail_at(err, SLD_EINVAL, "options.isolation", 0, 0, "the program's own function sliders.host.%s is in this process: jobs in others cannot call it", word->name);
  *engine_dir = NULL;
  for (int i = 0; i < SLD__VMS; i++)
    if (host->engines[i].engine == engine) *engine_dir = host->engine_dirs[i];
  if (!*engine_dir) return sld__fail_at(err, SLD_EINVAL, "options.isolation", 0, 0, "the program's own engine %s is in this process: jobs in others cannot use it", engine->name);
  return find_worker(host, program, err);
}

static sld_status engine_at(sld_host *host, int i, const sld__vm_engine **out, sld_error *err) {
  if (!host->engines[i].engine) {
    sld_status status = open_engine(host, i, err);
    if (status != SLD_OK) return status;
  }
  *out = host->engines[i].engine;
  return SLD_OK;
}

sld_status sld__host_engine(sld_host *host, const char *vm, const sld__vm_engine **out, sld_error *err) {
  if (!vm) {
    if (engine_at(host, SLD__LUAJIT, out, NULL) == SLD_OK) return SLD_OK;
    return engine_at(host, SLD__LUA54, out, err);
  }
  for (int i = 0; i < SLD__VMS; i++)
    if (strcmp(vm, vm_names[i]) == 0) return engine_at(host, i, out, err);
  const char *hint = sld_suggest(vm, vm_names, SLD__VMS);
  if (hint) return sld__fail(err, SLD_EINVAL, "there is no engine '%s'; did you mean '%s'?", vm, hint);
  return sld__fail(err, SLD_EINVAL, "there is no engine '%s': it is luajit or lua54", vm);
}

sld_status sld_host_probe(sld_host *host, const char *vm, sld_error *err) {
  const sld__vm_engine *engine;
  return sld__host_engine(host, vm, &engine, err);
}
