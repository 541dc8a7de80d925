local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars) self.time, self.open, self.high, self.low, self.close = bars.time, bars.open, bars.high, bars.low, bars.close end

function S:bar(broker)
  local clock, position = tv.clock(self.time[0]), broker.position
  local to_high, to_low = math.abs(self.high[0] - self.open[0]), math.abs(self.open[0] - self.low[0])
  if clock == 245 and position == 0 and to_high < to_low then
    tv.entry(broker, "LE", "long", 1, { stop = self.close[0] * 1.002, tag = "long stop" })
    tv.entry(broker, "SE", "short", 1, { stop = self.close[0] * 0.998, tag = "short stop" })
  end
  if clock == 615 and position ~= 0 then broker:close { tag = "flat" } end
end

return S
