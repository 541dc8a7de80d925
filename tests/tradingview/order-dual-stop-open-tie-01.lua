local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars) self.time, self.close = bars.time, bars.close end

function S:bar(broker)
  local clock, position, close = tv.clock(self.time[0]), broker.position, self.close[0]
  if clock == 445 and position == 0 then
    tv.entry(broker, "LE", "long", 1, { stop = close, tag = "long stop at close" })
    tv.entry(broker, "SE", "short", 1, { stop = close, tag = "short stop at close" })
  end
  if clock == 815 and position ~= 0 then broker:close { tag = "flat after open tie" } end
  if clock == 1645 and position == 0 then
    tv.entry(broker, "SE2", "short", 1, { stop = close, tag = "short first at close" })
    tv.entry(broker, "LE2", "long", 1, { stop = close, tag = "long second at close" })
  end
  if clock == 2015 and position ~= 0 then broker:close { tag = "flat after reverse tie" } end
end

return S
