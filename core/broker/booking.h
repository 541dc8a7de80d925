/* Booking: what a fill does to lots, trades, costs and cash. It does not decide whether or where something fills. */
#ifndef SLD_BROKER_BOOKING_H
#define SLD_BROKER_BOOKING_H

#include "base/error.h"
#include "base/time.h"
#include "broker/broker.h"

/* When something is dealt. */
typedef struct sld__moment {
  int64_t row;
  int64_t time;
  double rate; /* quote to account currency; NaN: missing */
} sld__moment;

/* How an order is dealt. */
typedef struct sld__deal {
  sld__moment at;
  double reference; /* price at the data's own side */
  double ask;       /* the ask that stands with it, where the data have both sides */
  double side;      /* where what opens is dealt, before slippage; what closes is too, unless only entries pay the spread: then at reference */
  double slippage;  /* >= 0, price units; 0 for limits */
  sld_exit exit;    /* what trades that it closes say */
} sld__deal;

/* What an order may do to lots of the other side, and whether it may open one. */
typedef struct sld__scope {
  bool opens;
  bool closes;
  const char *entry; /* closes only lots of entries of this name; NULL: of any */
  int64_t lot;       /* closes only the lot of this order; 0: of any */
} sld__scope;

/* A month's period is that of the longest: the next row's open ends a shorter one. */
static inline int64_t sld__row_close(const sld__broker *b, int64_t row) {
  struct sld__clock clock = { b->bars.time, b->bars.opens ? b->bars.opens : b->bars.count, b->bars.period_ns };
  return sld__clock_close(&clock, (size_t)row);
}

/* Inside a row: its open's time and the rate for fills. At its close: the close's time and the rate for marks. */
static inline sld__moment sld__moment_inside(const sld__broker *b, int64_t row) {
  return (sld__moment){ row, b->bars.time[row], b->bars.rate_fill ? b->bars.rate_fill[row] : b->rate };
}

static inline sld__moment sld__moment_close(const sld__broker *b, int64_t row) {
  return (sld__moment){ row, sld__row_close(b, row), b->rate_mark ? b->rate_mark[row] : b->rate };
}

static const sld__range sld__range_none = { -INFINITY, INFINITY };

static inline sld__point sld__point_open(const sld__broker *b, int64_t row) {
  return (sld__point){ b->bars.open[row], b->bars.ask_open[row] };
}

static inline sld__point sld__point_high(const sld__broker *b, int64_t row) {
  return (sld__point){ b->bars.high[row], b->bars.ask_high[row] };
}

static inline sld__point sld__point_low(const sld__broker *b, int64_t row) {
  return (sld__point){ b->bars.low[row], b->bars.ask_low[row] };
}

static inline sld__point sld__point_close(const sld__broker *b, int64_t row) {
  return (sld__point){ b->close[row], b->bars.ask_close[row] };
}

static inline sld__lot *sld__lot_at(const sld__broker *b, size_t i) {
  return b->ledger->lots + b->ledger->lot_first + i;
}

static inline sld_order *sld__order_of(const sld__broker *b, int64_t id) {
  return &b->ledger->orders[id - 1];
}

/* The time of its decision, where that is not known yet: the close of its bar. */
static inline void sld__order_stamp(const sld__broker *b, sld_order *order) {
  if (order->time == 0) order->time = sld__row_close(b, order->bar - b->bars.origin);
}

/* The name of an order; "": none. */
static inline const char *sld__order_name(const sld__broker *b, int64_t id) {
  return sld__terms(sld__order_of(b, id))->name;
}

/* The name of the entry that opened a lot; "": none. */
static inline const char *sld__lot_name(const sld__broker *b, const sld__lot *lot) {
  return sld__order_name(b, lot->order);
}

/* Where a lot is marked at the close of a row. */
static inline double sld__lot_mark(const sld__broker *b, const sld__lot *lot, int64_t row) {
  return sld__lead_to(lot->steps > 0.0 ? &b->closes.bid : &b->closes.ask, sld__point_close(b, row));
}

/* Whether the scope closes this lot with an order of `steps`. */
bool sld__scope_has(const sld__broker *b, const sld__scope *scope, const sld__lot *lot, double steps);

/* How many steps of an order of `steps` would close lots, >= 0. */
double sld__book_closable(const sld__broker *b, double steps, const sld__scope *scope);

/* Fills the order: closes `closing` steps of lots within the scope, which is what sld__book_closable says, oldest first, and opens a lot with the rest
 * where the scope allows. Something of it must be possible. Marks of the deal's row and later see it. Returns 0, or 1 when the ledger is full; the broker has then ended. */
int sld__book_deal(sld__broker *b, sld_order *order, double steps, double closing, const sld__deal *deal, const sld__scope *scope);

/* Brings what the book keeps in sums up to its lots and ledger, after a change that marks of `row` and later see. */
void sld__book_restate(sld__broker *b, int64_t row);

/* Open profit of all lots were they marked where the market stands at this point. */
static inline double sld__book_open_profit(const sld__broker *b, sld__point point, double rate) {
  if (b->mark_shorts) return ((b->longs * point.price + b->shorts * point.ask) - b->entry_value) * rate;
  double price = b->mark_close == b->close ? point.price : point.ask;
  return (b->position * (price + b->mark_offset) - b->entry_value) * rate;
}

/* Ends the broker with the status that an sld__fail into b->error has returned; returns 1. */
SLD__COLD int sld__broker_fail(sld__broker *b, sld_status status);

/* Ends the broker because its ledger takes no more records: for want of memory, or at the job's limit; returns 1. */
SLD__COLD int sld__broker_full(sld__broker *b);

/* Ends the broker for want of a rate at the instant `time`; returns 1. */
SLD__COLD int sld__broker_no_rate(sld__broker *b, int64_t time);

#endif
