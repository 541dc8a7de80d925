-- What is LuaJIT's own: columns and the broker as FFI structs that hold only an id, and the bar loop, so that a trace inlines both.
-- No cdata with a pointer, an array or a writable field may reach a script. What is in a struct can be read by its name, past any metatable, so fields of
-- those that do reach it have names that no script can say.
--
-- The engine passes the job's view (lightuserdata) and the functions that settle the account.
local address, advance_address, target_address, next_address, select_address, fresh_address = ...
local ffi = require "ffi"

ffi.cdef [[
typedef struct {
  int32_t now, calls, halt, count, first, due;
  double last_target;
  double position, equity, cash;
  const double *base[256];
  const int32_t *last[64];
} sld_view;
]]

local view = ffi.cast("sld_view *", address)
local advance = ffi.cast("int (*)(sld_view *, int)", advance_address)
local target = ffi.cast("int (*)(sld_view *, double)", target_address)
local next_due = ffi.cast("int (*)(sld_view *)", next_address)
local select_book = ffi.cast("void (*)(sld_view *, int)", select_address)
local is_fresh = ffi.cast("int (*)(sld_view *, int)", fresh_address)
local hidden = tostring {} -- where it lies, which differs in every process
local id_key, at_key = hidden .. "id", hidden .. "at"
local column_type = ffi.typeof("struct { const int32_t $; }", id_key)
local frame_column_type = ffi.typeof("struct { const int32_t $, $; }", id_key, at_key) -- of a higher time frame: counts in its own bars
local broker_type = ffi.typeof("struct { const int32_t $; }", id_key)
local type, error, istype, floor, setfenv = type, error, ffi.istype, math.floor, setfenv
local ceil = math.ceil

local view_types = {}
local vm = { methods = {}, early_instances = 3, books = setmetatable({}, { __mode = "k" }) }
local methods = vm.methods

local kept = {} -- columns by id, which is all that they hold
function vm.column(id, at)
  if at then return frame_column_type(id, at) end
  local column = kept[id]
  if not column then
    column = column_type(id)
    kept[id] = column
  end
  return column
end
local function is_column(x) return istype(column_type, x) or istype(frame_column_type, x) end
function vm.id(x) if type(x) == "cdata" and is_column(x) then return x[id_key] end end
function vm.integer(x) return x end
function vm.floor(x) return floor(x) + 0 end -- no negative zero, as in Lua 5.4
function vm.ceil(x) return ceil(x) + 0 end
function vm.type(x)
  local name = type(x)
  if name ~= "cdata" then return name == "table" and vm.books[x] and "broker" or name end
  if is_column(x) then return "column" end
  if istype(broker_type, x) then return "broker" end
  for i = 1, #view_types do
    if istype(view_types[i], x) then return "table" end
  end
  return name
end
function vm.views(of) -- a table would be asked for its length without its metatable
  local view_type = ffi.typeof("struct { const int32_t $; }", id_key)
  ffi.metatype(view_type, of)
  view_types[#view_types + 1] = view_type
  return function() return view_type(0) end
end
function vm.call_in(chunk, env) return setfenv(chunk, env)() end

function vm.start(operators, bad_index)
  local meta, frame_meta = {}, {}
  for name, f in pairs(operators) do meta[name] = f end
  function meta.__index(column, k)
    if type(k) == "number" then
      local now = view.now
      if k >= 0 and k <= now and k == floor(k) then return view.base[column[id_key]][now - k] end
    else
      local method = methods[k]
      if method then return method end
    end
    bad_index(k, view.now, 2, "bar")
  end
  function meta.__newindex() error("a column is read-only", 2) end
  function meta.__eq(a, b) return rawequal(a, b) end
  for name, f in pairs(meta) do frame_meta[name] = f end
  function frame_meta.__index(column, k)
    local now = view.now
    local last = now >= 0 and view.last[column[at_key]][now] or -1
    if type(k) == "number" then
      if k >= 0 and k <= last and k == floor(k) then return view.base[column[id_key]][last - k] end
      if k == 0 and now >= 0 then return 0 / 0 end -- no period is finished yet
    else
      local method = methods[k]
      if method then return method end
    end
    bad_index(k, last, 2, "period")
  end
  ffi.metatype(column_type, meta)
  ffi.metatype(frame_column_type, frame_meta)

  local calls = {}
  local function set_target(broker, x, options)
    if options == nil and type(x) == "number" then
      if x == view.last_target then return end
      if x == x and target(view, x) == 0 then return end
    end
    vm.orders.target(broker, x, options, 2)
  end
  calls.target = set_target
  function calls.buy(broker, options) vm.orders.trade(broker, "buy", options, 2) end
  function calls.sell(broker, options) vm.orders.trade(broker, "sell", options, 2) end
  function calls.close(broker, options) vm.orders.close(broker, options, 2) end
  function calls.exit(broker, options) vm.orders.exit(broker, options, 2) end
  function calls.cancel(broker, id) vm.orders.cancel(broker, id, 2) end
  function calls.cancel_all(broker) vm.orders.cancel_all(broker, 2) end
  function calls.modify(broker, id, options) vm.orders.modify(broker, id, options, 2) end
  local function settle() advance(view, view.now) end
  ffi.metatype(broker_type, {
    __index = function(_, name)
      -- No look-up where a bar may pass: a trace knows names and functions that never change, but not tables.
      if name == "target" then return set_target end
      if name == "position" then settle() return view.position end
      if name == "equity" then settle() return view.equity end
      if name == "cash" then settle() return view.cash end
      local call = calls[name]
      if call then return call end
      if name == "trades" then return vm.orders.trades() end
      vm.orders.unknown(name, 2)
    end,
    __newindex = function() error("the broker is read-only", 2) end,
    __len = function() error("the broker has no length", 2) end,
    __tostring = function() return "broker" end,
    __metatable = false,
  })
end

function vm.broker() return broker_type(0) end

-- Several pairs on one account; several.lua says what each is.
function vm.next() return next_due(view) end
function vm.select(place) select_book(view, place) end
function vm.fresh(place) return is_fresh(view, place) ~= 0 end
function vm.read(name) return view[name] end
function vm.quick_target(x) return x == view.last_target or x == x and target(view, x) == 0 end

-- Goes to the next bar, up to view.due. A function of its own: a loop that reads upvalues itself has its function written back to the stack in two
-- halves by every trace that returns to it, here wherever the hook takes its other branch, and then waits to read it as a whole.
local function next_bar()
  local row = view.now
  if row >= view.due or view.halt ~= 0 then return false end
  view.now = row + 1
  return true
end

-- The bar loop. The account catches up every 4,096 bars at the latest, where a cancelled or ruined job ends: at the same rows as in Lua 5.4,
-- for the hook may print until then.
function vm.drive(hook, self, broker, p)
  local go_on, i, rows = next_bar, view.first, view.count
  view.now = i - 1
  while i < rows do
    local last = i - i % 4096 + 4095
    if last > rows - 1 then last = rows - 1 end
    view.due = last
    while go_on() do hook(self, broker, p) end
    if view.now < last or advance(view, last) ~= 0 then return end
    i = last + 1
  end
end

return vm
