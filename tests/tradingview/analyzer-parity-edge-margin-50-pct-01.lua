local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars) self.time, self.close = bars.time, bars.close end

function S:bar(broker)
  local position, time = broker.position, self.time[0]
  if tv.clock(time) == 0 and tv.is_monday(time) and position == 0 then
    local size = math.floor(broker.equity * 0.5 / self.close[0] * 1000 + 0.5) / 1000
    tv.entry(broker, "E", "long", size, { tag = "qty = 50% equity / close" })
  end
  if position > 0 and broker.trades[1].entry_time < time then broker:close { id = "E", tag = "next-bar flatten" } end
end

return S
