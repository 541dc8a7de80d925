/* The shipped strategies over the Federal Reserve's rates: however they are run, their accounts add up. */
#include "engine_desk.h"
#include "scratch.h"

/* `instruments`: the text of a file of them, or NULL. */
static desk open_rates(const char *instruments) {
  char path[DESK_PATH];
  desk d = desk_open(2);
  sld_error err;
  if (instruments) {
    struct scratch scratch;
    assert_int_equal(scratch_make(&scratch), 0);
    const char *file = scratch_write(&scratch, "instruments.json", instruments, strlen(instruments));
    desk_good(sld_market_load_instruments(d.market, file, &err), &err);
    assert_int_equal(scratch_remove(&scratch), 0);
  }
  snprintf(path, sizeof path, "%s/data/h10/h10.csv", getenv("SLIDERS_SOURCE_DIR"));
  desk_good(sld_market_load(d.market, path, &err), &err);
  return d;
}

/* Runs a shipped strategy; the bars that were looked at are added to *seen. */
static void adds_up(desk *d, const char *name, const sld_run_options *options, identities_seen *seen) {
  char path[DESK_PATH];
  sld_strategy *strategy;
  sld_run *run;
  sld_error err;
  snprintf(path, sizeof path, "%s/strategies/%s.lua", getenv("SLIDERS_SOURCE_DIR"), name);
  desk_good(sld_strategy_open(&strategy, d->host, path, "luajit", &err), &err);
  desk_good(sld_run_start(&run, d->host, d->market, strategy, options, &err), &err);
  desk_good(sld_run_wait(run, -1, NULL, &err), &err);
  const sld_result *result = sld_run_result(run);
  for (size_t i = 0; i < sld_result_job_count(result); i++) {
    const sld_job *job = sld_result_job_at(result, i);
    if (job->error) print_error("%s: %s\n", job->pair, desk_words(job->error));
    assert_true(job->state == SLD_JOB_DONE || job->state == SLD_JOB_RUINED);
  }
  identities found = identities_of(result, d->market, options, seen);
  if (found.broken[0]) fail_msg("%s, weights %s, fill %d: %s", name, sld_weights_name(options->weights), (int)options->fill, found.broken);
  sld_run_free(run);
  sld_strategy_free(strategy);
}

static const char *const strategies[] = { "sma_cross", "donchian_breakout", "rsi_reversion", "momentum", "bollinger_fade" };
enum { STRATEGIES = sizeof strategies / sizeof *strategies };

static sld_run_options with_costs(void) {
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.spread_pips = 2.0;
  options.slippage_pips = 0.5;
  options.commission_frac = 0.00002;
  return options;
}

static void every_fill_mode(void **state) {
  (void)state;
  desk d = open_rates(NULL);
  sld_run_options options = with_costs();
  identities_seen seen = { 0, 0 };
  for (size_t i = 0; i < STRATEGIES; i++)
    for (int fill = SLD_FILL_NEXT_OPEN; fill <= SLD_FILL_BACKTESTING_PY; fill++) {
      options.fill = (sld_fill)fill;
      options.close_at_end = fill % 2 == 1;
      adds_up(&d, strategies[i], &options, &seen);
    }
  assert_true(seen.flat > 100000); /* some strategies rest between trades */
  assert_true(seen.held > 1000000);
  desk_close(&d);
}

static void every_rule_of_combination(void **state) {
  (void)state;
  desk d = open_rates(NULL);
  sld_run_options options = with_costs();
  for (size_t i = 0; i < STRATEGIES; i++)
    for (int weights = SLD_SUM; weights <= SLD_VOL_TARGET; weights++) {
      options.weights = (sld_weights)weights;
      adds_up(&d, strategies[i], &options, NULL);
    }
  desk_close(&d);
}

static void rollovers_and_another_currency(void **state) {
  (void)state;
  char text[2048] = "{";
  static const char *const pairs[] = { "AUDUSD", "EURUSD", "GBPUSD", "NZDUSD", "USDCAD", "USDCHF", "USDJPY", "USDNOK", "USDSEK" };
  for (size_t i = 0; i < 9; i++) {
    size_t n = strlen(text);
    snprintf(text + n, sizeof text - n, "%s\"%s\": {\"swap_long\": %g, \"swap_short\": %g}", i ? ", " : "", pairs[i], -7.1 + (double)i, 2.5 - (double)i);
  }
  strcat(text, "}");
  desk d = open_rates(text);
  sld_run_options options = with_costs();
  options.currency = "JPY";
  options.capital = 1e7;
  options.from = INT64_C(3653) * DESK_DAY_NS; /* 1980: in August 1971 the yen has no rate */
  options.rollover = SLD_ROLLOVER_POINTS;
  for (size_t i = 0; i < STRATEGIES; i++) adds_up(&d, strategies[i], &options, NULL);
  desk_close(&d);
}

