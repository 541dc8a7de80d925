/* The vectorised model of finmarketpy: weights on returns, without lots, orders or conversion of quote currencies.
 *
 * Rows are the union of the pairs' dates. A pair without a price on a row keeps its price and its signal. With P a pair's price, S its
 * signal after delay and stops, lev its leverage (portfolio/leverage.h; 1 without a target), tc and rc its costs:
 *   r_t = P_t / P_t-1 - 1        w_t = S_t lev_t        q_t = w_t-1 r_t - |w_t-1 - w_t| tc - |w_t-1| rc
 * A pair is present on a row where q is defined. With a its share, L the leverage of g (1 without a target) and f the clip:
 *   MEAN          g = sum q / n                 weight = L w / n                 over the n pairs present
 *   SUM           g = sum q                     weight = L w
 *   WEIGHTED      g = sum a q / sum a           weight = L w a / sum a
 *   WEIGHTED_SUM  g = sum a q                   weight = L w
 *   f_t = min(1, max_net / |sum of weights|, max_abs / sum of |weights|), the weights those of `clip_shift` rows before
 *   R_t = M_t-1 g_t - |M_t-1 - M_t| portfolio_tc - |M_t-1| portfolio_rc        with M = L f; the weights too are multiplied by f
 * So a cost given as one number is paid by each pair and once more by the portfolio, as published.
 * Stops: the return of r S since the signal last changed, compounded; once below stop_loss or above take_profit the signal is 0 until it
 * changes again. Nothing on a row depends on a later one.
 *
 * Source: finmarketpy, backtestengine.py, and findatapy, calculations.py, as docs/portfolio.md says. */
#ifndef SLD_PORTFOLIO_FINMARKETPY_H
#define SLD_PORTFOLIO_FINMARKETPY_H

#include <sliders.h>

#include "portfolio/leverage.h"

typedef enum sld__combination { SLD__MEAN = 0, SLD__COMBINED_SUM, SLD__WEIGHTED, SLD__WEIGHTED_SUM } sld__combination;

/* All but data and costs. */
typedef struct sld__finmarketpy_rule {
  size_t signal_delay;           /* rows */
  double stop_loss, take_profit; /* fractions, < 0 and > 0; both NaN: none */
  sld__leverage_rule signal_vol; /* of each pair */
  sld__leverage_rule portfolio_vol;
  sld__combination combination;
  double max_net, max_abs;       /* > 0; infinite: no limit */
  size_t clip_shift;             /* rows */
  bool clip_monthly;             /* average the factor as leverage is */
} sld__finmarketpy_rule;

typedef struct sld__finmarketpy_input {
  size_t rows, count;
  const int64_t *days;   /* [rows] date of each row in days since 1970-01-01, ascending */
  const double *prices;  /* [count * rows] pair by pair; NaN: no fixing */
  const double *signals; /* [count * rows] positions in units of capital; NaN: keeps the last */
  const double *tc, *rc; /* [count] fractions per unit traded and per unit held and row */
  double portfolio_tc, portfolio_rc;
  const double *shares;  /* [count] >= 0 for the weighted combinations, else NULL */
  const sld__finmarketpy_rule *rule;
} sld__finmarketpy_input;

/* NaN: not defined, in the first rows. */
typedef struct sld__finmarketpy {
  sld_allocator alloc;
  double *position;  /* [count * rows] w, pair by pair */
  double *pnl;       /* [count * rows] q, pair by pair */
  double *weights;   /* [rows * count] row by row */
  double *gross;     /* [rows] g */
  double *leverage;  /* [rows] M */
  double *portfolio; /* [rows] R */
  double *costs;     /* [rows] the part of R that went into costs, >= 0 */
} sld__finmarketpy;

/* Computes the model. ENOMEM: nothing to free. */
sld_status sld__finmarketpy_run(sld__finmarketpy *out, const sld_allocator *alloc, const sld__finmarketpy_input *in, sld_error *err);

/* Zeroed memory is fine. */
void sld__finmarketpy_fini(sld__finmarketpy *model);

/* What pair i paid on a row as a fraction of its capital: |w_t-1 - w_t| tc to trade and |w_t-1| rc to hold. NaN where pnl is not defined. */
double sld__finmarketpy_traded(const sld__finmarketpy *model, const sld__finmarketpy_input *in, size_t i, size_t row);
double sld__finmarketpy_held(const sld__finmarketpy *model, const sld__finmarketpy_input *in, size_t i, size_t row);

#endif
