--- `sliders run`: one strategy over every pair, as a table, JSON and CSV.

local errors = require "sliders.cli.errors"
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
  world.print(w.out, report.table(result, w.width))
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

-- Writes what was asked for. What cannot be written costs neither the table nor the other file. Returns lines for stderr.
local function write(request, result)
  local lines = {}
  local function try(method, path)
    local ok, err = true, nil
    if path then ok, err = pcall(method, result, path) end
    if not ok then lines[#lines + 1] = errors.lines(err)[1] end
  end
  try(result.write_json, request.json)
  try(result.write_csv, request.csv)
  return lines
end

---@return integer exit status
return function(w, request)
  local path = world.strategy_path(w, request.strategy)
  local host = w.sliders.open { workers = request.workers }
  local strategy = host:strategy(path, request.vm)
  local market = host:market(request.data, request.market)
  if not request.quiet then world.print(w.err, report.loading(market.report, request.market.load)) end
  local result = run_with_bar(w, request, host, strategy, market)
  local infos = report.traded(result)
  world.expect_bars(w, infos, request.options)
  local unwritten = write(request, result)
  if not request.quiet then
    show(w, request, strategy, infos, result)
    world.flush(w)
    world.print(w.err, report.logs(result.jobs))
  end
  world.print(w.err, report.failures(result.jobs))
  world.print(w.err, unwritten)
  return all_done(result) and #unwritten == 0 and 0 or 1
end
