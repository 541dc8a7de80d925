-- Long while the fast mean is above the slow one, short while below.
local sliders = require "sliders"

local SmaCross = sliders.strategy {
  about = "Long while the fast mean is above the slow one, short while below.",
  params = {
    fast = sliders.int(20, 2, 100, { label = "bars in the fast mean" }),
    slow = sliders.int(50, 10, 400, { label = "bars in the slow mean" }),
  },
  valid = function(p) return p.fast < p.slow end,
}

function SmaCross:init(bars, p)
  self.fast = sliders.sma(bars.close, p.fast)
  self.slow = sliders.sma(bars.close, p.slow)
end

function SmaCross:bar(broker)
  if self.fast[0] > self.slow[0] then broker:target(1) else broker:target(-1) end
end

return SmaCross
