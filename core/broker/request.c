/* Requests: from what a script asks for to an order of a fixed size. */
#include <string.h>

#include "base/error.h"
#include "base/wide.h"
#include "broker/account.h"
#include "broker/broker.h"
#include "broker/fill.h"
#include "broker/mark.h"

/* Brings the account to the close of the row that decides. */
static int decide_at(sld__broker *b, int64_t row) {
  if (b->ended) return 1;
  if (row < b->now || row < (int64_t)b->bars.first || row > b->last)
    return sld__broker_fail(b, sld__fail(&b->error, SLD_EINVAL, "row %lld cannot decide: the account stands at row %lld of %lld..%lld", (long long)row, (long long)b->now, (long long)b->bars.first, (long long)b->last));
  return sld__broker_advance(b, row);
}

static int refuse(sld__broker *b, const char *what, double value, const char *why) {
  if (isnan(value)) return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "%s is NaN", what)); /* printf might say "-nan" */
  return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "%s is %g%s", what, value, why));
}

/* A size in whole steps, toward zero. Within 1e-12 of the next whole step it is that step: 0.29 lots of 100,000 are 29,000 units, and
 * 0.29 * 100000 is not. At 2^53 steps and beyond sizes do not add up exactly any more; such a size is returned as it is. */
static double whole_steps(double units, double step) {
  double steps = units / step;
  if (!(fabs(steps) < 0x1p53)) return steps;
  double toward_zero = (double)(int64_t)steps;
  double next = toward_zero + (steps < 0.0 ? -1.0 : 1.0);
  return fabs(next - steps) <= fabs(steps) * 1e-12 ? next : toward_zero;
}

/* An order that empties or turns the position is never too small. */
static bool too_small(const sld__broker *b, double steps) {
  if (b->steps != 0.0 && (b->steps + steps) * b->steps <= 0.0) return false;
  return steps == 0.0 || fabs(steps * b->config.instrument.step) < b->config.instrument.min_size;
}

/* Whether the market at this close has passed a stop already. `way` is the sign of what the stops protect, 0: nothing. */
static bool wrong_side(const sld__broker *b, const sld__request *request, int way, int64_t row) {
  if (way == 0) return false;
  double side = b->close[row] + (way > 0 ? b->bid_offset : b->ask_offset);
  if (way > 0) return request->stop_loss >= side || request->take_profit <= side;
  return request->stop_loss <= side || request->take_profit >= side;
}

/* Deals or queues an order that nothing speaks against. */
static int send(sld__broker *b, sld_order *order, int64_t row) {
  if (b->config.fill == SLD_FILL_CLOSE) {
    if (sld__fill_at_close(b, order, row, SLD_EXIT_ORDER)) return 1;
    return sld__mark_settle(b, row, row);
  }
  if (b->pending_count++ == 0) b->pending_first = (size_t)order->id - 1;
  b->busy = 1;
  if (row < b->last) { /* what the fill will read, and nothing before it does */
    __builtin_prefetch(&b->bars.open[row + 1]);
    __builtin_prefetch(&b->bars.time[row + 1]);
    if (b->bars.rate_fill) __builtin_prefetch(&b->bars.rate_fill[row + 1]);
  }
  return 0;
}

/* Records an order of `steps` and sends it; `way` is the sign of what its stops protect. */
static int place(sld__broker *b, const sld__request *request, int64_t row, double steps, int way) {
  sld_order *order = sld__ledger_add_order(b->ledger);
  if (!order) return sld__broker_fail(b, sld__fail_memory(&b->error));
  bool targets = request->kind == SLD__TARGET;
  order->bar = b->bars.origin + row; /* and from it the time, when the ledger is completed */
  order->kind = targets ? SLD_ORDER_TARGET : SLD_ORDER_MARKET;
  order->reduce_only = request->kind == SLD__CLOSE;
  if (targets) order->target = request->value + 0.0;
  order->units = steps * b->config.instrument.step + 0.0; /* no negative zero */
  order->stop_loss = request->stop_loss;
  order->take_profit = request->take_profit;
  order->stop_loss_dist = request->stop_loss_dist;
  order->take_profit_dist = request->take_profit_dist;
  sld_reason reason = SLD_REASON_NONE;
  if (wrong_side(b, request, way, row))
    reason = SLD_REASON_STOP_SIDE;
  else if (too_small(b, steps))
    reason = SLD_REASON_MIN_SIZE;
  else if (!(fabs(steps) < 0x1p53))
    reason = SLD_REASON_LEVERAGE;
  if (reason == SLD_REASON_NONE) return send(b, order, row);
  sld__fill_reject(b, order, reason);
  return 0;
}

/* Units that are worth `fraction` equities, or lose as much over `distance` of price; NaN after a failure. */
static double units_of_equity(sld__broker *b, double fraction, double distance, int64_t row) {
  double rate = b->rate_mark ? b->rate_mark[row] : b->rate;
  if (!(rate > 0.0)) {
    sld__broker_no_rate(b, b->bars.time[row] + b->bars.period_ns);
    return NAN;
  }
  return (fraction * b->equity) / (distance * rate);
}

/* Whether the same x is to size an open position again. Nothing is sized that stops have closed. */
static bool keeps_size(const sld__broker *b, const sld__request *request, int64_t row) {
  if (isnan(request->rebalance) || b->position == 0.0) return true;
  double rate = b->rate_mark ? b->rate_mark[row] : b->rate;
  double exposure = b->position * b->close[row] * rate / b->equity;
  return !(fabs(exposure - request->value) > request->rebalance * fabs(request->value));
}

