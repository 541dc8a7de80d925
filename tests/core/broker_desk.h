/* A broker over a handful of bars, for tests: columns in arrays, costs off until a test sets them. */
#ifndef SLD_TEST_BROKER_DESK_H
#define SLD_TEST_BROKER_DESK_H

#include "broker/broker.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "base/alloc.h"

enum { DESK_ROWS = 4096 };
#define DESK_DAY INT64_C(86400000000000)

typedef struct desk {
  int64_t time[DESK_ROWS];
  double open[DESK_ROWS], high[DESK_ROWS], low[DESK_ROWS], close[DESK_ROWS];
  double ask_open[DESK_ROWS], ask_high[DESK_ROWS], ask_low[DESK_ROWS], ask_close[DESK_ROWS]; /* read where desk_both_sides was called */
  double rate_fill[DESK_ROWS], rate_mark[DESK_ROWS];
  sld__broker_config config;
  sld__broker_bars bars;
  sld__ledger ledger;
  sld__broker broker;
} desk;

/* An empty desk: EURUSD with a dollar account of 100,000, mid data, no costs, fills at the next open. */
static inline void desk_init(desk *d, const sld_allocator *allocator) {
  sld_allocator usual = sld__alloc_default();
  memset(d, 0, sizeof *d);
  sld__ledger_init(&d->ledger, allocator ? allocator : &usual);
  d->config.capital = 100000.0;
  d->config.leverage = 30.0;
  d->config.side = SLD_MID;
  d->config.instrument = (sld_instrument){ .pair = "EURUSD", .base = "EUR", .quote = "USD", .digits = 5, .pip = 0.0001, .lot = 100000.0, .min_size = 1.0, .step = 1.0 };
  d->bars = (sld__broker_bars){ .time = d->time, .open = d->open, .high = d->high, .low = d->low, .close = d->close, .period_ns = DESK_DAY, .rate = 1.0 };
}

static inline void desk_both_sides(desk *d) {
  d->config.side = SLD_BOTH;
  d->bars.ask_open = d->ask_open;
  d->bars.ask_high = d->ask_high;
  d->bars.ask_low = d->ask_low;
  d->bars.ask_close = d->ask_close;
}

/* Appends a bar; rows are days from 1970-01-01 on. */
static inline void desk_bar(desk *d, double open, double high, double low, double close) {
  size_t i = d->bars.count++;
  d->time[i] = (int64_t)i * DESK_DAY;
  d->open[i] = open;
  d->high[i] = high;
  d->low[i] = low;
  d->close[i] = close;
}

/* The asks of bar i, or of the bar appended last. */
static inline void desk_asks_at(desk *d, size_t i, double open, double high, double low, double close) {
  d->ask_open[i] = open;
  d->ask_high[i] = high;
  d->ask_low[i] = low;
  d->ask_close[i] = close;
}

static inline void desk_asks(desk *d, double open, double high, double low, double close) {
  desk_asks_at(d, d->bars.count - 1, open, high, low, close);
}

static inline void desk_fixing(desk *d, double price) {
  desk_bar(d, price, price, price, price);
}

static inline void desk_start(desk *d) {
  sld_error err;
  assert_int_equal(sld__broker_start(&d->broker, &d->config, &d->bars, &d->ledger, &err), SLD_OK);
}

static inline void desk_finish(desk *d) {
  sld_error err;
  assert_int_equal(sld__broker_finish(&d->broker, &err), SLD_OK);
}

static inline void desk_buy(desk *d, int64_t row, double units, double stop_loss, double take_profit) {
  sld__request r = SLD__REQUEST_INIT;
  r.kind = units > 0.0 ? SLD__BUY : SLD__SELL;
  r.value = fabs(units);
  r.stop_loss = stop_loss;
  r.take_profit = take_profit;
  assert_int_equal(sld__broker_request(&d->broker, row, &r), 0);
}

static inline sld__request desk_market(sld__request_kind kind, sld_quantity quantity, double value) {
  sld__request r = SLD__REQUEST_INIT;
  r.kind = kind;
  r.quantity = quantity;
  r.value = value;
  return r;
}

static inline void desk_request(desk *d, int64_t row, sld__request r) {
  assert_int_equal(sld__broker_request(&d->broker, row, &r), 0);
}

static inline void desk_target(desk *d, int64_t row, double x) {
  assert_int_equal(sld__broker_target(&d->broker, row, x), 0);
}

/* Ids count from 1. */
static inline const sld_order *desk_order(const desk *d, size_t id) {
  assert_in_range(id, 1, d->ledger.order_count);
  return &d->ledger.orders[id - 1];
}

/* Closed ones in order of exit, then the open ones. */
static inline const sld_trade *desk_trade(const desk *d, size_t i) {
  assert_in_range(i, 0, d->ledger.trade_count + d->ledger.open_count - 1);
  return &d->ledger.trades[i];
}

/* Equal to the bit; NaN equals NaN. */
static inline void same(double got, double expected) {
  if (memcmp(&got, &expected, sizeof got) != 0 && !(got == expected) && !(isnan(got) && isnan(expected))) fail_msg("%.17g is not %.17g", got, expected);
}

#endif
