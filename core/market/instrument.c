/* The table of instruments.
 *
 * Decimals and pips are those that retail brokers quote: a fractional pip, that is five decimals, or three where the pip is 0.01.
 * A lot is 100,000 units of the base currency; of gold, platinum and palladium 100 ounces, of silver 5,000. */
#include "market/instrument.h"

#include "base/error.h"

#include <string.h>

/* Sorted by name, so that finding is a binary search and the order of a listing never changes.
 *  base   quote  digits  pip     lot */
#define INSTRUMENTS(X)              \
  X("AUD", "CAD", 5, 0.0001, 1e5)   \
  X("AUD", "CHF", 5, 0.0001, 1e5)   \
  X("AUD", "HKD", 5, 0.0001, 1e5)   \
  X("AUD", "JPY", 3, 0.01, 1e5)     \
  X("AUD", "NZD", 5, 0.0001, 1e5)   \
  X("AUD", "SGD", 5, 0.0001, 1e5)   \
  X("AUD", "USD", 5, 0.0001, 1e5)   \
  X("CAD", "CHF", 5, 0.0001, 1e5)   \
  X("CAD", "HKD", 5, 0.0001, 1e5)   \
  X("CAD", "JPY", 3, 0.01, 1e5)     \
  X("CAD", "SGD", 5, 0.0001, 1e5)   \
  X("CHF", "HKD", 5, 0.0001, 1e5)   \
  X("CHF", "JPY", 3, 0.01, 1e5)     \
  X("CHF", "NOK", 5, 0.0001, 1e5)   \
  X("CHF", "SEK", 5, 0.0001, 1e5)   \
  X("CHF", "ZAR", 5, 0.0001, 1e5)   \
  X("EUR", "AUD", 5, 0.0001, 1e5)   \
  X("EUR", "BGN", 5, 0.0001, 1e5)   \
  X("EUR", "BRL", 5, 0.0001, 1e5)   \
  X("EUR", "CAD", 5, 0.0001, 1e5)   \
  X("EUR", "CHF", 5, 0.0001, 1e5)   \
  X("EUR", "CNH", 5, 0.0001, 1e5)   \
  X("EUR", "CNY", 5, 0.0001, 1e5)   \
  X("EUR", "CZK", 5, 0.0001, 1e5)   \
  X("EUR", "DKK", 5, 0.0001, 1e5)   \
  X("EUR", "GBP", 5, 0.0001, 1e5)   \
  X("EUR", "HKD", 5, 0.0001, 1e5)   \
  X("EUR", "HUF", 3, 0.01, 1e5)     \
  X("EUR", "ILS", 5, 0.0001, 1e5)   \
  X("EUR", "INR", 3, 0.01, 1e5)     \
  X("EUR", "JPY", 3, 0.01, 1e5)     \
  X("EUR", "KRW", 3, 0.01, 1e5)     \
  X("EUR", "MXN", 5, 0.0001, 1e5)   \
  X("EUR", "MYR", 5, 0.0001, 1e5)   \
  X("EUR", "NOK", 5, 0.0001, 1e5)   \
  X("EUR", "NZD", 5, 0.0001, 1e5)   \
  X("EUR", "PLN", 5, 0.0001, 1e5)   \
  X("EUR", "RON", 5, 0.0001, 1e5)   \
  X("EUR", "RUB", 5, 0.0001, 1e5)   \
  X("EUR", "SEK", 5, 0.0001, 1e5)   \
  X("EUR", "SGD", 5, 0.0001, 1e5)   \
  X("EUR", "THB", 3, 0.01, 1e5)     \
  X("EUR", "TRY", 5, 0.0001, 1e5)   \
  X("EUR", "USD", 5, 0.0001, 1e5)   \
  X("EUR", "ZAR", 5, 0.0001, 1e5)   \
  X("GBP", "AUD", 5, 0.0001, 1e5)   \
  X("GBP", "CAD", 5, 0.0001, 1e5)   \
  X("GBP", "CHF", 5, 0.0001, 1e5)   \
  X("GBP", "DKK", 5, 0.0001, 1e5)   \
  X("GBP", "HKD", 5, 0.0001, 1e5)   \
  X("GBP", "JPY", 3, 0.01, 1e5)     \
  X("GBP", "NOK", 5, 0.0001, 1e5)   \
  X("GBP", "NZD", 5, 0.0001, 1e5)   \
  X("GBP", "PLN", 5, 0.0001, 1e5)   \
  X("GBP", "SEK", 5, 0.0001, 1e5)   \
  X("GBP", "SGD", 5, 0.0001, 1e5)   \
  X("GBP", "TRY", 5, 0.0001, 1e5)   \
  X("GBP", "USD", 5, 0.0001, 1e5)   \
  X("GBP", "ZAR", 5, 0.0001, 1e5)   \
  X("HKD", "JPY", 3, 0.01, 1e5)     \
  X("MXN", "JPY", 3, 0.01, 1e5)     \
  X("NOK", "JPY", 3, 0.01, 1e5)     \
  X("NOK", "SEK", 5, 0.0001, 1e5)   \
  X("NZD", "CAD", 5, 0.0001, 1e5)   \
  X("NZD", "CHF", 5, 0.0001, 1e5)   \
  X("NZD", "HKD", 5, 0.0001, 1e5)   \
  X("NZD", "JPY", 3, 0.01, 1e5)     \
  X("NZD", "SGD", 5, 0.0001, 1e5)   \
  X("NZD", "USD", 5, 0.0001, 1e5)   \
  X("SEK", "JPY", 3, 0.01, 1e5)     \
  X("SGD", "CHF", 5, 0.0001, 1e5)   \
  X("SGD", "JPY", 3, 0.01, 1e5)     \
  X("TRY", "JPY", 3, 0.01, 1e5)     \
  X("USD", "BGN", 5, 0.0001, 1e5)   \
  X("USD", "BRL", 5, 0.0001, 1e5)   \
  X("USD", "CAD", 5, 0.0001, 1e5)   \
  X("USD", "CHF", 5, 0.0001, 1e5)   \
  X("USD", "CNH", 5, 0.0001, 1e5)   \
  X("USD", "CNY", 5, 0.0001, 1e5)   \
  X("USD", "CZK", 5, 0.0001, 1e5)   \
  X("USD", "DKK", 5, 0.0001, 1e5)   \
  X("USD", "HKD", 5, 0.0001, 1e5)   \
  X("USD", "HUF", 3, 0.01, 1e5)     \
  X("USD", "ILS", 5, 0.0001, 1e5)   \
  X("USD", "INR", 3, 0.01, 1e5)     \
  X("USD", "JPY", 3, 0.01, 1e5)     \
  X("USD", "KRW", 3, 0.01, 1e5)     \
  X("USD", "MXN", 5, 0.0001, 1e5)   \
  X("USD", "MYR", 5, 0.0001, 1e5)   \
  X("USD", "NOK", 5, 0.0001, 1e5)   \
  X("USD", "PLN", 5, 0.0001, 1e5)   \
  X("USD", "RON", 5, 0.0001, 1e5)   \
  X("USD", "RUB", 5, 0.0001, 1e5)   \
  X("USD", "SEK", 5, 0.0001, 1e5)   \
  X("USD", "SGD", 5, 0.0001, 1e5)   \
  X("USD", "THB", 3, 0.01, 1e5)     \
  X("USD", "TRY", 5, 0.0001, 1e5)   \
  X("USD", "TWD", 3, 0.01, 1e5)     \
  X("USD", "ZAR", 5, 0.0001, 1e5)   \
  X("XAG", "EUR", 3, 0.01, 5e3)     \
  X("XAG", "USD", 3, 0.01, 5e3)     \
  X("XAU", "AUD", 2, 0.01, 1e2)     \
  X("XAU", "CHF", 2, 0.01, 1e2)     \
  X("XAU", "EUR", 2, 0.01, 1e2)     \
  X("XAU", "GBP", 2, 0.01, 1e2)     \
  X("XAU", "USD", 2, 0.01, 1e2)     \
  X("XPD", "USD", 2, 0.01, 1e2)     \
  X("XPT", "USD", 2, 0.01, 1e2)     \
  X("ZAR", "JPY", 3, 0.01, 1e5)

