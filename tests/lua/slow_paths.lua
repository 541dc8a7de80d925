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

-- Tries a bracket against the open (`when` = "open") or the bar ("inside", or "late" for a lot that was opened on the way): point, price, by; nil where
-- nothing is reached. What the open had passed deals there, though something that the open dealt has woken it.
function slow:try_bracket(what, when, is_long, stop, trail, limit)
  local buys, open = not is_long, self:point "open"
  local low, high = self:point "low", self:point "high"
  if when == "open" then low, high = open, open end
  local worst, best = is_long and low or high, is_long and high or low
  local level, by = nearer(stop, trail, is_long)
  if what ~= "limit" and passed(self:seen(worst, buys, false), level, buys) then
    local gap = when == "open" or when == "inside" and passed(self:seen(open, buys, false), level, buys)
    if gap then return open, self:seen(open, buys, false), by end
    return self:point_of(level, buys, false, worst), level, by
  end
  if what ~= "stop" and passed(self:seen(best, buys, false), limit, is_long) then
    local gap = when == "open" or when == "inside" and passed(self:seen(open, buys, false), limit, is_long)
    if gap then return open, self:seen(open, buys, false), "limit" end
    return self:point_of(limit, buys, false, best), limit, "limit"
  end
end

function slow:each_lot(what, when)
  for _, lot in ipairs({ unpack(self.lots) }) do
    if lot.steps ~= 0 and lot.late ~= self.row then
      local point, price, by = self:try_bracket(what, when, lot.steps > 0, lot.sl, lot.trail.level, lot.tp)
      if point then self:deal_lot(lot, point, price, by) end
    end
  end
end

function slow:each_exit(what, when)
  for _, order in ipairs(self:awaiting()) do
    local live = order.state == "pending" and order.reduce_only and not is_market(order) and order.kind ~= "stop_limit"
    if live and order.kind == "exit" then live = self:reserved(order, when ~= "open") > 0 end
    if live then
      local point, price, by = self:try_bracket(what, when, self:side(order) < 0, order.stop, order.trail_level, order.limit)
      if point then self:deal(order, point, price, by) end
    end
  end
end

-- Where an entry is reached: point, price, by.
function slow:try_entry(order, when)
  local r, opens = self.row, not order.reduce_only
  local buys = order.steps > 0 or (order.steps == 0 and order.fraction > 0)
  local at_open, open = when == "open", self:point "open"
  local high, low = at_open and open or self:point "high", at_open and open or self:point "low"
  local rise, fall = buys and high or low, buys and low or high
  if order.stop and not order.triggered then
    if not passed(self:seen(rise, buys, opens), order.stop, buys) then return end
    local gap = at_open or passed(self:seen(open, buys, opens), order.stop, buys)
    local price = gap and self:seen(open, buys, opens) or order.stop
    local point = gap and open or self:point_of(order.stop, buys, opens, rise)
    if not order.limit then return point, price, "stop" end
    order.triggered, order.rests = true, at_open and r or r + 1
    if buys and price <= order.limit or not buys and price >= order.limit then return point, price, "limit" end
    return
  end
  if order.triggered and order.rests > r then return end
  if passed(self:seen(fall, buys, opens), order.limit, not buys) then
    if at_open or passed(self:seen(open, buys, opens), order.limit, not buys) then return open, self:seen(open, buys, opens), "limit" end
    return self:point_of(order.limit, buys, opens, fall), order.limit, "limit"
  end
end

-- The stops of a lot that was opened inside this bar: no better than its entry.
function slow:protect(lot)
  local is_long, entry = lot.steps > 0, lot.point
  local function worst(point, price)
    local mine = self:seen(entry, not is_long, false)
    if is_long and price > mine or not is_long and price < mine then return entry, mine end
    return point, price
  end
  lot.late = self.row
  local point, price, by = self:try_bracket("stop", "late", is_long, lot.sl, lot.trail.level, nil)
  if point then
    point, price = worst(point, price)
    return self:deal_lot(lot, point, price, by)
  end
  local name = self:name_of(lot)
  if name == "" then return end
  for _, order in ipairs(self:awaiting()) do
    if order.state == "pending" and order.kind == "exit" and order.of == name and self:reserved(order) > 0 then
      is_long = self:side(order) < 0
      point, price, by = self:try_bracket("stop", "late", is_long, order.stop, order.trail_level, nil)
      if point then
        point, price = worst(point, price)
        self:deal(order, point, price, by)
      end
    end
  end
