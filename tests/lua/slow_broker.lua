--- A second broker, slow and plain: docs/orders.md and docs/fills.md, written down once more, bar by bar.
--
-- It keeps nothing that it can find out again, and shares no code with the core. One pair; account and quote currency are the same.
--   options  capital, leverage, spread, slippage, commission_frac, commission_per_lot, commission_per_order, data ("mid", "bid", "both"), at, path, quotes,
--            spread_on, sizing, accounting, pyramiding, step, lot, min_size, digits, close_at_end
--   bars     {open, high, low, close}: lists of numbers; of both sides ask_open to ask_close too
-- A point is a price of the data, `ref`, with the ask that stands beside it in data of both sides.
-- slow_paths.lua has the rules inside a bar, slow_calls.lua what a strategy may ask for, slow_money.lua rollovers and stop-outs, slow_account.lua the
-- account of several pairs: there each is one of these, and money is the account's.

local slow = {}
slow.__index = slow

local function sign(x) return x > 0 and 1 or x < 0 and -1 or 0 end
local function passed(price, level, rising) return level ~= nil and (rising and price >= level or not rising and price <= level) end
local function whole(x) return x < 0 and -math.floor(-x) or math.floor(x) end

function slow.new(options, bars)
  local self = setmetatable({ o = options, bars = bars, orders = {}, trades = {}, lots = {}, waiting = {}, equity = {}, row = 0 }, slow)
  self.realised, self.spread, self.slippage, self.commission, self.rejected = 0, 0, 0, 0, 0
  self.rollover, self.rolls, self.stop_outs = 0, 0, 0
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

-- The open, high, low or close of this bar.
function slow:point(name)
  local asks = self.bars["ask_" .. name]
  return { ref = self.bars[name][self.row], ask = asks and asks[self.row] }
end

-- Where a buy or sell that opens or closes is dealt in data of both sides.
local function both_dealt(o, point, buys, opens)
  local spread = point.ask - point.ref
  if o.spread_on == "entry" and not opens then return point.ref end
  if buys then return point.ask end
  return o.spread_on == "entry" and point.ref - spread or point.ref
end

-- Where what is held is marked.
function slow:closing_price(point, buys)
  return self.o.data == "both" and both_dealt(self.o, point, buys, false) or point.ref + self:offset(buys, false)
end

-- Where its levels are compared.
function slow:seen(point, buys, opens)
  if self.o.data ~= "both" then return point.ref + self:quote(buys, opens) end
  return self.o.quotes == "side" and both_dealt(self.o, point, buys, opens) or point.ref
end

-- Where it is dealt, when the market has been touched at `price` of that side.
function slow:dealt(point, price, buys, opens)
  if self.o.data ~= "both" then return price + (self:offset(buys, opens) - self:quote(buys, opens)) end
  return self.o.quotes == "side" and price or both_dealt(self.o, point, buys, opens)
end

-- The point that is seen at `level`; the spread is that of `near`.
function slow:point_of(level, buys, opens, near)
  if self.o.data ~= "both" then return { ref = level - self:quote(buys, opens) } end
  local spread = near.ask - near.ref
  local sides = self.o.quotes == "side" and (opens or self.o.spread_on ~= "entry")
  if sides and buys then return { ref = level - spread, ask = level } end
  if sides and self.o.spread_on == "entry" then return { ref = level + spread, ask = level + spread + spread } end
  return { ref = level, ask = level + spread }
end

-- ---- The account -----------------------------------------------------------------------------------------------------

function slow:position()
  local steps = 0
  for _, lot in ipairs(self.lots) do steps = steps + lot.steps end
  return steps
end

function slow:cash()
  return ((self.o.capital + self.realised) + self.rollover) - ((self.spread + self.slippage) + self.commission)
end

-- What is open with each lot marked at the side of a point that has both.
function slow:profit_of_both(point)
  local longs, shorts, value = 0, 0, 0
  for _, lot in ipairs(self.lots) do
    local units = lot.steps * self.o.step
    value = value + units * lot.reference
    if units > 0 then longs = longs + units else shorts = shorts + units end
  end
  local ask = self.o.spread_on == "entry" and point.ref or point.ask
  return (longs * point.ref + shorts * ask) - value
end

-- What all lots make, marked at a point.
function slow:profit(point)
  if #self.lots == 0 then return 0 end
  if self.o.data == "both" then return self:profit_of_both(point) end
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
  return (self:position() * self.o.step) * (point.ref + offset) - value
