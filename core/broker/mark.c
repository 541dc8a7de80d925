/* Marking rows.
 *
 * Eight rows at a time in vector registers: each lane does the operations of sld__broker_mark in the same order, so a row's bits do not
 * depend on where a segment begins. Vectors are spelt out because gcc leaves such loops scalar at -O2. While the rows are in registers the drawdown
 * sees them, which also tells whether the account was ruined on the way. The last eight of a segment reach beyond it, where the view does: those
 * rows are marked again when their turn comes.
 */
#include "broker/mark.h"

#include <string.h>

#include "base/error.h"
#include "base/wide.h"
#include "broker/booking.h"
#include "broker/shared.h"

enum { LANES = 4, ROWS = 2 * LANES };

/* The account between two fills. */
typedef struct account {
  double cash, units, offset, entry_value;
} account;

/* Where a position is marked. `rates` is NULL where `rate` holds for all rows. */
typedef struct sheet {
  const double *close, *rates;
  double rate;
  account account;
} sheet;

static inline __attribute__((always_inline)) double mark_one(const sheet *s, size_t row) {
  const account *a = &s->account;
  return a->cash + (a->units * (s->close[row] + a->offset) - a->entry_value) * (s->rates ? s->rates[row] : s->rate);
}

static inline __attribute__((always_inline)) void mark_four(sld__four *equity, double *marks, const sheet *s, size_t row) {
  const account *a = &s->account;
  sld__four closes, rates = { s->rate, s->rate, s->rate, s->rate };
  memcpy(&closes, s->close + row, sizeof closes);
  if (s->rates) memcpy(&rates, s->rates + row, sizeof rates);
  *equity = a->cash + (a->units * (closes + a->offset) - a->entry_value) * rates;
  memcpy(marks + row, equity, sizeof *equity);
}

/* Lets the drawdown follow rows up to `to`, but for that one, which a deal at its close marks once more. Returns the first row that is not above 0
 * (NaN included), or to + 1. */
static size_t follow_until(sld__drawdown *d, const double *marks, size_t to) {
  size_t bad = sld__drawdown_follow(d, marks, to);
  return bad == to && marks[to] > 0.0 ? to + 1 : bad;
}

/* A hedged book of both sides: longs at bids, shorts at asks. */
static size_t mark_both(const sld__broker *b, sld__drawdown *d, size_t from, size_t to) {
  for (size_t row = from; row <= to; row++) {
    double rate = b->rate_mark ? b->rate_mark[row] : b->rate;
    b->marks[row] = b->cash + ((b->longs * b->mark_close[row] + b->shorts * b->mark_shorts[row]) - b->entry_value) * rate;
  }
  return follow_until(d, b->marks, to);
}

/* Whether no mark at this sheet's one rate can be NaN: closes are finite, and what overflows on the way stays infinite. */
static bool is_finite(const sheet *s) {
  const account *a = &s->account;
  return isfinite(((a->cash + a->entry_value) + (a->units + a->offset)) * s->rate);
}

/* Writes the marks of rows from..to and answers as follow_until. Inlined into both callers so that neither asks per row whether there are rates.
 *   before  the mark before, which the drawdown has not followed yet, or NaN: nothing is known of what it has
 *   last    the view's last row */
static inline __attribute__((always_inline)) size_t mark(double *marks, sld__drawdown *d, const sheet *s, double before, size_t from, size_t to, size_t last) {
  sld__dip dip, other;
  sld__four some, more, sum = { 0.0, 0.0, 0.0, 0.0 };
  size_t row = from;
  sld__dip_start(&dip, before);
  sld__dip_start(&other, before);
  for (; row + ROWS <= to; row += ROWS) {
    mark_four(&some, marks, s, row);
    mark_four(&more, marks, s, row + LANES);
    sld__dip_add(&dip, &some);
    sld__dip_add(&other, &more);
    if (s->rates) sum += some + more;
  }
  if (row + ROWS > last + 1) {
    for (; row <= to; row++) marks[row] = mark_one(s, row);
    return follow_until(d, marks, to);
  }
  mark_four(&some, marks, s, row);
  mark_four(&more, marks, s, row + LANES);
  sld__dip_add_some(&dip, &some, (int64_t)(to - row));
  sld__dip_add_some(&other, &more, (int64_t)(to - row) - LANES);
  sld__dip_add(&dip, &other.least);
  sld__dip_add(&dip, &other.most);
  if (s->rates) sum += some + more;
  bool sure = s->rates ? !isnan((sum[0] + sum[1]) + (sum[2] + sum[3])) : is_finite(s);
  return sure && sld__dip_follow(d, &dip, to) && marks[to] > 0.0 ? to + 1 : follow_until(d, marks, to);
}

static SLD__WIDE int64_t mark_rows(const sld__broker *b, int64_t from, int64_t to) {
  size_t first = (size_t)from, end = (size_t)to, last = (size_t)b->last;
  sheet s = { b->mark_close, NULL, b->rate, { b->cash, b->position, b->mark_offset, b->entry_value } };
  sld__drawdown none, *d = b->bars.drawdown;
  if (!d) *(d = &none) = (sld__drawdown){ .next = first, .peak = INFINITY, .low = INFINITY };
  if (d->next + 1 < first) sld__drawdown_follow(d, b->marks, first - 1);
  double before = d == &none ? 1.0 : d->next < first ? b->marks[first - 1] : (double)NAN;
  if (b->flat) { /* worth its cash whatever the rate */
    s.rate = 1.0;
    s.account = (account){ b->cash, 0.0, 0.0, 0.0 };
  } else if (b->mark_shorts) {
    return (int64_t)mark_both(b, d, first, end);
  } else if (b->rate_mark) {
    s.rates = b->rate_mark;
    return (int64_t)mark(b->marks, d, &s, before, first, end, last);
  }
  s.rates = NULL; /* said here, so that this copy of the loop has none */
  return (int64_t)mark(b->marks, d, &s, before, first, end, last);
}

int sld__mark_settle(sld__broker *b, int64_t from, int64_t to) {
  if (b->account->shared) return sld__shared_remark(b, to);
  int64_t low = mark_rows(b, from, to);
  b->now = low <= to ? low : to;
  b->equity = b->marks[b->now];
  if (low > to) return 0;
  if (isnan(b->equity)) {
    double rate = b->rate_mark ? b->rate_mark[low] : b->rate;
    if (!(rate > 0.0)) return sld__broker_no_rate(b, sld__row_close(b, low));
    return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "%s: equity is undefined", b->config.instrument.pair));
  }
  b->ended = b->ruined = 1;
  return 1;
}
