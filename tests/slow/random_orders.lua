-- Gives the orders of script `seed`.
local sliders = require "sliders"
local script = require "script"
local Random = sliders.strategy { warmup = 0, params = { seed = sliders.int(1, 1, 1000000000) } }

function Random:init() self.row = 0 end

function Random:bar(broker, p)
  self.row = self.row + 1
  for _, call in ipairs(script.calls(p.seed, self.row, self.bars.close[0])) do
    local name, a, b = call[1], call[2], call[3]
    if name == "cancel" then broker:cancel(a)
    elseif name == "cancel_all" then broker:cancel_all()
    elseif name == "modify" then broker:modify(a, b)
    elseif name == "target" then broker:target(a, next(b) and b or nil)
    elseif name == "close" then broker:close(next(a) and a or nil)
    elseif name == "trade" then
      local trade = broker.trades[a]
      if trade then trade:close { fraction = b } end
    elseif name == "buy" then broker:buy(a)
    elseif name == "sell" then broker:sell(a)
    else broker:exit(a) end
  end
end

return Random
