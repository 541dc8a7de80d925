/* One pair's book on an account: orders in, fills and costs out, equity marked at every close.
 *
 * Design. The broker is lazy: nothing happens until it is brought up to a row, and the rows between two that can fill something
 * are marked in one loop. Each row's equity is one fixed sequence of operations on that row's data and on the account as the
 * last fill left it, so the bits do not depend on whether rows were asked for one by one, in thousands or all at once.
 *
 *   request.c, change.c   from a call to an order of a fixed size; exits, closes, cancel, modify
 *   book.c                what waits: names, groups, reservations, the next row in which anything can happen
 *   path_*.c              which of it a bar reaches, in which order, at which price; one file per path
 *   overnight.c           rollovers
 *   margin.c              stop-out
 *   fill.c, booking.c     one order dealt: limits tested, lots, trades, costs and cash written
 *   mark.c                equity at closes
 *
 * Money, per pair and in account currency. `ref` is a price at the data's own side, of both sides the bid.
 *   sides        mid data: bid = ref - spread/2, ask = ref + spread/2; bid data: bid = ref, ask = ref + spread;
 *                both sides: bid data whose spread is ask - bid of that row, and of the price in it;
 *                spread_on entry: what opens is dealt a whole spread away, what closes and marks at ref
 *   entry value  sum over open lots, oldest first, of units x entry ref
 *   cash         ((capital + realised) + rollover) - ((spread + slippage) + commission)
 *   unrealised   (units x (close + offset) - entry value) x mark rate; the offset leads to the bid for longs, to the ask for shorts.
 *                A hedged book has offset 0 and takes each lot's offset into the entry value: lot by lot, units x (ref - offset)
 *                Both sides: (units x close - entry value) x mark rate at the close of the side where the position is marked;
 *                a hedged book whose shorts are marked at the ask: ((longs x close + shorts x ask close) - entry value) x mark rate
 *   equity       cash + unrealised
 *   realised     (units x (exit ref - entry ref)) x fill rate, at once
 *   costs, a fill  spread |units| x |side - ref| x rate; slippage |units| x slippage x rate, not for limits;
 *                commission (frac x |units| x dealt price) x rate + per lot x (|units| / lot) + per order
 *   rollover     ((units x what `scale` units earn) / scale) x fill rate of the row in which the roll is charged, long and short apart
 * When orders fill and at which price is stated in docs/fills.md.
 *
 * Several books on one account are no longer lazy: shared.h steps them together, and cash and equity are then the account's.
 * A broker owns no memory: records, lots and waiting orders are the ledger's, bars are borrowed. One thread at a time. */
#ifndef SLD_BROKER_BROKER_H
#define SLD_BROKER_BROKER_H

#include <math.h>
#include <sliders.h>

#include "broker/account.h"
#include "ledger/drawdown.h"
#include "ledger/ledger.h"
#include "market/rollover.h"

typedef struct sld__broker_config {
  double capital;            /* account currency, > 0 */
  double spread;             /* full bid-ask spread, price units, >= 0; 0 where `side` is SLD_BOTH */
  double slippage;           /* price units, >= 0, on market and stop fills */
  double commission_frac;    /* of the dealt notional, per side, >= 0 */
  double commission_per_lot; /* account currency per lot and side, >= 0 */
  double leverage;           /* largest notional over equity that a fill may leave, > 0 */
  sld_fill fill;
  sld_side side;
  sld_instrument instrument; /* step > 0, lot > 0, min_size >= 0 */
  bool close_at_end;         /* close open trades on the last bar, with costs */
  sld_fill_at at;            /* this and the next four: 0 is what `fill` says */
  sld_path path;
  sld_quotes quotes;
  sld_spread_on spread_on;
  sld_sizing sizing;
  sld_accounting accounting;
  int pyramiding;            /* most lots on a side; 0: no limit, 1 with path tradingview */
  double spread_frac;        /* full spread as a fraction of the reference price, added to `spread`; above 0 only with spread_on entry */
  double commission_per_order; /* account currency per fill, >= 0 */
  double margin_call;        /* an order that opens must leave equity of at least so many times the margin; 0: once */
  double stop_out;           /* below so many times the margin positions are closed; 0: never */
} sld__broker_config;

