local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars)
  local d
  self.k, d = sliders.stoch(bars, 14, 3, 3)
  self.up, self.down = self.k:crossover(d), self.k:crossunder(d)
end

function S:bar(broker)
  if self.up[0] == 1 and self.k[0] < 80 then tv.entry(broker, "L", "long", 1, { tag = "slowK cross above D" }) end
  if self.down[0] == 1 and self.k[0] > 20 then tv.entry(broker, "S", "short", 1, { tag = "slowK cross below D" }) end
end

return S
