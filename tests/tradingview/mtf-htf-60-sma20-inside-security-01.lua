local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars)
  local close = bars:at("1h", { day = "utc" }).close
  self.close, self.mean = close, close:sma(20)
  self.crossed = close:held():crossover(self.mean) -- on the chart, where an hour's value is that of the bar before but for the bar that ends it
end

function S:bar(broker)
  if self.crossed[0] == 1 then tv.entry(broker, "L", "long", 1) end
  if self.close[0] < self.mean[0] and broker.position > 0 then broker:close { id = "L" } end
end

return S
