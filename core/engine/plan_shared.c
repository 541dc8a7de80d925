/* The common clock of the pairs of one account: the union of their closes, and where each pair stands at each of them. */
#include "base/alloc.h"
#include "base/error.h"
#include "engine/plan.h"
#include "metrics/daily.h"
#include "portfolio/merge.h"

static sld_status make_clock(sld__plan *plan, sld__curve *curves, size_t *cursors, sld_error *err) {
  for (size_t i = 0; i < plan->sleeve_count; i++) curves[i] = (sld__curve){ 0.0, plan->sleeves[i].rows, plan->sleeves[i].close_time, NULL };
  plan->instants = sld__portfolio_clock(NULL, curves, plan->sleeve_count, cursors);
  if (plan->instants > INT32_MAX) return sld__fail(err, SLD_EINVAL, "%zu closes are too many for one account", plan->instants);
  plan->clock = sld__alloc(plan->alloc, plan->instants, sizeof *plan->clock);
  if (!plan->clock) return sld__fail_memory(err);
  sld__portfolio_clock(plan->clock, curves, plan->sleeve_count, cursors);
  return SLD_OK;
}

static sld_status make_samples(sld__plan *plan, sld_error *err) {
  bool dates = true;
  for (size_t i = 0; i < plan->sleeve_count; i++) dates &= plan->sleeves[i].series->info.date_only;
  plan->samples = sld__alloc(plan->alloc, plan->instants, sizeof *plan->samples);
  if (!plan->samples) return sld__fail_memory(err);
  plan->sample_count = sld__daily_rows(plan->clock, plan->instants, dates ? NULL : plan->new_york, plan->samples);
  return SLD_OK;
}

static sld_status stand_at(const sld__plan *plan, sld__sleeve *sleeve, sld_error *err) {
  sleeve->last = sld__alloc(plan->alloc, plan->instants, sizeof *sleeve->last);
  if (!sleeve->last) return sld__fail_memory(err);
  int32_t row = -1;
  for (size_t k = 0; k < plan->instants; k++) {
    while ((size_t)(row + 1) < sleeve->rows && sleeve->close_time[row + 1] <= plan->clock[k]) row++;
    sleeve->last[k] = row;
  }
  return SLD_OK;
}

sld_status sld__plan_share(sld__plan *plan, sld_error *err) {
  size_t count = plan->sleeve_count;
  sld__curve *curves = sld__alloc(plan->alloc, count, sizeof *curves);
  size_t *cursors = sld__alloc(plan->alloc, count, sizeof *cursors);
  sld_status status = curves && cursors ? make_clock(plan, curves, cursors, err) : sld__fail_memory(err);
  sld__free(plan->alloc, curves);
  sld__free(plan->alloc, cursors);
  if (status == SLD_OK) status = make_samples(plan, err);
  bool stands = sld__plan_together(plan) || (plan->declaration->hooks & SLD__HOOK_ALLOCATE);
  for (size_t i = 0; i < count && status == SLD_OK && stands; i++) status = stand_at(plan, &plan->sleeves[i], err);
  return status;
}
