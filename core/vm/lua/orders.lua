-- What a strategy asks of the broker, checked and handed to the core.
local core, vm, own = ...

local error, type, pairs = error, type, pairs
local format = string.format
local number, unknown, options_of = own.number, own.unknown, own.options

local target_fields = { sl = true, tp = true, sl_dist = true, tp_dist = true, rebalance = true }
local sizes = { "units", "lots", "fraction", "risk" }
local order_fields = {}
for name in pairs(target_fields) do order_fields[name] = name ~= "rebalance" or nil end
for _, name in pairs(sizes) do order_fields[name] = true end

local orders = {}
vm.orders = orders

local known = { target = true, buy = true, sell = true, close = true, position = true, equity = true, cash = true }

function orders.unknown(name, level) unknown("broker", name, known, level + 1) end

local function check(what, broker, level)
  if vm.type(broker) ~= "broker" then error(format("%s is called with a colon: broker:%s(...)", what, what), level + 1) end
  if own.phase ~= "bar" then error(format("broker:%s: the data have ended", what), level + 1) end
end

local function checked(what, options, fields, level)
  for name, value in pairs(options_of(options, what, level + 1)) do
    if not fields[name] then unknown(what, name, fields, level + 1) end
    if type(value) ~= "number" or value ~= value then number(value, format("%s's %s", what, name), level + 1) end
  end
  if options.sl and options.sl_dist then error(what .. " takes sl or sl_dist, not both", level + 1) end
  if options.tp and options.tp_dist then error(what .. " takes tp or tp_dist, not both", level + 1) end
  return options
end

local function place(kind, quantity, value, options)
  core.order(kind, quantity, value, options.sl, options.tp, options.sl_dist, options.tp_dist, options.rebalance)
end

local none = {}

function orders.target(broker, x, options, level)
  check("target", broker, level + 1)
  number(x, "target", level + 1)
  if options ~= nil then checked("target", options, target_fields, level + 1) end
  place("target", "fraction", x, options or none)
end

function orders.trade(broker, side, options, level)
  check(side, broker, level + 1)
  checked(side, options, order_fields, level + 1)
  local quantity, count = nil, 0
  for i = 1, #sizes do
    if options[sizes[i]] then quantity, count = sizes[i], count + 1 end
  end
  if count ~= 1 then error(format("%s takes exactly one of units, lots, fraction, risk", side), level + 1) end
  if not (options[quantity] > 0) then error(format("%s's %s must be above 0", side, quantity), level + 1) end
  place(side, quantity, options[quantity], options)
end

function orders.close(broker, options, level)
  check("close", broker, level + 1)
  if options ~= nil then error("close takes no options: it closes the whole position", level + 1) end
  place("close", "units", 0, none)
end
