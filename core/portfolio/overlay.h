/* Overlays: named weights on the returns of sleeves, as if a sleeve could be held in any amount. No lots, no margin.
 *
 *   equal        1 / n over the n sleeves that are present
 *   inverse_vol  (1 / s_i) / sum of (1 / s_j), s the standard deviation (n - 1) of a sleeve's last 60 daily returns
 *   vol_target   those weights times min(target / S, max_leverage), S the annualised deviation of their return over the same days
 *
 * Weights are formed on the clock's first row and on the first row of each month, from daily samples before that row, and earn from
 * the next row on; within a month they drift with the sleeves. All of it is known when it is used: nothing later can change it.
 * A sleeve is present from its first point until it is ruined or its last point is more than 10 days old. One without 60 daily
 * returns, or without deviation in them, weighs nothing under the two rules that need one. What no sleeve gets is cash.
 *
 * With r a sleeve's return from row to row, w the weights after a row and k the cost of a whole sleeve's position over its equity:
 *   G_t = sum of w_i,t-1 r_i,t                       E_t = E_t-1 (1 + G_t) (1 - sum of |w_i,t - v_i,t| k_i,t)
 *   v_i,t = w_i,t-1 (1 + r_i,t) / (1 + G_t)          w_i,t = v_i,t but for rows that form new weights
 * So to change a sleeve's weight is to deal in the position that it holds at that moment, at the costs of the run. */
#ifndef SLD_PORTFOLIO_OVERLAY_H
#define SLD_PORTFOLIO_OVERLAY_H

#include "portfolio/merge.h"

/* Daily returns that a deviation is formed of. */
enum { SLD__OVERLAY_WINDOW = 60 };

/* Everything is borrowed. Point p of the curve is bar first_bar + p of the trades. */
typedef struct sld__overlay_sleeve {
  sld__curve curve;
  const sld_trade *trades;  /* [trade_count] closed and open ones */
  size_t trade_count;
  int64_t first_bar;
  const double *close;      /* [curve.count] quote currency */
  const double *ask;        /* [curve.count] where `close` are bids: half of what lies between is paid too. NULL: one side */
  const double *rate;       /* [curve.count] quote to account currency at the close; NULL: `constant_rate` */
  double constant_rate;
  double cost_price;        /* of dealing in one unit: quote currency, half the spread and slippage */
  double cost_frac;         /* of its notional */
  double cost_unit;         /* account currency */
  size_t column;            /* its place in a row of weights */
} sld__overlay_sleeve;

typedef struct sld__overlay_input {
  sld_weights rule;         /* SLD_EQUAL, SLD_INVERSE_VOL or SLD_VOL_TARGET */
  double vol_target;        /* annual, > 0 */
  double max_leverage;      /* cap of the sum of weights under SLD_VOL_TARGET, > 0 */
  double periods_per_year;  /* daily samples of a year */
  double capital;           /* > 0 */
  const sld__overlay_sleeve *sleeves;
  size_t count;
  const int64_t *clock;     /* [rows] as sld__portfolio_clock makes it of the curves */
  size_t rows;
  const size_t *sample_rows; /* [sample_count] ascending: rows that end a trading day */
  size_t sample_count;
  size_t columns;           /* of the weights, > every sleeve's column */
} sld__overlay_input;

/* Writes equity[rows], weights[rows * columns] (zeroed by the caller; columns of no sleeve stay 0) and the sum of turnover costs in
 * account currency. Once equity is not above 0 the portfolio is ruined: it stays there and weighs nothing. ENOMEM: outputs are not defined. */
sld_status sld__overlay_run(const sld_allocator *alloc, const sld__overlay_input *in, double *equity, double *weights, double *costs, sld_error *err);

#endif
