/* Several books on one account. The order of operations is part of the contract (shared.h). */
#include "broker/shared.h"

#include <string.h>

#include "base/error.h"
#include "broker/margin.h"
#include "broker/overnight.h"
#include "broker/path.h"

void sld__shared_open(sld__shared *s, double capital, double leverage, sld__broker *books, size_t count) {
  memset(s, 0, offsetof(sld__shared, error));
  s->error.status = SLD_OK;
  sld__account_open(&s->account, capital, leverage);
  s->account.shared = s;
  s->books = books;
  s->count = count;
}

int64_t sld__shared_time(const sld__shared *s) {
  return s->clock[s->now];
}

/* ---- Worth ---- */

void sld__shared_value(sld__broker *b) {
  b->unrealised = b->flat ? 0.0 : sld__book_open_profit(b, b->mark, b->mark_rate);
  b->notional = b->flat ? 0.0 : ((b->gross * b->config.instrument.step) * b->mark.price) * b->mark_rate;
}

static void mark_at(sld__broker *b, sld__point mark, double rate) {
  b->mark = mark;
  b->mark_rate = rate;
  sld__shared_value(b);
}

double sld__shared_equity(const sld__broker *b, double profit) {
  const sld__shared *s = b->account->shared;
  double open = b == s->books ? profit : s->books[0].unrealised;
  for (size_t i = 1; i < s->count; i++) open += b == &s->books[i] ? profit : s->books[i].unrealised;
  return sld__account_cash(&s->account) + open;
}

double sld__shared_notional(const sld__broker *b) {
  const sld__shared *s = b->account->shared;
  double size = 0.0;
  for (size_t i = 0; i < s->count; i++)
    if (b != &s->books[i]) size += s->books[i].notional * (b->config.leverage / s->books[i].config.leverage);
  return size;
}

/* ---- Ends ---- */

static int fail_with(sld__shared *s, const sld__broker *b) {
  s->ended = true;
  s->status = b->status;
  s->error = b->error;
  return 1;
}

static int ruin(sld__shared *s) {
  s->ended = s->ruined = true;
  for (size_t i = 0; i < s->count; i++) s->books[i].ended = s->books[i].ruined = 1;
  return 1;
}

int sld__shared_follow(sld__shared *s, const sld__broker *book) {
  if (s->ended) return 1;
  return book->status != SLD_OK ? fail_with(s, book) : 0;
}

/* An equity that is no number: the book to blame says why. */
static int undefined(sld__shared *s) {
  for (size_t i = 0; i < s->count; i++) {
    sld__broker *b = &s->books[i];
    if (!isnan(b->unrealised)) continue;
    if (!(b->mark_rate > 0.0)) sld__broker_no_rate(b, b->bars.close_time[b->now]);
    else sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "%s: equity is undefined", b->config.instrument.pair));
    return fail_with(s, b);
  }
  s->ended = true;
  s->status = sld__fail(&s->error, SLD_EVALUE, "the account's equity is undefined");
  return 1;
}

/* Sets the account's equity down, and in every book, for a script may read it there. */
static int settle(sld__shared *s) {
  s->cash = sld__account_cash(&s->account);
  s->equity = sld__shared_equity(s->books, s->books[0].unrealised);
  s->marks[s->now] = s->equity;
  for (size_t i = 0; i < s->count; i++) {
    s->books[i].cash = s->cash;
    s->books[i].equity = s->equity;
  }
  if (s->equity > 0.0) return 0;
  return isnan(s->equity) ? undefined(s) : ruin(s);
}

/* ---- Stop-out ---- */

/* Where a book can be dealt at this instant: at the open of a bar that begins at `time`, or at the close that it has come to. */
typedef struct place {
  sld__moment at;
  sld__point point;
} place;

static bool place_at_open(const sld__broker *b, int64_t time, place *out) {
  if (b->begun == b->now || b->bars.time[b->begun] != time) return false;
  *out = (place){ sld__moment_inside(b, b->begun), sld__point_open(b, b->begun) };
  return out->at.rate > 0.0;
}

