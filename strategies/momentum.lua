-- Time-series momentum: holds each pair in the direction of its own past return, and less of what moves more.
-- Moskowitz, Ooi and Pedersen (2012), Journal of Financial Economics 104(2), 228-250.
local sliders = require "sliders"

local Momentum = sliders.strategy {
  about = "Holds each pair in the direction of its own past return, and less of what moves more.",
  params = {
    lookback = sliders.int(250, 20, 500, { label = "bars of the past return" }),
    window = sliders.int(60, 10, 250, { label = "bars in the volatility" }),
    target = sliders.number(0.5, 0.05, 5, { label = "volatility per bar to aim at, in percent" }),
    cap = sliders.number(2, 0.5, 10, { label = "largest exposure" }),
    step = sliders.number(0.25, 0.01, 1, { label = "exposure changes by multiples of this" }),
  },
}

function Momentum:init(bars, p)
  local volatility = sliders.stddev(sliders.roc(bars.close, 1), p.window)
  self.direction = sliders.sign(sliders.roc(bars.close, p.lookback))
  self.size = sliders.minimum(p.target / volatility, p.cap)
end

function Momentum:bar(broker, p)
  broker:target(self.direction[0] * sliders.round_to(self.size[0], p.step))
end

return Momentum
