/* Statistics of closed trades, on net money. */
#include "metrics/trades.h"

#include <math.h>

/* Sums over closed trades in ledger order. */
typedef struct sums {
  double net;
  double won;
  double lost;
  double bars;
} sums;

static sums first_pass(sld__trade_stats *s, const sld_trade *trades, size_t count) {
  sums total = { 0.0, 0.0, 0.0, 0.0 };
  size_t losing = 0;
  for (size_t i = 0; i < count; i++) {
    if (trades[i].exit == SLD_EXIT_OPEN) continue;
    double net = trades[i].net;
    if (s->count++ == 0) s->best = s->worst = net;
    s->best = net > s->best ? net : s->best;
    s->worst = net < s->worst ? net : s->worst;
    total.net += net;
    total.bars += (double)(trades[i].exit_bar - trades[i].entry_bar);
    if (net > 0.0) {
      s->wins++;
      total.won += net;
    }
    losing = net < 0.0 ? losing + 1 : 0;
    if (losing == 0) continue;
    s->losses++;
    total.lost -= net;
    if (losing > s->max_consecutive_losses) s->max_consecutive_losses = losing;
  }
  return total;
}

static double quality(const sld__trade_stats *s, const sld_trade *trades, size_t count) {
  if (s->count < 2) return NAN;
  double squares = 0.0, n = (double)s->count;
  for (size_t i = 0; i < count; i++) {
    double d = trades[i].net - s->expectancy;
    if (trades[i].exit != SLD_EXIT_OPEN) squares += d * d;
  }
  double deviation = s->best == s->worst ? 0.0 : sqrt(squares / (n - 1.0));
  return sqrt(n) * (s->expectancy / deviation);
}

sld__trade_stats sld__trade_stats_of(const sld_trade *trades, size_t count) {
  sld__trade_stats s = { .best = NAN, .worst = NAN };
  sums total = first_pass(&s, trades, count);
  double n = (double)s.count;
  s.win_rate = (double)s.wins / n;
  s.profit_factor = total.won / total.lost;
  s.expectancy = total.net / n;
  s.average_win = total.won / (double)s.wins;
  s.average_loss = -(total.lost / (double)s.losses);
  s.sqn = quality(&s, trades, count);
  s.average_bars = total.bars / n;
  s.kelly = s.win_rate - (1.0 - s.win_rate) / (s.average_win / -s.average_loss);
  return s;
}
