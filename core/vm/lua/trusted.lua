-- What a trusted script has beside the words of every script: all that its engine has. Run in states of trusted strategies alone.
--
-- Where the sandbox has a word, that word stays: it answers alike in both engines and does what the engine's own one does. The exceptions are those
-- below. Each job has globals of its own here too; libraries are the state's.
local _, _, own = ...

local pairs, rawset, pcall, error, type, require, package = pairs, rawset, pcall, error, type, require, package
local load, loadfile, select = load, loadfile, select
local sandboxed, engine_globals = own.environment, _G

own.trusted = true

for name, fields in pairs(own.library_fields) do
  for word, value in pairs(engine_globals[name]) do
    if fields[word] == nil then fields[word] = value end
  end
end

-- C modules would bind to the program's Lua, which may be another one than this.
package.cpath = ""
package.loaded.sliders = own.public -- for what the engine's own require finds

function own.engine_require(name)
  local good, value = pcall(require, name)
  if good then return value end
  error(value, type(value) == "string" and value:find "^module '" and 3 or 0)
end

-- Loaders put chunks among the script's globals, where they are not told otherwise.
local function loaders(env)
  local function trusted_load(chunk, name, mode, ...)
    return load(chunk, name, mode, select("#", ...) == 0 and env or (...))
  end
  local function trusted_loadfile(path, mode, ...)
    return loadfile(path, mode, select("#", ...) == 0 and env or (...))
  end
  local function trusted_dofile(path)
    local chunk, why = trusted_loadfile(path)
    if not chunk then error(why, 2) end
    return chunk()
  end
  return { load = trusted_load, loadfile = trusted_loadfile, dofile = trusted_dofile, loadstring = engine_globals.loadstring and trusted_load }
end

function own.environment()
  local env = sandboxed()
  for word, value in pairs(engine_globals) do
    if env[word] == nil then rawset(env, word, value) end
  end
  for word, value in pairs(loaders(env)) do env[word] = value end
  env.getmetatable, env.setmetatable = getmetatable, setmetatable
  return env
end