/* The view's columns, borrowed until finish. Prices are finite and > 0. */
typedef struct sld__broker_bars {
  const int64_t *time;      /* [opens] */
  const double *open, *high, *low, *close; /* [count] */
  const double *ask_open, *ask_high, *ask_low, *ask_close; /* [count] of SLD_BOTH, each >= its bid; else not read */
  size_t count;
  size_t first;             /* first tradable row, < count */
  int64_t origin;           /* index of row 0 in the pair's data: records count bars from there */
  int64_t period_ns;        /* a row closes so long after its open, and never after the next row's */
  size_t opens;             /* elements of `time`: those behind `count` tell when the last row closes; 0: count */
  const double *rate_fill;  /* [count] quote to account currency for fills in a row; NaN: missing. NULL: `rate` */
  const double *rate_mark;  /* [count] the same at a row's close. NULL exactly where rate_fill is */
  double rate;              /* > 0, for every row, where the arrays are NULL */
  const char *rate_way;     /* the pairs that the rates come from, for messages; NULL or "": not known */
  const int64_t *close_time; /* [count] when each row is known; only read on a shared account, else NULL */
  double price_low, price_high; /* no price of a row from `first` on lies outside, bids and asks; 0: unknown */
  double rate_low, rate_high;   /* the same of the rates that are there; 0 with arrays: unknown */
  const sld__roll *rolls;   /* [roll_count] of these rows, by time; NULL: none */
  size_t roll_count;
  sld__drawdown *drawdown;  /* started before the broker is, follows the equity as it is marked; NULL: nobody asks */
} sld__broker_bars;

typedef enum sld__request_kind { SLD__TARGET = 0, SLD__BUY, SLD__SELL, SLD__CLOSE, SLD__EXIT, SLD__CANCEL, SLD__MODIFY } sld__request_kind;

/* Prices at or below `low` or at or above `high`; -inf, inf: none. */
typedef struct sld__range { double low, high; } sld__range;

/* What a script asks for. NaN and NULL: not given. */
typedef struct sld__request {
  sld__request_kind kind;
  sld_quantity quantity; /* of `value`; FRACTION and RISK are of equity, but of CLOSE and EXIT a fraction of the position; RISK needs a stop loss */
  double value;          /* TARGET: signed fraction of equity; BUY, SELL: > 0; CLOSE, EXIT, MODIFY: > 0 or NaN, all that is left */
  double limit, stop;    /* prices */
  double stop_loss, take_profit;           /* prices; at most one of a price and its distance */
  double stop_loss_dist, take_profit_dist; /* price distances from the dealt price, > 0. EXIT: its stop and limit, from the price of the entry's oldest lot */
  double trail, trail_after, trail_step;   /* price distances; trail > 0, or 0 where trail_after or trail_at is given */
  double trail_at;       /* EXIT: the price from which on it trails, in place of trail_after */
  double rebalance;      /* TARGET: part of x, > 0, by which an open position may drift from x before the same x sizes it again */
  int64_t expire;        /* bars after the call in which it may be dealt; 0: no end */
  const char *name;      /* the order's id; CANCEL: which, NULL for all; MODIFY: which; CLOSE: of the entry. Shorter than SLD_NAME_SIZE, as are the next three */
  const char *of;        /* EXIT: the entry's id */
  const char *tag;
  const char *group;     /* with oca */
  sld_oca oca;
  int64_t lot;           /* CLOSE, MODIFY: the lot of this order alone; 0: none */
  bool reduce_only;
  bool reverse;          /* BUY, SELL: add the size of the projected opposite position */
  bool add;              /* BUY, SELL: exempt from pyramiding */
  bool fifo;             /* CLOSE, EXIT of an entry: its lots say how much, the oldest lots of the position are closed */
} sld__request;

