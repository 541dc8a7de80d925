#include "engine/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "market/instrument.h"

static const double points = 10000.0; /* basis points of one */

static const sld__model_option *find(const sld__declaration *d, const char *name) {
  for (size_t i = 0; i < d->model_option_count; i++)
    if (strcmp(d->model_options[i].name, name) == 0) return &d->model_options[i];
  return NULL;
}

static double number(const sld__declaration *d, const char *name, double otherwise) {
  const sld__model_option *option = find(d, name);
  return option && !option->text ? option->number : otherwise;
}

static const char *word(const sld__declaration *d, const char *name) {
  const sld__model_option *option = find(d, name);
  return option && option->text ? option->text : "";
}

/* One number for all, or `name.PAIR` with `name.default` for the rest. */
static double by_pair(const sld__declaration *d, const char *name, const char *pair) {
  char entry[64];
  double otherwise = number(d, name, 0.0);
  snprintf(entry, sizeof entry, "%s.default", name);
  otherwise = number(d, entry, otherwise);
  if (!pair) return otherwise;
  snprintf(entry, sizeof entry, "%s.%s", name, pair);
  return number(d, entry, otherwise);
}

/* An entry by pair must name one; whether it is in the run does not matter. */
static sld_status check_names(const sld__instruments *own, const sld__declaration *d, sld_error *err) {
  for (size_t i = 0; i < d->model_option_count; i++) {
    const char *dot = strchr(d->model_options[i].name, '.');
    const sld_instrument *unused;
    if (!dot || strcmp(dot + 1, "default") == 0) continue;
    sld_status status = sld__instrument_get(own, &unused, dot + 1, d->model_options[i].name, err);
    if (status != SLD_OK) return status;
  }
  return SLD_OK;
}

/* A model has no broker: what is told of one would have no effect. A spread is the market's, and may be given to strategies of any kind. */
static sld_status check_broker(const sld__declaration *d, const sld_run_options *o, sld_error *err) {
  const struct { const char *name; bool told; } all[] = {
    { "options.slippage_pips", o->slippage_pips > 0.0 },
    { "options.commission_frac", o->commission_frac > 0.0 }, { "options.commission_per_lot", o->commission_per_lot > 0.0 },
    { "options.commission_per_order", o->commission_per_order > 0.0 }, { "options.rollover", o->rollover != SLD_ROLLOVER_NONE },
    { "options.fill", o->fill != SLD_FILL_NEXT_OPEN }, { "options.accounting", o->accounting != SLD_NET }, { "options.pyramiding", o->pyramiding != 0 },
    { "options.close_at_end", o->close_at_end },
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (all[i].told) return sld__fail_at(err, SLD_EINVAL, all[i].name, 0, 0, "has no effect on the strategy's model %s, which has no broker and declares its own costs", d->model);
  return SLD_OK;
}

sld_status sld__model_check(const sld__instruments *own, const sld__declaration *d, const sld_run_options *o, size_t sets, sld_error *err) {
  if (!d->model) return SLD_OK;
  if (o->weights != SLD_SUM)
    return sld__fail_at(err, SLD_EINVAL, "options.weights", 0, 0, "the strategy's model %s makes the portfolio itself: no other rule of weights can be given", d->model);
  if (sets > 1) return sld__fail_at(err, SLD_EINVAL, "options.axes", 0, 0, "the strategy's model %s runs one set of parameters at a time", d->model);
  sld_status status = check_broker(d, o, err);
  return status == SLD_OK ? check_names(own, d, err) : status;
}

static sld__leverage_rule leverage_rule(const sld__declaration *d, const char *level) {
  char name[6][64];
  static const char *const parts[6] = { "target", "max_leverage", "periods", "obs_in_year", "period_shift", "rebalance_freq" };
  for (int i = 0; i < 6; i++) snprintf(name[i], sizeof name[i], "%s_vol_%s", level, parts[i]);
  return (sld__leverage_rule){
    .target = number(d, name[0], 0.0),
    .max_leverage = number(d, name[1], (double)INFINITY),
    .periods = (size_t)number(d, name[2], 20.0),
    .obs_in_year = number(d, name[3], 252.0),
    .shift = (size_t)number(d, name[4], 0.0),
    .monthly = strcmp(word(d, name[5]), "BM") == 0,
  };
}

static sld__combination combination(const sld__declaration *d) {
  const char *name = word(d, "portfolio_combination");
  if (strcmp(name, "sum") == 0) return SLD__COMBINED_SUM;
  if (strcmp(name, "weighted") == 0) return SLD__WEIGHTED;
  return strcmp(name, "weighted-sum") == 0 ? SLD__WEIGHTED_SUM : SLD__MEAN;
}

sld__finmarketpy_rule sld__model_rule(const sld__declaration *d) {
  return (sld__finmarketpy_rule){
    .signal_delay = (size_t)number(d, "signal_delay", 0.0),
    .stop_loss = number(d, "stop_loss", (double)NAN),
    .take_profit = number(d, "take_profit", (double)NAN),
    .signal_vol = leverage_rule(d, "signal"),
    .portfolio_vol = leverage_rule(d, "portfolio"),
    .combination = combination(d),
    .max_net = number(d, "max_net_exposure", (double)INFINITY),
    .max_abs = number(d, "max_abs_exposure", (double)INFINITY),
    .clip_shift = (size_t)number(d, "position_clip_period_shift", 0.0),
    .clip_monthly = strcmp(word(d, "position_clip_rebalance_freq"), "BM") == 0,
  };
}

double sld__model_tc(const sld__declaration *d, const char *pair) {
  return by_pair(d, "spot_tc_bp", pair) / (2.0 * points);
}

double sld__model_rc(const sld__declaration *d, const char *pair) {
  return by_pair(d, "spot_rc_bp", pair) / points;
}

double sld__model_share(const sld__declaration *d, const char *pair) {
  return by_pair(d, "portfolio_combination_weights", pair);
}
