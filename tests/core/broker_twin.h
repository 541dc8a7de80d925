/* The broker's slow twin: the rules of docs/fills.md written a second time, bar by bar, with nothing kept in sums.
 *
 * It must agree with the broker to the bit, so it follows the order of operations that broker.h states, and nothing else of it.
 */
#ifndef SLD_TEST_BROKER_TWIN_H
#define SLD_TEST_BROKER_TWIN_H

#include "broker_desk.h"

enum { TWIN_ROWS = 512, TWIN_RECORDS = 4096 };

typedef struct twin_lot {
  int64_t order, time, row;
  double steps, reference, price, costs, sl, tp;
} twin_lot;

typedef struct twin {
  const sld__broker_config *c;
  const sld__broker_bars *v;
  sld_order orders[TWIN_RECORDS];
  sld_trade trades[TWIN_RECORDS];
  twin_lot lots[TWIN_RECORDS];
  size_t order_count, trade_count, open_count, lot_count, rejected, exposure;
  double equity[TWIN_ROWS];
  double realised, rollover, spread, slippage, commission;
  size_t nights, stop_outs;
  double last_target;
  int64_t row;
  bool ruined;
} twin;

static inline double twin_position(const twin *t) {
  double steps = 0.0;
  for (size_t i = 0; i < t->lot_count; i++) steps += t->lots[i].steps;
  return steps;
}

static inline double twin_cash(const twin *t) {
  return ((t->c->capital + t->realised) + t->rollover) - ((t->spread + t->slippage) + t->commission);
}

/* A price in the data and the ask beside it, which data of one side do not have. */
typedef struct twin_price {
  double ref, ask;
} twin_price;

static inline twin_price twin_at(const twin *t, const double *column, const double *asks, int64_t row) {
  return (twin_price){ column[row], t->c->side == SLD_BOTH ? asks[row] : NAN };
}

static inline twin_price twin_close(const twin *t, int64_t row) {
  return twin_at(t, t->v->close, t->v->ask_close, row);
}

static inline double twin_bid(const twin *t, twin_price p) {
  return t->c->side == SLD_MID ? p.ref - t->c->spread / 2.0 : p.ref;
}

static inline double twin_ask(const twin *t, twin_price p) {
  return t->c->side == SLD_BOTH ? p.ask : t->c->side == SLD_BID ? p.ref + t->c->spread : p.ref + t->c->spread / 2.0;
}

static inline double twin_fill_rate(const twin *t, int64_t row) {
  return t->v->rate_fill ? t->v->rate_fill[row] : t->v->rate;
}

static inline double twin_mark_rate(const twin *t, int64_t row) {
  return t->v->rate_mark ? t->v->rate_mark[row] : t->v->rate;
}

static inline double twin_worth(const twin *t, twin_price p, double rate) {
  double steps = twin_position(t), value = 0.0;
  if (steps == 0.0) return twin_cash(t);
  for (size_t i = 0; i < t->lot_count; i++) value += (t->lots[i].steps * t->c->instrument.step) * t->lots[i].reference;
  double side = steps > 0.0 ? twin_bid(t, p) : twin_ask(t, p);
  return twin_cash(t) + ((steps * t->c->instrument.step) * side - value) * rate;
}

static inline sld_order *twin_order(twin *t, sld_order_kind kind, int64_t time, double steps) {
  sld_order *o = &t->orders[t->order_count++];
  memset(o, 0, sizeof *o);
  o->id = (int64_t)t->order_count;
  o->time = time;
  o->bar = t->v->origin + t->row;
  o->fill_bar = -1;
  o->size = NAN;
  o->kind = kind;
  o->units = steps * t->c->instrument.step;
  o->target = o->stop_loss = o->take_profit = o->stop_loss_dist = o->take_profit_dist = o->price = o->reference = NAN;
  return o;
}

