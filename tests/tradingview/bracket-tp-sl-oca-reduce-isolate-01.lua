local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars)
  local fast, slow = bars.close:sma(9), bars.close:sma(21)
  self.up, self.down = fast:crossover(slow), fast:crossunder(slow)
end

local function raw(broker, side, order)
  order.add, order.oca, order.oca_kind = true, "bracket", "reduce"
  if side > 0 then broker:buy(order) else broker:sell(order) end
end

function S:bar(broker)
  local position = broker.position
  if self.up[0] == 1 and position <= 0 then tv.entry(broker, "L", "long", 1, { tag = "ma cross up" }) end
  if self.down[0] == 1 and position >= 0 then tv.entry(broker, "S", "short", 1, { tag = "ma cross dn" }) end
  if position == 0 then
    broker:cancel "BracketTP"
    broker:cancel "BracketSL"
    return
  end
  local side, size, entry = position > 0 and 1 or -1, math.abs(position), tv.average_entry(broker)
  raw(broker, -side, { id = "BracketTP", units = size, limit = entry + side * 0.1, tag = "TP" })
  raw(broker, -side, { id = "BracketSL", units = size, stop = entry - side * 0.1, tag = "SL" })
end

return S
