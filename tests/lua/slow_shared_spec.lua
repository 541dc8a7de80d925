-- Several pairs on one account against slow ones on one account (slow_account.lua): random scripts of every kind of order, with rollovers and stop-outs, over
-- bars of different lengths with holes, and over ticks, leave the same ledgers and the same equity at every instant.
-- SLIDERS_SCRIPTS is how many scripts; script/slow-broker runs 12,000.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)
package.path = "tests/slow/?.lua;" .. package.path

local sliders = require "sliders"
local script = require "script"
local account = require "slow_account"
local ledger = require "slow_ledger"

local scripts = tonumber(os.getenv "SLIDERS_SCRIPTS" or "240")
local HOUR, tick = 3600 * 1000000000, 0.0001
local names = { "AUDUSD", "EURUSD", "XAUUSD" }
local shapes = { { hours = 5, start = 0, rows = 80 }, { hours = 8, start = 16, rows = 40 }, { hours = 24, start = 24, rows = 17 } }

local function mode(name, path, at, more)
  local tradingview, py = path == "tradingview", path == "backtesting_py"
  local m = { name = name, path = path, at = at, quotes = (tradingview or py) and "mid" or "side", spread_on = py and "entry" or "both",
    sizing = py and "fill" or "call", spread = 2, slippage = 0.5, commission_frac = 0.00002, commission_per_lot = 3, commission_per_order = 0.5,
    accounting = "net", pyramiding = 0, leverage = 30, capital = 6000, data = "mid", close_at_end = false, margin_call = 1,
    stop_out = path == "pessimistic" and 0.5 or 0, rollover = "points" }
  for key, value in pairs(more or {}) do m[key] = value end
  m.fill = { at = m.at, path = m.path, quotes = m.quotes, spread_on = m.spread_on }
  return m
end

local modes = {
  mode("next_open", "pessimistic", "next_open"),
  mode("next_open on bid data, closed at the end", "pessimistic", "next_open", { data = "bid", close_at_end = true, spread = 4 }),
  mode("next_open, hedged", "pessimistic", "next_open", { accounting = "hedge", pyramiding = 3 }),
  mode("next_open, sized at the fill, entries pay the spread", "pessimistic", "next_open", { sizing = "fill", spread_on = "entry", leverage = 8 }),
  mode("next_open on both sides", "pessimistic", "next_open", { data = "both", capital = 3000 }),
  mode("close", "pessimistic", "close", { stop_out = 0.8, margin_call = 1.5 }),
  mode("close, hedged, on both sides", "pessimistic", "close", { accounting = "hedge", data = "both", close_at_end = true }),
  mode("tradingview", "tradingview", "next_open", { pyramiding = 3 }),
  mode("tradingview on sides, with stop-outs", "tradingview", "next_open", { quotes = "side", pyramiding = 4, stop_out = 0.6 }),
  mode("tradingview at the close", "tradingview", "close", { pyramiding = 3 }),
  mode("tradingview on both sides, hedged", "tradingview", "next_open", { quotes = "side", data = "both", accounting = "hedge", pyramiding = 5 }),
  mode("backtesting_py", "backtesting_py", "next_open", { close_at_end = true }),
  mode("backtesting_py, hedged, on sides, with stop-outs", "backtesting_py", "next_open",
    { quotes = "side", spread_on = "both", sizing = "call", accounting = "hedge", leverage = 5, stop_out = 0.7 }),
  mode("ticks", "pessimistic", "next_open", { data = "ticks", rollover = "none" }),
  mode("tradingview on ticks", "tradingview", "next_open", { data = "ticks", quotes = "side", pyramiding = 3 }),
}

-- ---- Markets ---------------------------------------------------------------------------------------------------------

local function instrument_of(i)
  local coarse = i == 3
  return { base = names[i]:sub(1, 3), quote = "USD", digits = 4, pip = tick, lot = 100000, step = coarse and 100 or 1, min_size = coarse and 1000 or 1,
    swap_long = -0.7, swap_short = 0.3 }
end

