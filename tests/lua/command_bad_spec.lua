-- What a user gets wrong, and what can go wrong around: one clear error, a status that is not 0, and nothing lost.
local session = require "session"

local shell

local hold = [[
local sliders = require "sliders"
local Hold = sliders.strategy { params = { size = sliders.number(1, -5, 5), bars = sliders.int(3, 1, 9) } }
function Hold:bar(broker, p) broker:target(p.size) end
return Hold
]]

local breaks_in_yen = [[
local sliders = require "sliders"
local Broken = sliders.strategy {}
local function sum(bars)
  local nothing
  return nothing.at_all
end
function Broken:bar(broker)
  if self.bars.pair == "USDJPY" then sum(self.bars) end
  broker:target(1)
end
return Broken
]]

setup(function()
  shell = session.open()
  shell:write("prices.csv", session.prices({ "EURUSD", "GBPUSD", "USDJPY" }, 60))
  shell:write("hold.lua", hold)
  shell:write("yen.lua", breaks_in_yen)
  shell:write("flip.lua", (hold:gsub("target%(p.size%)", "target(broker.position > 0 and -1 or 1)")))
end)

teardown(function() shell:close() end)

-- Runs `line` and demands `status` and exactly this on stderr.
local function fails(line, status, err)
  local said = shell:run(line)
  assert.equal(err, said.err)
  assert.equal(status, said.status)
  return said
end

-- The same for a command line that makes no sense.
local function senseless(line, message)
  local said = fails("sliders run " .. line, 2, "sliders: " .. message .. "\nTry `sliders run --help`.\n")
  assert.equal("", said.out)
end

-- The same for a run that fails: nothing is printed, and no file is made.
local function fails_whole(line, message)
  shell:run "rm -rf made.json made"
  local said = fails("sliders run " .. line .. " --json made.json --csv made", 1, "sliders: " .. message .. "\n")
  assert.equal("", said.out)
  assert.is_nil(shell:read "made.json")
  assert.is_nil(shell:read "made/equity.csv")
end

