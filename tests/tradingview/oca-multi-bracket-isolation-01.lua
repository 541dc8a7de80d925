local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars)
  local fast, slow = bars.close:ema(9), bars.close:ema(21)
  self.rsi, self.atr, self.up = bars.close:rsi(14), sliders.atr(bars, 14), fast:crossover(slow)
end

function S:bar(broker)
  local position, atr = broker.position, self.atr[0]
  if self.up[0] == 1 and self.rsi[0] < 60 and position == 0 then tv.entry(broker, "L", "long", 2, { tag = "entry" }) end
  if position > 0 then
    local entry = tv.average_entry(broker)
    broker:exit { id = "X_A", of = "L", units = 1, limit = entry + atr, stop = entry - atr }
    broker:exit { id = "X_B", of = "L", units = 1, limit = entry + 2 * atr, stop = entry - 2 * atr }
  end
end

return S
