/* From outcomes to an overlay: what each sleeve holds and what dealing in it costs. */
#include "base/alloc.h"
#include "base/error.h"
#include "engine/merge.h"
#include "portfolio/overlay.h"

static sld__overlay_sleeve overlay_sleeve(const sld__merge *m, size_t i) {
  const sld_run_options *o = &m->result->plan->options;
  const sld__outcome *outcome = m->outcomes[i];
  const sld__sleeve *sleeve = m->sleeves[i];
  const sld_instrument *instrument = &sleeve->series->info.instrument;
  size_t bar = sleeve->row0 + outcome->first;
  return (sld__overlay_sleeve){
    .curve = m->curves[i],
    .trades = outcome->trades,
    .trade_count = outcome->job.trade_count + outcome->job.open_count,
    .first_bar = (int64_t)bar,
    .close = sleeve->series->close + bar,
    .ask = sleeve->series->ask_close ? sleeve->series->ask_close + bar : NULL,
    .rate = sleeve->conversion.mark ? sleeve->conversion.mark + bar : NULL,
    .constant_rate = sleeve->conversion.constant,
    .cost_price = (0.5 * o->spread_pips + o->slippage_pips) * instrument->pip,
    .cost_frac = o->commission_frac,
    .cost_unit = o->commission_per_lot / instrument->lot,
    .column = sld__merge_column(m, i),
  };
}

static sld_status run_overlay(sld__merge *m, const sld__overlay_sleeve *sleeves, sld_error *err) {
  const sld_run_options *o = &m->result->plan->options;
  sld_portfolio *p = &m->result->portfolio;
  const sld__overlay_input in = {
    .rule = o->weights,
    .vol_target = o->vol_target,
    .max_leverage = o->max_leverage,
    .periods_per_year = o->periods_per_year,
    .capital = p->capital,
    .sleeves = sleeves,
    .count = m->count,
    .clock = p->time,
    .rows = p->count,
    .sample_rows = m->samples,
    .sample_count = m->sample_count,
    .columns = m->result->outcome_count,
  };
  return sld__overlay_run(m->result->alloc, &in, m->result->equity, m->result->weights, &p->costs, err);
}

sld_status sld__merge_overlay(sld__merge *m, sld_error *err) {
  sld_portfolio *p = &m->result->portfolio;
  p->rule = sld_weights_name(m->result->plan->options.weights);
  p->label = "overlay: no lots, no margin";
  sld_status status = sld__merge_clock(m, err);
  if (status == SLD_OK) status = sld__merge_weights(m, err);
  if (status != SLD_OK) return status;
  sld__overlay_sleeve *sleeves = sld__alloc(m->result->alloc, m->count, sizeof *sleeves);
  if (!sleeves) return sld__fail_memory(err);
  for (size_t i = 0; i < m->count; i++) sleeves[i] = overlay_sleeve(m, i);
  status = run_overlay(m, sleeves, err);
  sld__free(m->result->alloc, sleeves);
  return status;
}
