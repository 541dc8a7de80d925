--- Whether the accounts of a run add up, at every bar, also inside open positions. Shares no code with the core.
--
-- The equity of each bar is made once more of the fills, costs and rollovers of the ledger, the bars and the rates of conversion:
--   capital + sum of gross profit between fills - costs + rollovers + sum over what is open of units x (mark - fill) x rate
-- It may differ from the run's by what sums of that many numbers of that size can round to: (lines + 16) half units in the last place of all that
-- was added, and no more. The same holds of every other sum. What a run does not keep is not looked at.

local market = require "accounts_market"

local accounts = { jobs = 0, rows = 0, open_rows = 0, portfolios = 0 }

local HALF_ULP = 2 ^ -53

local function fail(...) error("the accounts do not add up: " .. (...):format(select(2, ...)), 0) end

-- A sum with what it was made of: how many lines, and how much was turned.
local Sum = {}
Sum.__index = Sum
local function sum(value) return setmetatable({ value = value, low = 0, lines = 0, turned = math.abs(value) }, Sum) end
function Sum:add(x, size)
  local total = self.value + x
  local virtual = total - self.value
  self.low = self.low + ((self.value - (total - virtual)) + (x - virtual)) -- what the addition has lost
  self.value, self.lines, self.turned = total, self.lines + 1, self.turned + (size or math.abs(x))
  return self
end
function Sum:with(other)
  self:add(other.value, other.turned).low = self.low + other.low
  self.lines = self.lines + other.lines
  return self
end
-- Counts the lines of another sum, which say the same in other words, but not their values.
function Sum:also(other)
  self.lines, self.turned = self.lines + other.lines, self.turned + other.turned
  return self
end
function Sum:slack() return (self.lines + 16) * HALF_ULP * self.turned end
function Sum:is(got) return math.abs(got - (self.value + self.low)) <= self:slack() end
function Sum:expect(got, ...)
  if not self:is(got) then fail("%s is %.17g and not %.17g (within %.2g)", (...):format(select(2, ...)), got, self.value + self.low, self:slack()) end
end

local function sign(x) return x > 0 and 1 or x < 0 and -1 or 0 end

-- ---- One book --------------------------------------------------------------------------------------------------------

local presets = { next_open = "pessimistic", close = "pessimistic", tradingview = "tradingview", backtesting_py = "backtesting_py" }

-- What the options come to: path, and whether entries alone pay the spread.
local function axes_of(options)
  local fill = options.fill or "next_open"
  local table_of = type(fill) == "table" and fill or { preset = fill }
  local preset = table_of.preset or "next_open"
  local spread_on = table_of.spread_on or (preset == "backtesting_py" and "entry" or "both")
  return { path = table_of.path or presets[preset], entry = spread_on == "entry" }
end

-- The rate at which an order was dealt.
local function rate_of(book, order)
  local at_close = order.fill_time > book.rows.time[order.fill_bar + 1]
  local by_day = book.axes.path == "tradingview" and order.kind ~= "stop_out" and order.kind ~= "end_of_data"
  return book.world.rate(book.rows, order.fill_bar, at_close and not by_day and "mark" or "fill")
end

local function of_order(book, id, what, i)
  local order = book.orders[id]
  if not order or order.state ~= "filled" then fail("%s: trade %d has no %s order", book.pair, i, what) end
  return order
end

-- What the trades say was dealt of each order: opened, closed, and the distance paid.
local function dealt_of(book)
  local dealt = {}
  for id in ipairs(book.orders) do dealt[id] = { size = 0, side = 0, paid = sum(0), notional = sum(0) } end
  local function deal(order, units, price)
    local d, rate = dealt[order.id], rate_of(book, order)
    local value = math.abs(units) * price * rate
    d.size, d.side = d.size + math.abs(units), d.side + units
    d.paid:add(math.abs(units) * sign(units) * (price - order.reference) * rate, value)
    d.notional:add(value)
  end
  for i, trade in ipairs(book.trades) do
    deal(of_order(book, trade.entry_order, "entry", i), trade.units, trade.entry_price)
    if trade.exit ~= "open" then deal(of_order(book, trade.exit_order, "exit", i), -trade.units, trade.exit_price) end
  end
  return dealt