static inline sld_trade *twin_trade(twin *t, const twin_lot *lot, double steps, int64_t time, sld_exit why) {
  sld_trade *x = &t->trades[t->trade_count + t->open_count];
  memset(x, 0, sizeof *x);
  x->entry_order = lot->order;
  x->entry_time = lot->time;
  x->exit_time = time;
  x->entry_bar = t->v->origin + lot->row;
  x->exit_bar = t->v->origin + t->row;
  x->exit = why;
  x->units = steps * t->c->instrument.step;
  x->entry_price = lot->price;
  return x;
}

/* Deals an order at `side`; lots are closed from `from` on, at most `limit` of them. */
static inline void twin_deal(twin *t, sld_order *o, double steps, int64_t time, double ref, double side, double slip, double rate, sld_exit why, size_t from, size_t limit) {
  double size = fabs(o->units), spread = t->c->side == SLD_MID ? t->c->spread / 2.0 : (steps > 0.0 ? t->c->spread : 0.0);
  if (t->c->side == SLD_BOTH) spread = side - ref;
  o->state = SLD_ORDER_FILLED;
  o->fill_time = time;
  o->fill_bar = t->v->origin + t->row;
  o->reference = ref;
  o->price = steps > 0.0 ? side + slip : side - slip;
  o->filled = o->units;
  t->spread += o->spread_cost = size * spread * rate;
  t->slippage += o->slippage_cost = size * slip * rate;
  t->commission += o->commission = t->c->commission_frac * size * o->price * rate + t->c->commission_per_lot * (size / t->c->instrument.lot);
  double all = o->spread_cost + o->slippage_cost + o->commission, rest = all, open = steps;
  for (size_t n = 0; n < limit && open != 0.0 && t->lot_count > from && t->lots[from].steps * open < 0.0; n++) {
    twin_lot *lot = &t->lots[from];
    double cut = fabs(lot->steps) <= fabs(open) ? lot->steps : -open;
    double in = cut == lot->steps ? lot->costs : lot->costs * (cut / lot->steps);
    double out = cut == -open ? rest : all * fabs(cut / steps);
    sld_trade *x = twin_trade(t, lot, cut, time, why);
    t->trade_count++;
    x->exit_order = o->id;
    x->exit_price = o->price;
    x->gross = x->units * (ref - lot->reference) * rate;
    x->costs = in + out;
    x->net = x->gross - x->costs;
    t->realised += x->gross;
    rest -= out;
    open += cut;
    lot->steps -= cut;
    lot->costs -= in;
    if (lot->steps == 0.0) memmove(lot, lot + 1, (--t->lot_count - from) * sizeof *lot);
  }
  if (open != 0.0 || (o->kind == SLD_ORDER_TARGET)) {
    double sign = twin_position(t) + open > 0.0 ? 1.0 : -1.0;
    if (o->stop_loss_dist > 0.0) o->stop_loss = o->price - sign * o->stop_loss_dist;
    if (o->take_profit_dist > 0.0) o->take_profit = o->price + sign * o->take_profit_dist;
  }
  if (open != 0.0) t->lots[t->lot_count++] = (twin_lot){ o->id, time, t->row, open, ref, o->price, rest, o->stop_loss, o->take_profit };
  if (o->kind == SLD_ORDER_TARGET && (o->stop_loss == o->stop_loss || o->take_profit == o->take_profit))
    for (size_t i = 0; i < t->lot_count; i++) {
      t->lots[i].sl = o->stop_loss;
      t->lots[i].tp = o->take_profit;
    }
}

static inline void twin_reject(twin *t, sld_order *o, sld_reason why) {
  o->state = SLD_ORDER_REJECTED;
  o->reason = why;
  t->rejected++;
}

