--- The slow broker inside a bar: what each path reaches, in which order, at which price.
local unpack = table.unpack or unpack

return function(slow)

local passed, is_market = slow.words.passed, slow.words.is_market

-- ---- Path pessimistic ------------------------------------------------------------------------------------------------

-- The nearer of two stops of a long (or short) lot, and which it is.
local function nearer(stop, trail, is_long)
  if trail and (not stop or (is_long and trail > stop) or (not is_long and trail < stop)) then return trail, "trail" end
  return stop, "stop"
end

-- Tries a bracket against the open (`when` = "open") or the bar ("inside"): reference, price, by; nil where nothing is reached.
function slow:try_bracket(what, when, is_long, stop, trail, limit)
  local r, bars = self.row, self.bars
  local q = self:quote(not is_long, false)
  local low, high = bars.low[r], bars.high[r]
  if when == "open" then low, high = bars.open[r], bars.open[r] end
  local level, by = nearer(stop, trail, is_long)
  if what ~= "limit" and passed((is_long and low or high) + q, level, not is_long) then
    if when == "open" then return low, low + q, by end
    return level - q, level, by
  end
  if what ~= "stop" and passed((is_long and high or low) + q, limit, is_long) then
    if when == "open" then return low, low + q, "limit" end
    return limit - q, limit, "limit"
  end
end

function slow:each_lot(what, when)
  for _, lot in ipairs({ unpack(self.lots) }) do
    if lot.steps ~= 0 and lot.late ~= self.row then
      local reference, price, by = self:try_bracket(what, when, lot.steps > 0, lot.sl, lot.trail.level, lot.tp)
      if reference then self:deal_lot(lot, reference, price, by) end
    end
  end
end

function slow:each_exit(what, when)
  for _, order in ipairs({ unpack(self.waiting) }) do
    local live = order.state == "pending" and order.reduce_only and not is_market(order) and order.kind ~= "stop_limit"
    if live and order.kind == "exit" then live = self:reserved(order, when ~= "open") > 0 end
    if live then
      local reference, price, by = self:try_bracket(what, when, self:side(order) < 0, order.stop, order.trail_level, order.limit)
      if reference then self:deal(order, reference, price, by) end
    end
  end
end

-- Where an entry is reached: reference, price, by.
function slow:try_entry(order, when)
  local r, bars = self.row, self.bars
  local buys = order.steps > 0 or (order.steps == 0 and order.fraction > 0)
  local q = self:quote(buys, not order.reduce_only)
  local at_open = when == "open"
  local high, low, open = (at_open and bars.open or bars.high)[r], (at_open and bars.open or bars.low)[r], bars.open[r]
  if order.stop and not order.triggered then
    if not passed((buys and high or low) + q, order.stop, buys) then return end
    local price = at_open and open + q or order.stop
    local reference = at_open and open or order.stop - q
    if not order.limit then return reference, price, "stop" end
    order.triggered, order.rests = true, at_open and r or r + 1
    if buys and price <= order.limit or not buys and price >= order.limit then return reference, price, "limit" end
    return
  end
  if order.triggered and order.rests > r then return end
  if passed((buys and low or high) + q, order.limit, not buys) then
    if at_open then return open, open + q, "limit" end
    return order.limit - q, order.limit, "limit"
  end
end

-- The stops of a lot that was opened inside this bar: no better than its entry.
function slow:protect(lot)
  local is_long = lot.steps > 0
  local q = self:quote(not is_long, false)
  local function worst(reference, price)
    if is_long and price > lot.reference + q or not is_long and price < lot.reference + q then return lot.reference, lot.reference + q end
    return reference, price
  end
  lot.late = self.row
  local reference, price, by = self:try_bracket("stop", "inside", is_long, lot.sl, lot.trail.level, nil)
  if reference then
    reference, price = worst(reference, price)
    return self:deal_lot(lot, reference, price, by)
  end
  local name = self:name_of(lot)
  if name == "" then return end
  for _, order in ipairs({ unpack(self.waiting) }) do
    if order.state == "pending" and order.kind == "exit" and order.of == name and self:reserved(order) > 0 then
      is_long = self:side(order) < 0
      q = self:quote(not is_long, false)
      reference, price, by = self:try_bracket("stop", "inside", is_long, order.stop, order.trail_level, nil)
      if reference then
        reference, price = worst(reference, price)
        self:deal(order, reference, price, by)
      end
    end
  end
end

