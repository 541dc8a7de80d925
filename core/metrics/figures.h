/* The figures printed for a pair or a portfolio: one table of names, units, formulas and sources, and one function that computes them all.
 *
 * r are the returns from sample to sample, the first one from the starting capital; n their number; A the periods per year; E equity.
 * A sample is a point of the equity curve at the end of a trading day (metrics/daily.h). Drawdown, peak and duration look at every point.
 */
#ifndef SLD_METRICS_FIGURES_H
#define SLD_METRICS_FIGURES_H

#include <sliders.h>

#include "ledger/drawdown.h"

#define SLD__SOURCE_EMPYRICAL "empyrical, stats.py"
#define SLD__SOURCE_OWN "sliders"

/*  enum, name, unit, formula, source */
#define SLD__FIGURE_MAP(X)                                                                                                              \
  X(TOTAL_RETURN, "total_return", "fraction", "final equity / starting capital - 1", SLD__SOURCE_OWN)                                  \
  X(ANNUAL_RETURN, "annual_return", "fraction", "(final equity / starting capital)^(A/n) - 1", SLD__SOURCE_EMPYRICAL)               \
  X(CAGR, "cagr", "fraction", "(final equity / starting capital)^(365.25 / calendar days) - 1", "backtesting.py, _stats.py")            \
  X(ANNUAL_VOLATILITY, "annual_volatility", "fraction", "standard deviation(r), divisor n - 1, x sqrt(A)", SLD__SOURCE_EMPYRICAL)      \
  X(SHARPE, "sharpe", "1", "mean(r) / standard deviation(r), divisor n - 1, x sqrt(A)", "Sharpe (1994), J. Portfolio Management 21(1)") \
  X(SORTINO, "sortino", "1", "mean(r) x A / (sqrt(mean(min(r, 0)^2)) x sqrt(A))", "Sortino & Price (1994), J. Investing 3(3)")          \
  X(CALMAR, "calmar", "1", "annual_return / |max_drawdown|", "Young (1991), Futures 20(1)")                                             \
  X(MAX_DRAWDOWN, "max_drawdown", "fraction", "min over all points of E / running max(E) - 1, starting capital included",               \
    "Magdon-Ismail & Atiya (2004), Risk 17(10)")                                                                                       \
  X(MAX_DRAWDOWN_DAYS, "max_drawdown_days", "days", "longest time from a running max(E) to the next point at or above it, or to the last point", \
    "backtesting.py, _stats.py")                                                                                                        \
  X(OMEGA, "omega", "1", "sum(max(r, 0)) / sum(max(-r, 0))", "Keating & Shadwick (2002), J. Performance Measurement 6(3)")              \
  X(TAIL_RATIO, "tail_ratio", "1", "|95th percentile(r)| / |5th percentile(r)|", SLD__SOURCE_EMPYRICAL)                                \
  X(STABILITY, "stability", "1", "squared correlation of cumulated ln(1 + r) with time", SLD__SOURCE_EMPYRICAL)                        \
  X(VALUE_AT_RISK_5, "value_at_risk_5", "fraction", "5th percentile(r), historical, linear interpolation", SLD__SOURCE_EMPYRICAL)      \
  X(CONDITIONAL_VALUE_AT_RISK_5, "conditional_value_at_risk_5", "fraction", "mean of the floor(0.05 (n - 1)) + 1 smallest r",           \
    SLD__SOURCE_EMPYRICAL)                                                                                                              \
  X(SKEWNESS, "skewness", "1", "m3 / m2^1.5 of r, population", "Joanes & Gill (1998), The Statistician 47")                             \
  X(KURTOSIS, "kurtosis", "1", "m4 / m2^2 of r, population, 3 for a normal variable", "Joanes & Gill (1998), The Statistician 47")      \
  X(PSR, "psr", "probability", "Phi(S sqrt(n - 1) / sqrt(1 - skewness S + (kurtosis - 1)/4 S^2)), S = sharpe / sqrt(A)",                \
    "Bailey & Lopez de Prado (2012), J. Risk 15(2)")                                                                                    \
  X(ALPHA, "alpha", "fraction", "(1 + mean(r - beta b))^A - 1, b the benchmark's returns", "Jensen (1968), J. Finance 23(2)")           \
  X(BETA, "beta", "1", "covariance(r, b) / variance(b)", "Sharpe (1964), J. Finance 19(3)")                                             \
  X(FINAL_EQUITY, "final_equity", "account currency", "E at the last point", SLD__SOURCE_OWN)                                          \
  X(PEAK_EQUITY, "peak_equity", "account currency", "max(E), starting capital included", SLD__SOURCE_OWN)                              \
  X(EXPOSURE, "exposure", "fraction", "bars whose close finds a position / bars", SLD__SOURCE_OWN)                                     \
  X(COSTS, "costs", "account currency", "spread + slippage + commission", SLD__SOURCE_OWN)                                             \
  X(TRADES, "trades", "trades", "closed trades", SLD__SOURCE_OWN)                                                                      \
  X(WIN_RATE, "win_rate", "fraction", "trades with net > 0 / trades", "backtesting.py, _stats.py")                                      \
  X(PROFIT_FACTOR, "profit_factor", "1", "sum of net > 0 / -sum of net < 0", "backtrader, TradeAnalyzer")                               \
  X(EXPECTANCY, "expectancy", "account currency", "mean net of a trade", "Tharp (2008), Definitive Guide to Position Sizing")           \
  X(AVERAGE_WIN, "average_win", "account currency", "mean of net > 0", SLD__SOURCE_OWN)                                                \
  X(AVERAGE_LOSS, "average_loss", "account currency", "mean of net < 0, negative", SLD__SOURCE_OWN)                                    \
  X(BEST_TRADE, "best_trade", "account currency", "max(net)", SLD__SOURCE_OWN)                                                         \
  X(WORST_TRADE, "worst_trade", "account currency", "min(net)", SLD__SOURCE_OWN)                                                       \
  X(AVERAGE_TRADE_BARS, "average_trade_bars", "bars", "mean of exit bar - entry bar", SLD__SOURCE_OWN)                                 \
  X(MAX_CONSECUTIVE_LOSSES, "max_consecutive_losses", "trades", "longest run of trades with net < 0", SLD__SOURCE_OWN)                 \
  X(SQN, "sqn", "1", "sqrt(trades) x mean(net) / standard deviation(net), divisor trades - 1",                                          \
    "Tharp (2008), Definitive Guide to Position Sizing")                                                                                \
  X(KELLY, "kelly", "fraction", "win_rate - (1 - win_rate) / (average_win / -average_loss)", "Kelly (1956), Bell System Technical J. 35(4)") \
  X(PERIODS_PER_YEAR, "periods_per_year", "1/year", "A, as given", SLD__SOURCE_OWN)                                                    \
  X(SAMPLES, "samples", "samples", "n", SLD__SOURCE_OWN)