static inline void twin_market(twin *t, sld_order *o, int64_t time, twin_price p, double rate, sld_exit why) {
  double steps = round(o->units / t->c->instrument.step), before = twin_position(t), after = before + steps;
  bool grows = fabs(after) > fabs(before) || after * before < 0.0;
  if (grows && !(fabs(after * t->c->instrument.step) * p.ref * rate <= t->c->leverage * twin_worth(t, p, rate)))
    twin_reject(t, o, SLD_REASON_LEVERAGE);
  else
    twin_deal(t, o, steps, time, p.ref, steps > 0.0 ? twin_ask(t, p) : twin_bid(t, p), t->c->slippage, rate, why, 0, SIZE_MAX);
}

/* Pass 0: what the open has passed; 1: stop losses inside the bar; 2: take profits inside the bar. */
static inline void twin_stops(twin *t, int pass) {
  const sld__broker_bars *v = t->v;
  int64_t r = t->row;
  for (size_t i = 0; i < t->lot_count;) {
    twin_lot *lot = &t->lots[i];
    bool is_long = lot->steps > 0.0, bid = t->c->side == SLD_BID;
    double (*on)(const twin *, twin_price) = is_long ? twin_bid : twin_ask;
    double o = on(t, twin_at(t, v->open, v->ask_open, r)), h = on(t, twin_at(t, v->high, v->ask_high, r)), l = on(t, twin_at(t, v->low, v->ask_low, r));
    double side = NAN, ref = v->open[r];
    bool loss = is_long ? (pass ? l : o) <= lot->sl : (pass ? h : o) >= lot->sl, gain = is_long ? (pass ? h : o) >= lot->tp : (pass ? l : o) <= lot->tp;
    if (pass == 1) gain = false;
    if (pass == 2) loss = false;
    if (!loss && !gain) {
      i++;
      continue;
    }
    sld_exit why = loss ? SLD_EXIT_STOP_LOSS : SLD_EXIT_TAKE_PROFIT;
    side = pass == 0 ? o : loss ? lot->sl : lot->tp;
    if (pass && t->c->side == SLD_BOTH) ref = is_long ? side : loss ? side - (v->ask_high[r] - v->high[r]) : side - (v->ask_low[r] - v->low[r]);
    else if (pass) ref = is_long ? (bid ? side : side + t->c->spread / 2.0) : side - (bid ? t->c->spread : t->c->spread / 2.0);
    sld_order *order = twin_order(t, loss ? SLD_ORDER_STOP_LOSS : SLD_ORDER_TAKE_PROFIT, v->time[r], -lot->steps);
    order->reduce_only = true;
    order->parent = lot->order;
    twin_deal(t, order, -lot->steps, v->time[r], ref, side, loss ? t->c->slippage : 0.0, twin_fill_rate(t, r), why, i, 1);
  }
}

/* The rolls of this row before its open, or inside it, on units held. */
static inline void twin_roll(twin *t, bool inside, double held) {
  for (size_t i = 0; i < t->v->roll_count && held != 0.0; i++) {
    const sld__roll *roll = &t->v->rolls[i];
    if (roll->row != t->row || roll->inside != inside) continue;
    t->rollover += fabs(held) * (held > 0.0 ? roll->longs : roll->shorts) / roll->scale * twin_fill_rate(t, t->row);
    t->nights++;
  }
}

/* Closes the lots that lose most for as long as equity does not bear the position. */
static inline void twin_margin(twin *t, int64_t time, twin_price p, double rate) {
  double step = t->c->instrument.step;
  while (t->c->stop_out > 0.0 && t->lot_count > 0 && t->c->leverage * twin_worth(t, p, rate) < t->c->stop_out * (fabs(twin_position(t) * step) * p.ref * rate)) {
    size_t worst = 0;
    double least = INFINITY;
    for (size_t i = 0; i < t->lot_count; i++) {
      double side = t->lots[i].steps > 0.0 ? twin_bid(t, p) : twin_ask(t, p), made = t->lots[i].steps * step * (side - t->lots[i].price) * rate;
      if (made < least) least = made, worst = i;
    }
    double steps = -t->lots[worst].steps;
    sld_order *order = twin_order(t, SLD_ORDER_STOP_OUT, time, steps);
    order->reduce_only = true;
    order->parent = t->lots[worst].order;
    t->stop_outs++;
    twin_deal(t, order, steps, time, p.ref, steps > 0.0 ? twin_ask(t, p) : twin_bid(t, p), t->c->slippage, rate, SLD_EXIT_STOP_OUT, worst, 1);
  }
}