end

function slow:each_entry(when)
  for _, order in ipairs(self:awaiting()) do
    local live = order.state == "pending" and not is_market(order) and (not order.reduce_only or order.kind == "stop_limit")
    if live then
      local point, price, by = self:try_entry(order, when)
      if point then
        self:deal(order, point, price, by)
        local newest = self.lots[#self.lots]
        if when == "inside" and newest and newest.order == order.id then self:protect(newest) end
      end
    end
  end
end

function slow:open_pessimistic()
  self:deal_market(self:point "open")
  self:each_lot("both", "open")
  self:each_exit("both", "open")
  self:each_entry("open")
end

function slow:rest_pessimistic()
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
  for _, lot in ipairs(self.lots) do self:see(lot.trail, self:seen(at, lot.steps < 0, false), lot.price, lot.steps > 0) end
  for _, order in ipairs(self.waiting) do
    local lot = order.kind == "exit" and self:lots_named(order.of)[1]
    if lot then self:see(order.trail_state, self:seen(at, lot.steps < 0, false), lot.price, lot.steps > 0) end
  end
end

-- Everything that could be met: {lot or order, by, buys, level, opens, id, rising}.
function slow:levels()
  local list = {}
  local function add(x, by, buys, level, opens, id, rising)
    local rank = ({ stop = 1, trail = 2, limit = 3 })[by]
    if level then list[#list + 1] = { x = x, by = by, rank = rank, buys = buys, level = level, opens = opens, id = id, rising = rising } end
  end
  local function bracket(x, buys, id, stop, trail, limit, entry)
    local way = buys and -1 or 1
    add(x, "stop", buys, stop, false, id, buys)
    if trail.distance and trail.best then add(x, "trail", buys, self:nearest_tick(trail.best - way * trail.distance), false, id, buys)
    elseif trail.distance == 0 then add(x, "trail", buys, self:nearest_tick(entry + way * trail.after), false, id, not buys) end
    add(x, "limit", buys, limit, false, id, not buys)
  end
  for _, lot in ipairs(self.lots) do bracket(lot, lot.steps < 0, lot.order, lot.sl, lot.trail, lot.tp, lot.price) end
  for _, order in ipairs(self:awaiting()) do
    if order.kind == "exit" then
      local lot = self:lots_named(order.of)[1]
      if lot and self:reserved(order) > 0 then bracket(order, lot.steps < 0, order.id, order.stop, order.trail_state, order.limit, lot.price) end
    elseif not is_market(order) then
      local buys = self:side(order) > 0
      local opens = not order.reduce_only
      if order.stop and not order.triggered then add(order, "stop", buys, order.stop, opens, order.id, buys)
      else add(order, "limit", buys, order.limit, opens, order.id, not buys) end
    end
  end
  return list
end

-- Walks to a point and deals what is met.
function slow:walk_to(at, to, at_open)
  local both = self.o.data == "both"
  while true do
    self:see_everywhere(at)
    local best
    for _, c in ipairs(self:levels()) do
      local here, there = self:seen(at, c.buys, c.opens), self:seen(to, c.buys, c.opens)
      c.there_already = passed(here, c.level, c.rising)
      if c.there_already or passed(there, c.level, c.rising) then
        c.way = (c.there_already and not at_open) and 0 or math.abs(c.level - here)
        if both and not c.there_already then c.way = c.way / math.abs(there - here) end
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
    local price = self:seen(at, best.buys, best.opens)
    if not best.there_already then
      local near
      if both then
        local now, later = at.ask - at.ref, to.ask - to.ref
        near = { ref = 0, ask = now + best.way * (later - now) }
      end
      at = self:point_of(best.level, best.buys, best.opens, near)
      price = best.level
    end
    if best.x.opened then self:deal_lot(best.x, at, price, best.by)
    elseif best.x.kind == "stop_limit" and best.by == "stop" then best.x.triggered = true
    else self:deal(best.x, at, price, best.by) end
  end
  return to
end

function slow:open_tradingview()
  local open = self:point "open"
  self:deal_market(open)
  self:walk_to(open, open, true)
end

function slow:rest_tradingview()
  local open, high, low, close = self:point "open", self:point "high", self:point "low", self:point "close"
  local corners = math.abs(high.ref - open.ref) < math.abs(open.ref - low.ref) and { high, low, close } or { low, high, close }
  local at = open
  for _, to in ipairs(corners) do at = self:walk_to(at, to, false) end
  self:see_everywhere(close)
end

-- ---- Path backtesting_py ---------------------------------------------------------------------------------------------

local function better(a, b, buys) return buys and math.min(a, b) or not buys and math.max(a, b) end
local function worse(a, b, buys) return buys and math.max(a, b) or not buys and math.min(a, b) end

-- A price of the side as point and price; `extreme` is where it was on its way to.
function slow:at_price(price, buys, opens, extreme)
  local open = self:point "open"
  if price == self:seen(open, buys, opens) then return open, price end
  return self:point_of(price, buys, opens, self:point(extreme)), price
end

-- Open, high and low where levels are compared.
function slow:seen_bar(buys, opens)
  return self:seen(self:point "open", buys, opens), self:seen(self:point "high", buys, opens), self:seen(self:point "low", buys, opens)
end

function slow:bracket_py(is_long, stop, trail, limit)
  local buys = not is_long
  local open, high, low = self:seen_bar(buys, false)
  stop = nearer(stop, trail, is_long)
  if stop and (is_long and low <= stop or buys and high >= stop) then
    local point, price = self:at_price(worse(open, stop, buys), buys, false, is_long and "low" or "high")
    return point, price, "stop"
  end
  if limit and (is_long and high >= limit or buys and low <= limit) then
    local point, price = self:at_price(better(open, limit, buys), buys, false, is_long and "high" or "low")
    return point, price, "limit"
  end
end

function slow:order_py(order)
  local buys, opens = self:side(order) > 0, not order.reduce_only
  local open, high, low = self:seen_bar(buys, opens)
  local rise, fall = buys and "high" or "low", buys and "low" or "high"
  local by_stop = order.stop and not order.triggered
  if by_stop and not passed(buys and high or low, order.stop, buys) then return end
  if not order.limit then
    local point, price = self:at_price(worse(open, order.stop, buys), buys, opens, rise)
    return point, price, "stop"
  end
  if by_stop then order.triggered = true end
  if not passed(buys and low or high, order.limit, not buys) then return end
  if by_stop and passed(order.limit, order.stop, not buys) then return end
  local point, price = self:at_price(better(by_stop and order.stop or open, order.limit, buys), buys, opens, by_stop and rise or fall)
  return point, price, "limit"
end

function slow:new_lot_py(order, by_market)
  local lot
  for _, other in ipairs(self.lots) do
    if other.order == order.id then lot = other end
  end
  if not lot or not (by_market or order.kind == "stop") then return end
  local is_long = lot.steps > 0
  local _, high, low = self:seen_bar(not is_long, false)
  local stop = nearer(lot.sl, lot.trail.level, is_long)
  local profit = passed(is_long and high or low, lot.tp, is_long)
  local loss = passed(is_long and low or high, stop, not is_long)
  if not by_market and (loss or not profit) then return end
  local point, price, by = self:bracket_py(is_long, lot.sl, lot.trail.level, lot.tp)
  if point then self:deal_lot(lot, point, price, by) end
end

function slow:open_backtesting_py() end

function slow:rest_backtesting_py()
  local open = self:point "open"
  for _, order in ipairs(self:awaiting()) do
    if order.kind == "close" and order.state == "pending" then self:deal(order, open, self:seen(open, self:side(order) > 0, false), "market") end
  end
  for i = #self.lots, 1, -1 do
    local lot = self.lots[i]
    local point, price, by = self:bracket_py(lot.steps > 0, lot.sl, lot.trail.level, lot.tp)
    if point then self:deal_lot(lot, point, price, by == "stop" and "stop" or "limit") end
  end
  for _, order in ipairs(self:awaiting()) do
    if order.kind == "exit" and order.state == "pending" and self:reserved(order) > 0 then
      local point, price, by = self:bracket_py(self:side(order) < 0, order.stop, order.trail_level, order.limit)
      if point then self:deal(order, point, price, by) end
    end
  end
  for _, order in ipairs(self:awaiting()) do
    if order.kind ~= "exit" and order.state == "pending" then
      local point, price, by
      if is_market(order) then point, price, by = open, self:seen(open, self:side(order) > 0, not order.reduce_only), "market"
      else point, price, by = self:order_py(order) end
      if point then
        self:deal(order, point, price, by)
        self:new_lot_py(order, is_market(order))
      end
    end
  end
end

end
