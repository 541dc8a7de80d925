/* Equity at every bar, made once more of the ledger, the bars and the rates alone, for sleeves and for shared accounts:
 *   capital + sum of gross profit between fills - costs + rollovers + sum over what is open of units x (mark - fill) x rate
 * Both may differ by what such sums round to: (2 lines + 16) half units in the last place of all money that was made or paid, and (2 lots + 16) of
 * what is open. Used by identities.h. */
#ifndef TESTS_IDENTITIES_BARS_H
#define TESTS_IDENTITIES_BARS_H

#include <math.h>
#include <sliders.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Bars and rates ---- */

/* A pair's bars as a run saw them. */
typedef struct ids_rows {
  sld_market *made; /* the market that holds them, where they were made for a time frame; else NULL */
  const sld_pair_info *info;
  sld_bars bars;
  const double *open; /* of one-price data the closes */
  const double *ask_open;
} ids_rows;

static inline void *ids_zeros(size_t count, size_t size) {
  void *block = calloc(count + 2, size);
  if (!block) abort();
  return block;
}

static inline bool ids_find(ids_rows *out, const sld_market *market, const char *pair) {
  for (size_t i = 0; i < sld_market_pair_count(market); i++) {
    out->info = sld_market_pair_at(market, i);
    if (strcmp(out->info->instrument.pair, pair) != 0) continue;
    bool there = sld_market_bars(market, i, &out->bars);
    out->open = out->bars.open ? out->bars.open : out->bars.close;
    out->ask_open = out->bars.ask_open ? out->bars.ask_open : out->bars.ask_close;
    return there;
  }
  return false;
}

/* The bars of the run's time frame where they can be made, else the shortest of the market. To be freed. */
static inline bool ids_open(ids_rows *out, sld_market *market, const sld_run_options *o, const char *pair) {
  sld_resample_options how = SLD_RESAMPLE_OPTIONS_INIT;
  *out = (ids_rows){ 0 };
  how.timeframe = o->timeframe;
  how.day = o->day;
  how.day_zone = o->day_zone;
  how.pairs = &pair;
  how.pair_count = 1;
  if (o->timeframe && sld_market_resample(&out->made, market, &how, NULL) != SLD_OK) out->made = NULL;
  return ids_find(out, out->made ? out->made : market, pair);
}

static inline void ids_close(ids_rows *rows) {
  sld_market_free(rows->made);
  rows->made = NULL;
}

static inline int64_t ids_close_time(const ids_rows *rows, size_t row) {
  int64_t close = rows->bars.time[row] + rows->info->period_ns;
  return row + 1 < rows->bars.count && rows->bars.time[row + 1] < close ? rows->bars.time[row + 1] : close;
}

/* Multiplies out[row] by what a pair's last bar closed by each row's open (or close) says; `own`: of ticks at one instant none behind the row. */
static inline void ids_apply(double *out, const ids_rows *of, bool at_close, const ids_rows *by, bool inverse, bool own) {
  static const int64_t ten_days = INT64_C(10) * 86400 * 1000000000;
  size_t closed = 0;
  for (size_t row = 0; row < of->bars.count; row++) {
    int64_t now = at_close ? ids_close_time(of, row) : of->bars.time[row];
    size_t end = own ? row + 1 : by->bars.count;
    while (closed < end && ids_close_time(by, closed) <= now) closed++;
    if (closed == 0 || now - ids_close_time(by, closed - 1) > ten_days) out[row] = (double)NAN;
    else out[row] *= inverse ? 1.0 / by->bars.close[closed - 1] : by->bars.close[closed - 1];
  }
}

