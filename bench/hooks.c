/* The two hooks of a strategy beside the two C yardsticks (yardstick.h), through the public C API, on one worker.
 *
 * A round runs every contender once over the same jobs and bars; rounds alternate them, and ratios are formed within a round. Orders and
 * equity are compared first, to the bit; a difference ends the program with status 1.
 *   bench_hooks [rounds [course [contender]]]   needs SLIDERS_ENGINE_PATH and the folder of the sources in SLIDERS_SOURCE_DIR */
#include <math.h>
#include <string.h>

#include "clock.h"
#include "yardstick.h"

static const costs our_costs = { 100000.0, 0.02 * 0.0001, 0.0000002 };

static void need(sld_status status, const sld_error *err) {
  if (status == SLD_OK) return;
  char text[1024];
  sld_error_format(err, text, sizeof text);
  fprintf(stderr, "%s: %s\n", sld_status_name(status), text);
  exit(2);
}

/* One size of job: bars, and a grid of parameter sets. */
typedef struct course {
  const char *name;
  size_t bars, fasts, slows, singles; /* sets of the bar hook: fasts x slows; of the signal hook: singles */
} course;

static const course courses[] = {
  { "5,000 bars", 5000, 10, 20, 200 },
  { "100,000 bars", 100000, 10, 20, 100 },
  { "1,000,000 bars", 1000000, 4, 5, 12 },
  { "5,000,000 bars", 5000000, 2, 4, 6 },
  { "500 bars", 500, 10, 20, 200 }, /* by name only: what a job costs beside its bars */
  { "one job", 500, 1, 1, 1 },               /* by name only: what a run costs */
};

enum { COURSES = sizeof courses / sizeof *courses, AXIS_MAX = 200 };

typedef struct bench {
  sld_host *host;
  sld_market *market;
  sld_strategy *bar[2], *signal[2]; /* luajit, lua54 */
  bars b;
  const course *course;
  double fast[AXIS_MAX], slow[AXIS_MAX], single[AXIS_MAX];
  double *fast_mean[AXIS_MAX], *slow_mean[AXIS_MAX];
  sld__ledger ledger;
  inlined inlined;
} bench;

static const char *const vms[2] = { "luajit", "lua54" };

/* ---- Runs of the engine ---- */

/* Runs a grid and returns its CPU time; the run stays for the caller where `kept` is given. */
static double run_grid(bench *b, const sld_strategy *strategy, const sld_axis *axes, size_t axis_count, int keep, sld_run **kept) {
  sld_error err;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.axes = axes;
  options.axis_count = axis_count;
  options.capital = our_costs.capital;
  options.spread_pips = 0.02;
  options.commission_frac = our_costs.commission_frac;
  options.stop_out = 0.0; /* the C programs hold what they have */
  options.keep = keep;
  sld_run *run;
  sld_progress progress;
  double from = cpu_s();
  need(sld_run_start(&run, b->host, b->market, strategy, &options, &err), &err);
  need(sld_run_wait(run, -1, &progress, &err), &err);
  double time = cpu_s() - from;
  for (size_t i = 0; i < progress.jobs; i++) {
    const sld_job *job = sld_result_job_at(sld_run_result(run), i);
    if (job->state == SLD_JOB_FAILED) need(job->error->status, job->error);
  }
  if (kept) *kept = run;
  else sld_run_free(run);
  return time;
}

static double run_bar(bench *b, int vm, int keep, sld_run **kept) {
  const sld_axis axes[2] = { { "fast", b->fast, b->course->fasts }, { "slow", b->slow, b->course->slows } };
  return run_grid(b, b->bar[vm], axes, 2, keep, kept);
}

static double run_signal(bench *b, int vm, int keep, sld_run **kept) {
  const sld_axis axis = { "n", b->single, b->course->singles };
  return run_grid(b, b->signal[vm], &axis, 1, keep, kept);
}

/* ---- Runs of the yardsticks ---- */

static void callback_of(bench *b, size_t set) {
  size_t f = set / b->course->slows, s = set % b->course->slows;
  run_callback(&b->ledger, &b->b, &our_costs, b->fast_mean[f], b->slow_mean[s], (size_t)b->slow[s] - 1);
}

static void inlined_of(bench *b, size_t set) {
  run_inlined(&b->inlined, &b->b, &our_costs, (size_t)b->single[set] + 4, (size_t)b->single[set] + 204);
}

static double time_callback(bench *b, int vm) {
  (void)vm;
  double from = cpu_s();
  for (size_t i = 0; i < b->course->fasts * b->course->slows; i++) callback_of(b, i);
  return cpu_s() - from;
}

static double time_inlined(bench *b, int vm) {
  (void)vm;
  double from = cpu_s();
  for (size_t i = 0; i < b->course->singles; i++) inlined_of(b, i);
  return cpu_s() - from;
}

/* ---- Comparing ---- */

