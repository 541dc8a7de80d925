-- Trend following as finmarketpy computes it: long above the 200-day mean, short below, each pair at a volatility of 5 %, on returns
-- that are not converted. Run over the H.10 rates it gives the weights that finmarketpy's own example prints.
local sliders = require "sliders"

local Trend = sliders.strategy {
  about = "Long above the slow mean and short below, with a volatility target and returns as finmarketpy has them.",
  params = {
    length = sliders.int(200, 10, 500, { label = "bars in the mean" }),
  },
  model = sliders.finmarketpy {
    spot_tc_bp = 2.5,
    signal_vol_target = 0.05,
    signal_vol_max_leverage = 3,
    signal_vol_periods = 60,
    signal_vol_obs_in_year = 252,
    signal_vol_rebalance_freq = "BM",
  },
}

function Trend:signal(bars, p)
  local trend = sliders.where(bars.close:gt(sliders.sma(bars.close, p.length)), 1, -1)
  -- finmarketpy leaves out the first `length` signals, one more than the mean needs: so does a model that waits for this column.
  return sliders.where(bars.close:shift(p.length):gt(0), trend, 0)
end

return Trend
