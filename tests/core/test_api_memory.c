/* What a host program does beside its runs, with one request for memory refused, or all from one on: SLD_ENOMEM or the same as ever, nothing leaked, and
 * a store that is as it was or whole. */
#include "engine_desk.h"
#include "scratch.h"

#include <pthread.h>

/* Counts requests and blocks; refuses the k-th request, and those behind it where `rest`. */
typedef struct purse {
  pthread_mutex_t lock; /* of all below */
  size_t requests, refuse, blocks;
  bool rest;
} purse;

static void *grant(void *ud, void *ptr, size_t size) {
  purse *p = ud;
  void *block = NULL;
  pthread_mutex_lock(&p->lock);
  if (size == 0) {
    p->blocks -= ptr != NULL;
    free(ptr);
  } else {
    p->requests++;
    bool refused = p->refuse && (p->rest ? p->requests >= p->refuse : p->requests == p->refuse);
    block = refused ? NULL : realloc(ptr, size);
    assert_true(refused || block);
    p->blocks += block && !ptr;
  }
  pthread_mutex_unlock(&p->lock);
  return block;
}

static size_t lines_told;

static void tell(void *ud, const sld_log_record *record) {
  (void)ud;
  lines_told += record->size > 0;
}

static struct scratch scratch;

static int make(void **state) {
  (void)state;
  if (access("/dev/shm", W_OK) == 0) setenv("TMPDIR", "/dev/shm", 0); /* every file is synced, a few thousand times */
  return scratch_make(&scratch);
}

static int clear(void **state) {
  (void)state;
  return scratch_remove(&scratch);
}

static void write_text(const char *name, const char *text) {
  assert_non_null(scratch_write(&scratch, name, text, strlen(text)));
}

/* ---- A life ---- */

typedef sld_status life(sld_host *host, const char *vm, sld_error *err);

static bool lives(purse *p, life *what, const char *vm) {
  sld_host *host = NULL;
  sld_error err = { .status = SLD_OK };
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.workers = 1;
  options.allocator = (sld_allocator){ grant, p };
  options.log = (sld_log){ tell, NULL };
  p->requests = 0;
  sld_status status = sld_host_open(&host, &options, &err);
  if (status == SLD_OK) status = what(host, vm, &err);
  if (status != SLD_OK && (status != SLD_ENOMEM || err.status != SLD_ENOMEM)) {
    print_error("%s, request %zu%s: %s: %s\n", vm ? vm : "", p->refuse, p->rest ? " and on" : "", sld_status_name(status), desk_words(&err));
    fail();
  }
  assert_int_equal(sld_host_close(host, NULL), SLD_OK);
  if (p->blocks) print_error("%s, request %zu%s: %zu blocks are left\n", vm ? vm : "", p->refuse, p->rest ? " and on" : "", p->blocks);
  assert_int_equal(p->blocks, 0);
  return status == SLD_OK;
}

/* Every request of the first and the last `edge`, and some between them, where Lua fills its states. `after` looks at what is left on the disk. */
static void refuse_each(life *what, const char *vm, size_t edge, void (*after)(bool good)) {
  purse p = { .lock = PTHREAD_MUTEX_INITIALIZER };
  assert_true(lives(&p, what, vm));
  if (after) after(true);
  size_t all = p.requests;
  assert_true(all > 20);
  for (int rest = 0; rest < 2; rest++)
    for (size_t k = 1; k <= all; k += k < edge || k + edge > all ? 1 : 17 + all / 200) {
      p.refuse = k, p.rest = rest;
      bool good = lives(&p, what, vm);
      if (after) after(good);
    }
}

/* ---- Imports ---- */

static const char rows_one[] = "time,open,high,low,close,volume\n2024-01-02 21:50,1.1,1.3,1.0,1.2,5\n2024-01-02 21:51,1.1,1.3,1.0,1.2,5\nwhat\n2024-01-02 21:52,1.1,1.3,1.0,1.2,5\n";
static const char rows_two[] = "time,open,high,low,close,volume\n2024-01-02 21:52,1.1,1.3,1.0,1.2,5\n2024-01-02 21:53,1.1,1.3,1.0,1.2,5\n";

