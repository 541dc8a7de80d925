/* Fill rules: when an order is dealt, and at which price. docs/fills.md states them for users and names the test of each. */
#ifndef SLD_BROKER_FILL_H
#define SLD_BROKER_FILL_H

#include "broker/broker.h"

/* Each returns 0, or 1 when the broker has ended (a missing rate, no memory). */

/* Deals the waiting market orders at the open of `row`, in the order of their calls. */
int sld__fill_at_open(sld__broker *b, int64_t row);

/* Deals one market order at the close of `row`; its trades say `exit`. */
int sld__fill_at_close(sld__broker *b, sld_order *order, int64_t row, sld_exit exit);

/* The first row of from..to in which a stop loss or take profit triggers, or to + 1. */
int64_t sld__fill_next_stop(const sld__broker *b, int64_t from, int64_t to);

/* Deals every stop loss and take profit that triggers in `row`, each as an order of its own, oldest lot first. */
int sld__fill_stops(sld__broker *b, int64_t row);

/* Ends every order that waits for an open. */
void sld__fill_drop_waiting(sld__broker *b, sld_order_state state, sld_reason reason);

/* Ends an order that is not dealt. */
void sld__fill_reject(sld__broker *b, sld_order *order, sld_reason reason);

#endif
