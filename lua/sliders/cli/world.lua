--- What the commands have in common: the way to the screen, to strategies and to a market.
--
-- A world is {sliders, core, out, err, terminal}: the module, its C core, two files to write to, and whether err is a
-- terminal. Tests give one of their own.

local find = require "sliders.cli.find"

local world = {}

--- The real one.
function world.real()
  local core = require "sliders.core"
  return { sliders = require "sliders", core = core, out = io.stdout, err = io.stderr, terminal = core.is_terminal(2) }
end

--- Writes lines.
---@param file file*
---@param lines string[]
function world.print(file, lines)
  for _, line in ipairs(lines) do file:write(line, "\n") end
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
  local path, why = find.strategy(word, w.core.files, w.sliders.suggest)
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
  for _, side in ipairs { "from", "to" } do
    if options[side] then
      local ok, time = pcall(read_date, w, side, options[side])
      if not ok then return ("--%s: %s"):format(side, tostring(time)) end
      options[side] = time
    end
  end
  if options.from and options.to and options.from > options.to then return "--from is later than --to" end
  return nil
end

return world
