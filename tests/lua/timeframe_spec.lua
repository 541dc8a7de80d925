-- Runs in a time frame: by the module and by the command.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)

local session = require "session"
local sliders = require "sliders"

local hour = 3600 * 1000000000

-- Hours of `pair` from Monday 2024-01-01 22:00 on, in closes that count up.
local function hours(pair, count)
  local bars = { pair = pair, period_ns = hour, time = {}, close = {} }
  local start = sliders.time_parse "2024-01-01 22:00"
  for i = 1, count do
    bars.time[i] = start + (i - 1) * hour
    bars.close[i] = 1 + i / 10000
  end
  return bars
end

describe("a time frame", function()
  local host, market

  before_each(function()
    host = sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" }
    market = host:market()
    market:add(hours("EURUSD", 96))
  end)

  after_each(function() host:close() end)

  local function ran(options)
    local strategy = host:strategy_text("probe", [[
      local sliders = require "sliders"
      local S = sliders.strategy { warmup = 0 }
      function S:bar() print(self.bars.close[0]) end
      return S
    ]])
    return host:run(strategy, market, options).jobs[1]
  end

  it("has names and lengths", function()
    assert.equal(hour, sliders.timeframe_parse "1h")
    assert.equal(31 * 24 * hour, sliders.timeframe_parse "1mo")
    assert.equal("1w", sliders.timeframe_format(7 * 24 * hour))
    assert.equal("ticks", sliders.timeframe_format(0))
    local ok, err = pcall(sliders.timeframe_parse, "M5")
    assert.is_false(ok)
    assert.equal("'M5' is no time frame; there are numbers of s, m, h and mo, 1d and 1w, such as 15m or 4h", tostring(err))
  end)

  it("is what a run works on", function()
    local job = ran { timeframe = "1d" }
    assert.equal(4, job.bar_count)
    assert.equal("1.0024\n1.0048\n1.0072\n1.0096\n", job.log)
    assert.equal(24 * hour, job.data.period_ns)
    assert.equal("2024-01-01T22:00:00Z", sliders.time_format(job.data.first_time))
    assert.equal(5, ran({ timeframe = "1d", day = "utc" }).bar_count)
    assert.equal(4, ran({ timeframe = "1d", day = "source", day_zone = "Etc/GMT-2" }).bar_count)
    assert.equal(96, ran({}).bar_count)
  end)

  it("annualises by its own bars where they are longer than a day", function()
    assert.equal(260, ran({ timeframe = "1d" }).figures.periods_per_year)
    assert.equal(52, ran({ timeframe = "1w" }).figures.periods_per_year)
    assert.equal(12, ran({ timeframe = "1mo" }).figures.periods_per_year)
    assert.equal(100, ran({ timeframe = "1mo", periods_per_year = 100 }).figures.periods_per_year)
  end)

  it("is refused in words", function()
    local function refusal(options)
      local ok, err = pcall(ran, options)
      assert.is_false(ok)
      return tostring(err)
    end
    assert.equal("options.timeframe: a day does not hold a whole number of 7h", refusal { timeframe = "7h" })
    assert.equal("the bars of EURUSD are of 1h: none of 5m can be made of them", refusal { timeframe = "5m" })
    assert.matches('options.day: no choice "nyc"; did you mean "ny"%?', refusal { timeframe = "1d", day = "nyc" })
    local unknown = refusal { timeframe = "1d", day = "source", day_zone = "Europe/Atlantis" }
    assert.matches("^options.day_zone: 'Europe/Atlantis' is no time zone; there are UTC, offsets such as %+05:30, ", unknown)
  end)

  it("makes a market of its own", function()
    market:add(hours("GBPUSD", 30))
    local days = market:resample { timeframe = "1d", pairs = { "GBPUSD" } }
    assert.equal(1, #days:pairs())
    assert.equal("GBPUSD", days:pairs()[1].pair)
    assert.equal(2, days:pairs()[1].bars)
    local ok, err = pcall(market.add, market, hours("AUDUSD", 30))
    assert.is_false(ok)
    assert.equal("EBUSY", err.status)
    days:free()
    market:add(hours("AUDUSD", 30))
    ok, err = pcall(market.resample, market, { timeframe = "1d", pairs = { "EURGBP" } })
    assert.is_false(ok)
    assert.equal("options.pairs: the market has no pair 'EURGBP'", tostring(err))
    ok, err = pcall(market.resample, market, {})
    assert.is_false(ok)
    assert.equal("options.timeframe: a time frame is needed", tostring(err))
  end)
end)

describe("sliders run --timeframe", function()
  local shell

  setup(function()
    shell = session.open()
    shell:write("eurusd-1d.csv", "time,close\n2024-01-01,1.1\n2024-01-02,1.2\n2024-01-03,1.3\n2024-01-04,1.2\n")
    shell:write("eurusd-1h.csv", "time,close\n2024-01-02 10:00,1.1\n2024-01-02 11:00,1.2\n2024-01-02 12:00,1.3\n2024-01-02 13:00,1.2\n2024-01-02 14:00,1.2\n")
    shell:write("probe.lua", [[
      local sliders = require "sliders"
      local S = sliders.strategy { warmup = 0 }
      function S:bar() print(self.bars.close[0]) end
      return S
    ]])
  end)

  teardown(function() shell:close() end)

  it("chooses among the periods of a folder", function()
    local said = shell:run "sliders run probe.lua --data ."
    assert.equal(1, said.status)
    assert.equal("sliders: --timeframe: EURUSD is there as 1h and 1d: choose one with a time frame\n", said.err)
    assert.matches("2024%-01%-01 to 2024%-01%-04", shell:run("sliders run probe.lua --data . --timeframe 1d").out)
    assert.matches("2024%-01%-02 to 2024%-01%-02", shell:run("sliders run probe.lua --data . --timeframe 1h").out)
    assert.matches("2024%-01%-02 to 2024%-01%-02", shell:run("sliders run probe.lua --data . --timeframe 2h --day-end utc").out)
  end)

  it("chooses ticks", function()
    shell:run "mkdir GBPUSD"
    shell:write("GBPUSD/quotes.csv", "time,bid,ask\n2024-01-02 10:00:00,1.1,1.2\n2024-01-02 10:00:00,1.1,1.2\n2024-01-02 10:00:01,1.3,1.4\n")
    shell:write("GBPUSD/hours.csv", "time,close\n2024-01-02 10:00,1.1\n2024-01-02 11:00,1.2\n2024-01-02 12:00,1.3\n")
    assert.matches("\nTicks %(all pairs%): ", shell:run("sliders run probe.lua --data GBPUSD --timeframe ticks").out)
    assert.equal("sliders: --timeframe: EURUSD is there as 1h and 1d, not as ticks\n", shell:run("sliders run probe.lua --data . --timeframe ticks").err)
    assert.matches("^sliders: %-%-timeframe: 'ticks' is no time frame", shell:run("sliders data import GBPUSD --into st --timeframe ticks").err)
    shell:run "rm -r GBPUSD"
  end)

  it("writes the times of a CSV in one form: all as dates, or all with a time of day", function()
    shell:write("late.txt", "time,close\n2024-01-02 22:00,1.1\n2024-01-02 23:00,1.2\n2024-01-03 00:00,1.3\n")
    assert.equal(0, shell:run("sliders run probe.lua --data late.txt --pair EURUSD --csv hours --quiet").status)
    assert.matches("\n2024%-01%-02T23:00:00Z,EURUSD,0,100000\n2024%-01%-03T00:00:00Z,EURUSD,0,100000\n", shell:read "hours/equity.csv")
    assert.equal(0, shell:run("sliders run probe.lua --data . --timeframe 1d --csv days --quiet").status)
    assert.matches("^time,pair,set,equity\n2024%-01%-01,EURUSD,0,100000\n2024%-01%-02,", shell:read "days/equity.csv")
  end)

  it("dates what months decide by their last days, however long they are", function()
    shell:write("GBPUSD.csv", "time,close\n2023-01-30,1.1\n2023-01-31,1.2\n2023-02-01,1.3\n2023-02-28,1.2\n2023-03-01,1.2\n2023-04-28,1.3\n2023-05-31,1.3\n")
    shell:write("turn.lua", [[
      local sliders = require "sliders"
      local Turn = sliders.strategy { warmup = 0 }
      function Turn:bar(broker) broker:target(broker.position > 0 and -1 or 1) end
      return Turn
    ]])
    local function decided(options)
      assert.same({ status = 0, out = "", err = "" }, shell:run("sliders run turn.lua --data GBPUSD.csv --timeframe 1mo --csv months --quiet " .. options))
      local days = {}
      for day, dealt in shell:read("months/orders.csv"):gmatch "GBPUSD,0,%d,([%d-]*),([%d-]*)" do days[#days + 1] = day .. " " .. dealt end
      return days
    end
    assert.same({ "2023-01-31 2023-02-01", "2023-02-28 2023-03-01", "2023-03-31 2023-04-01", "2023-04-30 2023-05-01", "2023-05-31 " }, decided "")
    assert.same({ "2023-01-31 2023-01-31", "2023-02-28 2023-02-28" }, decided "--fill close --to 2023-02-28")
  end)

  it("writes the times of JSON in one form too", function()
    shell:write("turn.lua", [[
local sliders = require "sliders"
local Turn = sliders.strategy {}
function Turn:bar(broker) broker:target(broker.position > 0 and -1 or 1) end
return Turn
]])
    shell:write("midnight.txt", "time,close\n2024-01-03 22:00,1.1\n2024-01-03 23:00,1.2\n2024-01-04 00:00,1.3\n2024-01-04 01:00,1.2\n")
    assert.equal(0, shell:run("sliders run turn.lua --data midnight.txt --pair EURUSD --from 2024-01-03 --json hours.json --quiet").status)
    local json, times = shell:read "hours.json", 0
    for name, time in json:gmatch '"([%w_]+)": ?"(%d%d%d%d%-%d%d%-%d%d[^"]*)"' do
      assert.matches("T%d%d:%d%d:%d%dZ$", time, name)
      times = times + 1
    end
    assert.truthy(times > 6)
    assert.truthy(json:find('"2024-01-04T00:00:00Z"', 1, true))
    assert.matches("\n2  *2024%-01%-03T23:00:00Z  *1%.2\n3  *2024%-01%-04T00:00:00Z", shell:run("sliders data show midnight.txt --pair EURUSD").out)
    assert.equal(0, shell:run("sliders run probe.lua --data . --timeframe 1d --json days.json --quiet").status)
    assert.matches('"first": "2024%-01%-0%d"', shell:read "days.json")
  end)

  it("refuses what it does not know, by its option", function()
    local said = shell:run "sliders run probe.lua --data . --timeframe M5"
    assert.equal(2, said.status)
    assert.matches("^sliders: %-%-timeframe: 'M5' is no time frame; there are numbers of s, m, h and mo", said.err)
    assert.matches("^sliders: %-%-day%-end source needs %-%-day%-zone\n", shell:run("sliders run probe.lua --data . --day-end source").err)
    assert.matches("^sliders: %-%-day%-end goes with %-%-timeframe\n", shell:run("sliders run probe.lua --data . --day-end utc").err)
    assert.matches("^sliders: %-%-day%-zone goes with %-%-day%-end source\n", shell:run("sliders run probe.lua --data . --day-zone Asia/Tokyo").err)
    assert.equal(2, shell:run("sliders run probe.lua --data . --day-end tokyo").status)
  end)
end)
