-- TradingView's calls in the words of `broker`, and clocks.
local tv = {}

--- The bar's open as hour x 100 + minute, UTC.
function tv.clock(time)
  local minutes = math.floor(time / 60) % 1440
  return math.floor(minutes / 60) * 100 + minutes % 60
end

function tv.is_monday(time) return (math.floor(time / 86400) + 3) % 7 == 0 end

--- entry(name, side, size): turns an opposite position and obeys pyramiding. `more` may hold stop, limit and tag.
function tv.entry(broker, name, side, size, more)
  local order = { id = name, units = size, reverse = true }
  for key, value in pairs(more or {}) do order[key] = value end
  if order.fraction then order.units = nil end
  if side == "long" then broker:buy(order) else broker:sell(order) end
end

--- The volume-weighted entry price of the position; nil when flat.
function tv.average_entry(broker)
  local units, value = 0, 0
  for _, trade in ipairs(broker.trades) do
    units = units + trade.units
    value = value + trade.units * trade.entry_price
  end
  if units ~= 0 then return value / units end
end


--- Long on `up`, short on `down`; an opposite position is closed first.
function tv.close_and_flip(broker, up, down, up_tag, down_tag, flat_tag, flat_down_tag)
  local position = broker.position
  if up and position <= 0 then
    if position < 0 then broker:close { id = "S", tag = flat_tag } end
    tv.entry(broker, "L", "long", 1, { tag = up_tag })
  end
  if down and position >= 0 then
    if position > 0 then broker:close { id = "L", tag = flat_down_tag or flat_tag } end
    tv.entry(broker, "S", "short", 1, { tag = down_tag })
  end
end

return tv
