/* Money through the public header alone: yen become dollars at the rate of the day, and the same bars give the same result
 * whether they came from CSV or from a store. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <sliders.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identities.h"
#include "scratch.h"

static const char *const engines[] = { "lua54", "luajit" };

/* Buys once, on the first bar that it sees. */
static const char strategy_text[] =
    "local sliders = require 'sliders'\n"
    "local Once = sliders.strategy {}\n"
    "function Once:bar(broker)\n"
    "  if not self.bought then\n"
    "    broker:buy { units = 10000 }\n"
    "    self.bought = true\n"
    "  end\n"
    "end\n"
    "return Once\n";

typedef struct fixture {
  sld_host *host;
  sld_market *market;
  sld_strategy *strategy;
  sld_run *run;
} fixture;

static void must(sld_status status, const sld_error *err) {
  if (status != SLD_OK) {
    char text[2048];
    sld_error_format(err, text, sizeof text);
    print_error("%s\n", text);
  }
  assert_int_equal(status, SLD_OK);
}

static void open_host(fixture *f, const char *vm) {
  sld_error err = { .status = SLD_OK };
  must(sld_host_open(&f->host, NULL, &err), &err);
  must(sld_host_probe(f->host, vm, &err), &err);
  must(sld_market_new(&f->market, f->host, &err), &err);
  must(sld_strategy_open_text(&f->strategy, f->host, "once.lua", strategy_text, strlen(strategy_text), vm, &err), &err);
}

static void load_demo(fixture *f) {
  char path[4096];
  sld_error err = { .status = SLD_OK };
  const char *root = getenv("SLIDERS_SOURCE_DIR");
  snprintf(path, sizeof path, "%s/data/h10/h10.csv", root ? root : ".");
  must(sld_market_load(f->market, path, &err), &err);
}

/* Runs over one pair from the bar that decides, so that the next one fills. */
static const sld_job *run(fixture *f, const char *pair, const char *from, const char *to) {
  sld_error err = { .status = SLD_OK };
  sld_progress progress;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.pairs = &pair;
  options.pair_count = 1;
  must(sld_time_parse(&options.from, from, &err), &err);
  must(sld_time_parse(&options.to, to, &err), &err);
  must(sld_run_start(&f->run, f->host, f->market, f->strategy, &options, &err), &err);
  must(sld_run_wait(f->run, -1, &progress, &err), &err);
  assert_int_equal(progress.failed, 0);
  identities found = identities_of(sld_run_result(f->run), f->market, &options, NULL);
  assert_string_equal(found.broken, "");
  return sld_result_job_at(sld_run_result(f->run), 0);
}

static void close_all(fixture *f) {
  sld_run_free(f->run);
  sld_strategy_free(f->strategy);
  sld_market_free(f->market);
  assert_int_equal(sld_host_close(f->host, NULL), SLD_OK);
}

static void assert_text(double value, const char *expected) {
  char text[64];
  snprintf(text, sizeof text, "%.2f", value);
  assert_string_equal(text, expected);
}

static void assert_time(int64_t time, const char *expected) {
  char text[64];
  sld_time_format(time, text, sizeof text);
  assert_string_equal(text, expected);
}

static void ten_thousand_dollars_of_yen_made_3602_dollars_and_not_431800(void **state) {
  (void)state;
  for (size_t k = 0; k < 2; k++) {
    fixture f = { .host = NULL };
    open_host(&f, engines[k]);
    load_demo(&f);
    const sld_job *job = run(&f, "USDJPY", "2011-12-30", "2014-12-31");
    assert_int_equal(job->state, SLD_JOB_DONE);
    assert_int_equal(job->trade_count, 0);
    assert_int_equal(job->open_count, 1);
    const sld_trade *trade = &job->trades[0];
    assert_true(trade->units == 10000.0);
    assert_true(trade->entry_price == 76.67);
    assert_true(trade->exit_price == 119.85);
    assert_time(trade->entry_time, "2012-01-03");
    assert_text(trade->net, "3602.84");
    assert_text(job->unrealised, "3602.84");
    assert_true(job->realised == 0.0);
    assert_text(job->final_equity, "103602.84");
    assert_text(job->equity[job->bar_count - 1], "103602.84");
    /* In between, each day's mark is in that day's yen. */
    assert_true(job->equity[1] == 100000.0); /* filled at the fixing and marked at the same */
    close_all(&f);
  }
}

