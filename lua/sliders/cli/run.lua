--- `sliders run`: one strategy over every pair, as a table, JSON and CSV.

local progress = require "sliders.cli.progress"
local report = require "sliders.cli.report"
local world = require "sliders.cli.world"

local default_capital = 100000

local function all_done(result)
  for _, job in ipairs(result.jobs) do
    if job.state == "failed" or job.state == "cancelled" then return false end
  end
  return true
end

local function show(w, request, strategy, infos, result)
  local options, format = request.options, w.sliders.time_format
  w.out:write(report.head(strategy, infos, options, options.capital or default_capital, format), "\n\n")
  world.print(w.out, report.table(result))
  w.out:write("\n")
  world.print(w.out, report.notes(result, infos, options.to, format))
end

-- Runs with a bar on the terminal, which is gone whatever happens.
local function run_with_bar(w, request, host, strategy, market)
  local bar = progress.new(w.err, w.terminal and not request.quiet)
  local options = { progress = function(now) bar:update(now) end, keep = (request.json or request.csv) and "all" or "figures" }
  for name, value in pairs(request.options) do options[name] = value end
  local ok, result = pcall(host.run, host, strategy, market, options)
  bar:clear()
  if not ok then error(result, 0) end
  return result
end

---@return integer exit status
return function(w, request)
  local path = world.strategy_path(w, request.strategy)
  local host = w.sliders.open { workers = request.workers }
  local strategy = host:strategy(path, request.vm)
  local market = host:market(request.data)
  local result = run_with_bar(w, request, host, strategy, market)
  if request.json then result:write_json(request.json) end
  if request.csv then result:write_csv(request.csv) end
  if not request.quiet then
    show(w, request, strategy, report.traded(result, market:pairs()), result)
    world.print(w.err, report.logs(result.jobs))
  end
  world.print(w.err, report.failures(result.jobs))
  return all_done(result) and 0 or 1
end
