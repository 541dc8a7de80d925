/* The bars of one pair: sealed when made, read by every worker at once, freed by the market.
 *
 * Data of one side have one set of prices. With both sides those are the bids, and four more columns are the asks. Ticks are one-price data
 * without a period: each row is known at its own time, and rows of one instant stand in the order in which they came.
 *
 * Columns lie in heap blocks, in read-only mappings of a column store or in the host's own memory; the reader of a series need not know. */
#ifndef SLD_MARKET_SERIES_H
#define SLD_MARKET_SERIES_H

#include <stdatomic.h>

#include <sliders.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/os.h"
#include "market/stamp.h"

/* Room for the text of any period: "1d", "4h", "15m", "30s", "1500ms", "123ns", "ticks". */
enum { SLD__PERIOD_SIZE = 24 };

/* time, open, high, low, close, volume, ask_open, ask_high, ask_low, ask_close */
enum { SLD__COLUMN_COUNT = 10 };

typedef struct sld__series {
  sld_pair_info info;
  size_t count;          /* >= 1 */
  const int64_t *time;   /* [count] opens, ns UTC, strictly increasing; of ticks never decreasing */
  const double *open;    /* [count] > 0; one-price data: all four are the same pointer */
  const double *high;
  const double *low;
  const double *close;
  const double *volume;  /* [count] >= 0, or NULL: none */
  const double *ask_open;  /* [count] of SLD_BOTH, each >= its bid; else NULL. One-price data: all four are the same pointer */
  const double *ask_high;
  const double *ask_low;
  const double *ask_close;
  size_t *parts;           /* [part_count] ascending: rows with which a further file begins. Owned; not known of a store's */
  size_t part_count;

  /* Ownership; nobody but series.c looks. */
  void (*release)(void *ud);                /* of columns that a host lends, else NULL */
  void *release_ud;
  sld_allocator allocator;
  void *blocks[SLD__COLUMN_COUNT];          /* heap; NULL where the column is absent or mapped */
  struct sld__map maps[SLD__COLUMN_COUNT];  /* files of a column store */
  atomic_uint_fast64_t digest[2];           /* of sld__series_hash, relaxed; every thread that finds none writes the same */
  atomic_bool digested;                     /* that it is there; release and acquire, both in sld__series_hash */
} sld__series;

/* Columns that are still being filled. `allocator` borrowed; zeroed memory is an empty set of columns. */
typedef struct sld__bar_columns {
  const sld_allocator *allocator;
  bool one_price;        /* only `close` of the four prices is allocated, of asks only `ask_close` */
  bool has_volume;
  bool has_ask;
  size_t count;
  size_t capacity;
  int64_t *time;
  double *open;
  double *high;
  double *low;
  double *close;
  double *volume;
  double *ask_open;
  double *ask_high;
  double *ask_low;
  double *ask_close;
} sld__bar_columns;

/* Whether a series has column `k` of its own: the open, high and low of one-price data are its close. */
static inline bool sld__series_has(int k, bool one_price, bool has_volume, bool has_ask) {
  bool of_bar = (k >= 1 && k <= 3) || (k >= 6 && k <= 8);
  return !(of_bar && one_price) && (k != 5 || has_volume) && (k < 6 || has_ask);
}

/* "time", "open" and so on, as files of columns are called; static. */
const char *sld__series_column_name(int k);

/* Column k; NULL where the series has none of its own. */
const void *sld__series_column(const sld__series *series, int k);

/* Whether two series are the same to the last bit: instrument, form and columns. */
bool sld__series_equal(const sld__series *a, const sld__series *b);

/* Longest bar: a year. With times in the range of stamp.h every close fits in 64 bits. */
#define SLD__PERIOD_MAX_NS (366 * SLD__NS_PER_DAY)

/* What a series is besides its columns. */
typedef struct sld__series_form {
  const sld_instrument *instrument;
  int64_t period_ns;     /* 0..SLD__PERIOD_MAX_NS; 0: the most frequent distance between opens, the shorter of two as frequent */
  sld_side side;         /* SLD_BOTH exactly where there are asks */
  bool date_only;
  bool ticks;            /* one price, and period_ns stays 0 */
  bool side_assumed;     /* the data do not say the side */
  char source[SLD_SOURCE_SIZE]; /* where they come from, "": not known */
  bool floating;         /* times of a clock that is not known */
} sld__series_form;

/* Says where data come from; NULL and "" change nothing. */
void sld__series_form_source(sld__series_form *form, const char *source);