end

-- What the account is worth then.
function slow:worth(point) return self:cash() + self:profit(point) end

-- The size of what the account holds of other pairs.
function slow:elsewhere() return 0 end

function slow:mark() self.equity[self.row] = self:worth(self:point "close") end

-- ---- Ticks, sizes ----------------------------------------------------------------------------------------------------

function slow:tick(price, up)
  if self.o.path ~= "tradingview" or not price then return price end
  local scale = 10 ^ self.o.digits
  local nearest = math.floor(price * scale + 0.5)
  if math.abs(price * scale - nearest) <= 1e-4 then return nearest / scale end
  return (up and math.ceil(price * scale) or math.floor(price * scale)) / scale
end

function slow:nearest_tick(price)
  if self.o.path ~= "tradingview" or not price then return price end
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

-- Those that may be dealt in this bar: not what was asked for while it was under way.
function slow:awaiting()
  local found = {}
  for _, order in ipairs(self.waiting) do
    if not order.from or order.from <= self.row then found[#found + 1] = order end
  end
  return found
end

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
  if order.of and not order.fifo then return self:name_of(lot) == order.of end
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

-- Books `steps` of an order at a point; `price` is the one on the quote's side.
function slow:book(order, steps, point, price, slip, exit, may_open)
  local o, buys, reference = self.o, steps > 0, point.ref
  local before, closing = self:position(), 0
  for _, lot in ipairs(self.lots) do
    if self:closes(order, lot, buys) then closing = math.min(math.abs(steps), closing + math.abs(lot.steps)) end
  end
  local opening = may_open and math.abs(steps) - closing or 0
  local worse = buys and slip or -slip
  local opens = not order.reduce_only
  local open_price = self:dealt(point, price, buys, opens) + worse
  local entry_pays = o.spread_on == "entry"
  local close_price = entry_pays and reference + worse or open_price
  order.state, order.fill_bar, order.reference = "filled", self.row, reference
  order.filled = sign(steps) * (closing + opening) * o.step
  order.price = opening > 0 and open_price or close_price
  local spread = math.abs(self:offset(buys, true))
  if o.data == "both" then spread = math.abs(self:dealt(point, price, buys, opens) - reference) end
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
      reference = reference, point = point, price = open_price, costs = open_costs or rest,
      sl = order.sl, tp = order.tp, trail = self:trail_level(trail, open_price, buys) }
  end
  if opening > 0 and order.name ~= "" and #self:lots_named(order.name) == 1 then self:fix_exits(order.name) end
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
  local used, close = 0, self:point "close"
  for _, lot in ipairs(self.lots) do used = used + math.abs(lot.steps) end
  return (self:worth(close) - (used * self.o.step * close.ref + self:elsewhere()) / self.o.leverage) * self.o.leverage
end

function slow:unit_cost(reference, side)
  return side + self.o.commission_frac * reference + self.o.commission_per_lot / self.o.lot + self.o.commission_per_order
end

function slow:size_now(order, point, side)
  local o, fraction, reference = self.o, order.fraction, point.ref
  if o.path == "backtesting_py" and order.kind ~= "target" then
    return sign(fraction) * math.max(0, math.floor(self:available() * math.abs(fraction) / self:unit_cost(reference, side) / o.step))
  end
  local steps = fraction == 0 and 0 or self:steps_of(fraction * self:worth(point) / reference)
  return order.kind == "target" and steps - self:position() or steps
end

-- Deals a waiting order at a point and a price of its side; by: "market", "stop", "trail", "limit".
function slow:deal(order, point, price, by)
  local o, reference = self.o, point.ref
  local steps = order.steps
  local buys = self:side(order) > 0
  local opens = not order.reduce_only
  if order.kind == "exit" then steps = self:side(order) * self:reserved(order)
  elseif steps == 0 and order.fraction then
    steps = self:size_now(order, point, self:dealt(point, price, buys, opens))
    if by == "market" and buys ~= (steps > 0) then
      buys = steps > 0
      price = self:seen(point, buys, true)
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
    local side = self:dealt(point, price, buys, opens)
    too_large = opening * o.step * self:unit_cost(reference, side) > self:available()
    if too_large and closing > 0 then opens, too_large = false, false end
  elseif opening > 0 then
    local gross = 0
    for _, lot in ipairs(self.lots) do gross = gross + math.abs(lot.steps) end
    local after = o.accounting == "hedge" and gross - closing + opening or self:position() + steps
    too_large = o.margin_call * (math.abs(after * o.step) * reference + self:elsewhere()) > o.leverage * self:worth(point)
  end
  if too_large then
    self:finish_order(order, "rejected", "leverage")
    return self:purge()
  end
  local exit = "order"
  if order.kind == "exit" then exit = by == "stop" and "stop_loss" or by == "trail" and "trailing_stop" or "take_profit" end
  if order.kind == "end_of_data" then exit = "end_of_data" end
  self:stop_waiting(order)
  self:book(order, steps, point, price, by == "limit" and 0 or o.slippage, exit, opens)
  self:follow_fill(order)
