-- `sliders check` as a user runs it: the shipped strategies pass, and what tries to know more than it may does not.
local session = require "session"

local shell

setup(function()
  shell = session.open()
  shell:write("prices.csv", session.prices({ "EURUSD", "USDJPY" }, 700))
end)

teardown(function() shell:close() end)

local function check(source)
  shell:write("tried.lua", "local sliders = require 'sliders'\nlocal Tried = sliders.strategy {}\n" .. source .. "\nreturn Tried\n")
  return shell:run "sliders check tried.lua --data prices.csv"
end

local shipped = { "bollinger_fade", "cross_section", "donchian_breakout", "finmarketpy_trend", "momentum", "rsi_reversion", "sma_cross" }

describe("sliders check", function()
  for _, name in ipairs(shipped) do
    it("passes " .. name, function()
      local said = shell:run("sliders check " .. name .. " --data prices.csv")
      assert.equal("", said.err)
      assert.equal(0, said.status)
      assert.truthy(said.out:find("\n  engines  luajit and lua54: equal\n  source   no warnings\n", 1, true), said.out)
    end)
  end

  it("passes orders that are sized at their fills: until then their size is not known", function()
    local said = shell:run "sliders check sma_cross --data prices.csv --set fast=2 --set slow=10 --fill backtesting_py --spread 2"
    assert.equal(0, said.status, said.out)
    assert.truthy(said.out:find("10 cuts, %d[%d,]+ orders decided before them: unchanged"), said.out)
  end)

  it("passes a strategy that draws random numbers: they do not depend on the bars to come", function()
    local said = check "function Tried:bar(broker) broker:target(sliders.random() > 0.5 and 1 or -1) end"
    assert.equal(0, said.status)
    assert.truthy(said.out:find("10 cuts, %d[%d,]+ orders decided before them: unchanged"), said.out)
  end)

  it("passes a strategy that turns at the end of every month, however short it is", function()
    shell:write("turn.lua", [[
local sliders = require "sliders"
local Turn = sliders.strategy { warmup = 0 }
function Turn:bar(broker) broker:target(broker.position > 0 and -1 or 1) end
return Turn
]])
    for _, more in ipairs { "", " --account shared", " --fill close" } do
      local said = shell:run("sliders check turn.lua --timeframe 1mo --data " .. session.repository .. "/data/h10/h10.csv --pairs EURUSD,USDJPY" .. more)
      assert.equal(0, said.status, said.out)
      assert.truthy(said.out:find("10 cuts, %d[%d,]+ orders decided before them: unchanged"), said.out)
    end
  end)

  it("passes a strategy of time frames, sessions and the calendar", function()
    local said = check [[
function Tried:init(bars)
  local week, month = bars:at("1w"), bars:at("1mo")
  self.trend, self.week = week.close:gt(week.close:sma(4)), week
  self.above, self.range = bars.close - month.close, sliders.atr(week, 5)
  self.first = bars:first_of("month")
  self.open = sliders.session("0000-2400", "Europe/London", "Mon-Thu")
end
function Tried:bar(broker)
  if self.first[0] == 1 then broker:target(0) end
  if self.open[0] == 1 and self.week.close[0] > self.week.close[1] then broker:target(self.trend[0] - 0.5 + (self.above[0] > 0 and 0.1 or 0)) end
end]]
    assert.equal("", said.err)
    assert.equal(0, said.status, said.out)
    assert.truthy(said.out:find("10 cuts, %d[%d,]+ orders decided before them: unchanged"), said.out)
    assert.truthy(said.out:find("\n  engines  luajit and lua54: equal\n  source   no warnings\n", 1, true), said.out)
  end)

  it("stops what reads the bars to come, at the line that tries", function()
    for _, case in ipairs {
      { "function Tried:bar(broker) broker:target(self.bars.close[-1] > self.bars.close[0] and 1 or -1) end", "tried.lua:3: x[k] with k below 0" },
      { "function Tried:init(bars) self.next = bars.close:shift(-1) end function Tried:bar() end", "tried.lua:3: shift looks back only" },
      { "function Tried:init(bars) self.last = bars.close[#bars.close] end function Tried:bar() end", "tried.lua:3: a column has no length" },
      { "function Tried:init(bars) self.first = bars.close[0] end function Tried:bar() end", "tried.lua:3: in init and signal a column is whole" },
    } do
      local said = check(case[1])
      assert.equal(1, said.status)
      assert.truthy(said.err:find("sliders: EURUSD: " .. case[2], 1, true), said.err)
    end
  end)

  it("stops what asks the system", function()
    for _, call in ipairs { "os.time()", "io.open('prices.csv')", "debug.getregistry()", "require('ffi')", "load('return 1')", "collectgarbage('count')" } do
      local said = check("function Tried:bar(broker) local x = " .. call .. " end")
      assert.equal(1, said.status, call)
      assert.truthy(said.err:find("^sliders: EURUSD: tried%.lua:3: "), said.err)
    end
  end)

  it("does not pass a strategy that counts its own runs where libraries are shared", function()
    local said = check "function Tried:init() table.insert(math, 1) self.runs = #math end\nfunction Tried:bar(broker) broker:target(self.runs / 10) end"
    assert.equal(1, said.status)
  end)

  it("passes a strategy that counts its own runs in globals, which are new for each job", function()
    local said = check "runs = (runs or 0) + 1\nfunction Tried:bar(broker) broker:target(runs) end"
    assert.equal(0, said.status)
  end)

  it("fails a strategy whose numbers differ between the engines, and warns of the line", function()
    local said = check "function Tried:bar(broker) broker:target((-self.bars.close[0] % 0.1) * 10) end"
    assert.equal(1, said.status)
    assert.truthy(said.out:find("\n  engines  FAILED: in lua54, EURUSD: order ", 1, true), said.out)
    assert.truthy(said.out:find("\n  source   1 warning\ntried.lua:3:63: warning: `%` ", 1, true), said.out)
  end)

  it("warns by file, line and column of what breaks equal bytes, in modules too", function()
    shell:write("rules.lua", "local rules = {}\nfunction rules.first(t)\n  for k in pairs(t) do return k end\nend\nreturn rules\n")
    local said = check "local rules = require 'rules'\nfunction Tried:bar(broker) broker:target(rules.first { 1 }) end"
    assert.equal(0, said.status)
    assert.truthy(said.out:find("\n  source   1 warning\nrules.lua:3:12: warning: `pairs` visits keys", 1, true), said.out)
  end)

  it("takes the options of a run", function()
    local said = shell:run "sliders check sma_cross --data prices.csv --pairs EURUSD --set fast=2 --set slow=10 --from 2001-01-01 --spread 2 --workers 1"
    assert.equal(0, said.status)
    assert.truthy(said.out:find("^sma_cross: 1 pair, %d+ bars\n"), said.out)
  end)
end)
