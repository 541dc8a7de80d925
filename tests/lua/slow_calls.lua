--- What a strategy asks of the slow broker.
local unpack = table.unpack or unpack

return function(slow)

local sign, passed, is_market = slow.words.sign, slow.words.passed, slow.words.is_market

-- ---- Calls -----------------------------------------------------------------------------------------------------------

function slow:wrong_stops(sl, tp, price, way)
  if self.o.path == "tradingview" or way == 0 then return false end
  local point = self:point "close"
  if price then point = self:point_of(price, way > 0, true, point) end
  local side = self:seen(point, way < 0, false)
  if way > 0 then return sl ~= nil and sl >= side or tp ~= nil and tp <= side end
  return sl ~= nil and sl <= side or tp ~= nil and tp >= side
end

function slow:wrong_side(stop, buys)
  if self.o.path ~= "pessimistic" or not stop then return false end
  return passed(self:seen(self:point "close", buys, true), stop, buys)
end

-- The bar that has begun last: of one pair alone the one that has closed.
function slow:under_way() return self.begun or self.row end

function slow:place(kind, steps, q, fields, way, reason)
  local buys = steps > 0 or (fields.fraction or 0) > 0
  local order = self:new_order(kind, steps * self.o.step, fields)
  order.steps = steps
  order.tag = q.tag or ""
  order.limit, order.stop = self:tick(q.limit, not buys), self:tick(q.stop, buys)
  local short = way < 0 or way == 0 and steps < 0
  order.sl, order.tp = self:tick(q.sl, short), self:tick(q.tp, not short)
  order.sl_dist, order.tp_dist = q.sl_dist, q.tp_dist
  order.trail, order.trail_after, order.trail_step = self:tick(q.trail, true), self:tick(q.trail_after, true), q.trail_step
  if q.expire then order.expires = self:under_way() + q.expire end
  if kind == "exit" then order.units = 0 end
  if not reason and kind ~= "exit" and kind ~= "close" and not order.fraction and self:too_small(steps) then reason = "min_size" end
  local countable = math.abs(steps) < 2 ^ 53 -- which a size that is no number is not
  if not reason and not countable then reason = "leverage" end
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
    for _, other in ipairs({ unpack(self.waiting) }) do
      if other ~= order and other.kind ~= "exit" and other.name == order.name then self:finish_order(other, "cancelled", "replaced") end
    end
  end
  self:purge()
  if self:under_way() > self.row then order.from = self:under_way() + 1 end
  if self.stale then return order end
  self.called = true
  if is_market(order) and self.o.at == "close" and self.o.path ~= "tradingview" then
    self:deal_market(self:point "close")
    self:mark()
    if self.equity[self.row] <= 0 then self.ruined = true end
  end
  return order
end

function slow:drop_market()
  for _, order in ipairs({ unpack(self.waiting) }) do
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
    if q.fraction then units = q.fraction * equity / price end
    if q.fraction and o.path == "tradingview" then
      units = (q.fraction * equity - o.commission_per_order) / close
      if o.commission_frac > 0 or o.commission_per_lot > 0 then units = units * (close / (close * (1 + o.commission_frac) + o.commission_per_lot / o.lot)) end
    end
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

-- What closes that wait leave of each lot, taking theirs in turn.
function slow:left_by_closes()
  local left = {}
  for _, lot in ipairs(self.lots) do left[lot] = math.abs(lot.steps) end
  for _, order in ipairs(self.waiting) do
    if order.kind == "close" then
      local wanted = math.abs(order.steps)
      for _, lot in ipairs(self.lots) do
        if self:closes(order, lot, order.steps > 0) then
          local part = math.min(wanted, left[lot])
          left[lot], wanted = left[lot] - part, wanted - part
        end
      end
    end
  end
  return left
end

