/* The broker against its slow twin, over random bars, accounts and scripts: the same bits, however rows are asked for. */
#include "broker_twin.h"

enum { SCRIPTS = 3000, REQUESTS = 2 };

typedef struct script {
  size_t counts[TWIN_ROWS];
  sld__request requests[TWIN_ROWS][REQUESTS];
} script;

static uint64_t seed;

static uint64_t draw(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed;
}

static uint64_t below(uint64_t n) {
  return (draw() >> 16) % n;
}

static double real(double low, double high) {
  return low + (high - low) * ((double)(draw() >> 11) * 0x1p-53);
}

/* Asks of bar i; now and then without a spread. */
static void random_asks(desk *d, size_t i, bool one_price) {
  double most = below(4) ? d->close[i] * real(0.0, 0.002) : 0.0, open = d->open[i] + real(0.0, most), close = d->close[i] + real(0.0, most);
  if (one_price)
    desk_asks_at(d, i, close, close, close, close);
  else
    desk_asks_at(d, i, open, fmax(d->high[i] + real(0.0, most), fmax(open, close)), fmin(d->low[i] + real(0.0, most), fmin(open, close)), close);
}

/* Quotes of one price a side, some at the same instant. */
static void make_ticks(desk *d) {
  for (size_t i = 1; i < d->bars.count; i++) d->time[i] = d->time[i - 1] + (int64_t)below(3);
  d->bars.period_ns = 0;
}

static void random_bars(desk *d) {
  size_t count = 2 + below(TWIN_ROWS - 2);
  double price = below(2) ? 1.1 : 110.0, quote = 1.0;
  bool one_price = below(4) == 0;
  double swing = below(8) == 0 ? 0.2 : 0.01;
  for (size_t i = 0; i < count; i++) {
    double open = price * (below(3) ? 1.0 : real(1.0 - swing, 1.0 + swing)), close = open * real(1.0 - swing, 1.0 + swing);
    if (one_price)
      desk_fixing(d, close);
    else
      desk_bar(d, open, fmax(open, close) * real(1.0, 1.0 + swing), fmin(open, close) * real(1.0 - swing, 1.0), close);
    price = close;
    d->rate_fill[i] = quote;
    quote *= real(0.99, 1.01);
    d->rate_mark[i] = quote;
    random_asks(d, i, one_price);
  }
  d->bars.first = below(4) ? 0 : below(count);
  d->bars.origin = (int64_t)below(3) * 7;
  if (one_price && below(2)) make_ticks(d);
  if (below(2)) {
    d->bars.rate_fill = d->rate_fill;
    d->bars.rate_mark = d->rate_mark;
  } else if (below(2)) {
    d->bars.rate = 0.0091;
  }
}

static void random_account(desk *d) {
  double pip = d->close[0] / 10000.0;
  d->config.capital = below(4) ? 100000.0 : 777.77;
  d->config.spread = below(3) ? pip * real(0.1, 3.0) : 0.0;
  d->config.slippage = below(3) ? pip * real(0.1, 1.0) : 0.0;
  d->config.commission_frac = below(2) ? 0.00003 : 0.0;
  d->config.commission_per_lot = below(2) ? 3.5 : 0.0;
  d->config.leverage = below(3) ? 30.0 : 1.7;
  d->config.fill = below(2) ? SLD_FILL_NEXT_OPEN : SLD_FILL_CLOSE;
  d->config.side = (const sld_side[]){ SLD_MID, SLD_BID, SLD_BOTH }[below(3)];
  if (d->config.side == SLD_BOTH) {
    desk_both_sides(d);
    d->config.spread = 0.0;
  }
  d->config.instrument.step = (const double[]){ 1.0, 1000.0, 0.01 }[below(3)];
  d->config.instrument.min_size = d->config.instrument.step * (double)(1 + below(3));
  d->config.close_at_end = below(2) != 0;
}

/* Rolls before the open of some rows and inside some, and margin that is tested. */
static void random_nights(desk *d) {
  static sld__roll rolls[2 * TWIN_ROWS];
  size_t count = 0;
  for (size_t row = 1; row < d->bars.count; row++)
    for (int inside = 0; inside < 2; inside++)
      if (below(4) == 0)
        rolls[count++] = (sld__roll){ .time = d->time[row] + inside, .row = (int64_t)row, .longs = real(-9.0, 4.0), .shorts = real(-9.0, 4.0), .scale = 1e5, .days = 1, .inside = inside != 0 };
  d->bars.rolls = rolls;
  d->bars.roll_count = below(3) ? count : 0;
  d->config.stop_out = below(3) == 0 ? real(0.3, 1.0) : 0.0;
}