end

-- Nothing is dealt at a price that its bar did not have. (Of both sides the bid that stood beside a level of the ask is not known; and backtesting.py
-- deals a stop-limit at its stop where the open has passed that.)
local function check_range(book, order, what)
  if book.data.side == "both" or (book.axes.path == "backtesting_py" and order.kind == "stop_limit") then return end
  local rows, bar, price = book.rows, order.fill_bar + 1, order.reference
  local low, high = rows.low[bar], rows.high[bar]
  if price >= low * (1 - 4 * HALF_ULP) and price <= high * (1 + 4 * HALF_ULP) then return end
  fail("%s is dealt at %.17g, its bar goes from %.17g to %.17g", what, price, low, high)
end

-- Every unit of a fill is found in a trade, and its costs are what the dealt prices say.
local function check_orders(book)
  local o, info = book.options, book.rows.info
  local dealt = dealt_of(book)
  for id, order in ipairs(book.orders) do
    local d = dealt[id]
    if order.state == "filled" then
      local what = ("%s: order %d"):format(book.pair, id)
      if math.abs(order.filled) ~= d.size or order.filled ~= d.side then fail("%s has dealt %.17g units, its trades %.17g", what, order.filled, d.side) end
      check_range(book, order, what)
      d.paid:expect(order.spread_cost + order.slippage_cost, "%s: its distance from the market", what)
      local commission = sum(o.commission_per_order or 0):add((o.commission_per_lot or 0) * (d.size / info.lot))
      commission:add((o.commission_frac or 0) * d.notional.value):expect(order.commission, "%s: its commission", what)
      local costs = math.min(order.spread_cost, order.slippage_cost, order.commission)
      if costs < 0 then fail("%s earns by its costs: %.17g", what, costs) end
    elseif order.filled ~= 0 or d.size ~= 0 then
      fail("%s: order %d is %s and has traded", book.pair, id, order.state)
    end
  end
end

-- What lots are worth beyond their fills with the book at a point of a row. `rate` is that of the point.
local function open_profit(book, open, row, point, rate)
  local total = sum(0)
  local long, short = market.marks(book.rows, book.data, book.spread, book.axes.entry, row, point)
  for lot in pairs(open) do
    local mark = lot.units > 0 and long or short
    total:add(lot.units * (mark - lot.reference) * rate, math.abs(lot.units) * (mark + lot.reference) * rate)
  end
  return total
end

-- The bar, its point and the rate at which an open trade stands: a close, or the open of a bar that was under way when its account was ruined.
local function last_mark(book, trade)
  local row, rows = trade.exit_bar, book.rows
  if trade.exit_time == rows.time[row + 1] and not rows.info.ticks then return row, "open", book.world.rate(rows, row, "fill") end
  return row, "close", book.world.rate(rows, row, "mark")
end

-- What is open at the end stands at its mark.
local function check_mark(book, trade, lot, what)
  local row, point, rate = last_mark(book, trade)
  local long, short = market.marks(book.rows, book.data, book.spread, book.axes.entry, row, point)
  if trade.exit_price ~= (trade.units > 0 and long or short) then fail("%s is marked at %.17g", what, trade.exit_price) end
  open_profit(book, { [lot] = true }, row, point, rate):expect(trade.gross, "%s: gross", what)
end

