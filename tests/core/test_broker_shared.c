/* Books of several pairs on one account: pairs with bars of different lengths, late starts and holes. With one book test_broker_orders.c holds the
 * account against a sleeve, to the bit. */
#include "broker_random.h"

#include "broker/booking.h"
#include "broker/shared.h"
#include "failing.h"

enum { BOOKS = 3, SCRIPTS = 400, DAYS = 24, INSTANTS = 4096 };

/* The bars of a book: every `length` quarters of a day from quarter `start` on; one in `holes` is missing. */
static const struct { int64_t length, start, holes; } shapes[BOOKS] = { { 4, 0, 9 }, { 1, 6, 5 }, { 2, 3, 1000 } };

#define QUARTER (DESK_DAY / 4)

typedef struct hall {
  desk desks[BOOKS]; /* columns and ledgers; their brokers are not used */
  int64_t closes[BOOKS][DESK_ROWS];
  sld__roll rolls[BOOKS][ROLLS_MAX];
  sld__broker books[BOOKS];
  int64_t clock[INSTANTS];
  size_t instants;
  double marks[INSTANTS];
  sld__shared account;
  uint64_t script;
} hall;

static void add_bars(desk *d, int64_t *closes, size_t book) {
  double price = book == 0 ? 1.1 : 0.9;
  for (int64_t q = shapes[book].start; q + shapes[book].length <= 4 * DAYS; q += shapes[book].length) {
    double open = price * real(0.997, 1.003), close = open * real(0.99, 1.01);
    price = close;
    double high = fmax(open, close) * real(1.0, 1.01), low = fmin(open, close) * real(0.99, 1.0);
    if (below((uint64_t)shapes[book].holes) == 0) continue;
    desk_bar(d, open, high, low, close);
    d->time[d->bars.count - 1] = q * QUARTER;
    closes[d->bars.count - 1] = (q + shapes[book].length) * QUARTER;
  }
}

static void deal_out(hall *f, uint64_t script, const sld_allocator *allocator) {
  f->script = script;
  seed = script * UINT64_C(0x9E3779B97F4A7C15);
  for (size_t i = 0; i < BOOKS; i++) {
    desk *d = &f->desks[i];
    desk_init(d, allocator);
    add_bars(d, f->closes[i], i);
    if (i == 0) random_account(d);
    else d->config = f->desks[0].config;
    d->bars.period_ns = shapes[i].length * QUARTER;
    random_nights(d, f->rolls[i]);
    d->config.stop_out = f->desks[0].config.stop_out;
    d->bars.close_time = f->closes[i];
    d->config.close_at_end = false;
    if (d->config.fill == SLD_FILL_BACKTESTING_PY) d->config.sizing = SLD_SIZING_CALL; /* that project marks at the close of the fill's bar */
  }
}

/* The union of the closes. */
static void make_clock(hall *f) {
  f->instants = 0;
  for (int64_t time = 0; time <= DAYS * DESK_DAY; time += QUARTER) {
    bool some = false;
    for (size_t i = 0; i < BOOKS; i++)
      for (size_t row = 0; row < f->desks[i].bars.count; row++) some |= f->closes[i][row] == time;
    if (some) f->clock[f->instants++] = time;
  }
}

/* Only bars that open up to `to`. */
static void cut(hall *f, int64_t to) {
  for (size_t i = 0; i < BOOKS; i++)
    while (f->desks[i].bars.count > 1 && f->desks[i].time[f->desks[i].bars.count - 1] > to) f->desks[i].bars.count--;
}

static void expect_identity(const hall *f) {
  const sld__account *a = &f->account.account;
  double open = 0.0, by_lot = 0.0, realised = 0.0, costs = 0.0;
  for (size_t i = 0; i < BOOKS; i++) {
    const sld__broker *b = &f->books[i];
    open += b->unrealised;
    realised += b->ledger->realised;
    costs += sld__ledger_costs(b->ledger);
    same(b->equity, f->account.equity);
    same(b->cash, f->account.cash);
    for (size_t k = 0; k < b->ledger->lot_count; k++) {
      const sld__lot *lot = sld__lot_at(b, k);
      double price = b->begun > b->now ? b->bars.open[b->begun] : b->close[b->now];
      double mark = price + (lot->steps > 0.0 ? b->closes.bid.offset : b->closes.ask.offset);
      by_lot += lot->steps * (mark - lot->reference);
    }
  }
  same(f->account.cash, ((a->capital + a->realised) + a->rollover) - ((a->costs_spread + a->costs_slippage) + a->costs_commission));
  same(f->account.equity, f->account.cash + open);
  same(f->marks[f->account.now], f->account.equity);
  assert_true(fabs(by_lot - open) < 1e-6);
  assert_true(fabs(realised - a->realised) < 1e-6);
  assert_true(fabs(costs - (a->costs_spread + a->costs_slippage + a->costs_commission)) < 1e-6);
}

