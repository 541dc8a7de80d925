--- Where two results first differ, to the bit.
--
-- Two comparisons: `whole` (two engines: everything must be equal) and `before` (all the data against cut data: what was
-- decided and filled before the cut must be equal).

local compare = {}

-- NaN equals NaN; 0 and -0 are two numbers.
local function same(a, b)
  if a == b then return a ~= 0 or 1 / a == 1 / b end
  return a ~= a and b ~= b
end

local function show(x)
  return type(x) == "number" and ("%.17g"):format(x) or tostring(x)
end

-- What of an order is fixed at the call, what is so unless it is known at the fill only, and what comes with the fill.
local decided = { "id", "time", "bar", "kind", "reduce_only", "parent", "group", "target", "stop_loss_dist", "take_profit_dist" }
local sized = { "units" }
local filled = {
  "state", "reason", "fill_time", "fill_bar", "stop_loss", "take_profit", "price", "reference", "spread_cost", "slippage_cost",
  "commission",
}
local trade_fields = {
  "entry_order", "exit_order", "entry_time", "exit_time", "entry_bar", "exit_bar", "exit", "units", "entry_price", "exit_price",
  "gross", "costs", "net",
}
local job_fields = {
  "state", "log", "capital", "final_equity", "realised", "unrealised", "order_count", "rejected_count", "trade_count", "open_count",
  "bar_count", "buy_and_hold",
}

-- "units is 1000, not 2000", or nil.
local function field_difference(a, b, fields)
  for _, field in ipairs(fields) do
    if not same(a[field], b[field]) then return ("%s is %s, not %s"):format(field, show(b[field]), show(a[field])) end
  end
  return nil
end

