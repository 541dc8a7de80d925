local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars)
  local macd = bars.close:ema(12) - bars.close:ema(26)
  local signal = macd:ema(9)
  self.up, self.down = macd:crossover(signal), macd:crossunder(signal)
end

function S:bar(broker)
  if self.up[0] == 1 then tv.entry(broker, "L", "long", 1, { tag = "macd cross up" }) end
  if self.down[0] == 1 then tv.entry(broker, "S", "short", 1, { tag = "macd cross dn" }) end
end

return S
