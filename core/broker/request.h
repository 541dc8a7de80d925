/* From what a script asks for to an order of a fixed size. Shared by request.c (targets, buys and sells) and change.c (the rest). */
#ifndef SLD_BROKER_REQUEST_H
#define SLD_BROKER_REQUEST_H

#include "broker/fill.h"

/* An order about to be made. */
typedef struct sld__draft {
  const sld__request *request;
  int64_t row;
  sld_order_kind kind;
  double steps;    /* signed; of an exit its size > 0, or 0: all that is left */
  double fraction; /* where the size is known at the fill only: signed fraction of equity; of an exit: of what its entry opened; else NaN */
  int way;         /* sign of what its own stops protect; 0: nothing */
  int64_t parent;
  bool one_lot;
} sld__draft;

/* Records the order, then rejects it for `reason`, or lets it wait; a market order dealt at closes is dealt. Returns 0, or 1 when the broker has ended. */
int sld__request_place(sld__broker *b, const sld__draft *draft, sld_reason reason);

/* Ends the broker: `what` may not be `value`. Returns 1. */
SLD__COLD int sld__request_refuse(sld__broker *b, const char *what, double value, const char *why);

/* Whether the market at this close has passed a stop loss or take profit already, for an order at `price` (NaN: at market). */
bool sld__request_wrong_stops(const sld__broker *b, double stop_loss, double take_profit, double price, int way, int64_t row);

/* Whether a stop order would be reached at this close already. */
bool sld__request_wrong_side(const sld__broker *b, double stop, bool buys, int64_t row);

/* change.c. Each returns as above. */
int sld__request_close(sld__broker *b, const sld__request *request, int64_t row);
int sld__request_exit(sld__broker *b, const sld__request *request, int64_t row);
int sld__request_cancel(sld__broker *b, const sld__request *request);
int sld__request_modify(sld__broker *b, const sld__request *request, int64_t row);

#endif