local function list_difference(a, b, what)
  for i = 1, math.min(#a, #b) do
    if not same(a[i], b[i]) then return ("%s %d is %s, not %s"):format(what, i, show(b[i]), show(a[i])) end
  end
  return nil
end

local function record_difference(a, b, what, ...)
  if #a ~= #b then return ("%d %ss, not %d"):format(#b, what, #a) end
  for i = 1, #a do
    for _, fields in ipairs { ... } do
      local difference = field_difference(a[i], b[i], fields)
      if difference then return ("%s %d: %s"):format(what, i, difference) end
    end
  end
  return nil
end

local function figures_difference(a, b)
  local names = {}
  for name in pairs(a) do names[#names + 1] = name end
  table.sort(names)
  return field_difference(a, b, names)
end

local function weights_difference(a, b, rows)
  if (a == nil) ~= (b == nil) then return "weights are there in one only" end
  for i = 1, a and rows or 0 do
    local difference = list_difference(a[i], b[i], "weight")
    if difference then return ("point %d: %s"):format(i, difference) end
  end
  return nil
end

-- ---- Two engines --------------------------------------------------------------------------------------------------

local function job_difference(a, b)
  return field_difference(a, b, job_fields) or record_difference(a.orders, b.orders, "order", decided, sized, filled)
    or record_difference(a.trades, b.trades, "trade", trade_fields) or list_difference(a.equity, b.equity, "equity")
    or a.figures and b.figures and figures_difference(a.figures, b.figures)
end

local function portfolio_difference(a, b)
  if not a or not b then return nil end
  return field_difference(a, b, { "complete", "count", "costs", "buy_and_hold" }) or list_difference(a.equity, b.equity, "equity")
    or weights_difference(a.weights, b.weights, a.count) or figures_difference(a.figures, b.figures)
end

--- The first difference of b from a, or nil.
---@param a sliders.Result
---@param b sliders.Result
---@return string?
function compare.whole(a, b)
  for i, job in ipairs(a.jobs) do
    local difference = job_difference(job, b.jobs[i])
    if difference then return ("%s: %s"):format(job.pair, difference) end
  end
  local difference = portfolio_difference(a.portfolio, b.portfolio)
  return difference and "PORTFOLIO: " .. difference
end

-- ---- All the data and cut data ------------------------------------------------------------------------------------

-- Orders that the broker sends when a bar reaches their price. They are stamped with the open of that bar.
local triggered = { stop_loss = true, take_profit = true, trailing_stop = true, stop_out = true, end_of_data = true }

-- What is known at `last`, the close of the last bar that the cut leaves whole: bars of `period_ns` that opened at `time`.
local function closed(time, period_ns, last)
  return time + period_ns <= last
end

local function until_time(orders, period_ns, last)
  local out = {}
  for _, order in ipairs(orders) do
    if triggered[order.kind] and closed(order.time, period_ns, last) or not triggered[order.kind] and order.time <= last then out[#out + 1] = order end
  end
  return out
end

-- Whether the order was filled by a bar that had closed: the one that decided, or a later one.
local function filled_before(order, period_ns, last)
  return order.fill_bar >= 0 and (order.fill_bar == order.bar or closed(order.fill_time, period_ns, last))
end

local function order_difference(full, cut, period_ns, last)
  local before = filled_before(full, period_ns, last)
  local known = before or cut.fill_bar < 0 and cut.units ~= 0 -- a fill behind `last` may have sized it
  local difference = field_difference(full, cut, decided) or known and field_difference(full, cut, sized)
  if difference or not before then return difference or nil end
  return field_difference(full, cut, filled)
end

-- Orders of `full` up to the cut against those of `cut`; the count of those compared, and the first difference.
local function orders_before(full, cut, period_ns, last, format)
  local a, b = until_time(full.orders, period_ns, last), until_time(cut.orders, period_ns, last)
  for i = 1, math.max(#a, #b) do
    local there = a[i] or b[i]
    local difference = not b[i] and "is not sent" or not a[i] and "is sent only then" or order_difference(a[i], b[i], period_ns, last)
    if difference then return #a, ("order %d of %s: %s"):format(i, format(there.time), difference) end
  end
  return #a, nil
end

-- The account of all pairs stands still at `last`: behind it bars of other lengths may close that the cut has left.
local function equity_before(full, cut, last)
  for i = 1, math.min(#full.equity, #cut.equity) do
    if full.close_time[i] > last then return nil end
    if not same(full.equity[i], cut.equity[i]) then return ("equity %d is %s, not %s"):format(i, show(cut.equity[i]), show(full.equity[i])) end
  end
  return nil
end

-- Pairs of one account, each with bars of its own length.
local function books_before(full, cut, periods, last, format)
  local total = 0
  for i, book in ipairs(full.books) do
    local count, difference = orders_before(book, cut.books[i], periods[book.pair], last, format)
    total = total + count
    if difference then return total, ("%s: %s"):format(book.pair, difference) end
  end
  return total, equity_before(full, cut, last)
end

--- How many ns before the close of a bar of this length the data are cut: the bar is then the last one, however short it is (a February in months),
--- for the next opens no earlier than it closes. A tick opens when it closes.
function compare.margin(period_ns)
  return math.min(period_ns, 1024) -- which a double of today's date holds
end

local function job_before(full, cut, to, periods, format)
  local period_ns = periods[full.pair]
  local last = to + compare.margin(period_ns)
  if cut.state == "failed" then return 0, tostring(cut.error) end
  if full.books then return books_before(full, cut, periods, last, format) end
  local count, difference = orders_before(full, cut, period_ns, last, format)
  return count, difference or list_difference(full.equity, cut.equity, "equity")
end

--- How many orders were decided up to the cut, and the first that is not the same without the bars after `to`.
---@param full sliders.Result
---@param cut sliders.Result
---@param to integer                        where the data were cut
---@param periods table<string, integer>    length of a bar by pair, ns; of "ACCOUNT" the shortest
---@param format fun(time: integer): string
---@return integer, string?
function compare.before(full, cut, to, periods, format)
  local total, shorter = 0, {}
  for _, job in ipairs(cut.jobs) do shorter[job.pair] = job end
  for _, job in ipairs(full.jobs) do
    local count, difference = job_before(job, shorter[job.pair], to, periods, format)
    total = total + count
    if difference then return total, ("%s: %s"):format(job.pair, difference) end
  end
  local a, b = full.portfolio, cut.portfolio
  if a and a.rule == "shared" then return total, nil end
  local difference = a and b and (list_difference(a.equity, b.equity, "equity") or weights_difference(a.weights, b.weights, b.count))
  return total, difference and "PORTFOLIO: " .. difference or nil
end

return compare
