/* Margin: what positions need, and the stop-out that closes them.
 *
 * A book needs size x price x rate / leverage, price at the data's own side; its size is the net position, or of a hedged book the sum of all lots. An account
 * whose equity is below stop_out times what its books need is stopped out: the lot with the largest loss is closed at that price as a market order
 * would be, and so on, until it is not below any more or nothing is left. docs/fills.md says when it is tested.
 *
 * A book on its own account is lazy here too: sld__margin_watch tells the prices of the data up to which no row can be stopped out. Books of a shared account are
 * tested by it at every step (shared.h). */
#ifndef SLD_BROKER_MARGIN_H
#define SLD_BROKER_MARGIN_H

#include "broker/fill.h"

/* Whether a book on its own account may be stopped out at all. */
static inline bool sld__margin_is_tested(const sld__broker *b) {
  return b->config.stop_out > 0.0 && !b->flat && !b->account->shared;
}

/* Tests the book's own account at a point of the data and closes what must be closed; nothing happens where it is shared, or where there is no rate.
 * Returns 0, or 1 when the broker has ended. */
int sld__margin_test(sld__broker *b, const sld__moment *at, sld__point point);

/* The lot that loses most were it closed at this point, the oldest of those that lose as much; `*profit` in account currency. The book is not flat. */
size_t sld__margin_worst(const sld__broker *b, sld__point point, double rate, double *profit);

/* Prices of the data at which a row may be stopped out: at or below low, at or above high. */
sld__range sld__margin_watch(const sld__broker *b);

/* Size of a position of `steps` (net or gross) in account currency. */
static inline double sld__margin_notional(const sld__broker *b, double steps, double price, double rate) {
  return (fabs(steps * b->config.instrument.step) * price) * rate;
}

/* The book's size in steps, as margin counts it. */
static inline double sld__margin_steps(const sld__broker *b) {
  return b->config.accounting == SLD_HEDGE ? b->gross : b->steps;
}

#endif
