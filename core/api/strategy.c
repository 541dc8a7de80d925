/* Strategies: read once, described by one engine, then sealed. */
#include <string.h>

#include "api/host.h"
#include "api/options.h"
#include "base/alloc.h"
#include "base/error.h"
#include "engine/inquiry.h"

static char *short_name(const sld_allocator *alloc, const char *path) {
  const char *slash = strrchr(path, '/');
  const char *file = slash ? slash + 1 : path;
  size_t length = strlen(file);
  if (length > 4 && strcmp(file + length - 4, ".lua") == 0) length -= 4;
  return sld__strndup(alloc, file, length);
}

static sld_status describe_here(sld_strategy *strategy, sld_error *err) {
  sld__vm *state;
  sld_status status = sld__states_take(strategy->states, &state, err);
  if (status != SLD_OK) return status;
  status = strategy->engine->describe(state, &strategy->declaration, err);
  sld__states_give(strategy->states, state);
  return status;
}

/* In a process. */
static sld_status describe_there(sld_strategy *strategy, sld_error *err) {
  const sld_run_options usual = SLD_RUN_OPTIONS_INIT;
  sld_host *host = strategy->host;
  char *program = NULL;
  sld__inquiry inquiry = { .alloc = &host->alloc, .engine = strategy->engine->name, .script = strategy->script, .limit_s = usual.limit_bar_s };
  sld_status status = sld__host_isolate(host, strategy->engine, &program, &inquiry.engine_dir, err);
  inquiry.program = program;
  if (status == SLD_OK) status = sld__inquiry_describe(&inquiry, &strategy->declaration, err);
  sld__free(&host->alloc, program);
  return status;
}

static sld_status describe(sld_strategy *strategy, const sld_strategy_options *options, sld_error *err) {
  sld_host *host = strategy->host;
  sld_status status = sld__host_engine(host, options->vm, &strategy->engine, err);
  if (status != SLD_OK) return status;
  status = sld__states_new(&strategy->states, strategy->engine, &host->core, strategy->script, err);
  if (status != SLD_OK) return status;
  status = options->isolation == SLD_ISOLATION_PROCESS ? describe_there(strategy, err) : describe_here(strategy, err);
  strategy->script->sealed = true;
  return status;
}

/* Takes the script over, also on failure. */
static sld_status open_script(sld_strategy **out, sld_host *host, sld__script *script, const sld_strategy_options *options, sld_error *err) {
  sld_strategy *strategy = sld__alloc_zero(&host->alloc, 1, sizeof *strategy);
  if (!strategy) {
    sld__script_free(script);
    return sld__fail_memory(err);
  }
  const sld_run_options usual = SLD_RUN_OPTIONS_INIT;
  host->open_count++;
  strategy->host = host;
  strategy->script = script;
  script->extensions = &host->extensions;
  script->trusted = options->trusted;
  script->limits = (sld__vm_limits){ .memory = options->limit_memory, .log = usual.limit_log, .instructions = options->limit_instructions };
  strategy->name = short_name(&host->alloc, script->path);
  sld_status status = strategy->name ? describe(strategy, options, err) : sld__fail_memory(err);
  if (status != SLD_OK) {
    sld_strategy_free(strategy);
    return status;
  }
  *out = strategy;
  return SLD_OK;
}

sld_status sld_strategy_open_with(sld_strategy **out, sld_host *host, const char *path, const sld_strategy_options *given, sld_error *err) {
  sld_strategy_options options = SLD_STRATEGY_OPTIONS_INIT;
  sld__script *script;
  sld_status status = sld__options_read(&options, sizeof options, given, "options", err);
  if (status != SLD_OK) return status;
  if ((int)options.isolation < 0 || options.isolation > SLD_ISOLATION_PROCESS) return sld__fail_at(err, SLD_EINVAL, "options.isolation", 0, 0, "is no kind of isolation");
  if (!path) return sld__fail_at(err, SLD_EINVAL, "path", 0, 0, "a path is needed");
  if (!options.text && options.text_size) return sld__fail_at(err, SLD_EINVAL, "options.text", 0, 0, "is missing");
  if (options.text) status = sld__script_from_text(&script, &host->alloc, path, options.text, options.text_size, err);
  else status = sld__script_read(&script, &host->alloc, path, err);
  if (status != SLD_OK) return status;
  return open_script(out, host, script, &options, err);
}

sld_status sld_strategy_open(sld_strategy **out, sld_host *host, const char *path, const char *vm, sld_error *err) {
  sld_strategy_options options = SLD_STRATEGY_OPTIONS_INIT;
  options.vm = vm;
  return sld_strategy_open_with(out, host, path, &options, err);
}

sld_status sld_strategy_open_text(sld_strategy **out, sld_host *host, const char *name, const char *text, size_t size, const char *vm, sld_error *err) {
  sld_strategy_options options = SLD_STRATEGY_OPTIONS_INIT;
  options.vm = vm;
  options.text = text || size ? text : "";
  options.text_size = size;
  return sld_strategy_open_with(out, host, name, &options, err);
}

void sld_strategy_free(sld_strategy *strategy) {
  if (!strategy) return;
  sld_host *host = strategy->host;
  sld__states_free(strategy->states);
  sld__declaration_fini(&strategy->declaration);
  sld__script_free(strategy->script);
  sld__free(&host->alloc, strategy->name);
  sld__free(&host->alloc, strategy);
  host->open_count--;
}

const char *sld_strategy_name(const sld_strategy *strategy) {
  return strategy->name;
}

const char *sld_strategy_about(const sld_strategy *strategy) {
  return strategy->declaration.about;
}

const char *sld_strategy_vm(const sld_strategy *strategy) {
  return strategy->engine->name;
}

const char *sld_strategy_source(const sld_strategy *strategy) {
  return strategy->script->text;
}

bool sld_strategy_trusted(const sld_strategy *strategy) {
  return strategy->script->trusted;
}

bool sld_strategy_has(const sld_strategy *strategy, const char *hook) {
  static const char *const names[] = { "init", "bar", "signal", "done", "valid", "allocate" };
  for (int i = 0; i < 6; i++)
    if (strcmp(hook, names[i]) == 0) return (strategy->declaration.hooks >> i) & 1;
  return false;
}

sld_account sld_strategy_account(const sld_strategy *strategy) {
  return sld__declaration_shares(&strategy->declaration) ? SLD_SHARED : SLD_SPLIT;
}

size_t sld_strategy_pair_count(const sld_strategy *strategy) {
  return strategy->declaration.pair_count;
}

const char *sld_strategy_pair_at(const sld_strategy *strategy, size_t i) {
  return i < strategy->declaration.pair_count ? strategy->declaration.pairs[i] : NULL;
}

size_t sld_strategy_param_count(const sld_strategy *strategy) {
  return strategy->declaration.param_count;
}

const sld_param *sld_strategy_param_at(const sld_strategy *strategy, size_t i) {
  return i < strategy->declaration.param_count ? &strategy->declaration.params[i] : NULL;
}
