local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars)
  self.time, self.close = bars.time, bars.close
  self.days, self.sum = 0, 0
end

function S:bar(broker)
  local last = self.ema
  if tv.clock(self.time[0]) == 2345 then
    local close = self.close[0]
    self.days, self.sum = self.days + 1, self.sum + close
    if self.days == 26 then self.ema = self.sum / 26
    elseif self.days > 26 then self.ema = 2 / 27 * close + (1 - 2 / 27) * self.ema end
  end
  local ema = self.ema
  local both = ema and last
  tv.close_and_flip(broker, both and ema > last, both and ema < last, "daily EMA rising", "daily EMA falling", "flip to long", "flip to short")
end

return S
