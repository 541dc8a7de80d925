/* The drawdown of a curve: the same to the bit in whatever stretches it is followed, and as its definition says. */
#include "ledger/drawdown.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/rng.h"

enum { ROWS = 1200 };

static double equity[ROWS];
static int64_t times[ROWS];

/* A walk that moves by up to a hundredth of itself, `drift` more on average. */
static void walk(struct sld__rng *rng, double drift) {
  double level = 1000.0;
  for (size_t i = 0; i < ROWS; i++) {
    level *= 1.0 + drift + 0.02 * (sld__rng_uniform(rng) - 0.5);
    equity[i] = level;
    times[i] = (int64_t)(10 * (i + 1));
  }
}

static sld__drawdown started(size_t first) {
  sld__drawdown d;
  struct sld__clock clock = { times, ROWS, 0 };
  sld__drawdown_start(&d, 1000.0, first, first ? times[first - 1] : 0, &clock);
  return d;
}

typedef struct answer {
  double peak, worst;
  int64_t longest;
} answer;

/* One row after the other, with a division each. */
static answer slow(size_t first, size_t end) {
  answer a = { 1000.0, 1.0, 0 };
  int64_t since = first ? times[first - 1] : 0;
  size_t at = first;
  for (size_t i = first; i < end; i++) {
    bool peak = equity[i] >= a.peak;
    if ((peak ? i > at : i + 1 == end) && times[i] - since > a.longest) a.longest = times[i] - since;
    if (peak) {
      a.peak = equity[i];
      since = times[i];
      at = i + 1;
    }
    if (equity[i] / a.peak < a.worst) a.worst = equity[i] / a.peak;
  }
  return a;
}

static void assert_agrees(const sld__drawdown *d, size_t first, size_t end) {
  answer a = slow(first, end);
  assert_true(d->peak == a.peak);
  assert_true(sld__drawdown_worst(d) == a.worst);
  assert_int_equal(sld__drawdown_longest(d), a.longest);
}

static void stretches_of_any_length_agree_with_the_slow_twin_to_the_bit(void **state) {
  (void)state;
  static const double drifts[] = { 0.0, 0.001, -0.001, 0.02, -0.02 };
  struct sld__rng rng;
  sld__rng_init(&rng, 7, 7);
  for (int round = 0; round < 300; round++) {
    size_t first = (size_t)(40.0 * sld__rng_uniform(&rng)), longest = 1 + (size_t)(200.0 * sld__rng_uniform(&rng));
    walk(&rng, drifts[round % 5]);
    sld__drawdown d = started(first);
    while (d.next < ROWS) {
      size_t end = d.next + 1 + (size_t)((double)longest * sld__rng_uniform(&rng));
      if (end > ROWS) end = ROWS;
      assert_int_equal(sld__drawdown_follow(&d, equity, end), end);
      assert_int_equal(d.next, end);
      if (round % 10 == 0) assert_agrees(&d, first, end);
    }
    assert_agrees(&d, first, ROWS);
  }
}

/* Wherever it lies in a block, and whatever comes before it. */
static void the_first_point_that_is_not_above_zero_stops_it(void **state) {
  (void)state;
  static const double bad[] = { 0.0, -0.0, -5.0, NAN, -NAN, -INFINITY };
  struct sld__rng rng;
  sld__rng_init(&rng, 8, 8);
  for (size_t at = 0; at < 90; at++) {
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
      walk(&rng, at % 2 ? 0.01 : -0.01);
      equity[at] = bad[k];
      equity[at + 20] = 1e-320; /* above 0, if barely */
      sld__drawdown d = started(0);
      assert_int_equal(sld__drawdown_follow(&d, equity, ROWS), at);
      assert_int_equal(d.next, at + 1);
      assert_int_equal(sld__drawdown_follow(&d, equity, ROWS), ROWS);
      assert_agrees(&d, 0, ROWS);
    }
  }
}

static void a_fall_to_next_to_nothing_is_no_ruin(void **state) {
  (void)state;
  for (size_t i = 0; i < ROWS; i++) equity[i] = i % 3 ? 0x1p-1074 : 0x1p-1070;
  sld__drawdown d = started(0);
  assert_int_equal(sld__drawdown_follow(&d, equity, ROWS), ROWS);
  equity[ROWS - 1] = 0.0;
  d = started(0);
  assert_int_equal(sld__drawdown_follow(&d, equity, ROWS), ROWS - 1);
}

static void without_a_clock_no_time_is_measured(void **state) {
  (void)state;
  struct sld__rng rng;
  sld__rng_init(&rng, 9, 9);
  walk(&rng, 0.0);
  sld__drawdown d;
  const struct sld__clock none = { NULL, 0, 0 };
  sld__drawdown_start(&d, 1000.0, 0, 0, &none);
  sld__drawdown_follow(&d, equity, ROWS);
  assert_int_equal(sld__drawdown_longest(&d), 0);
  assert_true(sld__drawdown_worst(&d) == slow(0, ROWS).worst);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(stretches_of_any_length_agree_with_the_slow_twin_to_the_bit),
    cmocka_unit_test(the_first_point_that_is_not_above_zero_stops_it),
    cmocka_unit_test(a_fall_to_next_to_nothing_is_no_ruin),
    cmocka_unit_test(without_a_clock_no_time_is_measured),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
