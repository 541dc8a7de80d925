local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars)
  local fast, slow = bars.close:sma(9), bars.close:sma(21)
  self.up, self.down = fast:crossover(slow), fast:crossunder(slow)
end

function S:bar(broker)
  tv.close_and_flip(broker, self.up[0] == 1, self.down[0] == 1, "golden cross", "death cross", "flip flat")
end

return S
