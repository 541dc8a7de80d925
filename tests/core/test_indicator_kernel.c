/* Every kernel: its slow twin, any split of the rows, gaps, lookback, history, options. */
#include "indicator_twins.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

enum { ROWS_FED = 3000 };

typedef struct columns3 {
  double *in[SLD__KERNEL_INPUTS];
  double *out[SLD__KERNEL_OUTPUTS];
  double *twin[SLD__KERNEL_OUTPUTS];
} columns3;

static void columns3_init(columns3 *c) {
  for (int k = 0; k < 3; k++) {
    c->in[k] = malloc(ROWS_FED * sizeof(double));
    c->out[k] = malloc(ROWS_FED * sizeof(double));
    c->twin[k] = malloc(ROWS_FED * sizeof(double));
  }
}

static void columns3_fini(columns3 *c) {
  for (int k = 0; k < 3; k++) {
    free(c->in[k]);
    free(c->out[k]);
    free(c->twin[k]);
  }
}

/* high, low, close of a walk in ticks of 0.25 around 100, so that ties and crossings abound. */
static void fill_bars(columns3 *c, uint64_t seed) {
  double price = 100;
  for (size_t i = 0; i < ROWS_FED; i++) {
    price += 0.25 * floor(5 * twin_random(&seed) - 2);
    if (price < 50) price = 50;
    c->in[2][i] = price;
    c->in[0][i] = price + 0.25 * floor(3 * twin_random(&seed));
    c->in[1][i] = price - 0.25 * floor(3 * twin_random(&seed));
  }
}

/* The kernels of truths and crossings want inputs of both signs that meet. */
static void fill_small(columns3 *c, uint64_t seed) {
  for (int k = 0; k < 3; k++)
    for (size_t i = 0; i < ROWS_FED; i++) c->in[k][i] = floor(5 * twin_random(&seed)) - 2;
}

static void punch_gaps(columns3 *c, uint64_t seed, double share) {
  static const double gaps[] = { (double)NAN, (double)INFINITY, -(double)INFINITY };
  for (int k = 0; k < 3; k++)
    for (size_t i = 0; i < ROWS_FED; i++)
      if (twin_random(&seed) < share || i < 40) c->in[k][i] = gaps[(size_t)(3 * twin_random(&seed))];
}

static bool same_bits(const double *a, const double *b, size_t n, size_t *where) {
  for (size_t i = 0; i < n; i++) {
    if (isnan(a[i]) && isnan(b[i])) continue;
    *where = i;
    if (memcmp(&a[i], &b[i], sizeof a[i]) != 0) return false;
  }
  return true;
}

/* Feeds rows in pieces, each copied to a block of its own that holds exactly the history that the kernel declares. */
static void feed(const sld__kernel *k, const double *opt, const columns3 *c, double *const *out, uint64_t seed, size_t longest) {
  size_t history = k->history(opt), state_count = k->state_count(opt);
  double *state = calloc(state_count + 1, sizeof *state);
  state[state_count] = 4711;
  for (size_t at = 0; at < ROWS_FED;) {
    size_t n = 1 + (size_t)((double)longest * twin_random(&seed));
    if (n > ROWS_FED - at) n = ROWS_FED - at;
    size_t margin = history < at ? history : at;
    double *blocks[SLD__KERNEL_INPUTS];
    const double *in[SLD__KERNEL_INPUTS];
    double *to[SLD__KERNEL_OUTPUTS];
    for (int i = 0; i < k->inputs; i++) {
      blocks[i] = malloc((margin + n) * sizeof(double));
      memcpy(blocks[i], c->in[i] + at - margin, (margin + n) * sizeof(double));
      in[i] = blocks[i] + margin;
    }
    for (int i = 0; i < k->outputs; i++) to[i] = out[i] + at;
    k->step(state, k->options ? opt : NULL, n, in, to);
    for (int i = 0; i < k->inputs; i++) free(blocks[i]);
    at += n;
  }
  assert_true(state[state_count] == 4711);
  free(state);
}

static void feed_at_once(const sld__kernel *k, const double *opt, const columns3 *c) {
  feed(k, opt, c, c->out, 1, (size_t)1 << 40);
}

