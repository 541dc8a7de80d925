/* The drawdown that a broker lets follow while it marks is the one found in its ledger afterwards. */
#include "broker_desk.h"

#include "base/rng.h"

static desk d;
static double targets[DESK_ROWS];

static void prices(struct sld__rng *rng, size_t rows, double moves) {
  double close = 1.1;
  for (size_t i = 0; i < rows; i++) {
    double open = close;
    close *= 1.0 + moves * (sld__rng_uniform(rng) - 0.5);
    desk_bar(&d, open, fmax(open, close) * 1.001, fmin(open, close) * 0.999, close);
    d.rate_fill[i] = d.rate_mark[i] = 0.5 + sld__rng_uniform(rng);
    if (sld__rng_uniform(rng) < 0.02 || i == 0) targets[i] = 8.0 * (sld__rng_uniform(rng) - 0.5);
    else targets[i] = targets[i - 1];
  }
}

static void assert_follows(const sld__drawdown *followed) {
  sld__drawdown after;
  const struct sld__clock clock = { d.bars.time, d.bars.count, d.bars.period_ns };
  sld__drawdown_start(&after, d.config.capital, d.bars.first, 0, &clock);
  while (sld__drawdown_follow(&after, d.ledger.equity, d.bars.count) < d.bars.count) continue;
  assert_true(followed->peak == after.peak);
  assert_true(sld__drawdown_worst(followed) == sld__drawdown_worst(&after));
  assert_int_equal(sld__drawdown_longest(followed), sld__drawdown_longest(&after));
}

static void trade(int round, size_t rows, sld__drawdown *drawdown) {
  const struct sld__clock clock = { d.bars.time, d.bars.count, d.bars.period_ns };
  sld__drawdown_start(drawdown, d.config.capital, d.bars.first, 0, &clock);
  desk_start(&d);
  if (round % 2)
    for (size_t i = d.bars.first; i < rows && !d.broker.ended; i++) sld__broker_target(&d.broker, (int64_t)i, targets[i]);
  else
    for (size_t i = d.bars.first; i < rows && !d.broker.ended; i += 700) sld__broker_signal(&d.broker, targets + i, (int64_t)i, rows - i < 700 ? rows - i : 700);
  desk_finish(&d);
  while (sld__drawdown_follow(drawdown, d.ledger.equity, rows) < rows) continue;
}

static void what_is_followed_is_what_the_ledger_says(void **state) {
  (void)state;
  struct sld__rng rng;
  sld__rng_init(&rng, 3, 4);
  int ruined = 0;
  for (int round = 0; round < 120; round++) {
    size_t rows = 1 + (size_t)(2000.0 * sld__rng_uniform(&rng));
    desk_init(&d, NULL);
    prices(&rng, rows, round % 4 == 3 ? 0.3 : 0.01);
    d.bars.first = round % 3 == 0 && rows > 30 ? 17 : 0;
    d.config.fill = round % 4 < 2 ? SLD_FILL_NEXT_OPEN : SLD_FILL_CLOSE;
    d.config.close_at_end = round % 5 == 0;
    d.config.spread = 0.0003;
    d.config.leverage = round % 7 ? 30.0 : 4.0;
    if (round % 3 == 1) d.bars.rate_fill = d.rate_fill, d.bars.rate_mark = d.rate_mark;
    sld__drawdown drawdown;
    d.bars.drawdown = &drawdown;
    trade(round, rows, &drawdown);
    ruined += d.broker.ruined;
    assert_follows(&drawdown);
    sld__ledger_fini(&d.ledger);
  }
  assert_in_range(ruined, 1, 119);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_followed_is_what_the_ledger_says) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