/* What is asked depends on the script, the instant and the pair alone. */
static void ask(hall *f, size_t i) {
  sld__broker *b = &f->books[i];
  if (b->now < (int64_t)b->bars.first) return;
  seed = f->script * UINT64_C(0x9E3779B97F4A7C15) ^ (uint64_t)(sld__shared_time(&f->account) / QUARTER * 977 + (int64_t)i + 1) * UINT64_C(0xBF58476D1CE4E5B9);
  for (uint64_t n = below(4) == 0 ? 1 + below(2) : 0; n > 0; n--) {
    sld__request r = random_request(b->close[b->now]);
    if (sld__broker_request(b, b->now, &r)) {
      sld__shared_follow(&f->account, b);
      return;
    }
  }
}

static sld_status run(hall *f, sld_error *err) {
  make_clock(f);
  sld__shared_open(&f->account, f->desks[0].config.capital, f->desks[0].config.leverage, f->books, BOOKS);
  for (size_t i = 0; i < BOOKS; i++) {
    sld_status status = sld__broker_join(&f->books[i], &f->account.account, &f->desks[i].config, &f->desks[i].bars, &f->desks[i].ledger, err);
    if (status != SLD_OK) return status;
  }
  sld__shared_start(&f->account, f->clock, f->instants, 0, f->marks);
  while (sld__shared_step(&f->account) == 0) {
    expect_identity(f);
    for (size_t i = 0; i < BOOKS && !f->account.ended; i++) ask(f, i);
  }
  return sld__shared_finish(&f->account, err);
}

static void fini(hall *f) {
  for (size_t i = 0; i < BOOKS; i++) sld__ledger_fini(&f->desks[i].ledger);
}

static bool triggered(const sld_order *order) {
  return order->kind == SLD_ORDER_STOP_LOSS || order->kind == SLD_ORDER_TAKE_PROFIT || order->kind == SLD_ORDER_TRAILING_STOP;
}

static void equity_adds_up_at_every_instant_and_nothing_is_dealt_before_it_is_asked(void **state) {
  (void)state;
  static hall f;
  size_t filled = 0, waited = 0;
  for (uint64_t script = 1; script <= SCRIPTS; script++) {
    sld_error err;
    deal_out(&f, script, NULL);
    assert_int_equal(run(&f, &err), SLD_OK);
    for (size_t i = 0; i < BOOKS; i++)
      for (size_t k = 0; k < f.desks[i].ledger.order_count; k++) {
        const sld_order *order = &f.desks[i].ledger.orders[k];
        if (order->state != SLD_ORDER_FILLED) continue;
        filled++;
        waited += order->time > f.closes[i][order->bar];
        assert_true(triggered(order) || order->fill_time >= order->time);
      }
    fini(&f);
  }
  assert_true(filled > 10 * SCRIPTS);
  assert_true(waited > SCRIPTS); /* orders of a pair without a bar at that instant */
}

/* ---- Bars to come ---- */

typedef struct record {
  double marks[INSTANTS];
  size_t orders[BOOKS];
  sld_order order[BOOKS][4096];
} record;

static void keep(record *r, const hall *f) {
  memcpy(r->marks, f->marks, f->instants * sizeof *f->marks);
  for (size_t i = 0; i < BOOKS; i++) {
    r->orders[i] = f->desks[i].ledger.order_count;
    assert_true(r->orders[i] <= 4096);
    if (r->orders[i]) memcpy(r->order[i], f->desks[i].ledger.orders, r->orders[i] * sizeof **r->order);
  }
}

/* Orders that were decided, and fills of bars that had closed, by `last`. */
static void expect_orders(const record *whole, const record *cut_, size_t i, int64_t last) {
  for (size_t k = 0; k < whole->orders[i]; k++) {
    const sld_order *a = &whole->order[i][k], *b = &cut_->order[i][k];
    if (triggered(a) ? a->time + shapes[i].length * QUARTER > last : a->time > last) continue;
    assert_true(k < cut_->orders[i]);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->time, b->time);
    if (a->state != SLD_ORDER_FILLED || a->fill_time + shapes[i].length * QUARTER > last) continue;
    assert_int_equal(b->state, SLD_ORDER_FILLED);
    same(a->units, b->units);
    same(a->price, b->price);
  }
}

