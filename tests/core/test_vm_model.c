/* What sliders.finmarketpy takes, and what it says to anything else; the same words in both engines. */
#include "engine_desk.h"

#define MODEL(fields) "local sliders = require 'sliders'\nlocal S = sliders.strategy { model = sliders.finmarketpy { " fields " } }\nfunction S:signal(bars) return bars.close:gt(0) end\nreturn S\n"

static desk made_up(void) {
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 50, 1);
  desk_add(&d, "USDJPY", 110.0, 50, 2);
  return d;
}

/* Where the fields are wrong the strategy's second line is blamed. */
static void fails(const char *text, const char *why) {
  char want[512];
  desk d = made_up();
  snprintf(want, sizeof want, "test.lua:2: sliders.finmarketpy%s", why);
  desk_fails(&d, text, want);
  desk_close(&d);
}

static void a_misspelt_field_is_named_with_the_one_that_was_meant(void **state) {
  (void)state;
  fails(MODEL("spot_tc_pb = 1"), " has no field 'spot_tc_pb'; did you mean 'spot_tc_bp'?");
  fails(MODEL("portfolio_vol_targt = 1"), " has no field 'portfolio_vol_targt'; did you mean 'portfolio_vol_target'?");
  fails(MODEL("leverage = 1"), " has no field 'leverage'");
  fails(MODEL("0.05"), " takes named fields only");
}

static void a_value_that_makes_no_sense_is_refused(void **state) {
  (void)state;
  fails(MODEL("spot_tc_bp = -1"), "'s spot_tc_bp must be a number of at least 0, not -1");
  fails(MODEL("spot_tc_bp = 0 / 0"), "'s spot_tc_bp must be a number of at least 0, not nan");
  fails(MODEL("spot_rc_bp = 'one'"), "'s spot_rc_bp must be a number or a table by pair, not string");
  fails(MODEL("signal_delay = 0.5"), "'s signal_delay must be a whole number from 0 to 1000000, not 0.5");
  fails(MODEL("signal_vol_target = 0, signal_vol_max_leverage = 3"), "'s signal_vol_target must be a number above 0, not 0");
  fails(MODEL("signal_vol_target = 0.1, signal_vol_max_leverage = math.huge"), "'s signal_vol_max_leverage must be a number above 0, not inf");
  fails(MODEL("signal_vol_target = 0.1, signal_vol_max_leverage = 3, signal_vol_periods = 1"), "'s signal_vol_periods must be a whole number from 2 to 1000000, not 1");
  fails(MODEL("signal_vol_target = 0.1, signal_vol_max_leverage = 3, signal_vol_period_shift = -1"), "'s signal_vol_period_shift must be a whole number from 0 to 1000000, not -1");
  fails(MODEL("stop_loss = 0.02, take_profit = 0.03"), "'s stop_loss must be a number below 0, not 0.02");
  fails(MODEL("max_net_exposure = false"), "'s max_net_exposure must be a number above 0, not boolean");
}

static void a_word_is_one_of_those_that_there_are(void **state) {
  (void)state;
  fails(MODEL("portfolio_combination = 'summ'"), "'s portfolio_combination must be one of mean, sum, weighted, weighted-sum, not 'summ'; did you mean 'sum'?");
  fails(MODEL("portfolio_combination = 2"), "'s portfolio_combination must be one of mean, sum, weighted, weighted-sum, not number");
  fails(MODEL("signal_vol_target = 0.1, signal_vol_max_leverage = 3, signal_vol_rebalance_freq = 'W'"), "'s signal_vol_rebalance_freq must be one of BM, not 'W'");
}

static void a_table_by_pair_names_pairs(void **state) {
  (void)state;
  fails(MODEL("spot_tc_bp = { 1, 2 }"), "'s spot_tc_bp must name pairs: { EURUSD = 1, default = 2 }");
  fails(MODEL("spot_tc_bp = { EURUSD = -2 }"), "'s spot_tc_bp.EURUSD must be a number of at least 0, not -2");
  fails(MODEL("portfolio_combination = 'weighted', portfolio_combination_weights = 3"), "'s portfolio_combination_weights must be a table by pair, not a number");
}

static void a_field_needs_the_one_that_gives_it_a_meaning(void **state) {
  (void)state;
  fails(MODEL("stop_loss = -0.02"), "'s stop_loss needs take_profit");
  fails(MODEL("take_profit = 0.02"), "'s take_profit needs stop_loss");
  fails(MODEL("signal_vol_periods = 20"), "'s signal_vol_periods needs signal_vol_target");
  fails(MODEL("portfolio_vol_target = 0.1"), "'s portfolio_vol_target needs portfolio_vol_max_leverage");
  fails(MODEL("position_clip_period_shift = 1"), "'s position_clip_period_shift needs max_net_exposure or max_abs_exposure");
  fails(MODEL("portfolio_combination = 'weighted'"), "'s portfolio_combination 'weighted' needs portfolio_combination_weights");
  fails(MODEL("portfolio_combination = 'sum', portfolio_combination_weights = { EURUSD = 1 }"), "'s portfolio_combination_weights needs portfolio_combination 'weighted' or 'weighted-sum'");
}

static void a_pair_that_does_not_exist_is_an_error_of_the_run(void **state) {
  (void)state;
  desk d = made_up();
  sld_strategy *strategy = desk_strategy(&d, NULL, MODEL("spot_tc_bp = { EURUDS = 1 }"));
  sld_run *run;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  sld_error err;
  assert_int_equal(sld_run_start(&run, d.host, d.market, strategy, &options, &err), SLD_ENAME);
  assert_string_equal(err.file, "spot_tc_bp.EURUDS");
  assert_non_null(strstr(err.message, "EURUSD"));
  sld_strategy_free(strategy);
  desk_close(&d);
}

static void every_field_reaches_the_portfolio(void **state) {
  (void)state;
  desk d = made_up();
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm,
      MODEL("spot_rc_bp = { EURUSD = 1 }, portfolio_combination = 'weighted', portfolio_combination_weights = { EURUSD = 3, default = 1 }, max_net_exposure = 0.5"), NULL);
    const sld_portfolio *p = sld_result_portfolio(r.result);
    for (size_t i = 0; i < 2 * p->count; i++) assert_true(p->weights[i] == (i % 2 ? 0.125 : 0.375));
    assert_true(desk_job(&r, 0)->rollover < 0.0 && desk_job(&r, 1)->rollover == 0.0);
    desk_end(&r);
  }
  desk_close(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_misspelt_field_is_named_with_the_one_that_was_meant),
    cmocka_unit_test(a_value_that_makes_no_sense_is_refused),
    cmocka_unit_test(a_word_is_one_of_those_that_there_are),
    cmocka_unit_test(a_table_by_pair_names_pairs),
    cmocka_unit_test(a_field_needs_the_one_that_gives_it_a_meaning),
    cmocka_unit_test(a_pair_that_does_not_exist_is_an_error_of_the_run),
    cmocka_unit_test(every_field_reaches_the_portfolio),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
