-- `sliders data`: looking at prices on the disk, keeping them in a store, writing them out again.
local session = require "session"

local minutes = [[
time,open,high,low,close,volume
2024-01-02 21:50,1.09421,1.09425,1.09411,1.09416,99
2024-01-02 21:51,1.09418,1.0943,1.09416,1.0942,38
2024-01-02 21:53,1.09419,1.09431,1.09414,1.09428,60
2024-01-02 22:00,1.09428,1.09428,1.09410,1.09412,12
]]

describe("sliders data", function()
  local shell

  before_each(function()
    shell = session.open()
    shell:write("EURUSD.csv", minutes)
    shell:write("rates.csv", session.prices({ "GBPUSD", "USDJPY" }, 30))
  end)

  after_each(function() shell:close() end)

  local function out(line)
    local said = shell:run(line)
    assert.equal("", said.err)
    assert.equal(0, said.status)
    return said.out
  end

  local function failed(line, status)
    local said = shell:run(line)
    assert.equal("", said.out)
    assert.equal(status, said.status)
    return said.err
  end

  it("takes a number of workers for every verb", function()
    local lines = { "import EURUSD.csv --into st", "ls EURUSD.csv", "show EURUSD.csv", "check EURUSD.csv", "resample EURUSD.csv --into st --timeframe 1h",
      "export EURUSD.csv --csv out" }
    for _, line in ipairs(lines) do
      out("sliders data " .. line .. " --workers 2")
      local verb = line:match "^%a+"
      local said = "sliders: --workers is 1 to 1024, got '0'; leave it out to use every core\nTry `sliders data %s --help`.\n"
      assert.equal(said:format(verb), failed("sliders data " .. line .. " --workers 0", 2))
    end
  end)

  it("wants a verb, and helps with each", function()
    assert.equal("sliders: a verb is required: data import, ls, show, check, resample, export\nTry `sliders data --help`.\n", failed("sliders data", 2))
    assert.matches("did you mean 'ls'%?", failed("sliders data lst", 2))
    for _, verb in ipairs { "import", "ls", "show", "check", "resample", "export" } do
      assert.matches("^Usage: sliders data " .. verb, out("sliders data " .. verb .. " --help"))
      assert.equal("sliders: missing PATH\nTry `sliders data " .. verb .. " --help`.\n", failed("sliders data " .. verb, 2))
    end
  end)

  describe("ls", function()
    it("lists pairs with period, rows, span and side", function()
      assert.equal([[
pair    period  rows                 first                  last  side       what  source
EURUSD      1m     4  2024-01-02T21:50:00Z  2024-01-02T22:00:00Z   bid       bars    bars
GBPUSD      1d    30            2000-01-01            2000-02-02   mid  one price   rates
USDJPY      1d    30            2000-01-01            2000-02-02   mid  one price   rates
]], out "sliders data ls EURUSD.csv rates.csv")
      shell:write("rates.json", '{"source": "a bank\'s own"}')
      assert.equal([[
pair    period  rows       first        last  side       what        source
USDJPY      1d    30  2000-01-01  2000-02-02   mid  one price  a bank's own
]], out "sliders data ls . --pairs USDJPY")
    end)

    it("names what is not there", function()
      assert.equal("sliders: --pairs: the data hold no USDJPX; did you mean USDJPY?\n", failed("sliders data ls . --pairs USDJPX", 1))
      assert.equal("sliders: none: cannot open: No such file or directory\n", failed("sliders data ls none", 1))
    end)
  end)

  describe("show", function()
    it("prints the first and the last rows, with aligned prices", function()
      assert.equal([[
EURUSD 1m, bid, 4 rows
row                  time     open     high      low    close  volume
1    2024-01-02T21:50:00Z  1.09421  1.09425  1.09411  1.09416      99
...
4    2024-01-02T22:00:00Z  1.09428  1.09428  1.09410  1.09412      12
]], out "sliders data show EURUSD.csv --head 1 --tail 1")
      assert.equal([[
EURUSD 1m, bid, 4 rows
row                  time     open     high      low    close  volume
1    2024-01-02T21:50:00Z  1.09421  1.09425  1.09411  1.09416      99
2    2024-01-02T21:51:00Z  1.09418  1.09430  1.09416  1.09420      38
]], out "sliders data show EURUSD.csv --head 2")
    end)

    it("prints all of a short one", function()
      assert.equal(6, select(2, out("sliders data show EURUSD.csv"):gsub("\n", "")))
    end)

    it("prints the rows around a time", function()
      local text = out "sliders data show rates.csv --pairs GBPUSD --at 2000-01-20"
      assert.matches("\n15   2000%-01%-15 .*\n20   2000%-01%-20 .*\n25   2000%-01%-25", text)
      assert.equal(13, select(2, text:gsub("\n", "")))
      assert.matches("\n1 ", out "sliders data show rates.csv --pairs GBPUSD --at 1990-01-01")
    end)

    it("wants to be told which of several", function()
      assert.equal("sliders: there are several pairs: choose one with --pairs\n", failed("sliders data show rates.csv", 1))
      shell:write("gbpusd-1h.csv", "time,close\n2024-01-02 10:00,1.27\n2024-01-02 11:00,1.28\n")
      assert.equal("sliders: --timeframe: GBPUSD is there as 1h and 1d: choose one with a time frame\n", failed("sliders data show . --pairs GBPUSD", 1))
      assert.equal("sliders: --timeframe: GBPUSD is there as 1h and 1d, not as 4h\n", failed("sliders data show . --pairs GBPUSD --timeframe 4h", 1))
      assert.matches("^GBPUSD 1h, bid, 2 rows", out "sliders data show . --pairs GBPUSD --timeframe 1h")
    end)

    it("refuses options that make no sense", function()
      assert.matches("^sliders: %-%-head is a whole number of at least 0, got 'x'\n", failed("sliders data show . --head x", 2))
      assert.matches("^sliders: %-%-at goes without %-%-head and %-%-tail\n", failed("sliders data show . --at 2024-01-02 --head 3", 2))
      local said = "sliders: --at: time 'monday': year needs 4 digits\nTry `sliders data show --help`.\n"
      assert.equal(said, failed("sliders data show EURUSD.csv --at monday", 2))
    end)
  end)

  describe("resample", function()
    it("makes longer bars and keeps them", function()
      assert.equal("EURUSD 1h: 2 rows\n", out "sliders data resample EURUSD.csv --timeframe 1h --into store")
      assert.equal([[
EURUSD 1h, bid, 2 rows
row                  time     open     high      low    close  volume
1    2024-01-02T21:00:00Z  1.09421  1.09431  1.09411  1.09428     197
2    2024-01-02T22:00:00Z  1.09428  1.09428  1.09410  1.09412      12
]], out "sliders data show store")
      assert.equal("EURUSD 4h: 2 rows\n", out "sliders data resample store --timeframe 4h --into store") -- across 17:00 New York
      assert.equal("EURUSD 2h: 2 rows\n", out "sliders data resample store --timeframe 2h --into store --day-end utc --pairs EURUSD")
      assert.equal("EURUSD 1d: 2 rows\n", out "sliders data resample store --timeframe 1d --into store")
      assert.equal("1d\n1h\n2h\n4h", shell:files "store/EURUSD")
    end)

    it("leaves the same bytes when it is done again", function()
      out "sliders data resample EURUSD.csv --timeframe 1h --into store"
      local before = out "find store -type f | sort | xargs sha256sum"
      out "sliders data resample EURUSD.csv --timeframe 1h --into store --quiet"
      assert.equal(before, out "find store -type f | sort | xargs sha256sum")
    end)

    it("refuses what does not fit, and stores nothing then", function()
      assert.equal("sliders: the bars of GBPUSD are of 1d: none of 1h can be made of them\n", failed("sliders data resample . --timeframe 1h --into store", 1))
      assert.matches("^sliders: %-%-timeframe: 'M5' is no time frame; there are numbers of s, m, h and mo, 1d and 1w, such as 15m or 4h\n",
        failed("sliders data resample . --timeframe M5 --into store", 2))
      assert.matches("^sliders: %-%-day%-zone: 'Mars' is no time zone; ",
        failed("sliders data resample . --timeframe 1mo --day-end source --day-zone Mars --into store", 1))
      assert.matches("^sliders: %-%-pairs is names with commas between them, got ',,'\n", failed("sliders data ls . --pairs ,,", 2))
      assert.matches("^sliders: %-%-day%-end source needs %-%-day%-zone\n", failed("sliders data resample . --timeframe 1w --day-end source --into store", 2))
      assert.matches("^sliders: missing %-%-timeframe FRAME\n", failed("sliders data resample . --into store", 2))
      assert.matches("^sliders: missing %-%-into STORE\n", failed("sliders data resample . --timeframe 1w", 2))
      assert.equal("", shell:files "." :match "store" or "")
    end)
  end)

  describe("export", function()
    it("writes text that reads back as the same bytes", function()
      out "sliders data resample EURUSD.csv --timeframe 1m --into store"
      assert.equal("EURUSD 1m: 4 rows\n", out "sliders data export store --csv text")
      assert.equal([[
time,open,high,low,close,volume
2024-01-02T21:50:00Z,1.09421,1.09425,1.09411,1.09416,99
2024-01-02T21:51:00Z,1.09418,1.0943,1.09416,1.0942,38
2024-01-02T21:53:00Z,1.09419,1.09431,1.09414,1.09428,60
2024-01-02T22:00:00Z,1.09428,1.09428,1.0941,1.09412,12
]], shell:read "text/EURUSD-1m.csv")
    end)

    it("writes a NumPy file per column", function()
      assert.equal("GBPUSD 1d: 30 rows\n", out "sliders data export rates.csv --npy columns --pairs GBPUSD")
      assert.equal("close.npy\ntime.npy", shell:files "columns/GBPUSD/1d")
      assert.equal(128 + 30 * 8, #shell:read "columns/GBPUSD/1d/close.npy")
    end)

    it("writes one period where it is told which", function()
      shell:write("gbpusd-1h.csv", "time,close\n2024-01-02 10:00,1.27\n2024-01-02 11:00,1.28\n")
      assert.equal("GBPUSD 1h: 2 rows\n", out "sliders data export . --csv text --timeframe 1h")
      assert.equal("sliders: --timeframe: USDJPY is there as 1d, not as 1h\n", failed("sliders data export . --csv text --timeframe 1h --pairs USDJPY", 1))
    end)

    it("takes ticks back to the same bytes too", function()
      local first = "2024-01-02 10:00:00.250,1.1,1.1001\n2024-01-02 10:00:00.250,1.1001,1.1002\n"
      shell:write("EURUSD-ticks.csv", "timestamp,bid,ask\n" .. first .. "2024-01-02 10:00:01,1.1,1.1002\n")
      out "sliders data import EURUSD-ticks.csv --into store"
      assert.equal("EURUSD ticks: 3 rows\n", out "sliders data export store --csv text --timeframe ticks")
      assert.matches("^EURUSD ticks, both, 3 rows\n", out "sliders data show store --timeframe ticks")
      out "sliders data import text --into again"
      assert.equal("", out "diff -r store again")
      assert.equal("sliders: --timeframe: 'ticks' is no time frame; there are numbers of s, m, h and mo, 1d and 1w, such as 15m or 4h\n",
        (failed("sliders data resample store --timeframe ticks --into store", 2):gsub("\nTry.*", "\n")))
    end)

    it("wants to know where to", function()
      assert.matches("^sliders: missing %-%-csv DIR or %-%-npy DIR\n", failed("sliders data export .", 2))
      assert.matches("^sliders: /dev/null: cannot make folder", failed("sliders data export EURUSD.csv --csv /dev/null/text", 1))
      assert.matches("^sliders: /dev/null: cannot make folder", failed("sliders data export none.csv --npy /dev/null/columns", 1))
    end)
  end)

  describe("import", function()
    local function bytes() return out "find store -type f | sort | xargs sha256sum" end

    it("keeps files in a store, and the same again changes nothing", function()
      local said = out "sliders data import EURUSD.csv rates.csv --into store"
      assert.equal("EURUSD 1m: 4 rows, 4 new\nGBPUSD 1d: 30 rows, 30 new\nUSDJPY 1d: 30 rows, 30 new\n", said)
      local before = bytes()
      assert.equal("EURUSD 1m: 4 rows, nothing new\n", out "sliders data import EURUSD.csv --into store")
      assert.equal("", out "sliders data import . --into store --quiet")
      assert.equal(before, bytes())
      assert.equal("description.json\ng000001", shell:files "store/EURUSD/1m")
    end)

    it("joins months in the order of time, and appends a later one", function()
      shell:write("EURUSD-2.csv", "time,close\n2024-02-01 10:00,1.2\n2024-02-01 11:00,1.3\n2024-02-01 12:00,1.4\n")
      shell:write("EURUSD-1.csv", "time,close\n2024-01-01 10:00,1.1\n2024-01-01 11:00,1.15\n2024-01-01 12:00,1.12\n")
      assert.equal("EURUSD 1h: 6 rows, 6 new\n", out "sliders data import EURUSD-2.csv EURUSD-1.csv --into store")
      shell:write("EURUSD-3.csv", "time,close\n2024-02-01 12:00,1.4\n2024-02-01 13:00,1.5\n2024-02-01 14:00,1.6\n") -- one row overlaps
      assert.equal("EURUSD 1h: 8 rows, 2 new\n", out "sliders data import EURUSD-3.csv --into store")
      assert.matches("\n8 +2024%-02%-01T14:00:00Z +1%.60", out "sliders data show store")
      out "sliders data import EURUSD-1.csv EURUSD-2.csv EURUSD-3.csv --into other"
      assert.equal(out "cat other/EURUSD/1h/g000001/*.npy | sha256sum", out "cat store/EURUSD/1h/g000002/*.npy | sha256sum")
    end)

    it("refuses other values for a time, naming both files and lines, and leaves the store", function()
      shell:write("EURUSD-1.csv", "time,close\n2024-01-01 10:00,1.1\n2024-01-01 11:00,1.15\n2024-01-01 12:00,1.12\n")
      shell:write("EURUSD-2.csv", "time,close\n2024-01-01 12:00,1.13\n2024-01-01 13:00,1.15\n2024-01-01 14:00,1.12\n")
      assert.equal("sliders: EURUSD-2.csv:2: EURUSD at 2024-01-01T12:00:00Z has other values than in EURUSD-1.csv:4\n",
        failed("sliders data import EURUSD-2.csv EURUSD-1.csv --into store", 1))
      assert.is_nil(shell:files("."):match "store")
      out "sliders data import EURUSD-1.csv --into store"
      local before = bytes()
      assert.equal("sliders: EURUSD-2.csv:2: EURUSD at 2024-01-01T12:00:00Z has other values than in store/EURUSD/1h\n",
        failed("sliders data import EURUSD-2.csv rates.csv --into store", 1))
      assert.equal(before, bytes())
      assert.equal("EURUSD", shell:files "store")
    end)

    it("stores nothing of a bad file, and all that is good of it where it may", function()
      shell:write("AUDUSD.csv", "time,close\n2024-01-01 10:00,0.7\n2024-01-01 11:00,-1\n2024-01-01 12:00,0.7\n2024-01-01 13:00,0.7\n")
      assert.equal("sliders: ./AUDUSD.csv:3:18: close: -1; a price must be above 0\n", failed("sliders data import . --into store", 1))
      assert.is_nil(shell:files("."):match "store")
      local said = shell:run "sliders data import AUDUSD.csv --into store --lenient"
      assert.equal("AUDUSD 1h: 3 rows, 3 new\n", said.out)
      assert.equal("AUDUSD.csv:3:18: dropped: close: -1; a price must be above 0\n", said.err)
    end)

    it("takes what files do not say from options, and makes longer bars", function()
      shell:write("prices.csv", "time,close\n2024-01-02 10:00,109421\n2024-01-02 10:10,109430\n2024-01-02 10:20,109440\n2024-01-02 10:30,109500\n")
      out "sliders data import prices.csv --pair EURUSD --scale 100000 --zone +05:30 --side mid --timeframe 30m --into store"
      assert.equal([[
EURUSD 30m, mid, 2 rows
row                  time     open    high      low   close
1    2024-01-02T04:30:00Z  1.09421  1.0944  1.09421  1.0944
2    2024-01-02T05:00:00Z  1.09500  1.0950  1.09500  1.0950
]], out "sliders data show store")
      assert.matches("^sliders: missing %-%-into STORE\n", failed("sliders data import prices.csv", 2))
      assert.matches("^sliders: %-%-zone: 'Mars' is no time zone; ", failed("sliders data import EURUSD.csv --zone Mars --into store", 1))
    end)

    it("remembers that a clock is not known, and joins nothing to it whose clock is", function()
      local rows = "2024.01.02,16:50,1.1,1.2,1.0,1.1,5\n2024.01.02,16:51,1.1,1.2,1.0,1.1,5\n2024.01.02,16:52,1.1,1.2,1.0,1.1,5\n"
      local warning = "store/EURUSD/1m: warning: the clock of its times is not known: they are taken as they stand; "
        .. "tell it by zone when the files are imported\n"
      shell:write("EURUSD-mt4.csv", rows)
      shell:write("GBPUSD-mt4.csv", rows)
      assert.matches("the clock of mt4 is the broker's and not known", shell:run("sliders data import EURUSD-mt4.csv --into store").err)
      out "sliders data import GBPUSD-mt4.csv --zone EET-NY --into store"
      assert.matches('"floating": true', shell:read "store/EURUSD/1m/description.json")
      assert.falsy(shell:read("store/GBPUSD/1m/description.json"):find "floating")
      assert.equal(warning, shell:run("sliders data ls store").err)
      assert.equal("sliders: store/EURUSD/1m: EURUSD (1m) is loaded already from EURUSD-mt4.csv, and the clock of one is known, "
        .. "that of store/EURUSD/1m is not; tell it by zone\n",
        failed("sliders data import EURUSD-mt4.csv --zone EET-NY --into store", 1))
      shell:run "sliders data export store --csv text"
      assert.matches("\n2024%-01%-02T16:50:00,1.1,", shell:read "text/EURUSD-1m.csv")
      out "sliders data import text --into again" -- told by the description now
      assert.equal("", out "diff -r store again")
      assert.equal("", out "sliders data resample text/GBPUSD-1m.csv --timeframe 5m --into again --quiet")
    end)

    it("takes what it has written as text back to the same bytes", function()
      out "sliders data import EURUSD.csv rates.csv --into store"
      out "sliders data resample store --timeframe 1mo --into store --pairs GBPUSD"
      out "sliders data export store --csv text"
      out "sliders data import text --into again"
      for _, place in ipairs { "EURUSD/1m", "GBPUSD/1d", "GBPUSD/1mo", "USDJPY/1d" } do
        assert.equal("", out(("diff -r store/%s again/%s"):format(place, place)))
      end
    end)
  end)

  describe("check", function()
    it("passes what is sound", function()
      assert.equal([[
pair    period  rows                 first                  last  open hours  missing  gaps  smaller
EURUSD      1m     4  2024-01-02T21:50:00Z  2024-01-02T22:00:00Z           0   63.64%     0        2
0 errors, 0 warnings
]], out "sliders data check EURUSD.csv")
    end)

    it("lists bad rows by line, and looks through the rest", function()
      shell:write("GBPUSD.csv", table.concat({
        "time,open,high,low,close", "2024-01-02 10:00,1.2,1.3,1.1,1.2", "2024-01-02 11:00,1.2,1.1,1.3,1.2", "2024-01-02 12:00,0,0,0,0",
        "2024-01-02 13:00,1.2,1.3,1.1,1.2",
        "2024-01-02 14:00,1.2,1.3,1.1,1.2", "2024-01-02 14:00,1.2,1.3,1.1,1.2", "2024-01-02 13:00,1.2,1.3,1.1,1.2", "2024-01-02 15:00,1.2,1.3,1.1,1.2",
        "2024-01-02 20:00,1.2,1.3,1.1,1.2", "",
      }, "\n"))
      local said = shell:run "sliders data check GBPUSD.csv --json report.json"
      assert.equal(1, said.status)
      assert.equal([[
GBPUSD.csv:3:22: error: row: the high is below the low
GBPUSD.csv:4:18: error: row: open: 0; a price must be above 0
GBPUSD.csv:7:1: error: row: 2024-01-02 14:00 is the time of the row before
GBPUSD.csv:8:1: error: row: 2024-01-02 13:00 is earlier than the row before
GBPUSD.csv:5: warning: gap at 2024-01-02T11:00:00Z: no row for 2 hours, 2 hours of open market
GBPUSD.csv:10: warning: gap at 2024-01-02T16:00:00Z: no row for 4 hours, 4 hours of open market

pair    period  rows                 first                  last  open hours  missing  gaps  smaller
GBPUSD      1h     5  2024-01-02T10:00:00Z  2024-01-02T20:00:00Z          11   54.55%     2        0
4 errors, 2 warnings
]], said.out)
      local json = shell:read "report.json"
      assert.matches('"errors": 4,\n', json)
      assert.matches('"column": 22,\n +"file": "GBPUSD.csv",\n +"kind": "row",\n +"level": "error",\n +"line": 3,', json)
      assert.matches('"until": "2024%-01%-02T20:00:00Z"', json)
    end)

    it("writes its findings to standard output, and tells before it looks where they cannot be written", function()
      local json = out "sliders data check EURUSD.csv --quiet --json -"
      assert.matches('^{\n.*"errors": 0,\n.*}\n$', json)
      out "sliders data check EURUSD.csv --json report.json"
      assert.equal(shell:read "report.json", json)
      assert.equal("", out "sliders data check EURUSD.csv --quiet --json report.json")
      assert.matches("^sliders: %-%-json %- goes with %-%-quiet: ", failed("sliders data check EURUSD.csv --json -", 2))
      assert.equal("sliders: none/r.json: cannot create: No such file or directory\n", failed("sliders data check EURUSD.csv --json none/r.json", 1))
      assert.matches("^sliders: %-%-json is a path, got ''\n", failed("sliders data check EURUSD.csv --json ''", 2))
    end)

    it("knows a store's rows by their numbers, and other lengths of holes", function()
      shell:write("GBPUSD.csv", "time,close\n2024-01-02 10:00,1.2\n2024-01-02 11:00,1.2\n2024-01-02 12:00,1.2\n2024-01-02 16:00,1.2\n")
      out "sliders data import GBPUSD.csv --into store"
      assert.matches("^GBPUSD 1h row 4: warning: gap at 2024%-01%-02T13:00:00Z: no row for 3 hours, 3 hours of open market\n", out "sliders data check store")
      assert.matches("^pair ", out "sliders data check store --gap 3h")
      assert.matches("^sliders: %-%-gap is a length such as 30m, 4h or 2d, got '3x'\n", failed("sliders data check store --gap 3x", 2))
    end)

    it("names a file that cannot be read at all, and goes on with the next", function()
      shell:write("empty.csv", "")
      local said = shell:run "sliders data check empty.csv none.csv EURUSD.csv"
      assert.equal(1, said.status)
      assert.matches("^empty.csv: error: file: the file is empty\nnone.csv: error: file: cannot open: No such file or directory\n\npair ", said.out)
      assert.matches("\n2 errors, 0 warnings\n$", said.out)
    end)

    -- Rows at these hours of the first days of February 2024 but for weekends.
    local function days(count, hours)
      local rows = { "time,close" }
      for day = 1, count do
        for _, hour in ipairs((day + 2) % 7 < 5 and hours or {}) do rows[#rows + 1] = ("2024-02-%02d %02d:00,1.2"):format(day, hour) end
      end
      return table.concat(rows, "\n") .. "\n"
    end

    it("counts in one line what lacks as a rule, and lists it where it is told to", function()
      shell:write("GBPUSD.csv", (days(28, { 10, 11, 12 }):gsub("2024%-02%-15 11:00,1%.2\n", "")))
      assert.equal([[
GBPUSD.csv:2: warning: zone at 2024-02-01T10:00:00Z: weeks end 9 hours before Friday 17:00 New York: are the times of another zone?
GBPUSD 1h: note: 19 pauses at weekends, on holidays or at hours that lack as a rule, 399 hours in all; --all lists them

pair    period  rows                 first                  last  open hours  missing  gaps  smaller
GBPUSD      1h    59  2024-02-01T10:00:00Z  2024-02-28T12:00:00Z          60    1.67%     0        1
0 errors, 1 warning
]], out "sliders data check GBPUSD.csv --json report.json")
      assert.equal(19, select(2, shell:read("report.json"):gsub('"kind": "pause"', "")))
      local all = out "sliders data check GBPUSD.csv --all"
      assert.matches("\nGBPUSD.csv:5: note: pause at 2024%-02%-01T13:00:00Z: no row for 21 hours, 21 hours of open market\n", all)
      assert.equal(19, select(2, all:gsub(": note: pause", "")))
    end)

    it("names the file of the period, where a folder holds a pair in several", function()
      shell:write("EURUSD-h1.csv", "time,close\n2024-01-02 10:00,1.1\n2024-01-02 11:00,1.1\n2024-01-02 12:00,1.1\n2024-01-02 16:00,1.1\n")
      assert.matches("\n./EURUSD%-h1.csv:5: warning: gap at 2024%-01%-02T13:00:00Z: no row for 3 hours", out "sliders data check .")
    end)

    -- The hours in which the market is open, `count` weeks from a Sunday on, which is a number of days from New Year 2024.
    -- The clock is `off` hours ahead.
    local function weeks(sunday, count, off)
      local rows = { "time,close" }
      for hour = 0, count * 168 - 1 do
        local shown = sunday * 24 + 22 + hour + off
        local day = math.floor(shown / 24)
        local date = day < 31 and ("01-%02d"):format(day + 1) or day < 60 and ("02-%02d"):format(day - 30) or ("03-%02d"):format(day - 59)
        if math.fmod(hour, 168) < 120 then rows[#rows + 1] = ("2024-%s %02d:00,1.2"):format(date, math.fmod(shown, 24)) end
      end
      return table.concat(rows, "\n") .. "\n"
    end

    it("sees gaps, overlaps and other values between files as within one", function()
      local head = "time,close\n2024-01-02 10:00,1.1\n2024-01-02 11:00,1.1\n2024-01-02 12:00,1.1\n"
      shell:write("EURUSD_1.csv", head)
      shell:write("EURUSD_2.csv", "time,close\n2024-01-02 17:00,1.1\n2024-01-02 18:00,1.1\n2024-01-02 19:00,1.1\n")
      assert.matches("^EURUSD_2.csv:2: warning: gap at 2024%-01%-02T13:00:00Z: no row for 4 hours, 4 hours of open market\n",
        out "sliders data check EURUSD_2.csv EURUSD_1.csv")
      shell:write("EURUSD_2.csv", "time,close\n2024-01-02 11:00,1.1\n2024-01-02 12:00,1.2\n2024-01-02 13:00,1.2\n")
      local said = shell:run "sliders data check EURUSD_*.csv"
      assert.equal(1, said.status)
      assert.equal([[
EURUSD_2.csv:3: error: row: EURUSD at 2024-01-02T12:00:00Z has other values than in EURUSD_1.csv:4
EURUSD_2.csv: warning: overlap at 2024-01-02T11:00:00Z: the file begins here, and EURUSD_1.csv goes on until 2024-01-02T12:00:00Z

pair    period  rows                 first                  last  open hours  missing  gaps  smaller
EURUSD      1h     4  2024-01-02T10:00:00Z  2024-01-02T13:00:00Z           4    0.00%     0        0
1 error, 1 warning
]], said.out)
    end)

    it("tells of files that go on in another period, not of those that hold both", function()
      shell:write("EURUSD_1.csv", "time,close\n2024-01-02 10:00,1.1\n2024-01-02 10:01,1.1\n2024-01-02 10:02,1.1\n")
      shell:write("EURUSD_2.csv", "time,close\n2024-01-02 11:00,1.1\n2024-01-02 12:00,1.1\n2024-01-02 13:00,1.1\n")
      assert.matches("^EURUSD_2.csv: warning: period at 2024%-01%-02T11:00:00Z: 1h from here on, 1m in the files before: a run takes one of them\n",
        out "sliders data check EURUSD_*.csv")
      shell:write("EURUSD_2.csv", "time,close\n2024-01-02 10:00,1.1\n2024-01-02 11:00,1.1\n2024-01-02 12:00,1.1\n")
      assert.falsy(out("sliders data check EURUSD_*.csv"):find "period at")
    end)

    it("sees a clock that changes with the file in a few weeks", function()
      shell:write("EURUSD_1.csv", weeks(6, 4, 0))
      shell:write("EURUSD_2.csv", weeks(34, 4, 2))
      local found = "EURUSD_2.csv:2: warning: clock at 2024%-02%-05T00:00:00Z: "
        .. "from here on weeks end 2 hours after Friday 17:00 New York; up to here on time: the clock changed\n"
      assert.matches(found, out "sliders data check EURUSD_*.csv")
      shell:write("EURUSD_2.csv", weeks(34, 4, 0))
      assert.matches("\n0 errors, 0 warnings\n$", out "sliders data check EURUSD_*.csv")
    end)

    it("refuses an option that is wrong for every file, without a finding", function()
      assert.matches("^sliders: %-%-zone: 'Mars' is no time zone; ", failed("sliders data check EURUSD.csv rates.csv --zone Mars", 1))
      assert.equal("sliders: --ask: a file of asks goes with one file of bids, not with several\n",
        failed("sliders data check EURUSD.csv rates.csv --ask a.csv", 1))
    end)

    it("leaves out one that does not go with the others, and looks at those", function()
      shell:write("EURUSD_1.csv", "time,close\n2024-01-02 10:00,1.1\n2024-01-02 11:00,1.1\n2024-01-02 12:00,1.1\n")
      shell:write("EURUSD_2.csv", "time,open,high,low,close\n2024-01-02 13:00,1,1,1,1\n2024-01-02 14:00,1,1,1,1\n2024-01-02 15:00,1,1,1,1\n")
      shell:write("EURUSD_3.csv", "time,close\n2024-01-02 20:00,1.1\n2024-01-02 21:00,1.1\n2024-01-02 22:00,1.1\n")
      local said = shell:run "sliders data check EURUSD_*.csv"
      assert.equal(1, said.status)
      assert.matches("^EURUSD_2.csv: error: file: EURUSD %(1h%) is loaded already from EURUSD_1.csv, with other columns or of another side\n"
        .. "EURUSD_3.csv:2: warning: gap ", said.out)
    end)

    it("names the file alone of rows that go back in time, and the rows behind it right", function()
      shell:write("EURUSD_1.csv", "time,close\n2024-01-02 18:00,1.1\n2024-01-02 12:00,1.1\n2024-01-02 11:00,1.1\n2024-01-02 10:00,1.1\n")
      shell:write("EURUSD_1.json", '{ "newest_first": true }')
      shell:write("EURUSD_2.csv", "time,close\n2024-01-02 19:00,1.1\n2024-01-02 20:00,1.1\n2024-01-02 21:00,1.1\n2024-01-03 02:00,1.1\n")
      assert.matches("^EURUSD_1.csv: warning: gap at 2024%-01%-02T13:00:00Z: [^\n]*\nEURUSD_2.csv:5: warning: gap at 2024%-01%-02T22:00:00Z: ",
        out "sliders data check EURUSD_1.csv EURUSD_2.csv")
    end)

    it("takes asks of a file of their own for no other part of the pair", function()
      local bids = "time,close\n2024-01-02 10:00,1.1\n2024-01-02 11:00,1.1\n2024-01-02 12:00,1.1\n2024-01-02 18:00,1.1\n"
      shell:write("EURUSD.csv", bids)
      shell:write("EURUSD_ask.csv", (bids:gsub("1%.1\n", "1.2\n")))
      assert.matches("^EURUSD.csv:5: warning: gap at [^\n]*\n\npair [^\n]*\nEURUSD [^\n]*\n0 errors, 1 warning\n$",
        out "sliders data check EURUSD.csv --ask EURUSD_ask.csv")
    end)

    it("names rows by their numbers where some come from a file of several pairs", function()
      shell:write("fixings.csv", "date,EURUSD\n2024-01-02,1.1\n2024-01-03,1.1\n2024-01-04,1.1\n")
      shell:write("EURUSD.csv", "date,close\n2024-01-08,1.1\n2024-01-09,1.1\n2024-01-10,1.1\n2024-02-08,1.1\n")
      assert.matches("^EURUSD 1d row 7: warning: gap ", out "sliders data check fixings.csv EURUSD.csv --side mid")
    end)

    it("names no line where files overlap", function()
      shell:write("EURUSD-a.csv", "time,close\n2024-01-02 10:00,1.1\n2024-01-02 11:00,1.1\n2024-01-02 12:00,1.1\n2024-01-02 13:00,1.1\n")
      shell:write("EURUSD-b.csv", "time,close\n2024-01-02 12:00,1.1\n2024-01-02 13:00,1.1\n2024-01-02 14:00,1.1\n2024-01-02 18:00,1.1\n")
      assert.matches("\nEURUSD 1h row 6: warning: gap at 2024%-01%-02T15:00:00Z", out "sliders data check .")
    end)

    it("prints the first ten of a kind, and all where it is told to", function()
      shell:write("GBPUSD.csv", days(12, { 10, 11, 12, 15, 16, 17, 20, 21, 22 }))
      local text = out "sliders data check GBPUSD.csv"
      assert.equal(10, select(2, text:gsub(": warning: gap", "")))
      assert.matches("\n%.%.%. and 13 more of: warning gap\n", text)
      assert.equal(23, select(2, out("sliders data check GBPUSD.csv --all"):gsub(": warning: gap", "")))
    end)
  end)
end)