#define SLD__REQUEST_INIT                                                                                                                                  \
  { SLD__TARGET, SLD_UNITS, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0, NULL, NULL, NULL, NULL, SLD_OCA_NONE, 0, false, false, false, false }

/* Units held long and held short, both >= 0. */
typedef struct sld__held { double longs, shorts; } sld__held;

/* A price of the data, and the ask that stands with it. Of one side the ask is not read. */
typedef struct sld__point { double price, ask; } sld__point;

/* What leads from a point to where something is compared or dealt. */
typedef struct sld__lead {
  double offset; /* one side: added to the price; both sides: 0 */
  int way;       /* both sides: 1 to the ask, 0 stays at the bid, -1 as far below the bid as the ask is above. One side: 0 */
} sld__lead;

typedef struct sld__sides { sld__lead bid, ask; } sld__sides;

static inline double sld__lead_to(const sld__lead *lead, sld__point point) {
  if (lead->way == 0) return point.price + lead->offset;
  return lead->way > 0 ? point.ask : point.price - (point.ask - point.price);
}

/* The point at which the lead comes to `level`, where the spread is that of `near`. */
static inline sld__point sld__lead_from(const sld__lead *lead, double level, sld__point near) {
  double spread = near.ask - near.price;
  if (lead->way == 0) return (sld__point){ level - lead->offset, level + spread };
  return lead->way > 0 ? (sld__point){ level - spread, level } : (sld__point){ level + spread, level + spread + spread };
}

typedef struct sld__broker {
  /* The head, which an engine may mirror and read after each call: the account at the close of row `now`. Nobody else writes it. */
  int64_t now;        /* row settled last; first - 1 before the first */
  double position;    /* signed units */
  double equity;
  double cash;        /* equity without open trades */
  double last_target; /* x of the last broker:target; NaN before the first and after any other order */
  int32_t ended;      /* no row will be settled any more: ruined, failed or finished */
  int32_t ruined;     /* equity fell to 0 or below at a mark */

  /* What a step reads. */
  int32_t busy;       /* something waits, or marks are of two sides: a row may be more than a plain mark */
  int32_t flat;       /* no lots */
  double mark_offset; /* mark_close + offset is the side at which the position is marked */
  double entry_value; /* quote currency */
  const double *mark_close;  /* closes, or asks at closes */
  const double *mark_shorts; /* a hedged book of both sides: where its shorts are marked, and its longs at mark_close; else NULL */
  double longs, shorts;      /* signed units, where mark_shorts is read */
  const double *close, *rate_mark;
  double rate;
  double *marks;      /* the ledger's equity column */
  int64_t last;       /* last row of the view */
  int64_t calm;       /* while nothing waits, rows up to here are marks alone; <= last */

  /* The rest of the book. */
  double steps;             /* net position in instrument steps: a whole number, so that sizes add up exactly */
  double gross;             /* sum of lots' sizes in steps */
  sld__sides opens, closes; /* leads to where what opens, and what closes, is dealt before slippage; marks are closes */
  sld__sides open_quotes, close_quotes; /* leads to where levels are compared */
  sld__range lots;          /* prices of the data at or beyond which a stop of a lot can trigger */
  sld__range lots_ask;      /* both sides: the same of those compared with the ask */
  sld__range wake, wake_ask; /* the same of everything that waits */
  int64_t wake_row;         /* first row that must be looked at whatever its prices; INT64_MAX: none */
  size_t roll;              /* the next roll */
  sld__held held;           /* what the open of a row with a roll inside has left */
  bool lots_trail;          /* a lot has a trailing stop */
  bool trails;              /* a trailing stop is held: every row must be looked at. Not beside `closing`: read as one word, both would wait for this byte to be stored */
  int64_t held_from;        /* first row whose close found the position; read only where there is one */
  size_t opened_at;         /* closed trades when the position was opened or turned to this side */
  int64_t begun;            /* shared account: the row that has opened and not closed, where it is above `now` */
  bool closing;             /* path tradingview, at close: orders of row `now` are to be dealt at its close */
  bool stale;               /* shared account: no bar of this pair has closed at this instant */
  bool woken;               /* shared account: row `begun` is more than a mark */
  sld__point mark;          /* shared account: where the book is marked, the last close or the open of a bar that has begun, .. */
  double mark_rate;
  double unrealised, notional;  /* .. and its open profit and size there, account currency */
  sld__account *account;
  sld__account own;         /* the account of a sleeve: account = &own */
  sld__broker_config config;
  sld__broker_bars bars;
  sld__ledger *ledger;
  sld_status status; /* SLD_OK, or why the job failed; then `error` says it in words */
  sld_error error;
} sld__broker;

