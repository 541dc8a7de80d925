-- A shared account against a slow one written from docs/portfolio.md and docs/fills.md: random targets over pairs of different bars, to the bit.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)

local sliders = require "sliders"

local hour = 3600 * 1000000000
local shapes = { -- hours of a bar, hours of the first, one in how many is missing
  AUDUSD = { length = 8, start = 8, holes = 6 }, EURUSD = { length = 24, start = 0, holes = 9 }, GBPUSD = { length = 12, start = 30, holes = 1000 },
}
local names = { "AUDUSD", "EURUSD", "GBPUSD" }
local days, scripts = 40, 60

local state
local function random(n)
  state = math.fmod(state * 16807, 2147483647)
  return n and 1 + math.floor(state / 2147483647 * n) or state / 2147483647
end

local function random_bars(shape, price)
  local b = { time = {}, open = {}, high = {}, low = {}, close = {} }
  for at = shape.start, days * 24 - shape.length, shape.length do
    local open = price * (0.997 + 0.006 * random())
    local close = open * (0.98 + 0.04 * random())
    price = close
    if random(shape.holes) > 1 then
      local n = #b.time + 1
      b.time[n], b.open[n], b.close[n] = at * hour, open, close
      b.high[n], b.low[n] = math.max(open, close), math.min(open, close)
    end
  end
  return b
end

-- ---- The slow account ------------------------------------------------------------------------------------------------

local costs = { spread = 0.0002, slippage = 0.00005, frac = 0.00002, per_lot = 3, leverage = 8, capital = 50000 }

local function trunc(x) return x < 0 and -math.floor(-x) or math.floor(x) end

local function position(book)
  local units = 0
  for _, lot in ipairs(book.lots) do units = units + lot.units end
  return units
end

local function open_profit(book, price)
  if #book.lots == 0 then return 0 end
  local value = 0
  for _, lot in ipairs(book.lots) do value = value + lot.units * lot.price end
  local units = position(book)
  return units * (price + (units > 0 and -0.5 or 0.5) * costs.spread) - value
end

local function cash(a) return costs.capital + a.realised + 0 - (a.spread + a.slippage + a.commission) end

-- With one book marked at a price of its own.
local function equity(a, book, price)
  local sum
  for _, name in ipairs(names) do
    local one = a.books[name]
    local profit = open_profit(one, one == book and price or one.mark)
    sum = sum and sum + profit or profit
  end
  return cash(a) + sum
end

local function deal(a, book, order, price, time)
  local held, units = position(book), order.units
  local opens = held * units >= 0 and math.abs(units) or math.max(0, math.abs(units) - math.abs(held))
  local size = 0
  for _, name in ipairs(names) do
    local other = a.books[name]
    if other ~= book then size = size + math.abs(position(other)) * other.mark end
  end
  if opens > 0 and math.abs(held + units) * price + size > costs.leverage * equity(a, book, price) then
    order.state = "rejected"
    return
  end
  local dealt = price + (units > 0 and 1 or -1) * (0.5 * costs.spread)
  dealt = dealt + (units > 0 and costs.slippage or -costs.slippage)
  order.state, order.price, order.fill_time = "filled", dealt, time
  a.spread = a.spread + math.abs(units) * (0.5 * costs.spread)
  a.slippage = a.slippage + math.abs(units) * costs.slippage
  a.commission = a.commission + (costs.frac * math.abs(units) * dealt + costs.per_lot * (math.abs(units) / 100000))
  local left = units
  while left ~= 0 and #book.lots > 0 and book.lots[1].units * left < 0 do
    local lot = book.lots[1]
    local part = math.abs(lot.units) <= math.abs(left) and lot.units or -left
    a.realised = a.realised + part * (price - lot.price)
    lot.units, left = lot.units - part, left + part
    if lot.units == 0 then table.remove(book.lots, 1) end
  end
  if left ~= 0 then table.insert(book.lots, { units = left, price = price }) end
end

-- What waits and was asked for no later than the bar opened.
local function deal_open(a, book, row)
  local order = book.waiting
  if not order or order.time > book.bars.time[row] then return end
  book.waiting = nil
  deal(a, book, order, book.bars.open[row], book.bars.time[row])
end

