/* Requests: targets, buys and sells; checks and bookkeeping common to all. */
#include "broker/request.h"

#include <string.h>

#include "base/error.h"
#include "base/wide.h"
#include "broker/mark.h"
#include "broker/shared.h"
#include "broker/tick.h"

/* Brings the account to the close of the row that decides. */
static int decide_at(sld__broker *b, int64_t row) {
  if (b->ended) return 1;
  if (row < b->now || row < (int64_t)b->bars.first || row > b->last)
    return sld__broker_fail(b, sld__fail(&b->error, SLD_EINVAL, "row %lld cannot decide: the account stands at row %lld of %lld..%lld", (long long)row, (long long)b->now, (long long)b->bars.first, (long long)b->last));
  return sld__broker_advance(b, row);
}

int sld__request_refuse(sld__broker *b, const char *what, double value, const char *why) {
  if (isnan(value)) return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "%s is NaN", what)); /* printf might say "-nan" */
  return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "%s is %g%s", what, value, why));
}

/* ---- Refused for their stops ---- */

bool sld__request_wrong_stops(const sld__broker *b, double stop_loss, double take_profit, double price, int way, int64_t row) {
  if (way == 0 || b->config.path == SLD_PATH_TRADINGVIEW) return false;
  const sld__lead *quote = sld__quote(b, way < 0, true);
  sld__point close = sld__point_close(b, row);
  double side = sld__lead_to(quote, isnan(price) ? close : sld__lead_from(sld__quote(b, way > 0, false), price, close));
  return way > 0 ? stop_loss >= side || take_profit <= side : stop_loss <= side || take_profit >= side;
}

bool sld__request_wrong_side(const sld__broker *b, double stop, bool buys, int64_t row) {
  if (b->config.path != SLD_PATH_PESSIMISTIC) return false;
  double side = sld__lead_to(sld__quote(b, buys, false), sld__point_close(b, row));
  return buys ? stop <= side : stop >= side;
}

/* ---- Placing ---- */

/* The kind of an order that buys or sells. */
static sld_order_kind kind_of(const sld__request *q) {
  if (isnan(q->limit)) return isnan(q->stop) ? SLD_ORDER_MARKET : SLD_ORDER_STOP;
  return isnan(q->stop) ? SLD_ORDER_LIMIT : SLD_ORDER_STOP_LIMIT;
}

/* An order's price: limit, else stop, else NaN. */
static double price_of(const sld__request *q) {
  return isnan(q->limit) ? q->stop : q->limit;
}

static void copy_name(char out[SLD_NAME_SIZE], const char *name) {
  if (name) memcpy(out, name, strlen(name) + 1); /* its length was checked */
}

/* Whether the request says anything that stands in an order's terms. */
static bool has_terms(const sld__request *q, sld_order_kind kind) {
  if (kind == SLD_ORDER_EXIT || kind == SLD_ORDER_MODIFY) return true;
  return q->name || q->tag || q->group || q->expire > 0 || !isnan(q->limit) || !isnan(q->stop) || !isnan(q->trail);
}

static int record_terms(sld__broker *b, sld_order *order, const sld__draft *d, bool buys) {
  const sld__request *q = d->request;
  sld_order_terms *terms = sld__ledger_add_terms(b->ledger, order);
  if (!terms) return sld__broker_full(b);
  bool named = d->kind != SLD_ORDER_CLOSE && d->kind != SLD_ORDER_TARGET;
  copy_name(terms->name, named ? q->name : NULL);
  copy_name(terms->tag, q->tag);
  terms->limit = sld__tick_limit(b, q->limit, buys);
  terms->stop = sld__tick_stop(b, q->stop, buys);
  terms->trail = sld__tick_round(b, q->trail, true);
  terms->trail_after = sld__tick_round(b, q->trail_after, true);
  terms->trail_step = q->trail_step;
  terms->oca = q->oca;
  if (q->expire > 0) terms->expires = b->bars.origin + sld__book_next(b) - 1 + q->expire;
  return 0;
}

