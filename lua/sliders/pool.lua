--- Parallel Lua: functions of any kind on a pool of workers, each with Lua states of its own.
--
--     local pool = sliders.pool { workers = 4 }
--     local squares = pool:map(function(x) return x * x end, { 1, 2, 3 })
--     local future = pool:submit(function(a, b) return a .. b end, "left", "right")
--     print(future:result())
--     pool:close()
--
-- This file completes the types that core/vm/lua/pool.c makes, in the host's state and in every worker's: a call may use the pool it runs in.
local core = type((...)) == "table" and (...) or require("sliders.core").pool -- a worker hands its own

local Pool = core.pool_methods
local floor, unpack = math.floor, table.unpack or unpack
local error, type, setmetatable = error, type, setmetatable

local LONGEST = 5000 -- elements of a call: the arguments that a function may have

local function check_count(what, n, most, level)
  if n == nil then return nil end
  local whole = type(n) == "number" and n >= 1 and n <= most and n == floor(n)
  if not whole then error(("%s must be a whole number from 1 to %d"):format(what, most), level + 1) end
  return floor(n)
end

local known = { chunk = true, window = true }

local function check_options(what, options, level)
  for name in pairs(options or {}) do
    if not known[name] then error(("%s has no option '%s'"):format(what, tostring(name)), level + 1) end
  end
  options = options or {}
  return check_count(what .. "'s chunk", options.chunk, LONGEST, level + 1), check_count(what .. "'s window", options.window, 1e9, level + 1)
end

-- What a C function raises about the caller's arguments, at the caller's line.
local function checked(level, good, ...)
  if not good then error((...), level + 1) end
  return ...
end

-- Waits in short turns, so that an interrupt gets through.
local function wait_all(tasks)
  while not tasks:wait(100) do end
end

-- ---- map ------------------------------------------------------------------------------------------------------------

--- fn(x) of every element of a list, in order. The first failure by order is raised.
---@param fn function|string  a string is the source of a function: "local x = ... return x * x"
---@param list any[]
---@param options? { chunk?: integer }  elements a call; default: a quarter of a worker's share
---@return any[]
function Pool:map(fn, list, options)
  local chunk = check_options("map", options, 2)
  if type(list) ~= "table" then error("map takes a list, not " .. type(list), 2) end
  local n, results = #list, {}
  chunk = chunk or math.min(LONGEST, math.max(1, floor(n / (4 * checked(2, pcall(self.workers, self))))))
  local tasks = checked(2, pcall(core.start, self, fn, list, 1, n, chunk))
  wait_all(tasks)
  local err = tasks:collect(results, 1)
  tasks:free()
  if err then error(err, 0) end
  return results
end

-- ---- imap -----------------------------------------------------------------------------------------------------------

-- Elements of a list, or what an iterator gives, one after the other.
local function source_of(list, what, level)
  if type(list) == "function" then return list end
  if type(list) ~= "table" then error(("%s takes a list or a function that gives elements, not %s"):format(what, type(list)), level + 1) end
  local i = 0
  return function()
    i = i + 1
    return list[i]
  end
end

