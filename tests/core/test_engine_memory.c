/* Memory: what a host takes it gives back, running out of it is an error and nothing worse, and jobs do not pile up in a state. */
#include "counting.h"
#include "engine_desk.h"

static desk open_counted(counter *c) {
  desk d;
  sld_error err;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.workers = 1;
  options.allocator = (sld_allocator){ count, c };
  pthread_mutex_init(&c->lock, NULL);
  desk_good(sld_host_open(&d.host, &options, &err), &err);
  desk_good(sld_market_new(&d.market, d.host, &err), &err);
  return d;
}

/* The most that a grid of `sets` jobs in one state took. */
static size_t peak_of(const char *vm, const char *text, size_t sets) {
  counter c = { .requests = 0 };
  double *values = calloc(sets, sizeof *values);
  for (size_t i = 0; i < sets; i++) values[i] = 3 + (double)(i % 5);
  const sld_axis axis = { "n", values, sets };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.axes = &axis;
  options.axis_count = 1;
  options.keep = 0;
  desk d = open_counted(&c);
  desk_add(&d, "EURUSD", 1.1, 300, 1);
  desk_run r = desk_start(&d, vm, text, &options);
  for (size_t i = 0; i < sets; i++) desk_done(&r, i);
  desk_end(&r);
  desk_close(&d);
  assert_int_equal(c.blocks, 0);
  assert_int_equal(c.bytes, 0);
  free(values);
  return c.peak;
}

static void hundreds_of_jobs_in_one_state_keep_its_size(void **state) {
  (void)state;
  const char *text = DESK_HEAD "local S = sliders.strategy { params = { n = sliders.int(5) } } local kept = {} function S:init(bars, p) self.m = bars.close:sma(p.n) + p.n end "
                               "function S:bar(broker) kept[#kept + 1] = { self.m[0] } self.f = function() return kept end "
                               "if self.bars.close[0] > self.m[0] then broker:target(1) else broker:target(-1) end end return S";
  enum { FEW = 50, MANY = 600, EACH = 4096 };
  IN_BOTH(vm) {
    size_t few = peak_of(vm, text, FEW), many = peak_of(vm, text, MANY);
    /* Outcomes take a little each; what the scripts kept (300 tables a job) would be ten times as much. */
    size_t room = (MANY - FEW) * EACH + few;
    if (many > room) print_error("%s: %zu bytes for %d jobs, %zu for %d\n", vm, few, FEW, many, MANY);
    assert_true(many <= room);
  }
}

static const char *const bombs[] = {
  "local t = {} while true do t[#t + 1] = { 1, 2, 3 } end",
  "local s = 'x' while true do s = s .. s end",
  "local t = {} for i = 1, 1e9 do t[i] = tostring(i) end",
  "local t = {} while true do t[#t + 1] = coroutine.create(function() end) end",
  "local t = {} while true do t[#t + 1] = string.rep('x', 1000000) .. #t end",
};
enum { BOMBS = sizeof bombs / sizeof *bombs };

/* Of three pairs in one state the second one's job takes all memory that it gets. Returns the most that the host held. */
static size_t blow(const char *vm, const char *bomb, size_t cap, size_t limit, sld_status status) {
  char text[500];
  snprintf(text, sizeof text, DESK_HEAD "local S = sliders.strategy {} function S:init(bars) if bars.pair == 'EURUSD' then %s end end "
    "function S:bar(broker) broker:target(1) end return S", bomb);
  counter c = { .cap = cap };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  if (limit) options.limit_memory = limit;
  options.limit_bar_s = 0; /* however busy the machine */
  desk d = open_counted(&c);
  desk_add(&d, "AUDUSD", 0.7, 100, 1);
  desk_add(&d, "EURUSD", 1.1, 100, 2);
  desk_add(&d, "GBPUSD", 1.5, 100, 3);
  desk_run r = desk_start(&d, vm, text, &options);
  desk_done(&r, 0);
  desk_done(&r, 2);
  const sld_job *job = desk_job(&r, 1);
  assert_int_equal(job->state, SLD_JOB_FAILED);
  if (job->error->status != status) print_error("%s %s: %s\n", vm, bomb, desk_words(job->error));
  assert_int_equal(job->error->status, status);
  desk_end(&r);
  desk_close(&d);
  assert_int_equal(c.blocks, 0);
  return c.peak;
}

static void a_script_that_eats_all_memory_fails_alone(void **state) {
  (void)state;
  for (size_t i = 0; i < BOMBS; i++)
    IN_BOTH(vm) blow(vm, bombs[i], 24 << 20, 0, SLD_ENOMEM);
}

/* Lua 5.4 stops at the limit, LuaJIT at the next instruction that it interprets. */
static void a_script_holds_little_more_than_its_limit(void **state) {
  (void)state;
  enum { LIMIT = 16 << 20, REST = 4 << 20 };
  for (size_t i = 0; i < BOMBS; i++) {
    size_t plain = blow("lua54", bombs[i], 0, LIMIT, SLD_ELIMIT), compiled = blow("luajit", bombs[i], 0, LIMIT, SLD_ELIMIT);
    if (plain > LIMIT + REST || compiled > 4 * (size_t)LIMIT + REST) print_error("%zu and %zu bytes: %s\n", plain, compiled, bombs[i]);
    assert_true(plain <= LIMIT + REST);
    assert_true(compiled <= 4 * (size_t)LIMIT + REST);
  }
}

