/* Runs: options to a plan, the plan to the pool. */
#include "api/host.h"
#include "api/log.h"
#include "api/options.h"
#include "base/alloc.h"
#include "base/error.h"
#include "base/number.h"
#include "engine/inquiry.h"
#include "engine/watch.h"

#include <stdio.h>

/* Asks the strategy here whether it accepts the set. */
static sld_status valid_here(const sld_strategy *strategy, const sld__plan *plan, bool *accepted, sld_error *err) {
  sld__vm *state;
  sld_status status = sld__states_take(strategy->states, &state, err);
  if (status != SLD_OK) return status;
  sld__vm_limits limits = { .memory = plan->options.limit_memory, .log = plan->options.limit_log, .instructions = plan->options.limit_instructions };
  if (limits.instructions == 0) limits.instructions = strategy->script->limits.instructions; /* it runs on the caller's own thread */
  strategy->engine->limit(state, &limits);
  status = strategy->engine->valid(state, plan->base_params, plan->declaration->param_count, accepted, err);
  if (status == SLD_ENOMEM || status == SLD_ELIMIT) strategy->engine->close(state); /* it may still hold all of it */
  else sld__states_give(strategy->states, state);
  return status;
}

/* Asks it where its jobs run. */
static sld_status valid_there(const sld_strategy *strategy, const sld__plan *plan, const sld__launch_parts *parts, bool *accepted, sld_error *err) {
  const sld__inquiry inquiry = {
    .alloc = &strategy->host->alloc,
    .program = parts->program,
    .engine_dir = parts->engine_dir,
    .engine = strategy->engine->name,
    .script = strategy->script,
    .limit_s = plan->options.limit_bar_s,
  };
  return sld__inquiry_valid(&inquiry, plan->base_params, plan->declaration->param_count, accepted, err);
}

static size_t add_param(char *text, size_t size, const sld_param *p, double value) {
  char digits[SLD__NUMBER_SIZE];
  const char *word = digits;
  sld__number_format(digits, value);
  if (p->kind == SLD_BOOL) word = value != 0.0 ? "true" : "false";
  if (p->kind == SLD_CHOICE) word = p->choices[(size_t)value];
  int length = snprintf(text, size, "%s = %s", p->name, word);
  return length > 0 ? (size_t)length : 0;
}

/* "fast = 60, slow = 50", in the order of their declaration; of many the first, and how many more. */
static void format_params(char *text, size_t size, const sld__plan *plan) {
  enum { MORE = 24 }; /* bytes for " and 1000 more" */
  const sld__declaration *d = plan->declaration;
  size_t used = 0;
  text[0] = '\0';
  for (size_t i = 0; i < d->param_count; i++) {
    char one[256];
    size_t length = add_param(one, sizeof one, &d->params[i], plan->base_params[i]);
    if (length >= sizeof one || used + length + MORE >= size) {
      snprintf(text + used, size - used, " and %zu more", d->param_count - i);
      return;
    }
    used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "", one);
  }
}

/* Where there is one parameter set, one that the strategy rejects is an error of the caller's. */
static sld_status check_valid(const sld_strategy *strategy, const sld__plan *plan, const sld__launch_parts *parts, sld_error *err) {
  bool accepted = true;
  if (plan->sets > 1 || !(strategy->declaration.hooks & SLD__HOOK_VALID)) return SLD_OK;
  sld_status status = parts->program ? valid_there(strategy, plan, parts, &accepted, err) : valid_here(strategy, plan, &accepted, err);
  if (status != SLD_OK || accepted) return status;
  char set[320];
  format_params(set, sizeof set, plan);
  return sld__fail_at(err, SLD_EINVAL, strategy->script->path, 0, 0, "the strategy's `valid` rejects its parameters together: %s", strategy->declaration.param_count ? set : "it has none");
}

static sld_status launch(sld_run *run, const sld_strategy *strategy, const sld_run_options *options, sld_error *err) {
  sld_host *host = run->host;
  sld__plan *plan = NULL;
  char *program = NULL;
  sld__launch_parts parts = {
    .alloc = &host->alloc,
    .pool = host->pool,
    .guard = host->guard,
    .spare = host->spare,
    .states = strategy->states,
    .script = strategy->script,
    .strategy = strategy->name,
  };
  sld_status status = sld__plan_new(&plan, &host->alloc, run->market->market, strategy->script, &strategy->declaration, options, err);
  if (status == SLD_OK && options->isolation == SLD_ISOLATION_PROCESS) {
    status = sld__host_isolate(host, strategy->engine, &program, &parts.engine_dir, err);
    parts.program = program;
  }
  if (status == SLD_OK) status = check_valid(strategy, plan, &parts, err);
  parts.plan = plan;
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
