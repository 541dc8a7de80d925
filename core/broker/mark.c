/* Marking rows.
 *
 * Four rows at a time in vector registers: each lane does the operations of sld__broker_mark in the same order, so a row's bits do not
 * depend on where a segment begins. Vectors are spelt out because gcc leaves such loops scalar at -O2, and comparisons of vectors are done on
 * sign bits because it takes those apart.
 */
#include "broker/mark.h"

#include <string.h>

#include "base/error.h"
#include "base/wide.h"
#include "broker/booking.h"
#include "broker/shared.h"

enum { STRIDE = 4 };

/* The account between two fills. */
typedef struct account {
  double cash, units, offset, entry_value;
} account;

/* Writes n equities up to the first that is not above 0 and returns how many are; `rates` is NULL where `rate` holds for all. Inlined
 * into both callers so that neither tests that per row. */
static inline __attribute__((always_inline)) size_t mark_held(double *out, const double *close, const double *rates, double rate, size_t n, account a) {
  size_t i = 0;
  for (; i + STRIDE <= n; i += STRIDE) {
    sld__four closes, factors = { rate, rate, rate, rate };
    memcpy(&closes, close + i, sizeof closes);
    if (rates) memcpy(&factors, rates + i, sizeof factors);
    sld__four equity = a.cash + (a.units * (closes + a.offset) - a.entry_value) * factors;
    memcpy(out + i, &equity, sizeof equity);
    sld__four_bits above = (sld__four_bits)(0.0 - equity); /* the sign is set where equity is above 0 .. */
    double sum = (equity[0] + equity[1]) + (equity[2] + equity[3]);
    if (!((above[0] & above[1] & above[2] & above[3]) < 0 && sum == sum)) break; /* .. or perhaps where it is NaN */
  }
  for (; i < n; i++) {
    out[i] = a.cash + (a.units * (close[i] + a.offset) - a.entry_value) * (rates ? rates[i] : rate);
    if (!(out[i] > 0.0)) break;
  }
  return i;
}

/* A hedged book of both sides: longs at bids, shorts at asks. */
static size_t mark_both(const sld__broker *b, int64_t from, size_t n) {
  for (size_t i = 0; i < n; i++) {
    int64_t row = from + (int64_t)i;
    b->marks[row] = sld__broker_mark(b, row);
    if (!(b->marks[row] > 0.0)) return i;
  }
  return n;
}

static size_t mark_flat(double *out, size_t n, double cash) {
  for (size_t i = 0; i < n; i++) out[i] = cash;
  return cash > 0.0 ? n : 0;
}

SLD__WIDE int64_t sld__mark_rows(const sld__broker *b, int64_t from, int64_t to) {
  size_t n = (size_t)(to - from + 1), above;
  double *out = b->marks + from;
  account a = { b->cash, b->position, b->mark_offset, b->entry_value };
  if (b->flat)
    above = mark_flat(out, n, b->cash);
  else if (b->mark_shorts)
    above = mark_both(b, from, n);
  else if (b->rate_mark)
    above = mark_held(out, b->mark_close + from, b->rate_mark + from, 0.0, n, a);
  else
    above = mark_held(out, b->mark_close + from, NULL, b->rate, n, a);
  return from + (int64_t)above;
}

int sld__mark_settle(sld__broker *b, int64_t from, int64_t to) {
  if (b->account->shared) return sld__shared_remark(b, to);
  int64_t low = sld__mark_rows(b, from, to);
  b->now = low <= to ? low : to;
  b->equity = b->marks[b->now];
  if (low > to) return 0;
  if (isnan(b->equity)) {
    double rate = b->rate_mark ? b->rate_mark[low] : b->rate;
    if (!(rate > 0.0)) return sld__broker_no_rate(b, b->bars.time[low] + b->bars.period_ns);
    return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "%s: equity is undefined", b->config.instrument.pair));
  }
  b->ended = b->ruined = 1;
  return 1;
}
