local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars) self.time = bars.time end

function S:bar(broker)
  local clock, position = tv.clock(self.time[0]), broker.position
  if clock == 115 and position == 0 then tv.entry(broker, "L", "long", 2, { tag = "two lots" }) end
  if position > 0 then
    local entry = tv.average_entry(broker)
    broker:exit { id = "HALF_TP", of = "L", limit = entry * 1.003, fraction = 0.5, tag = "half tp" }
    broker:exit { id = "REST_SL", of = "L", stop = entry * 0.994, tag = "rest stop" }
  end
  if clock == 915 and position > 0 then broker:close { id = "L", tag = "timeout" } end
end

return S
