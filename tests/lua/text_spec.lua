local text = require "sliders.cli.text"

local nan = 0 / 0

describe("text", function()
  it("writes numbers with so many decimals", function()
    assert.equal("1.50", text.number(1.5, 2))
    assert.equal("-3", text.number(-3, 0))
  end)

  it("writes what is undefined as a dash, never as 0", function()
    assert.equal("-", text.number(nan, 2))
    assert.equal("-", text.number(nil, 2))
    assert.equal("-", text.percent(nan))
    assert.equal("-", text.money(nan))
    assert.equal("-", text.count(nan))
  end)

  it("writes infinities as words", function()
    assert.equal("inf", text.number(math.huge, 2))
    assert.equal("-inf", text.percent(-math.huge))
  end)

  it("writes numbers beyond a double's whole ones by their power of ten", function()
    assert.equal("999,999,999,999,999.00", text.money(999999999999999))
    assert.equal("1.000e+15", text.money(1e15))
    assert.equal("-6.286e+300", text.number(-6.2857e300, 2))
    assert.equal("1.000e+298%", text.percent(1e296))
    assert.equal("inf", text.percent(1e308))
  end)

  it("writes no minus before zero", function()
    assert.equal("0.00", text.number(-0.0001, 2))
    assert.equal("0.00%", text.percent(-0.00001))
    assert.equal("-0.01", text.number(-0.01, 2))
  end)

  it("writes fractions in percent", function()
    assert.equal("12.34%", text.percent(0.1234))
    assert.equal("-100.00%", text.percent(-1))
  end)

  it("groups the digits of money and counts", function()
    assert.equal("999.00", text.money(999))
    assert.equal("1,000.00", text.money(1000))
    assert.equal("-1,234,567.89", text.money(-1234567.89))
    assert.equal("123,456", text.count(123456))
  end)

  it("counts nouns", function()
    assert.equal("1 pair", text.counted(1, "pair"))
    assert.equal("0 pairs", text.counted(0, "pair"))
    assert.equal("2,000 bars", text.counted(2000, "bar"))
  end)

  it("aligns a table's names to the left and its numbers to the right", function()
    assert.same({ "pair      x", "EURUSD   10", "A       9.5" }, text.table { { "pair", "x" }, { "EURUSD", "10" }, { "A", "9.5" } })
  end)

  it("aligns a list to the left and trims its ends", function()
    assert.same({ " a    bc", " def" }, text.list({ { "a", "bc" }, { "def", "" } }, " "))
  end)

  it("makes no lines of no rows", function()
    assert.same({}, text.table {})
    assert.same({}, text.list({}, "  "))
  end)
end)
