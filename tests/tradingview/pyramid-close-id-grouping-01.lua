local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars) self.time = bars.time end

function S:bar(broker)
  local clock, position = tv.clock(self.time[0]), broker.position
  if clock == 15 and position == 0 then tv.entry(broker, "L", "long", 1, { tag = "lot 1" }) end
  if clock == 30 and position > 0 then tv.entry(broker, "L", "long", 1, { tag = "lot 2" }) end
  if clock == 45 and position > 0 then tv.entry(broker, "L", "long", 1, { tag = "lot 3" }) end
  if clock == 115 and position > 0 then broker:close { id = "L", tag = "close all L" } end
  if clock == 1215 and position == 0 then tv.entry(broker, "S", "short", 1, { tag = "short lot 1" }) end
  if clock == 1230 and position < 0 then tv.entry(broker, "S", "short", 1, { tag = "short lot 2" }) end
  if clock == 1245 and position < 0 then tv.entry(broker, "S", "short", 1, { tag = "short lot 3" }) end
  if clock == 1315 and position < 0 then broker:close { id = "S", tag = "close all S" } end
end

return S
