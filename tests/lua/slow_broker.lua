--- A second broker, slow and plain: docs/orders.md and docs/fills.md, written down once more, bar by bar.
--
-- It keeps nothing that it can find out again, and shares no code with the core. One pair; account and quote currency are the same.
--   options  capital, leverage, spread, slippage, commission_frac, commission_per_lot, commission_per_order, data ("mid", "bid"), at, path, quotes,
--            spread_on, sizing, accounting, pyramiding, step, lot, min_size, digits, close_at_end
--   bars     {open, high, low, close}: lists of numbers

local slow = {}
slow.__index = slow

local function sign(x) return x > 0 and 1 or x < 0 and -1 or 0 end
local function whole(x) return x < 0 and -math.floor(-x) or math.floor(x) end

function slow.new(options, bars)
  local self = setmetatable({ o = options, bars = bars, orders = {}, trades = {}, lots = {}, waiting = {}, equity = {}, row = 0 }, slow)
  self.realised, self.spread, self.slippage, self.commission, self.rejected = 0, 0, 0, 0, 0
  if options.path == "tradingview" and options.pyramiding == 0 then self.pyramiding = 1 else self.pyramiding = options.pyramiding end
  return self
end

-- ---- Sides -----------------------------------------------------------------------------------------------------------

-- From a price of the data to where a buy or sell is dealt that opens or closes.
function slow:offset(buys, opens)
  local o = self.o
  if o.spread_on == "entry" then
    if not opens then return 0 end
    return buys and o.spread or -o.spread
  end
  if o.data == "mid" then return buys and 0.5 * o.spread or -0.5 * o.spread end
  return buys and o.spread or 0
end

-- From a price of the data to where levels are compared.
function slow:quote(buys, opens)
  return self.o.quotes == "side" and self:offset(buys, opens) or 0
end

-- ---- The account -----------------------------------------------------------------------------------------------------

function slow:position()
  local steps = 0
  for _, lot in ipairs(self.lots) do steps = steps + lot.steps end
  return steps
end

function slow:cash()
  return ((self.o.capital + self.realised) + 0) - ((self.spread + self.slippage) + self.commission)
end

-- What the account is worth with all lots marked at a price of the data.
function slow:worth(price)
  if #self.lots == 0 then return self:cash() end
  local longs, shorts = false, false
  for _, lot in ipairs(self.lots) do
    if lot.steps > 0 then longs = true else shorts = true end
  end
  local hedged, value = longs and shorts, 0
  for _, lot in ipairs(self.lots) do
    local offset = hedged and self:offset(lot.steps < 0, false) or 0
    value = value + (lot.steps * self.o.step) * (lot.reference - offset)
  end
  local offset = hedged and 0 or self:offset(not longs, false)
  return self:cash() + ((self:position() * self.o.step) * (price + offset) - value)
end

function slow:mark() self.equity[self.row] = self:worth(self.bars.close[self.row]) end

-- ---- Ticks, sizes ----------------------------------------------------------------------------------------------------

function slow:tick(price, up)
  if self.o.path ~= "tradingview" or not price then return price end
  local scale = 10 ^ self.o.digits
  local nearest = math.floor(price * scale + 0.5)
  if math.abs(price * scale - nearest) <= 1e-4 then return nearest / scale end
  return (up and math.ceil(price * scale) or math.floor(price * scale)) / scale
end

function slow:nearest_tick(price)
  if self.o.path ~= "tradingview" then return price end
  local scale = 10 ^ self.o.digits
  return math.floor(price * scale + 0.5) / scale
end

function slow:steps_of(units)
  local steps = units / self.o.step
  local toward = whole(steps)
  local next = toward + (steps < 0 and -1 or 1)
  return math.abs(next - steps) <= math.abs(steps) * 1e-12 and next or toward
end

function slow:too_small(steps)
  local held = self:position()
  if held ~= 0 and (held + steps) * held <= 0 then return false end
  return steps == 0 or math.abs(steps * self.o.step) < self.o.min_size
end

-- ---- What waits ------------------------------------------------------------------------------------------------------

local market_kinds = { target = true, market = true, close = true, end_of_data = true }
local function is_market(order) return market_kinds[order.kind] or false end

function slow:name_of(lot) return self.orders[lot.order].name end

