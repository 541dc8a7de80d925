local lexer = require "sliders.cli.lexer"

-- "kind text" of every token.
local function kinds(source)
  local out = {}
  for i, token in ipairs(lexer.tokens(source)) do out[i] = token.kind .. " " .. token.text end
  return out
end

describe("the lexer", function()
  it("splits names, numbers, strings and operators", function()
    assert.same({ "name local", "name x", "operator =", "number 1.5e-3", "operator ..", "string 'a'" }, kinds "local x = 1.5e-3 .. 'a'")
  end)

  it("keeps operators of two and three bytes together", function()
    assert.same({ "name a", "operator //", "name b", "operator ~=", "name c", "operator <<", "name d", "operator ..." }, kinds "a//b~=c<<d...")
  end)

  it("leaves comments out, short and long", function()
    assert.same({ "name a", "name b", "name c" }, kinds "a -- % ^\nb --[==[ % \n ]] ]==] c")
  end)

  it("takes a dash before a long comment's bracket for a short comment when the bracket is not whole", function()
    assert.same({ "name a", "name b" }, kinds "a --[= % \nb")
  end)

  it("reads long strings and escaped quotes as one token", function()
    assert.same({ "string [[ % \n]]", "string \"a\\\"%\"", "name x" }, kinds "[[ % \n]] \"a\\\"%\" x")
  end)

  it("tells an index bracket from a long string", function()
    assert.same({ "name a", "operator [", "number 1", "operator ]" }, kinds "a[1]")
  end)

  it("reads hexadecimal numbers with exponents", function()
    assert.same({ "number 0x1p-4", "operator +", "number 0xffULL" }, kinds "0x1p-4+0xffULL")
  end)

  it("counts lines and columns from 1, across long strings and comments", function()
    local tokens = lexer.tokens "a\n  b [[\n]] c --[[\n\n]] d"
    local places = {}
    for i, token in ipairs(tokens) do places[i] = token.line .. ":" .. token.column end
    assert.same({ "1:1", "2:3", "2:5", "3:4", "5:4" }, places)
  end)

  it("skips a first line for the shell", function()
    assert.same({ "name x" }, kinds "#!/usr/bin/lua %\nx")
  end)

  it("ends an unfinished string at the end of its line and an unfinished comment at the end of the text", function()
    assert.same({ "string 'a\n", "name b" }, kinds "'a\nb")
    assert.same({ "name a" }, kinds "a --[[ b")
  end)

  it("finds nothing in nothing", function()
    assert.same({}, kinds "")
    assert.same({}, kinds " \n\t ")
  end)
end)
