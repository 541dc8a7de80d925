/* The engine's side of the sweep, driven by bench/sweep.py over standard input.
 *
 *   bench_sweep BARS WORKERS   needs SLIDERS_ENGINE_PATH and SLIDERS_SOURCE_DIR
 *
 * BARS is a file of int64 pairs, int64 rows, int64 opens[rows], then per pair a name of 8 bytes and float64 open, high, low and close[rows].
 * A line "time STRATEGY" runs the grid and answers with the seconds from start to result; "values STRATEGY FILE" writes of every job the
 * figures as float64, and of every 33rd set the equity; anything else ends the program. STRATEGY is signal, bar or bar54. */
#include <string.h>

#include <sliders.h>

#include "clock.h"

#include <stdio.h>

enum { FASTS = 10, SLOWS = 10, EVERY = 33 };

static void need(sld_status status, const sld_error *err) {
  if (status == SLD_OK) return;
  char text[1024];
  sld_error_format(err, text, sizeof text);
  fprintf(stderr, "%s: %s\n", sld_status_name(status), text);
  exit(2);
}

static void *read_some(FILE *file, size_t size) {
  void *block = malloc(size);
  if (block && fread(block, 1, size, file) == size) return block;
  fprintf(stderr, "the file of bars is too short\n");
  exit(2);
}

static void load(sld_market *market, const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    exit(2);
  }
  int64_t *size = read_some(file, 2 * sizeof *size);
  size_t rows = (size_t)size[1];
  int64_t *time = read_some(file, rows * sizeof *time);
  for (int64_t i = 0; i < size[0]; i++) {
    char *pair = read_some(file, 8);
    double *columns = read_some(file, 4 * rows * sizeof *columns);
    const sld_bars bars = { .pair = pair, .count = rows, .time = time, .open = columns, .high = columns + rows, .low = columns + 2 * rows, .close = columns + 3 * rows, .side = SLD_MID };
    sld_error err;
    need(sld_market_add(market, &bars, &err), &err);
    free(columns);
    free(pair);
  }
  free(time);
  free(size);
  fclose(file);
}

static double run_grid(sld_host *host, sld_market *market, const sld_strategy *strategy, int keep, sld_run **run, double *cpu) {
  double fast[FASTS], slow[SLOWS];
  for (int i = 0; i < FASTS; i++) fast[i] = 5.0 * (i + 1);
  for (int i = 0; i < SLOWS; i++) slow[i] = 60.0 + 10.0 * i;
  const sld_axis axes[2] = { { "fast", fast, FASTS }, { "slow", slow, SLOWS } };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.axes = axes;
  options.axis_count = 2;
  options.capital = 100000.0 * (double)sld_market_pair_count(market);
  options.spread_pips = 0.2;
  options.commission_frac = 0.000001;
  options.stop_out = 0.0; /* numba's account holds what it has */
  options.keep = keep;
  sld_error err;
  sld_progress progress;
  double from = now_s(), cpu_from = cpu_s();
  need(sld_run_start(run, host, market, strategy, &options, &err), &err);
  need(sld_run_wait(*run, -1, &progress, &err), &err);
  double time = now_s() - from;
  *cpu = cpu_s() - cpu_from;
  const sld_result *result = sld_run_result(*run);
  for (size_t i = 0; i < progress.jobs; i++)
    if (sld_result_job_at(result, i)->state == SLD_JOB_FAILED) need(sld_result_job_at(result, i)->error->status, sld_result_job_at(result, i)->error);
  return time;
}

static void write_values(const sld_result *result, const char *path) {
  FILE *file = fopen(path, "wb");
  if (!file) {
    perror(path);
    exit(2);
  }
  for (size_t i = 0; i < sld_result_job_count(result); i++) {
    const sld_job *job = sld_result_job_at(result, i);
    fwrite(job->figures, sizeof(double), sld_figure_count(), file);
    if (job->ordinal % EVERY == 0) fwrite(job->equity, sizeof(double), job->bar_count, file);
  }
  fclose(file);
}

static void serve(sld_host *host, sld_market *market, sld_strategy *const *strategies) {
  static const char *const names[] = { "signal", "bar", "bar54" };
  char line[1024], word[16], name[16], path[900];
  while (fgets(line, sizeof line, stdin)) {
    int words = sscanf(line, "%15s %15s %899s", word, name, path);
    int which = 0;
    while (which < 3 && (words < 2 || strcmp(name, names[which]) != 0)) which++;
    if (which == 3) return;
    sld_run *run;
    bool values = strcmp(word, "values") == 0 && words == 3;
    double cpu, time = run_grid(host, market, strategies[which], values ? SLD_KEEP_EQUITY : 0, &run, &cpu);
    if (values) write_values(sld_run_result(run), path);
    printf("%.9f %.9f\n", time, cpu);
    fflush(stdout);
    sld_run_free(run);
  }
}

static void open_strategy(sld_strategy **out, sld_host *host, const char *file, const char *vm) {
  const char *root = getenv("SLIDERS_SOURCE_DIR");
  char path[1024];
  sld_error err;
  snprintf(path, sizeof path, "%s/%s", root ? root : ".", file);
  need(sld_strategy_open(out, host, path, vm, &err), &err);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  sld_error err;
  sld_host *host;
  sld_market *market;
  sld_strategy *strategies[3];
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.workers = atoi(argv[2]);
  need(sld_host_open(&host, &options, &err), &err);
  need(sld_market_new(&market, host, &err), &err);
  load(market, argv[1]);
  open_strategy(&strategies[0], host, "bench/strategies/crossing.lua", "luajit");
  open_strategy(&strategies[1], host, "strategies/sma_cross.lua", "luajit");
  open_strategy(&strategies[2], host, "strategies/sma_cross.lua", "lua54");
  serve(host, market, strategies);
  for (int i = 0; i < 3; i++) sld_strategy_free(strategies[i]);
  sld_market_free(market);
  need(sld_host_close(host, &err), &err);
  return 0;
}