/* The request into the record. */
static int record(sld__broker *b, sld_order *order, const sld__draft *d) {
  const sld__request *q = d->request;
  bool targets = d->kind == SLD_ORDER_TARGET, bracket = d->kind == SLD_ORDER_EXIT, buys = bracket ? d->way < 0 : d->steps > 0.0 || d->fraction > 0.0;
  bool protects_short = d->way ? d->way < 0 : d->steps < 0.0; /* a target of 0 leaves a position where others have closed the one that it was sized for */
  order->bar = b->bars.origin + d->row; /* and from it the time, when it is dealt or ends */
  if (b->stale) order->time = sld__shared_time(b->account->shared);
  order->kind = d->kind;
  order->reduce_only = q->reduce_only || bracket || d->kind == SLD_ORDER_CLOSE;
  order->parent = d->parent;
  order->quantity = targets ? SLD_FRACTION : q->quantity;
  order->size = q->value + 0.0;
  if (targets) order->target = order->size;
  order->units = bracket ? 0.0 : d->steps * b->config.instrument.step + 0.0; /* no negative zero */
  order->stop_loss = sld__tick_stop(b, q->stop_loss, protects_short);
  order->take_profit = sld__tick_limit(b, q->take_profit, protects_short);
  order->stop_loss_dist = q->stop_loss_dist;
  order->take_profit_dist = q->take_profit_dist;
  return has_terms(q, d->kind) ? record_terms(b, order, d, buys) : 0;
}

/* The group's number: the id of the first order of that name that waits, else this one's. */
static int64_t group_of(const sld__broker *b, const char *group, int64_t id) {
  for (size_t w = 0; w < b->ledger->waiting_count; w++)
    if (strcmp(sld__waiting_at(b, w)->group, group) == 0) return sld__waiting_order(b, w)->group;
  return id;
}

/* Ends orders of the same id that wait; what was placed last stands for them. */
static void replace(sld__broker *b, const sld_order *order) {
  if (!sld__terms(order)->name[0] || order->kind == SLD_ORDER_EXIT) return;
  for (size_t w = 0; w < b->ledger->waiting_count;) {
    const sld_order *old = sld__waiting_order(b, w);
    bool same = old->id != order->id && old->kind != SLD_ORDER_EXIT && strcmp(sld__terms(old)->name, sld__terms(order)->name) == 0;
    if (same) sld__book_end(b, w, SLD_ORDER_CANCELLED, SLD_REASON_REPLACED);
    else w++;
  }
}

/* Deals a market order at the close that decided, or leaves it until the hook has ended. */
static int deal_at_close(sld__broker *b, int64_t row) {
  if (b->config.path == SLD_PATH_TRADINGVIEW) {
    b->closing = true;
    return 0;
  }
  sld__moment at = sld__moment_close(b, row);
  if (sld__fill_market(b, &at, sld__point_close(b, row))) return 1;
  return sld__mark_settle(b, row, row);
}

/* Asks the memory for what a fill in `row` will read. Always inlined: gcc takes a function that only asks for one without effect, and drops its calls. */
static inline __attribute__((always_inline)) void foresee(const sld__broker *b, int64_t row) {
  if (row > b->last) return;
  __builtin_prefetch(&b->bars.open[row]);
  __builtin_prefetch(&b->bars.time[row]);
  if (b->bars.rate_fill) __builtin_prefetch(&b->bars.rate_fill[row]);
}

static int await(sld__broker *b, sld_order *order, const sld__draft *d) {
  int64_t group = d->request->group ? group_of(b, d->request->group, order->id) : 0;
  sld__waiting *waiting = sld__ledger_add_waiting(b->ledger);
  if (!waiting) return sld__broker_full(b);
  waiting->order = order->id;
  waiting->steps = d->steps;
  waiting->fraction = d->fraction;
  waiting->one_lot = d->one_lot;
  waiting->fifo = d->request->fifo;
  waiting->trail_at = d->kind == SLD_ORDER_EXIT ? sld__tick_nearest(b, d->request->trail_at) : (double)NAN;
  if (b->begun > b->now) waiting->from = sld__book_next(b);
  order->group = group;
  copy_name(waiting->group, d->request->group);
  if (d->kind == SLD_ORDER_EXIT) waiting->trail = (sld__trail){ sld__terms(order)->trail, sld__terms(order)->trail_after, sld__terms(order)->trail_step, NAN, NAN };
  replace(b, order);
  sld__book_purge(b);
  if (!sld__order_is_market(order)) {
    if (b->config.at == SLD_AT_CLOSE && b->config.path == SLD_PATH_TRADINGVIEW && !b->stale) b->closing = true;
    sld__book_watch(b);
    return 0;
  }
  b->busy = 1;
  b->wake_row = 0;
  foresee(b, d->row + 1); /* nothing before the fill reads it */
  return b->config.at == SLD_AT_CLOSE && !b->stale ? deal_at_close(b, d->row) : 0;
}