/* Spot in these settles a day after the trade, not two, so that Thursday's rollover is the one over the weekend. */
static const char *const next_day[] = { "USDCAD", "USDRUB", "USDTRY" };

static const sld_instrument table[] = {
#define X(base_, quote_, digits_, pip_, lot_) \
  { .pair = base_ quote_, .base = base_, .quote = quote_, .digits = digits_, .pip = pip_, .lot = lot_, .min_size = 1.0, .step = 1.0 },
  INSTRUMENTS(X)
#undef X
};

static const char *const names[] = {
#define X(base, quote, digits, pip, lot) base quote,
  INSTRUMENTS(X)
#undef X
};

enum { TABLE_COUNT = sizeof table / sizeof table[0], WEDNESDAY = 3, THURSDAY = 4, LONGEST = sizeof table[0].pair - 1 };

/* Where a name is in a sorted list, or NULL. */
static const sld_instrument *find_in(const sld_instrument *list, size_t count, const char *pair, size_t size) {
  size_t low = 0;
  size_t high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    size_t length = strlen(list[middle].pair);
    int order = memcmp(pair, list[middle].pair, size < length ? size : length);
    if (order == 0 && size == length) return &list[middle];
    if (order > 0 || (order == 0 && size > length)) low = middle + 1;
    else high = middle;
  }
  return NULL;
}