static void differ(const char *who, size_t set, const char *what, size_t at) {
  fprintf(stderr, "%s, set %zu: %s %zu differs\n", who, set, what, at);
  exit(1);
}

static void compare_equity(const char *who, size_t set, const sld_job *job, const double *equity, size_t count) {
  const double *from = equity + (count - job->bar_count);
  for (size_t i = 0; i < job->bar_count; i++)
    if (memcmp(&job->equity[i], &from[i], sizeof *from) != 0) differ(who, set, "equity", i);
}

static bool same_order(const sld_order *a, const brief *b) {
  if (a->state == SLD_ORDER_EXPIRED) return b->fill_bar == -1 && a->bar == b->bar && a->units == b->units;
  return a->bar == b->bar && a->fill_bar == b->fill_bar && a->units == b->units && a->price == b->price && a->spread_cost == b->spread_cost && a->commission == b->commission;
}

static void compare_bar(bench *b, int vm) {
  sld_run *run;
  run_bar(b, vm, SLD_KEEP_ALL, &run);
  for (size_t set = 0; set < b->course->fasts * b->course->slows; set++) {
    const sld_job *job = sld_result_job_at(sld_run_result(run), set);
    callback_of(b, set);
    compare_equity(vms[vm], set, job, b->ledger.equity, b->b.count);
    if (job->order_count != b->ledger.order_count || job->order_count == 0) differ(vms[vm], set, "number of orders", job->order_count);
    for (size_t i = 0; i < job->order_count; i++)
      if (memcmp(&job->orders[i], &b->ledger.orders[i], sizeof(sld_order)) != 0) differ(vms[vm], set, "order", i);
  }
  sld_run_free(run);
}

static void compare_signal(bench *b, int vm) {
  sld_run *run;
  run_signal(b, vm, SLD_KEEP_ALL, &run);
  for (size_t set = 0; set < b->course->singles; set++) {
    const sld_job *job = sld_result_job_at(sld_run_result(run), set);
    inlined_of(b, set);
    compare_equity(vms[vm], set, job, b->inlined.equity, b->b.count);
    if (job->order_count != b->inlined.order_count || job->order_count == 0) differ(vms[vm], set, "number of orders", job->order_count);
    for (size_t i = 0; i < job->order_count; i++)
      if (!same_order(&job->orders[i], &b->inlined.orders[i])) differ(vms[vm], set, "order", i);
  }
  sld_run_free(run);
}

/* ---- A course ---- */

static void *default_resize(void *ud, void *ptr, size_t size) {
  (void)ud;
  if (size) return realloc(ptr, size);
  free(ptr);
  return NULL;
}

static void open_course(bench *b, const course *c) {
  sld_error err;
  b->course = c;
  b->b = bars_make(c->bars, 60000000000, 42);
  need(sld_market_new(&b->market, b->host, &err), &err);
  const sld_bars given = {
    .pair = "EURUSD", .count = c->bars, .time = b->b.time, .open = b->b.open, .high = b->b.high, .low = b->b.low, .close = b->b.close, .period_ns = b->b.period_ns, .side = SLD_MID,
  };
  need(sld_market_add(b->market, &given, &err), &err);
  for (size_t i = 0; i < c->fasts; i++) {
    b->fast[i] = 20.0 + 2.0 * (double)i;
    b->fast_mean[i] = need_memory(c->bars, sizeof(double));
    mean_of(b->fast_mean[i], b->b.close, c->bars, (size_t)b->fast[i]);
  }
  for (size_t i = 0; i < c->slows; i++) {
    b->slow[i] = 50.0 + 5.0 * (double)i;
    b->slow_mean[i] = need_memory(c->bars, sizeof(double));
    mean_of(b->slow_mean[i], b->b.close, c->bars, (size_t)b->slow[i]);
  }
  for (size_t i = 0; i < c->singles; i++) b->single[i] = 1.0 + (double)i;
  b->inlined.equity = need_memory(c->bars, sizeof(double));
}

static void close_course(bench *b) {
  for (size_t i = 0; i < b->course->fasts; i++) free(b->fast_mean[i]);
  for (size_t i = 0; i < b->course->slows; i++) free(b->slow_mean[i]);
  free(b->inlined.equity);
  sld_market_free(b->market);
  bars_free(&b->b);
}

/* Who runs, in the order of a round. The two yardsticks stand before those that are measured by them. */
typedef struct contender {
  const char *name;
  double (*time)(bench *b, int vm);
  int vm;        /* index into vms; -1: C */
  int yardstick; /* index of its yardstick; its own: none */
  bool single;   /* of the jobs of the signal hook */
  double goal;   /* least ratio that is wanted; 0: none */
  double long_goal; /* the same from a million bars on */
} contender;

static double time_bar(bench *b, int vm) {
  return run_bar(b, vm, 0, NULL);
}

static double time_signal(bench *b, int vm) {
  return run_signal(b, vm, 0, NULL);
}

