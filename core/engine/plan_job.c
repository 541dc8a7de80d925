/* What jobs ask of a plan. */
#include <string.h>

#include "base/hash.h"
#include "engine/plan.h"

void sld__plan_params(const sld__plan *plan, size_t ordinal, double *values) {
  memcpy(values, plan->base_params, plan->declaration->param_count * sizeof *values);
  for (size_t i = plan->options.axis_count; i-- > 0;) {
    const sld_axis *axis = &plan->options.axes[i];
    values[plan->axis_params[i]] = axis->values[ordinal % axis->count];
    ordinal /= axis->count;
  }
}

double sld__plan_stop_out(const sld__plan *plan) {
  static const double usual = 0.5; /* of the margin: what regulators of retail brokers ask for. Source: ESMA (2018), Decision 2018/796, article 2 (b) */
  const sld_run_options *o = &plan->options;
  sld__broker_config axes = { .fill = o->fill, .path = o->path };
  sld__broker_axes(&axes);
  return o->stop_out >= 0.0 ? o->stop_out : axes.path == SLD_PATH_PESSIMISTIC ? usual : 0.0;
}

static void add_numbers(struct sld__hash *hash, const double *values, size_t count) {
  for (size_t i = 0; i < count; i++) sld__hash_add_number(hash, values[i]);
}

void sld__plan_seed(const sld__plan *plan, size_t sleeve, const double *params, uint64_t seed[2]) {
  struct sld__hash hash;
  sld__hash_init(&hash);
  sld__hash_add_text(&hash, plan->strategy);
  sld__hash_add_text(&hash, plan->sleeves[sleeve].series->info.instrument.pair);
  add_numbers(&hash, params, plan->declaration->param_count);
  sld__hash_digest(&hash, seed);
}

void sld__plan_seed_together(const sld__plan *plan, const double *params, uint64_t seed[2]) {
  struct sld__hash hash;
  sld__hash_init(&hash);
  sld__hash_add_text(&hash, plan->strategy);
  for (size_t i = 0; i < plan->sleeve_count; i++) sld__hash_add_text(&hash, plan->sleeves[i].series->info.instrument.pair);
  add_numbers(&hash, params, plan->declaration->param_count);
  sld__hash_digest(&hash, seed);
}
