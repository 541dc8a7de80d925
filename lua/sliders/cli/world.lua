--- What the commands have in common: the way to the screen, to strategies and to a market.
--
-- A world is {sliders, core, out, err, width, terminal, hold}: the module, its C core, two files to write to, the columns of out
-- where it is a terminal that says, whether err is a terminal, and what holds Ctrl-C. Tests give one of their own.

local find = require "sliders.cli.find"

local world = {}

--- The real one.
function world.real()
  local core = require "sliders.core"
  core.survive_file_limit()
  core.answer_interrupts()
  local width = core.terminal_width(1)
  return {
    sliders = require "sliders",
    core = core,
    out = io.stdout,
    err = io.stderr,
    width = width and width > 0 and width or nil,
    terminal = core.terminal_width(2) ~= nil,
    hold = core.hold_interrupts,
  }
end

local kept = { ["\n"] = "\n", ["\t"] = "\t" }

--- Words of a strategy without what would steer a terminal: other control characters are question marks.
---@param words string
---@return string
function world.plain(words)
  return (words:gsub("%c", function(control) return kept[control] or "?" end))
end

--- Writes lines, plain.
---@param file file*
---@param lines string[]
function world.print(file, lines)
  for _, line in ipairs(lines) do file:write(world.plain(line), "\n") end
end

--- Puts on its way what was printed, so that errors stand below it. What a full disk lost is remembered in w.unwritten.
function world.flush(w)
  local _, why = w.out:flush()
  w.unwritten = w.unwritten or why
end

local Failure = { __tostring = function(failure) return failure.message end }

--- Raises one sentence as an error without position.
---@param message string
function world.fail(message)
  error(setmetatable({ message = message, detail = "" }, Failure), 0)
end

--- The path of the strategy that the request names. Raises where there is none.
---@param word string
---@return string
function world.strategy_path(w, word)
  local path, why = find.strategy(word, w.core, w.sliders.suggest)
  if not path then world.fail(why) end
  return path
end

local day_ns = math.floor(86400 * 1e9)

-- The text as ns; a last day without time of day means all of it, but for the last microsecond (a double holds no less).
local function read_date(w, side, text)
  local time = w.sliders.time_parse(text)
  if side == "to" and text:find("^%d+%-%d+%-%d+$") then return time + day_ns - 1000 end
  return time
end

--- Turns the dates of a request's options into times. Returns nil, or what is wrong.
---@param options table
---@return string?
function world.read_dates(w, options)
  for _, side in ipairs { "from", "to", "at" } do
    if options[side] then
      local ok, time = pcall(read_date, w, side, options[side])
      if not ok then return ("--%s: %s"):format(side, tostring(time)) end
      options[side] = time
    end
  end
  if options.cold and not options.from then return "--cold goes with --from: it hides the bars before that" end
  if options.from and options.to and options.from > options.to then return "--from is later than --to" end
  return nil
end

--- Looks at the time frame of a request's options. Returns nil, or what is wrong.
---@param options table
---@param chosen? boolean  it chooses among what is there, ticks included
---@return string?
function world.check_timeframe(w, options, chosen)
  if options.timeframe and not (chosen and options.timeframe == "ticks") then
    local ok, err = pcall(w.sliders.timeframe_parse, options.timeframe)
    if not ok then return "--timeframe: " .. tostring(err) end
  end
  if options.day == "source" and not options.day_zone then return "--day-end source needs --day-zone" end
  if options.day_zone and options.day ~= "source" then return "--day-zone goes with --day-end source" end
  if options.day and not options.timeframe then return "--day-end goes with --timeframe" end
  return nil
end

--- Raises where files could not be written: a JSON file, and CSV files in a folder. Long work should not end with that.
---@param json? string
---@param csv? string
function world.expect_writable(w, json, csv)
  if json and json ~= "-" then
    local ok, err = w.core.json_check(json)
    if not ok then error(err, 0) end
  end
  if csv then
    local ok, err = w.core.csv_check(csv)
    if not ok then error(err, 0) end
  end
end

--- Raises where the window holds no bar of any of these pairs: figures of nothing would look like a result.
---@param infos table[]    sliders.Market:pairs()
---@param window { from: integer?, to: integer? }
function world.expect_bars(w, infos, window)
  local first, last = math.huge, -math.huge
  for _, info in ipairs(infos) do
    first, last = math.min(first, info.first_time), math.max(last, info.last_time)
  end
  local day = function(time) return w.sliders.time_format(time):sub(1, 10) end
  if window.from and window.from > last then world.fail(("no bar from %s on: the data end %s"):format(day(window.from), day(last))) end
  if window.to and window.to < first then world.fail(("no bar up to %s: the data begin %s"):format(day(window.to), day(first))) end
end

return world
