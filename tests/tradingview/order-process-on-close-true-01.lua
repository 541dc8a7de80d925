local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars)
  local fast, slow = bars.close:ema(9), bars.close:ema(21)
  self.rsi, self.up, self.down = bars.close:rsi(14), fast:crossover(slow), fast:crossunder(slow)
end

function S:bar(broker)
  local position = broker.position
  if self.up[0] == 1 and self.rsi[0] < 70 and position == 0 then tv.entry(broker, "L", "long", 1, { tag = "entry" }) end
  if self.down[0] == 1 and position > 0 then broker:close { id = "L", tag = "exit" } end
end

return S
