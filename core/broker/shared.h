/* One account for the books of several pairs, which are stepped together over the union of their clocks.
 *
 * Design. An instant is the close of a bar of at least one pair. Between two instants bars begin, in order of time; at an instant bars end. A step
 * goes from one instant to the next:
 *   1  bars that open before it, by time, pairs in order of name: all that open at one time are marked at their opens, then each deals what
 *      its open deals
 *   2  bars that close at it, in order of name: each deals what lies between its open and its close
 *   3  those pairs are marked at their closes, and the account's equity is set down
 * After the opens of one time, and before equity is set down, the account's margin is tested; what has a price at that instant can be closed.
 * The hook follows. What it asks of a pair is dealt in that pair's next bar to open: a bar that has begun meanwhile is past. So no pair sees
 * another's bar before it is closed, and nothing is booked before the instant at which it is known.
 *
 * Money, account currency, in order of name:
 *   cash         as in account.h, from the account's own sums
 *   unrealised   of a book: its open profit at its last close, or at the open of a bar that has begun
 *   equity       cash + (((unrealised of the first + of the second) + ..) + of the last)
 *   leverage     a fill may leave |position after| x price x rate + the other books' sizes at their marks, up to leverage x equity; a pair with a
 *                leverage of its own counts as many times as that goes into this one's
 * With one book the bits are those of a sleeve of its own (broker.h).
 *
 * Books, clock and marks are borrowed. One thread at a time. */
#ifndef SLD_BROKER_SHARED_H
#define SLD_BROKER_SHARED_H

#include "broker/broker.h"

typedef struct sld__shared {
  sld__account account;
  sld__broker *books;   /* [count] in order of name; begin as sld__broker_join leaves them */
  size_t count;
  const int64_t *clock; /* [instants] every close of a row of a book from `first` on, ascending; earlier ones may stand before */
  size_t instants;
  size_t first;         /* the first instant at which a hook may run */
  double *marks;        /* [instants]; equity from `first` on */
  /* The account as of instant `now`. */
  int64_t now;          /* first - 1 before the first step */
  double equity, cash;
  size_t exposed;       /* instants that left some position open; without the last until finish */
  bool ended, ruined;
  sld_status status;    /* SLD_OK, or why it failed; then `error` says it in words, naming the pair */
  sld_error error;
} sld__shared;

/* Opens the account; books are joined to it (sld__broker_join with &s->account) before the first step. */
void sld__shared_open(sld__shared *s, double capital, double leverage, sld__broker *books, size_t count);

/* Gives it its clock and stands before instant `first` < instants. A book whose first tradable row has closed by then is brought up to it. */
void sld__shared_start(sld__shared *s, const int64_t *clock, size_t instants, size_t first, double *marks);

/* Goes to the next instant. Returns 0 to go on and 1 once the account has ended: ruined, failed or past the last instant. */
int sld__shared_step(sld__shared *s);

/* Ends the account after a call on one of its books returned 1; returns 1 where that book failed or the account is ruined. */
int sld__shared_follow(sld__shared *s, const sld__broker *book);

/* Goes through what is left, lets waiting orders expire, closes or lists open trades and completes every book's ledger; a ruined account keeps
 * its last equity to the end. Returns the job's status. */
sld_status sld__shared_finish(sld__shared *s, sld_error *err);

/* ---- For the books ---- */

/* The instant at which the hook decides. */
int64_t sld__shared_time(const sld__shared *s);

/* The book's worth and size at its mark, after a change of its lots. */
void sld__shared_value(sld__broker *b);

/* Marks the book at the close of `row`. A row that was marked already changes the account's equity as well; it may then be ruined: 1. */
int sld__shared_remark(sld__broker *b, int64_t row);

/* The account's equity were this book's open profit `profit`, and the other books' size. */
double sld__shared_equity(const sld__broker *b, double profit);
double sld__shared_notional(const sld__broker *b);

#endif
