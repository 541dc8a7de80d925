-- The crossing of two means as a signal: no call per bar. Every n has its own two means, so that no job can borrow another's.
local sliders = require "sliders"

local Crossing = sliders.strategy {
  params = { n = sliders.int(1, 1, 200) },
}

function Crossing:signal(bars, p)
  local fast, slow = sliders.sma(bars.close, 4 + p.n), sliders.sma(bars.close, 204 + p.n)
  return sliders.where(fast:gt(slow), 1, -1)
end

return Crossing
