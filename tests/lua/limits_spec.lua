-- Limits of a job, from Lua and from the command.
local session = require "session"
local build = os.getenv "SLIDERS_BUILD" or session.repository .. "/build"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, _VERSION:match "%d%.%d", package.cpath)
local sliders = require "sliders"

local shell

local greedy = [[
local sliders = require "sliders"
local Greedy = sliders.strategy { params = { bytes = sliders.number(0, 0, 1e9), orders = sliders.int(0, 0, 1000) } }
function Greedy:init(bars) print(bars.pair) self.kept = {} end
function Greedy:bar(broker, p)
  local kept = self.kept
  for i = 1, self.bars.pair == "GBPUSD" and p.bytes / 64 or 0 do kept[#kept + 1] = "a text of its own, number " .. i + #kept end
  for _ = 1, p.orders do broker:buy { units = 1000, limit = 0.01 } end
end
return Greedy
]]

setup(function()
  shell = session.open()
  shell:write("prices.csv", session.prices({ "EURUSD", "GBPUSD" }, 60))
  shell:write("greedy.lua", greedy)
end)

teardown(function() shell:close() end)

local function run(options)
  options.strategy, options.data = shell:path "greedy.lua", shell:path "prices.csv"
  return sliders.run(options)
end

describe("a limit of a run", function()
  for _, vm in ipairs { "lua54", "luajit" } do
    it("ends the job that goes beyond it, and no other, in " .. vm, function()
      local result = run { vm = vm, workers = 1, set = { bytes = 1e9 }, limits = { memory = 8e6 } }
      assert.equal("done", result:job("EURUSD").state)
      local failed = result:job "GBPUSD"
      assert.equal("failed", failed.state)
      assert.equal("ELIMIT", failed.error.status)
      assert.truthy(failed.error.message:find("needs more than 8000000 bytes of memory (limits.memory), at the bar of 20", 1, true))
      assert.equal("GBPUSD\n", failed.log)
      assert.is_false(result.portfolio.complete)
    end)
  end

  it("of 0 is none", function()
    assert.equal("failed", run({ set = { orders = 10 }, limits = { records = 50 } }).jobs[1].state)
    assert.equal("done", run({ set = { orders = 10 }, limits = { records = 0 } }).jobs[1].state)
  end)

  it("cuts the log without ending the job", function()
    local job = run({ limits = { log = 3 } }).jobs[1]
    assert.equal("done", job.state)
    assert.equal("(the log is full)\n", job.log)
  end)

  it("that is none, or no number, is refused with its path", function()
    local ok, err = pcall(run, { limits = { memori = 1 } })
    assert.is_false(ok)
    assert.equal('options.limits: no limit "memori"; did you mean "memory"?', tostring(err))
    ok, err = pcall(run, { limits = { records = -1 } })
    assert.is_false(ok)
    assert.equal("options.limits.records: a number of at least 0 expected; 0: no limit", tostring(err))
    ok, err = pcall(run, { limits = 5 })
    assert.is_false(ok)
    assert.equal("options.limits: a table expected, got number", tostring(err))
  end)

  it("is given at the command, which names the job", function()
    local said = shell:run "sliders run greedy.lua --data prices.csv --set orders=10 --limit-records 100 --quiet"
    assert.equal(1, said.status)
    assert.truthy(said.err:find("sliders: EURUSD: more than 100 orders, trades and rollovers (--limit-records), at the bar of 20", 1, true))
  end)
end)