/* One leg of a conversion: false where no pair of the two is there. */
static inline bool ids_leg(double *fill, double *mark, const ids_rows *of, sld_market *market, const sld_run_options *o, const char *from, const char *to) {
  char pair[2][16];
  snprintf(pair[0], sizeof pair[0], "%s%s", from, to);
  snprintf(pair[1], sizeof pair[1], "%s%s", to, from);
  for (int k = 0; k < 2; k++) {
    ids_rows by;
    bool found = ids_open(&by, market, o, pair[k]);
    bool own = found && strcmp(pair[k], of->info->instrument.pair) == 0;
    if (found && fill) ids_apply(fill, of, false, &by, k == 1, own);
    if (found && mark) ids_apply(mark, of, true, &by, k == 1, own);
    ids_close(&by);
    if (found) return true;
  }
  return false;
}

/* fill[count] and mark[count]: what a unit of the quote currency is worth. By one pair, or by two through USD, EUR or the first by name. */
static inline bool ids_convert(double *fill, double *mark, const ids_rows *of, sld_market *market, const sld_run_options *o) {
  const char *quote = of->info->instrument.quote, *best = NULL, *usual[] = { "USD", "EUR" };
  for (size_t row = 0; row < of->bars.count; row++) fill[row] = mark[row] = 1.0;
  if (strcmp(quote, o->currency) == 0 || ids_leg(fill, mark, of, market, o, quote, o->currency)) return true;
  for (size_t i = 0; i < 2 + 2 * sld_market_pair_count(market); i++) {
    const sld_instrument *side = i < 2 ? NULL : &sld_market_pair_at(market, (i - 2) / 2)->instrument;
    const char *middle = !side ? usual[i] : i % 2 ? side->base : side->quote;
    if (strcmp(middle, quote) == 0 || strcmp(middle, o->currency) == 0) continue;
    if (!ids_leg(NULL, NULL, of, market, o, quote, middle) || !ids_leg(NULL, NULL, of, market, o, middle, o->currency)) continue;
    if (!best || strcmp(middle, best) < 0) best = middle;
    if (!side) break;
  }
  return best && ids_leg(fill, mark, of, market, o, quote, best) && ids_leg(fill, mark, of, market, o, best, o->currency);
}

/* ---- A book ---- */

/* One pair's ledger, and what it comes to at each point: rows of a sleeve, instants of an account. All arrays [points + 1] hold what is new there. */
typedef struct ids_book {
  const char *pair;
  const sld_pair_info *data;
  const sld_order *orders;
  size_t order_count;
  const sld_trade *trades;
  size_t trade_count;
  const sld_rollover_record *rollovers;
  size_t rollover_count;
  ids_rows rows;
  size_t seen; /* rows that the run saw */
  double *fill, *mark;
  double spread;
  bool entry, by_bar, tradingview; /* entries alone pay the spread; paths backtesting_py and tradingview */
  double *money, *turned, *units[2], *value[2]; /* of longs and shorts: units, units x fill price */
  size_t *lines;
  int *lots[2];
  size_t row; /* an account: rows closed so far */
} ids_book;

static inline void ids_axes(ids_book *b, const sld_run_options *o) {
  sld_path preset = o->fill == SLD_FILL_TRADINGVIEW ? SLD_PATH_TRADINGVIEW : o->fill == SLD_FILL_BACKTESTING_PY ? SLD_PATH_BACKTESTING_PY : SLD_PATH_PESSIMISTIC;
  sld_path path = o->path ? o->path : preset;
  b->by_bar = path == SLD_PATH_BACKTESTING_PY;
  b->tradingview = path == SLD_PATH_TRADINGVIEW;
  b->entry = o->spread_on ? o->spread_on == SLD_SPREAD_ENTRY : o->fill == SLD_FILL_BACKTESTING_PY;
  b->spread = o->spread_pips * b->data->instrument.pip;
}

