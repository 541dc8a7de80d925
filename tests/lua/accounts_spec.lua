-- The look at the accounts of every run (accounts.lua): it is there, in specs and in the command, and sees what does not add up.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)

local session = require "session"
local accounts = require "audit".counts
local sliders = require "sliders"

local HOUR = 3600 * 1000000000

local state
local function random()
  state = math.fmod(state * 16807, 2147483647)
  return state / 2147483647
end

local function add(market, pair, price, hours, spread)
  local b = { pair = pair, side = spread and "both" or "mid", period_ns = hours * HOUR, time = {}, open = {}, high = {}, low = {}, close = {} }
  local jpy = pair:sub(4) == "JPY"
  b.instrument = { base = pair:sub(1, 3), quote = pair:sub(4), digits = jpy and 3 or 5, pip = jpy and 0.01 or 0.0001, lot = 100000, swap_long = -3,
    swap_short = 1 }
  for row = 1, 600 / hours do
    local open, close = price * (1 + 0.002 * (random() - 0.5)), price * (1 + 0.02 * (random() - 0.5))
    b.time[row], b.open[row], b.close[row] = (row - 1) * hours * HOUR, open, close
    b.high[row], b.low[row] = math.max(open, close) * (1 + 0.003 * random()), math.min(open, close) * (1 - 0.003 * random())
    price = close
  end
  for _, name in ipairs(spread and { "open", "high", "low", "close" } or {}) do
    b["ask_" .. name] = {}
    for row, value in ipairs(b[name]) do b["ask_" .. name][row] = value + spread end
  end
  market:add(b)
end

local text = [[
local sliders = require "sliders"
local S = sliders.strategy { warmup = 0 }
function S:bar(broker)
  local r, close = sliders.random(), self.bars.close[0]
  if r < 0.1 then broker:target(r < 0.05 and 1 or -1.5, { sl_dist = close * 0.01 })
  elseif r < 0.25 then broker:buy { units = 2000, limit = close * 0.997, id = "dip", sl_dist = close * 0.005, tp_dist = close * 0.008 }
  elseif r < 0.35 then broker:sell { units = 3000, stop = close * 0.996, trail = close * 0.006 }
  elseif r < 0.4 then broker:close { fraction = 0.4 } end
end
return S]]

local options = { spread_pips = 2, slippage_pips = 0.3, commission_frac = 0.00003, commission_per_lot = 2, commission_per_order = 0.1, rollover = "points" }

