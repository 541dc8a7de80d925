-- Gives the orders of script `seed`.
local sliders = require "sliders"
local script = require "script"
local Random = sliders.strategy { warmup = 0, params = { seed = sliders.int(1, 1, 1000000000) } }

function Random:init() self.row = 0 end

function Random:bar(broker, p)
  self.row = self.row + 1
  for _, call in ipairs(script.calls(p.seed, self.row, self.bars.close[0])) do script.give(broker, call) end
end

return Random
