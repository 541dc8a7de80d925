/* Outcomes put together: every rule, jobs that failed, and memory that runs out at any request. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/time.h"
#include "engine/result.h"
#include "failing.h"
#include "metrics/figures.h"

enum { PAIRS = 3, ROWS = 150, FIRST = 10 };

/* Three pairs of dates that traded from row FIRST on. Their jobs made 0, 1 and 2 % in all. */
typedef struct stage {
  struct failing failing;
  sld_allocator alloc;
  sld__series series[PAIRS];
  sld__declaration declaration;
  int64_t time[ROWS];
  double close[ROWS];
  struct sld_result *result;
} stage;

static void *copy(const sld_allocator *a, const void *from, size_t count, size_t size) {
  void *block = sld__alloc(a, count, size);
  assert_non_null(block);
  memcpy(block, from, count * size);
  return block;
}

static void set_pair(stage *s, size_t i) {
  static const char *const names[PAIRS] = { "AUDUSD", "EURUSD", "GBPUSD" };
  sld__series *series = &s->series[i];
  series->info.date_only = true;
  series->info.period_ns = SLD__NS_PER_DAY;
  strcpy(series->info.instrument.pair, names[i]);
  series->info.instrument.pip = 0.0001;
  series->info.instrument.lot = 100000.0;
  series->count = ROWS;
  series->time = s->time;
  series->close = s->close;
}

static void set_sleeve(stage *s, size_t i) {
  int64_t close_time[ROWS];
  for (size_t row = 0; row < ROWS; row++) close_time[row] = s->time[row] + SLD__NS_PER_DAY;
  s->result->plan->sleeves[i] = (sld__sleeve){
    .series = &s->series[i],
    .rows = ROWS,
    .conversion = { .constant = 1.0, .complete = true },
    .close_time = copy(&s->alloc, close_time, ROWS, sizeof *close_time),
  };
}

static void set_outcome(stage *s, size_t i) {
  double equity[ROWS - FIRST];
  for (size_t p = 0; p < ROWS - FIRST; p++) equity[p] = 100.0 + (double)i * (double)(p + p % 2) / (ROWS - FIRST);
  const sld_trade trades[2] = {
    { .units = 5, .entry_bar = FIRST + 1, .exit_bar = 40 + (int64_t)i, .exit_time = 40 + (int64_t)i, .exit = SLD_EXIT_ORDER, .net = 1 },
    { .units = -5, .entry_bar = 60, .exit_bar = ROWS - 1, .exit = SLD_EXIT_OPEN },
  };
  sld__outcome *out = &s->result->outcomes[i];
  out->first = FIRST;
  out->equity = copy(&s->alloc, equity, ROWS - FIRST, sizeof *equity);
  out->trades = copy(&s->alloc, trades, 2, sizeof *trades);
  out->figures = sld__alloc_zero(&s->alloc, SLD__FIGURE_COUNT, sizeof *out->figures);
  out->job = (sld_job){ .pair = s->series[i].info.instrument.pair, .capital = 100.0, .bar_count = ROWS - FIRST, .trade_count = 1, .open_count = 1, .costs_spread = 0.25, .log = "" };
}

static void open_stage(stage *s, sld_weights rule) {
  memset(s, 0, sizeof *s);
  s->alloc = failing_allocator(&s->failing);
  int64_t start;
  assert_int_equal(sld_time_parse(&start, "2023-01-02", NULL), SLD_OK);
  for (size_t row = 0; row < ROWS; row++) {
    s->time[row] = start + (int64_t)row * SLD__NS_PER_DAY;
    s->close[row] = 2.0 + 0.01 * (double)(row % 7);
  }
  s->result = sld__alloc_zero(&s->alloc, 1, sizeof *s->result);
  s->result->alloc = &s->alloc;
  sld__plan *plan = s->result->plan = sld__alloc_zero(&s->alloc, 1, sizeof *plan);
  plan->alloc = &s->alloc;
  plan->declaration = &s->declaration;
  plan->options = (sld_run_options)SLD_RUN_OPTIONS_INIT;
  plan->options.weights = rule;
  plan->options.spread_pips = 2.0;
  plan->sets = 1;
  plan->sleeve_count = PAIRS;
  plan->sleeves = sld__alloc_zero(&s->alloc, PAIRS, sizeof *plan->sleeves);
  s->result->outcome_count = PAIRS;
  s->result->outcomes = sld__alloc_zero(&s->alloc, PAIRS, sizeof *s->result->outcomes);
  for (size_t i = 0; i < PAIRS; i++) {
    set_pair(s, i);
    set_sleeve(s, i);
    set_outcome(s, i);
  }
}

