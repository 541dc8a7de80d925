/* From files to reports with one request for memory refused: a clean error, or the same bytes as ever. */
#include "engine_desk.h"
#include "scratch.h"

#include <pthread.h>

/* Refuses one request, the k-th; all others are granted. Workers call it too. */
typedef struct counter {
  pthread_mutex_t lock; /* of all below */
  size_t requests, refuse, blocks;
} counter;

static struct scratch scratch;

static void *grant(void *ud, void *ptr, size_t size) {
  counter *c = ud;
  void *block = NULL;
  pthread_mutex_lock(&c->lock);
  if (size == 0) {
    if (ptr) c->blocks--;
    free(ptr);
  } else if (++c->requests != c->refuse) {
    block = realloc(ptr, size);
    assert_non_null(block);
    if (!ptr) c->blocks++;
  }
  pthread_mutex_unlock(&c->lock);
  return block;
}

static int make(void **state) {
  (void)state;
  if (access("/dev/shm", W_OK) == 0) setenv("TMPDIR", "/dev/shm", 0); /* every file is synced, a few thousand times */
  if (scratch_make(&scratch) != 0) return -1;
  char text[8192];
  size_t n = (size_t)snprintf(text, sizeof text, "date,EURUSD,USDJPY\n");
  uint64_t seed = 4;
  for (int day = 0; day < 60; day++)
    n += (size_t)snprintf(text + n, sizeof text - n, "2001-%02d-%02d,%.4f,%.2f\n", 1 + day / 28, 1 + day % 28, 1.1 + 0.02 * desk_random(&seed), 110.0 + 3.0 * desk_random(&seed));
  return scratch_write(&scratch, "rates.csv", text, n) ? 0 : -1;
}

static int clear(void **state) {
  (void)state;
  return scratch_remove(&scratch);
}

static sld_status write_reports(const sld_result *result, sld_error *err) {
  sld_status status = sld_result_write_json(result, scratch_path(&scratch, "r.json"), err);
  return status == SLD_OK ? sld_result_write_csv(result, scratch_path(&scratch, "csv"), err) : status;
}

/* The first job's own error, if one failed. */
static sld_status failed_job(const sld_result *result, sld_error *err) {
  for (size_t i = 0; i < sld_result_job_count(result); i++) {
    const sld_job *job = sld_result_job_at(result, i);
    if (job->state == SLD_JOB_DONE) continue;
    assert_non_null(job->error);
    *err = *job->error;
    return err->status;
  }
  return SLD_OK;
}

/* Open, load, save, map, run, merge, report, close. What fails is in err; nothing is left. */
static sld_status whole_life(counter *c, const char *vm, const char *text, const sld_run_options *run_options, sld_error *err) {
  sld_host *host = NULL;
  sld_market *market = NULL, *mapped = NULL;
  sld_strategy *strategy = NULL;
  sld_run *run = NULL;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.workers = 2;
  options.allocator = (sld_allocator){ grant, c };
  sld_status status = sld_host_open(&host, &options, err);
  if (status == SLD_OK) status = sld_market_new(&market, host, err);
  if (status == SLD_OK) status = sld_market_load(market, scratch_path(&scratch, "rates.csv"), err);
  if (status == SLD_OK) status = sld_market_save(market, scratch_path(&scratch, "store"), err);
  if (status == SLD_OK) status = sld_market_new(&mapped, host, err);
  if (status == SLD_OK) status = sld_market_load(mapped, scratch_path(&scratch, "store"), err);
  if (status == SLD_OK) status = sld_strategy_open_text(&strategy, host, "test.lua", text, strlen(text), vm, err);
  if (status == SLD_OK) status = sld_run_start(&run, host, mapped, strategy, run_options, err);
  if (status == SLD_OK) status = sld_run_wait(run, -1, NULL, err);
  if (status == SLD_OK) status = failed_job(sld_run_result(run), err);
  if (status == SLD_OK) status = write_reports(sld_run_result(run), err);
  sld_run_free(run);
  sld_strategy_free(strategy);
  sld_market_free(mapped);
  sld_market_free(market);
  assert_int_equal(sld_host_close(host, NULL), SLD_OK);
  if (c->blocks) print_error("%s, request %zu: %zu blocks are left\n", vm, c->refuse, c->blocks);
  assert_int_equal(c->blocks, 0);
  return status;
}