static sld_status import_once(sld_host *host, const char *frame, sld_error *err) {
  sld_import *import = NULL;
  sld_load_options load = SLD_LOAD_OPTIONS_INIT;
  load.lenient = true;
  sld_import_options options = SLD_IMPORT_OPTIONS_INIT;
  options.load = &load;
  options.timeframe = frame;
  options.instruments = scratch_path(&scratch, "instruments.json");
  sld_status status = sld_import_open(&import, host, scratch_path(&scratch, "store"), &options, err);
  if (status == SLD_OK) status = sld_import_find(import, scratch_path(&scratch, "EURUSD_1.csv"), err);
  if (status == SLD_OK) status = sld_import_find(import, scratch_path(&scratch, "EURUSD_2.csv"), err);
  for (size_t read = 0; status == SLD_OK && read < 2; sld_import_files(import, &read)) status = sld_import_read(import, 1, err);
  if (status == SLD_OK) status = sld_import_commit(import, err);
  if (status == SLD_OK) assert_int_equal(sld_import_series_at(import, 0)->info.bars, frame ? 2 : 4);
  sld_import_free(import);
  return status;
}

/* Twice, so that the second one finds what the first one stored. */
static sld_status import_all(sld_host *host, const char *vm, sld_error *err) {
  (void)vm;
  sld_status status = import_once(host, NULL, err);
  if (status == SLD_OK) status = import_once(host, "2m", err);
  return status == SLD_OK ? import_once(host, NULL, err) : status;
}

static void store_is_whole(bool good) {
  desk d = desk_open(1);
  sld_error err;
  struct scratch store = { 0 };
  snprintf(store.folder, sizeof store.folder, "%s", scratch_path(&scratch, "store"));
  sld_status status = sld_market_load(d.market, store.folder, &err);
  if (good) assert_int_equal(status, SLD_OK);
  for (size_t i = 0; status == SLD_OK && i < sld_market_pair_count(d.market); i++) {
    const sld_pair_info *info = sld_market_pair_at(d.market, i);
    assert_int_equal(info->bars, info->period_ns == INT64_C(60000000000) ? 4 : 2);
  }
  desk_close(&d);
  if (access(store.folder, F_OK) == 0) assert_int_equal(scratch_remove(&store), 0);
}

static void every_request_of_imports(void **state) {
  (void)state;
  write_text("EURUSD_1.csv", rows_one);
  write_text("EURUSD_2.csv", rows_two);
  write_text("instruments.json", "{\"XAUUSD\": {\"base\": \"XAU\", \"quote\": \"USD\", \"digits\": 2, \"pip\": 0.1}}");
  refuse_each(import_all, NULL, 10000, store_is_whole);
}

/* ---- Markets ---- */

static sld_status market_words(sld_host *host, const char *vm, sld_error *err) {
  (void)vm;
  sld_market *market = NULL, *weeks = NULL;
  sld_load_report *report = NULL;
  sld_check *check = NULL;
  sld_load_options load = SLD_LOAD_OPTIONS_INIT;
  load.lenient = true;
  sld_resample_options frame = SLD_RESAMPLE_OPTIONS_INIT;
  frame.timeframe = "2m";
  sld_status status = sld_market_new(&market, host, err);
  if (status == SLD_OK) status = sld_market_load_instruments(market, scratch_path(&scratch, "instruments.json"), err);
  if (status == SLD_OK) status = sld_market_load_rates(market, scratch_path(&scratch, "USD.csv"), err);
  if (status == SLD_OK) status = sld_market_load_with(market, scratch_path(&scratch, "EURUSD_1.csv"), &load, &report, err);
  if (status == SLD_OK) assert_int_equal(sld_load_report_note_count(report), 1);
  if (status == SLD_OK) status = sld_market_resample(&weeks, market, &frame, err);
  if (status == SLD_OK) status = sld_market_check(&check, market, 0, 0, err);
  if (status == SLD_OK) status = sld_market_write_csv(weeks, 0, scratch_path(&scratch, "text/EURUSD-2m.csv"), err);
  if (status == SLD_OK) status = sld_market_write_npy(weeks, 0, scratch_path(&scratch, "npy"), err);
  sld_check_free(check);
  sld_load_report_free(report);
  sld_market_free(weeks);
  sld_market_free(market);
  return status;
}

