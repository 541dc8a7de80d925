-- Trend following as finmarketpy computes it: long above the 200-day mean, short below, with volatility targets for each
-- pair and for the portfolio, on returns that are not converted.
local sliders = require "sliders"

local Trend = sliders.strategy {
  about = "Long above the slow mean and short below, with volatility targets and returns as finmarketpy has them.",
  params = {
    length = sliders.int(200, 10, 500, { label = "bars in the mean" }),
  },
  model = sliders.finmarketpy {
    spot_tc_bp = 0.5,
    signal_vol_target = 0.1,
    signal_vol_max_leverage = 5,
    signal_vol_periods = 20,
    signal_vol_obs_in_year = 252,
    signal_vol_rebalance_freq = "BM",
    portfolio_vol_target = 0.1,
    portfolio_vol_max_leverage = 5,
    portfolio_vol_periods = 20,
    portfolio_vol_obs_in_year = 252,
    portfolio_vol_rebalance_freq = "BM",
  },
}

function Trend:signal(bars, p)
  local trend = sliders.where(bars.close:gt(sliders.sma(bars.close, p.length)), 1, -1)
  -- finmarketpy leaves out the first `length` signals, one more than the mean needs.
  return sliders.where(bars.close:shift(p.length):gt(0), trend, 0)
end

return Trend
