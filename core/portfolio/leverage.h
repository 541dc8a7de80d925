/* How much of a column of returns to hold so that its volatility meets a target: section "Volatility targets" of docs/portfolio.md.
 * Source: finmarketpy, backtestengine.py, RiskEngine.calculate_leverage_factor. */
#ifndef SLD_PORTFOLIO_LEVERAGE_H
#define SLD_PORTFOLIO_LEVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sld__leverage_rule {
  double target;       /* annual volatility as a fraction, > 0; 0: there is no target and nothing else is read */
  double max_leverage; /* > 0 */
  size_t periods;      /* n returns make a deviation, n >= 2 */
  double obs_in_year;  /* > 0 */
  size_t shift;        /* rows by which the deviation comes late */
  bool monthly;        /* hold the mean of a month from its last weekday on */
} sld__leverage_rule;

/* out[rows]: at each row min(target / (standard deviation (n - 1) of the last n returns x sqrt(obs_in_year)), max_leverage), each month's
 * mean where the rule says so. NaN in the first n rows and before n returns in a row are defined; later a missing value keeps the last one.
 *   returns[rows]  NaN: missing
 *   days[rows]     date of each row in days since 1970-01-01, ascending */
void sld__leverage(double *out, const double *returns, const int64_t *days, size_t rows, const sld__leverage_rule *rule);

/* Replaces values[rows], NaN among them left out, by the mean of their calendar month up to its last weekday, which holds from that day
 * to the one before the next month's; on the last weekday itself the mean of what has been. NaN before the first. */
void sld__month_means(double *values, const int64_t *days, size_t rows);

#endif