/* The same three pairs under a strategy with finmarketpy's model, always long. */
static void open_model_stage(stage *s) {
  open_stage(s, SLD_SUM);
  s->declaration.model = (char *)(uintptr_t)"finmarketpy";
  for (size_t i = 0; i < PAIRS; i++) {
    double signal[ROWS];
    for (size_t row = 0; row < ROWS; row++) signal[row] = row < FIRST ? (double)NAN : 1.0;
    s->result->outcomes[i].signal = copy(&s->alloc, signal, ROWS, sizeof *signal);
  }
}

static void close_stage(stage *s) {
  s->failing.refuse = 0;
  sld__result_free(s->result);
  assert_int_equal(s->failing.held, 0);
}

static const sld_portfolio *merged(stage *s) {
  assert_int_equal(sld__result_merge(s->result, NULL), SLD_OK);
  assert_true(s->result->has_portfolio);
  return &s->result->portfolio;
}

static double figure(const sld_portfolio *p, const char *name) {
  return p->figures[sld_figure_find(name)];
}

static void the_sum_of_sleeves_starts_with_the_first_tradable_bar(void **state) {
  (void)state;
  stage s;
  open_stage(&s, SLD_SUM);
  const sld_portfolio *p = merged(&s);
  assert_string_equal(p->rule, "sum");
  assert_string_equal(p->label, "");
  assert_true(p->complete);
  assert_int_equal(p->count, ROWS - FIRST);
  assert_int_equal(p->time[0], s.time[FIRST] + SLD__NS_PER_DAY);
  assert_true(p->capital == 300.0 && p->costs == 0.75);
  assert_true(fabs(p->equity[p->count - 1] - 303.0) < 1e-12);
  assert_null(p->weights);
  assert_true(figure(p, "trades") == 3.0);
  close_stage(&s);
}

static void a_failed_job_is_left_out_and_makes_the_portfolio_incomplete(void **state) {
  (void)state;
  for (int rule = SLD_SUM; rule <= SLD_VOL_TARGET; rule++) {
    stage s;
    open_stage(&s, (sld_weights)rule);
    s.result->outcomes[1].job.state = SLD_JOB_FAILED;
    const sld_portfolio *p = merged(&s);
    assert_false(p->complete);
    assert_true(p->capital == 200.0);
    for (size_t row = 0; p->weights && row < p->count; row++) assert_true(p->weights[row * PAIRS + 1] == 0.0);
    if (rule == SLD_EQUAL) assert_true(p->weights[2] == 0.5);
    close_stage(&s);
  }
}

static void without_any_job_there_is_an_empty_portfolio(void **state) {
  (void)state;
  for (int rule = SLD_SUM; rule <= SLD_VOL_TARGET; rule++) {
    stage s;
    open_stage(&s, (sld_weights)rule);
    for (size_t i = 0; i < PAIRS; i++) s.result->outcomes[i].job.state = SLD_JOB_FAILED;
    const sld_portfolio *p = merged(&s);
    assert_false(p->complete);
    assert_int_equal(p->count, 0);
    assert_true(isnan(figure(p, "total_return")) && isnan(p->buy_and_hold));
    close_stage(&s);
  }
}

static void an_overlay_names_its_rule_and_what_it_leaves_out(void **state) {
  (void)state;
  stage s;
  open_stage(&s, SLD_EQUAL);
  const sld_portfolio *p = merged(&s);
  assert_string_equal(p->rule, "equal");
  assert_string_equal(p->label, "overlay: no lots, no margin");
  for (size_t i = 0; i < PAIRS; i++) assert_true(p->weights[i] == 1.0 / 3.0);
  assert_true(isnan(figure(p, "exposure")));
  assert_true(figure(p, "trades") == 0.0);
  close_stage(&s);
}

