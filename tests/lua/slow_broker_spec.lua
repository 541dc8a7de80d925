-- The broker against a slow one written from the documents: random scripts over random bars in every mode leave the same ledger.
-- SLIDERS_SCRIPTS is how many scripts; script/slow-broker runs 12,000.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)
package.path = "tests/slow/?.lua;" .. package.path

local sliders = require "sliders"
local script = require "script"
local slow = require "slow_broker"
local ledger = require "slow_ledger"

local scripts = tonumber(os.getenv "SLIDERS_SCRIPTS" or "1200")
local rows, pairs_of_bars = 90, 10
local names = { "AUDUSD", "EURUSD", "GBPUSD", "NZDUSD", "XAGUSD", "XAUUSD", "XPDUSD", "XPTUSD", "AUDNZD", "EURGBP" }

-- The axes of a mode as sliders' options, and what differs from the usual costs.
local function mode(name, at, path, quotes, spread_on, sizing, more)
  local m = { name = name, fill = { at = at, path = path, quotes = quotes, spread_on = spread_on }, at = at, path = path, quotes = quotes,
    spread_on = spread_on, sizing = sizing, spread = 2, slippage = 0.5, commission_frac = 0.00002, commission_per_lot = 3, commission_per_order = 0,
    accounting = "net", pyramiding = 0, leverage = 30, capital = 20000, data = "mid", close_at_end = false,
    margin_call = 1, stop_out = path == "pessimistic" and 0.5 or 0, rollover = "points", rollover_markup = 0 }
  for key, value in pairs(more or {}) do m[key] = value end
  return m
end

local modes = {
  mode("next_open", "next_open", "pessimistic", "side", "both", "call"),
  mode("next_open on bid data, closed at the end", "next_open", "pessimistic", "side", "both", "call", { data = "bid", close_at_end = true, spread = 4 }),
  mode("next_open, hedged", "next_open", "pessimistic", "side", "both", "call", { accounting = "hedge", pyramiding = 3 }),
  mode("next_open on mid quotes, sized at the fill", "next_open", "pessimistic", "mid", "both", "fill", { commission_per_order = 2, rollover = "rates" }),
  mode("next_open, entries pay the spread", "next_open", "pessimistic", "side", "entry", "call", { leverage = 2 }),
  mode("close", "close", "pessimistic", "side", "both", "call", { capital = 3000, stop_out = 0.8, margin_call = 1.5 }),
  mode("close, hedged", "close", "pessimistic", "side", "both", "call", { accounting = "hedge", data = "bid" }),
  mode("tradingview", "next_open", "tradingview", "mid", "both", "call", { pyramiding = 2 }),
  mode("tradingview on sides", "next_open", "tradingview", "side", "both", "call", { commission_per_order = 1, pyramiding = 5, stop_out = 0.6 }),
  mode("tradingview at the close", "close", "tradingview", "mid", "both", "call", { spread = 0, slippage = 0, pyramiding = 3 }),
  mode("backtesting_py", "next_open", "backtesting_py", "mid", "entry", "fill", { close_at_end = true }),
  mode("backtesting_py, hedged, on sides", "next_open", "backtesting_py", "side", "both", "call",
    { accounting = "hedge", leverage = 5, stop_out = 0.7, rollover = "none" }),
  mode("both sides", "next_open", "pessimistic", "side", "both", "call", { data = "both" }),
  mode("both sides, hedged, closed at the end", "next_open", "pessimistic", "side", "both", "call",
    { data = "both", accounting = "hedge", pyramiding = 4, close_at_end = true, rollover = "rates", rollover_markup = 0.4 }),
  mode("both sides on mid quotes, sized at the fill", "next_open", "pessimistic", "mid", "both", "fill", { data = "both" }),
  mode("both sides, entries pay the spread", "next_open", "pessimistic", "side", "entry", "call", { data = "both", leverage = 3 }),
  mode("both sides at the close", "close", "pessimistic", "side", "both", "call", { data = "both", capital = 4000 }),
  mode("tradingview on both sides", "next_open", "tradingview", "side", "both", "call", { data = "both", pyramiding = 4 }),
  mode("tradingview on both sides, hedged, entries pay the spread", "next_open", "tradingview", "side", "entry", "call",
    { data = "both", accounting = "hedge", pyramiding = 6 }),
  mode("tradingview on the bids of both sides", "next_open", "tradingview", "mid", "both", "call", { data = "both", pyramiding = 3 }),
  mode("tradingview on both sides at the close", "close", "tradingview", "side", "both", "call", { data = "both", pyramiding = 3 }),
  mode("backtesting_py on the bids of both sides", "next_open", "backtesting_py", "mid", "entry", "fill", { data = "both" }),
  mode("backtesting_py on both sides, hedged", "next_open", "backtesting_py", "side", "both", "call", { data = "both", accounting = "hedge", leverage = 5 }),
  mode("ticks", "next_open", "pessimistic", "side", "both", "call", { data = "ticks", rollover = "rates", rollover_markup = 0.1 }),
  mode("ticks at the close, hedged", "close", "pessimistic", "side", "both", "call", { data = "ticks", accounting = "hedge", close_at_end = true }),
  mode("tradingview on ticks", "next_open", "tradingview", "side", "both", "call", { data = "ticks", pyramiding = 3 }),
  mode("backtesting_py on ticks", "next_open", "backtesting_py", "mid", "entry", "fill", { data = "ticks" }),
}

