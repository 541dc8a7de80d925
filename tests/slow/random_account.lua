-- Gives three pairs of one account the orders of a script each, at every instant, whether they have a bar then or not.
local sliders = require "sliders"
local script = require "script"
local Random = sliders.strategy { pairs = { "AUDUSD", "EURUSD", "XAUUSD" }, warmup = 0, params = { seed = sliders.int(1, 1, 1000000000) } }

function Random:init() self.instant = 0 end

local function make(broker, call)
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

function Random:bar(broker, p)
  self.instant = self.instant + 1
  for i, pair in ipairs(self.bars.pairs) do
    for _, call in ipairs(script.calls(3 * p.seed + i, self.instant, self.bars[pair].close[0])) do make(broker[pair], call) end
  end
end

return Random