/* False: the bars are not there any more, or their rates. */
static inline bool ids_book_open(ids_book *b, sld_market *market, const sld_run_options *o, size_t points) {
  if (!ids_open(&b->rows, market, o, b->pair)) return false;
  ids_axes(b, o);
  size_t count = b->rows.bars.count;
  b->seen = count;
  while (o->to != SLD_TIME_MAX && b->seen > 0 && b->rows.bars.time[b->seen - 1] > o->to) b->seen--;
  b->fill = ids_zeros(count, sizeof *b->fill);
  b->mark = ids_zeros(count, sizeof *b->mark);
  b->money = ids_zeros(points, sizeof *b->money);
  b->turned = ids_zeros(points, sizeof *b->turned);
  b->lines = ids_zeros(points, sizeof *b->lines);
  for (int side = 0; side < 2; side++) {
    b->units[side] = ids_zeros(points, sizeof *b->units[side]);
    b->value[side] = ids_zeros(points, sizeof *b->value[side]);
    b->lots[side] = ids_zeros(points, sizeof *b->lots[side]);
  }
  return ids_convert(b->fill, b->mark, &b->rows, market, o);
}

static inline void ids_book_close(ids_book *b) {
  ids_close(&b->rows);
  free(b->fill);
  free(b->mark);
  free(b->money);
  free(b->turned);
  free(b->lines);
  for (int side = 0; side < 2; side++) {
    free(b->units[side]);
    free(b->value[side]);
    free(b->lots[side]);
  }
}

/* The rate at which an order was dealt: that of its bar's close only where it was dealt there, and not where path tradingview does it. */
static inline double ids_rate(const ids_book *b, const sld_order *order) {
  bool at_close = order->fill_time > b->rows.bars.time[order->fill_bar];
  bool by_day = b->tradingview && order->kind != SLD_ORDER_STOP_OUT && order->kind != SLD_ORDER_END_OF_DATA;
  return at_close && !by_day ? b->mark[order->fill_bar] : b->fill[order->fill_bar];
}

static inline void ids_pay(ids_book *b, size_t at, double amount) {
  b->money[at] += amount;
  b->turned[at] += fabs(amount);
  b->lines[at]++;
}

/* `sign` 1: a lot more, -1: one less. */
static inline void ids_hold(ids_book *b, size_t at, double units, double price, int sign) {
  int side = units < 0.0;
  b->units[side][at] += sign * units;
  b->value[side][at] += sign * units * price;
  b->lots[side][at] += sign;
}

/* Where a fill or rollover stands among the points. */
typedef size_t ids_when(const ids_book *b, const void *clock, const sld_order *order, const sld_rollover_record *roll);

static inline void ids_book_fill(ids_book *b, ids_when *when, const void *clock) {
  for (size_t i = 0; i < b->trade_count; i++) {
    const sld_trade *t = &b->trades[i];
    const sld_order *entry = &b->orders[t->entry_order - 1], *exit = t->exit == SLD_EXIT_OPEN ? NULL : &b->orders[t->exit_order - 1];
    ids_hold(b, when(b, clock, entry, NULL), t->units, entry->reference, 1);
    if (!exit) continue;
    size_t at = when(b, clock, exit, NULL);
    ids_hold(b, at, t->units, entry->reference, -1);
    ids_pay(b, at, (t->units * (exit->reference - entry->reference)) * ids_rate(b, exit));
  }
  for (size_t i = 0; i < b->order_count; i++) {
    const sld_order *order = &b->orders[i];
    if (order->state != SLD_ORDER_FILLED) continue;
    ids_pay(b, when(b, clock, order, NULL), -(order->spread_cost + order->slippage_cost + order->commission));
  }
  for (size_t i = 0; i < b->rollover_count; i++) ids_pay(b, when(b, clock, NULL, &b->rollovers[i]), b->rollovers[i].amount);
}

/* A sum, and what its additions have lost. Source: Neumaier (1974), ZAMM 54, 39-51. */
typedef struct ids_exact {
  double value, low;
} ids_exact;

static inline void ids_add(ids_exact *sum, double x) {
  double total = sum->value + x;
  sum->low += fabs(sum->value) >= fabs(x) ? (sum->value - total) + x : (x - total) + sum->value;
  sum->value = total;
}

/* What is held of one side, as of the points so far. */
typedef struct ids_side {
  double units;
  ids_exact value;
  int lots;
} ids_side;

