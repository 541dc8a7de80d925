#include "portfolio/finmarketpy.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/sum.h"

static const double missing = (double)NAN;

/* ---- Pairs ---- */

/* The signal as it can be held: delayed, kept where it is missing, and changing on days with a price only. */
static void align_signal(double *out, const double *signal, const double *price, size_t rows, size_t delay) {
  double latest = missing, held = missing;
  for (size_t row = 0; row < rows; row++) {
    if (row >= delay && !isnan(signal[row - delay])) latest = signal[row - delay];
    if (!isnan(price[row])) held = latest;
    out[row] = held;
  }
}

static void form_returns(double *out, const double *price, size_t rows) {
  double last = missing;
  for (size_t row = 0; row < rows; row++) {
    double now = isnan(price[row]) ? last : price[row];
    out[row] = now / last - 1.0;
    last = now;
  }
}

/* Sets a signal to 0 from the row on which its trade has crossed a stop until it changes. The row of a change earns for the trade that it ends. */
static void apply_stops(double *signal, const double *returns, size_t rows, double stop_loss, double take_profit) {
  double given = missing, wealth = 1.0;
  bool stopped = false;
  for (size_t row = 0; row < rows; row++) {
    double before = given;
    given = signal[row];
    if (!isnan(before) && !isnan(returns[row])) wealth *= 1.0 + before * returns[row];
    if (given != before) { /* NaN is a change too */
      wealth = 1.0;
      stopped = false;
    } else if (wealth - 1.0 < stop_loss || wealth - 1.0 > take_profit) {
      stopped = true;
    }
    if (stopped) signal[row] = 0.0;
  }
}

static void form_pnl(double *out, const double *w, const double *returns, size_t rows, double tc, double rc) {
  if (rows > 0) out[0] = missing;
  for (size_t row = 1; row < rows; row++) out[row] = w[row - 1] * returns[row] - fabs(w[row - 1] - w[row]) * tc - fabs(w[row - 1]) * rc;
}

/*   scratch  [2 * rows] */
static void run_pair(sld__finmarketpy *model, const sld__finmarketpy_input *in, size_t i, double *scratch) {
  const sld__finmarketpy_rule *rule = in->rule;
  const double *price = in->prices + i * in->rows;
  double *w = model->position + i * in->rows, *returns = scratch, *leverage = scratch + in->rows;
  align_signal(w, in->signals + i * in->rows, price, in->rows, rule->signal_delay);
  form_returns(returns, price, in->rows);
  if (!isnan(rule->stop_loss)) apply_stops(w, returns, in->rows, rule->stop_loss, rule->take_profit);
  if (rule->signal_vol.target > 0.0) {
    sld__leverage(leverage, returns, in->days, in->rows, &rule->signal_vol);
    for (size_t row = 0; row < in->rows; row++) w[row] *= leverage[row];
  }
  form_pnl(model->pnl + i * in->rows, w, returns, in->rows, in->tc[i], in->rc[i]);
}

double sld__finmarketpy_traded(const sld__finmarketpy *model, const sld__finmarketpy_input *in, size_t i, size_t row) {
  const double *w = model->position + i * in->rows;
  return row == 0 || isnan(model->pnl[i * in->rows + row]) ? missing : fabs(w[row - 1] - w[row]) * in->tc[i];
}

double sld__finmarketpy_held(const sld__finmarketpy *model, const sld__finmarketpy_input *in, size_t i, size_t row) {
  const double *w = model->position + i * in->rows;
  return row == 0 || isnan(model->pnl[i * in->rows + row]) ? missing : fabs(w[row - 1]) * in->rc[i];
}

/* ---- The portfolio ---- */

/* What pair i counts for among those present. */
static double share(const sld__finmarketpy_input *in, size_t i) {
  return in->rule->combination == SLD__WEIGHTED || in->rule->combination == SLD__WEIGHTED_SUM ? in->shares[i] : 1.0;
}

/* Sum of the shares present where g is their mean, else 1. NaN where no pair is present. */
static double divisor(const sld__finmarketpy *model, const sld__finmarketpy_input *in, size_t row) {
  struct sld__sum sum = { 0 };
  size_t present = 0;
  for (size_t i = 0; i < in->count; i++) {
    if (isnan(model->pnl[i * in->rows + row])) continue;
    sld__sum_add(&sum, share(in, i));
    present++;
  }
  if (present == 0) return missing;
  return in->rule->combination == SLD__MEAN || in->rule->combination == SLD__WEIGHTED ? sld__sum_value(&sum) : 1.0;
}

/* g, and in costs[] what the pairs paid of it. */
static void combine(sld__finmarketpy *model, const sld__finmarketpy_input *in) {
  for (size_t row = 0; row < in->rows; row++) {
    struct sld__sum gross = { 0 }, costs = { 0 };
    double total = divisor(model, in, row);
    for (size_t i = 0; i < in->count; i++) {
      double q = model->pnl[i * in->rows + row];
      if (isnan(q)) continue;
      sld__sum_add(&gross, share(in, i) * q);
      sld__sum_add(&costs, share(in, i) * (sld__finmarketpy_traded(model, in, i, row) + sld__finmarketpy_held(model, in, i, row)));
    }
    model->gross[row] = sld__sum_value(&gross) / total;
    model->costs[row] = sld__sum_value(&costs) / total;
  }
}