-- The book's money as lines {at, amount, order}, its lots as {from, to, units, reference, entry, exit}; `at` and the like by `when(order)`, rows or
-- instants. Checks each trade on the way.
local function lines_of(book, when)
  local money, lots = {}, {}
  for i, trade in ipairs(book.trades) do
    local entry = of_order(book, trade.entry_order, "entry", i)
    local what = ("%s: trade %d"):format(book.pair, i)
    sum(trade.gross):add(-trade.costs):expect(trade.net, "%s: net", what)
    local lot = { from = when(entry), units = trade.units, reference = entry.reference, entry = trade.entry_order, exit = trade.exit_order }
    if trade.exit ~= "open" then
      local exit = of_order(book, trade.exit_order, "exit", i)
      local gross = (trade.units * (exit.reference - entry.reference)) * rate_of(book, exit)
      sum(0):add(gross):expect(trade.gross, "%s: gross", what)
      lot.to = when(exit)
      money[#money + 1] = { at = lot.to, amount = gross, order = exit.id }
    end
    if trade.exit == "open" then check_mark(book, trade, lot, what) end
    lots[#lots + 1] = lot
  end
  for _, order in ipairs(book.orders) do
    local at = order.state == "filled" and when(order)
    for _, name in ipairs(at and { "spread_cost", "slippage_cost", "commission" } or {}) do
      money[#money + 1] = { at = at, amount = -order[name], order = order.id }
    end
  end
  for _, roll in ipairs(book.rollovers) do money[#money + 1] = { at = when(nil, roll), amount = roll.amount } end
  return money, lots
end

local function by_time(list, name)
  local at = {}
  for _, one in ipairs(list) do
    local key = one[name]
    if key then
      at[key] = at[key] or {}
      table.insert(at[key], one)
    end
  end
  return at
end

local function add_up(records, fields, size)
  local total = sum(0)
  total.turned = size or 0
  for _, record in ipairs(records) do
    for _, name in ipairs(fields) do total:add(record[name]) end
  end
  return total
end

-- Totals of a job or of a book of it are the sums of its lines.
local function check_totals(book, of)
  local closed, open = {}, {}
  for _, trade in ipairs(of.trades) do table.insert(trade.exit == "open" and open or closed, trade) end
  for _, name in ipairs { "spread", "slippage", "commission" } do
    add_up(of.orders, { name == "commission" and name or name .. "_cost" }):expect(of.costs[name], "%s: %s", book.pair, name)
  end
  add_up(of.trades, { "costs" }):also(add_up(of.orders, { "spread_cost", "slippage_cost", "commission" }))
    :expect(of.costs.spread + of.costs.slippage + of.costs.commission, "%s: costs of the trades", book.pair)
  local notional = 0
  for _, trade in ipairs(open) do
    local _, _, rate = last_mark(book, trade)
    notional = notional + math.abs(trade.units) * (trade.entry_price + trade.exit_price) * rate
  end
  add_up(closed, { "gross" }):expect(of.realised, "%s: realised", book.pair)
  add_up(open, { "gross" }, notional):expect(of.unrealised, "%s: unrealised", book.pair)
  add_up(of.rollovers, { "amount" }):expect(of.rollover, "%s: rollover", book.pair)
  if #closed ~= of.trade_count or #open ~= of.open_count then fail("%s: %d trades are closed and %d open", book.pair, #closed, #open) end
end

local function book_of(audit, of)
  local rows = audit.world.bars(of.pair)
  local o = audit.options
  return { pair = of.pair, orders = of.orders, trades = of.trades, rollovers = of.rollovers, data = of.data, rows = rows, world = audit.world,
    options = o, axes = audit.axes, spread = (o.spread_pips or 0) * rows.info.pip }
end

-- ---- A sleeve --------------------------------------------------------------------------------------------------------

-- How many rows of a pair the run saw.
local function seen(audit, rows)
  local low, high = 0, rows.count
  while audit.to and low < high do
    local middle = math.floor((low + high) / 2)
    if rows.time[middle + 1] <= audit.to then low = middle + 1 else high = middle end
  end
  return high
end

-- After ruin equity stays where it is.
local function check_ruin(job, k)
  if job.state ~= "ruined" then fail("%s: equity %d is %.17g, and the job goes on", job.pair, k, job.equity[k]) end
  for i = k + 1, #job.equity do
    if job.equity[i] ~= job.equity[k] then fail("%s: equity %d after the ruin", job.pair, i) end
  end
  return k
end

local function check_sleeve(audit, job)
  local book = book_of(audit, job)
  local first = seen(audit, book.rows) - job.bar_count
  local last = first + job.bar_count - 1
  local function when(order, roll)
    if roll then return roll.bar end
    return order.kind == "end_of_data" and last or order.fill_bar
  end
  check_orders(book)
  local money, lots = lines_of(book, when)
  check_totals(book, job)
  local paid, opened, closed = by_time(money, "at"), by_time(lots, "from"), by_time(lots, "to")
  local cash, open, ended = sum(job.capital), {}, nil
  for row = first, last do
    for _, line in ipairs(paid[row] or {}) do cash:add(line.amount) end
    for _, lot in ipairs(opened[row] or {}) do open[lot] = true end
    for _, lot in ipairs(closed[row] or {}) do open[lot] = nil end
    local k = row - first + 1
    local equity, held = sum(0), next(open) ~= nil
    if held then equity:with(open_profit(book, open, row, "close", book.world.rate(book.rows, row, "mark"))) end
    equity:with(cash):expect(job.equity[k], "%s: equity %d of %d", job.pair, k, job.bar_count)
    accounts.rows, accounts.open_rows = accounts.rows + 1, accounts.open_rows + (held and 1 or 0)
    if job.equity[k] <= 0 then
      ended = check_ruin(job, k)
      break
    end
  end
  if job.state == "ruined" and not ended then fail("%s: ruined with equity", job.pair) end
end

-- ---- A shared account ------------------------------------------------------------------------------------------------

-- The first of an ascending list that is at or after (or, `beyond`, after) a time.
local function instant_of(clock, time, beyond)
  local low, high = 1, #clock + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if clock[middle] < time or (beyond and clock[middle] == time) then low = middle + 1 else high = middle end
  end
  return low
end

local at_any_price = { market = true, target = true, close = true, stop_out = true }

-- At which instant the account knows of a fill or rollover, and the first at which it may have known. A fill at its bar's open is known from then on, another
-- one when the bar has closed. An order with a price that was dealt at the price of the open may be either: the ledger does not say which.
local function known(book, clock)
  local rows = book.rows
  return function(order, roll)
    if order and order.kind == "end_of_data" then return #clock end
    local bar = (order and order.fill_bar or roll.bar) + 1
    local opened = rows.time[bar]
    local closed = instant_of(clock, rows.closes[bar])
    if roll then return roll.time <= opened and not rows.info.ticks and instant_of(clock, opened, true) or closed end
    -- backtesting.py's orders are all dealt when the bar has closed; stop-outs, which that project does not have, come at opens in every path.
    local at_open = order.fill_time == opened and order.reference == rows.open[bar] and (book.axes.path ~= "backtesting_py" or order.kind == "stop_out")
    if rows.info.ticks or not at_open then return closed end
    local early = instant_of(clock, opened, true)
    return at_any_price[order.kind] and early or closed, early
  end
end

-- Fills by the instants at which they may be known and need not be.
local function doubtful(book, when)
  local at = {}
  for _, order in ipairs(book.orders) do
    local late, early
    if order.state == "filled" then late, early = when(order) end
    for k = early or 1, early and late - 1 or 0 do
      at[k] = at[k] or {}
      table.insert(at[k], order.id)
    end
  end
  return at
end

-- What a book may add to the account at an instant: its open profit, and what fills that are in doubt there have made and cost, for every choice of them.
local function choices(book, k, row, point, rate)
  local ids, all = book.doubts[k] or {}, {}
  if #ids > 8 then fail("%s: %d fills are in doubt at instant %d", book.pair, #ids, k) end
  for choice = 0, 2 ^ #ids - 1 do
    local dealt = {}
    for i, id in ipairs(ids) do dealt[id] = math.floor(choice / 2 ^ (i - 1)) % 2 == 1 end
    local total, open = sum(0), {}
    for lot in pairs(book.open) do open[lot] = not dealt[lot.exit] or nil end
    for _, lot in ipairs(#ids > 0 and book.lots or {}) do open[lot] = open[lot] or (dealt[lot.entry] and not dealt[lot.exit]) or nil end
    for _, line in ipairs(#ids > 0 and book.money or {}) do
      if dealt[line.order] then total:add(line.amount) end
    end
    if next(open) then total:with(open_profit(book, open, row, point, rate)) end
    all[#all + 1] = total
  end
  return all
end

-- Where a book stands at an instant: row, point and rate; nil before its first row.
local function stand(book, time)
  local rows = book.rows
  while book.row + 1 < book.count and rows.closes[book.row + 2] <= time do book.row = book.row + 1 end
  local begun = book.row + 1
  if begun < book.count and rows.time[begun + 1] < time then
    local rate = book.world.rate(rows, begun, "fill")
    if rate == rate then return begun, "open", rate end
  end
  if book.row < 0 then return nil end
  return book.row, "close", book.world.rate(rows, book.row, "mark")
end

-- Whether one choice of every book makes the equity; fails on the first choices where none does.
local function some_choice(of_books, at, total, got, ...)
  if at > #of_books then return total:is(got) end
  for _, one in ipairs(of_books[at]) do
    if some_choice(of_books, at + 1, sum(0):with(total):with(one), got) then return true end
  end
  if at > 1 then return false end
  for _, list in ipairs(of_books) do total:with(list[1]) end
  total:expect(got, ...)
end

local function open_book(audit, of, clock)
  local book = book_of(audit, of)
  local when = known(book, clock)
  check_orders(book)
  book.money, book.lots = lines_of(book, when)
  check_totals(book, of)
  book.count, book.row, book.open, book.doubts = seen(audit, book.rows), -1, {}, doubtful(book, when)
  book.paid, book.opened, book.closed = by_time(book.money, "at"), by_time(book.lots, "from"), by_time(book.lots, "to")
  return book
end

local function check_account(audit, job)
  local clock, cash, ended = job.close_time, sum(job.capital), nil
  local books = {}
  for i, of in ipairs(job.books) do books[i] = open_book(audit, of, clock) end
  for k, time in ipairs(clock) do
    local parts, held = {}, false
    for i, book in ipairs(books) do
      for _, line in ipairs(book.paid[k] or {}) do cash:add(line.amount) end
      for _, lot in ipairs(book.opened[k] or {}) do book.open[lot] = true end
      for _, lot in ipairs(book.closed[k] or {}) do book.open[lot] = nil end
      parts[i] = choices(book, k, stand(book, time))
      held = held or next(book.open) ~= nil
    end
    some_choice(parts, 1, sum(0):with(cash), job.equity[k], "%s: equity %d of %d", job.pair, k, #clock)
    accounts.rows, accounts.open_rows = accounts.rows + 1, accounts.open_rows + (held and 1 or 0)
    if job.equity[k] <= 0 then
      ended = check_ruin(job, k)
      break
    end
  end
  if job.state == "ruined" and not ended then fail("%s: ruined with equity", job.pair) end
end

-- ---- The portfolio ---------------------------------------------------------------------------------------------------

-- Moves each sleeve to a time: its level before and now.
local function follow(sleeves, time)
  for _, s in ipairs(sleeves) do
    s.before = s.level
    while s.at < #s.job.close_time and s.job.close_time[s.at + 1] <= time do
      s.at = s.at + 1
      s.level = s.job.equity[s.at]
    end
  end
end

local function check_sum(portfolio, sleeves)
  for k, time in ipairs(portfolio.time) do
    follow(sleeves, time)
    local total = sum(0)
    for _, s in ipairs(sleeves) do total:add(s.level) end
    total:expect(portfolio.equity[k], "portfolio: sum of the sleeves in row %d", k)
  end
end

-- What it costs to deal in all that a sleeve holds, as a part of its equity.
local function turnover_cost(audit, s)
  if s.at == 0 then return 0 end
  s.book = s.book or book_of(audit, s.job)
  s.first = s.first or seen(audit, s.book.rows) - s.job.bar_count
  local row, units, o, rows = s.first + s.at - 1, 0, audit.options, s.book.rows
  for _, trade in ipairs(s.job.trades) do
    if trade.entry_bar <= row and (trade.exit == "open" or trade.exit_bar > row) then units = units + trade.units end
  end
  local close = rows.close[row + 1]
  local spread = s.job.data.side == "both" and rows.ask_close[row + 1] - close or s.book.spread
  local one = 0.5 * spread + (o.slippage_pips or 0) * rows.info.pip + (o.commission_frac or 0) * close
  if units == 0 then return 0 end
  return math.abs(units) * (one * s.book.world.rate(rows, row, "mark") + (o.commission_per_lot or 0) / rows.info.lot) / s.level
end

local function check_overlay(audit, portfolio, sleeves)
  local equity, costs, before = portfolio.capital, sum(0), nil
  for k, time in ipairs(portfolio.time) do
    follow(sleeves, time)
    local gain, moved = 0, 0
    for i, s in ipairs(sleeves) do
      s.change = s.before > 0 and s.level / s.before - 1 or 0
      gain = gain + (before and before[i] or 0) * s.change
    end
    local earned = equity > 0 and equity * (1 + gain) or equity
    for i, s in ipairs(sleeves) do
      local drifted = s.level > 0 and (before and before[i] or 0) * (1 + s.change) / (1 + gain) or 0
      local by = math.abs(portfolio.weights[k][i] - drifted)
      if earned > 0 and by > 1e-12 then moved = moved + by * turnover_cost(audit, s) end
    end
    if earned > 0 then costs:add(moved * earned) end
    equity = portfolio.equity[k]
    sum(earned * (1 - moved)):add(0, 64 * math.abs(earned) * (1 + #sleeves)):expect(equity, "portfolio: equity of row %d", k)
    before = portfolio.weights[k]
  end
  costs:add(0, portfolio.capital):expect(portfolio.costs, "portfolio: costs of the turnover")
end

local function check_portfolio(audit, result)
  local portfolio = result.portfolio
  if portfolio.rule == "shared" then
    for k, value in ipairs(portfolio.equity) do
      if value ~= result.jobs[1].equity[k] then fail("portfolio: row %d is not the account's", k) end
    end
    return
  end
  local sleeves = {}
  for i, job in ipairs(result.jobs) do sleeves[i] = { job = job, level = job.capital, before = job.capital, at = 0 } end
  if portfolio.rule == "sum" then check_sum(portfolio, sleeves) else check_overlay(audit, portfolio, sleeves) end
end

-- ---- Runs ------------------------------------------------------------------------------------------------------------

local function check_job(audit, job)
  if job.books then check_account(audit, job) else check_sleeve(audit, job) end
  local costs = job.costs
  local total = sum(job.capital):add(job.realised):add(job.unrealised):add(job.rollover):add(-costs.spread):add(-costs.slippage):add(-costs.commission)
  for _, trade in ipairs(job.trades) do total:add(0, math.abs(trade.gross) + math.abs(trade.units) * trade.entry_price) end
  total.lines = total.lines + #job.orders
  total:expect(job.final_equity, "%s: final equity", job.pair)
  if job.bar_count > 0 and job.equity[#job.equity] ~= job.final_equity then fail("%s: the last equity is not the final one", job.pair) end
  accounts.jobs = accounts.jobs + 1
end

--- Raises an error that says where the accounts of a result do not add up.
---@param result sliders.Result
---@param from sliders.Market
---@param options sliders.RunOptions
---@param words { time_parse: function, timeframe_format: function }
function accounts.check(result, from, options, words)
  local keep, portfolio = options.keep or "all", result.portfolio
  if keep ~= "all" or (portfolio and portfolio.rule == "finmarketpy") then return end
  local to = options.to
  local audit = { options = options, axes = axes_of(options), to = type(to) == "string" and words.time_parse(to) or to }
  audit.world = market.open(from, options, words.timeframe_format)
  local whole = true
  for _, job in ipairs(result.jobs) do
    local done = job.state == "done" or job.state == "ruined"
    if done then check_job(audit, job) end
    whole = whole and done
  end
  if portfolio and portfolio.complete and whole then
    check_portfolio(audit, result)
    accounts.portfolios = accounts.portfolios + 1
  end
  audit.world.close()
end

return accounts
