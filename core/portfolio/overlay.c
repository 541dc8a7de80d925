#include "portfolio/overlay.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/sum.h"
#include "base/time.h"
#include "metrics/moments.h"

enum { WINDOW = SLD__OVERLAY_WINDOW };

static const int64_t longest_silence = 10 * SLD__NS_PER_DAY;

/* What is known of a sleeve as of the current row. */
typedef struct seat {
  size_t cursor;  /* points so far */
  double level;   /* equity */
  double change;  /* its return on the current row */
  double weight;
  double next;    /* weight to be */
  size_t days;    /* samples since its first point */
  double returns[WINDOW]; /* of the last samples, oldest first; the last `days` of them are meant */
  double sampled; /* level at the last sample */
} seat;

typedef struct overlay {
  const sld__overlay_input *in;
  seat *seats;
  size_t sample;  /* samples so far */
  int64_t month;
  double equity;
  struct sld__sum costs;
} overlay;

/* ---- Returns ---- */

static void step_sleeve(seat *s, const sld__curve *curve, int64_t time) {
  double before = s->level;
  while (s->cursor < curve->count && curve->time[s->cursor] == time) s->level = curve->equity[s->cursor++];
  s->change = before > 0.0 ? s->level / before - 1.0 : 0.0;
}

/* Steps every sleeve to the row and returns the portfolio's return before costs. */
static double step(overlay *o, size_t row) {
  struct sld__sum gross = { 0 };
  for (size_t i = 0; i < o->in->count; i++) {
    seat *s = &o->seats[i];
    step_sleeve(s, &o->in->sleeves[i].curve, o->in->clock[row]);
    sld__sum_add(&gross, s->weight * s->change);
  }
  return sld__sum_value(&gross);
}

static void drift(overlay *o, double gross) {
  for (size_t i = 0; i < o->in->count; i++) {
    seat *s = &o->seats[i];
    s->weight = s->level > 0.0 ? s->weight * (1.0 + s->change) / (1.0 + gross) : 0.0; /* a ruined sleeve's loss is taken, nothing is left of it */
  }
}

static void take_sample(overlay *o) {
  for (size_t i = 0; i < o->in->count; i++) {
    seat *s = &o->seats[i];
    memmove(s->returns, s->returns + 1, (WINDOW - 1) * sizeof *s->returns);
    s->returns[WINDOW - 1] = s->level / s->sampled - 1.0;
    s->sampled = s->level;
    s->days += s->cursor > 0;
  }
  o->sample++;
}

/* ---- Rules ---- */

static bool present(const overlay *o, size_t i, size_t row) {
  const seat *s = &o->seats[i];
  return s->cursor > 0 && s->level > 0.0 && o->in->clock[row] - o->in->sleeves[i].curve.time[s->cursor - 1] <= longest_silence;
}

static double deviation(const double *returns) {
  sld__moments m = sld__moments_of(returns, WINDOW);
  return sld__deviation(&m, 1);
}

/* Makes the weights to be proportional to what stands there, so that they sum to 1; nothing stays nothing. */
static void normalise(overlay *o) {
  struct sld__sum sum = { 0 };
  for (size_t i = 0; i < o->in->count; i++) sld__sum_add(&sum, o->seats[i].next);
  double total = sld__sum_value(&sum);
  for (size_t i = 0; total > 0.0 && i < o->in->count; i++) o->seats[i].next /= total;
}

static void weigh_equally(overlay *o, size_t row) {
  for (size_t i = 0; i < o->in->count; i++) o->seats[i].next = present(o, i, row) ? 1.0 : 0.0;
  normalise(o);
}

static void weigh_by_inverse_vol(overlay *o, size_t row) {
  for (size_t i = 0; i < o->in->count; i++) {
    seat *s = &o->seats[i];
    double s_i = present(o, i, row) && s->days >= WINDOW ? deviation(s->returns) : 0.0;
    s->next = s_i > 0.0 ? 1.0 / s_i : 0.0;
  }
  normalise(o);
}