/* Everything from open to close with memory running out at the k-th request: an error, no leak. Returns whether all went well. */
static bool whole_life(counter *c, const char *vm, const char *text) {
  static const double close[] = { 1.0, 1.1, 1.2, 1.1, 1.0, 1.2, 1.3 };
  static const int64_t time[] = { 0, DESK_DAY_NS, 2 * DESK_DAY_NS, 3 * DESK_DAY_NS, 4 * DESK_DAY_NS, 5 * DESK_DAY_NS, 6 * DESK_DAY_NS };
  sld_host *host = NULL;
  sld_market *market = NULL;
  sld_strategy *strategy = NULL;
  sld_run *run = NULL;
  sld_error err = { .status = SLD_OK };
  sld_progress progress;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  sld_run_options run_options = SLD_RUN_OPTIONS_INIT;
  sld_bars bars = { .pair = "EURUSD", .count = 7, .time = time, .close = close, .period_ns = DESK_DAY_NS, .side = SLD_MID };
  options.workers = 1;
  options.allocator = (sld_allocator){ count, c };
  sld_status status = sld_host_open(&host, &options, &err);
  if (status == SLD_OK) status = sld_market_new(&market, host, &err);
  if (status == SLD_OK) status = sld_market_add(market, &bars, &err);
  bars.pair = "AUDUSD";
  bars.count = 6;
  if (status == SLD_OK) status = sld_market_add(market, &bars, &err);
  if (status == SLD_OK) status = sld_strategy_open_text(&strategy, host, "test.lua", text, strlen(text), vm, &err);
  if (status == SLD_OK) status = sld_run_start(&run, host, market, strategy, &run_options, &err);
  if (status == SLD_OK) status = sld_run_wait(run, -1, &progress, &err);
  if (status == SLD_OK) {
    const sld_job *job = sld_result_job_at(sld_run_result(run), 0);
    if (job->state != SLD_JOB_DONE) {
      assert_int_equal(job->state, SLD_JOB_FAILED);
      assert_non_null(job->error);
      err = *job->error;
      status = err.status;
    }
  }
  if (status != SLD_OK && (status != SLD_ENOMEM || err.status != SLD_ENOMEM)) {
    print_error("%s, request %zu: %s: %s\n", vm, c->refuse, sld_status_name(status), desk_words(&err));
    fail();
  }
  sld_run_free(run);
  sld_strategy_free(strategy);
  sld_market_free(market);
  assert_int_equal(sld_host_close(host, NULL), SLD_OK);
  if (c->blocks) print_error("%s, request %zu: %zu blocks are left\n", vm, c->refuse, c->blocks);
  assert_int_equal(c->blocks, 0);
  return status == SLD_OK;
}

static void runs_out_anywhere(const char *text) {
  IN_BOTH(vm) {
    counter c = { .requests = 0 };
    pthread_mutex_init(&c.lock, NULL);
    c.refuse = (size_t)-1;
    assert_true(whole_life(&c, vm, text));
    size_t all = c.requests;
    assert_true(all > 500);
    for (size_t k = 1; k <= all; k += k < 150 || k + 150 > all ? 1 : 13 + all / 300) {
      c.requests = 0;
      c.refuse = k;
      whole_life(&c, vm, text);
    }
    pthread_mutex_destroy(&c.lock);
  }
}

static void memory_may_run_out_at_any_request(void **state) {
  (void)state;
  const char *text = DESK_HEAD "local S = sliders.strategy { params = { n = sliders.int(2), c = sliders.choice('a', { 'a', 'b' }) }, valid = function() return true end } "
                               "function S:init(bars, p) print('begin', p.n) self.m = bars.close:sma(p.n) "
                               "self.week, self.first = bars.close - bars:at('1w').close:sma(1), bars:first_of('month') "
                               "self.hour, self.open = sliders.hour(bars.time, 'Europe/Paris'), sliders.session('0000-2400') end "
                               "function S:bar(broker) if self.m[0] > 1.1 then broker:target(1) else broker:target(-1, { sl_dist = 0.5 }) end end function S:done() print 'end' end return S";
  runs_out_anywhere(text);
}

static void memory_may_run_out_at_any_request_of_a_shared_account(void **state) {
  (void)state;
  runs_out_anywhere(DESK_HEAD "local S = sliders.strategy { account = 'shared' } function S:init(bars) self.m = sliders.sma(bars.close, 2) self.time = bars.time "
                              "self.week = bars:at('1w').close end function S:bar(broker) if sliders.random() < 0.5 then broker:target(1) else broker:target(-1, { tag = 'x' }) end end return S");
  runs_out_anywhere(DESK_HEAD "local S = sliders.strategy { pairs = { 'EURUSD', 'AUDUSD' } } function S:init(bars) self.m = sliders.sma(bars.EURUSD.close - bars.AUDUSD.close, 2) end "
                              "function S:bar(broker) broker.EURUSD:target(self.bars.AUDUSD.high[0] > self.m[0] and 1 or -1) broker.AUDUSD:buy { units = 5, id = 'a' } end return S");
  runs_out_anywhere(DESK_HEAD "local S = sliders.strategy { rebalance = 'day', window = 2 } function S:signal(bars) return bars.close:sma(2) end "
                              "function S:allocate(now) local w = {} for i, pair in ipairs(now.pairs) do w[pair] = now.signal[pair] / i end return w end return S");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(hundreds_of_jobs_in_one_state_keep_its_size),
    cmocka_unit_test(a_script_that_eats_all_memory_fails_alone),
    cmocka_unit_test(a_script_holds_little_more_than_its_limit),
    cmocka_unit_test(memory_may_run_out_at_any_request),
    cmocka_unit_test(memory_may_run_out_at_any_request_of_a_shared_account),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
