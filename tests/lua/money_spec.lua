-- Money as a host program in Lua sees it: rollovers in result, files and table, alike in both engines.
local hosted = require "hosted"
local sliders, write = hosted.sliders, hosted.write

local HOUR = 3600 * 1e9
local MONDAY = sliders.time_parse "2024-01-15"

-- Hourly bars of two weeks, without weekends' closed hours.
local function hours(pair, instrument)
  local bars = { pair = pair, instrument = instrument, side = "mid", time = {}, close = {}, period_ns = HOUR }
  for hour = 0, 14 * 24 - 1 do
    local of_week = hour % 168
    if of_week < 4 * 24 + 22 or of_week >= 6 * 24 + 22 then
      bars.time[#bars.time + 1] = MONDAY + hour * HOUR
      bars.close[#bars.close + 1] = 1.25 + 0.0001 * (hour % 7)
    end
  end
  return bars
end

local eurusd = { base = "EUR", quote = "USD", digits = 5, pip = 0.0001, lot = 100000, swap_long = -7, swap_short = 3 }

describe("money", function()
  local host, folder

  before_each(function()
    host, folder = hosted.open(2)
    write(folder .. "/week.lua", [[
      local sliders = require "sliders"
      local Week = sliders.strategy { params = { side = sliders.int(1, -1, 1) } }
      function Week:bar(broker, p)
        self.seen = (self.seen or 0) + 1
        if self.seen == 1 then broker:target(p.side) end
      end
      return Week]])
  end)

  after_each(function()
    hosted.close(host, folder)
  end)

  local function run(options, vm, instrument)
    local market = host:market({}, { rates = options.rates })
    market:add(hours("EURUSD", instrument or eurusd))
    options.rates = nil
    return host:run(host:strategy(folder .. "/week.lua", vm), market, options)
  end

  it("counts rollovers by night, alike in both engines", function()
    for _, vm in ipairs { "lua54", "luajit" } do
      local job = run({ rollover = "points" }, vm).jobs[1]
      assert.equal("done", job.state)
      assert.equal(10, #job.rollovers)
      local days, amount = 0, 0
      for _, night in ipairs(job.rollovers) do
        days, amount = days + night.days, amount + night.amount
        assert.equal(night.units * (night.days * -7) / 100000, night.amount)
      end
      assert.equal(14, days)
      assert.equal(job.rollover, amount)
      assert.equal(-job.rollover, job.costs.rollover)
      assert.equal(job.equity[#job.equity], job.final_equity)
      local costs = job.costs.spread + job.costs.slippage + job.costs.commission
      assert.is_true(math.abs(job.capital + job.realised + job.unrealised + job.rollover - costs - job.final_equity) < 1e-6)
    end
  end)

  it("charges a shared account as it does a sleeve", function()
    local alone, shared = run({ rollover = "points" }).jobs[1], run({ rollover = "points", account = "shared" }).jobs[1]
    assert.same({ alone.rollover, alone.final_equity }, { shared.rollover, shared.final_equity })
    assert.same(alone.rollovers, shared.rollovers)
    assert.same(alone.rollovers, shared.books[1].rollovers)
    assert.equal(alone.rollover, shared.books[1].rollover)
  end)

  it("rolls over on bars that are made of shorter ones", function()
    local job = run({ rollover = "points", timeframe = "4h" }).jobs[1]
    assert.equal(10, #job.rollovers)
  end)

  it("earns a short's swap", function()
    assert.is_true(run({ rollover = "points", set = { side = -1 } }).jobs[1].rollover > 0)
  end)

  it("writes rollover.csv where positions are rolled over alone", function()
    run({ rollover = "points" }):write_csv(folder .. "/with")
    run({}):write_csv(folder .. "/without")
    local file = assert(io.open(folder .. "/with/rollover.csv"))
    assert.equal("pair,set,time,units,days,amount", file:read())
    assert.matches("^EURUSD,0,2024%-01%-15T22:00:00Z,%d+,1,%-[%d.]+$", file:read())
    file:close()
    assert.is_nil(io.open(folder .. "/without/rollover.csv"))
  end)

  it("rolls over by rates, and says which are missing", function()
    write(folder .. "/short.csv", "date,EUR,USD\n2024-01-10,4,5\n2024-01-11,3.9,5.4\n2024-01-20,4,5.4\n")
    local job = run({ rollover = "rates", rates = folder .. "/short.csv" }).jobs[1]
    assert.is_true(job.rollover < 0)
    local with_markup = run({ rollover = "rates", rollover_markup = 1, rates = folder .. "/short.csv" }).jobs[1]
    assert.is_true(with_markup.rollover < job.rollover)
    local ok, err = pcall(run, { rollover = "rates" })
    assert.is_false(ok)
    assert.equal("EURUSD cannot be rolled over by rates: no short rates of EUR are loaded", err.message)
  end)

  it("keeps the lower leverage of run and instrument", function()
    local own = {}
    for name, value in pairs(eurusd) do own[name] = value end
    own.leverage = 2
    write(folder .. "/week.lua", [[
      local sliders = require "sliders"
      local Week = sliders.strategy {}
      function Week:bar(broker)
        if not self.asked then broker:buy { fraction = 3 } end
        self.asked = true
      end
      return Week]])
    assert.equal("leverage", run({}, nil, own).jobs[1].orders[1].reason)
    assert.equal("filled", run({}).jobs[1].orders[1].state)
    assert.equal("leverage", run({ leverage = 2 }).jobs[1].orders[1].reason)
    assert.equal("leverage", run({ margin_call = 20 }).jobs[1].orders[1].reason)
  end)

  it("takes nothing from the other sleeves where one is ruined", function()
    write(folder .. "/week.lua", [[
      local sliders = require "sliders"
      local Week = sliders.strategy {}
      function Week:bar(broker)
        if not self.asked then broker:buy { fraction = 20 } end
        self.asked = true
      end
      return Week]])
    local function both(pairs_of)
      local market = host:market()
      for _, pair in ipairs { "EURUSD", "GBPUSD" } do
        local bars = hours(pair, { base = pair:sub(1, 3), quote = "USD", digits = 5, pip = 0.0001, lot = 100000 })
        for i = 50, pair == "GBPUSD" and #bars.close or 0 do bars.close[i] = 1.0 end
        market:add(bars)
      end
      return host:run(host:strategy(folder .. "/week.lua"), market, { pairs = pairs_of, capital = pairs_of and 50000 or 100000 })
    end
    local result = both()
    local gone, well, alone = result:job "GBPUSD", result:job "EURUSD", both({ "EURUSD" }):job "EURUSD"
    assert.equal("ruined", gone.state)
    assert.is_true(gone.final_equity < -100000) -- more than all the capital there was
    assert.equal("done", well.state)
    assert.same(alone.equity, well.equity)
    assert.same({ 1, alone.orders[1].units, alone.realised }, { #well.orders, well.orders[1].units, well.realised })
    assert.equal(well.final_equity + gone.final_equity, result.portfolio.equity[result.portfolio.count])
  end)

  it("sizes by a risk whose stop is in another currency than the account", function()
    write(folder .. "/week.lua", [[
      local sliders = require "sliders"
      local Week = sliders.strategy {}
      function Week:bar(broker)
        self.n = (self.n or 0) + 1
        if self.n == 1 then broker:buy { risk = 0.01, sl_dist = 1.5 } end
        if self.n == 5 then broker:sell { risk = 0.01, sl = 161, limit = 160 } end
      end
      return Week]])
    local market = host:market()
    local bars = hours("USDJPY", { base = "USD", quote = "JPY", digits = 3, pip = 0.01, lot = 100000 })
    for i = 1, #bars.close do bars.close[i] = i < 4 and 150 or i < 8 and 125 or 160 end
    market:add(bars)
    local job = host:run(host:strategy(folder .. "/week.lua"), market, {}).jobs[1]
    assert.equal(100000, job.orders[1].units) -- 1,000 dollars are 150,000 yen, of which each unit would lose 1.5
    local lost = job.trades[1].net
    assert.equal(-2500000 / 150, lost) -- stopped at 125 by a gap, at the rate known before
    assert.equal(-math.floor(0.01 * (100000 + lost) * 125), job.orders[3].units) -- a yen a unit, from the limit to the stop
  end)

  it("stops out alike in both engines, and says so", function()
    write(folder .. "/week.lua", [[
      local sliders = require "sliders"
      local Week = sliders.strategy {}
      function Week:bar(broker)
        self.n = (self.n or 0) + 1
        if self.n % 40 == 1 then broker:buy { fraction = 25 } end
      end
      return Week]])
    for _, vm in ipairs { "lua54", "luajit" } do
      local market = host:market()
      local bars = hours("EURUSD", eurusd)
      for i = 1, #bars.close do bars.close[i] = i % 40 < 30 and 1.25 or 1.22 end
      market:add(bars)
      local job = host:run(host:strategy(folder .. "/week.lua", vm), market, {}).jobs[1]
      assert.is_true(job.stop_out_count > 0)
      local trade = job.trades[1]
      assert.same({ "stop_out", "stop_out", 1 }, { trade.exit, job.orders[trade.exit_order].kind, job.orders[trade.exit_order].parent })
      local never = host:run(host:strategy(folder .. "/week.lua", vm), market, { stop_out = 0 }).jobs[1]
      assert.equal(0, never.stop_out_count)
    end
  end)

  -- The JSON of a run over three pairs.
  local function json(workers, vm, change)
    local own = sliders.open { workers = workers, engine_dir = hosted.engines }
    write(folder .. "/short.csv", "date,EUR,USD,GBP\n2024-01-10,4,5,5.1\n2024-01-11,3.9,5.4,5.2\n2024-01-20,4,5.4,5.2\n")
    local market = own:market({}, { rates = folder .. "/short.csv" })
    for _, pair in ipairs { "EURUSD", "GBPUSD", "EURGBP" } do
      market:add(hours(pair, { base = pair:sub(1, 3), quote = pair:sub(4), digits = 5, pip = 0.0001, lot = 100000, triple_day = change and 5 or nil }))
    end
    own:run(own:strategy(folder .. "/week.lua", vm), market, { rollover = "rates", leverage = 12 }):write_json(folder .. "/out.json")
    own:close()
    local file = assert(io.open(folder .. "/out.json"))
    local text = file:read "*a"
    file:close()
    return text
  end

  it("gives the same bytes for any number of workers and in both engines, and another key for other terms", function()
    local one = json(1, "lua54")
    assert.equal(one, json(4, "lua54"))
    assert.equal(one, json(3, "luajit"))
    local key = one:match '"key": "(%x+)"'
    assert.is_not_nil(key)
    assert.are_not.equal(key, json(1, "lua54", true):match '"key": "(%x+)"')
    assert.truthy(one:find('"triple_day": "wednesday"', 1, true))
    assert.truthy(one:find('"rollover": "rates"', 1, true))
  end)

  it("refuses what cannot be", function()
    local ok, err = pcall(run, { rollover = "point" })
    assert.is_false(ok)
    assert.equal('no choice "point"; did you mean "points"?', err.message)
    ok, err = pcall(run, { rollover = "points", rollover_markup = 1 })
    assert.is_false(ok)
    assert.equal("needs rollover by rates", err.message)
    ok, err = pcall(run, { stop_out = 1.5 })
    assert.is_false(ok)
    assert.equal("must be at most the margin call: 100 % of the margin, not 150 %", err.message)
    ok, err = pcall(run, { margin_call = 0 })
    assert.is_false(ok)
    assert.equal("must be a number above 0, not 0", err.message)
    ok, err = pcall(run, { rollover = "points" }, nil, { base = "EUR", quote = "USD", digits = 5, pip = 0.0001 })
    assert.is_false(ok)
    assert.matches("swap_long and swap_short are not known", err.message, 1, true)
  end)
end)
