/* What waits in a book: its names and groups, what exits reserve, and when it must be looked at.
 *
 * Waiting orders stand in ledger->waiting by ascending id, that is in order of the calls. Whoever deals one may end others of them: loops go on by
 * sld__book_after, not by index. */
#ifndef SLD_BROKER_BOOK_H
#define SLD_BROKER_BOOK_H

#include "broker/booking.h"

static inline sld__waiting *sld__waiting_at(const sld__broker *b, size_t w) {
  return &b->ledger->waiting[w];
}

static inline sld_order *sld__waiting_order(const sld__broker *b, size_t w) {
  return sld__order_of(b, b->ledger->waiting[w].order);
}

/* Dealt at the next occasion whatever the price. */
static inline bool sld__order_is_market(const sld_order *order) {
  return order->kind == SLD_ORDER_TARGET || order->kind == SLD_ORDER_MARKET || order->kind == SLD_ORDER_CLOSE || order->kind == SLD_ORDER_END_OF_DATA;
}

/* Whether a waiting order was placed after row `row` had begun. */
static inline bool sld__waiting_later(const sld__broker *b, size_t w, int64_t row) {
  return b->ledger->waiting[w].from > row;
}

/* The first row whose open lies at or after this instant. */
static inline int64_t sld__book_next(const sld__broker *b) {
  return (b->begun > b->now ? b->begun : b->now) + 1;
}

/* Index of the first waiting order with an id above `id`, or waiting_count. */
size_t sld__book_after(const sld__broker *b, int64_t id);

/* What a waiting order may do to lots. */
sld__scope sld__book_scope(const sld__broker *b, size_t w);

int sld__book_side_of_exit(const sld__broker *b, const sld_order *exit);

/* Side of an order that waits: 1 buys, -1 sells; 0: an exit whose entry has no lot yet. */
static inline int sld__book_side(const sld__broker *b, size_t w) {
  const sld_order *order = sld__waiting_order(b, w);
  const sld__waiting *waiting = sld__waiting_at(b, w);
  if (order->kind == SLD_ORDER_EXIT) return sld__book_side_of_exit(b, order);
  double size = waiting->steps != 0.0 ? waiting->steps : waiting->fraction;
  return (size > 0.0) - (size < 0.0);
}

/* Steps that exit `w` may close now, >= 0: what it asks for, at most what the lots of its entry hold less what earlier exits of that entry reserve.
 *   late_row  lots opened inside this row, after its open, do not count; -1: all do */
double sld__book_reserved(const sld__broker *b, size_t w, int64_t late_row);

/* The oldest lot of entries of this name, or NULL. */
const sld__lot *sld__book_lot_of(const sld__broker *b, const char *entry);

/* Gives exits of this entry the prices that their distances come to, and their trailing stops the distance that their price comes to, counted from its
 * oldest lot; nothing where there is none. */
void sld__book_fix_exits(sld__broker *b, const char *entry);

/* Whether an order of this name waits that could open a lot. */
bool sld__book_awaits(const sld__broker *b, const char *entry);

/* Position in steps after all market orders that wait, in order. */
double sld__book_projected(const sld__broker *b);

/* Ends a waiting order that was not dealt. Rejections count. */
void sld__book_end(sld__broker *b, size_t w, sld_order_state state, sld_reason reason);

/* Ends every waiting order; `market_only` spares priced ones. */
void sld__book_end_market(sld__broker *b, sld_order_state state, sld_reason reason);
void sld__book_end_all(sld__broker *b, sld_order_state state, sld_reason reason);

/* Ends exits whose entry has neither lots nor a waiting order. */
void sld__book_purge(sld__broker *b);

/* Ends orders whose last row is `row`. */
void sld__book_expire(sld__broker *b, int64_t row);

/* Does to the OCA group of an order that has been dealt what its kind asks for. */
void sld__book_group_dealt(sld__broker *b, const sld_order *dealt);

/* Brings busy and the wake levels up to lots and waiting orders. */
void sld__book_watch(sld__broker *b);

/* The first row of from..to in which anything can happen, or to + 1. */
int64_t sld__book_next_row(const sld__broker *b, int64_t from, int64_t to);

/* Whether row `row` may be more than a mark. */
static inline bool sld__book_wakes(const sld__broker *b, int64_t row) {
  return row > b->calm || (b->busy && sld__book_next_row(b, row, row) == row);
}

/* Moves trailing stops to the close of `row`; paths other than tradingview. */
void sld__book_follow(sld__broker *b, int64_t row);

/* The same for exit `w` alone, placed or changed at that close. */
void sld__book_follow_exit(sld__broker *b, size_t w, int64_t row);

#endif
