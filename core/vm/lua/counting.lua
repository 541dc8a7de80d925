-- What catches errors, while instructions are counted: two holes in the count are closed here.
--
-- Near the end of its stack an engine calls no hook but raises a stack overflow instead, so one that is caught is paid for. And what runs inside a hook
-- is not counted: a handler of xpcall would, when the count itself ends the job, so it is not called then.
local core, vm, own = ...

local pcall, xpcall, type, find, create = pcall, xpcall, type, string.find, coroutine.create

local function is_overflow(x)
  return type(x) == "string" and (find(x, "stack overflow", 1, true) or find(x, "error in error handling", 1, true)) ~= nil
end

-- Passes on what pcall or coroutine.resume has returned.
local function passed(good, ...)
  if not good and is_overflow((...)) then core.pay() end
  return good, ...
end

local function counted_pcall(...) return passed(pcall(...)) end

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

local plain = { pcall = pcall, xpcall = xpcall, create = create, passed = function(...) return ... end }
local counted = { pcall = counted_pcall, xpcall = counted_xpcall, create = counted_create, passed = passed }

-- Either, as the running job has it.
function own.catching()
  return core.counts() and counted or plain
end
