-- backtesting.py's fills: small cases that its own tests assert, and whole runs whose every trade is known.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)

local sliders = require "sliders"
local statistics_of = require "backtesting_py_stats"

local truth = (os.getenv "SLIDERS_SHARED" or "../shared") .. "/truth/backtesting_py"
local present = io.open(truth .. "/trades.csv", "rb")
if not present then
  if os.getenv "CI" == "true" then error("no " .. truth) end
  print("skipped: backtesting.py's runs are not at " .. truth)
  return
end
present:close()

local day = 86400 * 1000000000
local host

local function open_host()
  host = host or sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" }
  return host
end

-- ---- Bars ------------------------------------------------------------------------------------------------------------

local function read_bars(name, pair, period, step, first)
  local plain = io.open(truth .. "/" .. name, "rb")
  if plain then plain:close() end
  local lines = plain and io.lines(truth .. "/" .. name) or io.popen("gzip -dc '" .. truth .. "/" .. name .. ".gz'"):lines()
  local bars = { pair = pair, side = "mid", period_ns = period, time = {}, open = {}, high = {}, low = {}, close = {},
    instrument = { base = pair:sub(1, -4), quote = "USD", digits = 5, pip = 0.01, step = step, min_size = step } }
  for line in lines do
    local time, open, high, low, close = line:match("^(%d+%-[^,]+),([^,]+),([^,]+),([^,]+),([^,]+)")
    if time and sliders.time_parse(time) >= sliders.time_parse(first) then
      local n = #bars.time + 1
      bars.time[n], bars.open[n], bars.high[n] = sliders.time_parse(time), tonumber(open), tonumber(high)
      bars.low[n], bars.close[n] = tonumber(low), tonumber(close)
    end
  end
  return bars
end

local data = {}
local function bars_of(name)
  if not data[name] then
    if name == "GOOG" then data[name] = read_bars("GOOG.csv", "GOOGUSD", day, 1, "2000-01-01")
    elseif name == "EURUSD" then data[name] = read_bars("EURUSD.csv", "EURUSD", 3600 * 1000000000, 1, "2000-01-01")
    else data[name] = read_bars("BTCUSD.csv", "BTCUSD", 30 * day, 0.000001, "2015-01-01") end
  end
  return data[name]
end