static void bars_to_come_change_nothing(void **state) {
  (void)state;
  static hall f;
  static record whole, part;
  for (uint64_t script = 1; script <= SCRIPTS; script++) {
    sld_error err;
    deal_out(&f, script, NULL);
    assert_int_equal(run(&f, &err), SLD_OK);
    keep(&whole, &f);
    seed = script;
    int64_t to = (int64_t)(8 + below(4 * DAYS - 12)) * QUARTER, last = to + QUARTER;
    cut(&f, to);
    assert_int_equal(run(&f, &err), SLD_OK);
    keep(&part, &f);
    for (size_t k = 0; k < f.instants && f.clock[k] <= last; k++) same(part.marks[k], whole.marks[k]);
    for (size_t i = 0; i < BOOKS; i++) expect_orders(&whole, &part, i, last);
    fini(&f);
  }
}

static void want_of_memory_is_an_error_and_leaks_nothing(void **state) {
  (void)state;
  static hall f;
  for (uint64_t script = 1; script <= 10; script++)
    for (size_t refuse = 1;; refuse++) {
      struct failing failing = { .refuse = refuse };
      sld_allocator allocator = failing_allocator(&failing);
      sld_error err;
      deal_out(&f, script, &allocator);
      sld_status status = run(&f, &err);
      fini(&f);
      assert_int_equal(failing.held, 0);
      if (status == SLD_OK) break;
      assert_int_equal(status, SLD_ENOMEM);
      assert_int_equal(err.status, SLD_ENOMEM);
    }
}

/* ---- Cases ---- */

typedef struct pair_of {
  desk desks[2];
  int64_t closes[2][8];
  sld__broker books[2];
  int64_t clock[16];
  double marks[16];
  sld__shared account;
} pair_of;

/* Two books without costs: one of daily, one of half-day bars, all prices 1 until a test sets them. */
static void pair_init(pair_of *p) {
  static const struct { size_t rows; int64_t length; } shape[2] = { { 3, 4 }, { 6, 2 } };
  for (size_t i = 0; i < 2; i++) {
    desk *d = &p->desks[i];
    desk_init(d, NULL);
    d->bars.period_ns = shape[i].length * QUARTER;
    d->bars.close_time = p->closes[i];
    for (size_t row = 0; row < shape[i].rows; row++) {
      desk_fixing(d, 1.0);
      d->time[row] = (int64_t)row * d->bars.period_ns;
      p->closes[i][row] = d->time[row] + d->bars.period_ns;
    }
  }
  for (size_t k = 0; k < 6; k++) p->clock[k] = (int64_t)(k + 1) * 2 * QUARTER;
}

static void pair_start(pair_of *p) {
  sld_error err;
  sld__shared_open(&p->account, p->desks[0].config.capital, p->desks[0].config.leverage, p->books, 2);
  for (size_t i = 0; i < 2; i++)
    assert_int_equal(sld__broker_join(&p->books[i], &p->account.account, &p->desks[i].config, &p->desks[i].bars, &p->desks[i].ledger, &err), SLD_OK);
  sld__shared_start(&p->account, p->clock, 6, 0, p->marks);
}

static void pair_step(pair_of *p) {
  assert_int_equal(sld__shared_step(&p->account), 0);
}

static void pair_finish(pair_of *p) {
  sld_error err;
  assert_int_equal(sld__shared_finish(&p->account, &err), SLD_OK);
}

static void pair_fini(pair_of *p) {
  for (size_t i = 0; i < 2; i++) sld__ledger_fini(&p->desks[i].ledger);
}

static void an_order_for_a_pair_whose_bar_is_under_way_waits_for_the_next(void **state) {
  (void)state;
  static pair_of p;
  pair_init(&p);
  for (size_t row = 0; row < 3; row++) p.desks[0].open[row] = p.desks[0].high[row] = p.desks[0].low[row] = p.desks[0].close[row] = 1.0 + 0.1 * (double)row;
  pair_start(&p);
  pair_step(&p);
  pair_step(&p); /* both have closed: day 1 */
  pair_step(&p); /* noon of day 2: the daily bar is under way */
  assert_true(p.books[0].stale);
  assert_int_equal(sld__broker_target(&p.books[0], p.books[0].now, 1.0), 0);
  pair_step(&p);
  same(p.books[0].position, 0.0); /* not in the bar that had opened before */
  pair_step(&p);
  same(p.books[0].position, 100000.0); /* at the open of day 3, known at its noon; sized on the close of day 1 */
  pair_finish(&p);
  const sld_order *order = desk_order(&p.desks[0], 1);
  assert_int_equal(order->time, 6 * QUARTER);
  assert_int_equal(order->fill_time, 8 * QUARTER);
  same(order->price, 1.2);
  pair_fini(&p);
}

