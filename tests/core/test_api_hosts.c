/* Hosts come and go, and one works for long: threads, descriptors and memory are given back, and stay as few as they were.
 *   test_api_hosts [HOSTS JOBS]    100 and 20,000 unless given; with them the figures are printed (script/stress hosts) */
#include <dirent.h>
#include <malloc.h>
#include <unistd.h>

#include "counting.h"
#include "engine_desk.h"

static size_t entries(const char *folder) {
  DIR *dir = opendir(folder);
  assert_non_null(dir);
  size_t n = 0;
  while (readdir(dir)) n++;
  closedir(dir);
  return n;
}

static void one_host(counter *c, int i) {
  desk d;
  sld_error err;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.workers = 1 + i % 3;
  options.allocator = (sld_allocator){ count, c };
  desk_good(sld_host_open(&d.host, &options, &err), &err);
  desk_good(sld_market_new(&d.market, d.host, &err), &err);
  desk_add(&d, "EURUSD", 1.1, 60, 1);
  desk_add(&d, "USDCAD", 1.3, 60, 2);
  desk_run r = desk_start(&d, desk_vms[i % 2], DESK_HEAD "local S = sliders.strategy {} function S:init(bars) self.c = bars.close:sma(5) end "
                                                          "function S:bar(broker) broker:target(self.c[0] > 1.2 and 1 or -1) end return S", NULL);
  assert_true(sld_run_descriptor(r.run) >= 0);
  desk_done(&r, 0);
  desk_done(&r, 1);
  desk_end(&r);
  desk_close(&d);
  assert_int_equal(c->blocks, 0);
  assert_int_equal(c->bytes, 0);
}

/* How many of each, from the command line. */
static size_t hosts = 100, jobs = 20000;
static bool told;

/* What the C library keeps for itself changes a little. */
enum { WARM_HOSTS = 32, OWN = 8 << 10 };

static void hosts_leave_nothing(void **state) {
  (void)state;
  counter c = { .requests = 0 };
  size_t descriptors = 0, threads = 0, held = 0;
  pthread_mutex_init(&c.lock, NULL);
  for (size_t i = 0; i < hosts; i++) {
    one_host(&c, (int)i);
    if (i == 1) descriptors = entries("/proc/self/fd"), threads = entries("/proc/self/task");
    if (i == WARM_HOSTS) held = mallinfo2().uordblks;
  }
  size_t after = mallinfo2().uordblks;
  if (told) print_message("%zu hosts: %zu descriptors after 2 and %zu at the end; malloc %zu KiB after %d, %zu at the end\n", hosts, descriptors, entries("/proc/self/fd"), held >> 10, WARM_HOSTS, after >> 10);
  assert_int_equal(entries("/proc/self/fd"), descriptors);
  assert_int_equal(entries("/proc/self/task"), threads);
  assert_true(after <= held + OWN);
  pthread_mutex_destroy(&c.lock);
}

/* ---- Many jobs of one host ---- */

enum { SETS = 500, PAIRS = 2, CALLS = 1000, LOOKS = 10 };

typedef struct bench {
  desk d;
  sld_strategy *strategy;
  sld_work *work;
} bench;

/* A run of SETS x PAIRS jobs, one of which fails in each pair. */
static void run_jobs(bench *b) {
  static double values[SETS];
  for (size_t i = 0; i < SETS; i++) values[i] = (double)(i % 9 + 2);
  const sld_axis axis = { "n", values, SETS };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.axes = &axis, options.axis_count = 1, options.keep = 0;
  sld_run *run;
  sld_error err;
  sld_progress progress;
  values[7] = 1;
  desk_good(sld_run_start(&run, b->d.host, b->d.market, b->strategy, &options, &err), &err);
  assert_true(sld_run_descriptor(run) >= 0);
  desk_good(sld_run_wait(run, -1, &progress, &err), &err);
  assert_int_equal(progress.done, SETS * PAIRS);
  assert_int_equal(progress.failed, PAIRS);
  sld_run_free(run);
}

