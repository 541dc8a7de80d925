-- Several pairs in one instance: bars of each, and an account with a book for each.
--
--   vm.select(place)  makes a pair's book the one that the core reads and asks        vm.fresh(place)  whether that pair has a bar now
--   vm.books          marks what is a broker for type()                               vm.next()        steps to the next hook that is due
local core, vm, own = ...

local error, ipairs, pairs, rawset, setmetatable, type = error, ipairs, pairs, rawset, setmetatable, type
local format = string.format
local wrap, unknown, orders = own.wrap, own.unknown, vm.orders

-- ---- Bars ------------------------------------------------------------------------------------------------------------

local columns = { open = true, high = true, low = true, close = true, volume = true, time = true, ask = true, bid = true, ask_open = true, ask_high = true, ask_low = true, ask_close = true }
local pair_fields = { pair = true, base = true, quote = true, pip = true, lot = true, fresh = true, at = true, first_of = true }
for name in pairs(columns) do pair_fields[name] = true end

local places = setmetatable({}, { __mode = "k" }) -- bars or book of a pair -> its place

function own.place_of(bars) return places[bars] end

local names_of = setmetatable({}, { __mode = "k" }) -- the bars of all pairs -> the pairs' names in order

function own.names_of(bars) return names_of[bars] end

local function fresh(bars, level)
  if own.phase == "bar" or own.phase == "done" then return vm.fresh(places[bars]) end
  error(format("bars.%s.fresh is known in bar, not in %s", bars.pair, own.phase), level + 1)
end

-- A column of the bars is made when it is first named; in bar too, where it has been there all along.
local meta_of_pair = {
  __index = function(bars, name)
    if name == "fresh" then return fresh(bars, 2) end
    if not pair_fields[name] then unknown("bars." .. bars.pair, name, pair_fields, 2) end
    local id, at = core.pair_base(places[bars], name)
    if not id then error(format("%s has no %s", bars.pair, name), 2) end
    local column = wrap(id, at)
    rawset(bars, name, column)
    return column
  end,
}

local no_pair = {
  __index = function(bars, name)
    if pair_fields[name] then
      local of_pair = (name == "at" or name == "first_of") and ":%s(...)" or ".%s"
      error(format("bars has no field '%s' of its own: name a pair, as in bars.%s" .. of_pair, name, bars.pairs[1], name), 2)
    end
    unknown("bars", name, bars, 2)
  end,
}

local list_of_pairs = own.list_views "bars.pairs"

-- The bars of all pairs by name, and the names in order.
function own.bars_of_pairs(list)
  local bars, names = {}, {}
  for place, fields in ipairs(list) do
    local sealed = own.sealed_bars(setmetatable(fields, meta_of_pair))
    fields.at, fields.first_of = own.at, own.first_of
    names[place], bars[fields.pair] = fields.pair, sealed
    places[fields], places[sealed] = place, place
  end
  bars.pairs = list_of_pairs(names)
  bars = own.sealed_bars(setmetatable(bars, no_pair))
  names_of[bars] = names
  return bars
end

-- ---- The account -----------------------------------------------------------------------------------------------------

-- What may be asked of a pair's book. Each first makes the book the core's.
local calls = {}

local function book_of(what, book, level)
  local place = places[book]
  if not place then error(format("%s is called with a colon: broker.PAIR:%s(...)", what, what), level + 1) end
  vm.select(place)
end

function calls.target(book, x, options)
  book_of("target", book, 2)
  if own.phase == "bar" and options == nil and type(x) == "number" and vm.quick_target(x) then return end
  orders.target(book, x, options, 2)
end
function calls.buy(book, options)
  book_of("buy", book, 2)
  orders.trade(book, "buy", options, 2)
end
function calls.sell(book, options)
  book_of("sell", book, 2)
  orders.trade(book, "sell", options, 2)
end
function calls.close(book, options)
  book_of("close", book, 2)
  orders.close(book, options, 2)
end
function calls.exit(book, options)
  book_of("exit", book, 2)
  orders.exit(book, options, 2)
end
function calls.cancel(book, id)
  book_of("cancel", book, 2)
  orders.cancel(book, id, 2)
end
function calls.cancel_all(book)
  book_of("cancel_all", book, 2)
  orders.cancel_all(book, 2)
end
function calls.modify(book, id, options)
  book_of("modify", book, 2)
  orders.modify(book, id, options, 2)
end

local function no_assignment() error("the broker is read-only", 2) end

local meta_of_book = {
  __index = function(book, name)
    local call = calls[name]
    if call then return call end
    if name == "position" or name == "trades" then
      vm.select(places[book])
      if name == "position" then return vm.read("position") end
      return orders.trades(places[book])
    end
    if name == "equity" or name == "cash" then error(format("%s is the account's: read broker.%s", name, name), 2) end
    orders.unknown(name, 2)
  end,
  __newindex = no_assignment,
  __tostring = function() return "broker" end,
  __metatable = false,
}

local function account_unknown(books, name, level)
  if calls[name] or name == "position" or name == "trades" then
    local first = names_of[own.bars][1]
    local colon = calls[name] and ":" or "."
    error(format("'%s' is a pair's: name one, as in broker.%s%s%s", name, first, colon, name), level + 1)
  end
  local known = { equity = true, cash = true }
  for pair in pairs(books) do known[pair] = true end
  unknown("broker", name, known, level + 1)
end

-- The account: equity, cash, and a book by each pair's name.
function own.account_of_pairs(bars)
  local books = {}
  for place, pair in ipairs(names_of[bars]) do
    local book = setmetatable({}, meta_of_book)
    places[book], vm.books[book], books[pair] = place, true, book
  end
  local account = setmetatable({}, {
    __index = function(_, name)
      if name == "equity" or name == "cash" then return vm.read(name) end
      return books[name] or account_unknown(books, name, 2)
    end,
    __newindex = no_assignment,
    __tostring = function() return "broker" end,
    __metatable = false,
  })
  vm.books[account] = true
  return account
end

-- ---- Signals ---------------------------------------------------------------------------------------------------------

-- Takes the table of columns by pair that signal returned.
function own.signals_of_pairs(bars, signals)
  if vm.type(signals) ~= "table" then
    error(format("signal must return a table of columns by pair, not %s", signals == nil and "nothing" or vm.type(signals)), 0)
  end
  local known = {}
  for place, pair in ipairs(names_of[bars]) do known[pair] = place end
  for _, pair in ipairs(own.keys_of(signals)) do
    if not known[pair] then
      local hint = core.suggest(pair, names_of[bars])
      error(format("the table that signal returned has no pair '%s'%s", pair, hint and format("; did you mean '%s'?", hint) or ""), 0)
    end
    local column = signals[pair]
    local id = vm.id(column)
    id = id and core.join(id) or type(column) == "number" and core.constant(column)
    if not id then error(format("signal must return columns: %s is %s", pair, vm.type(column)), 0) end
    core.pair_signal(known[pair], id)
  end
  for pair in pairs(signals) do
    if type(pair) ~= "string" then error("signal must return a table of columns by pair: { EURUSD = ... }", 0) end
  end
end
