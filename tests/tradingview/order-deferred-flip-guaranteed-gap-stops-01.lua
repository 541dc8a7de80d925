local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars) self.time, self.high, self.low = bars.time, bars.high, bars.low end

function S:bar(broker)
  local time, position = self.time[0], broker.position
  local clock = tv.clock(time)
  if clock == 800 then
    tv.entry(broker, "SE", "short", 1, { stop = self.high[0] * 10, tag = "open-guaranteed short" })
    broker:cancel "LE"
  end
  if clock == 1400 then
    tv.entry(broker, "LE", "long", 1, { stop = self.low[0] * 0.1, tag = "open-guaranteed long" })
    broker:cancel "SE"
  end
  if clock == 800 and position > 0 then broker:close { id = "LE", tag = "flip flat long" } end
  if clock == 1400 and position < 0 then broker:close { id = "SE", tag = "flip flat short" } end
  if clock == 0 and tv.is_monday(time) and position ~= 0 then broker:close { tag = "weekly reset" } end
end

return S
