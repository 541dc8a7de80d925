/* What a run over much data holds in memory: one mapping of the bars, and how much beside it.
 *
 *   bench_memory PAIRS BARS WORKERS HOOK [FOLDER]
 *     PAIRS   1..28
 *     BARS    one-minute bars of each pair
 *     HOOK    signal or bar
 *     FOLDER  where the column store is made for the time of the run; default $TMPDIR or /tmp
 *
 * A child process writes the store through the library and ends, so that nothing of that is counted. The parent maps it and runs a grid of
 * several parameter sets that keeps figures only, with all workers busy, while this thread reads /proc/self/smaps_rollup. Printed is what
 * stood there when the proportional set size was highest. */
#include <inttypes.h>
#include <sliders.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const pairs[] = { "EURUSD", "USDJPY", "GBPUSD", "AUDUSD", "USDCHF", "NZDUSD", "USDCAD", "EURJPY", "EURGBP", "EURCHF", "EURAUD", "EURCAD", "EURNZD", "GBPJPY",
                                     "GBPCHF", "GBPAUD", "GBPCAD", "GBPNZD", "AUDJPY", "AUDCHF", "AUDCAD", "AUDNZD", "NZDJPY", "NZDCHF", "NZDCAD", "CADJPY", "CADCHF", "CHFJPY" };
enum { PAIRS_MAX = sizeof pairs / sizeof pairs[0] };

static const char signal_hook[] =
    "local sliders = require 'sliders'\n"
    "local Momentum = sliders.strategy { params = { days = sliders.int(5, 1, 60) } }\n"
    "function Momentum:signal(bars, p)\n"
    "  return sliders.where(bars.close:gt(bars.close:shift(p.days * 1440)), 1, -1)\n"
    "end\n"
    "return Momentum\n";

static const char bar_hook[] =
    "local sliders = require 'sliders'\n"
    "local Momentum = sliders.strategy { params = { days = sliders.int(5, 1, 60) }, warmup = 90000 }\n"
    "function Momentum:init(bars, p) self.back = p.days * 1440 end\n"
    "function Momentum:bar(broker)\n"
    "  local close = self.bars.close\n"
    "  if close[0] > close[self.back] then broker:target(1) else broker:target(-1) end\n"
    "end\n"
    "return Momentum\n";

static void check(sld_status status, const sld_error *err) {
  char text[4096];
  if (status == SLD_OK) return;
  sld_error_format(err, text, sizeof text);
  fprintf(stderr, "bench_memory: %s\n", text);
  exit(1);
}

/* ---- The data --------------------------------------------------------------------------------------------------- */

typedef struct columns {
  int64_t *time;
  double *open, *high, *low, *close;
} columns;

static double *column(size_t count) {
  double *block = malloc(count * sizeof *block);
  if (block) return block;
  fprintf(stderr, "bench_memory: out of memory\n");
  exit(1);
}

/* A slow wave of some weeks with a little noise: prices that trade seldom. */
static void make_bars(columns *c, size_t count, uint64_t seed, double scale) {
  const int64_t minute = INT64_C(60000000000);
  const size_t half = 20000 + (size_t)seed * 1000;
  double last = scale;
  for (size_t i = 0; i < count; i++) {
    size_t at = i % (2 * half);
    double wave = (double)(at < half ? at : 2 * half - at) / (double)half;
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    c->time[i] = (int64_t)i * minute + INT64_C(946684800000000000); /* 2000-01-01 */
    c->open[i] = last;
    last = c->close[i] = scale * (1.0 + 0.05 * wave + (double)(seed >> 40) * 0x1p-24 * 1e-5);
    c->high[i] = (c->open[i] > last ? c->open[i] : last) + scale * 1e-5;
    c->low[i] = (c->open[i] < last ? c->open[i] : last) - scale * 1e-5;
  }
}

static void write_store(const char *folder, size_t pair_count, size_t bar_count) {
  sld_error err = { .status = SLD_OK };
  sld_host *host = NULL;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.workers = 1;
  check(sld_host_open(&host, &options, &err), &err);
  columns c = { malloc(bar_count * sizeof(int64_t)), column(bar_count), column(bar_count), column(bar_count), column(bar_count) };
  if (!c.time) exit(1);
  for (size_t k = 0; k < pair_count; k++) {
    sld_market *market = NULL;
    check(sld_market_new(&market, host, &err), &err);
    make_bars(&c, bar_count, k, strcmp(pairs[k] + 3, "JPY") == 0 ? 100.0 : 1.0);
    sld_bars bars = { .pair = pairs[k], .count = bar_count, .time = c.time, .open = c.open, .high = c.high, .low = c.low, .close = c.close };
    check(sld_market_add(market, &bars, &err), &err);
    check(sld_market_save(market, folder, &err), &err);
    sld_market_free(market);
  }
  exit(0);
}

/* ---- Measuring -------------------------------------------------------------------------------------------------- */

typedef struct memory {
  double pss, anon, file; /* bytes */
} memory;

static memory read_memory(void) {
  memory m = { 0, 0, 0 };
  char line[256];
  FILE *rollup = fopen("/proc/self/smaps_rollup", "r");
  if (!rollup) return m;
  while (fgets(line, sizeof line, rollup)) {
    double kib;
    if (sscanf(line, "Pss: %lf kB", &kib) == 1) m.pss = kib * 1024.0;
    if (sscanf(line, "Pss_Anon: %lf kB", &kib) == 1) m.anon = kib * 1024.0;
    if (sscanf(line, "Pss_File: %lf kB", &kib) == 1) m.file = kib * 1024.0;
  }
  fclose(rollup);
  return m;
}