static inline void twin_mark(twin *t) {
  t->equity[t->row] = twin_worth(t, twin_close(t, t->row), twin_mark_rate(t, t->row));
  if (t->equity[t->row] <= 0.0) t->ruined = true;
}

/* Brings the twin to the close of its next row. */
static inline void twin_next(twin *t) {
  if (t->ruined) return;
  int64_t r = ++t->row;
  if (r > (int64_t)t->v->first && twin_position(t) != 0.0) t->exposure++; /* of the row that the decisions have just left */
  double step = t->c->instrument.step;
  twin_price open = twin_at(t, t->v->open, t->v->ask_open, r);
  twin_roll(t, false, twin_position(t) * step);
  for (size_t i = 0; i < t->order_count; i++)
    if (t->orders[i].state == SLD_ORDER_PENDING) twin_market(t, &t->orders[i], t->v->time[r], open, twin_fill_rate(t, r), SLD_EXIT_ORDER);
  twin_stops(t, 0);
  twin_margin(t, t->v->time[r], open, twin_fill_rate(t, r));
  double held = twin_position(t) * step;
  for (int pass = 1; pass < 3; pass++) twin_stops(t, pass);
  twin_roll(t, true, held);
  twin_margin(t, t->v->time[r] + t->v->period_ns, twin_close(t, r), twin_mark_rate(t, r));
  twin_mark(t);
}

static inline double twin_steps(double units, double step) {
  double q = units / step, up = trunc(q) + (q < 0.0 ? -1.0 : 1.0);
  if (fabs(q) >= 9007199254740992.0) return q;
  return fabs(up - q) <= 1e-12 * fabs(q) ? up : trunc(q) + 0.0;
}

static inline void twin_request(twin *t, const sld__request *q) {
  if (t->ruined) return;
  int64_t r = t->row;
  double close = t->v->close[r], rate = twin_mark_rate(t, r), step = t->c->instrument.step, held = twin_position(t), steps = 0.0;
  double worth = t->equity[r], bid = twin_bid(t, twin_close(t, r)), ask = twin_ask(t, twin_close(t, r));
  int way = 0;
  if (q->kind == SLD__TARGET) {
    if (q->value == t->last_target) return;
    double wanted = q->value == 0.0 ? 0.0 : twin_steps(q->value * worth / (close * rate), step);
    steps = wanted - held;
    way = q->value > 0.0 ? 1 : q->value < 0.0 ? -1 : 0;
  } else if (q->kind == SLD__CLOSE) {
    steps = -held;
  } else {
    double distance = isnan(q->stop_loss) ? q->stop_loss_dist : fabs(close - q->stop_loss);
    double units = q->quantity == SLD_UNITS ? q->value : q->quantity == SLD_LOTS ? q->value * t->c->instrument.lot : q->quantity == SLD_FRACTION ? q->value * worth / (close * rate) : q->value * worth / (distance * rate);
    way = q->kind == SLD__BUY ? 1 : -1;
    steps = way * twin_steps(units, step) + 0.0;
  }
  t->last_target = q->kind == SLD__TARGET ? q->value : NAN;
  if (q->kind == SLD__TARGET || q->kind == SLD__CLOSE)
    for (size_t i = 0; i < t->order_count; i++)
      if (t->orders[i].state == SLD_ORDER_PENDING) t->orders[i].state = SLD_ORDER_CANCELLED, t->orders[i].reason = SLD_REASON_REPLACED;
  if (steps == 0.0 && (q->kind == SLD__CLOSE || (q->kind == SLD__TARGET && (held != 0.0 || q->value == 0.0)))) return;
  sld_order *o = twin_order(t, q->kind == SLD__TARGET ? SLD_ORDER_TARGET : q->kind == SLD__CLOSE ? SLD_ORDER_CLOSE : SLD_ORDER_MARKET, t->v->time[r] + t->v->period_ns, steps);
  o->reduce_only = q->kind == SLD__CLOSE;
  if (q->kind == SLD__TARGET) o->target = q->value;
  o->quantity = q->kind == SLD__TARGET ? SLD_FRACTION : q->quantity;
  o->size = q->value;
  o->stop_loss = q->stop_loss;
  o->take_profit = q->take_profit;
  o->stop_loss_dist = q->stop_loss_dist;
  o->take_profit_dist = q->take_profit_dist;
  bool leaves = held != 0.0 && (held + steps) * held <= 0.0;
  if ((way > 0 && (q->stop_loss >= bid || q->take_profit <= bid)) || (way < 0 && (q->stop_loss <= ask || q->take_profit >= ask)))
    twin_reject(t, o, SLD_REASON_STOP_SIDE);
  else if (!leaves && (steps == 0.0 || fabs(o->units) < t->c->instrument.min_size))
    twin_reject(t, o, SLD_REASON_MIN_SIZE);
  else if (t->c->fill == SLD_FILL_CLOSE) {
    twin_market(t, o, o->time, twin_close(t, r), rate, SLD_EXIT_ORDER);
    twin_mark(t);
  }
}

