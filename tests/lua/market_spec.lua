-- Markets from a host program in Lua: files, stores, columns of numbers, and what is refused.
local hosted = require "hosted"
local sliders, write = hosted.sliders, hosted.write

local MINUTE = 60 * 1e9

local function bars(change)
  local made = {
    pair = "EURUSD",
    time = { "2024-01-02 21:50", "2024-01-02 21:51", "2024-01-02 21:52" },
    open = { 1.1, 1.2, 1.3 },
    high = { 1.3, 1.4, 1.5 },
    low = { 1.0, 1.1, 1.2 },
    close = { 1.2, 1.3, 1.4 },
    volume = { 5, 6, 7 },
  }
  for name, value in pairs(change or {}) do made[name] = value end
  return made
end

describe("a market", function()
  local host, folder

  before_each(function()
    host, folder = hosted.open(1)
  end)

  after_each(function()
    hosted.close(host, folder)
  end)

  local function with_market(paths, use)
    local market = host:market(paths)
    use(market)
    market:free()
  end

  -- The error of adding bars, as text.
  local function refusal(change)
    local text
    with_market(nil, function(market)
      local made = bars(change)
      for name, value in pairs(made) do
        if value == "none" then made[name] = nil end
      end
      local ok, err = pcall(market.add, market, made)
      assert.is_false(ok)
      assert.equal(0, #market:pairs())
      text = tostring(err)
    end)
    return text
  end

  it("knows the instruments of a file, in pips, lots and swaps", function()
    write(folder .. "/own.json", '{"US500": {"base": "US500", "quote": "USD", "digits": 1, "pip": 1, "lot": 1, "margin": 0.05,\n'
      .. ' "swap_long": -1.5, "swap_short": -0.5}}')
    write(folder .. "/us500.csv", "time,open,high,low,close\n2024-01-02,4700,4760,4690,4742\n2024-01-03,4742,4750,4700,4704\n")
    local market = host:market(folder .. "/us500.csv", { instruments = folder .. "/own.json" })
    local pair = market:pairs()[1]
    assert.same({ "US500", 1, 20, -1.5, -0.5 }, { pair.pair, pair.pip, pair.leverage, pair.swap_long, pair.swap_short })
    local ok, err = pcall(market.load_instruments, market, folder .. "/own.json")
    assert.is_false(ok)
    assert.matches("own.json: instruments must be declared before prices are loaded", tostring(err), 1, true)
  end)

  it("tells short rates once they are published", function()
    write(folder .. "/short.csv", "USD,JPY,date\n5.32,-0.02,2024-01-30\n5.33,-0.02,2024-01-31\n5.32,-0.01,2024-02-01\n")
    local market = host:market({}, { rates = { folder .. "/short.csv" } })
    assert.same({ 5.32, -0.02 }, { market:rate("USD", "2024-01-31"), market:rate("JPY", "2024-02-01") })
    assert.is_nil(market:rate("JPY", "2024-01-31 23:00"))
    assert.is_nil(market:rate("EUR", "2024-02-01"))
    local ok, err = pcall(market.load_rates, market, folder .. "/short.csv")
    assert.is_false(ok)
    assert.matches("short.csv:1:1: rates of USD are loaded already", tostring(err), 1, true)
    assert.has_error(function() market:rate("USD", "yesterday") end)
  end)

  it("refuses a bad file of instruments at its place", function()
    write(folder .. "/own.json", '{\n "EURUSD": {"pipp": 1}}')
    local ok, err = pcall(host.market, host, {}, { instruments = folder .. "/own.json" })
    assert.is_false(ok)
    assert.matches("own.json:2:13: EURUSD: no field 'pipp'; did you mean 'pip'?", tostring(err), 1, true)
  end)

  it("takes columns of numbers", function()
    with_market(nil, function(market)
      market:add(bars())
      market:add(bars { pair = "USDJPY", side = "mid", period_ns = MINUTE })
      local eurusd, usdjpy = market:pairs()[1], market:pairs()[2]
      assert.equal("EURUSD", eurusd.pair)
      assert.equal("EUR", eurusd.base)
      assert.equal("USD", eurusd.quote)
      assert.equal(3, eurusd.bars)
      assert.equal(MINUTE, eurusd.period_ns)
      assert.equal("bid", eurusd.side)
      assert.is_false(eurusd.one_price)
      assert.equal(0.0001, eurusd.pip)
      assert.equal("mid", usdjpy.side)
      assert.equal(0.01, usdjpy.pip)
      assert.equal("2024-01-02T21:50:00Z", sliders.time_format(eurusd.first_time))
      assert.equal("2024-01-02T21:52:00Z", sliders.time_format(eurusd.last_time))
    end)
  end)

  it("names the argument that is wrong", function()
    assert.matches("bars.close%[2%]: a price must be above 0", refusal { close = { 1.2, 1.3, -1 } })
    assert.matches("bars.high%[1%]: the high is below the low", refusal { high = { 1.3, 1.0, 1.5 } })
    assert.matches("bars.time%[2%]: the times do not increase strictly", refusal { time = { 0, MINUTE, MINUTE } })
    assert.matches("bars.time%[1%]: .*", refusal { time = { "2024-01-02", "2024-02-30", "2024-03-01" } })
    assert.matches("bars.time%[1%]: a time in nanoseconds is a whole number", refusal { time = { 0, 1.5, 3 } })
    assert.matches("bars.open%[0%]: a number expected, got string", refusal { open = { "1.1", 1.2, 1.3 } })
    assert.matches("bars.low: 3 numbers expected, got 2", refusal { low = { 1.0, 1.1 } })
    assert.matches("bars.low: an array of numbers expected, got number", refusal { low = 1 })
    assert.matches("bars.low: open, high and low go together", refusal { low = "none" })
    assert.matches("bars.close: the column is missing", refusal { close = "none" })
    assert.matches("bars.time: an array of times expected", refusal { time = "none" })
    assert.matches("bars.pair: a string expected", refusal { pair = "none" })
    assert.matches("market:add: no option 'volumes'; did you mean 'volume'%?", refusal { volumes = { 1, 2, 3 } })
    local function instrument(field, value)
      local numbers = { base = "ABC", quote = "USD", digits = 5, pip = 0.0001 }
      numbers[field] = value
      return refusal { pair = "ABCUSD", instrument = numbers }
    end
    assert.matches("bars.instrument.digits: a whole number expected", instrument("digits", 1.5))
    assert.matches("bars.instrument.digits: a whole number expected", instrument("digits", 1e300))
    assert.matches("bars.instrument.triple_day: a whole number expected", instrument("triple_day", 0 / 0))
    assert.matches("bars.instrument.base: must have 2 to 7 capital letters", instrument("base", "a"))
    assert.matches("bars.pair: no instrument 'EURUSX'; did you mean EURUSD%?", refusal { pair = "EURUSX" })
    assert.matches('bars.side: "bid", "mid" or "both" expected', refusal { side = "ask" })
    assert.matches("bars.period_ns: a period must be above 0", refusal { period_ns = -1 })
    assert.matches("bars.count: at least one bar is needed", refusal { time = {}, open = {}, high = {}, low = {}, close = {}, volume = {} })
  end)

  it("takes both sides, and ticks", function()
    with_market(nil, function(market)
      local asks = { ask_open = { 1.2, 1.3, 1.4 }, ask_high = { 1.5, 1.5, 1.5 }, ask_low = { 1.1, 1.1, 1.1 }, ask_close = { 1.3, 1.4, 1.5 } }
      asks.open, asks.high, asks.low, asks.close = { 1.1, 1.2, 1.3 }, { 1.4, 1.4, 1.4 }, { 1.0, 1.0, 1.0 }, { 1.2, 1.3, 1.4 }
      market:add(bars(asks))
      market:add { pair = "USDJPY", time = { 0, 0, 5 }, close = { 140, 141, 140 }, ask_close = { 140.1, 141.1, 140.2 }, ticks = true }
      local eurusd, usdjpy = market:pairs()[1], market:pairs()[2]
      assert.equal("both", eurusd.side)
      assert.is_false(eurusd.ticks)
      assert.equal("both", usdjpy.side)
      assert.is_true(usdjpy.ticks)
      assert.is_true(usdjpy.one_price)
      assert.equal(0, usdjpy.period_ns)
      market:save(folder .. "/store")
      with_market(folder .. "/store", function(again) assert.same(market:pairs(), again:pairs()) end)
    end)
    local crossed = { open = "none", high = "none", low = "none", close = { 1.2, 1.3, 1.4 }, ask_close = { 1.2, 1.29, 1.5 } }
    assert.matches("bars.ask_close%[1%]: the ask is below the bid", refusal(crossed))
    assert.matches("bars.ask_open: the column is missing", refusal { side = "both" })
    assert.matches("bars.ask_close: asks need the side both", refusal { side = "mid", ask_close = { 2, 2, 2 } })
    assert.matches("bars.open: a tick has one price, its close", refusal { ticks = true })
    assert.matches("bars.ticks: true or false expected, got number", refusal { ticks = 1 })
  end)

  it("comes back from a store", function()
    with_market("data/h10/h10.csv", function(market)
      market:save(folder .. "/store")
      with_market(folder .. "/store", function(again)
        assert.same(market:pairs(), again:pairs())
        assert.equal(9, #again:pairs())
      end)
    end)
  end)

  it("reads several files", function()
    write(folder .. "/gbpusd-h1.csv", "time,close\n2024-01-02 10:00,1.27\n2024-01-02 11:00,1.28\n")
    with_market({ "data/h10/h10.csv" }, function(market)
      market:load(folder .. "/gbpusd-h1.csv")
      assert.equal(10, #market:pairs()) -- GBPUSD in two periods, the shorter first
      local of = {}
      for _, info in ipairs(market:pairs()) do
        if info.pair == "GBPUSD" then of[#of + 1] = sliders.timeframe_format(info.period_ns) end
      end
      assert.same({ "1h", "1d" }, of)
      local ok, err = pcall(market.load, market, folder .. "/gbpusd-h1.csv")
      assert.is_false(ok)
      assert.equal("EVALUE", err.status)
      assert.equal("GBPUSD (1h) is loaded already; a market holds a pair and period once", err.message)
      assert.equal(10, #market:pairs())
    end)
  end)

  it("keeps files in a store, and leaves it as it was when it is interrupted", function()
    local function list()
      local pipe = io.popen("cd '" .. folder .. "' && find . -type f | LC_ALL=C sort")
      local text = pipe:read "*a"
      pipe:close()
      return text
    end
    local prices = folder .. "/EURUSD.csv"
    write(prices, "time,close\n2024-01-02 10:00,1.1\n2024-01-02 11:00,1.2\n2024-01-02 12:00,1.3\n")
    local seen = {}
    local series, report = host:import(folder .. "/store", prices, { progress = function(now) seen[#seen + 1] = now.read end })
    assert.same({ 0, 1 }, seen)
    assert.equal(3, series[1].added)
    assert.equal("1h", sliders.timeframe_format(series[1].period_ns))
    assert.equal(3, report.sources[1].rows)
    local before = list()
    write(prices, "time,close\n2024-01-03 10:00,1.1\n2024-01-03 11:00,1.2\n2024-01-03 12:00,1.3\n")
    local function interrupt(now)
      if now.read == 1 then error("interrupted!", 0) end
    end
    local ok, err = pcall(host.import, host, folder .. "/store", prices, { progress = interrupt })
    assert.is_false(ok)
    assert.equal("interrupted!", err)
    assert.equal(before, list())
    assert.equal(3, host:import(folder .. "/store", { prices })[1].added)
    assert.has_error(function() host:import(folder .. "/store", prices, { zone = "UTC" }) end, "host:import: no option 'zone'")
  end)

  it("finds, reads and checks one pair's rows", function()
    with_market("data/h10/h10.csv", function(market)
      assert.same({ 1.1812, 1.176 }, market:bars("EURUSD", { count = 2 }).close)
      assert.same({ 1.0547 }, market:bars("EURUSD", { first = -1 }).close)
      assert.is_nil(market:bars("EURUSD", { count = 1 }).open)
      assert.equal(0, market:row_at("EURUSD", "1998-12-31"))
      assert.equal(2, market:row_at("EURUSD", "1999-01-05"))
      assert.has_error(function() market:bars "EURUSX" end)
      local checked = market:check("EURUSD", { gap_ns = 4 * 86400 * 1000000000 })
      for _, finding in ipairs(checked.findings) do assert.equal("pause", finding.kind) end -- 2 January
      assert.equal(#checked.findings, checked.pauses)
      assert.truthy(checked.small_gaps > 0)
    end)
  end)

  it("says where a file is wrong, and leaves the host free to close", function()
    local path = folder .. "/EURUSD.csv"
    write(path, "time,open,high,low,close\n2024-01-02 10:00,1.1,1.3,1.0,1.2\n2024-01-02 11:00,1.1,1.0,1.3,1.2\n")
    local ok, err = pcall(host.market, host, { "data/h10/h10.csv", path })
    assert.is_false(ok)
    assert.equal("EPARSE", err.status)
    assert.equal(path, err.file)
    assert.equal(3, err.line)
    assert.equal(22, err.column)
    assert.equal(path .. ":3:22: the high is below the low", tostring(err))
    ok, err = pcall(host.market, host, folder .. "/none.csv")
    assert.is_false(ok)
    assert.equal("EIO", err.status)
  end) -- after_each closes the host, which refuses while a market is open
end)