static bool place_at_close(const sld__broker *b, int64_t time, place *out) {
  (void)time;
  if (b->stale) return false;
  *out = (place){ sld__moment_close(b, b->now), sld__point_close(b, b->now) };
  return out->at.rate > 0.0;
}

/* Whether the account is below its stop-out; sizes as the first book's leverage counts them. */
static bool below(const sld__shared *s) {
  const sld__broker *first = s->books;
  double needed = first->notional + sld__shared_notional(first);
  return first->config.leverage * sld__shared_equity(first, first->unrealised) < first->config.stop_out * needed;
}

/* Closes the largest loss among the books that have a price at this instant, as long as the account is below its stop-out. */
static int stop_out(sld__shared *s, int64_t time, bool (*place_of)(const sld__broker *, int64_t, place *)) {
  while (s->books->config.stop_out > 0.0 && below(s)) {
    sld__broker *worst = NULL;
    place where = { { 0, 0, 0.0 }, { 0.0, 0.0 } }, here;
    size_t lot = 0;
    double least = INFINITY;
    for (size_t i = 0; i < s->count; i++) {
      double profit;
      if (s->books[i].flat || !place_of(&s->books[i], time, &here)) continue;
      size_t k = sld__margin_worst(&s->books[i], here.point, here.at.rate, &profit);
      if (worst && !(profit < least)) continue;
      worst = &s->books[i];
      least = profit;
      where = here;
      lot = k;
    }
    if (!worst) return 0;
    const sld__lead *quote = sld__quote(worst, sld__lot_at(worst, lot)->steps < 0.0, true);
    if (sld__fill_lot(worst, lot, &where.at, sld__touch_data(where.point, quote), SLD__BY_MARKET)) return fail_with(s, worst);
    sld__book_hold(worst, where.at.row);
  }
  return 0;
}

/* ---- Steps ---- */

static void mark_close(sld__broker *b, int64_t row) {
  b->now = b->begun = row;
  mark_at(b, sld__point_close(b, row), b->rate_mark ? b->rate_mark[row] : b->rate);
}

int sld__shared_remark(sld__broker *b, int64_t row) {
  mark_close(b, row);
  return settle(b->account->shared);
}

void sld__shared_start(sld__shared *s, const int64_t *clock, size_t instants, size_t first, double *marks) {
  s->clock = clock;
  s->instants = instants;
  s->first = first;
  s->now = (int64_t)first - 1;
  s->marks = marks;
  s->equity = s->cash = sld__account_cash(&s->account);
  for (size_t i = 0; i < s->count; i++) {
    sld__broker *b = &s->books[i];
    while (b->now < b->last && b->bars.close_time[b->now + 1] < clock[first]) mark_close(b, b->now + 1);
    b->begun = b->now;
  }
}

/* Whether the book's next bar to begin opens before `until`. */
static bool begins_before(const sld__broker *b, int64_t until) {
  return b->begun == b->now && b->now < b->last && b->bars.time[b->now + 1] < until;
}

/* The book's next bar begins: it is marked at the open, where there is a rate. */
static void begin(sld__broker *b) {
  int64_t row = ++b->begun;
  double rate = b->bars.rate_fill ? b->bars.rate_fill[row] : b->rate;
  b->woken = false;
  if (rate > 0.0) mark_at(b, sld__point_open(b, row), rate);
}

static int deal_open(sld__broker *b) {
  b->woken = sld__book_wakes(b, b->begun);
  return b->woken && sld__broker_open(b, b->begun);
}

/* Bars that open at `time`: all are marked, then all deal. */
static int open_at(sld__shared *s, int64_t time) {
  for (size_t i = 0; i < s->count; i++)
    if (begins_before(&s->books[i], time + 1)) begin(&s->books[i]);
  for (size_t i = 0; i < s->count; i++) {
    sld__broker *b = &s->books[i];
    if (b->begun > b->now && b->bars.time[b->begun] == time && deal_open(b)) return fail_with(s, b);
  }
  return stop_out(s, time, place_at_open);
}

