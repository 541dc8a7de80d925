/* Whole runs for tests, through the public header: a host, a market of made-up pairs, a strategy given as text. */
#ifndef TESTS_ENGINE_DESK_H
#define TESTS_ENGINE_DESK_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <sliders.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "identities.h"

enum { DESK_DAY_S = 86400, DESK_ROWS_MAX = 20000, DESK_PATH = 4096 };

#define DESK_DAY_NS (DESK_DAY_S * INT64_C(1000000000))

static const char *const desk_vms[] = { "lua54", "luajit" };

/* Runs the statement that follows once per engine, whose name is `vm`. */
#define IN_BOTH(vm) for (int engine_ = 0; engine_ < 2; engine_++) for (const char *vm = desk_vms[engine_]; vm; vm = NULL)

typedef struct desk {
  sld_host *host;
  sld_market *market;
} desk;

/* What went wrong, as one text, with the traceback behind it. */
static inline const char *desk_words(const sld_error *err) {
  static char words[4096];
  size_t length = sld_error_format(err, words, 2048);
  snprintf(words + length, sizeof words - length, "\n%s", err->detail);
  return words;
}

static inline void desk_good(sld_status status, const sld_error *err) {
  if (status != SLD_OK) print_error("%s\n", desk_words(err));
  assert_int_equal(status, SLD_OK);
}

static inline desk desk_open(int workers) {
  desk d;
  sld_error err;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.workers = workers;
  desk_good(sld_host_open(&d.host, &options, &err), &err);
  desk_good(sld_market_new(&d.market, d.host, &err), &err);
  return d;
}

static inline void desk_close(desk *d) {
  sld_error err;
  sld_market_free(d->market);
  desk_good(sld_host_close(d->host, &err), &err);
}

/* A number in [0, 1) that follows *seed. */
static inline double desk_random(uint64_t *seed) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(*seed >> 11) * 0x1p-53;
}

/* Adds `count` daily bars that wander about `price`; the first opens at day 0 of 1970. Equal seeds give equal bars, and fewer bars are the
 * head of more. */
static inline void desk_add(desk *d, const char *pair, double price, size_t count, uint64_t seed) {
  static int64_t time[DESK_ROWS_MAX];
  static double columns[5][DESK_ROWS_MAX];
  assert_true(count <= DESK_ROWS_MAX);
  for (size_t i = 0; i < count; i++) {
    double open = price, close = price * (1.0 + 0.02 * (desk_random(&seed) - 0.5));
    double high = (open > close ? open : close) * (1.0 + 0.005 * desk_random(&seed));
    double low = (open < close ? open : close) * (1.0 - 0.005 * desk_random(&seed));
    time[i] = (int64_t)i * DESK_DAY_NS;
    columns[0][i] = open;
    columns[1][i] = high;
    columns[2][i] = low;
    columns[3][i] = price = close;
    columns[4][i] = 100.0 + floor(900.0 * desk_random(&seed));
  }
  sld_bars bars = { .pair = pair, .count = count, .time = time, .open = columns[0], .high = columns[1], .low = columns[2], .close = columns[3], .volume = columns[4], .period_ns = DESK_DAY_NS };
  sld_error err;
  desk_good(sld_market_add(d->market, &bars, &err), &err);
}

/* Adds daily one-price bars with these closes; the first opens at day 0 of 1970. */
static inline void desk_add_closes(desk *d, const char *pair, const double *close, size_t count, sld_side side) {
  static int64_t time[DESK_ROWS_MAX];
  assert_true(count <= DESK_ROWS_MAX);
  for (size_t i = 0; i < count; i++) time[i] = (int64_t)i * DESK_DAY_NS;
  sld_bars bars = { .pair = pair, .count = count, .time = time, .close = close, .period_ns = DESK_DAY_NS, .side = side };
  sld_error err;
  desk_good(sld_market_add(d->market, &bars, &err), &err);
}

/* ---- Strategies ---- */

#define DESK_HEAD "local sliders = require 'sliders' "

static inline sld_status desk_try_strategy(sld_strategy **out, desk *d, const char *vm, const char *text, sld_error *err) {
  return sld_strategy_open_text(out, d->host, "test.lua", text, strlen(text), vm, err);
}

static inline sld_strategy *desk_strategy(desk *d, const char *vm, const char *text) {
  sld_strategy *strategy;
  sld_error err;
  desk_good(desk_try_strategy(&strategy, d, vm, text, &err), &err);
  return strategy;
}

/* The text of a strategy: `init`, `bar` and `signal` are bodies of the hooks; NULL leaves a hook out. To be freed. */
static inline char *desk_text(const char *params, const char *init, const char *bar, const char *signal) {
  size_t size = 1024 + strlen(params) + (init ? strlen(init) : 0) + (bar ? strlen(bar) : 0) + (signal ? strlen(signal) : 0);
  char *text = malloc(size);
  assert_non_null(text);
  size_t n = (size_t)snprintf(text, size, "local sliders = require 'sliders'\nlocal S = sliders.strategy { %s }\n", params);
  if (init) n += (size_t)snprintf(text + n, size - n, "function S:init(bars, p)\n%s\nend\n", init);
  if (bar) n += (size_t)snprintf(text + n, size - n, "function S:bar(broker, p)\n%s\nend\n", bar);
  if (signal) n += (size_t)snprintf(text + n, size - n, "function S:signal(bars, p)\n%s\nend\n", signal);
  snprintf(text + n, size - n, "return S\n");
  return text;
}

