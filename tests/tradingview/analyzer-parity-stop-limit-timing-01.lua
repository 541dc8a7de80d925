local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars) self.time, self.close, self.atr = bars.time, bars.close, sliders.atr(bars, 14) end

function S:bar(broker)
  local clock, atr, close = tv.clock(self.time[0]), self.atr[0], self.close[0]
  if (clock == 0 or clock == 1200) and broker.position == 0 and atr == atr then
    tv.entry(broker, "L", "long", 1, { tag = "periodic entry" })
    broker:exit { id = "X", of = "L", stop = close - atr, limit = close + 2 * atr }
  end
end

return S
