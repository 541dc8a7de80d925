--- The verbs of `sliders data`, and what they have in common.
--
-- A verb is a module {about, usage, declare(command), check(parsed), run(w, request)}: `declare` names its arguments and options, `check` returns
-- what is wrong with them or nil, `run` gets the parsed line as request.line and returns the exit status.

local verbs = {}

--- In the order of the help.
verbs.names = { "ls", "show", "resample", "export" }

---@param name string
---@return table
function verbs.load(name)
  return require("sliders.cli.data." .. name)
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

function verbs.paths(command, about)
  command:argument "PATH":target "paths":args "*":description(about)
end

function verbs.instruments(command)
  command:option "--instruments":argname "FILE":description "Instruments that are new or have other numbers."
end

function verbs.pair_names(command)
  command:option "--pairs":argname "A,B,...":description "Only these pairs."
end

--- Where the days of a time frame end.
function verbs.day(command)
  command:option "--day-end":choices { "ny", "utc", "source" }:argname "DAY"
    :description "Where days end: ny (17:00 New York, default),\nutc, or source, the clock of --day-zone."
  command:option "--day-zone":argname "ZONE":description "A zone such as Europe/Athens."
end

--- The names of "A,B,C"; nil: all.
---@param text? string
---@return string[]?
function verbs.split(text)
  if not text then return nil end
  local list = {}
  for name in text:gmatch("[^,]+") do list[#list + 1] = name end
  return list
end

--- A market of the line's paths.
function verbs.market(w, line)
  return w.sliders.open({ workers = line.workers }):market(line.paths, { instruments = line.instruments })
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
    if not found[name] then market:find(name, timeframe) end -- raises, and says why
  end
  return chosen
end

return verbs
