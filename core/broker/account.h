/* Booking: what a fill does to lots, trades, costs and cash. It does not decide whether or where something fills. */
#ifndef SLD_BROKER_ACCOUNT_H
#define SLD_BROKER_ACCOUNT_H

#include "broker/broker.h"

/* Where an order is dealt. */
typedef struct sld__deal {
  int64_t row;
  int64_t time;
  double reference; /* price at the data's own side */
  double side;      /* bid for a sell, ask for a buy */
  double slippage;  /* >= 0, price units; 0 for limits */
  double rate;      /* quote to account currency, > 0 */
  sld_exit exit;    /* what trades that it closes say */
} sld__deal;

/* The order's size in instrument steps: the whole number that units = steps x step has rounded. */
double sld__account_steps(const sld__broker *b, const sld_order *order);

/* Fills the order of `steps`: closes lots of the other side, oldest first, and opens a lot with what is left of it. Marks of the deal's
 * row and later see it. Returns 0, or 1 when the ledger is out of memory; the broker has then ended. */
int sld__account_fill(sld__broker *b, sld_order *order, double steps, const sld__deal *deal);

/* Fills the order by closing lots[lot_first + i] wholly; its units are that lot's, negated. sld__account_restate must follow before
 * the account is read. Returns as above. */
int sld__account_close_lot(sld__broker *b, size_t i, sld_order *order, const sld__deal *deal);

/* Brings what the broker keeps in sums up to its lots and ledger, after a change that marks of `row` and later see. */
void sld__account_restate(sld__broker *b, int64_t row);

/* Whether anything but marking is to be done on the next row. */
void sld__account_watch(sld__broker *b);

/* Ends the broker with the status that an sld__fail into b->error has returned; returns 1. */
int sld__broker_fail(sld__broker *b, sld_status status);

/* Ends the broker for want of a rate at the instant `time`; returns 1. */
int sld__broker_no_rate(sld__broker *b, int64_t time);

#endif
