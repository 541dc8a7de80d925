/* Runs of sliders.core: starting one from a table of options, waiting, cancelling. */
#include "handle.h"

static void run_destroy(void *object) {
  sld_run_free(object);
}

/* host:run(market, strategy, options) */
int run_start(lua_State *L) {
  handle *host = handle_check(L, 1, HOST_TYPE);
  handle *market = handle_check(L, 2, MARKET_TYPE);
  handle *strategy = handle_check(L, 3, STRATEGY_TYPE);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  sld_error err = {0};
  if (!lua_isnoneornil(L, 4)) {
    luaL_checktype(L, 4, LUA_TTABLE);
    if (!options_read(L, 4, &options, &err)) return error_push(L, SLD_EINVAL, &err);
  }
  handle *h = handle_push(L, RUN_TYPE, run_destroy);
  sld_run *run = NULL;
  sld_status status = sld_run_start(&run, host->object, market->object, strategy->object, &options, &err);
  if (status != SLD_OK) return error_push(L, status, &err);
  h->object = run;
  handle_adopt(h, market);
  handle_adopt(h, strategy);
  handle_adopt(h, host);
  return 1;
}

/* Progress {jobs, done, failed, finished} after at most `timeout_ms`; nil or negative: when finished. */
static int run_wait(lua_State *L) {
  sld_run *run = handle_object(L, 1, RUN_TYPE);
  sld_progress progress = {0};
  sld_error err = {0};
  sld_status status = sld_run_wait(run, (int)luaL_optinteger(L, 2, -1), &progress, &err);
  if (status != SLD_OK) return error_push(L, status, &err);
  lua_createtable(L, 0, 4);
  field_integer(L, "jobs", (int64_t)progress.jobs);
  field_integer(L, "done", (int64_t)progress.done);
  field_integer(L, "failed", (int64_t)progress.failed);
  field_boolean(L, "finished", progress.finished);
  return 1;
}

/* The next job that has ended: {job =, pair =, ordinal =, state =}, its index counted from 1; nothing where there is none at the moment. */
static int run_event(lua_State *L) {
  sld_event event;
  if (!sld_run_event(handle_object(L, 1, RUN_TYPE), &event)) return 0;
  lua_createtable(L, 0, 4);
  field_integer(L, "job", (int64_t)event.job + 1);
  field_string(L, "pair", event.pair);
  field_integer(L, "ordinal", (int64_t)event.ordinal);
  field_string(L, "state", sld_job_state_name(event.state));
  return 1;
}

static int run_descriptor(lua_State *L) {
  int descriptor = sld_run_descriptor(handle_object(L, 1, RUN_TYPE));
  if (descriptor < 0) return 0;
  lua_pushinteger(L, descriptor);
  return 1;
}

static int run_drain(lua_State *L) {
  sld_run_drain(handle_object(L, 1, RUN_TYPE));
  return 0;
}

static int run_cancel(lua_State *L) {
  sld_run_cancel(handle_object(L, 1, RUN_TYPE));
  return 0;
}

/* The result, which keeps the run alive; nil before the run has finished. */
static int run_result(lua_State *L) {
  handle *run = handle_check(L, 1, RUN_TYPE);
  if (sld_run_result(run->object)) result_share(L, run);
  else lua_pushnil(L);
  return 1;
}

static const luaL_Reg run_methods[] = {
    {"wait", run_wait}, {"event", run_event}, {"descriptor", run_descriptor}, {"drain", run_drain}, {"cancel", run_cancel}, {"result", run_result}, {"free", handle_release}, {NULL, NULL},
};

void run_define(lua_State *L) {
  type_define(L, RUN_TYPE, run_methods);
}
