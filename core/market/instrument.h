/* The instruments that sliders knows: base and quote currency, decimals, pip, lot and order step of each. Those that a user declares
 * (declare.h) go before the built-in ones.
 *
 * A pair's money hangs on these numbers, so a name that is neither declared nor in the table is an error and never guessed from its letters. */
#ifndef SLD_MARKET_INSTRUMENT_H
#define SLD_MARKET_INSTRUMENT_H

#include <sliders.h>

/* What a user has declared. Zeroed memory: nothing. Sealed before others read it. */
typedef struct sld__instruments {
  sld_allocator allocator;
  sld_instrument *list; /* [count] in order of name */
  size_t count;
} sld__instruments;

/* `own` below is a market's declared instruments, or NULL. Instruments that are returned live as long as it does; built-in ones are static. */

/* The instrument called `pair` ("EURUSD", upper case), or NULL. */
const sld_instrument *sld__instrument_find(const sld__instruments *own, const char *pair);

/* The same for pair[size], which need not be terminated. */
const sld_instrument *sld__instrument_find_n(const sld__instruments *own, const char *pair, size_t size);

/* The same as an error: ENAME with `file` and the nearest known name. `out` is written only on SLD_OK. */
sld_status sld__instrument_get(const sld__instruments *own, const sld_instrument **out, const char *pair, const char *file, sld_error *err);

/* Whether `name` ends within `room` bytes and has at least 2 capital letters, digits, '.', '_' or '-', the last three not first: what a declared name may be. */
bool sld__instrument_good_name(const char *name, size_t room);

/* The built-in table in order of name; NULL past the end. */
const sld_instrument *sld__instrument_at(size_t i);

/* Looks for the names of instruments inside text[size], in either case ("eurusd-m1.csv"); a name inside a longer one does not count. Returns how
 * many different ones there are; `out` gets the first of them and is not written when there is none. */
size_t sld__instrument_in_text(const sld__instruments *own, const sld_instrument **out, const char *text, size_t size);

/* The known name nearest to `word`, for did-you-mean, or NULL. */
const char *sld__instrument_suggest(const sld__instruments *own, const char *word);

/* The weekday (1 Monday to 5 Friday) whose rollover counts three days: the instrument's own, or Wednesday, and Thursday where spot settles after one day. */
int sld__instrument_triple_day(const sld_instrument *instrument);

#endif