/* Scales the weights to be. */
static void target_vol(overlay *o) {
  double together[WINDOW];
  for (size_t k = 0; k < WINDOW; k++) {
    struct sld__sum sum = { 0 };
    for (size_t i = 0; i < o->in->count; i++)
      if (o->seats[i].next > 0.0) sld__sum_add(&sum, o->seats[i].next * o->seats[i].returns[k]);
    together[k] = sld__sum_value(&sum);
  }
  double scale = o->in->vol_target / (deviation(together) * sqrt(o->in->periods_per_year));
  if (!(scale <= o->in->max_leverage)) scale = o->in->max_leverage;
  for (size_t i = 0; i < o->in->count; i++) o->seats[i].next *= scale;
}

/* Signed units that a sleeve holds after point p. */
static double units_after(const sld__overlay_sleeve *sleeve, size_t p) {
  int64_t bar = sleeve->first_bar + (int64_t)p;
  double units = 0.0;
  for (size_t i = 0; i < sleeve->trade_count; i++) {
    const sld_trade *t = &sleeve->trades[i];
    if (t->entry_bar <= bar && (t->exit == SLD_EXIT_OPEN || t->exit_bar > bar)) units += t->units;
  }
  return units;
}

/* What dealing in a sleeve's whole position costs now, as a fraction of its equity. */
static double cost_of(const sld__overlay_sleeve *sleeve, const seat *s) {
  if (s->cursor == 0) return 0.0;
  size_t p = s->cursor - 1;
  double units = fabs(units_after(sleeve, p));
  if (units == 0.0) return 0.0;
  double rate = sleeve->rate ? sleeve->rate[p] : sleeve->constant_rate;
  double spread = sleeve->ask ? sleeve->ask[p] - sleeve->close[p] : 0.0;
  double one = (sleeve->cost_price + 0.5 * spread + sleeve->cost_frac * sleeve->close[p]) * rate + sleeve->cost_unit;
  return units * one / s->level;
}

/* New weights; returns the cost of the change as a fraction of equity. */
static double rebalance(overlay *o, size_t row) {
  if (o->in->rule == SLD_EQUAL) weigh_equally(o, row);
  else weigh_by_inverse_vol(o, row);
  if (o->in->rule == SLD_VOL_TARGET) target_vol(o);
  struct sld__sum cost = { 0 };
  for (size_t i = 0; i < o->in->count; i++) {
    seat *s = &o->seats[i];
    if (s->next != s->weight) sld__sum_add(&cost, fabs(s->next - s->weight) * cost_of(&o->in->sleeves[i], s));
    s->weight = s->next;
  }
  return sld__sum_value(&cost);
}

/* ---- Rows ---- */

/* Months since year 0 by UTC. A close at midnight belongs to the day that it ends. */
static int64_t month_of(int64_t close_time) {
  struct sld__civil civil;
  sld__civil_from_days(&civil, sld__floor_div(close_time - 1, SLD__NS_PER_DAY));
  return civil.year * 12 + civil.month;
}

static void run_row(overlay *o, size_t row) {
  double gross = step(o, row);
  o->equity *= 1.0 + gross;
  if (!(o->equity > 0.0)) {
    for (size_t i = 0; i < o->in->count; i++) o->seats[i].weight = 0.0;
    return;
  }
  drift(o, gross);
  int64_t month = month_of(o->in->clock[row]);
  if (row == 0 || month != o->month) {
    double cost = rebalance(o, row) * o->equity;
    sld__sum_add(&o->costs, cost);
    o->equity -= cost;
  }
  o->month = month;
  if (o->sample < o->in->sample_count && o->in->sample_rows[o->sample] == row) take_sample(o);
}

sld_status sld__overlay_run(const sld_allocator *alloc, const sld__overlay_input *in, double *equity, double *weights, double *costs, sld_error *err) {
  overlay o = { .in = in, .equity = in->capital };
  o.seats = sld__alloc_zero(alloc, in->count, sizeof *o.seats);
  if (!o.seats) return sld__fail_memory(err);
  for (size_t i = 0; i < in->count; i++) o.seats[i].level = o.seats[i].sampled = in->sleeves[i].curve.capital;
  for (size_t row = 0; row < in->rows; row++) {
    if (o.equity > 0.0) run_row(&o, row);
    equity[row] = o.equity;
    for (size_t i = 0; i < in->count; i++) weights[row * in->columns + in->sleeves[i].column] = o.seats[i].weight;
  }
  *costs = sld__sum_value(&o.costs);
  sld__free(alloc, o.seats);
  return SLD_OK;
}
