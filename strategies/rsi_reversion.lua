-- Buys what has fallen too fast and sells what has risen too fast, until the index is back in the middle.
local sliders = require "sliders"

local Reversion = sliders.strategy {
  about = "Buys an oversold pair and sells an overbought one until the relative strength is back at 50.",
  params = {
    length = sliders.int(14, 2, 50, { label = "bars in the relative strength index" }),
    band = sliders.number(20, 5, 45, { step = 5, label = "distance from 50 that is too far" }),
    stop = sliders.number(0.03, 0.005, 0.2, { label = "stop loss as a fraction of the price" }),
  },
}

function Reversion:init(bars, p)
  self.rsi = sliders.rsi(bars.close, p.length)
end

function Reversion:bar(broker, p)
  local rsi, held = self.rsi[0], broker.position
  local stop = p.stop * self.bars.close[0]
  if held == 0 and rsi < 50 - p.band then
    broker:buy { fraction = 1, sl_dist = stop }
  elseif held == 0 and rsi > 50 + p.band then
    broker:sell { fraction = 1, sl_dist = stop }
  elseif held > 0 and rsi >= 50 or held < 0 and rsi <= 50 then
    broker:close()
  end
end

return Reversion
