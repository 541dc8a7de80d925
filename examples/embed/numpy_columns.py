"""NumPy columns in, NumPy columns out. python3 numpy_columns.py"""
import ctypes as c

import numpy as np
from sliders import RunOptions, bars, call, column, lib, make

DAY = 86400 * 10**9
TEXT = b"""local sliders = require "sliders"
local Trend = sliders.strategy {}
function Trend:signal(bars) return sliders.where(bars.close:gt(bars.close:sma(50)), 1, -1) end
return Trend
"""

steps = np.arange(2000)
time = steps * DAY
market_columns = {"EURUSD": 1.1 + 0.1 * np.sin(steps / 60.0), "GBPUSD": 1.3 + 0.1 * np.sin(steps / 90.0)}

host = make("host_open", None)
market = make("market_new", host)
for pair, close in market_columns.items():
    call("market_add", market, c.byref(bars(pair, time, close)))
strategy = make("strategy_open_text", host, b"trend.lua", TEXT, c.c_size_t(len(TEXT)), None)
run = make("run_start", host, market, strategy, c.byref(RunOptions(c.sizeof(RunOptions), None, 0)))
call("run_wait", run, -1, None)

portfolio = lib.sld_result_portfolio(c.c_void_p(lib.sld_run_result(run))).contents
equity = column(portfolio.equity, portfolio.count)
when = column(portfolio.time, portfolio.count, np.int64)
print(f"{len(equity)} points to {when[-1] // DAY} days, {equity[-1]:.2f}, largest fall {100 * (equity / np.maximum.accumulate(equity) - 1).min():.1f}%")

lib.sld_run_free(run)
lib.sld_strategy_free(strategy)
lib.sld_market_free(market)
call("host_close", host)
