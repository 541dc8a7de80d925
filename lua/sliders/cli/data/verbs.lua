--- The verbs of `sliders data`, and what they have in common.
--
-- A verb is a module {about, usage, declare(command, add_load_options), check(parsed), run(w, request)}: `declare` names its arguments and options, `check`
-- returns what is wrong with them or nil, `run` gets the parsed line as request.line and returns the exit status.

local report = require "sliders.cli.report"
local world = require "sliders.cli.world"

local verbs = {}

--- In the order of the help.
verbs.names = { "import", "ls", "show", "check", "resample", "export" }

---@param name string
---@return table
function verbs.load(name)
  return require("sliders.cli.data." .. name)
end

--- A converter of "A,B,C" into a list.
function verbs.pair_list(text)
  local list = {}
  for name in text:gmatch("[^,]+") do list[#list + 1] = name end
  if #list == 0 then return nil, ("--pairs is names with commas between them, got '%s'"):format(text) end
  return list
end

local function number_from(option, least)
  return function(text)
    local value = text:find("^%d+$") and tonumber(text)
    if value and value >= least and value <= 1e9 then return math.floor(value) end
    return nil, ("%s is a whole number of at least %d, got '%s'"):format(option, least, text)
  end
end

--- A converter of the option's text into a whole number.
verbs.number_from = number_from

--- A converter of "30m", "4h" or "2d" into ns.
function verbs.length_of(option)
  local units = { m = 60e9, h = 3600e9, d = 86400e9 }
  return function(text)
    local number, unit = text:match("^(%d+)([mhd])$")
    if number and tonumber(number) > 0 then return math.floor(tonumber(number) * units[unit]) end
    return nil, ("%s is a length such as 30m, 4h or 2d, got '%s'"):format(option, text)
  end
end

--- A converter of a path to write to. An empty one is a variable of the shell that is not set; without this it would be found out at the end.
function verbs.path_of(option)
  return function(text)
    if text ~= "" then return text end
    return nil, option .. " is a path, got ''"
  end
end

-- One rule with sliders.open: a number of threads, or none, which is every core.
local function to_workers(text)
  local value = text:find "^%d+$" and tonumber(text)
  if value and value >= 1 and value <= 1024 then return math.floor(value) end
  return nil, ("--workers is 1 to 1024, got '%s'; leave it out to use every core"):format(text)
end

function verbs.workers(command)
  command:option "--workers":argname "N":convert(to_workers):description "Threads; default: every core."
end

--- The paths, and what their files do not say.
function verbs.paths(command, add_load_options)
  command:argument "PATH":target "paths":args "*":description "Files, folders or stores."
  add_load_options(command)
  command:option "--side":choices { "bid", "mid" }:argname "SIDE":description "Where their prices stand: bid or mid."
  command:option "--instruments":argname "FILE":description "Instruments that are new or have other numbers."
  verbs.workers(command)
end

function verbs.pair_names(command)
  command:option "--pairs":argname "A,B,...":convert(verbs.pair_list):description "Only these pairs."
end

--- Where the days of a time frame end.
function verbs.day(command)
  command:option "--day-end":choices { "ny", "utc", "source" }:argname "DAY"
    :description "Where days end: ny (17:00 New York, default),\nutc, or source, the clock of --day-zone."
  command:option "--day-zone":argname "ZONE":description "A zone such as Europe/Athens."
end

--- What the line says of the files.
---@param lenient? boolean
---@return sliders.LoadOptions
function verbs.load_options(request, lenient)
  local load = { side = request.line.side }
  for name, value in pairs(request.market.load or {}) do load[name] = value end
  load.lenient = load.lenient or lenient
  return load
end

--- A market of these paths, the line's where none are given. What there is to tell of the loading goes to stderr, but in a lenient look that tells itself.
---@param paths? string[]
---@param lenient? boolean
function verbs.market(w, request, paths, lenient)
  local host = w.sliders.open { workers = request.workers }
  local load = verbs.load_options(request, lenient)
  local market = host:market(paths or request.line.paths, { instruments = request.market.instruments, load = load })
  if not lenient and not request.quiet then world.print(w.err, report.loading(market.report, load)) end
  return market
end

--- Where a pair stands in the market, and what it is, as market:find; an error names the option that is to blame.
function verbs.find(market, pair, timeframe)
  local ok, at, info = pcall(market.find, market, pair, timeframe)
  if ok then return at, info end
  local option = "--pairs"
  for _, there in ipairs(market:pairs()) do
    if there.pair == pair then option = "--timeframe" end
  end
  world.fail(("%s: %s"):format(option, tostring(at)))
end

--- The series of these pairs (nil: all) in this time frame (nil: any). Raises where a pair has none.
---@return table[] infos
function verbs.series(w, market, names, timeframe)
  local chosen, found = {}, {}
  local wanted = names and {}
  for _, name in ipairs(names or {}) do wanted[name] = true end
  for _, info in ipairs(market:pairs()) do
    local fits = not timeframe or w.sliders.timeframe_format(info.period_ns) == timeframe
    if fits and (not wanted or wanted[info.pair]) then
      chosen[#chosen + 1] = info
      found[info.pair] = true
    end
  end
  for _, name in ipairs(names or {}) do
    if not found[name] then verbs.find(market, name, timeframe) end -- raises, and says why
  end
  return chosen
end

return verbs