static char *read_text(const char *name) {
  FILE *file = fopen(scratch_path(&scratch, name), "rb");
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  size_t size = (size_t)ftell(file);
  rewind(file);
  char *text = malloc(size + 1);
  assert_non_null(text);
  assert_int_equal(fread(text, 1, size, file), size);
  text[size] = '\0';
  fclose(file);
  return text;
}

/* Every request while files are read and written; of the thousands between them, with which a Lua state is filled and which Lua makes do
 * without by collecting, every 59th. A sanitizer's build is many times slower. */
#ifdef SLD__SANITIZED
enum { WHOLE = 60 };
#else
enum { WHOLE = 150 };
#endif

static void is_refused_cleanly_or_made_do_without(const char *text, const sld_run_options *options) {
  IN_BOTH(vm) {
    sld_error err = { .status = SLD_OK };
    counter c = { .requests = 0 };
    pthread_mutex_init(&c.lock, NULL);
    desk_good(whole_life(&c, vm, text, options, &err), &err);
    size_t all = c.requests, refused = 0;
    char *json = read_text("r.json"), *equity = read_text("csv/equity.csv");
    for (size_t k = 1; k <= all; k += k < WHOLE || k + WHOLE > all ? 1 : 59) {
      c.requests = 0;
      c.refuse = k;
      err.status = SLD_OK;
      sld_status status = whole_life(&c, vm, text, options, &err);
      if (status == SLD_OK) {
        char *again = read_text("r.json"), *equity_again = read_text("csv/equity.csv");
        desk_same(again, json, "JSON with a request refused and without");
        desk_same(equity_again, equity, "CSV with a request refused and without");
        free(again);
        free(equity_again);
        continue;
      }
      refused++;
      if (status != SLD_ENOMEM || err.status != SLD_ENOMEM) {
        print_error("%s, request %zu: %s: %s\n", vm, k, sld_status_name(status), desk_words(&err));
        fail();
      }
    }
    if (refused < 30) print_error("%s: only %zu of %zu refusals were errors\n", vm, refused, all);
    assert_true(refused >= 30);
    free(json);
    free(equity);
    pthread_mutex_destroy(&c.lock);
  }
}

static void every_request_of_a_run_with_an_overlay(void **state) {
  (void)state;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.spread_pips = 1.0;
  options.weights = SLD_VOL_TARGET;
  is_refused_cleanly_or_made_do_without(DESK_HEAD "local S = sliders.strategy { params = { n = sliders.int(3) } } "
    "function S:signal(bars, p) return sliders.where(bars.close:gt(bars.close:sma(p.n)), 1, -1) end return S", &options);
}

static void every_request_of_a_grid_with_orders(void **state) {
  (void)state;
  static const double values[] = { 2, 3, 5 };
  static const sld_axis axis = { "n", values, 3 };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.axes = &axis;
  options.axis_count = 1;
  is_refused_cleanly_or_made_do_without(DESK_HEAD "local S = sliders.strategy { params = { n = sliders.int(3, 1, 9) } } "
    "function S:init(bars, p) self.m = bars.close:sma(p.n) end function S:bar(broker) print(self.m[0]) "
    "if self.bars.close[0] > self.m[0] then broker:buy { units = 10, sl_dist = 0.02, id = 'a' } else broker:target(-1, { tp_dist = 0.01, tag = 'x,y' }) end end return S", &options);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(every_request_of_a_run_with_an_overlay, make, clear),
    cmocka_unit_test_setup_teardown(every_request_of_a_grid_with_orders, make, clear),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
