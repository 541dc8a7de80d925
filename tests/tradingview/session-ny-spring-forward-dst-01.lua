local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init()
  self.inside = sliders.session("0930-1600", "America/New_York")
  self.before = self.inside:shift(1)
end

function S:bar(broker)
  local now, before, position = self.inside[0] == 1, self.before[0] == 1, broker.position
  if now and not before and position == 0 then tv.entry(broker, "L", "long", 1, { tag = "session open" }) end
  if before and not now and position > 0 then broker:close { id = "L", tag = "session close" } end
end

return S
