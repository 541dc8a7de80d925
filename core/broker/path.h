/* Paths: what a bar reaches of the things that wait, in which order, and at which price. docs/fills.md states each rule.
 *
 * Each deals everything that row `row` deals, market orders at its open included, and returns 0, or 1 when the broker has ended. */
#ifndef SLD_BROKER_PATH_H
#define SLD_BROKER_PATH_H

#include "broker/broker.h"

int sld__path_pessimistic(sld__broker *b, int64_t row);
int sld__path_tradingview(sld__broker *b, int64_t row);
int sld__path_backtesting_py(sld__broker *b, int64_t row);

/* Path tradingview with orders dealt at closes: market orders, then what the close has passed. */
int sld__path_tradingview_close(sld__broker *b, int64_t row);

/* Path tradingview: trailing stops of exit `w`, placed on an open position, see the close of `row`. */
void sld__path_tradingview_see(sld__broker *b, size_t w, int64_t row);

#endif