/* Bytes of address space that map .npy files, and how many mappings they are. */
static double mapped(const char *folder, size_t *count) {
  char line[8192];
  double bytes = 0;
  *count = 0;
  FILE *maps = fopen("/proc/self/maps", "r");
  while (maps && fgets(line, sizeof line, maps)) {
    uint64_t start, end;
    if (!strstr(line, ".npy") || !strstr(line, folder) || sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) != 2) continue;
    bytes += (double)(end - start);
    ++*count;
  }
  if (maps) fclose(maps);
  return bytes;
}

static void print_mib(const char *what, double bytes) {
  printf("  %-46s %9.1f MiB\n", what, bytes / 1048576.0);
}

static int measure(const char *folder, const char *hook, int workers) {
  sld_error err = { .status = SLD_OK };
  sld_host *host = NULL;
  sld_market *market = NULL;
  sld_strategy *strategy = NULL;
  sld_run *run = NULL;
  sld_progress progress = { 0 };
  sld_host_options host_options = SLD_HOST_OPTIONS_INIT;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  const double days[] = { 5, 10, 20, 40 };
  const sld_axis axis = { "days", days, sizeof days / sizeof days[0] };
  const char *text = strcmp(hook, "bar") == 0 ? bar_hook : signal_hook;
  host_options.workers = workers;
  options.keep = 0;
  options.axes = &axis;
  options.axis_count = 1;
  check(sld_host_open(&host, &host_options, &err), &err);
  memory bare = read_memory();
  check(sld_market_new(&market, host, &err), &err);
  check(sld_market_load(market, folder, &err), &err);
  memory before = read_memory();
  check(sld_strategy_open_text(&strategy, host, "momentum.lua", text, strlen(text), NULL, &err), &err);
  check(sld_run_start(&run, host, market, strategy, &options, &err), &err);
  memory peak = read_memory();
  while (!progress.finished) {
    check(sld_run_wait(run, 100, &progress, &err), &err);
    memory now = read_memory();
    if (now.pss > peak.pss) peak = now;
  }
  memory after = read_memory();
  const sld_result *result = sld_run_result(run);
  size_t trades = 0, done = 0, jobs = sld_result_job_count(result), count;
  for (size_t i = 0; i < jobs; i++) {
    const sld_job *job = sld_result_job_at(result, i);
    trades += job->trade_count;
    done += job->state == SLD_JOB_DONE;
    if (job->error) fprintf(stderr, "bench_memory: %s: %s\n", job->pair, job->error->message);
  }
  double map = mapped(folder, &count);
  printf("  engine %s, %zu jobs of which %zu done, %zu trades\n", sld_strategy_vm(strategy), jobs, done, trades);
  printf("  %zu columns mapped\n", count);
  print_mib("mapped columns, the one copy", map);
  print_mib("Pss at the peak", peak.pss);
  print_mib("  of files (columns and code)", peak.file);
  print_mib("  anonymous: everything private", peak.anon);
  print_mib("    of it before the run", before.anon);
  print_mib("    of it left after the run", after.anon);
  print_mib("    added by the run, for each worker", (peak.anon - before.anon) / workers);
  print_mib("Pss of a host without data", bare.pss);
  printf("  Pss / mapped columns %.3f; each worker with a copy of its own would hold %.1f GiB\n", peak.pss / map, (map * workers + peak.anon) / 1073741824.0);
  sld_run_free(run);
  sld_strategy_free(strategy);
  sld_market_free(market);
  sld_host_close(host, NULL);
  return done == jobs ? 0 : 1;
}

int main(int argc, char **argv) {
  if (argc < 5) {
    fprintf(stderr, "usage: bench_memory PAIRS BARS WORKERS signal|bar [FOLDER]\n");
    return 2;
  }
  long pair_count = strtol(argv[1], NULL, 10), bar_count = strtol(argv[2], NULL, 10), workers = strtol(argv[3], NULL, 10);
  if (pair_count < 1 || pair_count > PAIRS_MAX || bar_count < 2 || workers < 1) {
    fprintf(stderr, "bench_memory: PAIRS must be 1..%d, BARS and WORKERS above 0\n", PAIRS_MAX);
    return 2;
  }
  char folder[4096];
  char remove[4200];
  const char *parent = argc > 5 ? argv[5] : getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/sliders-memory-XXXXXX", parent && *parent ? parent : "/tmp");
  if (!mkdtemp(folder)) {
    perror(folder);
    return 1;
  }
  snprintf(remove, sizeof remove, "rm -rf '%s'", folder);
  printf("%ld pairs x %ld bars, %ld workers, %s hook\n", pair_count, bar_count, workers, argv[4]);
  fflush(stdout);
  int status = 1;
  pid_t child = fork();
  if (child == 0) write_store(folder, (size_t)pair_count, (size_t)bar_count);
  if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    child = fork(); /* the measured process exits on errors; this one clears up */
    if (child == 0) exit(measure(folder, argv[4], (int)workers));
    waitpid(child, &status, 0);
  }
  if (system(remove) != 0) fprintf(stderr, "bench_memory: %s could not be removed\n", folder);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
