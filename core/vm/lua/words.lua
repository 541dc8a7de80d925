-- What every part of the preludes shares: the phase, did-you-mean, read-only tables, checks of arguments.
--
-- The preludes run once per state, one after the other, each with (core, vm, own): `core` holds the engine's C functions, `vm` what
-- differs between the engines, and `own` what a prelude leaves to those behind it.
--   vm.column(id)  makes a column object        vm.id(x)    a column's id, else nil        vm.type(x)  a word for messages
--   vm.broker()    makes the job's broker       vm.methods  what may be called on a column      vm.views(meta)  a function that makes empty tables, to
--                                                           a script, with these metamethods, __len among them
-- `level` in a function's arguments is 2 to blame its caller, as in error().
local core, vm, own = ...

local error, type, pairs, setmetatable = error, type, pairs, setmetatable
local floor, format, sort = math.floor, string.format, table.sort

own.phase = "load" -- "load", "init", "bar" or "done"

function own.keys_of(t)
  local names = {}
  for name in pairs(t) do if type(name) == "string" then names[#names + 1] = name end end
  sort(names)
  return names
end
local keys_of = own.keys_of

-- A key for messages; never an address.
local function key_text(name)
  return type(name) == "string" and name or vm.type(name)
end

-- The first key of t, by its text, that `known` has not.
function own.first_unknown(t, known)
  local first
  for name in pairs(t) do
    if not known[name] and (first == nil or key_text(name) < key_text(first)) then first = name end
  end
  return first
end

function own.unknown(what, name, known, level)
  local hint = type(name) == "string" and core.suggest(name, keys_of(known))
  local text = format("%s has no field '%s'", what, key_text(name))
  if hint then text = format("%s; did you mean '%s'?", text, hint) end
  error(text, level + 1)
end
local unknown = own.unknown

-- A table whose fields can be read but neither set nor guessed at.
function own.sealed(what, fields)
  return setmetatable({}, {
    __index = function(_, name)
      local value = fields[name]
      if value == nil then unknown(what, name, fields, 2) end
      return value
    end,
    __newindex = function(_, name) error(format("%s is read-only (field '%s')", what, key_text(name)), 2) end,
    __metatable = false,
  })
end

-- What a view shows, for those who walk it.
local shown = setmetatable({}, { __mode = "k" })
own.shown = shown

-- A table to read, of which not even what is there can be set.
function own.view(what, fields)
  local view = setmetatable({}, {
    __index = fields,
    __newindex = function(_, name) error(format("%s is read-only (field '%s')", what, key_text(name)), 2) end,
    __metatable = false,
  })
  shown[view] = fields
  return view
end

-- A function that makes such views of lists.
function own.list_views(what)
  local make = vm.views {
    __index = function(view, i) return shown[view][i] end,
    __len = function(view) return #shown[view] end,
    __newindex = function() error(what .. " is read-only", 2) end,
    __metatable = false,
  }
  return function(list)
    local view = make()
    shown[view] = list
    return view
  end
end

local function no_bars_field(_, name) error(format("bars is read-only (field '%s')", key_text(name)), 2) end

-- Bars as a strategy sees them: nothing stands before `fields`, so that even what is there already cannot be set.
function own.sealed_bars(fields)
  return setmetatable({}, { __index = fields, __newindex = no_bars_field, __metatable = false })
end

-- A number as every engine writes it.
function own.number_text(x)
  return core.digits("%.14g", x)
end
local number_text = own.number_text

local function shown(x)
  return type(x) == "number" and number_text(x) or vm.type(x)
end

function own.number(x, what, level)
  if type(x) ~= "number" then error(format("%s must be a number, not %s", what, vm.type(x)), level + 1) end
  if x ~= x then error(format("%s must be a number, not NaN", what), level + 1) end
  return x
end

function own.whole(x, what, level)
  if type(x) ~= "number" or x ~= floor(x) then error(format("%s must be a whole number, not %s", what, shown(x)), level + 1) end
  return x
end

function own.text(x, what, level)
  if type(x) ~= "string" then error(format("%s must be a string, not %s", what, vm.type(x)), level + 1) end
  return x
end

function own.options(x, what, level)
  if type(x) ~= "table" or vm.type(x) ~= "table" then error(format("%s takes a table of options, not %s", what, vm.type(x)), level + 1) end
  return x
end
