-- An interpreter as the host of the matrix: runs a strategy in each of the named engines in turn and writes the last result as JSON.
-- lua5.4|luajit matrix_host.lua DATA STRATEGY ENGINE[,ENGINE] FILE
local root = arg[0]:match("^(.*)/tests/lua/[^/]*$") or "."
local version = _VERSION:match "%d+%.%d+"
package.path = root .. "/lua/?.lua;" .. root .. "/lua/?/init.lua;" .. package.path
package.cpath = (os.getenv "SLIDERS_BUILD" or root .. "/build") .. "/lua/" .. version .. "/?.so;" .. package.cpath

local sliders = require "sliders"
local data, strategy, engines, file = arg[1], arg[2], arg[3], arg[4]
local host = sliders.open()
local market = host:market(data)
for vm in engines:gmatch "[^,]+" do host:run(host:strategy(strategy, vm), market, { spread_pips = 1.5 }):write_json(file) end