int sld__request_place(sld__broker *b, const sld__draft *d, sld_reason reason) {
  sld_order *order = sld__ledger_add_order(b->ledger);
  if (!order) return sld__broker_full(b);
  if (record(b, order, d)) return 1;
  bool sized = d->kind != SLD_ORDER_EXIT && d->kind != SLD_ORDER_CLOSE && isnan(d->fraction); /* a close of all of its lots is never too small */
  if (reason == SLD_REASON_NONE && sized && sld__too_small(b, d->steps)) reason = SLD_REASON_MIN_SIZE;
  if (reason == SLD_REASON_NONE && !(fabs(d->steps) < 0x1p53)) reason = SLD_REASON_LEVERAGE;
  if (reason == SLD_REASON_NONE) return await(b, order, d);
  sld__fill_reject(b, order, reason);
  return 0;
}

/* ---- Targets ---- */

/* Units that are worth `money`, or lose as much over `distance` of price; NaN after a failure. */
static double units_worth(sld__broker *b, double money, double distance, int64_t row) {
  double rate = b->rate_mark ? b->rate_mark[row] : b->rate;
  if (!(rate > 0.0)) {
    sld__broker_no_rate(b, sld__row_close(b, row));
    return NAN;
  }
  return money / (distance * rate);
}

/* Path tradingview: units that `money` pays for at the close, commissions included; NaN after a failure. */
static double units_affordable(sld__broker *b, double money, int64_t row) {
  const sld__broker_config *c = &b->config;
  double worth = units_worth(b, money - c->commission_per_order, b->close[row], row);
  if (c->commission_frac == 0.0 && c->commission_per_lot == 0.0) return worth;
  double rate = b->rate_mark ? b->rate_mark[row] : b->rate, unit = b->close[row] * rate;
  return worth * (unit / (unit * (1.0 + c->commission_frac) + c->commission_per_lot / c->instrument.lot));
}

/* Whether exposure has drifted so far from the last target that it is to be sized again. Nothing is sized that stops have closed. */
static bool drifted(const sld__broker *b, const sld__request *q, int64_t row) {
  if (isnan(q->rebalance) || b->position == 0.0) return false;
  double rate = b->rate_mark ? b->rate_mark[row] : b->rate;
  double exposure = b->position * b->close[row] * rate / b->equity;
  return fabs(exposure - q->value) > q->rebalance * fabs(q->value);
}

static int target(sld__broker *b, const sld__request *q, int64_t row) {
  double x = q->value, wanted = 0.0;
  if (x == b->last_target && !drifted(b, q, row)) return 0;
  if (!isfinite(x)) return sld__request_refuse(b, "target", x, "");
  sld__draft d = { q, row, SLD_ORDER_TARGET, 0.0, NAN, (x > 0.0) - (x < 0.0), 0, false };
  bool at_fill = b->config.sizing == SLD_SIZING_FILL;
  if (x != 0.0 && !at_fill) {
    double units = units_worth(b, x * b->equity, b->close[row], row);
    if (b->ended) return 1;
    wanted = sld__whole_steps(units, b->config.instrument.step);
  }
  b->last_target = x;
  sld__book_end_market(b, SLD_ORDER_CANCELLED, SLD_REASON_REPLACED);
  if (at_fill && x != 0.0) d.fraction = x;
  else d.steps = wanted - b->steps;
  /* Nothing to do, unless something was asked for and is too small to be had. */
  if (isnan(d.fraction) && d.steps == 0.0 && (wanted != 0.0 || x == 0.0)) return 0;
  bool wrong = sld__request_wrong_stops(b, q->stop_loss, q->take_profit, NAN, d.way, row);
  return sld__request_place(b, &d, wrong ? SLD_REASON_STOP_SIDE : SLD_REASON_NONE);
}

/* ---- Buys and sells ---- */

/* Steps of a buy or sell, > 0 but for rounding. Fails where the request can't be sized. */
static double sized(sld__broker *b, const sld__request *q, int64_t row) {
  bool tradingview = b->config.path == SLD_PATH_TRADINGVIEW;
  double value = q->value, units = value, price = isnan(price_of(q)) ? b->close[row] : price_of(q);
  double distance = isnan(q->stop_loss) ? (isnan(q->stop_loss_dist) ? q->trail : q->stop_loss_dist) : fabs(price - q->stop_loss);
  switch (q->quantity) {
  case SLD_UNITS: break;
  case SLD_LOTS: units = value * b->config.instrument.lot; break;
  case SLD_FRACTION: units = tradingview ? units_affordable(b, value * b->equity, row) : units_worth(b, value * b->equity, price, row); break;
  case SLD_RISK:
    if (isnan(distance)) sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "risk needs sl, sl_dist or trail"));
    else units = units_worth(b, value * b->equity, distance, row);
    break;
  }
  return b->ended ? NAN : sld__whole_steps(units, b->config.instrument.step);
}