-- What Lua sees of a result, as plain tables that can be changed.
local function copy_of(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for name, part in pairs(value) do
    if name ~= "result" then copy[name] = copy_of(part) end
  end
  return copy
end

local lazy = { "orders", "trades", "rollovers", "equity", "close_time", "data", "books" }

local function copy_of_result(result)
  local copy = { jobs = {}, portfolio = copy_of(result.portfolio) }
  for i, job in ipairs(result.jobs) do
    for _, name in ipairs(lazy) do local _ = job[name] end
    copy.jobs[i] = copy_of(job)
  end
  for _, name in ipairs { "time", "equity", "weights" } do copy.portfolio[name] = copy_of(result.portfolio[name]) end
  return copy
end

local function with(more)
  local all = {}
  for name, value in pairs(options) do all[name] = value end
  for name, value in pairs(more) do all[name] = value end
  return all
end

describe("the look at accounts", function()
  local host, market

  before_each(function()
    state = 4711
    host = sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" }
    market = host:market()
    add(market, "EURUSD", 1.1, 6)
    add(market, "USDJPY", 110, 4)
    add(market, "EURGBP", 0.85, 8)
    add(market, "GBPUSD", 1.3, 12)
  end)
  after_each(function() host:close() end)

  local function run(how)
    local result = host:run(host:strategy_text("random", text), market, how)
    for _, job in ipairs(result.jobs) do assert.equal("done", job.state, tostring(job.error)) end
    return result
  end

  local function looked(change, how, words)
    local result = copy_of_result(run(how))
    accounts.check(result, market, how, sliders)
    change(result)
    local ok, err = pcall(accounts.check, result, market, how, sliders)
    assert.is_false(ok)
    assert.truthy(tostring(err):find(words, 1, true), tostring(err))
  end

  it("is there for every run of a spec", function()
    local jobs, rows, open, portfolios = accounts.jobs, accounts.rows, accounts.open_rows, accounts.portfolios
    run(options)
    assert.same({ 4, 100 + 150 + 75 + 50, 1 }, { accounts.jobs - jobs, accounts.rows - rows, accounts.portfolios - portfolios })
    assert.is_true(accounts.open_rows - open > 150)
  end)

  it("is there for every run of the command", function()
    local shell = session.open()
    shell:write("prices.csv", session.prices({ "EURUSD" }, 60))
    local line = " run sma_cross --data prices.csv --set fast=2 --set slow=10 --quiet"
    assert.same({ status = 0, out = "", err = "" }, shell:run("sliders" .. line))
    local blind = session.command:gsub('require "audit"', function(words) return words .. ".counts.check = function() error [[seen]] end" end)
    local said = shell:run(blind .. line)
    assert.equal(1, said.status)
    assert.truthy(said.err:find("seen", 1, true), said.err)
    shell:close()
  end)

  it("passes every path, accounting, side, currency and account", function()
    add(market, "AUDUSD", 0.7, 6, 0.0003)
    for _, fill in ipairs { "next_open", "close", "tradingview", "backtesting_py" } do
      for _, more in ipairs {
        {}, { accounting = "hedge", currency = "JPY", capital = 1e7 }, { account = "shared", currency = "EUR" },
        { account = "shared", accounting = "hedge", close_at_end = true }, { close_at_end = true, currency = "GBP", timeframe = "1d", day = "utc" },
        { side = "mid", pairs = { "EURUSD", "USDJPY" }, from = "1970-01-05", to = "1970-01-19" },
      } do
        local how = with(more)
        how.fill = fill
        if not how.pairs then how.spread_pips = 0 end
        run(how)
      end
    end
  end)

  it("passes overlays, with the cost of their turnover", function()
    for _, rule in ipairs { "equal", "inverse_vol", "vol_target" } do run(with { weights = rule }) end
  end)

  -- The first place of a list from `from` on that a test likes.
  local function find(list, likes, from)
    for i = from or 1, #list do
      if likes(list[i], i) then return list[i], i end
    end
    error "there is none"
  end

  local function in_position(job)
    return find(job.equity, function(_, k)
      for _, trade in ipairs(job.trades) do
        if trade.entry_bar < k - 1 and trade.exit_bar > k - 1 then return true end
      end
    end)
  end

  it("sees a wrong equity inside a position and outside of one", function()
    looked(function(result)
      local job = result.jobs[4]
      local _, k = in_position(job)
      job.equity[k] = job.equity[k] + 1e-6
    end, options, "USDJPY: equity ")
    looked(function(result) result.jobs[1].equity[1] = result.jobs[1].equity[1] + 1e-9 end, options, "EURGBP: equity 1 of 75")
  end)

  it("sees what orders, trades and rollovers do not account for", function()
    local function filled(job, likes) return (find(job.orders, function(o) return o.state == "filled" and (not likes or likes(o)) end)) end
    local function closed(job) return (find(job.trades, function(t) return t.exit ~= "open" end)) end
    for words, change in pairs {
      ["gross"] = function(job)
        local trade = closed(job)
        trade.gross = trade.gross + 1e-6
        trade.net = trade.gross - trade.costs
      end,
      ["net"] = function(job) closed(job).net = closed(job).net + 1e-6 end,
      ["its distance from the market"] = function(job) filled(job).slippage_cost = filled(job).slippage_cost + 1e-6 end,
      ["its commission"] = function(job) filled(job).commission = filled(job).commission * 1.0000001 end,
      ["has dealt"] = function(job) filled(job).filled = filled(job).filled + 1 end,
      ["has no entry order"] = function(job) closed(job).entry_order = 1e6 end,
      ["and has traded"] = function(job) find(job.orders, function(o) return o.state ~= "filled" end).filled = 1 end,
      ["rollover"] = function(job) job.rollovers[1].amount = job.rollovers[1].amount + 1e-6 end,
      ["equity "] = function(job) job.rollovers[1].bar = job.rollovers[1].bar + 1 end,
      ["realised"] = function(job) job.realised = job.realised + 1e-6 end,
      ["spread"] = function(job) job.costs.spread = job.costs.spread + 1e-6 end,
      ["costs of the trades"] = function(job)
        local trade = closed(job)
        trade.costs = trade.costs + 1e-6
        trade.net = trade.gross - trade.costs
      end,
      ["final equity"] = function(job) job.final_equity = job.final_equity + 1e-6 end,
    } do
      looked(function(result) change(result.jobs[4]) end, options, words)
    end
  end)

  it("sees a price that its bar did not have", function()
    looked(function(result)
      local order = find(result.jobs[4].orders, function(o) return o.state == "filled" end)
      order.reference = order.reference * 1.1
    end, options, " its bar goes from ")
  end)

  it("sees a bar too early, another price and another rate", function()
    looked(function(result)
      local trade = find(result.jobs[2].trades, function(t) return t.exit_bar > t.entry_bar + 1 end)
      result.jobs[2].orders[trade.exit_order].fill_bar = trade.exit_bar - 1
    end, options, "EURUSD: equity ")
    looked(function(result)
      local order = find(result.jobs[4].orders, function(o) return o.state == "filled" end)
      order.reference = order.reference + 1e-9
    end, options, "USDJPY: ")
    local how = with { currency = "EUR" }
    looked(function() how.currency = "GBP" end, how, ": ")
  end)

  it("sees wrong equity of a shared account and money that a book does not show", function()
    local how = with { account = "shared" }
    looked(function(result) result.jobs[1].equity[70] = result.jobs[1].equity[70] + 1e-6 end, how, "ACCOUNT: equity 70 of ")
    looked(function(result) result.jobs[1].books[4].rollovers[1].amount = 0 end, how, "USDJPY: rollover")
    looked(function(result) result.portfolio.equity[3] = result.portfolio.equity[3] + 1e-9 end, how, "portfolio: row 3")
  end)

  it("sees a portfolio that is not the sum of its sleeves, and an overlay that earns or costs something else", function()
    looked(function(result) result.portfolio.equity[9] = result.portfolio.equity[9] + 1e-6 end, options, "portfolio: sum of the sleeves in row 9")
    local how = with { weights = "equal" }
    looked(function(result) result.portfolio.equity[40] = result.portfolio.equity[40] + 1e-6 end, how, "portfolio: equity of row 40")
    looked(function(result) result.portfolio.costs = result.portfolio.costs + 1e-6 end, how, "portfolio: costs of the turnover")
    looked(function(result) result.portfolio.weights[30][2] = result.portfolio.weights[30][2] + 1e-3 end, how, "portfolio: equity of row 3")
  end)

  it("sees a ruined account that goes on", function()
    local ruin = copy_of_result(run(options))
    ruin.jobs[1].state = "ruined"
    local ok, err = pcall(accounts.check, ruin, market, options, sliders)
    assert.is_false(ok)
    assert.truthy(err:find("EURGBP: ruined with equity", 1, true))
  end)
end)