/* The account between points. */
typedef struct ids_sum {
  ids_exact money;
  double turned;
  size_t lines;
} ids_sum;

/* What is open, and what it may be off by. */
typedef struct ids_open_lots {
  double profit, size, slack;
} ids_open_lots;

static inline void ids_step(const ids_book *b, size_t at, ids_sum *sum, ids_side held[2]) {
  ids_add(&sum->money, b->money[at]);
  sum->turned += b->turned[at];
  sum->lines += b->lines[at];
  for (int side = 0; side < 2; side++) {
    held[side].units += b->units[side][at];
    ids_add(&held[side].value, b->value[side][at]);
    held[side].lots += b->lots[side][at];
  }
}

/* Adds what is open at a row's open or close. Nothing held is worth nothing. */
static inline void ids_profit(ids_open_lots *out, const ids_book *b, const ids_side held[2], size_t row, bool at_open, double rate) {
  double price = at_open ? b->rows.open[row] : b->rows.bars.close[row], spread = b->entry ? 0.0 : b->spread;
  bool both = b->data->side == SLD_BOTH && !b->entry, mid = b->data->side == SLD_MID;
  double ask = both ? (at_open ? b->rows.ask_open[row] : b->rows.bars.ask_close[row]) : mid ? price + 0.5 * spread : price + spread;
  double bid = mid ? price - 0.5 * spread : price;
  for (int side = 0; side < 2; side++) {
    if (held[side].lots == 0) continue;
    double value = held[side].value.value + held[side].value.low, size = (fabs(held[side].units) * ask + fabs(value)) * rate;
    out->profit += (held[side].units * (side ? ask : bid) - value) * rate;
    out->size += size;
    out->slack += (2.0 * held[side].lots + 16.0) * 0x1p-53 * size;
  }
}

/* Whether an equity is what the account has; *want is that. */
static inline bool ids_near(double got, double *want, const ids_sum *sum, const ids_open_lots *open) {
  *want = (sum->money.value + sum->money.low) + open->profit;
  return fabs(got - *want) <= (2.0 * (double)sum->lines + 16.0) * 0x1p-53 * (sum->turned + open->size) + open->slack;
}

/* ---- A sleeve ---- */

/* Points are rows. */
typedef struct ids_span {
  size_t first, last;
} ids_span;

static inline size_t ids_sleeve_when(const ids_book *b, const void *clock, const sld_order *order, const sld_rollover_record *roll) {
  const ids_span *span = clock;
  (void)b;
  if (order && order->kind == SLD_ORDER_END_OF_DATA) return span->last - span->first;
  return (size_t)(order ? order->fill_bar : roll->bar) - span->first;
}

/* An account that has none left stays as it is. */
static inline bool ids_ended(const sld_job *job, size_t k) {
  for (size_t i = k; job->equity[k] <= 0.0 && i < job->bar_count; i++)
    if (job->equity[i] != job->equity[k]) return false;
  return job->equity[k] > 0.0 || job->state == SLD_JOB_RUINED;
}

/* The first row whose equity is not what it must be, and what that is (NaN: its bars are not there any more); bar_count: none. *held_rows counts
 * rows with a position. */
static inline size_t ids_sleeve(const sld_job *job, sld_market *market, const sld_run_options *o, double *want, size_t *held_rows) {
  ids_book b = { .pair = job->pair, .data = job->data, .orders = job->orders, .order_count = job->order_count, .trades = job->trades,
    .trade_count = job->trade_count + job->open_count, .rollovers = job->rollovers, .rollover_count = job->rollover_count };
  size_t k = 0;
  *want = (double)NAN;
  if (ids_book_open(&b, market, o, job->bar_count)) {
    ids_span span = { b.seen - job->bar_count, b.seen - 1 };
    ids_sum sum = { { job->capital, 0.0 }, fabs(job->capital), 0 };
    ids_side held[2] = { { 0.0, { 0.0, 0.0 }, 0 }, { 0.0, { 0.0, 0.0 }, 0 } };
    ids_book_fill(&b, ids_sleeve_when, &span);
    for (k = 0; k < job->bar_count; k++) {
      ids_open_lots open = { 0.0, 0.0, 0.0 };
      ids_step(&b, k, &sum, held);
      ids_profit(&open, &b, held, span.first + k, false, b.mark[span.first + k]);
      *held_rows += open.size > 0.0;
      if (!ids_near(job->equity[k], want, &sum, &open) || !ids_ended(job, k)) break;
      if (job->equity[k] <= 0.0) k = job->bar_count - 1;
    }
  }
  ids_book_close(&b);
  return k;
}