/* Packets by hand: core/vm/lua/packet_inside.h. */
static void run_calls(bench *b) {
  static const char code[] = "\1\6\35" "local x = ... return { x, x }", arg[] = "\0\1\5\3" "one";
  static sld_bytes args[CALLS];
  for (size_t i = 0; i < CALLS; i++) args[i] = (sld_bytes){ arg, sizeof arg - 1 };
  const sld_calls calls = { { code, sizeof code - 1 }, args, CALLS };
  sld_tasks *tasks;
  sld_error err;
  desk_good(sld_tasks_start(&tasks, b->work, &calls, &err), &err);
  assert_true(sld_tasks_descriptor(tasks) >= 0);
  assert_true(sld_tasks_wait(tasks, -1));
  for (size_t i = 0; i < CALLS; i++) assert_int_equal(sld_tasks_answer(tasks, i)->state, SLD_CALL_DONE);
  sld_tasks_free(tasks);
}

static bench bench_open(counter *c, const char *vm) {
  bench b;
  sld_error err;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  sld_work_options work = SLD_WORK_OPTIONS_INIT;
  options.workers = told ? 2 : 1; /* one: the same requests every time */
  options.allocator = (sld_allocator){ count, c };
  work.vm = vm;
  desk_good(sld_host_open(&b.d.host, &options, &err), &err);
  desk_good(sld_market_new(&b.d.market, b.d.host, &err), &err);
  desk_add(&b.d, "EURUSD", 1.1, 20, 1);
  desk_add(&b.d, "USDCAD", 1.3, 20, 2);
  b.strategy = desk_strategy(&b.d, vm, DESK_HEAD "local S = sliders.strategy { params = { n = sliders.int(2, 1, 99) } } "
    "function S:init(bars, p) self.m = bars.close:sma(p.n) if p.n == 1 then error('one') end end "
    "function S:bar(broker) print(self.m[0]) broker:target(self.bars.close[0] > self.m[0] and 1 or -1) end return S");
  desk_good(sld_work_open(&b.work, b.d.host, &work, &err), &err);
  return b;
}

static size_t resident(void) {
  size_t pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  assert_non_null(file);
  assert_int_equal(fscanf(file, "%*u %zu", &pages), 1);
  fclose(file);
  return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* What the host holds between runs is the same at the end as after a tenth, but for what collectors have not come to: at most as much once more. */
static void many_jobs_of_one_host_leave_it_as_large_as_it_was(void **state) {
  (void)state;
  IN_BOTH(vm) {
    counter c = { .requests = 0 };
    size_t rounds = jobs / 2 / (SETS * PAIRS), blocks = 0, bytes = 0, descriptors = 0, threads = 0, start = 0;
    pthread_mutex_init(&c.lock, NULL);
    bench b = bench_open(&c, vm);
    for (size_t i = 0; i < rounds; i++) {
      run_jobs(&b);
      run_calls(&b);
      if (i + 1 == (rounds + LOOKS - 1) / LOOKS) {
        blocks = c.blocks, bytes = c.bytes, start = resident();
        descriptors = entries("/proc/self/fd"), threads = entries("/proc/self/task");
      }
    }
    if (told)
      print_message("%s, %zu jobs and as many calls: host %zu bytes in %zu blocks after a tenth, %zu in %zu at the end; resident %zu and %zu KiB; %zu descriptors and %zu\n", vm,
        rounds * SETS * PAIRS, bytes, blocks, c.bytes, c.blocks, start >> 10, resident() >> 10, descriptors, entries("/proc/self/fd"));
    assert_int_equal(entries("/proc/self/fd"), descriptors);
    assert_int_equal(entries("/proc/self/task"), threads);
    assert_true(c.bytes <= 2 * bytes);
    assert_true(c.blocks <= 2 * blocks);
    assert_int_equal(sld_work_close(b.work, NULL), SLD_OK);
    sld_strategy_free(b.strategy);
    desk_close(&b.d);
    assert_int_equal(c.blocks, 0);
    pthread_mutex_destroy(&c.lock);
  }
}

int main(int argc, char **argv) {
  if (!getenv("GLIBC_TUNABLES")) { /* the cache that this thread fills by and by would count as memory in use: begin anew without it */
    setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
    execv("/proc/self/exe", argv);
    return 1;
  }
  if (argc == 3) hosts = strtoul(argv[1], NULL, 10), jobs = strtoul(argv[2], NULL, 10), told = true;
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(hosts_leave_nothing),
    cmocka_unit_test(many_jobs_of_one_host_leave_it_as_large_as_it_was),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
