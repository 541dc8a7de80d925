/* finmarketpy's model from a strategy file to weights and index, in both engines. */
#include "metrics_truth.h"

#include <sliders.h>

#include "base/time.h"
#include "scratch.h"

enum { PAIRS = 9, MOST = 10000 };

static const char *const vms[] = { "lua54", "luajit" };

/* In key order, as a result has them; the column of the H.10 file, and that of finmarketpy_weights.csv; the weight printed for 2024-11-01. */
static const struct { const char *pair; int prices, weights; double printed; } pairs[PAIRS] = {
  { "AUDUSD", 4, 4, -0.074988 }, { "EURUSD", 1, 1, -0.109763 }, { "GBPUSD", 3, 3, 0.095455 }, { "NZDUSD", 6, 6, -0.062678 }, { "USDCAD", 5, 5, 0.149951 },
  { "USDCHF", 7, 7, -0.074267 }, { "USDJPY", 2, 2, 0.044111 }, { "USDNOK", 8, 8, 0.054605 }, { "USDSEK", 9, 9, 0.065421 } };

typedef struct desk {
  sld_host *host;
  sld_market *market;
  sld_strategy *strategy;
  sld_run *run;
} desk;

static void good(sld_status status, const sld_error *err) {
  char text[1200];
  if (status == SLD_OK) return;
  sld_error_format(err, text, sizeof text);
  fail_msg("%s\n%s", text, err->detail);
}

static const char *source(const char *name) {
  static char path[1024];
  const char *root = getenv("SLIDERS_SOURCE_DIR");
  snprintf(path, sizeof path, "%s/%s", root ? root : ".", name);
  return path;
}

static void open_desk(desk *d) {
  sld_error err;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  memset(d, 0, sizeof *d);
  options.workers = 2;
  good(sld_host_open(&d->host, &options, &err), &err);
  good(sld_market_new(&d->market, d->host, &err), &err);
}

static void open_text(desk *d, const char *text, const char *vm) {
  sld_error err;
  good(sld_strategy_open_text(&d->strategy, d->host, "test.lua", text, strlen(text), vm, &err), &err);
}

static const sld_result *run(desk *d, const sld_run_options *options) {
  sld_error err;
  good(sld_run_start(&d->run, d->host, d->market, d->strategy, options, &err), &err);
  good(sld_run_wait(d->run, -1, NULL, &err), &err);
  return sld_run_result(d->run);
}

static void close_desk(desk *d) {
  sld_run_free(d->run);
  sld_strategy_free(d->strategy);
  sld_market_free(d->market);
  assert_int_equal(sld_host_close(d->host, NULL), SLD_OK);
}

static int64_t date(const char *text) {
  int64_t time;
  assert_int_equal(sld_time_parse(&time, text, NULL), SLD_OK);
  return time;
}

/* The portfolio's row of a date, which closes at the next midnight. */
static size_t row_of(const sld_portfolio *p, const char *text) {
  for (size_t row = 0; row < p->count; row++)
    if (p->time[row] == date(text) + SLD__NS_PER_DAY) return row;
  fail_msg("there is no row of %s", text);
  return 0;
}

/* ---- The shipped strategy ---- */

static void the_shipped_strategy_gives_the_printed_weights_from_the_shipped_data(void **state) {
  (void)state;
  for (int vm = 0; vm < 2; vm++) {
    desk d;
    sld_error err;
    open_desk(&d);
    good(sld_market_load(d.market, source("data/h10/h10.csv"), &err), &err);
    good(sld_strategy_open(&d.strategy, d.host, source("strategies/finmarketpy_trend.lua"), vms[vm], &err), &err);
    sld_run_options options = SLD_RUN_OPTIONS_INIT;
    options.from = date("1989-01-03");
    options.cold = true;
    const sld_portfolio *p = sld_result_portfolio(run(&d, &options));
    assert_string_equal(p->rule, "finmarketpy");
    assert_string_equal(p->label, "returns not converted");
    assert_true(p->complete);
    const double *weights = p->weights + row_of(p, "2024-11-01") * PAIRS;
    for (int i = 0; i < PAIRS; i++)
      if (!truth_near(weights[i], pairs[i].printed, 5e-7)) fail_msg("%s weighs %.9f instead of %.6f", pairs[i].pair, weights[i], pairs[i].printed);
    close_desk(&d);
  }
}

