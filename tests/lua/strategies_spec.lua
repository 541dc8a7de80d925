local lint = require "sliders.cli.lint"

local shipped = { "bollinger_fade", "carry", "cross_section", "donchian_breakout", "finmarketpy_trend", "momentum", "rsi_reversion", "sma_cross" }

local function read(name)
  local file = assert(io.open("strategies/" .. name .. ".lua", "rb"))
  local source = file:read("*a")
  file:close()
  return source
end

for _, name in ipairs(shipped) do
  describe("the strategy " .. name, function()
    local source = read(name)

    it("loads as plain Lua in this interpreter", function()
      local load = loadstring or load
      assert(load(source, name))
    end)

    it("has nothing that the lint warns of", function()
      assert.same({}, lint.warnings(source))
    end)

    it("is under 40 lines", function()
      local _, lines = source:gsub("\n", "\n")
      assert.is_true(lines < 40, ("%d lines"):format(lines))
    end)

    it("begins with a sentence about itself and has one to show", function()
      assert.truthy(source:find("^%-%- %u"))
      assert.truthy(source:find('about = "%u[^"]*%."'))
    end)
  end)
end
