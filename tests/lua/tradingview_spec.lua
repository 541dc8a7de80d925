-- TradingView's own lists of trades against the strategies of tests/tradingview, which say the same in sliders' words.
-- Compared for every trade: both times, side, size, both prices, both signals; net profit in dollars to half a cent.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)

local sliders = require "sliders"

local truth = (os.getenv "SLIDERS_SHARED" or "../shared") .. "/truth/tradingview"

local windows = {
  A1 = { "2025-03-31 00:00", "2026-05-01 00:00" },
  A2 = { "2025-03-31 00:00", "2026-04-01 00:00" },
  B = { "2025-04-05 00:00", "2026-04-05 20:45" },
  C = { "2025-04-20 00:00", "2026-04-20 20:45" },
}

-- The last bar of B and C was still forming when the list was made: `open` is how many open rows cannot be compared.
-- `cents` is how many profits may differ by half a cent or more: days on which the published dollar rate is not the one in use.
local lists = {
  { "ta-sma-dual-cross-01", "A1", 2150 },
  { "ta-macd-12-26-9-line-signal-cross-01", "A1", 3022 },
  { "ta-rsi14-cross-50-01", "A1", 4690 },
  { "ta-donchian-channel-breakout-01", "B", 1002 },
  { "ta-supertrend-direction-flip-01", "A1", 819 },
  { "ta-stoch-slow-k-d-cross-01", "A1", 7585 },
  { "order-process-on-close-false-01", "A1", 857 },
  { "order-process-on-close-true-01", "A1", 857, run = { fill = { at = "close", path = "tradingview" } } },
  { "order-entry-implicit-reversal-exit-01", "A2", 1098 },
  { "bracket-exit-tp-sl-fixed-01", "A2", 366 },
  { "bracket-partial-exit-qty-percent-01", "A2", 725 },
  { "bracket-trail-points-with-offset-only-01", "A2", 710 },
  { "bracket-atr-trailing-stop-state-01", "B", 5073, open = 1 },
  { "analyzer-parity-stop-limit-timing-01", "A1", 778, exits = { stop_loss = "stop fill", take_profit = "tp fill" } },
  { "bracket-tp-sl-oca-reduce-isolate-01", "A1", 2240 },
  { "oca-multi-bracket-isolation-01", "A1", 1244 },
  { "order-dual-stop-open-high-first-path-01", "A2", 216 },
  { "order-dual-stop-open-low-first-path-01", "A2", 189 },
  { "order-dual-stop-open-tie-01", "A2", 732 },
  { "order-same-id-stop-modification-01", "A2", 689 },
  { "order-deferred-flip-guaranteed-gap-stops-01", "A1", 792 },
  { "pyramid-close-id-grouping-01", "A2", 2196, run = { pyramiding = 3 } },
  { "order-percent-equity-cash-commission-01", "A2", 366, run = { commission_per_order = 1.5 }, cents = 3 },
  { "analyzer-parity-percent-of-equity-sizing-01", "A1", 57, cents = 2 },
  { "analyzer-parity-edge-margin-50-pct-01", "A1", 57 },
  { "mtf-htf-60-sma20-inside-security-01", "C", 540, open = 1 },
  { "mtf-daily-ema26-warmup-01", "A2", 31 },
  { "session-ny-spring-forward-dst-01", "A1", 396 },
}

-- ---- Files -----------------------------------------------------------------------------------------------------------

-- Lines of a file, or of its .gz. Nil where neither is there.
local function lines_of(path)
  local plain = io.open(path, "rb")
  if plain then
    plain:close()
    return io.lines(path)
  end
  local packed = io.open(path .. ".gz", "rb")
  if not packed then return nil end
  packed:close()
  return io.popen("gzip -dc '" .. path .. ".gz'"):lines()
end

local present = lines_of(truth .. "/usdtusd_daily.csv") ~= nil
if not present then
  if os.getenv "CI" == "true" then error("no " .. truth) end
  print("skipped: TradingView's lists are not at " .. truth)
  return
end

