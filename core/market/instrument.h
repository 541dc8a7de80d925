/* The instruments that sliders knows: base and quote currency, decimals, pip, lot and order step of each.
 *
 * A pair's money hangs on these numbers, so a name that is not in the table is an error and never guessed from its letters. */
#ifndef SLD_MARKET_INSTRUMENT_H
#define SLD_MARKET_INSTRUMENT_H

#include <sliders.h>

/* The instrument called `pair` ("EURUSD", upper case), or NULL. Static. */
const sld_instrument *sld__instrument_find(const char *pair);

/* The same for pair[size], which need not be terminated. */
const sld_instrument *sld__instrument_find_n(const char *pair, size_t size);

/* The same as an error: ENAME with `file` and the nearest known name. `out` is a static instrument, written only on SLD_OK. */
sld_status sld__instrument_get(const sld_instrument **out, const char *pair, const char *file, sld_error *err);

/* The table in order of name; NULL past the end. */
const sld_instrument *sld__instrument_at(size_t i);

/* Looks for the names of instruments inside text[size], in either case ("eurusd-m1.csv"). Returns how many different ones
 * there are; `out` gets the first of them and is not written when there is none. */
size_t sld__instrument_in_text(const sld_instrument **out, const char *text, size_t size);

/* The known name nearest to `word`, for did-you-mean, or NULL. Static. */
const char *sld__instrument_suggest(const char *word);

#endif