static void every_request_of_checks_frames_rates_and_exports(void **state) {
  (void)state;
  write_text("EURUSD_1.csv", rows_one);
  write_text("USD.csv", "date,USD\n2024-01-01,5.25\n2024-01-02,5.5\n");
  write_text("instruments.json", "{\"XAUUSD\": {\"base\": \"XAU\", \"quote\": \"USD\", \"digits\": 2, \"pip\": 0.1}}");
  refuse_each(market_words, NULL, 10000, NULL);
}

/* ---- Runs with limits, costs and rollovers ---- */

static const char limited[] = DESK_HEAD
  "local S = sliders.strategy { params = { n = sliders.int(1, 1, 3) } }\n"
  "function S:bar(broker, p) print('a line') broker:target(self.bars.close[0] > self.bars.close[1] and p.n / 4 or -p.n / 4, { sl_dist = 0.3, tag = 'x' })\n"
  "  if p.n == 3 then error('three', 0) end end return S";

static void add_bars(sld_market *market, const char *pair, double price, sld_status *status, sld_error *err) {
  enum { ROWS = 14 };
  static int64_t time[ROWS];
  static double close[ROWS], ask[ROWS];
  for (size_t i = 0; i < ROWS; i++) {
    time[i] = (int64_t)(i + 4) * DESK_DAY_NS; /* from a Monday on */
    close[i] = price * (1.0 + 0.01 * (double)(i * 5 % 7));
    ask[i] = close[i] * 1.0001;
  }
  sld_bars bars = { .pair = pair, .count = ROWS, .time = time, .close = close, .period_ns = DESK_DAY_NS, .side = SLD_BOTH, .ask_close = ask };
  if (*status == SLD_OK) *status = sld_market_add(market, &bars, err);
}

static sld_status run_with_all(sld_host *host, sld_market *market, const sld_strategy *strategy, const sld_run_options *options, sld_error *err) {
  sld_run *run = NULL;
  sld_event event;
  sld_status status = sld_run_start(&run, host, market, strategy, options, err);
  if (status == SLD_OK) sld_run_descriptor(run);
  if (status == SLD_OK) status = sld_run_wait(run, -1, NULL, err);
  while (status == SLD_OK && sld_run_event(run, &event)) {}
  if (status == SLD_OK) status = sld_result_write_json(sld_run_result(run), scratch_path(&scratch, "r.json"), err);
  if (status == SLD_OK) status = sld_result_write_csv(sld_run_result(run), scratch_path(&scratch, "csv"), err);
  for (size_t i = 0; status == SLD_OK && i < sld_result_job_count(sld_run_result(run)); i++) {
    const sld_job *job = sld_result_job_at(sld_run_result(run), i);
    if (job->state == SLD_JOB_DONE) continue;
    assert_int_equal(job->state, SLD_JOB_FAILED);
    assert_non_null(job->error);
    if (job->error->status != SLD_ENOMEM) assert_true(job->error->status == SLD_ESCRIPT || job->error->status == SLD_ELIMIT);
    else *err = *job->error, status = SLD_ENOMEM;
  }
  sld_run_free(run);
  return status;
}

static sld_status runs_of_all_kinds(sld_host *host, const char *vm, sld_error *err) {
  sld_market *market = NULL;
  sld_strategy *strategy = NULL;
  static const double values[] = { 1, 2, 3 };
  const sld_axis axis = { "n", values, 3 };
  sld_status status = sld_market_new(&market, host, err);
  add_bars(market, "EURUSD", 1.1, &status, err);
  add_bars(market, "EURGBP", 0.8, &status, err);
  add_bars(market, "GBPUSD", 1.4, &status, err);
  if (status == SLD_OK) status = sld_market_load_rates(market, scratch_path(&scratch, "rates.csv"), err);
  if (status == SLD_OK) status = sld_strategy_open_text(&strategy, host, "test.lua", limited, sizeof limited - 1, vm, err);
  for (int kind = 0; kind < 4 && status == SLD_OK; kind++) {
    sld_run_options options = SLD_RUN_OPTIONS_INIT;
    options.currency = "USD";
    options.commission_per_lot = 3, options.slippage_pips = 1;
    options.limit_log = 30, options.limit_bar_s = 0;
    options.rollover = SLD_ROLLOVER_RATES;
    if (kind == 0) options.limit_records = 5;
    if (kind == 1) options.account = SLD_SHARED, options.accounting = SLD_HEDGE, options.stop_out = 0.5;
    if (kind == 2) options.axes = &axis, options.axis_count = 1;
    if (kind == 3) options.weights = SLD_INVERSE_VOL, options.timeframe = "1w", options.close_at_end = true;
    status = run_with_all(host, market, strategy, &options, err);
  }
  sld_strategy_free(strategy);
  sld_market_free(market);
  return status;
}