static double scale_of(const double *x, size_t n) {
  double scale = 1e-300;
  for (size_t i = 0; i < n; i++)
    if (isfinite(x[i]) && fabs(x[i]) > scale) scale = fabs(x[i]);
  return scale;
}

static void assert_twin(const twin_case *t, const columns3 *c) {
  const sld__kernel *k = sld__kernel_find(t->name);
  assert_non_null(k);
  feed_at_once(k, t->opt, c);
  t->twin(t->opt, ROWS_FED, (const double *const *)c->in, c->twin);
  for (int o = 0; o < k->outputs; o++) {
    double allowed = t->exact ? 0 : 1e-11 * scale_of(c->twin[o], ROWS_FED);
    for (size_t i = 0; i < ROWS_FED; i++) {
      double got = c->out[o][i], want = c->twin[o][i];
      bool same = isnan(want) ? isnan(got) : got == want || fabs(got - want) <= allowed;
      if (!same) fail_msg("%s(%g) output %d row %zu: %.17g, its twin says %.17g", t->name, t->opt[0], o, i, got, want);
    }
  }
}

static void over_all_cases(void (*assert_one)(const twin_case *, const columns3 *), double gaps) {
  columns3 c;
  columns3_init(&c);
  for (size_t i = 0; i < TWIN_CASES; i++) {
    fill_bars(&c, i + 1);
    punch_gaps(&c, i + 11, gaps);
    if (gaps == 0) fill_bars(&c, i + 1);
    assert_one(&twin_cases[i], &c);
    fill_small(&c, i + 1);
    if (gaps > 0) punch_gaps(&c, i + 12, gaps);
    assert_one(&twin_cases[i], &c);
  }
  columns3_fini(&c);
}

static void every_kernel_has_a_twin_and_every_twin_a_kernel(void **state) {
  (void)state;
  for (size_t i = 0; i < sld__kernel_count(); i++) {
    bool found = false;
    for (size_t t = 0; t < TWIN_CASES; t++) found |= !strcmp(twin_cases[t].name, sld__kernel_at(i)->name);
    if (!found) fail_msg("%s has no twin", sld__kernel_at(i)->name);
  }
}

static void every_kernel_agrees_with_its_slow_twin(void **state) {
  (void)state;
  over_all_cases(assert_twin, 0);
}

static void every_kernel_agrees_with_its_slow_twin_around_gaps(void **state) {
  (void)state;
  over_all_cases(assert_twin, 0.003);
  over_all_cases(assert_twin, 0.1);
}

static void assert_splits(const twin_case *t, const columns3 *c) {
  static const size_t longest[] = { 1, 3, 7, 100, 1024 };
  const sld__kernel *k = sld__kernel_find(t->name);
  feed_at_once(k, t->opt, c);
  for (size_t s = 0; s < sizeof longest / sizeof longest[0]; s++) {
    feed(k, t->opt, c, c->twin, s + 1, longest[s]);
    size_t where = 0;
    for (int o = 0; o < k->outputs; o++)
      if (!same_bits(c->out[o], c->twin[o], ROWS_FED, &where))
        fail_msg("%s(%g) in pieces of up to %zu differs at output %d row %zu", t->name, t->opt[0], longest[s], o, where);
  }
}

static void any_split_of_the_rows_gives_the_same_bits(void **state) {
  (void)state;
  over_all_cases(assert_splits, 0);
  over_all_cases(assert_splits, 0.005);
}

static void the_first_full_row_is_the_lookback(void **state) {
  (void)state;
  columns3 c;
  columns3_init(&c);
  uint64_t seed = 5;
  for (int k = 0; k < 3; k++)
    for (size_t i = 0; i < ROWS_FED; i++) c.in[k][i] = 100 + twin_random(&seed);
  for (size_t t = 0; t < TWIN_CASES; t++) {
    const sld__kernel *k = sld__kernel_find(twin_cases[t].name);
    feed_at_once(k, twin_cases[t].opt, &c);
    size_t row = 0;
    for (bool full = false; !full && row < ROWS_FED; row += !full) {
      full = true;
      for (int o = 0; o < k->outputs; o++) full &= !isnan(c.out[o][row]);
    }
    if (row != k->lookback(twin_cases[t].opt)) fail_msg("%s(%g): %zu", k->name, twin_cases[t].opt[0], row);
  }
  columns3_fini(&c);
}