/* The rows of the H.10 file on which every pair has a fixing, as nine pairs of a market. */
static void add_whole_rows(desk *d) {
  static const char *const name = "truth/finmarketpy_h10.csv.gz";
  static truth_line line;
  static int64_t times[MOST];
  static double prices[PAIRS][MOST];
  size_t rows = 0;
  FILE *file = truth_open(name);
  assert_true(truth_next(&line, file));
  while (truth_next(&line, file)) {
    bool whole = true;
    for (int i = 0; i < PAIRS; i++) {
      prices[i][rows] = truth_number(line.field[pairs[i].prices]);
      whole &= isnan(prices[i][rows]) == 0;
    }
    if (!whole) continue;
    times[rows++] = date(line.field[0]);
    assert_true(rows < MOST);
  }
  truth_close(file, name);
  assert_int_equal(rows, 6481);
  for (int i = 0; i < PAIRS; i++) {
    sld_error err;
    const sld_bars bars = { .pair = pairs[i].pair, .count = rows, .time = times, .close = prices[i], .period_ns = SLD__NS_PER_DAY, .side = SLD_MID };
    good(sld_market_add(d->market, &bars, &err), &err);
  }
}

static void the_shipped_strategy_gives_the_published_index_at_its_spread(void **state) {
  (void)state;
  static const char *const name = "truth/finmarketpy_weights.csv";
  for (int vm = 0; vm < 2; vm++) {
    FILE *file = truth_open(name);
    static truth_line line;
    desk d;
    sld_error err;
    open_desk(&d);
    add_whole_rows(&d);
    good(sld_strategy_open(&d.strategy, d.host, source("strategies/finmarketpy_trend.lua"), vms[vm], &err), &err);
    sld_run_options options = SLD_RUN_OPTIONS_INIT;
    options.capital = 100.0;
    options.periods_per_year = 252.0;
    const sld_portfolio *p = sld_result_portfolio(run(&d, &options));
    assert_int_equal(p->count, 6280);
    assert_int_equal(row_of(p, "1999-10-20"), 0);
    assert_true(truth_next(&line, file));
    while (truth_next(&line, file)) {
      size_t row = row_of(p, line.field[0]);
      for (int i = 0; i < PAIRS; i++)
        if (!truth_near(p->weights[row * PAIRS + (size_t)i], truth_number(line.field[pairs[i].weights]), 1e-9)) fail_msg("%s on %s", pairs[i].pair, line.field[0]);
      if (!truth_near(p->equity[row], truth_number(line.field[11]), 1e-6)) fail_msg("the index on %s is %.9f", line.field[0], p->equity[row]);
    }
    truth_close(file, name);
    assert_true(truth_near(p->figures[sld_figure_find("annual_volatility")], 0.03372415, 5e-9));
    assert_true(truth_near(p->figures[sld_figure_find("sharpe")], 0.178803, 5e-7));
    assert_true(truth_near(p->figures[sld_figure_find("max_drawdown")], -0.1200381, 5e-8));
    close_desk(&d);
  }
}

/* ---- Made-up pairs ---- */

static const char *const alternating =
  "local sliders = require 'sliders'\n"
  "local S = sliders.strategy { model = sliders.finmarketpy { spot_tc_bp = 2, spot_rc_bp = 1 } }\n"
  "function S:signal(bars)\n"
  "  return sliders.where(bars.close:gt(bars.close:shift(1)), 1, -1)\n"
  "end\n"
  "return S\n";

enum { DAYS = 40 };