-- Fields of a CSV line; a field in quotes may hold commas.
local function fields_of(line)
  local fields, at = {}, 1
  line = line:gsub("\r$", "") .. ","
  while at <= #line do
    local quoted, after = line:match('^"([^"]*)",()', at)
    local field
    if quoted then field, at = quoted, after else field, at = line:match("^([^,]*),()", at) end
    fields[#fields + 1] = field
  end
  return fields
end

local function ns(text) return sliders.time_parse(text) end
local minute = 60 * 1000000000

local function read_bars(window)
  local from, to = ns(windows[window][1]), ns(windows[window][2])
  local bars = { pair = "ETHUSDT", side = "mid", period_ns = 15 * minute, time = {}, open = {}, high = {}, low = {}, close = {},
    instrument = { base = "ETH", quote = "USDT", digits = 2, pip = 0.01, step = 0.0001 } }
  for line in lines_of(truth .. "/ohlcv_ETH-USDT-USDT_15m_warmup6m.csv") do
    local ms, open, high, low, close = line:match("^(%d+),([^,]+),([^,]+),([^,]+),([^,]+)")
    local time = ms and tonumber(ms) * 1000000
    if time and time >= from and time <= to then
      local n = #bars.time + 1
      bars.time[n], bars.open[n], bars.high[n], bars.low[n], bars.close[n] = time, tonumber(open), tonumber(high), tonumber(low), tonumber(close)
    end
  end
  return bars
end

-- Dollars for a tether. On the first day of a window TradingView knew no earlier rate and took 1.
local function read_rates(window)
  local day = 1440 * minute
  local from = ns(windows[window][1])
  local rates = { pair = "USDTUSD", side = "mid", period_ns = day, time = { from - day }, close = { 1.0 },
    instrument = { base = "USDT", quote = "USD", digits = 6, pip = 0.0001 } }
  for line in lines_of(truth .. "/usdtusd_daily.csv") do
    local date, rate = line:match("^(%d+%-%d+%-%d+),([%d.]+)")
    if date and ns(date) >= from then
      rates.time[#rates.time + 1], rates.close[#rates.close + 1] = ns(date), tonumber(rate)
    end
  end
  return rates
end

-- The list's clock is UTC+8.
local function list_time(text) return ns(text) - 8 * 60 * minute end

local function read_list(name)
  local trades, first, exit = {}, true, nil
  for line in lines_of(truth .. "/" .. name .. ".csv") do
    local f = fields_of(line)
    if first then first = false
    elseif f[2]:find "^Exit" then exit = f
    else
      assert(exit[1] == f[1], "an entry stands below its exit")
      trades[#trades + 1] = {
        side = f[2]:match "long" or "short", entry_time = list_time(f[3]), exit_time = list_time(exit[3]), entry_signal = f[4], exit_signal = exit[4],
        entry_price = tonumber(f[5]), exit_price = tonumber(exit[5]), size = tonumber(f[6]), profit = tonumber(exit[8]),
      }
    end
  end
  return trades
end

-- ---- Runs ------------------------------------------------------------------------------------------------------------

local markets, host = {}, nil

local function market_of(window)
  host = host or sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" }
  if not markets[window] then
    local market, bars = host:market(), read_bars(window)
    market:add(bars)
    market:add(read_rates(window))
    markets[window] = { market = market, time = bars.time }
  end
  return markets[window]
end

local function run(name, window, vm, more)
  local options = { pairs = { "ETHUSDT" }, capital = 1000000, fill = "tradingview", leverage = 1e9, keep = "ledger" }
  for key, value in pairs(more or {}) do options[key] = value end
  local market = market_of(window)
  local strategy = host:strategy("tests/tradingview/" .. name .. ".lua", vm)
  local job = host:run(strategy, market.market, options).jobs[1]
  if job.state ~= "done" then error(job.error or job.state) end
  return job, market.time
end

local function signal(order) return order.tag ~= "" and order.tag or order.name end

local function exit_signal(orders, trade, words)
  if trade.exit == "open" then return "Open" end
  local order = orders[trade.exit_order]
  if words and words[trade.exit] then return words[trade.exit] end
  if order.kind == "close" and order.tag == "" then return "Close entry(s) order " .. orders[trade.entry_order].name end
  return signal(order)
end

local function ours(job, time, words)
  local trades, orders = {}, job.orders
  for i, t in ipairs(job.trades) do
    trades[i] = {
      side = t.units > 0 and "long" or "short", entry_time = time[t.entry_bar + 1], exit_time = time[t.exit_bar + 1],
      entry_signal = signal(orders[t.entry_order]), exit_signal = exit_signal(orders, t, words),
      entry_price = t.entry_price, exit_price = t.exit_price, size = math.abs(t.units), profit = t.net,
    }
  end
  return trades
end

local exact = { "side", "entry_time", "exit_time", "entry_signal", "exit_signal" }
local near = { entry_price = 0.004, exit_price = 0.004, size = 0.00004 }

-- The first field that differs, or nil.
local function difference(got, expected)
  for _, name in ipairs(exact) do
    if got[name] ~= expected[name] then return name end
  end
  for name, bound in pairs(near) do
    local agrees = math.abs(got[name] - expected[name]) < bound
    if not agrees then return name end
  end
end

local function shown(t)
  if not t then return "nothing" end
  return ("%s %s x %g, %s at %g (%s) to %s at %g (%s), %.2f"):format(t.side, "", t.size, sliders.time_format(t.entry_time), t.entry_price, t.entry_signal,
    sliders.time_format(t.exit_time), t.exit_price, t.exit_signal, t.profit)
end

describe("TradingView's list", function()
  for _, list in ipairs(lists) do
    local name, window, count = list[1], list[2], list[3]
    it(name .. " has the trades that sliders makes", function()
      local job, time = run(name, window, jit and "luajit" or "lua54", list.run)
      local got, expected = ours(job, time, list.exits), read_list(name)
      assert.equal(count, #expected)
      local cents, open = 0, 0
      for i, trade in ipairs(expected) do
        local field = got[i] and difference(got[i], trade) or (not got[i] and "trade" or nil)
        local paid = field or math.abs(got[i].profit - trade.profit) < 0.00501
        if field and list.open and trade.exit_signal == "Open" and field == "exit_price" then open, field = open + 1, nil
        elseif not paid then cents = cents + 1 end
        if field then error(("trade %d of %d differs in %s:\n  %s\nis not\n  %s"):format(i, #expected, field, shown(got[i]), shown(trade)), 0) end
      end
      assert.equal(count, #got)
      assert.equal(list.open or 0, open)
      assert.equal(list.cents or 0, cents)
    end)
  end
end)
