-- Several pairs on one account, as a user runs and checks them.
local session = require "session"

local shell

-- Bars of six hours with holes, beside daily prices: the clocks of an account differ.
local function quarters(days)
  local lines, state = { "time,open,high,low,close" }, 4711
  local function random()
    state = math.fmod(state * 16807, 2147483647)
    return state / 2147483647
  end
  local price = 0.7
  for k = 0, 4 * days - 1 do
    local open = price
    price = price * (1 + 0.01 * (random() - 0.5))
    local day = math.floor(k / 4)
    if random() > 0.2 then
      lines[#lines + 1] = ("20%02d-%02d-%02d %02d:00,%.5f,%.5f,%.5f,%.5f"):format(math.floor(day / 336), math.floor(day / 28) % 12 + 1, day % 28 + 1, k % 4 * 6,
        open, math.max(open, price) + 0.001, math.min(open, price) - 0.001, price)
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

setup(function()
  shell = session.open()
  shell:write("prices.csv", session.prices({ "EURUSD", "GBPUSD", "USDJPY" }, 400))
  shell:write("AUDUSD.csv", quarters(300))
  shell:write("spread.lua", [[
local sliders = require "sliders"
local Spread = sliders.strategy { about = "Trades the distance of two pairs.", pairs = { "EURUSD", "AUDUSD" } }
function Spread:init(bars)
  self.distance = bars.EURUSD.close - bars.AUDUSD.close
  self.mean, self.slow = sliders.sma(self.distance, 40), sliders.sma(bars.EURUSD.close, 10)
end
function Spread:bar(broker)
  local side = self.distance[0] > self.mean[0] and -1 or 1
  broker.EURUSD:target(side, { sl_dist = 0.05 })
  if self.bars.AUDUSD.fresh then broker.AUDUSD:target(-side) end
  if self.slow[0] > self.slow[1] and broker.equity > 90000 and #broker.AUDUSD.trades < 3 then
    broker.AUDUSD:buy { units = 500, limit = self.bars.AUDUSD.close[0] - 0.002, id = "dip", expire = 3, sl_dist = 0.01 }
  end
end
return Spread
]])
  shell:write("rates.csv", "date,EUR,GBP,JPY,USD\n2000-01-01,3.5,5.0,0.5,4.0\n2000-02-01,3.6,5.1,0.5,4.0\n2000-03-01,3.7,5.2,0.5,1.0\n"
    .. "2000-04-01,3.7,5.2,0.5,1.0\n2000-05-01,3.7,5.2,0.5,1.0\n2000-06-01,3.7,5.2,0.5,1.0\n")
end)

teardown(function() shell:close() end)

local function succeed(line)
  local said = shell:run("sliders " .. line)
  assert.equal("", said.err)
  assert.equal(0, said.status, said.out)
  return said.out
end