local host

local function open_host()
  host = host or sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" }
  return host
end

local tick = 0.0001

-- The weekly bars of a column of the H.10 fixings: `rows` of them, from one that depends on `i`.
local function real_bars(i, column)
  local b, week, at = { open = {}, high = {}, low = {}, close = {} }, 0, nil
  for line in io.lines "data/h10/h10.csv" do
    local fields = {}
    for field in (line .. ","):gmatch("([^,]*),") do fields[#fields + 1] = field end
    if not at then
      for k, name in ipairs(fields) do at = name == column and k or at end
    elseif tonumber(fields[at]) then
      week = week + 0.2
      local price, n = tonumber(fields[at]), math.floor(week + 0.001) - 40 * i
      if n >= 1 and n <= rows then
        b.open[n], b.close[n] = b.open[n] or price, price
        b.high[n], b.low[n] = math.max(b.high[n] or price, price), math.min(b.low[n] or price, price)
      end
    end
  end
  return b
end

local real = { [8] = "DEXUSEU", [9] = "DEXCAUS", [10] = "DEXUSAL" }

local length = 5 * 3600 * 1000000000 -- so that rollovers lie at opens and between them

-- What makes quotes of the closes; two or three may stand in one instant.
local function make_ticks(b)
  b.open, b.high, b.low, b.ask_open, b.ask_high, b.ask_low, b.period_ns, b.ticks = nil, nil, nil, nil, nil, nil, nil, true
  for row = 2, rows do
    if row % 5 < 2 then b.time[row] = b.time[row - 1] end
  end
end

-- What the slow broker reads: quotes have a range of one price.
local function plain(b)
  if not b.ticks then return b end
  return { time = b.time, period_ns = 0, open = b.close, high = b.close, low = b.close, close = b.close, instrument = b.instrument,
    ask_open = b.ask_close, ask_high = b.ask_close, ask_low = b.ask_close, ask_close = b.ask_close }
end

-- Short rates that are another every day.
local currencies = { "AUD", "EUR", "GBP", "NZD", "USD", "XAG", "XAU", "XPD", "XPT" }
local long_years = { AUD = true, GBP = true, NZD = true }
local function rate_of(currency)
  local at = currency:byte(1) % 7 + currency:byte(3) % 5
  return function(day) return (at * 7 + day * 3) % 13 * 0.5 - 1 end
end

local function write_rates()
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write("date,", table.concat(currencies, ","), "\n")
  for day = 0, 30 do
    local fields = { ("1970-01-%02d"):format(day + 1) }
    for _, currency in ipairs(currencies) do fields[#fields + 1] = tostring(rate_of(currency)(day)) end
    file:write(table.concat(fields, ","), "\n")
  end
  file:close()
  return path
end

-- Markets of bars, most of them random, one for each kind of data.
local markets = {}
local function market_of(data)
  if not markets[data] then
    local rates = write_rates()
    local market, bars = open_host():market({}, { rates = rates }), {}
    os.remove(rates)
    for i = 1, pairs_of_bars do
      local b = real[i] and real_bars(i, real[i]) or script.bars(i, rows)
      local both = data == "both" or data == "ticks"
      b.pair, b.side, b.period_ns, b.time = names[i], both and "both" or data, length, {}
      for row = 1, rows do b.time[row] = (row - 1) * length end
      if both then script.add_asks(b, i) end
      if data == "ticks" then make_ticks(b) end
      local coarse = i % 3 == 0
      b.instrument = { base = names[i]:sub(1, 3), quote = "USD", digits = 4, pip = tick, lot = 100000,
        step = coarse and 100 or 1, min_size = coarse and 1000 or 1, swap_long = -0.7, swap_short = 0.3 }
      market:add(b)
      bars[names[i]] = plain(b)
    end
    local two = { pair = "USDSGD", side = "mid", period_ns = length, time = {}, close = {} } -- for accounts in another currency
    for row = 1, rows + 2 do two.time[row], two.close[row] = (row - 3) * length, 2 end
    market:add(two)
    markets[data] = { market = market, bars = bars }
  end
  return markets[data]
end

local function run_slow(m, bars, seed)
  local o = {}
  for key, value in pairs(m) do o[key] = value end
  if m.data == "ticks" then o.data = "both" end
  o.spread, o.slippage, o.step, o.min_size, o.lot, o.digits = m.spread * tick, m.slippage * tick, bars.instrument.step, bars.instrument.min_size, 100000, 4
  o.capital = m.capital / pairs_of_bars
  o.swap_long, o.swap_short, o.markup = bars.instrument.swap_long, bars.instrument.swap_short, m.rollover_markup
  o.base_rate, o.quote_rate = rate_of(bars.instrument.base), rate_of(bars.instrument.quote)
  o.base_year, o.quote_year = long_years[bars.instrument.base] and 365 or 360, long_years[bars.instrument.quote] and 365 or 360
  local broker = slow.new(o, bars)
  for row = 1, rows do
    if not broker:step() then break end
    for _, call in ipairs(script.calls(seed, row, bars.close[row])) do ledger.call(broker, call) end
  end
  broker:finish()
  return broker
end

local function compare(job, broker)
  if (job.state == "ruined") ~= (broker.ruined == true) then return "ruined: " .. job.state end
  local found = ledger.difference(job, broker) or ledger.other_equity(job.equity, broker.equity)
  return found or ledger.other_sums(job, broker)
end

describe("the broker and the slow one", function()
  local strategy
  local stopped = 0
  for i, m in ipairs(modes) do
    it("agree in mode " .. m.name, function()
      local world = market_of(m.data)
      strategy = strategy or host:strategy("tests/slow/random_orders.lua", jit and "luajit" or "lua54")
      local count = math.max(2, math.ceil(scripts / #modes / pairs_of_bars))
      local first = i * 100000
      local options = ledger.options(m, first, count)
      options.pairs = names
      local result = host:run(strategy, world.market, options)
      local fills, nights, outs = 0, 0, 0
      for _, job in ipairs(result.jobs) do
        if job.state ~= "done" and job.state ~= "ruined" then error(job.error, 0) end
        local seed = first + job.ordinal
        local broker = run_slow(m, world.bars[job.pair], seed)
        local found = compare(job, broker)
        if found then error(("script %d on %s: %s"):format(seed, job.pair, found), 0) end
        fills, nights, outs = fills + job.trade_count, nights + #job.rollovers, outs + job.stop_out_count
      end
      assert.truthy(fills > 5 * #result.jobs)
      assert.truthy(nights > 0 or m.rollover == "none")
      stopped = stopped + outs
    end)
  end

  it("have seen stop-outs", function() assert.truthy(stopped > 20) end)
end)

-- With a rate of 2.0 and twice the capital and the fees, an account in another currency makes the same trades, and twice the money, to the bit.
local money_fields = {
  orders = { "spread_cost", "slippage_cost", "commission" }, trades = { "gross", "costs", "net" }, rollovers = { "amount" },
}
local same_fields = {
  orders = { "kind", "state", "reason", "name", "time", "fill_time", "units", "filled", "price", "reference", "stop_loss", "take_profit" },
  trades = { "entry_order", "exit_order", "entry_time", "exit_time", "exit", "units", "entry_price", "exit_price" },
  rollovers = { "time", "days", "units" },
}

local function equal(a, b) return a == b or (a ~= a and b ~= b) end

local function not_twice(one, two)
  if one.state ~= two.state then return ("it is %s, at a rate of two %s"):format(one.state, two.state) end
  for list, fields in pairs(same_fields) do
    if #one[list] ~= #two[list] then return ("%d %s, at a rate of two %d"):format(#one[list], list, #two[list]) end
    for i, record in ipairs(one[list]) do
      for _, name in ipairs(fields) do
        if not equal(record[name], two[list][i][name]) then
          return ("%s[%d].%s is %s, at a rate of two %s"):format(list, i, name, tostring(record[name]), tostring(two[list][i][name]))
        end
      end
      for _, name in ipairs(money_fields[list]) do
        if not equal(2 * record[name], two[list][i][name]) then
          return ("%s[%d].%s is %.17g, at a rate of two %.17g"):format(list, i, name, record[name], two[list][i][name])
        end
      end
    end
  end
  for row, equity in ipairs(one.equity) do
    if 2 * equity ~= two.equity[row] then return ("equity %d is %.17g, at a rate of two %.17g"):format(row, equity, two.equity[row]) end
  end
end

describe("at a rate of two the same script makes twice the money", function()
  local strategy
  for i, m in ipairs(modes) do
    it("in mode " .. m.name, function()
      local world = market_of(m.data)
      strategy = strategy or host:strategy("tests/slow/random_orders.lua", jit and "luajit" or "lua54")
      local options = ledger.options(m, 7000000 + i * 100000, math.max(2, math.ceil(scripts / 2 / #modes / pairs_of_bars)))
      options.pairs = names
      local one = host:run(strategy, world.market, options)
      options.currency = "SGD"
      for _, name in ipairs { "capital", "commission_per_lot", "commission_per_order" } do options[name] = 2 * options[name] end
      local two = host:run(strategy, world.market, options)
      for k, job in ipairs(one.jobs) do
        local found = not_twice(job, two.jobs[k])
        if found then error(("script %d on %s: %s"):format(7000000 + i * 100000 + job.ordinal, job.pair, found), 0) end
      end
    end)
  end
end)
