/* Every kind of order over random bars: the same ledger however rows are asked for, nothing that later bars change, and memory that runs out
 * cleanly. tests/lua/slow_broker_spec.lua holds the rules themselves. */
#include "broker_random.h"

#include "broker/shared.h"
#include "failing.h"

enum { SCRIPTS = 1500, ROWS = 96, CALLS = 3 };

typedef struct script {
  size_t counts[ROWS];
  sld__request requests[ROWS][CALLS];
} script;

static void random_bars(desk *d) {
  double price = 1.1, swing = below(4) ? 0.004 : 0.03;
  for (size_t i = 0; i < ROWS; i++) {
    double open = below(3) ? price : price * real(1.0 - swing, 1.0 + swing), close = open * real(1.0 - swing, 1.0 + swing);
    desk_bar(d, open, fmax(open, close) * real(1.0, 1.0 + swing), fmin(open, close) * real(1.0 - swing, 1.0), close);
    price = close;
  }
}

/* Asks above the bids, at each price by as much as it likes. */
static void random_asks(desk *d) {
  double most = below(3) ? 0.0005 : 0.01;
  for (size_t i = 0; i < ROWS; i++) {
    d->ask_open[i] = d->open[i] + real(0.0, most);
    d->ask_close[i] = d->close[i] + real(0.0, most);
    d->ask_high[i] = fmax(fmax(d->ask_open[i], d->ask_close[i]), d->high[i] + real(0.0, most));
    d->ask_low[i] = fmin(fmin(d->ask_open[i], d->ask_close[i]), d->low[i] + real(0.0, most));
  }
  desk_both_sides(d);
  d->config.spread = 0.0;
}

/* Quotes: one price a side, and several in one instant. */
static void random_ticks(desk *d) {
  for (size_t i = 0; i < ROWS; i++) {
    d->open[i] = d->high[i] = d->low[i] = d->close[i];
    d->ask_open[i] = d->ask_high[i] = d->ask_low[i] = d->ask_close[i];
    d->time[i] = i > 0 && below(3) == 0 ? d->time[i - 1] : (int64_t)i;
  }
  d->bars.period_ns = 0;
}

static void random_script(script *s, const desk *d) {
  uint64_t pause = 1 + below(6);
  for (size_t row = 0; row < ROWS; row++) {
    s->counts[row] = below(pause) ? 0 : 1 + below(CALLS);
    for (size_t k = 0; k < s->counts[row]; k++) s->requests[row][k] = random_request(d->close[row]);
  }
}

typedef enum manner { LAZY, STEPS, LEAPS, SHARED, MANNERS } manner;

/* The same on an account for several books that has this one alone; equity goes to marks[ROWS]. */
static sld_status run_shared(desk *d, const script *s, size_t rows, double *marks, sld_error *err) {
  static int64_t closes[ROWS];
  sld__shared shared;
  sld__broker *b = &d->broker;
  for (size_t i = 0; i < rows; i++) closes[i] = d->time[i] + DESK_DAY;
  d->bars.close_time = closes;
  sld__shared_open(&shared, d->config.capital, d->config.leverage, b, 1);
  sld_status status = sld__broker_join(b, &shared.account, &d->config, &d->bars, &d->ledger, err);
  if (status != SLD_OK) return status;
  sld__shared_start(&shared, closes, rows, 0, marks);
  for (int64_t row = 0; sld__shared_step(&shared) == 0; row++)
    for (size_t k = 0; k < s->counts[row]; k++)
      if (sld__broker_request(b, row, &s->requests[row][k])) sld__shared_follow(&shared, b);
  status = sld__shared_finish(&shared, err);
  if (status == SLD_OK) assert_int_equal(shared.exposed, d->ledger.exposure_rows);
  return status;
}

/* Gives the script's orders of rows before `rows` and finishes. */
static sld_status run(desk *d, const script *s, manner how, size_t rows, sld_error *err) {
  sld__broker *b = &d->broker;
  d->bars.count = rows;
  if (how == SHARED) return run_shared(d, s, rows, d->rate_mark, err);
  sld_status status = sld__broker_start(b, &d->config, &d->bars, &d->ledger, err);
  if (status != SLD_OK) return status;
  for (int64_t row = 0; row < (int64_t)rows && !b->ended; row++) {
    if (how == STEPS) sld__broker_step(b);
    if (how == LEAPS && row % 7 == 3) sld__broker_advance(b, row);
    for (size_t k = 0; k < s->counts[row]; k++) sld__broker_request(b, row, &s->requests[row][k]);
  }
  return sld__broker_finish(b, err);
}

