/* Instruments that a user declares in a JSON file: new ones, or other numbers for built-in ones.
 *
 *   {
 *     "US500": { "base": "US500", "quote": "USD", "digits": 1, "pip": 1, "lot": 1, "step": 0.1 },
 *     "EURUSD": { "leverage": 20, "swap_long": -7.1, "swap_short": 3.4 }
 *   }
 *
 * A new one needs base, quote, digits, pip and lot: nothing is guessed from its name. `step` is 1 and `min_size` one step where they are not
 * given. One that is known already keeps what is not named; its base and quote cannot change. `margin` (a part of the notional) is another way to
 * say `leverage` (one divided by it); swaps come in twos; `triple_day` is the name of a weekday. */
#ifndef SLD_MARKET_DECLARE_H
#define SLD_MARKET_DECLARE_H

#include "market/instrument.h"

/* Puts what the file says over what `own` has. EIO; EPARSE: no JSON, a wrong type; ENAME: an unknown field, with the nearest; ERANGE: a number that
 * cannot be, or a field that is missing: all with file, line and column; ENOMEM. On failure `own` is as it was. */
sld_status sld__declare_instruments(sld__instruments *own, const char *path, sld_error *err);

/* Frees what was declared; what was found in it is gone. */
void sld__declare_fini(sld__instruments *own);

#endif