/* What is looked for would be found. */
static void a_cent_too_much_is_noticed(void **state) {
  (void)state;
  const double equity[] = { 100.0, 100.0, 110.0, 110.0 };
  const int64_t time[] = { 10, 20, 30, 40 };
  const sld_order orders[] = { { .spread_cost = 1.0 }, { .spread_cost = 1.0 } };
  const sld_trade trade = { .exit = SLD_EXIT_ORDER, .entry_time = 15, .exit_time = 25, .gross = 12.0, .costs = 2.0, .net = 10.0 };
  const sld_job good = { .pair = "EURUSD", .capital = 100.0, .final_equity = 110.0, .costs_spread = 2.0, .realised = 12.0, .order_count = 2, .orders = orders,
    .trade_count = 1, .trades = &trade, .bar_count = 4, .close_time = time, .equity = equity };
  identities found = { "" };
  identities_totals(&found, &good);
  assert_int_equal(identities_flat_bars(&found, &good), 2);
  assert_string_equal(found.broken, "");
  sld_job bad = good;
  bad.final_equity += 0.01;
  identities_totals(&found, &bad);
  assert_string_equal(found.broken, "EURUSD: capital and profit: 110.01000000000001, not 110");
  const double jump[] = { 100.01, 100.0, 110.0, 110.0 };
  bad = good;
  bad.equity = jump;
  found.broken[0] = '\0';
  identities_flat_bars(&found, &bad);
  assert_string_equal(found.broken, "EURUSD: equity of bar 0: 100.01000000000001, not 100");
}

/* A strategy that is mostly in the market, of yen and dollars, on sleeves or on one account. */
static desk_run yen_and_euros(desk *d, sld_run_options *options) {
  static const char *const pairs[] = { "EURUSD", "USDJPY" };
  options->pairs = pairs;
  options->pair_count = 2;
  return desk_start(d, "luajit", DESK_HEAD "local S = sliders.strategy { warmup = 0 } function S:bar(broker) local r = sliders.random() "
    "if r < 0.1 then broker:target(r < 0.05 and 1 or -1) elseif r < 0.2 then broker:buy { units = 100, sl_dist = self.bars.close[0] * 0.02 } end end return S", options);
}

/* The bar of `job` that is found wrong. */
static size_t wrong_bar(const desk *d, const sld_job *job, const sld_run_options *options) {
  double want;
  size_t held = 0;
  return job->books ? ids_account(job, d->market, options, &want, &held) : ids_sleeve(job, d->market, options, &want, &held);
}

static void what_is_wrong_with_a_bar_is_noticed_inside_a_position_too(void **state) {
  (void)state;
  for (int account = SLD_SPLIT; account <= SLD_SHARED; account++) {
    desk d = open_rates(NULL);
    sld_run_options options = with_costs();
    options.account = (sld_account)account;
    options.from = INT64_C(9000) * DESK_DAY_NS;
    desk_run r = yen_and_euros(&d, &options);
    const sld_job *job = desk_done(&r, account == SLD_SPLIT ? 1 : 0);
    assert_int_equal(wrong_bar(&d, job, &options), job->bar_count);
    double *equity = malloc(job->bar_count * sizeof *equity);
    assert_non_null(equity);
    sld_job bad = *job;
    bad.equity = equity;
    for (size_t k = 0; k < job->bar_count; k += 97) {
      memcpy(equity, job->equity, job->bar_count * sizeof *equity);
      equity[k] += 1e-5;
      assert_int_equal(wrong_bar(&d, &bad, &options), k);
    }
    free(equity);
    sld_run_options others = options; /* than those of the run */
    others.spread_pips = 2.5;
    assert_true(wrong_bar(&d, job, &others) < job->bar_count);
    others = options;
    others.currency = "EUR";
    assert_true(wrong_bar(&d, job, &others) < job->bar_count);
    desk_end(&r);
    desk_close(&d);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_fill_mode),
    cmocka_unit_test(every_rule_of_combination),
    cmocka_unit_test(rollovers_and_another_currency),
    cmocka_unit_test(a_cent_too_much_is_noticed),
    cmocka_unit_test(what_is_wrong_with_a_bar_is_noticed_inside_a_position_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
