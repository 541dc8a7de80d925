-- What a strategy asks of the broker, checked and handed to the core.
local core, vm, own = ...

local error, type, pairs, setmetatable = error, type, pairs, setmetatable
local format, find, huge = string.format, string.find, math.huge
local number, whole, text, unknown, options_of = own.number, own.whole, own.text, own.unknown, own.options

-- ---- Fields ----------------------------------------------------------------------------------------------------------

local function flag(x, what, level)
  if type(x) ~= "boolean" then error(format("%s must be true or false, not %s", what, vm.type(x)), level + 1) end
end

local function finite(x, what, level)
  number(x, what, level + 1)
  if x == huge or x == -huge then error(format("%s must be a number, not %s", what, x > 0 and "inf" or "-inf"), level + 1) end
end

local function above_zero(x, what, level)
  finite(x, what, level + 1)
  if not (x > 0) then error(format("%s must be above 0", what), level + 1) end
end

local function at_least_zero(x, what, level)
  finite(x, what, level + 1)
  if x < 0 then error(format("%s must not be below 0", what), level + 1) end
end

local function part(x, what, level)
  above_zero(x, what, level + 1)
  if x > 1 then error(format("%s must be at most 1: all of it", what), level + 1) end
end

local function bars(x, what, level)
  whole(x, what, level + 1)
  if x < 1 then error(format("%s must be at least 1 bar", what), level + 1) end
end

local function word(x, what, level)
  text(x, what, level + 1)
  if x == "" then error(format("%s must not be empty", what), level + 1) end
  if find(x, "\0", 1, true) then error(format("%s must not hold a NUL byte", what), level + 1) end
  if #x > 31 then error(format("%s is longer than 31 bytes", what), level + 1) end
end

local function oca_kind(x, what, level)
  if x ~= "cancel" and x ~= "reduce" then error(format("%s must be \"cancel\" or \"reduce\"", what), level + 1) end
end

local function joined(...)
  local all = {}
  for _, fields in pairs { ... } do
    for name, check in pairs(fields) do all[name] = check end
  end
  return all
end

local trails = { trail = at_least_zero, trail_after = at_least_zero, trail_step = above_zero }
local stops = joined(trails, { sl = finite, tp = finite, sl_dist = above_zero, tp_dist = above_zero })
local prices = { limit = above_zero, stop = above_zero }
local sizes = { units = above_zero, lots = above_zero, fraction = above_zero }
local parts = { units = above_zero, lots = above_zero, fraction = part } -- of what is held
local groups = { oco = word, oca = word, oca_kind = oca_kind }
local target_fields = joined(stops, { rebalance = above_zero, tag = word })
local order_fields = joined(stops, prices, sizes, groups, { risk = above_zero, id = word, tag = word, expire = bars, reduce_only = flag, reverse = flag, add = flag })
local exit_fields = joined(trails, prices, parts, groups, { id = word, of = word, tag = word, expire = bars, sl_dist = above_zero, tp_dist = above_zero, trail_at = finite, fifo = flag })
local close_fields = joined(parts, { id = word, tag = word, fifo = flag })
local trade_close_fields = joined(parts, { tag = word })
local modify_fields = joined(stops, prices, { units = above_zero, lots = above_zero, expire = bars })

local names_of = {} -- of each table of fields above, in order
for _, fields in pairs { target_fields, order_fields, exit_fields, close_fields, trade_close_fields, modify_fields, stops } do names_of[fields] = own.keys_of(fields) end

-- Of several mistakes the same one is named always: one that is no field, then the first field by name.
local function checked(what, options, fields, level)
  for name in pairs(options_of(options, what, level + 1)) do
    if not fields[name] then unknown(what, own.first_unknown(options, fields), fields, level + 1) end
  end
  local names = names_of[fields]
  for i = 1, #names do
    local name = names[i]
    local value = options[name]
    if value ~= nil then fields[name](value, format("%s's %s", what, name), level + 1) end
  end
  if options.sl and options.sl_dist then error(what .. " takes sl or sl_dist, not both", level + 1) end
  if options.tp and options.tp_dist then error(what .. " takes tp or tp_dist, not both", level + 1) end
  if options.oco and options.oca then error(what .. " takes oco or oca, not both", level + 1) end
  if options.oca_kind and not options.oca then error(what .. "'s oca_kind needs oca", level + 1) end
  if not options.trail and (options.trail_after or options.trail_step) then error(what .. "'s trail_after and trail_step need trail", level + 1) end
  if not options.trail and options.trail_at then error(what .. "'s trail_at needs trail", level + 1) end
  if options.trail_after and options.trail_at then error(what .. " takes trail_after or trail_at, not both", level + 1) end
  if options.trail == 0 and not (options.trail_after or options.trail_at) then error(what .. "'s trail must be above 0 without trail_after", level + 1) end
  return options
end

local size_names = { "units", "lots", "fraction", "risk" }

-- The one size among the options and its name; nil where there is none.
local function size_of(what, options, known, level)
  local quantity
  for i = 1, #size_names do
    local name = size_names[i]
    if options[name] then
      if quantity then error(format("%s takes one of %s", what, known), level + 1) end
      quantity = name
    end
  end
  return quantity, quantity and options[quantity]
end

-- ---- Calls -----------------------------------------------------------------------------------------------------------

local orders = {}
vm.orders = orders

local known = { target = true, buy = true, sell = true, exit = true, close = true, cancel = true, cancel_all = true, modify = true, trades = true, position = true, equity = true, cash = true }

