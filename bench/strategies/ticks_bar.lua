-- One trade after the other, each with a stop loss and a take profit, which every tick may reach.
local sliders = require "sliders"

local Brackets = sliders.strategy {}

function Brackets:init(bars)
  self.bid, self.mean = bars.bid, sliders.sma(bars.bid, 400)
end

function Brackets:bar(broker)
  local bid = self.bid[0]
  if broker.position ~= 0 then return end
  if bid > self.mean[0] then broker:buy { units = 10000, sl = bid - 0.0010, tp = bid + 0.0015 }
  else broker:sell { units = 10000, sl = bid + 0.0020, tp = bid - 0.0010 } end
end

return Brackets