function slow:close(q)
  local o = self.o
  self.last_target = nil
  local partly = q.units or q.lots or q.fraction
  if not (q.id or q.lot or partly) and o.path == "pessimistic" then self:drop_market() end
  local left = self:left_by_closes()
  for _, way in ipairs { 1, -1 } do
    local held, rest = 0, 0
    for _, lot in ipairs(self.lots) do
      local meant = sign(lot.steps) == way and (not q.lot or lot.order == q.lot) and (not q.id or self:name_of(lot) == q.id)
      if meant then held, rest = held + math.abs(lot.steps), rest + (q.fifo and math.abs(lot.steps) or left[lot]) end
    end
    if rest > 0 then
      local size = rest
      if q.fraction then size = math.floor(q.fraction * held + 1e-9) elseif partly then size = self:steps_of(q.units or q.lots * o.lot) end
      size = math.min(size, rest)
      local small = size == 0 or (size ~= rest and size * o.step < o.min_size)
      self:place("close", -way * size + 0, { tag = q.tag }, { reduce_only = true, of = q.id, lot = q.lot, fifo = q.fifo }, 0, small and "min_size" or nil)
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
  if not order then
    order = self:place("exit", 0, q, fields, way)
    order.trail_state = {}
  elseif q.expire then
    order.expires = self:under_way() + q.expire
  end
  self:set_trail(order, q)
  order.limit, order.stop = self:tick(q.limit, way > 0), self:tick(q.stop, way < 0)
  order.sl_dist, order.tp_dist = q.sl_dist, q.tp_dist
  order.fraction, order.steps, order.sized, order.fifo = q.fraction, steps, sized ~= nil, q.fifo
  self:fix_exits(q.of)
  self:look_at_close(order)
end

-- An exit's trailing stop; with the same distances and price it keeps what it has seen.
function slow:set_trail(order, q)
  local distance, after, at = self:tick(q.trail, true), self:tick(q.trail_after, true), self:nearest_tick(q.trail_at)
  local state = order.trail_state
  local same = state.distance == distance and state.at == at and (at ~= nil or state.after == after)
  if not same then order.trail_state = { distance = distance, after = after, at = at } end
  order.trail_state.step = q.trail_step
end

-- Prices that exits of an entry give as distances from its oldest lot.
function slow:fix_exits(entry)
  local lot = self:lots_named(entry)[1]
  if not lot then return end
  local way = sign(lot.steps)
  for _, order in ipairs(self.waiting) do
    if order.kind == "exit" and order.of == entry then
      if order.sl_dist then order.stop = self:tick(lot.price - way * order.sl_dist, way < 0) end
      if order.tp_dist then order.limit = self:tick(lot.price + way * order.tp_dist, way > 0) end
      local state = order.trail_state
      if state and state.at then state.after = way * (state.at - lot.price) end
    end
  end
end

-- Lets an exit's trailing stop see the close of the call.
function slow:look_at_close(order)
  local lot = self:lots_named(order.of)[1]
  order.trail_level = order.trail_state.level
  if not lot then return end
  if self.o.path ~= "tradingview" then return self:follow_exit(order) end
  self:see(order.trail_state, self:seen(self:point "close", lot.steps < 0, false), lot.price, lot.steps > 0)
end

function slow:cancel(id)
  for _, order in ipairs({ unpack(self.waiting) }) do
    if not id or order.name == id then self:finish_order(order, "cancelled", "request") end
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
  if exit and q.stop then order.sl_dist = nil end
  if exit and q.limit then order.tp_dist = nil end
  if q.limit and (order.limit or exit) then order.limit = self:tick(q.limit, not buys) end
  if q.stop and (order.stop or exit) then order.stop = self:tick(q.stop, buys) end
  if q.sl then order.sl, order.sl_dist = self:tick(q.sl, way < 0), nil end
  if q.sl_dist then order.sl, order.sl_dist = nil, q.sl_dist end
  if q.tp then order.tp, order.tp_dist = self:tick(q.tp, way > 0), nil end
  if q.tp_dist then order.tp, order.tp_dist = nil, q.tp_dist end
  if q.expire then order.expires = self:under_way() + q.expire end
  if q.trail then
    if exit then self:set_trail(order, q)
    else order.trail, order.trail_after, order.trail_step = self:tick(q.trail, true), self:tick(q.trail_after, true), q.trail_step end
  end
  if exit then
    self:fix_exits(order.of)
    if q.trail then self:look_at_close(order) end
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
    local close = self:seen(self:point "close", way < 0, false)
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

end
