local parser = require "sliders.cli.parser"

local function words(line)
  local list = {}
  for word in line:gmatch("%S+") do list[#list + 1] = word end
  return list
end

local function parse(line)
  return parser.parse(words(line))
end

-- What is wrong with the line.
local function wrong(line)
  local request, why = parse(line)
  assert.is_nil(request)
  return why
end

describe("the command line", function()
  it("reads a run with every option", function()
    local request = assert(parse("run my.lua --data a.csv b --pairs EURUSD,USDJPY --vm lua54 --workers 2 --set fast=10 --set slow=30 "
      .. "--from 2000-01-01 --to 2001-01-01 --capital 5000 --spread 1.5 --fill close --weights equal --json r.json --csv out --cold --quiet "
      .. "--instruments own.json --rates short.csv"))
    assert.equal("run", request.command)
    assert.equal("my.lua", request.strategy)
    assert.same({ "a.csv", "b" }, request.data)
    assert.equal("lua54", request.vm)
    assert.equal(2, request.workers)
    assert.equal("r.json", request.json)
    assert.equal("out", request.csv)
    assert.is_true(request.quiet)
    assert.same({ instruments = "own.json", rates = { "short.csv" } }, request.market)
    assert.same({
      pairs = { "EURUSD", "USDJPY" }, set = { fast = "10", slow = "30" }, from = "2000-01-01", to = "2001-01-01", cold = true,
      capital = 5000, spread_pips = 1.5, fill = "close", weights = "equal",
    }, request.options)
  end)

  it("reads costs, currency and rollover", function()
    assert.same({
      slippage_pips = 0.3, commission_frac = 0.00002, commission_per_lot = 3.5, commission_per_order = 1, currency = "EUR", leverage = 20,
      accounting = "hedge", pyramiding = 3, sizing = "fill", margin_call = 1.2, stop_out = 0.3, rollover = "rates", rollover_markup = 0.5, close_at_end = true,
    }, assert(parse("run x --data a --slippage 0.3 --commission 0.002%,3.5/lot,1/order --currency EUR --leverage 20 --accounting hedge "
      .. "--pyramiding 3 --sizing fill "
      .. "--margin-call 120 --stop-out 30 --rollover rates --rollover-markup 0.5 --close-at-end")).options)
    assert.same({ commission_frac = 0.00003 }, assert(parse("run x --data a --commission 0.00003")).options)
  end)

  it("reads limits, none of them as 0", function()
    assert.same({ limits = { memory = 512 * 2 ^ 20, records = 5000, log = 0 } },
      assert(parse "run x --data a --limit-memory 512M --limit-records 5000 --limit-log none").options)
    assert.same({ limits = { bar = 0.5, job = 0, instructions = 1000000 } },
      assert(parse "run x --data a --limit-bar 0.5 --limit-job none --limit-instructions 1000000").options)
    assert.equal("--limit-bar is a number of seconds, or none, got 'x'", wrong "run x --data a --limit-bar x")
    assert.same({ limits = { memory = 0, log = 65536 } }, assert(parse "run x --data a --limit-memory 0 --limit-log 64K").options)
    assert.equal("--limit-memory is a size such as 64M or 2G, or none, got '2T'", wrong "run x --data a --limit-memory 2T")
    assert.equal("--limit-records is a whole number, or none, got '-1'", wrong "run x --data a --limit-records -1")
  end)

  it("refuses commission that is neither a part, nor per lot, nor per order", function()
    for _, form in ipairs { "3", "-1%", "3/lots", "1/order,2/order", "", ",", "0.1%%", "x%", "1e400/lot" } do
      assert.truthy(wrong("run x --data a --commission=" .. form):find("--commission is 0.002% or 0.00002 of the notional, 3.5/lot, 1.5/order", 1, true), form)
    end
  end)

  it("reads a spread in pips and as a part of the price", function()
    assert.same({ spread_frac = 0.0002 }, assert(parse "run x --data a --spread 0.02%").options)
    assert.matches("^%-%-spread is a number of at least 0, ", wrong "run x --data a --spread=-1%")
    assert.matches("^%-%-spread is a number of at least 0, ", wrong "run x --data a --spread=%")
  end)

  it("reads what differs from a fill mode", function()
    local function fill(text) return assert(parse("run x --data a --fill " .. text)).options.fill end
    assert.equal("tradingview", fill "tradingview")
    assert.same({ preset = "close", quotes = "mid", spread_on = "entry" }, fill "close,quotes=mid,spread_on=entry")
    assert.same({ path = "tradingview", at = "close" }, fill "path=tradingview,at=close")
    local modes = "--fill is next_open, close, tradingview or backtesting_py, parts such as quotes=mid, or both with commas, got '%s'"
    for _, text in ipairs { "clsoe", "", "quotes=mid,close", "close,tradingview" } do
      assert.equal(modes:format(text), wrong("run x --data a --fill=" .. text))
    end
    assert.equal("--fill has the parts at, path, quotes and spread_on, got 'side=mid'", wrong "run x --data a --fill side=mid")
    assert.equal("--fill: quotes is side or mid, got 'bid'", wrong "run x --data a --fill close,quotes=bid")
    assert.equal("--fill: at is there twice", wrong "run x --data a --fill at=close,at=close")
  end)

  it("reads what the overlay that aims at a volatility is told, and refuses it with another", function()
    assert.same({ weights = "vol_target", vol_target = 0.15, max_leverage = 3, periods_per_year = 252 },
      assert(parse "run x --data a --weights vol_target --vol-target 15 --max-leverage 3 --periods-per-year 252").options)
    assert.equal("--vol-target goes with --weights vol_target", wrong "run x --data a --vol-target 15")
    assert.equal("--max-leverage goes with --weights vol_target", wrong "run x --data a --weights equal --max-leverage 2")
    assert.equal("--periods-per-year is a number above 0, got '0'", wrong "run x --data a --periods-per-year 0")
  end)

  it("refuses a currency that is none", function()
    assert.equal("--currency is three capital letters such as EUR, got 'euro'", wrong "run x --data a --currency euro")
  end)

  it("leaves unsaid options out, so that the library's defaults hold", function()
    assert.same({}, assert(parse "run x --data a").options)
  end)

  it("joins --data given several times", function()
    assert.same({ "a", "b", "c" }, assert(parse "run x --data a --data b c").data)
  end)

  it("lets the last of two equal settings win", function()
    assert.same({ n = "2" }, assert(parse "run x --data a --set n=1 --set n=2").options.set)
  end)

  it("keeps what follows the first = of a setting", function()
    assert.same({ n = "a=b" }, assert(parse "run x --data a --set n=a=b").options.set)
  end)

  it("refuses --workers 0", function()
    assert.equal("--workers is 1 to 1024, got '0'; leave it out to use every core", wrong "run x --data a --workers 0")
  end)

  it("refuses workers that are no whole number from 1 to 1024", function()
    for _, n in ipairs { "-1", "1.5", "1025", "many", "0x2", "nan", "inf", "1e400" } do
      assert.truthy(wrong("run x --data a --workers " .. n):find("--workers is 1 to 1024", 1, true), n)
    end
  end)

  it("refuses capital and spreads out of range, naming the option", function()
    assert.equal("--capital is a number above 0, got '0'", wrong "run x --data a --capital 0")
    assert.equal("--capital is a number above 0, got '-5'", wrong "run x --data a --capital -5")
    assert.equal("--spread is a number of at least 0, or such a part of the price as 0.01%, got '-1'", wrong "run x --data a --spread -1")
    assert.equal("--spread is a number of at least 0, or such a part of the price as 0.01%, got '1e999'", wrong "run x --data a --spread 1e999")
    assert.equal("--spread is a number of at least 0, or such a part of the price as 0.01%, got '1,5'", wrong "run x --data a --spread 1,5")
  end)

  it("reads numbers with signs, points and exponents", function()
    assert.equal(1500, assert(parse "run x --data a --capital 1.5e3").options.capital)
    assert.equal(0.5, assert(parse "run x --data a --spread .5").options.spread_pips)
  end)

  it("refuses a setting without =", function()
    assert.equal("--set is name=value, got 'fast'", wrong "run x --data a --set fast")
  end)

  it("suggests the option and the command that were meant", function()
    assert.equal("unknown option '--dta'; did you mean '--data'?", wrong "run x --dta a")
    assert.equal("unknown command 'rn'; did you mean 'run'?", wrong "rn")
  end)

  it("lists the choices of an option with choices", function()
    assert.equal("argument for option '--vm' must be one of 'luajit', 'lua54'", wrong "run x --data a --vm lua")
  end)

  it("wants a command, a strategy and data", function()
    assert.equal("a command is required: run, check, data or strategies", wrong "")
    assert.equal("missing STRATEGY", wrong "run")
    assert.equal("missing STRATEGY: it stands before --data, which takes all that follows", wrong "run --data a x")
    assert.equal("missing STRATEGY", wrong "run --data a")
    assert.equal("missing --data PATH", wrong "run x")
    assert.equal("missing --data PATH", wrong "check x")
  end)

  it("wants nothing beside --help and --version", function()
    for _, line in ipairs { "--help", "-h", "run --help", "run x --help", "run --help x", "check -h", "strategies --help" } do
      assert.is_true(assert(parse(line)).help, line)
    end
    assert.is_true(assert(parse "--version").version)
  end)

  it("keeps the strategy that stands beside --help, on either side", function()
    assert.equal("x", assert(parse "run x --help").strategy)
    assert.equal("x", assert(parse "run --help x").strategy)
  end)

  it("has a help for every command that names its options", function()
    local help = parser.help "run"
    for _, option in ipairs { "data", "pairs", "vm", "workers", "set", "from", "to", "capital", "spread", "fill", "weights", "json", "csv", "cold", "quiet" } do
      assert.truthy(help:find("--" .. option .. " ", 1, true), option)
    end
    assert.truthy(parser.help():find("strategies", 1, true))
    assert.truthy(parser.help("check"):find("read the future", 1, true))
  end)

  it("refuses a check's outputs", function()
    assert.truthy(wrong("check x --data a --json f"):find("unknown option '--json'", 1, true))
  end)
end)
