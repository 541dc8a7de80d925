/* Runs: options to a plan, the plan to the pool. */
#include "api/host.h"
#include "api/log.h"
#include "api/options.h"
#include "base/alloc.h"
#include "base/error.h"
#include "engine/watch.h"

/* Where there is one parameter set, one that the strategy rejects is an error of the caller's. */
static sld_status check_valid(const sld_strategy *strategy, const sld__plan *plan, sld_error *err) {
  if (plan->sets > 1 || !(strategy->declaration.hooks & SLD__HOOK_VALID)) return SLD_OK;
  sld__vm *state;
  sld_status status = sld__states_take(strategy->states, &state, err);
  if (status != SLD_OK) return status;
  bool accepted;
  sld__run_limit(strategy->engine, state, plan);
  status = strategy->engine->valid(state, plan->base_params, plan->declaration->param_count, &accepted, err);
  if (status == SLD_ENOMEM || status == SLD_ELIMIT) strategy->engine->close(state); /* it may still hold all of it */
  else sld__states_give(strategy->states, state);
  if (status != SLD_OK || accepted) return status;
  return sld__fail_at(err, SLD_EINVAL, strategy->script->path, 0, 0, "the strategy rejects this set of parameters (its `valid` says no)");
}

/* Finds what a process needs that is to run the jobs. What the program brought along is in this process alone. */
static sld_status isolate(const sld_host *host, const sld_strategy *strategy, sld__launch_parts *parts, char **program, sld_error *err) {
  const sld__extension *word = host->extensions.first;
  if (word) return sld__fail_at(err, SLD_EINVAL, "options.isolation", 0, 0, "the program's own function sliders.host.%s is in this process: jobs in others cannot call it", word->name);
  parts->engine_dir = sld__host_engine_dir(host, strategy->engine);
  if (!parts->engine_dir) return sld__fail_at(err, SLD_EINVAL, "options.isolation", 0, 0, "the program's own engine %s is in this process: jobs in others cannot use it", strategy->engine->name);
  sld_status status = sld__host_worker(host, program, err);
  parts->program = *program;
  return status;
}

static sld_status launch(sld_run *run, const sld_strategy *strategy, const sld_run_options *options, sld_error *err) {
  sld_host *host = run->host;
  sld__plan *plan;
  sld_status status = sld__plan_new(&plan, &host->alloc, run->market->market, strategy->script, &strategy->declaration, options, err);
  if (status != SLD_OK) return status;
  status = check_valid(strategy, plan, err);
  if (status != SLD_OK) {
    sld__plan_free(plan);
    return status;
  }
  sld__launch_parts parts = {
    .alloc = &host->alloc,
    .pool = host->pool,
    .guard = host->guard,
    .spare = host->spare,
    .states = strategy->states,
    .script = strategy->script,
    .strategy = strategy->name,
    .plan = plan,
  };
  char *program = NULL;
  if (options->isolation == SLD_ISOLATION_PROCESS) status = isolate(host, strategy, &parts, &program, err);
  if (status == SLD_OK) status = sld__launch_start(&run->launch, &parts, err);
  else sld__plan_free(plan);
  sld__free(&host->alloc, program);
  return status;
}

sld_status sld_run_start(sld_run **out, sld_host *host, sld_market *market, const sld_strategy *strategy, const sld_run_options *options, sld_error *err) {
  if (market->host != host || strategy->host != host) return sld__fail(err, SLD_EINVAL, "market and strategy must be of the same host as the run");
  sld_run *run = sld__alloc_zero(&host->alloc, 1, sizeof *run);
  if (!run) return sld__fail_memory(err);
  run->host = host;
  run->market = market;
  sld_run_options whole = SLD_RUN_OPTIONS_INIT;
  sld_status status = sld__options_read(&whole, sizeof whole, options, "options", err);
  if (status == SLD_OK) status = launch(run, strategy, &whole, err);
  if (status != SLD_OK) {
    sld__free(&host->alloc, run);
    return status;
  }
  host->open_count++;
  market->use_count++;
  *out = run;
  return SLD_OK;
}

sld_status sld_run_wait(sld_run *run, int timeout_ms, sld_progress *out, sld_error *err) {
  sld_progress unused;
  sld_status status = sld__launch_wait(run->launch, timeout_ms, out ? out : &unused, err);
  const sld_result *result = sld__launch_result(run->launch);
  if (!result || run->told) return status;
  run->told = true;
  sld__log_result(&run->host->log, result);
  return status;
}

bool sld_run_event(sld_run *run, sld_event *out) {
  struct sld__watch *watch = sld__launch_watch(run->launch);
  size_t at;
  if (!sld__watch_take(watch, &at)) return false;
  const sld_job *job = sld__launch_job(run->launch, at);
  *out = (sld_event){ .job = at, .pair = job->pair, .ordinal = job->ordinal, .state = job->state };
  return true;
}

int sld_run_descriptor(sld_run *run) {
  return sld__watch_descriptor(sld__launch_watch(run->launch));
}

void sld_run_drain(sld_run *run) {
  sld__launch_drain(run->launch);
}

void sld_run_cancel(sld_run *run) {
  sld__launch_cancel(run->launch);
}

const sld_result *sld_run_result(const sld_run *run) {
  return sld__launch_result(run->launch);
}

void sld_run_free(sld_run *run) {
  if (!run) return;
  sld_host *host = run->host;
  sld__launch_free(run->launch);
  run->market->use_count--;
  sld__free(&host->alloc, run);
  host->open_count--;
}