end

-- Closes a lot by a stop of its own.
function slow:deal_lot(lot, point, price, by)
  local kinds = { stop = "stop_loss", trail = "trailing_stop", limit = "take_profit", margin = "stop_out" }
  local order = self:new_order(kinds[by], -lot.steps * self.o.step, { reduce_only = true, parent = lot.order, lot = lot.order })
  self:book(order, -lot.steps, point, price, by == "limit" and 0 or self.o.slippage, kinds[by], false)
  self:follow_fill(order)
end

function slow:deal_market(point)
  for _, order in ipairs(self:awaiting()) do
    if is_market(order) and order.state == "pending" then
      self:deal(order, point, self:seen(point, self:side(order) > 0, not order.reduce_only), "market")
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
  self:follow(order.trail_state, self:seen(self:point "close", lot.steps < 0, false), lot.price, lot.steps > 0)
  order.trail_level = order.trail_state.level
end

-- Deals what waits for the close of this bar until the hook has ended.
function slow:end_hook()
  if self.o.at ~= "close" or self.o.path ~= "tradingview" or not self.called then return end
  self.called = false
  local close = self:point "close"
  self:deal_market(close)
  self:walk_to(close, close, false)
  self:mark()
end

--- Brings the account to the close of the next bar. False: it is ruined.
function slow:step()
  if self.ruined then return false end
  if self.row > 0 then self:end_hook() end
  self.row = self.row + 1
  self:roll_before()
  self["open_" .. self.o.path](self)
  self:stop_out(self:point "open")
  self.held = self:holdings()
  self["rest_" .. self.o.path](self)
  self:roll_inside()
  self:stop_out(self:point "close")
  self:mark()
  if self.equity[self.row] <= 0 then
    self.ruined = true
    return false
  end
  self:see_close()
  return true
end

-- What waits sees the close of this bar.
function slow:see_close()
  if self.o.path ~= "tradingview" then
    local close = self:point "close"
    for _, lot in ipairs(self.lots) do self:follow(lot.trail, self:seen(close, lot.steps < 0, false), lot.price, lot.steps > 0) end
    for _, order in ipairs(self.waiting) do
      if order.kind == "exit" then self:follow_exit(order) end
    end
  end
  for _, order in ipairs({ (table.unpack or unpack)(self.waiting) }) do
    if order.expires and order.expires <= self.row then self:finish_order(order, "expired", "time_limit") end
  end
  self:purge()
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
      local point = self:point(o.path == "backtesting_py" and o.at == "next_open" and "open" or "close")
      for _, steps in ipairs { longs, shorts } do
        if steps ~= 0 then
          local order = self:new_order("end_of_data", -steps * o.step, { reduce_only = true, steps = -steps })
          self.waiting = { order }
          self:deal(order, point, self:seen(point, steps < 0, false), "market")
        end
      end
      self:mark()
    end
  end
  self.open = {}
  for _, lot in ipairs(self.lots) do
    local price = self:closing_price(self.at or self:point "close", lot.steps < 0)
    local units = lot.steps * o.step
    local gross = units * (price - lot.reference)
    self.open[#self.open + 1] = { entry_order = lot.order, exit_order = 0, entry_bar = lot.row, exit_bar = self:under_way(), exit = "open", units = units,
      entry_price = lot.price, exit_price = price, gross = gross, costs = lot.costs, net = gross - lot.costs }
  end
  for row = self.row + 1, last do self.equity[row] = self.equity[self.row] end
end

slow.words = { sign = sign, passed = passed, is_market = is_market }
require "slow_paths"(slow)
require "slow_calls"(slow)
require "slow_money"(slow)

return slow
