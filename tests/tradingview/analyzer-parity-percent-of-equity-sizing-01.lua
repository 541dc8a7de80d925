local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars) self.time = bars.time end

function S:bar(broker)
  local position, time = broker.position, self.time[0]
  if tv.clock(time) == 0 and tv.is_monday(time) and position == 0 then
    tv.entry(broker, "E", "long", nil, { fraction = 0.99, tag = "auto-sized 99% equity" })
  end
  if position > 0 and broker.trades[1].entry_time < time then broker:close { id = "E", tag = "next-bar flatten" } end
end

return S
