-- backtrader's sweep: forty periods of a crossing of price and mean, as a future and as a stock, of which that project's tests assert value and cash.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)

local sliders = require "sliders"

local truth = (os.getenv "SLIDERS_SHARED" or "../shared") .. "/truth/backtrader"
local present = io.open(truth .. "/sweep.csv", "rb")
if not present then
  if os.getenv "CI" == "true" then error("no " .. truth) end
  print("skipped: backtrader's sweep is not at " .. truth)
  return
end
present:close()

-- `once`: the strategy of backtrader's optimisation test, which never forgets its first order and so sends no other.
local cross = [[
local sliders = require "sliders"
local S = sliders.strategy { warmup = 0, params = { period = sliders.int(15, 2, 100), units = sliders.int(1, 1, 10), once = sliders.bool(false) } }
function S:init(bars, p) self.row, self.above, self.mean = -1, 0, bars.close:sma(p.period) end
function S:bar(broker, p)
  self.row = self.row + 1
  if self.row < p.period - 1 then return end
  local above, before = self.bars.close[0] - self.mean[0], self.above
  if above ~= 0 then self.above = above end
  if broker.position == 0 and before < 0 and above > 0 then
    if not self.sent then broker:buy { units = p.units } end
    self.sent = p.once
  elseif broker.position ~= 0 and not p.once and before > 0 and above < 0 then
    broker:close()
  end
end
return S
]]

local function read_prices()
  local bars = { pair = "IDXUSD", side = "mid", period_ns = 86400 * 1000000000, time = {}, open = {}, high = {}, low = {}, close = {},
    instrument = { base = "IDX", quote = "USD", digits = 2, pip = 0.01, step = 1, min_size = 1 } }
  for line in io.lines(truth .. "/2006-day-001.txt") do
    local time, open, high, low, close = line:match("^(%d+%-[^,]+),([^,]+),([^,]+),([^,]+),([^,]+)")
    if time then
      local n = #bars.time + 1
      bars.time[n], bars.open[n], bars.high[n] = sliders.time_parse(time), tonumber(open), tonumber(high)
      bars.low[n], bars.close[n] = tonumber(low), tonumber(close)
    end
  end
  assert(#bars.time == 255)
  return bars
end

local function read_rows(name)
  local rows, names = {}, nil
  for line in io.lines(truth .. "/" .. name) do
    local fields = {}
    for field in (line .. ","):gmatch("([^,]*),") do fields[#fields + 1] = field end
    if not names then
      names = fields
    else
      local row = {}
      for i, field in ipairs(fields) do row[names[i]] = tonumber(field) or field end
      rows[#rows + 1] = row
    end
  end
  return rows
end

local bars, sweep = read_prices(), read_rows "sweep.csv"
local periods = {}
for i, row in ipairs(sweep) do periods[i] = row.period end

-- A future is ten units and ties up 1,000 of cash, a stock one unit that is paid for.
local schemes = {
  futures = { units = 10, commission_per_order = 2, cash = function(value) return value - 1000 end },
  stock = { units = 1, commission_per_order = 0, cash = function(value) return value - bars.close[#bars.close] end },
}

local function run(workers, scheme, once)
  local host = sliders.open { workers = workers, engine_dir = build .. "/core/vm/lua" }
  local market = host:market()
  market:add(bars)
  local result = host:run(host:strategy_text("cross.lua", cross, jit and "luajit" or "lua54"), market, { capital = 10000,
    commission_per_order = scheme.commission_per_order, set = { units = scheme.units, once = once }, axes = { { name = "period", values = periods } } })
  return result.jobs
end

local function fills(job)
  local count = 0
  for _, order in ipairs(job.orders) do
    if order.state == "filled" then count = count + 1 end
  end
  return count
end

local function is_open(job)
  local last = job.trades[#job.trades]
  return last ~= nil and last.exit == "open"
end

local function near(expected, got, what)
  if math.abs(expected - got) > 0.005 then error(("%s is %.12g, not %.12g"):format(what, got, expected), 2) end
end

describe("backtrader's sweep", function()
  for name, scheme in pairs(schemes) do
    for _, once in ipairs { true, false } do
      local suffix = name .. (once and "_quirk" or "")
      it("of " .. suffix .. " has its forty values, cash and fills, on one worker and on three", function()
        for _, workers in ipairs { 1, 3 } do
          local jobs = run(workers, scheme, once)
          assert.equal(40, #jobs)
          for i, row in ipairs(sweep) do
            local job, what = jobs[i], ("%s of period %d"):format(suffix, row.period)
            assert.equal("done", job.state)
            near(row["value_" .. suffix], job.final_equity, what)
            near(row["cash_" .. suffix], is_open(job) and scheme.cash(job.final_equity) or job.final_equity, "cash of " .. what)
            if not once then assert.equal(row["fills_" .. name], fills(job)) end
          end
        end
      end)
    end
  end

  it("has the fills of period 15", function()
    local expected, got = read_rows "fills_period15.csv", {}
    for _, order in ipairs(run(1, schemes.stock, false)[11].orders) do
      local date = sliders.time_format(order.fill_time):sub(1, 10)
      if order.state == "filled" then got[#got + 1] = { date = date, side = order.units > 0 and "buy" or "sell", price = order.price } end
    end
    assert.equal(23, #expected)
    assert.same(expected, got)
  end)
end)