static void add_two_pairs(desk *d) {
  static int64_t times[DAYS];
  static double prices[2][DAYS];
  static const char *const names[2] = { "EURUSD", "USDJPY" };
  for (int day = 0; day < DAYS; day++) {
    times[day] = date("2024-01-02") + day * SLD__NS_PER_DAY;
    prices[0][day] = 1.0 + 0.01 * (day * 7 % 5);
    prices[1][day] = 100.0 + (day * 5 % 7);
  }
  for (int i = 0; i < 2; i++) {
    sld_error err;
    const sld_bars bars = { .pair = names[i], .count = DAYS, .time = times, .close = prices[i], .period_ns = SLD__NS_PER_DAY, .side = SLD_MID };
    good(sld_market_add(d->market, &bars, &err), &err);
  }
}

static void a_pair_shows_what_it_would_have_made_alone(void **state) {
  (void)state;
  desk d;
  open_desk(&d);
  add_two_pairs(&d);
  open_text(&d, alternating, NULL);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  const sld_result *result = run(&d, &options);
  const sld_portfolio *p = sld_result_portfolio(result);
  assert_int_equal(p->count, DAYS - 2); /* the signal is there from the second bar on, and earns from the third */
  const sld_job *job = sld_result_job_at(result, 0);
  assert_int_equal(job->bar_count, DAYS - 2);
  /* 1.02 is above 1.00: long from the second bar. Holding to 1.04 costs a basis point; the signal stays, so nothing is traded. */
  assert_true(fabs(job->equity[0] - 50000.0 * (1.04 / 1.02 - 0.0001)) < 1e-6);
  assert_true(fabs(job->capital + job->realised + job->rollover - job->costs_spread - job->final_equity) < 1e-6);
  assert_true(job->costs_spread > 0.0 && job->rollover < 0.0);
  assert_int_equal(job->trade_count, 0);
  assert_true(job->figures[sld_figure_find("final_equity")] == job->final_equity);
  assert_true(fabs(job->buy_and_hold - (1.03 / 1.02 - 1.0)) < 1e-12); /* from the bar before the first return to the last */
  close_desk(&d);
}

static void the_trading_start_cuts_the_figures_but_not_the_model(void **state) {
  (void)state;
  desk d;
  open_desk(&d);
  add_two_pairs(&d);
  open_text(&d, alternating, NULL);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  const sld_portfolio *whole = sld_result_portfolio(run(&d, &options));
  sld_run *first = d.run;
  options.from = date("2024-01-22");
  const sld_portfolio *late = sld_result_portfolio(run(&d, &options));
  size_t row = row_of(whole, "2024-01-22");
  assert_int_equal(late->count, whole->count - row);
  assert_memory_equal(late->weights, whole->weights + row * 2, late->count * 2 * sizeof(double));
  assert_true(fabs(late->equity[0] / 100000.0 - whole->equity[row] / whole->equity[row - 1]) < 1e-12);
  sld_run_free(first);
  close_desk(&d);
}

static void a_pair_that_fails_leaves_the_model_to_the_others(void **state) {
  (void)state;
  desk d;
  open_desk(&d);
  add_two_pairs(&d);
  open_text(&d,
    "local sliders = require 'sliders'\n"
    "local S = sliders.strategy { model = sliders.finmarketpy {} }\n"
    "function S:signal(bars)\n"
    "  if bars.pair == 'EURUSD' then error('no euro today') end\n"
    "  return bars.close:gt(0)\n"
    "end\n"
    "return S\n",
    NULL);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  const sld_result *result = run(&d, &options);
  const sld_portfolio *p = sld_result_portfolio(result);
  assert_false(p->complete);
  assert_int_equal(sld_result_job_at(result, 0)->state, SLD_JOB_FAILED);
  assert_true(p->weights[0] == 0.0 && p->weights[1] == 1.0);
  assert_true(p->capital == 50000.0);
  assert_true(fabs(p->equity[p->count - 1] - sld_result_job_at(result, 1)->final_equity) < 1e-9);
  close_desk(&d);
}

