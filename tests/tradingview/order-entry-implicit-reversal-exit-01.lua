local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars) self.time = bars.time end

function S:bar(broker)
  local clock, position = tv.clock(self.time[0]), broker.position
  if clock == 15 and position == 0 then tv.entry(broker, "L", "long", 1, { tag = "open long" }) end
  if clock == 45 and position > 0 then tv.entry(broker, "S", "short", 1, { tag = "reverse short" }) end
  if clock == 115 and position < 0 then tv.entry(broker, "L", "long", 1, { tag = "reverse long" }) end
  if clock == 145 and position ~= 0 then broker:close { tag = "flat" } end
end

return S