local function ask(a, book, x, time)
  if x == book.last then return end
  book.last = x
  if book.waiting then book.waiting.state, book.waiting = "cancelled", nil end
  local units = trunc(x * equity(a) / book.bars.close[book.row]) - position(book)
  if units == 0 then return end
  local order = { time = time, units = units, state = "pending" }
  book.orders[#book.orders + 1], book.waiting = order, order
end

-- Opens of the time between two instants, in order of time and name: first all marks, then all deals.
local function between(a, last)
  while true do
    local next
    for _, name in ipairs(names) do
      local book = a.books[name]
      local time = book.begun == book.row and book.bars.time[book.row + 1]
      if time and time < last and (not next or time < next) then next = time end
    end
    if not next then return end
    local here = {}
    for _, name in ipairs(names) do
      local book = a.books[name]
      if book.begun == book.row and book.bars.time[book.row + 1] == next then
        book.begun, here[#here + 1] = book.row + 1, book
        book.mark = book.bars.open[book.begun]
      end
    end
    for _, book in ipairs(here) do deal_open(a, book, book.begun) end
  end
end

local function slow_run(bars, clock, first, targets)
  local a = { realised = 0, spread = 0, slippage = 0, commission = 0, books = {}, equity = {} }
  for _, name in ipairs(names) do a.books[name] = { bars = bars[name], row = 0, begun = 0, lots = {}, orders = {}, mark = bars[name].open[1] } end
  for k, time in ipairs(clock) do
    between(a, time)
    for _, name in ipairs(names) do
      local book = a.books[name]
      if book.begun > book.row and book.bars.time[book.begun] + shapes[name].length * hour == time then
        book.row, book.mark = book.begun, book.bars.close[book.begun]
      end
    end
    if k >= first then
      a.equity[k - first + 1] = equity(a)
      for _, name in ipairs(names) do
        local x = targets[name][k - first + 1]
        if x then ask(a, a.books[name], x, time) end
      end
    end
  end
  for _, name in ipairs(names) do
    if a.books[name].waiting then a.books[name].waiting.state = "expired" end
  end
  return a
end

-- ---- Scripts ---------------------------------------------------------------------------------------------------------

local function clock_of(bars)
  local seen, clock, first = {}, {}, 0
  for name, b in pairs(bars) do
    first = math.max(first, b.time[1] + shapes[name].length * hour)
    for _, time in ipairs(b.time) do seen[time + shapes[name].length * hour] = true end
  end
  for time in pairs(seen) do clock[#clock + 1] = time end
  table.sort(clock)
  for k, time in ipairs(clock) do
    if time == first then return clock, k end
  end
end

local sizes = { 0, 0.5, -0.5, 1, -1, 2.5, -3, 5, -6 }

local function random_targets(count)
  local targets = {}
  for _, name in ipairs(names) do
    targets[name] = {}
    for k = 1, count do targets[name][k] = random(4) == 1 and sizes[random(#sizes)] or nil end
  end
  return targets
end

local function strategy_text(targets, count)
  local lines = { "local sliders = require 'sliders'", "local S = sliders.strategy { pairs = { 'AUDUSD', 'EURUSD', 'GBPUSD' }, warmup = 0 }",
    "local k, targets = 0, {}" }
  for _, name in ipairs(names) do
    local words = {}
    for k = 1, count do words[k] = tostring(targets[name][k] or "false") end
    lines[#lines + 1] = ("targets.%s = { %s }"):format(name, table.concat(words, ", "))
  end
  lines[#lines + 1] = "function S:bar(broker) k = k + 1 for _, name in ipairs(self.bars.pairs) do"
  lines[#lines + 1] = "if targets[name][k] then broker[name]:target(targets[name][k]) end end end return S"
  return table.concat(lines, "\n")
end

local host

local function run(bars, text, vm)
  host = host or sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" }
  local market = host:market()
  for _, name in ipairs(names) do
    local b = bars[name]
    market:add { pair = name, side = "mid", period_ns = shapes[name].length * hour, time = b.time, open = b.open, high = b.high, low = b.low, close = b.close }
  end
  local result = host:run(host:strategy_text("script", text, vm), market, { capital = costs.capital, spread_pips = 2, slippage_pips = 0.5,
    commission_frac = costs.frac, commission_per_lot = costs.per_lot, leverage = costs.leverage })
  return result.jobs[1]
end

local function expect(job, a, script)
  local what = ("script %d: "):format(script)
  assert.equal("done", job.state, what .. tostring(job.error))
  assert.equal(#a.equity, #job.equity)
  for k, value in ipairs(a.equity) do assert.is_true(value == job.equity[k], ("%sequity %d is %.17g, not %.17g"):format(what, k, job.equity[k], value)) end
  local counts = { filled = 0, rejected = 0, cancelled = 0, expired = 0 }
  for i, name in ipairs(names) do
    local orders = job.books[i].orders
    assert.equal(#a.books[name].orders, #orders, what .. name)
    for k, order in ipairs(a.books[name].orders) do
      for _, field in ipairs { "time", "units", "state" } do assert.equal(order[field], orders[k][field], ("%s%s order %d %s"):format(what, name, k, field)) end
      if order.state == "filled" then assert.is_true(order.price == orders[k].price and order.fill_time == orders[k].fill_time) end
      counts[order.state] = counts[order.state] + 1
    end
  end
  return counts
end

describe("a shared account", function()
  it("agrees with a slow one, instant by instant and order by order", function()
    local all = { filled = 0, rejected = 0, cancelled = 0, expired = 0 }
    for script = 1, scripts do
      state = script * 7919 + 1
      local bars = {}
      for _, name in ipairs(names) do bars[name] = random_bars(shapes[name], name == "EURUSD" and 1.1 or name == "GBPUSD" and 1.3 or 0.7) end
      local clock, first = clock_of(bars)
      local targets = random_targets(#clock - first + 1)
      local a = slow_run(bars, clock, first, targets)
      for _, one in ipairs(a.equity) do
        if one <= 0 then a.ruined = true end
      end
      if not a.ruined then
        for state_name, count in pairs(expect(run(bars, strategy_text(targets, #clock - first + 1), script % 2 == 0 and "luajit" or "lua54"), a, script)) do
          all[state_name] = all[state_name] + count
        end
      end
    end
    assert.is_true(all.filled > 20 * scripts and all.rejected > scripts and all.cancelled > scripts and all.expired > 0,
      ("%d %d %d %d"):format(all.filled, all.rejected, all.cancelled, all.expired))
  end)

  it("of one pair of ticks is a sleeve to the bit", function()
    state = 99
    local b = { pair = "EURUSD", side = "both", ticks = true, time = {}, close = {}, ask_close = {} }
    local price, time = 1.1, 0
    for i = 1, 2000 do
      price, time = price * (1 + 0.0006 * (random() - 0.5)), time + random(90) * 1000000000
      b.time[i], b.close[i], b.ask_close[i] = time, price, price + 0.0001 + 0.0001 * random()
    end
    local text = [[
local sliders = require "sliders"
local S = sliders.strategy {}
function S:init(bars) self.mean = sliders.sma(bars.close, 30) end
function S:bar(broker)
  local r = sliders.random()
  if r < 0.05 then broker:target(self.bars.close[0] > self.mean[0] and 2 or -2, { sl_dist = 0.002 })
  elseif r < 0.1 then broker:buy { units = 3000, limit = self.bars.close[0] - 0.0003, id = "dip", expire = 20, tp_dist = 0.001 } end
end
return S]]
    host = host or sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" }
    local market = host:market()
    market:add(b)
    for _, fill in ipairs { "next_open", "close", "tradingview", "backtesting_py" } do
      local split = host:run(host:strategy_text("ticks", text), market, { fill = fill }).jobs[1]
      local shared = host:run(host:strategy_text("ticks", text), market, { fill = fill, account = "shared" }).jobs[1]
      assert.equal("done", shared.state)
      assert.is_true(#split.orders > 100 and #split.orders == #shared.orders and #split.equity == #shared.equity)
      for i, value in ipairs(split.equity) do assert.is_true(value == shared.equity[i]) end
      for i, order in ipairs(split.orders) do
        local dealt = shared.orders[i].price
        assert.is_true(order.price == dealt or order.price ~= order.price and dealt ~= dealt)
      end
    end
  end)

  it("lets hooks run once after several ticks of one instant", function()
    host = host or sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" }
    local market = host:market()
    local second = 1000000000
    market:add { pair = "EURUSD", side = "mid", ticks = true, time = { second, second, 2 * second }, close = { 1.1, 1.2, 1.3 } }
    local text = "local sliders = require 'sliders' local S = sliders.strategy { warmup = 0 } function S:bar() print(self.bars.close[0]) end return S"
    assert.equal("1.2\n1.3\n", host:run(host:strategy_text("ticks", text), market, { account = "shared" }).jobs[1].log)
  end)
end)