-- Times with a hole now and then, and a weekend.
local function stamp(b, shape, seed)
  b.time, b.period_ns = {}, shape.hours * HOUR
  local at = shape.start
  for row = 1, #b.close do
    b.time[row] = at * HOUR
    at = at + shape.hours
    if (row * 7 + seed) % 11 == 0 then at = at + shape.hours end
    if row == math.floor(#b.close / 2) then at = at + 48 end
  end
end

-- Quotes of the closes; two or three may stand in one instant, also of several pairs.
local function make_ticks(b, i)
  b.open, b.high, b.low, b.ask_open, b.ask_high, b.ask_low, b.period_ns, b.ticks = nil, nil, nil, nil, nil, nil, nil, true
  for row = 1, #b.close do
    b.time[row] = (row * (1 + i)) * HOUR
    if row > 1 and row % 5 < 2 then b.time[row] = b.time[row - 1] end
  end
end

local function closes_of(b)
  local closes = {}
  for row, time in ipairs(b.time) do
    closes[row] = time + (b.period_ns or 0)
    if b.time[row + 1] and b.time[row + 1] < closes[row] then closes[row] = b.time[row + 1] end
  end
  return closes
end

local host
local markets = {}

local function market_of(data)
  if markets[data] then return markets[data] end
  host = host or sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" }
  local market, bars = host:market(), {}
  for i, shape in ipairs(shapes) do
    local b = script.bars(20 * #data + i, shape.rows)
    local both = data == "both" or data == "ticks"
    b.pair, b.side, b.instrument = names[i], both and "both" or data, instrument_of(i)
    stamp(b, shape, i)
    if both then script.add_asks(b, i) end
    if data == "ticks" then make_ticks(b, i) end
    market:add(b)
    bars[i] = { time = b.time, period_ns = b.period_ns or 0, close = b.close, ask_close = b.ask_close, instrument = b.instrument, closes = closes_of(b) }
    for _, name in ipairs { "open", "high", "low" } do
      bars[i][name] = b[name] or b.close
      if both then bars[i]["ask_" .. name] = b["ask_" .. name] or b.ask_close end
    end
  end
  markets[data] = { market = market, bars = bars }
  return markets[data]
end

-- Every close, and the first by which every pair has one.
local function clock_of(bars)
  local seen, clock, first = {}, {}, 0
  for _, b in ipairs(bars) do
    first = math.max(first, b.closes[1])
    for _, close in ipairs(b.closes) do
      if not seen[close] then clock[#clock + 1] = close end
      seen[close] = true
    end
  end
  table.sort(clock)
  return clock, first
end

-- ---- Runs ------------------------------------------------------------------------------------------------------------

local function run_slow(m, bars, seed)
  local books = {}
  for i, b in ipairs(bars) do
    local o = {}
    for key, value in pairs(m) do o[key] = value end
    if m.data == "ticks" then o.data = "both" end
    o.spread, o.slippage, o.lot, o.digits = m.spread * tick, m.slippage * tick, 100000, 4
    o.step, o.min_size, o.swap_long, o.swap_short = b.instrument.step, b.instrument.min_size, b.instrument.swap_long, b.instrument.swap_short
    books[i] = { bars = b, options = o }
  end
  local a = account.new(m.capital, books)
  local clock, first = clock_of(bars)
  local calls, equity = 0, {}
  for _, instant in ipairs(clock) do
    if not a:step(instant) then break end
    if instant >= first then
      calls = calls + 1
      for i, book in ipairs(a.books) do
        for _, call in ipairs(script.calls(3 * seed + i, calls, book.bars.close[book.row])) do ledger.call(book, call) end
      end
    end
  end
  a:finish(#clock)
  for k, instant in ipairs(clock) do
    if instant >= first then equity[#equity + 1] = a.equity[k] end
  end
  return a, equity
end

local function compare(job, a, equity)
  if (job.state == "ruined") ~= (a.ruined == true) then return "ruined: " .. job.state end
  for i, book in ipairs(a.books) do
    local found = ledger.difference(job.books[i], book)
    if found then return names[i] .. ": " .. found end
  end
  local found = ledger.other_equity(job.equity, equity)
  return found or ledger.other_sums(job, a)
end

describe("an account of several pairs and the slow one", function()
  local strategy
  local stopped, ruined, of_others = 0, 0, 0

  for i, m in ipairs(modes) do
    it("agree in mode " .. m.name, function()
      local world = market_of(m.data)
      strategy = strategy or host:strategy("tests/slow/random_account.lua", jit and "luajit" or "lua54")
      local first = i * 100000
      local result = host:run(strategy, world.market, ledger.options(m, first, math.max(4, math.ceil(scripts / #modes))))
      local fills, nights, differences = 0, 0, {}
      for _, job in ipairs(result.jobs) do
        if job.state ~= "done" and job.state ~= "ruined" then error(job.error, 0) end
        local a, equity = run_slow(m, world.bars, first + job.ordinal)
        local found = compare(job, a, equity)
        if found then differences[#differences + 1] = ("script %d: %s"):format(first + job.ordinal, found) end
        fills, nights, stopped = fills + job.trade_count, nights + #job.rollovers, stopped + job.stop_out_count
        ruined = ruined + (job.state == "ruined" and 1 or 0)
        for _, book in ipairs(job.books) do of_others = of_others + (book.rejected_count > 0 and 1 or 0) end
      end
      if differences[1] then error(("%d of %d differ: %s"):format(#differences, #result.jobs, differences[1]), 0) end
      assert.truthy(fills > 5 * #result.jobs)
      assert.truthy(nights > 0 or m.rollover == "none")
    end)
  end

  it("have seen stop-outs, ruin and rejections", function() assert.truthy(stopped > 20 and ruined > 0 and of_others > 20) end)
end)
