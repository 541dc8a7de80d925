--- A result as the table on the screen: a row per pair, the portfolio below, and notes on what the figures rest on.

local errors = require "sliders.cli.errors"
local text = require "sliders.cli.text"

local report = {}

-- ---- Table --------------------------------------------------------------------------------------------------------

-- A pair of a shared account has no figures: they are the account's.
local function figure(name, show, decimals)
  return function(row) return row.figures and show(row.figures[name], decimals) or "" end
end

-- An overlay has no orders of its own, and so neither counts nor costs by kind: those cells stay empty.
local function count(name)
  return function(row) return row[name] and text.count(row[name]) or "" end
end

local function cost(kind)
  return function(row) return row.costs and row.costs[kind] and text.money(row.costs[kind]) or "" end
end

-- From left to right. `spare` orders them by how well a table does without: 0 is always shown, the greatest goes first where
-- a terminal is too narrow, and those from `wide` on are shown only where a terminal has room for them.
local wide = 10
local columns = {
  { head = "return", spare = 0, cell = figure("total_return", text.percent) },
  { head = "annual", spare = 1, cell = figure("annual_return", text.percent) },
  { head = "volatility", spare = 10, cell = figure("annual_volatility", text.percent) },
  { head = "sharpe", spare = 0, cell = figure("sharpe", text.number, 2) },
  { head = "sortino", spare = 11, cell = figure("sortino", text.number, 2) },
  { head = "max dd", spare = 0, cell = figure("max_drawdown", text.percent) },
  { head = "exposure", spare = 12, cell = figure("exposure", text.percent) },
  { head = "trades", spare = 0, cell = count "trade_count" },
  { head = "profit", spare = 0, of_account = true, cell = function(row) return text.money(row.profit) end },
  { head = "win rate", spare = 13, cell = figure("win_rate", text.percent) },
  { head = "profit factor", spare = 14, cell = figure("profit_factor", text.number, 2) },
  { head = "spread", spare = 0, cell = cost "spread" },
  { head = "slippage", spare = 2, cell = cost "slippage" },
  { head = "commission", spare = 3, cell = cost "commission" },
  { head = "rollover", spare = 4, rare = true, value = function(row) return row.rollover end,
    cell = function(row) return row.rollover and text.money(row.rollover) or "" end },
  { head = "rejected", spare = 0, cell = count "rejected_count" },
  { head = "buy & hold", spare = 0, cell = function(row) return row.buy_and_hold and text.percent(row.buy_and_hold) or "" end },
}

-- Sums over the jobs in their order.
local function totals(jobs)
  local sum = { trade_count = 0, rejected_count = 0, rollover = 0, costs = { spread = 0, slippage = 0, commission = 0 } }
  for _, job in ipairs(jobs) do
    sum.trade_count = sum.trade_count + job.trade_count
    sum.rejected_count = sum.rejected_count + job.rejected_count
    sum.rollover = sum.rollover + (job.rollover or 0)
    for kind, so_far in pairs(sum.costs) do sum.costs[kind] = so_far + job.costs[kind] end
  end
  return sum
end

local function portfolio_row(portfolio, jobs)
  local sum = portfolio.rule == "sum" and totals(jobs) or {}
  return {
    name = "PORTFOLIO", figures = portfolio.figures, buy_and_hold = portfolio.buy_and_hold, trade_count = sum.trade_count,
    rejected_count = sum.rejected_count, costs = sum.costs, rollover = sum.rollover,
  }
end

-- A pair that left no figures says why in the first column.
local function job_row(job)
  if job.state ~= "done" and job.state ~= "ruined" then return { name = job.pair, why = job.state } end
  return {
    name = job.pair, figures = job.figures, buy_and_hold = job.buy_and_hold, trade_count = job.trade_count,
    rejected_count = job.rejected_count, costs = job.costs, rollover = job.rollover,
  }
end

-- A model deals in weights: its pairs have neither trades nor orders to count, and one cost, which stands as their spread.
local function model_row(job)
  local row = job_row(job)
  row.trade_count, row.rejected_count = nil, nil
  row.costs = row.costs and { spread = row.costs.spread }
  return row
