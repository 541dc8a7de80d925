-- What a worker's state has beside Lua's libraries: columns (in Lua 5.4 they are work.c's), and the module `sliders` as calls see it.
-- Returns how a column is made, how one is taken apart, and the metatable of a call's globals.
local core = ...

local error, type, floor = error, type, math.floor

local function bad_index(count, i)
  if type(i) ~= "number" or i ~= floor(i) then error("a column is read by whole numbers from 1 on, and has # and nothing else", 3) end
  error(("a column of %.0f values has none at %.0f"):format(count, i), 3)
end

local function over()
  error("a column is good for the call that it was passed to", 3)
end

local make_column, column_parts
if jit then
  local ffi = require "ffi"
  local now = ffi.cast("const double *", core.serial_at)
  local column_type = ffi.typeof "struct { const double *values; double count; double serial; }"
  ffi.metatype(column_type, {
    __index = function(column, i)
      if column.serial ~= now[0] then over() end
      if type(i) == "number" and i >= 1 and i <= column.count and i == floor(i) then return column.values[i - 1] end
      bad_index(column.count, i)
    end,
    __newindex = function() error("a column is read-only", 2) end,
    __len = function(column) return column.count end,
    __tostring = function() return "column" end,
  })
  function make_column(values, count, serial) return column_type(ffi.cast("const double *", values), count, serial) end
  local as_pointer = ffi.typeof "void *"
  function column_parts(x)
    if not ffi.istype(column_type, x) or x.serial ~= now[0] then return nil end
    return core.light(tonumber(ffi.cast("uintptr_t", ffi.cast(as_pointer, x.values)))), x.count
  end
end

-- What a call inside this one raised: words for whoever does not catch it. In Lua, so that it can be passed on.
function core.error_type.__tostring(err)
  local place = err.file
  if place == "" then return err.message end
  if err.line > 0 then place = place .. ":" .. err.line end
  if err.column > 0 then place = place .. ":" .. err.column end
  return place .. ": " .. err.message
end

-- Fields of `sliders` that belong to host programs.
package.loaded.sliders = setmetatable({ cancelled = core.cancelled }, {
  __index = function(_, name) error(("sliders.%s is there for the host, not for a call in a pool"):format(tostring(name)), 2) end,
})

return make_column, column_parts, { __index = _G }
