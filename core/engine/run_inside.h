/* What jobs of one pair and jobs of several share. For run.c and run_shared.c alone. */
#ifndef SLD_ENGINE_RUN_INSIDE_H
#define SLD_ENGINE_RUN_INSIDE_H

#include "engine/run.h"
#include "metrics/figures.h"

/* What becomes of a call that returned `status`: where the job was told to stop meanwhile, ECANCELED, or ELIMIT for its time. An error of the script's own
 * stays. */
sld_status sld__run_stopped(sld_status status, const sld__worker *worker, const sld__plan *plan, sld_error *err);

/* Adds to the words of a limit (status ELIMIT) where in time it was reached; returns the status. */
sld_status sld__run_where(sld_status status, const char *what, int64_t time, sld_error *err);

sld__broker_config sld__run_config(const sld__plan *plan, const sld__series *series);

/* `first`: the first tradable row of the view. */
sld__broker_bars sld__run_bars(const sld__sleeve *sleeve, size_t first);

/* Total return of one long position over the same bars, costs included; NaN where a rate that it needs is missing. ENOMEM. */
sld_status sld__run_buy_and_hold(double *out, sld__worker *worker, const sld__plan *plan, const sld__sleeve *sleeve, size_t first, sld_error *err);

/* Names of columns ("close") mean the same values under the same key. */
sld__cache_key sld__run_view_key(const sld__sleeve *sleeve);

/* Copies count records of `size` bytes into a block of the outcome's own, *to. ENOMEM. */
sld_status sld__run_copy(const sld_allocator *alloc, void *to, const void *from, size_t count, size_t size, sld_error *err);

/* Fills out->figures; gives `in` its scratch memory. ENOMEM. */
sld_status sld__run_figures(sld__worker *worker, sld__figures_input *in, sld__outcome *out, sld_error *err);

/* The job of all pairs on one account; `out` is initialised. */
sld_status sld__run_shared(sld__worker *worker, const sld__plan *plan, sld__outcome *out, sld_error *err);

#endif