static void the_table_is_ordered_and_found_by_name(void **state) {
  (void)state;
  for (size_t i = 0; i < sld__kernel_count(); i++) {
    const sld__kernel *k = sld__kernel_at(i);
    assert_ptr_equal(sld__kernel_find(k->name), k);
    if (i > 0) assert_true(strcmp(sld__kernel_at(i - 1)->name, k->name) < 0);
    assert_in_range(k->inputs, 1, SLD__KERNEL_INPUTS);
    assert_in_range(k->outputs, 1, SLD__KERNEL_OUTPUTS);
    assert_in_range(k->options, 0, SLD__KERNEL_OPTIONS);
    if (k->elementwise) {
      assert_true(k->constants);
      assert_int_equal(k->state_count(NULL), 0);
      assert_int_equal(k->history(NULL), 0);
      assert_int_equal(k->lookback(NULL), 0);
    }
  }
  assert_null(sld__kernel_at(sld__kernel_count()));
  assert_null(sld__kernel_find("smaa"));
  assert_null(sld__kernel_find(""));
}

static void options_out_of_range_are_refused_by_name(void **state) {
  (void)state;
  static const struct {
    const char *kernel;
    double opt[SLD__KERNEL_OPTIONS];
    const char *message;
  } cases[] = {
    { "sma", { 0 }, "sma: the period must be a whole number from 1 to 1000000" },
    { "sma", { 2.5 }, "sma: the period must be a whole number from 1 to 1000000" },
    { "rsi", { -3 }, "rsi: the period must be a whole number from 1 to 1000000" },
    { "ema", { (double)NAN }, "ema: the period must be a whole number from 1 to 1000000" },
    { "atr", { 1000001 }, "atr: the period must be a whole number from 1 to 1000000" },
    { "shift", { -1 }, "shift: the number of rows must be a whole number from 0 to 1000000" },
    { "linreg_slope", { 1 }, "linreg_slope: the period must be a whole number from 2 to 1000000" },
    { "macd", { 12, 26, 0 }, "macd: the signal period must be a whole number from 1 to 1000000" },
    { "stddev", { 1, 1 }, "stddev: ddof must be 0 or 1, and less than the period" },
    { "stddev", { 9, 2 }, "stddev: ddof must be 0 or 1, and less than the period" },
    { "bollinger", { 20, -1 }, "bollinger: the number of deviations must be a number >= 0" },
    { "bollinger", { 20, (double)INFINITY }, "bollinger: the number of deviations must be a number >= 0" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    sld_error err;
    assert_int_equal(sld__kernel_find(cases[i].kernel)->check(cases[i].opt, &err), SLD_ERANGE);
    assert_string_equal(err.message, cases[i].message);
    assert_int_equal(sld__kernel_find(cases[i].kernel)->check(cases[i].opt, NULL), SLD_ERANGE);
  }
  for (size_t t = 0; t < TWIN_CASES; t++) assert_int_equal(sld__kernel_find(twin_cases[t].name)->check(twin_cases[t].opt, NULL), SLD_OK);
}

static double last_of(const char *kernel, const double *opt, const double *x, size_t n, double *column) {
  const sld__kernel *k = sld__kernel_find(kernel);
  double state[64] = { 0 };
  assert_in_range(k->state_count(opt), 0, 64);
  k->step(state, opt, n, &x, &column);
  return column[n - 1];
}

static void a_deviation_survives_a_high_level_and_a_jump(void **state) {
  (void)state;
  enum { N = 4000 };
  static double x[N], column[N];
  const double opt[] = { 20, 0 };
  uint64_t seed = 3;
  for (size_t i = 0; i < N; i++) x[i] = 1e6 + 1e-3 * floor(8 * twin_random(&seed)) + (i > 1000 ? 1e5 : 0) + (i == 2000 ? 1e12 : 0);
  last_of("stddev", opt, x, N, column);
  for (size_t i = 19; i < N; i++) {
    double want = deviation_of(x + i - 19, 20, 0);
    if (fabs(column[i] - want) > 1e-6 * want + 1e-12) fail_msg("row %zu: %.17g, not %.17g", i, column[i], want);
  }
}

static void equal_values_have_exactly_themselves_for_a_mean_and_no_deviation(void **state) {
  (void)state;
  enum { N = 5000 };
  static double x[N], column[N];
  uint64_t seed = 9;
  for (size_t i = 0; i < N; i++) x[i] = i < 100 ? twin_random(&seed) : 0.1;
  for (size_t i = 0; i < N; i++) x[i] = i < 100 ? x[i] * 1e3 : x[i];
  const double opt[] = { 20, 0 };
  last_of("stddev", opt, x, N, column);
  for (size_t i = 119; i < N; i++) assert_true(column[i] == 0);
  last_of("stddev", opt, x + 100, N - 100, column);
  for (size_t i = 19; i < N - 100; i++) assert_true(column[i] == 0);
  static const char *const means[] = { "ema", "ema_first", "rma", "wma", "rolling_max" };
  for (size_t m = 0; m < sizeof means / sizeof means[0]; m++) {
    last_of(means[m], opt, x + 100, N - 100, column);
    for (size_t i = 19; i < N - 100; i++)
      if (fabs(column[i] - 0.1) > 1e-16) fail_msg("%s: %.17g", means[m], column[i]);
  }
}

static void a_running_mean_does_not_drift_and_heals_after_an_overflow(void **state) {
  (void)state;
  enum { N = 200000 };
  double *x = malloc(N * sizeof *x), *column = malloc(N * sizeof *column);
  uint64_t seed = 4;
  for (size_t i = 0; i < N; i++) x[i] = twin_random(&seed) + (i % 1000 == 0 ? 1e9 : 0) + (i == 5000 || i == 5001 ? 1.7e308 : 0);
  const double opt[] = { 10 };
  last_of("sma", opt, x, N, column);
  assert_true(isfinite(column[5200]));
  assert_true(fabs(column[N - 1] - mean_of(x + N - 10, 10)) < 1e-6);
  last_of("wma", opt, x, N, column);
  assert_true(isfinite(column[5200]));
  free(x);
  free(column);
}

static void a_gap_in_the_middle_is_forgotten_after_one_window(void **state) {
  (void)state;
  enum { N = 100 };
  double x[N], column[N];
  const double opt[] = { 5, 0 };
  for (size_t i = 0; i < N; i++) x[i] = (double)i;
  x[50] = (double)INFINITY;
  static const char *const names[] = { "sma", "ema", "rma", "wma", "rolling_min", "stddev", "linreg_slope" };
  for (size_t m = 0; m < sizeof names / sizeof names[0]; m++) {
    last_of(names[m], opt, x, N, column);
    for (size_t i = 4; i < N; i++) assert_int_equal(isnan(column[i]), i >= 50 && i < 55);
  }
}

static void an_unmoved_price_has_no_strength(void **state) {
  (void)state;
  const double opt[] = { 3 };
  const double flat[] = { 7, 7, 7, 7, 7 }, rising[] = { 1, 2, 3, 4, 5 }, falling[] = { 5, 4, 3, 2, 1 };
  double column[5];
  assert_true(isnan(last_of("rsi", opt, flat, 5, column)));
  assert_true(last_of("rsi", opt, rising, 5, column) == 100);
  assert_true(last_of("rsi", opt, falling, 5, column) == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_table_is_ordered_and_found_by_name),
    cmocka_unit_test(every_kernel_has_a_twin_and_every_twin_a_kernel),
    cmocka_unit_test(every_kernel_agrees_with_its_slow_twin),
    cmocka_unit_test(every_kernel_agrees_with_its_slow_twin_around_gaps),
    cmocka_unit_test(any_split_of_the_rows_gives_the_same_bits),
    cmocka_unit_test(the_first_full_row_is_the_lookback),
    cmocka_unit_test(options_out_of_range_are_refused_by_name),
    cmocka_unit_test(a_deviation_survives_a_high_level_and_a_jump),
    cmocka_unit_test(equal_values_have_exactly_themselves_for_a_mean_and_no_deviation),
    cmocka_unit_test(a_running_mean_does_not_drift_and_heals_after_an_overflow),
    cmocka_unit_test(a_gap_in_the_middle_is_forgotten_after_one_window),
    cmocka_unit_test(an_unmoved_price_has_no_strength),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