static void a_bar_that_has_begun_is_marked_at_its_open(void **state) {
  (void)state;
  static pair_of p;
  pair_init(&p);
  p.desks[0].open[2] = p.desks[0].high[2] = 1.5;
  pair_start(&p);
  pair_step(&p);
  pair_step(&p);
  assert_int_equal(sld__broker_target(&p.books[0], p.books[0].now, 1.0), 0);
  pair_step(&p);
  pair_step(&p);
  same(p.account.equity, 100000.0);
  pair_step(&p); /* noon of day 3, which opened at 1.5 */
  same(p.account.equity, 150000.0);
  pair_step(&p); /* and closed at 1 */
  same(p.account.equity, 100000.0);
  pair_finish(&p);
  pair_fini(&p);
}

static void leverage_counts_the_positions_of_all_pairs(void **state) {
  (void)state;
  static pair_of p;
  pair_init(&p);
  pair_start(&p);
  pair_step(&p);
  pair_step(&p);
  assert_int_equal(sld__broker_target(&p.books[0], p.books[0].now, -20.0), 0);
  assert_int_equal(sld__broker_target(&p.books[1], p.books[1].now, 11.0), 0);
  pair_step(&p); /* at one open, in order of pair: the second would make 31 */
  same(p.books[0].position, -2000000.0);
  same(p.books[1].position, 0.0);
  assert_int_equal(sld__broker_target(&p.books[1], p.books[1].now, 10.0), 0);
  pair_finish(&p);
  assert_int_equal(desk_order(&p.desks[1], 1)->reason, SLD_REASON_LEVERAGE);
  assert_int_equal(desk_order(&p.desks[1], 2)->state, SLD_ORDER_FILLED);
  pair_fini(&p);
}

static void the_loss_of_one_pair_ruins_the_account(void **state) {
  (void)state;
  static pair_of p;
  pair_init(&p);
  p.desks[1].close[3] = p.desks[1].low[3] = 0.5;
  pair_start(&p);
  pair_step(&p);
  pair_step(&p);
  assert_int_equal(sld__broker_target(&p.books[0], p.books[0].now, 1.0), 0);
  assert_int_equal(sld__broker_target(&p.books[1], p.books[1].now, 4.0), 0);
  pair_step(&p);
  assert_int_equal(sld__shared_step(&p.account), 1);
  assert_true(p.account.ruined);
  pair_finish(&p);
  same(p.marks[3], -100000.0);
  same(p.marks[5], -100000.0);
  assert_int_equal(p.desks[0].ledger.open_count, 1);
  assert_int_equal(p.account.exposed, 2);
  pair_fini(&p);
}

static void a_missing_rate_names_its_pair(void **state) {
  (void)state;
  static pair_of p;
  pair_init(&p);
  strcpy(p.desks[1].config.instrument.pair, "USDJPY");
  strcpy(p.desks[1].config.instrument.quote, "JPY");
  for (size_t row = 0; row < 6; row++) p.desks[1].rate_fill[row] = p.desks[1].rate_mark[row] = row < 3 ? 1.0 : (double)NAN;
  p.desks[1].bars.rate_fill = p.desks[1].rate_fill;
  p.desks[1].bars.rate_mark = p.desks[1].rate_mark;
  pair_start(&p);
  pair_step(&p);
  assert_int_equal(sld__broker_target(&p.books[1], p.books[1].now, 1.0), 0);
  pair_step(&p);
  pair_step(&p);
  assert_int_equal(sld__shared_step(&p.account), 1);
  sld_error err;
  assert_int_equal(sld__shared_finish(&p.account, &err), SLD_ERATE);
  assert_string_equal(err.message, "USDJPY: no conversion rate for JPY at 1970-01-03");
  pair_fini(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(equity_adds_up_at_every_instant_and_nothing_is_dealt_before_it_is_asked),
    cmocka_unit_test(bars_to_come_change_nothing),
    cmocka_unit_test(want_of_memory_is_an_error_and_leaks_nothing),
    cmocka_unit_test(an_order_for_a_pair_whose_bar_is_under_way_waits_for_the_next),
    cmocka_unit_test(a_bar_that_has_begun_is_marked_at_its_open),
    cmocka_unit_test(leverage_counts_the_positions_of_all_pairs),
    cmocka_unit_test(the_loss_of_one_pair_ruins_the_account),
    cmocka_unit_test(a_missing_rate_names_its_pair),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
