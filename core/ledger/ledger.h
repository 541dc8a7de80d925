/* What one job leaves: orders, trades, equity points and totals. The broker writes it; metrics, portfolio and reports read it.
 *
 * A ledger belongs to one worker and serves one job after the other: reset empties it and keeps its memory.
 * Records are the public ones of sliders.h, so that a kept ledger is handed out as it stands.
 */
#ifndef SLD_LEDGER_LEDGER_H
#define SLD_LEDGER_LEDGER_H

#include <math.h>
#include <sliders.h>

#include "base/spare.h"

enum { SLD__TERMS_PER_BLOCK = 64 };

/* An order's terms, or those of an order without any. */
extern const sld_order_terms sld__terms_none;

static inline const sld_order_terms *sld__terms(const sld_order *order) {
  return order->terms ? order->terms : &sld__terms_none;
}

/* The same to be changed, of an order that has some. */
static inline sld_order_terms *sld__terms_edit(const sld_order *order) {
  return (sld_order_terms *)(uintptr_t)order->terms;
}

/* A trailing stop. */
typedef struct sld__trail {
  double distance; /* NaN: none */
  double after;    /* NaN: none */
  double step;     /* NaN: none */
  double best;     /* path tradingview: best price seen since activation; NaN: asleep */
  double level;    /* other paths: the stop's price now; NaN: asleep */
} sld__trail;

#define SLD__TRAIL_NONE ((sld__trail){ NAN, NAN, NAN, NAN, NAN })

/* A lot: an open trade, or what partial closes have left of one. */
typedef struct sld__lot {
  int64_t order;    /* id of the order that opened it */
  int64_t time;     /* of that fill */
  int64_t row;      /* of that fill, in the view */
  bool late;        /* opened inside that row, not at its open */
  double steps;     /* signed whole number of instrument steps, never 0 */
  double opened;    /* `steps` as they were then */
  double spoken;    /* scratch of a close: steps, > 0, that closes which wait will take */
  double reference; /* entry price at the data's own side */
  double price;     /* entry price as dealt */
  double costs;     /* what is left of the entry's costs, account currency, >= 0 */
  double stop_loss; /* price, NaN: none */
  double take_profit;
  sld__trail trail;
} sld__lot;

/* An order that waits: what its record does not say. */
typedef struct sld__waiting {
  int64_t order;    /* id */
  double steps;     /* signed whole number of steps; 0: known at the fill only (sizing at the fill, exits of all) */
  bool one_lot;     /* a close of the lot of order `parent` alone, not of all lots of that name */
  bool fifo;        /* an exit or close of an entry that closes the oldest lots of the position */
  bool triggered;   /* a stop-limit whose stop was reached */
  int64_t resting;  /* first row in which a triggered stop-limit may deal */
  int64_t from;     /* first row in which it may deal, where it was placed after a bar had begun; else 0 */
  double fraction;  /* of a size known at the fill only: signed fraction of equity; of an exit: of what the entry opened; NaN: none */
  sld__trail trail; /* of an exit */
  double trail_at;  /* of an exit: the price that trail.after is to come to; NaN: none */
  char group[SLD_NAME_SIZE];
} sld__waiting;

/* How many records the ledgers of a job may still take, and of how many at first. */
typedef struct sld__quota {
  size_t left, all;
} sld__quota;

typedef struct sld__ledger {
  sld_allocator allocator;
  sld_status status; /* SLD_OK, or SLD_ENOMEM or SLD_ELIMIT from the first append that failed until the next reset */
  sld__quota *quota; /* for orders, closed trades and rollovers, borrowed and kept over resets; NULL: as many as there is memory for */
  sld__spare *spare; /* where `equity` comes from; NULL: the allocator. Set by the owner after init */

  sld_order *orders; /* [order_count], orders[i].id = i + 1 */
  size_t order_count, order_capacity;

  sld_trade *trades; /* [trade_count + open_count]: closed ones in order of exit, then, once the job is finished, the open ones */
  size_t trade_count, open_count, trade_capacity;

  sld_rollover_record *rollovers; /* [rollover_count] in order of time */
  size_t rollover_count, rollover_capacity;

  sld__lot *lots; /* [lot_first .. lot_first + lot_count): the position, oldest first */
  size_t lot_first, lot_count, lot_capacity;

  sld__waiting *waiting; /* [waiting_count] in order of the calls */
  size_t waiting_count, waiting_capacity;

  sld_order_terms **term_blocks; /* [term_block_count] of SLD__TERMS_PER_BLOCK each; they never move */
  size_t term_block_count, term_block_capacity;
  size_t term_count; /* in use: orders that have terms, in order */

  double *equity; /* [equity_count] account currency at the close of each row of the view; capital before row `first` */
  size_t equity_count, equity_capacity;
  size_t first; /* first tradable row */

  /* Account currency. capital + realised + rollover - (costs_spread + costs_slippage + costs_commission) + unrealised = equity. */
  double capital;
  double realised;   /* sum of trades[].gross of closed trades, in order */
  double unrealised; /* of the open lots at the last mark; written when the job is finished */
  double rollover;   /* signed: sum of rollovers[].amount, in order */
  double costs_spread, costs_slippage, costs_commission; /* sums over filled orders, in order; >= 0 */

  size_t rejected_count;
  size_t stop_out_count; /* lots closed for want of margin */
  size_t exposure_rows; /* rows whose close found a position; written when the job is finished */
} sld__ledger;

/* An empty ledger; allocates nothing. */
void sld__ledger_init(sld__ledger *ledger, const sld_allocator *allocator);

/* Empties it for a job over `rows` rows that trades from row `first` on. equity[0..first) becomes `capital`, later points are not yet defined.
 * ENOMEM: the ledger is empty and may be reset again. */
sld_status sld__ledger_reset(sld__ledger *ledger, size_t rows, size_t first, double capital, sld_error *err);

/* Frees the memory; the ledger may be reset again. NULL arrays are fine. */
void sld__ledger_fini(sld__ledger *ledger);

/* Append one record and return it, valid until the next append of its kind. NULL: out of memory or quota, and `status` says which.
 * It is zeroed; an order has its id and is not filled: fill_bar is -1, prices, stops and target are NaN. A trade appended by `_open`
 * counts in open_count and must follow every closed one. */
sld_order *sld__ledger_add_order(sld__ledger *ledger);
sld_trade *sld__ledger_add_trade(sld__ledger *ledger);
sld_trade *sld__ledger_add_open(sld__ledger *ledger);
sld__lot *sld__ledger_add_lot(sld__ledger *ledger);
sld__waiting *sld__ledger_add_waiting(sld__ledger *ledger);
sld_rollover_record *sld__ledger_add_rollover(sld__ledger *ledger);

/* Gives the order terms, all of them not given yet, valid until the next reset. NULL: out of memory, as above. */
sld_order_terms *sld__ledger_add_terms(sld__ledger *ledger, sld_order *order);

/* Takes out waiting[i], i < waiting_count. */
void sld__ledger_remove_waiting(sld__ledger *ledger, size_t i);

/* Takes out lots[lot_first + i], i < lot_count. The oldest in constant time. */
void sld__ledger_remove_lot(sld__ledger *ledger, size_t i);

/* All costs: (spread + slippage) + commission, in this order. */
static inline double sld__ledger_costs(const sld__ledger *ledger) {
  return (ledger->costs_spread + ledger->costs_slippage) + ledger->costs_commission;
}

#endif
