local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars)
  local _, direction = sliders.supertrend(bars, 10, 3)
  self.up, self.down = direction:crossover(0), direction:crossunder(0)
end

function S:bar(broker)
  tv.close_and_flip(broker, self.up[0] == 1, self.down[0] == 1, "st bull flip", "st bear flip", "flip flat")
end

return S
