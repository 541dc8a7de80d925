--- `sliders check`: what a strategy must not do.
--
--   future   the data are cut after pseudo-random bars (always the same ones); every order decided up to the cut must be the same.
--            Half of the cuts come right after a bar that decided: a strategy that sees one bar too many decides otherwise there
--   engines  the whole run in LuaJIT and in Lua 5.4 must be equal to the bit, where both are here
--   source   what is known to differ between engines, by line; a warning, not a failure

local compare = require "sliders.cli.compare"
local lint = require "sliders.cli.lint"
local report = require "sliders.cli.report"
local text = require "sliders.cli.text"
local world = require "sliders.cli.world"

local cut_count = 10

-- Park and Miller's generator: the same numbers in every interpreter. Returns a function of n: 1 to n.
local function random_from(seed)
  local state = seed
  return function(n)
    state = math.fmod(state * 16807, 2147483647)
    return 1 + math.floor(state / 2147483647 * n)
  end
end

-- ---- Future -------------------------------------------------------------------------------------------------------

-- The time at which every pair has begun.
local function all_begun(jobs)
  local latest = -math.huge
  for _, job in ipairs(jobs) do latest = math.max(latest, job.close_time[1] or -math.huge) end
  return latest
end

-- Times at which the data are cut, each right before the close of a bar (of a tick, at it):
-- of a random pair a random bar, and the bar of a random order, in turns; not
-- before every pair has begun.
local function cuts(jobs, periods)
  local random, begun = random_from(20240229), all_begun(jobs)
  local found = {}
  for i = 1, 100 * cut_count do
    if #found == cut_count then break end
    local job = jobs[random(#jobs)]
    local order = math.fmod(i, 2) == 0 and job.orders[random(#job.orders)]
    local close = order and order.time or job.close_time[random(#job.close_time)]
    if close and close > begun then found[#found + 1] = close - compare.margin(periods[job.pair]) end
  end
  table.sort(found)
  return found
end

local function with(options, changes)
  local out = {}
  for name, value in pairs(options) do out[name] = value end
  for name, value in pairs(changes) do out[name] = value end
  return out
end

-- One line on the future, and whether all is well.
local function check_future(bench, full)
  local times = cuts(full.jobs, bench.periods)
  if #times == 0 then return "nothing to cut: no pair has two bars in the window", true end
  local total = 0
  for _, to in ipairs(times) do
    local cut = bench.host:run(bench.strategy, bench.market, with(bench.options, { to = to }))
    local count, difference = compare.before(full, cut, to, bench.periods, bench.format)
    total = total + count
    if difference then
      return ("FAILED: the bars after %s change the past: %s"):format(bench.format(to), difference), false
    end
  end
  return ("%s, %s decided before them: unchanged"):format(text.counted(#times, "cut"), text.counted(total, "order")), true
end

-- ---- Engines ------------------------------------------------------------------------------------------------------

local function other_engine(vm)
  return vm == "luajit" and "lua54" or "luajit"
end

local function check_engines(bench, full)
  local vm = bench.strategy.vm
  local other = other_engine(vm)
  local here, why = bench.host:probe(other)
  if not here then return ("%s only: %s"):format(vm, tostring(why)), true end
  local how = { vm = other, trusted = bench.trusted, isolation = bench.options.isolation, limits = bench.options.limits }
  local ok, strategy = pcall(bench.host.strategy, bench.host, bench.path, how)
  if not ok then return ("FAILED: %s does not load it: %s"):format(other, tostring(strategy)), false end
  local difference = compare.whole(full, bench.host:run(strategy, bench.market, bench.options))
  if difference then return ("FAILED: in %s, %s (in %s)"):format(other, difference, vm), false end
  return ("%s and %s: equal"):format(vm, other), true
end

-- ---- Source -------------------------------------------------------------------------------------------------------

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local source = file:read("*a")
  file:close()
  return source
end

-- Warnings of the file and of the modules beside it that it requires, each file once.
local function source_warnings(path, source, seen)
  local lines = {}
  for _, warning in ipairs(lint.warnings(source)) do
    lines[#lines + 1] = ("%s:%d:%d: warning: %s"):format(path, warning.line, warning.column, warning.message)
  end
  local folder = path:match("^(.*/)") or ""
  for _, name in ipairs(lint.requires(source)) do
    local beside = folder .. name:gsub("%.", "/") .. ".lua"
    local module = not seen[beside] and read(beside)
    seen[beside] = true
    for _, line in ipairs(module and source_warnings(beside, module, seen) or {}) do lines[#lines + 1] = line end
  end
  return lines
end

-- ---- The command --------------------------------------------------------------------------------------------------

local function open_bench(w, request)
  local path = world.strategy_path(w, request.strategy)
  local host = w.sliders.open { workers = request.workers }
  local bench = {
    path = path,
    host = host,
    trusted = request.trusted,
    strategy = host:strategy(path, { trusted = request.trusted, isolation = request.options.isolation, limits = request.options.limits }),
    market = host:market(request.data, request.market),
    options = with(request.options, { keep = "all" }),
    format = w.sliders.time_format,
  }
  return bench
end

-- The length of a bar by pair; of an account of several the shortest.
local function periods_of(result)
  local periods, shortest = {}, math.huge
  for _, info in ipairs(report.traded(result)) do
    periods[info.pair], shortest = info.period_ns, math.min(shortest, info.period_ns)
  end
  periods.ACCOUNT = shortest
  return periods
end

local function bars_of(jobs)
  local bars = 0
  for _, job in ipairs(jobs) do bars = bars + job.bar_count end
  return bars
end

---@return integer exit status
return function(w, request)
  local bench = open_bench(w, request)
  world.print(w.err, report.loading(bench.market.report, request.market.load))
  local full = bench.host:run(bench.strategy, bench.market, bench.options)
  local failures = report.failures(full.jobs)
  if #failures > 0 then
    world.print(w.err, failures)
    return 1
  end
  bench.periods = periods_of(full)
  local warnings = source_warnings(bench.path, bench.strategy.source, { [bench.path] = true })
  local future, causal = check_future(bench, full)
  local engines, equal = check_engines(bench, full)
  w.out:write(("%s: %s, %s\n"):format(bench.strategy.name, text.counted(#report.traded(full), "pair"), text.counted(bars_of(full.jobs), "bar")))
  w.out:write("  future   ", future, "\n")
  w.out:write("  engines  ", engines, "\n")
  w.out:write("  source   ", #warnings == 0 and "no warnings" or text.counted(#warnings, "warning"), "\n")
  world.print(w.out, warnings)
  return causal and equal and 0 or 1
end
