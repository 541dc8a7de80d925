local json = require "sliders.cli.json"

describe("JSON text", function()
  it("has keys by name and numbers that read back", function()
    assert.equal([[
{
  "a": 1,
  "b": [
    0.1,
    -2,
    1e+300
  ],
  "c": {
    "x": "y"
  },
  "d": true
}
]], json.encode { b = { 0.1, -2, 1e300 }, a = 1, d = true, c = { x = "y" } })
  end)

  it("tells empty arrays from empty objects", function()
    assert.equal("[]\n", json.encode(json.array {}))
    assert.equal("{}\n", json.encode {})
  end)

  it("escapes what must be, and knows no NaN", function()
    assert.equal('"a\\"b\\\\c\\n\\u0001"\n', json.encode 'a"b\\c\n\1')
    assert.equal("null\n", json.encode(0 / 0))
    assert.equal("null\n", json.encode(math.huge))
  end)

  it("writes large times to the last digit", function()
    assert.equal("1704204000000000000\n", json.encode(1704204000 * 1000000000))
  end)
end)