static void a_pair_quoted_in_dollars_needs_no_rate(void **state) {
  (void)state;
  for (size_t k = 0; k < 2; k++) {
    fixture f = { .host = NULL };
    open_host(&f, engines[k]);
    load_demo(&f);
    const sld_job *job = run(&f, "EURUSD", "2011-12-30", "2014-12-31");
    assert_true(job->trades[0].entry_price == 1.3061 && job->trades[0].exit_price == 1.2101);
    double made = 10000.0 * (job->trades[0].exit_price - job->trades[0].entry_price);
    assert_true(fabs(job->final_equity - 100000.0 - made) < 1e-9);
    close_all(&f);
  }
}

/* The same run over the same bars by way of a column store. */
static void csv_and_store_give_the_same_result(void **state) {
  (void)state;
  struct scratch scratch;
  sld_error err = { .status = SLD_OK };
  assert_int_equal(scratch_make(&scratch), 0);
  fixture csv = { .host = NULL }, store = { .host = NULL };
  open_host(&csv, "lua54");
  load_demo(&csv);
  must(sld_market_save(csv.market, scratch.folder, &err), &err);
  open_host(&store, "lua54");
  must(sld_market_load(store.market, scratch.folder, &err), &err);
  const sld_job *one = run(&csv, "USDJPY", "2000-01-03", "2020-12-31");
  const sld_job *other = run(&store, "USDJPY", "2000-01-03", "2020-12-31");
  assert_int_equal(one->bar_count, other->bar_count);
  assert_memory_equal(one->equity, other->equity, one->bar_count * sizeof(double));
  assert_memory_equal(one->close_time, other->close_time, one->bar_count * sizeof(int64_t));
  must(sld_result_write_json(sld_run_result(csv.run), scratch_path(&scratch, "a.json"), &err), &err);
  must(sld_result_write_json(sld_run_result(store.run), scratch_path(&scratch, "b.json"), &err), &err);
  char command[4096];
  snprintf(command, sizeof command, "cmp -s '%s/a.json' '%s/b.json'", scratch.folder, scratch.folder);
  assert_int_equal(system(command), 0);
  close_all(&csv);
  close_all(&store);
  scratch_remove(&scratch);
}

