/* What processes cost beside threads: runs of isolation "thread" and "process" in turn, over the same made-up bars with one worker.
 *
 *   bench_isolation [ROUNDS]     default 9
 *
 * Small jobs keep figures only; large ones keep their equity and records, which come back over a socket. Every run's figures are compared before a time
 * counts. Printed are medians and, in brackets, the lowest and highest of a round. */
#include <sliders.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

static const char text[] =
    "local sliders = require 'sliders'\n"
    "local Cross = sliders.strategy { params = { n = sliders.int(20, 2, 100000) } }\n"
    "function Cross:signal(bars, p) return sliders.sign(bars.close - sliders.sma(bars.close, 2 + p.n % 60)) end\n"
    "return Cross\n";

static void check(sld_status status, const sld_error *err) {
  char words[4096];
  if (status == SLD_OK) return;
  sld_error_format(err, words, sizeof words);
  fprintf(stderr, "bench_isolation: %s\n", words);
  exit(1);
}

typedef struct course {
  const char *name;
  size_t bars, jobs;
  int keep;
} course;

static void add_bars(sld_market *market, size_t count) {
  int64_t *time = malloc(count * sizeof *time);
  double *close = malloc(count * sizeof *close), price = 1.1;
  uint64_t seed = 1;
  sld_error err;
  if (!time || !close) exit(1);
  for (size_t i = 0; i < count; i++) {
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    price *= 1.0 + 0.002 * ((double)(seed >> 11) * 0x1p-53 - 0.5);
    time[i] = (int64_t)i * INT64_C(60000000000) + INT64_C(946684800000000000);
    close[i] = price;
  }
  sld_bars bars = { .pair = "EURUSD", .count = count, .time = time, .close = close, .period_ns = INT64_C(60000000000) };
  check(sld_market_add(market, &bars, &err), &err);
  free(time);
  free(close);
}

/* Seconds of one run; its figures, [jobs * figures], to a block of the caller's. */
static double timed(sld_host *host, sld_market *market, sld_strategy *strategy, const course *c, sld_isolation isolation, double *figures) {
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  sld_error err;
  sld_run *run;
  double *values = malloc(c->jobs * sizeof *values);
  if (!values) exit(1);
  for (size_t i = 0; i < c->jobs; i++) values[i] = 2 + (double)i;
  const sld_axis axis = { "n", values, c->jobs };
  options.isolation = isolation;
  options.keep = c->keep;
  options.axes = &axis;
  options.axis_count = c->jobs > 1;
  double start = now_s();
  check(sld_run_start(&run, host, market, strategy, &options, &err), &err);
  check(sld_run_wait(run, -1, NULL, &err), &err);
  double end = now_s();
  for (size_t i = 0; i < c->jobs; i++) {
    const sld_job *job = sld_result_job_at(sld_run_result(run), i);
    check(job->error ? job->error->status : SLD_OK, job->error);
    memcpy(figures + i * sld_figure_count(), job->figures, sld_figure_count() * sizeof *figures);
  }
  sld_run_free(run);
  free(values);
  return end - start;
}

static bool same(const double *a, const double *b, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (a[i] != b[i] && !(a[i] != a[i] && b[i] != b[i])) return false;
  return true;
}

static void print(const char *what, readings *r, double scale, const char *unit) {
  double median = readings_at(r, 0.5);
  printf("  %-34s %10.1f %s [%.1f to %.1f]\n", what, median * scale, unit, readings_at(r, 0.0) * scale, readings_at(r, 1.0) * scale);
}

static void run_course(const course *c, const char *vm, int rounds) {
  sld_host_options host_options = SLD_HOST_OPTIONS_INIT;
  sld_host *host;
  sld_market *market;
  sld_strategy *strategy;
  sld_error err;
  readings threads = { .count = 0 }, processes = { .count = 0 }, more = { .count = 0 };
  size_t count = c->jobs * sld_figure_count();
  double *figures[2] = { malloc(count * sizeof(double)), malloc(count * sizeof(double)) };
  host_options.workers = 1;
  check(sld_host_open(&host, &host_options, &err), &err);
  check(sld_market_new(&market, host, &err), &err);
  add_bars(market, c->bars);
  check(sld_strategy_open_text(&strategy, host, "cross.lua", text, strlen(text), vm, &err), &err);
  for (int round = -1; round < rounds; round++) { /* the first warms up */
    double thread = timed(host, market, strategy, c, SLD_ISOLATION_THREAD, figures[0]);
    double process = timed(host, market, strategy, c, SLD_ISOLATION_PROCESS, figures[1]);
    if (!same(figures[0], figures[1], count)) {
      fprintf(stderr, "bench_isolation: threads and processes differ\n");
      exit(1);
    }
    if (round < 0) continue;
    readings_add(&threads, thread / (double)c->jobs);
    readings_add(&processes, process / (double)c->jobs);
    readings_add(&more, (process - thread) / (double)c->jobs);
  }
  printf("%s: %zu jobs of %zu bars, %s\n", c->name, c->jobs, c->bars, vm);
  print("a job in a thread", &threads, 1e6, "us");
  print("a job in a process", &processes, 1e6, "us");
  print("more for the process", &more, 1e6, "us");
  sld_strategy_free(strategy);
  sld_market_free(market);
  sld_host_close(host, NULL);
  free(figures[0]);
  free(figures[1]);
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 9;
  static const course courses[] = {
    { "one run of one job: its start", 100, 1, SLD_KEEP_ALL },
    { "small jobs", 500, 2000, 0 },
    { "large jobs", 100000, 40, SLD_KEEP_ALL },
  };
  if (argc > 2 || rounds < 1 || rounds > READINGS_MAX) {
    fprintf(stderr, "usage: bench_isolation [ROUNDS]\n");
    return 2;
  }
  for (size_t i = 0; i < sizeof courses / sizeof *courses; i++) {
    run_course(&courses[i], "luajit", rounds);
    run_course(&courses[i], "lua54", rounds);
  }
  return 0;
}
