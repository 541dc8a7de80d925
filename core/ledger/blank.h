/* Records as they are appended: copied whole, which is cheaper than to empty one and fill it in.
 *
 * They stand in a file of their own, where the compiler of the copies does not see that most of them is zero: gcc would clear a record by "rep stos",
 * which takes longer to get going than the copy takes. */
#ifndef SLD_LEDGER_BLANK_H
#define SLD_LEDGER_BLANK_H

#include "ledger/ledger.h"

extern const sld_order sld__no_order;
extern const sld_trade sld__no_trade;
extern const sld__lot sld__no_lot;
extern const sld__waiting sld__not_waiting;

#endif