const sld_instrument *sld__instrument_find_n(const sld__instruments *own, const char *pair, size_t size) {
  const sld_instrument *declared = own ? find_in(own->list, own->count, pair, size) : NULL;
  return declared ? declared : find_in(table, TABLE_COUNT, pair, size);
}

const sld_instrument *sld__instrument_find(const sld__instruments *own, const char *pair) {
  return sld__instrument_find_n(own, pair, strlen(pair));
}

const char *sld__instrument_suggest(const sld__instruments *own, const char *word) {
  const char *near = sld_suggest(word, names, TABLE_COUNT);
  for (size_t i = 0; own && i < own->count; i++) {
    const char *both[] = { near ? near : own->list[i].pair, own->list[i].pair };
    const char *nearer = sld_suggest(word, both, 2);
    if (nearer) near = nearer;
  }
  return near;
}

sld_status sld__instrument_get(const sld__instruments *own, const sld_instrument **out, const char *pair, const char *file, sld_error *err) {
  const sld_instrument *found = sld__instrument_find(own, pair);
  if (!found) {
    const char *near = sld__instrument_suggest(own, pair);
    if (near) return sld__fail_at(err, SLD_ENAME, file, 0, 0, "no instrument '%s'; did you mean %s?", pair, near);
    return sld__fail_at(err, SLD_ENAME, file, 0, 0, "no instrument '%s'", pair);
  }
  *out = found;
  return SLD_OK;
}

bool sld__instrument_good_name(const char *name, size_t room) {
  const char *end = memchr(name, '\0', room);
  size_t size = end ? (size_t)(end - name) : 0;
  return size >= 2 && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == size && strchr("._-", name[0]) == NULL;
}

const sld_instrument *sld__instrument_at(size_t i) {
  return i < TABLE_COUNT ? &table[i] : NULL;
}

int sld__instrument_triple_day(const sld_instrument *instrument) {
  if (instrument->triple_day) return instrument->triple_day;
  for (size_t i = 0; i < sizeof next_day / sizeof *next_day; i++)
    if (strcmp(instrument->pair, next_day[i]) == 0) return THURSDAY;
  return WEDNESDAY;
}

static char upper(char c) {
  return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* The longest name with which text[size] starts. */
static const sld_instrument *starts_with_instrument(const sld__instruments *own, const char *text, size_t size) {
  char word[LONGEST];
  size_t most = size < LONGEST ? size : LONGEST;
  for (size_t i = 0; i < most; i++) word[i] = upper(text[i]);
  for (; most > 0; most--) {
    const sld_instrument *found = sld__instrument_find_n(own, word, most);
    if (found) return found;
  }
  return NULL;
}

size_t sld__instrument_in_text(const sld__instruments *own, const sld_instrument **out, const char *text, size_t size) {
  const sld_instrument *first = NULL;
  size_t count = 0, named = 0; /* the text is taken by names up to here */
  for (size_t i = 0; i < size; i++) {
    const sld_instrument *found = starts_with_instrument(own, text + i, size - i);
    if (!found || i + strlen(found->pair) <= named) continue;
    named = i + strlen(found->pair);
    if (found == first) continue;
    if (count == 0) first = found;
    count++;
  }
  if (first) *out = first;
  return count;
}
