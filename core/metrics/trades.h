/* Statistics of closed trades, on net money.
 *
 * Open trades (exit SLD_EXIT_OPEN) are left out everywhere. A trade wins with net > 0 and loses with net < 0; net = 0 is neither, and still counts
 * as a trade.
 */
#ifndef SLD_METRICS_TRADES_H
#define SLD_METRICS_TRADES_H

#include <sliders.h>

typedef struct sld__trade_stats {
  size_t count;                  /* closed trades */
  size_t wins;
  size_t losses;
  size_t max_consecutive_losses; /* longest run of losing trades in the order of the ledger */
  double win_rate;               /* wins / count */
  double profit_factor;          /* sum of wins / -sum of losses; inf without losses, NaN without either */
  double expectancy;             /* mean net, account currency */
  double average_win;            /* account currency, > 0; NaN without one */
  double average_loss;           /* account currency, < 0; NaN without one */
  double best;                   /* largest and smallest net, account currency */
  double worst;
  double sqn;                    /* sqrt(count) mean / standard deviation (n - 1); inf without deviation, NaN for fewer than 2 */
  double average_bars;           /* mean of exit_bar - entry_bar */
  double kelly;                  /* win_rate - (1 - win_rate) / (average_win / -average_loss); NaN without a win or a loss */
} sld__trade_stats;

/* trades[count] in order of exit, open ones anywhere. NaN where a figure is undefined, all of them without a closed trade. Can't fail.
 * Sources: Tharp (2008), Definitive Guide to Position Sizing (SQN); Kelly (1956), Bell System Technical Journal 35(4), 917-926. */
sld__trade_stats sld__trade_stats_of(const sld_trade *trades, size_t count);

#endif
