--- A result as the table on the screen: a row per pair, the portfolio below, and notes on what the figures rest on.

local text = require "sliders.cli.text"

local report = {}

local head = {
  "pair", "return", "annual", "sharpe", "max dd", "trades", "spread", "slippage", "commission", "rejected", "buy & hold",
}

-- A row of dashes, but for its name and why.
local function empty_row(name, why)
  local row = { name, why }
  for i = 3, #head do row[i] = "" end
  return row
end

local function figure_cells(figures)
  return text.percent(figures.total_return), text.percent(figures.annual_return), text.number(figures.sharpe, 2),
    text.percent(figures.max_drawdown)
end

local function job_row(job)
  if job.state ~= "done" and job.state ~= "ruined" then return empty_row(job.pair, job.state) end
  local total, annual, sharpe, drawdown = figure_cells(job.figures)
  return {
    job.pair, total, annual, sharpe, drawdown, text.count(job.trade_count), text.money(job.costs.spread),
    text.money(job.costs.slippage), text.money(job.costs.commission), text.count(job.rejected_count),
    text.percent(job.buy_and_hold),
  }
end

-- Sums over the jobs in their order.
local function totals(jobs)
  local sum = { trades = 0, spread = 0, slippage = 0, commission = 0, rejected = 0 }
  for _, job in ipairs(jobs) do
    sum.trades = sum.trades + job.trade_count
    sum.rejected = sum.rejected + job.rejected_count
    for _, kind in ipairs { "spread", "slippage", "commission" } do sum[kind] = sum[kind] + job.costs[kind] end
  end
  return sum
end

-- An overlay has no orders of its own: its one cost stands in the notes.
local function portfolio_row(portfolio, jobs)
  local total, annual, sharpe, drawdown = figure_cells(portfolio.figures)
  local hold = text.percent(portfolio.buy_and_hold)
  if portfolio.rule ~= "sum" then
    return { "PORTFOLIO", total, annual, sharpe, drawdown, "", "", "", "", "", hold }
  end
  local sum = totals(jobs)
  return {
    "PORTFOLIO", total, annual, sharpe, drawdown, text.count(sum.trades), text.money(sum.spread), text.money(sum.slippage),
    text.money(sum.commission), text.count(sum.rejected), hold,
  }
end

--- The table's lines.
---@param result sliders.Result
---@return string[]
function report.table(result)
  local rows = { head }
  for _, job in ipairs(result.jobs) do rows[#rows + 1] = job_row(job) end
  if result.portfolio then rows[#rows + 1] = portfolio_row(result.portfolio, result.jobs) end
  return text.table(rows)
end

-- ---- Notes --------------------------------------------------------------------------------------------------------

local function portfolio_note(portfolio)
  local note = ("Portfolio: %s"):format(portfolio.rule)
  if portfolio.label ~= "" then note = ("%s (%s)"):format(note, portfolio.label) end
  note = ("%s, costs %s"):format(note, text.money(portfolio.costs))
  if not portfolio.complete then note = note .. "; incomplete, some pairs are left out" end
  return note
end

local function listed(names)
  return table.concat(names, ", ")
end

-- Names of the pairs for which `accept` holds.
local function names_where(infos, accept)
  local names = {}
  for _, info in ipairs(infos) do
    if accept(info) then names[#names + 1] = info.pair end
  end
  return names
end

local function one_price_note(infos)
  local names = names_where(infos, function(info) return info.one_price end)
  if #names == 0 then return nil end
  local which = #names == #infos and "all pairs" or listed(names)
  return ("One price a bar (%s): orders fill at the next fixing, stops are tested at fixings only."):format(which)
end

-- Ten days of holidays end nothing.
local early_ns = 10 * 86400 * 1e9

local function early_note(infos, to, format)
  local last = -math.huge
  for _, info in ipairs(infos) do last = math.max(last, info.last_time) end
  if to then last = math.min(last, to) end
  local early = {}
  for _, info in ipairs(infos) do
    if last - info.last_time > early_ns then early[#early + 1] = ("%s (%s)"):format(info.pair, format(info.last_time)) end
  end
  if #early == 0 then return nil end
  return ("Data that end early: %s."):format(listed(early))
end

local function ruined_note(jobs)
  local names = {}
  for _, job in ipairs(jobs) do
    if job.state == "ruined" then names[#names + 1] = job.pair end
  end
  if #names == 0 then return nil end
  return ("Ruined, equity fell below zero: %s."):format(listed(names))
end

--- The pairs of the market that the result holds.
---@param result sliders.Result
---@param infos table[]  sliders.Market:pairs()
---@return table[]
function report.traded(result, infos)
  local traded = {}
  for _, job in ipairs(result.jobs) do traded[job.pair] = true end
  local out = {}
  for _, info in ipairs(infos) do
    if traded[info.pair] then out[#out + 1] = info end
  end
  return out
end

--- Lines below the table.
---@param result sliders.Result
---@param infos table[]               the traded pairs
---@param to? integer                 end of the window, ns
---@param format fun(time: integer): string
---@return string[]
function report.notes(result, infos, to, format)
  local notes = {}
  local function add(note)
    if note then notes[#notes + 1] = note end
  end
  if result.portfolio then add(portfolio_note(result.portfolio)) end
  add(one_price_note(infos))
  add(early_note(infos, to, format))
  add(ruined_note(result.jobs))
  return notes
end

-- ---- Head and failures --------------------------------------------------------------------------------------------

local function day(time, format)
  return format(time):sub(1, 10)
end

--- "sma_cross in luajit: 9 pairs, 1999-01-04 to 2024-11-01, capital 100,000.00 USD".
---@param strategy sliders.Strategy
---@param infos table[]
---@param window { from: integer?, to: integer? }
---@param capital number
---@param format fun(time: integer): string
---@return string
function report.head(strategy, infos, window, capital, format)
  local first, last = math.huge, -math.huge
  for _, info in ipairs(infos) do
    first, last = math.min(first, info.first_time), math.max(last, info.last_time)
  end
  if window.from then first = math.max(first, window.from) end
  if window.to then last = math.min(last, window.to) end
  return ("%s in %s: %s, %s to %s, capital %s USD"):format(strategy.name, strategy.vm, text.counted(#infos, "pair"),
    day(first, format), day(last, format), text.money(capital))
end

--- What failed, for stderr: the pair, where and why, and the traceback.
---@param jobs sliders.Job[]
---@return string[]
function report.failures(jobs)
  local lines = {}
  local failed = 0
  for _, job in ipairs(jobs) do
    if job.state == "failed" or job.state == "cancelled" then
      failed = failed + 1
      lines[#lines + 1] = ("sliders: %s: %s"):format(job.pair, tostring(job.error or job.state))
      for line in (job.error and job.error.detail or ""):gmatch("[^\n]+") do lines[#lines + 1] = "  " .. line end
    end
  end
  if failed > 0 then lines[#lines + 1] = ("sliders: %d of %s failed"):format(failed, text.counted(#jobs, "job")) end
  return lines
end

--- What the strategy printed, by pair.
---@param jobs sliders.Job[]
---@return string[]
function report.logs(jobs)
  local lines = {}
  for _, job in ipairs(jobs) do
    for line in job.log:gmatch("[^\n]+") do lines[#lines + 1] = ("%s: %s"):format(job.pair, line) end
  end
  return lines
end

return report