static const contender contenders[] = {
  { "C callback", time_callback, -1, 0, false, 0.0, 0.0 },
  { "bar, LuaJIT", time_bar, 0, 0, false, 0.6, 0.7 },
  { "bar, Lua 5.4", time_bar, 1, 0, false, 0.05, 0.05 },
  { "C inlined", time_inlined, -1, 3, true, 0.0, 0.0 },
  { "signal, LuaJIT", time_signal, 0, 3, true, 0.7, 0.7 },
  { "signal, Lua 5.4", time_signal, 1, 3, true, 0.7, 0.7 },
};

enum { CONTENDERS = sizeof contenders / sizeof *contenders };

/* Mbars/s by the median time, and the median, lowest and highest ratio to the yardstick within a round. */
static void report(const course *c, const contender *who, readings *times, readings *ratios) {
  size_t jobs = who->single ? c->singles : c->fasts * c->slows;
  printf("  %-16s %8.1f Mbars/s", who->name, 1e-6 * (double)(c->bars * jobs) / readings_at(times, 0.5));
  if (who->goal > 0.0) {
    double goal = c->bars >= 1000000 ? who->long_goal : who->goal, reached = readings_at(ratios, 0.5);
    printf("   %.3f of %s  [%.3f .. %.3f]   wanted %.2f: %s", reached, contenders[who->yardstick].name, readings_at(ratios, 0.0), readings_at(ratios, 1.0), goal,
           reached >= goal ? "yes" : "NO");
  }
  printf("\n");
}

static void run_course(bench *b, const course *c, int rounds) {
  static readings times[CONTENDERS], ratios[CONTENDERS];
  open_course(b, c);
  for (int vm = 0; vm < 2; vm++) {
    compare_bar(b, vm);
    compare_signal(b, vm);
  }
  for (int i = 0; i < CONTENDERS; i++) times[i].count = ratios[i].count = 0;
  for (int round = 0; round < rounds; round++) {
    double last[CONTENDERS];
    for (int i = 0; i < CONTENDERS; i++) {
      const contender *who = &contenders[i];
      last[i] = who->time(b, who->vm);
      readings_add(&times[i], last[i]);
      readings_add(&ratios[i], last[who->yardstick] / last[i]);
    }
  }
  printf("%s: %zu jobs of the bar hook, %zu of the signal hook, %d rounds; orders and equity equal\n", c->name, c->fasts * c->slows, c->singles, rounds);
  for (int i = 0; i < CONTENDERS; i++) report(c, &contenders[i], &times[i], &ratios[i]);
  fflush(stdout);
  close_course(b);
}

/* For a profiler: one contender alone, nothing compared. */
static void run_alone(bench *b, const course *c, int rounds, const char *name) {
  open_course(b, c);
  for (int i = 0; i < CONTENDERS; i++) {
    if (strcmp(contenders[i].name, name) != 0) continue;
    readings times = { 0 };
    for (int round = 0; round < rounds; round++) readings_add(&times, contenders[i].time(b, contenders[i].vm));
    size_t jobs = contenders[i].single ? c->singles : c->fasts * c->slows;
    printf("%s, %s: %.3f ns a bar\n", c->name, name, 1e9 * readings_at(&times, 0.5) / (double)(c->bars * jobs));
  }
  close_course(b);
}

static void open_strategy(bench *b, sld_strategy **out, const char *file, const char *vm) {
  const char *root = getenv("SLIDERS_SOURCE_DIR");
  char path[1024];
  sld_error err;
  snprintf(path, sizeof path, "%s/%s", root ? root : ".", file);
  need(sld_strategy_open(out, b->host, path, vm, &err), &err);
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 15;
  const char *only = argc > 2 ? argv[2] : "";
  static bench b;
  sld_error err;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.workers = 1;
  need(sld_host_open(&b.host, &options, &err), &err);
  for (int vm = 0; vm < 2; vm++) {
    open_strategy(&b, &b.bar[vm], "strategies/sma_cross.lua", vms[vm]);
    open_strategy(&b, &b.signal[vm], "bench/strategies/crossing_signal.lua", vms[vm]);
  }
  const sld_allocator alloc = { default_resize, NULL };
  sld__ledger_init(&b.ledger, &alloc);
  for (int i = 0; i < COURSES; i++) {
    if (*only ? strcmp(courses[i].name, only) != 0 : courses[i].bars < 5000) continue;
    if (argc > 3) run_alone(&b, &courses[i], rounds, argv[3]);
    else run_course(&b, &courses[i], courses[i].bars > 500000 ? (rounds + 2) / 3 : rounds);
  }
  sld__ledger_fini(&b.ledger);
  free(b.inlined.orders);
  for (int vm = 0; vm < 2; vm++) {
    sld_strategy_free(b.bar[vm]);
    sld_strategy_free(b.signal[vm]);
  }
  need(sld_host_close(b.host, &err), &err);
  return 0;
}
