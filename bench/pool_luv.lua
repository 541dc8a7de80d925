-- The same tiny function through luv's thread pool: a string of code, plain values, a callback each. Prints microseconds a task.
local luv = require "luv"
local tasks, rounds = tonumber(arg[1]), tonumber(arg[2])

local function round()
  local done, sum = 0, 0
  local work = luv.new_work(function(x) return x + 1 end, function(y)
    done = done + 1
    sum = sum + y
  end)
  local start = luv.hrtime()
  for i = 1, tasks do work:queue(i) end
  luv.run()
  assert(done == tasks and sum == tasks * (tasks + 3) / 2)
  return (luv.hrtime() - start) / 1e3 / tasks
end

local least = math.huge
for _ = 1, rounds do least = math.min(least, round()) end
print(least)
