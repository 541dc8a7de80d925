-- `require "sliders"` with the real core, by the interpreter that runs the specs.
local session = require "session"

local sliders, shell

setup(function()
  local build = os.getenv("SLIDERS_BUILD") or session.repository .. "/build"
  package.cpath = build .. "/lua/" .. _VERSION:match("%d%.%d") .. "/?.so;" .. package.cpath
  sliders = require "sliders"
  shell = session.open()
  shell:write("prices.csv", session.prices({ "EURUSD", "USDJPY" }, 80))
  shell:write("hold.lua", [[
local sliders = require "sliders"
local Hold = sliders.strategy { about = "Holds.", params = { size = sliders.number(1, -5, 5), up = sliders.bool(true) } }
function Hold:bar(broker, p) broker:target(p.up and p.size or -p.size) end
return Hold
]])
end)

teardown(function() shell:close() end)

-- What `f(...)` raises.
local function raised(f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  return err
end

local function open()
  local host = sliders.open { workers = 2 }
  return host, host:strategy(shell:path "hold.lua"), host:market(shell:path "prices.csv")
end

describe("sliders.run", function()
  it("runs files and returns jobs and portfolio", function()
    local result = sliders.run { strategy = shell:path "hold.lua", data = shell:path "prices.csv", set = { size = 0.5, up = false } }
    assert.equal(2, #result.jobs)
    assert.equal("EURUSD", result.jobs[1].pair)
    assert.equal("done", result:job("USDJPY").state)
    assert.is_nil(result:job "GBPUSD")
    assert.equal(-0.5, result.jobs[1].orders[1].target)
    assert.equal(result.portfolio.count, #result.portfolio.equity)
    assert.equal(100000, result.portfolio.capital)
  end)

  it("gives equal numbers in both engines", function()
    local function sharpe(vm)
      return sliders.run({ strategy = shell:path "hold.lua", data = { shell:path "prices.csv" }, vm = vm }).portfolio.figures.sharpe
    end
    assert.equal(sharpe "luajit", sharpe "lua54")
  end)

  it("refuses a misspelt option with the one that was meant, at the caller's line", function()
    local err = raised(function() sliders.run { strategy = "x", dta = "y" } end)
    assert.truthy(err:find("api_spec.lua:%d+: sliders.run: no option 'dta'; did you mean 'data'%?$"), err)
    assert.truthy(raised(sliders.run, { strategy = "x", data = "y", spread_pip = 1 }):find("did you mean 'spread_pips'?", 1, true))
    assert.truthy(raised(sliders.open, { worker = 1 }):find("sliders.open: no option 'worker'; did you mean 'workers'?", 1, true))
  end)

  it("wants a number of workers as the command does, or none", function()
    for _, workers in ipairs { 0, -1, 1.5, 1025, "2" } do
      for name, f in pairs { run = sliders.run, open = sliders.open, pool = sliders.pool } do
        local err = raised(f, { workers = workers })
        assert.matches(("sliders.%s: workers is 1 to 1024, got %%S+; leave it out to use every core$"):format(name), err)
      end
    end
  end)

  it("wants a strategy and data", function()
    assert.truthy(raised(sliders.run, { data = "x" }):find("sliders.run: strategy is a path", 1, true))
    assert.truthy(raised(sliders.run, { strategy = "x" }):find("sliders.run: data is a path or a list of paths", 1, true))
  end)

  it("raises an error with place and status for what cannot be read", function()
    local err = raised(sliders.run, { strategy = shell:path "hold.lua", data = "nowhere.csv" })
    assert.same({ "EIO", "nowhere.csv" }, { err.status, err.file })
    assert.equal("nowhere.csv: cannot open: No such file or directory", tostring(err))
  end)

  it("lets a job fail without raising", function()
    shell:write("broken.lua", "local sliders = require 'sliders'\nlocal B = sliders.strategy {}\nfunction B:bar() error 'no' end\nreturn B\n")
    local job = sliders.run({ strategy = shell:path "broken.lua", data = shell:path "prices.csv" }).jobs[1]
    assert.equal("failed", job.state)
    assert.same({ "ESCRIPT", 3, "no" }, { job.error.status, job.error.line, job.error.message })
    assert.truthy(job.error.detail:find("stack traceback", 1, true))
  end)

  it("reports progress until all jobs are done", function()
    local last
    sliders.run { strategy = shell:path "hold.lua", data = shell:path "prices.csv", progress = function(now) last = now end }
    assert.same({ jobs = 2, done = 2, failed = 0, finished = true }, last)
  end)

  it("runs a grid, whose jobs are found by pair and ordinal, and which has no portfolio", function()
    local result = sliders.run {
      strategy = shell:path "hold.lua", data = shell:path "prices.csv", pairs = { "EURUSD" }, axes = { { name = "size", values = { 0, 1 } } },
    }
    assert.is_nil(result.portfolio)
    assert.equal(0, result:job("EURUSD", 0).order_count)
    assert.equal(1, result:job("EURUSD", 1).order_count)
  end)
end)

describe("a host", function()
  it("runs many strategies over one market", function()
    local host, strategy, market = open()
    assert.equal(2, host:workers())
    local long = host:run(strategy, market, { set = { size = 1 } })
    local flat = host:run(strategy, market, { set = { size = 0 } })
    local ok, err = pcall(host.run, host, strategy, market, { set = 5 })
    assert.same({ false, "options.set: a table expected, got number" }, { ok, err })
    assert.equal(0, flat.portfolio.figures.total_return)
    assert.are_not.equal(0, long.portfolio.figures.total_return)
    host:close()
  end)

  it("closes with all that was made from it, twice without harm", function()
    local host, strategy, market = open()
    local run = host:start(strategy, market)
    run:wait()
    local result = run:result()
    local equity = result.jobs[1].final_equity
    host:close()
    host:close()
    assert.equal(equity, result.jobs[1].final_equity)
    assert.truthy(tostring(raised(function() return result.jobs[1].orders end)):find("the %w+ is closed"))
    assert.truthy(tostring(raised(function() market:pairs() end)):find("the market is closed", 1, true))
    assert.truthy(tostring(raised(function() run:wait() end)):find("the run is closed", 1, true))
    assert.truthy(tostring(raised(function() host:workers() end)):find("the host is closed", 1, true))
  end)

  it("closes while a run is under way, which is cancelled", function()
    local host, strategy, market = open()
    local run = host:start(strategy, market, { axes = { { name = "size", values = { 0, 0.25, 0.5, 0.75, 1, 1.25, 1.5 } } } })
    host:close()
    assert.matches("the run is closed", raised(run.result, run))
  end)

  it("blames the caller's line for a misused call, whatever was raised below", function()
    local host, strategy, market = open()
    local run = host:start(strategy, market)
    run:cancel()
    local result = sliders.run { strategy = shell:path "hold.lua", data = shell:path "prices.csv" }
    local function blamed(f)
      local here = debug.getinfo(f, "S")
      local err = raised(f)
      assert.equal(("%s:%d: "):format(here.short_src, here.linedefined), err:match "^.-:%d+: ", err)
      return err:match "^.-:%d+: (.*)$"
    end
    assert.equal("bad argument #1 to 'strategy' (string expected, got nil)", blamed(function() local made = host:strategy() return made end))
    assert.equal("bad argument #1 to 'write_json' (string expected, got nil)", blamed(function() result:write_json() end))
    assert.equal("host:pool: no option 'vn'", blamed(function() host:pool { vn = "lua54" } end))
    assert.matches("^host:strategy: no option 'trustd'; did you mean", blamed(function() local made = host:strategy("x", { trustd = true }) return made end))
    assert.matches("^host:strategy: isolation is", blamed(function() local made = host:strategy("x", { isolation = "no" }) return made end))
    assert.equal("host:strategy_text: the text is a string", blamed(function() local made = host:strategy_text "x" return made end))
    assert.equal("host:import: no option 'strore'", blamed(function() host:import("a.csv", "store", { strore = 1 }) end))
    assert.equal("sliders.run: a table of options expected", blamed(function() sliders.run() end))
    blamed(function() market:save() end)
    assert.equal("a path or a list of paths expected, got number", blamed(function() host:market(3) end))
    host:close()
    assert.equal("the run is closed", blamed(function() run:wait() end))
    assert.equal("the host is closed", blamed(function() host:market "prices.csv" end))
  end)

  it("says what a strategy declares", function()
    local host, strategy = open()
    assert.equal("hold", strategy.name)
    assert.equal("Holds.", strategy.about)
    assert.same({ init = false, bar = true, signal = false, done = false, allocate = false }, strategy.hooks)
    assert.equal("split", strategy.account)
    assert.same({}, strategy.pairs)
    assert.equal(2, #strategy.params)
    assert.same({ "size", "number", 1, -5, 5 }, { strategy.params[1].name, strategy.params[1].kind, strategy.params[1].initial,
      strategy.params[1].min, strategy.params[1].max })
    host:close()
  end)

  it("writes times of ticks as they were read, whatever holds them", function()
    assert.equal("2011-12-29T23:59:58.017Z", sliders.time_format(1325203198017000000))
    assert.equal("2011-12-29T23:59:58.017257Z", sliders.time_format(1325203198017257000))
    assert.equal("2011-12-30", sliders.time_format(1325203199999999999 + 1))
  end)

  it("takes strategies as text and bars as arrays", function()
    local host = sliders.open { workers = 1 }
    local market = host:market()
    local day = 86400 * 1000000000
    local start = sliders.time_parse "2024-01-01"
    market:add { pair = "EURUSD", time = { start, start + day, start + 2 * day }, close = { 1.1, 1.2, 1.3 }, side = "mid" }
    local strategy = host:strategy_text("long.lua", shell:read "hold.lua")
    local job = host:run(strategy, market).jobs[1]
    assert.equal(3, job.bar_count)
    assert.equal("2024-01-04", sliders.time_format(job.close_time[3]))
    assert.equal(1.2, job.orders[1].price)
    host:close()
  end)

  it("tells whether an engine is here", function()
    local host = sliders.open { workers = 1 }
    assert.is_true(host:probe "lua54")
    local here, err = host:probe "lua53"
    assert.is_false(here)
    assert.equal("EINVAL", err.status)
    host:close()
  end)

  it("writes results as the command does", function()
    local host, strategy, market = open()
    local result = host:run(strategy, market)
    result:write_json(shell:path "api.json")
    host:close()
    shell:run "sliders run hold.lua --data prices.csv --json command.json --quiet"
    assert.equal(shell:read "command.json", shell:read "api.json")
  end)
end)
