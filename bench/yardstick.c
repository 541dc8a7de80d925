#include "yardstick.h"

#include <math.h>
#include "market/instrument.h"

/* Rows from one value of a running sum that is taken anew from its window to the next: indicator/window.c. */
static size_t life(size_t p) {
  return 15 * p + 1;
}

static double sum_of(const double *newest, size_t p) {
  double sum = 0;
  for (size_t k = p; k-- > 0;) sum += *(newest - k);
  return sum;
}

void mean_of(double *out, const double *x, size_t n, size_t p) {
  double sum = 0;
  for (size_t i = 0, age = 0; i < n; i++, age++) {
    if (i + 1 < p) {
      out[i] = (double)NAN;
      continue;
    }
    if (i + 1 == p || age == life(p)) {
      sum = sum_of(x + i, p);
      age = 0;
    } else {
      sum += x[i] - *(x + i - p);
    }
    out[i] = sum / (double)p;
  }
}

/* ---- C callback ---- */

/* The core's functions as a host's strategy would get them. */
typedef struct desk {
  int (*step)(sld__broker *broker);
  int (*target)(sld__broker *broker, int64_t row, double x);
} desk;

typedef struct crossing {
  const double *fast, *slow;
} crossing;

typedef void hook(void *self, const desk *d, sld__broker *broker);

static int step(sld__broker *broker) {
  return sld__broker_step(broker);
}

static void decide(void *self, const desk *d, sld__broker *broker) {
  const crossing *c = self;
  int64_t row = broker->now;
  double x = c->fast[row] > c->slow[row] ? 1.0 : -1.0;
  if (x != broker->last_target) d->target(broker, row, x);
}

static __attribute__((noinline)) void drive(sld__broker *broker, const desk *d, hook *bar, void *self) {
  while (!d->step(broker)) bar(self, d, broker);
}

void run_callback(sld__ledger *ledger, const bars *b, const costs *c, const double *fast, const double *slow, size_t first) {
  const sld__broker_config config = {
    .capital = c->capital, .spread = c->spread, .commission_frac = c->commission_frac, .leverage = 30.0, .fill = SLD_FILL_NEXT_OPEN, .side = SLD_MID,
    .instrument = *sld__instrument_find(NULL, "EURUSD"),
  };
  const sld__broker_bars view = {
    .time = b->time, .open = b->open, .high = b->high, .low = b->low, .close = b->close, .count = b->count, .first = first, .period_ns = b->period_ns, .rate = 1.0,
  };
  sld__broker broker;
  sld_error err;
  crossing self = { fast, slow };
  /* volatile: the compiler must not see which functions these are */
  desk *volatile known = &(desk){ step, sld__broker_target };
  hook *volatile bar = decide;
  sld_status status = sld__broker_start(&broker, &config, &view, ledger, &err);
  if (status == SLD_OK) {
    drive(&broker, known, bar, &self);
    status = sld__broker_finish(&broker, &err);
  }
  if (status == SLD_OK) return;
  fprintf(stderr, "C callback: %s\n", err.message);
  exit(2);
}

/* ---- C inlined ---- */

static brief *add_order(inlined *out) {
  if (out->order_count == out->order_capacity) {
    out->order_capacity = out->order_capacity ? out->order_capacity * 2 : 64;
    out->orders = realloc(out->orders, out->order_capacity * sizeof *out->orders);
    if (!out->orders) exit(2);
  }
  brief *order = &out->orders[out->order_count++];
  *order = (brief){ -1, -1, 0.0, (double)NAN, 0.0, 0.0 };
  return order;
}

/* Toward zero; within 1e-12 of the next whole number it is that: core/broker/request.c. */
static double whole(double units) {
  double toward_zero = (double)(int64_t)units;
  double next = toward_zero + (units < 0.0 ? -1.0 : 1.0);
  return fabs(next - units) <= fabs(units) * 1e-12 ? next : toward_zero;
}

void run_inlined(inlined *out, const bars *b, const costs *c, size_t fast, size_t slow) {
  const double *open = b->open, *close = b->close, half = 0.5 * c->spread;
  double *equity = out->equity;
  double cash = c->capital, realised = 0.0, spreads = 0.0, commissions = 0.0;
  double units = 0.0, reference = 0.0, entry_value = 0.0, offset = 0.0, last = (double)NAN, fast_sum = 0.0, slow_sum = 0.0;
  size_t fast_age = 0, slow_age = 0;
  brief *waiting = NULL;
  out->order_count = 0;
  for (size_t i = 0; i + 1 < slow; i++) equity[i] = c->capital;
  for (size_t i = slow - 1; i < b->count; i++, fast_age++, slow_age++) {
    if (waiting) {
      double size = fabs(waiting->units), left = units + waiting->units;
      waiting->fill_bar = (int64_t)i;
      waiting->price = open[i] + (waiting->units > 0.0 ? half : -half);
      waiting->spread_cost = size * half;
      waiting->commission = (c->commission_frac * size) * waiting->price;
      spreads += waiting->spread_cost;
      commissions += waiting->commission;
      realised += units * (open[i] - reference);
      units = left;
      reference = open[i];
      entry_value = units * reference;
      offset = units > 0.0 ? -half : half;
      cash = (c->capital + realised) - (spreads + commissions);
      waiting = NULL;
    }
    double value = cash + (units * (close[i] + offset) - entry_value);
    equity[i] = value;
    if (i + 1 == slow || fast_age == life(fast)) {
      /* The fast mean has had its first value slow - fast rows ago and was renewed from there on. */
      fast_age = i + 1 == slow ? (slow - fast) % life(fast) : 0;
      fast_sum = sum_of(close + i - fast_age, fast);
      for (size_t k = fast_age; k-- > 0;) fast_sum += close[i - k] - close[i - k - fast];
    } else {
      fast_sum += close[i] - close[i - fast];
    }
    if (i + 1 == slow || slow_age == life(slow)) {
      slow_age = 0;
      slow_sum = sum_of(close + i, slow);
    } else {
      slow_sum += close[i] - close[i - slow];
    }
    double x = fast_sum / (double)fast > slow_sum / (double)slow ? 1.0 : -1.0;
    if (x == last) continue;
    last = x;
    waiting = add_order(out);
    waiting->bar = (int64_t)i;
    waiting->units = whole(x * value / close[i]) - units;
  }
}