static void an_infinite_signal_is_an_error_with_pair_and_time(void **state) {
  (void)state;
  desk d;
  sld_error err;
  open_desk(&d);
  add_two_pairs(&d);
  open_text(&d,
    "local sliders = require 'sliders'\n"
    "local S = sliders.strategy { model = sliders.finmarketpy {} }\n"
    "function S:signal(bars) return bars.close / (bars.close - bars.close) end\n"
    "return S\n",
    NULL);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  good(sld_run_start(&d.run, d.host, d.market, d.strategy, &options, &err), &err);
  assert_int_equal(sld_run_wait(d.run, -1, NULL, &err), SLD_EVALUE);
  assert_string_equal(err.message, "the signal of EURUSD is infinite at 2024-01-03");
  close_desk(&d);
}

static void a_model_takes_no_other_rule_of_weights_and_no_grid(void **state) {
  (void)state;
  desk d;
  sld_error err;
  open_desk(&d);
  add_two_pairs(&d);
  good(sld_strategy_open(&d.strategy, d.host, source("strategies/finmarketpy_trend.lua"), NULL, &err), &err);
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.weights = SLD_EQUAL;
  assert_int_equal(sld_run_start(&d.run, d.host, d.market, d.strategy, &options, &err), SLD_EINVAL);
  assert_string_equal(err.file, "options.weights");
  options.weights = SLD_SUM;
  const sld_axis axis = { "length", (const double[]){ 10, 20 }, 2 };
  options.axes = &axis;
  options.axis_count = 1;
  assert_int_equal(sld_run_start(&d.run, d.host, d.market, d.strategy, &options, &err), SLD_EINVAL);
  assert_string_equal(err.file, "options.axes");
  close_desk(&d);
}

/* ---- Files ---- */

static char *read_whole(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  char *bytes = calloc(1, 1 << 22);
  *size = fread(bytes, 1, (1 << 22) - 1, file);
  assert_true(*size < (1 << 22) - 1);
  fclose(file);
  return bytes;
}

static void both_engines_write_equal_bytes_with_the_last_weights_and_all(void **state) {
  (void)state;
  struct scratch scratch;
  char *json[2], *csv;
  size_t size[2], csv_size;
  assert_int_equal(scratch_make(&scratch), 0);
  for (int vm = 0; vm < 2; vm++) {
    desk d;
    sld_error err;
    open_desk(&d);
    add_two_pairs(&d);
    open_text(&d, alternating, vms[vm]);
    sld_run_options options = SLD_RUN_OPTIONS_INIT;
    const sld_result *result = run(&d, &options);
    const char *path = scratch_path(&scratch, vms[vm]);
    good(sld_result_write_json(result, path, &err), &err);
    json[vm] = read_whole(path, &size[vm]);
    good(sld_result_write_csv(result, scratch.folder, &err), &err);
    close_desk(&d);
  }
  assert_int_equal(size[0], size[1]);
  assert_memory_equal(json[0], json[1], size[0]);
  assert_non_null(strstr(json[0], "\"rule\": \"finmarketpy\",\n  \"weights\": {\n   \"EURUSD\": "));
  csv = read_whole(scratch_path(&scratch, "weights.csv"), &csv_size);
  static const char *const head = "time,pair,weight\n2024-01-05,EURUSD,0.5\n2024-01-05,USDJPY,-0.5\n";
  if (strncmp(csv, head, strlen(head)) != 0) fail_msg("weights.csv begins\n%.120s", csv);
  free(json[0]);
  free(json[1]);
  free(csv);
  scratch_remove(&scratch);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_shipped_strategy_gives_the_printed_weights_from_the_shipped_data),
    cmocka_unit_test(the_shipped_strategy_gives_the_published_index_at_its_spread),
    cmocka_unit_test(a_pair_shows_what_it_would_have_made_alone),
    cmocka_unit_test(the_trading_start_cuts_the_figures_but_not_the_model),
    cmocka_unit_test(a_pair_that_fails_leaves_the_model_to_the_others),
    cmocka_unit_test(an_infinite_signal_is_an_error_with_pair_and_time),
    cmocka_unit_test(a_model_takes_no_other_rule_of_weights_and_no_grid),
    cmocka_unit_test(both_engines_write_equal_bytes_with_the_last_weights_and_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