static void random_stops(sld__request *r, double close, bool is_long) {
  double away = close * real(-0.001, 0.02) * (is_long ? 1.0 : -1.0);
  switch (below(5)) {
  case 0: r->stop_loss = close - away; break;
  case 1: r->stop_loss_dist = fabs(away); break;
  default: break;
  }
  switch (below(5)) {
  case 0: r->take_profit = close + away; break;
  case 1: r->take_profit_dist = fabs(away); break;
  default: break;
  }
}

static sld__request random_request(double close) {
  static const double targets[] = { -1.0, 1.0, 0.0, 0.5, -0.5, 2.0, 1e-7, -40.0, 12.0 };
  sld__request r = SLD__REQUEST_INIT;
  switch (below(8)) {
  case 0:
    r.kind = SLD__CLOSE;
    break;
  case 1:
  case 2:
  case 3:
    r.kind = below(2) ? SLD__BUY : SLD__SELL;
    r.quantity = (sld_quantity)below(4);
    r.value = (const double[]){ (double)(1 + below(20000)), 0.01 * (double)(1 + below(80)), real(0.01, 1.5), 0.01 }[r.quantity];
    random_stops(&r, close, r.kind == SLD__BUY);
    if (r.quantity == SLD_RISK && isnan(r.stop_loss) && isnan(r.stop_loss_dist)) r.stop_loss_dist = close * 0.01;
    break;
  default:
    r.value = targets[below(sizeof targets / sizeof *targets)];
    if (below(2)) random_stops(&r, close, r.value > 0.0);
    break;
  }
  return r;
}

static void random_script(script *s, const desk *d) {
  uint64_t pause = 1 + below(40);
  for (size_t row = 0; row < d->bars.count; row++) {
    s->counts[row] = row < d->bars.first || below(pause) ? 0 : 1 + (below(5) == 0);
    for (size_t k = 0; k < s->counts[row]; k++) s->requests[row][k] = random_request(d->close[row]);
  }
}

static void run_twin(twin *t, const script *s, const desk *d) {
  twin_start(t, &d->config, &d->bars);
  for (size_t row = d->bars.first; row < d->bars.count; row++) {
    twin_next(t);
    for (size_t k = 0; k < s->counts[row]; k++) twin_request(t, &s->requests[row][k]);
  }
  twin_finish(t);
}

typedef enum manner { LAZY, STEPS, LEAPS } manner;

static void run_broker(desk *d, const script *s, manner how) {
  sld__broker *b = &d->broker;
  desk_start(d);
  for (int64_t row = (int64_t)d->bars.first; row < (int64_t)d->bars.count && !b->ended; row++) {
    if (how == STEPS) sld__broker_step(b);
    if (how == LEAPS && below(7) == 0) sld__broker_advance(b, row);
    for (size_t k = 0; k < s->counts[row]; k++) sld__broker_request(b, row, &s->requests[row][k]);
  }
  desk_finish(d);
}

static void expect_twin(const desk *d, const twin *t) {
  const sld__ledger *l = &d->ledger;
  assert_int_equal(d->broker.ruined, t->ruined);
  assert_int_equal(l->order_count, t->order_count);
  assert_int_equal(l->trade_count, t->trade_count);
  assert_int_equal(l->open_count, t->open_count);
  if (l->order_count) assert_memory_equal(l->orders, t->orders, l->order_count * sizeof(sld_order));
  if (l->trade_count + l->open_count) assert_memory_equal(l->trades, t->trades, (l->trade_count + l->open_count) * sizeof(sld_trade));
  assert_memory_equal(l->equity, t->equity, l->equity_count * sizeof(double));
  same(l->realised, t->realised);
  same(l->rollover, t->rollover);
  assert_int_equal(l->rollover_count, t->nights);
  assert_int_equal(l->stop_out_count, t->stop_outs);
  same(l->costs_spread, t->spread);
  same(l->costs_slippage, t->slippage);
  same(l->costs_commission, t->commission);
  assert_int_equal(l->rejected_count, t->rejected);
  assert_int_equal(l->exposure_rows, t->exposure);
}

