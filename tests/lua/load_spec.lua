-- What can be told of files when they are loaded, and what the report says of them.
local hosted = require "hosted"
local sliders, write = hosted.sliders, hosted.write

describe("loading", function()
  local host, folder

  before_each(function()
    host, folder = hosted.open(2)
  end)

  after_each(function()
    hosted.close(host, folder)
  end)

  it("takes pair, clock, side and scale from options", function()
    write(folder .. "/x.csv", "2024.07.02,16:50,109421,109425,109411,109416,7\n2024.07.02,16:51,109418,109425,109416,109421,8\n")
    local market = host:market()
    local report = market:load(folder .. "/x.csv", { pair = "EURUSD", zone = "EET-NY", side = "mid", scale = 100000 })
    local first = sliders.time_parse "2024-07-02 13:50"
    assert.same({
      file = folder .. "/x.csv", dialect = "mt4", zone = "EET-NY", pair = "EURUSD", scale = 100000, rows = 2, dropped = 0, first_line = 1, first_time = first,
      last_time = first + 60e9, period_ns = 60e9, idle = "", asks = false,
    }, report.sources[1])
    assert.same({}, report.notes)
    local pair = market:pairs()[1]
    assert.equal("mid", pair.side)
    assert.equal("2024-07-02T13:50:00Z", sliders.time_format(pair.first_time))
  end)

  it("says what was told of a file and had no effect on it", function()
    local function idle(name, content, options)
      write(folder .. "/" .. name, content)
      return host:market(folder .. "/" .. name, { load = options }).report.sources[1].idle
    end
    local bars = "time,open,high,low,close\n2024-01-02 16:50,1.1,1.1,1.1,1.1\n2024-01-02 16:51,1.1,1.1,1.1,1.1\n"
    assert.equal("date day_first",
      idle("EURUSD.csv", bars, { date = "2024-01-02", day_first = true, zone = "EET-NY", pair = "GBPUSD", scale = 2, dialect = "bars" }))
    assert.equal("zone", idle("EURUSD.csv", bars:gsub("(1[67]:5%d)", "%1Z"), { zone = "EET-NY" }))
    assert.equal("zone", idle("EURUSD.csv", bars:gsub(" 16:50", ""):gsub("%-02 16:51", "-03"), { zone = "EET-NY" }))
    assert.equal("", idle("EURUSD.csv", bars:gsub("2024%-01%-02", "03/01/2024"), { day_first = true }))
    assert.equal("", idle("20240102_EURUSD.csv", "0,1.1,1.1,1.1,1.1,0,1.2,1.2,1.2,1.2,0\n60000,1.1,1.1,1.1,1.1,0,1.2,1.2,1.2,1.2,0\n", { date = "2024-01-03" }))
    assert.equal("zone pair date", idle("rates.csv", "date,EURUSD\n03/01/2024,1.1\n04/01/2024,1.1\n",
      { zone = "EET-NY", pair = "EURUSD", date = "2024-01-02", day_first = true, side = "bid" }))
    assert.equal("day_first", idle("rates.csv", "date,EURUSD\n2024-01-03 10:00,1.1\n2024-01-03 11:00,1.1\n", { zone = "EET-NY", day_first = false }))
    local list = "date,series,rate\n2024-01-03,EURUSD,1.1\n2024-01-04,EURUSD,1.1\n"
    assert.equal("zone pair day_first", idle("list.csv", list, { dialect = "rates_list", zone = "EET-NY", pair = "EURUSD", day_first = true }))
    assert.equal("", idle("list.csv", list:gsub("2024%-01%-(%d%d)", "%1/01/2024"), { dialect = "rates_list", day_first = true }))
  end)

  it("reads rows that go back in time where that is told, and files of which that is known the other way too", function()
    local path = folder .. "/EURUSD.csv"
    local function closes(text, options)
      write(path, text)
      local market = host:market({}, {})
      market:load(path, options)
      return market:bars("EURUSD").close
    end
    local bars = "time,open,high,low,close\n2024-01-04,3,3,3,3\n2024-01-03,2,2,2,2\n2024-01-02,1,1,1,1\n"
    local investing = '"Date","Price","Open","High","Low","Vol.","Change %"\n'
    local row = '"01/%02d/2024","%d","%d","%d","%d","","0%%"\n'
    for day = 2, 4 do investing = investing .. row:format(day, day - 1, day - 1, day - 1, day - 1) end
    assert.same({ 1, 2, 3 }, closes(bars, { newest_first = true }))
    assert.error_matches(function() closes(bars) end, "EURUSD.csv:3:1: 2024%-01%-03 is earlier .* tell it by newest_first$")
    assert.same({ 1, 2, 3 }, closes(investing, { newest_first = false, day_first = false }))
    assert.error_matches(function() closes(investing, { day_first = false }) end,
      "3:2: 01/03/2024 is later than the row before, but such files have their newest row first; tell it by newest_first where this one does not$")
    assert.error_matches(function() closes(investing, { newest_first = true, day_first = false }) end, "but the newest row is told to be the first$")
    write(folder .. "/EURUSD.json", '{"newest_first": false}')
    assert.same({ 1, 2, 3 }, closes(investing, { day_first = false }))
    assert.same({ 1, 2, 3 }, closes(bars, { newest_first = true })) -- the option goes before the description
    assert(os.remove(folder .. "/EURUSD.json"))
    write(folder .. "/rates.csv", "date,EURUSD\n2024-01-03,1.1\n2024-01-04,1.1\n")
    assert.equal("newest_first", host:market(folder .. "/rates.csv", { load = { newest_first = true } }).report.sources[1].idle)
  end)

  it("divides columns of rates by a scale too", function()
    write(folder .. "/rates.csv", "date,EURUSD,USDJPY\n2024-01-02,1100,141250\n2024-01-03,1102,141500\n")
    local market = host:market(folder .. "/rates.csv", { load = { scale = 1000 } })
    assert.same({ 1.1, 1.102 }, market:bars("EURUSD").close)
    assert.same({ 141.25, 141.5 }, market:bars("USDJPY").close)
  end)

  it("says what was found, and drops rows only where it may", function()
    local rows = { "16:50,1.09421,1.09425,1.09411,1.09416,7", "16:49,1.1,1.1,1.1,1.1,8", "16:51,1.09418,1.09425,1.09416,1.09421,8" }
    write(folder .. "/EURUSD.csv", "2024.07.02," .. table.concat(rows, "\n2024.07.02,") .. "\n")
    local ok, err = pcall(host.market, host, folder)
    assert.is_false(ok)
    assert.equal(2, err.line)
    local market = host:market(folder, { load = { lenient = true } })
    assert.equal(2, market.report.sources[1].rows)
    assert.equal(1, market.report.sources[1].dropped)
    local notes = market.report.notes
    assert.same({ "warning", "dropped" }, { notes[1].kind, notes[2].kind })
    assert.same({ 2, 1 }, { notes[2].line, notes[2].column })
    assert.equal("2024.07.02 16:49 is earlier than the row before; where the newest row is the first, tell it by newest_first", notes[2].message)
    assert.equal("the clock of mt4 is the broker's and not known: times are taken as they stand; tell it by zone", notes[1].message)
  end)

  it("names an option that is none, or of another type, or that cannot be", function()
    write(folder .. "/EURUSD.csv", "time,close\n2024-01-02,1.1\n2024-01-03,1.2\n")
    local market = host:market()
    local function refusal(options)
      local ok, err = pcall(market.load, market, folder .. "/EURUSD.csv", options)
      assert.is_false(ok)
      return err.file .. ": " .. err.message
    end
    assert.equal('options: no option "zoen"; did you mean "zone"?', refusal { zoen = "UTC" })
    assert.equal("options.scale: a number expected, got string", refusal { scale = "big" })
    assert.equal("options.scale: a number above 0 expected", refusal { scale = -1 })
    assert.equal("options.lenient: a boolean expected, got string", refusal { lenient = "yes" })
    assert.equal("options.dialect: no dialect 'histdat'; did you mean 'histdata'?", refusal { dialect = "histdat" })
    assert.equal("options.side: the side must be \"bid\" or \"mid\"", refusal { side = "ask" })
    assert.equal("options.pair: no instrument 'EURUSX'; did you mean EURUSD?", refusal { pair = "EURUSX" })
    assert.equal("options.date: 'today': not a date; a date such as 2014-05-08 is expected", refusal { date = "today" })
    assert.equal("options.zone: 'Mars/Olympus' is no time zone; there are UTC, offsets such as +05:30, names such as America/New_York, EET-NY and floating",
      refusal { zone = "Mars/Olympus" })
    assert.same({}, market:pairs())
  end)

  it("lists every dialect with its clock", function()
    local zones = {}
    for _, dialect in ipairs(sliders.dialects()) do
      assert.is_nil(zones[dialect.name])
      zones[dialect.name] = dialect.zone
    end
    assert.equal("America/New_York", zones.histdata)
    assert.equal("floating", zones.mt5)
    assert.equal("UTC", zones.lean)
  end)
end)