-- Starts calls while fewer than `window` wait, so that neither arguments nor results pile up. `pick` says which of those that wait is next.
local function lazily(pool, fn, list, chunk, window, pick, what)
  local source = source_of(list, what, 3)
  chunk, window = chunk or 1, window or 4 * checked(3, pcall(pool.workers, pool))
  local waiting, first, fed, ended = {}, 1, 0, false
  local values, at, index

  local function feed()
    while #waiting < window and not ended do
      local elements, n = {}, 0
      while n < chunk do
        local x = source()
        if x == nil then
          ended = true
          break
        end
        n = n + 1
        elements[n] = x
      end
      if n == 0 then return end
      waiting[#waiting + 1] = { tasks = checked(4, pcall(core.start, pool, fn, elements, 1, n, n)), first = fed + 1, count = n }
      fed = fed + n
    end
  end

  local function take()
    feed()
    if #waiting == 0 then return nil end
    local job = table.remove(waiting, pick(waiting))
    values, at, index = {}, 0, job
    local err = job.tasks:collect(values, 1)
    job.tasks:free()
    if err then
      for i = 1, #waiting do waiting[i].tasks:free() end
      waiting, ended = {}, true
      error(err, 0)
    end
    first = job.first
    return true
  end

  return function()
    if not values or at == index.count then
      if not take() then return nil end
    end
    at = at + 1
    return first + at - 1, values[at]
  end
end

local function oldest(waiting)
  wait_all(waiting[1].tasks)
  return 1
end

local function any(waiting)
  local all = {}
  for i = 1, #waiting do all[i] = waiting[i].tasks end
  local i
  repeat i = core.wait_any(all, #all, 100) until i
  return i
end

--- Iterates index, fn(x) in order: `for i, y in pool:imap(f, list) do`. Elements come from a list or from a function; at most `window` calls are
--- under way or waiting to be taken.
---@param fn function|string
---@param list any[]|fun(): any
---@param options? { chunk?: integer, window?: integer }
function Pool:imap(fn, list, options)
  local chunk, window = check_options("imap", options, 2)
  return lazily(self, fn, list, chunk, window, oldest, "imap")
end

--- The same in the order in which calls end; inside a worker in the order of the list.
---@param fn function|string
---@param list any[]|fun(): any
---@param options? { chunk?: integer, window?: integer }
function Pool:imap_unordered(fn, list, options)
  local chunk, window = check_options("imap_unordered", options, 2)
  return lazily(self, fn, list, chunk, window, any, "imap_unordered")
end

-- ---- submit ---------------------------------------------------------------------------------------------------------

---@class sliders.Future
local Future = {}
Future.__index = Future
Future.__name = "sliders.Future"

local pending = setmetatable({}, { __mode = "k" }) -- pool -> futures that have not ended, oldest first; a dropped future is still done
local QUEUE = 4096 -- calls that may be pending before submit waits

local function forget_ended(queue)
  local kept = 0
  for i = 1, #queue do
    local future = queue[i]
    if not future:done() then
      kept = kept + 1
      queue[kept] = future
    end
  end
  for i = #queue, kept + 1, -1 do queue[i] = nil end
end

--- Starts fn(...) and returns at once. Where 4,096 calls are pending it waits for the oldest first.
---@param fn function|string
---@return sliders.Future
function Pool:submit(fn, ...)
  local queue = pending[self]
  if not queue then
    queue = {}
    pending[self] = queue
  end
  if #queue >= QUEUE then
    forget_ended(queue)
    if #queue >= QUEUE then wait_all(queue[1].tasks) end
  end
  local tasks = checked(2, pcall(core.start_one, self, fn, { ... }, select("#", ...)))
  local future = setmetatable({ tasks = tasks }, Future)
  queue[#queue + 1] = future
  return future
end

local AGES = 2147483 -- seconds that a wait of the core can take, in milliseconds

--- Waits until the call has ended, or `timeout` seconds.
---@param timeout? number
---@return boolean done
function Future:wait(timeout)
  if timeout ~= nil and not (type(timeout) == "number" and timeout >= 0) then error("wait takes seconds, a number of at least 0", 2) end
  if self.ended then return true end
  if not timeout or timeout >= AGES then
    wait_all(self.tasks)
    return true
  end
  return self.tasks:wait(floor(timeout * 1000 + 0.5))
end

---@return boolean
function Future:done()
  return self.ended ~= nil or self.tasks:wait(0)
end

--- The call's results, once it has ended. Raises what it raised: an error with the worker's traceback in `detail`, and in `value` what was raised,
--- where that was no text.
function Future:result()
  if not self.ended then
    wait_all(self.tasks)
    local function keep(good, ...) self.ended = { good, n = select("#", ...), ... } end
    keep(self.tasks:answer(1))
    self.tasks:free()
  end
  local ended = self.ended
  if not ended[1] then error(ended[2], 0) end
  return unpack(ended, 2, ended.n + 1)
end

--- Asks the call to end: one that has not started will not. One that runs goes on unless it asks sliders.cancelled().
---@return boolean ended  whether it is over already
function Future:cancel()
  if self.ended then return true end
  self.tasks:cancel()
  return self.tasks:wait(0)
end

--- Waits for all that was submitted.
function Pool:wait()
  for _, future in ipairs(pending[self] or {}) do future:wait() end
  pending[self] = nil
end

return { Future = Future }