/* Totals are the sums of their parts: to the bit where parts are added up in the ledger's own order, else within one rounding a part. */
static void expect_identities(const desk *d) {
  const sld__ledger *l = &d->ledger;
  double rollover = 0.0;
  for (size_t i = 0; i < l->rollover_count; i++) rollover += l->rollovers[i].amount;
  double realised = 0.0, spread = 0.0, slippage = 0.0, commission = 0.0, shared = 0.0, open = 0.0, size = 0.0;
  for (size_t i = 0; i < l->order_count; i++) {
    spread += l->orders[i].spread_cost;
    slippage += l->orders[i].slippage_cost;
    commission += l->orders[i].commission;
  }
  for (size_t i = 0; i < l->trade_count + l->open_count; i++) {
    const sld_trade *t = &l->trades[i];
    shared += t->costs;
    if (i < l->trade_count) realised += t->gross;
    if (i >= l->trade_count) {
      open += t->gross;
      size += fabs(t->units) * (fabs(t->exit_price) + fabs(t->entry_price)) * (d->bars.rate_mark ? d->rate_mark[d->broker.now] : d->bars.rate);
    }
  }
  same(l->realised, realised);
  same(l->rollover, rollover);
  same(l->costs_spread, spread);
  same(l->costs_slippage, slippage);
  same(l->costs_commission, commission);
  same(l->equity[l->equity_count - 1], (((l->capital + l->realised) + l->rollover) - sld__ledger_costs(l)) + l->unrealised);
  double parts = (double)(l->order_count + l->trade_count + l->open_count + 4);
  assert_true(fabs(shared - sld__ledger_costs(l)) <= parts * 0x1p-52 * shared);
  assert_true(fabs(open - l->unrealised) <= parts * 0x1p-52 * size);
}

static void a_script_leaves_the_twins_ledger_however_rows_are_asked_for(void **state) {
  (void)state;
  static desk d;
  static twin t;
  static script s;
  size_t fills = 0, stops = 0, rejected = 0, ruined = 0, replaced = 0, nights = 0, stop_outs = 0;
  for (uint64_t i = 1; i <= SCRIPTS; i++) {
    seed = i * UINT64_C(0x9E3779B97F4A7C15);
    desk_init(&d, NULL);
    random_bars(&d);
    random_account(&d);
    random_nights(&d);
    random_script(&s, &d);
    run_twin(&t, &s, &d);
    for (manner how = LAZY; how <= LEAPS; how++) {
      run_broker(&d, &s, how);
      expect_twin(&d, &t);
      expect_identities(&d);
    }
    for (size_t k = 0; k < t.order_count; k++) {
      fills += t.orders[k].state == SLD_ORDER_FILLED;
      stops += t.orders[k].parent != 0;
      replaced += t.orders[k].reason == SLD_REASON_REPLACED;
    }
    rejected += t.rejected;
    ruined += t.ruined;
    nights += t.nights;
    stop_outs += t.stop_outs;
    sld__ledger_fini(&d.ledger);
  }
  /* The scripts reach every rule often. */
  assert_true(fills > 10 * SCRIPTS && stops > SCRIPTS && rejected > SCRIPTS && replaced > SCRIPTS / 10 && ruined > SCRIPTS / 20);
  assert_true(nights > 10 * SCRIPTS && stop_outs > SCRIPTS / 40);
}

static void a_signal_column_is_a_target_on_every_bar(void **state) {
  (void)state;
  static desk d;
  static twin t;
  static double column[TWIN_ROWS];
  for (uint64_t i = 1; i <= SCRIPTS; i++) {
    seed = i * UINT64_C(0xD1B54A32D192ED03);
    desk_init(&d, NULL);
    random_bars(&d);
    random_account(&d);
    uint64_t pause = 1 + below(40);
    double x = NAN;
    for (size_t row = 0; row < d.bars.count; row++) {
      if (below(pause) == 0) x = (const double[]){ -1.0, 1.0, 0.0, 0.5, NAN, 3.0 }[below(6)];
      column[row] = x;
    }
    twin_start(&t, &d.config, &d.bars);
    for (size_t row = d.bars.first; row < d.bars.count; row++) {
      twin_next(&t);
      sld__request r = SLD__REQUEST_INIT;
      r.value = column[row];
      if (!isnan(r.value)) twin_request(&t, &r);
    }
    twin_finish(&t);
    for (int pass = 0; pass < 2; pass++) {
      desk_start(&d);
      for (size_t row = d.bars.first; row < d.bars.count;) {
        size_t n = pass ? 1 + below(d.bars.count - row) : d.bars.count - row;
        sld__broker_signal(&d.broker, column + row, (int64_t)row, n);
        row += n;
      }
      desk_finish(&d);
      expect_twin(&d, &t);
      expect_identities(&d);
    }
    sld__ledger_fini(&d.ledger);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_script_leaves_the_twins_ledger_however_rows_are_asked_for),
    cmocka_unit_test(a_signal_column_is_a_target_on_every_bar),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