/* Lots on the side that an order would add to. */
static int lots_on_side(const sld__broker *b, bool longs) {
  int count = 0;
  for (size_t i = 0; i < b->ledger->lot_count; i++) count += (sld__lot_at(b, i)->steps > 0.0) == longs;
  return count;
}

static sld_reason speaks_against(const sld__broker *b, const sld__request *q, bool buys, int64_t row) {
  int most = b->config.pyramiding;
  if (!isnan(q->stop) && sld__request_wrong_side(b, q->stop, buys, row)) return SLD_REASON_STOP_SIDE;
  if (sld__request_wrong_stops(b, q->stop_loss, q->take_profit, price_of(q), buys ? 1 : -1, row)) return SLD_REASON_STOP_SIDE;
  if (most > 0 && !q->add && !q->reduce_only && lots_on_side(b, buys) >= most) return SLD_REASON_PYRAMIDING;
  return SLD_REASON_NONE;
}

static int purchase(sld__broker *b, const sld__request *q, int64_t row) {
  bool buys = q->kind == SLD__BUY;
  if (!(isfinite(q->value) && q->value > 0.0)) return sld__request_refuse(b, sld_quantity_name(q->quantity), q->value, ", not above 0");
  sld__draft d = { q, row, kind_of(q), 0.0, NAN, buys ? 1 : -1, 0, false };
  if (q->quantity == SLD_FRACTION && b->config.sizing == SLD_SIZING_FILL) {
    d.fraction = buys ? q->value : -q->value;
  } else {
    double steps = sized(b, q, row), projected = q->reverse ? sld__book_projected(b) : 0.0;
    if (b->ended) return 1;
    if (buys ? projected < 0.0 : projected > 0.0) steps += fabs(projected);
    d.steps = buys ? steps : -steps;
  }
  b->last_target = NAN;
  return sld__request_place(b, &d, speaks_against(b, q, buys, row));
}

/* ---- Checks ---- */

/* Stops are finite or NaN, distances above 0, and not both are given. */
static int check_stop(sld__broker *b, const char *name, double price, const char *dist_name, double dist) {
  if (isinf(price)) return sld__request_refuse(b, name, price, "");
  if (!isnan(dist) && !(isfinite(dist) && dist > 0.0)) return sld__request_refuse(b, dist_name, dist, ", not above 0");
  if (!isnan(price) && !isnan(dist)) return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "both %s and %s are given", name, dist_name));
  return 0;
}

static int check_trail(sld__broker *b, const sld__request *q) {
  bool given = !isnan(q->trail);
  if (given && !(isfinite(q->trail) && (q->trail > 0.0 || (q->trail == 0.0 && !(isnan(q->trail_after) && isnan(q->trail_at)))))) return sld__request_refuse(b, "trail", q->trail, ", not above 0");
  if (!isnan(q->trail_after) && !(isfinite(q->trail_after) && q->trail_after >= 0.0)) return sld__request_refuse(b, "trail_after", q->trail_after, ", below 0");
  if (!isnan(q->trail_step) && !(isfinite(q->trail_step) && q->trail_step > 0.0)) return sld__request_refuse(b, "trail_step", q->trail_step, ", not above 0");
  if (isinf(q->trail_at)) return sld__request_refuse(b, "trail_at", q->trail_at, "");
  if (!isnan(q->trail_at) && !isnan(q->trail_after)) return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "both trail_at and trail_after are given"));
  if (!given && !isnan(q->trail_at)) return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "trail_at needs trail"));
  if (!given && (!isnan(q->trail_after) || !isnan(q->trail_step))) return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "trail_after and trail_step need trail"));
  return 0;
}

static int check_word(sld__broker *b, const char *what, const char *word) {
  if (!word || strlen(word) < SLD_NAME_SIZE) return 0;
  return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "%s is longer than %d bytes", what, SLD_NAME_SIZE - 1));
}

static int check(sld__broker *b, const sld__request *q) {
  if (check_stop(b, "sl", q->stop_loss, "sl_dist", q->stop_loss_dist)) return 1;
  if (check_stop(b, "tp", q->take_profit, "tp_dist", q->take_profit_dist)) return 1;
  if (isinf(q->limit)) return sld__request_refuse(b, "limit", q->limit, "");
  if (isinf(q->stop)) return sld__request_refuse(b, "stop", q->stop, "");
  if (q->expire < 0) return sld__request_refuse(b, "expire", (double)q->expire, ", not above 0");
  if (!isnan(q->rebalance) && !(isfinite(q->rebalance) && q->rebalance > 0.0)) return sld__request_refuse(b, "rebalance", q->rebalance, ", not above 0");
  return check_trail(b, q) || check_word(b, "id", q->name) || check_word(b, "of", q->of) || check_word(b, "tag", q->tag) || check_word(b, "oca", q->group);
}