function orders.unknown(name, level) unknown("broker", name, known, level + 1) end

local function check(what, broker, level)
  if vm.type(broker) ~= "broker" then error(format("%s is called with a colon: broker:%s(...)", what, what), level + 1) end
  if own.phase ~= "bar" then error(format("broker:%s: the data have ended", what), level + 1) end
end

local none = {}

function orders.target(broker, x, options, level)
  check("target", broker, level + 1)
  number(x, "target", level + 1)
  if options ~= nil then checked("target", options, target_fields, level + 1) end
  core.order("target", "fraction", x, options or none)
end

function orders.trade(broker, side, options, level)
  check(side, broker, level + 1)
  checked(side, options, order_fields, level + 1)
  local quantity, size = nil, nil
  local count = 0
  for i = 1, #size_names do
    if options[size_names[i]] then quantity, size, count = size_names[i], options[size_names[i]], count + 1 end
  end
  if count ~= 1 then error(format("%s takes exactly one of units, lots, fraction, risk", side), level + 1) end
  if quantity == "risk" and not (options.sl or options.sl_dist or options.trail) then error(side .. "'s risk needs sl, sl_dist or trail", level + 1) end
  core.order(side, quantity, size, options)
end

-- The same exit of every entry that is held, the oldest first, and then of every one that waits.
local function exit_each(quantity, size, options, level)
  local list, waiting, seen = core.trades(), core.entries(), {}
  local held = #list
  for i = 1, held do list[i] = list[i].id or false end
  for i = 1, #waiting do list[held + i] = waiting[i] end
  for i = 1, #list do
    local id = list[i]
    if not id then error("exit without of goes with entries that have an id", level + 1) end
    options.of = id
    if not seen[id] then core.order("exit", quantity, size, options) end
    seen[id] = true
  end
  options.of = nil
end

function orders.exit(broker, options, level)
  check("exit", broker, level + 1)
  checked("exit", options, exit_fields, level + 1)
  if not (options.limit or options.stop or options.trail or options.sl_dist or options.tp_dist) then error("exit needs limit, stop or trail", level + 1) end
  if options.stop and options.sl_dist then error("exit takes stop or sl_dist, not both", level + 1) end
  if options.limit and options.tp_dist then error("exit takes limit or tp_dist, not both", level + 1) end
  local quantity, size = size_of("exit", options, "units, lots, fraction", level + 1)
  if not options.of then return exit_each(quantity or "units", size, options, level + 1) end
  core.order("exit", quantity or "units", size, options)
end

function orders.close(broker, options, level)
  check("close", broker, level + 1)
  if options == nil then
    core.order("close", "units", nil, none)
    return
  end
  checked("close", options, close_fields, level + 1)
  local quantity, size = size_of("close", options, "units, lots, fraction", level + 1)
  core.order("close", quantity or "units", size, options)
end

function orders.cancel(broker, id, level)
  check("cancel", broker, level + 1)
  word(id, "cancel's id", level + 1)
  core.order("cancel", "units", nil, { id = id })
end

function orders.cancel_all(broker, level)
  check("cancel_all", broker, level + 1)
  core.order("cancel", "units", nil, none)
end

function orders.modify(broker, id, options, level)
  check("modify", broker, level + 1)
  word(id, "modify's id", level + 1)
  checked("modify", options, modify_fields, level + 1)
  local quantity, size = size_of("modify", options, "units, lots", level + 1)
  core.order("modify", quantity or "units", size, options, id)
end

-- ---- Trades ----------------------------------------------------------------------------------------------------------

local trade, shown = {}, own.shown
local list_of_trades = own.list_views "broker.trades"
local trade_fields = { units = true, entry_price = true, entry_time = true, bars = true, profit = true, id = true, close = true, modify = true }
local order_of = setmetatable({}, { __mode = "k" })
local place_of = setmetatable({}, { __mode = "k" }) -- of the pair's book, where there are several
local trade_meta = {
  __index = function(x, name)
    local method = trade[name]
    if method then return method end
    local value = shown[x][name]
    if value == nil and name ~= "id" then unknown("a trade", name, trade_fields, 2) end
    return value
  end,
  __newindex = function() error("a trade is read-only: trade:modify and trade:close change it", 2) end,
  __metatable = false,
}

local function check_trade(what, x, level)
  local order = type(x) == "table" and order_of[x]
  if not order then error(format("%s is called with a colon: trade:%s(...)", what, what), level + 1) end
  if own.phase ~= "bar" then error(format("trade:%s: the data have ended", what), level + 1) end
  if place_of[x] then vm.select(place_of[x]) end
  return order
end

function trade.close(x, options)
  local order = check_trade("close", x, 2)
  if options ~= nil then checked("close", options, trade_close_fields, 2) end
  local quantity, size = size_of("close", options or none, "units, lots, fraction", 2)
  core.order("close", quantity or "units", size, options or none, nil, order)
end

function trade.modify(x, options)
  local order = check_trade("modify", x, 2)
  checked("modify", options, stops, 2)
  core.order("modify", "units", nil, options, nil, order)
end

-- The open trades as of this close, oldest first: a fresh list on every reading. `place`: of the book that is selected, where there are several.
function orders.trades(place)
  local list = core.trades()
  for i = 1, #list do
    local fields, x = list[i], setmetatable({}, trade_meta)
    order_of[x], place_of[x], fields.order = fields.order, place, nil
    shown[x], list[i] = fields, x
  end
  return list_of_trades(list)
end