static int open_until(sld__shared *s, int64_t until) {
  for (;;) {
    int64_t next = until;
    for (size_t i = 0; i < s->count; i++)
      if (begins_before(&s->books[i], next)) next = s->books[i].bars.time[s->books[i].now + 1];
    if (next == until) return 0;
    if (open_at(s, next)) return 1;
  }
}

static bool closes_by(const sld__broker *b, int64_t row, int64_t time) {
  return row <= b->last && b->bars.close_time[row] <= time;
}

/* What lies between open and close. A tick opens as it closes. */
static int deal_rest(sld__broker *b) {
  if (b->begun == b->now) {
    begin(b);
    if (deal_open(b)) return 1;
  }
  if (sld__book_wakes(b, b->begun)) b->woken = true; /* orders that have come since */
  return b->woken && sld__broker_rest(b, b->begun);
}

/* What waits sees the close. */
static void wait_on(sld__broker *b) {
  if (!b->woken || !b->busy) return;
  sld__book_follow(b, b->now);
  sld__book_expire(b, b->now);
}

static int close_at(sld__shared *s, int64_t time) {
  for (size_t i = 0; i < s->count; i++) {
    sld__broker *b = &s->books[i];
    b->stale = !closes_by(b, b->now + 1, time);
    while (closes_by(b, b->now + 1, time)) {
      if (deal_rest(b)) return fail_with(s, b);
      if (!closes_by(b, b->begun + 1, time)) break;
      mark_close(b, b->begun); /* several ticks at one instant */
      wait_on(b);
    }
  }
  for (size_t i = 0; i < s->count; i++)
    if (!s->books[i].stale) mark_close(&s->books[i], s->books[i].begun);
  if (stop_out(s, time, place_at_close)) return 1;
  if (settle(s)) return 1; /* ruined: nothing expires any more */
  for (size_t i = 0; i < s->count; i++)
    if (!s->books[i].stale) wait_on(&s->books[i]);
  return 0;
}

/* What the hook left for the close that it saw, and whether anything is held. */
static int leave(sld__shared *s) {
  for (size_t i = 0; i < s->count; i++) {
    sld__broker *b = &s->books[i];
    if (b->closing && sld__broker_deal_close(b)) return s->ended ? 1 : fail_with(s, b);
  }
  return 0;
}

static void count_exposure(sld__shared *s) {
  bool held = false;
  for (size_t i = 0; i < s->count; i++) held |= !s->books[i].flat;
  if (s->now >= (int64_t)s->first) s->exposed += held;
}

int sld__shared_step(sld__shared *s) {
  if (s->ended || s->now + 1 >= (int64_t)s->instants || leave(s)) return 1;
  count_exposure(s);
  int64_t time = s->clock[s->now + 1];
  if (open_until(s, time)) return 1;
  s->now++;
  return close_at(s, time);
}

/* ---- The end ---- */

sld_status sld__shared_finish(sld__shared *s, sld_error *err) {
  while (sld__shared_step(s) == 0) {}
  if (!s->ended) leave(s);
  for (size_t i = 0; i < s->count && s->status == SLD_OK; i++)
    if (sld__broker_finish(&s->books[i], NULL) != SLD_OK) fail_with(s, &s->books[i]);
  if (s->status != SLD_OK) {
    if (err) *err = s->error;
    return s->status;
  }
  count_exposure(s);
  if (s->count == 1) s->exposed = s->books->ledger->exposure_rows; /* which knows of a last trade that was closed before the last row */
  for (size_t k = (size_t)s->now + 1; k < s->instants; k++) s->marks[k] = s->equity;
  s->ended = true;
  return SLD_OK;
}
