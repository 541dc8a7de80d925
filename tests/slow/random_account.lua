-- Gives three pairs of one account the orders of a script each, at every instant, whether they have a bar then or not.
local sliders = require "sliders"
local script = require "script"
local Random = sliders.strategy { pairs = { "AUDUSD", "EURUSD", "XAUUSD" }, warmup = 0, params = { seed = sliders.int(1, 1, 1000000000) } }

function Random:init() self.instant = 0 end

function Random:bar(broker, p)
  self.instant = self.instant + 1
  for i, pair in ipairs(self.bars.pairs) do
    for _, call in ipairs(script.calls(3 * p.seed + i, self.instant, self.bars[pair].close[0])) do script.give(broker[pair], call) end
  end
end

return Random
