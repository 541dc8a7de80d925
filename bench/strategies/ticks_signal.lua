-- The crossing of two means of the bid, tick by tick: a position all the time, and no call per tick.
local sliders = require "sliders"

local Crossing = sliders.strategy { params = { n = sliders.int(400, 10, 10000) } }

function Crossing:signal(bars, p)
  return sliders.where(sliders.sma(bars.bid, p.n):gt(sliders.sma(bars.bid, 5 * p.n)), 1, -1)
end

return Crossing