/* ---- Runs ---- */

typedef struct desk_run {
  sld_strategy *strategy;
  sld_run *run;
  const sld_result *result;
} desk_run;

/* Fails where the accounts of a result do not add up. `options` are those of the run. */
static inline void desk_adds_up(const desk *d, const sld_result *result, const sld_run_options *options) {
  identities found = identities_of(result, d->market, options, NULL);
  if (found.broken[0]) fail_msg("the accounts do not add up: %s", found.broken);
}

static inline desk_run desk_start(desk *d, const char *vm, const char *text, const sld_run_options *options) {
  sld_run_options defaults = SLD_RUN_OPTIONS_INIT;
  desk_run r = { desk_strategy(d, vm, text), NULL, NULL };
  sld_error err;
  sld_progress progress;
  desk_good(sld_run_start(&r.run, d->host, d->market, r.strategy, options ? options : &defaults, &err), &err);
  desk_good(sld_run_wait(r.run, -1, &progress, &err), &err);
  assert_true(progress.finished);
  assert_int_equal(progress.done, progress.jobs);
  r.result = sld_run_result(r.run);
  assert_non_null(r.result);
  desk_adds_up(d, r.result, options ? options : &defaults);
  return r;
}

static inline void desk_end(desk_run *r) {
  sld_run_free(r->run);
  sld_strategy_free(r->strategy);
}

static inline const sld_job *desk_job(const desk_run *r, size_t i) {
  const sld_job *job = sld_result_job_at(r->result, i);
  assert_non_null(job);
  return job;
}

/* The job, which must have ended well. */
static inline const sld_job *desk_done(const desk_run *r, size_t i) {
  const sld_job *job = desk_job(r, i);
  if (job->state != SLD_JOB_DONE) print_error("%s: %s\n", job->pair, job->error ? desk_words(job->error) : sld_job_state_name(job->state));
  assert_int_equal(job->state, SLD_JOB_DONE);
  return job;
}

/* The result's JSON, to be freed. */
static inline char *desk_json(const desk_run *r) {
  char path[DESK_PATH];
  const char *parent = getenv("TMPDIR");
  sld_error err;
  snprintf(path, sizeof path, "%s/sliders-XXXXXX", parent && *parent ? parent : "/tmp");
  int handle = mkstemp(path);
  assert_true(handle >= 0);
  close(handle);
  desk_good(sld_result_write_json(r->result, path, &err), &err);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  size_t size = (size_t)ftell(file);
  rewind(file);
  char *json = malloc(size + 1);
  assert_non_null(json);
  assert_int_equal(fread(json, 1, size, file), size);
  json[size] = '\0';
  fclose(file);
  unlink(path);
  return json;
}

/* Runs and returns the JSON, to be freed. */
static inline char *desk_bytes(desk *d, const char *vm, const char *text, const sld_run_options *options) {
  desk_run r = desk_start(d, vm, text, options);
  char *json = desk_json(&r);
  desk_end(&r);
  return json;
}

/* The first difference of two texts is shown, and fails the test. */
static inline void desk_same(const char *a, const char *b, const char *what) {
  if (strcmp(a, b) == 0) return;
  size_t at = 0;
  while (a[at] == b[at]) at++;
  size_t from = at > 200 ? at - 200 : 0;
  print_error("%s differ at byte %zu:\n...%.400s\n---\n...%.400s\n", what, at, a + from, b + from);
  fail();
}

/* ---- Failures ---- */

static inline void desk_expect(const char *got, const char *want, const char *vm, const char *text) {
  if (strcmp(got, want) != 0) print_error("%s:\n%s\n", vm, text);
  assert_string_equal(got, want);
}

/* `text` must be refused by open, or fail in the first job of the market, with this "file:line: message" in both engines. */
static inline void desk_fails(desk *d, const char *text, const char *want) {
  IN_BOTH(vm) {
    sld_strategy *strategy;
    sld_error err;
    char words[2048];
    if (desk_try_strategy(&strategy, d, vm, text, &err) != SLD_OK) {
      sld_error_format(&err, words, sizeof words);
      desk_expect(words, want, vm, text);
      continue;
    }
    sld_strategy_free(strategy);
    desk_run r = desk_start(d, vm, text, NULL);
    const sld_job *job = desk_job(&r, 0);
    if (job->state != SLD_JOB_FAILED) print_error("%s, no failure:\n%s\n", vm, text);
    assert_int_equal(job->state, SLD_JOB_FAILED);
    sld_error_format(job->error, words, sizeof words);
    desk_expect(words, want, vm, text);
    desk_end(&r);
  }
}

/* The same for bodies of hooks in a file of their own: init begins on line 4, and so does bar or signal where there is no init. */
static inline void desk_hook_fails(desk *d, const char *init, const char *bar, const char *signal, const char *want) {
  char *text = desk_text("", init, bar, signal);
  desk_fails(d, text, want);
  free(text);
}

#endif
