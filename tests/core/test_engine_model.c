/* What a strategy declares of its model, as the model takes it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "engine/model.h"

enum { MOST = 32 };

typedef struct page {
  sld__model_option options[MOST];
  sld__declaration declaration;
} page;

static void open_page(page *p) {
  memset(p, 0, sizeof *p);
  p->declaration.model = (char *)(uintptr_t)"finmarketpy";
  p->declaration.model_options = p->options;
}

static void number(page *p, const char *name, double value) {
  p->options[p->declaration.model_option_count++] = (sld__model_option){ .name = (char *)(uintptr_t)name, .number = value };
}

static void word(page *p, const char *name, const char *text) {
  p->options[p->declaration.model_option_count++] = (sld__model_option){ .name = (char *)(uintptr_t)name, .text = (char *)(uintptr_t)text };
}

static sld_status check(const page *p, sld_weights weights, size_t sets, sld_error *err) {
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.weights = weights;
  return sld__model_check(NULL, &p->declaration, &options, sets, err);
}

static void without_a_word_the_model_is_the_mean_of_pairs_without_target_stop_or_limit(void **state) {
  (void)state;
  page p;
  open_page(&p);
  sld__finmarketpy_rule rule = sld__model_rule(&p.declaration);
  assert_true(rule.signal_vol.target == 0.0 && rule.portfolio_vol.target == 0.0);
  assert_true(isnan(rule.stop_loss) && isnan(rule.take_profit));
  assert_true(isinf(rule.max_net) && isinf(rule.max_abs));
  assert_int_equal(rule.combination, SLD__MEAN);
  assert_int_equal(rule.signal_delay, 0);
  assert_true(sld__model_tc(&p.declaration, "EURUSD") == 0.0 && sld__model_rc(&p.declaration, NULL) == 0.0);
}

static void each_level_has_its_own_target(void **state) {
  (void)state;
  page p;
  open_page(&p);
  number(&p, "signal_vol_target", 0.05);
  number(&p, "signal_vol_max_leverage", 3);
  number(&p, "portfolio_vol_target", 0.1);
  number(&p, "portfolio_vol_max_leverage", 5);
  number(&p, "portfolio_vol_periods", 60);
  number(&p, "portfolio_vol_obs_in_year", 260);
  number(&p, "portfolio_vol_period_shift", 2);
  word(&p, "portfolio_vol_rebalance_freq", "BM");
  sld__finmarketpy_rule rule = sld__model_rule(&p.declaration);
  assert_true(rule.signal_vol.target == 0.05 && rule.signal_vol.max_leverage == 3.0 && rule.signal_vol.periods == 20 && rule.signal_vol.obs_in_year == 252.0);
  assert_true(rule.signal_vol.shift == 0 && !rule.signal_vol.monthly);
  assert_true(rule.portfolio_vol.target == 0.1 && rule.portfolio_vol.max_leverage == 5.0 && rule.portfolio_vol.periods == 60 && rule.portfolio_vol.obs_in_year == 260.0);
  assert_true(rule.portfolio_vol.shift == 2 && rule.portfolio_vol.monthly);
}

static void the_rest_is_read_by_its_name(void **state) {
  (void)state;
  static const struct { const char *word; sld__combination combination; } words[] = {
    { "mean", SLD__MEAN }, { "sum", SLD__COMBINED_SUM }, { "weighted", SLD__WEIGHTED }, { "weighted-sum", SLD__WEIGHTED_SUM } };
  for (size_t i = 0; i < 4; i++) {
    page p;
    open_page(&p);
    word(&p, "portfolio_combination", words[i].word);
    number(&p, "signal_delay", 1);
    number(&p, "stop_loss", -0.02);
    number(&p, "take_profit", 0.03);
    number(&p, "max_net_exposure", 2);
    number(&p, "max_abs_exposure", 4);
    number(&p, "position_clip_period_shift", 3);
    word(&p, "position_clip_rebalance_freq", "BM");
    sld__finmarketpy_rule rule = sld__model_rule(&p.declaration);
    assert_int_equal(rule.combination, words[i].combination);
    assert_true(rule.signal_delay == 1 && rule.stop_loss == -0.02 && rule.take_profit == 0.03);
    assert_true(rule.max_net == 2.0 && rule.max_abs == 4.0 && rule.clip_shift == 3 && rule.clip_monthly);
  }
}

static void costs_are_one_number_or_by_pair_with_a_default(void **state) {
  (void)state;
  page p;
  open_page(&p);
  number(&p, "spot_tc_bp", 2.5);
  number(&p, "spot_rc_bp.EURUSD", 1);
  assert_true(sld__model_tc(&p.declaration, "EURUSD") == 2.5 / 20000.0 && sld__model_tc(&p.declaration, NULL) == 2.5 / 20000.0);
  assert_true(sld__model_rc(&p.declaration, "EURUSD") == 0.0001 && sld__model_rc(&p.declaration, "USDJPY") == 0.0 && sld__model_rc(&p.declaration, NULL) == 0.0);
  number(&p, "spot_rc_bp.default", 3);
  number(&p, "portfolio_combination_weights.EURUSD", 2);
  assert_true(sld__model_rc(&p.declaration, "EURUSD") == 0.0001 && sld__model_rc(&p.declaration, "USDJPY") == 0.0003 && sld__model_rc(&p.declaration, NULL) == 0.0003);
  assert_true(sld__model_share(&p.declaration, "EURUSD") == 2.0 && sld__model_share(&p.declaration, "USDJPY") == 0.0);
}

static void a_model_makes_its_portfolio_alone_and_names_pairs_that_exist(void **state) {
  (void)state;
  page p;
  sld_error err;
  open_page(&p);
  number(&p, "spot_tc_bp.default", 1);
  number(&p, "spot_tc_bp.EURUSD", 1);
  assert_int_equal(check(&p, SLD_SUM, 1, &err), SLD_OK);
  assert_int_equal(check(&p, SLD_EQUAL, 1, &err), SLD_EINVAL);
  assert_string_equal(err.file, "options.weights");
  assert_int_equal(check(&p, SLD_SUM, 2, &err), SLD_EINVAL);
  assert_string_equal(err.file, "options.axes");
  number(&p, "spot_tc_bp.EURUDS", 1);
  assert_int_equal(check(&p, SLD_SUM, 1, &err), SLD_ENAME);
  assert_string_equal(err.file, "spot_tc_bp.EURUDS");
  assert_non_null(strstr(err.message, "EURUSD"));
  p.declaration.model = NULL; /* nothing to check */
  assert_int_equal(check(&p, SLD_EQUAL, 2, &err), SLD_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(without_a_word_the_model_is_the_mean_of_pairs_without_target_stop_or_limit),
    cmocka_unit_test(each_level_has_its_own_target),
    cmocka_unit_test(the_rest_is_read_by_its_name),
    cmocka_unit_test(costs_are_one_number_or_by_pair_with_a_default),
    cmocka_unit_test(a_model_makes_its_portfolio_alone_and_names_pairs_that_exist),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