/* What a run left, without memory of the ledger's own. */
typedef struct record {
  size_t orders, trades;
  sld_order order[2048];
  sld_order_terms terms[2048];
  sld_trade trade[2048];
  double equity[ROWS];
  double costs, realised, rollover;
  size_t nights, stop_outs;
  size_t exposed;
} record;

static void keep(record *r, const desk *d, manner how) {
  const sld__ledger *l = &d->ledger;
  r->orders = l->order_count;
  r->trades = l->trade_count + l->open_count;
  assert_true(r->orders <= 2048 && r->trades <= 2048);
  for (size_t i = 0; i < r->orders; i++) {
    r->order[i] = l->orders[i];
    r->terms[i] = *sld__terms(&l->orders[i]);
    r->order[i].terms = NULL;
  }
  if (r->trades) memcpy(r->trade, l->trades, r->trades * sizeof *l->trades);
  memcpy(r->equity, how == SHARED ? d->rate_mark : l->equity, d->bars.count * sizeof(double));
  r->costs = sld__ledger_costs(l);
  r->realised = l->realised;
  r->rollover = l->rollover;
  r->nights = l->rollover_count;
  r->stop_outs = l->stop_out_count;
  r->exposed = l->exposure_rows;
}

static void expect_record(const record *a, const record *b) {
  assert_int_equal(a->orders, b->orders);
  assert_int_equal(a->trades, b->trades);
  if (a->orders) assert_memory_equal(a->order, b->order, a->orders * sizeof *a->order);
  if (a->orders) assert_memory_equal(a->terms, b->terms, a->orders * sizeof *a->terms);
  if (a->trades) assert_memory_equal(a->trade, b->trade, a->trades * sizeof *a->trade);
  assert_memory_equal(a->equity, b->equity, sizeof a->equity);
  same(a->costs, b->costs);
  same(a->realised, b->realised);
  same(a->rollover, b->rollover);
  assert_int_equal(a->nights, b->nights);
  assert_int_equal(a->stop_outs, b->stop_outs);
  assert_int_equal(a->exposed, b->exposed);
}

/* Makes desk and script of random number `i`. */
static void deal_out(desk *d, script *s, uint64_t i, const sld_allocator *allocator) {
  static sld__roll rolls[ROLLS_MAX];
  seed = i * UINT64_C(0x9E3779B97F4A7C15);
  desk_init(d, allocator);
  random_bars(d);
  random_account(d);
  d->config.side = below(2) ? SLD_MID : SLD_BID;
  if (below(2)) random_asks(d);
  if (below(3) == 0) random_ticks(d);
  random_nights(d, rolls);
  random_script(s, d);
}

static void the_ledger_does_not_depend_on_how_rows_are_asked_for(void **state) {
  (void)state;
  static desk d;
  static script s;
  static record first, other;
  size_t kinds[SLD_ORDER_STOP_OUT + 1] = { 0 }, reasons[SLD_REASON_REQUEST + 1] = { 0 };
  for (uint64_t i = 1; i <= SCRIPTS; i++) {
    deal_out(&d, &s, i, NULL);
    for (manner how = LAZY; how < MANNERS; how++) {
      sld_error err;
      if (how == SHARED && d.bars.period_ns == 0) continue; /* there the hook runs once an instant, however many ticks it has */
      assert_int_equal(run(&d, &s, how, ROWS, &err), SLD_OK);
      keep(how == LAZY ? &first : &other, &d, how);
      if (how != LAZY) expect_record(&first, &other);
    }
    for (size_t k = 0; k < first.orders; k++) {
      kinds[first.order[k].kind] += first.order[k].state == SLD_ORDER_FILLED;
      reasons[first.order[k].reason]++;
    }
    sld__ledger_fini(&d.ledger);
  }
  /* The scripts reach every kind and every reason. */
  for (int kind = 0; kind <= SLD_ORDER_STOP_OUT; kind++) assert_true(kind == SLD_ORDER_MODIFY || kinds[kind] > SCRIPTS / 20);
  for (int reason = 1; reason <= SLD_REASON_REQUEST; reason++) assert_true(reasons[reason] > SCRIPTS / 100);
}

