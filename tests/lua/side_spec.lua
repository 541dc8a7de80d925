-- The side of prices: as data say it, and as a run is told.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)

local session = require "session"
local sliders = require "sliders"

local minute = 60 * 1000000000

local round_trip = [[
local sliders = require "sliders"
local S = sliders.strategy { warmup = 0 }
function S:bar(broker)
  self.n = (self.n or 0) + 1
  if self.n == 1 then broker:buy { units = 10000 } elseif self.n == 2 then broker:close() end
end
return S
]]

local function bars(pair, asks)
  local made = { pair = pair, side = asks and "both" or "bid", period_ns = minute, time = {}, close = {}, ask_close = asks and {} or nil }
  for i = 1, 6 do
    made.time[i], made.close[i] = (i - 1) * minute, 1 + i / 1024
    if asks then made.ask_close[i] = made.close[i] + 1 / 256 end
  end
  return made
end

describe("the side of a run", function()
  local host, shell

  before_each(function()
    host = sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" }
    shell = session.open()
    shell:write("EURUSD.csv", "time,close\n2024-01-02 10:00,1.25\n2024-01-02 10:01,1.25\n2024-01-02 10:02,1.25\n2024-01-02 10:03,1.25\n")
    shell:write("said.csv", "date,EURUSD\n2024-01-02,1.25\n2024-01-03,1.25\n2024-01-04,1.25\n")
    shell:write("said.json", '{"side": "mid"}')
    shell:write("round_trip.lua", round_trip)
  end)

  after_each(function()
    host:close()
    shell:close()
  end)

  local function market_of(what)
    if type(what) == "string" then return host:market(shell.folder .. "/" .. what) end
    local market = host:market()
    for _, each in ipairs(what) do market:add(each) end
    return market
  end

  local function job_of(what, options)
    return host:run(host:strategy_text("round_trip", round_trip), market_of(what), options).jobs[1]
  end

  local function refusal(what, options)
    local ok, err = pcall(job_of, what, options)
    assert.is_false(ok)
    return tostring(err)
  end

  it("is what the data say, or what such data mostly are", function()
    assert.same({ "bid", true }, { job_of("EURUSD.csv").data.side, job_of("EURUSD.csv").data.side_assumed })
    assert.same({ "mid", false }, { job_of("said.csv").data.side, job_of("said.csv").data.side_assumed })
    assert.same({ "both", false }, { job_of({ bars("EURUSD", true) }).data.side, job_of({ bars("EURUSD", true) }).data.side_assumed })
  end)

  it("can be told where the data do not say it", function()
    local as_bid, as_mid = job_of("EURUSD.csv", { spread_pips = 2, side = "bid" }), job_of("EURUSD.csv", { spread_pips = 2, side = "mid" })
    assert.equal("mid", as_mid.data.side)
    assert.is_false(as_mid.data.side_assumed)
    assert.near(1.2502, as_bid.orders[1].price, 1e-12)
    assert.near(1.25, as_bid.orders[2].price, 1e-12)
    assert.near(1.2501, as_mid.orders[1].price, 1e-12)
    assert.near(1.2499, as_mid.orders[2].price, 1e-12)
  end)

  it("cannot be told against the data", function()
    assert.equal("mid", job_of("said.csv", { side = "mid" }).data.side)
    assert.equal("options.side: the prices of EURUSD are mids and not bids", refusal("said.csv", { side = "bid" }))
    assert.equal("options.side: the prices of EURUSD are bids and not bids and asks", refusal("EURUSD.csv", { side = "both" }))
    assert.equal("options.side: the prices of EURUSD are bids and asks and not mids", refusal({ bars("EURUSD", true) }, { side = "mid" }))
    assert.matches('options.side: no choice "bids"; did you mean "bid"%?', refusal("EURUSD.csv", { side = "bids" }))
  end)

  it("leaves the asks out where the bids of both are asked for", function()
    local both, bids = job_of { bars("EURUSD", true) }, job_of({ bars("EURUSD", true) }, { side = "bid", spread_pips = 1 })
    assert.equal(1 + 2 / 1024 + 1 / 256, both.orders[1].price)
    assert.near(1 + 2 / 1024 + 0.0001, bids.orders[1].price, 1e-12)
    assert.equal("bid", bids.data.side)
    assert.equal("both", job_of({ bars("EURUSD", true) }, { side = "both" }).data.side)
  end)

  it("goes with a time frame, and leaves pairs alone that only convert", function()
    local market = { bars("EURGBP", true), bars("GBPUSD") }
    local job = job_of(market, { side = "both", pairs = { "EURGBP" }, timeframe = "2m" })
    assert.same({ "both", 3 }, { job.data.side, job.bar_count })
    assert.equal("bid", job_of(market, { side = "bid", pairs = { "EURGBP" }, timeframe = "2m" }).data.side)
    assert.equal("options.side: the prices of GBPUSD are bids and not bids and asks", refusal(market, { side = "both" }))
  end)

  it("stays unsaid in a store", function()
    market_of("EURUSD.csv"):save(shell.folder .. "/store")
    assert.is_true(market_of("store"):pairs()[1].side_assumed)
    assert.equal("mid", job_of("store", { side = "mid" }).data.side)
  end)

  it("is an option of the command", function()
    local function run(line) return shell:run("sliders run round_trip.lua " .. line) end
    assert.equal(0, run("--data EURUSD.csv --side mid --spread 2 --quiet --csv out").status)
    local orders = shell:read "out/orders.csv"
    assert.truthy(orders:find(",1.2501,", 1, true), orders)
    local refused = run "--data said.csv --side bid"
    assert.equal("sliders: --side: the prices of EURUSD are mids and not bids\n", refused.err)
    assert.equal(1, refused.status)
    assert.truthy(run("--data said.csv --side ask").err:find "%-%-side")
  end)
end)
