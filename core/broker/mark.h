/* Marking rows: the account's equity at closes between two changes of the position. */
#ifndef SLD_BROKER_MARK_H
#define SLD_BROKER_MARK_H

#include "broker/broker.h"

/* Marks rows from..to, `from` being now or the row after it, and stands at the last of them. Returns 0, or 1 when the account was ruined on
 * the way or a mark is undefined; the broker then ended at that row. Needs from <= to. */
int sld__mark_settle(sld__broker *b, int64_t from, int64_t to);

#endif
