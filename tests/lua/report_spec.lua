local report = require "sliders.cli.report"

local nan = 0 / 0

local function job(fields)
  local made = {
    pair = "EURUSD", state = "done", log = "", trade_count = 12, rejected_count = 0, buy_and_hold = 0.05,
    costs = { spread = 10, slippage = 2, commission = 1.5, rollover = 0 },
    figures = { total_return = 0.1, annual_return = 0.02, sharpe = 0.456, max_drawdown = -0.2 },
  }
  for name, value in pairs(fields or {}) do made[name] = value end
  return made
end

local function portfolio(fields)
  local made = {
    rule = "sum", label = "", complete = true, costs = 27, buy_and_hold = 0.04,
    figures = { total_return = 0.2, annual_return = 0.03, sharpe = 0.5, max_drawdown = -0.1 },
  }
  for name, value in pairs(fields or {}) do made[name] = value end
  return made
end

local function info(pair, first, last, fields)
  local made = { pair = pair, first_time = first, last_time = last, one_price = false }
  for name, value in pairs(fields or {}) do made[name] = value end
  return made
end

local day_ns = 86400 * 1e9
local function format(time)
  return ("day %d"):format(math.floor(time / day_ns))
end

describe("the report", function()
  it("has a row per pair, buy and hold beside it, and the portfolio below", function()
    local jobs = { job(), job { pair = "USDJPY", trade_count = 3000, rejected_count = 4 } }
    assert.same({
      "pair       return  annual  sharpe   max dd  trades  spread  slippage  commission  rejected  buy & hold",
      "EURUSD     10.00%   2.00%    0.46  -20.00%      12   10.00      2.00        1.50         0       5.00%",
      "USDJPY     10.00%   2.00%    0.46  -20.00%   3,000   10.00      2.00        1.50         4       5.00%",
      "PORTFOLIO  20.00%   3.00%    0.50  -10.00%   3,012   20.00      4.00        3.00         4       4.00%",
    }, report.table { jobs = jobs, portfolio = portfolio() })
  end)

  it("gives an overlay no costs by kind", function()
    local lines = report.table { jobs = { job() }, portfolio = portfolio { rule = "equal" } }
    assert.equal("PORTFOLIO  20.00%   3.00%    0.50  -10.00%" .. (" "):rep(55) .. "4.00%", lines[3])
  end)

  it("gives the pairs of a model no counts and no costs but its own", function()
    local lines = report.table { jobs = { job { trade_count = 0 } }, portfolio = portfolio { rule = "finmarketpy" } }
    assert.equal("EURUSD     10.00%   2.00%    0.46  -20.00%           10.00" .. (" "):rep(39) .. "5.00%", lines[2])
  end)

  it("says failed or cancelled instead of figures", function()
    local lines = report.table { jobs = { job { state = "failed", figures = false } } }
    assert.equal("EURUSD  failed", lines[2])
  end)

  it("shows undefined figures as dashes", function()
    local figures = { total_return = 0, annual_return = nan, sharpe = nan, max_drawdown = 0 }
    local lines = report.table { jobs = { job { figures = figures, buy_and_hold = nan } } }
    assert.equal("EURUSD   0.00%       -       -   0.00%      12   10.00      2.00        1.50         0           -", lines[2])
  end)

  it("shows more figures on a wide terminal, and never more columns than fit", function()
    local result = { jobs = { job() }, portfolio = portfolio() }
    local usual, wide = report.table(result), report.table(result, 160)
    assert.truthy(wide[1]:find("volatility  sharpe  sortino   max dd  exposure  trades  win rate  profit factor  spread", 1, true))
    assert.same(usual, report.table(result, #usual[1]))
    for width = 79, 170 do
      for _, line in ipairs(report.table(result, width)) do assert.is_true(#line <= width, ("%d: %s"):format(width, line)) end
    end
  end)

  it("spares costs and the annual return on a narrow terminal, but no result", function()
    local result = { jobs = { job() }, portfolio = portfolio() }
    assert.equal("pair       return  annual  sharpe   max dd  trades  spread  rejected  buy & hold", report.table(result, 80)[1])
    assert.equal("pair       return  sharpe   max dd  trades  spread  rejected  buy & hold", report.table(result, 79)[1])
    assert.same(report.table(result, 79), report.table(result, 10))
  end)

  it("repeats the head above the portfolio of a long table", function()
    local jobs = {}
    for i = 1, 30 do jobs[i] = job() end
    local lines = report.table { jobs = jobs, portfolio = portfolio() }
    assert.equal(34, #lines)
    assert.same({ "", lines[1] }, { lines[32], lines[33] })
    assert.truthy(lines[34]:find "^PORTFOLIO ")
    jobs[30] = nil
    assert.equal(31, #report.table { jobs = jobs, portfolio = portfolio() })
  end)

  it("names the rule, its label and its costs", function()
    local notes = report.notes({ jobs = {}, portfolio = portfolio { rule = "equal", label = "overlay: no lots, no margin" } }, {}, nil, format)
    assert.same({ "Portfolio: equal (overlay: no lots, no margin), costs 27.00" }, notes)
  end)

  it("says what the pairs of a model are, and nothing of orders", function()
    local infos = { info("EURUSD", 0, 0, { one_price = true }) }
    local notes = report.notes({ jobs = {}, portfolio = portfolio { rule = "finmarketpy", label = "returns not converted" } }, infos, nil, format)
    assert.equal(2, #notes)
    assert.equal("Portfolio: finmarketpy (returns not converted), costs 27.00", notes[1])
    assert.truthy(notes[2]:find "^Pairs: each as if alone")
  end)

  it("marks an incomplete portfolio", function()
    local notes = report.notes({ jobs = {}, portfolio = portfolio { complete = false } }, {}, nil, format)
    assert.same({ "Portfolio: sum, costs 27.00; incomplete, some pairs are left out" }, notes)
  end)

  it("says which data have one price a bar", function()
    local one = { one_price = true }
    local all = report.notes({ jobs = {} }, { info("A", 0, 0, one), info("B", 0, 0, one) }, nil, format)
    assert.same({ "One price a bar (all pairs): orders fill at the next fixing, stops are tested at fixings only." }, all)
    local some = report.notes({ jobs = {} }, { info("A", 0, 0, one), info("B", 0, 0) }, nil, format)
    assert.truthy(some[1]:find("(A)", 1, true))
  end)

  it("says which data are ticks, and not that they are fixings", function()
    local tick = { one_price = true, ticks = true }
    local notes = report.notes({ jobs = {} }, { info("A", 0, 0, tick), info("B", 0, 0, { one_price = true }), info("C", 0, 0) }, nil, format)
    assert.same({ "One price a bar (B): orders fill at the next fixing, stops are tested at fixings only.",
      "Ticks (A): orders fill at the next tick, stops are tested tick by tick." }, notes)
  end)

  it("warns of data that end more than ten days before the others", function()
    local infos = { info("A", 0, 100 * day_ns), info("B", 0, 89 * day_ns), info("C", 0, 90 * day_ns) }
    assert.same({ "Data that end early: B (day 89)." }, report.notes({ jobs = {} }, infos, nil, format))
    assert.same({}, report.notes({ jobs = {} }, infos, 95 * day_ns, format))
  end)

  it("names pairs whose bars are too few to decide anything", function()
    local jobs = { job(), job { pair = "USDJPY", figures = { total_return = nan } }, job { pair = "USDSEK", state = "failed" } }
    assert.same({ "Too few bars for the strategy's warm-up, nothing was decided: USDJPY." }, report.notes({ jobs = jobs }, {}, nil, format))
  end)

  it("names ruined pairs", function()
    assert.same({ "Ruined, equity fell below zero: EURUSD." }, report.notes({ jobs = { job { state = "ruined" } } }, {}, nil, format))
  end)

  it("names pairs that were stopped out", function()
    assert.same({ "Stopped out for want of margin: EURUSD (3 trades)." }, report.notes({ jobs = { job { stop_out_count = 3 } } }, {}, nil, format))
  end)

  it("shows rollovers where there are any", function()
    local lines = report.table { jobs = { job { rollover = -12.5 }, job { pair = "USDJPY", rollover = 0 } }, portfolio = portfolio() }
    assert.truthy(lines[1]:find("commission  rollover  rejected", 1, true))
    assert.truthy(lines[2]:find("-12.50", 1, true))
    assert.truthy(lines[4]:find("-12.50", 1, true))
  end)

  it("heads with strategy, engine, window and capital", function()
    local strategy = { name = "sma_cross", vm = "luajit" }
    local infos = { info("A", 10 * day_ns, 50 * day_ns), info("B", 20 * day_ns, 60 * day_ns) }
    assert.equal("sma_cross in luajit: 2 pairs, day 10 to day 60, capital 100,000.00 USD", report.head(strategy, infos, {}, 100000, format))
    local window = { from = 15 * day_ns, to = 55 * day_ns }
    assert.equal("sma_cross in luajit: 2 pairs, day 15 to day 55, capital 1.00 USD", report.head(strategy, infos, window, 1, format))
  end)

  it("lists failures with pair, place and traceback", function()
    local err = setmetatable({ detail = "x.lua:3: boom\nstack traceback:\n\tx.lua:3: in bar" }, { __tostring = function() return "x.lua:3: boom" end })
    local jobs = { job(), job { pair = "USDJPY", state = "failed", error = err }, job { pair = "USDSEK", state = "cancelled" } }
    assert.same({
      "sliders: USDJPY: x.lua:3: boom", "  stack traceback:", "    x.lua:3: in bar", "sliders: 1 of 3 jobs failed",
    }, report.failures(jobs))
    assert.same({}, report.failures { job() })
  end)

  it("names what an interrupt left undone, up to a dozen", function()
    local jobs = { job() }
    assert.same({ "sliders: interrupted when every job had been run" }, report.interrupted(jobs))
    for i = 1, 2 do jobs[i + 1] = job { pair = "P" .. i, state = "cancelled" } end
    assert.same({ "sliders: interrupted: 2 of 3 jobs not run: P1, P2" }, report.interrupted(jobs))
    for i = 3, 15 do jobs[i + 1] = job { pair = "P" .. i, state = "cancelled" } end
    assert.same({ "sliders: interrupted: 15 of 16 jobs not run: P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12 and 3 more" }, report.interrupted(jobs))
  end)

  it("says a pair's name once where an error begins with it", function()
    local failed = job { pair = "USDJPY", state = "failed", error = "USDJPY: no conversion rate for JPY at 2024-01-02" }
    assert.equal("sliders: USDJPY: no conversion rate for JPY at 2024-01-02", report.failures({ failed })[1])
    failed.pair = "ACCOUNT"
    assert.equal("sliders: ACCOUNT: USDJPY: no conversion rate for JPY at 2024-01-02", report.failures({ failed })[1])
  end)

  it("gives what strategies print a pair", function()
    assert.same({ "EURUSD: one", "EURUSD: two" }, report.logs { job { log = "one\ntwo\n" }, job() })
  end)

  it("says once what was found in many files, and of how many it holds", function()
    local function note(kind, file, message, line) return { kind = kind, file = file, line = line, message = message } end
    assert.same({
      "a.csv:1 and 2 files more: found: points",
      "a.csv:7: dropped: low",
      "b.csv:7: dropped: low",
      "b.csv: warning: odd",
      "b.csv and 1 file more: found: 1,234 prices had noise",
      "c.csv: found: 7000 rows of old",
    }, report.loading {
      sources = {},
      notes = {
        note("found", "a.csv", "points", 1), note("dropped", "a.csv", "low", 7), note("found", "b.csv", "points", 1), note("dropped", "b.csv", "low", 7),
        note("warning", "b.csv", "odd"), note("found", "c.csv", "points", 2),
        note("found", "b.csv", "1000 prices had noise"), note("found", "c.csv", "234 prices had noise"), note("found", "c.csv", "7000 rows of old"),
      },
    })
  end)

  it("warns of options that had no effect on any file", function()
    local sources = { { idle = "zone date" }, { idle = "date scale" } }
    assert.same({ "sliders: warning: --date has no effect: no file that was read counts its times from midnight" },
      report.idle(sources, { date = "2024-01-02", zone = "UTC", scale = 10, day_first = true }))
    assert.same({ "sliders: warning: --day-first has no effect: a store is read as it was written" }, report.idle({}, { day_first = false }))
    assert.same({}, report.idle(sources))
  end)

  it("tells of each pair's bars once", function()
    local eurusd, usdjpy = info("EURUSD", 0, 0), info("USDJPY", 0, 0)
    local jobs = { job { data = eurusd }, job { data = eurusd, ordinal = 1 }, job { pair = "USDJPY", data = usdjpy } }
    assert.same({ eurusd, usdjpy }, report.traded { jobs = jobs })
  end)
end)