-- A file of prices is refused with one line, which begins with the place and names what stands there.
local function refuses_prices(text, place, what)
  shell:write("bad.csv", text)
  local said = shell:run "sliders run hold.lua --data bad.csv --json made.json"
  assert.equal(1, said.status)
  assert.equal("", said.out)
  assert.equal("sliders: bad.csv" .. place, said.err:sub(1, #place + 16))
  assert.truthy(said.err:find(what, #place + 17, true), said.err)
  assert.equal(#said.err, said.err:find("\n", 1, true))
  assert.is_nil(shell:read "made.json")
end

describe("bad data", function()
  it("that are not there are named", function()
    fails_whole("hold.lua --data nowhere.csv", "nowhere.csv: cannot open: No such file or directory")
  end)

  it("with a column that names no pair are refused at the column, with what was meant", function()
    refuses_prices("date,EURUSD,USDJPX\n2001-01-01,1.1,100\n", ":1:13: ", "USDJPY")
  end)

  it("with a bad date are refused at line and column", function()
    refuses_prices("date,EURUSD\n2001-01-01,1.1\n2001-13-02,1.2\n", ":3:1: ", "'2001-13-02'")
  end)

  it("with a bad number are refused at line and column", function()
    refuses_prices("date,EURUSD,GBPUSD\n2001-01-01,1.1,1.5\n2001-01-02,1.2,1x5\n", ":3:16: ", "'1x5'")
  end)

  it("with a price that none can be are refused at line and column", function()
    refuses_prices("date,EURUSD\n2001-01-01,-1.1\n", ":2:12: ", "-1.1")
  end)

  it("that do not go forward in time are refused at the line", function()
    refuses_prices("date,EURUSD\n2001-01-02,1.1\n2001-01-02,1.2\n", ":3:1: ", "2001-01-02")
    refuses_prices("date,EURUSD\n2001-01-02,1.1\n2001-01-03,1.2\n2001-01-01,1.2\n", ":4:1: ", "2001-01-01")
  end)

  it("with a field too many are refused at the field", function()
    refuses_prices("date,EURUSD\n2001-01-01,1.1,7\n", ":2:16: ", "3 fields")
  end)

  it("without rows, or empty, are refused", function()
    refuses_prices("date,EURUSD\n", ":1:1: ", "no rows")
    refuses_prices("", ": ", "empty")
  end)

  it("of one pair with different values at one time are refused with both places, whether they are named or lie in a folder", function()
    shell:run "mkdir -p two"
    shell:write("two/eurusd-1.csv", "time,close\n2024-01-02,1.1\n2024-01-03,1.2\n")
    shell:write("two/eurusd-2.csv", "time,close\n2024-01-03,1.3\n2024-01-04,1.2\n")
    local said = "two/eurusd-2.csv:2: EURUSD at 2024-01-03 has other values than in two/eurusd-1.csv:3"
    fails_whole("hold.lua --data two", said)
    fails_whole("hold.lua --data two/eurusd-2.csv two/eurusd-1.csv", said)
    fails_whole("hold.lua --data two/eurusd-1.csv --data two/eurusd-2.csv", said)
    shell:write("two/eurusd-2.csv", "time,close\n2024-01-03,1.2\n2024-01-04,1.2\n")
    assert.matches("2024%-01%-02 to 2024%-01%-04", shell:run("sliders run hold.lua --data two/eurusd-2.csv two/eurusd-1.csv").out)
    fails_whole("hold.lua --data two/eurusd-2.csv two/eurusd-1.csv --ask two/asks.csv", "--ask: a file of asks goes with one file of bids, not with several")
    shell:run "sliders data import two --into store"
    fails_whole("hold.lua --data store two", "two/eurusd-1.csv: EURUSD (1d) is loaded already; a market holds a pair and period once")
  end)
end)

describe("a bad command line", function()
  it("with 0 workers says what is meant", function()
    senseless("hold.lua --data prices.csv --workers 0", "--workers is 1 to 1024, got '0'; leave it out to use every core")
  end)

  it("with a senseless number, date or choice names the option", function()
    senseless("hold.lua --data prices.csv --capital none", "--capital is a number above 0, got 'none'")
    senseless("hold.lua --data prices.csv --json ''", "--json is a path, got ''")
    senseless("hold.lua --data prices.csv --csv ''", "--csv is a path, got ''")
    senseless("hold.lua --data prices.csv --pairs ,", "--pairs is names with commas between them, got ','")
  end)

  it("that the data or the strategy do not go with names the option too", function()
    fails_whole("hold.lua --data prices.csv --timeframe 1w --day-end source --day-zone Mars",
      "--day-zone: 'Mars' is no time zone; there are UTC, offsets such as +05:30, names such as America/New_York, EET-NY and floating")
    fails_whole("hold.lua --data prices.csv --stop-out 150", "--stop-out: must be at most the margin call: 100 % of the margin, not 150 %")
    fails_whole("hold.lua --data prices.csv --pairs EURUSD --rollover rates",
      "--rollover: EURUSD cannot be rolled over by rates: no short rates of EUR are loaded")
    fails_whole("hold.lua --data prices.csv --pairs EURUSD --rollover points",
      "--rollover: EURUSD cannot be rolled over by points: its swap_long and swap_short are not known; a file of instruments can say them")
    senseless("hold.lua --data prices.csv --spread -1", "--spread is a number of at least 0, or such a part of the price as 0.01%, got '-1'")
    senseless("hold.lua --data prices.csv --from 2001-1-1", "--from: time '2001-1-1': month needs 2 digits")
    senseless("hold.lua --data prices.csv --from 2002-01-01 --to 2001-01-01", "--from is later than --to")
    senseless("hold.lua --data prices.csv --vm lua53", "argument for option '--vm' must be one of 'luajit', 'lua54'")
    senseless("hold.lua --data prices.csv --set size", "--set is name=value, got 'size'")
  end)

  it("with a misspelt option says which was meant", function()
    senseless("hold.lua --data prices.csv --workres 2", "unknown option '--workres'; did you mean '--workers'?")
  end)

  it("without strategy or data says what is missing", function()
    senseless("", "missing STRATEGY")
    senseless("hold.lua", "missing --data PATH")
  end)

  it("with a misspelt command says which was meant", function()
    fails("sliders rnu", 2, "sliders: unknown command 'rnu'; did you mean 'run'?\nTry `sliders --help`.\n")
    fails("sliders", 2, "sliders: a command is required: run, check, data or strategies\nTry `sliders --help`.\n")
  end)
end)

describe("rates of conversion", function()
  setup(function()
    local rows = { "date,EURUSD,USDJPY,GBPUSD" }
    for day = 1, 28 do
      local known = day < 4 and "1.1,150" or ","
      rows[#rows + 1] = ("2024-02-%02d,%s,1.3"):format(day, known)
    end
    shell:write("early.csv", table.concat(rows, "\n") .. "\n")
  end)

  it("that end before the prices name the pair that is missing, in a process of its own too", function()
    for _, isolation in ipairs { "thread", "process" } do
      local line = "sliders run hold.lua --data early.csv --pairs GBPUSD --quiet --isolation " .. isolation .. " --currency "
      local said = "sliders: GBPUSD: no conversion rate for USD at 2024-02-15: no close of %s in the ten days before\nsliders: 1 of 1 job failed\n"
      fails(line .. "EUR", 1, said:format "EURUSD")
      fails(line .. "JPY", 1, said:format "USDJPY")
    end
  end)
end)

describe("a bad name or value", function()
  it("of a pair is refused with the pair that was meant", function()
    fails_whole("hold.lua --data prices.csv --pairs EURUSX", "--pairs: the market has no pair 'EURUSX'; did you mean 'EURUSD'?")
  end)

  it("of a parameter is refused with the parameter that was meant", function()
    fails_whole("hold.lua --data prices.csv --set sizes=1", "--set: the strategy has no parameter 'sizes'; did you mean 'size'?")
  end)

  it("of a parameter out of its range is refused with the range", function()
    fails_whole("hold.lua --data prices.csv --set bars=10", "--set: parameter 'bars' must be a whole number from 1 to 9, not 10")
    fails_whole("hold.lua --data prices.csv --set bars=many", "--set: parameter 'bars' must be a number, not 'many'")
  end)

  it("of parameters that the strategy rejects together is refused in its name", function()
    local strategy = session.repository .. "/strategies/sma_cross.lua"
    fails_whole("sma_cross --data prices.csv --set fast=60", strategy .. ": the strategy's `valid` rejects its parameters together: fast = 60, slow = 50")
  end)

  it("of a strategy is refused with the strategy that was meant", function()
    fails_whole("momentun --data prices.csv", 'no strategy "momentun"; did you mean "momentum"?')
    fails_whole("nowhere.lua --data prices.csv", "nowhere.lua: cannot open: No such file or directory")
  end)

  it("of a window outside the data is refused with where they begin or end", function()
    fails_whole("hold.lua --data prices.csv --from 2030-01-01", "no bar from 2030-01-01 on: the data end 2000-03-04")
    fails_whole("hold.lua --data prices.csv --to 1990-01-01", "no bar up to 1990-01-01: the data begin 2000-01-01")
  end)
end)

describe("a bad strategy", function()
  local function with_strategy(text, message)
    shell:write("bad.lua", text)
    for _, vm in ipairs { "luajit", "lua54" } do fails_whole("bad.lua --data prices.csv --vm " .. vm, "bad.lua" .. message) end
  end

  it("with a syntax error is refused at its line", function()
    with_strategy("local sliders = require 'sliders'\nlocal x = = 3\n", ":2: unexpected symbol near '='")
  end)

  it("that returns no table is refused", function()
    with_strategy("local sliders = require 'sliders'\n", ": the file must return the table made by sliders.strategy, not nothing")
    with_strategy("return 5\n", ": the file must return the table made by sliders.strategy, not number")
  end)

  it("without a hook is refused, with the hook that was meant", function()
    with_strategy("local sliders = require 'sliders'\nlocal S = sliders.strategy {}\nfunction S:bars() end\nreturn S\n",
      ": the strategy defines neither bar nor signal; did you mean 'bar' by 'bars'?")
  end)

  for _, vm in ipairs { "luajit", "lua54" } do
    it("that errors in one pair in " .. vm .. " fails there with file, line and traceback, and the others are reported", function()
      local said = shell:run("sliders run yen.lua --data prices.csv --json yen.json --csv yen --vm " .. vm)
      assert.equal(1, said.status)
      local first, rest = said.err:match("^([^\n]*)\n(.*)$")
      assert.truthy(first:find("^sliders: USDJPY: yen%.lua:5: attempt to index "), first)
      assert.truthy(rest:find("^  stack traceback:\n    yen%.lua:5: in [^\n]*\n    yen%.lua:8: in [^\n]*\nsliders: 1 of 3 jobs failed\n$"), rest)
      assert.truthy(said.out:find("\nEURUSD  +%-?%d+%.%d%d%%"), said.out)
      assert.truthy(said.out:find("\nUSDJPY  +failed\n"), said.out)
      assert.truthy(said.out:find("; incomplete, some pairs are left out\n", 1, true))
      assert.truthy(shell:read("yen.json"):find('"state": "failed"', 1, true))
      assert.truthy(shell:read("yen/equity.csv"):find("EURUSD", 1, true))
    end)
  end
end)

describe("a full disk", function()
  local run = "sliders run hold.lua --data prices.csv "

  it("under the JSON file is one error, and the table is still shown", function()
    local said = fails(run .. "--json /dev/full", 1, "sliders: /dev/full: cannot write: No space left on device\n")
    assert.truthy(said.out:find("\nPORTFOLIO ", 1, true))
  end)

  it("under the table is one error", function()
    fails(run .. "> /dev/full", 1, "sliders: cannot write the output: No space left on device\n")
  end)

  it("leaves an earlier JSON file as it was, and no other", function()
    shell:run "mkdir -p kept && printf old > kept/r.json"
    fails("ulimit -f 1; " .. run .. "--quiet --json kept/r.json", 1, "sliders: kept/r.json: cannot write: File too large\n")
    assert.equal("old", shell:read "kept/r.json")
    assert.equal("r.json", shell:files "kept")
  end)

  it("under one of the three CSV files leaves all earlier ones as they were, and no other", function()
    shell:run "mkdir -p csv && for name in equity orders trades; do printf old > csv/$name.csv; done"
    -- 12 KiB hold the equity, which is written first, but not the trades.
    fails("ulimit -f 24; sliders run flip.lua --data prices.csv --quiet --csv csv", 1, "sliders: csv/trades.csv: cannot write: File too large\n")
    for _, name in ipairs { "equity", "orders", "trades" } do assert.equal("old", shell:read("csv/" .. name .. ".csv")) end
    assert.equal("equity.csv\norders.csv\ntrades.csv", shell:files "csv")
  end)

  it("costs the one output and not the other", function()
    local said = fails(run .. "--json /dev/full --csv fine", 1, "sliders: /dev/full: cannot write: No space left on device\n")
    assert.truthy(said.out:find("\nPORTFOLIO ", 1, true))
    assert.equal("equity.csv\norders.csv\ntrades.csv", shell:files "fine")
  end)
end)

describe("an output that cannot be written", function()
  -- Nothing runs: the strategy would fail, and the data are not there.
  local function refused(options, message)
    local said = fails("sliders run yen.lua --data nowhere.csv " .. options, 1, "sliders: " .. message .. "\n")
    assert.equal("", said.out)
  end

  it("is told of before anything runs", function()
    shell:write("file", "old")
    refused("--json nowhere/r.json --csv fine", "nowhere/r.json: cannot create: No such file or directory")
    refused("--json .", ".: cannot create: Is a directory")
    refused("--json file/r.json", "file/r.json: cannot create: Not a directory")
    refused("--csv file", "file: cannot make folder: Not a directory")
    refused("--csv file/below/it", "file: cannot make folder: Not a directory")
    refused("--csv /proc/none/below", "/proc/none/below: cannot create: No such file or directory")
  end)

  it("is looked at without a trace", function()
    shell:run "mkdir -p here && printf old > here/r.json"
    refused("--json here/r.json --csv here/deep/below", "nowhere.csv: cannot open: No such file or directory")
    assert.equal("r.json", shell:files "here")
    assert.equal("old", shell:read "here/r.json")
    shell:run "mkfifo here/pipe" -- to open it would wait for a reader, or end what one reads
    refused("--json here/pipe", "nowhere.csv: cannot open: No such file or directory")
  end)
end)
