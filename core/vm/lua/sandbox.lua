-- What a script may reach: its globals, fresh for every job, and modules.
--
-- Library tables are shared by all jobs of a state, so each is a proxy that nothing can be written into. Weak tables and finalisers are
-- refused: they show when memory was collected.
local core, vm, own = ...

local error, select, pairs, ipairs, next = error, select, pairs, ipairs, next
local setmetatable, getmetatable, rawget = setmetatable, getmetatable, rawget
local format = string.format
local text, libraries, plain_tostring, shown = own.text, own.libraries, own.tostring, own.shown
local public = own.sealed("sliders", own.sliders)
own.public = public

local function print_line(...)
  local words = {}
  for i = 1, select("#", ...) do words[i] = plain_tostring((select(i, ...))) end
  core.print(table.concat(words, "\t"))
end

local function walks(name, f)
  return function(t, ...)
    local kind = vm.type(t)
    if kind == "column" then error("a column cannot be walked: read it as x[0], x[1]", 2) end
    if kind ~= "table" then error(format("%s takes a table, not %s", name, kind), 2) end
    return f(shown[t] or t, ...)
  end
end

local function plain_getmetatable(x)
  local kind = vm.type(x)
  if kind ~= "table" then return nil end
  if shown[x] then return false end
  return getmetatable(x)
end

local function plain_setmetatable(t, meta)
  if vm.type(t) ~= "table" then error("setmetatable takes a table, not a " .. vm.type(t), 2) end
  if meta ~= nil and vm.type(meta) ~= "table" then error("setmetatable's metatable must be a table, not " .. vm.type(meta), 2) end
  if shown[t] or getmetatable(t) == false then error("setmetatable cannot change what is read-only", 2) end
  for _, name in ipairs(meta and { "__gc", "__mode" } or {}) do
    if rawget(meta, name) ~= nil then error(name .. " is not available to strategies", 2) end
  end
  return setmetatable(t, meta)
end

local plain_pairs, plain_ipairs, plain_next, plain_rawget = walks("pairs", pairs), walks("ipairs", ipairs), walks("next", next), walks("rawget", rawget)

-- Of the instance that is being made or runs; there is one at a time.
local globals, loaded, loading

local function require_module(name)
  text(name, "require's argument", 2)
  if loaded[name] ~= nil then return loaded[name] end
  if own.phase ~= "load" and not own.trusted then error(format("require '%s' while the strategy runs: require modules at the top of the file", name), 2) end
  if loading and loading[name] then error(format("module '%s' requires itself", name), 2) end
  local chunk, why, missing = core.module(name)
  if not chunk then
    if missing and own.trusted then return own.engine_require(name) end
    if core.suggest(name, { "sliders" }) then why = why .. "; did you mean 'sliders'?" end
    error(why, 2)
  end
  loading = loading or {}
  loading[name] = true
  local value = vm.call_in(chunk, globals)
  if value == nil then value = true end
  loaded[name] = value
  return value
end

-- A fresh set of globals: what a script may reach, the same in both engines.
function own.environment()
  local catching = own.catching()
  own.start_libraries(catching)
  local env = {
    assert = assert, error = error, ipairs = plain_ipairs, next = plain_next, pairs = plain_pairs, pcall = catching.pcall, select = select, tonumber = tonumber,
    tostring = plain_tostring, type = vm.type, unpack = own.unpack, xpcall = catching.xpcall, rawequal = rawequal, rawget = plain_rawget,
    getmetatable = plain_getmetatable, setmetatable = plain_setmetatable, print = print_line,
    math = libraries.math, string = libraries.string, table = libraries.table, coroutine = libraries.coroutine,
  }
  env._G = env
  env.require = require_module
  globals, loaded, loading = env, { sliders = public }, nil
  return env
end
