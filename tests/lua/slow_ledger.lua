--- Ledgers of the broker against those of the slow one, and the calls of a random script (tests/slow/script.lua) made to a slow broker.
local ledger = {}

--- Money agrees to the bit or to one part in 10^12 of the capital: a hedged book adds its lots up in another order.
function ledger.same(a, b)
  if a == b or (a ~= a and (b == nil or b ~= b)) then return true end
  return a ~= nil and b ~= nil and math.abs(a - b) <= 1e-9
end

local order_fields = { "kind", "state", "reason", "name", "tag", "fill_bar", "bar", "units", "filled", "price", "reference", "spread_cost", "slippage_cost",
  "commission" }
local trade_fields = { "entry_order", "exit_order", "entry_bar", "exit_bar", "exit", "units", "entry_price", "exit_price", "gross", "costs", "net" }
local zero_based = { fill_bar = true, bar = true, entry_bar = true, exit_bar = true }

-- The first difference between two lists of records, or nil.
local function difference(what, ours, theirs, fields)
  for i = 1, math.max(#ours, #theirs) do
    local a, b = ours[i], theirs[i]
    if not a or not b then return ("%s %d: %s"):format(what, i, a and "only the broker has it" or "only the slow one has it") end
    for _, name in ipairs(fields) do
      local expected = b[name]
      if zero_based[name] and expected and expected > 0 then expected = expected - 1 end
      local equal = a[name] == expected
      if type(a[name]) == "number" then equal = ledger.same(a[name], expected) end
      if not equal then
        return ("%s %d (%s): %s is %s, the slow one says %s"):format(what, i, tostring(a.kind or a.exit), name, tostring(a[name]), tostring(expected))
      end
    end
  end
end

--- The first difference between the orders and trades of a job, or of a book of it, and those of a finished slow broker; or nil.
function ledger.difference(job, broker)
  local found = difference("order", job.orders, broker.orders, order_fields)
  if found then return found end
  local trades = {}
  for i, trade in ipairs(broker.trades) do trades[i] = trade end
  for _, trade in ipairs(broker.open) do trades[#trades + 1] = trade end
  found = difference("trade", job.trades, trades, trade_fields)
  if found then return found end
  if #job.rollovers ~= broker.rolls then return ("%d rollovers, the slow one says %d"):format(#job.rollovers, broker.rolls) end
  for name, value in pairs { rejected_count = broker.rejected, stop_out_count = broker.stop_outs } do
    if job[name] ~= value then return ("%s is %d, the slow one says %d"):format(name, job[name], value) end
  end
end

--- The first difference between two columns of equity, or nil.
function ledger.other_equity(ours, theirs)
  for row = 1, math.max(#ours, #theirs) do
    if not ledger.same(ours[row], theirs[row]) then
      return ("equity %d is %.17g, the slow one says %.17g"):format(row, ours[row] or 0 / 0, theirs[row] or 0 / 0)
    end
  end
end

--- The first difference between sums of a job and those of a slow broker or account, or nil.
function ledger.other_sums(job, slow)
  for name, value in pairs { realised = slow.realised, rollover = slow.rollover } do
    if not ledger.same(job[name], value) then return ("%s is %.17g, the slow one says %.17g"):format(name, job[name], value) end
  end
end

--- The options of a run of mode `m` over the seeds `first` and on.
function ledger.options(m, first, count)
  local seeds = {}
  for i = 1, count do seeds[i] = first + i - 1 end
  local asks = m.data == "both" or m.data == "ticks"
  return { fill = m.fill, sizing = m.sizing, accounting = m.accounting, pyramiding = m.pyramiding, spread_pips = asks and 0 or m.spread,
    slippage_pips = m.slippage, commission_frac = m.commission_frac, commission_per_lot = m.commission_per_lot, commission_per_order = m.commission_per_order,
    leverage = m.leverage, capital = m.capital, close_at_end = m.close_at_end, axes = { { name = "seed", values = seeds } }, keep = "all",
    margin_call = m.margin_call, stop_out = m.stop_out, rollover = m.rollover, rollover_markup = m.rollover_markup }
end

--- Makes one call to a slow broker.
function ledger.call(broker, call)
  local name, a, b = call[1], call[2], call[3]
  if broker.ruined then return
  elseif name == "buy" or name == "sell" then broker:trade(name, a)
  elseif name == "target" then broker:target(a, b)
  elseif name == "cancel" then broker:cancel(a)
  elseif name == "cancel_all" then broker:cancel()
  elseif name == "exit" then broker:exit(a)
  elseif name == "close" then broker:close(a)
  elseif name == "modify" then
    b.id = a
    broker:modify(b)
  elseif broker.lots[a] then broker:close { lot = broker.lots[a].order, fraction = b } end
end

return ledger
