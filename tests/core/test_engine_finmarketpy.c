/* finmarketpy's model from a strategy file to weights and index, in both engines. */
#include "metrics_truth.h"

#include "base/time.h"
#include "engine_desk.h"
#include "scratch.h"

enum { PAIRS = 9, MOST = 10000 };

/* In key order, as a result has them; the column of the H.10 file, and that of finmarketpy_weights.csv; the weight printed for 2024-11-01. */
static const struct { const char *pair; int prices, weights; double printed; } pairs[PAIRS] = {
  { "AUDUSD", 4, 4, -0.074988 }, { "EURUSD", 1, 1, -0.109763 }, { "GBPUSD", 3, 3, 0.095455 }, { "NZDUSD", 6, 6, -0.062678 }, { "USDCAD", 5, 5, 0.149951 },
  { "USDCHF", 7, 7, -0.074267 }, { "USDJPY", 2, 2, 0.044111 }, { "USDNOK", 8, 8, 0.054605 }, { "USDSEK", 9, 9, 0.065421 } };

static const char *source(const char *name) {
  static char path[1024];
  const char *root = getenv("SLIDERS_SOURCE_DIR");
  snprintf(path, sizeof path, "%s/%s", root ? root : ".", name);
  return path;
}

/* Runs the strategy as it is shipped. */
static desk_run run_shipped(desk *d, const char *vm, const sld_run_options *options) {
  static char text[8192];
  FILE *file = fopen(source("strategies/finmarketpy_trend.lua"), "r");
  assert_non_null(file);
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  fclose(file);
  return desk_start(d, vm, text, options);
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
  desk d = desk_open(2);
  sld_error err;
  desk_good(sld_market_load(d.market, source("data/h10/h10.csv"), &err), &err);
  IN_BOTH(vm) {
    sld_run_options options = SLD_RUN_OPTIONS_INIT;
    options.from = date("1989-01-03");
    options.cold = true;
    desk_run r = run_shipped(&d, vm, &options);
    const sld_portfolio *p = sld_result_portfolio(r.result);
    assert_string_equal(p->rule, "finmarketpy");
    assert_string_equal(p->label, "returns not converted");
    assert_true(p->complete);
    const double *weights = p->weights + row_of(p, "2024-11-01") * PAIRS;
    for (int i = 0; i < PAIRS; i++)
      if (!truth_near(weights[i], pairs[i].printed, 5e-7)) fail_msg("%s weighs %.9f instead of %.6f", pairs[i].pair, weights[i], pairs[i].printed);
    desk_end(&r);
  }
  desk_close(&d);
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
    desk_good(sld_market_add(d->market, &bars, &err), &err);
  }
}

static void the_shipped_strategy_gives_the_published_index_at_its_spread(void **state) {
  (void)state;
  static const char *const name = "truth/finmarketpy_weights.csv";
  truth_close(truth_open(name), name); /* skips before anything is open */
  desk d = desk_open(2);
  add_whole_rows(&d);
  IN_BOTH(vm) {
    static truth_line line;
    FILE *file = truth_open(name);
    sld_run_options options = SLD_RUN_OPTIONS_INIT;
    options.capital = 100.0;
    options.periods_per_year = 252.0;
    desk_run r = run_shipped(&d, vm, &options);
    const sld_portfolio *p = sld_result_portfolio(r.result);
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
    desk_end(&r);
  }
  desk_close(&d);
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
    desk_good(sld_market_add(d->market, &bars, &err), &err);
  }
}

static desk with_two_pairs(void) {
  desk d = desk_open(2);
  add_two_pairs(&d);
  return d;
}

static void a_pair_shows_what_it_would_have_made_alone(void **state) {
  (void)state;
  desk d = with_two_pairs();
  desk_run r = desk_start(&d, NULL, alternating, NULL);
  assert_int_equal(sld_result_portfolio(r.result)->count, DAYS - 2); /* the signal is there from the second bar on, and earns from the third */
  const sld_job *job = desk_done(&r, 0);
  assert_int_equal(job->bar_count, DAYS - 2);
  /* 1.02 is above 1.00: long from the second bar. Holding to 1.04 costs a basis point; the signal stays, so nothing is traded. */
  assert_true(fabs(job->equity[0] - 50000.0 * (1.04 / 1.02 - 0.0001)) < 1e-6);
  assert_true(fabs(job->capital + job->realised + job->rollover - job->costs_spread - job->final_equity) < 1e-6);
  assert_true(job->costs_spread > 0.0 && job->rollover < 0.0);
  assert_int_equal(job->trade_count, 0);
  assert_true(job->figures[sld_figure_find("final_equity")] == job->final_equity);
  assert_true(fabs(job->buy_and_hold - (1.03 / 1.02 - 1.0)) < 1e-12); /* from the bar before the first return to the last */
  desk_end(&r);
  desk_close(&d);
}

