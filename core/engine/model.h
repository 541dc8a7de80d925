/* What a strategy's sliders.finmarketpy{...} says, as the portfolio's model takes it. Names and values were checked when the strategy was read. */
#ifndef SLD_ENGINE_MODEL_H
#define SLD_ENGINE_MODEL_H

#include "market/instrument.h"
#include "portfolio/finmarketpy.h"
#include "vm/vm.h"

/* Whether a run of these options can have the model at all: it makes the portfolio itself, of one parameter set, EINVAL; and names pairs that
 * exist, built in or declared (`own`), ENAME. */
sld_status sld__model_check(const sld__instruments *own, const sld__declaration *declaration, const sld_run_options *options, size_t sets, sld_error *err);

/* Everything that is not by pair. */
sld__finmarketpy_rule sld__model_rule(const sld__declaration *declaration);

/* Costs as fractions: tc per unit traded, half of spot_tc_bp, and rc per unit held and row. pair NULL: the portfolio's own. */
double sld__model_tc(const sld__declaration *declaration, const char *pair);
double sld__model_rc(const sld__declaration *declaration, const char *pair);

/* A pair's entry of portfolio_combination_weights, or its `default`; 0 where it has none. */
double sld__model_share(const sld__declaration *declaration, const char *pair);

#endif
