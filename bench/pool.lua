-- What a pool costs: start, a tiny function at chunk 1, a table of 10 MB as an argument. Prints "name value" lines; bench/pool.py runs it.
--   lua bench/pool.lua TASKS ROUNDS
local sliders = require "sliders"
local now = require("luv").hrtime

local tasks, rounds = tonumber(arg[1]), tonumber(arg[2])

local function best(f)
  local least = math.huge
  for _ = 1, rounds do
    local took = f()
    if took < least then least = took end
  end
  return least
end

local function timed(f)
  local start = now()
  f()
  return tonumber(now() - start)
end

local function start()
  return timed(function()
    local pool = sliders.pool { workers = 2 }
    pool:map(function(x) return x end, { 1, 2 }, { chunk = 1 })
    pool:close()
  end)
end

local pool = sliders.pool { workers = 2 }
local list = {}
for i = 1, tasks do list[i] = i end
local function tiny(x) return x + 1 end

local big = {}
for i = 1, 625000 do big[i] = i + 0.5 end -- 16 bytes an entry in Lua

print("start_ms", best(start) / 1e6)
print("tiny_us", best(function() return timed(function() pool:map(tiny, list, { chunk = 1 }) end) end) / 1e3 / tasks)
print("tiny_chunked_us", best(function() return timed(function() pool:map(tiny, list) end) end) / 1e3 / tasks)
print("table_ms", best(function() return timed(function() pool:submit(function(t) return #t end, big):result() end) end) / 1e6)
local column = sliders.column(big)
print("column_ms", best(function() return timed(function() pool:submit(function(t) return #t end, column):result() end) end) / 1e6)
pool:close()
