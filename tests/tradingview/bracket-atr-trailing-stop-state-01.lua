local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars)
  local mean = bars.close:ema(20)
  self.atr, self.close = sliders.atr(bars, 14), bars.close
  self.up, self.down = bars.close:crossover(mean), bars.close:crossunder(mean)
  self.is_long = false
end

local function known(x) return x ~= nil and x == x end

function S:bar(broker)
  local close, atr, position = self.close[0], self.atr[0], broker.position
  if self.up[0] == 1 then
    tv.entry(broker, "Long", "long", 1)
    self.is_long, self.trail = true, close - 2 * atr
  end
  if self.down[0] == 1 then
    tv.entry(broker, "Short", "short", 1)
    self.is_long, self.trail = false, close + 2 * atr
  end
  if self.is_long and position > 0 then
    local new = close - 2 * atr
    self.trail = known(self.trail) and math.max(self.trail, new) or new
    if close < self.trail then
      broker:close { id = "Long" }
      self.is_long = false
    end
  end
  if not self.is_long and position < 0 then
    local new = close + 2 * atr
    self.trail = known(self.trail) and math.min(self.trail, new) or new
    if close > self.trail then broker:close { id = "Short" } end
  end
end

return S