/* Resets the ledger and stands before the first tradable row with the capital in cash. Bars and ledger are borrowed until finish.
 * EINVAL: a config or view outside the ranges above; ENOMEM. */
sld_status sld__broker_start(sld__broker *b, const sld__broker_config *config, const sld__broker_bars *bars, sld__ledger *ledger, sld_error *err);

/* The same for one of several books on an account. config->capital and leverage are the account's; the ledger gets no column of equity. */
sld_status sld__broker_join(sld__broker *b, sld__account *account, const sld__broker_config *config, const sld__broker_bars *bars, sld__ledger *ledger, sld_error *err);

/* The calls below return 0 to go on and 1 once the broker has ended, after which they do nothing. When it ended by a failure, status is not
 * SLD_OK: ERATE a conversion rate is missing (pair and time in the message), EVALUE a number that a script may not ask for, EINVAL a row
 * outside first..count-1 or before `now`, ENOMEM. */

/* Settles every row up to and including `to`. A row that is settled already is no error. */
int sld__broker_advance(sld__broker *b, int64_t to);

/* broker:target(x), decided at the close of `row`: settles through `row`, then orders what leads from the position to
 * x equities of exposure. Sends nothing where x repeats the last request. EVALUE: x is not finite. */
int sld__broker_target(sld__broker *b, int64_t row, double x);

/* Any request, decided at the close of `row`. EVALUE: a number that is not finite or not > 0 where it must be, a name that is too long. */
int sld__broker_request(sld__broker *b, int64_t row, const sld__request *request);

/* As sld__broker_target(b, row + k, targets[k]) for k = 0 .. n-1, and settles through row + n - 1. NaN repeats the last target. */
int sld__broker_signal(sld__broker *b, const double *targets, int64_t row, size_t n);

/* Which axes a config comes to: none of the five is left at 0. */
void sld__broker_axes(sld__broker_config *config);

/* Settles the rest, lets waiting orders expire, closes or lists open trades and completes the ledger; a ruined account keeps its last
 * equity to the end. Returns the job's status; the broker has then ended. */
sld_status sld__broker_finish(sld__broker *b, sld_error *err);

/* Equity at the close of `row` with the account as it is, but for a book with mark_shorts. */
static inline double sld__broker_mark(const sld__broker *b, int64_t row) {
  if (b->flat) return b->cash;
  double rate = b->rate_mark ? b->rate_mark[row] : b->rate;
  return b->cash + (b->position * (b->mark_close[row] + b->mark_offset) - b->entry_value) * rate;
}

/* Settles the row after `now`, where there is one: the same as sld__broker_advance(b, b->now + 1), cheap where nothing fills. */
static inline int sld__broker_step(sld__broker *b) {
  int64_t row = b->now + 1;
  if (b->busy | b->ended || row > b->calm) return row > b->last ? 1 : sld__broker_advance(b, row);
  double equity = sld__broker_mark(b, row);
  if (!(equity > 0.0)) return sld__broker_advance(b, row);
  b->marks[row] = b->equity = equity;
  b->now = row;
  return 0;
}

#endif
