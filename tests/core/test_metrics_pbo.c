/* Cross-validation for overfitting against expected runs, and its edges. */
#include "metrics_truth.h"

#include "base/alloc.h"
#include "failing.h"
#include "metrics/overfit.h"
#include "metrics/pbo.h"
#include "metrics/returns.h"

#include <stdint.h>

enum { CASES = 14 };

/* Uniform values by Lehmer's generator; an element is the sum of twelve, minus 6, in hundredths. */
static double *matrix(size_t rows, size_t trials, int64_t seed) {
  double *x = malloc(rows * trials * sizeof *x);
  assert_non_null(x);
  for (size_t i = 0; i < rows * trials; i++) {
    double sum = 0.0;
    for (int k = 0; k < 12; k++) {
      seed = seed * 16807 % 2147483647;
      sum += (double)seed / 2147483647.0;
    }
    x[i] = (sum - 6.0) * 0.01;
  }
  return x;
}

static void the_recipe_gives_the_expected_matrix(void **state) {
  (void)state;
  const char *name = "truth/metrics_pbo_a_matrix.csv";
  FILE *file = truth_open(name);
  double *x = matrix(64, 6, 42);
  truth_line line;
  assert_true(truth_next(&line, file));
  size_t at = 0;
  while (truth_next(&line, file))
    for (int j = 1; j < line.count; j++) assert_true(x[at++] == truth_number(line.field[j]));
  assert_int_equal(at, 64 * 6);
  truth_close(file, name);
  free(x);
}

static int differs(const char *what, double value, const char *expected, double tolerance) {
  if (truth_near(value, truth_number(expected), tolerance)) return 0;
  print_error("%s: %.17g, expected %s\n", what, value, expected);
  return 1;
}

static int check_case(const truth_line *line) {
  size_t rows = (size_t)atoi(line->field[1]), trials = (size_t)atoi(line->field[2]), blocks = (size_t)atoi(line->field[3]);
  double *x = matrix(rows, trials, atoll(line->field[4]));
  if (line->field[5][0] != '\0')
    for (size_t t = 0; t < rows; t++) x[t * trials + (size_t)atoi(line->field[5])] += truth_number(line->field[6]);
  sld__pbo_statistic statistic = strcmp(line->field[7], "omega") == 0 ? SLD__PBO_OMEGA : SLD__PBO_SHARPE;
  double *logits = malloc(sld__pbo_combinations(blocks) * sizeof *logits);
  sld_allocator a = sld__alloc_default();
  sld__pbo p;
  assert_int_equal(sld__pbo_run(&p, logits, x, rows, trials, blocks, statistic, &a, NULL), SLD_OK);
  int wrong = differs("combinations", (double)p.combinations, line->field[8], 0.0);
  wrong += differs("pbo", p.pbo, line->field[9], 1e-15);
  wrong += differs("pbo_rank_over_N", p.pbo_rank_over_n, line->field[10], 1e-15);
  wrong += differs("loss", p.loss_probability, line->field[11], 1e-15);
  wrong += differs("slope", p.slope, line->field[12], 1e-10);
  wrong += differs("intercept", p.intercept, line->field[13], 1e-10);
  wrong += differs("mean_logit", p.mean_logit, line->field[14], 1e-12);
  wrong += differs("mean_is_best", p.mean_in_sample, line->field[15], 1e-12);
  wrong += differs("mean_oos_of_best", p.mean_out_of_sample, line->field[16], 1e-12);
  for (int k = 0; k < 4; k++) wrong += differs("logit", logits[k], line->field[17 + k], 1e-11);
  free(logits);
  free(x);
  return wrong;
}

static void every_expected_case_is_met(void **state) {
  (void)state;
  const char *name = "truth/metrics_pbo.csv";
  FILE *file = truth_open(name);
  truth_line line;
  assert_true(truth_next(&line, file));
  int cases = 0, wrong = 0;
  for (; truth_next(&line, file); cases++) wrong += check_case(&line);
  truth_close(file, name);
  assert_int_equal(wrong, 0);
  assert_int_equal(cases, CASES);
}

