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

  it("wants a verb, and helps with each", function()
    assert.equal("sliders: a verb is required: data ls, show, resample, export\nTry `sliders data --help`.\n", failed("sliders data", 2))
    assert.matches("did you mean 'ls'%?", failed("sliders data lst", 2))
    for _, verb in ipairs { "ls", "show", "resample", "export" } do
      assert.matches("^Usage: sliders data " .. verb, out("sliders data " .. verb .. " --help"))
      assert.equal("sliders: missing PATH\nTry `sliders data " .. verb .. " --help`.\n", failed("sliders data " .. verb, 2))
    end
  end)

  describe("ls", function()
    it("lists pairs with period, rows, span and side", function()
      assert.equal([[
pair    period  rows                 first                  last  side       what
EURUSD      1m     4  2024-01-02T21:50:00Z  2024-01-02T22:00:00Z   bid       bars
GBPUSD      1d    30            2000-01-01            2000-02-02   mid  one price
USDJPY      1d    30            2000-01-01            2000-02-02   mid  one price
]], out "sliders data ls EURUSD.csv rates.csv")
      assert.equal([[
pair    period  rows       first        last  side       what
USDJPY      1d    30  2000-01-01  2000-02-02   mid  one price
]], out "sliders data ls . --pairs USDJPY")
    end)

    it("names what is not there", function()
      assert.equal("sliders: the data hold no USDJPX; did you mean USDJPY?\n", failed("sliders data ls . --pairs USDJPX", 1))
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
      local text = out "sliders data show rates.csv --pair GBPUSD --at 2000-01-20"
      assert.matches("\n15   2000%-01%-15 .*\n20   2000%-01%-20 .*\n25   2000%-01%-25", text)
      assert.equal(13, select(2, text:gsub("\n", "")))
      assert.matches("\n1 ", out "sliders data show rates.csv --pair GBPUSD --at 1990-01-01")
    end)

    it("wants to be told which of several", function()
      assert.equal("sliders: there are several pairs: choose one with --pair\n", failed("sliders data show rates.csv", 1))
      shell:write("gbpusd-1h.csv", "time,close\n2024-01-02 10:00,1.27\n2024-01-02 11:00,1.28\n")
      assert.equal("sliders: GBPUSD is there as 1h and 1d: choose one with a time frame\n", failed("sliders data show . --pair GBPUSD", 1))
      assert.equal("sliders: GBPUSD is there as 1h and 1d, not as 4h\n", failed("sliders data show . --pair GBPUSD --timeframe 4h", 1))
      assert.matches("^GBPUSD 1h, bid, 2 rows", out "sliders data show . --pair GBPUSD --timeframe 1h")
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
      assert.equal("sliders: USDJPY is there as 1d, not as 1h\n", failed("sliders data export . --csv text --timeframe 1h --pairs USDJPY", 1))
    end)

    it("wants to know where to", function()
      assert.matches("^sliders: missing %-%-csv DIR or %-%-npy DIR\n", failed("sliders data export .", 2))
      assert.matches("^sliders: /dev/null: cannot make folder", failed("sliders data export EURUSD.csv --csv /dev/null/text", 1))
    end)
  end)
end)