static void every_request_of_runs_with_limits_costs_and_rollovers(void **state) {
  (void)state;
  write_text("rates.csv", "date,USD,EUR,GBP\n1969-12-01,5.25,3,4\n1970-01-10,5.5,3,4.5\n");
  IN_BOTH(vm) refuse_each(runs_of_all_kinds, vm, 60, NULL);
}

/* ---- Futures ---- */

#define ALL "\0"
#define STRING(text) "\5" text
#define POOL "\17"

/* Its length is the byte behind the tag. */
static const char nested[] = "\1\6\175" "local n, p = ... local f = p:submit('return ...', n) local t = p:map('return { ... }', { n, n }) return t[1][1] .. f:result()";
static const char failing[] = "\1\6\24" "error({ text = 'x'})";

/* Whether call 0 ended as it should; out of memory is no failure of this test's. */
static sld_status answered(const sld_tasks *tasks, sld_call_state want, sld_error *err) {
  const sld_answer *answer = sld_tasks_answer(tasks, 0);
  assert_non_null(answer);
  if (answer->error && (answer->error->status == SLD_ENOMEM || strstr(answer->error->message, "not enough memory") || strstr(answer->error->message, "out of memory"))) {
    *err = (sld_error){ .status = SLD_ENOMEM };
    return SLD_ENOMEM;
  }
  if (answer->state != want) print_error("%s\n", answer->error ? desk_words(answer->error) : "no failure");
  assert_int_equal(answer->state, want);
  return SLD_OK;
}

static sld_status futures(sld_host *host, const char *vm, sld_error *err) {
  static const char args[] = ALL "\2" STRING("\1" "3") POOL;
  const sld_bytes arg = { args, sizeof args - 1 };
  const sld_calls good = { { nested, sizeof nested - 1 }, &arg, 1 }, bad = { { failing, sizeof failing - 1 }, &arg, 1 };
  sld_work *work = NULL;
  sld_tasks *tasks[3] = { NULL, NULL, NULL };
  sld_work_options options = SLD_WORK_OPTIONS_INIT;
  options.vm = vm;
  sld_status status = sld_work_open(&work, host, &options, err);
  for (int i = 0; i < 3 && status == SLD_OK; i++) status = sld_tasks_start(&tasks[i], work, i == 1 ? &bad : &good, err);
  if (status == SLD_OK) sld_tasks_descriptor(tasks[0]);
  for (int i = 0; i < 2 && status == SLD_OK; i++) {
    assert_true(sld_tasks_wait(tasks[i], -1));
    status = answered(tasks[i], i == 1 ? SLD_CALL_FAILED : SLD_CALL_DONE, err);
  }
  if (tasks[2]) sld_tasks_cancel(tasks[2]);
  for (int i = 0; i < 3; i++) sld_tasks_free(tasks[i]);
  assert_int_equal(sld_work_close(work, NULL), SLD_OK);
  return status;
}

static void every_request_of_futures(void **state) {
  (void)state;
  IN_BOTH(vm) refuse_each(futures, vm, 100, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(every_request_of_imports, make, clear),
    cmocka_unit_test_setup_teardown(every_request_of_checks_frames_rates_and_exports, make, clear),
    cmocka_unit_test_setup_teardown(every_request_of_runs_with_limits_costs_and_rollovers, make, clear),
    cmocka_unit_test_setup_teardown(every_request_of_futures, make, clear),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