static void bars_to_come_change_nothing(void **state) {
  (void)state;
  static desk d;
  static script s;
  static record whole, cut;
  for (uint64_t i = 1; i <= SCRIPTS; i++) {
    deal_out(&d, &s, i, NULL);
    d.config.close_at_end = false;
    if (d.config.fill == SLD_FILL_BACKTESTING_PY && d.config.sizing != SLD_SIZING_CALL) d.config.sizing = SLD_SIZING_CALL; /* that project marks at the close of the fill's bar */
    size_t rows = 2 + below(ROWS - 2);
    sld_error err;
    assert_int_equal(run(&d, &s, LAZY, ROWS, &err), SLD_OK);
    keep(&whole, &d, LAZY);
    assert_int_equal(run(&d, &s, LAZY, rows, &err), SLD_OK);
    keep(&cut, &d, LAZY);
    assert_memory_equal(whole.equity, cut.equity, (rows - 1) * sizeof(double));
    for (size_t k = 0; k < cut.orders; k++) {
      assert_int_equal(whole.order[k].kind, cut.order[k].kind);
      if (cut.order[k].state == SLD_ORDER_FILLED && cut.order[k].fill_bar < (int64_t)rows - 1) same(whole.order[k].price, cut.order[k].price);
    }
    sld__ledger_fini(&d.ledger);
  }
}

/* A spread that is the same at every price may as well be a number. Numbers of few bits: sums of prices and spreads are exact. */
static void asks_a_spread_above_the_bids_are_that_spread(void **state) {
  (void)state;
  static desk d;
  static script s;
  static record by_asks, by_spread;
  const double spread = 0x1p-11;
  size_t trades = 0;
  for (uint64_t i = 1; i <= SCRIPTS; i++) {
    seed = i * UINT64_C(0x9E3779B97F4A7C15);
    desk_init(&d, NULL);
    random_bars(&d);
    random_account(&d);
    d.config.side = SLD_BID;
    for (size_t row = 0; row < ROWS; row++) {
      double *prices[] = { &d.open[row], &d.high[row], &d.low[row], &d.close[row] };
      for (int k = 0; k < 4; k++) *prices[k] = 1.25 + floor((*prices[k] - 1.1) * 0x1p16) * 0x1p-16;
      desk_asks_at(&d, row, d.open[row] + spread, d.high[row] + spread, d.low[row] + spread, d.close[row] + spread);
    }
    random_script(&s, &d);
    d.config.spread = spread;
    sld_error err;
    assert_int_equal(run(&d, &s, LAZY, ROWS, &err), SLD_OK);
    keep(&by_spread, &d, LAZY);
    d.config.spread = 0.0;
    desk_both_sides(&d);
    assert_int_equal(run(&d, &s, LAZY, ROWS, &err), SLD_OK);
    keep(&by_asks, &d, LAZY);
    expect_record(&by_spread, &by_asks);
    trades += by_asks.trades;
    sld__ledger_fini(&d.ledger);
  }
  assert_true(trades > 5 * SCRIPTS);
}

static void want_of_memory_is_an_error_and_leaks_nothing(void **state) {
  (void)state;
  static desk d;
  static script s;
  for (uint64_t i = 1; i <= 40; i++) {
    for (size_t refuse = 1;; refuse++) {
      struct failing failing = { .refuse = refuse };
      sld_allocator allocator = failing_allocator(&failing);
      deal_out(&d, &s, i, &allocator);
      sld_error err;
      sld_status status = run(&d, &s, LAZY, ROWS, &err);
      sld__ledger_fini(&d.ledger);
      assert_int_equal(failing.held, 0);
      if (status == SLD_OK) break;
      assert_int_equal(status, SLD_ENOMEM);
      assert_int_equal(err.status, SLD_ENOMEM);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_ledger_does_not_depend_on_how_rows_are_asked_for),
    cmocka_unit_test(bars_to_come_change_nothing),
    cmocka_unit_test(asks_a_spread_above_the_bids_are_that_spread),
    cmocka_unit_test(want_of_memory_is_an_error_and_leaks_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
