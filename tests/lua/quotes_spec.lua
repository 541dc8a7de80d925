-- Real quotes through the broker, tick by tick and in bars.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)

local sliders = require "sliders"

local lean = (os.getenv "SLIDERS_SHARED" or "../shared") .. "/data/lean"

local function there()
  local file = io.open(lean .. "/oanda/hour/eurusd.zip")
  if file then return file:close() end
  if os.getenv "CI" == "true" then error("no " .. lean) end
  return false
end

-- Reckons with dealt prices and quotes alone what the account must be worth at every tick, and stops where it is not.
local reckoning = [[
local sliders = require "sliders"
local S = sliders.strategy { warmup = 60 }

function S:init(bars)
  self.bid, self.ask, self.bid_open, self.ask_open = bars.bid, bars.ask, bars.open, bars.ask_open
  self.mean, self.seen = sliders.sma(bars.bid, 60), 0
end

local function demand(what, got, want)
  if math.abs(got - want) > 1e-6 then error(("%s is %.12g and not %.12g"):format(what, got, want)) end
end

function S:bar(broker)
  local bid, ask, trade = self.bid[0], self.ask[0], broker.trades[1]
  self.seen = self.seen + 1
  if not trade then
    if self.waiting then
      local side = self.units > 0 and self.bid_open[0] or self.ask_open[0]
      demand("equity after the exit", broker.equity, self.flat + self.units * (side - self.entry))
    end
    self.flat, self.waiting = broker.equity, false
    if bid > self.mean[0] then broker:buy { units = 10000 } else broker:sell { units = 10000 } end
    return
  end
  local long = trade.units > 0
  local open = long and self.ask_open[0] or self.bid_open[0]
  if trade.bars == 0 and trade.entry_price ~= open then error "a market order is dealt at the side of the next open" end
  demand("equity", broker.equity, self.flat + trade.units * ((long and bid or ask) - trade.entry_price))
  if trade.bars == 40 then
    self.waiting, self.units, self.entry = true, trade.units, trade.entry_price
    broker:close()
  end
end

function S:done() print(self.seen) end
return S
]]

describe("real quotes", function()
  local host

  before_each(function() host = sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" } end)
  after_each(function() host:close() end)

  local function test(name, body)
    it(name, function()
      if not there() then pending(lean .. " is not there") return end
      body()
    end)
  end

  local function run(path, text, options)
    return host:run(host:strategy_text("reckoning", text, jit and "luajit" or "lua54"), host:market(lean .. path), options).jobs[1]
  end

  local function done(job)
    if job.state ~= "done" then error(job.error, 0) end
    return job
  end

  local function same_records(a, b, fields)
    assert.equal(#a, #b)
    for i, one in ipairs(a) do
      for _, name in ipairs(fields) do assert.equal(one[name], b[i][name]) end
    end
  end

  test("are dealt at their own sides and marked there, tick by tick", function()
    for path, count in pairs { ["/oanda/tick/eurusd/20140507_quote.zip"] = 41367, ["/oanda/tick/eurusd/20140508_quote.zip"] = 87833 } do
      local job = done(run(path, reckoning))
      assert.equal(("%d\n"):format(count - 60), job.log)
      assert.equal(count - 60, job.bar_count)
      assert.truthy(job.trade_count > 900)
      local parts = job.capital + job.realised + job.unrealised - job.costs.spread
      assert.near(parts, job.final_equity, 1e-9)
      assert.equal(parts, job.equity[#job.equity])
    end
  end)

  test("are dealt at their own sides and marked there in bars", function()
    local job = done(run("/oanda/hour/eurusd.zip", reckoning))
    assert.equal("both", job.data.side)
    assert.equal(74439 - 60, job.bar_count)
  end)

  test("give the same trades as bars that were made of them elsewhere", function()
    local ticks = run("/oanda/tick/eurusd/20140507_quote.zip", reckoning, { timeframe = "1m" })
    local minutes = run("/oanda/minute/eurusd/20140507_quote.zip", reckoning)
    assert.equal(done(minutes).bar_count, done(ticks).bar_count)
    same_records(minutes.orders, ticks.orders, { "kind", "fill_time", "filled", "price", "reference", "spread_cost" })
    same_records(minutes.trades, ticks.trades, { "entry_time", "exit_time", "exit", "units", "gross", "net" })
    assert.same(minutes.equity, ticks.equity)
  end)

  test("that are crossed are refused with their place, or dropped and listed", function()
    local path = lean .. "/fxcm/tick/eurusd/20140508_quote.zip"
    local ok, err = pcall(host.market, host, path)
    assert.is_false(ok)
    assert.matches("20140508_quote%.zip:20140508_eurusd_tick_quote%.csv:17:15: the ask is below the bid$", tostring(err))
    local market = host:market()
    local report = market:load(path, { lenient = true })
    assert.equal(167466 - 18285, market:pairs()[1].bars)
    assert.equal(18285, report.sources[1].dropped)
  end)
end)
