local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars)
  local rsi = bars.close:rsi(14)
  self.up, self.down = rsi:crossover(50), rsi:crossunder(50)
end

function S:bar(broker)
  if self.up[0] == 1 then tv.entry(broker, "L", "long", 1, { tag = "rsi cross up 50" }) end
  if self.down[0] == 1 then tv.entry(broker, "S", "short", 1, { tag = "rsi cross dn 50" }) end
end

return S
