local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars) self.time = bars.time end

function S:bar(broker)
  local clock, position = tv.clock(self.time[0]), broker.position
  if clock == 815 and position == 0 then tv.entry(broker, "L", "long", nil, { fraction = 0.25, tag = "default percent sizing" }) end
  if clock == 1215 and position > 0 then broker:close { id = "L", tag = "sizing close" } end
end

return S
