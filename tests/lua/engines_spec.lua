-- What the two engines must do alike beyond their results: how often a hook is called, and what it prints.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)

local sliders = require "sliders"

-- Prints how many bars it has been called for. Long USDJPY on 25 times its money, which the seventies do not forgive.
local ruin = [[
local sliders = require "sliders"
local Ruin = sliders.strategy {}
local calls = 0
function Ruin:init(bars) self.mean = bars.close:sma(10) end
function Ruin:bar(broker)
  calls = calls + 1
  broker:target(25)
end
function Ruin:done() print(calls) end
return Ruin
]]

local function log_of(vm)
  local host = sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" }
  local result = host:run(host:strategy_text("ruin.lua", ruin, vm), host:market "data/h10/h10.csv", { pairs = { "USDJPY" } })
  assert.equal("ruined", result.jobs[1].state)
  return result.jobs[1].log
end

-- The error of a strategy whose bar hook is `body`.
local function error_of(vm, body)
  local text = ('local sliders = require "sliders" local S = sliders.strategy {} function S:bar(broker) %s end return S'):format(body)
  local host = sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" }
  local result = host:run(host:strategy_text("wrong.lua", text, vm), host:market "data/h10/h10.csv", { pairs = { "USDJPY" } })
  return result.jobs[1].error.message
end

describe("the engines", function()
  it("name what is wrong without addresses, which no two runs share", function()
    for _, body in ipairs { "math[{}] = 1", "local x = math[{}]", "self.bars[{}] = 1", "local x = self.bars[print]", "broker[{}] = 1",
      "local x = self.p[{}]", "self.p[{}] = 1", "error({})", "error(print)", "local x = self.bars.close[{}]",
      "broker:buy { [{}] = 1 }", "sliders.strategy { [{}] = 1 }" } do
      local message = error_of("lua54", body)
      assert.equal(message, error_of("luajit", body))
      assert.is_nil(message:find "0x%x+", message)
    end
  end)

  it("visit every entry of a table, however often and by whatever iterator", function()
    for _, loop in ipairs { "pairs(%s)", "next, %s" } do
      local walk = [[
        local list = { 1, 2, 3, 4, 5 }
        local map = { a = list, b = list, c = list, d = list, e = list }
        local function interpret(...) for _ = 1, 100 do end end
        local lost = 0
        for _ = 1, 100000 do
          interpret()
          local count = 0
          for _, value in ]] .. loop:format "map" .. [[ do
            for _ in ]] .. loop:format "value" .. [[ do end
            count = count + 1
          end
          if count ~= 5 then lost = lost + 1 end
        end
        error("lost " .. lost, 0)]]
      for _, vm in ipairs { "lua54", "luajit" } do assert.equal("lost 0", error_of(vm, walk)) end
    end
  end)

  it("stop calling the hook of a ruined job after the same bar", function()
    assert.equal(log_of "lua54", log_of "luajit")
  end)
end)
