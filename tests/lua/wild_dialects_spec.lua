-- Real files whose text does not say all: read with the descriptions that a user would put beside them, and held against the same rates from elsewhere. LEAN's
-- archives as they are published. Skips where the test data are not there.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)

local session = require "session"
local sliders = require "sliders"

local shared = (os.getenv "SLIDERS_SHARED" or session.repository .. "/../shared") .. "/data/"

local function text_of(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

-- A test that is skipped with a message where the data are not there, and fails under CI.
local function real(name, body)
  it(name, function()
    if text_of(shared .. "README.md") then return body() end
    if os.getenv "CI" == "true" then error("no test data at " .. shared) end
    pending("no test data at " .. shared)
  end)
end

local day = 86400 * 1000000000
local half_digit = 0.00005 + 1e-12 -- of rates that are written with four digits

describe("real files", function()
  local host, shell

  before_each(function()
    host = sliders.open { workers = 2, engine_dir = build .. "/core/vm/lua" }
    shell = session.open()
  end)
  after_each(function()
    host:close()
    shell:close()
  end)

  -- A file of the dialects with a description beside it: its path.
  local function described(name, description)
    shell:write("file.csv", assert(text_of(shared .. "dialects/" .. name)))
    shell:write("file.json", description)
    return shell:path "file.csv"
  end

  local function fixings()
    local market, at = host:market "data/h10/h10.csv", {}
    for _, info in ipairs(market:pairs()) do
      local bars, of = market:bars(info.pair), {}
      for i, time in ipairs(bars.time) do of[time] = bars.close[i] end
      at[info.pair] = of
    end
    return at
  end

  real("of rates by country, some of them upside down, hold the fixings of H.10", function()
    local market = host:market(described("fred_wide_inverted_usd.datasets_exchange-rates.csv", [[
      { "series": { "Australia": "AUDUSD", "New Zealand": "NZDUSD", "United Kingdom": "GBPUSD", "Canada": "USDCAD", "Japan": "USDJPY", "Norway": "USDNOK",
                    "Sweden": "USDSEK", "Switzerland": "USDCHF" },
        "invert": ["Australia", "New Zealand", "United Kingdom"],
        "ignore": ["Austria", "Belgium", "Brazil", "China", "Denmark", "Euro", "Finland", "France", "Germany", "Greece", "Hong Kong", "India", "Ireland",
                   "Italy", "Malaysia", "Mexico", "Netherlands", "Portugal", "Singapore", "South Africa", "South Korea", "Spain", "Sri Lanka", "Taiwan",
                   "Thailand", "Venezuela"] }]]))
    local counts = { AUDUSD = 1141, GBPUSD = 1148, NZDUSD = 1136, USDCAD = 1154, USDCHF = 1148, USDJPY = 1142, USDNOK = 1147, USDSEK = 1148 }
    local known, pairs_of = fixings(), 0
    for _, info in ipairs(market:pairs()) do
      assert.equal(counts[info.pair], info.bars)
      assert.same({ "mid", true, true, day }, { info.side, info.one_price, info.date_only, info.period_ns })
      local bars, upside_down = market:bars(info.pair), info.quote == "USD"
      for i, time in ipairs(bars.time) do
        local rate, fixing = bars.close[i], known[info.pair][time]
        if not upside_down then assert.equal(fixing, rate) end
        -- What is written is one divided by the fixing, to four digits.
        if upside_down and math.abs(1 / rate - 1 / fixing) > half_digit then error(("%s %d: %.9g, not %.9g"):format(info.pair, i, rate, fixing)) end
      end
      pairs_of = pairs_of + 1
    end
    assert.equal(8, pairs_of)
  end)

  real("of monthly rates in one long list hold the means of the fixings of H.10", function()
    local market = host:market(described("fred_long_monthly_crlf.datasets_exchange-rates.csv", [[
      { "series": { "Australia": "AUDUSD", "Canada": "USDCAD" }, "invert": ["Australia"], "ignore": ["Austria", "Belgium", "Brazil"] }]]))
    local known, months = fixings(), 0
    assert.equal("rates_list", market.report.sources[1].dialect)
    for _, info in ipairs(market:pairs()) do
      assert.equal(info.pair == "AUDUSD" and 666 or 211, info.bars)
      assert.equal(31 * day, info.period_ns) -- so a month's mean is not known before it is over
      local sum, count = {}, {}
      for time, fixing in pairs(known[info.pair]) do
        local month = sliders.time_format(time):sub(1, 7)
        sum[month], count[month] = (sum[month] or 0) + fixing, (count[month] or 0) + 1
      end
      local bars = market:bars(info.pair)
      for i, time in ipairs(bars.time) do
        local month = sliders.time_format(time):sub(1, 7)
        local mean, rate = sum[month] and sum[month] / count[month], bars.close[i]
        if mean and month < "2024-11" then
          -- Means have four digits, the last one rounded up where it lies between two; one divided by such a mean has four digits again.
          if info.pair == "AUDUSD" then mean, rate = 1 / (math.floor(mean * 1e4 + 0.5 + 1e-7) / 1e4), 1 / rate end
          if math.abs(mean - rate) > half_digit then error(("%s %s: %.9g, the mean is %.9g"):format(info.pair, month, rate, mean)) end
          months = months + 1
        end
      end
    end
    assert.equal(646 + 211, months)
  end)

  real("of a rate that is given where it changes are short rates for the ten days that a figure holds", function()
    local market = host:market({}, { rates = described("fred_old_header_DATE.lean_PCREDIT8.csv", [[{ "series": { "PCREDIT8": "USD" } }]]) })
    for date, rate in pairs { ["2003-01-10"] = 2.25, ["2003-01-15"] = 2.25, ["2008-01-24"] = 4, ["2008-02-01"] = 3.5, ["2023-08-03"] = 5.5 } do
      assert.equal(rate, market:rate("USD", date), date)
    end
    for _, date in ipairs { "2003-01-09", "2003-01-25", "2003-06-01", "2023-08-20" } do assert.is_nil(market:rate("USD", date), date) end
  end)

  real("of LEAN have every row, both sides and their clock", function()
    local archives = {
      { "oanda/daily/eurusd.zip", "EURUSD", 3738, "2007-01-01", "2018-12-31" }, { "oanda/daily/gbpusd.zip", "GBPUSD", 3738, "2007-01-01", "2018-12-31" },
      { "oanda/daily/eurgbp.zip", "EURGBP", 3738, "2007-01-01", "2018-12-31" },
      { "oanda/hour/eurusd.zip", "EURUSD", 74439, "2007-01-01T21:00:00Z", nil, 3600 },
      { "oanda/minute/eurusd/20140505_quote.zip", "EURUSD", 1350, nil, nil, 60 }, { "oanda/minute/eurusd/20140506_quote.zip", "EURUSD", 1389, nil, nil, 60 },
      { "oanda/minute/eurusd/20140507_quote.zip", "EURUSD", 1406, nil, nil, 60 }, { "oanda/minute/eurusd/20140508_quote.zip", "EURUSD", 1419, nil, nil, 60 },
      { "oanda/minute/eurusd/20140509_quote.zip", "EURUSD", 1246, nil, nil, 60 },
    }
    for _, of in ipairs(archives) do
      local market = host:market(shared .. "lean/" .. of[1])
      local info = market:pairs()[1]
      assert.same({ "lean", "UTC", 0 }, { market.report.sources[1].dialect, market.report.sources[1].zone, market.report.sources[1].dropped })
      assert.same({ of[2], of[3], "both", (of[6] or 86400) * 1000000000 }, { info.pair, info.bars, info.side, info.period_ns }, of[1])
      if of[4] then assert.equal(of[4], sliders.time_format(info.first_time)) end
      if of[5] then assert.equal(of[5], sliders.time_format(info.last_time)) end
      local sundays, bars = 0, market:bars(of[2])
      for i, time in ipairs(bars.time) do
        assert.is_true(bars.ask_close[i] >= bars.close[i])
        if math.fmod(math.floor(time / day) + 3, 7) == 6 then sundays = sundays + 1 end
      end
      if info.period_ns == day then assert.equal(620, sundays) end
      market:free()
    end
  end)

  real("of FXCM in LEAN's form drop their crossed hours, tell of each, and are five hours behind", function()
    local path = shared .. "lean/fxcm/hour/eurusd.zip"
    local ok, err = pcall(host.market, host, path)
    assert.is_false(ok)
    assert.truthy(err.message:find("the ask", 1, true), err.message)
    local market = host:market(path, { load = { lenient = true, zone = "-05:00" } })
    local source = market.report.sources[1]
    assert.same({ "lean", 69928 }, { source.dialect, source.rows + source.dropped })
    assert.is_true(source.dropped >= 2613)
    local told = 0
    for _, note in ipairs(market.report.notes) do
      if note.kind == "dropped" then told = told + 1 end
    end
    assert.equal(source.dropped, told)
    local at, apart = {}, {}
    local oanda, fxcm = host:market(shared .. "lean/oanda/hour/eurusd.zip"):bars "EURUSD", market:bars "EURUSD"
    for i, time in ipairs(oanda.time) do at[time] = oanda.close[i] end
    for i, time in ipairs(fxcm.time) do
      if time >= sliders.time_parse "2009-09-22" and at[time] then apart[#apart + 1] = math.abs(fxcm.close[i] - at[time]) end
    end
    table.sort(apart)
    assert.is_true(#apart > 40000)
    assert.is_true(apart[math.floor(#apart / 2)] < 0.0001)
  end)

  real("without a tick hold none, and the other hours of the day are read", function()
    local empty = host:market(shared .. "bad/made_bi5_empty.bi5", { load = { pair = "GBPJPY" } })
    assert.equal(0, #empty:pairs())
    assert.equal("no bytes: an hour without ticks", empty.report.notes[1].message)
    local names = {}
    for hour = 0, 2 do
      names[#names + 1] = ("GBPJPY/2012/11/03/%02dh_ticks.bi5"):format(hour)
      shell:run("mkdir -p GBPJPY/2012/11/03")
      shell:write(names[#names], hour == 1 and "" or assert(text_of(shared .. "bi5/compressed/" .. names[#names])))
    end
    local whole, holed = host:market(shared .. "bi5/compressed/GBPJPY"), host:market(shell:path "GBPJPY")
    local first, second = whole:bars "GBPJPY", holed:bars "GBPJPY"
    local from, to = sliders.time_parse "2012-12-03 01:00", sliders.time_parse "2012-12-03 02:00"
    local k = 0
    for i, time in ipairs(first.time) do
      if time < from or time >= to and time < to + 3600 * 1000000000 then
        k = k + 1
        assert.same({ time, first.close[i], first.ask_close[i] }, { second.time[k], second.close[k], second.ask_close[k] })
      end
    end
    assert.equal(k, #second.time)
    assert.is_true(k > 1000)
  end)
end)
