local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars)
  self.atr, self.high, self.low, self.close = sliders.atr(bars, 10), bars.high, bars.low, bars.close
  self.direction = 1
end

function S:bar(broker)
  local atr, close = self.atr[0], self.close[0]
  local before, direction = self.direction, 1
  if atr == atr then
    local middle = (self.high[0] + self.low[0]) / 2
    local upper, lower = middle + 3 * atr, middle - 3 * atr
    if self.upper then
      local last = self.close[1]
      if not (lower > self.lower or last < self.lower) then lower = self.lower end
      if not (upper < self.upper or last > self.upper) then upper = self.upper end
      if self.line == self.upper then direction = close > upper and -1 or 1 else direction = close < lower and 1 or -1 end
    end
    self.upper, self.lower, self.line = upper, lower, direction == -1 and lower or upper
  end
  self.direction = direction
  tv.close_and_flip(broker, before == 1 and direction == -1, before == -1 and direction == 1, "st bull flip", "st bear flip", "flip flat")
end

return S