function slow:each_entry(when)
  for _, order in ipairs({ unpack(self.waiting) }) do
    local live = order.state == "pending" and not is_market(order) and (not order.reduce_only or order.kind == "stop_limit")
    if live then
      local reference, price, by = self:try_entry(order, when)
      if reference then
        self:deal(order, reference, price, by)
        local newest = self.lots[#self.lots]
        if when == "inside" and newest and newest.order == order.id then self:protect(newest) end
      end
    end
  end
end

function slow:walk_pessimistic()
  self:deal_market(self.bars.open[self.row])
  self:each_lot("both", "open")
  self:each_exit("both", "open")
  self:each_entry("open")
  self:each_lot("stop", "inside")
  self:each_exit("stop", "inside")
  self:each_entry("inside")
  self:each_lot("limit", "inside")
  self:each_exit("limit", "inside")
end

-- ---- Path tradingview ------------------------------------------------------------------------------------------------

function slow:see(trail, price, entry, is_long)
  if not trail.distance then return end
  if not trail.best then
    local from = trail.after and self:nearest_tick(entry + (is_long and trail.after or -trail.after)) or price
    if passed(price, from, is_long) then trail.best = price end
  else
    trail.best = is_long and math.max(trail.best, price) or not is_long and math.min(trail.best, price)
  end
end

function slow:see_everywhere(at)
  for _, lot in ipairs(self.lots) do self:see(lot.trail, at + self:quote(lot.steps < 0, false), lot.price, lot.steps > 0) end
  for _, order in ipairs(self.waiting) do
    local lot = order.kind == "exit" and self:lots_named(order.of)[1]
    if lot then self:see(order.trail_state, at + self:quote(lot.steps < 0, false), lot.price, lot.steps > 0) end
  end
end

-- Everything that could be met: {lot or order, by, buys, level, quote, id, rising}.
function slow:levels()
  local list = {}
  local function add(x, by, buys, level, quote, id, rising)
    local rank = ({ stop = 1, trail = 2, limit = 3 })[by]
    if level then list[#list + 1] = { x = x, by = by, rank = rank, buys = buys, level = level, quote = quote, id = id, rising = rising } end
  end
  local function bracket(x, buys, id, stop, trail, limit, entry)
    local quote, way = self:quote(buys, false), buys and -1 or 1
    add(x, "stop", buys, stop, quote, id, buys)
    if trail.distance and trail.best then add(x, "trail", buys, self:nearest_tick(trail.best - way * trail.distance), quote, id, buys)
    elseif trail.distance == 0 then add(x, "trail", buys, self:nearest_tick(entry + way * trail.after), quote, id, not buys) end
    add(x, "limit", buys, limit, quote, id, not buys)
  end
  for _, lot in ipairs(self.lots) do bracket(lot, lot.steps < 0, lot.order, lot.sl, lot.trail, lot.tp, lot.price) end
  for _, order in ipairs(self.waiting) do
    if order.kind == "exit" then
      local lot = self:lots_named(order.of)[1]
      if lot and self:reserved(order) > 0 then bracket(order, lot.steps < 0, order.id, order.stop, order.trail_state, order.limit, lot.price) end
    elseif not is_market(order) then
      local buys = self:side(order) > 0
      local quote = self:quote(buys, not order.reduce_only)
      if order.stop and not order.triggered then add(order, "stop", buys, order.stop, quote, order.id, buys)
      else add(order, "limit", buys, order.limit, quote, order.id, not buys) end
    end
  end
  return list
end

-- Walks to a price and deals what is met.
function slow:walk_to(at, to, at_open)
  while true do
    self:see_everywhere(at)
    local best
    for _, c in ipairs(self:levels()) do
      local here, there = at + c.quote, to + c.quote
      c.there_already = passed(here, c.level, c.rising)
      if c.there_already or passed(there, c.level, c.rising) then
        c.way = (c.there_already and not at_open) and 0 or math.abs(c.level - here)
        local key = at_open and { c.buys and 0 or 1, c.way, c.id, c.rank } or { c.way, c.rank, c.id, 0 }
        local first = not best
        for i = 1, 4 do
          if not first and key[i] ~= best.key[i] then first = key[i] < best.key[i] break end
        end
        if first then
          c.key = key
          best = c
        end
      end
    end
    if not best then break end
    local reference, price = at, at + best.quote
    if not best.there_already then
      at = best.level - best.quote
      reference, price = at, best.level
    end
    if best.x.opened then self:deal_lot(best.x, reference, price, best.by)
    elseif best.x.kind == "stop_limit" and best.by == "stop" then best.x.triggered = true
    else self:deal(best.x, reference, price, best.by) end
  end
  return to
end

function slow:walk_tradingview()
  local r, bars = self.row, self.bars
  local open, high, low, close = bars.open[r], bars.high[r], bars.low[r], bars.close[r]
  self:deal_market(open)
  self:walk_to(open, open, true)
  local corners = math.abs(high - open) < math.abs(open - low) and { high, low, close } or { low, high, close }
  local at = open
  for _, to in ipairs(corners) do at = self:walk_to(at, to, false) end
  self:see_everywhere(close)
end

-- ---- Path backtesting_py ---------------------------------------------------------------------------------------------

local function better(a, b, buys) return buys and math.min(a, b) or not buys and math.max(a, b) end
local function worse(a, b, buys) return buys and math.max(a, b) or not buys and math.min(a, b) end

-- A price of the side as reference and price.
function slow:at_price(price, q)
  local open = self.bars.open[self.row]
  if price == open + q then return open, price end
  return price - q, price
end

function slow:bracket_py(is_long, stop, trail, limit)
  local r, bars, buys = self.row, self.bars, not is_long
  local q = self:quote(buys, false)
  local open, high, low = bars.open[r] + q, bars.high[r] + q, bars.low[r] + q
  stop = nearer(stop, trail, is_long)
  if stop and (is_long and low <= stop or buys and high >= stop) then
    local reference, price = self:at_price(worse(open, stop, buys), q)
    return reference, price, "stop"
  end
  if limit and (is_long and high >= limit or buys and low <= limit) then
    local reference, price = self:at_price(better(open, limit, buys), q)
    return reference, price, "limit"
  end
end

function slow:order_py(order)
  local r, bars, buys = self.row, self.bars, self:side(order) > 0
  local q = self:quote(buys, not order.reduce_only)
  local open, high, low = bars.open[r] + q, bars.high[r] + q, bars.low[r] + q
  local by_stop = order.stop and not order.triggered
  if by_stop and not passed(buys and high or low, order.stop, buys) then return end
  if not order.limit then
    local reference, price = self:at_price(worse(open, order.stop, buys), q)
    return reference, price, "stop"
  end
  if by_stop then order.triggered = true end
  if not passed(buys and low or high, order.limit, not buys) then return end
  if by_stop and passed(order.limit, order.stop, not buys) then return end
  local reference, price = self:at_price(better(by_stop and order.stop or open, order.limit, buys), q)
  return reference, price, "limit"
end

function slow:new_lot_py(order, by_market)
  local r, bars, lot = self.row, self.bars, nil
  for _, other in ipairs(self.lots) do
    if other.order == order.id then lot = other end
  end
  if not lot or not (by_market or order.kind == "stop") then return end
  local is_long = lot.steps > 0
  local q = self:quote(not is_long, false)
  local stop = nearer(lot.sl, lot.trail.level, is_long)
  local profit = passed((is_long and bars.high or bars.low)[r] + q, lot.tp, is_long)
  local loss = passed((is_long and bars.low or bars.high)[r] + q, stop, not is_long)
  if not by_market and (loss or not profit) then return end
  local reference, price, by = self:bracket_py(is_long, lot.sl, lot.trail.level, lot.tp)
  if reference then self:deal_lot(lot, reference, price, by) end
end

function slow:walk_backtesting_py()
  local open = self.bars.open[self.row]
  for _, order in ipairs({ unpack(self.waiting) }) do
    if order.kind == "close" and order.state == "pending" then self:deal(order, open, open + self:quote(self:side(order) > 0, false), "market") end
  end
  for i = #self.lots, 1, -1 do
    local lot = self.lots[i]
    local reference, price, by = self:bracket_py(lot.steps > 0, lot.sl, lot.trail.level, lot.tp)
    if reference then self:deal_lot(lot, reference, price, by == "stop" and "stop" or "limit") end
  end
  for _, order in ipairs({ unpack(self.waiting) }) do
    if order.kind == "exit" and order.state == "pending" and self:reserved(order) > 0 then
      local reference, price, by = self:bracket_py(self:side(order) < 0, order.stop, order.trail_level, order.limit)
      if reference then self:deal(order, reference, price, by) end
    end
  end
  for _, order in ipairs({ unpack(self.waiting) }) do
    if order.kind ~= "exit" and order.state == "pending" then
      local reference, price, by
      if is_market(order) then reference, price, by = open, open + self:quote(self:side(order) > 0, not order.reduce_only), "market"
      else reference, price, by = self:order_py(order) end
      if reference then
        self:deal(order, reference, price, by)
        self:new_lot_py(order, is_market(order))
      end
    end
  end
end

end
