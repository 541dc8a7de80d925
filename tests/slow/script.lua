--- Random order scripts and bars, the same in every engine: whole numbers below 2^53 throughout.
local script = {}

-- A Lehmer generator: draws are whole numbers from 1 to 2^31 - 2.
local function generator(seed)
  local state = seed % 2147483646 + 1
  local function draw() state = state * 16807 % 2147483647 return state end
  for _ = 1, 4 do draw() end
  local g = {}
  function g.below(n) return draw() % n end
  function g.one_of(list) return list[draw() % #list + 1] end
  function g.chance(n) return draw() % n == 0 end
  return g
end

--- Bars as lists of whole ticks of 0.0001; `last` of them.
function script.bars(seed, last)
  local g = generator(seed * 7919 + 3)
  local open, high, low, close = {}, {}, {}, {}
  local price, wild = 10000 + g.below(3000), g.one_of { 12, 30, 80, 400 }
  for i = 1, last do
    open[i] = g.chance(3) and price + g.below(2 * wild + 1) - wild or price
    close[i] = open[i] + g.below(2 * wild + 1) - wild
    if close[i] < 2000 then close[i] = 2000 end
    if open[i] < 2000 then open[i] = 2000 end
    high[i] = math.max(open[i], close[i]) + (g.chance(4) and 0 or g.below(wild))
    low[i] = math.min(open[i], close[i]) - (g.chance(4) and 0 or g.below(wild))
    price = close[i]
  end
  for i = 1, last do open[i], high[i], low[i], close[i] = open[i] / 10000, high[i] / 10000, low[i] / 10000, close[i] / 10000 end
  return { open = open, high = high, low = low, close = close }
end

--- Puts asks beside bars in whole ticks, at each price as far above the bid as it likes.
function script.add_asks(bars, seed)
  local g = generator(seed * 6151 + 5)
  local widest = g.one_of { 1, 4, 12, 60 }
  local function above(price) return math.floor(price * 10000 + 0.5) + g.below(widest + 1) end
  local open, high, low, close = {}, {}, {}, {}
  for i, price in ipairs(bars.close) do
    open[i], close[i] = above(bars.open[i]), above(price)
    high[i], low[i] = math.max(open[i], close[i], above(bars.high[i])), math.min(open[i], close[i], above(bars.low[i]))
  end
  for i = 1, #close do open[i], high[i], low[i], close[i] = open[i] / 10000, high[i] / 10000, low[i] / 10000, close[i] / 10000 end
  bars.ask_open, bars.ask_high, bars.ask_low, bars.ask_close = open, high, low, close
end

local ids = { "a", "b", "c" }

-- A price some ticks away, mostly of 0.0001, now and then between two.
local function price(g, close, up)
  local ticks = g.below(120) + (g.chance(5) and 0.4 or 0) - (g.chance(9) and 40 or 0)
  return up and close + ticks / 10000 or close - ticks / 10000
end

local function distance(g) return (1 + g.below(90)) / 10000 end

local function add_trail(g, q)
  q.trail = distance(g)
  if g.chance(2) then q.trail_after = distance(g) end
  if g.chance(3) then q.trail_step = (1 + g.below(20)) / 10000 end
end

local function add_stops(g, q, at, way)
  local kind = g.below(6)
  if kind == 0 then q.sl = price(g, at, way < 0) elseif kind == 1 then q.sl_dist = distance(g) end
  kind = g.below(6)
  if kind == 0 then q.tp = price(g, at, way > 0) elseif kind == 1 then q.tp_dist = distance(g) end
  if g.chance(8) then add_trail(g, q) end
end

local function add_size(g, q)
  local kind = g.below(8)
  if kind == 0 then q.lots = (1 + g.below(30)) / 100 elseif kind == 1 then q.fraction = (1 + g.below(150)) / 100 else q.units = 1 + g.below(30000) end
end

local function trade(g, close)
  local buys = g.chance(2)
  local q, way = {}, buys and 1 or -1
  add_size(g, q)
  if g.chance(2) then q.id = g.one_of(ids) end
  local kind = g.below(6)
  if kind == 1 or kind == 3 then q.limit = price(g, close, not buys) end
  if kind == 2 or kind == 3 then q.stop = price(g, close, buys) end
  if kind == 4 and g.chance(2) then
    q.stop = price(g, close, buys)
    q.limit = q.stop + (g.below(40) - 20) / 10000
  end
  add_stops(g, q, q.limit or q.stop or close, way)
  if not (q.units or q.lots or q.fraction) then q.units = 1000 end
  if (q.sl_dist or q.trail) and g.chance(6) then q.units, q.lots, q.fraction, q.risk = nil, nil, nil, 0.01 end
  if g.chance(6) then q.expire = 1 + g.below(6) end
  if g.chance(8) then q.reduce_only = true end
  if g.chance(6) then q.reverse = true end
  if g.chance(6) then q.add = true end
  if g.chance(5) then
    if g.chance(2) then q.oco = g.one_of { "x", "y" } else q.oca, q.oca_kind = "z", g.one_of { "reduce", "cancel" } end
  end
  return { buys and "buy" or "sell", q }
end

local function exit(g, close)
  local q = { of = g.one_of(ids) }
  if g.chance(2) then q.id = g.one_of { "p", "q" } end
  local kind = g.below(4)
  if kind ~= 1 then q.stop = price(g, close, g.chance(2)) end
  if kind ~= 2 then q.limit = price(g, close, g.chance(2)) end
  if kind == 3 then add_trail(g, q) end
  if q.stop and g.chance(4) then q.stop, q.sl_dist = nil, distance(g) end
  if q.limit and g.chance(4) then q.limit, q.tp_dist = nil, distance(g) end
  if q.trail and g.chance(3) then q.trail_after, q.trail_at = nil, price(g, close, g.chance(2)) end
  kind = g.below(4)
  if kind == 0 then q.units = 1 + g.below(20000) elseif kind == 1 then q.fraction = (1 + g.below(100)) / 100 end
  if g.chance(8) then q.expire = 1 + g.below(6) end
  if g.chance(5) then q.fifo = true end
  return { "exit", q }
end

local function close(g)
  local q = {}
  if g.chance(2) then q.id = g.one_of(ids) end
  if g.chance(5) then q.fifo = true end
  local kind = g.below(4)
  if kind == 0 then q.fraction = (1 + g.below(99)) / 100 elseif kind == 1 then q.units = 1 + g.below(15000) end
  return { "close", q }
end

local function modify(g, at)
  local q = {}
  add_stops(g, q, at, g.chance(2) and 1 or -1)
  if g.chance(3) then q.limit = price(g, at, g.chance(2)) end
  if g.chance(3) then q.stop = price(g, at, g.chance(2)) end
  if g.chance(5) then q.units = 1 + g.below(9000) end
  if g.chance(5) then q.expire = 1 + g.below(9) end
  return { "modify", g.one_of { "a", "b", "c", "p", "q" }, q }
end

--- The calls after the close of bar `row` (from 1): lists {name, ...}.
function script.calls(seed, row, at)
  local g = generator(seed * 104729 + row * 31)
  local calls = {}
  if g.below(10) >= 1 + seed % 7 then return calls end
  for i = 1, 1 + (g.chance(3) and 1 or 0) + (g.chance(6) and 2 or 0) do
    local kind = g.below(16)
    if kind <= 1 then
      local q = {}
      local x = g.one_of { 0, 1, -1, 0.5, -2, 3, 40 }
      if g.chance(3) then add_stops(g, q, at, x) end
      if g.chance(4) then q.rebalance = 0.05 end
      calls[i] = { "target", x, q }
    elseif kind <= 8 then calls[i] = trade(g, at)
    elseif kind <= 11 then calls[i] = exit(g, at)
    elseif kind == 12 then calls[i] = close(g)
    elseif kind == 13 then calls[i] = g.chance(12) and { "cancel_all" } or { "cancel", g.one_of { "a", "b", "c", "p", "q" } }
    elseif kind == 14 then calls[i] = modify(g, at)
    else calls[i] = { "trade", 1 + g.below(3), g.chance(2) and 0.5 or nil } end
  end
  return calls
end

--- Gives a call to a broker of sliders.
function script.give(broker, call)
  local name, a, b = call[1], call[2], call[3]
  if name == "cancel" then broker:cancel(a)
  elseif name == "cancel_all" then broker:cancel_all()
  elseif name == "modify" then broker:modify(a, b)
  elseif name == "target" then broker:target(a, next(b) and b or nil)
  elseif name == "close" then broker:close(next(a) and a or nil)
  elseif name == "trade" then
    local held = broker.trades[a]
    if held then held:close { fraction = b } end
  elseif name == "buy" then broker:buy(a)
  elseif name == "sell" then broker:sell(a)
  else broker:exit(a) end
end

return script
