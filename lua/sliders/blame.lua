--- Errors of a misused call with the place of the caller: what Lua and the core raise names the line in the module that passed the mistake on.

local blame = {}

local unpack = table.unpack or unpack -- luacheck: ignore

local function pack(...)
  return { n = select("#", ...), ... }
end

-- "?:LINE: " of the file that `method` stands in, as a pattern.
local function place_of(method)
  return "^" .. debug.getinfo(method, "S").short_src:gsub("%p", "%%%0") .. ":%d+: "
end

--- `method`, which raises with its caller's line what it raised with one of its own. Errors that are tables, and those of other files, pass.
---@param method function
---@return function
function blame.caller(method)
  local place = place_of(method)
  return function(...)
    local results = pack(pcall(method, ...))
    if results[1] then return unpack(results, 2, results.n) end
    local err = results[2]
    local words, own = err, 0
    if type(err) == "string" then words, own = err:gsub(place, "", 1) end
    error(words, own > 0 and 2 or 0)
  end
end

--- The same for all methods of a class, which leave the level of error at 1.
---@param class table
function blame.callers(class)
  for name, method in pairs(class) do
    if type(method) == "function" and not name:find "^__" then class[name] = blame.caller(method) end
  end
end

return blame
