--- `sliders run`: one strategy over every pair, as a table, JSON and CSV.
--
-- The first Ctrl-C lets the jobs that run end and starts no other; what is complete is shown and written, and the status is 130. A second one ends the
-- command at once.

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

-- Runs with a bar on the terminal, which is gone whatever happens. Returns the result, and whether Ctrl-C came.
local function run_with_bar(w, request, host, strategy, market, held)
  local bar = progress.new(w.err, w.terminal and not request.quiet)
  local interrupted = false
  local function look(now, run)
    if not interrupted and held:caught() then
      interrupted = true
      run:drain()
      bar:clear()
      if not request.quiet then w.err:write("sliders: interrupted: no other job starts, those that run end; once more to stop at once\n") end
      held:release()
    end
    bar:update(now)
  end
  local options = { progress = look, keep = (request.json or request.csv) and "all" or "figures" }
  for name, value in pairs(request.options) do options[name] = value end
  local ok, result = pcall(host.run, host, strategy, market, options)
  bar:clear()
  if not ok then error(result, 0) end
  return result, interrupted
end

-- Writes what was asked for. What cannot be written costs neither the table nor the other file. Returns lines for stderr.
local function write(request, result)
  local lines = {}
  local function try(method, path)
    local ok, err = true, nil
    if path then ok, err = pcall(method, result, path) end
    if not ok then lines[#lines + 1] = errors.lines(err)[1] end
  end
  try(result.write_json, request.json == "-" and "/dev/stdout" or request.json)
  try(result.write_csv, request.csv)
  return lines
end

---@return integer exit status
return function(w, request)
  local path = world.strategy_path(w, request.strategy)
  world.expect_writable(w, request.json, request.csv)
  local host = w.sliders.open { workers = request.workers }
  local strategy = host:strategy(path, { vm = request.vm, trusted = request.trusted, isolation = request.options.isolation, limits = request.options.limits })
  local market = host:market(request.data, request.market)
  if not request.quiet then world.print(w.err, report.loading(market.report, request.market.load)) end
  local held = w.hold()
  local result, interrupted = run_with_bar(w, request, host, strategy, market, held)
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
  if held:caught() or interrupted then
    world.print(w.err, report.interrupted(result.jobs))
    return 130
  end
  held:release()
  return all_done(result) and #unwritten == 0 and 0 or 1
end