function slow:lots_named(name)
  local found = {}
  for _, lot in ipairs(self.lots) do
    if self:name_of(lot) == name then found[#found + 1] = lot end
  end
  return found
end

function slow:awaited(name)
  for _, order in ipairs(self.waiting) do
    if not order.reduce_only and order.name == name then return order end
  end
end

function slow:stop_waiting(order)
  for i, other in ipairs(self.waiting) do
    if other == order then table.remove(self.waiting, i) break end
  end
end

function slow:finish_order(order, state, reason)
  order.state, order.reason = state, reason
  if state == "rejected" then self.rejected = self.rejected + 1 end
  self:stop_waiting(order)
end

-- Ends exits that have lost their entry.
function slow:purge()
  for _, order in ipairs({ (table.unpack or unpack)(self.waiting) }) do
    if order.kind == "exit" and #self:lots_named(order.of) == 0 and not self:awaited(order.of) then self:finish_order(order, "cancelled", "no_position") end
  end
end

function slow:side(order)
  if order.kind ~= "exit" then return sign(order.steps ~= 0 and order.steps or order.fraction or 0) end
  local lots = self:lots_named(order.of)
  return lots[1] and -sign(lots[1].steps) or 0
end

-- What an exit may close now. `held_only` leaves out lots opened inside this bar.
function slow:reserved(exit, held_only)
  local lots = self:lots_named(exit.of)
  if not lots[1] then return 0 end
  local held, opened = 0, 0
  for _, lot in ipairs(lots) do
    local counts = sign(lot.steps) == sign(lots[1].steps) and not (held_only and lot.late == self.row)
    if counts then held, opened = held + math.abs(lot.steps), opened + math.abs(lot.opened) end
  end
  for _, order in ipairs(self.waiting) do
    if order.kind == "exit" and order.of == exit.of then
      local wanted = order.steps > 0 and order.steps or order.fraction and math.floor(order.fraction * opened + 1e-9) or math.huge
      local part = math.min(wanted, held)
      if order == exit then return part end
      held = held - part
    end
  end
end

-- Whether an order closes this lot.
function slow:closes(order, lot, buys)
  if sign(lot.steps) ~= (buys and -1 or 1) then return false end
  if order.lot then return lot.order == order.lot end
  if order.of then return self:name_of(lot) == order.of end
  return self.o.accounting ~= "hedge" or order.reduce_only or order.kind == "target"
end

-- ---- Dealing ---------------------------------------------------------------------------------------------------------

function slow:new_order(kind, units, fields)
  local order = { id = #self.orders + 1, kind = kind, state = "pending", reason = "none", units = units, bar = self.row, fill_bar = -1, name = "",
    tag = "", filled = 0, steps = 0, spread_cost = 0, slippage_cost = 0, commission = 0 }
  for key, value in pairs(fields or {}) do order[key] = value end
  self.orders[order.id] = order
  return order
end

function slow:charge(order, steps, price, spread, slip, fee)
  local o = self.o
  local size = steps * o.step
  local spread_cost, slippage_cost = size * spread, size * slip
  local commission = o.commission_frac * size * price + o.commission_per_lot * (size / o.lot) + fee
  order.spread_cost, order.slippage_cost = order.spread_cost + spread_cost, order.slippage_cost + slippage_cost
  order.commission = order.commission + commission
  self.spread, self.slippage, self.commission = self.spread + spread_cost, self.slippage + slippage_cost, self.commission + commission
  return (spread_cost + slippage_cost) + commission
end

function slow:trail_level(trail, price, is_long)
  local level
  if trail.distance and not trail.after then level = is_long and price - trail.distance or price + trail.distance end
  return { distance = trail.distance, after = trail.after, step = trail.step, level = level }
end

-- Books `steps` of an order: reference is the data's price, `price` the one on the quote's side.
function slow:book(order, steps, reference, price, slip, exit, may_open)
  local o, buys = self.o, steps > 0
  local before, closing = self:position(), 0
  for _, lot in ipairs(self.lots) do
    if self:closes(order, lot, buys) then closing = math.min(math.abs(steps), closing + math.abs(lot.steps)) end
  end
  local opening = may_open and math.abs(steps) - closing or 0
  local worse = buys and slip or -slip
  local opens = not order.reduce_only
  local open_price = price + (self:offset(buys, opens) - self:quote(buys, opens)) + worse
  local entry_pays = o.spread_on == "entry"
  local close_price = entry_pays and reference + worse or open_price
  order.state, order.fill_bar, order.reference = "filled", self.row, reference
  order.filled = sign(steps) * (closing + opening) * o.step
  order.price = opening > 0 and open_price or close_price
  local spread = math.abs(self:offset(buys, true))
  local all, all_steps, rest, open_costs
  if not entry_pays or closing == 0 then
    all, all_steps = self:charge(order, closing + opening, order.price, spread, slip, o.commission_per_order), closing + opening
  else
    all, all_steps = self:charge(order, closing, close_price, 0, slip, o.commission_per_order), closing
    if opening > 0 then open_costs = self:charge(order, opening, open_price, spread, slip, 0) end
  end
  rest = all
  local left, unshared, i = closing, all_steps, 1
  while left > 0 do
    local lot = self.lots[i]
    if self:closes(order, lot, buys) then
      local part = math.min(math.abs(lot.steps), left)
      local is_whole = part == math.abs(lot.steps)
      local out = part == unshared and rest or all * (part / all_steps)
      local came = is_whole and lot.costs or lot.costs * (part / math.abs(lot.steps))
      local units = sign(lot.steps) * part * o.step
      local gross = units * (reference - lot.reference)
      self.trades[#self.trades + 1] = { entry_order = lot.order, exit_order = order.id, entry_bar = lot.row, exit_bar = self.row, exit = exit, units = units,
        entry_price = lot.price, exit_price = close_price, gross = gross, costs = came + out, net = gross - (came + out) }
      self.realised = self.realised + gross
      rest, unshared, left = rest - out, unshared - part, left - part
      lot.steps, lot.costs = lot.steps - sign(lot.steps) * part, lot.costs - came
      if is_whole then table.remove(self.lots, i) else i = i + 1 end
    else
      i = i + 1
    end
  end
  local after = self:position() + sign(steps) * opening
  if opening > 0 or order.kind == "target" then
    local way = after > 0 and 1 or -1
    if order.sl_dist then order.sl = self:tick(order.price - way * order.sl_dist, way < 0) end
    if order.tp_dist then order.tp = self:tick(order.price + way * order.tp_dist, way > 0) end
  end
  local trail = { distance = order.trail, after = order.trail_after, step = order.trail_step }
  if opening > 0 then
    self.lots[#self.lots + 1] = { order = order.id, row = self.row, steps = sign(steps) * opening, opened = sign(steps) * opening,
      reference = reference, price = open_price, costs = open_costs or rest, sl = order.sl, tp = order.tp, trail = self:trail_level(trail, open_price, buys) }
  end
  if order.kind == "target" and (order.sl or order.tp or order.trail) then
    for _, lot in ipairs(self.lots) do
      lot.sl, lot.tp, lot.trail = order.sl, order.tp, self:trail_level(trail, order.price, lot.steps > 0)
    end
  end
  if self:position() * before <= 0 and self:position() ~= 0 then self.opened_at = #self.trades end
end

-- What those that wait do when an order has been dealt.
function slow:follow_fill(dealt)
  if dealt.group then
    for _, order in ipairs({ (table.unpack or unpack)(self.waiting) }) do
      if order.group == dealt.group then
        local left = math.abs(order.steps) - math.abs(dealt.filled / self.o.step)
        if dealt.oca == "cancel" then self:finish_order(order, "cancelled", "oca")
        elseif order.steps ~= 0 and left <= 0 then self:finish_order(order, "cancelled", "oca")
        elseif order.steps ~= 0 then order.steps = sign(order.steps) * left end
      end
    end
  end
  self:purge()
end

-- backtesting.py: what can be spent, and what one unit costs.
function slow:available()
  local used, close = 0, self.bars.close[self.row]
  for _, lot in ipairs(self.lots) do used = used + math.abs(lot.steps) end
  return (self:worth(close) - used * self.o.step * close / self.o.leverage) * self.o.leverage
end

function slow:unit_cost(reference, side)
  return side + self.o.commission_frac * reference + self.o.commission_per_lot / self.o.lot + self.o.commission_per_order
end

function slow:size_now(order, reference, side)
  local o, fraction = self.o, order.fraction
  if o.path == "backtesting_py" and order.kind ~= "target" then
    return sign(fraction) * math.max(0, math.floor(self:available() * math.abs(fraction) / self:unit_cost(reference, side) / o.step))
  end
  local steps = fraction == 0 and 0 or self:steps_of(fraction * self:worth(reference) / reference)
  return order.kind == "target" and steps - self:position() or steps
end

-- Deals a waiting order at a price of the data (`reference`) and of its side (`price`); by: "market", "stop", "trail", "limit".
function slow:deal(order, reference, price, by)
  local o = self.o
  local steps = order.steps
  local buys = self:side(order) > 0
  local opens = not order.reduce_only
  if order.kind == "exit" then steps = self:side(order) * self:reserved(order)
  elseif steps == 0 and order.fraction then
    steps = self:size_now(order, reference, price + (self:offset(buys, opens) - self:quote(buys, opens)))
    if by == "market" and buys ~= (steps > 0) then
      buys = steps > 0
      price = reference + self:quote(buys, true)
    end
  end
  local closing = 0
  for _, lot in ipairs(self.lots) do
    if steps ~= 0 and self:closes(order, lot, steps > 0) then closing = math.min(math.abs(steps), closing + math.abs(lot.steps)) end
  end
  local opening = opens and math.abs(steps) - closing or 0
  if opening == 0 and closing == 0 then
    local nothing_to_do = not opens or (order.kind == "target" and (order.target == 0 or self:position() ~= 0))
    self:finish_order(order, nothing_to_do and "cancelled" or "rejected", nothing_to_do and "no_position" or "min_size")
    return self:purge()
  end
  if order.units == 0 then
    if opens and self:too_small(steps) then
      self:finish_order(order, "rejected", "min_size")
      return self:purge()
    end
    order.units = steps * o.step
  end
  local too_large = false
  if opening > 0 and o.path == "backtesting_py" then
    local side = price + (self:offset(buys, opens) - self:quote(buys, opens))
    too_large = opening * o.step * self:unit_cost(reference, side) > self:available()
    if too_large and closing > 0 then opens, too_large = false, false end
  elseif opening > 0 then
    local gross = 0
    for _, lot in ipairs(self.lots) do gross = gross + math.abs(lot.steps) end
    local after = o.accounting == "hedge" and gross - closing + opening or self:position() + steps
    too_large = math.abs(after * o.step) * reference > o.leverage * self:worth(reference)
  end
  if too_large then
    self:finish_order(order, "rejected", "leverage")
    return self:purge()
  end
  local exit = "order"
  if order.kind == "exit" then exit = by == "stop" and "stop_loss" or by == "trail" and "trailing_stop" or "take_profit" end
  if order.kind == "end_of_data" then exit = "end_of_data" end
  self:stop_waiting(order)
  self:book(order, steps, reference, price, by == "limit" and 0 or o.slippage, exit, opens)
  self:follow_fill(order)
end

-- Closes a lot by a stop of its own.
function slow:deal_lot(lot, reference, price, by)
  local kinds = { stop = "stop_loss", trail = "trailing_stop", limit = "take_profit" }
  local order = self:new_order(kinds[by], -lot.steps * self.o.step, { reduce_only = true, parent = lot.order, lot = lot.order })
  self:book(order, -lot.steps, reference, price, by == "limit" and 0 or self.o.slippage, kinds[by], false)
  self:follow_fill(order)
end

function slow:deal_market(reference)
  for _, order in ipairs({ (table.unpack or unpack)(self.waiting) }) do
    if is_market(order) and order.state == "pending" then
      self:deal(order, reference, reference + self:quote(self:side(order) > 0, not order.reduce_only), "market")
    end
  end
end

-- ---- Path pessimistic ------------------------------------------------------------------------------------------------

-- The nearer of two stops of a long (or short) lot, and which it is.
local function nearer(stop, trail, is_long)
  if trail and (not stop or (is_long and trail > stop) or (not is_long and trail < stop)) then return trail, "trail" end
  return stop, "stop"
end

local function passed(price, level, rising) return level ~= nil and (rising and price >= level or not rising and price <= level) end

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
  for _, lot in ipairs({ (table.unpack or unpack)(self.lots) }) do
    if lot.steps ~= 0 and lot.late ~= self.row then
      local reference, price, by = self:try_bracket(what, when, lot.steps > 0, lot.sl, lot.trail.level, lot.tp)
      if reference then self:deal_lot(lot, reference, price, by) end
    end
  end
end

function slow:each_exit(what, when)
  for _, order in ipairs({ (table.unpack or unpack)(self.waiting) }) do
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
  for _, order in ipairs({ (table.unpack or unpack)(self.waiting) }) do
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
  for _, order in ipairs({ (table.unpack or unpack)(self.waiting) }) do
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
  for _, order in ipairs({ (table.unpack or unpack)(self.waiting) }) do
    if order.kind == "close" and order.state == "pending" then self:deal(order, open, open + self:quote(self:side(order) > 0, false), "market") end
  end
  for i = #self.lots, 1, -1 do
    local lot = self.lots[i]
    local reference, price, by = self:bracket_py(lot.steps > 0, lot.sl, lot.trail.level, lot.tp)
    if reference then self:deal_lot(lot, reference, price, by == "stop" and "stop" or "limit") end
  end
  for _, order in ipairs({ (table.unpack or unpack)(self.waiting) }) do
    if order.kind == "exit" and order.state == "pending" and self:reserved(order) > 0 then
      local reference, price, by = self:bracket_py(self:side(order) < 0, order.stop, order.trail_level, order.limit)
      if reference then self:deal(order, reference, price, by) end
    end
  end
  for _, order in ipairs({ (table.unpack or unpack)(self.waiting) }) do
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

-- ---- Bars ------------------------------------------------------------------------------------------------------------

function slow:follow(trail, close, entry, is_long)
  if not trail.distance then return end
  local way = is_long and 1 or -1
  local level = close - way * trail.distance
  if not trail.level then
    if not trail.after or way * (close - entry) >= trail.after then trail.level = level end
    return
  end
  local by = way * (level - trail.level)
  if by > 0 and (not trail.step or by >= trail.step) then trail.level = level end
end

function slow:follow_exit(order)
  local lot = self:lots_named(order.of)[1]
  if not lot then return end
  self:follow(order.trail_state, self.bars.close[self.row] + self:quote(lot.steps < 0, false), lot.price, lot.steps > 0)
  order.trail_level = order.trail_state.level
end

-- Deals what waits for the close of this bar until the hook has ended.
function slow:end_hook()
  if self.o.at ~= "close" or self.o.path ~= "tradingview" or not self.called then return end
  self.called = false
  local close = self.bars.close[self.row]
  self:deal_market(close)
  self:walk_to(close, close, false)
  self:mark()
end

--- Brings the account to the close of the next bar. False: it is ruined.
function slow:step()
  if self.ruined then return false end
  if self.row > 0 then self:end_hook() end
  self.row = self.row + 1
  self["walk_" .. self.o.path](self)
  self:mark()
  if self.equity[self.row] <= 0 then
    self.ruined = true
    return false
  end
  if self.o.path ~= "tradingview" then
    for _, lot in ipairs(self.lots) do self:follow(lot.trail, self.bars.close[self.row] + self:quote(lot.steps < 0, false), lot.price, lot.steps > 0) end
    for _, order in ipairs(self.waiting) do
      if order.kind == "exit" then self:follow_exit(order) end
    end
  end
  for _, order in ipairs({ (table.unpack or unpack)(self.waiting) }) do
    if order.expires and order.expires <= self.row then self:finish_order(order, "expired", "time_limit") end
  end
  self:purge()
  return true
end

-- ---- Calls -----------------------------------------------------------------------------------------------------------

function slow:wrong_stops(sl, tp, price, way)
  if self.o.path == "tradingview" or way == 0 then return false end
  local q = self:quote(way < 0, false)
  local side = price and price - self:quote(way > 0, true) + q or self.bars.close[self.row] + q
  if way > 0 then return sl ~= nil and sl >= side or tp ~= nil and tp <= side end
  return sl ~= nil and sl <= side or tp ~= nil and tp >= side
end

function slow:wrong_side(stop, buys)
  if self.o.path ~= "pessimistic" or not stop then return false end
  return passed(self.bars.close[self.row] + self:quote(buys, true), stop, buys)
end

function slow:place(kind, steps, q, fields, way, reason)
  local buys = steps > 0 or (fields.fraction or 0) > 0
  local order = self:new_order(kind, steps * self.o.step, fields)
  order.steps = steps
  order.tag = q.tag or ""
  order.limit, order.stop = self:tick(q.limit, not buys), self:tick(q.stop, buys)
  order.sl, order.tp = self:tick(q.sl, way < 0), self:tick(q.tp, way > 0)
  order.sl_dist, order.tp_dist = q.sl_dist, q.tp_dist
  order.trail, order.trail_after, order.trail_step = self:tick(q.trail, true), self:tick(q.trail_after, true), q.trail_step
  if q.expire then order.expires = self.row + q.expire end
  if kind == "exit" then order.units = 0 end
  if not reason and kind ~= "exit" and not order.fraction and self:too_small(steps) then reason = "min_size" end
  if reason then
    self:finish_order(order, "rejected", reason)
    return nil
  end
  local name = q.oco or q.oca
  if name then
    order.oca = q.oca_kind or "cancel"
    order.group = name
    order.generation = name
    for _, other in ipairs(self.waiting) do
      if other.group_name == name then order.group = other.group end
    end
    if order.group == name then order.group = name .. order.id end
    order.group_name = name
  end
  self.waiting[#self.waiting + 1] = order
  if order.name ~= "" and kind ~= "exit" then
    for _, other in ipairs({ (table.unpack or unpack)(self.waiting) }) do
      if other ~= order and other.kind ~= "exit" and other.name == order.name then self:finish_order(other, "cancelled", "replaced") end
    end
  end
  self:purge()
  self.called = true
  if is_market(order) and self.o.at == "close" and self.o.path ~= "tradingview" then
    self:deal_market(self.bars.close[self.row])
    self:mark()
    if self.equity[self.row] <= 0 then self.ruined = true end
  end
  return order
end

function slow:drop_market()
  for _, order in ipairs({ (table.unpack or unpack)(self.waiting) }) do
    if is_market(order) then self:finish_order(order, "cancelled", "replaced") end
  end
  self:purge()
end

function slow:target(x, q)
  local o, close = self.o, self.bars.close[self.row]
  local equity, held = self.equity[self.row], self:position()
  if x == self.last_target then
    local exposure = held * o.step * close / equity
    if not q.rebalance or held == 0 or math.abs(exposure - x) <= q.rebalance * math.abs(x) then return end
  end
  self.last_target = x
  local wanted = x == 0 and 0 or self:steps_of(x * equity / close)
  self:drop_market()
  local wrong = self:wrong_stops(q.sl, q.tp, nil, sign(x))
  if o.sizing == "fill" and x ~= 0 then
    return self:place("target", 0, q, { target = x, fraction = x }, sign(x), wrong and "stop_side" or nil)
  end
  local steps = wanted - held
  if steps == 0 and (wanted ~= 0 or x == 0) then return end
  self:place("target", steps, q, { target = x }, sign(x), wrong and "stop_side" or nil)
end

function slow:projected()
  local steps = self:position()
  for _, order in ipairs(self.waiting) do
    if is_market(order) then
      local part = order.steps
      if order.reduce_only then part = sign(part) == -sign(steps) and sign(part) * math.min(math.abs(part), math.abs(steps)) or 0 end
      steps = steps + part
    end
  end
  return steps
end

function slow:trade(side, q)
  local o, close, buys = self.o, self.bars.close[self.row], side == "buy"
  local price, equity = q.limit or q.stop or close, self.equity[self.row]
  local way = buys and 1 or -1
  local kind = q.limit and (q.stop and "stop_limit" or "limit") or q.stop and "stop" or "market"
  local fields, steps = { name = q.id or "", reduce_only = q.reduce_only }, 0
  if q.fraction and o.sizing == "fill" then
    fields.fraction = way * q.fraction
  else
    local units = q.units or (q.lots and q.lots * o.lot)
    if q.fraction then units = (q.fraction * equity - (o.path == "tradingview" and o.commission_per_order or 0)) / price end
    if q.risk then units = q.risk * equity / (q.sl and math.abs(price - q.sl) or q.sl_dist or q.trail) end
    steps = self:steps_of(units)
    local projected = q.reverse and self:projected() or 0
    if sign(projected) == -way then steps = steps + math.abs(projected) end
    steps = way * steps + 0
  end
  local reason
  local count = 0
  for _, lot in ipairs(self.lots) do
    if sign(lot.steps) == way then count = count + 1 end
  end
  if self:wrong_side(q.stop, buys) or self:wrong_stops(q.sl, q.tp, q.limit or q.stop, way) then reason = "stop_side"
  elseif self.pyramiding > 0 and not q.add and not q.reduce_only and count >= self.pyramiding then reason = "pyramiding" end
  self.last_target = nil
  self:place(kind, steps, q, fields, way, reason)
end

function slow:close(q)
  local o = self.o
  self.last_target = nil
  local partly = q.units or q.lots or q.fraction
  if not (q.id or q.lot or partly) and o.path == "pessimistic" then self:drop_market() end
  for _, way in ipairs { 1, -1 } do
    local held = 0
    for _, lot in ipairs(self.lots) do
      local meant = sign(lot.steps) == way and (not q.lot or lot.order == q.lot) and (not q.id or self:name_of(lot) == q.id)
      if meant then held = held + math.abs(lot.steps) end
    end
    if held > 0 then
      local size = held
      if q.fraction then size = math.floor(q.fraction * held + 1e-9) elseif partly then size = self:steps_of(q.units or q.lots * o.lot) end
      size = math.min(size, held)
      local small = size == 0 or (size ~= held and size * o.step < o.min_size)
      self:place("close", -way * size + 0, { tag = q.tag }, { reduce_only = true, of = q.id, lot = q.lot }, 0, small and "min_size" or nil)
    end
  end
end

function slow:spent(q)
  if #self.lots == 0 then return false end
  for i = self.opened_at + 1, #self.trades do
    local order = self.orders[self.trades[i].exit_order]
    if order.kind == "exit" and order.sized and order.name == (q.id or "") and order.of == q.of then return true end
  end
  return false
end

function slow:exit(q)
  local o = self.o
  local sized = q.units or q.lots or q.fraction
  if sized and self:spent(q) then return end
  local lot, entry = self:lots_named(q.of)[1], self:awaited(q.of)
  local steps = q.fraction and 0 or sized and self:steps_of(q.units or q.lots * o.lot) or 0
  local fields = { name = q.id or "", of = q.of, fraction = q.fraction, reduce_only = true, sized = sized ~= nil }
  if not lot and not entry then return self:place("exit", 0, q, fields, 0, "unknown_id") end
  local way = lot and sign(lot.steps) or self:side(entry)
  if sized and not q.fraction and steps == 0 then return self:place("exit", 0, q, fields, way, "min_size") end
  local order
  for _, other in ipairs(self.waiting) do
    if other.kind == "exit" and other.name == fields.name and other.of == q.of then
      order = other
      break
    end
  end
  local distance, after = self:tick(q.trail, true), self:tick(q.trail_after, true)
  if not order then
    order = self:place("exit", 0, q, fields, way)
    order.trail_state = { distance = distance, after = after, step = q.trail_step }
  else
    if q.expire then order.expires = self.row + q.expire end
    local same = order.trail_state.distance == distance and order.trail_state.after == after
    if not same then order.trail_state = { distance = distance, after = after } end
    order.trail_state.step = q.trail_step
  end
  order.limit, order.stop = self:tick(q.limit, way > 0), self:tick(q.stop, way < 0)
  order.fraction, order.steps, order.sized = q.fraction, steps, sized ~= nil
  self:look_at_close(order)
end

-- Lets an exit's trailing stop see the close of the call.
function slow:look_at_close(order)
  local lot = self:lots_named(order.of)[1]
  order.trail_level = order.trail_state.level
  if not lot then return end
  if self.o.path ~= "tradingview" then return self:follow_exit(order) end
  self:see(order.trail_state, self.bars.close[self.row] + self:quote(lot.steps < 0, false), lot.price, lot.steps > 0)
end

function slow:cancel(id)
  for _, order in ipairs({ (table.unpack or unpack)(self.waiting) }) do
    if order.name == id then self:finish_order(order, "cancelled", "request") end
  end
  self:purge()
end

function slow:refuse_change(q, reason)
  self:place("modify", 0, {}, { name = q.id or "", lot = q.lot }, 0, reason)
end

function slow:modify_waiting(order, q)
  local o, exit = self.o, order.kind == "exit"
  local way
  if exit then
    local lot, entry = self:lots_named(order.of)[1], self:awaited(order.of)
    way = lot and sign(lot.steps) or entry and self:side(entry) or 0
  else
    way = self:side(order)
  end
  local buys = exit and way < 0 or not exit and way > 0
  if not exit and q.stop and self:wrong_side(q.stop, buys) then return "stop_side" end
  if not exit and self:wrong_stops(q.sl, q.tp, q.limit or q.stop or order.limit or order.stop, way) then return "stop_side" end
  if q.units or q.lots then
    local steps = self:steps_of(q.units or q.lots * o.lot)
    if steps == 0 then return "min_size" end
    order.fraction = nil
    order.sized = true
    order.steps = (exit or way > 0) and steps or -steps
    if not exit then order.units = order.steps * o.step end
  end
  if q.limit and (order.limit or exit) then order.limit = self:tick(q.limit, not buys) end
  if q.stop and (order.stop or exit) then order.stop = self:tick(q.stop, buys) end
  if q.sl then order.sl, order.sl_dist = self:tick(q.sl, way < 0), nil end
  if q.sl_dist then order.sl, order.sl_dist = nil, q.sl_dist end
  if q.tp then order.tp, order.tp_dist = self:tick(q.tp, way > 0), nil end
  if q.tp_dist then order.tp, order.tp_dist = nil, q.tp_dist end
  if q.expire then order.expires = self.row + q.expire end
  if q.trail then
    local distance, after = self:tick(q.trail, true), self:tick(q.trail_after, true)
    if exit then
      local same = order.trail_state.distance == distance and order.trail_state.after == after
      if not same then order.trail_state = { distance = distance, after = after } end
      order.trail_state.step = q.trail_step
      self:look_at_close(order)
    else
      order.trail, order.trail_after, order.trail_step = distance, after, q.trail_step
    end
  end
end

function slow:modify_lot(lot, q)
  local way = sign(lot.steps)
  local sl = q.sl_dist and lot.price - way * q.sl_dist or q.sl
  local tp = q.tp_dist and lot.price + way * q.tp_dist or q.tp
  if self:wrong_stops(sl, tp, nil, way) then return "stop_side" end
  if sl then lot.sl = self:tick(sl, way < 0) end
  if tp then lot.tp = self:tick(tp, way > 0) end
  if q.trail then
    local close = self.bars.close[self.row] + self:quote(way < 0, false)
    lot.trail = { distance = self:tick(q.trail, true), after = self:tick(q.trail_after, true), step = q.trail_step }
    if not q.trail_after or way * (close - lot.price) >= q.trail_after then lot.trail.best, lot.trail.level = close, close - way * lot.trail.distance end
  end
end

function slow:modify(q)
  if q.id then
    for _, order in ipairs(self.waiting) do
      if not is_market(order) and order.name == q.id then
        local reason = self:modify_waiting(order, q)
        if reason then self:refuse_change(q, reason) end
        return
      end
    end
  end
  local found = false
  for _, lot in ipairs(self.lots) do
    if q.lot and lot.order == q.lot or q.id and self:name_of(lot) == q.id then
      found = true
      local reason = self:modify_lot(lot, q)
      if reason then return self:refuse_change(q, reason) end
    end
  end
  if not found then self:refuse_change(q, "unknown_id") end
end

-- ---- The end ---------------------------------------------------------------------------------------------------------

--- Ends the job: what waits expires, what is open is closed or listed.
function slow:finish()
  local o, bars = self.o, self.bars
  local last = #bars.close
  if self.ruined then
    for _, order in ipairs(self.waiting) do order.state, order.reason = "cancelled", "ruined" end
  else
    self:end_hook()
    for _, order in ipairs(self.waiting) do order.state, order.reason = "expired", "end_of_data" end
    self.waiting = {}
    if o.close_at_end and #self.lots > 0 then
      local longs, shorts = 0, 0
      for _, lot in ipairs(self.lots) do
        if lot.steps > 0 then longs = longs + lot.steps else shorts = shorts + lot.steps end
      end
      local price = o.path == "backtesting_py" and o.at == "next_open" and bars.open[self.row] or bars.close[self.row]
      for _, steps in ipairs { longs, shorts } do
        if steps ~= 0 then
          local order = self:new_order("end_of_data", -steps * o.step, { reduce_only = true, steps = -steps })
          self.waiting = { order }
          self:deal(order, price, price + self:quote(steps < 0, false), "market")
        end
      end
      self:mark()
    end
  end
  self.open = {}
  for _, lot in ipairs(self.lots) do
    local price = bars.close[self.row] + self:offset(lot.steps < 0, false)
    local units = lot.steps * o.step
    local gross = units * (price - lot.reference)
    self.open[#self.open + 1] = { entry_order = lot.order, exit_order = 0, entry_bar = lot.row, exit_bar = self.row, exit = "open", units = units,
      entry_price = lot.price, exit_price = price, gross = gross, costs = lot.costs, net = gross - lot.costs }
  end
  for row = self.row + 1, last do self.equity[row] = self.equity[self.row] end
end

return slow
