-- What is Lua 5.4's own: columns are tables whose x[0] the C bar loop sets; older values come from C.
local core = ...
local vm = { methods = {}, early_instances = 0, drive = core.drive, books = setmetatable({}, { __mode = "k" }), next = core.next, select = core.select, fresh = core.fresh,
  read = core.account, quick_target = core.target }
local methods, setmetatable, type, error = vm.methods, setmetatable, type, error
local ids = setmetatable({}, { __mode = "k" })
local is_broker = setmetatable({}, { __mode = "k" })
local meta = {}

function vm.column(id)
  local column = setmetatable({}, meta)
  ids[column] = id
  core.bind(id, column)
  return column
end
function vm.id(x) if type(x) == "table" then return ids[x] end end
vm.floor, vm.ceil = math.floor, math.ceil
function vm.integer(x) return math.tointeger(x) or x end
function vm.type(x)
  local name = type(x)
  if name == "table" then
    if ids[x] then return "column" end
    if is_broker[x] or vm.books[x] then return "broker" end
  end
  return name
end
function vm.views(of)
  return function() return setmetatable({}, of) end
end
function vm.call_in(chunk, env)
  core.set_env(chunk, env)
  return chunk()
end

function vm.start(operators, bad_index)
  for name, f in pairs(operators) do meta[name] = f end
  local older = core.older
  function meta.__index(column, k)
    if type(k) == "number" then
      local value = older(ids[column], k)
      if value then return value end
    else
      local method = methods[k]
      if method then return method end
    end
    local now, word = core.now(ids[column])
    bad_index(k, now, 2, word)
  end
  function meta.__newindex() error("a column is read-only", 2) end
  meta.__eq = nil
end

local target = core.target
local set_target = core.fast_target(function(broker, x, options)
  if options == nil and target(x) then return end
  vm.orders.target(broker, x, options, 3) -- past the function of C's that called this one
end)
local function buy(broker, options) vm.orders.trade(broker, "buy", options, 2) end
local function sell(broker, options) vm.orders.trade(broker, "sell", options, 2) end
local function close(broker, options) vm.orders.close(broker, options, 2) end
local function exit(broker, options) vm.orders.exit(broker, options, 2) end
local function cancel(broker, id) vm.orders.cancel(broker, id, 2) end
local function cancel_all(broker) vm.orders.cancel_all(broker, 2) end
local function modify(broker, id, options) vm.orders.modify(broker, id, options, 2) end

local account = core.account
local calls = { target = set_target, buy = buy, sell = sell, close = close, exit = exit, cancel = cancel, cancel_all = cancel_all, modify = modify }
setmetatable(calls, {
  __index = function(_, name)
    local value = account(name)
    if value then return value end
    if name == "trades" then return vm.orders.trades() end
    vm.orders.unknown(name, 2)
  end,
})
local broker_meta = {
  __index = calls, -- a table, that its calls are found without one
  __newindex = function() error("the broker is read-only", 2) end,
  __len = function() error("the broker has no length", 2) end,
  __tostring = function() return "broker" end,
  __metatable = false,
}

function vm.broker()
  local broker = setmetatable({}, broker_meta)
  is_broker[broker] = true
  return broker
end

return vm
