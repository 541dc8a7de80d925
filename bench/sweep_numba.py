"""The sweep in numba: one compiled function per job, bars to equity column, trades and every figure that sliders prints.

The arithmetic is that of core/broker and core/metrics, so that equity is equal to the bit and figures nearly so.
"""
import math

import numpy as np
from numba import njit

OPTIONS = {"cache": True, "error_model": "numpy", "boundscheck": False}

# The figures of core/metrics/figures.h in its order; alpha and beta need a benchmark and are not formed.
NAMES = """total_return annual_return cagr annual_volatility sharpe sortino calmar max_drawdown max_drawdown_days omega tail_ratio stability
value_at_risk_5 conditional_value_at_risk_5 skewness kurtosis psr alpha beta final_equity peak_equity exposure costs trades win_rate
profit_factor expectancy average_win average_loss best_trade worst_trade average_trade_bars max_consecutive_losses sqn kelly
periods_per_year samples""".split()
(TOTAL, ANNUAL, CAGR, VOLATILITY, SHARPE, SORTINO, CALMAR, DRAWDOWN, DAYS, OMEGA, TAIL, STABILITY, RISK, TAIL_RISK, SKEWNESS, KURTOSIS, PSR,
 ALPHA, BETA, FINAL, PEAK, EXPOSURE, COSTS, TRADES, WIN_RATE, PROFIT_FACTOR, EXPECTANCY, AVERAGE_WIN, AVERAGE_LOSS, BEST, WORST, TRADE_BARS,
 LOSSES_IN_ROW, SQN, KELLY, PERIODS, SAMPLES) = range(len(NAMES))


@njit(**OPTIONS)
def mean_of(out, x, p):
    """Simple mean by a running sum, taken anew every 15 p + 1 rows as core/indicator/window.c does."""
    total, age = 0.0, 0
    for i in range(x.size):
        if i + 1 < p:
            out[i] = np.nan
            continue
        if i + 1 == p or age == 15 * p + 1:
            total = 0.0
            for k in range(i - p + 1, i + 1):
                total += x[k]
            age = 0
        else:
            total += x[i] - x[i - p]
        age += 1
        out[i] = total / p


@njit(**OPTIONS)
def whole(units):
    toward_zero = float(np.int64(units))
    after = toward_zero + (-1.0 if units < 0.0 else 1.0)
    return after if abs(after - units) <= abs(units) * 1e-12 else toward_zero


@njit(**OPTIONS)
def simulate(equity, nets, bars, opens, closes, rate_fill, rate_mark, fast, slow, first, capital, half, commission_frac):
    """Equity column, closed trades (net money and bars), and (trades, costs, exposed bars)."""
    cash, realised, spreads, commissions = capital, 0.0, 0.0, 0.0
    units, reference, entry_value, offset, lot_costs, last, waiting = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    entry_bar, trades, exposed = 0, 0, 0
    for i in range(first, closes.size):
        if waiting != 0.0:
            rate = rate_fill[i]
            size, open_ = abs(waiting), opens[i]
            price = open_ + (half if waiting > 0.0 else -half)
            spread = (size * half) * rate
            commission = ((commission_frac * size) * price) * rate
            fill_costs = spread + commission
            spreads += spread
            commissions += commission
            left = units + waiting
            share = 0.0
            if units != 0.0:
                share = fill_costs * abs(-units / waiting) if left != 0.0 else fill_costs
                gross = (units * (open_ - reference)) * rate
                realised += gross
                nets[trades] = gross - (lot_costs + share)
                bars[trades] = i - entry_bar
                trades += 1
            lot_costs = fill_costs - share
            units, reference, entry_bar = left, open_, i
            entry_value = units * reference
            offset = -half if units > 0.0 else half
            cash = (capital + realised) - (spreads + commissions)
            waiting = 0.0
        close = closes[i]
        value = cash + (units * (close + offset) - entry_value) * rate_mark[i]
        equity[i] = value
        exposed += units != 0.0
        x = 1.0 if fast[i] > slow[i] else -1.0
        if x != last:
            last = x
            waiting = whole((x * value) / (close * rate_mark[i])) - units
    return trades, spreads + commissions, exposed


@njit(**OPTIONS)
def quantile(ordered, q):
    position = q * (ordered.size - 1)
    k = int(position)
    after = ordered[min(k + 1, ordered.size - 1)]
    return ordered[k] + (after - ordered[k]) * (position - k)


@njit(**OPTIONS)
def drawdown(out, equity, times, first, start_time, capital):
    peak, worst, longest, below = capital, 1.0, 0, False
    peak_time = start_time
    for i in range(first, equity.size):
        e = equity[i]
        if e >= peak:
            if below and times[i] - peak_time > longest:
                longest = times[i] - peak_time
            peak, peak_time, below = e, times[i], False
        else:
            below = True
            if e < peak * worst:
                worst = e / peak
    if below and times[-1] - peak_time > longest:
        longest = times[-1] - peak_time
    out[PEAK], out[DRAWDOWN], out[DAYS] = peak, worst - 1.0, longest / 86400e9


