-- Lua 5.4 with an event loop: jobs are reported between other events. lua5.4 luv.lua DATA STRATEGY
local luv = require "luv"
local sliders = require "sliders"

local host = sliders.open { workers = 2 }
local run = host:start(host:strategy(arg[2]), host:market(arg[1]))

local timer = luv.new_timer()
timer:start(0, 1, function() end) -- whatever else the program does

local poll = luv.new_poll(run:descriptor())
local ended = {}
poll:start("r", function()
  for event in function() return run:event() end do ended[#ended + 1] = event.pair .. " " .. event.state end
  if not run:wait(0).finished then return end
  poll:close()
  timer:close()
end)
luv.run()

table.sort(ended) -- they ended in any order
print(table.concat(ended, ", "))
print(("portfolio %.2f"):format(run:result().portfolio.equity[run:result().portfolio.count]))
host:close()