enum {
#define X(id, name, unit, formula, source) SLD__FIGURE_##id,
  SLD__FIGURE_MAP(X)
#undef X
  SLD__FIGURE_COUNT
};

/* What the figures are computed from. Points are rows first..count-1; what lies before them is not read. */
typedef struct sld__figures_input {
  double capital;            /* starting capital, > 0: the point before row `first` */
  int64_t start_time;        /* when it stood there: the open of row `first` */
  const double *equity;      /* [count] account currency at each close, finite */
  const int64_t *time;       /* [count] those closes, ascending; NULL: unknown, and cagr and max_drawdown_days are NaN */
  int64_t period_ns;         /* > 0: `time` holds opens instead, from which the closes follow as in sld__clock; so nobody need store them */
  size_t time_count;         /* with a period: how many opens there are, >= count */
  const sld__drawdown *drawdown;   /* has followed `equity` to its end from `capital` at start_time; NULL: that is done here */
  size_t first;
  size_t count;              /* count == first: no point, everything but capital's own figures is NaN */
  const size_t *sample_rows; /* [sample_count] rows of the daily samples, ascending, for the whole series; those outside first..count-1 are
                                passed over, and the last row is always a sample. NULL: every row is one */
  size_t sample_count;
  double periods_per_year;   /* A, > 0 */
  const sld_trade *trades;   /* [trade_count] in order of exit; open ones are passed over */
  size_t trade_count;
  size_t bars;               /* bars from the first tradable one, and those whose close found a position; 0 bars: exposure is NaN */
  size_t exposed_bars;
  double costs;              /* account currency, >= 0 */
  const double *benchmark;   /* [count] level of a benchmark on the same rows, > 0; NULL: alpha and beta are NaN */
  double benchmark_start;    /* its level where `capital` stands */
  double *scratch;           /* [2 * sld__figures_samples(in)], the caller's, overwritten */
} sld__figures_input;

/* Number of returns that sld__figures will form from `in`; scratch is not read. */
size_t sld__figures_samples(const sld__figures_input *in);

/* Writes all SLD__FIGURE_COUNT figures. Undefined ones are NaN. Where equity was ever <= 0 the account is ruined: every figure formed from returns
 * is NaN; total_return, the drawdown (then below -1 at most by the gap), equity, exposure, costs and trades still stand. Can't fail.
 *
 * What is formed from r has the bits of the pure functions of metrics/returns.h. The drawdown divides only at a new low. */
void sld__figures(double *out, const sld__figures_input *in);

#endif