@njit(**OPTIONS)
def from_returns(out, r, periods):
    n = r.size
    mean = r.sum() / n
    m2, m3, m4, gain, loss, squares = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for x in r:
        d = x - mean
        m2 += d * d
        m3 += d * d * d
        m4 += d * d * d * d
        if x > 0.0:
            gain += x
        else:
            loss -= x
            squares += x * x
    deviation = math.sqrt(m2 / (n - 1))
    out[VOLATILITY] = deviation * math.sqrt(periods)
    out[SHARPE] = mean / deviation * math.sqrt(periods)
    out[SORTINO] = (gain - loss) / n * periods / (math.sqrt(squares / n) * math.sqrt(periods))
    out[OMEGA] = gain / loss
    variance = m2 / n
    out[SKEWNESS] = m3 / n / (variance * math.sqrt(variance))
    out[KURTOSIS] = m4 / n / (variance * variance)
    s = mean / deviation
    z = s * math.sqrt(n - 1.0) / math.sqrt(1.0 - out[SKEWNESS] * s + (out[KURTOSIS] - 1.0) / 4.0 * s * s)
    out[PSR] = 0.5 * math.erfc(-z / math.sqrt(2.0))
    ordered = np.sort(r)
    out[RISK] = quantile(ordered, 0.05)
    out[TAIL] = abs(quantile(ordered, 0.95)) / abs(out[RISK])
    k = int(0.05 * (n - 1))
    out[TAIL_RISK] = ordered[: k + 1].sum() / (k + 1)
    height, total, tall, cross = 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        height += math.log1p(r[i])
        x = i - 0.5 * (n - 1)
        total += height
        tall += height * height
        cross += x * height
    out[STABILITY] = cross * cross / ((n * (n * n - 1.0) / 12.0) * (tall - total * total / n))


@njit(**OPTIONS)
def from_trades(out, nets, bars):
    n = nets.size
    won, lost, wins, losses, row, longest, held = 0.0, 0.0, 0, 0, 0, 0, 0
    for i in range(n):
        held += bars[i]
        if nets[i] > 0.0:
            won += nets[i]
            wins += 1
        if nets[i] < 0.0:
            lost -= nets[i]
            losses += 1
            row += 1
            longest = max(longest, row)
        else:
            row = 0
    mean = nets.sum() / n
    squares = 0.0
    for x in nets:
        squares += (x - mean) * (x - mean)
    out[TRADES], out[WIN_RATE], out[PROFIT_FACTOR], out[EXPECTANCY] = n, wins / n, won / lost, mean
    out[AVERAGE_WIN], out[AVERAGE_LOSS] = won / wins, -(lost / losses)
    out[BEST], out[WORST], out[TRADE_BARS], out[LOSSES_IN_ROW] = nets.max(), nets.min(), held / n, longest
    out[SQN] = math.sqrt(n) * mean / math.sqrt(squares / (n - 1))
    out[KELLY] = out[WIN_RATE] - (1.0 - out[WIN_RATE]) / (out[AVERAGE_WIN] / -out[AVERAGE_LOSS])


@njit(**OPTIONS)
def figures_of(out, equity, nets, bars, costs, exposed, first, times, start_time, samples, capital, periods):
    out[:] = np.nan
    rows = samples[np.searchsorted(samples, first):]
    r = np.empty(rows.size)
    last = capital
    for i in range(rows.size):
        e = equity[rows[i]]
        r[i] = e / last - 1.0
        last = e
    drawdown(out, equity, times, first, start_time, capital)
    growth = equity[-1] / capital
    days = (times[-1] - start_time) / 86400e9
    out[TOTAL], out[FINAL], out[COSTS] = growth - 1.0, equity[-1], costs
    out[ANNUAL], out[CAGR] = growth ** (periods / r.size) - 1.0, growth ** (365.25 / days) - 1.0
    out[EXPOSURE] = exposed / (equity.size - first)
    out[PERIODS], out[SAMPLES] = periods, r.size
    from_returns(out, r, periods)
    out[CALMAR] = out[ANNUAL] / -out[DRAWDOWN]
    from_trades(out, nets, bars)


@njit(**OPTIONS)
def sweep_pair(figures, equity, nets, bars, opens, closes, rate_fill, rate_mark, fasts, slows, times, opened, samples, capital, half, commission_frac):
    """Every set of one pair, last axis fastest. Each mean is computed once for the pair. figures[sets, :]; equity of the last set stays."""
    fast_means, slow_means = np.empty((fasts.size, closes.size)), np.empty((slows.size, closes.size))
    for k in range(fasts.size):
        mean_of(fast_means[k], closes, fasts[k])
    for k in range(slows.size):
        mean_of(slow_means[k], closes, slows[k])
    for f in range(fasts.size):
        for s in range(slows.size):
            first = slows[s] - 1
            trades, costs, exposed = simulate(equity, nets, bars, opens, closes, rate_fill, rate_mark, fast_means[f], slow_means[s], first, capital, half,
                                              commission_frac)
            figures_of(figures[f * slows.size + s], equity, nets[:trades], bars[:trades], costs, exposed, first, times, opened[first], samples, capital, 260.0)


@njit(**OPTIONS)
def sweep_pair_apart(figures, equity, nets, bars, opens, closes, rate_fill, rate_mark, fasts, slows, times, opened, samples, capital, half, commission_frac):
    """The same with nothing shared: every set computes its own two means."""
    fast_mean, slow_mean = np.empty(closes.size), np.empty(closes.size)
    for f in range(fasts.size):
        for s in range(slows.size):
            mean_of(fast_mean, closes, fasts[f])
            mean_of(slow_mean, closes, slows[s])
            first = slows[s] - 1
            trades, costs, exposed = simulate(equity, nets, bars, opens, closes, rate_fill, rate_mark, fast_mean, slow_mean, first, capital, half, commission_frac)
            figures_of(figures[f * slows.size + s], equity, nets[:trades], bars[:trades], costs, exposed, first, times, opened[first], samples, capital, 260.0)