static void lever(sld__finmarketpy *model, const sld__finmarketpy_input *in) {
  if (in->rule->portfolio_vol.target > 0.0) sld__leverage(model->leverage, model->gross, in->days, in->rows, &in->rule->portfolio_vol);
  else for (size_t row = 0; row < in->rows; row++) model->leverage[row] = 1.0;
}

static void weigh(sld__finmarketpy *model, const sld__finmarketpy_input *in) {
  bool summed = in->rule->combination == SLD__COMBINED_SUM || in->rule->combination == SLD__WEIGHTED_SUM;
  for (size_t row = 0; row < in->rows; row++) {
    double total = divisor(model, in, row), *weights = model->weights + row * in->count;
    for (size_t i = 0; i < in->count; i++) {
      bool present = !isnan(model->pnl[i * in->rows + row]);
      double part = summed ? 1.0 : share(in, i) / total;
      weights[i] = present ? model->leverage[row] * model->position[i * in->rows + row] * part : missing;
    }
  }
}

/* How much of a row's weights the limits allow. */
static double clip_of(const sld__finmarketpy *model, const sld__finmarketpy_input *in, size_t row) {
  struct sld__sum net = { 0 }, all = { 0 };
  for (size_t i = 0; i < in->count; i++) {
    double weight = model->weights[row * in->count + i];
    if (isnan(weight)) continue;
    sld__sum_add(&net, weight);
    sld__sum_add(&all, fabs(weight));
  }
  double factor = 1.0, of_net = in->rule->max_net / fabs(sld__sum_value(&net)), of_all = in->rule->max_abs / sld__sum_value(&all);
  if (of_net < factor) factor = of_net;
  if (of_all < factor) factor = of_all;
  return factor;
}

/*   factor  [rows] scratch */
static void clip(sld__finmarketpy *model, const sld__finmarketpy_input *in, double *factor) {
  const sld__finmarketpy_rule *rule = in->rule;
  if (isinf(rule->max_net) && isinf(rule->max_abs)) return;
  for (size_t row = 0; row < in->rows; row++) factor[row] = row < rule->clip_shift ? 1.0 : clip_of(model, in, row - rule->clip_shift);
  if (rule->clip_monthly) sld__month_means(factor, in->days, in->rows);
  for (size_t row = 0; row < in->rows; row++) {
    model->leverage[row] *= factor[row];
    for (size_t i = 0; i < in->count; i++) model->weights[row * in->count + i] *= factor[row];
  }
}

/* R, and what it lost to costs. */
static void settle(sld__finmarketpy *model, const sld__finmarketpy_input *in) {
  const double *level = model->leverage;
  for (size_t row = 0; row < in->rows; row++) {
    double before = row > 0 ? level[row - 1] : missing;
    double own = fabs(before - level[row]) * in->portfolio_tc + fabs(before) * in->portfolio_rc;
    model->portfolio[row] = before * model->gross[row] - own;
    model->costs[row] = fabs(before) * model->costs[row] + own;
  }
}

/* ---- The whole ---- */

static void *numbers(const sld_allocator *alloc, size_t rows, size_t columns) {
  return rows > 0 && columns > SIZE_MAX / sizeof(double) / rows ? NULL : sld__alloc(alloc, rows * columns, sizeof(double));
}

static bool take_room(sld__finmarketpy *model, size_t rows, size_t count) {
  const sld_allocator *a = &model->alloc;
  return (model->position = numbers(a, rows, count)) && (model->pnl = numbers(a, rows, count)) && (model->weights = numbers(a, rows, count)) &&
         (model->gross = numbers(a, rows, 1)) && (model->leverage = numbers(a, rows, 1)) && (model->portfolio = numbers(a, rows, 1)) && (model->costs = numbers(a, rows, 1));
}

sld_status sld__finmarketpy_run(sld__finmarketpy *out, const sld_allocator *alloc, const sld__finmarketpy_input *in, sld_error *err) {
  *out = (sld__finmarketpy){ .alloc = *alloc };
  double *scratch = numbers(alloc, in->rows, 2);
  if (!scratch || !take_room(out, in->rows, in->count)) {
    sld__free(alloc, scratch);
    sld__finmarketpy_fini(out);
    return sld__fail_memory(err);
  }
  for (size_t i = 0; i < in->count; i++) run_pair(out, in, i, scratch);
  combine(out, in);
  lever(out, in);
  weigh(out, in);
  clip(out, in, scratch);
  settle(out, in);
  sld__free(alloc, scratch);
  return SLD_OK;
}

void sld__finmarketpy_fini(sld__finmarketpy *model) {
  double *const blocks[] = { model->position, model->pnl, model->weights, model->gross, model->leverage, model->portfolio, model->costs };
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
    if (blocks[i]) sld__free(&model->alloc, blocks[i]);
  *model = (sld__finmarketpy){ .alloc = model->alloc };
}
