local cli = require "sliders.cli"
local fake = require "fake"

local function run(world, line)
  local args = {}
  for word in line:gmatch("%S+") do args[#args + 1] = word end
  return cli.main(args, world)
end

local function script_error(fields)
  return setmetatable(fields, { __tostring = function(e) return ("%s:%d: %s"):format(e.file, e.line, e.message) end })
end

describe("the command", function()
  it("prints its version", function()
    local world = fake.world()
    assert.equal(0, run(world, "--version"))
    assert.equal("sliders 1.2.3\n", world.out.text)
  end)

  it("answers a senseless line with one sentence, where to look, and status 2", function()
    local world = fake.world()
    assert.equal(2, run(world, "run sma_cross --data x --workers 0"))
    assert.equal("sliders: --workers is 1 to 1024, got '0'; leave it out to use every core\nTry `sliders run --help`.\n", world.err.text)
    assert.equal("", world.out.text)
    assert.equal(2, run(fake.world(), "fly"))
    assert.equal(2, run(fake.world(), ""))
  end)

  it("counts a malformed date, and a window that ends before it begins, as senseless", function()
    local world = fake.world()
    assert.equal(2, run(world, "run sma_cross --data x --from soon"))
    assert.truthy(world.err.text:find("sliders: --from: 1:1: a date expected", 1, true))
    assert.equal(2, run(fake.world(), "run sma_cross --data x --from 2002-01-01 --to 2001-01-01"))
  end)

  it("answers an error with one line and status 1", function()
    local world = fake.world()
    world.broken = script_error { file = "x.lua", line = 3, message = "boom", detail = "" }
    assert.equal(1, run(world, "run x.lua --data d"))
    assert.equal("sliders: x.lua:3: boom\n", world.err.text)
  end)

  it("puts the script's own part of a traceback below its error", function()
    local world = fake.world()
    local detail = "x.lua:3: boom\nstack traceback:\n\tx.lua:3: in main chunk\n\t[C]: at 0x7f\n\tsliders:426: in 'instance'"
    world.broken = script_error { file = "x.lua", line = 3, message = "boom", detail = detail }
    run(world, "run x.lua --data d")
    assert.equal("sliders: x.lua:3: boom\n  stack traceback:\n    x.lua:3: in main chunk\n", world.err.text)
  end)

  it("ends with status 130 when interrupted", function()
    local world = fake.world()
    world.broken = "interrupted!"
    assert.equal(130, run(world, "run x.lua --data d"))
    assert.equal("sliders: interrupted\n", world.err.text)
  end)
end)

describe("sliders run", function()
  it("shows head, table and notes", function()
    local world = fake.world()
    assert.equal(0, run(world, "run sma_cross --data d --vm lua54"))
    assert.equal(table.concat({
      "sma_cross in lua54: 1 pair, day 0 to day 1, capital 100,000.00 USD",
      "",
      "pair       return  annual  sharpe   max dd  trades  spread  slippage  commission  rejected  buy & hold",
      "EURUSD     10.00%   2.00%       -  -20.00%       1    1.00      2.00        3.00         0       5.00%",
      "PORTFOLIO  10.00%   2.00%       -  -20.00%       1    1.00      2.00        3.00         0       5.00%",
      "",
      "Portfolio: sum, costs 6.00",
      "",
    }, "\n"), world.out.text)
    assert.equal("", world.err.text)
  end)

  it("is silent with --quiet", function()
    local world = fake.world()
    assert.equal(0, run(world, "run sma_cross --data d --quiet"))
    assert.equal("", world.out.text)
  end)

  it("passes workers, data and options on", function()
    local world = fake.world()
    run(world, "run sma_cross --data a b --workers 3 --spread 2 --set fast=5 --pairs EURUSD")
    assert.equal(3, world.opened.workers)
    assert.same({ "a", "b" }, world.loaded)
    assert.equal(2, world.ran[1].spread_pips)
    assert.same({ fast = "5" }, world.ran[1].set)
    assert.same({ "EURUSD" }, world.ran[1].pairs)
  end)

  it("takes a last day without a time of day as the whole day", function()
    local world = fake.world()
    run(world, "run sma_cross --data d --to 2001-01-01")
    assert.equal(2001 * 365 * 86400 * 1000000000 + 86400 * 1000000000 - 1000, world.ran[1].to)
  end)

  it("keeps orders and equity only for files", function()
    local world = fake.world()
    run(world, "run sma_cross --data d")
    run(world, "run sma_cross --data d --json r.json --csv out")
    assert.equal("figures", world.ran[1].keep)
    assert.equal("all", world.ran[2].keep)
    assert.same({ "r.json", "out" }, world.wrote)
  end)

  it("fails with the pair, the place and the traceback of what failed, and shows the rest", function()
    local err = script_error { file = "x.lua", line = 9, message = "boom", detail = "stack traceback:\n\tx.lua:9: in function 'bar'" }
    local world = fake.world { fake.job(), fake.job { pair = "USDJPY", state = "failed", error = err } }
    assert.equal(1, run(world, "run sma_cross --data d"))
    assert.equal("sliders: USDJPY: x.lua:9: boom\n  stack traceback:\n    x.lua:9: in function 'bar'\nsliders: 1 of 2 jobs failed\n", world.err.text)
    assert.truthy(world.out.text:find("EURUSD     10.00%", 1, true))
  end)

  it("succeeds with a ruined pair, and says so", function()
    local world = fake.world { fake.job { state = "ruined" } }
    assert.equal(0, run(world, "run sma_cross --data d"))
    assert.truthy(world.out.text:find("Ruined, equity fell below zero: EURUSD.", 1, true))
  end)

  it("draws a bar on a terminal only, and takes it away", function()
    local world = fake.world()
    world.terminal = true
    run(world, "run sma_cross --data d")
    assert.equal("\r[" .. ("#"):rep(16) .. ("."):rep(16) .. "] 1/2 jobs\27[K\r\27[K", world.err.text)
  end)

  it("shows what the strategy prints, by pair, apart from the table", function()
    local world = fake.world { fake.job { log = "hello\n" } }
    run(world, "run sma_cross --data d")
    assert.equal("EURUSD: hello\n", world.err.text)
  end)

  it("suggests the shipped strategy that was meant", function()
    local world = fake.world()
    assert.equal(1, run(world, "run sma_cros --data d"))
    assert.equal('sliders: no strategy "sma_cros"; did you mean "sma_cross"?\n', world.err.text)
  end)

  it("says where strategies come from when nothing is near", function()
    local world = fake.world()
    run(world, "run zzz --data d")
    assert.equal('sliders: no strategy "zzz"; `sliders strategies` lists those that come along, and a path ends in .lua\n', world.err.text)
  end)
end)

describe("help", function()
  it("is printed for every command, with status 0", function()
    for _, line in ipairs { "--help", "run --help", "check --help", "strategies --help" } do
      local world = fake.world()
      assert.equal(0, run(world, line))
      assert.truthy(world.out.text:find("^Usage: sliders "), line)
      assert.equal("", world.err.text)
    end
  end)

  it("of a strategy shows its parameters, defaults, ranges and labels", function()
    local world = fake.world()
    world.params = {
      { name = "fast", kind = "int", initial = 20, min = 2, max = 100, step = 0, label = "bars" },
      { name = "width", kind = "number", initial = 0.1, min = 0, max = 1.5, step = 0.25, label = "" },
      { name = "up", kind = "bool", initial = 1, label = "" },
      { name = "mode", kind = "choice", initial = 1, choices = { "a", "b" }, label = "which" },
    }
    run(world, "run sma_cross --help")
    assert.truthy(world.out.text:find(table.concat({
      "Parameters of sma_cross (--set NAME=VALUE):",
      "   Does a thing.",
      "   fast   20    2 to 100, whole   bars",
      "   width  0.1   0 to 1.5 by 0.25",
      "   up     true  true or false",
      "   mode   b     a, b              which",
    }, "\n"), 1, true))
  end)
end)

describe("sliders strategies", function()
  it("lists those that come along by name, with sentence and parameters", function()
    local world = fake.world()
    world.params = { { name = "n", kind = "int", initial = 1, min = 1, max = 2, step = 0, label = "bars" } }
    assert.equal(0, run(world, "strategies"))
    assert.equal(
      "momentum\n  Does a thing.\n  n  1  1 to 2, whole  bars\n\nsma_cross\n  Does a thing.\n  n  1  1 to 2, whole  bars\n", world.out.text)
  end)
end)

describe("sliders check", function()
  it("cuts the data and compares both engines", function()
    local world = fake.world()
    world.other = "lua54"
    assert.equal(0, run(world, "check sma_cross --data d"))
    assert.equal("sma_cross: 1 pair, 3 bars\n  future   10 cuts, 0 orders decided before them: unchanged\n"
      .. "  engines  luajit and lua54: equal\n  source   no warnings\n", world.out.text)
    assert.equal(12, #world.ran)
    for i = 2, 11 do assert.truthy(world.ran[i].to == 1 or world.ran[i].to == 2) end
  end)

  it("cuts at the same bars every time", function()
    local first, second = fake.world(), fake.world()
    run(first, "check sma_cross --data d")
    run(second, "check sma_cross --data d")
    for i = 2, 11 do assert.equal(first.ran[i].to, second.ran[i].to) end
  end)

  -- A world whose strategy decides by `peek` (of the cut, nil for all the data) at bar 2 of a hundred.
  local function peeking_world(peek)
    local closes = {}
    for i = 1, 100 do closes[i] = i end
    local world = fake.world()
    local answer = world.host.run
    function world.host:run(strategy, market, options)
      answer(self, strategy, market, options)
      local order = { id = 1, time = 50, bar = 49, fill_bar = -1, fill_time = 0, units = peek(options.to) }
      local seen = options.to and options.to < 49 and {} or { order }
      return { jobs = { fake.job { orders = seen, equity = {}, close_time = closes } } }
    end
    return world
  end

  it("fails a strategy whose past depends on how far the data reach", function()
    local world = peeking_world(function(to) return to and 1 or 2 end)
    assert.equal(1, run(world, "check sma_cross --data d"))
    assert.truthy(world.out.text:find("future   FAILED: the bars after day 0 change the past: EURUSD: order 1 of day 0: units is 1, not 2", 1, true))
  end)

  it("fails a strategy that sees one bar too many, by a cut right after a bar that decided", function()
    local world = peeking_world(function(to) return to == 49 and 1 or 2 end)
    assert.equal(1, run(world, "check sma_cross --data d"))
    assert.truthy(world.out.text:find("FAILED", 1, true))
  end)

  it("passes a strategy whose past stays", function()
    assert.equal(0, run(peeking_world(function() return 1 end), "check sma_cross --data d"))
  end)

  it("says which engine is missing and goes on", function()
    local world = fake.world()
    assert.equal(0, run(world, "check sma_cross --data d"))
    assert.truthy(world.out.text:find("engines  luajit only: no such engine here", 1, true))
  end)

  it("warns by file, line and column without failing", function()
    local world = fake.world()
    world.source = "local x = 5\nlocal y = x ^ 2\n"
    assert.equal(0, run(world, "check my.lua --data d"))
    assert.truthy(world.out.text:find("  source   1 warning\nmy.lua:2:13: warning: `^` ", 1, true))
  end)

  it("fails before anything else when a job fails", function()
    local world = fake.world { fake.job { state = "failed", error = "x.lua:1: boom" } }
    assert.equal(1, run(world, "check sma_cross --data d"))
    assert.equal("", world.out.text)
    assert.truthy(world.err.text:find("sliders: EURUSD: x.lua:1: boom", 1, true))
  end)
end)