static int target(sld__broker *b, const sld__request *request, int64_t row) {
  double x = request->value, wanted = 0.0;
  if (x == b->last_target && keeps_size(b, request, row)) return 0;
  if (!isfinite(x)) return refuse(b, "target", x, "");
  if (x != 0.0) {
    double units = units_of_equity(b, x, b->close[row], row);
    if (b->ended) return 1;
    wanted = whole_steps(units, b->config.instrument.step);
  }
  b->last_target = x;
  sld__fill_drop_waiting(b, SLD_ORDER_CANCELLED, SLD_REASON_REPLACED);
  double steps = wanted - b->steps;
  /* Nothing to do, unless something was asked for and is too small to be had. */
  if (steps == 0.0 && (wanted != 0.0 || x == 0.0)) return 0;
  return place(b, request, row, steps, (x > 0.0) - (x < 0.0));
}

static int purchase(sld__broker *b, const sld__request *request, int64_t row) {
  static const char *const names[] = { "units", "lots", "fraction", "risk" };
  double value = request->value, units = value;
  if (!(isfinite(value) && value > 0.0)) return refuse(b, names[request->quantity], value, ", not above 0");
  double price = b->close[row];
  double distance = isnan(request->stop_loss) ? request->stop_loss_dist : fabs(price - request->stop_loss);
  switch (request->quantity) {
  case SLD__UNITS: break;
  case SLD__LOTS: units = value * b->config.instrument.lot; break;
  case SLD__FRACTION: units = units_of_equity(b, value, price, row); break;
  case SLD__RISK:
    if (isnan(distance)) return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "risk needs sl or sl_dist"));
    units = units_of_equity(b, value, distance, row);
    break;
  }
  if (b->ended) return 1;
  double steps = whole_steps(units, b->config.instrument.step);
  b->last_target = NAN;
  return request->kind == SLD__BUY ? place(b, request, row, steps, 1) : place(b, request, row, -steps, -1);
}

static int close_all(sld__broker *b, const sld__request *request, int64_t row) {
  b->last_target = NAN;
  sld__fill_drop_waiting(b, SLD_ORDER_CANCELLED, SLD_REASON_REPLACED);
  return b->steps == 0.0 ? 0 : place(b, request, row, -b->steps, 0);
}

/* Stops are finite or NaN, distances above 0, and not both are given. */
static int check_stop(sld__broker *b, const char *name, double price, const char *dist_name, double dist) {
  if (isinf(price)) return refuse(b, name, price, "");
  if (!isnan(dist) && !(isfinite(dist) && dist > 0.0)) return refuse(b, dist_name, dist, ", not above 0");
  if (!isnan(price) && !isnan(dist)) return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "both %s and %s are given", name, dist_name));
  return 0;
}

int sld__broker_request(sld__broker *b, int64_t row, const sld__request *request) {
  if (decide_at(b, row)) return 1;
  if (check_stop(b, "sl", request->stop_loss, "sl_dist", request->stop_loss_dist)) return 1;
  if (check_stop(b, "tp", request->take_profit, "tp_dist", request->take_profit_dist)) return 1;
  if (!isnan(request->rebalance) && !(isfinite(request->rebalance) && request->rebalance > 0.0)) return refuse(b, "rebalance", request->rebalance, ", not above 0");
  switch (request->kind) {
  case SLD__TARGET: return target(b, request, row);
  case SLD__BUY:
  case SLD__SELL: return purchase(b, request, row);
  case SLD__CLOSE: return close_all(b, request, row);
  }
  return sld__broker_fail(b, sld__fail(&b->error, SLD_EINVAL, "no request of kind %d", (int)request->kind));
}

int sld__broker_target(sld__broker *b, int64_t row, double x) {
  sld__request request = SLD__REQUEST_INIT;
  request.value = x;
  return decide_at(b, row) ? 1 : target(b, &request, row);
}

/* Whether four targets are all equal to `last`: then their differences are 0 to the bit. */
static inline __attribute__((always_inline)) bool all_repeat(const double *targets, double last) {
  sld__four x;
  memcpy(&x, targets, sizeof x);
  sld__four_bits any = (sld__four_bits)(x - last);
  return (any[0] | any[1] | any[2] | any[3]) == 0;
}

/* The first of targets[k..n) that is neither NaN nor the last one, or n. */
static SLD__WIDE size_t next_change(const double *targets, size_t k, size_t n, double last) {
  for (;;) {
    while (k + 4 <= n && all_repeat(targets + k, last)) k += 4;
    for (size_t end = k + 4 < n ? k + 4 : n; k < end; k++)
      if (targets[k] != last && !isnan(targets[k])) return k;
    if (k == n) return n;
  }
}

int sld__broker_signal(sld__broker *b, const double *targets, int64_t row, size_t n) {
  for (size_t k = next_change(targets, 0, n, b->last_target); k < n; k = next_change(targets, k + 1, n, b->last_target)) {
    if (isinf(targets[k])) {
      char at[40];
      if (decide_at(b, row + (int64_t)k)) return 1;
      sld_time_format(b->bars.time[row + (int64_t)k] + b->bars.period_ns, at, sizeof at);
      return sld__broker_fail(b, sld__fail(&b->error, SLD_EVALUE, "signal is %g at %s", targets[k], at));
    }
    if (sld__broker_target(b, row + (int64_t)k, targets[k])) return 1;
  }
  return n == 0 ? b->ended : sld__broker_advance(b, row + (int64_t)n - 1);
}
