-- What else TradingView's strategies say, in sliders' words: each rule of path `tradingview` on bars made by hand.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)

local sliders = require "sliders"

local vm = jit and "luajit" or "lua54"
local minute = 60 * 1000000000
local host

setup(function() host = sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" } end)

local strategy = [[
local sliders = require "sliders"
local S = sliders.strategy { warmup = 0 }
local function entry(broker, name, side, units, more)
  local order = { id = name, units = units, reverse = true }
  for key, value in pairs(more or {}) do order[key] = value end
  if order.fraction then order.units = nil end
  if side == "long" then broker:buy(order) else broker:sell(order) end
end
function S:bar(broker)
  self.n = (self.n or 0) + 1
  local n, position, close = self.n, broker.position, self.bars.close[0]
  %s
end
return S]]

local no_globals = "local _ = entry, n, position, close\n"

-- Runs a body of `bar` over bars {open, high, low, close}; n is the bar's number from 1. Returns the job.
local function run(bars, body, options)
  local market = host:market()
  local columns = { pair = "ETHUSDT", side = "mid", period_ns = 15 * minute, time = {}, open = {}, high = {}, low = {}, close = {},
    instrument = { base = "ETH", quote = "USD", digits = 2, pip = 0.01, step = 0.0001 } }
  for i, bar in ipairs(bars) do
    columns.time[i] = i * 15 * minute
    columns.open[i], columns.high[i], columns.low[i], columns.close[i] = bar[1], bar[2], bar[3], bar[4]
  end
  market:add(columns)
  local all = { capital = 10000, fill = "tradingview", leverage = 1e9, keep = "ledger" }
  for key, value in pairs(options or {}) do all[key] = value end
  local job = host:run(host:strategy_text("rule.lua", strategy:format(no_globals .. body), vm), market, all).jobs[1]
  if job.state ~= "done" then error(tostring(job.error or job.state)) end
  return job
end

-- "long 1: 2 at 100 -> 3 at 101 (X)": bars from 1; the signal is the name of the exit's order.
local function trades(bars, body, options)
  local job = run(bars, body, options)
  local out = {}
  for i, t in ipairs(job.trades) do
    local order = job.orders[t.exit_order]
    local signal = t.exit == "open" and "open" or order.name ~= "" and order.name or order.kind
    out[i] = ("%s %g: %d at %g -> %d at %g (%s)"):format(
      t.units > 0 and "long" or "short", math.abs(t.units), t.entry_bar + 1, t.entry_price, t.exit_bar + 1, t.exit_price, signal)
  end
  return out, job
end

local calm = { 100, 101, 99, 100 }

describe("on TradingView's path", function()
  it("profit and loss of an exit placed with its entry count from the price of the fill", function()
    local bars = { calm, { 102, 103, 101.5, 102 }, { 102, 104, 101, 103 }, calm }
    local body = [[if n == 1 then entry(broker, "L", "long", 1) broker:exit { id = "X", of = "L", tp_dist = 1.5, sl_dist = 1 } end]]
    assert.same({ "long 1: 2 at 102 -> 3 at 101 (X)" }, (trades(bars, body))) -- the low comes first: |104 - 102| > |102 - 101|
    bars[3] = { 102, 104, 100.5, 103 }
    bars[2] = { 102, 103.6, 101.5, 102 }
    assert.same({ "long 1: 2 at 102 -> 2 at 103.5 (X)" }, (trades(bars, body))) -- inside the bar of the entry
    local short = [[if n == 1 then entry(broker, "S", "short", 2) broker:exit { id = "X", of = "S", tp_dist = 1.5, sl_dist = 1 } end]]
    assert.same({ "short 2: 2 at 102 -> 2 at 103 (X)" }, (trades(bars, short)))
  end)

  it("an exit sleeps until a stop entry is dealt, and then counts from its level", function()
    local bars = { calm, calm, { 100, 106, 99.5, 105 }, { 105, 106, 104, 105 } }
    local body = [[if n == 1 then entry(broker, "L", "long", 1, { stop = 102 }) broker:exit { id = "X", of = "L", tp_dist = 3, sl_dist = 1 } end]]
    assert.same({ "long 1: 3 at 102 -> 3 at 105 (X)" }, (trades(bars, body)))
  end)

  it("a trailing stop begins at trail_price and follows the best price at its offset", function()
    local bars = { calm, calm, { 100, 102.5, 99.8, 102 }, { 102, 104, 101.9, 103.5 }, { 103.5, 103.6, 101, 102 } }
    local body = [[if n == 1 then entry(broker, "L", "long", 1) broker:exit { id = "T", of = "L", trail_at = 103, trail = 1 } end]]
    assert.same({ "long 1: 2 at 100 -> 5 at 103 (T)" }, (trades(bars, body))) -- best 104
    bars[4] = { 102, 102.9, 101.9, 102.5 }
    bars[5] = { 102.5, 102.6, 101, 102 }
    assert.same({ "long 1: 2 at 100 -> 5 at 102 (open)" }, (trades(bars, body))) -- never touched
  end)

  it("a trail_price that the entry has passed already is awake at once", function()
    local bars = { calm, { 105, 105.5, 104.6, 105.4 }, { 105.4, 105.6, 104, 104.2 } }
    local body = [[if n == 1 then entry(broker, "L", "long", 1) broker:exit { id = "T", of = "L", trail_at = 103, trail = 1 } end]]
    assert.same({ "long 1: 2 at 105 -> 3 at 104.6 (T)" }, (trades(bars, body))) -- best 105.6
  end)

  it("a trailing stop without an offset is an exit at its price", function()
    local bars = { calm, calm, { 100, 103, 99.8, 102 } }
    local body = [[if n == 1 then entry(broker, "L", "long", 1) broker:exit { id = "T", of = "L", trail_at = 102.2, trail = 0 } end]]
    assert.same({ "long 1: 2 at 100 -> 3 at 102.2 (T)" }, (trades(bars, body)))
  end)

  it("the same trail_price placed again on every bar keeps what it has seen", function()
    local bars = { calm, calm, { 100, 104, 99.8, 103.5 }, { 103.5, 103.6, 102.5, 102.6 } }
    local body = [[if n == 1 then entry(broker, "L", "long", 1) end
      if position > 0 then broker:exit { id = "T", of = "L", trail_at = 101.5, trail = 1 } end]]
    assert.same({ "long 1: 2 at 100 -> 4 at 103 (T)" }, (trades(bars, body)))
  end)

  it("two exits take their parts at their own limits, and the stop takes what is left", function()
    local bars = { calm, calm, { 100, 102.2, 99.6, 102 }, { 102, 102.1, 97, 98 } }
    local body = [[if n == 1 then
        entry(broker, "L", "long", 4)
        broker:exit { id = "A", of = "L", fraction = 0.5, limit = 102, stop = 98 }
        broker:exit { id = "B", of = "L", limit = 105, stop = 98 }
      end]]
    assert.same({ "long 2: 2 at 100 -> 3 at 102 (A)", "long 2: 2 at 100 -> 4 at 98 (B)" }, (trades(bars, body)))
    bars[3] = { 100, 101, 97.5, 98.5 }
    assert.same({ "long 2: 2 at 100 -> 3 at 98 (A)", "long 2: 2 at 100 -> 3 at 98 (B)" }, (trades(bars, body)))
  end)

  it("a part placed again on every bar is taken once a position", function()
    local bars = { calm, calm, { 100, 103, 99.9, 102 }, { 102, 103, 101, 102.5 }, { 102.5, 103, 102, 102 } }
    local body = [[if n == 1 then entry(broker, "L", "long", 4) end
      if position > 0 then broker:exit { id = "A", of = "L", units = 1, limit = 102 } end]]
    assert.same({ "long 1: 2 at 100 -> 3 at 102 (A)", "long 3: 2 at 100 -> 5 at 102 (open)" }, (trades(bars, body)))
  end)

  it("a close may take a number of units or a part, oldest lots first where no entry is named", function()
    local bars = { calm, { 101, 101.5, 100.5, 101 }, { 102, 102.5, 101.5, 102 }, { 103, 103.5, 102.5, 103 }, { 104, 104.5, 103.5, 104 } }
    local enter = [[if n == 1 then entry(broker, "A", "long", 1) end if n == 2 then entry(broker, "B", "long", 2) end ]]
    local options = { pyramiding = 5 }
    assert.same({ "long 1: 2 at 101 -> 4 at 103 (close)", "long 0.5: 3 at 102 -> 4 at 103 (close)", "long 1.5: 3 at 102 -> 5 at 104 (open)" },
      (trades(bars, enter .. "if n == 3 then broker:close { fraction = 0.5 } end", options)))
    -- FIFO, TradingView's default: what entry B holds, taken from the oldest lots
    assert.same({ "long 1: 2 at 101 -> 4 at 103 (close)", "long 1: 3 at 102 -> 4 at 103 (close)", "long 1: 3 at 102 -> 5 at 104 (open)" },
      (trades(bars, enter .. "if n == 3 then broker:close { id = 'B', fifo = true } end", options)))
    assert.same({ "long 1: 2 at 101 -> 4 at 103 (close)", "long 1: 3 at 102 -> 4 at 103 (close)", "long 1: 3 at 102 -> 5 at 104 (open)" },
      (trades(bars, enter .. "if n == 3 then broker:close { units = broker.trades[2].units } end", options)))
    -- ANY: the lots of entry B
    assert.same({ "long 2: 3 at 102 -> 4 at 103 (close)", "long 1: 2 at 101 -> 5 at 104 (open)" },
      (trades(bars, enter .. "if n == 3 then broker:close { id = 'B' } end", options)))
    assert.same({ "long 1: 3 at 102 -> 4 at 103 (close)", "long 1: 2 at 101 -> 5 at 104 (open)", "long 1: 3 at 102 -> 5 at 104 (open)" },
      (trades(bars, enter .. "if n == 3 then broker:close { id = 'B', fraction = 0.5 } end", options)))
  end)

  it("an exit of no entry is one of every entry that is held", function()
    local bars = { calm, { 101, 101.5, 100.5, 101 }, { 102, 102.5, 101.5, 102 }, { 102, 103.5, 101.5, 103 }, { 103, 105.5, 102.5, 105 } }
    local body = [[if n == 1 then broker:exit { id = "X", stop = 50 } entry(broker, "A", "long", 1) end
      if n == 2 then entry(broker, "B", "long", 2) end
      if n >= 3 then broker:exit { id = "X", tp_dist = 3, units = n == 4 and 0.5 or nil } end]]
    local got, job = trades(bars, body, { pyramiding = 2 })
    assert.same({ "long 0.5: 2 at 101 -> 5 at 104 (X)", "long 0.5: 3 at 102 -> 5 at 105 (X)", "long 0.5: 2 at 101 -> 5 at 105 (open)",
      "long 1.5: 3 at 102 -> 5 at 105 (open)" }, got)
    assert.equal(6, #job.orders) -- nothing is held and nothing waits at the first call, the fourth changes what waits, and the fifth finds that dealt
  end)

  it("an exit of no entry is one of every entry that waits too, and is there when that is dealt", function()
    local bars = { calm, { 101, 101.5, 100.5, 101 }, { 101, 101.5, 98, 99 }, { 99, 99.5, 98.5, 99 } }
    local entries = [[if n == 1 then entry(broker, "A", "long", 1)
      broker:buy { id = "B", units = 1, stop = 101.4, add = true }
      broker:buy { id = "C", units = 1, limit = 50, add = true }
      broker:exit { id = "X", stop = 100 } end]]
    local got, job = trades(bars, entries)
    assert.same({ "long 1: 2 at 101 -> 3 at 100 (X)", "long 1: 2 at 101.4 -> 3 at 100 (X)" }, got)
    local exits = 0
    for _, order in ipairs(job.orders) do exits = exits + (order.kind == "exit" and 1 or 0) end
    assert.equal(3, exits) -- that of C goes on waiting with it
  end)

  it("an exit of one entry may close the oldest lots of the position, and then waits for what is left of its own", function()
    local bars = { calm, { 101, 101.5, 100.5, 101 }, { 102, 102.5, 101.5, 102 }, { 103, 105.5, 102.5, 105 }, { 105, 105.5, 99, 100 } }
    local body = [[if n == 1 then entry(broker, "A", "long", 1) broker:exit { id = "XA", of = "A", stop = 100, fifo = true } end
      if n == 2 then entry(broker, "B", "long", 1) broker:exit { id = "XB", of = "B", limit = 105, stop = 100, fifo = true } end]]
    local got, job = trades(bars, body, { pyramiding = 2 })
    assert.same({ "long 1: 2 at 101 -> 4 at 105 (XB)", "long 1: 3 at 102 -> 5 at 100 (open)" }, got)
    assert.equal("no_position", job.orders[2].reason) -- XA: no lot of A is left
  end)

  it("pyramiding counts the lots of a side at the call, whatever they are called", function()
    local bars = { calm, { 101, 101.5, 100.5, 101 }, { 102, 102.5, 101.5, 102 }, { 103, 103.5, 102.5, 103 }, { 104, 104.5, 103.5, 104 } }
    local body = [[if n <= 3 then entry(broker, ({ "A", "B", "C" })[n], "long", 1) end]]
    local got, job = trades(bars, body, { pyramiding = 2 })
    assert.same({ "long 1: 2 at 101 -> 5 at 104 (open)", "long 1: 3 at 102 -> 5 at 104 (open)" }, got)
    assert.equal("pyramiding", job.orders[3].reason)
  end)

  it("an ignored entry does not take the place of one that waits", function()
    local bars = { calm, calm, { 100, 100.5, 99.5, 100 }, { 100, 104, 99.5, 103 }, calm }
    local body = [[if n == 1 then entry(broker, "L", "long", 1) entry(broker, "M", "long", 1, { stop = 103 }) end
      if n == 2 then entry(broker, "M", "long", 1, { stop = 101 }) end]]
    assert.same({ "long 1: 2 at 100 -> 5 at 100 (open)", "long 1: 4 at 103 -> 5 at 100 (open)" }, (trades(bars, body)))
  end)

  it("a raw order turns nothing by itself", function()
    local bars = { calm, { 101, 101.5, 100.5, 101 }, { 102, 102.5, 101.5, 102 }, { 103, 103.5, 102.5, 103 } }
    local raw = [[if n == 1 then entry(broker, "L", "long", 1) end if n == 2 then broker:sell { id = "R", units = %d, add = true } end]]
    assert.same({ "long 1: 2 at 101 -> 3 at 102 (R)" }, (trades(bars, raw:format(1))))
    assert.same({ "long 1: 2 at 101 -> 3 at 102 (R)", "short 2: 3 at 102 -> 4 at 103 (open)" }, (trades(bars, raw:format(3))))
    local turned = [[if n == 1 then entry(broker, "L", "long", 1) end if n == 2 then entry(broker, "S", "short", 3) end]]
    assert.same({ "long 1: 2 at 101 -> 3 at 102 (S)", "short 3: 3 at 102 -> 4 at 103 (open)" }, (trades(bars, turned)))
  end)

  it("close_all before an entry leaves a plain new position", function()
    local bars = { calm, { 101, 101.5, 100.5, 101 }, { 102, 102.5, 101.5, 102 }, { 103, 103.5, 102.5, 103 } }
    local body = [[if n == 1 then entry(broker, "L", "long", 2) end if n == 2 then broker:close { tag = "all" } entry(broker, "S", "short", 1) end]]
    assert.same({ "long 2: 2 at 101 -> 3 at 102 (close)", "short 1: 3 at 102 -> 4 at 103 (open)" }, (trades(bars, body)))
  end)

  it("cancel_all ends what waits, exits too", function()
    local bars = { calm, calm, { 100, 101, 99, 100 }, { 100, 110, 90, 105 } }
    local body = [[if n == 1 then
      entry(broker, "L", "long", 1) broker:exit { id = "X", of = "L", limit = 104, stop = 96 }
      entry(broker, "M", "long", 1, { stop = 106 })
      end
      if n == 3 then broker:cancel_all() end]]
    local got, job = trades(bars, body, { pyramiding = 3 })
    assert.same({ "long 1: 2 at 100 -> 4 at 105 (open)" }, got)
    assert.equal("request", job.orders[2].reason)
    assert.equal("request", job.orders[3].reason)
  end)

  it("an entry with a stop and a limit is a limit order once the stop was touched", function()
    local bars = { calm, calm, { 100, 103, 99.9, 102.5 }, { 102.5, 103, 100.5, 101 }, calm }
    local body = [[if n == 1 then entry(broker, "L", "long", 1, { stop = 102, limit = 101 }) end]]
    assert.same({ "long 1: 4 at 101 -> 5 at 100 (open)" }, (trades(bars, body))) -- touched on bar 3, which does not come back to 101
    bars[3] = { 100, 103, 99.9, 100.5 }
    assert.same({ "long 1: 3 at 101 -> 5 at 100 (open)" }, (trades(bars, body))) -- and here it does
    bars[3] = { 100, 103, 99.9, 102.5 }
    local wide = [[if n == 1 then entry(broker, "L", "long", 1, { stop = 102, limit = 104 }) end]]
    assert.same({ "long 1: 3 at 102 -> 5 at 100 (open)" }, (trades(bars, wide))) -- the limit allows the stop's price
  end)

  it("one of two stops in an OCA group cancels the other, and reduce shrinks it", function()
    local bars = { calm, { 100, 102.5, 97.5, 98 }, { 98, 98.5, 97, 97.5 }, calm }
    local cancel = [[if n == 1 then
        broker:buy { id = "U", units = 1, stop = 102, oca = "g" }
        broker:sell { id = "D", units = 1, stop = 98, oca = "g" }
      end]]
    assert.same({ "short 1: 2 at 98 -> 4 at 100 (open)" }, (trades({ calm, { 100, 102.6, 97.5, 98 }, bars[3], calm }, cancel))) -- the low is nearer
    local reduce = [[if n == 1 then
        broker:buy { id = "U", units = 1, stop = 102, oca = "g", oca_kind = "reduce" }
        broker:sell { id = "D", units = 3, stop = 98, oca = "g", oca_kind = "reduce" }
      end]]
    assert.same({ "long 1: 2 at 102 -> 2 at 98 (D)", "short 1: 2 at 98 -> 4 at 100 (open)" },
      (trades({ calm, { 100, 102.4, 97.5, 98 }, bars[3], calm }, reduce)))
  end)

  it("orders processed on the close are dealt there, and brackets wait for the next bar unless the close has passed them", function()
    local options = { fill = { at = "close", path = "tradingview" } }
    local bars = { calm, { 100, 103.5, 96, 100 }, { 100, 103.5, 99.5, 103 }, calm }
    local body = [[if n == 1 then entry(broker, "L", "long", 1) broker:exit { id = "X", of = "L", limit = 103, stop = 97 } end]]
    assert.same({ "long 1: 1 at 100 -> 2 at 103 (X)" }, (trades(bars, body, options)))
    local passed = [[if n == 1 then entry(broker, "L", "long", 1) broker:exit { id = "X", of = "L", limit = 99 } end]]
    assert.same({ "long 1: 1 at 100 -> 1 at 100 (X)" }, (trades(bars, passed, options)))
  end)

  it("a percentage commission is taken of the value on each side, slippage worsens market and stop orders and no limits", function()
    local bars = { calm, { 102, 103, 101.5, 102 }, { 102, 104, 101, 103 }, calm }
    local body = [[if n == 1 then entry(broker, "L", "long", 2) broker:exit { id = "X", of = "L", limit = 103.5 } end]]
    local _, job = trades(bars, body, { commission_frac = 0.001, slippage_pips = 5 })
    local t = job.trades[1]
    assert.near(102.05, t.entry_price, 1e-9)
    assert.near(103.5, t.exit_price, 1e-9)
    assert.near(2 * (103.5 - 102.05) - 0.001 * 2 * (102.05 + 103.5), t.net, 1e-9)
    local stop = [[if n == 1 then entry(broker, "L", "long", 2, { stop = 101.8 }) broker:exit { id = "X", of = "L", stop = 101 } end]]
    t = select(2, trades(bars, stop, { slippage_pips = 5 })).trades[1]
    assert.near(102.05, t.entry_price, 1e-9) -- a gap: at the open
    assert.near(100.95, t.exit_price, 1e-9)
  end)

  it("a part of equity is sized at the close of the call, also for a stop order, and pays its commissions", function()
    local bars = { calm, calm, { 100, 126, 99.5, 125 }, calm }
    local body = [[if n == 1 then entry(broker, "L", "long", nil, { fraction = 0.5, stop = 125 }) end]]
    local function size(options) return select(2, trades(bars, body, options)).trades[1].units end
    assert.near(50, size(), 1e-9)                                        -- 5,000 / 100, not / 125
    assert.near(49.9, size { commission_per_order = 10 }, 1e-9)          -- 4,990 / 100
    assert.near(49.5049, size { commission_frac = 0.01 }, 1e-9)          -- 5,000 / 101, toward zero to 0.0001
    local cash = [[if n == 1 then entry(broker, "L", "long", nil, { fraction = 1234 / broker.equity }) end]]
    assert.near(12.34, select(2, trades(bars, cash)).trades[1].units, 1e-9)
  end)

  it("a close without a lot of that entry does nothing, not even to an entry of the same pass", function()
    local bars = { calm, { 101, 101.5, 100.5, 101 }, { 102, 102.5, 101.5, 102 } }
    local body = [[if n == 1 then entry(broker, "L", "long", 1) broker:close { id = "L" } end]]
    assert.same({ "long 1: 2 at 101 -> 3 at 102 (open)" }, (trades(bars, body)))
  end)

  it("an entry placed again takes the place of the one that waits, and a reversal is sized when it is called", function()
    local bars = { calm, calm, { 100, 101, 99, 100 }, { 100, 102.5, 99.5, 102 }, { 102, 102.5, 101.5, 102 } }
    local body = [[if n == 1 then entry(broker, "L", "long", 1, { stop = 105 }) end
      if n == 2 then entry(broker, "L", "long", 2, { stop = 102 }) end]]
    assert.same({ "long 2: 4 at 102 -> 5 at 102 (open)" }, (trades(bars, body)))
    local two = [[if n == 1 then entry(broker, "L", "long", 1, { stop = 102 }) entry(broker, "S", "short", 1, { stop = 99 }) end]]
    bars = { calm, { 100, 101, 98.5, 99.5 }, { 99.5, 101, 99, 100 }, bars[4], bars[5] }
    assert.same({ "short 1: 2 at 99 -> 4 at 102 (L)" }, (trades(bars, two))) -- both were placed while flat
  end)
end)
