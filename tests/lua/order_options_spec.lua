-- Options of runs and markets that orders need: fill modes as tables, described instruments; what is written about orders.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)

local sliders = require "sliders"

local strategy = [[
local sliders = require "sliders"
local S = sliders.strategy { warmup = 0 }
function S:bar(broker)
  self.count = (self.count or 0) + 1
  if self.count == 1 then broker:buy { id = "a,b", tag = 'say "so"', units = 1, stop = 1.2, oco = "x" } end
  if self.count == 1 then broker:sell { units = 1, stop = 0.9, oco = "x", expire = 1 } end
end
return S
]]

local host

local function bars(fields)
  local hour = 3600 * 1000000000
  local b = { pair = "ABCUSD", side = "mid", period_ns = hour, time = { 0, hour, 2 * hour }, open = { 1, 1, 1 }, high = { 1.1, 1.1, 1.3 },
    low = { 0.95, 0.95, 0.95 }, close = { 1, 1, 1.2 }, instrument = { base = "ABC", quote = "USD", digits = 4, pip = 0.0001 } }
  for name, value in pairs(fields or {}) do b[name] = value end
  return b
end

local function run(options, fields)
  host = host or sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" }
  local market = host:market()
  market:add(bars(fields))
  return host:run(host:strategy_text("s.lua", strategy, jit and "luajit" or "lua54"), market, options)
end

local function message(options, fields)
  local ok, err = pcall(run, options, fields)
  assert.is_false(ok)
  return tostring(err):gsub("^.-: ", "", 1)
end

describe("options of orders", function()
  it("take a fill mode by name or axis by axis, and guess what was meant", function()
    assert.equal('no choice "tradingvew"; did you mean "tradingview"?', (message { fill = "tradingvew" }))
    assert.equal('no axis "paht"; did you mean "path"?', (message { fill = { paht = "tradingview" } }))
    assert.equal('no choice "tradingvew"; did you mean "tradingview"?', (message { fill = { path = "tradingvew" } }))
    assert.equal("a spread by the price needs spread_on entry: it is fixed when a trade is entered", (message { spread_frac = 0.1 }))
    assert.equal(1, #run({ fill = { at = "close", path = "tradingview" } }).jobs)
  end)

  it("describe instruments that no table knows", function()
    assert.truthy(message({}, { instrument = 5 }):find("a table expected, got number", 1, true))
    assert.equal("must be from 0 to 15, not -1", (message({}, { instrument = { base = "ABC", quote = "USD", pip = 0.1 } })))
    assert.equal("step is 0", (message({}, { instrument = { base = "ABC", quote = "USD", digits = 2, pip = 0.1, step = 0 } })))
    assert.equal("done", run({}).jobs[1].state)
  end)

  it("write an order's words and prices", function()
    local result = run {}
    local first, second = result.jobs[1].orders[1], result.jobs[1].orders[2]
    assert.equal("a,b", first.name)
    assert.equal(1.2, first.stop)
    assert.equal("filled", first.state)
    assert.equal(first.group, second.group)
    assert.equal("time_limit", second.reason)
    local folder = os.tmpname()
    os.remove(folder)
    result:write_csv(folder)
    local line
    for text in io.lines(folder .. "/orders.csv") do line = line or text:match "^ABCUSD.*" end
    assert.truthy(line:find(',"a,b","say ""so""",,1,,1.2,1', 1, true))
    result:write_json(folder .. "/run.json")
    local file = io.open(folder .. "/run.json")
    assert.truthy(file:read("*a"):find('"fill_path": "pessimistic"', 1, true))
    file:close()
    os.execute("rm -r '" .. folder .. "'")
  end)
end)