local function cells(out, name)
  local row = ("\n" .. out):match("\n" .. name .. "( [^\n]*)")
  local list = {}
  for cell in (row or ""):gmatch("%S+") do list[#list + 1] = cell end
  return list
end

local function number(text) return tonumber((text:gsub(",", ""))) end

describe("sliders run --account shared", function()
  it("shows trades, profit and costs of each pair, and the account's figures below", function()
    local out = succeed "run sma_cross --data prices.csv --set fast=2 --set slow=10 --account shared --spread 2"
    assert.truthy(out:find("\npair +return +annual +sharpe +max dd +trades +profit +spread"), out)
    local sum, trades = 0, 0
    for _, pair in ipairs { "EURUSD", "GBPUSD", "USDJPY" } do
      local row = cells(out, pair)
      trades, sum = trades + number(row[1]), sum + number(row[2])
    end
    local account = cells(out, "ACCOUNT")
    assert.equal(trades, number(account[5]))
    assert.is_true(math.abs(sum - number(account[6])) < 0.03, out)
    assert.truthy(out:find("\nPortfolio: one account, costs ", 1, true))
    assert.is_nil(out:find("PORTFOLIO", 1, true))
  end)

  it("is what a strategy that names its pairs gets without asking", function()
    local out = succeed "run spread.lua --data prices.csv AUDUSD.csv"
    assert.truthy(out:find("^spread in luajit: 2 pairs, "), out)
    assert.truthy(#cells(out, "AUDUSD") > 0 and #cells(out, "EURUSD") > 0)
    assert.equal(0, #cells(out, "USDJPY"))
  end)

  it("writes one job with its pairs as JSON, and orders and trades by pair as CSV", function()
    succeed "run spread.lua --data prices.csv AUDUSD.csv --json out.json --csv out --quiet"
    local json = shell:read "out.json"
    assert.truthy(json:find('\n  "account": "shared",\n', 1, true))
    assert.truthy(json:find('\n   "pair": "ACCOUNT",\n   "pairs": {\n    "AUDUSD": {\n     "bars": ', 1, true), json:sub(1, 3000))
    assert.truthy(json:find('\n     "pair": "EURUSD",\n', 1, true))
    assert.truthy(json:find('\n  "rule": "shared"\n', 1, true))
    assert.truthy(shell:read("out/orders.csv"):find("\nAUDUSD,0,1,.*\nEURUSD,0,1,"))
    assert.truthy(shell:read("out/trades.csv"):find("\nAUDUSD,0,.*\nEURUSD,0,"))
    assert.truthy(shell:read("out/equity.csv"):find("^time,pair,set,equity\n[^\n]*,ACCOUNT,0,100000\n"))
  end)

  it("refuses what does not fit, at the option", function()
    for line, words in pairs {
      ["spread.lua --data prices.csv AUDUSD.csv --account split"] = "--account: the strategy trades several pairs together: its account cannot be split",
      ["spread.lua --data prices.csv"] = "the market has no pair 'AUDUSD'; did you mean 'EURUSD'?",
      ["sma_cross --data prices.csv --account shared --weights equal"] =
        "--weights: a shared account is the portfolio: no other rule of weights can be given",
    } do
      local said = shell:run("sliders run " .. line)
      assert.equal("sliders: " .. words .. "\n", said.err)
      assert.equal(1, said.status)
    end
  end)

  it("says of a failure which pair it is", function()
    shell:write("fails.lua", "local sliders = require 'sliders'\nlocal S = sliders.strategy {}\n"
      .. "function S:bar() if self.bars.pair == 'GBPUSD' then error('no') end end\nreturn S\n")
    local said = shell:run "sliders run fails.lua --data prices.csv --account shared"
    assert.equal(1, said.status)
    assert.truthy(said.err:find("sliders: ACCOUNT: fails.lua:3: GBPUSD: no\n", 1, true), said.err)
    assert.truthy(said.out:find("\nACCOUNT  failed\n", 1, true), said.out)
  end)

  it("runs the carry strategy on short rates, and says where there are none", function()
    local out = succeed "run carry --data prices.csv --rates rates.csv --set held=1"
    assert.truthy(number(cells(out, "USDJPY")[1]) > 0, out)
    local said = shell:run "sliders run carry --data prices.csv"
    assert.truthy(said.err:find("now.rate is not there: the run has no short rates (--rates)", 1, true), said.err)
  end)
end)

describe("sliders check of one account", function()
  for name, line in pairs {
    ["pairs of different bars that are traded together"] = "check spread.lua --data prices.csv AUDUSD.csv",
    ["pairs that are sized at their fills"] = "check spread.lua --data prices.csv AUDUSD.csv --fill backtesting_py",
    ["an instance per pair, of different bars"] = "check momentum --data prices.csv AUDUSD.csv --account shared --set lookback=20 --set window=10",
    ["a strategy that allocates"] = "check cross_section --data prices.csv AUDUSD.csv --set lookback=30",
    ["carry"] = "check carry --data prices.csv --rates rates.csv --set held=1",
  } do
    it("passes " .. name, function()
      local out = succeed(line)
      assert.truthy(out:find("10 cuts, %d[%d,]* orders decided before them: unchanged"), out)
      assert.truthy(out:find("\n  engines  luajit and lua54: equal\n  source   no warnings\n", 1, true), out)
    end)
  end
end)