static void the_trading_start_cuts_the_figures_but_not_the_model(void **state) {
  (void)state;
  desk d = with_two_pairs();
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.from = date("2024-01-22");
  desk_run all = desk_start(&d, NULL, alternating, NULL), cut = desk_start(&d, NULL, alternating, &options);
  const sld_portfolio *whole = sld_result_portfolio(all.result), *late = sld_result_portfolio(cut.result);
  size_t row = row_of(whole, "2024-01-22");
  assert_int_equal(late->count, whole->count - row);
  assert_memory_equal(late->weights, whole->weights + row * 2, late->count * 2 * sizeof(double));
  assert_true(fabs(late->equity[0] / 100000.0 - whole->equity[row] / whole->equity[row - 1]) < 1e-12);
  desk_end(&all);
  desk_end(&cut);
  desk_close(&d);
}

/* Runs a strategy that fails for EURUSD; returns that job. */
static const sld_job *run_without_euro(desk *d, desk_run *r, const char *signal) {
  char *text = desk_text("model = sliders.finmarketpy {}", NULL, NULL, signal);
  *r = desk_start(d, NULL, text, NULL);
  free(text);
  const sld_portfolio *p = sld_result_portfolio(r->result);
  assert_false(p->complete);
  assert_true(p->weights[0] == 0.0 && p->weights[1] == 1.0);
  assert_true(p->capital == 50000.0);
  assert_true(fabs(p->equity[p->count - 1] - desk_done(r, 1)->final_equity) < 1e-9);
  assert_int_equal(desk_job(r, 0)->state, SLD_JOB_FAILED);
  return desk_job(r, 0);
}

static void a_pair_that_fails_leaves_the_model_to_the_others(void **state) {
  (void)state;
  desk d = with_two_pairs();
  desk_run r;
  const sld_job *job = run_without_euro(&d, &r, "if bars.pair == 'EURUSD' then error('no euro today') end return bars.close:gt(0)");
  assert_string_equal(job->error->message, "no euro today");
  desk_end(&r);
  job = run_without_euro(&d, &r, "return bars.close:gt(0) / (bars.pair == 'EURUSD' and 0 * bars.close or 1)");
  assert_string_equal(job->error->message, "the signal is infinite at 2024-01-03");
  desk_end(&r);
  desk_close(&d);
}

static void both_engines_write_equal_bytes(void **state) {
  (void)state;
  desk d = with_two_pairs();
  char *a = desk_bytes(&d, "lua54", alternating, NULL), *b = desk_bytes(&d, "luajit", alternating, NULL);
  desk_same(a, b, "engines");
  assert_non_null(strstr(a, "\"rule\": \"finmarketpy\",\n  \"weights\": {\n   \"EURUSD\": "));
  free(a);
  free(b);
  desk_close(&d);
}

static void every_row_of_weights_stands_in_the_csv(void **state) {
  (void)state;
  static const char *const head = "time,pair,weight\n2024-01-04,EURUSD,0.5\n2024-01-04,USDJPY,-0.5\n";
  char text[256] = "";
  struct scratch scratch;
  assert_int_equal(scratch_make(&scratch), 0);
  desk d = with_two_pairs();
  desk_run r = desk_start(&d, NULL, alternating, NULL);
  assert_int_equal(sld_result_write_csv(r.result, scratch.folder, NULL), SLD_OK);
  FILE *file = fopen(scratch_path(&scratch, "weights.csv"), "r");
  assert_non_null(file);
  assert_int_equal(fread(text, 1, strlen(head), file), strlen(head));
  assert_string_equal(text, head);
  fclose(file);
  desk_end(&r);
  desk_close(&d);
  scratch_remove(&scratch);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_shipped_strategy_gives_the_printed_weights_from_the_shipped_data),
    cmocka_unit_test(the_shipped_strategy_gives_the_published_index_at_its_spread),
    cmocka_unit_test(a_pair_shows_what_it_would_have_made_alone),
    cmocka_unit_test(the_trading_start_cuts_the_figures_but_not_the_model),
    cmocka_unit_test(a_pair_that_fails_leaves_the_model_to_the_others),
    cmocka_unit_test(both_engines_write_equal_bytes),
    cmocka_unit_test(every_row_of_weights_stands_in_the_csv),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
