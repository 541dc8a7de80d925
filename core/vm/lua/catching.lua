-- What catches errors in a script: pcall, xpcall and coroutines, so that what ends a job is not kept from doing so.
--
-- Memory (Lua 5.4; LuaJIT's hook sees to it, see memory.h): a script may catch that there was none, but not go on at the limit.
--
-- Instructions, while they are counted: near the end of its stack an engine calls no hook but raises a stack overflow instead, so one that is caught is
-- paid for. And what runs inside a hook is not counted: a handler of xpcall would, when the count itself ends the job, so it is not called then.
local core, _, own = ...

local pcall, xpcall, type, find, create = pcall, xpcall, type, string.find, coroutine.create
local check_memory = core.check_memory

local function is_overflow(x)
  return type(x) == "string" and (find(x, "stack overflow", 1, true) or find(x, "error in error handling", 1, true)) ~= nil
end

-- A pcall, and what passes on the results of pcall or coroutine.resume, where `look(x)` is shown what was caught.
local function looking(look)
  local function passed(good, ...)
    if not good then look((...)) end
    return good, ...
  end
  return passed, function(...) return passed(pcall(...)) end
end

-- ---- Nothing is counted --------------------------------------------------------------------------------------------

local plain = { pcall = pcall, xpcall = xpcall, create = create, passed = function(...) return ... end }

if check_memory then
  local passed, checked_pcall = looking(check_memory)
  plain = { pcall = checked_pcall, xpcall = function(...) return passed(xpcall(...)) end, create = create, passed = passed }
end

-- ---- Instructions are counted --------------------------------------------------------------------------------------

local passed, counted_pcall = looking(function(x)
  if check_memory then check_memory(x) end
  if is_overflow(x) then core.pay() end
end)

local function counted_xpcall(f, handler, ...)
  if type(handler) ~= "function" then return passed(xpcall(f, handler, ...)) end
  local overflown = false
  local function guarded(x)
    overflown = overflown or is_overflow(x)
    if core.ended() then return x end
    return handler(x)
  end
  local function left(...)
    if overflown then core.pay() end
    return passed(...)
  end
  return left(xpcall(f, guarded, ...))
end

-- Each coroutine of Lua 5.4 counts for itself, and short ones not at all: a new one is paid for.
local function counted_create(f)
  core.pay()
  return create(f)
end

local counted = { pcall = counted_pcall, xpcall = counted_xpcall, create = counted_create, passed = passed }

-- Either, as the running job has it.
function own.catching()
  return core.counts() and counted or plain
end