static void the_best_of_twenty_trials_is_deflated(void **state) {
  (void)state;
  enum { T = 800, N = 20 };
  double *x = matrix(T, N, 2024), sharpes[N], column[T];
  sld__sharpe_estimate best = { 0 };
  for (size_t j = 0; j < N; j++) {
    for (size_t t = 0; t < T; t++) column[t] = x[t * N + j];
    sld__sharpe_estimate e = sld__sharpe_estimate_of(column, T);
    sharpes[j] = e.sharpe;
    if (j == 2) best = e;
  }
  sld__moments m = sld__moments_of(sharpes, N);
  double deviation = sld__deviation(&m, 1);
  assert_true(truth_near(best.sharpe, 0.08012890537186522, 1e-12));
  assert_true(best.sharpe == m.max);
  assert_true(truth_near(deviation, 0.03612965823877218, 1e-12));
  assert_true(truth_near(best.skew, -0.03579757822058645, 1e-12));
  assert_true(truth_near(best.kurt, 2.704739127023191, 1e-12));
  assert_true(truth_near(sld__psr(&best, 0.0), 0.9880474163371004, 1e-12));
  assert_true(truth_near(deviation * sld__expected_max_normal(N), 0.06867192868789358, 1e-12));
  assert_true(truth_near(sld__dsr(&best, deviation, N), 0.6266318858848388, 1e-12));
  free(x);
}

static void what_cannot_be_cut_into_blocks_is_refused(void **state) {
  (void)state;
  double x[8] = { 0.1, 0.2, -0.1, 0.1, 0.3, 0.1, -0.2, 0.2 };
  sld_allocator a = sld__alloc_default();
  sld__pbo p;
  sld_error err;
  assert_int_equal(sld__pbo_run(&p, NULL, x, 4, 2, 3, SLD__PBO_OMEGA, &a, &err), SLD_EINVAL);
  assert_string_equal(err.message, "blocks must be an even number from 2 to 24, not 3");
  assert_int_equal(sld__pbo_run(&p, NULL, x, 4, 2, 26, SLD__PBO_OMEGA, &a, &err), SLD_EINVAL);
  assert_int_equal(sld__pbo_run(&p, NULL, x, 4, 2, 6, SLD__PBO_OMEGA, &a, &err), SLD_EINVAL);
  assert_string_equal(err.message, "4 rows are too few for 6 blocks");
  assert_int_equal(sld__pbo_run(&p, NULL, x, 3, 2, 2, SLD__PBO_SHARPE, &a, &err), SLD_EINVAL);
  assert_int_equal(sld__pbo_run(&p, NULL, x, 8, 1, 2, SLD__PBO_SHARPE, &a, &err), SLD_EINVAL);
  x[5] = (double)NAN;
  assert_int_equal(sld__pbo_run(&p, NULL, x, 4, 2, 2, SLD__PBO_SHARPE, &a, &err), SLD_EVALUE);
  assert_string_equal(err.message, "row 2 of trial 1 is not a finite number");
}

static void a_trial_that_never_moves_ranks_last(void **state) {
  (void)state;
  double x[] = { 0.0, -0.02, 0.0, -0.01, 0.0, -0.03, 0.0, -0.01 };
  sld_allocator a = sld__alloc_default();
  sld__pbo p;
  assert_int_equal(sld__pbo_run(&p, NULL, x, 4, 2, 2, SLD__PBO_SHARPE, &a, NULL), SLD_OK);
  assert_true(p.mean_in_sample < 0.0 && isfinite(p.mean_in_sample));
  assert_true(p.pbo == 0.0 && p.loss_probability == 1.0);
}

static void running_out_of_memory_leaks_nothing(void **state) {
  (void)state;
  double x[] = { 0.01, -0.02, 0.0, -0.01, 0.02, -0.03, 0.01, -0.01 };
  struct failing failing = { .refuse = 1 };
  sld_allocator a = failing_allocator(&failing);
  sld__pbo p;
  assert_int_equal(sld__pbo_run(&p, NULL, x, 4, 2, 2, SLD__PBO_SHARPE, &a, NULL), SLD_ENOMEM);
  assert_int_equal(sld__pbo_run(&p, NULL, x, 4, SIZE_MAX / 16, 2, SLD__PBO_SHARPE, &a, NULL), SLD_ENOMEM);
  failing.refuse = 0;
  assert_int_equal(sld__pbo_run(&p, NULL, x, 4, 2, 2, SLD__PBO_SHARPE, &a, NULL), SLD_OK);
  assert_int_equal(failing.held, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_recipe_gives_the_expected_matrix),
    cmocka_unit_test(every_expected_case_is_met),
    cmocka_unit_test(the_best_of_twenty_trials_is_deflated),
    cmocka_unit_test(what_cannot_be_cut_into_blocks_is_refused),
    cmocka_unit_test(a_trial_that_never_moves_ranks_last),
    cmocka_unit_test(running_out_of_memory_leaks_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