/* Where and why bars are not acceptable. */
typedef struct sld__breach {
  const char *column;    /* "time", "open", "high", "low", "close", "volume", "ask_open", "ask_high", "ask_low" or "ask_close"; static */
  size_t index;
  const char *why;       /* static */
} sld__breach;

/* Where column k > 0 is kept, in the order of a series; NULL in it: there is none. */
double **sld__bar_columns_at(sld__bar_columns *columns, int k);

/* Room for at least `capacity` bars. ENOMEM; what is filled stays valid. */
sld_status sld__bar_columns_reserve(sld__bar_columns *columns, size_t capacity, sld_error *err);

/* Turns the order of the bars around. */
void sld__bar_columns_reverse(sld__bar_columns *columns);

/* Adds the bars of `from` behind those of `to`, which has the same columns and room for them. */
void sld__bar_columns_append(sld__bar_columns *to, const sld__bar_columns *from);

/* The period of filled columns (count >= 1) as sld__series_seal finds it. EVALUE as there. */
sld_status sld__bar_columns_period(int64_t *out, const sld__bar_columns *columns, const sld__series_form *form, const char *file, sld_error *err);

void sld__bar_columns_fini(sld__bar_columns *columns);

/* Makes a series of filled columns (count >= 1, already checked) and takes their memory; they are empty afterwards.
 * EVALUE, with `file`: no period was given and the opens do not tell it: one bar with a time of day only, or bars more than a year apart.
 * ENOMEM. */
sld_status sld__series_seal(sld__series **out, sld__bar_columns *columns, const sld__series_form *form, const char *file, sld_error *err);

/* Makes a series over columns in mapped files, [count] each, in the order above; NULL where sld__series_has says that there is none.
 * Takes the maps on SLD_OK. The bars are not checked: sld__series_breach does. ENOMEM. */
sld_status sld__series_over(sld__series **out, const sld_allocator *a, const sld__series_form *form, size_t count, const void *const columns[SLD__COLUMN_COUNT],
                            struct sld__map maps[SLD__COLUMN_COUNT], sld_error *err);

/* Makes a series over columns that a host lends, in the same order; where `release` is set later, it is called when the series is freed. The
 * bars are not checked. EVALUE as sld__series_seal; ENOMEM. */
sld_status sld__series_borrow(sld__series **out, const sld_allocator *a, const sld__series_form *form, size_t count, const void *const columns[SLD__COLUMN_COUNT],
                              const char *file, sld_error *err);

/* The same prices as those of SLD_BID or SLD_MID, without asks. Borrows the columns: `series` must outlive it. ENOMEM. */
sld_status sld__series_on_side(sld__series **out, const sld_allocator *a, const sld__series *series, sld_side side, sld_error *err);

/* Looks for the first bar that breaks the rules: times in the range of stamp.h, strictly increasing (of ticks: never decreasing); prices
 * finite and > 0; high and low around open and close; no ask below its bid; volume finite and >= 0. False when there is none. Reads count,
 * columns, info.one_price and info.ticks alone. */
bool sld__series_breach(const sld__series *series, sld__breach *out);

/* The rule for one bar's prices: NULL, or the column that breaks it, with the reason in `why`. */
const char *sld__bar_breach(double open, double high, double low, double close, const char **why);

/* The same for the asks of a bar whose bids are sound: open, high, low, close of each. Quotes are crossed where an ask is below its bid: no
 * bar of quotes that never cross has such a price, be it an open, a high, a low or a close. */
const char *sld__ask_breach(const double bid[4], const double ask[4], const char **why);

/* NULL is fine. */
void sld__series_free(sld__series *series);

/* When bar i < count is known: at its open plus the period, and never after the next bar's open (a day of 23 hours).
 * A date's fixing or daily bar is known at the end of the day in UTC, a tick at its own time. */
static inline int64_t sld__series_close_time(const sld__series *series, size_t i) {
  struct sld__clock clock = { series->time, series->count, series->info.period_ns };
  return sld__clock_close(&clock, i);
}

/* Hash of instrument, period, side, times and columns in 32 hexadecimal digits; what the source was plays no part. Computed when it is first asked
 * for; from any thread. */
void sld__series_hash(const sld__series *series, char hex[SLD__HASH_TEXT_SIZE]);

/* Adds the same to a hash. */
void sld__series_hash_add(const sld__series *series, struct sld__hash *hash);

/* "1d", "4h", "15m": the shortest exact name of a period; "ticks" for 0, "1w" for 7 days, and "1mo", "3mo" and so on for the longest that such months
 * are (timeframe.h). */
void sld__period_format(int64_t period_ns, char text[SLD__PERIOD_SIZE]);

#endif