int sld__broker_request(sld__broker *b, int64_t row, const sld__request *request) {
  if (decide_at(b, row) || check(b, request)) return 1;
  switch (request->kind) {
  case SLD__TARGET: return target(b, request, row);
  case SLD__BUY:
  case SLD__SELL: return purchase(b, request, row);
  case SLD__CLOSE: return sld__request_close(b, request, row);
  case SLD__EXIT: return sld__request_exit(b, request, row);
  case SLD__CANCEL: return sld__request_cancel(b, request);
  case SLD__MODIFY: return sld__request_modify(b, request, row);
  }
  return sld__broker_fail(b, sld__fail(&b->error, SLD_EINVAL, "no request of kind %d", (int)request->kind));
}

int sld__broker_target(sld__broker *b, int64_t row, double x) {
  sld__request request = SLD__REQUEST_INIT;
  request.value = x;
  return decide_at(b, row) ? 1 : target(b, &request, row);
}

enum { BLOCK = 16 };

/* Gathers in `any` the bits of four targets' differences from `last`: 0 where they are equal. */
static inline __attribute__((always_inline)) void differ(sld__four_bits *any, const double *targets, double last) {
  sld__four x;
  memcpy(&x, targets, sizeof x);
  *any |= (sld__four_bits)(last - x);
}

static inline __attribute__((always_inline)) bool all_repeat(const double *targets, double last) {
  sld__four_bits any = { 0, 0, 0, 0 };
  differ(&any, targets, last);
  differ(&any, targets + 4, last);
  differ(&any, targets + 8, last);
  differ(&any, targets + 12, last);
  return (any[0] | any[1] | any[2] | any[3]) == 0;
}

/* Sets in `changes` those of the bits given that stand for targets which are neither NaN nor the last one. */
static inline __attribute__((always_inline)) void change(sld__four_bits *changes, const double *targets, double last, const sld__four_bits *bits) {
  sld__four x, same = { last, last, last, last };
  memcpy(&x, targets, sizeof x);
  *changes |= (x != same) & (x == x) & *bits;
}

/* A bit for each of a block's targets that is neither NaN nor the last one. No branch: where the next change stands cannot be foreseen. */
static inline __attribute__((always_inline)) unsigned changes_of(const double *targets, double last) {
  sld__four_bits changes = { 0, 0, 0, 0 };
  const sld__four_bits bits[4] = { { 1, 2, 4, 8 }, { 1 << 4, 2 << 4, 4 << 4, 8 << 4 }, { 1 << 8, 2 << 8, 4 << 8, 8 << 8 }, { 1 << 12, 2 << 12, 4 << 12, 8 << 12 } };
  change(&changes, targets, last, &bits[0]);
  change(&changes, targets + 4, last, &bits[1]);
  change(&changes, targets + 8, last, &bits[2]);
  change(&changes, targets + 12, last, &bits[3]);
  return (unsigned)(changes[0] | changes[1] | changes[2] | changes[3]);
}

/* The first of targets[k..n) that is neither NaN nor the last one, or n. */
static SLD__WIDE size_t next_change(const double *targets, size_t k, size_t n, double last) {
  for (; k + BLOCK <= n; k += BLOCK) {
    if (all_repeat(targets + k, last)) continue;
    unsigned changes = changes_of(targets + k, last);
    if (changes) return k + (size_t)__builtin_ctz(changes);
  }
  while (k < n && (targets[k] == last || isnan(targets[k]))) k++;
  return k;
}

/* One change ahead, so that what it reads is there when its turn comes. */
int sld__broker_signal(sld__broker *b, const double *targets, int64_t row, size_t n) {
  sld__request request = SLD__REQUEST_INIT;
  size_t first = next_change(targets, 0, n, b->last_target);
  foresee(b, row + (int64_t)first + 1);
  for (size_t k = first, next; k < n; k = next) {
    if (isinf(targets[k])) {
      char at[40];
      if (decide_at(b, row + (int64_t)k)) return 1;
      sld_time_format(sld__row_close(b, row + (int64_t)k), at, sizeof at);
      return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "signal is %g at %s", targets[k], at));
    }
    next = next_change(targets, k + 1, n, targets[k]);
    foresee(b, row + (int64_t)next + 1);
    request.value = targets[k];
    if (decide_at(b, row + (int64_t)k) || target(b, &request, row + (int64_t)k)) return 1;
  }
  return n == 0 ? b->ended : sld__broker_advance(b, row + (int64_t)n - 1);
}
