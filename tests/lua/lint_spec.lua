local lint = require "sliders.cli.lint"

-- "line:column word" of every warning; the word is what stands first in backquotes, or the message's first word.
local function warned(source)
  local out = {}
  for i, warning in ipairs(lint.warnings(source)) do
    local word = warning.message:match("^`([^`]*)`") or warning.message:match("^%S+")
    out[i] = ("%d:%d %s"):format(warning.line, warning.column, word)
  end
  return out
end

describe("the lint", function()
  it("warns of what differs between engines, with line and column", function()
    assert.same({ "1:13 %" }, warned "local x = a % b")
    assert.same({ "2:3 ^" }, warned "\nx ^2")
    assert.same({ "1:3 //" }, warned "a // b")
  end)

  it("warns of iteration in hash order", function()
    assert.same({ "1:13 pairs" }, warned "for k, v in pairs(t) do end")
    assert.same({ "1:10 next" }, warned "for k in next, t do end")
  end)

  it("warns of goto", function()
    assert.same({ "1:1 goto" }, warned "goto done")
  end)

  it("warns of numbers that become text in one engine's way", function()
    assert.same({ "1:1 table.concat" }, warned 'table.concat(list, ",")')
    assert.same({ "1:15 %s" }, warned 'string.format("%d %s", 1, x)')
    assert.same({ "1:2 %s" }, warned '("%-8s"):format(x)')
    assert.same({}, warned 'string.format("%d %.17g %%", 1, x); x = { format = "%s" }; print("100 %s")')
  end)

  it("warns of clocks and files", function()
    assert.same({ "1:11 there", "2:11 there" }, warned "local t = os.time()\nlocal f = io.open(x)")
  end)

  it("warns of fields of metatables that one engine alone asks, or that tell when memory was collected", function()
    assert.same({ "1:3 __mode", "1:29 __len", "1:40 __pairs" }, warned 'm.__mode = "k"; local t = { __len = f, __pairs = f }; m.__index = m')
    assert.same({ "1:3 __mode" }, warned 'm["__mode"] = "v"')
  end)

  it("is silent about what the sandbox makes equal", function()
    assert.same({}, warned "table.sort(t); print(tostring(x)); y = math.random() + math.exp(2)")
  end)

  it("warns of bit operators and attributes, which do not load in LuaJIT", function()
    assert.same({ "1:5 bit", "1:8 bit", "1:10 bit", "1:12 bit", "1:15 bit" }, warned "y = ~x &a|b<<c>>d")
    assert.same({ "1:9 attributes" }, warned "local x <const> = 1")
  end)

  it("warns of 64-bit literals, which do not load in Lua 5.4", function()
    assert.same({ "1:5 64-bit", "1:11 64-bit" }, warned "x = 10LL, 0xFFull")
  end)

  it("warns of .. where a side may be a number", function()
    assert.same({ "1:9 .." }, warned 'x = "a" .. 1')
    assert.same({ "1:9 .." }, warned 'x = "a" .. name')
    assert.same({ "1:7 .." }, warned "x = a .. b")
  end)

  it("is silent about .. between plain strings", function()
    assert.same({}, warned 'x = "a" .. "b" .. [[c]]')
    assert.same({}, warned 'x = "a" .. tostring(b) .. tostring(f(c)) .. "d"')
    assert.same({ "1:10 .." }, warned 'x = f(a) .. "d"')
  end)

  it("is silent about fields, methods and keys of the same name", function()
    assert.same({}, warned "sliders.pairs(t); list:next(); x = { pairs = {}, next = 1 }; t.tostring(x)")
  end)

  it("is silent about seeded random numbers, arithmetic and comparisons", function()
    assert.same({}, warned "x = math.random() * 2 + 1 / 3 - 4; y = x ~= 0 and x <= 1 or x >= 2 or x == 3")
  end)

  it("is silent about the same signs in strings and comments", function()
    assert.same({}, warned 'local s = "%d ^ // pairs(t)" -- a % b\n--[[ x ^ 2 ]]')
  end)

  it("says what to write instead", function()
    for _, case in ipairs {
      { "a % b", "sliders.round_to" }, { "x ^ 2", "x*x" }, { "pairs(t)", "sliders.pairs_sorted" }, { "a // b", "math.floor" },
      { "table.concat(t)", "tostring" }, { "x .. 1", "tostring" }, { "goto x", "function" }, { "os.time()", "bars.time" },
    } do
      local warning = lint.warnings(case[1])[1]
      assert.truthy(warning.message:find(case[2], 1, true), case[1])
    end
  end)

  it("finds the modules that a file requires", function()
    assert.same({ "rules", "lib.exits" }, lint.requires [[
      local sliders = require "sliders"
      local rules = require "rules"
      local exits = require("lib.exits")
      local x = t.require "no"
      local y = require(name)
    ]])
  end)
end)
