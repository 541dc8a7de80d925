-- Jobs in processes, from Lua: the same bytes, and words of what is not there.
local session = require "session"
local build = os.getenv "SLIDERS_BUILD" or session.repository .. "/build"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, _VERSION:match "%d%.%d", package.cpath)
local sliders = require "sliders"

local data, strategy = "data/h10/h10.csv", "strategies/sma_cross.lua"

local function json_of(isolation)
  local path = os.tmpname()
  sliders.run({ strategy = strategy, data = data, isolation = isolation }):write_json(path)
  local file = assert(io.open(path, "rb"))
  local json = file:read "*a"
  file:close()
  os.remove(path)
  return json
end

describe("isolation", function()
  it("changes no byte", function()
    assert.is_true(json_of "process" == json_of "thread")
  end)

  it("has two words", function()
    local ran, wrong = pcall(sliders.run, { strategy = strategy, data = data, isolation = "proces" })
    assert.is_false(ran)
    assert.is_truthy(tostring(wrong):find('options.isolation: no choice "proces"; did you mean "process"?', 1, true))
    local host = sliders.open()
    local good, why = pcall(host.strategy, host, strategy, { isolation = "proces" })
    assert.is_false(good)
    assert.is_truthy(tostring(why):find('host:strategy: isolation is "thread" or "process"', 1, true))
  end)

  it("opens a strategy elsewhere, which says the same of itself", function()
    local host = sliders.open()
    local here, there = host:strategy(strategy), host:strategy(strategy, { isolation = "process" })
    assert.same(here.params, there.params)
    assert.equal(here.about, there.about)
    assert.has_error(function() host:strategy_text("bad.lua", "error('no')", { isolation = "process" }) end)
  end)
end)
