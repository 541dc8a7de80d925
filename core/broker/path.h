/* Paths: what a bar reaches of the things that wait, in which order, and at which price. docs/fills.md states each rule.
 *
 * Each returns 0, or 1 when the broker has ended. */
#ifndef SLD_BROKER_PATH_H
#define SLD_BROKER_PATH_H

#include "broker/broker.h"

/* A row in two parts: what its open deals, and what lies between open and close. Path backtesting_py deals all of it in the second. */
int sld__path_open(sld__broker *b, int64_t row);
int sld__path_rest(sld__broker *b, int64_t row); /* needs b->busy */

int sld__path_pessimistic_open(sld__broker *b, int64_t row);
int sld__path_pessimistic_rest(sld__broker *b, int64_t row);
int sld__path_tradingview_open(sld__broker *b, int64_t row);
int sld__path_tradingview_rest(sld__broker *b, int64_t row);
int sld__path_backtesting_py(sld__broker *b, int64_t row);

/* The same with the rollovers of that row: those due by its open before all, those inside it after all, on what the open has left. */
int sld__broker_open(sld__broker *b, int64_t row);
int sld__broker_rest(sld__broker *b, int64_t row);

/* Deals at the close of `now` what path tradingview keeps until the hook has ended, and marks that row again. */
int sld__broker_deal_close(sld__broker *b);

/* Path tradingview with orders dealt at closes: market orders, then what the close has passed. */
int sld__path_tradingview_close(sld__broker *b, int64_t row);

/* Path tradingview: trailing stops of exit `w`, placed on an open position, see the close of `row`. */
void sld__path_tradingview_see(sld__broker *b, size_t w, int64_t row);

#endif
