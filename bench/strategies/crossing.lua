-- The crossing of two means as a signal, with the parameters of strategies/sma_cross.lua.
local sliders = require "sliders"

local Crossing = sliders.strategy {
  params = { fast = sliders.int(20, 2, 100), slow = sliders.int(50, 10, 400) },
}

function Crossing:signal(bars, p)
  return sliders.where(sliders.sma(bars.close, p.fast):gt(sliders.sma(bars.close, p.slow)), 1, -1)
end

return Crossing
