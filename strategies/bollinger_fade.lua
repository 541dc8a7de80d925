-- Sells above the upper band, buys below the lower one, and is out again at the middle.
local sliders = require "sliders"

local Fade = sliders.strategy {
  about = "Sells above the upper Bollinger band and buys below the lower one, until the middle is crossed.",
  params = {
    length = sliders.int(20, 5, 200, { label = "bars in the band" }),
    width = sliders.number(2, 0.5, 4, { step = 0.25, label = "standard deviations from middle to band" }),
  },
}

function Fade:signal(bars, p)
  local close = bars.close
  local lower, middle, upper = sliders.bollinger(close, p.length, p.width)
  local as_before = 0 / 0 -- an undefined target keeps the last one
  local inside = sliders.where(close:cross(middle), 0, as_before)
  return sliders.where(close:lt(lower), 1, sliders.where(close:gt(upper), -1, inside))
end

return Fade
