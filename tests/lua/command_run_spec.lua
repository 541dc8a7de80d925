-- `sliders run` as a user runs it: every option, and what the exit status and the files say.
local session = require "session"

local shell

setup(function()
  shell = session.open()
  shell:write("prices.csv", session.prices({ "EURUSD", "GBPUSD", "USDJPY" }, 400))
  shell:write("more.csv", session.prices({ "AUDUSD" }, 400))
  shell:write("hold.lua", [[
-- Holds as much as it is told.
local sliders = require "sliders"
local Hold = sliders.strategy { about = "Holds.", params = { size = sliders.number(1, -5, 5, { label = "exposure" }) } }
function Hold:bar(broker, p) broker:target(p.size) end
return Hold
]])
  shell:write("talk.lua", [[
local sliders = require "sliders"
local Talk = sliders.strategy {}
function Talk:init(bars) print("trading", bars.pair) end
function Talk:bar(broker) broker:target(0) end
return Talk
]])
end)

teardown(function() shell:close() end)

local function run(line)
  return shell:run("sliders run " .. line)
end

-- Runs, demands success, and returns what was printed.
local function succeed(line)
  local said = run(line)
  assert.equal("", said.err)
  assert.equal(0, said.status)
  return said.out
end

-- Cells of the row of `name`, as far as they have no blanks.
local function row(text, name)
  local cells = {}
  for cell in assert(text:match("\n(" .. name .. "%s[^\n]*)"), text):gmatch("%S+") do cells[#cells + 1] = cell end
  return cells
end

local rows = { EURUSD = true, GBPUSD = true, USDJPY = true, AUDUSD = true, PORTFOLIO = true }
local function names(text)
  local found = {}
  for name in text:gmatch("\n(%u+)  ") do
    if rows[name] then found[#found + 1] = name end
  end
  return table.concat(found, " ")
end

describe("sliders run", function()
  it("prints a head, a row per pair, the portfolio, and what the figures rest on", function()
    local out = succeed "hold.lua --data prices.csv"
    assert.truthy(out:find("^hold in %w+: 3 pairs, 2000%-01%-01 to 2001%-03%-08, capital 100,000%.00 USD\n\npair "), out)
    assert.equal("EURUSD GBPUSD USDJPY PORTFOLIO", names(out))
    assert.truthy(out:find("\n\nPortfolio: sum, costs 0.00\n", 1, true))
    assert.truthy(out:find("One price a bar (all pairs): orders fill at the next fixing, stops are tested at fixings only.\n", 1, true))
  end)

  it("shows figures, trades, costs by kind, rejections and buy and hold beside each pair", function()
    local out = succeed "sma_cross --data prices.csv --set fast=2 --set slow=10 --spread 2"
    assert.truthy(out:find("pair%s+return%s+annual%s+sharpe%s+max dd%s+trades%s+spread%s+slippage%s+commission%s+rejected%s+buy & hold\n"))
    assert.equal(11, #row(out, "EURUSD"))
    assert.equal(11, #row(out, "PORTFOLIO"))
  end)

  it("takes shipped strategies by name", function()
    assert.truthy(succeed("momentum --data prices.csv --quiet") == "")
  end)

  it("joins several --data", function()
    assert.equal("AUDUSD EURUSD GBPUSD USDJPY PORTFOLIO", names(succeed "hold.lua --data prices.csv more.csv"))
    assert.equal("AUDUSD EURUSD GBPUSD USDJPY PORTFOLIO", names(succeed "hold.lua --data prices.csv --data more.csv"))
  end)

  it("keeps to --pairs", function()
    assert.equal("EURUSD USDJPY PORTFOLIO", names(succeed "hold.lua --data prices.csv --pairs USDJPY,EURUSD"))
  end)

  it("runs in the engine that --vm names", function()
    assert.truthy(succeed("hold.lua --data prices.csv --vm lua54"):find("^hold in lua54:"))
    assert.truthy(succeed("hold.lua --data prices.csv --vm luajit"):find("^hold in luajit:"))
  end)

  it("gives the same bytes for one and for eight workers, in either engine", function()
    succeed "sma_cross --data prices.csv --workers 1 --vm luajit --json one.json --csv one --quiet"
    succeed "sma_cross --data prices.csv --workers 8 --vm lua54 --json eight.json --csv eight --quiet"
    assert.truthy(#shell:read "one.json" > 1000)
    assert.equal(shell:read "one.json", shell:read "eight.json")
    for _, name in ipairs { "equity", "orders", "trades" } do
      assert.equal(shell:read("one/" .. name .. ".csv"), shell:read("eight/" .. name .. ".csv"))
    end
  end)

  it("sets parameters by --set", function()
    assert.equal("0.00%", row(succeed "hold.lua --data prices.csv --set size=0", "EURUSD")[2])
    local long, short = row(succeed "hold.lua --data prices.csv", "EURUSD")[2], row(succeed "hold.lua --data prices.csv --set size=-1", "EURUSD")[2]
    assert.truthy(long:sub(1, 1) ~= "-" and short:sub(1, 1) == "-" or long:sub(1, 1) == "-" and short:sub(1, 1) ~= "-")
  end)

  it("trades from --from up to --to, both days included", function()
    local out = succeed "hold.lua --data prices.csv --from 2000-06-01 --to 2000-06-28 --csv window --quiet --pairs EURUSD"
    assert.equal("", out)
    local _, lines = shell:read("window/equity.csv"):gsub("[^\n]*,EURUSD,", "")
    assert.equal(28, lines)
    assert.truthy(succeed("hold.lua --data prices.csv --from 2000-06-01 --to 2000-06-28"):find("3 pairs, 2000-06-01 to 2000-06-28,", 1, true))
  end)

  it("warms indicators up on the bars before --from, unless --cold hides them", function()
    local warm = succeed "sma_cross --data prices.csv --set slow=200 --from 2000-09-01 --to 2000-10-28 --csv warm"
    local cold = succeed "sma_cross --data prices.csv --set slow=200 --from 2000-09-01 --to 2000-10-28 --csv cold --cold"
    assert.are_not.equal("0.00%", row(warm, "EURUSD")[2])
    assert.equal("pair,set,id,time,fill_time,kind,state,reason,target,units,stop_loss,take_profit,price,reference,spread_cost,slippage_cost,commission,"
      .. "name,tag,parent,group,limit,stop,filled\n",
      shell:read "cold/orders.csv")
    assert.truthy(cold)
  end)

  it("splits --capital among the pairs", function()
    succeed "hold.lua --data prices.csv --capital 3000 --set size=0 --json capital.json --quiet"
    local _, sleeves = shell:read("capital.json"):gsub('"capital": 1000[^%d.]', "")
    assert.equal(3, sleeves)
  end)

  it("charges --spread", function()
    assert.equal("0.00", row(succeed "hold.lua --data prices.csv", "EURUSD")[7])
    assert.are_not.equal("0.00", row(succeed "hold.lua --data prices.csv --spread 3", "EURUSD")[7])
  end)

  it("fills at the next open, or at the close that decides by --fill close", function()
    succeed "hold.lua --data prices.csv --pairs EURUSD --csv next --quiet"
    succeed "hold.lua --data prices.csv --pairs EURUSD --csv close --fill close --quiet"
    local prices = {}
    for price in shell:read("prices.csv"):gmatch("\n[%d-]+,([%d.]+)") do prices[#prices + 1] = price:gsub("0+$", "") end
    local function first_price(name) return shell:read(name .. "/orders.csv"):match("\nEURUSD,0,1,[^\n]-,,,([%d.]+),") end
    assert.equal(prices[2], first_price "next")
    assert.equal(prices[1], first_price "close")
  end)

  it("joins the pairs by --weights, and says which rule", function()
    for _, rule in ipairs { "equal", "inverse_vol", "vol_target" } do
      local out = succeed("sma_cross --data prices.csv --set fast=2 --set slow=10 --weights " .. rule)
      assert.truthy(out:find("\nPortfolio: " .. rule .. " (overlay: no lots, no margin), costs ", 1, true), out)
    end
  end)

  it("writes the weights of a rule that has them: the last to --json, all to --csv", function()
    succeed "sma_cross --data prices.csv --set fast=2 --set slow=10 --weights equal --json equal.json --csv equal --quiet"
    assert.truthy(shell:read("equal.json"):find('"weights": {\n   "EURUSD": 0.3%d*,\n   "GBPUSD": 0.3%d*,\n   "USDJPY": 0.3%d*\n  }'))
    assert.truthy(shell:read("equal/weights.csv"):find("^time,pair,weight\n2000%-%d%d%-%d%d,EURUSD,0.3333333333333333\n"))
    succeed "sma_cross --data prices.csv --set fast=2 --set slow=10 --csv summed --quiet"
    assert.equal("equity.csv\norders.csv\ntrades.csv", shell:files "summed")
  end)

  it("runs a strategy's model, and refuses other weights beside it", function()
    local out = succeed "finmarketpy_trend --data prices.csv --set length=20"
    assert.truthy(out:find("\n\nPortfolio: finmarketpy (returns not converted), costs ", 1, true))
    local said = run "finmarketpy_trend --data prices.csv --set length=20 --weights equal"
    assert.equal("", said.out)
    assert.truthy(said.err:find("the strategy's model finmarketpy makes the portfolio itself", 1, true), said.err)
    assert.are_not.equal(0, said.status)
  end)

  it("writes JSON to standard output with --json -, into pipes and behind what files hold", function()
    local said = shell:run "sliders run hold.lua --data prices.csv --quiet --json kept.json; sliders run hold.lua --data prices.csv --quiet --json - | cat"
    assert.equal("", said.err)
    assert.equal(shell:read "kept.json", said.out)
    shell:run "echo first > log; sliders run hold.lua --data prices.csv --quiet --json - >> log"
    assert.equal("first\n" .. said.out, shell:read "log")
    said = shell:run "sliders run hold.lua --data prices.csv --json -"
    assert.equal("sliders: --json - goes with --quiet: the table is written to standard output too\nTry `sliders run --help`.\n", said.err)
    assert.equal(2, said.status)
  end)

  it("prints nothing with --quiet", function()
    assert.equal("", succeed "hold.lua --data prices.csv --quiet")
  end)

  it("makes the folder of --csv with its three files", function()
    succeed "hold.lua --data prices.csv --csv deep/er --quiet"
    assert.equal("equity.csv\norders.csv\ntrades.csv", shell:files "deep/er")
  end)

  it("dates what happens to bars of dates by the bar that decides, deals and closes", function()
    shell:write("EURUSD.csv", "date,close\n2024-01-04,1.10\n2024-01-05,1.11\n2024-01-08,1.12\n2024-01-09,1.13\n")
    local function dates(options)
      succeed("hold.lua --data EURUSD.csv --quiet --close-at-end --csv dated --json dated.json " .. options)
      local line = shell:read("dated/orders.csv"):match "\n([^\n]*)"
      local decided, dealt = line:match "^EURUSD,0,1,([^,]*),([^,]*),"
      local entry, exit = shell:read("dated/trades.csv"):match "\nEURUSD,0,1,2,([^,]*),([^,]*),"
      assert.truthy(shell:read("dated.json"):find(('"entry_time": "%s"'):format(entry), 1, true))
      assert.truthy(shell:read("dated.json"):find(('"exit_time": "%s"'):format(exit), 1, true))
      return { decided, dealt, entry, exit }
    end
    assert.same({ "2024-01-04", "2024-01-05", "2024-01-05", "2024-01-09" }, dates "")
    assert.same({ "2024-01-04", "2024-01-04", "2024-01-04", "2024-01-09" }, dates "--fill close")
    assert.same({ "2024-01-04", "2024-01-05", "2024-01-05", "2024-01-09" }, dates "--account shared")
    succeed "hold.lua --data EURUSD.csv --quiet --csv dated --weights equal"
    local equity = {}
    for date in shell:read("dated/equity.csv"):gmatch "([%d-]+),EURUSD" do equity[#equity + 1] = date end
    assert.same({ "2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09" }, equity)
    assert.truthy(shell:read("dated/equity.csv"):find("\n2024-01-04,PORTFOLIO,", 1, true))
    assert.truthy(shell:read("dated/weights.csv"):find("\n2024-01-09,EURUSD,", 1, true))
  end)

  it("replaces earlier results and leaves no other file", function()
    shell:run "mkdir again"
    for _ = 1, 2 do succeed "hold.lua --data prices.csv --json again/r.json --csv again --quiet" end
    assert.equal("equity.csv\norders.csv\nr.json\ntrades.csv", shell:files "again")
  end)

  it("shows what a strategy prints, by pair, on stderr", function()
    local said = run "talk.lua --data prices.csv --pairs EURUSD,GBPUSD"
    assert.equal(0, said.status)
    assert.equal("EURUSD: trading\tEURUSD\nGBPUSD: trading\tGBPUSD\n", said.err)
  end)

  it("lets nothing that a strategy says steer the terminal", function()
    shell:write("steer.lua", [[
local sliders = require "sliders"
local Steer = sliders.strategy { about = "\27[31mred" }
function Steer:bar() print("\27]0;title\7 a\tb") error("\27[2Jgone\r") end
return Steer
]])
    local said = run "steer.lua --data prices.csv --pairs EURUSD"
    assert.equal("EURUSD: ?]0;title? a\tb\nsliders: EURUSD: steer.lua:3: ?[2Jgone?\n", said.err:match "^[^\n]*\n[^\n]*\n")
    assert.truthy(run("steer.lua --help").out:find("\n   ?[31mred", 1, true))
  end)

  it("runs from any folder, by any path", function()
    local said = shell:run 'mkdir -p x/y && cd x/y && sliders run ../../hold.lua --data "$PWD/../../prices.csv" --quiet'
    assert.same({ status = 0, out = "", err = "" }, said)
  end)
end)

describe("an option without effect", function()
  it("of files is warned of", function()
    local said = run "hold.lua --data prices.csv --date 2024-01-02"
    assert.equal(0, said.status)
    assert.equal("sliders: warning: --date has no effect: no file that was read counts its times from midnight\n", said.err)
    said = run "hold.lua --data prices.csv --pair EURUSD"
    assert.matches("^sliders: warning: %-%-pair has no effect: .*; to choose among pairs there is %-%-pairs\n$", said.err)
    assert.matches("^sliders: warning: %-%-date has no effect", shell:run("sliders check hold.lua --data prices.csv --date 2024-01-02").err)
    assert.matches("^sliders: warning: %-%-date has no effect", shell:run("sliders data check prices.csv --date 2024-01-02").err)
    assert.matches("^sliders: warning: %-%-date has no effect", shell:run("sliders data import prices.csv --date 2024-01-02 --into idle").err)
    assert.matches("^sliders: warning: %-%-zone has no effect: a store is read as it was written", shell:run("sliders data ls idle --zone UTC").err)
  end)

  it("of the run is refused", function()
    local said = run "hold.lua --data prices.csv --cold"
    assert.equal(2, said.status)
    assert.matches("^sliders: %-%-cold goes with %-%-from", said.err)
    for _, option in ipairs { "--slippage 1", "--commission 1/lot", "--fill close", "--accounting hedge", "--close-at-end" } do
      said = run("finmarketpy_trend --data prices.csv " .. option)
      assert.equal(1, said.status)
      assert.truthy(said.err:find(("sliders: %s: has no effect on the strategy's model finmarketpy"):format(option:match "^%S+"), 1, true), said.err)
    end
  end)
end)

describe("--pyramiding and --sizing", function()
  it("limit the trades of a side, and say at which price a part of equity is sized", function()
    shell:write("EURUSD.csv", "time,open,high,low,close\n2024-01-02 10:00,1.0,1.0,1.0,1.0\n2024-01-02 11:00,2.0,2.0,2.0,2.0\n2024-01-02 12:00,2.0,2.0,2.0,2.0\n"
      .. "2024-01-02 13:00,2.0,2.0,2.0,2.0\n2024-01-02 14:00,2.0,2.0,2.0,2.0\n")
    shell:write("adds.lua", [[
local sliders = require "sliders"
local Adds = sliders.strategy { warmup = 0 }
function Adds:bar(broker) broker:buy { fraction = 0.5 } end
return Adds
]])
    -- States of the orders, and units of the first trade.
    local function ledger(options)
      local states = {}
      succeed("adds.lua --data EURUSD.csv --csv ledger --quiet " .. options)
      for state in shell:read("ledger/orders.csv"):gmatch ",market,(%l+,[%l_]*)," do states[#states + 1] = state end
      return table.concat(states, " "), shell:read("ledger/trades.csv"):match ",open,(%d+),"
    end
    local states, units = ledger ""
    assert.equal("filled, filled, filled, filled, expired,end_of_data", states)
    assert.equal("50000", units)
    assert.equal("filled, filled, rejected,pyramiding rejected,pyramiding rejected,pyramiding", (ledger "--pyramiding 2"))
    assert.equal("25000", select(2, ledger "--sizing fill"))
    assert.matches("^sliders: %-%-pyramiding is a whole number up to 1000000, got '%-1'; 0 is no limit\n", run("adds.lua --data x.csv --pyramiding -1").err)
  end)
end)

describe("--help", function()
  it("and --version answer with status 0", function()
    assert.truthy(shell:run("sliders --version").out:find("^sliders %d+%.%d+%.%d+\n$"))
    for _, line in ipairs { "--help", "run --help", "check --help", "strategies --help" } do
      local said = shell:run("sliders " .. line)
      assert.equal(0, said.status)
      assert.equal("", said.err)
      assert.truthy(said.out:find("^Usage: sliders "), line)
    end
  end)

  it("names every option of run", function()
    local help = shell:run("sliders run --help").out
    for _, option in ipairs {
      "--data", "--pairs", "--vm", "--workers", "--set", "--from", "--to", "--cold", "--capital", "--spread", "--fill", "--weights", "--json",
      "--csv", "--quiet", "--help",
    } do
      assert.truthy(help:find(option .. "[ \n]"), option)
    end
  end)

  it("shows the parameters of the strategy on the line", function()
    local help = shell:run("sliders run hold.lua --help").out
    assert.truthy(help:find("\nParameters of hold (--set NAME=VALUE):\n   Holds.\n   size  1  -5 to 5  exposure\n", 1, true), help)
    assert.truthy(shell:run("sliders check sma_cross --help").out:find("fast  20  2 to 100, whole   bars in the fast mean", 1, true))
  end)
end)

describe("sliders strategies", function()
  it("lists those that come along, each with a sentence and parameters", function()
    local said = shell:run "sliders strategies"
    assert.equal(0, said.status)
    local found = {}
    for name in ("\n" .. said.out):gmatch("\n([%w_]+)\n  %u") do found[#found + 1] = name end
    assert.same({ "bollinger_fade", "carry", "cross_section", "donchian_breakout", "finmarketpy_trend", "momentum", "rsi_reversion", "sma_cross" }, found)
  end)
end)
