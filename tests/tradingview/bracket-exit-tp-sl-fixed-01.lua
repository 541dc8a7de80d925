local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars) self.time = bars.time end

function S:bar(broker)
  local clock, position = tv.clock(self.time[0]), broker.position
  if clock == 15 and position == 0 then tv.entry(broker, "L", "long", 1, { tag = "periodic long" }) end
  if position > 0 then
    local entry = tv.average_entry(broker)
    broker:exit { id = "LX", of = "L", limit = entry * 1.004, stop = entry * 0.996, tag = "bracket" }
  end
  if clock == 615 and position > 0 then broker:close { id = "L", tag = "timeout" } end
end

return S
