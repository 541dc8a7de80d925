local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars)
  self.high20, self.low20 = bars.high:rolling_max(20):shift(1), bars.low:rolling_min(20):shift(1)
  self.high10, self.low10 = bars.high:rolling_max(10):shift(1), bars.low:rolling_min(10):shift(1)
end

function S:bar(broker)
  local close, position = self.bars.close[0], broker.position
  if close > self.high20[0] then tv.entry(broker, "Long", "long", 1) end
  if close < self.low20[0] then tv.entry(broker, "Short", "short", 1) end
  if position > 0 and close < self.low10[0] then broker:close { id = "Long" } end
  if position < 0 and close > self.high10[0] then broker:close { id = "Short" } end
end

return S