static inline void twin_finish(twin *t) {
  int64_t r = t->row;
  if (!t->ruined) {
    for (size_t i = 0; i < t->order_count; i++)
      if (t->orders[i].state == SLD_ORDER_PENDING) t->orders[i].state = SLD_ORDER_EXPIRED, t->orders[i].reason = SLD_REASON_END_OF_DATA;
    if (t->c->close_at_end && twin_position(t) != 0.0) {
      sld_order *o = twin_order(t, SLD_ORDER_END_OF_DATA, t->v->time[r] + t->v->period_ns, -twin_position(t));
      o->reduce_only = true;
      twin_market(t, o, o->time, twin_close(t, r), twin_mark_rate(t, r), SLD_EXIT_END_OF_DATA);
      twin_mark(t);
    }
  }
  if (t->ruined)
    for (size_t i = 0; i < t->order_count; i++)
      if (t->orders[i].state == SLD_ORDER_PENDING) t->orders[i].state = SLD_ORDER_CANCELLED, t->orders[i].reason = SLD_REASON_RUINED;
  if (twin_position(t) != 0.0) t->exposure++;
  for (size_t i = 0; i < t->lot_count; i++) {
    const twin_lot *lot = &t->lots[i];
    sld_trade *x = twin_trade(t, lot, lot->steps, t->v->time[r] + t->v->period_ns, SLD_EXIT_OPEN);
    t->open_count++;
    double side = lot->steps > 0.0 ? twin_bid(t, twin_close(t, r)) : twin_ask(t, twin_close(t, r));
    x->exit_price = side;
    x->costs = lot->costs;
    x->gross = x->units * (side - lot->reference) * twin_mark_rate(t, r);
    x->net = x->gross - x->costs;
  }
  for (size_t i = 0; i < t->v->count; i++) {
    if (i < t->v->first) t->equity[i] = t->c->capital;
    if ((int64_t)i > r) t->equity[i] = t->equity[r];
  }
}

static inline void twin_start(twin *t, const sld__broker_config *c, const sld__broker_bars *v) {
  memset(t, 0, sizeof *t);
  t->c = c;
  t->v = v;
  t->row = (int64_t)v->first - 1;
  t->last_target = NAN;
}

#endif
