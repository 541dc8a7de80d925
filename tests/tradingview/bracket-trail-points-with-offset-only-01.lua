local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars) self.time = bars.time end

function S:bar(broker)
  local clock, position = tv.clock(self.time[0]), broker.position
  if clock == 915 and position == 0 then tv.entry(broker, "L", "long", 1, { tag = "trail long" }) end
  if clock == 1515 and position == 0 then tv.entry(broker, "S", "short", 1, { tag = "trail short" }) end
  if position > 0 then broker:exit { id = "LX", of = "L", trail_after = 0.80, trail = 0.40, tag = "trail long" } end
  if position < 0 then broker:exit { id = "SX", of = "S", trail_after = 0.80, trail = 0.40, tag = "trail short" } end
  if clock == 2345 and position ~= 0 then broker:close { tag = "timeout" } end
end

return S