local function first_bars(bars, from, to)
  local part = { pair = bars.pair, side = bars.side, period_ns = bars.period_ns, instrument = bars.instrument }
  for _, name in ipairs { "time", "open", "high", "low", "close" } do
    part[name] = {}
    for i = from, to do part[name][#part[name] + 1] = bars[name][i] end
  end
  return part
end

local function flat_bars(prices)
  local bars = { pair = "AAAUSD", side = "mid", period_ns = day, time = {}, open = prices, high = prices, low = prices, close = prices,
    instrument = { base = "AAA", quote = "USD", digits = 2, pip = 0.01 } }
  for i = 1, #prices do bars.time[i] = (i - 1) * day end
  return bars
end

local function run(text, bars, options)
  local market = open_host():market()
  market:add(bars)
  local all = { fill = "backtesting_py", capital = 10000, leverage = 1, close_at_end = true }
  for key, value in pairs(options or {}) do all[key] = value end
  local job = host:run(host:strategy_text("case.lua", text, jit and "luajit" or "lua54"), market, all).jobs[1]
  if job.state ~= "done" then error(job.error or job.state, 0) end
  return job
end

local function near(expected, got, what)
  local agrees = math.abs(expected - got) <= 1e-8 * math.max(1, math.abs(expected))
  if not agrees then error(("%s is %.12g, not %.12g"):format(what, got, expected), 2) end
end

-- ---- Small cases -----------------------------------------------------------------------------------------------------

-- A strategy that acts after the close of some bars, counted from 0: {[1] = "broker:buy { ... }"}.
local function script(steps)
  local lines = { 'local sliders = require "sliders"', "local S = sliders.strategy { warmup = 0 }",
    "function S:init(bars) self.row, self.close = -1, bars.close end",
    "function S:bar(broker)", "self.row = self.row + 1", "local row = self.row" }
  for row, code in pairs(steps) do lines[#lines + 1] = ("if row == %d then %s end"):format(row, code) end
  lines[#lines + 1] = "end return S"
  return table.concat(lines, "\n")
end

-- Trades as {units, entry price, exit price, entry bar, exit bar}; nil is not looked at. `count`: how many there are, where the list is cut short.
local function expect_trades(job, expected, count)
  assert.equal(count or #expected, #job.trades)
  for i, e in ipairs(expected) do
    local t = job.trades[i]
    local got = { t.units, t.entry_price, t.exit_price, t.entry_bar, t.exit_bar }
    for k = 1, 5 do
      if e[k] then near(e[k], got[k], ("trade %d, field %d"):format(i, k)) end
    end
  end
end

-- The bar of GOOG that opens on a date, counted from 0.
local function bar_of(date)
  for i, time in ipairs(bars_of("GOOG").time) do
    if time == sliders.time_parse(date) then return i - 1 end
  end
end

describe("backtesting.py's case", function()
  local short
  setup(function() short = first_bars(bars_of "GOOG", 1, 20) end)

  it("C1: the spread is paid by the entry, a commission by both sides", function()
    local job = run(script { [1] = "broker:buy { fraction = 1 }", [2] = "broker:close()" }, short, { spread_frac = 0.01, commission_frac = 0.01 })
    expect_trades(job, { { 88, 111.8575, 111.24, 2, 3 } })
    near(-250.6658, job.trades[1].net, "profit")
    near(196.3258, job.costs.commission, "commission")
    assert.truthy(math.abs(9685.31 - job.equity[3]) < 0.006 and math.abs(9749.33 - job.equity[4]) < 0.006)
  end)

  it("C2: a fixed commission counts once per unit in the size", function()
    local job = run(script { [1] = "broker:buy { fraction = 1 }", [2] = "broker:close()" }, short, { commission_per_order = 100, commission_frac = 0.01 })
    expect_trades(job, { { 47, 110.75, 111.24, 2, 3 } })
    assert.truthy(math.abs(9784.50 - job.equity[3]) < 0.006 and math.abs(9718.69 - job.equity[4]) < 0.006)
  end)

  it("C3: a relative commission", function()
    local job = run(script { [1] = "broker:buy { fraction = 1 }", [2] = "broker:close()" }, short, { commission_frac = 0.01 })
    expect_trades(job, { { 89, 110.75, 111.24, 2, 3 } })
    assert.truthy(math.abs(9781.28 - job.equity[3]) < 0.006)
  end)

  it("C4: a gap over the take profit deals at the open", function()
    local job = run(script { [1] = "broker:buy { units = 100, tp = 3 }" }, flat_bars { 1, 1, 1, 2, 4, 1, 2 },
      { capital = 5000, commission_per_order = 10, commission_frac = 0.01 })
    expect_trades(job, { { 100, 1, 4, 2, 4 } })
    near(25, job.costs.commission, "commission")
    for i, expected in ipairs { 5000, 5000, 4989, 5089, 5275, 5275, 5275 } do near(expected, job.equity[i], "equity " .. i) end
  end)

  it("C5: the stop loss of a market order is live in its own bar", function()
    local at = bar_of "2012-10-17"
    local job = run(script { [at] = "broker:buy { fraction = 1, sl = 720 }" }, bars_of "GOOG")
    expect_trades(job, { { nil, 755.54, 720, at + 1, at + 1 } })
  end)

  it("C6: the stop loss of a stop order waits for the next bar", function()
    local at = bar_of "2012-10-17"
    local job = run(script { [at] = "broker:buy { fraction = 1, stop = 758, sl = 720 }" }, bars_of "GOOG")
    expect_trades(job, { { nil, 758, 705.58, nil, at + 2 } })
  end)

  it("C7: a low before a stop entry is no stop-out", function()
    local at = bar_of "2004-09-09"
    local job = run(script { [at] = "broker:buy { fraction = 1, stop = 104, sl = 103, tp = 110 }" }, bars_of "GOOG")
    expect_trades(job, { { nil, 104, 110, at + 1, 17 } })
  end)

  it("C8: the take profit of a stop order may fill in its own bar", function()
    local job = run(script { [2] = "broker:sell { fraction = 1, stop = 108, tp = 105, sl = 113 }" }, short)
    expect_trades(job, { { nil, 108, 105, 3, 3 } })
  end)

  it("C9: a stop-limit with the limit beyond the stop fills at the stop", function()
    local job = run(script { [1] = "broker:buy { units = 1, stop = 112, limit = 113 } broker:sell { units = 1, stop = 107, limit = 105 }" }, short)
    expect_trades(job, { { 1, 112, 107, 2, 3 } })
  end)

  it("C10: an open beyond the stop loss comes before the take profit", function()
    local job = run(script { [3] = "broker:buy { fraction = 1 }", [4] = "broker.trades[1]:modify { sl = 105, tp = 107.9 }" }, short)
    expect_trades(job, { { nil, 104.96, 104.95, 4, 5 } })
  end)

  it("C11: two orders keep their own stops", function()
    local job = run(script { [1] = "broker:buy { units = 1, tp = 111 } broker:buy { units = 1, sl = 99 }" }, short)
    expect_trades(job, { { 1, 110.75, 111, 2, 2 }, { 1, 110.75, 99, 2, 10 } })
  end)

  it("C12: a stop loss above the entry bar's low waits for the gap", function()
    local job = run(script { [8] = "broker:buy { units = 1, sl = 99.5 }" }, short)
    expect_trades(job, { { 1, 102.70, 99.19, 9, 10 } })
  end)

  it("C13: what cannot be paid is refused", function()
    local buy = "broker:buy { units = 1, sl = 90 }"
    local job = run(script { [1] = buy, [2] = buy }, flat_bars { 100, 100, 100, 50, 50 }, { capital = 100, fill = { preset = "backtesting_py", at = "close" } })
    expect_trades(job, { { 1, 100, 50, 1, 3 } })
    assert.equal(1, job.rejected_count)
    assert.equal("leverage", job.orders[2].reason)
  end)

  it("C16: orders are netted first in, first out", function()
    local job = run(script { [1] = "broker:buy { units = 2 }", [2] = "broker:sell { units = 3 }" }, short, { close_at_end = false })
    expect_trades(job, { { 2, 110.75, 111.24, 2, 3 }, { -1, 111.24 } })
  end)

  it("C17: hedged, both stay open", function()
    local job = run(script { [1] = "broker:buy { units = 2 }", [2] = "broker:sell { units = 1 }" }, short, { accounting = "hedge" })
    table.sort(job.trades, function(a, b) return a.units > b.units end)
    expect_trades(job, { { 2, 110.75, 112.34, 2, 19 }, { -1, 111.24, 112.34, 3, 19 } })
  end)

  it("C18: closed before each new order", function()
    local job = run(script { [1] = "broker:buy { units = 2 }", [2] = "broker:close() broker:sell { units = 3 }" }, short)
    expect_trades(job, { { 2, 110.75, 111.24, 2, 3 }, { -3, 111.24 } })
  end)

  it("C19: tags stay with their orders", function()
    local job = run(script { [1] = "broker:buy { units = 2, tag = '1' }", [2] = "broker:sell { units = 1 }", [3] = "broker:sell { units = 1 }",
      [4] = "broker:buy { fraction = 1, tag = '2' }", [5] = "broker:close()" }, short)
    expect_trades(job, { { 1, 110.75, 111.24 }, { 1, 110.75, 104.96 }, { 95, 104.95, 108.10 } })
    local tags = {}
    for i, t in ipairs(job.trades) do tags[i] = job.orders[t.entry_order].tag end
    assert.same({ "1", "1", "2" }, tags)
  end)
end)

-- ---- Runs ------------------------------------------------------------------------------------------------------------

local cross = [[
local sliders = require "sliders"
local S = sliders.strategy { warmup = 0, params = { fast = sliders.int(10, 1, 500), slow = sliders.int(30, 1, 500) } }
function S:init(bars, p) self.row, self.fast, self.slow = -1, bars.close:sma(p.fast), bars.close:sma(p.slow) end
function S:bar(broker, p)
  self.row = self.row + 1
  if self.row < p.slow then return end
  local fast, slow, before_fast, before_slow = self.fast[0], self.slow[0], self.fast[1], self.slow[1]
  if before_fast < before_slow and fast > slow then
    broker:close()
    broker:buy { fraction = 1 }
  elseif before_fast > before_slow and fast < slow then
    broker:close()
    broker:sell { fraction = 1 }
  end
end
return S
]]

local runs = {
  { "goog", "GOOG", 10, 30 },
  { "goog_on_close", "GOOG", 10, 30, { fill = { preset = "backtesting_py", at = "close" } } },
  { "goog_rel_comm", "GOOG", 10, 30, { commission_frac = 0.002 } },
  { "goog_spread_comm", "GOOG", 10, 30, { spread_frac = 0.001, commission_frac = 0.001, commission_per_order = 5 } },
  { "eurusd", "EURUSD", 10, 30 },
  { "eurusd_20_50", "EURUSD", 20, 50 },
  { "eurusd_spread_margin", "EURUSD", 10, 30, { spread_frac = 0.0002, leverage = 50 } },
  { "btcusd_fractional_2_3", "BTCUSD", 2, 3, { capital = 100 } }, -- whose trades are not listed: their number is, and what they come to
}

local function statistics(name)
  local values = {}
  for line in io.lines(truth .. "/stats.csv") do
    local run_name, statistic, value = line:match("^([^,]+),([^,]+),(.*)$")
    if run_name == name then values[statistic] = tonumber(value) end
  end
  return values
end

local function known_trades(name)
  local trades = {}
  for line in io.lines(truth .. "/trades.csv") do
    local f = {}
    for field in (line .. ","):gmatch("([^,]*),") do f[#f + 1] = field end
    if f[1] == name then trades[#trades + 1] = { tonumber(f[3]), tonumber(f[6]), tonumber(f[7]), tonumber(f[4]), tonumber(f[5]), profit = tonumber(f[8]) } end
  end
  return trades
end

describe("backtesting.py's run", function()
  for _, r in ipairs(runs) do
    local name, prices, fast, slow, options = r[1], r[2], r[3], r[4], r[5] or {}
    it(name .. " has the trades and the statistics of sliders", function()
      options.set = { fast = fast, slow = slow }
      local job, expected, statistic = run(cross, bars_of(prices), options), known_trades(name), statistics(name)
      expect_trades(job, expected, statistic["# Trades"])
      for i, e in ipairs(expected) do near(e.profit, job.trades[i].net, ("profit of trade %d"):format(i)) end
      local got, compared = statistics_of(job, bars_of(prices), slow - 1), 0
      for key, value in pairs(statistic) do
        assert.is_number(got[key], key)
        near(value, got[key], key)
        compared = compared + 1
      end
      assert.is_true(compared >= 28)
    end)
  end

  it("over a grid of parameters ends where it should", function()
    local finals = { [5] = { [20] = 59260.6, [30] = 44486.43, [50] = 28347.14, [100] = 15200.37 },
      [10] = { [20] = 80964.98, [30] = 51422.99, [50] = 22398.98, [100] = 10671.5 },
      [15] = { [20] = 44437.79, [30] = 33353.27, [50] = 17441.28, [100] = 15460.74 }, [20] = { [30] = 14502.33, [50] = 14445.08, [100] = 10222.54 } }
    for fast, row in pairs(finals) do
      for slow, final in pairs(row) do near(final, run(cross, bars_of "GOOG", { set = { fast = fast, slow = slow } }).final_equity, fast .. "/" .. slow) end
    end
  end)

  it("C20 of weekly bars ends where it should", function()
    local bars, week = bars_of "GOOG", nil
    local weeks = { pair = bars.pair, side = "mid", period_ns = 7 * day, instrument = bars.instrument, time = {}, open = {}, high = {}, low = {}, close = {} }
    for i, time in ipairs(bars.time) do
      local this, n = math.floor((time / day + 3) / 7), #weeks.time
      if this ~= week then
        n, week = n + 1, this
        weeks.time[n], weeks.open[n], weeks.high[n], weeks.low[n] = (this * 7 - 3) * day, bars.open[i], bars.high[i], bars.low[i]
      end
      weeks.high[n], weeks.low[n], weeks.close[n] = math.max(weeks.high[n], bars.high[i]), math.min(weeks.low[n], bars.low[i]), bars.close[i]
    end
    local job = run(cross, weeks)
    assert.equal(18, #job.trades)
    assert.truthy(math.abs(7404.80 - job.final_equity) < 0.006)
  end)
end)