/* A grid that keeps no equity stores no closes either: its figures must not notice. */
static void figures_of_a_grid_are_those_of_single_runs(void **state) {
  (void)state;
  static const char text[] =
      "local sliders = require 'sliders'\n"
      "local S = sliders.strategy { params = { n = sliders.int(5, 1, 90) } }\n"
      "function S:signal(bars, p) return sliders.where(bars.close:gt(bars.close:shift(p.n)), 1, -1) end\n"
      "return S\n";
  fixture f = { .host = NULL };
  sld_error err = { .status = SLD_OK };
  open_host(&f, "lua54");
  load_demo(&f);
  sld_strategy_free(f.strategy);
  must(sld_strategy_open_text(&f.strategy, f.host, "s.lua", text, strlen(text), "lua54", &err), &err);
  /* Daily bars by date, and hourly bars with holes, of 23 hours a day: closes that a period alone does not give. */
  enum { BARS = 3000 };
  static int64_t time[BARS];
  static double close[BARS];
  const int64_t hour = INT64_C(3600000000000);
  for (size_t i = 0; i < BARS; i++) {
    time[i] = (int64_t)(i + i / 23 + (i / 115) * 50) * hour - (i % 23 == 22 ? hour / 2 : 0);
    close[i] = 0.8 + (double)(i % 97) / 1000.0 + (double)(i % 31) / 700.0;
  }
  sld_bars bars = { .pair = "GBPUSD", .count = BARS, .time = time, .close = close };
  sld_market_free(f.market);
  must(sld_market_new(&f.market, f.host, &err), &err);
  must(sld_market_add(f.market, &bars, &err), &err);
  bars.pair = "USDCHF";
  must(sld_market_add(f.market, &bars, &err), &err);

  const double values[] = { 3, 20 };
  const sld_axis axis = { "n", values, 2 };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  sld_progress progress;
  sld_run *grid;
  options.axes = &axis;
  options.axis_count = 1;
  options.keep = 0;
  must(sld_run_start(&grid, f.host, f.market, f.strategy, &options, &err), &err);
  must(sld_run_wait(grid, -1, &progress, &err), &err);
  for (size_t k = 0; k < 2; k++) {
    sld_setting setting = { "n", k == 0 ? "3" : "20" };
    sld_run_options single = SLD_RUN_OPTIONS_INIT;
    sld_run *alone;
    single.settings = &setting;
    single.setting_count = 1;
    must(sld_run_start(&alone, f.host, f.market, f.strategy, &single, &err), &err);
    must(sld_run_wait(alone, -1, &progress, &err), &err);
    for (size_t pair = 0; pair < 2; pair++) {
      const sld_job *a = sld_result_job_at(sld_run_result(grid), 2 * pair + k);
      const sld_job *b = sld_result_job_at(sld_run_result(alone), pair);
      assert_string_equal(a->pair, b->pair);
      assert_null(a->close_time);
      assert_non_null(b->close_time);
      size_t first = BARS - b->bar_count;
      assert_int_equal(b->close_time[22 - first], time[22] + hour); /* the next bar opens later still */
      assert_int_equal(b->close_time[21 - first], time[22]);        /* the next bar opens half an hour early */
      assert_memory_equal(a->figures, b->figures, sld_figure_count() * sizeof(double));
      assert_true(a->figures[sld_figure_find("max_drawdown_days")] > 0.0);
    }
    sld_run_free(alone);
  }
  sld_run_free(grid);
  close_all(&f);
}

static void a_market_in_use_does_not_change(void **state) {
  (void)state;
  fixture f = { .host = NULL };
  sld_error err;
  open_host(&f, "lua54");
  load_demo(&f);
  run(&f, "USDJPY", "2011-12-30", "2014-12-31");
  const int64_t time[] = { 0, 1 };
  const double close[] = { 1.1, 1.2 };
  sld_bars bars = { .pair = "EURGBP", .count = 2, .time = time, .close = close };
  assert_int_equal(sld_market_add(f.market, &bars, &err), SLD_EBUSY);
  assert_int_equal(sld_market_load(f.market, "anything", &err), SLD_EBUSY);
  assert_string_equal(err.message, "a run or another market reads this one: it cannot change until that is freed");
  assert_int_equal(sld_market_pair_count(f.market), 9);
  sld_run_free(f.run);
  f.run = NULL;
  assert_int_equal(sld_market_add(f.market, &bars, &err), SLD_OK);
  assert_int_equal(sld_market_pair_count(f.market), 10);
  assert_string_equal(sld_market_pair_at(f.market, 1)->instrument.pair, "EURGBP");
  assert_null(sld_market_pair_at(f.market, 10));
  assert_int_equal(sld_market_load(f.market, NULL, &err), SLD_EINVAL);
  assert_int_equal(sld_market_load(f.market, "", &err), SLD_EINVAL);
  assert_int_equal(sld_market_save(f.market, NULL, &err), SLD_EINVAL);
  assert_string_equal(err.file, "path");
  close_all(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(ten_thousand_dollars_of_yen_made_3602_dollars_and_not_431800),
    cmocka_unit_test(a_pair_quoted_in_dollars_needs_no_rate),
    cmocka_unit_test(csv_and_store_give_the_same_result),
    cmocka_unit_test(figures_of_a_grid_are_those_of_single_runs),
    cmocka_unit_test(a_market_in_use_does_not_change),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