end

local function has_model(result)
  return result.portfolio and result.portfolio.rule == "finmarketpy"
end

-- What trading made or lost, all costs paid.
local function profit_of(record)
  local costs = record.costs
  return record.realised + record.unrealised + record.rollover - (costs.spread + costs.slippage + costs.commission)
end

local function book_row(book)
  return {
    name = book.pair, trade_count = book.trade_count, rejected_count = book.rejected_count, costs = book.costs, rollover = book.rollover,
    profit = profit_of(book),
  }
end

-- A shared account: its pairs, and below them the account, which is the portfolio.
local function account_rows(job)
  local rows = {}
  local row = job_row(job)
  if not row.why then
    for i, book in ipairs(job.books) do rows[i] = book_row(book) end
    row.profit = profit_of(job)
  end
  rows[#rows + 1] = row
  return rows
end

local function is_shared(result)
  return result.jobs[1].books ~= nil
end

local function rows_of(result)
  if is_shared(result) then return account_rows(result.jobs[1]) end
  local rows = {}
  local row_of = has_model(result) and model_row or job_row
  for i, job in ipairs(result.jobs) do rows[i] = row_of(job) end
  if result.portfolio then rows[#rows + 1] = portfolio_row(result.portfolio, result.jobs) end
  return rows
end

local function cells(row, shown)
  local list = { row.name }
  for i, column in ipairs(shown) do list[i + 1] = row.why and "" or column.cell(row) end
  if row.why then list[2] = row.why end
  return list
end

local function head_of(shown)
  local list = { "pair" }
  for i, column in ipairs(shown) do list[i + 1] = column.head end
  return list
end

local function lines_of(rows, shown)
  local table_rows = { head_of(shown) }
  for i, row in ipairs(rows) do table_rows[i + 1] = cells(row, shown) end
  return text.table(table_rows)
end

local function width_of(lines)
  local width = 0
  for _, line in ipairs(lines) do width = math.max(width, #line) end
  return width
end

-- The columns but the one best spared; nil where none can be.
local function fewer(shown)
  local worst
  for i, column in ipairs(shown) do
    if column.spare > 0 and (not worst or column.spare > shown[worst].spare) then worst = i end
  end
  if not worst then return nil end
  local rest = {}
  for i, column in ipairs(shown) do
    if i ~= worst then rest[#rest + 1] = column end
  end
  return rest
end

-- Whether a column has something to say: a rare one is left out where nothing of its kind happened.
local function speaks(column, rows)
  if not column.rare then return true end
  for _, row in ipairs(rows) do
    if (column.value(row) or 0) ~= 0 then return true end
  end
  return false
end

-- The columns for a result: of a terminal all, else the usual ones.
local function chosen(result, rows, all)
  local shown, shared = {}, is_shared(result)
  for _, column in ipairs(columns) do
    local fits = (all or column.spare < wide) and (shared or not column.of_account)
    if fits and speaks(column, rows) then shown[#shown + 1] = column end
  end
  return shown
end

-- From so many pairs on the head is repeated above the portfolio: the first one has left the screen.
local long = 30

--- The table's lines.
---@param result sliders.Result
---@param width? integer  columns of the terminal; nil: the usual columns
---@return string[]
function report.table(result, width)
  local rows = rows_of(result)
  local shown = chosen(result, rows, width)
  local lines = lines_of(rows, shown)
  while width and width_of(lines) > width do
    shown = fewer(shown)
    if not shown then break end
    lines = lines_of(rows, shown)
  end
  if result.portfolio and #rows > long then
    table.insert(lines, #lines, "")
    table.insert(lines, #lines, lines[1])
  end
  return lines
end

-- ---- Notes --------------------------------------------------------------------------------------------------------

-- Why a portfolio is not complete.
local function lack(rule, jobs)
  if rule ~= "shared" then return "; incomplete, some pairs are left out" end
  return jobs[1].state == "cancelled" and "; the run was interrupted" or "; the run failed"
end

local function portfolio_note(portfolio, jobs)
  local note = portfolio.rule == "shared" and "Portfolio: one account" or ("Portfolio: %s"):format(portfolio.rule)
  if portfolio.label ~= "" then note = ("%s (%s)"):format(note, portfolio.label) end
  note = ("%s, costs %s"):format(note, text.money(portfolio.costs))
  if not portfolio.complete then note = note .. lack(portfolio.rule, jobs) end
  return note
end

-- A model's rows say less than they seem to.
local model_note = "Pairs: each as if alone, before the portfolio's leverage. Costs are the model's own: "
  .. "the run's spread, slippage and commission play no part."

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

-- `sentence` with the pairs for which `accept` holds; nil where it does for none.
local function note_of(infos, accept, sentence)
  local names = names_where(infos, accept)
  if #names == 0 then return nil end
  return sentence:format(#names == #infos and "all pairs" or listed(names))
end

local function one_price_note(infos)
  return note_of(infos, function(info) return info.one_price and not info.ticks end,
    "One price a bar (%s): orders fill at the next fixing, stops are tested at fixings only.")
end

local function ticks_note(infos)
  return note_of(infos, function(info) return info.ticks end, "Ticks (%s): orders fill at the next tick, stops are tested tick by tick.")
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

-- A job that was done and has not even a first equity never came to its first decision.
local function unwarmed_note(jobs)
  local names = {}
  for _, job in ipairs(jobs) do
    local total = job.state == "done" and job.figures.total_return
    if total and total ~= total then names[#names + 1] = job.pair end
  end
  if #names == 0 then return nil end
  return ("Too few bars for the strategy's warm-up, nothing was decided: %s."):format(listed(names))
end

local function ruined_note(jobs)
  local names = {}
  for _, job in ipairs(jobs) do
    if job.state == "ruined" then names[#names + 1] = job.pair end
  end
  if #names == 0 then return nil end
  return ("Ruined, equity fell below zero: %s."):format(listed(names))
end

--- What is told of the bars that each pair of the result was run on, by name.
---@param result sliders.Result
---@return table[]
function report.traded(result)
  local out, last = {}, nil
  for _, job in ipairs(is_shared(result) and result.jobs[1].books or result.jobs) do
    if job.pair ~= last then out[#out + 1] = job.data end
    last = job.pair
  end
  return out
end

local function stop_out_note(jobs)
  local names = {}
  for _, job in ipairs(jobs) do
    for _, one in ipairs(job.books or { job }) do
      if (one.stop_out_count or 0) > 0 then names[#names + 1] = ("%s (%s)"):format(one.pair, text.counted(one.stop_out_count, "trade")) end
    end
  end
  if #names == 0 then return nil end
  return ("Stopped out for want of margin: %s."):format(listed(names))
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
  if result.portfolio then add(portfolio_note(result.portfolio, result.jobs)) end
  if has_model(result) then
    add(model_note) -- a model has no orders
  else
    add(one_price_note(infos))
    add(ticks_note(infos))
  end
  if not has_model(result) then add(unwarmed_note(result.jobs)) end
  add(early_note(infos, to, format))
  add(stop_out_note(result.jobs))
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
---@param window { from: integer?, to: integer?, currency: string? }
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
  return ("%s in %s: %s, %s to %s, capital %s %s"):format(strategy.name, strategy.vm, text.counted(#infos, "pair"),
    day(first, format), day(last, format), text.money(capital), window.currency or "USD")
end

--- What failed, for stderr: the pair, where and why, and the traceback.
---@param jobs sliders.Job[]
---@return string[]
function report.failures(jobs)
  local lines = {}
  local failed = 0
  for _, job in ipairs(jobs) do
    if job.state == "failed" then
      failed = failed + 1
      for _, line in ipairs(errors.lines(job.error, job.pair)) do lines[#lines + 1] = line end
    end
  end
  if failed > 0 then lines[#lines + 1] = ("sliders: %d of %s failed"):format(failed, text.counted(#jobs, "job")) end
  return lines
end

-- So many names are told; of the others the number.
local most_names = 12

--- What Ctrl-C left undone, for stderr.
---@param jobs sliders.Job[]
---@return string[]
function report.interrupted(jobs)
  local names, more = {}, 0
  for _, job in ipairs(jobs) do
    if job.state == "cancelled" then
      if #names < most_names then names[#names + 1] = job.pair else more = more + 1 end
    end
  end
  if #names == 0 then return { "sliders: interrupted when every job had been run" } end
  local rest = more > 0 and (" and %d more"):format(more) or ""
  return { ("sliders: interrupted: %d of %s not run: %s%s"):format(#names + more, text.counted(#jobs, "job"), listed(names), rest) }
end

-- "EURUSD.csv:17:5"
local function place_of(note)
  local place = note.file
  if note.line then place = ("%s:%d"):format(place, note.line) end
  if note.column then place = ("%s:%d"):format(place, note.column) end
  return place
end

-- Notes in their order, each with the number of further files of which the same is to be said, but for the number that it begins with: that is the sum.
-- Rows that were dropped are told one by one.
local function distinct(notes)
  local list, seen = {}, {}
  for _, note in ipairs(notes) do
    local number, rest = note.message:match "^(%d+)( .*)$"
    local key = note.kind ~= "dropped" and note.kind .. (rest or note.message)
    local group = key and seen[key]
    if not group then
      group = { note = note, sum = tonumber(number), rest = rest, more = 0, last = note.file }
      list[#list + 1] = group
      if key then seen[key] = group end
    else
      group.sum = number and group.sum + tonumber(number)
      if note.file ~= group.last then group.more, group.last = group.more + 1, note.file end
    end
  end
  return list
end

-- What a group says: of one file as it stands.
local function words_of(group)
  if group.more == 0 or not group.sum then return group.note.message end
  return text.count(group.sum) .. group.rest
end

-- Options that speak of files, and why nothing came of one.
local idle_options = {
  { "dialect", "nothing that was read is a text" },
  { "zone", "all times that were read are dates or bear their own offset" },
  { "pair", "no file that was read holds the bars of one pair; to choose among pairs there is --pairs" },
  { "side", "what was read has both sides" },
  { "date", "no file that was read counts its times from midnight" },
  { "scale", "no file that was read has written prices" },
  { "day_first", "no date that was read begins with a day or a month" },
  { "newest_first", "what was read holds no bars or ticks; rates may run either way" },
}

local function is_idle(sources, name)
  for _, source in ipairs(sources) do
    if not (" " .. source.idle .. " "):find(" " .. name .. " ", 1, true) then return false end
  end
  return true
end

--- A warning for each option that had no effect on any file.
---@param sources table[]                of sliders.LoadReport
---@param told? sliders.LoadOptions
---@return string[]
function report.idle(sources, told)
  local lines = {}
  for _, option in ipairs(idle_options) do
    local name, why = option[1], option[2]
    if told and told[name] ~= nil and is_idle(sources, name) then
      if #sources == 0 then why = "a store is read as it was written" end
      lines[#lines + 1] = ("sliders: warning: --%s has no effect: %s"):format(name:gsub("_", "-"), why)
    end
  end
  return lines
end

--- What there is to tell of the loading: rows that were dropped; once for all files of which it holds, what was found and what may be wrong; and
--- options that had no effect on any file.
---@param loaded sliders.LoadReport
---@param told? sliders.LoadOptions
---@return string[]
function report.loading(loaded, told)
  local lines = {}
  for _, group in ipairs(distinct(loaded.notes)) do
    local others = group.more > 0 and (" and %s more"):format(text.counted(group.more, "file")) or ""
    lines[#lines + 1] = ("%s%s: %s: %s"):format(place_of(group.note), others, group.note.kind, words_of(group))
  end
  for _, line in ipairs(report.idle(loaded.sources, told)) do lines[#lines + 1] = line end
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