/* ---- A shared account ---- */

static inline size_t ids_instant(const sld_job *job, int64_t time, bool beyond) {
  size_t low = 0, high = job->bar_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (job->close_time[middle] < time || (beyond && job->close_time[middle] == time)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* A fill at a bar's open is known from then on, another one when the bar has closed. */
static inline size_t ids_account_when(const ids_book *b, const void *clock, const sld_order *order, const sld_rollover_record *roll) {
  const sld_job *job = clock;
  if (order && order->kind == SLD_ORDER_END_OF_DATA) return job->bar_count - 1;
  size_t row = (size_t)(order ? order->fill_bar : roll->bar);
  int64_t opened = b->rows.bars.time[row];
  bool at_open = roll ? roll->time <= opened : order->fill_time == opened && order->reference == b->rows.open[row] && !b->by_bar;
  return b->rows.info->ticks || !at_open ? ids_instant(job, ids_close_time(&b->rows, row), false) : ids_instant(job, opened, true);
}

/* What a book's open lots make at an instant: at its last close, or at the open of a bar that has begun since. */
static inline void ids_stand(ids_open_lots *out, ids_book *b, int64_t time, const ids_side held[2]) {
  while (b->row < b->seen && ids_close_time(&b->rows, b->row) <= time) b->row++;
  bool begun = b->row < b->seen && b->rows.bars.time[b->row] < time && !isnan(b->fill[b->row]);
  if (begun) ids_profit(out, b, held, b->row, true, b->fill[b->row]);
  else if (b->row > 0) ids_profit(out, b, held, b->row - 1, false, b->mark[b->row - 1]);
}

static inline size_t ids_account(const sld_job *job, sld_market *market, const sld_run_options *o, double *want, size_t *held_rows) {
  ids_book *books = ids_zeros(job->book_count, sizeof *books);
  ids_side (*held)[2] = ids_zeros(job->book_count, sizeof *held);
  ids_sum sum = { { job->capital, 0.0 }, fabs(job->capital), 0 };
  bool there = true;
  for (size_t i = 0; i < job->book_count; i++) {
    const sld_book *of = &job->books[i];
    books[i] = (ids_book){ .pair = of->pair, .data = of->data, .orders = of->orders, .order_count = of->order_count, .trades = of->trades,
      .trade_count = of->trade_count + of->open_count, .rollovers = of->rollovers, .rollover_count = of->rollover_count };
    there = ids_book_open(&books[i], market, o, job->bar_count) && there;
    if (there) ids_book_fill(&books[i], ids_account_when, job);
  }
  size_t k = 0;
  *want = (double)NAN; /* stays where bars or rates are not there any more */
  for (; there && k < job->bar_count; k++) {
    ids_open_lots open = { 0.0, 0.0, 0.0 };
    for (size_t i = 0; i < job->book_count; i++) {
      ids_step(&books[i], k, &sum, held[i]);
      ids_stand(&open, &books[i], job->close_time[k], held[i]);
    }
    *held_rows += open.size > 0.0;
    if (!ids_near(job->equity[k], want, &sum, &open) || !ids_ended(job, k)) break;
    if (job->equity[k] <= 0.0) k = job->bar_count - 1;
  }
  for (size_t i = 0; i < job->book_count; i++) ids_book_close(&books[i]);
  free(books);
  free(held);
  return k;
}

#endif
