local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars) self.time, self.high, self.low = bars.time, bars.high, bars.low end

function S:bar(broker)
  local clock, position = tv.clock(self.time[0]), broker.position
  if clock >= 200 and clock <= 245 and position == 0 then tv.entry(broker, "LE", "long", 1, { stop = self.high[0] + 0.01, tag = "moving long stop" }) end
  if clock >= 1400 and clock <= 1445 and position == 0 then tv.entry(broker, "SE", "short", 1, { stop = self.low[0] - 0.01, tag = "moving short stop" }) end
  if clock == 615 and position > 0 then broker:close { id = "LE", tag = "long close" } end
  if clock == 1815 and position < 0 then broker:close { id = "SE", tag = "short close" } end
end

return S
