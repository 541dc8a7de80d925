/* The two C programs that the engine is measured against, for one strategy: long above, short below a crossing of two means, on EURUSD in
 * a USD account at mid prices, spread and commission charged, orders filled at the next open.
 *
 *   C callback  the core's own broker step and the strategy, both called through function pointers once per bar; the means are given.
 *               What any host with user callbacks can reach at best.
 *   C inlined   means, decision, fills, costs and equity in one loop without a call. It shares no code with the core.
 *
 * Both leave the same orders and the same equity column as a run of the engine, to the bit. */
#ifndef BENCH_YARDSTICK_H
#define BENCH_YARDSTICK_H

#include <sliders.h>

#include "bars.h"
#include "broker/broker.h"

typedef struct costs {
  double capital;
  double spread; /* price units */
  double commission_frac;
} costs;

/* What C inlined keeps of an order. */
typedef struct brief {
  int64_t bar, fill_bar; /* fill_bar -1: not filled */
  double units, price, spread_cost, commission;
} brief;

typedef struct inlined {
  double *equity; /* [count], the caller's */
  brief *orders;  /* grows */
  size_t order_count, order_capacity;
} inlined;

/* Simple mean of the last p values, NaN before there are p: the core's definition. */
void mean_of(double *out, const double *x, size_t n, size_t p);

/* Runs the strategy into `ledger`, first decision at row `first`. Exits where the broker fails. */
void run_callback(sld__ledger *ledger, const bars *b, const costs *c, const double *fast, const double *slow, size_t first);

/* The same from prices alone, fast < slow. */
void run_inlined(inlined *out, const bars *b, const costs *c, size_t fast, size_t slow);

#endif
