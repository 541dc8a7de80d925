/* Rollovers: what a book earns or pays for what it holds over night. market/rollover.h says when and how much a unit earns. */
#ifndef SLD_BROKER_OVERNIGHT_H
#define SLD_BROKER_OVERNIGHT_H

#include "broker/book.h"

/* What the book holds now. */
sld__held sld__book_held(const sld__broker *b);

/* Books the rolls of `row` that come before its open, or (`inside`) those after it too, on `held`; earlier ones have passed the book by while it held
 * nothing. Returns 0, or 1 when the broker has ended: a conversion rate or a short rate is missing, no memory. */
int sld__book_roll(sld__broker *b, int64_t row, bool inside, sld__held held);

/* Notes what the open of a row with a roll inside has left. */
void sld__book_hold(sld__broker *b, int64_t row);

/* Whether a roll of `row` is still to come. */
static inline bool sld__book_rolls_in(const sld__broker *b, int64_t row) {
  return b->roll < b->bars.roll_count && b->bars.rolls[b->roll].row <= row;
}

#endif