/* 2023-02-01 is row 30: both the second and the third sleeve hold 5 units, bought at half of two pips. */
static void an_overlay_pays_half_the_spread_of_each_pair(void **state) {
  (void)state;
  stage s;
  open_stage(&s, SLD_EQUAL);
  const sld_portfolio *p = merged(&s);
  size_t row = 30 - FIRST;
  double total = 0, paid = 0, level[PAIRS];
  for (size_t i = 0; i < PAIRS; i++) total += level[i] = s.result->outcomes[i].equity[row];
  for (size_t i = 0; i < PAIRS; i++) paid += fabs(1.0 / 3.0 - level[i] / total) * 5.0 * 0.0001 / level[i];
  assert_true(fabs(p->equity[row] - total * (1.0 - paid)) < 1e-12);
  assert_true(paid > 0.0 && p->equity[row] < total);
  close_stage(&s);
}

static void a_grid_has_no_portfolio(void **state) {
  (void)state;
  stage s;
  open_stage(&s, SLD_SUM);
  s.result->plan->sets = 2;
  assert_int_equal(sld__result_merge(s.result, NULL), SLD_OK);
  assert_false(s.result->has_portfolio);
  close_stage(&s);
}

/* Blocks that an outcome may hold or not: a model gives each its curve. */
static size_t curves(const stage *s) {
  size_t count = 0;
  for (size_t i = 0; i < PAIRS; i++) count += s->result->outcomes[i].equity != NULL;
  return count;
}

static void merge_with_ever_more_memory(stage *s, size_t least) {
  size_t before = s->failing.held - curves(s);
  for (size_t k = 1;; k++) {
    assert_true(k < 200);
    sld_error err = { .status = SLD_OK };
    s->failing.requests = 0;
    s->failing.refuse = k;
    sld_status status = sld__result_merge(s->result, &err);
    if (status == SLD_OK) break;
    assert_int_equal(status, SLD_ENOMEM);
    assert_int_equal(err.status, SLD_ENOMEM);
    assert_false(s->result->has_portfolio);
    assert_int_equal(s->failing.held, before + curves(s));
  }
  assert_true(s->failing.requests >= least);
}

static void any_request_for_memory_may_fail_and_the_merge_be_tried_again(void **state) {
  (void)state;
  stage s;
  for (int rule = SLD_SUM; rule <= SLD_VOL_TARGET; rule++) {
    open_stage(&s, (sld_weights)rule);
    merge_with_ever_more_memory(&s, 11);
    close_stage(&s);
  }
  open_model_stage(&s);
  merge_with_ever_more_memory(&s, 30);
  assert_string_equal(s.result->portfolio.rule, "finmarketpy");
  assert_int_equal(s.result->portfolio.count, ROWS - FIRST - 1);
  close_stage(&s);
}

static void a_model_without_any_job_is_an_empty_portfolio(void **state) {
  (void)state;
  stage s;
  open_model_stage(&s);
  for (size_t i = 0; i < PAIRS; i++) s.result->outcomes[i].job.state = SLD_JOB_FAILED;
  const sld_portfolio *p = merged(&s);
  assert_false(p->complete);
  assert_int_equal(p->count, 0);
  close_stage(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_sum_of_sleeves_starts_with_the_first_tradable_bar),
    cmocka_unit_test(a_failed_job_is_left_out_and_makes_the_portfolio_incomplete),
    cmocka_unit_test(without_any_job_there_is_an_empty_portfolio),
    cmocka_unit_test(an_overlay_names_its_rule_and_what_it_leaves_out),
    cmocka_unit_test(an_overlay_pays_half_the_spread_of_each_pair),
    cmocka_unit_test(a_grid_has_no_portfolio),
    cmocka_unit_test(a_model_without_any_job_is_an_empty_portfolio),
    cmocka_unit_test(any_request_for_memory_may_fail_and_the_merge_be_tried_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
